package money

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Reason says why something typed was refused; it is the key of the sentence shown beside the field.
type Reason string

// The reasons of this package's parsers.
const (
	AmountEmpty     Reason = "amount.empty"
	AmountMalformed Reason = "amount.malformed"
	AmountAmbiguous Reason = "amount.ambiguous" // 1,234: a thousand or a little over one?
	AmountDecimals  Reason = "amount.decimals"  // more than the currency can pay
	AmountExponent  Reason = "amount.exponent"  // 1e9
	AmountTooLarge  Reason = "amount.too_large" // over MaxTyped

	RateEmpty     Reason = "rate.empty"
	RateMalformed Reason = "rate.malformed"
	RateDecimals  Reason = "rate.decimals" // more than ten
	RateRange     Reason = "rate.range"    // zero, under 0.0001, or over twelve digits before the point

	PercentEmpty     Reason = "percent.empty"
	PercentMalformed Reason = "percent.malformed"
	PercentDecimals  Reason = "percent.decimals" // more than four
	PercentRange     Reason = "percent.range"    // over 100

	CurrencyEmpty   Reason = "currency.empty"
	CurrencyUnknown Reason = "currency.unknown"
)

// ParseError is what every parser of this package returns when it refuses.
type ParseError struct{ Reason Reason }

func (e *ParseError) Error() string { return "refused: " + string(e.Reason) }

// MaxTyped is the largest sum a person may type, in units: 999 999 999.99.
const MaxTyped int64 = 9_999_999_999_900

// maxLength is how many characters a typed amount may have; no real one comes near.
const maxLength = 40

// ParseAmount reads a sum as people type it in French or English: "1 234,56", "1.234,56",
// "1,234.56", "1234.5", "-3,5", "12 €". Only c's own symbol or code may stand beside it.
//
// One separator before exactly three digits ("1,234") is refused as ambiguous rather than
// guessed, a factor of a thousand being at stake; in a currency of three decimals it is the
// decimal separator, since every sum is written that way. The error is a *ParseError.
func ParseAmount(typed string, c Currency) (Amount, error) {
	text := strings.TrimSpace(typed)
	if text == "" {
		return Amount{}, &ParseError{AmountEmpty}
	}
	if utf8.RuneCountInString(text) > maxLength {
		return Amount{}, &ParseError{AmountMalformed}
	}
	negative, number := bare(strings.Map(plainSign, text), c)
	if isExponent(number) {
		return Amount{}, &ParseError{AmountExponent}
	}
	whole, fraction, ok := readNumber(number)
	switch {
	case !ok:
		return Amount{}, &ParseError{AmountMalformed}
	case isAmbiguous(number, whole, fraction) && c.Digits() != 3:
		return Amount{}, &ParseError{AmountAmbiguous}
	case len(fraction) > c.Digits():
		return Amount{}, &ParseError{AmountDecimals}
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 9 {
		return Amount{}, &ParseError{AmountTooLarge}
	}
	units := digits(whole+fraction) * unitsPer(len(fraction))
	if units > MaxTyped {
		return Amount{}, &ParseError{AmountTooLarge}
	}
	if negative {
		units = -units
	}
	return Amount{units, c}, nil
}

// unitsPer is the worth, in units, of the last of n decimals.
func unitsPer(n int) int64 { return [scale + 1]int64{10_000, 1_000, 100, 10, 1}[n] }

// digits reads ASCII digits that are known to fit; no digit is 0.
func digits(s string) int64 {
	var n int64
	for i := range len(s) {
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

// plainSign turns every kind of space into ' ' (French typography uses U+00A0 and U+202F) and the true minus into '-'.
func plainSign(r rune) rune {
	switch {
	case unicode.Is(unicode.Zs, r):
		return ' '
	case r == '−':
		return '-'
	}
	return r
}

// bare takes the sign and c's symbol off, in either order: "-€12", "€-12", "- 12 €".
func bare(s string, c Currency) (negative bool, number string) {
	found, negative, s := cutSign(s)
	s = cutSymbol(s, c)
	if !found {
		_, negative, s = cutSign(s)
	}
	return negative, s
}

func cutSign(s string) (found, negative bool, rest string) {
	if s == "" || s[0] != '-' && s[0] != '+' {
		return false, false, s
	}
	return true, s[0] == '-', strings.TrimLeft(s[1:], " ")
}

func cutSymbol(s string, c Currency) string {
	if n := len(c); n > 0 && len(s) > n {
		if strings.EqualFold(s[:n], string(c)) {
			return strings.TrimLeft(s[n:], " ")
		}
		if strings.EqualFold(s[len(s)-n:], string(c)) {
			return strings.TrimRight(s[:len(s)-n], " ")
		}
	}
	for _, symbol := range symbols[c] {
		if rest, ok := strings.CutPrefix(s, symbol); ok {
			return strings.TrimLeft(rest, " ")
		}
		if rest, ok := strings.CutSuffix(s, symbol); ok {
			return strings.TrimRight(rest, " ")
		}
	}
	return s
}

// isExponent recognises 1e9 and 1.5E-3, only to refuse them by name.
func isExponent(s string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToLower(s), "e")
	exponent = strings.TrimLeft(exponent, "+-")
	return ok && allDigits(exponent) && strings.Trim(mantissa, "0123456789.,") == "" && mantissa != ""
}

// readNumber takes a number apart into the digits before and after its decimal separator,
// and refuses groups of thousands that are not well formed.
func readNumber(s string) (whole, fraction string, ok bool) {
	last := strings.LastIndexAny(s, ".,")
	if last < 0 {
		whole, ok = ungroup(s, " ")
		return whole, "", ok
	}
	separator := s[last : last+1]
	other := "."
	if separator == "." {
		other = ","
	}
	switch {
	case strings.Count(s, separator) > 1: // 1.234.567
		whole, ok = ungroup(s, separator)
		return whole, "", ok
	case strings.Contains(s, other): // 1.234,56
		whole, ok = ungroup(s[:last], other)
	case last == 0: // ,50
		whole, ok = "0", true
	default: // 1 234,56
		whole, ok = ungroup(s[:last], " ")
	}
	fraction = s[last+1:]
	return whole, fraction, ok && allDigits(fraction)
}

// ungroup joins groups of thousands: one to three digits, then three each time.
func ungroup(s, separator string) (joined string, ok bool) {
	groups := strings.Split(s, separator)
	if len(groups) == 1 {
		return s, allDigits(s)
	}
	for i, group := range groups {
		if !allDigits(group) || len(group) > 3 || i > 0 && len(group) != 3 {
			return "", false
		}
	}
	return strings.Join(groups, ""), groups[0][0] != '0'
}

// isAmbiguous is true of 1,234 and 12.500 but not of 0,500 or 1234,500: no group of thousands
// begins with a zero or has four digits.
func isAmbiguous(number, whole, fraction string) bool {
	return len(fraction) == 3 && len(whole) <= 3 && whole[0] != '0' &&
		len(number) == len(whole)+1+len(fraction)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

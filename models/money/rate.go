package money

import (
	"database/sql/driver"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

const (
	rateDecimals = 10
	rateOne      = 10_000_000_000 // 10^rateDecimals
)

// Rate is how many units of a foreign currency one euro buys, as published: 1.0714 for the dollar.
// It is exact to ten decimals and comparable with ==. The zero Rate means "no rate".
type Rate struct{ whole, fraction int64 }

// ParseRate reads a rate with a comma or a point and no grouping. It must lie between 0.0001
// (no currency is worth ten thousand euros) and twelve digits before the separator.
// The error is a *ParseError.
func ParseRate(s string) (Rate, error) {
	whole, fraction, reason := readPlain(s, rateDecimals)
	switch reason {
	case "":
	case emptyNumber:
		return Rate{}, &ParseError{RateEmpty}
	case longNumber:
		return Rate{}, &ParseError{RateDecimals}
	default:
		return Rate{}, &ParseError{RateMalformed}
	}
	if len(whole) > 12 {
		return Rate{}, &ParseError{RateRange}
	}
	r := Rate{
		whole:    digits(whole),
		fraction: digits(fraction + strings.Repeat("0", rateDecimals-len(fraction))),
	}
	// A smaller rate could turn a typed amount into more euros than an Amount holds.
	if r.whole == 0 && r.fraction < rateOne/10_000 {
		return Rate{}, &ParseError{RateRange}
	}
	return r, nil
}

// IsZero reports whether there is no rate.
func (r Rate) IsZero() bool { return r == Rate{} }

// Equal is ==.
func (r Rate) Equal(other Rate) bool { return r == other }

// ToEUR converts: it divides by the rate, exactly, and rounds once to the cent, half up (away
// from zero below zero). Euros come back as they are, and "no amount" as "no amount".
// It panics when there is no rate: an amount is never taken as 1:1.
func (r Rate) ToEUR(a Amount) Amount {
	if a.IsNone() || a.currency == EUR {
		return a
	}
	if r.IsZero() {
		panic(fmt.Sprintf("money: %v converted without a rate", a))
	}
	// units/10⁴ ÷ rate/10¹⁰ × 10² cents = units × 10⁸ ÷ rate.
	var n, d uint128
	n.hi, n.lo = bits.Mul64(magnitude(a.units), rateOne/100)
	d.hi, d.lo = bits.Mul64(magnitude(r.whole), rateOne)
	var carry uint64
	d.lo, carry = bits.Add64(d.lo, magnitude(r.fraction), 0)
	d.hi += carry
	cents, ok := divideHalfUp(n, d)
	hi, units := bits.Mul64(cents, EUR.minor())
	if !ok || hi != 0 {
		panic(fmt.Sprintf("money: %v at %v does not fit in euros", a, r))
	}
	return signed(a.IsNegative(), units, EUR)
}

// String writes the rate with a point and no needless zero: "1.0714". No rate gives "".
func (r Rate) String() string { return r.text(".") }

// Comma is String with a decimal comma.
func (r Rate) Comma() string { return r.text(",") }

func (r Rate) text(separator string) string {
	if r.IsZero() {
		return ""
	}
	return plainText(r.whole, r.fraction, rateDecimals, separator)
}

// Value stores the rate as text, and NULL for none.
func (r Rate) Value() (driver.Value, error) {
	if r.IsZero() {
		return nil, nil
	}
	return r.String(), nil
}

// Scan reads what Value stored; a floating-point number is refused, as it is no longer exact.
func (r *Rate) Scan(stored any) error {
	text, err := storedText(stored)
	if err != nil {
		return fmt.Errorf("read a rate: %w", err)
	}
	if text == "" {
		*r = Rate{}
		return nil
	}
	*r, err = ParseRate(text)
	return err
}

// storedText accepts the types databases give for a column of exact numbers; NULL is "".
func storedText(stored any) (string, error) {
	switch v := stored.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	}
	return "", fmt.Errorf("stored as %T, not as text", stored)
}

// Why readPlain refused.
const (
	emptyNumber = "empty"
	badNumber   = "malformed"
	longNumber  = "decimals"
)

// readPlain takes an unsigned number without groups apart. The whole part loses its leading
// zeros and the fraction its trailing ones, so that 1,0714000 has four decimals.
func readPlain(s string, decimals int) (whole, fraction, refused string) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", "", emptyNumber
	}
	if len(s) > maxLength {
		return "", "", badNumber
	}
	whole = s
	if i := strings.IndexAny(s, ".,"); i >= 0 {
		whole, fraction = s[:i], s[i+1:]
		if !allDigits(fraction) {
			return "", "", badNumber
		}
	}
	if !allDigits(whole) {
		return "", "", badNumber
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if len(fraction) > decimals {
		return "", "", longNumber
	}
	return whole, fraction, ""
}

// plainText writes whole and a fraction of so many decimals, without its trailing zeros.
func plainText(whole, fraction int64, decimals int, separator string) string {
	s := strconv.FormatInt(whole, 10)
	if fraction == 0 {
		return s
	}
	return s + separator + strings.TrimRight(fmt.Sprintf("%0*d", decimals, fraction), "0")
}

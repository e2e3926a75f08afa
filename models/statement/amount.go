package statement

import (
	"bytes"

	"enveloppe/models/money"
)

// figure is a number as a cell writes it.
type figure struct {
	units    int64 // ten-thousandths, with the sign
	decimals int   // digits after the mark, without the zeros at the end
	written  int   // digits after the mark
	currency money.Currency
}

// parseFigure reads a number in cleaned text: with a sign before or after it or in parentheses, thousands set apart by
// spaces, apostrophes or the other mark, and a currency before or after. mark is the decimal one; 0 tells it by its
// place, for formats that know no thousands. rule is "" or the fault.
func parseFigure(b []byte, mark byte) (f figure, rule string) {
	if len(b) == 0 {
		return f, FaultAmountEmpty
	}
	first, last := bytes.IndexAny(b, "0123456789"), bytes.LastIndexAny(b, "0123456789")
	if first < 0 {
		return f, FaultAmount
	}
	if first > 0 && (b[first-1] == mark || mark == 0 && (b[first-1] == ',' || b[first-1] == '.')) { // ,50
		first--
	}
	negative, ok := f.around(b[:first], b[last+1:])
	if !ok {
		return f, FaultAmount
	}
	number := b[first : last+1]
	if mark == 0 {
		if mark = '.'; bytes.LastIndexByte(number, ',') > bytes.LastIndexByte(number, '.') {
			mark = ','
		}
	}
	whole, fraction := number, []byte(nil)
	if at := bytes.IndexByte(number, mark); at >= 0 {
		whole, fraction = number[:at], number[at+1:]
	}
	if rule = f.number(whole, fraction); rule == "" && negative {
		f.units = -f.units
	}
	return f, rule
}

// around reads what stands on both sides of the digits.
func (f *figure) around(before, after []byte) (negative, ok bool) {
	signs, open := 0, false
	for _, side := range [2][]byte{before, after} {
		for len(side) > 0 {
			n := 1
			switch b := side[0]; {
			case b == ' ':
			case b == '(':
				open = true
			case b == ')':
				if !open {
					return false, false
				}
				negative, open = true, false
				signs++
			case b == '-', b == '+':
				negative = b == '-'
				signs++
			case bytes.HasPrefix(side, []byte("−")), bytes.HasPrefix(side, []byte("–")):
				negative, n = true, 3
				signs++
			default:
				if n = f.money(side); n == 0 {
					return false, false
				}
			}
			side = side[n:]
		}
	}
	return negative, signs <= 1 && !open
}

// signsOfMoney are the signs that stand beside figures; the dollar is the American one unless a code says better.
var signsOfMoney = []struct {
	sign     string
	currency money.Currency
}{{"€", "EUR"}, {"US$", "USD"}, {"$US", "USD"}, {"$", "USD"}, {"£", "GBP"}, {"¥", "JPY"}}

// money reads the currency that side begins with and tells its length, 0 for none.
func (f *figure) money(side []byte) int {
	for _, s := range signsOfMoney {
		if bytes.HasPrefix(side, []byte(s.sign)) {
			if f.currency == "" {
				f.currency = s.currency
			}
			return len(s.sign)
		}
	}
	n := 0
	for n < len(side) && isWordByte(side[n]) && side[n] < 0x80 {
		n++
	}
	word := string(bytes.ToUpper(side[:n]))
	if word == "EURO" || word == "EUROS" {
		word = "EUR"
	}
	c, err := money.ParseCurrency(word)
	if err != nil {
		return 0
	}
	f.currency = c
	return n
}

// number puts the digits before and after the mark together.
func (f *figure) number(whole, fraction []byte) (rule string) {
	digits, ok := ungrouped(whole)
	if !ok || len(digits) == 0 && len(fraction) == 0 {
		return FaultAmount
	}
	for _, b := range fraction {
		if !isDigit(b) {
			return FaultAmount
		}
	}
	f.written = len(fraction)
	fraction = bytes.TrimRight(fraction, "0")
	if f.decimals = len(fraction); f.decimals > 4 {
		return FaultAmountDecimals
	}
	if digits = bytes.TrimLeft(digits, "0"); len(digits) > 9 {
		return FaultAmountTooLarge
	}
	var n int64
	for _, b := range digits {
		n = n*10 + int64(b-'0')
	}
	for i := range 4 {
		n *= 10
		if i < len(fraction) {
			n += int64(fraction[i] - '0')
		}
	}
	if n > money.MaxTyped {
		return FaultAmountTooLarge
	}
	f.units = n
	return ""
}

// ungrouped takes the separators of thousands out: one kind, three digits after each.
func ungrouped(b []byte) (digits []byte, ok bool) {
	plain := true
	for _, c := range b {
		plain = plain && isDigit(c)
	}
	if plain {
		return b, true
	}
	var separator []byte
	group := 0 // digits since the last separator
	for i := 0; i < len(b); {
		if isDigit(b[i]) {
			digits, group = append(digits, b[i]), group+1
			i++
			continue
		}
		n := 1
		if bytes.HasPrefix(b[i:], []byte("’")) {
			n = len("’")
		} else if b[i] != ' ' && b[i] != '\'' && b[i] != '.' && b[i] != ',' {
			return nil, false
		}
		switch {
		case separator == nil:
			separator = b[i : i+n]
			if group == 0 || group > 3 {
				return nil, false
			}
		case !bytes.Equal(separator, b[i:i+n]) || group != 3:
			return nil, false
		}
		group = 0
		i += n
	}
	return digits, group == 3
}

// amount is the figure as a sum of its own currency, else of c. A sum with three decimals where the currency has two is
// refused: read with the wrong mark, 1.234 would be a thousand times too small.
func (f figure) amount(c money.Currency) (money.Amount, string) {
	if f.currency != "" {
		c = f.currency
	}
	digits := c.Digits()
	if f.decimals > digits || f.written == 3 && digits != 3 {
		return money.Amount{}, FaultAmountDecimals
	}
	return money.New(f.units, c), ""
}

// marks tells which decimal marks a text of figures can be written with, and whether it proves one: 12,50 does, 1.234
// and 12 do not.
func marks(b []byte) (mark byte, proves bool) {
	last := bytes.LastIndexAny(b, ".,")
	if last < 0 {
		return 0, false
	}
	mark = b[last]
	after := 0
	for i := last + 1; i < len(b) && isDigit(b[i]); i++ {
		after++
	}
	other := ',' + '.' - mark
	return mark, after != 3 && after > 0 || bytes.IndexByte(b[:last], other) >= 0
}

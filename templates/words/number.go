package words

import (
	"strconv"
	"strings"

	"enveloppe/models/money"
)

// Number writes a whole number with its thousands grouped.
func (w *Words) Number(n int) string {
	if n >= 0 && n < 1000 {
		return strconv.Itoa(n)
	}
	return string(w.style.appendInt(nil, int64(n)))
}

// Rate writes an exchange rate, in units of the foreign currency for one euro: "1,0714".
func (w *Words) Rate(r money.Rate) string {
	switch {
	case w.conceals:
		return money.Concealed
	case r.IsZero():
		return none
	}
	return w.figures(r.String())
}

// Percent writes a percentage with the decimals it has: "20 %", "5,5 %".
func (w *Words) Percent(p money.Percent) string {
	return w.figures(p.String()) + w.style.percent
}

// ChangePercent writes a change given in tenths of a percent: 41 is "+4,1 %".
func (w *Words) ChangePercent(tenths int64) string {
	if w.conceals {
		return money.Concealed
	}
	var room [32]byte
	b := room[:0]
	switch {
	case tenths < 0:
		b = append(b, minus...)
	case tenths > 0:
		b = append(b, '+')
	}
	abs := magnitude(tenths)
	b = w.style.appendGrouped(b, abs/10)
	b = append(b, w.style.decimal...)
	b = strconv.AppendUint(b, abs%10, 10)
	return string(append(b, w.style.percent...))
}

// figures rewrites a plain decimal such as "16235.5" with this language's separators.
func (w *Words) figures(plain string) string {
	var b []byte
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		b, plain = append(b, minus...), rest
	}
	whole, fraction, dotted := strings.Cut(plain, ".")
	b = w.style.appendDigits(b, []byte(whole))
	if dotted {
		b = append(append(b, w.style.decimal...), fraction...)
	}
	return string(b)
}

// FileSize writes a number of bytes in thousands or millions of them, rounded up so that a file is
// never said to be smaller than it is: "85 ko", "2,3 Mo".
func (w *Words) FileSize(bytes int64) string {
	const kilo, tenthOfMega = 1_000, 100_000
	if bytes <= 999*kilo {
		return w.T("size.kilo", "n", (bytes+kilo-1)/kilo)
	}
	tenths := (bytes + tenthOfMega - 1) / tenthOfMega
	return w.T("size.mega", "n", w.figures(strconv.FormatInt(tenths/10, 10)+"."+strconv.FormatInt(tenths%10, 10)))
}

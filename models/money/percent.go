package money

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// percentOne is one percent in the parts a Percent counts.
const percentOne = 10_000

// Percent is a share from 0 to 100, exact to four decimals and comparable with ==.
// The zero Percent is 0 %.
type Percent struct{ parts int64 }

// PercentOf returns n percent. It panics outside 0 to 100.
func PercentOf(n int64) Percent {
	if n < 0 || n > 100 {
		panic(fmt.Sprintf("money: %d %%", n))
	}
	return Percent{n * percentOne}
}

// ParsePercent reads "20", "5,5" or "5.5 %". The error is a *ParseError.
func ParsePercent(s string) (Percent, error) {
	number, _ := strings.CutSuffix(strings.TrimSpace(s), "%")
	whole, fraction, refused := readPlain(number, scale)
	switch {
	case strings.TrimSpace(s) == "":
		return Percent{}, &ParseError{PercentEmpty}
	case refused == longNumber:
		return Percent{}, &ParseError{PercentDecimals}
	case refused != "":
		return Percent{}, &ParseError{PercentMalformed}
	case len(whole) > 3:
		return Percent{}, &ParseError{PercentRange}
	}
	p := Percent{digits(whole)*percentOne + digits(fraction)*unitsPer(len(fraction))}
	if p.parts > 100*percentOne {
		return Percent{}, &ParseError{PercentRange}
	}
	return p, nil
}

// IsZero reports whether it is 0 %.
func (p Percent) IsZero() bool { return p.parts == 0 }

// Equal is ==.
func (p Percent) Equal(other Percent) bool { return p == other }

// Of returns that share of a, rounded once, half up (away from zero below zero).
func (p Percent) Of(a Amount) Amount { return a.Prorate(p.parts, 100*percentOne) }

// Included takes a tax at this rate out of an amount that contains it: the amount without it
// is rounded once, and the tax is the remainder, so that both sum to the whole.
func (p Percent) Included(ttc Amount) (ht, vat Amount) {
	ht = ttc.Prorate(100*percentOne, 100*percentOne+p.parts)
	return ht, ttc.Sub(ht)
}

// String writes the number alone with a point: "5.5".
func (p Percent) String() string { return p.text(".") }

// Comma is String with a decimal comma.
func (p Percent) Comma() string { return p.text(",") }

func (p Percent) text(separator string) string {
	return plainText(p.parts/percentOne, p.parts%percentOne, scale, separator)
}

// Value stores the percentage as text.
func (p Percent) Value() (driver.Value, error) { return p.String(), nil }

// Scan reads what Value stored; NULL is 0 %, and a floating-point number is refused.
func (p *Percent) Scan(stored any) error {
	text, err := storedText(stored)
	if err != nil {
		return fmt.Errorf("read a percentage: %w", err)
	}
	if text == "" {
		*p = Percent{}
		return nil
	}
	*p, err = ParsePercent(text)
	return err
}

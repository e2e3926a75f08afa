package money

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

// MarshalText writes the amount exactly, as documents keep it: "91.20 EUR"; no amount is nothing.
func (a Amount) MarshalText() ([]byte, error) {
	if a.IsNone() {
		return nil, nil
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (a *Amount) UnmarshalText(text []byte) error {
	*a = Amount{}
	if len(text) == 0 {
		return nil
	}
	number, code, ok := strings.Cut(string(text), " ")
	c, err := ParseCurrency(code)
	if !ok || err != nil {
		return errors.New("an amount is written as 91.20 EUR")
	}
	d, err := decimal.NewFromString(number)
	if err != nil {
		return errors.New("an amount is written as 91.20 EUR")
	}
	*a, err = FromDecimal(d, c)
	return err
}

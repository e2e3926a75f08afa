package money

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// String writes the amount for logs: "91.20 EUR". Pages use the words package.
func (a Amount) String() string {
	if a.IsNone() {
		return "no amount"
	}
	return a.Plain() + " " + string(a.currency)
}

// Plain writes the number alone with a point, in the currency's decimals, or as many as
// are needed: "-1234.50". "No amount" gives "".
func (a Amount) Plain() string { return a.text('.') }

// Comma is Plain with a decimal comma, as in the accountant's files.
func (a Amount) Comma() string { return a.text(',') }

func (a Amount) text(separator byte) string {
	if a.IsNone() {
		return ""
	}
	units := magnitude(a.units)
	b := make([]byte, 0, 24)
	if a.IsNegative() {
		b = append(b, '-')
	}
	b = strconv.AppendUint(b, units/UnitsPerOne, 10)
	fraction := fmt.Sprintf("%04d", units%UnitsPerOne)
	digits := max(a.currency.Digits(), len(strings.TrimRight(fraction, "0")))
	if digits > 0 {
		b = append(b, separator)
		b = append(b, fraction[:digits]...)
	}
	return string(b)
}

// Decimal returns the number, without its currency, for arithmetic this package does not offer.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(a.units, -scale) }

// FromDecimal makes an amount of a number. The error is a *ParseError: AmountDecimals when
// it has more than four decimals, AmountTooLarge when it does not fit.
func FromDecimal(d decimal.Decimal, c Currency) (Amount, error) {
	if d.IsZero() {
		return Zero(c), nil
	}
	// Before any arithmetic: 1e9999 would become ten thousand digits.
	if int(d.Exponent())+d.NumDigits() > 20 {
		return Amount{}, &ParseError{AmountTooLarge}
	}
	if d.Exponent() < -scale {
		// Only the zeros at its end can make such a number fit.
		coefficient, power := d.Coefficient(), -scale-int(d.Exponent())
		if power > d.NumDigits() {
			return Amount{}, &ParseError{AmountDecimals}
		}
		divisor := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil)
		quotient, remainder := new(big.Int).QuoRem(coefficient, divisor, new(big.Int))
		if remainder.Sign() != 0 {
			return Amount{}, &ParseError{AmountDecimals}
		}
		d = decimal.NewFromBigInt(quotient, -scale)
	}
	units := d.Shift(scale).BigInt()
	if !units.IsInt64() {
		return Amount{}, &ParseError{AmountTooLarge}
	}
	return Amount{units.Int64(), c}, nil
}

// Package money holds exact amounts, currencies, exchange rates and percentages, and the rounding that accountants expect of them.
package money

import (
	"fmt"
	"math"
	"math/bits"
)

// UnitsPerOne is how many stored units make one euro, dollar or yen.
const UnitsPerOne = 10_000

// Amount is an exact sum in one currency, counted in ten-thousandths.
// Amounts are comparable with ==. The zero Amount means "no amount", which is
// not the same as nothing to pay: that is Zero(c).
type Amount struct {
	units    int64
	currency Currency
}

// New returns units ten-thousandths of c.
func New(units int64, c Currency) Amount { return Amount{units, c} }

// Cents returns n hundredths of c, whatever its number of decimals: Cents(150000, JPY) is 1500 yen.
// It panics when the amount would not fit.
func Cents(n int64, c Currency) Amount {
	return Amount{n, c}.Times(UnitsPerOne / 100)
}

// Euros returns an amount of euros given in cents.
func Euros(cents int64) Amount { return Cents(cents, EUR) }

// Zero returns nothing to pay in c.
func Zero(c Currency) Amount { return Amount{0, c} }

// Units returns the ten-thousandths, as stored in the database.
func (a Amount) Units() int64 { return a.units }

// Currency returns the currency, "" when there is no amount.
func (a Amount) Currency() Currency { return a.currency }

// IsNone reports whether there is no amount at all.
func (a Amount) IsNone() bool { return a.currency == "" }

// IsZero reports whether the sum is nil; "no amount" counts as nil too.
func (a Amount) IsZero() bool { return a.units == 0 }

// IsNegative reports whether the sum is below zero.
func (a Amount) IsNegative() bool { return a.units < 0 }

// IsPositive reports whether the sum is above zero.
func (a Amount) IsPositive() bool { return a.units > 0 }

// Equal is ==: 0 € is not 0 $, nor is it "no amount".
func (a Amount) Equal(b Amount) bool { return a == b }

// Neg returns the amount with its sign changed.
func (a Amount) Neg() Amount {
	return signed(!a.IsNegative(), magnitude(a.units), a.currency)
}

// Abs returns the amount without its sign.
func (a Amount) Abs() Amount {
	return signed(false, magnitude(a.units), a.currency)
}

// Cmp returns -1, 0 or +1. It panics when the currencies differ: their order would mean nothing.
func (a Amount) Cmp(b Amount) int {
	if a.currency != b.currency {
		panic(fmt.Sprintf("money: comparing %v with %v", a, b))
	}
	switch {
	case a.units < b.units:
		return -1
	case a.units > b.units:
		return 1
	}
	return 0
}

// Less reports whether a is smaller than b; it panics like Cmp.
func (a Amount) Less(b Amount) bool { return a.Cmp(b) < 0 }

// Add returns the sum. Adding to "no amount" gives the other.
// It panics when the currencies differ or the sum does not fit: both are bugs of the caller.
func (a Amount) Add(b Amount) Amount {
	switch {
	case a.IsNone():
		return b
	case b.IsNone():
		return a
	case a.currency != b.currency:
		panic(fmt.Sprintf("money: adding %v to %v", b, a))
	}
	sum := a.units + b.units
	if (sum > a.units) != (b.units > 0) && b.units != 0 {
		panic(fmt.Sprintf("money: %v + %v does not fit", a, b))
	}
	return Amount{sum, a.currency}
}

// Sub returns the difference, under the same conditions as Add.
func (a Amount) Sub(b Amount) Amount { return a.Add(b.Neg()) }

// Sum adds amounts of currency c, giving Zero(c) for none. It panics like Add.
func Sum(c Currency, xs ...Amount) Amount {
	total := Zero(c)
	for _, x := range xs {
		total = total.Add(x)
	}
	return total
}

// Times returns n times the amount, exactly, as for n seats. It panics when the product does not fit.
func (a Amount) Times(n int64) Amount {
	hi, lo := bits.Mul64(magnitude(a.units), magnitude(n))
	if hi != 0 {
		panic(fmt.Sprintf("money: %v × %d does not fit", a, n))
	}
	return signed(a.IsNegative() != (n < 0), lo, a.currency)
}

// magnitude is |n|, also for the smallest int64, which has no positive counterpart.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) //nolint:gosec // wraps to the magnitude, on purpose
	}
	return uint64(n)
}

// signed rebuilds an amount from a sign and a magnitude, and panics when they do not fit.
func signed(negative bool, units uint64, c Currency) Amount {
	if units > math.MaxInt64 {
		panic("money: an amount of " + string(c) + " does not fit")
	}
	if negative {
		return Amount{-int64(units), c}
	}
	return Amount{int64(units), c}
}

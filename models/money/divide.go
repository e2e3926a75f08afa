package money

import (
	"fmt"
	"math/big"
	"math/bits"
	"slices"
)

// Round rounds to what the currency can pay, half up (away from zero below zero).
func (a Amount) Round() Amount { return a.Prorate(1, 1) }

// Prorate returns amount × part / whole, computed exactly and rounded once, half up
// (away from zero below zero), to what the currency can pay.
// It panics unless whole > 0, and when the result does not fit.
func (a Amount) Prorate(part, whole int64) Amount {
	if whole <= 0 {
		panic(fmt.Sprintf("money: %v prorated over %d", a, whole))
	}
	minor := a.currency.minor()
	var n, d uint128
	n.hi, n.lo = bits.Mul64(magnitude(a.units), magnitude(part))
	d.hi, d.lo = bits.Mul64(uint64(whole), minor)
	quotient, ok := divideHalfUp(n, d)
	hi, units := bits.Mul64(quotient, minor)
	if !ok || hi != 0 {
		panic(fmt.Sprintf("money: %v × %d / %d does not fit", a, part, whole))
	}
	return signed(a.IsNegative() != (part < 0), units, a.currency)
}

// Split cuts the amount in n parts that sum to it, larger first, and differ by at most the
// currency's smallest sum; an amount finer than that is cut in ten-thousandths.
// It panics unless n > 0.
func (a Amount) Split(n int) []Amount {
	if n <= 0 {
		panic(fmt.Sprintf("money: %v split in %d", a, n))
	}
	grain := a.grain()
	grains := magnitude(a.units) / grain
	base, larger := grains/uint64(n), grains%uint64(n)
	parts := make([]Amount, n)
	for i := range parts {
		size := base
		if uint64(i) < larger {
			size++
		}
		parts[i] = signed(a.IsNegative(), size*grain, a.currency)
	}
	return parts
}

// Allocate cuts the amount in proportion to the weights; the parts sum to it and each is within
// one smallest sum of its exact share (largest remainders first, earlier first when equal).
// It panics when a weight is negative, or when none is positive: nothing would then receive the amount.
func (a Amount) Allocate(weights ...int64) []Amount {
	var total uint64
	for _, w := range weights {
		if w < 0 {
			panic(fmt.Sprintf("money: %v allocated by %d", a, w))
		}
		var carry uint64
		if total, carry = bits.Add64(total, uint64(w), 0); carry != 0 {
			panic(fmt.Sprintf("money: %v allocated by weights that do not fit", a))
		}
	}
	if total == 0 {
		panic(fmt.Sprintf("money: %v allocated to nobody", a))
	}
	grain := a.grain()
	left := magnitude(a.units) / grain
	sizes, remainders := make([]uint64, len(weights)), make([]uint64, len(weights))
	grains := left
	for i, w := range weights {
		hi, lo := bits.Mul64(grains, magnitude(w))
		sizes[i], remainders[i] = bits.Div64(hi, lo, total)
		left -= sizes[i]
	}
	for _, i := range byRemainder(remainders)[:left] {
		sizes[i]++
	}
	parts := make([]Amount, len(weights))
	for i, size := range sizes {
		parts[i] = signed(a.IsNegative(), size*grain, a.currency)
	}
	return parts
}

// byRemainder returns the indexes, largest remainder first, earlier first when equal.
func byRemainder(remainders []uint64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case remainders[i] > remainders[j]:
			return -1
		case remainders[i] < remainders[j]:
			return 1
		}
		return 0
	})
	return order
}

// grain is the step, in units, in which the amount can be cut without a part finer than itself.
func (a Amount) grain() uint64 {
	if minor := a.currency.minor(); magnitude(a.units)%minor == 0 {
		return minor
	}
	return 1
}

// ChangePercent returns by how much to differs from from, in tenths of a percent rounded half up:
// 41 for +4.1 %. There is no answer (ok is false) from nothing, between two currencies, or when it does not fit.
func ChangePercent(from, to Amount) (tenths int64, ok bool) {
	if from.IsZero() || from.IsNone() || from.currency != to.currency {
		return 0, false
	}
	difference := new(big.Int).Sub(big.NewInt(to.units), big.NewInt(from.units))
	base := new(big.Int).Abs(big.NewInt(from.units))
	// Half up by adding half the base before a truncating division, on the magnitude.
	n := new(big.Int).Abs(difference)
	n.Mul(n, big.NewInt(2000)).Add(n, base).Quo(n, base.Lsh(base, 1))
	if difference.Sign() < 0 {
		n.Neg(n)
	}
	return n.Int64(), n.IsInt64()
}

type uint128 struct{ hi, lo uint64 }

func (u uint128) big() *big.Int {
	b := new(big.Int).SetUint64(u.hi)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(u.lo))
}

// divideHalfUp returns n / d rounded half up; ok is false when it takes more than 64 bits. d is not zero.
func divideHalfUp(n, d uint128) (quotient uint64, ok bool) {
	if d.hi != 0 {
		return divideWide(n, d)
	}
	if n.hi >= d.lo {
		return 0, false
	}
	quotient, remainder := bits.Div64(n.hi, n.lo, d.lo)
	// remainder ≥ d − remainder is 2 × remainder ≥ d without overflowing.
	if remainder >= d.lo-remainder {
		quotient++
		ok = quotient != 0
		return quotient, ok
	}
	return quotient, true
}

// divideWide is divideHalfUp for divisors over 64 bits: a rate of billions, a period of ages.
func divideWide(n, d uint128) (quotient uint64, ok bool) {
	divisor := d.big()
	q, remainder := new(big.Int).QuoRem(n.big(), divisor, new(big.Int))
	if remainder.Lsh(remainder, 1).Cmp(divisor) >= 0 {
		q.Add(q, big.NewInt(1))
	}
	return q.Uint64(), q.IsUint64()
}

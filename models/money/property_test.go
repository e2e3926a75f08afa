package money_test

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"enveloppe/models/money"
)

var (
	currencies = rapid.SampledFrom([]money.Currency{"EUR", "USD", "JPY", "TND", "GBP", "CLF"})
	// units are small, ordinary or as large as a typed amount.
	units = rapid.OneOf(
		rapid.Int64Range(-300, 300),
		rapid.Int64Range(-2_000_000, 2_000_000),
		rapid.Int64Range(-money.MaxTyped, money.MaxTyped),
	)
)

func drawAmount(t *rapid.T) money.Amount {
	return money.New(units.Draw(t, "units"), currencies.Draw(t, "currency"))
}

func drawRate(t *rapid.T) money.Rate {
	text := decimal.New(rapid.Int64Range(1_000_000, 1<<62).Draw(t, "rate"), -10).String()
	r, err := money.ParseRate(text)
	if err != nil {
		t.Fatalf("rate %s: %v", text, err)
	}
	return r
}

// halfUp rounds n/d away from zero when halfway, by the schoolbook.
func halfUp(n, d *big.Int) *big.Int {
	doubled := new(big.Int).Abs(n)
	doubled.Lsh(doubled, 1).Add(doubled, d)
	q := doubled.Quo(doubled, new(big.Int).Lsh(d, 1))
	if n.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func TestPropertyPartsSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t)
		parts := a.Split(rapid.IntRange(1, 400).Draw(t, "n"))
		if got := money.Sum(a.Currency(), parts...); got != a {
			t.Fatalf("%v was split in %d that sum to %v", a, len(parts), got)
		}
		limit := money.New(1, a.Currency())
		if a == a.Round() {
			limit = minor(a.Currency())
		}
		if spread := parts[0].Sub(parts[len(parts)-1]).Abs(); limit.Less(spread) {
			t.Fatalf("parts of %v differ by %v", a, spread)
		}
		for i := range parts[1:] {
			if parts[i].Abs().Less(parts[i+1].Abs()) {
				t.Fatalf("part %d of %v is smaller than the next", i, a)
			}
		}
	})
}

// minor is the smallest sum payable in c.
func minor(c money.Currency) money.Amount {
	return money.New([]int64{10_000, 1_000, 100, 10, 1}[c.Digits()], c)
}

func TestPropertyAllocationsSumToTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t)
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1100), 1, 40).Draw(t, "weights")
		weights[0]++
		var total int64
		for _, w := range weights {
			total += w
		}
		parts := a.Allocate(weights...)
		if got := money.Sum(a.Currency(), parts...); got != a {
			t.Fatalf("%v was allocated in parts that sum to %v", a, got)
		}
		for i, part := range parts {
			if weights[i] == 0 && !part.IsZero() {
				t.Fatalf("%v for a weight of nothing", part)
			}
			// |part × total − whole × weight| < one smallest sum × total
			off := new(big.Int).Sub(
				new(big.Int).Mul(big.NewInt(part.Units()), big.NewInt(total)),
				new(big.Int).Mul(big.NewInt(a.Units()), big.NewInt(weights[i])))
			limit := new(big.Int).Mul(big.NewInt(minor(a.Currency()).Units()), big.NewInt(total))
			if off.CmpAbs(limit) >= 0 {
				t.Fatalf("%v for %d of %d of %v", part, weights[i], total, a)
			}
		}
	})
}

func TestPropertyTwoCurrenciesNeverAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawAmount(t), drawAmount(t)
		added := panics(func() { a.Add(b) }) == ""
		subtracted := panics(func() { a.Sub(b) }) == ""
		compared := panics(func() { a.Cmp(b) }) == ""
		if same := a.Currency() == b.Currency(); added != same || subtracted != same || compared != same {
			t.Fatalf("%v and %v: added %v, subtracted %v, compared %v", a, b, added, subtracted, compared)
		}
	})
}

func TestPropertyAdditionUndoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t)
		b := money.New(units.Draw(t, "other"), a.Currency())
		if a.Add(b).Sub(b) != a || a.Add(b) != b.Add(a) || a.Sub(b) != b.Sub(a).Neg() {
			t.Fatalf("%v and %v do not add as numbers do", a, b)
		}
		n := rapid.IntRange(0, 50).Draw(t, "seats")
		sum := money.Zero(a.Currency())
		for range n {
			sum = sum.Add(a)
		}
		if a.Times(int64(n)) != sum {
			t.Fatalf("%d × %v is %v, added up %v", n, a, a.Times(int64(n)), sum)
		}
	})
}

// What a form shows back is what it reads: typing an amount, and the text of what it became, agree.
func TestPropertyParsePlainParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t).Round()
		if a.Abs().Units() > money.MaxTyped {
			return
		}
		for _, text := range []string{a.Plain(), a.Comma(), a.String()} {
			got, err := money.ParseAmount(text, a.Currency())
			if err != nil || got != a {
				t.Fatalf("%v written %q was read as %v, %v", a, text, got, err)
			}
			if got.Plain() != a.Plain() {
				t.Fatalf("%q became %q", a.Plain(), got.Plain())
			}
		}
	})
}

func TestPropertyConversionRoundsHalfUpOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.New(units.Draw(t, "units"), "USD")
		r := drawRate(t)
		got := r.ToEUR(a)
		exact := a.Decimal().DivRound(decimal.RequireFromString(r.String()), 2)
		if !got.Decimal().Equal(exact) || got.Currency() != money.EUR {
			t.Fatalf("%v at %v is %v, want %s", a, r, got, exact)
		}
		if r.ToEUR(a.Neg()) != got.Neg() {
			t.Fatalf("%v at %v is not the opposite of its credit note", a, r)
		}
	})
}

// Half cents are rare among random amounts; these rates make nothing else.
func TestPropertyHalfCentsGoAwayFromZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(0, 1_000_000).Draw(t, "cents")
		two, err := money.ParseRate("2")
		if err != nil {
			t.Fatal(err)
		}
		odd := money.Cents(2*cents+1, "USD")
		if got := two.ToEUR(odd); got != money.Euros(cents+1) {
			t.Fatalf("%v at 2 is %v", odd, got)
		}
		if got := two.ToEUR(odd.Neg()); got != money.Euros(-cents-1) {
			t.Fatalf("%v at 2 is %v", odd.Neg(), got)
		}
	})
}

func TestPropertyProrateIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t)
		whole := rapid.OneOf(rapid.Int64Range(1, 1100), rapid.Int64Range(1, 1<<62)).Draw(t, "whole")
		part := rapid.Int64Range(-whole, whole).Draw(t, "part")
		step := minor(a.Currency()).Units()
		n := new(big.Int).Mul(big.NewInt(a.Units()), big.NewInt(part))
		want := halfUp(n, new(big.Int).Mul(big.NewInt(whole), big.NewInt(step)))
		want.Mul(want, big.NewInt(step))
		if got := a.Prorate(part, whole); got.Units() != want.Int64() {
			t.Fatalf("%v × %d / %d is %v, want %v units", a, part, whole, got, want)
		}
	})
}

func TestPropertyTaxIncludedAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ttc := money.Euros(rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "cents"))
		p, err := money.ParsePercent(decimal.New(rapid.Int64Range(0, 1_000_000).Draw(t, "percent"), -4).String())
		if err != nil {
			t.Fatal(err)
		}
		ht, vat := p.Included(ttc)
		if ht.Add(vat) != ttc {
			t.Fatalf("%v at %v %% is %v + %v", ttc, p, ht, vat)
		}
		// Taxing the net again may differ by the rounding of the net, never by more than a cent.
		if off := p.Of(ht).Sub(vat).Abs(); money.Euros(1).Less(off) {
			t.Fatalf("%v at %v %%: tax %v, recomputed %v", ttc, p, vat, p.Of(ht))
		}
	})
}

func TestPropertyStoredNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRate(t)
		stored, err := r.Value()
		if err != nil {
			t.Fatal(err)
		}
		var back money.Rate
		if err := back.Scan(stored); err != nil || back != r {
			t.Fatalf("%v came back as %v, %v", r, back, err)
		}
		a := drawAmount(t)
		if got, err := money.FromDecimal(a.Decimal(), a.Currency()); err != nil || got != a {
			t.Fatalf("%v came back as %v, %v", a, got, err)
		}
	})
}

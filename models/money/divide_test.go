package money_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/money"
)

// The schedule of prepaid expenses: what is deferred at a closing is cost × days after it / days in all.
func TestProrate(t *testing.T) {
	for _, tt := range []struct {
		cost        string
		part, whole int64
		want, rest  string
	}{
		{"120.00", 273, 365, "89.75", "30.25"},
		{"240.00", 58, 365, "38.14", "201.86"},
		{"95.88", 190, 365, "49.91", "45.97"},
		{"360.00", 911, 1095, "299.51", "60.49"},
		{"360.00", 546, 1095, "179.51", "180.49"},
		{"360.00", 181, 1095, "59.51", "300.49"},
		{"99.00", 365, 365, "99.00", "0.00"},
		{"99.00", 0, 365, "0.00", "99.00"},
		{"-60.00", 273, 365, "-44.88", "-15.12"},
		{"120.00", 270, 360, "90.00", "30.00"},
		{"0.01", 1, 2, "0.01", "0.00"},
		{"-0.01", 1, 2, "-0.01", "0.00"},
		{"0.01", 49, 100, "0.00", "0.01"},
		{"100.00", -1, 4, "-25.00", "125.00"},
		{"10.00", 5, 4, "12.50", "-2.50"},
		{"922337203685477.00", 999_999_999, 1_000_000_000, "922337202763139.80", "922337.20"},
		{"10.00", 3_000_000_000_000_000_000, 9_000_000_000_000_000_000, "3.33", "6.67"},
		{"10.00", 6_000_000_000_000_000_000, 9_000_000_000_000_000_000, "6.67", "3.33"},
		{"0.01", 4_500_000_000_000_000_000, 9_000_000_000_000_000_000, "0.01", "0.00"},
	} {
		cost := eur(t, tt.cost)
		got := cost.Prorate(tt.part, tt.whole)
		if got != eur(t, tt.want) || cost.Sub(got) != eur(t, tt.rest) {
			t.Errorf("%s × %d / %d: %v and %v, want %s and %s",
				tt.cost, tt.part, tt.whole, got, cost.Sub(got), tt.want, tt.rest)
		}
	}
	if got := of(t, "1000", "JPY").Prorate(1, 3); got != of(t, "333", "JPY") {
		t.Errorf("a third of 1000 yen is %v", got)
	}
	if got := of(t, "1", "TND").Prorate(2, 3); got != of(t, "0.667", "TND") {
		t.Errorf("two thirds of a dinar are %v", got)
	}
}

// Several closings take differences of balances, so that no year's rounding is lost.
func TestProrateOverSeveralClosings(t *testing.T) {
	cost, balance := eur(t, "360.00"), eur(t, "360.00")
	var years []string
	for _, deferred := range []int64{911, 546, 181, 0} {
		next := cost.Prorate(deferred, 1095)
		years = append(years, balance.Sub(next).Plain())
		balance = next
	}
	if diff := cmp.Diff([]string{"60.49", "120.00", "120.00", "59.51"}, years); diff != "" {
		t.Error(diff)
	}
}

func TestRound(t *testing.T) {
	for _, tt := range []struct {
		units int64
		c     money.Currency
		want  int64
	}{
		{12_349, money.EUR, 12_300},
		{12_350, money.EUR, 12_400},
		{-12_349, money.EUR, -12_300},
		{-12_350, money.EUR, -12_400},
		{12_300, money.EUR, 12_300},
		{4_999, "JPY", 0},
		{5_000, "JPY", 10_000},
		{-5_000, "JPY", -10_000},
		{12_345, "TND", 12_350},
	} {
		if got := money.New(tt.units, tt.c).Round(); got != money.New(tt.want, tt.c) {
			t.Errorf("%d of %s rounds to %d, want %d", tt.units, tt.c, got.Units(), tt.want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		amount money.Amount
		n      int
		want   []string
	}{
		{money.Euros(10_000), 3, []string{"33.34", "33.33", "33.33"}},
		{money.Euros(-10_000), 3, []string{"-33.34", "-33.33", "-33.33"}},
		{money.Euros(9900), 12, []string{"8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25", "8.25"}},
		{money.Euros(2), 5, []string{"0.01", "0.01", "0.00", "0.00", "0.00"}},
		{money.Euros(0), 2, []string{"0.00", "0.00"}},
		{money.Cents(100_000, "JPY"), 3, []string{"334", "333", "333"}},
		{money.New(10_001, money.EUR), 2, []string{"0.5001", "0.50"}},
		{money.Euros(9120), 1, []string{"91.20"}},
	} {
		if diff := cmp.Diff(tt.want, plain(tt.amount.Split(tt.n))); diff != "" {
			t.Errorf("%v in %d: %s", tt.amount, tt.n, diff)
		}
	}
}

func TestAllocate(t *testing.T) {
	for _, tt := range []struct {
		amount  money.Amount
		weights []int64
		want    []string
	}{
		{money.Euros(12_000), []int64{92, 273}, []string{"30.25", "89.75"}},
		{money.Euros(5), []int64{1, 1, 1}, []string{"0.02", "0.02", "0.01"}},
		{money.Euros(10_000), []int64{1, 0, 2}, []string{"33.33", "0.00", "66.67"}},
		{money.Euros(-10_000), []int64{1, 0, 2}, []string{"-33.33", "0.00", "-66.67"}},
		{money.Euros(1), []int64{0, 0, 7}, []string{"0.00", "0.00", "0.01"}},
		{money.Euros(100), []int64{math.MaxInt64, math.MaxInt64}, []string{"0.50", "0.50"}},
	} {
		if diff := cmp.Diff(tt.want, plain(tt.amount.Allocate(tt.weights...))); diff != "" {
			t.Errorf("%v by %v: %s", tt.amount, tt.weights, diff)
		}
	}
}

func TestChangePercent(t *testing.T) {
	for _, tt := range []struct {
		from, to money.Amount
		tenths   int64
		ok       bool
	}{
		{money.Euros(9120), money.Euros(9494), 41, true},
		{money.Euros(10_000), money.Euros(8750), -125, true},
		{money.Euros(100), money.Euros(100), 0, true},
		{money.Euros(200_000), money.Euros(200_100), 1, true},    // 0.05 % rounds up
		{money.Euros(200_000), money.Euros(199_900), -1, true},   // and away from zero below
		{money.Euros(-100), money.Euros(-150), -500, true},       // a larger credit is a lower cost
		{money.Euros(100), money.Euros(0), -1000, true},          // gone
		{money.Euros(0), money.Euros(100), 0, false},             // from nothing
		{money.Amount{}, money.Amount{}, 0, false},               // no amounts
		{money.Euros(100), money.Cents(100, "USD"), 0, false},    // two currencies
		{money.New(1, "EUR"), money.New(1<<62, "EUR"), 0, false}, // does not fit
	} {
		tenths, ok := money.ChangePercent(tt.from, tt.to)
		if ok != tt.ok || ok && tenths != tt.tenths {
			t.Errorf("%v to %v: %d, %v, want %d, %v", tt.from, tt.to, tenths, ok, tt.tenths, tt.ok)
		}
	}
}

func plain(amounts []money.Amount) []string {
	texts := make([]string, len(amounts))
	for i, a := range amounts {
		texts[i] = a.Plain()
	}
	return texts
}

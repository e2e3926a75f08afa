package money_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"enveloppe/models/money"
)

// eur reads "91.20" as euros; it is only for amounts written in tests.
func eur(t testing.TB, plain string) money.Amount {
	t.Helper()
	return of(t, plain, money.EUR)
}

func of(t testing.TB, plain string, c money.Currency) money.Amount {
	t.Helper()
	a, err := money.FromDecimal(decimal.RequireFromString(plain), c)
	if err != nil {
		t.Fatalf("%s %s: %v", plain, c, err)
	}
	return a
}

// panics runs f and returns what it panicked with, "" when it did not.
func panics(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text, _ = r.(string)
			if text == "" {
				text = "not a sentence"
			}
		}
	}()
	f()
	return ""
}

func TestNoAmountIsNotZero(t *testing.T) {
	var none money.Amount
	zero := money.Zero(money.EUR)
	if !none.IsNone() || zero.IsNone() {
		t.Errorf("IsNone: none %v, zero %v", none.IsNone(), zero.IsNone())
	}
	if none == zero || none.Equal(zero) {
		t.Error("no amount equals 0 €")
	}
	if !none.IsZero() || none.IsPositive() || none.IsNegative() {
		t.Error("no amount has a sign")
	}
	if none.Plain() != "" || none.Comma() != "" || none.String() != "no amount" {
		t.Errorf("no amount is written %q, %q, %q", none.Plain(), none.Comma(), none.String())
	}
}

func TestAdd(t *testing.T) {
	var none money.Amount
	a, b := eur(t, "0.10"), eur(t, "0.20")
	for _, tt := range []struct {
		name      string
		got, want money.Amount
	}{
		{"tenths do not drift", a.Add(b), eur(t, "0.30")},
		{"difference", a.Sub(b), eur(t, "-0.10")},
		{"to no amount", none.Add(b), b},
		{"of no amount", a.Add(none), a},
		{"no amount less some", none.Sub(b), eur(t, "-0.20")},
		{"some less no amount", a.Sub(none), a},
		{"two of none", none.Add(none), none},
		{"sum of nothing", money.Sum(money.EUR), money.Zero(money.EUR)},
		{"sum", money.Sum(money.EUR, a, none, b, b), eur(t, "0.50")},
		{"up to the largest", money.New(math.MaxInt64-1, money.EUR).Add(money.New(1, money.EUR)), money.New(math.MaxInt64, money.EUR)},
		{"down to the smallest", money.New(-math.MaxInt64, money.EUR).Sub(money.New(1, money.EUR)), money.New(math.MinInt64, money.EUR)},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestTimesNegAbs(t *testing.T) {
	a := eur(t, "7.99")
	for _, tt := range []struct {
		name      string
		got, want money.Amount
	}{
		{"5 seats", a.Times(5), eur(t, "39.95")},
		{"no seat", a.Times(0), money.Zero(money.EUR)},
		{"seats given back", a.Times(-2), eur(t, "-15.98")},
		{"negative given back", eur(t, "-7.99").Times(-2), eur(t, "15.98")},
		{"negated", a.Neg(), eur(t, "-7.99")},
		{"negated twice", a.Neg().Neg(), a},
		{"without sign", a.Neg().Abs(), a},
		{"cents", money.Cents(799, money.EUR), a},
		{"euros", money.Euros(799), a},
		{"hundredths of a yen", money.Cents(150_000, "JPY"), of(t, "1500", "JPY")},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestBugsOfTheCallerPanic(t *testing.T) {
	one, dollar := money.Euros(100), money.Cents(100, "USD")
	largest, smallest := money.New(math.MaxInt64, money.EUR), money.New(math.MinInt64, money.EUR)
	rate, err := money.ParseRate("1.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, says string
		f          func()
	}{
		{"adding two currencies", "adding 1.00 USD to 1.00 EUR", func() { one.Add(dollar) }},
		{"subtracting two currencies", "adding -1.00 USD to 1.00 EUR", func() { one.Sub(dollar) }},
		{"comparing two currencies", "comparing", func() { one.Cmp(dollar) }},
		{"comparing with no amount", "comparing", func() { one.Less(money.Amount{}) }},
		{"summing into another currency", "adding", func() { money.Sum(money.EUR, dollar) }},
		{"a sum too large", "does not fit", func() { largest.Add(money.New(1, money.EUR)) }},
		{"a sum too small", "does not fit", func() { smallest.Sub(money.New(1, money.EUR)) }},
		{"no opposite", "does not fit", func() { smallest.Neg() }},
		{"no magnitude", "does not fit", func() { smallest.Abs() }},
		{"a product over 64 bits", "does not fit", func() { largest.Times(3) }},
		{"a product over 63 bits", "does not fit", func() { largest.Times(2) }},
		{"a rounding too large", "does not fit", func() { money.New(math.MaxInt64, "JPY").Round() }},
		{"more than the whole, too large", "does not fit", func() { largest.Prorate(math.MaxInt64, 1) }},
		{"over nothing", "prorated over 0", func() { one.Prorate(1, 0) }},
		{"over less than nothing", "prorated over -1", func() { one.Prorate(1, -1) }},
		{"no part", "split in 0", func() { one.Split(0) }},
		{"no weight", "to nobody", func() { one.Allocate() }},
		{"weights of zero", "to nobody", func() { one.Allocate(0, 0) }},
		{"a negative weight", "by -1", func() { one.Allocate(2, -1) }},
		{"weights too large", "do not fit", func() { one.Allocate(math.MaxInt64, math.MaxInt64, 2) }},
		{"converting without a rate", "without a rate", func() { money.Rate{}.ToEUR(dollar) }},
		{"converting more than there is", "does not fit", func() {
			small, _ := money.ParseRate("0.0001")
			small.ToEUR(money.New(math.MaxInt64, "USD"))
		}},
		{"101 %", "101 %", func() { money.PercentOf(101) }},
		{"-1 %", "-1 %", func() { money.PercentOf(-1) }},
	} {
		if got := panics(tt.f); !strings.Contains(got, tt.says) || got == "" {
			t.Errorf("%s: panicked with %q, want a sentence with %q", tt.name, got, tt.says)
		}
	}
	if rate.ToEUR(one) != one {
		t.Error("euros were converted")
	}
	if got := rate.ToEUR(money.Amount{}); !got.IsNone() {
		t.Errorf("no amount converted to %v", got)
	}
}

func TestCompare(t *testing.T) {
	low, high := eur(t, "9.99"), eur(t, "10.00")
	if low.Cmp(high) != -1 || high.Cmp(low) != 1 || low.Cmp(eur(t, "9.99")) != 0 {
		t.Errorf("9.99 and 10.00 compare %d, %d, %d", low.Cmp(high), high.Cmp(low), low.Cmp(eur(t, "9.99")))
	}
	if !low.Less(high) || high.Less(low) || low.Less(low) {
		t.Error("Less disagrees with Cmp")
	}
	if !high.IsPositive() || !high.Neg().IsNegative() || high.IsZero() {
		t.Error("10.00 has the wrong sign")
	}
}

func TestWriting(t *testing.T) {
	for _, tt := range []struct {
		amount                money.Amount
		plain, comma, written string
	}{
		{money.Euros(9120), "91.20", "91,20", "91.20 EUR"},
		{money.Euros(-5), "-0.05", "-0,05", "-0.05 EUR"},
		{money.Euros(0), "0.00", "0,00", "0.00 EUR"},
		{money.Euros(123_456_789), "1234567.89", "1234567,89", "1234567.89 EUR"},
		{money.New(12_345, money.EUR), "1.2345", "1,2345", "1.2345 EUR"},
		{money.New(12_340, money.EUR), "1.234", "1,234", "1.234 EUR"},
		{money.New(15_000_000, "JPY"), "1500", "1500", "1500 JPY"},
		{money.New(15_005_000, "JPY"), "1500.5", "1500,5", "1500.5 JPY"},
		{money.New(12_500, "TND"), "1.250", "1,250", "1.250 TND"},
		{money.New(math.MinInt64, money.EUR), "-922337203685477.5808", "-922337203685477,5808", "-922337203685477.5808 EUR"},
	} {
		got := []string{tt.amount.Plain(), tt.amount.Comma(), tt.amount.String()}
		if diff := cmp.Diff([]string{tt.plain, tt.comma, tt.written}, got); diff != "" {
			t.Errorf("%d units: %s", tt.amount.Units(), diff)
		}
	}
}

func TestFromDecimal(t *testing.T) {
	for _, tt := range []struct {
		number string
		units  int64
		reason money.Reason
	}{
		{"91.20", 912_000, ""},
		{"-0.0001", -1, ""},
		{"91.200000000", 912_000, ""},
		{"1e3", 10_000_000, ""},
		{"922337203685477.5807", math.MaxInt64, ""},
		{"-922337203685477.5808", math.MinInt64, ""},
		{"0e9999", 0, ""},
		{"922337203685477.5808", 0, money.AmountTooLarge},
		{"1e9999", 0, money.AmountTooLarge},
		{"1e19", 0, money.AmountTooLarge},
		{"0.00001", 0, money.AmountDecimals},
		{"1.23456", 0, money.AmountDecimals},
		{"1e-9999", 0, money.AmountDecimals},
	} {
		got, err := money.FromDecimal(decimal.RequireFromString(tt.number), money.EUR)
		if reason(err) != tt.reason || got.Units() != tt.units {
			t.Errorf("%s: %d units, %q, want %d, %q", tt.number, got.Units(), reason(err), tt.units, tt.reason)
		}
		if err == nil && !got.Decimal().Equal(decimal.RequireFromString(tt.number)) {
			t.Errorf("%s came back as %s", tt.number, got.Decimal())
		}
	}
}

func TestParseCurrency(t *testing.T) {
	for _, tt := range []struct {
		typed  string
		want   money.Currency
		reason money.Reason
		digits int
	}{
		{"EUR", "EUR", "", 2},
		{" usd ", "USD", "", 2},
		{"jpy", "JPY", "", 0},
		{"TND", "TND", "", 3},
		{"", "", money.CurrencyEmpty, 2},
		{"  ", "", money.CurrencyEmpty, 2},
		{"EURO", "", money.CurrencyUnknown, 2},
		{"ZZZ", "", money.CurrencyUnknown, 2},
		{"€", "", money.CurrencyUnknown, 2},
	} {
		got, err := money.ParseCurrency(tt.typed)
		if got != tt.want || reason(err) != tt.reason {
			t.Errorf("%q: %q, %q, want %q, %q", tt.typed, got, reason(err), tt.want, tt.reason)
		}
		if got.Digits() != tt.digits {
			t.Errorf("%q has %d decimals, want %d", got, got.Digits(), tt.digits)
		}
	}
}

func TestArithmeticDoesNotAllocate(t *testing.T) {
	a, b, dollars := money.Euros(11_988), money.Euros(1998), money.Cents(9900, "USD")
	rate, err := money.ParseRate("1.0714")
	if err != nil {
		t.Fatal(err)
	}
	vat := money.PercentOf(20)
	var total money.Amount
	for name, f := range map[string]func(){
		"Add":     func() { total = a.Add(b) },
		"Sub":     func() { total = a.Sub(b) },
		"Times":   func() { total = a.Times(12) },
		"Prorate": func() { total = a.Prorate(273, 365) },
		"Round":   func() { total = a.Round() },
		"ToEUR":   func() { total = rate.ToEUR(dollars) },
		"Percent": func() { total, _ = vat.Included(a) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	if total.IsNone() {
		t.Error("nothing was computed")
	}
}

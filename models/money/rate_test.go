package money_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"enveloppe/models/money"
)

func rate(t testing.TB, s string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(s)
	if err != nil {
		t.Fatalf("rate %s: %v", s, err)
	}
	return r
}

func percent(t testing.TB, s string) money.Percent {
	t.Helper()
	p, err := money.ParsePercent(s)
	if err != nil {
		t.Fatalf("%s %%: %v", s, err)
	}
	return p
}

func TestToEUR(t *testing.T) {
	for _, tt := range []struct {
		amount string
		c      money.Currency
		rate   string
		want   string
	}{
		{"99", "USD", "1.0714", "92.40"}, // × 0.9334, the inverse to four digits, gives 92.41
		{"99", "USD", "1.1279", "87.77"},
		{"25", "GBP", "0.86083", "29.04"},
		{"1500", "JPY", "125.38", "11.96"},
		{"-99", "USD", "1.0714", "-92.40"},
		{"0", "USD", "1.0714", "0.00"},
		{"0.03", "USD", "2", "0.02"}, // 0.015
		{"-0.03", "USD", "2", "-0.02"},
		{"0.0149", "USD", "1", "0.01"},
		{"1", "USD", "3", "0.33"},
		{"2", "USD", "3", "0.67"},
		{"999999999.99", "USD", "0.0001", "9999999999900.00"},
		{"999999999.99", "VND", "999999999999.9999999999", "0.00"},
		{"922337203685477", "VND", "5000000000.0000000001", "184467.44"},
	} {
		got := rate(t, tt.rate).ToEUR(of(t, tt.amount, tt.c))
		if got != eur(t, tt.want) {
			t.Errorf("%s %s at %s: %v, want %s", tt.amount, tt.c, tt.rate, got, tt.want)
		}
	}
}

func TestParseRate(t *testing.T) {
	for _, tt := range []struct {
		typed, want, comma string
		reason             money.Reason
	}{
		{"1.0714", "1.0714", "1,0714", ""},
		{"1,0714", "1.0714", "1,0714", ""},
		{" 1.07140 ", "1.0714", "1,0714", ""},
		{"168.03", "168.03", "168,03", ""},
		{"0.86083", "0.86083", "0,86083", ""},
		{"1,234", "1.234", "1,234", ""}, // a rate has no groups
		{"120", "120", "120", ""},
		{"0.0001", "0.0001", "0,0001", ""},
		{"999999999999.9999999999", "999999999999.9999999999", "999999999999,9999999999", ""},
		{"", "", "", money.RateEmpty},
		{"N/A", "", "", money.RateMalformed},
		{"1.0.7", "", "", money.RateMalformed},
		{".5", "", "", money.RateMalformed},
		{"5.", "", "", money.RateMalformed},
		{"-1.07", "", "", money.RateMalformed},
		{"1e3", "", "", money.RateMalformed},
		{"1 000", "", "", money.RateMalformed},
		{"0", "", "", money.RateRange},
		{"0.00", "", "", money.RateRange},
		{"0.00009", "", "", money.RateRange},
		{"1000000000000", "", "", money.RateRange},
		{"1.00000000001", "", "", money.RateDecimals},
	} {
		got, err := money.ParseRate(tt.typed)
		if reason(err) != tt.reason || got.String() != tt.want || got.Comma() != tt.comma {
			t.Errorf("%q: %q, %q, %q, want %q, %q, %q", tt.typed,
				got.String(), got.Comma(), reason(err), tt.want, tt.comma, tt.reason)
		}
		if got.IsZero() != (err != nil) {
			t.Errorf("%q: IsZero %v with %v", tt.typed, got.IsZero(), err)
		}
	}
	if !rate(t, "1.07140").Equal(rate(t, "1,0714")) {
		t.Error("the same rate written twice differs")
	}
}

// The three statuses an organisation can have towards VAT.
func TestVAT(t *testing.T) {
	twenty := percent(t, "20")
	ht, vat := twenty.Included(eur(t, "99.00"))
	if ht != eur(t, "82.50") || vat != eur(t, "16.50") {
		t.Errorf("99.00 TTC is %v + %v", ht, vat)
	}

	net := rate(t, "1.0714").ToEUR(of(t, "99", "USD"))
	due := twenty.Of(net)
	if due != eur(t, "18.48") || net.Add(due) != eur(t, "110.88") {
		t.Errorf("reverse charge on %v: %v, cost %v", net, due, net.Add(due))
	}

	ht = eur(t, "100.00")
	vat = twenty.Of(ht)
	deductible := percent(t, "37").Of(vat)
	if cost := ht.Add(vat).Sub(deductible); deductible != eur(t, "7.40") || cost != eur(t, "112.60") {
		t.Errorf("c = 0.37: deductible %v, cost %v", deductible, cost)
	}

	ht, vat = twenty.Included(eur(t, "119.88"))
	if ht != eur(t, "99.90") || vat != eur(t, "19.98") {
		t.Errorf("119.88 TTC is %v + %v", ht, vat)
	}
}

func TestPercent(t *testing.T) {
	for _, tt := range []struct {
		typed, want, comma string
		reason             money.Reason
	}{
		{"20", "20", "20", ""},
		{"5.5", "5.5", "5,5", ""},
		{"5,50", "5.5", "5,5", ""},
		{"2,1 %", "2.1", "2,1", ""},
		{"0", "0", "0", ""},
		{"100", "100", "100", ""},
		{"33.3333", "33.3333", "33,3333", ""},
		{"", "", "", money.PercentEmpty},
		{"%", "", "", money.PercentMalformed},
		{"-5", "", "", money.PercentMalformed},
		{"twenty", "", "", money.PercentMalformed},
		{"20 %%", "", "", money.PercentMalformed},
		{"100.01", "", "", money.PercentRange},
		{"1000", "", "", money.PercentRange},
		{"33.33333", "", "", money.PercentDecimals},
	} {
		got, err := money.ParsePercent(tt.typed)
		if reason(err) != tt.reason {
			t.Errorf("%q: %q, want %q", tt.typed, reason(err), tt.reason)
		}
		if err == nil && (got.String() != tt.want || got.Comma() != tt.comma) {
			t.Errorf("%q: %q, %q, want %q, %q", tt.typed, got.String(), got.Comma(), tt.want, tt.comma)
		}
	}
	if got := money.PercentOf(20); !got.Equal(percent(t, "20,0")) || got.IsZero() {
		t.Errorf("PercentOf(20) is %v", got)
	}
	if !money.PercentOf(0).IsZero() {
		t.Error("0 % is not zero")
	}
	if got := percent(t, "5.5").Of(eur(t, "-0.10")); got != eur(t, "-0.01") {
		t.Errorf("5.5 %% of -0.10 is %v", got)
	}
}

func TestStoredRatesAndPercents(t *testing.T) {
	stored, err := rate(t, "1.0714").Value()
	if err != nil || stored != "1.0714" {
		t.Errorf("a rate is stored as %v, %v", stored, err)
	}
	if stored, err = (money.Rate{}).Value(); err != nil || stored != nil {
		t.Errorf("no rate is stored as %v, %v", stored, err)
	}
	if stored, err = percent(t, "5.5").Value(); err != nil || stored != "5.5" {
		t.Errorf("a percentage is stored as %v, %v", stored, err)
	}
	for _, v := range []any{"2", []byte("2"), int64(2)} {
		var r money.Rate
		var p money.Percent
		if err := r.Scan(v); err != nil || r != rate(t, "2") {
			t.Errorf("rate from %T: %v, %v", v, r, err)
		}
		if err := p.Scan(v); err != nil || p != money.PercentOf(2) {
			t.Errorf("percentage from %T: %v, %v", v, p, err)
		}
	}
	r, p := rate(t, "2"), money.PercentOf(2)
	if err := r.Scan(nil); err != nil || !r.IsZero() {
		t.Errorf("rate from NULL: %v, %v", r, err)
	}
	if err := p.Scan(nil); err != nil || !p.IsZero() {
		t.Errorf("percentage from NULL: %v, %v", p, err)
	}
	for _, v := range []any{1.5, "1e3", true} {
		if r.Scan(v) == nil || p.Scan(v) == nil {
			t.Errorf("%T %v was read", v, v)
		}
	}
}

// Inverses are what the rule forbids; this keeps the example honest.
func TestInverseWouldBeWrong(t *testing.T) {
	inverse := decimal.New(1, 0).DivRound(decimal.RequireFromString("1.0714"), 4)
	if got := inverse.Mul(decimal.New(99, 0)).Round(2).String(); got != "92.41" {
		t.Errorf("99 × %s is %s", inverse, got)
	}
}

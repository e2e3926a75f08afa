package models

import (
	"cmp"
	"slices"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Real published rates, and one typed for planning.
var published = []ReferenceRate{
	{ID: 11, Currency: usd, Day: day("2024-04-26"), Rate: rate("1.0714"), Source: RateECB},
	{ID: 12, Currency: jpy, Day: day("2024-04-26"), Rate: rate("168.03"), Source: RateECB},
	{ID: 13, Currency: gbp, Day: day("2024-04-26"), Rate: rate("0.85643"), Source: RateECB},
	{ID: 14, Currency: usd, Day: day("2021-12-01"), Rate: rate("1.1314"), Source: RateECB},
	{ID: 15, Currency: usd, Day: day("2019-04-10"), Rate: rate("1.1279"), Source: RateECB},
	{ID: 16, Currency: jpy, Day: day("2019-04-10"), Rate: rate("125.38"), Source: RateECB},
	{ID: 17, Currency: gbp, Day: day("2019-04-10"), Rate: rate("0.86083"), Source: RateECB},
	{ID: 18, Currency: "PLN", Day: day("2024-04-26"), Rate: rate("4.3205"), Source: RateTyped},
}

func TestConvert(t *testing.T) {
	t.Parallel()
	later := day("2026-12-31")
	r := NewRegister(Facts{Rates: published})
	for _, c := range []struct {
		name     string
		amount   money.Amount
		on, asOf cal.Date
		want     money.Amount
	}{
		{"divided, not multiplied by an inverse", dollars(9900), day("2024-04-26"), later, eur(9240)},
		{"99 dollars of 2019", dollars(9900), day("2019-04-10"), later, eur(8777)},
		{"25 pounds", money.Cents(2500, gbp), day("2019-04-10"), later, eur(2904)},
		{"1 500 yen", money.Cents(150_000, jpy), day("2019-04-10"), later, eur(1196)},
		{"a credit", dollars(-9900), day("2024-04-26"), later, eur(-9240)},
		{"7 days after", dollars(9900), day("2024-05-03"), later, eur(9240)},
		{"8 days after: none", dollars(9900), day("2024-05-04"), later, money.Amount{}},
		{"the day before the first: none", dollars(9900), day("2019-04-09"), later, money.Amount{}},
		{"not with a rate of the future", dollars(9900), day("2024-04-25"), later, money.Amount{}},
		{"a charge to come, as known today", dollars(9900), day("2025-01-01"), day("2024-05-03"), eur(9240)},
		{"a charge to come, when nothing is known any more", dollars(9900), day("2025-01-01"), day("2024-05-04"), money.Amount{}},
		{"typed for planning, a year and a day after", money.Cents(10_000, "PLN"), day("2025-04-27"), later, eur(2315)},
		{"typed, after that: none", money.Cents(10_000, "PLN"), day("2025-04-28"), later, money.Amount{}},
		{"another currency: never 1:1", money.Cents(9900, "CHF"), day("2024-04-26"), later, money.Amount{}},
		{"euros as they are", eur(9900), day("2024-04-26"), later, eur(9900)},
		{"euros finer than a cent", money.New(123_456, money.EUR), day("2024-04-26"), later, eur(1235)},
		{"no amount", money.Amount{}, day("2024-04-26"), later, money.Amount{}},
	} {
		got := r.Convert(c.amount, c.on, c.asOf)
		if got.EUR != c.want || got.OK() == c.want.IsNone() {
			t.Errorf("%s: %v, want %v", c.name, got.EUR, c.want)
		}
		if foreign := got.OK() && c.amount.Currency() != money.EUR; foreign == got.Rate.IsZero() || foreign == got.Day.IsZero() || foreign == (got.Source == "") {
			t.Errorf("%s: rate %v of %v by %q", c.name, got.Rate, got.Day, got.Source)
		}
	}
}

// Which of several rates serves, whatever the order they were entered in.
func TestConvertChoosesTheRate(t *testing.T) {
	t.Parallel()
	ecb := func(id ID, on, is string) ReferenceRate {
		return ReferenceRate{ID: id, Currency: usd, Day: day(on), Rate: rate(is), Source: RateECB}
	}
	typed := func(id ID, on, is string) ReferenceRate {
		r := ecb(id, on, is)
		r.Source = RateTyped
		return r
	}
	for _, c := range []struct {
		name  string
		rates []ReferenceRate
		want  string
	}{
		{"the latest published", []ReferenceRate{ecb(1, "2026-11-13", "1.1"), ecb(2, "2026-11-12", "1.2")}, "1.1"},
		{"a later typed one", []ReferenceRate{typed(1, "2026-11-14", "1.3"), ecb(2, "2026-11-13", "1.1")}, "1.3"},
		{"a later published one", []ReferenceRate{typed(1, "2026-11-12", "1.3"), ecb(2, "2026-11-13", "1.1")}, "1.1"},
		{"published before typed on one day", []ReferenceRate{ecb(1, "2026-11-13", "1.1"), typed(2, "2026-11-13", "1.3")}, "1.1"},
		{"typed again the same day", []ReferenceRate{typed(2, "2026-11-13", "1.4"), typed(1, "2026-11-13", "1.3")}, "1.4"},
		{"a typed one before a stale published one", []ReferenceRate{typed(1, "2026-01-01", "1.3"), ecb(2, "2026-11-07", "1.1")}, "1.3"},
		{"a published one of 7 days", []ReferenceRate{typed(1, "2026-01-01", "1.3"), ecb(2, "2026-11-08", "1.1")}, "1.1"},
		{"none of the future", []ReferenceRate{ecb(1, "2026-11-16", "1.1"), typed(2, "2026-11-10", "1.3")}, "1.3"},
		{"all too old", []ReferenceRate{ecb(1, "2026-11-07", "1.1"), typed(2, "2025-11-13", "1.3")}, ""},
		{"none", nil, ""},
	} {
		got := NewRegister(Facts{Rates: c.rates}).Convert(dollars(9900), today, today)
		if got.Rate.String() != c.want {
			t.Errorf("%s: %v, want %s", c.name, got.Rate, c.want)
		}
	}
}

// Which currencies are in use, and since when published rates of them are missed.
func TestRatesWanted(t *testing.T) {
	t.Parallel()
	ecb := func(c money.Currency, days ...string) (rates []ReferenceRate) {
		for i, d := range days {
			rates = append(rates, ReferenceRate{ID: ID(80 + i), Currency: c, Day: day(d), Rate: rate("1.1"), Source: RateECB})
		}
		return rates
	}
	paid := func(on string, source RateSource) []Payment {
		p := Payment{ID: 70, ServiceID: 2, PaidOn: day(on), Billed: dollars(100)}
		if source != "" {
			p.Rate, p.RateDay, p.RateSource, p.EUR = rate("1.1"), day(on), source, eur(91)
		}
		return []Payment{p}
	}
	inDollars := yearly(func(s *Subscription) { s.Terms[0].Price = dollars(9900) })
	for name, c := range map[string]struct {
		facts Facts
		want  map[money.Currency]string
	}{
		"nothing in use":   {Facts{}, nil},
		"euros only":       {Facts{Subscriptions: []Subscription{yearly()}, Plans: []Plan{{Price: eur(100)}}}, nil},
		"a plan looked at": {Facts{Plans: []Plan{{Price: dollars(100)}}}, map[money.Currency]string{usd: "2026-11-08"}},
		"a subscription, since the register began": {Facts{Subscriptions: []Subscription{inDollars}}, map[money.Currency]string{usd: "2025-12-25"}},
		"up to yesterday's":                        {Facts{Subscriptions: []Subscription{inDollars}, Rates: ecb(usd, "2025-12-31", "2026-11-13")}, map[money.Currency]string{usd: "2026-11-14"}},
		"up to today's":                            {Facts{Subscriptions: []Subscription{inDollars}, Rates: ecb(usd, "2025-12-31", "2026-11-15")}, map[money.Currency]string{usd: "2026-11-16"}},
		"recent ones, but not since it began":      {Facts{Subscriptions: []Subscription{inDollars}, Rates: ecb(usd, "2026-11-13")}, map[money.Currency]string{usd: "2025-12-25"}},
		"it ended before the register began":       {Facts{Subscriptions: []Subscription{yearly(func(s *Subscription) { s.Terms[0].Price, s.EndsOn = dollars(9900), day("2025-06-01") })}}, map[money.Currency]string{usd: "2026-11-08"}},
		"a price to come":                          {Facts{Subscriptions: []Subscription{yearly(func(s *Subscription) { s.Terms = append(s.Terms, Terms{From: day("2027-03-15"), Price: dollars(1)}) })}}, map[money.Currency]string{usd: "2026-11-08"}},
		"a payment without euros":                  {Facts{Payments: paid("2026-01-31", "")}, map[money.Currency]string{usd: "2026-01-24"}},
		"a payment with a published rate":          {Facts{Payments: paid("2026-01-31", RateECB)}, map[money.Currency]string{usd: "2026-01-24"}},
		"a payment the bank turned into euros":     {Facts{Payments: paid("2026-01-31", RateBank)}, map[money.Currency]string{usd: "2026-11-08"}},
		"a payment that was undone":                {reverse(Facts{Payments: paid("2026-01-31", "")}, 70, 71), map[money.Currency]string{usd: "2026-11-08"}},
		"one typed by hand":                        {Facts{Rates: []ReferenceRate{{Currency: "PLN", Day: today, Rate: rate("4.3"), Source: RateTyped}}}, map[money.Currency]string{"PLN": "2026-11-08"}},
		"published ones of a currency nobody uses": {Facts{Rates: ecb(gbp, "2026-11-13")}, nil},
		"typed ones do not stand in for published": {Facts{Plans: []Plan{{Price: dollars(1)}}, Rates: []ReferenceRate{{Currency: usd, Day: today, Rate: rate("1.1"), Source: RateTyped}}}, map[money.Currency]string{usd: "2026-11-08"}},
		"two currencies, by code":                  {Facts{Plans: []Plan{{Price: dollars(1)}, {Price: money.Cents(100, gbp)}}}, map[money.Currency]string{gbp: "2026-11-08", usd: "2026-11-08"}},
	} {
		c.facts.Organisation = association()
		got := NewRegister(c.facts).RatesWanted(today)
		if !slices.IsSortedFunc(got, func(a, b RateWanted) int { return cmp.Compare(a.Currency, b.Currency) }) || len(got) != len(c.want) {
			t.Errorf("%s: %v", name, got)
		}
		for _, w := range got {
			if w.From.String() != c.want[w.Currency] {
				t.Errorf("%s: %s from %v, want %s", name, w.Currency, w.From, c.want[w.Currency])
			}
		}
	}
}

package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// ReferenceRate is what one euro was worth in a currency on a day, and who says so.
type ReferenceRate struct {
	ID       ID
	Version  int64
	Currency money.Currency
	Day      cal.Date
	Rate     money.Rate
	Source   RateSource // RateECB or RateTyped
}

// How many days a rate goes on being used after its own day. A published one bridges a long week-end; one typed by
// hand is a planning rate: it holds for a year for expected charges, shown with its day, and like a published one for
// payments.
const (
	PublishedHolds = 7
	TypedHolds     = 366
)

// Check says what is wrong with the rate as typed; today is the organisation's day.
func (r ReferenceRate) Check(today cal.Date) Invalid {
	var v Invalid
	if _, err := money.ParseCurrency(string(r.Currency)); err != nil && r.Currency != "" {
		v.Add("currency", "currency.unknown")
	} else if r.Currency == "" || r.Currency == money.EUR {
		v.Add("currency", "currency.foreign")
	}
	if r.Day.IsZero() {
		v.Add("day", "date.empty")
	} else if r.Day.After(today) {
		v.Add("day", "date.future")
	}
	if r.Rate.IsZero() {
		v.Add("rate", "rate.empty")
	}
	return v
}

// Conversion is a foreign amount in euros with where the euros come from. Without a rate EUR is none: the amount is
// "not converted" and stays out of every total.
type Conversion struct {
	EUR    money.Amount
	Rate   money.Rate
	Day    cal.Date
	Source RateSource // empty when the amount was in euros already
}

// OK tells whether there is an amount in euros.
func (c Conversion) OK() bool { return !c.EUR.IsNone() }

// rateTable is reference rates by currency, each by day ascending.
type rateTable map[money.Currency][]ReferenceRate

func newRateTable(rates []ReferenceRate) rateTable {
	t := rateTable{}
	for _, r := range rates {
		t[r.Currency] = append(t[r.Currency], r)
	}
	for _, list := range t {
		if !slices.IsSortedFunc(list, compareRates) { // years of published rates come in order
			slices.SortFunc(list, compareRates)
		}
	}
	return t
}

// compareRates orders by day; on one day the published rate comes last, so that it wins, and the later entry of two.
func compareRates(a, b ReferenceRate) int {
	published := func(r ReferenceRate) int {
		if r.Source == RateECB {
			return 1
		}
		return 0
	}
	return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(published(a), published(b)), cmp.Compare(a.ID, b.ID))
}

// convert turns an amount of day d into euros as known on day asOf: with the latest rate of a day on or before both,
// as long as that rate holds.
func (t rateTable) convert(a money.Amount, d, asOf cal.Date) Conversion {
	if a.IsNone() {
		return Conversion{}
	}
	if a.Currency() == money.EUR {
		return Conversion{EUR: a.Round()}
	}
	on := cal.Min(d, asOf)
	list := t[a.Currency()]
	after, _ := slices.BinarySearchFunc(list, on.AddDays(1), func(r ReferenceRate, d cal.Date) int { return r.Day.Compare(d) })
	for i := after - 1; i >= 0; i-- {
		r := &list[i]
		age := r.Day.DaysUntil(on)
		if age > TypedHolds {
			break
		}
		if r.Source == RateECB && age > PublishedHolds {
			continue
		}
		if euros := inEuros(a, r.Rate); !euros.IsNone() {
			return Conversion{EUR: euros, Rate: r.Rate, Day: r.Day, Source: r.Source}
		}
		break
	}
	return Conversion{}
}

// inEuros divides by the rate. More euros than anybody could type are none: the rate has lost its zeros, and a year of
// such sums would not fit an amount.
func inEuros(a money.Amount, r money.Rate) money.Amount {
	euros := r.ToEUR(a)
	if euros.Abs().Units() > money.MaxTyped {
		return money.Amount{}
	}
	return euros
}

// RateWanted is a currency in use and the first day a reference rate is missed for; that is after today when none is.
type RateWanted struct {
	Currency money.Currency
	From     cal.Date
}

// RatesWanted are the currencies in use, by code.
func (r *Register) RatesWanted(today cal.Date) []RateWanted {
	seen := map[money.Currency]bool{}
	for i := range r.Plans {
		seen[r.Plans[i].Price.Currency()] = true
	}
	for i := range r.Subscriptions {
		for _, t := range r.Subscriptions[i].Terms {
			seen[t.Price.Currency()] = true
		}
	}
	var all []RateWanted
	for c := range seen {
		if c != "" && c != money.EUR {
			all = append(all, RateWanted{Currency: c, From: today.AddDays(-PublishedHolds)})
		}
	}
	slices.SortFunc(all, func(a, b RateWanted) int { return cmp.Compare(a.Currency, b.Currency) })
	return all
}

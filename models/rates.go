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
	// Planned is for a typed rate that holds from a day to come: charges still to come, from that day on, count at it
	// before any other. What has fallen due counts at the rate of its own day.
	Planned bool
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
	} else if r.Day.After(today) && !r.Planned {
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
type rateTable struct {
	known   map[money.Currency][]ReferenceRate
	planned map[money.Currency][]ReferenceRate // nil without any
}

func newRateTable(rates []ReferenceRate) rateTable {
	t := rateTable{known: map[money.Currency][]ReferenceRate{}}
	for _, r := range rates {
		if !r.Planned {
			t.known[r.Currency] = append(t.known[r.Currency], r)
			continue
		}
		if t.planned == nil {
			t.planned = map[money.Currency][]ReferenceRate{}
		}
		t.planned[r.Currency] = append(t.planned[r.Currency], r)
	}
	for _, lists := range []map[money.Currency][]ReferenceRate{t.known, t.planned} {
		for _, list := range lists {
			if !slices.IsSortedFunc(list, compareRates) { // years of published rates come in order
				slices.SortFunc(list, compareRates)
			}
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
// as long as that rate holds; a day still to come with the one planned for it.
func (t rateTable) convert(a money.Amount, d, asOf cal.Date) Conversion {
	if a.IsNone() {
		return Conversion{}
	}
	if a.Currency() == money.EUR {
		return Conversion{EUR: a.Round()}
	}
	if t.planned != nil && d.After(asOf) {
		list := t.planned[a.Currency()]
		if i := through(list, d) - 1; i >= 0 && list[i].Day.DaysUntil(asOf) <= TypedHolds {
			if euros := inEuros(a, list[i].Rate); !euros.IsNone() {
				return Conversion{EUR: euros, Rate: list[i].Rate, Day: list[i].Day, Source: list[i].Source}
			}
		}
	}
	on := cal.Min(d, asOf)
	list := t.known[a.Currency()]
	for i := through(list, on) - 1; i >= 0; i-- {
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

// through counts the rates of a list up to a day, that day's among them.
func through(list []ReferenceRate, d cal.Date) int {
	n, _ := slices.BinarySearchFunc(list, d.AddDays(1), func(r ReferenceRate, d cal.Date) int { return r.Day.Compare(d) })
	return n
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

// RateWanted is a currency in use and the first day a reference rate of it is missed for; that is after today when none is.
type RateWanted struct {
	Currency money.Currency
	From     cal.Date
}

// RatesWanted are the currencies in use, by code: those of plans, terms, payments and rates typed by hand. Missed are
// the days after the latest published rate that is stored. Where an amount lies before the first one stored, or none is,
// they are missed from a week before the earliest amount that needs one, so that its day finds one however the holidays
// fall: a payment that stands without euros of its own, and what is charged from the day the register began.
func (r *Register) RatesWanted(today cal.Date) []RateWanted {
	needed := map[money.Currency]cal.Date{} // since when; today for what is only in use
	need := func(c money.Currency, from cal.Date) {
		if c == "" || c == money.EUR {
			return
		}
		if since, known := needed[c]; !known || from.Before(since) {
			needed[c] = from
		}
	}
	for i := range r.Plans {
		need(r.Plans[i].Price.Currency(), today)
	}
	for i := range r.Subscriptions {
		r.needOf(&r.Subscriptions[i], today, need)
	}
	for i := range r.Payments {
		p := &r.Payments[i]
		if p.Stands() && (!p.Converted() || p.RateSource == RateECB || p.RateSource == RateTyped) {
			need(p.Billed.Currency(), p.PaidOn)
		} else {
			need(p.Billed.Currency(), today)
		}
	}
	for c, list := range r.rates.known {
		if slices.ContainsFunc(list, func(x ReferenceRate) bool { return x.Source == RateTyped }) {
			need(c, today)
		}
	}
	wanted := make([]RateWanted, 0, len(needed))
	for c, since := range needed {
		wanted = append(wanted, RateWanted{Currency: c, From: r.rates.missedFrom(c, since)})
	}
	slices.SortFunc(wanted, func(a, b RateWanted) int { return cmp.Compare(a.Currency, b.Currency) })
	return wanted
}

// needOf says since when the charges of a subscription need a rate: from the first day of terms in a currency, or the
// day the register began when that is later.
func (r *Register) needOf(s *Subscription, today cal.Date, need func(money.Currency, cal.Date)) {
	for i := range s.Terms {
		from := cal.Max(s.Terms[i].From, r.keptFrom(today))
		ended := i+1 < len(s.Terms) && !s.Terms[i+1].From.After(from) || s.Over(from)
		if ended || s.Terms[i].Price.IsZero() {
			from = today
		}
		need(s.Terms[i].Price.Currency(), cal.Min(from, today))
	}
}

// missedFrom is the first day a published rate is missed for, of a currency needed since a day.
func (t rateTable) missedFrom(c money.Currency, since cal.Date) cal.Date {
	var first, last cal.Date
	for i := range t.known[c] {
		if d := t.known[c][i].Day; t.known[c][i].Source == RateECB {
			if first.IsZero() {
				first = d
			}
			last = d
		}
	}
	if first.IsZero() || since.Before(first) {
		return since.AddDays(-PublishedHolds)
	}
	return last.AddDays(1)
}

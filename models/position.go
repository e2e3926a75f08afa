package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Status is how a year's forecast stands against its envelope.
type Status string

// The statuses of a position.
const (
	NoEnvelope Status = "none"
	Under      Status = "under"
	Within     Status = "within"
	Over       Status = "over"
)

// MonthFigures is one month of a fiscal year; all in euros. Total is cumulated to the month's end.
type MonthFigures struct {
	Span                  cal.Span
	Spent, Due, Committed money.Amount
	Total                 money.Amount
}

// Sum is the month's own cost.
func (m MonthFigures) Sum() money.Amount { return m.Spent.Add(m.Due).Add(m.Committed) }

// Position is where a fiscal year stands against its envelope on a day, in euros at the cost the organisation bears.
// Forecast = Spent + Due + Committed; Committed = Locked + Avoidable.
type Position struct {
	Year                   cal.FiscalYear
	Day                    cal.Date
	Envelope               Envelope
	Status                 Status
	Spent, Due             money.Amount
	Committed              money.Amount
	Locked, Avoidable      money.Amount
	Forecast               money.Amount
	Months                 []MonthFigures
	CrossedOn              cal.Date // day the cumulated forecast goes over the ceiling for good; zero if it does not
	CrossedBy              ID       // service whose charge or payment does it
	UnconvertedCharges     []Charge // left out: no rate
	UnconvertedPayments    []Payment
	DueCharges, Still      []Charge // the charges behind Due and behind Committed
	PaidServices, Services int      // in use on the day: with a premium plan, and all
}

// Room is what is left under the ceiling; negative when over it.
func (p Position) Room() money.Amount { return p.Envelope.Ceiling.Sub(p.Forecast) }

// Complete tells whether every amount could be counted in euros.
func (p Position) Complete() bool { return len(p.UnconvertedCharges)+len(p.UnconvertedPayments) == 0 }

// costEvent is money of one day, for the cumulated picture.
type costEvent struct {
	on      cal.Date
	service ID
	cost    money.Amount
}

// Position holds a fiscal year against its envelope on a day. A day before the year leaves all of it committed, a day
// after it leaves nothing committed.
func (r *Register) Position(year cal.FiscalYear, day cal.Date) Position {
	zero := money.Zero(money.EUR)
	p := Position{Year: year, Day: day, Spent: zero, Due: zero, Committed: zero, Locked: zero, Avoidable: zero, Forecast: zero, Status: NoEnvelope}
	for _, m := range year.Months() {
		p.Months = append(p.Months, MonthFigures{Span: m, Spent: zero, Due: zero, Committed: zero, Total: zero})
	}
	events := r.addSpent(&p)
	events = r.addExpected(&p, events)
	p.Committed = p.Locked.Add(p.Avoidable)
	p.Forecast = p.Spent.Add(p.Due).Add(p.Committed)
	total := zero
	for i := range p.Months {
		total = total.Add(p.Months[i].Sum())
		p.Months[i].Total = total
	}
	p.hold(r, events)
	for i := range r.Services {
		if s, ok := r.Current(r.Services[i].ID); ok && s.RunsOn(day) && !r.Services[i].Archived() {
			p.Services++
			if r.TierOf(s) == Premium {
				p.PaidServices++
			}
		}
	}
	return p
}

func (r *Register) addSpent(p *Position) []costEvent {
	events := make([]costEvent, 0, len(r.Payments))
	span := p.Year.Span()
	for i := range r.Payments {
		pay := &r.Payments[i]
		if !span.Contains(pay.PaidOn) || pay.PaidOn.After(p.Day) {
			continue
		}
		if !pay.Converted() {
			if pay.Stands() {
				p.UnconvertedPayments = append(p.UnconvertedPayments, *pay)
			}
			continue
		}
		m := p.monthOf(pay.PaidOn)
		m.Spent = m.Spent.Add(pay.Cost)
		p.Spent = p.Spent.Add(pay.Cost)
		events = append(events, costEvent{pay.PaidOn, pay.ServiceID, pay.Cost})
	}
	return events
}

func (r *Register) addExpected(p *Position, events []costEvent) []costEvent {
	span := p.Year.Span()
	if kept := r.Organisation.KeptFrom; kept.After(span.From) {
		span.From = kept
	}
	for _, c := range r.Charges(span, p.Day) {
		if !r.IsOpen(c) {
			continue
		}
		if !c.Conversion.OK() {
			p.UnconvertedCharges = append(p.UnconvertedCharges, c)
			continue
		}
		m := p.monthOf(c.On)
		switch {
		case !c.On.After(p.Day):
			p.Due = p.Due.Add(c.Cost)
			m.Due = m.Due.Add(c.Cost)
			p.DueCharges = append(p.DueCharges, c)
		case c.Locked:
			p.Locked = p.Locked.Add(c.Cost)
			m.Committed = m.Committed.Add(c.Cost)
			p.Still = append(p.Still, c)
		default:
			p.Avoidable = p.Avoidable.Add(c.Cost)
			m.Committed = m.Committed.Add(c.Cost)
			p.Still = append(p.Still, c)
		}
		events = append(events, costEvent{c.On, c.ServiceID, c.Cost})
	}
	return events
}

// monthOf is the month of the year that holds a day, which must lie in it.
func (p *Position) monthOf(d cal.Date) *MonthFigures {
	for i := len(p.Months) - 1; i > 0; i-- {
		if !d.Before(p.Months[i].Span.From) {
			return &p.Months[i]
		}
	}
	return &p.Months[0]
}

// hold compares the forecast with the envelope and finds the day it is crossed for good.
func (p *Position) hold(r *Register, events []costEvent) {
	e, ok := r.Envelope(p.Year.Number())
	if !ok {
		return
	}
	p.Envelope = e
	switch {
	case e.Ceiling.Less(p.Forecast):
		p.Status = Over
	case !e.Floor.IsNone() && p.Forecast.Less(e.Floor):
		p.Status = Under
	default:
		p.Status = Within
	}
	if p.Status != Over {
		return
	}
	slices.SortStableFunc(events, func(a, b costEvent) int { return a.on.Compare(b.on) })
	total, above := money.Zero(money.EUR), false
	for _, ev := range events {
		total = total.Add(ev.cost)
		now := e.Ceiling.Less(total)
		if now && !above {
			p.CrossedOn, p.CrossedBy = ev.on, ev.service
		}
		above = now
	}
}

// RunRate is what the services cost now: the charges of the twelve months that follow a day, settled or not, in euros.
// complete is false when a charge could not be converted and is left out.
func (r *Register) RunRate(day cal.Date) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for _, c := range r.Charges(NextYear(day), day) {
		if c.Conversion.OK() {
			total = total.Add(c.Cost)
		} else {
			complete = false
		}
	}
	return total, complete
}

// NextYear is the twelve months that follow a day, the day itself left out.
func NextYear(day cal.Date) cal.Span {
	from := day.AddDays(1)
	return cal.Span{From: from, To: from.AddMonths(12)}
}

// YearlyCost is a subscription's share of the run rate.
func (r *Register) YearlyCost(s Subscription, day cal.Date) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for _, c := range r.ChargesOf(s, NextYear(day), day) {
		if c.Conversion.OK() {
			total = total.Add(c.Cost)
		} else {
			complete = false
		}
	}
	return total, complete
}

// ComingMonth is the charges of one calendar month ahead.
type ComingMonth struct {
	Month cal.Date // its first day
	Cost  money.Amount
	Count int
}

// Coming is the run rate by calendar month, so its figures add up to RunRate. The first month holds only what is still
// to come in it and is left out when that is nothing.
func (r *Register) Coming(day cal.Date) []ComingMonth {
	span := NextYear(day)
	var months []ComingMonth
	for m := span.From.MonthStart(); m.Before(span.To); m = m.AddMonths(1) {
		months = append(months, ComingMonth{Month: m, Cost: money.Zero(money.EUR)})
	}
	for _, c := range r.Charges(span, day) {
		if !c.Conversion.OK() {
			continue
		}
		at := (c.On.Year()-span.From.Year())*12 + int(c.On.Month()) - int(span.From.Month())
		months[at].Cost = months[at].Cost.Add(c.Cost)
		months[at].Count++
	}
	if months[0].Count == 0 && len(months) > 12 {
		months = months[1:]
	}
	return months
}

// Spread is what a fiscal year bears by days of service: each payment, and each open charge, counts for the share of
// its period that lies in the year. Shares are differences of cumulated balances, so the years of one period add up to it.
func (r *Register) Spread(year cal.FiscalYear, day cal.Date) money.Amount {
	total := money.Zero(money.EUR)
	for i := range r.Payments {
		p := &r.Payments[i]
		if !p.Converted() || p.PaidOn.After(day) {
			continue
		}
		period := p.Period
		if period.IsEmpty() {
			period = cal.Span{From: p.PaidOn, To: p.PaidOn.AddDays(1)}
		}
		total = total.Add(shareIn(p.Cost, period, year.Span()))
	}
	// A yearly charge of the previous year still serves in this one, and a longer one further back.
	from := year.Span().From.AddMonths(-36)
	if kept := r.Organisation.KeptFrom; kept.After(from) {
		from = kept
	}
	for _, c := range r.Charges(cal.Span{From: from, To: year.Span().To}, day) {
		if c.Conversion.OK() && r.IsOpen(c) {
			total = total.Add(shareIn(c.Cost, c.Period, year.Span()))
		}
	}
	return total
}

// shareIn is the part of a cost over a period that falls in a span.
func shareIn(cost money.Amount, period, span cal.Span) money.Amount {
	whole := period.Days()
	if whole <= 0 {
		return money.Zero(money.EUR)
	}
	upTo := func(d cal.Date) money.Amount {
		n := min(max(period.From.DaysUntil(d), 0), whole)
		return cost.Prorate(int64(n), int64(whole))
	}
	return upTo(span.To).Sub(upTo(span.From))
}

package models

import (
	"iter"

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
	CrossedOn              cal.Date  // day at whose end the cumulated forecast is over the ceiling for good; zero if never
	CrossedBy              ID        // service whose charge or payment of that day does it
	UnconvertedCharges     []Charge  // left out: no rate
	UnconvertedPayments    []Payment // likewise
	DueCharges, Still      []Charge  // the charges behind Due and behind Committed, by the day they are due from
	PaidServices, Services int       // in use on the day: with a premium plan, and all
}

// Room is what is left under the ceiling: negative when over it, none without an envelope.
func (p Position) Room() money.Amount {
	if p.Status == NoEnvelope {
		return money.Amount{}
	}
	return p.Envelope.Ceiling.Sub(p.Forecast)
}

// Complete tells whether every amount could be counted in euros.
func (p Position) Complete() bool { return len(p.UnconvertedCharges)+len(p.UnconvertedPayments) == 0 }

// Position holds a fiscal year against its envelope on a day, as known on that day: what was paid or waived later is
// still open. A day before the year leaves all of it committed, a day after it leaves nothing committed.
func (r *Register) Position(year cal.FiscalYear, day cal.Date) Position {
	return r.position(year, day, r.openCharges(year.Span(), day))
}

// position is Position from charges already worked out: those open on the day, in order, at least all of the year.
func (r *Register) position(year cal.FiscalYear, day cal.Date, open []Charge) Position {
	zero := money.Zero(money.EUR)
	p := Position{Year: year, Day: day, Spent: zero, Due: zero, Committed: zero, Locked: zero, Avoidable: zero, Forecast: zero, Status: NoEnvelope}
	p.Months = make([]MonthFigures, 0, 12)
	for _, m := range year.Months() {
		p.Months = append(p.Months, MonthFigures{Span: m, Spent: zero, Due: zero, Committed: zero, Total: zero})
	}
	r.addSpent(&p)
	r.addExpected(&p, open)
	p.Committed = p.Locked.Add(p.Avoidable)
	p.Forecast = p.Spent.Add(p.Due).Add(p.Committed)
	total := zero
	for i := range p.Months {
		total = total.Add(p.Months[i].Sum())
		p.Months[i].Total = total
	}
	r.hold(&p)
	for i := range r.Services {
		if s, ok := r.running(r.Services[i].ID, day); ok && !r.Services[i].Archived() {
			p.Services++
			if r.tierOf(s.PlanID) == Premium {
				p.PaidServices++
			}
		}
	}
	return p
}

func (r *Register) addSpent(p *Position) {
	in := p.spentIn()
	for _, d := range r.spending().of(in) {
		m := p.monthOf(d.on)
		m.Spent = m.Spent.Add(d.cost)
		p.Spent = p.Spent.Add(d.cost)
	}
	for _, at := range r.spending().unconverted {
		pay := &r.Payments[at]
		if in.Contains(pay.PaidOn) && pay.ReversesID == 0 && !r.undoneIn(pay, in) {
			p.UnconvertedPayments = append(p.UnconvertedPayments, *pay)
		}
	}
}

// spentIn is the days of the year up to the position's.
func (p *Position) spentIn() cal.Span {
	in := p.Year.Span()
	in.To = cal.Min(in.To, p.Day.AddDays(1))
	return in
}

// undoneIn tells whether a payment was reversed within the days.
func (r *Register) undoneIn(pay *Payment, in cal.Span) bool {
	if pay.ReversedByID == 0 {
		return false
	}
	undo, ok := find(r.Payments, pay.ReversedByID, func(x *Payment) ID { return x.ID })
	return !ok || in.Contains(undo.PaidOn)
}

func (r *Register) addExpected(p *Position, open []Charge) {
	in := p.Year.Span()
	in.From = cal.Max(in.From, r.Organisation.KeptFrom)
	open = between(open, in)
	if pieces := r.dueAgain(p.Day); len(pieces) > 0 {
		open = placed(open, pieces, in)
	}
	converted := make([]Charge, 0, len(open))
	for i := range open {
		c := &open[i]
		if !c.Conversion.OK() {
			p.UnconvertedCharges = append(p.UnconvertedCharges, *c)
			continue
		}
		converted = append(converted, *c)
		on := countsOn(c)
		m := p.monthOf(on)
		switch {
		case !on.After(p.Day):
			p.Due = p.Due.Add(c.Cost)
			m.Due = m.Due.Add(c.Cost)
			continue
		case c.Locked:
			p.Locked = p.Locked.Add(c.Cost)
		default:
			p.Avoidable = p.Avoidable.Add(c.Cost)
		}
		m.Committed = m.Committed.Add(c.Cost)
	}
	due := len(between(converted, cal.Span{From: in.From, To: p.Day.AddDays(1)}))
	p.DueCharges, p.Still = converted[:due:due], converted[due:]
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

// hold compares the forecast with the envelope.
func (r *Register) hold(p *Position) {
	e, ok := r.Envelope(p.Year.Number())
	if !ok {
		return
	}
	p.Envelope = e
	switch {
	case e.Ceiling.Less(p.Forecast):
		p.Status = Over
		p.CrossedOn, p.CrossedBy = r.crossing(p)
	case !e.Floor.IsNone() && p.Forecast.Less(e.Floor):
		p.Status = Under
	default:
		p.Status = Within
	}
}

// crossing finds the day from whose end on the running total stays over the ceiling, which it ends over, and the service
// that takes it there. Within one day only its end counts: a payment and its reversal cross nothing.
func (r *Register) crossing(p *Position) (on cal.Date, by ID) {
	ceiling := p.Envelope.Ceiling
	total := money.Zero(money.EUR)
	before := total // at the end of the last day at or under the ceiling
	for day, change := range r.changes(p) {
		total = total.Add(change)
		if !ceiling.Less(total) {
			on, before = cal.Date{}, total
		} else if on.IsZero() {
			on = day
		}
	}
	total = before
	add := func(service ID, cost money.Amount) {
		under := !ceiling.Less(total)
		if total = total.Add(cost); under && ceiling.Less(total) {
			by = service
		}
	}
	if p.spentIn().Contains(on) {
		for at := range r.spending().paidOn(on) {
			if pay := &r.Payments[at]; pay.Converted() {
				add(pay.ServiceID, pay.Cost)
			}
		}
	}
	for _, charges := range [][]Charge{p.DueCharges, p.Still} {
		for _, c := range between(charges, cal.Span{From: on, To: on.AddDays(1)}) {
			add(c.ServiceID, c.Cost)
		}
	}
	return on, by
}

// changes yields the days on which the forecast grows or shrinks and by how much, in order.
func (r *Register) changes(p *Position) iter.Seq2[cal.Date, money.Amount] {
	spent, due := r.spending().of(p.spentIn()), len(p.DueCharges)
	charge := func(i int) *Charge { // the due ones come before those still to come
		if i < due {
			return &p.DueCharges[i]
		}
		return &p.Still[i-due]
	}
	return func(yield func(cal.Date, money.Amount) bool) {
		for i, j, n := 0, 0, due+len(p.Still); i < len(spent) || j < n; {
			var on cal.Date
			switch {
			case j == n:
				on = spent[i].on
			case i == len(spent):
				on = countsOn(charge(j))
			default:
				on = cal.Min(spent[i].on, countsOn(charge(j)))
			}
			change := money.Zero(money.EUR)
			if i < len(spent) && spent[i].on == on {
				change = spent[i].cost
				i++
			}
			for ; j < n && countsOn(charge(j)) == on; j++ {
				change = change.Add(charge(j).Cost)
			}
			if !yield(on, change) {
				return
			}
		}
	}
}

// RunRate is what the services cost now: the charges of the twelve months that follow a day, settled or not, in euros.
// complete is false when a charge could not be converted and is left out.
func (r *Register) RunRate(day cal.Date) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for i := range r.Subscriptions {
		yearly, ok := r.yearlyCost(&r.Subscriptions[i], day)
		total, complete = total.Add(yearly), complete && ok
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
	return r.yearlyCost(&s, day)
}

func (r *Register) yearlyCost(s *Subscription, day cal.Date) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for k, on := range s.chargedIn(NextYear(day)) {
		c, ok := r.charge(s, k, on, day)
		switch {
		case !ok:
		case c.Conversion.OK():
			total = total.Add(c.Cost)
		default:
			complete = false
		}
	}
	return total, complete
}

// ComingMonth is the charges of one calendar month ahead.
type ComingMonth struct {
	Month       cal.Date // its first day
	Cost        money.Amount
	Count       int // charges in Cost
	Unconverted int // charges left out of it: no rate
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
		m := &months[(c.On.Year()-span.From.Year())*12+int(c.On.Month())-int(span.From.Month())]
		if !c.Conversion.OK() {
			m.Unconverted++
			continue
		}
		m.Cost = m.Cost.Add(c.Cost)
		m.Count++
	}
	if months[0].Count+months[0].Unconverted == 0 && len(months) > 12 {
		months = months[1:]
	}
	return months
}

// Spread is what a fiscal year bears by days of service: each payment up to the day, and each charge open on it, counts
// for the share of its period that lies in the year. Shares are differences of cumulated balances, so the years of one
// period add up to it. What could not be converted is left out.
func (r *Register) Spread(year cal.FiscalYear, day cal.Date) money.Amount {
	total := money.Zero(money.EUR)
	span := year.Span()
	for i := range r.Payments {
		if p := &r.Payments[i]; p.Converted() && !p.PaidOn.After(day) {
			total = total.Add(shareIn(p.Cost, r.PeriodOf(*p), span))
		}
	}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		// The charge whose period the year begins in still serves, however far back it fell.
		from := cal.Max(r.Organisation.KeptFrom, s.Cadence.Occurrence(s.Anchor, s.Cadence.IndexOn(s.Anchor, span.From)))
		if from.IsZero() {
			from = span.From
		}
		for _, c := range r.openChargesOf(*s, cal.Span{From: from, To: span.To}, day) {
			if c.Conversion.OK() {
				total = total.Add(shareIn(c.Cost, c.Period, span))
			}
		}
	}
	return total
}

// PeriodOf is the days of service a payment is for: those noted on it, else those of the charge it settles, else the day
// it was paid. A reversal is for those of what it undoes, whenever it was made.
func (r *Register) PeriodOf(p Payment) cal.Span {
	if undone, ok := r.Payment(p.ReversesID); ok {
		p = undone
	}
	if !p.Period.IsEmpty() {
		return p.Period
	}
	if s, ok := r.Subscription(p.SubscriptionID); ok && !p.ChargeOn.IsZero() {
		if k := s.Cadence.IndexOn(s.Anchor, p.ChargeOn); s.Cadence.Occurrence(s.Anchor, k) == p.ChargeOn {
			return s.Cadence.Period(s.Anchor, k)
		}
	}
	return cal.Inclusive(p.PaidOn, p.PaidOn)
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

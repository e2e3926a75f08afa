package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Effect is what taking another plan would do, in euros: nothing has been changed to find out.
type Effect struct {
	Seats    int
	Yearly   money.Amount // of the plan, over the twelve months from its first charge
	Forecast money.Amount // of the fiscal year
	Change   money.Amount // of the forecast, against the register as it is
	Room     money.Amount // left under the ceiling; none without an envelope
	Complete bool         // false when an amount had no rate and was left out
}

// PlanEffect is an Effect with what plans side by side are compared by besides.
type PlanEffect struct {
	Effect
	People        int          // who share the cost: the seats, or everybody where nothing runs and nobody is counted
	Each          money.Amount // Yearly for one of them
	RunRate       money.Amount // of the whole register
	RunRateChange money.Amount // against the register as it is
}

// WhatIfPlan tells what being on the plan from the day after would do to the fiscal year that holds the day. What runs
// ends that day and what was to begin later is called off; the seats are those of today's terms (all that are assigned,
// where each is paid for), or so many when nothing runs. Being on the plan already changes nothing.
func (r *Register) WhatIfPlan(p Plan, day cal.Date, seats int) PlanEffect {
	effect, after := r.onPlan(p, day, seats)
	out := PlanEffect{Effect: effect, People: effect.Seats}
	if _, runs := r.running(p.ServiceID, day); !runs && !p.PerSeat {
		out.People = max(r.Organisation.Headcount, 1)
	}
	out.Each = effect.Yearly.Prorate(1, int64(max(out.People, 1)))
	// What other services cost without a known rate is left out of both, and of the difference with them.
	now, _ := r.RunRate(day)
	then, _ := after.RunRate(day)
	out.RunRate, out.RunRateChange = then, then.Sub(now)
	return out
}

// onPlan gives the register on the plan, and what the change does.
func (r *Register) onPlan(p Plan, day cal.Date, seats int) (Effect, *Register) {
	year, start := r.Year(day), day.AddDays(1)
	running, runs := r.running(p.ServiceID, day)
	if runs && running.PlanID == p.ID {
		effect := r.compare(r, year, day)
		effect.Seats = running.termsOn(day).Seats
		yearly, ok := r.yearlyCost(running, day)
		effect.Yearly, effect.Complete = yearly, effect.Complete && ok
		return effect, r
	}
	if runs {
		seats = running.termsOn(day).Seats
		if p.PerSeat {
			seats = max(seats, mostHeld(running.Seats, cal.Span{From: start, To: forever}))
		}
	}
	seats = max(seats, 1)
	after := r
	for _, at := range r.subsOf[p.ServiceID] {
		if s := r.Subscriptions[at]; !s.Over(start) {
			s.EndsOn = cal.Max(start, s.StartedOn)
			after = after.With(s)
		}
	}
	price := p.Price
	if price.IsNone() {
		price = money.Zero(money.EUR)
	}
	next := Subscription{
		ID: hypothetical, ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: start, Anchor: start, Cadence: p.Cadence,
		Terms: []Terms{{From: start, Price: price, PerSeat: p.PerSeat, Seats: seats}},
	}
	after = after.With(next)
	effect := r.compare(after, year, day)
	effect.Seats = seats
	yearly, ok := after.yearlyCost(&next, day)
	effect.Yearly, effect.Complete = yearly, effect.Complete && ok
	return effect, after
}

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

// WhatIfPlan tells what being on the plan from the day after would do to the fiscal year that holds the day. What runs
// ends that day and what was to begin later is called off; the seats are those of today's terms (all that are assigned,
// where each is paid for), or so many when nothing runs. Being on the plan already changes nothing.
func (r *Register) WhatIfPlan(p Plan, day cal.Date, seats int) Effect {
	year, start := r.Year(day), day.AddDays(1)
	running, runs := r.running(p.ServiceID, day)
	if runs && running.PlanID == p.ID {
		effect := r.compare(r, year, day)
		effect.Seats = running.termsOn(day).Seats
		yearly, ok := r.yearlyCost(running, day)
		effect.Yearly, effect.Complete = yearly, effect.Complete && ok
		return effect
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
	return effect
}

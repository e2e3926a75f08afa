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
	now := r.Position(year, day)
	running, runs := r.running(p.ServiceID, day)
	if runs && running.PlanID == p.ID {
		yearly, ok := r.YearlyCost(*running, day)
		return Effect{Seats: running.termsOn(day).Seats, Yearly: yearly, Forecast: now.Forecast, Change: money.Zero(money.EUR), Room: now.Room(), Complete: ok && now.Complete()}
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
		ID: 1 << 62, ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: start, Anchor: start, Cadence: p.Cadence,
		Terms: []Terms{{From: start, Price: price, PerSeat: p.PerSeat, Seats: seats}},
	}
	after = after.With(next)
	then := after.Position(year, day)
	yearly, ok := after.YearlyCost(next, day)
	return Effect{Seats: seats, Yearly: yearly, Forecast: then.Forecast, Change: then.Forecast.Sub(now.Forecast), Room: then.Room(), Complete: ok && then.Complete()}
}

func roomOf(p Position) money.Amount { return p.Room() }

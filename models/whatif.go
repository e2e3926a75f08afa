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

// WhatIfPlan tells what being on the plan from day on would do to the fiscal year that holds the day. What already
// runs ends that day; the seats are those of today's terms, or so many when the service has no subscription yet.
func (r *Register) WhatIfPlan(p Plan, day cal.Date, seats int) Effect {
	now := r.Position(r.Year(day), day)
	current, has := r.Current(p.ServiceID)
	if has && current.RunsOn(day) && current.PlanID == p.ID {
		yearly, ok := r.YearlyCost(current, day)
		return Effect{Seats: current.TermsOn(day).Seats, Yearly: yearly, Forecast: now.Forecast, Change: money.Zero(money.EUR), Room: roomOf(now), Complete: ok}
	}
	after := r
	if has && current.RunsOn(day) {
		seats = current.TermsOn(day).Seats
		ended := current
		ended.EndsOn = day.AddDays(1)
		after = after.With(ended)
	}
	price := p.Price
	if price.IsNone() {
		price = money.Zero(money.EUR)
	}
	next := Subscription{
		ID: 1 << 62, ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: day.AddDays(1), Anchor: day.AddDays(1), Cadence: p.Cadence,
		Terms: []Terms{{From: day.AddDays(1), Price: price, PerSeat: p.PerSeat, Seats: max(seats, 1)}},
	}
	after = after.With(next)
	then := after.Position(r.Year(day), day)
	yearly, ok := after.YearlyCost(next, day)
	return Effect{Seats: max(seats, 1), Yearly: yearly, Forecast: then.Forecast, Change: then.Forecast.Sub(now.Forecast), Room: roomOf(then), Complete: ok}
}

func roomOf(p Position) money.Amount {
	if p.Status == NoEnvelope {
		return money.Amount{}
	}
	return p.Room()
}

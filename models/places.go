package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Place is one paid place of a subscription on a day: who holds it and its share of the yearly cost.
type Place struct {
	Seat   Seat         // zero for a free place
	Yearly money.Amount // none when the subscription is paid as a whole and nobody holds the place
}

// Places are the places of a subscription on a day, those held first. Shares of the yearly cost add up to it to the
// cent: over the paid places when each is paid for, over those who hold one when the price is for everybody. complete
// is false when a charge could not be converted and is left out.
func (r *Register) Places(s Subscription, day cal.Date) (places []Place, complete bool) {
	for _, seat := range s.Seats {
		if seat.HeldOn(day) {
			places = append(places, Place{Seat: seat})
		}
	}
	t := s.TermsOn(day)
	if t.PerSeat {
		for len(places) < t.Seats {
			places = append(places, Place{})
		}
	}
	total, complete := r.YearlyCost(s, day)
	if len(places) == 0 {
		return nil, complete
	}
	for i, share := range total.Split(len(places)) {
		places[i].Yearly = share
	}
	return places, complete
}

// FreePlaces counts the places nobody holds and what they cost a year.
func FreePlaces(places []Place) (n int, yearly money.Amount) {
	yearly = money.Zero(money.EUR)
	for _, p := range places {
		if p.Seat.PersonID == 0 {
			n++
			yearly = yearly.Add(p.Yearly)
		}
	}
	return n, yearly
}

// Held is one seat of a person: of which subscription, since when, at what share of its yearly cost.
type Held struct {
	Subscription Subscription
	Seat         Seat
	Yearly       money.Amount
	Complete     bool // false when a charge could not be converted and is left out of Yearly
}

// PersonCost is what the seats of one person cost a year.
type PersonCost struct {
	Held     []Held
	Yearly   money.Amount
	Complete bool // false when a subscription could not be converted in full
}

// CostByPerson tells for everybody who holds a seat on a day which ones, and what they cost a year. Subscriptions in
// which nobody holds a seat are nobody's.
func (r *Register) CostByPerson(day cal.Date) map[ID]PersonCost {
	by := make(map[ID]PersonCost, len(r.People))
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if len(s.Seats) == 0 || s.Over(day) {
			continue
		}
		places, complete := r.Places(*s, day)
		for _, p := range places {
			if p.Seat.PersonID == 0 {
				continue
			}
			c, known := by[p.Seat.PersonID]
			if !known {
				c = PersonCost{Yearly: money.Zero(money.EUR), Complete: true}
			}
			c.Held = append(c.Held, Held{Subscription: *s, Seat: p.Seat, Yearly: p.Yearly, Complete: complete})
			c.Yearly = c.Yearly.Add(p.Yearly)
			c.Complete = c.Complete && complete
			by[p.Seat.PersonID] = c
		}
	}
	return by
}

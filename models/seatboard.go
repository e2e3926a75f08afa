package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// SeatBoard is who holds which place on a day and what that costs, counted over the twelve months that follow. Held,
// Free, Nobody and Later add up to Yearly to the cent, and so do the functions; what the people cost adds up to Held.
type SeatBoard struct {
	Lines     []SeatLine      // what runs, by subscription ID
	Functions []FunctionSeats // those that cost or are in use, in the organisation's order
	People    []PersonSeats   // everybody here, and whoever holds a place; by person ID
	Yearly    money.Amount    // the run rate
	Held      money.Amount    // of places somebody holds
	Free      money.Amount    // of places paid one by one that nobody holds
	Nobody    money.Amount    // of what is paid as a whole while nobody is named as its user
	Later     money.Amount    // of what begins after the day
	Complete  bool            // false when a charge could not be converted and is left out
}

// SeatLine is the places of one subscription.
type SeatLine struct {
	Subscription Subscription
	Function     ID // of its service
	Places       []Place
	Paid         int // places paid one by one; 0 when the price is for everybody
	Held         int
	Free         int      // of Paid, held by nobody
	FreeSince    cal.Date // the day from which, without a break, not all were held; zero when all are
	Yearly       money.Amount
	FreeYearly   money.Amount
	Complete     bool
}

// PersonSeats is a person with what they hold.
type PersonSeats struct {
	Person Person
	PersonCost
}

// FunctionSeats is what the services of one function cost a year, and their places.
type FunctionSeats struct {
	Function   Function // its ID is zero for services whose function is not known
	Services   int      // in use
	Held, Free int      // places
	Yearly     money.Amount
	Complete   bool
}

// SeatBoard lists the places of everything that runs on a day. A place of a free plan costs nothing, so none of it is
// told as paid for nothing.
func (r *Register) SeatBoard(day cal.Date) SeatBoard {
	zero := money.Zero(money.EUR)
	b := SeatBoard{Held: zero, Free: zero, Nobody: zero, Later: zero}
	b.Yearly, b.Complete = r.RunRate(day)
	functions := map[ID]*FunctionSeats{}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		f := r.functionSeats(functions, s.ServiceID)
		if !s.RunsOn(day) {
			yearly, complete := r.yearlyCost(s, day)
			b.Later = b.Later.Add(yearly)
			f.Yearly, f.Complete = f.Yearly.Add(yearly), f.Complete && complete
			continue
		}
		l := r.seatLine(s, day)
		switch {
		case len(l.Places) == 0:
			b.Nobody = b.Nobody.Add(l.Yearly)
		default:
			b.Free, b.Held = b.Free.Add(l.FreeYearly), b.Held.Add(l.Yearly.Sub(l.FreeYearly))
		}
		f.Services++
		f.Held, f.Free = f.Held+l.Held, f.Free+l.Free
		f.Yearly, f.Complete = f.Yearly.Add(l.Yearly), f.Complete && l.Complete
		b.Lines = append(b.Lines, l)
	}
	b.Functions = r.inOrder(functions)
	b.People = r.peopleWithSeats(day)
	return b
}

// functionSeats are those that a service belongs to.
func (r *Register) functionSeats(sums map[ID]*FunctionSeats, service ID) *FunctionSeats {
	var of Function
	if sv, ok := r.service(service); ok {
		of, _ = r.Function(sv.FunctionID)
	}
	if sums[of.ID] == nil {
		sums[of.ID] = &FunctionSeats{Function: of, Yearly: money.Zero(money.EUR), Complete: true}
	}
	return sums[of.ID]
}

// inOrder leaves out functions of which nothing is in use or costs anything.
func (r *Register) inOrder(sums map[ID]*FunctionSeats) []FunctionSeats {
	var list []FunctionSeats
	for _, f := range sums {
		if f.Services > 0 || !f.Yearly.IsZero() || !f.Complete {
			list = append(list, *f)
		}
	}
	slices.SortFunc(list, func(a, b FunctionSeats) int {
		if (a.Function.ID == 0) != (b.Function.ID == 0) {
			return cmp.Compare(b.Function.ID, a.Function.ID) // the unknown one last
		}
		return cmp.Or(cmp.Compare(a.Function.Position, b.Function.Position), cmp.Compare(a.Function.ID, b.Function.ID))
	})
	return list
}

// peopleWithSeats leaves out those who have left, unless they still hold a place.
func (r *Register) peopleWithSeats(day cal.Date) []PersonSeats {
	costs := r.CostByPerson(day)
	var list []PersonSeats
	for _, p := range r.People {
		c, holds := costs[p.ID]
		if !holds {
			c = PersonCost{Yearly: money.Zero(money.EUR), Complete: true}
		}
		if holds || p.HereOn(day) {
			list = append(list, PersonSeats{p, c})
		}
	}
	return list
}

func (r *Register) seatLine(s *Subscription, day cal.Date) SeatLine {
	l := SeatLine{Subscription: *s}
	if sv, ok := r.service(s.ServiceID); ok {
		l.Function = sv.FunctionID
	}
	l.Places, l.Complete = r.Places(*s, day)
	l.Yearly, _ = r.yearlyCost(s, day)
	free, yearly := FreePlaces(l.Places)
	l.Held, l.FreeYearly = len(l.Places)-free, yearly
	if r.tierOf(s.PlanID) != Premium {
		return l
	}
	if t := s.termsOn(day); t.PerSeat {
		l.Paid, l.Free = t.Seats, free
	}
	if l.Free > 0 {
		l.FreeSince = s.freeSince(day)
	}
	return l
}

// freeSince goes back from a day on which a place is free to the day from which one always was.
func (s *Subscription) freeSince(day cal.Date) cal.Date {
	days := []cal.Date{s.StartedOn}
	for i := range s.Terms {
		days = append(days, s.Terms[i].From)
	}
	for _, seat := range s.Seats {
		days = append(days, seat.From, seat.To)
	}
	slices.SortFunc(days, func(a, b cal.Date) int { return b.Compare(a) })
	since := day
	for _, d := range slices.Compact(days) {
		if d.IsZero() || d.After(day) || d.Before(s.StartedOn) {
			continue
		}
		if t := s.termsOn(d); !t.PerSeat || s.SeatsHeld(d) >= t.Seats {
			return since
		}
		since = d
	}
	return since
}

// WithoutSeat are those here on the day who hold no place: nobody counts them among the users of anything.
func (b SeatBoard) WithoutSeat() []Person {
	var list []Person
	for _, p := range b.People {
		if len(p.Held) == 0 {
			list = append(list, p.Person)
		}
	}
	return list
}

// FreePlaces counts the places paid one by one that nobody holds.
func (b SeatBoard) FreePlaces() int {
	n := 0
	for i := range b.Lines {
		n += b.Lines[i].Free
	}
	return n
}

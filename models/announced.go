package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// AnnouncedKind is what is known to change on a day ahead.
type AnnouncedKind string

// What can be announced.
const (
	AnnouncedPrice  AnnouncedKind = "price"  // another price
	AnnouncedSeats  AnnouncedKind = "seats"  // more or fewer paid places
	AnnouncedStart  AnnouncedKind = "start"  // a subscription begins
	AnnouncedTrial  AnnouncedKind = "trial"  // one begins that costs later
	AnnouncedSwitch AnnouncedKind = "switch" // another plan takes over
	AnnouncedEnd    AnnouncedKind = "end"    // a subscription ends
	AnnouncedCost   AnnouncedKind = "cost"   // the first day that costs: a trial or a grant ends
	AnnouncedClose  AnnouncedKind = "close"  // the vendor ends the service
)

// Announced is one change that is known of ahead.
type Announced struct {
	Kind             AnnouncedKind
	ServiceID        ID
	On               cal.Date
	Was, Now         money.Amount // of a period (one place of it for a price by place), as billed; AnnouncedPrice, AnnouncedCost, AnnouncedStart: Now
	SeatsWas, Seats  int          // AnnouncedSeats
	PlanWas, PlanNow ID           // AnnouncedSwitch
}

// Announced are the changes known on a day that take place on later days of a span, by day. Services out of sight and
// what costs nothing either way are left out.
func (r *Register) Announced(in cal.Span, day cal.Date) []Announced {
	in.From = cal.Max(in.From, day.AddDays(1))
	var all []Announced
	add := func(a Announced) {
		if in.Contains(a.On) {
			all = append(all, a)
		}
	}
	for i := range r.Services {
		sv := &r.Services[i]
		if sv.Archived() {
			continue
		}
		if _, used := r.running(sv.ID, day); used && !sv.ClosesOn.IsZero() {
			add(Announced{Kind: AnnouncedClose, ServiceID: sv.ID, On: sv.ClosesOn})
		}
		for _, at := range r.subsOf[sv.ID] {
			r.announce(&r.Subscriptions[at], day, add)
		}
	}
	slices.SortStableFunc(all, func(a, b Announced) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.ServiceID, b.ServiceID))
	})
	return all
}

// announce tells of one subscription.
func (r *Register) announce(s *Subscription, day cal.Date, add func(Announced)) {
	if s.neverBegan() || s.Over(day) || s.free() {
		return
	}
	if s.StartedOn.After(day) {
		if before := r.replaced(s); before != nil {
			add(Announced{Kind: AnnouncedSwitch, ServiceID: s.ServiceID, On: s.StartedOn, PlanWas: before.PlanID, PlanNow: s.PlanID})
		} else if s.firstCost().After(s.StartedOn) {
			add(Announced{Kind: AnnouncedTrial, ServiceID: s.ServiceID, On: s.StartedOn})
		} else {
			add(Announced{Kind: AnnouncedStart, ServiceID: s.ServiceID, On: s.StartedOn, Now: s.TermsOn(s.StartedOn).Billed()})
		}
	}
	if first := s.firstCost(); first.After(cal.Max(day, s.StartedOn)) && !s.Over(first) {
		add(Announced{Kind: AnnouncedCost, ServiceID: s.ServiceID, On: first, Now: s.TermsOn(first).Billed()})
	}
	if !s.EndsOn.IsZero() {
		next, ok := r.subscription(s.SuccessorID)
		if !ok {
			add(Announced{Kind: AnnouncedEnd, ServiceID: s.ServiceID, On: s.EndsOn})
		} else if next.free() { // what takes over and costs is told by its own beginning
			add(Announced{Kind: AnnouncedSwitch, ServiceID: s.ServiceID, On: s.EndsOn, PlanWas: s.PlanID, PlanNow: next.PlanID})
		}
	}
	for i := 1; i < len(s.Terms); i++ {
		was, now := &s.Terms[i-1], &s.Terms[i]
		if !now.From.After(day) || s.Over(now.From) {
			continue
		}
		if was.Price != now.Price || was.PerSeat != now.PerSeat {
			add(Announced{Kind: AnnouncedPrice, ServiceID: s.ServiceID, On: now.From, Was: was.Price, Now: now.Price})
		}
		if now.PerSeat && was.PerSeat && was.Seats != now.Seats {
			add(Announced{Kind: AnnouncedSeats, ServiceID: s.ServiceID, On: now.From, SeatsWas: was.Seats, Seats: now.Seats})
		}
	}
}

// replaced is the subscription another takes over from.
func (r *Register) replaced(s *Subscription) *Subscription {
	for _, at := range r.subsOf[s.ServiceID] {
		if before := &r.Subscriptions[at]; before.SuccessorID == s.ID {
			return before
		}
	}
	return nil
}

package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
)

// EventKind is what happened to a service on a day.
type EventKind string

// What the story of a service tells.
const (
	EventStart    EventKind = "start"    // a subscription begins
	EventTerms    EventKind = "terms"    // its price or its seats change
	EventPayment  EventKind = "payment"  // one that stands
	EventWaiver   EventKind = "waiver"   // an expected charge that will not be paid
	EventDecision EventKind = "decision" // taken about the service
	EventCancel   EventKind = "cancel"   // cancelled on that day, to end later
	EventEnd      EventKind = "end"      // first day without
	EventSwitch   EventKind = "switch"   // another plan takes over
	EventTrial    EventKind = "trial"    // a trial or a grant ends
	EventRenewal  EventKind = "renewal"  // still to come
)

// Event is one thing of a service's story; beside day and kind it carries what it is about and leaves the rest empty.
type Event struct {
	On           cal.Date
	Kind         EventKind
	Subscription Subscription
	Next         Subscription // EventSwitch: the one that takes over
	Terms        Terms
	Before       Terms // EventTerms: those before
	Payment      Payment
	Waiver       Waiver
	Decision     Decision
	Charge       Charge // EventRenewal
}

// Story is what happened to a service and what is coming, newest first, as known on a day: of what is coming, the next
// two renewals.
func (r *Register) Story(service ID, day cal.Date) []Event {
	var all []Event
	taken := map[ID]bool{} // subscriptions that took over from another: their switch tells their start
	subs := r.SubscriptionsOf(service)
	for _, s := range subs {
		if s.SuccessorID != 0 {
			taken[s.SuccessorID] = true
		}
	}
	for _, s := range subs {
		if !taken[s.ID] {
			all = append(all, Event{On: s.StartedOn, Kind: EventStart, Subscription: s, Terms: s.TermsOn(s.StartedOn)})
		}
		all = r.appendLife(all, s, day)
	}
	for _, p := range r.PaymentsOf(service) {
		if p.Stands() {
			all = append(all, Event{On: p.PaidOn, Kind: EventPayment, Payment: p})
		}
	}
	for _, w := range r.Waivers {
		if s, ok := r.Subscription(w.SubscriptionID); ok && s.ServiceID == service {
			all = append(all, Event{On: w.ChargeOn, Kind: EventWaiver, Waiver: w, Subscription: s})
		}
	}
	for _, d := range r.DecisionsOf(service) {
		if !toldOtherwise(all, d) {
			all = append(all, Event{On: d.On, Kind: EventDecision, Decision: d})
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		return cmp.Or(b.On.Compare(a.On), cmp.Compare(eventRank[b.Kind], eventRank[a.Kind]))
	})
	return all
}

// eventRank orders what happens on one day, first to last.
var eventRank = map[EventKind]int{
	EventDecision: 0, EventCancel: 1, EventEnd: 2, EventStart: 3, EventSwitch: 3, EventTrial: 4, EventTerms: 5, EventRenewal: 6, EventWaiver: 7, EventPayment: 8,
}

func (r *Register) appendLife(all []Event, s Subscription, day cal.Date) []Event {
	for i, t := range s.Terms {
		if i > 0 {
			all = append(all, Event{On: t.From, Kind: EventTerms, Subscription: s, Terms: t, Before: s.Terms[i-1]})
		}
	}
	if end := cal.Max(s.TrialEnds, s.GrantEnds); !end.IsZero() && (s.EndsOn.IsZero() || !end.After(s.EndsOn)) {
		all = append(all, Event{On: end, Kind: EventTrial, Subscription: s, Terms: s.TermsOn(end)})
	}
	if next, ok := r.Subscription(s.SuccessorID); ok {
		return append(all, Event{On: s.EndsOn, Kind: EventSwitch, Subscription: s, Next: next, Terms: next.TermsOn(next.StartedOn)})
	}
	if !s.EndsOn.IsZero() {
		if s.CancelledOn.Before(s.EndsOn) && !s.CancelledOn.IsZero() {
			all = append(all, Event{On: s.CancelledOn, Kind: EventCancel, Subscription: s})
		}
		all = append(all, Event{On: s.EndsOn, Kind: EventEnd, Subscription: s})
	}
	const ahead = 2
	shown := 0
	for _, c := range r.openChargesOf(s, cal.Span{From: day.AddDays(1), To: day.AddMonths(37)}, day) {
		if shown == ahead {
			break
		}
		all = append(all, Event{On: c.On, Kind: EventRenewal, Subscription: s, Terms: s.TermsOn(c.On), Charge: c})
		shown++
	}
	return all
}

// toldOtherwise tells whether a decision is the same act as a cancellation or a switch that the story tells already.
func toldOtherwise(all []Event, d Decision) bool {
	return slices.ContainsFunc(all, func(e Event) bool {
		if e.Subscription.ID != d.SubscriptionID || d.SubscriptionID == 0 || e.Subscription.CancelReason != d.Reason {
			return false
		}
		switch d.Kind {
		case Drop:
			return e.Kind == EventCancel || (e.Kind == EventEnd && e.On == d.On)
		case Upgrade, Downgrade, Replace:
			return e.Kind == EventSwitch && e.On == d.On
		case Keep, StayFree, Decline:
		}
		return false
	})
}

// TermsSpan is the stretch of days over which a subscription's prices are worth drawing: from its start to its end, or
// a year past today and past the last change.
func (s Subscription) TermsSpan(day cal.Date) cal.Span {
	to := day.AddMonths(12)
	if n := len(s.Terms); n > 0 {
		to = cal.Max(to, s.Terms[n-1].From.AddMonths(6))
	}
	if !s.EndsOn.IsZero() {
		to = s.EndsOn
	}
	return cal.Span{From: s.StartedOn, To: to}
}

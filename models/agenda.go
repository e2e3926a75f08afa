package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// MarkKind is what a day of the calendar is marked for.
type MarkKind string

// What the calendar shows, in the order of one day.
const (
	MarkRenewal  MarkKind = "renewal" // a charge is expected
	MarkDecide   MarkKind = "decide"  // last day to prevent one
	MarkTrial    MarkKind = "trial"   // a trial ends: first day that costs
	MarkGrant    MarkKind = "grant"   // something given for nothing ends, likewise
	MarkEnds     MarkKind = "ends"    // first day without a cancelled subscription
	MarkClosing  MarkKind = "closing" // the vendor ends the service
	MarkFreeLook MarkKind = "look"    // a free plan is looked at again
	MarkCard     MarkKind = "card"    // last day a card is good
)

var markOrder = []MarkKind{MarkDecide, MarkRenewal, MarkTrial, MarkGrant, MarkEnds, MarkClosing, MarkFreeLook, MarkCard}

// Mark is one thing that happens on a day of the calendar.
type Mark struct {
	Kind           MarkKind
	On             cal.Date
	ServiceID      ID     // 0 for a card
	SubscriptionID ID     // 0 for a card and for a closing service
	MeansID        ID     // MarkCard only
	Charge         Charge // MarkRenewal and MarkDecide: the charge it is about; what is left of an open one
}

// Marks is what happens in a half-open span, day by day, its charges valued as known on day asOf. Decide-by days are
// of the charges they would prevent, which mostly fall after the span; those of answered renewals are no more.
func (r *Register) Marks(in cal.Span, asOf cal.Date) []Mark {
	var all []Mark
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if sv, ok := r.Service(s.ServiceID); !ok || sv.Archived() {
			continue
		}
		all = r.appendChargeMarks(all, s, in, asOf)
		for _, e := range []Mark{{Kind: MarkTrial, On: s.TrialEnds}, {Kind: MarkGrant, On: s.GrantEnds}, {Kind: MarkEnds, On: s.EndsOn}, {Kind: MarkFreeLook, On: s.LookOn}} {
			stays := e.Kind == MarkEnds || !s.Over(e.On)
			if !e.On.IsZero() && in.Contains(e.On) && stays && (e.Kind != MarkFreeLook || r.TierOf(*s) == Free) {
				e.ServiceID, e.SubscriptionID = s.ServiceID, s.ID
				all = append(all, e)
			}
		}
	}
	for _, sv := range r.Services {
		if s, used := r.Current(sv.ID); used && !sv.Archived() && in.Contains(sv.ClosesOn) && !s.Over(sv.ClosesOn) {
			all = append(all, Mark{Kind: MarkClosing, On: sv.ClosesOn, ServiceID: sv.ID})
		}
	}
	for _, m := range r.Means {
		if in.Contains(m.ExpiresOn) {
			all = append(all, Mark{Kind: MarkCard, On: m.ExpiresOn, MeansID: m.ID})
		}
	}
	slices.SortStableFunc(all, func(a, b Mark) int {
		return cmp.Or(a.On.Compare(b.On), slices.Index(markOrder, a.Kind)-slices.Index(markOrder, b.Kind), cmp.Compare(a.SubscriptionID, b.SubscriptionID))
	})
	return all
}

// appendChargeMarks adds a subscription's charges of the span, and the decide-by days of those that follow.
func (r *Register) appendChargeMarks(all []Mark, s *Subscription, in cal.Span, asOf cal.Date) []Mark {
	// The decide-by day of the first occurrence after the span says how far ahead one of the span's can reach.
	reach := in.To.AddDays(r.Organisation.MarginDays)
	said := func(renewal cal.Date) cal.Date {
		return cal.WorkdayOnOrBefore(s.DecideBy(renewal, r.Organisation.MarginDays))
	}
	for said(reach).Before(in.To) {
		reach = reach.AddDays(max(said(reach).DaysUntil(in.To), 1))
	}
	for _, c := range r.ChargesOf(*s, cal.Span{From: in.From, To: reach.AddDays(1)}, asOf) {
		open := r.openOn(c.SubscriptionID, c.On, asOf) && r.lessPaid(&c, asOf)
		e := Mark{ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, Charge: c}
		if in.Contains(c.On) {
			e.Kind, e.On = MarkRenewal, c.On
			all = append(all, e)
		}
		if by := c.SaidBy(asOf); in.Contains(by) && !c.DecideBy.Before(s.StartedOn) && !c.On.Before(s.FixedUntil) && s.EndsOn.IsZero() && open {
			if _, answered := r.AnswerTo(*s, c.On); !answered {
				e.Kind, e.On = MarkDecide, by
				all = append(all, e)
			}
		}
	}
	return all
}

// Total adds up charges at the cost the organisation bears, in euros; left counts those without a rate, which are not
// in it.
func Total(charges []Charge) (total money.Amount, left int) {
	total = money.Zero(money.EUR)
	for _, c := range charges {
		if c.Conversion.OK() {
			total = total.Add(c.Cost)
		} else {
			left++
		}
	}
	return total, left
}

package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Charge is an expected cost on a day, covering a period. It is computed from a subscription's terms whenever somebody
// asks, never stored.
type Charge struct {
	SubscriptionID ID
	ServiceID      ID
	K              int // the how-manieth period, from 0
	On             cal.Date
	Period         cal.Span
	Billed         money.Amount // as the vendor will invoice it, in its currency
	Conversion     Conversion   // of Billed
	Cost           money.Amount // what the organisation will bear, in euros; none when not converted
	DecideBy       cal.Date     // last day to prevent it
	Locked         bool         // cannot be prevented any more
}

// Settled tells how a charge was answered.
type Settled string

// How a charge was answered.
const (
	Open   Settled = ""
	Paid   Settled = "paid"
	Waived Settled = "waived"
)

// Charges are the expected charges that fall in the half-open span, in order of day and then subscription, valued as
// known on day asOf. It is the one answer to "which charges fall in this period"; settled ones are among them.
func (r *Register) Charges(in cal.Span, asOf cal.Date) []Charge {
	var all []Charge
	for i := range r.Subscriptions {
		all = r.appendCharges(all, &r.Subscriptions[i], in, asOf)
	}
	slices.SortStableFunc(all, func(a, b Charge) int { return a.On.Compare(b.On) })
	return all
}

// ChargesOf are one subscription's, likewise.
func (r *Register) ChargesOf(s Subscription, in cal.Span, asOf cal.Date) []Charge {
	return r.appendCharges(nil, &s, in, asOf)
}

func (r *Register) appendCharges(all []Charge, s *Subscription, in cal.Span, asOf cal.Date) []Charge {
	if len(s.Terms) == 0 || (len(s.Terms) == 1 && s.Terms[0].Price.IsZero()) {
		return all
	}
	if !s.EndsOn.IsZero() && s.EndsOn.Before(in.To) {
		in.To = s.EndsOn
	}
	if first := s.firstCost(); first.After(in.From) {
		in.From = first
	}
	if !in.From.Before(in.To) {
		return all
	}
	abroad := r.vendorsAbroad[s.ServiceID]
	for k, on := range s.Cadence.In(s.Anchor, in) {
		billed := s.TermsOn(on).Billed()
		if billed.IsZero() || billed.IsNone() {
			continue
		}
		c := Charge{
			SubscriptionID: s.ID, ServiceID: s.ServiceID, K: k, On: on, Period: s.Cadence.Period(s.Anchor, k),
			Billed: billed, Conversion: r.rates.convert(billed, on, asOf),
			DecideBy: s.DecideBy(on, r.Organisation.MarginDays),
		}
		if k == 0 && s.TrialEnds.IsZero() { // signing up was the decision
			c.DecideBy = s.StartedOn.AddDays(-1)
		}
		c.Locked = c.DecideBy.Before(asOf) || on.Before(s.FixedUntil)
		if c.Conversion.OK() {
			c.Cost = r.Organisation.VATStatusOn(on).expectedCost(c.Conversion.EUR, abroad)
		}
		all = append(all, c)
	}
	return all
}

// Settlement tells how a charge was answered, and by which payment or waiver.
func (r *Register) Settlement(c Charge) (Settled, ID) {
	id, ok := r.settled[chargeKey{c.SubscriptionID, c.On}]
	if !ok {
		return Open, 0
	}
	if _, paid := r.Payment(id); paid {
		return Paid, id
	}
	return Waived, id
}

// IsOpen tells whether nothing has settled the charge yet.
func (r *Register) IsOpen(c Charge) bool {
	_, settled := r.settled[chargeKey{c.SubscriptionID, c.On}]
	return !settled
}

// Charge is the one of a subscription on a day, as known on day asOf.
func (r *Register) Charge(subscription ID, on, asOf cal.Date) (Charge, bool) {
	s, ok := r.Subscription(subscription)
	if !ok {
		return Charge{}, false
	}
	for _, c := range r.ChargesOf(s, cal.Span{From: on, To: on.AddDays(1)}, asOf) {
		return c, true
	}
	return Charge{}, false
}

// Due are the open charges up to and including a day, since the register began: each is to be recorded or waived.
func (r *Register) Due(day cal.Date) []Charge {
	from := r.Organisation.KeptFrom
	if from.IsZero() {
		from = r.Year(day).Span().From
	}
	all := r.Charges(cal.Span{From: from, To: day.AddDays(1)}, day)
	return slices.DeleteFunc(all, func(c Charge) bool { return !r.IsOpen(c) })
}

// HasSettlements tells whether a payment or a waiver stands on a charge of the subscription: its anchor and cadence
// can then not be moved any more without losing what they answer.
func (r *Register) HasSettlements(subscription ID) bool {
	for key := range r.settled {
		if key.subscription == subscription {
			return true
		}
	}
	return false
}

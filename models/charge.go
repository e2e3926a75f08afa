package models

import (
	"iter"
	"slices"
	"sort"

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
	// DecideBy is the last day to prevent it; the day before the start where signing up was the decision (the first
	// charge, or one inside a fixed term).
	DecideBy cal.Date
	// Locked tells that it cannot be prevented any more: the decide-by day has passed, or it lies in a fixed term.
	// Without tacit renewal only the first charge and a fixed term bind.
	Locked bool
}

// SaidBy is the decide-by day as people are told it on a day: one that is no working day is announced earlier, never
// later, for nobody posts a letter on a Sunday. On such a day itself it is that day.
func (c Charge) SaidBy(today cal.Date) cal.Date {
	if c.DecideBy.Before(today) {
		return c.DecideBy
	}
	return cal.Max(cal.WorkdayOnOrBefore(c.DecideBy), today)
}

// Stake is what the charge puts at stake: its cost in euros, or as invoiced when it could not be converted.
func (c Charge) Stake() money.Amount {
	if c.Conversion.OK() {
		return c.Cost
	}
	return c.Billed
}

// Settled tells how a charge was answered.
type Settled string

// How a charge was answered.
const (
	Open   Settled = ""
	Paid   Settled = "paid"
	Waived Settled = "waived"
)

// chargeKey names one expected charge: a subscription and the day.
type chargeKey struct {
	subscription ID
	on           cal.Date
}

// answer is the payment or the waiver that settles a charge, and the day of it.
type answer struct {
	by ID
	on cal.Date
}

// Charges are the expected charges that fall in the half-open span, in order of day and then subscription, valued as
// known on day asOf. It is the one answer to "which charges fall in this period"; settled ones are among them.
func (r *Register) Charges(in cal.Span, asOf cal.Date) []Charge {
	return r.charges(in, asOf, func(*Subscription, cal.Date) bool { return true })
}

// openCharges are those of them that were open on the day.
func (r *Register) openCharges(in cal.Span, day cal.Date) []Charge {
	return r.charges(in, day, func(s *Subscription, on cal.Date) bool { return r.openOn(s.ID, on, day) })
}

// charges sorts and sifts days before it makes charges of them: they are a tenth of the size, and most of a year's have
// been paid when somebody asks.
func (r *Register) charges(in cal.Span, asOf cal.Date, wanted func(s *Subscription, on cal.Date) bool) []Charge {
	type occurrence struct{ subscription, k int }
	all, order := make([]occurrence, 0, 2*len(r.Subscriptions)), make([]uint64, 0, 2*len(r.Subscriptions))
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		for k, on := range s.chargedIn(in) {
			if wanted(s, on) {
				order = append(order, uint64(in.From.DaysUntil(on))<<32|uint64(len(all))) //nolint:gosec // never before the span
				all = append(all, occurrence{i, k})
			}
		}
	}
	slices.Sort(order)
	charges := make([]Charge, 0, len(all))
	for _, at := range order {
		o := all[uint32(at)] //nolint:gosec // the lower half is the index
		if c, ok := r.charge(&r.Subscriptions[o.subscription], o.k, in.From.AddDays(int(at>>32)), asOf); ok {
			charges = append(charges, c)
		}
	}
	return charges
}

// ChargesOf are one subscription's, likewise.
func (r *Register) ChargesOf(s Subscription, in cal.Span, asOf cal.Date) []Charge {
	var charges []Charge
	for k, on := range s.chargedIn(in) {
		if c, ok := r.charge(&s, k, on, asOf); ok {
			charges = append(charges, c)
		}
	}
	return charges
}

// chargedIn yields the periods that begin in the span and may cost something, by number and day, in order.
func (s *Subscription) chargedIn(in cal.Span) iter.Seq2[int, cal.Date] {
	if s.free() {
		return func(func(int, cal.Date) bool) {}
	}
	if !s.EndsOn.IsZero() && s.EndsOn.Before(in.To) {
		in.To = s.EndsOn
	}
	if first := s.firstCost(); first.After(in.From) {
		in.From = first
	}
	return s.Cadence.In(s.Anchor, in)
}

// charge is the one of period k, which falls on day on; false when that period costs nothing.
func (r *Register) charge(s *Subscription, k int, on, asOf cal.Date) (Charge, bool) {
	billed := s.termsOn(on).Billed()
	if billed.IsZero() {
		return Charge{}, false
	}
	c := Charge{
		SubscriptionID: s.ID, ServiceID: s.ServiceID, K: k, On: on, Period: s.Cadence.Period(s.Anchor, k),
		Billed: billed, Conversion: r.rates.convert(billed, on, asOf),
		DecideBy: s.decideBy(k, on, r.Organisation.MarginDays),
	}
	c.Locked = s.lockedOn(asOf, k, on, c.DecideBy)
	if c.Conversion.OK() {
		c.Cost = r.Organisation.vatStatusOn(on).expectedCost(c.Conversion.EUR, r.vendorsAbroad[s.ServiceID])
	}
	return c, true
}

// Settlement tells how a charge was answered, and by which payment or waiver.
func (r *Register) Settlement(c Charge) (Settled, ID) {
	a, ok := r.settled[chargeKey{c.SubscriptionID, c.On}]
	if !ok {
		return Open, 0
	}
	if _, paid := r.Payment(a.by); paid {
		return Paid, a.by
	}
	return Waived, a.by
}

// IsOpen tells whether nothing has settled the charge yet.
func (r *Register) IsOpen(c Charge) bool {
	_, settled := r.settled[chargeKey{c.SubscriptionID, c.On}]
	return !settled
}

// openOn tells whether nothing had settled the charge of a day by another day. A payment made later leaves it open on
// that day: it is not among what was spent by then, and must not vanish from what was to come.
func (r *Register) openOn(subscription ID, on, day cal.Date) bool {
	a, settled := r.settled[chargeKey{subscription, on}]
	return !settled || a.on.After(day)
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

// Due are the charges up to and including a day that were open on it, since the register began: each is to be recorded
// or waived.
func (r *Register) Due(day cal.Date) []Charge {
	return r.openCharges(r.dueSpan(day), day)
}

// dueSpan is the days whose charges are to be answered by a day, from the one the register began.
func (r *Register) dueSpan(day cal.Date) cal.Span {
	return cal.Span{From: r.keptFrom(day), To: day.AddDays(1)}
}

// keptFrom is the day the register began; when that is not said, the fiscal year of the day.
func (r *Register) keptFrom(day cal.Date) cal.Date {
	if from := r.Organisation.KeptFrom; !from.IsZero() {
		return from
	}
	return r.Year(day).Span().From
}

// between are the charges, ordered by day, that fall in a span.
func between(charges []Charge, in cal.Span) []Charge {
	at := func(d cal.Date) int {
		return sort.Search(len(charges), func(i int) bool { return !charges[i].On.Before(d) })
	}
	from, to := at(in.From), at(in.To)
	return charges[from:max(from, to)]
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

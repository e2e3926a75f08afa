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
	Billed         money.Amount // as the vendor will invoice it, in its currency; of an open charge what is left to pay
	Paid           money.Amount // what parts of it have paid, of an open charge; none when nothing has
	Conversion     Conversion   // of Billed
	Cost           money.Amount // what the organisation will bear, in euros; none when not converted
	// Again is the day it fell due again, in a Position only: a payment of it was undone in a later fiscal year than its
	// own. A charge of which a part did is two there, each with its own Billed. Zero when it is due on On.
	Again cal.Date
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

// passing is an answer of another kind: it stood until a later day took it back, or pays a part of the charge only.
type passing struct {
	answer
	until cal.Date     // first day without it; zero while it stands
	part  money.Amount // what it pays; none when it answered the charge in whole
}

// held tells whether the answer had been given by a day and not been taken back.
func (a *passing) held(day cal.Date) bool {
	return !a.on.After(day) && (a.until.IsZero() || a.until.After(day))
}

// partsPaid adds up the parts of a charge in its currency that were paid by a day.
func partsPaid(answers []passing, in money.Currency, day cal.Date) money.Amount {
	paid := money.Zero(in)
	for i := range answers {
		if a := &answers[i]; a.part.Currency() == in && a.held(day) {
			paid = paid.Add(a.part)
		}
	}
	return paid
}

// Charges are the expected charges that fall in the half-open span, in order of day and then subscription, valued as
// known on day asOf. It is the one answer to "which charges fall in this period"; settled ones are among them.
func (r *Register) Charges(in cal.Span, asOf cal.Date) []Charge {
	return r.charges(in, asOf, func(*Subscription, cal.Date) bool { return true })
}

// openCharges are those of them that were open on the day, each with what was left of it.
func (r *Register) openCharges(in cal.Span, day cal.Date) []Charge {
	open := r.charges(in, day, func(s *Subscription, on cal.Date) bool { return r.openOn(s.ID, on, day) })
	return r.lessParts(open, day)
}

// openChargesOf are one subscription's, likewise.
func (r *Register) openChargesOf(s Subscription, in cal.Span, day cal.Date) []Charge {
	open := slices.DeleteFunc(r.ChargesOf(s, in, day), func(c Charge) bool { return !r.openOn(c.SubscriptionID, c.On, day) })
	return r.lessParts(open, day)
}

// lessParts takes what had been paid in parts by a day off charges, and those that had so been paid up out of them.
func (r *Register) lessParts(charges []Charge, day cal.Date) []Charge {
	if len(r.passing) == 0 {
		return charges
	}
	kept := charges[:0]
	for i := range charges {
		if c := &charges[i]; r.lessPaid(c, day) {
			kept = append(kept, *c)
		}
	}
	return kept
}

// lessPaid makes of a charge what is left of it by a day; false when nothing is.
func (r *Register) lessPaid(c *Charge, day cal.Date) bool {
	paid := partsPaid(r.passing[chargeKey{c.SubscriptionID, c.On}], c.Billed.Currency(), day)
	switch {
	case paid.IsZero():
		return true
	case !paid.Less(c.Billed):
		return false
	}
	c.Billed, c.Paid = c.Billed.Sub(paid), paid
	r.value(c, day)
	return true
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
		Billed: billed, DecideBy: s.decideBy(k, on, r.Organisation.MarginDays),
	}
	c.Locked = s.lockedOn(asOf, k, on, c.DecideBy)
	r.value(&c, asOf)
	return c, true
}

// openCharge is charge as it was open on the day, with what was left of it.
func (r *Register) openCharge(s *Subscription, k int, on, day cal.Date) (Charge, bool) {
	if !r.openOn(s.ID, on, day) {
		return Charge{}, false
	}
	c, ok := r.charge(s, k, on, day)
	return c, ok && r.lessPaid(&c, day)
}

// value says what the charge is in euros, and what of it the organisation will bear, as known on a day.
func (r *Register) value(c *Charge, asOf cal.Date) {
	c.Conversion, c.Cost = r.rates.convert(c.Billed, c.On, asOf), money.Amount{}
	if c.Conversion.OK() {
		c.Cost = r.Organisation.vatStatusOn(c.On).expectedCost(c.Conversion.EUR, r.vendorsAbroad[c.ServiceID])
	}
}

// Settlement tells how a charge was answered, and by which payment or waiver; by the last of several parts.
func (r *Register) Settlement(c Charge) (Settled, ID) {
	key := chargeKey{c.SubscriptionID, c.On}
	if a, ok := r.settled[key]; ok {
		if _, waived := find(r.Waivers, a.by, func(w *Waiver) ID { return w.ID }); !waived {
			return Paid, a.by
		}
		return Waived, a.by
	}
	if r.paidUp(key) {
		parts := r.PartsOf(c.SubscriptionID, c.On)
		return Paid, parts[len(parts)-1].ID
	}
	return Open, 0
}

// paidUp tells whether the parts of a charge that stand add up to it.
func (r *Register) paidUp(key chargeKey) bool {
	answers := r.passing[key]
	s, ok := find(r.Subscriptions, key.subscription, func(x *Subscription) ID { return x.ID })
	if len(answers) == 0 || !ok {
		return false
	}
	whole := s.termsOn(key.on).Billed()
	paid := partsPaid(answers, whole.Currency(), cal.MustNew(2199, 12, 31))
	return paid.IsPositive() && !paid.Less(whole)
}

// timesPaidUp are the times during which the parts of a charge came to the whole of it, as if one answer had been given on
// the day that completed it, and taken back on the day a part was.
func (r *Register) timesPaidUp(key chargeKey) []passing {
	answers := r.passing[key]
	s, ok := find(r.Subscriptions, key.subscription, func(x *Subscription) ID { return x.ID })
	if !ok {
		return nil
	}
	var days []cal.Date // on which what was paid changed
	by := map[cal.Date]ID{}
	for _, a := range answers {
		if !a.part.IsNone() {
			days, by[a.on] = append(days, a.on), a.by
			if !a.until.IsZero() {
				days = append(days, a.until)
			}
		}
	}
	slices.SortFunc(days, cal.Date.Compare)
	whole := s.termsOn(key.on).Billed()
	var times []passing
	for _, day := range slices.Compact(days) {
		paid := partsPaid(answers, whole.Currency(), day)
		up := paid.IsPositive() && !paid.Less(whole)
		last := len(times) - 1
		switch going := last >= 0 && times[last].until.IsZero(); {
		case up && !going:
			times = append(times, passing{answer: answer{by: by[day], on: day}})
		case !up && going:
			times[last].until = day
		}
	}
	return times
}

// PartsOf are the payments of parts of a charge that stand, by day.
func (r *Register) PartsOf(subscription ID, on cal.Date) []Payment {
	var parts []Payment
	for _, a := range r.passing[chargeKey{subscription, on}] {
		if p, ok := r.Payment(a.by); ok && p.Part && p.Stands() {
			parts = append(parts, p)
		}
	}
	slices.SortStableFunc(parts, func(a, b Payment) int { return a.PaidOn.Compare(b.PaidOn) })
	return parts
}

// PaymentsFor are the payments that stand on a charge: its parts, and the one that settles it.
func (r *Register) PaymentsFor(c Charge) []Payment {
	all := r.PartsOf(c.SubscriptionID, c.On)
	if a, ok := r.settled[chargeKey{c.SubscriptionID, c.On}]; ok {
		if p, paid := r.Payment(a.by); paid {
			all = append(all, p)
		}
	}
	return all
}

// IsOpen tells whether nothing has settled the charge yet; parts of it may have been paid.
func (r *Register) IsOpen(c Charge) bool {
	key := chargeKey{c.SubscriptionID, c.On}
	_, settled := r.settled[key]
	return !settled && !r.paidUp(key)
}

// openOn tells whether nothing had settled the charge of a day in whole by another day. A payment made later leaves it
// open on that day: it is not among what was spent by then, and must not vanish from what was to come. One that was
// reversed later still settles it on the days between.
func (r *Register) openOn(subscription ID, on, day cal.Date) bool {
	key := chargeKey{subscription, on}
	if a, settled := r.settled[key]; settled && !a.on.After(day) {
		return false
	}
	if len(r.passing) == 0 {
		return true
	}
	return !slices.ContainsFunc(r.passing[key], func(a passing) bool { return a.part.IsNone() && a.held(day) })
}

// OpenCharge is the charge of a subscription on a day as it was open on day asOf, with what was left of it; false when
// there is none or it had been settled.
func (r *Register) OpenCharge(subscription ID, on, asOf cal.Date) (Charge, bool) {
	c, ok := r.Charge(subscription, on, asOf)
	if !ok || !r.openOn(subscription, on, asOf) || !r.lessPaid(&c, asOf) {
		return Charge{}, false
	}
	return c, true
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

// between are the charges, ordered by the day they are due from, that fall in a span.
func between(charges []Charge, in cal.Span) []Charge {
	at := func(d cal.Date) int {
		return sort.Search(len(charges), func(i int) bool { return !countsOn(&charges[i]).Before(d) })
	}
	from, to := at(in.From), at(in.To)
	return charges[from:max(from, to)]
}

// HasSettlements tells whether a payment or a waiver stands on a charge of the subscription, or a payment did until a
// later day: its anchor and cadence can then not be moved any more without losing what they answer.
func (r *Register) HasSettlements(subscription ID) bool {
	for key := range r.settled {
		if key.subscription == subscription {
			return true
		}
	}
	for key := range r.passing {
		if key.subscription == subscription {
			return true
		}
	}
	return false
}

package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// fallen is a piece of a charge and the day from which it is due again; a zero day is that of the charge.
type fallen struct {
	again cal.Date
	left  money.Amount
}

// dueAgain are the charges open on a day that a payment had answered until it was undone in a later fiscal year than its
// own, taken into pieces by the day each is due from. What was paid stays spent in the year it was, which may be closed,
// and goes out of the year of the reversal: that year is the one to pay it in again.
func (r *Register) dueAgain(day cal.Date) []Charge {
	var all []Charge
	for _, key := range r.takenBack {
		if key.on.Before(r.Organisation.KeptFrom) || !slices.ContainsFunc(r.passing[key], func(a passing) bool { return r.crossedYears(&a, day) }) {
			continue
		}
		if c, ok := r.OpenCharge(key.subscription, key.on, day); ok {
			all = append(all, r.piecesOf(c, day)...)
		}
	}
	return all
}

// crossedYears tells whether an answer had been taken back by a day, in a later fiscal year than it was given in.
func (r *Register) crossedYears(a *passing, day cal.Date) bool {
	return !a.until.IsZero() && !a.until.After(day) && r.Year(a.on) != r.Year(a.until)
}

// piecesOf takes an open charge apart, the piece still due on its own day first. The euros of the pieces are differences
// of sums, so they add up to the charge's to the cent.
func (r *Register) piecesOf(c Charge, day cal.Date) []Charge {
	var pieces []Charge
	sum := c
	sum.Billed = money.Zero(c.Billed.Currency())
	r.value(&sum, day)
	for _, f := range r.fallenOf(c, day) {
		piece, before := c, sum
		sum.Billed = sum.Billed.Add(f.left)
		r.value(&sum, day)
		piece.Again, piece.Billed, piece.Conversion, piece.Cost = f.again, f.left, sum.Conversion, sum.Cost
		if sum.Conversion.OK() {
			piece.Conversion.EUR, piece.Cost = sum.Conversion.EUR.Sub(before.Conversion.EUR), sum.Cost.Sub(before.Cost)
		}
		if !f.left.IsZero() {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// fallenOf follows what was left of an open charge from act to act up to a day. What is paid comes off what fell due last,
// so that paying a part again leaves the years before as they were; what is undone falls due on that day. An answer undone
// within its fiscal year is as if it had never been.
func (r *Register) fallenOf(c Charge, day cal.Date) []fallen {
	var given []passing
	var days []cal.Date
	for _, a := range r.passing[chargeKey{c.SubscriptionID, c.On}] {
		switch {
		case a.on.After(day):
			continue
		case r.crossedYears(&a, day):
			days = append(days, a.until)
		case !a.held(day):
			continue
		}
		given, days = append(given, a), append(days, a.on)
	}
	slices.SortFunc(days, cal.Date.Compare)
	whole := c.Billed
	if !c.Paid.IsNone() {
		whole = whole.Add(c.Paid)
	}
	pieces, was := []fallen{{left: whole}}, whole
	for _, d := range slices.Compact(days) {
		is := leftOf(given, whole, d)
		if was.Less(is) {
			at := fallen{left: money.Zero(whole.Currency())}
			if d.After(c.On) {
				at.again = d
				pieces = append(pieces, at)
			}
			last := &pieces[len(pieces)-1]
			last.left = last.left.Add(is.Sub(was))
		}
		for i, paid := len(pieces)-1, was.Sub(is); i >= 0 && paid.IsPositive(); i-- {
			off := paid
			if pieces[i].left.Less(off) {
				off = pieces[i].left
			}
			pieces[i].left, paid = pieces[i].left.Sub(off), paid.Sub(off)
		}
		was = is
	}
	return pieces
}

// leftOf is what some answers had left of a charge on a day; never less than nothing.
func leftOf(given []passing, whole money.Amount, day cal.Date) money.Amount {
	paid := partsPaid(given, whole.Currency(), day)
	if !paid.Less(whole) || slices.ContainsFunc(given, func(a passing) bool { return a.part.IsNone() && a.held(day) }) {
		return money.Zero(whole.Currency())
	}
	return whole.Sub(paid)
}

// placed puts pieces of charges in the place of those charges, and gives what is due in a span in order of the day.
func placed(open, pieces []Charge, in cal.Span) []Charge {
	split := make(map[chargeKey]bool, len(pieces))
	for i := range pieces {
		split[chargeKey{pieces[i].SubscriptionID, pieces[i].On}] = true
	}
	all := make([]Charge, 0, len(open)+len(pieces))
	for i := range open {
		if c := &open[i]; !split[chargeKey{c.SubscriptionID, c.On}] {
			all = append(all, *c)
		}
	}
	for i := range pieces {
		if in.Contains(countsOn(&pieces[i])) {
			all = append(all, pieces[i])
		}
	}
	slices.SortStableFunc(all, func(a, b Charge) int {
		return cmp.Or(countsOn(&a).Compare(countsOn(&b)), cmp.Compare(a.SubscriptionID, b.SubscriptionID), a.On.Compare(b.On))
	})
	return all
}

// countsOn is the day a charge is due from.
func countsOn(c *Charge) cal.Date {
	if c.Again.IsZero() {
		return c.On
	}
	return c.Again
}

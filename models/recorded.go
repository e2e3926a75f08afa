package models

import (
	"cmp"
	"slices"
)

// How a payment recorded by hand is looked for beside a bank line.
const (
	recordedWithin = 60 // days on either side: an invoice is often recorded weeks before or after the debit
	recordedMost   = 5
)

// RecordedNear are the payments a bank line may be: they stand, have no line of their own (linked), and are of about its
// day; those of the nearest amount first, at most five.
func (r *Register) RecordedNear(line BankLine, linked map[ID]bool) []Payment {
	type near struct {
		at         int
		amount, by int64
	}
	var found []near
	for i := range r.Payments {
		p := &r.Payments[i]
		by := int64(line.Day.DaysUntil(p.PaidOn))
		if by > recordedWithin || by < -recordedWithin || !p.Stands() || linked[p.ID] {
			continue
		}
		left := p.EUR
		if p.Billed.Currency() == line.Amount.Currency() {
			left = p.Billed
		}
		if left.IsNone() || left.Currency() != line.Amount.Currency() || left.IsNegative() == line.Amount.IsNegative() {
			continue
		}
		found = append(found, near{i, left.Add(line.Amount).Abs().Units(), max(by, -by)})
	}
	slices.SortFunc(found, func(a, b near) int {
		return cmp.Or(cmp.Compare(a.amount, b.amount), cmp.Compare(a.by, b.by), cmp.Compare(a.at, b.at))
	})
	out := make([]Payment, 0, recordedMost)
	for _, n := range found[:min(len(found), recordedMost)] {
		out = append(out, r.Payments[n.at])
	}
	return out
}

package models

import (
	"slices"
	"sort"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// spending is what was paid, day by day: a year is added up from its days, however many payments they hold.
type spending struct {
	days        []daySpent // ascending, those on which something was paid
	order       []int32    // indices into Payments by day, then as they are listed
	unconverted []int32    // likewise, those without an amount in euros, as they are listed
}

// daySpent is the cost of the payments of one day, and where they are in the order.
type daySpent struct {
	on    cal.Date
	first int32
	cost  money.Amount
}

func newSpending(payments []Payment) spending {
	var l spending
	if len(payments) == 0 {
		return l
	}
	l.order = make([]int32, len(payments))
	inOrder := true
	for i := range payments {
		l.order[i] = int32(i) //nolint:gosec // a register of two thousand million payments fits no machine
		inOrder = inOrder && (i == 0 || !payments[i].PaidOn.Before(payments[i-1].PaidOn))
		if !payments[i].Converted() {
			l.unconverted = append(l.unconverted, l.order[i])
		}
	}
	if !inOrder {
		slices.SortStableFunc(l.order, func(a, b int32) int { return payments[a].PaidOn.Compare(payments[b].PaidOn) })
	}
	for i, at := range l.order {
		p := &payments[at]
		if n := len(l.days); n == 0 || l.days[n-1].on != p.PaidOn {
			l.days = append(l.days, daySpent{on: p.PaidOn, first: int32(i), cost: money.Zero(money.EUR)}) //nolint:gosec // as above
		}
		d := &l.days[len(l.days)-1]
		d.cost = d.cost.Add(p.Cost)
	}
	return l
}

// at is where in days a day is, or would be.
func (s *spending) at(d cal.Date) int {
	return sort.Search(len(s.days), func(i int) bool { return !s.days[i].on.Before(d) })
}

// of are the days of a span on which something was paid.
func (s *spending) of(in cal.Span) []daySpent {
	from := s.at(in.From)
	return s.days[from:max(from, s.at(in.To))]
}

// paidOn are the payments of a day, indices into Payments.
func (s *spending) paidOn(d cal.Date) []int32 {
	i := s.at(d)
	switch {
	case i == len(s.days) || s.days[i].on != d:
		return nil
	case i+1 == len(s.days):
		return s.order[s.days[i].first:]
	}
	return s.order[s.days[i].first:s.days[i+1].first]
}

package models

import (
	"iter"
	"slices"
	"sort"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// spending is what was paid, day by day: a year is added up from its days, however many payments they hold.
type spending struct {
	days        []daySpent // ascending, those on which something was paid
	count       int        // of the payments
	order       []uint64   // their indices by day, in the lower half; nil when they are listed so
	unconverted []int      // indices of those without an amount in euros, as they are listed
}

// daySpent is the cost of the payments of one day, and where they begin in the order.
type daySpent struct {
	on    cal.Date
	first int
	cost  money.Amount
}

func newSpending(payments []Payment) *spending {
	s := &spending{count: len(payments)}
	inOrder := true // asked of indices: a payment is large to hand to a function
	for i := 1; i < len(payments) && inOrder; i++ {
		inOrder = !payments[i].PaidOn.Before(payments[i-1].PaidOn)
	}
	if !inOrder {
		s.sort(payments)
	}
	for i := range payments {
		at := s.index(i)
		p, n := &payments[at], len(s.days)
		if n == 0 || s.days[n-1].on != p.PaidOn {
			s.days = append(s.days, daySpent{on: p.PaidOn, first: i, cost: money.Zero(money.EUR)})
			n++
		}
		s.days[n-1].cost = s.days[n-1].cost.Add(p.Cost)
		if !p.Converted() {
			s.unconverted = append(s.unconverted, at)
		}
	}
	slices.Sort(s.unconverted)
	return s
}

// sort orders numbers rather than payments, which are large to move: the day above, the index below.
func (s *spending) sort(payments []Payment) {
	s.order = make([]uint64, len(payments))
	for i := range payments {
		d := payments[i].PaidOn
		s.order[i] = uint64(d.Year()<<9|int(d.Month())<<5|d.Day())<<32 | uint64(i) //nolint:gosec // years are not below zero
	}
	slices.Sort(s.order)
}

// index is where in the list of payments the i-th by day is.
func (s *spending) index(i int) int {
	if s.order == nil {
		return i
	}
	return int(uint32(s.order[i])) //nolint:gosec // the lower half is the index
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

// paidOn yields the indices of the payments of a day.
func (s *spending) paidOn(d cal.Date) iter.Seq[int] {
	return func(yield func(int) bool) {
		at := s.at(d)
		if at == len(s.days) || s.days[at].on != d {
			return
		}
		end := s.count
		if at+1 < len(s.days) {
			end = s.days[at+1].first
		}
		for i := s.days[at].first; i < end && yield(s.index(i)); i++ {
		}
	}
}

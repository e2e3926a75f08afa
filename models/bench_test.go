package models

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"enveloppe/models/cal"
)

var sizes = []int{20, 200, 1000, 2000, 10_000}

func BenchmarkNewRegister(b *testing.B) {
	for _, n := range sizes {
		f := manyServices(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				NewRegister(f)
			}
		})
	}
}

// ask measures a question at every size of register.
func ask(b *testing.B, question func(r *Register)) {
	for _, n := range sizes {
		r := NewRegister(manyServices(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				question(r)
			}
		})
	}
}

func BenchmarkPosition(b *testing.B) {
	ask(b, func(r *Register) { r.Position(r.Year(today), today) })
}

func BenchmarkChargesOfAYear(b *testing.B) {
	year := cal.YearStart{}.YearOf(today).Span()
	ask(b, func(r *Register) { r.Charges(year, today) })
}

func BenchmarkCauses(b *testing.B) { ask(b, func(r *Register) { r.Causes(today) }) }

func BenchmarkFlagPass(b *testing.B) { ask(b, func(r *Register) { r.FlagPass(today) }) }

// What a page costs when nothing is cached: aims are 3 ms at 1 000 subscriptions and 0.2 ms at 20.
func BenchmarkDashboard(b *testing.B) {
	for _, n := range sizes {
		f := manyServices(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := NewRegister(f)
				r.Position(r.Year(today), today)
				r.Causes(today)
			}
		})
	}
}

// manyPayments is a register of 500 services and n payments of the year up to today, recorded in no order of days; one in
// fifty is a part, one in a hundred was taken back on a later day.
func manyPayments(n int) Facts {
	f := manyServices(500)
	rnd := rand.New(rand.NewPCG(2, uint64(n)))
	last := freeID(f)
	f.Payments = make([]Payment, 0, n)
	days := day("2026-01-01").DaysUntil(today)
	for len(f.Payments) < n {
		s := &f.Subscriptions[rnd.IntN(len(f.Subscriptions))]
		p := Payment{ID: last, ServiceID: s.ServiceID, PaidOn: day("2026-01-01").AddDays(rnd.IntN(days)), Billed: eur(100 + rnd.Int64N(20_000))}
		if last++; rnd.IntN(50) == 0 {
			p.SubscriptionID, p.ChargeOn, p.Part = s.ID, p.PaidOn, true
		}
		p = p.Settle(statusA)
		if f.Payments = append(f.Payments, p); rnd.IntN(100) == 0 {
			undo, _ := p.Reversal(p.PaidOn.AddDays(rnd.IntN(30)))
			undo.ID = last
			f.Payments[len(f.Payments)-1].ReversedByID = last
			f.Payments, last = append(f.Payments, undo), last+1
		}
	}
	return f
}

// A year over its envelope from 50 000 payments: what answering costs, and what readying them and asking costs the first
// time of a revision.
func BenchmarkYearOfPayments(b *testing.B) {
	f := manyPayments(50_000)
	b.Run("position", func(b *testing.B) {
		r := NewRegister(f)
		b.ReportAllocs()
		for b.Loop() {
			if r.Position(r.Year(today), today).Status != Over {
				b.Fatal("it does not look for the day the ceiling was crossed")
			}
		}
	})
	b.Run("the first time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := NewRegister(f)
			r.Position(r.Year(today), today)
		}
	})
}

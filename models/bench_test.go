package models

import (
	"fmt"
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

package cal_test

import (
	"testing"
	"time"

	"enveloppe/models/cal"
)

func BenchmarkOccurrence(b *testing.B) {
	anchor := cal.MustNew(2024, time.January, 31)
	b.ReportAllocs()
	for b.Loop() {
		cal.Monthly.Occurrence(anchor, 37)
	}
}

func BenchmarkIn(b *testing.B) {
	anchor := cal.MustNew(2010, time.January, 31)
	year := cal.YearStart{Month: time.January, Day: 1}.Year(2026).Span()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for range cal.Monthly.In(anchor, year) {
			n++
		}
		if n != 12 {
			b.Fatal(n)
		}
	}
}

func BenchmarkAddDays(b *testing.B) {
	d := cal.MustNew(2026, time.March, 31)
	b.ReportAllocs()
	for b.Loop() {
		d.AddDays(30)
	}
}

func BenchmarkHoliday(b *testing.B) {
	d := cal.MustNew(2026, time.June, 9)
	b.ReportAllocs()
	for b.Loop() {
		cal.Holiday(d)
	}
}

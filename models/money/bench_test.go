package money_test

import (
	"testing"

	"enveloppe/models/money"
)

func BenchmarkAdd(b *testing.B) {
	a, total := money.Euros(119_88), money.Zero(money.EUR)
	b.ReportAllocs()
	for b.Loop() {
		total = total.Add(a).Sub(a)
	}
}

func BenchmarkToEUR(b *testing.B) {
	r, dollars := rate(b, "1.0714"), money.Cents(99_00, "USD")
	b.ReportAllocs()
	for b.Loop() {
		r.ToEUR(dollars)
	}
}

func BenchmarkProrate(b *testing.B) {
	a := money.Euros(120_00)
	b.ReportAllocs()
	for b.Loop() {
		a.Prorate(273, 365)
	}
}

func BenchmarkSplit(b *testing.B) {
	a := money.Euros(100_00)
	b.ReportAllocs()
	for b.Loop() {
		a.Split(12)
	}
}

func BenchmarkParseAmount(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := money.ParseAmount("1\u202f234,56\u00a0€", money.EUR); err != nil {
			b.Fatal(err)
		}
	}
}

package models

import (
	"fmt"
	"testing"

	"enveloppe/models/cal"
)

// tenChanges are a scenario on a register of many services: two of each kind that needs a subscription, a new service
// and a planned rate. Of each kind those subscriptions are taken that allow it.
func tenChanges(r *Register) Scenario {
	s := Scenario{Name: "Dix changements"}
	kinds := []ScenarioKind{ChangeSeats, ChangePrice, ChangeCadence, ChangeDrop}
	for i := range r.Subscriptions {
		sub := &r.Subscriptions[i]
		if len(s.Changes) == 8 {
			break
		}
		c := ScenarioChange{
			Kind: kinds[len(s.Changes)%4], SubscriptionID: sub.ID, On: today.AddDays(40), Seats: sub.TermsOn(today).Seats + 1,
			Price: eur(4900), Cadence: cal.Quarterly,
		}
		if _, err := r.Try(Scenario{Name: "x", Changes: []ScenarioChange{c}}, today); err == nil && !sub.free() {
			s.Changes = append(s.Changes, c)
		}
	}
	s.Changes = append(s.Changes,
		ScenarioChange{Kind: ChangeAdd, Name: "Canva", FunctionID: r.Functions[0].ID, On: today, Price: eur(1200), Cadence: cal.Monthly},
		ScenarioChange{Kind: ChangeRate, Currency: usd, Rate: rate("1.2")})
	return s
}

// What a look at a scenario costs: aims are 0.5 ms at 20 subscriptions and 5 ms at 500.
func BenchmarkScenario(b *testing.B) {
	for _, n := range []int{20, 500} {
		r := NewRegister(manyServices(n))
		s := tenChanges(r)
		if len(s.Changes) != 10 {
			b.Fatalf("%d changes", len(s.Changes))
		}
		b.Run(fmt.Sprint("try/", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Try(s, today); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("try and effect/", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				trial, err := r.Try(s, today)
				if err != nil {
					b.Fatal(err)
				}
				r.Effect(trial, today)
			}
		})
	}
}

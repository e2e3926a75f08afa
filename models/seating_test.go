package models

import (
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// seatFacts is an association of four with a service by the seat, one for everybody and a free one.
func seatFacts() Facts {
	f := Facts{Organisation: association()}
	f.Functions = []Function{{ID: 2, Name: "Données", Position: 2}, {ID: 3, Name: "Planification", Position: 1}, {ID: 4, Name: "Vide", Position: 3}}
	f.People = []Person{
		{ID: 10, Name: "Awa", Role: Director, Post: "Coordination"},
		{ID: 11, Name: "Bob", Role: Staff, Post: "animation "},
		{ID: 12, Name: "Cléo", Role: Staff, Post: "Animation"},
		{ID: 13, Name: "Dia", Role: Staff},
		{ID: 14, Name: "Éva", Role: Staff, Post: "animation", LeftOn: day("2026-03-01")},
	}
	f.Services = []Service{{ID: 20, Name: "Cartes", FunctionID: 2}, {ID: 21, Name: "Agenda", FunctionID: 3}, {ID: 22, Name: "Libre", FunctionID: 3}, {ID: 23, Name: "Vide", FunctionID: 2}}
	f.Plans = []Plan{
		{ID: 30, ServiceID: 20, Tier: Premium, PerSeat: true, Price: eur(1000), Cadence: cal.Yearly},
		{ID: 31, ServiceID: 21, Tier: Premium, Price: eur(1000), Cadence: cal.Yearly},
		{ID: 32, ServiceID: 22, Tier: Free, Cadence: cal.Yearly},
		{ID: 33, ServiceID: 23, Tier: Premium, Price: eur(700), Cadence: cal.Yearly},
	}
	begun := day("2025-01-31")
	sub := func(id, service, plan ID, t Terms, seats ...Seat) Subscription {
		t.ID, t.From = id+50, begun
		return Subscription{ID: id, ServiceID: service, PlanID: plan, StartedOn: begun, Anchor: begun, Cadence: cal.Yearly, AutoRenew: true, Terms: []Terms{t}, Seats: seats}
	}
	f.Subscriptions = []Subscription{
		sub(40, 20, 30, Terms{Price: eur(1000), PerSeat: true, Seats: 3}, Seat{ID: 60, PersonID: 10, From: begun}, Seat{ID: 61, PersonID: 11, From: day("2026-02-01"), To: day("2026-05-01")}),
		sub(41, 21, 31, Terms{Price: eur(1000), Seats: 1}, Seat{ID: 62, PersonID: 10, From: begun}, Seat{ID: 63, PersonID: 11, From: begun}, Seat{ID: 64, PersonID: 12, From: begun}),
		sub(42, 22, 32, Terms{Price: eur(0), Seats: 1}, Seat{ID: 65, PersonID: 12, From: begun}),
		sub(43, 23, 33, Terms{Price: eur(700), Seats: 1}),
	}
	return f
}

// What is held, free, nobody's and to come is the run rate, to the cent; so are the functions, and the people are what is held.
func TestSeatingLosesNoCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "on", 2025, 2027)
		f := drawSeats(t, drawFacts(t, on), on)
		b := NewRegister(f).SeatBoard(on)
		if got := b.Held.Add(b.Free).Add(b.Nobody).Add(b.Later); got != b.Yearly {
			t.Fatalf("parts sum to %s of %s", got, b.Yearly)
		}
		functions, people := money.Zero(money.EUR), money.Zero(money.EUR)
		complete := true
		for _, x := range b.Functions {
			functions, complete = functions.Add(x.Yearly), complete && x.Complete
		}
		for _, p := range b.People {
			people = people.Add(p.Yearly)
		}
		if functions != b.Yearly || people != b.Held || complete != b.Complete {
			t.Fatalf("functions sum to %s of %s, people to %s of %s", functions, b.Yearly, people, b.Held)
		}
		for _, l := range b.Lines {
			if l.Free > 0 && (l.FreeSince.IsZero() || l.FreeSince.After(on) || l.Held+l.Free != l.Paid) {
				t.Fatalf("line %+v", l)
			}
			for d := l.FreeSince; l.Free > 0 && !d.After(on); d = d.AddDays(1) {
				if terms := l.Subscription.TermsOn(d); !terms.PerSeat || l.Subscription.SeatsHeld(d) >= terms.Seats {
					t.Fatalf("no place was free on %s, and yet one is said to be since %s", d, l.FreeSince)
				}
			}
		}
	})
}

// drawSeats puts some people more on places, over spans of all kinds.
func drawSeats(t *rapid.T, f Facts, on cal.Date) Facts {
	last := freeID(f) + 1000
	for range rapid.IntRange(0, 3).Draw(t, "more people") {
		last++
		p := Person{ID: last, Name: "X", Role: Staff, Lang: French, LeftOn: maybe(t, "left", on, -50, 50)}
		f.People = append(f.People, p)
		for i := range f.Subscriptions {
			s := &f.Subscriptions[i]
			from := cal.Max(s.StartedOn, on.AddDays(rapid.IntRange(-300, 30).Draw(t, "seat from")))
			given, err := s.Assign(p.ID, from)
			if err != nil || rapid.Bool().Draw(t, "without") {
				continue
			}
			last++
			seat := &given.Seats[len(given.Seats)-1]
			seat.ID = last
			if until := maybe(t, "seat until", from, 0, 300); !until.IsZero() {
				seat.To = until
			}
			*s = given
		}
	}
	return f
}

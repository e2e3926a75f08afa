package models

import (
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models/cal"
)

func TestArrivalOf(t *testing.T) {
	t.Parallel()
	f := seatFacts()
	f.People = append(f.People, Person{ID: 15, Name: "Fatou", Role: Staff, Post: "ANIMATION"}, Person{ID: 16, Name: "Guy", Role: Director, Post: "stage"}, Person{ID: 17, Name: "Hal", Role: Accountant})
	r := NewRegister(f)
	fatou, _ := r.Person(15)
	a := r.ArrivalOf(fatou, day("2026-06-30"))
	if a.Like != SamePost || len(a.Alike) != 2 { // Bob and Cléo; Éva has left
		t.Errorf("like %s: %+v", a.Like, a.Alike)
	}
	if o := a.Offers[0]; o.Service.Name != "Agenda" || o.Holders != 2 || !a.Proposed(o) || !o.Open() || o.PerSeat || !o.Yearly.IsZero() {
		t.Errorf("first %+v", o)
	}
	if o := a.Offers[1]; o.Service.Name != "Libre" || o.Holders != 1 || !a.Proposed(o) {
		t.Errorf("second %+v", o)
	}
	if o := a.Offers[2]; o.Service.Name != "Cartes" || o.Holders != 0 || a.Proposed(o) || o.Free != 2 || o.Yearly != eur(1000) {
		t.Errorf("third %+v", o)
	}
	bob, _ := r.Person(11)
	if o := r.ArrivalOf(bob, day("2026-06-30")).Offers[0]; !o.Has || o.Open() {
		t.Errorf("Bob has his place already: %+v", o)
	}
	guy, _ := r.Person(16) // nobody else has his post
	if a := r.ArrivalOf(guy, day("2026-06-30")); a.Like != SameRole || len(a.Alike) != 1 {
		t.Errorf("like %s: %+v", a.Like, a.Alike)
	}
	hal, _ := r.Person(17)
	if a := r.ArrivalOf(hal, day("2026-06-30")); a.Like != Nobody || a.Proposed(a.Offers[0]) {
		t.Errorf("like %s, proposed %+v", a.Like, a.Offers[0])
	}
}

// As many places can be given from a day as are said to be free, and not one more.
func TestFreeFromIsWhatCanBeAssigned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "on", 2025, 2027)
		f := drawSeats(t, drawFacts(t, on), on)
		s := f.Subscriptions[rapid.IntRange(0, len(f.Subscriptions)-1).Draw(t, "which")]
		if s.Over(on) {
			return
		}
		free := s.freeFrom(on)
		who := ID(1_000_000)
		for range min(free, 20) {
			who++
			given, err := s.Assign(who, on)
			if err != nil {
				t.Fatalf("%d places are free, and yet: %v", free, err)
			}
			s = given
		}
		if free < 20 {
			if _, err := s.Assign(who+1, on); err == nil {
				t.Fatalf("one place more than the %d that are free was given", free)
			}
		}
	})
}

func TestDepartureOf(t *testing.T) {
	t.Parallel()
	f := seatFacts()
	f.Subscriptions[0].OwnerID, f.Subscriptions[3].OwnerID = 10, 10
	f.Subscriptions[3].EndsOn = day("2026-05-01")
	f.Services[1].Access = Access{Referent: 10, SecondAdmin: 10}
	f.Services[3].ArchivedOn = day("2026-06-01")
	f.Services[3].Access.Referent = 10
	f.Subscriptions[2].Seats = append(f.Subscriptions[2].Seats, Seat{ID: 66, PersonID: 10, From: day("2026-09-01")})
	d := NewRegister(f).DepartureOf(10, day("2026-06-30"))
	if len(d.Held) != 3 || d.Held[0].Yearly != eur(1000) || d.Held[2].Seat.ID != 66 || !d.Held[2].Yearly.IsZero() {
		t.Errorf("held %+v", d.Held)
	}
	want := []Caring{{Care: CareOwner, Of: 40}, {Care: CareReferent, Of: 21}, {Care: CareSecondAdmin, Of: 21}}
	if len(d.Cares) != len(want) {
		t.Fatalf("cares %+v", d.Cares)
	}
	for i, w := range want {
		if got := d.Cares[i]; got.Care != w.Care || got.Of != w.Of || got.Service.ID == 0 {
			t.Errorf("care %d is %+v, want %+v", i, got, w)
		}
	}
	if d := NewRegister(f).DepartureOf(13, cal.MustNew(2026, 6, 30)); len(d.Held)+len(d.Cares) != 0 {
		t.Errorf("Dia leaves nothing, got %+v", d)
	}
}

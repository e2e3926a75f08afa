package models

import (
	"errors"
	"testing"

	"enveloppe/models/cal"
)

func TestTermsOn(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) {
		s.Terms = append(s.Terms, Terms{ID: 6, From: day("2026-03-15"), Price: eur(9900), Seats: 1}, Terms{ID: 7, From: day("2027-03-15"), Price: eur(12_000), Seats: 1})
	})
	for on, want := range map[string]ID{
		"2020-01-01": 5, "2024-03-15": 5, "2026-03-14": 5, "2026-03-15": 6, "2027-03-14": 6, "2027-03-15": 7, "2040-01-01": 7,
	} {
		if got := s.TermsOn(day(on)).ID; got != want {
			t.Errorf("on %s terms %d, want %d", on, got, want)
		}
	}
	if got := (Subscription{}).TermsOn(today); got != (Terms{}) {
		t.Errorf("terms of nothing: %+v", got)
	}
	if got := (Terms{Price: eur(1234), PerSeat: true, Seats: 3}).Billed(); got != eur(3702) {
		t.Errorf("three seats: %v", got)
	}
	if got := (Terms{Price: eur(1234), Seats: 3}).Billed(); got != eur(1234) {
		t.Errorf("flat: %v", got)
	}
	if got := (Plan{Price: eur(1234), PerSeat: true}).PeriodPrice(3); got != eur(3702) {
		t.Errorf("plan for three: %v", got)
	}
	if got := (Plan{Price: eur(1234)}).PeriodPrice(3); got != eur(1234) {
		t.Errorf("flat plan for three: %v", got)
	}
}

// team is paid by seat: three from the start, five from July 2026, four from January 2027; two people hold one for good
// and two more through the second half of 2026.
func team() Subscription {
	at := func(id ID, from string, seats int) Terms {
		return Terms{ID: id, From: day(from), Price: eur(500), PerSeat: true, Seats: seats}
	}
	s := monthly("2026-01-01")
	s.Terms = []Terms{at(5, "2026-01-01", 3), at(6, "2026-07-01", 5), at(7, "2027-01-01", 4)}
	s.Seats = []Seat{
		{ID: 11, PersonID: 21, From: day("2026-01-01")},
		{ID: 12, PersonID: 22, From: day("2026-02-01")},
		{ID: 13, PersonID: 23, From: day("2026-07-01"), To: day("2027-01-01")},
		{ID: 14, PersonID: 24, From: day("2026-07-01"), To: day("2027-01-01")},
	}
	return s
}

func TestWithTerms(t *testing.T) {
	t.Parallel()
	s := team()
	at := func(id ID, from string, seats int) Terms {
		return Terms{ID: id, From: day(from), Price: eur(600), PerSeat: true, Seats: seats}
	}
	for _, c := range []struct {
		name  string
		terms Terms
		want  string // what is said, or the days of all terms
	}{
		{"announced", at(0, "2027-06-01", 4), "2026-01-01 2026-07-01 2027-01-01 2027-06-01"},
		{"between", at(0, "2026-03-01", 2), "2026-01-01 2026-03-01 2026-07-01 2027-01-01"},
		{"corrected", at(6, "2026-07-01", 4), "2026-01-01 2026-07-01 2027-01-01"},
		{"the first, moved: they stay", at(5, "2026-04-01", 3), "2026-01-01 2026-07-01 2027-01-01"},
		{"the first, fewer: only those held before July count", at(5, "2026-01-01", 2), "2026-01-01 2026-07-01 2027-01-01"},
		{"the first, too few", at(5, "2026-01-01", 1), "seats seats.below_assigned"},
		{"too few for those to come", at(0, "2026-06-01", 1), "seats seats.below_assigned"},
		{"too few in July", at(6, "2026-07-01", 3), "seats seats.below_assigned"},
		{"moved past those who hold one by then", at(6, "2026-07-02", 5), "seats seats.below_assigned"},
		{"moved forward", at(6, "2026-06-01", 5), "2026-01-01 2026-06-01 2027-01-01"},
		{"too few is fine when it is not by seat", Terms{ID: 6, From: day("2026-07-01"), Price: eur(600), Seats: 1}, "2026-01-01 2026-07-01 2027-01-01"},
		{"the same day as others", at(0, "2026-07-01", 5), "from terms.same_day"},
		{"moved onto others", at(6, "2027-01-01", 5), "from terms.same_day, seats seats.below_assigned"},
		{"on the first day", at(0, "2026-01-01", 3), "from after, from terms.same_day"},
		{"before the first day", at(0, "2025-12-31", 3), "from after"},
	} {
		got, err := s.WithTerms(c.terms)
		text := ""
		var v Invalid
		if errors.As(err, &v) {
			text = said(v)
		} else {
			for i, x := range got.Terms {
				if i > 0 {
					text += " "
				}
				text += x.From.String()
			}
		}
		if text != c.want {
			t.Errorf("%s: %q, want %q", c.name, text, c.want)
		}
	}
	if len(s.Terms) != 3 || s.Terms[1].Price != eur(500) {
		t.Error("the one it was changed too")
	}
	first, err := (Subscription{StartedOn: today}).WithTerms(Terms{Price: eur(1), Seats: 1})
	if err != nil || len(first.Terms) != 1 || first.Terms[0].From != today {
		t.Errorf("the first terms: %+v, %v", first.Terms, err)
	}
}

func TestWithoutTerms(t *testing.T) {
	t.Parallel()
	s := team()
	if got, err := s.WithoutTerms(7); err != nil || len(got.Terms) != 2 || len(s.Terms) != 3 {
		t.Errorf("%+v, %v", got.Terms, err)
	}
	var v Invalid
	if _, err := s.WithoutTerms(6); !errors.As(err, &v) || said(v) != "seats seats.below_assigned" {
		t.Errorf("whose seats are held: %v", err)
	}
	var refused Refused
	if _, err := s.WithoutTerms(5); !errors.As(err, &refused) || refused.Rule != "first_terms" {
		t.Errorf("the first: %v", err)
	}
	if _, err := s.WithoutTerms(8); !errors.Is(err, ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}

func TestSeats(t *testing.T) {
	t.Parallel()
	s := team()
	for on, want := range map[string]int{"2025-12-31": 0, "2026-01-01": 1, "2026-02-01": 2, "2026-06-30": 2, "2026-07-01": 4, "2026-12-31": 4, "2027-01-01": 2} {
		if got := s.SeatsHeld(day(on)); got != want {
			t.Errorf("on %s %d are held, want %d", on, got, want)
		}
	}
	if !s.Holds(23, day("2026-12-31")) || s.Holds(23, day("2027-01-01")) || s.Holds(23, day("2026-06-30")) {
		t.Error("who holds one is wrong")
	}
	for _, c := range []struct {
		name   string
		person ID
		on     string
		want   string
	}{
		{"while one is free", 25, "2026-07-01", ""},
		{"while one is free, but not in July", 25, "2026-03-01", ""},
		{"nobody", 0, "2026-07-01", "person choose"},
		{"no day", 25, "", "on date.empty"},
		{"who has one", 21, "2026-07-01", "person seat.held"},
		{"who will have one", 23, "2026-03-01", "person seat.held"},
		{"who had one", 23, "2027-01-01", ""},
	} {
		on := cal.Date{}
		if c.on != "" {
			on = day(c.on)
		}
		got, err := s.Assign(c.person, on)
		var v Invalid
		errors.As(err, &v)
		if said(v) != c.want || (err == nil) != (c.want == "") || (err == nil) != (len(got.Seats) == 5) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	full, err := s.Assign(25, day("2026-07-01"))
	if err != nil {
		t.Fatal(err)
	}
	var v Invalid
	if _, err := full.Assign(26, day("2026-03-01")); !errors.As(err, &v) || said(v) != "person seat.none_free" || v[0].Args[1] != 5 {
		t.Errorf("a sixth, all taken from July: %v", err)
	}
	if _, err := full.Assign(26, day("2026-09-01")); !errors.As(err, &v) || said(v) != "person seat.none_free" {
		t.Errorf("a sixth: %v", err)
	}
	ended := s
	ended.EndsOn = day("2026-09-01")
	var refused Refused
	if _, err := ended.Assign(25, day("2026-09-01")); !errors.As(err, &refused) || refused.Rule != "ended" {
		t.Errorf("after the end: %v", err)
	}

	freed, err := s.FreeSeat(11, day("2026-05-01"))
	if err != nil || freed.SeatsHeld(day("2026-04-30")) != 2 || freed.SeatsHeld(day("2026-05-01")) != 1 || s.SeatsHeld(day("2026-05-01")) != 2 {
		t.Errorf("freed: %+v, %v", freed.Seats, err)
	}
	never, err := s.FreeSeat(12, day("2026-01-15"))
	if err != nil || never.Seats[1].HeldOn(day("2026-02-01")) {
		t.Errorf("freed before it was taken: %+v, %v", never.Seats, err)
	}
	if _, err := never.Assign(22, day("2026-01-15")); err != nil {
		t.Errorf("a seat never held is in the way: %v", err)
	}
	if _, err := s.FreeSeat(13, day("2026-08-01")); !errors.Is(err, ErrNotFound) {
		t.Errorf("already freed: %v", err)
	}
}

func TestMostHeldOfThousands(t *testing.T) {
	t.Parallel()
	var seats []Seat
	for i := range MaxSeats {
		seats = append(seats, Seat{PersonID: ID(i + 1), From: day("2026-01-01").AddDays(i % 300), To: day("2026-01-01").AddDays(i%300 + 1)})
	}
	// Each is held for one day, a 300th of them together.
	if got := mostHeld(seats, cal.Span{From: day("2026-01-01"), To: forever}); got != MaxSeats/300+1 {
		t.Errorf("%d held together", got)
	}
	if got := mostHeld(seats, cal.Span{From: day("2027-01-01"), To: forever}); got != 0 {
		t.Errorf("%d held a year later", got)
	}
}

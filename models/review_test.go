package models

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestReviewCheck(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxText+1)
	for _, c := range []struct {
		name   string
		review Review
		want   string
	}{
		{"blank", Review{Year: 2026}, ""},
		{"whole", Review{Year: 2026, Summary: "Une bonne année.\nVraiment.", NextFloor: eur(80000), NextCeiling: eur(100000), Notes: []ReviewNote{{2, "à garder"}}}, ""},
		{"ceiling alone", Review{Year: 2026, NextCeiling: eur(1)}, ""},
		{"floor alone", Review{Year: 2026, NextFloor: eur(1)}, "next_ceiling required"},
		{"upside down", Review{Year: 2026, NextFloor: eur(2), NextCeiling: eur(1)}, "next_ceiling floor_above_ceiling"},
		{"of nothing", Review{Year: 2026, NextCeiling: eur(0)}, "next_ceiling positive"},
		{"in dollars", Review{Year: 2026, NextCeiling: dollars(1)}, "next_ceiling currency.same"},
		{"long", Review{Year: 2026, Summary: long, Outlook: long, Notes: []ReviewNote{{2, long}}}, "summary too_long, outlook too_long, note.2 too_long"},
		{"not text", Review{Year: 2026, Summary: "a\x00b"}, "summary characters"},
		{"two notes of one service", Review{Year: 2026, Notes: []ReviewNote{{2, "a"}, {3, "b"}, {2, "c"}}}, "note.2 duplicate"},
		{"no year", Review{}, "year number.range"},
	} {
		var got []string
		for _, p := range c.review.Check() {
			got = append(got, p.Field+" "+p.Rule)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReviewIsTidied(t *testing.T) {
	t.Parallel()
	v := Review{Notes: []ReviewNote{{3, "c"}, {1, ""}, {2, "b"}}}
	if got := v.Tidy(); !slices.Equal(got.Notes, []ReviewNote{{2, "b"}, {3, "c"}}) || got.NoteOn(2) != "b" || got.NoteOn(1) != "" || v.Notes[0].ServiceID != 3 {
		t.Errorf("got %+v", got)
	}
	if got := (Review{Notes: []ReviewNote{{1, ""}}}).Tidy(); got.Notes != nil {
		t.Errorf("got %+v", got)
	}
}

func TestReviewMatchesItsDocumentOnly(t *testing.T) {
	t.Parallel()
	document := []byte(`{"format":1}`)
	v := Review{ClosedAt: time.Unix(1, 0), Hash: DocumentHash(document)}
	if !v.Closed() || !v.Matches(document) || v.Matches(document[1:]) || (Review{}).Matches(document) || (Review{}).Matches(nil) {
		t.Error("told wrongly")
	}
	for i := range document { // any change of any bit
		for bit := range 8 {
			document[i] ^= 1 << bit
			if v.Matches(document) {
				t.Fatalf("bit %d of byte %d may change", bit, i)
			}
			document[i] ^= 1 << bit
		}
	}
}

func TestReviewYears(t *testing.T) {
	t.Parallel()
	today := day("2026-11-24")
	years := func(change func(*Facts)) string {
		f := Facts{Organisation: association()}
		change(&f)
		var all []string
		for _, y := range NewRegister(f).ReviewYears(today) {
			all = append(all, y.Label())
		}
		return strings.Join(all, " ")
	}
	for _, c := range []struct {
		name, want string
		change     func(*Facts)
	}{
		{"nothing", "2026", func(f *Facts) { f.Organisation.KeptFrom = cal.Date{} }},
		{"kept since", "2026 2025 2024", func(f *Facts) { f.Organisation.KeptFrom = day("2024-06-01") }},
		{"a payment before", "2026 2025", func(f *Facts) {
			f.Organisation.KeptFrom = day("2026-06-01")
			f.Payments = []Payment{{ID: 1, PaidOn: day("2025-12-31"), Billed: eur(1), EUR: eur(1), Cost: eur(1)}}
		}},
		{"envelopes", "2026 2025", func(f *Facts) {
			f.Organisation.KeptFrom = cal.Date{}
			f.Envelopes = []Envelope{{ID: 1, Year: 2027, Ceiling: eur(1)}, {ID: 2, Year: 2025, Ceiling: eur(1)}}
		}},
		{"a review", "2026 2025 2024 2023", func(f *Facts) { f.Reviews = []Review{{ID: 1, Year: 2023}} }},
		{"in the middle of a year", "2026-2027 2025-2026", func(f *Facts) {
			f.Organisation.YearStart, f.Organisation.KeptFrom = cal.YearStart{Month: time.September, Day: 1}, day("2026-08-31")
		}},
	} {
		if got := years(c.change); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	r := NewRegister(Facts{Organisation: association(), Reviews: []Review{{ID: 4, Year: 2025, Summary: "x"}}})
	if v, ok := r.ReviewOf(2025); !ok || v.ID != 4 {
		t.Errorf("review %+v", v)
	}
	if v, ok := r.ReviewOf(2026); ok || v.ID != 0 || v.Year != 2026 {
		t.Errorf("review %+v", v)
	}
}

func TestAnnouncedChanges(t *testing.T) {
	t.Parallel()
	on := day("2026-11-24")
	in := cal.Span{From: day("2026-01-01"), To: day("2028-01-01")}
	next := yearly(func(s *Subscription) {
		s.ID, s.PlanID, s.StartedOn, s.Anchor = 14, 7, day("2027-03-15"), day("2027-03-15")
		s.Terms = []Terms{{ID: 15, From: s.StartedOn, Price: eur(1200), PerSeat: true, Seats: 2}}
	})
	for _, c := range []struct {
		name string
		s    Subscription
		more []Subscription
		want string
	}{
		{"nothing", yearly(), nil, ""},
		{"a price before today", yearly(func(s *Subscription) { then(s, "2026-11-24", eur(9999), 1) }), nil, ""},
		{"a price", yearly(func(s *Subscription) { then(s, "2026-11-25", eur(9999), 1) }), nil, "2026-11-25 price 91.20 99.99"},
		{"beyond the span", yearly(func(s *Subscription) { then(s, "2028-01-01", eur(9999), 1) }), nil, ""},
		{"seats", yearly(func(s *Subscription) { s.Terms[0].PerSeat = true; then(s, "2027-01-01", eur(9120), 3) }), nil, "2027-01-01 seats 1 3"},
		{"both", yearly(func(s *Subscription) { s.Terms[0].PerSeat = true; then(s, "2027-01-01", eur(9999), 3) }), nil, "2027-01-01 price 91.20 99.99, 2027-01-01 seats 1 3"},
		{"an end", yearly(func(s *Subscription) { s.EndsOn = day("2027-03-15"); then(s, "2027-04-01", eur(9999), 3) }), nil, "2027-03-15 end"},
		{"ended", yearly(func(s *Subscription) { s.EndsOn = day("2026-03-15") }), nil, ""},
		{"a switch", yearly(func(s *Subscription) { s.EndsOn, s.SuccessorID = day("2027-03-15"), 14 }), []Subscription{next}, "2027-03-15 switch 3 7"},
		{
			"a switch to a free plan", yearly(func(s *Subscription) { s.EndsOn, s.SuccessorID = day("2027-03-15"), 14 }),
			[]Subscription{yearly(func(s *Subscription) {
				s.ID, s.PlanID, s.StartedOn, s.Anchor = 14, 6, day("2027-03-15"), day("2027-03-15")
				s.Terms = []Terms{{ID: 15, From: s.StartedOn, Price: money.Zero(money.EUR), Seats: 1}}
			})},
			"2027-03-15 switch 3 6",
		},
		{"a start", next, nil, "2027-03-15 start 24.00"},
		{"a trial to come", yearly(func(s *Subscription) { *s = next; s.TrialEnds = day("2027-04-15") }), nil, "2027-03-15 trial, 2027-04-15 cost 24.00"},
		{"a grant that ends", yearly(func(s *Subscription) { s.GrantEnds = day("2027-01-01") }), nil, "2027-01-01 cost 91.20"},
		{"a grant that outlives it", yearly(func(s *Subscription) { s.GrantEnds, s.EndsOn = day("2027-01-01"), day("2027-01-01") }), nil, "2027-01-01 end"},
		{"called off before it began", yearly(func(s *Subscription) { *s = next; s.EndsOn = s.StartedOn }), nil, ""},
	} {
		r := twoYears(c.s, func(f *Facts) { f.Subscriptions = append(f.Subscriptions, c.more...) })
		var got []string
		for _, a := range r.Announced(in, on) {
			text := a.On.String() + " " + string(a.Kind)
			switch a.Kind {
			case AnnouncedPrice:
				text += " " + a.Was.Plain() + " " + a.Now.Plain()
			case AnnouncedSeats:
				text += " " + strconv.Itoa(a.SeatsWas) + " " + strconv.Itoa(a.Seats)
			case AnnouncedSwitch:
				text += " " + strconv.Itoa(int(a.PlanWas)) + " " + strconv.Itoa(int(a.PlanNow))
			case AnnouncedStart, AnnouncedCost:
				text += " " + a.Now.Plain()
			case AnnouncedTrial, AnnouncedEnd, AnnouncedClose:
			}
			got = append(got, text)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	closing := twoYears(yearly(), func(f *Facts) { f.Services[0].ClosesOn = day("2027-05-05") })
	if got := closing.Announced(in, on); len(got) != 1 || got[0].Kind != AnnouncedClose || got[0].On != day("2027-05-05") {
		t.Errorf("closing: %+v", got)
	}
	closed := twoYears(yearly(), func(f *Facts) { f.Services[0].ClosesOn = on })
	if got := closed.Announced(in, on); len(got) != 0 {
		t.Errorf("closed already: %+v", got)
	}
	archived := twoYears(yearly(func(s *Subscription) { then(s, "2027-01-01", eur(9999), 1) }), func(f *Facts) { f.Services[0].ArchivedOn = on })
	if got := archived.Announced(in, on); len(got) != 0 {
		t.Errorf("archived: %+v", got)
	}
}

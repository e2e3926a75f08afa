package models

import (
	"errors"
	"testing"

	"enveloppe/models/cal"

	"github.com/google/go-cmp/cmp"
)

// yearly is a plain subscription renewed every 15 March.
func yearly(change ...func(*Subscription)) Subscription {
	s := Subscription{
		ID: 4, ServiceID: 2, PlanID: 3, StartedOn: day("2024-03-15"), Anchor: day("2024-03-15"), Cadence: cal.Yearly, AutoRenew: true,
		Notice: cal.Notice{N: 30, Unit: cal.Day}, Terms: []Terms{{ID: 5, From: day("2024-03-15"), Price: eur(9120), Seats: 1}},
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func monthly(start string, change ...func(*Subscription)) Subscription {
	return yearly(append([]func(*Subscription){func(s *Subscription) {
		s.StartedOn, s.Anchor, s.Cadence, s.Notice = day(start), day(start), cal.Monthly, cal.Notice{}
		s.Terms = []Terms{{ID: 5, From: day(start), Price: eur(1000), Seats: 1}}
	}}, change...)...)
}

func days(text ...string) []cal.Date {
	var all []cal.Date
	for _, d := range text {
		all = append(all, day(d))
	}
	return all
}

func TestDecideBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		renewal string
		notice  cal.Notice
		margin  int
		want    string
	}{
		{"2027-03-15", cal.Notice{N: 30, Unit: cal.Day}, 0, "2027-02-13"},
		{"2027-03-15", cal.Notice{N: 1, Unit: cal.Month}, 0, "2027-02-15"},
		{"2027-03-31", cal.Notice{N: 1, Unit: cal.Month}, 0, "2027-02-28"},
		{"2027-03-15", cal.Notice{N: 30, Unit: cal.Day}, 2, "2027-02-11"},
		{"2028-03-31", cal.Notice{N: 1, Unit: cal.Month}, 0, "2028-02-29"},
		{"2027-03-15", cal.Notice{}, 0, "2027-03-15"},
		{"2027-03-15", cal.Notice{N: 2, Unit: cal.Week}, 0, "2027-03-01"},
		{"2028-02-29", cal.Notice{N: 1, Unit: cal.Year}, 0, "2027-02-28"},
	} {
		s := yearly(func(s *Subscription) { s.Notice = c.notice })
		if got := s.DecideBy(day(c.renewal), c.margin); got != day(c.want) {
			t.Errorf("renewal %s, notice %v, margin %d: decide by %v, want %s", c.renewal, c.notice, c.margin, got, c.want)
		}
	}
}

func TestNextRenewal(t *testing.T) {
	t.Parallel()
	month := func(text string) func(*Subscription) {
		return func(s *Subscription) { s.Anchor, s.StartedOn, s.Cadence = day(text), day(text), cal.Monthly }
	}
	for _, c := range []struct {
		name string
		sub  Subscription
		on   string
		want string
	}{
		{"the day before", yearly(), "2026-03-14", "2026-03-15"},
		{"the day itself: the next", yearly(), "2026-03-15", "2027-03-15"},
		{"before the start: the first charge", yearly(), "2020-01-01", "2024-03-15"},
		{"31 January, in January", monthly("2026-01-31"), "2026-01-31", "2026-02-28"},
		{"31 January, in February", monthly("2026-01-31"), "2026-02-28", "2026-03-31"},
		{"31 January, in March", monthly("2026-01-31"), "2026-03-31", "2026-04-30"},
		{"leap day", yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2024-02-29"), day("2024-02-29") }), "2027-02-28", "2028-02-29"},
		{"not while a trial is free", yearly(month("2026-01-01"), func(s *Subscription) { s.TrialEnds = day("2026-02-15") }), "2026-01-05", "2026-03-01"},
		{"nor a grant", yearly(month("2026-01-01"), func(s *Subscription) { s.GrantEnds = day("2026-04-01") }), "2026-01-05", "2026-04-01"},
		{"ends before it", yearly(func(s *Subscription) { s.EndsOn = day("2027-03-15") }), "2026-03-15", ""},
		{"ends after it", yearly(func(s *Subscription) { s.EndsOn = day("2027-03-16") }), "2026-03-15", "2027-03-15"},
		{"once, to come", yearly(func(s *Subscription) { s.Cadence = cal.OneOff }), "2024-03-14", "2024-03-15"},
		{"once, gone", yearly(func(s *Subscription) { s.Cadence = cal.OneOff }), "2024-03-15", ""},
		{"no cadence", yearly(func(s *Subscription) { s.Cadence = cal.Cadence{} }), "2024-03-15", ""},
	} {
		got, ok := c.sub.NextRenewal(day(c.on))
		if ok != (c.want != "") || got.String() != c.want {
			t.Errorf("%s: on %s the next is %v, want %s", c.name, c.on, got, c.want)
		}
	}
}

func TestCanEndOn(t *testing.T) {
	t.Parallel()
	fixed := func(text string) func(*Subscription) { return func(s *Subscription) { s.FixedUntil = day(text) } }
	trial := func(text string) func(*Subscription) { return func(s *Subscription) { s.TrialEnds = day(text) } }
	notice := func(n int, u cal.Unit) func(*Subscription) {
		return func(s *Subscription) { s.Notice = cal.Notice{N: n, Unit: u} }
	}
	once := func(s *Subscription) { s.Cadence = cal.OneOff }
	noAuto := func(s *Subscription) { s.AutoRenew = false }
	for _, c := range []struct {
		name string
		sub  Subscription
		on   string
		want string
	}{
		{"on the last day of the notice", yearly(), "2027-02-13", "2027-03-15"},
		{"a day later: a year later", yearly(), "2027-02-14", "2028-03-15"},
		{"on the renewal itself", yearly(), "2027-03-15", "2028-03-15"},
		{"without notice, the day before", yearly(notice(0, "")), "2027-03-14", "2027-03-15"},
		{"without notice, on the day: it has fallen", yearly(notice(0, "")), "2027-03-15", "2028-03-15"},
		{"month's end", monthly("2026-01-31", notice(1, cal.Month)), "2026-02-28", "2026-03-31"},
		{"a day after it", monthly("2026-01-31", notice(1, cal.Month)), "2026-03-01", "2026-04-30"},
		{"notice longer than the period", monthly("2026-01-15", notice(3, cal.Month)), "2026-06-01", "2026-09-15"},
		{"fixed term", yearly(fixed("2027-03-15")), "2025-01-01", "2027-03-15"},
		{"fixed term to the middle of a year", yearly(fixed("2027-03-16")), "2025-01-01", "2028-03-15"},
		{"fixed term, notice missed", yearly(fixed("2027-03-15")), "2027-02-14", "2028-03-15"},
		{"trial, whatever the notice", yearly(trial("2024-04-15")), "2024-04-14", "2024-04-15"},
		{"trial over", yearly(trial("2024-04-15")), "2024-04-15", "2025-03-15"},
		{"trial before a fixed term", yearly(trial("2024-04-15"), fixed("2026-03-15")), "2024-04-01", "2024-04-15"},
		{"before it began: called off", yearly(), "2024-03-14", "2024-03-15"},
		{"before it began, signed for a term", yearly(fixed("2026-03-15")), "2024-03-14", "2026-03-15"},
		{"no tacit renewal: no notice", yearly(noAuto), "2027-03-14", "2027-03-15"},
		{"once: any day", yearly(once), "2026-07-07", "2026-07-07"},
		{"once, on its day", yearly(once), "2024-03-15", "2024-03-16"},
		{"once, signed for and not yet paid", yearly(once, func(s *Subscription) { s.Anchor = day("2024-05-01") }), "2024-04-01", "2024-05-02"},
		{"no cadence", yearly(func(s *Subscription) { s.Cadence = cal.Cadence{} }), "2026-07-07", "2026-07-07"},
		{"a notice of a lifetime", yearly(notice(3650, cal.Year)), "2026-07-07", "5677-03-15"},
		{"a notice beyond the calendar", yearly(notice(3650, cal.Year)), "9000-01-01", "9000-01-01"},
	} {
		if got := c.sub.CanEndOn(day(c.on)); got != day(c.want) {
			t.Errorf("%s: cancelled on %s ends on %v, want %s", c.name, c.on, got, c.want)
		}
	}
}

func TestStateOn(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) { s.TrialEnds, s.GrantEnds = day("2024-04-15"), day("2024-09-15") })
	ending, calledOff := s, s
	ending.EndsOn = day("2025-03-15")
	calledOff.EndsOn = s.StartedOn
	for _, c := range []struct {
		sub  Subscription
		on   string
		want State
		runs bool
	}{
		{s, "2024-03-14", Planned, false},
		{s, "2024-03-15", Trial, true},
		{s, "2024-04-14", Trial, true},
		{s, "2024-04-15", Granted, true},
		{s, "2024-09-14", Granted, true},
		{s, "2024-09-15", Active, true},
		{s, "2099-01-01", Active, true},
		{ending, "2024-03-14", Planned, false},
		{ending, "2024-03-15", Ending, true},
		{ending, "2025-03-14", Ending, true},
		{ending, "2025-03-15", Ended, false},
		{calledOff, "2024-01-01", Ended, false},
		{calledOff, "2024-03-15", Ended, false},
	} {
		if got := c.sub.StateOn(day(c.on)); got != c.want || c.sub.RunsOn(day(c.on)) != c.runs {
			t.Errorf("on %s: %s, runs %v; want %s, %v", c.on, got, c.sub.RunsOn(day(c.on)), c.want, c.runs)
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := yearly()
	got, err := s.Cancel(day("2026-11-15"), cal.Date{}, "trop cher")
	if err != nil || got.EndsOn != day("2027-03-15") || got.CancelledOn != day("2026-11-15") || got.CancelReason != "trop cher" {
		t.Errorf("%+v, %v", got, err)
	}
	if s.EndsOn != (cal.Date{}) {
		t.Error("the one it was changed too")
	}
	early, err := s.Cancel(day("2026-11-15"), day("2026-11-20"), "geste de l’éditeur")
	if err != nil || early.EndsOn != day("2026-11-20") {
		t.Errorf("earlier than the contract: %v, %v", early.EndsOn, err)
	}
	off, err := s.Cancel(day("2024-03-01"), cal.Date{}, "")
	if err != nil || off.EndsOn != s.StartedOn || off.RunsOn(s.StartedOn) {
		t.Errorf("before it began: %v, %v", off.EndsOn, err)
	}
	var invalid Invalid
	if _, err := s.Cancel(s.StartedOn, s.StartedOn, ""); !errors.As(err, &invalid) || said(invalid) != "ends_on end.before_start" {
		t.Errorf("end on the start: %v", err)
	}
	if _, err := s.Cancel(cal.Date{}, s.StartedOn.AddDays(-1), "\x00"); !errors.As(err, &invalid) || said(invalid) != "on date.empty, ends_on end.before_start, reason characters" {
		t.Errorf("all wrong: %v", err)
	}
	var refused Refused
	if _, err := got.Cancel(today, cal.Date{}, ""); !errors.As(err, &refused) || refused.Rule != "already_ending" {
		t.Errorf("twice: %v", err)
	}
	if _, err := s.Reopen(); !errors.As(err, &refused) || refused.Rule != "not_ending" {
		t.Errorf("reopening what goes on: %v", err)
	}
	got.SuccessorID = 9
	if _, err := got.Reopen(); !errors.As(err, &refused) || refused.Rule != "has_successor" {
		t.Errorf("reopening what was taken over: %v", err)
	}
}

func TestSwitchTo(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) {
		s.OwnerID, s.MeansID, s.Account, s.Analytic = 21, 22, "6511", "FLEUVE"
		s.Seats = []Seat{
			{ID: 31, PersonID: 41, From: s.StartedOn},
			{ID: 32, PersonID: 42, From: s.StartedOn, To: day("2026-01-01")}, // freed before
			{ID: 33, PersonID: 43, From: s.StartedOn, To: day("2027-01-01")}, // to be freed after
			{ID: 34, PersonID: 44, From: day("2026-12-01")},                  // to be taken after
		}
	})
	free := Plan{ID: 6, ServiceID: 2, Name: "Basic", Tier: Free, Cadence: cal.Yearly}
	on := day("2026-11-16")
	ended, next, err := s.SwitchTo(free, on, Terms{PerSeat: true, Seats: 3}, "assez du gratuit")
	if err != nil {
		t.Fatal(err)
	}
	if ended.EndsOn != on || ended.CancelledOn != on || ended.CancelReason != "assez du gratuit" {
		t.Errorf("ended: %+v", ended)
	}
	want := Subscription{
		ServiceID: 2, PlanID: 6, StartedOn: on, Anchor: on, Cadence: cal.Yearly, Notice: s.Notice, AutoRenew: true,
		OwnerID: 21, MeansID: 22, Account: "6511", Analytic: "FLEUVE", LookOn: day("2027-11-16"),
		Terms: []Terms{{From: on, PerSeat: true, Seats: 3}},
		Seats: []Seat{{PersonID: 41, From: on}, {PersonID: 43, From: on, To: day("2027-01-01")}, {PersonID: 44, From: day("2026-12-01")}},
	}
	if d := cmp.Diff(want, next); d != "" {
		t.Errorf("next (-want +got):\n%s", d)
	}
	good := Terms{Price: eur(990), Seats: 3}
	for _, c := range []struct {
		name string
		plan Plan
		on   cal.Date
		t    Terms
		why  string
		want string
	}{
		{"to itself", Plan{ID: 3, ServiceID: 2, Tier: Premium}, on, good, "", "plan plan.same"},
		{"to another service", Plan{ID: 6, ServiceID: 7, Tier: Premium}, on, good, "", "plan choose"},
		{"on its first day", Plan{ID: 6, ServiceID: 2, Tier: Premium}, s.StartedOn, good, "", "on after"},
		{"with too few seats", Plan{ID: 6, ServiceID: 2, Tier: Premium}, on, Terms{Price: eur(990), PerSeat: true, Seats: 2}, "", "seats seats.below_assigned"},
		{"for nothing said", Plan{ID: 6, ServiceID: 2, Tier: Premium}, on, Terms{Seats: 1}, "\x00", "reason characters, price required"},
	} {
		var v Invalid
		if _, _, err := s.SwitchTo(c.plan, c.on, c.t, c.why); !errors.As(err, &v) || said(v) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	var refused Refused
	if _, _, err := ended.SwitchTo(free, on, good, ""); !errors.As(err, &refused) || refused.Rule != "already_ending" {
		t.Errorf("twice: %v", err)
	}
}

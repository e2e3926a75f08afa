package models_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
)

func TestStoryTellsEverythingOnce(t *testing.T) {
	t.Parallel()
	day := cal.MustNew
	today := day(2026, 11, 23)
	f := models.Facts{
		Organisation: models.Organisation{ID: 1, YearStart: cal.YearStart{Month: 1, Day: 1}},
		Services:     []models.Service{{ID: 2, Name: "Scoop.it"}},
		Plans:        []models.Plan{{ID: 3, ServiceID: 2, Tier: models.Premium}, {ID: 4, ServiceID: 2, Tier: models.Premium}},
		Subscriptions: []models.Subscription{
			{
				ID: 5, ServiceID: 2, PlanID: 3, StartedOn: day(2024, 4, 22), Anchor: day(2024, 4, 22), Cadence: cal.Yearly,
				CancelledOn: day(2026, 4, 22), EndsOn: day(2026, 4, 22), SuccessorID: 6, CancelReason: "trois thèmes suffisent",
				Terms: []models.Terms{{ID: 7, From: day(2024, 4, 22), Price: money.Euros(15000), Seats: 1}, {ID: 8, From: day(2025, 4, 22), Price: money.Euros(16800), Seats: 1}},
			},
			{
				ID: 6, ServiceID: 2, PlanID: 4, StartedOn: day(2026, 4, 22), Anchor: day(2026, 4, 22), Cadence: cal.Yearly,
				Terms: []models.Terms{{ID: 9, From: day(2026, 4, 22), Price: money.Euros(13200), Seats: 1}},
			},
		},
		Payments: []models.Payment{
			{ID: 10, ServiceID: 2, SubscriptionID: 5, ChargeOn: day(2025, 4, 22), PaidOn: day(2025, 4, 22), Billed: money.Euros(16800), EUR: money.Euros(16800), Cost: money.Euros(16800)},
			{ID: 11, ServiceID: 2, PaidOn: day(2025, 4, 23), Billed: money.Euros(100), ReversedByID: 12},
			{ID: 12, ServiceID: 2, PaidOn: day(2025, 4, 23), Billed: money.Euros(-100), ReversesID: 11},
		},
		Waivers: []models.Waiver{{ID: 13, SubscriptionID: 6, ChargeOn: day(2026, 4, 22), Reason: "offert"}},
		Decisions: []models.Decision{
			{ID: 14, ServiceID: 2, SubscriptionID: 5, Kind: models.Downgrade, On: day(2026, 4, 22), Reason: "trois thèmes suffisent"}, // the switch tells it
			{ID: 15, ServiceID: 2, Kind: models.Keep, On: day(2025, 1, 4)},
		},
	}
	var got []string
	for _, e := range models.NewRegister(f).Story(2, today) {
		got = append(got, fmt.Sprintf("%s %s", e.On, e.Kind))
	}
	want := []string{
		"2028-04-22 renewal", "2027-04-22 renewal", "2026-04-22 waiver", "2026-04-22 switch", "2025-04-22 payment", "2025-04-22 terms",
		"2025-01-04 decision", "2024-04-22 start",
	}
	if !slices.Equal(got, want) {
		t.Errorf("story\n%q, want\n%q", got, want)
	}
}

func TestStoryOfACancellation(t *testing.T) {
	t.Parallel()
	today := cal.MustNew(2026, 11, 23)
	for _, c := range []struct {
		cancelled, ends, trial cal.Date
		want                   []models.EventKind
	}{
		{cal.MustNew(2026, 11, 1), cal.MustNew(2027, 1, 10), cal.Date{}, []models.EventKind{models.EventEnd, models.EventCancel, models.EventStart}},
		{cal.MustNew(2026, 11, 1), cal.MustNew(2026, 11, 1), cal.Date{}, []models.EventKind{models.EventEnd, models.EventStart}},
		{cal.Date{}, cal.Date{}, cal.MustNew(2026, 12, 1), []models.EventKind{models.EventRenewal, models.EventRenewal, models.EventTrial, models.EventStart}},
		{cal.MustNew(2026, 11, 1), cal.MustNew(2026, 11, 15), cal.MustNew(2026, 12, 1), []models.EventKind{models.EventEnd, models.EventCancel, models.EventStart}},
	} {
		s := models.Subscription{
			ID: 5, ServiceID: 2, PlanID: 3, StartedOn: cal.MustNew(2026, 1, 10), Anchor: cal.MustNew(2026, 1, 10), Cadence: cal.Yearly,
			CancelledOn: c.cancelled, EndsOn: c.ends, TrialEnds: c.trial,
			Terms: []models.Terms{{ID: 7, From: cal.MustNew(2026, 1, 10), Price: money.Euros(1000), Seats: 1}},
		}
		f := models.Facts{
			Organisation: models.Organisation{ID: 1, YearStart: cal.YearStart{Month: 1, Day: 1}}, Services: []models.Service{{ID: 2}},
			Plans: []models.Plan{{ID: 3, ServiceID: 2, Tier: models.Premium}}, Subscriptions: []models.Subscription{s},
		}
		var got []models.EventKind
		for _, e := range models.NewRegister(f).Story(2, today) {
			got = append(got, e.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("cancelled %s for %s, trial %s: %q, want %q", c.cancelled, c.ends, c.trial, got, c.want)
		}
	}
}

// However the sample is turned, a story is in order, and its days to come are at most two renewals a subscription.
func TestStoriesOfTheSample(t *testing.T) {
	t.Parallel()
	for days := range 40 {
		today := cal.MustNew(2026, 1, 31).AddDays(days * 11)
		r := models.NewRegister(sample.Association(today, models.French, today.Time(time.UTC)))
		for _, sv := range r.Services {
			story := r.Story(sv.ID, today)
			if !slices.IsSortedFunc(story, func(a, b models.Event) int { return b.On.Compare(a.On) }) {
				t.Fatalf("%s on %s is not told newest first", sv.Name, today)
			}
			renewals := 0
			for _, e := range story {
				if e.Kind == models.EventRenewal {
					renewals++
					if !e.On.After(today) {
						t.Errorf("%s: a renewal to come on %s, today is %s", sv.Name, e.On, today)
					}
				}
			}
			if renewals > 2*len(r.SubscriptionsOf(sv.ID)) {
				t.Errorf("%s tells %d renewals to come", sv.Name, renewals)
			}
		}
	}
}

func TestTermsSpan(t *testing.T) {
	t.Parallel()
	today := cal.MustNew(2026, 11, 23)
	s := models.Subscription{StartedOn: cal.MustNew(2024, 1, 1), Terms: []models.Terms{{From: cal.MustNew(2024, 1, 1)}}}
	if got := s.TermsSpan(today); got != (cal.Span{From: s.StartedOn, To: cal.MustNew(2027, 11, 23)}) {
		t.Errorf("running: %v", got)
	}
	s.Terms = append(s.Terms, models.Terms{From: cal.MustNew(2028, 1, 1)})
	if got := s.TermsSpan(today); got.To != cal.MustNew(2028, 7, 1) {
		t.Errorf("a change far ahead: %v", got)
	}
	s.EndsOn = cal.MustNew(2026, 1, 1)
	if got := s.TermsSpan(today); got.To != s.EndsOn {
		t.Errorf("ended: %v", got)
	}
}

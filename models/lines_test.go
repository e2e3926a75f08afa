package models

import (
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// While a change of plan is planned the list shows the plan in use, and the cost of both in the year ahead.
func TestLineWhileASwitchIsPlanned(t *testing.T) {
	t.Parallel()
	s := monthly("2026-01-01")
	ended, next, err := s.SwitchTo(Plan{ID: 6, ServiceID: 2, Name: "Autre", Tier: Premium, Cadence: cal.Monthly}, day("2027-01-01"), Terms{Price: eur(2000), Seats: 1}, "")
	if err != nil {
		t.Fatal(err)
	}
	next.ID = 400
	r := registerWith(ended, func(f *Facts) { f.Subscriptions = append(f.Subscriptions, next) })
	l, ok := r.Line(2, today)
	if !ok || l.Standing != InUse || l.Subscription.ID != 4 || l.Yearly != eur(1000+11*2000) || l.Renewal != day("2026-12-01") || !l.Complete {
		t.Errorf("%s, subscription %d, %v a year, renewed on %v", l.Standing, l.Subscription.ID, l.Yearly, l.Renewal)
	}
	if p := r.Position(r.Year(today), today); p.Services != 1 || p.PaidServices != 1 {
		t.Errorf("%d services, %d paid", p.Services, p.PaidServices)
	}
	if l, _ = r.Line(2, day("2027-01-01")); l.Standing != InUse || l.Subscription.ID != 400 {
		t.Errorf("afterwards: %s, subscription %d", l.Standing, l.Subscription.ID)
	}
	off, err := next.Cancel(today, cal.Date{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if l, _ = r.With(off).Line(2, day("2027-01-01")); l.Standing != Former || l.Subscription.ID != 4 {
		t.Errorf("called off: %s, subscription %d", l.Standing, l.Subscription.ID)
	}
}

func TestLinesAddUpToTheRunRate(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		total := money.Zero(money.EUR)
		complete := true
		for _, l := range r.Lines(on) {
			total, complete = total.Add(l.Yearly), complete && l.Complete
		}
		want, all := r.RunRate(on)
		same(t, "run rate", want, total)
		same(t, "complete", all, complete)
	})
}

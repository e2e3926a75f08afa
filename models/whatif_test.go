package models

import (
	"testing"

	"enveloppe/models/cal"
)

func TestWhatIfPlan(t *testing.T) {
	t.Parallel()
	// On 15 November the yearly plan of 91,20 has been paid in March; ten euros a month begin on the 16th.
	facts := func(change ...func(*Facts)) *Register {
		return registerWith(yearly(), append([]func(*Facts){func(f *Facts) {
			f.Organisation.KeptFrom = day("2026-01-01")
			f.Envelopes = []Envelope{{ID: 60, Year: 2026, Floor: eur(0), Ceiling: eur(15_000)}}
		}}, change...)...)
	}
	month := Plan{ID: 6, ServiceID: 2, Tier: Premium, Price: eur(1000), Cadence: cal.Monthly}
	seat := Plan{ID: 6, ServiceID: 2, Tier: Premium, Price: eur(1000), Cadence: cal.Monthly, PerSeat: true}
	planned := func(f *Facts) { // from 1 December something dearer takes over
		f.Subscriptions[0].EndsOn = day("2026-12-01")
		f.Subscriptions = append(f.Subscriptions, monthly("2026-12-01", func(s *Subscription) { s.ID, s.PlanID, s.Terms[0].Price = 400, 7, eur(5000) }))
	}
	for _, c := range []struct {
		name  string
		r     *Register
		plan  Plan
		seats int
		want  Effect
	}{
		{"by the month", facts(), month, 9, Effect{Seats: 1, Yearly: eur(12_000), Forecast: eur(11_120), Change: eur(2000), Room: eur(3880), Complete: true}},
		{"the plan one has", facts(), Plan{ID: 3, ServiceID: 2, Tier: Premium, Price: eur(9120), Cadence: cal.Yearly}, 9, Effect{Seats: 1, Yearly: eur(9120), Forecast: eur(9120), Change: eur(0), Room: eur(5880), Complete: true}},
		{"free", facts(), Plan{ID: 6, ServiceID: 2, Tier: Free, Cadence: cal.Yearly}, 9, Effect{Seats: 1, Yearly: eur(0), Forecast: eur(9120), Change: eur(0), Room: eur(5880), Complete: true}},
		{"by seat, of today's terms", facts(func(f *Facts) { f.Subscriptions[0].Terms[0].Seats = 4 }), seat, 9, Effect{Seats: 4, Yearly: eur(48_000), Forecast: eur(17_120), Change: eur(8000), Room: eur(-2120), Complete: true}},
		{"by seat, for all who use it", facts(func(f *Facts) {
			f.Subscriptions[0].Seats = []Seat{{ID: 41, PersonID: 21, From: day("2024-03-15")}, {ID: 42, PersonID: 22, From: day("2024-03-15")}}
		}), seat, 9, Effect{Seats: 2, Yearly: eur(24_000), Forecast: eur(13_120), Change: eur(4000), Room: eur(1880), Complete: true}},
		{"of a service without subscription", facts(func(f *Facts) { f.Subscriptions = nil }), seat, 3, Effect{Seats: 3, Yearly: eur(36_000), Forecast: eur(6000), Change: eur(6000), Room: eur(9000), Complete: true}},
		{"for nobody", facts(func(f *Facts) { f.Subscriptions = nil }), seat, 0, Effect{Seats: 1, Yearly: eur(12_000), Forecast: eur(2000), Change: eur(2000), Room: eur(13_000), Complete: true}},
		{"in place of a switch that is planned", facts(planned), month, 9, Effect{Seats: 1, Yearly: eur(12_000), Forecast: eur(11_120), Change: eur(-3000), Room: eur(3880), Complete: true}},
		{"without a rate", facts(), Plan{ID: 6, ServiceID: 2, Tier: Premium, Price: dollars(1000), Cadence: cal.Monthly}, 9, Effect{Seats: 1, Yearly: eur(0), Forecast: eur(9120), Change: eur(0), Room: eur(5880)}},
		{"without an envelope", facts(func(f *Facts) { f.Envelopes = nil }), month, 9, Effect{Seats: 1, Yearly: eur(12_000), Forecast: eur(11_120), Change: eur(2000), Complete: true}},
	} {
		if got := c.r.WhatIfPlan(c.plan, today, c.seats).Effect; got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestWhatIfPlanByHeadAndByTheYear(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly(), func(f *Facts) { f.Organisation.Headcount, f.Subscriptions[0].Terms[0].Seats = 5, 4 })
	idle := registerWith(yearly(), func(f *Facts) { f.Organisation.Headcount, f.Subscriptions = 5, nil })
	month := Plan{ID: 6, ServiceID: 2, Tier: Premium, Price: eur(1000), Cadence: cal.Monthly}
	seat := Plan{ID: 6, ServiceID: 2, Tier: Premium, Price: eur(1000), Cadence: cal.Monthly, PerSeat: true}
	ours := Plan{ID: 3, ServiceID: 2, Tier: Premium, Price: eur(9120), Cadence: cal.Yearly}
	for _, c := range []struct {
		name               string
		r                  *Register
		plan               Plan
		people             int
		each, rate, change int64
	}{
		{"ours, for four", r, ours, 4, 2280, 9120, 0},
		{"another, together", r, month, 4, 3000, 12_000, 2880},
		{"another, each", r, seat, 4, 12_000, 48_000, 38_880},
		{"nothing runs, together", idle, month, 5, 2400, 12_000, 12_000},
		{"nothing runs, each", idle, seat, 3, 12_000, 36_000, 36_000},
		{"free", r, Plan{ID: 6, ServiceID: 2, Tier: Free, Cadence: cal.Yearly}, 4, 0, 0, -9120},
	} {
		got := c.r.WhatIfPlan(c.plan, today, 3)
		if got.People != c.people || got.Each != eur(c.each) || got.RunRate != eur(c.rate) || got.RunRateChange != eur(c.change) || !got.Complete {
			t.Errorf("%s: %d people at %v; %v, %v more", c.name, got.People, got.Each, got.RunRate, got.RunRateChange)
		}
	}
}

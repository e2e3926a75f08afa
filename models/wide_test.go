package models

import (
	"math"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// mostly draws one of the usual values, and now and then one of the others.
func mostly[T any](t *rapid.T, label string, usual, others []T) T {
	if rapid.IntRange(0, 19).Draw(t, label+" unusual") > 0 {
		return rapid.SampledFrom(usual).Draw(t, label)
	}
	return rapid.SampledFrom(others).Draw(t, label)
}

// drawWide draws a subscription from all that Check may be given, mostly good.
func drawWide(t *rapid.T) Subscription {
	start := drawDay(t, "start", 1970, 2199)
	maybe := func(label string) cal.Date {
		d := mostly(t, label, []cal.Date{{}, {}, start.AddDays(rapid.IntRange(1, 3000).Draw(t, label+" later"))}, []cal.Date{start, start.AddDays(-1), day("2199-12-31")})
		return d
	}
	units := []cal.Unit{cal.Day, cal.Week, cal.Month, cal.Year}
	s := Subscription{
		ID: 4, ServiceID: 2, PlanID: 3, StartedOn: start, Anchor: mostly(t, "anchor", []cal.Date{start, start.AddDays(20)}, []cal.Date{{}, start.AddDays(-1), day("2199-12-31")}),
		Cadence: cal.Cadence{
			Every: mostly(t, "every", []int{1, 1, 1, 2, 13, 999}, []int{0, -1, 1000}),
			Unit:  mostly(t, "unit", append(units, cal.Once), []cal.Unit{""}),
		},
		Notice:    cal.Notice{N: mostly(t, "notice", []int{0, 1, 9, 60}, []int{3650, 3651, -1, math.MaxInt}), Unit: mostly(t, "notice unit", units, []cal.Unit{"", cal.Once})},
		AutoRenew: rapid.Bool().Draw(t, "auto"), TrialEnds: maybe("trial"), GrantEnds: maybe("grant"), FixedUntil: maybe("fixed"), EndsOn: maybe("end"), CancelledOn: maybe("cancelled"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "terms") {
		from := start
		if n := len(s.Terms); n > 0 {
			from = s.Terms[n-1].From.AddDays(rapid.IntRange(1, 4000).Draw(t, "later"))
		}
		s.Terms = append(s.Terms, Terms{
			From: from, PerSeat: rapid.Bool().Draw(t, "per seat"), Seats: mostly(t, "seats", []int{1, 5, MaxSeats}, []int{0, -1, math.MaxInt}),
			Price: money.New(mostly(t, "price", []int64{1, 912_000, money.MaxTyped / MaxSeats, money.MaxTyped}, []int64{0, money.MaxTyped + 1, -1, math.MaxInt64}),
				mostly(t, "currency", []money.Currency{money.EUR, usd, jpy, "KWD"}, []money.Currency{"ZZZ", ""})),
		})
	}
	return s
}

// Whatever passes Check can be asked anything on any day, and every answer comes.
func TestWhatIsAcceptedBreaksNothing(t *testing.T) {
	t.Parallel()
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawWide(t)
		on := drawDay(t, "today", 1970, 2199)
		// These must come to an end even for what Check refuses.
		s.CanEndOn(on)
		s.NextRenewal(on)
		s.StateOn(on)
		s.TermsOn(on)
		bad := s.Check()
		for _, x := range s.Terms {
			bad = append(bad, x.Check(Premium)...)
		}
		if len(bad) > 0 {
			return
		}
		accepted++
		r := registerWith(s, func(f *Facts) {
			f.Organisation.KeptFrom = cal.Max(on.AddMonths(-20), day("1970-01-01"))
			f.Organisation.VAT = []VATStatus{{Kind: NoDeduction}}
			f.Vendors[0].Country = "US"
			f.Rates = []ReferenceRate{{ID: 50, Currency: usd, Day: on, Rate: mostly(t, "rate", []money.Rate{rate("0.0001"), rate("1.0714")}, []money.Rate{rate("999999999999.9999999999")}), Source: RateTyped}, {ID: 51, Currency: jpy, Day: on, Rate: rate("999999999999"), Source: RateTyped}}
			f.Envelopes = []Envelope{{ID: 52, Year: on.Year(), Ceiling: eur(1)}}
			f.Services[0].ExportEvery = 90
		})
		year := r.Year(on)
		r.Position(year, on)
		r.FlagPass(on)
		r.Coming(on)
		r.RunRate(on)
		r.Spread(year, on)
		r.Due(on)
		r.Marks(cal.Span{From: on, To: on.AddMonths(24)}, on)
		r.Lines(on)
		r.Story(2, on)
		r.CostByPerson(on)
		r.WhatIfPlan(Plan{ID: 60, ServiceID: 2, Tier: Premium, Price: eur(100), Cadence: cal.Monthly, PerSeat: true}, on, 2)
		if c, err := s.Cancel(on, cal.Date{}, ""); err == nil && len(c.Check()) > 0 {
			t.Fatalf("cancelled on %v it ends on %v, and is refused: %v", on, c.EndsOn, said(c.Check()))
		}
	})
	if accepted == 0 {
		t.Error("nothing drawn was accepted")
	}
}

package models

import (
	"slices"
	"testing"

	"enveloppe/models/cal"

	"github.com/google/go-cmp/cmp"
)

// registerWith is a register of one French service and one subscription, as the tables need it.
func registerWith(s Subscription, change ...func(*Facts)) *Register {
	f := Facts{
		Organisation: association(),
		People:       []Person{{ID: 21, Name: "Awa", Role: Editor, Lang: French}, {ID: 22, Name: "Karim", Role: Staff, Lang: French}},
		Functions:    []Function{{ID: 1, Name: "Données", Account: "6512"}},
		Vendors:      []Vendor{{ID: 8, Name: "Dropbox", Country: "FR"}},
		Services:     []Service{{ID: 2, Name: "Dropbox", FunctionID: 1, VendorID: 8}},
		Plans:        []Plan{{ID: 3, ServiceID: 2, Name: "Plus", Tier: Premium, Price: eur(9120), Cadence: cal.Yearly}},
	}
	f.Organisation.KeptFrom = day("2026-06-01")
	if s.OwnerID == 0 {
		s.OwnerID = 21
	}
	f.Subscriptions = []Subscription{s}
	for _, c := range change {
		c(&f)
	}
	return NewRegister(f)
}

func TestChargesFallOn(t *testing.T) {
	t.Parallel()
	year := func(n int) cal.Span { return cal.YearStart{Month: 1, Day: 1}.Year(n).Span() }
	for _, c := range []struct {
		name string
		sub  Subscription
		in   cal.Span
		want []cal.Date
	}{
		{"31 January monthly", monthly("2026-01-31"), cal.Span{From: day("2026-02-01"), To: day("2026-08-01")}, days("2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31")},
		{
			"29 February yearly", yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2024-02-29"), day("2024-02-29") }),
			cal.Span{From: day("2024-03-01"), To: day("2029-03-01")},
			days("2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"),
		},
		{
			"31 August every 6 months", monthly("2025-08-31", func(s *Subscription) { s.Cadence = cal.HalfYearly }),
			cal.Span{From: day("2025-09-01"), To: day("2027-03-01")},
			days("2026-02-28", "2026-08-31", "2027-02-28"),
		},
		{"half-open: the first day is in, the last is not", yearly(), cal.Span{From: day("2025-03-15"), To: day("2026-03-15")}, days("2025-03-15")},
		{"nothing in an empty span", yearly(), cal.Span{From: day("2025-03-15"), To: day("2025-03-15")}, nil},
		{"nothing before the start", yearly(), year(2023), nil},
		{"nothing from its end on", yearly(func(s *Subscription) { s.EndsOn = day("2026-03-15") }), year(2026), nil},
		{"the last before its end", yearly(func(s *Subscription) { s.EndsOn = day("2026-03-16") }), year(2026), days("2026-03-15")},
		{"nothing in a trial, the day it ends costs", monthly("2026-01-15", func(s *Subscription) { s.TrialEnds = day("2026-11-15") }), year(2026), days("2026-11-15", "2026-12-15")},
		{"nothing in a grant", monthly("2026-01-15", func(s *Subscription) { s.GrantEnds = day("2026-11-16") }), year(2026), days("2026-12-15")},
		{"once", yearly(func(s *Subscription) { s.Cadence = cal.OneOff }), cal.Span{From: day("2020-01-01"), To: day("2030-01-01")}, days("2024-03-15")},
		{"nothing that is free", yearly(func(s *Subscription) { s.Terms[0].Price = eur(0) }), year(2026), nil},
		{"nothing without terms", yearly(func(s *Subscription) { s.Terms = nil }), year(2026), nil},
		{"free at first", monthly("2026-01-15", func(s *Subscription) {
			s.Terms = []Terms{{ID: 5, From: day("2026-01-15"), Seats: 1}, {ID: 6, From: day("2026-11-15"), Price: eur(1000), Seats: 1}}
		}), year(2026), days("2026-11-15", "2026-12-15")},
	} {
		var got []cal.Date
		for _, x := range registerWith(c.sub).ChargesOf(c.sub, c.in, today) {
			got = append(got, x.On)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Thirteen or fourteen charges counted, never × 52 / 4.
func TestFourWeeklyIsCounted(t *testing.T) {
	t.Parallel()
	for start, want := range map[string]int{"2026-01-01": 14, "2026-01-02": 13, "2026-01-15": 13, "2025-12-04": 14, "2025-12-05": 13} {
		s := monthly(start, func(s *Subscription) { s.Cadence = cal.Cadence{Every: 4, Unit: cal.Week} })
		r := registerWith(s)
		if got := r.Charges(r.Year(today).Span(), today); len(got) != want {
			t.Errorf("from %s: %d charges in 2026, want %d", start, len(got), want)
		}
	}
}

func TestCharge(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) {
		s.Terms = []Terms{
			{ID: 5, From: s.StartedOn, Price: dollars(3300), PerSeat: true, Seats: 3},
			{ID: 6, From: day("2027-03-15"), Price: dollars(4000), PerSeat: true, Seats: 2},
		}
	})
	r := registerWith(s, func(f *Facts) {
		f.Vendors[0].Country = "IE"
		f.Organisation.VAT = []VATStatus{{Kind: NoDeduction}}
		f.Rates = []ReferenceRate{{ID: 30, Currency: usd, Day: today.AddDays(-3), Rate: rate("1.0714"), Source: RateECB}}
		f.Payments = []Payment{{ID: 31, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2025-03-15"), PaidOn: day("2025-03-17")}}
		f.Waivers = []Waiver{{ID: 32, SubscriptionID: 4, ChargeOn: day("2026-03-15"), On: day("2026-04-01")}}
	})
	got, ok := r.Charge(4, day("2027-03-15"), today)
	want := Charge{
		SubscriptionID: 4, ServiceID: 2, K: 3, On: day("2027-03-15"), Period: cal.Span{From: day("2027-03-15"), To: day("2028-03-15")}, Billed: dollars(8000),
		Conversion: Conversion{EUR: eur(7467), Rate: rate("1.0714"), Day: today.AddDays(-3), Source: RateECB}, Cost: eur(8960), DecideBy: day("2027-02-11"),
	}
	if d := cmp.Diff(want, got); !ok || d != "" {
		t.Errorf("charge (-want +got):\n%s", d)
	}
	if got.Stake() != eur(8960) {
		t.Errorf("at stake: %v", got.Stake())
	}
	past, ok := r.Charge(4, day("2026-03-15"), today)
	if !ok || past.Conversion.OK() || !past.Cost.IsNone() || past.Stake() != dollars(9900) {
		t.Errorf("without a rate: %+v", past)
	}
	for _, c := range []struct {
		on   string
		want Settled
		by   ID
	}{{"2025-03-15", Paid, 31}, {"2026-03-15", Waived, 32}, {"2027-03-15", Open, 0}} {
		x, _ := r.Charge(4, day(c.on), today)
		if how, by := r.Settlement(x); how != c.want || by != c.by || r.IsOpen(x) != (c.want == Open) {
			t.Errorf("%s: %q by %d, want %q by %d", c.on, how, by, c.want, c.by)
		}
	}
	if _, ok := r.Charge(4, day("2027-03-16"), today); ok {
		t.Error("a charge on no renewal")
	}
	if _, ok := r.Charge(99, day("2027-03-15"), today); ok {
		t.Error("a charge of no subscription")
	}
	if !r.HasSettlements(4) || r.HasSettlements(99) {
		t.Error("HasSettlements is wrong")
	}
}

// Locked or avoidable, as of the days around each decide-by day.
func TestLocked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		sub      Subscription
		on, asOf string
		decideBy string
		locked   bool
	}{
		{"on its decide-by day", yearly(), "2027-03-15", "2027-02-11", "2027-02-11", false},
		{"the day after", yearly(), "2027-03-15", "2027-02-12", "2027-02-11", true},
		{"the next one moves on by itself", yearly(), "2028-03-15", "2027-02-12", "2028-02-12", false},
		{"signing up was the decision", yearly(), "2024-03-15", "2024-03-15", "2024-03-14", true},
		{"before signing up", yearly(), "2024-03-15", "2024-03-14", "2024-03-14", false},
		{"fixed term", yearly(func(s *Subscription) { s.FixedUntil = day("2027-03-15") }), "2026-03-15", "2025-01-01", "2024-03-14", true},
		{"end of a fixed term", yearly(func(s *Subscription) { s.FixedUntil = day("2027-03-15") }), "2027-03-15", "2027-02-11", "2027-02-11", false},
		{"fixed term signed for later", yearly(func(s *Subscription) { s.FixedUntil = day("2027-03-15") }), "2025-03-15", "2024-01-01", "2024-03-14", true},
		{"trial: no notice, the day before its last but the margin", yearly(func(s *Subscription) { s.TrialEnds, s.Anchor = day("2024-04-15"), day("2024-04-15") }), "2024-04-15", "2024-04-12", "2024-04-12", false},
		{"trial, too late", yearly(func(s *Subscription) { s.TrialEnds, s.Anchor = day("2024-04-15"), day("2024-04-15") }), "2024-04-15", "2024-04-13", "2024-04-12", true},
		{"trial before a fixed term", yearly(func(s *Subscription) {
			s.TrialEnds, s.Anchor, s.FixedUntil = day("2024-04-15"), day("2024-04-15"), day("2026-04-15")
		}), "2025-04-15", "2024-04-01", "2024-04-12", false},
		{"after the trial, in the fixed term", yearly(func(s *Subscription) {
			s.TrialEnds, s.Anchor, s.FixedUntil = day("2024-04-15"), day("2024-04-15"), day("2026-04-15")
		}), "2025-04-15", "2024-04-15", "2024-04-12", true},
		{"first charge after a grant, by notice", yearly(func(s *Subscription) { s.GrantEnds, s.Anchor = day("2025-03-15"), day("2025-03-15") }), "2025-03-15", "2025-02-11", "2025-02-11", false},
		{"no tacit renewal binds nobody", yearly(func(s *Subscription) { s.AutoRenew = false }), "2027-03-15", "2027-03-14", "2027-02-11", false},
		{"but a fixed term does", yearly(func(s *Subscription) { s.AutoRenew, s.FixedUntil = false, day("2028-03-15") }), "2027-03-15", "2025-01-01", "2024-03-14", true},
	} {
		r := registerWith(c.sub)
		got, ok := r.Charge(4, day(c.on), day(c.asOf))
		if !ok || got.DecideBy != day(c.decideBy) || got.Locked != c.locked {
			t.Errorf("%s: decide by %v, locked %v; want %s, %v", c.name, got.DecideBy, got.Locked, c.decideBy, c.locked)
		}
	}
}

func TestDue(t *testing.T) {
	t.Parallel()
	s := monthly("2025-10-31")
	r := registerWith(s, func(f *Facts) {
		f.Organisation.KeptFrom = day("2026-08-31")
		f.Payments = []Payment{
			{ID: 31, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2026-09-30"), PaidOn: day("2026-11-03"), Billed: eur(1000), EUR: eur(1000), Cost: eur(1000)},
			{ID: 33, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2026-10-31"), PaidOn: day("2026-11-02"), ReversedByID: 34},
			{ID: 34, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2026-10-31"), PaidOn: day("2026-11-02"), ReversesID: 33},
		}
	})
	for on, want := range map[string][]cal.Date{
		"2026-08-30": nil,
		"2026-08-31": days("2026-08-31"),
		"2026-11-02": days("2026-08-31", "2026-09-30", "2026-10-31"), // paid the day after
		"2026-11-15": days("2026-08-31", "2026-10-31"),               // and what was reversed is due again
	} {
		var got []cal.Date
		for _, c := range r.Due(day(on)) {
			got = append(got, c.On)
		}
		if !slices.Equal(got, want) {
			t.Errorf("on %s due are %v, want %v", on, got, want)
		}
	}
	r = registerWith(s, func(f *Facts) { f.Organisation.KeptFrom = cal.Date{} })
	if got := r.Due(day("2026-02-28")); len(got) != 2 {
		t.Errorf("since the year began %d are due, want 2", len(got))
	}
}

func TestChargesAreInOrder(t *testing.T) {
	t.Parallel()
	r := NewRegister(manyServices(200))
	all := r.Charges(r.Year(today).Span(), today)
	if !slices.IsSortedFunc(all, func(a, b Charge) int {
		if c := a.On.Compare(b.On); c != 0 {
			return c
		}
		return int(a.SubscriptionID - b.SubscriptionID)
	}) {
		t.Error("not by day, then subscription")
	}
}

// A decide-by day on a day off is announced earlier, never later, and never on a day that is over.
func TestSaidBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ by, today, want string }{
		{"2026-12-15", "2026-11-23", "2026-12-15"}, // Tuesday
		{"2027-11-21", "2026-11-23", "2027-11-19"}, // Sunday
		{"2026-12-25", "2026-11-23", "2026-12-24"}, // Christmas, a Friday
		{"2026-05-03", "2026-04-01", "2026-04-30"}, // Sunday after Saturday after Labour Day
		{"2027-11-21", "2027-11-20", "2027-11-20"}, // on the Saturday there is still until tomorrow
		{"2027-11-21", "2027-11-22", "2027-11-21"}, // over
	} {
		if got := (Charge{DecideBy: day(c.by)}).SaidBy(day(c.today)); got != day(c.want) {
			t.Errorf("decide by %s is said as %v on %s, want %s", c.by, got, c.today, c.want)
		}
	}
}

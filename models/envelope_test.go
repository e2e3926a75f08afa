package models

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestSharesFitInTheEnvelope(t *testing.T) {
	t.Parallel()
	with := func(shares ...Share) Envelope {
		return Envelope{Year: 2026, Floor: eur(80000), Ceiling: eur(100000), Shares: shares}
	}
	for _, c := range []struct {
		name string
		e    Envelope
		want string // field and rule of the only problem
	}{
		{"none", with(), ""},
		{"all of it", with(Share{1, eur(60000)}, Share{2, eur(40000)}), ""},
		{"nothing for one", with(Share{1, eur(0)}), ""},
		{"a cent too much", with(Share{1, eur(60000)}, Share{2, eur(40001)}), "shares shares.above_ceiling"},
		{"twice", with(Share{1, eur(1)}, Share{1, eur(1)}), "share.1 duplicate"},
		{"of nobody", with(Share{0, eur(1)}), "share.0 choose"},
		{"below nothing", with(Share{3, eur(-1)}), "share.3 negative"},
		{"in dollars", with(Share{3, dollars(1)}), "share.3 currency.same"},
		{"none said", with(Share{FunctionID: 3}), "share.3 currency.same"},
		{"too much to add up", with(Share{1, money.New(money.MaxTyped, money.EUR)}, Share{2, money.New(money.MaxTyped, money.EUR)}), "shares shares.above_ceiling"},
		{"no ceiling", Envelope{Year: 2026, Floor: eur(1), Shares: []Share{{1, eur(1)}}}, "ceiling positive"},
	} {
		got := ""
		for _, p := range c.e.Check() {
			got += p.Field + " " + p.Rule
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	e := with(Share{2, eur(100)}, Share{FunctionID: 3}, Share{1, eur(200)}).Tidy()
	if diff := cmp.Diff([]Share{{1, eur(200)}, {2, eur(100)}}, e.Shares, cmp.AllowUnexported(money.Amount{})); diff != "" || e.Unshared() != eur(99700) || !e.ShareOf(3).IsNone() || e.ShareOf(2) != eur(100) {
		t.Errorf("tidied into %+v (%s)", e, diff)
	}
}

func TestEnvelopeIsProposed(t *testing.T) {
	t.Parallel()
	year := cal.YearStart{Month: 1, Day: 1}.Year(2027)
	for _, c := range []struct {
		name           string
		price          money.Amount // of the one yearly service
		before         *Envelope
		why            ProposalReason
		floor, ceiling money.Amount
		shares         []Share
	}{
		{"it still holds", eur(91234), &Envelope{Floor: eur(80000), Ceiling: eur(100000), Shares: []Share{{1, eur(50000)}}}, ProposalKept, eur(80000), eur(100000), []Share{{1, eur(50000)}}},
		{"just", eur(100000), &Envelope{Floor: eur(80000), Ceiling: eur(100000)}, ProposalKept, eur(80000), eur(100000), nil},
		{"a cent over", eur(100001), &Envelope{Floor: eur(80000), Ceiling: eur(100000)}, ProposalRaised, eur(90000), eur(110000), nil},
		{"over", eur(91234), &Envelope{Floor: eur(70000), Ceiling: eur(90000)}, ProposalRaised, eur(75000), eur(95000), nil},
		{"over, no floor", eur(91234), &Envelope{Floor: eur(0), Ceiling: eur(90000)}, ProposalRaised, eur(0), eur(95000), nil},
		{"over, floor never said", eur(91234), &Envelope{Ceiling: eur(90000)}, ProposalRaised, eur(0), eur(95000), nil},
		{
			"under", eur(61234), &Envelope{Floor: eur(80000), Ceiling: eur(100000), Shares: []Share{{1, eur(70000)}, {2, eur(29999)}}},
			ProposalLowered, eur(60000), eur(80000),
			[]Share{{1, eur(56000)}, {2, eur(23900)}},
		},
		{"far under", eur(1234), &Envelope{Floor: eur(80000), Ceiling: eur(81000)}, ProposalLowered, eur(1200), eur(2200), nil},
		{"the first", eur(91234), nil, ProposalFirst, eur(90000), eur(95000), nil},
		{"the first, round", eur(90000), nil, ProposalFirst, eur(90000), eur(90000), nil},
		{"the first, little", eur(450), nil, ProposalFirst, eur(400), eur(500), nil},
		{"the first, much", eur(1234567), nil, ProposalFirst, eur(1200000), eur(1300000), nil},
		{"nothing", eur(0), nil, ProposalNothing, money.Amount{}, money.Amount{}, nil},
		{"nothing any more", eur(0), &Envelope{Floor: eur(80000), Ceiling: eur(100000)}, ProposalLowered, eur(0), eur(20000), nil},
	} {
		s := Subscription{ID: 9, ServiceID: 2, PlanID: 3, StartedOn: day("2026-03-01"), Anchor: day("2026-03-01"), Cadence: cal.Yearly, AutoRenew: true, Terms: []Terms{{From: day("2026-03-01"), Price: c.price, Seats: 1}}}
		r := registerWith(s, func(f *Facts) {
			f.Functions = append(f.Functions, Function{ID: 2, Name: "Autre"})
			if c.before != nil {
				e := *c.before
				e.ID, e.Year = 70, 2026
				f.Envelopes = []Envelope{e}
			}
		})
		p := r.ProposeEnvelope(year, day("2026-11-24"))
		if p.Why != c.why || p.Floor != c.floor || p.Ceiling != c.ceiling || p.Year != 2027 || p.ID != 0 {
			t.Errorf("%s: %s, %v to %v; want %s, %v to %v", c.name, p.Why, p.Floor, p.Ceiling, c.why, c.floor, c.ceiling)
		}
		if diff := cmp.Diff(c.shares, p.Shares, cmp.AllowUnexported(money.Amount{})); diff != "" {
			t.Errorf("%s: shares\n%s", c.name, diff)
		}
		if p.Forecast != c.price || p.RunRate != c.price || !p.Complete {
			t.Errorf("%s: forecast %v, run rate %v", c.name, p.Forecast, p.RunRate)
		}
	}
}

func TestProposalSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) { s.Terms[0].Price = money.Cents(9900, "CHF") })
	p := registerWith(s).ProposeEnvelope(cal.YearStart{Month: 1, Day: 1}.Year(2027), day("2026-11-24"))
	if p.Complete || p.Why != ProposalNothing {
		t.Errorf("got %+v", p)
	}
	later := monthly("2026-06-15", func(s *Subscription) { then(s, "2027-12-01", money.Cents(9900, "CHF"), 1) }) // after the run rate's months
	if p := registerWith(later).ProposeEnvelope(cal.YearStart{Month: 1, Day: 1}.Year(2027), day("2026-11-24")); p.Complete || p.Forecast != eur(11000) {
		t.Errorf("got %+v", p)
	}
}

// What is proposed can be set, and holds what the year is expected to cost.
func TestProposedEnvelopeHoldsTheForecast(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		f.Envelopes = nil
		if rapid.Bool().Draw(t, "envelope before") {
			floor := rapid.Int64Range(0, 200_000).Draw(t, "floor")
			ceiling := floor + rapid.Int64Range(1, 100_000).Draw(t, "more")
			f.Envelopes = []Envelope{{ID: 9000, Year: year.Number() - 1, Floor: eur(floor), Ceiling: eur(ceiling), Shares: []Share{
				{1, eur(rapid.Int64Range(0, ceiling/2).Draw(t, "share"))}, {2, eur(ceiling / 2)},
			}}}
		}
		p := NewRegister(f).ProposeEnvelope(year, on)
		if p.Why == ProposalNothing {
			return
		}
		if bad := p.Envelope.Check(); len(bad) > 0 {
			t.Fatalf("%+v cannot be set: %v", p.Envelope, bad)
		}
		if cost := p.Forecast; !cost.IsNegative() && (cost.Less(p.Floor) || p.Ceiling.Less(cost)) {
			t.Fatalf("%v lies outside %v to %v (%s)", cost, p.Floor, p.Ceiling, p.Why)
		}
	})
}

func TestCostsOfServicesAndFunctionsSumToThePosition(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		f.Envelopes = append(f.Envelopes, Envelope{ID: 9001, Year: 2600, Ceiling: eur(1)})
		r := NewRegister(f)
		p := r.Position(year, on)
		zero := money.Zero(money.EUR)
		want := ServiceCost{Spent: p.Spent, Due: p.Due, Committed: p.Committed, Forecast: p.Forecast, Complete: p.Complete()}
		sum := ServiceCost{Spent: zero, Due: zero, Committed: zero, Forecast: zero, Complete: true}
		for _, c := range r.CostByService(p) {
			sum = ServiceCost{0, sum.Spent.Add(c.Spent), sum.Due.Add(c.Due), sum.Committed.Add(c.Committed), sum.Forecast.Add(c.Forecast), sum.Complete && c.Complete}
		}
		if sum != want {
			t.Fatalf("services sum to %+v, want %+v", sum, want)
		}
		sum = ServiceCost{Spent: zero, Due: zero, Committed: zero, Forecast: zero, Complete: true}
		for _, c := range r.CostByFunction(p) {
			sum = ServiceCost{0, sum.Spent.Add(c.Spent), sum.Due.Add(c.Due), sum.Committed.Add(c.Committed), sum.Forecast.Add(c.Forecast), sum.Complete && c.Complete}
		}
		if sum != want {
			t.Fatalf("functions sum to %+v, want %+v", sum, want)
		}
	})
}

func TestFunctionsAreHeldAgainstTheirShares(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) {
		s.StartedOn, s.Anchor, s.Terms[0].From = day("2026-09-12"), day("2026-09-12"), day("2026-09-12")
	})
	r := registerWith(s, func(f *Facts) {
		f.Functions = append(f.Functions, Function{ID: 4, Name: "Autre", Position: -1}, Function{ID: 5, Name: "Sans coût"})
		f.Envelopes = []Envelope{{ID: 70, Year: 2026, Ceiling: eur(20000), Shares: []Share{{1, eur(9119)}, {4, eur(100)}}}}
	})
	got := r.CostByFunction(r.Position(cal.YearStart{Month: 1, Day: 1}.Year(2026), day("2026-11-24")))
	if len(got) != 2 || got[0].FunctionID != 4 || got[0].Over() || got[1].FunctionID != 1 || !got[1].Over() || got[1].Forecast != eur(9120) || got[1].Due != eur(9120) {
		t.Errorf("got %+v", got)
	}
}

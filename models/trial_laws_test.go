package models

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// tried is law with a scenario of some changes, most of them possible.
func tried(t *testing.T, holds func(t *rapid.T, f Facts, s Scenario, on cal.Date)) {
	t.Helper()
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		last := freeID(f)
		f.Functions = []Function{{ID: last, Name: "Visio", Account: DefaultAccount}}
		for i := range f.Services {
			last++
			f.Plans = append(f.Plans, Plan{
				ID: last, ServiceID: f.Services[i].ID, Name: "Autre", Tier: Premium, Price: drawPrice(t), PerSeat: i%2 == 0, Cadence: drawCadence(t),
			})
		}
		holds(t, f, drawScenario(t, f, on), on)
	})
}

func drawScenario(t *rapid.T, f Facts, on cal.Date) Scenario {
	s := Scenario{Name: "Essai"}
	for range rapid.IntRange(1, 8).Draw(t, "changes") {
		sub := rapid.SampledFrom(f.Subscriptions).Draw(t, "of")
		plan := rapid.SampledFrom(f.Plans).Draw(t, "to")
		c := ScenarioChange{
			Kind: rapid.SampledFrom(append(ScenarioKinds[:6:6], ScenarioKinds...)).Draw(t, "kind"), SubscriptionID: sub.ID, PlanID: plan.ID,
			On: on.AddDays(rapid.IntRange(-40, 500).Draw(t, "from")), Seats: rapid.IntRange(0, 6).Draw(t, "seats"),
			PerSeat: rapid.Bool().Draw(t, "by seat"), Cadence: drawCadence(t),
		}
		if rapid.Bool().Draw(t, "at month end") {
			c.On = c.On.MonthEnd()
		}
		if rapid.IntRange(0, 3).Draw(t, "own price") > 0 || c.Kind == ChangeCadence {
			c.Price = drawPrice(t)
		}
		switch c.Kind {
		case ChangePlan:
			c.PlanID = f.Plans[len(f.Plans)/2+slices.IndexFunc(f.Subscriptions, func(x Subscription) bool { return x.ID == sub.ID })].ID
		case ChangeAdd:
			c.SubscriptionID = 0
			if rapid.Bool().Draw(t, "new") {
				c.PlanID, c.Name, c.FunctionID = 0, "Nouveau", f.Functions[0].ID
			} else if c.ServiceID = plan.ServiceID; rapid.Bool().Draw(t, "new plan") {
				c.PlanID = 0
			}
		case ChangeDrop:
			if rapid.Bool().Draw(t, "as soon as may be") {
				c.On = cal.Date{}
			}
		case ChangeRate:
			c.Currency, c.Rate = rapid.SampledFrom([]money.Currency{usd, jpy, "CHF"}).Draw(t, "rate of"), rate(fmt.Sprint(rapid.IntRange(1, 200).Draw(t, "rate")))
		default: // as it stands
		}
		with := Scenario{Name: s.Name, Changes: append(slices.Clone(s.Changes), c)}
		if _, err := NewRegister(f).Try(with, on); err == nil || rapid.IntRange(0, 9).Draw(t, "impossible") == 0 {
			s = with
		}
	}
	return s
}

// sums are the figures of two years and a run rate without the charges behind them, whose IDs may differ.
type sums struct {
	This, Next [6]money.Amount
	Months     []money.Amount
	Status     [2]Status
	Crossed    [2]cal.Date
	Left       int
	RunRate    money.Amount
	Complete   bool
	Services   [2]int
}

func sumsOf(r *Register, on cal.Date) sums {
	year := r.Year(on)
	this, next := r.Position(year, on), r.Position(year.Next(), on)
	s := sums{
		This:   [6]money.Amount{this.Spent, this.Due, this.Committed, this.Locked, this.Avoidable, this.Forecast},
		Next:   [6]money.Amount{next.Spent, next.Due, next.Committed, next.Locked, next.Avoidable, next.Forecast},
		Status: [2]Status{this.Status, next.Status}, Crossed: [2]cal.Date{this.CrossedOn, next.CrossedOn},
		Left: len(this.UnconvertedCharges) + len(next.UnconvertedCharges), Services: [2]int{this.Services, this.PaidServices},
	}
	for _, m := range slices.Concat(this.Months, next.Months) {
		s.Months = append(s.Months, m.Spent, m.Due, m.Committed, m.Total)
	}
	s.RunRate, s.Complete = r.RunRate(on)
	return s
}

func TestAScenarioWithoutChangeEqualsTheRegister(t *testing.T) {
	tried(t, func(t *rapid.T, f Facts, _ Scenario, on cal.Date) {
		r := NewRegister(f)
		s := Scenario{Name: "Rien"}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			sub := rapid.SampledFrom(f.Subscriptions).Draw(t, "of")
			if from := cal.Max(on, sub.StartedOn); !sub.Over(from) { // what is already so
				was := sub.TermsOn(from)
				s.Changes = append(s.Changes, ScenarioChange{Kind: ChangeSeats, SubscriptionID: sub.ID, On: from, Seats: was.Seats},
					ScenarioChange{Kind: ChangePrice, SubscriptionID: sub.ID, On: from, Price: was.Price})
			}
		}
		trial, err := r.Try(s, on)
		if err != nil || len(trial.Acts) > 0 {
			t.Fatalf("%v, %+v", err, trial)
		}
		same(t, "facts", r.Facts, trial.After.Facts)
		year := r.Year(on)
		for _, y := range []cal.FiscalYear{year.Prev(), year, year.Next()} {
			same(t, "figures", figuresOf(r.Position(y, on)), figuresOf(trial.After.Position(y, on)))
		}
		e := r.Effect(trial, on)
		same(t, "effect", e.This.Before, e.This.After)
		same(t, "effect on next year", e.Next.Before, e.Next.After)
		same(t, "run rate", e.RunRateBefore, e.RunRateAfter)
	})
}

// What is tried is thought of only; its register answers as one made of its facts would, and the effect is what the two
// registers say.
func TestATrialIsARegister(t *testing.T) {
	tried(t, func(t *rapid.T, f Facts, s Scenario, on cal.Date) {
		r := NewRegister(f)
		before := f
		before.Subscriptions, before.Rates = slices.Clone(f.Subscriptions), slices.Clone(f.Rates)
		for i := range before.Subscriptions {
			before.Subscriptions[i].Terms = slices.Clone(before.Subscriptions[i].Terms)
			before.Subscriptions[i].Seats = slices.Clone(before.Subscriptions[i].Seats)
		}
		was := sumsOf(r, on)
		trial, err := r.Try(s, on)
		same(t, "the register", before, r.Facts)
		same(t, "its figures", was, sumsOf(r, on))
		if err != nil {
			if v, ok := err.(Invalid); !ok || len(v) == 0 { //nolint:errorlint // as it comes
				t.Fatal(err)
			}
			return
		}
		fresh, year := NewRegister(trial.After.Facts), r.Year(on)
		for _, y := range []cal.FiscalYear{year, year.Next()} {
			same(t, "figures", figuresOf(fresh.Position(y, on)), figuresOf(trial.After.Position(y, on)))
		}
		same(t, "sums", sumsOf(fresh, on), sumsOf(trial.After, on))
		same(t, "lines", fresh.Lines(on), trial.After.Lines(on))
		e := r.Effect(trial, on)
		same(t, "before", r.Position(year, on), e.This.Before)
		same(t, "after", fresh.Position(year, on), e.This.After)
		same(t, "next year before", r.Position(year.Next(), on), e.Next.Before)
		same(t, "next year after", fresh.Position(year.Next(), on), e.Next.After)
		same(t, "change", e.This.After.Forecast, e.This.Before.Forecast.Add(e.This.Change()))
	})
}

// No change reaches back: what was expected on the days before today is expected, and counts, as it did.
func TestATrialLeavesThePastAlone(t *testing.T) {
	tried(t, func(t *rapid.T, f Facts, s Scenario, on cal.Date) {
		r := NewRegister(f)
		trial, err := r.Try(s, on)
		if err != nil {
			return
		}
		past := cal.Span{From: day("2024-01-01"), To: on}
		locked := cmpopts.IgnoreFields(Charge{}, "Locked", "DecideBy") // by when something could have been said is the contract's
		if d := cmp.Diff(r.Charges(past, on), trial.After.Charges(past, on), locked, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("charges before today (-before +after):\n%s", d)
		}
		year := r.Year(on)
		same(t, "spent", r.Position(year, on).Spent, trial.After.Position(year, on).Spent)
	})
}

// made makes the acts of a trial as somebody would who gives the records numbers of his own.
func made(f Facts, trial *ScenarioTrial) Facts {
	f.Services, f.Plans = slices.Clone(f.Services), slices.Clone(f.Plans)
	f.Subscriptions, f.Rates = slices.Clone(f.Subscriptions), slices.Clone(f.Rates)
	last, given := f.Plans[len(f.Plans)-1].ID, map[ID]ID{}
	id := func(tried ID) ID {
		if tried < hypothetical {
			return tried
		}
		if given[tried] == 0 {
			last++
			given[tried] = last
		}
		return given[tried]
	}
	own := func(s Subscription) Subscription {
		s.ID, s.ServiceID, s.PlanID, s.SuccessorID = id(s.ID), id(s.ServiceID), id(s.PlanID), id(s.SuccessorID)
		s.Terms, s.Seats = slices.Clone(s.Terms), slices.Clone(s.Seats)
		for i := range s.Terms {
			s.Terms[i].ID = id(s.Terms[i].ID)
		}
		for i := range s.Seats {
			s.Seats[i].ID = id(s.Seats[i].ID)
		}
		return s
	}
	for _, a := range trial.Acts {
		if a.Service.ID != 0 {
			a.Service.ID = id(a.Service.ID)
			f.Services = append(f.Services, a.Service)
		}
		if a.Plan.ID != 0 {
			a.Plan.ID, a.Plan.ServiceID = id(a.Plan.ID), id(a.Plan.ServiceID)
			f.Plans = append(f.Plans, a.Plan)
		}
		if a.Begins.ID != 0 {
			f.Subscriptions = append(f.Subscriptions, own(a.Begins))
		}
		if a.Before.ID != 0 {
			at := slices.IndexFunc(f.Subscriptions, func(s Subscription) bool { return s.ID == id(a.Before.ID) })
			f.Subscriptions[at] = own(a.After)
		}
		if a.Rate.ID != 0 {
			a.Rate.ID = id(a.Rate.ID)
			f.Rates = slices.DeleteFunc(f.Rates, func(r ReferenceRate) bool { return r.ID == a.Rate.ID })
			f.Rates = append(f.Rates, a.Rate)
		}
	}
	return f
}

// Making the acts gives exactly the trial's positions, and each act begins where the one before ended.
func TestMakingTheActsGivesTheTrial(t *testing.T) {
	tried(t, func(t *rapid.T, f Facts, s Scenario, on cal.Date) {
		r := NewRegister(f)
		trial, err := r.Try(s, on)
		if err != nil {
			return
		}
		stand := map[ID]Subscription{}
		for _, sub := range f.Subscriptions {
			stand[sub.ID] = sub
		}
		for _, a := range trial.Acts {
			if a.Before.ID != 0 {
				same(t, "before an act", stand[a.Before.ID], a.Before)
				stand[a.After.ID] = a.After
			}
			if a.Begins.ID != 0 {
				stand[a.Begins.ID] = a.Begins
			}
		}
		after := NewRegister(made(f, trial))
		same(t, "sums", sumsOf(trial.After, on), sumsOf(after, on))
		for _, sub := range after.Subscriptions { // what the tables and the verbs hold
			if was, known := r.Subscription(sub.ID); len(sub.Check()) > 0 && (!known || len(was.Check()) == 0) {
				t.Fatalf("%+v: %v", sub, sub.Check())
			}
			if _, held, short := shortOfSeats(sub.Terms, sub.Seats, on); short {
				t.Fatalf("%d seats are held in %+v", held, sub)
			}
			for i, x := range sub.Terms {
				if i > 0 && !x.From.After(sub.Terms[i-1].From) || x.ID == 0 {
					t.Fatalf("terms in disorder: %+v", sub.Terms)
				}
			}
		}
	})
}

// Whatever a form or a file says, Try answers: with a trial whose figures can be worked out, or with what is wrong.
func TestTryOnAnything(t *testing.T) {
	t.Parallel()
	r := tryable()
	ids := []ID{0, -1, 2, 3, 4, 6, 9, 10, 11, 12, 13, 14, 15, 21, hypothetical, hypothetical + 1, hypothetical + 2, 1<<63 - 1}
	dates := []cal.Date{
		{}, day("1970-01-01"), day("2024-02-29"), today.AddDays(-1), today, today.AddDays(1), day("2027-01-31"), day("2199-12-31"), cal.MustNew(9999, 12, 31),
	}
	amounts := []money.Amount{
		{},
		eur(0), eur(-1), eur(1), eur(1000), money.New(money.MaxTyped, money.EUR), money.New(money.MaxTyped, usd), money.New(money.MaxTyped+1, money.EUR),
		money.New(1<<63-1, money.EUR), money.New(-1<<63, jpy), money.New(5, "x"), dollars(999),
	}
	cadences := []cal.Cadence{{}, cal.Monthly, cal.OneOff, {Every: 1, Unit: cal.Day}, {Every: 999, Unit: cal.Year}, {Every: -1, Unit: cal.Month}, {Every: 1, Unit: "eon"}}
	rates := []money.Rate{{}, rate("1.2"), rate("0.0001"), rate("999999999999")}
	good := []ScenarioChange{
		{Kind: ChangePlan, SubscriptionID: 4, PlanID: 6, On: today},
		{Kind: ChangeSeats, SubscriptionID: 14, On: today, Seats: 4},
		{Kind: ChangePrice, SubscriptionID: 14, On: today, Price: eur(900)},
		{Kind: ChangeCadence, SubscriptionID: 14, On: today, Price: eur(9000), Cadence: cal.Yearly},
		{Kind: ChangeAdd, Name: "Canva", FunctionID: 7, On: today, Price: eur(900), PerSeat: true, Seats: 2, Cadence: cal.Monthly},
		{Kind: ChangeAdd, ServiceID: 10, PlanID: 13, On: today, PerSeat: true, Seats: 2},
		{Kind: ChangeAdd, ServiceID: 10, Name: "Autre", On: today, Price: eur(900), Cadence: cal.Monthly},
		{Kind: ChangeDrop, SubscriptionID: 4},
		{Kind: ChangeRate, Currency: usd, Rate: rate("1.2")},
	}
	spoil := []func(t *rapid.T, c *ScenarioChange){
		func(t *rapid.T, c *ScenarioChange) { c.SubscriptionID = rapid.SampledFrom(ids).Draw(t, "subscription") },
		func(t *rapid.T, c *ScenarioChange) { c.ServiceID = rapid.SampledFrom(ids).Draw(t, "service") },
		func(t *rapid.T, c *ScenarioChange) { c.PlanID = rapid.SampledFrom(ids).Draw(t, "plan") },
		func(t *rapid.T, c *ScenarioChange) { c.FunctionID = rapid.SampledFrom(ids).Draw(t, "function") },
		func(t *rapid.T, c *ScenarioChange) { c.On = rapid.SampledFrom(dates).Draw(t, "on") },
		func(t *rapid.T, c *ScenarioChange) { c.Price = rapid.SampledFrom(amounts).Draw(t, "price") },
		func(t *rapid.T, c *ScenarioChange) {
			c.Seats = rapid.SampledFrom([]int{-1, 0, 1, MaxSeats, MaxSeats + 1, 1<<63 - 1}).Draw(t, "seats")
		},
		func(t *rapid.T, c *ScenarioChange) { c.Cadence = rapid.SampledFrom(cadences).Draw(t, "cadence") },
		func(t *rapid.T, c *ScenarioChange) {
			c.Name = rapid.SampledFrom([]string{"", "\x00", "\u202e"}).Draw(t, "name")
		},
		func(t *rapid.T, c *ScenarioChange) {
			c.Currency = rapid.SampledFrom([]money.Currency{"", money.EUR, usd, "x"}).Draw(t, "currency")
		},
		func(t *rapid.T, c *ScenarioChange) { c.Rate = rapid.SampledFrom(rates).Draw(t, "rate") },
		func(t *rapid.T, c *ScenarioChange) {
			c.Kind = rapid.SampledFrom(append(slices.Clone(ScenarioKinds), "", "x")).Draw(t, "kind")
		},
	}
	rapid.Check(t, func(t *rapid.T) {
		var s Scenario
		for range rapid.IntRange(0, MaxChanges+1).Draw(t, "changes") {
			c := rapid.SampledFrom(good).Draw(t, "good")
			for range rapid.IntRange(0, 3).Draw(t, "spoilt") {
				rapid.SampledFrom(spoil).Draw(t, "spoil")(t, &c)
			}
			s.Changes = append(s.Changes, c)
		}
		_ = s.Check()
		one := s
		for i := range s.Changes { // one by one, so that some can be made
			one.Changes = s.Changes[i : i+1]
			if trial, err := r.Try(one, today); err == nil {
				r.Effect(trial, today)
			}
		}
		one.Changes = slices.DeleteFunc(slices.Clone(s.Changes), func(c ScenarioChange) bool {
			_, err := r.Try(Scenario{Name: "x", Changes: []ScenarioChange{c}}, today)
			return err != nil
		})
		if trial, err := r.Try(one, today); err == nil {
			r.Effect(trial, today)
			trial.After.Lines(today)
		}
	})
}

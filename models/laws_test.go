package models

import (
	"slices"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// law checks something for many registers, each on a day and in a fiscal year on or beside it.
func law(t *testing.T, holds func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear)) {
	t.Helper()
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "today", 2025, 2027)
		f := drawFacts(t, on)
		year := f.Organisation.YearStart.YearOf(on.AddMonths(12 * rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(t, "year")))
		holds(t, f, on, year)
	})
}

// figures are the amounts of a position, to be compared at once.
type figures struct {
	Spent, Due, Committed, Locked, Avoidable, Forecast money.Amount
	Status                                             Status
	CrossedOn                                          cal.Date
	CrossedBy                                          ID
	Months                                             []MonthFigures
	DueCharges, Still, Left                            []Charge
}

func figuresOf(p Position) figures {
	return figures{p.Spent, p.Due, p.Committed, p.Locked, p.Avoidable, p.Forecast, p.Status, p.CrossedOn, p.CrossedBy, p.Months, p.DueCharges, p.Still, p.UnconvertedCharges}
}

func same(t *rapid.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

func TestForecastIsSpentDueAndCommitted(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		p := NewRegister(f).Position(year, on)
		same(t, "committed", p.Locked.Add(p.Avoidable), p.Committed)
		same(t, "forecast", p.Spent.Add(p.Due).Add(p.Committed), p.Forecast)
		spent, due, committed := money.Zero(money.EUR), money.Zero(money.EUR), money.Zero(money.EUR)
		for _, m := range p.Months {
			spent, due, committed = spent.Add(m.Spent), due.Add(m.Due), committed.Add(m.Committed)
		}
		same(t, "months", []money.Amount{p.Spent, p.Due, p.Committed}, []money.Amount{spent, due, committed})
		same(t, "last month", p.Forecast, p.Months[11].Total)
		behind, dueBehind := money.Zero(money.EUR), money.Zero(money.EUR)
		for _, c := range slices.Concat(p.DueCharges, p.Still) {
			behind = behind.Add(c.Cost)
			if !countsOn(&c).After(on) {
				dueBehind = dueBehind.Add(c.Cost)
			}
			if !year.Span().Contains(countsOn(&c)) || c.On.Before(f.Organisation.KeptFrom) {
				t.Fatalf("%v is not of the year", c.On)
			}
		}
		same(t, "charges behind", p.Due.Add(p.Committed), behind)
		same(t, "due charges behind", p.Due, dueBehind)
		for _, c := range p.DueCharges {
			if c.On.After(on) {
				t.Fatalf("%v is due on %v", c.On, on)
			}
		}
		switch {
		case !on.Before(year.Span().To):
			same(t, "nothing committed after the year", money.Zero(money.EUR), p.Committed)
		case on.Before(year.Start):
			same(t, "all committed before the year", p.Committed, p.Forecast)
		}
	})
}

// dueInOne are the charges due of which no part is due from another day.
func dueInOne(r *Register, p Position) []Charge {
	return slices.DeleteFunc(slices.Clone(p.DueCharges), func(c Charge) bool {
		whole, ok := r.OpenCharge(c.SubscriptionID, c.On, p.Day)
		return !ok || whole.Billed != c.Billed
	})
}

func TestRecordingADueChargeKeepsTheForecast(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		before := r.Position(year, on)
		due := dueInOne(r, before)
		if len(due) == 0 {
			return // nothing due
		}
		c := rapid.SampledFrom(due).Draw(t, "due")
		p := paymentOf(r, c, countsOn(&c))
		p.ID = freeID(f)
		same(t, "cost", c.Cost, p.Cost)
		f.Payments = append(slices.Clone(f.Payments), p)
		after := NewRegister(f).Position(year, on)
		same(t, "forecast", before.Forecast, after.Forecast)
		same(t, "spent", before.Spent.Add(c.Cost), after.Spent)
		same(t, "due", before.Due.Sub(c.Cost), after.Due)
	})
}

func TestReversingAPaymentRestoresEveryTotal(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		charges := slices.DeleteFunc(r.Charges(year.Span(), on), func(c Charge) bool { return c.On.After(on) || !r.IsOpen(c) })
		if len(charges) == 0 {
			return // nothing to pay
		}
		before := r.Position(year, on)
		spread := r.Spread(year, on)
		c := rapid.SampledFrom(charges).Draw(t, "charge")
		p := paymentOf(r, c, c.On)
		p.ID = freeID(f)
		if rapid.Bool().Draw(t, "free-standing") {
			p.SubscriptionID, p.ChargeOn = 0, cal.Date{}
		}
		f.Payments = append(slices.Clone(f.Payments), p)
		f = reverse(f, p.ID, p.ID+1)
		r = NewRegister(f)
		same(t, "position", figuresOf(before), figuresOf(r.Position(year, on)))
		same(t, "spread", spread, r.Spread(year, on))
	})
}

func TestWaivingRemovesExactlyTheCharge(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		before := NewRegister(f).Position(year, on)
		if len(before.DueCharges)+len(before.Still) == 0 {
			return // nothing to waive
		}
		c := rapid.SampledFrom(slices.Concat(before.DueCharges, before.Still)).Draw(t, "charge")
		f.Waivers = append(slices.Clone(f.Waivers), Waiver{ID: freeID(f), SubscriptionID: c.SubscriptionID, ChargeOn: c.On, On: on, Reason: "offert"})
		r := NewRegister(f)
		same(t, "forecast", before.Forecast.Sub(c.Cost), r.Position(year, on).Forecast)
		if got, _ := r.Settlement(c); got != Waived {
			t.Fatalf("settlement is %q", got)
		}
	})
}

// A position on a day that has passed is what it was on that day, whatever was recorded since.
func TestPastPositionsDoNotChange(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		before := r.Position(year, on)
		for _, c := range r.Charges(cal.Span{From: on.AddDays(1), To: on.AddMonths(6)}, on) {
			p := paymentOf(r, c, c.On)
			p.ID = freeID(f)
			f.Payments = append(slices.Clone(f.Payments), p)
		}
		for i, c := range before.DueCharges {
			if i%2 == 0 {
				f.Waivers = append(slices.Clone(f.Waivers), Waiver{ID: freeID(f), SubscriptionID: c.SubscriptionID, ChargeOn: c.On, On: on.AddDays(1), Reason: "offert"})
			}
		}
		same(t, "position", figuresOf(before), figuresOf(NewRegister(f).Position(year, on)))
	})
}

func TestCancellingInTimeLeavesNoCharge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "today", 2025, 2027)
		f := drawFacts(t, on)
		f.Organisation.MarginDays = 0 // the margin warns earlier, it does not change the contract
		s := f.Subscriptions[0]
		s.EndsOn = cal.Date{}
		if len(s.Check()) > 0 {
			t.Fatalf("drawn badly: %v", s.Check())
		}
		f.Subscriptions[0] = s
		r := NewRegister(f)
		end := s.CanEndOn(on)
		if end.Before(cal.Min(on, s.TrialEnds)) && end.Before(s.StartedOn) {
			t.Fatalf("ends on %v, before %v", end, on)
		}
		for _, c := range r.ChargesOf(s, cal.Span{From: on.AddDays(1), To: end.AddMonths(40)}, on) {
			if c.Locked != c.On.Before(end) {
				t.Fatalf("charge of %v (decide by %v) is locked: %v, but the service can end on %v", c.On, c.DecideBy, c.Locked, end)
			}
			if s.AutoRenew && s.FixedUntil.IsZero() && c.Locked != c.DecideBy.Before(on) {
				t.Fatalf("charge of %v is locked: %v, but can be decided until %v", c.On, c.Locked, c.DecideBy)
			}
		}
		cancelled, err := s.Cancel(on, cal.Date{}, "assez")
		if err != nil {
			t.Fatal(err)
		}
		if left := r.With(cancelled).ChargesOf(cancelled, cal.Span{From: end, To: end.AddMonths(60)}, on); len(left) > 0 {
			t.Fatalf("still charged on %v", left[0].On)
		}
		if len(cancelled.Check()) > 0 {
			t.Fatalf("a cancelled subscription is refused: %v", cancelled.Check())
		}
		back, err := cancelled.Reopen()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "taken back", s, back)
	})
}

func TestChargesOfASplitSpanAddUp(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		span := cal.Span{From: year.Start.AddMonths(-rapid.IntRange(0, 30).Draw(t, "before")), To: year.Last().AddDays(rapid.IntRange(0, 500).Draw(t, "after"))}
		cut := span.From.AddDays(rapid.IntRange(0, span.Days()).Draw(t, "cut"))
		whole := r.Charges(span, on)
		parts := slices.Concat(r.Charges(cal.Span{From: span.From, To: cut}, on), r.Charges(cal.Span{From: cut, To: span.To}, on))
		same(t, "charges", whole, parts)
		var bySubscription []Charge
		for _, s := range f.Subscriptions {
			one := r.ChargesOf(s, span, on)
			bySubscription = append(bySubscription, one...)
			for i := 1; i < len(one); i++ {
				if !one[i-1].On.Before(one[i].On) || one[i-1].Period.To.After(one[i].Period.From) {
					t.Fatalf("periods overlap: %v, %v", one[i-1].Period, one[i].Period)
				}
			}
		}
		slices.SortStableFunc(bySubscription, func(a, b Charge) int { return a.On.Compare(b.On) })
		same(t, "charges by subscription", whole, bySubscription)
		same(t, "between", r.Charges(cal.Span{From: cut, To: span.To}, on), between(whole, cal.Span{From: cut, To: span.To.AddDays(30)}))
		for _, c := range whole {
			again, ok := r.Charge(c.SubscriptionID, c.On, on)
			if !ok {
				t.Fatalf("no charge on %v", c.On)
			}
			same(t, "the charge of its day", c, again)
		}
	})
}

func TestSwitchingCanBeUndone(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		s := f.Subscriptions[0]
		s.EndsOn = cal.Date{}
		plan := Plan{ID: 900_000, ServiceID: s.ServiceID, Name: "Autre", Tier: Premium, Cadence: cal.Monthly, Price: eur(990)}
		at := s.StartedOn.AddDays(rapid.IntRange(1, 700).Draw(t, "switch"))
		terms := Terms{Price: plan.Price, PerSeat: rapid.Bool().Draw(t, "per seat"), Seats: rapid.IntRange(1, 3).Draw(t, "seats")}
		ended, next, err := s.SwitchTo(plan, at, terms, "plus simple")
		if err != nil {
			t.Fatal(err)
		}
		back, err := ended.Reopen()
		if err != nil {
			t.Fatal(err)
		}
		same(t, "taken back", s, back)
		if len(next.Check()) > 0 {
			t.Fatalf("successor is refused: %v", next.Check())
		}
		r := NewRegister(f)
		span := cal.Span{From: s.StartedOn, To: at.AddMonths(12)}
		for _, c := range r.ChargesOf(ended, span, on) {
			if !c.On.Before(at) {
				t.Fatalf("the old plan is charged on %v, after %v", c.On, at)
			}
		}
		if n := len(r.ChargesOf(next, span, on)); n != 12 {
			t.Fatalf("the new plan is charged %d times in 12 months", n)
		}
		for d := at.AddDays(-3); d.Before(at.AddDays(3)); d = d.AddDays(1) {
			if ended.RunsOn(d) && next.RunsOn(d) || (!d.Before(s.StartedOn) && !ended.RunsOn(d) && !next.RunsOn(d)) {
				t.Fatalf("on %v both run, or none", d)
			}
		}
		same(t, "seats held after", s.SeatsHeld(at), next.SeatsHeld(at))
	})
}

// keep is the facts with a pass of the daily job applied.
func keep(f Facts, on cal.Date) Facts {
	raised, cleared := NewRegister(f).FlagPass(on)
	flags := slices.DeleteFunc(slices.Clone(f.Flags), func(x Flag) bool {
		return slices.ContainsFunc(cleared, func(c Flag) bool { return c.ID == x.ID })
	})
	next := ID(1_000_000)
	for _, x := range f.Flags {
		next = max(next, x.ID+1)
	}
	for _, x := range raised {
		x.ID = next
		next++
		flags = append(flags, x)
	}
	f.Flags = flags
	return f
}

func keysOf(f Facts) map[FlagKey]int {
	keys := map[FlagKey]int{}
	for _, x := range f.Flags {
		keys[x.FlagKey]++
	}
	return keys
}

func TestFlagsSurviveSilence(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		daily, seldom := f, f
		last := rapid.IntRange(1, 20).Draw(t, "days")
		for i := range last + 1 {
			d := on.AddDays(i)
			daily = keep(daily, d)
			raised, cleared := NewRegister(daily).FlagPass(d)
			if len(raised)+len(cleared) > 0 {
				t.Fatalf("a second pass on %v raises %v and clears %v", d, raised, cleared)
			}
			if i == 0 || i == last || rapid.IntRange(0, 3).Draw(t, "server up") == 0 {
				seldom = keep(seldom, d)
			}
		}
		same(t, "open flags", keysOf(daily), keysOf(seldom))
		for key, n := range keysOf(daily) {
			if n != 1 {
				t.Fatalf("%v is raised %d times", key, n)
			}
		}
		for _, c := range NewRegister(daily).Causes(on.AddDays(last)) {
			if c.Flag.ID == 0 || c.Flag.FlagKey != c.Key {
				t.Fatalf("%v has no flag", c.Key)
			}
		}
	})
}

// One can always still say no on the day a decide-by flag stands, and cancelling then prevents the renewal it names.
func TestDecideByFlagsComeInTime(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		for _, c := range r.Causes(on) {
			if c.Key.Kind != FlagDecideBy {
				continue
			}
			s, _ := r.Subscription(c.SubscriptionID)
			if c.On.Before(on) || c.On.After(cal.Max(c.Key.On, on)) || on.After(c.Key.On) {
				t.Fatalf("says %v for %v on %v", c.On, c.Key.On, on)
			}
			if end := s.CanEndOn(on); end.After(c.Renewal) {
				t.Fatalf("says no to %v can be said until %v, but on %v the service ends on %v", c.Renewal, c.Key.On, on, end)
			}
			if charge, ok := r.Charge(s.ID, c.Renewal, on); !ok || charge.Locked || charge.DecideBy != c.Key.On {
				t.Fatalf("no such avoidable charge on %v: %+v", c.Renewal, charge)
			}
		}
	})
}

func TestSpreadOverAllYearsIsTheWhole(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		until := f.Organisation.YearStart.Year(2028)
		for i := range f.Subscriptions { // nothing is left open at the end
			f.Subscriptions[i].EndsOn = cal.Max(cal.Min(until.Last(), until.Start), f.Subscriptions[i].StartedOn.AddDays(1))
		}
		f.Organisation.KeptFrom = day("2020-01-01")
		r := NewRegister(f)
		whole := money.Zero(money.EUR)
		for _, p := range f.Payments {
			if p.Converted() && !p.PaidOn.After(on) {
				whole = whole.Add(p.Cost)
			}
		}
		for _, c := range r.Charges(cal.Span{From: day("2020-01-01"), To: day("2030-01-01")}, on) {
			if c, open := r.OpenCharge(c.SubscriptionID, c.On, on); open && c.Conversion.OK() {
				whole = whole.Add(c.Cost)
			}
		}
		spread := money.Zero(money.EUR)
		for y := 2022; y <= 2032; y++ {
			spread = spread.Add(r.Spread(f.Organisation.YearStart.Year(y), on))
		}
		same(t, "spread", whole, spread)
	})
}

func TestChangingNothingChangesNothing(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		unchanged := r.With(rapid.SampledFrom(f.Subscriptions).Draw(t, "subscription"))
		same(t, "position", figuresOf(r.Position(year, on)), figuresOf(unchanged.Position(year, on)))
		same(t, "causes", r.Causes(on), unchanged.Causes(on))
		for _, sv := range f.Services {
			same(t, "subscriptions", r.SubscriptionsOf(sv.ID), unchanged.SubscriptionsOf(sv.ID))
		}
		added := f.Subscriptions[0]
		added.ID = freeID(f)
		before := slices.Clone(f.Subscriptions)
		more := r.With(added)
		if got := len(more.SubscriptionsOf(added.ServiceID)); got != 2 {
			t.Fatalf("%d subscriptions of the service after adding one", got)
		}
		same(t, "the register asked", before, r.Subscriptions)
	})
}

func TestWhatHasNoRateIsLeftOutAndSaid(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		f.Waivers, f.Payments = nil, nil
		r := NewRegister(f)
		without := f
		without.Subscriptions = nil
		left := 0
		for _, s := range f.Subscriptions {
			s.Terms = slices.Clone(s.Terms)
			for i := range s.Terms {
				if s.Terms[i].Price.Currency() == "CHF" {
					s.Terms[i].Price = money.Zero("CHF")
				}
			}
			without.Subscriptions = append(without.Subscriptions, s)
		}
		for _, c := range r.Charges(year.Span(), on) {
			if c.Billed.Currency() == "CHF" {
				if c.Conversion.OK() || !c.Cost.IsNone() {
					t.Fatalf("%v became %v", c.Billed, c.Cost)
				}
				if !c.On.Before(f.Organisation.KeptFrom) {
					left++
				}
			}
		}
		p, q := r.Position(year, on), NewRegister(without).Position(year, on)
		same(t, "forecast without francs", q.Forecast, p.Forecast)
		if left > 0 && p.Complete() || len(p.UnconvertedCharges) < left {
			t.Fatalf("complete, but %d charges in francs are left out", left)
		}
		total, complete := r.RunRate(on)
		all, each := money.Zero(money.EUR), true
		for _, s := range f.Subscriptions {
			yearly, ok := r.YearlyCost(s, on)
			all, each = all.Add(yearly), each && ok
		}
		same(t, "run rate", all, total)
		months, n := money.Zero(money.EUR), 0
		for _, m := range r.Coming(on) {
			months, n = months.Add(m.Cost), n+m.Unconverted
		}
		same(t, "coming months", total, months)
		if complete != each || complete != (n == 0) {
			t.Fatalf("run rate complete: %v, subscriptions: %v, months leave out %d", complete, each, n)
		}
	})
}

// The crossing day against the plainest reading: add up day by day, and find the last day that begins at or under the
// ceiling and ends over it.
func TestCrossingDayIsRight(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		p := NewRegister(f).Position(year, on)
		total, want := money.Zero(money.EUR), cal.Date{}
		for d := year.Start; d.Before(year.Span().To); d = d.AddDays(1) {
			before := total
			for _, pay := range f.Payments {
				if pay.PaidOn == d && !d.After(on) && pay.Converted() {
					total = total.Add(pay.Cost)
				}
			}
			for _, c := range slices.Concat(p.DueCharges, p.Still) {
				if countsOn(&c) == d {
					total = total.Add(c.Cost)
				}
			}
			if !p.Envelope.Ceiling.Less(before) && p.Envelope.Ceiling.Less(total) {
				want = d
			}
		}
		same(t, "total", p.Forecast, total)
		if !p.Envelope.Ceiling.Less(total) {
			want = cal.Date{}
		}
		same(t, "crossed on", want, p.CrossedOn)
		if (p.Status == Over) == (p.CrossedBy == 0) {
			t.Fatalf("%s, crossed by %d", p.Status, p.CrossedBy)
		}
	})
}

func TestWhatIfIsWhatSwitchingDoes(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		s := f.Subscriptions[0]
		s.EndsOn = cal.Date{}
		if !s.StartedOn.Before(on.AddDays(1)) {
			return // begins later
		}
		f.Subscriptions[0] = s
		plan := Plan{ID: freeID(f), ServiceID: s.ServiceID, Name: "Autre", Tier: Premium, Cadence: drawCadence(t), Price: drawPrice(t), PerSeat: rapid.Bool().Draw(t, "per seat")}
		f.Plans = append(slices.Clone(f.Plans), plan)
		r := NewRegister(f)
		effect := r.WhatIfPlan(plan, on, 7)
		ended, next, err := s.SwitchTo(plan, on.AddDays(1), Terms{Price: plan.Price, PerSeat: plan.PerSeat, Seats: effect.Seats}, "")
		if err != nil {
			t.Fatal(err)
		}
		next.ID = plan.ID + 1
		f.Subscriptions = append(slices.Clone(f.Subscriptions), next)
		f.Subscriptions[0] = ended
		after := NewRegister(f)
		year := r.Year(on)
		then := after.Position(year, on)
		same(t, "forecast", then.Forecast, effect.Forecast)
		same(t, "change", then.Forecast.Sub(r.Position(year, on).Forecast), effect.Change)
		same(t, "room", then.Room(), effect.Room)
		yearly, ok := after.YearlyCost(next, on)
		same(t, "yearly", yearly, effect.Yearly)
		if effect.Complete != (ok && then.Complete()) {
			t.Fatalf("complete: %v", effect.Complete)
		}
	})
}

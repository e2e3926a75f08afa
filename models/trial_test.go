package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// toldEffect writes an effect as "this 91.20 → 101.20, next 91.20 → 120.00, a year 91.20 → 120.00".
func toldEffect(e ScenarioEffect) string {
	text := fmt.Sprintf("this %s → %s, next %s → %s, a year %s → %s", shown(e.This.Before.Forecast), shown(e.This.After.Forecast),
		shown(e.Next.Before.Forecast), shown(e.Next.After.Forecast), shown(e.RunRateBefore), shown(e.RunRateAfter))
	if !e.Complete {
		text += ", incomplete"
	}
	return strings.ReplaceAll(text, " EUR", "")
}

// tryable is a register of 15 November 2026 with a service paid each March, another by the seat each month, with a
// dearer price announced for June, and one in dollars that is not in use.
func tryable(change ...func(*Facts)) *Register {
	return registerWith(yearly(), append([]func(*Facts){func(f *Facts) {
		f.Organisation.KeptFrom = day("2026-11-01")
		f.Functions = append(f.Functions, Function{ID: 7, Name: "Visio", Account: "6512"})
		f.Services = append(f.Services, Service{ID: 9, Name: "Trello", FunctionID: 1}, Service{ID: 10, Name: "Zoom", FunctionID: 7})
		f.Plans = append(f.Plans,
			Plan{ID: 6, ServiceID: 2, Name: "Mensuel", Tier: Premium, Price: eur(1000), Cadence: cal.Monthly},
			Plan{ID: 11, ServiceID: 2, Name: "Basic", Tier: Free, Price: eur(0), Cadence: cal.Yearly},
			Plan{ID: 12, ServiceID: 9, Name: "Standard", Tier: Premium, Price: eur(1000), PerSeat: true, Cadence: cal.Monthly},
			Plan{ID: 13, ServiceID: 10, Name: "Pro", Tier: Premium, Price: money.Cents(10_714, usd), Cadence: cal.Yearly})
		f.Subscriptions = append(f.Subscriptions, Subscription{
			ID: 14, ServiceID: 9, PlanID: 12, StartedOn: day("2026-01-01"), Anchor: day("2026-01-01"), Cadence: cal.Monthly, AutoRenew: true,
			Terms: []Terms{
				{ID: 15, From: day("2026-01-01"), Price: eur(1000), PerSeat: true, Seats: 3},
				{ID: 16, From: day("2027-06-01"), Price: eur(1200), PerSeat: true, Seats: 3, Note: "annoncé"},
			},
			Seats: []Seat{{ID: 17, PersonID: 21, From: day("2026-01-01")}, {ID: 18, PersonID: 22, From: day("2026-01-01")}},
		})
		f.Envelopes = []Envelope{{ID: 60, Year: 2027, Floor: eur(0), Ceiling: eur(50_000)}}
		f.Rates = []ReferenceRate{{ID: 61, Currency: usd, Day: day("2026-11-13"), Rate: rate("1.0714"), Source: RateECB}}
	}}, change...)...)
}

func TestTry(t *testing.T) {
	t.Parallel()
	const dropbox, trello = 4, 14
	inDollars := func(f *Facts) {
		f.Subscriptions[0].Terms[0].Price = money.Cents(10_714, usd)
	}
	for _, c := range []struct {
		name   string
		r      *Register
		change []ScenarioChange
		want   string
	}{
		{"nothing", tryable(), nil, "this 60.00 → 60.00, next 493.20 → 493.20, a year 487.20 → 487.20"},
		{"a price from a day on, until the next one that is announced", tryable(), []ScenarioChange{
			{Kind: ChangePrice, SubscriptionID: trello, On: day("2027-02-01"), Price: eur(1500)},
		}, "this 60.00 → 60.00, next 493.20 → 553.20, a year 487.20 → 547.20"},
		{"one seat less, whatever the price becomes", tryable(), []ScenarioChange{
			{Kind: ChangeSeats, SubscriptionID: trello, On: day("2027-02-01"), Seats: 2},
		}, "this 60.00 → 60.00, next 493.20 → 369.20, a year 487.20 → 375.20"},
		{"one seat less and another price from the same day", tryable(), []ScenarioChange{
			{Kind: ChangeSeats, SubscriptionID: trello, On: day("2027-06-01"), Seats: 2},
			{Kind: ChangePrice, SubscriptionID: trello, On: day("2027-06-01"), Price: eur(500)},
		}, "this 60.00 → 60.00, next 493.20 → 311.20, a year 487.20 → 331.20"},
		{"another plan", tryable(), []ScenarioChange{
			{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: day("2026-12-01")},
		}, "this 60.00 → 70.00, next 493.20 → 522.00, a year 487.20 → 516.00"},
		{"another plan at a price of its own", tryable(), []ScenarioChange{
			{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: day("2026-12-01"), Price: eur(200), PerSeat: true, Seats: 2},
		}, "this 60.00 → 64.00, next 493.20 → 450.00, a year 487.20 → 444.00"},
		{"the free plan", tryable(), []ScenarioChange{
			{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 11, On: day("2027-03-15")},
		}, "this 60.00 → 60.00, next 493.20 → 402.00, a year 487.20 → 396.00"},
		{"paid by the month", tryable(), []ScenarioChange{
			{Kind: ChangeCadence, SubscriptionID: dropbox, Cadence: cal.Monthly, On: day("2027-03-15"), Price: eur(800)},
		}, "this 60.00 → 60.00, next 493.20 → 482.00, a year 487.20 → 468.00"},
		{"dropped as soon as may be", tryable(), []ScenarioChange{{Kind: ChangeDrop, SubscriptionID: dropbox}}, "this 60.00 → 60.00, next 493.20 → 402.00, a year 487.20 → 396.00"},
		{"dropped too late for this renewal", tryable(), []ScenarioChange{
			{Kind: ChangeDrop, SubscriptionID: dropbox, On: day("2027-06-01")},
		}, "this 60.00 → 60.00, next 493.20 → 493.20, a year 487.20 → 487.20"},
		{"a new service by the seat", tryable(), []ScenarioChange{
			{Kind: ChangeAdd, Name: "Canva", FunctionID: 7, On: day("2026-12-15"), Price: eur(1000), PerSeat: true, Seats: 2, Cadence: cal.Monthly},
		}, "this 60.00 → 80.00, next 493.20 → 733.20, a year 487.20 → 727.20"},
		{"a new service for nothing", tryable(), []ScenarioChange{
			{Kind: ChangeAdd, Name: "Canva", FunctionID: 7, On: day("2026-12-15"), Cadence: cal.Monthly},
		}, "this 60.00 → 60.00, next 493.20 → 493.20, a year 487.20 → 487.20"},
		{"a service that is not in use, in dollars", tryable(), []ScenarioChange{
			{Kind: ChangeAdd, ServiceID: 10, PlanID: 13, On: day("2026-12-15")},
		}, "this 60.00 → 160.00, next 493.20 → 593.20, a year 487.20 → 587.20"},
		{"a service that is not in use, on a new plan", tryable(), []ScenarioChange{
			{Kind: ChangeAdd, ServiceID: 10, Name: "Basic", On: day("2026-12-15"), Price: eur(3000), Cadence: cal.Quarterly},
		}, "this 60.00 → 90.00, next 493.20 → 613.20, a year 487.20 → 607.20"},
		{"without a rate", tryable(), []ScenarioChange{
			{Kind: ChangeAdd, ServiceID: 10, Name: "Basic", On: day("2026-12-15"), Price: money.Cents(3000, gbp), Cadence: cal.Yearly},
		}, "this 60.00 → 60.00, next 493.20 → 493.20, a year 487.20 → 487.20, incomplete"},
		{"a dearer dollar from the new year on", tryable(inDollars), []ScenarioChange{
			{Kind: ChangeRate, Currency: usd, Rate: rate("0.8"), On: day("2027-01-01")},
		}, "this 60.00 → 60.00, next 502.00 → 535.93, a year 496.00 → 529.93"},
		{"a dearer dollar at once", tryable(inDollars), []ScenarioChange{{Kind: ChangeRate, Currency: usd, Rate: rate("0.8")}}, "this 60.00 → 60.00, next 502.00 → 535.93, a year 496.00 → 529.93"},
		{"a dearer dollar too late for the renewal", tryable(inDollars), []ScenarioChange{
			{Kind: ChangeRate, Currency: usd, Rate: rate("0.8"), On: day("2027-04-01")},
		}, "this 60.00 → 60.00, next 502.00 → 502.00, a year 496.00 → 496.00"},
		{"fewer seats of what another change brings", tryable(), []ScenarioChange{
			{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: day("2026-12-01"), Price: eur(200), PerSeat: true, Seats: 2},
			{Kind: ChangeSeats, SubscriptionID: dropbox, On: day("2027-07-01"), Seats: 1},
			{Kind: ChangeDrop, SubscriptionID: dropbox, On: day("2027-10-01")},
		}, "this 60.00 → 64.00, next 493.20 → 432.00, a year 487.20 → 430.00"},
		{"dropped, and taken again", tryable(), []ScenarioChange{
			{Kind: ChangeDrop, SubscriptionID: dropbox, On: day("2027-03-15")},
			{Kind: ChangeAdd, ServiceID: 2, PlanID: 6, On: day("2027-09-01")},
		}, "this 60.00 → 60.00, next 493.20 → 442.00, a year 487.20 → 426.00"},
		{"a day that has passed, where no charge has fallen since", tryable(), []ScenarioChange{
			{Kind: ChangePrice, SubscriptionID: dropbox, On: day("2026-10-01"), Price: eur(10_000)},
		}, "this 60.00 → 60.00, next 493.20 → 502.00, a year 487.20 → 496.00"},
	} {
		before := toldEffect(c.r.Effect(&ScenarioTrial{After: c.r}, today))
		trial, err := c.r.Try(Scenario{Name: c.name, Changes: c.change}, today)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := toldEffect(c.r.Effect(trial, today)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if now := toldEffect(c.r.Effect(&ScenarioTrial{After: c.r}, today)); now != before {
			t.Errorf("%s: the register was touched: %s", c.name, now)
		}
	}
}

func TestTryRefuses(t *testing.T) {
	t.Parallel()
	const dropbox, trello = 4, 14
	part := func(f *Facts) {
		f.Payments = []Payment{Payment{
			ID: 70, ServiceID: 9, SubscriptionID: trello, ChargeOn: day("2026-12-01"), PaidOn: day("2026-11-10"), Part: true, Billed: eur(500),
		}.Settle(statusA)}
	}
	archived := func(f *Facts) { f.Services[2].ArchivedOn = day("2026-11-01") }
	ending := func(f *Facts) {
		f.Subscriptions[0].CancelledOn, f.Subscriptions[0].EndsOn = day("2026-11-01"), day("2027-03-15")
	}
	for _, c := range []struct {
		r      *Register
		change ScenarioChange
		want   string
	}{
		{tryable(), ScenarioChange{}, "change.0.kind choose"},
		{tryable(), ScenarioChange{Kind: "rm -rf"}, "change.0.kind choose"},
		{tryable(), ScenarioChange{Kind: ChangePlan}, "change.0.subscription choose, change.0.on date.empty, change.0.plan choose"},
		{tryable(), ScenarioChange{Kind: ChangeSeats}, "change.0.subscription choose, change.0.on date.empty, change.0.seats number.range"},
		{tryable(), ScenarioChange{Kind: ChangePrice}, "change.0.subscription choose, change.0.on date.empty, change.0.price required"},
		{tryable(), ScenarioChange{Kind: ChangeCadence}, "change.0.subscription choose, change.0.on date.empty, change.0.every cadence.unit, change.0.price required"},
		{tryable(), ScenarioChange{Kind: ChangeAdd}, "change.0.on date.empty, change.0.name required, change.0.function choose, change.0.every cadence.unit"},
		{tryable(), ScenarioChange{Kind: ChangeDrop}, "change.0.subscription choose"},
		{tryable(), ScenarioChange{Kind: ChangeRate}, "change.0.currency currency.foreign, change.0.rate rate.empty"},
		{tryable(), ScenarioChange{Kind: ChangeRate, Currency: "EUR", Rate: rate("2")}, "change.0.currency currency.foreign"},
		{tryable(), ScenarioChange{Kind: ChangeRate, Currency: "ZZZ", Rate: rate("2")}, "change.0.currency currency.unknown"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: 99, PlanID: 6, On: today}, "change.0.subscription choose"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 99, On: today}, "change.0.plan choose"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 12, On: today}, "change.0.plan choose"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 3, On: today}, "change.0.plan plan.same"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: day("2024-03-15")}, "change.0.on after"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: day("2026-11-14")}, "change.0.on not_before"},
		{tryable(), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 11, On: today, Price: eur(100)}, "change.0.price price.free"},
		{tryable(ending), ScenarioChange{Kind: ChangePlan, SubscriptionID: dropbox, PlanID: 6, On: today}, "change.0.subscription already_ending"},
		{tryable(ending), ScenarioChange{Kind: ChangeDrop, SubscriptionID: dropbox}, "change.0.subscription already_ending"},
		{tryable(ending), ScenarioChange{Kind: ChangePrice, SubscriptionID: dropbox, On: day("2027-03-15"), Price: eur(1)}, "change.0.subscription ended"},
		{tryable(), ScenarioChange{Kind: ChangeSeats, SubscriptionID: trello, On: today, Seats: 1}, "change.0.seats seats.below_assigned"},
		{tryable(), ScenarioChange{Kind: ChangeSeats, SubscriptionID: trello, On: day("2026-11-01"), Seats: 2}, "change.0.on not_before"},
		{tryable(), ScenarioChange{Kind: ChangeSeats, SubscriptionID: trello, On: day("2025-12-31"), Seats: 2}, "change.0.on not_before"},
		{tryable(), ScenarioChange{Kind: ChangeSeats, SubscriptionID: trello, On: today, Seats: MaxSeats + 1}, "change.0.seats number.range"},
		{tryable(), ScenarioChange{Kind: ChangeSeats, SubscriptionID: trello, On: today, Seats: -1}, "change.0.seats number.range"},
		{tryable(), ScenarioChange{Kind: ChangePrice, SubscriptionID: trello, On: today, Price: eur(-1)}, "change.0.price negative"},
		{tryable(), ScenarioChange{Kind: ChangePrice, SubscriptionID: trello, On: today, Price: money.New(money.MaxTyped, money.EUR)}, "change.0.price amount.too_large"},
		{tryable(part), ScenarioChange{Kind: ChangePrice, SubscriptionID: trello, On: today, Price: dollars(1)}, "change.0.price part.currency"},
		{tryable(), ScenarioChange{Kind: ChangeCadence, SubscriptionID: dropbox, On: today, Price: eur(1), Cadence: cal.Yearly}, "change.0.every cadence.same"},
		{tryable(), ScenarioChange{Kind: ChangeDrop, SubscriptionID: dropbox, On: day("2024-03-15")}, "change.0.on end.before_start"},
		{tryable(), ScenarioChange{Kind: ChangeDrop, SubscriptionID: trello, On: day("2026-11-01")}, "change.0.on not_before"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, ServiceID: 99, PlanID: 6, On: today}, "change.0.service choose"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, ServiceID: 10, PlanID: 6, On: today}, "change.0.plan choose"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, PlanID: 6, On: today, Name: "X", FunctionID: 7, Cadence: cal.Monthly}, "change.0.plan choose"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, ServiceID: 2, PlanID: 6, On: today}, "change.0.service already_subscribed"},
		{tryable(archived), ScenarioChange{Kind: ChangeAdd, ServiceID: 10, PlanID: 13, On: today}, "change.0.service service_archived"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, ServiceID: 10, PlanID: 13, On: today.AddDays(-1)}, "change.0.on not_before"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, Name: "X", FunctionID: 99, On: today, Cadence: cal.Monthly}, "change.0.function choose"},
		{tryable(), ScenarioChange{Kind: ChangeAdd, Name: "\u202e", FunctionID: 7, On: today, Cadence: cal.Cadence{Every: -3, Unit: cal.Month}}, "change.0.name characters, change.0.every cadence.range"},
	} {
		trial, err := c.r.Try(Scenario{Name: "x", Changes: []ScenarioChange{c.change}}, today)
		var v Invalid
		if errors.As(err, &v); trial != nil || said(v) != c.want {
			t.Errorf("%+v: %q, want %q", c.change, said(v), c.want)
		}
	}
}

// All that is wrong is said at once, each in its change.
func TestTrySaysEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := tryable().Try(Scenario{Name: "x", Changes: []ScenarioChange{
		{Kind: ChangeDrop, SubscriptionID: 99},
		{Kind: ChangeSeats, SubscriptionID: 14, On: today, Seats: 2},
		{Kind: ChangePrice, SubscriptionID: 4, On: today, Price: eur(-1)},
	}}, today)
	var v Invalid
	if errors.As(err, &v); said(v) != "change.0.subscription choose, change.2.price negative" {
		t.Error(err)
	}
}

func TestScenarioCheck(t *testing.T) {
	t.Parallel()
	change := ScenarioChange{Kind: ChangeDrop, SubscriptionID: 4}
	for _, c := range []struct {
		s    Scenario
		want string
	}{
		{Scenario{Name: "Moins cher"}, ""},
		{Scenario{Name: "Moins cher", Changes: []ScenarioChange{change, change}}, ""},
		{Scenario{}, "name required"},
		{Scenario{Name: " \u200b "}, "name required"},
		{Scenario{Name: strings.Repeat("é", MaxName+1), Note: "\x00"}, "name too_long, note characters"},
		{Scenario{Name: "x", Changes: slices.Repeat([]ScenarioChange{change}, MaxChanges+1)}, "changes changes.too_many"},
		{Scenario{Name: "x", Changes: []ScenarioChange{change, {Kind: ChangeDrop}}}, "change.1.subscription choose"},
		{Scenario{Name: "x", Changes: []ScenarioChange{{Kind: ChangeAdd, ServiceID: 2, Name: strings.Repeat("é", MaxName+1), On: today, Cadence: cal.Monthly}}}, "change.0.name too_long"},
		{Scenario{Name: "x", Changes: []ScenarioChange{{Kind: ChangeAdd, ServiceID: 2, PlanID: 3, On: today, Price: money.New(-5, "BTC")}}}, "change.0.price currency.unknown"},
	} {
		if got := said(c.s.Check()); got != c.want {
			t.Errorf("%.40q: %q, want %q", c.s.Name, got, c.want)
		}
	}
}

// The acts are what the store is to do: what is new has an ID of its own, which the others refer to it by, and nothing
// that exists has one like it.
func TestTryActs(t *testing.T) {
	t.Parallel()
	r := tryable()
	trial, err := r.Try(Scenario{Name: "Essai", Changes: []ScenarioChange{
		{Kind: ChangePrice, SubscriptionID: 4, On: today, Price: eur(9120)}, // as it is
		{Kind: ChangePlan, SubscriptionID: 14, PlanID: 12, On: today},
	}}, today)
	if err == nil {
		t.Fatal(trial)
	}
	trial, err = r.Try(Scenario{Name: "Essai", Changes: []ScenarioChange{
		{Kind: ChangePrice, SubscriptionID: 4, On: today, Price: eur(9120)}, // as it is
		{Kind: ChangeCadence, SubscriptionID: 14, Cadence: cal.Yearly, Price: eur(11_000), On: day("2027-01-01")},
		{Kind: ChangeAdd, Name: "Canva", FunctionID: 7, On: day("2026-12-15"), Price: eur(1000), Cadence: cal.Monthly},
	}}, today)
	if err != nil || len(trial.Acts) != 2 {
		t.Fatal(trial, err)
	}
	cadence, add := trial.Acts[0], trial.Acts[1]
	want := r.Subscriptions[1]
	if diff := cmp.Diff(want, cadence.Before); diff != "" {
		t.Error(diff)
	}
	want.CancelledOn, want.EndsOn, want.CancelReason, want.SuccessorID = day("2027-01-01"), day("2027-01-01"), "Essai", cadence.Begins.ID
	if diff := cmp.Diff(want, cadence.After); diff != "" {
		t.Error(diff)
	}
	id := cadence.Begins.ID
	begins := Subscription{
		ID: id, ServiceID: 9, PlanID: 12, StartedOn: day("2027-01-01"), Anchor: day("2027-01-01"), Cadence: cal.Yearly, AutoRenew: true,
		Terms: []Terms{{ID: id + 1, From: day("2027-01-01"), Price: eur(11_000), PerSeat: true, Seats: 3}},
		Seats: []Seat{{ID: id + 2, PersonID: 21, From: day("2027-01-01")}, {ID: id + 3, PersonID: 22, From: day("2027-01-01")}},
	}
	if diff := cmp.Diff(begins, cadence.Begins); diff != "" {
		t.Error(diff)
	}
	if cadence.Change != 1 || add.Change != 2 || add.Plan.ServiceID != add.Service.ID || add.Begins.PlanID != add.Plan.ID || add.Begins.ServiceID != add.Service.ID {
		t.Errorf("%+v", add)
	}
	if add.Service.ID <= freeID(r.Facts) || add.Plan.Name != "Canva" || add.Plan.Tier != Premium || add.Begins.StateOn(day("2026-12-14")) != Planned {
		t.Errorf("%+v", add)
	}
}

// A planned rate is for charges still to come; what has fallen counts at the rate of its day, and a year later the plan
// is too old.
func TestPlannedRate(t *testing.T) {
	t.Parallel()
	r := NewRegister(Facts{Rates: []ReferenceRate{
		{ID: 1, Currency: usd, Day: day("2026-11-13"), Rate: rate("1.25"), Source: RateECB},
		{ID: 2, Currency: usd, Day: day("2027-01-01"), Rate: rate("2"), Source: RateTyped, Planned: true},
		{ID: 3, Currency: usd, Day: day("2027-03-01"), Rate: rate("4"), Source: RateTyped, Planned: true},
		{ID: 4, Currency: usd, Day: day("2027-03-30"), Rate: rate("1"), Source: RateECB},
		{ID: 5, Currency: usd, Day: day("2028-02-28"), Rate: rate("1"), Source: RateECB},
		{ID: 6, Currency: usd, Day: day("2028-03-01"), Rate: rate("1"), Source: RateECB},
	}})
	for _, c := range []struct{ on, asOf, want string }{
		{"2026-12-31", "2026-11-15", "80.00"},
		{"2027-01-01", "2026-11-15", "50.00"},
		{"2027-02-28", "2026-11-15", "50.00"},
		{"2027-03-01", "2026-11-15", "25.00"},
		{"2027-03-31", "2027-03-30", "25.00"},
		{"2027-03-31", "2027-03-31", "100.00"}, // it has come
		{"2028-02-29", "2028-02-28", "25.00"},
		{"2028-03-31", "2028-03-01", "25.00"},
		{"2028-03-31", "2028-03-02", "100.00"},
	} {
		if got := shown(r.Convert(dollars(10_000), day(c.on), day(c.asOf)).EUR); got != c.want+" EUR" {
			t.Errorf("%s as known on %s: %s, want %s", c.on, c.asOf, got, c.want)
		}
	}
}

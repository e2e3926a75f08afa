package models_test

import (
	"errors"
	"fmt"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// dropbox costs 91.20 € every 15 March unless it is cancelled 30 days before.
var dropbox = models.Subscription{
	ID: 4, ServiceID: 2, PlanID: 3, StartedOn: cal.MustNew(2024, time.March, 15), Anchor: cal.MustNew(2024, time.March, 15),
	Cadence: cal.Yearly, Notice: cal.Notice{N: 30, Unit: cal.Day}, AutoRenew: true,
	Terms: []models.Terms{{From: cal.MustNew(2024, time.March, 15), Price: money.Euros(9120), Seats: 1}},
}

// skype costs 10 € at each end of a month.
var skype = models.Subscription{
	ID: 5, ServiceID: 6, PlanID: 7, StartedOn: cal.MustNew(2025, time.October, 31), Anchor: cal.MustNew(2025, time.October, 31),
	Cadence: cal.Monthly, AutoRenew: true,
	Terms: []models.Terms{{From: cal.MustNew(2025, time.October, 31), Price: money.Euros(1000), Seats: 1}},
}

func register() *models.Register {
	return models.NewRegister(models.Facts{
		Organisation: models.Organisation{
			ID: 1, Name: "Les Amis du fleuve", YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: "Europe/Paris",
			MarginDays: 2, DecideWindow: 45, RenewalWindow: 21,
		},
		Services:      []models.Service{{ID: 2, Name: "Dropbox"}, {ID: 6, Name: "Skype"}},
		Plans:         []models.Plan{{ID: 3, ServiceID: 2, Tier: models.Premium}, {ID: 7, ServiceID: 6, Tier: models.Premium}},
		Subscriptions: []models.Subscription{dropbox, skype},
		Envelopes:     []models.Envelope{{ID: 8, Year: 2027, Floor: money.Euros(15_000), Ceiling: money.Euros(20_000)}},
	})
}

// A decide-by day belongs to its renewal, and counts days or months as the contract does.
func ExampleSubscription_DecideBy() {
	renewal := cal.MustNew(2027, time.March, 15)
	byDays, byMonth := dropbox, dropbox
	byMonth.Notice = cal.Notice{N: 1, Unit: cal.Month}
	fmt.Println(byDays.DecideBy(renewal, 0), byMonth.DecideBy(renewal, 0))
	// Output: 2027-02-13 2027-02-15
}

// A day late is a year late.
func ExampleSubscription_CanEndOn() {
	last := cal.MustNew(2027, time.February, 13)
	fmt.Println(dropbox.CanEndOn(last))
	fmt.Println(dropbox.CanEndOn(last.AddDays(1)))
	// Output:
	// 2027-03-15
	// 2028-03-15
}

// Periods are counted from the first day, so a short month shortens nothing after it.
func ExampleRegister_Charges() {
	winter := cal.Span{From: cal.MustNew(2026, time.December, 1), To: cal.MustNew(2027, time.April, 1)}
	for _, c := range register().Charges(winter, cal.MustNew(2026, time.November, 15)) {
		fmt.Println(c.On, c.Cost, "decide by", c.DecideBy)
	}
	// Output:
	// 2026-12-31 10.00 EUR decide by 2026-12-29
	// 2027-01-31 10.00 EUR decide by 2027-01-29
	// 2027-02-28 10.00 EUR decide by 2027-02-26
	// 2027-03-15 91.20 EUR decide by 2027-02-11
	// 2027-03-31 10.00 EUR decide by 2027-03-29
}

// Where a year stands: what is due, what can no longer be prevented, and when the ceiling is crossed.
func ExampleRegister_Position() {
	r := register()
	on := cal.MustNew(2027, time.February, 20)
	p := r.Position(r.Year(on), on)
	fmt.Println("due", p.Due)
	fmt.Println("committed", p.Committed, "of which locked", p.Locked)
	fmt.Println("forecast", p.Forecast, p.Status, "on", p.CrossedOn)
	// Output:
	// due 10.00 EUR
	// committed 201.20 EUR of which locked 91.20 EUR
	// forecast 211.20 EUR over on 2027-11-30
}

// 99 dollars from abroad cost an association that is taxable without deduction the French tax on top.
func ExamplePayment_Settle() {
	rate, err := money.ParseRate("1.0714")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := models.Payment{PaidOn: cal.MustNew(2024, time.April, 26), Billed: money.Cents(9900, "USD"), Foreign: true, Rate: rate}
	p = p.Settle(models.VATStatus{Kind: models.NoDeduction})
	fmt.Println(p.EUR, "+", p.VATDue, "=", p.Cost)
	// Output: 92.40 EUR + 18.48 EUR = 110.88 EUR
}

// Free instead of premium, without touching the register.
func ExampleRegister_WhatIfPlan() {
	r := register()
	free := models.Plan{ID: 9, ServiceID: 6, Tier: models.Free, Cadence: cal.Yearly}
	effect := r.WhatIfPlan(free, cal.MustNew(2027, time.June, 15), 1)
	fmt.Println(effect.Change, "this year, leaving", effect.Room)
	// Output: -70.00 EUR this year, leaving 58.80 EUR
}

// What the daily job raises.
func ExampleRegister_FlagPass() {
	raised, _ := register().FlagPass(cal.MustNew(2027, time.February, 1))
	for _, f := range raised {
		fmt.Printf("%s of %d\n", f.FlagKey.Kind, f.FlagKey.Subject)
	}
	// Output:
	// charge_due of 5
	// decide_by of 4
	// envelope of 1
	// no_owner of 4
	// no_owner of 5
}

// All that is wrong is said at once, by field.
func ExampleInvalid() {
	err := models.Service{URL: "javascript:alert(1)"}.Check().Err()
	var invalid models.Invalid
	if errors.As(err, &invalid) {
		for _, p := range invalid {
			fmt.Println(p.Field, p.Rule)
		}
	}
	// Output:
	// name required
	// function choose
	// url url
}

package models_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// agendaDay reads a day that the test itself wrote.
func agendaDay(t *testing.T, s string) cal.Date {
	t.Helper()
	d, err := cal.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// agendaRegister has one subscription of each sort that the calendar tells apart, as of 23 November 2026.
func agendaRegister(t *testing.T) *models.Register {
	t.Helper()
	day := func(s string) cal.Date { return agendaDay(t, s) }
	terms := func(from string, cents int64, perSeat bool, seats int) []models.Terms {
		return []models.Terms{{ID: 90, From: day(from), Price: money.Euros(cents), PerSeat: perSeat, Seats: seats}}
	}
	return models.NewRegister(models.Facts{
		Organisation: models.Organisation{ID: 1, Name: "Mopa", YearStart: cal.YearStart{Month: 1, Day: 1}, Zone: "Europe/Paris", MarginDays: 2, DecideWindow: 45, RenewalWindow: 21, KeptFrom: day("2026-01-01")},
		Revision:     1,
		People:       []models.Person{{ID: 2, Name: "Claire", Role: models.Director, Lang: models.French}, {ID: 3, Name: "Karim", Role: models.Staff, Lang: models.French}},
		Means:        []models.Means{{ID: 5, Name: "Card", ExpiresOn: day("2026-12-31")}},
		Services:     []models.Service{{ID: 10, Name: "Dropbox", FunctionID: 4}, {ID: 11, Name: "Gmail", FunctionID: 4}, {ID: 12, Name: "Skype", FunctionID: 4, ClosesOn: day("2026-12-05")}},
		Plans: []models.Plan{
			{ID: 20, ServiceID: 10, Name: "Plus", Tier: models.Premium, Price: money.Euros(1999), PerSeat: true, Cadence: cal.Yearly},
			{ID: 21, ServiceID: 10, Name: "Basic", Tier: models.Free, Cadence: cal.Yearly},
			{ID: 22, ServiceID: 11, Name: "Free", Tier: models.Free, Cadence: cal.Yearly},
			{ID: 23, ServiceID: 12, Name: "Credit", Tier: models.Premium, Price: money.Euros(1000), Cadence: cal.Monthly},
		},
		Subscriptions: []models.Subscription{
			{
				ID: 30, ServiceID: 10, PlanID: 20, StartedOn: day("2024-12-18"), Anchor: day("2024-12-18"), Cadence: cal.Yearly, Notice: cal.Notice{N: 10, Unit: cal.Day},
				AutoRenew: true, OwnerID: 2, Terms: terms("2024-12-18", 1999, true, 3),
				Seats: []models.Seat{{ID: 40, PersonID: 2, From: day("2024-12-18")}, {ID: 41, PersonID: 3, From: day("2025-01-01")}},
			},
			{ID: 31, ServiceID: 11, PlanID: 22, StartedOn: day("2024-01-01"), Anchor: day("2024-01-01"), Cadence: cal.Yearly, LookOn: day("2026-12-20"), Terms: terms("2024-01-01", 0, false, 1)},
			{ID: 32, ServiceID: 12, PlanID: 23, StartedOn: day("2026-11-15"), Anchor: day("2026-12-15"), TrialEnds: day("2026-12-15"), Cadence: cal.Monthly, AutoRenew: true, OwnerID: 2, Terms: terms("2026-11-15", 1000, false, 1)},
		},
	})
}

func TestMarksOfAMonth(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	var got []string
	for _, m := range r.Marks(cal.Span{From: agendaDay(t, "2026-12-01"), To: agendaDay(t, "2027-01-01")}, agendaDay(t, "2026-11-23")) {
		got = append(got, fmt.Sprintf("%s %s %d", m.On, m.Kind, m.SubscriptionID))
	}
	want := []string{
		"2026-12-04 decide 30", // 18 December less 10 days of notice and 2 of margin is a Sunday
		"2026-12-05 closing 0",
		"2026-12-11 decide 32", // the trial's first charge can still be refused
		"2026-12-15 renewal 32", "2026-12-15 trial 32",
		"2026-12-18 renewal 30",
		"2026-12-20 look 31",
		"2026-12-31 card 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("marks of December (- want, + got):\n%s", diff)
	}
}

// What is cancelled already has nothing left to decide, and its end shows.
func TestMarksOfWhatEnds(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	s, _ := r.Subscription(30)
	s.CancelledOn, s.EndsOn = agendaDay(t, "2026-11-20"), agendaDay(t, "2027-12-18")
	ends := 0
	for _, m := range r.With(s).Marks(cal.Span{From: agendaDay(t, "2026-12-01"), To: agendaDay(t, "2028-01-01")}, agendaDay(t, "2026-11-23")) {
		if m.SubscriptionID != 30 {
			continue
		}
		switch m.Kind {
		case models.MarkDecide:
			t.Errorf("%s is still to be decided", m.On)
		case models.MarkEnds:
			ends++
		default:
		}
	}
	if ends != 1 {
		t.Errorf("the end shows %d times, want once", ends)
	}
}

// A decide-by day may lie months before its renewal: the month it falls in shows it all the same.
func TestMarksReachTheRenewalsBehindTheirDecideByDays(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	s, _ := r.Subscription(30)
	s.Notice = cal.Notice{N: 6, Unit: cal.Month}
	marks := r.With(s).Marks(cal.Span{From: agendaDay(t, "2027-06-01"), To: agendaDay(t, "2027-07-01")}, agendaDay(t, "2026-11-23"))
	for _, m := range marks {
		if m.Kind == models.MarkDecide && m.SubscriptionID == 30 {
			if m.On != agendaDay(t, "2027-06-16") || m.Charge.On != agendaDay(t, "2027-12-18") {
				t.Errorf("decide by %s for %s, want 2027-06-16 for 2027-12-18", m.On, m.Charge.On)
			}
			return
		}
	}
	t.Errorf("June 2027 shows no decide-by day of December's renewal: %v", marks)
}

func TestTotalLeavesOutWhatIsNotConverted(t *testing.T) {
	t.Parallel()
	euro := models.Charge{Conversion: models.Conversion{EUR: money.Euros(1000)}, Cost: money.Euros(1000)}
	total, left := models.Total([]models.Charge{euro, {Billed: money.Cents(500, "USD")}, euro})
	if total != money.Euros(2000) || left != 1 {
		t.Errorf("Total = %s and %d left out, want 20.00 EUR and 1", total, left)
	}
	if total, left = models.Total(nil); total != money.Zero(money.EUR) || left != 0 {
		t.Errorf("Total of nothing = %s, %d", total, left)
	}
}

func TestPlacesLoseNoCent(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	day := agendaDay(t, "2026-11-23")
	s, _ := r.Subscription(30)
	places, complete := r.Places(s, day) // 3 × 19,99 = 59,97 a year, two seats held
	if !complete || len(places) != 3 {
		t.Fatalf("Places = %d, complete %v; want 3, true", len(places), complete)
	}
	var shares []money.Amount
	for _, p := range places {
		shares = append(shares, p.Yearly)
	}
	if got := money.Sum(money.EUR, shares...); got != money.Euros(5997) {
		t.Errorf("shares sum to %s, want 59.97 EUR", got)
	}
	if n, yearly := models.FreePlaces(places); n != 1 || yearly != money.Euros(1999) {
		t.Errorf("FreePlaces = %d, %s; want 1, 19.99 EUR", n, yearly)
	}
	// Paid as a whole: who holds a seat bears it, nobody else.
	s.Terms = []models.Terms{{From: s.StartedOn, Price: money.Euros(1000), Seats: 5}}
	if places, _ = r.Places(s, day); len(places) != 2 || places[0].Yearly != money.Euros(500) {
		t.Errorf("Places of a whole price = %v, want two of 5.00 EUR", places)
	}
}

func TestCostByPerson(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	by := r.CostByPerson(agendaDay(t, "2026-11-23"))
	if len(by) != 2 || by[2].Yearly != money.Euros(1999) || len(by[3].Held) != 1 || !by[3].Complete {
		t.Errorf("CostByPerson = %+v, want 19.99 EUR and one seat for each of two people", by)
	}
	if by[3].Held[0].Seat.From != agendaDay(t, "2025-01-01") {
		t.Errorf("Karim's seat since %s, want 2025-01-01", by[3].Held[0].Seat.From)
	}
}

func TestWhatIfCancel(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	today := agendaDay(t, "2026-11-23")
	s, _ := r.Subscription(30)
	e, err := r.WhatIfCancel(s, agendaDay(t, "2026-12-18"), today)
	if err != nil {
		t.Fatal(err)
	}
	if e.Change != money.Euros(-5997) || e.Yearly != money.Euros(5997) {
		t.Errorf("change %s, yearly %s; want -59.97 and 59.97 EUR", e.Change, e.Yearly)
	}
	if left := r.Remaining(s, agendaDay(t, "2026-12-18"), today); len(left) != 0 {
		t.Errorf("nothing is left to pay before the renewal, got %v", left)
	}
	left := r.Remaining(s, agendaDay(t, "2027-12-18"), today)
	if len(left) != 1 || left[0].Cost != money.Euros(5997) {
		t.Errorf("one more year leaves %v to pay, want 59.97 EUR once", left)
	}
	if _, err = r.WhatIfCancel(s, s.StartedOn, today); err == nil {
		t.Error("an end before the start has an effect")
	}
}

func TestWhatIfSwitch(t *testing.T) {
	t.Parallel()
	r := agendaRegister(t)
	today := agendaDay(t, "2026-11-23")
	s, _ := r.Subscription(30)
	free, _ := r.Plan(21)
	on := agendaDay(t, "2026-12-18")
	e, err := r.WhatIfSwitch(s, free, on, models.Terms{From: on, Price: money.Zero(money.EUR), Seats: 3}, today)
	if err != nil {
		t.Fatal(err)
	}
	if e.Change != money.Euros(-5997) || e.Yearly != money.Zero(money.EUR) || !e.Complete {
		t.Errorf("going free: %+v, want 59.97 EUR less this year and nothing a year", e)
	}
	// A day of the next year is held against the next year's forecast.
	on = agendaDay(t, "2027-06-18")
	e, err = r.WhatIfSwitch(s, free, on, models.Terms{From: on, Price: money.Zero(money.EUR), Seats: 3}, today)
	if err != nil {
		t.Fatal(err)
	}
	if e.Change != money.Euros(-5997) {
		t.Errorf("going free in June 2027 changes that year by %s, want -59.97 EUR", e.Change)
	}
	if _, err = r.WhatIfSwitch(s, models.Plan{ID: 20, ServiceID: 10, Tier: models.Premium, Price: money.Euros(1)}, on, models.Terms{From: on, Price: money.Euros(1), Seats: 1}, today); err == nil {
		t.Error("switching to the same plan has an effect")
	}
	if got, _ := r.Subscription(30); !got.EndsOn.IsZero() {
		t.Error("asking has changed the register")
	}
}

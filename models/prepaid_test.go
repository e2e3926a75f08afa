package models_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestPrepaid(t *testing.T) {
	for _, c := range []struct {
		name            string
		cents           int64
		from, last      string
		closings        []string
		balances, borne []int64 // in cents, at each closing; borne has one more, for the year after the last
	}{
		{
			name: "a year from October", cents: 120_00, from: "2025-10-01", last: "2026-09-30",
			closings: []string{"2025-12-31"}, balances: []int64{89_75}, borne: []int64{30_25, 89_75},
		},
		{
			name: "a year from a leap day", cents: 240_00, from: "2024-02-29", last: "2025-02-27",
			closings: []string{"2024-12-31"}, balances: []int64{38_14}, borne: []int64{201_86, 38_14},
		},
		{
			name: "a fiscal year from September", cents: 95_88, from: "2025-03-10", last: "2026-03-09",
			closings: []string{"2025-08-31"}, balances: []int64{49_91}, borne: []int64{45_97, 49_91},
		},
		{
			name: "three years", cents: 360_00, from: "2024-07-01", last: "2027-06-30",
			closings: []string{"2024-12-31", "2025-12-31", "2026-12-31"},
			balances: []int64{299_51, 179_51, 59_51}, borne: []int64{60_49, 120_00, 120_00, 59_51},
		},
		{
			name: "paid the year before it serves", cents: 99_00, from: "2027-01-01", last: "2027-12-31",
			closings: []string{"2026-12-31"}, balances: []int64{99_00}, borne: []int64{0, 99_00},
		},
		{
			name: "ends on the closing day", cents: 99_00, from: "2026-01-01", last: "2026-12-31",
			closings: []string{"2026-12-31"}, balances: []int64{0}, borne: []int64{99_00, 0},
		},
		{
			name: "a credit note", cents: -60_00, from: "2025-10-01", last: "2026-09-30",
			closings: []string{"2025-12-31"}, balances: []int64{-44_88}, borne: []int64{-15_12, -44_88},
		},
		{
			name: "a single day", cents: 1, from: "2026-12-31", last: "2026-12-31",
			closings: []string{"2026-12-30", "2026-12-31"}, balances: []int64{1, 0}, borne: []int64{0, 1, 0},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			cost := money.Euros(c.cents)
			period := cal.Inclusive(civilDay(c.from), civilDay(c.last))
			before := cost
			for i, closing := range c.closings {
				balance := models.PrepaidDays.Deferred(cost, period, civilDay(closing))
				if want := money.Euros(c.balances[i]); balance != want {
					t.Errorf("on %s account 486 holds %v, want %v", closing, balance, want)
				}
				if got, want := before.Sub(balance), money.Euros(c.borne[i]); got != want {
					t.Errorf("the year closed on %s bears %v, want %v", closing, got, want)
				}
				before = balance
			}
			if want := money.Euros(c.borne[len(c.closings)]); before != want {
				t.Errorf("the year after bears %v, want %v", before, want)
			}
		})
	}
}

func TestPrepaidOfNothing(t *testing.T) {
	period := cal.Inclusive(civilDay("2026-01-01"), civilDay("2026-12-31"))
	for name, got := range map[string]money.Amount{
		"no amount":  models.PrepaidDays.Deferred(money.Amount{}, period, civilDay("2026-06-30")),
		"no period":  models.PrepaidDays.Deferred(money.Euros(99_00), cal.Span{}, civilDay("2026-06-30")),
		"no closing": models.PrepaidDays.Deferred(money.Euros(99_00), period, cal.Date{}),
	} {
		if got != money.Zero(money.EUR) {
			t.Errorf("%s: %v is carried over, want nothing", name, got)
		}
	}
}

// The law that makes the books close: whatever the closings, what the years bear adds up to the cost, and none carries
// over more than it, nor with the other sign.
func TestPrepaidLosesNoCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cost := money.Euros(rapid.Int64Range(-100_000_00, 100_000_00).Draw(t, "cents"))
		from := civilDay("2024-01-01").AddDays(rapid.IntRange(0, 1000).Draw(t, "from"))
		period := cal.Span{From: from, To: from.AddDays(rapid.IntRange(1, 2000).Draw(t, "days"))}
		start := cal.YearStart{Month: rapid.SampledFrom([]time.Month{time.January, time.April, time.September}).Draw(t, "month"), Day: 1}
		total, before := money.Zero(money.EUR), cost
		for year := start.YearOf(from.AddDays(-400)); year.Start.Before(period.To.AddDays(400)); year = year.Next() {
			balance := models.PrepaidDays.Deferred(cost, period, year.Last())
			if balance.Abs().Cmp(cost.Abs()) > 0 || (!balance.IsZero() && balance.IsNegative() != cost.IsNegative()) {
				t.Fatalf("%v carried over of %v", balance, cost)
			}
			total = total.Add(before.Sub(balance))
			before = balance
		}
		if total != cost {
			t.Fatalf("the years bear %v of %v", total, cost)
		}
	})
}

func ExamplePrepaidMethod_Deferred() {
	// 120 € paid for October 2025 to September 2026, in books that close with the year.
	period := cal.Inclusive(cal.MustNew(2025, 10, 1), cal.MustNew(2026, 9, 30))
	deferred := models.PrepaidDays.Deferred(money.Euros(120_00), period, cal.MustNew(2025, 12, 31))
	fmt.Println(deferred, "for next year")
	// Output: 89.75 EUR for next year
}

// civilDay reads a day written in a table of cases.
func civilDay(s string) cal.Date {
	d, err := cal.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestMethodsOfPrepaidExpense(t *testing.T) {
	for _, c := range []struct {
		name                string
		from, last, closing string
		days, months, m360  [2]int // deferred, total
		months120, m360120  int64  // of 120,00, in cents
	}{
		{"a year from October", "2025-10-01", "2026-09-30", "2025-12-31", [2]int{273, 365}, [2]int{9, 12}, [2]int{270, 360}, 90_00, 90_00},
		{"a year from the tenth", "2025-03-10", "2026-03-09", "2025-08-31", [2]int{190, 365}, [2]int{6, 12}, [2]int{189, 360}, 60_00, 63_00},
		{"a year from the last of a month", "2025-08-31", "2026-08-30", "2025-12-31", [2]int{242, 365}, [2]int{7, 12}, [2]int{239, 360}, 70_00, 79_67},
		{"wholly after", "2027-01-01", "2027-12-31", "2026-12-31", [2]int{365, 365}, [2]int{12, 12}, [2]int{360, 360}, 120_00, 120_00},
		{"wholly before", "2026-01-01", "2026-12-31", "2026-12-31", [2]int{0, 365}, [2]int{0, 12}, [2]int{0, 360}, 0, 0},
		{"one 30th", "2026-01-30", "2026-01-30", "2025-12-31", [2]int{1, 1}, [2]int{1, 1}, [2]int{1, 1}, 120_00, 120_00},
		{"four weeks", "2026-12-15", "2027-01-11", "2026-12-31", [2]int{11, 28}, [2]int{0, 1}, [2]int{11, 27}, 0, 48_89},
	} {
		t.Run(c.name, func(t *testing.T) {
			period, closing := cal.Inclusive(civilDay(c.from), civilDay(c.last)), civilDay(c.closing)
			for method, want := range map[models.PrepaidMethod][2]int{models.PrepaidDays: c.days, models.PrepaidMonths: c.months, models.Prepaid360: c.m360} {
				if after, total := method.Parts(period, closing); [2]int{after, total} != want {
					t.Errorf("by %s %d of %d are deferred, want %v", method, after, total, want)
				}
			}
			cost := money.Euros(120_00)
			if got, want := models.PrepaidMonths.Deferred(cost, period, closing), money.Euros(c.months120); got != want {
				t.Errorf("by months %v are deferred, want %v", got, want)
			}
			if got, want := models.Prepaid360.Deferred(cost, period, closing), money.Euros(c.m360120); got != want {
				t.Errorf("by 30/360 %v are deferred, want %v", got, want)
			}
		})
	}
}

package cal_test

import (
	"fmt"
	"time"

	"enveloppe/models/cal"
)

func ExampleCadence_Occurrence() {
	anchor := cal.MustNew(2026, time.January, 31)
	for k := range 4 {
		fmt.Println(cal.Monthly.Occurrence(anchor, k))
	}
	// Output:
	// 2026-01-31
	// 2026-02-28
	// 2026-03-31
	// 2026-04-30
}

func ExampleCadence_In() {
	year := cal.YearStart{Month: time.January, Day: 1}.Year(2027)
	for k, d := range cal.HalfYearly.In(cal.MustNew(2025, time.August, 31), year.Span()) {
		fmt.Println(k, d)
	}
	// Output:
	// 3 2027-02-28
	// 4 2027-08-31
}

func ExampleDecideBy() {
	renewal := cal.MustNew(2027, time.March, 15)
	fmt.Println(cal.DecideBy(renewal, cal.Notice{N: 30, Unit: cal.Day}, 0))
	fmt.Println(cal.DecideBy(renewal, cal.Notice{N: 1, Unit: cal.Month}, 0))
	// Output:
	// 2027-02-13
	// 2027-02-15
}

func ExampleWorkdayOnOrBefore() {
	// The decide-by day is a Saturday: say so on the Friday.
	fmt.Println(cal.WorkdayOnOrBefore(cal.MustNew(2027, time.February, 13)))
	// Output: 2027-02-12
}

func ExampleParseTyped() {
	for _, typed := range []string{"31/03/2026", "31.3.2026", "30/02/2026"} {
		d, err := cal.ParseTyped(typed)
		fmt.Println(d, err)
	}
	// Output:
	// 2026-03-31 <nil>
	// 2026-03-31 <nil>
	//  refused: date.impossible
}

func ExampleSpan_Overlap() {
	service := cal.Inclusive(cal.MustNew(2025, time.October, 1), cal.MustNew(2026, time.September, 30))
	year := cal.YearStart{Month: time.January, Day: 1}.Year(2025).Span()
	fmt.Println(service.Overlap(year), service.Overlap(year).Days(), "of", service.Days())
	// Output: [2025-10-01, 2026-01-01) 92 of 365
}

func ExampleFiscalYear_Label() {
	school := cal.YearStart{Month: time.September, Day: 1}
	fmt.Println(school.YearOf(cal.MustNew(2026, time.August, 31)).Label())
	// Output: 2025-2026
}

package cal

import (
	"strconv"
	"time"
)

// YearStart is the day fiscal years begin on. One that does not Validate, such as the zero
// YearStart, counts as 1 January.
type YearStart struct {
	Month time.Month
	Day   int
}

// Validate refuses a day after the 28th, which not every year would have. The error is a *ParseError.
func (s YearStart) Validate() error {
	switch {
	case s.Month < time.January || s.Month > time.December:
		return &ParseError{YearStartMonth}
	case s.Day < 1 || s.Day > 28:
		return &ParseError{YearStartDay}
	}
	return nil
}

// FiscalYear is twelve months from its Start. Fiscal years are comparable with ==.
type FiscalYear struct{ Start Date }

// Year returns the fiscal year that begins in calendar year n.
func (s YearStart) Year(n int) FiscalYear {
	if s.Validate() != nil {
		s = YearStart{time.January, 1}
	}
	n = min(max(n, minYear), maxYear)
	return FiscalYear{date(n, s.Month, s.Day)}
}

// YearOf returns the fiscal year that holds d.
func (s YearStart) YearOf(d Date) FiscalYear {
	if d.IsZero() {
		return FiscalYear{}
	}
	y := s.Year(d.Year())
	if d.Before(y.Start) {
		return y.Prev()
	}
	return y
}

// Span returns the year's days, from its start to the next one's, excluded.
func (y FiscalYear) Span() Span { return Span{y.Start, y.Start.AddMonths(12)} }

// Number returns the calendar year in which the fiscal year begins.
func (y FiscalYear) Number() int { return y.Start.Year() }

// Last returns the closing day.
func (y FiscalYear) Last() Date { return y.Span().Last() }

// Next returns the fiscal year after.
func (y FiscalYear) Next() FiscalYear { return FiscalYear{y.Start.AddMonths(12)} }

// Prev returns the fiscal year before.
func (y FiscalYear) Prev() FiscalYear { return FiscalYear{y.Start.AddMonths(-12)} }

// Label names the year: "2026", or "2025-2026" when it does not begin on 1 January.
func (y FiscalYear) Label() string {
	n := strconv.Itoa(y.Number())
	if y.Start.IsZero() || y.Start.Month() == time.January && y.Start.Day() == 1 {
		return n
	}
	return n + "-" + strconv.Itoa(y.Number()+1)
}

// Months returns the year's twelve months, each from the fiscal start's day of the month.
func (y FiscalYear) Months() []Span {
	months := make([]Span, 12)
	for i := range months {
		months[i] = Span{y.Start.AddMonths(i), y.Start.AddMonths(i + 1)}
	}
	return months
}

package reports

import (
	"fmt"

	"enveloppe/models/cal"
)

// Period is what a file is taken of: a fiscal year, or some of its months.
type Period struct {
	Year cal.FiscalYear
	Span cal.Span // within the year, half-open, from the first day of one of its months to the last of another
}

// Whole is a fiscal year from its first day to its last.
func Whole(year cal.FiscalYear) Period { return Period{year, year.Span()} }

// Months are those of a fiscal year from one to another, both included, the first being 1; false when the year has no
// such months.
func Months(year cal.FiscalYear, from, to int) (Period, bool) {
	months := year.Months()
	if from < 1 || to < from || to > len(months) {
		return Period{}, false
	}
	return Period{year, cal.Span{From: months[from-1].From, To: months[to-1].To}}, true
}

// IsWhole tells whether the period is the whole year.
func (p Period) IsWhole() bool { return p.Span == p.Year.Span() }

// Label names the period as file names do: "2026", "2026-03" for a month, "2026-01-a-2026-03" for several; months that
// do not begin on the first are named by their first day.
func (p Period) Label() string {
	if p.IsWhole() {
		return p.Year.Label()
	}
	name := func(d cal.Date) string {
		if p.Year.Start.Day() != 1 {
			return d.String()
		}
		return fmt.Sprintf("%04d-%02d", d.Year(), d.Month())
	}
	last := p.Span.To.AddMonths(-1)
	if last == p.Span.From {
		return name(p.Span.From)
	}
	return name(p.Span.From) + "-a-" + name(last)
}

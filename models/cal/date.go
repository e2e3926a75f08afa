// Package cal holds civil days, periods, cadences, notices and fiscal years: when a renewal falls, and until when one can still say no.
package cal

import (
	"cmp"
	"time"
)

// The days arithmetic can reach; beyond, it stays at the end of the calendar.
const (
	minYear = 1
	maxYear = 9999
)

// Date is a civil day, not an instant: it has no time zone. Dates are comparable with ==.
// The zero Date means "no day": it has no text, precedes every day, and arithmetic on it gives it back.
type Date struct {
	year       int16
	month, day uint8
}

var (
	earliest = Date{minYear, 1, 1}
	latest   = Date{maxYear, 12, 31}
)

// New returns that day. The error is a *ParseError: DateImpossible for 30 February,
// DateRange for a year outside 1 to 9999.
func New(y int, m time.Month, d int) (Date, error) {
	switch {
	case y < minYear || y > maxYear:
		return Date{}, &ParseError{DateRange}
	case m < time.January || m > time.December || d < 1 || d > daysIn(y, m):
		return Date{}, &ParseError{DateImpossible}
	}
	return date(y, m, d), nil
}

// date makes a day of parts known to lie in the calendar.
func date(y int, m time.Month, d int) Date {
	return Date{int16(y), uint8(m), uint8(d)} //nolint:gosec // at most 9999, 12 and 31
}

// MustNew is New for days written in the program; it panics on an impossible one.
func MustNew(y int, m time.Month, d int) Date {
	day, err := New(y, m, d)
	if err != nil {
		panic("cal: " + err.Error())
	}
	return day
}

// Of returns the civil day of t in t's own location. The zero Time gives the zero Date.
func Of(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	y, m, d := t.Date()
	switch {
	case y < minYear:
		return earliest
	case y > maxYear:
		return latest
	}
	return date(y, m, d)
}

// IsZero reports whether there is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Equal is ==.
func (d Date) Equal(other Date) bool { return d == other }

// Year returns the year, 0 for no day.
func (d Date) Year() int { return int(d.year) }

// Month returns the month, 0 for no day.
func (d Date) Month() time.Month { return time.Month(d.month) }

// Day returns the day of the month, 0 for no day.
func (d Date) Day() int { return int(d.day) }

// Weekday returns the day of the week; it means nothing on no day.
func (d Date) Weekday() time.Weekday {
	// Day 0 of the count, 1 January 1970, was a Thursday.
	return time.Weekday(((d.number()+4)%7 + 7) % 7)
}

// Compare returns -1, 0 or +1; no day comes first.
func (d Date) Compare(other Date) int { return cmp.Compare(d.order(), other.order()) }

// Before reports whether d is strictly earlier.
func (d Date) Before(other Date) bool { return d.order() < other.order() }

// After reports whether d is strictly later.
func (d Date) After(other Date) bool { return d.order() > other.order() }

// order grows with the day.
func (d Date) order() int32 { return int32(d.year)<<16 | int32(d.month)<<8 | int32(d.day) }

// Min returns the earlier of two days; no day is the earliest.
func Min(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}

// Max returns the later of two days.
func Max(a, b Date) Date {
	if b.After(a) {
		return b
	}
	return a
}

// AddDays returns the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date {
	switch {
	case d.IsZero():
		return d
	case n > steps:
		return latest
	case n < -steps:
		return earliest
	}
	return fromNumber(d.number() + n)
}

// AddMonths returns the same day n months later (earlier when negative), or the month's last
// when it has no such day: 31 January + 1 month is 28 February.
func (d Date) AddMonths(n int) Date {
	switch {
	case d.IsZero():
		return d
	case n > steps:
		return latest
	case n < -steps:
		return earliest
	}
	months := int(d.year)*12 + int(d.month) - 1 + n
	y, m := months/12, time.Month(months%12+1)
	switch {
	case months < minYear*12:
		return earliest
	case y > maxYear:
		return latest
	}
	return date(y, m, min(d.Day(), daysIn(y, m)))
}

// steps exceeds the number of days of the whole calendar: no move needs more.
const steps = 4_000_000

// DaysUntil returns how many days must pass from d to other, negative when other is earlier.
// It is 0 when either is no day.
func (d Date) DaysUntil(other Date) int {
	if d.IsZero() || other.IsZero() {
		return 0
	}
	return other.number() - d.number()
}

// MonthStart returns the first day of the month.
func (d Date) MonthStart() Date {
	if d.IsZero() {
		return d
	}
	return Date{d.year, d.month, 1}
}

// MonthEnd returns the last day of the month, itself included in it.
func (d Date) MonthEnd() Date {
	if d.IsZero() {
		return d
	}
	return date(d.Year(), d.Month(), daysIn(d.Year(), d.Month()))
}

// Time returns midnight of that day in loc; where clocks jump over midnight, the instant
// package time chooses. No day gives the zero Time.
func (d Date) Time(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, loc)
}

func daysIn(y int, m time.Month) int {
	switch m {
	case time.February:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	default:
		return 31
	}
}

// number counts days from 1 January 1970. Years run from March, so that the leap day is
// their last and the lengths of the months before it repeat.
func (d Date) number() int {
	y, m := int(d.year), int(d.month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + int(d.day) - 1 - epoch
}

// epoch is the number of 1 January 1970 counted from 1 March of year 0.
const epoch = 719_468

func fromNumber(n int) Date {
	switch {
	case n < earliest.number():
		return earliest
	case n > latest.number():
		return latest
	}
	n += epoch
	const era = 146_097 // days in 400 years
	inEra := n % era
	years := (inEra - inEra/1460 + inEra/36_524 - inEra/(era-1)) / 365
	inYear := inEra - (365*years + years/4 - years/100)
	month := (5*inYear + 2) / 153 // from March
	day := inYear - (153*month+2)/5 + 1
	year := n/era*400 + years
	if month += 3; month > 12 {
		month, year = month-12, year+1
	}
	return date(year, time.Month(month), day)
}

package cal

import (
	"iter"
	"strings"
)

// Unit is what a cadence or a notice counts in. Days and months differ: 30 days before
// 15 March is not one month before.
type Unit string

// The units of time; Once is a cadence that never comes back.
const (
	Day   Unit = "day"
	Week  Unit = "week"
	Month Unit = "month"
	Year  Unit = "year"
	Once  Unit = "once"
)

// Cadence is how often something comes back, counted from an anchor day; a 4-weekly plan is
// {4, Week}. Cadences are comparable with ==. One that does not Validate, such as the zero
// Cadence, has no occurrence.
type Cadence struct {
	Every int
	Unit  Unit
}

// The usual cadences.
var (
	Monthly    = Cadence{1, Month}
	Quarterly  = Cadence{3, Month}
	HalfYearly = Cadence{6, Month}
	Yearly     = Cadence{1, Year}
	OneOff     = Cadence{1, Once}
)

const maxEvery = 999

// Validate refuses a cadence of zero or of more than 999 units. The error is a *ParseError.
func (c Cadence) Validate() error {
	switch {
	case c.Unit.size() == 0 && c.Unit != Once:
		return &ParseError{CadenceUnit}
	case c.Every == 0:
		return &ParseError{CadenceZero}
	case c.Every < 0 || c.Every > maxEvery || c.Unit == Once && c.Every != 1:
		return &ParseError{CadenceRange}
	}
	return nil
}

func (c Cadence) valid() bool { return c.Validate() == nil }

// size is how many days, or months, the unit lasts; 0 when it is not a length of time.
func (u Unit) size() int {
	switch u {
	case Day, Month:
		return 1
	case Week:
		return 7
	case Year:
		return 12
	default:
		return 0
	}
}

func (u Unit) inMonths() bool { return u == Month || u == Year }

// after returns the day n units after d.
func (u Unit) after(d Date, n int) Date {
	if u.inMonths() {
		return d.AddMonths(n * u.size())
	}
	return d.AddDays(n * u.size())
}

// String writes the cadence as stored: "3 month", or "once".
func (c Cadence) String() string {
	if c == OneOff {
		return string(Once)
	}
	return writeCountAndUnit(c.Every, c.Unit)
}

// ParseCadence reads what String wrote. The error is a *ParseError.
func ParseCadence(s string) (Cadence, error) {
	if strings.TrimSpace(s) == string(Once) {
		return OneOff, nil
	}
	n, unit, ok := countAndUnit(s)
	if !ok {
		return Cadence{}, &ParseError{CadenceMalformed}
	}
	c := Cadence{n, unit}
	if err := c.Validate(); err != nil {
		return Cadence{}, err
	}
	return c, nil
}

// Occurrence returns anchor + k × cadence, on the anchor's day or the month's last. It counts from
// the anchor, never from the occurrence before, or 31 January would become the 28th for ever.
// There is none (the zero Date) for k < 0, nor after the first of a OneOff.
func (c Cadence) Occurrence(anchor Date, k int) Date {
	switch {
	case k < 0 || !c.valid():
		return Date{}
	case k == 0:
		return anchor
	case c.Unit == Once:
		return Date{}
	}
	return c.Unit.after(anchor, min(k, steps)*c.Every)
}

// Period returns what occurrence k pays for, up to the next one; a OneOff pays for its day.
// It is empty where there is no occurrence.
func (c Cadence) Period(anchor Date, k int) Span {
	from := c.Occurrence(anchor, k)
	if from.IsZero() {
		return Span{}
	}
	if c.Unit == Once {
		return Inclusive(from, from)
	}
	return Span{from, c.Occurrence(anchor, k+1)}
}

// IndexOn returns the greatest k whose occurrence is on or before d, -1 before the anchor.
func (c Cadence) IndexOn(anchor, d Date) int {
	switch {
	case anchor.IsZero() || d.Before(anchor) || !c.valid():
		return -1
	case c.Unit == Once:
		return 0
	case !c.Unit.inMonths():
		return anchor.DaysUntil(d) / (c.Every * c.Unit.size())
	}
	months := (d.Year()-anchor.Year())*12 + int(d.Month()) - int(anchor.Month())
	k := months / (c.Every * c.Unit.size())
	if c.Occurrence(anchor, k).After(d) {
		k--
	}
	return k
}

// In yields the occurrences of s with their index, from the anchor on, in order.
func (c Cadence) In(anchor Date, s Span) iter.Seq2[int, Date] {
	return func(yield func(int, Date) bool) {
		if s.IsEmpty() {
			return
		}
		k := 0
		if s.From.After(anchor) {
			// The occurrence in force the day before s begins is the last one outside it.
			k = c.IndexOn(anchor, s.From.AddDays(-1)) + 1
		}
		var previous Date
		for {
			d := c.Occurrence(anchor, k)
			// At the end of the calendar days no longer advance.
			if d.IsZero() || !d.Before(s.To) || !previous.Before(d) {
				return
			}
			if !yield(k, d) {
				return
			}
			k, previous = k+1, d
		}
	}
}

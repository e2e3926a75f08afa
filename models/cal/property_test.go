package cal_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"enveloppe/models/cal"
)

// drawDate steers half of the days to the 28th–31st: drawn evenly, they let a drift of months pass.
func drawDate(t *rapid.T, label string) cal.Date {
	y := rapid.IntRange(1970, 2199).Draw(t, label+" year")
	m := time.Month(rapid.IntRange(1, 12).Draw(t, label+" month"))
	from := 1
	if rapid.Bool().Draw(t, label+" late") {
		from = 28
	}
	return cal.MustNew(y, m, rapid.IntRange(from, lastDay(y, m)).Draw(t, label+" day"))
}

// lastDay is the month's last according to package time.
func lastDay(y int, m time.Month) int {
	return time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func drawCadence(t *rapid.T) cal.Cadence {
	return cal.Cadence{
		Every: rapid.OneOf(rapid.IntRange(1, 13), rapid.IntRange(1, 999)).Draw(t, "every"),
		Unit:  rapid.SampledFrom([]cal.Unit{cal.Day, cal.Week, cal.Month, cal.Year}).Draw(t, "unit"),
	}
}

func TestPropertyRenewalKeepsTheAnchorsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor := drawDate(t, "anchor")
		c := cal.Cadence{
			Every: rapid.IntRange(1, 24).Draw(t, "every"),
			Unit:  rapid.SampledFrom([]cal.Unit{cal.Month, cal.Year}).Draw(t, "unit"),
		}
		k := rapid.IntRange(0, 120).Draw(t, "k")
		months := k * c.Every
		if c.Unit == cal.Year {
			months *= 12
		}
		got := c.Occurrence(anchor, k)
		first := time.Date(anchor.Year(), anchor.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
		if got.Year() != first.Year() || got.Month() != first.Month() {
			t.Fatalf("%v + %d × %v is %v, not in %s", anchor, k, c, got, first.Format("2006-01"))
		}
		if want := min(anchor.Day(), lastDay(first.Year(), first.Month())); got.Day() != want {
			t.Fatalf("%v + %d × %v is %v, not on the %d", anchor, k, c, got, want)
		}
	})
}

func TestPropertyRenewalsOfDaysAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor, every := drawDate(t, "anchor"), rapid.IntRange(1, 999).Draw(t, "every")
		k := rapid.IntRange(0, 500).Draw(t, "k")
		for unit, days := range map[cal.Unit]int{cal.Day: 1, cal.Week: 7} {
			got := cal.Cadence{Every: every, Unit: unit}.Occurrence(anchor, k)
			want := anchor.Time(time.UTC).AddDate(0, 0, k*every*days)
			if got != cal.Of(want) {
				t.Fatalf("%v + %d × %d %s is %v, want %v", anchor, k, every, unit, got, want)
			}
		}
	})
}

func TestPropertyOccurrencesIncreaseAndPeriodsTouch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor, c := drawDate(t, "anchor"), drawCadence(t)
		k := rapid.IntRange(0, 6).Draw(t, "k")
		here, next := c.Period(anchor, k), c.Period(anchor, k+1)
		if here.IsEmpty() || here.To != next.From || !c.Occurrence(anchor, k).Before(c.Occurrence(anchor, k+1)) {
			t.Fatalf("%v every %v: %v then %v", anchor, c, here, next)
		}
	})
}

func TestPropertyIndexOnInvertsOccurrence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor, c := drawDate(t, "anchor"), drawCadence(t)
		k := rapid.IntRange(0, 7).Draw(t, "k")
		renewal := c.Occurrence(anchor, k)
		if got := c.IndexOn(anchor, renewal); got != k {
			t.Fatalf("%v every %v: occurrence %d is on %v, whose index is %d", anchor, c, k, renewal, got)
		}
		if got := c.IndexOn(anchor, renewal.AddDays(-1)); got != k-1 {
			t.Fatalf("%v every %v: the day before occurrence %d has index %d", anchor, c, k, got)
		}
		d := drawDate(t, "day")
		i := c.IndexOn(anchor, d)
		if (i == -1) != d.Before(anchor) || i >= 0 && !c.Period(anchor, i).Contains(d) {
			t.Fatalf("%v every %v: %v has index %d", anchor, c, d, i)
		}
	})
}

// A year's charges are those of its parts: the whole forecast rests on it.
func TestPropertyOccurrencesOfASplitPeriodAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anchor, c := drawDate(t, "anchor"), drawCadence(t)
		from := drawDate(t, "from")
		cut := from.AddDays(rapid.IntRange(0, 800).Draw(t, "cut"))
		to := cut.AddDays(rapid.IntRange(0, 800).Draw(t, "rest"))
		whole := occurrences(c, anchor, cal.Span{From: from, To: to})
		parts := append(
			occurrences(c, anchor, cal.Span{From: from, To: cut}),
			occurrences(c, anchor, cal.Span{From: cut, To: to})...)
		if len(whole) != len(parts) {
			t.Fatalf("%v every %v: %d in the whole, %d in its parts", anchor, c, len(whole), len(parts))
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("%v every %v: %v in the whole, %v in its parts", anchor, c, whole[i], parts[i])
			}
		}
		// Counted by trying every index, without the shortcut In takes.
		n := 0
		for k := 0; ; k++ {
			d := c.Occurrence(anchor, k)
			if !d.Before(to) {
				break
			}
			if !d.Before(from) {
				n++
			}
		}
		if n != len(whole) {
			t.Fatalf("%v every %v: %d of %d occurrences", anchor, c, len(whole), n)
		}
	})
}

func occurrences(c cal.Cadence, anchor cal.Date, s cal.Span) []cal.Date {
	var days []cal.Date
	for k, d := range c.In(anchor, s) {
		if d != c.Occurrence(anchor, k) {
			return nil
		}
		days = append(days, d)
	}
	return days
}

func TestPropertyDaysAgreeWithPackageTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "day")
		n := rapid.IntRange(-80_000, 80_000).Draw(t, "n")
		moved := d.AddDays(n)
		if want := cal.Of(d.Time(time.UTC).AddDate(0, 0, n)); moved != want {
			t.Fatalf("%v + %d days is %v, want %v", d, n, moved, want)
		}
		if d.DaysUntil(moved) != n || moved.DaysUntil(d) != -n {
			t.Fatalf("%d days from %v to %v", d.DaysUntil(moved), d, moved)
		}
		if moved.Weekday() != moved.Time(time.UTC).Weekday() {
			t.Fatalf("%v is a %v", moved, moved.Weekday())
		}
	})
}

func TestPropertyTextsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t, "day")
		for _, layout := range []string{"2006-01-02", "02/01/2006", "2.1.2006", "02-01-2006"} {
			text := d.Time(time.UTC).Format(layout)
			if got, err := cal.ParseTyped(text); err != nil || got != d {
				t.Fatalf("%q was read as %v, %v", text, got, err)
			}
		}
		stored, err := d.Value()
		if err != nil {
			t.Fatal(err)
		}
		var back cal.Date
		if err := back.Scan(stored); err != nil || back != d {
			t.Fatalf("%v came back as %v, %v", d, back, err)
		}
		c := drawCadence(t)
		if got, err := cal.ParseCadence(c.String()); err != nil || got != c {
			t.Fatalf("%v came back as %v, %v", c, got, err)
		}
	})
}

func TestPropertyDecideByComesNoLaterThanTheRenewal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		renewal := drawDate(t, "renewal")
		n := cal.Notice{
			N:    rapid.IntRange(0, 400).Draw(t, "n"),
			Unit: rapid.SampledFrom([]cal.Unit{cal.Day, cal.Week, cal.Month, cal.Year}).Draw(t, "unit"),
		}
		margin := rapid.IntRange(0, 60).Draw(t, "margin")
		by := cal.DecideBy(renewal, n, margin)
		if by.After(renewal) || by.DaysUntil(n.Before(renewal)) != margin {
			t.Fatalf("renewal %v, notice %v, margin %d: %v", renewal, n, margin, by)
		}
		announced := cal.WorkdayOnOrBefore(by)
		if announced.After(by) || !cal.Workday(announced) || announced.DaysUntil(by) > 4 {
			t.Fatalf("%v is announced on %v", by, announced)
		}
	})
}

func TestPropertyFiscalYearsTileTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := cal.YearStart{
			Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			Day:   rapid.IntRange(1, 28).Draw(t, "day"),
		}
		d := drawDate(t, "on")
		y := start.YearOf(d)
		if !y.Span().Contains(d) || start.YearOf(y.Last()) != y || start.YearOf(y.Span().To) != y.Next() {
			t.Fatalf("%v of years from %v: %v", d, start, y.Span())
		}
		months := y.Months()
		for i, m := range months {
			if i > 0 && m.From != months[i-1].To || m.From.Day() != start.Day {
				t.Fatalf("month %d of %v is %v", i+1, y.Span(), m)
			}
		}
		if months[0].From != y.Start || months[11].To != y.Span().To {
			t.Fatalf("the months of %v run from %v to %v", y.Span(), months[0], months[11])
		}
	})
}

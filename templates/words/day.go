package words

import (
	"strconv"
	"strings"
	"time"

	"enveloppe/models/cal"
)

// Day is the whole day: "mardi 3 mars 2026", "Tuesday 3 March 2026". A day that is not known is "—",
// here and below. The number never parts from its month at the end of a line.
func (w *Words) Day(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	var room [64]byte
	b := append(room[:0], w.style.weekdays[d.Weekday()]...)
	b = append(b, ' ')
	b = w.style.appendDay(b, d, &w.style.months)
	return string(appendYear(b, d))
}

// DayLong is the day without its weekday: "3 mars 2026".
func (w *Words) DayLong(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	var room [48]byte
	return string(appendYear(w.style.appendDay(room[:0], d, &w.style.months), d))
}

// DayMedium is for where the year is plain: "3 mars".
func (w *Words) DayMedium(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	return string(w.style.appendDay(nil, d, &w.style.months))
}

// DayShort is for narrow columns: "12 déc.", "12 Dec".
func (w *Words) DayShort(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	return string(w.style.appendDay(nil, d, &w.style.shortMonths))
}

// DayNumeric is the day first in both languages: "03/03/2026".
func (w *Words) DayNumeric(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	day, month, year := d.Day(), int(d.Month()), d.Year()
	return string([]byte{
		digit(day / 10), digit(day), '/', digit(month / 10), digit(month), '/',
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year),
	})
}

func digit(n int) byte { return byte('0' + n%10) }

// Month is a month and its year: "mars 2026".
func (w *Words) Month(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	return string(appendYear([]byte(w.MonthName(d.Month())), d))
}

// MonthName is "mars", "March".
func (w *Words) MonthName(m time.Month) string { return w.style.months[m-1] }

// MonthShort is "juil.", "Jul".
func (w *Words) MonthShort(m time.Month) string { return w.style.shortMonths[m-1] }

// MonthOnly labels the month of a day on a chart: "juil.", "Jul".
func (w *Words) MonthOnly(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	return w.MonthShort(d.Month())
}

// Weekday is the short name of a day's weekday: "mar.", "Tue".
func (w *Words) Weekday(d cal.Date) string {
	if d.IsZero() {
		return none
	}
	return w.style.shortDays[d.Weekday()]
}

// WeekdayName is "mardi", "Tuesday".
func (w *Words) WeekdayName(d time.Weekday) string { return w.style.weekdays[d] }

// WeekdayShort is "mar.", "Tue".
func (w *Words) WeekdayShort(d time.Weekday) string { return w.style.shortDays[d] }

// Clock is a time of day: "14 h 05", "14:05". It reads the instant in its own location.
func (w *Words) Clock(t time.Time) string {
	return w.T("time.clock", "hour", strconv.Itoa(t.Hour()), "minute", t.Format("04"))
}

// Moment is a day with its time: "3 mars 2026 à 14 h 05". It reads the instant in its own location.
func (w *Words) Moment(t time.Time) string {
	if t.IsZero() {
		return none
	}
	return w.T("time.moment", "day", cal.Of(t), "clock", w.Clock(t))
}

// Relative says how far a day is from today: "demain", "dans 19 jours", "il y a 3 jours".
func (w *Words) Relative(today, d cal.Date) string {
	if today.IsZero() || d.IsZero() {
		return none
	}
	switch days := today.DaysUntil(d); {
	case days == 0:
		return w.T("time.today")
	case days == 1:
		return w.T("time.tomorrow")
	case days == -1:
		return w.T("time.yesterday")
	case days > 0:
		return w.N("time.in_days", days)
	default:
		return w.N("time.days_ago", -days)
	}
}

// FiscalYear is "exercice 2026", or "exercice 2025–2026" when the year does not begin in January.
func (w *Words) FiscalYear(fy cal.FiscalYear) string {
	return w.T("time.fiscal_year", "label", strings.ReplaceAll(fy.Label(), "-", "–"))
}

// Span names the first and the last day of a period, both included, though the span itself is
// half-open: "du 1er janvier au 31 décembre 2026". What both days share is said once.
func (w *Words) Span(s cal.Span) string {
	if s.IsEmpty() || s.From.IsZero() {
		return none
	}
	from, last := s.From, s.Last()
	switch {
	case from == last:
		return w.T("time.on", "day", from)
	case from.Year() != last.Year():
		return w.T("time.span", "from", from, "last", last)
	case from.Month() != last.Month():
		return w.T("time.span", "from", w.DayMedium(from), "last", last)
	default:
		return w.T("time.span", "from", w.style.dayOfMonth(from.Day()), "last", last)
	}
}

func (s *style) dayOfMonth(n int) string {
	if n == 1 {
		return s.first
	}
	return strconv.Itoa(n)
}

// appendDay writes "1er mars", the number tied to the month.
func (s *style) appendDay(b []byte, d cal.Date, months *[12]string) []byte {
	if n := d.Day(); n == 1 {
		b = append(b, s.first...)
	} else {
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = append(b, nbsp...)
	return append(b, months[d.Month()-1]...)
}

func appendYear(b []byte, d cal.Date) []byte {
	return strconv.AppendInt(append(b, ' '), int64(d.Year()), 10)
}

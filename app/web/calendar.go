package web

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// monthView is one month as a sheet of the calendar.
type monthView struct {
	Caption string
	Days    []dayName
	Weeks   [][]daySquare
	Empty   bool
}

// dayName heads a column.
type dayName struct{ Short, Long string }

// daySquare is one day of the sheet; a zero Date is a square of another month.
type daySquare struct {
	On      cal.Date
	Number  string // "1er"
	Weekday string // "mardi"
	Month   string // "décembre"
	Off     bool   // not a working day
	Holiday string
	Today   bool
	Marks   []markLine
	More    string // says how many marks are left out
	Link    string // where they are listed
}

// markLine is one thing that happens on a day.
type markLine struct{ Class, Name, Text, Link string }

// monthSum is one month of the year's view.
type monthSum struct {
	Name, Link string
	Now        bool
	Total      string
	Partial    bool
	Lines      []sumLine
	More       string // says how many renewals the list leaves out
}

type sumLine struct {
	On                         cal.Date
	Day, Service, Link, Amount string
}

// marksPerDay is as many things as one square of the month shows.
const marksPerDay = 6

// linesPerMonth is as many renewals as a month of the year's view lists.
const linesPerMonth = 12

// fillMonth draws the month that holds a day. Weeks begin on Monday.
func fillMonth(page *renewalsPage, v *visit, day cal.Date) {
	w := v.words
	first := day.MonthStart()
	span := cal.Span{From: first, To: first.AddMonths(1)}
	marks := v.register.Marks(span, v.today)
	page.headline(w, charged(marks), w.T("renewals.in_month", "month", w.Month(first)))
	page.Rates = ratesOfCharges(v, charged(marks))
	page.Pager = monthPager(w, first)
	view := &monthView{Caption: capital(w.Month(first)), Empty: len(marks) == 0}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		view.Days = append(view.Days, dayName{w.WeekdayShort(d), w.WeekdayName(d)})
	}
	on := map[cal.Date][]models.Mark{}
	for _, m := range marks {
		on[m.On] = append(on[m.On], m)
	}
	week := make([]daySquare, (int(first.Weekday())+6)%7, 7)
	for d := first; d.Before(span.To); d = d.AddDays(1) {
		week = append(week, newDaySquare(v, d, on[d]))
		if len(week) == 7 {
			view.Weeks, week = append(view.Weeks, week), make([]daySquare, 0, 7)
		}
	}
	if len(week) > 0 {
		view.Weeks = append(view.Weeks, append(week, make([]daySquare, 7-len(week))...))
	}
	page.Month = view
}

// capital begins a title with a capital letter: months are written small in French sentences.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func monthPager(w *words.Words, first cal.Date) timePager {
	p := timePager{Label: w.T("renewals.pager_month")}
	if prev := first.AddMonths(-1); prev.Before(first) {
		p.Prev, p.PrevLabel = step("month", prev), capital(w.Month(prev))
	}
	if next := first.AddMonths(1); next.After(first) {
		p.Next, p.NextLabel = step("month", next), capital(w.Month(next))
	}
	return p
}

func newDaySquare(v *visit, d cal.Date, marks []models.Mark) daySquare {
	number, month, _ := strings.Cut(v.words.DayMedium(d), "\u00a0") // "1er", "décembre"
	s := daySquare{
		On: d, Number: number, Weekday: v.words.WeekdayName(d.Weekday()), Month: month,
		Off: !cal.Workday(d), Today: d == v.today,
	}
	if name, ok := cal.Holiday(d); ok {
		s.Holiday = v.words.Kind("holiday", name)
	}
	for i, m := range marks {
		if i == marksPerDay {
			s.More, s.Link = v.words.N("renewals.more", len(marks)-i), step("list", d)
			break
		}
		s.Marks = append(s.Marks, newMarkLine(v, m))
	}
	return s
}

func newMarkLine(v *visit, m models.Mark) markLine {
	r, w := v.register, v.words
	service, _ := r.Service(m.ServiceID)
	line := markLine{Class: "ends", Name: service.Name, Link: servicePath(m.ServiceID)}
	switch m.Kind {
	case models.MarkRenewal:
		line.Class, line.Text = "renewal", w.Money(m.Charge.Cost)
		switch {
		case w.Conceals():
			line.Text = w.T("renewals.mark.renewal")
		case !m.Charge.Conversion.OK():
			line.Text = w.Money(m.Charge.Billed)
		}
	case models.MarkDecide:
		line.Class, line.Text = "decide", w.T("renewals.to_decide")
		if m.On.Before(v.today) {
			line.Text = w.T("renewals.mark.decided")
		}
	case models.MarkCard:
		means, _ := r.PaidBy(m.MeansID)
		line.Name, line.Link, line.Text = means.Name, "/settings", w.T("renewals.mark.card")
	case models.MarkTrial, models.MarkGrant, models.MarkEnds, models.MarkClosing, models.MarkFreeLook:
		line.Text = w.T("renewals.mark." + string(m.Kind))
	}
	return line
}

// fillYear lists twelve calendar months from the one that holds a day.
func fillYear(page *renewalsPage, v *visit, day cal.Date) {
	r, w := v.register, v.words
	first := day.MonthStart()
	span := cal.Span{From: first, To: first.AddMonths(12)}
	all := r.Charges(span, v.today)
	page.headline(w, all, w.T("renewals.in_twelve"))
	page.Rates = ratesOfCharges(v, all)
	page.Eyebrow = capital(w.T("renewals.from_to", "from", w.Month(first), "to", w.Month(span.Last())))
	page.Pager = timePager{
		Label: w.T("renewals.pager_year"), Prev: step("year", first.AddMonths(-12)), PrevLabel: w.T("renewals.year_before"),
		Next: step("year", span.To), NextLabel: w.T("renewals.year_after"),
	}
	for m := first; m.Before(span.To); m = m.AddMonths(1) {
		month := cal.Span{From: m, To: m.AddMonths(1)}
		n := 0
		for n < len(all) && month.Contains(all[n].On) {
			n++
		}
		page.Year = append(page.Year, newMonthSum(v, m, all[:n]))
		all = all[n:]
	}
}

func newMonthSum(v *visit, m cal.Date, charges []models.Charge) monthSum {
	w := v.words
	total, left := models.Total(charges)
	sum := monthSum{Name: capital(w.Month(m)), Link: step("month", m), Now: m == v.today.MonthStart(), Total: w.Money(total), Partial: left > 0}
	for i, c := range charges {
		if i == linesPerMonth {
			sum.More = w.N("renewals.more", len(charges)-i)
			break
		}
		service, _ := v.register.Service(c.ServiceID)
		line := sumLine{On: c.On, Day: strconv.Itoa(c.On.Day()), Service: service.Name, Link: servicePath(c.ServiceID), Amount: w.Money(c.Cost)}
		if !c.Conversion.OK() {
			line.Amount = w.Money(c.Billed)
		}
		sum.Lines = append(sum.Lines, line)
	}
	return sum
}

package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

// How many charges a page lists before it sends people to the page that has them all.
const (
	maxCharges = 30
	maxStill   = 12 // beside the year's other questions
)

// The fiscal years one can ask for: those whose every day is in the calendar.
const (
	firstYear = 1971
	lastYear  = 2197
)

func (w *Web) envelopeRoutes(g *echo.Group) {
	g.GET("/envelope", w.envelopePage)
	w.yearRoutes(g)
	w.comparisonRoutes(g)
	w.scenarioRoutes(g)
	g.GET("/envelopes", w.envelopesPage)
	g.GET("/envelopes/:year", w.envelopeForm, mayManage)
	g.POST("/envelopes/:year", w.setEnvelope, mayManage)
	g.POST("/envelopes/:year/removal", w.removeEnvelope, mayManage)
}

// yearPage is one fiscal year held against its envelope, from every side.
type yearPage struct {
	Year        cal.FiscalYear
	Years       []yearTab
	Current     bool // today lies in it
	Past        bool
	Parts       []words.Part // the sentence at the top
	Class       string       // of its amount
	Leads       []string
	Envelope    bool // one is set
	Empty       bool // nothing paid, nothing expected
	Figure      envelopeFigure
	Position    models.Position
	Months      yearMonths
	Due         dueList
	Still       []chargeLine
	StillRest   int
	RunRate     money.Amount
	Whole       bool // RunRate leaves nothing out
	Spread      money.Amount
	Unconverted []unconvertedLine
	Functions   []functionCostLine
	Rest        money.Amount // of the ceiling, for the functions without a share; none without shares
	Rates       []string     // at which the charges to come count in euros
}

// yearTab is a way to another fiscal year.
type yearTab struct {
	Number  int
	Label   string
	Current bool
}

// chargeLine is one expected charge as people read it.
type chargeLine struct {
	models.Charge
	Service string
}

// unconvertedLine is an amount that no total holds, for want of a rate.
type unconvertedLine struct {
	Service string
	Amount  money.Amount
	On      cal.Date
	Payment models.ID // 0 for an expected charge
}

func (w *Web) envelopePage(c echo.Context) error {
	year, err := askedYear(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		return screen{
			status: http.StatusOK, name: "envelope", nav: "envelope", title: "envelope.title",
			args: []any{"year", year.Label()}, page: newYearPage(visitOf(c), year),
		}, nil
	})
}

// askedYear is the fiscal year named in the address; without one, today's.
func askedYear(c echo.Context) (cal.FiscalYear, error) {
	v := visitOf(c)
	typed := c.QueryParam("year")
	if typed == "" {
		return v.register.Year(v.today), nil
	}
	return yearNumbered(v, typed)
}

func yearNumbered(v *visit, typed string) (cal.FiscalYear, error) {
	n, err := strconv.Atoi(typed)
	if err != nil || n < firstYear || n > lastYear {
		return cal.FiscalYear{}, models.ErrNotFound
	}
	return v.register.Organisation.YearStart.Year(n), nil
}

func newYearPage(v *visit, year cal.FiscalYear) yearPage {
	r := v.register
	p := r.Position(year, v.today)
	page := yearPage{
		Year: year, Years: yearTabs(v, year), Position: p, Envelope: p.Status != models.NoEnvelope,
		Current: year.Span().Contains(v.today), Past: year.Last().Before(v.today),
		Figure: newEnvelopeFigure(v.words, p), Months: newYearMonths(v.words, p),
		Due: newDueList(v, p.DueCharges, maxCharges), Spread: r.Spread(year, v.today), Unconverted: unconvertedLines(v, p),
	}
	page.Empty = p.Forecast.IsZero() && len(page.Unconverted) == 0 && p.Spent.IsZero()
	page.Still, page.StillRest = chargeLines(v, p.Still, maxStill)
	page.Rates = ratesOfCharges(v, p.Still)
	page.RunRate, page.Whole = r.RunRate(v.today)
	page.Functions, page.Rest = functionCostLines(v, p)
	page.say(v)
	return page
}

// say puts the year in one sentence, in the past once it is over.
func (page *yearPage) say(v *visit) {
	w, p := v.words, page.Position
	args := []any{
		"year", p.Year.Label(), "forecast", w.Money(p.Forecast),
		"floor", boundary(w, p.Envelope.Floor), "ceiling", w.MoneyRound(p.Envelope.Ceiling),
	}
	if page.Envelope {
		room := p.Room()
		args = append(args, "room", w.Money(room.Abs()), "gap", w.Money(p.Envelope.Floor.Sub(p.Forecast).Abs()))
	}
	if page.Past {
		page.Parts = w.Parts("envelope.past."+string(p.Status), args...)
	} else {
		page.Parts = w.Parts("envelope.head."+string(p.Status), args...)
	}
	switch p.Status {
	case models.Under:
		page.Class = "warning"
	case models.Over:
		page.Class = "danger"
		page.Leads = append(page.Leads, crossing(v, p))
	case models.NoEnvelope, models.Within:
	}
}

// yearTabs are the years with something in them, and today's and the next.
func yearTabs(v *visit, shown cal.FiscalYear) []yearTab {
	const most = 8
	r := v.register
	now := r.Year(v.today).Number()
	numbers := []int{now, now + 1, shown.Number()}
	for _, e := range r.Envelopes {
		numbers = append(numbers, e.Year)
	}
	for _, p := range r.Payments {
		numbers = append(numbers, r.Year(p.PaidOn).Number())
	}
	slices.SortFunc(numbers, func(a, b int) int { return cmp.Compare(b, a) })
	var tabs []yearTab
	for _, n := range slices.Compact(numbers) {
		if len(tabs) < most || n == shown.Number() {
			tabs = append(tabs, yearTab{Number: n, Label: r.Organisation.YearStart.Year(n).Label(), Current: n == shown.Number()})
		}
	}
	return tabs
}

func chargeLines(v *visit, all []models.Charge, most int) (lines []chargeLine, rest int) {
	for _, c := range all[:min(len(all), most)] {
		sv, _ := v.register.Service(c.ServiceID)
		lines = append(lines, chargeLine{c, sv.Name})
	}
	return lines, len(all) - len(lines)
}

func unconvertedLines(v *visit, p models.Position) []unconvertedLine {
	var out []unconvertedLine
	for _, x := range p.UnconvertedPayments {
		sv, _ := v.register.Service(x.ServiceID)
		out = append(out, unconvertedLine{sv.Name, x.Billed, x.PaidOn, x.ID})
	}
	for _, x := range p.UnconvertedCharges {
		sv, _ := v.register.Service(x.ServiceID)
		out = append(out, unconvertedLine{sv.Name, x.Billed, x.On, 0})
	}
	return out
}

// yearMonths is the year month by month: bars, a line that adds them up, and the same figures for a table.
type yearMonths struct {
	Bars    chart.MonthBars
	Line    chart.YearLine
	Months  []yearMonth
	Said    string
	SaidSum string
}

type yearMonth struct {
	models.MonthFigures
	Bar   chart.Bar
	Title string // "mars 2026 : 30,39 €"
	Now   bool
}

func newYearMonths(w *words.Words, p models.Position) yearMonths {
	columns := make([]chart.Column, len(p.Months))
	line := chart.LineFigures{Floor: p.Envelope.Floor, Ceiling: p.Envelope.Ceiling, Amount: w.MoneyRound}
	spans := make([]cal.Span, len(p.Months))
	for i, m := range p.Months {
		name := w.MonthOnly(m.Span.From)
		columns[i] = chart.Column{Name: name, Parts: []money.Amount{m.Spent, m.Due, m.Committed}}
		line.Names, line.Totals = append(line.Names, name), append(line.Totals, m.Total)
		spans[i] = m.Span
	}
	line.Done = chart.Done(spans, p.Day)
	beside := chart.LineSize // as high as the bars it stands beside
	beside.H = chart.MonthsSize.H
	out := yearMonths{
		Bars: chart.NewMonthBars(columns, w.MoneyShort, chart.MonthsSize), Line: chart.NewYearLine(line, beside),
		Said:    w.T("envelope.months_said", "year", p.Year.Label()),
		SaidSum: w.T("envelope.sum_said", "year", p.Year.Label(), "forecast", p.Forecast, "day", p.Year.Last()),
	}
	for i, m := range p.Months {
		out.Months = append(out.Months, yearMonth{
			MonthFigures: m, Bar: out.Bars.Bars[i], Now: m.Span.Contains(p.Day),
			Title: w.T("envelope.month_sum", "month", w.Month(m.Span.From), "amount", m.Sum()),
		})
	}
	return out
}

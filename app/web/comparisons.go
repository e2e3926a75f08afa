package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

func (w *Web) comparisonRoutes(g *echo.Group) {
	g.GET("/comparisons", w.comparisonsPage)
	g.GET("/comparisons/new", w.newComparison, mayEdit)
	g.POST("/comparisons", w.addComparison, mayEdit)
	g.GET("/comparisons/:id", w.comparisonPage)
	g.GET("/comparisons/:id/edit", w.editComparison, mayEdit)
	g.POST("/comparisons/:id", w.saveComparison, mayEdit)
	g.GET("/comparisons/:id/removal", w.comparisonRemoval, mayEdit)
	g.POST("/comparisons/:id/removal", w.removeComparison, mayEdit)
}

func comparisonPath(id models.ID) string { return "/comparisons/" + typedID(id) }

// comparisonsPage lists what was compared with installed software.
type comparisonsPage struct {
	Lines    []comparisonLine
	Services []Option // to begin another one with
}

type comparisonLine struct {
	models.Comparison
	Result  models.ComparisonResult
	Service string // empty for all services together
}

func (w *Web) comparisonsPage(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		v := visitOf(c)
		page := comparisonsPage{Services: comparedOptions(v)}
		for _, x := range v.register.Comparisons {
			page.Lines = append(page.Lines, newComparisonLine(v, x))
		}
		slices.SortStableFunc(page.Lines, func(a, b comparisonLine) int {
			return cmp.Or(b.On.Compare(a.On), v.words.Compare(a.Name, b.Name))
		})
		return screen{status: http.StatusOK, name: "comparisons", nav: "envelope", title: "compare.list_title", page: page}, nil
	})
}

func newComparisonLine(v *visit, x models.Comparison) comparisonLine {
	sv, _ := v.register.Service(x.ServiceID)
	return comparisonLine{Comparison: x, Result: x.Result(), Service: sv.Name}
}

// comparedOptions are what can be compared: all services together, or one of those in use.
func comparedOptions(v *visit) []Option {
	var services []Option
	for _, s := range v.register.Services {
		if !s.Archived() {
			services = append(services, Option{typedID(s.ID), s.Name})
		}
	}
	words.SortBy(v.words, services, func(o Option) string { return o.Label })
	return append([]Option{{"", v.words.T("compare.all")}}, services...)
}

// comparisonsOf are those made about a service, the latest first.
func comparisonsOf(v *visit, service models.ID) []models.Comparison {
	var all []models.Comparison
	for _, x := range v.register.Comparisons {
		if x.ServiceID == service {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b models.Comparison) int { return b.On.Compare(a.On) })
	return all
}

// comparisonPage is one comparison with its verdict.
type comparisonPage struct {
	comparisonLine
	Parts     []words.Part
	Leads     []string
	Sides     []comparisonSide
	Figure    curvesFigure
	NowYearly money.Amount // what the register says today of the services compared; none when nothing runs
	NowRates  []string     // at which foreign amounts count in it
	NowWhole  bool
}

// comparisonSide is one way of working with its lines in words.
type comparisonSide struct {
	models.Side
	Way  models.Way
	Rows []comparisonRow
}

type comparisonRow struct {
	models.SideLine
	Notes []string // hours and shares behind the figures
}

// curvesFigure is what both ways have cost by the end of each year, drawn for a page and for a phone.
type curvesFigure struct {
	Wide, Phone chart.Curves
	Years       []comparedYear
	Said        string
}

type comparedYear struct {
	Name              string
	Online, Installed money.Amount
	Apart             money.Amount // installed less on line
	Titles            [2]string
}

// askedComparison is the one in the address.
func askedComparison(c echo.Context) (models.Comparison, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Comparison{}, err
	}
	x, ok := visitOf(c).register.Comparison(id)
	if !ok {
		return x, models.ErrNotFound
	}
	return x, nil
}

func (w *Web) comparisonPage(c echo.Context) error {
	x, err := askedComparison(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "comparison", nav: "envelope", title: "compare.title", args: []any{"name", x.Name}, page: newComparisonPage(visitOf(c), x)}, nil
	})
}

func newComparisonPage(v *visit, x models.Comparison) comparisonPage {
	page := comparisonPage{comparisonLine: newComparisonLine(v, x)}
	r := page.Result
	page.Sides = []comparisonSide{
		newComparisonSide(v.words, models.OnLine, r.Online, x.Online, x.HourCost),
		newComparisonSide(v.words, models.Installed, r.Installed, x.Installed, x.HourCost),
	}
	page.Figure = newCurvesFigure(v.words, r)
	page.NowYearly, page.NowWhole = yearlyNow(v, x.ServiceID)
	page.NowRates = ratesAhead(v, x.ServiceID)
	w := v.words
	page.Parts = w.Parts("compare.head."+string(r.Cheaper), "gap", w.Money(r.Gap), "online", w.Money(r.Online.Yearly))
	page.Leads = []string{
		w.T("compare.sums", "online", r.Online.Yearly, "installed", r.Installed.Yearly, "people", w.N("compare.people", x.Users), "years", w.N("compare.years", r.Years)),
		crossText(w, r),
	}
	return page
}

// yearlyNow is what a service, or all of them, costs over the twelve months to come.
func yearlyNow(v *visit, service models.ID) (yearly money.Amount, whole bool) {
	if service == 0 {
		return v.register.RunRate(v.today)
	}
	yearly, whole = money.Zero(money.EUR), true
	for _, s := range v.register.SubscriptionsOf(service) {
		y, ok := v.register.YearlyCost(s, v.today)
		yearly, whole = yearly.Add(y), whole && ok
	}
	return yearly, whole
}

// ratesAhead says at which rates those twelve months count in euros.
func ratesAhead(v *visit, service models.ID) []string {
	charges := v.register.Charges(models.NextYear(v.today), v.today)
	if service != 0 {
		charges = slices.DeleteFunc(charges, func(c models.Charge) bool { return c.ServiceID != service })
	}
	return ratesOfCharges(v, charges)
}

// crossText says which way begins ahead, and whether and when the other catches up.
func crossText(w *words.Words, r models.ComparisonResult) string {
	switch {
	case r.Ahead == models.SameCost && r.Cheaper == models.SameCost:
		return w.T("compare.cross.never_apart")
	case r.Ahead == models.SameCost:
		return w.T("compare.cross.level." + string(r.Cheaper))
	case r.CrossesAfter == 0:
		return w.T("compare.cross.none." + string(r.Ahead))
	}
	return w.T("compare.cross.at."+string(r.Ahead), "month", monthText(w, r.CrossesAfter))
}

// monthText says a month counted from the start: "8 mois", "2 ans", "1 an et 8 mois".
func monthText(w *words.Words, month int) string {
	years, months := month/12, month%12
	switch {
	case years == 0:
		return w.N("compare.months", months)
	case months == 0:
		return w.N("compare.years", years)
	}
	return w.T("compare.years_and_months", "years", w.N("compare.years", years), "months", w.N("compare.months", months))
}

func newComparisonSide(w *words.Words, way models.Way, side models.Side, items []models.CostItem, hour money.Amount) comparisonSide {
	out := comparisonSide{Side: side, Way: way}
	for i, line := range side.Lines {
		row, item := comparisonRow{SideLine: line}, items[i]
		if item.HoursOnce > 0 {
			row.Notes = append(row.Notes, w.T("compare.hours_once", "hours", hoursText(w, item.HoursOnce), "cost", hour))
		}
		if item.HoursYearly > 0 {
			row.Notes = append(row.Notes, w.T("compare.hours_yearly", "hours", hoursText(w, item.HoursYearly), "cost", hour))
		}
		if !item.YearlyShare.IsZero() {
			row.Notes = append(row.Notes, w.T("compare.share_of", "share", item.YearlyShare, "once", item.Once))
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func newCurvesFigure(w *words.Words, r models.ComparisonResult) curvesFigure {
	f := chart.CurvesFigures{Series: [][]money.Amount{r.Online.Cumulated, r.Installed.Cumulated}, Amount: w.MoneyRound, Crossed: r.CrossesAfter}
	if r.CrossesAfter > 0 {
		f.CrossText = monthText(w, r.CrossesAfter)
	}
	last := len(r.Online.Cumulated) - 1
	out := curvesFigure{Said: w.T("compare.said", "years", w.N("compare.years", last), "online", r.Online.Cumulated[last], "installed", r.Installed.Cumulated[last])}
	for i, online := range r.Online.Cumulated {
		installed := r.Installed.Cumulated[i]
		y := comparedYear{Name: w.T("compare.start"), Online: online, Installed: installed, Apart: installed.Sub(online)}
		if i > 0 {
			y.Name = w.N("compare.years", i)
		}
		for k, way := range []models.Way{models.OnLine, models.Installed} {
			y.Titles[k] = w.T("compare.point", "year", y.Name, "way", w.Kind("way", string(way)), "amount", f.Series[k][i])
		}
		f.Names = append(f.Names, y.Name)
		out.Years = append(out.Years, y)
	}
	out.Wide, out.Phone = chart.NewCurves(f, chart.WideCurves), chart.NewCurves(f, chart.PhoneCurves)
	return out
}

// hoursText writes hours as people do: "1,5 h", "1 200 h".
func hoursText(w *words.Words, h models.Hours) string {
	return w.T("compare.hours", "hours", hoursFigure(w, h))
}

func hoursFigure(w *words.Words, h models.Hours) string {
	const hundredths = 100
	text := w.Number(int(h / hundredths))
	if rest := int(h % hundredths); rest > 0 {
		mark := "."
		if w.Lang() == words.FR {
			mark = ","
		}
		digits := strconv.Itoa(hundredths + rest)[1:]
		if rest%10 == 0 {
			digits = digits[:1]
		}
		text += mark + digits
	}
	return text
}

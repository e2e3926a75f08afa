package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

func (w *Web) yearRoutes(g *echo.Group) {
	g.GET("/envelope/years", w.yearsPage)
}

// yearsPage is a fiscal year beside the one before: by how much they differ, and why.
type yearsPage struct {
	models.YearOnYear
	Years       []yearTab
	Parts       []words.Part // the sentence at the top
	Class       string       // of its amount
	Leads       []string
	Comparable  bool // the register reaches into the year before, and something is in one of the two
	Figure      *yearsFigure
	Changed     []serviceYears
	Same        []serviceYears // cost as much, for no reason
	Unconverted bool
}

// yearsFigure is the difference as a picture, drawn for a page and for a phone, with the same figures in a table.
type yearsFigure struct {
	Wide, Phone chart.Waterfall
	Steps       []yearStep
	Said        string
}

// yearStep is one reason, with its title in the picture.
type yearStep struct {
	models.Part
	Name  string
	Title string
}

// serviceYears is one service in both years, with the reasons in words.
type serviceYears struct {
	models.ServiceChange
	Name    string
	Diff    money.Amount
	Reasons []yearReason
	Rates   string // at which foreign amounts count, in both years
	Left    string // that an amount is missing, and of which year
}

type yearReason struct {
	Amount money.Amount
	Text   string
}

func (w *Web) yearsPage(c echo.Context) error {
	year, err := askedYear(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		page := newYearsPage(visitOf(c), year)
		return screen{
			status: http.StatusOK, name: "years", nav: "envelope", title: "years.title",
			args: []any{"from", page.From.Label(), "to", page.To.Label()}, page: page,
		}, nil
	})
}

func newYearsPage(v *visit, year cal.FiscalYear) yearsPage {
	y := v.register.YearOnYear(year, v.today)
	page := yearsPage{YearOnYear: y, Years: yearTabs(v, year), Unconverted: !y.Complete}
	page.Comparable = len(y.Services) > 0 && !y.KeptFrom.After(y.From.Last())
	for _, s := range y.Services {
		line := newServiceYears(v, &y, s)
		if len(s.Parts) == 0 && line.Left == "" {
			page.Same = append(page.Same, line)
		} else {
			page.Changed = append(page.Changed, line)
		}
	}
	words.SortBy(v.words, page.Same, func(s serviceYears) string { return s.Name })
	if page.Comparable && len(y.Parts) > 0 {
		page.Figure = newYearsFigure(v.words, &y)
	}
	page.say(v)
	return page
}

// say puts the difference in one sentence, in the past once the year is over, and the reasons in another.
func (page *yearsPage) say(v *visit) {
	w := v.words
	args := []any{
		"from", page.From.Label(), "to", page.To.Label(), "change", w.Money(page.Change.Abs()),
		"before", w.Money(page.Before), "after", w.Money(page.After), "day", page.KeptFrom,
	}
	how := "more"
	switch {
	case page.Change.IsZero():
		how = "same"
	case page.Change.IsNegative():
		how, page.Class = "less", "within"
	}
	switch {
	case !page.Comparable && page.KeptFrom.IsZero():
		page.Parts = w.Parts("years.head.nothing", args...)
		return
	case !page.Comparable:
		page.Parts = w.Parts("years.head.unkept", args...)
		page.Leads = append(page.Leads, w.T("years.unkept", args...))
		return
	case page.To.Last().Before(v.today):
		page.Parts = w.Parts("years.past."+how, args...)
	default:
		page.Parts = w.Parts("years.head."+how, args...)
	}
	if len(page.YearOnYear.Parts) > 0 {
		page.Leads = append(page.Leads, w.N("years.reasons", len(page.YearOnYear.Parts), "reasons", w.List(reasonList(w, page.YearOnYear.Parts))))
	}
	if !page.KeptFrom.IsZero() {
		page.Leads = append(page.Leads, w.T("years.kept_from", args...))
	}
}

// reasonList is what a sentence names: the three that weigh most, and the rest in one.
func reasonList(w *words.Words, parts []models.Part) []string {
	const most = 3
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b models.Part) int { return b.Amount.Abs().Cmp(a.Amount.Abs()) })
	var all []string
	rest := money.Zero(money.EUR)
	for i, p := range parts {
		if i < most || len(parts) == most+1 {
			all = append(all, w.T("years.reason", "name", w.Kind("part", string(p.Kind)), "amount", inOneLine(w.MoneySigned(p.Amount))))
		} else {
			rest = rest.Add(p.Amount)
		}
	}
	if len(parts) > most+1 {
		all = append(all, w.T("years.reason", "name", w.T("years.rest"), "amount", inOneLine(w.MoneySigned(rest))))
	}
	return all
}

// inOneLine keeps a minus with the sign of the currency after it, between which a line may break.
func inOneLine(amount string) string { return strings.Replace(amount, "−", "−\u2060", 1) }

func newYearsFigure(w *words.Words, y *models.YearOnYear) *yearsFigure {
	f := chart.WaterfallFigures{
		Before: y.Before, After: y.After, BeforeName: y.From.Label(), AfterName: y.To.Label(), Amount: w.Money, Signed: w.MoneySigned,
	}
	out := &yearsFigure{Said: w.T("years.said", "from", y.From.Label(), "to", y.To.Label(), "before", y.Before, "after", y.After)}
	for _, p := range y.Parts {
		name := w.Kind("part", string(p.Kind))
		f.Steps = append(f.Steps, chart.WaterfallStep{Name: name, Amount: p.Amount})
		out.Steps = append(out.Steps, yearStep{Part: p, Name: name, Title: w.T("years.reason", "name", name, "amount", w.MoneySigned(p.Amount))})
	}
	out.Wide, out.Phone = chart.NewWaterfall(f, chart.WideWaterfall), chart.NewWaterfall(f, chart.PhoneWaterfall)
	return out
}

func newServiceYears(v *visit, y *models.YearOnYear, s models.ServiceChange) serviceYears {
	w := v.words
	sv, _ := v.register.Service(s.ServiceID)
	line := serviceYears{ServiceChange: s, Name: sv.Name, Diff: s.Change()}
	for _, p := range s.Parts {
		line.Reasons = append(line.Reasons, yearReason{Amount: p.Amount, Text: partText(v, p)})
	}
	line.Rates = yearRates(v, y, s)
	switch {
	case s.UnconvertedBefore && s.Uncounted:
		line.Left = w.T("years.left_both")
	case s.UnconvertedBefore:
		line.Left = w.T("years.left", "year", y.From.Label())
	case s.Uncounted:
		line.Left = w.T("years.left", "year", y.To.Label())
	}
	return line
}

// yearRates says where the euros of a service billed in another currency come from: "2025 : 1 € = 1,0714 USD (…)", and of
// the year after likewise.
func yearRates(v *visit, y *models.YearOnYear, s models.ServiceChange) string {
	var said []string
	for _, side := range []struct {
		year string
		models.Rated
	}{{y.From.Label(), s.RatedBefore}, {y.To.Label(), s.Rated}} {
		if side.Source != "" {
			said = append(said, v.words.T("years.rated", "year", side.year, "rate", sayRate(v, side.Rated, v.words.DayLong(side.Day))))
		}
	}
	return strings.Join(said, " · ")
}

// partText says what changed: "prix : 10,00 € → 12,00 €, sur 6 échéances".
func partText(v *visit, p models.Part) string {
	w := v.words
	var text string
	switch p.Kind {
	case models.PartPrice:
		text = priceText(v, p)
	case models.PartSeats:
		text = w.T("years.why.seats", "was", w.Number(p.Was.Seats), "now", w.Number(p.Now.Seats))
	case models.PartPlan:
		was, _ := v.register.Plan(p.Was.PlanID)
		now, _ := v.register.Plan(p.Now.PlanID)
		if was.ID == now.ID {
			return w.T("years.why.cadence", "was", w.Cadence(p.Was.Cadence), "now", w.Cadence(p.Now.Cadence))
		}
		return w.T("years.why.plan", "was", was.Name, "now", now.Name)
	case models.PartCurrency:
		text = currencyText(v, p)
	case models.PartAdded, models.PartDropped:
		if p.On.IsZero() {
			return w.T("years.why." + string(p.Kind) + ".bare")
		}
		return w.T("years.why."+string(p.Kind)+".on", "day", p.On)
	case models.PartCalendar:
		if p.Amount.IsNegative() {
			return w.N("years.why.calendar.less", p.Charges)
		}
		return w.N("years.why.calendar.more", p.Charges)
	case models.PartWaived:
		if p.Amount.IsNegative() {
			return w.N("years.why.waived.less", p.Charges)
		}
		return w.N("years.why.waived.more", p.Charges)
	case models.PartVAT, models.PartOther, models.PartUnkept:
		return w.T("years.why." + string(p.Kind))
	}
	if p.Charges > 1 {
		text = w.N("years.on_charges", p.Charges, "text", text)
	}
	return text
}

func priceText(v *visit, p models.Part) string {
	w := v.words
	was, now := cmp.Or(w.Money(p.Was.Price), "0"), w.Money(p.Now.Price)
	switch {
	case p.Was.Price.IsNone() || p.Now.Price.IsNone():
		return w.T("years.why.given")
	case p.Was.Seats > 0 && p.Now.Seats > 0:
		return w.T("years.why.seat_price", "was", was, "now", now)
	}
	return w.T("years.why.price", "was", was, "now", now)
}

func currencyText(v *visit, p models.Part) string {
	w := v.words
	switch {
	case !p.Was.EUR.IsNone() && p.Was.Price.Currency() == p.Now.Price.Currency():
		return w.T("years.why.rate", "price", p.Now.Price, "was", p.Was.EUR, "now", p.Now.EUR)
	case !p.Was.EUR.IsNone():
		return w.T("years.why.rate", "price", p.Was.Price, "was", p.Was.EUR, "now", p.Now.EUR)
	case p.Was.Price.Currency() != p.Now.Price.Currency():
		return w.T("years.why.currency", "was", string(p.Was.Price.Currency()), "now", string(p.Now.Price.Currency()))
	}
	return w.T("years.why.no_rate")
}

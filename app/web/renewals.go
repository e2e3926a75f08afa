package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

func (w *Web) renewalRoutes(g *echo.Group) {
	g.GET("/renewals", w.renewals)
	w.calendarRoutes(g)
}

// renewalsPage is the renewals in one of its three views: exactly one of List, Month and Year is there.
type renewalsPage struct {
	Eyebrow string
	Heading []words.Part
	Partial string   // says that amounts are missing from the heading's total
	Rates   []string // at which foreign amounts count, where the view does not say it line by line
	Tabs    []viewTab
	Pager   timePager
	List    *renewalList
	Month   *monthView
	Year    []monthSum
}

// viewTab is one way of looking at the same thing.
type viewTab struct {
	Link, Label string
	Current     bool
}

// timePager leads to the same view of another time.
type timePager struct{ Label, Prev, PrevLabel, Next, NextLabel string }

type renewalList struct {
	Flags   []CauseLine
	FlagsOn paging      // which of the flags, when there are many
	Settled []CauseLine // acknowledged or put off: the first few of
	Quiet   int
	Rows    []renewalRow
	Total   string
	Count   string
	Pages   paging
	Shown   string // says which rows of how many; empty when all are
	Empty   bool   // nothing is renewed in the span
	None    bool   // no subscription costs anything at all
}

type renewalRow struct {
	Service, Plan string
	Link          string
	On, DecideBy  cal.Date
	DecideSaid    string
	Unit          string // of the amount: "par an"
	State, Tone   string
	Amount        string
	Note          string // the rate
	Unconverted   bool
}

// renewals shows what is renewed when, so that one can still say no.
func (w *Web) renewals(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		v := visitOf(c)
		view := c.QueryParam("view")
		from := v.today.AddDays(1)
		if asked, err := cal.Parse(c.QueryParam("from")); err == nil {
			from = asked
		}
		stay := ""
		if c.QueryParam("from") != "" {
			stay = from.String()
		}
		page := renewalsPage{Tabs: renewalTabs(v, cmp.Or(view, "list"), stay)}
		switch view {
		case "", "list":
			fillRenewalList(&page, v, from, pageNumber(c), numberOf(c, "flags"))
		case "month":
			if c.QueryParam("from") == "" {
				from = v.today
			}
			fillMonth(&page, v, from)
		case "year":
			if c.QueryParam("from") == "" {
				from = v.today
			}
			fillYear(&page, v, from)
		default:
			return screen{}, models.ErrNotFound
		}
		return screen{status: http.StatusOK, name: "renewals", nav: "renewals", title: "renewals.title", page: page}, nil
	})
}

// renewalTabs are the ways to look at what is renewed, and what is to be decided of it; from is the day they stay at.
func renewalTabs(v *visit, view, from string) []viewTab {
	tabs := []viewTab{{Link: "/decisions", Label: v.words.T("renewals.view.decide"), Current: view == "decide"}}
	for _, t := range []string{"list", "month", "year"} {
		at := url.Values{"view": {t}}
		if from != "" {
			at.Set("from", from)
		}
		tabs = append(tabs, viewTab{Link: "/renewals?" + at.Encode(), Label: v.words.T("renewals.view." + t), Current: t == view})
	}
	return tabs
}

// headline says how many renewals there are in a span, for how much, and what the sum leaves out.
func (p *renewalsPage) headline(w *words.Words, charges []models.Charge, when string) {
	total, left := models.Total(charges)
	p.Heading = w.Parts("renewals.heading", "count", w.N("renewals.count", len(charges)), "when", when, "amount", total)
	switch {
	case len(charges) == 0:
		p.Heading = w.Parts("renewals.heading_none", "when", when)
	case w.Conceals():
		p.Heading, left = w.Parts("renewals.heading_plain", "count", w.N("renewals.count", len(charges)), "when", when), 0
	}
	if left > 0 {
		p.Partial = w.N("renewals.partial", left)
	}
}

// step names an address of the same view at another day; days that cannot be written have none.
func step(view string, d cal.Date) string {
	if d.IsZero() {
		return ""
	}
	return "/renewals?view=" + view + "&from=" + d.String()
}

func fillRenewalList(page *renewalsPage, v *visit, from cal.Date, number, flagPage int) {
	r, w := v.register, v.words
	span := cal.Span{From: from, To: from.AddMonths(12)}
	charges := r.Charges(span, v.today)
	when := w.T("renewals.in_year")
	if from != v.today.AddDays(1) {
		when = w.Span(span)
	}
	page.headline(w, charges, when)
	page.Pager = timePager{
		Label: w.T("renewals.pager_year"), Prev: step("list", from.AddMonths(-12)), PrevLabel: w.T("renewals.year_before"),
		Next: step("list", span.To), NextLabel: w.T("renewals.year_after"),
	}
	list := &renewalList{Empty: len(charges) == 0, None: len(charges) == 0 && len(r.Subscriptions) == 0}
	list.fillFlags(v, from, flagPage)
	total, _ := models.Total(charges)
	list.Total, list.Count = w.Money(total), w.N("renewals.count", len(charges))
	list.Pages = newPaging(len(charges), number, func(n int) string { return step("list", from) + "&page=" + strconv.Itoa(n) })
	if list.Pages.Long() {
		list.Shown = w.T("renewals.shown", "first", list.Pages.First(), "last", list.Pages.To, "count", list.Pages.Of)
	}
	for _, c := range charges[list.Pages.From:list.Pages.To] {
		list.Rows = append(list.Rows, newRenewalRow(v, c))
	}
	page.List = list
}

// settledShown is how many of the flags that were dealt with are listed.
const settledShown = 50

// fillFlags puts into words only the flags that are shown: a large register may have thousands.
func (list *renewalList) fillFlags(v *visit, from cal.Date, number int) {
	var shown, quiet []models.Cause
	for _, c := range v.register.Causes(v.today) {
		if c.Flag.Quiet(v.today) {
			quiet = append(quiet, c)
		} else {
			shown = append(shown, c)
		}
	}
	list.FlagsOn = newPaging(len(shown), number, func(n int) string { return step("list", from) + "&flags=" + strconv.Itoa(n) })
	for _, c := range shown[list.FlagsOn.From:list.FlagsOn.To] {
		list.Flags = append(list.Flags, causeLine(v.words, v.register, c, v.today))
	}
	list.Quiet = len(quiet)
	for _, c := range quiet[:min(len(quiet), settledShown)] {
		list.Settled = append(list.Settled, causeLine(v.words, v.register, c, v.today))
	}
}

// numberOf is the number of a page in the address; 1 when there is none.
func numberOf(c echo.Context, name string) int {
	n, err := strconv.Atoi(c.QueryParam(name))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func newRenewalRow(v *visit, c models.Charge) renewalRow {
	r, w := v.register, v.words
	service, _ := r.Service(c.ServiceID)
	sub, _ := r.Subscription(c.SubscriptionID)
	plan, _ := r.Plan(sub.PlanID)
	row := renewalRow{
		Service: service.Name, Plan: plan.Name, Link: servicePath(c.ServiceID), On: c.On, Unit: w.CadencePer(sub.Cadence), Amount: w.Money(c.Cost),
	}
	if !c.DecideBy.Before(sub.StartedOn) {
		row.DecideBy = c.SaidBy(v.today)
		row.DecideSaid = v.shortDay(row.DecideBy)
	}
	row.State, row.Tone = chargeState(v, sub, c)
	switch {
	case w.Conceals():
		row.Amount = ""
	case !c.Conversion.OK():
		row.Amount, row.Unconverted = w.Money(c.Billed), true
	case c.Conversion.Source != "":
		row.Note = convertedNote(v, c.Billed, c.Conversion)
	}
	return row
}

// chargeState says in a word whether a charge can still be prevented, or how it was answered.
func chargeState(v *visit, sub models.Subscription, c models.Charge) (state, tone string) {
	w := v.words
	settled, _ := v.register.Settlement(c)
	switch {
	case settled == models.Paid:
		return w.Kind("payment", "paid"), "premium"
	case settled == models.Waived:
		return w.Kind("payment", "waived"), ""
	case !c.On.After(v.today):
		return w.Kind("payment", "open"), "warning"
	case c.Locked:
		return w.T("renewals.locked"), ""
	case answered(v, sub, c):
		d, _ := v.register.AnswerTo(sub, c.On)
		return w.Kind("decided", string(d.Kind)), "premium"
	case v.today.DaysUntil(c.DecideBy) <= v.register.Organisation.DecideWindow:
		return w.T("renewals.to_decide"), "warning"
	case !sub.AutoRenew:
		return w.T("renewals.optional"), "premium"
	}
	return w.T("renewals.avoidable"), "premium"
}

// answered tells whether somebody has decided on the charge.
func answered(v *visit, sub models.Subscription, c models.Charge) bool {
	_, ok := v.register.AnswerTo(sub, c.On)
	return ok
}

// charged keeps the charges among a month's marks.
func charged(marks []models.Mark) []models.Charge {
	var out []models.Charge
	for _, m := range marks {
		if m.Kind == models.MarkRenewal {
			out = append(out, m.Charge)
		}
	}
	return slices.Clip(out)
}

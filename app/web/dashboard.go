package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// How much the dashboard shows before it sends people to the page that has everything.
const (
	dashboardCauses   = 6
	dashboardServices = 30
)

func (w *Web) dashboardRoutes(g *echo.Group) {
	g.GET("/", w.dashboard)
}

type dashboardPage struct {
	Empty      bool // nothing has been recorded yet
	Steps      firstSteps
	Headline   headline
	NoEnvelope bool
	Figure     envelopeFigure
	Facts      dashboardFacts
	Causes     []dashboardCause
	Rest       int // causes not shown
	Coming     monthsFigure
	RunRate    money.Amount
	Whole      bool // RunRate leaves nothing out
	Groups     []serviceGroup
	Summed     bool // groups only: there are too many services for a row each
	Services   int
	Rates      []string // at which what they cost counts in euros
	Review     *reviewHint
	Proposals  int // that wait for the visitor's answer
}

// dashboardCause is one line of what there is to decide; dealing with it is the renewals' page's affair.
type dashboardCause struct {
	Line CauseLine
	Edit bool
	To   string
}

// firstSteps says what a new register still needs.
type firstSteps struct{ Envelope, People bool }

// headline is the sentence the director sees first.
type headline struct {
	Parts   []words.Part
	Class   string // of the amount
	Leads   []string
	Missing []unconverted // the first few of what the total leaves out for want of a rate
	Lacking int           // how many amounts there are
	More    bool          // services that Missing does not name
	Since   bool          // all of them are payments whose rate has become known
}

// unconverted is a service of which something is left out: the amount, or how many there are.
type unconverted struct {
	Service string
	Href    string
	Amount  money.Amount
	Count   int
}

type dashboardFacts struct {
	PerHead        money.Amount
	Paid, Services int
	Room           money.Amount
	Change         string
}

func (w *Web) dashboard(c echo.Context) error {
	if v := visitOf(c); v.words.Conceals() { // of one person, and so not kept for others
		return w.render(c, screen{status: http.StatusOK, name: "dashboard-plain", nav: "home", title: "dashboard.title", page: newPlainDashboard(v)})
	}
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "dashboard", nav: "home", title: "dashboard.title", page: newDashboardPage(visitOf(c))}, nil
	})
}

func newDashboardPage(v *visit) dashboardPage {
	r := v.register
	p := r.Position(r.Year(v.today), v.today)
	page := dashboardPage{
		NoEnvelope: p.Status == models.NoEnvelope, Headline: newHeadline(v, p), Figure: newEnvelopeFigure(v.words, p), Facts: newDashboardFacts(v, p),
	}
	if len(r.Services) == 0 && len(r.Payments) == 0 {
		page.Empty = true
		page.Steps = firstSteps{Envelope: p.Status == models.NoEnvelope, People: len(r.People) <= 1}
		return page
	}
	// The sentence above says already that the forecast leaves the envelope.
	causes := make([]models.Cause, 0, len(r.Services))
	for _, c := range models.Shown(r.Causes(v.today), v.today) {
		if c.Key.Kind != models.FlagEnvelope {
			causes = append(causes, c)
		}
	}
	pressing, rest := models.Pressing(causes, dashboardCauses)
	page.Causes, page.Rest = dashboardLines(v, pressing), rest
	page.Review = newReviewHint(v)
	if v.actor.Role.MayManage() {
		page.Proposals = r.OpenProposals()
	}
	page.RunRate, page.Whole = r.RunRate(v.today)
	page.Coming = newMonthsFigure(v.words, r.Coming(v.today))
	lines := inUse(r.Lines(v.today))
	page.Services, page.Rates = len(lines), ratesOfLines(v, lines)
	page.Summed = len(lines) > dashboardServices
	page.Groups = serviceGroups(v, lines, !page.Summed)
	return page
}

// plainDashboard is the first page of somebody from whom amounts are kept.
type plainDashboard struct {
	Own            ownSeatsPage
	Causes         []dashboardCause
	Rest           int // causes not shown
	Groups         []serviceGroup
	Services, Paid int
}

func newPlainDashboard(v *visit) plainDashboard {
	r := v.register
	page := plainDashboard{Own: newOwnSeats(v)}
	pressing, rest := models.Pressing(models.Shown(r.Causes(v.today), v.today), dashboardCauses)
	page.Causes, page.Rest = dashboardLines(v, pressing), rest
	lines := inUse(r.Lines(v.today))
	page.Services = len(lines)
	for i := range lines {
		if lines[i].Tier == models.Premium {
			page.Paid++
		}
	}
	page.Groups = serviceGroups(v, lines, false)
	return page
}

func dashboardLines(v *visit, causes []models.Cause) []dashboardCause {
	w := v.words
	lines := make([]dashboardCause, len(causes))
	for i, c := range causes {
		if c.ServiceID != 0 || c.Key.Kind != models.FlagChargeDue {
			line := causeLine(w, v.register, c, v.today)
			if c.Key.Kind == models.FlagChargeDue && v.actor.Role.MayEdit() {
				line.Link = line.Deal // there is one thing to do about it
			}
			lines[i].Line = line
			continue
		}
		lines[i].Line = CauseLine{ // many payments in one line
			Kind: c.Key.Kind, On: c.On, Day: w.DayShort(c.On), When: w.Relative(v.today, c.On), Late: true,
			Name: w.N("dashboard.due", c.Count), Title: w.T("dashboard.due_oldest"), Amount: w.Money(c.Amount), Link: "/renewals",
		}
	}
	return lines
}

// inUse leaves out what is only considered, over or put away.
func inUse(lines []models.Line) []models.Line {
	kept := lines[:0]
	for _, l := range lines {
		if l.Standing == models.InUse || l.Standing == models.Coming {
			kept = append(kept, l)
		}
	}
	return kept
}

func newHeadline(v *visit, p models.Position) headline {
	w := v.words
	h := headline{}
	year := w.T("dashboard.year")
	if start := v.register.Organisation.YearStart; start.Month != 1 || start.Day != 1 {
		year = w.T("dashboard.fiscal_year")
	}
	args := []any{"year", year, "amount", p.Forecast, "by", p.Beyond(), "ceiling", w.MoneyRound(p.Envelope.Ceiling)}
	switch p.Status {
	case models.Within:
		if p.Envelope.Floor.IsPositive() {
			h.Parts = w.Parts("dashboard.within", append(args, "floor", boundary(w, p.Envelope.Floor))...)
		} else {
			h.Parts = w.Parts("dashboard.within_ceiling", args...)
		}
	case models.Under:
		h.Class = "warning"
		h.Parts = w.Parts("dashboard.under", append(args, "floor", w.MoneyRound(p.Envelope.Floor))...)
	case models.Over:
		h.Class = "danger"
		h.Parts = w.Parts("dashboard.over", args...)
		h.Leads = append(h.Leads, crossing(v, p))
	case models.NoEnvelope:
		h.Parts = w.Parts("dashboard.no_envelope", args...)
		h.Leads = append(h.Leads, w.T("dashboard.no_envelope_lead", "year", w.FiscalYear(p.Year)))
	}
	h.leaveOut(v, p)
	return h
}

// crossing names the day the ceiling is crossed and what crosses it.
func crossing(v *visit, p models.Position) string {
	sv, _ := v.register.Service(p.CrossedBy)
	key := "dashboard.will_cross"
	if !p.CrossedOn.After(v.today) {
		key = "dashboard.crossed"
	}
	return v.words.T(key, "day", v.words.Day(p.CrossedOn), "service", sv.Name)
}

// leaveOut notes what the total leaves out, payments first: the first few services.
func (h *headline) leaveOut(v *visit, p models.Position) {
	const few = 3
	add := func(service models.ID, a money.Amount) {
		h.Lacking++
		href := servicePath(service)
		for i := range h.Missing {
			if h.Missing[i].Href == href {
				h.Missing[i].Count++
				return
			}
		}
		if len(h.Missing) == few {
			h.More = true
			return
		}
		sv, _ := v.register.Service(service)
		h.Missing = append(h.Missing, unconverted{Service: sv.Name, Href: href, Amount: a, Count: 1})
	}
	if since := recordedWithout(v); len(since) > 0 && len(since) == len(p.UnconvertedPayments)+len(p.UnconvertedCharges) {
		h.Missing, h.Lacking, h.More, h.Since = since[:min(len(since), few)], len(since), len(since) > few, true
		return
	}
	for _, x := range p.UnconvertedPayments {
		add(x.ServiceID, x.Billed)
	}
	for _, x := range p.UnconvertedCharges {
		add(x.ServiceID, x.Billed)
	}
}

func newDashboardFacts(v *visit, p models.Position) dashboardFacts {
	f := dashboardFacts{PerHead: p.PerHead(v.register.Organisation.Headcount), Paid: p.PaidServices, Services: p.Services}
	if p.Status != models.NoEnvelope && p.Status != models.Over {
		f.Room = p.Room()
	}
	if before, ok := v.register.YearBefore(p); ok {
		if tenths, ok := money.ChangePercent(before, p.Forecast); ok {
			f.Change = v.words.ChangePercent(tenths)
		}
	}
	return f
}

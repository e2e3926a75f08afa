package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/money"
)

// servicePage is all about one service.
type servicePage struct {
	Form         Form // of the small form that records an export of the data
	Service      models.Service
	Function     models.Function
	Headline     headline
	Flags        []dashboardCause
	Plans        []planCard
	Retired      []planCard
	Why          planWhy
	Year         string // the fiscal year that the plans' effect is on
	Running      bool
	Subscription models.Subscription // the one to show; its ID is zero when there has never been one
	State        string
	Facts        []fact
	Terms        termsView
	Seats        seatsView
	Story        []storyLine
	Earlier      []storyLine // of the story, what few need
	Payments     []servicePayment
	MorePayments bool
	PaidTotal    money.Amount
	PaidWhole    bool
	Decisions    []decisionRow
	Answer       string // where its next renewal is answered; empty when none waits for it
	Access       []fact
	Comparisons  []models.Comparison // with installed software
}

// fact is one row of a definition list.
type fact struct{ Label, Value, Note, Link string }

// How much of a long list the page of a service shows.
const (
	storyShown    = 8
	paymentsShown = 12
)

func (w *Web) servicePage(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) { return serviceScreen(c, sv, http.StatusOK, Form{}), nil })
}

func (w *Web) showService(c echo.Context, sv models.Service, status int, f Form) error {
	return w.render(c, serviceScreen(c, sv, status, f))
}

func serviceScreen(c echo.Context, sv models.Service, status int, f Form) screen {
	v := visitOf(c)
	if f.Fields == nil {
		f.Fields = Fields{"exported_on": v.today.String()}
	}
	page := newServiceView(v, sv, c.Request().URL.RequestURI())
	page.Form = f
	return screen{status: status, name: "service", nav: "services", title: "service.title", args: []any{"name", sv.Name}, page: page}
}

func newServiceView(v *visit, sv models.Service, address string) servicePage {
	r := v.register
	l, _ := r.Line(sv.ID, v.today)
	page := servicePage{
		Service: sv, Headline: serviceHeadline(v, &l), Year: v.words.FiscalYear(r.Year(v.today)),
		Running: l.Standing == models.InUse || l.Standing == models.Coming, Subscription: l.Subscription,
	}
	page.Function, _ = r.Function(sv.FunctionID)
	page.Flags = serviceFlags(v, sv.ID, address)
	page.Plans, page.Retired = planCards(v, &l)
	page.Why = newPlanWhy(v, &l)
	if l.Subscription.ID != 0 {
		page.State = v.words.Kind("state", string(l.Subscription.StateOn(v.today)))
		page.Facts = subscriptionFacts(v, &l)
		page.Terms = newTermsView(v, sv.ID)
		page.Seats = newSeatsView(v, &l)
	}
	page.Access = accessFacts(v, sv)
	page.Story = newStory(v, sv.ID)
	if len(page.Story) > storyShown+storyShown/2 {
		page.Story, page.Earlier = page.Story[:storyShown], page.Story[storyShown:]
	}
	payments := r.PaymentsOf(sv.ID)
	page.PaidTotal, page.PaidWhole = models.TotalPaid(payments)
	page.Payments = servicePayments(v, payments)
	if len(page.Payments) > paymentsShown {
		page.Payments, page.MorePayments = page.Payments[:paymentsShown], true
	}
	page.Decisions = decisionRows(v, sv.ID)
	for _, q := range r.QuestionsOf(l.Subscription.ID, v.today) {
		if !q.Answered() && !q.Locked {
			page.Answer = answerPath(q.Subscription.ID, q.Charge.On)
		}
	}
	page.Comparisons = comparisonsOf(v, sv.ID)
	return page
}

// serviceHeadline says in one sentence where the service stands.
func serviceHeadline(v *visit, l *models.Line) headline {
	w, s := v.words, l.Subscription
	args := []any{"name", l.Service.Name}
	say := func(key string, more ...any) headline { return headline{Parts: w.Parts(key, append(args, more...)...)} }
	var h headline
	switch state := s.StateOn(v.today); {
	case l.Standing == models.PutAway:
		h = say("service.is_archived", "day", l.Service.ArchivedOn)
	case s.ID == 0:
		h = say("service.is_considered")
	case state == models.Ended:
		h = say("service.has_ended", "day", s.EndsOn)
	case state == models.Ending:
		h = say("service.is_ending", "day", v.shortDay(s.EndsOn))
	case state == models.Planned:
		h = say("service.is_planned", "day", v.shortDay(s.StartedOn))
	case state == models.Trial || state == models.Granted:
		h = freeFirst(v, l, state, say)
	case !l.Renewal.IsZero() && w.Conceals():
		h = say("service.renews_plain", "day", v.shortDay(l.Renewal))
	case !l.Renewal.IsZero():
		h = say("service.renews", "day", v.shortDay(l.Renewal), "amount", costOn(v, l))
	case l.Tier == models.Free:
		h = say("service.is_free")
	default:
		h = say("service.is_paid_once")
	}
	h.Leads = serviceLeads(v, l)
	return h
}

// freeFirst is the headline of what costs nothing until a day.
func freeFirst(v *visit, l *models.Line, state models.State, say func(string, ...any) headline) headline {
	end, key, bare := l.Subscription.TrialEnds, "service.is_trial", "service.is_trial_only"
	if state == models.Granted {
		end, key, bare = l.Subscription.GrantEnds, "service.is_granted", "service.is_granted_only"
	}
	if l.Renewal.IsZero() || v.words.Conceals() {
		return say(bare, "day", v.shortDay(end))
	}
	return say(key, "day", v.shortDay(end), "amount", costOn(v, l))
}

// costOn is what the next renewal costs: in euros, or in its currency when they are not known.
func costOn(v *visit, l *models.Line) string {
	if c, ok := v.register.Charge(l.Subscription.ID, l.Renewal, v.today); ok && c.Conversion.OK() {
		return v.words.Money(c.Cost)
	}
	return v.words.Money(l.Subscription.TermsOn(l.Renewal).Billed())
}

func serviceLeads(v *visit, l *models.Line) []string {
	w := v.words
	var leads []string
	if l.Service.About != "" {
		leads = append(leads, l.Service.About)
	}
	if l.Renewal.IsZero() || l.Standing != models.InUse {
		return leads
	}
	c, ok := v.register.Charge(l.Subscription.ID, l.Renewal, v.today)
	switch {
	case !ok:
	case c.Locked && l.Renewal.Before(l.Subscription.FixedUntil):
		leads = append(leads, w.T("service.fixed", "day", l.Subscription.FixedUntil))
	case c.Locked:
		leads = append(leads, w.T("service.too_late", "day", w.Day(c.DecideBy)))
	default:
		leads = append(leads, w.T("service.decide_by", "day", w.Day(c.SaidBy(v.today)), "when", w.Relative(v.today, c.SaidBy(v.today))))
	}
	return leads
}

// serviceFlags are the reasons to warn about one service.
func serviceFlags(v *visit, service models.ID, address string) []dashboardCause {
	var out []dashboardCause
	for _, c := range v.register.Causes(v.today) {
		if c.ServiceID == service && c.Key.Kind != models.FlagEnvelope && c.Key.Kind != models.FlagRateMissing && c.Key.Kind != models.FlagCardExpiring {
			out = append(out, dashboardCause{Line: causeLine(v.words, v.register, c, v.today), Edit: v.actor.Role.MayEdit(), To: address})
		}
	}
	return out
}

type servicePayment struct {
	Payment models.Payment
	Until   string // last day of the period paid for
	Source  string // of the euros of a foreign amount
}

func servicePayments(v *visit, payments []models.Payment) []servicePayment {
	out := make([]servicePayment, len(payments))
	for i, p := range payments {
		row := servicePayment{Payment: p}
		if !p.Period.IsEmpty() && !p.Period.From.IsZero() {
			row.Until = v.words.T("service.until", "day", p.Period.Last())
		}
		if p.Billed.Currency() != money.EUR && p.Converted() {
			row.Source = provenance(v, p)
		}
		out[i] = row
	}
	slices.SortStableFunc(out, func(a, b servicePayment) int {
		return cmp.Or(b.Payment.PaidOn.Compare(a.Payment.PaidOn), cmp.Compare(b.Payment.ID, a.Payment.ID))
	})
	return out
}

type decisionRow struct {
	Decision models.Decision
	What     string
	By       string
	Proofs   []fileLine
}

func decisionRows(v *visit, service models.ID) []decisionRow {
	decisions := v.register.DecisionsOf(service)
	rows := make([]decisionRow, len(decisions))
	for i, d := range decisions {
		by, _ := v.register.Person(d.By)
		rows[len(rows)-1-i] = decisionRow{Decision: d, What: decided(v, d), By: by.Name, Proofs: proofLines(v, d.ID)}
	}
	return rows
}

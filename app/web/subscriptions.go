package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) subscriptionRoutes(g *echo.Group) {
	g.GET("/services/:id/subscriptions/new", w.newSubscription, mayEdit)
	g.POST("/services/:id/subscriptions/new", w.subscribe, mayEdit)
	g.GET("/subscriptions/:id/edit", w.editSubscription, mayEdit)
	g.POST("/subscriptions/:id/edit", w.saveSubscription, mayEdit)
	w.termsRoutes(g)
	w.cancellationRoutes(g)
	w.switchRoutes(g)
	w.seatRoutes(g)
}

// Scopes of a price: for each place, or for everybody together.
const (
	scopeSeat = "seat"
	scopeAll  = "all"
)

// subscriptionKinds are the reminders that are about one subscription.
var subscriptionKinds = []models.ReminderKind{models.RemindDecideBy, models.RemindRenewal, models.RemindTrialEnd, models.RemindChargeDue}

var subscriptionFields = append([]string{
	"plan", "price", "currency", "scope", "seats", "started_on", "anchor", "every", "unit", "notice", "notice_unit", "auto_renew",
	"trial_ends", "grant_ends", "fixed_until", "owner", "means", "account", "analytic", "look_on", "note", "reminders",
}, leadFields(subscriptionKinds...)...)

type subscriptionPage struct {
	Form           Form
	Heading        string
	Service        models.Service
	Plan           models.Plan
	PlanSaid       string       // "premium · 99,00 $US par an"
	Others         []planChoice // plans to take instead
	New            bool
	Action, Back   string
	Owners, Means  []Option
	Scopes         []Option
	Account        string // proposed when none is typed
	HasSettlements bool   // first day and cadence can no longer be moved
	Lines          []leadLine
	Reminded       bool // it has lead times of its own
}

// planChoice is a way to another plan of the service.
type planChoice struct{ Link, Name, Said string }

// planOf says a plan in a few words: tier and price.
func planOf(w *words.Words, p models.Plan) string {
	tier := w.Kind("tier", string(p.Tier))
	if p.Tier == models.Free || p.Price.IsNone() {
		return tier
	}
	price := w.T("subscription.price_per", "price", p.Price, "per", w.CadencePer(p.Cadence))
	if p.PerSeat {
		price = w.T("subscription.price_seat", "price", p.Price, "per", w.CadencePer(p.Cadence))
	}
	return join(tier, price)
}

// subscriptionOf is the subscription in the address with its service.
func subscriptionOf(c echo.Context) (models.Subscription, models.Service, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Subscription{}, models.Service{}, err
	}
	r := visitOf(c).register
	s, ok := r.Subscription(id)
	if !ok {
		return s, models.Service{}, models.ErrNotFound
	}
	service, ok := r.Service(s.ServiceID)
	if !ok {
		return s, service, models.ErrNotFound
	}
	return s, service, nil
}

// planToTake is the plan somebody wants to subscribe to: the one asked for, else the first that is still offered.
func planToTake(c echo.Context, service models.ID) (models.Plan, error) {
	r := visitOf(c).register
	if asked := c.FormValue("plan"); asked != "" {
		n, err := strconv.ParseInt(asked, 10, 64)
		p, ok := r.Plan(models.ID(n))
		if err != nil || !ok || p.ServiceID != service {
			return p, models.ErrNotFound
		}
		return p, nil
	}
	for _, p := range r.PlansOf(service) {
		if p.RetiredOn.IsZero() {
			return p, nil
		}
	}
	return models.Plan{}, models.Refused{Rule: "no_plan"}
}

// serviceAndPlan are those a new subscription is of.
func serviceAndPlan(c echo.Context) (models.Service, models.Plan, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Service{}, models.Plan{}, err
	}
	service, ok := visitOf(c).register.Service(id)
	if !ok {
		return service, models.Plan{}, models.ErrNotFound
	}
	plan, err := planToTake(c, id)
	return service, plan, err
}

func (w *Web) newSubscription(c echo.Context) error {
	v := visitOf(c)
	service, plan, err := serviceAndPlan(c)
	if refused := (models.Refused{}); errors.As(err, &refused) { // its first plan comes first
		return c.Redirect(http.StatusSeeOther, servicePath(service.ID)+"/plans/new")
	}
	if err != nil {
		return err
	}
	if current, ok := v.register.Current(service.ID); ok && current.EndsOn.IsZero() { // one at a time: taking another plan is switching
		return c.Redirect(http.StatusSeeOther, subscriptionPath(current.ID, "switch")+"?plan="+typedID(otherThan(current, plan)))
	}
	s := models.Subscription{
		StartedOn: v.today, Anchor: v.today, Cadence: plan.Cadence, Notice: cal.Notice{Unit: cal.Day}, AutoRenew: plan.Tier == models.Premium, OwnerID: v.actor.Person,
	}
	if plan.Tier == models.Free {
		s.LookOn = v.today.AddMonths(12)
	}
	f := subscriptionTyped(s)
	termsTyped(v.words, f, models.Terms{Price: plan.Price, PerSeat: plan.PerSeat, Seats: max(v.register.Organisation.Headcount, 1)})
	f["plan"], f["anchor"] = typedID(plan.ID), ""
	return w.showNewSubscription(c, http.StatusOK, service, plan, Form{Fields: f})
}

// otherThan is the plan to switch to; none when it is the one in use.
func otherThan(current models.Subscription, p models.Plan) models.ID {
	if current.PlanID == p.ID {
		return 0
	}
	return p.ID
}

func (w *Web) showNewSubscription(c echo.Context, status int, service models.Service, plan models.Plan, f Form) error {
	v := visitOf(c)
	path := servicePath(service.ID) + "/subscriptions/new"
	page := newSubscriptionPage(v, service, plan, models.Subscription{})
	page.Form, page.New, page.Action = f, true, path
	page.Heading = v.words.T("subscription.new", "service", service.Name)
	for _, p := range v.register.PlansOf(service.ID) {
		if p.ID != plan.ID && p.RetiredOn.IsZero() {
			page.Others = append(page.Others, planChoice{Link: path + "?plan=" + typedID(p.ID), Name: p.Name, Said: planOf(v.words, p)})
		}
	}
	return w.render(c, screen{status: status, name: "subscription-form", nav: "services", title: "subscription.new", args: []any{"service", service.Name}, page: page})
}

func newSubscriptionPage(v *visit, service models.Service, plan models.Plan, s models.Subscription) subscriptionPage {
	return subscriptionPage{
		Service: service, Plan: plan, PlanSaid: planOf(v.words, plan), Back: servicePath(service.ID),
		Owners: ownerOptions(v, s.OwnerID), Means: meansOptions(v), Scopes: scopeOptions(v.words), Account: v.register.AccountOfService(service.ID),
		HasSettlements: s.ID != 0 && v.register.HasSettlements(s.ID), Lines: leadLines(v.words, usualLeads(v.register.Organisation), subscriptionKinds...), Reminded: len(s.Leads) > 0,
	}
}

// ownerOptions are the people who can answer for a subscription, and who does even though no longer here.
func ownerOptions(v *visit, owner models.ID) []Option {
	var here []models.Person
	for _, p := range v.register.People {
		if p.HereOn(v.today) || p.ID == owner {
			here = append(here, p)
		}
	}
	words.SortBy(v.words, here, func(p models.Person) string { return p.Name })
	out := []Option{{"", v.words.T("subscription.nobody")}}
	for _, p := range here {
		out = append(out, Option{typedID(p.ID), p.Name})
	}
	return out
}

func meansOptions(v *visit) []Option {
	out := []Option{{"", v.words.T("subscription.no_means")}}
	for _, m := range v.register.Means {
		out = append(out, Option{typedID(m.ID), m.Name})
	}
	return out
}

func scopeOptions(w *words.Words) []Option {
	return []Option{{scopeSeat, w.T("subscription.scope_seat")}, {scopeAll, w.T("subscription.scope_all")}}
}

func (w *Web) subscribe(c echo.Context) error {
	v := visitOf(c)
	service, plan, err := serviceAndPlan(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, subscriptionFields...)}
	s := models.Subscription{ServiceID: service.ID, PlanID: plan.ID}
	e.subscription(v.register, &s)
	t := e.terms(plan.Tier)
	t.From = s.StartedOn
	e.merge(s.Check(), nil)
	if !s.StartedOn.IsZero() {
		e.merge(t.Check(plan.Tier), nil)
	}
	s.Terms = []models.Terms{t}
	if err = e.bad.Err(); err == nil {
		_, err = w.store.Subscribe(c.Request().Context(), v.actor, s)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showNewSubscription(c, status, service, plan, f) })
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "subscribed", Args: []string{"service", service.Name, "plan", plan.Name}})
}

func (w *Web) editSubscription(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	return w.showSubscription(c, http.StatusOK, s, service, Form{Fields: subscriptionTyped(s)})
}

func (w *Web) showSubscription(c echo.Context, status int, s models.Subscription, service models.Service, f Form) error {
	v := visitOf(c)
	plan, _ := v.register.Plan(s.PlanID)
	page := newSubscriptionPage(v, service, plan, s)
	page.Form, page.Action = f, subscriptionPath(s.ID, "edit")
	page.Heading = v.words.T("subscription.edit", "service", service.Name)
	return w.render(c, screen{status: status, name: "subscription-form", nav: "services", title: "subscription.edit", args: []any{"service", service.Name}, page: page})
}

func (w *Web) saveSubscription(c echo.Context) error {
	v := visitOf(c)
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	was := s
	e := entry{Fields: fields(c, subscriptionFields...)}
	e.subscription(v.register, &s)
	s.Version = e.version()
	e.merge(s.Check(), nil)
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveSubscription(c.Request().Context(), v.actor, s)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSubscription(c, status, was, service, f) })
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "subscription_saved", Args: []string{"service", service.Name}})
}

// subscriptionTyped is a subscription as its form shows it.
func subscriptionTyped(s models.Subscription) Fields {
	f := Fields{
		"version": typedVersion(s.Version), "started_on": s.StartedOn.String(), "anchor": s.Anchor.String(),
		"every": strconv.Itoa(max(s.Cadence.Every, 1)), "unit": string(s.Cadence.Unit), "notice": strconv.Itoa(s.Notice.N), "notice_unit": string(s.Notice.Unit),
		"auto_renew": typedTick(s.AutoRenew), "trial_ends": s.TrialEnds.String(), "grant_ends": s.GrantEnds.String(), "fixed_until": s.FixedUntil.String(),
		"owner": typedID(s.OwnerID), "means": typedID(s.MeansID), "account": s.Account, "analytic": s.Analytic, "look_on": s.LookOn.String(), "note": s.Note,
	}
	f.leadsTyped(s.Leads, subscriptionKinds...)
	return f
}

// subscription reads everything but plan and terms into s.
func (e *entry) subscription(r *models.Register, s *models.Subscription) {
	s.StartedOn = e.day("started_on")
	s.Anchor = e.dayOr("anchor", s.StartedOn)
	s.Cadence = e.cadence()
	s.Notice = e.notice("notice", "notice_unit")
	s.AutoRenew = e.tick("auto_renew")
	s.TrialEnds, s.GrantEnds, s.FixedUntil, s.LookOn = e.day("trial_ends"), e.day("grant_ends"), e.day("fixed_until"), e.day("look_on")
	s.OwnerID, s.MeansID = e.id("owner"), e.id("means")
	if _, ok := r.Person(s.OwnerID); s.OwnerID != 0 && !ok {
		e.bad.Add("owner", "not_found")
	}
	if _, ok := r.PaidBy(s.MeansID); s.MeansID != 0 && !ok {
		e.bad.Add("means", "not_found")
	}
	s.Account, s.Analytic, s.Note = e.text("account"), e.text("analytic"), e.text("note")
	if e.is("reminders") { // a free plan has nothing to be reminded of, and its form no such part
		s.Leads = e.leads(subscriptionKinds...)
	}
}

// termsTyped adds terms to a form's fields as they are typed.
func termsTyped(w *words.Words, f Fields, t models.Terms) {
	f["price"], f["currency"], f["scope"], f["seats"] = w.MoneyInput(t.Price), string(t.Price.Currency()), scopeAll, strconv.Itoa(t.Seats)
	if t.PerSeat {
		f["scope"] = scopeSeat
	}
	if f["currency"] == "" {
		f["currency"] = string(money.EUR)
	}
}

// terms reads price and seats. A free plan costs nothing, whatever was typed.
func (e *entry) terms(tier models.Tier) models.Terms {
	t := models.Terms{Seats: e.whole("seats", 1), PerSeat: e.text("scope") == scopeSeat}
	if tier == models.Free {
		t.Price, t.PerSeat = money.Zero(money.EUR), false
		return t
	}
	t.Price = e.amount("price", e.currency())
	return t
}

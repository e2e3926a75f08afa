package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// What the form that adds a service asks: the service, its first plan, our use of it and a rate, all at once. Little
// of it must be filled in for a service that is free or only considered.
var newServiceFields = []string{
	"name", "function", "about", "vendor", "country", "url", "note",
	"plan_name", "tier", "price", "currency", "per_seat", "every", "unit", "limits", "seen_on", "seen_at",
	"use", "started_on", "anchor", "seats", "notice", "notice_unit", "auto_renew", "trial_ends", "owner", "means", "rate", "to", "proposal",
}

type addServicePage struct {
	Form    Form
	Choices formChoices
	More    bool // what few need is open: something in it is filled in or wrong
}

// formChoices are the lists to choose from in the forms of services and plans.
type formChoices struct {
	Functions, People, Means, Countries, Tiers, Uses []Option
	Vendors                                          []string
	Currencies                                       []money.Currency
}

func newFormChoices(v *visit) formChoices {
	w, r := v.words, v.register
	ch := formChoices{
		Functions: []Option{{"", w.T("service.choose_function")}},
		People:    []Option{{"", w.T("service.nobody")}}, Means: []Option{{"", w.T("service.no_means")}},
		Countries: []Option{{"", w.T("service.country_unknown")}},
		Tiers:     []Option{{string(models.Free), w.T("service.tier_free")}, {string(models.Premium), w.T("service.tier_premium")}},
		Uses:      []Option{{"used", w.T("service.use_used")}, {"considered", w.T("service.use_considered")}},
	}
	for _, f := range r.ByPosition() {
		ch.Functions = append(ch.Functions, Option{typedID(f.ID), f.Name})
	}
	people := r.PeopleOn(v.today)
	words.SortBy(w, people, func(p models.Person) string { return p.Name })
	for _, p := range people {
		ch.People = append(ch.People, Option{typedID(p.ID), p.Name})
	}
	for _, m := range r.Means {
		ch.Means = append(ch.Means, Option{typedID(m.ID), m.Name})
	}
	for _, c := range w.Countries() {
		ch.Countries = append(ch.Countries, Option{c.Code, c.Name})
	}
	for _, x := range r.Vendors {
		ch.Vendors = append(ch.Vendors, x.Name)
	}
	words.SortBy(w, ch.Vendors, func(s string) string { return s })
	ch.Currencies = r.Currencies()
	return ch
}

func (w *Web) newServicePage(c echo.Context) error {
	f := Fields{
		"tier": string(models.Free), "use": "used",
		"currency": string(money.EUR), "every": "1", "unit": string(cal.Year), "seats": "1", "notice_unit": string(cal.Day),
		"auto_renew": "on", "started_on": visitOf(c).today.String(),
	}
	if id := queryID(c, "proposal"); id != 0 {
		p, ok := visitOf(c).register.Proposal(id)
		if !ok || p.ServiceID != 0 {
			return models.ErrNotFound
		}
		f.prefill(p)
	}
	for name, asked := range fields(c, "name", "function", "tier", "price", "currency", "every", "unit", "started_on", "means") {
		if asked != "" {
			f[name] = asked
		}
	}
	f["to"] = c.QueryParam("to")
	return w.showNewService(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showNewService(c echo.Context, status int, f Form) error {
	if f.Fields["to"] = localPath(f.Fields["to"]); f.Fields["to"] == "/" { // it is where the way out leads
		f.Fields["to"] = ""
	}
	page := addServicePage{Form: f, Choices: newFormChoices(visitOf(c))}
	for _, name := range []string{"vendor", "country", "url", "note", "limits", "seen_at", "trial_ends", "owner", "means", "plan_name"} {
		page.More = page.More || f.Value(name) != "" || f.Error(name) != ""
	}
	return w.render(c, screen{status: status, name: "service-new", nav: "services", title: "service.new_title", page: page})
}

func (w *Web) addService(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, newServiceFields...)}
	added, err := e.serviceEntry(v)
	var id models.ID
	if err == nil {
		id, err = w.store.AddServiceWithPlan(c.Request().Context(), v.actor, added)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showNewService(c, status, f) })
	}
	if p, ok := v.register.Proposal(added.Proposal); ok && p.State == models.ProposalOpen {
		w.tellProposer(c, p, "proposal_accepted", "")
	}
	to := localPath(e.text("to"))
	if to == "/" {
		to = servicePath(id)
	}
	return w.done(c, to, Notice{Key: "service_added", Args: []string{"name", added.Service.Name}})
}

// serviceEntry reads the whole form, so that everything wrong is said at once.
func (e *entry) serviceEntry(v *visit) (store.ServiceEntry, error) {
	out := store.ServiceEntry{
		Service: models.Service{
			Name: e.text("name"), FunctionID: e.id("function"), About: e.text("about"), URL: e.text("url"), Note: e.text("note"),
		},
		NewVendor: models.Vendor{Name: e.text("vendor"), Country: e.text("country")},
		Plan:      e.plan(v, "plan_name"),
	}
	out.Proposal = e.id("proposal")
	if out.Plan.Name == "" {
		out.Plan.Name = v.words.T("service.plan_premium")
		if out.Plan.Tier == models.Free {
			out.Plan.Name = v.words.T("service.plan_free")
		}
	}
	if out.NewVendor.Name != "" {
		e.merge(out.NewVendor.Check(), map[string]string{"name": "vendor"})
	} else if out.NewVendor.Country != "" {
		e.bad.Add("vendor", "required")
	}
	e.merge(out.Service.Check(), nil)
	e.merge(out.Plan.Check(), map[string]string{"name": "plan_name"})
	if e.text("use") != "considered" {
		out.Subscription = e.firstUse(v, out.Plan)
	}
	if rate := e.rate(); !rate.IsZero() && out.Plan.Price.Currency() != money.EUR {
		out.Rate = &models.ReferenceRate{Currency: out.Plan.Price.Currency(), Day: v.today, Rate: rate, Source: models.RateTyped}
		e.merge(out.Rate.Check(v.today), map[string]string{"day": "rate"})
	}
	return out, e.bad.Err()
}

// firstUse is our subscription to the plan being added.
func (e *entry) firstUse(v *visit, p models.Plan) *models.Subscription {
	started := e.dayOr("started_on", v.today)
	if started.IsZero() {
		started = v.today // already refused; what is counted from it would only repeat the refusal elsewhere
	}
	trial := e.day("trial_ends")
	anchor := e.dayOr("anchor", cal.Max(started, trial))
	s := p.Begin(started, anchor, e.whole("seats", 1))
	s.Notice, s.AutoRenew, s.TrialEnds = e.notice("notice", "notice_unit"), e.tick("auto_renew"), trial
	s.OwnerID, s.MeansID = e.id("owner"), e.id("means")
	e.merge(s.Terms[0].Check(p.Tier), map[string]string{"from": "started_on", "note": "price"})
	whole := s
	whole.PlanID = 1 // the plan gets its number when all is saved together
	e.merge(whole.Check(), nil)
	return &s
}

// plan reads a plan whose name stands in a field. A free one without a price costs nothing, in euros.
func (e *entry) plan(v *visit, name string) models.Plan {
	currency := e.currency()
	p := models.Plan{
		Name: e.text(name), Tier: models.Tier(e.text("tier")), PerSeat: e.tick("per_seat"), Cadence: e.cadence(),
		Price: e.amount("price", currency), Limits: e.text("limits"), SeenOn: e.day("seen_on"), SeenAt: e.text("seen_at"),
	}
	if p.Tier == models.Free && p.Price.IsNone() && !e.bad.Has("price") {
		p.Price, p.PerSeat = money.Zero(money.EUR), false
	}
	if p.SeenOn.After(v.today) {
		e.bad.Add("seen_on", "date.future")
	}
	return p
}

package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func (w *Web) termsRoutes(g *echo.Group) {
	g.GET("/subscriptions/:id/terms/new", w.newTerms, mayEdit)
	g.POST("/subscriptions/:id/terms/new", w.addTerms, mayEdit)
	g.GET("/subscriptions/:id/terms/:terms/edit", w.editTerms, mayEdit)
	g.POST("/subscriptions/:id/terms/:terms/edit", w.saveTerms, mayEdit)
	g.GET("/subscriptions/:id/terms/:terms/removal", w.termsRemoval, mayEdit)
	g.POST("/subscriptions/:id/terms/:terms/removal", w.removeTerms, mayEdit)
}

var termsFields = []string{"from", "price", "currency", "scope", "seats", "note"}

type termsPage struct {
	Form         Form
	Service      models.Service
	Plan         models.Plan
	Scopes       []Option
	Action, Back string
	Removal      string // where these terms can be taken back; empty when they cannot
	New, First   bool
	Start        cal.Date // of the subscription: the first terms hold from it
	Now          string   // what it costs today
}

type termsRemovalPage struct {
	Form         Form
	Service      models.Service
	From         cal.Date
	Price, Now   string // of these terms, and of those that hold without them
	Action, Back string
}

// billed says what a period costs under terms: price, scope and seats.
func billed(v *visit, s models.Subscription, t models.Terms) string {
	w := v.words
	per := w.CadencePer(s.Cadence)
	if t.Price.IsNone() || t.Price.IsZero() {
		return w.Kind("tier", string(models.Free))
	}
	if t.PerSeat {
		return w.N("terms.billed_seats", t.Seats, "price", t.Price, "total", t.Billed(), "per", per)
	}
	return w.T("subscription.price_per", "price", t.Price, "per", per)
}

func (w *Web) newTerms(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	now := s.TermsOn(v.today)
	f := Fields{"version": typedVersion(s.Version)}
	termsTyped(v.words, f, now)
	from := cal.Max(v.today, s.StartedOn.AddDays(1))
	if next, ok := s.NextRenewal(v.today); ok && next.After(s.StartedOn) {
		from = next
	}
	f["from"] = from.String()
	return w.showTerms(c, http.StatusOK, s, service, models.Terms{}, Form{Fields: f})
}

func (w *Web) showTerms(c echo.Context, status int, s models.Subscription, service models.Service, t models.Terms, f Form) error {
	v := visitOf(c)
	plan, _ := v.register.Plan(s.PlanID)
	page := termsPage{
		Form: f, Service: service, Plan: plan, Scopes: scopeOptions(v.words), Action: subscriptionPath(s.ID, "terms", "new"), Back: servicePath(service.ID),
		New: t.ID == 0, Start: s.StartedOn, Now: billed(v, s, s.TermsOn(v.today)),
	}
	title := "terms.new"
	if !page.New {
		title, page.Action = "terms.edit", subscriptionPath(s.ID, "terms", typedID(t.ID), "edit")
		page.First = len(s.Terms) > 0 && s.Terms[0].ID == t.ID
		if !page.First {
			page.Removal = subscriptionPath(s.ID, "terms", typedID(t.ID), "removal")
		}
	}
	return w.render(c, screen{status: status, name: "terms-form", nav: "services", title: title, args: []any{"service", service.Name}, page: page})
}

func (w *Web) addTerms(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, termsFields...)}
	t, err := e.typedTerms(v, s, models.Terms{})
	if err == nil {
		err = w.store.AddTerms(c.Request().Context(), v.actor, s.ID, e.version(), t)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showTerms(c, status, s, service, models.Terms{}, f) })
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "terms_added", Args: []string{"service", service.Name, "day", v.words.DayLong(t.From), "price", billed(v, s, t)}})
}

// typedTerms reads the form into terms that keep the ID of those they replace, and holds them against the subscription.
func (e *entry) typedTerms(v *visit, s models.Subscription, was models.Terms) (models.Terms, error) {
	tier := v.register.TierOf(s)
	t := e.terms(tier)
	t.ID, t.From, t.Note = was.ID, e.day("from"), e.text("note")
	if was.ID != 0 && s.Terms[0].ID == was.ID {
		t.From = s.StartedOn // the first hold from the start: their day is not asked
	}
	if !e.bad.Has("from") || !t.From.IsZero() {
		e.merge(t.Check(tier), nil)
	}
	return t, e.bad.Err()
}

// termsOf is the subscription in the address with those of its terms that the address names.
func termsOf(c echo.Context) (s models.Subscription, service models.Service, t models.Terms, err error) {
	s, service, err = subscriptionOf(c)
	if err != nil {
		return s, service, t, err
	}
	id, err := pathID(c, "terms")
	if err != nil {
		return s, service, t, err
	}
	for _, t = range s.Terms {
		if t.ID == id {
			return s, service, t, nil
		}
	}
	return s, service, t, models.ErrNotFound
}

func (w *Web) editTerms(c echo.Context) error {
	s, service, t, err := termsOf(c)
	if err != nil {
		return err
	}
	f := Fields{"version": typedVersion(s.Version), "from": t.From.String(), "note": t.Note}
	termsTyped(visitOf(c).words, f, t)
	return w.showTerms(c, http.StatusOK, s, service, t, Form{Fields: f})
}

func (w *Web) saveTerms(c echo.Context) error {
	s, service, was, err := termsOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, termsFields...)}
	t, err := e.typedTerms(v, s, was)
	if err == nil {
		err = w.store.SaveTerms(c.Request().Context(), v.actor, s.ID, e.version(), t)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showTerms(c, status, s, service, was, f) })
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "terms_saved", Args: []string{"service", service.Name, "day", v.words.DayLong(t.From), "price", billed(v, s, t)}})
}

func (w *Web) termsRemoval(c echo.Context) error {
	s, service, t, err := termsOf(c)
	if err != nil {
		return err
	}
	show := func(status int, f Form) error { return w.showTermsRemoval(c, status, s, service, t, f) }
	if _, err = s.WithoutTerms(t.ID); err != nil {
		return w.retry(c, err, Fields{}, show)
	}
	return show(http.StatusOK, Form{})
}

func (w *Web) showTermsRemoval(c echo.Context, status int, s models.Subscription, service models.Service, t models.Terms, f Form) error {
	v := visitOf(c)
	page := termsRemovalPage{
		Form: f, Service: service, From: t.From, Price: billed(v, s, t),
		Action: subscriptionPath(s.ID, "terms", typedID(t.ID), "removal"), Back: subscriptionPath(s.ID, "terms", typedID(t.ID), "edit"),
	}
	if without, err := s.WithoutTerms(t.ID); err == nil {
		page.Now = billed(v, s, without.TermsOn(t.From))
	}
	return w.render(c, screen{status: status, name: "terms-removal", nav: "services", title: "terms.removal", args: []any{"service", service.Name}, page: page})
}

func (w *Web) removeTerms(c echo.Context) error {
	s, service, t, err := termsOf(c)
	if err != nil {
		return err
	}
	ctx, v := c.Request().Context(), visitOf(c)
	if err := w.store.RemoveTerms(ctx, v.actor, s.ID, t.ID); err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showTermsRemoval(c, status, s, service, t, f) })
	}
	after, err := w.store.Register(ctx, v.actor.Organisation)
	if err != nil {
		return err
	}
	// Taking it back is adding the same terms again, on the subscription as it is now.
	now, _ := after.Subscription(s.ID)
	f := Fields{"version": typedVersion(now.Version), "from": t.From.String(), "note": t.Note}
	termsTyped(v.words, f, t)
	again := url.Values{}
	for name, value := range f {
		again.Set(name, value)
	}
	return w.done(c, servicePath(service.ID), Notice{
		Key: "terms_removed", Args: []string{"service", service.Name, "day", v.words.DayLong(t.From)}, Undo: subscriptionPath(s.ID, "terms", "new") + "?" + again.Encode(),
	})
}

package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

func (w *Web) switchRoutes(g *echo.Group) {
	g.GET("/subscriptions/:id/switch", w.switchPage, mayEdit)
	g.POST("/subscriptions/:id/switch", w.switchPlan, mayEdit)
	g.POST("/subscriptions/:id/switch/undo", w.undoSwitch, mayEdit)
}

// switchPage asks for the new plan and its day first, then shows what that would change and asks for the rest.
type switchPage struct {
	Form         Form
	Service      models.Service
	Now          string // the plan and the price of today
	Choices      []planOption
	Plan         models.Plan // chosen; no ID while none is
	On           cal.Date
	Scopes       []Option
	Effect       *switchEffect // nil while there is nothing to tell
	Action, Back string
}

// planOption is one plan to choose.
type planOption struct {
	ID, Name, Said, Limits string
	Chosen                 bool
}

// switchEffect is what the year would become.
type switchEffect struct {
	models.Effect
	Year  cal.FiscalYear
	Was   money.Amount // forecast without the switch
	Dear  bool         // it costs more
	Above money.Amount // over the ceiling by; none when it is not
}

func (w *Web) switchPage(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if !s.EndsOn.IsZero() {
		return models.Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	plan, err := chosenPlan(v, s, c.QueryParam("plan"))
	if err != nil {
		return err
	}
	e := entry{Fields: Fields{"plan": typedID(plan.ID), "on": c.QueryParam("on"), "version": typedVersion(s.Version)}}
	if e.is("on") {
		e.day("on") // a day that cannot be is said at once
	} else {
		on := cal.Max(v.today, s.StartedOn.AddDays(1))
		if next, ok := s.NextRenewal(v.today); ok {
			on = next
		}
		e.Fields["on"] = on.String()
	}
	termsTyped(v.words, e.Fields, models.Terms{Price: plan.Price, PerSeat: plan.PerSeat, Seats: max(s.TermsOn(v.today).Seats, 1)})
	status, f := http.StatusOK, Form{Fields: e.Fields}
	if len(e.bad) > 0 {
		status, f.Errors = http.StatusUnprocessableEntity, sentences(v.words, e.bad)
	}
	return w.showSwitch(c, status, s, service, plan, f)
}

// chosenPlan is a plan of the service other than the one in use; none while nothing is typed.
func chosenPlan(v *visit, s models.Subscription, typed string) (models.Plan, error) {
	if typed == "" {
		return models.Plan{}, nil
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	p, ok := v.register.Plan(models.ID(n))
	if err != nil || !ok || p.ServiceID != s.ServiceID {
		return models.Plan{}, models.ErrNotFound
	}
	return p, nil
}

func (w *Web) showSwitch(c echo.Context, status int, s models.Subscription, service models.Service, plan models.Plan, f Form) error {
	v := visitOf(c)
	old, _ := v.register.Plan(s.PlanID)
	page := switchPage{
		Form: f, Service: service, Plan: plan, Scopes: scopeOptions(v.words), Action: subscriptionPath(s.ID, "switch"), Back: servicePath(service.ID),
		Now: join(old.Name, billed(v, s, s.TermsOn(v.today))),
	}
	for _, p := range v.register.PlansOf(service.ID) {
		if p.ID != s.PlanID && (p.RetiredOn.IsZero() || p.ID == plan.ID) {
			page.Choices = append(page.Choices, planOption{ID: typedID(p.ID), Name: p.Name, Said: planOf(v.words, p), Limits: p.Limits, Chosen: p.ID == plan.ID})
		}
	}
	e := entry{Fields: f.Fields}
	page.On = e.day("on")
	if plan.ID != 0 && !page.On.IsZero() {
		page.Effect = newSwitchEffect(v, s, plan, page.On, e.terms(plan.Tier))
	}
	return w.render(c, screen{status: status, name: "switch", nav: "services", title: "switch.title", args: []any{"service", service.Name}, page: page})
}

// newSwitchEffect works out what the form says; what is wrong with it is said beside its fields.
func newSwitchEffect(v *visit, s models.Subscription, plan models.Plan, on cal.Date, t models.Terms) *switchEffect {
	t.From = on
	effect, err := v.register.WhatIfSwitch(s, plan, on, t, v.today)
	if err != nil {
		return nil
	}
	out := &switchEffect{Effect: effect, Year: v.register.Year(on), Dear: effect.Change.IsPositive()}
	out.Was = v.register.Position(out.Year, v.today).Forecast
	if effect.Room.IsNegative() {
		out.Above = effect.Room.Neg()
	}
	return out
}

func (w *Web) switchPlan(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "plan", "on", "price", "currency", "scope", "seats", "reason")}
	plan, err := chosenPlan(v, s, e.text("plan"))
	if err != nil {
		return err
	}
	on, t := e.day("on"), e.terms(plan.Tier)
	t.From = on
	if plan.ID == 0 {
		e.bad.Add("plan", "choose")
	}
	if on.IsZero() && !e.bad.Has("on") {
		e.bad.Add("on", "date.empty")
	}
	e.merge(t.Check(plan.Tier), map[string]string{"from": "on"})
	if !on.IsZero() {
		_, _, problems := s.SwitchTo(plan, on, t, e.text("reason"))
		var bad models.Invalid
		if errors.As(problems, &bad) {
			e.merge(bad, nil)
		}
	}
	if err = e.bad.Err(); err == nil {
		_, err = w.store.SwitchPlan(c.Request().Context(), v.actor, store.Switch{
			Subscription: s.ID, Version: e.version(), Plan: plan.ID, On: on, Terms: t, Reason: e.text("reason"),
		})
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSwitch(c, status, s, service, plan, f) })
	}
	return w.done(c, servicePath(service.ID), Notice{
		Key: "switched", Args: []string{"service", service.Name, "plan", plan.Name, "day", v.words.DayLong(on)}, Undo: subscriptionPath(s.ID, "switch", "undo"),
	})
}

func (w *Web) undoSwitch(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	plan, _ := v.register.Plan(s.PlanID)
	if err := w.store.UndoSwitch(c.Request().Context(), v.actor, s.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "switch_undone", Args: []string{"service", service.Name, "plan", plan.Name}})
}

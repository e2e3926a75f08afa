package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func (w *Web) cancellationRoutes(g *echo.Group) {
	g.GET("/subscriptions/:id/cancellation", w.cancellation, mayEdit)
	g.POST("/subscriptions/:id/cancellation", w.cancel, mayEdit)
	g.POST("/subscriptions/:id/cancellation/undo", w.reopen, mayEdit)
}

// cancellationPage says what cancelling does before it is done.
type cancellationPage struct {
	Form         Form
	Service      models.Service
	LastDay      cal.Date // the contract's: last day of use when cancelled today
	Renewal      cal.Date // the next one; zero when there is none
	DecideBy     cal.Date // last day to prevent it
	InTime       bool     // it still is
	FixedUntil   cal.Date // zero when nothing binds that long any more
	Remaining    []remainingLine
	Total        money.Amount // of what remains to be paid
	Unconverted  int          // left out of Total
	Saved        money.Amount // a year
	Year         cal.FiscalYear
	Now, Then    money.Amount // its forecast before and after
	Complete     bool
	Holders      string // who loses access
	ExportedOn   cal.Date
	ExportLate   bool
	NoData       bool // the service keeps nothing that could be lost
	Action, Back string
}

type remainingLine struct {
	On     cal.Date
	Amount money.Amount
	Due    bool // its day has come
}

func (w *Web) cancellation(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	if !s.EndsOn.IsZero() {
		return models.Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	f := Fields{"version": typedVersion(s.Version), "last": lastDay(s.CanEndOn(visitOf(c).today)).String()}
	return w.showCancellation(c, http.StatusOK, s, service, Form{Fields: f})
}

// lastDay is the last day of use of what ends on a day, as people say it.
func lastDay(end cal.Date) cal.Date { return end.AddDays(-1) }

func (w *Web) showCancellation(c echo.Context, status int, s models.Subscription, service models.Service, f Form) error {
	v := visitOf(c)
	r := v.register
	end := s.CanEndOn(v.today)
	page := cancellationPage{
		Form: f, Service: service, LastDay: lastDay(end), Year: r.Year(end),
		Action: subscriptionPath(s.ID, "cancellation"), Back: servicePath(service.ID),
		ExportedOn: service.ExportedOn, NoData: service.ExportEvery == 0,
		ExportLate: service.ExportEvery > 0 && (service.ExportedOn.IsZero() || service.ExportedOn.DaysUntil(v.today) > service.ExportEvery),
	}
	if renewal, ok := s.NextRenewal(v.today); ok {
		page.Renewal, page.DecideBy = renewal, s.DecideBy(renewal, r.Organisation.MarginDays)
		page.InTime = !page.DecideBy.Before(v.today)
	}
	if s.FixedUntil.After(v.today) {
		page.FixedUntil = s.FixedUntil
	}
	charges := r.Remaining(s, end, v.today)
	page.Total, page.Unconverted = models.Total(charges)
	for _, charge := range charges {
		page.Remaining = append(page.Remaining, remainingLine{On: charge.On, Amount: charge.Stake(), Due: !charge.On.After(v.today)})
	}
	page.Now = r.Position(page.Year, v.today).Forecast
	if effect, err := r.WhatIfCancel(s, end, v.today); err == nil {
		page.Saved, page.Then, page.Complete = effect.Yearly, effect.Forecast, effect.Complete
	}
	var holders []string
	for _, seat := range s.Seats {
		if p, ok := r.Person(seat.PersonID); ok && seat.HeldOn(v.today) {
			holders = append(holders, p.Name)
		}
	}
	page.Holders = v.words.List(holders)
	return w.render(c, screen{status: status, name: "cancellation", nav: "services", title: "cancellation.title", args: []any{"service", service.Name}, page: page})
}

func (w *Web) cancel(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "last", "reason")}
	end := cal.Date{} // empty is the contract's
	if last := e.day("last"); !last.IsZero() {
		end = last.AddDays(1)
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.Cancel(c.Request().Context(), v.actor, s.ID, e.version(), v.today, end, e.text("reason"))
	}
	if err != nil {
		return w.retry(c, fieldNamed(err, "ends_on", "last"), e.Fields, func(status int, f Form) error { return w.showCancellation(c, status, s, service, f) })
	}
	if end.IsZero() {
		end = s.CanEndOn(v.today)
	}
	return w.done(c, servicePath(service.ID), Notice{
		Key: "cancelled", Args: []string{"service", service.Name, "day", v.words.DayLong(lastDay(end))}, Undo: subscriptionPath(s.ID, "cancellation", "undo"),
	})
}

// fieldNamed gives a problem the name its field has on the form.
func fieldNamed(err error, field, name string) error {
	var bad models.Invalid
	if !errors.As(err, &bad) {
		return err
	}
	e := entry{}
	e.merge(bad, map[string]string{field: name})
	return e.bad.Err()
}

func (w *Web) reopen(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	if err := w.store.Reopen(c.Request().Context(), visitOf(c).actor, s.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(service.ID), Notice{Key: "reopened", Args: []string{"service", service.Name}})
}

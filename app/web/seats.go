package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) seatRoutes(g *echo.Group) {
	g.GET("/subscriptions/:id/seats", w.seats)
	g.POST("/subscriptions/:id/seats", w.assignSeat, mayEdit)
	g.POST("/subscriptions/:id/seats/:seat/release", w.releaseSeat, mayEdit)
	g.POST("/subscriptions/:id/seats/:seat/release/undo", w.undoReleaseSeat, mayEdit)
}

type seatsPage struct {
	Form       Form
	Service    models.Service
	Plan       models.Plan
	Held       []seatRow
	Past       []seatRow // given back, last first, the few last of them
	Returned   int       // how many were given back
	Pages      paging    // of Held
	PerSeat    bool
	Paid, Now  int // places paid for, and held today
	Free       int
	FreeCost   money.Amount // of all free ones, a year
	Complete   bool
	People     []Option // who can be given one
	Ended      bool
	Terms      string // where the number of places is changed
	Here, Back string
}

// pastShown is how many of the seats given back are listed.
const pastShown = 50

type seatRow struct {
	ID       models.ID
	Name     string
	Link     string
	From, To cal.Date
	Yearly   money.Amount
	Coming   bool // held from a later day on
}

func (w *Web) seats(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		return seatsScreen(visitOf(c), http.StatusOK, s, service, Form{Fields: Fields{"on": visitOf(c).today.String()}}, pageNumber(c)), nil
	})
}

func seatsScreen(v *visit, status int, s models.Subscription, service models.Service, f Form, number int) screen {
	r := v.register
	plan, _ := r.Plan(s.PlanID)
	t := s.TermsOn(v.today)
	page := seatsPage{
		Form: f, Service: service, Plan: plan, PerSeat: t.PerSeat, Paid: t.Seats, Ended: s.Over(v.today),
		Terms: subscriptionPath(s.ID, "terms", "new"), Here: subscriptionPath(s.ID, "seats"), Back: servicePath(service.ID),
	}
	places, complete := r.Places(s, v.today)
	page.Complete = complete
	page.Free, page.FreeCost = models.FreePlaces(places)
	row := func(seat models.Seat) seatRow {
		p, _ := r.Person(seat.PersonID)
		return seatRow{ID: seat.ID, Name: p.Name, Link: personPath(p.ID), From: seat.From, To: seat.To}
	}
	for _, p := range places {
		if p.Seat.PersonID != 0 {
			held := row(p.Seat)
			held.Yearly = p.Yearly
			page.Held = append(page.Held, held)
		}
	}
	page.Now = len(page.Held)
	words.SortBy(v.words, page.Held, func(x seatRow) string { return x.Name })
	taken := map[models.ID]bool{}
	for _, seat := range s.Seats {
		switch {
		case seat.HeldOn(v.today):
			taken[seat.PersonID] = true
		case seat.From.After(v.today) && seat.To != seat.From:
			taken[seat.PersonID] = true
			coming := row(seat)
			coming.Coming = true
			page.Held = append(page.Held, coming)
		case seat.From.Before(seat.To):
			page.Past = append(page.Past, row(seat))
		}
	}
	slices.SortStableFunc(page.Past, func(a, b seatRow) int { return b.To.Compare(a.To) })
	page.Returned, page.Past = len(page.Past), page.Past[:min(len(page.Past), pastShown)]
	page.Pages = newPaging(len(page.Held), number, func(n int) string { return page.Here + "?page=" + strconv.Itoa(n) })
	page.Held = page.Held[page.Pages.From:page.Pages.To]
	page.People = seatOptions(v, taken)
	return screen{status: status, name: "seats", nav: "services", title: "seats.title", args: []any{"service", service.Name}, page: page}
}

// seatOptions are the people who are here and hold no seat yet.
func seatOptions(v *visit, taken map[models.ID]bool) []Option {
	var free []models.Person
	for _, p := range v.register.People {
		if p.HereOn(v.today) && !taken[p.ID] {
			free = append(free, p)
		}
	}
	words.SortBy(v.words, free, func(p models.Person) string { return p.Name })
	out := make([]Option, 0, len(free)+1)
	for _, p := range free {
		out = append(out, Option{typedID(p.ID), p.Name})
	}
	return out
}

func (w *Web) assignSeat(c echo.Context) error {
	s, service, err := subscriptionOf(c)
	if err != nil {
		return err
	}
	ctx, v := c.Request().Context(), visitOf(c)
	e := entry{Fields: fields(c, "person", "on")}
	person, on := e.id("person"), e.dayOr("on", v.today)
	if !e.bad.Has("on") && on.Before(s.StartedOn) {
		e.bad.Add("on", "not_before", "day", s.StartedOn)
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.AssignSeat(ctx, v.actor, s.ID, person, on)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.render(c, seatsScreen(v, status, s, service, f, 1)) })
	}
	after, err := w.store.Register(ctx, v.actor.Organisation)
	if err != nil {
		return err
	}
	p, _ := after.Person(person)
	n := Notice{Key: "seat_assigned", Args: []string{"name", p.Name, "service", service.Name}}
	now, _ := after.Subscription(s.ID)
	for _, seat := range now.Seats {
		if seat.PersonID == person && seat.From == on && seat.To.IsZero() {
			n.Undo = seatPath(s.ID, seat.ID, "release") + "?on=" + on.String()
		}
	}
	return w.done(c, subscriptionPath(s.ID, "seats"), n)
}

func seatPath(subscription, seat models.ID, rest ...string) string {
	return subscriptionPath(subscription, append([]string{"seats", typedID(seat)}, rest...)...)
}

// seatOf is the seat in the address, with its subscription and service.
func seatOf(c echo.Context) (s models.Subscription, service models.Service, seat models.Seat, err error) {
	s, service, err = subscriptionOf(c)
	if err != nil {
		return s, service, seat, err
	}
	id, err := pathID(c, "seat")
	if err != nil {
		return s, service, seat, err
	}
	for _, seat = range s.Seats {
		if seat.ID == id {
			return s, service, seat, nil
		}
	}
	return s, service, seat, models.ErrNotFound
}

func (w *Web) releaseSeat(c echo.Context) error {
	s, service, seat, err := seatOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "on")}
	on := e.dayOr("on", v.today)
	if err = e.bad.Err(); err == nil {
		err = w.store.FreeSeat(c.Request().Context(), v.actor, s.ID, seat.ID, on)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.render(c, seatsScreen(v, status, s, service, f, 1)) })
	}
	p, _ := v.register.Person(seat.PersonID)
	return w.done(c, subscriptionPath(s.ID, "seats"), Notice{
		Key: "seat_released", Args: []string{"name", p.Name, "service", service.Name}, Undo: seatPath(s.ID, seat.ID, "release", "undo"),
	})
}

func (w *Web) undoReleaseSeat(c echo.Context) error {
	s, service, seat, err := seatOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.UndoFreeSeat(c.Request().Context(), v.actor, s.ID, seat.ID); err != nil {
		typed := Fields{"person": typedID(seat.PersonID), "on": v.today.String()}
		return w.retry(c, err, typed, func(status int, f Form) error { return w.render(c, seatsScreen(v, status, s, service, f, 1)) })
	}
	p, _ := v.register.Person(seat.PersonID)
	return w.done(c, subscriptionPath(s.ID, "seats"), Notice{Key: "seat_restored", Args: []string{"name", p.Name, "service", service.Name}})
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// departurePage says what somebody's leaving frees before it is noted.
type departurePage struct {
	Form         Form
	Person       models.Person
	Seats        []heldRow // freed that day
	Owns         []string  // services left without anybody who answers for them
	Action, Back string
}

func (w *Web) departurePage(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	return w.showDeparture(c, http.StatusOK, p, Form{Fields: Fields{"on": visitOf(c).today.String()}})
}

func (w *Web) showDeparture(c echo.Context, status int, p models.Person, f Form) error {
	v := visitOf(c)
	page := departurePage{Form: f, Person: p, Action: personPath(p.ID, "departure"), Back: personPath(p.ID)}
	page.Seats, page.Owns = freedBy(v, p)
	return w.render(c, screen{status: status, name: "departure", nav: "people", title: "people.departure", args: []any{"name", p.Name}, page: page})
}

// freedBy is what a person's leaving frees: seats, and services that nobody answers for then.
func freedBy(v *visit, p models.Person) (seats []heldRow, owns []string) {
	r := v.register
	for _, h := range r.CostByPerson(v.today)[p.ID].Held {
		seats = append(seats, newCostRow(v, h))
	}
	for _, s := range r.Subscriptions {
		if service, ok := r.Service(s.ServiceID); ok && s.OwnerID == p.ID && s.RunsOn(v.today) {
			owns = append(owns, service.Name)
		}
	}
	return seats, owns
}

func (w *Web) personLeaves(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "on")}
	on := e.day("on")
	if on.IsZero() && !e.bad.Has("on") {
		e.bad.Add("on", "date.empty")
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.PersonLeaves(c.Request().Context(), v.actor, p.ID, on)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showDeparture(c, status, p, f) })
	}
	return w.done(c, "/people", Notice{Key: "person_left", Args: []string{"name", p.Name, "day", v.words.DayLong(on)}, Undo: personPath(p.ID, "return") + "?undo=on"})
}

func (w *Web) personReturns(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	back, key := w.store.PersonReturns, "person_returned"
	if c.QueryParam("undo") != "" { // as if they had never left
		back, key = w.store.UndoPersonLeaves, "person_stays"
	}
	if err := back(c.Request().Context(), visitOf(c).actor, p.ID); err != nil {
		return err
	}
	return w.done(c, personPath(p.ID), Notice{Key: key, Args: []string{"name", p.Name}})
}

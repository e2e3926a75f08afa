package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

func (w *Web) organisationsRoutes(g *echo.Group) {
	g.POST("/organisations/switch", w.switchOrganisation)
	g.GET("/account/leave", w.leavePage, w.fresh)
	g.POST("/account/leave", w.leave, w.fresh)
}

// membershipLine is one organisation of the visitor's account.
type membershipLine struct {
	store.Membership
	Here bool // looked at now
}

func (w *Web) membershipLines(c echo.Context) ([]membershipLine, error) {
	v := visitOf(c)
	list, err := w.store.Memberships(c.Request().Context(), v.actor.Account)
	if err != nil {
		return nil, err
	}
	lines := make([]membershipLine, len(list))
	for i, m := range list {
		lines[i] = membershipLine{m, m.Organisation == v.actor.Organisation}
	}
	return lines, nil
}

// switchOrganisation turns the visitor's session to another organisation of their account. One they are no person of is
// not found, like one that is not there.
func (w *Web) switchOrganisation(c echo.Context) error {
	e := entry{Fields: fields(c, "organisation")}
	org := e.id("organisation")
	if len(e.bad) > 0 || org == 0 {
		return models.ErrNotFound
	}
	ctx := c.Request().Context()
	if err := w.store.SwitchOrganisation(ctx, visitOf(c).token, org); err != nil {
		return err
	}
	r, err := w.store.Register(ctx, org)
	if err != nil {
		return err
	}
	return w.done(c, "/", Notice{Key: "organisation_switched", Args: []string{"organisation", r.Organisation.Name}})
}

// leavePage says what one's own leaving means before it is done.
type leavePage struct {
	Form  Form
	Seats []heldRow
	Owns  []string // services looked after, that nobody will then
	Other bool     // another organisation is left to look at
}

func (w *Web) leavePage(c echo.Context) error { return w.showLeave(c, http.StatusOK, Form{}) }

func (w *Web) showLeave(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	me, ok := v.register.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	page := leavePage{Form: f, Other: v.several}
	d := v.register.DepartureOf(me.ID, v.today)
	for _, h := range d.Held {
		page.Seats = append(page.Seats, newCostRow(v, h))
	}
	for _, care := range d.Cares {
		if !slices.Contains(page.Owns, care.Service.Name) {
			page.Owns = append(page.Owns, care.Service.Name)
		}
	}
	return w.render(c, screen{status: status, name: "leave", nav: "account", title: "leave.title", args: []any{"organisation", v.register.Organisation.Name}, page: page})
}

// leave ends the visitor's membership today. Their session goes on in another organisation of theirs, or ends.
func (w *Web) leave(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	if err := w.store.PersonLeaves(ctx, v.actor, v.actor.Person, v.today); err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showLeave(c, status, f) })
	}
	n := Notice{Key: "left", Args: []string{"organisation", v.register.Organisation.Name}}
	if v.several {
		return w.done(c, "/", n)
	}
	w.setCookie(c, "session", "", 0)
	return w.done(c, "/sign-in", n)
}

package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// ownSeatsPage is what the visitor has to work with: their places, what is there for everybody, what they answer for.
type ownSeatsPage struct {
	Held    []ownSeat
	Shared  []ownSeat // used by whoever likes, no place is in anybody's name
	Answers []ownDuty
	Past    []heldRow
}

// ownSeat is one service as somebody who works with it needs it.
type ownSeat struct {
	Name, Link, About string
	Plan              string
	Function          string
	Since             cal.Date // zero for what is there for everybody
	Open              string   // where one signs in
	Facts             []string
	Ends              string // when it ends; empty while it goes on
}

// ownDuty is a service the visitor answers for, with what comes next.
type ownDuty struct{ Name, Link, Plan, Next string }

func (w *Web) ownSeatRoutes(g *echo.Group) {
	g.GET("/seats/own", w.ownSeats)
}

// ownSeats is of one person: it is not kept for others.
func (w *Web) ownSeats(c echo.Context) error {
	page := newOwnSeats(visitOf(c))
	return w.render(c, screen{status: http.StatusOK, name: "own-seats", nav: "own", title: "own.title", page: page})
}

func newOwnSeats(v *visit) ownSeatsPage {
	r, me := v.register, v.actor.Person
	var page ownSeatsPage
	for _, l := range inUse(r.Lines(v.today)) {
		s := &l.Subscription
		switch at := slices.IndexFunc(s.Seats, func(seat models.Seat) bool { return seat.PersonID == me && seat.HeldOn(v.today) }); {
		case at >= 0:
			seat := newOwnSeat(v, &l)
			seat.Since = s.Seats[at].From
			page.Held = append(page.Held, seat)
		case !l.Terms.PerSeat && l.Held == 0 && l.Standing == models.InUse:
			page.Shared = append(page.Shared, newOwnSeat(v, &l))
		}
		if s.OwnerID == me {
			next, _ := nextOf(v, &l)
			page.Answers = append(page.Answers, ownDuty{l.Service.Name, servicePath(l.Service.ID), l.Plan.Name, next})
		}
	}
	for _, s := range r.Subscriptions {
		for _, seat := range s.Seats {
			if seat.PersonID == me && !seat.To.IsZero() && !seat.HeldOn(v.today) && seat.From.Before(seat.To) {
				page.Past = append(page.Past, newHeldRow(r, s, seat))
			}
		}
	}
	words.SortBy(v.words, page.Held, func(s ownSeat) string { return s.Name })
	words.SortBy(v.words, page.Shared, func(s ownSeat) string { return s.Name })
	words.SortBy(v.words, page.Answers, func(d ownDuty) string { return d.Name })
	slices.SortStableFunc(page.Past, func(a, b heldRow) int { return b.To.Compare(a.To) })
	return page
}

func newOwnSeat(v *visit, l *models.Line) ownSeat {
	w, a := v.words, l.Service.Access
	f, _ := v.register.Function(l.Service.FunctionID)
	seat := ownSeat{Name: l.Service.Name, Link: servicePath(l.Service.ID), About: l.Service.About, Plan: l.Plan.Name, Function: f.Name}
	if strings.HasPrefix(l.Service.URL, "https://") || strings.HasPrefix(l.Service.URL, "http://") {
		seat.Open = l.Service.URL
	}
	if name := whomToAsk(v, l); name != "" {
		seat.Facts = append(seat.Facts, w.T("own.ask", "name", name))
	}
	if a.Offline != models.ExtentUnknown {
		seat.Facts = append(seat.Facts, w.T("own.offline", "extent", w.Kind("offline", string(a.Offline))))
	}
	switch s := l.Subscription; {
	case !s.EndsOn.IsZero():
		seat.Ends = w.T("own.ends", "day", lastDay(s.EndsOn))
	case !l.Service.ClosesOn.IsZero():
		seat.Ends = w.T("own.closes", "day", l.Service.ClosesOn)
	}
	return seat
}

// whomToAsk is who is asked about a service: its referent, else who answers for it; nobody who has left, nor oneself.
func whomToAsk(v *visit, l *models.Line) string {
	for _, id := range []models.ID{l.Service.Access.Referent, l.Subscription.OwnerID} {
		if p, ok := v.register.Person(id); ok && p.HereOn(v.today) {
			if id == v.actor.Person {
				return ""
			}
			return p.Name
		}
	}
	return ""
}

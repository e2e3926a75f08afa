package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

func (w *Web) seatBoardRoutes(g *echo.Group) {
	g.GET("/seats", w.seatBoard)
	w.ownSeatRoutes(g)
	g.GET("/people/:id/arrival", w.arrivalPage, mayEdit)
	g.POST("/people/:id/arrival", w.giveSeats, mayEdit)
	g.POST("/people/:id/arrival/undo", w.undoGiveSeats, mayEdit)
}

// seatBoardPage is who holds which places, and what those nobody holds cost.
type seatBoardPage struct {
	Heading  []words.Part
	Board    models.SeatBoard
	Empty    []boardLine // with free places, the dearest first
	Lines    []boardLine // those with places, by service
	People   []boardPerson
	Pages    paging // of People
	Shown    string
	Seatless []boardName
	Unlisted []boardName // services paid as a whole of which nobody is put down as a user
	Held     int         // places held, of all lines
	Holders  int         // people who hold one
}

type boardLine struct {
	models.SeatLine
	Name, Link string // of the service
	Plan       string
	Seats      string // address of its seats
	Who        []string
	Shared     bool // one price for everybody
}

type boardName struct{ Name, Link string }

type boardPerson struct {
	models.PersonSeats
	Link  string
	Holds []string // services and since when
	Gone  bool
}

func (w *Web) seatBoard(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "seat-board", nav: "people", title: "board.title", page: newSeatBoardPage(visitOf(c), pageNumber(c))}, nil
	})
}

func newSeatBoardPage(v *visit, number int) seatBoardPage {
	w := v.words
	b := v.register.SeatBoard(v.today)
	page := seatBoardPage{Board: b, Heading: w.Parts("board.heading_none")}
	for i := range b.Lines {
		l := newBoardLine(v, b.Lines[i])
		page.Held += l.Held
		if l.Free > 0 {
			page.Empty = append(page.Empty, l)
		}
		switch {
		case l.Held+l.Paid > 0:
			page.Lines = append(page.Lines, l)
		case l.Yearly.IsPositive() || !l.Complete:
			page.Unlisted = append(page.Unlisted, boardName{l.Name, l.Seats})
		}
	}
	slices.SortStableFunc(page.Empty, func(a, b boardLine) int { return b.FreeYearly.Cmp(a.FreeYearly) })
	if w.Conceals() {
		words.SortBy(w, page.Empty, func(l boardLine) string { return l.Name })
	}
	sortNames(v, page.Unlisted)
	words.SortBy(w, page.Lines, func(l boardLine) string { return l.Name })
	switch n := b.FreePlaces(); {
	case w.Conceals():
		page.Heading = w.Parts("board.heading_plain", "held", w.N("people.held", page.Held))
	case n > 0:
		page.Heading = w.Parts("board.heading", "count", w.N("board.free", n), "amount", w.Money(b.Free))
	}
	var holders []boardPerson
	for _, p := range b.People {
		link := personPath(p.Person.ID)
		if len(p.Held) == 0 {
			page.Seatless = append(page.Seatless, boardName{p.Person.Name, link})
		} else {
			holders = append(holders, boardPerson{PersonSeats: p, Link: link, Gone: !p.Person.HereOn(v.today)})
		}
	}
	words.SortBy(w, holders, func(p boardPerson) string { return p.Person.Name })
	words.SortBy(w, page.Seatless, func(n boardName) string { return n.Name })
	page.Holders = len(holders)
	page.Pages = newPaging(len(holders), number, func(n int) string { return "/seats?page=" + strconv.Itoa(n) })
	if page.Pages.Long() {
		page.Shown = w.T("renewals.shown", "first", page.Pages.First(), "last", page.Pages.To, "count", page.Pages.Of)
	}
	page.People = holders[page.Pages.From:page.Pages.To]
	for i := range page.People {
		page.People[i].Holds = holdings(v, page.People[i].Held)
	}
	return page
}

func newBoardLine(v *visit, l models.SeatLine) boardLine {
	service, _ := v.register.Service(l.Subscription.ServiceID)
	plan, _ := v.register.Plan(l.Subscription.PlanID)
	line := boardLine{
		SeatLine: l, Name: service.Name, Link: servicePath(service.ID), Plan: plan.Name,
		Seats: subscriptionPath(l.Subscription.ID, "seats"), Shared: l.Paid == 0 && l.Yearly.IsPositive(),
	}
	held := map[cal.Date][]string{}
	for _, p := range l.Places {
		if person, ok := v.register.Person(p.Seat.PersonID); ok {
			held[p.Seat.From] = append(held[p.Seat.From], person.Name)
		}
	}
	line.Who = sinceWhen(v, held)
	return line
}

// holdings are the services of a person's places, those held since the same day together.
func holdings(v *visit, held []models.Held) []string {
	by := map[cal.Date][]string{}
	for _, h := range held {
		service, _ := v.register.Service(h.Subscription.ServiceID)
		by[h.Seat.From] = append(by[h.Seat.From], service.Name)
	}
	return sinceWhen(v, by)
}

// sinceWhen puts names that share a day on one line, the earliest first; of many names the first few.
func sinceWhen(v *visit, by map[cal.Date][]string) []string {
	const most = 8
	days := make([]cal.Date, 0, len(by))
	for d := range by {
		days = append(days, d)
	}
	slices.SortFunc(days, cal.Date.Compare)
	lines := make([]string, 0, len(days))
	for _, d := range days {
		names := by[d]
		slices.SortFunc(names, v.words.Compare)
		if len(names) > most+1 {
			names = append(names[:most:most], v.words.N("board.more", len(names)-most))
		}
		lines = append(lines, v.words.T("board.since", "names", v.words.List(names), "day", d))
	}
	return lines
}

package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/token"
	"enveloppe/templates/words"
)

func (w *Web) calendarRoutes(g *echo.Group) {
	g.GET("/renewals.ics", w.downloadCalendar)
	g.GET("/account/calendars", w.calendars)
	g.POST("/account/calendars", w.makeCalendar, w.fresh)
}

// What the choices of the form are called.
const (
	showsAll     = "all"
	showsMine    = "mine"
	forMe        = "me"
	forEverybody = "organisation"
)

// calendarsPage is the addresses that calendar programs of the visitor read, and the form for another.
type calendarsPage struct {
	Form    Form
	Own     []feedLine
	Shared  []feedLine // the organisation's, for directors
	Answers int        // subscriptions the visitor answers for
	Amounts bool       // the visitor reads amounts
	Outside bool       // servers elsewhere can reach the address
}

// feedLine is one address, without the address: nobody can show it again.
type feedLine struct {
	models.Token
	Link     string // of the page that takes it back
	Language string
	MadeOn   cal.Date
	Used     time.Time
	Expired  bool
	Maker    string // of the organisation's: who made it
}

func (w *Web) calendars(c echo.Context) error {
	v := visitOf(c)
	f := Fields{"whose": forMe, "shows": showsAll, "lang": string(v.lang)}
	if v.amounts {
		f["amounts"] = "on"
	}
	own, err := w.ownTokens(c)
	if err != nil {
		return err
	}
	if len(own) == 0 {
		f["name"] = v.words.T("calendars.name_first")
	}
	return w.showCalendars(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showCalendars(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	all, err := w.store.Tokens(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	page := calendarsPage{Form: f, Amounts: v.amounts, Outside: w.Base.Scheme == "https"}
	for _, s := range v.register.Subscriptions {
		if s.OwnerID == v.actor.Person && !s.Over(v.today) {
			page.Answers++
		}
	}
	for _, t := range all {
		switch {
		case t.Scope != models.ScopeCalendar:
		case t.PersonID == v.actor.Person:
			page.Own = append(page.Own, newFeedLine(v, t))
		case t.PersonID == 0 && v.actor.Role.MayManage():
			page.Shared = append(page.Shared, newFeedLine(v, t))
		}
	}
	return w.render(c, screen{status: status, name: "calendars", nav: "account", title: "calendars.title", page: page})
}

func newFeedLine(v *visit, t models.Token) feedLine {
	line := feedLine{
		Token: t, Link: tokenPath(t.ID) + "/revocation", Language: v.words.T("calendars.in." + string(t.Feed.Lang)),
		MadeOn: v.register.Organisation.Today(t.MadeAt), Expired: t.Expired(v.today),
	}
	if !t.UsedAt.IsZero() {
		line.Used = t.UsedAt.In(v.register.Organisation.Location())
	}
	if !v.amounts { // whatever it was made with
		line.Feed.Amounts = false
	}
	if p, ok := v.register.Person(t.MadeBy); ok && t.PersonID == 0 {
		line.Maker = p.Name
	}
	return line
}

// calendarAddressPage hands an address over: it is shown this once.
type calendarAddressPage struct {
	Name    string
	Link    string
	Outside bool
}

// makeCalendar makes an address for a calendar program, and shows it. A name serves once, so that a button pressed twice
// makes no second address that nobody sees.
func (w *Web) makeCalendar(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "whose", "shows", "amounts", "lang", "expires_on")}
	t, err := calendarAsked(v, &e)
	if err != nil {
		return err
	}
	all, err := w.store.Tokens(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(o models.Token) bool { return o.PersonID == t.PersonID && words.Fold(o.Name) == words.Fold(t.Name) }) {
		e.bad.Add("name", "duplicate")
	}
	text, hash := token.New(t.Scope)
	if err = e.bad.Err(); err == nil {
		_, err = w.store.MakeToken(c.Request().Context(), v.actor, t, hash)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showCalendars(c, status, f) })
	}
	w.tellOwner(c, v.actor.Account, "calendar_made", "calendar", t.Name, "organisation", v.register.Organisation.Name)
	page := calendarAddressPage{Name: t.Name, Link: w.feedAddress(text), Outside: w.Base.Scheme == "https"}
	return w.render(c, screen{status: http.StatusCreated, name: "calendar-address", nav: "account", title: "calendars.address_title", page: page})
}

// calendarAsked is the token of the calendar that the form asks for; what is wrong with it is noted in the entry.
func calendarAsked(v *visit, e *entry) (models.Token, error) {
	t := models.Token{
		PersonID: v.actor.Person, Name: e.text("name"), Scope: models.ScopeCalendar, ExpiresOn: e.day("expires_on"),
		Feed: models.Feed{Mine: e.text("shows") == showsMine, Amounts: e.tick("amounts") && v.amounts, Lang: models.Lang(e.text("lang"))},
	}
	if !t.Feed.Mine && e.text("shows") != showsAll {
		e.bad.Add("shows", "choose")
	}
	if e.text("whose") == forEverybody {
		if !v.actor.Role.MayManage() {
			return t, models.ErrForbidden
		}
		if t.PersonID = 0; t.Feed.Mine {
			e.bad.Add("shows", "feed.mine")
		}
	}
	e.merge(t.Check(v.today), map[string]string{"mine": "shows"})
	return t, nil
}

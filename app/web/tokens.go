package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/token"
	"enveloppe/templates/words"
)

func (w *Web) tokenRoutes(g *echo.Group) {
	g.GET("/account/tokens", w.myTokens, w.fresh)
	g.POST("/account/tokens", w.makeToken, w.fresh)
	g.GET("/account/tokens/:id/revocation", w.revocationPage, w.fresh)
	g.POST("/account/tokens/:id/revocation", w.revokeToken, w.fresh)
	g.GET("/tokens", w.allTokens, mayManage, w.fresh)
}

// tokensPage is one's own tokens, and the form for another.
type tokensPage struct {
	Form   Form
	Scopes []scopeOption
	Rows   []tokenRow
	Reads  bool // amounts are shown to this person
}

// scopeOption is what a token can be for.
type scopeOption struct{ Value, Label, Hint string }

// tokenRow is one token in a list.
type tokenRow struct {
	models.Token
	Path    string   // where it is revoked
	Owner   string   // who has it; the organisation's name for its own
	UsedOn  cal.Date // zero while it was never used
	Expired bool
	Idle    bool // its owner's role can make no use of it as it is now
}

// tokenRows are tokens in the order of their owners' names, then of their own.
func tokenRows(v *visit, list []models.Token) []tokenRow {
	zone := v.register.Organisation.Location()
	rows := make([]tokenRow, 0, len(list))
	for _, t := range list {
		row := tokenRow{
			Token: t, Path: tokenPath(t.ID) + "/revocation", Owner: v.register.Organisation.Name, Expired: t.Expired(v.today),
		}
		if p, ok := v.register.Person(t.PersonID); ok {
			row.Owner, row.Idle = p.Name, !p.Role.MayHold(t.Scope)
		}
		if !t.UsedAt.IsZero() {
			row.UsedOn = cal.Of(t.UsedAt.In(zone))
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b tokenRow) int {
		return cmp.Or(v.words.Compare(a.Owner, b.Owner), v.words.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

func tokenPath(id models.ID) string { return "/account/tokens/" + typedID(id) }

// ownTokens are the visitor's.
func (w *Web) ownTokens(c echo.Context) ([]models.Token, error) {
	v := visitOf(c)
	all, err := w.store.Tokens(c.Request().Context(), v.actor.Organisation)
	return slices.DeleteFunc(all, func(t models.Token) bool { return t.PersonID != v.actor.Person }), err
}

// usualLife is how long a token is good unless somebody says otherwise.
const usualLife = 12 // months

func (w *Web) myTokens(c echo.Context) error {
	f := Fields{"scope": string(models.ScopeRead), "expires_on": visitOf(c).today.AddMonths(usualLife).String()}
	return w.showTokens(c, http.StatusOK, Form{Fields: f})
}

func (w *Web) showTokens(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	own, err := w.ownTokens(c)
	if err != nil {
		return err
	}
	page := tokensPage{Form: f, Rows: tokenRows(v, own), Reads: v.register.Organisation.ShowsAmounts(v.actor.Role)}
	for _, s := range []models.TokenScope{models.ScopeRead, models.ScopeWrite} {
		if v.actor.Role.MayHold(s) {
			page.Scopes = append(page.Scopes, scopeOption{string(s), v.words.Kind("scope", string(s)), v.words.T("tokens.scope." + string(s))})
		}
	}
	return w.render(c, screen{status: status, name: "tokens", nav: "account", title: "tokens.title", page: page})
}

// newTokenPage shows a token, the only time it is shown.
type newTokenPage struct {
	models.Token
	Text    string
	Example string // a first request
}

// makeToken makes a token and shows it. A name serves once, so that a button pressed twice makes no second one that
// nobody sees.
func (w *Web) makeToken(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "scope", "expires_on")}
	t := models.Token{
		PersonID: v.actor.Person, Name: e.text("name"), Scope: models.TokenScope(e.text("scope")), ExpiresOn: e.day("expires_on"),
	}
	if t.Scope == models.ScopeCalendar { // made where one says what it shows
		t.Scope = ""
	}
	e.merge(t.Check(v.today), nil)
	own, err := w.ownTokens(c)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(own, func(o models.Token) bool { return words.Fold(o.Name) == words.Fold(t.Name) }) {
		e.bad.Add("name", "duplicate")
	}
	text, hash := token.New(t.Scope)
	if err = e.bad.Err(); err == nil {
		t.ID, err = w.store.MakeToken(c.Request().Context(), v.actor, t, hash)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showTokens(c, status, f) })
	}
	w.tellOwner(c, v.actor.Account, "token_made", "token", t.Name, "organisation", v.register.Organisation.Name)
	page := newTokenPage{Token: t, Text: text, Example: `curl --header "Authorization: Bearer ` + text + `" ` + w.address("/api/v1/organisation")}
	return w.render(c, screen{status: http.StatusCreated, name: "token-new", nav: "account", title: "tokens.new_title", page: page})
}

type revocationPage struct {
	Form Form
	Row  tokenRow
	Mine bool
	Back string
}

// askedToken is the one in the address, for its owner and for directors; nobody else learns that it is there.
func (w *Web) askedToken(c echo.Context) (revocationPage, error) {
	v := visitOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return revocationPage{}, err
	}
	all, err := w.store.Tokens(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return revocationPage{}, err
	}
	for _, row := range tokenRows(v, all) {
		mine := row.PersonID == v.actor.Person
		switch {
		case row.ID != id:
		case row.Scope == models.ScopeCalendar && (mine || row.PersonID == 0 && v.actor.Role.MayManage()):
			return revocationPage{Row: row, Mine: mine, Back: "/account/calendars"}, nil
		case mine:
			return revocationPage{Row: row, Mine: true, Back: "/account/tokens"}, nil
		case v.actor.Role.MayManage():
			return revocationPage{Row: row, Back: "/tokens"}, nil
		}
	}
	return revocationPage{}, models.ErrNotFound
}

func (w *Web) revocationPage(c echo.Context) error {
	page, err := w.askedToken(c)
	if err != nil {
		return err
	}
	return w.render(c, screen{status: http.StatusOK, name: "token-revocation", nav: "account", title: "tokens.revoke_title", args: []any{"token", page.Row.Name}, page: page})
}

func (w *Web) revokeToken(c echo.Context) error {
	page, err := w.askedToken(c)
	if err != nil {
		return err
	}
	if err := w.store.RevokeToken(c.Request().Context(), visitOf(c).actor, page.Row.ID); err != nil {
		return err
	}
	return w.done(c, page.Back, Notice{Key: "token_revoked", Args: []string{"token", page.Row.Name}})
}

// allTokensPage is every token of the organisation, for directors.
type allTokensPage struct{ Rows []tokenRow }

func (w *Web) allTokens(c echo.Context) error {
	v := visitOf(c)
	all, err := w.store.Tokens(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	page := allTokensPage{Rows: tokenRows(v, all)}
	return w.render(c, screen{status: http.StatusOK, name: "tokens-all", nav: "people", title: "tokens.all_title", page: page})
}

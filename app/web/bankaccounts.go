package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

func (w *Web) bankAccountRoutes(g *echo.Group) {
	g.GET("/bank-accounts/:id", w.bankAccountPage, mayExport)
	g.POST("/bank-accounts/:id", w.saveBankAccount, mayEdit)
	g.GET("/bank-accounts/:id/edit", w.editBankAccount, mayEdit)
	g.POST("/bank-accounts/:id/layout/removal", w.forgetLayout, mayEdit)
	g.POST("/bank-accounts/:id/removal", w.removeBankAccount, mayEdit)
}

// The states lines are narrowed to.
const (
	linesOpen  = "open"
	linesPaid  = "paid"
	linesAside = "aside"
)

// bankAccountPage is an account with its lines, the latest first.
type bankAccountPage struct {
	Account models.BankAccount
	Ending  string
	Filter  lineFilter
	States  []Option
	Lines   []lineRow
	Older   string // address of the lines before these; empty at the end
	Newest  string // address of the first page; empty on it
	Address string
	Narrow  bool
}

// lineFilter is what the lines are narrowed to, as it stands in the address.
type lineFilter struct{ State, Query string }

func askedBankAccount(c echo.Context) (models.BankAccount, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.BankAccount{}, err
	}
	a, ok := bankAccount(visitOf(c), id)
	if !ok {
		return a, models.ErrNotFound
	}
	return a, nil
}

func bankAccountPath(id models.ID) string { return "/bank-accounts/" + typedID(id) }

func lineStates(w *words.Words) []Option {
	return []Option{
		{"", w.T("banklines.state.all")},
		{linesOpen, w.T("banklines.state.open")},
		{linesPaid, w.T("banklines.state.paid")},
		{linesAside, w.T("banklines.state.aside")},
	}
}

func (w *Web) bankAccountPage(c echo.Context) error {
	a, err := askedBankAccount(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := bankAccountPage{
		Account: a, Ending: ending(a.Number), Filter: lineFilter{State: c.QueryParam("state"), Query: strings.TrimSpace(c.QueryParam("q"))},
		States: lineStates(v.words), Address: c.Request().URL.RequestURI(),
	}
	if !slices.ContainsFunc(page.States, func(o Option) bool { return o.Value == page.Filter.State }) {
		return models.ErrNotFound
	}
	page.Narrow = page.Filter != lineFilter{}
	before := queryID(c, "before")
	lines, err := w.store.BankLines(c.Request().Context(), v.actor.Organisation, store.BankLineFilter{
		Account: a.ID, State: page.Filter.State, Text: page.Filter.Query, Before: before, Limit: pageSize + 1,
	})
	if err != nil {
		return err
	}
	if len(lines) > pageSize {
		lines = lines[:pageSize]
		page.Older = page.at(lines[pageSize-1].ID)
	}
	if before != 0 {
		page.Newest = page.at(0)
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, newLineRow(v, l))
	}
	return w.render(c, screen{status: http.StatusOK, name: "bank-account", nav: "payments", title: "bankaccounts.title", args: []any{"name", a.Name}, page: page})
}

// at is the address of the lines before one, narrowed likewise.
func (page *bankAccountPage) at(before models.ID) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": page.Filter.State, "q": page.Filter.Query, "before": typedID(before)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return bankAccountPath(page.Account.ID)
	}
	return bankAccountPath(page.Account.ID) + "?" + q.Encode()
}

// bankAccountForm changes what is kept of an account.
type bankAccountForm struct {
	Form    Form
	Account models.BankAccount
	Ending  string
	Layout  []layoutFact // how its files are read; empty when nothing is remembered
	Used    int          // 1 when it has lines
}

func (w *Web) editBankAccount(c echo.Context) error {
	a, err := askedBankAccount(c)
	if err != nil {
		return err
	}
	return w.showBankAccountForm(c, a, http.StatusOK, Form{Fields: Fields{"version": typedVersion(a.Version), "name": a.Name}})
}

func (w *Web) showBankAccountForm(c echo.Context, a models.BankAccount, status int, f Form) error {
	v := visitOf(c)
	page := bankAccountForm{Form: f, Account: a, Ending: ending(a.Number)}
	if l := layoutOf(a.Layout); l != nil {
		page.Layout = layoutFacts(v, *l)
	}
	lines, err := w.store.BankLines(c.Request().Context(), v.actor.Organisation, store.BankLineFilter{Account: a.ID, Limit: 1})
	if err != nil {
		return err
	}
	page.Used = len(lines)
	return w.render(c, screen{status: status, name: "bank-account-edit", nav: "payments", title: "bankaccounts.edit_title", args: []any{"name", a.Name}, page: page})
}

func (w *Web) saveBankAccount(c echo.Context) error {
	a, err := askedBankAccount(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name")}
	changed := a
	changed.Name, changed.Version = e.text("name"), e.version()
	if err := w.store.SaveBankAccount(c.Request().Context(), visitOf(c).actor, changed); err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showBankAccountForm(c, a, status, f) })
	}
	return w.done(c, bankAccountPath(a.ID), Notice{Key: "item_saved", Args: []string{"name", changed.Name}})
}

// forgetLayout lets the next file of the account be looked at anew.
func (w *Web) forgetLayout(c echo.Context) error {
	a, err := askedBankAccount(c)
	if err != nil {
		return err
	}
	a.Layout = ""
	if err := w.store.SaveBankAccount(c.Request().Context(), visitOf(c).actor, a); err != nil {
		return err
	}
	return w.done(c, bankAccountPath(a.ID)+"/edit", Notice{Key: "layout_forgotten", Args: []string{"name", a.Name}})
}

func (w *Web) removeBankAccount(c echo.Context) error {
	a, err := askedBankAccount(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveBankAccount(c.Request().Context(), visitOf(c).actor, a.ID); err != nil {
		return err
	}
	return w.done(c, "/statements", Notice{Key: "item_removed", Args: []string{"name", a.Name}})
}

package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// bookkeepingPage is how the books are kept: what only the accountant can say.
type bookkeepingPage struct {
	Tabs      []bookTab
	Form      Form
	Books     models.Bookkeeping // as kept, for who may only read
	Journals  []bookField
	Accounts  []bookField
	Methods   []methodEffect
	Year      cal.FiscalYear
	Functions []functionAccount
	Own       []subscriptionAccount // that override their function's
	Given     bool                  // accounts are closed, or a file of entries was handed out: what changes here changes those, too
}

// bookField is one code or account of the books with what it is for.
type bookField struct {
	Name, Label, Value string
	Called             string // the numbers a journal gives, or what the French chart calls an account
}

type functionAccount struct {
	models.Function
	Called string
}

type subscriptionAccount struct {
	Service, Account, Called string
	ID                       models.ID
}

// bookFields are the names of the fields, each with where it is kept.
func bookFields(b *models.Bookkeeping) (journals, accounts map[string]*string) {
	return map[string]*string{"purchase_journal": &b.PurchaseJournal, "closing_journal": &b.ClosingJournal, "bank_journal": &b.BankJournal},
		map[string]*string{"supplier": &b.Supplier, "deductible": &b.Deductible, "due_vat": &b.DueVAT, "prepaid": &b.PrepaidAcct, "bank": &b.Bank}
}

// The fields in the order of the form.
var (
	journalFields = []string{"purchase_journal", "closing_journal", "bank_journal"}
	accountFields = []string{"supplier", "deductible", "due_vat", "prepaid", "bank"}
)

func (w *Web) bookkeepingPage(c echo.Context) error {
	v := visitOf(c)
	o := v.register.Organisation
	b := o.Books.OrDefault()
	f := Fields{
		"version": typedVersion(o.Version), "method": string(b.Method), "settlements": typedTick(b.Settlements), "threshold": v.words.MoneyInput(b.Threshold),
	}
	journals, accounts := bookFields(&b)
	for _, fields := range []map[string]*string{journals, accounts} {
		for name, at := range fields {
			f[name] = *at
		}
	}
	return w.showBookkeeping(c, http.StatusOK, Form{Fields: f}, o.Books)
}

// showBookkeeping shows the form; the effects of the ways to spread are worked out under the settings given.
func (w *Web) showBookkeeping(c echo.Context, status int, f Form, b models.Bookkeeping) error {
	v := visitOf(c)
	r := v.register
	kept := r.Organisation.Books.OrDefault()
	page := bookkeepingPage{
		Form: f, Books: kept, Methods: methodEffects(v, b), Year: r.Year(v.today),
		Tabs: bookTabs(v, newBookPeriod(v, reports.Whole(r.Year(v.today)), false), bookSettings),
		Given: !r.ClosedThrough().IsZero() || slices.ContainsFunc(r.Exports, func(m models.ExportMark) bool {
			return slices.Contains(reports.EntryFiles(), m.Kind)
		}),
	}
	journals, accounts := bookFields(&kept)
	for _, name := range journalFields {
		code := *journals[name]
		page.Journals = append(page.Journals, bookField{
			Name: name, Label: v.words.T("bookkeeping." + name), Value: code, Called: v.words.T("bookkeeping.numbers", "first", code+"-1", "second", code+"-2"),
		})
	}
	for _, name := range accountFields {
		field := bookField{Name: name, Label: v.words.T("bookkeeping.account." + name), Value: *accounts[name]}
		if f.Error(name) == "" { // what is no account has no name either
			field.Called = reports.AccountName(cmp.Or(f.Value(name), *accounts[name]))
		}
		page.Accounts = append(page.Accounts, field)
	}
	for _, x := range r.Functions {
		page.Functions = append(page.Functions, functionAccount{x, reports.AccountName(cmp.Or(x.Account, models.DefaultAccount))})
	}
	for _, s := range r.Subscriptions {
		if s.Account != "" && !s.Over(v.today) {
			sv, _ := r.Service(s.ServiceID)
			page.Own = append(page.Own, subscriptionAccount{sv.Name, s.Account, reports.AccountName(s.Account), sv.ID})
		}
	}
	return w.render(c, screen{status: status, name: "bookkeeping", nav: "accounting", title: "bookkeeping.title", page: page})
}

// parseBookkeeping reads the form. What is typed as the default already is goes on standing for it.
func parseBookkeeping(e *entry) models.Bookkeeping {
	b := models.Bookkeeping{Settlements: e.tick("settlements"), Threshold: e.amount("threshold", money.EUR)}
	standard := models.Bookkeeping{}.OrDefault()
	journals, accounts := bookFields(&b)
	usualJournals, usualAccounts := bookFields(&standard)
	for name, at := range journals {
		*at = unlessUsual(strings.ToUpper(withoutSpaces(e.text(name))), *usualJournals[name])
	}
	for name, at := range accounts {
		*at = unlessUsual(withoutSpaces(e.text(name)), *usualAccounts[name])
	}
	if b.Method = models.PrepaidMethod(e.text("method")); b.Method == "" {
		e.bad.Add("method", "choose")
	}
	if b.Method == standard.Method {
		b.Method = ""
	}
	if b.Threshold.IsZero() {
		b.Threshold = money.Amount{}
	}
	e.merge(b.Check(), nil)
	return b
}

func unlessUsual(typed, usual string) string {
	if typed == usual {
		return ""
	}
	return typed
}

func (w *Web) saveBookkeeping(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, append(append([]string{"method", "settlements", "threshold"}, journalFields...), accountFields...)...)}
	b := parseBookkeeping(&e)
	err := e.bad.Err()
	if err == nil {
		err = w.store.SaveBookkeeping(c.Request().Context(), v.actor, b, e.version())
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showBookkeeping(c, status, f, v.register.Organisation.Books) })
	}
	return w.done(c, bookSettings, Notice{Key: "bookkeeping_saved"})
}

package web

import (
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// recurringRow is a debit that comes back and that nobody registered.
type recurringRow struct {
	models.Recurring
	Label    string // as the bank writes it, which people know it by; empty when the name is the same
	Register string // address of the form that registers the service, filled in
}

func newRecurringRow(v *visit, x models.Recurring) recurringRow {
	price := x.Amount
	if !x.Original.IsNone() { // the vendor's price; what the bank made of it moves with the rate
		price = x.Original
	}
	row := recurringRow{Recurring: x, Register: newServiceAddress(v, x.Lines[len(x.Lines)-1], price, x.Cadence, x.First)}
	if label := x.Lines[len(x.Lines)-1].Label; words.Fold(label) != words.Fold(x.Name) {
		row.Label = cutShort(label)
	}
	return row
}

// newServiceAddress is the form for a service that is paid, filled in with what a bank tells of it.
func newServiceAddress(v *visit, line models.BankLine, price money.Amount, every cal.Cadence, since cal.Date) string {
	q := url.Values{
		"name": {cutShort(line.Name())}, "tier": {string(models.Premium)}, "price": {v.words.MoneyInput(price)}, "currency": {string(price.Currency())},
		"every": {strconv.Itoa(every.Every)}, "unit": {string(every.Unit)}, "started_on": {since.String()}, "to": {"/statements/matching"},
	}
	if m, ok := v.register.MeansFor(line.Label); ok {
		q.Set("means", typedID(m.ID))
	}
	return "/services/new?" + q.Encode()
}

// setAsideLabel says that lines of a label are none of this program's business, those to come included.
func (w *Web) setAsideLabel(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "key", "to")}
	key := e.text("key")
	if key == "" {
		return models.ErrNotFound
	}
	n, err := w.store.SetAsideLabel(c.Request().Context(), v.actor, key)
	if err != nil {
		return err
	}
	return w.done(c, backToBank(e.text("to")), Notice{
		Key: "label_aside", Args: []string{"label", key, "lines", v.words.N("matching.aside_lines", n)},
		Undo: "/bank-labels/return?" + url.Values{"key": {key}}.Encode(),
	})
}

func (w *Web) takeBackLabel(c echo.Context) error {
	e := entry{Fields: fields(c, "key", "to")}
	key := e.text("key")
	if key == "" {
		return models.ErrNotFound
	}
	if err := w.store.TakeBackLabel(c.Request().Context(), visitOf(c).actor, key); err != nil {
		return err
	}
	return w.done(c, backToBank(e.text("to")), Notice{Key: "label_returned", Args: []string{"label", key}})
}

// backToBank is the page an act about lines came from; the matching when it does not say.
func backToBank(to string) string {
	if to = localPath(to); to == "/" {
		return "/statements/matching"
	}
	return to
}

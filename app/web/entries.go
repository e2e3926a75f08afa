package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// entriesPage is the entries of a period as the books will have them.
type entriesPage struct {
	Tabs          []bookTab
	Period        bookPeriod
	Closing       bool // those of account 486 are among them
	Entries       []entryView
	Debit, Credit money.Amount // of the whole period
	Out           int          // payments that have no euros and so no entry
	OutHref       string
	Pages         paging
}

// entryView is one entry with its lines, in the words of the files.
type entryView struct {
	Number, Journal string
	On              cal.Date
	Piece           string
	Href            string // of its payment
	Lines           []entryLineView
}

type entryLineView struct {
	models.EntryLine
	Name  string // of the account
	Label string
}

func (w *Web) entriesPage(c echo.Context) error {
	v := visitOf(c)
	p, wrong, err := askedPeriod(v, c.QueryParam)
	if err != nil {
		return err
	}
	closing := c.QueryParam("closing")
	if closing != "" && closing != "on" {
		return models.ErrNotFound
	}
	page := func() screen {
		page := newEntriesPage(v, newBookPeriod(v, p, wrong), closing != "", pageNumber(c))
		return screen{status: http.StatusOK, name: "entries", nav: "accounting", title: "entries.title", args: []any{"year", page.Period.Name}, page: page}
	}
	if wrong {
		s := page()
		s.status = http.StatusUnprocessableEntity
		return w.render(c, s)
	}
	return w.kept(c, func() (screen, error) { return page(), nil })
}

func newEntriesPage(v *visit, period bookPeriod, closing bool, number int) entriesPage {
	page := entriesPage{
		Tabs: bookTabs(v, period, bookEntries), Period: period, Closing: closing,
		Debit: money.Zero(money.EUR), Credit: money.Zero(money.EUR),
	}
	page.Out = len(reports.NotInJournal(v.register, period.Period))
	page.OutHref = "/payments?" + url.Values{"year": {period.Number}, "state": {stateUnconverted}}.Encode()
	l := reports.NewListing(v.register, period.Period, reports.Options{Closing: closing})
	count := 0
	for e := range l.Entries() {
		count++
		for _, line := range e.Lines {
			if !line.Debit.IsNone() {
				page.Debit = page.Debit.Add(line.Debit)
			}
			if !line.Credit.IsNone() {
				page.Credit = page.Credit.Add(line.Credit)
			}
		}
	}
	page.Pages = newPaging(count, number, func(n int) string {
		address := period.address(bookEntries, true)
		if closing {
			address += "&closing=on"
		}
		return address + "&page=" + strconv.Itoa(n)
	})
	at := 0
	for e := range l.Entries() {
		if at++; at > page.Pages.To {
			break
		}
		if at > page.Pages.From {
			page.Entries = append(page.Entries, newEntryView(l, e))
		}
	}
	return page
}

func newEntryView(l reports.Listing, e models.Entry) entryView {
	out := entryView{
		Number: l.Number(e), Journal: l.Journal(e), On: e.On, Piece: e.Piece, Href: "/payments/" + typedID(e.Payments[0].ID),
	}
	for _, line := range e.Lines {
		out.Lines = append(out.Lines, entryLineView{line, reports.AccountName(line.Account), l.About(e, line)})
	}
	return out
}

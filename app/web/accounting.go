package web

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

func (w *Web) accountingRoutes(g *echo.Group) {
	g.GET("/accounting", w.accountingPage, mayExport)
	g.GET("/exports/:kind", w.export, mayExport)
}

// accountingPage is the accountant's desk: one fiscal year, its files, and what they still lack.
type accountingPage struct {
	Year      cal.FiscalYear
	Years     []yearTab
	Files     []reports.File
	Encodings []Option
	Readers   []Option
	Payments  int // that stand, in the year
	Spent     money.Amount
	Gaps      []accountingGap
	Missing   int
}

// accountingGap is one kind of thing that is missing, with what it is missing from.
type accountingGap struct {
	Key   string // of its sentences
	Count int
	Lines []gapLine
	Rest  int
	More  string // address of the whole list
}

type gapLine struct {
	Href    string
	Service string
	On      cal.Date
	Amount  money.Amount
}

func (w *Web) accountingPage(c echo.Context) error {
	year, err := askedYear(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		v := visitOf(c)
		page := newAccountingPage(v, year)
		return screen{status: http.StatusOK, name: "accounting", nav: "accounting", title: "accounting.title", args: []any{"year", year.Label()}, page: page}, nil
	})
}

func newAccountingPage(v *visit, year cal.FiscalYear) accountingPage {
	r, w := v.register, v.words
	page := accountingPage{
		Year: year, Years: yearTabs(v, year), Files: reports.Files,
		Encodings: []Option{{reports.UTF8, w.T("accounting.utf8")}, {reports.Windows1252, w.T("accounting.windows")}},
		Readers:   []Option{{"people", w.T("accounting.for_people")}, {"program", w.T("accounting.for_program")}},
	}
	position := r.Position(year, v.today)
	page.Spent = position.Spent
	list := "/payments?year=" + strconv.Itoa(year.Number()) + "&state="
	due := accountingGap{Key: "due", More: list + stateOpen}
	number := accountingGap{Key: "no_invoice", More: list + stateNoInvoice}
	rate := accountingGap{Key: "unconverted", More: list + stateUnconverted}
	account := accountingGap{Key: "no_account", More: list}
	for _, charge := range position.DueCharges {
		due.add(r, charge.ServiceID, charge.On, charge.Billed, "/payments/new?"+chargeQuery(charge.SubscriptionID, charge.On))
	}
	for _, p := range r.Payments {
		if !p.Stands() || !year.Span().Contains(p.PaidOn) {
			continue
		}
		page.Payments++
		href := "/payments/" + typedID(p.ID)
		if p.InvoiceNumber == "" {
			number.add(r, p.ServiceID, p.PaidOn, p.Billed, href)
		}
		if !p.Converted() {
			rate.add(r, p.ServiceID, p.PaidOn, p.Billed, href)
		}
		if p.Account == "" {
			account.add(r, p.ServiceID, p.PaidOn, p.Billed, href)
		}
	}
	for _, g := range []accountingGap{due, number, rate, account} {
		if page.Missing += g.Count; g.Count > 0 {
			page.Gaps = append(page.Gaps, g)
		}
	}
	return page
}

func (g *accountingGap) add(r *models.Register, service models.ID, on cal.Date, a money.Amount, href string) {
	if g.Count++; g.Count > maxCharges {
		g.Rest++
		return
	}
	sv, _ := r.Service(service)
	g.Lines = append(g.Lines, gapLine{Href: href, Service: sv.Name, On: on, Amount: a})
}

// export hands out one file. It is written whole before the first byte leaves: a fault gives an error page, never
// half a file.
func (w *Web) export(c echo.Context) error {
	v := visitOf(c)
	file, ok := reports.FileOf(c.Param("kind"))
	if !ok {
		return models.ErrNotFound
	}
	year, err := askedYear(c)
	if err != nil {
		return err
	}
	o := reports.CSVOptions{Encoding: c.QueryParam("encoding"), ForProgram: c.QueryParam("for") == "program"}
	if o.Encoding == "" {
		o.Encoding = reports.UTF8
	}
	if o.Encoding != reports.UTF8 && o.Encoding != reports.Windows1252 {
		return models.ErrNotFound
	}
	var body bytes.Buffer
	if err := reports.Export(file.Kind, &body, v.register, year, v.today, o); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": reports.FileName(file.Kind, year, v.today)}))
	h.Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, o.ContentType(), body.Bytes())
}

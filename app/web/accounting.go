package web

import (
	"bufio"
	"bytes"
	"context"
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
	g.GET("/exports/archive", w.archive, mayExport)
	g.GET("/exports/:kind", w.export, mayExport)
	w.closingRoutes(g)
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
	Filed     int // files the archive of the year holds
	Gaps      []accountingGap
	Missing   int
	Through   cal.Date // last day closed; zero when none is
	Closable  bool
	Closings  []closingLine
}

// accountingGap is one kind of thing that is missing, with what it is missing from.
type accountingGap struct {
	Key   string // of its sentences
	Count int
	Lines []gapLine
	Rest  int
	More  string // address of the whole list
	state string // of the list of payments that narrows to it; empty where none does
}

type gapLine struct {
	Href    string
	Service string
	On      cal.Date
	Amount  money.Amount
	Attach  models.ID // the payment a file can be attached to right there; 0 for other gaps
	Said    string    // what is doubtful
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
	page.Spent = r.Position(year, v.today).Spent
	for i := range r.Payments {
		if p := r.Payments[i]; p.Stands() && year.Span().Contains(p.PaidOn) {
			page.Payments++
			if r.InvoiceOf(p)[0].ID == p.ID {
				page.Filed += len(r.AttachmentsOf(p))
			}
		}
	}
	page.Gaps, page.Missing = gapsIn(v, year.Span())
	for i := range page.Gaps {
		page.Gaps[i].More = "/payments?year=" + strconv.Itoa(year.Number()) + "&state=" + page.Gaps[i].state
	}
	page.Through, page.Closable, page.Closings = r.ClosedThrough(), len(closable(r, v.today)) > 0, closingLines(r)
	return page
}

// gapsIn are the kinds of things that are missing from the days of a span, and how many in all.
func gapsIn(v *visit, span cal.Span) (gaps []accountingGap, missing int) {
	r := v.register
	due := accountingGap{Key: "due", state: stateOpen}
	file := accountingGap{Key: "no_file", state: stateNoFile}
	number := accountingGap{Key: "no_invoice", state: stateNoInvoice}
	rate := accountingGap{Key: "unconverted", state: stateUnconverted}
	account := accountingGap{Key: "no_account"}
	doubt := accountingGap{Key: "doubtful"}
	for _, charge := range r.Due(v.today) {
		if span.Contains(charge.On) {
			due.add(r, charge.ServiceID, gapLine{Href: "/payments/new?" + chargeQuery(charge.SubscriptionID, charge.On), On: charge.On, Amount: charge.Billed})
		}
	}
	for i := range r.Payments {
		p := &r.Payments[i]
		if !p.Stands() || !span.Contains(p.PaidOn) {
			continue
		}
		line := gapLine{Href: "/payments/" + typedID(p.ID), On: p.PaidOn, Amount: p.Billed}
		if lacksFile(r, *p) {
			with := line
			with.Attach = p.ID
			file.add(r, p.ServiceID, with)
		}
		if p.InvoiceNumber == "" {
			number.add(r, p.ServiceID, line)
		}
		if !p.Converted() {
			rate.add(r, p.ServiceID, line)
		}
		if p.Account == "" {
			account.add(r, p.ServiceID, line)
		}
		if doubts := r.Doubts(*p); len(doubts) > 0 {
			line.Said = v.words.T("accounting.doubt." + string(doubts[0]))
			doubt.add(r, p.ServiceID, line)
		}
	}
	for _, g := range []accountingGap{due, file, number, rate, account, doubt} {
		if missing += g.Count; g.Count > 0 {
			gaps = append(gaps, g)
		}
	}
	return gaps, missing
}

func (g *accountingGap) add(r *models.Register, service models.ID, line gapLine) {
	if g.Count++; g.Count > maxCharges {
		g.Rest++
		return
	}
	sv, _ := r.Service(service)
	line.Service = sv.Name
	g.Lines = append(g.Lines, line)
}

// export hands out one file. It is written whole before the first byte leaves: a fault gives an error page, never
// half a file.
func (w *Web) export(c echo.Context) error {
	v := visitOf(c)
	file, ok := reports.FileOf(c.Param("kind"))
	if !ok {
		return models.ErrNotFound
	}
	year, o, err := askedFile(c)
	if err != nil {
		return err
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

// askedFile is the fiscal year and the shape of a file as the address asks for them.
func askedFile(c echo.Context) (cal.FiscalYear, reports.CSVOptions, error) {
	o := reports.CSVOptions{Encoding: c.QueryParam("encoding"), ForProgram: c.QueryParam("for") == "program"}
	if o.Encoding == "" {
		o.Encoding = reports.UTF8
	}
	if o.Encoding != reports.UTF8 && o.Encoding != reports.Windows1252 {
		return cal.FiscalYear{}, o, models.ErrNotFound
	}
	year, err := askedYear(c)
	return year, o, err
}

// archive streams the invoices of a year: they may be more than this machine's memory. A fault on the way breaks the
// connection off, so that nobody takes half an archive for a whole one.
func (w *Web) archive(c echo.Context) error {
	year, o, err := askedFile(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	takeTime(c)
	ctx := context.WithoutCancel(c.Request().Context()) // the time of a page is too short; a reader who leaves ends it by a failed write
	res := c.Response()
	h := res.Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, saveAs(reports.ArchiveName(year)))
	h.Set("Cache-Control", "private, no-store")
	out := bufio.NewWriterSize(res, 64<<10)
	err = reports.ArchiveZip(out, v.register, year, o, func(a models.Attachment) ([]byte, error) {
		_, content, err := w.store.Content(ctx, v.actor.Organisation, a.ID)
		return content, err
	})
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case !res.Committed:
		for _, name := range []string{echo.HeaderContentType, echo.HeaderContentDisposition} {
			h.Del(name)
		}
		return err
	}
	w.Logger.Error("archive broken off", "year", year.Label(), "error", err)
	panic(http.ErrAbortHandler)
}

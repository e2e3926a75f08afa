package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

func (w *Web) accountingRoutes(g *echo.Group) {
	g.GET("/accounting", w.accountingPage, mayExport)
	g.GET("/accounting/entries", w.entriesPage, mayExport)
	g.GET("/accounting/prepaid", w.prepaidPage, mayExport)
	g.GET("/accounting/settings", w.bookkeepingPage, mayExport)
	g.POST("/accounting/settings", w.saveBookkeeping, mayClose)
	g.POST("/exports/:kind", w.export, mayExport)
	w.closingRoutes(g)
}

// accountingPage is the accountant's desk: a fiscal year or months of it, what they still lack, what was recorded since
// the last export, and their files.
type accountingPage struct {
	Tabs     []bookTab
	Period   bookPeriod
	Files    []fileRow
	Siren    bool // the organisation's number is known, which the extract is named by
	Payments int  // that stand, in the period
	Spent    money.Amount
	Since    sinceExport
	Gaps     []accountingGap
	Missing  int
	Through  cal.Date // last day closed; zero when none is
	Closable bool
	Closings []closingLine
}

// bookTab is a way to another page of the accounts, of the same period.
type bookTab struct {
	Href, Label string
	Current     bool
}

// bookPeriod is the fiscal year a page is about, or the months of it, with the choices of the form that asks for others.
type bookPeriod struct {
	reports.Period
	Years, Months []Option
	Number        string // of the year
	First, Last   string // numbers of the months within the year
	Name          string // in a sentence
	Wrong         string // why what was asked is not shown
}

// askedPeriod is the fiscal year named in the address, or the months of it from one number to another; without a year,
// today's. Months the wrong way round are the whole year, and wrong says so.
func askedPeriod(v *visit, typed func(string) string) (p reports.Period, wrong bool, err error) {
	year := v.register.Year(v.today)
	if number := typed("year"); number != "" {
		if year, err = yearNumbered(v, number); err != nil {
			return p, false, err
		}
	}
	first, last := 1, len(year.Months())
	for name, month := range map[string]*int{"from": &first, "to": &last} {
		if number := typed(name); number != "" {
			n, err := strconv.Atoi(number)
			if err != nil || n < 1 || n > len(year.Months()) {
				return p, false, models.ErrNotFound
			}
			*month = n
		}
	}
	p, ok := reports.Months(year, first, last)
	if !ok {
		return reports.Whole(year), true, nil
	}
	return p, false, nil
}

func newBookPeriod(v *visit, p reports.Period, wrong bool) bookPeriod {
	w := v.words
	out := bookPeriod{Period: p, Number: strconv.Itoa(p.Year.Number()), Name: periodName(w, p)}
	if wrong {
		out.Wrong = w.T("books.backwards")
	}
	for _, t := range yearTabs(v, p.Year) {
		out.Years = append(out.Years, Option{strconv.Itoa(t.Number), w.FiscalYear(v.register.Organisation.YearStart.Year(t.Number))})
	}
	for i, m := range p.Year.Months() {
		number, name := strconv.Itoa(i+1), w.MonthName(m.From.Month())
		if m.From.Day() != 1 {
			name = w.DayShort(m.From)
		}
		out.Months = append(out.Months, Option{number, name})
		if m.From == p.Span.From {
			out.First = number
		}
		if m.To == p.Span.To {
			out.Last = number
		}
	}
	return out
}

// periodName is a period as a sentence names it: "2026", "mars 2026", "janvier–mars 2026"; by its days where months do not
// begin on the first.
func periodName(w *words.Words, p reports.Period) string {
	first, last := p.Span.From, p.Span.To.AddMonths(-1)
	switch {
	case p.IsWhole():
		return strings.ReplaceAll(p.Year.Label(), "-", "–")
	case first.Day() != 1 && first.Year() == p.Span.Last().Year():
		return w.DayMedium(first) + " – " + w.DayLong(p.Span.Last())
	case first.Day() != 1:
		return w.DayLong(first) + " – " + w.DayLong(p.Span.Last())
	case first == last:
		return w.Month(first)
	case first.Year() == last.Year():
		return w.MonthName(first.Month()) + "–" + w.Month(last)
	}
	return w.Month(first) + " – " + w.Month(last)
}

// address is a page of the accounts with the period, which the page may narrow to its year.
func (p bookPeriod) address(path string, months bool) string {
	q := url.Values{"year": {p.Number}}
	if months && !p.IsWhole() {
		q.Set("from", p.First)
		q.Set("to", p.Last)
	}
	return path + "?" + q.Encode()
}

// The pages of the accounts.
const (
	bookFiles    = "/accounting"
	bookEntries  = "/accounting/entries"
	bookPrepaid  = "/accounting/prepaid"
	bookSettings = "/accounting/settings"
)

func bookTabs(v *visit, p bookPeriod, current string) []bookTab {
	w := v.words
	return []bookTab{
		{p.address(bookFiles, true), w.T("books.tab.files"), current == bookFiles},
		{p.address(bookEntries, true), w.T("books.tab.entries"), current == bookEntries},
		{p.address(bookPrepaid, false), w.T("books.tab.prepaid"), current == bookPrepaid},
		{bookSettings, w.T("books.tab.settings"), current == bookSettings},
	}
}

func (w *Web) accountingPage(c echo.Context) error {
	v := visitOf(c)
	p, wrong, err := askedPeriod(v, c.QueryParam)
	if err != nil {
		return err
	}
	page := func() screen {
		page := newAccountingPage(v, newBookPeriod(v, p, wrong))
		return screen{status: http.StatusOK, name: "accounting", nav: "accounting", title: "accounting.title", args: []any{"year", page.Period.Name}, page: page}
	}
	if wrong {
		s := page()
		s.status = http.StatusUnprocessableEntity
		return w.render(c, s)
	}
	return w.kept(c, func() (screen, error) { return page(), nil })
}

func newAccountingPage(v *visit, period bookPeriod) accountingPage {
	r := v.register
	page := accountingPage{
		Tabs: bookTabs(v, period, bookFiles), Period: period, Files: fileRows(v, period.Period), Since: newSinceExport(v, period.Span),
		Spent: money.Zero(money.EUR), Siren: r.Organisation.SIREN != "",
	}
	for i := range r.Payments {
		p := &r.Payments[i]
		if !period.Span.Contains(p.PaidOn) {
			continue
		}
		if p.Stands() {
			page.Payments++
		}
		if p.Converted() {
			page.Spent = page.Spent.Add(p.Cost)
		}
	}
	page.Gaps, page.Missing = gapsIn(v, period.Span)
	for i := range page.Gaps {
		if page.Gaps[i].state != "" {
			page.Gaps[i].More = "/payments?year=" + period.Number + "&state=" + page.Gaps[i].state
		}
	}
	page.Through, page.Closable, page.Closings = r.ClosedThrough(), len(closable(r, v.today)) > 0, closingLines(r)
	return page
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

// gapsIn are the kinds of things that are missing from the days of a span, and how many in all.
func gapsIn(v *visit, span cal.Span) (gaps []accountingGap, missing int) {
	r := v.register
	due := accountingGap{Key: "due", state: stateOpen}
	file := accountingGap{Key: "no_file", state: stateNoFile}
	number := accountingGap{Key: "no_invoice", state: stateNoInvoice}
	date := accountingGap{Key: "no_date"}
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
		switch {
		case p.InvoiceNumber == "":
			number.add(r, p.ServiceID, line)
		case p.InvoiceDate.IsZero():
			date.add(r, p.ServiceID, line)
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
	for _, g := range []accountingGap{due, file, number, date, rate, account, doubt} {
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

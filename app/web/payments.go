package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// pageSize is how many rows a long list shows at a time.
const pageSize = 50

func (w *Web) paymentRoutes(g *echo.Group) {
	g.GET("/payments", w.paymentsPage)
	g.GET("/payments/new", w.newPayment, mayEdit)
	g.POST("/payments", w.recordPayment, mayEdit, receive)
	g.GET("/payments/:id", w.paymentPage)
	g.GET("/payments/:id/reversal", w.reversalPage, mayEdit)
	g.POST("/payments/:id/reversal", w.reversePayment, mayEdit)
	g.GET("/payments/:id/correction", w.correctionPage, mayEdit)
	g.POST("/payments/:id/correction", w.correctPayment, mayEdit, receive)
	g.GET("/payments/:id/booking", w.bookingPage, mayBook)
	g.POST("/payments/:id/booking", w.rebookPayment, mayBook)
	g.GET("/waivers/new", w.newWaiver, mayEdit)
	g.POST("/waivers", w.waive, mayEdit)
	g.POST("/waivers/:id/removal", w.unwaive, mayEdit)
	w.invoiceRoutes(g)
	w.attachmentRoutes(g)
}

// Ways to narrow the list of payments.
const (
	stateOpen        = "open"    // expected charges that nobody has answered
	stateNoFile      = "no_file" // no invoice is attached
	stateNoInvoice   = "no_invoice"
	stateUnconverted = "unconverted"
	stateReversed    = "reversed"
)

// paymentFilter is what the list is narrowed to, as it stands in the address.
type paymentFilter struct {
	Year    string // number of a fiscal year, or "all"
	Service string
	State   string
	Query   string
	page    int
}

// paymentsPage is the list of what was paid, with what is still to be recorded above it.
type paymentsPage struct {
	Filter      paymentFilter
	Year        cal.FiscalYear // zero when all years are shown
	Years       []Option
	Services    []Option
	States      []Option
	Due         dueList
	DueCount    int
	Lines       []paymentLine
	Count       int // payments found, on all pages
	Total       money.Amount
	Unconverted int // found and left out of the total
	Empty       bool
	Pages       paging
	Waivers     []waiverLine
	Bundles     []Option // vendors with several charges to record, each with how many
}

// paymentLine is one payment as the list shows it.
type paymentLine struct {
	models.Payment
	Service  string
	Reversed bool // it is one of a pair that cancel out
	Undone   cal.Date
	NoNumber bool
	Filed    bool   // its invoice is attached
	Source   string // where the euros of a foreign payment come from
	Several  bool   // its invoice covers other services, too
}

type waiverLine struct {
	models.Waiver
	Service   string
	ServiceID models.ID
}

func (w *Web) paymentsPage(c echo.Context) error {
	v := visitOf(c)
	f := paymentFilter{
		Year: c.QueryParam("year"), Service: c.QueryParam("service"), State: c.QueryParam("state"),
		Query: strings.TrimSpace(c.QueryParam("q")), page: pageNumber(c),
	}
	page := paymentsPage{Filter: f, States: stateOptions(v.words), Services: serviceOptions(v)}
	if f.Year != "all" {
		year, err := askedYear(c)
		if err != nil {
			return err
		}
		page.Year, page.Filter.Year = year, strconv.Itoa(year.Number())
	}
	if !slices.ContainsFunc(page.States, func(o Option) bool { return o.Value == f.State }) {
		return models.ErrNotFound
	}
	return w.kept(c, func() (screen, error) {
		page.fill(v)
		s := screen{status: http.StatusOK, name: "payments", nav: "payments", title: "payments.title", page: page}
		return s, nil
	})
}

func (page *paymentsPage) fill(v *visit) {
	r := v.register
	page.Years, page.Empty = yearOptions(v), len(r.Payments) == 0
	open := r.Due(v.today)
	service, _ := strconv.ParseInt(page.Filter.Service, 10, 64)
	if service != 0 {
		open = slices.DeleteFunc(open, func(c models.Charge) bool { return c.ServiceID != models.ID(service) })
	}
	page.DueCount = len(open)
	for _, b := range bundles(v) {
		page.Bundles = append(page.Bundles, Option{typedID(b.vendor.ID), v.words.N("invoices.bundle", b.charges, "vendor", b.vendor.Name)})
	}
	if page.Filter.State == stateOpen {
		from, to := page.cut(len(open))
		page.Due = newDueList(v, open[from:to], pageSize)
		return
	}
	if page.Filter.State == "" && page.Filter.page == 1 {
		page.Due = newDueList(v, open, maxCharges)
	}
	found := page.find(v, models.ID(service))
	page.Count, page.Total = len(found), money.Zero(money.EUR)
	for _, p := range found {
		if p.Converted() {
			page.Total = page.Total.Add(p.Cost)
		} else if p.Stands() {
			page.Unconverted++
		}
	}
	from, to := page.cut(len(found))
	for _, p := range found[from:to] {
		page.Lines = append(page.Lines, newPaymentLine(v, p))
	}
	page.Waivers = page.waivers(v, models.ID(service))
}

// find gives the payments asked for, the latest first.
func (page *paymentsPage) find(v *visit, service models.ID) []models.Payment {
	f, r := page.Filter, v.register
	sought := words.Fold(f.Query)
	var found []models.Payment
	for _, p := range slices.Backward(r.Payments) {
		switch {
		case !page.Year.Start.IsZero() && !page.Year.Span().Contains(p.PaidOn),
			f.Service != "" && p.ServiceID != service,
			f.State == stateNoFile && !lacksFile(r, p),
			f.State == stateNoInvoice && (p.InvoiceNumber != "" || !p.Stands()),
			f.State == stateUnconverted && (p.Converted() || !p.Stands()),
			f.State == stateReversed && p.Stands():
			continue
		}
		if sought != "" {
			sv, _ := r.Service(p.ServiceID)
			if !strings.Contains(words.Fold(strings.Join([]string{sv.Name, p.VendorName, p.InvoiceNumber, p.Note, p.Billed.Comma(), p.Billed.Plain()}, " ")), sought) {
				continue
			}
		}
		found = append(found, p)
	}
	slices.SortStableFunc(found, func(a, b models.Payment) int { return b.PaidOn.Compare(a.PaidOn) })
	return found
}

// waivers are the charges of the year that will not be paid, the latest first.
func (page *paymentsPage) waivers(v *visit, service models.ID) []waiverLine {
	var out []waiverLine
	if page.Filter.State != "" || page.Filter.Query != "" || page.Filter.page > 1 {
		return nil
	}
	for _, x := range slices.Backward(v.register.Waivers) {
		s, _ := v.register.Subscription(x.SubscriptionID)
		if (!page.Year.Start.IsZero() && !page.Year.Span().Contains(x.ChargeOn)) || (page.Filter.Service != "" && s.ServiceID != service) {
			continue
		}
		sv, _ := v.register.Service(s.ServiceID)
		if out = append(out, waiverLine{x, sv.Name, sv.ID}); len(out) == maxCharges {
			break
		}
	}
	return out
}

// lacksFile tells whether a payment stands for an invoice of which no file is attached. One over several services is
// missed once.
func lacksFile(r *models.Register, p models.Payment) bool {
	return r.LacksInvoice(p) && r.InvoiceOf(p)[0].ID == p.ID
}

func newPaymentLine(v *visit, p models.Payment) paymentLine {
	r := v.register
	sv, _ := r.Service(p.ServiceID)
	line := paymentLine{
		Payment: p, Service: sv.Name, Reversed: !p.Stands(), NoNumber: p.InvoiceNumber == "" && p.Stands(),
		Filed: len(r.AttachmentsOf(p)) > 0, Several: len(r.InvoiceOf(p)) > 1,
	}
	if p.Converted() && p.Billed.Currency() != money.EUR {
		line.Source = provenance(v, p)
	}
	if undo, ok := r.Payment(p.ReversedByID); ok {
		line.Undone = cal.Of(undo.RecordedAt.In(r.Organisation.Location()))
	}
	return line
}

func stateOptions(w *words.Words) []Option {
	return []Option{
		{"", w.T("payments.state.all")},
		{stateOpen, w.T("payments.state.open")},
		{stateNoFile, w.T("payments.state.no_file")},
		{stateNoInvoice, w.T("payments.state.no_invoice")},
		{stateUnconverted, w.T("payments.state.unconverted")},
		{stateReversed, w.T("payments.state.reversed")},
	}
}

// serviceOptions are all services by name, those put away included: they were paid once.
func serviceOptions(v *visit) []Option {
	services := slices.Clone(v.register.Services)
	words.SortBy(v.words, services, func(s models.Service) string { return s.Name })
	out := []Option{{"", v.words.T("payments.all_services")}}
	for _, s := range services {
		out = append(out, Option{typedID(s.ID), s.Name})
	}
	return out
}

func yearOptions(v *visit) []Option {
	var out []Option
	for _, t := range yearTabs(v, v.register.Year(v.today)) {
		out = append(out, Option{strconv.Itoa(t.Number), v.words.FiscalYear(v.register.Organisation.YearStart.Year(t.Number))})
	}
	return append(out, Option{"all", v.words.T("payments.all_years")})
}

// paging leads through a list that is longer than a page.
type paging struct {
	From, To, Of int
	Prev, Next   string // addresses; empty at the ends
}

func pageNumber(c echo.Context) int {
	n, err := strconv.Atoi(c.QueryParam("page"))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// cut is the part of a list of n that the page shows; a page beyond the last is the last.
func (page *paymentsPage) cut(n int) (from, to int) {
	f := page.Filter
	at := func(number int) string {
		q := url.Values{"year": {f.Year}, "page": {strconv.Itoa(number)}}
		for name, value := range map[string]string{"service": f.Service, "state": f.State, "q": f.Query} {
			if value != "" {
				q.Set(name, value)
			}
		}
		return "/payments?" + q.Encode()
	}
	page.Pages = newPaging(n, f.page, at)
	return page.Pages.From, page.Pages.To
}

func newPaging(n, number int, at func(int) string) paging {
	last := max((n+pageSize-1)/pageSize, 1)
	number = min(number, last)
	p := paging{From: (number - 1) * pageSize, Of: n}
	p.To = min(p.From+pageSize, n)
	if number > 1 {
		p.Prev = at(number - 1)
	}
	if number < last {
		p.Next = at(number + 1)
	}
	return p
}

// First numbers the first row shown, as people count.
func (p paging) First() int { return p.From + 1 }

// Long tells whether there is more than one page.
func (p paging) Long() bool { return p.Prev != "" || p.Next != "" }

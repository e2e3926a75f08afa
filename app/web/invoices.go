package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) invoiceRoutes(g *echo.Group) {
	g.GET("/invoices/new", w.newInvoice, mayEdit)
	g.POST("/invoices", w.recordInvoice, mayEdit, receive)
}

const (
	maxLines   = 12 // of one form; what covers more is two invoices
	freeLines  = 2  // offered beyond those filled in
	comingDays = 62 // charges so far ahead can be paid already
)

// sharedFields are what the lines of an invoice share.
var sharedFields = []string{
	"paid_on", "billed", "currency", "net", "vat", "vat_rate", "exempt", "debited", "rate", "vendor_name", "country", "invoice_number", "invoice_date", "note",
}

// lineFields are what each line says, under "line.0." and so on.
var lineFields = []string{"service", "billed", "part", "vat", "vat_rate", "period_from", "period_to", "account", "analytic"}

func lineField(n int, name string) string { return "line." + strconv.Itoa(n) + "." + name }

// invoicePage is the form of an invoice over several services.
type invoicePage struct {
	Form       Form
	Vendors    []Option // those one may begin with
	Vendor     string
	Currencies []Option
	Countries  []Option
	Accounts   []string
	Choices    []billableGroup
	Lines      []invoiceFormLine
	More       bool // lines can be added
	Foreign    bool
	Known      string
	Sum        money.Amount // of the lines; none when no line has an amount
	Missing    money.Amount // of them to the total; none when they make it up
	Over       money.Amount // likewise, when they are more
	Lost       bool
	Through    cal.Date
}

// billableGroup is what a line may be for, by kind.
type billableGroup struct {
	Label   string
	Options []Option
}

// invoiceFormLine is one line of the form.
type invoiceFormLine struct {
	N, Number int  // from 0, and as people count
	Filled    bool // something beside the amount is said
	Charge    bool // it is for an expected charge
}

func (w *Web) newInvoice(c echo.Context) error {
	v := visitOf(c)
	f := Fields{"paid_on": v.today.String(), "currency": string(money.EUR)}
	if again := c.QueryParam("again"); again != "" {
		e := entry{Fields: Fields{"again": again}}
		p, ok := v.register.Payment(e.id("again"))
		if !ok {
			return models.ErrNotFound
		}
		typedInvoice(v, f, v.register.InvoiceOf(p))
		return w.showInvoice(c, http.StatusOK, Form{Fields: f}, "")
	}
	vendor := models.Vendor{}
	if asked := c.QueryParam("vendor"); asked != "" {
		e := entry{Fields: Fields{"vendor": asked}}
		var ok bool
		if vendor, ok = v.register.Vendor(e.id("vendor")); !ok {
			return models.ErrNotFound
		}
	} else if bundles := bundles(v); len(bundles) == 1 {
		vendor = bundles[0].vendor
	}
	prefillInvoice(v, f, vendor)
	return w.showInvoice(c, http.StatusOK, Form{Fields: f}, typedID(vendor.ID))
}

// bundle is a vendor with several charges to record: they may well have come on one invoice.
type bundle struct {
	vendor  models.Vendor
	charges int
}

func bundles(v *visit) []bundle {
	count := map[models.ID]int{}
	for _, c := range v.register.Due(v.today) {
		if sv, ok := v.register.Service(c.ServiceID); ok && sv.VendorID != 0 {
			count[sv.VendorID]++
		}
	}
	var out []bundle
	for _, vendor := range v.register.Vendors {
		if count[vendor.ID] > 1 {
			out = append(out, bundle{vendor, count[vendor.ID]})
		}
	}
	return out
}

// prefillInvoice fills in what is known of a vendor: who it is, and its charges to record as lines, else those to come
// within a month. One invoice has one currency: charges in another than the first are for another invoice.
func prefillInvoice(v *visit, f Fields, vendor models.Vendor) {
	if vendor.ID == 0 {
		return
	}
	f["vendor_name"], f["country"] = vendor.Name, vendor.Country
	of := func(all []models.Charge) []models.Charge {
		return slices.DeleteFunc(all, func(c models.Charge) bool {
			sv, _ := v.register.Service(c.ServiceID)
			return sv.VendorID != vendor.ID
		})
	}
	charges := of(v.register.Due(v.today))
	if len(charges) == 0 {
		charges = of(comingCharges(v, 31))
	}
	total, n := money.Amount{}, 0
	for _, c := range charges {
		if n == maxLines || (!total.IsNone() && c.Billed.Currency() != total.Currency()) {
			continue
		}
		f[lineField(n, "service")], f[lineField(n, "billed")] = chargeChoice(c.SubscriptionID, c.On), v.words.MoneyInput(c.Billed)
		f["paid_on"] = cal.Min(c.On, v.today).String()
		total = total.Add(c.Billed)
		n++
	}
	if n == 0 {
		return
	}
	f["billed"], f["currency"] = v.words.MoneyInput(total), string(total.Currency())
	if !vendor.Foreign() {
		f["vat_rate"] = typedDecimal(v, money.PercentOf(models.StandardVAT))
		if total.Currency() == money.EUR {
			_, vat := money.PercentOf(models.StandardVAT).Included(total)
			f["vat"] = v.words.MoneyInput(vat)
		}
	}
}

// comingCharges are the open charges of so many days to come.
func comingCharges(v *visit, days int) []models.Charge {
	var out []models.Charge
	for _, c := range v.register.Charges(cal.Span{From: v.today.AddDays(1), To: v.today.AddDays(days + 1)}, v.today) {
		if open, ok := v.register.OpenCharge(c.SubscriptionID, c.On, v.today); ok {
			out = append(out, open)
		}
	}
	return out
}

// typedInvoice is an invoice as somebody would have typed it, with its sums in whole.
func typedInvoice(v *visit, f Fields, payments []models.Payment) {
	shared := payments[0]
	shared.Billed, shared.Net, shared.VAT, shared.Debited = money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}
	for n, p := range payments[:min(len(payments), maxLines)] {
		shared.Billed, shared.Net, shared.VAT, shared.Debited = shared.Billed.Add(p.Billed), shared.Net.Add(p.Net), shared.VAT.Add(p.VAT), shared.Debited.Add(p.Debited)
		line := typedPayment(v, p)
		choice := serviceChoice(p.ServiceID)
		if !p.ChargeOn.IsZero() {
			choice = chargeChoice(p.SubscriptionID, p.ChargeOn)
		}
		for _, name := range lineFields {
			f[lineField(n, name)] = line[name]
		}
		f[lineField(n, "service")] = choice
		if p.VATRate == shared.VATRate {
			f[lineField(n, "vat_rate")] = ""
		}
	}
	whole := typedPayment(v, shared)
	for _, name := range sharedFields {
		f[name] = whole[name]
	}
	if v.register.Closed(shared.PaidOn) {
		f["paid_on"] = v.today.String()
	}
}

// What a line is for, as it stands in a form.
func chargeChoice(subscription models.ID, on cal.Date) string {
	return "c." + typedID(subscription) + "." + on.String()
}

func serviceChoice(service models.ID) string { return "s." + typedID(service) }

// choose reads a choice into a line; one that is not there any more is refused beside it.
func (e *entry) choose(v *visit, field string, l *models.InvoiceLine) {
	kind, rest, _ := strings.Cut(e.Fields[field], ".")
	id, on, _ := strings.Cut(rest, ".")
	parts := entry{Fields: Fields{"id": id, "on": on}}
	switch kind {
	case "s":
		if sv, ok := v.register.Service(parts.id("id")); ok {
			l.ServiceID = sv.ID
			return
		}
	case "c":
		subscription, day := parts.id("id"), parts.day("on")
		if c, ok := v.register.Charge(subscription, day, v.today); ok && parts.bad == nil {
			l.ServiceID, l.SubscriptionID, l.ChargeOn, l.Period = c.ServiceID, subscription, day, c.Period
			return
		}
	}
	e.bad.Add(field, "choose")
}

// choices are what a line may be for: charges to record, charges to come, services; and whatever charge a line of the
// form is for already, however far ahead.
func choices(v *visit, f Fields) []billableGroup {
	due, coming := v.register.Due(v.today), comingCharges(v, comingDays)
	for n := range maxLines {
		var l models.InvoiceLine
		if e := (entry{Fields: f}); strings.HasPrefix(f[lineField(n, "service")], "c.") {
			e.choose(v, lineField(n, "service"), &l)
		}
		c, open := v.register.OpenCharge(l.SubscriptionID, l.ChargeOn, v.today)
		same := func(x models.Charge) bool { return x.SubscriptionID == c.SubscriptionID && x.On == c.On }
		if open && !slices.ContainsFunc(due, same) && !slices.ContainsFunc(coming, same) {
			coming = append(coming, c)
		}
	}
	named := func(all []models.Charge) []Option {
		var out []Option
		for _, c := range all {
			sv, _ := v.register.Service(c.ServiceID)
			label := v.words.T("invoices.choice", "service", sv.Name, "day", v.words.DayMedium(c.On), "amount", c.Billed)
			out = append(out, Option{chargeChoice(c.SubscriptionID, c.On), label})
		}
		return out
	}
	var services []Option
	all := slices.Clone(v.register.Services)
	words.SortBy(v.words, all, func(s models.Service) string { return s.Name })
	for _, s := range all {
		if !s.Archived() {
			services = append(services, Option{serviceChoice(s.ID), s.Name})
		}
	}
	var out []billableGroup
	for _, g := range []billableGroup{
		{v.words.T("invoices.due"), named(due)},
		{v.words.T("invoices.coming"), named(coming)},
		{v.words.T("invoices.services"), services},
	} {
		if len(g.Options) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func (w *Web) showInvoice(c echo.Context, status int, f Form, vendor string) error {
	v := visitOf(c)
	f.Fields.seen(v)
	page := invoicePage{
		Form: f, Vendor: vendor, Currencies: currencyOptions(v, f.Fields["currency"]), Countries: countryOptions(v), Accounts: accountsUsed(v.register),
		Choices: choices(v, f.Fields), Lost: chose(c), Through: v.register.ClosedThrough(),
	}
	page.Vendors = append(page.Vendors, Option{"", v.words.T("invoices.any_vendor")})
	sorted := slices.Clone(v.register.Vendors)
	words.SortBy(v.words, sorted, func(x models.Vendor) string { return x.Name })
	for _, x := range sorted {
		page.Vendors = append(page.Vendors, Option{typedID(x.ID), x.Name})
	}
	page.addLines(f.Fields)
	page.addSums()
	page.Foreign = (f.Fields["currency"] != "" && f.Fields["currency"] != string(money.EUR)) || f.Fields["debited"]+f.Fields["rate"] != ""
	e := entry{Fields: Fields{"billed": f.Fields["billed"], "currency": f.Fields["currency"], "paid_on": f.Fields["paid_on"]}}
	page.Known = knownRate(v, &e)
	return w.render(c, screen{status: status, name: "invoice-form", nav: "payments", title: "invoices.new_title", page: page})
}

// addLines shows the lines filled in and some free ones.
func (page *invoicePage) addLines(f Fields) {
	last := -1
	for n := range maxLines {
		if lineSaysAnything(f, n) {
			last = n
		}
	}
	asked, _ := strconv.Atoi(f["lines"])
	show := min(max(last+1+freeLines, asked, 3), maxLines)
	for n := range show {
		line := invoiceFormLine{N: n, Number: n + 1, Charge: strings.HasPrefix(f[lineField(n, "service")], "c.")}
		for _, name := range []string{"vat", "vat_rate", "period_from", "period_to", "account", "analytic"} {
			line.Filled = line.Filled || f[lineField(n, name)] != "" || page.Form.Error(lineField(n, name)) != ""
		}
		page.Lines = append(page.Lines, line)
	}
	page.More = show < maxLines
}

func lineSaysAnything(f Fields, n int) bool {
	return slices.ContainsFunc(lineFields, func(name string) bool { return f[lineField(n, name)] != "" })
}

// addSums says how far the lines make up the total, as far as both can be read.
func (page *invoicePage) addSums() {
	e := entry{Fields: page.Form.Fields}
	currency := e.currency()
	total := e.amount("billed", currency)
	for n := range maxLines {
		page.Sum = page.Sum.Add(e.amount(lineField(n, "billed"), currency))
	}
	if e.bad != nil || total.IsNone() || page.Sum.IsNone() {
		page.Sum = money.Amount{}
		return
	}
	switch left := total.Sub(page.Sum); {
	case left.IsPositive():
		page.Missing = left
	case left.IsNegative():
		page.Over = left.Neg()
	}
}

// invoiceFields are all fields of the form.
func invoiceFields() []string {
	names := append(slices.Clone(sharedFields), "lines", "more")
	for n := range maxLines {
		for _, name := range lineFields {
			names = append(names, lineField(n, name))
		}
	}
	return names
}

// parseInvoice turns the form into an invoice, with everything wrong in it noted. Lines left empty are passed over.
func parseInvoice(v *visit, e *entry) models.Invoice {
	currency := e.currency()
	i := models.Invoice{Payment: sharedFacts(e, currency)}
	var at []int // the line of the form that each line of the invoice is
	for n := range maxLines {
		if !lineSaysAnything(e.Fields, n) {
			continue
		}
		field := func(name string) string { return lineField(n, name) }
		l := models.InvoiceLine{
			Billed: e.amount(field("billed"), currency), VAT: e.amount(field("vat"), currency), VATRate: e.percent(field("vat_rate")), Part: e.tick(field("part")),
			Account: e.text(field("account")), Analytic: e.text(field("analytic")),
		}
		e.choose(v, field("service"), &l)
		if from, last := e.day(field("period_from")), e.day(field("period_to")); !from.IsZero() || !last.IsZero() {
			l.Period = cal.Span{From: from}
			if !last.IsZero() {
				l.Period.To = last.AddDays(1)
			}
		}
		i.Lines, at = append(i.Lines, l), append(at, n)
	}
	checked := i.Check(v.today)
	if e.bad.Has("currency") { // amounts in no currency are not wrong by themselves
		checked = slices.DeleteFunc(checked, func(p models.Problem) bool {
			return p.Field == "billed" || p.Field == "net" || p.Field == "vat" || strings.HasSuffix(p.Field, ".billed")
		})
	}
	e.merge(inForm(checked, at), nil)
	closedDay(v, e, i.PaidOn)
	return i
}

// inForm puts the problems of lines under the fields they were typed in, and says a sum that is too much as that.
func inForm(bad models.Invalid, at []int) models.Invalid {
	out := slices.Clone(bad)
	for i := range out {
		p := &out[i]
		var n int
		var name string
		if _, err := fmt.Sscanf(p.Field, "line.%d.%s", &n, &name); err == nil && n < len(at) {
			if name == "charge" || name == "subscription" { // the one choice says them all
				name = "service"
			}
			p.Field = lineField(at[n], name)
		}
		if p.Rule == "lines.sum" && len(p.Args) == 2 {
			if missing, ok := p.Args[1].(money.Amount); ok && missing.IsNegative() {
				p.Rule, p.Args = "lines.over", []any{"over", missing.Neg()}
			}
		}
	}
	return out
}

func (w *Web) recordInvoice(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, invoiceFields()...)}
	if e.tick("more") { // more lines are asked for, nothing is recorded yet
		asked, _ := strconv.Atoi(e.Fields["lines"])
		e.Fields["lines"] = strconv.Itoa(min(max(asked, 0)+freeLines, maxLines))
		return w.showInvoice(c, http.StatusOK, Form{Fields: e.Fields}, "")
	}
	i := parseInvoice(v, &e)
	i.Version = e.version()
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	var ids []models.ID
	if err = e.bad.Err(); err == nil {
		ids, err = w.store.RecordInvoice(c.Request().Context(), v.actor, i, v.today)
		err = storedLines(err, e.Fields)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showInvoice(c, status, f, "") })
	}
	if _, err := w.store.Attach(c.Request().Context(), v.actor, ids[0], files...); err != nil {
		return w.unfiled(c, ids[0], err)
	}
	return w.done(c, "/payments/"+typedID(ids[0]), Notice{
		Key: "invoice_recorded", Args: []string{"amount", v.words.Money(i.Billed), "lines", v.words.N("statements.lines", len(ids))}, Undo: "/payments/" + typedID(ids[0]) + "/reversal",
	})
}

// storedLines puts what the store refused under the lines of the form.
func storedLines(err error, f Fields) error {
	bad, ok := err.(models.Invalid) //nolint:errorlint // as the store answers it; anything wrapped is another matter
	if !ok {
		return err
	}
	var at []int
	for n := range maxLines {
		if lineSaysAnything(f, n) {
			at = append(at, n)
		}
	}
	return inForm(bad, at)
}

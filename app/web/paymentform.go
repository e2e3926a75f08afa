package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

// paymentFields are the fields of the form, for a new payment and for one put right.
var paymentFields = []string{
	"service", "subscription", "on", "part", "paid_on", "billed", "currency", "net", "vat", "vat_rate", "exempt", "debited", "rate", "vendor_name", "country",
	"invoice_number", "invoice_date", "period_from", "period_to", "account", "analytic", "note", "to",
}

// paymentFormPage is the form of a payment.
type paymentFormPage struct {
	Form       Form
	Action     string
	Service    models.Service // zero when it is to be chosen
	Services   []Option
	Currencies []Option
	Countries  []Option
	Charge     models.Charge  // what is open of the one it settles; zero for a payment of its own
	Left       money.Amount   // of the charge, were it paid as typed; none unless something is
	Wrong      models.Payment // the one it puts right; zero for a new one
	Foreign    bool           // the amount is not in euros, or somebody says so
	Known      string         // what the known rate makes of it
	Accounts   []string
	Back       string
	Lost       bool     // files were chosen, and are to be chosen again
	Closed     bool     // the wrong payment lies in closed accounts: what undoes it and what replaces it are of today
	Through    cal.Date // last day closed
}

func (w *Web) newPayment(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: Fields{"subscription": c.QueryParam("subscription"), "on": c.QueryParam("on"), "to": c.QueryParam("to")}}
	if e.is("subscription") {
		charge, err := openCharge(c, &e)
		if err != nil {
			return err
		}
		prefillCharge(v, e.Fields, charge)
		return w.showPaymentForm(c, paymentFormPage{Form: Form{Fields: e.Fields}, Charge: charge}, http.StatusOK)
	}
	service := models.Service{}
	if c.QueryParam("service") != "" {
		var ok bool
		e.Fields["service"] = c.QueryParam("service")
		if service, ok = v.register.Service(e.id("service")); !ok {
			return models.ErrNotFound
		}
	}
	prefillService(v, e.Fields, service)
	return w.showPaymentForm(c, paymentFormPage{Form: Form{Fields: e.Fields}}, http.StatusOK)
}

// typedDecimal is a rate or a percentage as the reader's language would have it typed.
func typedDecimal(v *visit, d interface {
	String() string
	Comma() string
},
) string {
	if v.lang == models.French {
		return d.Comma()
	}
	return d.String()
}

// prefillService fills in what is known of any payment for the service.
func prefillService(v *visit, f Fields, sv models.Service) {
	vendor, _ := v.register.Vendor(sv.VendorID)
	f["paid_on"], f["currency"] = v.today.String(), string(money.EUR)
	if sv.ID == 0 {
		return
	}
	f["account"] = v.register.AccountOfService(sv.ID)
	f["vendor_name"], f["country"] = vendor.Name, vendor.Country
	if !vendor.Foreign() {
		f["vat_rate"] = typedDecimal(v, money.PercentOf(models.StandardVAT))
	}
}

// prefillCharge fills in what the expected charge says.
func prefillCharge(v *visit, f Fields, charge models.Charge) {
	sv, _ := v.register.Service(charge.ServiceID)
	s, _ := v.register.Subscription(charge.SubscriptionID)
	prefillService(v, f, sv)
	f["service"] = typedID(sv.ID)
	f["paid_on"] = cal.Min(charge.On, v.today).String()
	f["billed"], f["currency"] = v.words.MoneyInput(charge.Billed), string(charge.Billed.Currency())
	f["period_from"], f["period_to"] = charge.Period.From.String(), charge.Period.Last().String()
	f["account"], f["analytic"] = v.register.AccountOf(s), s.Analytic
	if f["vat_rate"] != "" && charge.Billed.Currency() == money.EUR {
		_, vat := money.PercentOf(models.StandardVAT).Included(charge.Billed)
		f["vat"] = v.words.MoneyInput(vat)
	}
}

func (w *Web) showPaymentForm(c echo.Context, page paymentFormPage, status int) error {
	v := visitOf(c)
	f := page.Form.Fields
	f.seen(v)
	if page.Action == "" {
		page.Action = "/payments"
	}
	e := entry{Fields: Fields{"service": f["service"], "billed": f["billed"], "currency": f["currency"], "paid_on": f["paid_on"]}}
	page.Service, _ = v.register.Service(e.id("service"))
	if page.Wrong.ID == 0 && page.Charge.ServiceID == 0 {
		page.Services = servicesInUse(v)
	}
	page.Currencies, page.Countries = currencyOptions(v, f["currency"]), countryOptions(v)
	page.Accounts = accountsUsed(v.register)
	page.Foreign = (f["currency"] != "" && f["currency"] != string(money.EUR)) || f["debited"]+f["rate"] != ""
	page.Known = knownRate(v, &e)
	page.Through, page.Lost = v.register.ClosedThrough(), chose(c)
	if billed := e.amount("billed", e.currency()); page.Charge.ServiceID != 0 && billed.Currency() == page.Charge.Billed.Currency() && billed.Less(page.Charge.Billed) && billed.IsPositive() {
		page.Left = page.Charge.Billed.Sub(billed)
	}
	page.Back = localPath(f["to"])
	if page.Back == "/" {
		page.Back = "/payments"
	}
	title := "payments.new_title"
	if page.Wrong.ID != 0 {
		title, page.Back = "payments.correct_title", "/payments/"+typedID(page.Wrong.ID)
	}
	return w.render(c, screen{status: status, name: "payment-form", nav: "payments", title: title, page: page})
}

// knownRate says what the register would convert the amount with, or that it knows no rate; nothing for euros.
func knownRate(v *visit, e *entry) string {
	currency := e.currency()
	if currency == money.EUR || currency == "" {
		return ""
	}
	on := e.dayOr("paid_on", v.today)
	amount := e.amount("billed", currency)
	if amount.IsNone() || e.bad != nil {
		amount = money.Zero(currency)
	}
	conv := v.register.Convert(amount, cal.Min(on, v.today), v.today)
	if !conv.OK() {
		return v.words.T("payments.no_rate", "currency", v.words.Symbol(currency))
	}
	if !serves(v, conv, amount, on) {
		return v.words.T("payments.old_rate", "currency", v.words.Symbol(currency), "day", conv.Day)
	}
	if amount.IsZero() {
		return v.words.T("payments.known_rate", rateArgs(v, conv, currency)...)
	}
	return v.words.T("payments.known_rate_makes", rateArgs(v, conv, currency)...)
}

func rateArgs(v *visit, conv models.Conversion, currency money.Currency) []any {
	return []any{"source", v.words.Kind("rate", string(conv.Source)), "day", conv.Day, "rate", conv.Rate, "currency", v.words.Symbol(currency), "amount", conv.EUR}
}

// serves tells whether a payment of a day may take a rate, which may be too old for it.
func serves(v *visit, conv models.Conversion, amount money.Amount, on cal.Date) bool {
	return models.Payment{Billed: amount, PaidOn: on, Rate: conv.Rate, RateDay: conv.Day, RateSource: conv.Source}.Settle(v.register.Organisation.VATStatusOn(on)).Converted()
}

// rateSince is the rate that has become known for a payment recorded without; false while there is none. The payment
// takes it only once it is corrected: what is recorded does not move by itself.
func rateSince(v *visit, p models.Payment) (models.Conversion, bool) {
	conv := v.register.Convert(p.Billed, p.PaidOn, v.today)
	return conv, !p.Converted() && conv.OK() && serves(v, conv, p.Billed, p.PaidOn)
}

// servicesInUse are the services in use, by name; the empty choice asks for one.
func servicesInUse(v *visit) []Option {
	out := serviceOptions(v)
	out[0].Label = v.words.T("payments.choose_service")
	return slices.DeleteFunc(out, func(o Option) bool {
		e := entry{Fields: Fields{"id": o.Value}}
		sv, ok := v.register.Service(e.id("id"))
		return ok && sv.Archived()
	})
}

// currencyOptions are the currencies the register has met, the usual ones, and the one typed.
func currencyOptions(v *visit, typed string) []Option {
	seen := []money.Currency{money.EUR, "USD", "GBP", "CHF"}
	for _, r := range v.register.Rates {
		seen = append(seen, r.Currency)
	}
	for _, p := range v.register.Payments {
		seen = append(seen, p.Billed.Currency())
	}
	if typed != "" {
		seen = append(seen, money.Currency(typed))
	}
	var out []Option
	for i, c := range seen {
		if slices.Index(seen, c) == i {
			out = append(out, Option{string(c), string(c)})
		}
	}
	return out
}

func countryOptions(v *visit) []Option {
	out := []Option{{"", v.words.T("payments.country_unknown")}}
	for _, c := range v.words.Countries() {
		out = append(out, Option{c.Code, c.Name})
	}
	return out
}

// accountsUsed are the expense accounts of the organisation's functions, to choose from while typing.
func accountsUsed(r *models.Register) []string {
	out := []string{models.DefaultAccount, "626", "6135"}
	for _, f := range r.Functions {
		out = append(out, f.Account)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// sharedFacts are what a form says of an invoice as a whole, whatever it is for.
func sharedFacts(e *entry, currency money.Currency) models.Payment {
	p := models.Payment{
		PaidOn: e.day("paid_on"), InvoiceNumber: e.text("invoice_number"), InvoiceDate: e.day("invoice_date"),
		VendorName: e.text("vendor_name"), Country: e.text("country"),
		Billed: e.amount("billed", currency), Net: e.amount("net", currency), VAT: e.amount("vat", currency), VATRate: e.percent("vat_rate"),
		Exempt: e.tick("exempt"), Note: e.text("note"),
	}
	if currency != money.EUR { // euros are what was billed, and need no rate
		p.Debited, p.Rate = e.amount("debited", money.EUR), e.rate()
		if !p.Rate.IsZero() && p.Debited.IsNone() {
			p.RateSource, p.RateDay = models.RateInvoice, p.PaidOn
		} else {
			p.Rate = money.Rate{}
		}
	}
	p.Foreign = models.Vendor{Country: p.Country}.Foreign()
	return p
}

// parsePayment turns the form into a payment, with everything wrong in it noted.
func parsePayment(v *visit, e *entry) models.Payment {
	p := sharedFacts(e, e.currency())
	p.ServiceID, p.SubscriptionID, p.ChargeOn, p.Part = e.id("service"), e.id("subscription"), e.day("on"), e.tick("part")
	p.Account, p.Analytic = e.text("account"), e.text("analytic")
	p.Period.From = e.day("period_from")
	if last := e.day("period_to"); !last.IsZero() {
		p.Period.To = last.AddDays(1)
	}
	checked := p.Check(v.today)
	if e.bad.Has("currency") { // amounts in no currency are not wrong by themselves
		checked = slices.DeleteFunc(checked, func(x models.Problem) bool { return x.Field == "billed" || x.Field == "net" || x.Field == "vat" })
	}
	e.merge(checked, nil)
	closedDay(v, e, p.PaidOn)
	return p
}

// closedDay refuses a day of payment in closed accounts beside its field, rather than after everything else is right.
func closedDay(v *visit, e *entry, on cal.Date) {
	if !on.IsZero() && v.register.Closed(on) && !e.bad.Has("paid_on") {
		e.bad.Add("paid_on", "closed", "day", v.register.ClosedThrough())
	}
}

func (w *Web) recordPayment(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, paymentFields...)}
	page := paymentFormPage{}
	if e.is("subscription") {
		var err error
		if page.Charge, err = openCharge(c, &e); err != nil {
			return err
		}
		e.Fields["service"] = typedID(page.Charge.ServiceID)
	}
	p := parsePayment(v, &e)
	p.Version = e.version()
	if _, ok := v.register.Service(p.ServiceID); !ok && p.ServiceID != 0 {
		return models.ErrNotFound
	}
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.RecordPayment(c.Request().Context(), v.actor, p, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error {
			page.Form = f
			return w.showPaymentForm(c, page, status)
		})
	}
	to := localPath(e.text("to"))
	if to == "/" {
		to = "/payments"
	}
	return w.paymentDone(c, to, id, "payment_recorded", "/payments/"+typedID(id)+"/reversal", files)
}

// paymentDone files what came with the form and says what was written: in words when there was no rate to convert it
// with, and what is left of a charge that was paid in part.
func (w *Web) paymentDone(c echo.Context, to string, id models.ID, key, undo string, files []store.NamedFile) error {
	v := visitOf(c)
	if _, err := w.store.Attach(c.Request().Context(), v.actor, id, files...); err != nil {
		return w.unfiled(c, id, err)
	}
	r, err := w.store.Register(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	p, _ := r.Payment(id)
	sv, _ := r.Service(p.ServiceID)
	n := Notice{Key: key, Undo: undo, Args: []string{"service", sv.Name, "amount", v.words.Money(p.Billed), "cost", v.words.Money(p.Cost)}}
	left, open := r.OpenCharge(p.SubscriptionID, p.ChargeOn, v.today)
	switch {
	case !p.Converted():
		n.Key += "_unconverted"
	case p.Part && open:
		n.Key += "_part"
		n.Args = append(n.Args, "left", v.words.Money(left.Billed))
	case p.Billed.Currency() != money.EUR:
		n.Key += "_converted"
		n.Args = append(n.Args, "source", provenance(v, p))
	case p.Billed.IsNegative() && key == "payment_recorded":
		n.Key += "_credit"
		n.Args = []string{"service", sv.Name, "amount", v.words.Money(p.Billed.Neg())}
	}
	if to == "/payments" && slices.ContainsFunc(r.Doubts(p), isSlip) { // told while the invoice is at hand
		to += "/" + typedID(id)
	}
	return w.done(c, to, n)
}

// isSlip tells a doubt that typing may have caused from one that comes back with every invoice of a vendor.
func isSlip(d models.Doubt) bool { return d != models.DoubtNoVAT && d != models.DoubtVATInvoiced }

// unfiled answers when a payment is recorded and its files could not be kept: it is not to be recorded a second time,
// only the files are to be added.
func (w *Web) unfiled(c echo.Context, id models.ID, err error) error {
	w.Logger.Error("keep the files of a payment", "payment", id, "error", err)
	return w.done(c, "/payments/"+typedID(id), Notice{Key: "payment_unfiled"})
}

// provenance says where the euros of a foreign payment come from.
func provenance(v *visit, p models.Payment) string {
	if p.RateSource == models.RateBank {
		return v.words.Kind("rate", string(p.RateSource))
	}
	return v.words.T("payments.provenance", "source", v.words.Kind("rate", string(p.RateSource)), "rate", p.Rate, "day", p.RateDay)
}

func (w *Web) correctionPage(c echo.Context) error {
	wrong, err := correctable(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	f := typedPayment(v, wrong)
	if v.register.Closed(wrong.PaidOn) {
		f["paid_on"] = v.today.String()
	}
	return w.showPaymentForm(c, correction(v, wrong, Form{Fields: f}), http.StatusOK)
}

// correctable is the payment in the address when it can be put right by itself: it stands, and it is no part of an
// invoice over several services, whose sums belong together.
func correctable(c echo.Context) (models.Payment, error) {
	wrong, err := askedPayment(c)
	if err != nil {
		return wrong, err
	}
	v := visitOf(c)
	if _, err := wrong.Reversal(v.register.ReversalDay(wrong, v.today)); err != nil {
		return wrong, err
	}
	if len(v.register.InvoiceOf(wrong)) > 1 {
		return wrong, models.Refused{Rule: "invoice.several"}
	}
	return wrong, nil
}

func correction(v *visit, wrong models.Payment, f Form) paymentFormPage {
	page := paymentFormPage{Form: f, Wrong: wrong, Action: "/payments/" + typedID(wrong.ID) + "/correction", Closed: v.register.Closed(wrong.PaidOn)}
	if wrong.SubscriptionID != 0 && !wrong.ChargeOn.IsZero() {
		page.Charge, _ = v.register.Charge(wrong.SubscriptionID, wrong.ChargeOn, v.today)
	}
	return page
}

// typedPayment is a payment as somebody would have typed it. A rate that the register found is left out: it finds the
// right one again.
func typedPayment(v *visit, p models.Payment) Fields {
	f := Fields{
		"service": typedID(p.ServiceID), "subscription": typedID(p.SubscriptionID), "on": p.ChargeOn.String(), "paid_on": p.PaidOn.String(),
		"billed": v.words.MoneyInput(p.Billed), "currency": string(p.Billed.Currency()), "net": v.words.MoneyInput(p.Net), "vat": v.words.MoneyInput(p.VAT),
		"exempt": typedTick(p.Exempt), "part": typedTick(p.Part),
		"debited": v.words.MoneyInput(p.Debited), "vendor_name": p.VendorName, "country": p.Country,
		"invoice_number": p.InvoiceNumber, "invoice_date": p.InvoiceDate.String(), "period_from": p.Period.From.String(), "period_to": p.Period.Last().String(),
		"account": p.Account, "analytic": p.Analytic, "note": p.Note,
	}
	if !p.VATRate.IsZero() {
		f["vat_rate"] = typedDecimal(v, p.VATRate)
	}
	if p.RateSource == models.RateInvoice {
		f["rate"] = typedDecimal(v, p.Rate)
	}
	return f
}

func (w *Web) correctPayment(c echo.Context) error {
	v := visitOf(c)
	wrong, err := correctable(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, paymentFields...)}
	// What it is about does not change: another service is another payment.
	e.Fields["service"], e.Fields["subscription"], e.Fields["on"] = typedID(wrong.ServiceID), typedID(wrong.SubscriptionID), wrong.ChargeOn.String()
	p := parsePayment(v, &e)
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.CorrectPayment(c.Request().Context(), v.actor, wrong.ID, p, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPaymentForm(c, correction(v, wrong, f), status) })
	}
	return w.paymentDone(c, "/payments/"+typedID(id), id, "payment_corrected", "", files)
}

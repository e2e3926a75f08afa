package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// paymentPage is everything about one payment, and about the invoice it is of.
type paymentPage struct {
	models.Payment
	Form       Form // of the files to attach
	Service    models.Service
	Recorded   string // when and by whom
	Vendor     string
	Reversal   models.Payment // the payment that undoes it
	Original   models.Payment // the payment it undoes
	ReversedOn cal.Date
	Doubts     []doubtLine
	RateSince  string        // the rate that has become known for it, recorded without
	Subscribed bool          // it settles an expected charge
	Charge     models.Charge // what is left of the charge it pays a part of; zero when nothing is
	Lines      []invoiceLine // of its invoice, when that covers several services
	Total      models.Payment
	Files      []fileLine
	Closed     bool
	Through    cal.Date // last day closed
}

// Kind is what the heading calls the payment.
func (p paymentPage) Kind() string {
	switch {
	case p.ReversesID != 0:
		return "reversal"
	case p.ReversedByID != 0:
		return "reversed"
	case p.Billed.IsNegative():
		return "credit"
	}
	return "paid"
}

// Said is the amount the heading says: a credit note's without its sign.
func (p paymentPage) Said() money.Amount {
	if p.Kind() == "credit" {
		return p.Billed.Neg()
	}
	return p.Billed
}

// invoiceLine is what the invoice bills for one service.
type invoiceLine struct {
	models.Payment
	Service string
	This    bool
}

// doubtLine is what is worth a second look, with a way to it.
type doubtLine struct {
	Said, Label, Href string
}

func (w *Web) paymentPage(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) { return paymentScreen(visitOf(c), p, http.StatusOK, Form{}), nil })
}

// showPayment shows the page again with what was wrong with the files.
func (w *Web) showPayment(c echo.Context, p models.Payment, status int, f Form) error {
	return w.render(c, paymentScreen(visitOf(c), p, status, f))
}

func paymentScreen(v *visit, p models.Payment, status int, f Form) screen {
	page := newPaymentPage(v, p)
	page.Form = f
	return screen{
		status: status, name: "payment", nav: "payments", title: "payments.one_title",
		args: []any{"service", page.Service.Name, "day", p.PaidOn}, page: page,
	}
}

func askedPayment(c echo.Context) (models.Payment, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Payment{}, err
	}
	p, ok := visitOf(c).register.Payment(id)
	if !ok {
		return models.Payment{}, models.ErrNotFound
	}
	return p, nil
}

func newPaymentPage(v *visit, p models.Payment) paymentPage {
	r := v.register
	page := paymentPage{
		Payment: p, Subscribed: p.SubscriptionID != 0 && !p.ChargeOn.IsZero(), Vendor: p.VendorName, Recorded: noted(v, p.RecordedAt, p.RecordedBy),
		Files: attachmentLines(v, p), Closed: r.Closed(p.PaidOn), Through: r.ClosedThrough(),
	}
	page.Service, _ = r.Service(p.ServiceID)
	page.Reversal, _ = r.Payment(p.ReversedByID)
	page.Original, _ = r.Payment(p.ReversesID)
	page.ReversedOn = cal.Of(page.Reversal.RecordedAt.In(r.Organisation.Location()))
	if page.Net.IsNone() && !p.VAT.IsNone() {
		page.Net = p.Billed.Sub(p.VAT)
	}
	if p.Part && p.Stands() {
		page.Charge, _ = r.OpenCharge(p.SubscriptionID, p.ChargeOn, v.today)
	}
	page.Lines, page.Total = invoiceLines(v, p)
	if p.Stands() {
		page.Doubts = doubtLines(v, p)
		if conv, ok := rateSince(v, p); ok {
			page.RateSince = v.words.T("payments.known_rate_makes", rateArgs(v, conv, p.Billed.Currency())...)
		}
	}
	return page
}

// noted says when and by whom something was written down.
func noted(v *visit, at time.Time, by models.ID) string {
	moment := v.words.Moment(at.In(v.register.Organisation.Location()))
	if who, ok := v.register.Person(by); ok {
		return v.words.T("payments.recorded_by", "at", moment, "by", who.Name)
	}
	return moment
}

// invoiceLines are the payments of an invoice over several services with their totals; none for an invoice of its own.
func invoiceLines(v *visit, p models.Payment) ([]invoiceLine, models.Payment) {
	all := v.register.InvoiceOf(p)
	if len(all) < 2 {
		return nil, models.Payment{}
	}
	lines := make([]invoiceLine, len(all))
	var total models.Payment
	for i, x := range all {
		sv, _ := v.register.Service(x.ServiceID)
		lines[i] = invoiceLine{x, sv.Name, x.ID == p.ID}
		total.Billed = total.Billed.Add(x.Billed)
		total.EUR, total.Cost = total.EUR.Add(x.EUR), total.Cost.Add(x.Cost)
	}
	return lines, total
}

// doubtLines says what is worth a second look and where to go about it.
func doubtLines(v *visit, p models.Payment) []doubtLine {
	var out []doubtLine
	for _, d := range v.register.Doubts(p) {
		line := doubtLine{Said: v.words.T("payments.doubt." + string(d))}
		switch d {
		case models.DoubtTwice:
			if twin, ok := twinOf(v.register, p); ok {
				line.Label, line.Href = v.words.T("payments.see_twin", "day", twin.PaidOn), "/payments/"+typedID(twin.ID)
			}
		case models.DoubtVATRate, models.DoubtVATSum, models.DoubtBeforeStart:
			if v.actor.Role.MayEdit() && len(v.register.InvoiceOf(p)) < 2 {
				line.Label, line.Href = v.words.T("payments.correct"), "/payments/"+typedID(p.ID)+"/correction"
			}
		case models.DoubtVATInvoiced, models.DoubtNoVAT: // for the supplier to put right
		}
		out = append(out, line)
	}
	return out
}

// twinOf is another payment that stands with the same vendor, invoice number and amount.
func twinOf(r *models.Register, p models.Payment) (models.Payment, bool) {
	for _, x := range r.Payments {
		if x.ID != p.ID && x.Stands() && x.InvoiceNumber == p.InvoiceNumber && x.VendorName == p.VendorName && x.Billed == p.Billed {
			return x, true
		}
	}
	return models.Payment{}, false
}

// reversalPage asks before a payment, or the whole invoice it is of, is undone.
type reversalPage struct {
	Form    Form
	Payment models.Payment
	Service models.Service
	Lines   []invoiceLine
	Total   models.Payment
	On      cal.Date // day of what undoes it
	Moved   bool     // because its own day is closed
}

func (w *Web) reversalPage(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	return w.showReversal(c, p, http.StatusOK, Form{})
}

func (w *Web) showReversal(c echo.Context, p models.Payment, status int, f Form) error {
	v := visitOf(c)
	on := v.register.ReversalDay(p, v.today)
	if _, err := p.Reversal(on); err != nil {
		return err
	}
	page := reversalPage{Form: f, Payment: p, On: on, Moved: on != p.PaidOn}
	page.Service, _ = v.register.Service(p.ServiceID)
	page.Lines, page.Total = invoiceLines(v, p)
	return w.render(c, screen{status: status, name: "payment-reversal", nav: "payments", title: "payments.reverse_title", args: []any{"service", page.Service.Name}, page: page})
}

// reversePayment undoes a payment; one of several services of an invoice goes with the others, for the bank has paid
// them in one sum. With "again" the invoice comes back to be typed anew.
func (w *Web) reversePayment(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "note", "again")}
	sv, _ := v.register.Service(p.ServiceID)
	lines, total := invoiceLines(v, p)
	if len(lines) > 0 {
		err = w.store.ReverseInvoice(c.Request().Context(), v.actor, p.ID, e.text("note"))
	} else {
		_, err = w.store.ReversePayment(c.Request().Context(), v.actor, p.ID, e.text("note"))
	}
	if err != nil {
		if _, refused := p.Reversal(v.register.ReversalDay(p, v.today)); refused != nil {
			return err
		}
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showReversal(c, p, status, f) })
	}
	if len(lines) == 0 {
		return w.done(c, "/payments/"+typedID(p.ID), Notice{Key: "payment_reversed", Args: []string{"service", sv.Name, "amount", v.words.Money(p.Billed)}})
	}
	to := "/payments/" + typedID(p.ID)
	if e.tick("again") {
		to = "/invoices/new?again=" + typedID(p.ID)
	}
	return w.done(c, to, Notice{Key: "invoice_reversed", Args: []string{"number", p.InvoiceNumber, "amount", v.words.Money(total.Billed)}})
}

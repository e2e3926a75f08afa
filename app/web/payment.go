package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// paymentPage is everything about one payment.
type paymentPage struct {
	models.Payment
	Service    models.Service
	Net        money.Amount // without the VAT it prints; none when it prints none
	Recorded   string       // when and by whom
	Vendor     string
	Reversal   models.Payment // the payment that undoes it
	Original   models.Payment // the payment it undoes
	ReversedOn cal.Date
	Doubts     []string
	Subscribed bool // it settles an expected charge
}

func (w *Web) paymentPage(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		page := newPaymentPage(visitOf(c), p)
		return screen{
			status: http.StatusOK, name: "payment", nav: "payments", title: "payments.one_title",
			args: []any{"service", page.Service.Name, "day", p.PaidOn}, page: page,
		}, nil
	})
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
	r, w := v.register, v.words
	page := paymentPage{Payment: p, Subscribed: p.SubscriptionID != 0 && !p.ChargeOn.IsZero(), Vendor: p.VendorName}
	page.Service, _ = r.Service(p.ServiceID)
	page.Reversal, _ = r.Payment(p.ReversedByID)
	page.Original, _ = r.Payment(p.ReversesID)
	page.ReversedOn = cal.Of(page.Reversal.RecordedAt.In(r.Organisation.Location()))
	if !p.VAT.IsNone() {
		page.Net = p.Billed.Sub(p.VAT)
	}
	by, _ := r.Person(p.RecordedBy)
	at := w.Moment(p.RecordedAt.In(r.Organisation.Location()))
	if page.Recorded = at; by.Name != "" {
		page.Recorded = w.T("payments.recorded_by", "at", at, "by", by.Name)
	}
	for _, d := range p.Doubts() {
		page.Doubts = append(page.Doubts, w.T("payments.doubt."+string(d)))
	}
	return page
}

// reversalPage asks before a payment is undone.
type reversalPage struct {
	Form    Form
	Payment models.Payment
	Service models.Service
}

func (w *Web) reversalPage(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	return w.showReversal(c, p, http.StatusOK, Form{})
}

func (w *Web) showReversal(c echo.Context, p models.Payment, status int, f Form) error {
	if _, err := p.Reversal(cal.Date{}); err != nil {
		return err
	}
	page := reversalPage{Form: f, Payment: p}
	page.Service, _ = visitOf(c).register.Service(p.ServiceID)
	return w.render(c, screen{status: status, name: "payment-reversal", nav: "payments", title: "payments.reverse_title", args: []any{"service", page.Service.Name}, page: page})
}

func (w *Web) reversePayment(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "note")}
	sv, _ := v.register.Service(p.ServiceID)
	if _, err = w.store.ReversePayment(c.Request().Context(), v.actor, p.ID, e.text("note")); err != nil {
		if _, refused := p.Reversal(cal.Date{}); refused != nil {
			return err
		}
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showReversal(c, p, status, f) })
	}
	return w.done(c, "/payments/"+typedID(p.ID), Notice{Key: "payment_reversed", Args: []string{"service", sv.Name, "amount", v.words.Money(p.Billed)}})
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

var bookingFields = []string{"account", "analytic", "invoice_number", "invoice_date", "note"}

// bookingPage asks for what the books say of a payment: its account and its invoice, and no amount.
type bookingPage struct {
	Form    Form
	Payment models.Payment
	Service string
}

func (w *Web) bookingPage(c echo.Context) error {
	p, err := correctable(c)
	if err != nil {
		return err
	}
	f := Fields{"account": p.Account, "analytic": p.Analytic, "invoice_number": p.InvoiceNumber, "note": p.Note}
	if !p.InvoiceDate.IsZero() {
		f["invoice_date"] = p.InvoiceDate.String()
	}
	return w.showBooking(c, http.StatusOK, p, Form{Fields: f})
}

func (w *Web) showBooking(c echo.Context, status int, p models.Payment, f Form) error {
	service, _ := visitOf(c).register.Service(p.ServiceID)
	page := bookingPage{Form: f, Payment: p, Service: service.Name}
	return w.render(c, screen{status: status, name: "booking", nav: "payments", title: "booking.title", args: []any{"service", service.Name}, page: page})
}

func (w *Web) rebookPayment(c echo.Context) error {
	p, err := correctable(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, bookingFields...)}
	b := models.Booking{
		Account: e.text("account"), Analytic: e.text("analytic"), InvoiceNumber: e.text("invoice_number"), InvoiceDate: e.day("invoice_date"), Note: e.text("note"),
	}
	e.merge(b.Check(), nil)
	e.merge(p.Rebooked(b).Check(v.today), nil)
	id := p.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.RebookPayment(c.Request().Context(), v.actor, p.ID, b)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showBooking(c, status, p, f) })
	}
	return w.done(c, "/payments/"+typedID(id), Notice{Key: "payment_rebooked"})
}

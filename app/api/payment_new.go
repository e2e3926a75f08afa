package api

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

// keyHeader names a request, so that sending it again after a broken line pays nothing twice.
const keyHeader = "Idempotency-Key"

// once is the request as it is remembered: its key, and a digest of what it asks for.
func (c *call) once(body []byte) (store.Once, error) {
	given := c.Request().Header.Values(keyHeader)
	unseen := func(r rune) bool { return r < '!' || r > '~' }
	if len(given) != 1 || given[0] == "" || len(given[0]) > store.MaxRequestKey || strings.ContainsFunc(given[0], unseen) {
		return store.Once{}, problem{status: http.StatusBadRequest, kind: "key", args: []any{"max", store.MaxRequestKey}}
	}
	what := append([]byte(c.Request().Method+" "+c.Request().URL.Path+"\n"), body...)
	return store.Once{Key: given[0], Digest: sha256.Sum256(what)}, nil
}

// recordPayment notes one payment.
func (a *API) recordPayment(c *call) error {
	if err := c.asks(); err != nil {
		return err
	}
	o, body, err := readBody(c)
	if err != nil {
		return err
	}
	once, err := c.once(body)
	if err != nil {
		return err
	}
	p := c.paymentFrom(o)
	// What is wrong by itself is told together with what is wrong in the writing.
	for _, x := range p.Check(c.today()) {
		if !o.wrong(pointerTo(x.Field)) {
			*o.bad = append(*o.bad, x)
		}
	}
	if err := o.bad.Err(); err != nil {
		return err
	}
	id, again, err := a.store.RecordPaymentOnce(c.Request().Context(), c.actor, once, p, c.today())
	if err != nil {
		return err
	}
	return a.created(c, id, again)
}

// wrong tells whether something is noted of a member, or within it.
func (o object) wrong(pointer string) bool {
	return slices.ContainsFunc(*o.bad, func(x models.Problem) bool {
		p := pointerTo(x.Field)
		return p == pointer || strings.HasPrefix(p, pointer+"/")
	})
}

// paymentFrom reads a payment; what it does not say is filled in from the register.
func (c *call) paymentFrom(o object) models.Payment {
	p := models.Payment{
		ServiceID: o.id("service_id"), SubscriptionID: o.id("subscription_id"), ChargeOn: o.day("charge_on"), Part: o.flag("part"),
		PaidOn: o.day("paid_on"), InvoiceNumber: o.text("invoice_number"), InvoiceDate: o.day("invoice_date"), Period: o.span("period"),
		VendorName: o.text("vendor_name"), Country: o.text("country"),
		Billed: o.sum("billed"), Net: o.sum("net"), VAT: o.sum("vat"), VATRate: o.percent("vat_rate"), Exempt: o.flag("exempt"),
		Debited: o.sum("debited"), Rate: o.rate("rate"), Account: o.text("account"), Analytic: o.text("analytic"), Note: o.text("note"),
	}
	o.rest()
	if s, ok := c.register.Subscription(p.SubscriptionID); ok && p.ServiceID == 0 {
		p.ServiceID = s.ServiceID
	} else if !ok && p.SubscriptionID != 0 {
		o.bad.Add("subscription", "choose")
	}
	switch {
	case p.Rate.IsZero():
	case p.Billed.Currency() == money.EUR, !p.Debited.IsNone():
		o.bad.Add("rate", "rate.not_needed")
	default:
		p.RateSource, p.RateDay = models.RateInvoice, p.PaidOn
	}
	if p.Billed.Currency() == money.EUR && !p.Debited.IsNone() {
		o.bad.Add("debited", "debited.euros")
	}
	p.Foreign = models.Vendor{Country: p.Country}.Foreign()
	return p
}

// reversePayment undoes one payment by another.
func (a *API) reversePayment(c *call) error {
	id, err := c.one()
	if err == nil {
		err = c.asks()
	}
	if err != nil {
		return err
	}
	o, body, err := readBody(c)
	if err != nil {
		return err
	}
	once, err := c.once(body)
	if err != nil {
		return err
	}
	note := o.text("note")
	o.rest()
	if err := o.bad.Err(); err != nil {
		return err
	}
	undoing, again, err := a.store.ReversePaymentOnce(c.Request().Context(), c.actor, once, id, note)
	if err != nil {
		return err
	}
	return a.created(c, undoing, again)
}

// created answers the payment that a request made, now or the first time it came.
func (a *API) created(c *call, id models.ID, again bool) error {
	var err error
	if c.register, err = a.store.Register(c.Request().Context(), c.bearer.Organisation); err != nil {
		return err
	}
	p, ok := c.register.Payment(id)
	if !ok {
		return models.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Location", Root+"/payments/"+strconv.FormatInt(int64(id), 10))
	if again {
		h.Set("Idempotency-Replayed", "true")
	}
	return send(c, http.StatusCreated, jsonType, c.showPayment(&p))
}

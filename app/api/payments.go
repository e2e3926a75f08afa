package api

import (
	"enveloppe/models"
)

type paymentAnswer struct {
	ID             models.ID          `json:"id"`
	Service        *named             `json:"service"`
	SubscriptionID *models.ID         `json:"subscription_id"`
	ChargeOn       *string            `json:"charge_on"`
	Part           bool               `json:"part"`
	InvoiceID      *models.ID         `json:"invoice_id"`
	PaidOn         string             `json:"paid_on"`
	InvoiceNumber  *string            `json:"invoice_number"`
	InvoiceDate    *string            `json:"invoice_date"`
	Period         *span              `json:"period"`
	VendorName     *string            `json:"vendor_name"`
	Country        *string            `json:"country"`
	Billed         *sum               `json:"billed"`
	Net            *sum               `json:"net"`
	VAT            *sum               `json:"vat"`
	VATRate        *string            `json:"vat_rate"`
	Exempt         bool               `json:"exempt"`
	Debited        *sum               `json:"debited"`
	Rate           *string            `json:"rate"`
	RateDay        *string            `json:"rate_day"`
	RateSource     *models.RateSource `json:"rate_source"`
	EUR            *sum               `json:"eur"`
	VATInvoiced    *sum               `json:"vat_invoiced"`
	VATDue         *sum               `json:"vat_due"`
	VATDeductible  *sum               `json:"vat_deductible"`
	Cost           *sum               `json:"cost"`
	Account        *string            `json:"account"`
	Analytic       *string            `json:"analytic"`
	Note           *string            `json:"note"`
	ReversesID     *models.ID         `json:"reverses_id"`
	ReversedByID   *models.ID         `json:"reversed_by_id"`
	RecordedAt     *string            `json:"recorded_at"`
	RecordedBy     *named             `json:"recorded_by"`
}

// payments are those paid in a fiscal year, today's when the address names none, by ID: those added while somebody
// turns the pages come on the last.
func payments(c *call) (any, error) {
	if err := c.asks("year", "after", "limit"); err != nil {
		return nil, err
	}
	year, err := c.year()
	if err != nil {
		return nil, err
	}
	days := year.Span()
	var all []models.Payment
	for i := range c.register.Payments {
		if p := &c.register.Payments[i]; days.Contains(p.PaidOn) {
			all = append(all, *p)
		}
	}
	return page(c, all, func(p *models.Payment) models.ID { return p.ID }, c.showPayment)
}

func payment(c *call) (any, error) {
	id, err := c.one()
	if err != nil {
		return nil, err
	}
	p, ok := c.register.Payment(id)
	if !ok {
		return nil, models.ErrNotFound
	}
	return c.showPayment(&p), c.asks()
}

func (c *call) showPayment(p *models.Payment) paymentAnswer {
	a := paymentAnswer{
		ID: p.ID, Service: c.service(p.ServiceID), SubscriptionID: number(p.SubscriptionID), ChargeOn: date(p.ChargeOn), Part: p.Part,
		InvoiceID: number(p.InvoiceID), PaidOn: p.PaidOn.String(), InvoiceNumber: text(p.InvoiceNumber), InvoiceDate: date(p.InvoiceDate),
		Period: spanOf(p.Period), VendorName: text(p.VendorName), Country: text(p.Country),
		Billed: c.sum(p.Billed), Net: c.sum(p.Net), VAT: c.sum(p.VAT), Exempt: p.Exempt, Debited: c.sum(p.Debited),
		Rate: text(p.Rate.String()), RateDay: date(p.RateDay), RateSource: text(p.RateSource),
		EUR: c.sum(p.EUR), VATInvoiced: c.sum(p.VATInvoiced), VATDue: c.sum(p.VATDue), VATDeductible: c.sum(p.VATDeductible), Cost: c.sum(p.Cost),
		Account: text(p.Account), Analytic: text(p.Analytic), Note: text(p.Note),
		ReversesID: number(p.ReversesID), ReversedByID: number(p.ReversedByID), RecordedAt: moment(p.RecordedAt), RecordedBy: c.person(p.RecordedBy),
	}
	if !p.VAT.IsNone() || !p.VATRate.IsZero() {
		a.VATRate = text(p.VATRate.String())
	}
	return a
}

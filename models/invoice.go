package models

import (
	"fmt"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Invoice is one invoice over several charges or services: the payment holds what its lines share, with the totals.
type Invoice struct {
	Payment
	Lines []InvoiceLine
}

// InvoiceLine is what an invoice bills for one service.
type InvoiceLine struct {
	ServiceID, SubscriptionID ID
	ChargeOn                  cal.Date
	Part                      bool
	Billed, VAT               money.Amount // VAT none on all lines: the invoice's is shared out
	VATRate                   money.Percent
	Period                    cal.Span
	Account, Analytic         string
}

// Check says what is wrong with the invoice as typed.
func (i Invoice) Check(today cal.Date) Invalid {
	whole := i.Payment
	whole.ServiceID, whole.SubscriptionID, whole.ChargeOn, whole.Part = 1, 0, cal.Date{}, false
	v := whole.Check(today)
	for n, l := range i.Lines {
		if l.ServiceID == 0 {
			v.Add(fmt.Sprintf("line.%d.service", n), "choose")
		}
	}
	return v
}

// Settle makes the payments of the invoice, one a line.
func (i Invoice) Settle(s VATStatus) []Payment {
	var all []Payment
	for _, l := range i.Lines {
		p := i.Payment
		p.ServiceID, p.SubscriptionID, p.ChargeOn, p.Part, p.Billed, p.VAT = l.ServiceID, l.SubscriptionID, l.ChargeOn, l.Part, l.Billed, l.VAT
		p.VATRate, p.Period, p.Account, p.Analytic = l.VATRate, l.Period, l.Account, l.Analytic
		all = append(all, p.Settle(s))
	}
	return all
}

// InvoiceOf are the payments of one invoice that share the fate of p, by ID: those that stand, those that were reversed
// or those that reverse. Of an invoice of its own it is p alone.
func (r *Register) InvoiceOf(p Payment) []Payment {
	if p.InvoiceID == 0 {
		return []Payment{p}
	}
	var all []Payment
	for _, at := range r.invoices[p.InvoiceID] {
		if x := &r.Payments[at]; (x.ReversesID == 0) == (p.ReversesID == 0) && (x.ReversedByID == 0) == (p.ReversedByID == 0) {
			all = append(all, *x)
		}
	}
	return all
}

package store

import (
	"cmp"
	"context"
	"fmt"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// RecordInvoice notes one invoice over several charges or services: a payment a line, which share an InvoiceID, in the
// lines' order. What is not given is filled in as RecordPayment does; problems of a line come under "line.0.charge" and
// so on. One line alone is an invoice of its own. A Version is as for RecordPayment: an invoice sent twice is answered with
// its payments.
func (s *Store) RecordInvoice(ctx context.Context, by models.Actor, i models.Invoice, today cal.Date) ([]models.ID, error) {
	var ids []models.ID
	err := s.write(ctx, by, "invoice.record", mayEdit, func(a *act) error {
		var err error
		if ids, err = a.invoiceSentBefore(i); err != nil || len(ids) > 0 {
			return err
		}
		i, err := a.completeInvoice(i, today)
		if err != nil {
			return err
		}
		r, err := a.register()
		if err != nil {
			return err
		}
		ids = make([]models.ID, 0, len(i.Lines))
		lines, invoice := i.Settle(r.Organisation.VATStatusOn(i.PaidOn)), a.org.NextID
		for _, p := range lines {
			p.InvoiceID = 0
			if len(lines) > 1 {
				p.InvoiceID = invoice
			}
			id, err := a.insertPayment(p)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// invoiceSentBefore are the payments of the invoice that the same form has recorded already, told by its first line.
func (a *act) invoiceSentBefore(i models.Invoice) ([]models.ID, error) {
	if len(i.Lines) == 0 {
		return nil, nil
	}
	l := i.Lines[0]
	p := i.Payment
	p.ServiceID, p.SubscriptionID, p.ChargeOn, p.Part, p.Billed = l.ServiceID, l.SubscriptionID, l.ChargeOn, l.Part, l.Billed
	twin, err := a.sentBefore(p)
	if err != nil || twin.ID == 0 {
		return nil, err
	}
	ids, err := a.invoiceOf(twin)
	if err != nil || len(ids) != len(i.Lines) { // another one, which began alike
		return nil, err
	}
	return ids, nil
}

// completeInvoice checks an invoice as typed and fills in what follows from the register.
func (a *act) completeInvoice(i models.Invoice, today cal.Date) (models.Invoice, error) {
	r, err := a.register()
	if err != nil {
		return i, err
	}
	i.Lines = append([]models.InvoiceLine(nil), i.Lines...)
	var v models.Invalid
	for n := range i.Lines {
		if err := a.completeLine(&v, r, i, n, today); err != nil {
			return i, err
		}
	}
	if err := all(i.Check(today), v).Err(); err != nil {
		return i, err
	}
	if err := a.open(i.PaidOn); err != nil {
		return i, err
	}
	i.ID, i.Version, i.ReversesID, i.ReversedByID = 0, 0, 0, 0
	i.RecordedAt, i.RecordedBy = a.by.At, a.by.Person
	first, _ := r.Service(i.Lines[0].ServiceID)
	sub, _ := r.Subscription(i.Lines[0].SubscriptionID)
	account, analytic := i.Account, i.Analytic
	i.Payment = rated(r, copied(r, i.Payment, first, sub), today)
	i.Account, i.Analytic = account, analytic // a line's own are not the first one's
	return i, nil
}

// completeLine does it for one line, which is named in the problems by its number.
func (a *act) completeLine(v *models.Invalid, r *models.Register, i models.Invoice, n int, today cal.Date) error {
	l := &i.Lines[n]
	p := i.Payment
	p.ServiceID, p.SubscriptionID, p.ChargeOn, p.Part, p.Billed = l.ServiceID, l.SubscriptionID, l.ChargeOn, l.Part, l.Billed
	p.Account, p.Analytic = cmp.Or(l.Account, i.Account), cmp.Or(l.Analytic, i.Analytic)
	if l.Period != (cal.Span{}) {
		p.Period = l.Period
	}
	var own models.Invalid
	service, sub, err := a.place(&own, r, &p, today, models.Payment{})
	if err != nil {
		return err
	}
	for _, problem := range own {
		problem.Field = fmt.Sprintf("line.%d.%s", n, problem.Field)
		*v = append(*v, problem)
	}
	p = copied(r, p, service, sub)
	l.ServiceID, l.Period, l.Account, l.Analytic = p.ServiceID, p.Period, p.Account, p.Analytic
	return nil
}

// ReverseInvoice undoes what stands of an invoice, named by any of its payments. The bank line of it is open again.
func (s *Store) ReverseInvoice(ctx context.Context, by models.Actor, id models.ID, note string) error {
	return s.write(ctx, by, "invoice.reverse", mayEdit, func(a *act) error {
		p, err := fetch(a, &paymentRow{}, id)
		if err != nil {
			return err
		}
		if _, err := p.Reversal(p.PaidOn); err != nil {
			return err
		}
		lines, err := a.invoiceOf(p)
		if err != nil {
			return err
		}
		for _, id := range lines {
			line, err := fetch(a, &paymentRow{}, id)
			if err != nil {
				return err
			}
			if _, err := a.undo(line, note); err != nil {
				return err
			}
			if err := a.openLine(id); err != nil {
				return err
			}
		}
		return nil
	})
}

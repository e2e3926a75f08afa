package models

import "enveloppe/models/money"

// Doubt is something about a payment that is worth a second look. It is told, never put right by itself: what the
// invoice prints is what was recorded.
type Doubt string

// What may be wrong with a payment.
const (
	// DoubtVATInvoiced: a taxable organisation was invoiced VAT from abroad; the vendor does not know its VAT number.
	DoubtVATInvoiced Doubt = "vat_invoiced"
	// DoubtNoVAT: an organisation that is not taxable was invoiced no VAT from abroad, where French VAT was due.
	DoubtNoVAT Doubt = "no_vat"
	// DoubtVATSum: the total without VAT and the VAT printed are more than a cent away from the total.
	DoubtVATSum Doubt = "vat_sum"
	// DoubtBeforeStart: it was paid long before the subscription began, or for days before it did.
	DoubtBeforeStart Doubt = "before_start"
	// DoubtTwice: an invoice of the same vendor, number and amount is recorded already.
	DoubtTwice Doubt = "twice"
	// DoubtVATRate: the VAT printed is more than a cent away from what the rate makes of the total.
	DoubtVATRate Doubt = "vat_rate"
)

// Doubts are what is worth a second look about a payment; none about a reversal, which only undoes.
func (p Payment) Doubts() []Doubt {
	var found []Doubt
	if p.ReversesID != 0 {
		return nil
	}
	invoiced := !p.VAT.IsNone() && !p.VAT.IsZero()
	switch {
	case p.Foreign && invoiced && p.VATKind != NotTaxable:
		found = append(found, DoubtVATInvoiced)
	case p.Foreign && !invoiced && p.VATKind == NotTaxable && !p.Exempt:
		found = append(found, DoubtNoVAT)
	}
	if invoiced && !p.VATRate.IsZero() {
		_, vat := p.VATRate.Included(p.Billed)
		if cent := money.Cents(1, p.Billed.Currency()); cent.Less(vat.Sub(p.VAT).Abs()) {
			found = append(found, DoubtVATRate)
		}
	}
	return found
}

// Doubts are what is worth a second look about a payment, also beside the rest of the register.
func (r *Register) Doubts(p Payment) []Doubt { return p.Doubts() }

// byNumber are the payments that stand, by invoice number; indices into Payments.
func (r *Register) byNumber() map[string][]int {
	all := map[string][]int{}
	for i := range r.Payments {
		if p := &r.Payments[i]; p.InvoiceNumber != "" && p.ReversesID == 0 && p.ReversedByID == 0 {
			all[p.InvoiceNumber] = append(all[p.InvoiceNumber], i)
		}
	}
	return all
}

// Under is the register as if the organisation had always stood towards VAT as s says: what each payment and each
// expected charge would have cost it then. It answers "what does this setting change", and is never stored.
func (r *Register) Under(s VATStatus) *Register {
	f := r.Facts
	s.From = f.Organisation.KeptFrom.AddMonths(-12 * 100)
	f.Organisation.VAT = []VATStatus{s}
	f.Payments = append([]Payment(nil), f.Payments...)
	for i := range f.Payments {
		f.Payments[i] = f.Payments[i].Under(s)
	}
	return NewRegister(f)
}

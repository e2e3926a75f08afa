package models

import (
	"fmt"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Doubt is something about a payment that is worth a second look. It is told, never put right by itself: what the
// invoice prints is what was recorded.
type Doubt string

// What may be wrong with a payment.
const (
	// DoubtVATInvoiced: a taxable organisation was invoiced VAT from abroad; the vendor does not know its VAT number.
	DoubtVATInvoiced Doubt = "vat_invoiced"
	// DoubtNoVAT: an organisation that is not taxable was invoiced no VAT from abroad, where French VAT was due.
	DoubtNoVAT Doubt = "no_vat"
	// DoubtVATSum: the total without VAT and the VAT printed are more than a cent a line away from the total.
	DoubtVATSum Doubt = "vat_sum"
	// DoubtVATRate: the VAT printed is more than a cent a line away from what the rate makes of the total.
	DoubtVATRate Doubt = "vat_rate"
	// DoubtBeforeStart: it was paid more than a period before the subscription began, or is for days before it did.
	DoubtBeforeStart Doubt = "before_start"
	// DoubtTwice: another invoice of the same vendor bears the same number and amount.
	DoubtTwice Doubt = "twice"
)

// Doubts are what is worth a second look about a payment by itself; none about a reversal, which only undoes. The sums
// of an invoice over several services are judged by Register.Doubts, of all its lines together.
func (p Payment) Doubts() []Doubt {
	if p.ReversesID != 0 {
		return nil
	}
	found := p.vatDoubts()
	if p.InvoiceID == 0 {
		found = append(found, sumDoubts([]Payment{p})...)
	}
	return found
}

// Doubts are what is worth a second look about a payment, beside the rest of the register too.
func (r *Register) Doubts(p Payment) []Doubt {
	if p.ReversesID != 0 {
		return nil
	}
	found := p.vatDoubts()
	lines := r.InvoiceOf(p)
	if len(lines) == 0 { // not of the register
		lines = []Payment{p}
	}
	found = append(found, sumDoubts(lines)...)
	if r.beforeStart(&p) {
		found = append(found, DoubtBeforeStart)
	}
	if p.Stands() && r.recordedTwice(lines) {
		found = append(found, DoubtTwice)
	}
	return found
}

func (p *Payment) invoicesVAT() bool { return !p.VAT.IsNone() && !p.VAT.IsZero() }

func (p *Payment) vatDoubts() []Doubt {
	switch invoiced := p.invoicesVAT(); {
	case p.Foreign && invoiced && p.VATKind != NotTaxable:
		return []Doubt{DoubtVATInvoiced}
	case p.Foreign && !invoiced && p.VATKind == NotTaxable && !p.Exempt:
		return []Doubt{DoubtNoVAT}
	}
	return nil
}

// sumDoubts hold the amounts an invoice prints against one another, allowing each line one cent of rounding.
func sumDoubts(lines []Payment) (found []Doubt) {
	in := lines[0].Billed.Currency()
	cents := money.Cents(1, in)
	if in.Digits() == 0 {
		cents = money.Cents(100, in)
	}
	cents = cents.Times(int64(len(lines)))
	nothing := money.Zero(in)
	sum, rate := nothing, nothing // by how much the lines are off
	taxed := map[taxBase]money.Amount{}
	for i := range lines {
		p := &lines[i]
		if p.Billed.Currency() != in {
			return nil // lines were corrected apart: they are no sum any more
		}
		vat := nothing.Add(p.VAT)
		if !p.Net.IsNone() {
			sum = sum.Add(p.Billed).Sub(p.Net).Sub(vat)
		}
		if !p.invoicesVAT() || p.VATRate.IsZero() {
			continue
		}
		rate = rate.Add(vat)
		base, of := taxBase{p.VATRate, !p.Net.IsNone()}, p.Billed
		if base.net {
			of = p.Net
		}
		taxed[base] = taxed[base].Add(of)
	}
	for base, of := range taxed {
		rate = rate.Sub(base.vat(of))
	}
	if cents.Less(sum.Abs()) {
		found = append(found, DoubtVATSum)
	}
	if cents.Less(rate.Abs()) {
		found = append(found, DoubtVATRate)
	}
	return found
}

// taxBase is what VAT at a rate is counted on: the total without it, or the whole total where only that is printed.
type taxBase struct {
	rate money.Percent
	net  bool
}

func (b taxBase) vat(of money.Amount) money.Amount {
	if b.net {
		return b.rate.Of(of)
	}
	_, vat := b.rate.Included(of)
	return vat
}

// beforeStart tells whether a payment lies, by its day or its days of service, before the use it pays for. One that
// names no subscription is held against the first of its service.
func (r *Register) beforeStart(p *Payment) bool {
	s, ok := r.Subscription(p.SubscriptionID)
	for _, at := range r.subsOf[p.ServiceID] {
		if x := &r.Subscriptions[at]; p.SubscriptionID == 0 && (!ok || x.StartedOn.Before(s.StartedOn)) {
			s, ok = *x, true
		}
	}
	if !ok {
		return false
	}
	ahead := s.Cadence.Period(s.StartedOn, 0).Days()
	if s.Cadence.Unit == cal.Once {
		ahead = 366
	}
	return s.StartedOn.AddDays(-ahead).After(p.PaidOn) || (!p.Period.IsEmpty() && !p.Period.To.After(s.StartedOn))
}

// recordedTwice tells whether another invoice that stands has the vendor, the number and the amount of these lines. The
// parts of one charge that were paid on different days are instalments of one invoice.
func (r *Register) recordedTwice(lines []Payment) bool {
	p, total := &lines[0], sumBilled(lines)
	for _, at := range r.numbered()[invoiceNumber(p)] {
		other := &r.Payments[at]
		if other.ID == p.ID || (p.InvoiceID != 0 && other.InvoiceID == p.InvoiceID) || r.senderOf(other) != r.senderOf(p) {
			continue
		}
		instalment := p.Part && other.Part && p.SubscriptionID == other.SubscriptionID && p.ChargeOn == other.ChargeOn && p.PaidOn != other.PaidOn
		if !instalment && !total.IsNone() && sumBilled(r.InvoiceOf(*other)) == total {
			return true
		}
	}
	return false
}

// sumBilled adds up what lines of one invoice bill; none when they are not in one currency.
func sumBilled(lines []Payment) money.Amount {
	var total money.Amount
	for i := range lines {
		if i > 0 && lines[i].Billed.Currency() != total.Currency() {
			return money.Amount{}
		}
		total = total.Add(lines[i].Billed)
	}
	return total
}

// invoiceNumber is the number of a payment's invoice whatever the capitals and the spaces; empty when it has none.
func invoiceNumber(p *Payment) string {
	return strings.ToUpper(strings.Join(strings.Fields(p.InvoiceNumber), ""))
}

// senderOf is who sent a payment's invoice: the vendor named on it, else its service's.
func (r *Register) senderOf(p *Payment) string {
	if name := strings.TrimSpace(p.VendorName); name != "" {
		return strings.ToUpper(name)
	}
	sv, _ := r.Service(p.ServiceID)
	if v, ok := r.Vendor(sv.VendorID); ok {
		return strings.ToUpper(v.Name)
	}
	return fmt.Sprint(p.ServiceID) // nobody says who: the same service, then
}

// byNumber are the payments that stand, by the number of their invoice; indices into Payments.
func (r *Register) byNumber() map[string][]int {
	all := map[string][]int{}
	for i := range r.Payments {
		p := &r.Payments[i]
		if number := invoiceNumber(p); number != "" && p.ReversesID == 0 && p.ReversedByID == 0 {
			all[number] = append(all[number], i)
		}
	}
	return all
}

// Under is the register as if the organisation had always stood towards VAT as s says: what each payment and each
// expected charge would have cost it then; the euros of a payment stay what they were. It answers "what does this
// setting change", and is never stored.
func (r *Register) Under(s VATStatus) *Register {
	f := r.Facts
	s.From = f.Organisation.KeptFrom.AddMonths(-12 * 100)
	f.Organisation.VAT = []VATStatus{s}
	f.Payments = append([]Payment(nil), f.Payments...)
	for i := range f.Payments {
		f.Payments[i] = f.Payments[i].Under(s)
	}
	for id := range r.invoices { // the cents of an invoice of several lines are shared out again
		r.invoiceUnder(f.Payments, id, s)
	}
	return NewRegister(f)
}

// invoiceUnder settles an invoice's payments under a status, those of one fate together.
func (r *Register) invoiceUnder(payments []Payment, invoice ID, s VATStatus) {
	byFate := map[[2]bool][]int{}
	for _, at := range r.invoices[invoice] {
		p := &payments[at]
		fate := [2]bool{p.ReversesID == 0, p.ReversedByID == 0}
		byFate[fate] = append(byFate[fate], at)
	}
	for _, group := range byFate {
		lines := pick(payments, group)
		shareVAT(lines, s)
		for i, at := range group {
			payments[at] = lines[i]
		}
	}
}

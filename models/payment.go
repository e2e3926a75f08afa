package models

import (
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// RateSource says where a conversion's rate comes from.
type RateSource string

// The sources of a rate, in the order they are preferred.
const (
	RateBank    RateSource = "bank"    // the euros the bank debited
	RateInvoice RateSource = "invoice" // printed on the invoice
	RateECB     RateSource = "ecb"     // reference rate of the European Central Bank
	RateTyped   RateSource = "typed"   // typed by hand for planning
)

// Payment is money that actually left. It is recorded once and never edited away: a mistake is undone by a reversing
// payment, which carries the same figures with the other sign.
type Payment struct {
	ID             ID
	Version        int64
	ServiceID      ID
	SubscriptionID ID       // 0 when it settles no expected charge
	ChargeOn       cal.Date // day of the charge it settles; zero when free-standing
	// Part tells that it pays a part of its charge only: what is left of the charge stays open.
	Part bool
	// InvoiceID is shared by the payments of one invoice that covers several services: the ID of the first of them; 0
	// for an invoice of its own.
	InvoiceID ID
	PaidOn    cal.Date

	InvoiceNumber string
	InvoiceDate   cal.Date
	Period        cal.Span // days of service, half-open
	VendorName    string   // as invoiced, copied
	Country       string   // of the invoicing entity, copied
	Foreign       bool     // outside France by that country

	Billed  money.Amount // total of the invoice, in its currency; negative for a credit note
	Net     money.Amount // total without VAT as it prints it, in its currency; none when it prints none
	VAT     money.Amount // VAT it prints, in its currency; none when it prints none
	VATRate money.Percent
	// Exempt tells that the invoice says no VAT is due on it (exempt, or outside the tax): nothing is reverse charged.
	Exempt bool

	Debited    money.Amount // euros the bank debited; none when not known
	Rate       money.Rate   // used for the conversion; zero for euros and for what the bank debited
	RateDay    cal.Date
	RateSource RateSource

	// EUR is the total in euros, VATInvoiced its VAT; VATDue is owed by the organisation itself (reverse charge),
	// VATDeductible comes back, Cost is what the organisation really bears. All none when not converted.
	EUR, VATInvoiced, VATDue, VATDeductible, Cost money.Amount
	VATKind                                       VATKind // status the cost was computed under

	Account  string // expense account, copied
	Analytic string
	Note     string

	ReversesID   ID // the payment this one undoes
	ReversedByID ID // the payment that undoes this one
	RecordedAt   time.Time
	RecordedBy   ID
}

// Converted tells whether the payment has an amount in euros.
func (p Payment) Converted() bool { return !p.EUR.IsNone() }

// Conversion is how its amount became euros.
func (p Payment) Conversion() Conversion {
	return Conversion{EUR: p.EUR, Rate: p.Rate, Day: p.RateDay, Source: p.RateSource}
}

// Stands tells whether the payment is neither reversed nor a reversal.
func (p Payment) Stands() bool { return p.ReversesID == 0 && p.ReversedByID == 0 }

// Check says what is wrong with the payment as typed; today is the organisation's day. Only a payment that settles no
// charge may be negative: a credit note, whose VAT and debit are then negative too.
func (p Payment) Check(today cal.Date) Invalid {
	var v Invalid
	if p.ServiceID == 0 {
		v.Add("service", "choose")
	}
	if (p.SubscriptionID == 0 && !p.ChargeOn.IsZero()) || (p.Part && p.ChargeOn.IsZero()) {
		v.Add("charge", "choose")
	}
	if p.PaidOn.IsZero() {
		v.Add("paid_on", "date.empty")
	} else if p.PaidOn.After(today) {
		v.Add("paid_on", "date.future")
	}
	checkLabel(&v, "invoice_number", p.InvoiceNumber)
	checkLabel(&v, "vendor_name", p.VendorName)
	if p.Country != "" && !isUpper(p.Country, 2) {
		v.Add("country", "country")
	}
	if p.Period.From.IsZero() != p.Period.To.IsZero() {
		v.Add("period_to", "period.both")
	} else if !p.Period.From.IsZero() && p.Period.IsEmpty() {
		v.Add("period_to", "end.before_start", "day", p.Period.From)
	}
	p.checkAmounts(&v)
	checkAccount(&v, "account", p.Account, false)
	checkLabel(&v, "analytic", p.Analytic)
	checkText(&v, "note", p.Note)
	return v
}

func (p Payment) checkAmounts(v *Invalid) {
	billed, net, vat, debited, minus := p.Billed, p.Net, p.VAT, p.Debited, "negative"
	if billed.IsNegative() && p.ChargeOn.IsZero() { // the rules of an invoice, the other way round
		billed, net, vat, debited, minus = billed.Neg(), net.Neg(), vat.Neg(), debited.Neg(), "sign.same"
	}
	switch {
	case billed.IsNone():
		v.Add("billed", "required")
		return
	case billed.IsZero():
		v.Add("billed", "positive")
	default:
		checkAmount(v, "billed", billed)
	}
	switch {
	case vat.IsNone():
	case vat.Currency() != billed.Currency():
		v.Add("vat", "currency.same")
	case vat.IsNegative():
		v.Add("vat", minus)
	case billed.Less(vat):
		v.Add("vat", "vat.above_total")
	}
	switch {
	case net.IsNone():
	case net.Currency() != billed.Currency():
		v.Add("net", "currency.same")
	case net.IsNegative():
		v.Add("net", minus)
	case billed.Less(net):
		v.Add("net", "net.above_total")
	}
	switch {
	case debited.IsNone():
	case debited.Currency() != money.EUR:
		v.Add("debited", "currency.same")
	case debited.IsNegative():
		v.Add("debited", minus)
	case debited.IsZero():
		v.Add("debited", "positive")
	default:
		checkAmount(v, "debited", debited)
	}
}

// Reversal is the payment that undoes p: the same facts, every amount with the other sign. It is dated on, or as p when
// on is none or before that; Register.ReversalDay says which day the closed accounts allow. Reversing the reversal is
// refused: record the payment anew instead.
func (p Payment) Reversal(on cal.Date) (Payment, error) {
	switch {
	case p.ReversesID != 0:
		return Payment{}, Refused{Rule: "is_reversal"}
	case p.ReversedByID != 0:
		return Payment{}, Refused{Rule: "already_reversed"}
	}
	r := p
	r.ID, r.Version, r.ReversesID = 0, 0, p.ID
	r.PaidOn = cal.Max(p.PaidOn, on)
	for _, a := range []*money.Amount{&r.Billed, &r.Net, &r.VAT, &r.Debited, &r.EUR, &r.VATInvoiced, &r.VATDue, &r.VATDeductible, &r.Cost} {
		if !a.IsNone() {
			*a = a.Neg()
		}
	}
	return r, nil
}

// CheckReversal says what is wrong with undoing a payment, as typed: only its note is.
func (p Payment) CheckReversal() Invalid {
	var v Invalid
	checkText(&v, "note", p.Note)
	return v
}

// Waiver says that an expected charge will not be paid, and why.
type Waiver struct {
	ID             ID
	Version        int64
	SubscriptionID ID
	ChargeOn       cal.Date
	Reason         string
	By             ID
	On             cal.Date
}

// Check says what is wrong with the waiver as typed.
func (w Waiver) Check() Invalid {
	var v Invalid
	if w.SubscriptionID == 0 || w.ChargeOn.IsZero() {
		v.Add("charge", "choose")
	}
	checkName(&v, "reason", w.Reason)
	return v
}

package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// StandardVAT is the French standard rate in percent: what a foreign supplier's invoice without VAT makes the
// organisation owe, and what a French price typed with its tax is taken to contain.
const StandardVAT = 20

var standardVAT = money.PercentOf(StandardVAT)

// borne is what an invoice in euros means to the organisation.
type borne struct {
	invoiced, due, deductible, cost money.Amount
}

// bear works out the cost the organisation really bears of an invoice in euros: total as invoiced, vat of it that the
// invoice prints. A bears the total; B bears it too, and owes French VAT itself (at the rate, the standard one unless
// said) when charged tells that a supplier abroad left it to the customer (reverse charge, article 283-2 of the tax
// code); C gets its share of either VAT back. Amounts printed are taken as they are.
func (s VATStatus) bear(total, vat money.Amount, rate money.Percent, charged bool) borne {
	zero := money.Zero(money.EUR)
	b := borne{invoiced: zero, due: zero, deductible: zero}
	if !vat.IsNone() {
		b.invoiced = vat
	}
	if s.owes(b.invoiced, charged) {
		b.due = orStandard(rate).Of(total)
	}
	if s.Kind == PartDeducts {
		b.deductible = s.Share.Of(b.invoiced.Add(b.due))
	}
	b.cost = total.Add(b.due).Sub(b.deductible)
	return b
}

// owes tells whether the organisation owes the French VAT of an invoice that prints so much of it.
func (s VATStatus) owes(invoiced money.Amount, charged bool) bool {
	return s.Kind != NotTaxable && charged && invoiced.IsZero()
}

func orStandard(rate money.Percent) money.Percent {
	if rate.IsZero() {
		return standardVAT
	}
	return rate
}

// Settle fills in what follows from a payment's typed facts: euros, VAT and the cost borne. Euros come from the bank's
// debit, else the rate given (the invoice's or a published one); with neither, or with a reference rate more than
// PublishedHolds days older than the payment or out of all proportion, it stays "not converted". A rate without a source is the invoice's.
func (p Payment) Settle(s VATStatus) Payment {
	p.VATKind = s.Kind
	p.EUR, p.VATInvoiced, p.VATDue, p.VATDeductible, p.Cost = money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}
	switch {
	case p.Billed.IsNone():
		return p
	case p.Billed.Currency() == money.EUR:
		p.EUR, p.Rate, p.RateSource, p.RateDay = p.Billed, money.Rate{}, "", cal.Date{}
	case !p.Debited.IsNone():
		p.EUR, p.Rate, p.RateSource, p.RateDay = p.Debited, money.Rate{}, RateBank, p.PaidOn
	case p.Rate.IsZero() || p.rateTooOld() || inEuros(p.Billed, p.Rate).IsNone():
		p.Rate, p.RateSource, p.RateDay = money.Rate{}, "", cal.Date{}
		return p
	default:
		if p.RateSource == "" {
			p.RateSource = RateInvoice
		}
		p.EUR = inEuros(p.Billed, p.Rate)
	}
	p.VATInvoiced = money.Zero(money.EUR)
	switch {
	case p.VAT.IsNone() || p.Billed.IsZero():
	case p.Billed.Currency() == money.EUR:
		p.VATInvoiced = p.VAT
	default: // both have one sign, that of the euros
		p.VATInvoiced = p.EUR.Prorate(p.VAT.Abs().Units(), p.Billed.Abs().Units())
	}
	return p.Under(s)
}

// Under is the payment as it would stand under a VAT status: its euros and the VAT invoiced in them stay, what is due,
// what comes back and the cost are worked out again. One that is not converted stays so.
func (p Payment) Under(s VATStatus) Payment {
	p.VATKind = s.Kind
	if !p.Converted() {
		return p
	}
	b := s.bear(p.EUR, p.VATInvoiced, p.VATRate, p.reverseCharged())
	p.VATDue, p.VATDeductible, p.Cost = b.due, b.deductible, b.cost
	return p
}

// reverseCharged tells whether French VAT would be the customer's to pay: a supplier abroad, and nothing that frees the
// invoice from the tax.
func (p Payment) reverseCharged() bool { return p.Foreign && !p.Exempt }

// rateTooOld tells whether a reference rate does not reach the day of the payment. A rate typed for planning goes on
// serving expected charges for a year; money that has left is converted by its own week's or not at all.
func (p Payment) rateTooOld() bool {
	reference := p.RateSource == RateECB || p.RateSource == RateTyped
	return reference && (p.RateDay.After(p.PaidOn) || p.RateDay.DaysUntil(p.PaidOn) > PublishedHolds)
}

// expectedCost is what a price in euros will cost once invoiced: French prices are typed with their tax, foreign ones
// come without when the organisation is a taxable person.
func (s VATStatus) expectedCost(price money.Amount, foreign bool) money.Amount {
	if s.Kind != PartDeducts || foreign {
		return s.bear(price, money.Amount{}, money.Percent{}, foreign).cost
	}
	_, vat := standardVAT.Included(price)
	return s.bear(price, vat, money.Percent{}, false).cost
}

package models

import "enveloppe/models/money"

// StandardVAT is the French standard rate in percent: what a foreign supplier's invoice without VAT makes the
// organisation owe, and what a French price typed with its tax is taken to contain.
const StandardVAT = 20

// borne is what an invoice in euros means to the organisation.
type borne struct {
	invoiced, due, deductible, cost money.Amount
}

// bear works out the cost the organisation really bears of an invoice in euros: total as invoiced, vat of it that the
// invoice prints. A bears the total; B bears it too, and owes French VAT itself when a foreign supplier invoices none
// (reverse charge, article 283-2 of the tax code); C gets its share of either VAT back. Amounts printed are taken as they are.
func (s VATStatus) bear(total, vat money.Amount, rate money.Percent, foreign bool) borne {
	zero := money.Zero(money.EUR)
	b := borne{invoiced: zero, due: zero, deductible: zero}
	if !vat.IsNone() {
		b.invoiced = vat
	}
	if s.Kind != NotTaxable && foreign && b.invoiced.IsZero() {
		if rate.IsZero() {
			rate = money.PercentOf(StandardVAT)
		}
		b.due = rate.Of(total)
	}
	if s.Kind == PartDeducts {
		b.deductible = s.Share.Of(b.invoiced.Add(b.due))
	}
	b.cost = total.Add(b.due).Sub(b.deductible)
	return b
}

// Settle fills in what follows from a payment's typed facts: euros, VAT and the cost borne. Euros come from the bank's
// debit, else the rate given (the invoice's or a published one); with neither the payment stays "not converted".
func (p Payment) Settle(s VATStatus) Payment {
	p.VATKind = s.Kind
	switch {
	case p.Billed.Currency() == money.EUR:
		p.EUR, p.Rate, p.RateSource = p.Billed, money.Rate{}, ""
	case !p.Debited.IsNone():
		p.EUR, p.Rate, p.RateSource, p.RateDay = p.Debited, money.Rate{}, RateBank, p.PaidOn
	case !p.Rate.IsZero():
		p.EUR = p.Rate.ToEUR(p.Billed)
	default:
		p.EUR, p.VATInvoiced, p.VATDue, p.VATDeductible, p.Cost = money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}, money.Amount{}
		return p
	}
	vat := p.VAT
	if !vat.IsNone() && p.Billed.Currency() != money.EUR {
		vat = p.EUR.Prorate(vat.Units(), p.Billed.Units())
	}
	b := s.bear(p.EUR, vat, p.VATRate, p.Foreign)
	p.VATInvoiced, p.VATDue, p.VATDeductible, p.Cost = b.invoiced, b.due, b.deductible, b.cost
	return p
}

// expectedCost is what a price in euros will cost once invoiced: French prices are typed with their tax, foreign ones
// come without when the organisation is a taxable person.
func (s VATStatus) expectedCost(price money.Amount, foreign bool) money.Amount {
	if s.Kind != PartDeducts || foreign {
		return s.bear(price, money.Amount{}, money.Percent{}, foreign).cost
	}
	_, vat := money.PercentOf(StandardVAT).Included(price)
	return s.bear(price, vat, money.Percent{}, false).cost
}

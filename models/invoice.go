package models

import (
	"fmt"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// MaxInvoiceLines is the most services one invoice may be shared over.
const MaxInvoiceLines = 100

// Invoice is one invoice over several charges or services. The payment holds what its lines share, with the totals: what
// a line says of its own is not asked of it, and its accounts and rate of VAT hold for the lines that name none.
type Invoice struct {
	Payment
	Lines []InvoiceLine
}

// InvoiceLine is what an invoice bills for one service, with its VAT. All lines have one sign, that of the invoice: a
// credit among them is an invoice of its own.
type InvoiceLine struct {
	ServiceID, SubscriptionID ID
	ChargeOn                  cal.Date     // day of the charge it settles; zero when free-standing
	Part                      bool         // it pays a part of the charge only
	Billed, VAT               money.Amount // VAT none on all lines: the invoice's is shared out
	VATRate                   money.Percent
	Period                    cal.Span
	Account, Analytic         string
}

// payment is the line as a payment of its own, with what the invoice's lines share.
func (i *Invoice) payment(l InvoiceLine) Payment {
	p := i.Payment
	p.ServiceID, p.SubscriptionID, p.ChargeOn, p.Part = l.ServiceID, l.SubscriptionID, l.ChargeOn, l.Part
	p.Billed, p.VAT, p.Net, p.Debited = l.Billed, l.VAT, money.Amount{}, money.Amount{}
	if !l.VATRate.IsZero() {
		p.VATRate = l.VATRate
	}
	if l.Period != (cal.Span{}) {
		p.Period = l.Period
	}
	if l.Account != "" {
		p.Account = l.Account
	}
	if l.Analytic != "" {
		p.Analytic = l.Analytic
	}
	return p
}

// Check says what is wrong with the invoice as typed; today is the organisation's day. What concerns line n, from 0, is
// noted under "line.n." and the field. What the lines leave of the total, or have too much, is noted under "billed", and
// likewise under "vat" when both print it.
func (i Invoice) Check(today cal.Date) Invalid {
	whole := i.Payment
	whole.ServiceID, whole.SubscriptionID, whole.ChargeOn, whole.Part = 1, 0, cal.Date{}, false // asked of the lines
	v := whole.Check(today)
	switch n := len(i.Lines); {
	case n == 0:
		v.Add("lines", "required")
		return v
	case n > MaxInvoiceLines:
		v.Add("lines", "number.range", "min", 1, "max", MaxInvoiceLines)
		return v
	}
	inParts, sums := map[chargeKey]bool{}, true // sums: amounts that can be added up
	for n, l := range i.Lines {
		problems := i.checkLine(l, today)
		if key := (chargeKey{l.SubscriptionID, l.ChargeOn}); !l.ChargeOn.IsZero() {
			if before, asked := inParts[key]; asked && !(before && l.Part) {
				problems.Add("charge", "charge.settled")
			}
			inParts[key] = l.Part
		}
		for _, p := range problems {
			sums = sums && p.Field != "billed" && p.Field != "vat"
			v.Add(fmt.Sprintf("line.%d.%s", n, p.Field), p.Rule, p.Args...)
		}
	}
	if sums && !v.Has("billed") && !v.Has("vat") {
		i.checkSums(&v)
	}
	return v
}

// checkLine holds a line to the rules of a payment and to the invoice it is of.
func (i *Invoice) checkLine(l InvoiceLine, today cal.Date) Invalid {
	p := i.payment(l)
	// Said once, of the invoice, or checked below.
	p.PaidOn, p.InvoiceNumber, p.VendorName, p.Country, p.Note = today, "", "", "", ""
	v := p.Check(today)
	whole := i.Billed
	if whole.IsNone() || l.Billed.IsNone() || v.Has("billed") {
		return v
	}
	switch {
	case l.Billed.Currency() != whole.Currency():
		v.Add("billed", "currency.same")
	case l.Billed.IsNegative() != whole.IsNegative():
		v.Add("billed", "sign.same")
	}
	return v
}

func (i *Invoice) checkSums(v *Invalid) {
	if i.Billed.IsNone() {
		return
	}
	billed, vat := money.Zero(i.Billed.Currency()), money.Amount{}
	for _, l := range i.Lines {
		billed, vat = billed.Add(l.Billed), vat.Add(l.VAT)
	}
	if missing := i.Billed.Sub(billed); !missing.IsZero() {
		v.Add("billed", "lines.sum", "missing", missing)
	}
	if vat.IsNone() || i.VAT.IsNone() {
		return
	}
	if missing := i.VAT.Sub(vat); !missing.IsZero() {
		v.Add("vat", "lines.sum", "missing", missing)
	}
}

// Settle makes the payments of an invoice that Check lets pass, one a line: what the bank debited, what the invoice
// prints, its euros and its VAT are shared out so that no cent is lost, and on every line the cost is the euros with the
// VAT due and without the deductible. The caller gives the payments their IDs, and the first's as InvoiceID to all.
func (i Invoice) Settle(s VATStatus) []Payment {
	if len(i.Lines) == 0 {
		return nil
	}
	lines := make([]Payment, len(i.Lines))
	billed := make([]money.Amount, len(lines))
	printed := money.Amount{}
	for n, l := range i.Lines {
		lines[n] = i.payment(l)
		billed[n], printed = l.Billed, printed.Add(l.VAT)
	}
	whole := i.Payment
	if !printed.IsNone() {
		whole.VAT = printed
	}
	whole.VATKind = s.Kind
	whole = whole.Settle(s)
	debited := shareOut(whole.Debited, billed)
	euros := billed
	if whole.Billed.Currency() != money.EUR {
		euros = shareOut(whole.EUR, billed)
	}
	vat := whole.vatOf(lines, printed.IsNone())
	net := make([]money.Amount, len(lines))
	for n := range lines {
		net[n] = billed[n]
		if !vat[n].IsNone() {
			net[n] = net[n].Sub(vat[n])
		}
	}
	net = shareOut(whole.Net, net)
	invoiced := shareOut(whole.VATInvoiced, vat)
	for n := range lines {
		p := &lines[n]
		p.Debited, p.Net, p.VAT, p.EUR, p.VATInvoiced = debited[n], net[n], vat[n], euros[n], invoiced[n]
		p.Rate, p.RateDay, p.RateSource = whole.Rate, whole.RateDay, whole.RateSource
	}
	shareVAT(lines, s)
	return lines
}

// vatOf is the VAT of each line as the invoice prints it: the line's own, or the invoice's shared out by what each
// line's rate makes of it.
func (p *Payment) vatOf(lines []Payment, share bool) []money.Amount {
	vat := make([]money.Amount, len(lines))
	if !share {
		for n := range lines {
			vat[n] = money.Zero(p.Billed.Currency()).Add(lines[n].VAT)
		}
		return vat
	}
	rated := false
	for n := range lines {
		_, vat[n] = lines[n].VATRate.Included(lines[n].Billed)
		rated = rated || !vat[n].IsZero()
	}
	if !rated {
		for n := range lines {
			vat[n] = lines[n].Billed
		}
	}
	return shareOut(p.VAT, vat)
}

// shareVAT works out what is due, what comes back and the cost on every line of an invoice, from their euros and the VAT
// invoiced in them: as for the invoice as one, a rate at a time, then shared out.
func shareVAT(lines []Payment, s VATStatus) {
	invoiced, euros := money.Zero(money.EUR), make([]money.Amount, len(lines))
	converted := true
	for n := range lines {
		lines[n].VATKind = s.Kind
		converted = converted && lines[n].Converted()
		invoiced, euros[n] = invoiced.Add(lines[n].VATInvoiced), lines[n].EUR
	}
	if !converted {
		return
	}
	for n := range lines {
		lines[n].VATDue, lines[n].VATDeductible = money.Zero(money.EUR), money.Zero(money.EUR)
	}
	if s.owes(invoiced, lines[0].reverseCharged()) {
		for _, group := range byRate(lines) {
			total, of := money.Zero(money.EUR), make([]money.Amount, len(group))
			for i, n := range group {
				total, of[i] = total.Add(euros[n]), euros[n]
			}
			for i, due := range shareOut(orStandard(lines[group[0]].VATRate).Of(total), of) {
				lines[group[i]].VATDue = due
			}
		}
	}
	if s.Kind == PartDeducts {
		total, of := money.Zero(money.EUR), make([]money.Amount, len(lines))
		for n := range lines {
			of[n] = lines[n].VATInvoiced.Add(lines[n].VATDue)
			total = total.Add(of[n])
		}
		for n, back := range shareOut(s.Share.Of(total), of) {
			lines[n].VATDeductible = back
		}
	}
	for n := range lines {
		lines[n].Cost = lines[n].EUR.Add(lines[n].VATDue).Sub(lines[n].VATDeductible)
	}
}

// byRate are the lines of each rate of VAT, by number, in order of the first.
func byRate(lines []Payment) [][]int {
	var rates gathered[money.Percent]
	for n := range lines {
		rates.add(orStandard(lines[n].VATRate), n)
	}
	return rates.groups
}

// gathered is numbers by what they share, the groups in order of their first.
type gathered[K comparable] struct {
	groups [][]int
	at     map[K]int
}

func (g *gathered[K]) add(key K, n int) {
	i, known := g.at[key]
	if !known {
		if g.at == nil {
			g.at = map[K]int{}
		}
		i = len(g.groups)
		g.at[key] = i
		g.groups = append(g.groups, nil)
	}
	g.groups[i] = append(g.groups[i], n)
}

// shareOut cuts an amount in proportion to others of one sign, so that the parts sum to it: where it is those others' own
// sum, each gets its own. Where they are all nothing the first gets it. No amount gives none to each.
func shareOut(whole money.Amount, by []money.Amount) []money.Amount {
	if whole.IsNone() {
		return make([]money.Amount, len(by))
	}
	weights, weighty := make([]int64, len(by)), false
	for n, a := range by {
		weights[n] = a.Abs().Units()
		weighty = weighty || weights[n] != 0
	}
	if !weighty {
		weights[0] = 1
	}
	return whole.Allocate(weights...)
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

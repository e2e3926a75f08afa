package models

import (
	"iter"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// EntryKind is what an entry of the books is for.
type EntryKind string

// The kinds of entries.
const (
	EntryPurchase    EntryKind = "purchase"     // an invoice: its cost and VAT against the supplier
	EntrySettlement  EntryKind = "settlement"   // the bank pays the supplier
	EntryPrepaid     EntryKind = "prepaid"      // at a closing: what serves after it is taken out of the year
	EntryPrepaidBack EntryKind = "prepaid_back" // on the next day: and comes back into the next one
)

// Entry is what a payment means in the books. Entries are worked out whenever somebody asks, never stored, and come out
// the same each time: payments are only ever added, and an entry's number is its rank in the order of recording.
type Entry struct {
	Kind    EntryKind
	Journal string // code
	Number  int    // within its journal and fiscal year, from 1
	On      cal.Date
	Piece   string // number of the invoice; empty when it prints none
	PieceOn cal.Date
	ValidOn cal.Date // day from which it was final: never before its own day, nor before that of the entry before it
	Due     cal.Date

	Payments []Payment // one, or those of an invoice over several services
	Reversal bool      // undoes another
	Lines    []EntryLine
}

// EntryLine is an amount on one side of an account. Amounts are euros, positive, on one side only.
type EntryLine struct {
	Account       string
	Auxiliary     string // account of the supplier, on its line only
	Supplier      bool   // it is the supplier's line
	Debit, Credit money.Amount
	Foreign       money.Amount // what the supplier billed in another currency; on its line only, positive
	Of            int          // which of the entry's payments it is about; -1 for all of them
	Analytic      string
}

// Balance is the debits less the credits, in euros: zero in a sound entry.
func (e Entry) Balance() money.Amount {
	sum := money.Zero(money.EUR)
	for _, l := range e.Lines {
		if !l.Debit.IsNone() {
			sum = sum.Add(l.Debit)
		}
		if !l.Credit.IsNone() {
			sum = sum.Sub(l.Credit)
		}
	}
	return sum
}

// add puts an amount on the debit side, or, below zero, on the credit side: a refund stands on the other side rather
// than with a minus sign. Nothing is no line.
func (e *Entry) add(l EntryLine, debit money.Amount) {
	if debit.IsNone() || debit.IsZero() {
		return
	}
	l.Debit, l.Credit = sides(debit)
	e.Lines = append(e.Lines, l)
}

func sides(debit money.Amount) (left, right money.Amount) {
	if debit.IsNegative() {
		return money.Amount{}, debit.Neg()
	}
	return debit, money.Amount{}
}

// Entries yields the purchases of a fiscal year in the order they were recorded, each followed by its settlement when
// the books want those. What was reversed and what reverses it are both there. A payment without euros has no entry, and
// neither has one worth less than half a cent: neither takes a number.
//
// The year is that of the payment's day; BookedOn says which day of it an entry bears.
func (r *Register) Entries(year cal.FiscalYear) iter.Seq[Entry] {
	books := r.Organisation.Books.OrDefault()
	return func(yield func(Entry) bool) {
		span, n, valid := year.Span(), 0, cal.Date{}
		for i := 0; i < len(r.Payments); i++ {
			group := r.Payments[i : i+r.sharing(i)]
			i += len(group) - 1
			if !span.Contains(group[0].PaidOn) || !group[0].Converted() {
				continue
			}
			e := r.purchase(books, group)
			if len(e.Lines) == 0 {
				continue
			}
			n++
			valid = cal.Max(valid, e.ValidOn) // also when a machine's clock went back meanwhile
			e.Number, e.ValidOn = n, valid
			if !yield(e) || (books.Settlements && !yield(settlement(books, e, n))) {
				return
			}
		}
	}
}

// sharing is how many payments from index i on are one invoice, or the undoing of one: they were recorded together and
// so follow one another.
func (r *Register) sharing(i int) int {
	first, n := &r.Payments[i], 1
	if first.InvoiceID == 0 {
		return n
	}
	for i+n < len(r.Payments) && together(first, &r.Payments[i+n]) {
		n++
	}
	return n
}

// together tells whether two payments came as one: a line corrected later is an invoice by itself.
func together(a, b *Payment) bool {
	return a.InvoiceID == b.InvoiceID && (a.ReversesID == 0) == (b.ReversesID == 0) && a.RecordedAt.Equal(b.RecordedAt) && a.PaidOn == b.PaidOn &&
		a.Billed.Currency() == b.Billed.Currency() && a.Converted() == b.Converted()
}

// purchase is the entry of an invoice: the cost borne and the VAT that comes back against the VAT owed and the supplier.
func (r *Register) purchase(books Bookkeeping, group []Payment) Entry {
	p := &group[0]
	e := Entry{
		Kind: EntryPurchase, Journal: books.PurchaseJournal, On: r.bookedOn(p), Due: p.PaidOn, Piece: p.InvoiceNumber,
		PieceOn: p.InvoiceDate, ValidOn: r.recordedOn(p), Payments: group, Reversal: p.ReversesID != 0,
	}
	if e.PieceOn.IsZero() {
		e.PieceOn = p.PaidOn
	}
	total, foreign, deductible, due := money.Zero(money.EUR), money.Zero(p.Billed.Currency()), money.Zero(money.EUR), money.Zero(money.EUR)
	shared := p.Analytic
	for i := range group {
		x := &group[i]
		e.add(EntryLine{Account: r.expenseAccount(x), Of: i, Analytic: x.Analytic}, x.Cost)
		total, foreign = total.Add(x.EUR), foreign.Add(x.Billed)
		deductible, due = deductible.Add(x.VATDeductible), due.Add(x.VATDue)
		if x.Analytic != shared { // what several codes share bears none
			shared = ""
		}
	}
	whole := 0
	if len(group) > 1 {
		whole = -1
	}
	e.add(EntryLine{Account: books.Deductible, Of: whole, Analytic: shared}, deductible)
	e.add(EntryLine{Account: books.DueVAT, Of: whole, Analytic: shared}, due.Neg())
	supplier := EntryLine{Account: books.Supplier, Auxiliary: r.auxiliary(p), Supplier: true, Of: whole, Analytic: shared}
	if foreign.Currency() != money.EUR {
		supplier.Foreign = foreign.Abs()
	}
	e.add(supplier, total.Neg())
	return e
}

// settlement is the entry by which the bank pays a purchase.
func settlement(books Bookkeeping, of Entry, n int) Entry {
	e := of
	e.Kind, e.Journal, e.Number, e.On, e.Lines = EntrySettlement, books.BankJournal, n, of.Due, nil
	for _, l := range of.Lines {
		if !l.Supplier {
			continue
		}
		bank := EntryLine{Account: books.Bank, Debit: l.Debit, Credit: l.Credit, Of: l.Of, Analytic: l.Analytic}
		l.Debit, l.Credit = l.Credit, l.Debit
		e.Lines = []EntryLine{l, bank}
	}
	return e
}

// BookedOn is the day the entry of a payment bears: that of the invoice where it lies in the same fiscal year, was not to
// come and not closed when the payment was recorded, else that of the payment. What undoes another bears its own day.
func (r *Register) BookedOn(p Payment) cal.Date { return r.bookedOn(&p) }

func (r *Register) bookedOn(p *Payment) cal.Date {
	d, recorded := p.InvoiceDate, r.recordedOn(p)
	if p.ReversesID != 0 || d.IsZero() || d.After(recorded) || !r.Year(p.PaidOn).Span().Contains(d) || r.closedFor(p, d, recorded) {
		return p.PaidOn
	}
	return d
}

// recordedOn is the organisation's day on which a payment was recorded; without one, the day it was paid.
func (r *Register) recordedOn(p *Payment) cal.Date {
	if p.RecordedAt.IsZero() {
		return p.PaidOn
	}
	return cal.Max(p.PaidOn, r.Organisation.Today(p.RecordedAt))
}

// closedFor tells whether a day was in a closed period when a payment was recorded, on the day given. Of what was done on
// one day the IDs tell the order: who records an invoice, hands the month out and closes it then must not see it move.
func (r *Register) closedFor(p *Payment, d, recorded cal.Date) bool {
	for _, c := range r.Closings {
		before := c.On.Before(recorded) || c.On == recorded && c.ID < p.ID
		if !d.After(c.Through) && before && (c.Stands() || c.ReopenedOn.After(recorded)) {
			return true
		}
	}
	return false
}

// expenseAccount is the one copied onto a payment, or the one proposed today for an old payment without.
func (r *Register) expenseAccount(p *Payment) string {
	if p.Account != "" {
		return p.Account
	}
	return r.AccountOfService(p.ServiceID)
}

// auxiliary is the account of who invoiced a payment; empty when the vendor has none.
func (r *Register) auxiliary(p *Payment) string {
	sv, _ := r.service(p.ServiceID)
	if sv == nil {
		return ""
	}
	if v, ok := r.Vendor(sv.VendorID); ok && (p.VendorName == "" || v.Name == p.VendorName) {
		return v.Account
	}
	for i := range r.Vendors {
		if r.Vendors[i].Name == p.VendorName {
			return r.Vendors[i].Account
		}
	}
	return ""
}

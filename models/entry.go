package models

import (
	"iter"
	"slices"

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
	ValidOn cal.Date // day it was recorded, or of the closing
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
// the books want those. What was reversed and what reverses it are both there. A payment without euros has no entry.
//
// The year is that of the payment's day. An entry is dated as the invoice where that day lies in the same year, was not
// to come and not closed when the payment was recorded, else as the payment.
func (r *Register) Entries(year cal.FiscalYear) iter.Seq[Entry] {
	books := r.Organisation.Books.OrDefault()
	return func(yield func(Entry) bool) {
		span, n, paid := year.Span(), 0, 0
		for i := 0; i < len(r.Payments); i++ {
			group := r.Payments[i : i+r.sharing(i)]
			i += len(group) - 1
			if !span.Contains(group[0].PaidOn) || !group[0].Converted() {
				continue
			}
			n++
			e := r.purchase(books, group, n, year)
			if !yield(e) {
				return
			}
			if books.Settlements {
				paid++
				if !yield(settlement(books, e, paid)) {
					return
				}
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
	for ; i+n < len(r.Payments); n++ {
		p := &r.Payments[i+n]
		if p.InvoiceID != first.InvoiceID || (p.ReversesID == 0) != (first.ReversesID == 0) || !p.RecordedAt.Equal(first.RecordedAt) || p.PaidOn != first.PaidOn {
			break
		}
	}
	return n
}

// purchase is the entry of an invoice: the cost borne and the VAT that comes back against the VAT owed and the supplier.
func (r *Register) purchase(books Bookkeeping, group []Payment, n int, year cal.FiscalYear) Entry {
	p := &group[0]
	e := Entry{
		Kind: EntryPurchase, Journal: books.PurchaseJournal, Number: n, On: p.PaidOn, Due: p.PaidOn, Piece: p.InvoiceNumber,
		PieceOn: p.InvoiceDate, ValidOn: r.recordedOn(p), Payments: group, Reversal: p.ReversesID != 0,
	}
	if e.PieceOn.IsZero() {
		e.PieceOn = p.PaidOn
	}
	if d := p.InvoiceDate; year.Span().Contains(d) && !d.After(e.ValidOn) && !r.closedThen(d, e.ValidOn) && !e.Reversal {
		e.On = d
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

// recordedOn is the organisation's day on which a payment was recorded; without one, the day it was paid.
func (r *Register) recordedOn(p *Payment) cal.Date {
	if p.RecordedAt.IsZero() {
		return p.PaidOn
	}
	return cal.Max(p.PaidOn, r.Organisation.Today(p.RecordedAt))
}

// closedThen tells whether a day was in a closed period on another.
func (r *Register) closedThen(d, on cal.Date) bool {
	for _, c := range r.Closings {
		if !d.After(c.Through) && !c.On.After(on) && (c.Stands() || c.ReopenedOn.After(on)) {
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

// PrepaidItem is one payment that serves past a closing, before or at it.
type PrepaidItem struct {
	Payment Payment
	Period  cal.Span
	// Deferred of Total days, months or thirtieths serve after the year's closing.
	Deferred, Total int
	Before          money.Amount // balance of 486 at the closing before
	Balance         money.Amount // and at the year's own
	Year            money.Amount // what the year bears
}

// PrepaidSchedule is the payments made by a year's closing that serve past it or past the closing before, by ID: the
// balances of account 486 at both and what the year bears of each. A payment undone by the closing is left out with
// what undoes it.
func (r *Register) PrepaidSchedule(year cal.FiscalYear) []PrepaidItem {
	books := r.Organisation.Books.OrDefault()
	closing, before := year.Last(), year.Start.AddDays(-1)
	var items []PrepaidItem
	for i := range r.Payments {
		p := &r.Payments[i]
		if !p.Converted() || p.PaidOn.After(closing) || p.Cost.IsZero() || (!books.Threshold.IsNone() && p.Cost.Abs().Less(books.Threshold)) {
			continue
		}
		item := PrepaidItem{Payment: *p, Period: r.PeriodOf(*p), Before: money.Zero(money.EUR), Balance: money.Zero(money.EUR)}
		item.Deferred, item.Total = books.Method.Parts(item.Period, closing)
		if !r.undoneBy(p, closing) {
			item.Balance = books.Method.Deferred(p.Cost, item.Period, closing)
		} else {
			item.Deferred = 0
		}
		if !p.PaidOn.After(before) && !r.undoneBy(p, before) {
			item.Before = books.Method.Deferred(p.Cost, item.Period, before)
		}
		if item.Before.IsZero() && item.Balance.IsZero() {
			continue
		}
		item.Year = item.Before.Sub(item.Balance)
		if year.Span().Contains(p.PaidOn) {
			item.Year = item.Year.Add(p.Cost)
		}
		items = append(items, item)
	}
	return items
}

// undoneBy tells whether a payment and its reversal had both been made by a day.
func (r *Register) undoneBy(p *Payment, d cal.Date) bool {
	other, ok := r.Payment(max(p.ReversesID, p.ReversedByID))
	return ok && !other.PaidOn.After(d)
}

// PrepaidEntries are the entries of account 486 in a fiscal year: on its first day what the closing before had put there
// comes back, on its last what serves after it goes there.
func (r *Register) PrepaidEntries(year cal.FiscalYear) []Entry {
	books := r.Organisation.Books.OrDefault()
	var back, out []Entry
	for _, item := range r.PrepaidSchedule(year) {
		if !item.Before.IsZero() {
			back = append(back, r.deferral(books, item, EntryPrepaidBack, year.Start, item.Before.Neg()))
		}
		if !item.Balance.IsZero() {
			out = append(out, r.deferral(books, item, EntryPrepaid, year.Last(), item.Balance))
		}
	}
	all := slices.Concat(back, out)
	for i := range all {
		all[i].Number = i + 1
	}
	return all
}

func (r *Register) deferral(books Bookkeeping, item PrepaidItem, kind EntryKind, on cal.Date, prepaid money.Amount) Entry {
	p := &item.Payment
	e := Entry{
		Kind: kind, Journal: books.ClosingJournal, On: on, Piece: p.InvoiceNumber, PieceOn: p.InvoiceDate, ValidOn: on, Due: on,
		Payments: []Payment{*p},
	}
	if e.PieceOn.IsZero() {
		e.PieceOn = p.PaidOn
	}
	e.add(EntryLine{Account: books.PrepaidAcct, Analytic: p.Analytic}, prepaid)
	e.add(EntryLine{Account: r.expenseAccount(p), Analytic: p.Analytic}, prepaid.Neg())
	return e
}

package models

import (
	"cmp"
	"iter"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

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
// balances of account 486 at both and what the year bears of each. A payment known to be undone by the closing is left
// out with what undoes it.
func (r *Register) PrepaidSchedule(year cal.FiscalYear) []PrepaidItem {
	return slices.Collect(r.PrepaidItems(year))
}

// PrepaidItems yields the schedule one payment after the other.
func (r *Register) PrepaidItems(year cal.FiscalYear) iter.Seq[PrepaidItem] {
	method := r.Organisation.Books.OrDefault().Method
	closing, span := year.Last(), year.Span()
	return func(yield func(PrepaidItem) bool) {
		for i := range r.Payments {
			before, balance := r.balances(i, year)
			if before.IsZero() && balance.IsZero() {
				continue
			}
			p := &r.Payments[i]
			item := PrepaidItem{Payment: *p, Period: r.PeriodOf(*p), Before: before, Balance: balance, Year: before.Sub(balance)}
			item.Deferred, item.Total = method.Parts(item.Period, closing)
			if balance.IsZero() {
				item.Deferred = 0
			}
			if span.Contains(p.PaidOn) {
				item.Year = item.Year.Add(p.Cost)
			}
			if !yield(item) {
				return
			}
		}
	}
}

// balances are what account 486 holds of the i-th payment at the closing before a year and at the year's own.
func (r *Register) balances(i int, year cal.FiscalYear) (before, balance money.Amount) {
	p := &r.Payments[i]
	if !p.Converted() || p.PaidOn.After(year.Last()) || p.Cost.IsZero() {
		return money.Zero(money.EUR), money.Zero(money.EUR)
	}
	return r.deferred(p, year.Start.AddDays(-1)), r.deferred(p, year.Last())
}

// Deferred is the part of a payment's cost that serves after a closing day, as the books are kept: nothing under the
// threshold, and nothing of what was known to be undone on that day or has no euros.
//
// What is recorded after a closing day, even if for a day before it, changes no balance of the payments there were: it
// has its own. So the entries of a closing stay as they are from the next day on.
func (r *Register) Deferred(p Payment, closing cal.Date) money.Amount { return r.deferred(&p, closing) }

func (r *Register) deferred(p *Payment, closing cal.Date) money.Amount {
	books := &r.Organisation.Books
	under := !books.Threshold.IsNone() && p.Cost.Abs().Less(books.Threshold)
	if !p.Converted() || p.PaidOn.After(closing) || under || r.undoneBy(p, closing) {
		return money.Zero(money.EUR)
	}
	return cmp.Or(books.Method, PrepaidDays).Deferred(p.Cost, r.PeriodOf(*p), closing)
}

// undoneBy tells whether a payment is undone, or undoes one, and this was on record by the end of a day.
func (r *Register) undoneBy(p *Payment, d cal.Date) bool {
	if p.ReversesID != 0 {
		return !r.recordedOn(p).After(d)
	}
	undo, ok := r.payment(p.ReversedByID)
	return ok && !r.recordedOn(undo).After(d)
}

func (r *Register) payment(id ID) (*Payment, bool) {
	return find(r.Payments, id, func(x *Payment) ID { return x.ID })
}

// PrepaidEntries are the entries of account 486 in a fiscal year: on its first day what the closing before had put there
// comes back, on its last what serves after it goes there. They are in the order in which they became final, a payment
// recorded late after those that were there, and so the numbers of a closing hold from its next day on.
func (r *Register) PrepaidEntries(year cal.FiscalYear) []Entry {
	return slices.Collect(r.Deferrals(year))
}

// Deferrals yields the entries of account 486 one after the other: only their order is held, not they.
func (r *Register) Deferrals(year cal.FiscalYear) iter.Seq[Entry] {
	books := r.Organisation.Books.OrDefault()
	return func(yield func(Entry) bool) {
		for n, d := range r.deferrals(year) {
			e := r.deferral(books, d)
			if e.Number = n + 1; !yield(e) {
				return
			}
		}
	}
}

// deferral is an entry of account 486 to be made.
type deferral struct {
	at        int // of its payment
	kind      EntryKind
	on, valid cal.Date
	prepaid   money.Amount // what it adds to the account
}

// deferrals are those of a year in the order in which they become final; on one day what comes back first.
func (r *Register) deferrals(year cal.FiscalYear) []deferral {
	var all, out []deferral
	for i := range r.Payments {
		before, balance := r.balances(i, year)
		if before.IsZero() && balance.IsZero() {
			continue
		}
		recorded := r.recordedOn(&r.Payments[i])
		if !before.IsZero() {
			all = append(all, deferral{i, EntryPrepaidBack, year.Start, cal.Max(year.Start, recorded), before.Neg()})
		}
		if !balance.IsZero() {
			out = append(out, deferral{i, EntryPrepaid, year.Last(), cal.Max(year.Last(), recorded), balance})
		}
	}
	all = append(all, out...)
	slices.SortStableFunc(all, func(a, b deferral) int { return a.valid.Compare(b.valid) })
	return all
}

func (r *Register) deferral(books Bookkeeping, d deferral) Entry {
	p, prepaid := &r.Payments[d.at], d.prepaid
	e := Entry{
		Kind: d.kind, Journal: books.ClosingJournal, On: d.on, Piece: p.InvoiceNumber, PieceOn: p.InvoiceDate, ValidOn: d.valid, Due: d.on,
		Payments: r.Payments[d.at : d.at+1 : d.at+1],
	}
	if e.PieceOn.IsZero() {
		e.PieceOn = p.PaidOn
	}
	e.add(EntryLine{Account: books.PrepaidAcct, Analytic: p.Analytic}, prepaid)
	e.add(EntryLine{Account: r.expenseAccount(p), Analytic: p.Analytic}, prepaid.Neg())
	if prepaid.IsNegative() { // the debit first, as one reads it
		slices.Reverse(e.Lines)
	}
	return e
}

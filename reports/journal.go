package reports

import (
	"fmt"
	"io"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var journalColumns = []column{
	{"Journal", codeColumn},
	{"Date", dayColumn},
	{"Pièce", textColumn},
	{"Compte", codeColumn},
	{"Libellé compte", textColumn},
	{"Compte auxiliaire", textColumn},
	{"Libellé", textColumn},
	{"Débit", amountColumn},
	{"Crédit", amountColumn},
	{"Devise", codeColumn},
	{"Montant devise", amountColumn},
	{"Échéance", dayColumn},
	{"Analytique", textColumn},
}

// JournalCSV writes the purchases of a fiscal year as entries, one line an entry line: the expense, the VAT that comes
// back and the VAT that is owed, the supplier. A refund stands on the other side rather than with a minus sign. A
// payment without an amount in euros has no entry; NotInJournal lists them. An entry whose debits are not its credits
// stops the export before the first byte.
func JournalCSV(w io.Writer, r *models.Register, year cal.FiscalYear, o CSVOptions) error {
	b := newBook(r)
	payments := b.paymentsOf(year)
	var e entry
	for _, p := range payments {
		e = entry{}
		b.addLines(&e, p)
		if err := e.balanced(); err != nil {
			return fmt.Errorf("export the journal of %s: payment %d: %w", year.Label(), p.ID, err)
		}
	}
	t, err := newTable(w, o, journalColumns)
	if err != nil {
		return fmt.Errorf("export the journal of %s: %w", year.Label(), err)
	}
	for _, p := range payments {
		e = b.entryOf(p, year)
		e.write(t)
		if t.err != nil {
			break
		}
	}
	if err := t.close(); err != nil {
		return fmt.Errorf("export the journal of %s: %w", year.Label(), err)
	}
	return nil
}

// NotInJournal are the payments of a fiscal year that stand and have no amount in euros yet.
func NotInJournal(r *models.Register, year cal.FiscalYear) []models.Payment {
	var all []models.Payment
	for _, p := range newBook(r).paymentsOf(year) {
		if !p.Converted() && p.Stands() {
			all = append(all, *p)
		}
	}
	return all
}

// entry is what one payment means in the books.
type entry struct {
	date, due cal.Date
	piece     string
	label     string
	analytic  string
	lines     [4]entryLine
	count     int
	supplier  int          // which line is the supplier's
	auxiliary string       // account of the supplier
	foreign   money.Amount // what the supplier billed; none for euros
}

// entryLine is an amount on one side of an account; below zero on one side is above on the other.
type entryLine struct {
	account string
	debit   money.Amount // negative for a credit
}

func (e *entry) add(account string, debit money.Amount) {
	if !debit.IsNone() && !debit.IsZero() {
		e.lines[e.count] = entryLine{account, debit}
		e.count++
	}
}

// entryOf is a payment's entry; it has no line when the payment has no euros.
//
// It is dated as the invoice when that lies in the fiscal year of the payment, else as the payment: a file of one year
// holds days of that year only.
func (b *book) entryOf(p *models.Payment, year cal.FiscalYear) entry {
	e := entry{date: p.PaidOn, due: p.PaidOn, piece: p.InvoiceNumber, analytic: p.Analytic}
	if b.addLines(&e, p); e.count == 0 {
		return e
	}
	if year.Span().Contains(p.InvoiceDate) {
		e.date = p.InvoiceDate
	}
	if e.piece == "" {
		e.piece = "P" + strconv.FormatInt(int64(p.ID), 10)
	}
	vendor, _ := b.vendorOf(p)
	sv, _ := b.Service(p.ServiceID)
	e.label = entryLabel(p, sv.Name, vendor)
	e.auxiliary = b.auxiliary[vendor]
	if p.Billed.Currency() != money.EUR {
		e.foreign = p.Billed.Abs()
	}
	return e
}

// addLines adds what a payment means in the books: the cost borne and the VAT that comes back against the VAT owed and
// the supplier.
func (b *book) addLines(e *entry, p *models.Payment) {
	if !p.Converted() {
		return
	}
	e.add(b.accountOf(p), p.Cost)
	e.add(deductibleAccount, p.VATDeductible)
	e.add(dueAccount, p.VATDue.Neg())
	e.supplier = e.count
	e.add(supplierAccount, p.EUR.Neg())
}

// entryLabel says what an entry is about: "Dropbox, Dropbox International, 18/12/2026 au 17/12/2027".
func entryLabel(p *models.Payment, service, vendor string) string {
	label := service
	if vendor != "" && vendor != service {
		label += ", " + vendor
	}
	if !p.Period.IsEmpty() {
		label += ", " + dayText(p.Period.From) + " au " + dayText(p.Period.Last())
	}
	if p.ReversesID != 0 {
		return "Annulation : " + label
	}
	return label
}

func dayText(d cal.Date) string {
	var room [10]byte
	b := appendDigits(room[:0], d.Day(), 2)
	b = appendDigits(append(b, '/'), int(d.Month()), 2)
	return string(appendDigits(append(b, '/'), d.Year(), 4))
}

// balanced tells, as an error, that the debits are not the credits.
func (e *entry) balanced() error {
	sum := money.Zero(money.EUR)
	for _, l := range e.lines[:e.count] {
		sum = sum.Add(l.debit)
	}
	if !sum.IsZero() {
		return fmt.Errorf("its debits exceed its credits by %v", sum)
	}
	return nil
}

func (e *entry) write(t *table) {
	for i, l := range e.lines[:e.count] {
		t.code(journalCode)
		t.day(e.date)
		t.text(e.piece)
		t.code(l.account)
		t.text(accountLabel(l.account))
		supplier := i == e.supplier
		if supplier {
			t.text(e.auxiliary)
		} else {
			t.blank()
		}
		t.text(e.label)
		if l.debit.IsNegative() {
			t.blank()
			t.amount(l.debit.Neg())
		} else {
			t.amount(l.debit)
			t.blank()
		}
		if supplier && !e.foreign.IsNone() {
			t.code(string(e.foreign.Currency()))
			t.amount(e.foreign)
		} else {
			t.blank()
			t.blank()
		}
		if supplier {
			t.day(e.due)
		} else {
			t.blank()
		}
		t.text(e.analytic)
		t.end()
	}
}

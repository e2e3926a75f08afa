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
// back and the VAT that is owed, the supplier. An invoice of several services is one entry, with a line for each and one
// for the supplier. A refund stands on the other side rather than with a minus sign. A payment without an amount in
// euros has no entry; NotInJournal lists them. An entry whose debits are not its credits stops the export before the
// first byte.
func JournalCSV(w io.Writer, r *models.Register, year cal.FiscalYear, o CSVOptions) error {
	b := newBook(r)
	invoices := byInvoice(b.paymentsOf(year))
	var e entry
	for _, payments := range invoices {
		b.addLines(&e, payments)
		if err := e.balanced(); err != nil {
			return fmt.Errorf("export the journal of %s: payment %d: %w", year.Label(), payments[0].ID, err)
		}
	}
	t, err := newTable(w, o, journalColumns)
	if err != nil {
		return fmt.Errorf("export the journal of %s: %w", year.Label(), err)
	}
	for _, payments := range invoices {
		b.enter(&e, payments, year)
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

// byInvoice gathers the payments that make one entry, in the order of the first of each: those of one invoice, paid on
// one day in one currency and of one fate. What undoes an invoice is an entry of its own, on the other side.
func byInvoice(payments []*models.Payment) [][]*models.Payment {
	type key struct {
		invoice  models.ID
		on       cal.Date
		currency money.Currency
		reversal bool
	}
	all, at := make([][]*models.Payment, 0, len(payments)), map[key]int{}
	for i, p := range payments {
		if p.InvoiceID == 0 {
			all = append(all, payments[i:i+1:i+1])
			continue
		}
		k := key{p.InvoiceID, p.PaidOn, p.Billed.Currency(), p.ReversesID != 0}
		if n, ok := at[k]; ok {
			all[n] = append(all[n], p)
			continue
		}
		at[k] = len(all)
		all = append(all, payments[i:i+1:i+1])
	}
	return all
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

// entry is what one invoice means in the books.
type entry struct {
	date, due cal.Date
	piece     string
	lines     []entryLine
	supplier  int          // which line is the supplier's
	auxiliary string       // account of the supplier
	foreign   money.Amount // what the supplier billed; none for euros
}

// entryLine is an amount on one side of an account; below zero on one side is above on the other.
type entryLine struct {
	account, label, analytic string
	debit                    money.Amount // negative for a credit
}

func (e *entry) add(l entryLine) {
	if !l.debit.IsNone() && !l.debit.IsZero() {
		e.lines = append(e.lines, l)
	}
}

// enter makes the entry of an invoice; it has no line when no payment of it has euros.
//
// It is dated as the invoice when that lies in the fiscal year of the payment, else as the payment: a file of one year
// holds days of that year only.
func (b *book) enter(e *entry, payments []*models.Payment, year cal.FiscalYear) {
	if b.addLines(e, payments); len(e.lines) == 0 {
		return
	}
	p := payments[0]
	e.date, e.due, e.piece, e.foreign = p.PaidOn, p.PaidOn, p.InvoiceNumber, money.Amount{}
	if year.Span().Contains(p.InvoiceDate) {
		e.date = p.InvoiceDate
	}
	if e.piece == "" {
		e.piece = "P" + strconv.FormatInt(int64(p.ID), 10)
	}
	vendor, _ := b.vendorOf(p)
	e.auxiliary = b.auxiliary[vendor]
	if p.Billed.Currency() != money.EUR {
		for _, p := range payments {
			if p.Converted() {
				e.foreign = e.foreign.Add(p.Billed)
			}
		}
		e.foreign = e.foreign.Abs()
	}
}

// addLines fills in what an invoice means in the books: the cost borne of each service and the VAT that comes back
// against the VAT owed and the supplier. The lines it shares bear the analytic code that all its services have.
func (b *book) addLines(e *entry, payments []*models.Payment) {
	e.lines = e.lines[:0]
	var eur, deductible, due money.Amount
	shared := entryLine{analytic: payments[0].Analytic}
	for _, p := range payments {
		if !p.Converted() {
			continue
		}
		vendor, _ := b.vendorOf(p)
		sv, _ := b.Service(p.ServiceID)
		label := entryLabel(p, sv.Name, vendor)
		e.add(entryLine{b.accountOf(p), label, p.Analytic, p.Cost})
		eur, deductible, due = eur.Add(p.EUR), deductible.Add(p.VATDeductible), due.Add(p.VATDue)
		if shared.label = label; len(payments) > 1 {
			shared.label = invoiceLabel(p, vendor)
		}
		if p.Analytic != shared.analytic {
			shared.analytic = ""
		}
	}
	if eur.IsNone() {
		return
	}
	for _, l := range []struct {
		account string
		debit   money.Amount
	}{{deductibleAccount, deductible}, {dueAccount, due.Neg()}, {supplierAccount, eur.Neg()}} {
		shared.account, shared.debit, e.supplier = l.account, l.debit, len(e.lines)
		e.add(shared)
	}
}

// invoiceLabel says what the lines of several services are about: "OVH, facture FR 2026-77".
func invoiceLabel(p *models.Payment, vendor string) string {
	label := vendor
	if p.InvoiceNumber != "" {
		label += ", facture " + p.InvoiceNumber
	}
	if p.ReversesID != 0 {
		return "Annulation : " + label
	}
	return label
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
	for _, l := range e.lines {
		sum = sum.Add(l.debit)
	}
	if !sum.IsZero() {
		return fmt.Errorf("its debits exceed its credits by %v", sum)
	}
	return nil
}

func (e *entry) write(t *table) {
	for i, l := range e.lines {
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
		t.text(l.label)
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
		t.text(l.analytic)
		t.end()
	}
}

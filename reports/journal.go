package reports

import (
	"fmt"
	"io"

	"enveloppe/models"
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

// JournalCSV writes the entries of a period, one line an entry line: the expense, the VAT that comes back and the VAT
// that is owed, the supplier. An invoice of several services is one entry, with a line for each and one for the supplier.
// A refund stands on the other side rather than with a minus sign. A payment without an amount in euros has no entry;
// NotInJournal lists them. An entry whose debits are not its credits stops the export before the first byte.
func JournalCSV(w io.Writer, r *models.Register, p Period, o Options) error {
	l := newLedger(r, p, o)
	t, err := l.open(w, journalColumns)
	if err != nil {
		return fmt.Errorf("export the journal of %s: %w", p.Label(), err)
	}
	l.journal(t)
	if err := t.close(); err != nil {
		return fmt.Errorf("export the journal of %s: %w", p.Label(), err)
	}
	return nil
}

// open begins a file of entries, when all of them are sound.
func (l *ledger) open(w io.Writer, columns []column) (*table, error) {
	if err := l.sound(); err != nil {
		return nil, err
	}
	return newTable(w, l.o, columns)
}

func (l *ledger) journal(t *table) {
	for e := range l.entries() {
		for _, line := range e.Lines {
			l.writeJournal(t, e, line)
		}
		if t.err != nil {
			return
		}
	}
}

func (l *ledger) writeJournal(t *table, e models.Entry, line models.EntryLine) {
	t.code(e.Journal)
	t.day(e.On)
	t.text(piece(e))
	t.code(l.account(line.Account))
	t.text(accountLabel(line.Account))
	t.text(line.Auxiliary)
	t.text(l.about(e, line))
	t.amount(line.Debit)
	t.amount(line.Credit)
	t.code(string(line.Foreign.Currency()))
	t.amount(line.Foreign)
	if line.Supplier {
		t.day(e.Due)
	} else {
		t.blank()
	}
	t.text(line.Analytic)
	t.end()
}

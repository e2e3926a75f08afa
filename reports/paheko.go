package reports

import (
	"fmt"
	"io"

	"enveloppe/models"
)

// The titles Paheko looks for when it imports entries with all their lines.
var pahekoColumns = []column{
	{"Numéro d'écriture", textColumn},
	{"Type", textColumn},
	{"Statut", textColumn},
	{"Libellé", textColumn},
	{"Date", dayColumn},
	{"Remarques", textColumn},
	{"Numéro pièce comptable", textColumn},
	{"Numéro compte", codeColumn},
	{"Libellé compte", textColumn},
	{"Débit", amountColumn},
	{"Crédit", amountColumn},
	{"Référence ligne", textColumn},
	{"Libellé ligne", textColumn},
	{"Rapprochement", textColumn},
	{"Lettrage", textColumn},
	{"Projet analytique", textColumn},
	{"Membres associés", textColumn},
}

// PahekoCSV writes the entries of a period for Paheko, the accounting of many associations. The number of the entry is
// left to Paheko; that of the document is the entry's own, which tells the lines that belong together, and the invoice's
// number is the reference of each. Accounts are those of the chart, never filled up: Paheko knows them so. It is a file for
// a program, whatever the options say.
func PahekoCSV(w io.Writer, r *models.Register, p Period, o Options) error {
	o.Digits, o.ForProgram = 0, true
	l := newLedger(r, p, o)
	t, err := l.open(w, pahekoColumns)
	if err != nil {
		return fmt.Errorf("export the entries of %s for Paheko: %w", p.Label(), err)
	}
	for e := range l.entries() {
		for _, line := range e.Lines {
			l.writePaheko(t, e, line)
		}
		if t.err != nil {
			break
		}
	}
	if err := t.close(); err != nil {
		return fmt.Errorf("export the entries of %s for Paheko: %w", p.Label(), err)
	}
	return nil
}

// advanced is Paheko's type of an entry with any number of lines.
const advanced = "Avancé"

func (l *ledger) writePaheko(t *table, e models.Entry, line models.EntryLine) {
	t.blank()
	t.text(advanced)
	t.blank()
	t.text(l.about(e, e.Lines[len(e.Lines)-1]))
	t.day(e.On)
	t.blank()
	t.text(numberOf(e))
	t.code(line.Account)
	t.text(accountLabel(line.Account))
	t.amount(line.Debit)
	t.amount(line.Credit)
	t.text(e.Piece)
	t.text(l.about(e, line))
	t.blank()
	t.blank()
	t.text(line.Analytic)
	t.blank()
	t.end()
}

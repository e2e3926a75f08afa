package reports

import (
	"fmt"
	"iter"
	"strconv"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// ledger is the entries of a period, with what the accountant's programs ask of them.
type ledger struct {
	*book
	period Period
	o      Options
}

func newLedger(r *models.Register, p Period, o Options) *ledger {
	return &ledger{book: newBook(r), period: p, o: o}
}

// entries yields those dated in the period in the order in which they became final: the purchases as they were recorded
// and, where those of account 486 are wanted, what comes back on a day before its purchases and what a closing puts away
// after them.
func (l *ledger) entries() iter.Seq[models.Entry] {
	return func(yield func(models.Entry) bool) {
		give := func(e models.Entry) bool { return !l.period.Span.Contains(e.On) || yield(e) }
		deferrals := func(func(models.Entry) bool) {}
		if l.o.Closing {
			deferrals = l.Deferrals(l.period.Year)
		}
		next, stop := iter.Pull(deferrals)
		defer stop()
		deferral, more := next()
		for e := range l.Entries(l.period.Year) {
			for ; more && comesBefore(&deferral, &e); deferral, more = next() {
				if !give(deferral) {
					return
				}
			}
			if !give(e) {
				return
			}
		}
		for ; more; deferral, more = next() {
			if !give(deferral) {
				return
			}
		}
	}
}

// comesBefore tells whether an entry of account 486 became final before a purchase.
func comesBefore(deferral, purchase *models.Entry) bool {
	by := deferral.ValidOn.Compare(purchase.ValidOn)
	return by < 0 || by == 0 && deferral.Kind == models.EntryPrepaidBack && purchase.Kind == models.EntryPurchase
}

// sound tells, as an error, the first entry whose debits are not its credits. Nothing is written before every entry of
// a file is.
func (l *ledger) sound() error {
	for e := range l.entries() {
		if b := e.Balance(); !b.IsZero() {
			return fmt.Errorf("entry %s %d, of payment %d: its debits exceed its credits by %v", e.Journal, e.Number, e.Payments[0].ID, b)
		}
	}
	return nil
}

// account is an account's number as the file wants it: as it is, or filled up with zeros.
func (l *ledger) account(number string) string { return padded(number, l.o.Digits) }

func padded(number string, digits int) string {
	for len(number) < digits {
		number += "0"
	}
	return number
}

// piece names an entry's document: the invoice's number, else the entry's own.
func piece(e models.Entry) string {
	if e.Piece != "" {
		return e.Piece
	}
	return numberOf(e)
}

// numberOf is an entry's number within the year: "AC-12".
func numberOf(e models.Entry) string { return e.Journal + "-" + strconv.Itoa(e.Number) }

// journalName is what the journal of an entry is called.
func journalName(e models.Entry) string {
	switch e.Kind {
	case models.EntrySettlement:
		return "Banque"
	case models.EntryPrepaid, models.EntryPrepaidBack:
		return "Opérations diverses"
	case models.EntryPurchase:
	}
	return "Achats"
}

// about says what a line of an entry is about.
func (l *ledger) about(e models.Entry, line models.EntryLine) string {
	p := &e.Payments[max(line.Of, 0)]
	vendor, _ := l.vendorOf(p)
	text := invoiceLabel(p, vendor)
	if line.Of >= 0 && e.Kind != models.EntrySettlement {
		sv, _ := l.Service(p.ServiceID)
		text = entryLabel(p, sv.Name, vendor)
	}
	switch e.Kind {
	case models.EntrySettlement:
		return "Règlement : " + text
	case models.EntryPrepaid:
		return "Charge constatée d’avance : " + text
	case models.EntryPrepaidBack:
		return "Extourne : " + text
	case models.EntryPurchase:
	}
	return text
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

// NotInJournal are the payments of a period that stand and have no amount in euros yet: they have no entry.
func NotInJournal(r *models.Register, p Period) []models.Payment {
	var all []models.Payment
	for _, x := range newBook(r).paymentsOf(p) {
		if !x.Converted() && x.Stands() {
			all = append(all, *x)
		}
	}
	return all
}

package reports

import (
	"fmt"
	"io"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var prepaidColumns = []column{
	{"Service", textColumn},
	{"Fournisseur", textColumn},
	{"N° facture", textColumn},
	{"Date paiement", dayColumn},
	{"Compte", codeColumn},
	{"Période du", dayColumn},
	{"Période au", dayColumn},
	{"Méthode", textColumn},
	{"Unités en tout", countColumn},
	{"Unités après clôture", countColumn},
	{"Coût EUR", amountColumn},
	{"CCA à l’ouverture EUR", amountColumn},
	{"CCA à la clôture EUR", amountColumn},
	{"Charge de l’exercice EUR", amountColumn},
	{"Extourne le", dayColumn},
	{"Extourne débit", codeColumn},
	{"Extourne crédit", codeColumn},
	{"Clôture le", dayColumn},
	{"Clôture débit", codeColumn},
	{"Clôture crédit", codeColumn},
}

var prepaidMethodNames = map[models.PrepaidMethod]string{
	models.PrepaidDays: "jours exacts", models.PrepaidMonths: "mois", models.Prepaid360: "30/360",
}

// PrepaidCSV writes the schedule of account 486 for a fiscal year: each payment that serves past its closing or past the
// one before, with both balances, what the year bears, and the accounts of the entry that brings the one back and of the
// one that puts the other away. The last row holds the sums.
func PrepaidCSV(w io.Writer, r *models.Register, p Period, o Options) error {
	l := newLedger(r, p, o)
	t, err := newTable(w, o, prepaidColumns)
	if err != nil {
		return fmt.Errorf("export the prepaid expense of %s: %w", p.Label(), err)
	}
	l.prepaid(t)
	if err := t.close(); err != nil {
		return fmt.Errorf("export the prepaid expense of %s: %w", p.Label(), err)
	}
	return nil
}

func (l *ledger) prepaid(t *table) {
	zero := money.Zero(money.EUR)
	cost, before, balance, year := zero, zero, zero, zero
	for item := range l.PrepaidItems(l.period.Year) {
		l.writePrepaid(t, item)
		if t.err != nil {
			return
		}
		cost, before = cost.Add(item.Payment.Cost), before.Add(item.Before)
		balance, year = balance.Add(item.Balance), year.Add(item.Year)
	}
	t.text("Total")
	for range 9 {
		t.blank()
	}
	for _, sum := range []money.Amount{cost, before, balance, year} {
		t.amount(sum)
	}
	for range 6 {
		t.blank()
	}
	t.end()
}

func (l *ledger) writePrepaid(t *table, item models.PrepaidItem) {
	p := &item.Payment
	books := l.Organisation.Books.OrDefault()
	vendor, _ := l.vendorOf(p)
	sv, _ := l.Service(p.ServiceID)
	t.text(sv.Name)
	t.text(vendor)
	t.text(p.InvoiceNumber)
	t.day(p.PaidOn)
	t.code(l.account(l.accountOf(p)))
	t.day(item.Period.From)
	t.day(item.Period.Last())
	t.text(prepaidMethodNames[books.Method])
	t.count(item.Total)
	t.count(item.Deferred)
	t.amount(p.Cost)
	t.amount(item.Before)
	t.amount(item.Balance)
	t.amount(item.Year)
	l.writeDeferral(t, l.period.Year.Start, item.Before.Neg(), p)
	l.writeDeferral(t, l.period.Year.Last(), item.Balance, p)
	t.end()
}

// writeDeferral names the day and the two accounts of an entry that adds to account 486; nothing when there is none.
func (l *ledger) writeDeferral(t *table, on cal.Date, prepaid money.Amount, p *models.Payment) {
	if prepaid.IsZero() {
		for range 3 {
			t.blank()
		}
		return
	}
	debit, credit := l.Organisation.Books.OrDefault().PrepaidAcct, l.accountOf(p)
	if prepaid.IsNegative() {
		debit, credit = credit, debit
	}
	t.day(on)
	t.code(l.account(debit))
	t.code(l.account(credit))
}

package models

import (
	"cmp"
	"strings"

	"enveloppe/models/money"
)

// Bookkeeping is how the organisation's books are kept: what only its accountant can say, asked once. What is empty
// stands for its default.
type Bookkeeping struct {
	PurchaseJournal, ClosingJournal, BankJournal    string // codes of the journals
	Supplier, Deductible, DueVAT, PrepaidAcct, Bank string // accounts
	// Settlements adds, to each purchase, the entry by which the bank paid it.
	Settlements bool
	Method      PrepaidMethod
	// Threshold is the cost, in euros, from which a payment is spread over the years it serves; none for any cost.
	Threshold money.Amount
}

// OrDefault fills in what was not said: the journals and accounts of the French chart that most associations use, exact
// days, and every cost spread.
func (b Bookkeeping) OrDefault() Bookkeeping {
	b.PurchaseJournal, b.ClosingJournal, b.BankJournal = cmp.Or(b.PurchaseJournal, "AC"), cmp.Or(b.ClosingJournal, "OD"), cmp.Or(b.BankJournal, "BQ")
	b.Supplier, b.Deductible, b.DueVAT = cmp.Or(b.Supplier, "401"), cmp.Or(b.Deductible, "44566"), cmp.Or(b.DueVAT, "4452")
	b.PrepaidAcct, b.Bank, b.Method = cmp.Or(b.PrepaidAcct, "486"), cmp.Or(b.Bank, "512"), cmp.Or(b.Method, PrepaidDays)
	return b
}

// Check says what is wrong with the settings as typed.
func (b Bookkeeping) Check() Invalid {
	var v Invalid
	b = b.OrDefault()
	for _, j := range []struct{ field, code string }{
		{"purchase_journal", b.PurchaseJournal}, {"closing_journal", b.ClosingJournal}, {"bank_journal", b.BankJournal},
	} {
		if len(j.code) > maxJournalCode || strings.Trim(j.code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			v.Add(j.field, "journal_code")
		}
	}
	if b.ClosingJournal == b.PurchaseJournal { // each journal counts its own entries
		v.Add("closing_journal", "journal_twice")
	}
	if b.BankJournal == b.PurchaseJournal || b.BankJournal == b.ClosingJournal {
		v.Add("bank_journal", "journal_twice")
	}
	checkAccount(&v, "supplier", b.Supplier, true)
	checkAccount(&v, "deductible", b.Deductible, true)
	checkAccount(&v, "due_vat", b.DueVAT, true)
	checkAccount(&v, "prepaid", b.PrepaidAcct, true)
	checkAccount(&v, "bank", b.Bank, true)
	switch b.Method {
	case PrepaidDays, PrepaidMonths, Prepaid360:
	default:
		v.Add("method", "choose")
	}
	if !b.Threshold.IsNone() {
		checkEuros(&v, "threshold", b.Threshold)
	}
	return v
}

// maxJournalCode is the longest code of a journal: what most accounting programs take.
const maxJournalCode = 5

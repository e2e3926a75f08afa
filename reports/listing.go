package reports

import (
	"iter"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// Listing is the entries of a period as the files of entries have them: the same ones, in the same order, under the same
// numbers and in the same words, which are French because the books are.
type Listing struct{ ledger *ledger }

// NewListing readies the entries of a period; those of account 486 are among them when o.Closing asks for them.
func NewListing(r *models.Register, p Period, o Options) Listing { return Listing{newLedger(r, p, o)} }

// Entries yields the entries, in the order of the files.
func (l Listing) Entries() iter.Seq[models.Entry] { return l.ledger.entries() }

// Number is an entry's number within its fiscal year: "AC-12".
func (Listing) Number(e models.Entry) string { return numberOf(e) }

// Journal is what the journal of an entry is called.
func (Listing) Journal(e models.Entry) string { return journalName(e) }

// About says what a line of an entry is about.
func (l Listing) About(e models.Entry, line models.EntryLine) string { return l.ledger.about(e, line) }

// ExpenseAccount is the account a payment's cost goes to.
func (l Listing) ExpenseAccount(p *models.Payment) string { return l.ledger.accountOf(p) }

// AccountName is what an account is called in the French chart of accounts.
func AccountName(number string) string { return accountLabel(number) }

// MarkOf is the record of a file handed out: of the days it holds and through the last payment of the register it was
// made of. A file that is of no period is of its day.
func MarkOf(kind string, r *models.Register, p Period, day cal.Date) models.ExportMark {
	m := models.ExportMark{Kind: kind, Span: p.Span}
	if f, ok := FileOf(kind); ok && !f.Period {
		m.Span = cal.Span{From: day, To: day.AddDays(1)}
	}
	if n := len(r.Payments); n > 0 {
		m.ThroughID = r.Payments[n-1].ID
	}
	return m
}

// EntryFiles are the kinds of files that hold the entries: who has been given one of them has been given the books.
func EntryFiles() []string {
	var kinds []string
	for _, f := range Files {
		if f.Entries && f.Kind != Notice {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

// Said is a finding as a sentence.
func (f Finding) Said(w *words.Words) string {
	switch {
	case strings.HasPrefix(f.Rule, "fec."):
		why, n := w.T("finding."+f.Rule), 1
		for i := 0; i+1 < len(f.Args); i += 2 {
			switch x := f.Args[i+1].(type) {
			case int:
				if f.Args[i] == "n" {
					n = x
				}
			case string:
				if f.Args[i] == "text" && strings.TrimSpace(x) != "" {
					why = w.T("finding.cited", "why", why, "text", x)
				}
			}
		}
		return w.N("finding.broken", n, append([]any{"why", why}, f.Args...)...)
	case len(f.Args) == 2 && f.Args[0] == "n":
		if n, ok := f.Args[1].(int); ok {
			return w.N("finding."+f.Rule, n)
		}
	}
	return w.T("finding."+f.Rule, f.Args...)
}

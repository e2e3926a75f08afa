package reports

import (
	"cmp"
	"slices"

	"enveloppe/models"
)

// Finding is something to know of a file before it is taken: a reason to refuse it, or what is missing in it.
type Finding struct {
	Refused  bool // the file is not written while this stands
	Rule     string
	Args     []any       // alternating name and value, for the reader's language to make a sentence of
	Payments []models.ID // those concerned, by ID
}

// The rules a file is held to before it is written; those of the file of entries are beside CheckFEC.
const (
	FoundUnbalanced    = "unbalanced"      // an entry's debits are not its credits: "entry", "gap"
	FoundAccount       = "account"         // an account holds other signs than figures and letters: "account"
	FoundUnconverted   = "unconverted"     // no euros yet: no entry, and no cost in the other files: "n"
	FoundNoNumber      = "no_number"       // no invoice number: the entry's own stands for it: "n"
	FoundNoFile        = "no_file"         // the invoice is not kept: "n"
	FoundNoAccount     = "no_account"      // none was copied: the function's stands for it: "n"
	FoundNoInvoiceDate = "no_invoice_date" // the day of payment stands for it: "n"
	FoundOtherYear     = "other_year"      // the invoice is of another fiscal year than the payment: "n"
	FoundNoSIREN       = "no_siren"        // the file's name says ASSO instead
)

// Findings are what there is to know of a file before it is taken, the reasons to refuse it first. A file of which none
// is refused is written whole.
func Findings(kind string, r *models.Register, p Period, o Options) []Finding {
	file, ok := FileOf(kind)
	if kind == Archive {
		file, ok = File{Kind: Archive, Period: true}, true
	}
	if !ok || !file.Period {
		return nil
	}
	l := newLedger(r, p, o)
	var all []Finding
	if file.Entries {
		all = append(all, l.unbalanced()...)
	}
	payments := l.concerned(file)
	all = append(all, l.badAccounts(payments)...)
	if file.Kind == FEC && len(all) == 0 {
		all = append(all, l.brokenFEC()...)
	}
	all = append(all, l.missing(payments)...)
	if (file.Kind == FEC || file.Kind == Notice) && r.Organisation.SIREN == "" {
		all = append(all, Finding{Rule: FoundNoSIREN})
	}
	return all
}

// concerned are the payments a file speaks of, by ID: by the day of their entry in a file of entries, else by their own,
// and of the schedule of prepaid expense those that are in it, or would be if they had euros.
func (l *ledger) concerned(file File) []*models.Payment {
	if file.Kind == Prepaid {
		return l.deferred()
	}
	var all []*models.Payment
	for i := range l.Payments {
		p := &l.Payments[i]
		on := p.PaidOn
		if file.Entries {
			on = l.BookedOn(*p)
		}
		if l.period.Span.Contains(on) {
			all = append(all, p)
		}
	}
	return all
}

func (l *ledger) deferred() []*models.Payment {
	var all []*models.Payment
	for item := range l.PrepaidItems(l.period.Year) {
		all = append(all, &item.Payment)
	}
	closing := l.period.Year.Last()
	for i := range l.Payments {
		if p := &l.Payments[i]; !p.Converted() && !p.PaidOn.After(closing) && l.PeriodOf(*p).Last().After(closing) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *models.Payment) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (l *ledger) unbalanced() []Finding {
	var all []Finding
	for e := range l.entries() {
		if gap := e.Balance(); !gap.IsZero() {
			all = append(all, Finding{Refused: true, Rule: FoundUnbalanced, Args: []any{"entry", numberOf(e), "gap", gap}, Payments: idsOf(e.Payments)})
		}
	}
	return all
}

func idsOf(payments []models.Payment) []models.ID {
	ids := make([]models.ID, len(payments))
	for i := range payments {
		ids[i] = payments[i].ID
	}
	return ids
}

// badAccounts finds accounts that no file can hold as codes, one finding an account.
func (l *ledger) badAccounts(payments []*models.Payment) []Finding {
	var all []Finding
	for _, p := range payments {
		account := l.accountOf(p)
		if isCode(account) {
			continue
		}
		at := slices.IndexFunc(all, func(f Finding) bool { return f.Args[1] == account })
		if at < 0 {
			at = len(all)
			all = append(all, Finding{Refused: true, Rule: FoundAccount, Args: []any{"account", account}})
		}
		all[at].Payments = append(all[at].Payments, p.ID)
	}
	return all
}

// brokenFEC holds the file that would be written to the text: one finding a rule, with the first line that breaks it.
func (l *ledger) brokenFEC() []Finding {
	faults, err := l.fecFaults()
	if err != nil { // an encoding there is not; Check says so beside its field
		return nil
	}
	var all []Finding
	for _, f := range faults {
		if !slices.ContainsFunc(all, func(x Finding) bool { return x.Rule == f.Rule }) {
			n := 0
			for _, other := range faults {
				if other.Rule == f.Rule {
					n++
				}
			}
			all = append(all, Finding{Refused: true, Rule: f.Rule, Args: []any{"line", f.Line, "column", f.Column, "text", f.Text, "n", n}, Payments: l.paymentsAt(f.Line)})
		}
	}
	return all
}

// paymentsAt are those of the entry that a line of the extract is of; none for the titles.
func (l *ledger) paymentsAt(line int) []models.ID {
	next := 2 // the first line of the entry to come
	for e := range l.entries() {
		if line < next {
			break
		}
		if next += len(e.Lines); line < next {
			return idsOf(e.Payments)
		}
	}
	return nil
}

// missing are what the payments that stand lack, a finding for each sort of lack.
func (l *ledger) missing(payments []*models.Payment) []Finding {
	var all []Finding
	for _, c := range []struct {
		rule  string
		lacks func(*models.Payment) bool
	}{
		{FoundUnconverted, func(p *models.Payment) bool { return !p.Converted() }},
		{FoundNoNumber, func(p *models.Payment) bool { return p.InvoiceNumber == "" }},
		{FoundNoFile, func(p *models.Payment) bool { return l.LacksInvoice(*p) }},
		{FoundNoAccount, func(p *models.Payment) bool { return p.Account == "" }},
		{FoundNoInvoiceDate, func(p *models.Payment) bool { return p.InvoiceDate.IsZero() }},
		{FoundOtherYear, func(p *models.Payment) bool {
			return !p.InvoiceDate.IsZero() && !l.Year(p.PaidOn).Span().Contains(p.InvoiceDate)
		}},
	} {
		var ids []models.ID
		for _, p := range payments {
			if p.Stands() && c.lacks(p) {
				ids = append(ids, p.ID)
			}
		}
		if len(ids) > 0 {
			all = append(all, Finding{Rule: c.rule, Args: []any{"n", len(ids)}, Payments: ids})
		}
	}
	return all
}

package reports

import (
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Digest is the monthly summary for one person: what can still be decided, what falls due, where the year stands,
// what changed and what is missing.
type Digest struct {
	Month, Today   cal.Date // first day of the month it is of; the organisation's day it is written on
	To             models.Person
	BaseURL        string // of the pages, without a slash at the end
	UnsubscribeURL string // ends the digest for this person; left out when empty
	// WithoutAmounts leaves out every amount, and the envelope: for people and channels that are to read none.
	WithoutAmounts bool

	Decide      []models.Cause // nobody has dealt with them, soonest first
	Renewals    []Renewal      // of the month, by day; waived ones are left out
	Total       money.Amount   // of the renewals, in euros
	Unconverted int            // renewals left out of the total
	Next        Renewal        // the first one after the month, when the month has none; zero when there is none
	Position    models.Position
	Since       cal.Date            // changes are told from that day on
	Changes     []models.AuditEntry // newest first
	Missing     []models.Cause

	register *models.Register
}

// Renewal is a charge of the month and what became of it.
type Renewal struct {
	models.Charge
	Settled models.Settled
	// Amount is the cost that was paid, else the one expected; none when not converted.
	Amount money.Amount
}

// Where a cause is told: what one can still decide, and what the figures wait for. The others have their own part of
// the digest.
var (
	toDecide = []models.FlagKind{models.FlagDecideBy, models.FlagTrialEnd, models.FlagServiceClosing, models.FlagPriceChange, models.FlagFreeLook}
	toSupply = []models.FlagKind{models.FlagChargeDue, models.FlagRateMissing, models.FlagCardExpiring, models.FlagDataExport, models.FlagNoOwner, models.FlagSeatsFree}
)

// LatestChanges is how many of the audit log's entries a digest is given at the most: nobody reads further.
const LatestChanges = 200

// NewDigest gathers the digest of a month as things stand on a day. changes are the audit log's latest entries, newest
// first; those of before the month that came before the digest's have been told and are left out. Texts are in the
// language of the words it is then written with.
func NewDigest(r *models.Register, month, today cal.Date, to models.Person, baseURL string, changes []models.AuditEntry) Digest {
	month = month.MonthStart()
	plain := !r.Organisation.ShowsAmounts(to.Role)
	if plain {
		r, changes = r.WithoutAmounts(), withoutMoney(changes)
	}
	d := Digest{
		Month: month, Today: today, To: to, BaseURL: baseURL, WithoutAmounts: plain, Total: money.Zero(money.EUR),
		Since: month.AddMonths(-1), Changes: since(r.Organisation, month.AddMonths(-1), changes), Position: r.Position(r.Year(month), today), register: r,
	}
	for _, c := range models.Shown(r.Causes(today), today) {
		switch {
		case slices.Contains(toDecide, c.Key.Kind):
			d.Decide = append(d.Decide, c)
		case slices.Contains(toSupply, c.Key.Kind):
			d.Missing = append(d.Missing, c)
		}
	}
	for _, c := range r.Charges(cal.Span{From: month, To: month.AddMonths(1)}, today) {
		if renewal := renewalOf(r, c); renewal.Settled != models.Waived {
			d.Renewals = append(d.Renewals, renewal)
			d.Total = d.Total.Add(renewal.Amount)
			if renewal.Amount.IsNone() {
				d.Unconverted++
			}
		}
	}
	if len(d.Renewals) == 0 {
		for _, c := range r.Charges(cal.Span{From: month.AddMonths(1), To: month.AddMonths(14)}, today) {
			if r.IsOpen(c) {
				d.Next = renewalOf(r, c)
				break
			}
		}
	}
	return d
}

// plainKinds are the kinds of acts that somebody from whom amounts are kept is told of.
var plainKinds = []string{"service", "subscription", "decision", "renewal", "person"}

// withoutMoney leaves out the acts that are about money alone, and the amounts in the names of the others.
func withoutMoney(entries []models.AuditEntry) []models.AuditEntry {
	var kept []models.AuditEntry
	for _, e := range entries {
		kind, _, _ := strings.Cut(e.Verb, ".")
		if slices.Contains(plainKinds, kind) && !strings.Contains(e.Verb, ".terms") {
			e.Name, e.Changes = money.Conceal(e.Name), nil
			kept = append(kept, e)
		}
	}
	return kept
}

// renewalOf is a charge with what became of it.
func renewalOf(r *models.Register, c models.Charge) Renewal {
	settled, _ := r.Settlement(c)
	out := Renewal{Charge: c, Settled: settled, Amount: c.Cost}
	if settled == models.Paid {
		out.Amount = money.Amount{}
		for _, p := range r.PaymentsFor(c) {
			if !p.Converted() {
				return Renewal{Charge: c, Settled: settled} // a part without euros leaves no sum
			}
			out.Amount = out.Amount.Add(p.Cost)
		}
	}
	return out
}

// Quiet tells whether the month asks for nothing: no renewal, nothing to decide, nothing missing.
func (d Digest) Quiet() bool { return len(d.Renewals)+len(d.Decide)+len(d.Missing) == 0 }

// since are the entries, newest first, of a day and after.
func since(o models.Organisation, from cal.Date, entries []models.AuditEntry) []models.AuditEntry {
	for i, e := range entries {
		if o.Today(e.At).Before(from) {
			return entries[:i]
		}
	}
	return entries
}

package models

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Review is the annual review of a fiscal year: what the director writes while it is open, and what it said for ever
// once it is closed.
type Review struct {
	ID      ID
	Version int64
	Year    int    // number of the fiscal year: the calendar year it begins in
	Summary string // the director's words
	Outlook string // what is planned for the year after
	Notes   []ReviewNote
	// NextFloor and NextCeiling are the envelope proposed for the year after; none while nothing was chosen.
	NextFloor, NextCeiling money.Amount

	ClosedAt time.Time // zero while it is open
	ClosedOn cal.Date
	ClosedBy ID
	Hash     string // SHA-256 of the frozen document, hexadecimal; empty while it is open
}

// ReviewNote is what the director says of one service.
type ReviewNote struct {
	ServiceID ID
	Text      string
}

// Closed tells whether the review is frozen.
func (v Review) Closed() bool { return !v.ClosedAt.IsZero() }

// NoteOn is what the director says of a service, empty for nothing.
func (v Review) NoteOn(service ID) string {
	for _, n := range v.Notes {
		if n.ServiceID == service {
			return n.Text
		}
	}
	return ""
}

// Matches tells whether a document is the one that was frozen, to the byte.
func (v Review) Matches(document []byte) bool {
	return v.Hash != "" && DocumentHash(document) == v.Hash
}

// DocumentHash is the SHA-256 of a document, hexadecimal.
func DocumentHash(document []byte) string {
	sum := sha256.Sum256(document)
	return hex.EncodeToString(sum[:])
}

// Tidy is the review with its notes by service, each once, and without those that say nothing.
func (v Review) Tidy() Review {
	v.Notes = slices.DeleteFunc(slices.Clone(v.Notes), func(n ReviewNote) bool { return n.Text == "" })
	slices.SortStableFunc(v.Notes, func(a, b ReviewNote) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
	if len(v.Notes) == 0 {
		v.Notes = nil
	}
	return v
}

// Check says what is wrong with the review as written: "summary", "outlook", "note.<service>", and the envelope it
// proposes, whose two ends come together, under "next_floor" and "next_ceiling".
func (v Review) Check() Invalid {
	var bad Invalid
	checkRange(&bad, "year", v.Year, 1970, 2199)
	checkText(&bad, "summary", v.Summary)
	checkText(&bad, "outlook", v.Outlook)
	for i, n := range v.Notes {
		field := "note." + strconv.FormatInt(int64(n.ServiceID), 10)
		if slices.ContainsFunc(v.Notes[:i], func(x ReviewNote) bool { return x.ServiceID == n.ServiceID }) {
			bad.Add(field, "duplicate")
			continue
		}
		checkText(&bad, field, n.Text)
	}
	if v.NextCeiling.IsNone() {
		if !v.NextFloor.IsNone() {
			bad.Add("next_ceiling", "required")
		}
		return bad
	}
	for _, p := range (Envelope{Year: v.Year, Floor: v.NextFloor, Ceiling: v.NextCeiling}).Check() {
		if p.Field != "year" {
			p.Field = "next_" + p.Field
			bad = append(bad, p)
		}
	}
	return bad
}

// ReviewOf is the review of the fiscal year that begins in a calendar year; a blank one, and false, while none was begun.
func (r *Register) ReviewOf(year int) (Review, bool) {
	for _, v := range r.Reviews {
		if v.Year == year {
			return v, true
		}
	}
	return Review{Year: year}, false
}

// ReviewYears are the fiscal years that can be reviewed on a day, newest first: those that have begun, back to the one
// the register begins in, or the first that holds a payment, an envelope or a review.
func (r *Register) ReviewYears(day cal.Date) []cal.FiscalYear {
	last := r.Year(day)
	first := last
	earlier := func(y cal.FiscalYear) {
		if y.Start.Before(first.Start) {
			first = y
		}
	}
	if kept := r.Organisation.KeptFrom; !kept.IsZero() {
		earlier(r.Year(kept))
	}
	for i := range r.Payments {
		earlier(r.Year(r.Payments[i].PaidOn))
	}
	for _, e := range r.Envelopes {
		earlier(r.Organisation.YearStart.Year(e.Year))
	}
	for _, v := range r.Reviews {
		earlier(r.Organisation.YearStart.Year(v.Year))
	}
	var years []cal.FiscalYear
	for y := last; !y.Start.Before(first.Start); y = y.Prev() {
		years = append(years, y)
	}
	return years
}

package models

import (
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

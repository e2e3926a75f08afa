package models

import (
	"enveloppe/models/cal"
)

// Closing says that the accounts are closed up to and including a day: from then on no payment, waiver or correction
// touches a day up to it. What turns out wrong is put right on a day after.
type Closing struct {
	ID      ID
	Version int64
	Through cal.Date // last day closed
	On      cal.Date // day of the act
	By      ID
	Note    string

	ReopenedOn cal.Date // zero while it stands
	ReopenedBy ID
	Reason     string // for opening it again
}

// Stands tells whether the closing has not been taken back.
func (c Closing) Stands() bool { return c.ReopenedOn.IsZero() }

package models

import (
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Question is one renewal that somebody must answer, with the facts to answer it on; amounts in euros.
type Question struct {
	Subscription Subscription
	ServiceID    ID
	Charge       Charge       // the renewal's, as expected
	SaidBy       cal.Date     // the last working day to say no; the day to show
	Locked       bool         // it is too late, or a fixed term holds it
	Stake        money.Amount // what saying no would save, or what can no longer be saved
	Yearly       money.Amount // of the coming twelve months
	FreeSeats    int          // paid and held by nobody
	FreeYearly   money.Amount // what those cost a year
	PriceWas     money.Amount // billed a period before, when the price of this renewal differs; none when not
	LastDecision Decision     // the latest on the service; its ID is zero for none
	ExportLate   bool         // its data have not been taken out for longer than is wanted
	Answer       Decision     // the decision that answers this renewal; its ID is zero while nobody has
}

// Answered tells whether somebody has decided.
func (q Question) Answered() bool { return q.Answer.ID != 0 || !q.Subscription.EndsOn.IsZero() }

// Proof is a file kept with a decision: the confirmation of a cancellation, an e-mail of the vendor's.
type Proof struct {
	ID         ID
	Version    int64
	DecisionID ID
	Name       string // of the file, as it came, without folders
	Media      Media
	Size       int64  // bytes
	Hash       string // SHA-256 of the content, hexadecimal
	AddedAt    time.Time
	AddedBy    ID
}

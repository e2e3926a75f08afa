package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Reason is why a bank line is taken for what is proposed.
type Reason string

// The reasons of a proposal, strongest first.
const (
	ByHabit      Reason = "habit"       // earlier lines of this label paid this service
	ByRecord     Reason = "recorded"    // the payment is recorded already, without its bank line
	ByVendor     Reason = "vendor"      // the label names the vendor or the service
	ByAmount     Reason = "amount"      // the amount is exactly the expected one
	ByNearAmount Reason = "amount_near" // the amount is close: a rate, a fee or a new price explains it
	ByDay        Reason = "day"         // the day is the one to expect
)

// Proposal is what one open bank line is taken for, until somebody confirms it.
type Proposal struct {
	Line      BankLine
	PaymentID ID // recorded already, without its bank line: confirming ties the two; 0 otherwise
	ServiceID ID
	Charge    Charge       // the expected charge it pays; zero when a recorded payment or none
	Billed    money.Amount // as invoiced, when that was in another currency; none for the line's own amount
	Sure      bool         // nothing else fits as well, and nothing is odd
	Reasons   []Reason
	Gap       money.Amount // money of the line above the expected one, in euros; none when that is not known
	Others    []Charge     // other open charges it could be, best first, at most 5
}

// Match is the proposal as it is confirmed.
func (p Proposal) Match() Match {
	return Match{
		Line: p.Line.ID, PaymentID: p.PaymentID, ServiceID: p.ServiceID,
		SubscriptionID: p.Charge.SubscriptionID, ChargeOn: p.Charge.On, Billed: p.Billed,
	}
}

// Matching is what is made of the open bank lines; each is in exactly one of the three.
type Matching struct {
	Proposals []Proposal  // by day of the line, then its ID
	Recurring []Recurring // debits that come back and match nothing: services nobody registered, dearest first
	Rest      []BankLine
}

// Match proposes what the open bank lines are. Each charge, each payment and each line is in at most one proposal.
func (r *Register) Match(open []BankLine, h Habits, today cal.Date) Matching {
	var m Matching
	m.Rest = append(m.Rest, open...)
	return m
}

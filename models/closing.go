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

// Check says what is wrong with the closing as typed; today is the organisation's day, through the last day closed so
// far, none when none is.
func (c Closing) Check(today, through cal.Date) Invalid {
	var v Invalid
	switch {
	case c.Through.IsZero():
		v.Add("through", "date.empty")
	case !c.Through.Before(today): // a day that is not over may still see money leave
		v.Add("through", "before", "day", today)
	case !c.Through.After(through):
		v.Add("through", "after", "day", through)
	}
	checkText(&v, "note", c.Note)
	return v
}

// CheckReopening says what is wrong with taking the closing back, as typed: opening closed accounts wants a reason.
func (c Closing) CheckReopening() Invalid {
	var v Invalid
	if c.ReopenedOn.IsZero() {
		v.Add("on", "date.empty")
	}
	checkName(&v, "reason", c.Reason)
	return v
}

// ClosedThrough is the last day of the closed accounts; none while none are.
func (r *Register) ClosedThrough() cal.Date { return r.closedThrough }

// Closed tells whether the accounts of a day are closed.
func (r *Register) Closed(d cal.Date) bool {
	return !r.closedThrough.IsZero() && !d.After(r.closedThrough)
}

// ReversalDay is the day a payment is to be undone on: its own, or today's when that one's accounts are closed.
func (r *Register) ReversalDay(p Payment, today cal.Date) cal.Date {
	if r.Closed(p.PaidOn) {
		return today
	}
	return p.PaidOn
}

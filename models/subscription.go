package models

import "enveloppe/models/cal"

// Subscription is the organisation's use of one plan. What it costs is in its Terms, from a day on; where it stands on
// a day is derived, never stored.
type Subscription struct {
	ID        ID
	Version   int64
	ServiceID ID
	PlanID    ID

	StartedOn cal.Date // first day of use
	// Anchor is the day periods are counted from, for ever: renewal k falls on Anchor + k × Cadence.
	Anchor    cal.Date
	Cadence   cal.Cadence
	Notice    cal.Notice
	AutoRenew bool // renews by itself unless cancelled in time

	// TrialEnds and GrantEnds are the first day that costs: charges before either are not expected.
	TrialEnds, GrantEnds cal.Date
	// FixedUntil is the first day on which the contract lets one leave; zero without a fixed term.
	FixedUntil cal.Date

	CancelledOn  cal.Date // day it was cancelled; zero while it goes on
	EndsOn       cal.Date // first day without it; zero while it goes on; StartedOn when called off before it began
	CancelReason string
	SuccessorID  ID // subscription that took over when the plan was switched; 0 for none

	OwnerID  ID // person who answers for it; 0 for nobody
	MeansID  ID // what pays it; 0 when not said
	Account  string
	Analytic string
	LookOn   cal.Date // day to look again at a free plan; zero for none
	Note     string
	Leads    Leads // its own lead times of reminders

	Terms []Terms // by From, ascending; the first holds from StartedOn
	Seats []Seat  // by person, then From
}

// State is where a subscription stands on a day.
type State string

// The states of a subscription.
const (
	Planned State = "planned" // begins later
	Trial   State = "trial"
	Granted State = "granted" // premium given for nothing until a day
	Active  State = "active"
	Ending  State = "ending" // cancelled, still running
	Ended   State = "ended"
)

// StateOn is where the subscription stands on a day.
func (s Subscription) StateOn(d cal.Date) State {
	switch {
	case s.Over(d) || s.neverBegan():
		return Ended
	case d.Before(s.StartedOn):
		return Planned
	case !s.EndsOn.IsZero():
		return Ending
	case d.Before(s.TrialEnds):
		return Trial
	case d.Before(s.GrantEnds):
		return Granted
	}
	return Active
}

// RunsOn tells whether the subscription is in use on a day.
func (s Subscription) RunsOn(d cal.Date) bool {
	return !d.Before(s.StartedOn) && (s.EndsOn.IsZero() || d.Before(s.EndsOn))
}

// Over tells whether it has ended by a day.
func (s Subscription) Over(d cal.Date) bool { return !s.EndsOn.IsZero() && !d.Before(s.EndsOn) }

// neverBegan tells whether it was called off before its first day.
func (s *Subscription) neverBegan() bool { return !s.EndsOn.IsZero() && !s.EndsOn.After(s.StartedOn) }

// firstCost is the first day that can cost anything.
func (s *Subscription) firstCost() cal.Date {
	return cal.Max(s.Anchor, cal.Max(s.TrialEnds, s.GrantEnds))
}

// NextRenewal is the first day after d on which a period is charged, the first charge included; false when there is
// none, because it ends before or is paid once.
func (s Subscription) NextRenewal(d cal.Date) (cal.Date, bool) {
	on := s.Cadence.Occurrence(s.Anchor, s.indexAfter(d))
	if on.IsZero() || (!s.EndsOn.IsZero() && !on.Before(s.EndsOn)) {
		return cal.Date{}, false
	}
	return on, true
}

// indexAfter numbers the first period charged after d; nothing is charged before firstCost.
func (s *Subscription) indexAfter(d cal.Date) int {
	eve := cal.Max(d, s.firstCost().AddDays(-1))
	return s.Cadence.IndexOn(s.Anchor, eve) + 1
}

// DecideBy is the last day on which cancelling still prevents the renewal of that day. It belongs to the renewal, so
// it moves on by itself with every tacit one.
func (s Subscription) DecideBy(renewal cal.Date, marginDays int) cal.Date {
	return cal.DecideBy(renewal, s.Notice, marginDays)
}

// signedUp tells whether the charge of period k came with signing up, so that no notice prevents it: the first one,
// unless a trial or a grant goes before it.
func (s *Subscription) signedUp(k int) bool {
	return k == 0 && s.TrialEnds.IsZero() && s.GrantEnds.IsZero()
}

// decideBy is the last day on which the charge of period k, which falls on day on, can be prevented, whichever way:
// by notice, by leaving during the trial, or by calling the whole off before it begins. Where signing up was the
// decision (the first charge, a fixed term) it is the day before the start.
func (s *Subscription) decideBy(k int, on cal.Date, marginDays int) cal.Date {
	signed := on.Before(s.FixedUntil) || s.signedUp(k)
	var by cal.Date
	if !signed {
		by = s.DecideBy(on, marginDays)
	}
	if signed || (s.FixedUntil.IsZero() && by.Before(s.StartedOn)) {
		by = s.StartedOn.AddDays(-1)
	}
	if !s.TrialEnds.IsZero() {
		by = cal.Max(by, s.TrialEnds.AddDays(-1-marginDays))
	}
	return by
}

// lockedOn tells whether that charge, with that decide-by day, can no longer be prevented on a day. Without tacit
// renewal a period that comes to its end binds nobody to the next, whatever the notice.
func (s *Subscription) lockedOn(day cal.Date, k int, on, decideBy cal.Date) bool {
	signed := on.Before(s.FixedUntil) || s.signedUp(k)
	switch {
	case !signed:
		return s.AutoRenew && decideBy.Before(day)
	case day.Before(s.TrialEnds):
		return decideBy.Before(day)
	}
	return !day.Before(s.StartedOn) || !s.FixedUntil.IsZero()
}

// CanEndOn is the first day without the service if it is cancelled on day on: the first renewal after it that the
// notice still reaches, and not inside a fixed term. A trial is left at its end without notice, and what has not begun is
// called off whole. The safety margin is left out: it warns earlier, it does not change the contract.
func (s Subscription) CanEndOn(on cal.Date) cal.Date {
	switch {
	case on.Before(s.StartedOn) && s.FixedUntil.IsZero():
		return s.StartedOn
	case on.Before(s.TrialEnds):
		return s.TrialEnds
	}
	k := max(s.Cadence.IndexOn(s.Anchor, on), s.Cadence.IndexOn(s.Anchor, s.FixedUntil.AddDays(-1))) + 1
	for last := on; ; k++ {
		renewal := s.Cadence.Occurrence(s.Anchor, k)
		if !renewal.After(last) { // paid once: any day will do, when it has begun and is paid
			return cal.Max(cal.Max(on, s.FixedUntil), cal.Max(s.StartedOn, s.Anchor).AddDays(1))
		}
		if !s.lockedOn(on, k, renewal, s.decideBy(k, renewal, 0)) {
			return renewal
		}
		last = renewal
	}
}

// Cancel ends the subscription: cancelled on day on, gone from day end on. An end of zero means CanEndOn; an earlier
// one is allowed, because vendors do agree to it, but not before it began. What is cancelled before its first day may
// end on it: it never begins.
func (s Subscription) Cancel(on, end cal.Date, reason string) (Subscription, error) {
	var v Invalid
	if !s.EndsOn.IsZero() {
		return s, Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	if end.IsZero() {
		end = s.CanEndOn(on)
	}
	if on.IsZero() {
		v.Add("on", "date.empty")
	}
	if end.Before(s.StartedOn) || (end == s.StartedOn && !on.Before(s.StartedOn)) {
		v.Add("ends_on", "end.before_start", "day", s.StartedOn)
	}
	checkText(&v, "reason", reason)
	if err := v.Err(); err != nil {
		return s, err
	}
	s.CancelledOn, s.EndsOn, s.CancelReason = on, end, reason
	return s, nil
}

// Reopen takes a cancellation back.
func (s Subscription) Reopen() (Subscription, error) {
	if s.EndsOn.IsZero() {
		return s, Refused{Rule: "not_ending"}
	}
	if s.SuccessorID != 0 {
		return s, Refused{Rule: "has_successor"}
	}
	s.CancelledOn, s.EndsOn, s.CancelReason = cal.Date{}, cal.Date{}, ""
	return s, nil
}

// SwitchTo ends the subscription on a day and gives its successor on another plan of the same service from that day.
// The successor keeps owner, means, accounts and the seats held; the caller gives it its ID and names it in SuccessorID.
func (s Subscription) SwitchTo(p Plan, on cal.Date, t Terms, reason string) (ended, next Subscription, err error) {
	var v Invalid
	switch {
	case p.ID == s.PlanID:
		v.Add("plan", "plan.same")
	case p.ServiceID != s.ServiceID:
		v.Add("plan", "choose")
	}
	return s.succeededBy(p, p.Cadence, on, t, reason, v)
}

// succeededBy is SwitchTo to any plan at any cadence; v is what is wrong already.
func (s Subscription) succeededBy(
	p Plan, cadence cal.Cadence, on cal.Date, t Terms, reason string, v Invalid,
) (ended, next Subscription, err error) {
	if s.Over(on) || !s.EndsOn.IsZero() {
		return s, next, Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	if !on.After(s.StartedOn) {
		v.Add("on", "after", "day", s.StartedOn)
	}
	t.From = on
	if held := mostHeld(s.Seats, cal.Span{From: on, To: forever}); t.PerSeat && t.Seats < held {
		v.Add("seats", "seats.below_assigned", "assigned", held)
	}
	checkText(&v, "reason", reason)
	v = append(v, t.Check(p.Tier)...)
	if err := v.Err(); err != nil {
		return s, next, err
	}
	next = Subscription{
		ServiceID: s.ServiceID, PlanID: p.ID, StartedOn: on, Anchor: on, Cadence: cadence, Notice: s.Notice,
		AutoRenew: s.AutoRenew, OwnerID: s.OwnerID, MeansID: s.MeansID, Account: s.Account, Analytic: s.Analytic,
		Leads: s.Leads, Terms: []Terms{t},
	}
	if p.Tier == Free {
		next.LookOn = on.AddMonths(12)
	}
	for _, seat := range s.Seats {
		if seat.reaches(on) {
			next.Seats = append(next.Seats, Seat{PersonID: seat.PersonID, From: cal.Max(seat.From, on), To: seat.To})
		}
	}
	s.CancelledOn, s.EndsOn, s.CancelReason = on, on, reason
	return s, next, nil
}

// maxNotice is the longest notice taken, in days, whatever its unit: ten years.
const maxNotice = 3653

// Check says what is wrong with the subscription as typed, its terms apart.
func (s Subscription) Check() Invalid {
	var v Invalid
	if s.PlanID == 0 {
		v.Add("plan", "choose")
	}
	if s.StartedOn.IsZero() {
		v.Add("started_on", "date.empty")
	}
	if s.Anchor.IsZero() {
		v.Add("anchor", "date.empty")
	} else if s.Anchor.Before(s.StartedOn) {
		v.Add("anchor", "not_before", "day", s.StartedOn)
	}
	if err := s.Cadence.Validate(); err != nil {
		v.Add("every", reasonOf(err))
	}
	if err := s.Notice.Validate(); err != nil {
		v.Add("notice", reasonOf(err))
	} else if s.Notice.Before(forever).DaysUntil(forever) > maxNotice {
		v.Add("notice", "notice.range")
	}
	for _, end := range []struct {
		field string
		day   cal.Date
	}{{"trial_ends", s.TrialEnds}, {"grant_ends", s.GrantEnds}, {"fixed_until", s.FixedUntil}, {"ends_on", s.EndsOn}} {
		calledOff := end.field == "ends_on" && s.CancelledOn.Before(s.StartedOn) && !s.CancelledOn.IsZero()
		if !end.day.IsZero() && !end.day.After(s.StartedOn) && !(calledOff && end.day == s.StartedOn) {
			v.Add(end.field, "end.before_start", "day", s.StartedOn)
		}
	}
	checkAccount(&v, "account", s.Account, false)
	checkLabel(&v, "analytic", s.Analytic)
	checkText(&v, "note", s.Note)
	return append(v, s.Leads.Check()...)
}

package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

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
	EndsOn       cal.Date // first day without it; zero while it goes on
	CancelReason string
	SuccessorID  ID // subscription that took over when the plan was switched; 0 for none

	OwnerID  ID // person who answers for it; 0 for nobody
	MeansID  ID // what pays it; 0 when not said
	Account  string
	Analytic string
	LookOn   cal.Date // day to look again at a free plan; zero for none
	Note     string

	Terms []Terms // by From, ascending; the first holds from StartedOn
	Seats []Seat  // by person, then From
}

// Terms is what a subscription costs from a day on. A price change, past or announced, adds Terms.
type Terms struct {
	ID      ID
	From    cal.Date
	Price   money.Amount // of one period (and one seat, when PerSeat)
	PerSeat bool
	Seats   int    // paid places; those assigned may be fewer
	Note    string // where it was announced
}

// Billed is what one period costs under these terms, in their currency.
func (t Terms) Billed() money.Amount {
	if t.PerSeat {
		return t.Price.Times(int64(t.Seats))
	}
	return t.Price
}

// Check says what is wrong with the terms as typed.
func (t Terms) Check(tier Tier) Invalid {
	var v Invalid
	if t.From.IsZero() {
		v.Add("from", "date.empty")
	}
	switch {
	case tier == Premium && t.Price.IsNone():
		v.Add("price", "required")
	case t.Price.IsNegative():
		v.Add("price", "negative")
	}
	checkRange(&v, "seats", t.Seats, 1, MaxSeats)
	checkLabel(&v, "note", t.Note)
	return v
}

// Seat is one place held by a person over [From, To); To is zero while held.
type Seat struct {
	ID       ID
	PersonID ID
	From     cal.Date
	To       cal.Date
}

// HeldOn tells whether the seat is held on a day.
func (s Seat) HeldOn(d cal.Date) bool {
	return !d.Before(s.From) && (s.To.IsZero() || d.Before(s.To))
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
	case !s.EndsOn.IsZero() && !d.Before(s.EndsOn):
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

// TermsOn are the terms in force on a day; before the first ones, the first.
func (s Subscription) TermsOn(d cal.Date) Terms {
	if len(s.Terms) == 0 {
		return Terms{}
	}
	t := s.Terms[0]
	for _, next := range s.Terms[1:] {
		if next.From.After(d) {
			break
		}
		t = next
	}
	return t
}

// SeatsHeld counts the seats held on a day.
func (s Subscription) SeatsHeld(d cal.Date) int {
	n := 0
	for _, seat := range s.Seats {
		if seat.HeldOn(d) {
			n++
		}
	}
	return n
}

// Holds tells whether the person holds a seat on a day.
func (s Subscription) Holds(person ID, d cal.Date) bool {
	return slices.ContainsFunc(s.Seats, func(seat Seat) bool { return seat.PersonID == person && seat.HeldOn(d) })
}

// firstCost is the first day that can cost anything.
func (s Subscription) firstCost() cal.Date {
	return cal.Max(s.Anchor, cal.Max(s.TrialEnds, s.GrantEnds))
}

// NextRenewal is the first day after d on which a period ends and the next is charged; false when there is none,
// because it ends first or is paid once.
func (s Subscription) NextRenewal(d cal.Date) (cal.Date, bool) {
	k := s.Cadence.IndexOn(s.Anchor, d) + 1
	if s.Cadence.Unit == cal.Once && k > 0 {
		return cal.Date{}, false
	}
	on := s.Cadence.Occurrence(s.Anchor, k)
	if on.IsZero() || (!s.EndsOn.IsZero() && !on.Before(s.EndsOn)) {
		return cal.Date{}, false
	}
	return on, true
}

// DecideBy is the last day on which cancelling still prevents the renewal of that day. It belongs to the renewal, so
// it moves on by itself with every tacit one.
func (s Subscription) DecideBy(renewal cal.Date, marginDays int) cal.Date {
	return cal.DecideBy(renewal, s.Notice, marginDays)
}

// CanEndOn is the first day without the service if it is cancelled on day on: the first renewal that the notice still
// reaches, and not inside a fixed term. The safety margin is left out: it warns earlier, it does not change the contract.
func (s Subscription) CanEndOn(on cal.Date) cal.Date {
	if s.Cadence.Unit == cal.Once {
		return cal.Max(on, cal.Max(s.FixedUntil, s.StartedOn.AddDays(1)))
	}
	if on.Before(s.firstCost()) && on.Before(s.TrialEnds) {
		return s.TrialEnds
	}
	k := max(s.Cadence.IndexOn(s.Anchor, on)+1, 1)
	for {
		renewal := s.Cadence.Occurrence(s.Anchor, k)
		if !cal.DecideBy(renewal, s.Notice, 0).Before(on) && !renewal.Before(s.FixedUntil) {
			return renewal
		}
		k++
	}
}

// Cancel ends the subscription: cancelled on day on, gone from day end on. An end of zero means CanEndOn; an earlier
// one is allowed, because vendors do agree to it, but not before it began.
func (s Subscription) Cancel(on, end cal.Date, reason string) (Subscription, error) {
	var v Invalid
	if !s.EndsOn.IsZero() {
		return s, Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	}
	if end.IsZero() {
		end = s.CanEndOn(on)
	}
	if !end.After(s.StartedOn) {
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
	case s.Over(on) || !s.EndsOn.IsZero():
		return s, next, Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	case p.ID == s.PlanID:
		v.Add("plan", "plan.same")
	case p.ServiceID != s.ServiceID:
		v.Add("plan", "choose")
	}
	if !on.After(s.StartedOn) {
		v.Add("on", "after", "day", s.StartedOn)
	}
	held := s.SeatsHeld(on)
	if t.PerSeat && t.Seats < held {
		v.Add("seats", "seats.below_assigned", "assigned", held)
	}
	checkText(&v, "reason", reason)
	v = append(v, t.Check(p.Tier)...)
	if err := v.Err(); err != nil {
		return s, next, err
	}
	t.From = on
	next = Subscription{
		ServiceID: s.ServiceID, PlanID: p.ID, StartedOn: on, Anchor: on, Cadence: p.Cadence, Notice: s.Notice,
		AutoRenew: s.AutoRenew, OwnerID: s.OwnerID, MeansID: s.MeansID, Account: s.Account, Analytic: s.Analytic,
		Terms: []Terms{t},
	}
	if p.Tier == Free {
		next.LookOn = on.AddMonths(12)
	}
	for _, seat := range s.Seats {
		if seat.HeldOn(on) {
			next.Seats = append(next.Seats, Seat{PersonID: seat.PersonID, From: on})
		}
	}
	s.CancelledOn, s.EndsOn, s.CancelReason = on, on, reason
	return s, next, nil
}

// WithTerms adds terms, or replaces those of the same ID, and keeps them in order.
func (s Subscription) WithTerms(t Terms) (Subscription, error) {
	var v Invalid
	terms := slices.Clone(s.Terms)
	at := slices.IndexFunc(terms, func(x Terms) bool { return x.ID == t.ID && t.ID != 0 })
	first := at == 0 || len(terms) == 0
	if first {
		t.From = s.StartedOn // the first terms always hold from the start
	} else if !t.From.After(s.StartedOn) {
		v.Add("from", "after", "day", s.StartedOn)
	}
	for i, x := range terms {
		if i != at && x.From == t.From {
			v.Add("from", "terms.same_day")
		}
	}
	if held := s.mostHeldFrom(t.From); t.PerSeat && t.Seats < held {
		v.Add("seats", "seats.below_assigned", "assigned", held)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	if at < 0 {
		terms = append(terms, t)
	} else {
		terms[at] = t
	}
	slices.SortFunc(terms, func(a, b Terms) int { return a.From.Compare(b.From) })
	s.Terms = terms
	return s, nil
}

// mostHeldFrom is the greatest number of seats held together on d or while they are still assigned.
func (s Subscription) mostHeldFrom(d cal.Date) int {
	most := s.SeatsHeld(d)
	for _, seat := range s.Seats {
		if seat.From.After(d) {
			most = max(most, s.SeatsHeld(seat.From))
		}
	}
	return most
}

// WithoutTerms takes back terms that were a mistake; the first stay.
func (s Subscription) WithoutTerms(id ID) (Subscription, error) {
	at := slices.IndexFunc(s.Terms, func(x Terms) bool { return x.ID == id })
	switch {
	case at < 0:
		return s, ErrNotFound
	case at == 0:
		return s, Refused{Rule: "first_terms"}
	}
	s.Terms = slices.Delete(slices.Clone(s.Terms), at, at+1)
	return s, nil
}

// Assign gives a person a seat from a day on, while one is free.
func (s Subscription) Assign(person ID, on cal.Date) (Subscription, error) {
	var v Invalid
	t := s.TermsOn(on)
	switch {
	case !s.RunsOn(on) && !on.Before(s.StartedOn):
		return s, Refused{Rule: "ended"}
	case person == 0:
		v.Add("person", "choose")
	case s.Holds(person, on):
		v.Add("person", "seat.held")
	case t.PerSeat && s.SeatsHeld(on) >= t.Seats:
		v.Add("person", "seat.none_free", "seats", t.Seats)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	s.Seats = append(slices.Clone(s.Seats), Seat{PersonID: person, From: on})
	return s, nil
}

// FreeSeat takes a seat back from a day on.
func (s Subscription) FreeSeat(id ID, on cal.Date) (Subscription, error) {
	at := slices.IndexFunc(s.Seats, func(x Seat) bool { return x.ID == id && x.To.IsZero() })
	if at < 0 {
		return s, ErrNotFound
	}
	s.Seats = slices.Clone(s.Seats)
	s.Seats[at].To = cal.Max(on, s.Seats[at].From)
	return s, nil
}

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
	if s.Cadence.Validate() != nil {
		v.Add("every", "cadence.zero")
	}
	if s.Notice.N < 0 || s.Notice.N > 3650 {
		v.Add("notice", "notice.range")
	}
	for _, end := range []struct {
		field string
		day   cal.Date
	}{{"trial_ends", s.TrialEnds}, {"grant_ends", s.GrantEnds}, {"fixed_until", s.FixedUntil}, {"ends_on", s.EndsOn}} {
		if !end.day.IsZero() && !end.day.After(s.StartedOn) {
			v.Add(end.field, "end.before_start", "day", s.StartedOn)
		}
	}
	checkAccount(&v, "account", s.Account, false)
	checkLabel(&v, "analytic", s.Analytic)
	checkText(&v, "note", s.Note)
	return v
}

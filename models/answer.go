package models

import (
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Answer is what is said to a renewal: the decision, of a subscription and a renewal, and what it takes to follow it.
type Answer struct {
	Decision Decision // Kind is Keep, Drop, Replace, or Downgrade for another plan or for fewer seats
	EndsOn   cal.Date // Drop, Replace: the first day without it; zero for the first one the contract allows
	Plan     Plan     // from the renewal on; its ID is zero for none
	Terms    Terms    // what that plan will cost
	Seats    int      // paid from the renewal on, when no plan is named
}

// AnswerKinds are the answers to a renewal, in the order they are offered. Downgrade stands for another plan and for
// fewer seats.
var AnswerKinds = []DecisionKind{Keep, Drop, Downgrade, Replace}

// Follow is the subscription as the answer leaves it, and the decision with what it now knows. Where a plan is named,
// next is the subscription that takes over, to which the caller gives an ID. A renewal that is no more to come is
// refused ("renewal_past").
func (s Subscription) Follow(a Answer, today cal.Date) (d Decision, after, next Subscription, err error) {
	d, after = a.Decision, s
	d.ServiceID, d.SubscriptionID = s.ServiceID, s.ID
	v := d.Check()
	k := s.Cadence.IndexOn(s.Anchor, d.Renewal)
	switch {
	case !s.EndsOn.IsZero():
		return d, s, next, Refused{Rule: "already_ending", Args: []any{"day", s.EndsOn}}
	case d.Renewal.IsZero() || s.Cadence.Occurrence(s.Anchor, k) != d.Renewal || d.Renewal.Before(s.firstCost()):
		v.Add("renewal", "choose")
	case !d.Renewal.After(today):
		return d, s, next, Refused{Rule: "renewal_past", Args: []any{"day", d.Renewal}}
	}
	if d.On.After(today) {
		v.Add("on", "date.future")
	}
	if !slices.Contains(AnswerKinds, d.Kind) && !v.Has("kind") {
		v.Add("kind", "choose")
	}
	if last := d.Renewal.AddMonths(longestKeep); d.Kind == Keep && d.LookAgainOn.After(last) {
		v.Add("look_again_on", "not_after", "day", last)
	}
	if d.Kind == Replace {
		checkName(&v, "replaced_by", d.ReplacedBy)
	}
	if err := v.Err(); err != nil {
		return d, s, next, err
	}
	switch {
	case d.Kind == Drop || d.Kind == Replace:
		after, err = s.Cancel(d.On, a.EndsOn, d.Reason)
	case d.Kind == Downgrade && a.Plan.ID != 0:
		after, next, err = s.SwitchTo(a.Plan, d.Renewal, a.Terms, d.Reason)
	case d.Kind == Downgrade:
		d.Seats, d.SeatsWas = a.Seats, s.termsOn(d.Renewal).Seats
		after, err = s.withSeats(a.Seats, d.Renewal)
	}
	return d, after, next, err
}

// withSeats pays for fewer seats from a day on, at the price then in force. Terms that follow and had only carried the
// number on follow it.
func (s Subscription) withSeats(n int, on cal.Date) (Subscription, error) {
	var v Invalid
	was := *s.termsOn(on)
	switch {
	case !was.PerSeat:
		v.Add("seats", "seats.flat")
	case n < 1 || n >= was.Seats:
		v.Add("seats", "seats.not_fewer", "seats", was.Seats)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	terms := slices.Clone(s.Terms)
	at := slices.IndexFunc(terms, func(t Terms) bool { return !t.From.Before(on) })
	if at < 0 {
		at = len(terms)
	}
	if at == len(terms) || terms[at].From != on {
		terms = slices.Insert(terms, at, Terms{From: on, Price: was.Price, PerSeat: true, Seats: was.Seats})
	}
	for ; at < len(terms) && terms[at].PerSeat && terms[at].Seats == was.Seats; at++ {
		terms[at].Seats = n
	}
	if at < len(terms) && terms[at].PerSeat && terms[at].Seats == n { // or it could not be told apart when this is taken back
		v.Add("seats", "seats.planned", "seats", n, "day", terms[at].From)
	}
	if _, held, short := shortOfSeats(terms, s.Seats, on); short {
		v.Add("seats", "seats.below_assigned", "assigned", held)
	}
	if err := v.Err(); err != nil {
		return s, err
	}
	s.Terms = terms
	return s, nil
}

// WithSeatsBack is the subscription as it was before a decision to pay for fewer seats. Refused ("answer_changed") once
// its terms say something else.
func (s Subscription) WithSeatsBack(d Decision) (Subscription, error) {
	terms := slices.Clone(s.Terms)
	at := slices.IndexFunc(terms, func(t Terms) bool { return t.From == d.Renewal })
	if at < 0 || d.SeatsWas == 0 || terms[at].Seats != d.Seats || !terms[at].PerSeat {
		return s, Refused{Rule: "answer_changed", Args: []any{"day", d.Renewal}}
	}
	for i := at; i < len(terms) && terms[i].PerSeat && terms[i].Seats == d.Seats; i++ {
		terms[i].Seats = d.SeatsWas
	}
	if at > 0 { // terms that say nothing new were the answer's own
		same, before := terms[at], terms[at-1]
		same.ID, same.From, before.ID, before.From, before.Note = 0, cal.Date{}, 0, cal.Date{}, ""
		if same == before {
			terms = slices.Delete(terms, at, at+1)
		}
	}
	s.Terms = terms
	return s, nil
}

// Outcome is what an answer would do, in euros; nothing has been changed to find out. Effect is of the fiscal year that
// holds the renewal, and its Yearly of the twelve months from the renewal, or from a later end, on.
type Outcome struct {
	Effect

	Year      cal.FiscalYear
	Was       money.Amount // its forecast without the answer
	Saved     money.Amount // of those twelve months, against the register as it is; negative when it costs more, none without a rate
	EndsOn    cal.Date     // first day without it; zero when it goes on
	Remaining []Charge     // still to be paid until then, those already due first
}

// WhatIfAnswer tells what an answer would do, or the error it would give.
func (r *Register) WhatIfAnswer(a Answer, today cal.Date) (Outcome, error) {
	s, ok := r.Subscription(a.Decision.SubscriptionID)
	if !ok {
		return Outcome{}, ErrNotFound
	}
	d, ended, next, err := s.Follow(a, today)
	if err != nil {
		return Outcome{}, err
	}
	after := r.With(ended)
	if next.ServiceID != 0 {
		next.ID = hypothetical
		after = after.With(next)
	}
	o := Outcome{Year: r.Year(d.Renewal), EndsOn: ended.EndsOn}
	o.Effect = r.compare(after, o.Year, today)
	o.Was = o.Forecast.Sub(o.Change)
	from := cal.Max(d.Renewal, ended.EndsOn)
	in := cal.Span{From: from, To: from.AddMonths(12)}
	was, lost := Total(r.ChargesOf(s, in, today))
	will, left := Total(after.ChargesOf(ended, in, today))
	o.Seats = ended.termsOn(d.Renewal).Seats
	if next.ServiceID != 0 {
		more, missing := Total(after.ChargesOf(next, in, today))
		will, left, o.Seats, o.EndsOn = will.Add(more), left+missing, next.Terms[0].Seats, cal.Date{}
	}
	if o.Yearly = will; left+lost == 0 {
		o.Saved = was.Sub(will)
	}
	if !o.EndsOn.IsZero() {
		o.Remaining = r.Remaining(s, o.EndsOn, today)
	}
	return o, nil
}

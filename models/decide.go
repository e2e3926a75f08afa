package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Question is one renewal that somebody must answer, with the facts to answer it on; amounts in euros.
type Question struct {
	Subscription Subscription
	ServiceID    ID
	Charge       Charge       // the renewal's, as expected; of several locked ones the first
	SaidBy       cal.Date     // the last working day to say no; the day to show
	Locked       bool         // it is too late, or a fixed term holds it
	Count        int          // charges in Stake: 1, or all that are locked in the coming twelve months
	Stake        money.Amount // what saying no would save, or what can no longer be saved; as invoiced when there is no rate
	Yearly       money.Amount // of the coming twelve months
	FreeSeats    int          // paid and held by nobody
	FreeYearly   money.Amount // what those cost a year; none when there are none
	PriceWas     money.Amount // billed a period before, when the price of this renewal differs; none when not
	LastDecision Decision     // the latest on the service before the answer; its ID is zero for none
	ExportLate   bool         // its data have not been taken out for longer than is wanted
	Answer       Decision     // the decision that answers this renewal; its ID is zero while nobody has
}

// Answered tells whether somebody has decided.
func (q Question) Answered() bool { return q.Answer.ID != 0 || !q.Subscription.EndsOn.IsZero() }

// asked is how many months ahead of its decide-by day a renewal is a question.
const asked = 12

// Questions are the renewals to be decided as of a day. Of each subscription that costs and goes on they are the first
// one that can still be prevented, if its decide-by day lies within twelve months, and those that cannot any more and
// are still to be paid within them, as one. They come in order of the day to decide by, locked ones by their charge.
func (r *Register) Questions(day cal.Date) []Question {
	var all []Question
	for i := range r.Subscriptions {
		all = r.appendQuestions(all, &r.Subscriptions[i], day)
	}
	slices.SortStableFunc(all, func(a, b Question) int {
		return cmp.Or(a.askedOn().Compare(b.askedOn()), cmp.Compare(a.Subscription.ID, b.Subscription.ID))
	})
	return all
}

// QuestionsOf are those of one subscription: the locked ones, if there are any, and the one that can be answered in time.
func (r *Register) QuestionsOf(subscription ID, day cal.Date) []Question {
	s, ok := find(r.Subscriptions, subscription, func(x *Subscription) ID { return x.ID })
	if !ok {
		return nil
	}
	return r.appendQuestions(nil, s, day)
}

func (r *Register) appendQuestions(all []Question, s *Subscription, day cal.Date) []Question {
	if sv, ok := r.service(s.ServiceID); !ok || sv.Archived() || !s.EndsOn.IsZero() || s.free() {
		return all
	}
	open, locked := r.renewalsToDecide(s, day)
	if len(locked) > 0 {
		all = append(all, r.question(s, locked, day))
	}
	if len(open) > 0 {
		all = append(all, r.question(s, open, day))
	}
	return all
}

// QuestionOf is what is asked of one renewal of a subscription: false when nothing is, because it is not expected, has
// come, or has been paid already.
func (r *Register) QuestionOf(subscription ID, renewal, day cal.Date) (Question, bool) {
	s, ok := find(r.Subscriptions, subscription, func(x *Subscription) ID { return x.ID })
	c, open := r.OpenCharge(subscription, renewal, day)
	if !ok || !open || !renewal.After(day) {
		return Question{}, false
	}
	return r.question(s, []Charge{c}, day), true
}

func (q *Question) askedOn() cal.Date {
	if q.Locked {
		return q.Charge.On
	}
	return q.SaidBy
}

// renewalsToDecide are the charges to come of a subscription that goes on: the first that can be prevented, and those
// of the coming twelve months before it that cannot.
func (r *Register) renewalsToDecide(s *Subscription, day cal.Date) (open, locked []Charge) {
	limit := day.AddMonths(asked)
	last := day
	for k := s.indexAfter(day); ; k++ {
		on := s.Cadence.Occurrence(s.Anchor, k)
		by := s.decideBy(k, on, r.Organisation.MarginDays)
		if !on.After(last) || by.After(limit) {
			return nil, locked
		}
		last = on
		shut := s.lockedOn(day, k, on, by)
		if shut && on.After(limit) { // on to the end of the fixed term at once
			k = max(k, s.Cadence.IndexOn(s.Anchor, s.FixedUntil.AddDays(-1)))
			continue
		}
		if s.signedUp(k) && !shut {
			continue // whether to begin at all is no renewal
		}
		c, ok := r.openCharge(s, k, on, day)
		switch {
		case !ok: // paid ahead, or free for that period
		case shut:
			locked = append(locked, c)
		default:
			return []Charge{c}, locked
		}
	}
}

// question gathers the facts about charges of a subscription, of which the first is asked about.
func (r *Register) question(s *Subscription, charges []Charge, day cal.Date) Question {
	c := charges[0]
	q := Question{
		Subscription: *s, ServiceID: s.ServiceID, Charge: c, SaidBy: c.SaidBy(day), Locked: c.Locked, Count: len(charges), Stake: c.Stake(),
	}
	if c.DecideBy.Before(day) && !c.Locked { // without tacit renewal one may do nothing until the day itself
		q.SaidBy = c.On.AddDays(-1)
	}
	if total, left := Total(charges); left == 0 {
		q.Stake = total
	}
	q.Yearly, _ = r.yearlyCost(s, day)
	terms := s.termsOn(c.On)
	if free := terms.Seats - s.SeatsHeld(day); terms.PerSeat && free > 0 {
		q.FreeSeats, q.FreeYearly = free, q.Yearly.Prorate(int64(free), int64(terms.Seats))
	}
	if c.K > 0 {
		was := s.termsOn(s.Cadence.Occurrence(s.Anchor, c.K-1)).Billed()
		if now := terms.Billed(); was != now && !was.IsZero() {
			q.PriceWas = was
		}
	}
	if sv, ok := r.service(s.ServiceID); ok {
		_, q.ExportLate = r.exportLate(sv, s, day)
	}
	q.Answer, _ = r.AnswerTo(*s, c.On)
	for _, at := range r.decisionsOf[s.ServiceID] {
		if d := &r.Decisions[at]; d.ID != q.Answer.ID && laterDecision(d, &q.LastDecision) {
			q.LastDecision = *d
		}
	}
	return q
}

// exportLate tells for how many days the data of a service have not been taken out, and whether that is too long.
func (r *Register) exportLate(sv *Service, s *Subscription, day cal.Date) (days int, late bool) {
	if sv.ExportEvery == 0 {
		return 0, false
	}
	last := sv.ExportedOn
	if last.IsZero() {
		last = r.usedSince(s)
	}
	days = last.DaysUntil(day)
	return days, days >= sv.ExportEvery
}

func laterDecision(a, b *Decision) bool {
	return cmp.Or(a.On.Compare(b.On), cmp.Compare(a.ID, b.ID)) > 0
}

// longestKeep is for how many months from a renewal at most the decision to keep something answers the renewals that
// follow it, when it says until when: what is paid each month need not be decided each month, but it is each year.
const longestKeep = 12

// AnswerTo is the latest decision that answers a renewal of a subscription that goes on. One to keep it answers the one
// renewal, and those after it to be decided before its day to look again.
func (r *Register) AnswerTo(s Subscription, renewal cal.Date) (Decision, bool) {
	var latest Decision
	for _, at := range r.decisionsOf[s.ServiceID] {
		if d := &r.Decisions[at]; d.SubscriptionID == s.ID && r.answers(d, &s, renewal) && laterDecision(d, &latest) {
			latest = *d
		}
	}
	return latest, latest.ID != 0
}

func (r *Register) answers(d *Decision, s *Subscription, renewal cal.Date) bool {
	if d.Renewal.IsZero() {
		return false
	}
	switch d.Kind {
	case Drop, Replace: // taken back since, or the subscription would have an end
		return !s.EndsOn.IsZero() && d.Renewal == renewal
	case Keep:
		if !d.LookAgainOn.IsZero() && renewal.After(d.Renewal) && renewal.Before(d.Renewal.AddMonths(longestKeep)) {
			return s.DecideBy(renewal, r.Organisation.MarginDays).Before(d.LookAgainOn)
		}
	case Upgrade, Downgrade, StayFree, Decline:
	}
	return d.Renewal == renewal
}

// Proof is a file kept with a decision: the confirmation of a cancellation, an e-mail of the vendor's.
type Proof struct {
	ID         ID
	Version    int64
	DecisionID ID
	File
}

// Check says what is wrong with the proof.
func (p Proof) Check() Invalid {
	var v Invalid
	if p.DecisionID == 0 {
		v.Add("decision", "choose")
	}
	p.check(&v)
	return v
}

// ProofsOf are the files kept with a decision, by ID.
func (r *Register) ProofsOf(decision ID) []Proof {
	var list []Proof
	for i := range r.Proofs {
		if r.Proofs[i].DecisionID == decision {
			list = append(list, r.Proofs[i])
		}
	}
	return list
}

// Proof looks a proof up.
func (r *Register) Proof(id ID) (Proof, bool) {
	return found(r.Proofs, id, func(x *Proof) ID { return x.ID })
}

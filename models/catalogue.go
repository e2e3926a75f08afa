package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Standing is what a service is to the organisation on a day.
type Standing string

// The standings of a service.
const (
	InUse      Standing = "used"
	Coming     Standing = "planned"    // subscribed, begins later
	Considered Standing = "considered" // never subscribed
	Former     Standing = "ended"
	PutAway    Standing = "archived"
)

// Standings are all of them, in the order they are offered.
var Standings = []Standing{InUse, Coming, Considered, Former, PutAway}

// Line is one service as a list shows it on a day.
type Line struct {
	Service      Service
	Subscription Subscription // the one to show; its ID is zero when there has never been one
	Plan         Plan
	Terms        Terms // in force on the day
	Standing     Standing
	Tier         Tier         // empty when there has never been a subscription
	Held         int          // seats held
	Renewal      cal.Date     // next one; zero when none is coming or it would cost nothing
	Yearly       money.Amount // of the coming twelve months, in euros, whatever plan is to take over in them
	Complete     bool         // false when a charge could not be converted and Yearly leaves it out
}

// Lines are all services, by ID, as they stand on a day.
func (r *Register) Lines(day cal.Date) []Line {
	lines := make([]Line, len(r.Services))
	for i := range r.Services {
		lines[i] = r.line(&r.Services[i], day)
	}
	return lines
}

// Line is one service as it stands on a day.
func (r *Register) Line(service ID, day cal.Date) (Line, bool) {
	s, ok := find(r.Services, service, func(x *Service) ID { return x.ID })
	if !ok {
		return Line{}, false
	}
	return r.line(s, day), true
}

func (r *Register) line(sv *Service, day cal.Date) Line {
	l := Line{Service: *sv, Standing: Considered, Yearly: money.Zero(money.EUR), Complete: true}
	if s, ok := r.CurrentOn(sv.ID, day); ok {
		l.Subscription, l.Tier, l.Terms, l.Held = s, r.TierOf(s), s.TermsOn(day), s.SeatsHeld(day)
		l.Plan, _ = r.Plan(s.PlanID)
		switch {
		case s.Over(day) || s.neverBegan():
			l.Standing = Former
		case s.RunsOn(day):
			l.Standing = InUse
		default:
			l.Standing = Coming
		}
		if on, ok := s.NextRenewal(day); ok && !s.TermsOn(on).Billed().IsZero() {
			l.Renewal = on
		}
	}
	for _, at := range r.subsOf[sv.ID] { // of all of them: a switch may be planned
		yearly, ok := r.yearlyCost(&r.Subscriptions[at], day)
		l.Yearly, l.Complete = l.Yearly.Add(yearly), l.Complete && ok
	}
	if sv.Archived() {
		l.Standing = PutAway
	}
	return l
}

// Group is the services of one function with what they cost together.
type Group struct {
	Function Function // its ID is zero for services whose function is not known
	Lines    []Line
	Yearly   money.Amount
	Complete bool
}

// ByFunction groups lines by function, functions in the organisation's order and those without a line left out. Lines
// keep their order.
func (r *Register) ByFunction(lines []Line) []Group {
	at := make(map[ID]int, len(r.Functions))
	var groups []Group
	for _, l := range lines {
		i, ok := at[l.Service.FunctionID]
		if !ok {
			f, _ := r.Function(l.Service.FunctionID)
			i = len(groups)
			at[l.Service.FunctionID] = i
			groups = append(groups, Group{Function: f})
		}
		groups[i].Lines = append(groups[i].Lines, l)
	}
	for i := range groups {
		groups[i].Yearly, groups[i].Complete = TotalYearly(groups[i].Lines)
	}
	slices.SortStableFunc(groups, func(a, b Group) int {
		if (a.Function.ID == 0) != (b.Function.ID == 0) {
			return cmp.Compare(b.Function.ID, a.Function.ID) // the unknown one last
		}
		return cmp.Or(cmp.Compare(a.Function.Position, b.Function.Position), cmp.Compare(a.Function.ID, b.Function.ID))
	})
	return groups
}

// TotalYearly adds up lines; complete is false when one of them leaves a charge out.
func TotalYearly(lines []Line) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for i := range lines {
		total = total.Add(lines[i].Yearly)
		complete = complete && lines[i].Complete
	}
	return total, complete
}

// TotalPaid adds up what payments really cost, reversals taken off; complete is false when one was not converted.
func TotalPaid(payments []Payment) (total money.Amount, complete bool) {
	total, complete = money.Zero(money.EUR), true
	for i := range payments {
		switch p := &payments[i]; {
		case p.Converted():
			total = total.Add(p.Cost)
		case p.Stands():
			complete = false
		}
	}
	return total, complete
}

// PerHead is the forecast shared over so many people; none when there is nobody to share it.
func (p Position) PerHead(heads int) money.Amount {
	if heads <= 0 {
		return money.Amount{}
	}
	return p.Forecast.Prorate(1, int64(heads))
}

// Beyond is by how much the forecast leaves the envelope: above the ceiling or below the floor; none while within.
func (p Position) Beyond() money.Amount {
	switch p.Status {
	case Over:
		return p.Forecast.Sub(p.Envelope.Ceiling)
	case Under:
		return p.Envelope.Floor.Sub(p.Forecast)
	case Within, NoEnvelope:
	}
	return money.Amount{}
}

// YearBefore is what the fiscal year before a position's came to; false when the register does not hold all of it, or
// holds nothing of it.
func (r *Register) YearBefore(p Position) (money.Amount, bool) {
	before := p.Year.Prev()
	if r.Organisation.KeptFrom.After(before.Span().From) {
		return money.Amount{}, false
	}
	was := r.Position(before, p.Day)
	return was.Forecast, was.Complete() && was.Forecast.IsPositive()
}

// Begin is the subscription that taking the plan on a day makes: its cadence counted from the anchor, its price for so
// many seats, and for a free plan a day to look at it again.
func (p Plan) Begin(started, anchor cal.Date, seats int) Subscription {
	price := p.Price
	if price.IsNone() {
		price = money.Zero(money.EUR)
	}
	s := Subscription{
		ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: started, Anchor: anchor, Cadence: p.Cadence, AutoRenew: true,
		Terms: []Terms{{From: started, Price: price, PerSeat: p.PerSeat, Seats: seats}},
	}
	if p.Tier == Free && !started.IsZero() {
		s.LookOn = started.AddMonths(12)
	}
	return s
}

// Pressing is what a short list shows of causes: the first n, where many unrecorded payments make one line so that they
// do not hide what can still be decided, and the end of a trial whose first payment is to be decided on is not told
// twice. A line of many payments has no service; Count says how many it stands for and Amount what they come to. rest
// is how many causes are not shown.
func Pressing(causes []Cause, n int) (shown []Cause, rest int) {
	decided := map[ID]cal.Date{}
	for _, c := range causes {
		if c.Key.Kind == FlagDecideBy {
			decided[c.SubscriptionID] = c.Renewal
		}
	}
	causes = slices.DeleteFunc(slices.Clone(causes), func(c Cause) bool {
		return c.Key.Kind == FlagTrialEnd && decided[c.SubscriptionID] == c.On
	})
	const few = 2
	due, at, amount := 0, -1, money.Zero(money.EUR)
	for _, c := range causes {
		if c.Key.Kind == FlagChargeDue {
			due++
		}
	}
	stands := 0
	for _, c := range causes {
		if c.Key.Kind == FlagChargeDue && due > few {
			if c.Amount.Currency() == money.EUR { // what has no rate is left out
				if c.Amount.Currency() == money.EUR { // one without a rate is counted but not summed
					amount = amount.Add(c.Amount)
				}
			}
			if at >= 0 {
				continue
			}
			at = len(shown)
			c = Cause{Key: FlagKey{Kind: FlagChargeDue}, On: c.On, Count: due}
		}
		if len(shown) == n {
			continue
		}
		shown = append(shown, c)
		stands++
	}
	if at >= 0 && at < len(shown) {
		shown[at].Amount = amount
		stands += due - 1
	}
	return shown, len(causes) - stands
}

// ByPosition are the functions in the order the organisation gave them.
func (r *Register) ByPosition() []Function {
	functions := slices.Clone(r.Functions)
	slices.SortStableFunc(functions, func(a, b Function) int { return cmp.Compare(a.Position, b.Position) })
	return functions
}

// PeopleOn are the people of the organisation on a day.
func (r *Register) PeopleOn(day cal.Date) []Person {
	var here []Person
	for _, p := range r.People {
		if p.HereOn(day) {
			here = append(here, p)
		}
	}
	return here
}

// Currencies are those worth offering: the euro, those the register uses, and the usual ones, without repeats.
func (r *Register) Currencies() []money.Currency {
	all := []money.Currency{money.EUR}
	add := func(c money.Currency) {
		if c != "" && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	for i := range r.Plans {
		add(r.Plans[i].Price.Currency())
	}
	for _, c := range []money.Currency{"USD", "GBP", "CHF", "CAD"} {
		add(c)
	}
	return all
}

// PlanUsed tells whether a subscription is, or ever was, on the plan.
func (r *Register) PlanUsed(plan ID) bool {
	return plan != 0 && slices.ContainsFunc(r.Subscriptions, func(s Subscription) bool { return s.PlanID == plan })
}

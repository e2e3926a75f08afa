package models

import (
	"cmp"
	"errors"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// ScenarioTrial is the register as it would be once a scenario is applied, and the acts that make it so, in their order.
type ScenarioTrial struct {
	After *Register
	Acts  []TrialAct
}

// TrialAct is what one change of a scenario does to which records; only those it touches are filled in. A record that
// does not exist yet has an ID beyond those of all that do, by which the others refer to it.
type TrialAct struct {
	Change        int // index of the change; one that changes nothing has no act
	Kind          ScenarioKind
	Service       Service      // new
	Plan          Plan         // new
	Before, After Subscription // the one that is changed
	Begins        Subscription // the one that begins: a successor, or of a service that was not in use
	Rate          ReferenceRate
}

// trial is one under way.
type trial struct {
	next   *Register // as changed so far; its indexes follow at the end
	today  cal.Date
	reason string
	last   ID
}

// Try makes the changes of a scenario, in their order, in a register that is thought of; r itself stays as it is. Days
// are looked at from today. The error is Invalid, with all that is wrong under "change.0.on", "change.2.price" and the
// like.
func (r *Register) Try(s Scenario, today cal.Date) (*ScenarioTrial, error) {
	if len(s.Changes) == 0 {
		return &ScenarioTrial{After: r}, nil
	}
	next := *r
	next.Services, next.Plans = slices.Clone(r.Services), slices.Clone(r.Plans)
	next.Subscriptions, next.Rates = slices.Clone(r.Subscriptions), slices.Clone(r.Rates)
	t := trial{next: &next, today: today, reason: s.Name, last: hypothetical}
	var acts []TrialAct
	var v Invalid
	for i, c := range s.Changes {
		bad := c.Check()
		if len(bad) == 0 {
			act, err := t.act(c)
			if bad = asTyped(err); len(bad) == 0 && t.movesPast(c, &act) {
				bad.Add("on", "not_before", "day", today)
			}
			if act.Change, act.Kind = i, c.Kind; len(bad) == 0 && act.does() {
				t.take(&act)
				acts = append(acts, act)
			}
		}
		v = append(v, ofChange(i, bad)...)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	next.indexAgain()
	return &ScenarioTrial{After: &next, Acts: acts}, nil
}

// indexAgain readies a copied register whose services, plans, subscriptions and rates have changed.
func (r *Register) indexAgain() {
	r.rates = newRateTable(r.Rates)
	r.plansOf = make(map[ID][]int, len(r.Services))
	for i := range r.Plans {
		r.plansOf[r.Plans[i].ServiceID] = append(r.plansOf[r.Plans[i].ServiceID], i)
	}
	r.indexSubscriptions()
}

// asTyped gives what a rule says of a record in the fields of a change.
func asTyped(err error) Invalid {
	var v Invalid
	var refused Refused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		v.Add("subscription", refused.Rule, refused.Args...)
		return v
	case !errors.As(err, &v):
		v.Add("subscription", "choose")
		return v
	}
	fields := map[string]string{"from": "on", "ends_on": "on", "started_on": "on", "anchor": "on"}
	for i := range v {
		v[i].Field = cmp.Or(fields[v[i].Field], v[i].Field)
	}
	return v
}

// act is what one change does to the register so far.
func (t *trial) act(c ScenarioChange) (TrialAct, error) {
	if c.Kind == ChangeAdd {
		return t.add(c)
	}
	if c.Kind == ChangeRate {
		return t.rate(c), nil
	}
	s, ok := t.meant(c)
	if !ok {
		return TrialAct{}, Invalid{{Field: "subscription", Rule: "choose"}}
	}
	switch c.Kind {
	case ChangePlan:
		return t.changePlan(s, c)
	case ChangeCadence:
		return t.changeCadence(s, c)
	case ChangeDrop:
		ended, err := s.Cancel(t.today, c.On, t.reason)
		return TrialAct{Before: s, After: ended}, err
	case ChangeSeats:
		return t.changeTerms(s, c, func(x *Terms) bool { return x.Seats == c.Seats },
			func(x, was *Terms) bool { return x.Seats == was.Seats },
			func(x *Terms) { x.Seats = c.Seats })
	case ChangePrice:
		return t.changeTerms(s, c, func(x *Terms) bool { return x.Price == c.Price },
			func(x, was *Terms) bool { return x.Price == was.Price },
			func(x *Terms) { x.Price = c.Price })
	default:
		return TrialAct{}, Invalid{{Field: "kind", Rule: "choose"}}
	}
}

// meant is the subscription a change is of: the one it names, or what took over from it by the day.
func (t *trial) meant(c ScenarioChange) (Subscription, bool) {
	s, ok := t.next.Subscription(c.SubscriptionID)
	for ok && s.SuccessorID != 0 && (c.On.IsZero() || !c.On.Before(s.EndsOn)) {
		s, ok = t.next.Subscription(s.SuccessorID)
	}
	return s, ok
}

func (t *trial) changePlan(s Subscription, c ScenarioChange) (TrialAct, error) {
	p, ok := t.next.Plan(c.PlanID)
	if !ok {
		return TrialAct{}, Invalid{{Field: "plan", Rule: "choose"}}
	}
	terms := t.termsOf(p, c)
	if c.Seats == 0 {
		terms.Seats = max(s.TermsOn(c.On).Seats, 1)
	}
	ended, next, err := s.SwitchTo(p, c.On, terms, t.reason)
	return t.succession(s, ended, next, err)
}

// changeCadence keeps the seats, and whether each is paid for.
func (t *trial) changeCadence(s Subscription, c ScenarioChange) (TrialAct, error) {
	if c.Cadence == s.Cadence {
		return TrialAct{}, Invalid{{Field: "every", Rule: "cadence.same"}}
	}
	p, ok := t.next.Plan(s.PlanID)
	if !ok {
		return TrialAct{}, Invalid{{Field: "subscription", Rule: "choose"}}
	}
	terms := s.TermsOn(c.On)
	terms.ID, terms.Note, terms.Price = 0, "", c.Price
	ended, next, err := s.succeededBy(p, c.Cadence, c.On, terms, t.reason, nil)
	return t.succession(s, ended, next, err)
}

func (t *trial) succession(s, ended, next Subscription, err error) (TrialAct, error) {
	if err != nil {
		return TrialAct{}, err
	}
	if t.beside(next, s.ID) {
		return TrialAct{}, Refused{Rule: "already_subscribed"}
	}
	t.identify(&next)
	ended.SuccessorID = next.ID
	return TrialAct{Before: s, After: ended, Begins: next}, nil
}

// identify gives a subscription that begins, its terms and its seats their IDs.
func (t *trial) identify(s *Subscription) {
	s.ID = t.id()
	for i := range s.Terms {
		s.Terms[i].ID = t.id()
	}
	for i := range s.Seats {
		s.Seats[i].ID = t.id()
	}
}

func (t *trial) id() ID {
	t.last++
	return t.last
}

// termsOf are the terms a change takes a plan at: its own price unless another is given.
func (t *trial) termsOf(p Plan, c ScenarioChange) Terms {
	terms := Terms{From: c.On, Price: c.Price, PerSeat: c.PerSeat, Seats: max(c.Seats, 1)}
	if c.Price.IsNone() {
		terms.Price, terms.PerSeat = p.Price, p.PerSeat
	}
	if terms.Price.IsNone() && p.Tier == Free {
		terms.Price = money.Zero(money.EUR)
	}
	return terms
}

// changeTerms changes the terms in force from a day on. Later terms that say the same as those did follow, up to the
// first that say something else: fewer seats stay fewer when an announced price comes, and an announced price comes
// whatever is paid until then.
func (t *trial) changeTerms(
	s Subscription, c ScenarioChange, done func(*Terms) bool, same func(x, was *Terms) bool, change func(*Terms),
) (TrialAct, error) {
	switch {
	case s.Over(c.On):
		return TrialAct{}, Refused{Rule: "ended"}
	case c.On.Before(s.StartedOn):
		return TrialAct{}, Invalid{{Field: "on", Rule: "not_before", Args: []any{"day", s.StartedOn}}}
	}
	was := s.TermsOn(c.On)
	if done(&was) {
		return TrialAct{}, nil
	}
	terms, after := was, s
	if terms.From != c.On {
		terms.ID, terms.From, terms.Note = t.id(), c.On, ""
	}
	change(&terms)
	changed := []Terms{terms}
	after.Terms = slices.Clone(s.Terms)
	for i := range after.Terms {
		x := &after.Terms[i]
		if !x.From.After(c.On) {
			continue
		}
		if !same(x, &was) {
			break
		}
		change(x)
		changed = append(changed, *x)
	}
	var v Invalid
	for _, x := range changed {
		if bad := x.Check(t.next.tierOf(s.PlanID)); len(v) == 0 {
			v = bad
		}
	}
	if err := v.Err(); err != nil {
		return TrialAct{}, err
	}
	after, err := after.WithTerms(terms)
	if err == nil {
		err = t.next.partsStillCount(&after)
	}
	return TrialAct{Before: s, After: after}, err
}

// partsStillCount refuses terms in another currency than a part that was paid of a charge under them.
func (r *Register) partsStillCount(after *Subscription) error {
	for key, answers := range r.passing {
		if key.subscription != after.ID {
			continue
		}
		now := after.termsOn(key.on).Billed()
		for _, a := range answers {
			if !a.part.IsNone() && a.until.IsZero() && !now.IsZero() && a.part.Currency() != now.Currency() {
				return Invalid{{Field: "price", Rule: "part.currency", Args: []any{"currency", string(a.part.Currency())}}}
			}
		}
	}
	return nil
}

// add begins a subscription to a service of the register that is not in use, or to a new one.
func (t *trial) add(c ScenarioChange) (TrialAct, error) {
	act, p, v := t.offer(c)
	if err := v.Err(); err != nil {
		return act, err
	}
	s := Subscription{
		ServiceID: p.ServiceID, PlanID: p.ID, StartedOn: c.On, Anchor: c.On, Cadence: p.Cadence, AutoRenew: true,
		Terms: []Terms{t.termsOf(p, c)},
	}
	if p.Tier == Free {
		s.LookOn = c.On.AddMonths(12)
	}
	if err := append(s.Check(), s.Terms[0].Check(p.Tier)...).Err(); err != nil {
		return act, err
	}
	if sv, _ := t.next.service(s.ServiceID); sv != nil && sv.Archived() {
		return act, Invalid{{Field: "service", Rule: "service_archived"}}
	}
	if t.beside(s, 0) {
		return act, Invalid{{Field: "service", Rule: "already_subscribed"}}
	}
	t.identify(&s)
	act.Begins = s
	return act, nil
}

// offer is the plan an added service is taken on, which may be new, and so may the service.
func (t *trial) offer(c ScenarioChange) (act TrialAct, p Plan, v Invalid) {
	sv, known := t.next.service(c.ServiceID)
	if c.ServiceID != 0 && !known {
		v.Add("service", "choose")
		return act, p, v
	}
	if c.PlanID != 0 {
		if p, known = t.next.Plan(c.PlanID); !known || p.ServiceID != c.ServiceID {
			v.Add("plan", "choose")
		}
		return act, p, v
	}
	if c.ServiceID == 0 {
		act.Service = Service{ID: t.id(), Name: c.Name, FunctionID: c.FunctionID, ExportEvery: DefaultExportEvery}
		sv, v = &act.Service, act.Service.Check()
		if _, ok := t.next.Function(c.FunctionID); !ok && !v.Has("function") {
			v.Add("function", "choose")
		}
	}
	p = Plan{
		ID: t.id(), ServiceID: sv.ID, Name: cmp.Or(c.Name, sv.Name), Tier: Premium, Price: c.Price, PerSeat: c.PerSeat, Cadence: c.Cadence,
	}
	if c.Price.IsZero() {
		p.Tier, p.Price, p.PerSeat = Free, money.Zero(money.EUR), false
	}
	for _, bad := range p.Check() {
		if !v.Has(bad.Field) {
			v = append(v, bad)
		}
	}
	act.Plan = p
	return act, p, v
}

// beside tells whether another subscription of the same service runs on a day of this one's.
func (t *trial) beside(s Subscription, except ID) bool {
	return slices.ContainsFunc(t.next.Subscriptions, func(o Subscription) bool {
		return o.ServiceID == s.ServiceID && o.ID != s.ID && o.ID != except &&
			(o.EndsOn.IsZero() || o.EndsOn.After(cal.Max(o.StartedOn, s.StartedOn)))
	})
}

// rate plans a rate. What has fallen counts at the rate of its day, so that a day that has come is as good as tomorrow.
func (t *trial) rate(c ScenarioChange) TrialAct {
	r := ReferenceRate{
		ID: t.id(), Currency: c.Currency, Day: cal.Max(c.On, t.today.AddDays(1)), Rate: c.Rate, Source: RateTyped, Planned: true,
	}
	if at := t.sameRate(r); at >= 0 {
		r.ID = t.next.Rates[at].ID
	}
	return TrialAct{Rate: r}
}

// sameRate is where the rate stands that one planned for the same currency and day replaces, -1 for none.
func (t *trial) sameRate(r ReferenceRate) int {
	return slices.IndexFunc(t.next.Rates, func(x ReferenceRate) bool {
		return x.Currency == r.Currency && x.Day == r.Day && x.Planned
	})
}

func (a *TrialAct) does() bool { return a.Before.ID != 0 || a.Begins.ID != 0 || a.Rate.ID != 0 }

// movesPast tells whether a change whose day has passed would make a charge that has fallen since another one.
func (t *trial) movesPast(c ScenarioChange, a *TrialAct) bool {
	if c.On.IsZero() || !c.On.Before(t.today) {
		return false
	}
	type fall struct {
		key    chargeKey
		billed money.Amount
	}
	falls := func(all ...*Subscription) []fall {
		var list []fall
		for _, s := range all {
			for _, on := range s.chargedIn(cal.Span{From: c.On, To: t.today}) {
				if billed := s.termsOn(on).Billed(); !billed.IsZero() {
					list = append(list, fall{chargeKey{s.ID, on}, billed})
				}
			}
		}
		return list
	}
	return !slices.Equal(falls(&a.Before), falls(&a.After, &a.Begins))
}

// take makes an act in the register so far.
func (t *trial) take(a *TrialAct) {
	if a.Service.ID != 0 {
		t.next.Services = append(t.next.Services, a.Service)
	}
	if a.Plan.ID != 0 {
		t.next.Plans = append(t.next.Plans, a.Plan)
	}
	if a.Before.ID != 0 {
		if s, ok := find(t.next.Subscriptions, a.After.ID, func(x *Subscription) ID { return x.ID }); ok {
			*s = a.After
		}
	}
	if a.Begins.ID != 0 {
		t.next.Subscriptions = append(t.next.Subscriptions, a.Begins)
	}
	if a.Rate.ID == 0 {
		return
	}
	if at := t.sameRate(a.Rate); at >= 0 {
		t.next.Rates[at] = a.Rate
	} else {
		t.next.Rates = append(t.next.Rates, a.Rate)
	}
}

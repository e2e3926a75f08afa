package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
)

// Reminding is all there is to remind anybody of on a day, from which each addressee has a part.
type Reminding struct {
	r      *Register
	today  cal.Date
	events []event
	alerts []Reminder // of the envelope
}

// event is a day people are reminded of.
type event struct {
	kind         ReminderKind
	subscription *Subscription
	on           cal.Date
	cap          int // the longest lead time that makes sense, noCap for any
	cause        Cause
}

const noCap = -1

// Reminding gathers what there is to tell on a day, for asking of many addressees.
func (r *Register) Reminding(today cal.Date) *Reminding {
	m := &Reminding{r: r, today: today}
	ahead := r.longestLeads()
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if sv, ok := r.service(s.ServiceID); ok && !sv.Archived() && !s.Over(today) && !s.neverBegan() {
			m.addRenewals(s, ahead)
			m.addTrialEnd(s)
		}
	}
	m.addDue()
	causes := make([]Cause, len(m.events))
	for i := range m.events {
		causes[i] = m.events[i].cause
	}
	r.joinFlags(causes)
	for i := range m.events {
		m.events[i].cause = causes[i]
	}
	m.addAlerts()
	return m
}

// Reminders are what an addressee is to be told on a day, most pressing first; at most one of each event.
func (r *Register) Reminders(today cal.Date, to Addressee) []Reminder {
	return r.Reminding(today).Of(to)
}

// Reminder tells whether a reminder that was planned still stands on a day, and says it with the figures of that day.
func (r *Register) Reminder(today cal.Date, to Addressee, kind ReminderKind, item ID, occurrence string) (Reminder, bool) {
	return r.Reminding(today).Find(to, kind, item, occurrence)
}

// Find is the one of an addressee's reminders that has a name; false when it does not stand.
func (m *Reminding) Find(to Addressee, kind ReminderKind, item ID, occurrence string) (Reminder, bool) {
	for _, x := range m.Of(to) {
		if x.Kind == kind && x.Item == item && x.Occurrence == occurrence {
			return x, true
		}
	}
	return Reminder{}, false
}

// Addressees are whom reminders go to on a day: the people who want them by e-mail, and the channels at work. Which
// reminders each gets is another question.
func (r *Register) Addressees(today cal.Date) []Addressee {
	var all []Addressee
	for _, p := range r.People {
		if p.reminded(today) {
			all = append(all, Addressee{Person: p})
		}
	}
	for i := range r.Channels {
		if !r.Channels[i].Paused {
			all = append(all, Addressee{Channel: &r.Channels[i]})
		}
	}
	return all
}

func (p Person) reminded(today cal.Date) bool { return p.Reminders && p.Email != "" && p.HereOn(today) }

// Of are the reminders of one addressee, most pressing first.
func (m *Reminding) Of(to Addressee) []Reminder {
	if to.Channel != nil && to.Channel.Paused || to.Channel == nil && !to.Person.reminded(m.today) {
		return nil
	}
	var all []Reminder
	for i := range m.events {
		e := &m.events[i]
		if !m.r.concerns(to, e.kind, e.subscription) || e.cause.Flag.Quiet(m.today) {
			continue
		}
		for _, w := range Windows(e.kind, e.on, m.r.leads(to, e)) {
			if (cal.Span{From: w.From, To: w.Until}).Contains(m.today) {
				all = append(all, Reminder{
					Kind: e.kind, Item: e.subscription.ID, Occurrence: occurrence(e.on, w.Lead), On: e.on,
					Lead: w.Lead, From: w.From, Until: w.Until, Day: m.today, Cause: e.cause,
				})
			}
		}
	}
	if m.r.concerns(to, RemindEnvelope, nil) && len(m.r.leads(to, &event{kind: RemindEnvelope, cap: noCap})) > 0 {
		all = append(all, m.alerts...)
	}
	slices.SortStableFunc(all, func(a, b Reminder) int {
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(slices.Index(ReminderKinds, a.Kind), slices.Index(ReminderKinds, b.Kind)), cmp.Compare(a.Item, b.Item))
	})
	return all
}

// concerns tells whether events of a kind, of a subscription or of the whole, are an addressee's business: all are of
// those who keep the register and of channels, those of a subscription also of whoever answers for it. What somebody
// muted never is.
func (r *Register) concerns(to Addressee, kind ReminderKind, s *Subscription) bool {
	if to.Channel != nil {
		return true
	}
	if !to.Person.Role.MayEdit() && (s == nil || s.OwnerID != to.Person.ID) {
		return false
	}
	return !slices.ContainsFunc(to.Person.Mutes, func(m Mute) bool {
		return (m.Kind == "" || m.Kind == kind) && (m.Subscription == 0 || s != nil && r.succeeds(s.ID, m.Subscription))
	})
}

// succeeds tells whether a subscription is another, or took over from it when its plan was switched.
func (r *Register) succeeds(subscription, from ID) bool {
	for range r.Subscriptions { // no further, were two to name each other
		if from == subscription {
			return true
		}
		s, ok := find(r.Subscriptions, from, func(x *Subscription) ID { return x.ID })
		if !ok || s.SuccessorID == 0 {
			return false
		}
		from = s.SuccessorID
	}
	return false
}

// leads are the lead times of an event for an addressee: their own, else the subscription's, else the organisation's,
// else the default. What is paid often is told late: one longer than a third of the period counts only when there is no
// shorter one, and as that third. Those typed for the very subscription stand as they are.
func (r *Register) leads(to Addressee, e *event) []int {
	own := to.Person.Leads
	if to.Channel != nil {
		own = to.Channel.Leads
	}
	days, said := own[e.kind]
	if !said && e.subscription != nil {
		if days, said = e.subscription.Leads[e.kind]; said {
			return days
		}
	}
	if !said {
		days, said = r.Organisation.Leads[e.kind]
	}
	if !said {
		days = defaultLeads[e.kind]
	}
	if e.cap == noCap || len(days) == 0 || slices.Max(days) <= e.cap {
		return days
	}
	days = slices.DeleteFunc(slices.Clone(days), func(n int) bool { return n > e.cap })
	if len(days) == 0 {
		return []int{e.cap}
	}
	return days
}

var defaultLeads = DefaultLeads()

// movedEarlier is more days than a day can lie after the last working day before it.
const movedEarlier = 7

// longestLeads are how many days ahead an event of each kind can matter to anybody.
func (r *Register) longestLeads() map[ReminderKind]int {
	longest := map[ReminderKind]int{}
	all := func(l Leads) {
		for kind, days := range l {
			for _, n := range days {
				longest[kind] = max(longest[kind], n+movedEarlier)
			}
		}
	}
	all(defaultLeads)
	all(r.Organisation.Leads)
	for i := range r.People {
		all(r.People[i].Leads)
	}
	for i := range r.Channels {
		all(r.Channels[i].Leads)
	}
	for i := range r.Subscriptions {
		all(r.Subscriptions[i].Leads)
	}
	return longest
}

// addRenewals adds the renewals of a subscription and their decide-by days that are near enough. Its first charge is no
// renewal: signing up decided it, or the end of the trial announces it. What a decision answers need not be decided, and
// what has been paid ahead asks for nothing.
func (m *Reminding) addRenewals(s *Subscription, ahead map[ReminderKind]int) {
	if s.free() {
		return
	}
	r, today := m.r, m.today
	first := s.indexAfter(s.firstCost().AddDays(-1))
	decided := map[cal.Date]bool{} // several renewals may have one decide-by day: it is told once, of the first
	var last cal.Date
	for k := s.indexAfter(today.AddDays(-1)); ; k++ {
		on := s.Cadence.Occurrence(s.Anchor, k)
		by := s.decideBy(k, on, r.Organisation.MarginDays)
		if !on.After(last) || (!s.EndsOn.IsZero() && !on.Before(s.EndsOn)) {
			return
		}
		renewal, decide := today.DaysUntil(on) <= ahead[RemindRenewal], today.DaysUntil(by) <= ahead[RemindDecideBy]
		if !renewal && !decide {
			return
		}
		last = on
		renewal = renewal && k > first
		decide = decide && s.EndsOn.IsZero() && !by.Before(today) && on.After(today) && !s.signedUp(k) && !s.lockedOn(today, k, on, by) && !decided[by]
		if !renewal && !decide {
			if on.Before(s.FixedUntil) && today.DaysUntil(on) > ahead[RemindRenewal] { // on to the end of the fixed term at once
				k = max(k, s.Cadence.IndexOn(s.Anchor, s.FixedUntil.AddDays(-1)))
			}
			continue
		}
		c, open := r.openCharge(s, k, on, today)
		if !open {
			continue
		}
		if _, answered := r.AnswerTo(*s, on); decide && !answered {
			decided[by] = true
			m.addCharge(RemindDecideBy, s, by, c.SaidBy(today), c)
		}
		if renewal {
			m.addCharge(RemindRenewal, s, on, on, c)
		}
	}
}

// addCharge adds an event about a charge: on is the day of the event, shown the day people are told.
func (m *Reminding) addCharge(kind ReminderKind, s *Subscription, on, shown cal.Date, c Charge) {
	longest := noCap
	if kind != RemindChargeDue {
		longest = s.lead(c, maxLead)
	}
	m.events = append(m.events, event{kind: kind, subscription: s, on: on, cap: longest, cause: Cause{
		Key: FlagKey{Kind: kind.flag(), Subject: s.ID, On: on}, On: shown, ServiceID: s.ServiceID, SubscriptionID: s.ID,
		Renewal: c.On, Amount: c.Stake(),
	}})
}

func (m *Reminding) addTrialEnd(s *Subscription) {
	end := cal.Max(s.TrialEnds, s.GrantEnds)
	if end.IsZero() || end.Before(m.today) || !s.EndsOn.IsZero() {
		return
	}
	cause := Cause{Key: FlagKey{Kind: FlagTrialEnd, Subject: s.ID, On: end}, ServiceID: s.ServiceID, SubscriptionID: s.ID, On: end}
	if cause, stands := m.r.afterTrial(s, cause, m.today); stands {
		m.events = append(m.events, event{kind: RemindTrialEnd, subscription: s, on: end, cap: noCap, cause: cause})
	}
}

// addDue adds what fell due and is not recorded, while a reminder still helps.
func (m *Reminding) addDue() {
	r, since := m.r, m.r.dueSpan(m.today)
	since.From = cal.Max(since.From, m.today.AddDays(-dueHelps))
	for _, c := range r.openCharges(since, m.today) {
		if s, ok := find(r.Subscriptions, c.SubscriptionID, func(x *Subscription) ID { return x.ID }); ok {
			m.addCharge(RemindChargeDue, s, c.On, c.On, c)
			m.events[len(m.events)-1].cause.Count = c.On.DaysUntil(m.today)
		}
	}
}

// addAlerts adds that the forecast left the envelope, or came back into it, since the daily job saw it. It is told of
// the envelope of the year that runs, and only while it is so.
func (m *Reminding) addAlerts() {
	r, helps := m.r, func(seen cal.Date) bool {
		return (cal.Span{From: seen, To: seen.AddDays(alertHelps)}).Contains(m.today)
	}
	if !slices.ContainsFunc(r.Flags, func(f Flag) bool { return f.FlagKey.Kind == FlagEnvelope && helps(f.RaisedOn) }) &&
		!slices.ContainsFunc(r.Cleared, func(f Flag) bool { return helps(f.ClearedOn) }) {
		return // nothing new, and no need to add the year up
	}
	p := r.Position(r.Year(m.today), m.today)
	outside := r.appendEnvelope(nil, p)
	r.joinFlags(outside)
	for _, c := range outside {
		if f := c.Flag; f.ID != 0 && helps(f.RaisedOn) && !f.Quiet(m.today) {
			m.addAlert(outPrefix, f.RaisedOn, "", c)
		}
	}
	if p.Status != Within {
		return
	}
	for _, f := range r.Cleared {
		if f.FlagKey.Kind != FlagEnvelope || !helps(f.ClearedOn) || r.Year(f.FlagKey.On).Start != p.Year.Start {
			continue
		}
		after := outPrefix + f.RaisedOn.String()
		if !f.RaisedOn.AddDays(alertHelps).After(f.ClearedOn) {
			after = "" // it has had its time
		}
		m.addAlert(backPrefix, f.ClearedOn, after, Cause{Key: f.FlagKey, On: f.ClearedOn, Status: Within, Amount: p.Room(), Flag: f})
	}
}

func (m *Reminding) addAlert(prefix string, seen cal.Date, after string, c Cause) {
	m.alerts = append(m.alerts, Reminder{
		Kind: RemindEnvelope, Item: m.r.Organisation.ID, Occurrence: prefix + seen.String(), After: after, On: seen,
		From: seen, Until: seen.AddDays(alertHelps), Day: m.today, Cause: c,
	})
}

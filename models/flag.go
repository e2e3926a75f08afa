package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// FlagKind is what a flag warns of.
type FlagKind string

// What is flagged, most pressing first.
const (
	FlagDecideBy       FlagKind = "decide_by"
	FlagChargeDue      FlagKind = "charge_due"
	FlagTrialEnd       FlagKind = "trial_end" // a trial or a grant ends
	FlagServiceClosing FlagKind = "service_closing"
	FlagEnvelope       FlagKind = "envelope" // the forecast leaves the envelope
	FlagRenewal        FlagKind = "renewal"
	FlagPriceChange    FlagKind = "price_change"
	FlagCardExpiring   FlagKind = "card_expiring"
	FlagRateMissing    FlagKind = "rate_missing"
	FlagSeatsFree      FlagKind = "seats_unassigned"
	FlagDataExport     FlagKind = "data_export"
	FlagFreeLook       FlagKind = "free_look"
	FlagNoOwner        FlagKind = "no_owner"
)

// FlagKinds are all of them, most pressing first.
var FlagKinds = []FlagKind{
	FlagDecideBy, FlagChargeDue, FlagTrialEnd, FlagServiceClosing, FlagEnvelope, FlagRenewal, FlagPriceChange,
	FlagCardExpiring, FlagRateMissing, FlagSeatsFree, FlagDataExport, FlagFreeLook, FlagNoOwner,
}

// How many days ahead the kinds without a setting of their own are raised.
const (
	trialWindow   = 30
	closingWindow = 180
	priceWindow   = 90
	cardWindow    = 45
	lookWindow    = 40
)

// FlagKey tells one flag from another: what it warns of, of which record, and the day it is about, so that next
// year's renewal is another flag than this year's.
type FlagKey struct {
	Kind    FlagKind
	Subject ID             // subscription, service, means or, for the envelope, the organisation
	Code    money.Currency // the currency, FlagRateMissing only
	On      cal.Date       // zero for a state that has no day
}

// Flag is a warning as the daily job keeps it: since when, and whether somebody has dealt with it.
type Flag struct {
	ID             ID
	Version        int64
	FlagKey        FlagKey
	RaisedOn       cal.Date
	ClearedOn      cal.Date // its cause has gone; zero while it stands
	AcknowledgedOn cal.Date
	AcknowledgedBy ID
	SnoozedUntil   cal.Date // first day it shows again
}

// Quiet tells whether somebody has dealt with the flag, so that it need not be shown on a day.
func (f Flag) Quiet(d cal.Date) bool {
	return !f.AcknowledgedOn.IsZero() || d.Before(f.SnoozedUntil)
}

// Cause is a reason to warn that holds on a day, with the figures a sentence needs.
type Cause struct {
	Key            FlagKey
	ServiceID      ID
	SubscriptionID ID
	On             cal.Date     // the day to show
	Renewal        cal.Date     // FlagDecideBy: the renewal it prevents; FlagRenewal: the renewal; FlagTrialEnd: the first charge, zero when none follows
	Amount         money.Amount // what is at stake, in euros where it could be converted; FlagPriceChange: the new price
	Was            money.Amount // FlagPriceChange: the price before
	Count          int          // seats free, days since, charges and payments not converted, subscriptions paid by a card
	Status         Status       // FlagEnvelope
	Flag           Flag         // as kept by the daily job; zero ID while it has not seen it yet
}

// Causes are all the reasons to warn that hold on a day, soonest first, each with its flag if the job has raised one.
func (r *Register) Causes(day cal.Date) []Cause {
	year, since := r.Year(day), r.dueSpan(day)
	open := r.openCharges(cal.Span{From: cal.Min(since.From, year.Start), To: year.Span().To}, day)
	due, position := between(open, since), r.position(year, day, open)

	all := make([]Cause, 0, len(r.Subscriptions)+len(due)+16)
	for i := range r.Services {
		all = r.appendServiceCauses(all, &r.Services[i], day)
	}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if sv, ok := r.service(s.ServiceID); ok && !sv.Archived() && !s.Over(day) && !s.neverBegan() {
			all = r.appendRenewalCauses(all, s, day)
			all = r.appendStateCauses(all, s, day)
		}
	}
	all = appendDue(all, due, day)
	all = r.appendMeans(all, day)
	all = r.appendRates(all, due, position.UnconvertedPayments, day)
	all = r.appendEnvelope(all, position)
	if r.plain {
		all = withoutMoney(all)
	}
	r.joinFlags(all)
	return inOrder(all)
}

// joinFlags gives each cause the flag the daily job keeps for it.
func (r *Register) joinFlags(all []Cause) {
	flags := make(map[FlagKey]*Flag, len(r.Flags))
	for i := range r.Flags {
		flags[r.Flags[i].FlagKey] = &r.Flags[i]
	}
	for i := range all {
		if f, ok := flags[all[i].Key]; ok {
			all[i].Flag = *f
		}
	}
}

// inOrder puts what has a day before what has none, then the soonest and the most pressing first.
func inOrder(all []Cause) []Cause {
	rank := make(map[FlagKind]int, len(FlagKinds))
	for i, k := range FlagKinds {
		rank[k] = i
	}
	order, ranks := make([]int, len(all)), make([]int, len(all))
	for i := range all {
		order[i], ranks[i] = i, rank[all[i].Key.Kind]
	}
	slices.SortFunc(order, func(i, j int) int { // of indices: a cause is large to move
		a, b := &all[i], &all[j]
		if a.On.IsZero() != b.On.IsZero() {
			if b.On.IsZero() {
				return -1
			}
			return 1
		}
		if c := a.On.Compare(b.On); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(ranks[i], ranks[j]), cmp.Compare(a.Key.Subject, b.Key.Subject), cmp.Compare(i, j))
	})
	return pick(all, order)
}

// Shown are the causes nobody has dealt with.
func Shown(all []Cause, day cal.Date) []Cause {
	return slices.DeleteFunc(slices.Clone(all), func(c Cause) bool { return c.Flag.Quiet(day) })
}

// within tells whether d is at most n days after day and not before it.
func within(day, d cal.Date, n int) bool {
	return !d.IsZero() && !d.Before(day) && day.DaysUntil(d) <= n
}

func (r *Register) appendServiceCauses(all []Cause, sv *Service, day cal.Date) []Cause {
	s, used := r.running(sv.ID, day)
	if sv.Archived() || !used {
		return all
	}
	left := !s.EndsOn.IsZero() && s.SuccessorID == 0 && !s.EndsOn.After(sv.ClosesOn)
	if !sv.ClosesOn.IsZero() && !left && day.DaysUntil(sv.ClosesOn) <= closingWindow {
		all = append(all, Cause{Key: FlagKey{Kind: FlagServiceClosing, Subject: sv.ID, On: sv.ClosesOn}, ServiceID: sv.ID, SubscriptionID: s.ID, On: sv.ClosesOn})
	}
	if days, late := r.exportLate(sv, s, day); late {
		all = append(all, Cause{Key: FlagKey{Kind: FlagDataExport, Subject: sv.ID}, ServiceID: sv.ID, SubscriptionID: s.ID, Count: days})
	}
	return all
}

// usedSince is the day from which the service of a subscription has been in use without a gap, through changes of plan.
func (r *Register) usedSince(s *Subscription) cal.Date {
	since := s.StartedOn
	subs := r.subsOf[s.ServiceID]
	for range subs {
		for _, at := range subs {
			if x := &r.Subscriptions[at]; x.StartedOn.Before(since) && !x.neverBegan() && !x.EndsOn.Before(since) {
				since = x.StartedOn
			}
		}
	}
	return since
}

// appendRenewalCauses warns of the first renewal one can still say no to and nobody has answered, while its decide-by
// day is near, and of the next renewal when that is another: a notice longer than the period binds to several at once.
func (r *Register) appendRenewalCauses(all []Cause, s *Subscription, day cal.Date) []Cause {
	next, ok := s.NextRenewal(day)
	if !ok || s.free() {
		return all
	}
	o := &r.Organisation
	if c, ok := r.decideNext(s, day); ok && within(day, c.DecideBy, s.lead(c, o.DecideWindow)) {
		all = append(all, Cause{
			Key: FlagKey{Kind: FlagDecideBy, Subject: s.ID, On: c.DecideBy}, On: c.SaidBy(day),
			ServiceID: s.ServiceID, SubscriptionID: s.ID, Renewal: c.On, Amount: c.Stake(),
		})
		if c.On == next {
			return all
		}
	}
	if c, ok := r.openCharge(s, s.indexAfter(day), next, day); ok && within(day, next, s.lead(c, o.RenewalWindow)) {
		all = append(all, Cause{
			Key: FlagKey{Kind: FlagRenewal, Subject: s.ID, On: next}, On: next,
			ServiceID: s.ServiceID, SubscriptionID: s.ID, Renewal: next, Amount: c.Stake(),
		})
	}
	return all
}

// lead is how many days ahead a charge is flagged: the window, but at most a third of the period it pays for, or what
// is paid each month would be flagged all the year round, and a warning that always stands warns of nothing.
func (s *Subscription) lead(c Charge, window int) int {
	if s.Cadence.Unit == cal.Once { // it pays for no period
		return window
	}
	return min(window, c.Period.Days()/3)
}

// decideNext is the first charge after a day that can still be prevented by saying so in time and that no decision
// answers; false when there is none, because the subscription is ending already, or none whose decide-by day is near enough to be flagged.
func (r *Register) decideNext(s *Subscription, day cal.Date) (Charge, bool) {
	if !s.EndsOn.IsZero() {
		return Charge{}, false
	}
	var last cal.Date
	for k := s.indexAfter(day); ; k++ {
		on := s.Cadence.Occurrence(s.Anchor, k)
		by := s.decideBy(k, on, r.Organisation.MarginDays)
		if !on.After(last) || day.DaysUntil(by) > r.Organisation.DecideWindow {
			return Charge{}, false
		}
		last = on
		if by.Before(day) || s.signedUp(k) || s.lockedOn(day, k, on, by) {
			continue
		}
		if _, answered := r.AnswerTo(*s, on); answered {
			continue
		}
		if c, ok := r.openCharge(s, k, on, day); ok { // one paid ahead leaves nothing to decide
			return c, true
		}
	}
}

// afterTrial gives the end of a trial or a grant what it leads to: what is left of its first charge. False when that
// charge is settled: whoever paid ahead has decided.
func (r *Register) afterTrial(s *Subscription, c Cause, day cal.Date) (Cause, bool) {
	for k, on := range s.chargedIn(cal.Span{From: c.On, To: c.On.AddMonths(12)}) {
		if _, ok := r.charge(s, k, on, day); !ok {
			continue
		}
		first, open := r.openCharge(s, k, on, day)
		c.Renewal, c.Amount = on, first.Stake()
		return c, open
	}
	return c, true
}

func (r *Register) appendStateCauses(all []Cause, s *Subscription, day cal.Date) []Cause {
	of := func(kind FlagKind, on cal.Date) Cause {
		return Cause{Key: FlagKey{Kind: kind, Subject: s.ID, On: on}, ServiceID: s.ServiceID, SubscriptionID: s.ID, On: on}
	}
	if end := cal.Max(s.TrialEnds, s.GrantEnds); s.EndsOn.IsZero() && within(day, end, trialWindow) {
		if c, stands := r.afterTrial(s, of(FlagTrialEnd, end), day); stands {
			all = append(all, c)
		}
	}
	if !s.RunsOn(day) {
		return all
	}
	now := s.termsOn(day)
	for i := range s.Terms {
		t := &s.Terms[i]
		if t.From.After(day) && day.DaysUntil(t.From) <= priceWindow && (t.Price != now.Price || t.PerSeat != now.PerSeat) && (s.EndsOn.IsZero() || t.From.Before(s.EndsOn)) {
			c := of(FlagPriceChange, t.From)
			c.Was, c.Amount = now.Price, t.Price
			if t.PerSeat != now.PerSeat { // only what a period costs can be compared
				c.Was, c.Amount = now.Billed(), t.Billed()
			}
			all = append(all, c)
			break
		}
	}
	tier := r.tierOf(s.PlanID)
	if held := s.SeatsHeld(day); now.PerSeat && tier == Premium && held < now.Seats && !s.givesUp(held, day) {
		c := of(FlagSeatsFree, cal.Date{})
		c.Count = now.Seats - held
		if total, ok := r.yearlyCost(s, day); ok {
			c.Amount = total.Prorate(int64(c.Count), int64(now.Seats))
		}
		all = append(all, c)
	}
	if tier == Free && s.EndsOn.IsZero() && !s.LookOn.IsZero() && day.DaysUntil(s.LookOn) <= lookWindow {
		all = append(all, of(FlagFreeLook, s.LookOn))
	}
	if owner, ok := r.Person(s.OwnerID); tier == Premium && s.EndsOn.IsZero() && (!ok || !owner.HereOn(day)) {
		all = append(all, of(FlagNoOwner, cal.Date{}))
	}
	return all
}

// givesUp tells whether what is paid for beyond so many seats has been dealt with: the subscription ends, or pays for no
// more of them from its next renewal on.
func (s *Subscription) givesUp(seats int, day cal.Date) bool {
	if !s.EndsOn.IsZero() {
		return true
	}
	next, ok := s.NextRenewal(day)
	return ok && s.termsOn(next).Seats <= seats
}

func appendDue(all []Cause, due []Charge, day cal.Date) []Cause {
	for _, c := range due {
		all = append(all, Cause{
			Key:       FlagKey{Kind: FlagChargeDue, Subject: c.SubscriptionID, On: c.On},
			ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, On: c.On, Amount: c.Stake(), Count: c.On.DaysUntil(day),
		})
	}
	return all
}

// appendMeans warns of a card that ends soon, or has ended, while something is paid with it.
func (r *Register) appendMeans(all []Cause, day cal.Date) []Cause {
	ending := map[ID]*Cause{}
	for _, m := range r.Means {
		if !m.ExpiresOn.IsZero() && day.DaysUntil(m.ExpiresOn) <= cardWindow {
			ending[m.ID] = &Cause{Key: FlagKey{Kind: FlagCardExpiring, Subject: m.ID, On: m.ExpiresOn}, On: m.ExpiresOn}
		}
	}
	if len(ending) == 0 {
		return all
	}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if c, ok := ending[s.MeansID]; ok && !s.Over(day) && !s.neverBegan() {
			c.Count++
			c.ServiceID, c.SubscriptionID = s.ServiceID, s.ID
		}
	}
	for _, m := range r.Means {
		if c, ok := ending[m.ID]; ok && c.Count > 0 {
			all = append(all, *c)
		}
	}
	return all
}

// appendRates warns, once a currency, of charges due or to come within a year, and of payments of the year, that cannot
// be counted in euros.
func (r *Register) appendRates(all []Cause, due []Charge, payments []Payment, day cal.Date) []Cause {
	at := map[money.Currency]int{}
	count := func(c money.Currency, service, subscription ID) {
		i, ok := at[c]
		if !ok {
			i = len(all)
			at[c] = i
			all = append(all, Cause{Key: FlagKey{Kind: FlagRateMissing, Code: c}, ServiceID: service, SubscriptionID: subscription})
		}
		all[i].Count++
	}
	for i := range due {
		if c := &due[i]; !c.Conversion.OK() {
			count(c.Billed.Currency(), c.ServiceID, c.SubscriptionID)
		}
	}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if !s.foreign() {
			continue
		}
		for _, on := range s.chargedIn(NextYear(day)) {
			if billed := s.termsOn(on).Billed(); !billed.IsZero() && !r.rates.convert(billed, on, day).OK() {
				count(billed.Currency(), s.ServiceID, s.ID)
			}
		}
	}
	for i := range payments {
		count(payments[i].Billed.Currency(), payments[i].ServiceID, payments[i].SubscriptionID)
	}
	return all
}

func (r *Register) appendEnvelope(all []Cause, p Position) []Cause {
	if p.Status != Over && p.Status != Under {
		return all
	}
	// A way out on the other side is another warning, so the day of the key tells them apart.
	c := Cause{Key: FlagKey{Kind: FlagEnvelope, Subject: r.Organisation.ID, On: p.Year.Start}, Status: p.Status, Amount: p.Room().Neg(), On: p.CrossedOn}
	if p.Status == Under {
		c.Key.On, c.Amount = p.Year.Last(), p.Envelope.Floor.Sub(p.Forecast)
	}
	return append(all, c)
}

// FlagPass compares the open flags with the causes of a day: raised are flags to add, cleared those whose cause has
// gone. Run again on the same day, or after days of silence, it finds nothing it has already done. A renewal's flag stays
// for the day of the renewal, on which one may still be reminded of it: who has seen to it is not.
func (r *Register) FlagPass(day cal.Date) (raised, cleared []Flag) {
	standing := map[FlagKey]bool{}
	for _, c := range r.Causes(day) {
		if c.Flag.ID == 0 && !standing[c.Key] { // one flag, were two causes to share a key
			raised = append(raised, Flag{FlagKey: c.Key, RaisedOn: day})
		}
		standing[c.Key] = true
	}
	for _, f := range r.Flags {
		today := f.FlagKey.Kind == FlagRenewal && f.FlagKey.On == day
		if !standing[f.FlagKey] && !today {
			f.ClearedOn = day
			cleared = append(cleared, f)
		}
	}
	return raised, cleared
}

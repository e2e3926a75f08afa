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
	Renewal        cal.Date     // FlagDecideBy: the renewal it prevents
	Amount         money.Amount // what is at stake, in euros where it could be converted
	Was            money.Amount // FlagPriceChange: one period before
	Count          int          // seats free, days since, charges not converted
	Status         Status       // FlagEnvelope
	Flag           Flag         // as kept by the daily job; zero ID while it has not seen it yet
}

// Causes are all the reasons to warn that hold on a day, soonest first, each with its flag if the job has raised one.
func (r *Register) Causes(day cal.Date) []Cause {
	var all []Cause
	for i := range r.Services {
		all = r.appendServiceCauses(all, &r.Services[i], day)
	}
	for i := range r.Subscriptions {
		s := &r.Subscriptions[i]
		if sv, ok := r.Service(s.ServiceID); ok && !sv.Archived() && !s.Over(day) {
			all = r.appendRenewalCauses(all, s, day)
			all = r.appendStateCauses(all, s, day)
		}
	}
	all = r.appendDue(all, day)
	all = r.appendMeans(all, day)
	all = r.appendRates(all, day)
	all = r.appendEnvelope(all, day)

	flags := make(map[FlagKey]int, len(r.Flags))
	for i, f := range r.Flags {
		flags[f.FlagKey] = i
	}
	rank := make(map[FlagKind]int, len(FlagKinds))
	for i, k := range FlagKinds {
		rank[k] = i
	}
	for i := range all {
		if at, ok := flags[all[i].Key]; ok {
			all[i].Flag = r.Flags[at]
		}
	}
	slices.SortStableFunc(all, func(a, b Cause) int {
		if a.On.IsZero() != b.On.IsZero() { // what has a day comes before what has none
			if b.On.IsZero() {
				return -1
			}
			return 1
		}
		return cmp.Or(a.On.Compare(b.On), cmp.Compare(rank[a.Key.Kind], rank[b.Key.Kind]), cmp.Compare(a.Key.Subject, b.Key.Subject))
	})
	return all
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
	s, used := r.Current(sv.ID)
	if sv.Archived() || !used || !s.RunsOn(day) {
		return all
	}
	if !sv.ClosesOn.IsZero() && day.DaysUntil(sv.ClosesOn) <= closingWindow {
		all = append(all, Cause{Key: FlagKey{Kind: FlagServiceClosing, Subject: sv.ID, On: sv.ClosesOn}, ServiceID: sv.ID, SubscriptionID: s.ID, On: sv.ClosesOn})
	}
	if sv.ExportEvery > 0 {
		last := cal.Max(sv.ExportedOn, s.StartedOn)
		if days := last.DaysUntil(day); days > sv.ExportEvery {
			all = append(all, Cause{Key: FlagKey{Kind: FlagDataExport, Subject: sv.ID}, ServiceID: sv.ID, SubscriptionID: s.ID, Count: days})
		}
	}
	return all
}

// appendRenewalCauses warns of the next renewal: of its decide-by day while one can still say no, else of the renewal.
func (r *Register) appendRenewalCauses(all []Cause, s *Subscription, day cal.Date) []Cause {
	renewal, ok := s.NextRenewal(day)
	if !ok || renewal.Before(s.firstCost()) || s.TermsOn(renewal).Billed().IsZero() {
		return all
	}
	o := r.Organisation
	by := s.DecideBy(renewal, o.MarginDays)
	c := Cause{ServiceID: s.ServiceID, SubscriptionID: s.ID, Renewal: renewal}
	switch {
	case within(day, by, o.DecideWindow) && !renewal.Before(s.FixedUntil):
		// Said for the last working day before: nobody posts a letter on a Sunday.
		c.Key, c.On = FlagKey{Kind: FlagDecideBy, Subject: s.ID, On: by}, cal.Max(cal.WorkdayOnOrBefore(by), day)
	case within(day, renewal, o.RenewalWindow):
		c.Key, c.On = FlagKey{Kind: FlagRenewal, Subject: s.ID, On: renewal}, renewal
	default:
		return all
	}
	if charge, ok := r.Charge(s.ID, renewal, day); ok {
		c.Amount = charge.Cost
	}
	return append(all, c)
}

func (r *Register) appendStateCauses(all []Cause, s *Subscription, day cal.Date) []Cause {
	of := func(kind FlagKind, on cal.Date) Cause {
		return Cause{Key: FlagKey{Kind: kind, Subject: s.ID, On: on}, ServiceID: s.ServiceID, SubscriptionID: s.ID, On: on}
	}
	if end := cal.Max(s.TrialEnds, s.GrantEnds); s.EndsOn.IsZero() && within(day, end, trialWindow) {
		c := of(FlagTrialEnd, end)
		if next := r.ChargesOf(*s, cal.Span{From: end, To: end.AddMonths(12)}, day); len(next) > 0 {
			c.Amount = next[0].Cost
		}
		all = append(all, c)
	}
	if !s.RunsOn(day) {
		return all
	}
	now := s.TermsOn(day)
	for _, t := range s.Terms {
		if t.From.After(day) && day.DaysUntil(t.From) <= priceWindow && t.Price != now.Price && (s.EndsOn.IsZero() || t.From.Before(s.EndsOn)) {
			c := of(FlagPriceChange, t.From)
			c.Was, c.Amount = now.Price, t.Price
			all = append(all, c)
			break
		}
	}
	tier := r.TierOf(*s)
	if held := s.SeatsHeld(day); now.PerSeat && tier == Premium && held < now.Seats {
		c := of(FlagSeatsFree, cal.Date{})
		c.Count = now.Seats - held
		if total, ok := r.YearlyCost(*s, day); ok {
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

func (r *Register) appendDue(all []Cause, day cal.Date) []Cause {
	for _, c := range r.Due(day) {
		all = append(all, Cause{
			Key:       FlagKey{Kind: FlagChargeDue, Subject: c.SubscriptionID, On: c.On},
			ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID, On: c.On, Amount: c.Cost, Count: c.On.DaysUntil(day),
		})
	}
	return all
}

// appendMeans warns of a card that ends soon, or has ended, while something is paid with it.
func (r *Register) appendMeans(all []Cause, day cal.Date) []Cause {
	for _, m := range r.Means {
		if m.ExpiresOn.IsZero() || day.DaysUntil(m.ExpiresOn) > cardWindow {
			continue
		}
		c := Cause{Key: FlagKey{Kind: FlagCardExpiring, Subject: m.ID, On: m.ExpiresOn}, On: m.ExpiresOn}
		for i := range r.Subscriptions {
			s := &r.Subscriptions[i]
			if s.MeansID == m.ID && !s.Over(day) {
				c.Count++
				c.ServiceID, c.SubscriptionID = s.ServiceID, s.ID
			}
		}
		if c.Count > 0 {
			all = append(all, c)
		}
	}
	return all
}

// appendRates warns, once a currency, of charges ahead that cannot be counted in euros.
func (r *Register) appendRates(all []Cause, day cal.Date) []Cause {
	at := map[money.Currency]int{}
	for _, c := range r.Charges(NextYear(day), day) {
		if c.Conversion.OK() {
			continue
		}
		i, ok := at[c.Billed.Currency()]
		if !ok {
			i = len(all)
			at[c.Billed.Currency()] = i
			all = append(all, Cause{
				Key:       FlagKey{Kind: FlagRateMissing, Code: c.Billed.Currency()},
				ServiceID: c.ServiceID, SubscriptionID: c.SubscriptionID,
			})
		}
		all[i].Count++
	}
	return all
}

func (r *Register) appendEnvelope(all []Cause, day cal.Date) []Cause {
	year := r.Year(day)
	p := r.Position(year, day)
	if p.Status != Over && p.Status != Under {
		return all
	}
	// A way out on the other side is another warning, so the day of the key tells them apart.
	c := Cause{Key: FlagKey{Kind: FlagEnvelope, Subject: r.Organisation.ID, On: year.Span().From}, Status: p.Status, Amount: p.Room().Neg(), On: p.CrossedOn}
	if p.Status == Under {
		c.Key.On, c.Amount = year.Last(), p.Envelope.Floor.Sub(p.Forecast)
	}
	return append(all, c)
}

// FlagPass compares the open flags with the causes of a day: raised are flags to add, cleared those whose cause has
// gone. Run again on the same day, or after days of silence, it finds nothing it has already done.
func (r *Register) FlagPass(day cal.Date) (raised []Flag, cleared []Flag) {
	standing := map[FlagKey]bool{}
	for _, c := range r.Causes(day) {
		standing[c.Key] = true
		if c.Flag.ID == 0 {
			raised = append(raised, Flag{FlagKey: c.Key, RaisedOn: day})
		}
	}
	for _, f := range r.Flags {
		if !standing[f.FlagKey] {
			f.ClearedOn = day
			cleared = append(cleared, f)
		}
	}
	return raised, cleared
}

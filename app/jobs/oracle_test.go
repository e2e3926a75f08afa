package jobs_test

import (
	"fmt"
	"slices"
	"time"

	"enveloppe/models"
	"enveloppe/models/store"
)

// The oracle: who is to be told what on which day, written from the wording of the rules, on nothing but days and what
// the simulation remembers of what people did. None of the domain's own functions is used.

// civil is a day, as midnight in UTC.
func civil(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

func iso(d time.Time) string { return d.Format(time.DateOnly) }

func days(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// months later, on the same day or the month's last.
func monthsLater(d time.Time, n int) time.Time {
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d.Day(), last)-1)
}

// easterMondays are those of the years of the simulation.
var easterMondays = map[int]string{2025: "2025-04-21", 2026: "2026-04-06", 2027: "2027-03-29", 2028: "2028-04-17", 2029: "2029-04-02", 2030: "2030-04-22"}

func worked(d time.Time) bool {
	if d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		return false
	}
	easter := civil(easterMondays[d.Year()])
	if n := days(easter, d); n == 0 || n == 38 || n == 49 { // Ascension and Whit Monday, from Easter Monday
		return false
	}
	return !slices.Contains([]string{"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"}, d.Format("01-02"))
}

func workedOnOrBefore(d time.Time) time.Time {
	for !worked(d) {
		d = d.AddDate(0, 0, -1)
	}
	return d
}

// sub is a subscription as the oracle knows it.
type sub struct {
	id, owner                models.ID
	months, every            int // between charges, in months or in days
	noticeMonths, noticeDays int
	anchor, trial, ends      time.Time
	leads                    map[string][]int
	charges                  []time.Time // by number
	firstKept                int         // number of the first charge that the register answers for
}

func (s *sub) fillCharges(kept time.Time) {
	for k := 0; k < 2000; k++ {
		on := s.anchor.AddDate(0, 0, k*s.every)
		if s.months > 0 {
			on = monthsLater(s.anchor, k*s.months)
		}
		if on.Year() > 2030 {
			return
		}
		if on.Before(kept) {
			s.firstKept = k + 1
		}
		s.charges = append(s.charges, on)
	}
}

// decideBy is the last day to say no to a charge: the notice before it, and two days for safety.
func (s *sub) decideBy(on time.Time) time.Time {
	if s.noticeMonths > 0 {
		return monthsLater(on, -s.noticeMonths).AddDate(0, 0, -2)
	}
	return on.AddDate(0, 0, -s.noticeDays-2)
}

// reader is a person, or a channel, who may be told.
type reader struct {
	id      models.ID
	name    string // the address of a person, the name of a channel
	channel bool
	all     bool // keeps the register: everything concerns them
	wants   bool // reminders
	digest  bool
	leads   map[string][]int
	mutes   []models.Mute
}

// about names something that happens on a day to a subscription.
type about struct {
	kind string
	sub  models.ID
	on   string
}

// truth is what has happened in one organisation.
type truth struct {
	org      models.ID
	zone     *time.Location
	kept     time.Time
	subs     []*sub
	readers  []*reader
	leads    map[string][]int
	settled  map[about]bool      // charges paid or waived, without a kind
	answered map[about]bool      // renewals answered, without a kind
	quiet    map[about]time.Time // seen to: not told before that day
	planned  map[string][]*reader
	gone     map[string]map[*reader]bool // of the planned: did not want it in between
}

var defaults = map[string][]int{"decide_by": {30, 7}, "renewal": {7}, "trial_end": {7}, "charge_due": {0}, "envelope": {0}}

// event is what there is to tell of.
type event struct {
	about
	day    time.Time
	third  int // a third of the period it pays for; 0 where that does not matter
	leads  map[string][]int
	owner  models.ID
	before bool // lead times count back from it
}

// events of a subscription that may be told of on a day.
func (t *truth) events(s *sub, today time.Time) []event {
	var all []event
	add := func(kind string, day time.Time, k int) {
		e := event{about: about{kind, s.id, iso(day)}, day: day, leads: s.leads, owner: s.owner, before: kind != "charge_due"}
		if kind == "decide_by" || kind == "renewal" {
			e.third = days(s.charges[k], s.charges[k+1]) / 3
		}
		all = append(all, e)
	}
	running := s.ends.IsZero()
	for k := s.firstKept; k+1 < len(s.charges); k++ {
		on := s.charges[k]
		if on.After(today.AddDate(0, 0, 200)) || (!running && !on.Before(s.ends)) {
			break
		}
		if on.Before(today.AddDate(0, 0, -31)) || t.settled[about{"", s.id, iso(on)}] {
			continue
		}
		if !on.After(today) {
			add("charge_due", on, k)
		}
		if k > 0 && !on.Before(today) {
			add("renewal", on, k)
		}
		by := s.decideBy(on)
		if signedUp := k == 0 && s.trial.IsZero(); running && !signedUp && on.After(today) && !by.Before(today) && !t.answered[about{"", s.id, iso(on)}] {
			add("decide_by", by, k)
		}
		if on.Equal(s.trial) && running && !today.After(on) {
			add("trial_end", on, k)
		}
	}
	return all
}

func (r *reader) concernedBy(kind string, s models.ID, owner models.ID) bool {
	if !r.wants || (!r.channel && !r.all && (s == 0 || owner != r.id)) {
		return false
	}
	return !slices.ContainsFunc(r.mutes, func(m models.Mute) bool {
		return (m.Kind == "" || string(m.Kind) == kind) && (m.Subscription == 0 || m.Subscription == s)
	})
}

// lead is the lead time whose window holds on a day; false when none does.
func (t *truth) lead(r *reader, e event, today time.Time) (int, bool) {
	leads, said := r.leads[e.kind]
	typed := false
	if !said {
		leads, said = e.leads[e.kind]
		typed = said
	}
	if !said {
		leads, said = t.leads[e.kind]
	}
	if !said {
		leads = defaults[e.kind]
	}
	if !typed && e.third > 0 { // what is paid often is told late
		long := leads
		leads = slices.DeleteFunc(slices.Clone(leads), func(n int) bool { return n > e.third })
		if len(leads) == 0 && len(long) > 0 {
			leads = []int{e.third}
		}
	}
	best, from := -1, time.Time{}
	for _, n := range leads {
		begins := workedOnOrBefore(e.day.AddDate(0, 0, -n))
		if !e.before {
			if begins = workedOnOrBefore(e.day.AddDate(0, 0, n)); begins.Before(e.day) {
				begins = e.day
			}
		}
		if begins.After(today) {
			continue
		}
		if best < 0 || begins.After(from) || begins.Equal(from) && n < best {
			best, from = n, begins
		}
	}
	return best, best >= 0
}

func (t *truth) key(kind string, item models.ID, occurrence string, r *reader) store.MessageKey {
	k := store.MessageKey{Kind: kind, Item: item, Occurrence: occurrence}
	if k.Recipient = r.id; r.channel {
		k.Channel, k.Recipient = r.id, 0
	}
	return k
}

// holds are the reminders that are to be told on a day, or to have been.
func (t *truth) holds(today time.Time) map[store.MessageKey]*reader {
	all := map[store.MessageKey]*reader{}
	for _, s := range t.subs {
		for _, e := range t.events(s, today) {
			if until, seen := t.quiet[e.about]; seen && today.Before(until) {
				continue
			}
			for _, r := range t.readers {
				if !r.concernedBy(e.kind, s.id, s.owner) {
					continue
				}
				if n, ok := t.lead(r, e, today); ok {
					all[t.key(e.kind, s.id, fmt.Sprintf("%s/%d", e.on, n), r)] = r
				}
			}
		}
	}
	return all
}

// alerts are those of the envelope, from the flags that the daily job keeps: it left within two weeks and is still
// outside, or it came back within two weeks and is still inside. After is the alert that must have come before.
func (t *truth) alerts(r *models.Register, today time.Time, status models.Status) (all map[store.MessageKey]*reader, after map[store.MessageKey]store.MessageKey) {
	all, after = map[store.MessageKey]*reader{}, map[store.MessageKey]store.MessageKey{}
	fresh := func(seen string) bool {
		n := days(civil(seen), today)
		return n >= 0 && n < 14
	}
	year := iso(time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC))
	side := map[string]models.Status{year: models.Over, iso(time.Date(today.Year(), 12, 31, 0, 0, 0, 0, time.UTC)): models.Under}
	tell := func(occurrence, follows string) {
		for _, x := range t.readers {
			leads, said := x.leads["envelope"]
			if !said {
				leads, said = t.leads["envelope"]
			}
			if !x.concernedBy("envelope", 0, 0) || said && len(leads) == 0 {
				continue
			}
			k := t.key("envelope", t.org, occurrence, x)
			if all[k] = x; follows != "" {
				after[k] = t.key("envelope", t.org, follows, x)
			}
		}
	}
	for _, f := range r.Flags {
		if f.FlagKey.Kind == models.FlagEnvelope && fresh(f.RaisedOn.String()) && status == side[f.FlagKey.On.String()] &&
			f.AcknowledgedOn.IsZero() && !(iso(today) < f.SnoozedUntil.String()) {
			tell("out/"+f.RaisedOn.String(), "")
		}
	}
	for _, f := range r.Cleared {
		if status != models.Within || !fresh(f.ClearedOn.String()) || f.FlagKey.On.Year() != today.Year() {
			continue
		}
		follows := "out/" + f.RaisedOn.String()
		if days(civil(f.RaisedOn.String()), civil(f.ClearedOn.String())) >= 14 {
			follows = ""
		}
		tell("back/"+f.ClearedOn.String(), follows)
	}
	return all, after
}

package models

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"enveloppe/models/cal"
)

// ReminderKind is the event a reminder is about.
type ReminderKind string

// What people are reminded of, most pressing first.
const (
	RemindDecideBy  ReminderKind = "decide_by"  // the last day to say no to a renewal
	RemindChargeDue ReminderKind = "charge_due" // what fell due and nobody has recorded
	RemindTrialEnd  ReminderKind = "trial_end"  // a trial or a grant ends
	RemindEnvelope  ReminderKind = "envelope"   // the forecast leaves the envelope, or is back in it
	RemindRenewal   ReminderKind = "renewal"
)

// ReminderKinds are all of them, most pressing first.
var ReminderKinds = []ReminderKind{RemindDecideBy, RemindChargeDue, RemindTrialEnd, RemindEnvelope, RemindRenewal}

// flag is the kind of flag that says the same on the screens, and that quiets the reminder when somebody deals with it.
func (k ReminderKind) flag() FlagKind {
	switch k {
	case RemindDecideBy:
		return FlagDecideBy
	case RemindChargeDue:
		return FlagChargeDue
	case RemindTrialEnd:
		return FlagTrialEnd
	case RemindEnvelope:
		return FlagEnvelope
	case RemindRenewal:
	}
	return FlagRenewal
}

// Timed tells whether the kind has lead times: an alert of the envelope comes when it happens, or not at all.
func (k ReminderKind) Timed() bool { return k != RemindEnvelope }

// Bounds of what is typed.
const (
	maxLeads    = 5   // of a kind
	maxLead     = 365 // days
	maxDueLead  = dueHelps
	dueHelps    = 30 // days a reminder of what fell due still helps
	alertHelps  = 14 // days an alert of the envelope still helps
	mutesAtMost = 500
)

// MaxLead is the longest lead time of a kind, in days.
func (k ReminderKind) MaxLead() int {
	switch k {
	case RemindChargeDue:
		return maxDueLead
	case RemindEnvelope:
		return 0
	case RemindDecideBy, RemindTrialEnd, RemindRenewal:
	}
	return maxLead
}

// Leads are lead times in days, longest first, by kind. They count back from the event; for a charge that fell due they
// count on from its day, as it cannot be recorded before. A kind that is absent is left to the level above; one that is
// there without any asks for no reminder at all. They belong to whoever holds them and are never changed in place.
type Leads map[ReminderKind][]int

// DefaultLeads are those where nobody has said otherwise.
func DefaultLeads() Leads {
	return Leads{RemindDecideBy: {30, 7}, RemindChargeDue: {0}, RemindTrialEnd: {7}, RemindEnvelope: {0}, RemindRenewal: {7}}
}

// Tidy is the lead times in order, each once; nil when nothing is said.
func (l Leads) Tidy() Leads {
	if len(l) == 0 {
		return nil
	}
	tidy := make(Leads, len(l))
	for kind, days := range l {
		days = slices.Clone(days)
		slices.SortFunc(days, func(a, b int) int { return cmp.Compare(b, a) })
		tidy[kind] = append([]int{}, slices.Compact(days)...)
	}
	return tidy
}

// Check says what is wrong with the lead times as typed, under "leads.KIND".
func (l Leads) Check() Invalid {
	var v Invalid
	for _, kind := range ReminderKinds {
		field := "leads." + string(kind)
		if len(l[kind]) > maxLeads {
			v.Add(field, "leads.many", "max", maxLeads)
			continue
		}
		for _, n := range l[kind] {
			if n < 0 || n > kind.MaxLead() {
				v.Add(field, "number.range", "min", 0, "max", kind.MaxLead())
				break
			}
		}
	}
	for kind := range l {
		if !slices.Contains(ReminderKinds, kind) {
			v.Add("leads", "choose")
		}
	}
	return v
}

// String is the lead times as the log tells them: "decide_by 30 7, renewal none".
func (l Leads) String() string {
	var parts []string
	for _, kind := range ReminderKinds {
		days, said := l[kind]
		if !said {
			continue
		}
		part := string(kind)
		for _, n := range days {
			part += " " + strconv.Itoa(n)
		}
		if len(days) == 0 {
			part += " none"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Mute is what somebody does not want to be reminded of: a kind, a subscription with those that follow it, or, with
// both, the one kind of the one subscription. Either may be zero, which means all of it; not both.
type Mute struct {
	Kind         ReminderKind
	Subscription ID
}

// Addressee is whom a reminder is for: a person, by e-mail, or a channel of the organisation.
type Addressee struct {
	Person  Person
	Channel *Channel // nil for a person
}

// Reminder is what there is to tell an addressee on a day. Kind, Item and Occurrence name it: it is told once.
type Reminder struct {
	Kind       ReminderKind
	Item       ID     // subscription; for the envelope the organisation
	Occurrence string // "2026-12-15/30": the day of the event and the lead; for the envelope "out/2026-05-04" or "back/2026-05-20"
	// After is the occurrence without which this one makes no sense: unless that has been sent to the same addressee,
	// this is not to be sent. Empty for one that stands by itself.
	After string
	On    cal.Date // the event; for the envelope the day it was seen
	Lead  int      // of the window it is in, in days
	// From and Until are when it helps: from the first day on, and not on the second any more.
	From, Until cal.Date
	Day         cal.Date // that was asked about
	Cause       Cause    // its figures, on that day
}

// Back tells of an alert whether it is the good one: the forecast is in the envelope again.
func (m Reminder) Back() bool { return strings.HasPrefix(m.Occurrence, backPrefix) }

const (
	outPrefix  = "out/"
	backPrefix = "back/"
)

func occurrence(on cal.Date, lead int) string { return fmt.Sprintf("%s/%d", on, lead) }

// Window is when the reminder of one lead time is told: from a day on, and not on the other any more.
type Window struct {
	Lead        int
	From, Until cal.Date
}

// Windows are those of an event, in order, without a gap or an overlap, so that on any day there is one reminder to tell
// at the most and a server that was off tells the one that holds now. Each begins its lead time before the event, on
// that day or the last working day before it; where two begin on one day the shorter lead time stands. They end with
// the day of the event.
//
// Of a charge that fell due they begin their lead time after its day, never before that day itself, and the last ends
// thirty days after it.
func Windows(kind ReminderKind, on cal.Date, leads []int) []Window {
	sign, end := -1, on.AddDays(1)
	if kind == RemindChargeDue {
		sign, end = 1, on.AddDays(dueHelps+1)
	}
	all := make([]Window, 0, len(leads))
	for _, n := range leads {
		from := cal.WorkdayOnOrBefore(on.AddDays(sign * n))
		if kind == RemindChargeDue {
			from = cal.Max(from, on)
		}
		all = append(all, Window{Lead: n, From: from})
	}
	slices.SortFunc(all, func(a, b Window) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Lead, b.Lead)) })
	all = slices.CompactFunc(all, func(a, b Window) bool { return a.From == b.From })
	for i := range all {
		if all[i].Until = end; i+1 < len(all) {
			all[i].Until = all[i+1].From
		}
	}
	return all
}

func checkMutes(v *Invalid, mutes []Mute) {
	if len(mutes) > mutesAtMost {
		v.Add("mutes", "leads.many", "max", mutesAtMost)
	}
	for i, m := range mutes {
		if (m.Kind == "" && m.Subscription == 0) || (m.Kind != "" && !slices.Contains(ReminderKinds, m.Kind)) || slices.Contains(mutes[:i], m) {
			v.Add("mutes", "choose")
			return
		}
	}
}

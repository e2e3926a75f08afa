package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

func TestWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		kind  ReminderKind
		on    string
		leads []int
		want  string
	}{
		{"30 days before is a Sunday", RemindDecideBy, "2026-12-15", []int{30, 7}, "30 [2026-11-13, 2026-12-08) 7 [2026-12-08, 2026-12-16)"},
		{"30 days before is the Armistice", RemindDecideBy, "2026-12-11", []int{30}, "30 [2026-11-10, 2026-12-12)"},
		{"a week before is Easter Monday", RemindRenewal, "2027-04-05", []int{7}, "7 [2027-03-26, 2027-04-06)"},
		{"Easter Monday itself", RemindRenewal, "2027-03-29", []int{0}, "0 [2027-03-26, 2027-03-30)"},
		{"a bridge: Ascension, then a weekend", RemindTrialEnd, "2027-05-16", []int{7}, "7 [2027-05-07, 2027-05-17)"},
		{"Christmas on a Friday", RemindTrialEnd, "2027-01-03", []int{7}, "7 [2026-12-24, 2027-01-04)"},
		{"two on one day are the shorter", RemindDecideBy, "2026-12-14", []int{2, 1}, "1 [2026-12-11, 2026-12-15)"},
		{"given in any order", RemindDecideBy, "2026-12-15", []int{7, 30, 14}, "30 [2026-11-13, 2026-12-01) 14 [2026-12-01, 2026-12-08) 7 [2026-12-08, 2026-12-16)"},
		{"the last day of February", RemindRenewal, "2028-03-01", []int{1}, "1 [2028-02-29, 2028-03-02)"},
		{"over the year's end", RemindDecideBy, "2027-01-01", []int{1, 0}, "0 [2026-12-31, 2027-01-02)"},
		{"due on a Sunday, not before", RemindChargeDue, "2026-11-15", []int{0}, "0 [2026-11-15, 2026-12-16)"},
		{"due, and again a week after", RemindChargeDue, "2026-11-16", []int{7, 0}, "0 [2026-11-16, 2026-11-23) 7 [2026-11-23, 2026-12-17)"},
		{"due, and again on what is a Sunday", RemindChargeDue, "2026-11-15", []int{7, 0}, "0 [2026-11-15, 2026-11-20) 7 [2026-11-20, 2026-12-16)"},
		{"none", RemindDecideBy, "2026-12-15", nil, ""},
	} {
		var got []string
		for _, w := range Windows(c.kind, day(c.on), c.leads) {
			got = append(got, fmt.Sprint(w.Lead, " ", cal.Span{From: w.From, To: w.Until}))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

func drawLeads(t *rapid.T, kind ReminderKind) []int {
	return rapid.SliceOfNDistinct(rapid.IntRange(0, kind.MaxLead()), 0, maxLeads, rapid.ID).Draw(t, "leads")
}

func drawTimed(t *rapid.T) ReminderKind {
	return rapid.SampledFrom(slices.DeleteFunc(slices.Clone(ReminderKinds), func(k ReminderKind) bool { return !k.Timed() })).Draw(t, "kind")
}

func TestWindowsOfAnEventTile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kind, on := drawTimed(t), drawDay(t, "event", 2024, 2030)
		leads := drawLeads(t, kind)
		all := Windows(kind, on, leads)
		if len(all) == 0 != (len(leads) == 0) {
			t.Fatalf("%d windows of %v", len(all), leads)
		}
		last := on
		if kind == RemindChargeDue {
			last = on.AddDays(30)
		}
		for i, w := range all {
			exact := on.AddDays(-w.Lead)
			if kind == RemindChargeDue {
				exact = on.AddDays(w.Lead)
			}
			switch early := w.From.DaysUntil(exact); {
			case !w.From.Before(w.Until):
				t.Fatalf("%+v helps on no day", w)
			case early < 0 || early > 5:
				t.Fatalf("%d days ahead begin on %s, %d days early", w.Lead, w.From, early)
			case !cal.Workday(w.From) && (kind != RemindChargeDue || w.From != on):
				t.Fatalf("%s is no working day", w.From)
			case i > 0 && w.From != all[i-1].Until:
				t.Fatalf("a gap or an overlap: %+v", all)
			case i == len(all)-1 && w.Until != last.AddDays(1):
				t.Fatalf("ends before %s", w.Until)
			}
		}
	})
}

// reminding is an association of one director with a yearly subscription to Dropbox: it renews on 18 December, and is
// to be decided by 16 November.
func reminding(change func(*Facts)) *Register {
	f := Facts{Organisation: association()}
	f.People = []Person{
		{ID: 2, Name: "Claire", Email: "claire@example.org", Role: Director, Lang: French, Reminders: true},
		{ID: 3, Name: "Awa", Email: "awa@example.org", Role: Staff, Lang: French, Reminders: true},
		{ID: 4, Name: "Karim", Email: "karim@example.org", Role: Accountant, Lang: French, Reminders: true},
	}
	f.Services = []Service{{ID: 10, Name: "Dropbox"}}
	f.Plans = []Plan{{ID: 20, ServiceID: 10, Name: "Plus", Tier: Premium, Cadence: cal.Yearly}}
	f.Subscriptions = []Subscription{{
		ID: 30, ServiceID: 10, PlanID: 20, StartedOn: day("2021-12-18"), Anchor: day("2021-12-18"), Cadence: cal.Yearly,
		Notice: cal.Notice{N: 1, Unit: cal.Month}, AutoRenew: true, Terms: []Terms{{ID: 31, From: day("2021-12-18"), Price: eur(9240), Seats: 1}},
	}}
	if change != nil {
		change(&f)
	}
	return NewRegister(f)
}

// remindedOf are the reminders of the first person on a day, as "kind occurrence".
func remindedOf(r *Register, on string) string {
	var list []string
	for _, m := range r.Reminders(day(on), Addressee{Person: r.People[0]}) {
		list = append(list, string(m.Kind)+" "+m.Occurrence)
	}
	return strings.Join(list, ", ")
}

func TestRemindersOfAYear(t *testing.T) {
	t.Parallel()
	r := reminding(nil)
	got, last := []string{}, ""
	for d := day("2026-09-01"); d.Before(day("2027-03-01")); d = d.AddDays(1) {
		if now := remindedOf(r, d.String()); now != last {
			got, last = append(got, d.String()+": "+now), now
		}
	}
	want := []string{ // 17 October is a Saturday
		"2026-10-16: decide_by 2026-11-16/30",
		"2026-11-09: decide_by 2026-11-16/7",
		"2026-11-17: ",
		"2026-12-11: renewal 2026-12-18/7",
		"2026-12-18: charge_due 2026-12-18/0, renewal 2026-12-18/7",
		"2026-12-19: charge_due 2026-12-18/0",
		"2027-01-18: ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%s", strings.Join(got, "\n"))
	}
}

func TestLeadsAreResolvedMostSpecificFirst(t *testing.T) {
	t.Parallel()
	channel := Channel{ID: 900, Kind: ChannelSlack}
	for _, c := range []struct {
		name                string
		own, sub, org       Leads
		person, channelGets string
	}{
		{"nobody said", nil, nil, nil, "30 7", "30 7"},
		{"the organisation", nil, nil, Leads{RemindDecideBy: {60}}, "60", "60"},
		{"of another kind", nil, nil, Leads{RemindRenewal: {60}}, "30 7", "30 7"},
		{"the subscription", nil, Leads{RemindDecideBy: {90, 3}}, Leads{RemindDecideBy: {60}}, "90 3", "90 3"},
		{"one's own", Leads{RemindDecideBy: {5}}, Leads{RemindDecideBy: {90, 3}}, Leads{RemindDecideBy: {60}}, "5", "5"},
		{"one's own: none", Leads{RemindDecideBy: {}}, Leads{RemindDecideBy: {90, 3}}, nil, "", ""},
		{"the subscription: none", nil, Leads{RemindDecideBy: {}}, Leads{RemindDecideBy: {60}}, "", ""},
		{"the organisation: none", nil, nil, Leads{RemindDecideBy: {}}, "", ""},
	} {
		r := reminding(func(f *Facts) {
			f.Organisation.Leads, f.Subscriptions[0].Leads, f.People[0].Leads = c.org, c.sub, c.own
			channel.Leads = c.own
			f.Channels = []Channel{channel}
		})
		for i, to := range []Addressee{{Person: r.People[0]}, {Channel: &r.Channels[0]}} {
			var leads []string
			for d := day("2026-05-01"); d.Before(day("2026-11-17")); d = d.AddDays(1) {
				for _, m := range r.Reminders(d, to) {
					if lead := fmt.Sprint(m.Lead); m.Kind == RemindDecideBy && !slices.Contains(leads, lead) {
						leads = append(leads, lead)
					}
				}
			}
			if got, want := strings.Join(leads, " "), []string{c.person, c.channelGets}[i]; got != want {
				t.Errorf("%s, addressee %d: %q, want %q", c.name, i, got, want)
			}
		}
	}
}

// What is paid often would otherwise be told about all the year round.
func TestOftenIsToldLate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		cadence  cal.Cadence
		org, sub Leads
		want     string
	}{
		{"each year", cal.Yearly, nil, nil, "30 7"},
		{"each quarter", cal.Quarterly, nil, nil, "30 7"},
		{"each month", cal.Monthly, nil, nil, "7"},
		{"each month, far ahead", cal.Monthly, Leads{RemindDecideBy: {60, 30}}, nil, "10"},
		{"each week", cal.Cadence{Every: 1, Unit: cal.Week}, nil, nil, "2"},
		{"each month, typed for it", cal.Monthly, nil, Leads{RemindDecideBy: {20}}, "20"},
		{"none", cal.Monthly, Leads{RemindDecideBy: {}}, nil, ""},
	} {
		r := reminding(func(f *Facts) {
			f.Subscriptions[0].Cadence, f.Subscriptions[0].Notice = c.cadence, cal.Notice{}
			f.Organisation.Leads, f.Subscriptions[0].Leads = c.org, c.sub
		})
		on := cal.Date{}
		var leads []string
		for d := day("2026-03-17"); d.Before(day("2027-01-01")); d = d.AddDays(1) {
			for _, m := range r.Reminders(d, Addressee{Person: r.People[0]}) {
				if m.Kind != RemindDecideBy || m.On.Before(day("2026-12-10")) || (!on.IsZero() && m.On != on) {
					continue
				}
				on = m.On
				if lead := fmt.Sprint(m.Lead); !slices.Contains(leads, lead) {
					leads = append(leads, lead)
				}
			}
		}
		if got := strings.Join(leads, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhoIsReminded(t *testing.T) {
	t.Parallel()
	decide := func(f *Facts, p Person) string {
		f.People = []Person{p}
		r := NewRegister(*f)
		all := r.Addressees(day("2026-11-10"))
		if len(all) == 0 {
			return "no addressee"
		}
		return remindedOf(r, "2026-11-10")
	}
	claire := Person{ID: 2, Name: "Claire", Email: "c@example.org", Role: Director, Reminders: true}
	for _, c := range []struct {
		name   string
		change func(*Person, *Facts)
		want   string
	}{
		{"a director", func(*Person, *Facts) {}, "decide_by 2026-11-16/7"},
		{"an editor", func(p *Person, _ *Facts) { p.Role = Editor }, "decide_by 2026-11-16/7"},
		{"an accountant", func(p *Person, _ *Facts) { p.Role = Accountant }, ""},
		{"staff", func(p *Person, _ *Facts) { p.Role = Staff }, ""},
		{"staff who answer for it", func(p *Person, f *Facts) { p.Role, f.Subscriptions[0].OwnerID = Staff, p.ID }, "decide_by 2026-11-16/7"},
		{"who does not want any", func(p *Person, _ *Facts) { p.Reminders = false }, "no addressee"},
		{"without an address", func(p *Person, _ *Facts) { p.Email = "" }, "no addressee"},
		{"who has left", func(p *Person, _ *Facts) { p.LeftOn = day("2026-11-10") }, "no addressee"},
		{"who leaves tomorrow", func(p *Person, _ *Facts) { p.LeftOn = day("2026-11-11") }, "decide_by 2026-11-16/7"},
		{"who muted the kind", func(p *Person, _ *Facts) { p.Mutes = []Mute{{Kind: RemindDecideBy}} }, ""},
		{"who muted the subscription", func(p *Person, _ *Facts) { p.Mutes = []Mute{{Subscription: 30}} }, ""},
		{"who muted that one kind of it", func(p *Person, _ *Facts) { p.Mutes = []Mute{{RemindDecideBy, 30}} }, ""},
		{"who muted another kind of it", func(p *Person, _ *Facts) { p.Mutes = []Mute{{RemindRenewal, 30}, {Subscription: 31}} }, "decide_by 2026-11-16/7"},
		{"whose own lead times muted lose", func(p *Person, _ *Facts) {
			p.Leads, p.Mutes = Leads{RemindDecideBy: {10}}, []Mute{{Kind: RemindDecideBy}}
		}, ""},
		{"who muted what this one took over from", func(p *Person, f *Facts) {
			old := f.Subscriptions[0]
			old.ID, old.EndsOn, old.SuccessorID = 29, f.Subscriptions[0].StartedOn, 30
			old.StartedOn = day("2019-12-18")
			f.Subscriptions = []Subscription{old, f.Subscriptions[0]}
			p.Mutes = []Mute{{Subscription: 29}}
		}, ""},
	} {
		p, f := claire, reminding(nil).Facts
		f.Subscriptions = slices.Clone(f.Subscriptions)
		c.change(&p, &f)
		if got := decide(&f, p); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	r := reminding(func(f *Facts) { f.Channels = []Channel{{ID: 900}, {ID: 901, Paused: true}} })
	all := r.Addressees(day("2026-11-10"))
	if len(all) != 4 || all[3].Channel == nil || all[3].Channel.ID != 900 {
		t.Errorf("%+v", all)
	}
	if got := r.Reminders(day("2026-11-10"), Addressee{Channel: &r.Channels[1]}); got != nil {
		t.Errorf("a paused channel is told %+v", got)
	}
}

func TestWhatNeedsNoReminder(t *testing.T) {
	t.Parallel()
	flag := func(kind FlagKind, on string, change func(*Flag)) func(*Facts) {
		return func(f *Facts) {
			x := Flag{ID: 70, FlagKey: FlagKey{Kind: kind, Subject: 30, On: day(on)}, RaisedOn: day("2026-10-02")}
			change(&x)
			f.Flags = []Flag{x}
		}
	}
	sub := func(change func(*Subscription)) func(*Facts) { return func(f *Facts) { change(&f.Subscriptions[0]) } }
	for _, c := range []struct {
		name, on string
		change   func(*Facts)
		want     string
	}{
		{"kept", "2026-11-10", func(f *Facts) {
			f.Decisions = []Decision{{ID: 60, ServiceID: 10, SubscriptionID: 30, Kind: Keep, Renewal: day("2026-12-18"), On: day("2026-11-01")}}
		}, ""},
		{"kept the year before", "2026-11-10", func(f *Facts) {
			f.Decisions = []Decision{{ID: 60, ServiceID: 10, SubscriptionID: 30, Kind: Keep, Renewal: day("2025-12-18"), On: day("2025-11-01")}}
		}, "decide_by 2026-11-16/7"},
		{"cancelled", "2026-11-10", sub(func(s *Subscription) { s.CancelledOn, s.EndsOn = day("2026-10-01"), day("2026-12-18") }), ""},
		{"cancelled, on the day of the renewal that is not", "2026-12-18", sub(func(s *Subscription) { s.CancelledOn, s.EndsOn = day("2026-10-01"), day("2026-12-18") }), ""},
		{"cancelled for the year after", "2026-12-14", sub(func(s *Subscription) { s.CancelledOn, s.EndsOn = day("2026-10-01"), day("2027-12-18") }), "renewal 2026-12-18/7"},
		{"archived", "2026-11-10", func(f *Facts) { f.Services[0].ArchivedOn = day("2026-11-01") }, ""},
		{"acknowledged", "2026-11-10", flag(FlagDecideBy, "2026-11-16", func(f *Flag) { f.AcknowledgedOn = day("2026-11-02") }), ""},
		{"acknowledged a year ago", "2026-11-10", flag(FlagDecideBy, "2025-11-16", func(f *Flag) { f.AcknowledgedOn = day("2025-11-02") }), "decide_by 2026-11-16/7"},
		{"put off", "2026-11-12", flag(FlagDecideBy, "2026-11-16", func(f *Flag) { f.SnoozedUntil = day("2026-11-13") }), ""},
		{"put off until today", "2026-11-13", flag(FlagDecideBy, "2026-11-16", func(f *Flag) { f.SnoozedUntil = day("2026-11-13") }), "decide_by 2026-11-16/7"},
		{"paid ahead", "2026-12-14", func(f *Facts) {
			f.Payments = []Payment{{ID: 80, ServiceID: 10, SubscriptionID: 30, ChargeOn: day("2026-12-18"), PaidOn: day("2026-12-01"), Billed: eur(9240), EUR: eur(9240), Cost: eur(9240)}}
		}, ""},
		{"waived", "2026-12-20", func(f *Facts) {
			f.Waivers = []Waiver{{ID: 81, SubscriptionID: 30, ChargeOn: day("2026-12-18"), On: day("2026-12-19"), Reason: "offert"}}
		}, ""},
		{"due seen", "2026-12-20", flag(FlagChargeDue, "2026-12-18", func(f *Flag) { f.AcknowledgedOn = day("2026-12-19") }), ""},
		{"due before the register began", "2026-12-20", func(f *Facts) { f.Organisation.KeptFrom = day("2026-12-19") }, ""},
		{"the first charge", "2021-12-18", func(f *Facts) { f.Organisation.KeptFrom = day("2021-12-19") }, ""},
		{"in a fixed term", "2026-11-10", sub(func(s *Subscription) { s.FixedUntil = day("2028-12-18") }), ""},
		{"free", "2026-11-10", sub(func(s *Subscription) { s.Terms[0].Price = money.Zero(money.EUR) }), ""},
		{"a trial", "2026-12-14", onTrial, "decide_by 2026-12-15/7, trial_end 2026-12-18/7"},
		{"a trial, on its last day", "2026-12-18", onTrial, "charge_due 2026-12-18/0, trial_end 2026-12-18/7"},
		{"two renewals to be prevented by one day", "2026-12-14", func(f *Facts) {
			onTrial(f)
			f.Subscriptions[0].Cadence, f.Subscriptions[0].Notice = cal.Monthly, cal.Notice{N: 35, Unit: cal.Day}
		}, "decide_by 2026-12-15/7, trial_end 2026-12-18/7"},
		{"a fixed term that is to be left now", "2026-11-10", sub(func(s *Subscription) {
			s.Cadence, s.FixedUntil, s.Notice.N = cal.Monthly, day("2028-01-18"), 14
		}), "charge_due 2026-10-18/0, decide_by 2026-11-16/7, renewal 2026-11-18/7"},
		{"on the day of the renewal it is too late", "2026-12-18", func(f *Facts) {
			f.Subscriptions[0].Notice, f.Organisation.MarginDays = cal.Notice{}, 0
		}, "charge_due 2026-12-18/0, renewal 2026-12-18/7"},
		{"before it begins", "2021-12-16", func(f *Facts) { f.Subscriptions[0].Notice = cal.Notice{} }, ""},
		{"a fixed term that has been signed and not begun", "2021-12-16", sub(func(s *Subscription) {
			s.Cadence, s.FixedUntil = cal.Monthly, day("2023-12-18")
		}), ""},
		{"a trial that was left", "2026-12-14", func(f *Facts) {
			onTrial(f)
			f.Subscriptions[0].CancelledOn, f.Subscriptions[0].EndsOn = day("2026-12-02"), day("2026-12-18")
		}, ""},
	} {
		if got := remindedOf(reminding(c.change), c.on); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// onTrial makes it a trial that ends on 18 December.
func onTrial(f *Facts) {
	s := &f.Subscriptions[0]
	s.StartedOn, s.Anchor, s.TrialEnds = day("2026-11-18"), day("2026-12-18"), day("2026-12-18")
	s.Terms[0].From = s.StartedOn
}

func TestAlertsOfTheEnvelope(t *testing.T) {
	t.Parallel()
	const over, under = "2026-01-01", "2026-12-31"
	flag := func(key, raised, cleared string) Flag {
		f := Flag{ID: 70, FlagKey: FlagKey{Kind: FlagEnvelope, Subject: 1, On: day(key)}, RaisedOn: day(raised)}
		if cleared != "" {
			f.ClearedOn = day(cleared)
		}
		return f
	}
	envelope := func(floor, ceiling int64, flags ...Flag) func(*Facts) {
		return func(f *Facts) {
			f.Envelopes = []Envelope{{ID: 50, Year: 2026, Floor: eur(floor), Ceiling: eur(ceiling)}, {ID: 51, Year: 2027, Floor: eur(floor), Ceiling: eur(ceiling)}}
			for _, x := range flags {
				if x.ClearedOn.IsZero() {
					f.Flags = append(f.Flags, x)
				} else {
					f.Cleared = append(f.Cleared, x)
				}
			}
		}
	}
	// The forecast is 92,40 €.
	for _, c := range []struct {
		name, on string
		change   func(*Facts)
		want     string
	}{
		{"out", "2026-06-02", envelope(0, 5000, flag(over, "2026-06-02", "")), "envelope out/2026-06-02"},
		{"out, thirteen days later", "2026-06-15", envelope(0, 5000, flag(over, "2026-06-02", "")), "envelope out/2026-06-02"},
		{"out, a fortnight later", "2026-06-16", envelope(0, 5000, flag(over, "2026-06-02", "")), ""},
		{"out, not yet seen by the job", "2026-06-02", envelope(0, 5000), ""},
		{"under", "2026-06-02", envelope(20000, 50000, flag(under, "2026-06-01", "")), "envelope out/2026-06-01"},
		{"out on the other side by now", "2026-06-03", envelope(20000, 50000, flag(over, "2026-06-02", "")), ""},
		{"out, and back before anybody looked", "2026-06-03", envelope(0, 50000, flag(over, "2026-06-02", "")), ""},
		{"seen by somebody", "2026-06-03", func(f *Facts) {
			x := flag(over, "2026-06-02", "")
			x.AcknowledgedOn = day("2026-06-02")
			envelope(0, 5000, x)(f)
		}, ""},
		{"back", "2026-06-25", envelope(0, 50000, flag(over, "2026-05-02", "2026-06-20")), "envelope back/2026-06-20"},
		{"back, a fortnight later", "2026-07-04", envelope(0, 50000, flag(over, "2026-05-02", "2026-06-20")), ""},
		{"back, if it was told", "2026-06-08", envelope(0, 50000, flag(over, "2026-06-02", "2026-06-05")), "envelope back/2026-06-05 after out/2026-06-02"},
		{"back, and out again", "2026-06-22", envelope(0, 5000, flag(over, "2026-05-02", "2026-06-20"), flag(over, "2026-06-22", "")), "envelope out/2026-06-22"},
		{"out on the other side is not back", "2026-06-20", envelope(20000, 50000, flag(over, "2026-05-02", "2026-06-20"), flag(under, "2026-06-20", "")), "envelope out/2026-06-20"},
		{"a new year is not back", "2027-01-01", envelope(0, 50000, flag(over, "2026-05-02", "2027-01-01")), ""},
		{"the envelope was taken away", "2026-06-20", func(f *Facts) { f.Cleared = []Flag{flag(over, "2026-05-02", "2026-06-20")} }, ""},
		{"muted", "2026-06-02", func(f *Facts) {
			envelope(0, 5000, flag(over, "2026-06-02", ""))(f)
			f.People[0].Mutes = []Mute{{Kind: RemindEnvelope}}
		}, ""},
		{"not wanted by the organisation", "2026-06-02", func(f *Facts) {
			envelope(0, 5000, flag(over, "2026-06-02", ""))(f)
			f.Organisation.Leads = Leads{RemindEnvelope: {}}
		}, ""},
		{"nobody's business but theirs who keep the register", "2026-06-02", func(f *Facts) {
			envelope(0, 5000, flag(over, "2026-06-02", ""))(f)
			f.People, f.Subscriptions[0].OwnerID = f.People[1:2], 3
		}, ""},
	} {
		r := reminding(c.change)
		var got []string
		for _, m := range r.Reminders(day(c.on), Addressee{Person: r.People[0]}) {
			if m.Kind != RemindEnvelope {
				continue
			}
			text := string(m.Kind) + " " + m.Occurrence
			if m.After != "" {
				text += " after " + m.After
			}
			if m.Back() != strings.HasPrefix(m.Occurrence, "back/") || m.Item != 1 {
				t.Errorf("%s: %+v", c.name, m)
			}
			got = append(got, text)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

// reader is somebody who is told everything.
var reader = Addressee{Person: Person{ID: 999, Email: "x@example.org", Role: Director, Reminders: true}}

// Whatever the daily job flags, whoever wants reminders that far ahead is reminded of, with the same figures.
func TestRemindersAgreeWithFlags(t *testing.T) {
	far := Leads{RemindDecideBy: {DefaultDecideWindow}, RemindRenewal: {DefaultRenewalWindow}, RemindTrialEnd: {trialWindow}, RemindChargeDue: {0}}
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		f.Organisation.Leads = far
		r := NewRegister(f)
		reminded := map[FlagKey]Reminder{}
		for _, m := range r.Reminders(on, reader) {
			if _, twice := reminded[m.Cause.Key]; twice {
				t.Fatalf("%+v is told twice", m.Cause.Key)
			}
			reminded[m.Cause.Key] = m
			if m.Kind == RemindDecideBy {
				s, _ := r.Subscription(m.Item)
				c, open := r.OpenCharge(m.Item, m.Cause.Renewal, on)
				if !open || c.Locked || c.DecideBy != m.On || m.On.Before(on) || s.signedUp(c.K) || !s.EndsOn.IsZero() {
					t.Fatalf("nobody can decide about %+v on %s", c, on)
				}
			}
		}
		for _, c := range r.Causes(on) {
			s, _ := r.Subscription(c.SubscriptionID)
			switch c.Key.Kind {
			case FlagRenewal:
				if c.On == s.Cadence.Occurrence(s.Anchor, s.indexAfter(s.firstCost().AddDays(-1))) {
					continue // the first charge is none
				}
			case FlagChargeDue:
				if c.Count > dueHelps {
					continue
				}
			case FlagDecideBy, FlagTrialEnd:
			default:
				continue
			}
			m, ok := reminded[c.Key]
			if !ok {
				t.Fatalf("%+v is flagged on %s, and nobody reminded", c.Key, on)
			}
			if m.Cause.Amount != c.Amount || m.Cause.On != c.On || m.Cause.Renewal != c.Renewal && c.Key.Kind == FlagDecideBy {
				t.Fatalf("reminded of %+v, flagged %+v", m.Cause, c)
			}
		}
	})
}

// From the first day of the longest lead time to the end of what helps, exactly one reminder of an event stands on each
// day, however it is asked.
func TestEveryDayHasItsReminder(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		kind := drawTimed(t)
		f.Organisation.Leads = Leads{kind: drawLeads(t, kind)}.Tidy()
		f.Payments, f.Waivers = nil, nil // as days go by they would answer
		r := NewRegister(f)
		type event struct {
			item ID
			on   cal.Date
		}
		seen := map[event][]Reminder{}
		for d := on; d.Before(on.AddDays(70)); d = d.AddDays(1) {
			today := map[event]bool{}
			for _, m := range r.Reminders(d, reader) {
				if m.Kind != kind {
					continue
				}
				e := event{m.Item, m.On}
				if today[e] || d.Before(m.From) || !d.Before(m.Until) {
					t.Fatalf("on %s: %+v", d, m)
				}
				if again, ok := r.Reminder(d, reader, m.Kind, m.Item, m.Occurrence); !ok || again != m {
					t.Fatalf("asked by its name it is another: %+v, %+v", m, again)
				}
				today[e] = true
				if all := seen[e]; len(all) > 0 && all[len(all)-1].Occurrence != m.Occurrence && m.From != d {
					t.Fatalf("on %s, %s follows %s late", d, m.Occurrence, all[len(all)-1].Occurrence)
				}
				seen[e] = append(seen[e], m)
			}
		}
		for e, all := range seen {
			first, last := all[0], all[len(all)-1]
			if first.Day != on && first.Day != first.From && kind != RemindDecideBy { // what renews before stands in its way
				t.Fatalf("%+v begins on %s, told from %s", e, first.From, first.Day)
			}
			if want := first.Day.DaysUntil(last.Day) + 1; len(all) != want {
				t.Fatalf("%+v is told on %d days of %d", e, len(all), want)
			}
		}
	})
}

func TestMutedIsSilent(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		all := r.Reminders(on, reader)
		if len(all) == 0 {
			return
		}
		about := rapid.SampledFrom(all).Draw(t, "about")
		deaf := reader
		m := Mute{Kind: about.Kind}
		if about.Kind != RemindEnvelope {
			m = rapid.SampledFrom([]Mute{m, {Subscription: about.Item}, {Kind: about.Kind, Subscription: about.Item}}).Draw(t, "mute")
		}
		deaf.Person.Mutes = []Mute{m}
		want := slices.DeleteFunc(slices.Clone(all), func(x Reminder) bool {
			return (m.Kind == "" || m.Kind == x.Kind) && (m.Subscription == 0 || m.Subscription == x.Item)
		})
		same(t, "muted "+fmt.Sprint(m), summary(want), summary(r.Reminders(on, deaf)))
	})
}

func summary(all []Reminder) []string {
	var list []string
	for _, m := range all {
		list = append(list, fmt.Sprint(m.Kind, m.Item, m.Occurrence))
	}
	return list
}

// The organisation's own day counts, wherever the server stands: at one instant it is the 16th in Auckland, when the
// last day to decide has come, and in Los Angeles still Sunday the 15th.
func TestRemindersAreOfTheOrganisationsDay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.November, 15, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{"Pacific/Auckland": "2026-11-16", "America/Los_Angeles": "2026-11-15", "Europe/Paris": "2026-11-15"} {
		r := reminding(func(f *Facts) { f.Organisation.Zone = zone })
		today := r.Organisation.Today(at)
		all := r.Reminders(today, Addressee{Person: r.People[0]})
		if today.String() != want || len(all) != 1 || all[0].Day != today || all[0].Occurrence != "2026-11-16/7" {
			t.Errorf("%s: %s, %+v", zone, today, all)
		}
	}
}

func TestLeadsAreChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		leads Leads
		want  string
	}{
		{nil, ""},
		{Leads{RemindDecideBy: {}, RemindRenewal: {365, 0}, RemindEnvelope: {0}, RemindChargeDue: {30}}, ""},
		{Leads{RemindDecideBy: {1, 2, 3, 4, 5, 6}}, "leads.decide_by leads.many"},
		{Leads{RemindDecideBy: {366}}, "leads.decide_by number.range"},
		{Leads{RemindRenewal: {-1, 400}}, "leads.renewal number.range"},
		{Leads{RemindChargeDue: {31}}, "leads.charge_due number.range"},
		{Leads{RemindEnvelope: {1}}, "leads.envelope number.range"},
		{Leads{"birthday": {1}}, "leads choose"},
	} {
		var got []string
		for _, p := range c.leads.Check() {
			got = append(got, p.Field+" "+p.Rule)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%v: %q, want %q", c.leads, s, c.want)
		}
	}
	if got := (Leads{RemindRenewal: {}, RemindDecideBy: {7, 30, 7}}).Tidy().String(); got != "decide_by 30 7, renewal none" {
		t.Error(got)
	}
	for _, c := range []struct {
		mutes []Mute
		bad   bool
	}{
		{nil, false},
		{[]Mute{{Kind: RemindRenewal}, {Subscription: 4}, {RemindRenewal, 4}}, false},
		{[]Mute{{}}, true},
		{[]Mute{{Kind: "birthday"}}, true},
		{[]Mute{{Subscription: 4}, {Subscription: 4}}, true},
	} {
		p := Person{Name: "Awa", Role: Staff, Lang: French, Mutes: c.mutes}
		if got := p.Check(); got.Has("mutes") != c.bad {
			t.Errorf("%v: %v", c.mutes, got)
		}
	}
}

func BenchmarkReminding(b *testing.B) {
	f := manyServices(300)
	for i := range f.People {
		f.People[i].Email, f.People[i].Role, f.People[i].Reminders = "x@example.org", Editor, true
	}
	r := NewRegister(f)
	b.ReportAllocs()
	for b.Loop() {
		m := r.Reminding(today)
		for _, to := range r.Addressees(today) {
			m.Of(to)
		}
	}
}

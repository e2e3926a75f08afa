package models

import (
	"fmt"
	"slices"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// causesOf are the causes of one kind on a day.
func causesOf(f Facts, kind FlagKind, on cal.Date) []Cause {
	return slices.DeleteFunc(NewRegister(f).Causes(on), func(c Cause) bool { return c.Key.Kind != kind })
}

// flagCase is one kind of flag: the facts that raise it, the first and last day it stands (the last may be open), what it
// says on the first, and what makes it go.
type flagCase struct {
	kind        FlagKind
	name        string
	facts       func(*Facts)
	first, last string
	says        string // day to show, amount, was, count
	gone        func(*Facts)
}

var flagCases = []flagCase{
	{
		FlagDecideBy, "15 March, 30 days and a margin of 2", func(*Facts) {}, "2026-12-28", "2027-02-11", "2027-02-11 91.20 EUR  0",
		func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-15") },
	},
	{
		// 16 May 2027 is Whit Sunday's eve of eve: a Sunday, and the Friday before is a working day.
		FlagDecideBy, "a Sunday is said for the Friday before", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.Anchor, s.StartedOn, f.Organisation.MarginDays = day("2024-06-15"), day("2024-06-15"), 0
		}, "2027-04-01", "2027-05-16", "2027-05-14 91.20 EUR  0", func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-20") },
	},
	{
		FlagDecideBy, "in dollars without a rate", func(f *Facts) { f.Subscriptions[0].Terms[0].Price = dollars(9900) }, "2026-12-28", "2027-02-11", "2027-02-11 99.00 USD  0",
		func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-15") },
	},
	{
		FlagRenewal, "three weeks before, too late to say no", func(*Facts) {}, "2027-02-22", "2027-03-14", "2027-03-15 91.20 EUR  0",
		func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-15") },
	},
	{
		FlagChargeDue, "on its day, until it is answered", func(*Facts) {}, "2027-03-15", "", "2027-03-15 91.20 EUR  0",
		func(f *Facts) { f.Waivers = []Waiver{{ID: 70, SubscriptionID: 4, ChargeOn: day("2027-03-15")}} },
	},
	{
		FlagTrialEnd, "trial", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.StartedOn, s.Anchor, s.TrialEnds = day("2027-01-15"), day("2027-03-15"), day("2027-03-15")
		}, "2027-02-13", "2027-03-15", "2027-03-15 91.20 EUR  0", func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-15") },
	},
	{
		FlagTrialEnd, "grant", func(f *Facts) { f.Subscriptions[0].GrantEnds = day("2027-01-31") }, "2027-01-01", "2027-01-31", "2027-01-31 91.20 EUR  0",
		func(f *Facts) { f.Subscriptions[0].GrantEnds = cal.Date{} },
	},
	{
		FlagTrialEnd, "of what is left of the first charge, until it is paid ahead", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.StartedOn, s.Anchor, s.TrialEnds = day("2027-01-15"), day("2027-03-15"), day("2027-03-15")
			f.Payments = []Payment{firstOfTrial(51, eur(4000))}
		}, "2027-02-13", "2027-03-15", "2027-03-15 51.20 EUR  0",
		func(f *Facts) { f.Payments = append(f.Payments, firstOfTrial(52, eur(5120))) },
	},
	{
		FlagServiceClosing, "half a year ahead, and after", func(f *Facts) { f.Services[0].ClosesOn = day("2027-06-30") }, "2027-01-01", "", "2027-06-30   0",
		func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-01-01") },
	},
	{
		FlagEnvelope, "over", func(f *Facts) {
			f.Envelopes = []Envelope{{ID: 60, Year: 2027, Floor: eur(0), Ceiling: eur(9119)}}
		}, "2027-01-01", "2027-12-31", "2027-03-15 0.01 EUR  0",
		func(f *Facts) { f.Envelopes[0].Ceiling = eur(9120) },
	},
	{
		FlagEnvelope, "under", func(f *Facts) {
			f.Envelopes = []Envelope{{ID: 60, Year: 2027, Floor: eur(9121), Ceiling: eur(10_000)}}
		}, "2027-01-01", "2027-12-31", " 0.01 EUR  0",
		func(f *Facts) { f.Envelopes[0].Floor = eur(9120) },
	},
	{
		FlagPriceChange, "announced", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.Terms = append(s.Terms, Terms{ID: 6, From: day("2027-03-15"), Price: eur(9900), Seats: 1})
		}, "2026-12-15", "2027-03-14", "2027-03-15 99.00 EUR 91.20 EUR 0",
		func(f *Facts) { f.Subscriptions[0].Terms[1].Price = eur(9120) },
	},
	{
		FlagPriceChange, "from flat to by seat", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.Terms = append(s.Terms, Terms{ID: 6, From: day("2027-03-15"), Price: eur(5000), PerSeat: true, Seats: 3})
		}, "2026-12-15", "2027-03-14", "2027-03-15 150.00 EUR 91.20 EUR 0",
		func(f *Facts) { f.Subscriptions[0].EndsOn = day("2027-03-15") },
	},
	{
		FlagCardExpiring, "and expired", func(f *Facts) {
			f.Means = []Means{{ID: 62, Name: "Carte", ExpiresOn: day("2027-01-31")}, {ID: 63, Name: "Virement"}}
			f.Subscriptions[0].MeansID = 62
		}, "2026-12-17", "", "2027-01-31   1",
		func(f *Facts) { f.Subscriptions[0].MeansID = 63 },
	},
	{
		FlagRateMissing, "a year and a day after one was typed", func(f *Facts) {
			f.Subscriptions[0].Terms[0].Price = dollars(9900)
			f.Rates = []ReferenceRate{{ID: 64, Currency: usd, Day: day("2026-01-01"), Rate: rate("1.0714"), Source: RateTyped}}
		}, "2027-01-03", "", "   1",
		func(f *Facts) { f.Rates[0].Day = day("2027-01-02") },
	},
	{
		FlagRateMissing, "for a payment", func(f *Facts) {
			f.Payments = []Payment{{ID: 65, ServiceID: 2, PaidOn: day("2027-01-10"), Billed: dollars(9900)}}
		}, "2027-01-10", "2027-12-31", "   1",
		func(f *Facts) { f.Payments[0].Debited = eur(9240); f.Payments[0] = f.Payments[0].Settle(statusA) },
	},
	{
		FlagSeatsFree, "one of three given back", func(f *Facts) {
			s := &f.Subscriptions[0]
			s.Terms[0].Price, s.Terms[0].PerSeat, s.Terms[0].Seats = eur(3001), true, 3
			s.Seats = []Seat{
				{ID: 41, PersonID: 21, From: s.StartedOn},
				{ID: 42, PersonID: 22, From: s.StartedOn},
				{ID: 43, PersonID: 23, From: s.StartedOn, To: day("2027-01-10")},
			}
		}, "2027-01-10", "", " 30.01 EUR  1",
		func(f *Facts) {
			f.Subscriptions[0].Seats = append(f.Subscriptions[0].Seats, Seat{ID: 44, PersonID: 24, From: day("2027-01-10")})
		},
	},
	{
		FlagDataExport, "90 days after the last", func(f *Facts) {
			f.Services[0].ExportEvery, f.Services[0].ExportedOn = 90, day("2026-10-03")
		}, "2027-01-01", "", "   90", func(f *Facts) { f.Services[0].ExportedOn = day("2026-10-04") },
	},
	{
		FlagDataExport, "never, and through a change of plan", func(f *Facts) {
			f.Services[0].ExportEvery = 90
			f.Subscriptions[0].StartedOn, f.Subscriptions[0].Anchor, f.Subscriptions[0].EndsOn = day("2026-10-03"), day("2026-10-03"), day("2026-12-01")
			next := f.Subscriptions[0]
			next.ID, next.StartedOn, next.Anchor, next.EndsOn = 400, day("2026-12-01"), day("2026-12-01"), cal.Date{}
			f.Subscriptions = append(f.Subscriptions, next)
		}, "2027-01-01", "", "   90", func(f *Facts) { f.Services[0].ExportEvery = 0 },
	},
	{
		FlagFreeLook, "forty days before, and after", func(f *Facts) {
			f.Plans[0].Tier, f.Subscriptions[0].Terms[0].Price, f.Subscriptions[0].LookOn = Free, eur(0), day("2027-03-01")
		}, "2027-01-20", "", "2027-03-01   0", func(f *Facts) { f.Subscriptions[0].LookOn = day("2028-03-01") },
	},
	{
		FlagNoOwner, "the day the owner has left", func(f *Facts) { f.People[0].LeftOn = day("2027-01-10") }, "2027-01-10", "", "   0",
		func(f *Facts) { f.Subscriptions[0].OwnerID = 22 },
	},
}

// firstOfTrial pays a part of the charge of 15 March 2027 ahead.
func firstOfTrial(id ID, billed money.Amount) Payment {
	return Payment{ID: id, ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2027-03-15"), Part: true, PaidOn: day("2027-02-01"), Billed: billed}.Settle(statusA)
}

func TestEveryFlag(t *testing.T) {
	t.Parallel()
	seen := map[FlagKind]bool{}
	for _, c := range flagCases {
		seen[c.kind] = true
		f := registerWith(yearly(), c.facts).Facts
		first := day(c.first)
		if got := causesOf(f, c.kind, first.AddDays(-1)); len(got) > 0 {
			t.Errorf("%s, %s: stands the day before its window: %+v", c.kind, c.name, got)
		}
		got := causesOf(f, c.kind, first)
		if len(got) != 1 {
			t.Errorf("%s, %s: %d on its first day", c.kind, c.name, len(got))
			continue
		}
		if x := got[0]; fmt.Sprintf("%v %v %v %d", x.On, shown(x.Amount), shown(x.Was), x.Count) != c.says {
			t.Errorf("%s, %s: says %v %v %v %d, want %s", c.kind, c.name, x.On, x.Amount, x.Was, x.Count, c.says)
		}
		if c.last != "" {
			if got := causesOf(f, c.kind, day(c.last)); len(got) != 1 {
				t.Errorf("%s, %s: gone on its last day", c.kind, c.name)
			}
			if got := causesOf(f, c.kind, day(c.last).AddDays(1)); len(got) > 0 {
				t.Errorf("%s, %s: stands the day after: %+v", c.kind, c.name, got)
			}
		} else if got := causesOf(f, c.kind, first.AddDays(200)); len(got) != 1 {
			t.Errorf("%s, %s: gone by itself", c.kind, c.name)
		}
		gone := registerWith(yearly(), c.facts, c.gone).Facts
		if got := causesOf(gone, c.kind, first); len(got) > 0 {
			t.Errorf("%s, %s: stands without its cause: %+v", c.kind, c.name, got)
		}
		archived := registerWith(yearly(), c.facts, func(f *Facts) { f.Services[0].ArchivedOn = day("2020-01-01") }).Facts
		switch c.kind {
		case FlagChargeDue, FlagEnvelope, FlagCardExpiring, FlagRateMissing: // of money, whatever is put away
		default:
			if got := causesOf(archived, c.kind, first); len(got) > 0 {
				t.Errorf("%s, %s: stands for an archived service", c.kind, c.name)
			}
		}
	}
	for _, k := range FlagKinds {
		if !seen[k] {
			t.Errorf("no case raises %s", k)
		}
	}
}

func shown(a money.Amount) string {
	if a.IsNone() {
		return ""
	}
	return a.String()
}

// With a notice longer than the period, the next renewal is always decided; what can still be prevented is further.
func TestNoticeLongerThanThePeriod(t *testing.T) {
	t.Parallel()
	s := monthly("2026-01-15", func(s *Subscription) { s.Notice = cal.Notice{N: 1, Unit: cal.Month} })
	f := registerWith(s).Facts
	// In December 15 December cannot be prevented any more; 15 January can until 13 December.
	decide, renewal := causesOf(f, FlagDecideBy, day("2026-12-05")), causesOf(f, FlagRenewal, day("2026-12-05"))
	if len(decide) != 1 || decide[0].Renewal != day("2027-01-15") || decide[0].Key.On != day("2026-12-13") || decide[0].On != day("2026-12-11") {
		t.Errorf("to decide: %+v", decide)
	}
	if len(renewal) != 1 || renewal[0].Renewal != day("2026-12-15") {
		t.Errorf("to come: %+v", renewal)
	}
	// Before each decide-by day of a year one is warned for ten days, a third of the period, and not all the time.
	explicit := registerWith(monthly("2026-01-15", func(s *Subscription) { s.Notice, s.AutoRenew = cal.Notice{N: 1, Unit: cal.Month}, false })).Facts
	for d := day("2026-02-01"); d.Before(day("2027-02-01")); d = d.AddDays(1) {
		want := 0
		if d.Day() > 3 && d.Day() <= 13 {
			want = 1
		}
		if tacit, said := len(causesOf(f, FlagDecideBy, d)), len(causesOf(explicit, FlagDecideBy, d)); d.Day() != 3 && (tacit != want || said != want) {
			t.Errorf("%d and %d to decide on %v, want %d", tacit, said, d, want)
		}
	}
	ending, err := s.Cancel(day("2026-11-20"), cal.Date{}, "")
	if err != nil {
		t.Fatal(err)
	}
	f = registerWith(ending).Facts
	if got := causesOf(f, FlagDecideBy, day("2026-11-20")); len(got) > 0 {
		t.Errorf("cancelled, and still to decide: %+v", got)
	}
	if got := causesOf(f, FlagRenewal, day("2026-12-08")); len(got) != 1 {
		t.Errorf("the last charge is not said: %+v", got)
	}
}

func TestQuietFlags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		flag Flag
		want bool
	}{
		{"raised", Flag{ID: 1}, false},
		{"acknowledged", Flag{ID: 1, AcknowledgedOn: today.AddDays(-3)}, true},
		{"snoozed until tomorrow", Flag{ID: 1, SnoozedUntil: today.AddDays(1)}, true},
		{"snoozed until today", Flag{ID: 1, SnoozedUntil: today}, false},
	} {
		if got := c.flag.Quiet(today); got != c.want {
			t.Errorf("%s: quiet %v", c.name, got)
		}
		all := []Cause{{Key: FlagKey{Kind: FlagNoOwner}, Flag: c.flag}, {Key: FlagKey{Kind: FlagRenewal}}}
		if got := Shown(all, today); len(got) == 1 != c.want || len(all) != 2 || all[0].Key.Kind != FlagNoOwner {
			t.Errorf("%s: %d shown", c.name, len(got))
		}
	}
}

func TestFlagPass(t *testing.T) {
	t.Parallel()
	on := day("2027-02-11")
	facts := func(flags ...Flag) *Register { return registerWith(yearly(), func(f *Facts) { f.Flags = flags }) }
	raised, cleared := facts().FlagPass(on)
	if len(raised) != 1 || len(cleared) != 0 || raised[0].RaisedOn != on || raised[0].ID != 0 || raised[0].FlagKey != (FlagKey{Kind: FlagDecideBy, Subject: 4, On: on}) {
		t.Fatalf("raised %+v, cleared %+v", raised, cleared)
	}
	kept := raised[0]
	kept.ID, kept.AcknowledgedOn = 90, on
	if raised, cleared := facts(kept).FlagPass(on); len(raised)+len(cleared) > 0 {
		t.Errorf("a second time: raised %+v, cleared %+v", raised, cleared)
	}
	if c := facts(kept).Causes(on); len(c) != 1 || c[0].Flag != kept {
		t.Errorf("the flag kept is not with its cause: %+v", c)
	}
	// Its day has passed while the server was off: it goes, and the renewal is said instead.
	raised, cleared = facts(kept).FlagPass(day("2027-02-25"))
	if len(cleared) != 1 || cleared[0].ID != 90 || cleared[0].ClearedOn != day("2027-02-25") || cleared[0].AcknowledgedOn != on {
		t.Errorf("cleared %+v", cleared)
	}
	if len(raised) != 1 || raised[0].FlagKey.Kind != FlagRenewal {
		t.Errorf("raised %+v", raised)
	}
}

func TestCausesAreInOrder(t *testing.T) {
	t.Parallel()
	all := NewRegister(manyServices(200)).Causes(today)
	for i := 1; i < len(all); i++ {
		a, b := all[i-1], all[i]
		if a.On.IsZero() && !b.On.IsZero() {
			t.Fatalf("%v, which has no day, comes before %v", a.Key, b.Key)
		}
		if !b.On.IsZero() && b.On.Before(a.On) {
			t.Fatalf("%v comes after %v", b.On, a.On)
		}
		if a.On == b.On && slices.Index(FlagKinds, a.Key.Kind) > slices.Index(FlagKinds, b.Key.Kind) {
			t.Fatalf("%v comes before %v", a.Key, b.Key)
		}
	}
}

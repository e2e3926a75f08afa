package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"enveloppe/app/jobs"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

// mark is a round at which a message was to be told, or to have been.
type mark struct {
	at    time.Time
	works bool // whatever it takes to tell it was at work
}

// place is a message of one of the organisations.
type place struct {
	org models.ID
	store.MessageKey
}

// simulation is three years of an unreliable world.
type simulation struct {
	*world
	rng     *rand.Rand
	truths  []*truth
	weather map[string]*spell
	marks   map[place][]mark
	follows map[place]place
	came    []arrival
	died    map[string]int // by id: it was on its way when the program died
	by      map[string]int // figures

	step time.Duration
	doom int // the program dies at that message of a round; 0 for not
}

// spell is something that is now well and now not.
type spell struct {
	until     time.Time
	bad       bool
	well, ill time.Duration // how long each lasts, on average
}

// now tells whether it is ill at an instant.
func (x *spell) now(rng *rand.Rand, at time.Time) bool {
	for !x.until.After(at) {
		if x.until.IsZero() {
			x.until, x.bad = at, true
		}
		mean := x.well
		if x.bad = !x.bad; x.bad {
			mean = x.ill
		}
		x.until = x.until.Add(time.Duration(float64(mean) * rng.ExpFloat64()))
	}
	return x.bad
}

const day = 24 * time.Hour

// slowest is the longest wait between two attempts: whatever works for longer must have been told.
const slowest = 4 * time.Hour

// anOrganisation is one of the simulated, and what the oracle knows of it.
func (s *simulation) anOrganisation(name, zone string, at time.Time) {
	kept := civil(at.Format(time.DateOnly)).AddDate(0, 0, -10)
	t := &truth{
		kept: kept, leads: map[string][]int{}, settled: map[about]bool{}, answered: map[about]bool{}, quiet: map[about]time.Time{},
		planned: map[string][]*reader{}, gone: map[string]map[*reader]bool{},
	}
	t.subs = []*sub{
		{anchor: civil("2023-08-31"), months: 12, noticeDays: 30, owner: 4},
		{anchor: civil("2024-02-29"), months: 12, noticeMonths: 2},
		{anchor: civil("2025-01-31"), months: 1, owner: 4},
		{anchor: civil("2025-11-30"), months: 3, noticeDays: 14},
		{anchor: civil("2025-12-29"), every: 28},
		{anchor: civil("2025-05-01"), months: 6, noticeMonths: 1},
		{anchor: civil("2024-12-25"), months: 24, noticeDays: 90},
		{anchor: civil(fmt.Sprintf("2026-0%d-14", 3+s.rng.IntN(6))), months: 12, trial: civil("2026-01-01")},
		{anchor: civil(fmt.Sprintf("2027-0%d-31", 3+2*s.rng.IntN(3))), months: 1, trial: civil("2026-01-01")},
	}
	var planted []models.Subscription
	for i, x := range t.subs {
		x.id = models.ID(300 + i)
		m := models.Subscription{Anchor: date(iso(x.anchor)), StartedOn: date(iso(x.anchor)), OwnerID: x.owner}
		if m.Cadence = (cal.Cadence{Every: x.months, Unit: cal.Month}); x.every > 0 {
			m.Cadence = cal.Cadence{Every: x.every, Unit: cal.Day}
		}
		if m.Notice = (cal.Notice{N: x.noticeDays, Unit: cal.Day}); x.noticeMonths > 0 {
			m.Notice = cal.Notice{N: x.noticeMonths, Unit: cal.Month}
		}
		if !x.trial.IsZero() {
			x.trial = x.anchor
			m.TrialEnds, m.StartedOn = date(iso(x.trial)), date(iso(x.anchor.AddDate(0, 0, -60)))
		}
		x.fillCharges(kept)
		planted = append(planted, m)
	}
	f := organisation(name, zone, date(iso(kept)), planted...)
	f.People = append(f.People,
		models.Person{ID: 3, Name: name + " E", Email: name + ".e@example.org", Role: models.Editor, Lang: models.English, Digest: true, Reminders: true},
		models.Person{ID: 4, Name: name + " S", Email: name + ".s@example.org", Role: models.Staff, Lang: models.French, Reminders: true})
	for year := 2026; year < 2030; year++ {
		f.Envelopes = append(f.Envelopes, models.Envelope{ID: models.ID(500 + year), Year: year, Floor: money.Euros(0), Ceiling: money.Euros(9_999_00)})
	}
	t.org, t.zone = s.plant(f, at), f.Organisation.Location()
	for _, p := range f.People {
		t.readers = append(t.readers, &reader{id: p.ID, name: p.Email, all: p.Role.MayEdit(), wants: true, digest: p.Digest, leads: map[string][]int{}})
	}
	for i, leads := range []models.Leads{nil, {models.RemindDecideBy: {60, 14, 3}, models.RemindRenewal: {}}} {
		ch := models.Channel{
			Name: fmt.Sprintf("%s %d", name, i), Kind: models.ChannelWebhook, Address: "https://hooks.example.org/a/long/enough/path", Lang: models.French,
			Secret: models.NewWebhookKey(make([]byte, 32)), Amounts: i == 0, Digest: i == 0, Leads: leads,
		}
		id, err := s.AddChannel(context.Background(), s.director(t, at), ch)
		s.ok(err)
		x := &reader{id: id, name: ch.Name, channel: true, all: true, wants: true, digest: ch.Digest, leads: map[string][]int{}}
		for kind, days := range leads {
			x.leads[string(kind)] = days
		}
		t.readers = append(t.readers, x)
	}
	s.truths = append(s.truths, t)
}

func (s *simulation) director(t *truth, at time.Time) models.Actor {
	return models.Actor{Organisation: t.org, Person: 2, Name: "D", Role: models.Director, At: at.UTC()}
}

// once is whether something that happens on average once in a while happens in this step.
func (s *simulation) once(in time.Duration) bool {
	return s.rng.Float64() < float64(s.step)/float64(in)
}

// ill is whether something is not at work.
func (s *simulation) ill(what string, at time.Time, well, ill time.Duration) bool {
	if s.weather[what] == nil {
		s.weather[what] = &spell{well: well, ill: ill}
	}
	return s.weather[what].now(s.rng, at)
}

// blow sets what works and what does not.
func (s *simulation) blow(at time.Time) {
	s.out.noPost = s.ill("settings", at, 250*day, 4*day)
	s.out.retry = time.Duration(s.rng.IntN(120)) * time.Minute
	server := s.ill("mail", at, 15*day, 10*time.Hour)
	for _, t := range s.truths {
		for _, r := range t.readers {
			fate := jobs.Fate("")
			switch {
			case s.ill("for good "+r.name, at, 150*day, day):
				fate = jobs.FailedForGood
			case s.ill("for now "+r.name, at, 40*day, 2*day), server && !r.channel:
				fate = jobs.FailedForNow
			}
			s.out.down[r.name] = fate
		}
	}
}

// round runs one, in which the process may die, or be stopped, at one of its messages; it answers whether it lived.
func (s *simulation) turn(at time.Time) (lived bool) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s.out.now, s.out.dead, s.out.dies = at, make(chan struct{}), nil
	if s.doom == 0 && s.once(2*day) { // at the first, second or third message of the next round that has so many
		s.doom = 1 + s.rng.IntN(3)
	}
	if lived = true; s.doom > 0 {
		how, messages := s.rng.IntN(3), make(chan int, 1) // which message it is, for one lane at a time
		messages <- 0
		s.out.dies = func(id string) (before, after bool) {
			n := <-messages + 1
			defer func() { messages <- n }()
			if n != s.doom || !lived {
				return false, false
			}
			lived = false
			if how == 2 {
				s.by["stops"]++
				stop()
				return false, false
			}
			s.by["crashes"]++
			s.died[id]++
			close(s.out.dead)
			return how == 0, how == 1
		}
	}
	if err := s.jobs.Round(ctx, at); err != nil && !errors.Is(err, context.Canceled) {
		s.Fatalf("%s: %v", at, err)
	}
	if !lived {
		s.doom = 0
	}
	return lived
}

func (s *simulation) run(begin, end time.Time) {
	for at := begin; at.Before(end); at = at.Add(s.step) {
		s.step = time.Duration(20+s.rng.IntN(140)) * time.Minute
		if s.ill("program", at, 9*day, 40*time.Hour) {
			s.by["minutes off"] += int(s.step.Minutes())
			continue
		}
		s.by["rounds"]++
		s.blow(at)
		for _, t := range s.truths {
			s.live(t, at)
		}
		due := map[place]*reader{}
		for _, t := range s.truths {
			s.expect(t, at, due)
		}
		lived := s.turn(at)
		for _, t := range s.truths {
			s.expectAlerts(t, at, due)
		}
		for p, r := range due {
			works := lived && s.out.down[r.name] == "" && (r.channel || !s.out.noPost)
			if p.Kind == store.KindDigest && s.gone(p, r) {
				works = false
			}
			s.marks[p] = append(s.marks[p], mark{at, works})
		}
		s.came = append(s.came, s.out.arrived()...)
	}
}

func (s *simulation) gone(p place, r *reader) bool {
	for _, t := range s.truths {
		if t.org == p.org {
			return t.gone[p.Occurrence][r]
		}
	}
	return false
}

// today is an organisation's day, and the minutes since its midnight.
func (t *truth) today(at time.Time) (time.Time, int) {
	local := at.In(t.zone)
	return civil(local.Format(time.DateOnly)), local.Hour()*60 + local.Minute()
}

// expect adds what is to be told at a round, or to have been told before.
func (s *simulation) expect(t *truth, at time.Time, due map[place]*reader) {
	today, minutes := t.today(at)
	if minutes >= 7*60 {
		month := today.Format("2006-01")
		if t.planned[month] == nil {
			t.planned[month], t.gone[month] = []*reader{}, map[*reader]bool{}
			for _, r := range t.readers {
				if r.digest && (r.wants || !r.channel) { // a channel at rest gets nothing
					t.planned[month] = append(t.planned[month], r)
				}
			}
		}
		for _, r := range t.planned[month] {
			if r.digest && (r.wants || !r.channel) {
				due[place{t.org, t.key(store.KindDigest, t.org, month, r)}] = r
			} else {
				t.gone[month][r] = true
			}
		}
	}
	if minutes >= 7*60+30 {
		for k, r := range t.holds(today) {
			due[place{t.org, k}] = r
		}
	}
}

func (s *simulation) expectAlerts(t *truth, at time.Time, due map[place]*reader) {
	today, minutes := t.today(at)
	if minutes < 7*60+30 {
		return
	}
	r := s.register(t.org)
	day := date(iso(today))
	all, after := t.alerts(r, today, r.Position(r.Year(day), day).Status)
	for k, x := range all {
		due[place{t.org, k}] = x
	}
	for k, before := range after {
		s.follows[place{t.org, k}] = place{t.org, before}
	}
}

// live is what people do between two rounds.
func (s *simulation) live(t *truth, at time.Time) {
	today, _ := t.today(at)
	s.settle(t, today, at)
	s.answer(t, today, at)
	s.seeTo(t, today, at)
	s.choose(t, at)
}

// settle records what fell due, after ten days on average; a fifth takes a month more.
func (s *simulation) settle(t *truth, today, at time.Time) {
	for _, x := range t.subs {
		for k := x.firstKept; k < len(x.charges) && !x.charges[k].After(today); k++ {
			on, mean := x.charges[k], 10*day
			key := about{"", x.id, iso(on)}
			if t.settled[key] || !x.ends.IsZero() && !on.Before(x.ends) {
				continue
			}
			if k%5 == 0 {
				mean = 40 * day
			}
			if !s.once(mean) {
				continue
			}
			_, err := s.Waive(context.Background(), s.director(t, at), models.Waiver{SubscriptionID: x.id, ChargeOn: date(iso(on)), Reason: "offert", On: date(iso(today))})
			s.ok(err)
			t.settled[key] = true
		}
	}
}

// answer keeps a subscription, and now and then drops one.
func (s *simulation) answer(t *truth, today, at time.Time) {
	for _, x := range t.subs {
		for k := x.firstKept; k < len(x.charges); k++ {
			on := x.charges[k]
			key := about{"", x.id, iso(on)}
			if !on.After(today) || t.answered[key] || t.settled[key] || !x.ends.IsZero() {
				continue
			}
			if on.After(today.AddDate(0, 0, 120)) {
				break
			}
			kind := models.Keep
			switch {
			case s.once(60 * day):
			case s.once(4000 * day):
				kind = models.Drop
			default:
				continue
			}
			known, _ := s.register(t.org).Subscription(x.id)
			_, err := s.AnswerRenewal(context.Background(), s.director(t, at), store.Answer{Version: known.Version, Decision: models.Decision{
				Kind: kind, SubscriptionID: x.id, Renewal: date(iso(on)), On: date(iso(today)), Reason: "vu en réunion", By: 2,
			}}, date(iso(today)))
			s.ok(err)
			if t.answered[key] = true; kind == models.Drop {
				known, _ = s.register(t.org).Subscription(x.id)
				x.ends = civil(known.EndsOn.String())
				s.by["dropped"]++
			}
		}
	}
}

// seeTo acknowledges or snoozes a warning.
func (s *simulation) seeTo(t *truth, today, at time.Time) {
	if !s.once(3 * day) {
		return
	}
	shown := models.Shown(s.register(t.org).Causes(date(iso(today))), date(iso(today)))
	shown = slices.DeleteFunc(shown, func(c models.Cause) bool {
		return !slices.Contains(models.ReminderKinds, models.ReminderKind(c.Key.Kind))
	})
	if len(shown) == 0 {
		return
	}
	c := shown[s.rng.IntN(len(shown))]
	key := about{string(c.Key.Kind), c.Key.Subject, c.Key.On.String()}
	if until := today.AddDate(0, 0, 1+s.rng.IntN(9)); s.rng.IntN(2) == 0 {
		s.ok(s.SnoozeFlag(context.Background(), s.director(t, at), c.Key, date(iso(today)), date(iso(until))))
		t.quiet[key] = until
		s.by["snoozed"]++
	} else {
		s.ok(s.AcknowledgeFlag(context.Background(), s.director(t, at), c.Key, date(iso(today))))
		t.quiet[key] = civil("2100-01-01")
		s.by["acknowledged"]++
	}
}

var someLeads = [][]int{{}, {7}, {30, 7}, {21, 10, 2}, {45, 1, 0}, {3}}

// choose changes what somebody wants, or the organisation, or a subscription, or the envelope.
func (s *simulation) choose(t *truth, at time.Time) {
	ctx, by := context.Background(), s.director(t, at)
	kind := models.ReminderKinds[s.rng.IntN(len(models.ReminderKinds))]
	leads := someLeads[s.rng.IntN(len(someLeads))]
	if kind == models.RemindChargeDue && len(leads) > 0 {
		leads = []int{10, 0}
	}
	if kind == models.RemindEnvelope && len(leads) > 0 {
		leads = []int{0}
	}
	if s.once(10 * day) {
		s.choosePerson(t, by, kind, leads)
	}
	if s.once(60 * day) {
		o := s.register(t.org).Organisation
		o.Leads = with(o.Leads, kind, leads)
		s.ok(s.SaveOrganisation(ctx, by, o))
		t.leads[string(kind)] = leads
	}
	if s.once(40*day) && kind != models.RemindEnvelope {
		x := t.subs[s.rng.IntN(len(t.subs))]
		m, _ := s.register(t.org).Subscription(x.id)
		m.Leads = with(m.Leads, kind, leads)
		s.ok(s.SaveSubscription(ctx, by, m))
		x.leads = map[string][]int{}
		for k, n := range m.Leads {
			x.leads[string(k)] = n
		}
	}
	if s.once(50 * day) {
		e, _ := s.register(t.org).Envelope(at.In(t.zone).Year())
		e.Floor, e.Ceiling = money.Euros(0), money.Euros(int64(100_00+s.rng.IntN(2)*900_000))
		s.ok(s.SetEnvelope(ctx, by, e))
	}
	if r := t.readers[len(t.readers)-1-s.rng.IntN(2)]; s.once(50 * day) {
		r.wants = !r.wants
		s.ok(s.PauseChannel(ctx, by, r.id, !r.wants))
	}
}

func with(l models.Leads, kind models.ReminderKind, days []int) models.Leads {
	l = maps.Clone(l)
	if l == nil {
		l = models.Leads{}
	}
	l[kind] = days
	return l
}

// choosePerson changes lead times, mutes, or whether somebody wants anything at all.
func (s *simulation) choosePerson(t *truth, by models.Actor, kind models.ReminderKind, leads []int) {
	r := t.readers[s.rng.IntN(3)]
	p, _ := s.register(t.org).Person(r.id)
	switch what := s.rng.IntN(8); {
	case what < 2:
		p.Leads = with(p.Leads, kind, leads)
	case what == 2:
		p.Leads = nil
	case what < 6:
		m := models.Mute{Kind: kind, Subscription: t.subs[s.rng.IntN(len(t.subs))].id}
		switch s.rng.IntN(3) {
		case 0:
			m.Kind = ""
		case 1:
			m.Subscription = 0
		}
		if p.Mutes = slices.DeleteFunc(slices.Clone(p.Mutes), func(x models.Mute) bool { return x == m }); len(p.Mutes) == len(r.mutes) {
			p.Mutes = append(p.Mutes, m)
		}
		if len(p.Mutes) > 3 {
			p.Mutes = nil
		}
	case what == 6:
		p.Reminders = !p.Reminders || s.rng.IntN(3) > 0
	default:
		p.Digest = !p.Digest
	}
	s.ok(s.SavePerson(context.Background(), by, p))
	r.wants, r.digest, r.mutes, r.leads = p.Reminders, p.Digest, p.Mutes, map[string][]int{}
	for k, n := range p.Leads {
		r.leads[string(k)] = n
	}
	s.by["choices"]++
}

// ledger is all of an organisation's messages.
func (s *simulation) ledger(org models.ID) []store.Message {
	all, err := s.Messages(context.Background(), org, store.MessageFilter{Limit: 1_000_000})
	s.ok(err)
	return all
}

// What should have come came once, and nothing came late, or to somebody who did not want it: over three years of three
// organisations on three continents, with a program that is off a sixth of the time, dies at its messages and is
// stopped, with mail servers and channels that fail for a while or for good, and people who answer, pay, mute and change
// their minds. The figures stand in the test's log.
func TestThreeYears(t *testing.T) {
	begin, end := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC), time.Date(2029, time.January, 1, 0, 0, 0, 0, time.UTC)
	s := &simulation{
		world: newWorld(t), rng: rand.New(rand.NewPCG(5, 2026)),
		weather: map[string]*spell{}, marks: map[place][]mark{}, follows: map[place]place{}, died: map[string]int{}, by: map[string]int{},
	}
	s.anOrganisation("paris", "Europe/Paris", begin)
	s.anOrganisation("auckland", "Pacific/Auckland", begin)
	s.anOrganisation("angeles", "America/Los_Angeles", begin)
	s.run(begin, end)
	s.judge(end.Sub(begin))
}

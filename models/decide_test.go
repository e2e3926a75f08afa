package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"enveloppe/models/cal"

	"pgregory.net/rapid"
)

// asking is a question in a line: the renewal, the day to say, whether it is locked, how many charges and what is at stake.
func asking(q Question) string {
	state := "open"
	if q.Locked {
		state = "locked"
	}
	return fmt.Sprintf("%v by %v %s %d %v", q.Charge.On, q.SaidBy, state, q.Count, q.Stake)
}

func TestQuestions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sub  Subscription
		on   string
		want []string
	}{
		{"the yearly one, a year ahead", yearly(), "2026-11-23", []string{"2027-03-15 by 2027-02-11 open 1 91.20 EUR"}},
		// 11 February 2028 is a Friday, but the fifteen months to it are too far.
		{"too late, and the next is too far", yearly(), "2027-02-10", []string{"2027-03-15 by 2027-02-11 open 1 91.20 EUR"}},
		{"the day after", yearly(), "2027-02-12", []string{"2028-03-15 by 2028-02-11 open 1 91.20 EUR", "2027-03-15 by 2027-02-11 locked 1 91.20 EUR"}},
		{"on the day of the charge", yearly(), "2027-03-15", []string{"2028-03-15 by 2028-02-11 open 1 91.20 EUR"}},
		{
			"a month's notice on a monthly one", monthly("2026-01-15", func(s *Subscription) { s.Notice = cal.Notice{N: 1, Unit: cal.Month} }), "2026-12-05",
			[]string{"2026-12-15 by 2026-11-13 locked 1 10.00 EUR", "2027-01-15 by 2026-12-11 open 1 10.00 EUR"},
		},
		{
			"a fixed term: all it still costs, and the first renewal after it", monthly("2026-01-15", func(s *Subscription) { s.FixedUntil = day("2027-01-15") }), "2026-10-20",
			[]string{"2026-11-15 by 2026-01-14 locked 2 20.00 EUR", "2027-01-15 by 2027-01-13 open 1 10.00 EUR"},
		},
		{
			"a fixed term of years", monthly("2026-01-31", func(s *Subscription) { s.FixedUntil = day("2126-01-31") }), "2026-10-20",
			[]string{"2026-10-31 by 2026-01-30 locked 12 120.00 EUR"},
		},
		{"without tacit renewal it is open to the eve", yearly(func(s *Subscription) { s.AutoRenew = false }), "2027-03-01", []string{"2027-03-15 by 2027-03-14 open 1 91.20 EUR"}},
		{
			"a trial", monthly("2027-03-01", func(s *Subscription) { s.StartedOn, s.TrialEnds = day("2027-02-01"), day("2027-03-01") }), "2027-02-10",
			[]string{"2027-03-01 by 2027-02-26 open 1 10.00 EUR"},
		},
		{
			"begun, and not yet paid for", yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2026-11-20"), day("2026-12-01") }), "2026-11-23",
			[]string{"2027-12-01 by 2027-10-29 open 1 91.20 EUR", "2026-12-01 by 2026-11-19 locked 1 91.20 EUR"},
		},
		{"paid once", yearly(func(s *Subscription) { s.Cadence = cal.OneOff }), "2026-11-23", nil},
		{"cancelled", yearly(func(s *Subscription) { s.EndsOn = day("2027-03-15") }), "2026-11-23", nil},
		{"free", yearly(func(s *Subscription) { s.Terms[0].Price = eur(0) }), "2026-11-23", nil},
		{"in dollars without a rate", yearly(func(s *Subscription) { s.Terms[0].Price = dollars(9900) }), "2026-11-23", []string{"2027-03-15 by 2027-02-11 open 1 99.00 USD"}},
	} {
		var got []string
		for _, q := range registerWith(c.sub).Questions(day(c.on)) {
			got = append(got, asking(q))
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
		}
	}
	if got := registerWith(yearly(), func(f *Facts) { f.Services[0].ArchivedOn = today }).Questions(day("2026-11-23")); len(got) > 0 {
		t.Errorf("an archived service is asked about: %+v", got)
	}
}

// What one decides on: the places nobody holds, the price before, the last decision, the data.
func TestQuestionFacts(t *testing.T) {
	t.Parallel()
	on := day("2026-11-23")
	s := yearly(func(s *Subscription) {
		s.Terms = []Terms{
			{ID: 5, From: s.StartedOn, Price: eur(3000), PerSeat: true, Seats: 3},
			{ID: 6, From: day("2027-03-15"), Price: eur(3301), PerSeat: true, Seats: 3},
		}
		s.Seats = []Seat{{ID: 41, PersonID: 21, From: s.StartedOn}, {ID: 42, PersonID: 22, From: s.StartedOn, To: day("2026-11-01")}}
	})
	r := registerWith(s, func(f *Facts) {
		f.Services[0].ExportEvery, f.Services[0].ExportedOn = 90, on.AddDays(-90)
		f.Decisions = []Decision{
			{ID: 50, ServiceID: 2, Kind: Keep, On: day("2026-02-01"), Reason: "utile"},
			{ID: 51, ServiceID: 2, Kind: StayFree, On: day("2025-02-01")},
			{ID: 52, ServiceID: 2, SubscriptionID: 4, Kind: Keep, On: day("2026-11-20"), Renewal: day("2027-03-15")},
		}
	})
	q := r.Questions(on)[0]
	if q.FreeSeats != 2 || q.FreeYearly != eur(6602) || q.Yearly != eur(9903) || q.PriceWas != eur(9000) || !q.ExportLate || q.LastDecision.ID != 50 ||
		q.Answer.ID != 52 || !q.Answered() || q.Subscription.ID != 4 {
		t.Errorf("asked %+v", q)
	}
	if q, ok := r.QuestionOf(4, day("2027-03-15"), on); !ok || q.Answer.ID != 52 || q.Count != 1 {
		t.Errorf("asked of it alone %+v, %v", q, ok)
	}
	if of := r.QuestionsOf(4, on); len(of) != 1 || of[0].Answer.ID != 52 || len(r.QuestionsOf(99, on)) != 0 {
		t.Errorf("asked of the subscription %+v", of)
	}
	for _, other := range []string{"2027-03-14", "2026-03-15", "2026-11-23"} {
		if _, ok := r.QuestionOf(4, day(other), on); ok {
			t.Errorf("%s is asked about", other)
		}
	}
}

// Which decisions answer a renewal, and for how long.
func TestAnswerTo(t *testing.T) {
	t.Parallel()
	year := yearly()
	month := monthly("2026-01-31")
	ended := yearly(func(s *Subscription) { s.EndsOn = day("2027-03-15") })
	for _, c := range []struct {
		name    string
		sub     Subscription
		d       Decision
		renewal string
		want    bool
	}{
		{"kept", year, Decision{Kind: Keep, Renewal: day("2027-03-15")}, "2027-03-15", true},
		{"kept, but next year asks again", year, Decision{Kind: Keep, Renewal: day("2027-03-15")}, "2028-03-15", false},
		{"kept for longer than a year asks again all the same", year, Decision{Kind: Keep, Renewal: day("2027-03-15"), LookAgainOn: day("2029-01-01")}, "2028-03-15", false},
		{"a month kept asks again", month, Decision{Kind: Keep, Renewal: day("2026-11-30")}, "2026-12-31", false},
		{"a month kept until the spring", month, Decision{Kind: Keep, Renewal: day("2026-11-30"), LookAgainOn: day("2027-03-01")}, "2027-02-28", true},
		{"and then asked again", month, Decision{Kind: Keep, Renewal: day("2026-11-30"), LookAgainOn: day("2027-03-01")}, "2027-03-31", false},
		{"before it was kept", month, Decision{Kind: Keep, Renewal: day("2026-11-30"), LookAgainOn: day("2027-03-01")}, "2026-10-31", false},
		{"fewer seats", year, Decision{Kind: Downgrade, Renewal: day("2027-03-15"), Seats: 1}, "2027-03-15", true},
		{"cancelled", ended, Decision{Kind: Drop, Renewal: day("2027-03-15")}, "2027-03-15", true},
		{"cancelled and taken back", year, Decision{Kind: Drop, Renewal: day("2027-03-15")}, "2027-03-15", false},
		{"replaced and taken back", year, Decision{Kind: Replace, Renewal: day("2027-03-15")}, "2027-03-15", false},
		{"of no renewal", year, Decision{Kind: Keep}, "2027-03-15", false},
	} {
		c.d.ID, c.d.ServiceID, c.d.SubscriptionID = 50, 2, 4
		r := registerWith(c.sub, func(f *Facts) { f.Decisions = []Decision{c.d} })
		if _, got := r.AnswerTo(c.sub, day(c.renewal)); got != c.want {
			t.Errorf("%s: answered %v", c.name, got)
		}
		c.d.SubscriptionID = 40
		r = registerWith(c.sub, func(f *Facts) { f.Decisions = []Decision{c.d} })
		if _, got := r.AnswerTo(c.sub, day(c.renewal)); got {
			t.Errorf("%s: answered by another subscription's", c.name)
		}
	}
}

// An answered renewal raises no flag to decide; one kept is still said to come.
func TestAnswersClearFlags(t *testing.T) {
	t.Parallel()
	kept := func(f *Facts) {
		f.Decisions = []Decision{{ID: 50, ServiceID: 2, SubscriptionID: 4, Kind: Keep, On: day("2027-01-05"), Renewal: day("2027-03-15")}}
	}
	f := registerWith(yearly(), kept).Facts
	if got := causesOf(f, FlagDecideBy, day("2027-02-01")); len(got) > 0 {
		t.Errorf("kept, and still to decide: %+v", got)
	}
	for _, m := range NewRegister(f).Marks(cal.Span{From: day("2027-01-01"), To: day("2028-03-01")}, day("2027-01-10")) {
		if m.Kind == MarkDecide && m.Charge.On == day("2027-03-15") {
			t.Errorf("kept, and marked to decide: %+v", m)
		}
	}
	if got := causesOf(f, FlagRenewal, day("2027-03-01")); len(got) != 1 {
		t.Errorf("kept, and not said to come: %+v", got)
	}
	if got := causesOf(f, FlagDecideBy, day("2028-01-15")); len(got) != 1 || got[0].Renewal != day("2028-03-15") {
		t.Errorf("next year does not ask again: %+v", got)
	}
	seats := yearly(func(s *Subscription) {
		s.Terms[0].PerSeat, s.Terms[0].Seats = true, 3
		s.Seats = []Seat{{ID: 41, PersonID: 21, From: s.StartedOn}}
		s.Terms = append(s.Terms, Terms{ID: 6, From: day("2027-03-15"), Price: s.Terms[0].Price, PerSeat: true, Seats: 1})
	})
	if got := causesOf(registerWith(seats).Facts, FlagSeatsFree, day("2027-01-01")); len(got) > 0 {
		t.Errorf("given up at the renewal, and still flagged: %+v", got)
	}
	seats.Terms[1].Seats = 2
	if got := causesOf(registerWith(seats).Facts, FlagSeatsFree, day("2027-01-01")); len(got) != 1 {
		t.Errorf("one stays free, and is not flagged: %+v", got)
	}
	seats.EndsOn = day("2027-03-15")
	if got := causesOf(registerWith(seats).Facts, FlagSeatsFree, day("2027-01-01")); len(got) > 0 {
		t.Errorf("it ends, and its seats are flagged: %+v", got)
	}
	closing := func(f *Facts) { f.Services[0].ClosesOn = day("2027-06-30") }
	if got := causesOf(registerWith(yearly(func(s *Subscription) { s.EndsOn = day("2027-03-15") }), closing).Facts, FlagServiceClosing, day("2027-01-10")); len(got) > 0 {
		t.Errorf("left before it closes, and still flagged: %+v", got)
	}
}

// Each question is a renewal still to come, in order; each decide-by flag is one of them.
func TestQuestionsAreTheRenewalsToDecide(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		questions := r.Questions(on)
		asked, last := map[chargeKey]bool{}, cal.Date{}
		for _, q := range questions {
			c, ok := r.OpenCharge(q.Subscription.ID, q.Charge.On, on)
			if !ok || !c.On.After(on) || c.Locked != q.Locked || asked[chargeKey{q.Subscription.ID, c.On}] || q.askedOn().Before(last) || q.SaidBy.After(c.On) {
				t.Fatalf("asked %s of %+v, %v", asking(q), c, ok)
			}
			same(t, "charge", c, q.Charge)
			if !q.Locked && (q.SaidBy.Before(on) || c.DecideBy.After(on.AddMonths(12))) {
				t.Fatalf("asked %s on %v", asking(q), on)
			}
			asked[chargeKey{q.Subscription.ID, c.On}], last = true, q.askedOn()
		}
		for _, c := range r.Causes(on) {
			s, _ := r.Subscription(c.SubscriptionID)
			// Without tacit renewal the flag goes on to the next one when its notice has passed; the question stays with the day itself.
			if c.Key.Kind == FlagDecideBy && s.AutoRenew && !asked[chargeKey{c.SubscriptionID, c.Renewal}] {
				t.Fatalf("flagged and not asked: %+v", c)
			}
		}
	})
}

// drawAnswer answers a question in one of the ways.
func drawAnswer(t *rapid.T, q Question, on cal.Date) Answer {
	a := Answer{Decision: Decision{
		SubscriptionID: q.Subscription.ID, Kind: rapid.SampledFrom(AnswerKinds).Draw(t, "kind"), Renewal: q.Charge.On, On: on, Reason: "parce que", ReplacedBy: "Autre",
	}}
	if a.Decision.Kind == Downgrade {
		terms := q.Subscription.TermsOn(q.Charge.On)
		if terms.PerSeat && terms.Seats > 1 && rapid.Bool().Draw(t, "fewer seats") {
			a.Seats = rapid.IntRange(1, terms.Seats-1).Draw(t, "seats left")
		} else {
			a.Plan = Plan{ID: 9999, ServiceID: q.ServiceID, Tier: Premium, Cadence: drawCadence(t)}
			a.Terms = Terms{Price: drawPrice(t), Seats: max(terms.Seats, 1)}
		}
	}
	return a
}

// follow gives the facts after an answer, as the store would write them.
func follow(t *rapid.T, f Facts, a Answer, on cal.Date) (after Facts, refused bool) {
	s, _ := NewRegister(f).Subscription(a.Decision.SubscriptionID)
	d, ended, next, err := s.Follow(a, on)
	var bad Invalid
	if errors.As(err, &bad) {
		return f, true
	}
	if err != nil {
		t.Fatal(err)
	}
	r := NewRegister(f).With(ended)
	if next.ServiceID != 0 {
		next.ID = freeID(f) + 1
		r = r.With(next)
	}
	d.ID = freeID(f)
	after = r.Facts
	after.Decisions = append(slices.Clone(f.Decisions), d)
	return after, false
}

// An answer does what it said it would, to the cent, and what was asked is asked no more.
func TestAnAnswerDoesWhatItSays(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		r := NewRegister(f)
		questions := slices.DeleteFunc(r.Questions(on), func(q Question) bool { return q.Locked })
		if len(questions) == 0 {
			return
		}
		q := rapid.SampledFrom(questions).Draw(t, "question")
		a := drawAnswer(t, q, on)
		told, err := r.WhatIfAnswer(a, on)
		after, refused := follow(t, f, a, on)
		if (err != nil) != refused {
			t.Fatalf("told %v, refused %v", err, refused)
		}
		if refused {
			return
		}
		then := NewRegister(after)
		same(t, "forecast", told.Forecast, then.Position(told.Year, on).Forecast)
		same(t, "before", told.Was, r.Position(told.Year, on).Forecast)
		for _, c := range then.Causes(on) {
			if c.Key.Kind == FlagDecideBy && c.SubscriptionID == q.Subscription.ID && c.Renewal == q.Charge.On {
				t.Fatalf("answered, and flagged: %+v", c)
			}
		}
		for _, again := range then.Questions(on) {
			if again.Subscription.ID == q.Subscription.ID && again.Charge.On == q.Charge.On && !again.Answered() {
				t.Fatalf("answered, and asked again: %s", asking(again))
			}
		}
		if a.Decision.Kind != Drop && a.Decision.Kind != Replace {
			return
		}
		s, _ := then.Subscription(q.Subscription.ID)
		same(t, "end", told.EndsOn, s.EndsOn)
		same(t, "what remains", told.Remaining, then.openChargesOf(s, cal.Span{From: r.keptFrom(on), To: s.EndsOn}, on))
		if late, ok := then.OpenCharge(s.ID, q.Charge.On, on); ok {
			t.Fatalf("prevented, and still to be paid: %+v", late)
		}
	})
}

// Fewer seats, taken back, leave every charge as it was.
func TestSeatsGivenUpComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := drawDay(t, "start", 2024, 2026)
		s := monthly(start.String())
		s.Terms = nil
		for i, n := 0, rapid.IntRange(1, 5).Draw(t, "terms"); i < n; i++ {
			s.Terms = append(s.Terms, Terms{
				ID: ID(100 + i), From: start.AddMonths(3 * i), Price: eur(int64(1000 + 100*rapid.IntRange(0, 2).Draw(t, "price"))),
				PerSeat: rapid.IntRange(0, 4).Draw(t, "per seat") > 0, Seats: rapid.IntRange(1, 4).Draw(t, "seats"),
			})
		}
		on := s.Cadence.Occurrence(s.Anchor, rapid.IntRange(1, 18).Draw(t, "renewal"))
		a := Answer{Decision: Decision{Kind: Downgrade, On: on.AddDays(-1), Renewal: on}, Seats: rapid.IntRange(1, 4).Draw(t, "fewer")}
		d, after, _, err := s.Follow(a, on.AddDays(-1))
		if err != nil {
			return
		}
		if got := after.TermsOn(on); got.Seats != a.Seats || got.Price != s.TermsOn(on).Price || after.TermsOn(on.AddDays(-1)) != s.TermsOn(on.AddDays(-1)) {
			t.Fatalf("from %v: %+v", on, got)
		}
		for i := range after.Terms {
			if i > 0 && !after.Terms[i].From.After(after.Terms[i-1].From) {
				t.Fatalf("out of order: %+v", after.Terms)
			}
		}
		back, err := after.WithSeatsBack(d)
		if err != nil {
			t.Fatal(err)
		}
		span := cal.Span{From: start, To: start.AddMonths(40)}
		same(t, "charges", registerWith(s).ChargesOf(s, span, start), registerWith(back).ChargesOf(back, span, start))
	})
}

func TestFollowRefuses(t *testing.T) {
	t.Parallel()
	renewal := day("2027-03-15")
	seats := yearly(func(s *Subscription) {
		s.Terms[0].PerSeat, s.Terms[0].Seats = true, 3
		s.Seats = []Seat{{ID: 41, PersonID: 21, From: s.StartedOn}, {ID: 42, PersonID: 22, From: s.StartedOn}}
	})
	planned := yearly(func(s *Subscription) {
		s.Terms = []Terms{{ID: 5, From: s.StartedOn, Price: eur(1000), PerSeat: true, Seats: 3}, {ID: 6, From: day("2027-06-01"), Price: eur(1000), PerSeat: true, Seats: 2}}
	})
	good := Decision{Kind: Keep, On: day("2027-01-10"), Renewal: renewal}
	with := func(change func(*Decision)) Answer {
		d := good
		change(&d)
		return Answer{Decision: d}
	}
	for _, c := range []struct {
		name  string
		sub   Subscription
		a     Answer
		today string
		want  string
	}{
		{"a day that is no renewal", yearly(), with(func(d *Decision) { d.Renewal = day("2027-03-14") }), "2027-01-10", "renewal choose"},
		{"no renewal", yearly(), with(func(d *Decision) { d.Renewal = cal.Date{} }), "2027-01-10", "renewal choose"},
		{"before it began", yearly(), with(func(d *Decision) { d.Renewal = day("2023-03-15") }), "2027-01-10", "renewal choose"},
		{"on the day itself", yearly(), with(func(*Decision) {}), "2027-03-15", "renewal_past"},
		{"tomorrow's decision", yearly(), with(func(d *Decision) { d.On = day("2027-01-11") }), "2027-01-10", "on date.future"},
		{"no day", yearly(), with(func(d *Decision) { d.On = cal.Date{} }), "2027-01-10", "on date.empty"},
		{"no kind", yearly(), with(func(d *Decision) { d.Kind = "" }), "2027-01-10", "kind choose"},
		{"not an answer", yearly(), with(func(d *Decision) { d.Kind = StayFree }), "2027-01-10", "kind choose"},
		{"replaced by nothing", yearly(), with(func(d *Decision) { d.Kind = Replace }), "2027-01-10", "replaced_by required"},
		{"kept for more than a year", yearly(), with(func(d *Decision) { d.LookAgainOn = day("2028-03-16") }), "2027-01-10", "look_again_on not_after"},
		{"an unknown way", yearly(), with(func(d *Decision) { d.How = "pigeon" }), "2027-01-10", "how choose"},
		{"cancelled already", yearly(func(s *Subscription) { s.EndsOn = renewal }), with(func(*Decision) {}), "2027-01-10", "already_ending"},
		{"ends before it began", yearly(), Answer{Decision: Decision{Kind: Drop, On: good.On, Renewal: renewal}, EndsOn: day("2024-03-15")}, "2027-01-10", "ends_on end.before_start"},
		{"seats of a flat price", yearly(), Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}, Seats: 1}, "2027-01-10", "seats seats.flat"},
		{"as many seats", seats, Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}, Seats: 3}, "2027-01-10", "seats seats.not_fewer"},
		{"no seats", seats, Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}}, "2027-01-10", "seats seats.not_fewer"},
		{"fewer than are held", seats, Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}, Seats: 1}, "2027-01-10", "seats seats.below_assigned"},
		{"as many as are planned for later", planned, Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}, Seats: 2}, "2027-01-10", "seats seats.planned"},
		{"the same plan", yearly(), Answer{Decision: Decision{Kind: Downgrade, On: good.On, Renewal: renewal}, Plan: Plan{ID: 3, ServiceID: 2}, Terms: Terms{Seats: 1, Price: eur(1)}}, "2027-01-10", "plan plan.same"},
	} {
		before := slices.Clone(c.sub.Terms)
		_, after, _, err := c.sub.Follow(c.a, day(c.today))
		var bad Invalid
		var refused Refused
		got := ""
		switch {
		case errors.As(err, &bad):
			got = bad[0].Field + " " + bad[0].Rule
		case errors.As(err, &refused):
			got = refused.Rule
		}
		if got != c.want || !slices.Equal(after.Terms, before) || after.EndsOn != c.sub.EndsOn {
			t.Errorf("%s: %q, want %q; left %+v", c.name, got, c.want, after)
		}
	}
}

// 120 a year less from the renewal on, the rest of this period still paid: what cancelling tells before it is done.
func TestWhatIfAnswer(t *testing.T) {
	t.Parallel()
	r := registerWith(monthly("2026-01-31", func(s *Subscription) { s.Notice = cal.Notice{N: 1, Unit: cal.Month} }), func(f *Facts) { f.Organisation.KeptFrom = day("2026-11-01") })
	on := day("2026-11-23")
	q := r.Questions(on)[0]
	if got := asking(q); got != "2026-12-31 by 2026-11-27 open 1 10.00 EUR" {
		t.Fatal(got)
	}
	o, err := r.WhatIfAnswer(Answer{Decision: Decision{SubscriptionID: 4, Kind: Drop, On: on, Renewal: q.Charge.On}}, on)
	if err != nil || o.EndsOn != day("2026-12-31") || len(o.Remaining) != 1 || o.Remaining[0].On != day("2026-11-30") || o.Saved != eur(12_000) ||
		o.Was != eur(2000) || o.Forecast != eur(1000) || o.Change != eur(-1000) || !o.Complete || !o.Yearly.IsZero() {
		t.Errorf("dropped %+v, %v", o, err)
	}
	o, err = r.WhatIfAnswer(Answer{
		Decision: Decision{SubscriptionID: 4, Kind: Downgrade, On: on, Renewal: q.Charge.On},
		Plan:     Plan{ID: 9, ServiceID: 2, Tier: Premium, Cadence: cal.Yearly}, Terms: Terms{Price: eur(5000), Seats: 1},
	}, on)
	if err != nil || !o.EndsOn.IsZero() || len(o.Remaining) != 0 || o.Saved != eur(7000) || o.Yearly != eur(5000) || o.Forecast != eur(6000) {
		t.Errorf("downgraded %+v, %v", o, err)
	}
	// Of one that is committed already, what is saved is a year's cost after its end.
	o, err = r.WhatIfAnswer(Answer{Decision: Decision{SubscriptionID: 4, Kind: Drop, On: on, Renewal: day("2026-11-30")}}, on)
	if err != nil || o.EndsOn != day("2026-12-31") || o.Saved != eur(12_000) {
		t.Errorf("dropped too late %+v, %v", o, err)
	}
	foreign := registerWith(yearly(func(s *Subscription) { s.Terms[0].Price = dollars(9900) }))
	if o, err := foreign.WhatIfAnswer(Answer{Decision: Decision{SubscriptionID: 4, Kind: Drop, On: on, Renewal: day("2027-03-15")}}, on); err != nil || !o.Saved.IsNone() {
		t.Errorf("saved without a rate: %+v, %v", o.Saved, err)
	}
	if _, err := r.WhatIfAnswer(Answer{Decision: Decision{SubscriptionID: 99}}, on); !errors.Is(err, ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
}

func BenchmarkQuestions(b *testing.B) {
	for _, n := range []int{20, 500} {
		r := NewRegister(manyServices(n))
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Questions(today)
			}
		})
	}
}

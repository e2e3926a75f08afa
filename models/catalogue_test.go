package models_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// shelf is a register with a service in every standing, on 23 November 2026.
func shelf() (*models.Register, cal.Date) {
	today := cal.MustNew(2026, 11, 23)
	yearly := models.Plan{ID: 30, Name: "Pro", Tier: models.Premium, Price: money.Euros(9120), Cadence: cal.Yearly}
	free := models.Plan{ID: 31, Name: "Free", Tier: models.Free, Price: money.Zero(money.EUR), Cadence: cal.Yearly}
	dollars := models.Plan{ID: 32, Name: "US", Tier: models.Premium, Price: money.Cents(1000, "USD"), Cadence: cal.Monthly}
	f := models.Facts{
		Organisation: models.Organisation{ID: 1, YearStart: cal.YearStart{Month: 1, Day: 1}, Headcount: 5},
		Functions:    []models.Function{{ID: 10, Name: "Data", Position: 2}, {ID: 11, Name: "Planning", Position: 1}},
		Services: []models.Service{
			{ID: 20, Name: "Dropbox", FunctionID: 10},
			{ID: 21, Name: "Agenda", FunctionID: 11},
			{ID: 22, Name: "Dollar", FunctionID: 10},
			{ID: 23, Name: "Apps", FunctionID: 99},
			{ID: 24, Name: "Old", FunctionID: 10},
			{ID: 25, Name: "Away", FunctionID: 10, ArchivedOn: today},
			{ID: 26, Name: "Soon", FunctionID: 11},
		},
		Plans: []models.Plan{yearly, free, dollars},
	}
	add := func(id, service models.ID, p models.Plan, started, anchor cal.Date) *models.Subscription {
		p.ServiceID = service
		s := p.Begin(started, anchor, 1)
		s.ID = id
		f.Subscriptions = append(f.Subscriptions, s)
		return &f.Subscriptions[len(f.Subscriptions)-1]
	}
	add(40, 20, yearly, cal.MustNew(2025, 12, 18), cal.MustNew(2025, 12, 18))
	add(41, 21, free, cal.MustNew(2026, 1, 4), cal.MustNew(2026, 1, 4))
	add(42, 22, dollars, cal.MustNew(2026, 1, 31), cal.MustNew(2026, 1, 31))
	add(43, 24, yearly, cal.MustNew(2024, 1, 1), cal.MustNew(2024, 1, 1)).EndsOn = cal.MustNew(2026, 1, 1)
	add(44, 26, yearly, cal.MustNew(2026, 12, 1), cal.MustNew(2026, 12, 1))
	return models.NewRegister(f), today
}

func TestLinesSayWhereEachServiceStands(t *testing.T) {
	t.Parallel()
	r, today := shelf()
	type line struct {
		Name     string
		Standing models.Standing
		Renewal  string
		Yearly   money.Amount
		Complete bool
	}
	var got []line
	for _, l := range r.Lines(today) {
		got = append(got, line{l.Service.Name, l.Standing, l.Renewal.String(), l.Yearly, l.Complete})
	}
	nothing := money.Zero(money.EUR)
	want := []line{
		{"Dropbox", models.InUse, "2026-12-18", money.Euros(9120), true},
		{"Agenda", models.InUse, "", nothing, true},
		{"Dollar", models.InUse, "2026-11-30", nothing, false}, // no rate: never taken as 1:1
		{"Apps", models.Considered, "", nothing, true},
		{"Old", models.Former, "", nothing, true},
		{"Away", models.PutAway, "", nothing, true},
		{"Soon", models.Coming, "2026-12-01", money.Euros(9120), true},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b money.Amount) bool { return a == b })); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if l, ok := r.Line(20, today); !ok || l.Plan.Name != "Pro" {
		t.Errorf("line of one service: %+v, %v", l, ok)
	}
	if _, ok := r.Line(999, today); ok {
		t.Error("a line for a service that is not there")
	}
}

func TestGroupsAddUpToTheRunRate(t *testing.T) {
	t.Parallel()
	r, today := shelf()
	lines := r.Lines(today)
	groups := r.ByFunction(lines)
	var names []string
	total := money.Zero(money.EUR)
	for _, g := range groups {
		names = append(names, g.Function.Name)
		total = total.Add(g.Yearly)
		if g.Complete != (g.Function.Name != "Data") {
			t.Errorf("%s complete: %v", g.Function.Name, g.Complete)
		}
	}
	if want := []string{"Planning", "Data", ""}; !slices.Equal(names, want) {
		t.Errorf("groups %q, want %q: by place, the unknown one last", names, want)
	}
	rate, complete := r.RunRate(today)
	sum, whole := models.TotalYearly(lines)
	if total != rate || sum != rate || complete || whole {
		t.Errorf("groups come to %s, lines to %s, the run rate is %s; complete %v %v", total, sum, rate, complete, whole)
	}
}

// A trial's first payment is the renewal to show, whatever the anchor.
func TestLineOfATrial(t *testing.T) {
	t.Parallel()
	p := models.Plan{ID: 3, ServiceID: 2, Tier: models.Premium, Price: money.Euros(1000), Cadence: cal.Monthly}
	s := p.Begin(cal.MustNew(2026, 11, 10), cal.MustNew(2026, 11, 10), 1)
	s.ID, s.TrialEnds = 4, cal.MustNew(2026, 12, 24)
	r := models.NewRegister(models.Facts{
		Organisation: models.Organisation{ID: 1, YearStart: cal.YearStart{Month: 1, Day: 1}},
		Services:     []models.Service{{ID: 2}}, Plans: []models.Plan{p}, Subscriptions: []models.Subscription{s},
	})
	l, _ := r.Line(2, cal.MustNew(2026, 11, 23))
	if want := cal.MustNew(2027, 1, 10); l.Renewal != want {
		t.Errorf("first payment on %s, want %s: the occurrence of 10 December is inside the trial", l.Renewal, want)
	}
}

func TestBegin(t *testing.T) {
	t.Parallel()
	day := cal.MustNew(2028, 2, 29)
	free := models.Plan{ID: 3, ServiceID: 2, Tier: models.Free, Cadence: cal.Yearly}.Begin(day, day, 5)
	if free.LookOn != cal.MustNew(2029, 2, 28) || free.Terms[0].Price != money.Zero(money.EUR) || free.Terms[0].Seats != 5 {
		t.Errorf("free: %+v", free)
	}
	paid := models.Plan{ID: 3, ServiceID: 2, Tier: models.Premium, Price: money.Cents(500, "USD"), PerSeat: true, Cadence: cal.Monthly}.Begin(day, day.AddDays(3), 2)
	if !paid.LookOn.IsZero() || paid.Terms[0].Billed() != money.Cents(1000, "USD") || paid.Anchor != day.AddDays(3) || paid.PlanID != 3 || paid.ServiceID != 2 {
		t.Errorf("paid: %+v", paid)
	}
	if problems := paid.Check(); len(problems) > 0 {
		t.Errorf("it is refused: %v", problems)
	}
}

func TestPressingFoldsWhatWouldHideDecisions(t *testing.T) {
	t.Parallel()
	day := cal.MustNew(2026, 11, 23)
	due := func(n int) models.Cause {
		return models.Cause{Key: models.FlagKey{Kind: models.FlagChargeDue, Subject: models.ID(n)}, ServiceID: models.ID(n), On: day.AddDays(-n), Amount: money.Euros(100)}
	}
	decide := models.Cause{Key: models.FlagKey{Kind: models.FlagDecideBy, Subject: 50}, ServiceID: 5, SubscriptionID: 50, On: day.AddDays(3), Renewal: day.AddDays(9)}
	trial := models.Cause{Key: models.FlagKey{Kind: models.FlagTrialEnd, Subject: 50}, ServiceID: 5, SubscriptionID: 50, On: day.AddDays(9)}
	owner := models.Cause{Key: models.FlagKey{Kind: models.FlagNoOwner, Subject: 60}, ServiceID: 6}

	shown, rest := models.Pressing([]models.Cause{due(9), due(8), decide, trial, owner}, 6)
	if len(shown) != 4 || rest != 0 || shown[0].ServiceID != 9 {
		t.Errorf("two payments are two lines and a trial is told once: %d shown, %d left", len(shown), rest)
	}
	shown, rest = models.Pressing([]models.Cause{due(9), due(8), due(7), decide, owner, owner, owner}, 3)
	if len(shown) != 3 || rest != 2 {
		t.Fatalf("%d shown, %d left, want 3 and 2", len(shown), rest)
	}
	if c := shown[0]; c.ServiceID != 0 || c.Count != 3 || c.Amount != money.Euros(300) || c.On != day.AddDays(-9) {
		t.Errorf("three payments in one line: %+v", c)
	}
	if shown[1].Key.Kind != models.FlagDecideBy {
		t.Errorf("then %s, want the day to decide", shown[1].Key.Kind)
	}
	// Nothing is lost nor told twice, whatever there is room for.
	all := []models.Cause{due(9), due(8), decide, due(7), owner, due(6)}
	for n := range 7 {
		shown, rest := models.Pressing(all, n)
		told := rest
		for _, c := range shown {
			told += max(1, map[bool]int{true: c.Count}[c.ServiceID == 0])
		}
		if told != len(all) || len(shown) > n {
			t.Errorf("room for %d: %d shown, %d left, of %d", n, len(shown), rest, len(all))
		}
	}
	foreign := due(4)
	foreign.Amount = money.Cents(9900, "USD")
	if shown, rest := models.Pressing([]models.Cause{{Key: models.FlagKey{Kind: models.FlagChargeDue}, ServiceID: 1}, due(2), due(3), foreign}, 6); shown[0].Amount != money.Euros(200) || rest != 0 {
		t.Errorf("a payment without a rate breaks the sum: %+v", shown)
	}
}

func TestTotalPaid(t *testing.T) {
	t.Parallel()
	paid := models.Payment{ID: 1, Billed: money.Euros(5000), PaidOn: cal.MustNew(2026, 1, 1)}.Settle(models.VATStatus{Kind: models.NotTaxable})
	undo, err := paid.Reversal(cal.Date{})
	if err != nil {
		t.Fatal(err)
	}
	dollars := models.Payment{ID: 3, Billed: money.Cents(5000, "USD")}.Settle(models.VATStatus{})
	if total, whole := models.TotalPaid([]models.Payment{paid, undo, paid}); total != money.Euros(5000) || !whole {
		t.Errorf("%s, %v", total, whole)
	}
	if total, whole := models.TotalPaid([]models.Payment{paid, dollars}); total != money.Euros(5000) || whole {
		t.Errorf("with dollars: %s, %v", total, whole)
	}
}

func TestPositionAtAGlance(t *testing.T) {
	t.Parallel()
	r, today := shelf()
	p := r.Position(r.Year(today), today)
	if got := p.PerHead(0); !got.IsNone() {
		t.Errorf("shared over nobody: %s", got)
	}
	if got := p.PerHead(5); got != p.Forecast.Prorate(1, 5) {
		t.Errorf("per head %s", got)
	}
	if !p.Beyond().IsNone() {
		t.Error("beyond an envelope that is not there")
	}
	f := r.Facts
	if was, ok := r.YearBefore(p); !ok || was != money.Euros(2*9120) {
		t.Errorf("the year before came to %s, %v", was, ok)
	}
	f.Organisation.KeptFrom = cal.MustNew(2025, 6, 1)
	if _, ok := models.NewRegister(f).YearBefore(p); ok {
		t.Error("compared with half a year")
	}
	f.Organisation.KeptFrom = cal.Date{}
	f.Envelopes = []models.Envelope{{Year: 2026, Floor: money.Zero(money.EUR), Ceiling: money.Euros(100)}}
	over := models.NewRegister(f).Position(r.Year(today), today)
	if got, want := over.Beyond(), over.Forecast.Sub(money.Euros(100)); got != want {
		t.Errorf("over by %s, want %s", got, want)
	}
	f.Envelopes = []models.Envelope{{Year: 2026, Floor: money.Euros(90_000_00), Ceiling: money.Euros(91_000_00)}}
	under := models.NewRegister(f).Position(r.Year(today), today)
	if got, want := under.Beyond(), money.Euros(90_000_00).Sub(under.Forecast); got != want {
		t.Errorf("under by %s, want %s", got, want)
	}
}

func TestChoices(t *testing.T) {
	t.Parallel()
	r, today := shelf()
	if got := r.ByPosition(); got[0].Name != "Planning" || r.Functions[0].Name != "Data" {
		t.Errorf("functions in order: %v", got)
	}
	if got, want := r.Currencies(), []money.Currency{"EUR", "USD", "GBP", "CHF", "CAD"}; !slices.Equal(got, want) {
		t.Errorf("currencies %v, want %v", got, want)
	}
	if !r.PlanUsed(30) || r.PlanUsed(77) || r.PlanUsed(0) {
		t.Error("which plans are used")
	}
	f := r.Facts
	f.People = []models.Person{{ID: 2, Name: "A"}, {ID: 3, Name: "B", LeftOn: today}}
	if got := models.NewRegister(f).PeopleOn(today); len(got) != 1 || got[0].Name != "A" {
		t.Errorf("here today: %v", got)
	}
}

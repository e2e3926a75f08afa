package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// scenarioVerbs are those of scenarios.
func scenarioVerbs() map[string]verb {
	return map[string]verb{
		"AddScenario": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.AddScenario(h.ctx, by, oneSeatMore()))
		}, false},
		"CopyScenario": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return first(s.CopyScenario(h.ctx, by, h.scenario().ID, "Copie"))
		}, false},
		"SaveScenario": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			m := h.scenario()
			m.Note = "x"
			return s.SaveScenario(h.ctx, by, m)
		}, false},
		"RemoveScenario": {mayEdit, func(s *Store, h *house, by models.Actor) error {
			return s.RemoveScenario(h.ctx, by, h.scenario().ID)
		}, false},
		"ApplyScenario": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.ApplyScenario(h.ctx, by, h.scenario().ID, h.scenario().Version, today)
		}, false},
	}
}

func oneSeatMore() models.Scenario {
	return models.Scenario{Name: "Un siège de plus", Changes: []models.ScenarioChange{
		{Kind: models.ChangeSeats, SubscriptionID: dropboxSub, On: day("2026-07-01"), Seats: 3},
	}}
}

// premium is a scenario of every kind of change.
func premium() models.Scenario {
	return models.Scenario{
		Name: "Premium pour deux services", Note: "à voir en bureau", Changes: []models.ScenarioChange{
			{Kind: models.ChangePlan, SubscriptionID: dropboxSub, PlanID: dropboxPlus, On: day("2026-06-30"), Price: usd(999), Seats: 1},
			{Kind: models.ChangeSeats, SubscriptionID: dropboxSub, On: day("2026-09-01"), Seats: 4},
			{Kind: models.ChangePrice, SubscriptionID: dropboxSub, On: day("2026-09-01"), Price: money.Euros(1099)},
			{Kind: models.ChangeCadence, SubscriptionID: agendaSub, On: day("2026-12-31"), Price: money.Zero(money.EUR), Cadence: cal.Monthly},
			{Kind: models.ChangeDrop, SubscriptionID: agendaSub, On: day("2027-01-31")},
			{Kind: models.ChangeAdd, ServiceID: skype, PlanID: skypePaid, On: day("2026-08-31"), PerSeat: true, Price: money.Euros(500), Seats: 2},
			{
				Kind: models.ChangeAdd, Name: "Canva", FunctionID: planning, On: day("2026-07-01"), Price: money.Euros(1100), PerSeat: true, Seats: 2,
				Cadence: cal.Cadence{Every: 4, Unit: cal.Week},
			},
			{Kind: models.ChangeRate, Currency: "USD", Rate: rate("1.2"), On: day("2026-07-01")},
			{Kind: models.ChangeRate, Currency: "USD", Rate: rate("1.3"), On: day("2027-01-01")},
			{Kind: models.ChangeRate, Currency: "USD", Rate: rate("1.25"), On: day("2026-07-01")}, // corrects the first
		},
	}
}

// scenario is the first there is, or none.
func (h *house) scenario() models.Scenario {
	h.Helper()
	if all := h.reg().Scenarios; len(all) > 0 {
		return all[0]
	}
	return models.Scenario{ID: 1 << 40}
}

func (h *house) addScenario(s models.Scenario) models.Scenario {
	h.Helper()
	id := h.id(h.AddScenario(h.ctx, h.by, s))
	for _, m := range h.reg().Scenarios {
		if m.ID == id {
			return m
		}
	}
	h.Fatal("the scenario is not there")
	return s
}

func TestScenarioIsKeptAsTyped(t *testing.T) {
	h := newHouse(t)
	got := h.addScenario(premium())
	want := premium()
	want.ID, want.Version, want.MadeOn, want.MadeBy = got.ID, got.Version, today, nadia
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("read back:\n%s", diff)
	}
	h.same()
	want.Name, want.Changes = "Autre", want.Changes[:1]
	h.ok(h.SaveScenario(h.ctx, h.by, want))
	if e := h.last(); e.Verb != "scenario.save" || len(e.Changes) != 2 || !strings.HasPrefix(e.Changes[1].Before, "plan Dropbox Pro Plus 2026-06-30 9.99 USD × 1; seats Dropbox Pro 2026-09-01 × 4; ") {
		t.Errorf("log %+v", e)
	}
	id := h.id(h.CopyScenario(h.ctx, h.by, want.ID, "Copie"))
	if all := h.reg().Scenarios; len(all) != 2 || all[1].ID != id || all[1].Name != "Copie" || diffChanges(all[0], all[1]) != "" {
		t.Errorf("copied %+v", all)
	}
	h.ok(h.RemoveScenario(h.ctx, h.by, want.ID))
	h.same()
	if all := h.reg().Scenarios; len(all) != 1 || all[0].ID != id {
		t.Errorf("removed, and left %+v", all)
	}
}

func diffChanges(a, b models.Scenario) string { return cmp.Diff(a.Changes, b.Changes, exact) }

func TestScenarioRefusals(t *testing.T) {
	h := newHouse(t)
	s := h.addScenario(oneSeatMore())
	h.refuses(invalid("name", "required"), func() error { return first(h.AddScenario(h.ctx, h.by, models.Scenario{})) })
	for _, c := range []struct {
		field  string
		change models.ScenarioChange
	}{
		{"change.0.subscription", models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: dropbox}},
		{"change.0.plan", models.ScenarioChange{Kind: models.ChangePlan, SubscriptionID: dropboxSub, PlanID: dropboxSub, On: today}},
		{"change.0.service", models.ScenarioChange{Kind: models.ChangeAdd, ServiceID: 99, PlanID: dropPro, On: today}},
		{"change.0.function", models.ScenarioChange{Kind: models.ChangeAdd, Name: "X", FunctionID: dropbox, Cadence: cal.Monthly, On: today}},
	} {
		bad := models.Scenario{Name: "X", Changes: []models.ScenarioChange{c.change}}
		h.refuses(invalid(c.field, "choose"), func() error { return first(h.AddScenario(h.ctx, h.by, bad)) })
		bad.ID, bad.Version = s.ID, s.Version
		h.refuses(invalid(c.field, "choose"), func() error { return h.SaveScenario(h.ctx, h.by, bad) })
	}
	h.refuses(models.ErrNotFound, func() error { return first(h.CopyScenario(h.ctx, h.by, 99, "X")) })
	h.refuses(invalid("name", "required"), func() error { return first(h.CopyScenario(h.ctx, h.by, s.ID, " ")) })
	h.refuses(models.ErrNotFound, func() error { return h.RemoveScenario(h.ctx, h.by, dropbox) })
	editor := h.by
	editor.Role = models.Editor
	h.refuses(models.ErrForbidden, func() error { return h.ApplyScenario(h.ctx, editor, s.ID, s.Version, today) })
	empty := h.addScenario(models.Scenario{Name: "Rien"})
	h.refuses(refused("scenario_empty"), func() error { return h.ApplyScenario(h.ctx, h.by, empty.ID, empty.Version, today) })
	asItIs := oneSeatMore()
	asItIs.Changes[0].Seats = 2
	asItIs = h.addScenario(asItIs)
	h.refuses(refused("scenario_empty"), func() error { return h.ApplyScenario(h.ctx, h.by, asItIs.ID, asItIs.Version, today) })

	// Somebody saved meanwhile.
	stale := s
	s.Note = "deux fois"
	h.ok(h.SaveScenario(h.ctx, h.by, s))
	for _, act := range []func() error{
		func() error { return h.SaveScenario(h.ctx, h.by, stale) },
		func() error { return h.ApplyScenario(h.ctx, h.by, stale.ID, stale.Version, today) },
	} {
		var conflict models.Conflict
		h.refuses(nil, func() error {
			err := act()
			if !asConflict(err, &conflict) || conflict.By != "Nadia" {
				t.Errorf("%v", err)
			}
			return nil
		})
	}

	// The register became something else meanwhile: it is tried again, and nothing is written.
	s.Version = h.scenario().Version
	h.ok(h.Cancel(h.ctx, h.by, dropboxSub, h.sub().Version, today, day("2026-06-30"), "autre"))
	h.refuses(invalid("change.0.subscription", "ended"), func() error { return h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, today) })
	h.ok(h.Reopen(h.ctx, h.by, dropboxSub))
	h.refuses(invalid("change.0.on", "not_before"), func() error { return h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, day("2026-08-01")) })

	// Once applied it stays as it was.
	h.ok(h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, today))
	s = h.scenario()
	h.refuses(refused("scenario_applied"), func() error { return h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, today) })
	h.refuses(refused("scenario_applied"), func() error { return h.SaveScenario(h.ctx, h.by, s) })
	h.refuses(refused("scenario_applied"), func() error { return h.RemoveScenario(h.ctx, h.by, s.ID) })
	if again := h.id(h.CopyScenario(h.ctx, h.by, s.ID, "Encore")); again == s.ID || h.reg().Scenarios[len(h.reg().Scenarios)-1].Applied() {
		t.Error("a copy is applied")
	}
}

func asConflict(err error, to *models.Conflict) bool {
	c, ok := err.(models.Conflict) //nolint:errorlint // as it comes
	*to = c
	return ok
}

// One scenario of every kind of change: all in one revision, each act in the log under its own verb, and decided on.
func TestApplyingAScenario(t *testing.T) {
	h := newHouse(t)
	s := h.addScenario(premium())
	before := h.reg()
	trial, err := before.Try(s, today)
	h.ok(err)
	h.ok(h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, today))
	h.same()
	h.wellFormed()
	after := h.reg()
	if after.Revision != before.Revision+1 {
		t.Errorf("revision %d after %d", after.Revision, before.Revision)
	}
	if diff := cmp.Diff(sumsOf(trial.After, today), sumsOf(after, today), exact); diff != "" {
		t.Errorf("the register is not what was tried (-tried +applied):\n%s", diff)
	}
	if m := h.scenario(); !m.Applied() || !m.AppliedAt.Equal(noon) || m.AppliedBy != nadia || diffChanges(s, m) != "" {
		t.Errorf("%+v", m)
	}
	entries, err := h.Audit(h.ctx, h.org, AuditFilter{Limit: 200})
	h.ok(err)
	var verbs []string
	slices.Reverse(entries)
	for _, e := range entries {
		if e.Revision == after.Revision {
			verbs = append(verbs, e.Verb+" "+e.Kind+" "+e.Name)
		}
		if len(verbs) == 6 { // the price of terms that the change of seats before it began
			if diff := cmp.Diff([]models.Change{{Field: "terms.price", Before: "9.99 USD", After: "10.99 EUR"}}, e.Changes); diff != "" {
				t.Errorf("log of another price:\n%s", diff)
			}
		}
	}
	want := []string{
		"subscription.switch subscription Dropbox", "subscription.switch subscription Dropbox", "subscription.switch decision Dropbox",
		"subscription.terms.add subscription Dropbox", "subscription.terms.add decision Dropbox",
		"subscription.terms.add subscription Dropbox",
		"subscription.switch subscription Agenda", "subscription.switch subscription Agenda",
		"subscription.cancel subscription Agenda", "subscription.cancel decision Agenda",
		"subscription.begin subscription Skype",
		"service.add service Canva", "plan.add plan Canva Canva", "subscription.begin subscription Canva",
		"rate.add rate USD", "rate.add rate USD", "rate.add rate USD",
		"scenario.apply scenario Premium pour deux services",
	}
	if diff := cmp.Diff(want, verbs); diff != "" {
		t.Errorf("log:\n%s", diff)
	}
	var decided []string
	for _, d := range after.Decisions {
		decided = append(decided, fmt.Sprint(d.Kind, " ", d.On, " ", d.Seats, " ", d.Reason))
	}
	if want := []string{
		"downgrade 2026-06-30 0 Premium pour deux services", "upgrade 2026-06-15 4 Premium pour deux services", "cancel 2026-06-15 0 Premium pour deux services",
	}; !slices.Equal(decided, want) {
		t.Errorf("decided %q", decided)
	}
	old, _ := after.Subscription(dropboxSub)
	next, ok := after.Subscription(old.SuccessorID)
	if !ok || next.PlanID != dropboxPlus || len(next.Terms) != 2 || next.Terms[1].Seats != 4 || next.Terms[1].Price != money.Euros(1099) || len(next.Seats) != 1 {
		t.Errorf("%+v", next)
	}
	// What was applied is undone like anything else.
	agenda, _ := after.Subscription(agendaSub)
	h.ok(h.Reopen(h.ctx, h.by, agenda.SuccessorID))
	h.ok(h.UndoSwitch(h.ctx, h.by, agendaSub))
	h.ok(h.UndoSwitch(h.ctx, h.by, dropboxSub))
	h.same()
	h.wellFormed()
}

// sums are the figures of two years and a run rate, without the IDs of what is behind them.
type sums struct {
	Figures []money.Amount
	Status  [2]models.Status
	Crossed [2]cal.Date
	Left    int
	Whole   bool
}

func sumsOf(r *models.Register, on cal.Date) sums {
	year := r.Year(on)
	this, next := r.Position(year, on), r.Position(year.Next(), on)
	s := sums{
		Status: [2]models.Status{this.Status, next.Status}, Crossed: [2]cal.Date{this.CrossedOn, next.CrossedOn},
		Left: len(this.UnconvertedCharges) + len(next.UnconvertedCharges),
	}
	for _, p := range []models.Position{this, next} {
		s.Figures = append(s.Figures, p.Spent, p.Due, p.Committed, p.Locked, p.Avoidable, p.Forecast)
		for _, m := range p.Months {
			s.Figures = append(s.Figures, m.Spent, m.Due, m.Committed, m.Total)
		}
	}
	total, whole := r.RunRate(on)
	s.Figures, s.Whole = append(s.Figures, total), whole
	return s
}

// monthEnds is a day, half the time one of the last of a month.
func monthEnds(t *rapid.T, label string, from, to int) cal.Date {
	d := today.AddDays(rapid.IntRange(from, to).Draw(t, label))
	if rapid.Bool().Draw(t, label+" at month end") {
		return d.MonthEnd().AddDays(-rapid.IntRange(0, 2).Draw(t, label+" before it"))
	}
	return d
}

func anyOf[T any](t *rapid.T, label string, list []T) T {
	return rapid.SampledFrom(list).Draw(t, label)
}

// drawScenario draws changes of a register, most of which can be made one after the other.
func drawScenario(t *rapid.T, r *models.Register, on cal.Date) models.Scenario {
	s := models.Scenario{Name: "Essai"}
	for range rapid.IntRange(1, 8).Draw(t, "changes") {
		sub := anyOf(t, "of", r.Subscriptions)
		c := models.ScenarioChange{
			Kind: anyOf(t, "kind", models.ScenarioKinds), SubscriptionID: sub.ID, On: monthEnds(t, "from", -60, 500),
			Seats: rapid.IntRange(0, 4).Draw(t, "seats"), PerSeat: rapid.Bool().Draw(t, "by seat"),
			Cadence: anyOf(t, "cadence", []cal.Cadence{cal.Monthly, cal.Yearly, cal.Quarterly, {Every: 4, Unit: cal.Week}}),
			Price:   anyOf(t, "price", []money.Amount{{}, money.Zero(money.EUR), money.Euros(990), money.Euros(4321), usd(1999), usd(77)}),
		}
		switch c.Kind {
		case models.ChangePlan:
			c.PlanID = anyOf(t, "plan", r.PlansOf(sub.ServiceID)).ID
		case models.ChangeAdd:
			if c.ServiceID = anyOf(t, "service", r.Services).ID; rapid.Bool().Draw(t, "new") {
				c.ServiceID, c.Name, c.FunctionID = 0, "Nouveau", planning
			} else if plans := r.PlansOf(c.ServiceID); len(plans) > 0 && rapid.Bool().Draw(t, "known plan") {
				c.PlanID = anyOf(t, "plan", plans).ID
			}
		case models.ChangeDrop:
			c.On = anyOf(t, "until", []cal.Date{{}, c.On})
		case models.ChangeRate:
			c.Currency, c.Rate = "USD", anyOf(t, "rate", []money.Rate{rate("1.2"), rate("0.9"), rate("1.0714")})
		default: // as it stands
		}
		with := models.Scenario{Name: s.Name, Changes: append(slices.Clone(s.Changes), c)}
		if _, err := r.Try(with, on); err == nil || rapid.IntRange(0, 19).Draw(t, "impossible") == 0 {
			s = with
		}
	}
	return s
}

// Applying a scenario gives exactly the positions that were tried, to the cent, for this year and the next; one that
// cannot be made writes nothing. The next ones are tried on what the ones before left.
func TestApplyingGivesTheTrial(t *testing.T) {
	kinds := map[models.ScenarioKind]int{}
	rapid.Check(t, func(rt *rapid.T) {
		h := houseOf(t, crowd(12))
		on := monthEnds(rt, "today", 0, 200)
		for range rapid.IntRange(1, 4).Draw(rt, "scenarios") {
			s := drawScenario(rt, h.reg(), on)
			m := s
			if id, err := h.AddScenario(h.ctx, h.by, s); err != nil {
				h.refuses(models.Invalid{}, func() error { return first(h.AddScenario(h.ctx, h.by, s)) })
				continue
			} else if m = h.reg().Scenarios[len(h.reg().Scenarios)-1]; m.ID != id || diffChanges(s, m) != "" {
				rt.Fatalf("kept otherwise:\n%s", diffChanges(s, m))
			}
			trial, err := h.reg().Try(m, on)
			switch {
			case err != nil:
				h.refuses(err, func() error { return h.ApplyScenario(h.ctx, h.by, m.ID, m.Version, on) })
				continue
			case len(trial.Acts) == 0:
				h.refuses(refused("scenario_empty"), func() error { return h.ApplyScenario(h.ctx, h.by, m.ID, m.Version, on) })
				continue
			}
			h.ok(h.ApplyScenario(h.ctx, h.by, m.ID, m.Version, on))
			for _, a := range trial.Acts {
				kinds[a.Kind]++
			}
			if diff := cmp.Diff(sumsOf(trial.After, on), sumsOf(h.reg(), on), exact); diff != "" {
				rt.Fatalf("(-tried +applied):\n%s", diff)
			}
			h.same()
		}
		h.wellFormed()
		if t.Failed() {
			rt.Fatal("see above")
		}
		h.ok(h.Close())
	})
	for _, kind := range models.ScenarioKinds {
		if kinds[kind] == 0 {
			t.Errorf("no %s was ever applied", kind)
		}
	}
}

// scenarioActs are what can happen to scenarios, among everything else.
var scenarioActs = []func(*chance) error{
	func(c *chance) error {
		m := c.subscription()
		s := models.Scenario{Name: c.name()}
		for range c.IntN(3) {
			s.Changes = append(s.Changes, models.ScenarioChange{
				Kind: pickOf(c, models.ScenarioKinds), SubscriptionID: m.ID, On: c.day(), Seats: 1 + c.IntN(4), Price: c.price(), Cadence: cal.Monthly,
				PlanID: pickOf(c, c.r.PlansOf(m.ServiceID)).ID, ServiceID: c.service(), Currency: "USD", Rate: rate("1.5"), FunctionID: pickOf(c, c.r.Functions).ID,
			})
		}
		return first(c.AddScenario(c.ctx, c.by, s))
	},
	func(c *chance) error {
		s := models.Scenario{Name: c.name(), Changes: []models.ScenarioChange{
			{Kind: models.ChangeAdd, Name: c.name(), FunctionID: pickOf(c, c.r.Functions).ID, On: today.AddDays(c.IntN(90)), Price: c.price(), Cadence: cal.Monthly},
			{Kind: models.ChangeRate, Currency: "USD", Rate: rate("1.5"), On: c.day()},
		}}
		return first(c.AddScenario(c.ctx, c.by, s))
	},
	func(c *chance) error {
		return first(c.CopyScenario(c.ctx, c.by, pickOf(c, c.r.Scenarios).ID, c.name()))
	},
	func(c *chance) error {
		s := pickOf(c, c.r.Scenarios)
		s.Name, s.Version = c.name(), c.version(s.Version)
		return c.SaveScenario(c.ctx, c.by, s)
	},
	func(c *chance) error { return c.RemoveScenario(c.ctx, c.by, pickOf(c, c.r.Scenarios).ID) },
	applyAny, applyAny, applyAny, applyAny,
}

func applyAny(c *chance) error {
	s := pickOf(c, c.r.Scenarios)
	trial, tried := c.r.Try(s, today)
	err := c.ApplyScenario(c.ctx, c.by, s.ID, c.version(s.Version), today)
	if err == nil && tried != nil {
		return fmt.Errorf("applied what cannot be tried: %w", tried)
	}
	if err == nil {
		if diff := cmp.Diff(sumsOf(trial.After, today), sumsOf(c.reg(), today), exact); diff != "" {
			c.Errorf("(-tried +applied):\n%s", diff)
		}
	}
	return err
}

func TestRandomVerbsWithScenarios(t *testing.T) {
	atRandom(t, newHouse, slices.Concat(scenarioActs, acts), 400)
}

// What the table refuses by itself.
func TestScenarioTableRefuses(t *testing.T) {
	h := newHouse(t)
	s := h.addScenario(oneSeatMore())
	h.ok(h.ApplyScenario(h.ctx, h.by, s.ID, s.Version, today))
	for _, text := range []string{
		"UPDATE scenarios SET name = ''", "UPDATE scenarios SET changes = '['", "UPDATE scenarios SET made_by = 999", "UPDATE scenarios SET applied_by = 999",
		"UPDATE scenarios SET applied_at = NULL", "UPDATE rates SET planned = 2", "UPDATE rates SET planned = 1, source = 'ecb'",
		fmt.Sprintf("DELETE FROM people WHERE id = %d", nadia),
	} {
		if err := h.writer.Exec(text).Error; err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

// An actor without an instant, as tools are, applies on the day given.
func TestApplyingWithoutAnInstant(t *testing.T) {
	h := newHouse(t)
	s := h.addScenario(oneSeatMore())
	by := h.by
	by.At = time.Time{}
	h.ok(h.ApplyScenario(h.ctx, by, s.ID, s.Version, today))
	if m := h.scenario(); !m.AppliedAt.Equal(today.Time(time.UTC)) {
		t.Errorf("applied at %v", m.AppliedAt)
	}
}

// A rate planned for a day stands beside the one typed for it, and each replaces its own kind.
func TestPlannedRatesStandBesideTheOthers(t *testing.T) {
	h := newHouse(t)
	soon := today.AddDays(1)
	planned := models.ReferenceRate{Currency: "GBP", Day: soon, Rate: rate("0.5"), Planned: true}
	h.refuses(invalid("day", "date.future"), func() error {
		return first(h.AddRate(h.ctx, h.by, models.ReferenceRate{Currency: "GBP", Day: soon, Rate: rate("0.5")}, today))
	})
	id := h.id(h.AddRate(h.ctx, h.by, planned, today))
	typed := h.id(h.AddRate(h.ctx, h.by, models.ReferenceRate{Currency: "GBP", Day: soon, Rate: rate("0.8")}, soon))
	if again := h.id(h.AddRate(h.ctx, h.by, planned, soon)); again != id || typed == id {
		t.Errorf("planned %d and %d, typed %d", id, again, typed)
	}
	h.same()
	r := h.reg()
	for _, c := range []struct {
		on, asOf cal.Date
		want     money.Amount
	}{{soon, soon, money.Euros(125)}, {soon.AddDays(1), soon, money.Euros(200)}} {
		if got := r.Convert(money.Cents(100, "GBP"), c.on, c.asOf).EUR; got != c.want {
			t.Errorf("1 GBP of %s as known on %s is %s", c.on, c.asOf, got)
		}
	}
}

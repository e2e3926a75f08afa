package web

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// premium is the paid plan of a service of the sample that serves for nothing.
func (s *site) premium() models.Plan {
	s.t.Helper()
	for _, p := range s.register().PlansOf(s.service("Feedly").ID) {
		if p.Tier == models.Premium && p.RetiredOn.IsZero() {
			return p
		}
	}
	s.t.Fatal("no paid plan of Feedly")
	return models.Plan{}
}

// scenario keeps one straight in the store.
func (s *site) scenario(name string, changes ...models.ScenarioChange) models.Scenario {
	s.t.Helper()
	id, err := s.store.AddScenario(s.t.Context(), s.actor(), models.Scenario{Name: name, Changes: changes})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.scenarioOf(id)
}

func (s *site) scenarioOf(id models.ID) models.Scenario {
	s.t.Helper()
	x, ok := s.register().Scenario(id)
	if !ok {
		s.t.Fatalf("no scenario %d", id)
	}
	return x
}

func TestWhatIfWeUpgradedLeadsToAScenario(t *testing.T) {
	s := newSite(t).as(models.Editor)
	before, plan := s.register(), s.premium()
	into := "/scenarios/new?plan=" + typedID(plan.ID)
	s.get(servicePath(s.service("Feedly").ID)).plain().wants(t, http.StatusOK, `href="`+into+`"`, "Et si nous passions au premium")
	s.get(into).plain().wants(t, http.StatusOK, `value="Feedly Pro"`, `name="kind" value="plan"`)
	made := s.submit("/scenarios", "name", "Feedly Pro", "kind", "plan", "plan", typedID(plan.ID), "subscription", typedID(s.current("Feedly").ID),
		"on", "2026-12-01", "seats", "", "price", "", "currency", "USD", "scope", "all")
	r := s.register()
	x := r.Scenarios[len(r.Scenarios)-1]
	made.follows(t, scenarioPath(x.ID))
	want := []models.ScenarioChange{{Kind: models.ChangePlan, SubscriptionID: s.current("Feedly").ID, PlanID: plan.ID, On: day("2026-12-01")}}
	if diff := cmp.Diff(want, x.Changes, cmp.Comparer(func(a, b money.Amount) bool { return a == b }), cmp.Comparer(money.Rate.Equal)); diff != "" {
		t.Error(diff)
	}
	trial, err := before.Try(x, testDay)
	if err != nil {
		t.Fatal(err)
	}
	effect := before.Effect(trial, testDay)
	bothLanguages(t, s, func(t *testing.T, lang string) {
		w := s.web.books[models.Lang(lang)].words
		page := s.get(scenarioPath(x.ID)).wants(t, http.StatusOK, "Feedly Pro", w.Money(effect.This.After.Forecast), w.Money(effect.This.Before.Forecast),
			w.Money(effect.Next.After.Forecast), w.Money(effect.RunRateAfter))
		if n := strings.Count(page.body, "<polyline"); n != 4 {
			t.Errorf("%d lines are drawn, want the register's and the scenario's, for two years", n)
		}
		s.get("/scenarios").wants(t, http.StatusOK, "Feedly Pro", w.Money(effect.Next.After.Forecast))
	})
	if now := s.register(); now.Position(now.Year(testDay), testDay).Forecast != effect.This.Before.Forecast || len(now.Subscriptions) != len(before.Subscriptions) {
		t.Error("the scenario touched the register")
	}
	// The second change goes into the same scenario.
	s.submit("/scenarios", "into", typedID(x.ID), "version", typedVersion(x.Version), "name", "", "kind", "seats", "subscription", typedID(s.current("Bitwarden").ID),
		"on", "2026-12-01", "seats", "6").follows(t, scenarioPath(x.ID))
	if n := len(s.scenarioOf(x.ID).Changes); n != 2 {
		t.Errorf("%d changes in the scenario, want 2", n)
	}
}

// Every kind of change can be begun, typed, shown, opened again as it was, and saved without changing.
func TestEveryKindOfChangeIsTypedAndReadBack(t *testing.T) {
	s := newSite(t).as(models.Director)
	x := s.scenario("Tout")
	sub := func(name string) string { return typedID(s.current(name).ID) }
	for _, c := range []struct {
		ask  string
		form map[string]string
		says string
	}{
		{"kind=plan&plan=" + typedID(s.premium().ID), map[string]string{"kind": "plan", "plan": typedID(s.premium().ID), "on": "2026-12-01", "price": "60", "currency": "EUR", "scope": "seat", "seats": "2"}, "60,00"},
		{"kind=seats&subscription=" + sub("Bitwarden"), map[string]string{"kind": "seats", "subscription": sub("Bitwarden"), "on": "2027-08-12", "seats": "6"}, "passer à 6 sièges"},
		{"kind=price&subscription=" + sub("OVHcloud"), map[string]string{"kind": "price", "subscription": sub("OVHcloud"), "on": "2026-12-05", "price": "80,50", "currency": "EUR"}, "80,50"},
		{"kind=cadence&subscription=" + sub("Dropbox"), map[string]string{"kind": "cadence", "subscription": sub("Dropbox"), "on": "2026-12-18", "price": "12", "currency": "USD", "every": "1", "unit": "month"}, "tous les mois"},
		{"kind=add&what=new", map[string]string{"kind": "add", "called": "Miro", "function": typedID(s.register().Functions[0].ID), "on": "2027-01-01", "price": "96", "currency": "EUR", "scope": "all", "seats": "1", "every": "1", "unit": "year"}, "Miro"},
		{"kind=drop&subscription=" + sub("MindMeister"), map[string]string{"kind": "drop", "subscription": sub("MindMeister"), "last": "2027-01-10"}, "10 janvier 2027"},
		{"kind=rate", map[string]string{"kind": "rate", "currency": "USD", "rate": "1,05", "on": "2026-12-01"}, "1,05"},
	} {
		at := len(s.scenarioOf(x.ID).Changes)
		s.get(scenarioPath(x.ID, "changes", "new")+"?"+c.ask).plain().wants(t, http.StatusOK, `name="kind" value="`+c.form["kind"]+`"`)
		c.form["version"] = typedVersion(s.scenarioOf(x.ID).Version)
		s.submitFields(scenarioPath(x.ID, "changes"), c.form).follows(t, scenarioPath(x.ID))
		s.get(scenarioPath(x.ID)).plain().wants(t, http.StatusOK, c.says)
		kept := s.scenarioOf(x.ID)
		if len(kept.Changes) != at+1 {
			t.Fatalf("%s was not added", c.form["kind"])
		}
		number := typedID(models.ID(at + 1))
		form := s.get(scenarioPath(x.ID, "changes", number, "edit")).wants(t, http.StatusOK)
		s.submitFields(scenarioPath(x.ID, "changes", number), formOf(form.body)).follows(t, scenarioPath(x.ID))
		if diff := cmp.Diff(kept.Changes, s.scenarioOf(x.ID).Changes, cmp.Comparer(func(a, b money.Amount) bool { return a == b }), cmp.Comparer(money.Rate.Equal)); diff != "" {
			t.Errorf("%s saved as it was shown:\n%s", c.form["kind"], diff)
		}
	}
	s.get(scenarioPath(x.ID, "changes", "new")).plain().wants(t, http.StatusOK, "Changer de formule", "Plus ou moins de sièges", "Un autre prix", "Une autre périodicité", "Ajouter un service", "Arrêter un service", "Un autre cours")
}

// formOf is what a browser would send of the first form of main that posts.
func formOf(body string) map[string]string {
	_, form, _ := strings.Cut(body, "<main")
	_, form, _ = strings.Cut(form, `method="post"`)
	form, _, _ = strings.Cut(form, "</form>")
	out := map[string]string{}
	for _, tag := range strings.Split(form, "<") {
		name, value := attribute(tag, "name"), attribute(tag, "value")
		switch {
		case strings.HasPrefix(tag, "input") && name != "":
			out[name] = value
		case strings.HasPrefix(tag, "select"):
			out["."] = name
		case strings.HasPrefix(tag, "option") && strings.Contains(tag, " selected"):
			out[out["."]] = value
		}
	}
	delete(out, ".")
	return out
}

func attribute(tag, name string) string {
	_, rest, ok := strings.Cut(tag, " "+name+`="`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestChangeIsTakenOutAndPutBackInItsPlace(t *testing.T) {
	s := newSite(t).as(models.Editor)
	x := s.scenario("Trois", models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("Scoop.it").ID},
		models.ScenarioChange{Kind: models.ChangePrice, SubscriptionID: s.current("OVHcloud").ID, Price: money.Euros(8000), On: day("2026-12-05")},
		models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("Flickr").ID})
	out := s.submit(scenarioPath(x.ID, "changes", "2", "removal"), "version", typedVersion(x.Version))
	out.follows(t, scenarioPath(x.ID))
	if got := s.scenarioOf(x.ID).Changes; len(got) != 2 || got[1].SubscriptionID != s.current("Flickr").ID {
		t.Errorf("left: %+v", got)
	}
	back := undoOf(t, s.get(scenarioPath(x.ID)))
	s.submit(back).follows(t, scenarioPath(x.ID))
	if got := s.scenarioOf(x.ID).Changes; len(got) != 3 || got[1] != x.Changes[1] {
		t.Errorf("put back: %+v", got)
	}
	s.submit(back).wants(t, http.StatusConflict)
	s.submit(scenarioPath(x.ID, "changes", "2", "removal"), "version", typedVersion(x.Version)).wants(t, http.StatusConflict)
	for _, at := range []string{"0", "4", "-1", "x"} {
		s.submit(scenarioPath(x.ID, "changes", at, "removal"), "version", "1").wants(t, http.StatusNotFound)
	}
}

func TestScenarioIsThrownAwayAndBroughtBack(t *testing.T) {
	s := newSite(t).as(models.Editor)
	x := s.scenario("À jeter", models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("Scoop.it").ID},
		models.ScenarioChange{Kind: models.ChangeRate, Currency: "USD", Rate: rateOf(t, "1.02"), On: day("2026-12-01")})
	s.get(scenarioPath(x.ID, "removal")).plain().wants(t, http.StatusOK, "Scoop.it", "revenir en arrière")
	s.submit(scenarioPath(x.ID, "removal")).follows(t, "/scenarios")
	s.submit(undoOf(t, s.get("/scenarios")))
	s.get(scenarioPath(x.ID)).wants(t, http.StatusNotFound)
	all := s.register().Scenarios
	got := all[len(all)-1]
	if got.Name != x.Name || len(got.Changes) != 2 || got.Changes[0] != x.Changes[0] || !got.Changes[1].Rate.Equal(x.Changes[1].Rate) {
		t.Errorf("brought back as %+v", got)
	}
	for _, kept := range []string{"x", "AAAA", strings.Repeat("A", 400)} {
		s.submit("/scenarios?kept="+kept).wants(t, http.StatusNotFound)
	}
	var many []models.ScenarioChange
	for i := range models.MaxChanges { // with names that do not pack
		name := fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i)}))
		many = append(many, models.ScenarioChange{Kind: models.ChangeAdd, Name: name, FunctionID: s.register().Functions[0].ID, On: day("2027-01-01"), Cadence: cal.Yearly})
	}
	long := s.scenario("Long", many...)
	s.get(scenarioPath(long.ID, "removal")).plain().wants(t, http.StatusOK, "trop long pour être rétabli")
	s.get(scenarioPath(long.ID, "changes", "new")).plain().wants(t, http.StatusConflict, "50 changements au plus")
}

func TestScenariosAreComparedTwoAtATime(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	a := s.scenario("Sans Scoop.it", models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("Scoop.it").ID})
	b := s.scenario("OVH plus cher", models.ScenarioChange{Kind: models.ChangePrice, SubscriptionID: s.current("OVHcloud").ID, Price: money.Euros(10_000), On: day("2026-12-05")})
	s.get("/scenarios/compare").plain().wants(t, http.StatusOK, "Sans Scoop.it", "OVH plus cher")
	page := s.get("/scenarios/compare?first="+typedID(a.ID)+"&second="+typedID(b.ID)).plain().wants(t, http.StatusOK, "28,12", "class=\"line second\"", "class=\"line first\"")
	if strings.Count(page.body, `class="line register"`) != 2 {
		t.Error("the register's line is missing")
	}
	s.get("/scenarios/compare?first="+typedID(a.ID)+"&second="+typedID(a.ID)).plain().wants(t, http.StatusOK, "Choisissez-en deux")
	for _, query := range []string{"first=1", "first=x&second=" + typedID(b.ID), "second=" + typedID(s.service("Dropbox").ID)} {
		s.get("/scenarios/compare?"+query).wants(t, http.StatusNotFound)
	}
	broken := s.scenario("Trop tard", models.ScenarioChange{Kind: models.ChangePrice, SubscriptionID: s.current("Dropbox").ID, Price: money.Cents(1, "USD"), On: day("2024-01-01")})
	s.get("/scenarios/compare?first="+typedID(a.ID)+"&second="+typedID(broken.ID)).plain().wants(t, http.StatusOK, "ne tient plus")
}

func TestScenarioIsAppliedInOneConfirmedStepByTheDirectorAlone(t *testing.T) {
	s := newSite(t).as(models.Editor)
	x := s.scenario("Deux gestes", models.ScenarioChange{Kind: models.ChangePlan, SubscriptionID: s.current("Feedly").ID, PlanID: s.premium().ID, On: day("2026-12-01")},
		models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("MindMeister").ID})
	s.get(scenarioPath(x.ID, "application")).wants(t, http.StatusForbidden)
	s.submit(scenarioPath(x.ID, "application"), "version", typedVersion(x.Version)).wants(t, http.StatusForbidden)
	s = s.as(models.Director)
	before := s.register()
	trial, err := before.Try(x, testDay)
	if err != nil {
		t.Fatal(err)
	}
	effect := before.Effect(trial, testDay)
	s.get(scenarioPath(x.ID, "application")).wants(t, http.StatusOK, "Faire ces 2 changements", s.web.books["fr"].words.Money(effect.This.After.Forecast))
	s.submit(scenarioPath(x.ID, "application"), "version", "1").wants(t, http.StatusConflict)
	s.submit(scenarioPath(x.ID, "application"), "version", typedVersion(x.Version)).follows(t, scenarioPath(x.ID))
	r := s.register()
	for _, y := range []models.ScenarioYear{effect.This, effect.Next} {
		if got := r.Position(y.After.Year, testDay).Forecast; got != y.After.Forecast {
			t.Errorf("%s ends at %v, the scenario said %v", y.After.Year.Label(), got, y.After.Forecast)
		}
	}
	s.get(scenarioPath(x.ID)).plain().wants(t, http.StatusOK, "a été appliqué le 23 novembre 2026")
	s.get("/scenarios").plain().wants(t, http.StatusOK, "Scénarios appliqués", "Deux gestes")
	// What was applied stays as it was; a copy begins anew.
	for _, path := range []string{"edit", "removal", "application", "changes/new", "changes/1/edit"} {
		s.get(scenarioPath(x.ID, path)).plain().wants(t, http.StatusConflict, "il reste tel qu’il était")
	}
	s.submit(scenarioPath(x.ID), "name", "Autre", "version", typedVersion(s.scenarioOf(x.ID).Version)).wants(t, http.StatusConflict)
	s.submit(scenarioPath(x.ID, "copy"))
	all := s.register().Scenarios
	copied := all[len(all)-1]
	if copied.Name != "Deux gestes (copie)" || copied.Applied() {
		t.Errorf("copied as %+v", copied)
	}
	// Its changes are made already: it says so, and cannot be applied.
	s.get(scenarioPath(copied.ID)).plain().wants(t, http.StatusOK, "ne tient plus")
	s.get(scenarioPath(copied.ID, "application")).plain().wants(t, http.StatusOK, "Revenir au scénario")
	s.submit(scenarioPath(copied.ID, "application"), "version", typedVersion(copied.Version)).wants(t, http.StatusUnprocessableEntity)
	empty := s.scenario("Vide")
	s.get(scenarioPath(empty.ID)).plain().wants(t, http.StatusOK, "ne change encore rien")
	s.submit(scenarioPath(empty.ID, "application"), "version", typedVersion(empty.Version)).plain().wants(t, http.StatusUnprocessableEntity, "ne change rien")
}

func TestWhatIsWrongWithAChangeIsSaidBesideItsField(t *testing.T) {
	s := newSite(t).as(models.Editor)
	x := s.scenario("Fautes")
	sub := typedID(s.current("Dropbox").ID)
	paths := scenarioPath(x.ID, "changes")
	for _, c := range []struct {
		name   string
		fields []string
		id     string
	}{
		{"no day", []string{"kind", "price", "subscription", sub, "price", "100", "currency", "USD", "on", ""}, "on-error"},
		{"a day that is none", []string{"kind", "price", "subscription", sub, "price", "100", "currency", "USD", "on", "2026-02-30"}, "on-error"},
		{"a day gone by", []string{"kind", "price", "subscription", sub, "price", "100", "currency", "USD", "on", "2024-01-01"}, "on-error"},
		{"no price", []string{"kind", "price", "subscription", sub, "currency", "USD", "on", "2026-12-18"}, "price-error"},
		{"a price in two readings", []string{"kind", "price", "subscription", sub, "price", "1,234", "currency", "USD", "on", "2026-12-18"}, "price-error"},
		{"an unknown currency", []string{"kind", "price", "subscription", sub, "price", "12", "currency", "dollars", "on", "2026-12-18"}, "currency-error"},
		{"no seats", []string{"kind", "seats", "subscription", sub, "seats", "0", "on", "2026-12-18"}, "seats-error"},
		{"words for seats", []string{"kind", "seats", "subscription", sub, "seats", "beaucoup", "on", "2026-12-18"}, "seats-error"},
		{"the same cadence", []string{"kind", "cadence", "subscription", sub, "price", "9", "currency", "USD", "every", "1", "unit", "year", "on", "2026-12-18"}, "every-error"},
		{"a service without a name", []string{"kind", "add", "called", "", "function", typedID(s.register().Functions[0].ID), "on", "2026-12-18"}, "called-error"},
		{"nor a function", []string{"kind", "add", "called", "Miro", "on", "2026-12-18"}, "function-error"},
		{"no rate", []string{"kind", "rate", "currency", "USD", "on", "2026-12-18"}, "rate-error"},
		{"no currency", []string{"kind", "rate", "rate", "1,1", "on", "2026-12-18"}, "currency-error"},
		{"an end before the start", []string{"kind", "drop", "subscription", sub, "last", "2020-01-01"}, "last-error"},
	} {
		a := s.submit(paths, append(c.fields, "version", typedVersion(x.Version))...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="`+c.id+`"`) {
			t.Errorf("%s: %d without %s\n%s", c.name, a.status, c.id, excerpt(a.body))
		}
	}
	for _, fields := range [][]string{{"kind", "nothing"}, {"kind", ""}, {"kind", "price", "subscription", "1"}, {"kind", "plan", "plan", "x"}, {"kind", "drop"}} {
		s.submit(paths, fields...).wants(t, http.StatusNotFound)
	}
	s.submit(paths, "kind", "drop", "subscription", sub, "version", "1").wants(t, http.StatusConflict)
	s.submit("/scenarios", "name", "").plain().wants(t, http.StatusUnprocessableEntity, `id="name-error"`)
	s.submit(scenarioPath(x.ID), "name", strings.Repeat("n", 200), "version", typedVersion(x.Version)).plain().wants(t, http.StatusUnprocessableEntity, `id="name-error"`)
	if len(s.scenarioOf(x.ID).Changes) != 0 {
		t.Error("something wrong was kept")
	}
}

// A scenario that no longer holds can still be put right: what is wrong with one change does not keep another from being
// changed.
func TestBrokenScenarioCanBePutRight(t *testing.T) {
	s := newSite(t).as(models.Director)
	x := s.scenario("Trop tard", models.ScenarioChange{Kind: models.ChangePrice, SubscriptionID: s.current("Dropbox").ID, Price: money.Cents(15_000, "USD"), On: day("2024-01-01")},
		models.ScenarioChange{Kind: models.ChangeDrop, SubscriptionID: s.current("Flickr").ID})
	s.get(scenarioPath(x.ID)).plain().wants(t, http.StatusOK, "ne tient plus", "Choisissez le 23 novembre 2026")
	s.get("/scenarios").plain().wants(t, http.StatusOK, "ne tient plus")
	s.get(scenarioPath(x.ID, "application")).plain().wants(t, http.StatusOK, "Choisissez le 23 novembre 2026", "Revenir au scénario")
	s.submit(scenarioPath(x.ID, "changes", "2"), "kind", "drop", "subscription", typedID(s.current("Flickr").ID), "last", "2027-03-03", "version", typedVersion(x.Version)).follows(t, scenarioPath(x.ID))
	s.submit(scenarioPath(x.ID, "changes", "1"), "kind", "price", "subscription", typedID(s.current("Dropbox").ID), "price", "150", "currency", "USD", "on", "2026-12-18",
		"version", typedVersion(s.scenarioOf(x.ID).Version)).follows(t, scenarioPath(x.ID))
	s.get(scenarioPath(x.ID)).plain().wants(t, http.StatusOK, "vous finiriez 2026")
}

func day(text string) cal.Date {
	d, err := cal.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func rateOf(t testing.TB, text string) money.Rate {
	t.Helper()
	r, err := money.ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"enveloppe/app/browser"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// TestTheDirectorsYear does in a real browser what a director does before a year ends: answers what must be decided,
// weighs what might be done and does it, closes the review, and finds it unchanged whatever comes after.
func TestTheDirectorsYear(t *testing.T) {
	p := startProgram(t, true)
	tab := browser.Start(t)
	today := p.register(t).Organisation.Today(testNow)

	t.Run("cancels one service and downgrades another", func(t *testing.T) { decideTwo(t, p, tab, today) })
	t.Run("builds, compares and applies a scenario", func(t *testing.T) { applyScenario(t, p, tab, today) })
	t.Run("closes the review for ever", func(t *testing.T) { closeReview(t, p, tab, today) })

	if errors := tab.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("console: %v", errors)
	}
	if outside := tab.OutsideRequests(); len(outside) > 0 {
		t.Errorf("asked of other machines: %v", outside)
	}
}

// subscriptionOf is the subscription that runs of the service of that name.
func subscriptionOf(t *testing.T, r *models.Register, name string, today cal.Date) models.Subscription {
	t.Helper()
	at := slices.IndexFunc(r.Services, func(s models.Service) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("no service %s", name)
	}
	s, ok := r.CurrentOn(r.Services[at].ID, today)
	if !ok {
		t.Fatalf("%s is not subscribed to", name)
	}
	return s
}

func planOf(t *testing.T, r *models.Register, service, name string) models.ID {
	t.Helper()
	for _, p := range r.Plans {
		if sv, _ := r.Service(p.ServiceID); sv.Name == service && p.Name == name {
			return p.ID
		}
	}
	t.Fatalf("no plan %s of %s", name, service)
	return 0
}

// pressing tells whether a flag asks for a decision on a service, and whether the dashboard says so.
func pressing(t *testing.T, p *program, tab *browser.Tab, service string, today cal.Date) (flagged, said bool) {
	t.Helper()
	r := p.register(t)
	flagged = slices.ContainsFunc(r.Causes(today), func(c models.Cause) bool {
		sv, _ := r.Service(c.ServiceID)
		return c.Key.Kind == models.FlagDecideBy && sv.Name == service
	})
	tab.Open(p.base + "/")
	return flagged, strings.Contains(tab.Text("[aria-labelledby=decide]"), service+" — dernier jour")
}

func decideTwo(t *testing.T, p *program, tab *browser.Tab, today cal.Date) {
	r := p.register(t)
	canva, dropbox := subscriptionOf(t, r, "Canva", today), subscriptionOf(t, r, "Dropbox", today)
	for _, name := range []string{"Canva", "Dropbox"} {
		if flagged, said := pressing(t, p, tab, name, today); !flagged || !said {
			t.Fatalf("%s: a flag %v, on the dashboard %v", name, flagged, said)
		}
	}
	stake := map[models.ID]money.Amount{}
	for _, q := range r.Questions(today) {
		stake[q.Subscription.ID] = q.Stake
	}
	start := p.forecast(t, tab)

	tab.Open(p.base + "/")
	tab.Click(`main a[href="/decisions"]`)
	asked := len(tab.Texts("[aria-labelledby=open] ol.decide > li"))
	tab.Click(fmt.Sprintf(`ol.decide a[href^="/subscriptions/%d/answer"]`, canva.ID))
	tab.Check("input[name=kind][value=cancel]", true)
	tab.Fill("#reason", "L’essai n’a pas convaincu.")
	tab.Click("main form.answer .button.primary")
	cancelled := p.forecast(t, tab)
	if moved := start.Sub(cancelled); moved != stake[canva.ID] || !moved.IsPositive() {
		t.Errorf("cancelling Canva moved the forecast by %s, %s was at stake", moved, stake[canva.ID])
	}

	tab.Open(p.base + "/decisions")
	tab.Click(fmt.Sprintf(`ol.decide a[href^="/subscriptions/%d/answer"]`, dropbox.ID))
	tab.Check("input[name=kind][value=plan]", true)
	tab.Check(fmt.Sprintf("input[name=plan][value=\"%d\"]", planOf(t, r, "Dropbox", "Basic")), true)
	tab.Fill("#reason", "Deux gigaoctets suffisent depuis que les photos sont ailleurs.")
	tab.Click("main form.answer .button.primary")
	if moved := cancelled.Sub(p.forecast(t, tab)); moved != stake[dropbox.ID] || !moved.IsPositive() {
		t.Errorf("downgrading Dropbox moved the forecast by %s, %s was at stake", moved, stake[dropbox.ID])
	}

	for _, name := range []string{"Canva", "Dropbox"} {
		if flagged, said := pressing(t, p, tab, name, today); flagged || said {
			t.Errorf("%s still: a flag %v, on the dashboard %v", name, flagged, said)
		}
	}
	tab.Open(p.base + "/decisions")
	if left := len(tab.Texts("[aria-labelledby=open] ol.decide > li")); left != asked-2 {
		t.Errorf("%d questions of %d are left", left, asked)
	}
	if answered := tab.Text("[aria-labelledby=answered]"); !strings.Contains(answered, "Canva") || !strings.Contains(answered, "Dropbox") {
		t.Errorf("answered: %q", answered)
	}
}

func applyScenario(t *testing.T, p *program, tab *browser.Tab, today cal.Date) {
	r := p.register(t)
	mindMeister := subscriptionOf(t, r, "MindMeister", today)
	renewal, _ := mindMeister.NextRenewal(today)
	seats := mindMeister.TermsOn(today).Seats
	const name = "Premium pour deux, un siège de moins"

	tab.Open(p.base + "/scenarios")
	tab.Click(`main .head a[href="/scenarios/new"]`)
	tab.Fill("#name", name)
	tab.Click("main form .button.primary")
	page := tab.URL()
	for _, change := range []struct{ kind, of, seats, on string }{
		{"plan", fmt.Sprint(planOf(t, r, "Feedly", "Pro")), "1", "2026-12-08"},
		{"plan", fmt.Sprint(planOf(t, r, "Google Apps", "Business")), "5", "2026-12-08"},
		{"seats", fmt.Sprint(mindMeister.ID), fmt.Sprint(seats - 1), renewal.String()},
	} {
		tab.Open(page + "/changes/new")
		tab.Select("#of-"+change.kind, change.of)
		tab.Click(fmt.Sprintf("main form:has(input[name=kind][value=%s]) button", change.kind))
		tab.Fill("#on", change.on)
		tab.Fill("#seats", change.seats)
		tab.Click("main form.form .button.primary")
	}

	r = p.register(t)
	at := slices.IndexFunc(r.Scenarios, func(s models.Scenario) bool { return s.Name == name })
	if at < 0 || len(r.Scenarios[at].Changes) != 3 {
		t.Fatalf("the scenario is not kept whole: %v\n%s", r.Scenarios, tab.Text("main"))
	}
	scenario := r.Scenarios[at]
	trial, err := r.Try(scenario, today)
	if err != nil {
		t.Fatal(err)
	}
	this, next := trial.After.Position(r.Year(today), today), trial.After.Position(r.Year(today).Next(), today)
	before := p.position(t, today)
	if before.Forecast == this.Forecast || p.forecast(t, tab) != before.Forecast {
		t.Error("the scenario does nothing, or did something already")
	}
	tab.Open(page)
	if said := plain(tab.Text("h1")); !strings.Contains(said, plain(p.euros(this.Forecast))) || !strings.Contains(said, plain(p.euros(before.Forecast))) {
		t.Errorf("%s instead of %s is not said: %q", this.Forecast, before.Forecast, said)
	}

	simple := slices.IndexFunc(r.Scenarios, func(s models.Scenario) bool { return s.Name == "Au plus simple" })
	tab.Click(fmt.Sprintf(`main a[href="/scenarios/compare?first=%d&second=%d"]`, scenario.ID, r.Scenarios[simple].ID))
	if said := plain(tab.Text("[aria-labelledby=effect]")); !strings.Contains(said, plain(p.euros(this.Forecast))) {
		t.Errorf("the comparison does not say %s: %q", this.Forecast, said)
	}

	tab.Open(page)
	tab.Click(`main a[href$="/application"]`)
	tab.Click("main form .button.primary")
	r = p.register(t)
	for _, want := range []models.Position{this, next} {
		if got := r.Position(want.Year, today); got.Forecast != want.Forecast || got.Committed != want.Committed {
			t.Errorf("%s stands at %s, the scenario foretold %s", want.Year.Label(), got.Forecast, want.Forecast)
		}
	}
	if p.forecast(t, tab) != this.Forecast {
		t.Error("the dashboard does not say what the scenario foretold")
	}
	if held := subscriptionOf(t, r, "Feedly", cal.MustNew(2026, 12, 8)); r.TierOf(held) != models.Premium {
		t.Error("Feedly is not premium")
	}
}

func closeReview(t *testing.T, p *program, tab *browser.Tab, today cal.Date) {
	const words = "Deux services de moins, deux mieux choisis."
	tab.Open(p.base + "/")
	tab.Click(`main a[href="/reviews/2026"]`)
	tab.Fill("#summary", words)
	tab.Check("input[name=next][value=proposed]", true)
	tab.Click("form.review-form .button.primary")
	tab.Click(`main a[href$="/closing"]`)
	tab.Click("main form .button.primary") // the year is not over: it asks once more
	if !tab.Has("#early-error") {
		t.Errorf("a year that is not over is closed without a word: %s", tab.Text("main"))
	}
	tab.Check("#early", true)
	tab.Click("main form .button.primary")
	v, _ := p.register(t).ReviewOf(2026)
	if !v.Closed() || !strings.Contains(tab.Text(".notice.seal"), v.Hash) {
		t.Fatalf("the review is not closed: %s", tab.Text("main"))
	}
	paths := []string{"document?lang=fr", "document?lang=en", "review.pdf?lang=fr", "review.pdf?lang=en"}
	frozen := map[string]string{}
	for _, path := range paths {
		frozen[path] = served(t, tab, p.base+"/reviews/2026/"+path)
	}
	if doc := frozen[paths[0]]; !strings.Contains(doc, words) || !strings.Contains(doc, "L’essai n’a pas convaincu.") || !strings.HasPrefix(frozen[paths[2]], "%PDF-") {
		t.Error("the document lacks the director’s words or a reason")
	}

	before := p.forecast(t, tab)
	brevo := subscriptionOf(t, p.register(t), "Brevo", today)
	tab.Open(fmt.Sprintf("%s/subscriptions/%d/terms/new", p.base, brevo.ID))
	tab.Fill("#from", "2026-12-01")
	tab.Fill("#price", "30")
	tab.Click("main form .button.primary")
	if moved := p.forecast(t, tab).Sub(before); moved != money.Euros(1200) {
		t.Errorf("the price change moved the forecast by %s", moved)
	}
	for _, path := range paths {
		if served(t, tab, p.base+"/reviews/2026/"+path) != frozen[path] {
			t.Errorf("%s is not the same to the byte", path)
		}
	}
	tab.Open(p.base + "/reviews/2026")
	if seal := tab.Text(".notice.seal"); !strings.Contains(seal, v.Hash) {
		t.Errorf("the review is not verified: %q", seal)
	}
	again, err := p.Store.ReviewDocument(context.Background(), p.register(t).Organisation.ID, 2026)
	if err != nil || !v.Matches(again) {
		t.Errorf("the frozen document does not match its hash: %v", err)
	}
}

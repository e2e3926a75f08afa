package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var undoAddress = regexp.MustCompile(`<div class="notice" role="status"[^>]*>\s*<p>[^<]*</p>\s*<form method="post" action="([^"]+)"`)

// undo follows the way back that the page's notice offers.
func (s *site) undo(page answer) answer {
	s.t.Helper()
	m := undoAddress.FindStringSubmatch(page.body)
	if m == nil {
		s.t.Fatalf("no way back\n%s", excerpt(page.body))
	}
	return s.submit(html.UnescapeString(m[1]))
}

func (s *site) plan(service models.ID, name string) (models.Plan, bool) {
	for _, p := range s.register().PlansOf(service) {
		if p.Name == name {
			return p, true
		}
	}
	return models.Plan{}, false
}

func TestPlanIsAddedChangedRetiredAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Editor)
	sv := s.service("Dropbox")
	path := servicePath(sv.ID)
	bothLanguages(t, s, func(t *testing.T, _ string) { s.get(path+"/plans/new").wants(t, http.StatusOK) })
	s.submit("/language", "lang", "fr", "to", "/")
	s.submit(path+"/plans", "name", "Business", "tier", "premium", "price", "1 200,50", "currency", "usd", "per_seat", "on", "every", "3", "unit", "month", "limits", "3 To; SSO", "seen_on", "2026-11-23", "seen_at", "devis")
	p, ok := s.plan(sv.ID, "Business")
	if !ok || p.Price != money.Cents(120050, "USD") || !p.PerSeat || p.Cadence != (cal.Cadence{Every: 3, Unit: cal.Month}) {
		t.Fatalf("plan %+v", p)
	}
	s.get(path).plain().wants(t, http.StatusOK, "Business", "Vu le 23 novembre 2026", "devis", "SSO")
	s.get(planPath(p.ID)+"/edit").plain().wants(t, http.StatusOK, `value="1200,50"`, `value="USD"`, `value="3"`, "checked")

	typed := []string{"name", "Business Plus", "tier", "premium", "price", "24", "currency", "EUR", "every", "1", "unit", "month", "version", typedVersion(p.Version)}
	s.submit(planPath(p.ID), typed...).follows(t, path)
	typed[1] = "Other"
	s.submit(planPath(p.ID), typed...).wants(t, http.StatusConflict, `value="Other"`)

	s.submit(planPath(p.ID)+"/retirement").follows(t, path)
	page := s.get(path).wants(t, http.StatusOK, "1 formule qui n’est plus proposée")
	s.undo(page).follows(t, path)
	if p, _ := s.plan(sv.ID, "Business Plus"); !p.RetiredOn.IsZero() {
		t.Error("still retired")
	}
	s.get(planPath(p.ID)+"/removal").wants(t, http.StatusOK, "Aucun abonnement ne l’a utilisée")
	s.submit(planPath(p.ID)+"/removal").follows(t, path)
	if _, ok := s.plan(sv.ID, "Business Plus"); ok {
		t.Error("not removed")
	}
	s.undo(s.get(path).wants(t, http.StatusOK, "La formule Business Plus est supprimée."))
	if back, ok := s.plan(sv.ID, "Business Plus"); !ok || back.Price != money.Euros(2400) || back.Cadence != cal.Monthly {
		t.Errorf("taken back as %+v", back)
	}
}

// One that a subscription is or was on belongs to the story: it can be retired, not deleted.
func TestUsedPlanStays(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Scoop.it")
	for _, name := range []string{"Pro", "Plus"} {
		p, _ := s.plan(sv.ID, name)
		page := s.get(planPath(p.ID)+"/edit").wants(t, http.StatusOK, "Changer ce prix ne change pas ce que vous payez")
		if strings.Contains(page.body, "/removal") {
			t.Errorf("%s is offered for deletion", name)
		}
		s.get(planPath(p.ID)+"/removal").wants(t, http.StatusOK, "ne peut pas être supprimée")
		s.submit(planPath(p.ID)+"/removal").wants(t, http.StatusConflict)
	}
}

func TestBadPlans(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Dropbox")
	count := len(s.register().Plans)
	for _, bad := range []struct{ field, typed string }{
		{"name", ""},
		{"name", strings.Repeat("n", 10_000)},
		{"tier", ""},
		{"tier", "gold"},
		{"price", ""},
		{"price", "-1"},
		{"price", "0"},
		{"price", "1e9"},
		{"price", "12,345"},
		{"price", "12,3456"},
		{"price", strings.Repeat("9", 12)},
		{"currency", "EURO"},
		{"every", "0"},
		{"every", "-2"},
		{"unit", "century"},
		{"seen_on", "2026-11-24"},
		{"seen_on", "30/02/2026"},
		{"seen_at", strings.Repeat("n", 10_000)},
		{"limits", strings.Repeat("n", 10_000)},
	} {
		good := map[string]string{"name": "Solo", "tier": "premium", "price": "10,00", "currency": "EUR", "every": "1", "unit": "year"}
		good[bad.field] = bad.typed
		var pairs []string
		for name, typed := range good {
			pairs = append(pairs, name, typed)
		}
		at := map[string]string{"unit": "every"}[bad.field]
		if at == "" {
			at = bad.field
		}
		page := s.submit(servicePath(sv.ID)+"/plans", pairs...).wants(t, http.StatusUnprocessableEntity)
		if !strings.Contains(page.body, `href="#`+at+`"`) {
			t.Errorf("%s = %.20q: nothing said of it\n%s", bad.field, bad.typed, excerpt(page.body))
		}
	}
	s.submit(servicePath(sv.ID)+"/plans", "name", "Gratis", "tier", "free", "price", "5").wants(t, http.StatusUnprocessableEntity, "Une formule gratuite coûte 0.")
	if n := len(s.register().Plans); n != count {
		t.Errorf("%d plans were added", n-count)
	}
	s.submit(servicePath(sv.ID)+"/plans", "name", "Gratis", "tier", "free").follows(t, servicePath(sv.ID)+"#plan-"+typedID(s.register().Plans[count].ID))
}

package web

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

// bothLanguages runs a check with the site's visitor reading French, then English.
func bothLanguages(t *testing.T, s *site, check func(t *testing.T, lang string)) {
	t.Helper()
	for _, lang := range []string{"fr", "en"} {
		s.submit("/language", "lang", lang, "to", "/")
		t.Run(lang, func(t *testing.T) { check(t, lang) })
	}
}

func TestEnvelopeSaysWhereTheYearStands(t *testing.T) {
	s := newSite(t).as(models.Director)
	p := s.register().Position(s.register().Year(testDay), testDay)
	fr := s.web.books["fr"].words
	page := s.get("/envelope").wants(t, http.StatusOK, fr.Money(p.Forecast), fr.Money(p.Spent), fr.Money(p.Due), "Mois par mois", "À enregistrer", "Et à ce rythme")
	if n := strings.Count(page.body, "<polyline"); n != 2 {
		t.Errorf("%d lines are drawn, want paid and expected", n)
	}
	for _, m := range p.Months {
		if !strings.Contains(page.body, fr.Money(m.Total)) {
			t.Errorf("the table lacks %s of %s", m.Total, m.Span)
		}
	}
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{"/envelope", "/envelope?year=2025", "/envelope?year=2027", "/envelope?year=2019", "/envelopes/2026", "/envelopes/2027"} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
	for _, path := range []string{"/envelope?year=abc", "/envelope?year=0", "/envelope?year=99999999999999999999", "/envelopes/x", "/envelopes/-1"} {
		s.get(path).wants(t, http.StatusNotFound)
	}
}

func TestEnvelopeIsSetChangedAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/envelopes/2027", "floor", "850", "ceiling", "1 100,50", "version", "0").follows(t, "/envelope?year=2027")
	e, _ := s.register().Envelope(2027)
	if e.Floor != money.Euros(85000) || e.Ceiling != money.Euros(110050) {
		t.Errorf("saved %+v", e)
	}
	s.get("/envelope?year=2027").wants(t, http.StatusOK, "L’enveloppe 2027 est enregistrée.")

	for name, typed := range map[string][2]string{
		"ceiling below floor": {"900", "800"}, "no ceiling": {"0", ""}, "exponent": {"0", "1e9"}, "negative": {"-1", "10"},
		"four decimals": {"0", "10,1234"}, "ambiguous": {"0", "1,234"}, "huge": {"0", "99999999999999"},
	} {
		page := s.submit("/envelopes/2027", "floor", typed[0], "ceiling", typed[1], "version", typedVersion(e.Version))
		if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `value="`+typed[1]+`"`) {
			t.Errorf("%s: status %d, and what was typed must come back", name, page.status)
		}
	}

	page := s.submit("/envelopes/2027", "floor", "1", "ceiling", "2", "version", typedVersion(e.Version-1))
	page.wants(t, http.StatusConflict, `value="2"`, "entre-temps")
	s.submit("/envelopes/2027", "floor", "1", "ceiling", "2", "version", "0").wants(t, http.StatusConflict)

	s.submit("/envelopes/2027/removal").follows(t, "/envelope?year=2027")
	if _, ok := s.register().Envelope(2027); ok {
		t.Error("the envelope is still there")
	}
	undo := undoOf(t, s.get("/envelope?year=2027"))
	s.submit(undo).follows(t, "/envelope?year=2027")
	if back, _ := s.register().Envelope(2027); back.Floor != e.Floor || back.Ceiling != e.Ceiling {
		t.Errorf("came back as %+v", back)
	}
	s.submit("/envelopes/2031/removal").wants(t, http.StatusNotFound)
}

// undoOf is the address of the way back that a page's notice offers.
func undoOf(t *testing.T, page answer) string {
	t.Helper()
	_, rest, ok := strings.Cut(page.body, `role="status"`)
	if !ok {
		t.Fatalf("no notice\n%s", excerpt(page.body))
	}
	_, rest, ok = strings.Cut(rest, `action="`)
	if !ok {
		t.Fatal("the notice has no way back")
	}
	address, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(address)
}

func TestOnlyTheDirectorSetsTheEnvelope(t *testing.T) {
	for _, role := range []models.Role{models.Editor, models.Accountant, models.Staff} {
		s := newSite(t).as(role)
		s.get("/envelope").wants(t, http.StatusOK)
		s.get("/envelopes/2026").wants(t, http.StatusForbidden)
		s.submit("/envelopes/2026", "ceiling", "1", "version", "0").wants(t, http.StatusForbidden)
		s.submit("/envelopes/2026/removal").wants(t, http.StatusForbidden)
	}
}

// emptyRegister is an organisation on its first day: one director, a few functions, nothing else.
func emptyRegister(t testing.TB) *site {
	t.Helper()
	f := newFacts()
	return newSiteWith(t, f)
}

func newFacts() models.Facts {
	return models.Facts{
		Organisation: models.Organisation{
			ID: 1, Name: "Les Amis du Lac", YearStart: testYearStart, Zone: models.DefaultZone, Lang: models.French,
			MarginDays: models.DefaultMarginDays, DecideWindow: models.DefaultDecideWindow, RenewalWindow: models.DefaultRenewalWindow,
			KeptFrom: testYearStart.YearOf(testDay).Span().From,
		},
		People:    []models.Person{{ID: 1, Name: "Ana Petit", Email: "ana@lac.example", Role: models.Director, Lang: models.French}},
		Functions: []models.Function{{ID: 2, Name: "Accès aux données", Account: "6511", Position: 1}},
	}
}

func TestMoneyPagesOfAnEmptyRegister(t *testing.T) {
	s := emptyRegister(t).as(models.Director)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{
			"/envelope", "/envelope?year=2025", "/envelopes/2026", "/payments", "/payments?state=open", "/payments/new", "/accounting",
			"/settings", "/settings/vat", "/settings/functions", "/settings/vendors", "/settings/means", "/settings/rates", "/settings/mail",
			"/digest", "/digest?lang=en", "/digest/preview",
		} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
}

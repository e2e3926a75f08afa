package web

import (
	"context"
	"database/sql"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

var hidden = regexp.MustCompile(`name="(seen|version|proposed_floor|proposed_ceiling)" value="([^"]*)"`)

// hiddenFields are what a page's form sends back by itself.
func (a answer) hiddenFields() map[string]string {
	out := map[string]string{}
	for _, m := range hidden.FindAllStringSubmatch(a.body, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// closeYear closes this year's review as the director does who has read it.
func (s *site) closeYear() {
	s.t.Helper()
	const path = "/reviews/2026"
	f := s.get(path+"/closing").wants(s.t, http.StatusOK).hiddenFields()
	s.submit(path+"/closing", "seen", f["seen"], "version", f["version"], "early", "on").follows(s.t, path)
}

// look is a file as it is handed out.
func (s *site) look(path string) string {
	s.t.Helper()
	a := s.get(path)
	if a.status != http.StatusOK || a.body == "" {
		s.t.Fatalf("%s answers %d", path, a.status)
	}
	return a.body
}

func TestReviewIsWritten(t *testing.T) {
	s := newSite(t).as(models.Director)
	dropbox := s.service("Dropbox")
	note := noteName(dropbox.ID)
	page := s.get("/reviews/2026").wants(t, http.StatusOK, `name="`+note+`"`, "Indispensable en déplacement", `action="/reviews/2026"`)
	f := page.hiddenFields()

	bad := s.submit("/reviews/2026", "version", "0", "summary", "Une bonne année.", note, "À garder.", "next", "other", "next_floor", "900", "next_ceiling", "")
	bad.wants(t, http.StatusUnprocessableEntity, `id="next_ceiling-error"`, `value="900"`, "Une bonne année.", "À garder.")
	s.submit("/reviews/2026", "version", "0", "next", "other", "next_floor", "900", "next_ceiling", "800", "outlook", "Rien").wants(t, http.StatusUnprocessableEntity, `value="800"`, "Rien")
	s.submit("/reviews/2026", "version", "0", "next", "<b>").wants(t, http.StatusUnprocessableEntity, `id="next-error"`)
	s.submit("/reviews/2026", "version", "0", "summary", strings.Repeat("a", 5000)).wants(t, http.StatusUnprocessableEntity, `id="summary-error"`, strings.Repeat("a", 5000))
	if _, begun := s.register().ReviewOf(2026); begun {
		t.Fatal("half of it was saved")
	}

	s.submit("/reviews/2026", "version", f["version"], "summary", "Une bonne année.\nCalme.", note, "À garder.", "outlook", "Moins de sièges.",
		"next", "proposed", "proposed_floor", f["proposed_floor"], "proposed_ceiling", f["proposed_ceiling"]).follows(t, "/reviews/2026")
	v, _ := s.register().ReviewOf(2026)
	if v.Summary != "Une bonne année.\nCalme." || v.NoteOn(dropbox.ID) != "À garder." || v.NextCeiling != money.Euros(100_000) || v.NextFloor != money.Euros(80_000) {
		t.Fatalf("saved %+v", v)
	}
	again := s.get("/reviews/2026").wants(t, http.StatusOK, "Une bonne année.", `value="proposed" checked`, "En faire l’enveloppe 2027")
	if got := again.hiddenFields()["version"]; got != typedVersion(v.Version) {
		t.Errorf("version %s, want %d", got, v.Version)
	}
	s.submit("/reviews/2026", "version", f["version"], "summary", "Écrit ailleurs.").wants(t, http.StatusConflict, "Écrit ailleurs.", `value="`+typedVersion(v.Version)+`"`)

	s.as(models.Staff).get("/reviews/2026").wants(t, http.StatusOK, "Une bonne année.", "À garder.", "Moins de sièges.")
	if body := s.get("/reviews/2026").body; strings.Contains(body, "<textarea") || strings.Contains(body, "/closing") {
		t.Error("staff are offered to write")
	}
	s.get("/reviews/2026/closing").wants(t, http.StatusForbidden)
	s.submit("/reviews/2026", "version", typedVersion(v.Version)).wants(t, http.StatusForbidden)
}

func TestReviewYears(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/reviews").wants(t, http.StatusOK, `href="/reviews/2026"`, "en cours", "dans l’enveloppe")
	s.get("/").wants(t, http.StatusOK, `href="/reviews/`)
	s.get("/envelope").wants(t, http.StatusOK, `href="/reviews"`)
	for _, path := range []string{"/reviews/2027", "/reviews/1200", "/reviews/x", "/reviews/2027/document", "/reviews/2027/review.pdf", "/reviews/2027/closing", "/reviews/99999999999999"} {
		s.get(path).wants(t, http.StatusNotFound)
	}
	s.submit("/reviews/2027", "version", "0").wants(t, http.StatusNotFound)
	if a := s.as(models.Staff).get("/"); strings.Contains(a.body, `class="note">L’exercice`) {
		t.Error("staff are asked to write the review")
	}
}

func TestReviewIsClosedKnowingly(t *testing.T) {
	s := newSite(t).as(models.Director)
	page := s.get("/reviews/2026/closing").wants(t, http.StatusOK, "il finit dans 38 jours", "Un bilan clos ne se rouvre jamais", "facture à retrouver", "Le mot de la direction n’est pas écrit")
	f := page.hiddenFields()
	s.submit("/reviews/2026/closing", "seen", f["seen"], "version", f["version"]).wants(t, http.StatusUnprocessableEntity, "cochez pour clore avant")

	brevo := s.service("Brevo")
	brevo.Name = "Brevo Mail"
	if err := s.store.SaveService(context.Background(), s.actor(), brevo); err != nil {
		t.Fatal(err)
	}
	moved := s.submit("/reviews/2026/closing", "seen", f["seen"], "version", f["version"], "early", "on")
	moved.wants(t, http.StatusConflict, "Rien n’a été clos", "Brevo Mail")
	if v, _ := s.register().ReviewOf(2026); v.Closed() {
		t.Fatal("closed what nobody has read")
	}
	f = moved.hiddenFields()
	s.submit("/reviews/2026/closing", "seen", f["seen"], "version", f["version"], "early", "on").follows(t, "/reviews/2026")

	v, _ := s.register().ReviewOf(2026)
	s.get("/reviews/2026").wants(t, http.StatusOK, v.Hash, "Vérifié à l’instant", "2026 par Claire Morel")
	s.get("/reviews").wants(t, http.StatusOK, "clos")
	s.submit("/reviews/2026", "version", typedVersion(v.Version), "summary", "Après coup").wants(t, http.StatusConflict, "Ce bilan est clos")
	s.get("/reviews/2026/closing").wants(t, http.StatusConflict, "Ce bilan est clos")
	s.submit("/reviews/2026/closing", "seen", f["seen"], "version", f["version"], "early", "on").wants(t, http.StatusConflict)
}

// What was closed reads the same to the byte, whatever becomes of prices, services, plans, people and the organisation.
func TestClosedReviewStaysToTheByte(t *testing.T) {
	s := newSite(t).as(models.Director)
	ctx, by := context.Background(), s.actor()
	s.closeYear()
	paths := []string{"/reviews/2026/document?lang=fr", "/reviews/2026/document?lang=en", "/reviews/2026/review.pdf?lang=fr", "/reviews/2026/review.pdf?lang=en"}
	before := map[string]string{}
	for _, p := range paths {
		before[p] = s.look(p)
	}
	if before[paths[0]] == before[paths[1]] || before[paths[2]] == before[paths[3]] || !strings.HasPrefix(before[paths[2]], "%PDF-") {
		t.Fatal("the two languages are one")
	}

	r := s.register()
	for _, sv := range r.Services {
		sub, ok := r.CurrentOn(sv.ID, testDay)
		sv.Name += " 2"
		if err := s.store.SaveService(ctx, by, sv); err != nil {
			t.Fatal(err)
		}
		if terms := sub.TermsOn(testDay); ok && sub.EndsOn.IsZero() && terms.Price.IsPositive() {
			terms.From, terms.Price = testDay.AddDays(1), terms.Price.Add(terms.Price)
			if err := s.store.AddTerms(ctx, by, sub.ID, sub.Version, terms); err != nil {
				t.Fatal(sv.Name, err)
			}
		}
	}
	for _, x := range r.Functions {
		x.Name += " bis"
		if err := s.store.SaveFunction(ctx, by, x); err != nil {
			t.Fatal(err)
		}
	}
	o := r.Organisation
	o.Name, o.Lang = "Autre nom", models.English
	if err := s.store.SaveOrganisation(ctx, by, o); err != nil {
		t.Fatal(err)
	}
	claire := r.People[0]
	claire.Name = "Claire Autrement"
	if err := s.store.SavePerson(ctx, by, claire); err != nil {
		t.Fatal(err)
	}
	if now := s.register().Position(r.Year(testDay), testDay).Forecast; now == r.Position(r.Year(testDay), testDay).Forecast {
		t.Fatal("nothing has become dearer: the test proves nothing")
	}

	s.as(models.Staff)
	for _, p := range paths {
		if s.look(p) != before[p] {
			t.Errorf("%s has changed", p)
		}
	}
	s.get("/reviews/2026").wants(t, http.StatusOK, "Vérifié à l’instant", "Dropbox", "Accès aux données")
	if body := s.get("/reviews/2026").body; strings.Contains(body, "Dropbox 2") || strings.Contains(body, " bis<") {
		t.Error("the closed review tells what came after")
	}
}

// Somebody who changes the file behind the program's back is found out at the next look.
func TestAlteredReviewIsSaid(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.closeYear()
	v, _ := s.register().ReviewOf(2026)
	s.alter(`UPDATE review_documents SET content = CAST(replace(content, 'Dropbox', 'Dropbix') AS BLOB) WHERE form = 'json'`)
	page := s.get("/reviews/2026").wants(t, http.StatusOK, `role="alert"`, "n’est plus celui qui a été clos", v.Hash)
	if strings.Contains(page.body, "Vérifié à l’instant") || strings.Contains(page.body, "review.pdf") {
		t.Error("an altered review is offered as if it were sound")
	}
	s.get("/reviews").wants(t, http.StatusOK, "altéré")
	s.get("/reviews/2026/document").wants(t, http.StatusConflict, "ne s’imprime ni ne se télécharge")
	s.get("/reviews/2026/review.pdf").wants(t, http.StatusConflict)
	s.submit("/reviews/2026/envelope").wants(t, http.StatusConflict)

	s.alter(`UPDATE review_documents SET content = x'7b' WHERE form = 'json'`)
	s.get("/reviews/2026").wants(t, http.StatusOK, "ne peut plus être lu", `role="alert"`)
	s.get("/reviews").wants(t, http.StatusOK, "altéré")
	s.alter(`DELETE FROM review_documents`)
	s.get("/reviews/2026").wants(t, http.StatusOK, "ne peut plus être lu")
	s.get("/").wants(t, http.StatusOK)
}

func TestAlteredPagesAreNotHandedOut(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.closeYear()
	s.alter(`UPDATE review_documents SET content = CAST(content || x'20' AS BLOB) WHERE form = 'fr'`)
	s.get("/reviews/2026/review.pdf?lang=fr").wants(t, http.StatusConflict, "ne s’imprime ni ne se télécharge")
	s.get("/reviews/2026/review.pdf?lang=en").wants(t, http.StatusOK)
}

// alter changes the register's file without the program, as somebody with a tool of the database could.
func (s *site) alter(statement string) {
	s.t.Helper()
	driver := "sqlite"
	for _, d := range sql.Drivers() {
		if d == "sqlite3" {
			driver = d
		}
	}
	db, err := sql.Open(driver, s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	}()
	for _, q := range []string{"DROP TRIGGER IF EXISTS review_documents_stay", "DROP TRIGGER IF EXISTS review_documents_are_kept", statement} {
		if _, err := db.ExecContext(context.Background(), q); err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestReviewEnvelopeIsTakenOver(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/reviews/2026/envelope").wants(t, http.StatusConflict, "ne propose pas encore d’enveloppe")
	s.submit("/reviews/2026", "version", "0", "next", "other", "next_floor", "850", "next_ceiling", "1 100,50").follows(t, "/reviews/2026")
	s.closeYear()
	s.get("/reviews/2026").wants(t, http.StatusOK, "En faire l’enveloppe 2027")
	if a := s.as(models.Staff).get("/reviews/2026"); strings.Contains(a.body, "En faire l’enveloppe") {
		t.Error("staff are offered to set it")
	}
	s.as(models.Director).submit("/reviews/2026/envelope").follows(t, "/reviews/2026")
	e, set := s.register().Envelope(2027)
	if !set || e.Floor != money.Euros(85_000) || e.Ceiling != money.Euros(110_050) {
		t.Fatalf("envelope %+v", e)
	}
	s.get("/reviews/2026").wants(t, http.StatusOK, `action="/envelopes/2027/removal"`) // the way back
	s.get("/reviews/2026").wants(t, http.StatusOK, "C’est l’enveloppe fixée")

	// Shares that no longer fit are the director's to settle, in the form.
	first := s.register().ByPosition()[0]
	e.Ceiling, e.Floor, e.Shares = money.Euros(300_000), money.Euros(0), []models.Share{{FunctionID: first.ID, Ceiling: money.Euros(200_000)}}
	if err := s.store.SetEnvelope(context.Background(), s.actor(), e); err != nil {
		t.Fatal(err)
	}
	s.submit("/reviews/2026/envelope").wants(t, http.StatusUnprocessableEntity, `value="1100,50"`, `value="2000,00"`, "Les parts dépassent le plafond")
}

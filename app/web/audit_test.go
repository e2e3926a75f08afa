package web

import (
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

func TestAuditTellsWhoChangedWhat(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Dropbox")
	s.submit(servicePath(sv.ID), "name", "Dropbox Plus", "function", typedID(sv.FunctionID), "export_every", "90", "version", typedVersion(sv.Version))
	s.submit("/envelopes/2026", "floor", "800", "ceiling", "1 100", "version", typedVersion(thisYear(&s.facts).Version))
	s.as(models.Editor).submit(servicePath(sv.ID)+"/decisions", "kind", "keep", "on", "2026-11-23", "reason", "utile")
	bothLanguages(t, s, func(t *testing.T, _ string) { s.get("/audit").wants(t, http.StatusOK) })
	s.submit("/language", "lang", "fr", "to", "/")
	page := s.get("/audit").plain().wants(t, http.StatusOK,
		"<del>Dropbox</del>", "<ins>Dropbox Plus</ins>", "Claire Morel", "Karim Benali", "décision notée", "garder", "23 novembre 2026 à 8 h 05",
		`<a href="`+servicePath(sv.ID)+`">Dropbox Plus</a>`, "association d’exemple chargée",
	)
	if first, second := strings.Index(page.body, "décision notée"), strings.Index(page.body, "<del>Dropbox"); first > second {
		t.Error("the newest does not come first")
	}
	if narrowed := s.get("/audit?kind=decision").wants(t, http.StatusOK, "décision notée"); strings.Contains(narrowed.body, "<del>Dropbox</del>") {
		t.Error("filtered by kind, other kinds are shown")
	}
	if narrowed := s.get("/audit?by="+typedID(s.facts.People[0].ID)).wants(t, http.StatusOK, "Dropbox Plus</ins>"); strings.Contains(narrowed.body, "décision notée</td>") {
		t.Error("filtered by person, others are shown")
	}
	s.get("/audit?kind=rate").wants(t, http.StatusOK, "Rien à montrer")
	s.get("/audit?kind=%27%20OR%201&by=x&before=-3").wants(t, http.StatusOK)
}

func TestAuditHasPages(t *testing.T) {
	s := newSite(t).as(models.Director)
	path := servicePath(s.service("Dropbox").ID)
	for range pageLength + 5 {
		s.submit(path+"/decisions", "kind", "keep", "on", "2026-11-23")
	}
	rows := func(a answer) int { return strings.Count(a.body, `<th scope="row">`) }
	first := s.get("/audit?kind=decision").wants(t, http.StatusOK, "Plus anciens")
	if got := rows(first); got != pageLength {
		t.Errorf("%d rows, want %d", got, pageLength)
	}
	older := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(first.body)
	if older == nil {
		t.Fatal("no older entries")
	}
	second := s.get(html.UnescapeString(older[1])).wants(t, http.StatusOK, `rel="prev" href="/audit?kind=decision"`)
	if got := rows(second); got != 5 || strings.Contains(second.body, `rel="next"`) {
		t.Errorf("%d rows on the second page, want 5 and no third", got)
	}
}

var verbInStore = regexp.MustCompile(`(?:by, |verb: |verb :?= |m, |id, )"([a-z]+\.[a-z.]+)"`)

// Whatever the store writes in the log has its words in both languages.
func TestEveryVerbHasWords(t *testing.T) {
	files, err := filepath.Glob("../../models/store/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no store: %v", err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range verbInStore.FindAllStringSubmatch(string(source), -1) {
			found++
			for _, lang := range words.Langs() {
				if !words.In(lang).Has("audit.verb." + m[1]) {
					t.Errorf("%s has no words for %s", lang, m[1])
				}
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d verbs found: the store is written otherwise now", found)
	}
}

func TestAuditValuesAreInWords(t *testing.T) {
	w := words.In(words.FR)
	for _, c := range []struct{ field, plain, want string }{
		{"price", "1234.50 EUR", "1 234,50 €"},
		{"paid_on", "2026-11-23", "23 novembre 2026"},
		{"auto_renew", "true", "oui"},
		{"digest", "false", "non"},
		{"tier", "free", "gratuit"},
		{"kind", "keep", "garder"},
		{"terms.price", "5.00 USD", "5,00 $US"},
		{"cadence", "3 month", "tous les 3 mois"},
		{"notice", "30 day", "30 jours"},
		{"name", "Dropbox", "Dropbox"},
		{"name", "12 foo", "12 foo"},
		{"note", "", ""},
	} {
		got := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(auditValue(w, c.field, c.plain))
		if got != c.want {
			t.Errorf("%s %q is said %q, want %q", c.field, c.plain, got, c.want)
		}
	}
	if got := reports.FieldName(w, "terms.price"); got != "conditions, prix" {
		t.Errorf("field said %q", got)
	}
	if got := reports.FieldName(w, "unheard_of"); got != "unheard_of" {
		t.Errorf("field said %q", got)
	}
}

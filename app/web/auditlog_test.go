package web

import (
	"database/sql"
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/store"
)

func TestTheLogIsNarrowedByDayAndText(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/envelopes/2026", "floor", "800", "ceiling", "1 234,50", "version", typedVersion(thisYear(&s.register().Facts).Version)).follows(t, "/envelope?year=2026")
	s.submit(servicePath(s.service("Dropbox").ID)+"/decisions", "kind", "keep", "on", "2026-11-23", "reason", "Été « utile »")
	const ceiling, decided, planted = "1\u202f234,50", "Été « utile »", "association d’exemple chargée"
	for _, c := range []struct {
		query      string
		has, lacks []string
	}{
		{"", []string{ceiling, decided, planted}, nil},
		{"?q=ETE", []string{decided}, []string{ceiling, planted}},
		{"?q=plafond", []string{ceiling}, []string{decided}},
		{"?q=1234.50", []string{ceiling}, []string{decided}}, // as it is stored
		{"?q=127.0.0.1", []string{ceiling, decided}, []string{planted}},
		{"?from=2026-11-23&to=2026-11-23", []string{ceiling, decided, planted}, nil},
		{"?from=2026-11-24", []string{"Rien à montrer"}, []string{decided}},
		{"?to=2026-11-22", []string{"Rien à montrer"}, []string{decided}},
		{"?by=program", []string{planted}, []string{ceiling, decided}},
		{"?from=hier", []string{"pas pris en compte", decided}, nil},
		{"?from=2026-11-24&to=2026-11-22", []string{"avant le premier"}, nil},
		{"?q=%3Cscript%3E", []string{"Rien à montrer", `value="&lt;script&gt;"`}, []string{"<script>"}},
	} {
		a := s.get("/audit"+c.query).wants(t, http.StatusOK, c.has...)
		_, main, _ := strings.Cut(a.body, "<main")
		for _, text := range c.lacks {
			if strings.Contains(main, text) {
				t.Errorf("%s shows %q", c.query, text)
			}
		}
	}
}

func TestTheLogIsExported(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	s.asPerson(s.facts.People[0].ID)
	sv := s.service("Dropbox")
	s.submit(servicePath(sv.ID), "name", "=cmd|' /C calc'!A1", "function", typedID(sv.FunctionID), "export_every", "90", "version", typedVersion(sv.Version))
	s.as(models.Accountant)
	a := s.submit("/audit/export", "kind", "service", "q", "dropbox").wants(t, http.StatusOK)
	if got := a.header.Get("Content-Disposition"); got != `attachment; filename="enveloppe-audit-2026-11-23.csv"` {
		t.Errorf("named %s", got)
	}
	if got := a.header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("typed %s", got)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := strings.Join(rows[0], " "); got != "Numéro Quand Qui D’où Changement Fiche Nom Champ Avant Après Empreinte" {
		t.Errorf("columns %s", got)
	}
	at := slices.IndexFunc(rows, func(row []string) bool { return row[7] == "nom" })
	if at < 0 {
		t.Fatalf("no renaming in %q", rows)
	}
	row := rows[at]
	for i, want := range map[int]string{1: "2026-11-23T08:05:00+01:00", 2: "Claire Morel", 3: "127.0.0.1", 5: "Service", 8: "Dropbox", 9: "'=cmd|' /C calc'!A1"} {
		if row[i] != want {
			t.Errorf("%s is %q, want %q", rows[0][i], row[i], want)
		}
	}
	if !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(row[10]) {
		t.Errorf("hash %q", row[10])
	}
	s.get("/audit?kind=export").wants(t, http.StatusOK, "journal exporté", "Journal des changements", "<ins>dropbox</ins>", "<ins>Service</ins>")
	s.submit("/audit/export", "from", "hier").follows(t, "/audit?from=hier")
	s.as(models.Editor).submit("/audit/export").wants(t, http.StatusOK)
	s.as(models.Staff).submit("/audit/export").wants(t, http.StatusForbidden)
}

var shownHash = regexp.MustCompile(`<code>([0-9a-f ]{71})</code>`)

func TestTheChainIsShownAndANotedHashFound(t *testing.T) {
	s := newSite(t).as(models.Director)
	first := shownHash.FindStringSubmatch(s.get("/audit").wants(t, http.StatusOK, "La chaîne est entière", "1 écriture.").body)
	if len(first) != 2 {
		t.Fatal("no hash to note down")
	}
	s.submit(servicePath(s.service("Dropbox").ID)+"/decisions", "kind", "keep", "on", "2026-11-23")
	page := s.get("/audit").wants(t, http.StatusOK, "2 écritures.")
	if last := shownHash.FindStringSubmatch(page.body); len(last) != 2 || last[1] == first[1] {
		t.Error("another entry, and the same hash")
	}
	for noted, says := range map[string]string{
		first[1]: "Retrouvée", strings.ToUpper(strings.ReplaceAll(first[1], " ", "")): "Retrouvée",
		strings.Repeat("ab", 32): "Aucune écriture n’a cette empreinte", "abc": "Ce n’est pas une empreinte", strings.Repeat("z", 5000): "Ce n’est pas une empreinte",
	} {
		if a := s.get("/audit?noted=" + url.QueryEscape(noted)); a.status != http.StatusOK || !strings.Contains(html.UnescapeString(a.body), says) {
			t.Errorf("%.80q: status %d, does not say %q", noted, a.status, says)
		}
	}
}

// A file that somebody wrote in by hand is said to be so, on the page where the log is read, in both languages.
func TestAChangedLogShowsOnItsPage(t *testing.T) {
	for _, c := range []struct{ tamper, says string }{
		{"UPDATE audit SET by_name = 'Paul' WHERE id = (SELECT max(id) FROM audit)", "ne dit plus ce qu’elle disait"},
		{"DELETE FROM audit WHERE id = (SELECT min(id) FROM audit)", "il en manque une"},
		{"DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", "La fin du journal n’est pas celle"},
	} {
		s := newSite(t).as(models.Director)
		s.submit(servicePath(s.service("Dropbox").ID)+"/decisions", "kind", "keep", "on", "2026-11-23")
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := s.store.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open(sql.Drivers()[0], path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"DROP TRIGGER audit_stays", "DROP TRIGGER audit_is_kept", c.tamper} {
			if _, err := db.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		copied, err := store.Open(t.Context(), store.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		s.web.store = copied
		page := s.get("/audit").wants(t, http.StatusOK, c.says, "en dehors d’Enveloppe")
		if strings.Contains(page.body, "La chaîne est entière") || shownHash.MatchString(page.body) {
			t.Error("it is said to be whole all the same")
		}
		if err := copied.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

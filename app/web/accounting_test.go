package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"enveloppe/models"
	"enveloppe/reports"
)

func TestAccountingListsWhatIsMissing(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	c := s.due()
	s.get("/accounting").wants(t, http.StatusOK, "sans numéro de facture", "à enregistrer", "subscription="+typedID(c.SubscriptionID), "Journal des achats", "Windows-1252")
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{"/accounting", "/accounting?year=2025", "/accounting?year=2030"} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
	s.get("/accounting?year=x").wants(t, http.StatusNotFound)
}

func TestFilesAreHandedOutWhole(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	for _, f := range reports.Files {
		for _, encoding := range []string{"", reports.UTF8, reports.Windows1252} {
			a := s.get("/exports/" + f.Kind + "?year=2026&for=program&encoding=" + encoding)
			if a.status != http.StatusOK || len(a.body) < 100 {
				t.Fatalf("%s: status %d, %d bytes", f.Kind, a.status, len(a.body))
			}
			charset := "utf-8"
			if encoding == reports.Windows1252 {
				charset = encoding
			}
			if got := a.header.Get("Content-Type"); got != "text/csv; charset="+charset {
				t.Errorf("%s: %s", f.Kind, got)
			}
			if got := a.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=enveloppe-") || !strings.HasSuffix(got, ".csv") {
				t.Errorf("%s: %s", f.Kind, got)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s may be sniffed", f.Kind)
			}
			if bom := strings.HasPrefix(a.body, "\ufeff"); bom != (charset == "utf-8") || utf8.ValidString(a.body) != bom {
				t.Errorf("%s is not in %s", f.Kind, charset)
			}
			var same bytes.Buffer
			o := reports.CSVOptions{Encoding: charset, ForProgram: true}
			if err := reports.Export(f.Kind, &same, s.register(), s.register().Organisation.YearStart.Year(2026), testDay, o); err != nil {
				t.Fatal(err)
			}
			if same.String() != a.body {
				t.Errorf("%s differs from what the report writes", f.Kind)
			}
		}
	}
	for _, path := range []string{"/exports/secrets", "/exports/journal?year=x", "/exports/journal?encoding=ebcdic", "/exports/..%2f..%2fetc"} {
		a := s.get(path).wants(t, http.StatusNotFound)
		if a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s is an error and a file", path)
		}
	}
}

func TestStaffTakesNoFiles(t *testing.T) {
	s := newSite(t).as(models.Staff)
	s.get("/accounting").wants(t, http.StatusForbidden)
	s.get("/exports/journal").wants(t, http.StatusForbidden)
}

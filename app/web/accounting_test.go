package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

func TestAccountingListsWhatIsMissing(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	c := s.due()
	s.get("/accounting").wants(t, http.StatusOK, "sans numéro de facture", "à enregistrer", "subscription="+typedID(c.SubscriptionID), "Journal des achats", "Windows-1252", "ISO 8859-15", "comptes à 8 chiffres", "jamais lieu de fichier des écritures", "commence par ASSO", "ASSOFEC20261231_achats-saas.txt")
	for _, query := range []string{"year=x", "year=1", "from=0", "from=13", "from=x", "to=-1", "from=1.5", "year=2026&to=99999999999999999999"} {
		for _, path := range []string{"/accounting", "/accounting/entries"} {
			s.get(path+"?"+query).wants(t, http.StatusNotFound)
		}
	}
	s.get("/accounting/prepaid?year=x").wants(t, http.StatusNotFound)
	s.get("/accounting/entries?closing=perhaps").wants(t, http.StatusNotFound)
	for _, path := range []string{"/accounting", "/accounting/entries"} {
		s.get(path+"?from=4&to=2").wants(t, http.StatusUnprocessableEntity, "avant le premier", `aria-invalid="true"`, `value="1" selected`, `value="12" selected`)
	}
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{
			"/accounting", "/accounting?year=2025", "/accounting?year=2030", "/accounting?from=2&to=3", "/accounting?year=2025&from=12",
			"/accounting/entries", "/accounting/entries?closing=on&page=9", "/accounting/entries?year=2030", "/accounting/prepaid", "/accounting/prepaid?year=2031", "/accounting/settings",
		} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
}

func TestMonthsOfAYearAreNamed(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	s.get("/accounting?from=3&to=3").wants(t, http.StatusOK, "mars 2026", "enveloppe-journal-2026-03.csv", "ASSOFEC20260331_achats-saas.txt", `name="from" value="3"`, "exercice entier seulement", `href="/accounting?year=2026"`)
	s.get("/accounting?from=1&to=3").wants(t, http.StatusOK, "janvier–mars 2026", "enveloppe-journal-2026-01-a-2026-03.csv", `href="/accounting/entries?from=1&amp;to=3&amp;year=2026"`)
	page := s.get("/accounting?from=4&to=4").wants(t, http.StatusOK, "avril 2026")
	if page := page.body; strings.Contains(page, `action="/exports/prepaid"`) || strings.Contains(page, `action="/exports/archive"`) || !strings.Contains(page, `action="/exports/register"`) {
		t.Error("a file of a whole year is offered for months, or another is not")
	}
	spent := s.register().Position(s.register().Year(testDay), testDay).Spent
	s.get("/accounting").wants(t, http.StatusOK, words.In(words.FR).Money(spent))

	f := sample.Association(testDay, models.French, testNow)
	f.Organisation.YearStart = cal.YearStart{Month: time.September, Day: 15}
	s = newSiteWith(t, f).as(models.Accountant)
	s.get("/accounting?year=2026&from=1&to=2").wants(t, http.StatusOK, words.In(words.FR).DayMedium(cal.MustNew(2026, time.September, 15))+" – "+long("2026-11-14"), "enveloppe-journal-2026-09-15-a-2026-10-15.csv")
	s.get("/accounting").wants(t, http.StatusOK, "2026–2027")
}

func TestStaffSeesNothingOfTheAccounts(t *testing.T) {
	s := newSite(t).as(models.Staff)
	for _, path := range []string{"/accounting", "/accounting/entries", "/accounting/prepaid", "/accounting/settings"} {
		s.get(path).wants(t, http.StatusForbidden)
	}
	s.submit("/exports/journal").wants(t, http.StatusForbidden)
}

package web

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
)

// testDesk stands for the fetching of rates, which has tests of its own beside the program.
type testDesk struct {
	off    string
	alone  bool
	last   eurofxref.Fetch
	answer error
	asked  int
}

func (d *testDesk) Off() string { return d.off }
func (d *testDesk) Alone() bool { return d.alone }

func (d *testDesk) Last(context.Context, models.ID) (eurofxref.Fetch, error) { return d.last, nil }

func (d *testDesk) Fetch(context.Context, models.Actor, cal.Date) (eurofxref.Fetch, error) {
	d.asked++
	return d.last, d.answer
}

// sendRates gives a file to the rates page.
func (s *site) sendRates(content string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "rates.csv")
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+"/settings/rates/file", &body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(r)
}

func TestRatesPageSaysHowRatesCome(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/settings/rates").wants(t, http.StatusOK, "désactivé", "Vos devises", "sept jours")
	desk := &testDesk{alone: true}
	s.web.Rates = desk
	s.get("/settings/rates").wants(t, http.StatusOK, "Télécharger maintenant", "heure de Francfort", "Rien n’a encore été téléchargé")

	desk.last = eurofxref.Fetch{
		At: time.Date(2026, time.November, 20, 16, 5, 0, 0, time.UTC), DoneAt: time.Date(2026, time.November, 20, 16, 5, 0, 0, time.UTC),
		File: eurofxref.DailyFile, Added: 2, Last: cal.MustNew(2026, time.November, 20),
	}
	s.get("/settings/rates").wants(t, http.StatusOK, "20\u00a0novembre 2026 à 17\u00a0h\u00a005", "eurofxref-daily.xml", "2 cours ajoutés")

	desk.last.At, desk.last.Rule, desk.last.Host, desk.last.Status = desk.last.At.Add(72*time.Hour), "fetch.status", "www.ecb.europa.eu", 503
	s.get("/settings/rates").wants(t, http.StatusOK, "rien n’est venu", "www.ecb.europa.eu n’a pas donné le fichier (réponse 503)", "n’a changé", "d’heure en heure", "Le dernier téléchargement réussi est du 20\u00a0novembre 2026")

	desk.alone = false
	s.get("/settings/rates").wants(t, http.StatusOK, "La démonstration", "Télécharger maintenant")
	for off, says := range map[string]string{"today": "comme si nous étions un autre jour", "off": "ENVELOPPE_RATES_URL"} {
		desk.off = off
		page := s.get("/settings/rates").wants(t, http.StatusOK, says)
		if strings.Contains(page.body, "/settings/rates/fetch") {
			t.Errorf("%s: the button would only be refused", off)
		}
		s.submit("/settings/rates/fetch").wants(t, http.StatusUnprocessableEntity, says)
	}
	if desk.asked > 0 {
		t.Error("rates were asked for")
	}
}

func TestRatesAreFetchedWhenAsked(t *testing.T) {
	s := newSite(t).as(models.Editor)
	desk := &testDesk{alone: true}
	s.web.Rates = desk
	s.submit("/settings/rates/fetch").follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "Aucun cours ne manque")
	desk.last = eurofxref.Fetch{At: testNow, File: eurofxref.RecentFile, Added: 3, Last: testDay}
	s.submit("/settings/rates/fetch").follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "3 cours ajoutés", "jusqu’au 23\u00a0novembre 2026")
	desk.answer = models.Invalid{{Rule: "fetch.timeout", Args: []any{"host", "www.ecb.europa.eu", "status", 0}}}
	s.submit("/settings/rates/fetch").wants(t, http.StatusUnprocessableEntity, "www.ecb.europa.eu n’a pas répondu à temps")
	for _, role := range []models.Role{models.Accountant, models.Staff} {
		other := newSite(t).as(role)
		other.web.Rates = &testDesk{alone: true}
		other.submit("/settings/rates/fetch").wants(t, http.StatusForbidden)
		if page := other.get("/settings/rates"); strings.Contains(page.body, "<form class=\"form\"") {
			t.Errorf("%s is offered what would be refused", role)
		}
	}
}

func TestAFileOfRatesIsTaken(t *testing.T) {
	s := newSite(t).as(models.Director)
	before := len(s.register().Rates)
	s.sendRates("Date,USD,CHF,XAU,\n2026-11-20,1.1520,0.9301,3000,\n2031-01-02,1.2,N/A,N/A,\nhier,1,1,1,\n").follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "Fichier lu", "20\u00a0novembre 2026", "1 d’un jour à venir", "1 inutile", "ligne 4, jour illisible", "hier")
	if got := len(s.register().Rates); got <= before {
		t.Errorf("%d rates, before %d", got, before)
	}
	revision := s.register().Revision
	s.sendRates("Date,USD,CHF,\n2026-11-20,1.1520,0.9999,\n").follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "0 cours ajouté", "à une autre valeur, qui reste")
	if s.register().Revision != revision {
		t.Error("a file without news raised the revision")
	}
	s.get("/settings/rates?currency=CHF").wants(t, http.StatusOK, "Cours connus\u00a0: CHF", "0,9301", "cours de la BCE", "Toutes les devises")
}

func TestABadFileOfRatesIsRefusedBesideItsField(t *testing.T) {
	s := newSite(t).as(models.Director)
	revision := s.register().Revision
	for _, c := range []struct{ content, says string }{
		{"", "ne contient aucun cours"},
		{"Date,USD,\n", "ne contient aucun cours"},
		{"<html>", "n’est pas un fichier de cours"},
		{"<!DOCTYPE x><Envelope/>", "DOCTYPE"},
		{"<Envelope><Cube>", "coupé"},
		{"PK\x03\x04nothing", "archive est abîmée"},
		{strings.Repeat("x", maxRatesFile+1), "trop grand"},
	} {
		s.sendRates(c.content).wants(t, http.StatusUnprocessableEntity, c.says, `id="file-error"`)
	}
	s.submit("/settings/rates/file").wants(t, http.StatusUnprocessableEntity, "Choisissez un fichier")
	if a := s.sendRates(strings.Repeat("x", maxRatesForm+1)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body without end answers %d", a.status)
	}
	if s.register().Revision != revision {
		t.Error("a refused file wrote something")
	}
}

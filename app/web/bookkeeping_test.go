package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

// fr is French as the pages write it.
func (s *site) fr() *words.Words { return words.In(words.FR) }

// booksForm is the form of the settings as it stands, changed here and there.
func (s *site) booksForm(changed ...string) []string {
	form := []string{
		"version", typedVersion(s.register().Organisation.Version), "purchase_journal", "AC", "closing_journal", "OD", "bank_journal", "BQ",
		"supplier", "401", "deductible", "44566", "due_vat", "4452", "prepaid", "486", "bank", "512", "method", "days", "threshold", "",
	}
	for i := 0; i < len(changed); i += 2 {
		at := -1
		for k := 0; k < len(form); k += 2 {
			if form[k] == changed[i] {
				at = k
			}
		}
		if at < 0 {
			form = append(form, changed[i], changed[i+1])
		} else {
			form[at+1] = changed[i+1]
		}
	}
	return form
}

func TestBooksAreKeptAsTheAccountantSays(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	s.get("/accounting/settings").wants(t, http.StatusOK, "votre expert-comptable décide", `value="AC"`, `value="44566"`, "TVA déductible sur autres biens et services", `href="/settings/functions"`, `value="days" checked`)
	before := s.register().Revision
	s.submit("/accounting/settings", s.booksForm()...).follows(t, "/accounting/settings")
	if r := s.register(); r.Revision != before || r.Organisation.Books != (models.Bookkeeping{}) {
		t.Errorf("what is usual was written down: %+v", r.Organisation.Books)
	}
	s.submit("/accounting/settings", s.booksForm("purchase_journal", "ha", "supplier", " 401 100 ", "method", "months", "threshold", "50,00", "settlements", "on")...).follows(t, "/accounting/settings")
	want := models.Bookkeeping{PurchaseJournal: "HA", Supplier: "401100", Method: models.PrepaidMonths, Threshold: money.Euros(50_00), Settlements: true}
	if got := s.register().Organisation.Books; got != want {
		t.Errorf("kept as %+v", got)
	}
	s.get("/accounting/settings").wants(t, http.StatusOK, "sont enregistrés", `value="HA"`, `value="401100"`, `value="months" checked`, `value="50,00"`)
	s.get("/accounting/entries").wants(t, http.StatusOK, "HA-1", "401100", "BQ-1", "512")
	s.get("/accounting/prepaid").wants(t, http.StatusOK, "Au prorata des mois", "de moins de 50,00")
	s.get("/audit?kind=bookkeeping").wants(t, http.StatusOK, "réglages comptables", "journal des achats", "HA", "mois", "50,00")

	s.as(models.Editor)
	page := s.get("/accounting/settings").wants(t, http.StatusOK, "HA", "peuvent changer ces réglages")
	if strings.Contains(page.body, "<form class=\"form\"") {
		t.Error("an editor gets the form")
	}
	s.submit("/accounting/settings", s.booksForm()...).wants(t, http.StatusForbidden)
}

func TestWrongBookkeepingComesBackAsTyped(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	for _, c := range [][3]string{
		{"purchase_journal", "ACHATS", "lettres capitales"},
		{"purchase_journal", "É", "lettres capitales"},
		{"closing_journal", "AC", "son propre code"},
		{"bank_journal", "OD", "son propre code"},
		{"supplier", "4", "3 à 12 chiffres"},
		{"bank", "512A", "3 à 12 chiffres"},
		{"threshold", "beaucoup", "beaucoup"},
		{"threshold", "-5", "threshold-error"},
		{"method", "guess", "method-error"},
		{"method", "", "method-error"},
	} {
		a := s.submit("/accounting/settings", s.booksForm(c[0], c[1], "deductible", "445660")...).wants(t, http.StatusUnprocessableEntity, `id="`+c[0]+`-error"`, c[2], `value="445660"`)
		if c[0] != "method" && !strings.Contains(a.body, `value="`+c[1]+`"`) {
			t.Errorf("%s %q is lost", c[0], c[1])
		}
		if c[1] != "" && strings.Contains(a.body, "Compte "+c[1]) {
			t.Errorf("%q is named as if it were an account", c[1])
		}
	}
	if s.register().Organisation.Books != (models.Bookkeeping{}) {
		t.Error("something was kept")
	}
	stale := s.booksForm("supplier", "4011")
	s.submit("/accounting/settings", s.booksForm("supplier", "4012")...)
	s.submit("/accounting/settings", stale...).wants(t, http.StatusConflict, "enregistré entre-temps", `value="4011"`)
	if got := s.register().Organisation.Books.Supplier; got != "4012" {
		t.Errorf("the supplier is %s", got)
	}
	s.submit("/accounting/settings", s.booksForm("supplier", "4011")...).follows(t, "/accounting/settings")
}

// prepaidSite is a site with the first case of the schedule: 120,00 € from October to September.
func prepaidSite(t *testing.T) *site {
	t.Helper()
	f := sample.Association(testDay, models.French, testNow)
	p := models.Payment{
		ID: 900_001, ServiceID: f.Services[0].ID, PaidOn: cal.MustNew(2025, time.October, 1), InvoiceNumber: "CCA-1", Account: "6511",
		Billed: money.Euros(120_00), EUR: money.Euros(120_00), Cost: money.Euros(120_00), VATKind: models.NotTaxable, RecordedAt: testNow, RecordedBy: f.People[0].ID,
		Period: cal.Span{From: cal.MustNew(2025, time.October, 1), To: cal.MustNew(2026, time.October, 1)},
	}
	f.Payments, f.Attachments, f.Waivers, f.Organisation.VAT = []models.Payment{p}, nil, nil, nil
	return newSiteWith(t, f).as(models.Accountant)
}

func TestPrepaidExpenseIsShown(t *testing.T) {
	s := prepaidSite(t)
	money := func(cents int64) string { return s.fr().Money(moneyOf(cents)) }
	s.get("/accounting/prepaid?year=2025").wants(t, http.StatusOK, money(89_75), money(30_25), "273 / 365", "payé en 2025", "supporté par 2026", "débit 486", "crédit 6511", long("2025-12-31"), "jours exacts", "Sans seuil", `href="/accounting/settings#method-field"`)
	page := s.get("/accounting/prepaid?year=2026").wants(t, http.StatusOK, "Rien de payé ne sert après", money(89_75), "crédit 486", "reprise")
	if strings.Contains(page.body, "<svg class=\"wide\"") {
		t.Error("nothing is drawn as something")
	}
	s.get("/accounting/prepaid?year=2027").wants(t, http.StatusOK, "Rien à reporter en 2027")
	s.submit("/accounting/settings", s.booksForm("method", "months")...)
	s.get("/accounting/prepaid?year=2025").wants(t, http.StatusOK, money(90_00), money(30_00), "9 / 12", "Au prorata des mois")
	s.submit("/accounting/settings", s.booksForm("threshold", "120,01")...)
	s.get("/accounting/prepaid?year=2025").wants(t, http.StatusOK, "Rien à reporter en 2025", "de moins de 120,01")
}

// The table holds what is spread over years only: the rest of the year is said, so that its total and what the year bears agree.
func TestPrepaidExpenseAddsUpToTheYear(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	r := s.register()
	rest := money.Zero(money.EUR) // what payments of the year cost that serve nothing after it
	year := r.Organisation.YearStart.Year(2026)
	total, spread := prepaidIn(r, year), map[models.ID]bool{}
	for _, item := range r.PrepaidSchedule(year) {
		spread[item.Payment.ID] = true
	}
	for i := range r.Payments {
		if p := &r.Payments[i]; p.Converted() && year.Span().Contains(p.PaidOn) && !spread[p.ID] {
			rest = rest.Add(p.Cost)
		}
	}
	if rest.IsZero() || !rest.Equal(total.Within) {
		t.Fatalf("%v is said to serve the year alone, %v does", total.Within, rest)
	}
	say := s.fr()
	s.get("/accounting/prepaid?year=2026").wants(t, http.StatusOK, "ne sert qu’en 2026", say.Money(total.Within), say.Money(total.Borne))
}

// The entries that were handed out follow the settings, too: it is said before anybody changes them.
func TestSettingsOfEntriesHandedOutAreWarnedOf(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	warned := func() bool {
		return strings.Contains(s.get("/accounting/settings").wants(t, http.StatusOK).body, "change aussi celles-là")
	}
	if warned() {
		t.Error("nothing was handed out yet")
	}
	if s.submit("/exports/invoices", "year", "2026").wants(t, http.StatusOK); warned() {
		t.Error("a list of invoices holds no entries")
	}
	if s.submit("/exports/journal", "year", "2026").wants(t, http.StatusOK); !warned() {
		t.Error("the journal was handed out")
	}
}

// What undoes a payment after the closing stands below it in the schedule, and is told from it.
func TestPrepaidExpenseUndoneLaterIsTold(t *testing.T) {
	f := prepaidSite(t).register().Facts
	undo, err := f.Payments[0].Reversal(cal.Date{})
	if err != nil {
		t.Fatal(err)
	}
	undo.ID, undo.RecordedAt = 900_002, testNow
	f.Payments[0].ReversedByID = undo.ID
	f.Payments = append(f.Payments, undo)
	s := newSiteWith(t, f).as(models.Accountant)
	page := s.get("/accounting/prepaid?year=2025").wants(t, http.StatusOK, "2 paiements")
	if n := strings.Count(page.body, `<span class="tag">contre-écriture</span>`); n != 1 {
		t.Errorf("%d of the two are called the undoing", n)
	}
}

func moneyOf(cents int64) money.Amount { return money.Euros(cents) }

// Each way to spread stands beside what it gives for the year, and none is chosen for anybody.
func TestMethodsShowWhatTheyGive(t *testing.T) {
	f := prepaidSite(t).register().Facts
	f.Payments[0].PaidOn, f.Payments[0].Period = cal.MustNew(2026, time.October, 1), cal.Span{From: cal.MustNew(2026, time.October, 1), To: cal.MustNew(2027, time.October, 1)}
	s := newSiteWith(t, f).as(models.Director)
	page := s.get("/accounting/settings").wants(t, http.StatusOK, s.fr().Money(money.Euros(89_75)), s.fr().Money(money.Euros(30_25)))
	if n := strings.Count(page.body, s.fr().Money(money.Euros(90_00))); n != 2 {
		t.Errorf("months and 30/360 are shown %d times", n)
	}
}

// A cost over many years ends in one row for all that follow.
func TestPrepaidFigureOfManyYears(t *testing.T) {
	f := prepaidSite(t).register().Facts
	f.Payments[0].Period.To = cal.MustNew(2035, time.October, 1)
	s := newSiteWith(t, f).as(models.Accountant)
	page := s.get("/accounting/prepaid?year=2025").wants(t, http.StatusOK, "supporté par 2029", "dès 2030")
	if strings.Contains(page.body, "2031") {
		t.Error("years go on for ever")
	}
}

package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestSettingsPages(t *testing.T) {
	s := newSite(t).as(models.Director)
	r := s.register()
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{
			"/settings", "/settings/vat", "/settings/functions", "/settings/vendors", "/settings/means", "/settings/rates", "/settings/rates?currency=GBP", "/settings/mail",
			"/settings/functions/" + typedID(r.Functions[0].ID), "/settings/vendors/" + typedID(r.Vendors[0].ID), "/settings/means/" + typedID(r.Means[0].ID),
		} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
	for _, path := range []string{"/settings/functions/999999", "/settings/vendors/x", "/settings/means/0"} {
		s.get(path).wants(t, http.StatusNotFound)
		s.submit(path+"/removal").wants(t, http.StatusNotFound)
	}
}

var goodSettings = []string{
	"name", "Passerelles", "year_month", "9", "year_day", "1", "zone", "Indian/Reunion", "lang", "fr", "headcount", "6", "siren", "123 456 789",
	"kept_from", "01/09/2025", "margin_days", "3", "decide_window", "60", "renewal_window", "30",
}

// with gives pairs with one value changed.
func with(pairs []string, name, value string) []string {
	out := append([]string(nil), pairs...)
	for i := 0; i < len(out); i += 2 {
		if out[i] == name {
			out[i+1] = value
			return out
		}
	}
	return append(out, name, value)
}

func TestOrganisationIsSaved(t *testing.T) {
	s := newSite(t).as(models.Director)
	version := typedVersion(s.register().Organisation.Version)
	for _, bad := range []struct{ field, typed, at string }{
		{"name", "", "name"},
		{"name", strings.Repeat("x", 10_000), "name"},
		{"year_month", "13", "year_month"},
		{"year_month", "", ""}, // January
		{"zone", "Mars/Olympus", "zone"},
		{"zone", "", "zone"},
		{"lang", "de", "lang"},
		{"headcount", "-1", "headcount"},
		{"headcount", "cinq", "headcount"},
		{"siren", "12345", "siren"},
		{"kept_from", "30/02/2026", "kept_from"},
		{"kept_from", "", "kept_from"},
		{"margin_days", "61", "margin_days"},
		{"decide_window", "0", "decide_window"},
		{"renewal_window", "366", "renewal_window"},
	} {
		if bad.at == "" {
			continue
		}
		page := s.submit("/settings", with(with(goodSettings, bad.field, bad.typed), "version", version)...)
		if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `id="`+bad.at+`-error"`) {
			t.Errorf("%s = %.20q: status %d\n%s", bad.field, bad.typed, page.status, excerpt(page.body))
		}
	}
	vat := s.register().Organisation.VAT
	s.submit("/settings", with(goodSettings, "version", version)...).follows(t, "/settings")
	o := s.register().Organisation
	if o.Name != "Passerelles" || o.YearStart != (cal.YearStart{Month: time.September, Day: 1}) || o.Zone != "Indian/Reunion" || o.SIREN != "123456789" ||
		o.Headcount != 6 || o.MarginDays != 3 || o.DecideWindow != 60 || !o.Sample || len(o.VAT) != len(vat) {
		t.Errorf("saved %+v", o)
	}
	s.submit("/settings", with(with(goodSettings, "name", "Autre"), "version", version)...).wants(t, http.StatusConflict, `value="Autre"`)
	for _, path := range []string{"/envelope", "/payments", "/accounting", "/settings"} { // a fiscal year over two calendar years
		s.get(path).wants(t, http.StatusOK)
	}
	s.get("/accounting").wants(t, http.StatusOK, "2026-2027")
}

func TestVATStatusesAreDatedAndCosted(t *testing.T) {
	s := newSite(t).as(models.Director)
	r := s.register()
	fr := s.web.books["fr"].words
	b := r.Under(models.VATStatus{Kind: models.NoDeduction}).Position(r.Year(testDay), testDay).Forecast
	s.get("/settings/vat").wants(t, http.StatusOK, fr.Money(b), fr.Money(r.Position(r.Year(testDay), testDay).Forecast))

	version := typedVersion(r.Organisation.Version)
	for _, bad := range [][]string{
		{"kind", "c", "from", "2027-01-01", "share", ""},
		{"kind", "c", "from", "2027-01-01", "share", "120"},
		{"kind", "d", "from", "2027-01-01"},
		{"kind", "a", "from", "31/02/2027"},
		{"kind", "a", "from", ""},
	} {
		s.submit("/settings/vat", with(bad, "version", version)...).wants(t, http.StatusUnprocessableEntity, `-error"`)
	}
	s.submit("/settings/vat", "kind", "c", "from", "2027-01-01", "share", "37", "version", version).follows(t, "/settings/vat")
	got := s.register().Organisation.VATStatusOn(cal.MustNew(2027, time.March, 1))
	if got.Kind != models.PartDeducts || got.Share.String() != "37" {
		t.Errorf("saved %+v", got)
	}
	s.submit("/settings/vat", "kind", "b", "from", "2027-01-01", "version", version).wants(t, http.StatusConflict)
	s.submit("/settings/vat/removal", "from", "2027-01-01").follows(t, "/settings/vat")
	if s.register().Organisation.VATStatusOn(cal.MustNew(2027, time.March, 1)).Kind != models.NotTaxable {
		t.Error("the status is still there")
	}
	s.submit(undoOf(t, s.get("/settings/vat"))).follows(t, "/settings/vat")
	if got := s.register().Organisation.VATStatusOn(cal.MustNew(2027, time.March, 1)); got.Share.String() != "37" {
		t.Errorf("came back as %+v", got)
	}
	s.submit("/settings/vat/removal", "from", "2030-01-01").wants(t, http.StatusNotFound)
}

// Functions, vendors and means of payment are kept in the same way: what holds for one holds for all.
func TestSmallListsAreKept(t *testing.T) {
	s := newSite(t).as(models.Editor)
	r := s.register()
	for _, list := range []struct {
		path string
		good []string
		used models.ID
		find func(name string) (id models.ID, version int64)
	}{
		{"/settings/functions", []string{"account", "6511", "position", "20"}, r.Functions[0].ID, func(name string) (models.ID, int64) {
			for _, x := range s.register().Functions {
				if x.Name == name {
					return x.ID, x.Version
				}
			}
			return 0, 0
		}},
		{"/settings/vendors", []string{"country", "IE", "account", "FTEST"}, r.Vendors[0].ID, func(name string) (models.ID, int64) {
			for _, x := range s.register().Vendors {
				if x.Name == name {
					return x.ID, x.Version
				}
			}
			return 0, 0
		}},
		{"/settings/means", []string{"expires_on", "31/12/2027"}, r.Means[0].ID, func(name string) (models.ID, int64) {
			for _, x := range s.register().Means {
				if x.Name == name {
					return x.ID, x.Version
				}
			}
			return 0, 0
		}},
	} {
		t.Run(list.path, func(t *testing.T) {
			s.submit(list.path, with(list.good, "name", "")...).wants(t, http.StatusUnprocessableEntity, `id="name-error"`)
			s.submit(list.path, with(list.good, "name", strings.Repeat("x", 10_000))...).wants(t, http.StatusUnprocessableEntity, `id="name-error"`)
			s.submit(list.path, with(list.good, "name", "Essai <b>")...).follows(t, list.path)
			page := s.get(list.path).wants(t, http.StatusOK, "Essai &lt;b&gt;")
			if strings.Contains(page.body, "Essai <b>") {
				t.Error("a name became markup")
			}
			s.submit(list.path, with(list.good, "name", "Essai <b>")...).wants(t, http.StatusUnprocessableEntity, `id="name-error"`) // taken
			id, version := list.find("Essai <b>")
			one := list.path + "/" + typedID(id)
			s.submit(one, with(with(list.good, "name", "Autre"), "version", typedVersion(version))...).follows(t, list.path)
			s.submit(one, with(with(list.good, "name", "Encore"), "version", typedVersion(version))...).wants(t, http.StatusConflict, `value="Encore"`)
			s.submit(one, with(with(list.good, "name", ""), "version", typedVersion(version))...).wants(t, http.StatusUnprocessableEntity, `id="name-error"`)
			s.submit(one+"/removal").follows(t, list.path)
			undo := undoOf(t, s.get(list.path))
			s.get(one).wants(t, http.StatusNotFound)
			s.submit(undo).follows(t, list.path)
			if id, _ := list.find("Autre"); id == 0 {
				t.Error("the undo did not bring it back")
			}
			s.submit(list.path+"/"+typedID(list.used)+"/removal").wants(t, http.StatusConflict)
		})
	}
}

func TestRatesAreTypedAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Editor)
	good := []string{"currency", "gbp", "day", "2026-11-20", "rate", "0,86083"}
	for _, bad := range [][2]string{
		{"currency", ""},
		{"currency", "EUR"},
		{"currency", "XXQ"},
		{"day", ""},
		{"day", "24/11/2026"},
		{"day", "30/02/2026"},
		{"rate", ""},
		{"rate", "0"},
		{"rate", "-1"},
		{"rate", "1e3"},
	} {
		page := s.submit("/settings/rates", with(good, bad[0], bad[1])...)
		if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `id="`+bad[0]+`-error"`) {
			t.Errorf("%s = %q: status %d", bad[0], bad[1], page.status)
		}
	}
	s.submit("/settings/rates", good...).follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "0,86083", "cours saisi")
	if conv := s.register().Convert(money.Cents(2500, "GBP"), testDay, testDay); conv.EUR != money.Euros(2904) {
		t.Errorf("25 GBP are %s", conv.EUR)
	}
	rates := s.register().Rates
	s.submit("/settings/rates/"+typedID(rates[len(rates)-1].ID)+"/removal").follows(t, "/settings/rates")
	if s.register().Convert(money.Cents(2500, "GBP"), testDay, testDay).OK() {
		t.Error("the rate is still used")
	}
	s.submit(undoOf(t, s.get("/settings/rates"))).follows(t, "/settings/rates")
	if !s.register().Convert(money.Cents(2500, "GBP"), testDay, testDay).OK() {
		t.Error("the undo did not bring the rate back")
	}
	s.submit("/settings/rates/999999/removal").wants(t, http.StatusNotFound)
}

// A rate for days to come is planned: what is still to come counts at it, today does not, and removing it is undone.
func TestRatesArePlanned(t *testing.T) {
	s := newSite(t).as(models.Editor)
	planned := []string{"currency", "GBP", "day", "2027-01-01", "rate", "0,5", "planned", "1"}
	s.submit("/settings/rates", with(planned, "planned", "")...).wants(t, http.StatusUnprocessableEntity, `id="day-error"`)
	s.submit("/settings/rates", planned...).follows(t, "/settings/rates")
	s.get("/settings/rates").wants(t, http.StatusOK, "pour prévoir, à partir de ce jour")
	january := testDay.AddDays(60)
	holds := func(want money.Amount) {
		t.Helper()
		if conv := s.register().Convert(money.Cents(2500, "GBP"), january, testDay); conv.EUR != want {
			t.Errorf("25 GBP to come are %s", conv.EUR)
		}
		if s.register().Convert(money.Cents(2500, "GBP"), testDay, testDay).OK() {
			t.Error("a planned rate is used today")
		}
	}
	holds(money.Euros(5000))
	rates := s.register().Rates
	s.submit("/settings/rates/"+typedID(rates[len(rates)-1].ID)+"/removal").follows(t, "/settings/rates")
	holds(money.Amount{})
	s.submit(undoOf(t, s.get("/settings/rates"))).follows(t, "/settings/rates")
	holds(money.Euros(5000))
}

func TestMailIsTried(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/settings/mail").wants(t, http.StatusOK, "Aucun serveur", "disabled")
	s.post.configured = true
	s.submit("/settings/mail/test").follows(t, "/settings/mail")
	s.get("/settings/mail").wants(t, http.StatusOK, "claire@passerelles.example")
	s.post.answer = Undelivered{Rule: "mail.auth", Detail: "535 5.7.8 bad credentials"}
	s.submit("/settings/mail/test").wants(t, http.StatusUnprocessableEntity, "535 5.7.8 bad credentials", s.web.books["fr"].words.Problem("mail.auth"))
	if len(s.post.to) != 2 || s.post.to[0] != "claire@passerelles.example" {
		t.Errorf("went to %v", s.post.to)
	}
}

func TestWhoMaySettle(t *testing.T) {
	for _, role := range []models.Role{models.Editor, models.Accountant, models.Staff} {
		s := newSite(t).as(role)
		r := s.register()
		page := s.get("/settings").wants(t, http.StatusOK, "La direction peut changer")
		if strings.Contains(page.body, `action="/settings"`) {
			t.Errorf("%s is offered the form", role)
		}
		s.get("/settings/mail").wants(t, http.StatusForbidden)
		for _, path := range []string{"/settings", "/settings/vat", "/settings/vat/removal", "/settings/mail/test"} {
			s.submit(path, goodSettings...).wants(t, http.StatusForbidden)
		}
		if role.MayEdit() {
			continue
		}
		for _, path := range []string{
			"/settings/functions", "/settings/vendors", "/settings/means", "/settings/rates", "/settings/rates/" + typedID(r.Rates[0].ID) + "/removal",
			"/settings/functions/" + typedID(r.Functions[0].ID), "/settings/vendors/" + typedID(r.Vendors[0].ID) + "/removal", "/settings/means/" + typedID(r.Means[0].ID) + "/removal",
		} {
			s.submit(path, "name", "x").wants(t, http.StatusForbidden)
		}
		for _, path := range []string{"/settings/vat", "/settings/functions", "/settings/vendors", "/settings/means", "/settings/rates"} {
			s.get(path).wants(t, http.StatusOK)
		}
	}
}

// French uses one form for 0 and 1: a sentence that writes the number out would call none "un".
func TestNoneIsNotSaidToBeOne(t *testing.T) {
	s := newSiteWith(t, sampleWith(func(f *models.Facts) {
		*f = models.Facts{Organisation: f.Organisation, People: f.People, Functions: f.Functions}
	})).as(models.Director)
	s.get("/settings/functions").plain().wants(t, http.StatusOK, "0 service")
	s.get("/accounting").plain().wants(t, http.StatusOK, "0 paiement, 0,00 €.")
}

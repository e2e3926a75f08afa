package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var serviceName = regexp.MustCompile(`<th scope="row"><a href="/services/\d+">([^<]+)</a>`)

// listed are the services a page shows, in order.
func (a answer) listed() []string {
	var names []string
	for _, m := range serviceName.FindAllStringSubmatch(a.body, -1) {
		names = append(names, m[1])
	}
	return names
}

func TestServicesAreFoundAndSorted(t *testing.T) {
	s := newSite(t).as(models.Staff)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{"/services", "/services?sort=name", "/services?sort=cost", "/services?sort=next", "/services?state=archived", "/services?tier=free&state=used&page=7"} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"q=dropbox", []string{"Dropbox"}},
		{"q=REUNION+conseil", []string{"Zoom"}},    // without its accent, in what it serves for
		{"q=meisterlabs", []string{"MindMeister"}}, // by vendor
		{"q=veille&tier=premium", []string{"Scoop.it"}},
		{"q=nothing+like+it", nil},
		{"state=ended", nil},
		{"state=nonsense&q=dropbox", []string{"Dropbox"}},
	} {
		if got := s.get("/services?"+c.query).wants(t, http.StatusOK).listed(); !slices.Equal(got, c.want) {
			t.Errorf("%s finds %q, want %q", c.query, got, c.want)
		}
	}
	byCost := s.get("/services?sort=cost").listed()
	if byCost[0] != "Brevo" {
		t.Errorf("dearest first gives %q", byCost)
	}
	if got := s.get("/services?sort=next").listed(); got[0] != "Canva" {
		t.Errorf("soonest first gives %q", got)
	}
	byName := s.get("/services?sort=name").listed()
	if len(byName) != 17 || byName[0] != "Bitwarden" || byName[16] != "Zoom" {
		t.Errorf("by name: %q", byName)
	}
	// Whoever may not write is not offered to.
	if page := s.get("/services"); strings.Contains(page.body, `href="/services/new"`) {
		t.Error("staff is offered to add a service")
	}
}

func TestServicesAddUp(t *testing.T) {
	s := newSite(t).as(models.Director)
	page := s.get("/services").plain().wants(t, http.StatusOK, "Total des 17 services", "930,98 €", "hors montants non convertis", "147,40 €", "5 / 5", "1 / 2", "non converti")
	if strings.Contains(page.body, "1:1") || strings.Contains(page.body, "83,88 €") {
		t.Error("francs without a rate were counted as euros")
	}
	s.get("/services?q=Framacalc").wants(t, http.StatusOK, `href="/services/new?name=Framacalc"`)
	s.get("/services?function="+typedID(s.service("Dropbox").FunctionID)).plain().wants(t, http.StatusOK, "Total des 2 services", "147,40 €")
}

func TestLongServiceListHasPages(t *testing.T) {
	const all = 120
	s := newSiteWith(t, large(all)).as(models.Director)
	first := s.get("/services").wants(t, http.StatusOK, "1 à 50 sur 120", `rel="next"`)
	if strings.Contains(first.body, "data-filter") {
		t.Error("typing would narrow one page only")
	}
	seen := map[string]int{}
	for _, page := range []string{"/services", "/services?page=2", "/services?page=3"} {
		for _, name := range s.get(page).listed() {
			seen[name]++
		}
	}
	if len(seen) != all {
		t.Errorf("%d services on three pages, want %d", len(seen), all)
	}
	if total := s.get("/services?page=3").plain(); !strings.Contains(total.body, "Total des 120 services") {
		t.Error("the total is of one page")
	}
	s.get("/services?page=99").wants(t, http.StatusOK, "1 à 50 sur 120")
	s.get("/services?page=2&q=service").wants(t, http.StatusOK, `rel="prev" href="/services?q=service"`)
}

func TestEmptyServiceList(t *testing.T) {
	f := sampleWith(func(f *models.Facts) {
		*f = models.Facts{Organisation: f.Organisation, People: f.People, Functions: f.Functions}
	})
	s := newSiteWith(t, f).as(models.Director)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		s.get("/services").wants(t, http.StatusOK, `class="empty"`, `href="/services/new"`)
		s.get("/services/new").wants(t, http.StatusOK)
	})
}

// A free service takes its name and its function.
func TestAddFreeService(t *testing.T) {
	s := newSite(t).as(models.Editor)
	function := typedID(s.register().Functions[0].ID)
	s.get("/services/new").wants(t, http.StatusOK)
	a := s.submit("/services", "name", "Nextcloud", "function", function, "tier", "free", "use", "used", "currency", "EUR", "every", "1", "unit", "year", "seats", "1", "started_on", "2026-11-23", "auto_renew", "on", "notice_unit", "day")
	sv := s.service("Nextcloud")
	a.follows(t, servicePath(sv.ID))
	sub, ok := s.register().Current(sv.ID)
	if !ok || s.register().TierOf(sub) != models.Free || sub.LookOn != cal.MustNew(2027, 11, 23) {
		t.Errorf("subscription %+v", sub)
	}
	s.get(servicePath(sv.ID)).wants(t, http.StatusOK, "Nextcloud est au registre.", "sert en version gratuite")

	s.submit("/services", "name", "Odoo", "function", function, "tier", "free", "use", "considered").follows(t, servicePath(s.service("Odoo").ID))
	if _, ok := s.register().Current(s.service("Odoo").ID); ok {
		t.Error("a service only considered has a subscription")
	}
	s.get(servicePath(s.service("Odoo").ID)).wants(t, http.StatusOK, "est à l’étude", "Aucun abonnement")
	if got := s.get("/services?state=considered").listed(); !slices.Equal(got, []string{"Odoo"}) {
		t.Errorf("considered: %q", got)
	}
}

// A paid one is recorded whole in one go, with its vendor and a rate.
func TestAddPaidServiceAllAtOnce(t *testing.T) {
	s := newSite(t).as(models.Director)
	revision := s.register().Revision
	s.submit("/services",
		"name", "Notion", "function", typedID(s.register().Functions[3].ID), "about", "wiki de l’équipe", "vendor", "Notion Labs, Inc.", "country", "US",
		"tier", "premium", "plan_name", "Plus", "price", "10,00", "currency", "gbp", "per_seat", "on", "every", "1", "unit", "month", "limits", "historique de 30 jours\ninvités",
		"seen_on", "20/11/2026", "seen_at", "https://www.notion.so/pricing", "use", "used", "started_on", "2026-11-01", "anchor", "2026-11-15", "seats", "3",
		"notice", "30", "notice_unit", "day", "auto_renew", "on", "owner", typedID(s.facts.People[1].ID), "means", typedID(s.facts.Means[0].ID), "rate", "0,86083",
	).follows(t, servicePath(s.service("Notion").ID))
	r, sv := s.register(), s.service("Notion")
	if r.Revision != revision+1 {
		t.Errorf("%d revisions, want one transaction", r.Revision-revision)
	}
	sub, _ := r.Current(sv.ID)
	plan, _ := r.Plan(sub.PlanID)
	vendor, _ := r.Vendor(sv.VendorID)
	switch {
	case vendor.Name != "Notion Labs, Inc." || vendor.Country != "US":
		t.Errorf("vendor %+v", vendor)
	case plan.Price != money.Cents(1000, "GBP") || !plan.PerSeat || plan.Cadence != cal.Monthly || plan.Name != "Plus" || plan.SeenOn != cal.MustNew(2026, 11, 20):
		t.Errorf("plan %+v", plan)
	case sub.Anchor != cal.MustNew(2026, 11, 15) || sub.Terms[0].Seats != 3 || sub.Notice.N != 30 || sub.OwnerID != s.facts.People[1].ID || !sub.AutoRenew:
		t.Errorf("subscription %+v", sub)
	}
	if c := r.Convert(money.Cents(2500, "GBP"), testDay, testDay); c.EUR != money.Euros(2904) {
		t.Errorf("25 GBP are %s", c.EUR)
	}
	s.get(servicePath(sv.ID)).plain().wants(t, http.StatusOK, "Notion se renouvelle le 15 décembre, à <strong>34,85 €</strong>", "historique de 30 jours", "10,00 £GB par siège, par mois")
	// A trial moves the first payment to its end.
	s.submit("/services", "name", "Asana", "function", typedID(r.Functions[0].ID), "tier", "premium", "price", "120", "use", "used", "started_on", "2026-11-20", "trial_ends", "2026-12-20", "seats", "1").
		follows(t, servicePath(s.service("Asana").ID))
	if sub, _ := s.register().Current(s.service("Asana").ID); sub.Anchor != cal.MustNew(2026, 12, 20) {
		t.Errorf("anchor %s", sub.Anchor)
	}
	s.get(servicePath(s.service("Asana").ID)).plain().wants(t, http.StatusOK, "est à l’essai jusqu’au 20 décembre, puis coûte <strong>120,00 €</strong>")
}

func TestBadServicesComeBackAsTyped(t *testing.T) {
	s := newSite(t).as(models.Director)
	revision := s.register().Revision
	good := map[string]string{
		"name": "Notion", "function": typedID(s.register().Functions[0].ID), "tier": "premium", "price": "10,00", "currency": "EUR", "every": "1", "unit": "month",
		"use": "used", "started_on": "2026-11-01", "seats": "3", "notice_unit": "day",
	}
	for _, bad := range []struct{ field, typed, at string }{
		{"name", "", "name"},
		{"name", strings.Repeat("é", 10_000), "name"},
		{"name", "a\u202eb", "name"},
		{"function", "", "function"},
		{"function", "abc", "function"},
		{"function", "999999", "function"},
		{"tier", "gold", "tier"},
		{"price", "", "price"},
		{"price", "-3", "price"},
		{"price", "0", "price"},
		{"price", "9999999999", "price"},
		{"price", "12,3456", "price"},
		{"price", "1e9", "price"},
		{"price", "1,234", "price"},
		{"currency", "XXQ", "currency"},
		{"every", "0", "every"},
		{"every", "1000", "every"},
		{"every", "un", "every"},
		{"started_on", "30/02/2026", "started_on"},
		{"anchor", "2026-10-31", "anchor"},
		{"trial_ends", "2026-10-01", "trial_ends"},
		{"seats", "0", "seats"},
		{"seats", "10001", "seats"},
		{"seats", "trois", "seats"},
		{"notice", "-1", "notice"},
		{"notice", "4000", "notice"},
		{"rate", "zéro", "rate"},
		{"rate", "0", "rate"},
		{"url", "javascript:alert(1)", "url"},
		{"seen_on", "2026-11-24", "seen_on"},
		{"country", "FR", "vendor"}, // of nobody
		{"note", strings.Repeat("x", 4001), "note"},
		{"limits", strings.Repeat("x", 4001), "limits"},
		{"owner", "999999", "owner"},
	} {
		var pairs []string
		for name, typed := range good {
			if name != bad.field {
				pairs = append(pairs, name, typed)
			}
		}
		page := s.submit("/services", append(pairs, bad.field, bad.typed)...).wants(t, http.StatusUnprocessableEntity)
		if !strings.Contains(page.body, `id="`+bad.at+`-error"`) && !strings.Contains(page.body, `href="#`+bad.at+`"`) {
			t.Errorf("%s = %.20q: no sentence at %s\n%s", bad.field, bad.typed, bad.at, excerpt(page.body))
		}
		if bad.field != "price" && !strings.Contains(page.body, `value="10,00"`) {
			t.Errorf("%s = %.20q: what was typed is lost", bad.field, bad.typed)
		}
	}
	if got := s.register().Revision; got != revision {
		t.Errorf("something was written: revision %d, was %d", got, revision)
	}
	// Everything wrong is said at once.
	page := s.submit("/services", "tier", "premium", "use", "used", "seats", "0", "every", "0").wants(t, http.StatusUnprocessableEntity)
	for _, at := range []string{"name", "function", "price", "every", "seats"} {
		if !strings.Contains(page.body, `href="#`+at+`"`) {
			t.Errorf("nothing said of %s", at)
		}
	}
}

func TestServiceIsChanged(t *testing.T) {
	s := newSite(t).as(models.Director)
	sv := s.service("Dropbox")
	path := servicePath(sv.ID)
	s.get(path+"/edit").wants(t, http.StatusOK, `value="Dropbox"`, `value="Dropbox International Unlimited Company"`, `value="90"`)
	typed := []string{"name", "Dropbox Plus", "function", typedID(sv.FunctionID), "vendor", "Dropbox International Unlimited Company", "country", "IE", "export_every", "30", "closes_on", "2027-06-30", "version", typedVersion(sv.Version)}
	s.submit(path, typed...).follows(t, path)
	now := s.service("Dropbox Plus")
	if now.ExportEvery != 30 || now.ClosesOn != cal.MustNew(2027, 6, 30) || now.VendorID != sv.VendorID || now.ExportedOn != sv.ExportedOn {
		t.Errorf("saved %+v", now)
	}
	// Somebody who had the form open meanwhile does not overwrite it unknowingly, and loses nothing.
	typed[1] = "Dropbox à moi"
	page := s.submit(path, typed...).wants(t, http.StatusConflict, "Quelqu’un a enregistré entre-temps", `value="Dropbox à moi"`)
	version := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(page.body)
	if len(version) != 2 || version[1] == typedVersion(sv.Version) {
		t.Fatalf("version %v", version)
	}
	typed[len(typed)-1] = version[1]
	s.submit(path, typed...).follows(t, path)
	// A vendor not known yet is added, but only with a service that is right.
	s.submit(path, "name", "", "function", typedID(sv.FunctionID), "vendor", "Autre SARL", "version", version[1]).wants(t, http.StatusUnprocessableEntity)
	for _, v := range s.register().Vendors {
		if v.Name == "Autre SARL" {
			t.Error("a vendor was added by a form that was refused")
		}
	}
	for _, bad := range []struct{ field, typed string }{
		{"url", "ftp://x"}, {"cancel_url", "www"}, {"export_every", "-1"}, {"export_every", "4000"}, {"closes_on", "31/02/2026"}, {"about", strings.Repeat("x", 10_000)}, {"country", "France"},
	} {
		page := s.submit(path, "name", "x", "vendor", "Autre SARL", "function", typedID(sv.FunctionID), "version", "1", bad.field, bad.typed).wants(t, http.StatusUnprocessableEntity)
		if !strings.Contains(page.body, `id="`+bad.field+`-error"`) && !strings.Contains(page.body, `href="#`+bad.field+`"`) {
			t.Errorf("%s = %.20q: no sentence beside it", bad.field, bad.typed)
		}
	}
}

func TestServiceIsArchivedAndBack(t *testing.T) {
	s := newSite(t).as(models.Director)
	running := servicePath(s.service("Dropbox").ID)
	s.get(running+"/archive").wants(t, http.StatusOK, "Un abonnement court encore", "/cancellation")
	s.submit(running+"/archive").wants(t, http.StatusConflict, "Un abonnement court encore")

	s.submit("/services", "name", "Odoo", "function", typedID(s.register().Functions[0].ID), "tier", "free", "use", "considered")
	odoo := servicePath(s.service("Odoo").ID)
	s.get(odoo+"/archive").wants(t, http.StatusOK, "Archiver Odoo", "<form")
	s.submit(odoo+"/archive").follows(t, "/services")
	page := s.get("/services").wants(t, http.StatusOK, "Odoo est archivé.", `action="`+odoo+`/restore"`, "1 service archivé")
	if slices.Contains(page.listed(), "Odoo") {
		t.Error("an archived service is still listed")
	}
	if got := s.get("/services?state=archived").listed(); !slices.Equal(got, []string{"Odoo"}) {
		t.Errorf("archived: %q", got)
	}
	s.get(odoo).wants(t, http.StatusOK, "est archivé depuis le", "Sortir des archives")
	s.submit(odoo+"/restore").follows(t, odoo)
	if s.service("Odoo").Archived() {
		t.Error("not restored")
	}
}

func TestDataExportIsNoted(t *testing.T) {
	s := newSite(t).as(models.Editor)
	path := servicePath(s.service("Scoop.it").ID)
	s.get(path).wants(t, http.StatusOK, "aucune copie des données depuis le 21")
	s.submit(path+"/export", "exported_on", "24/11/2026").wants(t, http.StatusUnprocessableEntity, `id="exported_on-error"`, `value="24/11/2026"`)
	s.submit(path+"/export", "exported_on", "2026-11-22").follows(t, path)
	page := s.get(path).plain().wants(t, http.StatusOK, "Copie des données de Scoop.it notée au 22 novembre 2026.")
	if strings.Contains(page.body, "aucune copie des données") {
		t.Error("still warned of after the copy")
	}
	if got := s.service("Scoop.it").ExportedOn; got != cal.MustNew(2026, 11, 22) {
		t.Errorf("noted on %s", got)
	}
}

// One wrong field is said once, beside it: what is counted from it is not refused in its turn.
func TestAWrongFieldIsSaidOnce(t *testing.T) {
	s := newSite(t).as(models.Editor)
	function := typedID(s.register().Functions[0].ID)
	for _, wrong := range []struct{ currency, started, field string }{
		{"ZZZ", "2026-11-23", "currency"},
		{"USD", "30/02/2026", "started_on"},
	} {
		a := s.submit("/services", "name", "Prezi", "function", function, "tier", "premium", "price", "60,00", "currency", wrong.currency,
			"use", "used", "every", "1", "unit", "year", "seats", "1", "started_on", wrong.started)
		a.wants(t, http.StatusUnprocessableEntity, `id="`+wrong.field+`-error"`, `value="60,00"`)
		if n := strings.Count(a.body, `class="error"`); n != 1 {
			t.Errorf("%s: %d fields are refused, want 1", wrong.field, n)
		}
	}
}

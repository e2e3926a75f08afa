package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// theServer is what an association of five types to hold a service against a server of its own, by field.
func theServer(service models.ID) map[string]string {
	return map[string]string{
		"service": typedID(service), "name": "Dropbox ou un serveur", "on": "2026-11-20", "years": "3", "users": "5", "hour_cost": "25", "note": "devis d’octobre",
		"online.0.label": "Abonnement", "online.0.yearly": "119,88", "online.1.label": "Formation", "online.1.hours_once": "10",
		"online.4.label": "Suivi", "online.4.hours_yearly": "12",
		"installed.0.label": "Licences", "installed.0.once": "500", "installed.0.share": "20 %", "installed.1.label": "Serveur", "installed.1.once": "900",
		"installed.2.label": "Administration", "installed.2.hours_yearly": "48 h", "installed.3.label": "Formation", "installed.3.hours_once": "15,0",
		"installed.11.label": "Énergie et sauvegarde", "installed.11.yearly": "120",
	}
}

func (s *site) submitFields(path string, f map[string]string) answer {
	pairs := make([]string, 0, 2*len(f))
	for name, value := range f {
		pairs = append(pairs, name, value)
	}
	return s.submit(path, pairs...)
}

func TestComparisonIsMadeShownChangedAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Editor)
	dropbox := s.service("Dropbox").ID
	known := len(s.register().Comparisons)
	made := s.submitFields("/comparisons", theServer(dropbox))
	x := s.register().Comparisons[known]
	made.follows(t, comparisonPath(x.ID))
	if len(x.Online) != 3 || len(x.Installed) != 5 || x.Installed[2].HoursYearly != 4800 || x.Installed[0].YearlyShare != money.PercentOf(20) {
		t.Errorf("saved %+v", x)
	}
	bothLanguages(t, s, func(t *testing.T, lang string) {
		w := s.web.books[models.Lang(lang)].words
		page := s.get(comparisonPath(x.ID)).wants(t, http.StatusOK, w.Money(money.Euros(50_321)), w.Money(money.Euros(201_167)), w.Money(money.Euros(150_846)), w.Money(money.Euros(40_233)))
		if n := strings.Count(page.body, "<polyline"); n != 4 {
			t.Errorf("%d curves are drawn, want two for a page and two for a phone", n)
		}
		if n := strings.Count(page.body, `class="dot"`); n != 16 {
			t.Errorf("%d points are drawn, want two a year and the start, twice", n)
		}
		s.get("/comparisons").wants(t, http.StatusOK, "Dropbox ou un serveur", w.Money(money.Euros(150_846)))
	})
	s.submit("/language", "lang", "fr", "to", "/")
	s.get(comparisonPath(x.ID)).wants(t, http.StatusOK, "En ligne reste devant du premier au dernier jour.", "devis d’octobre")
	s.get(servicePath(dropbox)).wants(t, http.StatusOK, `href="`+comparisonPath(x.ID)+`"`, "/comparisons/new?service="+typedID(dropbox))

	s.get(comparisonPath(x.ID)+"/edit").wants(t, http.StatusOK, `value="119,88"`, `value="12"`, `value="48"`)
	f := theServer(0)
	f["online.0.yearly"], f["version"] = "3000", typedVersion(x.Version)
	s.submitFields(comparisonPath(x.ID), f).follows(t, comparisonPath(x.ID))
	s.get(comparisonPath(x.ID)).wants(t, http.StatusOK, "Installé, ce serait", "le rattrape au bout de 10 mois", "Tous les services")
	s.submitFields(comparisonPath(x.ID), f).wants(t, http.StatusConflict, `value="3000"`)

	s.get(comparisonPath(x.ID)+"/removal").wants(t, http.StatusOK, "peut être annulée")
	was, _ := s.register().Comparison(x.ID)
	s.submit(comparisonPath(x.ID)+"/removal").follows(t, "/comparisons")
	if n := len(s.register().Comparisons); n != known {
		t.Fatalf("%d comparisons are left, want %d", n, known)
	}
	undo := undoOf(t, s.get("/comparisons"))
	s.get(comparisonPath(x.ID)).wants(t, http.StatusNotFound)
	s.submit(undo)
	back := s.register().Comparisons[known]
	back.ID, back.Version = was.ID, was.Version
	if d := cmp.Diff(was, back, cmp.Comparer(money.Amount.Equal), cmp.Comparer(money.Percent.Equal), cmp.Comparer(func(a, b cal.Date) bool { return a == b })); d != "" {
		t.Errorf("came back changed (-was +is):\n%s", d)
	}
}

func TestComparisonRefusedKeepsWhatWasTyped(t *testing.T) {
	s := newSite(t).as(models.Director)
	before := len(s.register().Comparisons)
	refused := map[string]struct {
		field, typed, says string
	}{
		"no name":             {"name", "", "compare.field.name"},
		"no years":            {"years", "0", ""},
		"years in letters":    {"years", "trois", ""},
		"ambiguous":           {"installed.1.once", "1,234", ""},
		"an exponent":         {"installed.1.once", "1e9", ""},
		"below nothing":       {"installed.11.yearly", "-5", ""},
		"hours in letters":    {"online.4.hours_yearly", "douze", "Écrivez des heures"},
		"hours to a third":    {"online.4.hours_yearly", "1,333", "Écrivez des heures"},
		"hours below nothing": {"online.4.hours_yearly", "-1", "Écrivez des heures"},
		"a share above all":   {"installed.0.share", "120", ""},
		"a share of nothing":  {"installed.3.share", "5", "La part est celle du montant"},
		"a line without name": {"installed.2.label", "", ""},
		"work without cost":   {"hour_cost", "", "Indiquez ce que coûte une heure"},
		"a day that is none":  {"on", "2026-02-30", ""},
		"nobody's service":    {"service", "987654321", ""},
	}
	for name, c := range refused {
		f := theServer(s.service("Dropbox").ID)
		f[c.field] = c.typed
		page := s.submitFields("/comparisons", f).wants(t, http.StatusUnprocessableEntity)
		if strings.HasPrefix(c.says, "compare.") {
			c.says = ""
		}
		if !strings.Contains(page.body, `href="#`+c.field+`"`) || !strings.Contains(spaced(page.body), c.says) {
			t.Errorf("%s: nothing is said of %s\n%s", name, c.field, excerpt(page.body))
		}
		if n := strings.Count(page.body, `aria-invalid="true"`); n != 1 {
			t.Errorf("%s: %d fields are marked", name, n)
		}
		for field, typed := range f {
			if field == "service" || field == "note" || field == c.field {
				continue
			}
			_, tag, _ := strings.Cut(page.body, `name="`+field+`"`)
			if tag, _, _ = strings.Cut(tag, ">"); !strings.Contains(tag, `value="`+typed+`"`) {
				t.Errorf("%s: %s lost %q", name, field, typed)
			}
		}
	}
	empty := s.submit("/comparisons", "name", "Rien", "on", "2026-11-20", "years", "3", "users", "5", "installed.0.label", "Serveur").
		wants(t, http.StatusUnprocessableEntity, `href="#online"`, `href="#installed"`)
	if n := strings.Count(empty.body, "Indiquez au moins un montant"); n != 4 { // in the list, and on each side
		t.Errorf("said %d times", n)
	}
	if n := len(s.register().Comparisons); n != before {
		t.Errorf("%d were saved", n-before)
	}
}

func TestComparisonProposesWhatTheRegisterKnows(t *testing.T) {
	s := newSite(t).as(models.Director)
	r := s.register()
	w := s.web.books["fr"].words
	all, _ := r.RunRate(testDay)
	s.get("/comparisons/new").wants(t, http.StatusOK, `value="`+w.MoneyInput(all)+`"`, `value="5"`, "Licences et maintenance", "Énergie et sauvegarde")
	dropbox := s.service("Dropbox")
	yearly, _ := r.YearlyCost(r.SubscriptionsOf(dropbox.ID)[0], testDay)
	page := s.get("/comparisons/new?service="+typedID(dropbox.ID)).wants(t, http.StatusOK, `value="`+w.MoneyInput(yearly)+`"`, "Dropbox ou un logiciel installé", "selected>Dropbox<")
	if n := strings.Count(page.body, `name="installed.`); n != 6*models.MaxCostItems {
		t.Errorf("%d fields for the installed side", n)
	}
	for _, query := range []string{"?service=0", "?service=x", "?service=987654321", "?service=-1"} {
		s.get("/comparisons/new"+query).wants(t, http.StatusNotFound)
	}
	s.as(models.Staff)
	s.get("/comparisons").wants(t, http.StatusOK)
	s.get("/comparisons/new").wants(t, http.StatusForbidden)
	if page := s.get(servicePath(dropbox.ID)); strings.Contains(page.body, "/comparisons/new") {
		t.Error("staff are offered what they may not do")
	}
	emptyRegister(t).as(models.Director).get("/comparisons").wants(t, http.StatusOK, "Aucune comparaison")
}

// A comparison too long for a notice says so before it goes, and what is packed by somebody else is read like a form.
func TestRemovedComparisonsComeBackOrSaySo(t *testing.T) {
	s := newSite(t).as(models.Director)
	f := theServer(0)
	var note strings.Builder
	for i := range 900 {
		fmt.Fprintf(&note, "%x ", i*7919)
	}
	f["note"] = note.String()[:4000]
	before := len(s.register().Comparisons)
	s.submitFields("/comparisons", f)
	x := s.register().Comparisons[before]
	s.get(comparisonPath(x.ID)+"/removal").wants(t, http.StatusOK, "trop longue")
	s.submit(comparisonPath(x.ID)+"/removal").follows(t, "/comparisons")
	if page := s.get("/comparisons").wants(t, http.StatusOK, "est supprimée"); strings.Contains(page.body, `action="/comparisons?kept=`) {
		t.Error("a way back is offered that does not hold")
	}
	for _, kept := range []string{"x", "%00", "AAAA", "q1YqLU4tUrJSKlGqBQA"} {
		if a := s.submit("/comparisons?kept=" + kept); a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q is answered %d", kept, a.status)
		}
	}
	if n := len(s.register().Comparisons); n != before {
		t.Errorf("%d comparisons, want %d", n, before)
	}
}

func TestParseHours(t *testing.T) {
	for typed, want := range map[string]models.Hours{
		"": 0, "0": 0, "12": 1200, "1,5": 150, "1.5": 150, "1,25": 125, " 1 200 ": 120_000, "12 h": 1200, "1 h 30": 150, "1h05": 108, "0h20": 33, "2H": 200,
		"1\u202f200,5\u00a0h": 120_050, "10000000": 1_000_000_000,
	} {
		if got, ok := parseHours(typed); !ok || got != want {
			t.Errorf("%q: %d, %v, want %d", typed, got, ok, want)
		}
	}
	for _, typed := range []string{"x", "-1", "1,333", "1,", ",5", "1h60", "1h5h", "h", "h30", "1h-5", "1h005", "1e3", "+5", "1.5.5", "99999999999999999999", "10000001", "٣"} {
		if got, ok := parseHours(typed); ok {
			t.Errorf("%q is read as %d", typed, got)
		}
	}
	w := newSite(t).web.books["fr"].words
	for _, h := range []models.Hours{1, 10, 25, 150, 100, 120_050, 999_999} {
		if back, ok := parseHours(hoursFigure(w, h)); !ok || back != h {
			t.Errorf("%d is written %s and read %d", h, hoursFigure(w, h), back)
		}
	}
}

func TestMonthsInWords(t *testing.T) {
	w := newSite(t).web.books["fr"].words
	for month, want := range map[int]string{1: "1 mois", 8: "8 mois", 12: "1 an", 20: "1 an et 8 mois", 36: "3 ans"} {
		if got := spaced(monthText(w, month)); got != want {
			t.Errorf("%d: %s", month, got)
		}
	}
	level := models.Comparison{Name: "x", Years: 2, Users: 1, Online: []models.CostItem{{Label: "a", Yearly: money.Euros(100)}}, Installed: []models.CostItem{{Label: "b", Yearly: money.Euros(200)}}}
	for _, c := range []struct {
		change func(*models.Comparison)
		want   string
	}{
		{func(*models.Comparison) {}, "compare.cross.level.online"},
		{func(x *models.Comparison) { x.Online[0].Yearly = money.Euros(300) }, "compare.cross.level.installed"},
		{func(x *models.Comparison) { x.Online[0].Yearly = money.Euros(200) }, "compare.cross.never_apart"},
		{func(x *models.Comparison) { x.Installed[0].Once = money.Euros(100) }, "compare.cross.none.online"},
	} {
		x := level
		x.Online, x.Installed = append([]models.CostItem(nil), level.Online...), append([]models.CostItem(nil), level.Installed...)
		c.change(&x)
		if got := crossText(w, x.Result()); got != w.T(c.want) {
			t.Errorf("%s: %s", c.want, got)
		}
	}
}

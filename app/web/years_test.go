package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestYearsCompared(t *testing.T) {
	s := newSite(t).as(models.Director)
	r := s.register()
	y := r.YearOnYear(r.Year(testDay), testDay)
	if y.Change.IsZero() || len(y.Parts) < 3 {
		t.Fatalf("the sample's years say too little: %+v", y.Parts)
	}
	s.get("/envelope").wants(t, http.StatusOK, `href="/envelope/years?year=2026"`)
	s.get("/envelope/years?year=2027").wants(t, http.StatusOK, "non converti en 2027")
	s.get("/envelope/years?year=2025").wants(t, http.StatusOK, "2025 ne se compare pas à 2024", "janvier 2025")
	bothLanguages(t, s, func(t *testing.T, lang string) {
		w := s.web.books[models.Lang(lang)].words
		page := s.get("/envelope/years").wants(t, http.StatusOK, w.Money(y.Change.Abs()), w.Money(y.Before), w.Money(y.After))
		if n := strings.Count(page.body, `class="wide"`) + strings.Count(page.body, `class="phone"`); n != 2 {
			t.Errorf("%d pictures, want one for a page and one for a phone", n)
		}
		for _, p := range y.Parts {
			name := w.Kind("part", string(p.Kind))
			if n := strings.Count(plain(page.body), name+" "+w.MoneySigned(p.Amount)+"</title>"); n != 2 {
				t.Errorf("%s is drawn and named %d times, want 2", name, n)
			}
			if !strings.Contains(plain(page.body), name+"</th>") {
				t.Errorf("the table lacks %s", name)
			}
		}
		for _, c := range y.Services {
			sv, _ := r.Service(c.ServiceID)
			if !strings.Contains(page.body, sv.Name+"</a>") {
				t.Errorf("the page lacks %s", sv.Name)
			}
		}
	})
	for _, path := range []string{"?year=abc", "?year=0", "?year=99999999999999999999"} {
		s.get("/envelope/years"+path).wants(t, http.StatusNotFound)
	}
	for _, role := range []models.Role{models.Editor, models.Accountant, models.Staff} {
		newSite(t).as(role).get("/envelope/years").wants(t, http.StatusOK)
	}
	emptyRegister(t).as(models.Director).get("/envelope/years").wants(t, http.StatusOK, "Rien à comparer")
}

// plain is a page without the entities that letters were turned into.
func plain(body string) string { return strings.ReplaceAll(body, "&#43;", "+") }

// twoYears is an association that keeps its register since 2025, with one service, changed as given.
func twoYears(t *testing.T, change func(*models.Facts)) *site {
	t.Helper()
	f := newFacts()
	f.Organisation.KeptFrom = cal.MustNew(2025, 1, 1)
	f.Vendors = []models.Vendor{{ID: 3, Name: "Boîte", Country: "FR"}}
	f.Services = []models.Service{{ID: 4, Name: "Dropbox", FunctionID: 2, VendorID: 3}}
	f.Plans = []models.Plan{
		{ID: 5, ServiceID: 4, Name: "Plus", Tier: models.Premium, Price: money.Euros(1000), PerSeat: true, Cadence: cal.Monthly},
		{ID: 6, ServiceID: 4, Name: "Gratuite", Tier: models.Free, Price: money.Euros(0), Cadence: cal.Yearly},
	}
	start := cal.MustNew(2024, 1, 5)
	f.Subscriptions = []models.Subscription{{
		ID: 7, ServiceID: 4, PlanID: 5, StartedOn: start, Anchor: start, Cadence: cal.Monthly, AutoRenew: true,
		Terms: []models.Terms{{ID: 8, From: start, Price: money.Euros(1000), PerSeat: true, Seats: 3}},
	}}
	change(&f)
	return newSiteWith(t, f).as(models.Director)
}

func TestYearsTellInWords(t *testing.T) {
	then := func(f *models.Facts, on cal.Date, price money.Amount, seats int) {
		s := &f.Subscriptions[0]
		s.Terms = append(s.Terms, models.Terms{ID: 9, From: on, Price: price, PerSeat: true, Seats: seats})
	}
	april := cal.MustNew(2026, 4, 1)
	for name, c := range map[string]struct {
		change func(*models.Facts)
		says   []string
	}{
		"nothing": {func(*models.Facts) {}, []string{"2026 coûtera autant que 2025", "Un service coûte autant"}},
		"a rise": {
			func(f *models.Facts) { then(f, april, money.Euros(1200), 3) },
			[]string{"54,00", "de plus que 2025", "prix du siège : 10,00 € → 12,00 €, sur 9 échéances", "Raison :"},
		},
		"seats": {func(f *models.Facts) { then(f, april, money.Euros(1000), 5) }, []string{"180,00", "sièges : 3 → 5, sur 9 échéances"}},
		"a cut": {func(f *models.Facts) { then(f, april, money.Euros(900), 3) }, []string{"de moins que 2025"}},
		"over":  {func(f *models.Facts) { f.Subscriptions[0].EndsOn = april.AddDays(4) }, []string{"arrêté le 5 avril 2026"}},
		"dollars": {
			func(f *models.Facts) {
				f.Subscriptions[0].Terms[0].Price = money.Cents(1000, "USD")
				for i, rate := range []string{"1.0714", "1.1279"} {
					x, err := money.ParseRate(rate)
					if err != nil {
						panic(err)
					}
					f.Rates = append(f.Rates, models.ReferenceRate{ID: models.ID(20 + i), Currency: "USD", Day: cal.MustNew(2025+i, 1, 1), Rate: x, Source: models.RateTyped})
				}
			},
			[]string{
				"cours : 30,00 $US faisaient 28,00 €, font 26,60 €",
				"2025 : 1 € = 1,0714 USD (cours saisi du 1er janvier 2025) · 2026 : 1 € = 1,1279 USD (cours saisi du 1er janvier 2026)",
			},
		},
		"no rate":  {func(f *models.Facts) { f.Subscriptions[0].Terms[0].Price = money.Cents(1000, "USD") }, []string{"non converti, les deux années", "Saisir un cours"}},
		"kept":     {func(f *models.Facts) { f.Organisation.KeptFrom = cal.MustNew(2025, 7, 1) }, []string{"tenu que depuis le 1er juillet 2025", "le registre n’était pas encore tenu"}},
		"cadence":  {func(f *models.Facts) { switched(f, april.AddDays(4), 5, cal.Quarterly) }, []string{"périodicité : tous les mois → tous les 3 mois"}},
		"to free":  {func(f *models.Facts) { switched(f, april.AddDays(4), 6, cal.Yearly) }, []string{"formule : Plus → Gratuite"}},
		"once, no": {func(f *models.Facts) { f.Subscriptions[0].GrantEnds = cal.MustNew(2025, 3, 1) }, []string{"gratuit une partie du temps"}},
	} {
		page := twoYears(t, c.change).get("/envelope/years?year=2026").wants(t, http.StatusOK)
		for _, text := range c.says {
			if !strings.Contains(spaced(plain(page.body)), text) {
				t.Errorf("%s: the page does not say %q\n%s", name, text, excerpt(page.body))
			}
		}
	}
}

// switched ends the subscription on a day and has another plan take over from it.
func switched(f *models.Facts, on cal.Date, plan models.ID, every cal.Cadence) {
	s := f.Subscriptions[0]
	f.Subscriptions[0].EndsOn = on
	price := money.Euros(2000)
	if plan == 6 {
		price = money.Euros(0)
	}
	s.ID, s.PlanID, s.StartedOn, s.Anchor, s.Cadence = 30, plan, on, on, every
	s.Terms = []models.Terms{{ID: 31, From: on, Price: price, PerSeat: plan != 6, Seats: 3}}
	f.Subscriptions = append(f.Subscriptions, s)
}

// spaced writes every kind of space as a plain one.
func spaced(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(text)
}

// An announced rise enters the forecast from its day, and is on the service's page as a picture and in a table.
func TestAnAnnouncedRiseEntersTheForecastFromItsDay(t *testing.T) {
	s := twoYears(t, func(*models.Facts) {})
	before := s.register().Position(s.register().Year(testDay), testDay)
	sub := s.register().Subscriptions[0]
	path := subscriptionPath(sub.ID, "terms", "new")
	s.submit(path, "from", "2026-12-01", "price", "14", "currency", "EUR", "scope", "seat", "seats", "3", "note", "annoncé par courriel", "version", typedVersion(sub.Version)).
		follows(t, servicePath(sub.ServiceID))
	r := s.register()
	after := r.Position(r.Year(testDay), testDay)
	if got := after.Forecast.Sub(before.Forecast); got != money.Euros(1200) {
		t.Errorf("one charge of December rises by three times 4 €, the forecast by %v", got)
	}
	for i, m := range after.Months[:11] {
		if m.Sum() != before.Months[i].Sum() {
			t.Errorf("%v moved from %v to %v", m.Span, before.Months[i].Sum(), m.Sum())
		}
	}
	if next := r.Position(r.Year(testDay).Next(), testDay); next.Forecast != money.Euros(12*3*1400) {
		t.Errorf("the year after costs %v", next.Forecast)
	}
	page := s.get(servicePath(sub.ServiceID)).wants(t, http.StatusOK, "annoncé par courriel", `<g class="ahead">`)
	if !strings.Contains(spaced(page.body), "<title>1er déc. 2026 42 €</title>") {
		t.Error("the picture does not tell the day and the price")
	}
	if n := strings.Count(page.body, `class="line"`); n != 4 {
		t.Errorf("%d lines are drawn, want a riser and a level for each of two prices", n)
	}
	if n := len(r.Subscriptions[0].Terms); n != 2 {
		t.Errorf("the old price was overwritten: %d terms", n)
	}
}

// A service's prices go back over its switches of plan: what an earlier plan cost is part of what it has cost.
func TestPricesOverTimeGoBackOverSwitches(t *testing.T) {
	on := cal.MustNew(2026, 4, 5)
	for name, c := range map[string]struct {
		change func(*models.Facts)
		rows   int
		levels int // of the picture; 0 for none
		says   []string
	}{
		"never changed":    {func(*models.Facts) {}, 1, 0, nil},
		"the same cadence": {func(f *models.Facts) { switched(f, on, 5, cal.Monthly) }, 2, 2, []string{"30 €", "60 €"}},
		"another cadence":  {func(f *models.Facts) { switched(f, on, 5, cal.Quarterly) }, 2, 0, nil},
		"became free":      {func(f *models.Facts) { switched(f, on, 6, cal.Yearly) }, 2, 2, []string{"<small>Gratuite</small>", "<small>Plus</small>"}},
		"a gap":            {func(f *models.Facts) { switched(f, on, 5, cal.Monthly); f.Subscriptions[0].EndsOn = on.AddMonths(-6) }, 2, 3, nil},
		"called off in advance": {func(f *models.Facts) {
			switched(f, cal.MustNew(2027, 4, 5), 5, cal.Monthly)
			f.Subscriptions[0].EndsOn, f.Subscriptions[1].EndsOn = cal.Date{}, cal.MustNew(2027, 4, 5)
		}, 1, 0, nil},
	} {
		s := twoYears(t, c.change)
		page := s.get(servicePath(4)).wants(t, http.StatusOK)
		_, terms, _ := strings.Cut(page.body, `id="terms"`)
		terms, _, _ = strings.Cut(terms, "</section>")
		if n := strings.Count(terms, `<th scope="row">`); n != c.rows {
			t.Errorf("%s: %d rows, want %d", name, n, c.rows)
		}
		if n := strings.Count(terms, "<title>"); n != c.levels {
			t.Errorf("%s: %d prices are drawn, want %d\n%s", name, n, c.levels, terms)
		}
		for _, text := range c.says {
			if !strings.Contains(spaced(terms), text) {
				t.Errorf("%s: not said: %s\n%s", name, text, terms)
			}
		}
	}
}

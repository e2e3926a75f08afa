package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

// written begins the amounts that people wrote into their texts.
const written = " noté : "

// newPlainSite is a site that keeps amounts from staff, with amounts in every text that people wrote, seen by staff.
func newPlainSite(t *testing.T, lang models.Lang) *site {
	t.Helper()
	f := sample.Association(testDay, lang, testNow)
	f.Organisation.StaffWithoutAmounts = true
	const amount = written + "7 777,77 €"
	for i := range f.Services {
		f.Services[i].About += amount
		f.Services[i].Note += amount
		f.Services[i].Access.ExportHow += amount
	}
	for i := range f.Plans {
		f.Plans[i].Limits += "; " + amount
	}
	for i := range f.Decisions {
		f.Decisions[i].Reason += amount
	}
	for i := range f.Subscriptions {
		f.Subscriptions[i].Note += amount
		for j := range f.Subscriptions[i].Terms {
			f.Subscriptions[i].Terms[j].Note += amount
		}
	}
	return newSiteWith(t, f).as(models.Staff)
}

// told are the texts of a page, those that are seen and those that are not.
func told(t *testing.T, body string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for n := range root.Descendants() {
		switch n.Type {
		case html.TextNode, html.CommentNode:
			all = append(all, n.Data)
		case html.ElementNode:
			for _, a := range n.Attr {
				all = append(all, a.Val)
			}
		default: // no text
		}
	}
	return all
}

// prices are the amounts of a register as either language writes them.
func prices(r *models.Register) []string {
	var all []string
	add := func(a money.Amount) {
		if a.IsPositive() {
			for _, lang := range words.Langs() {
				all = append(all, words.In(lang).Money(a), words.In(lang).MoneyRound(a), words.In(lang).MoneyInput(a))
			}
		}
	}
	for _, p := range r.Plans {
		add(p.Price)
	}
	for _, l := range r.Lines(testDay) {
		add(l.Yearly)
		add(l.Terms.Billed())
	}
	for _, p := range r.Payments {
		add(p.Billed)
		add(p.Cost)
	}
	for _, e := range r.Envelopes {
		add(e.Ceiling)
		add(e.Floor)
	}
	// A short figure may be anything else: "12" is a day too.
	return slices.DeleteFunc(all, func(s string) bool { return len(s) < 5 })
}

func checkPlain(t *testing.T, path string, a answer, secret []string) {
	t.Helper()
	for _, text := range told(t, a.body) {
		text = strings.ReplaceAll(text, strings.TrimSpace(written)+" "+money.Concealed, "") // what people wrote, without its amount
		if money.Conceal(text) != text || strings.Contains(text, money.Concealed) || strings.Contains(text, "€") {
			t.Errorf("%s says %.200q", path, text)
		}
	}
	for _, s := range secret {
		if strings.Contains(a.body, s) {
			t.Errorf("%s has the figure %q", path, s)
		}
	}
	for name, values := range a.header {
		if name != "Date" && name != "Etag" && strings.Contains(strings.Join(values, " "), "€") {
			t.Errorf("%s answers %s: %s", path, name, values)
		}
	}
}

// Somebody from whom amounts are kept finds none on any page that answers, wherever a link leads: and no link leads to a
// page that refuses.
func TestStaffWithoutAmountsFindNone(t *testing.T) {
	t.Parallel()
	for _, lang := range []models.Lang{models.French, models.English} {
		s := newPlainSite(t, lang)
		s.submit("/language", "lang", string(lang))
		secret := prices(s.register())
		if len(secret) < 50 {
			t.Fatalf("only %d figures to look for", len(secret))
		}
		seen := map[string]bool{}
		s.crawl(func(path string, a answer) {
			seen[shape(path)] = true
			if strings.HasPrefix(path, "/api/") {
				return // another program's part
			}
			if a.status != http.StatusOK && a.status != http.StatusSeeOther {
				t.Errorf("a link leads to %s, which answers %d", path, a.status)
			}
			checkPlain(t, path, a, secret)
		})
		if len(seen) < 15 {
			t.Errorf("only %d pages", len(seen))
		}
		for _, path := range s.plainPages() {
			a := s.get(path)
			if a.status != http.StatusOK {
				t.Errorf("%s answers %d", path, a.status)
			}
			checkPlain(t, path, a, secret)
		}
	}
}

// plainPages are the pages of every record that answer somebody from whom amounts are kept, in all their views.
func (s *site) plainPages() []string {
	r := s.register()
	pages := []string{
		"/renewals?view=month", "/renewals?view=year", "/renewals?from=2024-01-01", "/services?sort=cost", "/services?sort=next&q=a",
		"/services?state=archived", "/services?state=former", "/processors?lang=en", "/processors?lang=fr", "/services?q=7777", "/digest/preview?lang=en",
	}
	for _, x := range r.Services {
		pages = append(pages, servicePath(x.ID))
	}
	for _, x := range r.Subscriptions {
		pages = append(pages, subscriptionPath(x.ID, "seats"))
	}
	for _, x := range r.People {
		pages = append(pages, personPath(x.ID))
	}
	for _, route := range plainRoutes {
		if path, ok := strings.CutPrefix(route, "GET "); ok && !strings.Contains(path, ":") && path != "/account/confirm" {
			pages = append(pages, path)
		}
	}
	return pages
}

// Every other page refuses them with a sentence, whatever it would have shown, and gives them to those who see amounts.
func TestPagesAboutMoneyAreRefused(t *testing.T) {
	t.Parallel()
	s := newPlainSite(t, models.French)
	refused := 0
	eachRoute(t, s, func(t *testing.T, route, method, path string) {
		if isPlain(method, path) || slices.Contains(openRoutes, route) {
			return
		}
		a := s.ask(method, parameter.ReplaceAllString(path, "1"))
		if a.status != http.StatusForbidden || !strings.Contains(a.body, "Les montants ne vous sont pas montrés") {
			t.Errorf("%s answers %d", route, a.status)
		}
		refused++
	})
	if refused < 100 {
		t.Errorf("only %d routes", refused)
	}
	s.get("/nowhere").wants(t, http.StatusNotFound)
	for _, route := range plainRoutes {
		if !slices.ContainsFunc(s.web.echo.Routes(), func(r *echo.Route) bool { return r.Method+" "+r.Path == route }) {
			t.Errorf("there is no route %s", route)
		}
	}
	if r, err := s.store.Register(context.Background(), s.org); err != nil || r.WithoutAmounts() == r {
		t.Error("the register of everybody else lost its amounts")
	}
}

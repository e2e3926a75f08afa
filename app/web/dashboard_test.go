package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
)

// sampleWith is the sample association with something changed.
func sampleWith(change func(*models.Facts)) models.Facts {
	f := sample.Association(testDay, models.French, testNow)
	change(&f)
	return f
}

// thisYear is the envelope of the year of the tests.
func thisYear(f *models.Facts) *models.Envelope {
	for i := range f.Envelopes {
		if f.Envelopes[i].Year == testDay.Year() {
			return &f.Envelopes[i]
		}
	}
	panic("the sample has no envelope for this year")
}

func TestDashboardSaysWhereTheYearEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*models.Facts)
		says   []string
		not    []string
	}{
		{"within", func(*models.Facts) {}, []string{"Vous finirez l’année à <strong>", "dans l’enveloppe de 800 à 1 000 €.", "Marge sous le plafond"}, []string{"sous le plancher", "franchi"}},
		{"within cents", func(f *models.Facts) { thisYear(f).Floor = money.Euros(80050) }, []string{"dans l’enveloppe de 800,50 € à 1 000 €."}, nil},
		{"no floor", func(f *models.Facts) { thisYear(f).Floor = money.Zero(money.EUR) }, []string{"sous le plafond de 1 000 €."}, []string{"enveloppe de"}},
		{
			"under", func(f *models.Facts) { thisYear(f).Floor = money.Euros(95000) },
			[]string{`<strong class="warning">`, "18,41 € sous le plancher de 950 €."},
			nil,
		},
		{
			"over", func(f *models.Facts) { thisYear(f).Ceiling = money.Euros(90000) },
			[]string{`<strong class="danger">`, "31,59 € au-dessus du plafond de 900 €.", "Le plafond sera franchi le vendredi 18 décembre 2026, par Dropbox.", "url(#hatch-over)"},
			[]string{"Marge sous le plafond", "Enveloppe 2026</b>"}, // said above already
		},
		{
			"crossed already", func(f *models.Facts) { thisYear(f).Floor, thisYear(f).Ceiling = money.Euros(10000), money.Euros(50000) },
			[]string{"Le plafond a été franchi le"},
			[]string{"sera franchi"},
		},
		{
			"no envelope", func(f *models.Facts) { f.Envelopes = nil },
			[]string{"Vous finirez l’année à <strong>931,59 €</strong>.", "Aucune enveloppe n’est fixée pour l’exercice 2026", `href="/envelope">Fixer l’enveloppe`},
			[]string{`class="band"`, "plafond de"},
		},
		{
			"fiscal year", func(f *models.Facts) { f.Organisation.YearStart.Month = 9; f.Envelopes = nil },
			[]string{"Vous finirez l’exercice à", "exercice 2026–2027"},
			nil,
		},
		{
			"not converted", func(f *models.Facts) { f.Rates = nil },
			[]string{"1 montant n’est pas converti et manque à ce total.", "Dropbox</a> 110,00 $US"},
			nil,
		},
		{
			"many payments to record", func(f *models.Facts) { f.Payments, f.Attachments = nil, nil },
			[]string{"paiements à enregistrer</b>", "le plus ancien attend depuis ce jour", "MindMeister"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := newSiteWith(t, sampleWith(c.change)).as(models.Director).get("/").plain().wants(t, http.StatusOK, c.says...)
			for _, text := range c.not {
				if strings.Contains(page.body, text) {
					t.Errorf("the page says %q\n%s", text, excerpt(page.body))
				}
			}
		})
	}
}

func TestDashboardOfANewRegisterSaysWhatToDo(t *testing.T) {
	f := sample.Association(testDay, models.French, testNow)
	empty := models.Facts{Organisation: f.Organisation, People: f.People, Functions: f.Functions}
	s := newSiteWith(t, empty).as(models.Director)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		s.get("/").wants(t, http.StatusOK, `href="/services/new"`, `href="/envelope"`, `href="/people"`)
	})
	s.as(models.Staff).get("/").wants(t, http.StatusOK)
	if page := s.get("/"); strings.Contains(page.body, `href="/services/new"`) {
		t.Error("staff is offered to add a service")
	}
}

func TestDashboardInEveryRoleAndLanguage(t *testing.T) {
	s := newSite(t)
	for _, role := range models.Roles {
		s.as(role)
		bothLanguages(t, s, func(t *testing.T, _ string) {
			page := s.get("/").wants(t, http.StatusOK)
			for _, act := range []string{`href="/payments/new`, `href="/services/new"`} {
				if got := strings.Contains(page.body, act); got != role.MayEdit() {
					t.Errorf("%s is led to %s: %v", role, act, got)
				}
			}
		})
	}
}

func TestDashboardShowsWhatPressesAndNoMore(t *testing.T) {
	s := newSite(t).as(models.Director)
	page := s.get("/").wants(t, http.StatusOK, "MindMeister", "dernier jour pour résilier")
	if n := strings.Count(page.body, `<p class="when">`); n != dashboardCauses {
		t.Errorf("%d lines of what to decide, want %d", n, dashboardCauses)
	}
	if strings.Contains(page.body, "/flags/acknowledgement") {
		t.Error("the dashboard has forms to deal with warnings; that is the renewals' affair")
	}
	// What somebody has dealt with is not shown any more.
	causes := s.register().Causes(testDay)
	for _, c := range causes {
		if err := s.store.AcknowledgeFlag(t.Context(), s.actor(), c.Key, testDay); err != nil {
			t.Fatal(err)
		}
	}
	s.get("/").wants(t, http.StatusOK, "Rien à décider")
}

// large is a register of so many services, each with one subscription, half of them free.
func large(n int) models.Facts {
	f := sample.Association(testDay, models.French, testNow)
	f.Services, f.Plans, f.Subscriptions, f.Payments, f.Waivers, f.Decisions, f.Flags = nil, nil, nil, nil, nil, nil, nil
	f.Attachments, f.Comparisons, f.Proofs, f.Proposals = nil, nil, nil, nil
	f.Organisation.KeptFrom = cal.MustNew(testDay.Year(), 1, 1)
	thisYear(&f).Ceiling = money.Euros(99_999_999)
	id := models.ID(10_000)
	next := func() models.ID { id++; return id }
	for i := range n {
		sv := models.Service{ID: next(), Name: fmt.Sprintf("Service %04d", i), FunctionID: f.Functions[i%len(f.Functions)].ID, VendorID: f.Vendors[i%len(f.Vendors)].ID, About: "ce à quoi il sert tous les jours"}
		p := models.Plan{ID: next(), ServiceID: sv.ID, Name: "Pro", Tier: models.Premium, Price: money.Euros(int64(1000 + i)), Cadence: cal.Yearly}
		if i%2 == 0 {
			p.Tier, p.Price = models.Free, money.Zero(money.EUR)
		} else if i%5 == 0 {
			p.Cadence = cal.Monthly
		}
		anchor := testDay.AddDays(-(i * 7 % 365))
		sub := p.Begin(anchor, anchor, 1)
		sub.ID, sub.OwnerID = next(), f.People[0].ID
		sub.Terms[0].ID = next()
		f.Services, f.Plans, f.Subscriptions = append(f.Services, sv), append(f.Plans, p), append(f.Subscriptions, sub)
		if p.Tier == models.Free {
			continue
		}
		for _, on := range sub.Cadence.In(anchor, cal.Span{From: f.Organisation.KeptFrom, To: testDay.AddDays(1)}) {
			pay := models.Payment{ID: next(), ServiceID: sv.ID, SubscriptionID: sub.ID, ChargeOn: on, PaidOn: on, Billed: p.Price, Account: "6511", VendorName: "x"}
			f.Payments = append(f.Payments, pay.Settle(f.Organisation.VATStatusOn(on)))
		}
	}
	return f
}

func TestDashboardIsLean(t *testing.T) {
	for _, c := range []struct{ services, kilobytes int }{{20, 12}, {1000, 30}} {
		s := newSiteWith(t, large(c.services)).as(models.Director)
		page := s.get("/").wants(t, http.StatusOK)
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		if _, err := zip.Write([]byte(page.body)); err != nil {
			t.Fatal(err)
		}
		if err := zip.Close(); err != nil {
			t.Fatal(err)
		}
		if packed.Len() >= c.kilobytes<<10 {
			t.Errorf("%d bytes with %d services, want under %d KB", packed.Len(), c.services, c.kilobytes)
		}
	}
	page := newSiteWith(t, large(dashboardServices+1)).as(models.Director).get("/").wants(t, http.StatusOK, `href="/services?function=`)
	if strings.Contains(page.body, "Service 0001") && strings.Contains(page.body, `class="table services`) {
		t.Error("a row each for more services than the dashboard shows")
	}
}

// BenchmarkDashboard goes through the whole handler: session, register, cache, page.
func BenchmarkDashboard(b *testing.B) {
	for _, n := range []int{20, 200, 1000, 2000} {
		s := newSiteWith(b, large(n)).as(models.Director)
		handler := s.web.Handler()
		request := func(header ...string) *http.Request {
			r := httptest.NewRequest(http.MethodGet, s.server.URL+"/", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			base, _ := url.Parse(s.server.URL)
			for _, c := range s.client.Jar.Cookies(base) {
				r.AddCookie(c)
			}
			return r
		}
		run := func(b *testing.B, want int, header ...string) {
			b.Helper()
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, request(header...))
				if w.Code != want {
					b.Fatalf("status %d, want %d", w.Code, want)
				}
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request())
		etag := w.Header().Get("ETag")
		page := w.Body.Bytes()
		b.Run(fmt.Sprintf("bare/%d", n), func(b *testing.B) { // Echo alone with the same bytes: what the rest is held against
			e := echo.New()
			e.GET("/", func(c echo.Context) error { return c.HTMLBlob(http.StatusOK, page) })
			b.ReportAllocs()
			for b.Loop() {
				e.ServeHTTP(httptest.NewRecorder(), request())
			}
		})
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				r := request()
				r.URL.RawQuery = fmt.Sprintf("n=%d", i) // another address is another page for the cache
				r.RequestURI = r.URL.RequestURI()
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatalf("status %d", w.Code)
				}
			}
		})
		b.Run(fmt.Sprintf("warm/%d", n), func(b *testing.B) { run(b, http.StatusOK) })
		b.Run(fmt.Sprintf("304/%d", n), func(b *testing.B) { run(b, http.StatusNotModified, "If-None-Match", etag) })
	}
}

func TestWhatIsNotConvertedIsNamedOncePerService(t *testing.T) {
	s := newSiteWith(t, sampleWith(func(f *models.Facts) {
		for i := range f.Subscriptions { // everything is in a currency without a rate
			for n := range f.Subscriptions[i].Terms {
				terms := &f.Subscriptions[i].Terms[n]
				terms.Price = money.New(terms.Price.Units(), "JPY")
			}
		}
		f.Payments, f.Attachments = nil, nil
	})).as(models.Director)
	page := s.get("/").plain().wants(t, http.StatusOK, "…</p>", "Saisir un cours", " montants, <a")
	at := strings.Index(page.body, `class="notice warning"`)
	notice := page.body[at : at+strings.Index(page.body[at:], "</div>")]
	if n := strings.Count(notice, `href="/services/`); n != 3 {
		t.Errorf("%d services named, want 3 and that there are more\n%s", n, notice)
	}
}

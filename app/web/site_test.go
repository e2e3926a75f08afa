package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/sample"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

// testNow is the instant of every test of the screens: the morning of 23 November 2026 in Paris.
var testNow = time.Date(2026, time.November, 23, 7, 5, 0, 0, time.UTC)

// testDay is that instant's day.
var testDay = cal.MustNew(2026, time.November, 23)

// site is the web app over a real file, and a browser that keeps its cookies.
type site struct {
	t        testing.TB
	web      *Web
	store    *store.Store
	server   *httptest.Server
	client   *http.Client
	org      models.ID
	facts    models.Facts // as planted
	post     *testPost
	channels *testChannels
	file     string // of the register
}

// testPost stands for a mail server that is not there: what it does is of app/mail's tests.
type testPost struct {
	configured bool
	answer     error
	to         []string

	mu      sync.Mutex
	letters []Letter
}

func (p *testPost) Configured() bool { return p.configured }

func (p *testPost) Test(_ context.Context, address, _ string, _ models.Lang) error {
	p.to = append(p.to, address)
	return p.answer
}

func (p *testPost) Mail(_ context.Context, l Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to = append(p.to, l.Address)
	p.letters = append(p.letters, l)
	return p.answer
}

// testProvider stands for a provider that sends nobody back: what it does is of app/openid's tests.
type testProvider struct{}

func (testProvider) Name() string   { return "Maison des associations" }
func (testProvider) Issuer() string { return "https://login.example.org" }

func (testProvider) Address(context.Context, ProviderVisit) (string, error) {
	return "https://login.example.org/authorize", nil
}

func (testProvider) Identify(context.Context, ProviderVisit, string, string) (Identified, error) {
	return Identified{}, Unidentified{Rule: "provider.unanswered"}
}

// newSite is a site with the sample association, nobody signed in.
func newSite(t testing.TB) *site {
	t.Helper()
	file, err := sampleFile()
	if err != nil {
		t.Fatal(err)
	}
	return newSiteOn(t, sample.Association(testDay, models.French, testNow), file)
}

// sampleFile is a register with the sample association, planted once: the sites of the tests begin with a copy.
var sampleFile = sync.OnceValues(func() ([]byte, error) {
	return plantedFile(sample.Association(testDay, models.French, testNow))
})

// plantedFile is the bytes of a register with some organisations.
func plantedFile(all ...models.Facts) ([]byte, error) {
	dir, err := os.MkdirTemp("", "enveloppe-planted")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path, ctx := filepath.Join(dir, "test.db"), context.Background()
	st, err := store.Open(ctx, store.Options{Path: path, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	contents := sample.Contents(all[0])
	for _, f := range all {
		if _, err := st.Plant(ctx, f, testNow, contents...); err != nil {
			return nil, errors.Join(err, st.Close())
		}
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// newEmptySite is a site on a new file, before the first run.
func newEmptySite(t testing.TB) *site {
	t.Helper()
	return newSiteWith(t, models.Facts{})
}

func newSiteWith(t testing.TB, f models.Facts) *site {
	t.Helper()
	s := newSiteOn(t, f, nil)
	if f.Organisation.ID != 0 {
		var err error
		if s.org, err = s.store.Plant(context.Background(), f, testNow, sample.Contents(f)...); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// newSiteOn is a site on a copy of a register that holds the facts already; without one, on a new file.
func newSiteOn(t testing.TB, f models.Facts, planted []byte) *site {
	t.Helper()
	ctx := context.Background()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	file := filepath.Join(t.TempDir(), "test.db")
	if planted != nil {
		if err := os.WriteFile(file, planted, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	st, err := store.Open(ctx, store.Options{Path: file, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{t: t, store: st, facts: f, org: f.Organisation.ID, post: &testPost{}, channels: &testChannels{}, file: file}
	s.server = httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: "http", Host: s.server.Listener.Addr().String()}
	s.web, err = New(st, Options{
		Base: base, Now: func() time.Time { return testNow }, Logger: quiet, Post: s.post, Version: "test", Provider: testProvider{}, Channels: s.channels,
		Sample: func(ctx context.Context, lang models.Lang) (models.Actor, error) {
			f := sample.Association(testDay, lang, testNow)
			id, err := st.Plant(ctx, f, testNow, sample.Contents(f)...)
			if err != nil {
				return models.Actor{}, err
			}
			account, err := st.AccountFor(ctx, id, f.People[0].ID, f.People[0].Email, testNow)
			return models.Actor{Organisation: id, Person: f.People[0].ID, Account: account, Role: models.Director}, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.web.Close() })
	s.server.Config = Server(s.web.Handler())
	s.server.Start()
	t.Cleanup(s.server.Close)
	s.client = s.newBrowser()
	return s
}

// newBrowser is a browser of its own: other cookies, no redirect followed.
func (s *site) newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// as signs the browser in as the person of a role: the first one that has it.
func (s *site) as(role models.Role) *site {
	s.t.Helper()
	for _, p := range s.register().People {
		if p.Role == role && p.HereOn(testDay) {
			s.asPerson(p.ID)
			return s
		}
	}
	s.t.Fatalf("nobody is %s", role)
	return s
}

// asPerson signs the browser in as a person.
func (s *site) asPerson(id models.ID) {
	s.t.Helper()
	c := s.web.echo.NewContext(httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder())
	if err := s.web.open(c, s.accountOf(id), s.org, id); err != nil {
		s.t.Fatal(err)
	}
	base, _ := url.Parse(s.server.URL)
	s.client.Jar.SetCookies(base, c.Response().Writer.(*httptest.ResponseRecorder).Result().Cookies())
}

// accountOf is what a person signs in with, made if need be; somebody without an address is given one nobody reads.
func (s *site) accountOf(id models.ID) models.AccountID {
	s.t.Helper()
	p, _ := s.register().Person(id)
	if p.Email == "" {
		p.Email = "person-" + typedID(id) + "@nowhere.example"
	}
	account, err := s.store.AccountFor(context.Background(), s.org, id, p.Email, testNow)
	if err != nil {
		s.t.Fatal(err)
	}
	return account
}

// register is the register as it is now.
func (s *site) register() *models.Register {
	s.t.Helper()
	r, err := s.store.Register(context.Background(), s.org)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// actor is the director, for verbs called directly.
func (s *site) actor() models.Actor {
	p := s.facts.People[0]
	return models.Actor{Organisation: s.org, Person: p.ID, Name: p.Name, Role: models.Director, At: testNow}
}

// service finds a service of the sample by name.
func (s *site) service(name string) models.Service {
	s.t.Helper()
	for _, sv := range s.register().Services {
		if sv.Name == name {
			return sv
		}
	}
	s.t.Fatalf("no service %s", name)
	return models.Service{}
}

// answer is what the site said.
type answer struct {
	status int
	body   string
	header http.Header
}

// get asks for a page.
func (s *site) get(path string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(req)
}

// submit posts a form, given as name and value in turn.
func (s *site) submit(path string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

func (s *site) do(req *http.Request) answer {
	s.t.Helper()
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, string(body), resp.Header}
}

// wants checks the status, that the page says each of the texts, and that no sentence is missing.
func (a answer) wants(t testing.TB, status int, says ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d\n%s", a.status, status, excerpt(a.body))
	}
	for _, text := range says {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not say %q\n%s", text, excerpt(a.body))
		}
	}
	if strings.Contains(a.body, "⟦") || strings.Contains(a.body, "ZgotmplZ") {
		t.Errorf("the page has a missing sentence or an unsafe value: %v", words.Missing())
	}
	return a
}

// follows checks that the answer goes on to an address.
func (a answer) follows(t testing.TB, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.header.Get("Location") != to {
		t.Errorf("status %d to %q, want 303 to %q\n%s", a.status, a.header.Get("Location"), to, excerpt(a.body))
	}
}

func excerpt(body string) string {
	if at := strings.Index(body, "<main"); at >= 0 {
		body = body[at:]
	}
	if len(body) > 3000 {
		body = body[:3000] + "…"
	}
	return body
}

package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/password"
	"enveloppe/models/store"
)

const testPassword = "une phrase assez longue"

func TestFirstRunFoundsTheOrganisation(t *testing.T) {
	s := newEmptySite(t)
	if err := s.store.SetMeta(context.Background(), SetupCodeKey, HashSetupCode("ABCD2345")); err != nil {
		t.Fatal(err)
	}
	s.get("/").follows(t, "/setup")
	s.get("/sign-in").follows(t, "/setup")
	s.get("/setup").wants(t, http.StatusOK, "Code de première ouverture")

	bad := s.submit("/setup", "code", "wrong", "name", "", "floor", "1000", "ceiling", "1e9", "person", strings.Repeat("x", 10_000), "email", "claire", "password", "court")
	bad.wants(t, http.StatusUnprocessableEntity, `id="name-error"`, `id="ceiling-error"`, `id="person-error"`, `id="email-error"`, `id="password-error"`, `value="1e9"`, `value="claire"`)
	s.submit("/setup", "code", "abcd 9999", "name", "Asso", "ceiling", "1000", "person", "Claire", "email", "claire@example.org", "password", testPassword).
		wants(t, http.StatusUnprocessableEntity, `id="code-error"`)
	if first, err := s.store.FirstRun(context.Background()); err != nil || !first {
		t.Fatalf("a refused form founded something: %v, %v", first, err)
	}

	s.submit("/setup", "code", "abcd-2345", "name", "Les Amis du Lac", "headcount", "5", "year_month", "9", "floor", "800", "ceiling", "1 000,00",
		"person", "Claire Morel", "email", "claire@example.org", "password", testPassword, "digest", "on").follows(t, "/")
	s.get("/").wants(t, http.StatusOK, "Les Amis du Lac")
	s.get("/setup").wants(t, http.StatusNotFound)
	s.submit("/setup", "code", "abcd-2345").wants(t, http.StatusNotFound)
	s.submit("/setup/sample", "code", "abcd-2345").wants(t, http.StatusNotFound)
}

func TestSampleCanBePlantedAtTheFirstRun(t *testing.T) {
	s := newEmptySite(t)
	if err := s.store.SetMeta(context.Background(), SetupCodeKey, HashSetupCode("ABCD2345")); err != nil {
		t.Fatal(err)
	}
	s.submit("/setup/sample", "code", "no").wants(t, http.StatusUnprocessableEntity)
	s.submit("/setup/sample", "code", "ABCD-2345").follows(t, "/")
	s.get("/").wants(t, http.StatusOK, "Dropbox")
}

func TestTheSampleIsPlantedOnceHoweverOftenItIsAskedFor(t *testing.T) {
	s := newEmptySite(t)
	ctx := context.Background()
	if err := s.store.SetMeta(ctx, SetupCodeKey, HashSetupCode("ABCD2345")); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { s.submit("/setup/sample", "code", "ABCD-2345") })
	}
	all.Wait()
	if orgs, err := s.store.Organisations(ctx); err != nil || len(orgs) != 1 {
		t.Errorf("organisations %v, %v", orgs, err)
	}
}

// withPassword gives the director of the sample a password.
func withPassword(t *testing.T, s *site) models.Person {
	t.Helper()
	hash, err := password.Hash(testPassword)
	if err != nil {
		t.Fatal(err)
	}
	p := s.facts.People[0]
	if err := s.store.SetPassword(context.Background(), s.actor(), p.ID, hash); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSignInAndOut(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	s.get("/services?q=drop").follows(t, "/sign-in?to=%2Fservices%3Fq%3Ddrop")
	s.submit("/sign-in", "email", p.Email, "password", "une phrase presque juste").wants(t, http.StatusUnprocessableEntity, `id="password-error"`)
	s.submit("/sign-in", "email", "nobody@example.org", "password", testPassword).wants(t, http.StatusUnprocessableEntity, `id="password-error"`)
	a := s.submit("/sign-in", "email", strings.ToUpper(p.Email), "password", testPassword, "to", "/services?q=drop")
	a.follows(t, "/services?q=drop")
	if cookie := a.header.Get("Set-Cookie"); !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
		t.Errorf("session cookie is %q", cookie)
	}
	if a := s.get("/sign-out"); a.status < http.StatusBadRequest {
		t.Errorf("GET /sign-out answers %d", a.status)
	}
	s.get("/").wants(t, http.StatusOK)
	out := s.submit("/sign-out")
	out.follows(t, "/sign-in")
	if out.header.Get("Clear-Site-Data") != `"cache"` {
		t.Error("what the browser keeps is left to whoever comes after")
	}
	s.get("/").follows(t, "/sign-in")
}

func TestSignInNeverLeavesTheSite(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/\nSet-Cookie: x=y", ""} {
		s.submit("/sign-in", "email", p.Email, "password", testPassword, "to", to).follows(t, "/")
	}
}

func TestSignInIsThrottledPerAccount(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	for range knocksAccount {
		s.submit("/sign-in", "email", p.Email, "password", "not the one at all").wants(t, http.StatusUnprocessableEntity)
	}
	a := s.submit("/sign-in", "email", p.Email, "password", testPassword).wants(t, http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Saying to come from elsewhere does not help: no proxy is trusted.
	s.submit("/sign-in", "email", "karim@passerelles.example", "password", "x").wants(t, http.StatusUnprocessableEntity)
}

func TestPagesAreHardened(t *testing.T) {
	s := newSite(t).as(models.Director)
	a := s.get("/")
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
	} {
		if !strings.Contains(a.header.Get(name), want) {
			t.Errorf("%s is %q", name, a.header.Get(name))
		}
	}
	if strings.Contains(a.body, "style=") || strings.Contains(a.body, "onclick") || strings.Contains(a.body, "<script>") {
		t.Error("the page has something inline")
	}
}

func TestAnotherSiteCannotSubmit(t *testing.T) {
	s := newSite(t).as(models.Director)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+"/sign-out", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := s.do(req); a.status != http.StatusForbidden {
		t.Errorf("status %d, want 403", a.status)
	}
	s.get("/").wants(t, http.StatusOK)
}

func TestAHugeBodyIsRefused(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/language", "lang", "en", "padding", strings.Repeat("x", 2<<20)).wants(t, http.StatusRequestEntityTooLarge)
}

func TestLanguageAndThemeAreKept(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/language", "lang", "en", "to", "/services").follows(t, "/services")
	s.get("/").wants(t, http.StatusOK, `<html lang="en"`)
	s.submit("/language", "lang", "xx").wants(t, http.StatusBadRequest)
	s.submit("/theme", "theme", "dark", "to", "/").follows(t, "/")
	s.get("/").wants(t, http.StatusOK, `data-theme="dark"`)
}

func TestUnknownAddressIsAPage(t *testing.T) {
	s := newSite(t).as(models.Director)
	for _, path := range []string{"/nowhere", "/services/999999", "/services/abc", "/services/-1", "/services/99999999999999999999"} {
		s.get(path).wants(t, http.StatusNotFound, "Cette page")
	}
}

func TestASessionEndsInTheEndHoweverOftenItIsUsed(t *testing.T) {
	s := newSite(t)
	ctx := context.Background()
	director := s.facts.People[0].ID
	began := testNow.Add(-wholeLife + time.Hour*24)
	token := make([]byte, 32)
	err := s.store.StartSession(ctx, store.Session{
		TokenHash: sha256.Sum256(token), Account: s.accountOf(director), Organisation: s.org, Person: director, CreatedAt: began, ExpiresAt: testNow.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse(s.server.URL)
	s.client.Jar.SetCookies(base, []*http.Cookie{{Name: s.web.cookieName("session"), Value: base64.RawURLEncoding.EncodeToString(token)}})
	s.get("/").wants(t, http.StatusOK)
	list, err := s.store.Sessions(ctx, s.accountOf(director))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || !list[0].SeenAt.Equal(testNow) || !list[0].ExpiresAt.Equal(began.Add(wholeLife)) {
		t.Errorf("sessions %+v, want one that ends at %v", list, began.Add(wholeLife))
	}
}

// Who is stopped at their own address locks nobody else out: what they go on trying counts against no account.
func TestAnAddressThatIsStoppedLocksNobodyOut(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	for i := range knocksAddress {
		s.submit("/sign-in", "email", fmt.Sprintf("nobody-%d@nowhere.example", i), "password", "x").wants(t, http.StatusUnprocessableEntity)
	}
	for range knocksAccount {
		s.submit("/sign-in", "email", p.Email, "password", "x").wants(t, http.StatusTooManyRequests)
	}
	if err := s.store.ClearAttempts(context.Background(), hashed("address 127.0.0.1")); err != nil { // as from another address
		t.Fatal(err)
	}
	s.submit("/sign-in", "email", p.Email, "password", testPassword).follows(t, "/")
}

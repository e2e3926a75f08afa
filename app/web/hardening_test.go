package web

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// at gives a web app over the same register at another address, behind proxies or without.
func (s *site) at(base string, proxies ...string) *Web {
	s.t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		s.t.Fatal(err)
	}
	o := s.web.Options
	o.Base = u
	for _, p := range proxies {
		o.Proxies = append(o.Proxies, netip.MustParsePrefix(p))
	}
	w, err := New(s.store, o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = w.Close() })
	return w
}

// wantHeaders are those of every answer, whatever it says.
var wantHeaders = map[string]string{
	"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}

func TestEveryAnswerIsHardened(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.web.echo.GET("/zz-panic", func(echo.Context) error { panic("of the test") })
	huge := strings.Repeat("x", 2<<20)
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/", "", 200},
		{"HEAD", "/services", "", 200},
		{"HEAD", "/nowhere", "", 404},
		{"GET", "/nowhere", "", 404},
		{"GET", "/services/0", "", 404},
		{"GET", "/favicon.ico", "", 302},
		{"GET", "/robots.txt", "", 200},
		{"GET", "/healthz", "", 200},
		{"GET", "/readyz", "", 200},
		{"GET", "/static/css/none.css", "", 404},
		{"GET", "/zz-panic", "", 500},
		{"POST", "/language", "lang=en&x=" + huge, 413},
		{"POST", "/sign-in", "%zz", 422},
		{"PUT", "/services", "", 404},
		{"TRACE", "/", "", 404},
		{"OPTIONS", "/", "", 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.server.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		a := s.do(req)
		if a.status != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, a.status, c.status)
		}
		if c.method == "HEAD" && a.body != "" {
			t.Errorf("HEAD %s: has content", c.path)
		}
		for name, want := range wantHeaders {
			if got := a.header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s %s: %s is %q, want %q", c.method, c.path, name, got, want)
			}
		}
		for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin", "Strict-Transport-Security"} { // the last one only over https
			if a.header.Get(name) != "" {
				t.Errorf("%s %s: has %s: %q", c.method, c.path, name, a.header.Get(name))
			}
		}
	}
}

// The policy allows nothing inline, nothing from elsewhere, no plugin, no frame, no other base, and no markup from scripts.
func TestThePolicyAllowsNothingInline(t *testing.T) {
	said := map[string]string{}
	for _, part := range strings.Split(policy, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), " ")
		said[name] = value
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "base-uri": "'none'", "form-action": "'self'",
		"frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
	} {
		if said[name] != want {
			t.Errorf("%s is %q, want %q", name, said[name], want)
		}
	}
	for _, weak := range []string{"unsafe", "*", "http:", "https:", "blob:"} {
		if strings.Contains(policy, weak) {
			t.Errorf("the policy allows %s", weak)
		}
	}
}

func TestOverHTTPSCookiesAndTransportAreBound(t *testing.T) {
	s := newSite(t)
	p := withPassword(t, s)
	w := s.at("https://enveloppe.example.org")
	form := url.Values{"email": {p.Email}, "password": {testPassword}}
	r := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	if got := rec.Header().Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security: %q", got)
	}
	found := false
	for _, c := range rec.Result().Cookies() {
		found = found || c.Name == "__Host-enveloppe-session"
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s", c.Raw)
		}
	}
	if rec.Code != http.StatusSeeOther || !found {
		t.Errorf("status %d, cookies %v", rec.Code, rec.Result().Cookies())
	}
}

// The site's own address comes from its settings: what a request says its host is comes back nowhere.
func TestNoAddressIsBuiltFromARequest(t *testing.T) {
	s := newSite(t).as(models.Director)
	for _, path := range []string{"/", "/account", "/people", "/digest", "/digest/preview", "/services/999", "/static/", "/sign-in"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Url", "X-Rewrite-Url", "Forwarded", "X-Forwarded-Prefix"} {
			req.Header.Set(name, "evil.example")
		}
		if a := s.do(req); strings.Contains(a.body+fmt.Sprint(a.header), "evil.example") {
			t.Errorf("%s answers %d with the request's host in it", path, a.status)
		}
	}
}

func TestWhoseAddressARequestComesFrom(t *testing.T) {
	s := newSite(t)
	alone, behind := s.at("http://localhost"), s.at("https://e.example.org", "10.0.0.0/8", "2001:db8::/32")
	for _, c := range []struct {
		w                    *Web
		remote               string
		forwarded            []string
		real, want, whatever string
	}{
		{alone, "203.0.113.9:1234", nil, "", "203.0.113.9", ""},
		{alone, "203.0.113.9:1234", []string{"198.51.100.1"}, "", "203.0.113.9", "nobody is believed"},
		{alone, "127.0.0.1:1234", []string{"198.51.100.1"}, "198.51.100.2", "127.0.0.1", "not even this machine"},
		{alone, "[2001:db8::7]:1234", []string{"198.51.100.1"}, "", "2001:db8::7", ""},
		{behind, "10.0.0.1:1234", []string{"203.0.113.9"}, "", "203.0.113.9", "the proxy's word"},
		{behind, "10.0.0.1:1234", []string{"198.51.100.1, 203.0.113.9"}, "", "203.0.113.9", "what the visitor wrote before it is not believed"},
		{behind, "10.0.0.1:1234", []string{"198.51.100.1", "203.0.113.9"}, "", "203.0.113.9", "in a header of its own neither"},
		{behind, "10.0.0.1:1234", []string{"203.0.113.9, 10.2.0.1"}, "", "203.0.113.9", "two proxies in a row"},
		{behind, "10.0.0.1:1234", []string{"127.0.0.1"}, "", "127.0.0.1", "this machine is no proxy unless it is named"},
		{behind, "10.0.0.1:1234", nil, "", "10.0.0.1", "the proxy itself"},
		{behind, "10.0.0.1:1234", []string{"garbage"}, "", "10.0.0.1", ""},
		{behind, "10.0.0.1:1234", []string{"<script>, 203.0.113.9"}, "", "203.0.113.9", ""},
		{behind, "10.0.0.1:1234", nil, "203.0.113.9", "10.0.0.1", "another header says nothing"},
		{behind, "192.168.1.5:1234", []string{"203.0.113.9"}, "", "192.168.1.5", "a private address is no proxy unless it is named"},
		{behind, "203.0.113.9:1234", []string{"198.51.100.1"}, "", "203.0.113.9", "a stranger around the proxy"},
		{behind, "[2001:db8::1]:1234", []string{"2a00::5"}, "", "2a00::5", ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if c.real != "" {
			r.Header.Set("X-Real-Ip", c.real)
		}
		if got := c.w.echo.NewContext(r, httptest.NewRecorder()).RealIP(); got != c.want {
			t.Errorf("from %s with %q: %s, want %s (%s)", c.remote, c.forwarded, got, c.want, c.whatever)
		}
	}
}

// A limit that the visitor's own words could move would be none.
func TestSayingToComeFromElsewhereMovesNoLimit(t *testing.T) {
	s := newSite(t)
	s.post.configured = true
	tries := func(w *Web, remote string, forwarded func(i int) string) int {
		for i := range 60 {
			r := httptest.NewRequest(http.MethodPost, "/forgotten", strings.NewReader(fmt.Sprintf("email=n%d@example.org", i)))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.RemoteAddr = remote
			r.Header.Set("X-Forwarded-For", forwarded(i))
			rec := httptest.NewRecorder()
			w.Handler().ServeHTTP(rec, r)
			if rec.Code == http.StatusTooManyRequests {
				return i
			}
		}
		return -1
	}
	other := func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }
	if n := tries(s.at("http://localhost"), "203.0.113.1:99", other); n < 0 {
		t.Error("without a proxy, another X-Forwarded-For each time walks around the limit")
	}
	if n := tries(s.at("https://e.example.org", "10.0.0.0/8"), "10.0.0.1:99", func(i int) string { return other(i) + ", 203.0.113.2" }); n < 0 {
		t.Error("behind a proxy, another first address each time walks around the limit")
	}
}

func TestWhoseFormsAreTaken(t *testing.T) {
	s := newSite(t)
	w := s.at("https://enveloppe.example.org", "10.0.0.0/8")
	for _, c := range []struct {
		site, origin, host string
		status             int
	}{
		{"same-origin", "", "internal:8080", 303},
		{"none", "", "internal:8080", 303},
		{"cross-site", "https://evil.example", "internal:8080", 403},
		{"same-site", "https://other.example.org", "internal:8080", 403},
		{"", "https://enveloppe.example.org", "internal:8080", 303}, // an old browser behind a proxy that names itself
		{"", "https://evil.example", "internal:8080", 403},
		{"", "http://enveloppe.example.org", "internal:8080", 403},
		{"", "null", "internal:8080", 403},
	} {
		r := httptest.NewRequest(http.MethodPost, "/theme", strings.NewReader("theme=dark&to=/"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Host = c.host
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, r)
		if rec.Code != c.status {
			t.Errorf("%+v: status %d", c, rec.Code)
		}
	}
}

func TestOneRequestHasLimits(t *testing.T) {
	s := newSite(t)
	srv := Server(s.web.Handler())
	if srv.ReadHeaderTimeout != headerTime || srv.ReadTimeout != requestTime || srv.WriteTimeout == 0 || srv.IdleTimeout == 0 || srv.MaxHeaderBytes != maxHeaderBytes {
		t.Errorf("limits %+v", srv)
	}
	var left time.Duration
	s.web.echo.GET("/zz-deadline", func(c echo.Context) error {
		end, ok := c.Request().Context().Deadline()
		if ok {
			left = time.Until(end) //nolint:forbidigo // of the context, which runs by the real clock
		}
		return c.NoContent(http.StatusNoContent)
	})
	s.get("/zz-deadline")
	if left <= 0 || left > requestTime {
		t.Errorf("a request has %v", left)
	}
	long := strings.Repeat("x", maxHeaderBytes+8<<10)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", long)
	if a := s.do(req); a.status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of %d bytes: status %d", len(long), a.status)
	}
}

// A connection that never ends its headers is not held for ever.
func TestASlowConnectionIsCutOff(t *testing.T) {
	s := newSite(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := Server(s.web.Handler())
	srv.ReadHeaderTimeout = 50 * time.Millisecond // the real one is of TestOneRequestHasLimits
	srv.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second)) //nolint:forbidigo // the connection's own clock
	if body, err := io.ReadAll(conn); err != nil {
		t.Errorf("the connection is still open: %v, %q", err, body)
	}
}

// lines is a log that is read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// broken puts a store in the site's place that fails at everything.
func (s *site) broken() {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "closed.db")
	if err := s.store.Backup(context.Background(), path); err != nil {
		s.t.Fatal(err)
	}
	closed, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.web.store = closed
}

// What went wrong is for the log; people get a sentence and a number to quote, which the log has too.
func TestErrorsShowNoInternals(t *testing.T) {
	s := newSite(t).as(models.Director)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.web.echo.GET("/zz-panic", func(echo.Context) error { panic("boiler room") })
	panicked := s.get("/zz-panic").wants(t, http.StatusInternalServerError)
	s.broken()
	asked := []answer{panicked}
	eachRoute(t, s, func(_ *testing.T, _, method, path string) {
		asked = append(asked, s.ask(method, parameter.ReplaceAllString(path, "1")))
	})
	faults := 0
	for _, a := range asked {
		for _, internal := range []string{"boiler room", "goroutine", "sql", "SQL", "database is closed", ".go:", "/tmp/", "enveloppe/app", "gorm", "echo."} {
			// The number to quote is drawn: it may spell anything.
			if strings.Contains(strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), ""), internal) {
				t.Errorf("a page of status %d says %q\n%s", a.status, internal, excerpt(a.body))
			}
		}
		if a.status != http.StatusInternalServerError {
			continue
		}
		faults++
		if id := a.header.Get("X-Request-Id"); len(id) != 26 || !strings.Contains(a.body, id) || !strings.Contains(log.String(), id) {
			t.Errorf("the number %q is not both on the page and in the log", id)
		}
	}
	if faults < 80 {
		t.Errorf("only %d faults", faults)
	}
	if !strings.Contains(log.String(), "boiler room") {
		t.Error("the log does not say what went wrong")
	}
}

func TestAVisitorWritesNothingIntoTheLog(t *testing.T) {
	s := newSite(t).as(models.Director)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/nowhere/forged%0Alevel=ERROR?x=forged%0A", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-Id", "forged level=ERROR")
	req.Header.Set("User-Agent", "forged")
	a := s.do(req)
	if strings.Contains(log.String(), "forged") || strings.Contains(a.header.Get("X-Request-Id"), "forged") {
		t.Errorf("the log says %s", log.String())
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines for one request", n)
	}
}

// Every secret that passes through the screens, in the good case and in the bad one, and then everything that was
// logged, as verbosely as it can be, and everything in the audit log.
func TestNoSecretIsLogged(t *testing.T) {
	s := newSite(t)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.post.configured = true
	p := withPassword(t, s)
	const wrong, next, typedCode = "un mot qui est faux 81", "quatre cinq six nuages 92", "CODE-7316"
	secrets := []string{testPassword, wrong, next, typedCode}
	s.submit("/sign-in", "email", p.Email, "password", wrong)
	s.submit("/sign-in", "email", p.Email, "password", testPassword).follows(t, "/")
	base, _ := url.Parse(s.server.URL)
	for _, c := range s.client.Jar.Cookies(base) {
		if len(c.Value) > 20 {
			secrets = append(secrets, c.Value)
		}
	}
	s.submit("/account/password", "current", testPassword, "password", next)
	s.submit("/account/confirm", "confirm_password", wrong)
	s.submit("/setup", "code", typedCode, "password", next)
	s.submit("/forgotten", "email", p.Email)
	link := s.linkOf(s.letter().Text)
	token, err := s.store.UnsubscribeToken(t.Context(), s.org, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, link[strings.LastIndex(link, "/")+1:], token)
	s.get(link)
	s.get("/unsubscribe/"+token).wants(t, http.StatusOK)
	s.get("/?session=" + secrets[len(secrets)-1])
	s.submit(link, "password", wrong)
	entries, err := s.store.Audit(t.Context(), s.org, store.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	s.broken()
	s.get(link)
	s.submit(link, "password", wrong)
	s.submit("/unsubscribe/" + token)
	s.submit("/sign-in", "email", p.Email, "password", testPassword)
	s.web.settle()
	if len(secrets) < 7 || strings.Count(log.String(), "level=ERROR") < 2 {
		t.Errorf("%d secrets and this log show nothing: %s", len(secrets), log.String())
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if strings.Contains(log.String(), form) {
				t.Errorf("the log holds %q", secret)
			}
			if strings.Contains(fmt.Sprint(entries), form) {
				t.Errorf("the audit log holds %q", secret)
			}
		}
	}
}

// Who came in, who tried to, and who asked for what is not theirs is in the log as it is by default.
func TestComingInAndBeingRefusedAreLogged(t *testing.T) {
	s := newSite(t)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, nil))
	p := withPassword(t, s)
	said := func(want ...string) {
		t.Helper()
		all := strings.TrimSpace(log.String())
		last := all[strings.LastIndex(all, "\n")+1:]
		for _, text := range want {
			if !strings.Contains(last, text) {
				t.Errorf("the log ends with %s, want %s", last, text)
			}
		}
	}
	s.get("/sign-in")
	if log.String() != "" {
		t.Errorf("looking is logged: %s", log)
	}
	s.submit("/sign-in", "email", p.Email, "password", "x")
	said("level=INFO", "route=/sign-in", "status=422", "from=127.0.0.1", "account=0")
	s.submit("/sign-in", "email", p.Email, "password", testPassword)
	said("status=303", fmt.Sprintf("account=%d organisation=%d person=%d", s.accountOf(p.ID), s.org, p.ID))
	s.submit("/sign-out")
	said("route=/sign-out", "status=303")
	s.as(models.Staff).get("/audit")
	said("level=INFO", "route=/audit", "status=403", fmt.Sprintf("person=%d", s.mustBe(models.Staff)))
	s.submit("/account/digest", "wants", "on")
	said("route=/account/digest", "status=303")
}

func TestOnlyLocalAddressesAreGoneTo(t *testing.T) {
	for typed, want := range map[string]string{
		"/services?q=x": "/services?q=x", "/": "/", "": "/", "services": "/", "//evil.example": "/", "///evil.example": "/", "/\\evil.example": "/",
		"\\\\evil.example": "/", "https://evil.example": "/", "HTTPS:evil.example": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x=1": "/",
		"/a\tb": "/", "/%0d%0aX: y": "/%0D%0AX:%20y", "http://user@evil.example": "/", "/é": "/%C3%A9", "/#x": "/", "?x=1": "/",
	} {
		if got := localPath(typed); got != want {
			t.Errorf("%q leads to %q, want %q", typed, got, want)
		}
	}
}

// A request cut off on the wire is no form.
func TestHalfARequestIsNotTaken(t *testing.T) {
	s := newSite(t)
	conn, err := net.Dial("tcp", s.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	fmt.Fprintf(conn, "POST /language HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\nlang=en&to=/")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusBadRequest || slices.ContainsFunc(resp.Cookies(), func(c *http.Cookie) bool { return c.Value == "en" }) {
		t.Errorf("status %d, cookies %v", resp.StatusCode, resp.Cookies())
	}
}

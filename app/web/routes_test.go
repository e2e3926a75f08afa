package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
)

// open are the routes that strangers may use.
var openRoutes = []string{
	"GET /healthz", "GET /readyz", "GET /favicon.ico", "GET /robots.txt", "GET /static/*", "GET /sign-in", "POST /sign-in", "POST /sign-out",
	"POST /language", "POST /theme", "GET /setup", "POST /setup", "POST /setup/sample",
	"GET /forgotten", "POST /forgotten", "GET /reset/:token", "POST /reset/:token", "GET /address/:token", "POST /address/:token",
	"GET /invitation/:token", "POST /invitation/:token", "POST /invitation/:token/account",
	"POST /sign-in/oidc", "GET /sign-in/oidc/callback", "GET /sign-in/oidc/unknown", "POST /invitation/:token/oidc", "GET /sign-in/oidc/invitation", "POST /sign-in/oidc/invitation",
	"POST /invitation/:token/passkey/options", "POST /invitation/:token/passkey",
	"GET /sign-in/second", "POST /sign-in/second", "POST /sign-in/passkey/options", "POST /sign-in/passkey",
	"GET /calendar/:token", "GET /unsubscribe/:token", "POST /unsubscribe/:token", "POST /unsubscribe/:token/undo",
	"GET /unsubscribe/:token/reminders", "POST /unsubscribe/:token/reminders", "POST /unsubscribe/:token/reminders/undo",
}

// own are the routes by which everybody changes what is their own.
var ownRoutes = []string{
	"POST /account/factors/totp", "POST /account/factors/totp/confirmation", "POST /account/factors/totp/removal",
	"POST /account/factors/recoveries", "POST /account/factors/password/removal", "POST /account/factors/passkeys/options",
	"POST /account/factors/passkeys", "POST /account/factors/passkeys/:id", "POST /account/factors/passkeys/:id/removal",
	"POST /account/confirm/options", "POST /account/confirm/oidc",
	"POST /account/identities", "POST /account/identities/new", "POST /account/identities/:id/removal",
	"POST /account/tokens", "POST /account/tokens/:id/revocation",
	"POST /account/confirm", "POST /account/address", "POST /account/leave", "POST /organisations/switch",
	"POST /account/password", "POST /account/digest", "POST /account/sessions/end", "POST /account/sessions/:id/end",
	"POST /digest/test", "POST /digest/recipients/:person", "POST /account/calendars",
	"POST /proposals", "POST /proposals/:id/withdrawal", "POST /proposals/:id/reopening",
	"POST /account/reminders", "POST /account/reminders/mute", "POST /account/reminders/unmute", "POST /messages/:id/retry",
}

// accountantRoutes are those by which accountants settle what is theirs to settle.
var accountantRoutes = []string{
	"POST /payments/:id/booking", "POST /payments/:id/attachments", "POST /closings", "POST /accounting/settings", "POST /exports/:kind", "POST /audit/export",
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// each calls check with every route of the router, so that a new one cannot be forgotten.
func eachRoute(t *testing.T, s *site, check func(t *testing.T, route, method, path string)) {
	t.Helper()
	seen := 0
	for _, r := range s.web.echo.Routes() {
		if r.Method != http.MethodGet && r.Method != http.MethodPost {
			continue // Echo's own, for what is not found
		}
		seen++
		check(t, r.Method+" "+r.Path, r.Method, r.Path)
	}
	if seen < 80 {
		t.Fatalf("only %d routes", seen)
	}
}

func (s *site) ask(method, path string) answer {
	if method == http.MethodPost {
		return s.submit(path)
	}
	return s.get(path)
}

func TestStrangersAreSentToTheDoor(t *testing.T) {
	s := newSite(t)
	eachRoute(t, s, func(t *testing.T, route, method, path string) {
		if slices.Contains(openRoutes, route) {
			return
		}
		a := s.ask(method, parameter.ReplaceAllString(path, "1"))
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
			t.Errorf("%s answers a stranger %d, %s", route, a.status, a.header.Get("Location"))
		}
	})
}

func TestStaffAndAccountantsOnlyRead(t *testing.T) {
	for _, role := range []models.Role{models.Staff, models.Accountant} {
		s := newSite(t).as(role)
		eachRoute(t, s, func(t *testing.T, route, method, path string) {
			if method != http.MethodPost || slices.Contains(openRoutes, route) || slices.Contains(ownRoutes, route) ||
				(role == models.Accountant && slices.Contains(accountantRoutes, route)) {
				return
			}
			if a := s.ask(method, parameter.ReplaceAllString(path, "1")); a.status != http.StatusForbidden {
				t.Errorf("%s answers %s %d, want 403", route, role, a.status)
			}
		})
		if got, want := s.register().Revision, int64(1); got > want+1 {
			t.Errorf("%s wrote something: revision %d", role, got)
		}
	}
	s := newSite(t).as(models.Staff)
	s.submit("/exports/journal", "year", "2026").wants(t, http.StatusForbidden)
	s.get("/accounting").wants(t, http.StatusForbidden)
}

// A record of nobody, or of another organisation, or of another kind, is not found: on no route does it break.
func TestARecordThatIsNotThereIsNotFound(t *testing.T) {
	s := newSite(t).as(models.Director)
	other := typedID(s.facts.Organisation.ID) // a number that is no record of these kinds
	eachRoute(t, s, func(t *testing.T, route, method, path string) {
		if !strings.Contains(path, ":") || slices.Contains(openRoutes, route) || slices.Contains(ownRoutes, route) || strings.Contains(path, ":year") || strings.Contains(path, ":kind") {
			return
		}
		for _, id := range []string{"987654321", other, "0", "-1", "x", "9223372036854775808", "1%27--", "%00"} {
			a := s.ask(method, parameter.ReplaceAllString(path, id))
			if a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
				t.Errorf("%s with %s answers %d", route, id, a.status)
			}
		}
	})
}

// Whatever stands in a query, no page breaks and nothing of it comes back as markup.
func TestHostileQueriesBreakNoPage(t *testing.T) {
	s := newSite(t).as(models.Director)
	names := []string{"q", "function", "tier", "state", "sort", "page", "year", "view", "from", "month", "lang", "plan", "subscription", "on", "service", "kind", "by", "before", "to", "encoding", "for", "seats", "subject", "code", "rest", "done", "account", "key", "name", "price", "currency", "every", "unit", "started_on", "closing", "first", "second", "into", "what", "kept"}
	hostile := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "%00", "99999999999999999999", "-1", "2026-13-45", "9999-12-31", "{{.}}", "' OR 1=1 --", strings.Repeat("9", 5000), "é\x80"}
	eachRoute(t, s, func(t *testing.T, route, method, path string) {
		if method != http.MethodGet || strings.HasPrefix(path, "/static") || strings.Contains(path, ":") {
			return
		}
		for _, value := range hostile {
			query := make([]string, len(names))
			for i, n := range names {
				query[i] = n + "=" + escape(value)
			}
			a := s.get(path + "?" + strings.Join(query, "&"))
			if a.status >= http.StatusInternalServerError || strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<img src=x") {
				t.Errorf("%s with %.40q answers %d", route, value, a.status)
			}
		}
	})
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte('%')
		b.WriteString(strings.ToUpper(string(hexDigits([]byte{s[i]}))))
	}
	return b.String()
}

package web

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	arran "github.com/arran4/golang-ical"
	emersion "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/models/store"
	"enveloppe/models/token"
)

var feedLink = regexp.MustCompile(`/calendar/env_calendar_[0-9A-Za-z]{49}\.ics`)

// subscribe makes an address for a calendar, as the form does, and gives its path.
func (s *site) subscribe(pairs ...string) string {
	s.t.Helper()
	form := Fields{"name": "Agenda " + typedID(models.ID(s.register().Revision)), "whose": "me", "shows": "all", "amounts": "on", "lang": "fr"}
	for i := 0; i+1 < len(pairs); i += 2 {
		form[pairs[i]] = pairs[i+1]
	}
	var typed []string
	for name, value := range form {
		typed = append(typed, name, value)
	}
	path := feedLink.FindString(s.submit("/account/calendars", typed...).wants(s.t, http.StatusCreated).body)
	if path == "" {
		s.t.Fatal("the page shows no address")
	}
	return path
}

// program asks as a calendar program does: with no cookies.
func (s *site) program(method, path string, headers ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	before := s.client
	s.client = s.newBrowser()
	defer func() { s.client = before }()
	return s.do(req)
}

// summaries are the events of a calendar in two parsers' words, which agree.
func summaries(t *testing.T, content string) []string {
	t.Helper()
	one, err := arran.ParseCalendar(strings.NewReader(content))
	if err != nil {
		t.Fatalf("golang-ical: %v\n%s", err, excerpt(content))
	}
	other, err := emersion.NewDecoder(strings.NewReader(content)).Decode()
	if err != nil {
		t.Fatalf("go-ical: %v", err)
	}
	var a, b []string
	for _, e := range one.Events() {
		a = append(a, e.GetProperty(arran.ComponentPropertySummary).Value)
	}
	for _, e := range other.Events() {
		said, err := e.Props.Text("SUMMARY")
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, said)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("the parsers read other events:\n%s", diff)
	}
	return a
}

func TestACalendarIsReadByItsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	path := s.subscribe("name", "Mon téléphone")
	a := s.program(http.MethodGet, path)
	if all := summaries(t, a.body); len(all) < 20 || !slices.ContainsFunc(all, func(x string) bool { return strings.HasPrefix(x, "Renouvellement Dropbox\u00a0: ") }) {
		t.Errorf("%q", all)
	}
	if a.status != http.StatusOK || !strings.Contains(a.body, "URL:"+s.server.URL+"/services/") {
		t.Errorf("status %d, and no address of ours", a.status)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/calendar; charset=utf-8", "Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex",
		"Content-Disposition": `inline; filename="enveloppe-echeances.ics"`, "Set-Cookie": "",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if robots := s.get("/robots.txt").body; !strings.Contains(robots, "Allow: /calendar/\n") {
		t.Errorf("calendar servers that heed robots.txt do not come: %s", robots)
	}
	// The address is shown once; when it was read is shown from then on.
	page := s.get("/account/calendars").wants(t, http.StatusOK, "Mon téléphone", "relue le", "127.0.0.1")
	if feedLink.MatchString(page.body) || strings.Contains(page.body, "env_calendar") {
		t.Error("the address is shown again")
	}
	english := s.subscribe("lang", "en", "amounts", "")
	if a := s.program(http.MethodGet, english); !strings.Contains(a.body, "SUMMARY:Dropbox renews\r\n") || money.Conceal(unfolded(a.body)) != unfolded(a.body) {
		t.Errorf("not in English, or not without amounts: %s", excerpt(a.body))
	}
}

func unfolded(content string) string { return strings.ReplaceAll(content, "\r\n ", "") }

// A program that has the calendar is told so, until something that shows in it changes.
func TestACalendarThatHasNotChangedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	path := s.subscribe()
	plain := s.program(http.MethodGet, path, "Accept-Encoding", "identity")
	zipped := s.program(http.MethodGet, path, "Accept-Encoding", "gzip")
	r, err := gzip.NewReader(strings.NewReader(zipped.body))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(r); err != nil || string(content) != plain.body || len(zipped.body) > len(plain.body)/4 {
		t.Errorf("%d bytes compressed, of %d: %v", len(zipped.body), len(plain.body), err)
	}
	t.Logf("%d bytes, %d compressed", len(plain.body), len(zipped.body))
	tag, zippedTag, since := plain.header.Get("ETag"), zipped.header.Get("ETag"), plain.header.Get("Last-Modified")
	if tag == "" || tag == zippedTag || since == "" {
		t.Fatalf("tags %q and %q, of %q", tag, zippedTag, since)
	}
	ask := func(headers ...string) int { return s.program(http.MethodGet, path, headers...).status }
	for _, headers := range [][]string{
		{"If-None-Match", tag, "Accept-Encoding", "identity"},
		{"If-None-Match", zippedTag, "Accept-Encoding", "gzip"},
		{"If-None-Match", "W/" + tag, "Accept-Encoding", "identity"},
		{"If-Modified-Since", since},
	} {
		if status := ask(headers...); status != http.StatusNotModified {
			t.Errorf("%q answers %d", headers, status)
		}
	}
	head := s.program(http.MethodHead, path, "Accept-Encoding", "identity")
	if head.status != http.StatusOK || head.body != "" || head.header.Get("ETag") != tag || head.header.Get("Content-Length") != typedID(models.ID(len(plain.body))) {
		t.Errorf("HEAD answers %d with %d bytes: %v", head.status, len(head.body), head.header)
	}
	// A change that shows nowhere in it leaves the tag as it is; one that does, not.
	f := s.register().Functions[0]
	f.Name = "Autrement"
	if err := s.store.SaveFunction(t.Context(), s.actor(), f); err != nil {
		t.Fatal(err)
	}
	if status := ask("If-None-Match", tag, "Accept-Encoding", "identity"); status != http.StatusNotModified {
		t.Errorf("another function's name is sent: %d", status)
	}
	s.later(time.Minute)
	by, dropbox := s.actor(), s.service("Dropbox")
	by.At, dropbox.Name = s.web.Now(), "Dropbox, pour tous"
	if err := s.store.SaveService(t.Context(), by, dropbox); err != nil {
		t.Fatal(err)
	}
	if status := ask("If-Modified-Since", since); status != http.StatusOK {
		t.Errorf("a change a minute later is kept back: %d", status)
	}
	a := s.program(http.MethodGet, path, "If-None-Match", tag, "Accept-Encoding", "identity")
	if a.status != http.StatusOK || !strings.Contains(a.body, `Dropbox\, pour tous`) || !strings.Contains(a.body, "DTSTAMP:20261123T070600Z") {
		t.Errorf("status %d, and the change is not in it: %s", a.status, excerpt(a.body))
	}
}

// A calendar never shows more than its owner may read on the day it is asked for, and nothing once they have left.
func TestACalendarFollowsItsOwnersRights(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Staff)
	path := s.subscribe()
	if body := unfolded(s.program(http.MethodGet, path).body); money.Conceal(body) == body {
		t.Fatal("no amount to begin with")
	}
	o := s.register().Organisation
	o.StaffWithoutAmounts = true
	if err := s.store.SaveOrganisation(t.Context(), s.actor(), o); err != nil {
		t.Fatal(err)
	}
	page := s.get("/account/calendars").wants(t, http.StatusOK, "Les montants n’y figurent pas", "sans les montants")
	if strings.Contains(page.body, `name="amounts"`) || strings.Contains(page.body, "avec les montants") {
		t.Error("amounts are offered")
	}
	for what, a := range map[string]answer{
		"the feed":    s.program(http.MethodGet, path),
		"another":     s.program(http.MethodGet, s.subscribe("amounts", "on")),
		"the file":    s.get("/renewals.ics?amounts=on&shows=all"),
		"the English": s.get("/renewals.ics?amounts=on&lang=en"),
	} {
		body := unfolded(a.wants(t, http.StatusOK).body)
		if len(summaries(t, a.body)) < 20 || money.Conceal(body) != body {
			t.Errorf("%s says an amount: %s", what, excerpt(body))
		}
	}
	_, hash, _ := token.Parse(strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics"))
	b, err := s.store.Bearer(t.Context(), hash, testNow)
	if err != nil {
		t.Fatal(err)
	}
	s.get("/account/tokens/"+typedID(b.ID)+"/revocation").wants(t, http.StatusOK)
	last := s.subscribe("name", "Autre")
	s.submit("/account/tokens/"+typedID(b.ID)+"/revocation").follows(t, "/account/calendars")
	s.program(http.MethodGet, path).wants(t, http.StatusNotFound)
	s.program(http.MethodGet, last).wants(t, http.StatusOK)
	var staff models.ID
	for _, p := range s.register().People {
		if p.Role == models.Staff && p.HereOn(testDay) {
			staff = p.ID
			break
		}
	}
	if err := s.store.PersonLeaves(t.Context(), s.actor(), staff, testDay); err != nil {
		t.Fatal(err)
	}
	s.program(http.MethodGet, last).wants(t, http.StatusNotFound)
}

func TestWhatACalendarHolds(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	all := summaries(t, s.program(http.MethodGet, s.subscribe()).body)
	mine := summaries(t, s.program(http.MethodGet, s.subscribe("shows", "mine")).body)
	director := s.actor().Person
	var want int
	for _, l := range all {
		for _, sub := range s.register().Subscriptions {
			sv, _ := s.register().Service(sub.ServiceID)
			if current, _ := s.register().Current(sv.ID); current.ID == sub.ID && sub.OwnerID == director && strings.Contains(l+"\u00a0", sv.Name+"\u00a0") {
				want++
			}
		}
	}
	if len(mine) != want || want == 0 || want >= len(all) {
		t.Errorf("%d events are the director's, want %d of %d", len(mine), want, len(all))
	}
	file := s.get("/renewals.ics?shows=mine&amounts=on&lang=fr&name=x").wants(t, http.StatusOK)
	if diff := cmp.Diff(mine, summaries(t, file.body)); diff != "" {
		t.Errorf("the file holds something else:\n%s", diff)
	}
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename="enveloppe-echeances.ics"` {
		t.Errorf("the file is %s", got)
	}
}

func TestAnOrganisationsCalendarIsTheDirectors(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Editor)
	s.submit("/account/calendars", "name", "Tous", "whose", "organisation", "shows", "all", "lang", "fr").wants(t, http.StatusForbidden)
	s.as(models.Director)
	path := s.subscribe("name", "Agenda partagé", "whose", "organisation")
	s.get("/account/calendars").wants(t, http.StatusOK, "Adresses de l’organisation", "Agenda partagé", "par "+s.facts.People[0].Name)
	s.as(models.Editor)
	if a := s.get("/account/calendars"); strings.Contains(a.body, "Agenda partagé") {
		t.Error("an editor sees it")
	}
	// It belongs to nobody who could leave, and goes when a director says so.
	summaries(t, s.program(http.MethodGet, path).wants(t, http.StatusOK).body)
	s.as(models.Director)
	_, hash, ok := token.Parse(strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics"))
	b, err := s.store.Bearer(t.Context(), hash, testNow)
	if err != nil || !ok || b.PersonID != 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	s.submit("/account/tokens/"+typedID(b.ID)+"/revocation").follows(t, "/account/calendars")
	s.program(http.MethodGet, path).wants(t, http.StatusNotFound)
}

func TestAnAddressIsAskedForInFull(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	s.get("/account/calendars").wants(t, http.StatusOK, `value="Mon agenda"`)
	s.subscribe("name", "Téléphone")
	for _, c := range []struct {
		name  string
		typed []string
		says  string
	}{
		{"no name", []string{"shows", "all", "lang", "fr"}, `href="#name"`},
		{"a name that is taken", []string{"name", " téléphone ", "shows", "all", "lang", "fr"}, `href="#name"`},
		{"nothing to show", []string{"name", "a", "lang", "fr"}, `href="#shows"`},
		{"the organisation's own", []string{"name", "a", "whose", "organisation", "shows", "mine", "lang", "fr"}, "L’organisation n’est responsable"},
		{"no language", []string{"name", "a", "shows", "all", "lang", "de"}, `href="#lang"`},
		{"a day that is over", []string{"name", "gardé", "shows", "all", "lang", "fr", "expires_on", "2026-11-22"}, `value="gardé"`},
		{"no day", []string{"name", "a", "shows", "all", "lang", "fr", "expires_on", "hier"}, `href="#expires_on"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.submit("/account/calendars", c.typed...).plain().wants(t, http.StatusUnprocessableEntity, c.says)
		})
	}
	last := s.subscribe("expires_on", "2026-11-23")
	s.program(http.MethodGet, last).wants(t, http.StatusOK)
	s.later(24 * time.Hour)
	s.program(http.MethodGet, last).wants(t, http.StatusNotFound)
}

// An address that is none answers like one that was revoked, and whoever tries many is made to wait; those who have one
// are not.
func TestUnknownAddressesAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	path := s.subscribe()
	read, hash := token.New(models.ScopeRead)
	if _, err := s.store.MakeToken(t.Context(), s.actor(), models.Token{PersonID: s.actor().Person, Name: "api", Scope: models.ScopeRead}, hash); err != nil {
		t.Fatal(err)
	}
	unknown, _ := token.New(models.ScopeCalendar)
	wrong := []string{
		unknown + ".ics", read + ".ics", strings.TrimSuffix(path[len("/calendar/"):], ".ics"), strings.ToUpper(path[len("/calendar/"):]),
		"x.ics", ".ics", "%00.ics", "..%2f..%2fetc%2fpasswd.ics", strings.Repeat("a", 5000) + ".ics",
	}
	for i := range wrongFeeds {
		if a := s.program(http.MethodGet, "/calendar/"+wrong[i%len(wrong)]); a.status != http.StatusNotFound {
			t.Fatalf("%.60q answers %d", wrong[i%len(wrong)], a.status)
		}
	}
	a := s.program(http.MethodGet, "/calendar/"+unknown+".ics").wants(t, http.StatusTooManyRequests, "Trop d’adresses inconnues")
	if a.header.Get("Retry-After") == "" {
		t.Error("it does not say how long to wait")
	}
	s.program(http.MethodGet, path).wants(t, http.StatusOK)
	s.program(http.MethodHead, path).wants(t, http.StatusOK)
}

// The address is a secret: neither the log, verbose as it can be, nor the audit log, nor a fault holds it.
func TestAnAddressIsNotLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	path := s.subscribe()
	secret := strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
	s.program(http.MethodGet, path).wants(t, http.StatusOK)
	entries, err := s.store.Audit(t.Context(), s.org, store.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	s.broken()
	s.program(http.MethodGet, path).wants(t, http.StatusInternalServerError)
	if !strings.Contains(log.String(), "/calendar/:token") || !strings.Contains(log.String(), "level=ERROR") {
		t.Fatalf("this log shows nothing: %s", log)
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log holds the address: %s", log)
	}
	for _, e := range entries {
		if strings.Contains(e.Name+e.From, secret) || slices.ContainsFunc(e.Changes, func(c models.Change) bool { return strings.Contains(c.Before+c.After, secret) }) {
			t.Errorf("the audit log holds the address: %+v", e)
		}
	}
}

// Making an address is a dangerous act: a browser left open is asked again, and what was typed is carried on.
func TestAnAddressAsksWhoOneIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword(testPassword)
	s.later(freshLife)
	typed := []string{"name", "Agenda du bureau", "whose", "me", "shows", "all", "lang", "fr"}
	s.submit("/account/calendars", typed...).wants(t, http.StatusForbidden, `action="/account/calendars"`, `value="Agenda du bureau"`)
	s.submit("/account/calendars", append(typed, proofField, testPassword)...).wants(t, http.StatusCreated)
}

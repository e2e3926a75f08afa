package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

func TestDigestIsShownAsItWillBeMailed(t *testing.T) {
	s := newSite(t).as(models.Director)
	page := s.get("/digest?month=2026-12").wants(t, http.StatusOK, "<iframe", "/digest/preview?month=2026-12", "Version en texte simple", "Claire Morel")
	if got := page.header.Get("Content-Security-Policy"); !strings.Contains(got, "frame-src 'self'") || strings.Contains(got, "unsafe-inline") {
		t.Errorf("the page's policy is %s", got)
	}
	preview := s.get("/digest/preview?month=2026-12&lang=en").wants(t, http.StatusOK)
	if !strings.HasPrefix(strings.TrimSpace(preview.body), "<!") || !strings.Contains(preview.body, `lang="en"`) || strings.Contains(preview.body, "app.css") {
		t.Errorf("the preview is not the message\n%.400s", preview.body)
	}
	policy := preview.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'", "sandbox"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the preview's policy lacks %s: %s", want, policy)
		}
	}
	if preview.header.Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Error("the preview may not be framed by its own page")
	}
	if other := s.get("/envelope"); other.header.Get("X-Frame-Options") != "DENY" {
		t.Error("other pages may be framed")
	}
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{"/digest", "/digest?month=2026-02&lang=en", "/digest?month=2027-08&lang=fr", "/digest/preview"} {
			s.get(path).wants(t, http.StatusOK)
		}
	})
	for _, path := range []string{"/digest?month=2026-13", "/digest?month=x", "/digest?lang=de", "/digest/preview?month=2026-1", "/digest/preview?lang=../"} {
		s.get(path).wants(t, http.StatusNotFound)
	}
}

func TestDigestChoice(t *testing.T) {
	s := newSite(t).as(models.Staff)
	people := s.facts.People
	claire, hugo := people[0], people[3]
	s.submit("/digest/recipients/"+typedID(claire.ID)).wants(t, http.StatusForbidden)
	s.submit("/digest/recipients/"+typedID(hugo.ID), "wants", "on").follows(t, "/digest")
	if p, _ := s.register().Person(hugo.ID); !p.Digest {
		t.Error("one’s own choice is lost")
	}
	s.submit(undoOf(t, s.get("/digest"))).follows(t, "/digest")
	if p, _ := s.register().Person(hugo.ID); p.Digest {
		t.Error("the undo did nothing")
	}
	s.as(models.Director)
	s.submit("/digest/recipients/"+typedID(people[1].ID)).follows(t, "/digest")
	if p, _ := s.register().Person(people[1].ID); p.Digest {
		t.Error("the director’s choice is lost")
	}
	s.submit(undoOf(t, s.get("/digest"))).follows(t, "/digest")
	if p, _ := s.register().Person(people[1].ID); !p.Digest {
		t.Error("the undo did nothing")
	}
	s.submit("/digest/recipients/999999", "wants", "on").wants(t, http.StatusNotFound)
}

func TestDigestTestGoesToTheVisitorOnly(t *testing.T) {
	s := newSite(t).as(models.Editor)
	s.post.configured = true
	s.submit("/digest/test?month=2026-12").follows(t, "/digest?month=2026-12")
	s.post.answer = Undelivered{Rule: "mail.timeout", Detail: "i/o timeout"}
	s.submit("/digest/test?month=2026-12").wants(t, http.StatusUnprocessableEntity, "i/o timeout", "frame")
	if len(s.post.to) != 2 || s.post.to[0] != "karim@passerelles.example" || s.post.to[1] != s.post.to[0] {
		t.Errorf("went to %v", s.post.to)
	}
}

func TestUnsubscribing(t *testing.T) {
	s := newSite(t)
	claire := s.facts.People[0]
	token, err := s.store.UnsubscribeToken(context.Background(), s.org, claire.ID)
	if err != nil {
		t.Fatal(err)
	}
	wants := func() bool {
		p, _ := s.register().Person(claire.ID)
		return p.Digest
	}
	address := "/unsubscribe/" + token
	s.get(address).wants(t, http.StatusOK, "Claire Morel")
	if !wants() {
		t.Fatal("looking at the page unsubscribed: a mail scanner follows every link")
	}

	// As a mail provider does it (RFC 8058): from elsewhere, without cookies, origin or Sec-Fetch-Site.
	post := func(origin string) answer {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+address, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		return s.do(req)
	}
	post("https://evil.example").wants(t, http.StatusForbidden)
	if !wants() {
		t.Fatal("another site’s page unsubscribed somebody")
	}
	post("").wants(t, http.StatusOK, "C’est fait")
	if wants() {
		t.Fatal("still subscribed")
	}
	post("").wants(t, http.StatusOK) // twice is once
	s.get(address).wants(t, http.StatusOK, "ne recevez pas")
	s.submit(address+"/undo").follows(t, address)
	if !wants() {
		t.Error("the undo did nothing")
	}
	for _, wrong := range []string{"/unsubscribe/nothing", "/unsubscribe/" + token + "x"} {
		s.get(wrong).wants(t, http.StatusNotFound)
		s.submit(wrong).wants(t, http.StatusNotFound)
		s.submit(wrong+"/undo").wants(t, http.StatusNotFound)
	}
}

package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/password"
)

func (s *site) hashOf(plain string) string {
	s.t.Helper()
	hash, err := password.Hash(plain)
	if err != nil {
		s.t.Fatal(err)
	}
	return hash
}

// withPassword gives the director a password and signs in with it.
func (s *site) withPassword(plain string) models.Person {
	s.t.Helper()
	p := s.facts.People[0]
	if err := s.store.SetPassword(context.Background(), s.actor(), p.ID, s.hashOf(plain)); err != nil {
		s.t.Fatal(err)
	}
	s.submit("/sign-in", "email", p.Email, "password", plain).follows(s.t, "/")
	return p
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const old, fresh = "un deux trois soleil levant", "quatre cinq six nuages gris"
	p := s.withPassword(old)
	elsewhere := s.client
	s.client = s.newBrowser()
	s.submit("/sign-in", "email", p.Email, "password", old).follows(t, "/")
	s.get("/account").plain().wants(t, http.StatusOK, "Claire Morel", "2 sessions", "Fermer l’autre session")
	for _, c := range []struct{ current, password, says string }{
		{"", fresh, "n’est pas le bon"},
		{"autre chose du tout", fresh, "n’est pas le bon"},
		{old, "court", "au moins 12 caractères"},
	} {
		a := s.submit("/account/password", "current", c.current, "password", c.password).plain().wants(t, http.StatusUnprocessableEntity, c.says)
		if strings.Contains(a.body, `value="`+fresh) || strings.Contains(a.body, `value="`+old) {
			t.Error("the page repeats a password")
		}
	}
	s.submit("/account/password", "current", old, "password", fresh).follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, "est changé", "1 session")
	s.client, elsewhere = elsewhere, s.client
	s.get("/account").follows(t, "/sign-in?to=%2Faccount")
	s.submit("/sign-in", "email", p.Email, "password", old).plain().wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in", "email", p.Email, "password", fresh).follows(t, "/")
	_ = elsewhere
}

// Guessing the current password at a browser left open is counted like guessing at the door.
func TestCurrentPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword("un deux trois soleil levant")
	for range knocksAccount {
		s.submit("/account/password", "current", "x", "password", "quatre cinq six nuages gris").plain().wants(t, http.StatusUnprocessableEntity, "n’est pas le bon")
	}
	s.submit("/account/password", "current", "un deux trois soleil levant", "password", "quatre cinq six nuages gris").plain().
		wants(t, http.StatusUnprocessableEntity, "Trop d’essais")
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	first := s.client
	s.client = s.newBrowser()
	s.as(models.Staff)
	id := s.personNamed("Hugo").ID
	list, err := s.store.Sessions(context.Background(), s.accountOf(id))
	if err != nil || len(list) != 2 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	// Somebody else's session is nobody's to end.
	s.client = s.newBrowser()
	s.as(models.Director)
	s.submit("/account/sessions/"+typedID(list[0].ID)+"/end").wants(t, http.StatusNotFound)
	s.client = first
	s.submit("/account/sessions/end").follows(t, "/account")
	if list, _ = s.store.Sessions(context.Background(), s.accountOf(id)); len(list) != 1 {
		t.Fatalf("%d sessions are left, want 1", len(list))
	}
	s.submit("/account/sessions/"+typedID(list[0].ID)+"/end").follows(t, "/sign-in")
	s.get("/account").follows(t, "/sign-in?to=%2Faccount")
}

func TestAccountChoices(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	s.submit("/account/digest", "digest", "on").follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, "Vous recevez le récapitulatif", "prochain récapitulatif")
	s.submit("/account/digest").follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, "Vous ne recevez pas le récapitulatif")
	s.submit("/language", "lang", "en", "to", "/account").follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, "Your open sessions", `value="en" checked`)
	s.submit("/theme", "theme", "dark", "to", "/account").follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, `data-theme="dark"`, `value="dark" checked`)
}

// Somebody without an address cannot get the digest, and is told.
func TestDigestNeedsAnAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.asPerson(s.personNamed("Inès").ID)
	s.get("/account").plain().wants(t, http.StatusOK, "Inès", "il faut une adresse")
	s.submit("/account/digest", "digest", "on").plain().wants(t, http.StatusUnprocessableEntity)
}

func TestDeviceOf(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"": "", "nonsense": "",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox · Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":               "Edge · Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "Safari · iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36":                                "Chrome · Android",
	} {
		if got := deviceOf(agent); got != want {
			t.Errorf("deviceOf(%q) = %q, want %q", agent, got, want)
		}
	}
}

// Every page of these rooms, full, in both languages, to every role that may see it.
func TestPagesInBothLanguages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sub, dropbox := s.current("MindMeister"), s.current("Dropbox")
	_, line := s.lineOf(models.FlagDecideBy)
	pages := []string{
		"/renewals", "/renewals?view=month", "/renewals?view=month&from=2026-12-01", "/renewals?view=year", line.Key.Address("snooze", "/renewals"),
		subscriptionPath(sub.ID, "edit"), subscriptionPath(sub.ID, "terms", "new"), subscriptionPath(sub.ID, "terms", typedID(sub.Terms[0].ID), "edit"),
		subscriptionPath(dropbox.ID, "terms", typedID(dropbox.Terms[len(dropbox.Terms)-1].ID), "removal"), subscriptionPath(dropbox.ID, "seats"),
		subscriptionPath(sub.ID, "cancellation"), subscriptionPath(sub.ID, "switch"), subscriptionPath(sub.ID, "seats"),
		"/people", "/people/new", personPath(s.personNamed("Karim").ID), personPath(s.personNamed("Karim").ID, "edit"), personPath(s.personNamed("Karim").ID, "departure"), "/account",
	}
	for _, p := range s.register().PlansOf(sub.ServiceID) {
		if p.ID != sub.PlanID {
			pages = append(pages, subscriptionPath(sub.ID, "switch")+"?plan="+typedID(p.ID))
		}
	}
	for _, lang := range []string{"fr", "en"} {
		for _, role := range models.Roles {
			s.as(role)
			s.submit("/language", "lang", lang).follows(t, "/")
			for _, path := range pages {
				if a := s.get(path); a.status != http.StatusForbidden {
					a.wants(t, http.StatusOK, `<html lang="`+lang+`"`)
				}
			}
		}
	}
}

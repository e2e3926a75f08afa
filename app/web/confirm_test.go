package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/store"
)

func storeFilter(subject models.ID) store.AuditFilter {
	return store.AuditFilter{Kind: "person", Subject: subject, Limit: 1}
}

// later moves the clock on.
func (s *site) later(d time.Duration) {
	at := s.web.Now().Add(d)
	s.web.Now = func() time.Time { return at }
}

func TestDangerousActsAskAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword(testPassword)
	s.later(freshLife - time.Second)
	s.get("/people/new").wants(t, http.StatusOK)
	s.get("/account/confirm?to=%2Fpeople").follows(t, "/people")
	s.later(time.Second)
	s.get("/people").wants(t, http.StatusOK) // looking asks nothing
	s.get("/people/new?invite=on").follows(t, "/account/confirm?to=%2Fpeople%2Fnew%3Finvite%3Don")
	s.get("/account/confirm?to=%2Fpeople%2Fnew%3Finvite%3Don").plain().wants(t, http.StatusOK, "C’est bien vous ?", `value="/people/new?invite=on"`, `autocomplete="current-password"`)
	s.submit("/account/confirm", "to", "/people/new", "confirm_password", "not the one at all").plain().
		wants(t, http.StatusUnprocessableEntity, "n’est pas le bon", `value="/people/new"`)
	s.get("/people/new").follows(t, "/account/confirm?to=%2Fpeople%2Fnew")
	s.submit("/account/confirm", "to", "https://evil.example/", "confirm_password", testPassword).follows(t, "/")
	s.get("/people/new").wants(t, http.StatusOK)
	s.later(freshLife)
	s.submit("/account/confirm", "to", "/people/new", "confirm_password", testPassword).follows(t, "/people/new")
	// It holds for this session only.
	s.client = s.newBrowser()
	s.as(models.Director)
	s.later(freshLife)
	s.get("/people/new").follows(t, "/account/confirm?to=%2Fpeople%2Fnew")
}

// A form that was open for too long loses nothing of what was typed, and repeats no secret.
func TestALateFormIsCarriedOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword(testPassword)
	s.later(freshLife)
	before := len(s.register().People)
	typed := pairs(goodPerson(), "password", "a secret nobody reads")
	a := s.submit("/people/new", typed...).plain().wants(t, http.StatusForbidden, `action="/people/new"`, `name="name" value="Nadia Ben`, `name="email"`)
	if strings.Contains(a.body, "a secret nobody reads") {
		t.Error("the page repeats a secret")
	}
	s.submit("/people/new", append(typed, "confirm_password", "not the one")...).plain().
		wants(t, http.StatusUnprocessableEntity, "n’est pas le bon", `name="name" value="Nadia Ben`)
	s.submit("/people/new", append(typed, "confirm_password", "")...).plain().wants(t, http.StatusUnprocessableEntity, "n’est pas le bon")
	if now := len(s.register().People); now != before {
		t.Errorf("%d people, %d before: nothing was proved", now, before)
	}
	s.submit("/people/new", append(typed, "confirm_password", testPassword)...).follows(t, personPath(s.personNamed("Nadia").ID))
	s.get("/people/new").wants(t, http.StatusOK)
}

func TestConfirmingIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.withPassword(testPassword)
	s.later(freshLife)
	for range knocksAccount {
		s.submit("/account/confirm", "to", "/people/new", "confirm_password", "x").wants(t, http.StatusUnprocessableEntity)
	}
	s.submit("/account/confirm", "to", "/people/new", "confirm_password", testPassword).plain().wants(t, http.StatusUnprocessableEntity, "Trop d’essais")
	s.get("/people/new").follows(t, "/account/confirm?to=%2Fpeople%2Fnew")
}

// An account without any means, as that of the sample's director, has nothing to prove itself by; its first password
// is its own act.
func TestAnAccountWithoutMeansSetsAFirstPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	s.later(freshLife)
	s.get("/people/new").wants(t, http.StatusOK)
	s.get("/account").plain().wants(t, http.StatusOK, "Choisir un mot de passe")
	if a := s.get("/account"); strings.Contains(a.body, `name="current"`) {
		t.Error("a password is asked for that is not there")
	}
	s.submit("/account/password", "password", testPassword).follows(t, "/account")
	s.get("/account").plain().wants(t, http.StatusOK, "Changer le mot de passe")
	s.later(freshLife)
	s.get("/people/new").follows(t, "/account/confirm?to=%2Fpeople%2Fnew")
}

// Who has left everywhere is told what a wrong password is told.
func TestWhoHasLeftIsToldNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	karim := s.personNamed("Karim")
	program := models.Actor{Organisation: s.org, Name: "enveloppe", Role: models.Director, At: testNow}
	hash := s.hashOf(testPassword)
	if err := s.store.SetPassword(context.Background(), program, karim.ID, hash); err != nil {
		t.Fatal(err)
	}
	if err := s.store.PersonLeaves(context.Background(), s.actor(), karim.ID, testDay); err != nil {
		t.Fatal(err)
	}
	left := s.submit("/sign-in", "email", karim.Email, "password", testPassword).wants(t, http.StatusUnprocessableEntity)
	wrong := s.submit("/sign-in", "email", karim.Email, "password", "not the one at all").wants(t, http.StatusUnprocessableEntity)
	if left.body != wrong.body {
		t.Error("the answer tells that the password is right")
	}
	nobody := s.submit("/sign-in", "email", "nobody@example.org", "password", testPassword).wants(t, http.StatusUnprocessableEntity)
	if strings.ReplaceAll(left.body, karim.Email, "X") != strings.ReplaceAll(nobody.body, "nobody@example.org", "X") {
		t.Error("the answer tells that the account exists")
	}
}

func TestNetworkOfAnAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "::ffff:192.0.2.1": "192.0.2.1", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "": "", "nonsense": "nonsense",
	} {
		if got := models.NetworkOf(address); got != want {
			t.Errorf("NetworkOf(%q) = %q, want %q", address, got, want)
		}
	}
}

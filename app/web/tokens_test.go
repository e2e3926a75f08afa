package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/token"
)

var tokenText = regexp.MustCompile(token.Pattern)

func (s *site) tokens() []models.Token {
	s.t.Helper()
	list, err := s.store.Tokens(context.Background(), s.org)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func (s *site) aToken(pairs ...string) string {
	s.t.Helper()
	a := s.submit("/account/tokens", pairs...).wants(s.t, http.StatusCreated)
	text := tokenText.FindString(a.body)
	if text == "" {
		s.t.Fatalf("no token is shown: %s", excerpt(a.body))
	}
	return text
}

func TestATokenIsShownOnce(t *testing.T) {
	s := newSite(t).as(models.Editor)
	s.post.configured = true
	s.get("/account").wants(t, http.StatusOK, `href="/account/tokens"`)
	s.get("/account/tokens").wants(t, http.StatusOK, "Vous n’en avez pas", `value="2027-11-23"`, `value="write"`)
	text := s.aToken("name", "Bilan <b>&amp;</b>", "scope", "write", "expires_on", "2027-01-31")
	scope, hash, ok := token.Parse(text)
	if !ok || scope != models.ScopeWrite {
		t.Fatalf("the token shown is %s", text)
	}
	b, err := s.store.Bearer(context.Background(), hash, testNow)
	if err != nil || b.Scope != models.ScopeWrite || b.Role != models.Editor || b.Token.Name != "Bilan <b>&amp;</b>" || b.ExpiresOn.String() != "2027-01-31" {
		t.Errorf("kept %+v, %v", b, err)
	}
	for _, path := range []string{"/account/tokens", tokenPath(b.ID) + "/revocation", "/account"} {
		if a := s.get(path).wants(t, http.StatusOK); strings.Contains(a.body, text[10:40]) || strings.Contains(a.body, "<b>&amp;</b>") {
			t.Errorf("%s shows it again, or what was typed as markup", path)
		}
	}
	s.get("/account/tokens").wants(t, http.StatusOK, "Bilan &lt;b&gt;", "Écriture", "jamais", "31\u00a0janvier 2027")
	if err := s.store.UseToken(context.Background(), b, "192.0.2.99", testNow.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.get("/account/tokens").wants(t, http.StatusOK, "192.0.2.99")

	s.web.settle()
	if len(s.post.letters) != 1 || !strings.Contains(s.post.letters[0].Text, "Bilan") || strings.Contains(s.post.letters[0].Text, text) ||
		!strings.Contains(s.post.letters[0].Text, "/account/tokens") {
		t.Errorf("letters %+v", s.post.letters)
	}
	s.as(models.Director)
	s.get("/audit?kind=token").wants(t, http.StatusOK, "jeton créé", "Écriture", "Bilan &lt;b&gt;")
}

func TestATokenIsMadeAsFarAsTheRoleGoes(t *testing.T) {
	s := newSite(t).as(models.Staff)
	if a := s.get("/account/tokens").wants(t, http.StatusOK, `value="read"`); strings.Contains(a.body, `value="write"`) {
		t.Error("staff are offered a token that writes")
	}
	s.submit("/account/tokens", "name", "x", "scope", "write").wants(t, http.StatusUnprocessableEntity, "Votre rôle n’enregistre pas de paiements")
	for _, c := range []struct{ name, scope, expires, says string }{
		{"", "read", "", "Remplissez ce champ"},
		{"x", "", "", "Choisissez dans la liste"},
		{"x", "admin", "", "Choisissez dans la liste"},
		{"x", "calendar", "", "Choisissez dans la liste"},
		{"x", "read", "2026-11-22", "Ce jour est déjà passé"},
		{"x", "read", "bientôt", "illisible"},
		{strings.Repeat("x", 121), "read", "", "Raccourcissez"},
	} {
		a := s.submit("/account/tokens", "name", c.name, "scope", c.scope, "expires_on", c.expires).wants(t, http.StatusUnprocessableEntity, c.says)
		if tokenText.MatchString(a.body) {
			t.Errorf("%+v: a token is shown", c)
		}
	}
	s.aToken("name", "Tableur", "scope", "read")
	// The button pressed twice makes no second one.
	s.submit("/account/tokens", "name", " TABLEUR", "scope", "read").wants(t, http.StatusUnprocessableEntity, "déjà pris")
	if got := s.tokens(); len(got) != 1 || !got[0].ExpiresOn.IsZero() {
		t.Errorf("kept %+v", got)
	}
}

func TestWhoSeesAndRevokesATokenOnTheScreens(t *testing.T) {
	s := newSite(t).as(models.Editor)
	text := s.aToken("name", "Du trésorier", "scope", "read")
	path := tokenPath(s.tokens()[0].ID) + "/revocation"
	s.as(models.Accountant)
	missing := s.get(tokenPath(987654321)+"/revocation").wants(t, http.StatusNotFound)
	if a := s.get(path).wants(t, http.StatusNotFound); strings.ReplaceAll(a.body, path, "") != strings.ReplaceAll(missing.body, tokenPath(987654321)+"/revocation", "") {
		t.Error("somebody else's token is told from a missing one")
	}
	s.submit(path).wants(t, http.StatusNotFound)
	s.get("/tokens").wants(t, http.StatusForbidden)
	if a := s.get("/account/tokens"); strings.Contains(a.body, "Du trésorier") {
		t.Error("somebody else's token is listed")
	}

	s.as(models.Director)
	editor := s.person(models.Editor)
	s.get("/tokens").wants(t, http.StatusOK, "Du trésorier", editor.Name, path)
	s.get(path).wants(t, http.StatusOK, "Du trésorier", editor.Name)
	s.submit(path).follows(t, "/tokens")
	s.get("/tokens").wants(t, http.StatusOK, "Aucun jeton", "est révoqué")
	s.submit(path).wants(t, http.StatusNotFound)
	_, hash, _ := token.Parse(text)
	if _, err := s.store.Bearer(context.Background(), hash, testNow); err == nil {
		t.Error("a revoked token is good")
	}
}

// person is the first of a role.
func (s *site) person(role models.Role) models.Person {
	for _, p := range s.register().People {
		if p.Role == role && p.HereOn(testDay) {
			return p
		}
	}
	return models.Person{}
}

// A token that outgrew its owner is still listed, and said to be of no use.
func TestATokenBeyondItsOwnersRoleIsSaidToBe(t *testing.T) {
	s := newSite(t).as(models.Editor)
	s.aToken("name", "Écrit", "scope", "write")
	p := s.person(models.Editor)
	p.Role = models.Staff
	if err := s.store.SavePerson(context.Background(), s.actor(), p); err != nil {
		t.Fatal(err)
	}
	s.get("/account/tokens").wants(t, http.StatusOK, "sans effet avec ce rôle")
}

// Making and revoking ask again who one is, as every dangerous act does; what was typed is carried on.
func TestTokensAskWhoOneIs(t *testing.T) {
	s := newSite(t)
	s.withPassword(testPassword)
	s.later(freshLife)
	s.get("/account/tokens").follows(t, "/account/confirm?to=%2Faccount%2Ftokens")
	a := s.submit("/account/tokens", "name", "Tableur", "scope", "read").wants(t, http.StatusForbidden, `name="name" value="Tableur"`)
	if tokenText.MatchString(a.body) || len(s.tokens()) != 0 {
		t.Error("a token was made without proof")
	}
	s.submit("/account/tokens", "name", "Tableur", "scope", "read", proofField, testPassword).wants(t, http.StatusCreated)
	if len(s.tokens()) != 1 {
		t.Error("no token was made")
	}
}

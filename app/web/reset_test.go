package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
)

func TestResetByLetter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	elsewhere := s.client
	s.client = s.newBrowser()
	s.get("/sign-in").plain().wants(t, http.StatusOK, `href="/forgotten"`)
	s.submit("/forgotten", "email", "claire").plain().wants(t, http.StatusUnprocessableEntity, `id="email-error"`, `value="claire"`)
	known := s.submit("/forgotten", "email", strings.ToUpper(p.Email)).plain().wants(t, http.StatusOK, "Regardez votre courrier")
	l := s.letter()
	if l.Address != p.Email || !strings.Contains(l.Subject, "mot de passe") {
		t.Errorf("letter %+v", l)
	}
	before := s.lettersSent()
	unknown := s.submit("/forgotten", "email", "NOBODY@example.org").plain().wants(t, http.StatusOK, "Regardez votre courrier")
	if s.lettersSent() != before {
		t.Error("a letter to somebody who has no account")
	}
	if strings.ReplaceAll(known.body, strings.ToUpper(p.Email), "X") != strings.ReplaceAll(unknown.body, "NOBODY@example.org", "X") {
		t.Error("the answer tells whether an account exists")
	}
	link := s.linkOf(l.Text)
	for range 2 {
		s.get(link).plain().wants(t, http.StatusOK, p.Email, `autocomplete="new-password"`)
	}
	s.submit(link, "password", "court").plain().wants(t, http.StatusUnprocessableEntity, "au moins 12 caractères")
	const fresh = "quatre cinq six nuages gris"
	s.submit(link, "password", fresh).follows(t, "/sign-in")
	s.get("/sign-in").plain().wants(t, http.StatusOK, "Votre mot de passe est changé")
	if told := s.letter(); told.Address != p.Email || !strings.Contains(told.Text, "vient d’être changé") || strings.Contains(told.Text, fresh) {
		t.Errorf("letter %+v", told)
	}
	s.submit(link, "password", fresh).plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	s.get(link).plain().wants(t, http.StatusNotFound, "Demander un autre lien")
	s.submit("/sign-in", "email", p.Email, "password", testPassword).wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in", "email", p.Email, "password", fresh).follows(t, "/")
	s.client = elsewhere
	s.get("/account").follows(t, "/sign-in?to=%2Faccount")
}

func TestResetRunsOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := withPassword(t, s)
	s.submit("/forgotten", "email", p.Email).wants(t, http.StatusOK)
	link := s.linkOf(s.letter().Text)
	s.web.Now = func() time.Time { return testNow.Add(models.ResetLife) }
	s.get(link).wants(t, http.StatusNotFound)
	s.submit(link, "password", "quatre cinq six nuages gris").wants(t, http.StatusNotFound)
	for _, token := range []string{"x", strings.Repeat("A", 43), strings.Repeat("A", 44)} {
		s.get("/reset/"+token).plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	}
}

// Asking is counted, for addresses of accounts and others alike, and needs a way to send.
func TestResetIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.get("/forgotten").plain().wants(t, http.StatusOK, "n’envoie pas de courriel")
	s.submit("/forgotten", "email", "claire@example.org").plain().wants(t, http.StatusUnprocessableEntity, "n’envoie pas de courriel")
	s.post.configured = true
	p := withPassword(t, s)
	for _, email := range []string{p.Email, "nobody@example.org"} {
		for range resetsAccount {
			s.submit("/forgotten", "email", email).wants(t, http.StatusOK)
		}
		s.submit("/forgotten", "email", strings.ToUpper(email)).plain().wants(t, http.StatusTooManyRequests, "Trop d’essais")
	}
}

// A director sends the letter to the account's own address, whatever they write on the person's entry.
func TestDirectorSendsAReset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	karim := s.personNamed("Karim")
	program := models.Actor{Organisation: s.org, Name: "enveloppe", Role: models.Director, At: testNow}
	if err := s.store.SetPassword(context.Background(), program, karim.ID, "hash"); err != nil {
		t.Fatal(err)
	}
	s.as(models.Director)
	s.submit(personPath(karim.ID, "edit"), pairs(personTyped(s.personNamed("Karim")), "email", "director@example.org")...).follows(t, personPath(karim.ID))
	s.get(personPath(karim.ID)).plain().wants(t, http.StatusOK, "Envoyer un lien de nouveau mot de passe")
	s.submit(personPath(karim.ID, "reset")).follows(t, personPath(karim.ID))
	if l := s.letter(); l.Address != karim.Email {
		t.Errorf("the letter went to %s", l.Address)
	}
	a := s.get(personPath(karim.ID)).plain().wants(t, http.StatusOK, "est parti à l’adresse de connexion")
	if linkIn.MatchString(a.body) {
		t.Error("the director sees the link")
	}
	s.submit(personPath(s.personNamed("Hugo").ID, "reset")).plain().wants(t, http.StatusConflict, "pas encore de compte")
	s.post.answer = Undelivered{Rule: "mail.auth", Detail: "535"}
	s.submit(personPath(karim.ID, "reset")).plain().wants(t, http.StatusConflict, "n’est pas parti")
	s.post.configured = false
	s.submit(personPath(karim.ID, "reset")).plain().wants(t, http.StatusConflict, "n’envoie pas de courriel")
}

func TestChangeAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.withPassword(testPassword)
	s.get("/account/address").plain().wants(t, http.StatusOK, "n’envoie pas de courriel")
	s.submit("/account/address", "email", "claire@ailleurs.example").wants(t, http.StatusUnprocessableEntity)
	s.post.configured = true
	s.submit("/account/address", "email", "claire").plain().wants(t, http.StatusUnprocessableEntity, `id="email-error"`, `value="claire"`)
	s.submit("/account/address", "email", p.Email).plain().wants(t, http.StatusUnprocessableEntity, "déjà votre adresse")
	s.submit("/account/address", "email", "claire@ailleurs.example").follows(t, "/account")
	l := s.letter()
	if l.Address != "claire@ailleurs.example" {
		t.Errorf("letter to %s", l.Address)
	}
	link := s.linkOf(l.Text)
	s.client = s.newBrowser() // the letter may be read on another machine
	s.get(link).plain().wants(t, http.StatusOK, "claire@ailleurs.example")
	s.submit("/sign-in", "email", "claire@ailleurs.example", "password", testPassword).wants(t, http.StatusUnprocessableEntity)
	s.submit(link).follows(t, "/")
	if told := s.letter(); told.Address != p.Email || !strings.Contains(told.Text, "claire@ailleurs.example") {
		t.Errorf("the old address is told %+v", told)
	}
	s.submit(link).wants(t, http.StatusNotFound)
	s.submit("/sign-in", "email", p.Email, "password", testPassword).wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in", "email", "claire@ailleurs.example", "password", testPassword).follows(t, "/")
	// Another account's address is asked for like any other, and refused to whoever reads its letters.
	karim := s.personNamed("Karim")
	s.accountOf(karim.ID)
	s.submit("/account/address", "email", karim.Email).follows(t, "/account")
	s.submit(s.linkOf(s.letter().Text)).plain().wants(t, http.StatusUnprocessableEntity, "déjà celle d’un compte")
}

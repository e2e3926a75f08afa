package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/sample"
)

// letter is the last one that left, once all have.
func (s *site) letter() Letter {
	s.t.Helper()
	s.web.settle()
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if len(s.post.letters) == 0 {
		s.t.Fatal("no letter left")
	}
	return s.post.letters[len(s.post.letters)-1]
}

// lettersSent counts those that left.
func (s *site) lettersSent() int {
	s.web.settle()
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	return len(s.post.letters)
}

var linkIn = regexp.MustCompile(`/(?:invitation|reset|address)/[\w-]{43}`)

// linkOf is the local address of the link in a text.
func (s *site) linkOf(text string) string {
	s.t.Helper()
	link := linkIn.FindString(text)
	if link == "" || !strings.Contains(text, s.server.URL+link) {
		s.t.Fatalf("no link of this site in %q", text)
	}
	return link
}

// neighbours plants a second organisation and gives its director.
func (s *site) neighbours(lang models.Lang) models.Actor {
	s.t.Helper()
	f := sample.Association(testDay, lang, testNow)
	f = models.Facts{Organisation: f.Organisation, People: f.People[:1]}
	f.Organisation.Name, f.People[0].Email = "Les Voisins", "voisine@voisins.example"
	org, err := s.store.Plant(context.Background(), f, testNow)
	if err != nil {
		s.t.Fatal(err)
	}
	return models.Actor{Organisation: org, Person: f.People[0].ID, Name: "Voisine", Role: models.Director, At: testNow}
}

// invitedBy is the local address of an invitation to a second organisation.
func (s *site) invitedBy(by models.Actor, email string, role models.Role, lang models.Lang) string {
	s.t.Helper()
	secret, hash := newLink()
	p := models.Person{Name: "Claire M.", Email: email, Role: role, Lang: lang}
	if _, err := s.store.InvitePerson(context.Background(), by, p, hash); err != nil {
		s.t.Fatal(err)
	}
	return "/invitation/" + secret
}

func TestInviteByLetter(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	s.post.configured = true
	karim := s.personNamed("Karim")
	path := personPath(karim.ID)
	s.get(path).plain().wants(t, http.StatusOK, "pas encore de compte", "L’inviter")
	s.submit(path+"/invitation").follows(t, path)
	first := s.letter()
	if first.Address != karim.Email || first.Lang != karim.Lang || !strings.Contains(first.Text, "Claire Morel vous invite à rejoindre") {
		t.Errorf("letter %+v", first)
	}
	page := s.get(path).plain().wants(t, http.StatusOK, "est partie à "+karim.Email, "valable jusqu’au", "Renvoyer", "Retirer")
	link := s.linkOf(first.Text)
	if strings.Contains(page.body, link) {
		t.Error("the page repeats the link")
	}
	s.get("/people").plain().wants(t, http.StatusOK, "invitation en attente")
	// Sent again, the first is no good; withdrawn, none is.
	s.submit(path+"/invitation").follows(t, path)
	second := s.linkOf(s.letter().Text)
	director := s.client
	s.client = s.newBrowser()
	s.get(link).plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	for range 2 { // looking uses nothing up
		s.get(second).plain().wants(t, http.StatusOK, "vous invite", "Karim Benali", karim.Email)
	}
	for plain, says := range map[string]string{"court": "au moins 12 caractères", "karim benali 2026": "trop facile", "": "au moins 12", strings.Repeat("abcdefgh", 40): "256 caractères"} {
		a := s.submit(second, "password", plain).plain().wants(t, http.StatusUnprocessableEntity, says)
		if plain != "" && strings.Contains(a.body, plain) {
			t.Error("the page repeats a password")
		}
	}
	s.submit(second, "password", "cheval batterie agrafe").follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "Bienvenue dans")
	s.submit(second, "password", "cheval batterie agrafe").plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	s.submit("/sign-out")
	s.submit("/sign-in", "email", karim.Email, "password", "cheval batterie agrafe", "to", "/people").follows(t, "/people")
	s.client = director
	s.get(path).plain().wants(t, http.StatusOK, "a un compte et se connecte")
	s.submit(path+"/invitation").plain().wants(t, http.StatusConflict, "déjà un compte")

	hugo := s.personNamed("Hugo")
	s.submit(personPath(hugo.ID, "invitation")).follows(t, personPath(hugo.ID))
	third := s.linkOf(s.letter().Text)
	s.submit(personPath(hugo.ID, "invitation", "withdrawal")).follows(t, personPath(hugo.ID))
	s.get(third).plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	s.submit(third, "password", "cheval batterie agrafe").plain().wants(t, http.StatusNotFound)
	// Whoever has no address is given one first.
	ines := s.personNamed("Inès")
	s.submit(personPath(ines.ID, "invitation")).plain().wants(t, http.StatusUnprocessableEntity, "Indiquez une adresse pour l’inviter")
}

// Without a mail server, or with one that refuses, the page hands the link over, once.
func TestInviteByHand(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	fields := pairs(goodPerson(), "invite", "on")
	s.get("/people/new?invite=on").plain().wants(t, http.StatusOK, `name="invite" value="on" checked`, "remettre vous-même")
	a := s.submit("/people/new", fields...).plain().wants(t, http.StatusOK, "n’envoie pas de courriel", "Remettez ce lien")
	link := s.linkOf(a.body)
	nadia := s.personNamed("Nadia")
	if again := s.get(personPath(nadia.ID)); strings.Contains(again.body, link) {
		t.Error("the link is shown twice")
	}
	s.submit("/people/new", pairs(goodPerson(), "name", "Sans", "email", "", "digest", "", "invite", "on")...).plain().
		wants(t, http.StatusUnprocessableEntity, "Indiquez une adresse pour l’inviter", `name="invite" value="on" checked`)
	s.post.configured = true
	s.post.answer = Undelivered{Rule: "mail.timeout", Detail: "i/o timeout"}
	a = s.submit(personPath(nadia.ID, "invitation")).plain().wants(t, http.StatusOK, "i/o timeout", "Remettez ce lien")
	second := s.linkOf(a.body)
	s.client = s.newBrowser()
	s.get(link).wants(t, http.StatusNotFound)
	s.get(second).wants(t, http.StatusOK)
	s.web.Now = func() time.Time { return testNow.Add(models.InviteLife) }
	s.get(second).plain().wants(t, http.StatusNotFound, "Ce lien ne vaut plus")
	s.submit(second, "password", "cheval batterie agrafe").wants(t, http.StatusNotFound)
}

// Somebody with an account joins with it, by proving it; the address of a letter alone gives nobody an account's rights.
func TestJoinWithAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	claire := s.withPassword(testPassword)
	s.submit("/sign-out")
	// A second organisation invites the same address, and another one.
	by := s.neighbours(models.English)
	invite := func(email string) string { return s.invitedBy(by, email, models.Accountant, models.English) }
	link := invite("claire@voisins.example")
	s.get(link).plain().wants(t, http.StatusOK, "Les Voisins invites you", `lang="en"`)
	s.submit(link+"/account", "email", claire.Email, "password", "not the one at all").wants(t, http.StatusUnprocessableEntity, `value="`+claire.Email)
	s.submit(link+"/account", "email", claire.Email, "password", testPassword).follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "Les Voisins")
	s.submit(link+"/account").wants(t, http.StatusNotFound)
	s.get("/account").plain().wants(t, http.StatusOK, "Association Passerelles", "Les Voisins", "you are here")

	// Signed in, one press is enough; not twice in one organisation.
	again := invite("autre@voisins.example")
	s.get(again).plain().wants(t, http.StatusOK, "Join as "+claire.Email, "is a person of this organisation already")
	s.submit(again+"/account").plain().wants(t, http.StatusUnprocessableEntity)
	s.client = s.newBrowser()
	// The address of an account gets no second account.
	known := invite(claire.Email)
	if a := s.get(known).wants(t, http.StatusOK, `value="`+claire.Email); strings.Contains(a.body, `autocomplete="new-password"`) {
		t.Error("a second account is offered")
	}
	s.submit(known, "password", "cheval batterie agrafe").plain().wants(t, http.StatusUnprocessableEntity, "has an account already")
	s.submit("/sign-in", "email", claire.Email, "password", testPassword).follows(t, "/")
}

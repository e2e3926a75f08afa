package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/store"
)

// keyed is a site whose director has a password, is signed in, and has the device's passkey.
func keyed(t *testing.T) (*site, *device, models.Person) {
	t.Helper()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	d := s.withPasskeys()
	s.adds(d, "Mon téléphone")
	return s, d, p
}

// adds gives the visitor's account the device's passkey.
func (s *site) adds(d *device, name string) {
	s.t.Helper()
	answer := d.makes(s.challenged("/account/factors/passkeys/options"))
	s.submit("/account/factors/passkeys", "name", name, "credential", answer).follows(s.t, "/account/factors")
	s.web.settle() // its letter comes before those that follow
}

// entersWith goes out and signs in with the device's passkey.
func (s *site) entersWith(d *device, to string) answer {
	s.t.Helper()
	s.client = s.newBrowser()
	return s.submit("/sign-in/passkey", "to", to, "credential", d.signs(s.challenged("/sign-in/passkey/options")))
}

// isOut looks that nobody is signed in.
func (s *site) isOut(t *testing.T) {
	t.Helper()
	s.get("/account").follows(t, "/sign-in?to=%2Faccount")
}

func (s *site) passkeys(account models.AccountID) []models.Passkey {
	s.t.Helper()
	list, err := s.store.Passkeys(context.Background(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

func TestAPasskeyFromItsMakingToItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	d := s.withPasskeys()
	account := s.accountOf(p.ID)
	o := s.challenged("/account/factors/passkeys/options")
	if k := o.PublicKey; k.RP.ID != "localhost" || k.User.Name != p.Email || k.User.DisplayName != p.Name || k.Selection.ResidentKey != "required" ||
		k.Selection.UserVerification != "required" || k.Attestation != "none" || len(k.User.ID) != 43 || len(k.Exclude) != 0 {
		t.Errorf("asked for %+v", k)
	}
	s.submit("/account/factors/passkeys", "name", " ", "credential", d.makes(o)).plain().wants(t, http.StatusUnprocessableEntity, "Remplissez")
	s.adds(d, "Mon téléphone <i>")
	if l := s.letter(); l.Address != p.Email || !strings.Contains(l.Text, "Mon téléphone <i>") {
		t.Errorf("told by letter: %+v", l)
	}
	page := s.get("/account/factors").plain().wants(t, http.StatusOK, "Mon téléphone &lt;i&gt;", "jamais utilisée", "1 clé", "sur plusieurs appareils")
	if strings.Contains(page.body, b64(d.id)) || strings.Contains(page.body, b64(d.handle)) {
		t.Error("the page shows what devices call the key and the account")
	}
	s.get("/account").plain().wants(t, http.StatusOK, "1 clé")
	// Asked for a second one, a device that has the first says so by itself.
	if o = s.challenged("/account/factors/passkeys/options"); len(o.PublicKey.Exclude) != 1 || o.PublicKey.Exclude[0].ID != b64(d.id) || o.PublicKey.User.ID != b64(d.handle) {
		t.Errorf("asked for a second one with %+v", o.PublicKey)
	}
	s.later(time.Hour)
	s.entersWith(d, "/services?q=zoom").follows(t, "/services?q=zoom")
	s.get("/account/factors").plain().wants(t, http.StatusOK, "utilisée") // and it is a fresh proof
	if k := s.passkeys(account)[0]; !k.UsedAt.Equal(s.web.Now()) || k.SignCount != d.count {
		t.Errorf("used: %+v", k)
	}

	path := passkeyPath(s.passkeys(account)[0].ID)
	s.submit(path, "name", "").plain().wants(t, http.StatusUnprocessableEntity, "Remplissez", "details class=\"more\" open")
	s.submit(path, "name", "Le vieux").follows(t, "/account/factors")
	s.get(path+"/removal").plain().wants(t, http.StatusOK, "« Le vieux »", "button danger")
	s.submit(path+"/removal").follows(t, "/account/factors")
	if l := s.letter(); !strings.Contains(l.Text, "Le vieux") || !strings.Contains(l.Subject, "retirée") {
		t.Errorf("told by letter: %+v", l)
	}
	s.get(path+"/removal").wants(t, http.StatusNotFound)
	s.submit(path+"/removal").wants(t, http.StatusNotFound)
	s.entersWith(d, "/").plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue")
	s.isOut(t)
}

// The sessions elsewhere end with a new passkey when its owner asks for it, and with one removed.
func TestFactorsEndSessionsElsewhere(t *testing.T) {
	t.Parallel()
	s, d, p := keyed(t)
	here := s.client
	signIn := func() *http.Client {
		s.client = s.newBrowser()
		s.submit("/sign-in", "email", p.Email, "password", testPassword).follows(t, "/")
		other := s.client
		s.client = here
		return other
	}
	other := signIn()
	s.get("/account/factors").plain().wants(t, http.StatusOK, `name="end_others"`)
	second := d.another()
	s.adds(second, "Portable")
	s.client = other
	s.get("/account").wants(t, http.StatusOK) // it was not asked for
	s.client = here
	third := d.another()
	answer := third.makes(s.challenged("/account/factors/passkeys/options"))
	s.submit("/account/factors/passkeys", "name", "Clé", "credential", answer, "end_others", "on").follows(t, "/account/factors")
	s.client = other
	s.isOut(t)
	s.client = here
	other = signIn()
	path := passkeyPath(s.passkeys(s.accountOf(p.ID))[2].ID) + "/removal"
	s.get(path).plain().wants(t, http.StatusOK, `name="end_others" value="on" checked`)
	s.submit(path, "end_others", "on").follows(t, "/account/factors")
	s.get("/account").wants(t, http.StatusOK)
	s.client = other
	s.isOut(t)
}

// strangeKey is a key nobody has registered.
func strangeKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// What is not exactly what the device of the account signed for this challenge at this site lets nobody in, and every
// refusal reads the same.
func TestAPasskeyProvesOnlyWhatItSigned(t *testing.T) {
	t.Parallel()
	s, d, _ := keyed(t)
	for name, bend := range map[string]func(*saying){
		"another site":          func(x *saying) { x.origin = "https://evil.example" },
		"another port":          func(x *saying) { x.origin = "http://localhost:1" },
		"another name":          func(x *saying) { x.host = "evil.example" },
		"in a frame":            func(x *saying) { x.cross = true },
		"an older challenge":    func(x *saying) { x.challenge = b64(make([]byte, 32)) },
		"no challenge":          func(x *saying) { x.challenge = "" },
		"meant for making":      func(x *saying) { x.kind = "webauthn.create" },
		"nobody touched it":     func(x *saying) { x.flags &^= present },
		"nobody was verified":   func(x *saying) { x.flags &^= verified },
		"it may travel no more": func(x *saying) { x.flags &^= travels },
		"another's signature":   func(x *saying) { x.key = strangeKey(t) },
		"an unknown passkey":    func(x *saying) { x.id = []byte("nobody's passkey") },
		"another account":       func(x *saying) { x.handle = newHandle() },
		"no account":            func(x *saying) { x.handle = nil },
		"a counter gone back":   func(x *saying) { x.count = 1 },
		"a counter that stays":  func(x *saying) { x.count-- },
	} {
		d.bend = bend
		a := s.entersWith(d, "/").plain().wants(t, http.StatusUnprocessableEntity, "Cette clé d’accès n’a pas été reconnue, ou la demande a trop attendu.")
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is let in", name)
		}
		s.isOut(t)
		d.bend = nil
		s.entersWith(d, "/").follows(t, "/") // and it was that
	}
}

func TestAChallengeIsGoodOnceAndForAWhile(t *testing.T) {
	t.Parallel()
	s, d, _ := keyed(t)
	wrong := func(what string, pairs ...string) {
		t.Helper()
		if a := s.submit("/sign-in/passkey", pairs...).plain(); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "n’a pas été reconnue") {
			t.Errorf("%s answers %d", what, a.status)
		}
		s.isOut(t)
	}
	s.client = s.newBrowser()
	answer := d.signs(s.challenged("/sign-in/passkey/options"))
	s.submit("/sign-in/passkey", "credential", answer).follows(t, "/")
	s.submit("/sign-out")
	wrong("the same answer again", "credential", answer)
	o := s.challenged("/sign-in/passkey/options")
	wrong("nothing", "credential", "")
	wrong("a challenge that a bad answer used up", "credential", d.signs(o))
	for _, rubbish := range []string{"{}", "null", "[]", `{"id":"x"}`, strings.Repeat("{", 5000), "\x00"} {
		s.challenged("/sign-in/passkey/options")
		wrong("rubbish", "credential", rubbish)
	}
	answer = d.signs(s.challenged("/sign-in/passkey/options"))
	s.client = s.newBrowser()
	wrong("another browser's answer", "credential", answer)
	answer = d.signs(s.challenged("/sign-in/passkey/options"))
	s.later(passkeyTime)
	wrong("an answer too late", "credential", answer)
	// A challenge for one purpose is none for another.
	s.entersWith(d, "/").follows(t, "/")
	answer = d.signs(s.challenged("/account/confirm/options"))
	s.submit("/sign-in/passkey", "credential", answer).wants(t, http.StatusUnprocessableEntity)
	answer = d.makes(s.challenged("/account/factors/passkeys/options"))
	s.submit("/sign-in/passkey", "credential", answer).wants(t, http.StatusUnprocessableEntity)
}

func TestChallengesAreCounted(t *testing.T) {
	t.Parallel()
	s, _, _ := keyed(t)
	for range challengesAddress {
		s.challenged("/sign-in/passkey/options")
	}
	a := s.submit("/sign-in/passkey/options")
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("one more answers %d, %q", a.status, a.header.Get("Retry-After"))
	}
	s.later(knockWindow)
	s.challenged("/sign-in/passkey/options")
}

// A passkey is made for the account that asked, by a device that knew its owner, or not at all.
func TestAPasskeyIsMadeByTheBook(t *testing.T) {
	t.Parallel()
	s, d, p := keyed(t)
	account := s.accountOf(p.ID)
	for name, bend := range map[string]func(*saying){
		"another site":        func(x *saying) { x.origin = "https://evil.example" },
		"another name":        func(x *saying) { x.host = "evil.example" },
		"another challenge":   func(x *saying) { x.challenge = b64(make([]byte, 32)) },
		"meant for signing":   func(x *saying) { x.kind = "webauthn.get" },
		"nobody touched it":   func(x *saying) { x.flags &^= present },
		"nobody was verified": func(x *saying) { x.flags &^= verified },
		"no name of its own":  func(x *saying) { x.id = nil },
	} {
		other := d.another()
		other.bend = bend
		answer := other.makes(s.challenged("/account/factors/passkeys/options"))
		s.submit("/account/factors/passkeys", "name", "Clé", "credential", answer).plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue", `value="Clé"`)
		if n := len(s.passkeys(account)); n != 1 {
			t.Fatalf("%s is kept", name)
		}
	}
	// One that is known is not kept twice, and one made for somebody else not at all.
	again := *d
	s.submit("/account/factors/passkeys", "name", "Encore", "credential", again.makes(s.challenged("/account/factors/passkeys/options"))).plain().
		wants(t, http.StatusUnprocessableEntity, "déjà enregistrée")
	other := d.another()
	answer := other.makes(s.challenged("/account/factors/passkeys/options"))
	base, _ := url.Parse(s.server.URL)
	cookies := s.client.Jar.Cookies(base)
	s.as(models.Editor)
	for _, c := range cookies {
		if strings.HasSuffix(c.Name, "passkey") {
			s.client.Jar.SetCookies(base, []*http.Cookie{c})
		}
	}
	s.submit("/account/factors/passkeys", "name", "Volée", "credential", answer).wants(t, http.StatusUnprocessableEntity)
	if n := len(s.passkeys(account)); n != 1 {
		t.Errorf("%d passkeys", n)
	}
	// Another person's passkey is nobody's to see, name or remove.
	path := passkeyPath(s.passkeys(account)[0].ID)
	s.submit(path, "name", "à moi").wants(t, http.StatusNotFound)
	s.get(path+"/removal").wants(t, http.StatusNotFound)
	s.submit(path+"/removal").wants(t, http.StatusNotFound)
}

func TestTheLastMeansToSignInStays(t *testing.T) {
	t.Parallel()
	s, d, p := keyed(t)
	account := s.accountOf(p.ID)
	s.get("/account/factors/password/removal").plain().wants(t, http.StatusOK, "button danger")
	s.submit("/account/factors/password/removal").follows(t, "/account/factors")
	if l := s.letter(); !strings.Contains(l.Subject, "n’a plus de mot de passe") {
		t.Errorf("told by letter: %+v", l)
	}
	s.get("/account/factors").plain().wants(t, http.StatusOK, "Choisir un mot de passe", "Votre compte n’en a pas")
	s.get("/account/factors/password/removal").follows(t, "/account/factors")
	path := passkeyPath(s.passkeys(account)[0].ID) + "/removal"
	if a := s.get(path).plain().wants(t, http.StatusOK, "dernier moyen"); strings.Contains(a.body, "button danger") {
		t.Error("the last means is offered to be removed")
	}
	s.submit(path).plain().wants(t, http.StatusUnprocessableEntity, "dernier moyen")
	s.submit("/account/factors/password/removal").wants(t, http.StatusUnprocessableEntity)
	s.entersWith(d, "/").follows(t, "/")
	// The password that was is none any more, and the sentence is the same as ever.
	s.client = s.newBrowser()
	s.submit("/sign-in", "email", p.Email, "password", testPassword).plain().wants(t, http.StatusUnprocessableEntity, "n’est pas le bon")
}

// Dangerous acts are confirmed with a passkey of one's own; what was typed is carried on.
func TestConfirmByPasskey(t *testing.T) {
	t.Parallel()
	s, d, p := keyed(t)
	s.submit("/account/factors/password/removal").follows(t, "/account/factors")
	s.later(freshLife)
	s.get("/account/factors").follows(t, "/account/confirm?to=%2Faccount%2Ffactors")
	page := s.get("/account/confirm?to=%2Fpeople").plain().wants(t, http.StatusOK, `data-options="/account/confirm/options"`, `name="confirm_passkey"`)
	if strings.Contains(page.body, `type="password"`) {
		t.Error("a password is asked for that there is not")
	}
	o := s.challenged("/account/confirm/options")
	if k := o.PublicKey; len(k.Allow) != 1 || k.Allow[0].ID != b64(d.id) || k.UV != "required" {
		t.Errorf("asked to sign %+v", k)
	}
	s.submit("/account/confirm", "to", "/people", "confirm_passkey", d.signs(o)).follows(t, "/people")
	s.get("/account/factors").wants(t, http.StatusOK)
	s.later(freshLife)
	typed := pairs(goodPerson())
	late := s.submit("/people/new", typed...).plain().wants(t, http.StatusForbidden, `action="/people/new"`, `name="name" value="Nadia Ben`)
	if strings.Contains(late.body, `name="confirm_password"`) {
		t.Error("a password is asked for that there is not")
	}
	d.bend = func(x *saying) { x.flags &^= verified }
	bad := d.signs(s.challenged("/account/confirm/options"))
	s.submit("/people/new", append(typed, "confirm_passkey", bad)...).plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue", `name="name" value="Nadia Ben`)
	d.bend = nil
	s.submit("/people/new", append(typed, "confirm_passkey", "")...).plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue")
	// A password does not help an account that has none, nor does somebody else's passkey.
	s.submit("/people/new", append(typed, "confirm_password", testPassword)...).wants(t, http.StatusUnprocessableEntity)
	stranger := d.another()
	stranger.handle = d.handle
	s.submit("/people/new", append(typed, "confirm_passkey", stranger.signs(s.challenged("/account/confirm/options")))...).wants(t, http.StatusUnprocessableEntity)
	signed := d.signs(s.challenged("/account/confirm/options"))
	a := s.submit("/people/new", append(typed, "confirm_passkey", signed)...)
	a.follows(t, personPath(s.personNamed("Nadia").ID))
	if e, err := s.store.Audit(t.Context(), s.org, storeFilter(s.personNamed("Nadia").ID)); err != nil || len(e) != 1 || e[0].By != p.ID {
		t.Errorf("added as %+v, %v", e, err)
	}
}

// Browsers use passkeys on a name, over https or on one's own machine: elsewhere nothing speaks of them but the page of
// one's own means, which says why.
func TestPasskeysNeedAName(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]bool{
		"https://enveloppe.example.org": true, "https://enveloppe.example.org:8443": true, "http://localhost:8080": true,
		"http://127.0.0.1:8080": false, "https://192.0.2.7": false, "http://[::1]:8080": false, "http://enveloppe.example.org": false,
	} {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := newParty(u) != nil; got != want {
			t.Errorf("passkeys at %s: %t, want %t", base, got, want)
		}
	}
	s := newSite(t)
	for _, path := range []string{"/sign-in/passkey/options", "/sign-in/passkey"} {
		s.submit(path, "credential", "{}").wants(t, http.StatusNotFound)
	}
	if a := s.get("/sign-in").wants(t, http.StatusOK); strings.Contains(a.body, "passkey") {
		t.Error("passkeys are offered where no browser would use them")
	}
	s.as(models.Director)
	for _, path := range []string{"/account/factors/passkeys/options", "/account/confirm/options", "/account/factors/passkeys"} {
		s.submit(path, "name", "x", "credential", "{}").wants(t, http.StatusNotFound)
	}
	s.get("/account/factors").plain().wants(t, http.StatusOK, "demandent une adresse en https", "127.0.0.1")
}

func TestAcceptAnInvitationByPasskey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.withPasskeys()
	link := s.invitedBy(s.actor(), "amina@chiffres.example", models.Accountant, models.French)
	s.get(link).plain().wants(t, http.StatusOK, "Entrer avec une clé d’accès", "amina@chiffres.example", `data-options="`+link+`/passkey/options"`)
	o := s.challenged(link + "/passkey/options")
	if k := o.PublicKey; k.User.Name != "amina@chiffres.example" || k.User.DisplayName != "Claire M." {
		t.Errorf("asked for %+v", k)
	}
	d.bend = func(x *saying) { x.flags &^= verified }
	s.submit(link+"/passkey", "credential", d.makes(o)).plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue")
	d.bend = nil
	s.submit(link+"/passkey", "credential", d.makes(o)).wants(t, http.StatusUnprocessableEntity) // the challenge is used up
	// A challenge of one invitation is none of another.
	other := s.invitedBy(s.actor(), "zoe@chiffres.example", models.Director, models.French)
	s.submit(other+"/passkey", "credential", d.makes(s.challenged(link+"/passkey/options"))).wants(t, http.StatusUnprocessableEntity)
	s.isOut(t)
	s.submit(link+"/passkey", "credential", d.makes(s.challenged(link+"/passkey/options"))).follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "Bienvenue dans")
	s.get(link).wants(t, http.StatusNotFound)
	s.submit(link+"/passkey", "credential", "{}").wants(t, http.StatusNotFound)
	s.entersWith(d, "/").follows(t, "/")
	s.get("/people/new").wants(t, http.StatusForbidden)
	c, err := s.store.AccountByEmail(t.Context(), "amina@chiffres.example")
	if err != nil || c.PasswordHash != "" || len(c.Memberships) != 1 || c.Memberships[0].Role != models.Accountant {
		t.Errorf("joined as %+v, %v", c, err)
	}
	// An address that has an account joins with it.
	again := s.invitedBy(s.neighbours(models.French), "amina@chiffres.example", models.Staff, models.French)
	s.client = s.newBrowser()
	if a := s.get(again).plain().wants(t, http.StatusOK, "Rejoindre avec une clé d’accès"); strings.Contains(a.body, "Entrer avec une clé d’accès") {
		t.Error("a second account of an address is offered")
	}
	s.submit(again+"/passkey/options").wants(t, http.StatusNotFound)
	s.submit(again+"/account", "credential", "{}").plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue")
	s.submit(again+"/account", "credential", d.signs(s.challenged("/sign-in/passkey/options"))).follows(t, "/")
	if c, _ = s.store.AccountByEmail(t.Context(), "amina@chiffres.example"); len(c.Memberships) != 2 {
		t.Errorf("memberships %+v", c.Memberships)
	}
}

// Whoever has left everywhere is told what a stranger is told.
func TestAPasskeyOfWhoHasLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.withPasskeys()
	s.as(models.Editor)
	s.adds(d, "Téléphone")
	var editor models.Person
	for _, p := range s.register().People {
		if p.Role == models.Editor && p.HereOn(testDay) {
			editor = p
			break
		}
	}
	if err := s.store.PersonLeaves(t.Context(), s.actor(), editor.ID, testDay); err != nil {
		t.Fatal(err)
	}
	s.entersWith(d, "/").plain().wants(t, http.StatusUnprocessableEntity, "n’a pas été reconnue")
	s.isOut(t)
}

// What is added and removed is in the log of the organisation, with who and from where.
func TestFactorsAreInTheAuditLog(t *testing.T) {
	t.Parallel()
	s, _, p := keyed(t)
	e, err := s.store.Audit(t.Context(), s.org, store.AuditFilter{Kind: "person", Subject: p.ID, Limit: 1})
	if err != nil || len(e) != 1 || e[0].Verb != "person.passkey" || e[0].By != p.ID || e[0].From != "127.0.0.1" {
		t.Errorf("told as %+v, %v", e, err)
	}
	s.get("/audit").plain().wants(t, http.StatusOK, "clé d’accès", "Mon téléphone")
}

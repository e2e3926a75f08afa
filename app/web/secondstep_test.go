package web

import (
	"context"
	"encoding/base32"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/onetime"
	"enveloppe/models/store"
)

var (
	shownKey  = regexp.MustCompile(`<code class="key">([A-Z2-7 ]+)</code>`)
	shownCode = regexp.MustCompile(`<li><code>([a-z2-7-]{19})</code></li>`)
)

// app is an authenticator on a telephone.
type app struct {
	s      *site
	secret onetime.Secret
	paper  []string // codes to stand in for it
}

// shows is what the app shows now, so many steps on.
func (a *app) shows(on int64) string { return a.secret.Code(onetime.Step(a.s.web.Now()) + on) }

// showsKey reads the key on the page.
func (s *site) showsKey() *app {
	s.t.Helper()
	s.submit("/account/factors/totp").follows(s.t, "/account/factors/totp")
	page := s.get("/account/factors/totp").plain().wants(s.t, http.StatusOK, "<svg viewBox=", "otpauth://totp/Enveloppe:")
	found := shownKey.FindStringSubmatch(page.body)
	if found == nil {
		s.t.Fatalf("no key on the page: %s", excerpt(page.body))
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(found[1], " ", ""))
	if err != nil {
		s.t.Fatal(err)
	}
	return &app{s: s, secret: raw}
}

// takes puts an app into service and moves on to its next code.
func (s *site) takes() *app {
	s.t.Helper()
	a := s.showsKey()
	page := s.submit("/account/factors/totp/confirmation", "code", a.shows(0)).plain().wants(s.t, http.StatusOK, "Gardez ces codes")
	for _, m := range shownCode.FindAllStringSubmatch(page.body, -1) {
		a.paper = append(a.paper, m[1])
	}
	if len(a.paper) != onetime.Recoveries {
		s.t.Fatalf("%d codes are shown", len(a.paper))
	}
	s.later(time.Minute)
	s.web.settle() // its letter comes before those that follow
	return a
}

// knocks gives the director's password in another browser.
func (s *site) knocks(p models.Person, to string) answer {
	s.t.Helper()
	s.client = s.newBrowser()
	return s.submit("/sign-in", "email", p.Email, "password", testPassword, "to", to)
}

func TestAnAppIsTakenIntoService(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	s.get("/account/factors/totp").follows(t, "/account/factors") // nothing was asked for
	s.submit("/account/factors/totp/confirmation", "code", "123456").follows(t, "/account/factors")
	a := s.showsKey()
	if again := s.get("/account/factors/totp").plain(); !strings.Contains(again.body, a.secret.Text()) {
		t.Error("the same key is not shown until it is in service")
	}
	for _, wrong := range []string{"", "000000", a.shows(3), a.secret.Text()} {
		page := s.submit("/account/factors/totp/confirmation", "code", wrong).plain().wants(t, http.StatusUnprocessableEntity, "n’est pas le bon")
		if wrong == "000000" && strings.Contains(page.body, wrong) {
			t.Error("the page repeats what was typed")
		}
	}
	s.knocks(p, "/").follows(t, "/") // it is asked for by nobody yet
	a = s.takes()
	if l := s.letter(); l.Address != p.Email || !strings.Contains(l.Subject, "protège votre compte") {
		t.Errorf("told by letter: %+v", l)
	}
	page := s.get("/account/factors").plain().wants(t, http.StatusOK, "10 codes sur dix", "Demandé après le mot de passe depuis")
	for _, hidden := range append(a.paper, a.secret.Text(), strings.ReplaceAll(a.secret.Text(), " ", "")) {
		if strings.Contains(page.body, hidden) {
			t.Errorf("%q is shown again", hidden)
		}
	}
	s.get("/account/factors/totp").follows(t, "/account/factors")
	// Another app takes its place once it has shown its code, and not before.
	b := s.showsKey()
	s.knocks(p, "/").follows(t, "/sign-in/second")
	s.submit("/sign-in/second", "code", b.shows(0)).wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
	b = s.takes()
	s.knocks(p, "/")
	s.submit("/sign-in/second", "code", a.shows(0)).wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in/second", "recovery", a.paper[0]).plain().wants(t, http.StatusUnprocessableEntity, "code de secours n’est pas le bon")
	s.submit("/sign-in/second", "code", b.shows(0)).follows(t, "/")
	s.submit("/account/factors/recoveries").plain().wants(t, http.StatusOK, "nouveaux codes de secours")
	if l := s.letter(); !strings.Contains(l.Subject, "Nouveaux codes de secours") {
		t.Errorf("told by letter: %+v", l)
	}
	s.get("/account/factors/totp/removal").plain().wants(t, http.StatusOK, "button danger")
	s.submit("/account/factors/totp/removal").follows(t, "/account/factors")
	if l := s.letter(); !strings.Contains(l.Subject, "ne demande plus de code") {
		t.Errorf("told by letter: %+v", l)
	}
	s.submit("/account/factors/totp/removal").wants(t, http.StatusUnprocessableEntity)
	s.get("/account/factors/totp/removal").follows(t, "/account/factors")
	s.submit("/account/factors/recoveries").plain().wants(t, http.StatusUnprocessableEntity, "Aucun code n’est demandé")
	s.knocks(p, "/").follows(t, "/")
}

// A key waits an hour for its first code, in which guesses are counted.
func TestAnOfferedKeyWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Director)
	a := s.showsKey()
	for range knocksAccount {
		s.submit("/account/factors/totp/confirmation", "code", "000000").wants(t, http.StatusUnprocessableEntity)
	}
	s.submit("/account/factors/totp/confirmation", "code", a.shows(0)).plain().wants(t, http.StatusTooManyRequests, "Trop d’essais")
	s = newSite(t).as(models.Director)
	a = s.showsKey()
	s.later(time.Hour)
	s.submit("/account/factors/totp/confirmation", "code", a.shows(0)).follows(t, "/account/factors")
	s.get("/account/factors").plain().wants(t, http.StatusOK, "a trop attendu")
}

func TestTheSecondStep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	a := s.takes()
	s.submit("/sign-out")
	s.get("/sign-in/second").follows(t, "/sign-in")
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/sign-in") // without the password, nothing
	s.knocks(p, "/people?page=2").follows(t, "/sign-in/second?to=%2Fpeople%3Fpage%3D2")
	s.isOut(t)
	s.get("/sign-in/second?to=%2Fpeople%3Fpage%3D2").plain().wants(t, http.StatusOK, `value="/people?page=2"`, `autocomplete="one-time-code"`, `inputmode="numeric"`)
	s.submit("/sign-in/second", "code", "").plain().wants(t, http.StatusUnprocessableEntity, "n’est pas le bon", "code-error")
	s.submit("/sign-in/second", "code", a.shows(-3), "to", "/people?page=2").plain().wants(t, http.StatusUnprocessableEntity, `value="/people?page=2"`)
	s.isOut(t)
	code := a.shows(0)
	s.submit("/sign-in/second", "code", code, "to", "/people?page=2").follows(t, "/people?page=2")
	s.get("/account/factors").wants(t, http.StatusOK) // a fresh proof
	s.get("/sign-in/second").follows(t, "/sign-in")
	// The same code again, with the password, within its time.
	s.knocks(p, "/")
	s.submit("/sign-in/second", "code", code).plain().wants(t, http.StatusUnprocessableEntity, "déjà servi")
	s.submit("/sign-in/second", "code", a.shows(1), "to", "https://evil.example/").follows(t, "/")
	// A password proved in one browser is proved in that one, and for ten minutes.
	s.later(time.Minute)
	s.knocks(p, "/")
	mine := s.client
	s.client = s.newBrowser()
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/sign-in")
	s.client = mine
	s.later(secondTime)
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/sign-in")
	s.get("/sign-in").plain().wants(t, http.StatusOK, "Trop de temps a passé")
	// And it is proved once.
	s.knocks(p, "/")
	base, _ := url.Parse(s.server.URL)
	cookies := s.client.Jar.Cookies(base)
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
	s.client = s.newBrowser()
	s.client.Jar.SetCookies(base, cookies)
	s.later(time.Minute)
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/sign-in")
}

func TestCodesOnPaper(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	a := s.takes()
	s.knocks(p, "/")
	for _, wrong := range []string{"nothing like it", a.paper[0][:18]} {
		s.submit("/sign-in/second", "recovery", wrong).plain().wants(t, http.StatusUnprocessableEntity, "recovery-error", "<details class=\"more\" open>")
	}
	s.submit("/sign-in/second", "recovery", strings.ToUpper(a.paper[4])).follows(t, "/")
	s.get("/").plain().wants(t, http.StatusOK, "il vous en reste 9")
	if l := s.letter(); l.Address != p.Email || !strings.Contains(l.Text, "reste 9") {
		t.Errorf("told by letter: %+v", l)
	}
	s.knocks(p, "/")
	s.submit("/sign-in/second", "recovery", a.paper[4]).wants(t, http.StatusUnprocessableEntity)
	s.submit("/sign-in/second", "recovery", a.paper[5]).follows(t, "/")
}

// Guesses of the second step are counted per account, apart from passwords, so that knowing one gives no more of them;
// the right code does not help before the time is over, and another address does not help either.
func TestTheSecondStepIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.withPassword(testPassword)
	a := s.takes()
	for i := range knocksAccount {
		if i%3 == 0 {
			s.knocks(p, "/").follows(t, "/sign-in/second")
		}
		field := []string{"code", "recovery"}[i%2]
		s.submit("/sign-in/second", field, "000000").wants(t, http.StatusUnprocessableEntity)
	}
	s.knocks(p, "/").follows(t, "/sign-in/second")
	late := s.submit("/sign-in/second", "code", a.shows(0)).plain().wants(t, http.StatusTooManyRequests, "Trop d’essais")
	if late.header.Get("Retry-After") == "" {
		t.Error("how long to wait is not said")
	}
	s.submit("/sign-in/second", "recovery", a.paper[0]).wants(t, http.StatusTooManyRequests)
	s.later(knockWindow)
	s.knocks(p, "/").follows(t, "/sign-in/second")
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
	// Coming in forgets the count.
	s.later(time.Minute)
	s.knocks(p, "/")
	for range knocksAccount - 1 {
		s.submit("/sign-in/second", "code", "000000").wants(t, http.StatusUnprocessableEntity)
	}
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
}

// A passkey proves two things by itself: it takes the place of the code.
func TestAPasskeyInsteadOfTheCode(t *testing.T) {
	t.Parallel()
	s, d, p := keyed(t)
	s.takes()
	s.knocks(p, "/people")
	s.get("/sign-in/second?to=%2Fpeople").plain().wants(t, http.StatusOK, "Utiliser plutôt une clé d’accès", `data-options="/sign-in/passkey/options"`)
	s.submit("/sign-in/passkey", "to", "/people", "credential", d.signs(s.challenged("/sign-in/passkey/options"))).follows(t, "/people")
	s.get("/sign-in/second").follows(t, "/sign-in")
}

// An account with an app joins another organisation once it has come in, which takes a code; the invitation waits.
func TestJoiningTakesTheCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.withPassword(testPassword)
	a := s.takes()
	link := s.invitedBy(s.neighbours(models.French), p.Email, models.Accountant, models.French)
	s.client = s.newBrowser()
	s.submit(link+"/account", "email", p.Email, "password", testPassword).follows(t, "/sign-in/second?to="+url.QueryEscape(link))
	if c, _ := s.store.AccountByEmail(t.Context(), p.Email); len(c.Memberships) != 1 {
		t.Error("joined without a code")
	}
	s.submit("/sign-in/second", "code", a.shows(0), "to", link).follows(t, link)
	s.submit(link+"/account").follows(t, "/")
	if c, _ := s.store.AccountByEmail(t.Context(), p.Email); len(c.Memberships) != 2 {
		t.Error("did not join")
	}
}

// A new password by letter does not do away with the code.
func TestAResetStillTakesTheCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.post.configured = true
	p := s.withPassword(testPassword)
	a := s.takes()
	s.client = s.newBrowser()
	s.submit("/forgotten", "email", p.Email)
	link := s.linkOf(s.letter().Text)
	if page := s.get(link).plain().wants(t, http.StatusOK); strings.Contains(page.body, "clés d’accès") {
		t.Error("a reset of the password threatens the rest")
	}
	const next = "quatre cinq six nuages 92"
	s.submit(link, "password", next).follows(t, "/sign-in")
	s.submit("/sign-in", "email", p.Email, "password", next).follows(t, "/sign-in/second")
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
}

// Who has lost everything starts over by a link of the director's, which goes to their account's address and does
// nothing until they use it.
func TestADirectorSendsALinkToStartOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := s.withPasskeys()
	s.post.configured = true
	karim := s.personNamed("Karim")
	if err := s.store.SetPassword(t.Context(), models.Actor{Organisation: s.org, Role: models.Director, At: testNow}, karim.ID, s.hashOf(testPassword)); err != nil {
		t.Fatal(err)
	}
	s.submit("/sign-in", "email", karim.Email, "password", testPassword).follows(t, "/")
	account := s.accountOf(karim.ID)
	s.adds(d, "Téléphone perdu")
	s.takes()
	theirs := s.client
	s.client = s.newBrowser()
	s.as(models.Director)
	s.get(personPath(karim.ID)).plain().wants(t, http.StatusOK, "Téléphone, clés et codes perdus", "D’ici là rien ne change")
	s.submit(personPath(karim.ID, "factors")).follows(t, personPath(karim.ID))
	letter := s.letter()
	if letter.Address != karim.Email || strings.Contains(s.get(personPath(karim.ID)).body, "/reset/") && linkIn.MatchString(s.get(personPath(karim.ID)).body) {
		t.Errorf("the link goes to %s, or is shown to the director", letter.Address)
	}
	link := s.linkOf(letter.Text)
	s.client = theirs
	s.get("/").wants(t, http.StatusOK) // nothing has changed
	s.client = s.newBrowser()
	s.get(link).plain().wants(t, http.StatusOK, "sont supprimés", karim.Email)
	s.submit(link, "password", "court").plain().wants(t, http.StatusUnprocessableEntity, "sont supprimés")
	const next = "quatre cinq six nuages 92"
	s.submit(link, "password", next).follows(t, "/sign-in")
	s.get("/sign-in").plain().wants(t, http.StatusOK, "sont supprimés")
	if l := s.letter(); l.Address != karim.Email || !strings.Contains(l.Subject, "recommencés") {
		t.Errorf("told by letter: %+v", l)
	}
	s.submit("/sign-in", "email", karim.Email, "password", next).follows(t, "/") // no code is asked for
	s.entersWith(d, "/").wants(t, http.StatusUnprocessableEntity)
	s.client = theirs
	s.isOut(t)
	if f, err := s.store.Factors(context.Background(), account); err != nil || f.HasTOTP() || len(f.Passkeys) != 0 || f.CodesLeft != 0 {
		t.Errorf("left behind: %+v, %v", f, err)
	}
	list, err := s.store.Audit(t.Context(), s.org, store.AuditFilter{Kind: "person", Subject: karim.ID, Limit: 2})
	if err != nil || len(list) != 2 || list[0].Verb != "person.factors_reset" || list[1].Verb != "person.factors_offer" {
		t.Errorf("told as %+v, %v", list, err)
	}
	// Somebody without an account, or without a mail server, is told why not; an editor has no say.
	s.client = s.newBrowser()
	s.as(models.Director)
	nobody := s.personNamed("Inès")
	s.submit(personPath(nobody.ID, "factors")).plain().wants(t, http.StatusConflict, "pas encore de compte")
	s.post.configured = false
	s.submit(personPath(karim.ID, "factors")).plain().wants(t, http.StatusConflict, "n’envoie pas de courriel")
	s.as(models.Editor)
	s.submit(personPath(karim.ID, "factors")).wants(t, http.StatusForbidden)
}

// Nothing of what is secret here is in the log, however verbose, nor in the audit log, nor in the file but what must be.
func TestNoSecretOfAFactorIsLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	log := &lines{}
	s.web.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p := s.withPassword(testPassword)
	d := s.withPasskeys()
	s.adds(d, "Téléphone")
	a := s.takes()
	base, _ := url.Parse(s.server.URL)
	secrets := append([]string{strings.ReplaceAll(a.secret.Text(), " ", ""), a.secret.Text(), a.shows(0), a.shows(1)}, a.paper...)
	keep := func() {
		for _, c := range s.client.Jar.Cookies(base) {
			if strings.HasSuffix(c.Name, "second") || strings.HasSuffix(c.Name, "passkey") || strings.HasSuffix(c.Name, "session") {
				secrets = append(secrets, c.Value)
			}
		}
	}
	s.knocks(p, "/")
	keep()
	s.submit("/sign-in/second", "code", "111222")
	s.submit("/sign-in/second", "recovery", "wrong-paper-code")
	s.submit("/sign-in/second", "code", a.shows(0)).follows(t, "/")
	s.knocks(p, "/")
	keep()
	s.submit("/sign-in/second", "recovery", a.paper[0]).follows(t, "/")
	o := s.challenged("/account/confirm/options")
	keep()
	answer := d.signs(o)
	secrets = append(secrets, o.PublicKey.Challenge, "111222", "wrong-paper-code", answer)
	s.submit("/account/confirm", "confirm_passkey", answer)
	d.bend = func(x *saying) { x.origin = "https://evil.example" }
	s.entersWith(d, "/")
	keep()
	entries, err := s.store.Audit(t.Context(), s.org, store.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	s.web.settle()
	if !strings.Contains(log.String(), "passkey refused") || len(secrets) < 20 {
		t.Errorf("%d secrets, and the log shows nothing: %s", len(secrets), log.String())
	}
	for _, secret := range secrets {
		if strings.Contains(log.String(), secret) || strings.Contains(log.String(), url.QueryEscape(secret)) {
			t.Errorf("the log holds %q", secret)
		}
		if strings.Contains(fmt.Sprint(entries), secret) {
			t.Errorf("the audit log holds %q", secret)
		}
	}
}

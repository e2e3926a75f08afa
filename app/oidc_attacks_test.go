package app

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"enveloppe/app/openid/openidtest"
	"enveloppe/models"
)

// stayOut holds that nothing came of an attack: the page says so, and nobody is in.
func (g *guest) stayOut(r reply, status int, says string) {
	g.t.Helper()
	r.wants(status, says)
	g.get("/services").leads("/sign-in?to=%2Fservices")
}

const notHere = "n’est celle d’aucune connexion commencée dans ce navigateur"

// startLinked is the program whose director signs in as the first user, too.
func startLinked(t *testing.T) *provided {
	t.Helper()
	p := startProvided(t)
	g := p.outside(t)
	g.in(claire, clairesPassword)
	g.link(openidtest.First)
	return p
}

func TestAnAnswerOfTheProviderIsGoodOnceInOneBrowser(t *testing.T) {
	p := startLinked(t)
	g := p.outside(t)
	back := g.signs(g.post("/sign-in/oidc"), openidtest.First)

	// Another browser: one that set out nowhere, and one on its own way.
	p.outside(t).stayOut(newGuest(t, p.base).get(back), http.StatusBadRequest, notHere)
	other := p.outside(t)
	own := other.signs(other.post("/sign-in/oidc"), openidtest.Second)
	other.stayOut(other.get(back), http.StatusBadRequest, notHere)
	// The stolen code under the thief's own state: PKCE and nonce are another visit's.
	stolen, mine := parse(t, back), parse(t, own)
	q := mine.Query()
	q.Set("code", stolen.Query().Get("code"))
	mine.RawQuery = q.Encode()
	other.stayOut(other.get(mine.String()), http.StatusUnprocessableEntity, "n’a pas dit qui vous êtes")
	other.stayOut(other.get(own), http.StatusBadRequest, notHere) // it came back, that was once

	// A state that is not this visit's, none, or somebody else's hash of it.
	for _, state := range []string{"", "x", stolen.Query().Get("state") + "x", strings.Repeat("A", 43)} {
		wrong := parse(t, back)
		q := wrong.Query()
		q.Set("state", state)
		wrong.RawQuery = q.Encode()
		g.stayOut(g.get(wrong.String()), http.StatusBadRequest, notHere)
	}
	// None of it stands in the way of who set out.
	g.get(back).leads("/")
	g.post("/sign-out").leads("/sign-in")

	// A visit comes back once, however good its answer, and also with the cookie it had.
	back = g.signs(g.post("/sign-in/oidc"), openidtest.First)
	cookies := g.client.Jar.Cookies(parse(t, p.base))
	g.get(back).leads("/")
	g.post("/sign-out").leads("/sign-in")
	g.stayOut(g.get(back), http.StatusBadRequest, notHere)
	thief := p.outside(t)
	thief.client.Jar.SetCookies(parse(t, p.base), cookies)
	thief.stayOut(thief.get(back), http.StatusBadRequest, notHere)
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAnAnswerThatComesLateOrFromElsewhere(t *testing.T) {
	p := startLinked(t)
	g := p.outside(t)
	back := g.signs(g.post("/sign-in/oidc"), openidtest.First)
	p.later(models.VisitLife)
	g.stayOut(g.get(back), http.StatusBadRequest, notHere)

	// Mixed up with another provider: the answer says it comes from there.
	back = g.signs(g.post("/sign-in/oidc"), openidtest.First)
	g.stayOut(g.get(back+"&iss=https%3A%2F%2Fevil.example"), http.StatusUnprocessableEntity, "ne prouve rien ici")

	// The provider refuses, or the visitor does; nothing of what it says becomes markup.
	for said, says := range map[string]string{
		"access_denied": "Vous avez interrompu", "server_error": "a refusé", "<script>alert(1)</script>": "a refusé", strings.Repeat("x", 9000): "a refusé",
	} {
		u := parse(t, g.signs(g.post("/sign-in/oidc"), openidtest.First))
		u.RawQuery = url.Values{"state": {u.Query().Get("state")}, "error": {said}, "error_description": {"<script>alert(2)</script>"}}.Encode()
		a := g.get(u.String())
		g.stayOut(a, http.StatusUnprocessableEntity, says)
		if strings.Contains(a.body, "<script>alert") {
			t.Error("what the provider says is markup")
		}
	}
	u := parse(t, g.signs(g.post("/sign-in/oidc"), openidtest.First))
	u.RawQuery = url.Values{"state": {u.Query().Get("state")}}.Encode()
	g.stayOut(g.get(u.String()), http.StatusUnprocessableEntity, "ne prouve rien ici")
}

func TestTheProviderLeadsNowhereElse(t *testing.T) {
	p := startLinked(t)
	for _, to := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/\nSet-Cookie: x=y", ""} {
		g := p.outside(t)
		g.get(g.signs(g.post("/sign-in/oidc", "to", to), openidtest.First)).leads("/")
	}
	// The way out leads to the provider, by a page of ours and not by a redirect.
	a := p.outside(t).post("/sign-in/oidc", "to", "/services").wants(http.StatusOK, "Vers Maison des associations")
	if u := parse(t, a.onward()); u.Scheme+"://"+u.Host != p.provider.Issuer || u.Query().Get("redirect_uri") != p.base+"/sign-in/oidc/callback" {
		t.Errorf("leads to %s", u)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"enveloppe-provider=", "HttpOnly", "SameSite=Lax", "Max-Age=600", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q has no %s", cookie, want)
		}
	}
	if token, _, _ := strings.Cut(strings.TrimPrefix(cookie, "enveloppe-provider="), ";"); strings.Contains(a.onward(), token) || strings.Contains(a.body, token) {
		t.Error("the cookie's secret stands elsewhere too")
	}
}

// An e-mail address that is equal links nothing: neither when it signs in nor when it is invited.
func TestAnEqualAddressLinksNothing(t *testing.T) {
	p := startProvided(t)
	r, err := p.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who := r.People[1]
	if _, err := p.Store.AccountFor(t.Context(), r.Organisation.ID, who.ID, openidtest.First.Email, testNow); err != nil {
		t.Fatal(err)
	}
	p.give(t, who.Email, "une autre phrase longue")
	p.outside(t).in(openidtest.First.Email, "une autre phrase longue")
	p.outside(t).signsInAsNobody(openidtest.First)
	g := p.outside(t)
	g.get(g.signs(g.post(p.invites(t, "Quelqu’un", openidtest.First.Email)+"/oidc"), openidtest.First)).leads("/sign-in/oidc/invitation")
	g.post("/sign-in/oidc/invitation").wants(http.StatusUnprocessableEntity, "a déjà un compte")
	p.outside(t).signsInAsNobody(openidtest.First)
}

// A subject is its issuer's: the same one of another provider is somebody else.
func TestASubjectOfAnotherIssuerIsSomebodyElse(t *testing.T) {
	var file string
	op := openidtest.Start(t)
	p := &provided{provider: op}
	p.program = startProgram(t, false, withProvider(t, op), func(c *Config) { file = c.DB })
	op.Redirect(p.base + "/sign-in/oidc/callback")
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	p.give(t, claire, clairesPassword)
	g := p.outside(t)
	g.in(claire, clairesPassword)
	g.link(openidtest.First)
	p.stop()

	other := openidtest.Start(t)
	p.program = startProgram(t, false, withProvider(t, other), func(c *Config) { c.DB = file })
	other.Redirect(p.base + "/sign-in/oidc/callback")
	p.outside(t).signsInAsNobody(openidtest.First)
	g = p.outside(t)
	g.in(claire, clairesPassword)
	g.get("/account").wants(http.StatusOK, "n’est plus utilisé", openidtest.First.Email)
	g.link(openidtest.First) // it is another one, and may be linked beside
}

// An identity is of one account, and linking is the act of the one session that set out, freshly proved.
func TestLinkingIsOnesOwnFreshAct(t *testing.T) {
	p := startLinked(t)
	const karim, karimsPassword = "karim@passerelles.example", "une autre phrase longue"
	p.give(t, karim, karimsPassword)
	g := p.outside(t)
	g.post("/account/identities").leads("/sign-in")
	g.in(karim, karimsPassword)
	g.get(g.signs(g.post("/account/identities"), openidtest.First)).leads("/account/identities/new")
	g.post("/account/identities/new").wants(http.StatusUnprocessableEntity, "Un autre compte d’ici y est lié")

	// Not in a session that was not fresh, at the start or at the end.
	g.get(g.signs(g.post("/account/identities"), openidtest.Second)).leads("/account/identities/new")
	p.later(9 * time.Minute)
	p.later(2 * time.Minute)
	g.post("/account/identities").wants(http.StatusForbidden, "C’est bien vous")
	g.post("/account/identities/new").wants(http.StatusForbidden, "C’est bien vous")
	p.outside(t).signsInAsNobody(openidtest.Second)

	// Not in another session of the same browser: who set out has signed out, somebody else has come.
	g.post("/account/confirm", "confirm_password", karimsPassword).leads("/")
	back := g.signs(g.post("/account/identities"), openidtest.Second)
	g.post("/sign-out").leads("/sign-in")
	g.get(back).wants(http.StatusForbidden, "pas connecté comme la personne partie")
	g.in(karim, karimsPassword)
	g.get(g.signs(g.post("/account/identities"), openidtest.Second)).leads("/account/identities/new")
	g.post("/sign-out").leads("/sign-in")
	g.in(claire, clairesPassword)
	g.get("/account/identities/new").wants(http.StatusBadRequest, notHere)
	g.post("/account/identities/new").wants(http.StatusBadRequest, notHere)
	p.outside(t).signsInAsNobody(openidtest.Second)

	// Nor is a proof for one purpose good for another.
	g.get(g.signs(g.post(p.invites(t, "Nadia Roux", "nadia@passerelles.example")+"/oidc"), openidtest.Second)).leads("/sign-in/oidc/invitation")
	g.post("/account/identities/new").wants(http.StatusBadRequest, notHere)
	// Twice is once.
	g.get(g.signs(g.post("/account/identities"), openidtest.First)).leads("/account/identities/new")
	g.post("/account/identities/new").wants(http.StatusUnprocessableEntity, "déjà lié")
	// Another's is not there.
	g.get("/account/identities/99/removal").wants(http.StatusNotFound)
	h := p.outside(t)
	h.in(karim, karimsPassword)
	h.get("/account/identities/1/removal").wants(http.StatusNotFound)
	h.post("/account/identities/1/removal").wants(http.StatusNotFound)
}

func TestUnlinkingEndsTheOthersWhereWished(t *testing.T) {
	p := startLinked(t)
	elsewhere, g := p.outside(t), p.outside(t)
	elsewhere.get(elsewhere.signs(elsewhere.post("/sign-in/oidc"), openidtest.First)).leads("/")
	g.in(claire, clairesPassword)
	g.post(removalOf(g.get("/account").body), "end_others", "on").leads("/account")
	g.get("/account").wants(http.StatusOK, "n’entre plus")
	elsewhere.get("/account").leads("/sign-in?to=%2Faccount")
}

// The program starts without its provider, and says kindly that it does not answer.
func TestTheProviderIsDown(t *testing.T) {
	op := openidtest.Start(t)
	op.Stop()
	p := &provided{provider: op}
	p.program = startProgram(t, false, withProvider(t, op))
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	p.give(t, claire, clairesPassword)
	g := p.outside(t)
	g.get("/sign-in").wants(http.StatusOK, "Se connecter avec")
	g.stayOut(g.post("/sign-in/oidc"), http.StatusUnprocessableEntity, "ne répond pas pour le moment")
	g.in(claire, clairesPassword)
	g.post("/account/identities").wants(http.StatusUnprocessableEntity, "ne répond pas pour le moment")
}

func TestSettingOutIsThrottled(t *testing.T) {
	p := startProvided(t)
	g := p.outside(t)
	for range 60 {
		g.post("/sign-in/oidc").wants(http.StatusOK)
	}
	if a := g.post("/sign-in/oidc").wants(http.StatusTooManyRequests, "Trop d’essais"); a.header.Get("Retry-After") == "" {
		t.Error("nothing says when to come again")
	}
}

// What is secret about a visit stands in no log, however it ends, and in no page.
func TestNoSecretOfAVisitIsLogged(t *testing.T) {
	f := openidtest.Forge(t)
	p := &provided{}
	p.program = startProgram(t, false, withProvider(t, &openidtest.Provider{Issuer: f.Issuer}), func(c *Config) { c.Verbose = true })
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	var secrets []string
	g := p.outside(t)
	for _, lie := range []openidtest.Forgery{
		{},
		{Claims: func(c map[string]any) { c["nonce"] = "another" }},
		{Header: func(h map[string]any) { h["alg"] = "none" }},
		{Token: func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.PostFormValue("code"), http.StatusBadRequest)
		}},
		{Keys: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
	} {
		f.Lies(lie)
		out := g.post("/sign-in/oidc").wants(http.StatusOK).onward()
		back := g.get(out).onward()
		for _, c := range g.client.Jar.Cookies(parse(t, p.base)) {
			secrets = append(secrets, c.Value)
		}
		sent, got := parse(t, out).Query(), parse(t, back).Query()
		secrets = append(secrets, sent.Get("nonce"), sent.Get("code_challenge"), got.Get("state"), got.Get("code"))
		if a := g.get(back); strings.Contains(a.body, got.Get("code")) || strings.Contains(a.body, openidtest.ClientSecret) {
			t.Errorf("a page repeats a secret: %s", a.body)
		}
	}
	p.stop()
	log, err := os.ReadFile(p.log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(log, []byte("/sign-in/oidc/callback")) || !bytes.Contains(log, []byte("rule=provider.answer")) {
		t.Errorf("the log does not tell of the visits:\n%s", log)
	}
	for _, secret := range append(secrets, openidtest.ClientSecret, url.QueryEscape(openidtest.ClientSecret), "eyJ") {
		if secret == "" || bytes.Contains(log, []byte(secret)) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

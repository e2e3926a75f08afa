package app

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/app/openid/openidtest"
	"enveloppe/models"
	"enveloppe/models/onetime"
)

// later puts the program's clock forward.
func (p *provided) later(d time.Duration) { p.ahead.Add(int64(d)) }

// invites invites somebody and gives the address of the invitation.
func (p *provided) invites(t *testing.T, name, email string) string {
	t.Helper()
	r, err := p.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token := sha256.Sum256([]byte(name))
	person := models.Person{Name: name, Email: email, Role: models.Editor, Lang: models.French}
	if _, err := p.Store.InvitePerson(t.Context(), p.Program(r), person, sha256.Sum256(token[:])); err != nil {
		t.Fatal(err)
	}
	return "/invitation/" + base64.RawURLEncoding.EncodeToString(token[:])
}

func TestAnInvitationIsTakenUpByAProvider(t *testing.T) {
	p := startProvided(t)
	invitation := p.invites(t, "Nadia Roux", "nadia@passerelles.example")
	g := p.outside(t)
	g.get(invitation).wants(http.StatusOK, "Rejoindre avec Maison des associations")
	g.get(g.signs(g.post(invitation+"/oidc"), openidtest.First)).leads("/sign-in/oidc/invitation")
	g.get("/sign-in/oidc/invitation").wants(http.StatusOK, "Nadia Roux", "test-user@zitadel.ch", "sans mot de passe")
	if who := p.outside(t).get("/sign-in/oidc/invitation"); who.status != http.StatusBadRequest {
		t.Errorf("another browser sees %d", who.status)
	}
	g.get(invitation).wants(http.StatusOK) // looking uses nothing up
	g.post("/sign-in/oidc/invitation").leads("/")
	g.get("/").wants(http.StatusOK, "Bienvenue dans")
	g.post("/sign-in/oidc/invitation").wants(http.StatusBadRequest)
	g.get(invitation).wants(http.StatusNotFound)

	// It is her only means, which stays.
	account := g.get("/account").wants(http.StatusOK, "nadia@passerelles.example", "Choisir un mot de passe")
	removal := removalOf(account.body)
	g.post(removal).wants(http.StatusUnprocessableEntity, "votre seul moyen")
	g.get("/account").wants(http.StatusOK, "test-user@zitadel.ch")

	// Another organisation's invitation is taken up by the same account, whatever its address.
	g.post("/sign-out").leads("/sign-in")
	again := p.invites(t, "Nadia R.", "roux@passerelles.example")
	g.get(g.signs(g.post(again+"/oidc"), openidtest.First)).leads("/sign-in/oidc/invitation")
	g.get("/sign-in/oidc/invitation").wants(http.StatusOK, "avec votre compte nadia@passerelles.example")
	g.post("/sign-in/oidc/invitation").wants(http.StatusUnprocessableEntity, "déjà une personne de cette organisation")

	// An address that has an account is not given another, nor is that one opened.
	r, err := p.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Store.AccountFor(t.Context(), r.Organisation.ID, r.People[1].ID, "taken@passerelles.example", testNow); err != nil {
		t.Fatal(err)
	}
	taken := p.invites(t, "Autre Personne", "taken@passerelles.example")
	h := p.outside(t)
	h.get(h.signs(h.post(taken+"/oidc"), openidtest.Second)).leads("/sign-in/oidc/invitation")
	h.get("/sign-in/oidc/invitation").wants(http.StatusOK, "a déjà un compte ici")
	h.post("/sign-in/oidc/invitation").wants(http.StatusUnprocessableEntity, "a déjà un compte")
	h.get("/").leads("/sign-in")
	h.signsInAsNobody(openidtest.Second)
	p.later(models.InviteLife)
	h.get("/sign-in/oidc/invitation").wants(http.StatusBadRequest)
	h.post(taken + "/oidc").wants(http.StatusNotFound)
}

func removalOf(body string) string {
	_, rest, _ := strings.Cut(body, `href="/account/identities/`)
	id, _, _ := strings.Cut(rest, "/")
	return "/account/identities/" + id + "/removal"
}

func TestConfirmingByAProvider(t *testing.T) {
	p := startProvided(t)
	g := p.outside(t)
	g.get(g.signs(g.post(p.invites(t, "Nadia Roux", "nadia@passerelles.example")+"/oidc"), openidtest.First)).leads("/sign-in/oidc/invitation")
	g.post("/sign-in/oidc/invitation").leads("/")
	g.get("/account/address").wants(http.StatusOK)
	p.later(11 * time.Minute)
	g.get("/account/address").leads("/account/confirm?to=%2Faccount%2Faddress")
	page := g.get("/account/confirm?to=%2Faccount%2Faddress").wants(http.StatusOK, "Confirmer avec Maison des associations")
	if strings.Contains(page.body, `name="confirm_password"`) {
		t.Error("a password is asked for that is not there")
	}
	// Somebody else proves nothing, whether they have an account or not.
	g.get(g.signs(g.post("/account/confirm/oidc", "to", "/account/address"), openidtest.Second)).
		wants(http.StatusUnprocessableEntity, "n’est pas lié à votre compte")
	director := p.outside(t)
	director.in(claire, clairesPassword)
	director.link(openidtest.Second)
	g.get(g.signs(g.post("/account/confirm/oidc", "to", "/account/address"), openidtest.Second)).
		wants(http.StatusUnprocessableEntity, "n’est pas lié à votre compte", `value="/account/address"`)
	g.get("/account/address").leads("/account/confirm?to=%2Faccount%2Faddress")
	// The owner does.
	g.get(g.signs(g.post("/account/confirm/oidc", "to", "/account/address"), openidtest.First)).leads("/account/address")
	g.get("/account/address").wants(http.StatusOK)

	// A form that was open for too long goes along, but for its secrets.
	p.later(11 * time.Minute)
	late := []string{"email", "nadia@ailleurs.example", "code", "a secret nobody reads"}
	asked := g.post("/account/address", late...).wants(http.StatusForbidden, "Confirmer avec", `name="confirm_action" value="/account/address"`)
	if strings.Contains(asked.body, "a secret nobody reads") {
		t.Error("the page repeats a secret")
	}
	sent := slices.Concat(late, []string{"confirm_action", "/account/address"})
	g.get(g.signs(g.post("/account/confirm/oidc", sent...), openidtest.Second)).
		wants(http.StatusUnprocessableEntity, "n’est pas lié à votre compte", "nadia@ailleurs.example", `action="/account/address"`)
	g.get(g.signs(g.post("/account/confirm/oidc", sent...), openidtest.First)).leads("/account/confirm/form")
	form := g.get("/account/confirm/form").wants(http.StatusOK, "C’est bien vous", `action="/account/address"`, `name="email" value="nadia@ailleurs.example"`)
	if strings.Contains(form.body, "a secret nobody reads") || strings.Contains(form.body, "confirm_action") {
		t.Errorf("the form carries what it should not: %s", form.body)
	}
	p.outside(t).get("/account/confirm/form").leads("/sign-in?to=%2Faccount%2Fconfirm%2Fform")
	g.post("/account/address", "email", "nadia@ailleurs.example").leads("/account")
	g.get("/account").wants(http.StatusOK, "nadia@ailleurs.example")
	// Nowhere else.
	g.get(g.signs(g.post("/account/confirm/oidc", "confirm_action", "https://evil.example/x", "a", "b"), openidtest.First)).leads("/account/confirm/form")
	g.get("/account/confirm/form").wants(http.StatusOK, `action="/"`)
}

// The provider says how long ago somebody proved themselves; that they did so long ago, or that it does not say, proves
// nothing now.
func TestAnOldProofConfirmsNothing(t *testing.T) {
	f := openidtest.Forge(t)
	p := &provided{}
	p.program = startProgram(t, false, withProvider(t, &openidtest.Provider{Issuer: f.Issuer}))
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	p.give(t, claire, clairesPassword)
	g := p.outside(t)
	g.in(claire, clairesPassword)
	g.get(g.get(g.post("/account/identities").onward()).onward()).leads("/account/identities/new")
	g.post("/account/identities/new").leads("/account")
	for _, c := range []struct {
		age  any // of the proof, in seconds
		says string
	}{{nil, "ne dit pas quand"}, {200, "sans demander qui vous êtes"}, {3600, "sans demander"}, {-3600, "sans demander"}, {100, ""}, {0, ""}} {
		p.later(11 * time.Minute)
		f.Lies(openidtest.Forgery{Claims: func(claims map[string]any) {
			delete(claims, "auth_time")
			if age, ok := c.age.(int); ok {
				claims["auth_time"] = openidtest.Now().Add(-time.Duration(age) * time.Second).Unix()
			}
		}})
		a := g.get(g.get(g.post("/account/confirm/oidc", "to", "/account/address").onward()).onward())
		if c.says == "" {
			a.leads("/account/address")
			continue
		}
		a.wants(http.StatusUnprocessableEntity, c.says)
		g.get("/account/address").leads("/account/confirm?to=%2Faccount%2Faddress")
	}
}

// Whom the provider lets through without a question has proved nothing now: signing in that way is no way around being
// asked before dangerous acts.
func TestASignInByTheProviderIsAsFreshAsItsProof(t *testing.T) {
	f := openidtest.Forge(t)
	p := &provided{}
	p.program = startProgram(t, false, withProvider(t, &openidtest.Provider{Issuer: f.Issuer}))
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	p.give(t, claire, clairesPassword)
	g := p.outside(t)
	g.in(claire, clairesPassword)
	g.get(g.get(g.post("/account/identities").onward()).onward()).leads("/account/identities/new")
	g.post("/account/identities/new").leads("/account")
	for _, c := range []struct {
		age   any // of the proof, in seconds
		fresh bool
	}{{nil, false}, {3600, false}, {601, false}, {100, true}, {-3600, true}} {
		f.Lies(openidtest.Forgery{Claims: func(claims map[string]any) {
			delete(claims, "auth_time")
			if age, ok := c.age.(int); ok {
				claims["auth_time"] = openidtest.Now().Add(-time.Duration(age) * time.Second).Unix()
			}
		}})
		h := p.outside(t)
		h.get(h.get(h.post("/sign-in/oidc", "to", "/account").onward()).onward()).leads("/account")
		h.get("/account").wants(http.StatusOK)
		if a := h.get("/account/address"); c.fresh {
			a.wants(http.StatusOK)
		} else {
			a.leads("/account/confirm?to=%2Faccount%2Faddress")
		}
	}
}

// An account's own second factor is asked after the provider, as it is after the password.
func TestASecondFactorIsAskedAfterTheProvider(t *testing.T) {
	p := startProvided(t)
	g := p.outside(t)
	g.in(claire, clairesPassword)
	g.link(openidtest.First)
	r, err := p.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	who, err := p.Store.AccountByEmail(t.Context(), claire)
	if err != nil {
		t.Fatal(err)
	}
	by, secret := p.Program(r), onetime.NewSecret()
	by.Account = who.Account
	step := onetime.Step(testNow)
	if err := p.Store.OfferTOTP(t.Context(), by, secret); err != nil {
		t.Fatal(err)
	}
	if err := p.Store.TakeTOTP(t.Context(), by, secret.Code(step), nil); err != nil {
		t.Fatal(err)
	}
	h := p.outside(t)
	h.get(h.signs(h.post("/sign-in/oidc", "to", "/services"), openidtest.First)).leads("/sign-in/second?to=%2Fservices")
	h.get("/services").leads("/sign-in?to=%2Fservices")
	h.post("/sign-in/second", "to", "/services", "code", secret.Code(step+1)).leads("/services")
	h.get("/services").wants(http.StatusOK)
}

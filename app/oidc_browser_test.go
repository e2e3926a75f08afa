package app

import (
	"strings"
	"testing"
	"time"

	"enveloppe/app/browser"
	"enveloppe/app/openid/openidtest"
)

// atProvider signs in at the provider as a user, from the page that leads there by itself.
func atProvider(tab *browser.Tab, as openidtest.User) {
	tab.Wait("#username")
	tab.Fill("#username", as.Username)
	tab.Fill("#password", as.Password)
	tab.Click("button[type=submit]")
}

// soundBothWays checks the page a tab is at, as wide as a telephone too.
func soundBothWays(t *testing.T, tab *browser.Tab) {
	t.Helper()
	sound(t, tab)
	tab.Emulate(390, 844, false, "fr")
	sound(t, tab)
	tab.Emulate(1280, 900, false, "fr")
}

// TestSigningInByAProviderInABrowser links, signs in, confirms, carries a form on and unlinks in a real browser, which
// takes site and provider for two different sites and holds the pages to their policy.
func TestSigningInByAProviderInABrowser(t *testing.T) {
	p := startProvided(t)
	tab := browser.Start(t)
	tab.Open(p.base + "/sign-in")
	soundBothWays(t, tab)
	tab.Click(`form[action="/sign-in/oidc"] button`)
	atProvider(tab, openidtest.First)
	tab.Wait(`a[href="/sign-in?to=%2Faccount"]`)
	if said := tab.Text("h1"); !strings.Contains(said, "Personne ne se connecte encore ainsi") {
		t.Fatalf("known to the provider only, the page is %q", said)
	}
	soundBothWays(t, tab)
	tab.Click(`a[href="/sign-in?to=%2Faccount"]`)
	tab.Fill("#email", claire)
	tab.Fill("#password", clairesPassword)
	tab.Click(`form[action="/sign-in"] .button.primary`)
	soundBothWays(t, tab)
	tab.Click(`form[action="/account/identities"] button`)
	atProvider(tab, openidtest.First)
	tab.Wait(`form[action="/account/identities/new"]`)
	soundBothWays(t, tab)
	tab.Click(`form[action="/account/identities/new"] .button.primary`)
	if !strings.Contains(tab.Text("main"), openidtest.First.Email) {
		t.Fatalf("linked, the account's page is %s", tab.Text("main"))
	}
	soundBothWays(t, tab)

	other := browser.Start(t)
	other.Open(p.base + "/services?q=dropbox")
	other.Click(`form[action="/sign-in/oidc"] button`)
	atProvider(other, openidtest.First)
	other.Wait(`input[type=search]`)
	if at := other.URL(); at != p.base+"/services?q=dropbox" {
		t.Errorf("signed in, the browser is at %s", at)
	}

	// It proves again who she is: on the way to a form, and with a form that was open for too long.
	other.Open(p.base + "/account/address")
	other.Fill("#email", "claire@ailleurs.example")
	p.later(11 * time.Minute)
	other.Click(`form[action="/account/address"] .button.primary`)
	soundBothWays(t, other)
	other.Click(`button[formaction="/account/confirm/oidc"]`)
	atProvider(other, openidtest.First)
	other.Wait(`form[action="/account/address"] .button.primary`)
	if !other.Has(`form[action="/account/address"] input[name=email][value="claire@ailleurs.example"]`) {
		t.Errorf("the form is not carried on: %s", other.HTML())
	}
	soundBothWays(t, other)
	other.Click(`form[action="/account/address"] .button.primary`)
	if at := other.URL(); at != p.base+"/account" {
		t.Errorf("sent again, the browser is at %s: %s", at, other.Text("main"))
	}
	p.later(11 * time.Minute)
	other.Open(p.base + "/account/address")
	other.Click(`button[formaction="/account/confirm/oidc"]`)
	atProvider(other, openidtest.First)
	other.Wait(`form[action="/account/address"]`)
	other.Open(p.base + "/account")
	other.Click(`a[href^="/account/identities/"]`)
	soundBothWays(t, other)
	other.Check("#end_others", true)
	other.Click(`main form .button.danger`)
	if !strings.Contains(other.Text("main"), "n’est pas lié") {
		t.Errorf("unlinked, the account's page is %s", other.Text("main"))
	}
	tab.Open(p.base + "/account")
	if !strings.HasPrefix(tab.URL(), p.base+"/sign-in") {
		t.Errorf("the other browser is still in: %s", tab.URL())
	}
	for _, b := range []*browser.Tab{tab, other} {
		for _, said := range b.ConsoleErrors() {
			if !strings.Contains(said, "status of 403") && !strings.Contains(said, p.provider.Issuer+"/favicon.ico") {
				t.Errorf("console: %s", said)
			}
		}
		for _, asked := range b.OutsideRequests() {
			t.Errorf("asked of another machine: %s", asked)
		}
	}
}

// A guest joins with what the provider knows them by, without any script.
func TestJoiningByAProviderInABrowser(t *testing.T) {
	p := startProvided(t)
	tab := browser.Start(t)
	tab.Scripts(false)
	tab.Open(p.base + p.invites(t, "Nadia Roux", "nadia@passerelles.example"))
	tab.Click(`form[action$="/oidc"] button`)
	atProvider(tab, openidtest.Second)
	tab.Wait(`form[action="/sign-in/oidc/invitation"]`)
	tab.Scripts(true)
	soundBothWays(t, tab)
	tab.Click(`form[action="/sign-in/oidc/invitation"] .button.primary`)
	if said := tab.Text("main"); !strings.Contains(said, "Bienvenue") {
		t.Errorf("joined, the page says %s", said)
	}
}

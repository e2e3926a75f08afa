package browser

import (
	"context"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// Authenticator is what a phone or a computer keeps its passkeys in. It recognises its owner and answers at once, until
// told otherwise.
type Authenticator struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// Authenticator gives the tab's machine one of its own, empty. Without it, no passkey can be made or used.
func (p *Tab) Authenticator() *Authenticator {
	p.t.Helper()
	a := &Authenticator{tab: p}
	call(p, "give the browser an authenticator", func(ctx context.Context) error {
		if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		made, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
				HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
			},
		})
		if err == nil {
			a.id = made.AuthenticatorID
		}
		return err
	})
	return a
}

// Recognises says whether the finger, face or code shown from now on is the owner's.
func (a *Authenticator) Recognises(owner bool) {
	a.tab.t.Helper()
	call(a.tab, "show a finger", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: a.id, IsUserVerified: owner})
		return err
	})
}

// Passkeys counts those it holds.
func (a *Authenticator) Passkeys() int {
	a.tab.t.Helper()
	var n int
	call(a.tab, "count the passkeys", func(ctx context.Context) error {
		held, err := chromedp.Call(ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: a.id})
		if err == nil {
			n = len(held.Credentials)
		}
		return err
	})
	return n
}

// Forget empties it, as a device that was reset.
func (a *Authenticator) Forget() {
	a.tab.t.Helper()
	call(a.tab, "empty the authenticator", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, webauthn.ClearCredentials, webauthn.ClearCredentialsParams{AuthenticatorID: a.id})
		return err
	})
}

package app

import (
	"context"
	"errors"

	"enveloppe/app/openid"
	"enveloppe/app/outbound"
	"enveloppe/app/web"
	"enveloppe/models"
)

// readOIDC is the provider people sign in by; options that are empty when there is none.
func readOIDC(env func(string) string, internal []outbound.Host, fault func(string, string, ...any)) openid.Options {
	o := openid.Options{
		Issuer: env("OIDC_ISSUER"), ClientID: env("OIDC_CLIENT_ID"), ClientSecret: env("OIDC_CLIENT_SECRET"), Label: env("OIDC_NAME"),
		Internal: internal, Now: SystemClock, Agent: "enveloppe/" + Version,
	}
	names := map[string]string{"Issuer": "ISSUER", "ClientID": "CLIENT_ID", "ClientSecret": "CLIENT_SECRET", "Label": "NAME"}
	for _, p := range o.Problems() {
		fault("ENVELOPPE_OIDC_"+names[p.Field], "%s", p.Reason)
	}
	return o
}

// provider is how the screens ask the provider.
type provider struct{ *openid.Provider }

// newProvider is the provider people sign in by; nil when none is set, and in the demonstration, where everybody is in.
func newProvider(o openid.Options, demo bool) web.Provider {
	if demo || !o.Given() {
		return nil
	}
	return provider{openid.New(o)}
}

// Address is where to send somebody who sets out.
func (p provider) Address(ctx context.Context, v web.ProviderVisit) (string, error) {
	address, err := p.Provider.Address(ctx, visit(v))
	return address, unidentified(err)
}

// Identify tells who came back.
func (p provider) Identify(ctx context.Context, v web.ProviderVisit, code, issuer string) (web.Identified, error) {
	who, err := p.Provider.Identify(ctx, visit(v), code, issuer)
	if err != nil {
		return web.Identified{}, unidentified(err)
	}
	label := models.IdentityLabel(who.Email, who.Username, who.Name, who.Subject)
	return web.Identified{
		Identity: models.Identity{Issuer: who.Issuer, Subject: who.Subject, Label: label}, Told: who.Told, Ago: who.Ago,
	}, nil
}

func visit(v web.ProviderVisit) openid.Visit {
	return openid.Visit{Redirect: v.Redirect, State: v.State, Nonce: v.Nonce, Verifier: v.Verifier, Lang: string(v.Lang), Again: v.Again}
}

// unidentified turns the provider's reasons into sentences of the screens.
func unidentified(err error) error {
	why, ok := errors.AsType[*openid.Error](err)
	if !ok {
		return err
	}
	rules := map[openid.Reason]string{
		openid.Unanswered: "provider.unanswered", openid.Misdescribed: "provider.misdescribed", openid.Unwelcome: "provider.unwelcome",
		openid.Spent: "provider.spent", openid.BadAnswer: "provider.answer",
	}
	return web.Unidentified{Rule: rules[why.Reason], Detail: why.Error()}
}

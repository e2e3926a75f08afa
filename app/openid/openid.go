// Package openid asks an OpenID provider who somebody is: OpenID Connect Core 1.0, the authorisation code flow with
// PKCE. The provider is the operator's choice; nothing that a visitor types is ever asked.
package openid

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"enveloppe/app/outbound"
)

const (
	// askTime bounds one question to the provider: somebody waits for the answer.
	askTime = 10 * time.Second
	// maxAnswer bounds what the provider says.
	maxAnswer = 1 << 20
	// keepTime is how long what the provider says of itself is believed; its keys are asked for anew when another one
	// signs.
	keepTime = 6 * time.Hour
	// restTime is how long a provider that did not answer is left alone, so that visitors do not queue for it.
	restTime = 5 * time.Second
)

// MaxAge is how long ago at most somebody may have proved themselves to the provider when they are to do it again.
const MaxAge = time.Minute

// Provider is the one provider people sign in by. It is asked for the first time when somebody wants to.
type Provider struct {
	options Options
	guard   *outbound.Client
	client  *http.Client

	mu      sync.Mutex
	known   *discovered
	refusal error // of the last time it was asked and did not answer
	asked   time.Time
}

// discovered is what the provider says of itself.
type discovered struct {
	endpoint oauth2.Endpoint
	verifier *oidc.IDTokenVerifier
	keys     *watched
	issTold  bool // it says its name whenever it sends somebody back (RFC 9207)
}

// New makes a provider of good options. Nothing is asked yet.
func New(o Options) *Provider {
	p := &Provider{options: o, guard: o.guard()}
	p.client = &http.Client{Transport: through{p.guard}}
	return p
}

// Name is what people know the provider by.
func (p *Provider) Name() string { return p.options.name() }

// Issuer is the provider as it names itself.
func (p *Provider) Issuer() string { return p.options.Issuer }

// Visit is one way to the provider and back.
type Visit struct {
	Redirect string // where to come back to, as the provider has it on its list
	State    string // comes back with the visitor
	Nonce    string // comes back in what the provider signs
	Verifier string // PKCE: proves that who asks is who set out
	Lang     string
	Again    bool // they are to prove themselves once more, even if the provider knows them
}

// Identity is who the provider says somebody is.
type Identity struct {
	Issuer, Subject       string
	Email, Username, Name string // as they go by there; none of them names anybody
	// Told tells whether the provider says when they proved themselves, and Ago how long ago that was.
	Told bool
	Ago  time.Duration
}

// Address is where to send the visitor. Every error is an *Error.
func (p *Provider) Address(ctx context.Context, v Visit) (string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(v.Nonce), oauth2.S256ChallengeOption(v.Verifier)}
	if v.Lang != "" {
		options = append(options, oauth2.SetAuthURLParam("ui_locales", v.Lang))
	}
	if v.Again {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"),
			oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(MaxAge/time.Second))))
	}
	return p.config(d, v).AuthCodeURL(v.State, options...), nil
}

func (p *Provider) config(d *discovered, v Visit) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.options.ClientID, ClientSecret: p.options.ClientSecret, Endpoint: d.endpoint, RedirectURL: v.Redirect,
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
}

// claims are what is read of a token beyond what the library checks.
type claims struct {
	AuthorisedParty string `json:"azp"`
	AuthTime        *int64 `json:"auth_time"`
	Email           string `json:"email"`
	Username        string `json:"preferred_username"`
	Name            string `json:"name"`
}

// Identify exchanges the code a visitor came back with for who they are. issuer is who the answer says it comes from,
// empty when it says nothing. Every error is an *Error.
func (p *Provider) Identify(ctx context.Context, v Visit, code, issuer string) (Identity, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if (issuer != "" && issuer != p.options.Issuer) || (issuer == "" && d.issTold) {
		return Identity{}, &Error{Reason: BadAnswer, Detail: "the answer is not this provider's"}
	}
	token, err := p.config(d, v).Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(v.Verifier))
	if err != nil {
		return Identity{}, explainExchange(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, &Error{Reason: BadAnswer, Detail: "no ID token came with it"}
	}
	signed, err := d.verify(ctx, raw)
	if err != nil {
		return Identity{}, err
	}
	return p.read(signed, v)
}

// read checks what the library leaves to its caller, and takes from a verified token who it names.
func (p *Provider) read(signed *oidc.IDToken, v Visit) (Identity, error) {
	var c claims
	if err := signed.Claims(&c); err != nil {
		return Identity{}, &Error{Reason: BadAnswer, Detail: "its claims cannot be read"}
	}
	got, want := sha256.Sum256([]byte(signed.Nonce)), sha256.Sum256([]byte(v.Nonce))
	switch {
	case v.Nonce == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1:
		return Identity{}, &Error{Reason: BadAnswer, Detail: "its nonce is another visit's"}
	case c.AuthorisedParty != "" && c.AuthorisedParty != p.options.ClientID,
		c.AuthorisedParty == "" && len(signed.Audience) > 1:
		return Identity{}, &Error{Reason: BadAnswer, Detail: "it is meant for somebody else too"}
	case signed.Subject == "":
		return Identity{}, &Error{Reason: BadAnswer, Detail: "it names nobody"}
	}
	i := Identity{Issuer: p.options.Issuer, Subject: signed.Subject, Email: c.Email, Username: c.Username, Name: c.Name}
	if c.AuthTime != nil {
		i.Told, i.Ago = true, p.options.Now().Sub(time.Unix(*c.AuthTime, 0))
	}
	return i, nil
}

// verify checks a token's signature, issuer, audience and time.
func (d *discovered) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	signed, err := d.verifier.Verify(ctx, raw)
	if err == nil {
		return signed, nil
	}
	if failed, ok := errors.AsType[*outbound.Error](d.keys.last()); ok { // the library keeps its text only
		return nil, &Error{Reason: Unanswered, Outbound: failed, Detail: "its keys"}
	}
	return nil, &Error{Reason: BadAnswer, Detail: err.Error()}
}

// discover is what the provider says of itself, asked for when it is first needed and once in a while after.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.options.Now()
	since := now.Sub(p.asked)
	switch {
	case p.known != nil && since < keepTime:
		return p.known, nil
	case p.refusal != nil && since < restTime:
		return nil, p.refusal
	}
	fresh, err := p.ask(ctx)
	if stopped, ok := errors.AsType[*outbound.Error](err); ok && stopped.Reason == outbound.Stopped {
		return nil, &Error{Reason: Unanswered, Outbound: stopped} // the visitor went away: it says nothing of the provider
	}
	p.asked = now
	switch {
	case err == nil:
		p.known, p.refusal = fresh, nil
	case p.known == nil:
		p.refusal = err
		return nil, err
	}
	return p.known, nil
}

// ask reads the provider's own description (OpenID Connect Discovery 1.0).
func (p *Provider) ask(ctx context.Context) (*discovered, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.options.Issuer)
	if err != nil {
		return nil, explainDiscovery(err)
	}
	var says struct {
		JWKS    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		IssTold bool     `json:"authorization_response_iss_parameter_supported"`
		Algs    []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := found.Claims(&says); err != nil {
		return nil, &Error{Reason: Misdescribed, Detail: "its description cannot be read"}
	}
	d := &discovered{endpoint: found.Endpoint(), issTold: says.IssTold}
	for what, address := range map[string]string{"authorization_endpoint": d.endpoint.AuthURL, "token_endpoint": d.endpoint.TokenURL, "jwks_uri": says.JWKS} {
		if err := p.guard.Check(address); err != nil {
			return nil, &Error{Reason: Misdescribed, Detail: what + ": " + err.Error()}
		}
	}
	switch {
	case len(says.Methods) == 0, slices.Contains(says.Methods, "client_secret_basic"): // the first is the default
		d.endpoint.AuthStyle = oauth2.AuthStyleInHeader
	case slices.Contains(says.Methods, "client_secret_post"):
		d.endpoint.AuthStyle = oauth2.AuthStyleInParams
	default:
		return nil, &Error{Reason: Misdescribed, Detail: "it takes no client secret"}
	}
	// The keys outlive the visit that asked for them first, but not the guard.
	d.keys = &watched{set: oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), p.client), says.JWKS)}
	d.verifier = oidc.NewVerifier(p.options.Issuer, d.keys, &oidc.Config{
		ClientID: p.options.ClientID, SupportedSigningAlgs: signingAlgs(says.Algs), Now: p.options.Now,
	})
	return d, nil
}

// signingAlgs are those of the provider's that prove something: with a key of its own, which nobody else has. Without
// any the library takes RS256, which every provider must have.
func signingAlgs(offered []string) []string {
	return slices.DeleteFunc(slices.Clone(offered), func(alg string) bool {
		return !slices.Contains([]string{
			oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
		}, alg)
	})
}

// watched remembers why the keys could not be had.
type watched struct {
	set oidc.KeySet

	mu  sync.Mutex
	err error
}

// VerifySignature is the key set's.
func (w *watched) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.set.VerifySignature(ctx, jwt)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	return payload, err
}

func (w *watched) last() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// through asks by way of the guarded client.
type through struct{ guard *outbound.Client }

// RoundTrip asks one question.
func (t through) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	a, err := t.guard.Do(r.Context(), outbound.Request{Method: r.Method, URL: r.URL.String(), Header: r.Header, Body: body})
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status: http.StatusText(a.Status), StatusCode: a.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.Header, Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r,
	}, nil
}

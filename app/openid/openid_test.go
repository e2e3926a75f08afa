package openid_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"enveloppe/app/openid"
	"enveloppe/app/openid/openidtest"
	"enveloppe/app/outbound"
)

const redirect = "https://enveloppe.example.org/sign-in/oidc/callback"

func optionsFor(t *testing.T, issuer string) openid.Options {
	t.Helper()
	u, err := url.Parse(issuer)
	if err != nil {
		t.Fatal(err)
	}
	host, err := outbound.ParseHost(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return openid.Options{
		Issuer: issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret, Internal: []outbound.Host{host}, Now: openidtest.Now,
	}
}

func visit(n string) openid.Visit {
	return openid.Visit{Redirect: redirect, State: "state " + n, Nonce: "nonce-" + n, Verifier: strings.Repeat("verifier-"+n, 5), Lang: "fr"}
}

// through sends a visitor to a provider that lets everybody through, and gives what they come back with.
func through(t *testing.T, p *openid.Provider, v openid.Visit) url.Values {
	t.Helper()
	address, err := p.Address(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") {
		t.Fatalf("sent back to %v, %v", back, err)
	}
	return back.Query()
}

func reason(t *testing.T, err error) openid.Reason {
	t.Helper()
	if err == nil {
		return ""
	}
	var why *openid.Error
	if !errors.As(err, &why) {
		t.Fatalf("error is %T: %v", err, err)
	}
	return why.Reason
}

func TestIdentify(t *testing.T) {
	f := openidtest.Forge(t)
	p := openid.New(optionsFor(t, f.Issuer))
	v := visit("1")
	v.Again = true
	address, err := p.Address(t.Context(), v)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(address)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": openidtest.ClientID, "redirect_uri": redirect, "scope": "openid profile email", "state": "state 1",
		"nonce": "nonce-1", "code_challenge_method": "S256", "prompt": "login", "max_age": "60", "ui_locales": "fr",
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(address, v.Verifier) || strings.Contains(address, url.QueryEscape(openidtest.ClientSecret)) {
		t.Errorf("a secret stands in %s", address)
	}
	back := through(t, p, v)
	who, err := p.Identify(t.Context(), v, back.Get("code"), "")
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != f.Issuer || who.Subject != "subject-1" || who.Email != "somebody@example.org" || !who.Told || who.Ago > time.Minute || who.Ago < 0 {
		t.Errorf("identified %+v", who)
	}
	if _, err := p.Identify(t.Context(), v, back.Get("code"), ""); reason(t, err) != openid.Spent {
		t.Errorf("a code twice: %v", err)
	}
	if a, err := p.Address(t.Context(), visit("2")); err != nil || strings.Contains(a, "prompt=") || strings.Contains(a, "max_age=") {
		t.Errorf("asked again without need: %s, %v", a, err)
	}
}

// What does not prove who came to this program in this visit, just now, proves nothing.
func TestForgeriesProveNothing(t *testing.T) {
	f := openidtest.Forge(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(f.Public)
	if err != nil {
		t.Fatal(err)
	}
	public = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	set := func(name string, value any) openidtest.Forgery {
		return openidtest.Forgery{Claims: func(c map[string]any) {
			if c[name] = value; value == nil {
				delete(c, name)
			}
		}}
	}
	alg := func(name string, sign func(string) []byte) openidtest.Forgery {
		return openidtest.Forgery{Header: func(h map[string]any) { h["alg"] = name }, Sign: sign}
	}
	now := openidtest.Now()
	for name, lie := range map[string]openidtest.Forgery{
		"another issuer":             set("iss", "https://evil.example"),
		"the issuer with a slash":    set("iss", f.Issuer+"/"),
		"no issuer":                  set("iss", nil),
		"another audience":           set("aud", "somebody-else"),
		"no audience":                set("aud", nil),
		"several audiences":          set("aud", []string{openidtest.ClientID, "somebody-else"}),
		"meant for somebody else":    {Claims: func(c map[string]any) { c["aud"], c["azp"] = []string{openidtest.ClientID, "x"}, "x" }},
		"given to somebody else":     set("azp", "somebody-else"),
		"run out":                    set("exp", now.Add(-time.Minute).Unix()),
		"never running out":          set("exp", nil),
		"not yet good":               set("nbf", now.Add(time.Hour).Unix()),
		"another visit's nonce":      set("nonce", "nonce-2"),
		"no nonce":                   set("nonce", nil),
		"nobody":                     set("sub", ""),
		"no subject":                 set("sub", nil),
		"a subject that is a number": set("sub", 7),
		"alg none":                   alg("none", func(string) []byte { return nil }),
		"alg None":                   alg("None", func(string) []byte { return nil }),
		"signed with the secret":     alg("HS256", openidtest.WithSecret([]byte(openidtest.ClientSecret))),
		"signed with the public key": alg("HS256", openidtest.WithSecret(public)),
		"no signature":               {Sign: func(string) []byte { return nil }},
		"another's signature":        {Sign: openidtest.WithKey(other)},
		"a key it brings along": {Sign: openidtest.WithKey(other), Header: func(h map[string]any) {
			h["jwk"] = map[string]any{"kty": "RSA", "n": "AQAB", "e": "AQAB"}
			h["jku"] = "https://evil.example/keys"
		}},
		"no ID token": {Token: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"access_token":"x","token_type":"Bearer"}`))
		}},
		"no JSON":        {Token: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) }},
		"another page":   {Token: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }},
		"no key at all":  {Keys: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) }},
		"keys of no use": {Keys: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`nonsense`)) }},
	} {
		t.Run(name, func(t *testing.T) {
			f.Lies(lie)
			p, v := openid.New(optionsFor(t, f.Issuer)), visit("1")
			who, err := p.Identify(t.Context(), v, through(t, p, v).Get("code"), "")
			if reason(t, err) != openid.BadAnswer || who != (openid.Identity{}) {
				t.Errorf("%+v, %v", who, err)
			}
			if err != nil && (strings.Contains(err.Error(), openidtest.ClientSecret) || strings.Contains(err.Error(), "eyJ")) {
				t.Errorf("a secret stands in %q", err)
			}
		})
	}
}

// A code is good for the visit that fetched it only, and an answer counts from this provider only.
func TestACodeIsOfItsVisitAndProvider(t *testing.T) {
	f := openidtest.Forge(t)
	p := openid.New(optionsFor(t, f.Issuer))
	if _, err := p.Identify(t.Context(), visit("2"), through(t, p, visit("1")).Get("code"), ""); reason(t, err) != openid.Spent {
		t.Errorf("another visit's verifier: %v", err)
	}
	asked := len(f.Asked())
	if _, err := p.Identify(t.Context(), visit("1"), through(t, p, visit("1")).Get("code"), "https://evil.example"); reason(t, err) != openid.BadAnswer {
		t.Errorf("an answer of another provider: %v", err)
	}
	if len(f.Asked()) > asked {
		t.Error("another provider's code was shown to this one")
	}
	if _, err := p.Identify(t.Context(), visit("1"), through(t, p, visit("1")).Get("code"), f.Issuer); err != nil {
		t.Errorf("an answer that names its provider: %v", err)
	}
	f.Lies(openidtest.Forgery{Describe: func(d map[string]any) { d["authorization_response_iss_parameter_supported"] = true }})
	p = openid.New(optionsFor(t, f.Issuer))
	if _, err := p.Identify(t.Context(), visit("1"), through(t, p, visit("1")).Get("code"), ""); reason(t, err) != openid.BadAnswer {
		t.Errorf("an answer that names nobody, of a provider that always does: %v", err)
	}
}

func TestTheSecretIsShownAsTheProviderWants(t *testing.T) {
	f := openidtest.Forge(t)
	for methods, header := range map[string]bool{"client_secret_basic client_secret_post": true, "client_secret_post": false, "": true} {
		f.Lies(openidtest.Forgery{Describe: func(d map[string]any) {
			if methods != "" {
				d["token_endpoint_auth_methods_supported"] = strings.Fields(methods)
			}
		}})
		p := openid.New(optionsFor(t, f.Issuer))
		if _, err := p.Identify(t.Context(), visit("1"), through(t, p, visit("1")).Get("code"), ""); err != nil {
			t.Errorf("%q: %v", methods, err)
		}
		asked := f.Asked()
		if got := asked[len(asked)-1].Get("Authorization") != ""; got != header {
			t.Errorf("%q: in the header: %v", methods, got)
		}
	}
	o := optionsFor(t, f.Issuer)
	o.ClientSecret = "another"
	p := openid.New(o)
	if _, err := p.Identify(t.Context(), visit("1"), through(t, p, visit("1")).Get("code"), ""); reason(t, err) != openid.Unwelcome {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestAProviderThatDescribesItselfWrongly(t *testing.T) {
	f := openidtest.Forge(t)
	for name, value := range map[string]any{
		"issuer":                                "https://evil.example",
		"authorization_endpoint":                "javascript:alert(1)",
		"token_endpoint":                        "http://10.0.0.1/token",
		"jwks_uri":                              "file:///etc/passwd",
		"token_endpoint_auth_methods_supported": []string{"private_key_jwt"},
	} {
		f.Lies(openidtest.Forgery{Describe: func(d map[string]any) { d[name] = value }})
		if a, err := openid.New(optionsFor(t, f.Issuer)).Address(t.Context(), visit("1")); reason(t, err) != openid.Misdescribed || a != "" {
			t.Errorf("%s %v: %q, %v", name, value, a, err)
		}
	}
	for _, body := range []string{"", "<html>", `{"issuer":7}`, `[]`} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		if _, err := openid.New(optionsFor(t, s.URL)).Address(t.Context(), visit("1")); reason(t, err) != openid.Misdescribed {
			t.Errorf("%q: %v", body, err)
		}
		s.Close()
	}
}

// The provider is asked by the guarded client: it sends nobody elsewhere, and says no more than is taken.
func TestTheProviderIsAskedThroughTheGuard(t *testing.T) {
	var asked atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer inside.Close()
	for name, answer := range map[string]http.HandlerFunc{
		"sends elsewhere": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, http.StatusFound) },
		"says too much":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) },
	} {
		s := httptest.NewServer(answer)
		_, err := openid.New(optionsFor(t, s.URL)).Address(t.Context(), visit("1"))
		if failed, ok := errors.AsType[*outbound.Error](err); reason(t, err) != openid.Unanswered || !ok {
			t.Errorf("%s: %v, %v", name, err, failed)
		}
		s.Close()
	}
	f := openidtest.Forge(t)
	away := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	}
	for name, lie := range map[string]openidtest.Forgery{
		"token":              {Token: away},
		"token, fails":       {Token: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }},
		"keys":               {Keys: away},
		"keys inside":        {Describe: func(d map[string]any) { d["jwks_uri"] = "https://127.0.0.1:1/keys" }},
		"token inside":       {Describe: func(d map[string]any) { d["token_endpoint"] = "https://[::1]:1/token" }},
		"token of the cloud": {Describe: func(d map[string]any) { d["token_endpoint"] = "https://169.254.169.254/token" }},
	} {
		f.Lies(lie)
		p, v := openid.New(optionsFor(t, f.Issuer)), visit("1")
		_, err := p.Address(t.Context(), v)
		want := openid.Misdescribed
		if err == nil {
			want = openid.Unanswered
			_, err = p.Identify(t.Context(), v, through(t, p, v).Get("code"), "")
		}
		if reason(t, err) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if asked.Load() > 0 {
		t.Error("somebody was followed")
	}
}

// A provider that is down is not waited for by everybody, and is found again when it is back.
func TestAProviderThatIsDown(t *testing.T) {
	f := openidtest.Forge(t)
	var asked atomic.Int32
	front := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		panic(http.ErrAbortHandler) // breaks off
	}))
	defer front.Close()
	clock := openidtest.Now()
	o := optionsFor(t, front.URL)
	o.Now = func() time.Time { return clock }
	p := openid.New(o)
	for range 3 {
		if _, err := p.Address(t.Context(), visit("1")); reason(t, err) != openid.Unanswered {
			t.Error(err)
		}
	}
	if asked.Load() != 1 {
		t.Errorf("asked %d times at once", asked.Load())
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	clock = clock.Add(time.Minute)
	if _, err := p.Address(gone, visit("1")); reason(t, err) != openid.Unanswered {
		t.Error(err)
	}
	// One that answers once is believed for a while, also when it is down then.
	o = optionsFor(t, f.Issuer)
	o.Now = func() time.Time { return clock }
	p = openid.New(o)
	if _, err := p.Address(t.Context(), visit("1")); err != nil {
		t.Error(err)
	}
	f.Lies(openidtest.Forgery{Describe: func(d map[string]any) { d["issuer"] = "https://evil.example" }})
	clock = clock.Add(7 * time.Hour)
	if _, err := p.Address(t.Context(), visit("1")); err != nil {
		t.Errorf("what was known is forgotten: %v", err)
	}
}

func TestProblemsOfSettings(t *testing.T) {
	good := openid.Options{Issuer: "https://login.example.org/realms/asso", ClientID: "enveloppe", ClientSecret: "s3cret-word", Label: "Maison des associations"}
	lan := []outbound.Host{{Name: "login.lan"}}
	for name, c := range map[string]struct {
		change func(*openid.Options)
		want   string // field, and a word of the reason
	}{
		"good":                  {func(*openid.Options) {}, ""},
		"nothing":               {func(o *openid.Options) { *o = openid.Options{} }, ""},
		"without a name":        {func(o *openid.Options) { o.Label = "" }, ""},
		"internal":              {func(o *openid.Options) { o.Issuer = "https://10.0.0.5" }, ""},
		"a slash at its end":    {func(o *openid.Options) { o.Issuer += "/" }, ""},
		"without TLS, named":    {func(o *openid.Options) { o.Issuer, o.Internal = "http://login.lan:8080", lan }, ""},
		"without TLS":           {func(o *openid.Options) { o.Issuer = "http://login.example.org" }, "Issuer OUTBOUND_HOSTS"},
		"no issuer":             {func(o *openid.Options) { o.Issuer = "" }, "Issuer missing"},
		"no client":             {func(o *openid.Options) { o.ClientID = "" }, "ClientID missing"},
		"no secret":             {func(o *openid.Options) { o.ClientSecret = "" }, "ClientSecret missing"},
		"a name only":           {func(o *openid.Options) { *o = openid.Options{Label: "x"} }, "ClientSecret missing"},
		"no address":            {func(o *openid.Options) { o.Issuer = "login.example.org" }, "Issuer address"},
		"another kind":          {func(o *openid.Options) { o.Issuer = "ftp://login.example.org" }, "Issuer address"},
		"a query":               {func(o *openid.Options) { o.Issuer += "?x=1" }, "Issuer address"},
		"an empty query":        {func(o *openid.Options) { o.Issuer += "?" }, "Issuer address"},
		"a fragment":            {func(o *openid.Options) { o.Issuer += "#x" }, "Issuer address"},
		"a password":            {func(o *openid.Options) { o.Issuer = "https://me:s3cret-word@login.example.org" }, "Issuer password"},
		"too long":              {func(o *openid.Options) { o.Issuer += "/" + strings.Repeat("x", 500) }, "Issuer address"},
		"a name of many words":  {func(o *openid.Options) { o.Label = strings.Repeat("é", 41) }, "Label 40"},
		"a name that hides":     {func(o *openid.Options) { o.Label = "x\u202e" }, "Label show"},
		"a name that is broken": {func(o *openid.Options) { o.Label = "x\xff" }, "Label show"},
	} {
		o := good
		c.change(&o)
		var said strings.Builder
		for _, p := range o.Problems() {
			said.WriteString(p.Field + " " + p.Reason + "\n")
		}
		field, word, _ := strings.Cut(c.want, " ")
		if (c.want == "") != (said.Len() == 0) || !strings.Contains(said.String(), field+" ") && c.want != "" || !strings.Contains(said.String(), word) {
			t.Errorf("%s: %q, want %q", name, said.String(), c.want)
		}
		if strings.Contains(said.String(), "s3cret-word") {
			t.Errorf("%s: a secret is repeated in %q", name, said.String())
		}
	}
	if got := openid.New(good).Name(); got != good.Label {
		t.Errorf("called %q", got)
	}
	good.Label = ""
	if got := openid.New(good).Name(); got != "login.example.org" {
		t.Errorf("called %q", got)
	}
}

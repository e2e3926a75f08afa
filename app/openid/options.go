package openid

import (
	"cmp"
	"fmt"
	"net/url"
	"time"
	"unicode"
	"unicode/utf8"

	"enveloppe/app/outbound"
)

// Options name the provider and what the program is to it.
type Options struct {
	Issuer                 string // as the provider writes it itself, to the last character
	ClientID, ClientSecret string
	Label                  string // what people know it by; empty for its host
	// Internal are the hosts that may be asked although they are internal, and without TLS.
	Internal []outbound.Host
	// Now is the real time, whatever day the program acts on: the provider's answers run out by it.
	Now func() time.Time
	// Agent is the program's name for the provider.
	Agent string
}

// Given tells whether anything is set at all.
func (o Options) Given() bool { return o.Issuer+o.ClientID+o.ClientSecret+o.Label != "" }

func (o Options) name() string {
	u, err := url.Parse(o.Issuer)
	if err != nil {
		return o.Label
	}
	return cmp.Or(o.Label, u.Hostname())
}

// guard is the client that asks the provider: its own host may be internal, since the operator named it.
func (o Options) guard() *outbound.Client {
	allow := append([]outbound.Host(nil), o.Internal...)
	if u, err := url.Parse(o.Issuer); err == nil && u.Scheme == "https" {
		if h, err := outbound.ParseHost(u.Hostname()); err == nil {
			h.Port = cmp.Or(u.Port(), "443")
			allow = append(allow, h)
		}
	}
	return outbound.New(outbound.Options{Allow: allow, Timeout: askTime, MaxBytes: maxAnswer, Agent: o.Agent})
}

// Problem is what is wrong with one option.
type Problem struct{ Field, Reason string }

const (
	maxIssuer = 500
	maxName   = 40
)

// Problems are what is wrong with options that are given; none when nothing is. No secret is repeated.
func (o Options) Problems() []Problem {
	if !o.Given() {
		return nil
	}
	var list []Problem
	add := func(field, format string, args ...any) {
		list = append(list, Problem{field, fmt.Sprintf(format, args...)})
	}
	const with = "is missing; a provider takes ISSUER, CLIENT_ID and CLIENT_SECRET together"
	switch u, err := url.Parse(o.Issuer); {
	case o.Issuer == "":
		add("Issuer", with)
	case err == nil && u.User != nil: // a password is not repeated
		add("Issuer", "a name or password has no place in the address; write it as the provider does, for example https://login.example.org")
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || len(o.Issuer) > maxIssuer:
		add("Issuer", "%.100q is not the address of a provider; write it as the provider does, for example https://login.example.org", o.Issuer)
	case o.guard().Check(o.Issuer) != nil:
		add("Issuer", "%q is without TLS; write https://…, or name the host in ENVELOPPE_OUTBOUND_HOSTS", o.Issuer)
	}
	if o.ClientID == "" {
		add("ClientID", with)
	}
	if o.ClientSecret == "" {
		add("ClientSecret", with)
	}
	if utf8.RuneCountInString(o.Label) > maxName || !utf8.ValidString(o.Label) || !graphic(o.Label) {
		add("Label", "is what stands on a button: at most %d characters, all of which show", maxName)
	}
	return list
}

func graphic(text string) bool {
	for _, r := range text {
		if !unicode.IsGraphic(r) {
			return false
		}
	}
	return true
}

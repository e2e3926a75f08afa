package mail_test

import (
	"testing"
	"time"

	"enveloppe/app/mail"

	"github.com/google/go-cmp/cmp"
)

func TestProblems(t *testing.T) {
	good := mail.Config{Host: "smtp.exemple.org", From: "Enveloppe <enveloppe@exemple.org>"}
	with := func(change func(*mail.Config)) mail.Config {
		c := good
		change(&c)
		return c
	}
	cases := []struct {
		name   string
		config mail.Config
		fields []string
	}{
		{"nothing set", mail.Config{}, nil},
		{"least that works", good, nil},
		{"IPv6 address", with(func(c *mail.Config) { c.Host = "2001:db8::25" }), nil},
		{"bare sender", with(func(c *mail.Config) { c.From = "enveloppe@exemple.org" }), nil},
		{"accented domain", with(func(c *mail.Config) { c.From = "bureau@théâtre.fr" }), nil},
		{"no sender", mail.Config{Host: "smtp.exemple.org"}, []string{"From"}},
		{"no host", mail.Config{From: "enveloppe@exemple.org"}, []string{"Host"}},
		{"only a password", mail.Config{Password: "x"}, []string{"Host", "From", "Username"}},
		{"port in the host", with(func(c *mail.Config) { c.Host = "smtp.exemple.org:587" }), []string{"Host"}},
		{"scheme in the host", with(func(c *mail.Config) { c.Host = "smtp://exemple.org" }), []string{"Host"}},
		{"line break in the host", with(func(c *mail.Config) { c.Host = "smtp\r\nx" }), []string{"Host"}},
		{"port too large", with(func(c *mail.Config) { c.Port = 65536 }), []string{"Port"}},
		{"port below zero", with(func(c *mail.Config) { c.Port = -1 }), []string{"Port"}},
		{"unknown security", with(func(c *mail.Config) { c.Security = "ssl" }), []string{"Security"}},
		{"sender is a word", with(func(c *mail.Config) { c.From = "enveloppe" }), []string{"From"}},
		{"sender breaks the line", with(func(c *mail.Config) { c.From = "\"a\r\nb\"@exemple.org" }), []string{"From"}},
		{"two senders", with(func(c *mail.Config) { c.From = "a@exemple.org, b@exemple.org" }), []string{"From"}},
		{"answers to a word", with(func(c *mail.Config) { c.ReplyTo = "bureau" }), []string{"ReplyTo"}},
		{"user without password", with(func(c *mail.Config) { c.Username = "u" }), []string{"Password"}},
		{"password without user", with(func(c *mail.Config) { c.Password = "p" }), []string{"Username"}},
		{"password in clear", with(func(c *mail.Config) {
			c.Username, c.Password, c.Security = "u", "p", mail.Clear
		}), []string{"Security"}},
		{"timeout below zero", with(func(c *mail.Config) { c.Timeout = -time.Second }), []string{"Timeout"}},
		{"several at once", mail.Config{Host: "h", Port: -1, Security: "x"}, []string{"Port", "Security", "From"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var fields []string
			for _, p := range c.config.Problems() {
				fields = append(fields, p.Field)
			}
			if diff := cmp.Diff(c.fields, fields); diff != "" {
				t.Errorf("fields with a problem (-want +got):\n%s", diff)
			}
			wantConfigured := c.config.Host != "" && c.config.From != ""
			if got := c.config.Configured(); got != wantConfigured {
				t.Errorf("Configured() = %v, want %v", got, wantConfigured)
			}
			if got := mail.New(c.config).Configured(); got != (wantConfigured && len(c.fields) == 0) {
				t.Errorf("Sender.Configured() = %v with problems %v", got, fields)
			}
		})
	}
}

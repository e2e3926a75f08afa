package mail_test

import (
	"context"
	"crypto/x509"
	"net"
	"strings"
	"testing"
	"time"

	"enveloppe/app/mail"
	"enveloppe/app/mail/mailtest"

	"github.com/google/go-cmp/cmp"
)

const (
	user   = "enveloppe"
	secret = "s3cret-p@ss"
)

func configFor(s *mailtest.Server) mail.Config {
	return mail.Config{Host: s.Host, Port: s.Port, From: sender, RootCAs: s.Pool, Timeout: 20 * time.Second}
}

func signedIn(c mail.Config) mail.Config {
	c.Username, c.Password = user, secret
	return c
}

// expect sends one message and compares; Detail is compared by a part of it.
func expect(t *testing.T, cfg mail.Config, want mail.Result) {
	t.Helper()
	got := mail.New(cfg).Send(t.Context(), digest())
	if got.Outcome != want.Outcome || got.Reason != want.Reason || !strings.Contains(got.Detail, want.Detail) {
		t.Errorf("Send = %+v, want %+v", got, want)
	}
	if strings.Contains(got.Detail, secret) {
		t.Errorf("the password is in the detail: %s", got.Detail)
	}
	if len([]rune(got.Detail)) > 200 || strings.ContainsAny(got.Detail, "\r\n") {
		t.Errorf("detail is not one short line: %q", got.Detail)
	}
}

func TestSendArrives(t *testing.T) {
	account := mailtest.Options{Username: user, Password: secret}
	cases := []struct {
		name     string
		security string
		server   mailtest.Security
		account  bool
	}{
		{"STARTTLS by default, signed in", "", mailtest.StartTLS, true},
		{"STARTTLS without account", mail.StartTLS, mailtest.StartTLS, false},
		{"TLS from the first byte, signed in", mail.TLS, mailtest.TLS, true},
		{"in clear", mail.Clear, mailtest.Clear, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			options := mailtest.Options{Security: c.server}
			if c.account {
				options.Username, options.Password = account.Username, account.Password
			}
			server := mailtest.Start(t, options)
			cfg := configFor(server)
			if c.account {
				cfg = signedIn(cfg)
			}
			cfg.Security, cfg.ReplyTo = c.security, "bureau@exemple.org"
			s := mail.New(cfg)
			if got := s.Send(t.Context(), digest()); got != (mail.Result{Outcome: mail.Sent}) {
				t.Fatalf("Send = %+v", got)
			}
			arrived := server.Messages()
			if len(arrived) != 1 {
				t.Fatalf("%d messages arrived", len(arrived))
			}
			rendered, err := s.Render(digest())
			if err != nil {
				t.Fatalf("Render: %v", err)
			}
			want := mailtest.Message{From: "enveloppe@exemple.org", To: []string{"marie@exemple.org"}, Data: rendered}
			if diff := cmp.Diff(want, arrived[0]); diff != "" {
				t.Errorf("arrived (-want +got):\n%s", diff)
			}
			l := read(t, arrived[0].Data)
			if got := l.subject(t); got != digest().Subject {
				t.Errorf("subject %q", got)
			}
			if diff := cmp.Diff([]string{digest().Text, digest().HTML}, l.bodies); diff != "" {
				t.Errorf("bodies (-want +got):\n%s", diff)
			}
			if got := l.header.Get("Reply-To"); got != "<bureau@exemple.org>" {
				t.Errorf("Reply-To %q", got)
			}
		})
	}
}

func TestSendToAccentedDomain(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	m := digest()
	m.To = "bureau@théâtre.fr"
	if got := mail.New(configFor(server)).Send(t.Context(), m); got.Outcome != mail.Sent {
		t.Fatalf("Send = %+v", got)
	}
	if diff := cmp.Diff([]string{"bureau@xn--thtre-4qa2c.fr"}, server.Messages()[0].To); diff != "" {
		t.Errorf("recipient (-want +got):\n%s", diff)
	}
}

func TestNotConfiguredIsNotSent(t *testing.T) {
	expect(t, mail.Config{}, mail.Result{mail.NotConfigured, mail.ReasonNotConfigured, "no mail server"})
	expect(t, mail.Config{Host: "127.0.0.1", From: "nobody"}, mail.Result{mail.NotConfigured, mail.ReasonNotConfigured, "From"})
	expect(t, mail.Config{Host: "127.0.0.1", From: sender, Security: "sll"}, mail.Result{mail.NotConfigured, mail.ReasonNotConfigured, "Security"})
}

func TestSettingsThatDoNotFitTheServer(t *testing.T) {
	account := mailtest.Options{Username: user, Password: secret}
	cases := []struct {
		name   string
		server mailtest.Options
		change func(*mail.Config)
		want   mail.Result
	}{
		{
			"wrong password", account,
			func(c *mail.Config) { c.Username, c.Password = user, "wrong" },
			mail.Result{mail.FailedTemporary, mail.ReasonAuth, "535"},
		},
		{
			"no account where one is needed", account, nil,
			mail.Result{mail.FailedTemporary, mail.ReasonAuth, ""},
		},
		{
			"account where none is known",
			mailtest.Options{},
			func(c *mail.Config) { *c = signedIn(*c) },
			mail.Result{mail.FailedTemporary, mail.ReasonAuth, "AUTH"},
		},
		{
			"certificate of nobody we trust",
			mailtest.Options{},
			func(c *mail.Config) { c.RootCAs = x509.NewCertPool() },
			mail.Result{mail.FailedTemporary, mail.ReasonTLS, "certificate"},
		},
		{
			"certificate of nobody we trust, implicit",
			mailtest.Options{Security: mailtest.TLS},
			func(c *mail.Config) { c.RootCAs, c.Security = x509.NewCertPool(), mail.TLS },
			mail.Result{mail.FailedTemporary, mail.ReasonTLS, "certificate"},
		},
		{
			"server without STARTTLS",
			mailtest.Options{Security: mailtest.Clear},
			nil,
			mail.Result{mail.FailedTemporary, mail.ReasonTLS, "STARTTLS"},
		},
		{
			"TLS to a server in clear",
			mailtest.Options{Security: mailtest.Clear},
			func(c *mail.Config) { c.Security = mail.TLS },
			mail.Result{mail.FailedTemporary, mail.ReasonTLS, "TLS"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := mailtest.Start(t, c.server)
			cfg := configFor(server)
			if c.change != nil {
				c.change(&cfg)
			}
			expect(t, cfg, c.want)
			if got := server.Messages(); len(got) != 0 {
				t.Errorf("%d messages arrived", len(got))
			}
		})
	}
}

func TestServerSaysNo(t *testing.T) {
	const marie = "marie@exemple.org"
	cases := []struct {
		name string
		make func(*mailtest.Server)
		want mail.Result
	}{
		{
			"mailbox busy", func(s *mailtest.Server) { s.RefuseRecipient(marie, 451, "try later") },
			mail.Result{mail.FailedTemporary, mail.ReasonRefused, "451 4.0.0 try later"},
		},
		{
			"no such mailbox", func(s *mailtest.Server) { s.RefuseRecipient(marie, 550, "no such user") },
			mail.Result{mail.FailedPermanent, mail.ReasonRefused, "550 5.0.0 no such user"},
		},
		{
			"content held back", func(s *mailtest.Server) { s.RefuseContent(451, "greylisted") },
			mail.Result{mail.FailedTemporary, mail.ReasonRefused, "greylisted"},
		},
		{
			"content refused", func(s *mailtest.Server) { s.RefuseContent(554, "looks like spam") },
			mail.Result{mail.FailedPermanent, mail.ReasonRefused, "looks like spam"},
		},
		{
			"sender refused", func(s *mailtest.Server) { s.RefuseSender(553, "not your address") },
			mail.Result{mail.FailedTemporary, mail.ReasonRefused, "not your address"},
		},
		{
			"sender must sign in", func(s *mailtest.Server) { s.RefuseSender(530, "authentication required") },
			mail.Result{mail.FailedTemporary, mail.ReasonAuth, "authentication required"},
		},
		{
			"talks too much", func(s *mailtest.Server) { s.RefuseContent(554, strings.Repeat("no ", 100)) },
			mail.Result{mail.FailedPermanent, mail.ReasonRefused, "…"},
		},
		{
			"repeats the password", func(s *mailtest.Server) { s.RefuseContent(554, "you said "+secret) },
			mail.Result{mail.FailedPermanent, mail.ReasonRefused, "you said ***"},
		},
		{
			"closes in the middle", func(s *mailtest.Server) { s.DropDuringData(true) },
			mail.Result{mail.FailedTemporary, mail.ReasonBroken, ""},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Options{Username: user, Password: secret})
			c.make(server)
			expect(t, signedIn(configFor(server)), c.want)
			if got := server.Messages(); len(got) != 0 {
				t.Errorf("%d messages arrived", len(got))
			}
		})
	}
}

func TestOneRefusedRecipientDoesNotStopTheOthers(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	server.RefuseRecipient("paul@exemple.org", 550, "no such user")
	s := mail.New(configFor(server))
	var got []mail.Outcome
	for _, to := range []string{"marie@exemple.org", "paul@exemple.org", "zoe@exemple.org"} {
		m := digest()
		m.To = to
		got = append(got, s.Send(t.Context(), m).Outcome)
	}
	if diff := cmp.Diff([]mail.Outcome{mail.Sent, mail.FailedPermanent, mail.Sent}, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestRecoversAfterAFailure(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	cfg := configFor(server)
	server.RefuseContent(451, "try later")
	expect(t, cfg, mail.Result{mail.FailedTemporary, mail.ReasonRefused, "451"})
	server.RefuseContent(0, "")
	expect(t, cfg, mail.Result{Outcome: mail.Sent})
}

func TestDeadServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, mail.Config{Host: "127.0.0.1", Port: port, From: sender},
		mail.Result{mail.FailedTemporary, mail.ReasonUnreachable, "refused"})
}

// silent accepts connections and never says a word, until the test ends.
func silent(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port // the kernel completes the handshake: nobody needs to accept
}

func TestSlowServerIsBounded(t *testing.T) {
	want := mail.Result{mail.FailedTemporary, mail.ReasonTimeout, "gave up"}
	t.Run("no greeting, by the settings", func(t *testing.T) {
		expect(t, mail.Config{Host: "127.0.0.1", Port: silent(t), From: sender, Timeout: 50 * time.Millisecond}, want)
	})
	t.Run("no TLS answer, by the settings", func(t *testing.T) {
		expect(t, mail.Config{
			Host: "127.0.0.1", Port: silent(t), From: sender, Security: mail.TLS,
			Timeout: 50 * time.Millisecond,
		}, want)
	})
	t.Run("no answer to the content, by the caller", func(t *testing.T) {
		server := mailtest.Start(t, mailtest.Options{})
		server.StallDuringData(true)
		cfg := configFor(server)
		cfg.Timeout = time.Hour // only the caller ends it
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		got := mail.New(cfg).Send(ctx, digest())
		if got.Outcome != want.Outcome || got.Reason != want.Reason {
			t.Errorf("Send = %+v, want %+v", got, want)
		}
	})
	t.Run("caller gave up before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		server := mailtest.Start(t, mailtest.Options{})
		got := mail.New(configFor(server)).Send(ctx, digest())
		if got.Outcome != want.Outcome || got.Reason != want.Reason || len(server.Messages()) != 0 {
			t.Errorf("Send = %+v, want %+v", got, want)
		}
	})
}

// A message that cannot be written never reaches the server, and trying again would not help.
func TestMessageThatCannotBeWritten(t *testing.T) {
	server := mailtest.Start(t, mailtest.Options{})
	m := digest()
	m.To = "marie@exemple.org\r\nRCPT TO:<thief@exemple.org>"
	got := mail.New(configFor(server)).Send(t.Context(), m)
	if got.Outcome != mail.FailedPermanent || got.Reason != mail.ReasonMessage || len(server.Messages()) != 0 {
		t.Errorf("Send = %+v", got)
	}
}

// Package mail sends the organisation's messages over SMTP and says what became of each: sent, failed, or not configured.
package mail

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// Ways to protect the conversation with the server.
const (
	StartTLS = "starttls" // begins in clear, must switch to TLS before anything else is said (port 587)
	TLS      = "tls"      // TLS from the first byte (port 465)
	Clear    = "none"     // never TLS, hence never a password (port 25, a relay on the same machine)
)

// DefaultTimeout bounds one message, from the name look-up to the server's last answer.
const DefaultTimeout = 30 * time.Second

// Config says through which server, and in whose name, messages leave. The zero Config is "not configured".
type Config struct {
	Host     string
	Port     int    // 0 is the usual port of Security
	Security string // StartTLS, TLS or Clear; "" is StartTLS
	Username string // "" sends without signing in
	Password string
	From     string // an address, with or without a name: "Enveloppe <enveloppe@exemple.org>"
	ReplyTo  string // where answers go; "" is From
	Timeout  time.Duration
	RootCAs  *x509.CertPool // authorities to trust; nil is the system's
}

// Problem is one setting that cannot work: which field of Config, and why in a few English words.
type Problem struct {
	Field  string
	Reason string
}

func (p Problem) String() string { return p.Field + ": " + p.Reason }

// Configured tells whether somebody meant messages to leave: a server and a sender are given. It does not say that
// the settings are right; Problems does.
func (c Config) Configured() bool { return c.Host != "" && c.From != "" }

// Problems lists everything wrong at once, nil when the settings can work. A Config left empty has no problem.
func (c Config) Problems() []Problem {
	if c.Host == "" && c.From == "" && c.Username == "" && c.Password == "" {
		return nil
	}
	var found []Problem
	add := func(wrong bool, field, reason string) {
		if wrong {
			found = append(found, Problem{field, reason})
		}
	}
	add(c.Host == "", "Host", "no mail server is given")
	add(!bareHost(c.Host), "Host", "must be a bare host name, without scheme, port or space")
	add(c.Port < 0 || c.Port > 65535, "Port", "must be between 1 and 65535")
	security := c.security()
	add(security != StartTLS && security != TLS && security != Clear, "Security", `must be "starttls", "tls" or "none"`)
	add(c.From == "", "From", "no sender address is given")
	_, err := parseAddress(c.From)
	add(c.From != "" && err != nil, "From", "is not an e-mail address")
	_, err = parseAddress(c.ReplyTo)
	add(c.ReplyTo != "" && err != nil, "ReplyTo", "is not an e-mail address")
	add(c.Username == "" && c.Password != "", "Username", "a password is given without a user name")
	add(c.Username != "" && c.Password == "", "Password", "a user name is given without a password")
	add(c.Username != "" && security == Clear, "Security", "a password is never sent without encryption")
	add(c.Timeout < 0, "Timeout", "must not be negative")
	return found
}

// bareHost lets IPv6 addresses through, which hold several colons; a single one is a port that strayed.
func bareHost(host string) bool {
	return strings.Count(host, ":") != 1 && !strings.ContainsFunc(host, func(r rune) bool {
		return r <= ' ' || r == '/' || r == '@' || r == '[' || r == 0x7f
	})
}

func (c Config) security() string { return cmp.Or(c.Security, StartTLS) }

func (c Config) port() int {
	usual := map[string]int{StartTLS: 587, TLS: 465, Clear: 25}
	return cmp.Or(c.Port, usual[c.security()])
}

func (c Config) timeout() time.Duration { return cmp.Or(c.Timeout, DefaultTimeout) }

// parseAddress reads one address, with or without a name. The domain comes back in ASCII, because a server without
// SMTPUTF8 refuses any other.
func parseAddress(s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(a.Address[at+1:])
	if err != nil {
		return nil, fmt.Errorf("read domain of address: %w", err)
	}
	a.Name = oneLine(a.Name)
	a.Address = a.Address[:at+1] + domain
	// A quoted local part may hold a line break or other control characters; no real mailbox does.
	if oneLine(a.Address) != a.Address {
		return nil, fmt.Errorf("read address: control character")
	}
	return a, nil
}

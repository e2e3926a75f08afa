package app

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"enveloppe/app/mail"
	"enveloppe/app/openid"
	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
)

// Config is what the program is told at its start.
type Config struct {
	DB      string
	Addr    string // host:port to listen on
	Base    *url.URL
	Lang    models.Lang // empty: each person's own
	Today   cal.Date    // zero: the real day
	Verbose bool
	Mail    mail.Config
	Proxies []netip.Prefix
	// Rates is the folder reference rates are fetched from; nil: they are not.
	Rates *url.URL
	// Internal are the hosts the program may ask although they are internal, and without TLS.
	Internal []outbound.Host
	// OIDC is the provider people sign in by; empty for none.
	OIDC openid.Options
}

// Settings are the settings by name as they were given; a flag comes before its variable.
type Settings struct {
	DB, Addr, Base, Lang, Today string
	Verbose                     bool
	Getenv                      func(string) string
}

// Defaults of the settings.
const (
	DefaultDB   = "enveloppe.db"
	DefaultAddr = "localhost:8080"
)

// Faults is all that is wrong with the settings, a sentence each, by name.
type Faults []string

func (f Faults) Error() string { return strings.Join(f, "\n") }

// err is nil when nothing is wrong.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Read turns settings into a configuration. Everything wrong is said together.
func (s Settings) Read() (Config, error) {
	var faults Faults
	fault := func(name, format string, args ...any) {
		faults = append(faults, name+": "+fmt.Sprintf(format, args...))
	}
	env := func(name string) string { return strings.TrimSpace(s.Getenv("ENVELOPPE_" + name)) }
	c := Config{DB: cmp.Or(s.DB, env("DB"), DefaultDB), Addr: cmp.Or(s.Addr, env("ADDR"), DefaultAddr), Verbose: s.Verbose}
	if strings.Contains(c.DB, "://") {
		fault("--db (ENVELOPPE_DB)", "give the path of a file; databases on a server are not supported yet")
	}
	if strings.ContainsAny(c.DB, "?#\x00") {
		fault("--db (ENVELOPPE_DB)", "a path with ?, # or a zero byte cannot be opened; give another one")
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil || !isPort(port, 0) {
		fault("--addr (ENVELOPPE_ADDR)", "%q is not host:port; write for example localhost:8080", c.Addr)
	}
	c.Base = s.readBase(cmp.Or(s.Base, env("BASE_URL")), c.Addr, fault)
	switch lang := models.Lang(strings.ToLower(cmp.Or(s.Lang, env("LANG")))); lang {
	case "", models.French, models.English:
		c.Lang = lang
	default:
		fault("--lang (ENVELOPPE_LANG)", "%q is not a language here; write fr or en", lang)
	}
	if text := cmp.Or(s.Today, env("TODAY")); text != "" {
		if c.Today, err = cal.Parse(text); err != nil {
			fault("--today (ENVELOPPE_TODAY)", "%q is not a day; write for example 2026-12-01", text)
		}
	}
	for _, text := range strings.FieldsFunc(env("PROXIES"), func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(text)
		if a, bad := netip.ParseAddr(text); bad == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			fault("ENVELOPPE_PROXIES", "%q is not an address or a network; write for example 10.0.0.0/8", text)
			continue
		}
		c.Proxies = append(c.Proxies, p)
	}
	c.Mail = readMail(env, fault)
	c.Internal = readInternal(env("OUTBOUND_HOSTS"), fault)
	c.OIDC = readOIDC(env, c.Internal, fault)
	c.Rates = readRates(cmp.Or(env("RATES_URL"), eurofxref.Folder), c.Internal, fault)
	return c, faults.err()
}

// readBase is the address people type: given, or the one listened on.
func (s Settings) readBase(text, addr string, fault func(string, string, ...any)) *url.URL {
	if text == "" {
		host, port, _ := net.SplitHostPort(addr)
		if host == "" || host == "0.0.0.0" || host == "::" {
			host = "localhost"
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	}
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		fault("ENVELOPPE_BASE_URL", "%q is not the address of a site; write for example https://enveloppe.example.org", text)
		return nil
	}
	return u
}

// readInternal are the internal hosts the operator allows.
func readInternal(text string, fault func(string, string, ...any)) []outbound.Host {
	var hosts []outbound.Host
	for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		h, err := outbound.ParseHost(name)
		if err != nil {
			fault("ENVELOPPE_OUTBOUND_HOSTS", "%q is not the name or address of a machine; write for example rates.lan or 10.0.0.5:8080", name)
			continue
		}
		hosts = append(hosts, h)
	}
	return hosts
}

// readRates is the folder the rates are in; none when they are not to be fetched.
func readRates(text string, internal []outbound.Host, fault func(string, string, ...any)) *url.URL {
	if strings.EqualFold(text, "off") {
		return nil
	}
	u, err := url.Parse(text)
	if err == nil && u.User != nil { // a password is not repeated
		fault("ENVELOPPE_RATES_URL", "a name or password has no place in the address; write for example %s, or off", eurofxref.Folder)
		return nil
	}
	if err != nil || u.RawQuery != "" || u.Fragment != "" {
		fault("ENVELOPPE_RATES_URL", "%q is not the address of a folder; write for example %s, or off", text, eurofxref.Folder)
		return nil
	}
	refused, _ := errors.AsType[*outbound.Error](outbound.New(outbound.Options{Allow: internal}).Check(text))
	switch {
	case refused == nil:
		return u
	case refused.Reason == outbound.NotSecure || refused.Reason == outbound.Internal:
		fault("ENVELOPPE_RATES_URL", "%q is internal or without TLS; write https://…, or name the host in ENVELOPPE_OUTBOUND_HOSTS", text)
	default:
		fault("ENVELOPPE_RATES_URL", "%q is not the address of a folder; write for example %s, or off", text, eurofxref.Folder)
	}
	return nil
}

func readMail(env func(string) string, fault func(string, string, ...any)) mail.Config {
	m := mail.Config{
		Host: env("SMTP_HOST"), Security: strings.ToLower(env("SMTP_SECURITY")), Username: env("SMTP_USER"), Password: env("SMTP_PASSWORD"),
		From: env("SMTP_FROM"), ReplyTo: env("SMTP_REPLY_TO"),
	}
	if port := env("SMTP_PORT"); port != "" {
		if !isPort(port, 1) {
			fault("ENVELOPPE_SMTP_PORT", "%q is not a port; write a number from 1 to 65535, often 587 or 465", port)
		}
		m.Port, _ = strconv.Atoi(port)
	}
	names := map[string]string{
		"Host": "SMTP_HOST", "Port": "SMTP_PORT", "Security": "SMTP_SECURITY", "Username": "SMTP_USER", "Password": "SMTP_PASSWORD",
		"From": "SMTP_FROM", "ReplyTo": "SMTP_REPLY_TO",
	}
	for _, p := range m.Problems() {
		fault("ENVELOPPE_"+cmp.Or(names[p.Field], "SMTP_"+strings.ToUpper(p.Field)), "%s", p.Reason)
	}
	return m
}

func isPort(s string, least int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= least && n <= 65535
}

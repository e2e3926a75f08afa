package models

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ChannelKind is what stands at the other end of a channel, and so the shape of what is sent there.
type ChannelKind string

// The kinds of channel.
const (
	ChannelWebhook    ChannelKind = "webhook" // any program, signed as Standard Webhooks
	ChannelSlack      ChannelKind = "slack"
	ChannelMattermost ChannelKind = "mattermost"
	ChannelDiscord    ChannelKind = "discord"
	ChannelTeams      ChannelKind = "teams"
	ChannelNtfy       ChannelKind = "ntfy"
	ChannelGotify     ChannelKind = "gotify"
	ChannelTelegram   ChannelKind = "telegram"
)

// ChannelKinds are all of them, in the order they are offered.
var ChannelKinds = []ChannelKind{
	ChannelSlack, ChannelMattermost, ChannelTeams, ChannelDiscord, ChannelTelegram, ChannelNtfy, ChannelGotify, ChannelWebhook,
}

// TelegramAddress is where Telegram's own server of bots answers.
const TelegramAddress = "https://api.telegram.org"

// SecretUse is whether a kind of channel needs a secret beside its address.
type SecretUse int

// The uses of a secret.
const (
	SecretNone     SecretUse = iota // the address is the secret
	SecretOptional                  // a server may ask for one
	SecretNeeded
)

// Secret is whether the kind needs a secret beside its address: a key, or a token.
func (k ChannelKind) Secret() SecretUse {
	switch k {
	case ChannelWebhook, ChannelGotify, ChannelTelegram:
		return SecretNeeded
	case ChannelNtfy:
		return SecretOptional
	case ChannelSlack, ChannelMattermost, ChannelDiscord, ChannelTeams:
	}
	return SecretNone
}

// Targeted tells whether the kind needs to be told to whom, beside the address.
func (k ChannelKind) Targeted() bool { return k == ChannelTelegram }

// Secret is a text that leaves the store for sending only. However it is printed, logged or encoded, it does not show:
// Reveal alone does.
type Secret string

// dots stand for any secret, and do not tell how long it is.
const dots = "••••"

// Reveal is the secret itself, for the request that carries it and for nothing else.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret; of none it is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return dots
}

// GoString hides it from %#v.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText hides it from JSON, and from logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// leastShown is how long a secret must be for its last four characters to be shown: the rest stays too long to guess.
const leastShown = 16

// End is the last four characters, by which somebody who has the secret knows it again; empty for a short one.
func (s Secret) End() string {
	if r := []rune(string(s)); len(r) >= leastShown {
		return string(r[len(r)-4:])
	}
	return ""
}

// Channel is a place of the organisation that messages go to, beside people's e-mail.
type Channel struct {
	ID      ID
	Version int64
	Name    string
	Kind    ChannelKind
	// Host is the machine it leads to, with its port if it names one. With AddressEnd and SecretEnd it is all that the
	// register knows of the address and the secret.
	Host                  string
	AddressEnd, SecretEnd string
	KeyedAt               time.Time // when the address and the secret were last set
	// Address and Secret are what a message is sent with. They are empty in the facts: Store.OpenChannel gives them.
	Address, Secret Secret
	Target          string // chat of a Telegram bot; empty for the other kinds
	Lang            Lang
	Amounts         bool  // its readers may read amounts
	Digest          bool  // gets the monthly digest, as a short summary
	Leads           Leads // its own lead times of reminders
	Paused          bool
	AddedBy         ID
}

// maxSecret is more than any address or secret takes.
const maxSecret = 2000

// Tidy is the channel as it is kept: what its kind does not use is dropped, a Telegram bot has its address, a pasted
// address lost its blanks.
func (c Channel) Tidy() Channel {
	c.Leads = c.Leads.Tidy()
	c.Name, c.Target = strings.TrimSpace(c.Name), strings.TrimSpace(c.Target)
	c.Address, c.Secret = Secret(strings.TrimSpace(string(c.Address))), Secret(strings.TrimSpace(string(c.Secret)))
	if c.Kind == ChannelTelegram && c.Address == "" {
		c.Address = TelegramAddress
	}
	if c.Kind.Secret() == SecretNone {
		c.Secret = ""
	}
	if !c.Kind.Targeted() {
		c.Target = ""
	}
	return c
}

// Masked is the channel as the register knows it: host and ends in the place of address and secret.
func (c Channel) Masked() Channel {
	c.Host, c.AddressEnd, c.SecretEnd = "", "", c.Secret.End()
	if u, err := url.Parse(string(c.Address)); err == nil {
		// The host is no secret: only what comes after it counts.
		c.Host, c.AddressEnd = strings.ToLower(u.Host), Secret(strings.Trim(u.RequestURI(), "/")).End()
	}
	c.Address, c.Secret = "", ""
	return c
}

// Check says what is wrong with the channel as typed, with its address and secret, as Tidy leaves it.
func (c Channel) Check() Invalid {
	v := c.CheckSettings()
	if !slices.Contains(ChannelKinds, c.Kind) {
		return v
	}
	c.checkAddress(&v)
	c.checkSecret(&v)
	return v
}

// CheckSettings says what is wrong with all but the address and the secret.
func (c Channel) CheckSettings() Invalid {
	var v Invalid
	checkName(&v, "name", c.Name)
	if !slices.Contains(ChannelKinds, c.Kind) {
		v.Add("kind", "choose")
	}
	if c.Lang != French && c.Lang != English {
		v.Add("lang", "choose")
	}
	if c.Kind.Targeted() {
		switch {
		case c.Target == "":
			v.Add("target", "required")
		case !isChat(c.Target):
			v.Add("target", "channel.chat")
		}
	}
	return append(v, c.Leads.Check()...)
}

func (c Channel) checkAddress(v *Invalid) {
	const field = "secret_address"
	address := string(c.Address)
	if address == "" {
		v.Add(field, "required")
		return
	}
	u, err := url.Parse(address)
	switch {
	case len(address) > maxSecret:
		v.Add(field, "too_long", "max", maxSecret)
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || !isText(address, false) || strings.ContainsAny(address, " \t"):
		v.Add(field, "channel.address")
	case u.User != nil:
		v.Add(field, "channel.user")
	case u.Fragment != "":
		v.Add(field, "channel.address")
	case c.Kind == ChannelNtfy && !isTopic(u):
		v.Add(field, "channel.topic")
	case (c.Kind == ChannelGotify || c.Kind == ChannelTelegram) && u.RawQuery != "":
		v.Add(field, "channel.server")
	case c.Kind != ChannelNtfy && c.Kind != ChannelGotify && c.Kind != ChannelTelegram && c.Kind != ChannelWebhook && strings.Trim(u.Path, "/") == "":
		v.Add(field, "channel.hook")
	}
}

// isTopic tells whether an address ends in the name of a topic, as ntfy allows them.
func isTopic(u *url.URL) bool {
	topic := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	return u.RawQuery == "" && topic != "" && len(topic) <= 64 && strings.Trim(topic, letters+digits+"-_") == ""
}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// isChat tells whether a text names a chat of Telegram: its number, or the public name of a channel.
func isChat(s string) bool {
	if name, ok := strings.CutPrefix(s, "@"); ok {
		return len(name) >= 4 && len(name) <= 64 && strings.Trim(name, letters+digits+"_") == ""
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return err == nil && n != 0
}

func (c Channel) checkSecret(v *Invalid) {
	const field = "secret"
	secret := string(c.Secret)
	switch use := c.Kind.Secret(); {
	case secret == "" && use == SecretNeeded:
		v.Add(field, "required")
	case secret == "":
	case len(secret) > maxSecret:
		v.Add(field, "too_long", "max", maxSecret)
	case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		v.Add(field, "channel.secret")
	case c.Kind == ChannelWebhook:
		if _, ok := WebhookKey(c.Secret); !ok {
			v.Add(field, "channel.key")
		}
	case c.Kind == ChannelTelegram:
		number, rest, ok := strings.Cut(secret, ":")
		if !ok || number == "" || strings.Trim(number, digits) != "" || len(rest) < 20 || strings.Trim(rest, letters+digits+"-_") != "" {
			v.Add(field, "channel.bot")
		}
	}
}

// Sizes of a key that signs, by the specification of Standard Webhooks.
const (
	leastKey = 24
	mostKey  = 64
	keyMark  = "whsec_"
)

// WebhookKey are the bytes that sign, of a key as it is written: "whsec_" and 24 to 64 bytes in base64.
func WebhookKey(written Secret) ([]byte, bool) {
	text, ok := strings.CutPrefix(string(written), keyMark)
	if !ok {
		return nil, false
	}
	key, err := base64.StdEncoding.DecodeString(text)
	return key, err == nil && len(key) >= leastKey && len(key) <= mostKey
}

// NewWebhookKey writes the bytes of a key down.
func NewWebhookKey(key []byte) Secret {
	return Secret(keyMark + base64.StdEncoding.EncodeToString(key))
}

// Channel finds a channel of the organisation.
func (r *Register) Channel(id ID) (Channel, bool) {
	for _, c := range r.Channels {
		if c.ID == id {
			return c, true
		}
	}
	return Channel{}, false
}

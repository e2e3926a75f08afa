package models_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models"
)

const goodKey = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func TestWhatAChannelNeeds(t *testing.T) {
	good := func(kind models.ChannelKind) models.Channel {
		c := models.Channel{Name: "Salon", Kind: kind, Lang: models.French, Address: "https://chat.example.org/hooks/abc"}
		switch kind {
		case models.ChannelWebhook:
			c.Secret = goodKey
		case models.ChannelGotify:
			c.Secret = "AbCdEf"
		case models.ChannelTelegram:
			c.Address, c.Secret, c.Target = "", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "-1001234567890"
		case models.ChannelSlack, models.ChannelMattermost, models.ChannelDiscord, models.ChannelTeams, models.ChannelNtfy:
		}
		return c
	}
	for _, kind := range models.ChannelKinds {
		if bad := good(kind).Tidy().Check(); len(bad) > 0 {
			t.Errorf("a good %s: %v", kind, bad)
		}
	}
	type c = models.Channel
	for _, x := range []struct {
		kind   models.ChannelKind
		change func(*c)
		want   string // field and rule
	}{
		{models.ChannelSlack, func(c *c) { c.Name = " \u200b" }, "name required"},
		{models.ChannelSlack, func(c *c) { c.Name = strings.Repeat("é", 121) }, "name too_long"},
		{models.ChannelSlack, func(c *c) { c.Kind = "fax" }, "kind choose"},
		{models.ChannelSlack, func(c *c) { c.Lang = "" }, "lang choose"},
		{models.ChannelSlack, func(c *c) { c.Leads = models.Leads{models.RemindDecideBy: {366}} }, "leads.decide_by number.range"},
		{models.ChannelSlack, func(c *c) { c.Address = "" }, "secret_address required"},
		{models.ChannelSlack, func(c *c) { c.Address = "chat.example.org/x" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "file:///etc/passwd" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "https:///x" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "https://a b/x" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "https://a/x\x00" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "https://a/x#y" }, "secret_address channel.address"},
		{models.ChannelSlack, func(c *c) { c.Address = "https://a:b@c/x" }, "secret_address channel.user"},
		{models.ChannelTeams, func(c *c) { c.Address = "https://a.example//" }, "secret_address channel.hook"},
		{models.ChannelSlack, func(c *c) { c.Address = models.Secret("https://a/" + strings.Repeat("x", 2000)) }, "secret_address too_long"},
		{models.ChannelNtfy, func(c *c) { c.Address = "https://ntfy.sh" }, "secret_address channel.topic"},
		{models.ChannelNtfy, func(c *c) { c.Address = "https://ntfy.sh/é" }, "secret_address channel.topic"},
		{models.ChannelNtfy, func(c *c) { c.Address = models.Secret("https://ntfy.sh/" + strings.Repeat("x", 65)) }, "secret_address channel.topic"},
		{models.ChannelNtfy, func(c *c) { c.Address = "https://ntfy.sh/topic?auth=x" }, "secret_address channel.topic"},
		{models.ChannelNtfy, func(c *c) { c.Secret = "a b" }, "secret channel.secret"},
		{models.ChannelGotify, func(c *c) { c.Secret = "" }, "secret required"},
		{models.ChannelGotify, func(c *c) { c.Secret = "x\r\nX-Other: y" }, "secret channel.secret"},
		{models.ChannelGotify, func(c *c) { c.Address = "https://gotify.example.org/?token=x" }, "secret_address channel.server"},
		{models.ChannelWebhook, func(c *c) { c.Secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }, "secret channel.key"},
		{models.ChannelWebhook, func(c *c) { c.Secret = models.NewWebhookKey(make([]byte, 23)) }, "secret channel.key"},
		{models.ChannelWebhook, func(c *c) { c.Secret = models.NewWebhookKey(make([]byte, 65)) }, "secret channel.key"},
		{models.ChannelTelegram, func(c *c) { c.Target = "" }, "target required"},
		{models.ChannelTelegram, func(c *c) { c.Target = "0" }, "target channel.chat"},
		{models.ChannelTelegram, func(c *c) { c.Target = "@a b" }, "target channel.chat"},
		{models.ChannelTelegram, func(c *c) { c.Secret = "110201543" }, "secret channel.bot"},
		{models.ChannelTelegram, func(c *c) { c.Secret = "110201543:../../../../../../../x" }, "secret channel.bot"},
	} {
		ch := good(x.kind)
		x.change(&ch)
		bad := ch.Tidy().Check()
		if len(bad) != 1 || bad[0].Field+" "+bad[0].Rule != x.want {
			t.Errorf("%s: %v, want %s", x.kind, bad, x.want)
		}
	}
}

// Whatever a channel is sent with, what the register knows of it holds four characters of each at the most, and of a
// short one none.
func TestAMaskShowsHostAndEndAlone(t *testing.T) {
	for _, c := range []struct {
		kind                  models.ChannelKind
		address, secret       models.Secret
		host, addressEnd, end string
	}{
		{models.ChannelSlack, "https://hooks.slack.com/services/T0/B0/abcdefghijkl", "", "hooks.slack.com", "ijkl", ""},
		{models.ChannelNtfy, "https://ntfy.sh/short", "tk_short", "ntfy.sh", "", ""},
		{models.ChannelGotify, "https://Gotify.Example.org:8443", "AbCdEfGhIjKlMnOp", "gotify.example.org:8443", "", "MnOp"},
		{models.ChannelWebhook, "https://example.org/?token=abcdefghijkl", goodKey, "example.org", "ijkl", "LaSw"},
		{models.ChannelTelegram, models.TelegramAddress, "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "api.telegram.org", "", "Dsaw"},
	} {
		m := models.Channel{Kind: c.kind, Address: c.address, Secret: c.secret}.Masked()
		if m.Host != c.host || m.AddressEnd != c.addressEnd || m.SecretEnd != c.end || m.Address != "" || m.Secret != "" {
			t.Errorf("%s is shown as %#v", c.kind, m)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		path, secret := rapid.StringMatching(`[a-z0-9]{1,40}`).Draw(t, "path"), rapid.StringMatching(`[A-Z]{1,40}`).Draw(t, "secret")
		m := models.Channel{Kind: models.ChannelNtfy, Address: models.Secret("https://ntfy.sh/" + path), Secret: models.Secret(secret)}.Masked()
		shown := m.AddressEnd + m.SecretEnd
		if len(shown) > 8 || len(m.AddressEnd)*4 > len(path) || len(m.SecretEnd)*4 > len(secret) {
			t.Fatalf("%q and %q are shown as %q", path, secret, shown)
		}
	})
}

func TestASecretDoesNotShow(t *testing.T) {
	const text = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
	c := models.Channel{Address: text, Secret: text}
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", c.Secret, "channel", c)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", c.Secret, "channel", c)
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{
		fmt.Sprint(c, c.Secret), fmt.Sprintf("%v %+v %#v", c, c, c), fmt.Sprintf("%#v %x %X %s %q", c.Secret, c.Secret, c.Secret, c.Secret, c.Secret), logged.String(), string(encoded),
		models.Invalid{{Field: "secret", Rule: "x", Args: []any{"a", c.Secret}}}.Error(),
	} {
		if strings.Contains(said, "AgQdq") || strings.Contains(strings.ToLower(said), fmt.Sprintf("%x", "AgQdq")) {
			t.Errorf("it shows in %s", said)
		}
	}
	if models.Secret(text).Reveal() != text || models.Secret("").String() != "" {
		t.Error("it is not what it was")
	}
}

func TestWebhookKeysAreReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(t, "key")
		got, ok := models.WebhookKey(models.NewWebhookKey(key))
		if ok != (len(key) >= 24 && len(key) <= 64) || ok && !slices.Equal(got, key) {
			t.Fatalf("%d bytes: %t, %x", len(key), ok, got)
		}
	})
}

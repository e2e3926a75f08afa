package notify_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"enveloppe/app/notify"
	"enveloppe/models"
)

var update = flag.Bool("update", false, "write the golden files anew")

var written = time.Date(2026, time.November, 23, 7, 30, 0, 0, time.UTC)

func reminder() notify.Note {
	return notify.Note{
		ID: "decide_by.2026-12-12/30.5f2c", Kind: "decide_by", Title: "MindMeister : à décider avant le 12 décembre",
		Body: "Sans réponse, l’abonnement se renouvelle le 11 janvier 2027, pour 58,80 €.\nQui : Claire & <Paul>, @channel, *ici* [lien](https://evil.example).",
		Link: "https://enveloppe.example.org/services/7?a=1&b=2#decide", Lang: models.French, At: written, Now: written.Add(time.Hour),
		Data: map[string]any{"day": "2026-12-12", "amount": "58.80", "currency": "EUR"},
	}
}

// Every kind gets what its documentation asks for, byte by byte as in the golden files, and is sent once.
func TestEachKindGetsItsShape(t *testing.T) {
	if len(receivers) != len(models.ChannelKinds) {
		t.Fatalf("%d receivers for %d kinds", len(receivers), len(models.ChannelKinds))
	}
	for _, kind := range models.ChannelKinds {
		t.Run(string(kind), func(t *testing.T) {
			s, sender, got := serve(t, kind)
			ch := channel(kind, s.URL)
			r := sender.Send(t.Context(), ch, reminder())
			if r.Fate != notify.Sent || r.Status < 200 || r.Status > 299 || r.Reason != "" || r.Host != ch.Host || len(*got) != 1 {
				t.Fatalf("result %+v, %d requests", r, len(*got))
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, (*got)[0].body, "", "  "); err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("POST %s\n", (*got)[0].path)
			for _, name := range []string{"Content-Type", "Authorization", "X-Gotify-Key", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
				if value := (*got)[0].header.Get(name); value != "" {
					text += fmt.Sprintf("%s: %s\n", name, value)
				}
			}
			golden(t, string(kind)+".txt", text+"\n"+pretty.String()+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it anew):\n%s", name, diff)
	}
}

// Whatever stands in a note, each kind gets something it takes: no limit is passed, no field is empty that may not be.
func TestAnyNoteIsTakenByEveryKind(t *testing.T) {
	text := rapid.OneOf(
		rapid.String(), rapid.StringN(0, 6000, -1), rapid.Just(""), rapid.Just("\n\n"), rapid.Just("\u0000\u202e\x7f"),
		rapid.Just(strings.Repeat("*_@", 3000)), rapid.Just(strings.Repeat("😀", 5000)), rapid.Just(strings.Repeat("a\n", 4000)), rapid.Just("\xff\xfe"),
	)
	link := rapid.SampledFrom([]string{"", "https://enveloppe.example.org/services/7", "http://localhost:8080/x?a=<b>|c", "https://10.0.0.1/"})
	for _, kind := range models.ChannelKinds {
		s, sender, _ := serve(t, kind)
		rapid.Check(t, func(rt *rapid.T) {
			n := notify.Note{ID: "id." + rapid.StringN(0, 60, 200).Draw(rt, "id"), Kind: "renewal", Title: text.Draw(rt, "title"), Body: text.Draw(rt, "body"), Link: link.Draw(rt, "link"), Lang: models.English, At: written}
			if r := sender.Send(t.Context(), channel(kind, s.URL), n); r.Fate != notify.Sent {
				rt.Fatalf("%s: %+v", kind, r)
			}
		})
	}
}

func TestAWebhookIsSignedAsTheSpecificationSays(t *testing.T) {
	s, sender, got := serve(t, models.ChannelWebhook)
	n := reminder()
	for range 2 {
		if r := sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), n); r.Fate != notify.Sent {
			t.Fatalf("%+v", r)
		}
	}
	w, err := webhooks.NewWebhook(webhookKey)
	if err != nil {
		t.Fatal(err)
	}
	one, two := (*got)[0], (*got)[1]
	if err := w.VerifyIgnoringTimestamp(one.body, one.header); err != nil {
		t.Errorf("the verifier refuses it: %v", err)
	}
	if got := one.header.Get("Webhook-Timestamp"); got != strconv.FormatInt(n.Now.Unix(), 10) {
		t.Errorf("signed at %s: receivers refuse what is not of the attempt's own minutes", got)
	}
	if one.header.Get("Webhook-Id") != two.header.Get("Webhook-Id") || !bytes.Equal(one.body, two.body) {
		t.Error("a second attempt is another message")
	}
	forged := bytes.Replace(one.body, []byte("58.80"), []byte("0.00"), 1)
	if bytes.Equal(forged, one.body) || w.VerifyIgnoringTimestamp(forged, one.header) == nil {
		t.Error("the verifier takes a changed body")
	}
	other, err := webhooks.NewWebhook("whsec_" + strings.Repeat("QUJD", 10))
	if err != nil || other.VerifyIgnoringTimestamp(one.body, one.header) == nil {
		t.Errorf("another key verifies it: %v", err)
	}
	for kind, want := range map[string]string{"digest": "digest", "test": "test", "charge_due": "reminder.charge_due"} {
		n.Kind = kind
		sender.Send(t.Context(), channel(models.ChannelWebhook, s.URL), n)
		var said struct{ Type string }
		if err := json.Unmarshal((*got)[len(*got)-1].body, &said); err != nil || said.Type != want {
			t.Errorf("a %s is of type %q, %v", kind, said.Type, err)
		}
	}
}

// Nobody is called and nothing becomes a link because a service is named so.
func TestNamesAreNoMarkup(t *testing.T) {
	n := notify.Note{ID: "x", Kind: "renewal", Title: "<!channel> @everyone", Body: "<@U1> @here *x* [a](https://b.example)", At: written}
	for kind, bad := range map[models.ChannelKind][]string{
		models.ChannelSlack:      {`"text":"<!channel`},
		models.ChannelMattermost: {"@everyone", "@here", " *x*", " [a]("},
		models.ChannelDiscord:    {`"<!channel`, `"parse":["`, " *x*", " [a]("},
		models.ChannelTeams:      {`"TextBlock"`},
		models.ChannelTelegram:   {"parse_mode", "@everyone", "@U1"},
	} {
		s, sender, got := serve(t, kind)
		sender.Send(t.Context(), channel(kind, s.URL), n)
		for _, markup := range bad {
			// Slack's blocks of plain text hold it as it stands; only its fallback is markup.
			body := string((*got)[0].body)
			if kind == models.ChannelSlack {
				body, _, _ = strings.Cut(body, `"blocks"`)
			}
			if strings.Contains(body, markup) {
				t.Errorf("%s: %q stands in %s", kind, markup, body)
			}
		}
	}
}

func TestAChannelThatCannotSendSaysSo(t *testing.T) {
	_, sender, _ := serve(t, models.ChannelSlack)
	for name, ch := range map[string]models.Channel{
		"no kind":      {Address: "https://example.org/x"},
		"no key":       {Kind: models.ChannelWebhook, Address: "https://example.org/x", Secret: "whsec_"},
		"no address":   {Kind: models.ChannelSlack},
		"no ntfy":      {Kind: models.ChannelNtfy, Address: "https://[::1"},
		"not an https": {Kind: models.ChannelSlack, Address: "ftp://example.org/x"},
	} {
		if r := sender.Send(t.Context(), ch, reminder()); r.Fate != notify.FailedForGood || r.Reason == "" || r.Detail == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for address, want := range map[models.Secret]string{
		"https://hooks.slack.com/services/x": "", "http://hooks.slack.com/x": "not_secure", "https://127.0.0.1/x": "internal", "x": "address",
	} {
		if got := sender.Check(address); string(got) != want {
			t.Errorf("%s: %q, want %q", address.Reveal(), got, want)
		}
	}
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

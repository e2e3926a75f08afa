package notify

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"enveloppe/app/outbound"
	"enveloppe/models"
)

// event is the body of a webhook, as the specification of Standard Webhooks recommends it.
type event struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      any    `json:"data"`
}

// plainData is the data of a note that has no figures.
type plainData struct {
	Title   string `json:"title"`
	Text    string `json:"text"`
	URL     string `json:"url,omitempty"`
	Lang    string `json:"lang"`
	Details any    `json:"details,omitempty"`
}

// eventType is what a webhook calls a kind of note.
func eventType(kind string) string {
	if kind == KindDigest || kind == KindTest {
		return kind
	}
	return "reminder." + kind
}

// webhook writes an event and signs it. The instant signed is the attempt's, as receivers refuse old ones; the event's
// own stays that of the note.
func webhook(ch models.Channel, n Note) (outbound.Request, error) {
	key, ok := models.WebhookKey(ch.Secret)
	if !ok {
		return outbound.Request{}, errors.New("the key that signs cannot be read; set it again")
	}
	r, err := posting(ch.Address, event{
		Type: eventType(n.Kind), Timestamp: n.At.UTC().Format(time.RFC3339),
		Data: plainData{Title: n.Title, Text: n.Body, URL: n.Link, Lang: string(n.Lang), Details: n.Data},
	})
	if err != nil {
		return r, err
	}
	sent := cmp.Or(n.Now, n.At).Unix()
	id := headerSafe(n.ID)
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(sent, 10))
	r.Header.Set("Webhook-Signature", sign(key, id, sent, r.Body))
	return r, nil
}

// sign is the signature of Standard Webhooks, version 1: HMAC-SHA256 of id, seconds and body with points between.
func sign(key []byte, id string, seconds int64, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(seconds, 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// headerSafe keeps of an ID what a header may hold, and no point, which parts it from the instant where it is signed.
func headerSafe(id string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || r == '.' {
			return '_'
		}
		return r
	}, id)
}

type ntfyMessage struct {
	Topic   string       `json:"topic"`
	Title   string       `json:"title,omitempty"`
	Message string       `json:"message"`
	Click   string       `json:"click,omitempty"`
	Actions []ntfyAction `json:"actions,omitempty"`
}

type ntfyAction struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// ntfy writes for a topic. As JSON it goes to the server's own address, with the topic inside.
func ntfy(ch models.Channel, n Note) (outbound.Request, error) {
	u, err := url.Parse(ch.Address.Reveal())
	if err != nil {
		return outbound.Request{}, errors.New("the address cannot be read")
	}
	at := strings.LastIndexByte(u.Path, '/') + 1
	m := ntfyMessage{Topic: u.Path[at:], Title: cut(n.Title, pushTitle), Message: cutBytes(cmp.Or(n.Body, n.Title), pushBody), Click: n.Link}
	if n.Link != "" {
		m.Actions = []ntfyAction{{"view", open(n), n.Link}}
	}
	u.Path = u.Path[:at]
	r, err := posting(models.Secret(u.String()), m)
	if err == nil && ch.Secret != "" {
		r.Header.Set("Authorization", "Bearer "+ch.Secret.Reveal())
	}
	return r, err
}

type gotifyMessage struct {
	Title    string         `json:"title"`
	Message  string         `json:"message"`
	Priority int            `json:"priority"`
	Extras   map[string]any `json:"extras,omitempty"`
}

// gotifyPriority makes a telephone show the message, without a sound that wakes.
const gotifyPriority = 5

// gotify writes for an application of a Gotify server.
func gotify(ch models.Channel, n Note) (outbound.Request, error) {
	m := gotifyMessage{Title: cut(n.Title, pushTitle), Message: cut(cmp.Or(n.Body, n.Title), pushBody), Priority: gotifyPriority}
	m.Extras = map[string]any{"client::display": map[string]string{"contentType": "text/plain"}}
	if n.Link != "" {
		m.Message += "\n\n" + n.Link
		m.Extras["client::notification"] = map[string]any{"click": map[string]string{"url": n.Link}}
	}
	r, err := posting(models.Secret(strings.TrimRight(ch.Address.Reveal(), "/")+"/message"), m)
	if err == nil {
		r.Header.Set("X-Gotify-Key", ch.Secret.Reveal())
	}
	return r, err
}

type telegramMessage struct {
	ChatID  string          `json:"chat_id"`
	Text    string          `json:"text"`
	Preview telegramPreview `json:"link_preview_options"`
}

type telegramPreview struct {
	Disabled bool `json:"is_disabled"`
}

// telegram writes for a bot, in plain text: without a parse mode nothing in it is markup but a name after an @. The
// token stands in the path.
func telegram(ch models.Channel, n Note) (outbound.Request, error) {
	m := telegramMessage{ChatID: ch.Target, Text: cut(uncalled(strings.TrimSpace(n.Title+"\n\n"+n.Body)), telegramText), Preview: telegramPreview{true}}
	if n.Link != "" {
		m.Text += "\n\n" + n.Link
	}
	return posting(models.Secret(strings.TrimRight(ch.Address.Reveal(), "/")+"/bot"+ch.Secret.Reveal()+"/sendMessage"), m)
}

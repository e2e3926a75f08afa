package notify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"enveloppe/app/notify"
	"enveloppe/app/outbound"
	"enveloppe/models"
)

// The receivers of this file take what the documentation of each service says it takes, and nothing else: fields by
// name, limits, the headers that let one in. They answer as the service does.

const (
	webhookKey    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	gotifyToken   = "AbCdEfGhIjKlMnOp"
	ntfyToken     = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
	telegramToken = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
	hookPath      = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
)

// channel is one of a kind that leads to a server.
func channel(kind models.ChannelKind, server string) models.Channel {
	c := models.Channel{ID: 7, Name: "Salon", Kind: kind, Lang: models.French, Host: strings.TrimPrefix(server, "http://"), Address: models.Secret(server + hookPath)}
	switch kind {
	case models.ChannelWebhook:
		c.Secret = webhookKey
	case models.ChannelGotify:
		c.Address, c.Secret = models.Secret(server+"/gotify/"), gotifyToken
	case models.ChannelNtfy:
		c.Address, c.Secret = models.Secret(server+"/a-topic-hard-to-guess"), ntfyToken
	case models.ChannelTelegram:
		c.Address, c.Secret, c.Target = models.Secret(server), telegramToken, "-1001234567890"
	case models.ChannelSlack, models.ChannelMattermost, models.ChannelDiscord, models.ChannelTeams:
	}
	return c
}

// receiver checks one request; its answer is the service's. What is wrong is an error.
type receiver func(r *http.Request, body []byte) (status int, answer string, err error)

var receivers = map[models.ChannelKind]receiver{
	models.ChannelWebhook: receiveWebhook, models.ChannelSlack: receiveSlack, models.ChannelMattermost: receiveMattermost,
	models.ChannelDiscord: receiveDiscord, models.ChannelTeams: receiveTeams, models.ChannelNtfy: receiveNtfy,
	models.ChannelGotify: receiveGotify, models.ChannelTelegram: receiveTelegram,
}

// received is what a server got: the request and its body.
type received struct {
	header http.Header
	path   string
	body   []byte
}

// serve is a server that receives as a kind does, and the sender that may ask it.
func serve(t testing.TB, kind models.ChannelKind) (*httptest.Server, *notify.Sender, *[]received) {
	t.Helper()
	var got []received
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got = append(got, received{r.Header.Clone(), r.URL.RequestURI(), body})
		status, answer := http.StatusInternalServerError, ""
		if err == nil {
			status, answer, err = receivers[kind](r, body)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, err.Error())
			return
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s, notify.New(outbound.Options{Allow: allow(t, s.URL), Timeout: 5 * time.Second}), &got
}

// allow is the option that lets a server of a test be asked: it listens on loopback, which is internal.
func allow(t testing.TB, address string) []outbound.Host {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	h, err := outbound.ParseHost(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return []outbound.Host{h}
}

// decode reads a body that must hold the fields of a message and no others.
func decode(r *http.Request, body []byte, into any) error {
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return fmt.Errorf("%s of %s", r.Method, r.Header.Get("Content-Type"))
	}
	if !utf8.Valid(body) {
		return fmt.Errorf("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// within holds a text to a limit, counted as JavaScript and Java do, which is the strictest.
func within(what, text string, least, most int) error {
	if n := len(utf16.Encode([]rune(text))); n < least || n > most {
		return fmt.Errorf("%s has %d characters, of %d to %d", what, n, least, most)
	}
	return nil
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func receiveWebhook(r *http.Request, body []byte) (int, string, error) {
	w, err := webhooks.NewWebhook(webhookKey)
	if err != nil {
		return 0, "", err
	}
	var m struct {
		Type      string
		Timestamp time.Time
		Data      struct {
			Title, Text, URL, Lang string
			Details                map[string]any
		}
	}
	err = first(w.VerifyIgnoringTimestamp(body, r.Header), decode(r, body, &m))
	if err == nil && (strings.Trim(m.Type, "abcdefghijklmnopqrstuvwxyz_.") != "" || m.Timestamp.IsZero() || m.Data.Title == "") {
		err = fmt.Errorf("the event is %+v", m)
	}
	return http.StatusNoContent, "", err
}

func receiveSlack(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Text   string
		Unfurl bool `json:"unfurl_links"`
		Blocks []struct {
			Type string
			Text struct{ Type, Text string }
		}
	}
	err := decode(r, body, &m)
	if err == nil && m.Text == "" {
		err = fmt.Errorf("no_text")
	}
	for _, b := range m.Blocks {
		most, kinds := map[string]int{"header": 150, "section": 3000}[b.Type], "plain_text mrkdwn"
		if b.Type == "header" {
			kinds = "plain_text"
		}
		if !strings.Contains(kinds, b.Text.Type) || b.Text.Type == "" {
			err = first(err, fmt.Errorf("invalid_blocks: %s of %s", b.Type, b.Text.Type))
		}
		err = first(err, within(b.Type, b.Text.Text, 1, most))
	}
	return http.StatusOK, "ok", first(err, within("text", m.Text, 1, 40000))
}

func receiveMattermost(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Attachments []struct {
			Fallback, Title, Text string
			TitleLink             string `json:"title_link"`
		}
	}
	err := decode(r, body, &m)
	if err == nil && (len(m.Attachments) != 1 || m.Attachments[0].Title+m.Attachments[0].Text == "") {
		err = fmt.Errorf("no text")
	}
	for _, a := range m.Attachments {
		err = first(err, within("text", a.Text, 0, 4000))
	}
	return http.StatusOK, "ok", err
}

func receiveDiscord(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Embeds []struct {
			Title, URL, Description, Timestamp string
		}
		Mentions struct{ Parse []string } `json:"allowed_mentions"`
	}
	err := decode(r, body, &m)
	if err == nil && (len(m.Embeds) != 1 || m.Mentions.Parse == nil || len(m.Mentions.Parse) != 0) {
		err = fmt.Errorf(`{"message": "Cannot send an empty message", "code": 50006}`)
	}
	for _, e := range m.Embeds {
		u, bad := url.Parse(e.URL)
		if bad == nil && e.URL != "" && !strings.Contains(u.Hostname(), ".") {
			bad = fmt.Errorf("not a well formed URL")
		}
		_, late := time.Parse(time.RFC3339, e.Timestamp)
		err = first(err, bad, late, within("title", e.Title, 1, 256), within("description", e.Description, 0, 4096))
	}
	return http.StatusNoContent, "", err
}

func receiveTeams(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Type        string
		Attachments []struct {
			ContentType string
			ContentURL  *string
			Content     struct {
				Schema        string `json:"$schema"`
				Type, Version string
				Body          []struct {
					Type    string
					Inlines []struct{ Type, Text, Size, Weight string }
				}
				Actions []struct{ Type, Title, URL string }
			}
		}
	}
	err := decode(r, body, &m)
	if err == nil && (m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" ||
		m.Attachments[0].Content.Type != "AdaptiveCard" || m.Attachments[0].Content.Version != "1.4" || len(m.Attachments[0].Content.Body) == 0) {
		err = fmt.Errorf("no adaptive card")
	}
	for _, a := range m.Attachments {
		for _, b := range a.Content.Body {
			if b.Type != "RichTextBlock" || len(b.Inlines) != 1 || b.Inlines[0].Type != "TextRun" || b.Inlines[0].Text == "" {
				err = first(err, fmt.Errorf("block %+v", b))
			}
		}
		for _, act := range a.Content.Actions {
			if act.Type != "Action.OpenUrl" || act.Title == "" || act.URL == "" {
				err = first(err, fmt.Errorf("action %+v", act))
			}
		}
	}
	if len(body) > 28<<10 {
		err = first(err, fmt.Errorf("a card of %d bytes", len(body)))
	}
	return http.StatusAccepted, "", err
}

func receiveNtfy(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Topic, Title, Message, Click string
		Actions                      []struct{ Action, Label, URL string }
	}
	err := decode(r, body, &m)
	if err == nil && (r.URL.Path != "/" || m.Topic != "a-topic-hard-to-guess" || r.Header.Get("Authorization") != "Bearer "+ntfyToken || len(m.Message) > 4096) {
		err = fmt.Errorf(`{"code":40301,"http":403,"error":"forbidden: %s %s, %d bytes"}`, r.URL.Path, m.Topic, len(m.Message))
	}
	return http.StatusOK, `{"id":"sPs71M8A2T","time":1643935928,"event":"message"}`, err
}

func receiveGotify(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		Title, Message string
		Priority       int
		Extras         struct {
			Display struct{ ContentType string }         `json:"client::display"`
			Notify  struct{ Click struct{ URL string } } `json:"client::notification"`
		}
	}
	err := decode(r, body, &m)
	if err == nil && (r.URL.Path != "/gotify/message" || r.Header.Get("X-Gotify-Key") != gotifyToken || m.Message == "" || m.Extras.Display.ContentType != "text/plain") {
		err = fmt.Errorf(`{"error":"Unauthorized","errorCode":401}`)
	}
	return http.StatusOK, `{"id":25,"appid":5}`, err
}

func receiveTelegram(r *http.Request, body []byte) (int, string, error) {
	var m struct {
		ChatID  string `json:"chat_id"`
		Text    string
		Preview struct {
			Disabled bool `json:"is_disabled"`
		} `json:"link_preview_options"`
	}
	err := decode(r, body, &m)
	if err == nil && (r.URL.Path != "/bot"+telegramToken+"/sendMessage" || m.ChatID != "-1001234567890" || !m.Preview.Disabled) {
		err = fmt.Errorf(`{"ok":false,"error_code":404,"description":"Not Found"}`)
	}
	return http.StatusOK, `{"ok":true,"result":{"message_id":1}}`, first(err, within("text", m.Text, 1, 4096))
}

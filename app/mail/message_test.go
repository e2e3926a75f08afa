package mail_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"enveloppe/app/mail"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const sender = "Enveloppe <enveloppe@exemple.org>"

func digest() mail.Message {
	return mail.Message{
		ID:      "digest.2026-12.7@exemple.org",
		To:      "marie@exemple.org",
		ToName:  "Marie Lefèvre",
		Subject: "Échéances de décembre 2026\u00a0: 3 échéances, 214,38\u00a0€",
		Text:    "À décider avant le 1er décembre :\n- Dropbox, 91,20\u00a0€\n.\nFin\n",
		HTML:    `<!doctype html><html lang="fr"><title>É</title><p>À décider : <b>Dropbox</b>, 91,20&nbsp;€</p>` + strings.Repeat("é", 300),
		Lang:    "fr",
		Date:    time.Date(2026, time.December, 1, 7, 30, 0, 0, time.FixedZone("CET", 3600)),

		UnsubscribeURL:    "https://exemple.org/desabonnement/abc?x=1",
		UnsubscribeMailto: "bureau@exemple.org",
	}
}

// letter is a message as the standard library reads it, which shares no code with what wrote it.
type letter struct {
	header netmail.Header
	types  []string // of each part, in order
	bodies []string
}

// failing is what testing.T and rapid.T have in common.
type failing interface {
	Helper()
	Fatalf(format string, args ...any)
}

func read(t failing, raw []byte) letter {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("read message: %v\n%s", err, raw)
	}
	l := letter{header: msg.Header}
	mediaType, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("read content type: %v", err)
	}
	if mediaType != "multipart/alternative" {
		if msg.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("encoding %q", msg.Header.Get("Content-Transfer-Encoding"))
		}
		l.add(t, msg.Header.Get("Content-Type"), quotedprintable.NewReader(msg.Body))
		return l
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatalf("read part: %v", err)
		}
		if got := part.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
			t.Fatalf("encoding of a part %q", got)
		}
		l.add(t, part.Header.Get("Content-Type"), quotedprintable.NewReader(part))
	}
}

func (l *letter) add(t failing, contentType string, body io.Reader) {
	t.Helper()
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("read body: %v", err)
	}
	l.types = append(l.types, contentType)
	l.bodies = append(l.bodies, strings.ReplaceAll(string(text), "\r\n", "\n"))
}

func (l letter) subject(t testing.TB) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(l.header.Get("Subject"))
	if err != nil {
		t.Fatalf("decode subject: %v", err)
	}
	return s
}

func render(t testing.TB, m mail.Message) []byte {
	t.Helper()
	raw, err := mail.Render(m, sender)
	if err != nil {
		t.Fatalf("Render: %v", err)
	}
	return raw
}

func TestRenderReadsBack(t *testing.T) {
	m := digest()
	l := read(t, render(t, m))
	if got := l.subject(t); got != m.Subject {
		t.Errorf("subject %q, want %q", got, m.Subject)
	}
	wantTypes := []string{"text/plain; charset=UTF-8", "text/html; charset=UTF-8"}
	if diff := cmp.Diff(wantTypes, l.types); diff != "" {
		t.Errorf("parts, text first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{m.Text, m.HTML}, l.bodies); diff != "" {
		t.Errorf("bodies (-want +got):\n%s", diff)
	}
	want := map[string]string{
		"Message-Id":            "<digest.2026-12.7@exemple.org>",
		"Date":                  "Tue, 01 Dec 2026 07:30:00 +0100",
		"Mime-Version":          "1.0",
		"Auto-Submitted":        "auto-generated",
		"Content-Language":      "fr",
		"List-Unsubscribe":      "<https://exemple.org/desabonnement/abc?x=1>, <mailto:bureau@exemple.org>",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"From":                  `"Enveloppe" <enveloppe@exemple.org>`,
		"Reply-To":              "",
		"User-Agent":            "",
		"X-Mailer":              "",
	}
	got := map[string]string{}
	for name := range want {
		got[name] = l.header.Get(name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	to, err := l.header.AddressList("To")
	if err != nil {
		t.Fatalf("read To: %v", err)
	}
	if diff := cmp.Diff([]*netmail.Address{{Name: "Marie Lefèvre", Address: "marie@exemple.org"}}, to); diff != "" {
		t.Errorf("To (-want +got):\n%s", diff)
	}
}

func TestRenderLines(t *testing.T) {
	for line := range bytes.SplitSeq(render(t, digest()), []byte("\r\n")) {
		if bytes.ContainsAny(line, "\r\n") {
			t.Errorf("bare line break in %q", line)
		}
		if len(line) > 100 {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
		if i := bytes.IndexFunc(line, func(r rune) bool { return r > '~' }); i >= 0 {
			t.Errorf("not ASCII: %q", line)
		}
	}
}

func TestSameMessageSameBytes(t *testing.T) {
	first := render(t, digest())
	for range 50 { // maps of headers change order between runs of a loop
		if diff := cmp.Diff(string(first), string(render(t, digest()))); diff != "" {
			t.Fatalf("two copies differ:\n%s", diff)
		}
	}
	other := digest()
	other.ID = "digest.2026-12.8@exemple.org"
	if bytes.Equal(first, render(t, other)) {
		t.Error("two messages with different ids are the same")
	}
}

func TestTextAlone(t *testing.T) {
	m := digest()
	m.HTML = ""
	l := read(t, render(t, m))
	if diff := cmp.Diff([]string{"text/plain; charset=UTF-8"}, l.types); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{m.Text}, l.bodies); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestUnsubscribeHeaders(t *testing.T) {
	cases := []struct {
		name, url, mailto, want, post string
	}{
		{"both", "https://e.org/u", "a@e.org", "<https://e.org/u>, <mailto:a@e.org>", "List-Unsubscribe=One-Click"},
		{"http is no one-click", "http://localhost:8080/u", "", "<http://localhost:8080/u>", ""},
		{"mailto with a subject", "", "mailto:a@e.org?subject=stop", "<mailto:a@e.org?subject=stop>", ""},
		{"neither", "", "", "", ""},
		{"not an address", "javascript:alert(1)", "", "", ""},
		{"header in the link", "https://e.org/u\r\nBcc: x@e.org", "", "<https://e.org/u%20Bcc:%20x@e.org>", "List-Unsubscribe=One-Click"},
		{"closing bracket", "https://e.org/u>x", "", "<https://e.org/u%3Ex>", "List-Unsubscribe=One-Click"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := digest()
			m.UnsubscribeURL, m.UnsubscribeMailto = c.url, c.mailto
			h := read(t, render(t, m)).header
			if got := h.Get("List-Unsubscribe"); got != c.want {
				t.Errorf("List-Unsubscribe %q, want %q", got, c.want)
			}
			if got := h.Get("List-Unsubscribe-Post"); got != c.post {
				t.Errorf("List-Unsubscribe-Post %q, want %q", got, c.post)
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	cases := []struct {
		name   string
		change func(*mail.Message)
	}{
		{"no recipient", func(m *mail.Message) { m.To = "" }},
		{"two recipients", func(m *mail.Message) { m.To = "a@e.org, b@e.org" }},
		{"line break in the recipient", func(m *mail.Message) { m.To = "a@e.org\r\nBcc: b@e.org" }},
		{"quoted line break in the recipient", func(m *mail.Message) { m.To = "\"a\r\n b\"@e.org" }},
		{"no id", func(m *mail.Message) { m.ID = "" }},
		{"id without domain", func(m *mail.Message) { m.ID = "digest" }},
		{"id breaks the line", func(m *mail.Message) { m.ID = "a\r\nBcc: x@e.org" }},
		{"id closes its bracket", func(m *mail.Message) { m.ID = "a>@e.org" }},
		{"no date", func(m *mail.Message) { m.Date = time.Time{} }},
		{"no text", func(m *mail.Message) { m.Text = " \n" }},
		{"answers to a word", func(m *mail.Message) { m.ReplyTo = "bureau" }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := digest()
			c.change(&m)
			if raw, err := mail.Render(m, sender); err == nil {
				t.Errorf("accepted:\n%s", raw)
			}
		})
	}
	if _, err := mail.Render(digest(), "nobody"); err == nil {
		t.Error("accepted a sender that is no address")
	}
}

// Whatever people type, it stays inside the header and the body it was typed for.
func TestNoTextBecomesAHeader(t *testing.T) {
	nasty := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.SampledFrom([]rune("aé\r\n\x00\t :\u2028\u0085\"<>=?_,;Bc")), 0, 60, -1),
		rapid.Just("x\r\nBcc: thief@exemple.org\r\n\r\nbody"),
	)
	names := func(h netmail.Header) map[string]bool {
		set := map[string]bool{}
		for name := range h {
			set[name] = true
		}
		return set
	}
	want := names(read(t, render(t, digest())).header)
	rapid.Check(t, func(t *rapid.T) {
		m := digest()
		m.Subject = "S " + nasty.Draw(t, "subject")
		m.ToName = nasty.Draw(t, "name")
		m.Lang = "fr" + nasty.Draw(t, "lang")
		m.Text = "T" + nasty.Draw(t, "text")
		m.UnsubscribeURL = "https://e.org/" + nasty.Draw(t, "path")
		raw, err := mail.Render(m, sender)
		if err != nil {
			t.Fatalf("Render: %v", err)
		}
		l := read(t, raw)
		got := names(l.header)
		for _, optional := range []string{"List-Unsubscribe-Post"} { // a link that is no link is left out
			got[optional] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("headers (-want +got):\n%s\n%s", diff, raw)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(l.header.Get("Subject"))
		if err != nil || strings.ContainsAny(subject, "\r\n\x00") {
			t.Fatalf("subject %q, %v", subject, err)
		}
		if len(l.bodies) != 2 {
			t.Fatalf("%d parts\n%s", len(l.bodies), raw)
		}
	})
}

func ExampleRender() {
	raw, err := mail.Render(mail.Message{
		ID:      "rappel.12@exemple.org",
		To:      "marie@exemple.org",
		Subject: "À décider : Dropbox",
		Text:    "Dropbox se renouvelle le 31 mars.",
		Date:    time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC),
	}, "enveloppe@exemple.org")
	fmt.Println(err)
	fmt.Println(strings.ReplaceAll(string(raw), "\r\n", "\n"))
	// Output:
	// <nil>
	// Auto-Submitted: auto-generated
	// Date: Sun, 01 Mar 2026 08:00:00 +0000
	// MIME-Version: 1.0
	// Message-ID: <rappel.12@exemple.org>
	// Subject: =?UTF-8?q?=C3=80_d=C3=A9cider_:_Dropbox?=
	// From: <enveloppe@exemple.org>
	// To: <marie@exemple.org>
	// Content-Transfer-Encoding: quoted-printable
	// Content-Type: text/plain; charset=UTF-8
	//
	// Dropbox se renouvelle le 31 mars.
}

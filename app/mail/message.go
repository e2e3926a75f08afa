package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// Message is one message to one person. Two equal messages give the same bytes.
type Message struct {
	ID      string // "digest.2026-12.7@exemple.org", without brackets; the same for every attempt at the same message
	To      string // one address
	ToName  string
	ReplyTo string // "" takes the sender's setting
	Subject string
	Text    string // complete in itself: some read nothing else
	HTML    string // "" sends the text alone
	Lang    string // of subject and bodies: "fr", "en"
	Date    time.Time

	UnsubscribeURL    string // https for one-click (RFC 8058); another scheme is announced as a plain link
	UnsubscribeMailto string // an address or a mailto: link
}

// Render gives the message as a file: headers, text, HTML, CRLF line ends. It is what Send sends. from is an address,
// with or without a name.
func Render(m Message, from string) ([]byte, error) {
	msg, err := compose(m, from)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return b.Bytes(), nil
}

func compose(m Message, from string) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	sender, err := parseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	to, err := parseAddress(m.To)
	if err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	if m.ToName != "" {
		to.Name = oneLine(m.ToName)
	}
	msg := gomail.NewMsg(
		gomail.WithNoDefaultUserAgent(),
		gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP),
		gomail.WithBoundary(boundary(m.ID)),
	)
	msg.FromMailAddress(sender)
	msg.ToMailAddress(to)
	if m.ReplyTo != "" {
		replyTo, err := parseAddress(m.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("reply address: %w", err)
		}
		msg.ReplyToMailAddress(replyTo)
	}
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.Date)
	msg.Subject(oneLine(m.Subject))
	setListHeaders(msg, m)
	msg.SetBodyString(gomail.TypeTextPlain, unixLines(m.Text))
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, unixLines(m.HTML))
	}
	return msg, nil
}

func (m Message) check() error {
	local, domain, found := strings.Cut(m.ID, "@")
	visible := !strings.ContainsFunc(m.ID, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' })
	switch {
	case !found || local == "" || domain == "" || strings.Contains(domain, "@") || !visible:
		return fmt.Errorf("message id %q is not of the form name@domain", m.ID)
	case m.Date.IsZero():
		return errors.New("message has no date")
	case strings.TrimSpace(m.Text) == "":
		return errors.New("message has no text")
	}
	return nil
}

// setListHeaders tells mail programs that no person wrote this (RFC 3834), so that absence notices are not sent back,
// and how to stop it (RFC 2369, RFC 8058).
//
// Generic headers are used throughout: go-mail writes its preformatted ones in map order, which differs between runs.
func setListHeaders(msg *gomail.Msg, m Message) {
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if lang := oneLine(m.Lang); lang != "" {
		msg.SetGenHeader("Content-Language", lang)
	}
	var ways []string
	if link, err := url.Parse(oneLine(m.UnsubscribeURL)); err == nil && link.Host != "" {
		ways = append(ways, "<"+link.String()+">")
		if link.Scheme == "https" {
			msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
		}
	}
	address := strings.TrimPrefix(oneLine(m.UnsubscribeMailto), "mailto:")
	if link, err := url.Parse("mailto:" + address); err == nil && address != "" {
		ways = append(ways, "<"+link.String()+">")
	}
	if len(ways) > 0 {
		msg.SetGenHeader("List-Unsubscribe", strings.Join(ways, ", "))
	}
}

// boundary depends on the message's id alone: a random one would make two copies of one message differ.
func boundary(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "part-" + hex.EncodeToString(sum[:16])
}

// oneLine makes any text safe as a header value: every run of control characters and line separators becomes a space.
// Encoding alone does not do it: an encoded line break comes back as a line break when a mail program decodes it.
func oneLine(s string) string {
	isBreak := func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(s, isBreak), " "))
}

func unixLines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

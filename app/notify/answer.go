package notify

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"enveloppe/app/outbound"
	"enveloppe/models"
)

// failed is what came of an attempt that got no answer.
func failed(ch models.Channel, err error) Result {
	r := Result{Fate: FailedForGood, Reason: outbound.Broken, Host: ch.Host, Detail: "it could not be sent"}
	var e *outbound.Error
	if !errors.As(err, &e) {
		return r
	}
	r.Reason, r.Status, r.Detail = e.Reason, e.Status, line(hide(ch, e.Error()))
	if e.Temporary() {
		r.Fate = FailedForNow
	}
	return r
}

// judge says what an answer means. Every kind answers 2xx when it has taken a message; two of them say no in a body
// that comes with a yes.
func judge(ch models.Channel, a outbound.Answer) Result {
	r := Result{Fate: FailedForGood, Status: a.Status}
	switch {
	case a.Status >= 200 && a.Status < 300:
		r.Fate = Sent
	case a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly, a.Status == http.StatusTooManyRequests, a.Status >= 500:
		r.Fate = FailedForNow
		r.RetryAfter = retryAfter(a)
	}
	if r.Fate != Sent {
		return r
	}
	switch ch.Kind {
	case models.ChannelTeams:
		// An old connector answers 200 and tells in words that Teams refused; when it was for their number, later helps.
		if text := string(a.Body); strings.Contains(text, "message delivery failed") || strings.Contains(text, "HTTP error") {
			r.Fate = FailedForGood
			if strings.Contains(text, "429") || strings.Contains(text, "50") {
				r.Fate = FailedForNow
			}
		}
	case models.ChannelTelegram:
		var said struct {
			OK *bool `json:"ok"`
		}
		if json.Unmarshal(a.Body, &said) == nil && said.OK != nil && !*said.OK {
			r.Fate = FailedForGood
		}
	case models.ChannelWebhook, models.ChannelSlack, models.ChannelMattermost, models.ChannelDiscord, models.ChannelNtfy, models.ChannelGotify:
	}
	return r
}

// retryAfter is how long an answer asks to wait: in the header as seconds or as a day with an hour, or in the body as
// Discord and Telegram write it. It is bounded; 0 when nothing is asked.
func retryAfter(a outbound.Answer) time.Duration {
	header := strings.TrimSpace(a.Header.Get("Retry-After"))
	if header == "" {
		var said struct {
			RetryAfter json.Number `json:"retry_after"`
			Parameters struct {
				RetryAfter json.Number `json:"retry_after"`
			} `json:"parameters"`
		}
		if json.Unmarshal(a.Body, &said) != nil {
			return 0
		}
		header = cmp.Or(said.RetryAfter, said.Parameters.RetryAfter).String()
	}
	wait := seconds(header)
	if until, err := http.ParseTime(header); err == nil {
		if now, err := http.ParseTime(a.Header.Get("Date")); err == nil { // by the clock that named the instant
			wait = until.Sub(now)
		}
	}
	return min(max(wait, 0), maxRetry)
}

// seconds reads a number of seconds, with or without decimals; one too large to hold is as long as one waits at all.
func seconds(text string) time.Duration {
	if strings.Trim(text, "0123456789.") != "" {
		return 0
	}
	d, err := time.ParseDuration(text + "s")
	if err != nil && len(text) > len("999999999") {
		return maxRetry
	}
	return d
}

// said is an answer's body as one short line of text.
func said(ch models.Channel, body []byte) string {
	return line(hide(ch, strings.ToValidUTF8(string(body), "\uFFFD")))
}

// hide takes a channel's address and secret out of a text, whoever wrote it.
func hide(ch models.Channel, text string) string {
	var secrets []string
	if u, err := url.Parse(ch.Address.Reveal()); err == nil && ch.Kind != models.ChannelTelegram {
		secrets = append(secrets, u.RequestURI(), strings.Trim(u.Path, "/"), u.RawQuery, u.Path[strings.LastIndexByte(u.Path, '/')+1:])
	}
	secrets = append(secrets, ch.Secret.Reveal(), strings.TrimPrefix(ch.Secret.Reveal(), "whsec_"))
	for _, s := range secrets {
		if len(s) >= leastHidden {
			text = strings.ReplaceAll(text, s, "…")
			text = strings.ReplaceAll(text, url.QueryEscape(s), "…")
		}
	}
	return text
}

// leastHidden is how long a text is that is worth hiding: "message" in a path is no secret, and no text is readable
// without its short words.
const leastHidden = 8

// line is a text as one line of at most maxDetail characters, without anything that would disguise it.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	return cut(strings.Join(strings.Fields(text), " "), maxDetail)
}

// cut is a text of at most so many characters, counted as most of the other sides do, in units of UTF-16: a picture is
// two. What is left out is told by an ellipsis.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	units, end := 0, 0 // where the text ends if it has to be cut
	for i, r := range s {
		if units < most {
			end = i
		}
		if units += utf16.RuneLen(r); units > most {
			return strings.TrimRightFunc(s[:end], unicode.IsSpace) + "…"
		}
	}
	return s
}

// cutBytes is cut for a limit in bytes.
func cutBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.TrimRightFunc(strings.ToValidUTF8(s[:most-len("…")], ""), unicode.IsSpace) + "…"
}

// Package notify takes messages to the channels of an organisation: a program of its own, a chat, a telephone. Each
// kind of channel has its own shape of message; all leave by the guarded client.
package notify

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"enveloppe/app/outbound"
	"enveloppe/models"
)

// Note is one message for a channel, in the words of the channel's language.
type Note struct {
	// ID names the message; the same at every attempt, so that a receiver can tell a repetition.
	ID string
	// Kind is what it is about: "digest", "test", or a kind of reminder.
	Kind  string
	Title string // one line
	Body  string // a few lines of plain text
	Link  string // to the page where one acts; may be empty
	Lang  models.Lang
	At    time.Time // when it was written
	Now   time.Time // of this attempt; when zero, At
	// Data are the figures a program reads, as JSON encodes them; only webhooks get them.
	Data any
}

// The kinds of note that are no reminder.
const (
	KindDigest = "digest"
	KindTest   = "test"
)

// Fate is what became of a note.
type Fate string

// The fates of a note. Only Sent means that the other side took it.
const (
	Sent          Fate = "sent"
	FailedForNow  Fate = "failed"   // trying again later may help
	FailedForGood Fate = "given_up" // somebody has to change something first
)

// Result is what came of one attempt.
type Result struct {
	Fate   Fate
	Reason outbound.Reason // why nothing came of it; Refused for an answer that says no; empty when it was sent
	Status int             // of the answer; 0 when none came
	Host   string          // asked
	// Detail is what the other side said, at most 300 characters of one line, or the reason in English. It holds no
	// secret of the channel, even if the other side repeats one.
	Detail string
	// RetryAfter is how long the other side asks to be left alone; 0 when it does not say.
	RetryAfter time.Duration
}

// Sender sends notes. It may be used by several goroutines at once.
type Sender struct {
	client *outbound.Client
}

// Limits of one attempt.
const (
	Timeout   = 15 * time.Second
	maxAnswer = 16 << 10 // bytes of the answer that are looked at
	maxDetail = 300      // characters of it that are kept
	maxRetry  = 24 * time.Hour
)

// New makes a sender that goes where the operator lets it; options without a timeout get Timeout.
func New(o outbound.Options) *Sender {
	o.Timeout = cmp.Or(o.Timeout, Timeout)
	return &Sender{client: outbound.New(o)}
}

// Check says why a channel's address cannot be asked, before anybody is; empty when it can.
func (s *Sender) Check(address models.Secret) outbound.Reason {
	var e *outbound.Error
	if err := s.client.Check(address.Reveal()); errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// tidy is a note that every kind takes: a title of one line that is not empty, and no characters that control something.
func tidy(n Note) Note {
	n.Title = cmp.Or(line(n.Title), "Enveloppe")
	n.Body = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, n.Body))
	return n
}

// Send makes one attempt to bring a note to a channel, whose address and secret must be there.
func (s *Sender) Send(ctx context.Context, ch models.Channel, n Note) Result {
	r, err := request(ch, tidy(n))
	if err != nil {
		return Result{Fate: FailedForGood, Reason: outbound.BadAddress, Detail: err.Error()}
	}
	r.Method, r.MaxBytes, r.Enough = http.MethodPost, maxAnswer, true
	answer, err := s.client.Do(ctx, r)
	if err != nil {
		return failed(ch, err)
	}
	result := judge(ch, answer)
	result.Host = ch.Host
	result.Detail = said(ch, answer.Body)
	if result.Fate != Sent {
		result.Reason = outbound.Refused
	}
	return result
}

package openid

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"enveloppe/app/outbound"
)

// Reason says why nobody was identified; it is the key of the sentence shown to people.
type Reason string

// The reasons.
const (
	Unanswered   Reason = "unanswered"   // the provider did not answer: see Outbound
	Misdescribed Reason = "misdescribed" // what it says of itself does not hold, or is another's
	Unwelcome    Reason = "unwelcome"    // it does not take the program's name and secret
	Spent        Reason = "spent"        // it does not take the code: used, run out, or another's
	BadAnswer    Reason = "answer"       // what it signed proves nothing here
)

// Error is a question to the provider of which nothing came. It holds no code, no token and no secret.
type Error struct {
	Reason   Reason
	Outbound *outbound.Error // why nobody answered
	Detail   string          // in a few English words, for the log
}

func (e *Error) Error() string {
	text := "the provider's answer: " + string(e.Reason)
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	if e.Outbound != nil {
		text += ": " + e.Outbound.Error()
	}
	return text
}

// Unwrap is why nobody answered.
func (e *Error) Unwrap() error {
	if e.Outbound == nil {
		return nil
	}
	return e.Outbound
}

func explainDiscovery(err error) error {
	if failed, ok := errors.AsType[*outbound.Error](err); ok {
		return &Error{Reason: Unanswered, Outbound: failed}
	}
	if other, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		return &Error{Reason: Misdescribed, Detail: fmt.Sprintf("it calls itself %.200q", other.Discovered)}
	}
	return &Error{Reason: Misdescribed, Detail: "it does not describe itself under /.well-known/openid-configuration"}
}

var plainCode = regexp.MustCompile(`^[a-z_]{1,60}$`)

func explainExchange(err error) error {
	if failed, ok := errors.AsType[*outbound.Error](err); ok {
		return &Error{Reason: Unanswered, Outbound: failed}
	}
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return &Error{Reason: BadAnswer, Detail: "the exchange of the code cannot be read"}
	}
	e := &Error{Reason: BadAnswer, Detail: fmt.Sprintf("status %d", refused.Response.StatusCode)}
	if plainCode.MatchString(refused.ErrorCode) {
		e.Detail += ", " + refused.ErrorCode
	}
	switch {
	case refused.Response.StatusCode >= http.StatusInternalServerError:
		e.Reason, e.Outbound = Unanswered, &outbound.Error{Reason: outbound.Refused, Status: refused.Response.StatusCode}
	case refused.ErrorCode == "invalid_grant":
		e.Reason = Spent
	case refused.ErrorCode == "invalid_client" || refused.ErrorCode == "unauthorized_client":
		e.Reason = Unwelcome
	}
	return e
}

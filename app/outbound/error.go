package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Reason says why nothing came of a request; it is the key of the sentence shown to people.
type Reason string

// The reasons.
const (
	BadAddress  Reason = "address"     // not an address, or one with a password in it
	NotSecure   Reason = "not_secure"  // http to a host the operator did not allow
	Internal    Reason = "internal"    // leads into the house, and the operator did not allow it
	NotFound    Reason = "not_found"   // no machine has that name
	Unreachable Reason = "unreachable" // nobody answers at that address, or no way leads there
	TimedOut    Reason = "timeout"
	Untrusted   Reason = "untrusted"  // the other side could not show who it is
	Redirected  Reason = "redirected" // the answer sends elsewhere, and nobody follows
	TooLarge    Reason = "too_large"
	Broken      Reason = "broken" // cut off, packed, or not HTTP
	Refused     Reason = "status" // an answer, but not the one asked for: see Status
	Stopped     Reason = "stopped"
)

// Error is a request of which nothing came. It never holds the path asked for, in which a secret may stand.
type Error struct {
	Reason Reason
	Host   string
	Status int    // of Refused and Redirected
	Detail string // in a few English words; may be empty
}

func (e *Error) Error() string {
	said := map[Reason]string{
		BadAddress: "not an address that can be asked", NotSecure: "only https is spoken outside", Internal: "leads to an internal address",
		NotFound: "no machine has that name", Unreachable: "cannot be reached", TimedOut: "did not answer in time",
		Untrusted: "could not show who it is", Redirected: "sends elsewhere, which is not followed", TooLarge: "answers more than is taken",
		Broken: "broke off or answered something else than HTTP", Refused: "did not give it", Stopped: "was given up",
	}[e.Reason]
	text := strings.TrimSpace(e.Host + " " + said)
	if e.Status != 0 {
		text += fmt.Sprintf(" (status %d)", e.Status)
	}
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Temporary tells whether asking again later may help.
func (e *Error) Temporary() bool {
	switch e.Reason {
	case NotFound, Unreachable, TimedOut, Broken, Stopped:
		return true
	case Refused:
		return e.Status == 408 || e.Status == 425 || e.Status == 429 || e.Status >= 500
	case BadAddress, NotSecure, Internal, Untrusted, Redirected, TooLarge:
	}
	return false
}

// errInternal is what the dialer says of an address it does not call.
var errInternal = errors.New("the address is internal")

// explain turns what net/http says into a reason. Its text is used where it holds no address of ours.
func explain(host string, err error) *Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok { // it repeats the whole address
		err = wrapped.Err
	}
	e := &Error{Host: host}
	var certificate *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	var dns *net.DNSError
	var op *net.OpError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.Is(err, errInternal):
		e.Reason = Internal
	case errors.Is(err, context.Canceled):
		e.Reason = Stopped
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = TimedOut
	case errors.As(err, &dns):
		e.Reason = NotFound
	case errors.As(err, &certificate), errors.As(err, &unknown), errors.As(err, &alert):
		e.Reason, e.Detail = Untrusted, err.Error()
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		e.Reason, e.Detail = Untrusted, "it does not speak TLS"
	case errors.As(err, &op) && op.Op == "dial":
		e.Reason, e.Detail = Unreachable, plain(op.Err)
	default:
		e.Reason, e.Detail = Broken, plain(err)
	}
	return e
}

// plain is the innermost word of the system, such as "connection refused".
func plain(err error) string {
	if n, ok := errors.AsType[syscall.Errno](err); ok {
		return n.Error()
	}
	return err.Error()
}

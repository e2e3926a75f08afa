package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Outcome is what became of a message. Only Sent means that a server took it.
type Outcome string

// The four outcomes are four things to do next: nothing, try again, tell somebody, ask for settings.
const (
	Sent            Outcome = "sent"
	FailedTemporary Outcome = "failed_temporary"
	FailedPermanent Outcome = "failed_permanent"
	NotConfigured   Outcome = "not_configured"
)

// Reason says in one word why a message was not sent, for screens to put into sentences; "" with Sent.
type Reason string

// Reasons, in the order in which a message meets them.
const (
	ReasonNotConfigured Reason = "mail.not_configured" // no server or no sender, or settings that cannot work
	ReasonMessage       Reason = "mail.message"        // the message itself cannot be written, e.g. no such address
	ReasonUnreachable   Reason = "mail.unreachable"    // no server answers there
	ReasonTimeout       Reason = "mail.timeout"        // the server is too slow, or the caller gave up
	ReasonTLS           Reason = "mail.tls"            // no encryption, or a certificate that cannot be trusted
	ReasonAuth          Reason = "mail.auth"           // wrong user name or password
	ReasonRefused       Reason = "mail.refused"        // the server said no: to the sender, the recipient or the content
	ReasonBroken        Reason = "mail.broken"         // the conversation stopped in the middle
)

// Result is an Outcome with its Reason. Detail is the technical side of it, in English: one short line with the
// server's own words where it said any, and never the password.
type Result struct {
	Outcome Outcome
	Reason  Reason
	Detail  string
}

// Sender sends messages with one set of settings. It keeps no connection and may be used from several goroutines.
type Sender struct{ cfg Config }

// New accepts any settings: with wrong ones, Send answers NotConfigured and says which.
func New(cfg Config) *Sender { return &Sender{cfg} }

// Configured tells whether Send can send at all.
func (s *Sender) Configured() bool { return s.cfg.Configured() && s.cfg.Problems() == nil }

// Render gives the exact bytes that Send sends with these settings.
func (s *Sender) Render(m Message) ([]byte, error) { return Render(s.complete(m), s.cfg.From) }

func (s *Sender) complete(m Message) Message {
	m.ReplyTo = cmp.Or(m.ReplyTo, s.cfg.ReplyTo)
	return m
}

// Send hands one message to the server and waits for its answer, no longer than ctx and the settings allow.
//
// A wrong password, an untrusted certificate and a refused sender count as temporary: they say nothing about the
// recipient, and the message can leave once the settings are right.
func (s *Sender) Send(ctx context.Context, m Message) (res Result) {
	// go-mail indexes into the text of errors, which may be empty; a message is no reason to end the program.
	defer func() {
		if r := recover(); r != nil {
			res = s.failed(FailedTemporary, ReasonBroken, fmt.Sprint(r))
		}
	}()
	if !s.cfg.Configured() {
		return s.failed(NotConfigured, ReasonNotConfigured, "no mail server is configured")
	}
	if problems := s.cfg.Problems(); problems != nil {
		return s.failed(NotConfigured, ReasonNotConfigured, problems[0].String())
	}
	msg, err := compose(s.complete(m), s.cfg.From)
	if err != nil {
		return s.failed(FailedPermanent, ReasonMessage, err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.timeout())
	defer cancel()
	err = s.deliver(ctx, msg)
	switch {
	case msg.IsDelivered():
		// The server has taken the message, whatever happened afterwards: sending again would double it.
		return Result{Outcome: Sent}
	case ctx.Err() != nil:
		return s.failed(FailedTemporary, ReasonTimeout, "gave up waiting for "+s.address())
	}
	return s.explain(err)
}

// deliver returns nil or the first error; msg knows whether the server took it.
func (s *Sender) deliver(ctx context.Context, msg *gomail.Msg) error {
	conn := &connection{ctx: ctx, address: s.address(), tls: s.tlsConfig(), implicit: s.cfg.security() == TLS}
	defer conn.close()
	client, err := gomail.NewClient(s.cfg.Host, s.options(conn)...)
	if err != nil {
		return fmt.Errorf("prepare mail client: %w", err)
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("open mail session: %w", err)
	}
	if err := client.SendWithSMTPClient(session, msg); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	s.leave(session)
	return nil
}

// leave says good-bye without waiting long for the answer: the message is already gone.
func (s *Sender) leave(session *smtp.Client) {
	if session.UpdateDeadline(min(2*time.Second, s.cfg.timeout())) == nil {
		_ = session.Quit()
	}
}

func (s *Sender) address() string { return net.JoinHostPort(s.cfg.Host, strconv.Itoa(s.cfg.port())) }

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.cfg.Host, RootCAs: s.cfg.RootCAs, MinVersion: tls.VersionTLS12}
}

func (s *Sender) options(conn *connection) []gomail.Option {
	opts := []gomail.Option{
		gomail.WithPort(s.cfg.port()),
		gomail.WithTimeout(2 * s.cfg.timeout()), // never first: the deadline of Send is the one that is told
		gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithDialContextFunc(conn.dial),
		gomail.WithoutNoop(), // one message a session: the NOOP before and the RSET after it
		gomail.WithoutRset(), // only give the conversation two more chances to break
	}
	switch s.cfg.security() {
	case TLS:
		opts = append(opts, gomail.WithSSL())
	case Clear:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.cfg.Username != "" {
		opts = append(opts, gomail.WithUsername(s.cfg.Username), gomail.WithPassword(s.cfg.Password),
			// Named rather than discovered: discovery prefers NTLM and CRAM-MD5 to a password inside TLS.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return opts
}

// connection keeps hold of the socket, because go-mail forgets it when the session fails to open, and because only
// closing it interrupts a read when the caller gives up.
type connection struct {
	ctx      context.Context //nolint:containedctx // lives for one Send: go-mail's dial context ends when the session opens
	address  string
	tls      *tls.Config
	implicit bool
	conn     net.Conn
	release  func() bool
}

func (c *connection) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, c.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c.conn = conn
	c.release = context.AfterFunc(c.ctx, func() { _ = conn.Close() })
	if !c.implicit {
		return conn, nil
	}
	secured := tls.Client(conn, c.tls)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("begin TLS: %w", err)
	}
	return secured, nil
}

func (c *connection) close() {
	if c.conn != nil {
		c.release()
		_ = c.conn.Close()
	}
}

// explain sorts an error of go-mail, of the network or of TLS.
func (s *Sender) explain(err error) Result {
	if sendErr := (*gomail.SendError)(nil); errors.As(err, &sendErr) {
		return s.explainAnswer(sendErr)
	}
	var (
		answer      *textproto.Error
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		alert       tls.AlertError
		authority   x509.UnknownAuthorityError
		dial        *net.OpError
		nobody      *net.DNSError
	)
	text := err.Error()
	switch {
	case errors.As(err, &answer) && isAuthCode(answer.Code):
		return s.failed(FailedTemporary, ReasonAuth, "user name or password refused: "+unquoted(answer.Error()))
	case errors.As(err, &answer):
		return s.failed(FailedTemporary, ReasonRefused, unquoted(answer.Error()))
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &authority),
		strings.Contains(text, "STARTTLS"):
		return s.failed(FailedTemporary, ReasonTLS, text)
	case strings.Contains(text, "AUTH"):
		return s.failed(FailedTemporary, ReasonAuth, text)
	case errors.As(err, &nobody), errors.As(err, &dial) && dial.Op == "dial":
		return s.failed(FailedTemporary, ReasonUnreachable, text)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return s.failed(FailedTemporary, ReasonTimeout, text)
	}
	return s.failed(FailedTemporary, ReasonBroken, text)
}

// explainAnswer sorts what went wrong after the session was open. Only the recipient and the content can be refused
// for good; a refused sender is a setting.
func (s *Sender) explainAnswer(err *gomail.SendError) Result {
	code := err.ErrorCode()
	said := strings.TrimPrefix(err.Error(), err.Reason.String()+": ")
	said, _, _ = strings.Cut(said, ", affected ")
	said = unquoted(said)
	aboutRecipient := err.Reason == gomail.ErrSMTPRcptTo || err.Reason == gomail.ErrSMTPData ||
		err.Reason == gomail.ErrSMTPDataClose
	switch {
	case isAuthCode(code):
		return s.failed(FailedTemporary, ReasonAuth, said)
	case code >= 500 && aboutRecipient:
		return s.failed(FailedPermanent, ReasonRefused, said)
	case code >= 400:
		return s.failed(FailedTemporary, ReasonRefused, said)
	}
	return s.failed(FailedTemporary, ReasonBroken, err.Error())
}

// unquoted undoes what net/textproto does to a server's words: 550 "no such user".
func unquoted(answer string) string {
	code, quoted, _ := strings.Cut(answer, " ")
	words, err := strconv.Unquote(quoted)
	if err != nil {
		return answer
	}
	return code + " " + words
}

// isAuthCode names the answers of RFC 4954 that ask for other credentials: required, mechanism too weak, refused,
// encryption required.
func isAuthCode(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }

// detailLength keeps a talkative server from filling a table cell.
const detailLength = 200

func (s *Sender) failed(outcome Outcome, reason Reason, detail string) Result {
	detail = oneLine(strings.ToValidUTF8(detail, "?"))
	if s.cfg.Password != "" {
		detail = strings.ReplaceAll(detail, s.cfg.Password, "***")
	}
	if runes := []rune(detail); len(runes) > detailLength {
		detail = string(runes[:detailLength-1]) + "…"
	}
	return Result{outcome, reason, detail}
}

// Package outbound is the one client that speaks to other machines over HTTP. Whatever address it is given, it leads
// nowhere inside the house, follows nobody elsewhere, and neither waits nor reads for ever.
package outbound

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Limits that hold when Options name no others.
const (
	DefaultTimeout  = 30 * time.Second
	DefaultMaxBytes = 1 << 20
)

const (
	maxAddress = 2048
	maxHeader  = 32 << 10
)

// Options say what the operator allows.
type Options struct {
	// Allow are hosts that may be internal, and may be asked without TLS.
	Allow []Host
	// Timeout bounds a request from the look-up of the name to the last byte.
	Timeout time.Duration
	// MaxBytes bounds the body of an answer, as it comes over the line.
	MaxBytes int64
	// RootCAs are the authorities to trust; nil is the system's.
	RootCAs *x509.CertPool
	// Resolver finds the addresses of names; nil is the system's.
	Resolver *net.Resolver
	// Agent is the program's name for the other side.
	Agent string
}

// Client asks other machines. It may be used by several goroutines at once.
type Client struct {
	options Options
	allow   allowed
	http    *http.Client
}

// New makes a client.
func New(o Options) *Client {
	o.Timeout, o.MaxBytes = cmp.Or(o.Timeout, DefaultTimeout), cmp.Or(o.MaxBytes, DefaultMaxBytes)
	c := &Client{options: o, allow: allowed{}}
	for _, h := range o.Allow {
		c.allow[h] = true
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would look names up again, where nobody checks the answer
			DialContext:            c.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
			TLSHandshakeTimeout:    o.Timeout,
			ResponseHeaderTimeout:  o.Timeout,
			MaxResponseHeaderBytes: maxHeader,
			DisableKeepAlives:      true, // each request is looked up and checked anew
			DisableCompression:     true, // MaxBytes is of what is kept, not of what it is packed in
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// dial calls a host. The address is checked where it is used, after the name was looked up: a name that answers
// otherwise the second time gains nothing by it.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: c.options.Timeout, Resolver: c.options.Resolver}
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", address, err)
	}
	if h, err := ParseHost(name); err != nil || !c.allow.has(Host{Name: h.Name, Port: port}) {
		d.Control = onlyPublic
	}
	return d.DialContext(ctx, network, address)
}

// onlyPublic refuses a socket to an address inside the house, before anything is sent.
func onlyPublic(network, address string, _ syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return errInternal
	}
	a, err := netip.ParseAddrPort(address)
	if err != nil || !public(a.Addr()) {
		return errInternal
	}
	return nil
}

// Request is what to ask.
type Request struct {
	Method string // empty is GET
	URL    string
	Header http.Header
	Body   []byte
	// MaxBytes bounds the body of the answer; 0 is the client's.
	MaxBytes int64
	// Enough takes the status for the answer, and of the body what comes: one that is longer, packed or breaks off is no
	// error. It is for messages, which have arrived by then: sent again, they would come twice.
	Enough bool
}

// Answer is what the other side said, whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Get asks for a document and takes nothing else: an answer of another status than 200 is an error. Every error is an
// *Error.
func (c *Client) Get(ctx context.Context, address string) ([]byte, error) {
	return c.GetUpTo(ctx, address, 0)
}

// GetUpTo is Get with a bound of its own on the document's size.
func (c *Client) GetUpTo(ctx context.Context, address string, maxBytes int64) ([]byte, error) {
	a, err := c.Do(ctx, Request{URL: address, MaxBytes: maxBytes})
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		u, _ := url.Parse(address)
		return nil, &Error{Reason: Refused, Host: u.Host, Status: a.Status}
	}
	return a.Body, nil
}

// Do asks and gives the answer, whatever its status but one that sends elsewhere. Every error is an *Error.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	u, err := c.check(r.URL)
	if err != nil {
		return Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, cmp.Or(r.Method, http.MethodGet), u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, &Error{Reason: BadAddress, Host: u.Host}
	}
	if r.Header != nil {
		request.Header = r.Header.Clone()
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", cmp.Or(c.options.Agent, "enveloppe"))
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, explain(u.Host, err)
	}
	read := take
	if r.Enough {
		read = some
	}
	body, err := read(response, cmp.Or(r.MaxBytes, c.options.MaxBytes))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		if known, ok := errors.AsType[*Error](err); ok {
			known.Host = u.Host
			return Answer{}, known
		}
		return Answer{}, explain(u.Host, err)
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// Check says what is wrong with an address before anybody is asked: an *Error, or nil. What its name leads to is known
// only when it is called.
func (c *Client) Check(address string) error {
	_, err := c.check(address)
	return err
}

func (c *Client) check(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, &Error{Reason: BadAddress}
	}
	h, err := hostOf(u)
	if err != nil {
		return nil, &Error{Reason: BadAddress, Host: u.Host}
	}
	if c.allow.has(h) {
		return u, nil
	}
	if u.Scheme != "https" {
		return nil, &Error{Reason: NotSecure, Host: u.Host}
	}
	if a, err := netip.ParseAddr(h.Name); err == nil && !public(a) {
		return nil, &Error{Reason: Internal, Host: u.Host}
	}
	return u, nil
}

// redirected is the error of an answer that sends elsewhere; nil for any other.
func redirected(r *http.Response) error {
	if r.StatusCode < 300 || r.StatusCode >= 400 {
		return nil
	}
	e := &Error{Reason: Redirected, Status: r.StatusCode}
	if to, err := r.Location(); err == nil {
		e.Detail = "to " + to.Host
	}
	return e
}

// some reads what comes of an answer's body, up to a bound.
func some(r *http.Response, most int64) ([]byte, error) {
	if err := redirected(r); err != nil {
		return nil, err
	}
	if packed(r) {
		return nil, nil
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, most)) // the status was the answer
	return body, nil
}

func packed(r *http.Response) bool {
	encoding := r.Header.Get("Content-Encoding")
	return encoding != "" && !strings.EqualFold(encoding, "identity")
}

// take reads an answer's body up to a bound.
func take(r *http.Response, most int64) ([]byte, error) {
	if err := redirected(r); err != nil {
		return nil, err
	}
	switch {
	case r.ContentLength > most:
		return nil, &Error{Reason: TooLarge}
	case packed(r):
		return nil, &Error{Reason: Broken, Detail: "it is packed, which was not asked for"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if int64(len(body)) > most {
		return nil, &Error{Reason: TooLarge}
	}
	return body, err
}

package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"enveloppe/app/outbound"
)

// allow is the option that lets a server of a test be asked: it listens on loopback, which is internal.
func allow(t *testing.T, address string) []outbound.Host {
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

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// reason is why nothing came of a request; it fails the test when something did, or when the error is of another kind.
func reason(t *testing.T, err error) outbound.Reason {
	t.Helper()
	var e *outbound.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v", err)
	}
	return e.Reason
}

func TestAnAllowedHostIsAsked(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "" || r.Header.Get("User-Agent") != "enveloppe/9" {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, "1.0714")
	})
	c := outbound.New(outbound.Options{Allow: allow(t, s.URL), Agent: "enveloppe/9"})
	if body, err := c.Get(t.Context(), s.URL+"/rates"); err != nil || string(body) != "1.0714" {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestAMessageIsPosted(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("webhook-id")+" "+r.Header.Get("Content-Type")+" "+string(body))
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, "slow down")
	})
	c := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
	a, err := c.Do(t.Context(), outbound.Request{
		Method: http.MethodPost, URL: s.URL, Body: []byte(`{"a":1}`),
		Header: http.Header{"Webhook-Id": {"m1"}, "Content-Type": {"application/json"}},
	})
	if err != nil || a.Status != http.StatusTooManyRequests || string(a.Body) != "slow down" || a.Header.Get("X-Seen") != `POST m1 application/json {"a":1}` {
		t.Errorf("answer is %+v, %v", a, err)
	}
}

func TestOnlyTheHostsNamedAreAllowed(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	other, err := outbound.ParseHost("127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	c := outbound.New(outbound.Options{Allow: []outbound.Host{other, {Name: "localhost", Port: "9"}}})
	for _, a := range []struct {
		address string
		want    outbound.Reason
	}{
		{s.URL, outbound.NotSecure},
		{"https://127.0.0.1" + port, outbound.Internal},
		{"https://localhost" + port, outbound.Internal},
		{"https://[::1]" + port, outbound.Internal},
		{"https://[::ffff:127.0.0.1]" + port, outbound.Internal},
		{"https://[::ffff:7f00:1]" + port, outbound.Internal},
		{"https://169.254.169.254/latest/meta-data", outbound.Internal},
		{"https://[fd00::1]/", outbound.Internal},
		{"https://[64:ff9b::7f00:1]/", outbound.Internal},
		{"https://0.0.0.0" + port, outbound.Internal},
		{"https://[fe80::1%25lo]" + port, outbound.Internal},
		{"https://user:password@127.0.0.1:1/", outbound.BadAddress},
		{"ftp://127.0.0.1:1/", outbound.BadAddress},
		{"file:///etc/passwd", outbound.BadAddress},
		{"127.0.0.1:1", outbound.BadAddress},
		{"https://", outbound.BadAddress},
		{"https://a b/", outbound.BadAddress},
		{"https://example.org/" + strings.Repeat("a", 3000), outbound.BadAddress},
		{"", outbound.BadAddress},
	} {
		if _, err := c.Get(t.Context(), a.address); reason(t, err) != a.want {
			t.Errorf("%.60s: %v, want %s", a.address, err, a.want)
		}
	}
	if asked.Load() > 0 {
		t.Error("the server was asked")
	}
}

// names answers every question for an address with the ones given, and is asked over loopback.
func names(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	socket, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			for _, a := range addresses {
				ip, head := net.ParseIP(a), dnsmessage.ResourceHeader{Name: m.Questions[0].Name, Class: dnsmessage.ClassINET}
				switch v4 := ip.To4(); {
				case v4 != nil && m.Questions[0].Type == dnsmessage.TypeA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: [4]byte(v4)}})
				case v4 == nil && m.Questions[0].Type == dnsmessage.TypeAAAA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
				}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func TestANameThatLeadsInsideIsNotCalled(t *testing.T) {
	var called atomic.Int32
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, addresses := range [][]string{
		{"127.0.0.1"}, {"::1"}, {"10.1.2.3"}, {"169.254.169.254"}, {"64:ff9b::7f00:1"}, {"2002:7f00:1::"}, {"10.1.2.3", "127.0.0.1"},
	} {
		c := outbound.New(outbound.Options{Resolver: names(t, addresses...), Timeout: 5 * time.Second})
		if _, err := c.Get(t.Context(), "https://rates.example.org:"+port+"/"); reason(t, err) != outbound.Internal {
			t.Errorf("a name that leads to %v: %v", addresses, err)
		}
	}
	if called.Load() > 0 {
		t.Error("the machine was called")
	}
	c := outbound.New(outbound.Options{Resolver: names(t), Timeout: 5 * time.Second})
	if _, err := c.Get(t.Context(), "https://nobody.example.org/"); reason(t, err) != outbound.NotFound {
		t.Errorf("a name that leads nowhere: %v", err)
	}
}

func TestANameTheOperatorAllowedLeadsInside(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	port := s.URL[strings.LastIndex(s.URL, ":")+1:]
	c := outbound.New(outbound.Options{Allow: []outbound.Host{{Name: "rates.example.org"}}, Resolver: names(t, "127.0.0.1")})
	if body, err := c.Get(t.Context(), "http://Rates.Example.Org:"+port+"/"); err != nil || !strings.EqualFold(string(body), "rates.example.org:"+port) {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestNobodyIsFollowed(t *testing.T) {
	var asked atomic.Int32
	inside := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for _, to := range []string{inside.URL + "/secret", "http://169.254.169.254/latest", "/elsewhere", ""} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				asked.Add(1)
			}
			if to != "" {
				w.Header().Set("Location", to)
			}
			w.WriteHeader(http.StatusFound)
		})
		c := outbound.New(outbound.Options{Allow: append(allow(t, s.URL), allow(t, inside.URL)...)})
		if _, err := c.Get(t.Context(), s.URL+"/"); reason(t, err) != outbound.Redirected || strings.Contains(err.Error(), "secret") {
			t.Errorf("sent to %q: %v", to, err)
		}
	}
	if asked.Load() > 0 {
		t.Error("somebody was followed")
	}
}

func TestNobodyIsWaitedForForEver(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	drop := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "1.07")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	for name, s := range map[string]*httptest.Server{"never answers": silent, "stops in the middle": drop} {
		c := outbound.New(outbound.Options{Allow: allow(t, s.URL), Timeout: 50 * time.Millisecond})
		if _, err := c.Get(t.Context(), s.URL); reason(t, err) != outbound.TimedOut {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := outbound.New(outbound.Options{Allow: allow(t, silent.URL)})
	if _, err := c.Get(ctx, silent.URL); reason(t, err) != outbound.Stopped {
		t.Errorf("given up: %v", err)
	}
}

func TestNoMoreIsTakenThanAllowed(t *testing.T) {
	var sent atomic.Int64
	endless := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 64<<10)
		for range 10 << 30 / len(block) { // 10 GB
			n, err := w.Write(block)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	})
	announced := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "10737418240") })
	exact := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "12345678") })
	for _, s := range []*httptest.Server{endless, announced} {
		c := outbound.New(outbound.Options{Allow: allow(t, s.URL), MaxBytes: 1 << 20})
		if _, err := c.Get(t.Context(), s.URL); reason(t, err) != outbound.TooLarge {
			t.Error(err)
		}
	}
	if sent.Load() > 64<<20 {
		t.Errorf("%d MB were sent", sent.Load()>>20)
	}
	c := outbound.New(outbound.Options{Allow: allow(t, exact.URL), MaxBytes: 1})
	if body, err := c.GetUpTo(t.Context(), exact.URL, 8); err != nil || len(body) != 8 {
		t.Errorf("as much as allowed: %q, %v", body, err)
	}
	if _, err := c.GetUpTo(t.Context(), exact.URL, 7); reason(t, err) != outbound.TooLarge {
		t.Error(err)
	}
}

// Whoever only sends a message takes the status for the answer, and of the body what comes; elsewhere it is not led.
func TestTheStatusIsEnoughForAMessage(t *testing.T) {
	for name, c := range map[string]struct {
		do   http.HandlerFunc
		want string
	}{
		"endless": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, "\x00\x00\x00\x00"},
		"breaks off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "ab")
		}, "ab"},
		"packed": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, "ab")
		}, ""},
		"exact": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "abcd") }, "abcd"},
	} {
		s := serve(t, c.do)
		client := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
		a, err := client.Do(t.Context(), outbound.Request{Method: http.MethodPost, URL: s.URL, MaxBytes: 4, Enough: true})
		if err != nil || a.Status != http.StatusOK || string(a.Body) != c.want {
			t.Errorf("%s: %q, %v", name, a.Body, err)
		}
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusSeeOther) })
	client := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
	if _, err := client.Do(t.Context(), outbound.Request{URL: s.URL, Enough: true}); reason(t, err) != outbound.Redirected {
		t.Error(err)
	}
}

// A packed answer was not asked for, and is neither unpacked nor taken for what it packs.
func TestABombIsNotUnpacked(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 100<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/said" {
			w.Header().Set("Content-Encoding", "gzip")
		}
		_, _ = w.Write(bomb.Bytes())
	})
	c := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
	if _, err := c.Get(t.Context(), s.URL+"/said"); reason(t, err) != outbound.Broken {
		t.Error(err)
	}
	if body, err := c.Get(t.Context(), s.URL+"/unsaid"); err != nil || len(body) != bomb.Len() {
		t.Errorf("%d bytes of %d, %v", len(body), bomb.Len(), err)
	}
}

func TestWhoIsNotWhoTheySayIsRefused(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	known := x509.NewCertPool()
	known.AddCert(s.Certificate())
	c := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
	if _, err := c.Get(t.Context(), s.URL); reason(t, err) != outbound.Untrusted {
		t.Errorf("an unknown authority: %v", err)
	}
	c = outbound.New(outbound.Options{Allow: allow(t, s.URL), RootCAs: known})
	if body, err := c.Get(t.Context(), s.URL); err != nil || string(body) != "hello" {
		t.Errorf("a known authority: %q, %v", body, err)
	}
	u, _ := url.Parse(s.URL)
	c = outbound.New(outbound.Options{Allow: []outbound.Host{{Name: "other.test"}}, RootCAs: known, Resolver: names(t, "127.0.0.1")})
	if _, err := c.Get(t.Context(), "https://other.test:"+u.Port()); reason(t, err) != outbound.Untrusted {
		t.Errorf("another's certificate: %v", err)
	}
	open := serve(t, func(http.ResponseWriter, *http.Request) {})
	c = outbound.New(outbound.Options{Allow: allow(t, open.URL)})
	if _, err := c.Get(t.Context(), strings.Replace(open.URL, "http:", "https:", 1)); reason(t, err) != outbound.Untrusted {
		t.Errorf("no TLS at all: %v", err)
	}
}

func TestOtherFailuresHaveTheirReason(t *testing.T) {
	for _, c := range []struct {
		name string
		do   http.HandlerFunc
		want outbound.Reason
	}{
		{"not there", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, outbound.Refused},
		{"nothing in it", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, outbound.Refused},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "short")
		}, outbound.Broken},
		{"sends nowhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://%zz")
			w.WriteHeader(http.StatusFound)
		}, outbound.Broken},
		{"headers without end", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, outbound.Broken},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = io.WriteString(conn, "220 mail ready\r\n")
				_ = conn.Close()
			}
		}, outbound.Broken},
		{"hangs up", func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = conn.Close()
			}
		}, outbound.Broken},
	} {
		s := serve(t, c.do)
		client := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
		if _, err := client.Get(t.Context(), s.URL+"/token-in-the-path"); reason(t, err) != c.want || strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	s.Close()
	client := outbound.New(outbound.Options{Allow: allow(t, s.URL)})
	if _, err := client.Get(t.Context(), s.URL); reason(t, err) != outbound.Unreachable {
		t.Errorf("nobody there: %v", err)
	}
}

func TestHostsAreReadAsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"rates.lan": "rates.lan", "Rates.LAN.": "rates.lan", "rates.lan:8080": "rates.lan:8080", "10.0.0.5": "10.0.0.5", "::1": "::1",
		"[::1]:80": "[::1]:80", "[FD00::1]": "fd00::1", "bücher.example": "xn--bcher-kva.example", "localhost": "localhost",
	} {
		if h, err := outbound.ParseHost(typed); err != nil || h.String() != want {
			t.Errorf("%q is read as %q, %v; want %q", typed, h, err, want)
		}
	}
	for _, typed := range []string{"", "http://rates.lan", "rates.lan/path", "rates.lan:0", "rates.lan:70000", "rates.lan:http", "*.lan", "a b", "rates.lan:+80", "10.0.0.0/8"} {
		if h, err := outbound.ParseHost(typed); err == nil {
			t.Errorf("%q is read as %q", typed, h)
		}
	}
}

func TestErrorsAreSentencesAndSayWhatHelps(t *testing.T) {
	for _, c := range []struct {
		err       outbound.Error
		says      string
		temporary bool
	}{
		{outbound.Error{Reason: outbound.Refused, Host: "x.org", Status: 503}, "x.org did not give it (status 503)", true},
		{outbound.Error{Reason: outbound.Refused, Host: "x.org", Status: 404}, "x.org did not give it (status 404)", false},
		{outbound.Error{Reason: outbound.TimedOut, Host: "x.org"}, "x.org did not answer in time", true},
		{outbound.Error{Reason: outbound.Internal, Host: "x.org"}, "x.org leads to an internal address", false},
		{outbound.Error{Reason: outbound.Unreachable, Host: "x.org", Detail: "connection refused"}, "x.org cannot be reached: connection refused", true},
		{outbound.Error{Reason: outbound.BadAddress}, "not an address that can be asked", false},
	} {
		if c.err.Error() != c.says || c.err.Temporary() != c.temporary {
			t.Errorf("%+v says %q, temporary %t", c.err, c.err.Error(), c.err.Temporary())
		}
	}
}

// Package mailtest runs a real SMTP server inside a test, with its own certificate and failures made to order.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Security is how the server protects the conversation.
type Security string

// The zero Options offer StartTLS.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	Clear    Security = "none"
)

// Options of a server. With a Username, nobody sends without signing in.
type Options struct {
	Security Security
	Username string
	Password string
}

// Message is what the server took: the envelope's addresses, and the bytes after DATA with CRLF line ends.
type Message struct {
	From string
	To   []string
	Data []byte
}

// Server listens on 127.0.0.1 until the test ends.
type Server struct {
	Host    string
	Port    int
	Pool    *x509.CertPool // trusts this server and no other
	CertPEM []byte         // the same as a file's content, for SSL_CERT_FILE of another process

	stopped chan struct{}

	mu       sync.Mutex
	messages []Message
	failures failures
}

type failures struct {
	sender, content *smtp.SMTPError
	recipients      map[string]*smtp.SMTPError
	drop, stall     bool
}

// Start begins to listen and stops when the test ends.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	certificate, certPEM, pool := newCertificate(t)
	s := &Server{Pool: pool, CertPEM: certPEM, stopped: make(chan struct{})}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c, options: o, signedIn: o.Username == ""}, nil
	}))
	server.Domain = "mailtest.invalid"
	server.ErrorLog = log.New(io.Discard, "", 0) // what goes wrong here is what a test asked for
	server.EnableSMTPUTF8 = true
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}

	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for mail: %v", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("mail server listens on %v, not on TCP", listener.Addr())
	}
	s.Host, s.Port = address.IP.String(), address.Port
	switch o.Security {
	case TLS:
		listener = tls.NewListener(listener, secure)
	case Clear:
		server.AllowInsecureAuth = true
	default:
		server.TLSConfig = secure
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with an error when closed, by design
	}()
	t.Cleanup(func() {
		close(s.stopped)
		_ = server.Close()
		_ = listener.Close() // in case the test ends before Serve has noted it
		<-done
	})
	return s
}

// Messages lists what the server took so far, oldest first.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// RefuseSender answers MAIL FROM with code and text; code 0 accepts again. So do the next two for their part.
func (s *Server) RefuseSender(code int, text string) {
	s.set(func(f *failures) { f.sender = refusal(code, text) })
}

// RefuseRecipient answers RCPT TO for one address and accepts the others.
func (s *Server) RefuseRecipient(address string, code int, text string) {
	s.set(func(f *failures) {
		if f.recipients == nil {
			f.recipients = map[string]*smtp.SMTPError{}
		}
		f.recipients[address] = refusal(code, text)
	})
}

// RefuseContent reads the whole message, then answers with code and text.
func (s *Server) RefuseContent(code int, text string) {
	s.set(func(f *failures) { f.content = refusal(code, text) })
}

// DropDuringData closes the connection in the middle of the message, while on.
func (s *Server) DropDuringData(on bool) { s.set(func(f *failures) { f.drop = on }) }

// StallDuringData takes the message and never answers, while on.
func (s *Server) StallDuringData(on bool) { s.set(func(f *failures) { f.stall = on }) }

func (s *Server) set(change func(*failures)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.failures)
}

func refusal(code int, text string) *smtp.SMTPError {
	if code == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	options  Options
	signedIn bool
	from     string
	to       []string
}

func (s *session) failures() failures {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return s.server.failures
}

func (s *session) AuthMechanisms() []string {
	if s.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.options.Username || password != s.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.signedIn {
		return refusal(530, "authentication required")
	}
	if refused := s.failures().sender; refused != nil {
		return refused
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if refused := s.server.failures.recipients[to]; refused != nil {
		return refused
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	wish := s.failures()
	if wish.drop {
		_, _ = io.CopyN(io.Discard, r, 64)
		return s.conn.Conn().Close()
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if wish.stall {
		<-s.server.stopped
		return io.ErrUnexpectedEOF
	}
	if wish.content != nil {
		return wish.content
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.messages = append(s.server.messages, Message{From: s.from, To: s.to, Data: data})
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// newCertificate makes a certificate for 127.0.0.1 that is its own authority. Its days are fixed, so that no test
// depends on the one it runs on.
func newCertificate(t testing.TB) (tls.Certificate, []byte, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("make key: %v", err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "mailtest"},
		NotBefore:             time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		DNSNames:              []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatalf("make certificate: %v", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("read own certificate: %v", err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, certPEM, pool
}

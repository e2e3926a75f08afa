// Package openidtest runs a real OpenID provider beside a test: the example provider of zitadel/oidc, in a process of
// its own, on loopback.
package openidtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// What the program is to the provider.
const (
	ClientID     = "enveloppe"
	ClientSecret = "secret of the tests, + & / at the provider" // what a form must escape
)

// User is somebody the provider knows.
type User struct{ Subject, Username, Password, Email string }

// The two people of the example.
var (
	First  = User{"id1", "test-user@localhost", "verysecure", "test-user@zitadel.ch"}
	Second = User{"id2", "test-user2", "verysecure", "test-user2@zitadel.ch"}
)

const (
	childVariable = "ENVELOPPE_TEST_PROVIDER"
	control       = "/test/redirect"
)

// Main runs a package's tests, or the provider when this process was started to be one: m is what runs the tests.
func Main(m func() int) int {
	if os.Getenv(childVariable) == "" {
		return m()
	}
	if err := serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Provider is a provider in a process of its own.
type Provider struct {
	Issuer string
	t      testing.TB
	stop   func()
}

// Start starts a provider, which stops with the test. The package's TestMain must go through Main.
func Start(t testing.TB) *Provider {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(context.Background(), self) //nolint:gosec // this very test
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = io.Discard
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	p := &Provider{t: t, stop: func() {
		if !stopped {
			stopped = true
			_ = stdin.Close() // it ends when nobody holds the other end: also when the test is killed
			_ = child.Wait()
		}
	}}
	t.Cleanup(p.stop)
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider does not say its address: %v", err)
	}
	p.Issuer = strings.TrimSpace(line)
	return p
}

// Stop ends the provider: from now on it does not answer.
func (p *Provider) Stop() { p.stop() }

// Redirect puts an address on the provider's list of those it sends people back to.
func (p *Provider) Redirect(address string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.Issuer+control, strings.NewReader(url.Values{"uri": {address}}.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusNoContent {
		p.t.Fatalf("the provider answers %s", resp.Status)
	}
	if err := resp.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// serve is the provider, until in ends. It says its address on out.
func serve(ctx context.Context, in io.Reader, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	// Another name than the tested site has, so that browsers take the two for different sites.
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	issuer := "http://" + net.JoinHostPort("localhost", port)
	var redirect atomic.Value
	redirect.Store("")
	clients := map[string]*storage.Client{ClientID: storage.WebClient(ClientID, ClientSecret)}
	kept := known{storage.NewStorageWithClients(storage.NewUserStore(issuer), clients), func() string { return redirect.Load().(string) }}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+control, func(w http.ResponseWriter, r *http.Request) {
		redirect.Store(r.FormValue("uri"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("/", exampleop.SetupServer(issuer, kept, quiet, false))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		_ = server.Close()
	}()
	fmt.Fprintln(out, issuer)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// known is the example's memory, but that the address to come back to is told later, and that it says in what it signs
// how to reach people.
type known struct {
	*storage.Storage
	redirect func() string
}

// GetClientByClientID finds a client.
func (k known) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := k.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, k.redirect()}, nil
}

type client struct {
	op.Client
	redirect string
}

// RedirectURIs are where people may be sent back to.
func (c client) RedirectURIs() []string { return []string{c.redirect} }

// DevMode allows an address without TLS.
func (c client) DevMode() bool { return true }

// IDTokenUserinfoClaimsAssertion puts who somebody is into the ID token.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

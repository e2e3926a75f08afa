// Package web is Enveloppe on the screen: HTTP in, HTML out, one file a resource.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"enveloppe/app/web/pagecache"
	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/static"
)

// Post sends mail for the screens. It belongs to the outside, so the program hands it in.
type Post interface {
	// Configured tells whether mail can leave at all.
	Configured() bool
	// Test sends one short message to an address. The error is an Undelivered with what the other side answered.
	Test(ctx context.Context, address, name string, lang models.Lang) error
	// Mail sends one message of the screens; the error likewise.
	Mail(ctx context.Context, l Letter) error
}

// Options is what the web app is told at the start.
type Options struct {
	Base    *url.URL         // the address people type; links, cookies and the secure flag follow it, never a request's header
	Now     func() time.Time // the program's one clock
	Logger  *slog.Logger
	Post    Post
	Version string
	// Demo signs every visitor in as the director of the sample association.
	Demo bool
	// Proxies are the addresses whose X-Forwarded-For is believed; none means nobody's.
	Proxies []netip.Prefix
	// Channels tries the channels of an organisation.
	Channels ChannelDesk
	// Rates fetches published rates; nil where they are not.
	Rates RateDesk
	// Provider signs people in beside their passwords; nil where none is set.
	Provider Provider
	// Sample plants the sample association and gives its director; nil where it is not offered.
	Sample func(ctx context.Context, lang models.Lang) (models.Actor, error)
}

// Web answers the browser.
type Web struct {
	Options
	store *store.Store
	books map[models.Lang]*book
	cache *pagecache.Cache
	echo  *echo.Echo
	party *webauthn.WebAuthn // nil where no browser would use passkeys
	// imports and matchings are what goes on, and is held, beside the requests.
	imports   imports
	matchings matchings
	outbox    outbox
	// start tells one start's pages from another's in ETags: another build has other templates, and another file, as
	// after a restore or a new demonstration, has other facts under the same revision.
	start string
	// founding is held by the request that founds the organisation or plants the sample, so that a button pressed twice
	// does so once.
	founding sync.Mutex
}

// Limits of one request.
const (
	maxBody        = "1M"
	requestTime    = 30 * time.Second
	headerTime     = 10 * time.Second
	maxHeaderBytes = 64 << 10
)

// fileRoutes take more than a page of form: each handler bounds what it reads by itself.
var fileRoutes = []string{
	"/statements", "/payments", "/payments/:id/correction", "/payments/:id/attachments", "/invoices", "/settings/rates/file",
	"/subscriptions/:id/answer", "/decisions/:id/proofs",
}

func takesFile(c echo.Context) bool {
	return c.Request().Method == http.MethodPost && slices.Contains(fileRoutes, c.Path())
}

// New builds the web app over a store. It fails when a template does not parse: at the start, not at a visit.
func New(s *store.Store, o Options) (*Web, error) {
	books, err := openBooks()
	if err != nil {
		return nil, err
	}
	w := &Web{Options: o, store: s, books: books, cache: pagecache.New(256), start: rand.Text(), party: newParty(o.Base)}
	w.outbox.slots = make(chan struct{}, maxLetters)
	w.echo = w.routes()
	return w, nil
}

// Handler is the app with everything around it.
//
// HEAD is answered as GET is, and the server keeps the content back: that is how programs look whether a page is there.
func (w *Web) Handler() http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			as := *r
			as.Method, r = http.MethodGet, &as
		}
		w.echo.ServeHTTP(out, r)
	})
}

// Server is an HTTP server with the limits a public address needs.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: 2 * requestTime,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeaderBytes,
	}
}

func (w *Web) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	e.HTTPErrorHandler = w.answerError
	e.IPExtractor = w.addressOf()
	e.Use(
		numbered,
		w.logRequests(),
		middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, LogErrorFunc: w.logPanic}),
		w.secure, // before anything that may refuse
		middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: maxBody, Skipper: takesFile}),
		middleware.ContextTimeout(requestTime),
		w.sameSite(),
	)
	e.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", w.ready)
	e.GET("/favicon.ico", func(c echo.Context) error { return c.Redirect(http.StatusFound, static.URL("icons/favicon.svg")) })
	e.GET("/robots.txt", func(c echo.Context) error { return c.String(http.StatusOK, robots) })
	e.GET("/static/*", echo.WrapHandler(static.Handler()))

	w.entryRoutes(e.Group("", w.greet))
	in := e.Group("", w.greet, w.signedIn)
	for _, add := range []func(*echo.Group){
		w.dashboardRoutes, w.serviceRoutes, w.planRoutes, w.subscriptionRoutes, w.decisionRoutes, w.decideRoutes, w.flagRoutes,
		w.renewalRoutes, w.proposalRoutes, w.envelopeRoutes, w.reviewRoutes, w.paymentRoutes, w.statementRoutes, w.accountingRoutes,
		w.peopleRoutes, w.seatBoardRoutes, w.accessRoutes, w.invitingRoutes, w.settingsRoutes, w.accountRoutes, w.identityRoutes, w.confirmRoutes,
		w.addressRoutes, w.factorRoutes, w.organisationsRoutes, w.tokenRoutes, w.digestRoutes, w.messageRoutes, w.auditRoutes,
	} {
		add(in)
	}
	return e
}

func (w *Web) ready(c echo.Context) error {
	if err := w.store.Ping(c.Request().Context()); err != nil {
		return c.String(http.StatusServiceUnavailable, "the database does not answer\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

var errPanic = errors.New("panic")

func (w *Web) logPanic(c echo.Context, err error, stack []byte) error {
	w.Logger.Error("panic", "route", c.Path(), "error", err, "stack", string(stack))
	return errors.Join(errPanic, err)
}

// discard swallows Echo's own log: the program has one already.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

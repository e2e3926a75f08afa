// Package api is Enveloppe for programs: the register as JSON over HTTP, for who shows a token.
package api

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"enveloppe/models"
	"enveloppe/models/store"
)

// Root is where the API's addresses begin.
const Root = "/api/v1"

// Options is what the API is told at the start.
type Options struct {
	Now    func() time.Time // the program's one clock
	Logger *slog.Logger
	// Address is where a request comes from, proxies considered.
	Address func(*http.Request) string
	Secure  bool // the site is reached over https
}

// API answers programs.
type API struct {
	Options
	store *store.Store
	echo  *echo.Echo
	start string // tells one start's answers from another's in ETags: another file has other facts under one revision
}

// Limits of one request.
const (
	maxBody     = "64K"
	requestTime = 30 * time.Second
)

// New builds the API over a store.
func New(s *store.Store, o Options) *API {
	a := &API{Options: o, store: s, start: rand.Text()}
	a.echo = a.routes()
	return a
}

// Handler answers everything below Root.
func (a *API) Handler() http.Handler { return a.echo }

func (a *API) routes() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(discard{})
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = a.Address
	e.Use(
		a.logRequests,
		middleware.RecoverWithConfig(middleware.RecoverConfig{DisablePrintStack: true, LogErrorFunc: a.logPanic}),
		a.headed,
		middleware.BodyLimit(maxBody),
		middleware.ContextTimeout(requestTime),
	)
	e.GET(Root+"/openapi.json", a.document)
	for _, r := range []struct {
		path   string
		answer func(*call) (any, error)
	}{
		{"/organisation", organisation},
		{"/services", services},
		{"/services/:id", service},
		{"/subscriptions", subscriptions},
		{"/subscriptions/:id", subscription},
		{"/renewals", renewals},
		{"/payments", ofMoney(payments)},
		{"/payments/:id", ofMoney(payment)},
		{"/envelope", ofMoney(envelope)},
		{"/flags", flags},
	} {
		e.GET(Root+r.path, a.reading(r.answer))
	}
	e.POST(Root+"/payments", a.writing(a.recordPayment))
	e.POST(Root+"/payments/:id/reversal", a.writing(a.reversePayment))
	return e
}

// call is one request of a token's bearer.
type call struct {
	echo.Context
	bearer   store.Bearer
	actor    models.Actor
	register *models.Register
	amounts  bool // the bearer reads amounts
}

// reading answers a question about the register, or says that nothing has changed since it was last asked.
func (a *API) reading(answer func(*call) (any, error)) echo.HandlerFunc {
	return func(c echo.Context) error {
		call, err := a.admit(c, models.ScopeRead, models.ScopeWrite)
		if err != nil {
			return err
		}
		tag := a.tag(call)
		body, err := answer(call) // a wrong question is wrong whatever its asker has
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set("ETag", tag)
		if matches(c.Request().Header.Get("If-None-Match"), tag) {
			return c.NoContent(http.StatusNotModified)
		}
		return send(c, http.StatusOK, jsonType, body)
	}
}

// writing does something a token of the scope write is for.
func (a *API) writing(do func(*call) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		call, err := a.admit(c, models.ScopeWrite)
		if err != nil {
			return err
		}
		return do(call)
	}
}

// ofMoney keeps answers that are about amounts from those who read none.
func ofMoney(answer func(*call) (any, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		if !c.amounts {
			return nil, problem{status: http.StatusForbidden, kind: "amounts"}
		}
		return answer(c)
	}
}

// logRequests writes one line a request, with the route and never the token: by default what writes and what is refused
// to somebody, else when asked for everything.
func (a *API) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := a.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		status := c.Response().Status
		level := slog.LevelDebug
		switch {
		case status >= http.StatusInternalServerError:
			level = slog.LevelError
		case c.Request().Method == http.MethodPost, status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusTooManyRequests:
			level = slog.LevelInfo
		}
		args := []any{
			"method", c.Request().Method, "route", c.Path(), "status", status, "took", a.Now().Sub(began),
			"id", c.Response().Header().Get(echo.HeaderXRequestID), "from", c.RealIP(),
		}
		if b, ok := c.Get(bearerKey).(store.Bearer); ok {
			args = append(args, "organisation", b.Organisation, "person", b.PersonID, "token", b.ID)
		}
		if status >= http.StatusInternalServerError && err != nil {
			args = append(args, "error", err)
		}
		a.Logger.Log(context.WithoutCancel(c.Request().Context()), level, "api request", args...)
		return nil
	}
}

var errPanic = errors.New("panic")

func (a *API) logPanic(c echo.Context, err error, stack []byte) error {
	a.Logger.Error("panic", "route", c.Path(), "error", err, "stack", string(stack))
	return errors.Join(errPanic, err)
}

// headed gives every answer what a browser that got here by accident is to know: that there is nothing to show or run,
// that it is nobody else's, and that it depends on who asks.
func (a *API) headed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set(echo.HeaderXRequestID, rand.Text())
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Authorization, Accept-Language")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if a.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// discard swallows Echo's own log: the program has one already.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

package api

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
	"enveloppe/models/token"
)

// bearerKey is where a request keeps who asks.
const bearerKey = "bearer"

// How many wrong tokens one network may show in a while. A right one is let in all the same: nobody guesses 256 bits,
// and an address may be shared.
const (
	wrongTokens = 20
	wrongWindow = 15 * time.Minute
)

// admit finds out who asks by their token, and whether it is for this.
func (a *API) admit(c echo.Context, scopes ...models.TokenScope) (*call, error) {
	b, err := a.bearer(c)
	if err != nil {
		return nil, err
	}
	c.Set(bearerKey, b)
	if !slices.Contains(scopes, b.Scope) {
		c.Response().Header().Set("WWW-Authenticate", challenge+`, error="insufficient_scope", scope="`+string(scopes[0])+`"`)
		return nil, problem{status: http.StatusForbidden, kind: "scope"}
	}
	ctx, now := c.Request().Context(), a.Now()
	if err := a.store.UseToken(ctx, b, c.RealIP(), now); err != nil {
		return nil, err
	}
	r, err := a.store.Register(ctx, b.Organisation)
	if err != nil {
		return nil, err
	}
	known := &call{Context: c, bearer: b, actor: b.Actor(c.RealIP(), now), register: r, amounts: r.Organisation.ShowsAmounts(b.Role)}
	if !known.amounts {
		known.register = r.WithoutAmounts()
	}
	return known, nil
}

// challenge says how one signs in here (RFC 6750).
const challenge = `Bearer realm="Enveloppe"`

// bearer is who shows the token of the request. A token in the address or in a cookie is none.
func (a *API) bearer(c echo.Context) (store.Bearer, error) {
	shown := c.Request().Header.Values("Authorization")
	if len(shown) == 0 {
		c.Response().Header().Set("WWW-Authenticate", challenge)
		return store.Bearer{}, problem{status: http.StatusUnauthorized, kind: "unauthorized"}
	}
	scheme, text, _ := strings.Cut(shown[0], " ")
	_, hash, ok := token.Parse(strings.Trim(text, " "))
	if len(shown) == 1 && strings.EqualFold(scheme, "Bearer") && ok {
		b, err := a.store.Bearer(c.Request().Context(), hash, a.Now())
		if !errors.Is(err, models.ErrNotFound) {
			return b, err
		}
	}
	return store.Bearer{}, a.refuseToken(c)
}

// refuseToken says that a token is no good, whatever is wrong with it, and counts it under the asker's network.
func (a *API) refuseToken(c echo.Context) error {
	sum := sha256.Sum256([]byte("token " + models.NetworkOf(c.RealIP())))
	key := base64.RawURLEncoding.EncodeToString(sum[:])
	allowed, wait, err := a.store.CountAttempt(c.Request().Context(), key, a.Now(), wrongWindow, wrongTokens)
	if err != nil {
		return err
	}
	if !allowed {
		return problem{status: http.StatusTooManyRequests, kind: "throttled", wait: wait}
	}
	c.Response().Header().Set("WWW-Authenticate", challenge+`, error="invalid_token"`)
	return problem{status: http.StatusUnauthorized, kind: "token"}
}

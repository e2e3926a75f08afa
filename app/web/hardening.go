package web

import (
	"crypto/rand"
	"net/http"

	"github.com/labstack/echo/v4"
)

// numbered gives each request a number of our own, which its log line and its error page share. One that the visitor
// sent is dropped: it would let them write into the log.
func numbered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Request().Header.Del(echo.HeaderXRequestID)
		c.Response().Header().Set(echo.HeaderXRequestID, rand.Text())
		return next(c)
	}
}

// sameSite refuses what another site's page makes a browser send. A browser too old to say which site a form stands on
// says its origin, which behind a proxy is the configured one and not the Host the proxy passes on.
func (w *Web) sameSite() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(w.Base.Scheme + "://" + w.Base.Host); err != nil {
		panic(err) // the address was read at the start
	}
	return echo.WrapMiddleware(protection.Handler)
}

// addressOf says whose address a request comes from. Without a named proxy nobody's X-Forwarded-For is believed, or
// the limit on sign-ins could be walked around.
func (w *Web) addressOf() echo.IPExtractor {
	if len(w.Proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range w.Proxies {
		trust = append(trust, echo.TrustIPRange(prefixNet(p)))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// policy lets a page use its own files and nothing else; no inline script or style runs, and no script writes markup.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (w *Web) secure(next echo.HandlerFunc) echo.HandlerFunc {
	https := w.Base.Scheme == "https"
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

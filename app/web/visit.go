package web

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/templates/words"
)

// visit is what one request is about: who asks, for which organisation, on which day, in which language.
type visit struct {
	actor    models.Actor
	signedIn bool
	token    [32]byte  // hash of the session's token
	freshAt  time.Time // when the visitor last proved who they are
	amounts  bool      // the visitor reads amounts; false when signed out
	several  bool      // the visitor's account is of several organisations
	lang     models.Lang
	theme    string
	revision int64
	register *models.Register // of that revision; nil when signed out
	today    cal.Date
	notice   *Notice
	words    *words.Words
}

const visitKey = "visit"

func visitOf(c echo.Context) *visit {
	if v, ok := c.Get(visitKey).(*visit); ok {
		return v
	}
	return &visit{lang: models.French, words: words.In(words.FR)} // an error before the visit was greeted
}

// Lives of a session: it ends after so long without a visit, and after so long in any case.
const (
	idleLife  = 14 * 24 * time.Hour
	wholeLife = 90 * 24 * time.Hour
	touchGap  = time.Hour // how often a visit is written down
)

// greet finds out who visits. It lets strangers through: what they may see is the routes' affair.
func (w *Web) greet(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := &visit{lang: w.langOf(c), theme: themeOf(c)}
		if err := w.recognise(c, v); err != nil {
			return err
		}
		v.speak(v.lang)
		v.notice = w.takeNotice(c)
		c.Set(visitKey, v)
		return next(c)
	}
}

// recognise fills in the person behind the session's cookie, if it is good.
func (w *Web) recognise(c echo.Context, v *visit) error {
	ctx, now := c.Request().Context(), w.Now()
	v.actor.At, v.actor.From = now.UTC(), c.RealIP()
	v.today = cal.Of(now)
	cookie, err := c.Cookie(w.cookieName("session"))
	if err != nil {
		return nil //nolint:nilerr // no cookie is no fault: a stranger
	}
	token, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(token) != 32 {
		return nil //nolint:nilerr // a cookie that is not ours is no cookie
	}
	v.token = sha256.Sum256(token)
	seen, err := w.store.Visit(ctx, v.token, now)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v.register, err = w.store.Register(ctx, seen.Organisation)
	if err != nil {
		return err
	}
	v.signedIn = true
	v.revision = v.register.Revision
	v.actor = models.Actor{
		Organisation: seen.Organisation, Person: seen.Person, Name: seen.Name, Role: seen.Role,
		Account: seen.Account, From: c.RealIP(), At: now.UTC(),
	}
	v.freshAt, v.several = seen.FreshAt, seen.Memberships > 1
	v.lang = seen.Lang
	v.today = v.register.Organisation.Today(now)
	v.amounts = v.register.Organisation.ShowsAmounts(seen.Role)
	if !v.amounts {
		v.register = v.register.WithoutAmounts()
	}
	if now.Sub(seen.SeenAt) > touchGap {
		expires := now.Add(idleLife)
		if end := seen.CreatedAt.Add(wholeLife); end.Before(expires) {
			expires = end
		}
		return w.store.TouchSession(ctx, v.token, now, expires)
	}
	return nil
}

// signedIn turns strangers to the door: to the first run while there is no organisation, else to sign in.
func (w *Web) signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		if v.signedIn {
			if !v.mayOpen(c) {
				return errWithoutAmounts
			}
			return next(c)
		}
		first, err := w.store.FirstRun(c.Request().Context())
		if err != nil {
			return err
		}
		if first {
			return c.Redirect(http.StatusSeeOther, "/setup")
		}
		if w.Demo {
			return w.enterDemo(c)
		}
		to := "/sign-in"
		if r := c.Request(); r.Method == http.MethodGet && r.URL.Path != "/" {
			to += "?to=" + url.QueryEscape(r.URL.RequestURI())
		}
		return c.Redirect(http.StatusSeeOther, to)
	}
}

// may lets only the roles through that the act is for.
func may(allowed func(models.Role) bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !allowed(visitOf(c).actor.Role) {
				return models.ErrForbidden
			}
			return next(c)
		}
	}
}

// The acts routes ask for.
var (
	mayEdit   = may(models.Role.MayEdit)
	mayExport = may(models.Role.MayExport)
	mayManage = may(models.Role.MayManage)
	mayBook   = may(models.Role.MayBook)
)

// cookieName carries the prefix that makes browsers refuse a cookie set by a neighbouring host, where https allows it.
func (w *Web) cookieName(name string) string {
	if w.Base.Scheme == "https" {
		return "__Host-enveloppe-" + name
	}
	return "enveloppe-" + name
}

// setCookie sets a cookie for so long; a life of zero or less takes it back.
func (w *Web) setCookie(c echo.Context, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if life <= 0 {
		age = -1
	}
	c.SetCookie(&http.Cookie{ //nolint:gosec // G124: secure wherever the site is: a browser drops a secure cookie over http
		Name: w.cookieName(name), Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		Secure: w.Base.Scheme == "https", SameSite: http.SameSiteLaxMode,
	})
}

func (w *Web) langOf(c echo.Context) models.Lang {
	if cookie, err := c.Cookie(w.cookieName("lang")); err == nil {
		if l, ok := words.ParseLang(cookie.Value); ok {
			return models.Lang(l)
		}
	}
	return models.Lang(words.Match(c.Request().Header.Get("Accept-Language"), words.FR))
}

func themeOf(c echo.Context) string {
	for _, name := range []string{"__Host-enveloppe-theme", "enveloppe-theme"} {
		if cookie, err := c.Cookie(name); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
			return cookie.Value
		}
	}
	return ""
}

func (w *Web) chrome(c echo.Context, v *visit) Chrome {
	ch := Chrome{
		Lang: v.lang, Theme: v.theme, Today: v.today, Role: v.actor.Role, SignedIn: v.signedIn, Demo: w.Demo, Several: v.several,
		Notice: v.notice, Address: c.Request().URL.RequestURI(),
	}
	ch.Provider = w.providerName()
	if c.Path() == ProviderReturn { // with a code in it, which is spent
		ch.Address = "/sign-in"
	}
	if c.Request().URL.Path == "/services" {
		ch.Search = c.QueryParam("q")
	}
	if v.register != nil {
		ch.Organisation, ch.Sample = v.register.Organisation.Name, v.register.Organisation.Sample
	}
	return ch
}

// localPath gives back an address of this site to go on to, and "/" for anything else.
func localPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

func prefixNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

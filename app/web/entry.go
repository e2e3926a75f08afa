package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/password"
	"enveloppe/models/store"
)

// How often one may knock: per account and per address, so that neither guessing one password nor trying one password
// on everybody gets far. A success forgets the account's count.
const (
	knockWindow     = 15 * time.Minute
	knocksAccount   = 8
	knocksAddress   = 40
	maxAgent        = 200
	demoSessionLife = 24 * time.Hour
)

func (w *Web) entryRoutes(g *echo.Group) {
	g.GET("/sign-in", w.signInPage)
	g.POST("/sign-in", w.signIn)
	g.POST("/sign-out", w.signOut)
	g.POST("/language", w.chooseLanguage)
	g.POST("/theme", w.chooseTheme)
	w.setupRoutes(g)
	w.unsubscribeRoutes(g)
}

type signInPage struct {
	Form Form
	To   string
	Demo bool
}

func (w *Web) signInPage(c echo.Context) error {
	if visitOf(c).signedIn {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	first, err := w.store.FirstRun(c.Request().Context())
	if err != nil {
		return err
	}
	if first {
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return w.showSignIn(c, http.StatusOK, Form{Fields: Fields{"to": c.QueryParam("to")}})
}

func (w *Web) showSignIn(c echo.Context, status int, f Form) error {
	return w.render(c, screen{status: status, name: "sign-in", title: "signin.title", page: signInPage{Form: f, To: localPath(f.Value("to")), Demo: w.Demo}})
}

func (w *Web) signIn(c echo.Context) error {
	ctx, now := c.Request().Context(), w.Now()
	e := entry{Fields: fields(c, "email", "to")}
	plain := c.FormValue("password") // not trimmed: a space is a character like any other
	email := strings.ToLower(e.text("email"))
	for _, gate := range []struct {
		key   string
		limit int
	}{{"account " + email, knocksAccount}, {"address " + c.RealIP(), knocksAddress}} {
		allowed, wait, err := w.store.CountAttempt(ctx, hashed(gate.key), now, knockWindow, gate.limit)
		if err != nil {
			return err
		}
		if !allowed {
			c.Response().Header().Set("Retry-After", "900")
			e.bad.Add("email", "signin.wait", "minutes", int(wait/time.Minute)+1)
			return w.showSignIn(c, http.StatusTooManyRequests, Form{Fields: e.Fields, Errors: sentences(visitOf(c).words, e.bad)})
		}
	}
	who, err := w.store.Credentials(ctx, email)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	good, err := password.Matches(who.PasswordHash, plain)
	if err != nil {
		return err
	}
	if !good {
		e.bad.Add("password", "signin.wrong")
		return w.showSignIn(c, http.StatusUnprocessableEntity, Form{Fields: e.Fields, Errors: sentences(visitOf(c).words, e.bad)})
	}
	if err := w.store.ClearAttempts(ctx, hashed("account "+email)); err != nil {
		return err
	}
	if err := w.open(c, who.Organisation, who.Person); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(e.text("to")))
}

func (w *Web) signOut(c echo.Context) error {
	v := visitOf(c)
	if v.signedIn {
		if err := w.store.EndSession(c.Request().Context(), v.token); err != nil {
			return err
		}
	}
	w.setCookie(c, "session", "", 0)
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}

// enterDemo signs a visitor of the demonstration in as the sample association's director.
func (w *Web) enterDemo(c echo.Context) error {
	ctx := c.Request().Context()
	orgs, err := w.store.Organisations(ctx)
	if err != nil {
		return err
	}
	if len(orgs) == 0 {
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	r, err := w.store.Register(ctx, orgs[0])
	if err != nil {
		return err
	}
	for _, p := range r.People {
		if p.Role == models.Director && p.HereOn(r.Organisation.Today(w.Now())) {
			if err := w.open(c, orgs[0], p.ID); err != nil {
				return err
			}
			to := "/"
			if c.Request().Method == http.MethodGet {
				to = localPath(c.Request().URL.RequestURI())
			}
			return c.Redirect(http.StatusSeeOther, to)
		}
	}
	return models.ErrNotFound
}

func (w *Web) newSession(c echo.Context, token [32]byte, organisation, person models.ID, now time.Time) store.Session {
	agent := c.Request().UserAgent()
	if len(agent) > maxAgent {
		agent = strings.ToValidUTF8(agent[:maxAgent], "")
	}
	life := idleLife
	if w.Demo {
		life = demoSessionLife
	}
	return store.Session{
		TokenHash: sha256.Sum256(token[:]), Organisation: organisation, Person: person,
		CreatedAt: now, ExpiresAt: now.Add(life), Agent: agent, Address: c.RealIP(),
	}
}

// chooseLanguage keeps the language of a person, or of a stranger in a cookie.
func (w *Web) chooseLanguage(c echo.Context) error {
	v := visitOf(c)
	lang := models.Lang(c.FormValue("lang"))
	if lang != models.French && lang != models.English {
		return echo.ErrBadRequest
	}
	if v.signedIn {
		if err := w.store.SetLanguage(c.Request().Context(), v.actor, v.actor.Person, lang); err != nil {
			return err
		}
	}
	w.setCookie(c, "lang", string(lang), wholeLife)
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("to")))
}

// chooseTheme keeps light, dark or the system's choice in a cookie: it belongs to the device, not to the person.
func (w *Web) chooseTheme(c echo.Context) error {
	switch theme := c.FormValue("theme"); theme {
	case "light", "dark":
		w.setCookie(c, "theme", theme, 365*24*time.Hour)
	case "system":
		w.setCookie(c, "theme", "", 0)
	default:
		return echo.ErrBadRequest
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("to")))
}

// hashed keeps addresses and accounts out of the table of attempts.
func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return string(hexDigits(sum[:16]))
}

func hexDigits(b []byte) []byte {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&15])
	}
	return out
}

// sameCode compares the code typed at the first run with the hash of the one printed.
func sameCode(typed, hash string) bool {
	typed = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	return subtle.ConstantTimeCompare([]byte(hashed("setup "+typed)), []byte(hash)) == 1
}

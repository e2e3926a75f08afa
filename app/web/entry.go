package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

func (w *Web) entryRoutes(g *echo.Group) {
	w.signInRoutes(g)
	g.POST("/sign-out", w.signOut)
	g.POST("/language", w.chooseLanguage)
	g.POST("/theme", w.chooseTheme)
	w.setupRoutes(g)
	w.unsubscribeRoutes(g)
	w.feedRoutes(g)
	w.unsubscribeReminderRoutes(g)
}

func (w *Web) signOut(c echo.Context) error {
	v := visitOf(c)
	if v.signedIn {
		if err := w.store.EndSession(c.Request().Context(), v.token); err != nil {
			return err
		}
	}
	w.setCookie(c, "session", "", 0)
	c.Response().Header().Set("Clear-Site-Data", `"cache"`) // pages are kept to be asked for again; nobody who comes after reads them
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
			account, err := w.store.AccountFor(ctx, orgs[0], p.ID, p.Email, w.Now())
			if err != nil {
				return err
			}
			if err := w.open(c, account, orgs[0], p.ID); err != nil {
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

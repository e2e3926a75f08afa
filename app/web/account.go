package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/password"
	"enveloppe/models/store"
)

func (w *Web) accountRoutes(g *echo.Group) {
	g.GET("/account", w.account)
	g.POST("/account/password", w.changePassword)
	g.POST("/account/digest", w.chooseMyDigest)
	g.POST("/account/sessions/:id/end", w.endSession)
	g.POST("/account/sessions/end", w.endOtherSessions)
}

// accountPage is somebody's own page: what only they may change about themselves.
type accountPage struct {
	Password Form
	Person   models.Person
	Sessions []sessionLine
	Others   int // sessions beside this one
	Theme    string
}

// sessionLine is one place where the person is signed in.
type sessionLine struct {
	ID        models.ID
	Device    string
	Address   string
	Seen      time.Time
	ThisOne   bool
	HasDevice bool
}

func (w *Web) account(c echo.Context) error { return w.showAccount(c, http.StatusOK, Form{}) }

func (w *Web) showAccount(c echo.Context, status int, secret Form) error {
	v := visitOf(c)
	p, ok := v.register.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	page := accountPage{Password: secret, Person: p, Theme: v.theme}
	if page.Theme == "" {
		page.Theme = "system"
	}
	list, err := w.mySessions(c)
	if err != nil {
		return err
	}
	loc := v.register.Organisation.Location()
	for _, s := range list {
		line := sessionLine{
			ID: s.ID, Device: deviceOf(s.Agent), Address: s.Address, Seen: s.SeenAt.In(loc), ThisOne: s.TokenHash == v.token,
		}
		line.HasDevice = line.Device != ""
		if !line.ThisOne {
			page.Others++
		}
		page.Sessions = append(page.Sessions, line)
	}
	return w.render(c, screen{status: status, name: "account", nav: "account", title: "account.title", page: page})
}

// mySessions are the visitor's that still count.
func (w *Web) mySessions(c echo.Context) ([]store.SessionInfo, error) {
	v, now := visitOf(c), w.Now()
	all, err := w.store.Sessions(c.Request().Context(), v.actor.Account)
	if err != nil {
		return nil, err
	}
	live := all[:0]
	for _, s := range all {
		if s.ExpiresAt.After(now) {
			live = append(live, s)
		}
	}
	return live, nil
}

// changePassword asks for the current password, because a browser left open is not its owner. The sessions elsewhere
// end, and this one goes on under a new token.
func (w *Web) changePassword(c echo.Context) error {
	ctx, v := c.Request().Context(), visitOf(c)
	p, ok := v.register.Person(v.actor.Person)
	if !ok {
		return models.ErrNotFound
	}
	var bad models.Invalid
	if err := w.checkCurrent(c, p, &bad); err != nil {
		return err
	}
	plain := c.FormValue("password")
	if fault := password.Fault(plain, p.Name, p.Email, v.register.Organisation.Name); fault != "" {
		bad.Add("password", fault)
	}
	err := bad.Err()
	if err == nil {
		err = w.keepPassword(c, plain)
	}
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showAccount(c, status, f) })
	}
	if err := w.store.ClearAttempts(ctx, currentKey(p.ID)); err != nil {
		return err
	}
	if err := w.open(c, v.actor.Account, v.actor.Organisation, p.ID); err != nil {
		return err
	}
	return w.done(c, "/account", Notice{Key: "password_changed"})
}

func currentKey(person models.ID) string { return hashed("current " + typedID(person)) }

// checkCurrent notes it when the current password is not the one typed; guesses are counted like those at the door.
func (w *Web) checkCurrent(c echo.Context, p models.Person, bad *models.Invalid) error {
	ctx := c.Request().Context()
	allowed, wait, err := w.store.CountAttempt(ctx, currentKey(p.ID), w.Now(), knockWindow, knocksAccount)
	if err != nil {
		return err
	}
	if !allowed {
		bad.Add("current", "signin.wait", "minutes", int(wait/time.Minute)+1)
		return nil
	}
	who, err := w.store.Credential(ctx, visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	good, err := password.Matches(who.PasswordHash, c.FormValue("current"))
	if err == nil && !good {
		bad.Add("current", "password.wrong")
	}
	return err
}

func (w *Web) chooseMyDigest(c echo.Context) error {
	v := visitOf(c)
	wants := c.FormValue("digest") != ""
	if err := w.store.SetDigestChoice(c.Request().Context(), v.actor, v.actor.Person, wants); err != nil {
		return err
	}
	key := "digest_off"
	if wants {
		key = "digest_on"
	}
	return w.done(c, "/account", Notice{Key: key})
}

func (w *Web) endSession(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	list, err := w.mySessions(c)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.ID != id {
			continue
		}
		if err := w.store.EndSession(c.Request().Context(), s.TokenHash); err != nil {
			return err
		}
		if s.TokenHash == visitOf(c).token {
			w.setCookie(c, "session", "", 0)
			return c.Redirect(http.StatusSeeOther, "/sign-in")
		}
		return w.done(c, "/account", Notice{Key: "session_ended"})
	}
	return models.ErrNotFound
}

func (w *Web) endOtherSessions(c echo.Context) error {
	v := visitOf(c)
	if err := w.store.EndOtherSessions(c.Request().Context(), v.actor.Account, v.token); err != nil {
		return err
	}
	return w.done(c, "/account", Notice{Key: "sessions_ended"})
}

// keepPassword gives the visitor's account a new password.
func (w *Web) keepPassword(c echo.Context, plain string) error {
	hash, err := password.Hash(plain)
	if err != nil {
		return err
	}
	return w.store.SetAccountPassword(c.Request().Context(), visitOf(c).actor, hash)
}

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
	w.reminderRoutes(g)
	g.POST("/account/sessions/:id/end", w.endSession)
	g.POST("/account/sessions/end", w.endOtherSessions)
}

// accountPage is somebody's own page: what only they may change about themselves.
type accountPage struct {
	Password Form
	Person   models.Person
	Account  models.Account
	Member   []membershipLine
	Sessions []sessionLine
	Others   int // sessions beside this one
	Theme    string

	Identities identityPanel
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
	var err error
	if page.Account, err = w.store.Account(c.Request().Context(), v.actor.Account); err != nil {
		return err
	}
	if page.Member, err = w.membershipLines(c); err != nil {
		return err
	}
	if page.Identities, err = w.identityPanel(c); err != nil {
		return err
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

// changePassword asks for the current password, because a browser left open is not its owner; an account without one
// has proved itself otherwise. The sessions elsewhere end, and this one goes on under a new token.
func (w *Web) changePassword(c echo.Context) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	if !account.HasPassword() {
		return w.fresh(w.setPassword)(c)
	}
	var bad models.Invalid
	good, err := w.checkPassword(c, account.ID, c.FormValue("current"), "current", &bad)
	if err != nil {
		return err
	}
	if !good {
		w.checkNew(c, account, &bad)
		return w.showAccount(c, http.StatusUnprocessableEntity, Form{Errors: sentences(visitOf(c).words, bad)})
	}
	return w.setPassword(c)
}

// checkNew notes what is wrong with the password chosen.
func (w *Web) checkNew(c echo.Context, account models.Account, bad *models.Invalid) {
	v := visitOf(c)
	if fault := password.Fault(c.FormValue("password"), v.actor.Name, account.Email, v.register.Organisation.Name); fault != "" {
		bad.Add("password", fault)
	}
}

// setPassword gives the visitor's account the password chosen.
func (w *Web) setPassword(c echo.Context) error {
	ctx, v := c.Request().Context(), visitOf(c)
	account, err := w.store.Account(ctx, v.actor.Account)
	if err != nil {
		return err
	}
	var bad models.Invalid
	w.checkNew(c, account, &bad)
	if err := bad.Err(); err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showAccount(c, status, f) })
	}
	hash, err := password.Hash(c.FormValue("password"))
	if err != nil {
		return err
	}
	if err := w.store.SetAccountPassword(ctx, v.actor, hash); err != nil {
		return err
	}
	if err := w.open(c, v.actor.Account, v.actor.Organisation, v.actor.Person); err != nil {
		return err
	}
	w.tellOwner(c, v.actor.Account, "password_changed")
	return w.done(c, "/account", Notice{Key: "password_changed"})
}

func currentKey(account models.AccountID) string {
	return hashed("current " + typedID(models.ID(account)))
}

// checkPassword tells whether the password is the account's, and notes it under the field when it is not; guesses are
// counted like those at the door.
func (w *Web) checkPassword(c echo.Context, account models.AccountID, plain, field string, bad *models.Invalid) (bool, error) {
	ctx := c.Request().Context()
	allowed, wait, err := w.store.CountAttempt(ctx, currentKey(account), w.Now(), knockWindow, knocksAccount)
	if err != nil {
		return false, err
	}
	if !allowed {
		bad.Add(field, "signin.wait", "minutes", int((wait+time.Minute-1)/time.Minute))
		return false, nil
	}
	who, err := w.store.Credential(ctx, account)
	if err != nil {
		return false, err
	}
	good, err := password.Matches(who.PasswordHash, plain)
	if err != nil {
		return false, err
	}
	if !good {
		bad.Add(field, "password.wrong")
		return false, nil
	}
	return true, w.store.ClearAttempts(ctx, currentKey(account))
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

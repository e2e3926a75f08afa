package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// challengesAddress is how many challenges one address is given within a window: each is a row that nobody may have asked
// for. Answers are not guessed, so no account has a limit of its own.
const challengesAddress = 60

func (w *Web) passkeyEntryRoutes(g *echo.Group) {
	g.POST("/sign-in/passkey/options", w.passkeyEntryOptions)
	g.POST("/sign-in/passkey", w.passkeyEntry)
}

// passkeyEntryOptions asks whichever passkey of this site the device offers: it says whose it is.
func (w *Web) passkeyEntryOptions(c echo.Context) error {
	if w.party == nil {
		return models.ErrNotFound
	}
	if err := w.challengesLeft(c); err != nil {
		return err
	}
	options, session, err := w.party.BeginDiscoverableLogin()
	if err != nil {
		return err
	}
	return w.challenge(c, toSignIn, 0, session, options)
}

// challengesLeft counts a challenge that a stranger asks for.
func (w *Web) challengesLeft(c echo.Context) error {
	key := hashed("challenges " + models.NetworkOf(c.RealIP()))
	allowed, wait, err := w.store.CountAttempt(c.Request().Context(), key, w.Now(), knockWindow, challengesAddress)
	if err == nil && !allowed {
		c.Response().Header().Set("Retry-After", typedVersion(int64(wait/time.Second)+1))
		err = echo.ErrTooManyRequests
	}
	return err
}

// passkeyEntry signs in whom a passkey proves: the device asked for a finger, a face or a code, so nothing else is.
func (w *Web) passkeyEntry(c echo.Context) error {
	e := entry{Fields: fields(c, "to")}
	account, err := w.strangerByPasskey(c)
	if errors.Is(err, errPasskey) {
		e.bad.Add("", "passkey.wrong")
		return w.showSignIn(c, http.StatusUnprocessableEntity, Form{Fields: e.Fields, Errors: sentences(visitOf(c).words, e.bad)})
	}
	if err != nil {
		return err
	}
	w.setCookie(c, "second", "", 0) // begun with the password, perhaps
	return w.comeIn(c, account, e.text("to"))
}

// strangerByPasskey is the account whose passkey signed the challenge given out at the door; errPasskey for one that has
// left everywhere, too.
func (w *Web) strangerByPasskey(c echo.Context) (models.AccountID, error) {
	key, err := w.provenByPasskey(c, toSignIn, passkeyField, 0)
	if err != nil {
		return 0, err
	}
	list, err := w.store.Memberships(c.Request().Context(), key.Account)
	if err == nil && len(list) == 0 {
		err = w.unproven(c, toSignIn, errors.New("of nobody who is here"))
	}
	return key.Account, err
}

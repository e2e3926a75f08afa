package web

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/onetime"
	"enveloppe/models/store"
)

// secondTime is how long the password counts while the code is looked for.
const secondTime = 10 * time.Minute

const afterThePassword = "second"

func (w *Web) secondRoutes(g *echo.Group) {
	g.GET("/sign-in/second", w.secondPage)
	g.POST("/sign-in/second", w.second)
}

// cookieHash is the hash of the secret in a cookie of ours; models.ErrNotFound when there is none.
func (w *Web) cookieHash(c echo.Context, name string) ([32]byte, error) {
	cookie, err := c.Cookie(w.cookieName(name))
	if err != nil {
		return [32]byte{}, models.ErrNotFound
	}
	token, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(token) != 32 {
		return [32]byte{}, models.ErrNotFound
	}
	return sha256.Sum256(token), nil
}

// afterPassword answers once the password is proved: an account with an app is asked for a code before it is let in. to
// is the local address the visitor wanted.
func (w *Web) afterPassword(c echo.Context, account models.AccountID, to string) error {
	return w.afterProof(c, account, to, w.Now())
}

// afterProof is afterPassword for a first proof of another time than now; a code that follows is one of now.
func (w *Web) afterProof(c echo.Context, account models.AccountID, to string, proved time.Time) error {
	a, err := w.store.Account(c.Request().Context(), account)
	if err != nil {
		return err
	}
	if !a.HasTOTP() {
		return w.comeInProved(c, account, to, proved)
	}
	secret, hash := newLink()
	b := store.Begun{Purpose: afterThePassword, Account: account, ExpiresAt: w.Now().Add(secondTime)}
	if err := w.store.BeginProof(c.Request().Context(), hash, b, w.Now()); err != nil {
		return err
	}
	w.setCookie(c, "second", secret, secondTime)
	second := "/sign-in/second"
	if to != "/" { // it goes along with the browser: it may be an invitation's, of which the file holds only the hash
		second += "?to=" + url.QueryEscape(to)
	}
	return c.Redirect(http.StatusSeeOther, second)
}

// comeIn signs an account in, after all its factors, and goes on to where it wanted.
func (w *Web) comeIn(c echo.Context, account models.AccountID, to string) error {
	return w.comeInProved(c, account, to, w.Now())
}

func (w *Web) comeInProved(c echo.Context, account models.AccountID, to string, proved time.Time) error {
	if err := w.signedInAs(c, account, proved); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(to))
}

type secondPage struct {
	Code, Recovery Form
	To             string
	Passkey        bool // the account has one, which needs no code
}

// halfway is the account whose password was proved; models.ErrNotFound when too long ago, or not at all.
func (w *Web) halfway(c echo.Context) (store.Begun, [32]byte, error) {
	hash, err := w.cookieHash(c, "second")
	if err != nil {
		return store.Begun{}, hash, err
	}
	b, err := w.store.BegunProof(c.Request().Context(), hash, afterThePassword, w.Now())
	return b, hash, err
}

func (w *Web) secondPage(c echo.Context) error {
	b, _, err := w.halfway(c)
	if errors.Is(err, models.ErrNotFound) || visitOf(c).signedIn {
		return c.Redirect(http.StatusSeeOther, "/sign-in")
	}
	if err != nil {
		return err
	}
	return w.showSecond(c, http.StatusOK, b, secondPage{})
}

func (w *Web) showSecond(c echo.Context, status int, b store.Begun, page secondPage) error {
	a, err := w.store.Account(c.Request().Context(), b.Account)
	if err != nil {
		return err
	}
	page.To, page.Passkey = localPath(c.FormValue("to")), a.HasPasskey() && w.party != nil
	return w.render(c, screen{status: status, name: "second", title: "second.title", page: page})
}

func secondKey(account models.AccountID) string {
	return hashed("second " + typedID(models.ID(account)))
}

// second lets in who gives a code of the app, or one of those kept on paper. Guesses are counted like passwords, apart
// from them: who knows the password must not thereby have more of them.
func (w *Web) second(c echo.Context) error {
	b, hash, err := w.halfway(c)
	if errors.Is(err, models.ErrNotFound) {
		return w.done(c, "/sign-in", Notice{Key: "second_late"})
	}
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	visitOf(c).actor.Account = b.Account // for the log: whose code was tried
	e, field, rule := entry{}, "code", "totp.wrong"
	if c.FormValue("recovery") != "" {
		field, rule = "recovery", "recovery.wrong"
	}
	err = w.knock(c, secondKey(b.Account), knocksAccount)
	if err == nil {
		err = w.takeCode(c, b.Account, field)
	}
	if err != nil {
		return w.refuseKnock(c, err, &e, field, field, rule, func(status int, f Form) error {
			page := secondPage{Code: f}
			if field == "recovery" {
				page = secondPage{Recovery: f}
			}
			return w.showSecond(c, status, b, page)
		})
	}
	w.setCookie(c, "second", "", 0)
	if _, err := w.store.EndProof(ctx, hash, afterThePassword, w.Now()); err != nil {
		if errors.Is(err, models.ErrNotFound) {
			return w.done(c, "/sign-in", Notice{Key: "second_late"})
		}
		return err
	}
	if err := w.store.ClearAttempts(ctx, secondKey(b.Account)); err != nil {
		return err
	}
	return w.comeIn(c, b.Account, c.FormValue("to"))
}

// takeCode takes the code in a field; errWrong when it is none of the account's, or was taken before.
func (w *Web) takeCode(c echo.Context, account models.AccountID, field string) error {
	ctx := c.Request().Context()
	if field == "code" {
		good, err := w.store.TakeCode(ctx, account, c.FormValue("code"), w.Now())
		if err == nil && !good {
			err = errWrong
		}
		return err
	}
	by := models.Actor{Account: account, From: c.RealIP(), At: w.Now().UTC()}
	left, err := w.store.TakeRecovery(ctx, by, onetime.RecoveryHash(c.FormValue("recovery")))
	if errors.Is(err, models.ErrNotFound) {
		return errWrong
	}
	if err != nil {
		return err
	}
	w.tellOwner(c, account, "recovery_used", "n", left)
	w.say(c, Notice{Key: "recovery_used", Args: []string{"n", visitOf(c).words.Number(left)}})
	return nil
}

package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// freshLife is how long a proof of who one is holds for dangerous acts.
const freshLife = 10 * time.Minute

// Where the confirming password, or the answer of a passkey, stands in a form that is sent again with it.
const (
	proofField = "confirm_password"
	proofKey   = "confirm_passkey"
)

func (w *Web) confirmRoutes(g *echo.Group) {
	g.GET("/account/confirm", w.confirmPage)
	g.POST("/account/confirm", w.confirm)
	g.POST("/account/confirm/options", w.confirmOptions)
}

// fresh stands in front of dangerous acts: who has not proved who they are for ten minutes does so again first. It is
// asked on the way to the form; a form that was open for too long is shown as one that asks and carries the fields on.
func (w *Web) fresh(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		v := visitOf(c)
		if w.isFresh(v) {
			return next(c)
		}
		account, err := w.store.Account(c.Request().Context(), v.actor.Account)
		if err != nil {
			return err
		}
		if !account.CanProve() {
			return next(c) // nothing could be asked for: the session is all there is, until a first means is set
		}
		r := c.Request()
		if r.Method != http.MethodPost {
			return c.Redirect(http.StatusSeeOther, "/account/confirm?to="+url.QueryEscape(r.URL.RequestURI()))
		}
		if _, err := c.FormParams(); err != nil {
			return echo.ErrBadRequest
		}
		if !r.PostForm.Has(proofField) && !r.PostForm.Has(proofKey) {
			return w.showConfirm(c, http.StatusForbidden, confirmPage{Account: account, Action: r.URL.RequestURI(), Fields: carried(c)}, Form{})
		}
		e := entry{}
		if err := w.prove(c, account, &e); err != nil {
			return err
		}
		if len(e.bad) > 0 {
			page := confirmPage{Account: account, Action: r.URL.RequestURI(), Fields: carried(c)}
			return w.showConfirm(c, http.StatusUnprocessableEntity, page, Form{Errors: sentences(v.words, e.bad)})
		}
		return next(c)
	}
}

func (w *Web) isFresh(v *visit) bool { return w.Demo || w.Now().Sub(v.freshAt) < freshLife }

// prove holds the passkey's answer or the password typed against the account's own and marks the session fresh; what is
// wrong is noted. Guesses are counted like those at the door.
func (w *Web) prove(c echo.Context, account models.Account, e *entry) error {
	ctx, v := c.Request().Context(), visitOf(c)
	if c.FormValue(proofKey) != "" || !account.HasPassword() {
		_, err := w.provenByPasskey(c, toConfirm, proofKey, account.ID)
		if errors.Is(err, errPasskey) || errors.Is(err, models.ErrNotFound) {
			e.bad.Add("", "passkey.wrong")
			return nil
		}
		if err != nil {
			return err
		}
	} else if good, err := w.checkPassword(c, account.ID, c.FormValue(proofField), proofField, &e.bad); err != nil || !good {
		return err
	}
	v.freshAt = w.Now()
	return w.store.MarkFresh(ctx, v.token, v.freshAt)
}

// confirmOptions asks one of the account's own passkeys to sign.
func (w *Web) confirmOptions(c echo.Context) error {
	v := visitOf(c)
	h, err := w.holderOf(c.Request().Context(), v.actor.Account)
	if err != nil {
		return err
	}
	if w.party == nil || len(h.keys) == 0 {
		return models.ErrNotFound
	}
	options, session, err := w.party.BeginLogin(h)
	if err != nil {
		return err
	}
	return w.challenge(c, toConfirm, v.actor.Account, session, options)
}

// carriedField is one field of a form that goes on with the confirmation.
type carriedField struct{ Name, Value string }

// carried are the fields of a form sent too late, but for secrets, which no page repeats.
func carried(c echo.Context) []carriedField {
	form, err := c.FormParams()
	if err != nil {
		return nil
	}
	var list []carriedField
	for name, values := range form {
		if secretField(name) || name == confirmAction || c.QueryParams().Has(name) {
			continue
		}
		for _, value := range values {
			list = append(list, carriedField{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b carriedField) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// secretField tells whether a field of a form holds what only its owner may read.
func secretField(name string) bool {
	return slices.Contains([]string{"current", "code", "recovery", "token", "secret", "username", proofKey}, name) ||
		strings.Contains(name, "password") || strings.HasPrefix(name, "secret_")
}

type confirmPage struct {
	Form    Form
	Account models.Account
	Action  string         // where the form goes
	To      string         // where to go on to; empty for an act that is carried on
	Fields  []carriedField // of the act that is carried on
	Field   string         // name of the password's
	Passkey bool           // one of the account's can be used
}

func (w *Web) confirmPage(c echo.Context) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	to := localPath(c.QueryParam("to"))
	if w.isFresh(visitOf(c)) || !account.CanProve() {
		return c.Redirect(http.StatusSeeOther, to)
	}
	return w.showConfirm(c, http.StatusOK, confirmPage{Account: account, Action: "/account/confirm", To: to}, Form{})
}

func (w *Web) showConfirm(c echo.Context, status int, page confirmPage, f Form) error {
	page.Form = f
	page.Field = proofField
	page.Passkey = page.Account.HasPasskey() && w.party != nil
	return w.render(c, screen{status: status, name: "confirm", nav: "account", title: "confirm.title", page: page})
}

func (w *Web) confirm(c echo.Context) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	to := localPath(c.FormValue("to"))
	e := entry{}
	if err := w.prove(c, account, &e); err != nil {
		return err
	}
	if len(e.bad) > 0 {
		page := confirmPage{Account: account, Action: "/account/confirm", To: to}
		return w.showConfirm(c, http.StatusUnprocessableEntity, page, Form{Errors: sentences(visitOf(c).words, e.bad)})
	}
	return c.Redirect(http.StatusSeeOther, to)
}

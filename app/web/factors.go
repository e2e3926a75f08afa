package web

import (
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/onetime"
)

func (w *Web) factorRoutes(g *echo.Group) {
	g.GET("/account/factors", w.factors, w.fresh)
	g.POST("/account/factors/totp", w.offerTOTP, w.fresh)
	g.GET("/account/factors/totp", w.totpPage, w.fresh)
	g.POST("/account/factors/totp/confirmation", w.takeTOTP, w.fresh)
	g.GET("/account/factors/totp/removal", w.totpRemoval, w.fresh)
	g.POST("/account/factors/totp/removal", w.removeTOTP, w.fresh)
	g.POST("/account/factors/recoveries", w.renewRecoveries, w.fresh)
	g.GET("/account/factors/password/removal", w.passwordRemoval, w.fresh)
	g.POST("/account/factors/password/removal", w.removePassword, w.fresh)
	w.passkeyRoutes(g)
}

// factorsPage is what somebody's account proves itself by.
type factorsPage struct {
	Account  models.Account
	Factors  models.Factors
	Rows     []passkeyRow
	SetAt    time.Time // of the app, where the organisation is
	Add      Form      // of a new passkey
	Renew    Form      // of new recovery codes
	Possible bool      // browsers use passkeys on this address
	Host     string    // of this site
	Others   bool      // sessions beside this one
}

// passkeyRow is one passkey on its owner's page.
type passkeyRow struct {
	models.Passkey
	Added, Used time.Time // where the organisation is
	Path        string
	Form        Form // of its name
}

func (w *Web) factors(c echo.Context) error {
	return w.showFactors(c, http.StatusOK, factorsPage{Add: Form{Fields: Fields{"name": deviceOf(c.Request().UserAgent())}}}, 0, Form{})
}

// showFactors shows the page, with a form of it that was refused; renamed is the passkey whose form is given.
func (w *Web) showFactors(c echo.Context, status int, page factorsPage, renamed models.ID, rename Form) error {
	v, ctx := visitOf(c), c.Request().Context()
	var err error
	if page.Account, err = w.store.Account(ctx, v.actor.Account); err != nil {
		return err
	}
	if page.Factors, err = w.store.Factors(ctx, v.actor.Account); err != nil {
		return err
	}
	loc := v.register.Organisation.Location()
	page.SetAt = page.Factors.TOTPSetAt.In(loc)
	for _, k := range page.Factors.Passkeys {
		row := passkeyRow{Passkey: k, Added: k.AddedAt.In(loc), Path: passkeyPath(k.ID), Form: Form{Fields: Fields{"name": k.Name}}}
		if !k.UsedAt.IsZero() {
			row.Used = k.UsedAt.In(loc)
		}
		if k.ID == renamed {
			row.Form = rename
		}
		page.Rows = append(page.Rows, row)
	}
	page.Possible, page.Host = w.party != nil, w.Base.Hostname()
	if page.Others, err = w.elsewhere(c); err != nil {
		return err
	}
	return w.render(c, screen{status: status, name: "factors", nav: "account", title: "factors.title", page: page})
}

// elsewhere tells whether the visitor is signed in in other places.
func (w *Web) elsewhere(c echo.Context) (bool, error) {
	list, err := w.mySessions(c)
	return len(list) > 1, err
}

// endElsewhere ends the visitor's other sessions, if the form asks for it.
func (w *Web) endElsewhere(c echo.Context) error {
	if c.FormValue("end_others") == "" {
		return nil
	}
	v := visitOf(c)
	return w.store.EndOtherSessions(c.Request().Context(), v.actor.Account, v.token)
}

// offerTOTP draws a secret to be taken into an app. What is in force stays so until the app has shown a code.
func (w *Web) offerTOTP(c echo.Context) error {
	if err := w.store.OfferTOTP(c.Request().Context(), visitOf(c).actor, onetime.NewSecret()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/account/factors/totp")
}

type totpPage struct {
	Form    Form
	Secret  string       // to be typed
	Link    template.URL // that opens the app on the same telephone
	Picture picture
	Again   bool // another app is in force
	Others  bool
}

func (w *Web) totpPage(c echo.Context) error {
	return w.showTOTP(c, http.StatusOK, Form{Fields: Fields{"end_others": typedTick(true)}})
}

// showTOTP shows the secret under way; without one it goes back to where one is asked for.
func (w *Web) showTOTP(c echo.Context, status int, f Form) error {
	v, ctx := visitOf(c), c.Request().Context()
	secret, err := w.store.OfferedTOTP(ctx, v.actor.Account, w.Now())
	if errors.Is(err, models.ErrNotFound) {
		return w.done(c, "/account/factors", Notice{Key: "totp_late"})
	}
	if err != nil {
		return err
	}
	account, err := w.store.Account(ctx, v.actor.Account)
	if err != nil {
		return err
	}
	uri := secret.URI("Enveloppe", account.Email)
	page := totpPage{Form: f, Secret: secret.Text(), Again: account.HasTOTP()}
	page.Link = template.URL(uri) //nolint:gosec // G203: made of a constant scheme and escaped parts just above
	if page.Picture, err = qrOf(uri); err != nil {
		return err
	}
	if page.Others, err = w.elsewhere(c); err != nil {
		return err
	}
	return w.render(c, screen{status: status, name: "totp", nav: "account", title: "totp.title", page: page})
}

// takeTOTP puts the secret in force when the app shows its code, and hands out the codes for the day it is lost.
func (w *Web) takeTOTP(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "end_others")}
	codes, hashes := newRecoveries()
	err := w.knock(c, hashed("totp of "+typedID(models.ID(v.actor.Account))), knocksAccount)
	if err == nil {
		err = w.store.TakeTOTP(c.Request().Context(), v.actor, c.FormValue("code"), hashes)
	}
	if errors.Is(err, models.ErrNotFound) {
		return w.done(c, "/account/factors", Notice{Key: "totp_late"})
	}
	if err != nil {
		show := func(status int, f Form) error { f.Fields = e.Fields; return w.showTOTP(c, status, f) }
		var often knockedTooOften
		if errors.As(err, &often) {
			return w.refuseKnock(c, err, &e, "code", "code", "totp.wrong", show)
		}
		return w.retry(c, err, e.Fields, show)
	}
	if err := w.endElsewhere(c); err != nil {
		return err
	}
	w.tellOwner(c, v.actor.Account, "totp_added")
	return w.showRecoveries(c, codes, true)
}

// newRecoveries draws codes to be kept on paper, with what is stored of them.
func newRecoveries() (codes []string, hashes [][32]byte) {
	codes = onetime.NewRecoveries()
	for _, code := range codes {
		hashes = append(hashes, onetime.RecoveryHash(code))
	}
	return codes, hashes
}

type recoveriesPage struct {
	Codes []string
	First bool // they come with the app
	Host  string
	Email string
}

// showRecoveries shows the codes this once: nobody, the program included, can read them again.
func (w *Web) showRecoveries(c echo.Context, codes []string, first bool) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	page := recoveriesPage{Codes: codes, First: first, Host: w.Base.Host, Email: account.Email}
	return w.render(c, screen{status: http.StatusOK, name: "recoveries", nav: "account", title: "recoveries.title", page: page})
}

func (w *Web) renewRecoveries(c echo.Context) error {
	v := visitOf(c)
	codes, hashes := newRecoveries()
	if err := w.store.RenewRecoveries(c.Request().Context(), v.actor, hashes); err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			return w.showFactors(c, status, factorsPage{Renew: f}, 0, Form{})
		})
	}
	w.tellOwner(c, v.actor.Account, "recoveries_renewed")
	return w.showRecoveries(c, codes, false)
}

// removalPage asks before something an account proves itself by is taken away.
type removalPage struct {
	Form    Form
	Kind    string // totp, passkey or password
	Name    string // of the passkey
	Action  string
	Others  bool
	Allowed bool // something else is left to sign in with
}

var removalTitles = map[string]string{"totp": "removal.title_totp", "passkey": "removal.title_passkey", "password": "removal.title_password"}

func (w *Web) showRemoval(c echo.Context, status int, page removalPage) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	means := account.Passkeys + account.Identities
	if account.HasPassword() {
		means++
	}
	page.Allowed = page.Kind == "totp" || means > 1
	page.Action = c.Request().URL.Path
	if page.Others, err = w.elsewhere(c); err != nil {
		return err
	}
	return w.render(c, screen{status: status, name: "factor-removal", nav: "account", title: removalTitles[page.Kind], args: []any{"name", page.Name}, page: page})
}

func (w *Web) totpRemoval(c echo.Context) error {
	a, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	if !a.HasTOTP() {
		return c.Redirect(http.StatusSeeOther, "/account/factors")
	}
	return w.showRemoval(c, http.StatusOK, removalPage{Kind: "totp"})
}

func (w *Web) removeTOTP(c echo.Context) error {
	return w.removed(c, removalPage{Kind: "totp"}, w.store.RemoveTOTP(c.Request().Context(), visitOf(c).actor))
}

func (w *Web) passwordRemoval(c echo.Context) error {
	a, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	if !a.HasPassword() {
		return c.Redirect(http.StatusSeeOther, "/account/factors")
	}
	return w.showRemoval(c, http.StatusOK, removalPage{Kind: "password"})
}

func (w *Web) removePassword(c echo.Context) error {
	return w.removed(c, removalPage{Kind: "password"}, w.store.RemovePassword(c.Request().Context(), visitOf(c).actor))
}

// removed answers a removal: it is told by letter, and the sessions elsewhere end if that was asked for.
func (w *Web) removed(c echo.Context, page removalPage, err error) error {
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			page.Form = f
			return w.showRemoval(c, status, page)
		})
	}
	if err := w.endElsewhere(c); err != nil {
		return err
	}
	about := page.Kind + "_removed"
	w.tellOwner(c, visitOf(c).actor.Account, about, "key", page.Name)
	return w.done(c, "/account/factors", Notice{Key: about, Args: []string{"name", page.Name}})
}

package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/password"
)

// resetsAccount is how many links for a new password an address may ask for within the window.
const resetsAccount = 4

func (w *Web) resetRoutes(g *echo.Group) {
	g.GET("/forgotten", w.forgottenPage)
	g.POST("/forgotten", w.forgotten)
	g.GET("/reset/:token", w.resetPage)
	g.POST("/reset/:token", w.reset)
}

// newLink draws the secret of a link: it goes into the letter, its hash into the store.
func newLink() (secret string, hash [32]byte) {
	var token [32]byte
	_, _ = rand.Read(token[:]) // it never fails: a system without randomness stops the program
	return base64.RawURLEncoding.EncodeToString(token[:]), sha256.Sum256(token[:])
}

// linkHash is the hash of the secret in the address; models.ErrNotFound when it cannot be one of ours.
func linkHash(c echo.Context) ([32]byte, error) {
	token, err := base64.RawURLEncoding.DecodeString(c.Param("token"))
	if err != nil || len(token) != 32 {
		return [32]byte{}, models.ErrNotFound
	}
	return sha256.Sum256(token), nil
}

// address is an absolute address of this site, built from the configured one.
func (w *Web) address(path string) string { return w.Base.JoinPath(path).String() }

type forgottenPage struct {
	Form Form
	Mail bool // a letter can leave
	Sent bool
}

func (w *Web) forgottenPage(c echo.Context) error {
	return w.showForgotten(c, http.StatusOK, forgottenPage{Form: Form{Fields: Fields{"email": c.QueryParam("email")}}})
}

func (w *Web) showForgotten(c echo.Context, status int, page forgottenPage) error {
	page.Mail = w.Post.Configured()
	return w.render(c, screen{status: status, name: "forgotten", title: "forgotten.title", page: page})
}

// forgotten promises a letter, whoever asks for whichever address: all that depends on it happens after the answer.
func (w *Web) forgotten(c echo.Context) error {
	e := entry{Fields: fields(c, "email")}
	show := func(status int, f Form) error { return w.showForgotten(c, status, forgottenPage{Form: f}) }
	if !w.Post.Configured() {
		return show(http.StatusUnprocessableEntity, Form{Fields: e.Fields})
	}
	email := e.text("email")
	e.merge(models.CheckEmail(email), nil)
	if err := e.bad.Err(); err != nil {
		return w.retry(c, err, e.Fields, show)
	}
	if err := w.knock(c, hashed("reset "+accountKey(email)), resetsAccount); err != nil {
		return w.refuseEntry(c, err, &e, show)
	}
	w.later(c, "reset", func(ctx context.Context) error { return w.mailReset(ctx, email) })
	return w.showForgotten(c, http.StatusOK, forgottenPage{Form: Form{Fields: e.Fields}, Sent: true})
}

// mailReset writes to the account of an address, if there is one, how to set a new password.
func (w *Web) mailReset(ctx context.Context, email string) error {
	secret, hash := newLink()
	account, m, err := w.store.StartReset(ctx, email, hash, w.Now())
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return w.Post.Mail(ctx, w.accountLetter(account.Email, m.Name, m.Lang, "reset", "link", w.address("/reset/"+secret), "email", account.Email))
}

type resetPage struct {
	Form  Form
	Token string
	Email string
	// Clears tells that all the account proves itself by goes, but for the new password.
	Clears bool
}

// resetPage only shows: mail programs and their scanners follow links by themselves.
func (w *Web) resetPage(c echo.Context) error {
	hash, err := linkHash(c)
	if err != nil {
		return w.deadLink(c, err, "reset")
	}
	who, err := w.store.OpenReset(c.Request().Context(), hash, w.Now())
	if err != nil {
		return w.deadLink(c, err, "reset")
	}
	return w.showReset(c, http.StatusOK, resetPage{Email: who.Email, Clears: who.Clears}, Form{})
}

func (w *Web) showReset(c echo.Context, status int, page resetPage, f Form) error {
	page.Form, page.Token = f, c.Param("token")
	return w.render(c, screen{status: status, name: "reset", title: "reset.title", page: page})
}

// reset sets the new password. It signs nobody in: a second factor is asked for at the door as ever.
func (w *Web) reset(c echo.Context) error {
	hash, err := linkHash(c)
	if err != nil {
		return w.deadLink(c, err, "reset")
	}
	ctx := c.Request().Context()
	who, err := w.store.OpenReset(ctx, hash, w.Now())
	if err != nil {
		return w.deadLink(c, err, "reset")
	}
	plain := c.FormValue("password")
	e := entry{}
	known := []string{who.Email}
	for _, m := range who.Memberships {
		known = append(known, m.Name, m.OrganisationName)
	}
	if fault := password.Fault(plain, known...); fault != "" {
		e.bad.Add("password", fault)
		return w.showReset(c, http.StatusUnprocessableEntity, resetPage{Email: who.Email, Clears: who.Clears}, Form{Errors: sentences(visitOf(c).words, e.bad)})
	}
	digest, err := password.Hash(plain)
	if err != nil {
		return err
	}
	account, err := w.store.UseReset(ctx, hash, digest, c.RealIP(), w.Now().UTC())
	if err != nil {
		return w.deadLink(c, err, "reset")
	}
	if err := w.store.ClearAttempts(ctx, accountKey(who.Email)); err != nil {
		return err
	}
	about, notice := "password_changed", "password_reset"
	if who.Clears {
		about, notice = "factors_cleared", "factors_cleared"
	}
	w.tellOwner(c, account, about)
	w.setCookie(c, "session", "", 0)
	return w.done(c, "/sign-in", Notice{Key: notice})
}

type deadLinkPage struct {
	Kind string // reset, invitation or address
	Mail bool
}

// deadLink says that a link was used, withdrawn or has run out, alike; any other error goes on.
func (w *Web) deadLink(c echo.Context, err error, kind string) error {
	if !errors.Is(err, models.ErrNotFound) {
		return err
	}
	return w.render(c, screen{status: http.StatusNotFound, name: "dead-link", title: "deadlink.title", page: deadLinkPage{kind, w.Post.Configured()}})
}

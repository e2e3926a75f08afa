package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

func (w *Web) addressRoutes(g *echo.Group) {
	g.GET("/account/address", w.addressPage, w.fresh)
	g.POST("/account/address", w.changeAddress, w.fresh)
}

// newAddressRoutes are those of the link that proves a new address: the link is the right to them.
func (w *Web) newAddressRoutes(g *echo.Group) {
	g.GET("/address/:token", w.newAddress)
	g.POST("/address/:token", w.confirmAddress)
}

type addressPage struct {
	Form  Form
	Email string // of the account
	Mail  bool
}

func (w *Web) addressPage(c echo.Context) error { return w.showAddress(c, http.StatusOK, Form{}) }

func (w *Web) showAddress(c echo.Context, status int, f Form) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	page := addressPage{Form: f, Email: account.Email, Mail: w.Post.Configured()}
	return w.render(c, screen{status: status, name: "address", nav: "account", title: "address.title", page: page})
}

// changeAddress writes to the new address, which counts once its owner has followed the link. Whether another account
// has it already is not said here: only who reads its letters learns of it.
func (w *Web) changeAddress(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	e := entry{Fields: fields(c, "email")}
	email := e.text("email")
	e.merge(models.CheckEmail(email), nil)
	show := func(status int, f Form) error { return w.showAddress(c, status, f) }
	err := e.bad.Err()
	if err == nil && !w.Post.Configured() {
		err = models.Refused{Rule: "reset.mail"}
	}
	if err != nil {
		return w.retry(c, err, e.Fields, show)
	}
	if err := w.knock(c, hashed("address of "+typedID(models.ID(v.actor.Account))), resetsAccount); err != nil {
		return w.refuseEntry(c, err, &e, show)
	}
	secret, hash := newLink()
	if err := w.store.StartAddress(ctx, v.actor, email, hash); err != nil {
		return w.retry(c, err, e.Fields, show)
	}
	letter := w.accountLetter(email, v.actor.Name, v.lang, "address", "link", w.address("/address/"+secret))
	if err := w.Post.Mail(ctx, letter); err != nil {
		return w.undelivered(c, err, func(status int, f Form, _ string) error {
			f.Fields = e.Fields
			return show(status, f)
		})
	}
	return w.done(c, "/account", Notice{Key: "address_sent", Args: []string{"email", email}})
}

type newAddressPage struct {
	Form  Form
	Token string
	Email string // the new one
}

func (w *Web) newAddress(c echo.Context) error {
	hash, err := linkHash(c)
	if err != nil {
		return w.deadLink(c, err, "address")
	}
	email, err := w.store.OpenAddress(c.Request().Context(), hash, w.Now())
	if err != nil {
		return w.deadLink(c, err, "address")
	}
	return w.showNewAddress(c, http.StatusOK, email, Form{})
}

func (w *Web) showNewAddress(c echo.Context, status int, email string, f Form) error {
	return w.render(c, screen{status: status, name: "address-new", title: "address.title", page: newAddressPage{Form: f, Token: c.Param("token"), Email: email}})
}

// confirmAddress makes the proved address the account's, and says so at the old one.
func (w *Web) confirmAddress(c echo.Context) error {
	hash, err := linkHash(c)
	if err != nil {
		return w.deadLink(c, err, "address")
	}
	ctx := c.Request().Context()
	was, now, err := w.store.UseAddress(ctx, hash, c.RealIP(), w.Now().UTC())
	if err != nil {
		var refused models.Refused
		if errors.As(err, &refused) {
			return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showNewAddress(c, status, now, f) })
		}
		return w.deadLink(c, err, "address")
	}
	if w.Post.Configured() && len(was.Memberships) > 0 {
		m := was.Memberships[0]
		w.later(c, "address_changed", func(ctx context.Context) error {
			return w.Post.Mail(ctx, w.accountLetter(was.Email, m.Name, m.Lang, "address_changed", "email", now))
		})
	}
	return w.done(c, "/", Notice{Key: "address_changed", Args: []string{"email", now}})
}

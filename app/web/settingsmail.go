package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// Letter is one message of the screens to one person.
type Letter struct {
	Address, Name       string
	Lang                models.Lang
	Subject, Text, HTML string
	UnsubscribeURL      string // empty when it is no list mail
}

// Undelivered is what Post answers when a message did not leave.
type Undelivered struct {
	Rule   string // the screens have a sentence for it: "mail.timeout"
	Detail string // the other side's own words, if it said any
}

func (u Undelivered) Error() string { return u.Rule + ": " + u.Detail }

// mailPage tells whether mail can leave, and tries it.
type mailPage struct {
	Form       Form
	Configured bool
	Address    string // of the visitor; empty when they have none
	Answer     string // what the other side said to a test that failed
}

func (w *Web) mailPage(c echo.Context) error {
	return w.showMail(c, mailPage{}, http.StatusOK)
}

func (w *Web) showMail(c echo.Context, page mailPage, status int) error {
	v := visitOf(c)
	me, _ := v.register.Person(v.actor.Person)
	page.Configured, page.Address = w.Post.Configured(), me.Email
	return w.render(c, screen{status: status, name: "settings-mail", nav: "settings", title: "settings.mail_title", page: page})
}

func (w *Web) testMail(c echo.Context) error {
	me, err := addressee(visitOf(c))
	if err == nil {
		err = w.Post.Test(c.Request().Context(), me.Email, me.Name, me.Lang)
	}
	if err != nil {
		page := mailPage{}
		return w.undelivered(c, err, func(status int, f Form, answer string) error {
			page.Form, page.Answer = f, answer
			return w.showMail(c, page, status)
		})
	}
	return w.done(c, "/settings/mail", Notice{Key: "mail_sent", Args: []string{"address", me.Email}})
}

// addressee is the visitor, who must have an address to be written to.
func addressee(v *visit) (models.Person, error) {
	me, ok := v.register.Person(v.actor.Person)
	if !ok || me.Email == "" {
		return me, models.Invalid{{Field: "", Rule: "email.empty"}}
	}
	return me, nil
}

// undelivered shows the page again with why a message did not leave: in a sentence, and in the other side's words.
func (w *Web) undelivered(c echo.Context, err error, show func(status int, f Form, answer string) error) error {
	var bad models.Invalid
	var not Undelivered
	switch {
	case errors.As(err, &bad):
	case errors.As(err, &not):
		bad.Add("", not.Rule)
	case errors.Is(err, context.DeadlineExceeded):
		bad.Add("", "mail.timeout")
	default:
		return err
	}
	return show(http.StatusUnprocessableEntity, Form{Errors: sentences(visitOf(c).words, bad)}, not.Detail)
}

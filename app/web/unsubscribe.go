package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

func (w *Web) unsubscribeRoutes(g *echo.Group) {
	g.GET("/unsubscribe/:token", w.unsubscribePage)
	g.POST("/unsubscribe/:token", w.unsubscribe)
	g.POST("/unsubscribe/:token/undo", w.subscribeAgain)
}

// unsubscribePage is what a link of the digest opens, without a sign-in: the secret in its address is enough to stop
// the digest and to ask for it again, and for nothing else.
type unsubscribePage struct {
	Token string
	Name  string
	Wants bool
	Done  bool // it has just been stopped
}

// reader is whom a token stands for.
type reader struct {
	actor models.Actor
	wants bool
}

// readerOf finds the person of the token and speaks their language from then on.
func (w *Web) readerOf(c echo.Context) (reader, error) {
	org, person, name, lang, wants, err := w.store.PersonByUnsubscribe(c.Request().Context(), c.Param("token"))
	if err != nil {
		return reader{}, err
	}
	v := visitOf(c)
	if !v.signedIn {
		v.lang, v.words = lang, w.books[lang].words
	}
	return reader{models.Actor{Organisation: org, Person: person, Name: name, Role: models.Staff, From: c.RealIP(), At: w.Now().UTC()}, wants}, nil
}

// unsubscribePage only shows: mail programs and their scanners follow links by themselves.
func (w *Web) unsubscribePage(c echo.Context) error {
	who, err := w.readerOf(c)
	if err != nil {
		return err
	}
	return w.showUnsubscribe(c, unsubscribePage{Name: who.actor.Name, Wants: who.wants})
}

func (w *Web) showUnsubscribe(c echo.Context, page unsubscribePage) error {
	page.Token = c.Param("token")
	return w.render(c, screen{status: http.StatusOK, name: "unsubscribe", title: "unsubscribe.title", page: page})
}

// unsubscribe stops the digest. Mail providers post here by themselves (RFC 8058), without cookies, without an origin,
// and follow no redirect: the answer is the page itself.
func (w *Web) unsubscribe(c echo.Context) error {
	who, err := w.readerOf(c)
	if err != nil {
		return err
	}
	if who.wants {
		if err := w.store.Unsubscribe(c.Request().Context(), c.Param("token"), w.Now()); err != nil {
			return err
		}
	}
	return w.showUnsubscribe(c, unsubscribePage{Name: who.actor.Name, Done: true})
}

func (w *Web) subscribeAgain(c echo.Context) error {
	who, err := w.readerOf(c)
	if err != nil {
		return err
	}
	if err := w.store.SetDigestChoice(c.Request().Context(), who.actor, who.actor.Person, true); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/unsubscribe/"+c.Param("token"))
}

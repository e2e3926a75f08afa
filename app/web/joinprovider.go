package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// joinByProvider sends a guest to the provider to take an invitation up with what they are there.
func (w *Web) joinByProvider(c echo.Context) error {
	_, hash, err := w.invited(c)
	if err != nil {
		return w.deadLink(c, err, "invitation")
	}
	return w.setOut(c, store.ProviderVisit{Purpose: models.VisitInvite, Invitation: hash, Target: "/"})
}

type joinPage struct {
	store.Invited
	Form     Form
	Provider string
	Label    string
	Known    string // address of the account that signs in with it already; empty for a newcomer
	Until    time.Time
}

// joining is the invitation a guest takes up, and what they proved to be.
func (w *Web) joining(c echo.Context) (joinPage, visitSecret, error) {
	visit, secret, err := w.provedVisit(c, models.VisitInvite)
	if err != nil {
		return joinPage{}, secret, w.lostVisit(c, err)
	}
	ctx := c.Request().Context()
	i, err := w.store.OpenInvitation(ctx, visit.Invitation, w.Now())
	if err != nil {
		return joinPage{}, secret, w.deadLink(c, err, "invitation")
	}
	w.readIn(c, i.Lang)
	page := joinPage{Invited: i, Provider: w.Provider.Name(), Label: visit.Identity.Label, Until: i.ExpiresAt}
	if r, err := w.store.Register(ctx, i.Organisation); err == nil {
		page.Until = i.ExpiresAt.In(r.Organisation.Location())
	}
	known, err := w.store.IdentityAccount(ctx, visit.Identity.Issuer, visit.Identity.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return joinPage{}, secret, err
	}
	page.Known = known.Email
	return page, secret, nil
}

// joinPage asks before it joins: whoever is signed in at the provider may be somebody else.
func (w *Web) joinPage(c echo.Context) error {
	page, _, err := w.joining(c)
	if err != nil || c.Response().Committed {
		return err
	}
	return w.showJoin(c, http.StatusOK, page, Form{})
}

func (w *Web) showJoin(c echo.Context, status int, page joinPage, f Form) error {
	page.Form = f
	return w.render(c, screen{status: status, name: "invitation-provider", title: "invitation.title", args: []any{"organisation", page.OrganisationName}, page: page})
}

func (w *Web) joinAsIdentity(c echo.Context) error {
	page, secret, err := w.joining(c)
	if err != nil || c.Response().Committed {
		return err
	}
	actor, err := w.store.AcceptInvitationWith(c.Request().Context(), secret.hash(), c.RealIP(), w.Now().UTC())
	if errors.Is(err, models.ErrNotFound) {
		return w.deadLink(c, err, "invitation")
	}
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showJoin(c, status, page, f) })
	}
	w.setCookie(c, providerCookie, "", 0)
	if page.Known != "" { // when they proved themselves to the provider is not asked here
		w.say(c, Notice{Key: "joined", Args: []string{"organisation", page.OrganisationName}})
		return w.afterProof(c, actor.Account, "/", longAgo)
	}
	return w.joined(c, actor, page.Invited)
}

// readIn lets a stranger read in a language, unless they have chosen one.
func (w *Web) readIn(c echo.Context, lang models.Lang) {
	v := visitOf(c)
	if _, none := c.Cookie(w.cookieName("lang")); none != nil && !v.signedIn {
		v.lang, v.words = lang, w.books[lang].words
	}
}

package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

// identityRoutes are those by which somebody lets their account be signed in to by the provider, and proves themselves
// by it again.
func (w *Web) identityRoutes(g *echo.Group) {
	g.POST("/account/identities", w.linkByProvider, w.hasProvider, w.fresh)
	g.GET("/account/identities/new", w.linkPage, w.hasProvider, w.fresh)
	g.POST("/account/identities/new", w.linkIdentity, w.hasProvider, w.fresh)
	g.GET("/account/identities/:id/removal", w.unlinkPage, w.fresh)
	g.POST("/account/identities/:id/removal", w.unlinkIdentity, w.fresh)
	g.POST("/account/confirm/oidc", w.confirmByProvider, w.hasProvider)
	g.GET("/account/confirm/form", w.confirmedForm, w.hasProvider)
}

// identityPanel is what the account's page says of the provider.
type identityPanel struct {
	Provider string // empty when there is none now
	Lines    []identityLine
}

// identityLine is one sign-in of an account at a provider.
type identityLine struct {
	models.Identity
	Host    string // of its issuer
	Name    string // what people know the issuer by
	Linked  time.Time
	Used    time.Time
	Current bool // of the provider people sign in by now
}

func (w *Web) identityPanel(c echo.Context) (identityPanel, error) {
	v := visitOf(c)
	list, err := w.store.Identities(c.Request().Context(), v.actor.Account)
	p := identityPanel{Provider: w.providerName(), Lines: make([]identityLine, 0, len(list))}
	for _, i := range list {
		p.Lines = append(p.Lines, w.identityLine(v, i))
	}
	return p, err
}

func (w *Web) identityLine(v *visit, i models.Identity) identityLine {
	loc := v.register.Organisation.Location()
	l := identityLine{Identity: i, Host: i.Issuer, Linked: i.LinkedAt.In(loc), Used: i.UsedAt, Current: w.Provider != nil && w.Provider.Issuer() == i.Issuer}
	if !i.UsedAt.IsZero() {
		l.Used = i.UsedAt.In(loc)
	}
	if u, err := url.Parse(i.Issuer); err == nil && u.Host != "" {
		l.Host = u.Host
	}
	if l.Name = l.Host; l.Current {
		l.Name = w.Provider.Name()
	}
	return l
}

func (w *Web) linkByProvider(c echo.Context) error {
	return w.setOut(c, store.ProviderVisit{Purpose: models.VisitLink, Session: visitOf(c).token, Target: "/account"})
}

// provedVisit is the visit of this browser that came back with a proof for a purpose.
func (w *Web) provedVisit(c echo.Context, purpose models.VisitPurpose) (store.ProviderVisit, visitSecret, error) {
	secret, ok := w.secretOf(c)
	if !ok {
		return store.ProviderVisit{}, secret, models.ErrNotFound
	}
	visit, err := w.store.ReturnedVisit(c.Request().Context(), purpose, secret.hash(), w.Now())
	if err == nil && visit.Session != [32]byte{} && visit.Session != visitOf(c).token {
		err = models.ErrNotFound // another session than the one that set out
	}
	return visit, secret, err
}

// lostVisit answers for a visit that is over or was never this browser's.
func (w *Web) lostVisit(c echo.Context, err error) error {
	if !errors.Is(err, models.ErrNotFound) {
		return err
	}
	return w.unidentified(c, http.StatusBadRequest, store.ProviderVisit{}, Unidentified{Rule: "provider.elsewhere"})
}

type linkPage struct {
	Form     Form
	Provider string
	Label    string
	Email    string // the account's own address
}

// linkPage asks before it links: whoever is signed in at the provider may be somebody else.
func (w *Web) linkPage(c echo.Context) error {
	visit, _, err := w.provedVisit(c, models.VisitLink)
	if err != nil {
		return w.lostVisit(c, err)
	}
	return w.showLink(c, http.StatusOK, visit, Form{})
}

func (w *Web) showLink(c echo.Context, status int, visit store.ProviderVisit, f Form) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	page := linkPage{Form: f, Provider: w.Provider.Name(), Label: visit.Identity.Label, Email: account.Email}
	return w.render(c, screen{status: status, name: "identity-new", nav: "account", title: "identity.new_title", args: []any{"name", page.Provider}, page: page})
}

func (w *Web) linkIdentity(c echo.Context) error {
	v := visitOf(c)
	visit, secret, err := w.provedVisit(c, models.VisitLink)
	if err != nil {
		return w.lostVisit(c, err)
	}
	linked, err := w.store.LinkIdentity(c.Request().Context(), v.actor, secret.hash())
	if errors.Is(err, models.ErrNotFound) {
		return w.lostVisit(c, err)
	}
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showLink(c, status, visit, f) })
	}
	w.setCookie(c, providerCookie, "", 0)
	w.tellOwner(c, v.actor.Account, "identity_linked", "provider", w.Provider.Name(), "label", linked.Label)
	return w.identityDone(c, Notice{Key: "identity_linked", Args: []string{"name", w.Provider.Name()}})
}

// identityDone goes back to the account, with the other sessions ended where that is wished.
func (w *Web) identityDone(c echo.Context, n Notice) error {
	v := visitOf(c)
	if c.FormValue("end_others") != "" {
		if err := w.store.EndOtherSessions(c.Request().Context(), v.actor.Account, v.token); err != nil {
			return err
		}
	}
	return w.done(c, "/account", n)
}

type unlinkPage struct {
	Form Form
	Line identityLine
}

// myIdentity is the one in the address, of the visitor's own.
func (w *Web) myIdentity(c echo.Context) (identityLine, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return identityLine{}, err
	}
	v := visitOf(c)
	list, err := w.store.Identities(c.Request().Context(), v.actor.Account)
	if err != nil {
		return identityLine{}, err
	}
	for _, i := range list {
		if i.ID == id {
			return w.identityLine(v, i), nil
		}
	}
	return identityLine{}, models.ErrNotFound
}

func (w *Web) unlinkPage(c echo.Context) error {
	line, err := w.myIdentity(c)
	if err != nil {
		return err
	}
	return w.showUnlink(c, http.StatusOK, line, Form{})
}

func (w *Web) showUnlink(c echo.Context, status int, line identityLine, f Form) error {
	return w.render(c, screen{status: status, name: "identity-removal", nav: "account", title: "identity.removal_title", page: unlinkPage{f, line}})
}

func (w *Web) unlinkIdentity(c echo.Context) error {
	line, err := w.myIdentity(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	gone, err := w.store.UnlinkIdentity(c.Request().Context(), v.actor, line.ID)
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showUnlink(c, status, line, f) })
	}
	w.tellOwner(c, v.actor.Account, "identity_unlinked", "provider", line.Name, "label", gone.Label)
	return w.identityDone(c, Notice{Key: "identity_unlinked", Args: []string{"label", gone.Label}})
}

// proofLeeway is how long before somebody set out they may have proved themselves to the provider: a minute for what is
// asked of it, and one for clocks that differ.
const proofLeeway = 2 * time.Minute

// confirmAction is the field of a carried form that says where it goes.
const confirmAction = "confirm_action"

// confirmByProvider sends the visitor to prove again who they are, and keeps the form that is carried on meanwhile.
func (w *Web) confirmByProvider(c echo.Context) error {
	visit := store.ProviderVisit{Purpose: models.VisitConfirm, Session: visitOf(c).token, Target: localPath(c.FormValue("to"))}
	if action := c.FormValue(confirmAction); action != "" {
		fields, err := json.Marshal(carried(c))
		if err != nil {
			return err
		}
		visit.Target, visit.Fields = localPath(action), string(fields)
	}
	return w.setOut(c, visit)
}

// confirmedByProvider marks the session fresh when it was its owner who came back, and has just proved themselves.
func (w *Web) confirmedByProvider(c echo.Context, secret visitSecret, visit store.ProviderVisit, who Identified) error {
	ctx, v := c.Request().Context(), visitOf(c)
	known, err := w.store.IdentityAccount(ctx, who.Issuer, who.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	away := w.Now().Sub(visit.StartedAt)
	var why Unidentified
	switch {
	case err != nil || known.Account != v.actor.Account:
		why = Unidentified{Rule: "provider.other", Args: []any{"label", who.Label}}
	case !who.Told:
		why.Rule = "provider.untold"
	case who.Ago > away+proofLeeway || who.Ago < -proofLeeway:
		why.Rule = "provider.stale"
	}
	if why.Rule != "" {
		return errors.Join(w.endVisit(c, secret), w.failedVisit(c, visit, why))
	}
	v.freshAt = w.Now()
	if err := w.store.MarkFresh(ctx, v.token, v.freshAt); err != nil {
		return err
	}
	if visit.Fields != "" {
		if err := w.store.KeepProof(ctx, secret.hash(), who.Identity); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/account/confirm/form")
	}
	if err := w.endVisit(c, secret); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, localPath(visit.Target))
}

type confirmedPage struct {
	Action string
	Fields []carriedField
}

// confirmedForm shows the form that was carried over the visit to the provider, to be sent again.
func (w *Web) confirmedForm(c echo.Context) error {
	visit, _, err := w.provedVisit(c, models.VisitConfirm)
	if err != nil {
		return w.lostVisit(c, err)
	}
	page := confirmedPage{Action: localPath(visit.Target), Fields: carriedIn(visit)}
	return w.render(c, screen{status: http.StatusOK, name: "confirmed", nav: "account", title: "confirm.title", page: page})
}

// carriedIn are the fields of the form a visit carries.
func carriedIn(visit store.ProviderVisit) (fields []carriedField) {
	if visit.Fields == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(visit.Fields), &fields); err != nil {
		return nil // written by confirmByProvider
	}
	return fields
}

// confirmUnproved shows the question again, with what the visitor wrote, when nothing came of asking the provider.
func (w *Web) confirmUnproved(c echo.Context, status int, visit store.ProviderVisit, why models.Problem) error {
	account, err := w.store.Account(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return err
	}
	page := confirmPage{Account: account, Action: "/account/confirm", To: localPath(visit.Target)}
	if visit.Fields != "" {
		page.Action, page.To, page.Fields = page.To, "", carriedIn(visit)
	}
	return w.showConfirm(c, status, page, Form{Errors: sentences(visitOf(c).words, models.Invalid{why})})
}

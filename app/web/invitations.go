package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/password"
	"enveloppe/models/store"
)

// invitationRoutes are the guest's: the link is their right to them.
func (w *Web) invitationRoutes(g *echo.Group) {
	g.GET("/invitation/:token", w.invitation)
	g.POST("/invitation/:token", w.acceptInvitation)
	g.POST("/invitation/:token/account", w.joinByInvitation)
	g.POST("/invitation/:token/passkey/options", w.invitationOptions)
	g.POST("/invitation/:token/passkey", w.acceptByPasskey)
}

// invitingRoutes are the director's.
func (w *Web) invitingRoutes(g *echo.Group) {
	g.POST("/people/:id/invitation", w.invite, mayManage, w.fresh)
	g.POST("/people/:id/invitation/withdrawal", w.withdrawInvitation, mayManage, w.fresh)
	g.POST("/people/:id/reset", w.sendReset, mayManage, w.fresh)
	g.POST("/people/:id/factors", w.sendFactorReset, mayManage, w.fresh)
}

// access is how a person gets in, as the director sees it.
type access struct {
	Invitation models.Invitation
	Invited    bool
	Open       bool      // it can still be taken up
	Until      time.Time // where the organisation is
	Mail       bool      // letters can leave
	Path       string    // of the acts
}

// accessOf is how a person gets in, for who manages people.
func (w *Web) accessOf(c echo.Context, p models.Person) (access, error) {
	v := visitOf(c)
	a := access{Mail: w.Post.Configured(), Path: personPath(p.ID)}
	if !v.actor.Role.MayManage() {
		return a, nil
	}
	all, err := w.store.Invitations(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return a, err
	}
	a.Invitation, a.Invited = all[p.ID]
	a.Open = a.Invitation.Open(w.Now())
	a.Until = a.Invitation.ExpiresAt.In(v.register.Organisation.Location())
	return a, nil
}

func (w *Web) invite(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	secret, hash := newLink()
	if err := w.store.Invite(c.Request().Context(), visitOf(c).actor, p.ID, hash); err != nil {
		var bad models.Invalid
		if errors.As(err, &bad) { // it takes an address: the form of the person is where to give one
			return w.retry(c, err, personTyped(p), func(status int, f Form) error { return w.showPersonForm(c, status, p, f) })
		}
		return err
	}
	return w.deliverInvitation(c, p, secret)
}

// inviteLinkPage hands a link over that no letter carries: it is shown this once.
type inviteLinkPage struct {
	Person models.Person
	Link   string
	Until  time.Time
	Said   string // why no letter left; empty when there is no way to send one
	Answer string // in the other side's words
	Back   string
}

// deliverInvitation mails the link to its guest, or hands it to the director when no letter leaves.
func (w *Web) deliverInvitation(c echo.Context, p models.Person, secret string) error {
	v := visitOf(c)
	link := w.address("/invitation/" + secret)
	until := w.Now().Add(models.InviteLife).In(v.register.Organisation.Location())
	page := inviteLinkPage{Person: p, Link: link, Until: until, Back: personPath(p.ID)}
	if w.Post.Configured() {
		letter := w.accountLetter(p.Email, p.Name, p.Lang, "invite", "link", link, "organisation", v.register.Organisation.Name, "by", v.actor.Name)
		err := w.Post.Mail(c.Request().Context(), letter)
		if err == nil {
			return w.done(c, personPath(p.ID), Notice{Key: "invited", Args: []string{"name", p.Name, "email", p.Email}})
		}
		var not Undelivered
		switch {
		case errors.As(err, &not):
			page.Said, page.Answer = v.words.Problem(not.Rule), not.Detail
		case errors.Is(err, context.DeadlineExceeded):
			page.Said = v.words.Problem("mail.timeout")
		default:
			return err
		}
	}
	return w.render(c, screen{status: http.StatusOK, name: "invitation-link", nav: "people", title: "invitation.link_title", args: []any{"name", p.Name}, page: page})
}

func (w *Web) withdrawInvitation(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	if err := w.store.WithdrawInvitation(c.Request().Context(), visitOf(c).actor, p.ID); err != nil {
		return err
	}
	return w.done(c, personPath(p.ID), Notice{Key: "uninvited", Args: []string{"name", p.Name}})
}

// sendReset writes to a person's account, at the account's own address, how to set a new password: a director never
// knows or sets another's, and cannot turn the letter to themselves.
func (w *Web) sendReset(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v, ctx := visitOf(c), c.Request().Context()
	if !w.Post.Configured() {
		return models.Refused{Rule: "reset.mail"}
	}
	who, err := w.store.CredentialOf(ctx, v.actor.Organisation, p.ID)
	if errors.Is(err, models.ErrNotFound) {
		return models.Refused{Rule: "reset.account"}
	}
	if err != nil {
		return err
	}
	if err := w.mailReset(ctx, who.Email); err != nil {
		return w.undelivered(c, err, func(int, Form, string) error { return models.Refused{Rule: "reset.undelivered"} })
	}
	return w.done(c, personPath(p.ID), Notice{Key: "reset_sent", Args: []string{"name", p.Name}})
}

type invitationPage struct {
	store.Invited
	Form     Form // of a new password
	Joining  Form // of an account there is
	Token    string
	Until    time.Time
	SignedIn string // address of the account the guest is signed in with; empty for a stranger
	Member   bool   // that account is a person of the organisation already
	Key      Form   // of a passkey
	Passkey  bool   // browsers use them here
}

// invited is the invitation of the link in the address; a guest reads it in the language it was written in.
func (w *Web) invited(c echo.Context) (store.Invited, [32]byte, error) {
	hash, err := linkHash(c)
	if err != nil {
		return store.Invited{}, hash, err
	}
	i, err := w.store.OpenInvitation(c.Request().Context(), hash, w.Now())
	if v := visitOf(c); err == nil && !v.signedIn {
		if _, none := c.Cookie(w.cookieName("lang")); none != nil { // who has chosen keeps what they chose
			v.lang, v.words = i.Lang, w.books[i.Lang].words
		}
	}
	return i, hash, err
}

// invitation only shows: mail programs and their scanners follow links by themselves.
func (w *Web) invitation(c echo.Context) error {
	i, _, err := w.invited(c)
	if err != nil {
		return w.deadLink(c, err, "invitation")
	}
	return w.showInvitation(c, http.StatusOK, invitationPage{Invited: i})
}

func (w *Web) showInvitation(c echo.Context, status int, page invitationPage) error {
	v := visitOf(c)
	page.Token = c.Param("token")
	page.Until, page.Passkey = page.ExpiresAt, w.party != nil
	if r, err := w.store.Register(c.Request().Context(), page.Organisation); err == nil {
		page.Until = page.ExpiresAt.In(r.Organisation.Location())
	}
	if v.signedIn {
		who, err := w.store.Credential(c.Request().Context(), v.actor.Account)
		if err != nil {
			return err
		}
		page.SignedIn = who.Email
		for _, m := range who.Memberships {
			page.Member = page.Member || m.Organisation == page.Organisation
		}
	}
	return w.render(c, screen{status: status, name: "invitation", title: "invitation.title", args: []any{"organisation", page.OrganisationName}, page: page})
}

// acceptInvitation makes the guest an account of the invitation's address, with the password they choose.
func (w *Web) acceptInvitation(c echo.Context) error {
	i, hash, err := w.invited(c)
	if err != nil {
		return w.deadLink(c, err, "invitation")
	}
	plain := c.FormValue("password")
	e := entry{}
	if fault := password.Fault(plain, i.Email, i.Name, i.OrganisationName); fault != "" {
		e.bad.Add("password", fault)
	}
	var digest string
	if err = e.bad.Err(); err == nil {
		digest, err = password.Hash(plain)
	}
	var actor models.Actor
	if err == nil {
		actor, err = w.store.AcceptInvitation(c.Request().Context(), hash, 0, digest, c.RealIP(), w.Now().UTC())
	}
	if errors.Is(err, models.ErrNotFound) {
		return w.deadLink(c, err, "invitation")
	}
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			page := invitationPage{Invited: i, Form: f}
			if i.Account != 0 { // there is no form for a second account of an address
				page.Form, page.Joining = Form{}, f
			}
			return w.showInvitation(c, status, page)
		})
	}
	return w.joined(c, actor, i)
}

// joinByInvitation takes the invitation up with an account there is: the one the guest is signed in with, or the one
// whose passkey or password they give.
func (w *Web) joinByInvitation(c echo.Context) error {
	i, hash, err := w.invited(c)
	if err != nil {
		return w.deadLink(c, err, "invitation")
	}
	v := visitOf(c)
	account := v.actor.Account
	e := entry{Fields: fields(c, "email")}
	show := func(status int, f Form) error {
		return w.showInvitation(c, status, invitationPage{Invited: i, Joining: f})
	}
	byKey := !v.signedIn && c.FormValue(passkeyField) != ""
	switch {
	case v.signedIn:
	case byKey:
		key, err := w.provenByPasskey(c, toSignIn, passkeyField, 0)
		if errors.Is(err, errPasskey) {
			return w.retry(c, models.Invalid{{Rule: "passkey.wrong"}}, e.Fields, show)
		}
		if err != nil {
			return err
		}
		account = key.Account
	default:
		who, err := w.proven(c, e.text("email"), c.FormValue("password"))
		if err != nil {
			return w.refuseEntry(c, err, &e, show)
		}
		if who.HasTOTP && len(who.Memberships) > 0 { // joins once it has come in, which takes a code
			return w.afterPassword(c, who.Account, "/invitation/"+c.Param("token"))
		}
		account = who.Account
	}
	actor, err := w.store.AcceptInvitation(c.Request().Context(), hash, account, "", c.RealIP(), w.Now().UTC())
	if errors.Is(err, models.ErrNotFound) {
		return w.deadLink(c, err, "invitation")
	}
	if err != nil {
		return w.retry(c, err, e.Fields, show)
	}
	if v.signedIn {
		if err := w.store.SwitchOrganisation(c.Request().Context(), v.token, actor.Organisation); err != nil {
			return err
		}
		return w.done(c, "/", Notice{Key: "joined", Args: []string{"organisation", i.OrganisationName}})
	}
	if byKey {
		w.say(c, Notice{Key: "joined", Args: []string{"organisation", i.OrganisationName}})
		return w.comeIn(c, actor.Account, "/")
	}
	return w.joined(c, actor, i)
}

// joined signs the guest in: what else their account asks for comes first.
func (w *Web) joined(c echo.Context, actor models.Actor, i store.Invited) error {
	w.say(c, Notice{Key: "joined", Args: []string{"organisation", i.OrganisationName}})
	return w.afterPassword(c, actor.Account, "/")
}

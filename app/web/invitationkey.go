package web

import (
	"encoding/hex"
	"errors"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// Accepting an invitation with a passkey: the newcomer makes one and has no password to think of.

// joinPurpose binds a challenge to the invitation it was given out for.
func joinPurpose(hash [32]byte) string { return toJoin + " " + hex.EncodeToString(hash[:]) }

func (w *Web) invitationOptions(c echo.Context) error {
	if err := w.challengesLeft(c); err != nil {
		return err
	}
	i, hash, err := w.invited(c)
	if err != nil {
		return err
	}
	if i.Account != 0 || visitOf(c).signedIn { // the address has an account: it is joined with
		return models.ErrNotFound
	}
	return w.challengeNew(c, joinPurpose(hash), 0, holder{handle: newHandle(), name: i.Email, full: i.Name})
}

func (w *Web) acceptByPasskey(c echo.Context) error {
	i, hash, err := w.invited(c)
	if err != nil {
		return w.deadLink(c, err, "invitation")
	}
	name := deviceOf(c.Request().UserAgent())
	if name == "" {
		name = visitOf(c).words.T("passkey.unnamed")
	}
	key, handle, err := w.newPasskey(c, joinPurpose(hash), name)
	var actor models.Actor
	if err == nil {
		actor, err = w.store.AcceptByPasskey(c.Request().Context(), hash, key, handle, c.RealIP(), w.Now().UTC())
		if errors.Is(err, models.ErrNotFound) {
			return w.deadLink(c, err, "invitation")
		}
	}
	if errors.Is(err, errPasskey) {
		err = models.Invalid{{Rule: "passkey.wrong"}}
	}
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			return w.showInvitation(c, status, invitationPage{Invited: i, Key: f})
		})
	}
	w.say(c, Notice{Key: "joined", Args: []string{"organisation", i.OrganisationName}})
	return w.comeIn(c, actor.Account, "/")
}

// sendFactorReset writes to somebody who has lost what they prove themselves by, at their account's own address: what
// they have goes when they open the link and choose a new password, and not before. A director takes nothing away by
// themselves, and never holds the link.
func (w *Web) sendFactorReset(c echo.Context) error {
	p, err := personOf(c)
	if err != nil {
		return err
	}
	v, ctx := visitOf(c), c.Request().Context()
	if !w.Post.Configured() {
		return models.Refused{Rule: "reset.mail"}
	}
	secret, hash := newLink()
	who, err := w.store.StartFactorReset(ctx, v.actor, p.ID, hash)
	if errors.Is(err, models.ErrNotFound) {
		return models.Refused{Rule: "reset.account"}
	}
	if err != nil {
		return err
	}
	lang := p.Lang
	letter := w.accountLetter(who.Email, p.Name, lang, "factors", "link", w.address("/reset/"+secret), "email", who.Email, "by", v.actor.Name)
	if err := w.Post.Mail(ctx, letter); err != nil {
		return w.undelivered(c, err, func(int, Form, string) error { return models.Refused{Rule: "reset.undelivered"} })
	}
	return w.done(c, personPath(p.ID), Notice{Key: "factors_sent", Args: []string{"name", p.Name}})
}

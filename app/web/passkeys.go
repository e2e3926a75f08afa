package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

func (w *Web) passkeyRoutes(g *echo.Group) {
	g.POST("/account/factors/passkeys/options", w.passkeyOptions, w.fresh)
	g.POST("/account/factors/passkeys", w.addPasskey, w.fresh)
	g.POST("/account/factors/passkeys/:id", w.renamePasskey, w.fresh)
	g.GET("/account/factors/passkeys/:id/removal", w.passkeyRemoval, w.fresh)
	g.POST("/account/factors/passkeys/:id/removal", w.removePasskey, w.fresh)
}

func passkeyPath(id models.ID) string { return "/account/factors/passkeys/" + typedID(id) }

// passkeyOptions asks the device for a passkey of the visitor's account, unless it holds one already.
func (w *Web) passkeyOptions(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	account, err := w.store.Account(ctx, v.actor.Account)
	if err != nil {
		return err
	}
	h, err := w.holderOf(ctx, account.ID)
	if err != nil {
		return err
	}
	h.name, h.full = account.Email, v.actor.Name
	if h.handle == nil {
		h.handle = newHandle()
	}
	return w.challengeNew(c, toAdd, account.ID, h)
}

// newHandle draws what passkeys call an account.
func newHandle() []byte {
	_, hash := newLink() // 32 bytes of which nothing is known
	return hash[:]
}

func (w *Web) addPasskey(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "end_others")}
	e.merge(models.CheckPasskeyName(e.text("name")), nil)
	err := e.bad.Err()
	if err == nil {
		var key models.Passkey
		var handle []byte
		if key, handle, err = w.newPasskey(c, toAdd, e.text("name")); err == nil {
			_, err = w.store.AddPasskey(c.Request().Context(), v.actor, key, handle)
		}
	}
	if errors.Is(err, errPasskey) {
		err = models.Invalid{{Rule: "passkey.wrong"}}
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error {
			return w.showFactors(c, status, factorsPage{Add: f}, 0, Form{})
		})
	}
	if err := w.endElsewhere(c); err != nil {
		return err
	}
	w.tellOwner(c, v.actor.Account, "passkey_added", "key", e.text("name"))
	return w.done(c, "/account/factors", Notice{Key: "passkey_added", Args: []string{"name", e.text("name")}})
}

func (w *Web) renamePasskey(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name")}
	if err := w.store.RenamePasskey(c.Request().Context(), visitOf(c).actor, id, e.text("name")); err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showFactors(c, status, factorsPage{}, id, f) })
	}
	return w.done(c, "/account/factors", Notice{Key: "passkey_renamed", Args: []string{"name", e.text("name")}})
}

// myPasskey is the visitor's passkey in the address.
func (w *Web) myPasskey(c echo.Context) (models.Passkey, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Passkey{}, err
	}
	list, err := w.store.Passkeys(c.Request().Context(), visitOf(c).actor.Account)
	if err != nil {
		return models.Passkey{}, err
	}
	for _, k := range list {
		if k.ID == id {
			return k, nil
		}
	}
	return models.Passkey{}, models.ErrNotFound
}

func (w *Web) passkeyRemoval(c echo.Context) error {
	k, err := w.myPasskey(c)
	if err != nil {
		return err
	}
	return w.showRemoval(c, http.StatusOK, removalPage{Kind: "passkey", Name: k.Name})
}

func (w *Web) removePasskey(c echo.Context) error {
	k, err := w.myPasskey(c)
	if err != nil {
		return err
	}
	_, err = w.store.RemovePasskey(c.Request().Context(), visitOf(c).actor, k.ID)
	return w.removed(c, removalPage{Kind: "passkey", Name: k.Name}, err)
}

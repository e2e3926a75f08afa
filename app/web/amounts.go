package web

import (
	"errors"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

// Amounts may be kept from people of the role staff. Three things see to it, each of which alone would do: the register
// they are shown has no amounts in it, the words they are answered in write none, and only the routes named here answer
// them at all. A new route is refused to them until somebody has looked at it and named it.

// errWithoutAmounts refuses a page about money to somebody from whom amounts are kept.
var errWithoutAmounts = errors.New("amounts are kept from this role")

// plainRoutes are those that answer people from whom amounts are kept. What changes something is refused to staff by
// the route's own rule; named here is what they may do all the same.
var plainRoutes = []string{
	"GET /", "GET /services", "GET /services/:id", "GET /renewals", "GET /decisions",
	"GET /seats", "GET /subscriptions/:id/seats", "GET /access", "GET /processors",
	"GET /people", "GET /people/:id",
	"GET /digest", "GET /digest/preview", "POST /digest/test", "POST /digest/recipients/:person",
	"GET /settings", "GET /settings/functions", "GET /settings/vendors",
	"GET /account", "GET /account/address", "POST /account/address", "GET /account/confirm", "POST /account/confirm",
	"GET /renewals.ics", "GET /account/calendars", "POST /account/calendars",
	"GET /account/tokens", "POST /account/tokens", "GET /account/tokens/:id/revocation", "POST /account/tokens/:id/revocation",
	"GET /proposals", "GET /proposals/new", "POST /proposals", "GET /proposals/:id", "POST /proposals/:id/withdrawal", "POST /proposals/:id/reopening",
	"GET /messages", "POST /messages/:id/retry",
	"GET /account/reminders", "POST /account/reminders", "POST /account/reminders/mute", "POST /account/reminders/unmute",
	"GET /account/confirm/form", "POST /account/confirm/oidc", "POST /account/confirm/options",
	"GET /account/factors", "POST /account/factors/passkeys", "POST /account/factors/passkeys/:id", "GET /account/factors/passkeys/:id/removal",
	"POST /account/factors/passkeys/:id/removal", "POST /account/factors/passkeys/options",
	"GET /account/factors/password/removal", "POST /account/factors/password/removal", "POST /account/factors/recoveries",
	"GET /account/factors/totp", "POST /account/factors/totp", "POST /account/factors/totp/confirmation",
	"GET /account/factors/totp/removal", "POST /account/factors/totp/removal",
	"POST /account/identities", "GET /account/identities/:id/removal", "POST /account/identities/:id/removal",
	"GET /account/identities/new", "POST /account/identities/new",
	"GET /account/leave", "POST /account/leave", "POST /account/password", "POST /account/digest",
	"POST /account/sessions/end", "POST /account/sessions/:id/end", "POST /organisations/switch",
}

// mayOpen tells whether the route answers the visitor, as far as amounts go.
func (v *visit) mayOpen(c echo.Context) bool {
	return v.amounts || slices.Contains(plainRoutes, c.Request().Method+" "+c.Path())
}

// speak has the visit answered in a language; without amounts where they are kept from the visitor.
func (v *visit) speak(lang models.Lang) {
	v.lang, v.words = lang, words.In(words.Lang(lang))
	if v.signedIn && !v.amounts {
		v.words = v.words.WithoutAmounts()
	}
}

// What the setting is called in its form.
const (
	amountsShown  = "shown"
	amountsHidden = "hidden"
)

// amountsForm is the setting as it stands.
func amountsForm(o models.Organisation) Form {
	f := Fields{"version": typedVersion(o.Version), "staff_amounts": amountsShown}
	if o.StaffWithoutAmounts {
		f["staff_amounts"] = amountsHidden
	}
	return Form{Fields: f}
}

func (w *Web) amountRoutes(g *echo.Group) {
	g.POST("/settings/amounts", w.saveAmounts, mayManage, w.fresh)
}

// saveAmounts says whether staff read amounts.
func (w *Web) saveAmounts(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "staff_amounts")}
	o := v.register.Organisation
	o.Version, o.StaffWithoutAmounts = e.version(), e.text("staff_amounts") == amountsHidden
	if !o.StaffWithoutAmounts && e.text("staff_amounts") != amountsShown {
		e.bad.Add("staff_amounts", "choose")
	}
	err := e.bad.Err()
	if err == nil {
		err = w.store.SaveOrganisation(c.Request().Context(), v.actor, o)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error {
			return w.showOrganisation(c, status, organisationForm(v.register.Organisation), f)
		})
	}
	key := "staff_amounts_shown"
	if o.StaffWithoutAmounts {
		key = "staff_amounts_hidden"
	}
	return w.done(c, "/settings#amounts", Notice{Key: key})
}

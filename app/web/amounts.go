package web

import (
	"errors"
	"slices"
	"strings"

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
	"GET /seats", "GET /seats/own", "GET /subscriptions/:id/seats", "GET /access", "GET /processors",
	"GET /people", "GET /people/:id",
	"GET /digest", "GET /digest/preview", "POST /digest/test", "POST /digest/recipients/:person",
	"GET /settings", "GET /settings/functions", "GET /settings/vendors", "GET /settings/reminders",
	"GET /renewals.ics", "GET /account", "POST /organisations/switch",
	"GET /proposals", "GET /proposals/new", "POST /proposals", "GET /proposals/:id", "POST /proposals/:id/withdrawal", "POST /proposals/:id/reopening",
	"GET /messages", "POST /messages/:id/retry",
}

// ownAccount begins the routes by which people change what is their own. There is nothing of the register on them.
const ownAccount = "/account/"

// mayOpen tells whether the route answers the visitor, as far as amounts go.
func (v *visit) mayOpen(c echo.Context) bool {
	return v.amounts || isPlain(c.Request().Method, c.Path())
}

func isPlain(method, path string) bool {
	if path == "" || path == "/*" {
		return true // Echo's own: there is no such page
	}
	return strings.HasPrefix(path, ownAccount) || slices.Contains(plainRoutes, method+" "+path)
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

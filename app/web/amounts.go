package web

import (
	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// Amounts may be kept from people of the role staff. What they see then is held at three places, each of which alone
// would do: the register they are shown has no amounts in it, pages about money are refused, and the others draw no
// figure of money.

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

package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// waiverPage asks why an expected charge will not be paid.
type waiverPage struct {
	Form    Form
	Charge  models.Charge
	Service models.Service
}

func (w *Web) newWaiver(c echo.Context) error {
	e := entry{Fields: Fields{"subscription": c.QueryParam("subscription"), "on": c.QueryParam("on")}}
	charge, err := openCharge(c, &e)
	if err != nil {
		return err
	}
	return w.showWaiver(c, charge, http.StatusOK, Form{Fields: e.Fields})
}

// openCharge is what is open of the expected charge a form is about. One that is not expected is not found; one that
// is answered already is refused, with the way to say so.
func openCharge(c echo.Context, e *entry) (models.Charge, error) {
	v := visitOf(c)
	subscription, on := e.id("subscription"), e.day("on")
	if subscription == 0 || on.IsZero() {
		return models.Charge{}, models.ErrNotFound
	}
	charge, ok := v.register.OpenCharge(subscription, on, v.today)
	if ok {
		return charge, nil
	}
	if _, expected := v.register.Charge(subscription, on, v.today); !expected {
		return charge, models.ErrNotFound
	}
	return charge, models.Refused{Rule: "charge_settled"}
}

func (w *Web) showWaiver(c echo.Context, charge models.Charge, status int, f Form) error {
	page := waiverPage{Form: f, Charge: charge}
	page.Service, _ = visitOf(c).register.Service(charge.ServiceID)
	return w.render(c, screen{status: status, name: "waiver", nav: "payments", title: "waivers.title", args: []any{"service", page.Service.Name}, page: page})
}

func (w *Web) waive(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "subscription", "on", "reason")}
	charge, err := openCharge(c, &e)
	if err != nil {
		return err
	}
	waiver := models.Waiver{SubscriptionID: charge.SubscriptionID, ChargeOn: charge.On, Reason: e.text("reason"), By: v.actor.Person, On: v.today}
	e.merge(waiver.Check(), nil)
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.Waive(c.Request().Context(), v.actor, waiver)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showWaiver(c, charge, status, f) })
	}
	sv, _ := v.register.Service(charge.ServiceID)
	return w.done(c, "/payments", Notice{
		Key: "charge_waived", Args: []string{"service", sv.Name, "day", v.words.DayLong(charge.On)}, Undo: "/waivers/" + typedID(id) + "/removal",
	})
}

func (w *Web) unwaive(c echo.Context) error {
	v := visitOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	waiver, ok := v.register.Waiver(id)
	if !ok {
		return models.ErrNotFound
	}
	if err := w.store.Unwaive(c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	s, _ := v.register.Subscription(waiver.SubscriptionID)
	sv, _ := v.register.Service(s.ServiceID)
	back := url.Values{"subscription": {typedID(waiver.SubscriptionID)}, "on": {waiver.ChargeOn.String()}, "reason": {waiver.Reason}}
	return w.done(c, "/payments", Notice{
		Key: "waiver_removed", Args: []string{"service", sv.Name, "day", v.words.DayLong(waiver.ChargeOn)}, Undo: "/waivers?" + back.Encode(),
	})
}

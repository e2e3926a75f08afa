package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var planFields = []string{"name", "tier", "price", "currency", "per_seat", "every", "unit", "limits", "seen_on", "seen_at"}

func (w *Web) planRoutes(g *echo.Group) {
	g.GET("/services/:id/plans/new", w.newPlanPage, mayEdit)
	g.POST("/services/:id/plans", w.addPlan, mayEdit)
	g.GET("/plans/:id/edit", w.editPlanPage, mayEdit)
	g.POST("/plans/:id", w.savePlan, mayEdit)
	g.POST("/plans/:id/retirement", w.retirePlan, mayEdit)
	g.POST("/plans/:id/retirement/undo", w.restorePlan, mayEdit)
	g.GET("/plans/:id/removal", w.planRemovalPage, mayEdit)
	g.POST("/plans/:id/removal", w.removePlan, mayEdit)
}

type planPage struct {
	Form    Form
	Choices formChoices
	Service models.Service
	Plan    models.Plan // its ID is zero for a new one
	Used    bool        // a subscription is or was on it: it can be retired, not removed
	Action  string
}

func (w *Web) newPlanPage(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	return w.showPlan(c, sv, models.Plan{}, http.StatusOK, Form{Fields: Fields{
		"tier": string(models.Premium), "currency": string(money.EUR), "every": "1", "unit": string(cal.Year), "seen_on": visitOf(c).today.String(),
	}})
}

// planAt is the plan in the address, with its service.
func planAt(c echo.Context) (models.Plan, models.Service, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Plan{}, models.Service{}, err
	}
	p, ok := visitOf(c).register.Plan(id)
	if !ok {
		return models.Plan{}, models.Service{}, models.ErrNotFound
	}
	sv, _ := visitOf(c).register.Service(p.ServiceID)
	return p, sv, nil
}

func (w *Web) editPlanPage(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	return w.showPlan(c, sv, p, http.StatusOK, Form{Fields: typedPlan(visitOf(c), p)})
}

// typedPlan is a plan as somebody would type it.
func typedPlan(v *visit, p models.Plan) Fields {
	currency := p.Price.Currency()
	if currency == "" {
		currency = money.EUR
	}
	price := v.words.MoneyInput(p.Price)
	if p.Price.IsZero() {
		price = ""
	}
	return Fields{
		"name": p.Name, "tier": string(p.Tier), "price": price, "currency": string(currency), "per_seat": typedTick(p.PerSeat),
		"every": strconv.Itoa(p.Cadence.Every), "unit": string(p.Cadence.Unit), "limits": p.Limits,
		"seen_on": p.SeenOn.String(), "seen_at": p.SeenAt, "version": typedVersion(p.Version),
	}
}

func (w *Web) showPlan(c echo.Context, sv models.Service, p models.Plan, status int, f Form) error {
	v := visitOf(c)
	page := planPage{Form: f, Choices: newFormChoices(v), Service: sv, Plan: p, Used: v.register.PlanUsed(p.ID), Action: servicePath(sv.ID) + "/plans"}
	title, args := "plan.new_title", []any{"name", sv.Name}
	if p.ID != 0 {
		page.Action, title, args = planPath(p.ID), "plan.edit_title", []any{"name", sv.Name, "plan", p.Name}
	}
	return w.render(c, screen{status: status, name: "plan", nav: "services", title: title, args: args, page: page})
}

func planPath(id models.ID) string { return "/plans/" + typedID(id) }

func (w *Web) addPlan(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, planFields...)}
	p := e.checkedPlan(v)
	p.ServiceID = sv.ID
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.AddPlan(c.Request().Context(), v.actor, p)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPlan(c, sv, models.Plan{}, status, f) })
	}
	return w.done(c, servicePath(sv.ID)+"#plan-"+typedID(id), Notice{Key: "plan_added", Args: []string{"plan", p.Name, "name", sv.Name}})
}

// checkedPlan reads a plan and notes all that is wrong with it.
func (e *entry) checkedPlan(v *visit) models.Plan {
	p := e.plan(v, "name")
	e.merge(p.Check(), nil)
	return p
}

func (w *Web) savePlan(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, planFields...)}
	changed := e.checkedPlan(v)
	changed.ID, changed.ServiceID, changed.RetiredOn, changed.Version = p.ID, p.ServiceID, p.RetiredOn, e.version()
	if err = e.bad.Err(); err == nil {
		err = w.store.SavePlan(c.Request().Context(), v.actor, changed)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPlan(c, sv, p, status, f) })
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "plan_saved", Args: []string{"plan", changed.Name}})
}

func (w *Web) retirePlan(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.RetirePlan(c.Request().Context(), v.actor, p.ID, v.today); err != nil {
		return err
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "plan_retired", Args: []string{"plan", p.Name}, Undo: planPath(p.ID) + "/retirement/undo"})
}

func (w *Web) restorePlan(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	if err := w.store.RestorePlan(c.Request().Context(), visitOf(c).actor, p.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "plan_restored", Args: []string{"plan", p.Name}})
}

type planRemovalPage struct {
	Plan    models.Plan
	Service models.Service
	Used    bool
}

func (w *Web) planRemovalPage(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	page := planRemovalPage{Plan: p, Service: sv, Used: visitOf(c).register.PlanUsed(p.ID)}
	return w.render(c, screen{status: http.StatusOK, name: "plan-removal", nav: "services", title: "plan.removal_title", args: []any{"plan", p.Name}, page: page})
}

// removePlan deletes a plan nobody was ever on. The way back adds it again.
func (w *Web) removePlan(c echo.Context) error {
	p, sv, err := planAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.RemovePlan(c.Request().Context(), v.actor, p.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(sv.ID), Notice{
		Key: "plan_removed", Args: []string{"plan", p.Name}, Undo: again(servicePath(sv.ID)+"/plans", typedPlan(v, p)),
	})
}

// again is an address that posts a form anew: how something deleted is taken back.
func again(to string, typed Fields) string {
	q := url.Values{}
	for name, value := range typed {
		if value != "" && name != "version" {
			q.Set(name, value)
		}
	}
	const longest = 1500 // of what a notice can carry
	if address := to + "?" + q.Encode(); len(address) < longest {
		return address
	}
	return ""
}

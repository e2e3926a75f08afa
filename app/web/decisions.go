package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

var decisionFields = []string{"kind", "on", "by", "reason", "look_again_on", "subscription"}

func (w *Web) decisionRoutes(g *echo.Group) {
	g.GET("/services/:id/decisions/new", w.newDecisionPage, mayEdit)
	g.POST("/services/:id/decisions", w.addDecision, mayEdit)
	g.GET("/decisions/:id/edit", w.editDecisionPage, mayEdit)
	g.POST("/decisions/:id", w.saveDecision, mayEdit)
	g.GET("/decisions/:id/removal", w.decisionRemovalPage, mayEdit)
	g.POST("/decisions/:id/removal", w.removeDecision, mayEdit)
}

type decisionPage struct {
	Form     Form
	Service  models.Service
	Decision models.Decision // its ID is zero for a new one
	Kinds    []Option
	People   []Option
	Running  models.Subscription // the one the decision is about; its ID is zero when none runs
	Action   string
	What     string // an answer to a renewal, in words; empty for any other decision
	Proofs   []fileLine
	Lost     bool // files were chosen and must be chosen again
}

func (w *Web) newDecisionPage(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	typed := Fields{"kind": c.QueryParam("kind"), "on": v.today.String(), "by": typedID(v.actor.Person)}
	if s, ok := v.running(sv.ID); ok {
		typed["subscription"] = typedID(s.ID)
	}
	return w.showDecision(c, sv, models.Decision{}, http.StatusOK, Form{Fields: typed})
}

// running is the subscription to a service that has not ended.
func (v *visit) running(service models.ID) (models.Subscription, bool) {
	s, ok := v.register.CurrentOn(service, v.today)
	if !ok || s.Over(v.today) {
		return models.Subscription{}, false
	}
	return s, true
}

func decisionAt(c echo.Context) (models.Decision, models.Service, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Decision{}, models.Service{}, err
	}
	d, ok := visitOf(c).register.Decision(id)
	if !ok {
		return models.Decision{}, models.Service{}, models.ErrNotFound
	}
	sv, _ := visitOf(c).register.Service(d.ServiceID)
	return d, sv, nil
}

func (w *Web) editDecisionPage(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	return w.showDecision(c, sv, d, http.StatusOK, Form{Fields: typedDecision(d)})
}

func typedDecision(d models.Decision) Fields {
	return Fields{
		"kind": string(d.Kind), "on": d.On.String(), "by": typedID(d.By), "reason": d.Reason,
		"look_again_on": d.LookAgainOn.String(), "subscription": typedID(d.SubscriptionID), "version": typedVersion(d.Version),
	}
}

func (w *Web) showDecision(c echo.Context, sv models.Service, d models.Decision, status int, f Form) error {
	v := visitOf(c)
	page := decisionPage{Form: f, Service: sv, Decision: d, People: newFormChoices(v).People, Action: servicePath(sv.ID) + "/decisions"}
	page.Running, _ = v.running(sv.ID)
	for _, k := range models.DecisionKinds {
		page.Kinds = append(page.Kinds, Option{string(k), v.words.Kind("decision", string(k))})
	}
	// Somebody who has left still took the decision.
	if by, ok := v.register.Person(d.By); ok && !by.HereOn(v.today) {
		page.People = append(page.People, Option{typedID(by.ID), by.Name})
	}
	title := "decision.new_title"
	if d.ID != 0 {
		page.Action, title = decisionPath(d.ID), "decision.edit_title"
		page.Proofs, page.Lost = proofLines(v, d.ID), status != http.StatusOK && chose(c)
		if !d.Renewal.IsZero() {
			page.What = decided(v, d)
		}
	}
	return w.render(c, screen{status: status, name: "decision", nav: "services", title: title, args: []any{"name", sv.Name}, page: page})
}

func decisionPath(id models.ID) string { return "/decisions/" + typedID(id) }

// decision reads the form over the decision as it is.
func (e *entry) decision(v *visit, d models.Decision) models.Decision {
	d.Kind, d.On, d.By = models.DecisionKind(e.text("kind")), e.day("on"), e.id("by")
	d.Reason, d.LookAgainOn = e.text("reason"), e.day("look_again_on")
	if s, ok := v.register.Subscription(e.id("subscription")); ok && s.ServiceID == d.ServiceID {
		d.SubscriptionID = s.ID
	}
	if d.On.After(v.today) {
		e.bad.Add("on", "date.future")
	}
	if _, ok := v.register.Person(d.By); d.By != 0 && !ok {
		e.bad.Add("by", "choose")
	}
	e.merge(d.Check(), nil)
	return d
}

func (w *Web) addDecision(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, decisionFields...)}
	d := e.decision(v, models.Decision{ServiceID: sv.ID})
	var id models.ID
	if err = e.bad.Err(); err == nil {
		id, err = w.store.AddDecision(c.Request().Context(), v.actor, d)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showDecision(c, sv, models.Decision{}, status, f) })
	}
	return w.done(c, servicePath(sv.ID), Notice{
		Key: "decision_added", Args: []string{"name", sv.Name, "what", v.words.Kind("decision", string(d.Kind))}, Undo: decisionPath(id) + "/removal",
	})
}

func (w *Web) saveDecision(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, decisionFields...)}
	changed := e.decision(v, d)
	changed.Version = e.version()
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveDecision(c.Request().Context(), v.actor, changed)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showDecision(c, sv, d, status, f) })
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "decision_saved", Args: []string{"name", sv.Name}})
}

type decisionRemovalPage struct {
	Decision models.Decision
	Service  models.Service
	By       string
	Proofs   int
	Answer   string // where the answer it is would rather be taken back; empty when it is none
}

func (w *Web) decisionRemovalPage(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	by, _ := visitOf(c).register.Person(d.By)
	r := visitOf(c).register
	page := decisionRemovalPage{Decision: d, Service: sv, By: by.Name, Proofs: len(r.ProofsOf(d.ID))}
	if !d.Renewal.IsZero() && d.Kind != models.Keep && lastAnswer(r, d) {
		page.Answer = decisionPath(d.ID) + "/undo"
	}
	return w.render(c, screen{status: http.StatusOK, name: "decision-removal", nav: "services", title: "decision.removal_title", args: []any{"name", sv.Name}, page: page})
}

// removeDecision deletes one that was a mistake. The way back records it again.
func (w *Web) removeDecision(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveDecision(c.Request().Context(), visitOf(c).actor, d.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(sv.ID), Notice{
		Key: "decision_removed", Args: []string{"name", sv.Name}, Undo: again(servicePath(sv.ID)+"/decisions", typedDecision(d)),
	})
}

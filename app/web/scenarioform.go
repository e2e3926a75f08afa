package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// dayOf is the organisation's day of an instant.
func (v *visit) dayOf(at time.Time) cal.Date { return v.register.Organisation.Today(at) }

// scenarioForm asks for a name and a note; for a new scenario that comes with its first change, for that too.
type scenarioForm struct {
	Form   Form
	New    bool
	Action string
	Back   string
	Change *changeForm // nil without one
	Into   []Option    // scenarios the change could go into instead of a new one
}

func (w *Web) newScenario(c echo.Context) error {
	v := visitOf(c)
	f := Fields{}
	for _, name := range []string{"kind", "plan", "subscription", "service"} {
		f[name] = c.QueryParam(name)
	}
	if f["kind"] == "" && f["plan"] == "" {
		return w.showNewScenario(c, http.StatusOK, subject{}, Form{Fields: Fields{}})
	}
	x, err := subjectOf(v, f)
	if err != nil {
		return err
	}
	f = x.proposed(v)
	switch x.Kind {
	case models.ChangePlan, models.ChangeAdd:
		if x.Plan.ID != 0 {
			f["name"] = v.words.T("scenario.named_plan", "service", x.Service.Name, "plan", x.Plan.Name)
		}
	case models.ChangeDrop:
		f["name"] = v.words.T("scenario.named_drop", "service", x.Service.Name)
	case models.ChangeSeats, models.ChangePrice, models.ChangeCadence, models.ChangeRate:
		f["name"] = x.Service.Name
	}
	return w.showNewScenario(c, http.StatusOK, x, Form{Fields: f})
}

func (w *Web) showNewScenario(c echo.Context, status int, x subject, f Form) error {
	v := visitOf(c)
	f.Fields.seen(v)
	page := scenarioForm{Form: f, New: true, Action: "/scenarios", Back: "/scenarios"}
	if x.Kind != "" {
		form := newChangeForm(v, x, f)
		page.Change = &form
		if into := openOptions(v); len(into) > 0 {
			page.Into = append([]Option{{"", v.words.T("scenario.into_new")}}, into...)
		}
		if x.Service.ID != 0 {
			page.Back = servicePath(x.Service.ID)
		}
	}
	return w.render(c, screen{status: status, name: "scenario-form", nav: "envelope", title: "scenario.new", page: page})
}

// addScenario makes a scenario, with its first change when the form has one; or puts that change into another scenario.
func (w *Web) addScenario(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, append([]string{"name", "note", "into"}, changeFields...)...)}
	if kept := c.QueryParam("kept"); kept != "" {
		return w.restoreScenario(c, kept)
	}
	s := models.Scenario{Name: e.text("name"), Note: e.text("note")}
	var x subject
	if e.is("kind") {
		var err error
		if x, err = subjectOf(v, e.Fields); err != nil {
			return err
		}
		if into := e.id("into"); into != 0 {
			known, ok := v.register.Scenario(into)
			if s = known; !ok || s.Applied() {
				return models.ErrNotFound
			}
		}
		s.Changes = append(slices.Clone(s.Changes), models.ScenarioChange{})
		e.place(v, &s, len(s.Changes)-1, x)
	} else {
		e.merge(s.Check(), nil)
	}
	err := e.bad.Err()
	switch {
	case err != nil:
	case s.ID != 0:
		err = w.store.SaveScenario(c.Request().Context(), v.actor, s)
	default:
		s.ID, err = w.store.AddScenario(c.Request().Context(), v.actor, s)
	}
	if err != nil {
		return w.retry(c, ofForm(err, s, len(s.Changes)-1), e.Fields, func(status int, f Form) error { return w.showNewScenario(c, status, x, f) })
	}
	return w.done(c, scenarioPath(s.ID), Notice{Key: "scenario_added", Args: []string{"name", s.Name}})
}

// place reads a change into its place in a scenario, and notes what is wrong with it and with the scenario itself. What
// other changes have against them is no reason not to keep this one.
func (e *entry) place(v *visit, s *models.Scenario, at int, x subject) {
	s.Changes[at] = e.change(x)
	problems := func(err error) {
		var bad models.Invalid
		errors.As(ofForm(err, *s, at), &bad)
		for _, p := range bad {
			if _, _, elsewhere := ofChange(p.Field); !elsewhere {
				e.merge(models.Invalid{p}, nil)
			}
		}
	}
	if problems(s.Check().Err()); len(e.bad) == 0 {
		_, err := v.register.Try(*s, v.today)
		problems(err)
	}
}

// ofForm gives what is wrong with one change of a scenario the names its fields have on the form of that change.
func ofForm(err error, s models.Scenario, at int) error {
	var bad models.Invalid
	if !errors.As(err, &bad) {
		return err
	}
	named := make(models.Invalid, len(bad))
	for i, p := range bad {
		n, field, ok := ofChange(p.Field)
		switch {
		case !ok || n != at:
		case field == "on" && s.Changes[at].Kind == models.ChangeDrop:
			p.Field = "last"
		default:
			p.Field = cmp.Or(changeNames[field], field)
		}
		named[i] = p
	}
	return named
}

func (w *Web) editScenario(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	return w.showScenarioForm(c, http.StatusOK, s, Form{Fields: Fields{"name": s.Name, "note": s.Note, "version": typedVersion(s.Version)}})
}

func (w *Web) showScenarioForm(c echo.Context, status int, s models.Scenario, f Form) error {
	page := scenarioForm{Form: f, Action: scenarioPath(s.ID), Back: scenarioPath(s.ID)}
	return w.render(c, screen{status: status, name: "scenario-form", nav: "envelope", title: "scenario.edit", args: []any{"name", s.Name}, page: page})
}

func (w *Web) saveScenario(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name", "note")}
	changed := s
	changed.Name, changed.Note, changed.Version = e.text("name"), e.text("note"), e.version()
	for _, p := range changed.Check() {
		if _, _, of := ofChange(p.Field); !of {
			e.bad = append(e.bad, p)
		}
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveScenario(c.Request().Context(), visitOf(c).actor, changed)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showScenarioForm(c, status, s, f) })
	}
	return w.done(c, scenarioPath(s.ID), Notice{Key: "scenario_saved", Args: []string{"name", changed.Name}})
}

// copyScenario makes another one like it, to be changed by itself; an applied one is begun anew that way.
func (w *Web) copyScenario(c echo.Context) error {
	s, err := askedScenario(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	name := v.words.T("scenario.copy_of", "name", s.Name)
	if r := []rune(name); len(r) > models.MaxName {
		name = string(r[:models.MaxName])
	}
	id, err := w.store.CopyScenario(c.Request().Context(), v.actor, s.ID, name)
	if err != nil {
		return err
	}
	return w.done(c, scenarioPath(id, "edit"), Notice{Key: "scenario_copied", Args: []string{"name", s.Name}})
}

// scenarioQuestion asks before a scenario is applied or thrown away.
type scenarioQuestion struct {
	Form Form
	scenarioLine
	Changes []changeLine
	Effect  *effectView
	Broken  []string // why it cannot be applied
	ForGood bool     // too long for a notice to carry: there will be no way back
	Back    string
}

func (w *Web) scenarioRemoval(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := scenarioQuestion{
		scenarioLine: newScenarioLine(v, s), Changes: changeLines(v, s, nil), ForGood: scenarioBack(v, s) == "", Back: scenarioPath(s.ID),
	}
	return w.render(c, screen{status: http.StatusOK, name: "scenario-removal", nav: "envelope", title: "scenario.removal", args: []any{"name", s.Name}, page: page})
}

func (w *Web) removeScenario(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.RemoveScenario(c.Request().Context(), v.actor, s.ID); err != nil {
		return err
	}
	return w.done(c, "/scenarios", Notice{Key: "scenario_removed", Args: []string{"name", s.Name}, Undo: scenarioBack(v, s)})
}

// scenarioBack is an address that makes a scenario again that was thrown away; empty when it is too long to be carried.
func scenarioBack(v *visit, s models.Scenario) string {
	all := []Fields{{"name": s.Name, "note": s.Note}}
	for _, c := range s.Changes {
		f := typedChange(v, c)
		for name, value := range f {
			if value == "" {
				delete(f, name)
			}
		}
		all = append(all, f)
	}
	return keptAddress("/scenarios", all)
}

// restoreScenario makes again what scenarioBack packed. Whatever somebody else packs is read as forms, and checked like
// them; what has changed meanwhile, the scenario's own page says.
func (w *Web) restoreScenario(c echo.Context, kept string) error {
	v := visitOf(c)
	var all []Fields
	if !unpackInto(kept, &all) || len(all) == 0 || len(all) > models.MaxChanges+1 {
		return models.ErrNotFound
	}
	head := entry{Fields: all[0]}
	s := models.Scenario{Name: head.text("name"), Note: head.text("note")}
	for _, f := range all[1:] {
		x, err := subjectOf(v, f)
		if err != nil {
			return err
		}
		e := entry{Fields: f}
		change := e.change(x)
		if err := e.bad.Err(); err != nil {
			return err
		}
		s.Changes = append(s.Changes, change)
	}
	id, err := w.store.AddScenario(c.Request().Context(), v.actor, s)
	if err != nil {
		return err
	}
	return w.done(c, scenarioPath(id), Notice{Key: "scenario_added", Args: []string{"name", s.Name}})
}

func (w *Web) scenarioApplication(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	return w.showApplication(c, http.StatusOK, s, Form{Fields: Fields{"version": typedVersion(s.Version)}})
}

func (w *Web) showApplication(c echo.Context, status int, s models.Scenario, f Form) error {
	v := visitOf(c)
	o, bad := tried(v, s)
	page := scenarioQuestion{Form: f, scenarioLine: newScenarioLine(v, s), Changes: changeLines(v, s, bad), Back: scenarioPath(s.ID)}
	if len(s.Changes) == 0 {
		page.Broken = []string{v.words.T("scenario.empty_lead")}
	}
	if len(bad) > 0 {
		page.Broken = []string{v.words.T("scenario.broken_lead")}
		page.Form.Errors = nil // each stands beside its change
	} else {
		page.Effect = newEffectView(v, registerOutcome(v), o)
	}
	return w.render(c, screen{status: status, name: "scenario-application", nav: "envelope", title: "scenario.application", args: []any{"name", s.Name}, page: page})
}

func (w *Web) applyScenario(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c)}
	if err = w.store.ApplyScenario(c.Request().Context(), v.actor, s.ID, e.version(), v.today); err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showApplication(c, status, s, f) })
	}
	return w.done(c, scenarioPath(s.ID), Notice{Key: "scenario_applied", Args: []string{"name", s.Name}})
}

// changeForm is the form of one change.
type changeForm struct {
	Form Form
	subject
	Now        string // what holds today
	LastDay    cal.Date
	PlanPrice  string // the plan's own
	PlanSeats  int    // as many as now
	PerSeat    bool   // what is paid today is for each place
	Scopes     []Option
	Functions  []Option
	Currencies []Option
	NewPlan    bool // price and cadence are to be given
	NewService bool
	Free       bool // the plan costs nothing
}

func newChangeForm(v *visit, x subject, f Form) changeForm {
	w := v.words
	form := changeForm{Form: f, subject: x, Scopes: scopeOptions(w)}
	if s := x.Subscription; s.ID != 0 {
		now := s.TermsOn(v.today)
		form.Now, form.PlanSeats, form.PerSeat = join(x.Ours.Name, billed(v, s, now)), now.Seats, now.PerSeat
		if s.EndsOn.IsZero() {
			form.LastDay = lastDay(s.CanEndOn(v.today))
		}
	}
	if x.Plan.ID != 0 {
		form.PlanPrice, form.Free = planOf(w, x.Plan), x.Plan.Tier == models.Free
	}
	form.NewPlan = x.Kind == models.ChangeAdd && x.Plan.ID == 0
	form.NewService = x.Kind == models.ChangeAdd && x.Service.ID == 0
	if form.NewService {
		form.Functions = newFormChoices(v).Functions
	}
	if x.Kind == models.ChangeRate {
		for _, c := range v.register.Currencies() {
			if c != money.EUR {
				form.Currencies = append(form.Currencies, Option{string(c), w.T("scenario.option", "name", string(c), "said", w.Symbol(c))})
			}
		}
	}
	return form
}

// changePage asks for one change of a scenario: first what it is to be of, then the rest.
type changePage struct {
	Form         Form
	Scenario     models.Scenario
	Kinds        []changeKind // while nothing is chosen
	Change       *changeForm
	New          bool
	Action, Back string
}

func (w *Web) newChange(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if len(s.Changes) >= models.MaxChanges {
		return models.Refused{Rule: "scenario_full", Args: []any{"max", models.MaxChanges}}
	}
	f := Fields{"kind": c.QueryParam("kind")}
	if f["kind"] == "" {
		page := changePage{Scenario: s, Kinds: changeKinds(v), New: true, Back: scenarioPath(s.ID)}
		return w.render(c, screen{status: http.StatusOK, name: "scenario-change", nav: "envelope", title: "scenario.change_new", args: []any{"name", s.Name}, page: page})
	}
	for _, name := range []string{"plan", "subscription", "service"} {
		f[name] = c.QueryParam(name)
	}
	if what, id, ok := strings.Cut(c.QueryParam("what"), "-"); ok && (what == "plan" || what == "service") {
		f[what] = id
	}
	x, err := subjectOf(v, f)
	if err != nil {
		return err
	}
	typed := x.proposed(v)
	typed["version"] = typedVersion(s.Version)
	return w.showChange(c, http.StatusOK, s, len(s.Changes), x, Form{Fields: typed})
}

func (w *Web) showChange(c echo.Context, status int, s models.Scenario, at int, x subject, f Form) error {
	v := visitOf(c)
	form := newChangeForm(v, x, f)
	page := changePage{Form: f, Scenario: s, Change: &form, New: at >= len(s.Changes), Back: scenarioPath(s.ID), Action: scenarioPath(s.ID, "changes")}
	title := "scenario.change_new"
	if !page.New {
		title, page.Action = "scenario.change_edit", scenarioPath(s.ID, "changes", strconv.Itoa(at+1))
	}
	return w.render(c, screen{status: status, name: "scenario-change", nav: "envelope", title: title, args: []any{"name", s.Name}, page: page})
}

// addChange adds one at the end, or before another, where one stood that was taken out.
func (w *Web) addChange(c echo.Context) error {
	s, err := openScenario(c)
	if err != nil {
		return err
	}
	at := len(s.Changes)
	if n, err := strconv.Atoi(c.FormValue("before")); err == nil && n >= 1 && n <= at {
		at = n - 1
	}
	changed := s
	changed.Changes = slices.Insert(slices.Clone(s.Changes), at, models.ScenarioChange{})
	return w.keepChange(c, s, changed, at, "scenario_change_added")
}

// askedChange is the place of the change in the address, which counts from one.
func askedChange(c echo.Context) (s models.Scenario, at int, err error) {
	if s, err = openScenario(c); err != nil {
		return s, 0, err
	}
	n, err := strconv.Atoi(c.Param("at"))
	if err != nil || n < 1 || n > len(s.Changes) {
		return s, 0, models.ErrNotFound
	}
	return s, n - 1, nil
}

func (w *Web) editChange(c echo.Context) error {
	s, at, err := askedChange(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	f := typedChange(v, s.Changes[at])
	x, err := subjectOf(v, f)
	if errors.Is(err, models.ErrNotFound) {
		return models.Refused{Rule: "scenario_gone"}
	}
	if err != nil {
		return err
	}
	f["version"] = typedVersion(s.Version)
	return w.showChange(c, http.StatusOK, s, at, x, Form{Fields: f})
}

func (w *Web) saveChange(c echo.Context) error {
	s, at, err := askedChange(c)
	if err != nil {
		return err
	}
	changed := s
	changed.Changes = slices.Clone(s.Changes)
	return w.keepChange(c, s, changed, at, "scenario_change_saved")
}

// keepChange reads the form into a place of the scenario.
func (w *Web) keepChange(c echo.Context, was, s models.Scenario, at int, said string) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, changeFields...)}
	x, err := subjectOf(v, e.Fields)
	if err != nil {
		return err
	}
	e.place(v, &s, at, x)
	s.Version = e.version()
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveScenario(c.Request().Context(), v.actor, s)
	}
	if err != nil {
		return w.retry(c, ofForm(err, s, at), e.Fields, func(status int, f Form) error {
			if len(s.Changes) > len(was.Changes) {
				at = len(was.Changes)
			}
			return w.showChange(c, status, was, at, x, f)
		})
	}
	line := newChangeLine(v, s.Changes[at])
	return w.done(c, scenarioPath(s.ID), Notice{Key: said, Args: []string{"service", line.Service, "text", line.Text}})
}

// removeChange takes one out; the way back puts it in its place again.
func (w *Web) removeChange(c echo.Context) error {
	s, at, err := askedChange(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c)}
	gone := s.Changes[at]
	s.Changes = slices.Delete(slices.Clone(s.Changes), at, at+1)
	s.Version = e.version()
	if err := w.store.SaveScenario(c.Request().Context(), v.actor, s); err != nil {
		return err
	}
	line := newChangeLine(v, gone)
	r, err := w.store.Register(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	back := again(scenarioPath(s.ID, "changes"), typedChange(v, gone))
	if now, ok := r.Scenario(s.ID); ok && back != "" { // for the scenario as it is now: a second press finds it changed
		back += fmt.Sprintf("&before=%d&version=%d", at+1, now.Version)
	}
	return w.done(c, scenarioPath(s.ID), Notice{Key: "scenario_change_removed", Args: []string{"service", line.Service, "text", line.Text}, Undo: back})
}

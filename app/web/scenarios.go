package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) scenarioRoutes(g *echo.Group) {
	g.GET("/scenarios", w.scenariosPage)
	g.GET("/scenarios/compare", w.comparePage)
	g.GET("/scenarios/new", w.newScenario, mayEdit)
	g.POST("/scenarios", w.addScenario, mayEdit)
	g.GET("/scenarios/:id", w.scenarioPage)
	g.GET("/scenarios/:id/edit", w.editScenario, mayEdit)
	g.POST("/scenarios/:id", w.saveScenario, mayEdit)
	g.POST("/scenarios/:id/copy", w.copyScenario, mayEdit)
	g.GET("/scenarios/:id/removal", w.scenarioRemoval, mayEdit)
	g.POST("/scenarios/:id/removal", w.removeScenario, mayEdit)
	g.GET("/scenarios/:id/application", w.scenarioApplication, mayManage)
	g.POST("/scenarios/:id/application", w.applyScenario, mayManage)
	g.GET("/scenarios/:id/changes/new", w.newChange, mayEdit)
	g.POST("/scenarios/:id/changes", w.addChange, mayEdit)
	g.GET("/scenarios/:id/changes/:at/edit", w.editChange, mayEdit)
	g.POST("/scenarios/:id/changes/:at", w.saveChange, mayEdit)
	g.POST("/scenarios/:id/changes/:at/removal", w.removeChange, mayEdit)
}

func scenarioPath(id models.ID, more ...string) string {
	return strings.Join(append([]string{"/scenarios/" + typedID(id)}, more...), "/")
}

// askedScenario is the one in the address.
func askedScenario(c echo.Context) (models.Scenario, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Scenario{}, err
	}
	s, ok := visitOf(c).register.Scenario(id)
	if !ok {
		return s, models.ErrNotFound
	}
	return s, nil
}

// openScenario is the one in the address, as long as it can be changed.
func openScenario(c echo.Context) (models.Scenario, error) {
	s, err := askedScenario(c)
	if err == nil && s.Applied() {
		err = models.Refused{Rule: "scenario_applied"}
	}
	return s, err
}

// scenariosPage lists what might be done, and what was.
type scenariosPage struct {
	This, Next cal.FiscalYear
	Now        outcome // the register as it is
	Open       []scenarioLine
	Applied    []scenarioLine
	Compared   []Option // to set two of them side by side
}

// scenarioLine is one scenario in a list; its effect is empty while it cannot be tried, or once it was applied.
type scenarioLine struct {
	models.Scenario
	By      string
	On      cal.Date // applied
	Broken  bool
	Outcome outcome
}

func (w *Web) scenariosPage(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "scenarios", nav: "envelope", title: "scenario.list_title", page: newScenariosPage(visitOf(c))}, nil
	})
}

func newScenariosPage(v *visit) scenariosPage {
	page := scenariosPage{Now: registerOutcome(v)}
	page.This, page.Next = page.Now.Years[0].Year, page.Now.Years[1].Year
	for _, s := range v.register.Scenarios {
		line := newScenarioLine(v, s)
		if s.Applied() {
			page.Applied = append(page.Applied, line)
			continue
		}
		o, bad := tried(v, s)
		line.Outcome, line.Broken = o, len(bad) > 0
		page.Open = append(page.Open, line)
	}
	byName := func(a, b scenarioLine) int {
		return cmp.Or(v.words.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	}
	slices.SortFunc(page.Open, byName)
	slices.SortFunc(page.Applied, func(a, b scenarioLine) int {
		return cmp.Or(b.AppliedAt.Compare(a.AppliedAt), byName(a, b))
	})
	if len(page.Open) > 1 {
		page.Compared = openOptions(v)
	}
	return page
}

func newScenarioLine(v *visit, s models.Scenario) scenarioLine {
	line := scenarioLine{Scenario: s}
	by := s.MadeBy
	if s.Applied() {
		by, line.On = s.AppliedBy, v.dayOf(s.AppliedAt)
	}
	who, _ := v.register.Person(by)
	line.By = who.Name
	return line
}

// openOptions are the scenarios that were not applied, by name.
func openOptions(v *visit) []Option {
	var out []Option
	for _, s := range v.register.Scenarios {
		if !s.Applied() {
			out = append(out, Option{typedID(s.ID), s.Name})
		}
	}
	words.SortBy(v.words, out, func(o Option) string { return o.Label })
	return out
}

// scenarioPage is one scenario beside the register.
type scenarioPage struct {
	scenarioLine
	Parts   []words.Part
	Class   string // of the amount in the sentence
	Leads   []string
	Changes []changeLine
	Others  []string // what else is wrong with it, beside its changes
	Effect  *effectView
	Room    bool // one more change fits
	Compare []Option
}

func (w *Web) scenarioPage(c echo.Context) error {
	s, err := askedScenario(c)
	if err != nil {
		return err
	}
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "scenario", nav: "envelope", title: "scenario.title", args: []any{"name", s.Name}, page: newScenarioPage(visitOf(c), s)}, nil
	})
}

func newScenarioPage(v *visit, s models.Scenario) scenarioPage {
	page := scenarioPage{scenarioLine: newScenarioLine(v, s), Room: len(s.Changes) < models.MaxChanges}
	w := v.words
	if s.Applied() {
		page.Changes = changeLines(v, s, nil)
		page.Parts = w.Parts("scenario.head.applied", "name", s.Name, "day", page.On)
		return page
	}
	o, bad := tried(v, s)
	page.Broken = len(bad) > 0
	page.Changes = changeLines(v, s, bad)
	page.Others = besideChanges(w, bad)
	switch {
	case len(s.Changes) == 0:
		page.Parts = w.Parts("scenario.head.empty", "name", s.Name)
		page.Leads = []string{w.T("scenario.empty_lead")}
		return page
	case page.Broken:
		page.Parts = w.Parts("scenario.head.broken", "name", s.Name)
		page.Leads = []string{w.T("scenario.broken_lead")}
		return page
	}
	now := registerOutcome(v)
	page.weigh(v, s)
	page.say(v, now, o)
	o.Class, o.Link = "first", ""
	page.Effect = newEffectView(v, now, o)
	page.Compare = slices.DeleteFunc(openOptions(v), func(o Option) bool { return o.Value == typedID(s.ID) })
	return page
}

// say puts the effect on this year in one sentence, and what follows from it in others.
func (page *scenarioPage) say(v *visit, now, then outcome) {
	w := v.words
	before, after := now.Years[0], then.Years[0]
	how := "more"
	switch change := after.Forecast.Sub(before.Forecast); {
	case change.IsZero():
		how = "same"
	case change.IsNegative():
		how, page.Class = "less", "within"
	}
	if after.Status == models.Over {
		page.Class = "danger"
	}
	page.Parts = w.Parts("scenario.head."+how, "name", page.Name, "year", after.Year.Label(), "after", w.Money(after.Forecast), "before", w.Money(before.Forecast))
	page.Leads = append(page.Leads, standing(v, then, before))
	next := then.Years[1]
	page.Leads = append(page.Leads, w.T("scenario.lead_next", "year", next.Year.Label(), "before", now.Years[1].Forecast, "after", next.Forecast,
		"rate", then.RunRate, "was", now.RunRate))
}

// standing says where a year would stand against its envelope, and when it would leave it.
func standing(v *visit, then outcome, before models.Position) string {
	w, after := v.words, then.Years[0]
	args := []any{"year", after.Year.Label(), "floor", w.MoneyRound(after.Envelope.Floor), "ceiling", w.MoneyRound(after.Envelope.Ceiling)}
	switch after.Status {
	case models.NoEnvelope:
		return w.T("scenario.stands.none", args...)
	case models.Under:
		return w.T("scenario.stands.under", append(args, "gap", after.Envelope.Floor.Sub(after.Forecast))...)
	case models.Within:
		if before.Status == models.Over {
			return w.T("scenario.stands.back", append(args, "room", after.Room())...)
		}
		return w.T("scenario.stands.within", append(args, "room", after.Room())...)
	case models.Over:
	}
	by, _ := then.after.Service(after.CrossedBy)
	return w.T("scenario.stands.over", append(args, "over", after.Beyond(), "day", w.Day(after.CrossedOn), "service", by.Name)...)
}

// weigh tells of each change what it does by itself, after those before it; the parts add up to the whole.
func (page *scenarioPage) weigh(v *visit, s models.Scenario) {
	if len(page.Changes) < 2 {
		return
	}
	w := v.words
	year := v.register.Year(v.today)
	forecast := v.register.Position(year, v.today).Forecast
	rate, _ := v.register.RunRate(v.today)
	for i := range s.Changes {
		part := s
		part.Changes = s.Changes[:i+1]
		t, err := v.register.Try(part, v.today)
		if err != nil {
			return
		}
		then := t.After.Position(year, v.today).Forecast
		yearly, _ := t.After.RunRate(v.today)
		page.Changes[i].Effect = w.T("scenario.weighs", "year", year.Label(), "change", signed(w, then.Sub(forecast)), "yearly", signed(w, yearly.Sub(rate)))
		forecast, rate = then, yearly
	}
}

func signed(w *words.Words, a money.Amount) string {
	if a.IsZero() {
		return w.MoneyRound(a)
	}
	return w.MoneySigned(a)
}

// tried is what a scenario would make of the register, or all that is wrong with it.
func tried(v *visit, s models.Scenario) (outcome, models.Invalid) {
	t, err := v.register.Try(s, v.today)
	if err != nil {
		bad := models.Invalid{{Rule: "choose"}}
		errors.As(err, &bad)
		return outcome{}, bad
	}
	return scenarioOutcome(v, s, t), nil
}

// ofChange splits the name of a field of a scenario: "change.2.price" is the field "price" of the third change.
func ofChange(field string) (at int, rest string, ok bool) {
	number, rest, ok := strings.Cut(strings.TrimPrefix(field, "change."), ".")
	if !ok || !strings.HasPrefix(field, "change.") {
		return 0, field, false
	}
	at, err := strconv.Atoi(number)
	return at, rest, err == nil
}

// besideChanges are the problems that no change has.
func besideChanges(w *words.Words, bad models.Invalid) []string {
	var out []string
	for _, p := range bad {
		if _, _, ok := ofChange(p.Field); !ok {
			out = append(out, w.Problem(p.Rule, p.Args...))
		}
	}
	return out
}

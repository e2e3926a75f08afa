package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

// comparedPage sets two scenarios side by side, with the register beside both.
type comparedPage struct {
	First, Second string // IDs asked for
	Options       []Option
	Parts         []words.Part
	Leads         []string
	Sides         []comparedSide
	Effect        *effectView // nil while there are not two that can be tried
}

// comparedSide is one scenario of the two with its changes.
type comparedSide struct {
	models.Scenario
	Class   string
	Broken  bool
	Changes []changeLine
	outcome outcome
}

func (w *Web) comparePage(c echo.Context) error {
	v := visitOf(c)
	var chosen []models.Scenario
	for _, name := range []string{"first", "second"} {
		typed := c.QueryParam(name)
		if typed == "" {
			continue
		}
		id, err := strconv.ParseInt(typed, 10, 64)
		s, ok := v.register.Scenario(models.ID(id))
		if err != nil || !ok || s.Applied() {
			return models.ErrNotFound
		}
		chosen = append(chosen, s)
	}
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "scenario-compare", nav: "envelope", title: "scenario.compare", page: newComparedPage(v, chosen)}, nil
	})
}

func newComparedPage(v *visit, chosen []models.Scenario) comparedPage {
	w := v.words
	page := comparedPage{Options: openOptions(v), Parts: w.Parts("scenario.compare_heading")}
	if len(chosen) > 0 {
		page.First = typedID(chosen[0].ID)
	}
	switch {
	case len(chosen) > 1:
		page.Second = typedID(chosen[1].ID)
	case len(page.Options) > 1: // not the one proposed as the first
		page.Second = page.Options[1].Value
		if page.Second == page.First {
			page.Second = page.Options[0].Value
		}
	}
	if len(chosen) < 2 || page.First == page.Second {
		page.Leads = []string{w.T("scenario.compare_lead")}
		return page
	}
	broken := false
	for i, s := range chosen {
		side := comparedSide{Scenario: s, Class: [...]string{"first", "second"}[i]}
		o, bad := tried(v, s)
		o.Class = side.Class
		side.outcome = o
		side.Changes, side.Broken = changeLines(v, s, bad), len(bad) > 0
		broken = broken || side.Broken
		page.Sides = append(page.Sides, side)
	}
	if broken {
		page.Leads = []string{w.T("scenario.compare_broken")}
		return page
	}
	page.Effect = newEffectView(v, registerOutcome(v), page.Sides[0].outcome, page.Sides[1].outcome)
	page.say(v)
	return page
}

// say tells which of the two costs less, this year and by the year.
func (page *comparedPage) say(v *visit) {
	w := v.words
	a, b := page.Sides[0], page.Sides[1]
	gap := b.outcome.Years[0].Forecast.Sub(a.outcome.Years[0].Forecast)
	if gap.IsNegative() {
		a, b = b, a
	}
	year := a.outcome.Years[0].Year.Label()
	if gap.IsZero() {
		page.Parts = w.Parts("scenario.compare.same", "first", a.Name, "second", b.Name, "year", year, "amount", w.Money(a.outcome.Years[0].Forecast))
	} else {
		page.Parts = w.Parts("scenario.compare.less", "first", a.Name, "second", b.Name, "year", year, "gap", w.Money(gap.Abs()))
	}
	rate := b.outcome.RunRate.Sub(a.outcome.RunRate)
	key := "scenario.compare.year_same"
	switch {
	case rate.IsPositive():
		key = "scenario.compare.year_less"
	case rate.IsNegative():
		key = "scenario.compare.year_more"
	}
	page.Leads = []string{w.T(key, "first", a.Name, "second", b.Name, "gap", rate.Abs())}
}

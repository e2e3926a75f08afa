package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// ScenarioEffect sets a scenario beside the register, as known on a day.
type ScenarioEffect struct {
	This, Next                  ScenarioYear // the fiscal year that holds the day, and the one after
	RunRateBefore, RunRateAfter money.Amount // in euros
	Complete                    bool         // false when an amount had no rate and was left out, before or after
}

// ScenarioYear is one fiscal year without the scenario and with it.
type ScenarioYear struct{ Before, After Position }

// Change is what the scenario adds to the year's forecast, in euros; negative when it saves.
func (y ScenarioYear) Change() money.Amount { return y.After.Forecast.Sub(y.Before.Forecast) }

// Effect sets a trial of the register beside it.
func (r *Register) Effect(t *ScenarioTrial, today cal.Date) ScenarioEffect {
	year := r.Year(today)
	this, next := r.twoYears(year, today)
	e := ScenarioEffect{This: ScenarioYear{this, this}, Next: ScenarioYear{next, next}}
	var complete bool
	e.RunRateBefore, complete = r.RunRate(today)
	e.RunRateAfter, e.Complete = e.RunRateBefore, complete && this.Complete() && next.Complete()
	if t.After == r {
		return e
	}
	e.This.After, e.Next.After = t.After.twoYears(year, today)
	e.RunRateAfter, complete = t.After.RunRate(today)
	e.Complete = e.Complete && complete && e.This.After.Complete() && e.Next.After.Complete()
	return e
}

// twoYears are the positions of a year and of the one after, from charges worked out once.
func (r *Register) twoYears(year cal.FiscalYear, day cal.Date) (this, next Position) {
	in := year.Span()
	in.To = year.Next().Span().To
	open := r.openCharges(in, day)
	return r.position(year, day, open), r.position(year.Next(), day, open)
}

package models

import "enveloppe/models/cal"

// hypothetical is the ID of a subscription that does not exist: beyond all those that do.
const hypothetical ID = 1 << 62

// WhatIfSwitch tells what switching a subscription to another plan on a day would do to the fiscal year that holds that
// day, as known today. Nothing is changed; a switch that is not possible gives the error it would give.
func (r *Register) WhatIfSwitch(s Subscription, p Plan, on cal.Date, t Terms, today cal.Date) (Effect, error) {
	ended, next, err := s.SwitchTo(p, on, t, "")
	if err != nil {
		return Effect{}, err
	}
	next.ID = hypothetical
	after := r.With(ended).With(next)
	effect := r.compare(after, r.Year(on), today)
	effect.Seats = t.Seats
	var left int
	effect.Yearly, left = Total(after.ChargesOf(next, cal.Span{From: on, To: on.AddMonths(12)}, today))
	effect.Complete = effect.Complete && left == 0
	return effect, nil
}

// WhatIfCancel tells what ending a subscription would do to the fiscal year that holds the day of the end, as known
// today; Yearly is what the subscription costs now.
func (r *Register) WhatIfCancel(s Subscription, end, today cal.Date) (Effect, error) {
	ended, err := s.Cancel(today, end, "")
	if err != nil {
		return Effect{}, err
	}
	effect := r.compare(r.With(ended), r.Year(ended.EndsOn), today)
	effect.Seats = s.TermsOn(today).Seats
	yearly, complete := r.YearlyCost(s, today)
	effect.Yearly, effect.Complete = yearly, effect.Complete && complete
	return effect, nil
}

// compare sets a year of the register beside the same year of a changed one.
func (r *Register) compare(after *Register, year cal.FiscalYear, today cal.Date) Effect {
	now, then := r.Position(year, today), after.Position(year, today)
	return Effect{Forecast: then.Forecast, Change: then.Forecast.Sub(now.Forecast), Room: then.Room(), Complete: then.Complete()}
}

// Remaining are the open charges of a subscription until it ends on a day, those already due first.
func (r *Register) Remaining(s Subscription, end, today cal.Date) []Charge {
	s.EndsOn = end
	from := r.Organisation.KeptFrom
	if from.IsZero() {
		from = r.Year(today).Span().From
	}
	return r.openChargesOf(s, cal.Span{From: from, To: end}, today)
}

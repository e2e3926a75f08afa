package web

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

// outcome is this fiscal year and the next under one assumption: the register as it is, or a scenario.
type outcome struct {
	Name    string
	Short   string // heads a column
	Link    string // to the scenario
	Class   string // of its line: "register", "first", "second"
	Years   [2]models.Position
	RunRate money.Amount
	Whole   bool // nothing is left out for want of a rate
	after   *models.Register
}

func registerOutcome(v *visit) outcome {
	this := v.register.Year(v.today)
	rate, whole := v.register.RunRate(v.today)
	o := outcome{Name: v.words.T("scenario.register"), Short: v.words.T("scenario.register"), Class: "register", RunRate: rate, Whole: whole, after: v.register}
	o.Years = [2]models.Position{v.register.Position(this, v.today), v.register.Position(this.Next(), v.today)}
	o.Whole = o.Whole && o.Years[0].Complete() && o.Years[1].Complete()
	return o
}

func scenarioOutcome(v *visit, s models.Scenario, t *models.ScenarioTrial) outcome {
	e := v.register.Effect(t, v.today)
	return outcome{
		Name: v.words.T("scenario.with", "name", s.Name), Short: s.Name, Link: scenarioPath(s.ID), Class: "first",
		Years: [2]models.Position{e.This.After, e.Next.After}, RunRate: e.RunRateAfter, Whole: e.Complete, after: t.After,
	}
}

// effectView sets outcomes side by side, the register's first: figures in a table, and a picture a year.
type effectView struct {
	Outcomes []outcome
	Rows     []effectRow
	Figures  []whatIfFigure
	Partial  bool // an amount without a rate is in none of them
}

// effectRow is one question with an answer an outcome.
type effectRow struct {
	Label string
	Cells []effectCell
}

// effectCell is one answer. Column names it where the head of the table is not seen.
type effectCell struct{ Column, Text, Change, Class string }

func newEffectView(v *visit, outcomes ...outcome) *effectView {
	view := &effectView{Outcomes: outcomes}
	for _, o := range outcomes {
		view.Partial = view.Partial || !o.Whole
	}
	for n := range outcomes[0].Years {
		view.addYear(v, n)
		view.Figures = append(view.Figures, newWhatIfFigure(v, n, outcomes))
	}
	w := v.words
	view.add(w.T("scenario.row.run_rate"), func(o outcome) effectCell { return effectCell{Text: w.Money(o.RunRate)} }, func(o outcome) string {
		return signed(w, o.RunRate.Sub(outcomes[0].RunRate))
	})
	return view
}

// add appends a row; of every outcome but the first it says how it differs too.
func (view *effectView) add(label string, cell func(outcome) effectCell, change func(outcome) string) {
	row := effectRow{Label: label}
	for i, o := range view.Outcomes {
		at := cell(o)
		at.Column = o.Short
		if i > 0 && change != nil {
			at.Change = change(o)
		}
		row.Cells = append(row.Cells, at)
	}
	view.Rows = append(view.Rows, row)
}

func (view *effectView) addYear(v *visit, n int) {
	w := v.words
	first := view.Outcomes[0].Years[n]
	year := first.Year.Label()
	view.add(w.T("scenario.row.forecast", "year", year), func(o outcome) effectCell {
		return effectCell{Text: w.Money(o.Years[n].Forecast)}
	}, func(o outcome) string { return signed(w, o.Years[n].Forecast.Sub(first.Forecast)) })
	if first.Status == models.NoEnvelope {
		return
	}
	crossed := false
	view.add(w.T("scenario.row.envelope", "year", year), func(o outcome) effectCell {
		p := o.Years[n]
		crossed = crossed || !p.CrossedOn.IsZero()
		switch p.Status {
		case models.Over:
			return effectCell{Text: w.T("scenario.over", "amount", p.Beyond()), Class: "over"}
		case models.Under:
			return effectCell{Text: w.T("scenario.under", "amount", p.Envelope.Floor.Sub(p.Forecast)), Class: "up"}
		case models.Within, models.NoEnvelope:
		}
		return effectCell{Text: w.T("scenario.room", "amount", p.Room())}
	}, nil)
	if !crossed {
		return
	}
	view.add(w.T("scenario.row.crossed", "year", year), func(o outcome) effectCell {
		if on := o.Years[n].CrossedOn; !on.IsZero() {
			return effectCell{Text: w.DayMedium(on)}
		}
		return effectCell{Text: w.T("scenario.never_crossed")}
	}, nil)
}

// whatIfFigure is a year cumulated month by month, a line an outcome.
type whatIfFigure struct {
	chart.WhatIf
	Year   cal.FiscalYear
	Said   string
	Keys   []whatIfKey
	Band   bool
	Months []whatIfMonth
}

// whatIfKey names a line, with the year's forecast.
type whatIfKey struct{ Class, Name, Amount string }

// whatIfMonth is one month under every outcome.
type whatIfMonth struct {
	Month cal.Date
	Title string // "mars 2027 : …"
	Cells []whatIfSum
}

// whatIfSum is a month's own cost, and the year's up to its end.
type whatIfSum struct{ Sum, Total money.Amount }

func newWhatIfFigure(v *visit, n int, outcomes []outcome) whatIfFigure {
	w := v.words
	first := outcomes[0].Years[n]
	f := chart.WhatIfFigures{Floor: first.Envelope.Floor, Ceiling: first.Envelope.Ceiling, Amount: w.MoneyRound}
	out := whatIfFigure{Year: first.Year, Band: first.Status != models.NoEnvelope}
	spans := make([]cal.Span, len(first.Months))
	for i, m := range first.Months {
		spans[i] = m.Span
		f.Names = append(f.Names, w.MonthOnly(m.Span.From))
		out.Months = append(out.Months, whatIfMonth{Month: m.Span.From})
	}
	f.Done = chart.Done(spans, v.today)
	var said []string
	for _, o := range outcomes {
		p := o.Years[n]
		var totals []money.Amount
		for i, m := range p.Months {
			totals = append(totals, m.Total)
			out.Months[i].Cells = append(out.Months[i].Cells, whatIfSum{Sum: m.Sum(), Total: m.Total})
		}
		crossed := 0.0
		if !p.CrossedOn.IsZero() {
			crossed = chart.Done(spans, p.CrossedOn)
		}
		f.Series, f.Crossed = append(f.Series, totals), append(f.Crossed, crossed)
		out.Keys = append(out.Keys, whatIfKey{Class: o.Class, Name: o.Name, Amount: w.Money(p.Forecast)})
		said = append(said, w.T("scenario.said_one", "name", o.Name, "amount", p.Forecast))
	}
	out.Said = w.T("scenario.said", "year", first.Year.Label(), "sums", w.List(said))
	for i := range out.Months {
		m := &out.Months[i]
		var sums []string
		for k, cell := range m.Cells {
			sums = append(sums, w.T("scenario.said_one", "name", outcomes[k].Name, "amount", cell.Total))
		}
		m.Title = w.T("scenario.month_said", "month", w.Month(m.Month), "sums", w.List(sums))
	}
	out.WhatIf = chart.NewWhatIf(f, chart.WhatIfSize)
	return out
}

package web

import (
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

// envelopeFigure is a year held against its envelope, drawn for a page and for a phone.
type envelopeFigure struct {
	Position    models.Position
	Wide, Phone chart.EnvelopeBar
	Said        string // the picture in a sentence
	Last        cal.Date
	Over, Room  money.Amount // one of the two, as it is over or within; none without an envelope
}

func newEnvelopeFigure(w *words.Words, p models.Position) envelopeFigure {
	f := chart.EnvelopeFigures{
		Spent: p.Spent, Due: p.Due, Committed: p.Committed,
		SpentText: w.T("figure.spent", "amount", p.Spent), DueText: w.T("figure.due", "amount", p.Due),
		CommittedText: w.T("figure.committed", "amount", p.Committed, "day", w.DayMedium(p.Year.Last())),
		ForecastText:  w.T("figure.forecast", "amount", p.Forecast), BandText: w.T("figure.band"), Amount: w.MoneyRound,
	}
	out := envelopeFigure{Position: p, Last: p.Year.Last()}
	switch p.Status {
	case models.NoEnvelope:
	case models.Over:
		out.Over = p.Beyond()
	case models.Within, models.Under:
		out.Room = p.Room()
	}
	if p.Status != models.NoEnvelope {
		f.Floor, f.Ceiling = p.Envelope.Floor, p.Envelope.Ceiling
	}
	out.Wide, out.Phone = chart.NewEnvelopeBar(f, chart.WideEnvelope), chart.NewEnvelopeBar(f, chart.PhoneEnvelope)
	said := []string{f.SpentText}
	if !p.Due.IsZero() {
		said = append(said, f.DueText)
	}
	out.Said = w.T("figure.said", "parts", strings.Join(append(said, f.CommittedText), ", "), "forecast", f.ForecastText, "status", w.Kind("status", string(p.Status)))
	return out
}

// monthsFigure is what the coming months cost, a bar a month.
type monthsFigure struct {
	chart.MonthBars
	Months []monthColumn
	Said   string
}

// monthColumn is one bar with the figures it stands for.
type monthColumn struct {
	Bar   chart.Bar
	Month cal.Date
	Cost  money.Amount
	Now   bool // the nearest
}

func newMonthsFigure(w *words.Words, months []models.ComingMonth) monthsFigure {
	columns := make([]chart.Column, len(months))
	for i, m := range months {
		columns[i] = chart.Column{Name: w.MonthOnly(m.Month), Parts: []money.Amount{m.Cost}}
	}
	f := monthsFigure{MonthBars: chart.NewMonthBars(columns, w.MoneyShort, chart.MonthsSize)}
	for i, bar := range f.Bars {
		f.Months = append(f.Months, monthColumn{Bar: bar, Month: months[i].Month, Cost: months[i].Cost, Now: i == 0})
	}
	if n := len(months); n > 0 {
		f.Said = w.T("figure.months_said", "from", w.Month(months[0].Month), "to", w.Month(months[n-1].Month))
	}
	return f
}

// boundary writes the lower end of a range whose upper end carries the currency's sign: « de 800 à 1 000 € ».
func boundary(w *words.Words, a money.Amount) string {
	if w.Lang() == words.FR && a.Units()%money.UnitsPerOne == 0 {
		return w.MoneyShort(a)
	}
	return w.MoneyRound(a)
}

// chartMark is a text of a picture with its classes.
type chartMark struct {
	Class string
	Label chart.Label
}

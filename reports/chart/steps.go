package chart

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Sizes of a price over time.
var (
	WideSteps  = Size{W: 560, H: 132, Font: 12}
	PhoneSteps = Size{W: 280, H: 132, Font: 12}
)

// Step is a price that holds from a day on.
type Step struct {
	From  cal.Date
	Price money.Amount
}

// StepMark is one price drawn: a level line with its price above. Index is its place among the steps given.
type StepMark struct {
	Index int
	Line  Line // level, from the day it holds to the next
	Riser Line // upright, from the price before; of no length for the first
	Price Label
	Day   Label // under the axis, by the day it begins
	Ahead bool  // begins after today
}

// TermsSteps is the price of a subscription over time, as a staircase.
type TermsSteps struct {
	H     float64
	Axis  Line
	Today Line // upright; of no length when today is outside
	Steps []StepMark
}

// NewTermsSteps draws the steps, which must be in order of day, over the half-open span; prices must be in one currency.
// price writes the figure above each step, day what stands under its beginning. Steps outside the span are left out,
// except for the one in force when it begins.
func NewTermsSteps(steps []Step, in cal.Span, today cal.Date, price Format, day func(cal.Date) string, size Size) TermsSteps {
	t := TermsSteps{H: size.H}
	top, base := 30.0, size.H-24
	t.Axis = Line{0, round(base), 100, round(base)}
	if in.IsEmpty() {
		return t
	}
	x := func(d cal.Date) float64 {
		return percent(float64(min(max(in.From.DaysUntil(d), 0), in.Days())) / float64(in.Days()))
	}
	if in.Contains(today) {
		t.Today = Line{x(today), 4, x(today), round(base)}
	}
	high := 0.0
	for _, s := range steps {
		high = max(high, value(s.Price))
	}
	y := func(a money.Amount) float64 {
		if high == 0 {
			return round(base)
		}
		return round(base - max(value(a), 0)/high*(base-top))
	}
	for i, s := range steps {
		to := in.To
		if i+1 < len(steps) {
			to = steps[i+1].From
		}
		if !s.From.Before(in.To) || !to.After(in.From) {
			continue
		}
		m := StepMark{Index: i, Ahead: s.From.After(today)}
		from, at := x(s.From), y(s.Price)
		m.Line, m.Riser = Line{from, at, x(to), at}, Line{from, at, from, at}
		if n := len(t.Steps); n > 0 {
			m.Riser.Y1 = t.Steps[n-1].Line.Y1
		}
		m.Price = Label{Y: round(at - 8), Text: price(s.Price)}
		m.Day = Label{Y: round(size.H - 6), Text: day(s.From)}
		t.Steps = append(t.Steps, m)
	}
	t.label(size)
	return t
}

// label lays the prices as if they stood in one row, though they stand at several heights: two that do not overlap from
// left to right cannot overlap at all. The latest matter most.
func (t *TermsSteps) label(size Size) {
	prices, days := make([]item, len(t.Steps)), make([]item, len(t.Steps))
	for i := range t.Steps {
		s := &t.Steps[i]
		prices[i] = item{label: &s.Price, mark: s.Line.X1 / 100, hold: Start, width: TextWidth(s.Price.Text, size.Font), rank: len(t.Steps) - i}
		if s.Riser.Y1 < s.Riser.Y2 {
			prices[i].dx = 6 // off the line that falls to it
		}
		days[i] = item{label: &s.Day, mark: s.Line.X1 / 100, hold: Start, width: TextWidth(s.Day.Text, size.Font), rank: len(t.Steps) - i}
	}
	layRow(prices, 0, size.W, 10, size.W)
	layRow(days, 0, size.W, 10, size.W)
}

package chart

import (
	"strconv"
	"strings"

	"enveloppe/models/money"
)

// LineSize is that of a year's line, drawn once for every page.
var LineSize = Size{W: 280, H: 260, Font: 12}

// PlotWidth is the width of the lines' own coordinates: they go in a nested
// <svg viewBox="0 0 1000 H" preserveAspectRatio="none" width="100%" height="H">, because a line cannot be in percent.
const PlotWidth = 1000

// Point is a figure on the line. Index is its place among those given, −1 for the line's start at nothing.
type Point struct {
	Index int
	X, Y  float64 // percent, pixels
}

// LineFigures is a year's cost cumulated month by month.
type LineFigures struct {
	Totals []money.Amount // cumulated at each month's end
	Names  []string       // of the months
	// Done is how many months are over, with the share of the one under way: 10.77 on 23 November.
	Done           float64
	Floor, Ceiling money.Amount // none without an envelope
	Amount         Format       // writes the scale
}

// MonthName is a month's name under a line: the first letter and the rest, which a narrow picture leaves out.
type MonthName struct {
	Label
	First, Rest string
}

// YearLine is the cumulated line against the band from floor to ceiling.
type YearLine struct {
	H      float64
	Band   Rect   // empty without an envelope
	Edges  []Line // floor (when there is one), ceiling
	Axis   Line
	Ticks  []Tick // upright scale; the labels stand on their grid line, at the left
	Today  Line
	Points []Point
	Past   string // points of a polyline up to today, in the nested picture's coordinates
	Future string // and from today on
	Months []MonthName
}

// NewYearLine draws a year.
func NewYearLine(f LineFigures, size Size) YearLine {
	l, y := newFrame(f, size)
	l.addPoints(f, y)
	return l
}

// newFrame is a year without its line: scale, band and months' names, with room for all the totals, and the height at
// which an amount is.
func newFrame(f LineFigures, size Size) (YearLine, func(float64) float64) {
	l := YearLine{H: size.H}
	high, low := value(f.Ceiling), 0.0
	for _, t := range f.Totals {
		high, low = max(high, value(t)), min(low, value(t))
	}
	end, step := scale(high*1.06, 4)
	top, bottom := size.Font*1.6, size.H-26
	perPixel := (end - low) / (bottom - top)
	y := func(v float64) float64 { return round(top + (end-v)/perPixel) }
	l.Axis = Line{0, y(0), 100, y(0)}
	lastShown := size.H
	for v := step; v <= end+step/2; v += step {
		t := Tick{Value: amountOf(v), At: y(v)}
		if f.Amount != nil {
			t.Label = Label{Y: round(t.At - 4), Anchor: Start, Text: f.Amount(t.Value)}
			// A year deep under zero squeezes the scale: what would overlap is not written.
			if t.Label.Shown = lastShown-t.At >= size.Font*1.4; t.Label.Shown {
				lastShown = t.At
			}
		}
		l.Ticks = append(l.Ticks, t)
	}
	if ceiling, floor := value(f.Ceiling), max(value(f.Floor), 0); ceiling > 0 {
		l.Band = box(0, y(ceiling), 1, y(floor))
		if floor > 0 {
			l.Edges = append(l.Edges, Line{0, y(floor), 100, y(floor)})
		}
		l.Edges = append(l.Edges, Line{0, y(ceiling), 100, y(ceiling)})
	}
	l.Today = Line{0, round(top), 0, round(bottom)}
	l.nameMonths(f.Names, size)
	return l, y
}

func (l *YearLine) addPoints(f LineFigures, y func(float64) float64) {
	n := len(f.Totals)
	if n == 0 {
		l.Today = Line{}
		return
	}
	l.Points = []Point{{Index: -1, X: 0, Y: y(0)}}
	for i, t := range f.Totals {
		l.Points = append(l.Points, Point{Index: i, X: percent(float64(i+1) / float64(n)), Y: y(value(t))})
	}
	// Today's point lies on the line, between two months' ends.
	done := min(max(f.Done, 0), float64(n))
	before := min(int(done), n-1)
	share := done - float64(before)
	from, to := l.Points[before], l.Points[before+1]
	now := Point{X: percent(done / float64(n)), Y: round(from.Y + share*(to.Y-from.Y))}
	l.Today.X1, l.Today.X2 = now.X, now.X
	l.Past = polyline(append(l.Points[:before+1:before+1], now))
	l.Future = polyline(append([]Point{now}, l.Points[before+1:]...))
}

// polyline writes points as SVG does. One point, or none, is no line.
func polyline(points []Point) string {
	var b strings.Builder
	drawn, last := 0, Point{}
	for i, p := range points {
		if i > 0 && p.X == last.X && p.Y == last.Y {
			continue
		}
		if drawn > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(number(round(p.X*PlotWidth/100)) + "," + number(p.Y))
		drawn, last = drawn+1, p
	}
	if drawn < 2 {
		return ""
	}
	return b.String()
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (l *YearLine) nameMonths(names []string, size Size) {
	columns := make([]Column, len(names))
	bars := MonthBars{Bars: make([]Bar, len(names))}
	for i, n := range names {
		columns[i].Name = n
	}
	bars.placeNames(columns, size)
	for _, b := range bars.Bars {
		l.Months = append(l.Months, MonthName{b.Name, b.First, b.Rest})
	}
}

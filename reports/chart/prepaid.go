package chart

import "enveloppe/models/money"

// Sizes of the picture of a cost over the years it serves, whose height follows from its rows: from 48rem on with the
// names beside the bars, and on a phone with name and figure above each bar.
var (
	WideServed  = Size{W: 640, Font: 13}
	PhoneServed = Size{W: 280, Font: 13}
)

// ServedYear is the part of a cost that one fiscal year bears.
type ServedYear struct {
	Name   string
	Amount money.Amount
}

// ServedFigures is a cost and the years that bear it, in their order; their amounts add up to it. Amount writes them.
type ServedFigures struct {
	Name   string
	Cost   money.Amount
	Years  []ServedYear
	Amount Format
}

// ServedRow is one line of the picture: the whole cost (Index −1) or what a year bears of it, by its place among those
// given. Each bar begins where the one above it ends, so that the last one ends where the whole does.
type ServedRow struct {
	Index int
	Rect
	Link  Line // upright from a year down to the next one; of no length for the whole and the last
	Name  Label
	Value Label
}

// Served is a cost over the years it serves, a row a year from top to bottom under the whole.
type Served struct {
	H    float64
	Axis Line // where nothing is
	Rows []ServedRow
}

// NewServed draws the years, for a phone when the size is under 480 pixels wide.
func NewServed(f ServedFigures, size Size) Served {
	names, figures := f.texts()
	l := barsFor(size, names, figures)
	low, high := f.reach()
	at := func(v float64) float64 { return l.left + (v-low)/(high-low)*(l.right-l.left) }
	s := Served{H: l.row * float64(len(f.Years)+1)}
	s.Axis = upright(at(0), 0, s.H)
	add := func(index int, from, to float64, name, figure string) {
		top := l.row * float64(len(s.Rows))
		row := ServedRow{Index: index}
		if from != to {
			begin, end := at(min(from, to)), at(max(from, to))
			end = min(max(end, begin+leastStep), 1)
			row.Rect = box(min(begin, end-leastStep), top+l.barTop, end, top+l.barBottom)
		}
		if index >= 0 && index < len(f.Years)-1 { // the first year begins on the axis, as the whole does
			row.Link = upright(at(to), round(top+l.barBottom), round(top+l.row+l.linked))
		}
		row.Name, row.Value = l.labels(top, name, figure)
		s.Rows = append(s.Rows, row)
	}
	add(-1, 0, value(f.Cost), f.Name, f.Amount(f.Cost))
	done := 0.0
	for i, y := range f.Years {
		add(i, done, done+value(y.Amount), y.Name, f.Amount(y.Amount))
		done += value(y.Amount)
	}
	return s
}

// texts are the names beside the bars, and the figures.
func (f ServedFigures) texts() (names, figures []string) {
	names, figures = []string{f.Name}, []string{f.Amount(f.Cost)}
	for _, y := range f.Years {
		names, figures = append(names, y.Name), append(figures, f.Amount(y.Amount))
	}
	return names, figures
}

// reach is the scale: from nothing to the cost, or further where credit notes are spread, too.
func (f ServedFigures) reach() (low, high float64) {
	low, high = min(0, value(f.Cost)), max(0, value(f.Cost))
	done := 0.0
	for _, y := range f.Years {
		done += value(y.Amount)
		low, high = min(low, done), max(high, done)
	}
	if high == low {
		high = low + 1
	}
	return low, high
}

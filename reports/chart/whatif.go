package chart

import "enveloppe/models/money"

// WhatIfSize is that of a year under several assumptions, drawn once for every page: half a page wide or as wide as a
// phone.
var WhatIfSize = Size{W: 280, H: 276, Font: 12}

// WhatIfFigures is one year's cost cumulated month by month, as it is and as it might be. The first series is the
// register's; every series has one sum a name.
type WhatIfFigures struct {
	Series [][]money.Amount // cumulated at each month's end
	Names  []string         // of the months
	// Done is how many months are over, as of YearLine. Crossed is the same measure of the day on which a series leaves
	// the envelope for good, one a series; 0 for one that does not.
	Done           float64
	Crossed        []float64
	Floor, Ceiling money.Amount // none without an envelope
	Amount         Format       // writes the scale
}

// WhatIfLine is one series. Path begins where the series leaves the register's, so that what is common is drawn once; it
// is empty for a series that never does. It goes through Cross, for that is known to the day and the rest to the month.
type WhatIfLine struct {
	Path   string  // of a polyline, in the nested picture's coordinates
	Points []Point // Index −1 at the start, else the month
	Own    []Point // those of Points, start apart, that the register's line does not have; all of them for the register
	Cross  Point   // on the ceiling; Index −1 when the series does not leave the envelope, else 0
}

// WhatIf is several lines against one band. Draw in this order: band, ticks, edges, axis, today, lines, crossings, slots.
type WhatIf struct {
	H      float64
	Band   Rect   // empty without an envelope
	Edges  []Line // floor (when there is one), ceiling
	Axis   Line
	Ticks  []Tick
	Today  Line // of no height when today lies outside the year
	Lines  []WhatIfLine
	Slots  []Rect // a column a month, for its figures to show when one points at it
	Months []MonthName
}

// NewWhatIf draws a year. The scale, the band and the months are those of NewYearLine over the highest and the lowest of
// all series.
func NewWhatIf(f WhatIfFigures, size Size) WhatIf {
	all := LineFigures{Names: f.Names, Floor: f.Floor, Ceiling: f.Ceiling, Amount: f.Amount}
	for _, s := range f.Series {
		all.Totals = append(all.Totals, s...)
	}
	frame, y := newFrame(all, size)
	p := WhatIf{H: frame.H, Band: frame.Band, Edges: frame.Edges, Axis: frame.Axis, Ticks: frame.Ticks, Months: frame.Months}
	months := float64(max(len(f.Names), 1))
	for i := range f.Names {
		p.Slots = append(p.Slots, box(float64(i)/months, 0, float64(i+1)/months, size.H))
	}
	if f.Done > 0 && f.Done < months {
		p.Today = Line{percent(f.Done / months), frame.Today.Y1, percent(f.Done / months), frame.Today.Y2}
	}
	for i, s := range f.Series {
		line := WhatIfLine{Points: []Point{{Index: -1, X: 0, Y: y(0)}}, Cross: Point{Index: -1}}
		for m, sum := range s {
			line.Points = append(line.Points, Point{Index: m, X: percent(float64(m+1) / months), Y: y(value(sum))})
		}
		from := 0
		if i > 0 {
			from = parting(f.Series[0], s)
		}
		for m, point := range line.Points[1:] {
			if i == 0 || m < len(f.Series[0]) && !s[m].Equal(f.Series[0][m]) {
				line.Own = append(line.Own, point)
			}
		}
		if i < len(f.Crossed) && f.Crossed[i] > 0 {
			line.Cross = Point{X: percent(min(f.Crossed[i], months) / months), Y: y(value(f.Ceiling))}
		}
		line.Path = polyline(line.through(from))
		p.Lines = append(p.Lines, line)
	}
	return p
}

// through are the points from one on, with the crossing where it lies after it.
func (l *WhatIfLine) through(from int) []Point {
	var out []Point
	for i, p := range l.Points[from:] {
		if i > 0 && l.Cross.Index == 0 && l.Cross.X > out[len(out)-1].X && l.Cross.X < p.X {
			out = append(out, l.Cross)
		}
		out = append(out, p)
	}
	return out
}

// parting is the number of the last point, the start being 0, up to which two series are the same; of the last when they
// are all the way.
func parting(a, b []money.Amount) int {
	n := 0
	for n < len(a) && n < len(b) && a[n].Equal(b[n]) {
		n++
	}
	return n
}

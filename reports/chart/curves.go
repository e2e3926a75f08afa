package chart

import "enveloppe/models/money"

// Sizes of cumulated curves: from 48rem on, and on a phone.
var (
	WideCurves  = Size{W: 560, H: 300, Font: 12}
	PhoneCurves = Size{W: 280, H: 240, Font: 12}
)

// CurvesFigures is what several ways of doing one thing have cost by the end of each year, the start included: each
// series has one sum a name.
type CurvesFigures struct {
	Series [][]money.Amount
	Names  []string // "départ", "1 an", "2 ans"…
	Amount Format   // writes the scale
	// Crossed is the month, counted from 1, by whose end the first two series have met; 0 when they do not.
	Crossed   int
	CrossText string // "au 14e mois"
}

// Curve is one series: a line, and a point a year.
type Curve struct {
	Path   string  // of a polyline, in the nested picture's coordinates
	Points []Point // Index is the year
}

// Curves are series that begin together, against one scale from nothing.
type Curves struct {
	H      float64
	Axis   Line
	Ticks  []Tick
	Curves []Curve
	Names  []Label // of the years, under the axis; some are not shown when there are many
	Cross  Line    // upright through the meeting point, down to the axis; of no length without one
	Meet   Point   // Index −1
	Said   Label   // CrossText
}

// NewCurves draws the series.
func NewCurves(f CurvesFigures, size Size) Curves {
	c := Curves{H: size.H}
	high := 0.0
	for _, s := range f.Series {
		for _, a := range s {
			high = max(high, value(a))
		}
	}
	end, step := scale(high, 4)
	top, bottom := size.Font*1.9, size.H-26
	y := func(v float64) float64 { return round(bottom - v/end*(bottom-top)) }
	c.Axis = Line{0, round(bottom), 100, round(bottom)}
	left := 0.0 // where the curves begin: beside the figures of the scale
	for v := step; v <= end+step/2; v += step {
		t := Tick{Value: amountOf(v), At: y(v)}
		t.Label = Label{Y: round(t.At - 4), Anchor: Start, Text: f.Amount(t.Value), Shown: true}
		c.Ticks = append(c.Ticks, t)
		left = min(max(left, (TextWidth(t.Label.Text, size.Font)+12)/size.W), 0.4)
	}
	last := max(len(f.Names)-1, 1)
	x := func(year float64) float64 { return percent(left + (1-left)*year/float64(last)) }
	for _, s := range f.Series {
		var curve Curve
		for i, a := range s {
			curve.Points = append(curve.Points, Point{Index: i, X: x(float64(i)), Y: y(value(a))})
		}
		curve.Path = polyline(curve.Points)
		c.Curves = append(c.Curves, curve)
	}
	c.name(f.Names, left, size)
	if f.Crossed > 0 && len(f.Series) > 1 {
		c.meet(f, x, y, size)
	}
	return c
}

// meet marks where the first two series cross: within the month, not at its end, for that is where the lines do.
func (c *Curves) meet(f CurvesFigures, x, y func(float64) float64, size Size) {
	a, b := f.Series[0], f.Series[1]
	for i := 1; i < len(a) && i < len(b); i++ {
		before, after := value(a[i-1])-value(b[i-1]), value(a[i])-value(b[i])
		if before == 0 || (before < 0) == (after < 0) && after != 0 {
			continue
		}
		share := before / (before - after)
		at, height := float64(i-1)+share, value(a[i-1])+share*(value(a[i])-value(a[i-1]))
		c.Meet = Point{Index: -1, X: x(at), Y: y(height)}
		c.Cross = Line{c.Meet.X, c.Meet.Y, c.Meet.X, c.Axis.Y1}
		c.Said = Label{Text: f.CrossText, Y: round(c.Axis.Y1 - 8)}
		text := item{label: &c.Said, mark: c.Meet.X / 100, hold: Start, dx: 7, width: TextWidth(f.CrossText, size.Font)}
		if c.Meet.X/100*size.W+7+text.width > size.W {
			text.hold, text.dx = End, -7
		}
		if at := text.wish(size.W); at >= 0 && at+text.width <= size.W {
			text.put(at, size.W)
		}
		return
	}
}

// name writes the years under the axis, every one when all fit, else every second, third…; the start and the end hold.
func (c *Curves) name(names []string, left float64, size Size) {
	last, widest := max(len(names)-1, 1), 0.0
	for _, n := range names {
		widest = max(widest, TextWidth(n, size.Font))
	}
	every := 1
	for every < last && float64(every)/float64(last)*(1-left)*size.W < widest*1.5+8 {
		every++
	}
	for i, n := range names {
		l := Label{X: percent(left + (1-left)*float64(i)/float64(last)), Y: round(size.H - 6), Anchor: Middle, Text: n}
		l.Shown = i == last || i%every == 0 && last-i >= every
		switch i {
		case 0:
			l.Anchor = Start
		case last:
			l.Anchor = End
		}
		c.Names = append(c.Names, l)
	}
}

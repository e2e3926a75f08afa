package chart

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"enveloppe/models/money"
)

// MonthsSize is that of bars by month, drawn once for every page: half a page wide or as wide as a phone.
var MonthsSize = Size{W: 280, H: 276, Font: 11}

// From this width on a picture has room for whole months' names, in larger letters; it is the 26rem of Label.Roomy.
const (
	roomyWidth = 416
	roomyFont  = 12
)

// Column is what one bar shows: a name under it and its parts from the bottom up, such as spent, due and committed.
type Column struct {
	Name  string
	Parts []money.Amount
}

// BarPart is one piece of a bar; Index is its place in the column's Parts. Pieces of nothing are left out.
type BarPart struct {
	Index int
	Rect
}

// Bar is one column drawn. Index is its place among the columns given. Its name is written under the axis in two parts:
// the first letter, and the rest, with the class "rest", which a narrow picture leaves out.
type Bar struct {
	Index       int
	Rect        // from the axis to its top; empty when nothing is in it
	Total       money.Amount
	Parts       []BarPart
	Value       Label // above the bar
	Name        Label
	First, Rest string // of the name
}

// MonthBars is bars side by side, one a month (or a year, or a function), each stacked.
type MonthBars struct {
	H     float64
	Axis  Line // where nothing is
	Bars  []Bar
	Ticks []Tick // level grid lines, for a picture whose bars do not say their values
}

// NewMonthBars draws columns; amount writes the figure above each bar, and columns of nothing have none. Parts below
// zero hang under the axis.
func NewMonthBars(columns []Column, amount Format, size Size) MonthBars {
	b := MonthBars{H: size.H}
	high, low := 0.0, 0.0
	for _, c := range columns {
		up, down := 0.0, 0.0
		for _, p := range c.Parts {
			up, down = up+max(value(p), 0), down+min(value(p), 0)
		}
		high, low = max(high, up), min(low, down)
	}
	top, bottom := 28.0, size.H-26
	if low < 0 {
		bottom -= 14
	}
	perPixel := 1.0
	if high-low > 0 {
		perPixel = (high - low) / (bottom - top)
	}
	axis := round(bottom + low/perPixel)
	b.Axis = Line{0, axis, 100, axis}
	if high > 0 {
		_, step := scale(high, 4)
		for v := step; v <= high*1.02; v += step {
			b.Ticks = append(b.Ticks, Tick{Value: amountOf(v), At: round(axis - v/perPixel)})
		}
	}
	for i, c := range columns {
		b.Bars = append(b.Bars, newBar(i, c, len(columns), axis, perPixel))
	}
	b.placeValues(amount, size)
	b.placeNames(columns, size)
	return b
}

func newBar(i int, c Column, of int, axis, perPixel float64) Bar {
	pitch := 1 / float64(of)
	width := min(pitch*0.64, 0.12)
	left := (float64(i)+0.5)*pitch - width/2
	bar := Bar{Index: i}
	up, down := 0.0, 0.0
	for n, p := range c.Parts {
		bar.Total = bar.Total.Add(p)
		v := value(p) / perPixel
		var r Rect
		if v >= 0 {
			r = box(left, axis-(up+v), left+width, axis-up)
			up += v
		} else {
			r = box(left, axis+down, left+width, axis+(down-v))
			down -= v
		}
		if r.H > 0 {
			bar.Parts = append(bar.Parts, BarPart{Index: n, Rect: r})
		}
	}
	bar.Rect = box(left, axis-up, left+width, axis+down)
	return bar
}

// placeValues writes figures above the bars, the highest first; one that would run into another figure or a bar of a
// narrow picture is kept for a wide one, or left to the title.
func (b *MonthBars) placeValues(amount Format, size Size) {
	if amount == nil {
		return
	}
	for i := range b.Bars {
		if bar := &b.Bars[i]; !bar.IsEmpty() {
			middle := percent((float64(i) + 0.5) / float64(len(b.Bars)))
			bar.Value = Label{X: middle, Y: round(bar.Y - 7), Anchor: Middle, Text: amount(bar.Total)}
		}
	}
	narrow := b.valuesThatFit(size.W, size.Font)
	for i, fits := range b.valuesThatFit(max(size.W, roomyWidth), max(size.Font, roomyFont)) {
		b.Bars[i].Value.Shown = fits
		b.Bars[i].Value.Roomy = fits && !narrow[i]
	}
	// What fits a narrow picture in small letters and not a wide one in larger is rare, and left out of both.
}

func (b *MonthBars) valuesThatFit(width, font float64) []bool {
	order := make([]int, len(b.Bars))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(b.Bars[i].Y, b.Bars[j].Y) })
	fits := make([]bool, len(b.Bars))
	var taken []Rect
	for _, i := range order {
		bar := &b.Bars[i]
		w := TextWidth(bar.Value.Text, font)
		at := Rect{bar.Value.X/100*width - w/2, bar.Value.Y - font*0.9, w, font * 1.1}
		if bar.IsEmpty() || at.X < 0 || at.X+at.W > width || b.meets(at, i, taken, width) {
			continue
		}
		fits[i] = true
		taken = append(taken, at)
	}
	return fits
}

// meets tells whether a place, in pixels, is taken by a figure or by another bar.
func (b *MonthBars) meets(at Rect, own int, taken []Rect, width float64) bool {
	for _, t := range taken {
		if at.meets(t) {
			return true
		}
	}
	for i := range b.Bars {
		r := b.Bars[i].Rect
		r.X, r.W = r.X/100*width, r.W/100*width
		if i != own && at.meets(r) {
			return true
		}
	}
	return false
}

func (r Rect) meets(o Rect) bool {
	return !r.IsEmpty() && !o.IsEmpty() && r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

// placeNames writes every name when all fit their share of the width, else every second, third…
func (b *MonthBars) placeNames(columns []Column, size Size) {
	first, whole := 0.0, 0.0
	for _, c := range columns {
		head, _ := firstLetter(c.Name)
		first, whole = max(first, TextWidth(head, size.Font)), max(whole, TextWidth(c.Name, roomyFont))
	}
	pitch, every := 1/float64(max(len(columns), 1)), 1
	for every < len(columns) && (float64(every)*pitch*size.W < first+2 || float64(every)*pitch*roomyWidth < whole+2) {
		every++
	}
	for i := range b.Bars {
		bar := &b.Bars[i]
		middle := (float64(i) + 0.5) * pitch
		bar.First, bar.Rest = firstLetter(columns[i].Name)
		bar.Name = Label{X: percent(middle), Y: round(size.H - 6), Anchor: Middle, Text: columns[i].Name}
		// A long name at either end, or alone, must not leave the picture either.
		room := min(middle, 1-middle) * 2
		bar.Name.Shown = i%every == 0 && room*roomyWidth >= TextWidth(columns[i].Name, roomyFont) && room*size.W >= TextWidth(bar.First, size.Font)
	}
}

func firstLetter(name string) (first, rest string) {
	_, n := utf8.DecodeRuneInString(name)
	return name[:n], name[n:]
}

package chart

import "enveloppe/models/money"

// Sizes of a waterfall, whose height follows from its rows: from 48rem on with the names beside the bars, and on a phone
// with name and figure above each bar.
var (
	WideWaterfall  = Size{W: 640, Font: 13}
	PhoneWaterfall = Size{W: 280, Font: 13}
)

// WaterfallStep is one reason why a sum became another: its name and by how much.
type WaterfallStep struct {
	Name   string
	Amount money.Amount
}

// WaterfallFigures is a sum before and after and the steps between, which add up. Amount writes the two sums, Signed the
// steps.
type WaterfallFigures struct {
	Before, After         money.Amount
	BeforeName, AfterName string
	Steps                 []WaterfallStep
	Amount, Signed        Format
}

// WaterfallRow is one line of the picture: the sum before (Kind "before"), a step ("more" or "less", Index its place
// among those given) or the sum after ("after"). A sum is a mark where it lies on the scale, which does not begin at
// nothing: a bar from there would say a proportion that is not true.
type WaterfallRow struct {
	Kind  string
	Index int  // −1 for the two sums
	Rect       // the step's bar; empty for a sum
	Mark  Line // a sum's upright; of no length for a step
	Link  Line // upright down to the next row, on a phone as far as its letters; of no length for the last
	Name  Label
	Value Label
}

// Waterfall is how one sum became another, a row a step from top to bottom, so that each reason is written out at any width.
type Waterfall struct {
	H    float64
	Rows []WaterfallRow
}

// waterfallLayout is what tells the two pictures apart, in pixels within a row.
type waterfallLayout struct {
	row, barTop, barBottom, text float64
	linked                       float64 // where the link from the row above ends
	beside                       bool    // names at the left of the bars, figures at their right
}

var (
	wideRows  = waterfallLayout{34, 8, 26, 21.5, 8, true}
	phoneRows = waterfallLayout{46, 24, 38, 16, 3, false}
)

// leastStep is how wide, as a share, the bar of a few cents is drawn.
const leastStep = 0.006

// NewWaterfall draws the steps, for a phone when the size is under 480 pixels wide.
func NewWaterfall(f WaterfallFigures, size Size) Waterfall {
	l := wideRows
	if size.W < 480 {
		l = phoneRows
	}
	left, right := 0.0, 1.0
	if l.beside {
		left, right = f.margins(size)
	}
	low, high := f.reach()
	at := func(v float64) float64 { return left + (v-low)/(high-low)*(right-left) }
	w := Waterfall{H: l.row * float64(len(f.Steps)+2)}
	add := func(row WaterfallRow, end float64, name, figure string) {
		top := l.row * float64(len(w.Rows))
		if !row.IsEmpty() {
			row.Y, row.H = round(top+l.barTop), round(l.barBottom-l.barTop)
		} else {
			row.Mark = upright(end, round(top+l.barTop-3), round(top+l.barBottom+3))
		}
		if row.Kind != "after" {
			row.Link = upright(end, round(top+l.barBottom), round(top+l.row+l.linked))
		}
		row.Name = Label{X: 0, Y: round(top + l.text), Anchor: Start, Text: name}
		row.Value = Label{X: 100, Y: round(top + l.text), Anchor: End, Text: figure}
		room := size.W
		if l.beside {
			room = left * size.W
		}
		row.Value.Shown = TextWidth(figure, size.Font) <= size.W*0.6
		row.Name.Shown = TextWidth(name, size.Font) <= room-nameGap+0.01 && (l.beside || TextWidth(name, size.Font)+TextWidth(figure, size.Font)+nameGap <= size.W)
		w.Rows = append(w.Rows, row)
	}
	add(WaterfallRow{Kind: "before", Index: -1}, at(value(f.Before)), f.BeforeName, f.Amount(f.Before))
	total := f.Before
	for i, s := range f.Steps {
		from, to := at(value(total)), at(value(total.Add(s.Amount)))
		total = total.Add(s.Amount)
		row := WaterfallRow{Kind: "more", Index: i, Rect: box(min(from, to), 0, max(from, to, min(from, to)+leastStep), 1)}
		if s.Amount.IsNegative() {
			row.Kind = "less"
		}
		add(row, to, s.Name, f.Signed(s.Amount))
	}
	add(WaterfallRow{Kind: "after", Index: -1}, at(value(f.After)), f.AfterName, f.Amount(f.After))
	return w
}

// nameGap keeps names and figures off the bars, in pixels.
const nameGap = 14

// margins is where the bars begin and end beside the widest name and the widest figure, as shares of the least width.
func (f WaterfallFigures) margins(size Size) (left, right float64) {
	names, figures := []string{f.BeforeName, f.AfterName}, []string{f.Amount(f.Before), f.Amount(f.After)}
	for _, s := range f.Steps {
		names, figures = append(names, s.Name), append(figures, f.Signed(s.Amount))
	}
	widest := func(texts []string) float64 {
		w := 0.0
		for _, t := range texts {
			w = max(w, TextWidth(t, size.Font))
		}
		return min((w+nameGap)/size.W, 0.42)
	}
	return widest(names), 1 - widest(figures)
}

// reach is the scale: all the sums passed through, with a little room on both sides.
func (f WaterfallFigures) reach() (low, high float64) {
	total := f.Before
	low, high = value(total), value(total)
	for _, s := range f.Steps {
		total = total.Add(s.Amount)
		low, high = min(low, value(total)), max(high, value(total))
	}
	room := max((high-low)*0.04, 0.01)
	return low - room, high + room
}

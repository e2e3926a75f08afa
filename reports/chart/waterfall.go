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

// NewWaterfall draws the steps, for a phone when the size is under 480 pixels wide.
func NewWaterfall(f WaterfallFigures, size Size) Waterfall {
	names, figures := f.texts()
	l := barsFor(size, names, figures)
	low, high := f.reach()
	at := func(v float64) float64 { return l.left + (v-low)/(high-low)*(l.right-l.left) }
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
		row.Name, row.Value = l.labels(top, name, figure)
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

// texts are the names beside the bars, and the figures.
func (f WaterfallFigures) texts() (names, figures []string) {
	names, figures = []string{f.BeforeName, f.AfterName}, []string{f.Amount(f.Before), f.Amount(f.After)}
	for _, s := range f.Steps {
		names, figures = append(names, s.Name), append(figures, f.Signed(s.Amount))
	}
	return names, figures
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

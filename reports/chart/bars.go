package chart

// barLayout is how a picture of one bar a row is drawn, in pixels within a row.
type barLayout struct {
	row, barTop, barBottom, text float64
	linked                       float64 // where the link from the row above ends
	beside                       bool    // names at the left of the bars, figures at their right
}

var (
	wideBars  = barLayout{34, 8, 26, 21.5, 8, true}
	phoneBars = barLayout{46, 24, 38, 16, 3, false}
)

// leastStep is how wide, as a share, the bar of a few cents is drawn.
const leastStep = 0.006

// nameGap keeps names and figures off the bars, in pixels.
const nameGap = 14

// rounding is what the longest name may seem to lack of the room that was made for it.
const rounding = 0.01

// bars is such a picture of a size.
type bars struct {
	barLayout
	size        Size
	left, right float64 // where the bars may begin and end, as shares of the width
}

// barsFor makes room for names and figures, beside the bars when the size is at least 480 pixels wide.
func barsFor(size Size, names, figures []string) bars {
	if size.W < 480 {
		return bars{phoneBars, size, 0, 1}
	}
	margin := func(texts []string) float64 {
		w := 0.0
		for _, t := range texts {
			w = max(w, TextWidth(t, size.Font))
		}
		return min((w+nameGap)/size.W, 0.42)
	}
	return bars{wideBars, size, margin(names), 1 - margin(figures)}
}

// labels are the name and the figure of the row that begins at top; one there is no room for is not shown.
func (b bars) labels(top float64, name, figure string) (names, figures Label) {
	names = Label{X: 0, Y: round(top + b.text), Anchor: Start, Text: name}
	figures = Label{X: 100, Y: round(top + b.text), Anchor: End, Text: figure}
	wide, room := TextWidth(name, b.size.Font), b.left*b.size.W
	if !b.beside {
		room = b.size.W
	}
	figures.Shown = TextWidth(figure, b.size.Font) <= b.size.W*0.6
	names.Shown = wide <= room-nameGap+rounding && (b.beside || wide+TextWidth(figure, b.size.Font)+nameGap <= b.size.W)
	return names, figures
}

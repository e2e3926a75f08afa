package chart

import "slices"

// item is a label that wants a place in a row. Marks and labels of a row stand in the same order, which is why a
// picture that grows can only pull its labels apart.
type item struct {
	label *Label
	mark  float64 // share of the width the label is about
	hold  Anchor  // which end of the label keeps to the mark
	dx    float64 // pixels it would like to be held off the mark
	width float64
	rank  int // the greatest gives way first
}

// wish is where the label's left end would like to be, in pixels.
func (it item) wish(pictureWidth float64) float64 {
	at := it.mark*pictureWidth + it.dx
	switch it.hold {
	case Middle:
		return at - it.width/2
	case End:
		return at - it.width
	case Start:
	}
	return at
}

// put gives the label its place, left end at the pixel.
func (it item) put(left, pictureWidth float64) {
	at := left
	switch it.hold {
	case Middle:
		at += it.width / 2
	case End:
		at += it.width
	case Start:
	}
	it.label.X, it.label.Anchor, it.label.Shown = percent(it.mark), it.hold, true
	it.label.DX = round(at - percent(it.mark)/100*pictureWidth)
}

// layRow gives each label of a row, in order from left to right, the place nearest to its wish such that none overlap
// nor leave [left, right], in pixels. Those there is no room for are not shown.
func layRow(items []item, left, right, gap, pictureWidth float64) {
	items = slices.Clone(items)
	for len(items) > 0 && rowWidth(items, gap) > right-left {
		last := 0
		for i := range items {
			if items[i].rank > items[last].rank {
				last = i
			}
		}
		items[last].label.Shown = false
		items = slices.Delete(items, last, last+1)
	}
	for i, at := range nearest(items, left, right, gap, pictureWidth) {
		items[i].put(at, pictureWidth)
	}
}

func rowWidth(items []item, gap float64) float64 {
	w := -gap
	for _, it := range items {
		w += it.width + gap
	}
	return w
}

// nearest is where each label begins so that the squares of what they move add up to the least: labels that would
// overlap share the push between them (pool adjacent violators), and the ends of the row hold.
func nearest(items []item, left, right, gap, pictureWidth float64) []float64 {
	type block struct {
		sum   float64 // of wishes, each less what must stand before it in the row
		count int
	}
	var blocks []block
	before := 0.0
	for _, it := range items {
		wish := min(max(it.wish(pictureWidth), left), right-it.width)
		b := block{wish - before, 1}
		for n := len(blocks) - 1; n >= 0 && blocks[n].sum/float64(blocks[n].count) > b.sum/float64(b.count); n-- {
			b = block{b.sum + blocks[n].sum, b.count + blocks[n].count}
			blocks = blocks[:n]
		}
		blocks = append(blocks, b)
		before += it.width + gap
	}
	latest := right - rowWidth(items, gap)
	at := make([]float64, 0, len(items))
	before = 0
	for _, b := range blocks {
		start := min(max(b.sum/float64(b.count), left), latest)
		for range b.count {
			at = append(at, start+before)
			before += items[len(at)-1].width + gap
		}
	}
	return at
}

// layNear is layRow for labels that must stay by their mark: where one would be pushed further than far, the less
// important of those concerned is not shown.
func layNear(items []item, gap, far, pictureWidth float64) {
	items = slices.Clone(items)
	for {
		layRow(items, 0, pictureWidth, gap, pictureWidth)
		away := -1
		for i, it := range items {
			if moved := it.label.DX - it.dx; it.label.Shown && it.rank > 0 && (moved > far || moved < -far) {
				away = leastNeighbour(items, i)
				break
			}
		}
		if away < 0 {
			return
		}
		items[away].label.Shown = false
		items = slices.Delete(items, away, away+1)
	}
}

// leastNeighbour is the least important of a label and those beside it.
func leastNeighbour(items []item, i int) int {
	least := i
	for j := max(i-1, 0); j <= min(i+1, len(items)-1); j++ {
		if items[j].rank > items[least].rank {
			least = j
		}
	}
	return least
}

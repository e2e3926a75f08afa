package chart

import "enveloppe/models/money"

// Sizes of the envelope's two pictures: from 48rem on, and on a phone, where a legend under it says what the labels
// above the bar say elsewhere.
var (
	WideEnvelope  = Size{W: 704, H: 108, Font: 12}
	PhoneEnvelope = Size{W: 288, H: 80, Font: 13}
)

// EnvelopeFigures is a year held against its envelope, with what to write beside the marks. Floor and Ceiling are none
// without an envelope.
type EnvelopeFigures struct {
	Spent, Due, Committed money.Amount
	Floor, Ceiling        money.Amount

	// What to say: "744,20 € payés", "20,00 € à enregistrer", "183,20 € engagés d’ici au 31 décembre",
	// "prévision 927,40 €", "enveloppe". Amount writes the ticks. Texts above the bar are for the wide picture.
	SpentText, DueText, CommittedText, ForecastText, BandText string
	Amount                                                    Format
}

// Segment is a piece of the envelope's bar: Kind is "spent", "due" or "committed", Index its place in that order.
type Segment struct {
	Kind  string
	Index int
	Rect
	Label Label
	Inner bool // the label lies on the piece itself, not above the bar
}

// Tick is a value of a scale and where its label goes. Kind is "zero", "floor", "ceiling" or "end" on the envelope's bar.
type Tick struct {
	Kind  string
	Value money.Amount
	At    float64 // x in percent on a level scale, y in pixels on an upright one
	Label Label
}

// EnvelopeBar is the year as one level bar against the band from floor to ceiling. Draw in this order: band, track,
// segments, over, edges, forecast, labels.
type EnvelopeBar struct {
	H             float64
	Band          Rect   // empty without an envelope
	Edges         []Line // of the band: floor (when there is one), ceiling; they stop short of text above the bar
	BandLabel     Label
	Track         Rect
	Segments      []Segment // those of nothing are left out
	Over          Rect      // part of the bar beyond the ceiling; empty while within
	Forecast      Line
	ForecastLabel Label
	Ticks         []Tick
	End           money.Amount // the end of the scale
}

// layout is what tells the two pictures apart, in pixels from the top.
type layout struct {
	bandTop, bandBottom   float64
	trackTop, trackBottom float64
	lineTop, lineBottom   float64
	row, lower            float64 // baselines above the bar
	ticks                 float64
	edgeGap               float64 // of the floor's and the ceiling's labels, outwards of the band
	labelled              bool
}

var (
	wideLayout  = layout{24, 108, 44, 74, 4, 82, 14, 36, 98, 7, true}
	phoneLayout = layout{6, 58, 18, 46, 0, 58, 0, 0, 75, -8, false}
)

// drawing is a picture being made.
type drawing struct {
	EnvelopeBar
	size Size
	at   func(float64) float64 // share of the width of a value
	end  float64
}

// NewEnvelopeBar draws a year, for a phone when the size is under 480 pixels wide. A part below zero (refunds above
// purchases) takes away from the parts before it.
func NewEnvelopeBar(f EnvelopeFigures, size Size) EnvelopeBar {
	l := wideLayout
	if size.W < 480 {
		l = phoneLayout
	}
	forecast := max(0, value(f.Spent)+value(f.Due)+value(f.Committed))
	floor, ceiling := max(0, value(f.Floor)), value(f.Ceiling)
	d := drawing{EnvelopeBar: EnvelopeBar{H: size.H}, size: size}
	d.end, _ = scale(max(forecast, ceiling)*1.08, 6)
	d.at = func(v float64) float64 { return min(max(v, 0)/d.end, 1) }
	d.End = amountOf(d.end)

	d.Track = box(0, l.trackTop, 1, l.trackBottom)
	d.addSegments(f, l)
	if ceiling > 0 {
		d.Band = box(d.at(floor), l.bandTop, d.at(ceiling), l.bandBottom)
		if floor > 0 {
			d.Edges = append(d.Edges, upright(d.at(floor), l.bandTop, l.bandBottom))
		}
		d.Edges = append(d.Edges, upright(d.at(ceiling), l.bandTop, l.bandBottom))
		if forecast > ceiling {
			d.Over = box(d.at(ceiling), l.trackTop, d.at(forecast), l.trackBottom)
		}
	}
	d.Forecast = upright(d.at(forecast), l.lineTop, l.lineBottom)
	if l.labelled {
		d.labelAbove(f, l, d.at(forecast))
	}
	d.addTicks(f, l)
	return d.EnvelopeBar
}

func upright(x, top, bottom float64) Line { return Line{percent(x), top, percent(x), bottom} }

func (d *drawing) addSegments(f EnvelopeFigures, l layout) {
	kinds := [...]string{"spent", "due", "committed"}
	texts := [...]string{f.SpentText, f.DueText, f.CommittedText}
	total, drawn := 0.0, 0.0
	for i, a := range []money.Amount{f.Spent, f.Due, f.Committed} {
		total += value(a)
		if total <= drawn { // refunds: what was drawn shrinks to what is left
			drawn = max(total, 0)
			for n := len(d.Segments) - 1; n >= 0; n-- {
				s := &d.Segments[n]
				if s.W = percent(max(0, min(s.X+s.W, percent(d.at(drawn)))-s.X) / 100); s.W == 0 {
					d.Segments = d.Segments[:n]
				}
			}
			continue
		}
		s := Segment{Kind: kinds[i], Index: i, Label: Label{Text: texts[i]}}
		if s.Rect = box(d.at(drawn), l.trackTop, d.at(total), l.trackBottom); s.W > 0 {
			d.Segments = append(d.Segments, s)
		}
		drawn = total
	}
}

// apart is how far, in pixels, texts keep from the forecast's line.
const apart = 9

// labelAbove writes the forecast on the right of its line, or on the left at the end of the scale; what has been paid
// inside its piece when it fits; and the rest on one side of the line, beside the forecast's text or under it, so that
// the line strikes no text.
func (d *drawing) labelAbove(f EnvelopeFigures, l layout, x float64) {
	line, width := x*d.size.W, TextWidth(f.ForecastText, d.size.Font)
	label := item{label: &d.ForecastLabel, mark: x, hold: Start, dx: apart, width: width}
	d.ForecastLabel = Label{Text: f.ForecastText, Y: l.row}
	onRight := line+apart+width <= d.size.W
	if !onRight {
		label.hold, label.dx = End, -apart
	}
	if onRight || line-apart-width >= 0 {
		label.put(label.wish(d.size.W), d.size.W)
	}

	var row []item
	for i := range d.Segments {
		s := &d.Segments[i]
		width := TextWidth(s.Label.Text, d.size.Font)
		s.Label.Y = l.lower
		if s.Kind == "spent" && width+28 <= s.W/100*d.size.W {
			s.Inner, s.Label.Y = true, round((l.trackTop+l.trackBottom)/2+d.size.Font*0.36)
			item{label: &s.Label, hold: Start, mark: s.X / 100}.put(s.X/100*d.size.W+14, d.size.W)
			continue
		}
		row = append(row, item{label: &s.Label, mark: (s.X + s.W/2) / 100, hold: Middle, width: width, rank: i})
	}
	d.placeRow(row, l, x, onRight)
}

// placeRow writes what stands above the bar on the left of the forecast's line if it fits there, else on the right.
func (d *drawing) placeRow(row []item, l layout, x float64, onRight bool) {
	line := x * d.size.W
	lower := true
	const gap = 18
	switch need := rowWidth(row, gap); {
	case need <= line-apart || d.size.W-line-apart < need: // on the left, by the line; all that there is room for
		if n := len(row) - 1; n >= 0 {
			row[n].mark, row[n].hold, row[n].dx = x, End, -apart
		}
		layRow(row, 0, line-apart, gap, d.size.W)
		lower = !onRight
	default:
		for i := range row {
			row[i].mark, row[i].hold, row[i].dx = x, Start, apart
		}
		layRow(row, line+apart, d.size.W, gap, d.size.W)
	}
	for i := range row {
		if !lower {
			row[i].label.Y = l.row
		} else if row[i].label.Shown {
			for n := range d.Edges {
				d.Edges[n].Y1 = l.lower + 5
			}
		}
	}
}

// addTicks labels, under the bar, zero, the floor, the ceiling and the end of the scale, and names the band between its
// edges. The ceiling is what the reader looks for, then the floor: the others give way.
func (d *drawing) addTicks(f EnvelopeFigures, l layout) {
	var row []item
	add := func(kind string, a money.Amount, hold Anchor, dx float64, rank int) {
		d.Ticks = append(d.Ticks, Tick{Kind: kind, Value: a, At: percent(d.at(value(a))), Label: Label{Y: l.ticks}})
		it := item{mark: d.at(value(a)), hold: hold, dx: dx, rank: rank}
		if f.Amount != nil {
			d.Ticks[len(d.Ticks)-1].Label.Text = f.Amount(a)
			it.width = TextWidth(f.Amount(a), d.size.Font)
		}
		row = append(row, it)
	}
	add("zero", money.Zero(money.EUR), Start, 0, 2)
	if !d.Band.IsEmpty() {
		if value(f.Floor) > 0 {
			add("floor", f.Floor, End, -l.edgeGap, 1)
		}
		add("ceiling", f.Ceiling, Start, l.edgeGap, 0)
	}
	add("end", d.End, End, 0, 3)
	for i := range row {
		row[i].label = &d.Ticks[i].Label
	}
	layNear(row, 12, 40, d.size.W)
	d.nameBand(f, l)
}

// nameBand writes the band's name between its edges, where neither the floor's nor the ceiling's label is in the way.
func (d *drawing) nameBand(f EnvelopeFigures, l layout) {
	d.BandLabel = Label{Text: f.BandText, Y: l.ticks}
	if d.Band.IsEmpty() || f.BandText == "" {
		return
	}
	left, right := d.Band.X/100*d.size.W, (d.Band.X+d.Band.W)/100*d.size.W
	width := TextWidth(f.BandText, d.size.Font)
	if right-left < width+12 {
		return
	}
	name := item{label: &d.BandLabel, mark: (d.Band.X + d.Band.W/2) / 100, hold: Middle, width: width}
	from := name.wish(d.size.W)
	for i := range d.Ticks {
		t := &d.Ticks[i].Label
		w := TextWidth(t.Text, d.size.Font)
		at := item{mark: t.X / 100, hold: t.Anchor, dx: t.DX, width: w}.wish(d.size.W)
		if t.Shown && at < from+width+8 && from < at+w+8 {
			return
		}
	}
	name.put(from, d.size.W)
}

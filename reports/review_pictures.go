package reports

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

// perPixel turns the pixels of a picture into points, as printers do.
const perPixel = 0.75

// picture places a chart's geometry on paper: X and W in percent of the width, Y and H in pixels.
type picture struct {
	*paper
	x, y, w float64
}

func (p picture) across(percent float64) float64 { return p.x + percent/100*p.w }
func (p picture) down(pixels float64) float64    { return p.y + pixels*perPixel }

func (p picture) box(i ink, r chart.Rect) {
	p.fill(i, p.across(r.X), p.down(r.Y), r.W/100*p.w, r.H*perPixel)
}

func (p picture) stroke(i ink, width float64, l chart.Line, dashed bool) {
	draw := p.line
	if dashed {
		draw = p.dashed
	}
	draw(i, width, p.across(l.X1), p.down(l.Y1), p.across(l.X2), p.down(l.Y2))
}

func (p picture) label(f face, l chart.Label) {
	if !l.Shown || l.Roomy {
		return
	}
	x := p.across(l.X) + l.DX*perPixel
	switch width := p.width(f, l.Text); l.Anchor {
	case chart.End:
		x -= width
	case chart.Middle:
		x -= width / 2
	case chart.Start:
	}
	p.at(f, x, p.down(l.Y), l.Text)
}

var (
	facePicture = face{"sans", "", 8.5, 11, inkMuted}
	faceFigure  = face{"sans", "B", 8.5, 11, inkText}
	faceMonth   = face{"sans", "", 7.5, 10, inkMuted}
)

// envelopePicture draws the year against its envelope as one level bar.
func (d reviewPages) envelopePicture() strip {
	w, r := d.w, d.doc.Result
	f := chart.EnvelopeFigures{
		Spent: r.Spent, Due: r.Due, Committed: r.Committed, Floor: r.Floor, Ceiling: r.Ceiling,
		SpentText: w.T("figure.spent", "amount", r.Spent), DueText: w.T("figure.due", "amount", r.Due),
		CommittedText: w.T("figure.committed", "amount", r.Committed, "day", w.DayMedium(d.doc.Year.Last)),
		BandText:      w.T("figure.band"), Amount: w.MoneyRound,
	}
	if f.ForecastText = w.T("figure.forecast", "amount", r.Forecast); d.doc.Year.Over(d.doc.Day) {
		f.ForecastText = w.T("reviewed.all", "amount", r.Forecast)
	}
	size := chart.Size{W: pageText / perPixel, H: chart.WideEnvelope.H, Font: chart.WideEnvelope.Font}
	bar := chart.NewEnvelopeBar(f, size)
	return strip{size.H*perPixel + 4, func(y float64) {
		p := picture{d.paper, pageLeft, y, pageText}
		if !bar.Band.IsEmpty() {
			p.box(inkSoft, bar.Band)
		}
		p.box(inkTrack, bar.Track)
		for _, s := range bar.Segments {
			switch s.Kind {
			case "committed":
				p.hatch(inkSoft, inkAccent, p.across(s.X), p.down(s.Y), s.W/100*p.w, s.H*perPixel)
			case "due":
				p.box(inkAmber, s.Rect)
			default:
				p.box(inkAccent, s.Rect)
			}
			said := facePicture
			if s.Inner {
				said = faceFigure.in(inkWhite)
			}
			p.label(said, s.Label)
		}
		if !bar.Over.IsEmpty() {
			p.hatch(inkWhite, inkDanger, p.across(bar.Over.X), p.down(bar.Over.Y), bar.Over.W/100*p.w, bar.Over.H*perPixel)
		}
		for _, e := range bar.Edges {
			p.stroke(inkMid, 0.75, e, true)
		}
		p.stroke(inkText, 1.5, bar.Forecast, false)
		p.label(faceFigure, bar.ForecastLabel)
		for _, t := range bar.Ticks {
			p.label(facePicture, t.Label)
		}
		p.label(facePicture, bar.BandLabel)
	}}
}

// Two pictures stand side by side.
const (
	halfText   = (pageText - 26) / 2
	monthsHigh = 216.0 // pixels
)

// monthPictures draws each month's cost, and the cost cumulated against the band.
func (d reviewPages) monthPictures() strip {
	w := d.w
	columns := make([]chart.Column, len(d.doc.Months))
	spans := make([]cal.Span, len(d.doc.Months))
	line := chart.LineFigures{Floor: d.doc.Result.Floor, Ceiling: d.doc.Result.Ceiling, Amount: w.MoneyRound}
	for i, m := range d.doc.Months {
		columns[i] = chart.Column{Name: w.MonthOnly(m.From), Parts: []money.Amount{m.Spent, m.Due, m.Committed}}
		line.Names, line.Totals = append(line.Names, columns[i].Name), append(line.Totals, m.Total)
		spans[i] = cal.Span{From: m.From, To: m.From.AddMonths(1)}
	}
	line.Done = chart.Done(spans, d.doc.Day)
	size := chart.Size{W: halfText / perPixel, H: monthsHigh, Font: 10}
	bars := chart.NewMonthBars(columns, w.MoneyShort, size)
	year := chart.NewYearLine(line, size)
	return strip{monthsHigh*perPixel + 16, func(y float64) {
		d.at(faceLabel, pageLeft, faceLabel.base(y), w.T("reviewed.months_bars"))
		said := "reviewed.months_line"
		if d.doc.Result.Status == models.NoEnvelope {
			said = "reviewed.months_line_bare"
		}
		d.at(faceLabel, pageLeft+halfText+26, faceLabel.base(y), w.T(said))
		d.drawBars(picture{d.paper, pageLeft, y + 14, halfText}, bars)
		d.drawLine(picture{d.paper, pageLeft + halfText + 26, y + 14, halfText}, year)
	}}
}

func (d reviewPages) drawBars(p picture, bars chart.MonthBars) {
	p.stroke(inkLine, 0.75, bars.Axis, false)
	for _, b := range bars.Bars {
		for _, part := range b.Parts {
			switch part.Index {
			case 1:
				p.box(inkAmber, part.Rect)
			case 2:
				p.hatch(inkSoft, inkAccent, p.across(part.X), p.down(part.Y), part.W/100*p.w, part.H*perPixel)
			default:
				p.box(inkAccent, part.Rect)
			}
		}
		p.label(faceMonth.in(inkText), b.Value)
		name := b.Name
		name.Text, name.Shown, name.Roomy = capital(b.First), true, false
		p.label(faceMonth, name)
	}
}

func (d reviewPages) drawLine(p picture, year chart.YearLine) {
	if !year.Band.IsEmpty() {
		p.box(inkSoft, year.Band)
	}
	for _, e := range year.Edges {
		p.stroke(inkMid, 0.75, e, true)
	}
	for _, t := range year.Ticks {
		p.dashed(inkLine, 0.5, p.x, p.down(t.At), p.x+p.w, p.down(t.At))
		p.label(faceMonth, t.Label)
	}
	p.stroke(inkLine, 0.75, year.Axis, false)
	now := year.Today.X1
	for i := 1; i < len(year.Points); i++ {
		a, b := year.Points[i-1], year.Points[i]
		p.pdf.SetLineCapStyle("round")
		switch {
		case b.X <= now+0.01:
			p.line(inkText, 1.4, p.across(a.X), p.down(a.Y), p.across(b.X), p.down(b.Y))
		case a.X >= now-0.01:
			p.dashed(inkText, 1.2, p.across(a.X), p.down(a.Y), p.across(b.X), p.down(b.Y))
		default: // today lies between the two
			middle := a.Y + (now-a.X)/(b.X-a.X)*(b.Y-a.Y)
			p.line(inkText, 1.4, p.across(a.X), p.down(a.Y), p.across(now), p.down(middle))
			p.dashed(inkText, 1.2, p.across(now), p.down(middle), p.across(b.X), p.down(b.Y))
		}
		p.pdf.SetLineCapStyle("butt")
	}
	for i, m := range year.Months {
		if i >= len(year.Points)-1 {
			break
		}
		l := m.Label
		l.Text, l.Shown, l.Roomy = capital(m.First), true, false
		p.label(faceMonth, l)
	}
}

// changePicture draws how the year before became this one, a row a reason.
func (d reviewPages) changePicture() strip {
	w, c := d.w, d.doc.Change
	f := chart.WaterfallFigures{
		Before: c.Before, After: c.After, BeforeName: reviewLabel(c.From), AfterName: reviewLabel(d.doc.Year), Amount: w.Money, Signed: w.MoneySigned,
	}
	for _, p := range c.Parts {
		f.Steps = append(f.Steps, chart.WaterfallStep{Name: w.Kind("part", string(p.Kind)), Amount: p.Amount})
	}
	fall := chart.NewWaterfall(f, chart.Size{W: pageText / perPixel, Font: 12})
	return strip{fall.H*perPixel + 6, func(y float64) {
		p := picture{d.paper, pageLeft, y, pageText}
		for _, row := range fall.Rows {
			p.stroke(inkLine, 0.75, row.Link, false)
			name, figure := faceBody, faceBody
			switch row.Kind {
			case "more":
				p.box(inkAmber, row.Rect)
			case "less":
				p.box(inkMid, row.Rect)
			default:
				p.stroke(inkText, 1.8, row.Mark, false)
				name, figure = faceStrong, faceStrong
			}
			p.label(name, row.Name)
			p.label(figure, row.Value)
		}
	}}
}

package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

func whatIf(done float64, ceiling int64, series ...[]int64) chart.WhatIfFigures {
	f := chart.WhatIfFigures{Done: done, Amount: amount, Ceiling: money.Euros(ceiling)}
	for _, s := range series {
		var sums []money.Amount
		for _, n := range s {
			sums = append(sums, money.Euros(n))
		}
		f.Series = append(f.Series, sums)
	}
	for i := range f.Series[0] {
		f.Names = append(f.Names, fmt.Sprintf("mois %d", i+1))
	}
	return f
}

func TestWhatIfPartsWhereItDiffers(t *testing.T) {
	f := whatIf(1.5, 35_000, []int64{10_000, 20_000, 30_000, 40_000}, []int64{10_000, 20_000, 25_000, 30_000}, []int64{10_000, 20_000, 30_000, 40_000})
	f.Crossed = []float64{3.25, 0, 3.25}
	p := chart.NewWhatIf(f, chart.WhatIfSize)
	if got := strings.Fields(p.Lines[0].Path); len(got) != 6 || !strings.HasPrefix(got[4], "812.5,") {
		t.Errorf("the register's line is whole, and goes through where it leaves the envelope: %v", got)
	}
	if got := strings.Fields(p.Lines[1].Path); len(got) != 3 || !strings.HasPrefix(got[0], "500,") {
		t.Errorf("the scenario's begins at the second month's end: %v", got)
	}
	if p.Lines[2].Path != "" || len(p.Lines[2].Own) != 0 {
		t.Errorf("a scenario without a difference has no line of its own: %+v", p.Lines[2])
	}
	if own := p.Lines[1].Own; len(own) != 2 || own[0].Index != 2 || own[1].X != 100 {
		t.Errorf("points of its own: %+v", own)
	}
	if c := p.Lines[0].Cross; c.Index != 0 || c.X != 81.25 || c.Y != p.Edges[0].Y1 {
		t.Errorf("leaves the envelope at %+v, the ceiling is at %v", c, p.Edges[0].Y1)
	}
	if p.Lines[1].Cross.Index != -1 {
		t.Errorf("stays within and yet leaves at %+v", p.Lines[1].Cross)
	}
	if p.Today.X1 != 37.5 || p.Today.Y2 <= p.Today.Y1 || len(p.Slots) != 4 {
		t.Errorf("today %+v, %d slots", p.Today, len(p.Slots))
	}
	for _, done := range []float64{0, 4} {
		f.Done = done
		if p = chart.NewWhatIf(f, chart.WhatIfSize); p.Today != (chart.Line{}) {
			t.Errorf("with %v months over, today lies outside: %+v", done, p.Today)
		}
	}
}

// The line of the register is where the page of the envelope draws it.
func TestWhatIfOfOneSeriesIsTheYearLine(t *testing.T) {
	f := whatIf(2.5, 35_000, []int64{10_000, 20_000, 30_000, 40_000})
	p := chart.NewWhatIf(f, chart.WhatIfSize)
	l := chart.NewYearLine(chart.LineFigures{Totals: f.Series[0], Names: f.Names, Done: f.Done, Ceiling: f.Ceiling, Amount: amount}, chart.WhatIfSize)
	for i, point := range l.Points {
		if p.Lines[0].Points[i] != point {
			t.Errorf("point %d: %+v, on the year's line %+v", i, p.Lines[0].Points[i], point)
		}
	}
	if p.Today != l.Today || p.Band != l.Band || p.Axis != l.Axis {
		t.Errorf("another frame: %+v %+v", p, l)
	}
}

func TestWhatIfLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var series [3][]int64
		for i := range series {
			total := int64(0)
			for range 12 {
				total += cents(-1_000_00, 999_999_999).Draw(t, "month")
				series[i] = append(series[i], total)
			}
		}
		f := whatIf(rapid.Float64Range(0, 12).Draw(t, "done"), cents(0, 9_999_999_999).Draw(t, "ceiling"), series[:]...)
		for range series {
			f.Crossed = append(f.Crossed, rapid.Float64Range(0, 12).Draw(t, "crossed"))
		}
		p := chart.NewWhatIf(f, chart.WhatIfSize)
		var ticks, names []chart.Label
		var firsts []string
		for _, tick := range p.Ticks {
			ticks = append(ticks, tick.Label)
		}
		for _, m := range p.Months {
			names, firsts = append(names, m.Label), append(firsts, m.First)
		}
		for _, width := range []float64{280, 358, 416, 1086} {
			checkLabels(t, seen(ticks, names, firsts, width), width, p.H, 12)
		}
		for _, line := range p.Lines {
			points := line.Points
			if line.Cross.Index == 0 {
				points = append(points[:len(points):len(points)], line.Cross)
			}
			for _, at := range points {
				if at.X < 0 || at.X > 100 || at.Y < 0 || at.Y > p.H {
					t.Fatalf("a point leaves the picture: %+v", at)
				}
			}
		}
	})
}

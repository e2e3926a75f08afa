package chart_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

// signed writes a step as French pages do.
func signed(a money.Amount) string {
	if a.IsPositive() {
		return "+" + amount(a)
	}
	return amount(a)
}

var reasons = []string{"Prix", "Sièges", "Formules", "Cours des monnaies", "TVA", "Services ajoutés", "Services arrêtés", "Échéances en plus ou en moins", "Hors échéances", "Avant le registre"}

func waterfall(before int64, steps ...int64) chart.WaterfallFigures {
	f := chart.WaterfallFigures{Before: money.Euros(before), BeforeName: "2025", AfterName: "2026", Amount: amount, Signed: signed}
	f.After = f.Before
	for i, s := range steps {
		f.Steps = append(f.Steps, chart.WaterfallStep{Name: reasons[i], Amount: money.Euros(s)})
		f.After = f.After.Add(money.Euros(s))
	}
	return f
}

func TestWaterfallGoesFromOneSumToTheOther(t *testing.T) {
	w := chart.NewWaterfall(waterfall(90_000, 5000, -2000, 3000), chart.PhoneWaterfall)
	var got []string
	for _, r := range w.Rows {
		got = append(got, fmt.Sprintf("%s %d %v–%v %v %s", r.Kind, r.Index, r.X, r.X+r.W, r.Mark.X1, strings.ReplaceAll(r.Value.Text, "\u00a0", " ")))
	}
	// From 900 to 960 with four in a hundred of the range on either side.
	want := []string{
		"before -1 0–0 3.7 900 €",
		"more 0 3.7–80.86 0 +50 €",
		"less 1 50–80.86 0 -20 €",
		"more 2 50–96.3 0 +30 €",
		"after -1 0–0 96.3 960 €",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for i, r := range w.Rows[:len(w.Rows)-1] {
		next := w.Rows[i+1]
		if r.Link.X1 != r.Link.X2 || r.Link.Y2 <= r.Link.Y1 {
			t.Errorf("row %d is not tied to the next: %+v", i, r.Link)
		}
		if text := place(next.Name, next.Name.Text, 280, 13); r.Link.Y2 > text.Y {
			t.Errorf("the link of row %d strikes %q", i, next.Name.Text)
		}
	}
	if last := w.Rows[len(w.Rows)-1]; last.Link != (chart.Line{}) {
		t.Errorf("the last row is tied to nothing: %+v", last.Link)
	}
}

func TestWaterfallShowsAFewCents(t *testing.T) {
	w := chart.NewWaterfall(waterfall(90_000, 100_000, -1), chart.WideWaterfall)
	if r := w.Rows[2]; r.W < 0.5 {
		t.Errorf("a cent is %v wide", r.W)
	}
}

func TestWaterfallLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := make([]int64, rapid.IntRange(0, len(reasons)).Draw(t, "steps"))
		for i := range steps {
			steps[i] = cents(-2_000_00, 9_999_999_999).Draw(t, "step")
		}
		size := rapid.SampledFrom([]chart.Size{chart.WideWaterfall, chart.PhoneWaterfall}).Draw(t, "size")
		w := chart.NewWaterfall(waterfall(cents(0, 9_999_999_999).Draw(t, "before"), steps...), size)
		for _, g := range grown {
			width := size.W * g
			var labels []chart.Label
			for _, r := range w.Rows {
				labels = append(labels, r.Name, r.Value)
				if r.X < 0 || r.X+r.W > 100.001 || r.Y < 0 || r.Y+r.H > w.H || r.Mark.X1 < 0 || r.Mark.X1 > 100 || r.Mark.Y2 > w.H {
					t.Fatalf("a row leaves the picture: %+v", r)
				}
				if !r.Value.Shown {
					t.Fatalf("a figure is not said: %+v", r.Value)
				}
				bar := r.Rect
				bar.X, bar.W = bar.X/100*width, bar.W/100*width
				for _, l := range []chart.Label{r.Name, r.Value} {
					if l.Shown && meet(place(l, l.Text, width, size.Font), bar) {
						t.Fatalf("%q lies on its bar", l.Text)
					}
				}
			}
			checkLabels(t, labels, width, w.H, size.Font)
		}
	})
}

func TestWaterfallNamesEveryReasonOnAPhone(t *testing.T) {
	w := chart.NewWaterfall(waterfall(92_740, 1200, 2400, -800, 463, 1848, 9000, -4000, 1000, -2000, 3000), chart.PhoneWaterfall)
	for _, r := range w.Rows {
		if !r.Name.Shown || !r.Value.Shown {
			t.Errorf("%q %q is not shown", r.Name.Text, r.Value.Text)
		}
	}
}

func curves(crossed int, series ...[]int64) chart.CurvesFigures {
	f := chart.CurvesFigures{Amount: amount, Crossed: crossed, CrossText: fmt.Sprintf("au %de mois", crossed)}
	for _, s := range series {
		var sums []money.Amount
		for _, n := range s {
			sums = append(sums, money.Euros(n))
		}
		f.Series = append(f.Series, sums)
	}
	for i := range f.Series[0] {
		f.Names = append(f.Names, fmt.Sprintf("%d ans", i))
	}
	return f
}

func TestCurvesMeetWhereTheLinesCross(t *testing.T) {
	// Nothing to begin with and 600 a year; 800 to begin with and 100 a year: the same after 1,6 years.
	c := chart.NewCurves(curves(20, []int64{0, 60_000, 120_000, 180_000}, []int64{80_000, 90_000, 100_000, 110_000}), chart.WideCurves)
	begin := c.Curves[0].Points[0].X
	if at := begin + (100-begin)*1.6/3; !near(c.Meet.X, at) || c.Cross.X1 != c.Meet.X || c.Cross.Y2 != c.Axis.Y1 || !c.Said.Shown {
		t.Errorf("they meet at %+v, said %+v", c.Meet, c.Said)
	}
	if p := c.Curves[0].Points; p[0].X < 5 || p[0].X > 12 || p[0].Y != c.Axis.Y1 || p[3].X != 100 || len(strings.Fields(c.Curves[0].Path)) != 4 {
		t.Errorf("on line: %+v", c.Curves[0])
	}
	if c = chart.NewCurves(curves(0, []int64{0, 60_000}, []int64{80_000, 90_000}), chart.WideCurves); c.Said.Shown || c.Cross != (chart.Line{}) {
		t.Errorf("they do not meet, and yet do at %+v", c.Meet)
	}
	c = chart.NewCurves(curves(24, []int64{0, 60_000, 120_000}, []int64{100_000, 110_000, 120_000}), chart.PhoneCurves)
	if c.Meet.X != 100 || c.Said.Anchor != chart.End || !c.Said.Shown {
		t.Errorf("at the very end: %+v, said %+v", c.Meet, c.Said)
	}
}

func TestCurvesOfNothing(t *testing.T) {
	c := chart.NewCurves(curves(0, []int64{0, 0}, []int64{0, 0}), chart.WideCurves)
	if len(c.Curves) != 2 || c.Curves[0].Points[1].Y != c.Axis.Y1 || len(c.Ticks) == 0 {
		t.Errorf("%+v", c)
	}
}

func TestCurvesLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		years := rapid.IntRange(1, 15).Draw(t, "years")
		var series [2][]int64
		for i := range series {
			sum, each := cents(0, 9_999_999_999).Draw(t, "once"), cents(0, 999_999_999).Draw(t, "each year")
			for y := range years + 1 {
				series[i] = append(series[i], sum+int64(y)*each)
			}
		}
		size := rapid.SampledFrom([]chart.Size{chart.WideCurves, chart.PhoneCurves}).Draw(t, "size")
		c := chart.NewCurves(curves(rapid.IntRange(0, 12*years).Draw(t, "crossed"), series[0], series[1]), size)
		labels := append([]chart.Label{c.Said}, c.Names...)
		for _, tick := range c.Ticks {
			labels = append(labels, tick.Label)
		}
		if !c.Names[years].Shown || !c.Names[0].Shown {
			t.Fatal("start and end are not named")
		}
		for _, g := range grown {
			checkLabels(t, labels, size.W*g, c.H, size.Font)
		}
		for _, curve := range c.Curves {
			for _, p := range curve.Points {
				if p.X < 0 || p.X > 100 || p.Y < 0 || p.Y > c.H {
					t.Fatalf("a point leaves the picture: %+v", p)
				}
			}
		}
	})
}

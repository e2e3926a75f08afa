package chart_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

func served(years ...int64) chart.ServedFigures {
	f := chart.ServedFigures{Name: "Payé en 2025", Cost: money.Zero(money.EUR), Amount: amount}
	for i, y := range years {
		f.Years = append(f.Years, chart.ServedYear{Name: fmt.Sprint("exercice ", 2025+i), Amount: money.Euros(y)})
		f.Cost = f.Cost.Add(money.Euros(y))
	}
	return f
}

func TestServedYearsMakeUpTheCost(t *testing.T) {
	s := chart.NewServed(served(30_25, 89_75), chart.PhoneServed)
	var got []string
	for _, r := range s.Rows {
		got = append(got, fmt.Sprintf("%d %v–%v %v", r.Index, r.X, r.X+r.W, r.Link.X1))
	}
	want := []string{"-1 0–100 0", "0 0–25.21 25.21", "1 25.21–100 0"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if first := s.Rows[1]; first.Link.Y2 <= first.Link.Y1 || first.Link.Y2 > s.Rows[2].Y {
		t.Errorf("the first year is not tied to the second: %+v", first.Link)
	}
}

// A credit note larger than what was paid pulls the bars below nothing; they stay in the picture.
func TestServedYearsBelowNothing(t *testing.T) {
	s := chart.NewServed(served(-40_00, 10_00), chart.PhoneServed)
	if s.Axis.X1 != 100 || s.Rows[1].X != 0 || s.Rows[1].W != 100 || s.Rows[2].X != 0 {
		t.Errorf("axis at %v, rows %+v", s.Axis.X1, s.Rows)
	}
	for _, f := range []chart.ServedFigures{served(), served(0, 0)} {
		for _, r := range chart.NewServed(f, chart.WideServed).Rows {
			if !r.IsEmpty() {
				t.Errorf("nothing is drawn as %+v", r.Rect)
			}
		}
	}
}

func TestServedMarksAndLabelsStayInThePicture(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		years := make([]int64, rapid.IntRange(1, 6).Draw(t, "years"))
		for i := range years {
			years[i] = cents(-2_000_00, 9_999_999_999).Draw(t, "year")
		}
		size := rapid.SampledFrom([]chart.Size{chart.WideServed, chart.PhoneServed}).Draw(t, "size")
		s := chart.NewServed(served(years...), size)
		for i, r := range s.Rows {
			if r.X < 0 || r.X+r.W > 100.001 || r.Y < 0 || r.Y+r.H > s.H {
				t.Fatalf("row %d leaves the picture: %+v", i, r.Rect)
			}
			if i > 0 && years[i-1] != 0 && r.W < 0.5 {
				t.Fatalf("%d cents are %v wide", years[i-1], r.W)
			}
			if !r.Name.Shown && size == chart.WideServed {
				t.Fatalf("%q is not written", r.Name.Text)
			}
			if r.Name.Shown && r.Value.Shown && chart.TextWidth(r.Name.Text, size.Font)+chart.TextWidth(r.Value.Text, size.Font) > size.W {
				t.Fatalf("%q runs into %q", r.Name.Text, r.Value.Text)
			}
		}
	})
}

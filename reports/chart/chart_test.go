package chart_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports/chart"
)

// amount writes as French pages do, near enough for the lengths to be right.
func amount(a money.Amount) string {
	return strings.TrimSuffix(a.Comma(), ",00") + "\u00a0€"
}

func figures(spent, due, committed, floor, ceiling int64) chart.EnvelopeFigures {
	f := chart.EnvelopeFigures{
		Spent: money.Euros(spent), Due: money.Euros(due), Committed: money.Euros(committed), Amount: amount,
		SpentText:     amount(money.Euros(spent)) + " payés",
		DueText:       amount(money.Euros(due)) + " à enregistrer",
		CommittedText: amount(money.Euros(committed)) + " engagés d’ici au 31 décembre",
		ForecastText:  "prévision " + amount(money.Euros(spent+due+committed)),
		BandText:      "enveloppe",
	}
	if ceiling > 0 {
		f.Floor, f.Ceiling = money.Euros(floor), money.Euros(ceiling)
	}
	return f
}

func TestEnvelopeBarOfAYearWithinItsEnvelope(t *testing.T) {
	b := chart.NewEnvelopeBar(figures(74420, 0, 18320, 80000, 100000), chart.WideEnvelope)

	if got, want := ticks(b.Ticks), "zero 0 €, floor 800 €, ceiling 1000 €, end 1200 €"; got != want {
		t.Errorf("ticks: %s, want %s", got, want)
	}
	if b.Band.X != 66.67 || b.Band.W != 16.66 || len(b.Edges) != 2 {
		t.Errorf("band %+v, edges %+v", b.Band, b.Edges)
	}
	if len(b.Segments) != 2 || b.Segments[0].Kind != "spent" || b.Segments[1].Kind != "committed" {
		t.Fatalf("segments %+v", b.Segments)
	}
	if s := b.Segments[0]; s.X != 0 || s.W != 62.02 || !s.Inner || !s.Label.Shown || s.Label.DX != 14 {
		t.Errorf("spent %+v", s)
	}
	if s := b.Segments[1]; s.X != 62.02 || s.W != 15.26 || s.Index != 2 || s.Inner || s.Label.Anchor != chart.End || s.Label.X != 77.28 || s.Label.DX != -9 {
		t.Errorf("committed %+v", s)
	}
	if b.Forecast.X1 != 77.28 || b.Forecast.X2 != 77.28 || !b.Over.IsEmpty() {
		t.Errorf("forecast %+v, over %+v", b.Forecast, b.Over)
	}
	if l := b.ForecastLabel; !l.Shown || l.Anchor != chart.Start || l.DX != 9 {
		t.Errorf("forecast's label %+v", l)
	}
	if l := b.BandLabel; !l.Shown || l.X != 75 {
		t.Errorf("band's label %+v", l)
	}
}

func TestEnvelopeBarOverTheCeiling(t *testing.T) {
	b := chart.NewEnvelopeBar(figures(90000, 5000, 15000, 80000, 100000), chart.WideEnvelope)
	if b.Over.X != 83.33 || b.Over.X+b.Over.W != b.Forecast.X1 || b.Forecast.X1 != 91.67 {
		t.Errorf("over %+v, forecast %+v", b.Over, b.Forecast)
	}
	if l := b.ForecastLabel; !l.Shown || l.Anchor != chart.End {
		t.Errorf("near the end the forecast is said on the left: %+v", l)
	}
}

func TestEnvelopeBarWithoutEnvelopeOrFigures(t *testing.T) {
	b := chart.NewEnvelopeBar(figures(0, 0, 0, 0, 0), chart.PhoneEnvelope)
	if !b.Band.IsEmpty() || len(b.Segments) != 0 || b.Forecast.X1 != 0 {
		t.Errorf("%+v", b)
	}
	if got, want := ticks(b.Ticks), "zero 0 €, end 100 €"; got != want {
		t.Errorf("ticks: %s, want %s", got, want)
	}
}

func TestEnvelopeBarOfRefunds(t *testing.T) {
	b := chart.NewEnvelopeBar(figures(60000, 0, -20000, 0, 100000), chart.WideEnvelope)
	if len(b.Segments) != 1 || b.Segments[0].W != b.Forecast.X1 {
		t.Errorf("a refund must shorten what was spent: %+v, forecast at %v", b.Segments, b.Forecast.X1)
	}
	b = chart.NewEnvelopeBar(figures(-6000, 0, 0, 80000, 100000), chart.WideEnvelope)
	if len(b.Segments) != 0 || b.Forecast.X1 != 0 {
		t.Errorf("nothing lies left of nothing: %+v", b)
	}
}

func ticks(all []chart.Tick) string {
	var shown []string
	for _, t := range all {
		if t.Label.Shown {
			shown = append(shown, t.Kind+" "+strings.ReplaceAll(t.Label.Text, "\u00a0", " "))
		}
	}
	return strings.Join(shown, ", ")
}

// place is where a label's letters are, in pixels, in a picture of that width.
func place(l chart.Label, text string, width, font float64) chart.Rect {
	w := chart.TextWidth(text, font)
	x := l.X/100*width + l.DX
	switch l.Anchor {
	case chart.Middle:
		x -= w / 2
	case chart.End:
		x -= w
	case chart.Start:
	}
	return chart.Rect{X: x, Y: l.Y - font*0.8, W: w, H: font}
}

func meet(a, b chart.Rect) bool {
	const slack = 0.5 // coordinates are rounded
	return a.X+slack < b.X+b.W && b.X+slack < a.X+a.W && a.Y+slack < b.Y+b.H && b.Y+slack < a.Y+a.H
}

func checkLabels(t *rapid.T, labels []chart.Label, width, height, font float64) {
	t.Helper()
	var places []chart.Rect
	for _, l := range labels {
		if !l.Shown {
			continue
		}
		p := place(l, l.Text, width, font)
		if p.X < -0.5 || p.X+p.W > width+0.5 || p.Y < -0.5 || p.Y+p.H > height+0.5 {
			t.Fatalf("%q leaves the picture of %v × %v: %+v", l.Text, width, height, p)
		}
		for i, other := range places {
			if meet(p, other) {
				t.Fatalf("%q meets label %d: %+v and %+v", l.Text, i, p, other)
			}
		}
		places = append(places, p)
	}
}

// grown are the widths a picture may be stretched to.
var grown = []float64{1, 1.07, 1.5, 2, 4}

func cents(low, high int64) *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(low, high), rapid.Int64Range(max(low, -20_000), min(high, 200_000)), rapid.Just(int64(0)))
}

func TestEnvelopeLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := int64(99_999_999_999)
		f := figures(cents(-most, most).Draw(t, "spent"), cents(0, most).Draw(t, "due"), cents(0, most).Draw(t, "committed"),
			cents(0, most).Draw(t, "floor"), 0)
		f.Ceiling = money.Euros(f.Floor.Units()/100 + cents(0, most).Draw(t, "band"))
		size := rapid.SampledFrom([]chart.Size{chart.WideEnvelope, chart.PhoneEnvelope}).Draw(t, "size")
		b := chart.NewEnvelopeBar(f, size)

		labels := []chart.Label{b.ForecastLabel, b.BandLabel}
		total := 0.0
		for _, s := range b.Segments {
			if s.X < 0 || s.X+s.W > 100.001 {
				t.Fatalf("%s leaves the picture: %+v", s.Kind, s.Rect)
			}
			total += s.W
			labels = append(labels, s.Label)
		}
		if !near(total, b.Forecast.X1) {
			t.Fatalf("pieces of %v in all, forecast at %v", total, b.Forecast.X1)
		}
		for _, tick := range b.Ticks {
			labels = append(labels, tick.Label)
			if tick.Kind == "ceiling" && !tick.Label.Shown {
				t.Fatalf("the ceiling must always be said")
			}
		}
		for _, g := range grown {
			width := size.W * g
			checkLabels(t, labels, width, b.H, size.Font)
			line := b.Forecast.X1 / 100 * width
			for _, s := range b.Segments {
				if size == chart.PhoneEnvelope || !s.Label.Shown {
					continue
				}
				if p := place(s.Label, s.Label.Text, width, size.Font); s.Inner && (p.X < s.X/100*width || p.X+p.W > (s.X+s.W)/100*width) {
					t.Fatalf("%q leaves its piece", s.Label.Text)
				} else if !s.Inner && p.X < line && line < p.X+p.W {
					t.Fatalf("the forecast's line strikes %q", s.Label.Text)
				}
			}
		}
	})
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.01 }

func TestMonthBarsStackAndSayTheirTotals(t *testing.T) {
	columns := []chart.Column{
		{Name: "janv.", Parts: []money.Amount{money.Euros(10000), money.Euros(5000)}},
		{Name: "févr.", Parts: []money.Amount{money.Zero(money.EUR), money.Zero(money.EUR)}},
		{Name: "mars", Parts: []money.Amount{money.Zero(money.EUR), money.Euros(5000)}},
	}
	b := chart.NewMonthBars(columns, amount, chart.MonthsSize)
	jan, feb, mar := b.Bars[0], b.Bars[1], b.Bars[2]
	if len(jan.Parts) != 2 || !near(jan.Parts[1].Y+jan.Parts[1].H, jan.Parts[0].Y) || !near(jan.Parts[0].Y+jan.Parts[0].H, b.Axis.Y1) {
		t.Errorf("January is not stacked on the base: %+v on %v", jan.Parts, b.Axis.Y1)
	}
	if jan.Value.Text != "150\u00a0€" || !jan.Value.Shown {
		t.Errorf("January says %+v", jan.Value)
	}
	if !feb.IsEmpty() || feb.Value.Shown || !feb.Name.Shown {
		t.Errorf("February is empty and named: %+v", feb)
	}
	if len(mar.Parts) != 1 || mar.Parts[0].Index != 1 {
		t.Errorf("March has its second part only: %+v", mar.Parts)
	}
	if third := jan.H / 3; math.Abs(mar.H-third) > 0.2 {
		t.Errorf("March is %v high, a third of January's %v", mar.H, jan.H)
	}
}

func TestMonthBarsHangRefundsUnderTheBase(t *testing.T) {
	b := chart.NewMonthBars([]chart.Column{
		{Name: "janv.", Parts: []money.Amount{money.Euros(10000)}},
		{Name: "févr.", Parts: []money.Amount{money.Euros(-6000)}},
	}, amount, chart.MonthsSize)
	if feb := b.Bars[1]; feb.Parts[0].Y != b.Axis.Y1 || feb.Parts[0].H <= 0 {
		t.Errorf("%+v on %v", feb.Parts, b.Axis.Y1)
	}
}

func TestMonthBarsNamesInTwoParts(t *testing.T) {
	b := chart.NewMonthBars([]chart.Column{{Name: "févr."}, {Name: "août"}, {}}, amount, chart.MonthsSize)
	if b.Bars[0].First != "f" || b.Bars[0].Rest != "évr." || b.Bars[2].First != "" {
		t.Errorf("%+v", b.Bars)
	}
}

var months = []string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."}

// seen are the labels a picture of that width shows, with the letters it shows: the style sheet leaves the rest out.
func seen(values, names []chart.Label, firsts []string, width float64) []chart.Label {
	var labels []chart.Label
	for _, v := range values {
		if v.Shown = v.Shown && (!v.Roomy || width >= 416); v.Shown {
			labels = append(labels, v)
		}
	}
	for i, n := range names {
		if width < 416 {
			n.Text = firsts[i]
		}
		labels = append(labels, n)
	}
	return labels
}

func TestMonthBarsLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := make([]chart.Column, rapid.IntRange(0, 24).Draw(t, "columns"))
		for i := range columns {
			columns[i].Name = months[i%12]
			for range rapid.IntRange(0, 3).Draw(t, "parts") {
				columns[i].Parts = append(columns[i].Parts, money.Euros(cents(-2_000_00, 99_999_999_999).Draw(t, "part")))
			}
		}
		b := chart.NewMonthBars(columns, amount, chart.MonthsSize)
		var values, names []chart.Label
		var firsts []string
		for _, bar := range b.Bars {
			values, names, firsts = append(values, bar.Value), append(names, bar.Name), append(firsts, bar.First)
			for _, p := range bar.Parts {
				if p.X < 0 || p.X+p.W > 100.001 || p.Y < 0 || p.Y+p.H > b.H {
					t.Fatalf("a part leaves the picture: %+v", p)
				}
			}
		}
		for _, width := range []float64{280, 300, 358, 415, 416, 464, 700, 1136} {
			font := 11.0
			if width >= 416 {
				font = 12
			}
			checkLabels(t, seen(values, names, firsts, width), width, b.H, font)
		}
	})
}

func TestYearLineStopsToday(t *testing.T) {
	totals := make([]money.Amount, 12)
	for i := range totals {
		totals[i] = money.Euros(int64(i+1) * 10_000)
	}
	l := chart.NewYearLine(chart.LineFigures{Totals: totals, Done: 2.5, Floor: money.Euros(80_000), Ceiling: money.Euros(100_000)}, chart.LineSize)
	if len(l.Points) != 13 || l.Points[0].Index != -1 || l.Points[12].X != 100 || l.Points[12].Index != 11 {
		t.Fatalf("points %+v", l.Points)
	}
	past, future := strings.Fields(l.Past), strings.Fields(l.Future)
	if len(past) != 4 || len(future) != 11 || past[3] != future[0] || !strings.HasPrefix(past[3], "208.3,") {
		t.Errorf("past %q, future %q", l.Past, l.Future)
	}
	if l.Today.X1 != 20.83 {
		t.Errorf("today at %v", l.Today.X1)
	}
	if l.Points[10].Y != l.Band.Y || l.Points[8].Y != l.Band.Y+l.Band.H {
		t.Errorf("a thousand euros reach the band's top and eight hundred its foot: %+v, %+v", l.Points, l.Band)
	}
}

func TestYearLineBeforeAndAfterTheYear(t *testing.T) {
	totals := []money.Amount{money.Euros(100), money.Euros(200)}
	before := chart.NewYearLine(chart.LineFigures{Totals: totals, Done: 0}, chart.LineSize)
	after := chart.NewYearLine(chart.LineFigures{Totals: totals, Done: 2}, chart.LineSize)
	if before.Past != "" || before.Future != after.Past || after.Future != "" {
		t.Errorf("before %q and %q, after %q and %q", before.Past, before.Future, after.Past, after.Future)
	}
	empty := chart.NewYearLine(chart.LineFigures{Amount: amount}, chart.LineSize)
	if empty.Past != "" || len(empty.Ticks) < 2 {
		t.Errorf("a year of nothing still has its scale: %+v", empty)
	}
}

func TestYearLineLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := chart.LineFigures{Names: months, Amount: amount, Done: rapid.Float64Range(-1, 14).Draw(t, "done")}
		total := int64(0)
		for range 12 {
			total += cents(-1_000_00, 9_999_999_999).Draw(t, "month")
			f.Totals = append(f.Totals, money.Euros(total))
		}
		f.Ceiling = money.Euros(cents(0, 9_999_999_999).Draw(t, "ceiling"))
		l := chart.NewYearLine(f, chart.LineSize)
		var ticks, names []chart.Label
		var firsts []string
		for _, tick := range l.Ticks {
			ticks = append(ticks, tick.Label)
		}
		for _, m := range l.Months {
			names, firsts = append(names, m.Label), append(firsts, m.First)
		}
		for _, width := range []float64{280, 358, 416, 1086} {
			checkLabels(t, seen(ticks, names, firsts, width), width, l.H, 12)
		}
		for _, p := range l.Points {
			if p.X < 0 || p.X > 100 || p.Y < 0 || p.Y > l.H {
				t.Fatalf("a point leaves the picture: %+v", p)
			}
		}
	})
}

func day(s string) cal.Date {
	d, err := cal.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestTermsStepsOfAPriceRise(t *testing.T) {
	steps := []chart.Step{{From: day("2024-01-01"), Price: money.Cents(8000, "USD")}, {From: day("2026-01-01"), Price: money.Cents(10_000, "USD")}}
	span := cal.Span{From: day("2025-01-01"), To: day("2027-01-01")}
	got := chart.NewTermsSteps(steps, span, day("2025-07-02"), money.Amount.String, cal.Date.String, chart.WideSteps)

	type drawn struct {
		From, To float64
		Ahead    bool
		Price    string
	}
	var marks []drawn
	for _, s := range got.Steps {
		marks = append(marks, drawn{s.Line.X1, s.Line.X2, s.Ahead, s.Price.Text})
	}
	want := []drawn{{0, 50, false, "80.00 USD"}, {50, 100, true, "100.00 USD"}}
	if diff := cmp.Diff(want, marks); diff != "" {
		t.Error(diff)
	}
	if rise := got.Steps[1].Riser; rise.Y1 != got.Steps[0].Line.Y1 || rise.Y2 != got.Steps[1].Line.Y1 || rise.Y2 >= rise.Y1 {
		t.Errorf("the second step rises from the first: %+v", rise)
	}
	if got.Today.X1 != 24.93 {
		t.Errorf("today at %v", got.Today.X1)
	}
}

func TestTermsStepsLabelsNeverMeetNorLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := day("2020-01-01")
		var steps []chart.Step
		at := from.AddDays(-400)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			steps = append(steps, chart.Step{From: at, Price: money.Euros(cents(0, 99_999_999).Draw(t, "price"))})
			at = at.AddDays(rapid.IntRange(1, 900).Draw(t, "days"))
		}
		size := rapid.SampledFrom([]chart.Size{chart.WideSteps, chart.PhoneSteps}).Draw(t, "size")
		s := chart.NewTermsSteps(steps, cal.Span{From: from, To: from.AddDays(rapid.IntRange(0, 4000).Draw(t, "span"))}, day("2022-01-01"), amount, cal.Date.String, size)
		var labels []chart.Label
		for _, m := range s.Steps {
			labels = append(labels, m.Price, m.Day)
		}
		for _, g := range grown {
			checkLabels(t, labels, size.W*g, s.H, size.Font)
		}
	})
}

func ExampleNewEnvelopeBar() {
	b := chart.NewEnvelopeBar(chart.EnvelopeFigures{
		Spent: money.Euros(744_20), Due: money.Zero(money.EUR), Committed: money.Euros(183_20),
		Floor: money.Euros(800_00), Ceiling: money.Euros(1000_00), Amount: money.Amount.String,
	}, chart.WideEnvelope)
	for _, s := range b.Segments {
		fmt.Printf("%s: x=%v%% width=%v%%\n", s.Kind, s.X, s.W)
	}
	fmt.Printf("forecast: x1=%v%%\n", b.Forecast.X1)
	// Output:
	// spent: x=0% width=62.02%
	// committed: x=62.02% width=15.26%
	// forecast: x1=77.28%
}

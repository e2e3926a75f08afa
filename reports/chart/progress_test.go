package chart

import (
	"math"
	"testing"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestDone(t *testing.T) {
	t.Parallel()
	months := cal.YearStart{Month: time.January, Day: 1}.Year(2026).Months()
	for _, c := range []struct {
		day  cal.Date
		want float64
	}{
		{cal.MustNew(2025, time.December, 31), 0},
		{cal.MustNew(2026, time.January, 31), 1},
		{cal.MustNew(2026, time.February, 14), 1.5},
		{cal.MustNew(2026, time.November, 23), 10 + 23.0/30},
		{cal.MustNew(2027, time.March, 1), 12},
	} {
		if got := Done(months, c.day); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("on %s: %v months, want %v", c.day, got, c.want)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		part, whole int64
		want        float64
	}{{0, 100, 0}, {50, 100, 0.5}, {100, 100, 1}, {150, 100, 1}, {-50, 100, 0}, {5, 0, 0}, {5, -10, 0}} {
		if got := Share(money.Euros(c.part), money.Euros(c.whole)); got != c.want {
			t.Errorf("%d of %d is %v, want %v", c.part, c.whole, got, c.want)
		}
	}
}

package chart

import (
	"math"
	"testing"
	"time"

	"enveloppe/models/cal"
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

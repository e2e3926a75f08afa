package cal_test

import (
	"testing"

	"enveloppe/models/cal"
)

func TestTargetDays(t *testing.T) {
	for _, c := range []struct {
		day  string
		open bool
	}{
		{"2026-01-01", false},
		{"2026-01-02", true},
		{"2024-03-29", false}, // Good Friday
		{"2024-04-01", false}, // Easter Monday
		{"2025-04-18", false},
		{"2025-04-21", false},
		{"2025-04-17", true}, // and of another year
		{"2024-05-01", false},
		{"2024-12-25", false},
		{"2024-12-26", false},
		{"2024-12-24", true},
		{"2024-12-31", true},
		{"2024-05-08", true},
		{"2024-05-09", true},
		{"2024-05-20", true}, // French holidays, but the euro is at work
		{"2024-07-14", false},
		{"2024-04-27", false}, // week-ends
		{"2024-04-26", true},
	} {
		if got := cal.TargetDay(parsed(t, c.day)); got != c.open {
			t.Errorf("%s is open: %t, want %t", c.day, got, c.open)
		}
	}
	if cal.TargetDay(cal.Date{}) {
		t.Error("no day is open")
	}
}

func TestLastTargetDay(t *testing.T) {
	for _, c := range [][2]string{
		{"2024-04-26", "2024-04-26"},
		{"2024-04-28", "2024-04-26"},
		{"2024-04-01", "2024-03-28"},
		{"2024-12-26", "2024-12-24"},
		{"2027-01-01", "2026-12-31"},
		{"2026-12-27", "2026-12-24"},
	} {
		if got := cal.TargetDayOnOrBefore(parsed(t, c[0])).String(); got != c[1] {
			t.Errorf("last day on or before %s is %s, want %s", c[0], got, c[1])
		}
	}
}

func parsed(t *testing.T, s string) cal.Date {
	t.Helper()
	d, err := cal.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

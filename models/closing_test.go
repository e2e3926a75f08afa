package models

import (
	"strings"
	"testing"

	"enveloppe/models/cal"
)

func TestClosingCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		through cal.Date
		before  string
		note    string
		want    string
	}{
		{"the month that is over", day("2026-10-31"), "2026-09-30", "", ""},
		{"yesterday", today.AddDays(-1), "", "", ""},
		{"no day", cal.Date{}, "", "", "through date.empty"},
		{"today", today, "", "", "through before"},
		{"tomorrow", today.AddDays(1), "", "", "through before"},
		{"what is closed already", day("2026-09-30"), "2026-09-30", "", "through after"},
		{"before that", day("2026-08-31"), "2026-09-30", "", "through after"},
		{"a day after that", day("2026-10-01"), "2026-09-30", "", ""},
		{"a note too long", day("2026-10-31"), "", strings.Repeat("a", MaxText+1), "note too_long"},
	} {
		closed := cal.Date{}
		if c.before != "" {
			closed = day(c.before)
		}
		v := Closing{Through: c.through, Note: c.note}.Check(today, closed)
		if c.want == "" && len(v) > 0 || c.want != "" && (len(v) != 1 || v[0].Field+" "+v[0].Rule != c.want) {
			t.Errorf("%s: %v, want %q", c.name, v, c.want)
		}
	}
}

func TestClosedThrough(t *testing.T) {
	t.Parallel()
	r := NewRegister(Facts{})
	if !r.ClosedThrough().IsZero() || r.Closed(today) || r.Closed(cal.Date{}) {
		t.Error("something is closed where nothing is")
	}
	r = NewRegister(Facts{Closings: []Closing{
		{ID: 1, Through: day("2026-06-30")}, {ID: 2, Through: day("2026-03-31")}, {ID: 3, Through: day("2026-09-30"), ReopenedOn: day("2026-10-02")},
	}})
	if got := r.ClosedThrough(); got != day("2026-06-30") {
		t.Errorf("closed through %v", got)
	}
	for d, want := range map[string]bool{"2026-01-01": true, "2026-06-30": true, "2026-07-01": false, "2026-09-30": false} {
		if r.Closed(day(d)) != want {
			t.Errorf("%s is closed: %v", d, !want)
		}
	}
}

package cal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
)

// Easter Mondays as published, with the earliest and latest Easters of two centuries.
func TestEasterMonday(t *testing.T) {
	for _, s := range []string{
		"1761-03-23", "1777-03-31", "1818-03-23", "1943-04-26", "1981-04-20", "2000-04-24", "2008-03-24", "2011-04-25", "2019-04-22", "2020-04-13", "2021-04-05",
		"2022-04-18", "2023-04-10", "2024-04-01", "2025-04-21", "2026-04-06", "2027-03-29", "2028-04-17",
		"2029-04-02", "2030-04-22", "2035-03-26", "2038-04-26", "2049-04-19", "2076-04-20",
	} {
		d, err := cal.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := cal.Holiday(d); name != "easter_monday" {
			t.Errorf("%s is %q", s, name)
		}
	}
}

func TestHolidaysOfAYear(t *testing.T) {
	for year, want := range map[int]map[string]string{
		2024: {
			"2024-01-01": "new_year", "2024-04-01": "easter_monday", "2024-05-01": "labour_day",
			"2024-05-08": "victory_1945", "2024-05-09": "ascension", "2024-05-20": "whit_monday",
			"2024-07-14": "bastille_day", "2024-08-15": "assumption", "2024-11-01": "all_saints",
			"2024-11-11": "armistice_1918", "2024-12-25": "christmas",
		},
		2026: {
			"2026-01-01": "new_year", "2026-04-06": "easter_monday", "2026-05-01": "labour_day",
			"2026-05-08": "victory_1945", "2026-05-14": "ascension", "2026-05-25": "whit_monday",
			"2026-07-14": "bastille_day", "2026-08-15": "assumption", "2026-11-01": "all_saints",
			"2026-11-11": "armistice_1918", "2026-12-25": "christmas",
		},
		2027: {
			"2027-01-01": "new_year", "2027-03-29": "easter_monday", "2027-05-01": "labour_day",
			"2027-05-08": "victory_1945", "2027-05-06": "ascension", "2027-05-17": "whit_monday",
			"2027-07-14": "bastille_day", "2027-08-15": "assumption", "2027-11-01": "all_saints",
			"2027-11-11": "armistice_1918", "2027-12-25": "christmas",
		},
		// Ascension fell on 1 May: ten days off, not eleven.
		2008: {
			"2008-01-01": "new_year", "2008-03-24": "easter_monday", "2008-05-01": "labour_day",
			"2008-05-08": "victory_1945", "2008-05-12": "whit_monday",
			"2008-07-14": "bastille_day", "2008-08-15": "assumption", "2008-11-01": "all_saints",
			"2008-11-11": "armistice_1918", "2008-12-25": "christmas",
		},
	} {
		got := map[string]string{}
		for d := cal.MustNew(year, time.January, 1); d.Year() == year; d = d.AddDays(1) {
			if name, ok := cal.Holiday(d); ok {
				got[d.String()] = name
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d: %s", year, diff)
		}
	}
	if name, ok := cal.Holiday(cal.Date{}); ok {
		t.Errorf("no day is %q", name)
	}
}

func TestWorkdayOnOrBefore(t *testing.T) {
	for _, tt := range []struct{ day, want string }{
		{"13/02/2027", "12/02/2027"}, // a Saturday
		{"28/02/2027", "26/02/2027"}, // a Sunday
		{"15/02/2027", "15/02/2027"}, // a Monday
		{"06/04/2026", "03/04/2026"}, // Easter Monday; Good Friday is worked
		{"01/01/2027", "31/12/2026"},
		{"03/01/2027", "31/12/2026"}, // a Sunday after a holiday
		{"25/12/2026", "24/12/2026"},
		{"08/05/2026", "07/05/2026"},
	} {
		d := on(t, tt.day)
		if got := cal.WorkdayOnOrBefore(d); got != on(t, tt.want) {
			t.Errorf("%s: %v, want %s", tt.day, got, tt.want)
		}
		if cal.Workday(d) != (tt.day == tt.want) {
			t.Errorf("%s is a working day: %v", tt.day, cal.Workday(d))
		}
	}
	if got := cal.WorkdayOnOrBefore(cal.Date{}); !got.IsZero() {
		t.Errorf("no day: %v", got)
	}
}

package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// daily is a subscription with something to remind of each day: what falls due that day.
func daily(from string) models.Subscription {
	return models.Subscription{StartedOn: date(from), Anchor: date(from), Cadence: cal.Cadence{Every: 1, Unit: cal.Day}}
}

// Around every day on which clocks change, years and leap years end, each organisation is told at its own half past seven,
// and gets its digest at seven on its own first of the month, wherever the server stands: once, and never between two and
// three.
func TestEachOrganisationIsToldByItsOwnClock(t *testing.T) {
	for _, c := range []struct{ zone, around string }{
		{"Europe/Paris", "2026-03-29"},
		{"Europe/Paris", "2026-10-25"},
		{"Europe/Paris", "2028-02-29"},
		{"Europe/Paris", "2026-12-31"},
		{"Europe/Paris", "2027-02-28"},
		{"Pacific/Auckland", "2026-04-05"},
		{"Pacific/Auckland", "2026-09-27"},
		{"Pacific/Auckland", "2028-02-29"},
		{"Pacific/Auckland", "2026-12-31"},
		{"America/Los_Angeles", "2026-03-08"},
		{"America/Los_Angeles", "2026-11-01"},
		{"America/Los_Angeles", "2028-02-29"},
		{"America/Los_Angeles", "2026-12-31"},
	} {
		t.Run(strings.ReplaceAll(c.zone, "/", " ")+" "+c.around, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first := date(c.around).AddDays(-1)
			w.plant(organisation("A", c.zone, first, daily(first.String())), first.Time(time.UTC))
			zone, err := time.LoadLocation(c.zone)
			w.ok(err)
			begin, end := first.Time(zone), first.AddDays(3).Time(zone)
			told := map[string][]string{}
			for at := begin; at.Before(end); at = at.Add(10 * time.Minute) {
				for _, a := range w.round(at.UTC()) {
					local := at.In(zone)
					kind, _, _ := strings.Cut(a.id, ".")
					told[kind+" "+local.Format("2006-01-02")] = append(told[kind+" "+local.Format("2006-01-02")], local.Format("15:04"))
				}
			}
			for d := first; d.Before(first.AddDays(3)); d = d.AddDays(1) {
				want := "[07:30]"
				if got := fmt.Sprint(told["charge_due "+d.String()]); got != want {
					t.Errorf("%s: reminded at %s, want %s", d, got, want)
				}
				if want = "[]"; d.Day() == 1 || d == first { // and the month that runs when the program is first started
					want = "[07:00]"
				}
				if got := fmt.Sprint(told["digest "+d.String()]); got != want {
					t.Errorf("%s: digest at %s, want %s", d, got, want)
				}
			}
		})
	}
}

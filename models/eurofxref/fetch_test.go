package eurofxref_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/money"
)

func on(t *testing.T, s string) cal.Date {
	t.Helper()
	d, err := cal.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheSmallestFileThatHoldsWhatIsMissing(t *testing.T) {
	for _, c := range []struct{ from, published, file string }{
		{"2026-11-23", "2026-11-23", eurofxref.DailyFile},
		{"2026-11-21", "2026-11-23", eurofxref.DailyFile},  // since Saturday: only Monday's is missing
		{"2026-11-20", "2026-11-23", eurofxref.RecentFile}, // Friday's too
		{"2024-03-29", "2024-04-02", eurofxref.DailyFile},  // over Easter
		{"2026-09-07", "2026-11-23", eurofxref.RecentFile},
		{"2026-09-03", "2026-11-23", eurofxref.HistoryFile},
		{"2019-04-10", "2026-11-23", eurofxref.HistoryFile},
	} {
		wants := []eurofxref.Want{{Currency: "GBP", From: on(t, c.published)}, {Currency: "USD", From: on(t, c.from)}}
		if got := eurofxref.FileFor(wants, on(t, c.published)); got != c.file {
			t.Errorf("missing from %s to %s: %s, want %s", c.from, c.published, got, c.file)
		}
	}
}

func TestWhatWasAskedForIsAskedForOnce(t *testing.T) {
	friday, monday, tuesday := on(t, "2026-11-20"), on(t, "2026-11-23"), on(t, "2026-11-24")
	wants := []eurofxref.Want{{"USD", monday}, {"XOF", on(t, "2025-01-01")}}
	var f eurofxref.Fetch
	if got := f.Missing(wants, friday); !cmp.Equal(got, wants[1:]) {
		t.Errorf("before Monday's are out: %v", got)
	}
	missing := f.Missing(wants, monday)
	if !cmp.Equal(missing, wants) {
		t.Fatalf("missing %v", missing)
	}

	// The file is late: it ends on Friday, and Monday's dollar is asked for again, but not the franc of 2025.
	f.Asked = f.Done(missing, monday, friday)
	if got, want := f.Missing(wants, monday), []eurofxref.Want{{"USD", monday}, {"XOF", on(t, "2026-11-21")}}; !cmp.Equal(got, want) {
		t.Errorf("after a late file %v, want %v", got, want)
	}

	f.Asked = f.Done(missing, monday, monday)
	if got := f.Missing(wants, monday); len(got) > 0 {
		t.Errorf("asked again for %v", got)
	}
	// The franc never came, and is asked for with the day's file only; an earlier payment reaches further back.
	wants[0].From = tuesday
	if got, want := f.Missing(wants, tuesday), []eurofxref.Want{{"USD", tuesday}, {"XOF", tuesday}}; !cmp.Equal(got, want) {
		t.Errorf("on Tuesday %v, want %v", got, want)
	}
	wants[1].From = on(t, "2024-05-02")
	if got := f.Missing(wants, monday); !cmp.Equal(got, wants[1:]) {
		t.Errorf("for an earlier day %v", got)
	}
	// Asked with Tuesday's, its record grows and forgets nothing.
	f.Asked = f.Done([]eurofxref.Want{{"XOF", tuesday}}, tuesday, tuesday)
	if got, want := f.Asked["XOF"], (eurofxref.Asked{From: on(t, "2025-01-01"), Through: tuesday}); got != want {
		t.Errorf("asked %v, want %v", got, want)
	}
}

// Whatever days go by, with the server on or off and the file late or not, every published day is asked for, and none
// that was asked for well is asked for twice.
func TestEveryPublishedDayIsAskedForOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := cal.MustNew(2026, 1, 1).AddDays(rapid.IntRange(0, 700).Draw(t, "start"))
		var f eurofxref.Fetch
		asked := map[cal.Date]int{}
		today := start
		for range rapid.IntRange(1, 30).Draw(t, "visits") {
			today = today.AddDays(rapid.IntRange(0, 9).Draw(t, "off"))
			published := eurofxref.Published(today, rapid.IntRange(0, 23).Draw(t, "hour"))
			missing := f.Missing([]eurofxref.Want{{"XOF", start}}, published)
			if len(missing) == 0 || rapid.Bool().Draw(t, "fails") {
				continue
			}
			last := cal.TargetDayOnOrBefore(published.AddDays(-rapid.IntRange(0, 1).Draw(t, "late")))
			for d := missing[0].From; !d.After(last); d = d.AddDays(1) {
				if cal.TargetDay(d) {
					asked[d]++
				}
			}
			f.Asked = f.Done(missing, published, last)
		}
		through := f.Asked[money.Currency("XOF")].Through
		for d := start; !d.After(through) && !through.IsZero(); d = d.AddDays(1) {
			if want := map[bool]int{true: 1}[cal.TargetDay(d)]; asked[d] != want {
				t.Fatalf("%s was asked for %d times, want %d", d, asked[d], want)
			}
		}
	})
}

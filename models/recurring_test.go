package models

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// everyDay are debits of one label on those days, each of so many cents; amounts may be fewer than days: the last goes on.
func everyDay(label, days string, cents ...int64) []BankLine {
	var lines []BankLine
	for i, on := range strings.Fields(days) {
		lines = append(lines, bankLine(ID(1000+i), on, cents[min(i, len(cents)-1)], label))
	}
	return lines
}

// cameBack is what was found, in short.
func cameBack(m Matching) string {
	var all []string
	for _, r := range m.Recurring {
		all = append(all, fmt.Sprintf("%s %v ×%d %s, %s a year", r.Name, r.Cadence, len(r.Lines), r.Amount.Plain(), r.Yearly.Plain()))
	}
	return strings.Join(all, "; ")
}

func TestRecurring(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		habits Habits
		change func(*Facts)
		lines  []BankLine
		want   string
	}{
		{name: "by the month", lines: everyDay("CB FIGMA*K2JX 12/03", "2026-08-12 2026-09-12 2026-10-12 2026-11-12", 1500), want: "Figma 1 month ×4 15.00, 180.00 a year"},
		{
			name: "over week-ends and ends of months", lines: everyDay("PRLV SEPA FIGMA INC", "2026-02-02 2026-03-02 2026-03-31 2026-04-30 2026-06-01 2026-06-30 2026-07-31 2026-08-31 2026-09-30 2026-11-02", 1500),
			want: "Figma 1 month ×10 15.00, 180.00 a year",
		},
		{name: "a month missing", lines: everyDay("FIGMA", "2026-06-12 2026-07-12 2026-09-14 2026-10-12 2026-11-12", 1500), want: "Figma 1 month ×5 15.00, 180.00 a year"},
		{name: "two of three months missing", lines: everyDay("FIGMA", "2026-06-12 2026-08-12 2026-10-12 2026-11-12", 1500)},
		{name: "a price that rises", lines: everyDay("FIGMA", "2026-07-12 2026-08-12 2026-09-12 2026-10-12 2026-11-12", 1500, 1500, 1600, 1600, 1999), want: "Figma 1 month ×5 19.99, 239.88 a year"},
		{name: "twice", lines: everyDay("FIGMA", "2026-10-12 2026-11-12", 1500)},
		{name: "every four weeks", lines: everyDay("FIGMA", "2026-07-24 2026-08-21 2026-09-18 2026-10-16 2026-11-13", 1500), want: "Figma 4 week ×5 15.00, 195.00 a year"},
		{name: "every week", lines: everyDay("FIGMA", "2026-10-12 2026-10-19 2026-10-27 2026-11-02 2026-11-09", 1500), want: "Figma 1 week ×5 15.00, 795.00 a year"},
		{name: "by the quarter", lines: everyDay("FIGMA", "2026-03-31 2026-06-30 2026-09-30", 4500), want: "Figma 3 month ×3 45.00, 180.00 a year"},
		{name: "by the half-year", lines: everyDay("FIGMA", "2025-08-31 2026-03-02 2026-08-31", 4500), want: "Figma 6 month ×3 45.00, 90.00 a year"},
		{name: "by the year", lines: everyDay("FIGMA", "2025-02-28 2026-03-02", 14400), want: "Figma 1 year ×2 144.00, 144.00 a year"},
		{name: "by the year, of another amount", lines: everyDay("FIGMA", "2025-02-28 2026-03-02", 14400, 2000)},
		{name: "a shop", lines: everyDay("CB BOULANGERIE", "2026-09-02 2026-09-05 2026-09-12 2026-09-29 2026-10-03 2026-10-20 2026-10-31 2026-11-07", 450, 820, 600, 455, 1200, 640, 455, 700)},
		{name: "fuel, always filled", lines: everyDay("CB TOTAL ACCESS", "2026-09-02 2026-09-15 2026-09-22 2026-10-09 2026-10-20 2026-11-10", 6012, 5890, 6105, 6044, 5977, 6001)},
		{name: "a canteen of one price", lines: everyDay("CB CANTINE", "2026-09-02 2026-09-03 2026-09-07 2026-09-15 2026-10-01 2026-10-02 2026-10-29 2026-11-03", 950)},
		{name: "stopped", lines: everyDay("FIGMA", "2026-05-12 2026-06-12 2026-07-12 2026-08-12", 1500)},
		{name: "late, not stopped", lines: everyDay("FIGMA", "2026-07-01 2026-08-01 2026-09-01 2026-10-01", 1500), want: "Figma 1 month ×4 15.00, 180.00 a year"},
		{
			name: "two with one vendor", lines: append(
				everyDay("CANVA* I04126", "2026-07-05 2026-08-05 2026-09-05 2026-10-05 2026-11-05", 1299),
				everyDay("CANVA* I04127", "2026-07-20 2026-08-20 2026-09-21 2026-10-20", 450)...),
			want: "Canva 1 month ×5 12.99, 155.88 a year; Canva 1 month ×4 4.50, 54.00 a year",
		},
		{name: "set aside", habits: Habits{Aside: map[string]bool{"figma": true}}, lines: everyDay("FIGMA", "2026-08-12 2026-09-12 2026-10-12", 1500)},
		{
			name: "known, before the register began", habits: Habits{Services: map[string]ID{"figma": 21}}, change: func(f *Facts) { f.Organisation.KeptFrom = day("2026-11-01") },
			lines: everyDay("FIGMA", "2026-08-12 2026-09-12 2026-10-12", 1500),
		},
		{name: "known", habits: Habits{Services: map[string]ID{"figma": 21}}, lines: everyDay("FIGMA", "2026-08-12 2026-09-12 2026-10-12", 1500)},
		{
			name: "of a service that is registered", change: func(f *Facts) { f.Organisation.KeptFrom = day("2026-11-01") },
			lines: everyDay("CB ZOOM.US", "2026-07-15 2026-08-15 2026-09-15 2026-10-15", 1399),
		},
		{
			name: "of the price of another, which chance brings near once", lines: everyDay("FIGMA", "2026-03-22 2026-04-22 2026-05-22 2026-06-22 2026-07-22 2026-08-22 2026-09-22 2026-10-22", 2940),
			want: "Figma 1 month ×8 29.40, 352.80 a year",
		},
		{name: "by the other side", lines: func() []BankLine {
			lines := everyDay("PRLV SEPA 12345", "2026-08-12 2026-09-12 2026-10-12", 1500)
			for i := range lines {
				lines[i].Party = "FIGMA INC."
			}
			return append(lines, everyDay("PRLV SEPA 12346", "2026-08-13 2026-09-17 2026-10-02", 900)...)
		}(), want: "Figma 1 month ×3 15.00, 180.00 a year"},
		{name: "money that comes in", lines: everyDay("VIR COTISATIONS", "2026-08-12 2026-09-12 2026-10-12", -1500)},
		{name: "no label", lines: everyDay("123456", "2026-08-12 2026-09-12 2026-10-12", 1500)},
		{
			name: "over closed accounts", change: func(f *Facts) { f.Closings = []Closing{{ID: 500, Through: day("2025-12-31"), On: day("2026-02-05")}} },
			lines: everyDay("FIGMA", "2025-02-28 2026-03-02", 14400), want: "Figma 1 year ×2 144.00, 144.00 a year",
		},
		{
			name: "dearest first", lines: append(everyDay("FIGMA", "2026-08-12 2026-09-12 2026-10-12", 1500), everyDay("MIRO.COM", "2026-08-02 2026-09-02 2026-10-02", 1600)...),
			want: "Miro 1 month ×3 16.00, 192.00 a year; Figma 1 month ×3 15.00, 180.00 a year",
		},
	} {
		for i := range c.lines {
			c.lines[i].ID = ID(1000 + i)
		}
		m := bankable(c.change).Match(c.lines, c.habits, today)
		if got := cameBack(m); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// 28 February, 28 March and 28 April, booked after their week-ends, are months and not four weeks; and four weeks are.
func TestMonthsAreNotFourWeeks(t *testing.T) {
	t.Parallel()
	for days, want := range map[string]string{
		"2026-03-02 2026-03-30 2026-04-28": "Figma 1 month ×3 15.00, 180.00 a year",
		"2026-03-02 2026-03-30 2026-04-27": "Figma 4 week ×3 15.00, 195.00 a year",
	} {
		m := bankable(nil).Match(everyDay("FIGMA", days, 1500), Habits{}, day("2026-05-02"))
		if got := cameBack(m); got != want {
			t.Errorf("%s: %q, want %q", days, got, want)
		}
	}
}

func TestRecurringSays(t *testing.T) {
	t.Parallel()
	lines := everyDay("PAYPAL *FIGMA 35314369001", "2026-08-12 2026-09-14 2026-10-12", 1392, 1401, 1388)
	for i := range lines {
		lines[i].Original = dollars(-1500)
	}
	slices.Reverse(lines)
	m := bankable(nil).Match(lines, Habits{}, today)
	if len(m.Recurring) != 1 || len(m.Rest) != 0 {
		t.Fatalf("%d come back, %d are left", len(m.Recurring), len(m.Rest))
	}
	r := m.Recurring[0]
	if r.Key != "paypal figma" || r.Name != "Figma" || r.Amount != eur(1388) || r.Original != dollars(1500) || r.First != day("2026-08-12") ||
		r.Last != day("2026-10-12") || r.Yearly != eur(12*1388) || r.Lines[0].Day != r.First || r.Lines[2].Day != r.Last {
		t.Errorf("%+v", r)
	}
}

// A subscription nobody registered is found with its cadence, whatever its anchor, with days moved off week-ends, months
// missing, a slow rise and shops all around.
func TestRecurringFindsTheCadence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		on := drawDay(t, "today", 2025, 2027)
		c := rapid.SampledFrom(rhythms).Draw(t, "rhythm")
		n := rapid.IntRange(max(c.least, 3), 14).Draw(t, "occurrences")
		anchor := drawDay(t, "anchor", 2008, 2009)
		last := c.cadence.IndexOn(anchor, on.AddDays(-4))
		skip := -1
		if n >= 6 {
			skip = rapid.IntRange(last-n+2, last-1).Draw(t, "missing")
		}
		cents := rapid.Int64Range(300, 30_000).Draw(t, "cents")
		var lines []BankLine
		for k := last - n + 1; k <= last; k++ {
			d := c.cadence.Occurrence(anchor, k)
			if d.Weekday() == time.Saturday && c.days > 7 {
				d = d.AddDays(2)
			} else if d.Weekday() == time.Sunday && c.days > 7 {
				d = d.AddDays(1)
			}
			if k != skip {
				lines = append(lines, BankLine{ID: ID(k + 1), Day: d, Amount: eur(-cents), Label: fmt.Sprintf("CB FIGMA*%dX FACT %d", k, 100_000+k)})
			}
			cents += cents * rapid.Int64Range(0, 10).Draw(t, "rise") / 100
		}
		noise := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) BankLine {
			return BankLine{ID: ID(rapid.IntRange(10_000, 99_999).Draw(t, "id")), Day: on.AddDays(-rapid.IntRange(0, 90).Draw(t, "ago")), Amount: eur(-rapid.Int64Range(100, 9000).Draw(t, "shop")), Label: "CB BOULANGERIE"}
		}), 0, 3).Draw(t, "noise")
		m := NewRegister(Facts{Organisation: association()}).Match(append(lines, noise...), Habits{}, on)
		at := slices.IndexFunc(m.Recurring, func(r Recurring) bool { return r.Key == "figma" })
		if at < 0 || m.Recurring[at].Cadence != c.cadence || len(m.Recurring[at].Lines) != len(lines) {
			t.Fatalf("every %v until %v: %s", c.cadence, on, cameBack(m))
		}
	})
}

// Several visits a month at any time are no subscription.
func TestShopsDoNotComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lines []BankLine
		for month := range 6 {
			for visit := range rapid.IntRange(3, 6).Draw(t, "visits") {
				d := day("2026-06-01").AddMonths(month).AddDays(rapid.IntRange(0, 13).Draw(t, "day"))
				lines = append(lines, bankLine(ID(len(lines)+1+visit*1000), d.String(), rapid.Int64Range(300, 9000).Draw(t, "cents"), "CB BOULANGERIE DU PORT"))
			}
		}
		if m := bankable(nil).Match(lines, Habits{}, today); len(m.Recurring) > 0 {
			t.Fatalf("%s", cameBack(m))
		}
	})
}

func BenchmarkRecurring(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		lines := yearsOfLines(n)
		r := bankable(nil)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Match(lines, Habits{}, today)
			}
		})
	}
}

// yearsOfLines are five years of debits that nobody knows: one in three comes back.
func yearsOfLines(n int) []BankLine {
	rnd := rand.New(rand.NewPCG(9, uint64(n)))
	var lines []BankLine
	for i := 0; len(lines) < n/3; i++ {
		label := fmt.Sprintf("PRLV SEPA %c%cCORP%c", 'A'+i/26%26, 'A'+i%26, 'A'+i/676%26)
		for k := range 60 {
			lines = append(lines, BankLine{ID: ID(len(lines) + 1), Day: cal.Monthly.Occurrence(day("2021-12-10"), k), Amount: eur(-int64(500 + i)), Label: fmt.Sprint(label, " REF ", rnd.IntN(1e6))})
		}
	}
	for len(lines) < n {
		l := BankLine{ID: ID(len(lines) + 1), Day: day("2021-12-01").AddDays(rnd.IntN(1800)), Amount: money.Euros(-100 - rnd.Int64N(9000))}
		l.Label = fmt.Sprintf("CARTE %02d/%02d MAGASIN %c%c CB*%04d", rnd.IntN(28)+1, rnd.IntN(12)+1, 'A'+rnd.IntN(26), 'A'+rnd.IntN(26), rnd.IntN(1e4))
		lines = append(lines, l)
	}
	rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

package words

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
)

func TestDays(t *testing.T) {
	t.Parallel()
	type written struct{ Whole, Long, Medium, Short, Numeric, Month, Only, Weekday string }
	write := func(w *Words, d cal.Date) written {
		return written{
			w.Day(d), w.DayLong(d), w.DayMedium(d), w.DayShort(d),
			w.DayNumeric(d), w.Month(d), w.MonthOnly(d), w.Weekday(d),
		}
	}
	unknown := written{"—", "—", "—", "—", "—", "—", "—", "—"}
	for _, c := range []struct {
		day    string
		fr, en written
	}{
		{
			"2026-03-03",
			written{"mardi 3~mars 2026", "3~mars 2026", "3~mars", "3~mars", "03/03/2026", "mars 2026", "mars", "mar."},
			written{"Tuesday 3~March 2026", "3~March 2026", "3~March", "3~Mar", "03/03/2026", "March 2026", "Mar", "Tue"},
		},
		{
			"2026-03-01",
			written{"dimanche 1er~mars 2026", "1er~mars 2026", "1er~mars", "1er~mars", "01/03/2026", "mars 2026", "mars", "dim."},
			written{"Sunday 1~March 2026", "1~March 2026", "1~March", "1~Mar", "01/03/2026", "March 2026", "Mar", "Sun"},
		},
		{
			"2026-12-12",
			written{"samedi 12~décembre 2026", "12~décembre 2026", "12~décembre", "12~déc.", "12/12/2026", "décembre 2026", "déc.", "sam."},
			written{"Saturday 12~December 2026", "12~December 2026", "12~December", "12~Dec", "12/12/2026", "December 2026", "Dec", "Sat"},
		},
		{
			"2026-07-21",
			written{"mardi 21~juillet 2026", "21~juillet 2026", "21~juillet", "21~juil.", "21/07/2026", "juillet 2026", "juil.", "mar."},
			written{"Tuesday 21~July 2026", "21~July 2026", "21~July", "21~Jul", "21/07/2026", "July 2026", "Jul", "Tue"},
		},
		{"", unknown, unknown},
	} {
		d := day(t, c.day)
		for lang, want := range map[Lang]written{FR: c.fr, EN: c.en} {
			got := write(In(lang), d)
			want = written{
				spaced(want.Whole), spaced(want.Long), spaced(want.Medium), spaced(want.Short),
				want.Numeric, want.Month, want.Only, want.Weekday,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s %s:\n%s", lang, c.day, diff)
			}
		}
	}
}

func TestNamesOfMonthsAndWeekdays(t *testing.T) {
	t.Parallel()
	for _, lang := range Langs() {
		w := In(lang)
		seen := make(map[string]bool)
		for m := time.January; m <= time.December; m++ {
			seen[w.MonthName(m)] = true
			if w.MonthShort(m) == "" {
				t.Errorf("%s %v has no short name", lang, m)
			}
		}
		for d := time.Sunday; d <= time.Saturday; d++ {
			seen[w.WeekdayName(d)] = true
			if !strings.HasPrefix(w.WeekdayName(d), strings.TrimSuffix(w.WeekdayShort(d), ".")) {
				t.Errorf("%s %q does not shorten %q", lang, w.WeekdayShort(d), w.WeekdayName(d))
			}
		}
		if len(seen) != 12+7 || seen[""] {
			t.Errorf("%s names twelve months and seven weekdays: %v", lang, seen)
		}
	}
}

func TestRelative(t *testing.T) {
	t.Parallel()
	today := day(t, "2026-11-23")
	for _, c := range []struct{ day, fr, en string }{
		{"2026-11-23", "aujourd’hui", "today"},
		{"2026-11-24", "demain", "tomorrow"},
		{"2026-11-22", "hier", "yesterday"},
		{"2026-11-25", "dans 2~jours", "in 2~days"},
		{"2026-12-12", "dans 19~jours", "in 19~days"},
		{"2026-11-20", "il y a 3~jours", "3~days ago"},
		{"2030-11-23", "dans 1_461~jours", "in 1,461~days"},
		{"", "—", "—"},
	} {
		d := day(t, c.day)
		if got := In(FR).Relative(today, d); got != spaced(c.fr) {
			t.Errorf("fr %s: %q, want %q", c.day, got, spaced(c.fr))
		}
		if got := In(EN).Relative(today, d); got != spaced(c.en) {
			t.Errorf("en %s: %q, want %q", c.day, got, spaced(c.en))
		}
	}
}

func TestSpansAndYears(t *testing.T) {
	t.Parallel()
	fr, en := In(FR), In(EN)
	span := func(from, last string) cal.Span { return cal.Inclusive(day(t, from), day(t, last)) }
	civil := cal.YearStart{Month: time.January, Day: 1}.Year(2026)
	school := cal.YearStart{Month: time.September, Day: 1}.Year(2025)
	for _, c := range []struct{ got, want string }{
		{fr.Span(civil.Span()), "du 1er~janvier au 31~décembre 2026"},
		{en.Span(civil.Span()), "1~January to 31~December 2026"},
		{fr.Span(school.Span()), "du 1er~septembre 2025 au 31~août 2026"},
		{en.Span(school.Span()), "1~September 2025 to 31~August 2026"},
		{fr.Span(span("2026-03-01", "2026-03-31")), "du 1er au 31~mars 2026"},
		{en.Span(span("2026-03-01", "2026-03-31")), "1 to 31~March 2026"},
		{fr.Span(span("2026-03-03", "2026-03-03")), "le 3~mars 2026"},
		{en.Span(span("2026-03-03", "2026-03-03")), "3~March 2026"},
		{fr.Span(cal.Span{}), "—"},
		{fr.Span(span("2026-03-03", "2026-03-01")), "—"},
		{fr.FiscalYear(civil), "exercice 2026"},
		{fr.FiscalYear(school), "exercice 2025–2026"},
		{en.FiscalYear(school), "fiscal year 2025–2026"},
	} {
		if c.got != spaced(c.want) {
			t.Errorf("%q, want %q", c.got, spaced(c.want))
		}
	}
}

func TestCadences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cadence              cal.Cadence
		fr, en, frPer, enPer string
	}{
		{cal.Yearly, "tous les ans", "every year", "par an", "per year"},
		{cal.Monthly, "tous les mois", "every month", "par mois", "per month"},
		{cal.Quarterly, "tous les 3~mois", "every 3~months", "tous les 3~mois", "every 3~months"},
		{cal.Cadence{Every: 1, Unit: cal.Week}, "toutes les semaines", "every week", "par semaine", "per week"},
		{cal.Cadence{Every: 4, Unit: cal.Week}, "toutes les 4~semaines", "every 4~weeks", "toutes les 4~semaines", "every 4~weeks"},
		{cal.Cadence{Every: 1, Unit: cal.Day}, "tous les jours", "every day", "par jour", "per day"},
		{cal.Cadence{Every: 2, Unit: cal.Year}, "tous les 2~ans", "every 2~years", "tous les 2~ans", "every 2~years"},
		{cal.OneOff, "une seule fois", "once only", "une seule fois", "once only"},
	} {
		fr, en := In(FR), In(EN)
		got := []string{fr.Cadence(c.cadence), en.Cadence(c.cadence), fr.CadencePer(c.cadence), en.CadencePer(c.cadence)}
		want := []string{spaced(c.fr), spaced(c.en), spaced(c.frPer), spaced(c.enPer)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v:\n%s", c.cadence, diff)
		}
	}
	for _, c := range []struct {
		notice cal.Notice
		fr, en string
	}{
		{cal.Notice{N: 30, Unit: cal.Day}, "30~jours", "30~days"},
		{cal.Notice{N: 1, Unit: cal.Month}, "1~mois", "1~month"},
		{cal.Notice{N: 2, Unit: cal.Week}, "2~semaines", "2~weeks"},
		{cal.Notice{N: 0, Unit: cal.Day}, "sans préavis", "no notice"},
		{cal.Notice{}, "sans préavis", "no notice"},
	} {
		if got := In(FR).Notice(c.notice); got != spaced(c.fr) {
			t.Errorf("fr %v: %q", c.notice, got)
		}
		if got := In(EN).Notice(c.notice); got != spaced(c.en) {
			t.Errorf("en %v: %q", c.notice, got)
		}
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, time.March, 1, 14, 5, 0, 0, time.FixedZone("", 3600))
	if got, want := In(FR).Moment(at), spaced("1er~mars 2026 à 14~h~05"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := In(EN).Moment(at), spaced("1~March 2026 at 14:05"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := In(EN).Moment(time.Time{}); got != none {
		t.Errorf("no instant: %q", got)
	}
}

func ExampleWords_Span() {
	year := cal.YearStart{Month: time.January, Day: 1}.Year(2026)
	fmt.Printf("%+q\n", In(EN).Span(year.Span()))
	// Output: "1\u00a0January to 31\u00a0December 2026"
}

func BenchmarkDay(b *testing.B) {
	w, d := In(FR), cal.MustNew(2026, time.March, 3)
	for b.Loop() {
		w.Day(d)
	}
}

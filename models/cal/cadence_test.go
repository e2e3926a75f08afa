package cal_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
)

func TestOccurrence(t *testing.T) {
	for _, tt := range []struct {
		anchor  string
		cadence cal.Cadence
		want    []string // from the second on
	}{
		{"31/01/2026", cal.Monthly, []string{"28/02/2026", "31/03/2026", "30/04/2026", "31/05/2026", "30/06/2026", "31/07/2026"}},
		{"29/02/2024", cal.Yearly, []string{"28/02/2025", "28/02/2026", "28/02/2027", "29/02/2028", "28/02/2029"}},
		{"31/08/2025", cal.HalfYearly, []string{"28/02/2026", "31/08/2026", "28/02/2027"}},
		{"30/11/2025", cal.Quarterly, []string{"28/02/2026", "30/05/2026", "30/08/2026", "30/11/2026"}},
		{"01/01/2026", cal.Cadence{Every: 4, Unit: cal.Week}, []string{"29/01/2026", "26/02/2026", "26/03/2026"}},
		{"27/02/2028", cal.Cadence{Every: 1, Unit: cal.Day}, []string{"28/02/2028", "29/02/2028", "01/03/2028"}},
		{"30/01/2027", cal.Cadence{Every: 13, Unit: cal.Month}, []string{"29/02/2028", "30/03/2029"}},
	} {
		for i, want := range tt.want {
			if got := tt.cadence.Occurrence(on(t, tt.anchor), i+1); got != on(t, want) {
				t.Errorf("%s every %v, %d: %v, want %s", tt.anchor, tt.cadence, i+1, got, want)
			}
		}
		if got := tt.cadence.Occurrence(on(t, tt.anchor), 0); got != on(t, tt.anchor) {
			t.Errorf("%s every %v begins on %v", tt.anchor, tt.cadence, got)
		}
	}
}

func TestOccurrenceThatIsNot(t *testing.T) {
	anchor := on(t, "31/01/2026")
	for _, tt := range []struct {
		name    string
		cadence cal.Cadence
		anchor  cal.Date
		k       int
	}{
		{"before the first", cal.Monthly, anchor, -1},
		{"second of once", cal.OneOff, anchor, 1},
		{"no anchor", cal.Monthly, cal.Date{}, 3},
		{"no cadence", cal.Cadence{}, anchor, 0},
		{"every 0 months", cal.Cadence{Every: 0, Unit: cal.Month}, anchor, 1},
		{"every -1 month", cal.Cadence{Every: -1, Unit: cal.Month}, anchor, 1},
		{"unknown unit", cal.Cadence{Every: 1, Unit: "fortnight"}, anchor, 1},
	} {
		if got := tt.cadence.Occurrence(tt.anchor, tt.k); !got.IsZero() {
			t.Errorf("%s: %v", tt.name, got)
		}
		if got := tt.cadence.Period(tt.anchor, tt.k); !got.IsEmpty() {
			t.Errorf("%s pays for %v", tt.name, got)
		}
	}
	latest := cal.MustNew(9999, time.December, 31)
	if got := (cal.Cadence{Every: 999, Unit: cal.Year}).Occurrence(anchor, math.MaxInt); got != latest {
		t.Errorf("the far future is %v", got)
	}
}

func TestPeriod(t *testing.T) {
	anchor := on(t, "31/01/2026")
	for _, tt := range []struct {
		cadence  cal.Cadence
		k        int
		from, to string
	}{
		{cal.Monthly, 0, "31/01/2026", "28/02/2026"},
		{cal.Monthly, 1, "28/02/2026", "31/03/2026"},
		{cal.Yearly, 2, "31/01/2028", "31/01/2029"},
		{cal.OneOff, 0, "31/01/2026", "01/02/2026"},
	} {
		want := cal.Span{From: on(t, tt.from), To: on(t, tt.to)}
		if got := tt.cadence.Period(anchor, tt.k); got != want {
			t.Errorf("%v, %d: %v, want %v", tt.cadence, tt.k, got, want)
		}
	}
}

func TestIndexOn(t *testing.T) {
	for _, tt := range []struct {
		anchor  string
		cadence cal.Cadence
		on      string
		want    int
	}{
		{"31/01/2026", cal.Monthly, "30/01/2026", -1},
		{"31/01/2026", cal.Monthly, "31/01/2026", 0},
		{"31/01/2026", cal.Monthly, "27/02/2026", 0},
		{"31/01/2026", cal.Monthly, "28/02/2026", 1},
		{"31/01/2026", cal.Monthly, "30/03/2026", 1},
		{"31/01/2026", cal.Monthly, "31/03/2026", 2},
		{"29/02/2024", cal.Yearly, "27/02/2025", 0},
		{"29/02/2024", cal.Yearly, "28/02/2025", 1},
		{"29/02/2024", cal.Yearly, "28/02/2028", 3},
		{"29/02/2024", cal.Yearly, "29/02/2028", 4},
		{"31/08/2025", cal.HalfYearly, "27/02/2026", 0},
		{"31/08/2025", cal.HalfYearly, "28/02/2026", 1},
		{"01/01/2026", cal.Cadence{Every: 4, Unit: cal.Week}, "28/01/2026", 0},
		{"01/01/2026", cal.Cadence{Every: 4, Unit: cal.Week}, "29/01/2026", 1},
		{"01/01/2026", cal.OneOff, "31/12/2025", -1},
		{"01/01/2026", cal.OneOff, "31/12/2030", 0},
		{"01/01/2026", cal.Cadence{}, "31/12/2030", -1},
	} {
		if got := tt.cadence.IndexOn(on(t, tt.anchor), on(t, tt.on)); got != tt.want {
			t.Errorf("%s every %v on %s: %d, want %d", tt.anchor, tt.cadence, tt.on, got, tt.want)
		}
	}
	if got := cal.Monthly.IndexOn(cal.Date{}, on(t, "01/01/2026")); got != -1 {
		t.Errorf("without an anchor: %d", got)
	}
}

func TestIn(t *testing.T) {
	fourWeekly := cal.Cadence{Every: 4, Unit: cal.Week}
	for _, tt := range []struct {
		name      string
		anchor    string
		cadence   cal.Cadence
		from, to  string
		wantCount int
		first     int
		firstDay  string
		lastDay   string
	}{
		{"a year of months", "31/01/2026", cal.Monthly, "01/01/2026", "01/01/2027", 12, 0, "31/01/2026", "31/12/2026"},
		{"the year after", "31/01/2026", cal.Monthly, "01/01/2027", "01/01/2028", 12, 12, "31/01/2027", "31/12/2027"},
		{"14 charges of 4 weeks", "01/01/2026", fourWeekly, "01/01/2026", "01/01/2027", 14, 0, "01/01/2026", "31/12/2026"},
		{"13 charges of 4 weeks", "02/01/2026", fourWeekly, "01/01/2026", "01/01/2027", 13, 0, "02/01/2026", "04/12/2026"},
		{"the first day counts", "01/01/2020", cal.Yearly, "01/01/2026", "02/01/2026", 1, 6, "01/01/2026", "01/01/2026"},
		{"the end does not", "01/01/2020", cal.Yearly, "02/01/2025", "01/01/2026", 0, 0, "", ""},
		{"before the anchor", "01/01/2027", cal.Monthly, "01/01/2026", "01/01/2027", 0, 0, "", ""},
		{"once", "15/06/2026", cal.OneOff, "01/01/2026", "01/01/2027", 1, 0, "15/06/2026", "15/06/2026"},
		{"once, the year after", "15/06/2026", cal.OneOff, "01/01/2027", "01/01/2028", 0, 0, "", ""},
		{"no cadence", "15/06/2026", cal.Cadence{}, "01/01/2026", "01/01/2027", 0, 0, "", ""},
		{"backwards", "15/06/2026", cal.Monthly, "01/01/2027", "01/01/2026", 0, 0, "", ""},
	} {
		var days []cal.Date
		next := tt.first
		for k, d := range tt.cadence.In(on(t, tt.anchor), cal.Span{From: on(t, tt.from), To: on(t, tt.to)}) {
			if k != next {
				t.Errorf("%s: index %d, want %d", tt.name, k, next)
			}
			next++
			days = append(days, d)
		}
		if len(days) != tt.wantCount {
			t.Errorf("%s: %d occurrences %v, want %d", tt.name, len(days), days, tt.wantCount)
			continue
		}
		if tt.wantCount > 0 && (days[0] != on(t, tt.firstDay) || days[len(days)-1] != on(t, tt.lastDay)) {
			t.Errorf("%s: from %v to %v, want %s to %s", tt.name, days[0], days[len(days)-1], tt.firstDay, tt.lastDay)
		}
	}
}

func TestInEnds(t *testing.T) {
	anchor := on(t, "31/01/2026")
	year := cal.Span{From: on(t, "01/01/2026"), To: on(t, "01/01/2027")}
	seen := 0
	for range cal.Monthly.In(anchor, year) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("%d occurrences before the break", seen)
	}
	for range cal.Monthly.In(cal.Date{}, year) {
		t.Fatal("an occurrence without an anchor")
	}
	// At the end of the calendar days stop advancing; the loop must too.
	end := cal.Span{From: cal.MustNew(9999, time.November, 1), To: cal.MustNew(9999, time.December, 31)}
	seen = 0
	for range cal.Monthly.In(anchor, end) {
		seen++
	}
	if seen != 1 {
		t.Errorf("%d occurrences in the last months of the calendar", seen)
	}
}

func TestParseCadence(t *testing.T) {
	for s, want := range map[string]cal.Cadence{
		"1 month":   cal.Monthly,
		"3 month":   cal.Quarterly,
		"6 month":   cal.HalfYearly,
		"1 year":    cal.Yearly,
		"4 week":    {Every: 4, Unit: cal.Week},
		"999 day":   {Every: 999, Unit: cal.Day},
		"once":      cal.OneOff,
		" 2 year\t": {Every: 2, Unit: cal.Year},
	} {
		got, err := cal.ParseCadence(s)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", s, got, err, want)
		}
		if again, err := cal.ParseCadence(got.String()); err != nil || again != got {
			t.Errorf("%q is written %q, read as %v, %v", s, got, again, err)
		}
	}
	for s, want := range map[string]cal.Reason{
		"0 month":     cal.CadenceZero,
		"1000 month":  cal.CadenceRange,
		"2 once":      cal.CadenceRange,
		"1 fortnight": cal.CadenceUnit,
		"1 Month":     cal.CadenceUnit,
		"":            cal.CadenceMalformed,
		"month":       cal.CadenceMalformed,
		"-1 month":    cal.CadenceMalformed,
		"1.5 month":   cal.CadenceMalformed,
		"10000 day":   cal.CadenceMalformed,
	} {
		if got, err := cal.ParseCadence(s); reason(err) != want || got != (cal.Cadence{}) {
			t.Errorf("%q: %v, %q, want %q", s, got, reason(err), want)
		}
	}
	if err := (cal.Cadence{Every: -3, Unit: cal.Month}).Validate(); reason(err) != cal.CadenceRange {
		t.Errorf("every -3 months: %v", err)
	}
}

func TestDecideBy(t *testing.T) {
	for _, tt := range []struct {
		renewal string
		notice  cal.Notice
		margin  int
		want    string
	}{
		{"15/03/2027", cal.Notice{N: 30, Unit: cal.Day}, 0, "13/02/2027"},
		{"15/03/2027", cal.Notice{N: 1, Unit: cal.Month}, 0, "15/02/2027"},
		{"31/03/2027", cal.Notice{N: 1, Unit: cal.Month}, 0, "28/02/2027"},
		{"31/03/2027", cal.Notice{N: 1, Unit: cal.Month}, 5, "23/02/2027"},
		{"31/03/2027", cal.Notice{N: 2, Unit: cal.Week}, 0, "17/03/2027"},
		{"29/02/2028", cal.Notice{N: 1, Unit: cal.Year}, 0, "28/02/2027"},
		{"15/03/2027", cal.Notice{}, 0, "15/03/2027"},
		{"15/03/2027", cal.Notice{}, 3, "12/03/2027"},
		{"01/01/2027", cal.Notice{N: 0, Unit: cal.Month}, 1, "31/12/2026"},
	} {
		if got := cal.DecideBy(on(t, tt.renewal), tt.notice, tt.margin); got != on(t, tt.want) {
			t.Errorf("renewal %s, notice %v, margin %d: %v, want %s", tt.renewal, tt.notice, tt.margin, got, tt.want)
		}
	}
	if got := cal.DecideBy(cal.Date{}, cal.Notice{N: 30, Unit: cal.Day}, 5); !got.IsZero() {
		t.Errorf("no renewal is decided by %v", got)
	}
}

func TestParseNotice(t *testing.T) {
	for s, want := range map[string]cal.Notice{
		"30 day":   {N: 30, Unit: cal.Day},
		"1 month":  {N: 1, Unit: cal.Month},
		"0 day":    {N: 0, Unit: cal.Day},
		"3650 day": {N: 3650, Unit: cal.Day},
		"2 week":   {N: 2, Unit: cal.Week},
		"1 year":   {N: 1, Unit: cal.Year},
	} {
		got, err := cal.ParseNotice(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%q: %v, %v, want %v", s, got, err, want)
		}
	}
	for s, want := range map[string]cal.Reason{
		"3651 day": cal.NoticeRange,
		"1 once":   cal.NoticeUnit,
		"1 moon":   cal.NoticeUnit,
		"month":    cal.NoticeMalformed,
		"":         cal.NoticeMalformed,
		"-1 day":   cal.NoticeMalformed,
	} {
		if got, err := cal.ParseNotice(s); reason(err) != want || got != (cal.Notice{}) {
			t.Errorf("%q: %v, %q, want %q", s, got, reason(err), want)
		}
	}
	if got := (cal.Notice{}).String(); got != "0 day" {
		t.Errorf("no notice is written %q", got)
	}
	if err := (cal.Notice{}).Validate(); err != nil {
		t.Errorf("no notice: %v", err)
	}
	if err := (cal.Notice{N: -1, Unit: cal.Day}).Validate(); reason(err) != cal.NoticeRange {
		t.Errorf("notice of -1 day: %v", err)
	}
}

func TestFiscalYear(t *testing.T) {
	calendar := cal.YearStart{Month: time.January, Day: 1}
	school := cal.YearStart{Month: time.September, Day: 1}
	april := cal.YearStart{Month: time.April, Day: 6}
	type year struct {
		Number      int
		Label       string
		Start, Last string
	}
	for _, tt := range []struct {
		start cal.YearStart
		on    string
		want  year
	}{
		{calendar, "01/01/2026", year{2026, "2026", "2026-01-01", "2026-12-31"}},
		{calendar, "31/12/2026", year{2026, "2026", "2026-01-01", "2026-12-31"}},
		{cal.YearStart{}, "31/12/2026", year{2026, "2026", "2026-01-01", "2026-12-31"}},
		{school, "31/08/2025", year{2024, "2024-2025", "2024-09-01", "2025-08-31"}},
		{school, "01/09/2025", year{2025, "2025-2026", "2025-09-01", "2026-08-31"}},
		{april, "05/04/2026", year{2025, "2025-2026", "2025-04-06", "2026-04-05"}},
		{april, "06/04/2026", year{2026, "2026-2027", "2026-04-06", "2027-04-05"}},
		{cal.YearStart{Month: time.January, Day: 2}, "01/01/2026", year{2025, "2025-2026", "2025-01-02", "2026-01-01"}},
		{cal.YearStart{Month: time.February, Day: 28}, "29/02/2028", year{2028, "2028-2029", "2028-02-28", "2029-02-27"}},
	} {
		y := tt.start.YearOf(on(t, tt.on))
		got := year{y.Number(), y.Label(), y.Start.String(), y.Last().String()}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s of years from %v: %s", tt.on, tt.start, diff)
		}
		if y != tt.start.Year(tt.want.Number) || y.Next().Prev() != y || y.Next().Start != y.Span().To {
			t.Errorf("%s of years from %v: neighbours disagree", tt.on, tt.start)
		}
	}
	if got := school.YearOf(cal.Date{}); got != (cal.FiscalYear{}) || !got.Span().IsEmpty() || got.Label() != "0" {
		t.Errorf("no day lies in %v, %q", got, got.Label())
	}
	if got := school.Year(math.MaxInt).Number(); got != 9999 {
		t.Errorf("the last fiscal year is %d", got)
	}
}

func TestFiscalMonths(t *testing.T) {
	y := cal.YearStart{Month: time.September, Day: 15}.Year(2025)
	months := y.Months()
	if len(months) != 12 || months[0].From != y.Start || months[11].To != y.Span().To {
		t.Fatalf("%v", months)
	}
	days := 0
	for i, m := range months {
		days += m.Days()
		if m.From.Day() != 15 || i > 0 && m.From != months[i-1].To {
			t.Errorf("month %d is %v", i+1, m)
		}
	}
	if days != 365 {
		t.Errorf("the months hold %d days", days)
	}
}

func TestYearStartValidate(t *testing.T) {
	for s, want := range map[cal.YearStart]cal.Reason{
		{Month: time.January, Day: 1}:   "",
		{Month: time.February, Day: 28}: "",
		{Month: time.February, Day: 29}: cal.YearStartDay,
		{Month: time.January, Day: 31}:  cal.YearStartDay,
		{Month: time.January, Day: 0}:   cal.YearStartDay,
		{Month: 13, Day: 1}:             cal.YearStartMonth,
		{}:                              cal.YearStartMonth,
	} {
		if got := reason(s.Validate()); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
}

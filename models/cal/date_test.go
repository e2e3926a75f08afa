package cal_test

import (
	"encoding/json"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"enveloppe/models/cal"
)

// on reads a day written in a test as 2026-03-31, or 31/03/2026 as in the tables of the accountants.
func on(t testing.TB, s string) cal.Date {
	t.Helper()
	d, err := cal.ParseTyped(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

// reason returns why err refused, "" for no error.
func reason(err error) cal.Reason {
	var refused *cal.ParseError
	if errors.As(err, &refused) {
		return refused.Reason
	}
	if err != nil {
		return cal.Reason("not a *ParseError: " + err.Error())
	}
	return ""
}

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		y      int
		m      time.Month
		d      int
		reason cal.Reason
	}{
		{2026, time.February, 28, ""},
		{2024, time.February, 29, ""},
		{2000, time.February, 29, ""},
		{1, time.January, 1, ""},
		{9999, time.December, 31, ""},
		{2026, time.February, 29, cal.DateImpossible},
		{2026, time.February, 30, cal.DateImpossible},
		{1900, time.February, 29, cal.DateImpossible},
		{2026, time.April, 31, cal.DateImpossible},
		{2026, time.January, 0, cal.DateImpossible},
		{2026, time.January, 257, cal.DateImpossible},
		{2026, 0, 1, cal.DateImpossible},
		{2026, 13, 1, cal.DateImpossible},
		{0, time.January, 1, cal.DateRange},
		{10_000, time.January, 1, cal.DateRange},
	} {
		d, err := cal.New(tt.y, tt.m, tt.d)
		if reason(err) != tt.reason {
			t.Errorf("%d-%d-%d: %q, want %q", tt.y, tt.m, tt.d, reason(err), tt.reason)
		}
		if err == nil && (d.Year() != tt.y || d.Month() != tt.m || d.Day() != tt.d) {
			t.Errorf("%d-%d-%d became %v", tt.y, tt.m, tt.d, d)
		}
		if d.IsZero() != (err != nil) {
			t.Errorf("%d-%d-%d: %v with %v", tt.y, tt.m, tt.d, d, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("MustNew made 30 February")
		}
	}()
	cal.MustNew(2026, time.February, 30)
}

func TestParseTyped(t *testing.T) {
	for _, tt := range []struct {
		typed, want string
		reason      cal.Reason
	}{
		{"2026-03-31", "2026-03-31", ""},
		{"31/03/2026", "2026-03-31", ""},
		{"31.3.2026", "2026-03-31", ""},
		{"31-03-2026", "2026-03-31", ""},
		{" 1/2/2026 ", "2026-02-01", ""},
		{"2026-3-1", "2026-03-01", ""},
		{"29/02/2024", "2024-02-29", ""},
		{"01/01/1970", "1970-01-01", ""},
		{"31/12/2199", "2199-12-31", ""},
		{"", "", cal.DateEmpty},
		{"  ", "", cal.DateEmpty},
		{"tomorrow", "", cal.DateMalformed},
		{"31/03", "", cal.DateMalformed},
		{"31/03/26", "", cal.DateMalformed},
		{"31/03-2026", "", cal.DateMalformed},
		{"2026/03/31", "", cal.DateMalformed},
		{"31 mars 2026", "", cal.DateMalformed},
		{"2026-03-31T00:00", "", cal.DateMalformed},
		{"-1-03-2026", "", cal.DateMalformed},
		{"+1/03/2026", "", cal.DateMalformed},
		{"//2026", "", cal.DateMalformed},
		{"003/1/2026", "", cal.DateMalformed},
		{"٣١/٠٣/٢٠٢٦", "", cal.DateMalformed},
		{"20260331", "", cal.DateMalformed},
		{"30/02/2026", "", cal.DateImpossible},
		{"29/02/2026", "", cal.DateImpossible},
		{"03/31/2026", "", cal.DateImpossible},
		{"00/01/2026", "", cal.DateImpossible},
		{"31/12/1969", "", cal.DateRange},
		{"01/01/2200", "", cal.DateRange},
		{"01/01/0000", "", cal.DateRange},
	} {
		got, err := cal.ParseTyped(tt.typed)
		if reason(err) != tt.reason || err == nil && got.String() != tt.want {
			t.Errorf("%q: %v, %q, want %q, %q", tt.typed, got, reason(err), tt.want, tt.reason)
		}
	}
}

func TestParseIsStrict(t *testing.T) {
	for s, want := range map[string]cal.Reason{
		"2026-03-31":          "",
		"0001-01-01":          "",
		"9999-12-31":          "",
		"":                    cal.DateEmpty,
		"2026-3-31":           cal.DateMalformed,
		" 2026-03-31":         cal.DateMalformed,
		"2026-03-31 ":         cal.DateMalformed,
		"31/03/2026":          cal.DateMalformed,
		"2026-03-31T00:00:00": cal.DateMalformed,
		"2026-+3-31":          cal.DateMalformed,
		"2026-02-30":          cal.DateImpossible,
		"0000-01-01":          cal.DateRange,
	} {
		got, err := cal.Parse(s)
		if reason(err) != want || err == nil && got.String() != s {
			t.Errorf("%q: %v, %q, want %q", s, got, reason(err), want)
		}
	}
}

func FuzzParseTyped(f *testing.F) {
	for _, s := range []string{
		"2026-03-31", "31/03/2026", "31.3.2026", "31-03-2026", "1/2/2026", "2026-3-1", "29/02/2024",
		"30/02/2026", "31/12/1969", "", "-", "//", "1/1/1", "2026-03-31T00:00", "\xff/1/2026", "0/0/0000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := cal.ParseTyped(s)
		if err != nil {
			if reason(err) == "" || !d.IsZero() {
				t.Fatalf("%q: %v with %v", s, d, err)
			}
			return
		}
		if d.Year() < 1970 || d.Year() > 2199 {
			t.Fatalf("%q gave %v", s, d)
		}
		if again, err := cal.Parse(d.String()); err != nil || again != d {
			t.Fatalf("%q gave %v, read back as %v, %v", s, d, again, err)
		}
		if d.Time(time.UTC).Format(time.DateOnly) != d.String() {
			t.Fatalf("%q gave %v, which is %v to package time", s, d, d.Time(time.UTC))
		}
	})
}

func TestAddMonths(t *testing.T) {
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"31/01/2026", 1, "28/02/2026"},
		{"31/01/2024", 1, "29/02/2024"},
		{"31/01/2026", -1, "31/12/2025"},
		{"31/03/2026", -1, "28/02/2026"},
		{"29/02/2024", 12, "28/02/2025"},
		{"29/02/2024", 48, "29/02/2028"},
		{"15/12/2026", 1, "15/01/2027"},
		{"15/01/2026", -13, "15/12/2024"},
		{"31/12/2026", 0, "31/12/2026"},
	} {
		if got := on(t, tt.from).AddMonths(tt.n); got != on(t, tt.want) {
			t.Errorf("%s + %d months: %v, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestArithmeticStaysInTheCalendar(t *testing.T) {
	day := on(t, "15/03/2026")
	earliest, latest := cal.MustNew(1, time.January, 1), cal.MustNew(9999, time.December, 31)
	for _, tt := range []struct {
		name      string
		got, want cal.Date
	}{
		{"far days", day.AddDays(math.MaxInt), latest},
		{"far days back", day.AddDays(math.MinInt), earliest},
		{"days past the end", latest.AddDays(1), latest},
		{"days before the start", earliest.AddDays(-1), earliest},
		{"far months", day.AddMonths(math.MaxInt), latest},
		{"far months back", day.AddMonths(math.MinInt), earliest},
		{"months past the end", latest.AddMonths(1), latest},
		{"months before the start", earliest.AddMonths(-1), earliest},
		{"the whole calendar in days", earliest.AddDays(earliest.DaysUntil(latest)), latest},
		{"no day, later", cal.Date{}.AddDays(3), cal.Date{}},
		{"no day, months later", cal.Date{}.AddMonths(3), cal.Date{}},
		{"start of no month", cal.Date{}.MonthStart(), cal.Date{}},
		{"end of no month", cal.Date{}.MonthEnd(), cal.Date{}},
		{"start of the month", day.MonthStart(), on(t, "01/03/2026")},
		{"end of the month", day.MonthEnd(), on(t, "31/03/2026")},
		{"end of February", on(t, "01/02/2028").MonthEnd(), on(t, "29/02/2028")},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	if n := day.DaysUntil(cal.Date{}); n != 0 {
		t.Errorf("%d days until no day", n)
	}
	if n := on(t, "01/01/2026").DaysUntil(on(t, "01/01/2027")); n != 365 {
		t.Errorf("2026 has %d days", n)
	}
	if n := on(t, "01/01/2025").DaysUntil(on(t, "01/01/2024")); n != -366 {
		t.Errorf("back over 2024: %d days", n)
	}
}

func TestOrder(t *testing.T) {
	var none cal.Date
	days := []cal.Date{none, on(t, "31/12/2025"), on(t, "01/01/2026"), on(t, "02/01/2026"), on(t, "01/02/2026")}
	shuffled := []cal.Date{days[3], days[0], days[4], days[2], days[1]}
	slices.SortFunc(shuffled, cal.Date.Compare)
	if !slices.Equal(days, shuffled) {
		t.Errorf("sorted: %v", shuffled)
	}
	for i, a := range days {
		for j, b := range days {
			if a.Before(b) != (i < j) || a.After(b) != (i > j) || a.Equal(b) != (i == j) {
				t.Errorf("%v and %v: before %v, after %v, equal %v", a, b, a.Before(b), a.After(b), a.Equal(b))
			}
			if cal.Min(a, b) != days[min(i, j)] || cal.Max(a, b) != days[max(i, j)] {
				t.Errorf("%v and %v: min %v, max %v", a, b, cal.Min(a, b), cal.Max(a, b))
			}
		}
	}
}

func TestCivilDayOfAnInstant(t *testing.T) {
	paris := time.FixedZone("CET", 3600)
	instant := time.Date(2026, time.December, 31, 23, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		got  cal.Date
		want string
	}{
		{"in its zone", cal.Of(instant), "2026-12-31"},
		{"in Paris", cal.Of(instant.In(paris)), "2027-01-01"},
		{"the zero time", cal.Of(time.Time{}), ""},
		{"before the calendar", cal.Of(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)), "0001-01-01"},
		{"after the calendar", cal.Of(time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC)), "9999-12-31"},
	} {
		if tt.got.String() != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
	midnight := on(t, "01/01/2027").Time(paris)
	if want := time.Date(2026, time.December, 31, 23, 0, 0, 0, time.UTC); !midnight.Equal(want) {
		t.Errorf("midnight in Paris is %v", midnight.UTC())
	}
	if !(cal.Date{}).Time(paris).IsZero() {
		t.Error("no day has a time")
	}
}

func TestStoredDays(t *testing.T) {
	day := on(t, "31/03/2026")
	stored, err := day.Value()
	if err != nil || stored != "2026-03-31" {
		t.Errorf("stored as %v, %v", stored, err)
	}
	if stored, err = (cal.Date{}).Value(); err != nil || stored != nil {
		t.Errorf("no day is stored as %v, %v", stored, err)
	}
	for _, v := range []any{"2026-03-31", []byte("2026-03-31"), day.Time(time.UTC), day.Time(time.FixedZone("NZ", 13*3600))} {
		var back cal.Date
		if err := back.Scan(v); err != nil || back != day {
			t.Errorf("from %T: %v, %v", v, back, err)
		}
	}
	for _, v := range []any{nil, "", []byte(nil)} {
		back := day
		if err := back.Scan(v); err != nil || !back.IsZero() {
			t.Errorf("from %#v: %v, %v", v, back, err)
		}
	}
	for _, v := range []any{20_260_331, "31/03/2026", "2026-02-30", "2026-03-31 00:00:00"} {
		back := day
		if err := back.Scan(v); err == nil || back != day {
			t.Errorf("%v was read as %v", v, back)
		}
	}
}

func TestJSON(t *testing.T) {
	type page struct{ On, Until cal.Date }
	text, err := json.Marshal(page{On: on(t, "31/03/2026")})
	if err != nil || string(text) != `{"On":"2026-03-31","Until":""}` {
		t.Errorf("%s, %v", text, err)
	}
	var back page
	if err := json.Unmarshal(text, &back); err != nil || back.On != on(t, "31/03/2026") || !back.Until.IsZero() {
		t.Errorf("%v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"On":"2026-02-30"}`), &back); reason(err) != cal.DateImpossible {
		t.Errorf("30 February: %v", err)
	}
}

func TestSpan(t *testing.T) {
	year := cal.Span{From: on(t, "01/01/2026"), To: on(t, "01/01/2027")}
	if year.Days() != 365 || year.Last() != on(t, "31/12/2026") || year.IsEmpty() {
		t.Errorf("2026: %d days to %v", year.Days(), year.Last())
	}
	if got := year.String(); got != "[2026-01-01, 2027-01-01)" {
		t.Errorf("2026 is written %s", got)
	}
	if got := cal.Inclusive(on(t, "01/01/2026"), on(t, "31/12/2026")); got != year {
		t.Errorf("from the first day to the last: %v", got)
	}
	for d, want := range map[string]bool{
		"31/12/2025": false, "01/01/2026": true, "31/12/2026": true, "01/01/2027": false,
	} {
		if year.Contains(on(t, d)) != want {
			t.Errorf("2026 contains %s: %v", d, !want)
		}
	}
	backwards := cal.Span{From: year.To, To: year.From}
	open := cal.Span{To: year.To}
	for _, s := range []cal.Span{{}, backwards, open, {From: year.From}, {From: year.From, To: year.From}} {
		if !s.IsEmpty() || s.Days() != 0 || !s.Last().IsZero() || s.Contains(year.From) || s.Contains(cal.Date{}) {
			t.Errorf("%v is not empty", s)
		}
		if got := s.Overlap(year); got != (cal.Span{}) {
			t.Errorf("%v overlaps 2026 in %v", s, got)
		}
		if got := year.Overlap(s); got != (cal.Span{}) {
			t.Errorf("2026 overlaps %v in %v", s, got)
		}
	}
	october := cal.Span{From: on(t, "01/10/2026"), To: on(t, "01/10/2027")}
	if got, want := october.Overlap(year), (cal.Span{From: october.From, To: year.To}); got != want || got.Days() != 92 {
		t.Errorf("October's year in 2026: %v, want %v", got, want)
	}
	next := cal.Span{From: year.To, To: on(t, "01/01/2028")}
	if got := year.Overlap(next); got != (cal.Span{}) {
		t.Errorf("two years that touch overlap in %v", got)
	}
}

package reports_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	arran "github.com/arran4/golang-ical"
	emersion "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// taken is one event as a calendar program takes it in.
type taken struct {
	UID, Summary, Description, URL, Transp string
	Stamp                                  time.Time
	From, To                               time.Time
}

// byEmersion and byArran read a calendar with two parsers that know nothing of each other.
func byEmersion(t rapid.TB, content []byte) (name string, events []taken) {
	t.Helper()
	decoded, err := emersion.NewDecoder(bytes.NewReader(content)).Decode()
	if err != nil {
		t.Fatalf("go-ical: %v\n%s", err, content)
	}
	text := func(props emersion.Props, name string) string {
		s, err := props.Text(name)
		if err != nil {
			t.Fatalf("go-ical: %s: %v", name, err)
		}
		return s
	}
	instant := func(props emersion.Props, name string) time.Time {
		at, err := props.DateTime(name, time.UTC)
		if err != nil {
			t.Fatalf("go-ical: %s: %v", name, err)
		}
		return at
	}
	for _, e := range decoded.Events() {
		p := e.Props
		events = append(events, taken{
			UID: text(p, "UID"), Summary: text(p, "SUMMARY"), Description: text(p, "DESCRIPTION"), URL: p.Get("URL").Value,
			Transp: text(p, "TRANSP"), Stamp: instant(p, "DTSTAMP"), From: instant(p, "DTSTART"), To: instant(p, "DTEND"),
		})
	}
	return text(decoded.Props, "X-WR-CALNAME"), events
}

func byArran(t rapid.TB, content []byte) (name string, events []taken) {
	t.Helper()
	decoded, err := arran.ParseCalendar(bytes.NewReader(content))
	if err != nil {
		t.Fatalf("golang-ical: %v\n%s", err, content)
	}
	for _, p := range decoded.CalendarProperties {
		if p.IANAToken == "X-WR-CALNAME" {
			name = p.Value
		}
	}
	must := func(at time.Time, err error) time.Time {
		if err != nil {
			t.Fatalf("golang-ical: %v", err)
		}
		return at
	}
	for _, e := range decoded.Events() {
		value := func(p arran.ComponentProperty) string { return e.GetProperty(p).Value }
		events = append(events, taken{
			UID: e.Id(), Summary: value(arran.ComponentPropertySummary), Description: value(arran.ComponentPropertyDescription),
			URL: value(arran.ComponentPropertyUrl), Transp: value(arran.ComponentPropertyTransp), Stamp: must(e.GetDtStampTime()),
			From: must(e.GetAllDayStartAt()).UTC(), To: must(e.GetAllDayEndAt()).UTC(),
		})
	}
	return name, events
}

// read gives what both parsers agree on.
func read(t rapid.TB, content []byte) (name string, events []taken) {
	t.Helper()
	name, events = byEmersion(t, content)
	other, others := byArran(t, content)
	if name != other {
		t.Fatalf("the parsers read the names %q and %q", name, other)
	}
	if diff := cmp.Diff(events, others); diff != "" {
		t.Fatalf("the parsers read other events (- go-ical, + golang-ical):\n%s", diff)
	}
	return name, events
}

// checkLines holds the bytes themselves against RFC 5545: parsers forgive.
func checkLines(t rapid.TB, content []byte) {
	t.Helper()
	if !bytes.HasSuffix(content, []byte("\r\n")) {
		t.Fatal("the last line has no end")
	}
	for _, line := range bytes.Split(bytes.TrimSuffix(content, []byte("\r\n")), []byte("\r\n")) {
		switch {
		case len(line) > 75:
			t.Fatalf("a line of %d octets: %q", len(line), line)
		case !utf8.Valid(line):
			t.Fatalf("a rune is cut in two: %q", line)
		case bytes.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u0085' || r == '\u2028' || r == '\u2029' }):
			t.Fatalf("a line holds what ends one: %q", line)
		case len(line) == 0 || line[0] != ' ' && !bytes.ContainsAny(line, ":"):
			t.Fatalf("no property: %q", line)
		}
	}
}

// revised is when the revisions of the tests were written: a minute after one another.
func revised(revision int64) time.Time {
	return time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(revision) * time.Minute)
}

func feed() reports.CalendarOptions {
	return reports.CalendarOptions{Amounts: true, BaseURL: base, Host: "enveloppe.passerelles.example", Changed: revised}
}

// calendarFacts are a charge of each sort a feed tells apart.
func calendarFacts() models.Facts {
	f := facts()
	f.Payments = f.Payments[1:2] // of the domain in October
	f.Subscriptions[0].Version = 61
	karim := models.Person{ID: claire + 1, Name: "Karim; Benali, \\o/", Role: models.Editor, Lang: models.French, Version: 75}
	f.People = append(f.People, karim)
	f.Subscriptions[2].AutoRenew, f.Subscriptions[2].OwnerID = false, karim.ID
	f.Services[2].Name = "Carte, mentale; \\ « 思维导图 » dont le nom ne tient pas sur une seule ligne de calendrier"
	f.Services = append(f.Services, models.Service{ID: 105, Name: "Licence", FunctionID: dataAccess, VendorID: ovh})
	f.Plans = append(f.Plans, models.Plan{ID: 204, ServiceID: 105, Name: "À vie", Tier: models.Premium, Price: money.Euros(150_00), Cadence: cal.OneOff})
	f.Subscriptions = append(f.Subscriptions, models.Subscription{
		ID: 304, ServiceID: 105, PlanID: 204, StartedOn: day("2026-12-31"), Anchor: day("2026-12-31"), Cadence: cal.OneOff, AutoRenew: true,
		Terms: []models.Terms{{ID: 354, From: day("2026-12-31"), Price: money.Euros(150_00)}},
	})
	f.Decisions = []models.Decision{{ID: 700, ServiceID: domain, SubscriptionID: 301, Kind: models.Keep, On: day("2026-11-02"), Renewal: day("2027-10-01")}}
	f.Waivers = []models.Waiver{{ID: 701, SubscriptionID: 302, ChargeOn: day("2028-01-11"), On: day("2026-11-02")}}
	part := models.Payment{ // of the dollars
		ID: 702, Version: 90, ServiceID: dropbox, SubscriptionID: 300, ChargeOn: day("2026-12-18"), Part: true, PaidOn: day("2026-11-20"),
		Billed: money.Cents(4000, "USD"), Debited: money.Euros(3734),
	}
	f.Payments = append(f.Payments, part.Settle(f.Organisation.VATStatusOn(part.PaidOn)))
	return f
}

func TestGoldenCalendar(t *testing.T) {
	c := reports.NewCalendar(models.NewRegister(calendarFacts()), day("2026-11-23"), feed())
	for _, lang := range words.Langs() {
		content := c.Bytes(words.In(lang))
		checkLines(t, content)
		golden(t, "calendar-"+string(lang)+".ics", content)
		name, events := read(t, content)
		if want := map[words.Lang]string{words.FR: "Association Passerelles\u00a0: échéances", words.EN: "Association Passerelles: renewals"}[lang]; name != want {
			t.Errorf("the calendar is called %q, want %q", name, want)
		}
		if len(events) != len(c.Events) {
			t.Errorf("%d events were read, of %d", len(events), len(c.Events))
		}
	}
}

// What a calendar program shows of each sort of charge, day by day.
func TestWhatACalendarSays(t *testing.T) {
	r := models.NewRegister(calendarFacts())
	say := func(o reports.CalendarOptions, lang words.Lang) (all []string) {
		_, events := read(t, reports.NewCalendar(r, day("2026-11-23"), o).Bytes(words.In(lang)))
		for _, e := range events {
			if e.To.Sub(e.From) != 24*time.Hour {
				t.Errorf("%s lasts from %s to %s", e.UID, e.From, e.To)
			}
			all = append(all, e.From.Format(time.DateOnly)+" "+strings.NewReplacer("\u00a0", "_").Replace(e.Summary))
		}
		return all
	}
	const long = "Carte, mentale; \\ « 思维导图 » dont le nom ne tient pas sur une seule ligne de calendrier"
	want := []string{
		"2026-10-01 Renouvellement Nom de domaine_: 119,88_€",
		"2026-11-16 À décider_: Dropbox", // 18 December less a month and two days
		"2026-12-09 À décider_: " + long,
		"2026-12-18 Renouvellement Dropbox_: reste 55,07_€",
		"2026-12-31 Début Licence_: 150,00_€",
		"2027-01-11 Renouvellement " + long + "_: 58,80_€",
		"2027-10-01 Renouvellement Nom de domaine_: 119,88_€", // decided: nothing to decide any more
		"2027-11-16 À décider_: Dropbox",
		"2027-12-18 Renouvellement Dropbox_: 92,40_€",
		"2028-08-30 À décider_: Nom de domaine",
		"2028-10-01 Renouvellement Nom de domaine_: 119,88_€",
		"2028-11-16 À décider_: Dropbox",
	}
	if diff := cmp.Diff(want, say(feed(), words.FR)); diff != "" {
		t.Errorf("(- want, + got)\n%s", diff)
	}
	mine := feed()
	mine.Owner, mine.Amounts = claire+1, false
	want = []string{"2026-12-09 To decide: " + long, "2027-01-11 " + long + " renews"}
	if diff := cmp.Diff(want, say(mine, words.EN)); diff != "" {
		t.Errorf("Karim's without amounts (- want, + got)\n%s", diff)
	}
}

// DTSTAMP is the last change of what the event says, and of nothing else.
func TestAnEventIsStampedWithItsLastChange(t *testing.T) {
	stamps := func(o reports.CalendarOptions) map[string]time.Time {
		_, events := read(t, reports.NewCalendar(models.NewRegister(calendarFacts()), day("2026-11-23"), o).Bytes(words.In(words.FR)))
		all := map[string]time.Time{}
		for _, e := range events {
			all[strings.TrimSuffix(e.UID, "@enveloppe.passerelles.example")] = e.Stamp
		}
		return all
	}
	with, without := feed(), feed()
	without.Amounts = false
	for _, c := range []struct {
		feed reports.CalendarOptions
		uid  string
		want time.Time
	}{
		{with, "renewal-1-301-2027-10-01", revised(0)},
		{with, "renewal-1-302-2027-01-11", revised(75)},                                   // its owner's name
		{with, "renewal-1-300-2027-12-18", time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}, // the rate's day
		{without, "renewal-1-300-2027-12-18", revised(61)},
		{without, "renewal-1-300-2026-12-18", revised(61)}, // that a part was paid is about money
	} {
		if got, ok := stamps(c.feed)[c.uid]; !ok || !got.Equal(c.want) {
			t.Errorf("%s is stamped %s, want %s", c.uid, got, c.want)
		}
	}
}

var hostile = rapid.OneOf(
	rapid.SampledFrom([]string{
		"a\r\nEND:VCALENDAR", "x\nBEGIN:VEVENT\nUID:1", "\\n;,:\"^'", "é" + strings.Repeat("語", 60), strings.Repeat("a", 73), "\u2028b\u2029c\u0085d\ve\ff\tg",
		"\x00\x07nul", "\ufeffBOM", "bad \xff utf-8 \xc3", strings.Repeat("👩‍🚀", 20), "=SUM(A1)", "<script>", " space ", "\u202eright to left",
	}),
	rapid.StringN(1, 40, 400),
)

// anySubscriptions is an organisation with up to six subscriptions, whatever they are called.
func anySubscriptions(t *rapid.T) models.Facts {
	f := models.Facts{Organisation: models.Organisation{
		ID: 7, Name: hostile.Draw(t, "organisation"), YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: "Europe/Paris",
		MarginDays: rapid.IntRange(0, 10).Draw(t, "margin"), KeptFrom: day("2025-01-01"),
	}}
	f.People = []models.Person{{ID: 1, Name: hostile.Draw(t, "first")}, {ID: 2, Name: hostile.Draw(t, "second")}}
	f.Rates = []models.ReferenceRate{{ID: 3, Currency: "USD", Day: day("2026-11-20"), Rate: rate("1.0714"), Source: models.RateECB}}
	for i := range rapid.IntRange(0, 6).Draw(t, "subscriptions") {
		addSubscription(t, &f, models.ID(10+10*i))
	}
	return f
}

func addSubscription(t *rapid.T, f *models.Facts, id models.ID) {
	cadence := cal.Cadence{Every: rapid.IntRange(1, 13).Draw(t, "every"), Unit: rapid.SampledFrom([]cal.Unit{cal.Week, cal.Month, cal.Month, cal.Year}).Draw(t, "unit")}
	if rapid.IntRange(0, 9).Draw(t, "once") == 0 {
		cadence = cal.OneOff
	}
	service := models.Service{ID: id, Name: hostile.Draw(t, "service")}
	if rapid.IntRange(0, 7).Draw(t, "archived") == 0 {
		service.ArchivedOn = day("2026-06-30")
	}
	f.Services = append(f.Services, service)
	f.Plans = append(f.Plans, models.Plan{ID: id + 1, ServiceID: id, Name: hostile.Draw(t, "plan"), Tier: models.Premium, Cadence: cadence})
	price := money.Cents(rapid.Int64Range(1, 5_000_000).Draw(t, "price"), rapid.SampledFrom([]money.Currency{"EUR", "EUR", "USD", "JPY"}).Draw(t, "currency")).Round()
	if price.IsZero() {
		price = money.Euros(100)
	}
	start := anyDay(t, "start")
	s := models.Subscription{
		ID: id + 2, ServiceID: id, PlanID: id + 1, StartedOn: start, Anchor: start, Cadence: cadence, AutoRenew: rapid.Bool().Draw(t, "tacit"),
		Notice:  cal.Notice{N: rapid.IntRange(0, 40).Draw(t, "notice"), Unit: rapid.SampledFrom([]cal.Unit{cal.Day, cal.Month}).Draw(t, "of")},
		OwnerID: models.ID(rapid.IntRange(0, 2).Draw(t, "owner")), Version: rapid.Int64Range(0, 90).Draw(t, "version"),
		Terms: []models.Terms{{ID: id + 3, From: start, Price: price}},
	}
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		s.EndsOn = start.AddDays(rapid.IntRange(0, 800).Draw(t, "ends after"))
	case 1:
		s.FixedUntil = start.AddDays(rapid.IntRange(1, 800).Draw(t, "fixed for"))
	case 2:
		s.TrialEnds = start.AddDays(rapid.IntRange(1, 60).Draw(t, "tried for"))
	}
	f.Subscriptions = append(f.Subscriptions, s)
	for k := range rapid.IntRange(0, 4).Draw(t, "answers") {
		on := cadence.Occurrence(start, k)
		switch rapid.IntRange(0, 2).Draw(t, "answer") {
		case 0:
			f.Waivers = append(f.Waivers, models.Waiver{ID: id + models.ID(len(f.Waivers)), SubscriptionID: s.ID, ChargeOn: on, On: start})
		case 1:
			f.Decisions = append(f.Decisions, models.Decision{ID: models.ID(1 + len(f.Decisions)), ServiceID: id, SubscriptionID: s.ID, Kind: models.Keep, On: start, Renewal: on})
		}
	}
}

// expected works out anew, from the charges alone, which events a feed holds, as the starts of their UIDs with their days.
func expected(r *models.Register, today cal.Date, owner models.ID) []string {
	span := reports.CalendarSpan(today)
	var all []string
	for _, s := range r.Subscriptions {
		if sv, _ := r.Service(s.ServiceID); sv.Archived() || owner != 0 && s.OwnerID != owner {
			continue
		}
		for _, c := range r.ChargesOf(s, cal.Span{From: span.From, To: span.To.AddMonths(60)}, today) {
			if settled, _ := r.Settlement(c); settled == models.Waived {
				continue
			}
			if span.Contains(c.On) {
				all = append(all, c.On.String()+" renewal "+c.On.String())
			}
			_, answered := r.AnswerTo(s, c.On)
			by := cal.WorkdayOnOrBefore(c.DecideBy)
			if span.Contains(by) && !answered && s.EndsOn.IsZero() && !c.DecideBy.Before(s.StartedOn) && !c.On.Before(s.FixedUntil) {
				all = append(all, by.String()+" decide "+c.On.String())
			}
		}
	}
	slices.Sort(all)
	return all
}

// Whatever things are called, the feed holds the renewals of the register around the day, each once and whole, in lines
// that every calendar program reads.
func TestACalendarIsTheRegistersRenewals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := anySubscriptions(rt)
		r, today := models.NewRegister(f), anyDay(rt, "today")
		o := feed()
		o.Owner, o.Amounts = models.ID(rapid.IntRange(0, 2).Draw(rt, "of")), rapid.Bool().Draw(rt, "amounts")
		c := reports.NewCalendar(r, today, o)
		for _, lang := range words.Langs() {
			content := c.Bytes(words.In(lang))
			checkLines(rt, content)
			_, events := read(rt, content)
			seen, got := map[string]bool{}, []string{}
			for i, e := range events {
				if seen[e.UID] {
					rt.Fatalf("two events are %s", e.UID)
				}
				seen[e.UID] = true
				kind, _, _ := strings.Cut(e.UID, "-")
				name, _, _ := strings.Cut(e.UID, "@")
				got = append(got, e.From.Format(time.DateOnly)+" "+kind+" "+name[len(name)-len(time.DateOnly):])
				if e.To.Sub(e.From) != 24*time.Hour || i > 0 && e.From.Before(events[i-1].From) || e.Transp != "TRANSPARENT" {
					rt.Fatalf("not a day of its own, in turn, that leaves people free: %+v", e)
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(append([]string{}, expected(r, today, o.Owner)...), got); diff != "" {
				rt.Fatalf("the register's renewals (- want, + got):\n%s", diff)
			}
		}
	})
}

// Nothing of a feed without amounts depends on one: with other prices, currencies and rates it is the same to the byte.
func TestAFeedWithoutAmountsHoldsNoneOfThem(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, today := anySubscriptions(rt), anyDay(rt, "today")
		o := feed()
		o.Amounts = false
		for i := range f.Plans {
			f.Plans[i].Name = "Plus à 9,99 €"
		}
		before := reports.NewCalendar(models.NewRegister(f), today, o).Bytes(words.In(words.FR))
		for i := range f.Subscriptions {
			f.Subscriptions[i].Terms = slices.Clone(f.Subscriptions[i].Terms)
			f.Plans[i].Name = "Plus à 19,90 €"
			f.Subscriptions[i].Terms[0].Price = money.Cents(rapid.Int64Range(100, 5_000_000).Draw(rt, "other price"), rapid.SampledFrom([]money.Currency{"EUR", "USD", "CHF"}).Draw(rt, "other currency"))
		}
		f.Rates = []models.ReferenceRate{{ID: 4, Currency: "CHF", Day: today, Rate: rate("0.93"), Source: models.RateECB}}
		if after := reports.NewCalendar(models.NewRegister(f), today, o).Bytes(words.In(words.FR)); !bytes.Equal(before, after) {
			rt.Fatalf("an amount shows:\n%s", cmp.Diff(string(before), string(after)))
		}
	})
}

// The feed of a register that does not change is the same on every day of a month.
func TestAFeedStaysTheSameAllMonth(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, today := anySubscriptions(rt), anyDay(rt, "today")
		f.Rates = nil
		r := models.NewRegister(f)
		first := reports.NewCalendar(r, today.MonthStart(), feed()).Bytes(words.In(words.FR))
		if other := reports.NewCalendar(r, today, feed()).Bytes(words.In(words.FR)); !bytes.Equal(first, other) {
			rt.Fatalf("on %s it differs from the 1st's:\n%s", today, cmp.Diff(string(first), string(other)))
		}
	})
}

func TestTheSamplesCalendarIsRead(t *testing.T) {
	today := day("2026-11-23")
	for _, lang := range words.Langs() {
		r := models.NewRegister(sample.Association(today, models.Lang(lang), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)))
		content := reports.NewCalendar(r, today, feed()).Bytes(words.In(lang))
		checkLines(t, content)
		_, events := read(t, content)
		if len(events) < 20 {
			t.Errorf("%d events only", len(events))
		}
		t.Logf("%s: %d events, %d bytes", lang, len(events), len(content))
	}
}

// BenchmarkCalendar is the feed of 300 services that renew every month.
func BenchmarkCalendar(b *testing.B) {
	f := facts()
	s := f.Subscriptions[1]
	s.Cadence, s.StartedOn, s.Anchor = cal.Monthly, day("2025-01-31"), day("2025-01-31")
	f.Subscriptions, f.Payments = nil, nil
	for i := range 300 {
		s.ID = models.ID(10_000 + i)
		f.Subscriptions = append(f.Subscriptions, s)
	}
	r := models.NewRegister(f)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(reports.NewCalendar(r, day("2026-11-23"), feed()).Bytes(words.In(words.FR)))))
	}
}

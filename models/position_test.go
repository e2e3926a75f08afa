package models

import (
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
)

// theYear is 2026 of an association seen on 15 November: a yearly plan paid in March, a monthly one of the 31st paid
// until September, a plan in dollars to come in December and one in francs without a rate.
func theYear() Facts {
	f := Facts{Organisation: association(), Vendors: []Vendor{{ID: 8, Name: "Partout", Country: "FR"}}}
	f.Envelopes = []Envelope{{ID: 9, Year: 2026, Floor: eur(20_000), Ceiling: eur(25_000)}}
	f.Rates = []ReferenceRate{{ID: 10, Currency: usd, Day: today.AddDays(-5), Rate: rate("1.0714"), Source: RateECB}}
	for i, name := range []string{"Dropbox", "Skype", "MindMeister", "Scoop.it", "Gmail"} {
		f.Services = append(f.Services, Service{ID: ID(11 + i), Name: name, VendorID: 8})
		f.Plans = append(f.Plans, Plan{ID: ID(21 + i), ServiceID: ID(11 + i), Name: "Pro", Tier: Premium})
	}
	f.Plans[4].Tier = Free
	add := func(i int, s Subscription) {
		s.ID, s.ServiceID, s.PlanID = ID(31+i), ID(11+i), ID(21+i)
		f.Subscriptions = append(f.Subscriptions, s)
	}
	add(0, yearly())
	add(1, monthly("2025-12-31", func(s *Subscription) { s.Notice = cal.Notice{N: 1, Unit: cal.Month} }))
	add(2, yearly(func(s *Subscription) {
		s.StartedOn, s.Anchor, s.Notice = day("2023-12-01"), day("2023-12-01"), cal.Notice{}
		s.Terms[0].Price = dollars(9900)
	}))
	add(3, yearly(func(s *Subscription) {
		s.StartedOn, s.Anchor = day("2025-12-20"), day("2025-12-20")
		s.Terms[0].Price = money.Cents(1200, "CHF")
	}))
	add(4, yearly(func(s *Subscription) { s.Terms[0].Price = eur(0) }))
	next := ID(40)
	f.Payments = paidUntil(f, day("2026-10-31"), func() ID { next++; return next })
	return f
}

func TestPosition(t *testing.T) {
	t.Parallel()
	r := NewRegister(theYear())
	year := r.Year(today)
	p := r.Position(year, today)
	for _, c := range []struct {
		name string
		got  money.Amount
		want int64
	}{
		{"spent", p.Spent, 9120 + 9*1000},
		{"due", p.Due, 1000},
		{"locked: 30 November could be prevented until 28 October", p.Locked, 1000},
		{"avoidable: 31 December, and the dollars", p.Avoidable, 1000 + 9240},
		{"committed", p.Committed, 11_240},
		{"forecast", p.Forecast, 30_360},
		{"room", p.Room(), -5360},
		{"October", p.Months[9].Total, 19_120},
		{"of October itself", p.Months[9].Sum(), 1000},
		{"November", p.Months[10].Total, 20_120},
		{"December", p.Months[11].Total, 30_360},
	} {
		if c.got != eur(c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, eur(c.want))
		}
	}
	if p.Status != Over || p.CrossedOn != day("2026-12-01") || p.CrossedBy != 13 {
		t.Errorf("%s on %v by %d", p.Status, p.CrossedOn, p.CrossedBy)
	}
	if p.Complete() || len(p.UnconvertedCharges) != 1 || p.UnconvertedCharges[0].Billed != money.Cents(1200, "CHF") {
		t.Errorf("left out: %v", p.UnconvertedCharges)
	}
	if p.Services != 5 || p.PaidServices != 4 {
		t.Errorf("%d services, %d paid", p.Services, p.PaidServices)
	}
	if len(p.DueCharges) != 1 || len(p.Still) != 3 {
		t.Errorf("%d due, %d still to come", len(p.DueCharges), len(p.Still))
	}
	total, complete := r.RunRate(today)
	if total != eur(12*1000+9120+9240) || complete {
		t.Errorf("run rate %v, complete %v", total, complete)
	}
}

// A charge is due on its day, not the day before; the year before all is to come, the year after nothing is.
func TestPositionByDay(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly(), func(f *Facts) { f.Organisation.KeptFrom = day("2026-01-01") })
	year := cal.YearStart{}.Year(2026)
	for _, c := range []struct {
		on                     string
		due, locked, avoidable int64
	}{
		{"2025-06-30", 0, 0, 9120}, {"2026-02-11", 0, 0, 9120}, {"2026-02-12", 0, 9120, 0}, {"2026-03-14", 0, 9120, 0}, {"2026-03-15", 9120, 0, 0}, {"2027-01-15", 9120, 0, 0},
	} {
		p := r.Position(year, day(c.on))
		if p.Due != eur(c.due) || p.Locked != eur(c.locked) || p.Avoidable != eur(c.avoidable) || p.Forecast != eur(9120) || len(p.DueCharges) != int(c.due/9120) {
			t.Errorf("on %s: due %v, locked %v, avoidable %v of %v", c.on, p.Due, p.Locked, p.Avoidable, p.Forecast)
		}
	}
}

func TestPositionStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		floor, ceiling int64
		want           Status
		crossed        string
	}{
		{20_000, 25_000, Over, "2026-12-01"},
		{0, 30_359, Over, "2026-12-31"},
		{0, 30_360, Within, ""},
		{30_360, 40_000, Within, ""},
		{30_361, 40_000, Under, ""},
		{0, 100, Over, "2026-01-31"},
	} {
		f := theYear()
		f.Envelopes = []Envelope{{ID: 9, Year: 2026, Floor: eur(c.floor), Ceiling: eur(c.ceiling)}}
		r := NewRegister(f)
		if p := r.Position(r.Year(today), today); p.Status != c.want || p.CrossedOn.String() != c.crossed {
			t.Errorf("%d to %d: %s on %v, want %s on %s", c.floor, c.ceiling, p.Status, p.CrossedOn, c.want, c.crossed)
		}
	}
	f := theYear()
	f.Envelopes[0].Year = 2025
	r := NewRegister(f)
	if p := r.Position(r.Year(today), today); p.Status != NoEnvelope || !p.Room().IsNone() || !p.CrossedOn.IsZero() {
		t.Errorf("without an envelope: %s, room %v", p.Status, p.Room())
	}
	f.Envelopes[0] = Envelope{ID: 9, Year: 2026, Ceiling: eur(40_000)}
	r = NewRegister(f)
	if p := r.Position(r.Year(today), today); p.Status != Within {
		t.Errorf("without a floor: %s", p.Status)
	}
}

// A payment and its reversal the same day cross nothing; only the end of the day counts.
func TestCrossingWithinADay(t *testing.T) {
	t.Parallel()
	at := func(on string, service ID, cents int64) Payment {
		return Payment{ServiceID: service, PaidOn: day(on), Billed: eur(cents)}.Settle(statusA)
	}
	for _, c := range []struct {
		name     string
		payments []Payment
		on       string
		by       ID
	}{
		{"once", []Payment{at("2026-01-01", 1, 90), at("2026-02-01", 2, 20)}, "2026-02-01", 2},
		{"at once", []Payment{at("2026-01-01", 1, 110)}, "2026-01-01", 1},
		{"by the second of a day", []Payment{at("2026-01-01", 1, 90), at("2026-01-01", 2, 20), at("2026-01-01", 3, 5)}, "2026-01-01", 2},
		{"and back, and again", []Payment{at("2026-01-01", 1, 110), at("2026-02-01", 2, -20), at("2026-03-01", 3, 30)}, "2026-03-01", 3},
		{"reversed the same day", []Payment{at("2026-01-01", 1, 110), at("2026-02-01", 2, -50), at("2026-02-01", 2, 50)}, "2026-01-01", 1},
		{"up, down and up again in one day", []Payment{at("2026-01-01", 1, 90), at("2026-01-01", 2, 20), at("2026-01-01", 3, -20), at("2026-01-01", 4, 30)}, "2026-01-01", 4},
		{"out of order", []Payment{at("2026-03-01", 3, 30), at("2026-01-01", 1, 80)}, "2026-03-01", 3},
	} {
		r := NewRegister(Facts{Organisation: association(), Payments: c.payments, Envelopes: []Envelope{{Year: 2026, Ceiling: eur(100)}}})
		if p := r.Position(r.Year(today), today); p.CrossedOn != day(c.on) || p.CrossedBy != c.by {
			t.Errorf("%s: on %v by %d, want %s by %d", c.name, p.CrossedOn, p.CrossedBy, c.on, c.by)
		}
	}
}

func TestUnconvertedPaymentsAreSaid(t *testing.T) {
	t.Parallel()
	f := theYear()
	p := Payment{ID: 90, ServiceID: 11, PaidOn: day("2026-05-05"), Billed: money.Cents(5000, "CHF")}.Settle(statusA)
	f.Payments = append(f.Payments, p)
	r := NewRegister(f)
	got := r.Position(r.Year(today), today)
	if got.Forecast != eur(30_360) || len(got.UnconvertedPayments) != 1 || got.Complete() {
		t.Errorf("forecast %v, left out %v", got.Forecast, got.UnconvertedPayments)
	}
	f = reverse(f, 90, 91)
	if got := NewRegister(f).Position(r.Year(today), today); len(got.UnconvertedPayments) != 0 {
		t.Error("a reversed one is still said")
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	calendar, school := cal.YearStart{Month: 1, Day: 1}, cal.YearStart{Month: 9, Day: 1}
	for _, c := range []struct {
		name   string
		cost   int64
		period cal.Span
		year   cal.FiscalYear
		want   int64
	}{
		{"October 2025 to September 2026, of 2025", 12_000, cal.Inclusive(day("2025-10-01"), day("2026-09-30")), calendar.Year(2025), 3025},
		{"of 2026", 12_000, cal.Inclusive(day("2025-10-01"), day("2026-09-30")), calendar.Year(2026), 8975},
		{"of 2027", 12_000, cal.Inclusive(day("2025-10-01"), day("2026-09-30")), calendar.Year(2027), 0},
		{"from a leap day", 24_000, cal.Inclusive(day("2024-02-29"), day("2025-02-27")), calendar.Year(2024), 20_186},
		{"in a school year", 9588, cal.Inclusive(day("2025-03-10"), day("2026-03-09")), school.Year(2024), 4597},
		{"three years, the first", 36_000, cal.Inclusive(day("2024-07-01"), day("2027-06-30")), calendar.Year(2024), 6049},
		{"the second", 36_000, cal.Inclusive(day("2024-07-01"), day("2027-06-30")), calendar.Year(2025), 12_000},
		{"the third", 36_000, cal.Inclusive(day("2024-07-01"), day("2027-06-30")), calendar.Year(2026), 12_000},
		{"the rest", 36_000, cal.Inclusive(day("2024-07-01"), day("2027-06-30")), calendar.Year(2027), 5951},
		{"a credit note", -6000, cal.Inclusive(day("2025-10-01"), day("2026-09-30")), calendar.Year(2025), -1512},
		{"no period: its day", 6000, cal.Span{}, calendar.Year(2024), 6000},
	} {
		f := Facts{Organisation: association(), Payments: []Payment{{ID: 7, PaidOn: day("2024-12-31"), Period: c.period, Billed: eur(c.cost)}}}
		f.Payments[0] = f.Payments[0].Settle(statusA)
		if got := NewRegister(f).Spread(c.year, today); got != eur(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, eur(c.want))
		}
	}
}

// A plan paid for five years serves in each of them, whether it is still expected or has been paid without its period
// being noted.
func TestSpreadOfFiveYears(t *testing.T) {
	t.Parallel()
	s := yearly(func(s *Subscription) {
		s.StartedOn, s.Anchor, s.Cadence, s.EndsOn = day("2022-01-01"), day("2022-01-01"), cal.Cadence{Every: 5, Unit: cal.Year}, day("2027-01-01")
		s.Terms[0].Price = eur(182_600) // 1 € a day
	})
	open := registerWith(s, func(f *Facts) { f.Organisation.KeptFrom = day("2020-01-01") })
	c, _ := open.Charge(4, day("2022-01-01"), today)
	paid := registerWith(s, func(f *Facts) {
		p := paymentOf(open, c, day("2022-01-03"))
		p.ID = 50
		f.Payments = []Payment{p}
	})
	for n, want := range map[int]int64{2021: 0, 2022: 36_500, 2024: 36_600, 2026: 36_500, 2027: 0} {
		year := cal.YearStart{}.Year(n)
		if got := open.Spread(year, today); got != eur(want) {
			t.Errorf("%d, still due: %v, want %v", n, got, eur(want))
		}
		if got := paid.Spread(year, today); got != eur(want) {
			t.Errorf("%d, paid: %v, want %v", n, got, eur(want))
		}
	}
}

func TestPeriodOf(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly())
	noted := cal.Inclusive(day("2026-01-01"), day("2026-01-31"))
	for _, c := range []struct {
		name string
		p    Payment
		want cal.Span
	}{
		{"as noted", Payment{SubscriptionID: 4, ChargeOn: day("2026-03-15"), PaidOn: today, Period: noted}, noted},
		{"of its charge", Payment{SubscriptionID: 4, ChargeOn: day("2026-03-15"), PaidOn: today}, cal.Span{From: day("2026-03-15"), To: day("2027-03-15")}},
		{"of a charge that is no more", Payment{SubscriptionID: 4, ChargeOn: day("2026-03-16"), PaidOn: today}, cal.Inclusive(today, today)},
		{"of no charge", Payment{SubscriptionID: 4, PaidOn: today}, cal.Inclusive(today, today)},
		{"of a subscription that is not there", Payment{SubscriptionID: 99, ChargeOn: day("2026-03-15"), PaidOn: today}, cal.Inclusive(today, today)},
	} {
		if got := r.PeriodOf(c.p); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestComing(t *testing.T) {
	t.Parallel()
	r := NewRegister(theYear())
	got := r.Coming(today)
	if len(got) != 13 || got[0].Month != day("2026-11-01") || got[12].Month != day("2027-11-01") {
		t.Fatalf("%d months from %v", len(got), got[0].Month)
	}
	want := []ComingMonth{
		{Month: day("2026-11-01"), Cost: eur(1000), Count: 1},
		{Month: day("2026-12-01"), Cost: eur(10_240), Count: 2, Unconverted: 1},
		{Month: day("2027-01-01"), Cost: eur(1000), Count: 1},
	}
	if d := cmp.Diff(want, got[:3]); d != "" {
		t.Errorf("first months (-want +got):\n%s", d)
	}
	if got := r.Coming(day("2026-11-30")); len(got) != 12 || got[0].Month != day("2026-12-01") {
		t.Errorf("from the first of a month: %d months from %v", len(got), got[0].Month)
	}
	// Nothing is left of November on the 30th but its day; with nothing on it, the month goes.
	f := theYear()
	f.Subscriptions = f.Subscriptions[:1]
	if got := NewRegister(f).Coming(day("2026-11-28")); len(got) != 12 || got[0].Month != day("2026-12-01") {
		t.Errorf("an empty rest of a month: %d months from %v", len(got), got[0].Month)
	}
}

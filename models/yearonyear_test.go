package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"pgregory.net/rapid"
)

// twoYears is a register kept since 2024 with one subscription and the changes made to it.
func twoYears(s Subscription, change ...func(*Facts)) *Register {
	return registerWith(s, append([]func(*Facts){func(f *Facts) {
		f.Organisation.KeptFrom = day("2024-01-01")
		f.Plans = append(f.Plans, Plan{ID: 6, ServiceID: 2, Name: "Gratuite", Tier: Free, Cadence: cal.Yearly}, Plan{ID: 7, ServiceID: 2, Name: "Équipe", Tier: Premium, PerSeat: true, Price: eur(1200), Cadence: cal.Monthly})
	}}, change...)...)
}

// told writes parts as a table does: "price +12.00 (6)".
func told(parts []Part) string {
	var all []string
	for _, p := range parts {
		sign := ""
		if p.Amount.IsPositive() {
			sign = "+"
		}
		all = append(all, fmt.Sprintf("%s %s%s (%d)", p.Kind, sign, p.Amount.Plain(), p.Charges))
	}
	return strings.Join(all, ", ")
}

// paid records a payment of a subscription's charge as it was expected, on a day, changed as given.
func paid(id ID, charge, on string, change ...func(*Payment)) func(*Facts) {
	return func(f *Facts) {
		r := NewRegister(*f)
		for _, s := range f.Subscriptions {
			if c, ok := r.Charge(s.ID, day(charge), day("2026-11-15")); ok {
				p := paymentOf(r, c, day(on))
				p.ID = id
				for _, x := range change {
					x(&p)
				}
				f.Payments = append(f.Payments, p.Settle(f.Organisation.VATStatusOn(p.PaidOn)))
				return
			}
		}
		panic("no charge on " + charge)
	}
}

func bill(a money.Amount) func(*Payment) { return func(p *Payment) { p.Billed = a } }

func then(s *Subscription, from string, price money.Amount, seats int) {
	s.Terms = append(s.Terms, Terms{ID: ID(50 + len(s.Terms)), From: day(from), Price: price, PerSeat: s.Terms[0].PerSeat, Seats: seats})
}

func rates(r ...string) func(*Facts) {
	return func(f *Facts) {
		for i, x := range r {
			on, figure, _ := strings.Cut(x, " ")
			f.Rates = append(f.Rates, ReferenceRate{ID: ID(70 + i), Currency: usd, Day: day(on), Rate: rate(figure), Source: RateTyped})
		}
	}
}

func TestYearOnYear(t *testing.T) {
	t.Parallel()
	seats := func(n int) func(*Subscription) {
		return func(s *Subscription) { s.Terms[0].PerSeat, s.Terms[0].Seats = true, n }
	}
	since := func(from string, s Subscription, change func(*Subscription)) Subscription {
		s.ID, s.StartedOn, s.Anchor, s.Terms = 40, day(from), day(from), []Terms{{ID: 49, From: day(from), Price: s.Terms[0].Price, Seats: 1}}
		change(&s)
		return s
	}
	also := func(s Subscription) func(*Facts) {
		return func(f *Facts) { f.Subscriptions = append(f.Subscriptions, s) }
	}
	waived := func(on string) func(*Facts) {
		return func(f *Facts) {
			f.Waivers = append(f.Waivers, Waiver{ID: 90, SubscriptionID: 4, ChargeOn: day(on), On: day(on), Reason: "offert"})
		}
	}
	dollarsAYear := yearly(func(s *Subscription) { s.Terms[0].Price = dollars(9900) })
	for _, c := range []struct {
		name string
		r    *Register
		want string // before, after and the parts of 2026 against 2025
	}{
		{"nothing changed", twoYears(monthly("2024-01-31")), "120 120"},
		{"a rise in the middle of the year", twoYears(monthly("2024-01-05", func(s *Subscription) { then(s, "2026-07-01", eur(1200), 1) })), "120 132: price +12.00 (6)"},
		{"the rest of a rise of the year before", twoYears(monthly("2024-01-05", func(s *Subscription) { then(s, "2025-07-01", eur(1200), 1) })), "132 144: price +12.00 (6)"},
		{"a cut that came back", twoYears(monthly("2024-01-05", func(s *Subscription) {
			then(s, "2025-11-01", eur(800), 1)
			then(s, "2026-03-01", eur(1000), 1)
		})), "116 116"},
		{"two seats more in April", twoYears(monthly("2024-01-05", seats(3), func(s *Subscription) { then(s, "2026-04-01", eur(1000), 5) })), "360 540: seats +180.00 (9)"},
		{"two seats more, each dearer", twoYears(monthly("2024-01-05", seats(3), func(s *Subscription) { then(s, "2026-04-01", eur(1100), 5) })), "360 585: price +45.00 (9), seats +180.00 (9)"},
		{"two seats fewer, each dearer", twoYears(monthly("2024-01-05", seats(5), func(s *Subscription) { then(s, "2026-01-01", eur(1100), 3) })), "600 396: price +36.00 (12), seats -240.00 (12)"},
		{"from a flat price to one by seat", twoYears(monthly("2024-01-05", func(s *Subscription) {
			then(s, "2026-01-01", eur(400), 3)
			s.Terms[1].PerSeat = true
		})), "120 144: price +24.00 (12)"},
		{"a dearer plan from October", twoYears(until(monthly("2024-01-05"), "2026-10-05"), also(since("2026-10-05", monthly("2026-10-05"), func(s *Subscription) { s.PlanID, s.Terms[0].Price = 7, eur(1500) }))), "120 135: plan +15.00 (3)"},
		{"a dearer plan on another day of the month", twoYears(until(monthly("2024-01-05"), "2026-10-05"), also(since("2026-10-20", monthly("2026-10-20"), func(s *Subscription) { s.PlanID, s.Terms[0].Price = 7, eur(1500) }))), "120 135: plan +15.00 (3)"},
		{"from the year to the month", twoYears(until(yearly(), "2026-03-15"), also(since("2026-03-15", monthly("2026-03-15"), func(*Subscription) {}))), "91.2 100: plan +8.80 (10)"},
		{"a second yearly plan in the same year", twoYears(until(yearly(), "2026-10-01"), also(since("2026-10-01", yearly(), func(s *Subscription) { s.PlanID, s.Terms[0].Price = 7, eur(20_000) }))), "91.2 291.2: plan +200.00 (1)"},
		{"free became paid", twoYears(until(yearly(func(s *Subscription) { s.PlanID, s.Terms[0].Price = 6, eur(0) }), "2026-05-10"), also(since("2026-05-10", yearly(), func(*Subscription) {}))), "0 91.2: plan +91.20 (1)"},
		{"paid became free", twoYears(until(yearly(), "2026-03-15"), also(since("2026-03-15", yearly(), func(s *Subscription) { s.PlanID, s.Terms[0].Price = 6, eur(0) }))), "91.2 0: plan -91.20 (1)"},
		{"added in the spring", twoYears(monthly("2026-04-12")), "0 90: added +90.00 (9)"},
		{"added in the spring of the year before", twoYears(monthly("2025-04-12")), "90 120: added +30.00 (3)"},
		{"added at the end of the year before, after a trial", twoYears(monthly("2025-11-20", func(s *Subscription) { s.TrialEnds = day("2025-12-20") })), "10 120: added +110.00 (11)"},
		{"charged from a later day than used", twoYears(monthly("2025-03-01", func(s *Subscription) { s.Anchor = day("2025-10-01") })), "30 120: added +90.00 (9)"},
		{"dropped in September", twoYears(until(monthly("2024-01-05"), "2026-09-05")), "120 80: dropped -40.00 (4)"},
		{"dropped the year before", twoYears(until(monthly("2024-01-05"), "2025-09-05")), "80 0: dropped -80.00 (8)"},
		{"added and dropped", twoYears(until(monthly("2025-04-12"), "2026-09-12")), "90 80: added +30.00 (3), dropped -40.00 (4)"},
		{"half a year on either side", twoYears(until(monthly("2025-07-05"), "2026-07-05")), "60 60: added +60.00 (6), dropped -60.00 (6)"},
		{"a grant that ended", twoYears(yearly(func(s *Subscription) { s.GrantEnds = day("2025-12-01") })), "0 91.2: price +91.20 (1)"},
		{"nothing asked for two months", twoYears(monthly("2024-01-05", func(s *Subscription) {
			then(s, "2025-06-01", eur(0), 1)
			then(s, "2025-08-01", eur(1000), 1)
		})), "100 120: price +20.00 (2)"},
		{"every four weeks: 13 and 13", twoYears(monthly("2024-01-02", func(s *Subscription) { s.Cadence = cal.Cadence{Every: 4, Unit: cal.Week} }), func(f *Facts) { f.Organisation.KeptFrom = cal.Date{} }), "130 130"},
		{"every four weeks: 14 after 13", twoYears(monthly("2024-01-04", func(s *Subscription) { s.Cadence = cal.Cadence{Every: 4, Unit: cal.Week} })), "130 140: calendar +10.00 (1)"},
		{"every two years", twoYears(yearly(func(s *Subscription) { s.Cadence = cal.Cadence{Every: 2, Unit: cal.Year} })), "0 91.2: calendar +91.20 (1)"},
		{"once", twoYears(yearly(func(s *Subscription) {
			s.StartedOn, s.Anchor, s.Cadence = day("2025-05-01"), day("2025-05-01"), cal.OneOff
		})), "91.2 0: calendar -91.20 (1)"},
		{"a December's charge paid in January, the next in December", twoYears(yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2024-12-28"), day("2024-12-28") }),
			paid(30, "2024-12-28", "2024-12-28"), paid(31, "2025-12-28", "2026-01-04")), "0 182.4: calendar +182.40 (2)"},
		{"the year's charge moved from December to January", twoYears(until(yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2023-12-15"), day("2023-12-15") }), "2026-12-15"),
			also(since("2026-12-15", yearly(), func(s *Subscription) { s.Anchor = day("2027-01-15") }))), "91.2 0: calendar -91.20 (1)"},
		{"both paid late", twoYears(yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2023-12-28"), day("2023-12-28") }),
			paid(31, "2024-12-28", "2025-01-04"), paid(32, "2025-12-28", "2026-01-09", bill(eur(10_120)))), "91.2 192.4: price +10.00 (1), calendar +91.20 (1)"},
		{"moved from February to November, and dearer", twoYears(until(yearly(func(s *Subscription) { s.StartedOn, s.Anchor = day("2024-02-01"), day("2024-02-01") }), "2025-12-31"),
			also(since("2025-12-31", yearly(), func(s *Subscription) { s.Anchor, s.Terms[0].Price = day("2026-11-01"), eur(10_120) }))), "91.2 101.2: price +10.00 (1)"},
		{"the rate moved", twoYears(dollarsAYear, rates("2025-03-01 1.0714", "2026-03-01 1.1279")), "92.4 87.77: currency -4.63 (1)"},
		{"the rate moved and the price rose", twoYears(yearly(func(s *Subscription) {
			s.Terms[0].Price = dollars(9900)
			then(s, "2026-01-01", dollars(10_900), 1)
		}), rates("2025-03-01 1.0714", "2026-03-01 1.1279")), "92.4 96.64: price +9.33 (1), currency -5.09 (1)"},
		{"what the bank debited, dollars all along", twoYears(dollarsAYear, rates("2025-03-01 1.0714", "2026-03-01 1.0714"),
			paid(31, "2025-03-15", "2025-03-15", func(p *Payment) { p.Debited = eur(9500) })), "95 92.4: currency -2.60 (1)"},
		{"from dollars to euros", twoYears(yearly(func(s *Subscription) {
			s.Terms[0].Price = dollars(9900)
			then(s, "2026-01-01", eur(9500), 1)
		}), rates("2025-03-01 1.0714", "2026-03-01 1.1279")), "92.4 95: price +7.23 (1), currency -4.63 (1)"},
		{"from dollars to euros, no rate any more", twoYears(yearly(func(s *Subscription) {
			s.Terms[0].Price = dollars(9900)
			then(s, "2026-01-01", eur(9500), 1)
		}), rates("2024-12-01 1.0714")), "92.4 95: currency +2.60 (1)"},
		{"from euros to dollars", twoYears(yearly(func(s *Subscription) { then(s, "2026-01-01", dollars(9900), 1) }), rates("2025-03-01 1.0714", "2026-03-01 1.1279")), "91.2 87.77: price -3.43 (1)"},
		{"no rate the year before", twoYears(dollarsAYear, rates("2026-03-01 1.1279")), "0 87.77: currency +87.77 (1)"},
		{"no rate in either", twoYears(dollarsAYear), "0 0"},
		{"in three parts, one still open", twoYears(yearly(), paid(30, "2025-03-15", "2025-03-15"),
			paid(31, "2026-03-15", "2026-03-15", func(p *Payment) { p.Part, p.Billed = true, eur(3000) }),
			paid(32, "2026-03-15", "2026-04-15", func(p *Payment) { p.Part, p.Billed = true, eur(3000) })), "91.2 91.2"},
		{"billed dearer than expected", twoYears(yearly(), paid(31, "2026-03-15", "2026-03-15", bill(eur(9999)))), "91.2 99.99: price +8.79 (1)"},
		{"a credit note", twoYears(yearly(), paid(31, "2026-03-15", "2026-05-01", bill(eur(-2000)), func(p *Payment) { p.ChargeOn = cal.Date{} })), "91.2 71.2: other -20.00 (1)"},
		{"seats paid for in between", twoYears(yearly(), paid(31, "2026-03-15", "2026-05-01", bill(eur(1500)), func(p *Payment) { p.ChargeOn = cal.Date{} })), "91.2 106.2: other +15.00 (1)"},
		{"a month given", twoYears(monthly("2024-01-05"), waived("2025-04-05")), "110 120: waived +10.00 (1)"},
		{"typed wrong and put right", twoYears(yearly(), paid(31, "2026-03-15", "2026-03-15", bill(dollars(9120)), func(p *Payment) { p.Debited = eur(9000) }),
			func(f *Facts) { *f = reverse(*f, 31, 32) }, paid(33, "2026-03-15", "2026-03-15")), "91.2 91.2"},
		{"the French tax due from 2026 on", twoYears(dollarsAYear, rates("2025-03-01 1.0714", "2026-03-01 1.0714"), func(f *Facts) {
			f.Vendors[0].Country = "US"
			f.Organisation.VAT = []VATStatus{{From: day("2026-01-01"), Kind: NoDeduction}}
		}), "92.4 110.88: vat +18.48 (1)"},
		{"a rate under the French tax: no cent of it is tax", twoYears(dollarsAYear, rates("2025-03-01 1.0714", "2026-03-01 1.1279"), func(f *Facts) {
			f.Vendors[0].Country = "US"
			f.Organisation.VAT = []VATStatus{{From: day("2024-01-01"), Kind: NoDeduction}}
		}), "110.88 105.32: currency -5.56 (1)"},
		{"the register began in July", twoYears(monthly("2024-01-05"), func(f *Facts) { f.Organisation.KeptFrom = day("2025-07-01") }), "60 120: unkept +60.00 (6)"},
		{"the register began in July, the service in September", twoYears(monthly("2025-09-05"), func(f *Facts) { f.Organisation.KeptFrom = day("2025-07-01") }), "40 120: added +80.00 (8)"},
		{"no subscription: bought once in a while", twoYears(yearly(), func(f *Facts) {
			f.Subscriptions = nil
			f.Payments = []Payment{Payment{ID: 31, ServiceID: 2, PaidOn: day("2026-02-01"), Billed: eur(1000)}.Settle(VATStatus{Kind: NotTaxable})}
		}), "0 10: added +10.00 (1)"},
		{"no subscription: the year before only", twoYears(yearly(), func(f *Facts) {
			f.Subscriptions = nil
			f.Payments = []Payment{Payment{ID: 31, ServiceID: 2, PaidOn: day("2025-02-01"), Billed: eur(1000)}.Settle(VATStatus{Kind: NotTaxable})}
		}), "10 0: dropped -10.00 (1)"},
		{"out of all proportion", twoYears(dollarsAYear, rates("2026-03-01 0.0001"), paid(31, "2025-03-15", "2025-03-15", bill(dollars(1)), func(p *Payment) { p.Debited = eur(99_999_999_999) })), "999999999.99 990000: price -999009999.99 (1)"},
	} {
		y := c.r.YearOnYear(c.r.Year(day("2026-06-01")), day("2026-11-15"))
		got := strings.TrimSuffix(fmt.Sprintf("%s %s: %s", short(y.Before), short(y.After), told(y.Parts)), ": ")
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func until(s Subscription, end string) Subscription { s.EndsOn = day(end); return s }

// short writes "91.2" for 91,20 €.
func short(a money.Amount) string { return a.Decimal().String() }

func TestYearOnYearTellsWhatChanged(t *testing.T) {
	t.Parallel()
	r := twoYears(monthly("2024-01-05", func(s *Subscription) {
		s.Terms[0].PerSeat, s.Terms[0].Seats = true, 3
		then(s, "2026-04-01", eur(1100), 5)
	}))
	y := r.YearOnYear(r.Year(today), today)
	want := []Part{
		{Kind: PartPrice, Amount: eur(4500), Charges: 9, Was: Bought{3, cal.Monthly, eur(1000), 3, money.Amount{}}, Now: Bought{3, cal.Monthly, eur(1100), 5, money.Amount{}}},
		{Kind: PartSeats, Amount: eur(18_000), Charges: 9, Was: Bought{3, cal.Monthly, eur(1000), 3, money.Amount{}}, Now: Bought{3, cal.Monthly, eur(1100), 5, money.Amount{}}},
	}
	if got := y.Services[0]; !slices.Equal(got.Parts, want) || got.ChargesBefore != 12 || got.ChargesAfter != 12 || got.Change() != eur(22_500) {
		t.Errorf("got %+v", got)
	}
	if got := y.Parts[0]; got != (Part{Kind: PartPrice, Amount: eur(4500), Charges: 9}) {
		t.Errorf("of all: %+v", got)
	}

	r = twoYears(yearly(func(s *Subscription) {
		s.Terms[0].Price = dollars(9900)
		then(s, "2026-01-01", dollars(10_900), 1)
	}), rates("2025-03-01 1.0714", "2026-03-01 1.1279"))
	y = r.YearOnYear(r.Year(today), today)
	if got := y.Services[0].Parts[1]; got.Was.EUR != eur(10_173) || got.Now.EUR != eur(9664) || got.Now.Price != dollars(10_900) {
		t.Errorf("the rate: %+v", got)
	}

	free := until(yearly(func(s *Subscription) { s.PlanID, s.Terms[0].Price = 6, eur(0) }), "2026-05-10")
	r = twoYears(free, func(f *Facts) {
		f.Subscriptions = append(f.Subscriptions, yearly(func(s *Subscription) { s.ID, s.StartedOn, s.Anchor = 40, day("2026-05-10"), day("2026-05-10") }))
	})
	y = r.YearOnYear(r.Year(today), today)
	if got := y.Services[0].Parts[0]; got.Kind != PartPlan || got.Was.PlanID != 6 || got.Now.PlanID != 3 || !got.Was.Price.IsNone() {
		t.Errorf("free became paid: %+v", got)
	}

	r = twoYears(monthly("2026-04-12", func(s *Subscription) { s.EndsOn = day("2026-09-12") }))
	y = r.YearOnYear(r.Year(today).Next(), today)
	if got := y.Services[0].Parts[0]; got.Kind != PartDropped || got.On != day("2026-09-12") {
		t.Errorf("dropped: %+v", got)
	}
	if y = r.YearOnYear(r.Year(today), today); y.Services[0].Parts[0].On != day("2026-04-12") {
		t.Errorf("added: %+v", y.Services[0].Parts)
	}
	if y.KeptFrom != (cal.Date{}) || !y.Complete {
		t.Errorf("kept from %v, complete %v", y.KeptFrom, y.Complete)
	}
	if y = r.YearOnYear(r.Year(day("2024-06-01")), today); y.KeptFrom != day("2024-01-01") || len(y.Services) != 0 {
		t.Errorf("of the register's first year: %+v", y)
	}
}

func sumOf(parts []Part) money.Amount {
	sum := money.Zero(money.EUR)
	for _, p := range parts {
		sum = sum.Add(p.Amount)
	}
	return sum
}

func TestPartsSumToTheChange(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, year cal.FiscalYear) {
		r := NewRegister(f)
		y := r.YearOnYear(year, on)
		same(t, "before", r.Position(year.Prev(), on).Forecast, y.Before)
		same(t, "after", r.Position(year, on).Forecast, y.After)
		same(t, "parts", y.After.Sub(y.Before), sumOf(y.Parts))
		before, after := money.Zero(money.EUR), money.Zero(money.EUR)
		for _, s := range y.Services {
			before, after = before.Add(s.Before), after.Add(s.After)
			same(t, "parts of a service", s.After.Sub(s.Before), sumOf(s.Parts))
			for _, p := range s.Parts {
				if p.Amount.IsZero() || !slices.Contains(PartKinds, p.Kind) {
					t.Fatalf("a part of nothing, or of nothing known: %+v", p)
				}
			}
		}
		same(t, "services before", y.Before, before)
		same(t, "services after", y.After, after)
		if again := r.YearOnYear(year, on); told(again.Parts) != told(y.Parts) {
			t.Fatalf("%s, then %s", told(y.Parts), told(again.Parts))
		}
	})
}

// What is yearly, monthly or quarterly and does not change costs the same every year, for no reason.
func TestEqualYearsHaveNoParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		start := drawDay(t, "start", 2020, 2023)
		s := yearly(func(s *Subscription) {
			s.StartedOn, s.Anchor = start, start
			s.Cadence = rapid.SampledFrom([]cal.Cadence{cal.Monthly, cal.Quarterly, cal.HalfYearly, cal.Yearly}).Draw(t, "cadence")
			s.Terms = []Terms{{ID: 5, From: start, Price: eur(rapid.Int64Range(1, 99_999).Draw(t, "price")), PerSeat: rapid.Bool().Draw(t, "per seat"), Seats: rapid.IntRange(1, 9).Draw(t, "seats")}}
		})
		on := drawDay(t, "today", 2025, 2027)
		r := twoYears(s)
		for _, c := range r.Charges(cal.Span{From: day("2024-01-01"), To: on}, on) {
			if rapid.Bool().Draw(t, "paid") {
				p := paymentOf(r, c, c.On)
				p.ID = ID(1000 + len(r.Payments))
				r.Payments = append(r.Payments, p)
			}
		}
		r = NewRegister(r.Facts)
		for _, year := range []cal.FiscalYear{r.Year(on), r.Year(on).Next()} {
			if y := r.YearOnYear(year, on); !y.Change.IsZero() || len(y.Parts) > 0 || len(y.Services) != 1 || len(y.Services[0].Parts) > 0 {
				t.Fatalf("%v: %s for %s", year, told(y.Parts), y.Change)
			}
		}
	})
}

// Last year's figures stay true: what is added from a later day (terms, payments, subscriptions, rates) moves none of them.
func TestLastYearStaysTrue(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		year := f.Organisation.YearStart.YearOf(on)
		before := NewRegister(f).YearOnYear(year, on)
		later := cal.Max(year.Start, on.AddDays(1))
		f.Subscriptions = slices.Clone(f.Subscriptions)
		for i := range f.Subscriptions {
			s := &f.Subscriptions[i]
			if last := s.Terms[len(s.Terms)-1].From; rapid.Bool().Draw(t, "more terms") {
				s.Terms = append(slices.Clone(s.Terms), drawTerms(t, cal.Max(later, last.AddDays(1))))
			}
		}
		f.Rates = append(slices.Clone(f.Rates), ReferenceRate{ID: freeID(f), Currency: usd, Day: on.AddDays(1), Rate: rate("7"), Source: RateECB})
		next := freeID(f) + 1
		r := NewRegister(f)
		for _, c := range r.Charges(cal.Span{From: year.Prev().Start, To: on.AddMonths(6)}, on) {
			if r.IsOpen(c) && rapid.Bool().Draw(t, "paid later") {
				p := paymentOf(r, c, cal.Max(c.On, later))
				p.ID = next
				next++
				f.Payments = append(slices.Clone(f.Payments), p)
			}
		}
		after := NewRegister(f).YearOnYear(year, on)
		same(t, "last year", before.Before, after.Before)
		was, is := map[ID]money.Amount{}, map[ID]money.Amount{}
		for _, s := range before.Services {
			was[s.ServiceID] = s.Before
		}
		for _, s := range after.Services {
			is[s.ServiceID] = s.Before
		}
		for id, amount := range was {
			if !amount.IsZero() {
				same(t, "of a service", amount, is[id])
			}
		}
	})
}

func BenchmarkYearOnYear(b *testing.B) {
	r := NewRegister(manyServices(500))
	year := r.Year(today)
	b.ReportAllocs()
	for b.Loop() {
		r.YearOnYear(year, today)
	}
}

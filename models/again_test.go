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

// paidThen is a payment of the charge of 91,20 € of 15 March 2024, and the day it was taken back.
type paidThen struct {
	on, undone string
	part       int64 // none: the whole, or what was left of it
}

// oneCharge is a register with that charge alone.
func oneCharge(paid ...paidThen) *Register {
	return registerWith(until(yearly(), "2025-03-01"), func(f *Facts) {
		f.Organisation.KeptFrom = day("2024-01-01")
		for i, x := range paid {
			p := Payment{ID: ID(51 + 2*i), ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2024-03-15"), PaidOn: day(x.on), Billed: eur(9120)}
			if x.part > 0 {
				p.Part, p.Billed = true, eur(x.part)
			}
			f.Payments = append(f.Payments, p.Settle(statusA))
			if x.undone != "" {
				*f = reverseOn(*f, p.ID, p.ID+1, day(x.undone))
			}
		}
		slices.SortFunc(f.Payments, func(a, b Payment) int { return int(a.ID - b.ID) })
	})
}

// toldYears writes "2024 91.2+0" for what was spent and what is due, of each year in which either is something.
func toldYears(r *Register, on cal.Date) string {
	var told []string
	for n := 2024; n <= 2028; n++ {
		if p := r.Position(cal.YearStart{}.Year(n), on); !p.Spent.IsZero() || !p.Due.IsZero() {
			told = append(told, fmt.Sprintf("%d %s+%s", n, short(p.Spent), short(p.Due)))
		}
	}
	return strings.Join(told, ", ")
}

// A payment of one year undone in a later one stays spent in its own; its charge is due again in that of the reversal.
func TestDueAgainInTheYearOfTheReversal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, on string
		paid     []paidThen
		want     string
	}{
		{"never paid", "2025-06-01", nil, "2024 0+91.2"},
		{"whole", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}}, "2024 91.2+0, 2025 -91.2+91.2"},
		{"whole, on the day", "2025-02-10", []paidThen{{"2024-03-20", "2025-02-10", 0}}, "2024 91.2+0, 2025 -91.2+91.2"},
		{"whole, the day before", "2025-02-09", []paidThen{{"2024-03-20", "2025-02-10", 0}}, "2024 91.2+0"},
		{"whole, two years on", "2026-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}}, "2024 91.2+0, 2025 -91.2+91.2"},
		{"whole, within its year", "2025-06-01", []paidThen{{"2024-03-20", "2024-11-10", 0}}, "2024 0+91.2"},
		{"paid in the next year, undone in the one after", "2026-06-01", []paidThen{{"2025-01-20", "2026-02-10", 0}}, "2025 91.2+0, 2026 -91.2+91.2"},
		{"paid in the next year, undone within it", "2026-06-01", []paidThen{{"2025-01-20", "2025-02-10", 0}}, "2024 0+91.2"},
		{"repaid in the year after", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}, {"2025-02-10", "", 0}}, "2024 91.2+0"},
		{"repaid on a later day", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}, {"2025-03-10", "", 0}}, "2024 91.2+0"},
		{"repaid and undone again, a year later", "2026-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}, {"2025-03-10", "2026-02-10", 0}}, "2024 91.2+0, 2026 -91.2+91.2"},
		{"repaid and undone again, in the same year", "2026-06-01", []paidThen{{"2024-03-20", "2025-02-10", 0}, {"2025-03-10", "2025-04-10", 0}}, "2024 91.2+0, 2025 -91.2+91.2"},
		{"a part", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 4000}}, "2024 40+51.2, 2025 -40+40"},
		{"a part, within its year", "2025-06-01", []paidThen{{"2024-03-20", "2024-11-10", 4000}}, "2024 0+91.2"},
		{"one part of two", "2025-06-01", []paidThen{{"2024-03-20", "", 4000}, {"2024-04-20", "2025-02-10", 5120}}, "2024 91.2+0, 2025 -51.2+51.2"},
		{"a part, paid again", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 4000}, {"2025-02-10", "", 4000}}, "2024 40+51.2"},
		{"a part, paid again on a later day", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 4000}, {"2025-03-10", "", 4000}}, "2024 40+51.2"},
		{"two parts, undone in two years", "2026-06-01", []paidThen{{"2024-03-20", "2025-02-10", 4000}, {"2024-04-20", "2026-02-10", 5120}}, "2024 91.2+0, 2025 -40+40, 2026 -51.2+51.2"},
		{"a part, and the rest in one, undone together", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 4000}, {"2024-04-20", "2025-02-10", 5120}}, "2024 91.2+0, 2025 -91.2+91.2"},
		{"more than was left: no more than that is due", "2025-06-01", []paidThen{{"2024-03-20", "", 8000}, {"2024-04-20", "2025-02-10", 4000}}, "2024 120+0, 2025 -40+11.2"},
		{"more than all, and undone", "2025-06-01", []paidThen{{"2024-03-20", "2025-02-10", 10_000}}, "2024 100+0, 2025 -100+91.2"},
		{"paid ahead and undone before it fell", "2024-06-01", []paidThen{{"2023-12-20", "2024-02-10", 0}}, "2024 -91.2+91.2"},
		{"paid ahead and undone after it fell", "2024-06-01", []paidThen{{"2023-12-20", "2024-05-10", 0}}, "2024 -91.2+91.2"},
	} {
		r := oneCharge(c.paid...)
		if got := toldYears(r, day(c.on)); got != c.want {
			t.Errorf("%s, on %s:\n got %s\nwant %s", c.name, c.on, got, c.want)
		}
		if due := r.Due(day(c.on)); len(due) > 1 || len(due) == 1 && (due[0].On != day("2024-03-15") || !due[0].Again.IsZero()) {
			t.Errorf("%s: all that is due: %+v", c.name, due)
		}
	}
}

// What fell due again counts in the month of that day, and takes the year over its ceiling on it.
func TestDueAgainOnTheDay(t *testing.T) {
	t.Parallel()
	r := oneCharge(paidThen{"2024-03-20", "2025-02-10", 4000}, paidThen{"2024-03-21", "2025-05-31", 5120})
	r.Envelopes = []Envelope{{ID: 60, Year: 2025, Ceiling: eur(10_000)}}
	r.Payments = append(r.Payments, Payment{ID: 90, ServiceID: 2, PaidOn: day("2025-05-02"), Billed: eur(9900)}.Settle(statusA),
		Payment{ID: 91, ServiceID: 2, PaidOn: day("2025-05-31"), Billed: eur(200)}.Settle(statusA))
	r = NewRegister(r.Facts)
	p := r.Position(cal.YearStart{}.Year(2025), day("2025-06-15"))
	if p.Months[1].Due != eur(4000) || p.Months[1].Spent != eur(-4000) || p.Months[4].Due != eur(5120) || p.Months[2].Due != eur(0) {
		t.Errorf("months: %+v", p.Months)
	}
	if p.CrossedOn != day("2025-05-31") || p.CrossedBy != 2 {
		t.Errorf("crossed on %v by %d", p.CrossedOn, p.CrossedBy)
	}
	var days []cal.Date
	for _, c := range p.DueCharges {
		if c.On != day("2024-03-15") || c.Conversion.EUR != c.Billed || c.Cost != c.Billed {
			t.Errorf("due: %+v", c)
		}
		days = append(days, c.Again)
	}
	if !slices.Equal(days, []cal.Date{day("2025-02-10"), day("2025-05-31")}) {
		t.Errorf("due again on %v", days)
	}
	if y := r.YearOnYear(cal.YearStart{}.Year(2025), day("2025-06-15")); told(y.Parts) != "dropped -91.20 (1), other +101.00 (6)" {
		t.Errorf("told %s", told(y.Parts))
	}
}

// The euros of what is split sum to those of the whole, to the cent.
func TestDueAgainLosesNoCent(t *testing.T) {
	t.Parallel()
	r := oneCharge(paidThen{"2024-03-20", "2025-02-10", 0})
	r.Subscriptions[0].Terms[0].Price = dollars(9999)
	r.Rates = []ReferenceRate{{ID: 80, Currency: usd, Day: day("2024-03-14"), Rate: rate("1.0714"), Source: RateTyped}}
	r.Payments = nil
	for i, on := range []string{"2025-02-10", "2026-02-10"} {
		p := Payment{ID: ID(51 + 2*i), ServiceID: 2, SubscriptionID: 4, ChargeOn: day("2024-03-15"), Part: true, PaidOn: day("2024-03-20"), Billed: dollars(3333)}
		r.Payments = append(r.Payments, p)
		r.Facts = reverseOn(r.Facts, p.ID, p.ID+1, day(on))
	}
	r = NewRegister(r.Facts)
	sum, n := money.Zero(money.EUR), 0
	for year := 2024; year <= 2026; year++ {
		p := r.Position(cal.YearStart{}.Year(year), day("2026-06-01"))
		sum, n = sum.Add(p.Due), n+len(p.DueCharges)
	}
	if due := r.Due(day("2026-06-01")); len(due) != 1 || due[0].Cost != sum || sum != eur(9333) || n != 3 {
		t.Errorf("%v due in %d pieces of %+v", sum, n, due)
	}
}

// drawSequel goes on from the last day of drawn facts: charges still open are paid, whole or a part of them, and payments
// taken back, each on a day of its own, over some years. It gives the last day.
func drawSequel(t *rapid.T, f Facts) (Facts, cal.Date) {
	last := day("2024-01-01")
	for _, p := range f.Payments {
		last = cal.Max(last, p.PaidOn)
	}
	for range rapid.IntRange(0, 4).Draw(t, "acts") {
		last = last.AddDays(rapid.IntRange(1, 300).Draw(t, "days after"))
		r := NewRegister(f)
		if open := r.openCharges(cal.Span{From: day("2024-01-01"), To: last}, last); len(open) > 0 && rapid.Bool().Draw(t, "pay") {
			c := rapid.SampledFrom(open).Draw(t, "open")
			part := rapid.Bool().Draw(t, "a part")
			if part {
				c.Billed = c.Billed.Prorate(rapid.Int64Range(1, 120).Draw(t, "percent"), 100)
				r.value(&c, last)
			}
			if p := paymentOf(r, c, last); p.Billed.IsPositive() {
				p.ID, p.Part = freeID(f), part && p.Billed.Currency() == c.Billed.Currency()
				f.Payments = append(slices.Clone(f.Payments), p)
			}
			continue
		}
		if standing := standingOn(f, last); len(standing) > 0 {
			f = reverseOn(f, rapid.SampledFrom(standing).Draw(t, "taken back").ID, freeID(f), last)
		}
	}
	return f, last
}

func standingOn(f Facts, on cal.Date) []Payment {
	return slices.DeleteFunc(slices.Clone(f.Payments), func(p Payment) bool { return !p.Stands() || p.PaidOn.After(on) })
}

// Over all years up to a day, what is spent and due is what the payments cost and what is still to be paid.
func TestAllYearsSumToPaymentsAndOpenCharges(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, on cal.Date, _ cal.FiscalYear) {
		f, last := drawSequel(t, f)
		r := NewRegister(f)
		for _, d := range []cal.Date{on, last, last.AddDays(-1), last.AddMonths(12)} {
			want, got := money.Zero(money.EUR), money.Zero(money.EUR)
			for _, p := range f.Payments {
				if p.Converted() && !p.PaidOn.After(d) {
					want = want.Add(p.Cost)
				}
			}
			open := r.Due(d)
			if f.Organisation.KeptFrom.IsZero() { // then Due tells those of one year
				open = r.openCharges(cal.Span{From: day("2020-01-01"), To: d.AddDays(1)}, d)
			}
			for _, c := range open {
				if c.Conversion.OK() {
					want = want.Add(c.Cost)
				}
			}
			for n := 2020; n <= r.Year(d).Number(); n++ {
				p := r.Position(f.Organisation.YearStart.Year(n), d)
				got = got.Add(p.Spent).Add(p.Due)
			}
			same(t, "by "+d.String(), want, got)
		}
	})
}

// A reversal in a later fiscal year moves no other year: there it takes the money out, and what it leaves open is due.
func TestReversingInALaterYearMovesThatYearOnly(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, _ cal.Date, _ cal.FiscalYear) {
		f, last := drawSequel(t, f)
		at := last.AddDays(rapid.IntRange(1, 400).Draw(t, "undone after"))
		before := NewRegister(f)
		standing := slices.DeleteFunc(standingOn(f, last), func(p Payment) bool { return before.Year(p.PaidOn) == before.Year(at) })
		if len(standing) == 0 {
			return // nothing of another year
		}
		p := rapid.SampledFrom(standing).Draw(t, "payment")
		after := NewRegister(reverseOn(f, p.ID, freeID(f), at))
		due := money.Zero(money.EUR)
		if is, ok := after.OpenCharge(p.SubscriptionID, p.ChargeOn, at); ok && is.Conversion.OK() && !is.On.Before(f.Organisation.KeptFrom) {
			due = is.Cost
			if was, ok := before.OpenCharge(p.SubscriptionID, p.ChargeOn, at); ok {
				due = due.Sub(was.Cost)
			}
		}
		for n := 2020; n <= 2034; n++ {
			year := f.Organisation.YearStart.Year(n)
			was, is := before.Position(year, at), after.Position(year, at)
			for _, p := range []*Position{&was, &is} {
				for _, open := range [][]Charge{p.DueCharges, p.Still, p.UnconvertedCharges} {
					for i := range open {
						open[i].Paid = money.Amount{} // of the whole charge, whatever year it was paid in
					}
				}
			}
			if year != before.Year(at) {
				same(t, "of "+year.Label(), figuresOf(was), figuresOf(is))
				continue
			}
			spent := was.Spent
			if p.Converted() {
				spent = spent.Sub(p.Cost)
			}
			same(t, "spent", spent, is.Spent)
			same(t, "due", was.Due.Add(due), is.Due)
			same(t, "committed", was.Committed, is.Committed)
		}
	})
}

package models

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// recorded is an instant of a day.
func recorded(on string) time.Time { return day(on).Time(time.UTC).Add(10 * time.Hour) }

func deferrals(r *Register, year int) []string {
	var all []string
	for _, e := range r.PrepaidEntries(r.Organisation.YearStart.Year(year)) {
		all = append(all, e.text())
	}
	return all
}

// The whole cycle of each exact case: what the closings hold, what the years bear, and both entries of each.
func TestPrepaidScheduleOfEachCase(t *testing.T) {
	january, september := cal.YearStart{Month: time.January, Day: 1}, cal.YearStart{Month: time.September, Day: 1}
	type borne struct {
		year                   int
		deferred, total        int
		before, balance, bears int64 // cents
	}
	for _, c := range []struct {
		name       string
		cents      int64
		from, last string
		paid       string
		start      cal.YearStart
		method     PrepaidMethod
		want       []borne
	}{
		{"by days", 120_00, "2025-10-01", "2026-09-30", "2025-10-01", january, PrepaidDays, []borne{{2025, 273, 365, 0, 89_75, 30_25}, {2026, 0, 365, 89_75, 0, 89_75}}},
		{"by months", 120_00, "2025-10-01", "2026-09-30", "2025-10-01", january, PrepaidMonths, []borne{{2025, 9, 12, 0, 90_00, 30_00}, {2026, 0, 12, 90_00, 0, 90_00}}},
		{"by 30/360", 120_00, "2025-10-01", "2026-09-30", "2025-10-01", january, Prepaid360, []borne{{2025, 270, 360, 0, 90_00, 30_00}, {2026, 0, 360, 90_00, 0, 90_00}}},
		{"from a leap day", 240_00, "2024-02-29", "2025-02-27", "2024-03-01", january, PrepaidDays, []borne{{2024, 58, 365, 0, 38_14, 201_86}, {2025, 0, 365, 38_14, 0, 38_14}}},
		{"a fiscal year from September", 95_88, "2025-03-10", "2026-03-09", "2025-03-10", september, PrepaidDays, []borne{{2024, 190, 365, 0, 49_91, 45_97}, {2025, 0, 365, 49_91, 0, 49_91}}},
		{"three years", 360_00, "2024-07-01", "2027-06-30", "2024-07-01", january, PrepaidDays, []borne{
			{2024, 911, 1095, 0, 299_51, 60_49}, {2025, 546, 1095, 299_51, 179_51, 120_00}, {2026, 181, 1095, 179_51, 59_51, 120_00}, {2027, 0, 1095, 59_51, 0, 59_51},
		}},
		{"wholly after", 99_00, "2027-01-01", "2027-12-31", "2026-12-20", january, PrepaidDays, []borne{{2026, 365, 365, 0, 99_00, 0}, {2027, 0, 365, 99_00, 0, 99_00}}},
		{"up to the closing", 99_00, "2026-01-01", "2026-12-31", "2026-01-01", january, PrepaidDays, nil},
		{"a credit note", -60_00, "2025-10-01", "2026-09-30", "2025-10-01", january, PrepaidDays, []borne{{2025, 273, 365, 0, -44_88, -15_12}, {2026, 0, 365, -44_88, 0, -44_88}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ledger(VATStatus{}, Payment{Billed: eur(c.cents), PaidOn: day(c.paid), Period: cal.Inclusive(day(c.from), day(c.last))})
			r.Organisation.YearStart, r.Organisation.Books.Method = c.start, c.method
			var got []borne
			for n := 2023; n < 2030; n++ {
				year := c.start.Year(n)
				for _, x := range r.PrepaidSchedule(year) {
					got = append(got, borne{n, x.Deferred, x.Total, x.Before.Units() / 100, x.Balance.Units() / 100, x.Year.Units() / 100})
				}
				entries := r.PrepaidEntries(year)
				if at := slices.IndexFunc(c.want, func(b borne) bool { return b.year == n }); at >= 0 {
					checkDeferrals(t, entries, year, eur(c.want[at].before), eur(c.want[at].balance))
				} else if len(entries) != 0 {
					t.Errorf("%d has entries: %v", n, entries)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v\nwant %v", got, c.want)
			}
		})
	}
}

// checkDeferrals wants the entry that brings back and the one that puts away, each on its day, where there is something.
func checkDeferrals(t *testing.T, entries []Entry, year cal.FiscalYear, before, balance money.Amount) {
	t.Helper()
	var want []string
	add := func(on cal.Date, debit money.Amount) {
		left, right := "486", DefaultAccount
		if debit.IsNegative() {
			left, right = right, left
		}
		if !debit.IsZero() {
			want = append(want, fmt.Sprintf("OD %d %s %s %s / %s %s", len(want)+1, on, left, debit.Abs().Plain(), right, debit.Abs().Plain()))
		}
	}
	add(year.Start, before.Neg())
	add(year.Last(), balance)
	var got []string
	for _, e := range entries {
		got = append(got, e.text())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestThresholdOfPrepaidExpense(t *testing.T) {
	year := cal.Inclusive(day("2025-10-01"), day("2026-09-30"))
	r := ledger(VATStatus{},
		Payment{Billed: eur(149_99), PaidOn: day("2025-10-01"), Period: year}, Payment{Billed: eur(150_00), PaidOn: day("2025-10-01"), Period: year},
		Payment{Billed: eur(-150_00), PaidOn: day("2025-10-01"), Period: year}, Payment{Billed: eur(-149_99), PaidOn: day("2025-10-01"), Period: year})
	r.Organisation.Books.Threshold = eur(150_00)
	if got, want := deferrals(r, 2025), []string{"OD 1 2025-12-31 486 112.19 / 6511 112.19", "OD 2 2025-12-31 6511 112.19 / 486 112.19"}; !slices.Equal(got, want) {
		t.Errorf("from the threshold on, either sign: %q, want %q", got, want)
	}
}

// The entries of a closing hold from its next day on, whatever is recorded, undone or brought in late afterwards.
func TestEntriesOfAClosingHoldFromItsNextDayOn(t *testing.T) {
	period := cal.Inclusive(day("2025-10-01"), day("2026-09-30"))
	p := func(id ID, cents int64, at string) Payment {
		return Payment{ID: id, Billed: eur(cents), PaidOn: day("2025-10-01"), Period: period, RecordedAt: recorded(at)}
	}
	undo := func(f Facts, id, by ID, at string) Facts {
		f = reverse(f, id, by)
		f.Payments[len(f.Payments)-1].RecordedAt = recorded(at)
		return f
	}
	before := ledger(VATStatus{}, p(10, 120_00, "2025-10-02"), p(11, 60_00, "2025-10-03"), p(12, 365_00, "2025-10-04"))
	f := undo(before.Facts, 11, 13, "2025-12-31") // known on the closing day
	r := NewRegister(f)
	first := []string{"OD 1 2025-12-31 486 89.75 / 6511 89.75", "OD 2 2025-12-31 486 273.00 / 6511 273.00"}
	if got := deferrals(r, 2025); !slices.Equal(got, first) {
		t.Fatalf("what was undone by then is left out: %q", got)
	}
	opening := deferrals(r, 2026)

	f = undo(f, 10, 14, "2026-01-15") // undone afterwards, as the accounts were still open
	f.Payments = append(f.Payments, p(15, 36_50, "2026-01-20").Settle(VATStatus{}))
	f.Payments[len(f.Payments)-1].ServiceID = 3
	r = NewRegister(f)
	want := slices.Concat(first, []string{"OD 3 2025-12-31 6511 89.75 / 486 89.75", "OD 4 2025-12-31 486 27.30 / 6511 27.30"})
	if got := deferrals(r, 2025); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := deferrals(r, 2026); !slices.Equal(got[:len(opening)], opening) || len(got) != 4 {
		t.Errorf("the opening entries were %q, are %q", opening, got)
	}
	for _, e := range r.PrepaidEntries(r.Organisation.YearStart.Year(2025))[2:] {
		if e.ValidOn.Before(day("2026-01-15")) {
			t.Errorf("%s was final on %s, before it was known", e.text(), e.ValidOn)
		}
	}
}

func TestAnEntryOfLessThanACentTakesNoNumber(t *testing.T) {
	tiny := Payment{Billed: money.Cents(1, "JPY"), Rate: rate("125.38"), RateSource: RateInvoice} // 0.00008 euros
	got := entriesOf(ledger(VATStatus{}, Payment{Billed: eur(10_00)}, tiny, Payment{Billed: eur(20_00)}))
	if want := []string{"AC 1 2026-03-02 6511 10.00 / 401 10.00", "AC 2 2026-03-02 6511 20.00 / 401 20.00"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Entries become final in the order of their numbers, also when a machine's clock went back.
func TestEntriesBecomeFinalInOrder(t *testing.T) {
	at := func(on, recordedOn string) Payment {
		return Payment{Billed: eur(10_00), PaidOn: day(on), RecordedAt: recorded(recordedOn)}
	}
	r := ledger(VATStatus{}, at("2026-02-01", "2026-03-10"), at("2026-01-05", "2026-03-08"), at("2026-03-09", "2026-03-12"))
	var got []string
	for e := range r.Entries(r.Organisation.YearStart.Year(2026)) {
		got = append(got, fmt.Sprint(e.Number, " ", e.On, " ", e.ValidOn))
	}
	if want := []string{"1 2026-02-01 2026-03-10", "2 2026-01-05 2026-03-10", "3 2026-03-09 2026-03-12"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What undoes an invoice is an entry of its own with the sides swapped, on its own day.
func TestAReversalIsAnEntryOfItsOwn(t *testing.T) {
	whole := VATStatus{Kind: PartDeducts, Share: percent("100")}
	p := Payment{ID: 10, Billed: eur(119_88), VAT: eur(19_98), VATRate: percent("20"), InvoiceNumber: "F1", InvoiceDate: day("2026-02-27"), PaidOn: day("2026-03-02")}
	f := reverseOn(ledger(whole, p).Facts, 10, 11, day("2026-05-04"))
	if got, want := entriesOf(NewRegister(f)), []string{
		"AC 1 2026-02-27 6511 99.90 + 44566 19.98 / 401 119.88", "AC 2 2026-05-04 401 119.88 / 6511 99.90 + 44566 19.98",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// However a register grows, what it had said of a year's purchases stays as it was, number by number.
func TestNumbersHoldWhateverIsRecorded(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, _ cal.Date, year cal.FiscalYear) {
		f.Organisation.Books.Settlements = rapid.Bool().Draw(t, "settlements")
		of := func(f Facts) (all []string) {
			for e := range NewRegister(f).Entries(year) {
				all = append(all, e.text()+" "+e.ValidOn.String())
			}
			return all
		}
		slices.SortFunc(f.Payments, func(a, b Payment) int { return int(a.ID - b.ID) })
		known := f
		n := rapid.IntRange(0, len(f.Payments)).Draw(t, "known so far")
		for n > 0 && n < len(f.Payments) && f.Payments[n].InvoiceID != 0 && f.Payments[n].InvoiceID == f.Payments[n-1].InvoiceID {
			n-- // the lines of an invoice come together
		}
		known.Payments = f.Payments[:n:n]
		before, after := of(known), of(f)
		if len(after) < len(before) || !slices.Equal(after[:len(before)], before) {
			t.Fatalf("had been\n%q\nare\n%q", before, after)
		}
	})
}

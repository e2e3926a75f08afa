package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// text writes an entry on one line: "AC 1 2026-03-02 6511 119.88 / 401 119.88".
func (e Entry) text() string {
	var debits, credits []string
	for _, l := range e.Lines {
		side, amount := &debits, l.Debit
		if amount.IsNone() {
			side, amount = &credits, l.Credit
		}
		line := l.Account + " " + amount.Plain()
		if !l.Foreign.IsNone() {
			line += " (" + l.Foreign.String() + ")"
		}
		*side = append(*side, line)
	}
	return fmt.Sprintf("%s %d %s %s / %s", e.Journal, e.Number, e.On, strings.Join(debits, " + "), strings.Join(credits, " + "))
}

// ledger is an association with one service and the payments given, each settled under a status.
func ledger(s VATStatus, payments ...Payment) *Register {
	f := Facts{Organisation: association()}
	f.Organisation.VAT = []VATStatus{s}
	f.Functions = []Function{{ID: 2, Name: "Données", Account: DefaultAccount}}
	f.Services = []Service{{ID: 3, Name: "Dropbox", FunctionID: 2}}
	for i, p := range payments {
		p.ServiceID = 3
		if p.ID == 0 {
			p.ID = ID(10 + i)
		}
		if p.PaidOn.IsZero() {
			p.PaidOn = day("2026-03-02")
		}
		if p.EUR.IsNone() {
			p = p.Settle(s)
		}
		f.Payments = append(f.Payments, p)
	}
	return NewRegister(f)
}

// entriesOf are the purchases of 2026.
func entriesOf(r *Register) []string {
	var all []string
	for e := range r.Entries(r.Organisation.YearStart.Year(2026)) {
		all = append(all, e.text())
	}
	return all
}

// The entries of one purchase under each status.
func TestEntriesOfAPurchase(t *testing.T) {
	a, b := VATStatus{Kind: NotTaxable}, VATStatus{Kind: NoDeduction}
	whole, share := VATStatus{Kind: PartDeducts, Share: percent("100")}, VATStatus{Kind: PartDeducts, Share: percent("37")}
	french := Payment{Billed: eur(119_88), VAT: eur(19_98), VATRate: percent("20")}
	foreign := Payment{Billed: dollars(99_00), Rate: rate("1.0714"), RateSource: RateInvoice, Country: "IE", Foreign: true}
	note := Payment{Billed: eur(-60_00), VAT: eur(-10_00), VATRate: percent("20")}
	for _, c := range []struct {
		name   string
		status VATStatus
		p      Payment
		want   string
	}{
		{"not taxable", a, french, "6511 119.88 / 401 119.88"},
		{"full recovery", whole, french, "6511 99.90 + 44566 19.98 / 401 119.88"},
		{"no deduction, from abroad", b, foreign, "6511 110.88 / 4452 18.48 + 401 92.40 (99.00 USD)"},
		{"a share", share, Payment{Billed: eur(120_00), VAT: eur(20_00), VATRate: percent("20")}, "6511 112.60 + 44566 7.40 / 401 120.00"},
		{"full recovery, from abroad", whole, foreign, "6511 92.40 + 44566 18.48 / 4452 18.48 + 401 92.40 (99.00 USD)"},
		{"a credit note", a, note, "401 60.00 / 6511 60.00"},
		{"a credit note, full recovery", whole, note, "401 60.00 / 6511 50.00 + 44566 10.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ledger(c.status, c.p)
			if got, want := entriesOf(r), []string{"AC 1 2026-03-02 " + c.want}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestAnInvoiceOverSeveralServicesIsOneEntry(t *testing.T) {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	line := func(id ID, cents int64, account string) Payment {
		return Payment{ID: id, InvoiceID: 10, RecordedAt: at, Billed: eur(cents), Account: account, InvoiceNumber: "F1"}
	}
	r := ledger(VATStatus{Kind: NotTaxable}, line(10, 40_00, "6511"), line(11, 30_00, "626"), line(12, 30_00, "6511"), Payment{Billed: eur(5_00)})
	r.Organisation.Books.Settlements = true
	want := []string{
		"AC 1 2026-03-02 6511 40.00 + 626 30.00 + 6511 30.00 / 401 100.00", "BQ 1 2026-03-02 401 100.00 / 512 100.00",
		"AC 2 2026-03-02 6511 5.00 / 401 5.00", "BQ 2 2026-03-02 401 5.00 / 512 5.00",
	}
	if got := entriesOf(r); !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// What was exported once keeps its number, whatever is recorded later for an earlier day.
func TestNumbersStayWhateverIsAdded(t *testing.T) {
	first := Payment{Billed: eur(10_00), PaidOn: day("2026-06-01")}
	later := Payment{Billed: eur(20_00), PaidOn: day("2026-01-15")}
	unknown := Payment{Billed: dollars(5_00), PaidOn: day("2026-02-01")} // no rate, no entry
	before := entriesOf(ledger(VATStatus{}, first))
	after := entriesOf(ledger(VATStatus{}, first, unknown, later))
	if want := slices.Concat(before, []string{"AC 2 2026-01-15 6511 20.00 / 401 20.00"}); !slices.Equal(after, want) {
		t.Errorf("got %q, want %q", after, want)
	}
}

func TestDayOfAnEntry(t *testing.T) {
	recorded := time.Date(2026, time.April, 10, 9, 0, 0, 0, time.UTC)
	p := Payment{Billed: eur(10_00), InvoiceDate: day("2026-02-20"), PaidOn: day("2026-04-02"), RecordedAt: recorded}
	r := ledger(VATStatus{}, p)
	if got := entriesOf(r)[0]; !strings.HasPrefix(got, "AC 1 2026-02-20") {
		t.Errorf("with the invoice's day: %q", got)
	}
	r.Closings = []Closing{{Through: day("2026-03-31"), On: day("2026-04-05")}}
	if got := entriesOf(r)[0]; !strings.HasPrefix(got, "AC 1 2026-04-02") {
		t.Errorf("an invoice of a period closed when it was recorded: %q", got)
	}
	r.Closings[0].On = day("2026-05-01")
	if got := entriesOf(r)[0]; !strings.HasPrefix(got, "AC 1 2026-02-20") {
		t.Errorf("closing later must not move the entry: %q", got)
	}
	for id, want := range map[ID]string{9: "AC 1 2026-04-02", 11: "AC 1 2026-02-20"} { // the payment is 10
		r.Closings[0].On, r.Closings[0].ID = day("2026-04-10"), id
		if got := entriesOf(r)[0]; !strings.HasPrefix(got, want) {
			t.Errorf("closed by act %d of the day it was recorded on: %q, want %s", id, got, want)
		}
	}
	p.InvoiceDate = day("2025-12-30")
	if got := entriesOf(ledger(VATStatus{}, p))[0]; !strings.HasPrefix(got, "AC 1 2026-04-02") {
		t.Errorf("an invoice of the year before: %q", got)
	}
}

func TestEntriesOfPrepaidExpense(t *testing.T) {
	p := Payment{Billed: eur(120_00), PaidOn: day("2025-10-01"), Period: cal.Inclusive(day("2025-10-01"), day("2026-09-30"))}
	long := Payment{Billed: eur(360_00), PaidOn: day("2025-07-01"), Period: cal.Inclusive(day("2024-07-01"), day("2027-06-30"))}
	r := ledger(VATStatus{}, p, long)
	for year, want := range map[int][]string{
		2025: {"OD 1 2025-12-31 486 89.75 / 6511 89.75", "OD 2 2025-12-31 486 179.51 / 6511 179.51"},
		2026: {"OD 1 2026-01-01 6511 89.75 / 486 89.75", "OD 2 2026-01-01 6511 179.51 / 486 179.51", "OD 3 2026-12-31 486 59.51 / 6511 59.51"},
		2027: {"OD 1 2027-01-01 6511 59.51 / 486 59.51"},
		2028: nil,
	} {
		var got []string
		for _, e := range r.PrepaidEntries(r.Organisation.YearStart.Year(year)) {
			got = append(got, e.text())
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: got %q, want %q", year, got, want)
		}
	}
	r.Organisation.Books.Threshold = eur(150_00)
	if got := r.PrepaidSchedule(r.Organisation.YearStart.Year(2025)); len(got) != 1 || got[0].Payment.Billed != eur(360_00) {
		t.Errorf("under the threshold nothing is deferred: %v", got)
	}
}

// In every year debits are credits, the years of a payment bear its cost and no more, and account 486 ends where it began.
func TestBooksBalance(t *testing.T) {
	law(t, func(t *rapid.T, f Facts, _ cal.Date, year cal.FiscalYear) {
		f.Organisation.Books.Method = rapid.SampledFrom(PrepaidMethods).Draw(t, "method")
		f.Organisation.Books.Settlements = rapid.Bool().Draw(t, "settlements")
		r := NewRegister(f)
		numbers, cost := map[string]int{}, money.Zero(money.EUR)
		check := func(e Entry) {
			if !e.Balance().IsZero() {
				t.Fatalf("%s is out by %v", e.text(), e.Balance())
			}
			if numbers[e.Journal]++; numbers[e.Journal] != e.Number {
				t.Fatalf("%s should be number %d", e.text(), numbers[e.Journal])
			}
			if !year.Span().Contains(e.On) {
				t.Fatalf("%s is not of the year", e.text())
			}
		}
		for e := range r.Entries(year) {
			check(e)
			if e.Kind == EntryPurchase {
				for _, p := range e.Payments {
					cost = cost.Add(p.Cost)
				}
			}
		}
		for _, e := range r.PrepaidEntries(year) {
			check(e)
		}
		same(t, "the purchases are what was spent", r.Position(year, year.Last()).Spent, cost)
		for i := range r.Payments {
			borne, first := money.Zero(money.EUR), r.Year(r.Payments[i].PaidOn)
			for y := first; y.Number() < first.Number()+8; y = y.Next() {
				items := r.PrepaidSchedule(y)
				at := slices.IndexFunc(items, func(x PrepaidItem) bool { return x.Payment.ID == r.Payments[i].ID })
				switch {
				case at >= 0:
					borne = borne.Add(items[at].Year)
				case y == first && r.Payments[i].Converted():
					borne = borne.Add(r.Payments[i].Cost)
				}
			}
			if r.Payments[i].Converted() && r.PeriodOf(r.Payments[i]).To.Before(first.Start.AddMonths(12*8)) {
				same(t, "the years bear the cost", r.Payments[i].Cost, borne)
			}
		}
	})
}

package models

import (
	"errors"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
)

var (
	statusA = VATStatus{Kind: NotTaxable}
	statusB = VATStatus{Kind: NoDeduction}
	statusC = VATStatus{Kind: PartDeducts, Share: percent("37")}
	statusF = VATStatus{Kind: PartDeducts, Share: percent("100")} // recovers all of it
)

// What the three statuses bear of one invoice, to the cent.
func TestSettle(t *testing.T) {
	t.Parallel()
	usd99 := dollars(9900)
	for _, c := range []struct {
		name                           string
		status                         VATStatus
		payment                        Payment
		eur, invoiced, due, back, cost money.Amount
	}{
		{"A, French: all of it", statusA, Payment{Billed: eur(11988), VAT: eur(1998)}, eur(11988), eur(1998), eur(0), eur(0), eur(11988)},
		{"A, foreign with French tax", statusA, Payment{Billed: eur(9900), VAT: eur(1650), Foreign: true}, eur(9900), eur(1650), eur(0), eur(0), eur(9900)},
		{"A, foreign without: to be looked at, nothing added", statusA, Payment{Billed: usd99, Rate: rate("1.0714"), Foreign: true}, eur(9240), eur(0), eur(0), eur(0), eur(9240)},
		{"B, French: all of it", statusB, Payment{Billed: eur(9900), VAT: eur(1650)}, eur(9900), eur(1650), eur(0), eur(0), eur(9900)},
		{"B, foreign without tax: owes it", statusB, Payment{Billed: usd99, Rate: rate("1.0714"), Foreign: true}, eur(9240), eur(0), eur(1848), eur(0), eur(11088)},
		{"B, foreign that prints a tax of nothing", statusB, Payment{Billed: usd99, VAT: dollars(0), Rate: rate("1.0714"), Foreign: true}, eur(9240), eur(0), eur(1848), eur(0), eur(11088)},
		{"B, foreign with tax: no second one", statusB, Payment{Billed: eur(9900), VAT: eur(1650), Foreign: true}, eur(9900), eur(1650), eur(0), eur(0), eur(9900)},
		{"B, foreign at another rate of tax", statusB, Payment{Billed: eur(10_000), VATRate: percent("5.5"), Foreign: true}, eur(10_000), eur(0), eur(550), eur(0), eur(10_550)},
		{"C, French, 37 %", statusC, Payment{Billed: eur(12_000), VAT: eur(2000)}, eur(12_000), eur(2000), eur(0), eur(740), eur(11_260)},
		{"C, foreign, 37 %", statusC, Payment{Billed: eur(10_000), Foreign: true}, eur(10_000), eur(0), eur(2000), eur(740), eur(11_260)},
		{"C, all of it", statusF, Payment{Billed: eur(11988), VAT: eur(1998)}, eur(11988), eur(1998), eur(0), eur(1998), eur(9990)},
		{"C, foreign, all of it: owed and back", statusF, Payment{Billed: usd99, Rate: rate("1.0714"), Foreign: true}, eur(9240), eur(0), eur(1848), eur(1848), eur(9240)},
		{"C, French who charges none", statusC, Payment{Billed: eur(5000)}, eur(5000), eur(0), eur(0), eur(0), eur(5000)},
		{"C, credit note", statusC, Payment{Billed: eur(-12_000), VAT: eur(-2000)}, eur(-12_000), eur(-2000), eur(0), eur(-740), eur(-11_260)},
		{"B, credit note from abroad", statusB, Payment{Billed: dollars(-9900), Rate: rate("1.0714"), Foreign: true}, eur(-9240), eur(0), eur(-1848), eur(0), eur(-11_088)},
		{"tax in dollars", statusC, Payment{Billed: dollars(12_000), VAT: dollars(2000), Debited: eur(11_000)}, eur(11_000), eur(1833), eur(0), eur(678), eur(10_322)},
		{"credit note with tax in dollars", statusC, Payment{Billed: dollars(-12_000), VAT: dollars(-2000), Debited: eur(-11_000)}, eur(-11_000), eur(-1833), eur(0), eur(-678), eur(-10_322)},
		{"tax as printed, not as computed", statusC, Payment{Billed: eur(9999), VAT: eur(1667)}, eur(9999), eur(1667), eur(0), eur(617), eur(9382)},
	} {
		c.payment.PaidOn = today
		p := c.payment.Settle(c.status)
		got := []money.Amount{p.EUR, p.VATInvoiced, p.VATDue, p.VATDeductible, p.Cost}
		if d := cmp.Diff([]money.Amount{c.eur, c.invoiced, c.due, c.back, c.cost}, got); d != "" {
			t.Errorf("%s: euros, tax invoiced, due, deductible, cost (-want +got):\n%s", c.name, d)
		}
		if p.VATKind != c.status.Kind || !p.Converted() {
			t.Errorf("%s: status %q noted", c.name, p.VATKind)
		}
	}
}

// Which euros are taken: the bank's, else the invoice's rate, else a published one of at most seven days before.
func TestSettleChoosesTheEuros(t *testing.T) {
	t.Parallel()
	usd99, paid := dollars(9900), day("2024-05-03")
	for _, c := range []struct {
		name   string
		given  Payment
		eur    money.Amount
		source RateSource
		rate   money.Rate
		day    cal.Date
	}{
		{"euros need no rate", Payment{Billed: eur(9900), Rate: rate("1.0714"), RateSource: RateECB, RateDay: paid}, eur(9900), "", money.Rate{}, cal.Date{}},
		{"the bank's before the invoice's", Payment{Billed: usd99, Debited: eur(9311), Rate: rate("1.0714"), RateSource: RateInvoice}, eur(9311), RateBank, money.Rate{}, paid},
		{"the invoice's", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateInvoice, RateDay: day("2020-01-01")}, eur(9240), RateInvoice, rate("1.0714"), day("2020-01-01")},
		{"said by nobody: the invoice's", Payment{Billed: usd99, Rate: rate("1.0714")}, eur(9240), RateInvoice, rate("1.0714"), cal.Date{}},
		{"published 7 days before", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateECB, RateDay: day("2024-04-26")}, eur(9240), RateECB, rate("1.0714"), day("2024-04-26")},
		{"published 8 days before", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateECB, RateDay: day("2024-04-25")}, money.Amount{}, "", money.Rate{}, cal.Date{}},
		{"typed 7 days before", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateTyped, RateDay: day("2024-04-26")}, eur(9240), RateTyped, rate("1.0714"), day("2024-04-26")},
		{"typed for planning, 8 days before", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateTyped, RateDay: day("2024-04-25")}, money.Amount{}, "", money.Rate{}, cal.Date{}},
		{"published afterwards", Payment{Billed: usd99, Rate: rate("1.0714"), RateSource: RateECB, RateDay: day("2024-05-04")}, money.Amount{}, "", money.Rate{}, cal.Date{}},
		{"nothing known: never 1:1", Payment{Billed: usd99, VAT: dollars(100)}, money.Amount{}, "", money.Rate{}, cal.Date{}},
		{"nothing at all", Payment{}, money.Amount{}, "", money.Rate{}, cal.Date{}},
	} {
		c.given.PaidOn = paid
		p := c.given.Settle(statusB)
		if p.EUR != c.eur || p.RateSource != c.source || p.Rate != c.rate || p.RateDay != c.day {
			t.Errorf("%s: %v by %q at %v of %v, want %v by %q at %v of %v", c.name, p.EUR, p.RateSource, p.Rate, p.RateDay, c.eur, c.source, c.rate, c.day)
		}
		if p.Converted() != !c.eur.IsNone() || p.Cost.IsNone() != c.eur.IsNone() || p.VATDue.IsNone() != c.eur.IsNone() {
			t.Errorf("%s: converted %v, cost %v", c.name, p.Converted(), p.Cost)
		}
		if again := p.Settle(statusB); again != p {
			t.Errorf("%s: settled twice is %+v", c.name, again)
		}
	}
}

// A price typed in a plan, as it will weigh on the year.
func TestExpectedCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		status  VATStatus
		foreign bool
		price   int64
		want    int64
	}{
		{"A", statusA, false, 9900, 9900},
		{"A, foreign", statusA, true, 9900, 9900},
		{"B", statusB, false, 9900, 9900},
		{"B, foreign", statusB, true, 9240, 11_088},
		{"C, 99,00 is 82,50 and 16,50, of which 6,105 comes back", statusC, false, 9900, 9289},
		{"C, foreign", statusC, true, 10_000, 11_260},
		{"C, all of it", statusF, false, 9900, 8250},
		{"C, all of it, foreign", statusF, true, 9240, 9240},
		{"no status", VATStatus{}, true, 9240, 11_088},
	} {
		if got := c.status.expectedCost(eur(c.price), c.foreign); got != eur(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, eur(c.want))
		}
	}
}

func TestVATStatusOn(t *testing.T) {
	t.Parallel()
	o := Organisation{VAT: []VATStatus{{From: day("2025-09-01"), Kind: NoDeduction}, {From: day("2026-01-01"), Kind: PartDeducts, Share: percent("37")}}}
	for on, want := range map[string]VATKind{
		"2020-01-01": NotTaxable, "2025-08-31": NotTaxable, "2025-09-01": NoDeduction, "2025-12-31": NoDeduction, "2026-01-01": PartDeducts, "2030-01-01": PartDeducts,
	} {
		if got := o.VATStatusOn(day(on)).Kind; got != want {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
}

func TestReversal(t *testing.T) {
	t.Parallel()
	p := Payment{
		ID: 7, Version: 3, ServiceID: 2, SubscriptionID: 4, ChargeOn: today, PaidOn: today, InvoiceNumber: "F-12", Foreign: true, Billed: dollars(9900), Rate: rate("1.0714"),
		RateSource: RateInvoice, Account: "6511",
	}.Settle(statusB)
	undo, err := p.Reversal(cal.Date{})
	if err != nil {
		t.Fatal(err)
	}
	got := []money.Amount{undo.Billed, undo.VAT, undo.Debited, undo.EUR, undo.VATInvoiced, undo.VATDue, undo.VATDeductible, undo.Cost}
	want := []money.Amount{dollars(-9900), {}, {}, eur(-9240), eur(0), eur(-1848), eur(0), eur(-11_088)}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("amounts (-want +got):\n%s", d)
	}
	if undo.ReversesID != 7 || undo.ID != 0 || undo.Version != 0 || undo.PaidOn != p.PaidOn || undo.Account != "6511" || undo.InvoiceNumber != "F-12" {
		t.Errorf("facts: %+v", undo)
	}
	if undo.Stands() || !p.Stands() {
		t.Error("which one stands is wrong")
	}
	var refused Refused
	if _, err := undo.Reversal(cal.Date{}); !errors.As(err, &refused) || refused.Rule != "is_reversal" {
		t.Errorf("reversing a reversal: %v", err)
	}
	p.ReversedByID = 8
	if _, err := p.Reversal(cal.Date{}); !errors.As(err, &refused) || refused.Rule != "already_reversed" {
		t.Errorf("reversing twice: %v", err)
	}
	if p.Stands() {
		t.Error("a reversed payment stands")
	}
}

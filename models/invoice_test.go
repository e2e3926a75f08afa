package models

import (
	"fmt"
	"slices"
	"testing"

	"enveloppe/models/cal"
	"enveloppe/models/money"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// figuresOfLines are what each line of an invoice came to: billed, net, VAT, debited, euros, VAT in euros, due,
// deductible and cost.
func figuresOfLines(lines []Payment) (all [][9]money.Amount) {
	for _, p := range lines {
		all = append(all, [9]money.Amount{p.Billed, p.Net, p.VAT, p.Debited, p.EUR, p.VATInvoiced, p.VATDue, p.VATDeductible, p.Cost})
	}
	return all
}

func TestInvoiceSettle(t *testing.T) {
	t.Parallel()
	none := money.Amount{}
	in := func(c money.Currency, cents ...int64) (lines []InvoiceLine) {
		for n, x := range cents {
			lines = append(lines, InvoiceLine{ServiceID: ID(11 + n), Billed: money.Cents(x, c)})
		}
		return lines
	}
	for _, c := range []struct {
		name    string
		status  VATStatus
		invoice Invoice
		want    [][9]money.Amount
	}{
		{
			"three services of one French vendor, VAT printed once", statusC,
			Invoice{Payment{Billed: eur(12_000), Net: eur(10_000), VAT: eur(2000), VATRate: percent("20")}, in(money.EUR, 4000, 4000, 4000)},
			[][9]money.Amount{
				{eur(4000), eur(3333), eur(667), none, eur(4000), eur(667), eur(0), eur(247), eur(3753)},
				{eur(4000), eur(3333), eur(667), none, eur(4000), eur(667), eur(0), eur(247), eur(3753)},
				{eur(4000), eur(3334), eur(666), none, eur(4000), eur(666), eur(0), eur(246), eur(3754)},
			},
		},
		{
			"in dollars with a rate, owing VAT", statusB,
			Invoice{Payment{Billed: dollars(9900), Rate: rate("1.0714"), Foreign: true}, in(usd, 3300, 3300, 3300)},
			[][9]money.Amount{
				{dollars(3300), none, none, none, eur(3080), eur(0), eur(616), eur(0), eur(3696)},
				{dollars(3300), none, none, none, eur(3080), eur(0), eur(616), eur(0), eur(3696)},
				{dollars(3300), none, none, none, eur(3080), eur(0), eur(616), eur(0), eur(3696)},
			},
		},
		{
			"in dollars, a cent the bank debited falls to the larger remainder", statusA,
			Invoice{Payment{Billed: dollars(9900), Debited: eur(9311), Foreign: true}, in(usd, 100, 4900, 4900)},
			[][9]money.Amount{ // exact shares 94.05, 4608.47, 4608.47
				{dollars(100), none, none, eur(94), eur(94), eur(0), eur(0), eur(0), eur(94)},
				{dollars(4900), none, none, eur(4609), eur(4609), eur(0), eur(0), eur(0), eur(4609)},
				{dollars(4900), none, none, eur(4608), eur(4608), eur(0), eur(0), eur(0), eur(4608)},
			},
		},
		{
			"a credit note over two", statusC,
			Invoice{Payment{Billed: eur(-10_001), VAT: eur(-1667)}, in(money.EUR, -1, -10_000)},
			[][9]money.Amount{
				{eur(-1), none, eur(0), none, eur(-1), eur(0), eur(0), eur(0), eur(-1)},
				{eur(-10_000), none, eur(-1667), none, eur(-10_000), eur(-1667), eur(0), eur(-617), eur(-9383)},
			},
		},
		{
			"exempt: nothing is owed", statusB,
			Invoice{Payment{Billed: eur(300), Foreign: true, Exempt: true}, in(money.EUR, 100, 200)},
			[][9]money.Amount{
				{eur(100), none, none, none, eur(100), eur(0), eur(0), eur(0), eur(100)},
				{eur(200), none, none, none, eur(200), eur(0), eur(0), eur(0), eur(200)},
			},
		},
		{
			"without a rate: not converted", statusB,
			Invoice{Payment{Billed: dollars(300), Foreign: true}, in(usd, 100, 200)},
			[][9]money.Amount{{dollars(100)}, {dollars(200)}},
		},
		{
			"one cent over three", statusB,
			Invoice{Payment{Billed: dollars(300), Debited: eur(1), Foreign: true}, in(usd, 100, 100, 100)},
			[][9]money.Amount{
				{dollars(100), none, none, eur(1), eur(1), eur(0), eur(0), eur(0), eur(1)},
				{dollars(100), none, none, eur(0), eur(0), eur(0), eur(0), eur(0), eur(0)},
				{dollars(100), none, none, eur(0), eur(0), eur(0), eur(0), eur(0), eur(0)},
			},
		},
	} {
		c.invoice.PaidOn = today
		if v := c.invoice.Check(today); len(v) > 0 {
			t.Errorf("%s: %v", c.name, v)
		}
		if d := cmp.Diff(c.want, figuresOfLines(c.invoice.Settle(c.status)), cmp.AllowUnexported()); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// Lines at 20 and 5,5 %: the VAT printed once is shared by what each rate makes, and what is owed is owed a rate at a time.
func TestInvoiceOfTwoRates(t *testing.T) {
	t.Parallel()
	i := Invoice{Payment{PaidOn: today, Billed: eur(22_550), VAT: eur(2550)}, []InvoiceLine{
		{ServiceID: 11, Billed: eur(12_000), VATRate: percent("20")}, {ServiceID: 12, Billed: eur(10_550), VATRate: percent("5.5"), Account: "6135", Analytic: "B"},
	}}
	i.Account, i.Analytic, i.InvoiceNumber, i.Debited = "6511", "A", "F-1", eur(22_550)
	lines := i.Settle(statusA)
	if lines[0].VAT != eur(2000) || lines[1].VAT != eur(550) || lines[0].Debited != eur(12_000) {
		t.Errorf("VAT %v and %v", lines[0].VAT, lines[1].VAT)
	}
	if lines[0].Account != "6511" || lines[1].Account != "6135" || lines[0].Analytic != "A" || lines[1].Analytic != "B" || lines[1].InvoiceNumber != "F-1" {
		t.Errorf("accounts: %+v", lines)
	}
	i.VAT, i.Foreign = money.Amount{}, true
	if lines = i.Settle(statusB); lines[0].VATDue != eur(2400) || lines[1].VATDue != eur(580) {
		t.Errorf("due %v and %v", lines[0].VATDue, lines[1].VATDue)
	}
	i.Lines[0].VAT, i.Lines[1].VAT = eur(1900), eur(650) // as each line prints it
	if lines = i.Settle(statusA); lines[0].VAT != eur(1900) || lines[1].VAT != eur(650) {
		t.Errorf("VAT %v and %v of their own", lines[0].VAT, lines[1].VAT)
	}
	if got := (Invoice{}).Settle(statusA); len(got) > 0 {
		t.Error("payments of no line")
	}
}

func TestInvoiceCheck(t *testing.T) {
	t.Parallel()
	good := func() Invoice {
		return Invoice{Payment{PaidOn: today, Billed: eur(300)}, []InvoiceLine{
			{ServiceID: 11, Billed: eur(100)}, {ServiceID: 12, SubscriptionID: 4, ChargeOn: today, Billed: eur(200)},
		}}
	}
	for name, c := range map[string]struct {
		change func(*Invoice)
		want   []string
	}{
		"good":                    {func(*Invoice) {}, nil},
		"what the invoice shares": {func(i *Invoice) { i.PaidOn, i.InvoiceNumber = today.AddDays(1), "a\nb" }, []string{"paid_on date.future", "invoice_number characters"}},
		"no lines":                {func(i *Invoice) { i.Lines = nil }, []string{"lines required"}},
		"too many":                {func(i *Invoice) { i.Lines = make([]InvoiceLine, MaxInvoiceLines+1) }, []string{"lines number.range"}},
		"lines without a service": {func(i *Invoice) { i.Lines[1].ServiceID = 0 }, []string{"line.1.service choose"}},
		"a charge of nothing":     {func(i *Invoice) { i.Lines[1].SubscriptionID = 0 }, []string{"line.1.charge choose"}},
		"a part of nothing":       {func(i *Invoice) { i.Lines[0].Part = true }, []string{"line.0.charge choose"}},
		"no amount":               {func(i *Invoice) { i.Lines[0].Billed = money.Amount{} }, []string{"line.0.billed required"}},
		"nothing billed":          {func(i *Invoice) { i.Lines[0].Billed = eur(0) }, []string{"line.0.billed positive"}},
		"another currency":        {func(i *Invoice) { i.Lines[0].Billed = dollars(100) }, []string{"line.0.billed currency.same"}},
		"another sign":            {func(i *Invoice) { i.Lines[0].Billed = eur(-100) }, []string{"line.0.billed sign.same"}},
		"a charge credited":       {func(i *Invoice) { i.Lines[1].Billed = eur(-100) }, []string{"line.1.billed negative"}},
		"no total":                {func(i *Invoice) { i.Billed = money.Amount{} }, []string{"billed required"}},
		"a cent missing":          {func(i *Invoice) { i.Billed = eur(301) }, []string{"billed lines.sum missing 0.01 EUR"}},
		"a cent too much":         {func(i *Invoice) { i.Billed = eur(299) }, []string{"billed lines.sum missing -0.01 EUR"}},
		"VAT of the lines":        {func(i *Invoice) { i.VAT, i.Lines[0].VAT = eur(50), eur(16) }, []string{"vat lines.sum missing 0.34 EUR"}},
		"VAT in another currency": {func(i *Invoice) { i.Lines[0].VAT = dollars(16) }, []string{"line.0.vat currency.same"}},
		"VAT above the line":      {func(i *Invoice) { i.Lines[0].VAT = eur(101) }, []string{"line.0.vat vat.above_total"}},
		"too large a line":        {func(i *Invoice) { i.Lines[0].Billed = money.New(money.MaxTyped+1, money.EUR) }, []string{"line.0.billed amount.too_large"}},
		"an account in words":     {func(i *Invoice) { i.Lines[0].Account = "frais" }, []string{"line.0.account account"}},
		"a period upside down":    {func(i *Invoice) { i.Lines[0].Period = cal.Span{From: today, To: today} }, []string{"line.0.period_to end.before_start"}},
		"one charge twice":        {func(i *Invoice) { i.Lines[0].SubscriptionID, i.Lines[0].ChargeOn = 4, today }, []string{"line.1.charge charge.settled"}},
		"one charge in two parts": {func(i *Invoice) {
			i.Lines[0], i.Lines[1].Part = i.Lines[1], true
			i.Lines[0].Part, i.Lines[0].Billed = true, eur(100)
		}, nil},
		"a part and the whole":    {func(i *Invoice) { i.Lines[0] = i.Lines[1]; i.Lines[0].Billed, i.Lines[0].Part = eur(100), true }, []string{"line.1.charge charge.settled"}},
		"net above the total":     {func(i *Invoice) { i.Net = eur(301) }, []string{"net net.above_total"}},
		"net in another currency": {func(i *Invoice) { i.Net = dollars(1) }, []string{"net currency.same"}},
		"net of another sign":     {func(i *Invoice) { i.Net = eur(-1) }, []string{"net negative"}},
	} {
		i := good()
		c.change(&i)
		var got []string
		for _, p := range i.Check(today) {
			text := p.Field + " " + p.Rule
			if p.Rule == "lines.sum" {
				text = fmt.Sprint(text, " ", p.Args[0], " ", p.Args[1])
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// drawInvoice draws one that Check lets pass: one to eight lines, some of a cent beside some of millions.
func drawInvoice(t *rapid.T) Invoice {
	currency := rapid.SampledFrom([]money.Currency{money.EUR, usd, jpy}).Draw(t, "currency")
	sign := rapid.SampledFrom([]int64{1, 1, -1}).Draw(t, "sign")
	i := Invoice{Payment: Payment{PaidOn: today, Billed: money.Zero(currency), Foreign: rapid.Bool().Draw(t, "foreign"), Exempt: rapid.IntRange(0, 3).Draw(t, "exempt") == 0}}
	amount := func(label string, most int64) money.Amount {
		n := sign * rapid.OneOf(rapid.Int64Range(1, 9), rapid.Int64Range(1, max(most, 1))).Draw(t, label)
		if currency == jpy {
			n *= 100
		}
		return money.Cents(n, currency)
	}
	own := rapid.Bool().Draw(t, "VAT of each line")
	rates := rapid.SampledFrom([][]string{{"0"}, {"20"}, {"0", "5.5", "20"}}).Draw(t, "rates")
	for n := range rapid.IntRange(1, 8).Draw(t, "lines") {
		l := InvoiceLine{ServiceID: ID(n + 1), Billed: amount("billed", 100_000_000), VATRate: percent(rapid.SampledFrom(rates).Draw(t, "rate"))}
		if own {
			_, l.VAT = percent("20").Included(l.Billed)
		}
		i.Lines, i.Billed = append(i.Lines, l), i.Billed.Add(l.Billed)
	}
	switch rapid.IntRange(0, 2).Draw(t, "VAT") {
	case 0:
		if !own {
			_, i.VAT = percent("20").Included(i.Billed)
		}
	case 1:
		if !own {
			i.VAT = i.Billed.Prorate(rapid.Int64Range(0, 100).Draw(t, "odd VAT"), 100)
		}
	}
	if rapid.Bool().Draw(t, "net") {
		i.Net = i.Billed.Prorate(rapid.Int64Range(0, 100).Draw(t, "odd net"), 100)
	}
	switch rapid.IntRange(0, 2).Draw(t, "euros") {
	case 0:
		i.Debited = money.Euros(sign * rapid.Int64Range(1, 100_000).Draw(t, "debited"))
	case 1:
		i.Rate, i.RateSource = rate(rapid.SampledFrom([]string{"1.0714", "125.38", "0.86083"}).Draw(t, "rate")), RateInvoice
	}
	return i
}

func TestSplittingAnInvoiceLosesNoCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		i := drawInvoice(t)
		if v := i.Check(today); len(v) > 0 {
			t.Fatalf("drawn badly: %v", v)
		}
		s := rapid.SampledFrom([]VATStatus{statusA, statusB, statusC, statusF}).Draw(t, "status")
		lines := i.Settle(s)
		whole := i.Payment
		oneRate := true
		for _, l := range i.Lines {
			whole.VAT = whole.VAT.Add(l.VAT)
			oneRate = oneRate && l.VATRate == i.Lines[0].VATRate
		}
		whole.VATRate = i.Lines[0].VATRate
		if i.VAT.IsNone() != whole.VAT.IsNone() { // the lines' own
			i.VAT = whole.VAT
		}
		whole.VAT = i.VAT
		whole = whole.Settle(s)
		sums := make([]money.Amount, 9)
		for _, p := range figuresOfLines(lines) {
			for n, a := range p {
				sums[n] = sums[n].Add(a)
			}
			if !p[4].IsNone() && p[8] != p[4].Add(p[6]).Sub(p[7]) {
				t.Fatalf("cost %v of %v", p[8], p)
			}
			for n, a := range p[:8] { // a line of no cent may bear one of VAT that comes back: its cost is then below nothing
				if !a.IsZero() && a.IsNegative() != i.Billed.IsNegative() {
					t.Fatalf("figure %d is %v on an invoice of %v", n, a, i.Billed)
				}
			}
		}
		want := figuresOfLines([]Payment{whole})[0]
		if !oneRate { // owed a rate at a time
			copy(want[6:], sums[6:])
			same(t, "cost", sums[4].Add(sums[6]).Sub(sums[7]), sums[8])
		}
		same(t, "sums", want[:], sums)
		for n, p := range lines {
			if p.RateSource != whole.RateSource || p.Rate != whole.Rate || p.VATKind != s.Kind || p.Billed != i.Lines[n].Billed {
				t.Fatalf("line %d: %+v", n, p)
			}
		}
		// The register under the same status shares the cents out as they were.
		for n := range lines {
			lines[n].ID, lines[n].InvoiceID = ID(n+1), 1
		}
		same(t, "under", lines, NewRegister(Facts{Payments: slices.Clone(lines)}).Under(s).Payments)
	})
}

func TestInvoiceOf(t *testing.T) {
	t.Parallel()
	at := func(id, invoice ID) Payment {
		return Payment{ID: id, InvoiceID: invoice, PaidOn: today, Billed: eur(100)}
	}
	f := Facts{Payments: []Payment{at(1, 1), at(2, 1), at(3, 0), at(4, 4), at(5, 4), at(6, 1)}}
	f = reverse(f, 6, 7)
	r := NewRegister(f)
	for id, want := range map[ID][]ID{1: {1, 2}, 2: {1, 2}, 3: {3}, 4: {4, 5}, 6: {6}, 7: {7}} {
		p, _ := r.Payment(id)
		var got []ID
		for _, x := range r.InvoiceOf(p) {
			got = append(got, x.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d: %v, want %v", id, got, want)
		}
	}
}

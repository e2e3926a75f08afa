package models_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestDoubts(t *testing.T) {
	t.Parallel()
	twenty := money.PercentOf(20)
	for name, c := range map[string]struct {
		kind    models.VATKind
		foreign bool
		billed  money.Amount
		vat     money.Amount
		rate    money.Percent
		want    []models.Doubt
	}{
		"A, French, with VAT":              {models.NotTaxable, false, money.Euros(9900), money.Euros(1650), twenty, nil},
		"A, French, none printed":          {models.NotTaxable, false, money.Euros(9900), money.Amount{}, money.Percent{}, nil},
		"A, foreign, with French VAT":      {models.NotTaxable, true, money.Euros(9900), money.Euros(1650), twenty, nil},
		"A, foreign, none":                 {models.NotTaxable, true, money.Euros(9900), money.Amount{}, money.Percent{}, []models.Doubt{models.DoubtNoVAT}},
		"A, foreign, zero printed":         {models.NotTaxable, true, money.Euros(9900), money.Euros(0), money.Percent{}, []models.Doubt{models.DoubtNoVAT}},
		"B, foreign, with VAT":             {models.NoDeduction, true, money.Euros(9900), money.Euros(1650), twenty, []models.Doubt{models.DoubtVATInvoiced}},
		"B, foreign, none":                 {models.NoDeduction, true, money.Euros(9900), money.Amount{}, money.Percent{}, nil},
		"C, foreign, with VAT":             {models.PartDeducts, true, money.Euros(9900), money.Euros(1650), twenty, []models.Doubt{models.DoubtVATInvoiced}},
		"one cent off is the rounding":     {models.NotTaxable, false, money.Euros(9900), money.Euros(1651), twenty, nil},
		"two cents off":                    {models.NotTaxable, false, money.Euros(9900), money.Euros(1652), twenty, []models.Doubt{models.DoubtVATRate}},
		"VAT without a rate is not judged": {models.NotTaxable, false, money.Euros(9900), money.Euros(900), money.Percent{}, nil},
		"a credit note, likewise":          {models.NotTaxable, false, money.Euros(-9900), money.Euros(-1650), twenty, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := models.Payment{VATKind: c.kind, Foreign: c.foreign, Billed: c.billed, VAT: c.vat, VATRate: c.rate}
			if diff := cmp.Diff(c.want, p.Doubts()); diff != "" {
				t.Error(diff)
			}
			p.ReversesID = 1
			if got := p.Doubts(); got != nil {
				t.Errorf("a reversal is doubted: %v", got)
			}
		})
	}
}

func TestDoubtsAboutSums(t *testing.T) {
	t.Parallel()
	twenty := money.PercentOf(20)
	e, yen := money.Euros, func(n int64) money.Amount { return money.Cents(100*n, "JPY") }
	sum, rate := models.DoubtVATSum, models.DoubtVATRate
	for name, c := range map[string]struct {
		net, vat, billed money.Amount
		rate             money.Percent
		want             []models.Doubt
	}{
		"as it should be":                        {e(8250), e(1650), e(9900), twenty, nil},
		"a cent off":                             {e(8250), e(1649), e(9900), twenty, nil},
		"two cents off the total":                {e(8250), e(1650), e(9902), twenty, []models.Doubt{sum}},
		"two cents off both":                     {e(8250), e(1652), e(9900), twenty, []models.Doubt{sum, rate}},
		"the rate is of what is printed without": {e(10_000), e(2000), e(12_000), twenty, nil},
		"without VAT the total is the net":       {e(9900), money.Amount{}, e(9900), money.Percent{}, nil},
		"a VAT that is not printed":              {e(8250), money.Amount{}, e(9900), twenty, []models.Doubt{sum}},
		"no net printed":                         {money.Amount{}, e(1650), e(9900), twenty, nil},
		"a credit note":                          {e(-8250), e(-1650), e(-9900), twenty, nil},
		"a credit note two cents off":            {e(-8250), e(-1650), e(-9902), twenty, []models.Doubt{sum}},
		"one yen off":                            {yen(1250), yen(249), yen(1500), twenty, nil},
		"two yen off":                            {yen(1250), yen(248), yen(1500), twenty, []models.Doubt{sum, rate}},
	} {
		p := models.Payment{ID: 1, Net: c.net, VAT: c.vat, Billed: c.billed, VATRate: c.rate}
		if diff := cmp.Diff(c.want, p.Doubts()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.want, models.NewRegister(models.Facts{Payments: []models.Payment{p}}).Doubts(p)); diff != "" {
			t.Errorf("%s, in the register: %s", name, diff)
		}
	}
}

// Three lines of 33,33 each: the VAT of each is rounded, and only that of all is what the invoice prints.
func TestDoubtsAboutAnInvoiceOfSeveralLines(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vat, net int64
		want     []models.Doubt
	}{
		"as printed":         {1667, 8332, nil},
		"a cent a line":      {1669, 8330, nil},
		"more than that":     {1670, 8329, []models.Doubt{models.DoubtVATRate}},
		"a sum that is none": {1667, 8336, []models.Doubt{models.DoubtVATSum}},
	} {
		i := models.Invoice{Payment: models.Payment{PaidOn: cal.MustNew(2026, 11, 1), Billed: money.Euros(9999), VAT: money.Euros(c.vat), Net: money.Euros(c.net), VATRate: money.PercentOf(20)}}
		for n := range 3 {
			i.Lines = append(i.Lines, models.InvoiceLine{ServiceID: models.ID(n + 1), Billed: money.Euros(3333)})
		}
		lines := i.Settle(models.VATStatus{Kind: models.NotTaxable})
		for n := range lines {
			lines[n].ID, lines[n].InvoiceID = models.ID(n+1), 1
		}
		r := models.NewRegister(models.Facts{Payments: lines})
		for _, p := range lines {
			if diff := cmp.Diff(c.want, r.Doubts(p)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if found := p.Doubts(); len(found) > 0 {
				t.Errorf("%s: a line by itself: %v", name, found)
			}
		}
	}
}

func TestExemptIsNotDoubted(t *testing.T) {
	t.Parallel()
	p := models.Payment{Billed: money.Euros(9900), Foreign: true, Exempt: true}
	for _, s := range []models.VATStatus{{Kind: models.NotTaxable}, {Kind: models.NoDeduction}} {
		if got := p.Settle(s); len(got.Doubts()) > 0 || got.Cost != money.Euros(9900) || !got.VATDue.IsZero() {
			t.Errorf("%s: %v, cost %v", s.Kind, got.Doubts(), got.Cost)
		}
	}
}

func TestDoubtBeforeStart(t *testing.T) {
	t.Parallel()
	start := cal.MustNew(2026, 3, 31)
	sub := func(id models.ID, service models.ID, c cal.Cadence) models.Subscription {
		return models.Subscription{ID: id, ServiceID: service, StartedOn: start, Anchor: start, Cadence: c}
	}
	r := models.NewRegister(models.Facts{Subscriptions: []models.Subscription{sub(1, 10, cal.Monthly), sub(2, 11, cal.Yearly), sub(3, 12, cal.OneOff)}})
	whole := func(from, last string) cal.Span { return cal.Inclusive(civilDay(from), civilDay(last)) }
	for name, c := range map[string]struct {
		subscription, service models.ID
		on                    string
		period                cal.Span
		want                  bool
	}{
		"on its first day":                     {1, 10, "2026-03-31", cal.Span{}, false},
		"a month ahead":                        {1, 10, "2026-03-01", cal.Span{}, false},
		"a day more than a month ahead":        {1, 10, "2026-02-28", cal.Span{}, true},
		"by the year, months ahead":            {2, 11, "2025-06-30", cal.Span{}, false},
		"by the year, more than a year ahead":  {2, 11, "2025-03-30", cal.Span{}, true},
		"once, a year ahead":                   {3, 12, "2025-03-31", cal.Span{}, false},
		"once, two years ahead":                {3, 12, "2024-03-31", cal.Span{}, true},
		"for days before":                      {1, 10, "2026-04-01", whole("2026-03-01", "2026-03-30"), true},
		"for days of which one is after":       {1, 10, "2026-04-01", whole("2026-03-01", "2026-03-31"), false},
		"free-standing, of its service":        {0, 10, "2025-12-01", cal.Span{}, true},
		"free-standing, in time":               {0, 10, "2026-05-01", cal.Span{}, false},
		"of a service nobody subscribed to":    {0, 99, "2020-01-01", cal.Span{}, false},
		"of a subscription nobody knows":       {98, 99, "2020-01-01", cal.Span{}, false},
		"the year typed wrong, by the century": {1, 10, "1970-01-01", cal.Span{}, true},
	} {
		p := models.Payment{ID: 50, ServiceID: c.service, SubscriptionID: c.subscription, PaidOn: civilDay(c.on), Period: c.period, Billed: money.Euros(100)}
		if got := slices.Contains(r.Doubts(p), models.DoubtBeforeStart); got != c.want {
			t.Errorf("%s: doubted %v", name, got)
		}
	}
}

func TestDoubtTwice(t *testing.T) {
	t.Parallel()
	day := cal.MustNew(2026, 5, 31)
	pay := func(id models.ID, change ...func(*models.Payment)) models.Payment {
		p := models.Payment{ID: id, ServiceID: 10, PaidOn: day, VendorName: "Dropbox", InvoiceNumber: "F-2026 12", Billed: money.Euros(9900)}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	inPart := func(on cal.Date) func(*models.Payment) {
		return func(p *models.Payment) { p.SubscriptionID, p.ChargeOn, p.Part, p.PaidOn = 4, day, true, on }
	}
	ofInvoice := func(invoice models.ID, cents int64) func(*models.Payment) {
		return func(p *models.Payment) { p.InvoiceID, p.Billed = invoice, money.Euros(cents) }
	}
	for name, c := range map[string]struct {
		payments []models.Payment
		want     bool // of the first
	}{
		"once":                      {[]models.Payment{pay(1)}, false},
		"twice":                     {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.PaidOn = day.AddDays(9) })}, true},
		"written otherwise":         {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.InvoiceNumber, p.VendorName = " f-202612", "DROPBOX " })}, true},
		"another amount":            {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.Billed = money.Euros(9901) })}, false},
		"another currency":          {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.Billed = money.Cents(9900, "USD") })}, false},
		"another number":            {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.InvoiceNumber = "F-2026 13" })}, false},
		"no number":                 {[]models.Payment{pay(1, func(p *models.Payment) { p.InvoiceNumber = "" }), pay(2, func(p *models.Payment) { p.InvoiceNumber = "" })}, false},
		"another vendor":            {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.VendorName = "Skype" })}, false},
		"the other was undone":      {[]models.Payment{pay(1), pay(2, func(p *models.Payment) { p.ReversedByID = 3 }), pay(3, func(p *models.Payment) { p.ReversesID = 2 })}, false},
		"in two instalments":        {[]models.Payment{pay(1, inPart(day)), pay(2, inPart(day.AddDays(30)))}, false},
		"one instalment twice":      {[]models.Payment{pay(1, inPart(day)), pay(2, inPart(day))}, true},
		"two lines of one invoice":  {[]models.Payment{pay(1, ofInvoice(1, 4950)), pay(2, ofInvoice(1, 4950))}, false},
		"an invoice of two, and it": {[]models.Payment{pay(1, ofInvoice(1, 4000)), pay(2, ofInvoice(1, 5900)), pay(3)}, true},
		"nobody says who, of the same service": {[]models.Payment{
			pay(1, func(p *models.Payment) { p.VendorName = "" }), pay(2, func(p *models.Payment) { p.VendorName = "" }),
		}, true},
		"nobody says who, of another": {[]models.Payment{
			pay(1, func(p *models.Payment) { p.VendorName = "" }), pay(2, func(p *models.Payment) { p.VendorName, p.ServiceID = "", 11 }),
		}, false},
	} {
		r := models.NewRegister(models.Facts{Payments: c.payments})
		if got := slices.Contains(r.Doubts(c.payments[0]), models.DoubtTwice); got != c.want {
			t.Errorf("%s: doubted %v", name, got)
		}
	}
}

func TestUnderAnotherStatus(t *testing.T) {
	t.Parallel()
	day := cal.MustNew(2026, time.November, 23)
	pay := func(id models.ID, cents, vat int64, foreign bool) models.Payment {
		p := models.Payment{ID: id, ServiceID: 9, PaidOn: day, Billed: money.Euros(cents), Foreign: foreign}
		if vat != 0 {
			p.VAT = money.Euros(vat)
		}
		return p.Settle(models.VATStatus{Kind: models.NotTaxable})
	}
	r := models.NewRegister(models.Facts{
		Organisation: models.Organisation{YearStart: cal.YearStart{Month: time.January, Day: 1}, KeptFrom: cal.MustNew(2026, time.January, 1)},
		Payments:     []models.Payment{pay(1, 12000, 2000, false), pay(2, 9240, 0, true)},
	})
	share, err := money.ParsePercent("37")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status models.VATStatus
		want   money.Amount
	}{
		{models.VATStatus{Kind: models.NotTaxable}, money.Euros(12000 + 9240)},
		{models.VATStatus{Kind: models.NoDeduction}, money.Euros(12000 + 11088)},                     // reverse charge on 92,40 is 18,48
		{models.VATStatus{Kind: models.PartDeducts, Share: share}, money.Euros(11260 + 11088 - 684)}, // 7,40 and 6,84 come back
	} {
		if got := r.Under(c.status).Position(r.Year(day), day).Spent; got != c.want {
			t.Errorf("under %s: %s, want %s", c.status.Kind, got, c.want)
		}
	}
	if r.Payments[1].Cost != money.Euros(9240) {
		t.Error("asking changed the register")
	}
}

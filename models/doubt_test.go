package models_test

import (
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

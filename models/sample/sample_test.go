package sample_test

import (
	"slices"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
)

// Every day of two years, one of them a leap year, so that no month end or new year catches the demonstration out.
func everyDay(t *testing.T, check func(t *testing.T, today cal.Date, r *models.Register)) {
	t.Helper()
	for d := cal.MustNew(2027, time.January, 1); d.Before(cal.MustNew(2029, time.January, 1)); d = d.AddDays(1) {
		check(t, d, models.NewRegister(sample.Association(d, models.French, d.Time(time.UTC))))
		if t.Failed() {
			t.Fatalf("on %s", d)
		}
	}
}

func TestForecastEndsInsideTheEnvelopeOnEveryDay(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		p := r.Position(r.Year(today), today)
		if p.Status != models.Within || !p.Complete() {
			t.Errorf("forecast %s is %s, %d charges and %d payments not converted", p.Forecast, p.Status, len(p.UnconvertedCharges), len(p.UnconvertedPayments))
		}
		if p.Services != 17 || p.PaidServices != 10 {
			t.Errorf("%d services, %d paid, want 17 and 10", p.Services, p.PaidServices)
		}
		last := r.Position(r.Year(today).Prev(), today)
		if !last.Spent.IsPositive() || !money.Euros(60000).Less(last.Forecast) {
			t.Errorf("last year is %s", last.Forecast)
		}
	})
}

func TestEveryKindOfFlagIsThereOnEveryDay(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		seen := map[models.FlagKind]bool{}
		for _, c := range r.Causes(today) {
			seen[c.Key.Kind] = true
		}
		for _, f := range r.Flags {
			seen[f.FlagKey.Kind] = true
		}
		for _, kind := range models.FlagKinds {
			if !seen[kind] {
				t.Errorf("no flag %s", kind)
			}
		}
	})
}

func TestEveryRecordIsGood(t *testing.T) {
	today := cal.MustNew(2026, time.November, 23)
	for _, lang := range []models.Lang{models.French, models.English} {
		f := sample.Association(today, lang, today.Time(time.UTC))
		var bad []models.Invalid
		bad = append(bad, f.Organisation.Check())
		for _, x := range f.People {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Services {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Plans {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Subscriptions {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Payments {
			if x.Stands() {
				bad = append(bad, x.Check(today))
			}
		}
		for _, x := range f.Decisions {
			bad = append(bad, x.Check())
		}
		for _, v := range bad {
			if err := v.Err(); err != nil {
				t.Errorf("%s: %v", lang, err)
			}
		}
		if !slices.IsSortedFunc(f.Payments, func(a, b models.Payment) int { return int(a.ID - b.ID) }) {
			t.Errorf("%s: payments are not in order of their IDs", lang)
		}
	}
}

package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
)

func TestImportRates(t *testing.T) {
	h := newHouse(t)
	on := func(currency money.Currency, d, r string) models.ReferenceRate {
		return models.ReferenceRate{Currency: currency, Day: day(d), Rate: rate(r), Source: models.RateTyped}
	}
	file := []models.ReferenceRate{
		on("USD", "2026-06-12", "1.0714"), on("USD", "2026-06-11", "1.07"), on("USD", "2026-06-12", "1.0715"), on("USD", "2026-06-16", "1.08"),
		on("JPY", "2026-06-12", "168.03"), on("USD", "1999-01-04", "1.1789"), on("EUR", "2026-06-12", "1"),
	}
	im, err := h.ImportRates(h.ctx, h.by, file, today)
	h.ok(err)
	want := RatesImported{Added: 2, Differ: 1, Future: 1, Unused: 3, From: day("2026-06-11"), To: day("2026-06-12")}
	if diff := cmp.Diff(want, im, exact); diff != "" {
		t.Errorf("imported (-want +got):\n%s", diff)
	}
	rates := h.reg().Rates
	if len(rates) != 3 || rates[1].Source != models.RateECB || rates[1].Day != day("2026-06-11") {
		t.Errorf("rates %+v", rates)
	}
	if e := h.last(); e.Verb != "rate.import" || e.Name != "USD" || e.Changes[0].After != "2" {
		t.Errorf("the log says %+v", e)
	}
	h.same()
	before := h.revision()
	im, err = h.ImportRates(h.ctx, h.by, file, today)
	if err != nil || im.Added != 0 || im.Known != 2 || im.Differ != 1 || h.revision() != before {
		t.Errorf("imported again: %+v, %v", im, err)
	}
	if c := h.reg().Convert(usd(9900), day("2026-06-13"), today); c.Source != models.RateECB || c.EUR != money.Euros(9240) {
		t.Errorf("converted %+v", c)
	}
}

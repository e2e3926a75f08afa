package web

import (
	"cmp"
	"slices"

	"enveloppe/models"
	"enveloppe/models/money"
)

// convertedNote says what a foreign amount was in its own currency, and at which rate it became euros.
func convertedNote(v *visit, billed money.Amount, c models.Conversion) string {
	source := v.words.Kind("rate", string(c.Source))
	if c.Rate.IsZero() { // the bank's euros
		return v.words.T("rates.converted_by", "amount", billed, "source", source)
	}
	return v.words.T("flag.converted", "amount", billed, "rate", c.Rate, "source", source, "day", v.words.DayShort(c.Day))
}

// ratesOfCharges says at which rates charges count in euros, each once: for pages of totals. Those to come share one a
// currency; those of days past have the rate of their day.
func ratesOfCharges(v *visit, charges []models.Charge) []string {
	var used []models.Rated
	for i := range charges {
		used = append(used, models.Rated{Currency: charges[i].Billed.Currency(), Conversion: charges[i].Conversion})
	}
	return sayRates(v, used)
}

// ratesOfLines says the same of what services cost a year.
func ratesOfLines(v *visit, lines []models.Line) []string {
	var used []models.Rated
	for i := range lines {
		if price := lines[i].Terms.Price; lines[i].Standing == models.InUse && !price.IsNone() {
			used = append(used, models.Rated{Currency: price.Currency(), Conversion: v.register.Convert(price, models.NextYear(v.today).From, v.today)})
		}
	}
	return sayRates(v, used)
}

// sayRates says each rate once, by currency and day.
func sayRates(v *visit, used []models.Rated) []string {
	used = slices.DeleteFunc(used, func(u models.Rated) bool { return u.Source == "" || !u.OK() })
	slices.SortStableFunc(used, func(a, b models.Rated) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), a.Day.Compare(b.Day), cmp.Compare(a.Source, b.Source))
	})
	var said []string
	for _, u := range used {
		if text := sayRate(v, u, v.words.DayShort(u.Day)); !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return said
}

// sayRate says a rate with its source and day, or that the bank said the euros: "1 € = 1,0855 USD (cours saisi du 20 nov.)".
func sayRate(v *visit, u models.Rated, day string) string {
	if u.Rate.IsZero() { // the bank's euros
		return v.words.Kind("rate", string(u.Source))
	}
	return v.words.T("rates.used", "rate", u.Rate, "currency", string(u.Currency), "source", v.words.Kind("rate", string(u.Source)), "day", day)
}

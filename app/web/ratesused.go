package web

import (
	"maps"
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

// ratesOfCharges says, a currency each, at which rates charges to come count in euros: for pages of totals, which say it
// once.
func ratesOfCharges(v *visit, charges []models.Charge) []string {
	used := map[money.Currency]models.Conversion{}
	for i := range charges {
		used[charges[i].Billed.Currency()] = charges[i].Conversion
	}
	return sayRates(v, used)
}

// ratesOfLines says the same of what services cost a year.
func ratesOfLines(v *visit, lines []models.Line) []string {
	used := map[money.Currency]models.Conversion{}
	for i := range lines {
		if price := lines[i].Terms.Price; lines[i].Standing == models.InUse && !price.IsNone() {
			used[price.Currency()] = v.register.Convert(price, models.NextYear(v.today).From, v.today)
		}
	}
	return sayRates(v, used)
}

func sayRates(v *visit, used map[money.Currency]models.Conversion) []string {
	var said []string
	for _, currency := range slices.Sorted(maps.Keys(used)) {
		if c := used[currency]; c.Source != "" && c.OK() {
			said = append(said, v.words.T("rates.used", "rate", c.Rate, "currency", string(currency), "source", v.words.Kind("rate", string(c.Source)), "day", v.words.DayShort(c.Day)))
		}
	}
	return said
}

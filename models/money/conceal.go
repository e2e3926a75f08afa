package money

import "regexp"

// Concealed is what stands in the place of an amount that is not to be read.
const Concealed = "•••"

// An amount as people write one in a sentence: a figure with a currency before or after it, by its sign, its code or its
// name, or with the word for "with" or "without tax" after it; and a range of two.
const (
	space        = `[ \x{00a0}\x{202f}\x{2009}]?`
	oneFigure    = `[-+−]?\d+(?:[.,'’ \x{00a0}\x{202f}\x{2009}]\d+)*`
	figures      = oneFigure + `(?:` + space + `(?:[-–—/]|à|et|ou|to|and|or)` + space + oneFigure + `)?`
	currencySign = `(?:\b[A-Z]{1,2})?\p{Sc}(?:[A-Z]{2}\b)?`
	currencyName = `(?i:euros?|dollars?|centimes?|cents?|cts?|pounds?|livres?|francs?|HT|TTC)\b`
)

var (
	writtenAmount = regexp.MustCompile(
		`(?:` + currencySign + `|\b[A-Z]{3})` + space + figures + `(?:` + space + `[kKM]\b)?` + `(?:` + space + `(?:` + currencySign + `|[A-Z]{3}\b))?` +
			`|` + figures + space + `(?:[kKM]?` + space + currencySign + `|[kKM]?[A-Z]{3}\b|` + currencyName + `)`)
	otherSign    = regexp.MustCompile(`\p{Sc}|` + currencyName)
	currencyCode = regexp.MustCompile(`[A-Z]{3}\b`)
)

// Conceal replaces the amounts in a text by [Concealed]: "91,20 € par an" becomes "••• par an". Other figures stay:
// "50 Go pour 5 personnes".
func Conceal(text string) string {
	return writtenAmount.ReplaceAllStringFunc(text, func(found string) string {
		if otherSign.MatchString(found) {
			return Concealed
		}
		for _, code := range currencyCode.FindAllString(found, -1) { // three capitals may be anything else
			if _, err := ParseCurrency(code); err == nil {
				return Concealed
			}
		}
		return found
	})
}

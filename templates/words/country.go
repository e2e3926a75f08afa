package words

import (
	"slices"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is a country's two-letter ISO 3166 code and its name in one language.
type Country struct {
	Code string
	Name string
}

// Country is the name of a country, or the code as it was given when it is none.
func (w *Words) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return code
	}
	if name := display.Regions(language.Make(string(w.lang))).Name(region); name != "" {
		return name
	}
	return code
}

// Countries are all of them, in this language's order. The caller must not change the list.
func (w *Words) Countries() []Country { return w.countries() }

// islands have codes in CLDR, but in ISO 3166 they belong to a country that is listed.
var islands = []string{"AC", "DG", "IC", "TA"}

// countriesIn lists the regions where some currency is in use: those of ISO 3166 and Kosovo, without
// Antarctica and without the codes CLDR still names for countries that are no more.
func countriesIn(w *Words) []Country {
	var all []Country
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			code := string(first) + string(second)
			if _, lives := currency.ForCountryCode(code); !lives || slices.Contains(islands, code) {
				continue
			}
			if name := w.Country(code); name != code {
				all = append(all, Country{code, name})
			}
		}
	}
	SortBy(w, all, func(c Country) string { return c.Name })
	return all
}

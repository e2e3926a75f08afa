package money

import "testing"

func TestConcealHidesAmountsAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"91,20 € par an":                            "••• par an",
		"passe à 1 234,56 € le 3 mars 2026":         "passe à ••• le 3 mars 2026",
		"passe à 1\u202f234,56\u00a0€.":             "passe à •••.",
		"€1,234.56 a year":                          "••• a year",
		"$99.99/year, was US$ 89":                   "•••/year, was •••",
		"99 $US ou 12 $CA":                          "••• ou •••",
		"99.00 USD, then EUR 12":                    "•••, then •••",
		"10 euros de moins, 50 centimes":            "••• de moins, •••",
		"100 dollars; 3 Cents":                      "•••; •••",
		"EUR 12; 12 EUR, 5kEUR":                     "•••; •••, •••",
		"100 SMS et 12,00 XYZ, 3 GB":                "100 SMS et 12,00 XYZ, 3 GB",
		"76 HT, 91,20 TTC":                          "•••, •••",
		"3k€ ou 3 k€":                               "••• ou •••",
		"£5, ¥ 500, 5 CHF":                          "•••, •••, •••",
		"de 800 à 1 000 €":                          "de •••",
		"entre 80 et 90 €, 80-90 €, 80/90 € 80–90€": "entre •••, •••, ••• •••",
		"50 Go pour 5 personnes, 2 To":              "50 Go pour 5 personnes, 2 To",
		"100 SMS, 3 ans, 20 %, le 12/03/2026":       "100 SMS, 3 ans, 20 %, le 12/03/2026",
		"HTTP 404, ISO 9001, RGPD 28":               "HTTP 404, ISO 9001, RGPD 28",
		"":                                          "",
	} {
		if got := Conceal(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

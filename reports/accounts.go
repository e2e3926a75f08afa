package reports

// accountLabels are the names of accounts, of the chart of accounts as amended by regulation ANC 2023-05, by the
// number's beginning: the longest that fits names the account.
var accountLabels = map[string]string{
	"401":   "Fournisseurs",
	"44566": "TVA déductible sur autres biens et services",
	"4452":  "TVA due intracommunautaire",
	"486":   "Charges constatées d’avance",
	"512":   "Banques",
	"60":    "Achats",
	"61":    "Services extérieurs",
	"611":   "Sous-traitance générale",
	"613":   "Locations",
	"6135":  "Locations mobilières",
	"615":   "Entretien et réparations",
	"618":   "Divers",
	"6181":  "Documentation générale",
	"6183":  "Documentation technique",
	"62":    "Autres services extérieurs",
	"622":   "Rémunérations d’intermédiaires et honoraires",
	"623":   "Publicité, publications, relations publiques",
	"626":   "Frais postaux et de télécommunications",
	"628":   "Divers",
	"63":    "Impôts, taxes et versements assimilés",
	"64":    "Charges de personnel",
	"65":    "Autres charges de gestion courante",
	"651":   "Redevances pour concessions, brevets, licences, marques, procédés, solutions informatiques, droits et valeurs similaires",
	"6511":  "Redevances pour concessions, brevets, licences, marques, procédés, solutions informatiques",
}

// accountLabel names an account.
func accountLabel(account string) string {
	for n := len(account); n > 1; n-- {
		if label, ok := accountLabels[account[:n]]; ok {
			return label
		}
	}
	return "Compte " + account
}

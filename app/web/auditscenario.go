package web

import (
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// auditScenario writes the changes of a scenario as the log tells them, "seats Dropbox Pro 2027-01-01 × 4; …", in words.
func auditScenario(w *words.Words, plain string) string {
	var told []string
	for change := range strings.SplitSeq(plain, "; ") {
		kind, rest, _ := strings.Cut(change, " ")
		if w.Has("scenario.kind." + kind) {
			kind = w.T("scenario.kind." + kind)
		}
		told = append(told, kind+" — "+auditWords(w, strings.Fields(rest)))
	}
	return strings.Join(told, " · ")
}

// auditWords puts the days, sums and rhythms among words as people read them.
func auditWords(w *words.Words, list []string) string {
	var out []string
	for i := 0; i < len(list); i++ {
		if d, err := cal.Parse(list[i]); err == nil {
			out = append(out, w.DayLong(d))
			continue
		}
		if i+1 < len(list) {
			if pair, ok := auditPair(w, list[i], list[i+1]); ok {
				out = append(out, pair)
				i++
				continue
			}
		}
		out = append(out, list[i])
	}
	return strings.Join(out, " ")
}

// auditPair reads two words that belong together: a sum and its currency, a currency and its rate, a number and its unit
// of time.
func auditPair(w *words.Words, first, second string) (string, bool) {
	if first == "/" && second == "seat" {
		return w.T("audit.field.per_seat"), true
	}
	if c, err := money.ParseCurrency(second); err == nil && string(c) == second {
		if a, err := money.ParseAmount(first, c); err == nil {
			return w.Money(a), true
		}
	}
	if c, err := money.ParseCurrency(first); err == nil && string(c) == first {
		if r, err := money.ParseRate(second); err == nil {
			return w.Rate(r) + " " + first, true
		}
	}
	if c, err := cal.ParseCadence(first + " " + second); err == nil {
		return w.CadencePer(c), true
	}
	return "", false
}

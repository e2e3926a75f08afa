package chart

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Done is how many months are over at the end of a day, with the share of the one under way: 10.77 on 23 November of
// a year of twelve months. A day before the first month gives 0, one after the last gives them all.
func Done(months []cal.Span, day cal.Date) float64 {
	done := 0.0
	for _, m := range months {
		switch whole, past := m.Days(), m.From.DaysUntil(day)+1; {
		case past >= whole:
			done++
		case past > 0:
			done += float64(past) / float64(whole)
		}
	}
	return done
}

// Share is how much of a whole a part makes, from 0 to 1, as the length of a bar; of nothing, nothing.
func Share(part, whole money.Amount) float64 {
	if !whole.IsPositive() {
		return 0
	}
	return min(max(value(part)/value(whole), 0), 1)
}

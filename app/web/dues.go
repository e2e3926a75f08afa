package web

import (
	"net/url"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// dueList is the charges whose day has come and that nobody has answered: each is to be recorded or waived.
type dueList struct {
	Lines []chargeLine
	Rest  int // charges not listed
}

// newDueList lists so many charges at most, the oldest first, as they come.
func newDueList(v *visit, charges []models.Charge, most int) dueList {
	lines, rest := chargeLines(v, charges, most)
	return dueList{lines, rest}
}

// chargeQuery names an expected charge in an address: it has no number of its own, because it is never stored.
func chargeQuery(subscription models.ID, on cal.Date) string {
	return url.Values{"subscription": {typedID(subscription)}, "on": {on.String()}}.Encode()
}

package store

import (
	"strings"

	"enveloppe/models"
)

// plainNotes is what a review says of services, by the services' names.
func (a *act) plainNotes(notes []models.ReviewNote) (string, error) {
	list := make([]string, 0, len(notes))
	for _, n := range notes {
		name, err := a.nameOfService(n.ServiceID)
		if err != nil {
			return "", err
		}
		list = append(list, name+": "+n.Text)
	}
	return strings.Join(list, "; "), nil
}

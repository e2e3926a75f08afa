package store

import (
	"strings"

	"enveloppe/models"
)

// plainMutes is what a person muted, by the names of the services: "renewal", "Dropbox", "charge_due Dropbox".
func (a *act) plainMutes(list []models.Mute) (string, error) {
	parts := make([]string, 0, len(list))
	for _, m := range list {
		part := string(m.Kind)
		if m.Subscription != 0 {
			name, err := a.name(nameQueries["SubscriptionID"], m.Subscription)
			if err != nil {
				return "", err
			}
			part = strings.TrimSpace(part + " " + name)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", "), nil
}

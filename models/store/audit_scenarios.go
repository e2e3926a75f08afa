package store

import (
	"strconv"
	"strings"

	"enveloppe/models"
)

// plainChanges is the changes of a scenario as the log tells them: "seats Dropbox Plus 2027-01-01 4; …".
func (a *act) plainChanges(list []models.ScenarioChange) (string, error) {
	told := make([]string, 0, len(list))
	for _, c := range list {
		text := []string{string(c.Kind)}
		for _, named := range []struct {
			field string
			id    models.ID
		}{{"SubscriptionID", c.SubscriptionID}, {"ServiceID", c.ServiceID}, {"PlanID", c.PlanID}, {"FunctionID", c.FunctionID}} {
			if named.id == 0 {
				continue
			}
			name, err := a.name(nameQueries[named.field], named.id)
			if err != nil {
				return "", err
			}
			text = append(text, name)
		}
		for _, part := range []struct {
			text string
			some bool
		}{
			{c.Name, c.Name != ""},
			{c.On.String(), !c.On.IsZero()},
			{c.Price.String(), !c.Price.IsNone()},
			{"/ seat", c.PerSeat},
			{c.Cadence.String(), c.Cadence.Every != 0},
			{"× " + strconv.Itoa(c.Seats), c.Seats != 0},
			{string(c.Currency) + " " + c.Rate.String(), c.Currency != ""},
		} {
			if part.some {
				text = append(text, part.text)
			}
		}
		told = append(told, strings.Join(text, " "))
	}
	return strings.Join(told, "; "), nil
}

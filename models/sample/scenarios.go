package sample

import (
	"time"

	"enveloppe/models"
)

// scenarios are what the association wonders about: two that can be set side by side, and one that was applied.
func (b *builder) scenarios() {
	mindMeister := b.subscriptionOf("MindMeister")
	renewal, _ := mindMeister.NextRenewal(b.today)
	seats := mindMeister.TermsOn(b.today).Seats - 1
	b.f.Scenarios = append(b.f.Scenarios, b.applied(), models.Scenario{
		ID: b.next(), Name: b.say(text{"Premium pour deux services, un siège de moins", "Premium for two services, one seat less"}),
		Note:   b.say(text{"Ce que coûterait la demande de l’équipe de veille, et le siège que personne n’occupe.", "What our monitoring team asks for would cost, and the seat nobody holds."}),
		MadeOn: b.today.AddDays(-6), MadeBy: b.f.People[claire].ID,
		Changes: []models.ScenarioChange{
			b.upgrade("Feedly", "Pro", 1), b.upgrade("Google Apps", "Business", len(everybody)),
			{Kind: models.ChangeSeats, SubscriptionID: mindMeister.ID, On: renewal, Seats: seats},
		},
	}, models.Scenario{
		ID: b.next(), Name: b.say(text{"Au plus simple", "The bare minimum"}),
		Note:   b.say(text{"Sans photothèque payante, et Doodle gratuit à la fin de l’offre.", "No paid photo library, and Doodle for free once the offer ends."}),
		MadeOn: b.today.AddDays(-2), MadeBy: b.f.People[karim].ID,
		Changes: []models.ScenarioChange{
			{Kind: models.ChangeDrop, SubscriptionID: b.subscriptionOf("Flickr").ID},
			{Kind: models.ChangePlan, SubscriptionID: b.subscriptionOf("Doodle").ID, PlanID: b.plan("Doodle", "Free"), On: b.today.AddDays(15)},
			{Kind: models.ChangeSeats, SubscriptionID: mindMeister.ID, On: renewal, Seats: seats},
		},
	})
}

// upgrade takes a premium plan in a fortnight, at its own price.
func (b *builder) upgrade(service, plan string, seats int) models.ScenarioChange {
	return models.ScenarioChange{
		Kind: models.ChangePlan, SubscriptionID: b.subscriptionOf(service).ID, PlanID: b.plan(service, plan), On: b.today.AddDays(15), Seats: seats,
	}
}

func (b *builder) plan(service, name string) models.ID {
	for _, p := range b.f.Plans {
		if p.ServiceID == b.serviceByName[service] && p.Name == name {
			return p.ID
		}
	}
	panic("no plan " + name + " of " + service)
}

// applied is the one that made Scoop.it cheaper.
func (b *builder) applied() models.Scenario {
	next := b.subscriptionOf("Scoop.it")
	var old models.Subscription
	for _, s := range b.f.Subscriptions {
		if s.SuccessorID == next.ID {
			old = s
		}
	}
	day := next.StartedOn.AddDays(-40)
	return models.Scenario{
		ID: b.next(), Name: b.say(text{"Trois thèmes à Scoop.it", "Three topics at Scoop.it"}), MadeOn: day.AddDays(-8), MadeBy: b.f.People[claire].ID,
		Changes: []models.ScenarioChange{
			{Kind: models.ChangePlan, SubscriptionID: old.ID, PlanID: next.PlanID, On: next.StartedOn, Seats: 1},
		},
		AppliedAt: day.Time(time.UTC).Add(10 * time.Hour), AppliedBy: b.f.People[claire].ID,
	}
}

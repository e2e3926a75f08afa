package sample

import "enveloppe/models"

// proposals are what the team asks for: one that waits for an answer and one that has its answer.
func (b *builder) proposals() {
	person := func(i int) models.ID { return b.f.People[i].ID }
	b.f.Proposals = []models.ServiceProposal{
		{
			ID: b.next(), ServiceID: b.serviceByName["Zoom"], Plan: b.say(text{"une licence de plus", "one more licence"}),
			Need: b.say(text{"Tenir deux réunions le même soir.", "To hold two meetings on one evening."}),
			For:  b.say(text{"l’animation", "outreach"}), Places: 2, ProposedOn: b.today.AddDays(-70), ProposedBy: person(ines),
			State: models.ProposalDeclined, AnsweredOn: b.today.AddDays(-66), AnsweredBy: person(claire),
			Answer: b.say(text{"Les deux réunions peuvent se suivre. À revoir si cela se répète.", "The two meetings can follow each other. To look at again if it happens more often."}),
		},
		{
			ID: b.next(), Name: "Canva", Plan: "Pro", URL: "https://www.canva.com/",
			Need: b.say(text{
				"Préparer les affiches et les publications des ateliers avec les mêmes modèles. Aujourd’hui chacun fait à sa façon.",
				"To make posters and posts for the workshops from the same templates. Today everybody does it their own way.",
			}),
			For: b.say(text{"l’animation : Hugo et Inès", "outreach: Hugo and Inès"}), Places: 2, ProposedOn: b.today.AddDays(-5), ProposedBy: person(hugo),
			State: models.ProposalOpen,
		},
	}
}

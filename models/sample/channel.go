package sample

import "enveloppe/models"

// channel is the room of the association's own chat. It is paused, as there is no such server to take anything.
func (b *builder) channel() {
	b.f.Channels = []models.Channel{{
		ID: b.next(), Name: b.say(text{"Salon de l’équipe", "Team room"}), Kind: models.ChannelMattermost, KeyedAt: b.at, Lang: b.lang,
		Address: "https://chat.passerelles.example/hooks/xen3sa1mp1eexamp1ehook5qz7x", Digest: true, Paused: true, AddedBy: b.f.People[0].ID,
		Leads: models.Leads{models.RemindDecideBy: {14, 3}, models.RemindEnvelope: {}}.Tidy(),
	}}
}

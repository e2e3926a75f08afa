package store

import (
	"context"
	"slices"

	"enveloppe/models"
)

// ReminderChoice is what a person chose of the messages that come by themselves.
type ReminderChoice struct {
	Digest bool
	Wants  bool // reminders by e-mail
	Leads  models.Leads
	Muted  []models.ReminderKind // in all subscriptions
}

// SetReminders says which messages a person wants and when; anybody may choose for themselves. What they muted of single
// subscriptions stays.
func (s *Store) SetReminders(ctx context.Context, by models.Actor, person models.ID, choice ReminderChoice) error {
	return s.setPerson(ctx, by, "person.reminders", person, func(p *models.Person) {
		p.Digest, p.Reminders, p.Leads = choice.Digest, choice.Wants, choice.Leads.Tidy()
		kept := slices.DeleteFunc(slices.Clone(p.Mutes), func(m models.Mute) bool { return m.Subscription == 0 })
		p.Mutes = nil
		for _, kind := range choice.Muted {
			p.Mutes = append(p.Mutes, models.Mute{Kind: kind})
		}
		p.Mutes = append(p.Mutes, kept...)
	})
}

// SetReminderChoice says whether a person wants reminders by e-mail at all; anybody may choose for themselves. What they
// chose beside that stays.
func (s *Store) SetReminderChoice(ctx context.Context, by models.Actor, person models.ID, wants bool) error {
	return s.setPerson(ctx, by, "person.reminders", person, func(p *models.Person) { p.Reminders = wants })
}

// Mute takes reminders away from a person until Unmute; anybody may choose for themselves. Doing it again is no error.
func (s *Store) Mute(ctx context.Context, by models.Actor, person models.ID, m models.Mute) error {
	if m.Subscription != 0 {
		r, err := s.Register(ctx, by.Organisation)
		if err != nil {
			return err
		}
		if _, ok := r.Subscription(m.Subscription); !ok {
			return models.ErrNotFound
		}
	}
	return s.setPerson(ctx, by, "person.mute", person, func(p *models.Person) {
		if !slices.Contains(p.Mutes, m) {
			p.Mutes = append(slices.Clone(p.Mutes), m)
		}
	})
}

// Unmute gives them back. What was not muted changes nothing.
func (s *Store) Unmute(ctx context.Context, by models.Actor, person models.ID, m models.Mute) error {
	return s.setPerson(ctx, by, "person.unmute", person, func(p *models.Person) {
		p.Mutes = slices.DeleteFunc(slices.Clone(p.Mutes), func(x models.Mute) bool { return x == m })
	})
}

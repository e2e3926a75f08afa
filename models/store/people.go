package store

import (
	"context"
	"errors"
	"slices"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// AddPerson adds somebody who holds seats, gets mail, or will sign in once a password is set.
func (s *Store) AddPerson(ctx context.Context, by models.Actor, p models.Person) (models.ID, error) {
	return s.add(ctx, by, "person.add", mayManage, func(a *act) (models.ID, error) {
		p.ID, p.SignsIn, p.LeftOn = 0, false, cal.Date{}
		if err := a.checkPerson(p); err != nil {
			return 0, err
		}
		return insert(a, &personRow{}, p, p.Name)
	})
}

func (a *act) checkPerson(p models.Person) error {
	v := p.Check()
	if p.Email != "" && !v.Has("email") {
		n, err := a.count("people", "email_key = ? AND id <> ?", nameKey(p.Email), p.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			v.Add("email", "email.taken")
		}
	}
	return v.Err()
}

// SavePerson saves name, address, role, language and the choice of the digest. Leaving and passwords have verbs of
// their own. The last director stays one ("last_director").
func (s *Store) SavePerson(ctx context.Context, by models.Actor, p models.Person) error {
	return s.write(ctx, by, "person.save", mayManage, func(a *act) error {
		before, err := fetch(a, &personRow{}, p.ID)
		if err != nil {
			return err
		}
		p.SignsIn, p.LeftOn = before.SignsIn, before.LeftOn
		if err := a.checkPerson(p); err != nil {
			return err
		}
		if before.SignsIn && p.Email == "" {
			return models.Invalid{{Field: "email", Rule: "email.empty"}}
		}
		if err := a.expect("person", p.ID, before.Version, p.Version); err != nil {
			return err
		}
		if p.Role != models.Director {
			if err := a.notLastDirector(before); err != nil {
				return err
			}
		}
		if nameKey(p.Email) != nameKey(before.Email) { // an invitation was for the address it went to
			if _, err := a.withdraw(p.ID); err != nil {
				return err
			}
		}
		return change(a, &personRow{}, before, p, p.Name)
	})
}

// notLastDirector keeps somebody in charge: another director here, and one who can sign in if this one can.
func (a *act) notLastDirector(p models.Person) error {
	if p.Role != models.Director || !p.LeftOn.IsZero() {
		return nil
	}
	n, err := a.count("people", "role = ? AND left_on IS NULL AND id <> ? AND signs_in >= ?", models.Director, p.ID, p.SignsIn)
	if err == nil && n == 0 {
		return models.Refused{Rule: "last_director"}
	}
	return err
}

// PersonLeaves notes the first day a person is no longer here: their seats are free from that day on, what they looked
// after goes over to those named, their sessions go on in another organisation of theirs, or end, at once; an open
// invitation is withdrawn, and so are their tokens. Anybody may leave by themselves, but the last director ("last_director").
func (s *Store) PersonLeaves(ctx context.Context, by models.Actor, id models.ID, on cal.Date, to ...models.Handover) error {
	return s.write(ctx, by, "person.leave", oneself(by, id), func(a *act) error {
		before, err := fetch(a, &personRow{}, id)
		if err != nil {
			return err
		}
		if on.IsZero() {
			return models.Invalid{{Field: "on", Rule: "date.empty"}}
		}
		if err := a.notLastDirector(before); err != nil {
			return err
		}
		after := before
		after.LeftOn = on
		if err := change(a, &personRow{}, before, after, before.Name); err != nil {
			return err
		}
		var held []models.ID
		err = a.mine().Table("seats").Distinct("subscription_id").Where("person_id = ? AND (to_on IS NULL OR to_on > ?)", id, on).
			Order("subscription_id").Pluck("subscription_id", &held).Error
		if err != nil {
			return err
		}
		for _, sub := range held {
			if err := a.freeSeatsOf(sub, id, on); err != nil {
				return err
			}
		}
		if err := a.passOn(id, on, to); err != nil {
			return err
		}
		if _, err := a.withdraw(id); err != nil {
			return err
		}
		if err := a.revokeTokensOf(id); err != nil {
			return err
		}
		return a.turnSessions(id)
	})
}

// freeSeatsOf ends on a day every seat a person has of a subscription.
func (a *act) freeSeatsOf(sub, person models.ID, on cal.Date) error {
	before, err := a.subscription(sub)
	if err != nil {
		return err
	}
	after := before
	after.Seats = slices.Clone(before.Seats)
	for i := range after.Seats {
		if seat := &after.Seats[i]; seat.PersonID == person && (seat.To.IsZero() || seat.To.After(on)) {
			seat.To = cal.Max(on, seat.From)
		}
	}
	return a.changeSubscription(before, after)
}

// PersonReturns takes a leaving back. Seats are not given back: others may hold them.
func (s *Store) PersonReturns(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "person.return", mayManage, func(a *act) error {
		before, err := fetch(a, &personRow{}, id)
		if err != nil {
			return err
		}
		after := before
		after.LeftOn = cal.Date{}
		return change(a, &personRow{}, before, after, before.Name)
	})
}

// UndoPersonLeaves takes back a leaving that was noted by mistake: the person holds again each seat it freed, as long as
// nobody else has been given it, and looks again after what went over to those named, where they still do.
func (s *Store) UndoPersonLeaves(ctx context.Context, by models.Actor, id models.ID, from ...models.Handover) error {
	return s.write(ctx, by, "person.return", mayManage, func(a *act) error {
		before, err := fetch(a, &personRow{}, id)
		if err != nil || before.LeftOn.IsZero() {
			return err
		}
		after := before
		after.LeftOn = cal.Date{}
		if err := change(a, &personRow{}, before, after, before.Name); err != nil {
			return err
		}
		var freed []models.ID
		err = a.mine().Table("seats").Distinct("subscription_id").Where("person_id = ? AND to_on = max(from_on, ?)", id, before.LeftOn).
			Order("subscription_id").Pluck("subscription_id", &freed).Error
		if err != nil {
			return err
		}
		for _, sub := range freed {
			if err := a.giveSeatsBack(sub, id, before.LeftOn); err != nil {
				return err
			}
		}
		for _, h := range from {
			if err := a.replace(h.Care, h.Of, h.To, id); err != nil && !errors.Is(err, models.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

// giveSeatsBack undoes freeSeatsOf where there is still room.
func (a *act) giveSeatsBack(sub, person models.ID, on cal.Date) error {
	before, err := a.subscription(sub)
	if err != nil {
		return err
	}
	after := before
	after.Seats = slices.Clone(before.Seats)
	for i, seat := range after.Seats {
		if seat.PersonID != person || seat.To != cal.Max(on, seat.From) {
			continue
		}
		without := after
		without.Seats = slices.Delete(slices.Clone(after.Seats), i, i+1)
		if _, err := without.Assign(person, seat.To); err == nil { // as good as assigning it on that day
			after.Seats[i].To = cal.Date{}
		}
	}
	return a.changeSubscription(before, after)
}

// oneself lets anybody act on themselves, and a director on everybody.
func oneself(by models.Actor, person models.ID) func(models.Role) bool {
	return func(r models.Role) bool { return r.MayManage() || (person != 0 && by.Person == person) }
}

// SetDigestChoice says whether a person wants the monthly digest; anybody may choose for themselves.
func (s *Store) SetDigestChoice(ctx context.Context, by models.Actor, person models.ID, wants bool) error {
	return s.setPerson(ctx, by, "person.digest", person, func(p *models.Person) { p.Digest = wants })
}

// SetLanguage says which language a person reads; anybody may choose for themselves.
func (s *Store) SetLanguage(ctx context.Context, by models.Actor, person models.ID, lang models.Lang) error {
	return s.setPerson(ctx, by, "person.language", person, func(p *models.Person) { p.Lang = lang })
}

func (s *Store) setPerson(ctx context.Context, by models.Actor, verb string, person models.ID, set func(*models.Person)) error {
	return s.write(ctx, by, verb, oneself(by, person), func(a *act) error {
		before, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		after := before
		set(&after)
		if err := after.Check().Err(); err != nil {
			return err
		}
		return change(a, &personRow{}, before, after, before.Name)
	})
}

// SetPassword lets a person sign in with a new password, given as its hash, for the program's own doing at its owner's
// terminal; somebody changes theirs by SetAccountPassword. A person without an account is given that of their address,
// which is made when there is none. Every session of the account ends.
func (s *Store) SetPassword(ctx context.Context, by models.Actor, person models.ID, hash string) error {
	return s.write(ctx, by, "person.password", terminal(by, person), func(a *act) error {
		before, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		account, err := accountOf(a.tx, a.org.OrganisationID, person)
		if err != nil {
			return err
		}
		if account == 0 {
			if before.Email == "" {
				return models.Invalid{{Field: "email", Rule: "email.empty"}}
			}
			if account, err = ensureAccount(a.tx, before.Email, by.At); err != nil {
				return err
			}
			if err := linkAccount(a.tx, a.org.OrganisationID, person, account); err != nil {
				return err
			}
		}
		if err := renewPassword(a.tx, account, hash, by.At); err != nil {
			return err
		}
		if before.SignsIn { // the log says that it changed, never from what to what
			a.note("person", person, before.Name, nil)
			return nil
		}
		after := before
		after.SignsIn = true
		return change(a, &personRow{}, before, after, before.Name)
	})
}

// terminal lets the program act on everybody, as its owner's terminal asks it to, and anybody on themselves.
func terminal(by models.Actor, person models.ID) func(models.Role) bool {
	return func(r models.Role) bool { return person != 0 && by.Person == person || by.Person == 0 && r.MayManage() }
}

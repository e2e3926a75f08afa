package store

import (
	"context"
	"errors"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// InvitePerson adds a person and offers them, by the link whose hash is given, to sign in.
func (s *Store) InvitePerson(ctx context.Context, by models.Actor, p models.Person, hash [32]byte) (models.ID, error) {
	return s.add(ctx, by, "person.invite", mayManage, func(a *act) (models.ID, error) {
		p.ID, p.SignsIn, p.LeftOn = 0, false, cal.Date{}
		if err := p.CheckInvited().Err(); err != nil {
			return 0, err
		}
		if err := a.checkPerson(p); err != nil {
			return 0, err
		}
		id, err := insert(a, &personRow{}, p, p.Name)
		if err != nil {
			return 0, err
		}
		return id, a.invite(id, p.Email, hash)
	})
}

// Invite offers a person who does not sign in yet to do so, by the link whose hash is given, at the address of their
// record. An invitation made before is no good any more. It is refused for who has left ("invite.left") and for who has
// an account ("invite.account").
func (s *Store) Invite(ctx context.Context, by models.Actor, person models.ID, hash [32]byte) error {
	return s.write(ctx, by, "person.invite", mayManage, func(a *act) error {
		p, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		account, err := accountOf(a.tx, a.org.OrganisationID, person)
		if err != nil {
			return err
		}
		switch {
		case account != 0:
			return models.Refused{Rule: "invite.account"}
		case !p.LeftOn.IsZero():
			return models.Refused{Rule: "invite.left"}
		}
		if err := p.CheckInvited().Err(); err != nil {
			return err
		}
		if err := a.invite(person, p.Email, hash); err != nil {
			return err
		}
		a.note("person", person, p.Name, []models.Change{{Field: "invitation", After: p.Email}})
		return nil
	})
}

func (a *act) invite(person models.ID, email string, hash [32]byte) error {
	if _, err := a.withdraw(person); err != nil {
		return err
	}
	org := ref(a.org.OrganisationID)
	l := linkRow{Kind: models.LinkInvite, OrganisationID: org, PersonID: ref(person), Email: email, MadeBy: a.by.Person}
	return makeLink(a.tx, hash, l, a.by.At)
}

// withdraw takes a person's open invitations back and tells how many there were.
func (a *act) withdraw(person models.ID) (int64, error) {
	done := a.mine().Where("person_id = ? AND kind = ? AND used_at IS NULL", person, models.LinkInvite).Delete(&linkRow{})
	return done.RowsAffected, done.Error
}

// WithdrawInvitation takes back the invitation of a person; one that is not there any more is no error.
func (s *Store) WithdrawInvitation(ctx context.Context, by models.Actor, person models.ID) error {
	return s.write(ctx, by, "person.uninvite", mayManage, func(a *act) error {
		p, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		n, err := a.withdraw(person)
		if err == nil && n > 0 {
			a.note("person", person, p.Name, []models.Change{{Field: "invitation", Before: p.Email}})
		}
		return err
	})
}

var linkShape = shapeOf[linkRow]()

// Invitations are those of an organisation that were not taken up, by person; some may have run out.
func (s *Store) Invitations(ctx context.Context, org models.ID) (map[models.ID]models.Invitation, error) {
	list := map[models.ID]models.Invitation{}
	var r linkRow
	err := read(ctx, s.readers, linkShape, &r, func() {
		list[models.ID(r.PersonID)] = models.Invitation{
			Organisation: models.ID(r.OrganisationID), Person: models.ID(r.PersonID), Email: r.Email,
			MadeAt: r.MadeAt.Time, ExpiresAt: r.ExpiresAt.Time, By: r.MadeBy,
		}
	}, "SELECT "+linkShape.list+" FROM links t WHERE t.organisation_id = ? AND t.kind = 'invite' AND t.used_at IS NULL ORDER BY t.made_at", int64(org))
	return list, err
}

// OpenInvitation is what a link invites to; it stays unused. The error is models.ErrNotFound when the link was used,
// withdrawn or has run out, or the person has left meanwhile.
func (s *Store) OpenInvitation(ctx context.Context, hash [32]byte, now time.Time) (Invited, error) {
	row, err := s.texts.row(ctx, `SELECT l.organisation_id, l.person_id, l.email, l.made_at, l.expires_at, l.made_by, o.name, p.name, p.role, p.lang
		FROM links l
		JOIN people p ON p.organisation_id = l.organisation_id AND p.id = l.person_id
		JOIN organisations o ON o.organisation_id = l.organisation_id
		WHERE l.hash = ? AND l.kind = 'invite' AND l.expires_at > ? AND l.used_at IS NULL AND p.left_on IS NULL AND p.account_id IS NULL`,
		hash[:], now.UnixMicro())
	if err != nil {
		return Invited{}, err
	}
	var i Invited
	var made, expires int64
	err = row.Scan(&i.Organisation, &i.Person, &i.Email, &made, &expires, &i.By, &i.OrganisationName, &i.Name, &i.Role, &i.Lang)
	if err != nil {
		return Invited{}, absent("read an invitation", err)
	}
	i.MadeAt, i.ExpiresAt = time.UnixMicro(made).UTC(), time.UnixMicro(expires).UTC()
	known, _, err := s.account(ctx, "a.email_key = ?", nameKey(i.Email))
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return Invited{}, err
	}
	i.Account = known.ID
	return i, nil
}

// AcceptInvitation uses an invitation up: its person signs in from now on. With the account given, which its owner has
// just proved to be theirs; or, for account 0, with a new one of the invitation's address and the password given as its
// hash. It is refused when the address has an account already and none is given ("invite.known"), and when the account
// is another person of the organisation ("invite.member").
func (s *Store) AcceptInvitation(ctx context.Context, hash [32]byte, account models.AccountID, passwordHash, from string, at time.Time) (models.Actor, error) {
	return s.accept(ctx, hash, account, from, at, func(a *act, account models.AccountID) error {
		if passwordHash == "" {
			return models.Invalid{{Field: "password", Rule: "required"}}
		}
		return keepPassword(a.tx, account, passwordHash, at)
	})
}

// accept is AcceptInvitation with any means for a new account: give keeps them.
func (s *Store) accept(ctx context.Context, hash [32]byte, account models.AccountID, from string, at time.Time, give func(*act, models.AccountID) error) (models.Actor, error) {
	invited, err := s.OpenInvitation(ctx, hash, at)
	if err != nil {
		return models.Actor{}, err
	}
	by := models.Actor{
		Organisation: invited.Organisation, Person: invited.Person, Name: invited.Name, Role: invited.Role, Account: account, From: from, At: at,
	}
	anybody := func(models.Role) bool { return true } // the link is the right
	err = s.write(ctx, by, "person.join", anybody, func(a *act) error {
		l, err := takeLink(a.tx, models.LinkInvite, hash, at)
		if err != nil {
			return err
		}
		before, err := fetch(a, &personRow{}, invited.Person)
		if err != nil {
			return err
		}
		if account, err = a.accountToJoin(l.Email, account, give); err != nil {
			return err
		}
		n, err := a.count("people", "account_id = ?", account)
		if err != nil {
			return err
		}
		if n > 0 {
			return models.Refused{Rule: "invite.member"}
		}
		if err := linkAccount(a.tx, a.org.OrganisationID, before.ID, account); err != nil {
			return err
		}
		if err := look(a.tx, account, a.org.OrganisationID, before.ID); err != nil {
			return err
		}
		after := before
		if after.SignsIn, err = a.s.hasMeans(a.tx, account); err != nil {
			return err
		}
		by.Account, by.Role = account, before.Role
		return change(a, &personRow{}, before, after, before.Name)
	})
	return by, err
}

// accountToJoin is the account given, or for none a new one of the address.
func (a *act) accountToJoin(email string, account models.AccountID, give func(*act, models.AccountID) error) (models.AccountID, error) {
	if account != 0 {
		return account, nil
	}
	var known int64
	if err := a.tx.Table("accounts").Where("email_key = ?", nameKey(email)).Count(&known).Error; err != nil {
		return 0, err
	}
	if known > 0 {
		return 0, models.Refused{Rule: "invite.known"}
	}
	account, err := ensureAccount(a.tx, email, a.by.At)
	if err != nil {
		return 0, err
	}
	return account, give(a, account)
}

package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

type identityRow struct {
	ID              models.ID `gorm:"primaryKey"`
	AccountID       models.AccountID
	Issuer, Subject string
	Label           string
	LinkedAt        stamp
	UsedAt          instant
}

func (identityRow) TableName() string { return "identities" }

func (r identityRow) model() models.Identity {
	return models.Identity{ID: r.ID, Issuer: r.Issuer, Subject: r.Subject, Label: r.Label, LinkedAt: r.LinkedAt.Time, UsedAt: r.UsedAt.Time}
}

// maxIdentities is how many one account may have: far more than anybody has sign-ins.
const maxIdentities = 20

// IdentityAccount is the account that signs in with what a provider vouches for; models.ErrNotFound when none does.
func (s *Store) IdentityAccount(ctx context.Context, issuer, subject string) (Credential, error) {
	row, err := s.texts.row(ctx, "SELECT account_id FROM identities WHERE issuer = ? AND subject = ?", issuer, subject)
	if err != nil {
		return Credential{}, err
	}
	var id models.AccountID
	if err := row.Scan(&id); err != nil {
		return Credential{}, absent("look an identity up", err)
	}
	return s.Credential(ctx, id)
}

// UseIdentity notes a sign-in with an identity, and what its owner goes by now; models.ErrNotFound when it is not
// linked any more.
func (s *Store) UseIdentity(ctx context.Context, i models.Identity, at time.Time) error {
	return s.direct(ctx, "note the use of an identity", func(tx *gorm.DB) error {
		done := tx.Model(&identityRow{}).Where("issuer = ? AND subject = ?", i.Issuer, i.Subject).
			Updates(map[string]any{"used_at": stamp{at}, "label": i.Label})
		if done.Error == nil && done.RowsAffected == 0 {
			return models.ErrNotFound
		}
		return done.Error
	})
}

var identityShape = shapeOf[identityRow]()

// Identities are those an account signs in with, oldest first.
func (s *Store) Identities(ctx context.Context, account models.AccountID) (list []models.Identity, err error) {
	var r identityRow
	err = read(ctx, s.readers, identityShape, &r, func() { list = append(list, r.model()) },
		"SELECT "+identityShape.list+" FROM identities t WHERE t.account_id = ? ORDER BY t.id", int64(account))
	return list, err
}

// LinkIdentity lets the actor's account sign in with what a visit to the provider proved, and ends the visit. It is
// refused when the account has it already ("identity.known") and when another account has ("identity.taken").
func (s *Store) LinkIdentity(ctx context.Context, by models.Actor, visit [32]byte) (models.Identity, error) {
	var linked models.Identity
	err := s.ofAccount(ctx, by, "person.identity.link", func(tx *gorm.DB) ([]models.Change, error) {
		v, err := endVisit(tx, models.VisitLink, visit, by.At)
		if err != nil {
			return nil, err
		}
		if linked, err = linkIdentity(tx, by.Account, v.Identity, by.At); err != nil {
			return nil, err
		}
		return []models.Change{{Field: "identity", After: linked.Issuer}}, nil
	})
	return linked, err
}

func linkIdentity(tx *gorm.DB, account models.AccountID, i models.Identity, at time.Time) (models.Identity, error) {
	if err := i.Check().Err(); err != nil {
		return i, err
	}
	var owners []models.AccountID
	if err := tx.Table("identities").Where("issuer = ? AND subject = ?", i.Issuer, i.Subject).Pluck("account_id", &owners).Error; err != nil {
		return i, err
	}
	if len(owners) > 0 {
		if owners[0] == account {
			return i, models.Refused{Rule: "identity.known"}
		}
		return i, models.Refused{Rule: "identity.taken"}
	}
	var n int64
	if err := tx.Table("identities").Where("account_id = ?", account).Count(&n).Error; err != nil {
		return i, err
	}
	if n >= maxIdentities {
		return i, models.Refused{Rule: "identity.many", Args: []any{"n", maxIdentities}}
	}
	row := identityRow{AccountID: account, Issuer: i.Issuer, Subject: i.Subject, Label: i.Label, LinkedAt: stamp{at}}
	err := tx.Create(&row).Error
	return row.model(), err
}

// UnlinkIdentity takes an identity of the actor's account away; models.ErrNotFound when it is not the account's. It is
// refused when it is the last means to sign in ("identity.last").
func (s *Store) UnlinkIdentity(ctx context.Context, by models.Actor, id models.ID) (models.Identity, error) {
	var r identityRow
	err := s.ofAccount(ctx, by, "person.identity.unlink", func(tx *gorm.DB) ([]models.Change, error) {
		if err := tx.Where("id = ? AND account_id = ?", id, by.Account).Take(&r).Error; err != nil {
			return nil, absent("unlink an identity", err)
		}
		if err := tx.Delete(&r).Error; err != nil {
			return nil, err
		}
		if left, err := s.hasMeans(tx, by.Account); err != nil || !left {
			if err == nil {
				err = models.Refused{Rule: "identity.last"}
			}
			return nil, err
		}
		return []models.Change{{Field: "identity", Before: r.Issuer}}, nil
	})
	return r.model(), err
}

// clearIdentities unlinks all of an account's, and says whose they were.
func clearIdentities(tx *gorm.DB, account models.AccountID) ([]models.Change, error) {
	var issuers []string
	if err := tx.Table("identities").Where("account_id = ?", account).Order("id").Pluck("issuer", &issuers).Error; err != nil {
		return nil, err
	}
	changes := make([]models.Change, 0, len(issuers))
	for _, issuer := range issuers {
		changes = append(changes, models.Change{Field: "identity", Before: issuer})
	}
	return changes, tx.Where("account_id = ?", account).Delete(&identityRow{}).Error
}

// AcceptInvitationWith uses an invitation up with what a visit to the provider proved, and ends the visit: the account
// that signs in with it joins, or else a new one of the invitation's address, which signs in with it from then on. It
// is refused as AcceptInvitation is.
func (s *Store) AcceptInvitationWith(ctx context.Context, visit [32]byte, from string, at time.Time) (models.Actor, error) {
	v, err := s.ReturnedVisit(ctx, models.VisitInvite, visit, at)
	if err != nil {
		return models.Actor{}, err
	}
	known, err := s.IdentityAccount(ctx, v.Identity.Issuer, v.Identity.Subject)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return models.Actor{}, err
	}
	actor, err := s.accept(ctx, v.Invitation, known.Account, from, at, func(a *act, account models.AccountID) error {
		_, err := linkIdentity(a.tx, account, v.Identity, at)
		return err
	})
	if err != nil {
		return actor, err
	}
	return actor, s.EndVisit(ctx, visit)
}

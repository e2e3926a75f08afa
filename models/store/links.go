package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

type linkRow struct {
	Hash           []byte `gorm:"primaryKey"`
	Kind           models.LinkKind
	AccountID      optional
	OrganisationID ref
	PersonID       ref
	Email          string
	MadeAt         stamp
	MadeBy         models.ID
	ExpiresAt      stamp
	UsedAt         instant
}

func (linkRow) TableName() string { return "links" }

// optional is an account, NULL for none.
type optional = ref

// linkMemory is how long a link that has run out or was used is kept, to say what became of an invitation.
const linkMemory = 90 * 24 * time.Hour

// makeLink writes a link down, as the hash of what stands in it, and forgets those of long ago.
func makeLink(tx *gorm.DB, hash [32]byte, l linkRow, at time.Time) error {
	if err := tx.Where("expires_at < ?", stamp{at.Add(-linkMemory)}).Delete(&linkRow{}).Error; err != nil {
		return err
	}
	l.Hash, l.MadeAt, l.ExpiresAt = hash[:], stamp{at}, stamp{at.Add(l.Kind.Life())}
	return tx.Create(&l).Error
}

// takeLink uses a link up, once; models.ErrNotFound when it is not there, was used, withdrawn, or has run out.
func takeLink(tx *gorm.DB, kind models.LinkKind, hash [32]byte, at time.Time) (linkRow, error) {
	var l linkRow
	if err := tx.Where(openLink, hash[:], kind, stamp{at}).Take(&l).Error; err != nil {
		return l, absent("read a link", err)
	}
	done := tx.Model(&linkRow{}).Where(openLink, hash[:], kind, stamp{at}).Update("used_at", stamp{at})
	if done.Error == nil && done.RowsAffected != 1 {
		return l, models.ErrNotFound
	}
	return l, done.Error
}

const openLink = "hash = ? AND kind = ? AND expires_at > ? AND used_at IS NULL"

// StartReset keeps a link by which the account of an address sets a new password. It answers the account and one of
// its persons to address; models.ErrNotFound when nobody who is here signs in with the address.
func (s *Store) StartReset(ctx context.Context, email string, hash [32]byte, at time.Time) (models.Account, Membership, error) {
	var m Membership
	var account models.Account
	err := s.direct(ctx, "start a reset", func(tx *gorm.DB) error {
		c, err := s.AccountByEmail(ctx, email)
		if err != nil {
			return err
		}
		if len(c.Memberships) == 0 {
			return models.ErrNotFound
		}
		m = c.Memberships[0]
		account = models.Account{ID: c.Account, Email: c.Email}
		if err := tx.Where("account_id = ? AND kind = ?", c.Account, models.LinkReset).Delete(&linkRow{}).Error; err != nil {
			return err
		}
		return makeLink(tx, hash, linkRow{Kind: models.LinkReset, AccountID: optional(c.Account), Email: c.Email}, at)
	})
	return account, m, err
}

// OpenReset is the account whose password a link sets, which stays unused; models.ErrNotFound when the link is no good.
func (s *Store) OpenReset(ctx context.Context, hash [32]byte, now time.Time) (Credential, error) {
	return s.openLink(ctx, models.LinkReset, hash, now)
}

func (s *Store) openLink(ctx context.Context, kind models.LinkKind, hash [32]byte, now time.Time) (Credential, error) {
	row, err := s.texts.row(ctx, "SELECT account_id FROM links WHERE "+openLink, hash[:], string(kind), now.UnixMicro())
	if err != nil {
		return Credential{}, err
	}
	var id models.AccountID
	if err := row.Scan(&id); err != nil {
		return Credential{}, absent("read a link", err)
	}
	return s.Credential(ctx, id)
}

// UseReset uses a link up and gives its account a new password, as its hash. Every session of the account ends.
func (s *Store) UseReset(ctx context.Context, hash [32]byte, passwordHash, from string, at time.Time) (models.AccountID, error) {
	by := models.Actor{From: from, At: at}
	err := s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		l, err := takeLink(tx, models.LinkReset, hash, at)
		if err != nil {
			return err
		}
		by.Account = models.AccountID(l.AccountID)
		if err := renewPassword(tx, by.Account, passwordHash, at); err != nil {
			return err
		}
		return s.tell(tx, by, "person.reset", nil)
	})
	return by.Account, fault("person.reset", err)
}

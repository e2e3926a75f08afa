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
	Clears         bool // a reset takes every other means of the account away too
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
func (s *Store) OpenReset(ctx context.Context, hash [32]byte, now time.Time) (Reset, error) {
	row, err := s.texts.row(ctx, "SELECT account_id, clears FROM links WHERE "+openLink, hash[:], string(models.LinkReset), now.UnixMicro())
	if err != nil {
		return Reset{}, err
	}
	var id models.AccountID
	var r Reset
	if err := row.Scan(&id, &r.Clears); err != nil {
		return Reset{}, absent("read a link", err)
	}
	r.Credential, err = s.Credential(ctx, id)
	return r, err
}

// UseReset uses a link up and gives its account a new password, as its hash. Every session of the account ends. With a
// link of StartFactorReset its passkeys, its app, its recovery codes and its links to a provider go.
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
		if !l.Clears {
			return s.tell(tx, by, "person.reset", nil)
		}
		changes, err := clearFactors(tx, by.Account)
		if err != nil {
			return err
		}
		return s.tell(tx, by, "person.factors_reset", changes)
	})
	return by.Account, fault("person.reset", err)
}

// StartAddress keeps a link by which the actor's account takes another address, once the link has come back from there.
// It is refused when the account has it already ("address.same").
func (s *Store) StartAddress(ctx context.Context, by models.Actor, email string, hash [32]byte) error {
	return s.direct(ctx, "start a change of address", func(tx *gorm.DB) error {
		var same int64
		if err := tx.Table("accounts").Where("id = ? AND email = ?", by.Account, email).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return models.Refused{Rule: "address.same"}
		}
		if err := tx.Where("account_id = ? AND kind = ?", by.Account, models.LinkEmail).Delete(&linkRow{}).Error; err != nil {
			return err
		}
		return makeLink(tx, hash, linkRow{Kind: models.LinkEmail, AccountID: optional(by.Account), Email: email}, by.At)
	})
}

// OpenAddress is the address a link proves; it stays unused. The error is models.ErrNotFound when the link is no good.
func (s *Store) OpenAddress(ctx context.Context, hash [32]byte, now time.Time) (email string, err error) {
	row, err := s.texts.row(ctx, "SELECT email FROM links WHERE "+openLink, hash[:], string(models.LinkEmail), now.UnixMicro())
	if err != nil {
		return "", err
	}
	if err := row.Scan(&email); err != nil {
		return "", absent("read a link", err)
	}
	return email, nil
}

// UseAddress uses a link up and gives its account the address it proves. It answers the account as it was and the new
// address. It is refused when another account has the address ("address.known"); the link then stays unused.
func (s *Store) UseAddress(ctx context.Context, hash [32]byte, from string, at time.Time) (was Credential, email string, err error) {
	by := models.Actor{From: from, At: at}
	err = s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		l, err := takeLink(tx, models.LinkEmail, hash, at)
		if err != nil {
			return err
		}
		email, by.Account = l.Email, models.AccountID(l.AccountID)
		if was, err = s.Credential(ctx, by.Account); err != nil {
			return err
		}
		var others int64
		err = tx.Table("accounts").Where("email_key = ? AND id <> ?", nameKey(email), by.Account).Count(&others).Error
		if err != nil {
			return err
		}
		if others > 0 {
			return models.Refused{Rule: "address.known"}
		}
		if err := tx.Model(&accountRow{ID: by.Account}).Updates(map[string]any{"email": email, "email_key": nameKey(email)}).Error; err != nil {
			return err
		}
		// A letter that lies at the address given up opens nothing any more.
		if err := tx.Where("account_id = ? AND kind = ?", by.Account, models.LinkReset).Delete(&linkRow{}).Error; err != nil {
			return err
		}
		return s.tell(tx, by, "person.address", []models.Change{{Field: "sign_in_address", Before: was.Email, After: email}})
	})
	return was, email, fault("person.address", err)
}

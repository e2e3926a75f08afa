package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

type passkeyRow struct {
	ID         models.ID `gorm:"primaryKey"`
	AccountID  models.AccountID
	Name       string
	Credential []byte
	PublicKey  []byte
	Model      []byte
	Transports string
	SignCount  uint32
	MayTravel  bool
	Travelled  bool
	AddedAt    stamp
	UsedAt     instant
}

func (passkeyRow) TableName() string { return "passkeys" }

var passkeyShape = shapeOf[passkeyRow]()

func (r passkeyRow) model() models.Passkey {
	return models.Passkey{
		ID: r.ID, Account: r.AccountID, Name: r.Name, Credential: r.Credential, PublicKey: r.PublicKey, Model: r.Model,
		Transports: strings.Fields(r.Transports), SignCount: r.SignCount, MayTravel: r.MayTravel, Travelled: r.Travelled,
		AddedAt: r.AddedAt.Time, UsedAt: r.UsedAt.Time,
	}
}

// Passkeys are an account's, in the order they were added.
func (s *Store) Passkeys(ctx context.Context, account models.AccountID) ([]models.Passkey, error) {
	return s.passkeys(ctx, "t.account_id = ? ORDER BY t.id", int64(account))
}

func (s *Store) passkeys(ctx context.Context, where string, args ...any) ([]models.Passkey, error) {
	var list []models.Passkey
	var r passkeyRow
	err := read(ctx, s.readers, passkeyShape, &r, func() {
		list = append(list, r.model())
		r = passkeyRow{} // what was read is the list's
	}, "SELECT "+passkeyShape.list+" FROM passkeys t WHERE "+where, args...)
	return list, err
}

// PasskeyOf is the passkey a device calls by this name, of the account it calls by that handle; models.ErrNotFound when
// there is none, or it is another account's.
func (s *Store) PasskeyOf(ctx context.Context, credential, handle []byte) (models.Passkey, error) {
	list, err := s.passkeys(ctx, "t.credential = ? AND t.account_id = (SELECT a.id FROM accounts a WHERE a.handle = ?)", credential, handle)
	if err != nil {
		return models.Passkey{}, err
	}
	if len(list) == 0 {
		return models.Passkey{}, models.ErrNotFound
	}
	return list[0], nil
}

// Handle is what passkeys call an account; nil before its first. The error is models.ErrNotFound for no such account.
func (s *Store) Handle(ctx context.Context, account models.AccountID) ([]byte, error) {
	row, err := s.texts.row(ctx, "SELECT handle FROM accounts WHERE id = ?", int64(account))
	if err != nil {
		return nil, err
	}
	var handle []byte
	if err := row.Scan(&handle); err != nil {
		return nil, absent("read an account's handle", err)
	}
	return handle, nil
}

// maxPasskeys is more than anybody has devices.
const maxPasskeys = 20

// AddPasskey gives the actor's account a passkey, made for the handle given: the account's own, or its first. It is
// refused when there are too many ("passkey.many"), and when the device's key is known already ("passkey.known").
func (s *Store) AddPasskey(ctx context.Context, by models.Actor, p models.Passkey, handle []byte) (id models.ID, err error) {
	err = s.ofAccount(ctx, by, "person.passkey", func(tx *gorm.DB) ([]models.Change, error) {
		if id, err = keepPasskey(tx, by.Account, p, handle, by.At); err != nil {
			return nil, err
		}
		return []models.Change{{Field: "passkey", After: p.Name}}, nil
	})
	return id, err
}

func keepPasskey(tx *gorm.DB, account models.AccountID, p models.Passkey, handle []byte, at time.Time) (models.ID, error) {
	if err := models.CheckPasskeyName(p.Name).Err(); err != nil {
		return 0, err
	}
	var known, mine int64
	if err := tx.Table("passkeys").Where("credential = ?", p.Credential).Count(&known).Error; err != nil {
		return 0, err
	}
	if err := tx.Table("passkeys").Where("account_id = ?", account).Count(&mine).Error; err != nil {
		return 0, err
	}
	switch {
	case known > 0:
		return 0, models.Refused{Rule: "passkey.known"}
	case mine >= maxPasskeys:
		return 0, models.Refused{Rule: "passkey.many", Args: []any{"n", maxPasskeys}}
	}
	done := tx.Exec("UPDATE accounts SET handle = ? WHERE id = ? AND (handle IS NULL OR handle = ?)", handle, account, handle)
	if done.Error != nil {
		return 0, done.Error
	}
	if done.RowsAffected != 1 { // made for another account, or two first ones at the same moment
		return 0, models.ErrNotFound
	}
	r := passkeyRow{
		AccountID: account, Name: p.Name, Credential: p.Credential, PublicKey: p.PublicKey, Model: p.Model, Transports: spaced(p.Transports),
		SignCount: p.SignCount, MayTravel: p.MayTravel, Travelled: p.Travelled, AddedAt: stamp{at},
	}
	err := tx.Create(&r).Error
	return r.ID, err
}

// RenamePasskey gives a passkey of the actor's account another name; models.ErrNotFound when it is not theirs.
func (s *Store) RenamePasskey(ctx context.Context, by models.Actor, id models.ID, name string) error {
	if err := models.CheckPasskeyName(name).Err(); err != nil {
		return err
	}
	return s.ofAccount(ctx, by, "person.passkey", func(tx *gorm.DB) ([]models.Change, error) {
		r, err := passkeyOf(tx, by.Account, id)
		if err != nil {
			return nil, err
		}
		told := []models.Change{{Field: "passkey", Before: r.Name, After: name}} // before GORM puts the new one into r
		return told, tx.Model(&r).Update("name", name).Error
	})
}

func passkeyOf(tx *gorm.DB, account models.AccountID, id models.ID) (passkeyRow, error) {
	var r passkeyRow
	if err := tx.Where("id = ? AND account_id = ?", id, account).Take(&r).Error; err != nil {
		return r, absent("read a passkey", err)
	}
	return r, nil
}

// RemovePasskey takes a passkey from the actor's account; models.ErrNotFound when it is not theirs. It is refused where
// nothing else would let them in ("factors.last").
func (s *Store) RemovePasskey(ctx context.Context, by models.Actor, id models.ID) (name string, err error) {
	err = s.ofAccount(ctx, by, "person.passkey", func(tx *gorm.DB) ([]models.Change, error) {
		r, err := passkeyOf(tx, by.Account, id)
		if err != nil {
			return nil, err
		}
		if err := tx.Delete(&r).Error; err != nil {
			return nil, err
		}
		name = r.Name
		return []models.Change{{Field: "passkey", Before: r.Name}}, s.keepsMeans(tx, by.Account)
	})
	return name, err
}

// UsePasskey notes that a passkey has proved its owner, with what the device counts and whether the key has been copied;
// models.ErrNotFound when it was removed meanwhile, or another use has counted as far.
func (s *Store) UsePasskey(ctx context.Context, p models.Passkey, now time.Time) error {
	return s.direct(ctx, "note the use of a passkey", func(tx *gorm.DB) error {
		done := tx.Model(&passkeyRow{}).Where("id = ? AND (sign_count < ? OR ? = 0)", p.ID, p.SignCount, p.SignCount).
			Updates(map[string]any{"sign_count": p.SignCount, "travelled": p.Travelled && p.MayTravel, "used_at": at(now)})
		if done.Error == nil && done.RowsAffected != 1 {
			return models.ErrNotFound
		}
		return done.Error
	})
}

// AcceptByPasskey is AcceptInvitation for a newcomer who signs in with a passkey and has no password.
func (s *Store) AcceptByPasskey(ctx context.Context, hash [32]byte, p models.Passkey, handle []byte, from string, at time.Time) (models.Actor, error) {
	return s.accept(ctx, hash, 0, from, at, func(a *act, account models.AccountID) error {
		_, err := keepPasskey(a.tx, account, p, handle, at)
		return err
	})
}

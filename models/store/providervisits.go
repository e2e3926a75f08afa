package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

// ProviderVisit is one way to a provider and back. It is named by the hash of the secret that the browser keeps which
// set out.
type ProviderVisit struct {
	Purpose    models.VisitPurpose
	Session    [32]byte // hash of the token of the session whose act it is, for linking and confirming
	Invitation [32]byte // hash of the link that is taken up, for an invitation
	Target     string   // local address to go on to
	Fields     string   // JSON of the form that is carried on; empty for none
	StartedAt  time.Time
	Identity   models.Identity // proved; zero until then
}

type visitRow struct {
	Hash           []byte `gorm:"primaryKey"`
	Purpose        models.VisitPurpose
	SessionHash    []byte
	InvitationHash []byte
	Target, Fields string
	StartedAt      stamp
	ExpiresAt      stamp
	ReturnedAt     instant
	Issuer         string
	Subject        string
	Label          string
}

func (visitRow) TableName() string { return "provider_visits" }

func (r visitRow) model() ProviderVisit {
	v := ProviderVisit{
		Purpose: r.Purpose, Target: r.Target, Fields: r.Fields, StartedAt: r.StartedAt.Time,
		Identity: models.Identity{Issuer: r.Issuer, Subject: r.Subject, Label: r.Label},
	}
	copy(v.Session[:], r.SessionHash)
	copy(v.Invitation[:], r.InvitationHash)
	return v
}

// StartVisit writes down that somebody goes to the provider, and forgets whoever has not come back in time.
func (s *Store) StartVisit(ctx context.Context, hash [32]byte, v ProviderVisit) error {
	r := visitRow{
		Hash: hash[:], Purpose: v.Purpose, Target: v.Target, Fields: v.Fields,
		StartedAt: stamp{v.StartedAt}, ExpiresAt: stamp{v.StartedAt.Add(models.VisitLife)},
	}
	switch v.Purpose {
	case models.VisitLink, models.VisitConfirm:
		r.SessionHash = v.Session[:]
	case models.VisitInvite:
		r.InvitationHash = v.Invitation[:]
	case models.VisitSignIn:
	}
	return s.direct(ctx, "set out to the provider", func(tx *gorm.DB) error {
		if err := tx.Where("expires_at <= ?", stamp{v.StartedAt}).Delete(&visitRow{}).Error; err != nil {
			return err
		}
		return tx.Create(&r).Error
	})
}

// ReturnVisit is the visit that comes back from the provider, once; models.ErrNotFound when it is not there, has come
// back already, or has taken too long.
func (s *Store) ReturnVisit(ctx context.Context, hash [32]byte, now time.Time) (ProviderVisit, error) {
	var r visitRow
	err := s.direct(ctx, "come back from the provider", func(tx *gorm.DB) error {
		const open = "hash = ? AND expires_at > ? AND returned_at IS NULL"
		if err := tx.Where(open, hash[:], stamp{now}).Take(&r).Error; err != nil {
			return absent("read a visit", err)
		}
		done := tx.Model(&visitRow{}).Where(open, hash[:], stamp{now}).Update("returned_at", stamp{now})
		if done.Error == nil && done.RowsAffected != 1 {
			return models.ErrNotFound
		}
		return done.Error
	})
	return r.model(), err
}

// KeepProof notes who a visit that came back proved to be, for the question that follows.
func (s *Store) KeepProof(ctx context.Context, hash [32]byte, i models.Identity) error {
	return s.direct(ctx, "keep a proof", func(tx *gorm.DB) error {
		return tx.Model(&visitRow{}).Where("hash = ? AND returned_at IS NOT NULL", hash[:]).
			Updates(map[string]any{"issuer": i.Issuer, "subject": i.Subject, "label": i.Label}).Error
	})
}

const returnedVisit = "hash = ? AND purpose = ? AND expires_at > ? AND returned_at IS NOT NULL AND subject <> ''"

// ReturnedVisit is a visit that came back with a proof, which stays; models.ErrNotFound when there is none.
func (s *Store) ReturnedVisit(ctx context.Context, purpose models.VisitPurpose, hash [32]byte, now time.Time) (ProviderVisit, error) {
	var rows []visitRow
	var r visitRow
	err := read(ctx, s.readers, visitShape, &r, func() { rows = append(rows, r) },
		"SELECT "+visitShape.list+" FROM provider_visits t WHERE "+returnedVisit, hash[:], string(purpose), now.UnixMicro())
	if err == nil && len(rows) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return ProviderVisit{}, err
	}
	return rows[0].model(), nil
}

var visitShape = shapeOf[visitRow]()

// endVisit is ReturnedVisit that takes the visit away: its proof is good for one act.
func endVisit(tx *gorm.DB, purpose models.VisitPurpose, hash [32]byte, now time.Time) (ProviderVisit, error) {
	var r visitRow
	if err := tx.Where(returnedVisit, hash[:], purpose, stamp{now}).Take(&r).Error; err != nil {
		return ProviderVisit{}, absent("read a visit", err)
	}
	return r.model(), tx.Where("hash = ?", hash[:]).Delete(&visitRow{}).Error
}

// EndVisit forgets a visit; one that is not there is no error.
func (s *Store) EndVisit(ctx context.Context, hash [32]byte) error {
	return s.direct(ctx, "end a visit", func(tx *gorm.DB) error {
		return tx.Where("hash = ?", hash[:]).Delete(&visitRow{}).Error
	})
}

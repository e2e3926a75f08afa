package store

import (
	"context"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// Once is a request that may be sent again when its answer was lost: the key its sender chose for it, and a digest of
// all it asks for.
type Once struct {
	Key    string // 1 to MaxRequestKey bytes
	Digest [32]byte
}

// MaxRequestKey bounds a request's key in bytes.
const MaxRequestKey = 200

// requestMemory is how long a request is remembered. Who sends one again after that is asked by the register itself
// whether the charge is settled.
const requestMemory = 90 * 24 * time.Hour

type requestRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	PersonID       models.ID `gorm:"primaryKey;autoIncrement:false"`
	Key            string    `gorm:"primaryKey"`
	Digest         []byte
	PaymentID      models.ID
	At             stamp
}

func (requestRow) TableName() string { return "requests" }

// RecordPaymentOnce is RecordPayment for a request that may come twice: the second time nothing is recorded, the first
// one's payment is answered, and again is true. It is refused when the key was used for another request ("request.key").
func (s *Store) RecordPaymentOnce(ctx context.Context, by models.Actor, o Once, p models.Payment, today cal.Date) (id models.ID, again bool, err error) {
	return s.once(ctx, by, o, "payment.record", func(a *act) (models.ID, error) {
		p, err := a.complete(p, today, models.Payment{})
		if err != nil {
			return 0, err
		}
		return a.insertPayment(p)
	})
}

// ReversePaymentOnce is ReversePayment likewise.
func (s *Store) ReversePaymentOnce(ctx context.Context, by models.Actor, o Once, id models.ID, note string) (undoing models.ID, again bool, err error) {
	return s.once(ctx, by, o, "payment.reverse", func(a *act) (models.ID, error) { return a.reverse(id, note) })
}

// once runs a verb that makes a payment, and remembers what it made in the same transaction: both are there or neither.
func (s *Store) once(ctx context.Context, by models.Actor, o Once, verb string, do func(*act) (models.ID, error)) (id models.ID, again bool, err error) {
	id, err = s.add(ctx, by, verb, mayEdit, func(a *act) (models.ID, error) {
		if o.Key == "" || len(o.Key) > MaxRequestKey {
			return 0, models.Invalid{{Field: "key", Rule: "request.key"}}
		}
		var before []requestRow
		if err := a.mine().Where("person_id = ? AND key = ?", by.Person, o.Key).Find(&before).Error; err != nil {
			return 0, err
		}
		if len(before) > 0 {
			if [32]byte(before[0].Digest) != o.Digest {
				return 0, models.Refused{Rule: "request.key"}
			}
			again = true
			return before[0].PaymentID, nil
		}
		made, err := do(a)
		if err != nil {
			return 0, err
		}
		return made, a.remember(o, made)
	})
	return id, again, err
}

func (a *act) remember(o Once, made models.ID) error {
	old := stamp{a.by.At.Add(-requestMemory)}
	if err := a.mine().Where("at < ?", old).Delete(&requestRow{}).Error; err != nil {
		return err
	}
	return a.tx.Create(&requestRow{a.org.OrganisationID, a.by.Person, o.Key, o.Digest[:], made, stamp{a.by.At}}).Error
}

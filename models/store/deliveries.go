package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
)

// lease is how long a claimed delivery, or a claimed run of a job, is left alone: far longer than either takes.
const lease = 10 * time.Minute

type deliveryRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	Kind, Period   string
	Recipient      models.ID
	Address, Name  string
	Lang           models.Lang
	State          DeliveryState
	Attempts       int64
	NextAt         instant
	LastError      string
	MessageID      string
	CreatedAt      stamp
	SentAt         instant
}

func (deliveryRow) TableName() string { return "deliveries" }

func (r *deliveryRow) model() Delivery {
	return Delivery{
		ID: r.ID, Organisation: r.OrganisationID, Kind: r.Kind, Period: r.Period, Recipient: r.Recipient,
		Address: r.Address, Name: r.Name, Lang: r.Lang, State: r.State, Attempts: int(r.Attempts), NextAt: r.NextAt.Time,
		LastError: r.LastError, MessageID: r.MessageID, CreatedAt: r.CreatedAt.Time, SentAt: r.SentAt.Time,
	}
}

// PlanDeliveries writes down who is to get a message of a kind and period, once each however often it is asked; it
// answers how many are new. People without an address are left out.
func (s *Store) PlanDeliveries(ctx context.Context, org models.ID, kind, period string, to []models.Person, at time.Time) (added int, err error) {
	err = s.direct(ctx, "plan deliveries", func(tx *gorm.DB) error {
		added = 0
		instance, err := installation(tx)
		if err != nil {
			return err
		}
		for _, p := range to {
			if p.Email == "" {
				continue
			}
			var known int64
			err := tx.Table("deliveries").Where("organisation_id = ? AND kind = ? AND period = ? AND recipient = ?", org, kind, period, p.ID).Count(&known).Error
			if err != nil {
				return err
			}
			if known > 0 {
				continue
			}
			id, err := takeID(tx, org)
			if err != nil {
				return err
			}
			row := deliveryRow{
				OrganisationID: org, ID: id, Kind: kind, Period: period, Recipient: p.ID, Address: p.Email, Name: p.Name, Lang: p.Lang,
				State: DeliveryPending, NextAt: instant{at.UTC()}, MessageID: messageID(instance, org, kind, period, p.ID), CreatedAt: stamp{at},
			}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			added++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// messageID follows from what the message is, so that a second attempt is recognised as the same one.
func messageID(instance string, org models.ID, kind, period string, recipient models.ID) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%s/%d", instance, org, kind, period, recipient))
	return fmt.Sprintf("%s.%s.%s@enveloppe.invalid", kind, period, hex.EncodeToString(sum[:12]))
}

// installation tells this database from others that send mail to the same people.
func installation(tx *gorm.DB) (string, error) {
	fresh := metaRow{Key: "installation", Value: rand.Text()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return "", err
	}
	var kept metaRow
	err := tx.Where("key = ?", fresh.Key).Take(&kept).Error
	return kept.Value, err
}

// ClaimDelivery takes the next message of a kind that is due by now, and counts an attempt; false when none is. It goes
// to the address the recipient has by now: a wrong one may have been corrected since. Nobody else is given it for ten
// minutes: finish it before.
func (s *Store) ClaimDelivery(ctx context.Context, org models.ID, kind string, now time.Time) (Delivery, bool, error) {
	var r deliveryRow
	err := s.direct(ctx, "claim a delivery", func(tx *gorm.DB) error {
		err := tx.Where("organisation_id = ? AND kind = ? AND next_at <= ? AND state IN ?", org, kind, instant{now.UTC()},
			[]DeliveryState{DeliveryPending, DeliveryFailed, DeliveryNotConfigured}).Order("next_at, id").Take(&r).Error
		if err != nil {
			return err
		}
		var to personRow
		if err := tx.Where("organisation_id = ? AND id = ?", org, r.Recipient).Take(&to).Error; err != nil {
			return err
		}
		if to.Email != "" {
			r.Address, r.Name, r.Lang = to.Email, to.Name, to.Lang
		}
		r.Attempts++
		r.NextAt = at(now.Add(lease))
		return tx.Model(&r).Select("attempts", "next_at", "address", "name", "lang").Updates(&r).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Delivery{}, false, nil
	}
	if err != nil {
		return Delivery{}, false, err
	}
	return r.model(), true, nil
}

// FinishDelivery notes how an attempt went. A message that was not sent is due again at nextAt, or never by itself when
// that is zero; one sent or given up is done with.
func (s *Store) FinishDelivery(ctx context.Context, org, id models.ID, outcome DeliveryState, detail string, nextAt, when time.Time) error {
	return s.direct(ctx, "finish a delivery", func(tx *gorm.DB) error {
		values := map[string]any{"state": outcome, "last_error": cut(detail, models.MaxText), "next_at": at(nextAt), "sent_at": nil}
		switch outcome {
		case DeliverySent:
			values["sent_at"], values["next_at"] = at(when), nil
		case DeliveryGivenUp:
			values["next_at"] = nil
		case DeliveryPending, DeliveryFailed, DeliveryNotConfigured:
		}
		return changed(tx.Model(&deliveryRow{}).Where("organisation_id = ? AND id = ?", org, id).Updates(values))
	})
}

// changed is models.ErrNotFound when an update found no row.
func changed(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected == 0 {
		return models.ErrNotFound
	}
	return done.Error
}

var deliveryShape = shapeOf[deliveryRow]()

// Deliveries are an organisation's, newest first.
func (s *Store) Deliveries(ctx context.Context, org models.ID, limit int) ([]Delivery, error) {
	var list []Delivery
	var r deliveryRow
	err := read(ctx, s.readers, deliveryShape, &r, func() { list = append(list, r.model()) },
		"SELECT "+deliveryShape.list+" FROM deliveries t WHERE t.organisation_id = ? ORDER BY t.id DESC LIMIT ?", int64(org), limit)
	return list, err
}

// RetryDelivery makes a message that was not sent due at an instant, by hand; refused when it was ("already_sent").
func (s *Store) RetryDelivery(ctx context.Context, by models.Actor, id models.ID, when time.Time) error {
	if !by.Role.MayEdit() {
		return models.ErrForbidden
	}
	var sent bool
	err := s.direct(ctx, "retry a delivery", func(tx *gorm.DB) error {
		var r deliveryRow
		if err := tx.Where("organisation_id = ? AND id = ?", by.Organisation, id).Take(&r).Error; err != nil {
			return absent("read the delivery", err)
		}
		if sent = r.State == DeliverySent; sent {
			return nil
		}
		r.State, r.NextAt = DeliveryPending, at(when)
		return tx.Model(&r).Select("state", "next_at").Updates(&r).Error
	})
	if err == nil && sent {
		return models.Refused{Rule: "already_sent"}
	}
	return err
}

// LapseDeliveries gives up what was not sent in its own period: a message about a month gone by helps nobody.
func (s *Store) LapseDeliveries(ctx context.Context, org models.ID, kind, beforePeriod string, _ time.Time) error {
	return s.direct(ctx, "give deliveries up", func(tx *gorm.DB) error {
		return tx.Model(&deliveryRow{}).
			Where("organisation_id = ? AND kind = ? AND period < ? AND state NOT IN ?", org, kind, beforePeriod, []DeliveryState{DeliverySent, DeliveryGivenUp}).
			Updates(map[string]any{"state": DeliveryGivenUp, "next_at": nil}).Error
	})
}

type unsubscribeRow struct {
	Token          string `gorm:"primaryKey"`
	OrganisationID models.ID
	PersonID       models.ID
}

func (unsubscribeRow) TableName() string { return "unsubscribe_tokens" }

// UnsubscribeToken is the secret by which a person leaves the digest from the mail itself; it stays the same.
func (s *Store) UnsubscribeToken(ctx context.Context, org, person models.ID) (string, error) {
	known, err := column[string](ctx, s.readers, "SELECT token FROM unsubscribe_tokens WHERE organisation_id = ? AND person_id = ?", int64(org), int64(person))
	if err != nil {
		return "", fmt.Errorf("read an unsubscribe token: %w", err)
	}
	if len(known) > 0 {
		return known[0], nil
	}
	var secret [24]byte
	_, _ = rand.Read(secret[:]) // never fails
	row := unsubscribeRow{base64.RawURLEncoding.EncodeToString(secret[:]), org, person}
	err = s.direct(ctx, "make an unsubscribe token", func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			if errors.Is(err, gorm.ErrForeignKeyViolated) {
				return models.ErrNotFound
			}
			return err
		}
		return tx.Where("organisation_id = ? AND person_id = ?", org, person).Take(&row).Error
	})
	if err != nil {
		return "", err
	}
	return row.Token, nil
}

// PersonByUnsubscribe tells whose a token is and whether they want the digest; models.ErrNotFound for any other text.
func (s *Store) PersonByUnsubscribe(ctx context.Context, token string) (org, person models.ID, name string, lang models.Lang, wants bool, err error) {
	row, err := s.texts.row(ctx, `SELECT p.organisation_id, p.id, p.name, p.lang, p.digest FROM unsubscribe_tokens u
		JOIN people p ON p.organisation_id = u.organisation_id AND p.id = u.person_id WHERE u.token = ?`, token)
	if err == nil {
		err = row.Scan(&org, &person, &name, &lang, &wants)
	}
	if err != nil {
		return 0, 0, "", "", false, absent("look an unsubscribe token up", err)
	}
	return org, person, name, lang, wants, nil
}

// Unsubscribe takes the person of a token off the digest, in that person's name. Doing it again is no error.
func (s *Store) Unsubscribe(ctx context.Context, token string, when time.Time) error {
	org, person, name, _, _, err := s.PersonByUnsubscribe(ctx, token)
	if err != nil {
		return err
	}
	return s.SetDigestChoice(ctx, models.Actor{Organisation: org, Person: person, Name: name, At: when}, person, false)
}

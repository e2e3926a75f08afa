package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
)

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
	fresh := unsubscribeRow{base64.RawURLEncoding.EncodeToString(secret[:]), org, person}
	return s.keepUnsubscribe(ctx, fresh)
}

// keepUnsubscribe keeps a token, unless another process has kept one meanwhile, and answers the one that is kept.
func (s *Store) keepUnsubscribe(ctx context.Context, fresh unsubscribeRow) (string, error) {
	var row unsubscribeRow // not the fresh one, whose token GORM would look for
	err := s.direct(ctx, "make an unsubscribe token", func(tx *gorm.DB) error {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
			if errors.Is(err, gorm.ErrForeignKeyViolated) {
				return models.ErrNotFound
			}
			return err
		}
		return tx.Where("organisation_id = ? AND person_id = ?", fresh.OrganisationID, fresh.PersonID).Take(&row).Error
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

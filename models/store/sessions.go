package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
)

type sessionRow struct {
	TokenHash      []byte `gorm:"primaryKey"`
	ID             models.ID
	OrganisationID models.ID
	PersonID       models.ID
	CreatedAt      stamp
	SeenAt         stamp
	ExpiresAt      stamp
	Agent, Address string
}

func (sessionRow) TableName() string { return "sessions" }

// Credentials are what somebody who is here and has a password signs in with, found by address, whatever its capitals.
// The error is models.ErrNotFound when nobody has it.
func (s *Store) Credentials(ctx context.Context, email string) (Credential, error) {
	var c Credential
	row, err := s.texts.row(ctx, `SELECT p.organisation_id, p.id, p.name, p.role, p.lang, w.hash
		FROM people p JOIN passwords w ON w.organisation_id = p.organisation_id AND w.person_id = p.id
		WHERE p.email_key = ? AND p.email_key <> '' AND p.left_on IS NULL
		ORDER BY p.organisation_id, p.id LIMIT 1`, nameKey(email))
	if err == nil {
		err = row.Scan(&c.Organisation, &c.Person, &c.Name, &c.Role, &c.Lang, &c.PasswordHash)
	}
	if err != nil {
		return Credential{}, absent("look an address up", err)
	}
	return c, nil
}

// direct is a write outside the register: one transaction, no revision.
func (s *Store) direct(ctx context.Context, doing string, do func(tx *gorm.DB) error) error {
	err := s.writer.WithContext(ctx).Transaction(do)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// StartSession remembers a sign-in; models.ErrNotFound when the person is not here.
func (s *Store) StartSession(ctx context.Context, n Session) error {
	return s.direct(ctx, "start a session", func(tx *gorm.DB) error {
		var here int64
		err := tx.Table("people").Where("organisation_id = ? AND id = ? AND left_on IS NULL", n.Organisation, n.Person).Count(&here).Error
		if err != nil {
			return err
		}
		if here == 0 {
			return models.ErrNotFound
		}
		// What has run out is of no use to anybody.
		if err := tx.Where("organisation_id = ? AND person_id = ? AND expires_at <= ?", n.Organisation, n.Person, stamp{n.CreatedAt}).
			Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		id, err := takeID(tx, n.Organisation)
		if err != nil {
			return err
		}
		return tx.Create(&sessionRow{
			TokenHash: n.TokenHash[:], ID: id, OrganisationID: n.Organisation, PersonID: n.Person,
			CreatedAt: stamp{n.CreatedAt}, SeenAt: stamp{n.CreatedAt}, ExpiresAt: stamp{n.ExpiresAt},
			Agent: cut(n.Agent, 500), Address: cut(n.Address, 100),
		}).Error
	})
}

// takeID gives the organisation's next ID to a row that is not of the register.
func takeID(tx *gorm.DB, org models.ID) (models.ID, error) {
	var next models.ID
	err := tx.Raw("UPDATE organisations SET next_id = next_id + 1 WHERE organisation_id = ? RETURNING next_id - 1", org).Row().Scan(&next)
	if err != nil {
		return 0, absent("take an ID", err)
	}
	return next, nil
}

// cut shortens what a stranger sent to n characters.
func cut(text string, n int) string {
	runes := 0
	for i := range text {
		if runes == n {
			return text[:i]
		}
		runes++
	}
	return text
}

// Visit tells who a session's token stands for; models.ErrNotFound when it has ended, run out by now, or the person
// has left. It writes nothing: TouchSession does, from time to time.
func (s *Store) Visit(ctx context.Context, tokenHash [32]byte, now time.Time) (Visit, error) {
	row, err := s.texts.row(ctx, `SELECT s.organisation_id, s.person_id, p.name, p.role, p.lang, o.revision, s.id, s.created_at, s.seen_at, s.expires_at
		FROM sessions s
		JOIN people p ON p.organisation_id = s.organisation_id AND p.id = s.person_id
		JOIN organisations o ON o.organisation_id = s.organisation_id
		WHERE s.token_hash = ? AND s.expires_at > ? AND p.left_on IS NULL`, tokenHash[:], now.UnixMicro())
	if err != nil {
		return Visit{}, err
	}
	var v Visit
	var created, seen, expires int64
	err = row.Scan(&v.Organisation, &v.Person, &v.Name, &v.Role, &v.Lang, &v.Revision, &v.SessionID, &created, &seen, &expires)
	if err != nil {
		return Visit{}, absent("look a session up", err)
	}
	v.CreatedAt, v.SeenAt, v.ExpiresAt = time.UnixMicro(created).UTC(), time.UnixMicro(seen).UTC(), time.UnixMicro(expires).UTC()
	return v, nil
}

// TouchSession notes when a session was last used and until when it now holds; models.ErrNotFound when it has ended.
func (s *Store) TouchSession(ctx context.Context, tokenHash [32]byte, seen, expires time.Time) error {
	return s.direct(ctx, "prolong a session", func(tx *gorm.DB) error {
		done := tx.Model(&sessionRow{}).Where("token_hash = ?", tokenHash[:]).
			Updates(map[string]any{"seen_at": stamp{seen}, "expires_at": stamp{expires}})
		if done.Error == nil && done.RowsAffected == 0 {
			return models.ErrNotFound
		}
		return done.Error
	})
}

// EndSession signs out; a session that has ended already is no error.
func (s *Store) EndSession(ctx context.Context, tokenHash [32]byte) error {
	return s.direct(ctx, "end a session", func(tx *gorm.DB) error {
		return tx.Where("token_hash = ?", tokenHash[:]).Delete(&sessionRow{}).Error
	})
}

// EndOtherSessions signs a person out everywhere but in the session to keep.
func (s *Store) EndOtherSessions(ctx context.Context, org, person models.ID, keep [32]byte) error {
	return s.direct(ctx, "end sessions", func(tx *gorm.DB) error {
		return tx.Where("organisation_id = ? AND person_id = ? AND token_hash <> ?", org, person, keep[:]).Delete(&sessionRow{}).Error
	})
}

var sessionShape = shapeOf[sessionRow]()

// Sessions are a person's, last used first; some may have run out.
func (s *Store) Sessions(ctx context.Context, org, person models.ID) ([]SessionInfo, error) {
	var list []SessionInfo
	var r sessionRow
	err := read(ctx, s.readers, sessionShape, &r, func() {
		info := SessionInfo{
			ID: r.ID, CreatedAt: r.CreatedAt.Time, SeenAt: r.SeenAt.Time, ExpiresAt: r.ExpiresAt.Time, Agent: r.Agent, Address: r.Address,
		}
		copy(info.TokenHash[:], r.TokenHash)
		list = append(list, info)
	}, "SELECT "+sessionShape.list+" FROM sessions t WHERE t.organisation_id = ? AND t.person_id = ? ORDER BY t.seen_at DESC, t.id DESC",
		int64(org), int64(person))
	return list, err
}

type attemptRow struct {
	Key       string `gorm:"primaryKey"`
	StartedAt stamp
	Count     int64
}

func (attemptRow) TableName() string { return "attempts" }

// CountAttempt counts one more attempt under a key and tells whether it is allowed: at most limit within a window that
// opens with the first. When it is not, retryAfter is how long until the window closes, and nothing is written.
func (s *Store) CountAttempt(ctx context.Context, key string, now time.Time, window time.Duration, limit int) (allowed bool, retryAfter time.Duration, err error) {
	err = s.direct(ctx, "count an attempt", func(tx *gorm.DB) error {
		var rows []attemptRow
		if err := tx.Where("key = ?", key).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 || !now.Before(rows[0].StartedAt.Add(window)) {
			if err := tx.Where("started_at < ?", stamp{now.Add(-max(window, 24*time.Hour))}).Delete(&attemptRow{}).Error; err != nil {
				return err
			}
			rows = []attemptRow{{Key: key, StartedAt: stamp{now}}}
		}
		r := rows[0]
		if r.Count >= int64(limit) {
			retryAfter = r.StartedAt.Add(window).Sub(now)
			return nil
		}
		allowed = true
		r.Count++
		return tx.Save(&r).Error
	})
	return allowed && err == nil, retryAfter, err
}

// ClearAttempts forgets the attempts under a key, as after signing in.
func (s *Store) ClearAttempts(ctx context.Context, key string) error {
	return s.direct(ctx, "forget attempts", func(tx *gorm.DB) error {
		return tx.Where("key = ?", key).Delete(&attemptRow{}).Error
	})
}

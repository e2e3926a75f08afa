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
	AccountID      models.AccountID
	FreshAt        stamp
}

func (sessionRow) TableName() string { return "sessions" }

// direct is a write outside the register: one transaction, no revision.
func (s *Store) direct(ctx context.Context, doing string, do func(tx *gorm.DB) error) error {
	err := s.writer.WithContext(ctx).Transaction(do)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// StartSession remembers a sign-in; models.ErrNotFound when the person is not here, or not the account's.
func (s *Store) StartSession(ctx context.Context, n Session) error {
	return s.direct(ctx, "start a session", func(tx *gorm.DB) error {
		// What has run out is of no use to anybody.
		if err := tx.Where("account_id = ? AND expires_at <= ?", n.Account, stamp{n.CreatedAt}).Delete(&sessionRow{}).Error; err != nil {
			return err
		}
		if err := look(tx, n.Account, n.Organisation, n.Person); err != nil {
			return err
		}
		return tx.Create(&sessionRow{
			TokenHash: n.TokenHash[:], ID: sessionID(n.TokenHash), AccountID: n.Account, OrganisationID: n.Organisation, PersonID: n.Person,
			CreatedAt: stamp{n.CreatedAt}, SeenAt: stamp{n.CreatedAt}, ExpiresAt: stamp{n.ExpiresAt}, FreshAt: stamp{n.FreshAt},
			Agent: cut(n.Agent, 500), Address: cut(n.Address, 100),
		}).Error
	})
}

// look notes that an account looks at an organisation it is a person of; models.ErrNotFound when it is not, or no longer.
func look(tx *gorm.DB, account models.AccountID, org, person models.ID) error {
	var here int64
	err := tx.Table("people").Where("organisation_id = ? AND id = ? AND account_id = ? AND left_on IS NULL", org, person, account).Count(&here).Error
	if err != nil {
		return err
	}
	if here == 0 {
		return models.ErrNotFound
	}
	return tx.Exec("UPDATE accounts SET last_organisation_id = ? WHERE id = ?", org, account).Error
}

// sessionID names a session on its owner's page by the beginning of its token's hash, from which the token cannot be
// had: it needs no sequence of an organisation, which the session may leave for another.
func sessionID(tokenHash [32]byte) models.ID {
	var id models.ID
	for _, b := range tokenHash[:6] {
		id = id<<8 | models.ID(b)
	}
	return max(id, 1)
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
	row, err := s.texts.row(ctx, `SELECT s.account_id, s.organisation_id, s.person_id, p.name, p.role, p.lang, o.revision,
			(SELECT count(*) FROM people q WHERE q.account_id = s.account_id AND q.left_on IS NULL),
			s.id, s.created_at, s.seen_at, s.expires_at, s.fresh_at
		FROM sessions s
		JOIN people p ON p.organisation_id = s.organisation_id AND p.id = s.person_id AND p.account_id = s.account_id
		JOIN organisations o ON o.organisation_id = s.organisation_id
		WHERE s.token_hash = ? AND s.expires_at > ? AND p.left_on IS NULL`, tokenHash[:], now.UnixMicro())
	if err != nil {
		return Visit{}, err
	}
	var v Visit
	var created, seen, expires, fresh int64
	err = row.Scan(&v.Account, &v.Organisation, &v.Person, &v.Name, &v.Role, &v.Lang, &v.Revision, &v.Memberships,
		&v.SessionID, &created, &seen, &expires, &fresh)
	if err != nil {
		return Visit{}, absent("look a session up", err)
	}
	v.CreatedAt, v.SeenAt, v.ExpiresAt = time.UnixMicro(created).UTC(), time.UnixMicro(seen).UTC(), time.UnixMicro(expires).UTC()
	v.FreshAt = time.UnixMicro(fresh).UTC()
	return v, nil
}

// MarkFresh notes that the owner of a session has just proved who they are; models.ErrNotFound when it has ended.
func (s *Store) MarkFresh(ctx context.Context, tokenHash [32]byte, at time.Time) error {
	return s.direct(ctx, "mark a session fresh", func(tx *gorm.DB) error {
		done := tx.Model(&sessionRow{}).Where("token_hash = ?", tokenHash[:]).Update("fresh_at", stamp{at})
		if done.Error == nil && done.RowsAffected == 0 {
			return models.ErrNotFound
		}
		return done.Error
	})
}

// SwitchOrganisation turns a session to another organisation of its account; models.ErrNotFound when the session has
// ended, or the account is no person of that organisation, or no longer.
func (s *Store) SwitchOrganisation(ctx context.Context, tokenHash [32]byte, org models.ID) error {
	return s.direct(ctx, "switch to another organisation", func(tx *gorm.DB) error {
		var at struct {
			AccountID models.AccountID
			ID        models.ID
		}
		found := tx.Raw(`SELECT p.account_id, p.id FROM sessions s JOIN people p ON p.account_id = s.account_id
			WHERE s.token_hash = ? AND p.organisation_id = ?`, tokenHash[:], org).Scan(&at)
		if found.Error != nil {
			return found.Error
		}
		if err := look(tx, at.AccountID, org, at.ID); err != nil {
			return err
		}
		return tx.Model(&sessionRow{}).Where("token_hash = ?", tokenHash[:]).
			Updates(map[string]any{"organisation_id": org, "person_id": at.ID}).Error
	})
}

// turnSessions takes a person who is no longer here out of their sessions: each goes on in another organisation of the
// account, or ends where there is none.
func (a *act) turnSessions(person models.ID) error {
	mine := []any{a.org.OrganisationID, person}
	err := a.tx.Exec(`UPDATE sessions SET (organisation_id, person_id) = (
			SELECT p.organisation_id, p.id FROM people p WHERE p.account_id = sessions.account_id AND p.left_on IS NULL
			ORDER BY p.organisation_id LIMIT 1)
		WHERE organisation_id = ? AND person_id = ?
			AND EXISTS (SELECT 1 FROM people p WHERE p.account_id = sessions.account_id AND p.left_on IS NULL)`, mine...).Error
	if err != nil {
		return err
	}
	return a.mine().Where("person_id = ?", person).Delete(&sessionRow{}).Error
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

// EndOtherSessions signs an account out everywhere but in the session to keep.
func (s *Store) EndOtherSessions(ctx context.Context, account models.AccountID, keep [32]byte) error {
	return s.direct(ctx, "end sessions", func(tx *gorm.DB) error {
		return tx.Where("account_id = ? AND token_hash <> ?", account, keep[:]).Delete(&sessionRow{}).Error
	})
}

var sessionShape = shapeOf[sessionRow]()

// Sessions are an account's, last used first; some may have run out.
func (s *Store) Sessions(ctx context.Context, account models.AccountID) ([]SessionInfo, error) {
	var list []SessionInfo
	var r sessionRow
	err := read(ctx, s.readers, sessionShape, &r, func() {
		info := SessionInfo{
			ID: r.ID, CreatedAt: r.CreatedAt.Time, SeenAt: r.SeenAt.Time, ExpiresAt: r.ExpiresAt.Time, Agent: r.Agent, Address: r.Address,
		}
		copy(info.TokenHash[:], r.TokenHash)
		list = append(list, info)
	}, "SELECT "+sessionShape.list+" FROM sessions t WHERE t.account_id = ? ORDER BY t.seen_at DESC, t.id DESC",
		int64(account))
	return list, err
}

type attemptRow struct {
	Key       string `gorm:"primaryKey"`
	StartedAt stamp
	Count     int64
	Level     int64 // how often the limit was reached in a row
}

func (attemptRow) TableName() string { return "attempts" }

// A key that has reached its limit waits twice as long the next time, up to 16 times; a quiet day forgets it.
const (
	maxLevel    = 4
	quietPeriod = 24 * time.Hour
)

// closes is when the window that opened with the first attempt closes.
func (r attemptRow) closes(window time.Duration) time.Time { return r.StartedAt.Add(window << r.Level) }

// CountAttempt counts one more attempt under a key and tells whether it is allowed: at most limit within a window that
// opens with the first. When it is not, retryAfter is how long until the window closes, and nothing is written. A
// window that follows one that was filled is twice as long.
func (s *Store) CountAttempt(ctx context.Context, key string, now time.Time, window time.Duration, limit int) (allowed bool, retryAfter time.Duration, err error) {
	err = s.direct(ctx, "count an attempt", func(tx *gorm.DB) error {
		var rows []attemptRow
		if err := tx.Where("key = ?", key).Find(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			rows = []attemptRow{{Key: key, StartedAt: stamp{now}}}
			// What nobody has touched for long is of no use.
			if err := tx.Where("started_at < ?", stamp{now.Add(-quietPeriod - window<<maxLevel)}).Delete(&attemptRow{}).Error; err != nil {
				return err
			}
		}
		r := rows[0]
		if closed := r.closes(window); !now.Before(closed) {
			level := int64(0)
			if r.Count >= int64(limit) && now.Before(closed.Add(quietPeriod)) {
				level = min(r.Level+1, maxLevel)
			}
			r = attemptRow{Key: key, StartedAt: stamp{now}, Level: level}
		}
		if r.Count >= int64(limit) {
			retryAfter = r.closes(window).Sub(now)
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

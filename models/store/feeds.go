package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"enveloppe/models"
)

// Written tells when revisions of an organisation were written, from its audit log: of one that left no entry, when the
// latest before it was.
func (s *Store) Written(ctx context.Context, org models.ID) (func(revision int64) time.Time, error) {
	var revisions []int64
	var instants []time.Time
	err := s.eachWritten(ctx, org, func(revision int64, at time.Time) {
		revisions, instants = append(revisions, revision), append(instants, at)
	})
	if err != nil {
		return nil, fmt.Errorf("read when revisions were written: %w", err)
	}
	return func(revision int64) time.Time {
		n, found := slices.BinarySearch(revisions, revision)
		switch {
		case found:
			return instants[n]
		case n > 0:
			return instants[n-1]
		case len(instants) > 0:
			return instants[0]
		}
		return time.Unix(0, 0)
	}, nil
}

// eachWritten gives the revisions that left entries, ascending, with the instant of the latest.
func (s *Store) eachWritten(ctx context.Context, org models.ID, give func(revision int64, at time.Time)) error {
	rows, err := s.readers.QueryContext(ctx,
		"SELECT revision, max(at) FROM audit WHERE organisation_id = ? GROUP BY revision ORDER BY revision", int64(org))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var revision int64
		var at stamp
		if err := rows.Scan(&revision, &at); err != nil {
			return err
		}
		give(revision, at.Time)
	}
	return rows.Err()
}

// LastWritten is when anything of an organisation was last written; the zero time when nothing was.
func (s *Store) LastWritten(ctx context.Context, org models.ID) (time.Time, error) {
	var at stamp
	err := s.readers.QueryRowContext(ctx, "SELECT at FROM audit WHERE organisation_id = ? ORDER BY id DESC LIMIT 1", int64(org)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the register was last written: %w", err)
	}
	return at.Time, nil
}

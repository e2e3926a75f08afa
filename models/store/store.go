// Package store keeps the register in a database: one method is one business verb is one transaction.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"gorm.io/gorm"

	"enveloppe/models"
)

// Store is one open database. It serves any number of organisations, which never see each other.
//
// Every writing verb is one transaction on the only writing connection; readers have connections of their own and
// always see the last acknowledged write.
type Store struct {
	path    string
	writer  *gorm.DB // one connection: inside a transaction everything must go through the transaction
	readers *sql.DB  // read-only
	texts   *statements
	cache   *cache
	lock    *os.File // nil when opened beside a server
	issuer  string   // of the identities that sign in
}

// The files that cannot be opened. The error's own text says what to do.
var (
	ErrInUse = errors.New("the database is in use")
	ErrNewer = errors.New("the database is of a newer version")
	ErrOther = errors.New("not a database of this program")
)

// refusal is a file that cannot be opened, in one sentence that says what to do.
type refusal struct {
	kind error
	text string
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.kind }

// Close lets go of the file. Whatever was acknowledged is on disk already.
func (s *Store) Close() error {
	w, err := s.writer.DB()
	errs := []error{err, s.texts.close(), s.readers.Close()}
	if err == nil {
		errs = append(errs, w.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.readers.QueryRowContext(ctx, "SELECT 1 FROM meta UNION SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return nil
}

// SchemaVersion is the number of the last migration the file has been through.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	var n int64
	err := s.readers.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return n, nil
}

// Revision counts the writes to an organisation's register: two equal ones mean that nothing has changed.
func (s *Store) Revision(ctx context.Context, org models.ID) (int64, error) {
	var n int64
	row, err := s.texts.row(ctx, "SELECT revision FROM organisations WHERE organisation_id = ?", int64(org))
	if err != nil {
		return 0, err
	}
	if err := row.Scan(&n); err != nil {
		return 0, absent("read the revision", err)
	}
	return n, nil
}

// Organisations are all those of the file, oldest first.
func (s *Store) Organisations(ctx context.Context) ([]models.ID, error) {
	ids, err := column[models.ID](ctx, s.readers, "SELECT organisation_id FROM organisations ORDER BY organisation_id")
	if err != nil {
		return nil, fmt.Errorf("list the organisations: %w", err)
	}
	return ids, nil
}

// FirstRun tells whether there is no organisation yet.
func (s *Store) FirstRun(ctx context.Context) (bool, error) {
	ids, err := s.Organisations(ctx)
	return len(ids) == 0, err
}

// absent is models.ErrNotFound for a row that is not there, and a fault with what was being done for the rest.
func absent(doing string, err error) error {
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, gorm.ErrRecordNotFound) {
		return models.ErrNotFound
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// querier is what reads: a pool, or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// column reads the only column of a query.
func column[T any](ctx context.Context, q querier, query string, args ...any) (list []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var x T
		if err := rows.Scan(&x); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

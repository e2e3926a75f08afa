package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var embedded embed.FS

// migrations are what brings a file from nothing to this program's version, one folder a dialect. Files that were
// released are never edited: a change is another file.
var migrations fs.FS = embedded

// applicationID marks a file as this program's, as the first migration writes it ("Env1").
const applicationID = 0x456E7631

// versions are the schema's version in the file, 0 for an empty one, and the one this program wants.
func versions(ctx context.Context, path string) (at, want int64, err error) {
	db, err := sql.Open(driverName, migratorDSN(path))
	if err != nil {
		return 0, 0, fmt.Errorf("open the database: %w", err)
	}
	defer db.Close() //nolint:errcheck // only read
	db.SetMaxOpenConns(1)
	provider, err := newProvider(db)
	if err != nil {
		return 0, 0, err
	}
	if at, err = versionIn(ctx, db, path); err != nil {
		return 0, 0, err
	}
	sources := provider.ListSources()
	return at, sources[len(sources)-1].Version, nil
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, folder)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, nil
}

// versionIn reads the version without writing anything: a file of another program is left as it is.
func versionIn(ctx context.Context, db *sql.DB, path string) (int64, error) {
	var tables, id, ours int64
	err := db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_schema").Scan(&tables, &ours)
	if err == nil {
		err = db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id)
	}
	if err != nil {
		return 0, &refusal{ErrOther, fmt.Sprintf("%s cannot be read as a database (%v); give another file with --db", path, err)}
	}
	if tables == 0 {
		return 0, nil
	}
	if id == 0 && ours == 1 && tables <= 2 { // cut short before its first migration
		return 0, nil
	}
	if id != applicationID {
		return 0, &refusal{ErrOther, path + " is a database of another program; give another file with --db"}
	}
	var at int64
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return at, nil
}

func refuseNewer(path string, at, want int64) error {
	if at <= want {
		return nil
	}
	return &refusal{ErrNewer, fmt.Sprintf(
		"%s was written by a newer Enveloppe (version %d, this one knows %d); use that one, or restore a backup made before it", path, at, want)}
}

// migrate brings the file to this program's version, on a connection of its own with foreign keys off, which are then
// checked as a whole. The caller holds the lock.
func migrate(ctx context.Context, path string, log *slog.Logger) error {
	at, want, err := versions(ctx, path)
	if err != nil {
		return err
	}
	if err := refuseNewer(path, at, want); err != nil || at == want {
		return err
	}
	kept := ""
	if at > 0 {
		if kept, err = keepBefore(ctx, path, want); err != nil {
			return fmt.Errorf("copy the database before changing it: %w", err)
		}
	}
	if err := runMigrations(ctx, path); err != nil {
		if kept != "" {
			return fmt.Errorf("bring the database from version %d to %d: %w (the file as it was is kept as %s)", at, want, err, kept)
		}
		return fmt.Errorf("prepare the database: %w", err)
	}
	log.InfoContext(ctx, "database migrated", "file", path, "from", at, "to", want, "copy", kept)
	return nil
}

// keepBefore copies the file beside itself under the version it is about to get; an earlier copy is never replaced.
func keepBefore(ctx context.Context, path string, version int64) (string, error) {
	name := fmt.Sprintf("%s.before-v%d", path, version)
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name, copyDatabase(ctx, path, name)
		}
		name = fmt.Sprintf("%s.before-v%d-%d", path, version, n)
	}
}

func runMigrations(ctx context.Context, path string) error {
	db, err := sql.Open(driverName, migratorDSN(path))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // committed before
	db.SetMaxOpenConns(1)
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	broken, err := column[string](ctx, db, `SELECT DISTINCT "table" FROM pragma_foreign_key_check`)
	if err != nil {
		return err
	}
	if len(broken) > 0 {
		return fmt.Errorf("records of %v point at nothing", broken)
	}
	return nil
}

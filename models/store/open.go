package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// readers is how many reads go on at once; a reader never waits for the writer.
const readers = 8

// Open opens a database for the server, which has it alone, and makes it if there is none. A file of an older version
// is copied beside itself before it is migrated.
//
// The errors ErrInUse, ErrNewer and ErrOther each come with a sentence that says what to do.
func Open(ctx context.Context, o Options) (*Store, error) {
	path, err := o.path()
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(path)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, path, o.logger())
	if err != nil {
		_ = lock.Close()
		return nil, err
	}
	s.lock, s.issuer = lock, o.Issuer
	return s, nil
}

// OpenShared opens a database beside a running server, or without one. It migrates only when no server holds the file.
func OpenShared(ctx context.Context, o Options) (*Store, error) {
	path, err := o.path()
	if err != nil {
		return nil, err
	}
	lock, err := takeLock(path)
	if errors.Is(err, ErrInUse) {
		return o.told(openCurrent(ctx, path))
	}
	if err != nil {
		return nil, err
	}
	defer lock.Close() //nolint:errcheck // nothing is written through it
	return o.told(open(ctx, path, o.logger()))
}

// told passes on to an opened store what it is to know.
func (o Options) told(s *Store, err error) (*Store, error) {
	if err == nil {
		s.issuer = o.Issuer
	}
	return s, err
}

// openCurrent opens a file somebody else keeps up to date, as long as it is of this program's version.
func openCurrent(ctx context.Context, path string) (*Store, error) {
	at, want, err := versions(ctx, path)
	if err != nil {
		return nil, err
	}
	if at < want {
		return nil, &refusal{ErrInUse, fmt.Sprintf(
			"%s is of an older version (%d, this program wants %d) and a running Enveloppe holds it; stop the server and start the new one once",
			path, at, want)}
	}
	if err := refuseNewer(path, at, want); err != nil {
		return nil, err
	}
	return connect(path)
}

func (o Options) path() (string, error) {
	if o.Path == "" {
		return "", errors.New("no database file given")
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return "", fmt.Errorf("find the database: %w", err)
	}
	return path, nil
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// takeLock holds the file for this process and leaves its number for whoever comes second.
func takeLock(path string) (*os.File, error) {
	lock, held, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if !held {
		return nil, &refusal{ErrInUse, fmt.Sprintf(
			"%s is already open in another Enveloppe%s; stop it, or give another file with --db", path, holder(path+".lock"))}
	}
	err = lock.Truncate(0)
	if err == nil {
		_, err = lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	return lock, nil
}

// holder is " (process 123)" when the lock says so.
func holder(path string) string {
	text, err := os.ReadFile(path)
	n, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || bad != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", n)
}

// fileURL is how SQLite is given a file whose name may hold anything, a question mark included.
func fileURL(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/…
		path = "/" + path
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

func open(ctx context.Context, path string, log *slog.Logger) (*Store, error) {
	if err := touch(path); err != nil {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	if err := migrate(ctx, path, log); err != nil {
		return nil, err
	}
	if err := chainOld(ctx, path); err != nil {
		return nil, fmt.Errorf("chain the audit log: %w", err)
	}
	return connect(path)
}

// touch makes the file readable by nobody else; SQLite gives its companions the same rights.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func connect(path string) (*Store, error) {
	pool, err := sql.Open(driverName, writerDSN(path))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	pool.SetMaxOpenConns(1)
	// The writer connects first: it makes the write-ahead log the readers then find.
	writer, err := gorm.Open(dialector(pool), &gorm.Config{
		Logger: logger.Discard, SkipDefaultTransaction: true, TranslateError: true, DisableAutomaticPing: true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), pool.Close())
	}
	read, err := sql.Open(driverName, readerDSN(path))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), pool.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &Store{path: path, writer: writer, readers: read, texts: newStatements(read), cache: newCache()}, nil
}

// Backup copies the database, as it is at one moment, to a file that must not exist yet. Writing goes on meanwhile.
// The copy is checked before it gets its name, and is on disk when Backup returns.
func (s *Store) Backup(ctx context.Context, path string) error {
	if err := copyDatabase(ctx, s.path, path); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

func copyDatabase(ctx context.Context, from, to string) (err error) {
	if to, err = filepath.Abs(to); err != nil { // SQLite is given addresses, which have no folder to begin at
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &fs.PathError{Op: "write", Path: to, Err: fs.ErrExist}
	}
	// SQLite accepts an empty file: made here, it is readable by nobody else.
	temp, err := os.CreateTemp(filepath.Dir(to), ".enveloppe-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	defer temp.Close() //nolint:errcheck // synced before
	if err := copyInto(ctx, from, temp.Name()); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	// A link, unlike a rename, never takes the place of a file that appeared meanwhile.
	if err := os.Link(temp.Name(), to); err == nil {
		err = os.Remove(temp.Name())
		return errors.Join(err, syncDir(filepath.Dir(to)))
	} else if errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(temp.Name(), to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func copyInto(ctx context.Context, from, to string) error {
	source, err := sql.Open(driverName, migratorDSN(from))
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // only read
	if _, err := source.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	made, err := sql.Open(driverName, readerDSN(to))
	if err != nil {
		return err
	}
	defer made.Close() //nolint:errcheck // only read
	found, err := column[string](ctx, made, "PRAGMA integrity_check")
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0] != "ok" {
		return fmt.Errorf("the copy is damaged: %s", strings.Join(found, "; "))
	}
	return nil
}

// syncDir makes a new name survive a power cut. Not every system lets a folder be synced; that is no failure of the copy.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer dir.Close() //nolint:errcheck // only read
	_ = dir.Sync()
	return nil
}

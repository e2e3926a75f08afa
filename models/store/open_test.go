package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"gorm.io/gorm"

	"enveloppe/models"
)

func TestOneServerAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enveloppe.db")
	s := open1(t, path)
	_, err := Open(t.Context(), Options{Path: path})
	want := path + " is already open in another Enveloppe (process " + strconv.Itoa(os.Getpid()) + "); stop it, or give another file with --db"
	if !errors.Is(err, ErrInUse) || err.Error() != want {
		t.Fatalf("opened twice: %v\nwant: %s", err, want)
	}
	// A command reads and writes beside the server, and each sees what the other wrote.
	org, err := s.Plant(t.Context(), sample(), noon)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := OpenShared(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	by := models.Actor{Organisation: org, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}
	h := &house{t, s, t.Context(), org, by}
	h.reg()
	if err := beside.SetDigestChoice(t.Context(), by, paul, true); err != nil {
		t.Fatal(err)
	}
	if p, _ := h.reg().Person(paul); !p.Digest {
		t.Error("the server does not see what the command wrote")
	}
	h.same()
	if err := beside.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open1(t, path)
}

func TestNobodyElseReadsTheFiles(t *testing.T) {
	dir := t.TempDir()
	s := open1(t, filepath.Join(dir, "enveloppe.db"))
	if _, err := s.Plant(t.Context(), sample(), noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
		names = append(names, f.Name())
	}
	if got := strings.Join(names, " "); got != "copy.db enveloppe.db enveloppe.db-shm enveloppe.db-wal enveloppe.db.lock" {
		t.Errorf("files: %s", got)
	}
}

func TestFileNames(t *testing.T) {
	for _, name := range []string{"a b.db", "100%.db", "what?.db", "é#&=.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open1(t, path)
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// raw runs statements on a file without the store.
func raw(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driverName, migratorDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, text := range statements {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOtherFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	newer, other, text := filepath.Join(dir, "newer.db"), filepath.Join(dir, "other.db"), filepath.Join(dir, "text.db")
	s := open1(t, newer)
	if version, err := s.SchemaVersion(t.Context()); err != nil || version < 1 {
		t.Errorf("version %d, %v", version, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	raw(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")
	raw(t, other, "CREATE TABLE songs (title TEXT)")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{newer: ErrNewer, other: ErrOther, text: ErrOther} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, open := range map[string]func(context.Context, Options) (*Store, error){"Open": Open, "OpenShared": OpenShared} {
			if _, err := open(t.Context(), Options{Path: path}); !errors.Is(err, want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%s of %s: %v, want %v", name, path, err, want)
			}
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s was written to (%v)", path, err)
		}
	}
}

// planted makes a file with the sample in it and closes it.
func planted(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "enveloppe.db")
	s := open1(t, path)
	if _, err := s.Plant(t.Context(), sample(), noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// withMigration adds a migration after the program's last, and gives its number.
func withMigration(t *testing.T, up string) int64 {
	t.Helper()
	released, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	next := fstest.MapFS{}
	for _, name := range released {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		next[name] = &fstest.MapFile{Data: text}
	}
	last, err := strconv.Atoi(path.Base(slices.Max(released))[:5])
	if err != nil {
		t.Fatal(err)
	}
	n := int64(last + 1)
	next[fmt.Sprintf("migrations/sqlite/%05d_next.sql", n)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up)}
	before := migrations
	migrations = next
	t.Cleanup(func() { migrations = before })
	return n
}

// Rebuilding a parent table keeps its children, and the file as it was is kept beside.
func TestMigrate(t *testing.T) {
	path := planted(t)
	n := withMigration(t, `CREATE TABLE new_vendors AS SELECT * FROM vendors;
		DROP TABLE vendors;
		CREATE TABLE vendors (organisation_id INTEGER NOT NULL, id INTEGER NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
			country TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (organisation_id, id)) STRICT;
		INSERT INTO vendors SELECT * FROM new_vendors;
		DROP TABLE new_vendors;
		CREATE INDEX vendors_version ON vendors (organisation_id, version);`)
	s := open1(t, path)
	if at, err := s.SchemaVersion(t.Context()); err != nil || at != n {
		t.Errorf("version %d, %v", at, err)
	}
	r, err := s.Register(t.Context(), 1)
	if err != nil || len(r.Services) != 3 || len(r.Vendors) != 2 || len(r.Subscriptions) != 2 {
		t.Errorf("after the migration: %v", err)
	}
	kept := fmt.Sprintf("%s.before-v%d", path, n)
	if at, _, err := versions(t.Context(), kept); err != nil || at != n-1 {
		t.Errorf("the copy is of version %d, %v", at, err)
	}
}

// A migration that fails changes nothing, says where the copy is, and an earlier copy is not written over.
func TestMigrationFails(t *testing.T) {
	path := planted(t)
	before := migrations
	n := withMigration(t, "DROP TABLE flags; CREATE TABLE people (id INTEGER);")
	for _, kept := range []string{fmt.Sprintf("%s.before-v%d", path, n), fmt.Sprintf("%s.before-v%d-2", path, n)} {
		_, err := Open(t.Context(), Options{Path: path})
		if err == nil || !strings.Contains(err.Error(), "kept as "+kept+")") {
			t.Fatalf("migrated: %v", err)
		}
		if _, err := os.Stat(kept); err != nil {
			t.Error(err)
		}
	}
	migrations = before
	s := open1(t, path)
	if r, err := s.Register(t.Context(), 1); err != nil || len(r.Subscriptions) != 2 {
		t.Errorf("after the failure: %v", err)
	}
}

// A command never migrates under a running server, and does when there is none.
func TestCommandBesideAnOlderServer(t *testing.T) {
	path := planted(t)
	server := open1(t, path)
	n := withMigration(t, "CREATE TABLE later (id INTEGER) STRICT;")
	_, err := OpenShared(t.Context(), Options{Path: path})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), "stop the server") {
		t.Errorf("opened beside it: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := OpenShared(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if at, err := s.SchemaVersion(t.Context()); err != nil || at != n {
		t.Errorf("version %d, %v", at, err)
	}
	open1(t, path) // the command lets go of the lock at once
}

func TestMigrationsLog(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "enveloppe.db"), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	if !strings.Contains(log.String(), "database migrated") {
		t.Errorf("log: %s", log.String())
	}
}

// A file whose records point at nothing after a migration is not opened.
func TestBrokenReferences(t *testing.T) {
	path := planted(t)
	raw(t, path, "DELETE FROM vendors")
	if err := runMigrations(t.Context(), path); err == nil || !strings.Contains(err.Error(), "[services]") {
		t.Errorf("migrated: %v", err)
	}
}

func TestBackup(t *testing.T) {
	h := newHouse(t)
	to := filepath.Join(t.TempDir(), "copy.db")
	h.ok(h.Backup(h.ctx, to))
	if err := h.Backup(h.ctx, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another: %v", err)
	}
	if err := h.Backup(h.ctx, filepath.Join(filepath.Dir(to), "no", "such")); err == nil {
		t.Error("backed up into nowhere")
	}
	files, err := os.ReadDir(filepath.Dir(to))
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	s := open1(t, to)
	copied := &house{t, s, h.ctx, h.org, h.by}
	if got, want := copied.everything(), h.everything(); len(got["subscriptions"]) != len(want["subscriptions"]) || len(got["audit"]) != len(want["audit"]) {
		t.Error("the copy differs")
	}
}

// What the tables themselves refuse, whatever a verb might forget.
func TestTablesRefuse(t *testing.T) {
	h := newHouse(t)
	for text, want := range map[string]error{
		"UPDATE audit SET verb = 'x'":                          nil,
		"DELETE FROM audit":                                    nil,
		"DELETE FROM services":                                 nil, // RESTRICT has a code of its own
		"UPDATE services SET function_id = 10 WHERE id = 10":   gorm.ErrForeignKeyViolated,
		"UPDATE plans SET price_units = NULL WHERE id = 15":    nil,
		"UPDATE plans SET price_units = 5 WHERE tier = 'free'": nil,
		"UPDATE plans SET tier = 'gold'":                       nil,
		"UPDATE plans SET cadence_every = 0":                   nil,
		"UPDATE plans SET price_units = 'many'":                nil,
		"UPDATE functions SET name_key = 'x'":                  gorm.ErrDuplicatedKey,
		"UPDATE people SET name = ''":                          nil,
		"UPDATE people SET email_key = 'x', email = 'x'":       gorm.ErrDuplicatedKey,
		"UPDATE envelopes SET ceiling_units = 1":               nil,
		"UPDATE subscriptions SET ends_on = '2020-01-01'":      nil,
		"UPDATE organisations SET revision = 0":                nil,
		"INSERT INTO changes VALUES (99, 'people', 1)":         gorm.ErrForeignKeyViolated,

		"INSERT INTO deliveries SELECT 1, 1, '', '', 2, '', '', '', 'sent', 0, NULL, '', '', 0, NULL": nil,
	} {
		err := h.writer.Exec(text).Error
		if err == nil || (want != nil && !errors.Is(err, want)) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
	if _, err := h.readers.ExecContext(h.ctx, "DELETE FROM sessions"); err == nil {
		t.Error("the readers write")
	}
}

// Every table whose rows have an organisation is searched by it first.
func TestIndexesBeginWithTheOrganisation(t *testing.T) {
	h := newHouse(t)
	other := map[string]bool{ // named by a secret, or before the organisation is known, or the program's own
		"sessions": true, "unsubscribe_tokens": true, "people_sign_in": true, "job_runs": true, "job_runs_at": true,
		"attempts": true, "attempts_started": true, "meta": true, "goose_db_version": true,
		"accounts_email": true, "people_of_account": true, "sessions_account": true, "links": true, "links_account": true, "tokens_hash": true, "links_expiry": true,
		"accounts_handle": true, "recovery_codes": true, "passkeys_account": true, "passkeys_credential": true,
		"proofs_begun": true, "proofs_begun_account": true, "proofs_begun_expiry": true,
		"identities_account": true, "identities_subject": true, "provider_visits": true, "provider_visits_expiry": true,
	}
	indexes, err := column[string](h.ctx, h.readers, `SELECT iif(l.origin = 'pk', m.name, l.name) || ' ' || i.name
		FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
		WHERE m.type = 'table' AND i.seqno = 0`)
	h.ok(err)
	if len(indexes) < 40 {
		t.Errorf("%d indexes", len(indexes))
	}
	for _, index := range indexes {
		name, first, _ := strings.Cut(index, " ")
		if first != "organisation_id" && !other[name] {
			t.Errorf("%s begins with %s", name, first)
		}
	}
}

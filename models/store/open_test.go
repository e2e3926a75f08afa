package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

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

// older makes a file of a version before this program's: the last migration, emptied of what it did but its number.
func older(t *testing.T, path string) {
	t.Helper()
	s := open1(t, path)
	if _, err := s.Plant(t.Context(), sample(), noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCopyBeforeMigrating(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enveloppe.db")
	older(t, path)
	kept, err := keepBefore(t.Context(), path, 2)
	if err != nil || kept != path+".before-v2" {
		t.Fatalf("kept %s, %v", kept, err)
	}
	again, err := keepBefore(t.Context(), path, 2)
	if err != nil || again != path+".before-v2-2" {
		t.Fatalf("kept %s, %v: an earlier copy must stay", again, err)
	}
	s := open1(t, kept)
	r, err := s.Register(t.Context(), 1)
	if err != nil || len(r.Subscriptions) != 2 {
		t.Errorf("the copy: %v", err)
	}
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
	path := filepath.Join(t.TempDir(), "enveloppe.db")
	older(t, path)
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

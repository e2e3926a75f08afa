package store_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/sample"
	"enveloppe/models/store"
)

func TestRestorePutsACopyBackAndKeepsWhatStoodThere(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	live := filepath.Join(dir, "live.db")
	today := cal.MustNew(2026, time.November, 23)
	at := today.Time(time.UTC)
	facts := sample.Association(today, models.French, at)

	s, err := store.Open(ctx, store.Options{Path: live})
	if err != nil {
		t.Fatal(err)
	}
	org, err := s.Plant(ctx, facts, at, sample.Contents(facts)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // people give names, not whole paths
	if err := s.Backup(ctx, "copy.db"); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(ctx, "copy.db"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second backup to the same file: %v", err)
	}
	by := models.Actor{Organisation: org, Person: facts.People[0].ID, Role: models.Director, At: at}
	if _, err := s.AddPerson(ctx, by, models.Person{Name: "Venue après", Role: models.Staff, Lang: models.French}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, "copy.db", "live.db"); !errors.Is(err, store.ErrInUse) {
		t.Errorf("restored under a running server: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	kept, err := store.Restore(ctx, "copy.db", "live.db")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := people(t, live, org), len(facts.People); got != want {
		t.Errorf("restored register has %d people, want %d", got, want)
	}
	if got, want := people(t, kept, org), len(facts.People)+1; got != want {
		t.Errorf("kept register has %d people, want %d", got, want)
	}
}

func TestRestorePutsACopyInThePlaceOfADamagedFile(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	live, backup := filepath.Join(dir, "live.db"), filepath.Join(dir, "copy.db")
	today := cal.MustNew(2026, time.November, 23)
	at := today.Time(time.UTC)
	facts := sample.Association(today, models.French, at)
	s, err := store.Open(ctx, store.Options{Path: live})
	if err != nil {
		t.Fatal(err)
	}
	org, err := s.Plant(ctx, facts, at, sample.Contents(facts)...)
	if err == nil {
		err = s.Backup(ctx, backup)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(live)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(body); i++ { // all but its first page
		body[i] = 0xff
	}
	if err := os.WriteFile(live, body, 0o600); err != nil {
		t.Fatal(err)
	}
	kept, err := store.Restore(ctx, backup, live)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := people(t, live, org), len(facts.People); got != want {
		t.Errorf("restored register has %d people, want %d", got, want)
	}
	if damaged, err := os.ReadFile(kept); err != nil || !bytes.Equal(damaged, body) {
		t.Errorf("the damaged file is not kept as it was: %v", err)
	}
}

func TestRestoreRefusesWhatIsNoCopy(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	text, empty := filepath.Join(dir, "text"), filepath.Join(dir, "empty")
	for path, body := range map[string]string{text: "not a database, but long enough to look like one to somebody", empty: ""} {
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []string{text, empty, filepath.Join(dir, "absent")} {
		to := filepath.Join(dir, "live.db")
		if _, err := store.Restore(ctx, from, to); err == nil {
			t.Errorf("%s was restored", from)
		}
		if _, err := os.Stat(to); err == nil {
			t.Errorf("%s left something at %s", from, to)
		}
	}
}

func people(t *testing.T, path string, org models.ID) int {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Register(context.Background(), org)
	if err != nil {
		t.Fatal(err)
	}
	return len(r.People)
}

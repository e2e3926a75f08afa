package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

// writeTo names the file a copy of the test program writes to, when it was started to be killed.
const writeTo = "ENVELOPPE_TEST_WRITE_TO"

// writeUntilKilled records payments one after the other and says each on standard output once it is acknowledged.
func writeUntilKilled(path string) {
	ctx := context.Background()
	s, err := Open(ctx, Options{Path: path})
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(1)
	}
	by := models.Actor{Organisation: 1, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}
	for n := 1; ; n++ {
		id, err := s.RecordPayment(ctx, by, models.Payment{
			ServiceID: dropbox, PaidOn: today, Billed: money.Euros(int64(n)), InvoiceNumber: strconv.Itoa(n),
		}, today)
		if err != nil {
			fmt.Println("record:", err)
			os.Exit(1)
		}
		fmt.Println(id)
	}
}

// What was acknowledged is there after the process is killed in the middle of its writes, whole and once.
func TestKilledWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enveloppe.db")
	s := open1(t, path)
	if _, err := s.Plant(t.Context(), sample(), noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []models.ID
	for round := range 6 {
		acknowledged = append(acknowledged, killAfter(t, path, 3+7*round)...)
	}
	s = open1(t, path)
	r, err := s.Register(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range acknowledged {
		if p, ok := r.Payment(id); !ok || p.Cost != p.Billed {
			t.Errorf("payment %d was acknowledged and is lost", id)
		}
	}
	// One write a round may have been on its way: written, not yet said.
	if extra := len(r.Payments) - len(acknowledged); extra < 0 || extra > 6 {
		t.Errorf("%d payments, %d acknowledged", len(r.Payments), len(acknowledged))
	}
	entries, err := s.Audit(t.Context(), 1, AuditFilter{Kind: "payment", Limit: 10_000})
	if err != nil || len(entries) != len(r.Payments) {
		t.Errorf("%d log entries for %d payments: %v", len(entries), len(r.Payments), err)
	}
	if found, err := column[string](t.Context(), s.readers, "PRAGMA integrity_check"); err != nil || found[0] != "ok" {
		t.Errorf("integrity: %v, %v", found, err)
	}
}

// killAfter starts a writer, kills it after so many acknowledged payments, and gives their IDs.
func killAfter(t *testing.T, path string, n int) []models.ID {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), writeTo+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []models.ID
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			t.Fatalf("the writer says %q", lines.Text())
		}
		if ids = append(ids, models.ID(id)); len(ids) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // killed, as it should
	if len(ids) < n {
		t.Fatalf("the writer stopped after %d of %d", len(ids), n)
	}
	return ids
}

// Eight people add a note each to the same record, again and again: whoever is told of a conflict reads anew and tries
// again, and in the end every note is there.
func TestWritersLoseNothing(t *testing.T) {
	h := newHouse(t)
	const writers, each = 8, 8
	var wg sync.WaitGroup
	failures := make(chan error, writers)
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				if err := h.addNote(fmt.Sprintf("[%d.%d]", w, n)); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		t.Fatal(err)
	}
	v, _ := h.reg().Service(dropbox)
	for w := range writers {
		for n := range each {
			if note := fmt.Sprintf("[%d.%d]", w, n); strings.Count(v.Note, note) != 1 {
				t.Errorf("note %s is there %d times", note, strings.Count(v.Note, note))
			}
		}
	}
	h.same()
}

func (h *house) addNote(note string) error {
	for range 1000 {
		r, err := h.Register(h.ctx, h.org)
		if err != nil {
			return err
		}
		v, _ := r.Service(dropbox)
		v.Note += note
		err = h.SaveService(h.ctx, h.by, v)
		if conflictOf(err) != (models.Conflict{}) { //nolint:errorlint // conflictOf gives the value itself
			return err
		}
	}
	return errors.New("a thousand conflicts in a row")
}

// A table that refuses a row in the middle of a verb leaves nothing of it, the IDs included.
func TestHalfAVerbIsNone(t *testing.T) {
	h := newHouse(t)
	for _, table := range []string{"subscriptions", "terms", "audit", "changes", "rates"} {
		t.Run(table, func(t *testing.T) {
			h.TB = t
			h.ok(h.writer.Exec("CREATE TRIGGER broken BEFORE INSERT ON " + table + " BEGIN SELECT raise(ABORT, 'broken'); END").Error)
			h.refuses(errBroken, func() error {
				_, err := h.AddServiceWithPlan(h.ctx, h.by, entry())
				if err != nil && strings.Contains(err.Error(), "broken") {
					return errBroken
				}
				return err
			})
			h.ok(h.writer.Exec("DROP TRIGGER broken").Error)
		})
	}
	h.TB = t
	h.id(h.AddServiceWithPlan(h.ctx, h.by, entry()))
	h.same()
}

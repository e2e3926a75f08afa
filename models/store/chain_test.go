package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"enveloppe/models"
)

// chained is a house whose log has a few entries of several kinds.
func chained(t testing.TB) *house {
	t.Helper()
	h := newHouse(t)
	h.by.From = "192.0.2.7"
	for i, do := range []func() error{
		func() error { return h.SetDigestChoice(h.ctx, h.by, paul, true) },
		func() error { return h.RecordExport(h.ctx, h.by, dropbox, today) },
		func() error { return h.SetDigestChoice(h.ctx, h.by, paul, false) },
		func() error {
			return first(h.AddFunction(h.ctx, h.by, models.Function{Name: "Veille « été » <b> & \"x\"", Account: "626"}))
		},
		func() error { return h.SetLanguage(h.ctx, h.by, paul, models.French) },
	} {
		if err := do(); err != nil {
			t.Fatal(i, err)
		}
	}
	return h
}

func (h *house) chain(noted ...byte) Chain {
	h.Helper()
	c, err := h.VerifyAudit(h.ctx, h.org, noted)
	h.ok(err)
	return c
}

// force writes past the triggers, as somebody with the file in their hands does.
func (h *house) force(text string, args ...any) {
	h.Helper()
	for _, trigger := range []string{"audit_stays", "audit_is_kept", "audit_is_chained"} {
		h.ok(h.writer.Exec("DROP TRIGGER IF EXISTS " + trigger).Error)
	}
	h.ok(h.writer.Exec(text, args...).Error)
}

func (h *house) entryIDs() []models.ID {
	h.Helper()
	ids, err := column[models.ID](h.ctx, h.readers, "SELECT id FROM audit WHERE organisation_id = ? ORDER BY id", int64(h.org))
	h.ok(err)
	return ids
}

func TestTheChainIsWhole(t *testing.T) {
	h := chained(t)
	c := h.chain()
	if !c.Whole() || c.Count != 6 || c.Wanted != 6 || c.Broken != 0 || c.NotedID != 0 {
		t.Errorf("%+v", c)
	}
	last := h.last()
	if last.Hash != c.Head || last.From != "192.0.2.7" {
		t.Errorf("the last entry is %+v, the head %x", last, c.Head)
	}
	if c := h.chain(last.Hash[:]...); c.NotedID != last.ID || !c.NotedAt.Equal(noon) {
		t.Errorf("the noted hash is not found: %+v", c)
	}
	if _, err := h.VerifyAudit(h.ctx, 99, nil); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

// The bytes an entry's hash is made of never change, or every chain written so far would break.
func TestAnEntrysHashIsOfTheseBytes(t *testing.T) {
	l := link{
		ID: 7, Revision: 3, At: 1_750_000_000_000_001, By: 2, Subject: 9, ByName: "Zoé", From: "::1", Verb: "plan.save", Kind: "plan", Name: "Plus",
		Changes: `[{"field":"price"}]`,
	}
	var text []byte
	text = append(text, make([]byte, 32)...)
	for _, n := range []uint64{1, 7, 3, 1_750_000_000_000_001, 2, 9} {
		for shift := 56; shift >= 0; shift -= 8 {
			text = append(text, byte(n>>shift))
		}
	}
	for _, s := range []string{"Zoé", "::1", "plan.save", "plan", "Plus", `[{"field":"price"}]`} {
		text = append(append(text, 0, 0, 0, 0, 0, 0, 0, byte(len(s))), s...)
	}
	want := sha256.Sum256(text)
	if got := l.after(digest{}, 1); got != want {
		t.Errorf("%x, want %x", got, want)
	}
	if got, fixed := hex.EncodeToString(want[:]), "dba688b1339fafb310db8419381f677310e4547c874ec0d47bc7f5669cdb3491"; got != fixed {
		t.Errorf("%s, want %s", got, fixed)
	}
}

func TestTamperingShows(t *testing.T) {
	columns := map[string]string{
		"revision": "revision + 1", "at": "at - 1", "by_id": "by_id + 1", "by_name": "'Paul'", "from_where": "''", "verb": "verb || 'x'",
		"kind": "'plan'", "subject": "subject + 1", "name": "upper(name) || '.'", "changes": "'[]'", "hash": "zeroblob(32)", "prev": "zeroblob(32)",
	}
	for name, value := range columns {
		t.Run(name, func(t *testing.T) {
			h := chained(t)
			ids := h.entryIDs()
			h.force(fmt.Sprintf("UPDATE audit SET %s = %s WHERE id = ?", name, value), ids[3])
			if c := h.chain(); c.How != BreakChanged || c.Broken != ids[3] || c.Count != 6 {
				t.Errorf("%+v, want a change of %d", c, ids[3])
			}
		})
	}
}

func TestWhatIsMissingOrMovedShows(t *testing.T) {
	for name, c := range map[string]struct {
		tamper []string
		at     int // entry that does not follow; -1 for the end
		how    Break
	}{
		"the first removed":   {[]string{"DELETE FROM audit WHERE id = @0"}, 1, BreakGap},
		"one removed":         {[]string{"DELETE FROM audit WHERE id = @3"}, 4, BreakGap},
		"the last removed":    {[]string{"DELETE FROM audit WHERE id = @5"}, -1, BreakEnd},
		"the tail removed":    {[]string{"DELETE FROM audit WHERE id >= @2"}, -1, BreakEnd},
		"all removed":         {[]string{"DELETE FROM audit"}, -1, BreakEnd},
		"the count forgotten": {[]string{"UPDATE organisations SET audit_count = 5"}, -1, BreakEnd},
		"two exchanged": {[]string{
			"UPDATE audit SET id = 9999 WHERE id = @2", "UPDATE audit SET id = @2 WHERE id = @3", "UPDATE audit SET id = @3 WHERE id = 9999",
		}, 2, BreakChanged},
		"one put in": {[]string{
			"INSERT INTO audit SELECT organisation_id, id + 1000, revision, at, by_id, by_name, verb, kind, subject, name, changes, from_where, prev, hash FROM audit WHERE id = @5",
		}, 6, BreakChanged},
		"one without a hash": {[]string{"UPDATE audit SET hash = NULL WHERE id = @4"}, 4, BreakChanged},
	} {
		t.Run(name, func(t *testing.T) {
			h := chained(t)
			ids := append(h.entryIDs(), h.entryIDs()[5]+1000)
			for _, text := range c.tamper {
				for i, id := range ids {
					text = strings.ReplaceAll(text, fmt.Sprintf("@%d", i), fmt.Sprint(id))
				}
				h.force(text)
			}
			want := models.ID(0)
			if c.at >= 0 {
				want = ids[c.at]
			}
			if got := h.chain(); got.How != c.how || got.Broken != want {
				t.Errorf("%+v, want %s at %d", got, c.how, want)
			}
		})
	}
}

// Whoever writes the whole chain again is not found out by the file alone, which the program says; a hash noted
// elsewhere finds them out.
func TestAChainMadeAgainShowsByANotedHash(t *testing.T) {
	h := chained(t)
	noted := h.last().Hash
	h.force("UPDATE audit SET changes = '[]', name = 'x' WHERE id = ?", h.entryIDs()[2])
	h.force("UPDATE audit SET hash = NULL")
	h.force("DELETE FROM meta WHERE key = ?", chainedKey)
	path := h.path
	h.ok(h.Close())
	h.Store = open1(t, path)
	c := h.chain(noted[:]...)
	if !c.Whole() || c.NotedID != 0 {
		t.Errorf("%+v", c)
	}
}

// A file from before there was a chain gets one, once: later, an entry without a hash is a break.
func TestOldEntriesAreChainedOnce(t *testing.T) {
	path := released(t, 1, crowd(3))
	entries := func(s *Store) []models.AuditEntry {
		list, err := s.Audit(t.Context(), 1, AuditFilter{})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for range 2 {
		s, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if c, err := s.VerifyAudit(t.Context(), 1, nil); err != nil || !c.Whole() || c.Count == 0 || c.Count != len(entries(s)) {
			t.Errorf("%+v, %v", c, err)
		}
		by := models.Actor{Organisation: 1, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}
		if _, err := s.AddFunction(t.Context(), by, models.Function{Name: fmt.Sprint("F", len(entries(s))), Account: "626"}); err != nil {
			t.Error(err)
		}
		if err := s.writer.Exec("UPDATE audit SET hash = zeroblob(32), prev = zeroblob(32)").Error; err == nil {
			t.Error("an entry gets another hash")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	raw(t, path, "DROP TRIGGER audit_stays", "UPDATE audit SET hash = NULL WHERE id = (SELECT max(id) FROM audit)")
	s := open1(t, path)
	if c, err := s.VerifyAudit(t.Context(), 1, nil); err != nil || c.How != BreakChanged {
		t.Errorf("an entry without a hash was given one: %+v, %v", c, err)
	}
}

// Between getting its columns and getting its hashes the file may be cut short: the next start goes on.
func TestChainingGoesOnAfterAStop(t *testing.T) {
	h := chained(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	h.ok(h.Backup(h.ctx, path))
	stays, err := column[string](h.ctx, h.readers, "SELECT sql FROM sqlite_schema WHERE name = 'audit_stays'")
	h.ok(err)
	raw(t, path, "DROP TRIGGER audit_stays", "UPDATE audit SET prev = NULL, hash = NULL", "UPDATE organisations SET audit_count = 0, audit_head = zeroblob(32)",
		"DELETE FROM meta WHERE key = 'audit.chained'", stays[0])
	s := open1(t, path)
	c, err := s.VerifyAudit(t.Context(), h.org, nil)
	if want := h.chain(); err != nil || !c.Whole() || c.Head != want.Head || c.Count != want.Count {
		t.Errorf("%+v, %v; want %+v", c, err, want)
	}
}

func TestUnchainedEntriesAreRefused(t *testing.T) {
	h := chained(t)
	for _, text := range []string{
		"INSERT INTO audit (organisation_id, id, revision, at, by_id, by_name, verb, kind, subject, name, changes) VALUES (1, 9999, 1, 0, 0, '', '', '', 0, '', '[]')",
		"UPDATE audit SET hash = NULL",
		"UPDATE audit SET from_where = ''",
	} {
		if err := h.writer.Exec(text).Error; err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

func BenchmarkVerifyAudit(b *testing.B) {
	h := newHouse(b)
	const n = 20_000
	err := h.write(h.ctx, h.by, "person.save", mayManage, func(a *act) error {
		for i := range n {
			a.note("person", paul, "Paul", []models.Change{{Field: "name", Before: fmt.Sprint(i), After: fmt.Sprint(i + 1)}})
		}
		return nil
	})
	h.ok(err)
	b.ReportAllocs()
	for b.Loop() {
		if c, err := h.VerifyAudit(h.ctx, h.org, nil); err != nil || !c.Whole() || c.Count != n+1 {
			b.Fatal(c, err)
		}
	}
}

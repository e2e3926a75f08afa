package store

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gorm.io/gorm"

	"enveloppe/models"
	"enveloppe/models/money"
)

// released makes a file as version n of the program would have left it, with the facts of a planted file in it.
func released(t *testing.T, n int64, f models.Facts) string {
	t.Helper()
	dir := t.TempDir()
	now, old := filepath.Join(dir, "now.db"), filepath.Join(dir, "enveloppe.db")
	s := open1(t, now)
	if _, err := s.Plant(t.Context(), f, noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	files, all := fstest.MapFS{}, migrations
	names, err := fs.Glob(all, "migrations/sqlite/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names[:n] {
		text, err := fs.ReadFile(all, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	migrations = files
	defer func() { migrations = all }()
	if err := runMigrations(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	raw(t, old, copyCommon(t, old, now)...)
	if n < 10 { // the chain came then
		raw(t, old, "DELETE FROM meta WHERE key = '"+chainedKey+"'")
	}
	return old
}

// copyCommon copies what both files have: the columns of the older one's tables.
func copyCommon(t *testing.T, to, from string) []string {
	t.Helper()
	s, err := sql.Open(driverName, migratorDSN(to))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.ExecContext(t.Context(), "ATTACH '"+from+"' AS planted"); err != nil {
		t.Fatal(err)
	}
	tables, err := column[string](t.Context(), s, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'goose%'
		AND name IN (SELECT name FROM planted.sqlite_schema)`)
	if err != nil {
		t.Fatal(err)
	}
	statements := []string{"ATTACH '" + from + "' AS planted", "PRAGMA foreign_keys = 0"}
	for _, table := range tables {
		columns, err := column[string](t.Context(), s, "SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			t.Fatal(err)
		}
		list := strings.Join(columns, ", ")
		statements = append(statements, fmt.Sprintf("INSERT INTO main.%[1]s (%[2]s) SELECT %[2]s FROM planted.%[1]s", table, list))
	}
	return statements
}

// A file of the first release, with payments of every kind in it, becomes one of today's: every figure is what it was,
// the file as it was is kept, and what is new works on it.
func TestFirstReleaseIsBroughtToToday(t *testing.T) {
	f := crowd(20)
	wrong := f.Payments[0]
	undo, err := wrong.Reversal(wrong.PaidOn)
	if err != nil {
		t.Fatal(err)
	}
	undo.ID = 90_001
	f.Payments[0].ReversedByID = undo.ID
	again := wrong
	again.ID = 90_002
	f.Payments = append(f.Payments, undo, again)
	path := released(t, 1, f)

	s := open1(t, path)
	h := &house{t, s, t.Context(), 1, models.Actor{Organisation: 1, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}}
	_, now, err := versions(h.ctx, path)
	h.ok(err)
	before := fmt.Sprintf("%s.before-v%d", path, now)
	if at, want, err := versions(h.ctx, before); err != nil || at != 1 || want < 3 {
		t.Errorf("the copy is of version %d, %v", at, err)
	}
	got := h.reg().Facts
	if len(got.Payments) != len(f.Payments) {
		t.Fatalf("%d payments of %d", len(got.Payments), len(f.Payments))
	}
	got.Payments = slices.Clone(got.Payments)
	for i := range got.Payments {
		got.Payments[i].Version = 0
	}
	if diff := diffFacts(models.Facts{Payments: f.Payments}, models.Facts{Payments: got.Payments}); diff != "" {
		t.Errorf("payments (-before +after):\n%s", diff)
	}
	h.refuses(invalid("charge", "charge.settled"), func() error {
		return first(h.RecordPayment(h.ctx, h.by, models.Payment{
			SubscriptionID: again.SubscriptionID, ChargeOn: again.ChargeOn, PaidOn: today, Billed: money.Euros(1),
		}, today))
	})
	h.id(h.RecordPayment(h.ctx, h.by, partOf(march, money.Euros(1000)), today))
	h.id(h.Attach(h.ctx, h.by, again.ID, NamedFile{"facture.pdf", pdf}))
	h.wellFormed()
	kept := open1(t, before) // it can be opened, and is then brought to today as well
	if r, err := kept.Register(h.ctx, 1); err != nil || len(r.Payments) != len(f.Payments) {
		t.Errorf("the copy: %v", err)
	}
}

// What the new tables refuse by themselves.
func TestNewTablesRefuse(t *testing.T) {
	h := newFurnishedHouse(t)
	for text, want := range map[string]error{
		"DELETE FROM documents":                                                 nil,
		"DELETE FROM bank_accounts":                                             nil,
		"DELETE FROM payments WHERE id = 25":                                    nil,
		"UPDATE payments SET net_units = 1":                                     nil,
		"UPDATE payments SET net_units = 1, net_currency = 'USD' WHERE id = 25": nil,
		"UPDATE payments SET part = 2":                                          nil,
		"UPDATE payments SET invoice_id = 25":                                   nil,
		"UPDATE attachments SET payment_id = 10":                                gorm.ErrForeignKeyViolated,
		"UPDATE attachments SET media = 'text/html'":                            nil,
		"UPDATE attachments SET size = 10485761":                                nil,
		"UPDATE bank_lines SET line_key = 'k'":                                  gorm.ErrDuplicatedKey,
		"UPDATE bank_lines SET payment_id = 25, aside = 0":                      gorm.ErrDuplicatedKey,
		"UPDATE bank_lines SET payment_id = 25 WHERE id = 44":                   nil,
		"UPDATE bank_lines SET recorded = 1":                                    nil,
		"UPDATE bank_accounts SET name_key = 'x'":                               gorm.ErrDuplicatedKey,
		"UPDATE comparisons SET online = '['":                                   nil,
		"UPDATE comparisons SET service_id = 27":                                gorm.ErrForeignKeyViolated,

		"INSERT INTO closings VALUES (1, 90, 1, '2026-01-31', '2026-06-15', NULL, '', NULL, NULL, 'x')":                           nil,
		"INSERT INTO documents VALUES (1, 'short', x'00')":                                                                        nil,
		"INSERT INTO statement_files VALUES (1, 90, NULL, 'x', 2, '', 0, NULL, x'00')":                                            nil,
		"INSERT INTO attachments VALUES (1, 90, 1, 25, 'x', 'application/pdf', 1, '" + strings.Repeat("0", 64) + "', NULL, NULL)": gorm.ErrForeignKeyViolated,
	} {
		err := h.writer.Exec(text).Error
		if err == nil || (want != nil && !errors.Is(err, want)) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

// Whoever removes a record others point at must find them by an index.
func TestReferencesHaveIndexes(t *testing.T) {
	h := newHouse(t)
	missing, err := column[string](h.ctx, h.readers, `WITH refs AS (
			SELECT m.name AS child, f.id, group_concat(f."from") AS cols FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
			WHERE m.type = 'table' GROUP BY m.name, f.id),
		indexed AS (
			SELECT m.name AS child, l.name, i.seqno, group_concat(i.name) OVER (PARTITION BY m.name, l.name ORDER BY i.seqno) AS cols
			FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) i WHERE m.type = 'table')
		SELECT r.child || ' (' || r.cols || ')' FROM refs r WHERE NOT EXISTS (SELECT 1 FROM indexed x WHERE x.child = r.child AND x.cols = r.cols)
			AND NOT EXISTS (SELECT 1 FROM pragma_table_info(r.child) c WHERE c.pk = 1 AND c.name = r.cols)`)
	if err != nil || len(missing) > 0 {
		t.Errorf("references without an index: %v, %v", missing, err)
	}
}

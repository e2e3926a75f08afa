package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/statement"
)

// statementText is a bank's file of n lines, two a day.
func statementText(n int) []byte {
	var text strings.Builder
	text.WriteString("Date;Libellé;Débit;Crédit\r\n")
	for i := range n {
		fmt.Fprintf(&text, "%s;PRLV SEPA FOURNISSEUR %d;-%d,%02d;\r\n", french(i/2), i%40, 1+i%90, i%100)
	}
	return []byte(text.String())
}

func french(n int) string {
	d := day("2024-01-01").AddDays(n % 700)
	return fmt.Sprintf("%02d/%02d/%d", d.Day(), d.Month(), d.Year())
}

// stage hands a file in for the current account, with the layout it seems to have.
func (h *house) stage(content []byte) models.ID {
	h.Helper()
	head, err := statement.Inspect(content, nil)
	h.ok(err)
	return h.id(h.StageStatement(h.ctx, h.by, StatementFile{AccountID: current, Name: "releve.csv", Layout: head.Layout.String(), Content: content}))
}

func TestStageStatements(t *testing.T) {
	h := newFurnishedHouse(t)
	stage := func(f StatementFile) (models.ID, error) { return h.StageStatement(h.ctx, h.by, f) }
	good := StatementFile{AccountID: current, Name: `C:\relevés\juin.csv`, Content: []byte("un relevé")}
	id := h.id(stage(good))
	f, err := h.Statement(h.ctx, h.org, id)
	want := StatementFile{
		ID: id, AccountID: current, Name: "juin.csv", Size: len(good.Content), Content: good.Content, AddedAt: noon, AddedBy: nadia,
	}
	if diff := cmp.Diff(want, f, exact); diff != "" || err != nil {
		t.Errorf("staged (-want +got):\n%s%v", diff, err)
	}
	for name, c := range map[string]struct {
		set  func(*StatementFile)
		want error
	}{
		"empty":      {func(f *StatementFile) { f.Content = nil }, invalid("file", "statement.empty")},
		"too large":  {func(f *StatementFile) { f.Content = make([]byte, statement.MaxSize+1) }, invalid("file", "statement.too_large")},
		"no account": {func(f *StatementFile) { f.AccountID = card }, invalid("account", "choose")},
		"layout":     {func(f *StatementFile) { f.Layout = "{" }, invalid("layout", "statement.layout")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			bad := good
			c.set(&bad)
			h.refuses(c.want, func() error { return first(stage(bad)) })
		})
	}
	h.TB = t
	accounts := len(h.reg().BankAccounts)
	for name, c := range map[string]struct {
		set  func(*StatementFile)
		want error
	}{
		"a name that is taken": {func(f *StatementFile) { f.Account.Name = h.reg().BankAccounts[0].Name }, invalid("account_name", "duplicate")},
		"no file":              {func(f *StatementFile) { f.Content = nil }, invalid("file", "statement.empty")},
		"no layout":            {func(f *StatementFile) { f.Layout = "{" }, invalid("layout", "statement.layout")},
	} {
		bad := StatementFile{Account: models.BankAccount{Name: "Compte titres"}, Name: "juin.csv", Content: good.Content}
		c.set(&bad)
		h.refuses(c.want, func() error { return first(stage(bad)) })
		if n := len(h.reg().BankAccounts); n != accounts {
			t.Fatalf("%s: %d accounts, were %d", name, n, accounts)
		}
	}
	fresh := h.id(stage(StatementFile{Account: models.BankAccount{Name: "Compte titres", Number: "FR76 1234"}, Name: "juin.csv", Content: good.Content}))
	f, err = h.Statement(h.ctx, h.org, fresh)
	h.ok(err)
	added := h.reg().BankAccounts[accounts]
	if added.ID != f.AccountID || added.Name != "Compte titres" || added.Number != "FR761234" {
		t.Errorf("the file is of %d, and %+v was added", f.AccountID, added)
	}
	h.ok(h.DropStatement(h.ctx, h.by, fresh))
	set := func(account models.ID, layout string) error {
		return h.SetStatement(h.ctx, h.by, StatementFile{ID: id, AccountID: account, Layout: layout})
	}
	layout := statement.Layout{Delimiter: ";"}.String()
	h.ok(set(savings, layout))
	before := h.revision()
	h.ok(set(savings, layout))
	if f, err := h.Statement(h.ctx, h.org, id); err != nil || f.AccountID != savings || f.Layout != layout || h.revision() != before {
		t.Errorf("set %+v, %v", f, err)
	}
	h.refuses(invalid("account", "choose"), func() error { return set(dropbox, "") })
	h.refuses(invalid("layout", "statement.layout"), func() error { return set(savings, "x") })
	h.refuses(refused("in_use"), func() error { return h.RemoveBankAccount(h.ctx, h.by, savings) })

	for range maxStatements - 1 {
		h.id(stage(good))
	}
	h.refuses(invalid("file", "statement.waiting"), func() error { return first(stage(good)) })
	h.by.At = noon.Add(statementsWait + time.Second)
	h.id(stage(good))
	if files, err := h.Statements(h.ctx, h.org); err != nil || len(files) != 1 || files[0].Content != nil || files[0].Size != len(good.Content) {
		t.Errorf("waiting %+v, %v", files, err)
	}
	h.refuses(models.ErrNotFound, func() error { return h.DropStatement(h.ctx, h.by, id) })
	h.ok(h.DropStatement(h.ctx, h.by, h.stagedFile()))
	if _, err := h.Statement(h.ctx, h.org, id); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("statement: %v", err)
	}
}

func TestImportStatement(t *testing.T) {
	h := newFurnishedHouse(t)
	lines := func() int { return len(h.everything()["bank_lines"]) }
	before := lines()
	_, err := h.SetAsideLabel(h.ctx, h.by, models.LabelKey("PRLV SEPA FOURNISSEUR 3"))
	h.ok(err)
	bring := func(content []byte) Imported {
		t.Helper()
		done, total := 0, 0
		im, err := h.ImportStatement(h.ctx, h.by, h.stage(content), func(d, of int) { done, total = d, of })
		h.ok(err)
		if total != len(content) || done != total {
			t.Errorf("%d of %d bytes done", done, total)
		}
		return im
	}
	text := statementText(1234)
	im := bring(text)
	if im.Added != 1234 || im.Known != 0 || im.FaultCount != 0 || im.From != day("2024-01-01") || im.To != day("2024-01-01").AddDays(616) || lines() != before+1234 {
		t.Errorf("imported %+v, %d lines", im, lines())
	}
	if e := h.last(); e.Verb != "statement.import" || e.Kind != "statement" || e.Changes[0].After != "1234" {
		t.Errorf("the log says %+v", e)
	}
	if _, _, aside, err := h.CountBankLines(h.ctx, h.org); err != nil || aside != 1+1234 { // one sender, set aside for good
		t.Errorf("%d aside, %v", aside, err)
	}
	if b := h.reg().BankAccounts[0]; b.Layout == "" {
		t.Error("the account does not remember how the file was read")
	}
	if h.stagedFile() != 0 {
		t.Error("the file is there still")
	}
	h.same()
	// The same file adds nothing, one that overlaps what is new, and a line that cannot be read is named.
	if im := bring(text); im.Added != 0 || im.Known != 1234 {
		t.Errorf("again %+v", im)
	}
	more := append(statementText(1300), "31/02/2026;IMPOSSIBLE;-1,00;\r\n"...)
	if im := bring(more); im.Added != 66 || im.Known != 1234 || im.FaultCount != 1 || len(im.Faults) != 1 || im.Faults[0].Row != 1302 {
		t.Errorf("overlapping %+v", im)
	}
	h.wellFormed()
}

func TestImportsThatAreRefused(t *testing.T) {
	h := newFurnishedHouse(t)
	homeless := h.id(h.StageStatement(h.ctx, h.by, StatementFile{Name: "a.csv", Content: statementText(2)}))
	strange := h.id(h.StageStatement(h.ctx, h.by, StatementFile{AccountID: current, Name: "a.pdf", Content: pdf}))
	import1 := func(id models.ID) error { _, err := h.ImportStatement(h.ctx, h.by, id, nil); return err }
	h.refuses(invalid("account", "choose"), func() error { return import1(homeless) })
	h.refuses(invalid("file", statement.UnreadablePDF), func() error { return import1(strange) })
	h.refuses(models.ErrNotFound, func() error { return import1(dropbox) })
	// A file cut short gives back what it had given.
	long := h.stage(statementText(1000))
	ctx, cancel := context.WithCancel(h.ctx)
	h.refuses(context.Canceled, func() error {
		_, err := h.ImportStatement(ctx, h.by, long, func(_, _ int) { cancel() })
		return err
	})
	h.ok(import1(long))
}

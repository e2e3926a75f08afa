package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/statement"
)

// Imported is what a statement has brought.
type Imported struct {
	Added, Known int               // lines; known ones were there from an earlier file
	Faults       []statement.Fault // lines that could not be read: the first hundred
	FaultCount   int
	From, To     cal.Date // days of the lines, first and last
}

// maxFaults is how many lines that could not be read are named.
const maxFaults = 100

// ImportStatement adds the lines of a staged file to its account, in one transaction: all that can be read, or, when
// it breaks, none. Lines known from earlier files are not added again. The account remembers how the file was read, and the
// file goes. progress is told how many bytes of how many are done; nil for nobody. A file without account is a problem
// of "account", one that cannot be read of "file", with the rule of statement.Unreadable.
func (s *Store) ImportStatement(ctx context.Context, by models.Actor, id models.ID, progress func(done, total int)) (Imported, error) {
	var im Imported
	err := s.write(ctx, by, "statement.import", mayEdit, func(a *act) error {
		r, err := a.statement(id)
		if err != nil {
			return err
		}
		if r.AccountID == 0 {
			return models.Invalid{{Field: "account", Rule: "choose"}}
		}
		layout, err := readLayout(r.Layout)
		if err != nil {
			return err
		}
		contents, err := column[[]byte](a.context(), a.tx.Statement.ConnPool,
			"SELECT content FROM statement_files WHERE organisation_id = ? AND id = ?", int64(r.OrganisationID), int64(id))
		if err != nil || len(contents) == 0 {
			return errors.Join(err, models.ErrNotFound)
		}
		b, err := a.newLineBatch(models.ID(r.AccountID), &im)
		if err != nil {
			return err
		}
		defer b.close()
		if err := b.read(contents[0], layout, progress); err != nil {
			return err
		}
		if err := a.rememberLayout(models.ID(r.AccountID), r.Layout); err != nil {
			return err
		}
		if err := a.tx.Delete(&r).Error; err != nil {
			return err
		}
		a.noteImport(r, im)
		return nil
	})
	if err != nil {
		return Imported{}, err
	}
	return im, nil
}

func readLayout(text string) (statement.Layout, error) {
	var v models.Invalid
	checkLayout(&v, text)
	if text == "" || len(v) > 0 {
		return statement.Layout{}, v.Err()
	}
	return statement.ParseLayout(text)
}

// rememberLayout keeps with the account how its last file was read.
func (a *act) rememberLayout(account models.ID, layout string) error {
	before, err := fetch(a, &bankAccountRow{}, account)
	if err != nil || layout == "" {
		return err
	}
	after := before
	after.Layout = layout
	return change(a, &bankAccountRow{}, before, after, after.Name)
}

func (a *act) noteImport(r statementFileRow, im Imported) {
	changes := []models.Change{{Field: "added", After: strconv.Itoa(im.Added)}}
	for _, c := range []struct {
		field string
		n     int
	}{{"known", im.Known}, {"faults", im.FaultCount}} {
		if c.n > 0 {
			changes = append(changes, models.Change{Field: c.field, After: strconv.Itoa(c.n)})
		}
	}
	if !im.From.IsZero() {
		changes = append(changes, models.Change{Field: "from", After: im.From.String()}, models.Change{Field: "to", After: im.To.String()})
	}
	a.note(statementKind, r.ID, r.Name, changes)
}

// linesAtOnce is how many lines one INSERT carries, and lineValues how many values each has.
const (
	linesAtOnce = 100
	lineValues  = 13
	maxLabel    = 300 // characters of a label that are kept
)

// insertOf adds n lines, but for those the account has.
func insertOf(n int) string {
	const line = ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
	return `INSERT INTO bank_lines (organisation_id, id, account_id, line_key, day, amount_units, amount_currency,
		original_units, original_currency, label, party, label_key, aside, recorded) VALUES ` +
		strings.TrimPrefix(strings.Repeat(line, n), ", ") + " ON CONFLICT (organisation_id, account_id, line_key) DO NOTHING"
}

// lineBatch adds lines some at a time, in the same memory again and again.
type lineBatch struct {
	a       *act
	account models.ID
	aside   map[string]bool // label keys set aside for good
	whole   *sql.Stmt       // adds linesAtOnce
	values  []any
	im      *Imported
}

func (a *act) newLineBatch(account models.ID, im *Imported) (*lineBatch, error) {
	b := &lineBatch{a: a, account: account, aside: map[string]bool{}, values: make([]any, 0, linesAtOnce*lineValues), im: im}
	var labels []asideLabelRow
	if err := a.mine().Find(&labels).Error; err != nil {
		return nil, err
	}
	for _, l := range labels {
		b.aside[l.LabelKey] = true
	}
	var err error
	b.whole, err = a.tx.Statement.ConnPool.PrepareContext(a.context(), insertOf(linesAtOnce))
	return b, err
}

func (b *lineBatch) close() { _ = b.whole.Close() }

// read adds the lines of a file.
func (b *lineBatch) read(content []byte, layout statement.Layout, progress func(done, total int)) error {
	err := statement.Read(content, layout, b.add, func(f statement.Fault) {
		if b.im.FaultCount++; len(b.im.Faults) < maxFaults {
			b.im.Faults = append(b.im.Faults, f)
		}
	}, progress)
	var unreadable *statement.Unreadable
	if errors.As(err, &unreadable) {
		return models.Invalid{{Field: "file", Rule: unreadable.Rule, Args: []any{"row", unreadable.Row}}}
	}
	if err != nil || len(b.values) == 0 {
		return err
	}
	last, err := b.a.tx.Statement.ConnPool.ExecContext(b.a.context(), insertOf(len(b.values)/lineValues), b.values...)
	return b.count(last, err)
}

func (b *lineBatch) add(l statement.Line) error {
	label := cut(l.Label, maxLabel)
	key := models.BankLine{Label: label, Party: l.Party}.Key()
	amount, original := amountOf(l.Amount), amountOf(l.Original)
	b.values = append(b.values, int64(b.a.org.OrganisationID), int64(b.a.nextID()), int64(b.account), l.Key, l.Day.String(),
		amount.Units, amount.Currency, original.Units, original.Currency, label, cut(l.Party, maxLabel), key, b.aside[key])
	b.im.From, b.im.To = earlier(b.im.From, l.Day), cal.Max(b.im.To, l.Day)
	if len(b.values) < linesAtOnce*lineValues {
		return nil
	}
	done, err := b.whole.ExecContext(b.a.context(), b.values...)
	return b.count(done, err)
}

// count takes note of a batch that is written and begins the next.
func (b *lineBatch) count(done sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("add lines: %w", err)
	}
	added, err := done.RowsAffected()
	b.im.Added += int(added)
	b.im.Known += len(b.values)/lineValues - int(added)
	b.values = b.values[:0]
	return err
}

func earlier(a, b cal.Date) cal.Date {
	if a.IsZero() {
		return b
	}
	return cal.Min(a, b)
}

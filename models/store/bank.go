package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// bankLineRow is a line of a statement. It carries no version: lines are asked for when they are shown.
type bankLineRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	AccountID      models.ID
	Day            cal.Date
	Amount         amount `gorm:"embedded;embeddedPrefix:amount_"`
	Original       amount `gorm:"embedded;embeddedPrefix:original_"`
	Label, Party   string
	PaymentID      ref
	Recorded       bool // PaymentID was recorded from this line
	Aside          bool
}

func (*bankLineRow) TableName() string { return "bank_lines" }

func (r *bankLineRow) model() models.BankLine {
	return models.BankLine{
		ID: r.ID, AccountID: r.AccountID, Day: r.Day, Amount: r.Amount.money(), Original: r.Original.money(),
		Label: r.Label, Party: r.Party, PaymentID: models.ID(r.PaymentID), Aside: r.Aside,
	}
}

// lineKind is what the audit log calls a bank line.
const lineKind = "bank_line"

var lineShape = shapeOf[bankLineRow]()

// AddBankAccount notes an account that statements will be imported from.
func (s *Store) AddBankAccount(ctx context.Context, by models.Actor, b models.BankAccount) (models.ID, error) {
	return s.add(ctx, by, "bank.account.add", mayEdit, func(a *act) (models.ID, error) {
		if err := a.checkBankAccount(&b); err != nil {
			return 0, err
		}
		return insert(a, &bankAccountRow{}, b, b.Name)
	})
}

// SaveBankAccount saves one that was read with its Version.
func (s *Store) SaveBankAccount(ctx context.Context, by models.Actor, b models.BankAccount) error {
	return s.write(ctx, by, "bank.account.save", mayEdit, func(a *act) error {
		before, err := fetch(a, &bankAccountRow{}, b.ID)
		if err != nil {
			return err
		}
		if err := a.checkBankAccount(&b); err != nil {
			return err
		}
		if err := a.expect("bank_account", b.ID, before.Version, b.Version); err != nil {
			return err
		}
		return change(a, &bankAccountRow{}, before, b, b.Name)
	})
}

// RemoveBankAccount takes an account away that has no lines and no file waiting ("in_use").
func (s *Store) RemoveBankAccount(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "bank.account.remove", mayEdit, func(a *act) error {
		b, err := fetch(a, &bankAccountRow{}, id)
		if err != nil {
			return err
		}
		for _, table := range []string{"bank_lines", "statement_files"} {
			if err := a.unused(table, "account_id", id); err != nil {
				return err
			}
		}
		return remove(a, &bankAccountRow{}, b, b.Name)
	})
}

// checkBankAccount holds an account as typed. Its number is kept without spaces, as files compare by it.
func (a *act) checkBankAccount(b *models.BankAccount) error {
	b.Number = strings.Join(strings.Fields(b.Number), "")
	v := b.Check()
	checkLayout(&v, b.Layout)
	if err := a.taken(&v, "bank_accounts", b.Name, b.ID); err != nil {
		return err
	}
	return v.Err()
}

// BankLineFilter narrows a list of bank lines; zero values narrow nothing.
type BankLineFilter struct {
	Account models.ID
	State   string    // "open", "paid" or "aside"
	Text    string    // in the label or the name of the other side, capitals or not; or the amount
	Before  models.ID // lines after this one in the list, for paging
	Limit   int       // 100 when 0
}

var lineStates = map[string]string{
	"open": "t.payment_id IS NULL AND t.aside = 0", "paid": "t.payment_id IS NOT NULL", "aside": "t.aside = 1",
}

// BankLines reads lines of statements, those booked last first. A state that is none answers none.
func (s *Store) BankLines(ctx context.Context, org models.ID, f BankLineFilter) ([]models.BankLine, error) {
	from, where, args := "bank_lines t", []string{"t.organisation_id = ?"}, []any{int64(org)}
	narrow := func(by string, values ...any) { where, args = append(where, by), append(args, values...) }
	if f.Account != 0 {
		narrow("t.account_id = ?", int64(f.Account))
	}
	if f.State != "" {
		state, known := lineStates[f.State]
		if !known {
			return nil, nil
		}
		narrow(state)
		if f.State == "paid" { // few of many: sorting them is less than passing the others
			from += " INDEXED BY bank_lines_payment"
		}
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
		by, values := `t.label LIKE ? ESCAPE '\' OR t.party LIKE ? ESCAPE '\'`, []any{like, like}
		if key := models.LabelKey(text); key != "" { // without its accents, in case the bank leaves them out
			by, values = by+" OR instr(t.label_key, ?) > 0", append(values, key)
		}
		if sum, err := money.ParseAmount(text, money.EUR); err == nil {
			by, values = by+" OR abs(t.amount_units) = ? OR abs(t.original_units) = ?", append(values, sum.Abs().Units(), sum.Abs().Units())
		}
		narrow("("+by+")", values...)
	}
	if f.Before != 0 {
		narrow("(t.day, t.id) < (SELECT b.day, b.id FROM bank_lines b WHERE b.organisation_id = ? AND b.id = ?)", int64(org), int64(f.Before))
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return s.lines(ctx, from, strings.Join(where, " AND ")+" ORDER BY t.day DESC, t.id DESC LIMIT ?", append(args, f.Limit)...)
}

// OpenBankLines are all those nobody has said anything of, by day.
func (s *Store) OpenBankLines(ctx context.Context, org models.ID) ([]models.BankLine, error) {
	return s.lines(ctx, "bank_lines t", "t.organisation_id = ? AND "+lineStates["open"]+" ORDER BY t.day, t.id", int64(org))
}

func (s *Store) lines(ctx context.Context, from, where string, args ...any) ([]models.BankLine, error) {
	var list []models.BankLine
	var r bankLineRow
	err := read(ctx, s.readers, lineShape, &r, func() { list = append(list, r.model()) },
		"SELECT "+lineShape.list+" FROM "+from+" WHERE "+where, args...)
	return list, err
}

// BankLine is one line.
func (s *Store) BankLine(ctx context.Context, org, id models.ID) (models.BankLine, error) {
	found, err := s.lines(ctx, "bank_lines t", "t.organisation_id = ? AND t.id = ?", int64(org), int64(id))
	if err == nil && len(found) == 0 {
		err = models.ErrNotFound
	}
	if err != nil {
		return models.BankLine{}, err
	}
	return found[0], nil
}

// CountBankLines tells how many lines are open, paid and set aside.
func (s *Store) CountBankLines(ctx context.Context, org models.ID) (open, paid, aside int, err error) {
	var all int
	// Each of the three is counted in an index of its own.
	err = s.readers.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM bank_lines WHERE organisation_id = ?1),
		(SELECT count(*) FROM bank_lines INDEXED BY bank_lines_open WHERE organisation_id = ?1 AND payment_id IS NULL AND aside = 0),
		(SELECT count(*) FROM bank_lines INDEXED BY bank_lines_payment WHERE organisation_id = ?1 AND payment_id IS NOT NULL)`,
		int64(org)).Scan(&all, &open, &paid)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count the bank lines: %w", err)
	}
	return open, paid, all - open - paid, nil
}

// Habits is what the lines answered so far teach about labels.
func (s *Store) Habits(ctx context.Context, org models.ID) (models.Habits, error) {
	h := models.Habits{Services: map[string]models.ID{}, Aside: map[string]bool{}, Linked: map[models.ID]bool{}}
	// Later lines come later, and the last word is theirs.
	err := each(ctx, s.readers, func(key string, service models.ID) { h.Services[key] = service },
		`SELECT l.label_key, p.service_id FROM bank_lines l INDEXED BY bank_lines_payment
		CROSS JOIN payments p ON p.organisation_id = l.organisation_id AND p.id = l.payment_id
		WHERE l.organisation_id = ? AND l.payment_id IS NOT NULL AND l.label_key <> '' ORDER BY l.day, l.id`, int64(org))
	if err != nil {
		return h, err
	}
	err = each(ctx, s.readers, func(key string, _ int) { h.Aside[key] = true },
		"SELECT label_key, 1 FROM aside_labels WHERE organisation_id = ?", int64(org))
	if err != nil {
		return h, err
	}
	// A line is of its payment's whole invoice.
	err = each(ctx, s.readers, func(payment models.ID, _ int) { h.Linked[payment] = true },
		`SELECT payment_id, 1 FROM bank_lines WHERE organisation_id = ?1 AND payment_id IS NOT NULL
		UNION ALL SELECT q.id, 1 FROM bank_lines l INDEXED BY bank_lines_payment
			CROSS JOIN payments p ON p.organisation_id = l.organisation_id AND p.id = l.payment_id AND p.invoice_id IS NOT NULL
			CROSS JOIN payments q INDEXED BY payments_invoice ON q.organisation_id = p.organisation_id AND q.invoice_id = p.invoice_id
				AND q.reverses_id IS NULL AND q.reversed_by_id IS NULL
		WHERE l.organisation_id = ?1 AND l.payment_id IS NOT NULL`, int64(org))
	return h, err
}

// each hands the two columns of each row of a query to a function.
func each[A, B any](ctx context.Context, q querier, do func(A, B), query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read bank lines: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var x A
		var y B
		if err := rows.Scan(&x, &y); err != nil {
			return fmt.Errorf("read bank lines: %w", err)
		}
		do(x, y)
	}
	return rows.Err()
}

// LinesOf are the bank lines of payments, by payment; those of one invoice share its line.
func (s *Store) LinesOf(ctx context.Context, org models.ID, payments []models.ID) (map[models.ID]models.BankLine, error) {
	wanted, err := json.Marshal(payments)
	if err != nil {
		return nil, err
	}
	lines := map[models.ID]models.BankLine{}
	// SQLite would begin with the many rows; CROSS JOIN keeps it to the order written, which begins with those asked for.
	const query = `WITH asked AS (SELECT p.id, p.invoice_id, p.reverses_id, p.reversed_by_id FROM json_each(?2) j
			CROSS JOIN payments p ON p.organisation_id = ?1 AND p.id = j.value),
		holders AS (SELECT id AS payment, id AS holder FROM asked
			UNION SELECT a.id, q.id FROM asked a CROSS JOIN payments q INDEXED BY payments_invoice
				ON q.organisation_id = ?1 AND q.invoice_id = a.invoice_id
				AND (q.reverses_id IS NULL) = (a.reverses_id IS NULL) AND (q.reversed_by_id IS NULL) = (a.reversed_by_id IS NULL))
		SELECT h.payment, l.id FROM holders h
			CROSS JOIN bank_lines l INDEXED BY bank_lines_payment ON l.organisation_id = ?1 AND l.payment_id = h.holder`
	of := map[models.ID][]models.ID{} // by line
	err = each(ctx, s.readers, func(payment, line models.ID) { of[line] = append(of[line], payment) }, query, int64(org), string(wanted))
	if err != nil || len(of) == 0 {
		return lines, err
	}
	found, err := json.Marshal(slices.Collect(maps.Keys(of)))
	if err != nil {
		return nil, err
	}
	list, err := s.lines(ctx, "bank_lines t", "t.organisation_id = ? AND t.id IN (SELECT value FROM json_each(?))", int64(org), string(found))
	for _, l := range list {
		for _, payment := range of[l.ID] {
			lines[payment] = l
		}
	}
	return lines, err
}

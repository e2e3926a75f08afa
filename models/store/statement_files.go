package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enveloppe/models"
	"enveloppe/models/statement"
)

// StatementFile is a bank's file that waits for somebody to say how it is to be read.
type StatementFile struct {
	ID        models.ID
	AccountID models.ID // 0 until chosen
	// Account is a new account to stage the file for, added with it or not at all; none when its name is empty. It is
	// never read back.
	Account models.BankAccount
	Name    string
	Size    int
	Layout  string // as package statement writes it; empty until chosen, and for files that need none
	Content []byte
	AddedAt time.Time
	AddedBy models.ID
}

// How long files wait, and how many of an organisation's at once.
const (
	statementsWait = 7 * 24 * time.Hour
	maxStatements  = 20
)

type statementFileRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	AccountID      ref
	Name           string
	Size           int
	Layout         string
	AddedAt        instant
	AddedBy        ref
}

func (*statementFileRow) TableName() string { return "statement_files" }

func (r *statementFileRow) file() StatementFile {
	return StatementFile{
		ID: r.ID, AccountID: models.ID(r.AccountID), Name: r.Name, Size: r.Size, Layout: r.Layout,
		AddedAt: r.AddedAt.Time, AddedBy: models.ID(r.AddedBy),
	}
}

// statementKind is what the audit log calls a staged file.
const statementKind = "statement"

var statementShape = shapeOf[statementFileRow]()

// StageStatement keeps a bank's file until it is imported or dropped. Files staged more than a week before go. Problems
// come under "file" ("statement.waiting" when twenty wait already), for an account that is not there under "account", and
// those of a new one under "account_name".
func (s *Store) StageStatement(ctx context.Context, by models.Actor, f StatementFile) (models.ID, error) {
	return s.add(ctx, by, "statement.stage", mayEdit, func(a *act) (models.ID, error) {
		var v models.Invalid
		switch {
		case len(f.Content) == 0:
			v.Add("file", statement.UnreadableEmpty)
		case len(f.Content) > statement.MaxSize:
			v.Add("file", statement.UnreadableTooLarge)
		}
		if err := a.lacks(&v, "account", "bank_accounts", f.AccountID); err != nil {
			return 0, err
		}
		checkLayout(&v, f.Layout)
		if err := v.Err(); err != nil {
			return 0, err
		}
		if err := a.makeRoom(); err != nil {
			return 0, err
		}
		if err := a.openAccount(&f); err != nil {
			return 0, err
		}
		r := statementFileRow{
			OrganisationID: a.org.OrganisationID, ID: a.nextID(), AccountID: ref(f.AccountID), Name: models.CleanFileName(f.Name),
			Size: len(f.Content), Layout: f.Layout, AddedAt: at(a.by.At), AddedBy: ref(a.by.Person),
		}
		err := a.tx.Exec(`INSERT INTO statement_files (organisation_id, id, account_id, name, size, layout, added_at, added_by, content)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, r.OrganisationID, r.ID, r.AccountID, r.Name, r.Size, r.Layout, stamp{a.by.At}, r.AddedBy, f.Content).Error
		if err != nil {
			return 0, err
		}
		a.note(statementKind, r.ID, r.Name, []models.Change{{Field: "size", After: fmt.Sprint(r.Size)}})
		return r.ID, nil
	})
}

// openAccount adds the new account a file is staged for.
func (a *act) openAccount(f *StatementFile) error {
	if f.AccountID != 0 || f.Account.Name == "" {
		return nil
	}
	err := a.checkBankAccount(&f.Account)
	if err == nil {
		f.AccountID, err = insert(a, &bankAccountRow{}, f.Account, f.Account.Name)
	}
	if bad, ok := errors.AsType[models.Invalid](err); ok {
		for i := range bad {
			bad[i].Field = "account_name"
		}
	}
	return err
}

// makeRoom drops the files nobody came back to, and refuses one too many.
func (a *act) makeRoom() error {
	old := stamp{a.by.At.Add(-statementsWait)}
	if err := a.mine().Where("added_at < ?", old).Delete(&statementFileRow{}).Error; err != nil {
		return err
	}
	waiting, err := a.count("statement_files", "id > 0")
	if err == nil && waiting >= maxStatements {
		return models.Invalid{{Field: "file", Rule: "statement.waiting", Args: []any{"max", maxStatements}}}
	}
	return err
}

// checkLayout holds the text of a layout, which may be none.
func checkLayout(v *models.Invalid, text string) {
	if text == "" || v.Has("layout") {
		return
	}
	if _, err := statement.ParseLayout(text); err != nil {
		v.Add("layout", statement.UnreadableLayout)
	}
}

// Statements are the files that wait, the newest first, without their content.
func (s *Store) Statements(ctx context.Context, org models.ID) ([]StatementFile, error) {
	var list []StatementFile
	var r statementFileRow
	err := read(ctx, s.readers, statementShape, &r, func() { list = append(list, r.file()) },
		"SELECT "+statementShape.list+" FROM statement_files t WHERE t.organisation_id = ? ORDER BY t.id DESC", int64(org))
	return list, err
}

// Statement is one file, with its content.
func (s *Store) Statement(ctx context.Context, org, id models.ID) (StatementFile, error) {
	var r statementFileRow
	var content []byte
	row, err := s.texts.row(ctx, "SELECT "+statementShape.list+", t.content FROM statement_files t WHERE t.organisation_id = ? AND t.id = ?",
		int64(org), int64(id))
	if err != nil {
		return StatementFile{}, err
	}
	if err := row.Scan(append(statementShape.into(&r), &content)...); err != nil {
		return StatementFile{}, absent("read the statement", err)
	}
	f := r.file()
	f.Content = content
	return f, nil
}

// SetStatement notes which account a file is of, adding a new one with it, and how it is to be read: of f its ID, its
// account and its layout.
func (s *Store) SetStatement(ctx context.Context, by models.Actor, f StatementFile) error {
	return s.write(ctx, by, "statement.set", mayEdit, func(a *act) error {
		r, err := a.statement(f.ID)
		if err != nil {
			return err
		}
		var v models.Invalid
		if err := a.lacks(&v, "account", "bank_accounts", f.AccountID); err != nil {
			return err
		}
		checkLayout(&v, f.Layout)
		if err := v.Err(); err != nil {
			return err
		}
		if err := a.openAccount(&f); err != nil {
			return err
		}
		if models.ID(r.AccountID) == f.AccountID && r.Layout == f.Layout {
			return nil
		}
		var changes []models.Change
		if models.ID(r.AccountID) != f.AccountID {
			name, err := a.name(nameOfAccount, f.AccountID)
			if err != nil {
				return err
			}
			changes = append(changes, models.Change{Field: "bank_account", After: name})
		}
		if r.Layout != f.Layout {
			changes = append(changes, models.Change{Field: "layout", Before: r.Layout, After: f.Layout})
		}
		r.AccountID, r.Layout = ref(f.AccountID), f.Layout
		if err := a.tx.Select("account_id", "layout").Updates(&r).Error; err != nil {
			return err
		}
		a.note(statementKind, f.ID, r.Name, changes)
		return nil
	})
}

var nameOfAccount = fmt.Sprintf(nameIn, "bank_accounts")

// DropStatement forgets a file that waits.
func (s *Store) DropStatement(ctx context.Context, by models.Actor, id models.ID) error {
	return s.write(ctx, by, "statement.drop", mayEdit, func(a *act) error {
		r, err := a.statement(id)
		if err != nil {
			return err
		}
		if err := a.tx.Delete(&r).Error; err != nil {
			return err
		}
		a.note(statementKind, id, r.Name, nil)
		return nil
	})
}

// statement reads what is known of a file, without its content.
func (a *act) statement(id models.ID) (statementFileRow, error) {
	var r statementFileRow
	if err := a.mine().Where("id = ?", id).Take(&r).Error; err != nil {
		return r, absent("read the statement", err)
	}
	return r, nil
}

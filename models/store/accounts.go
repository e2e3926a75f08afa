package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
)

type accountRow struct {
	ID                 models.AccountID `gorm:"primaryKey"`
	Email, EmailKey    string
	CreatedAt          stamp
	LastOrganisationID models.ID
}

func (accountRow) TableName() string { return "accounts" }

type accountPasswordRow struct {
	AccountID models.AccountID `gorm:"primaryKey;autoIncrement:false"`
	Hash      string
	SetAt     stamp
}

func (accountPasswordRow) TableName() string { return "account_passwords" }

const accountColumns = `SELECT a.id, a.email, a.created_at, coalesce(w.set_at, 0), coalesce(w.hash, ''),
		(SELECT count(*) FROM identities i WHERE i.account_id = a.id AND i.issuer = ?),
		coalesce(t.set_at, 0), (SELECT count(*) FROM passkeys k WHERE k.account_id = a.id)
	FROM accounts a LEFT JOIN account_passwords w ON w.account_id = a.id LEFT JOIN account_totp t ON t.account_id = a.id WHERE `

// Account is an account by its ID; models.ErrNotFound when there is none.
func (s *Store) Account(ctx context.Context, id models.AccountID) (models.Account, error) {
	a, _, err := s.account(ctx, "a.id = ?", int64(id))
	return a, err
}

func (s *Store) account(ctx context.Context, where string, arg any) (a models.Account, hash string, err error) {
	row, err := s.texts.row(ctx, accountColumns+where, s.issuer, arg)
	if err != nil {
		return a, "", err
	}
	var created, set, totp int64
	if err := row.Scan(&a.ID, &a.Email, &created, &set, &hash, &a.Identities, &totp, &a.Passkeys); err != nil {
		return models.Account{}, "", absent("look an account up", err)
	}
	a.CreatedAt = time.UnixMicro(created).UTC()
	if set != 0 {
		a.PasswordSetAt = time.UnixMicro(set).UTC()
	}
	if totp != 0 {
		a.TOTPSetAt = time.UnixMicro(totp).UTC()
	}
	return a, hash, nil
}

// AccountByEmail is what somebody signs in with, found by address, whatever its capitals. The error is
// models.ErrNotFound when no account has it; an account whose memberships have all ended has none in its list.
func (s *Store) AccountByEmail(ctx context.Context, email string) (Credential, error) {
	return s.credential(ctx, "a.email_key = ?", nameKey(email))
}

// Credential is the same by the account's ID.
func (s *Store) Credential(ctx context.Context, id models.AccountID) (Credential, error) {
	return s.credential(ctx, "a.id = ?", int64(id))
}

func (s *Store) credential(ctx context.Context, where string, arg any) (Credential, error) {
	a, hash, err := s.account(ctx, where, arg)
	if err != nil {
		return Credential{}, err
	}
	c := Credential{Account: a.ID, Email: a.Email, PasswordHash: hash, HasTOTP: a.HasTOTP()}
	c.Memberships, err = s.Memberships(ctx, a.ID)
	return c, err
}

const membershipsOf = `SELECT p.organisation_id, p.id, o.name, p.name, p.role, p.lang FROM people p
	JOIN organisations o ON o.organisation_id = p.organisation_id
	JOIN accounts a ON a.id = p.account_id
	WHERE p.account_id = ? AND p.left_on IS NULL
	ORDER BY p.organisation_id <> a.last_organisation_id, p.organisation_id`

// Memberships are the organisations an account is a person of and has not left, the one looked at last first.
func (s *Store) Memberships(ctx context.Context, account models.AccountID) ([]Membership, error) {
	return memberships(ctx, s.readers, account)
}

func memberships(ctx context.Context, q querier, account models.AccountID) (list []Membership, err error) {
	rows, err := q.QueryContext(ctx, membershipsOf, int64(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var m Membership
		if err := rows.Scan(&m.Organisation, &m.Person, &m.OrganisationName, &m.Name, &m.Role, &m.Lang); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// AccountFor is the account a person signs in with; one of the address is made, without any means to sign in, for a
// person who has none. It is for the program itself, as when the demonstration lets its visitors in: people are given
// an account by an invitation they take up.
func (s *Store) AccountFor(ctx context.Context, org, person models.ID, email string, at time.Time) (id models.AccountID, err error) {
	err = s.direct(ctx, "find a person's account", func(tx *gorm.DB) error {
		id, err = accountOf(tx, org, person)
		if err != nil || id != 0 {
			return err
		}
		if id, err = ensureAccount(tx, email, at); err != nil {
			return err
		}
		return linkAccount(tx, org, person, id)
	})
	return id, err
}

// accountOf is the account a person is linked to; 0 for none, models.ErrNotFound for no such person.
func accountOf(tx *gorm.DB, org, person models.ID) (models.AccountID, error) {
	var id models.AccountID
	err := tx.Raw("SELECT coalesce(account_id, 0) FROM people WHERE organisation_id = ? AND id = ?", org, person).Row().Scan(&id)
	if err != nil {
		return 0, absent("find a person's account", err)
	}
	return id, nil
}

// ensureAccount is the account of an address, made when there is none.
func ensureAccount(tx *gorm.DB, email string, at time.Time) (models.AccountID, error) {
	row := accountRow{Email: email, EmailKey: nameKey(email), CreatedAt: stamp{at}}
	var known []models.AccountID
	if err := tx.Table("accounts").Where("email_key = ?", row.EmailKey).Pluck("id", &known).Error; err != nil {
		return 0, err
	}
	if len(known) > 0 {
		return known[0], nil
	}
	err := tx.Create(&row).Error
	return row.ID, err
}

// linkAccount says that a person signs in with an account.
func linkAccount(tx *gorm.DB, org, person models.ID, id models.AccountID) error {
	return tx.Exec("UPDATE people SET account_id = ? WHERE organisation_id = ? AND id = ?", id, org, person).Error
}

func keepPassword(tx *gorm.DB, id models.AccountID, hash string, at time.Time) error {
	newer := clause.OnConflict{UpdateAll: true}
	return tx.Clauses(newer).Create(&accountPasswordRow{id, hash, stamp{at}}).Error
}

// ofAccount is a verb on an account, which belongs to no organisation: one transaction, told in the log of every
// organisation the account is a person of, as done by that person. What do gives back is told with it; its account is
// by.Account.
func (s *Store) ofAccount(ctx context.Context, by models.Actor, verb string, do func(tx *gorm.DB) ([]models.Change, error)) error {
	err := s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		changes, err := do(tx)
		if err != nil {
			return err
		}
		return s.tell(tx, by, verb, changes)
	})
	return fault(verb, err)
}

// tell notes in each organisation of the actor's account what was done to the account.
func (s *Store) tell(tx *gorm.DB, by models.Actor, verb string, changes []models.Change) error {
	list, err := memberships(tx.Statement.Context, tx.Statement.ConnPool, by.Account)
	if err != nil {
		return err
	}
	for _, m := range list {
		a := &act{s: s, tx: tx, by: by, verb: verb, written: map[string]bool{}}
		a.by.Organisation, a.by.Person, a.by.Name, a.by.Role = m.Organisation, m.Person, m.Name, m.Role
		if err := tx.Where("organisation_id = ?", m.Organisation).Take(&a.org).Error; err != nil {
			return err
		}
		if err := a.tellOf(m, by.Account, changes); err != nil {
			return err
		}
	}
	return nil
}

// tellOf tells one organisation what was done to the account of a person of it.
func (a *act) tellOf(m Membership, account models.AccountID, changes []models.Change) error {
	if err := a.noteOf(m, account, changes); err != nil {
		return err
	}
	return a.finish()
}

// noteOf notes what was done to the account of one person, and whether it has some means to sign in now.
func (a *act) noteOf(m Membership, account models.AccountID, changes []models.Change) error {
	before, err := fetch(a, &personRow{}, m.Person)
	if err != nil {
		return err
	}
	after := before
	if after.SignsIn, err = a.s.hasMeans(a.tx, account); err != nil {
		return err
	}
	if after.SignsIn != before.SignsIn {
		if err := change(a, &personRow{}, before, after, m.Name); err != nil {
			return err
		}
		a.notes[len(a.notes)-1].Changes = append(a.notes[len(a.notes)-1].Changes, changes...)
	} else { // the log says that a password changed, never from what to what
		a.note("person", m.Person, m.Name, changes)
	}
	return nil
}

// hasMeans tells whether an account has some means to sign in.
func (s *Store) hasMeans(tx *gorm.DB, id models.AccountID) (bool, error) {
	var n int64
	err := tx.Raw(`SELECT (SELECT count(*) FROM account_passwords WHERE account_id = @id)
		+ (SELECT count(*) FROM passkeys WHERE account_id = @id)
		+ (SELECT count(*) FROM identities WHERE account_id = @id AND issuer = @issuer)`,
		map[string]any{"id": id, "issuer": s.issuer}).Row().Scan(&n)
	return n > 0, err
}

// SetAccountPassword gives the actor's own account a new password, as its hash. All its sessions end, the one it is done
// from included: start a new one after.
func (s *Store) SetAccountPassword(ctx context.Context, by models.Actor, hash string) error {
	return s.ofAccount(ctx, by, "person.password", func(tx *gorm.DB) ([]models.Change, error) {
		return nil, renewPassword(tx, by.Account, hash, by.At)
	})
}

// renewPassword keeps a password and ends every session that began before it, and all that somebody who had the old one
// may have under way: a reset, a change of address, a sign-in that waits for its code, a passkey being made.
func renewPassword(tx *gorm.DB, id models.AccountID, hash string, at time.Time) error {
	if hash == "" {
		return models.Invalid{{Field: "password", Rule: "required"}}
	}
	if err := keepPassword(tx, id, hash, at); err != nil {
		return err
	}
	for _, gone := range []any{&linkRow{}, &begunRow{}, &sessionRow{}} { // an invitation is of a person, not of an account
		if err := tx.Where("account_id = ?", id).Delete(gone).Error; err != nil {
			return err
		}
	}
	return nil
}

// CredentialOf is the account a person signs in with; models.ErrNotFound when they have none.
func (s *Store) CredentialOf(ctx context.Context, org, person models.ID) (Credential, error) {
	row, err := s.texts.row(ctx, "SELECT account_id FROM people WHERE organisation_id = ? AND id = ? AND account_id IS NOT NULL", int64(org), int64(person))
	if err != nil {
		return Credential{}, err
	}
	var id models.AccountID
	if err := row.Scan(&id); err != nil {
		return Credential{}, absent("find a person's account", err)
	}
	return s.Credential(ctx, id)
}

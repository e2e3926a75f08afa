package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
	"enveloppe/models/onetime"
)

type totpRow struct {
	AccountID models.AccountID `gorm:"primaryKey;autoIncrement:false"`
	Secret    []byte
	SetAt     stamp
	LastStep  int64
}

func (totpRow) TableName() string { return "account_totp" }

type totpOfferRow struct {
	AccountID models.AccountID `gorm:"primaryKey;autoIncrement:false"`
	Secret    []byte
	MadeAt    stamp
}

func (totpOfferRow) TableName() string { return "totp_offers" }

type recoveryRow struct {
	AccountID models.AccountID `gorm:"primaryKey;autoIncrement:false"`
	Hash      []byte           `gorm:"primaryKey"`
	MadeAt    stamp
	UsedAt    instant
}

func (recoveryRow) TableName() string { return "recovery_codes" }

// offerLife is how long a secret that was shown waits for its first code.
const offerLife = time.Hour

// Factors are what an account proves itself by, a password aside.
func (s *Store) Factors(ctx context.Context, account models.AccountID) (models.Factors, error) {
	row, err := s.texts.row(ctx, `SELECT coalesce((SELECT t.set_at FROM account_totp t WHERE t.account_id = a.id), 0),
			(SELECT count(*) FROM recovery_codes c WHERE c.account_id = a.id AND c.used_at IS NULL),
			coalesce((SELECT max(c.made_at) FROM recovery_codes c WHERE c.account_id = a.id), 0)
		FROM accounts a WHERE a.id = ?`, int64(account))
	if err != nil {
		return models.Factors{}, err
	}
	var f models.Factors
	var set, codes int64
	if err := row.Scan(&set, &f.CodesLeft, &codes); err != nil {
		return models.Factors{}, absent("read an account's factors", err)
	}
	if set != 0 {
		f.TOTPSetAt = time.UnixMicro(set).UTC()
	}
	if codes != 0 {
		f.CodesSetAt = time.UnixMicro(codes).UTC()
	}
	f.Passkeys, err = s.Passkeys(ctx, account)
	return f, err
}

// OfferTOTP keeps a secret that the actor's account is shown, in the place of one shown before; what is in force stays
// until the new one has proved itself.
func (s *Store) OfferTOTP(ctx context.Context, by models.Actor, secret onetime.Secret) error {
	return s.direct(ctx, "offer a secret", func(tx *gorm.DB) error {
		newer := clause.OnConflict{UpdateAll: true}
		return tx.Clauses(newer).Create(&totpOfferRow{by.Account, secret, stamp{by.At}}).Error
	})
}

// OfferedTOTP is the secret an account is shown; models.ErrNotFound when there is none, or it was shown too long ago.
func (s *Store) OfferedTOTP(ctx context.Context, account models.AccountID, now time.Time) (onetime.Secret, error) {
	row, err := s.texts.row(ctx, "SELECT secret FROM totp_offers WHERE account_id = ? AND made_at > ?", int64(account), now.Add(-offerLife).UnixMicro())
	if err != nil {
		return nil, err
	}
	var secret []byte
	if err := row.Scan(&secret); err != nil {
		return nil, absent("read an offered secret", err)
	}
	return secret, nil
}

// TakeTOTP puts the secret that the actor's account is shown in force, once a code proves that an app has it, with a new
// set of recovery codes, given as their hashes. models.ErrNotFound tells that no secret is shown; a wrong code is
// Invalid ("code": "totp.wrong").
func (s *Store) TakeTOTP(ctx context.Context, by models.Actor, code string, recoveries [][32]byte) error {
	return s.ofAccount(ctx, by, "person.totp", func(tx *gorm.DB) ([]models.Change, error) {
		var offer totpOfferRow
		err := tx.Where("account_id = ? AND made_at > ?", by.Account, stamp{by.At.Add(-offerLife)}).Take(&offer).Error
		if err != nil {
			return nil, absent("read an offered secret", err)
		}
		step, ok := onetime.Secret(offer.Secret).Match(code, by.At, 0)
		if !ok {
			return nil, models.Invalid{{Field: "code", Rule: "totp.wrong"}}
		}
		had, err := hasTOTP(tx, by.Account)
		if err != nil {
			return nil, err
		}
		newer := clause.OnConflict{UpdateAll: true}
		if err := tx.Clauses(newer).Create(&totpRow{by.Account, offer.Secret, stamp{by.At}, step}).Error; err != nil {
			return nil, err
		}
		if err := tx.Delete(&offer).Error; err != nil {
			return nil, err
		}
		if err := renewRecoveries(tx, by.Account, recoveries, by.At); err != nil {
			return nil, err
		}
		return []models.Change{totpChange(had, true)}, nil
	})
}

// totpChange tells the log that codes are asked for or no longer; that an app took the place of another is told too.
func totpChange(before, after bool) models.Change {
	says := map[bool]string{true: "on"}
	return models.Change{Field: "totp", Before: says[before], After: says[after]}
}

func hasTOTP(tx *gorm.DB, account models.AccountID) (bool, error) {
	var n int64
	err := tx.Table("account_totp").Where("account_id = ?", account).Count(&n).Error
	return n > 0, err
}

// renewRecoveries makes the codes given the only ones of an account.
func renewRecoveries(tx *gorm.DB, account models.AccountID, hashes [][32]byte, at time.Time) error {
	if err := tx.Where("account_id = ?", account).Delete(&recoveryRow{}).Error; err != nil || len(hashes) == 0 {
		return err
	}
	rows := make([]recoveryRow, len(hashes))
	for i, h := range hashes {
		rows[i] = recoveryRow{AccountID: account, Hash: h[:], MadeAt: stamp{at}}
	}
	return tx.Create(&rows).Error
}

// RenewRecoveries gives the actor's account new recovery codes, as their hashes; those from before are no good any more.
// It is refused where no code is asked for ("totp.none").
func (s *Store) RenewRecoveries(ctx context.Context, by models.Actor, hashes [][32]byte) error {
	return s.ofAccount(ctx, by, "person.recoveries", func(tx *gorm.DB) ([]models.Change, error) {
		if on, err := hasTOTP(tx, by.Account); err != nil || !on {
			return nil, errOr(err, models.Refused{Rule: "totp.none"})
		}
		return nil, renewRecoveries(tx, by.Account, hashes, by.At)
	})
}

// errOr is the error there is, or the other.
func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// RemoveTOTP asks the actor's account for no code any more; its recovery codes go too. Refused where none is asked for
// ("totp.none").
func (s *Store) RemoveTOTP(ctx context.Context, by models.Actor) error {
	return s.ofAccount(ctx, by, "person.totp", func(tx *gorm.DB) ([]models.Change, error) {
		if on, err := hasTOTP(tx, by.Account); err != nil || !on {
			return nil, errOr(err, models.Refused{Rule: "totp.none"})
		}
		return []models.Change{totpChange(true, false)}, removeTOTP(tx, by.Account)
	})
}

func removeTOTP(tx *gorm.DB, account models.AccountID) error {
	for _, gone := range []any{&totpRow{}, &totpOfferRow{}, &recoveryRow{}} {
		if err := tx.Where("account_id = ?", account).Delete(gone).Error; err != nil {
			return err
		}
	}
	return nil
}

// TakeCode tells whether a code is one the app of an account shows now and was not taken yet, and takes it.
func (s *Store) TakeCode(ctx context.Context, account models.AccountID, code string, now time.Time) (good bool, err error) {
	err = s.direct(ctx, "take a code", func(tx *gorm.DB) error {
		var list []totpRow
		if err := tx.Where("account_id = ?", account).Find(&list).Error; err != nil || len(list) == 0 {
			return err
		}
		step, ok := onetime.Secret(list[0].Secret).Match(code, now, list[0].LastStep)
		if !ok {
			return nil
		}
		done := tx.Model(&totpRow{}).Where("account_id = ? AND last_step < ?", account, step).Update("last_step", step)
		good = done.RowsAffected == 1
		return done.Error
	})
	return good && err == nil, err
}

// TakeRecovery tells whether a recovery code, given as its hash, is the account's and was not used yet, and uses it up.
// It is told in the log of every organisation of the account.
func (s *Store) TakeRecovery(ctx context.Context, by models.Actor, hash [32]byte) (left int, err error) {
	err = s.ofAccount(ctx, by, "person.recovery_used", func(tx *gorm.DB) ([]models.Change, error) {
		done := tx.Model(&recoveryRow{}).Where("account_id = ? AND hash = ? AND used_at IS NULL", by.Account, hash[:]).Update("used_at", at(by.At))
		if done.Error != nil {
			return nil, done.Error
		}
		if done.RowsAffected != 1 {
			return nil, models.ErrNotFound
		}
		var n int64
		err := tx.Model(&recoveryRow{}).Where("account_id = ? AND used_at IS NULL", by.Account).Count(&n).Error
		left = int(n)
		return nil, err
	})
	return left, err
}

// RemovePassword takes the password from the actor's account, which signs in otherwise from then on. Its other sessions
// go on. It is refused where nothing else would let it in ("factors.last"), and where there is none ("password.none").
func (s *Store) RemovePassword(ctx context.Context, by models.Actor) error {
	return s.ofAccount(ctx, by, "person.password_removed", func(tx *gorm.DB) ([]models.Change, error) {
		done := tx.Where("account_id = ?", by.Account).Delete(&accountPasswordRow{})
		if done.Error != nil {
			return nil, done.Error
		}
		if done.RowsAffected == 0 {
			return nil, models.Refused{Rule: "password.none"}
		}
		return nil, s.keepsMeans(tx, by.Account)
	})
}

// keepsMeans refuses what would leave an account nothing to sign in with.
func (s *Store) keepsMeans(tx *gorm.DB, account models.AccountID) error {
	if some, err := s.hasMeans(tx, account); err != nil || !some {
		return errOr(err, models.Refused{Rule: "factors.last"})
	}
	return nil
}

// StartFactorReset keeps a link for somebody who has lost what they prove themselves by: who opens it sets a new
// password, and all other means of the account go. It answers the account it must be sent to, and to nobody else. It is
// told in the log. The error is models.ErrNotFound when there is no such person here, or they have no account.
func (s *Store) StartFactorReset(ctx context.Context, by models.Actor, person models.ID, hash [32]byte) (c Credential, err error) {
	err = s.write(ctx, by, "person.factors_offer", mayManage, func(a *act) error {
		p, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		account, err := accountOf(a.tx, a.org.OrganisationID, person)
		if err != nil {
			return err
		}
		if account == 0 || !p.LeftOn.IsZero() {
			return models.ErrNotFound
		}
		if c, err = s.Credential(ctx, account); err != nil {
			return err
		}
		if err := a.tx.Where("account_id = ? AND kind = ?", account, models.LinkReset).Delete(&linkRow{}).Error; err != nil {
			return err
		}
		l := linkRow{Kind: models.LinkReset, AccountID: optional(account), Email: c.Email, MadeBy: by.Person, Clears: true}
		if err := makeLink(a.tx, hash, l, by.At); err != nil {
			return err
		}
		a.note("person", person, p.Name, nil)
		return nil
	})
	return c, err
}

// StartOver is what the owner of the program's terminal does for somebody who has lost what they prove themselves by, the
// only director perhaps: a new password, as its hash, and everything else goes. Every session of the account ends. The
// error is models.ErrNotFound for who has no account.
func (s *Store) StartOver(ctx context.Context, by models.Actor, person models.ID, hash string) error {
	return s.write(ctx, by, "person.factors_reset", terminal(by, 0), func(a *act) error {
		before, err := fetch(a, &personRow{}, person)
		if err != nil {
			return err
		}
		account, err := accountOf(a.tx, a.org.OrganisationID, person)
		if err != nil {
			return err
		}
		if account == 0 {
			return models.ErrNotFound
		}
		changes, err := clearFactors(a.tx, account)
		if err != nil {
			return err
		}
		if err := renewPassword(a.tx, account, hash, by.At); err != nil {
			return err
		}
		return a.noteOf(Membership{Person: person, Name: before.Name}, account, changes)
	})
}

// clearFactors takes everything from an account but its password, and says what it was.
func clearFactors(tx *gorm.DB, account models.AccountID) ([]models.Change, error) {
	var changes []models.Change
	on, err := hasTOTP(tx, account)
	if err != nil {
		return nil, err
	}
	if on {
		changes = append(changes, totpChange(true, false))
	}
	var names []string
	if err := tx.Table("passkeys").Where("account_id = ?", account).Order("id").Pluck("name", &names).Error; err != nil {
		return nil, err
	}
	for name := range slices.Values(names) {
		changes = append(changes, models.Change{Field: "passkey", Before: name})
	}
	if err := removeTOTP(tx, account); err != nil {
		return nil, err
	}
	if err := tx.Where("account_id = ?", account).Delete(&passkeyRow{}).Error; err != nil {
		return nil, err
	}
	unlinked, err := clearIdentities(tx, account)
	return append(changes, unlinked...), err
}

type begunRow struct {
	Hash      []byte `gorm:"primaryKey"`
	Purpose   string
	AccountID optional
	Data      string
	ExpiresAt stamp
}

func (begunRow) TableName() string { return "proofs_begun" }

// Begun is a proof that somebody has begun and not finished: Data is the screens' own.
type Begun struct {
	Purpose   string
	Account   models.AccountID // 0 while it is not known who
	Data      string
	ExpiresAt time.Time
}

// BeginProof keeps what a proof goes on with, under the hash of what the browser holds; what has run out is forgotten.
func (s *Store) BeginProof(ctx context.Context, hash [32]byte, b Begun, now time.Time) error {
	return s.direct(ctx, "begin a proof", func(tx *gorm.DB) error {
		if err := tx.Where("expires_at <= ?", stamp{now}).Delete(&begunRow{}).Error; err != nil {
			return err
		}
		return tx.Create(&begunRow{hash[:], b.Purpose, optional(b.Account), b.Data, stamp{b.ExpiresAt}}).Error
	})
}

// BegunProof is what was kept; models.ErrNotFound when it is not there, for another purpose, or has run out.
func (s *Store) BegunProof(ctx context.Context, hash [32]byte, purpose string, now time.Time) (Begun, error) {
	row, err := s.texts.row(ctx, "SELECT coalesce(account_id, 0), data, expires_at FROM proofs_begun WHERE "+begunNow, hash[:], purpose, now.UnixMicro())
	if err != nil {
		return Begun{}, err
	}
	b := Begun{Purpose: purpose}
	var expires int64
	if err := row.Scan(&b.Account, &b.Data, &expires); err != nil {
		return Begun{}, absent("read a proof that was begun", err)
	}
	b.ExpiresAt = time.UnixMicro(expires).UTC()
	return b, nil
}

const begunNow = "hash = ? AND purpose = ? AND expires_at > ?"

// EndProof is BegunProof once: who asks second is told models.ErrNotFound.
func (s *Store) EndProof(ctx context.Context, hash [32]byte, purpose string, now time.Time) (Begun, error) {
	b, err := s.BegunProof(ctx, hash, purpose, now)
	if err != nil {
		return Begun{}, err
	}
	return b, s.direct(ctx, "end a proof", func(tx *gorm.DB) error {
		done := tx.Where(begunNow, hash[:], purpose, stamp{now}).Delete(&begunRow{})
		if done.Error == nil && done.RowsAffected != 1 {
			return models.ErrNotFound
		}
		return done.Error
	})
}

// spaced is a list of words in one column.
func spaced(words []string) string { return cut(strings.Join(words, " "), 200) }

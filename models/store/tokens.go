package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"enveloppe/models"
	"enveloppe/models/cal"
)

type tokenRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	PersonID       ref
	Hash           []byte
	Name           string
	Scope          models.TokenScope
	FeedMine       bool
	FeedAmounts    bool
	FeedLang       models.Lang
	ExpiresOn      cal.Date
	MadeAt         stamp
	MadeBy         models.ID
	UsedAt         instant
	UsedFrom       string
}

func (tokenRow) TableName() string { return "tokens" }

func (r *tokenRow) model() models.Token {
	return models.Token{
		ID: r.ID, PersonID: models.ID(r.PersonID), Name: r.Name, Scope: r.Scope,
		Feed:      models.Feed{Mine: r.FeedMine, Amounts: r.FeedAmounts, Lang: r.FeedLang},
		ExpiresOn: r.ExpiresOn, MadeAt: r.MadeAt.Time, MadeBy: r.MadeBy, UsedAt: r.UsedAt.Time, UsedFrom: r.UsedFrom,
	}
}

// Bearer is who presents a token: its owner as they are now. A token of the organisation itself has no person, no
// account and no role.
type Bearer struct {
	models.Token
	Organisation models.ID
	Person       string // name of the owner; the organisation's for its own
	Role         models.Role
	Account      models.AccountID
	Lang         models.Lang
}

// Actor is the owner acting by the token from an address.
func (b Bearer) Actor(from string, at time.Time) models.Actor {
	return models.Actor{
		Organisation: b.Organisation, Person: b.PersonID, Name: b.Person, Role: b.Role, Account: b.Account,
		From: from + ", " + b.Token.Name, At: at.UTC(),
	}
}

// MakeToken keeps a token by the hash of its text, for the actor; or for the organisation itself (PersonID 0), which is
// a director's to do. It is refused when the role could make no use of it ("token.role"), and when there are too many
// ("token.many").
func (s *Store) MakeToken(ctx context.Context, by models.Actor, t models.Token, hash [32]byte) (models.ID, error) {
	mayMake := func(r models.Role) bool {
		return t.PersonID == by.Person && by.Person != 0 || t.PersonID == 0 && r.MayManage()
	}
	return s.add(ctx, by, "token.make", mayMake, func(a *act) (models.ID, error) {
		if err := t.Check(a.today()).Err(); err != nil {
			return 0, err
		}
		if !by.Role.MayHold(t.Scope) {
			return 0, models.Refused{Rule: "token.role"}
		}
		n, err := a.count("tokens", "coalesce(person_id, 0) = ?", t.PersonID)
		if err != nil {
			return 0, err
		}
		if n >= models.MaxTokens {
			return 0, models.Refused{Rule: "token.many", Args: []any{"max", models.MaxTokens}}
		}
		t.ID, t.MadeAt, t.MadeBy = a.nextID(), by.At, by.Person
		row := tokenRow{
			OrganisationID: a.org.OrganisationID, ID: t.ID, PersonID: ref(t.PersonID), Hash: hash[:], Name: t.Name, Scope: t.Scope,
			FeedMine: t.Feed.Mine, FeedAmounts: t.Feed.Amounts, FeedLang: t.Feed.Lang,
			ExpiresOn: t.ExpiresOn, MadeAt: stamp{t.MadeAt}, MadeBy: t.MadeBy,
		}
		if err := a.tx.Create(&row).Error; err != nil {
			return 0, err
		}
		return t.ID, a.noteToken(t, nil, told(t))
	})
}

// toldToken is what the log says of a token: never what stands in it, nor its hash.
type toldToken struct {
	PersonID  models.ID
	Scope     models.TokenScope
	ExpiresOn cal.Date
	Mine      bool
	Amounts   bool
	Lang      models.Lang
}

func told(t models.Token) toldToken {
	return toldToken{t.PersonID, t.Scope, t.ExpiresOn, t.Feed.Mine, t.Feed.Amounts, t.Feed.Lang}
}

func (a *act) noteToken(t models.Token, before, after any) error {
	changes, err := a.differences(before, after)
	if err == nil {
		a.note("token", t.ID, t.Name, changes)
	}
	return err
}

// RevokeToken takes a token back for good: its owner's to do, and a director's. The error is models.ErrNotFound for
// anybody else's, and for one that is not there.
func (s *Store) RevokeToken(ctx context.Context, by models.Actor, id models.ID) error {
	anybody := func(models.Role) bool { return true } // whose it is says who may
	return s.write(ctx, by, "token.revoke", anybody, func(a *act) error {
		var row tokenRow
		if err := a.mine().Where("id = ?", id).Take(&row).Error; err != nil {
			return absent("read a token", err)
		}
		own := row.PersonID != 0 && models.ID(row.PersonID) == by.Person
		if !own && !by.Role.MayManage() {
			return models.ErrNotFound
		}
		return a.revoke(&row)
	})
}

func (a *act) revoke(row *tokenRow) error {
	if err := a.tx.Delete(row).Error; err != nil {
		return err
	}
	return a.noteToken(row.model(), told(row.model()), nil)
}

// revokeTokensOf takes back every token of a person who is no longer here: who returns makes new ones.
func (a *act) revokeTokensOf(person models.ID) error {
	var rows []tokenRow
	if err := a.mine().Where("person_id = ?", person).Order("id").Find(&rows).Error; err != nil {
		return err
	}
	for i := range rows {
		if err := a.revoke(&rows[i]); err != nil {
			return err
		}
	}
	return nil
}

var tokenShape = shapeOf[tokenRow]()

// Tokens are all of an organisation, oldest first, those that have run out among them.
func (s *Store) Tokens(ctx context.Context, org models.ID) ([]models.Token, error) {
	var list []models.Token
	var r tokenRow
	err := read(ctx, s.readers, tokenShape, &r, func() { list = append(list, r.model()) },
		"SELECT "+tokenShape.list+" FROM tokens t WHERE t.organisation_id = ? ORDER BY t.id", int64(org))
	return list, err
}

// Bearer is who stands behind a token, by the hash of its text; models.ErrNotFound when there is none such, when it has
// run out by the organisation's day, and when its owner has left or has no account any more. It writes nothing: UseToken
// does.
func (s *Store) Bearer(ctx context.Context, hash [32]byte, now time.Time) (Bearer, error) {
	row, err := s.texts.row(ctx, `SELECT t.organisation_id, t.id, coalesce(t.person_id, 0), t.name, t.scope, t.feed_mine, t.feed_amounts, t.feed_lang,
			t.expires_on, t.made_at, t.made_by, t.used_at, t.used_from, o.zone,
			coalesce(p.name, o.name), coalesce(p.role, ''), coalesce(p.account_id, 0), coalesce(p.lang, o.lang)
		FROM tokens t
		JOIN organisations o ON o.organisation_id = t.organisation_id
		LEFT JOIN people p ON p.organisation_id = t.organisation_id AND p.id = t.person_id AND p.left_on IS NULL AND p.account_id IS NOT NULL
		WHERE t.hash = ? AND (t.person_id IS NULL OR p.id IS NOT NULL)`, hash[:])
	if err != nil {
		return Bearer{}, err
	}
	var b Bearer
	var made stamp
	var used instant
	var zone string
	err = row.Scan(&b.Organisation, &b.ID, &b.PersonID, &b.Name, &b.Scope, &b.Feed.Mine, &b.Feed.Amounts, &b.Feed.Lang,
		&b.ExpiresOn, &made, &b.MadeBy, &used, &b.UsedFrom, &zone, &b.Person, &b.Role, &b.Account, &b.Lang)
	if err != nil {
		return Bearer{}, absent("look a token up", err)
	}
	b.MadeAt, b.UsedAt = made.Time, used.Time
	if b.Expired(models.Organisation{Zone: zone}.Today(now)) {
		return Bearer{}, models.ErrNotFound
	}
	return b, nil
}

// usedGap is how often a use from the same address is written down.
const usedGap = time.Hour

// UseToken notes that a token was just used and from where, unless that was noted within the hour. It is no change of
// the register.
func (s *Store) UseToken(ctx context.Context, b Bearer, from string, now time.Time) error {
	from = cut(from, 100)
	if from == b.UsedFrom && now.Sub(b.UsedAt) < usedGap && !now.Before(b.UsedAt) {
		return nil
	}
	return s.direct(ctx, "note the use of a token", func(tx *gorm.DB) error {
		return tx.Model(&tokenRow{}).Where("organisation_id = ? AND id = ?", b.Organisation, b.ID).
			Updates(map[string]any{"used_at": at(now), "used_from": from}).Error
	})
}

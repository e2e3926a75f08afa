package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"enveloppe/models"
	"enveloppe/models/money"
)

// record names a row and says at which revision it was last written.
type record struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	Version        int64
}

// rowOf is one record as its table holds it, M being the domain's: it is named by (organisation_id, id), carries a
// version, and turns into M and back without loss.
type rowOf[M any] interface {
	TableName() string
	kind() string // what the audit log calls it
	rec() *record
	model() M
	fill(M) // from the domain, the organisation and the version apart
}

// row is a row of struct R.
type row[R, M any] interface {
	*R
	rowOf[M]
}

// amount is money in its two columns, both NULL for none.
type amount struct {
	Units    units
	Currency code
}

type units struct {
	n    int64
	some bool
}

// Value stores ten-thousandths, NULL for none.
func (u units) Value() (driver.Value, error) {
	if !u.some {
		return nil, nil
	}
	return u.n, nil
}

// Scan reads what Value stored.
func (u *units) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*u = units{}
	case int64:
		*u = units{v, true}
	default:
		return fmt.Errorf("an amount is stored as %T", stored)
	}
	return nil
}

// code is a currency, NULL for none.
type code string

// Value stores the code, NULL for none.
func (c code) Value() (driver.Value, error) {
	if c == "" {
		return nil, nil
	}
	return string(c), nil
}

// Scan reads what Value stored. The same few codes come again and again: the euro's needs no memory of its own.
func (c *code) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*c = ""
	case string:
		if *c = code(v); v == string(money.EUR) {
			*c = code(money.EUR)
		}
	default:
		return fmt.Errorf("a currency is stored as %T", stored)
	}
	return nil
}

func amountOf(a money.Amount) amount {
	return amount{units{a.Units(), !a.IsNone()}, code(a.Currency())}
}

func (a amount) money() money.Amount {
	if !a.Units.some {
		return money.Amount{}
	}
	return money.New(a.Units.n, money.Currency(a.Currency))
}

// ref points at another record of the organisation, NULL for none.
type ref models.ID

// Value stores the ID, NULL for none.
func (r ref) Value() (driver.Value, error) {
	if r == 0 {
		return nil, nil
	}
	return int64(r), nil
}

// Scan reads what Value stored.
func (r *ref) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*r = 0
	case int64:
		*r = ref(v)
	default:
		return fmt.Errorf("a reference is stored as %T", stored)
	}
	return nil
}

// instant is a moment in microseconds since 1970, NULL for the zero time.
type instant struct{ time.Time }

// at cuts a time to what is stored, so that what was written equals what will be read.
func at(t time.Time) instant {
	if t.IsZero() {
		return instant{}
	}
	return instant{t.UTC().Truncate(time.Microsecond)}
}

// Value stores microseconds, NULL for the zero time.
func (i instant) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.UnixMicro(), nil
}

// Scan reads what Value stored.
func (i *instant) Scan(stored any) error {
	switch v := stored.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant{time.UnixMicro(v).UTC()}
	default:
		return fmt.Errorf("an instant is stored as %T", stored)
	}
	return nil
}

// nameKey is what two names are compared by: capitals and spaces do not make another name.
func nameKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// stamp is an instant that is always there: the zero time is stored like any other.
type stamp struct{ time.Time }

// Value stores microseconds.
func (s stamp) Value() (driver.Value, error) { return s.UTC().UnixMicro(), nil }

// Scan reads what Value stored.
func (s *stamp) Scan(stored any) error {
	n, ok := stored.(int64)
	if !ok {
		return fmt.Errorf("an instant is stored as %T", stored)
	}
	*s = stamp{time.UnixMicro(n).UTC()}
	return nil
}

// changeList is the changes of an audit entry, stored as JSON.
type changeList []models.Change

// Value stores JSON.
func (l changeList) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal([]models.Change(l))
	return string(text), err
}

// Scan reads what Value stored.
func (l *changeList) Scan(stored any) error {
	*l = nil
	if stored == "[]" {
		return nil
	}
	return scanList(stored, (*[]models.Change)(l))
}

// scanList reads a list that is kept as one text, because nobody asks for one of it alone.
func scanList(stored, list any) error {
	text, ok := stored.(string)
	if !ok {
		return fmt.Errorf("it is stored as %T", stored)
	}
	return json.Unmarshal([]byte(text), list)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
)

// act is one verb under way: one transaction on one organisation's register. Everything a verb reads or writes goes
// through it, because the only writing connection is the transaction's.
type act struct {
	s       *Store
	tx      *gorm.DB
	by      models.Actor
	verb    string
	org     organisationRow // as read; written back at the end, with the new revision
	written map[string]bool // tables with rows of the new revision
	notes   []auditRow
	now     *models.Register // as before this verb
}

// Whom a verb is for.
var (
	mayEdit   = models.Role.MayEdit
	mayManage = models.Role.MayManage
	mayClose  = models.Role.MayClose
	mayBook   = models.Role.MayBook
	mayExport = models.Role.MayExport
)

// write runs a verb: checks the actor's role, gives the verb its transaction, and closes it. A verb that changed
// nothing leaves the revision alone; one that fails leaves everything alone.
func (s *Store) write(ctx context.Context, by models.Actor, verb string, may func(models.Role) bool, do func(*act) error) error {
	if !may(by.Role) {
		return models.ErrForbidden
	}
	err := s.writer.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		a := &act{s: s, tx: tx, by: by, verb: verb, written: map[string]bool{}}
		if err := tx.Where("organisation_id = ?", by.Organisation).Take(&a.org).Error; err != nil {
			return absent("read the organisation", err)
		}
		if err := do(a); err != nil {
			return err
		}
		return a.finish()
	})
	return fault(verb, err)
}

// add is write for a verb that answers the ID of what it made.
func (s *Store) add(ctx context.Context, by models.Actor, verb string, may func(models.Role) bool, do func(*act) (models.ID, error)) (models.ID, error) {
	var id models.ID
	err := s.write(ctx, by, verb, may, func(a *act) (err error) {
		id, err = do(a)
		return err
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// fault says what was being done when something broke; the refusals the reader is told of pass as they are.
func fault(verb string, err error) error {
	var invalid models.Invalid
	var refused models.Refused
	var conflict models.Conflict
	switch {
	case err == nil, errors.Is(err, models.ErrNotFound), errors.Is(err, models.ErrForbidden),
		errors.As(err, &invalid), errors.As(err, &refused), errors.As(err, &conflict):
		return err
	}
	return fmt.Errorf("%s: %w", verb, err)
}

// finish gives the written rows their revision, by which readers find them, and the log its entries.
func (a *act) finish() error {
	if len(a.written) == 0 && len(a.notes) == 0 {
		return nil
	}
	revision := a.revision()
	for i := range a.notes {
		a.notes[i].ID, a.notes[i].Revision = a.nextID(), revision
	}
	if err := a.chain(); err != nil {
		return err
	}
	a.org.Revision = revision
	if err := a.tx.Select("*").Updates(&a.org).Error; err != nil {
		return err
	}
	if len(a.written) > 0 {
		kinds := make([]changeRow, 0, len(a.written))
		for kind := range a.written {
			kinds = append(kinds, changeRow{a.org.OrganisationID, kind, revision})
		}
		newer := clause.OnConflict{UpdateAll: true}
		if err := a.tx.Clauses(newer).Create(&kinds).Error; err != nil {
			return err
		}
	}
	if len(a.notes) == 0 {
		return nil
	}
	return a.tx.CreateInBatches(a.notes, batch).Error
}

// batch is how many rows one INSERT carries: SQLite takes 32 766 values at once, and a payment has 47.
const batch = 500

type changeRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	Kind           string    `gorm:"primaryKey"`
	Version        int64
}

func (changeRow) TableName() string { return "changes" }

type deletionRow struct {
	OrganisationID models.ID
	Version        int64
	Kind           string
	ID             models.ID
}

func (deletionRow) TableName() string { return "deletions" }

// revision is the one this verb makes.
func (a *act) revision() int64 { return a.org.Revision + 1 }

func (a *act) nextID() models.ID {
	id := a.org.NextID
	a.org.NextID++
	return id
}

func (a *act) context() context.Context { return a.tx.Statement.Context }

// mine is a query on the organisation's own rows.
func (a *act) mine() *gorm.DB { return a.tx.Where("organisation_id = ?", a.org.OrganisationID) }

// register is everything as it stood before this verb. It must be asked for before anything is written, so that what it
// holds is also what the next reader may start from.
func (a *act) register() (*models.Register, error) {
	if a.now != nil {
		return a.now, nil
	}
	if len(a.written) > 0 {
		panic("store: " + a.verb + " asks for the register after it has written")
	}
	m := a.s.cache.of(a.org.OrganisationID)
	if err := m.take(a.context()); err != nil {
		return nil, err
	}
	defer m.leave()
	if r := m.ready.Load(); r != nil && r.Revision == a.org.Revision {
		a.now = r
		return r, nil
	}
	r, err := m.bring(a.context(), a.tx.Statement.ConnPool, a.org.OrganisationID)
	a.now = r
	return r, err
}

// fetch reads one record of the organisation into an empty row; models.ErrNotFound when it has none of that ID.
func fetch[M any](a *act, r rowOf[M], id models.ID) (M, error) {
	if err := a.mine().Where("id = ?", id).Take(r).Error; err != nil {
		var none M
		return none, absent("read "+r.TableName(), err)
	}
	return r.model(), nil
}

// insert writes a new record under a new ID and notes it in the log under the name people know it by.
func insert[M any](a *act, r rowOf[M], m M, name string) (models.ID, error) {
	r.fill(m)
	*r.rec() = record{a.org.OrganisationID, a.nextID(), a.revision()}
	changes, err := a.differences(nil, r.model())
	if err != nil {
		return 0, err
	}
	if err := a.tx.Create(r).Error; err != nil {
		return 0, err
	}
	a.written[r.TableName()] = true
	a.note(r.kind(), r.rec().ID, name, changes)
	return r.rec().ID, nil
}

// change writes what differs between two states of a record, and does nothing when nothing does.
func change[M any](a *act, r rowOf[M], before, after M, name string) error {
	changes, err := a.differences(before, after)
	if err != nil || len(changes) == 0 {
		return err
	}
	r.fill(after)
	if err := rewrite(a, r); err != nil {
		return err
	}
	a.note(r.kind(), r.rec().ID, name, changes)
	return nil
}

// rewrite stores a record's row as it now is.
func rewrite[M any](a *act, r rowOf[M]) error {
	r.rec().OrganisationID, r.rec().Version = a.org.OrganisationID, a.revision()
	done := a.tx.Select("*").Updates(r)
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 {
		return models.ErrNotFound
	}
	a.written[r.TableName()] = true
	return nil
}

// remove takes a record away for good.
func remove[M any](a *act, r rowOf[M], m M, name string) error {
	r.fill(m)
	changes, err := a.differences(m, nil)
	if err != nil {
		return err
	}
	r.rec().OrganisationID = a.org.OrganisationID
	if err := a.tx.Delete(r).Error; err != nil { // by its whole primary key
		return err
	}
	if err := a.removed(r.TableName(), r.rec().ID); err != nil {
		return err
	}
	a.note(r.kind(), r.rec().ID, name, changes)
	return nil
}

// removed leaves word for readers who still have the row.
func (a *act) removed(table string, id models.ID) error {
	a.written["deletions"] = true
	return a.tx.Create(&deletionRow{a.org.OrganisationID, a.revision(), table, id}).Error
}

// expect refuses to overwrite what somebody saved after the actor read it.
func (a *act) expect(kind string, id models.ID, current, read int64) error {
	if current == read {
		return nil
	}
	conflict := models.Conflict{Current: current}
	var last []auditRow
	err := a.mine().Where("kind = ? AND subject = ?", kind, id).Order("id DESC").Limit(1).Find(&last).Error
	if err != nil {
		return err
	}
	if len(last) > 0 {
		conflict.By, conflict.At = last[0].ByName, last[0].At.Time
	}
	return conflict
}

// count counts the organisation's rows of a table under a condition.
func (a *act) count(table, where string, args ...any) (int, error) {
	var n int64
	err := a.mine().Table(table).Where(where, args...).Count(&n).Error
	return int(n), err
}

// lacks notes a problem when a record chosen in a form is not the organisation's; 0 means none was chosen.
func (a *act) lacks(v *models.Invalid, field, table string, id models.ID) error {
	if id == 0 || v.Has(field) {
		return nil
	}
	n, err := a.count(table, "id = ?", id)
	if err == nil && n == 0 {
		v.Add(field, "choose")
	}
	return err
}

// taken notes a problem when another record of the table has the same name.
func (a *act) taken(v *models.Invalid, table, name string, self models.ID) error {
	if v.Has("name") {
		return nil
	}
	n, err := a.count(table, "name_key = ? AND id <> ?", nameKey(name), self)
	if err == nil && n > 0 {
		v.Add("name", "duplicate")
	}
	return err
}

// unused refuses to remove a record others point at.
func (a *act) unused(table, column string, id models.ID) error {
	n, err := a.count(table, column+" = ?", id)
	if err == nil && n > 0 {
		return models.Refused{Rule: "in_use", Args: []any{"n", n}}
	}
	return err
}

// all gathers problems found in several parts of one form, each once.
func all(parts ...models.Invalid) models.Invalid {
	var v models.Invalid
	for _, part := range parts {
		for _, p := range part {
			if !slices.ContainsFunc(v, func(q models.Problem) bool { return q.Field == p.Field && q.Rule == p.Rule }) {
				v = append(v, p)
			}
		}
	}
	return v
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"

	"gorm.io/gorm/schema"

	"enveloppe/models"
)

// shape is what reading a table into its row struct needs: the columns in the struct's order, and where each goes.
type shape struct {
	table string
	list  string // "t.organisation_id, t.id, t.version, …"
	at    [][]int
}

// shapeOf takes the columns from GORM's reading of the struct, so that what verbs write and what is read here never differ.
func shapeOf[R any]() shape {
	s, err := schema.Parse(new(R), &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		panic(err) // a row struct GORM cannot read fails every test
	}
	sh := shape{table: s.Table}
	names := make([]string, 0, len(s.DBNames))
	for _, name := range s.DBNames {
		names = append(names, "t."+name)
		sh.at = append(sh.at, s.FieldsByDBName[name].StructField.Index)
	}
	sh.list = strings.Join(names, ", ")
	return sh
}

// into are the addresses the columns of one row are scanned to.
func (sh shape) into(row any) []any {
	v := reflect.ValueOf(row).Elem()
	to := make([]any, len(sh.at))
	for i, at := range sh.at {
		to[i] = v.FieldByIndex(at).Addr().Interface()
	}
	return to
}

// read hands each row of a query to a function, always in the same memory.
func read[R any](ctx context.Context, q querier, sh shape, row *R, each func(), query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", sh.table, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	to := sh.into(row)
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return fmt.Errorf("read %s: %w", sh.table, err)
		}
		each()
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", sh.table, err)
	}
	return nil
}

// shelf is one list of the facts and how to bring it up to date.
type shelf interface {
	// since reads what was written after a version; never for everything, into an empty list.
	since(ctx context.Context, q querier, org models.ID, version int64, f *models.Facts) error
	drop(f *models.Facts, id models.ID)
	last(f *models.Facts) models.ID
	plant(a *act, f *models.Facts) error
}

// never is the version before the first.
const never = -1

// shelfOf is the shelf of one kind of record.
type shelfOf[R, M any, P row[R, M]] struct {
	shape
	list       func(*models.Facts) *[]M
	id         func(*M) models.ID
	gone       func(*R) bool // kept in the table but a fact no more; nil when there is no such row
	all, fresh string        // the two queries
}

func newShelf[R, M any, P row[R, M]](list func(*models.Facts) *[]M, id func(*M) models.ID) shelfOf[R, M, P] {
	sh := shapeOf[R]()
	from := "SELECT " + sh.list + " FROM " + sh.table + " t "
	return shelfOf[R, M, P]{
		shape: sh, list: list, id: id,
		all: from + "WHERE t.organisation_id = ? AND ? < 0 ORDER BY t.id",
		// Without statistics SQLite would rather read the whole table in order than sort the two rows that changed.
		fresh: from + "INDEXED BY " + sh.table + "_version WHERE t.organisation_id = ? AND t.version > ? ORDER BY t.id",
	}
}

func (sh *shelfOf[R, M, P]) since(ctx context.Context, q querier, org models.ID, version int64, f *models.Facts) error {
	query := sh.fresh
	if version == never {
		query = sh.all
	}
	list := sh.list(f)
	e := edit[M]{list: *list, id: sh.id}
	var one R
	err := read(ctx, q, sh.shape, &one, func() {
		if sh.gone != nil && sh.gone(&one) {
			e.remove(P(&one).rec().ID)
			return
		}
		e.put(P(&one).model())
	}, query, int64(org), version)
	*list = e.list
	return err
}

func (sh *shelfOf[R, M, P]) drop(f *models.Facts, id models.ID) {
	list := sh.list(f)
	e := edit[M]{list: *list, id: sh.id}
	e.remove(id)
	*list = e.list
}

// subscriptionShelf reads terms and seats along with the subscriptions they belong to.
type subscriptionShelf struct {
	shelfOf[subscriptionRow, models.Subscription, *subscriptionRow]
	terms, seats            shape
	allTerms, freshTerms    string
	allSeats, freshSeats    string
	allOfOne, allSeatsOfOne string
}

func newSubscriptionShelf() *subscriptionShelf {
	s := &subscriptionShelf{
		shelfOf: newShelf[subscriptionRow](
			func(f *models.Facts) *[]models.Subscription { return &f.Subscriptions },
			func(m *models.Subscription) models.ID { return m.ID }),
		terms: shapeOf[termsRow](), seats: shapeOf[seatRow](),
	}
	const (
		changed = " FROM subscriptions s INDEXED BY subscriptions_version CROSS JOIN %[1]s t" +
			" ON t.organisation_id = s.organisation_id AND t.subscription_id = s.id" +
			" WHERE s.organisation_id = ? AND s.version > ? ORDER BY t.subscription_id, "
		every = " FROM %[1]s t WHERE t.organisation_id = ? AND ? < 0 ORDER BY t.subscription_id, "
		one   = " FROM %[1]s t WHERE t.organisation_id = ? AND t.subscription_id = ? ORDER BY "
		byDay = "t.from_on, t.id"
	)
	query := func(sh shape, from, order string) string {
		return "SELECT " + sh.list + fmt.Sprintf(from, sh.table) + order
	}
	s.allTerms, s.freshTerms = query(s.terms, every, byDay), query(s.terms, changed, byDay)
	s.allSeats, s.freshSeats = query(s.seats, every, "t.person_id, "+byDay), query(s.seats, changed, "t.person_id, "+byDay)
	s.allOfOne, s.allSeatsOfOne = query(s.terms, one, byDay), query(s.seats, one, "t.person_id, "+byDay)
	return s
}

func (s *subscriptionShelf) since(ctx context.Context, q querier, org models.ID, version int64, f *models.Facts) error {
	if err := s.shelfOf.since(ctx, q, org, version, f); err != nil {
		return err
	}
	terms, seats := s.freshTerms, s.freshSeats
	if version == never {
		terms, seats = s.allTerms, s.allSeats
	}
	// What changed has just been put in the list anew, without terms and seats, in memory nobody else has seen.
	list, n := f.Subscriptions, 0
	owner := func(id models.ID) *models.Subscription {
		for list[n].ID != id {
			n++
		}
		return &list[n]
	}
	var t termsRow
	err := read(ctx, q, s.terms, &t, func() {
		to := owner(t.SubscriptionID)
		to.Terms = append(to.Terms, t.model())
	}, terms, int64(org), version)
	if err != nil {
		return err
	}
	n = 0
	var seat seatRow
	return read(ctx, q, s.seats, &seat, func() {
		to := owner(seat.SubscriptionID)
		to.Seats = append(to.Seats, seat.model())
	}, seats, int64(org), version)
}

// of reads the terms and seats of one subscription.
func (s *subscriptionShelf) of(ctx context.Context, q querier, org models.ID, m *models.Subscription) error {
	var t termsRow
	var seat seatRow
	err := read(ctx, q, s.terms, &t, func() { m.Terms = append(m.Terms, t.model()) }, s.allOfOne, int64(org), int64(m.ID))
	if err != nil {
		return err
	}
	return read(ctx, q, s.seats, &seat, func() { m.Seats = append(m.Seats, seat.model()) }, s.allSeatsOfOne, int64(org), int64(m.ID))
}

// organisationShelf is the one record of its kind, with its VAT statuses.
type organisationShelf struct {
	organisation, vat shape
	one, statuses     string
}

func newOrganisationShelf() *organisationShelf {
	s := &organisationShelf{organisation: shapeOf[organisationRow](), vat: shapeOf[vatRow]()}
	s.one = "SELECT " + s.organisation.list + " FROM organisations t WHERE t.organisation_id = ?"
	s.statuses = "SELECT " + s.vat.list + " FROM vat_statuses t WHERE t.organisation_id = ? ORDER BY t.n"
	return s
}

func (s *organisationShelf) since(ctx context.Context, q querier, org models.ID, _ int64, f *models.Facts) error {
	var row organisationRow
	if err := read(ctx, q, s.organisation, &row, func() {}, s.one, int64(org)); err != nil {
		return err
	}
	var vat []models.VATStatus
	var v vatRow
	err := read(ctx, q, s.vat, &v, func() {
		vat = append(vat, models.VATStatus{From: v.FromOn, Kind: v.Kind, Share: v.Share})
	}, s.statuses, int64(org))
	f.Organisation = row.model(vat)
	return err
}

func (*organisationShelf) drop(*models.Facts, models.ID) {}

var (
	theOrganisation  = newOrganisationShelf()
	theSubscriptions = newSubscriptionShelf()
	theFlags         = newFlagShelf()
	theChannels      = channelsInUse()
)

func openFlags() *shelfOf[flagRow, models.Flag, *flagRow] {
	sh := newShelf[flagRow](func(f *models.Facts) *[]models.Flag { return &f.Flags }, func(m *models.Flag) models.ID { return m.ID })
	sh.all = strings.Replace(sh.all, "ORDER BY", "AND t.cleared_on IS NULL ORDER BY", 1)
	sh.gone = func(r *flagRow) bool { return !r.ClearedOn.IsZero() }
	return &sh
}

func channelsInUse() *shelfOf[channelRow, models.Channel, *channelRow] {
	sh := newShelf[channelRow](func(f *models.Facts) *[]models.Channel { return &f.Channels }, func(m *models.Channel) models.ID { return m.ID })
	sh.all = strings.Replace(sh.all, "ORDER BY", "AND t.removed_at IS NULL ORDER BY", 1)
	sh.gone = func(r *channelRow) bool { return !r.RemovedAt.IsZero() }
	return &sh
}

func shelfFor[R, M any, P row[R, M]](list func(*models.Facts) *[]M, id func(*M) models.ID) shelf {
	sh := newShelf[R, M, P](list, id)
	return &sh
}

// shelves are the lists of the facts by their table.
var shelves = map[string]shelf{
	"organisations": theOrganisation,
	"subscriptions": theSubscriptions,
	"flags":         theFlags,
	"people": shelfFor[personRow](
		func(f *models.Facts) *[]models.Person { return &f.People }, func(m *models.Person) models.ID { return m.ID }),
	"functions": shelfFor[functionRow](
		func(f *models.Facts) *[]models.Function { return &f.Functions }, func(m *models.Function) models.ID { return m.ID }),
	"vendors": shelfFor[vendorRow](
		func(f *models.Facts) *[]models.Vendor { return &f.Vendors }, func(m *models.Vendor) models.ID { return m.ID }),
	"means": shelfFor[meansRow](
		func(f *models.Facts) *[]models.Means { return &f.Means }, func(m *models.Means) models.ID { return m.ID }),
	"services": shelfFor[serviceRow](
		func(f *models.Facts) *[]models.Service { return &f.Services }, func(m *models.Service) models.ID { return m.ID }),
	"plans": shelfFor[planRow](
		func(f *models.Facts) *[]models.Plan { return &f.Plans }, func(m *models.Plan) models.ID { return m.ID }),
	"payments": shelfFor[paymentRow](
		func(f *models.Facts) *[]models.Payment { return &f.Payments }, func(m *models.Payment) models.ID { return m.ID }),
	"waivers": shelfFor[waiverRow](
		func(f *models.Facts) *[]models.Waiver { return &f.Waivers }, func(m *models.Waiver) models.ID { return m.ID }),
	"envelopes": shelfFor[envelopeRow](
		func(f *models.Facts) *[]models.Envelope { return &f.Envelopes }, func(m *models.Envelope) models.ID { return m.ID }),
	"rates": shelfFor[rateRow](
		func(f *models.Facts) *[]models.ReferenceRate { return &f.Rates }, func(m *models.ReferenceRate) models.ID { return m.ID }),
	"decisions": shelfFor[decisionRow](
		func(f *models.Facts) *[]models.Decision { return &f.Decisions }, func(m *models.Decision) models.ID { return m.ID }),
	"attachments": shelfFor[attachmentRow](
		func(f *models.Facts) *[]models.Attachment { return &f.Attachments }, func(m *models.Attachment) models.ID { return m.ID }),
	"channels": theChannels,
	"proofs": shelfFor[proofRow](
		func(f *models.Facts) *[]models.Proof { return &f.Proofs }, func(m *models.Proof) models.ID { return m.ID }),
	"exports": shelfFor[exportRow](
		func(f *models.Facts) *[]models.ExportMark { return &f.Exports }, func(m *models.ExportMark) models.ID { return m.ID }),
	"closings": shelfFor[closingRow](
		func(f *models.Facts) *[]models.Closing { return &f.Closings }, func(m *models.Closing) models.ID { return m.ID }),
	"bank_accounts": shelfFor[bankAccountRow](
		func(f *models.Facts) *[]models.BankAccount { return &f.BankAccounts }, func(m *models.BankAccount) models.ID { return m.ID }),
	"scenarios": shelfFor[scenarioRow](
		func(f *models.Facts) *[]models.Scenario { return &f.Scenarios }, func(m *models.Scenario) models.ID { return m.ID }),
	"reviews": shelfFor[reviewRow](
		func(f *models.Facts) *[]models.Review { return &f.Reviews }, func(m *models.Review) models.ID { return m.ID }),
	"proposals": shelfFor[proposalRow](
		func(f *models.Facts) *[]models.ServiceProposal { return &f.Proposals }, func(m *models.ServiceProposal) models.ID { return m.ID }),
	"comparisons": shelfFor[comparisonRow](
		func(f *models.Facts) *[]models.Comparison { return &f.Comparisons }, func(m *models.Comparison) models.ID { return m.ID }),
}

// bring returns the facts of an organisation as the querier sees them, which must be one transaction. It starts from
// facts known already, which it leaves as they are, or from nothing.
func bring(ctx context.Context, q querier, org models.ID, known *models.Facts) (models.Facts, error) {
	f, since := models.Facts{}, int64(never)
	if known != nil {
		f, since = *known, known.Revision
	}
	revision, kinds, err := changedSince(ctx, q, org, since)
	if err != nil {
		return f, err
	}
	if since == never {
		for _, sh := range shelves {
			if err := sh.since(ctx, q, org, never, &f); err != nil {
				return f, err
			}
		}
	} else if err := refresh(ctx, q, org, since, kinds, &f); err != nil {
		return f, err
	}
	f.Revision = revision
	return f, nil
}

// changedSince are the organisation's revision and the tables written after a version.
func changedSince(ctx context.Context, q querier, org models.ID, version int64) (revision int64, kinds []string, err error) {
	rows, err := q.QueryContext(ctx, `SELECT o.revision, c.kind FROM organisations o
		LEFT JOIN changes c ON c.organisation_id = o.organisation_id AND c.version > ?
		WHERE o.organisation_id = ?`, version, int64(org))
	if err != nil {
		return 0, nil, fmt.Errorf("read what changed: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var kind sql.NullString
		if err := rows.Scan(&revision, &kind); err != nil {
			return 0, nil, fmt.Errorf("read what changed: %w", err)
		}
		if kind.Valid {
			kinds = append(kinds, kind.String)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, nil, fmt.Errorf("read what changed: %w", err)
	}
	if revision == 0 {
		return 0, nil, models.ErrNotFound
	}
	return revision, kinds, nil
}

func refresh(ctx context.Context, q querier, org models.ID, since int64, kinds []string, f *models.Facts) (err error) {
	removed := false
	for _, kind := range kinds {
		if kind == "deletions" {
			removed = true
		} else if err := shelves[kind].since(ctx, q, org, since, f); err != nil {
			return err
		}
	}
	if !removed {
		return nil
	}
	rows, err := q.QueryContext(ctx, "SELECT kind, id FROM deletions WHERE organisation_id = ? AND version > ?", int64(org), since)
	if err != nil {
		return fmt.Errorf("read what was removed: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var kind string
		var id int64
		if err := rows.Scan(&kind, &id); err != nil {
			return fmt.Errorf("read what was removed: %w", err)
		}
		shelves[kind].drop(f, models.ID(id))
	}
	return rows.Err()
}

// edit changes a list kept by ID without disturbing those who hold it: what comes after its end is appended, as
// whoever holds the list does not look there, and for everything else the list is copied first.
type edit[M any] struct {
	list []M
	id   func(*M) models.ID
	own  bool // list is a copy
}

func (e *edit[M]) find(id models.ID) (at int, ok bool) {
	n := len(e.list)
	if n == 0 || e.id(&e.list[n-1]) < id {
		return n, false
	}
	at = sort.Search(n, func(i int) bool { return e.id(&e.list[i]) >= id })
	return at, e.id(&e.list[at]) == id
}

func (e *edit[M]) copyOnce() {
	if !e.own {
		e.list, e.own = slices.Clone(e.list), true
	}
}

func (e *edit[M]) put(m M) {
	at, ok := e.find(e.id(&m))
	switch {
	case ok:
		e.copyOnce()
		e.list[at] = m
	case at == len(e.list):
		e.list = append(e.list, m)
	default:
		e.copyOnce()
		e.list = slices.Insert(e.list, at, m)
	}
}

// remove leaves an empty list nil, as reading it afresh would.
func (e *edit[M]) remove(id models.ID) {
	at, ok := e.find(id)
	if !ok {
		return
	}
	e.copyOnce()
	if e.list = slices.Delete(e.list, at, at+1); len(e.list) == 0 {
		e.list = nil
	}
}

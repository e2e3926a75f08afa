package store

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/schema"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

type auditRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	Revision       int64
	At             stamp
	ByID           models.ID
	ByName         string
	FromWhere      string
	Verb           string
	Kind           string
	Subject        models.ID
	Name           string
	Changes        changeList
	Prev, Hash     digest
}

func (auditRow) TableName() string { return "audit" }

// note adds an entry to the log; it is written with the rest of the verb or not at all.
func (a *act) note(kind string, subject models.ID, name string, changes []models.Change) {
	a.notes = append(a.notes, auditRow{
		OrganisationID: a.org.OrganisationID, At: stamp{a.by.At}, ByID: a.by.Person, ByName: a.by.Name, FromWhere: a.by.From,
		Verb: a.verb, Kind: kind, Subject: subject, Name: name, Changes: changes,
	})
}

// Audit reads the log of an organisation, newest first.
func (s *Store) Audit(ctx context.Context, org models.ID, f AuditFilter) ([]models.AuditEntry, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	var entries []models.AuditEntry
	for e, err := range s.EachAudit(ctx, org, f) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// EachAudit yields the entries that Audit would list, but all of them when the filter has no limit. An error comes
// last, in the place of an entry.
func (s *Store) EachAudit(ctx context.Context, org models.ID, f AuditFilter) iter.Seq2[models.AuditEntry, error] {
	where, args := "t.organisation_id = ?", []any{int64(org)}
	for _, narrow := range []struct {
		by    string
		value any
		on    bool
	}{
		{"t.kind = ?", f.Kind, f.Kind != ""},
		{"t.subject = ?", int64(f.Subject), f.Subject != 0},
		{"t.by_id = ?", int64(f.By), f.By != 0},
		{"t.by_id = 0", nil, f.ByProgram},
		{"t.id < ?", int64(f.Before), f.Before != 0},
		{"t.at >= ?", stamp{f.Since}, !f.Since.IsZero()},
		{"t.at < ?", stamp{f.Until}, !f.Until.IsZero()},
	} {
		if !narrow.on {
			continue
		}
		where += " AND " + narrow.by
		if narrow.value != nil {
			args = append(args, narrow.value)
		}
	}
	query := "SELECT " + auditShape.list + " FROM audit t WHERE " + where + " ORDER BY t.id DESC"
	if f.Keep == nil && f.Limit > 0 {
		query, args = query+" LIMIT ?", append(args, f.Limit)
	}
	return func(yield func(models.AuditEntry, error) bool) {
		if err := s.pickAudit(ctx, f, yield, query, args); err != nil {
			yield(models.AuditEntry{}, fmt.Errorf("read the log: %w", err))
		}
	}
}

// pickAudit yields the entries of a query that the filter keeps, until there are enough.
func (s *Store) pickAudit(ctx context.Context, f AuditFilter, yield func(models.AuditEntry, error) bool, query string, args []any) error {
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var r auditRow
	into := auditShape.into(&r)
	for n := 0; rows.Next() && (f.Limit <= 0 || n < f.Limit); {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		e := models.AuditEntry{
			ID: r.ID, Revision: r.Revision, At: r.At.Time, By: r.ByID, ByName: r.ByName, From: r.FromWhere, Verb: r.Verb,
			Kind: r.Kind, Subject: r.Subject, Name: r.Name, Changes: r.Changes, Hash: r.Hash,
		}
		if f.Keep != nil && !f.Keep(e) {
			continue
		}
		if n++; !yield(e, nil) {
			return nil
		}
	}
	return rows.Err()
}

// NoteAuditExport notes that the log itself was handed out, and which part of it: the filter in plain words.
func (s *Store) NoteAuditExport(ctx context.Context, by models.Actor, filter []models.Change) error {
	return s.write(ctx, by, "audit.export", mayExport, func(a *act) error {
		a.note("export", 0, "audit", filter)
		return nil
	})
}

var auditShape = shapeOf[auditRow]()

// differences are the fields that differ between two states of a record, in the record's order. One of the states may
// be nil, for a record that begins or ends: its fields that say something are then listed.
func (a *act) differences(before, after any) ([]models.Change, error) {
	some := after
	if some == nil {
		some = before
	}
	var changes []models.Change
	for _, f := range fieldsOf(reflect.TypeOf(some)) {
		b, err := a.plain(f, before, after != nil)
		if err != nil {
			return nil, err
		}
		n, err := a.plain(f, after, before != nil)
		if err != nil {
			return nil, err
		}
		if b != n {
			changes = append(changes, models.Change{Field: f.name, Before: b, After: n})
		}
	}
	return changes, nil
}

// field is one field of a record as the log tells it.
type field struct {
	index []int
	name  string // in small letters, without the ID at its end: "owner"
	names string // query for the name of what an ID points at; empty for other fields
}

var fields sync.Map // reflect.Type → []field

// untold are the fields that are no news of their own: what names the entry, and what the entry itself says.
var untold = map[string]bool{
	"ID": true, "Version": true, "FlagKey": true, "RecordedAt": true, "RecordedBy": true,
	"InvoiceID": true, "Hash": true, "AddedAt": true, "ClosedAt": true, "AddedBy": true,
	"At": true, "ThroughID": true, "Books": true,
	"AddressEnd": true, "SecretEnd": true, "Address": true, "Secret": true, "KeyedAt": true, // of a channel: the log knows nothing of its keys
}

const nameIn = "SELECT name FROM %s WHERE organisation_id = ? AND id = ?"

// nameQueries find what people call the record a field points at.
var nameQueries = map[string]string{
	"FunctionID": fmt.Sprintf(nameIn, "functions"), "VendorID": fmt.Sprintf(nameIn, "vendors"),
	"ServiceID": fmt.Sprintf(nameIn, "services"), "PlanID": fmt.Sprintf(nameIn, "plans"), "MeansID": fmt.Sprintf(nameIn, "means"),
	"OwnerID": fmt.Sprintf(nameIn, "people"), "PersonID": fmt.Sprintf(nameIn, "people"), "By": fmt.Sprintf(nameIn, "people"),
	"ExportedBy": fmt.Sprintf(nameIn, "people"), "SecondAdmin": fmt.Sprintf(nameIn, "people"), "Referent": fmt.Sprintf(nameIn, "people"),
	"DecisionID": nameOfDecision,
	"MadeBy":     fmt.Sprintf(nameIn, "people"), "ClosedBy": fmt.Sprintf(nameIn, "people"), "AppliedBy": fmt.Sprintf(nameIn, "people"),
	"ReopenedBy": fmt.Sprintf(nameIn, "people"), "PaymentID": nameOfPayment,
	"ProposedBy": fmt.Sprintf(nameIn, "people"), "AnsweredBy": fmt.Sprintf(nameIn, "people"), "RegisteredID": fmt.Sprintf(nameIn, "services"),
	"AcknowledgedBy": fmt.Sprintf(nameIn, "people"), "SubscriptionID": nameOfSubscription, "SuccessorID": nameOfSubscription,
}

const nameOfSubscription = `SELECT v.name || ' ' || p.name FROM subscriptions s
	JOIN plans p ON p.organisation_id = s.organisation_id AND p.id = s.plan_id
	JOIN services v ON v.organisation_id = s.organisation_id AND v.id = s.service_id
	WHERE s.organisation_id = ? AND s.id = ?`

const nameOfDecision = `SELECT v.name || ' ' || d.on_day FROM decisions d
	JOIN services v ON v.organisation_id = d.organisation_id AND v.id = d.service_id
	WHERE d.organisation_id = ? AND d.id = ?`

const nameOfPayment = `SELECT v.name || ' ' || p.paid_on FROM payments p
	JOIN services v ON v.organisation_id = p.organisation_id AND v.id = p.service_id
	WHERE p.organisation_id = ? AND p.id = ?`

func fieldsOf(t reflect.Type) []field {
	if known, ok := fields.Load(t); ok {
		return known.([]field)
	}
	list := appendFields(nil, t)
	fields.Store(t, list)
	return list
}

// appendFields lists the fields of a record under an index; what is known of a service's access, or of a kept file, counts as
// the record's own.
func appendFields(list []field, t reflect.Type, under ...int) []field {
	for i := range t.NumField() {
		f, index := t.Field(i), append(slices.Clip(under), i)
		part := f.Type == reflect.TypeFor[[]models.Terms]() || f.Type == reflect.TypeFor[[]models.Seat]()
		switch {
		case f.Type == reflect.TypeFor[models.Access](), f.Type == reflect.TypeFor[models.File]():
			list = appendFields(list, f.Type, index...)
		case !untold[f.Name] && !part: // parts are told one by one, see keepPart
			name := strings.TrimSuffix(schema.NamingStrategy{}.ColumnName("", f.Name), "_id")
			if f.Type == reflect.TypeFor[models.ChannelKind]() { // a decision's is called "kind"
				name = "channel_kind"
			}
			list = append(list, field{index, name, nameQueries[f.Name]})
		}
	}
	return list
}

// plain is a field of a record as text. Zero is told as such only when it stands against another state.
func (a *act) plain(f field, record any, against bool) (string, error) {
	if record == nil {
		return "", nil
	}
	v := reflect.ValueOf(record).FieldByIndex(f.index)
	if f.names != "" && !v.IsZero() {
		return a.name(f.names, models.ID(v.Int()))
	}
	switch list := v.Interface().(type) {
	case []models.ScenarioChange:
		return a.plainChanges(list)
	case []models.Share:
		return a.plainShares(list)
	case []models.ReviewNote:
		return a.plainNotes(list)
	case []models.Mute:
		return a.plainMutes(list)
	}
	return plain(v, against), nil
}

func (a *act) name(query string, id models.ID) (string, error) {
	names, err := column[string](a.context(), a.tx.Statement.ConnPool, query, int64(a.org.OrganisationID), int64(id))
	if err != nil || len(names) == 0 {
		return strconv.FormatInt(int64(id), 10), err
	}
	return names[0], nil
}

// nameOfService is what people call a service's subscriptions, payments and decisions too.
func (a *act) nameOfService(id models.ID) (string, error) {
	return a.name(nameQueries["ServiceID"], id)
}

func plain(v reflect.Value, against bool) string {
	switch x := v.Interface().(type) {
	case money.Amount:
		if x.IsNone() {
			return ""
		}
		return x.String()
	case cal.YearStart:
		return fmt.Sprintf("%02d-%02d", x.Month, x.Day)
	case []models.VATStatus:
		return plainVAT(x)
	case []models.CostItem:
		return plainCosts(x)
	case models.Hours:
		if x == 0 && !against {
			return ""
		}
		return plainHours(x)
	case time.Time:
		if x.IsZero() {
			return ""
		}
		return x.Format(time.RFC3339)
	}
	number := v.CanInt() || v.Kind() == reflect.Bool
	if v.IsZero() && (!number || !against || v.Type() == reflect.TypeFor[models.ID]()) {
		return ""
	}
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprint(v.Interface())
}

func plainVAT(statuses []models.VATStatus) string {
	var list []string
	for _, s := range statuses {
		text := string(s.Kind)
		if s.Kind == models.PartDeducts {
			text += " " + s.Share.String() + " %"
		}
		if !s.From.IsZero() {
			text = s.From.String() + " " + text
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

// plainCosts is the lines of one side of a comparison: label, once, a year, of which a share, and the hours of either.
func plainCosts(items []models.CostItem) string {
	list := make([]string, 0, len(items))
	for _, m := range items {
		text := m.Label
		for _, part := range []struct {
			value, unit string
			some        bool
		}{
			{m.Once.String(), "", !m.Once.IsNone()},
			{m.Yearly.String(), "/a", !m.Yearly.IsNone()},
			{m.YearlyShare.String(), " %/a", !m.YearlyShare.IsZero()},
			{plainHours(m.HoursOnce), " h", m.HoursOnce != 0},
			{plainHours(m.HoursYearly), " h/a", m.HoursYearly != 0},
		} {
			if part.some {
				text += " " + part.value + part.unit
			}
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func plainHours(h models.Hours) string { return fmt.Sprintf("%d.%02d", h/100, h%100) }

// plainShares is the shares of an envelope, with the names of their functions.
func (a *act) plainShares(shares []models.Share) (string, error) {
	list := make([]string, 0, len(shares))
	for _, s := range shares {
		name, err := a.name(nameQueries["FunctionID"], s.FunctionID)
		if err != nil {
			return "", err
		}
		list = append(list, name+" "+s.Ceiling.String())
	}
	return strings.Join(list, ", "), nil
}

package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"time"

	"enveloppe/models"
)

// digest is a SHA-256 in its column.
type digest [sha256.Size]byte

// Value stores the bytes.
func (d digest) Value() (driver.Value, error) { return d[:], nil }

// Scan reads what Value stored. An entry that lost its hash reads as zeros, which follow nothing.
func (d *digest) Scan(stored any) error {
	b, ok := stored.([]byte)
	if stored != nil && !ok {
		return fmt.Errorf("a hash is stored as %T", stored)
	}
	*d = digest{}
	copy(d[:], b)
	return nil
}

// link is an entry as it stands in its table, which is what its hash is made of.
type link struct {
	ID, Revision, At, By, Subject           int64
	ByName, From, Verb, Kind, Name, Changes string // Changes is the stored JSON, to the byte
	Prev, Hash                              digest
}

// after is the hash of an entry that follows another: SHA-256 of the other's hash, then of the organisation, the entry's
// number, revision, microseconds since 1970, person and subject, each in 8 bytes with the greatest first, then of the
// person's name, the origin, the verb, the kind, the name and the changes, each with its length in 8 bytes before it.
func (l *link) after(prev digest, org models.ID) digest {
	h := sha256.New()
	h.Write(prev[:])
	for _, n := range []int64{int64(org), l.ID, l.Revision, l.At, l.By, l.Subject} {
		write8(h, n)
	}
	for _, text := range []string{l.ByName, l.From, l.Verb, l.Kind, l.Name, l.Changes} {
		write8(h, int64(len(text)))
		h.Write([]byte(text))
	}
	return digest(h.Sum(nil))
}

func write8(h hash.Hash, n int64) {
	var room [8]byte
	binary.BigEndian.PutUint64(room[:], uint64(n)) //nolint:gosec // G115: the same 64 bits, whatever their sign
	h.Write(room[:])
}

// chain gives the verb's entries their hashes, each following the one before, and the organisation its new head.
func (a *act) chain() error {
	for i := range a.notes {
		r := &a.notes[i]
		changes, err := r.Changes.Value()
		if err != nil {
			return fmt.Errorf("write the changes of %s: %w", r.Kind, err)
		}
		l := link{
			ID: int64(r.ID), Revision: r.Revision, At: r.At.UTC().UnixMicro(), By: int64(r.ByID), Subject: int64(r.Subject),
			ByName: r.ByName, From: r.FromWhere, Verb: r.Verb, Kind: r.Kind, Name: r.Name, Changes: changes.(string),
		}
		r.Prev = a.org.AuditHead
		r.Hash = l.after(r.Prev, a.org.OrganisationID)
		a.org.AuditHead = r.Hash
		a.org.AuditCount++
	}
	return nil
}

// Break is how a chain of entries does not hold.
type Break string

// How a chain can break. Whoever may write the file and knows this program can make the whole chain again: only a hash
// noted elsewhere shows that.
const (
	BreakChanged Break = "changed" // the entry says something else than when it was written
	BreakGap     Break = "gap"     // an entry before it is missing, was put in, or stands elsewhere
	BreakEnd     Break = "end"     // entries are missing after the last one, or were added past this program
)

// Chain is what checking the log of an organisation found.
type Chain struct {
	Count   int       // entries there are
	Head    [32]byte  // hash of the last one that follows; zeros for none
	Broken  models.ID // first entry that does not follow; 0 when all do
	How     Break     // empty when the chain is whole
	At      time.Time // of the broken entry, as it says now
	Wanted  int       // entries the organisation counted
	NotedID models.ID // entry with the hash that was asked for; 0 when none has it
	NotedAt time.Time
}

// Whole tells whether every entry follows the one before it and none is missing.
func (c Chain) Whole() bool { return c.How == "" }

const linkColumns = "id, revision, at, by_id, subject, by_name, from_where, verb, kind, name, changes, prev, hash"

func (l *link) into() []any {
	return []any{&l.ID, &l.Revision, &l.At, &l.By, &l.Subject, &l.ByName, &l.From, &l.Verb, &l.Kind, &l.Name, &l.Changes, &l.Prev, &l.Hash}
}

// VerifyAudit reads the whole log of an organisation and checks that it holds. Noted is a hash that somebody kept
// elsewhere, whose entry is looked for; nil for none. It is models.ErrNotFound when there is no such organisation.
func (s *Store) VerifyAudit(ctx context.Context, org models.ID, noted []byte) (Chain, error) {
	tx, err := s.readers.BeginTx(ctx, nil) // one moment: what is written meanwhile is no break
	if err != nil {
		return Chain{}, fmt.Errorf("check the log: %w", err)
	}
	defer tx.Rollback()
	var c Chain
	var head digest
	row := tx.QueryRowContext(ctx, "SELECT audit_count, audit_head FROM organisations WHERE organisation_id = ?", int64(org))
	if err := row.Scan(&c.Wanted, &head); err != nil {
		return Chain{}, absent("check the log", err)
	}
	err = eachLink(ctx, tx, org, func(l *link) {
		c.Count++
		if len(noted) > 0 && bytes.Equal(noted, l.Hash[:]) {
			c.NotedID, c.NotedAt = models.ID(l.ID), time.UnixMicro(l.At).UTC()
		}
		if !c.Whole() {
			return
		}
		c.How = l.breaks(c.Head, org)
		if c.Whole() {
			c.Head = l.Hash
		} else {
			c.Broken, c.At = models.ID(l.ID), time.UnixMicro(l.At).UTC()
		}
	})
	if err != nil {
		return Chain{}, fmt.Errorf("check the log: %w", err)
	}
	if c.Whole() && (c.Count != c.Wanted || c.Head != head) {
		c.How = BreakEnd
	}
	return c, nil
}

// breaks says how an entry does not follow the one before it; empty when it does.
func (l *link) breaks(prev digest, org models.ID) Break {
	switch {
	case l.Hash != l.after(l.Prev, org):
		return BreakChanged
	case l.Prev != prev:
		return BreakGap
	}
	return ""
}

// eachLink hands over the entries of an organisation in the order they were written, always in the same memory.
func eachLink(ctx context.Context, q querier, org models.ID, each func(*link)) error {
	rows, err := q.QueryContext(ctx, "SELECT "+linkColumns+" FROM audit WHERE organisation_id = ? ORDER BY id", int64(org))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	var l link
	into := l.into()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		each(&l)
	}
	return rows.Err()
}

// chainedKey is kept once the entries from before there was a chain have their hashes. From then on an entry without
// one is a break: it is never given one again.
const chainedKey = "audit.chained"

// chainOld gives the entries from before there was a chain their hashes, once. The caller holds the lock.
func chainOld(ctx context.Context, path string) (err error) {
	db, err := sql.Open(driverName, migratorDSN(path))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // committed before
	db.SetMaxOpenConns(1)
	done, err := column[string](ctx, db, "SELECT value FROM meta WHERE key = ?", chainedKey)
	if err != nil || len(done) > 0 {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreDone(tx.Rollback())) }()
	orgs, err := column[models.ID](ctx, tx, "SELECT organisation_id FROM organisations ORDER BY organisation_id")
	if err != nil {
		return err
	}
	for _, org := range orgs {
		if err := chainAll(ctx, tx, org); err != nil {
			return fmt.Errorf("organisation %d: %w", org, err)
		}
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, 'yes')", chainedKey); err != nil {
		return err
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

func chainAll(ctx context.Context, tx *sql.Tx, org models.ID) error {
	type hashes struct {
		id         int64
		prev, hash digest
	}
	var all []hashes
	var head digest
	err := eachLink(ctx, tx, org, func(l *link) {
		next := l.after(head, org)
		all = append(all, hashes{l.ID, head, next})
		head = next
	})
	if err != nil {
		return err
	}
	set, err := tx.PrepareContext(ctx, "UPDATE audit SET prev = ?, hash = ? WHERE organisation_id = ? AND id = ?")
	if err != nil {
		return err
	}
	defer set.Close() //nolint:errcheck // of no consequence after its last use
	for _, x := range all {
		if _, err := set.ExecContext(ctx, x.prev, x.hash, int64(org), x.id); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE organisations SET audit_count = ?, audit_head = ? WHERE organisation_id = ?", len(all), head, int64(org))
	return err
}

package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"enveloppe/models"
)

// lease is how long a claimed message, or a claimed run of a job, is left alone: far longer than either takes.
const lease = 10 * time.Minute

// KindDigest names the monthly digest in the ledger; the other kinds are those of reminders.
const KindDigest = "digest"

// MessageState is how far a message has come.
type MessageState string

// The states of a message. The first three are tried again when due; the others are done with.
const (
	MessagePending       MessageState = "pending"
	MessageFailed        MessageState = "failed"
	MessageNotConfigured MessageState = "not_configured" // there was no way to send: not the same as sent
	MessageSent          MessageState = "sent"
	MessageGivenUp       MessageState = "given_up" // refused for good: somebody has to look
	MessageLapsed        MessageState = "lapsed"   // it stopped helping before it could be sent
)

// MessageStates are all of them, the open ones first.
var MessageStates = []MessageState{MessagePending, MessageFailed, MessageNotConfigured, MessageSent, MessageGivenUp, MessageLapsed}

var openStates = []MessageState{MessagePending, MessageFailed, MessageNotConfigured}

// Open tells whether the message may still be sent.
func (s MessageState) Open() bool { return slices.Contains(openStates, s) }

// MessageKey is what makes a message this one and no other: the ledger has one row for it, whoever plans it how often.
type MessageKey struct {
	Kind       string    // KindDigest, or a reminder's
	Item       models.ID // the record it is about; the organisation for what is about all of it
	Occurrence string    // "2026-12" of a digest, "2026-12-15/30" of a reminder thirty days before
	Channel    models.ID // 0 for e-mail
	Recipient  models.ID // the person an e-mail is for, 0 on a channel
}

// Planned is a message to be written down.
type Planned struct {
	MessageKey
	Name    string // of the person or the channel
	Address string // of e-mail
	Lang    models.Lang
	Until   time.Time // from then on it helps nobody and is not sent
	// After is the occurrence without which it makes no sense: it is planned only when that one was sent to the same
	// recipient. Empty for one that stands by itself; not kept.
	After string
}

// Message is a row of the ledger, written down before it is sent.
type Message struct {
	ID           models.ID
	Organisation models.ID
	Planned
	Subject   string // as last written; empty before the first attempt
	State     MessageState
	Attempts  int
	NextAt    time.Time // not tried before; zero for never by itself
	LastError string
	MessageID string // the same at every attempt; with a domain, without angle brackets, for e-mail, a word for a channel
	CreatedAt time.Time
	SentAt    time.Time // zero until sent
}

type messageRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	ID             models.ID `gorm:"primaryKey;autoIncrement:false"`
	Kind           string
	Item           models.ID
	Occurrence     string
	Channel        models.ID
	Recipient      ref
	Name, Address  string
	Lang           models.Lang
	Subject        string
	State          MessageState
	Attempts       int64
	NextAt         instant
	UntilAt        stamp
	LastError      string
	MessageID      string
	CreatedAt      stamp
	SentAt         instant
}

func (messageRow) TableName() string { return "messages" }

func (r *messageRow) key() MessageKey {
	return MessageKey{r.Kind, r.Item, r.Occurrence, r.Channel, models.ID(r.Recipient)}
}

func (r *messageRow) model() Message {
	return Message{
		ID: r.ID, Organisation: r.OrganisationID,
		Planned: Planned{MessageKey: r.key(), Name: r.Name, Address: r.Address, Lang: r.Lang, Until: r.UntilAt.Time},
		Subject: r.Subject, State: r.State, Attempts: int(r.Attempts), NextAt: r.NextAt.Time,
		LastError: r.LastError, MessageID: r.MessageID, CreatedAt: r.CreatedAt.Time, SentAt: r.SentAt.Time,
	}
}

// PlanMessages writes down messages to send, each once however often it is planned; it answers how many are new. One
// that lapsed before it was sent, and stands again, waits again. An e-mail without an address, and what has stopped
// helping by then, are left out.
func (s *Store) PlanMessages(ctx context.Context, org models.ID, list []Planned, when time.Time) (added int, err error) {
	// Most rounds there is nothing new, and it takes no transaction to find out.
	known, err := s.planned(ctx, org, when)
	if err != nil {
		return 0, err
	}
	fresh := slices.DeleteFunc(slices.Clone(list), func(p Planned) bool {
		state, is := known[p.MessageKey]
		return is && state != MessageLapsed || !p.Until.After(when) || p.Channel == 0 && p.Address == ""
	})
	if len(fresh) == 0 {
		return 0, nil
	}
	err = s.direct(ctx, "plan messages", func(tx *gorm.DB) error {
		added = 0
		instance, err := installation(tx)
		if err != nil {
			return err
		}
		for _, p := range fresh {
			isNew, err := planMessage(tx, instance, org, p, when)
			if err != nil {
				return err
			}
			if isNew {
				added++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// planMessage writes one message down, or lets one wait again; it answers whether it did.
func planMessage(tx *gorm.DB, instance string, org models.ID, p Planned, when time.Time) (bool, error) {
	if p.After != "" {
		before := p.MessageKey
		before.Occurrence = p.After
		known, err := messagesOf(tx, org, before)
		if err != nil || len(known) == 0 || known[0].State != MessageSent {
			return false, err
		}
	}
	known, err := messagesOf(tx, org, p.MessageKey)
	if err != nil {
		return false, err
	}
	if len(known) > 0 {
		if known[0].State != MessageLapsed {
			return false, nil
		}
		again := map[string]any{"state": MessagePending, "next_at": at(when), "until_at": stamp{p.Until}, "last_error": ""}
		return true, tx.Model(&known[0]).Updates(again).Error
	}
	id, err := takeID(tx, org)
	if err != nil {
		return false, err
	}
	return true, tx.Create(&messageRow{
		OrganisationID: org, ID: id, Kind: p.Kind, Item: p.Item, Occurrence: p.Occurrence, Channel: p.Channel, Recipient: ref(p.Recipient),
		Name: p.Name, Address: p.Address, Lang: p.Lang, State: MessagePending, NextAt: at(when), UntilAt: stamp{p.Until},
		MessageID: messageID(instance, org, p.MessageKey), CreatedAt: stamp{when},
	}).Error
}

// messagesOf is the message of a key, or none.
func messagesOf(tx *gorm.DB, org models.ID, k MessageKey) (found []messageRow, err error) {
	err = tx.Where("organisation_id = ? AND kind = ? AND item = ? AND occurrence = ? AND channel = ? AND coalesce(recipient, 0) = ?",
		org, k.Kind, k.Item, k.Occurrence, k.Channel, k.Recipient).Find(&found).Error
	return found, err
}

// planned are the messages in the ledger that may still help.
func (s *Store) planned(ctx context.Context, org models.ID, when time.Time) (map[MessageKey]MessageState, error) {
	known := map[MessageKey]MessageState{}
	var r messageRow
	err := read(ctx, s.readers, messageShape, &r, func() { known[r.key()] = r.State },
		"SELECT "+messageShape.list+" FROM messages t WHERE t.organisation_id = ? AND t.until_at > ?", int64(org), stamp{when})
	if err != nil {
		return nil, fmt.Errorf("read what is planned: %w", err)
	}
	return known, nil
}

// messageID follows from what the message is, so that a second attempt is recognised as the same one. A webhook's
// has no dots: they part what is signed.
func messageID(instance string, org models.ID, k MessageKey) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s/%d/%s/%d/%d", instance, org, k.Kind, k.Item, k.Occurrence, k.Channel, k.Recipient))
	if k.Channel != 0 {
		return "msg_" + hex.EncodeToString(sum[:16])
	}
	return fmt.Sprintf("%s.%s.%s@enveloppe.invalid", k.Kind, strings.ReplaceAll(k.Occurrence, "/", "."), hex.EncodeToString(sum[:12]))
}

// installation tells this database from others that send mail to the same people.
func installation(tx *gorm.DB) (string, error) {
	fresh := metaRow{Key: "installation", Value: rand.Text()}
	if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
		return "", err
	}
	var kept metaRow
	err := tx.Where("key = ?", fresh.Key).Take(&kept).Error
	return kept.Value, err
}

// Lane is a way out on which messages go one after another: e-mail, or one channel. What holds one up does not hold up
// the others.
type Lane struct {
	Digest  bool        // the digests, or all the reminders
	Channel models.ID   // 0 for e-mail
	Except  []models.ID // recipients to leave alone
}

func (l Lane) of(tx *gorm.DB, org models.ID) *gorm.DB {
	same := "kind <> ?"
	if l.Digest {
		same = "kind = ?"
	}
	q := tx.Where("organisation_id = ? AND channel = ? AND "+same, org, l.Channel, KindDigest)
	if len(l.Except) > 0 {
		q = q.Where("coalesce(recipient, 0) NOT IN ?", l.Except)
	}
	return q
}

// DueLanes are the channels, 0 for e-mail, on which a digest, or a reminder, is due.
func (s *Store) DueLanes(ctx context.Context, org models.ID, digest bool, now time.Time) ([]models.ID, error) {
	ids, err := column[models.ID](ctx, s.readers,
		"SELECT DISTINCT channel FROM messages WHERE organisation_id = ? AND next_at <= ? AND until_at > ? AND (kind = ?) = ? ORDER BY channel",
		int64(org), stamp{now}, stamp{now}, KindDigest, digest)
	if err != nil {
		return nil, fmt.Errorf("look for messages that are due: %w", err)
	}
	return ids, nil
}

// ClaimMessage takes the next message of a lane that is due by now and still helps, and counts an attempt; false when
// none is. An e-mail goes to the address its recipient has by now: a wrong one may have been corrected since. Nobody
// else is given it for ten minutes: finish it before.
func (s *Store) ClaimMessage(ctx context.Context, org models.ID, lane Lane, now time.Time) (Message, bool, error) {
	var r messageRow
	err := s.direct(ctx, "claim a message", func(tx *gorm.DB) error {
		r = messageRow{}
		err := lane.of(tx, org).Where("next_at <= ? AND until_at > ? AND state IN ?", at(now), stamp{now}, openStates).
			Order("next_at, id").Take(&r).Error
		if err != nil {
			return err
		}
		if r.Recipient != 0 {
			var to personRow
			if err := tx.Where("organisation_id = ? AND id = ?", org, r.Recipient).Take(&to).Error; err != nil {
				return err
			}
			if to.Email != "" {
				r.Address, r.Name, r.Lang = to.Email, to.Name, to.Lang
			}
		}
		r.Attempts++
		r.NextAt = at(now.Add(lease))
		return tx.Model(&r).Select("attempts", "next_at", "address", "name", "lang").Updates(&r).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Message{}, false, nil
	}
	if err != nil {
		return Message{}, false, err
	}
	return r.model(), true, nil
}

// Outcome is how an attempt to send a message went.
type Outcome struct {
	State   MessageState
	Subject string // as it was written; empty when it was not
	Detail  string // the other side's words, when it said any
	At      time.Time
	NextAt  time.Time // when an open one is due again; zero for never by itself
}

// FinishMessage notes how an attempt went.
func (s *Store) FinishMessage(ctx context.Context, org, id models.ID, o Outcome) error {
	return s.direct(ctx, "finish a message", func(tx *gorm.DB) error {
		values := map[string]any{"state": o.State, "last_error": cut(o.Detail, models.MaxText), "next_at": nil, "sent_at": nil}
		if o.Subject != "" {
			values["subject"] = cut(o.Subject, models.MaxText)
		}
		switch {
		case o.State == MessageSent:
			values["sent_at"] = at(o.At)
		case o.State.Open():
			values["next_at"] = at(o.NextAt)
		}
		return changed(tx.Model(&messageRow{}).Where("organisation_id = ? AND id = ?", org, id).Updates(values))
	})
}

// LapseMessages closes what was not sent in its time, and answers how many there were: a message about what is over
// helps nobody.
func (s *Store) LapseMessages(ctx context.Context, org models.ID, now time.Time) (int, error) {
	over, err := column[int64](ctx, s.readers, // in the words of the index, which has the open ones only
		"SELECT count(*) FROM messages WHERE organisation_id = ? AND until_at <= ? AND state IN ('pending', 'failed', 'not_configured')", int64(org), stamp{now})
	if err != nil {
		return 0, fmt.Errorf("look for messages that are over: %w", err)
	}
	if over[0] == 0 {
		return 0, nil
	}
	lapsed := 0
	err = s.direct(ctx, "let messages lapse", func(tx *gorm.DB) error {
		done := tx.Model(&messageRow{}).Where("organisation_id = ? AND until_at <= ? AND state IN ?", org, stamp{now}, openStates).
			Updates(map[string]any{"state": MessageLapsed, "next_at": nil})
		lapsed = int(done.RowsAffected)
		return done.Error
	})
	return lapsed, err
}

// changed is models.ErrNotFound when an update found no row.
func changed(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected == 0 {
		return models.ErrNotFound
	}
	return done.Error
}

var messageShape = shapeOf[messageRow]()

// MessageFilter narrows the ledger; zero values narrow nothing.
type MessageFilter struct {
	State     MessageState
	Kind      string
	Recipient models.ID // a person
	Channel   models.ID
	Before    models.ID // messages older than this one, for paging
	Limit     int       // 100 when 0
}

func (f MessageFilter) where(org models.ID) (text string, args []any) {
	text, args = "t.organisation_id = ?", []any{int64(org)}
	and := func(ask bool, condition string, value any) {
		if ask {
			text, args = text+" AND "+condition, append(args, value)
		}
	}
	and(f.State != "", "t.state = ?", string(f.State))
	and(f.Kind != "", "t.kind = ?", f.Kind)
	and(f.Recipient != 0, "t.recipient = ?", int64(f.Recipient))
	and(f.Channel != 0, "t.channel = ?", int64(f.Channel))
	and(f.Before != 0, "t.id < ?", int64(f.Before))
	return text, args
}

// Messages are an organisation's, newest first.
func (s *Store) Messages(ctx context.Context, org models.ID, f MessageFilter) ([]Message, error) {
	limit := f.Limit
	if limit == 0 {
		limit = 100
	}
	where, args := f.where(org)
	var list []Message
	var r messageRow
	err := read(ctx, s.readers, messageShape, &r, func() { list = append(list, r.model()) },
		"SELECT "+messageShape.list+" FROM messages t WHERE "+where+" ORDER BY t.id DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	return list, nil
}

// Message is one of them; models.ErrNotFound when there is none.
func (s *Store) Message(ctx context.Context, org, id models.ID) (Message, error) {
	found := false
	var r messageRow
	err := read(ctx, s.readers, messageShape, &r, func() { found = true },
		"SELECT "+messageShape.list+" FROM messages t WHERE t.organisation_id = ? AND t.id = ?", int64(org), int64(id))
	switch {
	case err != nil:
		return Message{}, fmt.Errorf("read a message: %w", err)
	case !found:
		return Message{}, models.ErrNotFound
	}
	return r.model(), nil
}

// CountMessages tells how many there are in each state, of those a filter lets through whatever their state.
func (s *Store) CountMessages(ctx context.Context, org models.ID, f MessageFilter) (map[MessageState]int, error) {
	f.State, f.Before = "", 0
	where, args := f.where(org)
	rows, err := s.readers.QueryContext(ctx, "SELECT t.state, count(*) FROM messages t WHERE "+where+" GROUP BY t.state", args...) //nolint:gosec // where is ours, with places for what is asked
	if err != nil {
		return nil, fmt.Errorf("count the messages: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	count := map[MessageState]int{}
	for rows.Next() {
		var state MessageState
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count the messages: %w", err)
		}
		count[state] = n
	}
	return count, rows.Err()
}

// RetryMessage makes a message that was not sent due at an instant, by hand: a director any, the others their own.
// Refused when it was sent ("already_sent"), or has stopped helping ("message_over").
func (s *Store) RetryMessage(ctx context.Context, by models.Actor, id models.ID, when time.Time) error {
	refused := ""
	err := s.direct(ctx, "retry a message", func(tx *gorm.DB) error {
		var r messageRow
		if err := tx.Where("organisation_id = ? AND id = ?", by.Organisation, id).Take(&r).Error; err != nil {
			return absent("read the message", err)
		}
		switch {
		case !by.Role.MayManage() && (by.Person == 0 || models.ID(r.Recipient) != by.Person):
			return models.ErrNotFound // not theirs to know
		case r.State == MessageSent:
			refused = "already_sent"
			return nil
		case !r.UntilAt.After(when):
			refused = "message_over"
			return nil
		}
		r.State, r.NextAt = MessagePending, at(when)
		return tx.Model(&r).Select("state", "next_at").Updates(&r).Error
	})
	if err == nil && refused != "" {
		return models.Refused{Rule: refused}
	}
	return err
}

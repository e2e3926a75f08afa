package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"

	"enveloppe/models"
)

// leadTimes are lead times of reminders as one text; none at all read as nil.
type leadTimes models.Leads

// Value stores JSON.
func (l leadTimes) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "{}", nil
	}
	text, err := json.Marshal(models.Leads(l).Tidy())
	return string(text), err
}

// Scan reads what Value stored. Most say nothing, and take no memory.
func (l *leadTimes) Scan(stored any) error {
	*l = nil
	if stored == "{}" {
		return nil
	}
	text, ok := stored.(string)
	if !ok {
		return fmt.Errorf("lead times are stored as %T", stored)
	}
	if err := json.Unmarshal([]byte(text), (*models.Leads)(l)); err != nil {
		return fmt.Errorf("read lead times: %w", err)
	}
	return nil
}

// mutes are what a person does not want to be reminded of, as one text.
type mutes []models.Mute

// mute is one of them as it is written; what is left out means all of it.
type mute struct {
	Kind         models.ReminderKind `json:"kind,omitempty"`
	Subscription models.ID           `json:"subscription,omitempty"`
}

// Value stores JSON.
func (l mutes) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	list := make([]mute, len(l))
	for i, m := range l {
		list[i] = mute(m)
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Scan reads what Value stored.
func (l *mutes) Scan(stored any) error {
	*l = nil
	if stored == "[]" {
		return nil
	}
	var list []mute
	if err := scanList(stored, &list); err != nil {
		return fmt.Errorf("read what a person muted: %w", err)
	}
	for _, m := range list {
		*l = append(*l, models.Mute(m))
	}
	return nil
}

// flagShelf keeps the open flags, and apart from them those of the envelope that have been cleared: of the others
// nobody asks any more.
type flagShelf struct {
	open, cleared *shelfOf[flagRow, models.Flag, *flagRow]
}

func newFlagShelf() flagShelf {
	cleared := newShelf[flagRow](func(f *models.Facts) *[]models.Flag { return &f.Cleared }, func(m *models.Flag) models.ID { return m.ID })
	cleared.all = strings.Replace(cleared.all, "ORDER BY", "AND t.kind = 'envelope' AND t.cleared_on IS NOT NULL ORDER BY", 1)
	cleared.fresh = strings.Replace(cleared.fresh, "ORDER BY", "AND t.kind = 'envelope' AND t.cleared_on IS NOT NULL ORDER BY", 1)
	return flagShelf{openFlags(), &cleared}
}

func (s flagShelf) since(ctx context.Context, q querier, org models.ID, version int64, f *models.Facts) error {
	if err := s.open.since(ctx, q, org, version, f); err != nil {
		return err
	}
	return s.cleared.since(ctx, q, org, version, f)
}

func (s flagShelf) drop(f *models.Facts, id models.ID) {
	s.open.drop(f, id)
	s.cleared.drop(f, id)
}

func (s flagShelf) last(f *models.Facts) models.ID { return max(s.open.last(f), s.cleared.last(f)) }

func (s flagShelf) plant(a *act, f *models.Facts) error {
	if err := s.open.plant(a, f); err != nil {
		return err
	}
	return s.cleared.plant(a, f)
}

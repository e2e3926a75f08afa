package store

import (
	"context"
	"strconv"

	"gorm.io/gorm/clause"

	"enveloppe/models"
)

// asideLabelRow is a sender that is none of this program's business.
type asideLabelRow struct {
	OrganisationID models.ID `gorm:"primaryKey;autoIncrement:false"`
	LabelKey       string    `gorm:"primaryKey"`
}

// maxLabelKey is more than the key of any label that is kept.
const maxLabelKey = 1000

func (asideLabelRow) TableName() string { return "aside_labels" }

// SetAsideLabel notes that the lines of one models.LabelKey are none of this program's business, those to come
// included, and answers how many open ones it has set aside.
func (s *Store) SetAsideLabel(ctx context.Context, by models.Actor, key string) (n int, err error) {
	err = s.write(ctx, by, "bank.label.aside", mayEdit, func(a *act) error {
		var v models.Invalid
		if key == "" || len(key) > maxLabelKey {
			v.Add("label", "required")
			return v
		}
		row := asideLabelRow{a.org.OrganisationID, key}
		added := a.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if added.Error != nil {
			return added.Error
		}
		if n, err = a.moveLabel(key, true); err != nil || (n == 0 && added.RowsAffected == 0) {
			return err
		}
		a.noteLabel(key, n, true)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// TakeBackLabel is the way back: such lines come open again, and those that were set aside are.
func (s *Store) TakeBackLabel(ctx context.Context, by models.Actor, key string) error {
	return s.write(ctx, by, "bank.label.back", mayEdit, func(a *act) error {
		gone := a.tx.Delete(&asideLabelRow{a.org.OrganisationID, key})
		if gone.Error != nil {
			return gone.Error
		}
		if gone.RowsAffected == 0 {
			return models.ErrNotFound
		}
		n, err := a.moveLabel(key, false)
		if err != nil {
			return err
		}
		a.noteLabel(key, n, false)
		return nil
	})
}

// moveLabel sets the open lines of a key aside, or opens those set aside.
func (a *act) moveLabel(key string, aside bool) (int, error) {
	done := a.mine().Table("bank_lines").Where("label_key = ? AND payment_id IS NULL AND aside = ?", key, !aside).Update("aside", aside)
	return int(done.RowsAffected), done.Error
}

func (a *act) noteLabel(key string, n int, aside bool) {
	a.note(lineKind, 0, lineName(key), []models.Change{
		{Field: "aside", Before: strconv.FormatBool(!aside), After: strconv.FormatBool(aside)},
		{Field: "lines", After: strconv.Itoa(n)},
	})
}

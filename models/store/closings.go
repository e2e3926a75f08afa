package store

import (
	"context"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// CloseAccounts closes the accounts up to and including a day, after the last one closed and before today. It is the
// director's or the accountant's.
func (s *Store) CloseAccounts(ctx context.Context, by models.Actor, c models.Closing, today cal.Date) (models.ID, error) {
	return s.add(ctx, by, "closing.close", mayClose, func(a *act) (models.ID, error) {
		through, err := a.closedThrough()
		if err != nil {
			return 0, err
		}
		c = models.Closing{Through: c.Through, Note: c.Note, On: today, By: a.by.Person}
		if err := c.Check(today, through).Err(); err != nil {
			return 0, err
		}
		return insert(a, &closingRow{}, c, c.Through.String())
	})
}

// ReopenAccounts takes a closing back, with a reason. It is the director's, and the latest goes first ("closing.later");
// one taken back already is refused too ("closing.reopened").
func (s *Store) ReopenAccounts(ctx context.Context, by models.Actor, id models.ID, reason string, on cal.Date) error {
	return s.write(ctx, by, "closing.reopen", mayManage, func(a *act) error {
		before, err := fetch(a, &closingRow{}, id)
		if err != nil {
			return err
		}
		through, err := a.closedThrough()
		switch {
		case err != nil:
			return err
		case !before.Stands():
			return models.Refused{Rule: "closing.reopened", Args: []any{"day", before.ReopenedOn}}
		case through.After(before.Through):
			return models.Refused{Rule: "closing.later", Args: []any{"day", through}}
		}
		after := before
		after.ReopenedOn, after.ReopenedBy, after.Reason = on, a.by.Person, reason
		if err := after.CheckReopening().Err(); err != nil {
			return err
		}
		return change(a, &closingRow{}, before, after, before.Through.String())
	})
}

// closedThrough is the last day closed, as the transaction sees it; zero when none is.
func (a *act) closedThrough() (cal.Date, error) {
	var last []closingRow
	err := a.mine().Where("reopened_on IS NULL").Order("through DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return cal.Date{}, err
	}
	return last[0].Through, nil
}

// open refuses a day of a closed period.
func (a *act) open(d cal.Date) error {
	through, err := a.closedThrough()
	if err != nil || through.IsZero() || d.After(through) {
		return err
	}
	return models.Refused{Rule: "closed", Args: []any{"day", through}}
}

package store

import (
	"context"
	"slices"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// AcknowledgeFlag notes that somebody has seen to a flag; it is quiet until its cause goes and comes back. A cause the
// daily job has not seen yet gets its flag here.
func (s *Store) AcknowledgeFlag(ctx context.Context, by models.Actor, key models.FlagKey, on cal.Date) error {
	if on.IsZero() {
		return models.Invalid{{Field: "on", Rule: "date.empty"}}
	}
	return s.setFlag(ctx, by, "flag.acknowledge", key, on, func(f *models.Flag) {
		f.AcknowledgedOn, f.AcknowledgedBy = on, by.Person
	})
}

// SnoozeFlag quiets a flag until a day, which must come after on.
func (s *Store) SnoozeFlag(ctx context.Context, by models.Actor, key models.FlagKey, on, until cal.Date) error {
	switch {
	case until.IsZero():
		return models.Invalid{{Field: "until", Rule: "date.empty"}}
	case !until.After(on):
		return models.Invalid{{Field: "until", Rule: "after", Args: []any{"day", on}}}
	}
	return s.setFlag(ctx, by, "flag.snooze", key, on, func(f *models.Flag) { f.SnoozedUntil = until })
}

// ReopenFlag shows a flag again that was acknowledged or snoozed.
func (s *Store) ReopenFlag(ctx context.Context, by models.Actor, key models.FlagKey) error {
	return s.setFlag(ctx, by, "flag.reopen", key, cal.Date{}, func(f *models.Flag) {
		f.AcknowledgedOn, f.AcknowledgedBy, f.SnoozedUntil = cal.Date{}, 0, cal.Date{}
	})
}

// setFlag changes the open flag of a key, which it raises first when there is reason to on a day; models.ErrNotFound
// when there is none.
func (s *Store) setFlag(ctx context.Context, by models.Actor, verb string, key models.FlagKey, on cal.Date, set func(*models.Flag)) error {
	return s.write(ctx, by, verb, mayEdit, func(a *act) error {
		var open []flagRow
		err := a.mine().Where("kind = ? AND subject = ? AND code = ? AND coalesce(on_day, '') = ? AND cleared_on IS NULL",
			key.Kind, key.Subject, key.Code, key.On.String()).Find(&open).Error
		if err != nil {
			return err
		}
		if len(open) > 0 {
			before := open[0].model()
			after := before
			set(&after)
			return change(a, &flagRow{}, before, after, string(key.Kind))
		}
		r, err := a.register()
		if err != nil {
			return err
		}
		if on.IsZero() || !slices.ContainsFunc(r.Causes(on), func(c models.Cause) bool { return c.Key == key }) {
			return models.ErrNotFound
		}
		f := models.Flag{FlagKey: key, RaisedOn: on}
		set(&f)
		_, err = insert(a, &flagRow{}, f, string(key.Kind))
		return err
	})
}

// FlagPass raises the flags there is reason for on a day and clears those whose cause has gone. It may run at any hour
// and as often as one likes: what it has done it does not do again, and then the revision stays. Flags are the
// program's own notes, so the log has no entry of them.
func (s *Store) FlagPass(ctx context.Context, org models.ID, today cal.Date, at time.Time) (raised, cleared int, err error) {
	r, err := s.Register(ctx, org)
	if err != nil {
		return 0, 0, err
	}
	// Most days there is nothing to write, and it takes no transaction to find out.
	up, down := flagPass(r, today)
	if len(up)+len(down) == 0 {
		return 0, 0, nil
	}
	by := models.Actor{Organisation: org, Role: models.Director, At: at}
	err = s.write(ctx, by, "flag.pass", mayEdit, func(a *act) error {
		now, err := a.register()
		if err != nil {
			return err
		}
		if now != r {
			up, down = flagPass(now, today)
		}
		raised, cleared = len(up), len(down)
		return a.writeFlags(up, down)
	})
	if err != nil {
		return 0, 0, err
	}
	return raised, cleared, nil
}

// flagPass is the domain's, each flag once.
func flagPass(r *models.Register, today cal.Date) (raised, cleared []models.Flag) {
	raised, cleared = r.FlagPass(today)
	seen := make(map[models.FlagKey]bool, len(raised))
	raised = slices.DeleteFunc(raised, func(f models.Flag) bool {
		again := seen[f.FlagKey]
		seen[f.FlagKey] = true
		return again
	})
	return raised, cleared
}

func (a *act) writeFlags(raised, cleared []models.Flag) error {
	rows := make([]flagRow, len(raised))
	for i, f := range raised {
		rows[i].fill(f)
		rows[i].Rec = record{a.org.OrganisationID, a.nextID(), a.revision()}
	}
	if len(rows) > 0 {
		if err := a.tx.CreateInBatches(rows, batch).Error; err != nil {
			return err
		}
	}
	ids := make([]models.ID, len(cleared))
	for i, f := range cleared {
		ids[i] = f.ID
	}
	for some := range slices.Chunk(ids, batch) {
		values := map[string]any{"cleared_on": cleared[0].ClearedOn, "version": a.revision()}
		if err := a.mine().Model(&flagRow{}).Where("id IN ?", some).Updates(values).Error; err != nil {
			return err
		}
	}
	if len(raised)+len(cleared) > 0 {
		a.written["flags"] = true
	}
	return nil
}

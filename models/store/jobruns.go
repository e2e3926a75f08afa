package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type jobRow struct {
	Job        string `gorm:"primaryKey"`
	Slot       string `gorm:"primaryKey"`
	At         stamp
	FinishedAt instant
	Outcome    string
	Detail     string
}

func (jobRow) TableName() string { return "job_runs" }

// keepRuns is how long the runs of jobs are remembered.
const keepRuns = 400 * 24 * time.Hour

// ClaimRun takes one run of a job for this process: of all who ask for the same slot, one is told true. A run that was
// not finished within ten minutes may be taken again: whoever had it is dead.
func (s *Store) ClaimRun(ctx context.Context, job, slot string, when time.Time) (bool, error) {
	claimed := false
	err := s.direct(ctx, "claim a run", func(tx *gorm.DB) error {
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&jobRow{Job: job, Slot: slot, At: stamp{when}})
		if done.Error == nil && done.RowsAffected == 0 {
			done = tx.Model(&jobRow{}).Where("job = ? AND slot = ? AND finished_at IS NULL AND at <= ?", job, slot, stamp{when.Add(-lease)}).
				Update("at", stamp{when})
		}
		if claimed = done.RowsAffected == 1; done.Error != nil || !claimed {
			return done.Error
		}
		return tx.Where("at < ?", stamp{when.Add(-keepRuns)}).Delete(&jobRow{}).Error
	})
	return claimed && err == nil, err
}

// FinishRun notes how a run ended.
func (s *Store) FinishRun(ctx context.Context, job, slot string, when time.Time, outcome, detail string) error {
	return s.direct(ctx, "finish a run", func(tx *gorm.DB) error {
		return changed(tx.Model(&jobRow{}).Where("job = ? AND slot = ?", job, slot).
			Updates(map[string]any{"finished_at": at(when), "outcome": outcome, "detail": cut(detail, 4000)}))
	})
}

// ForgetRun lets a slot be claimed again, as after a failure or by hand.
func (s *Store) ForgetRun(ctx context.Context, job, slot string) error {
	return s.direct(ctx, "forget a run", func(tx *gorm.DB) error {
		return tx.Where("job = ? AND slot = ?", job, slot).Delete(&jobRow{}).Error
	})
}

var jobShape = shapeOf[jobRow]()

// Runs are the last runs of all jobs, newest first.
func (s *Store) Runs(ctx context.Context, limit int) ([]JobRun, error) {
	var list []JobRun
	var r jobRow
	err := read(ctx, s.readers, jobShape, &r, func() {
		list = append(list, JobRun{
			Job: r.Job, Slot: r.Slot, At: r.At.Time, FinishedAt: r.FinishedAt.Time, Outcome: r.Outcome, Detail: r.Detail,
		})
	}, "SELECT "+jobShape.list+" FROM job_runs t ORDER BY t.at DESC, t.job, t.slot DESC LIMIT ?", limit)
	return list, err
}

type metaRow struct {
	Key   string `gorm:"primaryKey"`
	Value string
}

func (metaRow) TableName() string { return "meta" }

// Meta is a small value of the program's own; empty when it was never set.
func (s *Store) Meta(ctx context.Context, key string) (string, error) {
	values, err := column[string](ctx, s.readers, "SELECT value FROM meta WHERE key = ?", key)
	if err != nil || len(values) == 0 {
		return "", err
	}
	return values[0], nil
}

// SetMeta sets such a value; an empty one takes it away.
func (s *Store) SetMeta(ctx context.Context, key, value string) error {
	return s.direct(ctx, "keep a setting", func(tx *gorm.DB) error {
		if value == "" {
			return tx.Where("key = ?", key).Delete(&metaRow{}).Error
		}
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&metaRow{key, value}).Error
	})
}

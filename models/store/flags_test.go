package store

import (
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func TestFlagPass(t *testing.T) {
	h := newHouse(t)
	want := len(h.reg().Causes(today))
	if want == 0 {
		t.Fatal("nothing to flag")
	}
	raised, cleared, err := h.FlagPass(h.ctx, h.org, today, noon)
	h.ok(err)
	if raised != want || cleared != 0 || len(h.reg().Flags) != want {
		t.Errorf("raised %d and cleared %d, want %d", raised, cleared, want)
	}
	h.same()
	revision := h.revision()
	if raised, cleared, err = h.FlagPass(h.ctx, h.org, today, noon); err != nil || raised+cleared != 0 || h.revision() != revision {
		t.Errorf("again: raised %d, cleared %d, %v", raised, cleared, err)
	}

	// A flag somebody has seen to stays so, clears itself with its cause, and is another when the cause comes back.
	key := models.FlagKey{Kind: models.FlagSeatsFree, Subject: dropboxSub}
	h.ok(h.AcknowledgeFlag(h.ctx, h.by, key, today))
	f := h.flag(key)
	if f.AcknowledgedOn != today || f.AcknowledgedBy != nadia || !f.Quiet(today) {
		t.Errorf("acknowledged %+v", f)
	}
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, paul, today))
	_, cleared, err = h.FlagPass(h.ctx, h.org, today, noon)
	h.ok(err)
	if cleared == 0 || h.flag(key).ID != 0 {
		t.Errorf("cleared %d, and the flag is %+v", cleared, h.flag(key))
	}
	h.same()
	h.ok(h.FreeSeat(h.ctx, h.by, dropboxSub, aSeat, today))
	_, _, err = h.FlagPass(h.ctx, h.org, today, noon)
	h.ok(err)
	if again := h.flag(key); again.ID == 0 || again.ID == f.ID || again.Quiet(today) {
		t.Errorf("came back as %+v", again)
	}
	h.same()
	if _, _, err := h.FlagPass(h.ctx, 99, today, noon); !refusedAs(err, models.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func (h *house) flag(key models.FlagKey) models.Flag {
	h.Helper()
	for _, f := range h.reg().Flags {
		if f.FlagKey == key {
			return f
		}
	}
	return models.Flag{}
}

func TestFlagActs(t *testing.T) {
	h := newHouse(t)
	key := models.FlagKey{Kind: models.FlagSeatsFree, Subject: dropboxSub}
	h.ok(h.SnoozeFlag(h.ctx, h.by, key, today, today.AddDays(7))) // before the job has seen it
	f := h.flag(key)
	if f.RaisedOn != today || !f.Quiet(today.AddDays(6)) || f.Quiet(today.AddDays(7)) {
		t.Errorf("snoozed %+v", f)
	}
	h.ok(h.AcknowledgeFlag(h.ctx, h.by, key, today))
	h.ok(h.ReopenFlag(h.ctx, h.by, key))
	if f := h.flag(key); f.Quiet(today) || f.ID == 0 {
		t.Errorf("reopened %+v", f)
	}
	h.same()
	h.refuses(invalid("until", "after"), func() error { return h.SnoozeFlag(h.ctx, h.by, key, today, today) })
	h.refuses(invalid("until", "date.empty"), func() error { return h.SnoozeFlag(h.ctx, h.by, key, today, cal.Date{}) })
	h.refuses(invalid("on", "date.empty"), func() error { return h.AcknowledgeFlag(h.ctx, h.by, key, cal.Date{}) })
	invented := models.FlagKey{Kind: models.FlagSeatsFree, Subject: agendaSub}
	h.refuses(models.ErrNotFound, func() error { return h.AcknowledgeFlag(h.ctx, h.by, invented, today) })
	h.refuses(models.ErrNotFound, func() error { return h.ReopenFlag(h.ctx, h.by, invented) })
}

package store

import (
	"testing"
	"time"

	"enveloppe/models"
)

func TestRevisionsAreDatedByTheLog(t *testing.T) {
	h := newHouse(t)
	began := h.revision()
	add := func(name string, at time.Time) int64 {
		h.Helper()
		by := h.by
		by.At = at
		h.id(h.AddFunction(h.ctx, by, models.Function{Name: name, Account: "6511"}))
		return h.revision()
	}
	first := add("Première", noon.Add(time.Hour))
	second := add("Deuxième", noon.Add(2*time.Hour+time.Microsecond))
	written, err := h.Written(h.ctx, h.org)
	h.ok(err)
	for _, c := range []struct {
		revision int64
		want     time.Time
	}{
		{first, noon.Add(time.Hour)},
		{second, noon.Add(2*time.Hour + time.Microsecond)},
		{second + 7, noon.Add(2*time.Hour + time.Microsecond)}, // of one that left no entry, the latest before it
		{0, written(began)},
		{-1, written(began)},
	} {
		if got := written(c.revision); !got.Equal(c.want) {
			t.Errorf("revision %d was written %s, want %s", c.revision, got, c.want)
		}
	}
	last, err := h.LastWritten(h.ctx, h.org)
	h.ok(err)
	if !last.Equal(written(second)) {
		t.Errorf("last written %s", last)
	}
	// Another organisation's log is not asked.
	written, err = h.Written(h.ctx, h.org+100_000)
	h.ok(err)
	last, err = h.LastWritten(h.ctx, h.org+100_000)
	h.ok(err)
	if !last.IsZero() || !written(1).Equal(time.Unix(0, 0)) {
		t.Errorf("an organisation that is not there was written %s, %s", last, written(1))
	}
}

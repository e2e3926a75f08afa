package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func TestSaveAccess(t *testing.T) {
	h := newHouse(t)
	was, _ := h.reg().Service(dropbox)
	v := was
	v.Name, v.ExportEvery, v.ExportedOn, v.ClosesOn = "ignored", 30, day("2026-06-01"), day("2027-01-31")
	v.Access.SecondAdmin, v.Access.TrainDone, v.Access.Export = claire, 250, models.ExtentPart
	h.ok(h.SaveAccess(h.ctx, h.by, v))
	h.same()
	now, _ := h.reg().Service(dropbox)
	if now.Name != "Dropbox" || now.ExportEvery != 30 || now.ExportedOn != v.ExportedOn || now.ClosesOn != v.ClosesOn || now.Access != v.Access {
		t.Errorf("saved %+v", now)
	}
	got := h.last()
	want := []models.Change{
		{Field: "export_every", Before: "90", After: "30"},
		{Field: "exported_on", After: "2026-06-01"},
		{Field: "closes_on", After: "2027-01-31"},
		{Field: "export", Before: "full", After: "part"},
		{Field: "second_admin", Before: "Paul", After: "Claire"},
		{Field: "train_done", Before: "1.00", After: "2.50"},
	}
	if got.Verb != "service.access" || got.Name != "Dropbox" || !slices.Equal(got.Changes, want) {
		t.Errorf("the log says %+v", got)
	}

	// Saving the service itself leaves it alone, whatever comes with it.
	now.Access, now.Note = models.Access{}, "x"
	h.ok(h.SaveService(h.ctx, h.by, now))
	if kept, _ := h.reg().Service(dropbox); kept.Access != v.Access || kept.Note != "x" {
		t.Errorf("kept %+v", kept)
	}

	for field, spoil := range map[string]func(*models.Service){
		"exported_by":  func(v *models.Service) { v.Access.ExportedBy = 999 },
		"second_admin": func(v *models.Service) { v.Access.SecondAdmin = dropbox },
		"referent":     func(v *models.Service) { v.Access.Referent = 999 },
		"offline":      func(v *models.Service) { v.Access.Offline = "often" },
	} {
		bad, _ := h.reg().Service(dropbox)
		spoil(&bad)
		h.refuses(invalid(field, "choose"), func() error { return h.SaveAccess(h.ctx, h.by, bad) })
		bad.ID = 0
		h.refuses(invalid(field, "choose"), func() error { return first(h.AddService(h.ctx, h.by, bad)) })
	}
	long, _ := h.reg().Service(dropbox)
	long.Access.Hosting = strings.Repeat("x", 121)
	h.refuses(invalid("hosting", "too_long"), func() error { return h.SaveAccess(h.ctx, h.by, long) })
	var conflict models.Conflict
	if err := h.SaveAccess(h.ctx, h.by, was); !errors.As(err, &conflict) || conflict.By != "Nadia" {
		t.Errorf("saved over what was saved meanwhile: %v", err)
	}
}

func TestAnExportNotesByWhom(t *testing.T) {
	h := newHouse(t)
	h.ok(h.RecordExport(h.ctx, h.by, agenda, today))
	if v, _ := h.reg().Service(agenda); v.ExportedOn != today || v.Access.ExportedBy != nadia {
		t.Errorf("noted %+v", v)
	}
	h.ok(h.PutExport(h.ctx, h.by, agenda, today, paul))
	if v, _ := h.reg().Service(agenda); v.Access.ExportedBy != paul {
		t.Errorf("noted %+v", v)
	}
	h.refuses(invalid("exported_by", "choose"), func() error { return h.PutExport(h.ctx, h.by, agenda, today, card) })
	h.ok(h.PutExport(h.ctx, h.by, agenda, cal.Date{}, paul)) // never taken out, by nobody
	if v, _ := h.reg().Service(agenda); !v.ExportedOn.IsZero() || v.Access.ExportedBy != 0 {
		t.Errorf("took back to %+v", v)
	}
	h.same()
}

func TestAPersonsPost(t *testing.T) {
	h := newHouse(t)
	p, _ := h.reg().Person(paul)
	p.Post = "animation"
	h.ok(h.SavePerson(h.ctx, h.by, p))
	h.same()
	if now, _ := h.reg().Person(paul); now.Post != "animation" {
		t.Errorf("saved %+v", now)
	}
	p, _ = h.reg().Person(paul)
	p.Post = strings.Repeat("é", 121)
	h.refuses(invalid("post", "too_long"), func() error { return h.SavePerson(h.ctx, h.by, p) })
}

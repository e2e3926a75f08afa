package store

import (
	"testing"

	"enveloppe/models"
)

func TestAssignSeatsAllOrNone(t *testing.T) {
	h := newHouse(t)
	h.ok(h.AssignSeats(h.ctx, h.by, paul, []models.ID{dropboxSub, agendaSub}, today))
	h.same()
	for _, id := range []models.ID{dropboxSub, agendaSub} {
		if m, _ := h.reg().Subscription(id); !m.Holds(paul, today) {
			t.Errorf("Paul has no seat of %d", id)
		}
	}
	if got := h.last(); got.Verb != "subscription.seat.assign" {
		t.Errorf("the log says %+v", got)
	}
	h.ok(h.TakeSeatsBack(h.ctx, h.by, paul, []models.ID{dropboxSub, agendaSub}, today.AddDays(1))) // of another day
	if m, _ := h.reg().Subscription(dropboxSub); !m.Holds(paul, today) {
		t.Error("a seat of another day was taken back")
	}
	h.ok(h.TakeSeatsBack(h.ctx, h.by, paul, []models.ID{dropboxSub, agendaSub}, today))
	h.same()
	if m, _ := h.reg().Subscription(dropboxSub); m.Holds(paul, today) {
		t.Error("Paul still has the seat that was taken back")
	}
	h.refuses(models.ErrNotFound, func() error { return h.TakeSeatsBack(h.ctx, h.by, paul, []models.ID{dropbox}, today) })
	h.ok(h.AssignSeats(h.ctx, h.by, paul, []models.ID{dropboxSub, agendaSub}, today))
	sam := h.id(h.AddPerson(h.ctx, h.by, models.Person{Name: "Sam", Role: models.Staff, Lang: models.French}))
	both := []models.ID{agendaSub, dropboxSub}
	h.refuses(invalid("seat.18", "seat.none_free"), func() error { return h.AssignSeats(h.ctx, h.by, sam, both, today) })
	h.refuses(invalid("seat.19", "seat.held"), func() error { return h.AssignSeats(h.ctx, h.by, paul, both, today) })
	h.refuses(invalid("person", "choose"), func() error { return h.AssignSeats(h.ctx, h.by, claire, both, today) })
	h.refuses(models.ErrNotFound, func() error { return h.AssignSeats(h.ctx, h.by, sam, []models.ID{agendaSub, dropbox}, today) })
	h.refuses(models.ErrNotFound, func() error { return h.AssignSeats(h.ctx, h.by, dropbox, both, today) })
	h.ok(h.Cancel(h.ctx, h.by, agendaSub, h.subscription(agendaSub).Version, today, today, ""))
	h.refuses(invalid("seat.19", "seat.ended"), func() error { return h.AssignSeats(h.ctx, h.by, sam, []models.ID{agendaSub}, today) })
	h.ok(h.AssignSeats(h.ctx, h.by, sam, nil, today)) // nothing was ticked
}

func (h *house) subscription(id models.ID) models.Subscription {
	h.Helper()
	m, ok := h.reg().Subscription(id)
	if !ok {
		h.Fatalf("no subscription %d", id)
	}
	return m
}

func TestLeavingHandsOver(t *testing.T) {
	f := sample()
	f.Subscriptions[0].OwnerID, f.Subscriptions[1].OwnerID = paul, paul
	f.Services[0].Access.Referent = paul
	h := houseOf(t, f)
	to := []models.Handover{
		{Care: models.CareOwner, Of: dropboxSub, To: nadia},
		{Care: models.CareOwner, Of: agendaSub},
		{Care: models.CareReferent, Of: dropbox, To: nadia},
		{Care: models.CareSecondAdmin, Of: agenda, To: nadia}, // never Paul's: stays as it is
	}
	for _, wrong := range []models.ID{paul, claire, card} { // who leaves, who has left, nobody
		bad := []models.Handover{to[1], {Care: models.CareReferent, Of: dropbox, To: wrong}}
		h.refuses(invalid("referent.10", "choose"), func() error { return h.PersonLeaves(h.ctx, h.by, paul, today, bad...) })
	}
	h.ok(h.PersonLeaves(h.ctx, h.by, paul, today, to...))
	h.same()
	who := func() [5]models.ID {
		d, _ := h.reg().Service(dropbox)
		a, _ := h.reg().Service(agenda)
		return [5]models.ID{h.subscription(dropboxSub).OwnerID, h.subscription(agendaSub).OwnerID, d.Access.Referent, d.Access.SecondAdmin, a.Access.SecondAdmin}
	}
	if got := who(); got != [5]models.ID{nadia, 0, nadia, paul, 0} {
		t.Errorf("handed over to %v", got)
	}
	sub := h.subscription(agendaSub) // given to somebody else in between: it stays theirs
	sub.OwnerID = nadia
	h.ok(h.SaveSubscription(h.ctx, h.by, sub))
	h.ok(h.UndoPersonLeaves(h.ctx, h.by, paul, to...))
	if got := who(); got != [5]models.ID{paul, nadia, paul, paul, 0} {
		t.Errorf("taken back to %v", got)
	}
	h.same()
}

package store

import (
	"strings"
	"testing"
	"time"

	"enveloppe/models"
)

func TestDeliveries(t *testing.T) {
	h := newHouse(t)
	people := h.reg().People
	revision := h.revision()
	added, err := h.PlanDeliveries(h.ctx, h.org, "digest", "2026-06", people, noon)
	h.ok(err)
	again, err := h.PlanDeliveries(h.ctx, h.org, "digest", "2026-06", people, noon.Add(time.Hour))
	h.ok(err)
	if added != 2 || again != 0 { // Claire has no address
		t.Errorf("planned %d, then %d", added, again)
	}
	if _, due, err := h.ClaimDelivery(h.ctx, h.org, "digest", noon.Add(-time.Second)); due || err != nil {
		t.Errorf("claimed too early: %v", err)
	}
	first, due, err := h.ClaimDelivery(h.ctx, h.org, "digest", noon)
	h.ok(err)
	if !due || first.Address != "Nadia@example.org" || first.Attempts != 1 || !strings.HasPrefix(first.MessageID, "digest.2026-06.") {
		t.Errorf("claimed %+v", first)
	}
	second, due, err := h.ClaimDelivery(h.ctx, h.org, "digest", noon)
	h.ok(err)
	if !due || second.ID == first.ID || second.MessageID == first.MessageID {
		t.Errorf("claimed %+v after %+v", second, first)
	}
	if _, due, _ := h.ClaimDelivery(h.ctx, h.org, "digest", noon.Add(9*time.Minute)); due {
		t.Error("the same message was given out twice")
	}
	h.ok(h.FinishDelivery(h.ctx, h.org, first.ID, DeliverySent, "", time.Time{}, noon.Add(time.Second)))
	h.ok(h.FinishDelivery(h.ctx, h.org, second.ID, DeliveryFailed, "451 later", noon.Add(5*time.Minute), noon))
	retried, due, err := h.ClaimDelivery(h.ctx, h.org, "digest", noon.Add(5*time.Minute))
	h.ok(err)
	if !due || retried.ID != second.ID || retried.Attempts != 2 || retried.LastError != "451 later" || retried.MessageID != second.MessageID {
		t.Errorf("retried %+v", retried)
	}
	// A process that died while sending: its lease runs out.
	if lost, due, _ := h.ClaimDelivery(h.ctx, h.org, "digest", noon.Add(15*time.Minute)); !due || lost.ID != second.ID || lost.Attempts != 3 {
		t.Errorf("after the lease: %+v", lost)
	}
	h.ok(h.FinishDelivery(h.ctx, h.org, second.ID, DeliveryNotConfigured, "no server", time.Time{}, noon))
	if _, due, _ := h.ClaimDelivery(h.ctx, h.org, "digest", noon.AddDate(0, 0, 20)); due {
		t.Error("tried again without a day to")
	}
	h.ok(h.RetryDelivery(h.ctx, h.by, second.ID, noon.Add(time.Hour)))
	h.refuses(refused("already_sent"), func() error { return h.RetryDelivery(h.ctx, h.by, first.ID, noon) })
	h.refuses(models.ErrNotFound, func() error { return h.RetryDelivery(h.ctx, h.by, 999, noon) })
	h.refuses(models.ErrForbidden, func() error {
		return h.RetryDelivery(h.ctx, models.Actor{Organisation: h.org, Role: models.Staff}, second.ID, noon)
	})
	h.refuses(models.ErrNotFound, func() error { return h.FinishDelivery(h.ctx, 99, first.ID, DeliverySent, "", noon, noon) })
	h.ok(h.LapseDeliveries(h.ctx, h.org, "digest", "2026-06", noon)) // this month's stay
	list, err := h.Deliveries(h.ctx, h.org, 10)
	h.ok(err)
	if len(list) != 2 || list[0].State != DeliveryPending || list[1].State != DeliverySent || !list[1].SentAt.Equal(noon.Add(time.Second)) {
		t.Errorf("deliveries %+v", list)
	}
	h.ok(h.LapseDeliveries(h.ctx, h.org, "digest", "2026-07", noon))
	list, _ = h.Deliveries(h.ctx, h.org, 1)
	if len(list) != 1 || list[0].State != DeliveryGivenUp || !list[0].NextAt.IsZero() {
		t.Errorf("after its month: %+v", list)
	}
	if h.revision() != revision {
		t.Error("mail raised the register's revision")
	}
}

func TestUnsubscribe(t *testing.T) {
	h := newHouse(t)
	token, err := h.UnsubscribeToken(h.ctx, h.org, nadia)
	h.ok(err)
	again, err := h.UnsubscribeToken(h.ctx, h.org, nadia)
	h.ok(err)
	other, err := h.UnsubscribeToken(h.ctx, h.org, paul)
	h.ok(err)
	if token != again || token == other || len(token) < 32 {
		t.Errorf("tokens %q, %q, %q", token, again, other)
	}
	org, person, name, lang, wants, err := h.PersonByUnsubscribe(h.ctx, token)
	if err != nil || org != h.org || person != nadia || name != "Nadia" || lang != models.French || !wants {
		t.Errorf("%d %d %q %q %v, %v", org, person, name, lang, wants, err)
	}
	h.ok(h.Unsubscribe(h.ctx, token, noon))
	revision := h.revision()
	h.ok(h.Unsubscribe(h.ctx, token, noon))
	if p, _ := h.reg().Person(nadia); p.Digest || h.revision() != revision {
		t.Errorf("%+v, and revision %d after %d", p, h.revision(), revision)
	}
	if e := h.last(); e.By != nadia || e.Verb != "person.digest" {
		t.Errorf("log %+v", e)
	}
	h.refuses(models.ErrNotFound, func() error { return h.Unsubscribe(h.ctx, token+"x", noon) })
	h.refuses(models.ErrNotFound, func() error { _, err := h.UnsubscribeToken(h.ctx, h.org, 999); return err })
	h.same()
}

func TestJobRuns(t *testing.T) {
	h := newHouse(t)
	claim := func(slot string, at time.Time) bool {
		t.Helper()
		ok, err := h.ClaimRun(h.ctx, "flags", slot, at)
		h.ok(err)
		return ok
	}
	if !claim("2026-06-15", noon) || claim("2026-06-15", noon) || !claim("2026-06-16", noon.Add(24*time.Hour)) {
		t.Error("a slot is claimed once, and another beside it")
	}
	if later := noon.Add(24*time.Hour + lease); claim("2026-06-16", later.Add(-time.Second)) || !claim("2026-06-16", later) || claim("2026-06-16", later) {
		t.Error("the run of a process that died is taken over once, after ten minutes")
	}
	h.ok(h.FinishRun(h.ctx, "flags", "2026-06-15", noon.Add(time.Second), "done", "3 raised"))
	if claim("2026-06-15", noon.Add(time.Hour)) {
		t.Error("a run that is done was taken over")
	}
	h.refuses(models.ErrNotFound, func() error { return h.FinishRun(h.ctx, "flags", "2020-01-01", noon, "", "") })
	runs, err := h.Runs(h.ctx, 10)
	h.ok(err)
	if len(runs) != 2 || runs[0].Slot != "2026-06-16" || !runs[0].FinishedAt.IsZero() || runs[1].Outcome != "done" || !runs[1].FinishedAt.Equal(noon.Add(time.Second)) {
		t.Errorf("runs %+v", runs)
	}
	h.ok(h.ForgetRun(h.ctx, "flags", "2026-06-15"))
	if !claim("2026-06-15", noon) {
		t.Error("not forgotten")
	}
	claim("2028-01-01", noon.AddDate(2, 0, 0))
	if runs, _ := h.Runs(h.ctx, 10); len(runs) != 1 {
		t.Errorf("old runs are kept: %+v", runs)
	}
}

func TestMeta(t *testing.T) {
	h := newHouse(t)
	for _, value := range []string{"hash", "other", ""} {
		h.ok(h.SetMeta(h.ctx, "setup", value))
		if got, err := h.Meta(h.ctx, "setup"); err != nil || got != value {
			t.Errorf("%q, %v, want %q", got, err, value)
		}
	}
}

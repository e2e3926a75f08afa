package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestComparisons(t *testing.T) {
	h := newFurnishedHouse(t)
	c := comparison()
	c.ServiceID, c.On, c.Name = 0, cal.Date{}, "Tout"
	id := h.id(h.AddComparison(h.ctx, h.by, c))
	got := h.reg().Comparisons[1]
	c.ID, c.Version, c.On = id, got.Version, today
	if diff := cmp.Diff(c, got, exact); diff != "" {
		t.Errorf("added (-want +got):\n%s", diff)
	}
	if e := h.last(); len(e.Changes) < 6 || e.Changes[len(e.Changes)-2].After != "Licences 500.00 EUR 20 %/a, Serveur 900.00 EUR 0.00 EUR/a" {
		t.Errorf("the log says %+v", e.Changes)
	}
	old := got
	got.Installed = got.Installed[:1:1]
	h.ok(h.SaveComparison(h.ctx, h.by, got))
	if now := h.reg().Comparisons[1]; len(now.Installed) != 1 {
		t.Errorf("saved %+v", now)
	}
	h.same()
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveComparison(h.ctx, h.by, old)) })
	old.ServiceID = card
	h.refuses(invalid("service", "choose"), func() error { return h.SaveComparison(h.ctx, h.by, old) })
	h.refuses(invalid("name", "required"), func() error { return first(h.AddComparison(h.ctx, h.by, models.Comparison{})) })
	c.Online[0].Yearly = money.Euros(-1)
	h.refuses(invalid("online.0.yearly", "negative"), func() error { return first(h.AddComparison(h.ctx, h.by, c)) })
	h.ok(h.RemoveComparison(h.ctx, h.by, id))
	h.refuses(models.ErrNotFound, func() error { return h.RemoveComparison(h.ctx, h.by, id) })
	h.same()
}

package store

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var errBroken = errors.New("broken on purpose")

// entry is the form that adds a service, filled in: a new vendor, a price in dollars and the rate typed beside it.
func entry() ServiceEntry {
	return ServiceEntry{
		Service:   models.Service{Name: "MindMeister", FunctionID: planning},
		NewVendor: models.Vendor{Name: "MeisterLabs", Country: "DE"},
		Plan:      models.Plan{Name: "Personal", Tier: models.Premium, Price: usd(4800), Cadence: cal.Yearly},
		Subscription: &models.Subscription{
			StartedOn: day("2026-02-01"), Anchor: day("2026-02-01"), Cadence: cal.Yearly, OwnerID: paul, MeansID: card,
			Terms: []models.Terms{{Price: usd(4800), Seats: 1}},
		},
		Rate: &models.ReferenceRate{Currency: "USD", Day: day("2026-06-10"), Rate: rate("1.0714")},
	}
}

func TestAddServiceWithPlan(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddServiceWithPlan(h.ctx, h.by, entry()))
	r := h.reg()
	v, _ := r.Service(id)
	vendor, _ := r.Vendor(v.VendorID)
	sub, ok := r.Current(id)
	if vendor.Country != "DE" || !ok || len(sub.Terms) != 1 || sub.Terms[0].From != sub.StartedOn || sub.Terms[0].ID == 0 {
		t.Errorf("added %+v of %+v with %+v", v, vendor, sub)
	}
	if plans := r.PlansOf(id); len(plans) != 1 || plans[0].ID != sub.PlanID {
		t.Errorf("plans %+v", plans)
	}
	if c, ok := r.Charge(sub.ID, day("2027-02-01"), today); !ok || c.Conversion.EUR != money.Euros(4480) {
		t.Errorf("next charge %+v", c)
	}
	h.same()

	again := entry()
	again.NewVendor = models.Vendor{Name: " meisterlabs", Country: "FR"}
	again.Subscription, again.Rate = nil, nil
	again.Plan.Tier, again.Plan.Price = models.Free, money.Amount{}
	id = h.id(h.AddServiceWithPlan(h.ctx, h.by, again))
	second, _ := h.reg().Service(id)
	if second.VendorID != v.VendorID {
		t.Error("the same vendor was added twice")
	}
	if vendor, _ := h.reg().Vendor(v.VendorID); vendor.Country != "DE" {
		t.Errorf("a country known was changed to %s", vendor.Country)
	}
	if p := h.reg().PlansOf(second.ID)[0]; p.Price != money.Zero(money.EUR) {
		t.Errorf("the free plan costs %v", p.Price)
	}

	bad := entry()
	bad.Service.Name, bad.Service.FunctionID, bad.NewVendor.Name, bad.Plan.Name = "", 99, "", ""
	bad.Subscription.OwnerID, bad.Subscription.Terms[0].Seats, bad.Rate.Day = 99, 0, today.AddDays(1)
	h.refuses(models.Invalid{
		{Field: "name", Rule: "required"},
		{Field: "function", Rule: "choose"},
		{Field: "vendor", Rule: "required"},
		{Field: "plan_name", Rule: "required"},
		{Field: "owner", Rule: "choose"},
		{Field: "seats", Rule: "number.range"},
		{Field: "day", Rule: "date.future"},
	}, func() error { _, err := h.AddServiceWithPlan(h.ctx, h.by, bad); return err })
	h.same()
}

func TestServices(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddService(h.ctx, h.by, models.Service{Name: "Scoop.it", FunctionID: planning, ArchivedOn: today}))
	v, _ := h.reg().Service(id)
	if v.Archived() {
		t.Error("a service begins archived")
	}
	old := v
	v.Name, v.VendorID, v.Note = "Scoop", framasoft, "veille"
	h.ok(h.SaveService(h.ctx, h.by, v))
	want := []models.Change{{Field: "name", Before: "Scoop.it", After: "Scoop"}, {Field: "vendor", After: "Framasoft"}, {Field: "note", After: "veille"}}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveService(h.ctx, h.by, old)) })
	v, _ = h.reg().Service(id)
	v.FunctionID, v.VendorID, v.URL = 99, 98, "javascript:alert(1)"
	h.refuses(models.Invalid{{Field: "function", Rule: "choose"}, {Field: "vendor", Rule: "choose"}, {Field: "url", Rule: "url"}},
		func() error { return h.SaveService(h.ctx, h.by, v) })
	h.refuses(invalid("function", "choose"), func() error {
		_, err := h.AddService(h.ctx, h.by, models.Service{Name: "X", FunctionID: dropbox}) // not a function
		return err
	})

	// The last word counts, an earlier day or none too: a day typed wrong is put right.
	for _, on := range []cal.Date{today, today.AddDays(-9), {}} {
		h.ok(h.RecordExport(h.ctx, h.by, dropbox, on))
		if v, _ := h.reg().Service(dropbox); v.ExportedOn != on {
			t.Errorf("exported on %v, want %v", v.ExportedOn, on)
		}
	}

	h.refuses(refused("still_subscribed"), func() error { return h.ArchiveService(h.ctx, h.by, dropbox, today) })
	h.ok(h.ArchiveService(h.ctx, h.by, id, today))
	h.ok(h.ArchiveService(h.ctx, h.by, id, today.AddDays(3)))
	if v, _ := h.reg().Service(id); v.ArchivedOn != today {
		t.Errorf("archived on %v", v.ArchivedOn)
	}
	h.ok(h.RestoreService(h.ctx, h.by, id))
	if v, _ := h.reg().Service(id); v.Archived() {
		t.Error("still archived")
	}
	h.refuses(models.ErrNotFound, func() error { return h.ArchiveService(h.ctx, h.by, 99, today) })
	h.same()

	// Nothing warns of what an archived service costs, so nothing of it begins or goes on again.
	sub := h.reg().SubscriptionsOf(dropbox)[0]
	h.ok(h.Cancel(h.ctx, h.by, sub.ID, sub.Version, today, today, ""))
	h.ok(h.ArchiveService(h.ctx, h.by, dropbox, today))
	h.refuses(refused("service_archived"), func() error { return h.Reopen(h.ctx, h.by, sub.ID) })
	h.refuses(refused("service_archived"), func() error {
		_, err := h.Subscribe(h.ctx, h.by, models.Subscription{PlanID: sub.PlanID, StartedOn: today, Anchor: today, Cadence: cal.Yearly, Terms: sub.Terms})
		return err
	})
	h.ok(h.RestoreService(h.ctx, h.by, dropbox))
	h.ok(h.Reopen(h.ctx, h.by, sub.ID))
	h.same()
}

func TestPlans(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddPlan(h.ctx, h.by, models.Plan{ServiceID: agenda, Name: "Gratuite", Tier: models.Free, Cadence: cal.Monthly, RetiredOn: today}))
	p, _ := h.reg().Plan(id)
	if p.Price != money.Zero(money.EUR) || !p.RetiredOn.IsZero() {
		t.Errorf("added %+v", p)
	}
	old := p
	p.Name, p.ServiceID = "Libre", dropbox
	h.ok(h.SavePlan(h.ctx, h.by, p))
	if p, _ = h.reg().Plan(id); p.ServiceID != agenda || p.Name != "Libre" {
		t.Errorf("saved %+v", p)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SavePlan(h.ctx, h.by, old)) })
	h.refuses(models.Invalid{{Field: "service", Rule: "choose"}, {Field: "price", Rule: "required"}}, func() error {
		_, err := h.AddPlan(h.ctx, h.by, models.Plan{Name: "X", Tier: models.Premium, Cadence: cal.Monthly})
		return err
	})
	h.ok(h.RetirePlan(h.ctx, h.by, id, today))
	if p, _ := h.reg().Plan(id); p.RetiredOn != today {
		t.Errorf("retired on %v", p.RetiredOn)
	}
	h.ok(h.RestorePlan(h.ctx, h.by, id))
	h.refuses(invalid("on", "date.empty"), func() error { return h.RetirePlan(h.ctx, h.by, id, cal.Date{}) })
	h.refuses(refused("in_use"), func() error { return h.RemovePlan(h.ctx, h.by, dropPro) })
	h.ok(h.RemovePlan(h.ctx, h.by, id))
	h.refuses(models.ErrNotFound, func() error { return h.RemovePlan(h.ctx, h.by, id) })
	h.same()
}

func TestChoices(t *testing.T) {
	h := newHouse(t)
	f := h.id(h.AddFunction(h.ctx, h.by, models.Function{Name: "Veille", Account: "6511"}))
	v := h.id(h.AddVendor(h.ctx, h.by, models.Vendor{Name: "Scoop.it", Country: "FR"}))
	m := h.id(h.AddMeans(h.ctx, h.by, models.Means{Name: "Virement"}))
	h.refuses(invalid("name", "duplicate"), func() error {
		_, err := h.AddFunction(h.ctx, h.by, models.Function{Name: "  VEILLE ", Account: "6511"})
		return err
	})
	h.refuses(invalid("name", "duplicate"), func() error { _, err := h.AddVendor(h.ctx, h.by, models.Vendor{Name: "scoop.IT"}); return err })
	h.refuses(invalid("name", "duplicate"), func() error { _, err := h.AddMeans(h.ctx, h.by, models.Means{Name: "carte"}); return err })
	h.refuses(invalid("account", "account"), func() error {
		_, err := h.AddFunction(h.ctx, h.by, models.Function{Name: "X", Account: "x"})
		return err
	})
	h.refuses(invalid("country", "country"), func() error { _, err := h.EnsureVendor(h.ctx, h.by, "X", "France"); return err })

	r := h.reg()
	function, _ := r.Function(f)
	vendor, _ := r.Vendor(v)
	means, _ := r.PaidBy(m)
	oldFunction, oldVendor, oldMeans := function, vendor, means
	function.Name, vendor.Account, means.ExpiresOn = "veille", "401SCOOP", today
	h.ok(h.SaveFunction(h.ctx, h.by, function))
	h.ok(h.SaveVendor(h.ctx, h.by, vendor))
	h.ok(h.SaveMeans(h.ctx, h.by, means))
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveFunction(h.ctx, h.by, oldFunction)) })
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveVendor(h.ctx, h.by, oldVendor)) })
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveMeans(h.ctx, h.by, oldMeans)) })
	function.Name, vendor.Name, means.Name = "Planification", "Framasoft", "Carte"
	h.refuses(invalid("name", "duplicate"), func() error { return h.SaveFunction(h.ctx, h.by, function) })
	h.refuses(invalid("name", "duplicate"), func() error { return h.SaveVendor(h.ctx, h.by, vendor) })
	h.refuses(invalid("name", "duplicate"), func() error { return h.SaveMeans(h.ctx, h.by, means) })
	h.same()

	h.refuses(refused("in_use"), func() error { return h.RemoveFunction(h.ctx, h.by, access) })
	h.refuses(refused("in_use"), func() error { return h.RemoveVendor(h.ctx, h.by, dropboxInc) })
	h.refuses(refused("in_use"), func() error { return h.RemoveMeans(h.ctx, h.by, card) })
	h.ok(h.RemoveFunction(h.ctx, h.by, f))
	h.ok(h.RemoveVendor(h.ctx, h.by, v))
	h.ok(h.RemoveMeans(h.ctx, h.by, m))
	h.refuses(models.ErrNotFound, func() error { return h.RemoveFunction(h.ctx, h.by, f) })
	h.refuses(models.ErrNotFound, func() error { return h.RemoveVendor(h.ctx, h.by, v) })
	h.refuses(models.ErrNotFound, func() error { return h.RemoveMeans(h.ctx, h.by, m) })
	h.same()

	filled := h.id(h.EnsureVendor(h.ctx, h.by, "Sans pays", ""))
	if again := h.id(h.EnsureVendor(h.ctx, h.by, "sans  pays", "CH")); again != filled {
		t.Error("a second vendor of one name")
	}
	if v, _ := h.reg().Vendor(filled); v.Country != "CH" || v.Name != "Sans pays" {
		t.Errorf("ensured %+v", v)
	}
	h.same()
}

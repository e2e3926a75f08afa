package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// sub is the sample's paid subscription as it now is.
func (h *house) sub() models.Subscription {
	h.Helper()
	m, ok := h.reg().Subscription(dropboxSub)
	if !ok {
		h.Fatal("no subscription")
	}
	return m
}

func TestSubscribe(t *testing.T) {
	h := newHouse(t)
	signed := models.Subscription{PlanID: skypePaid, StartedOn: day("2026-07-01"), Anchor: day("2026-07-01"), Cadence: cal.Yearly}
	id := h.id(h.Subscribe(h.ctx, h.by, signed))
	m, _ := h.reg().Subscription(id)
	if m.ServiceID != skype || len(m.Terms) != 1 || m.Terms[0].Price != money.Euros(500) || m.Terms[0].Seats != 1 {
		t.Errorf("subscribed %+v", m)
	}
	h.refuses(refused("already_subscribed"), func() error { _, err := h.Subscribe(h.ctx, h.by, signed); return err })
	h.ok(h.Cancel(h.ctx, h.by, id, m.Version, today, cal.Date{}, "jamais commencé"))
	if m, _ := h.reg().Subscription(id); m.EndsOn != signed.StartedOn {
		t.Errorf("called off before it began, it ends on %v", m.EndsOn)
	}
	again := h.id(h.Subscribe(h.ctx, h.by, signed)) // what never began disturbs nobody
	h.refuses(refused("already_subscribed"), func() error { return h.Reopen(h.ctx, h.by, id) })
	h.same()

	for name, c := range map[string]struct {
		set  func(*models.Subscription)
		want error
	}{
		"no plan":         {func(m *models.Subscription) { m.PlanID = 0 }, invalid("plan", "choose")},
		"unknown plan":    {func(m *models.Subscription) { m.PlanID = 99 }, models.ErrNotFound},
		"other service":   {func(m *models.Subscription) { m.ServiceID = dropbox }, invalid("plan", "choose")},
		"unknown owner":   {func(m *models.Subscription) { m.OwnerID = card }, invalid("owner", "choose")},
		"unknown means":   {func(m *models.Subscription) { m.MeansID = nadia }, invalid("means", "choose")},
		"no day":          {func(m *models.Subscription) { m.StartedOn = cal.Date{} }, invalid("started_on", "date.empty")},
		"no price":        {func(m *models.Subscription) { m.Terms = []models.Terms{{Seats: 1}} }, invalid("price", "required")},
		"notice of weeks": {func(m *models.Subscription) { m.Notice = cal.Notice{N: 2, Unit: "moon"} }, invalid("notice", "notice.unit")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			bad := signed
			c.set(&bad)
			h.refuses(c.want, func() error { _, err := h.Subscribe(h.ctx, h.by, bad); return err })
		})
	}
	h.TB = t
	if r := h.reg(); r.TierOf(m) != models.Premium || again == id {
		t.Error("not of the plan asked for")
	}
}

func TestSaveSubscription(t *testing.T) {
	h := newHouse(t)
	m := h.sub()
	m.OwnerID, m.LookOn, m.Note, m.PlanID, m.EndsOn, m.Terms, m.Seats = paul, today, "suivi", dropboxPlus, today, nil, nil
	h.ok(h.SaveSubscription(h.ctx, h.by, m))
	got := h.sub()
	if got.OwnerID != paul || got.PlanID != dropPro || !got.EndsOn.IsZero() || len(got.Terms) != 1 || len(got.Seats) != 1 {
		t.Errorf("saved %+v", got)
	}
	want := []models.Change{{Field: "owner", Before: "Nadia", After: "Paul"}, {Field: "look_on", After: "2026-06-15"}, {Field: "note", After: "suivi"}}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveSubscription(h.ctx, h.by, m)) })

	// Moving the first day takes the first terms along.
	got.StartedOn, got.Anchor = day("2026-01-15"), day("2026-01-15")
	h.ok(h.SaveSubscription(h.ctx, h.by, got))
	if got = h.sub(); got.Terms[0].From != day("2026-01-15") {
		t.Errorf("the first terms begin on %v", got.Terms[0].From)
	}
	h.ok(h.AddTerms(h.ctx, h.by, dropboxSub, got.Version, models.Terms{From: day("2026-03-15"), Price: money.Euros(1600), PerSeat: true, Seats: 2}))
	got = h.sub()
	late := got
	late.StartedOn, late.Anchor = day("2026-03-15"), day("2026-03-15")
	h.refuses(invalid("started_on", "before"), func() error { return h.SaveSubscription(h.ctx, h.by, late) })

	h.id(h.RecordPayment(h.ctx, h.by, models.Payment{SubscriptionID: dropboxSub, ChargeOn: day("2026-02-15"), PaidOn: day("2026-02-15"), Billed: money.Euros(3000)}, today))
	moved, other := got, got
	moved.Anchor = day("2026-01-20")
	other.Cadence = cal.Yearly
	h.refuses(refused("has_settlements"), func() error { return h.SaveSubscription(h.ctx, h.by, moved) })
	h.refuses(refused("has_settlements"), func() error { return h.SaveSubscription(h.ctx, h.by, other) })
	got.AutoRenew = false
	h.ok(h.SaveSubscription(h.ctx, h.by, got))
	got.ID = 99
	h.refuses(models.ErrNotFound, func() error { return h.SaveSubscription(h.ctx, h.by, got) })
	h.same()
}

func TestTerms(t *testing.T) {
	h := newHouse(t)
	before := h.sub()
	h.ok(h.AddTerms(h.ctx, h.by, dropboxSub, before.Version, models.Terms{From: day("2026-09-30"), Price: money.Euros(1800), PerSeat: true, Seats: 3, Note: "annoncé"}))
	m := h.sub()
	if len(m.Terms) != 2 || m.Terms[1].ID == 0 || m.Version == before.Version {
		t.Fatalf("terms %+v", m.Terms)
	}
	want := []models.Change{
		{Field: "terms.from", After: "2026-09-30"},
		{Field: "terms.price", After: "18.00 EUR"},
		{Field: "terms.per_seat", After: "true"},
		{Field: "terms.seats", After: "3"},
		{Field: "terms.note", After: "annoncé"},
	}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.refuses(models.Conflict{}, func() error {
		return conflictOf(h.AddTerms(h.ctx, h.by, dropboxSub, before.Version, models.Terms{From: day("2026-10-31"), Price: money.Euros(1), Seats: 1}))
	})
	changed := m.Terms[1]
	changed.From, changed.Seats = day("2026-10-31"), 2
	h.ok(h.SaveTerms(h.ctx, h.by, dropboxSub, m.Version, changed))
	m = h.sub()
	if m.Terms[1].From != day("2026-10-31") || m.Terms[1].ID != changed.ID {
		t.Errorf("terms %+v", m.Terms)
	}
	first := m.Terms[0]
	first.From, first.Price = cal.Date{}, money.Euros(1450)
	h.ok(h.SaveTerms(h.ctx, h.by, dropboxSub, m.Version, first))
	m = h.sub()
	if m.Terms[0].From != m.StartedOn || m.Terms[0].Price != money.Euros(1450) {
		t.Errorf("first terms %+v", m.Terms[0])
	}
	h.same()

	h.refuses(invalid("from", "terms.same_day"), func() error {
		return h.AddTerms(h.ctx, h.by, dropboxSub, m.Version, models.Terms{From: day("2026-10-31"), Price: money.Euros(1), Seats: 1})
	})
	h.refuses(models.Invalid{{Field: "price", Rule: "required"}, {Field: "from", Rule: "after"}}, func() error {
		return h.AddTerms(h.ctx, h.by, dropboxSub, m.Version, models.Terms{From: day("2020-10-31"), Seats: 1})
	})
	h.refuses(models.ErrNotFound, func() error {
		return h.SaveTerms(h.ctx, h.by, dropboxSub, m.Version, models.Terms{ID: agendaTerms, From: today, Seats: 1})
	})
	h.refuses(refused("first_terms"), func() error { return h.RemoveTerms(h.ctx, h.by, dropboxSub, first.ID) })
	h.refuses(models.ErrNotFound, func() error { return h.RemoveTerms(h.ctx, h.by, dropboxSub, agendaTerms) })
	h.ok(h.RemoveTerms(h.ctx, h.by, dropboxSub, changed.ID))
	if m = h.sub(); len(m.Terms) != 1 {
		t.Errorf("terms %+v", m.Terms)
	}
	h.same()
}

func TestSeats(t *testing.T) {
	h := newHouse(t)
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, paul, today))
	third := h.id(h.AddPerson(h.ctx, h.by, models.Person{Name: "Inès", Role: models.Staff, Lang: models.French}))
	h.refuses(invalid("person", "seat.none_free"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, third, today) })
	h.refuses(invalid("person", "seat.held"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, paul, today.AddDays(1)) })
	h.refuses(invalid("person", "choose"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, card, today) })
	h.refuses(invalid("person", "choose"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, claire, today) }) // has left
	h.refuses(invalid("on", "date.empty"), func() error { return h.AssignSeat(h.ctx, h.by, dropboxSub, paul, cal.Date{}) })

	h.ok(h.FreeSeat(h.ctx, h.by, dropboxSub, aSeat, today))
	want := []models.Change{{Field: "seat.to", After: "2026-06-15"}}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.refuses(models.ErrNotFound, func() error { return h.FreeSeat(h.ctx, h.by, dropboxSub, aSeat, today) })
	h.ok(h.UndoFreeSeat(h.ctx, h.by, dropboxSub, aSeat))
	if h.sub().SeatsHeld(today) != 2 {
		t.Errorf("seats %+v", h.sub().Seats)
	}
	h.refuses(models.ErrNotFound, func() error { return h.UndoFreeSeat(h.ctx, h.by, dropboxSub, aSeat) })
	h.ok(h.FreeSeat(h.ctx, h.by, dropboxSub, aSeat, today))
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, third, today))
	h.refuses(invalid("person", "seat.none_free"), func() error { return h.UndoFreeSeat(h.ctx, h.by, dropboxSub, aSeat) })
	h.refuses(models.ErrNotFound, func() error { return h.FreeSeat(h.ctx, h.by, agendaSub, aSeat, today) })
	h.same()
}

func TestCancelAndReopen(t *testing.T) {
	h := newHouse(t)
	m := h.sub()
	h.ok(h.Cancel(h.ctx, h.by, dropboxSub, m.Version, today, cal.Date{}, "trop cher"))
	got := h.sub()
	if got.EndsOn != m.CanEndOn(today) || got.CancelledOn != today {
		t.Errorf("cancelled %+v", got)
	}
	decisions := h.reg().DecisionsOf(dropbox)
	if len(decisions) != 1 || decisions[0].Kind != models.Drop || decisions[0].Reason != "trop cher" || decisions[0].By != nadia {
		t.Errorf("decisions %+v", decisions)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.Cancel(h.ctx, h.by, dropboxSub, m.Version, today, cal.Date{}, "")) })
	h.refuses(refused("already_ending"), func() error { return h.Cancel(h.ctx, h.by, dropboxSub, got.Version, today, cal.Date{}, "") })
	h.same()
	h.ok(h.Reopen(h.ctx, h.by, dropboxSub))
	if got = h.sub(); !got.EndsOn.IsZero() || got.CancelReason != "" || len(h.reg().DecisionsOf(dropbox)) != 0 {
		t.Errorf("reopened %+v with %+v", got, h.reg().DecisionsOf(dropbox))
	}
	h.refuses(refused("not_ending"), func() error { return h.Reopen(h.ctx, h.by, dropboxSub) })
	h.refuses(invalid("ends_on", "end.before_start"), func() error {
		return h.Cancel(h.ctx, h.by, dropboxSub, got.Version, today, day("2020-01-01"), "")
	})
	h.refuses(models.ErrNotFound, func() error { return h.Cancel(h.ctx, h.by, 99, 1, today, cal.Date{}, "") })
	h.same()
}

func TestSwitchPlan(t *testing.T) {
	h := newHouse(t)
	before := h.sub()
	position := h.reg().Position(h.reg().Year(today), today)
	w := Switch{
		Subscription: dropboxSub, Version: before.Version, Plan: dropboxPlus, On: day("2026-07-31"),
		Terms: models.Terms{Price: usd(999), Seats: 2}, Reason: "moins de places",
	}
	next := h.id(h.SwitchPlan(h.ctx, h.by, w))
	r := h.reg()
	ended, _ := r.Subscription(dropboxSub)
	m, _ := r.Subscription(next)
	if ended.SuccessorID != next || ended.EndsOn != w.On || m.PlanID != dropboxPlus || m.OwnerID != nadia || m.SeatsHeld(w.On) != 1 || m.Seats[0].ID == 0 {
		t.Errorf("ended %+v, next %+v", ended, m)
	}
	if d := r.DecisionsOf(dropbox); len(d) != 1 || d[0].Kind != models.Downgrade || d[0].SubscriptionID != dropboxSub {
		t.Errorf("decisions %+v", d)
	}
	h.refuses(refused("has_successor"), func() error { return h.Reopen(h.ctx, h.by, dropboxSub) })
	h.refuses(models.Conflict{}, func() error { _, err := h.SwitchPlan(h.ctx, h.by, w); return conflictOf(err) })
	h.same()

	// What is decided of the successor stays with the service when the switch is taken back.
	h.id(h.AddDecision(h.ctx, h.by, models.Decision{SubscriptionID: next, Kind: models.Keep, On: today}))
	h.ok(h.UndoSwitch(h.ctx, h.by, dropboxSub))
	r = h.reg()
	if _, there := r.Subscription(next); there || len(r.Subscriptions) != 2 {
		t.Error("the successor is still there")
	}
	undone := h.sub()
	undone.Version = before.Version
	if diff := cmp.Diff(before, undone, exact); diff != "" {
		t.Errorf("undone (-before +after):\n%s", diff)
	}
	if d := r.DecisionsOf(dropbox); len(d) != 1 || d[0].Kind != models.Keep || d[0].SubscriptionID != dropboxSub {
		t.Errorf("decisions %+v", d)
	}
	if after := r.Position(r.Year(today), today); after.Forecast != position.Forecast {
		t.Errorf("forecast %v, was %v", after.Forecast, position.Forecast)
	}
	h.same()
	h.refuses(refused("not_switched"), func() error { return h.UndoSwitch(h.ctx, h.by, dropboxSub) })

	w.Version, w.On = h.sub().Version, day("2026-03-31")
	next = h.id(h.SwitchPlan(h.ctx, h.by, w))
	h.id(h.RecordPayment(h.ctx, h.by, models.Payment{SubscriptionID: next, ChargeOn: w.On, PaidOn: w.On, Billed: usd(999), Debited: money.Euros(930)}, today))
	h.refuses(refused("successor_paid"), func() error { return h.UndoSwitch(h.ctx, h.by, dropboxSub) })
	m, _ = h.reg().Subscription(next)
	up := Switch{Subscription: next, Version: m.Version, Plan: dropboxFree, On: day("2026-08-31"), Terms: models.Terms{Seats: 1}}
	last := h.id(h.SwitchPlan(h.ctx, h.by, up))
	if m, _ := h.reg().Subscription(last); m.LookOn != day("2027-08-31") || m.Terms[0].Price != money.Zero(money.EUR) {
		t.Errorf("free at last: %+v", m)
	}
	h.refuses(refused("already_ending"), func() error { return h.UndoSwitch(h.ctx, h.by, dropboxSub) })
	h.ok(h.UndoSwitch(h.ctx, h.by, next))
	h.same()
	for name, c := range map[string]struct {
		set  func(*Switch)
		want error
	}{
		"same plan":     {func(w *Switch) { w.Plan = dropboxPlus }, invalid("plan", "plan.same")},
		"other service": {func(w *Switch) { w.Plan = agendaFree }, invalid("plan", "choose")},
		"unknown plan":  {func(w *Switch) { w.Plan = 99 }, invalid("plan", "choose")},
		"no day":        {func(w *Switch) { w.On = cal.Date{} }, invalid("on", "date.empty")},
		"too few seats": {func(w *Switch) { w.Plan, w.Terms = dropPro, models.Terms{Price: money.Euros(1), PerSeat: true} }, invalid("seats", "seats.below_assigned")},
		"unknown":       {func(w *Switch) { w.Subscription = 99 }, models.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			bad := up
			m, _ := h.reg().Subscription(next)
			bad.Version = m.Version
			c.set(&bad)
			h.refuses(c.want, func() error { _, err := h.SwitchPlan(h.ctx, h.by, bad); return err })
		})
	}
}

func TestDirection(t *testing.T) {
	flat := func(tier models.Tier, c cal.Cadence, cents int64) (models.Plan, models.Terms) {
		return models.Plan{Tier: tier, Cadence: c}, models.Terms{Price: money.Euros(cents), Seats: 1}
	}
	free, nothing := flat(models.Free, cal.Monthly, 0)
	monthly, ten := flat(models.Premium, cal.Monthly, 1000)
	yearly, hundred := flat(models.Premium, cal.Yearly, 10000)
	for name, c := range map[string]struct {
		old, plan models.Plan
		was, will models.Terms
		want      models.DecisionKind
	}{
		"free to paid":           {free, monthly, nothing, ten, models.Upgrade},
		"paid to free":           {monthly, free, ten, nothing, models.Downgrade},
		"10 a month, 100 a year": {monthly, yearly, ten, hundred, models.Downgrade},
		"100 a year, 10 a month": {yearly, monthly, hundred, ten, models.Upgrade},
	} {
		if got := direction(c.old, c.plan, c.was, c.will); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestDecisions(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.AddDecision(h.ctx, h.by, models.Decision{
		SubscriptionID: agendaSub, Kind: models.StayFree, On: today, Reason: "suffit", LookAgainOn: day("2027-06-15"),
	}))
	m, _ := h.reg().Subscription(agendaSub)
	d, _ := h.reg().Decision(id)
	if m.LookOn != day("2027-06-15") || d.ServiceID != agenda || d.By != nadia {
		t.Errorf("decided %+v, look again on %v", d, m.LookOn)
	}
	h.id(h.AddDecision(h.ctx, h.by, models.Decision{ServiceID: skype, Kind: models.Decline, On: today, LookAgainOn: day("2027-01-01")}))
	h.same()
	old := d
	d.Reason, d.LookAgainOn, d.ServiceID = "suffit toujours", day("2027-09-01"), skype
	h.ok(h.SaveDecision(h.ctx, h.by, d))
	m, _ = h.reg().Subscription(agendaSub)
	d, _ = h.reg().Decision(id)
	if d.ServiceID != agenda || d.Reason != "suffit toujours" || m.LookOn != day("2027-09-01") {
		t.Errorf("saved %+v, look again on %v", d, m.LookOn)
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveDecision(h.ctx, h.by, old)) })
	h.refuses(models.Invalid{{Field: "kind", Rule: "choose"}, {Field: "service", Rule: "choose"}}, func() error {
		_, err := h.AddDecision(h.ctx, h.by, models.Decision{On: today})
		return err
	})
	h.refuses(invalid("service", "choose"), func() error {
		_, err := h.AddDecision(h.ctx, h.by, models.Decision{ServiceID: dropbox, SubscriptionID: agendaSub, Kind: models.Keep, On: today})
		return err
	})
	h.refuses(models.ErrNotFound, func() error {
		_, err := h.AddDecision(h.ctx, h.by, models.Decision{SubscriptionID: 99, Kind: models.Keep, On: today})
		return err
	})
	h.ok(h.RemoveDecision(h.ctx, h.by, id))
	h.refuses(models.ErrNotFound, func() error { return h.RemoveDecision(h.ctx, h.by, id) })
	h.same()
}

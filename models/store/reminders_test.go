package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestReminderChoices(t *testing.T) {
	h := newHouse(t)
	person := func(id models.ID) models.Person { p, _ := h.reg().Person(id); return p }
	choice := ReminderChoice{Wants: true, Leads: models.Leads{models.RemindDecideBy: {7, 60, 7}, models.RemindRenewal: {}}, Muted: []models.ReminderKind{models.RemindEnvelope}}
	h.ok(h.SetReminders(h.ctx, h.by, paul, choice))
	p := person(paul)
	want := models.Leads{models.RemindDecideBy: {60, 7}, models.RemindRenewal: {}}
	if diff := cmp.Diff(want, p.Leads); diff != "" || !p.Reminders || !slices.Equal(p.Mutes, []models.Mute{{Kind: models.RemindEnvelope}}) {
		t.Errorf("%+v, %s", p, diff)
	}
	h.ok(h.Mute(h.ctx, h.by, paul, models.Mute{Kind: models.RemindChargeDue, Subscription: dropboxSub}))
	if c := h.last().Changes; len(c) != 1 || c[0].Field != "mutes" || c[0].Before != "envelope" || !strings.HasPrefix(c[0].After, "envelope, charge_due Dropbox") {
		t.Errorf("the log says %+v", c)
	}
	revision := h.revision()
	h.ok(h.Mute(h.ctx, h.by, paul, models.Mute{Kind: models.RemindChargeDue, Subscription: dropboxSub}))
	h.ok(h.Unmute(h.ctx, h.by, paul, models.Mute{Subscription: dropboxSub}))
	if h.revision() != revision {
		t.Error("what changes nothing was written")
	}
	h.ok(h.SetReminders(h.ctx, h.by, paul, ReminderChoice{}))
	if p := person(paul); p.Reminders || p.Leads != nil || len(p.Mutes) != 1 || p.Mutes[0].Subscription != dropboxSub {
		t.Errorf("%+v", p)
	}
	h.ok(h.SetReminderChoice(h.ctx, h.by, paul, true))
	h.ok(h.Unmute(h.ctx, h.by, paul, models.Mute{Kind: models.RemindChargeDue, Subscription: dropboxSub}))
	if p := person(paul); !p.Reminders || p.Mutes != nil {
		t.Errorf("%+v", p)
	}
	h.same()

	h.refuses(invalid("leads.renewal", "number.range"), func() error {
		return h.SetReminders(h.ctx, h.by, paul, ReminderChoice{Leads: models.Leads{models.RemindRenewal: {400}}})
	})
	h.refuses(invalid("mutes", "choose"), func() error { return h.Mute(h.ctx, h.by, paul, models.Mute{}) })
	h.refuses(models.ErrNotFound, func() error { return h.Mute(h.ctx, h.by, paul, models.Mute{Subscription: 9999}) })
	himself, other := h.by, h.by
	himself.Person, himself.Role, other.Person, other.Role = paul, models.Staff, paul, models.Staff
	h.ok(h.SetReminderChoice(h.ctx, himself, paul, false))
	h.refuses(models.ErrForbidden, func() error { return h.SetReminderChoice(h.ctx, other, nadia, false) })
	h.refuses(models.ErrForbidden, func() error { return h.Mute(h.ctx, other, nadia, models.Mute{Kind: models.RemindRenewal}) })
}

func TestLeadTimesAreKept(t *testing.T) {
	h := newHouse(t)
	o := h.reg().Organisation
	o.Leads = models.Leads{models.RemindDecideBy: {45}, models.RemindEnvelope: {}}
	h.ok(h.SaveOrganisation(h.ctx, h.by, o))
	s, _ := h.reg().Subscription(dropboxSub)
	s.Leads = models.Leads{models.RemindTrialEnd: {3, 14}}
	h.ok(h.SaveSubscription(h.ctx, h.by, s))
	h.same()
	s, _ = h.reg().Subscription(dropboxSub)
	if got := h.reg().Organisation.Leads.String() + "; " + s.Leads.String(); got != "decide_by 45, envelope none; trial_end 14 3" {
		t.Error(got)
	}
	if c := h.last().Changes; len(c) != 1 || c[0] != (models.Change{Field: "leads", After: "trial_end 14 3"}) {
		t.Errorf("the log says %+v", c)
	}
	s.Leads = models.Leads{models.RemindTrialEnd: {1, 2, 3, 4, 5, 6}}
	h.refuses(invalid("leads.trial_end", "leads.many"), func() error { return h.SaveSubscription(h.ctx, h.by, s) })
}

// The flags of the envelope stay known when they are cleared, so that the forecast's return can be told; others do not.
func TestClearedFlagsOfTheEnvelope(t *testing.T) {
	f := sample()
	f.Envelopes = nil
	h := houseOf(t, f)
	set := func(ceiling int64) {
		t.Helper()
		e, _ := h.reg().Envelope(today.Year())
		h.ok(h.SetEnvelope(h.ctx, h.by, models.Envelope{ID: e.ID, Version: e.Version, Year: today.Year(), Ceiling: money.Euros(ceiling)}))
	}
	pass := func(on cal.Date) {
		t.Helper()
		_, _, err := h.FlagPass(h.ctx, h.org, on, noon)
		h.ok(err)
		h.same()
	}
	set(100)
	pass(today)
	set(100_000_00)
	pass(today.AddDays(1))
	r := h.reg()
	if len(r.Cleared) != 1 || r.Cleared[0].RaisedOn != today || r.Cleared[0].ClearedOn != today.AddDays(1) {
		t.Fatalf("cleared %+v", r.Cleared)
	}
	set(100)
	pass(today.AddDays(2))
	set(100_000_00)
	pass(today.AddDays(3))
	if r := h.reg(); len(r.Cleared) != 2 || r.Cleared[0].ID >= r.Cleared[1].ID {
		t.Errorf("cleared %+v", r.Cleared)
	}
	h.ok(h.AssignSeat(h.ctx, h.by, dropboxSub, paul, today.AddDays(3)))
	pass(today.AddDays(3))
	if n := len(h.reg().Cleared); n != 2 {
		t.Errorf("%d flags, of other kinds too", n)
	}
	again := houseOf(t, h.reg().Facts)
	if diff := cmp.Diff(len(h.reg().Cleared), len(again.reg().Cleared)); diff != "" {
		t.Errorf("planted anew: %s", diff)
	}
}

// A file from before reminders keeps everybody, who is then reminded until they say otherwise.
func TestPeopleFromBeforeAreReminded(t *testing.T) {
	f := sample()
	for i := range f.People {
		f.People[i].Reminders = false
	}
	old := released(t, 10, f)
	s := open1(t, old)
	orgs, err := s.Organisations(t.Context())
	if err != nil || len(orgs) != 1 {
		t.Fatal(orgs, err)
	}
	r, err := s.Register(t.Context(), orgs[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(r.People) != len(f.People) || len(r.Subscriptions) != len(f.Subscriptions) {
		t.Fatalf("%d people and %d subscriptions", len(r.People), len(r.Subscriptions))
	}
	for _, p := range r.People {
		if !p.Reminders || p.Leads != nil || p.Mutes != nil {
			t.Errorf("%+v", p)
		}
	}
}

package models

import (
	"testing"
	"time"

	"enveloppe/models/cal"
)

func TestLookups(t *testing.T) {
	t.Parallel()
	f := manyServices(20)
	f.Waivers = []Waiver{{ID: 9001, SubscriptionID: 1, ChargeOn: today}}
	f.Decisions = []Decision{{ID: 9002, ServiceID: f.Services[3].ID, Kind: Keep, On: today}}
	r := NewRegister(f)
	for _, p := range f.People {
		if got, ok := r.Person(p.ID); !ok || got.Name != p.Name {
			t.Errorf("person %d: %+v", p.ID, got)
		}
	}
	for i, s := range f.Services {
		got, ok := r.Service(s.ID)
		plans, subs := r.PlansOf(s.ID), r.SubscriptionsOf(s.ID)
		if !ok || got.Name != s.Name || len(plans) != 1 || plans[0].ID != f.Plans[i].ID || len(subs) != 1 || subs[0].ID != f.Subscriptions[i].ID {
			t.Errorf("service %d: %+v, %d plans, %d subscriptions", s.ID, got, len(plans), len(subs))
		}
		for _, p := range r.PaymentsOf(s.ID) {
			if p.ServiceID != s.ID {
				t.Errorf("a payment of %d is given for %d", p.ServiceID, s.ID)
			}
		}
	}
	checks := []bool{}
	found := func(ok bool) { checks = append(checks, ok) }
	_, ok := r.Function(f.Functions[0].ID)
	found(ok)
	_, ok = r.Vendor(f.Vendors[1].ID)
	found(ok)
	_, ok = r.PaidBy(f.Means[0].ID)
	found(ok)
	_, ok = r.Plan(f.Plans[7].ID)
	found(ok)
	_, ok = r.Payment(f.Payments[3].ID)
	found(ok)
	_, ok = r.Waiver(9001)
	found(ok)
	_, ok = r.Decision(9002)
	found(ok)
	_, ok = r.Envelope(2026)
	found(ok)
	found(len(r.DecisionsOf(f.Services[3].ID)) == 1)
	for i, ok := range checks {
		if !ok {
			t.Errorf("lookup %d finds nothing", i)
		}
	}
	if _, ok := r.Plan(f.Services[0].ID); ok {
		t.Error("a service is a plan")
	}
	if _, ok := r.Current(9999); ok {
		t.Error("something runs for no service")
	}
	if _, ok := r.Envelope(2020); ok {
		t.Error("an envelope of no year")
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	sub := func(id ID, from, to string) Subscription {
		s := yearly()
		s.ID, s.StartedOn, s.Anchor = id, day(from), day(from)
		if to != "" {
			s.EndsOn = day(to)
		}
		return s
	}
	for _, c := range []struct {
		name        string
		subs        []Subscription
		current, on ID
	}{
		{"one", []Subscription{sub(1, "2024-01-01", "")}, 1, 1},
		{"one that ended", []Subscription{sub(1, "2024-01-01", "2025-01-01")}, 1, 1},
		{"the one that goes on", []Subscription{sub(1, "2024-01-01", "2025-01-01"), sub(2, "2025-01-01", "")}, 2, 2},
		{"the one that ended last", []Subscription{sub(1, "2024-01-01", "2025-06-01"), sub(2, "2023-01-01", "2024-01-01")}, 1, 1},
		{"while a switch is planned", []Subscription{sub(1, "2024-01-01", "2027-01-01"), sub(2, "2027-01-01", "")}, 2, 1},
		{"when a switch was called off", []Subscription{sub(1, "2024-01-01", "2025-01-01"), sub(2, "2027-01-01", "2027-01-01")}, 1, 1},
		{"both ended the same day", []Subscription{sub(1, "2024-01-01", "2025-01-01"), sub(2, "2024-06-01", "2025-01-01")}, 2, 2},
	} {
		r := NewRegister(Facts{Organisation: association(), Subscriptions: c.subs})
		if got, ok := r.Current(2); !ok || got.ID != c.current {
			t.Errorf("%s: current is %d, want %d", c.name, got.ID, c.current)
		}
		if got, ok := r.CurrentOn(2, today); !ok || got.ID != c.on {
			t.Errorf("%s: on the day it is %d, want %d", c.name, got.ID, c.on)
		}
	}
	if _, ok := NewRegister(Facts{}).CurrentOn(2, today); ok {
		t.Error("something runs in an empty register")
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	r := registerWith(yearly())
	if got := r.AccountOf(yearly()); got != "6512" {
		t.Errorf("of its function: %s", got)
	}
	if got := r.AccountOf(yearly(func(s *Subscription) { s.Account = "626" })); got != "626" {
		t.Errorf("its own: %s", got)
	}
	if got := r.AccountOfService(99); got != DefaultAccount {
		t.Errorf("of no service: %s", got)
	}
	if got := r.TierOf(yearly()); got != Premium {
		t.Errorf("tier %s", got)
	}
	if got := r.TierOf(Subscription{PlanID: 99}); got != Premium {
		t.Errorf("a plan not known is %s", got)
	}
}

// The organisation's day is its civil day, whatever the instant's zone.
func TestToday(t *testing.T) {
	t.Parallel()
	o := association()
	for at, want := range map[string]string{
		"2026-11-15T22:59:59Z": "2026-11-15", "2026-11-15T23:00:00Z": "2026-11-16", "2026-07-15T21:59:59Z": "2026-07-15", "2026-07-15T22:00:00Z": "2026-07-16",
		"2026-11-15T23:30:00-11:00": "2026-11-16",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Today(instant); got != day(want) {
			t.Errorf("at %s it is %v, want %s", at, got, want)
		}
	}
	o.Zone = "Nowhere/Atall"
	if o.Location() != time.UTC {
		t.Error("a zone not known is not UTC")
	}
}

func TestEmptyRegister(t *testing.T) {
	t.Parallel()
	r := NewRegister(Facts{Organisation: association()})
	p := r.Position(r.Year(today), today)
	if !p.Forecast.IsZero() || p.Status != NoEnvelope || !p.Complete() || len(p.Months) != 12 {
		t.Errorf("position of nothing: %+v", p)
	}
	if len(r.Causes(today))+len(r.Due(today))+len(r.Charges(r.Year(today).Span(), today)) > 0 {
		t.Error("an empty register asks for something")
	}
	if total, complete := r.RunRate(today); !total.IsZero() || !complete {
		t.Errorf("run rate of nothing: %v, %v", total, complete)
	}
	if got := r.Spread(r.Year(today), today); got != eur(0) {
		t.Errorf("spread of nothing: %v", got)
	}
	// No day at all is nobody's day; nothing may break on it.
	if got := NewRegister(manyServices(20)).Position(cal.FiscalYear{}, cal.Date{}); !got.Forecast.IsZero() {
		t.Errorf("position of no year: %v", got.Forecast)
	}
}

package store

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// crowd is the sample organisation with n services, each with a subscription, a yearly history of payments and a seat.
func crowd(n int) models.Facts {
	f := sample()
	next := models.ID(100)
	id := func() models.ID { next++; return next }
	for i := range n - len(f.Subscriptions) {
		service, plan, sub := id(), id(), id()
		start := day("2024-01-01").AddDays(i % 365)
		f.Services = append(f.Services, models.Service{ID: service, Name: fmt.Sprintf("Service %d", i), FunctionID: access, VendorID: dropboxInc})
		price := money.Euros(int64(500 + i%3000))
		f.Plans = append(f.Plans, models.Plan{ID: plan, ServiceID: service, Name: "Plus", Tier: models.Premium, Price: price, Cadence: cal.Yearly})
		f.Subscriptions = append(f.Subscriptions, models.Subscription{
			ID: sub, ServiceID: service, PlanID: plan, StartedOn: start, Anchor: start, Cadence: cal.Yearly, AutoRenew: true, OwnerID: nadia,
			Notice: cal.Notice{N: 30, Unit: cal.Day}, MeansID: card,
			Terms: []models.Terms{{ID: id(), From: start, Price: price, Seats: 1}},
			Seats: []models.Seat{{ID: id(), PersonID: paul, From: start}},
		})
		for year := range 2 {
			on := start.AddMonths(12 * year)
			p := models.Payment{
				ID: id(), ServiceID: service, SubscriptionID: sub, ChargeOn: on, PaidOn: on, Period: cal.Span{From: on, To: on.AddMonths(12)},
				VendorName: "Dropbox International", Country: "IE", Foreign: true, Billed: price, Account: "6511", RecordedAt: noon, RecordedBy: nadia,
			}
			f.Payments = append(f.Payments, p.Settle(f.Organisation.VATStatusOn(on)))
		}
	}
	return f
}

func benchHouse(b *testing.B, n int) *house {
	b.Helper()
	s := open1(b, filepath.Join(b.TempDir(), "enveloppe.db"))
	org, err := s.Plant(b.Context(), crowd(n), noon)
	if err != nil {
		b.Fatal(err)
	}
	return &house{b, s, b.Context(), org, models.Actor{Organisation: org, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}}
}

func BenchmarkRegisterCold(b *testing.B) {
	for _, n := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := benchHouse(b, n)
			for b.Loop() {
				h.cache = newCache()
				h.reg()
			}
		})
	}
}

func BenchmarkRegisterUnchanged(b *testing.B) {
	h := benchHouse(b, 1000)
	for b.Loop() {
		h.reg()
	}
}

// BenchmarkRefresh is reading the register after somebody else's change; the change itself is not counted.
func BenchmarkRefresh(b *testing.B) {
	for _, n := range []int{20, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := benchHouse(b, n)
			m := h.reg()
			wants := false
			for b.Loop() {
				b.StopTimer()
				wants = !wants
				h.ok(h.SetDigestChoice(h.ctx, h.by, paul, wants))
				b.StartTimer()
				m = h.reg()
			}
			if m.Revision != h.revision() {
				b.Fatal("stale")
			}
		})
		b.Run(fmt.Sprintf("%d/subscription", n), func(b *testing.B) {
			h := benchHouse(b, n)
			h.reg()
			on := day("2026-07-01")
			for b.Loop() {
				b.StopTimer()
				on = on.AddDays(1)
				sub, _ := h.reg().Subscription(dropboxSub)
				sub.LookOn = on
				h.ok(h.SaveSubscription(h.ctx, h.by, sub))
				b.StartTimer()
				h.reg()
			}
		})
	}
}

func BenchmarkVisit(b *testing.B) {
	h := benchHouse(b, 20)
	token := sha256.Sum256([]byte("secret"))
	h.ok(h.StartSession(h.ctx, Session{TokenHash: token, Account: h.account(nadia), Organisation: h.org, Person: nadia, CreatedAt: noon, ExpiresAt: noon.Add(time.Hour)}))
	for b.Loop() {
		if _, err := h.Visit(h.ctx, token, noon); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrite is one verb, acknowledged by the disk.
func BenchmarkWrite(b *testing.B) {
	h := benchHouse(b, 20)
	wants := false
	for b.Loop() {
		wants = !wants
		h.ok(h.SetDigestChoice(h.ctx, h.by, paul, wants))
	}
}

func BenchmarkPlant(b *testing.B) {
	f := crowd(2000)
	for b.Loop() {
		b.StopTimer()
		s := open1(b, filepath.Join(b.TempDir(), "enveloppe.db"))
		b.StartTimer()
		if _, err := s.Plant(b.Context(), f, noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFlagPass(b *testing.B) {
	h := benchHouse(b, 10_000)
	h.reg()
	on, total := today, 0
	for b.Loop() {
		on = on.AddMonths(1)
		raised, cleared, err := h.FlagPass(h.ctx, h.org, on, noon)
		h.ok(err)
		total += raised + cleared
	}
	b.ReportMetric(float64(total)/float64(b.N), "flags/op")
}

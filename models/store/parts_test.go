package store

import (
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var march = day("2026-03-31") // the day of a charge of 30 euros

func partOf(on cal.Date, paid money.Amount) models.Payment {
	return models.Payment{SubscriptionID: dropboxSub, ChargeOn: on, Part: true, PaidOn: today, Billed: paid}
}

// left is what is left of March's charge.
func (h *house) left() money.Amount {
	h.Helper()
	c, _ := h.reg().OpenCharge(dropboxSub, march, today)
	return c.Billed
}

func TestPartPayments(t *testing.T) {
	h := newHouse(t)
	record := func(p models.Payment) (models.ID, error) { return h.RecordPayment(h.ctx, h.by, p, today) }
	refusedPart := func(want error, p models.Payment) {
		t.Helper()
		h.refuses(want, func() error { return first(record(p)) })
	}
	refusedPart(invalid("billed", "part.currency"), partOf(march, usd(1000)))
	refusedPart(invalid("charge", "charge.none"), partOf(march.AddDays(1), money.Euros(1000)))
	refusedPart(invalid("charge", "choose"), partOf(cal.Date{}, money.Euros(1000)))

	ten := h.id(record(partOf(march, money.Euros(1000))))
	if p := h.payment(ten); p.Period.From != march || h.left() != money.Euros(2000) {
		t.Errorf("recorded %+v, %v left", p, h.left())
	}
	twenty := h.id(record(partOf(march, money.Euros(2000))))
	if !h.left().IsNone() {
		t.Errorf("%v left of what is paid", h.left())
	}
	whole := models.Payment{SubscriptionID: dropboxSub, ChargeOn: march, PaidOn: today, Billed: money.Euros(3000)}
	refusedPart(invalid("charge", "charge.settled"), partOf(march, money.Euros(1)))
	refusedPart(invalid("charge", "charge.settled"), whole)
	h.refuses(invalid("charge", "charge.settled"), func() error {
		return first(h.Waive(h.ctx, h.by, models.Waiver{SubscriptionID: dropboxSub, ChargeOn: march, Reason: "x"}))
	})

	h.id(h.ReversePayment(h.ctx, h.by, twenty, ""))
	if h.left() != money.Euros(2000) {
		t.Errorf("%v left after the reversal", h.left())
	}
	// The rest in one payment settles the charge, whatever it is of.
	rest := whole
	rest.Billed = money.Euros(1900)
	settling := h.id(record(rest))
	if _, open := h.reg().OpenCharge(dropboxSub, march, today); open {
		t.Error("open after the rest was paid")
	}
	// A part is put right as a part; it cannot become a second whole.
	fixed := h.id(h.CorrectPayment(h.ctx, h.by, ten, partOf(march, money.Euros(1100)), today))
	h.refuses(invalid("charge", "charge.settled"), func() error { return first(h.CorrectPayment(h.ctx, h.by, fixed, whole, today)) })
	h.id(h.ReversePayment(h.ctx, h.by, settling, ""))
	h.id(h.CorrectPayment(h.ctx, h.by, fixed, whole, today))
	h.same()
	h.wellFormed()
}

// A waiver of a charge paid in part leaves the rest aside.
func TestWaiveTheRest(t *testing.T) {
	h := newHouse(t)
	h.id(h.RecordPayment(h.ctx, h.by, partOf(march, money.Euros(1000)), today))
	h.id(h.Waive(h.ctx, h.by, models.Waiver{SubscriptionID: dropboxSub, ChargeOn: march, Reason: "geste commercial"}))
	if !h.left().IsNone() {
		t.Errorf("%v left", h.left())
	}
	h.refuses(invalid("charge", "charge.settled"), func() error {
		return first(h.RecordPayment(h.ctx, h.by, partOf(march, money.Euros(1)), today))
	})
	h.same()
}

// Terms in another currency would leave the whole charge due beside the part that is spent.
func TestTermsKeepTheCurrencyOfParts(t *testing.T) {
	h := newHouse(t)
	ten := h.id(h.RecordPayment(h.ctx, h.by, partOf(march, money.Euros(1000)), today))
	version := func() int64 { s, _ := h.reg().Subscription(dropboxSub); return s.Version }
	dollars := models.Terms{From: march.AddDays(-1), Price: usd(1600), Seats: 2}
	add := func() error { return h.AddTerms(h.ctx, h.by, dropboxSub, version(), dollars) }
	h.refuses(refused("part.currency"), add)
	first, _ := h.reg().Subscription(dropboxSub)
	inDollars := first.Terms[0]
	inDollars.Price = usd(1500)
	h.refuses(refused("part.currency"), func() error { return h.SaveTerms(h.ctx, h.by, dropboxSub, version(), inDollars) })

	h.id(h.ReversePayment(h.ctx, h.by, ten, ""))
	h.ok(add())
	h.id(h.RecordPayment(h.ctx, h.by, partOf(march, usd(600)), today))
	s, _ := h.reg().Subscription(dropboxSub)
	h.refuses(refused("part.currency"), func() error { return h.RemoveTerms(h.ctx, h.by, dropboxSub, s.Terms[1].ID) })
	h.same()
}

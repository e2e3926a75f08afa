package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestRecordPayment(t *testing.T) {
	h := newHouse(t)
	charge, ok := h.reg().Charge(dropboxSub, day("2026-02-28"), today)
	if !ok || charge.Billed != money.Euros(3000) {
		t.Fatalf("charge %+v", charge)
	}
	id := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{
		SubscriptionID: dropboxSub, ChargeOn: charge.On, PaidOn: day("2026-03-02"), Billed: money.Euros(3000), InvoiceNumber: "F1",
	}, today))
	p, _ := h.reg().Payment(id)
	want := models.Payment{
		ID: id, Version: p.Version, ServiceID: dropbox, SubscriptionID: dropboxSub, ChargeOn: charge.On, PaidOn: day("2026-03-02"), InvoiceNumber: "F1",
		Period: charge.Period, VendorName: "Dropbox International", Country: "IE", Foreign: true, Billed: money.Euros(3000), EUR: money.Euros(3000),
		VATInvoiced: money.Euros(0), VATDue: money.Euros(0), VATDeductible: money.Euros(0), Cost: money.Euros(3000), VATKind: models.NotTaxable,
		Account: "6511", Analytic: "SIEGE", RecordedAt: noon, RecordedBy: nadia,
	}
	if diff := cmp.Diff(want, p, exact); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
	if how, by := h.reg().Settlement(charge); how != models.Paid || by != id {
		t.Errorf("the charge is %q by %d", how, by)
	}
	h.same()

	good := models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(100)}
	for name, c := range map[string]struct {
		set  func(*models.Payment)
		want error
	}{
		"settled already": {func(p *models.Payment) { p.SubscriptionID, p.ChargeOn = dropboxSub, charge.On }, invalid("charge", "charge.settled")},
		"no such charge":  {func(p *models.Payment) { p.SubscriptionID, p.ChargeOn = dropboxSub, charge.On.AddDays(1) }, invalid("charge", "charge.none")},
		"no subscription": {func(p *models.Payment) { p.ChargeOn = charge.On }, invalid("charge", "charge.none")},
		"another's":       {func(p *models.Payment) { p.SubscriptionID, p.ChargeOn = agendaSub, charge.On }, invalid("subscription", "choose")},
		"unknown service": {func(p *models.Payment) { p.ServiceID = card }, invalid("service", "choose")},
		"no service":      {func(p *models.Payment) { p.ServiceID = 0 }, invalid("service", "choose")},
		"to come":         {func(p *models.Payment) { p.PaidOn = today.AddDays(1) }, invalid("paid_on", "date.future")},
		"no amount":       {func(p *models.Payment) { p.Billed = money.Amount{} }, invalid("billed", "required")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			bad := good
			c.set(&bad)
			h.refuses(c.want, func() error { _, err := h.RecordPayment(h.ctx, h.by, bad, today); return err })
		})
	}
}

func TestPaymentsInDollars(t *testing.T) {
	h := newHouse(t)
	record := func(p models.Payment) models.Payment {
		t.Helper()
		p.ServiceID = dropbox
		id := h.id(h.RecordPayment(h.ctx, h.by, p, today))
		got, _ := h.reg().Payment(id)
		return got
	}
	// The bank's euros, else the invoice's rate, else the published rate of the week, else not converted.
	for name, c := range map[string]struct {
		give   models.Payment
		eur    money.Amount
		source models.RateSource
		day    cal.Date
	}{
		"bank":     {models.Payment{PaidOn: today, Billed: usd(9900), Debited: money.Euros(9312), Rate: rate("1.2")}, money.Euros(9312), models.RateBank, today},
		"invoice":  {models.Payment{PaidOn: today, Billed: usd(9900), Rate: rate("1.1279")}, money.Euros(8777), models.RateInvoice, today},
		"register": {models.Payment{PaidOn: day("2026-06-03"), Billed: usd(9900)}, money.Euros(9240), models.RateTyped, day("2026-06-01")},
		"too old":  {models.Payment{PaidOn: today, Billed: usd(9900)}, money.Amount{}, "", cal.Date{}},
		"none":     {models.Payment{PaidOn: day("2026-05-01"), Billed: usd(9900)}, money.Amount{}, "", cal.Date{}},
	} {
		p := record(c.give)
		if p.EUR != c.eur || p.RateSource != c.source || p.RateDay != c.day {
			t.Errorf("%s: %v by %q of %v, want %v by %q of %v", name, p.EUR, p.RateSource, p.RateDay, c.eur, c.source, c.day)
		}
	}
	h.same()
}

// A later change of vendor, account or VAT status rewrites no payment.
func TestPaymentsKeepWhatTheyWere(t *testing.T) {
	h := newHouse(t)
	id := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(100)}, today))
	before, _ := h.reg().Payment(id)
	r := h.reg()
	vendor, _ := r.Vendor(dropboxInc)
	function, _ := r.Function(access)
	vendor.Name, vendor.Country, function.Account = "Autre", "FR", "6135"
	o := r.Organisation
	o.VAT = []models.VATStatus{{Kind: models.NoDeduction}}
	h.ok(h.SaveVendor(h.ctx, h.by, vendor))
	h.ok(h.SaveFunction(h.ctx, h.by, function))
	h.ok(h.SaveOrganisation(h.ctx, h.by, o))
	after, _ := h.reg().Payment(id)
	if diff := cmp.Diff(before, after, exact); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
}

func TestReversalRestoresEveryTotal(t *testing.T) {
	h := newHouse(t)
	year := h.reg().Year(today)
	before := h.reg().Position(year, today)
	charge := day("2026-02-28")
	id := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{
		SubscriptionID: dropboxSub, ChargeOn: charge, PaidOn: day("2026-03-02"), Billed: money.Euros(3120), VAT: money.Euros(520),
	}, today))
	if now := h.reg().Position(year, today); now.Spent == before.Spent || now.Forecast == before.Forecast {
		t.Fatal("the payment changed nothing")
	}
	undoing := h.id(h.ReversePayment(h.ctx, h.by, id, "double"))
	p, _ := h.reg().Payment(id)
	u, _ := h.reg().Payment(undoing)
	if p.ReversedByID != undoing || u.ReversesID != id || u.Cost != p.Cost.Neg() || u.Note != "double" {
		t.Errorf("reversed %+v by %+v", p, u)
	}
	after := h.reg().Position(year, today)
	after.DueCharges, after.Still, before.DueCharges, before.Still = nil, nil, nil, nil
	if diff := cmp.Diff(before, after, exact); diff != "" {
		t.Errorf("position (-before +after):\n%s", diff)
	}
	h.same()
	h.refuses(refused("already_reversed"), func() error { _, err := h.ReversePayment(h.ctx, h.by, id, ""); return err })
	h.refuses(refused("is_reversal"), func() error { _, err := h.ReversePayment(h.ctx, h.by, undoing, ""); return err })
	h.refuses(models.ErrNotFound, func() error { _, err := h.ReversePayment(h.ctx, h.by, 99, ""); return err })
	// The charge is open again.
	h.id(h.RecordPayment(h.ctx, h.by, models.Payment{SubscriptionID: dropboxSub, ChargeOn: charge, PaidOn: day("2026-03-02"), Billed: money.Euros(3000)}, today))
	h.same()
}

func TestCorrectPayment(t *testing.T) {
	h := newHouse(t)
	p := models.Payment{SubscriptionID: dropboxSub, ChargeOn: day("2026-02-28"), PaidOn: day("2026-03-02"), Billed: money.Euros(3000)}
	id := h.id(h.RecordPayment(h.ctx, h.by, p, today))
	other := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(1)}, today))
	p.Billed, p.Note = money.Euros(3100), "montant de la facture"
	right := h.id(h.CorrectPayment(h.ctx, h.by, id, p, today))
	r := h.reg()
	wrong, _ := r.Payment(id)
	got, _ := r.Payment(right)
	if wrong.ReversedByID == 0 || got.Cost != money.Euros(3100) || !got.Stands() || len(r.Payments) != 4 {
		t.Errorf("corrected %+v to %+v", wrong, got)
	}
	if how, by := r.Settlement(models.Charge{SubscriptionID: dropboxSub, On: p.ChargeOn}); how != models.Paid || by != right {
		t.Errorf("the charge is %q by %d", how, by)
	}
	h.same()
	h.refuses(refused("already_reversed"), func() error { _, err := h.CorrectPayment(h.ctx, h.by, id, p, today); return err })
	h.refuses(invalid("charge", "charge.settled"), func() error { _, err := h.CorrectPayment(h.ctx, h.by, other, p, today); return err })
	p.PaidOn = today.AddDays(1)
	h.refuses(invalid("paid_on", "date.future"), func() error { _, err := h.CorrectPayment(h.ctx, h.by, right, p, today); return err })
	h.refuses(models.ErrNotFound, func() error { _, err := h.CorrectPayment(h.ctx, h.by, 99, p, today); return err })

	// Terms have changed and nothing is expected that day any more: what was paid then can still be put right.
	m := h.sub()
	first := m.Terms[0]
	first.Price = money.Zero(money.EUR)
	h.ok(h.SaveTerms(h.ctx, h.by, dropboxSub, m.Version, first))
	p.PaidOn, p.InvoiceNumber = day("2026-03-02"), "F2"
	h.id(h.CorrectPayment(h.ctx, h.by, right, p, today))
	h.same()
}

func TestWaive(t *testing.T) {
	h := newHouse(t)
	w := models.Waiver{SubscriptionID: dropboxSub, ChargeOn: day("2026-02-28"), Reason: "mois offert"}
	id := h.id(h.Waive(h.ctx, h.by, w))
	got, _ := h.reg().Waiver(id)
	if got.By != nadia || got.On != today {
		t.Errorf("waived %+v", got)
	}
	if how, _ := h.reg().Settlement(models.Charge{SubscriptionID: dropboxSub, On: w.ChargeOn}); how != models.Waived {
		t.Errorf("the charge is %q", how)
	}
	h.same()
	h.refuses(invalid("charge", "charge.settled"), func() error { _, err := h.Waive(h.ctx, h.by, w); return err })
	h.refuses(invalid("charge", "charge.settled"), func() error {
		_, err := h.RecordPayment(h.ctx, h.by, models.Payment{SubscriptionID: dropboxSub, ChargeOn: w.ChargeOn, PaidOn: today, Billed: money.Euros(1)}, today)
		return err
	})
	w.ChargeOn = today
	h.refuses(invalid("charge", "charge.none"), func() error { _, err := h.Waive(h.ctx, h.by, w); return err })
	h.refuses(models.Invalid{{Field: "charge", Rule: "choose"}, {Field: "reason", Rule: "required"}}, func() error {
		_, err := h.Waive(h.ctx, h.by, models.Waiver{})
		return err
	})
	h.ok(h.Unwaive(h.ctx, h.by, id))
	h.refuses(models.ErrNotFound, func() error { return h.Unwaive(h.ctx, h.by, id) })
	h.same()
}

// Booking a payment otherwise changes nothing that was paid; a closed day takes none.
func TestRebookPayment(t *testing.T) {
	h := newFurnishedHouse(t)
	by := h.by
	by.Role = models.Accountant
	was, _ := h.reg().Payment(aPayment)
	b := was.Booking()
	if same := h.id(h.RebookPayment(h.ctx, by, aPayment, b)); same != aPayment {
		t.Errorf("booked as before, as %d", same)
	}
	b.Account, b.InvoiceNumber = "626", "F1-bis"
	id := h.id(h.RebookPayment(h.ctx, by, aPayment, b))
	now, _ := h.reg().Payment(id)
	want := was.Rebooked(b)
	want.ID, want.Version, want.RecordedAt, want.RecordedBy = now.ID, now.Version, now.RecordedAt, now.RecordedBy
	if now != want {
		t.Errorf("booked as %+v\nwant %+v", now, want)
	}
	if files := h.reg().AttachmentsOf(now); len(files) != 1 || files[0].ID != aFile {
		t.Errorf("the file is with %v", files)
	}
	h.same()
	h.wellFormed()
	bad := b
	bad.Account = "x"
	if err := first(h.RebookPayment(h.ctx, by, id, bad)); err == nil {
		t.Error("booked to no account")
	}
	h.id(h.CloseAccounts(h.ctx, by, models.Closing{Through: day("2026-03-31")}, today))
	h.refuses(models.Refused{Rule: "closed", Args: []any{"day", day("2026-03-31")}}, func() error {
		b.Note = "tard"
		return first(h.RebookPayment(h.ctx, by, id, b))
	})
	by.Role = models.Staff
	h.refuses(models.ErrForbidden, func() error { return first(h.RebookPayment(h.ctx, by, id, b)) })
}

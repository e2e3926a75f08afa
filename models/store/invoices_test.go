package store

import (
	"slices"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

func TestRecordInvoice(t *testing.T) {
	h := newHouse(t)
	i := models.Invoice{
		Payment: models.Payment{PaidOn: today, Billed: usd(10000), VAT: usd(1000), InvoiceNumber: "F9", Debited: money.Euros(9333)},
		Lines: []models.InvoiceLine{
			{SubscriptionID: dropboxSub, ChargeOn: march, Part: false, Billed: usd(3333)},
			{ServiceID: agenda, Billed: usd(3333)},
			{ServiceID: skype, Billed: usd(3334), Account: "6135"},
		},
	}
	ids, err := h.RecordInvoice(h.ctx, h.by, i, today)
	h.ok(err)
	if len(ids) != 3 {
		t.Fatalf("payments %v", ids)
	}
	eur, vat, cost := money.Zero(money.EUR), money.Zero("USD"), money.Zero(money.EUR)
	for n, id := range ids {
		p := h.payment(id)
		if p.InvoiceID != ids[0] || p.InvoiceNumber != "F9" || p.PaidOn != today || p.RecordedBy != nadia || p.ServiceID != []models.ID{dropbox, agenda, skype}[n] {
			t.Errorf("line %d: %+v", n, p)
		}
		eur, vat, cost = eur.Add(p.EUR), vat.Add(p.VAT), cost.Add(p.Cost)
	}
	if eur != money.Euros(9333) || vat != usd(1000) || cost != money.Euros(9333) {
		t.Errorf("the lines sum to %v, %v and %v", eur, vat, cost)
	}
	if a, b := h.payment(ids[0]), h.payment(ids[2]); a.Account != "6511" || a.Analytic != "SIEGE" || a.Period.From != march || b.Account != "6135" || b.Analytic != "" {
		t.Errorf("accounts %q %q, periods %v", a.Account, b.Account, a.Period)
	}
	if _, open := h.reg().OpenCharge(dropboxSub, march, today); open {
		t.Error("the charge is open still")
	}
	h.same()
	h.wellFormed()

	// One line is an invoice of its own.
	i.Lines = i.Lines[1:2]
	i.Billed, i.VAT, i.Debited = i.Lines[0].Billed, money.Amount{}, money.Euros(3000)
	alone, err := h.RecordInvoice(h.ctx, h.by, i, today)
	h.ok(err)
	if p := h.payment(alone[0]); p.InvoiceID != 0 {
		t.Errorf("alone on invoice %d", p.InvoiceID)
	}
}

func TestInvoicesThatAreRefused(t *testing.T) {
	h := newFurnishedHouse(t)
	good := models.Invoice{Payment: models.Payment{PaidOn: today, Billed: money.Euros(4000)}, Lines: []models.InvoiceLine{
		{SubscriptionID: dropboxSub, ChargeOn: march, Billed: money.Euros(3000)}, {ServiceID: agenda, Billed: money.Euros(1000)},
	}}
	for name, c := range map[string]struct {
		set  func(*models.Invoice)
		want error
	}{
		"no such charge":  {func(i *models.Invoice) { i.Lines[0].ChargeOn = today }, invalid("line.0.charge", "charge.none")},
		"settled already": {func(i *models.Invoice) { i.Lines[0].ChargeOn = day("2026-02-28") }, invalid("line.0.charge", "charge.settled")},
		"unknown service": {func(i *models.Invoice) { i.Lines[1].ServiceID = card }, invalid("line.1.service", "choose")},
		"another's":       {func(i *models.Invoice) { i.Lines[0].ServiceID = agenda }, invalid("line.0.subscription", "choose")},
		"sum":             {func(i *models.Invoice) { i.Lines[1].Billed = money.Euros(999) }, invalid("billed", "lines.sum")},
		"to come":         {func(i *models.Invoice) { i.PaidOn = today.AddDays(1) }, invalid("paid_on", "date.future")},
		"the same twice": {func(i *models.Invoice) {
			i.Lines[1] = i.Lines[0]
			i.Billed = money.Euros(6000)
		}, invalid("line.1.charge", "charge.settled")},
		"a part of what the other pays": {func(i *models.Invoice) {
			i.Lines[1] = i.Lines[0]
			i.Lines[1].Part, i.Billed = true, money.Euros(6000)
		}, invalid("line.1.charge", "charge.settled")},
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			bad := good
			bad.Lines = append([]models.InvoiceLine(nil), good.Lines...)
			c.set(&bad)
			h.refuses(c.want, func() error { _, err := h.RecordInvoice(h.ctx, h.by, bad, today); return err })
		})
	}
	h.TB = t
	h.refuses(models.Invalid{}, func() error {
		_, err := h.RecordInvoice(h.ctx, h.by, models.Invoice{Payment: good.Payment}, today)
		return err
	})
	// Two parts of one charge stand on one invoice.
	good.Lines[0].Part, good.Lines[0].Billed = true, money.Euros(1000)
	good.Lines = append(good.Lines, good.Lines[0])
	good.Billed = money.Euros(3000)
	_, err := h.RecordInvoice(h.ctx, h.by, good, today)
	h.ok(err)
	if h.left() != money.Euros(1000) {
		t.Errorf("%v left", h.left())
	}
}

// What happens to one line of an invoice leaves the others, their files and their bank line where they can be found.
func TestLinesOfAnInvoice(t *testing.T) {
	h := newFurnishedHouse(t)
	ids, err := h.RecordInvoice(h.ctx, h.by, twoServices(), today)
	h.ok(err)
	file := h.id(h.Attach(h.ctx, h.by, ids[1], NamedFile{"F9.pdf", other}))
	if m, _, err := h.Content(h.ctx, h.org, file); err != nil || m.PaymentID != ids[0] {
		t.Errorf("attached to %+v, %v", m, err)
	}
	if again := h.id(h.Attach(h.ctx, h.by, ids[0], NamedFile{"autre nom.pdf", other})); again != file {
		t.Errorf("attached twice, as %d and %d", file, again)
	}
	h.line(bankLineRow{ID: 50, Day: today, Amount: amountOf(money.Euros(-1500)), Label: "GROUPE"})
	_, err = h.ConfirmMatches(h.ctx, h.by, []models.Match{{Line: 50, PaymentID: ids[1]}}, today)
	h.ok(err)
	of, err := h.LinesOf(h.ctx, h.org, append(ids, aPayment, 99))
	if err != nil || len(of) != 3 || of[ids[0]].ID != 50 || of[ids[1]].ID != 50 || of[aPayment].ID != paidLine {
		t.Errorf("lines %+v, %v", of, err)
	}
	habits, err := h.Habits(h.ctx, h.org)
	if err != nil || !habits.Linked[ids[0]] || !habits.Linked[ids[1]] || !habits.Linked[aPayment] || len(habits.Linked) != 3 {
		t.Errorf("linked %v, %v", habits.Linked, err)
	}

	right := h.id(h.CorrectPayment(h.ctx, h.by, ids[0], models.Payment{ServiceID: skype, PaidOn: today, Billed: money.Euros(1000)}, today))
	if p := h.payment(right); p.InvoiceID != ids[0] || len(h.reg().InvoiceOf(p)) != 2 || len(h.reg().AttachmentsOf(p)) != 1 {
		t.Errorf("corrected to %+v", p)
	}
	h.id(h.ReversePayment(h.ctx, h.by, right, ""))
	if files := h.reg().AttachmentsOf(h.payment(ids[1])); len(files) != 1 || files[0].PaymentID != ids[1] {
		t.Errorf("files of what is left: %+v", files)
	}
	if l := h.bankLine(50); l.PaymentID != ids[1] {
		t.Errorf("the bank line is %+v", l)
	}
	h.same()
	h.ok(h.ReverseInvoice(h.ctx, h.by, ids[1], "tout"))
	if l := h.bankLine(50); !l.Open() {
		t.Errorf("the bank line is %+v", l)
	}
	for _, p := range h.reg().Payments {
		if p.InvoiceID == ids[0] && p.Stands() {
			t.Errorf("%d stands", p.ID)
		}
	}
	h.refuses(refused("already_reversed"), func() error { return h.ReverseInvoice(h.ctx, h.by, ids[1], "") })
	h.refuses(models.ErrNotFound, func() error { return h.ReverseInvoice(h.ctx, h.by, 99, "") })
	h.same()
	h.wellFormed()
}

// A button pressed twice sends one form twice; the same facts typed into a form that was shown since are another payment.
func TestAPaymentSentTwiceIsRecordedOnce(t *testing.T) {
	h := newFurnishedHouse(t)
	seen := h.revision()
	p := models.Payment{Version: seen, ServiceID: agenda, PaidOn: day("2026-06-01"), Billed: money.Euros(500), Note: "timbres"}
	one := h.id(h.RecordPayment(h.ctx, h.by, p, today))
	after := h.revision()
	if again := h.id(h.RecordPayment(h.ctx, h.by, p, today)); again != one || h.revision() != after {
		t.Errorf("sent twice it is %d and %d", one, again)
	}
	other := h.by
	other.Person = paul
	if theirs := h.id(h.RecordPayment(h.ctx, other, p, today)); theirs == one {
		t.Error("another's payment is taken for the same")
	}
	p.Version = h.revision()
	if typed := h.id(h.RecordPayment(h.ctx, h.by, p, today)); typed == one {
		t.Error("a second one, typed later, is lost")
	}

	i := models.Invoice{
		Payment: models.Payment{Version: h.revision(), PaidOn: day("2026-06-02"), Billed: money.Euros(700), InvoiceNumber: "F7"},
		Lines:   []models.InvoiceLine{{ServiceID: agenda, Billed: money.Euros(300)}, {ServiceID: dropbox, Billed: money.Euros(400)}},
	}
	ids, err := h.RecordInvoice(h.ctx, h.by, i, today)
	h.ok(err)
	after = h.revision()
	if again, err := h.RecordInvoice(h.ctx, h.by, i, today); err != nil || !slices.Equal(again, ids) || h.revision() != after {
		t.Errorf("sent twice it is %v and %v, %v", ids, again, err)
	}
	// One that only begins alike is another.
	i.Lines = append(i.Lines, models.InvoiceLine{ServiceID: skype, Billed: money.Euros(100)})
	i.Billed = money.Euros(800)
	if more, err := h.RecordInvoice(h.ctx, h.by, i, today); err != nil || len(more) != 3 {
		t.Errorf("recorded %v, %v", more, err)
	}
	h.same()
}

package store

import (
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/money"
)

func TestCloseAccounts(t *testing.T) {
	h := newFurnishedHouse(t)
	through := day("2026-03-31")
	shut := func(on string) (models.ID, error) {
		return h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day(on), Note: "T1"}, today)
	}
	h.refuses(invalid("through", "before"), func() error { return first(shut(today.String())) })
	first1 := h.id(shut("2026-03-31"))
	c := h.reg().Closings[0]
	if c.Through != through || c.On != today || c.By != nadia || c.Note != "T1" || h.reg().ClosedThrough() != through {
		t.Errorf("closed %+v", c)
	}
	h.same()
	h.refuses(invalid("through", "after"), func() error { return first(shut("2026-03-31")) })
	h.refuses(invalid("through", "after"), func() error { return first(shut("2026-01-31")) })
	second := h.id(shut("2026-04-30"))

	h.refuses(refused("closing.later"), func() error { return h.ReopenAccounts(h.ctx, h.by, first1, "x", today) })
	h.refuses(invalid("reason", "required"), func() error { return h.ReopenAccounts(h.ctx, h.by, second, "  ", today) })
	h.refuses(models.ErrNotFound, func() error { return h.ReopenAccounts(h.ctx, h.by, aPayment, "x", today) })
	accountant := h.by
	accountant.Role = models.Accountant
	h.refuses(models.ErrForbidden, func() error { return h.ReopenAccounts(h.ctx, accountant, second, "x", today) })
	h.ok(h.ReopenAccounts(h.ctx, h.by, second, "facture oubliée", today))
	h.refuses(refused("closing.reopened"), func() error { return h.ReopenAccounts(h.ctx, h.by, second, "x", today) })
	if h.reg().ClosedThrough() != through {
		t.Errorf("closed through %v", h.reg().ClosedThrough())
	}
	h.ok(h.ReopenAccounts(h.ctx, h.by, first1, "encore", today))
	if !h.reg().ClosedThrough().IsZero() {
		t.Error("still closed")
	}
	accountant.Person = paul
	h.id(h.CloseAccounts(h.ctx, accountant, models.Closing{Through: through}, today))
	h.same()
}

// No verb touches a day that is closed.
func TestClosedPeriodTakesNoChange(t *testing.T) {
	h := newFurnishedHouse(t)
	waived := h.id(h.Waive(h.ctx, h.by, models.Waiver{SubscriptionID: dropboxSub, ChargeOn: march, Reason: "x"}))
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: march}, today))
	late := models.Payment{ServiceID: dropbox, PaidOn: march, Billed: money.Euros(100)}
	invoice := twoServices()
	invoice.PaidOn = march
	for name, do := range map[string]func() error{
		"record":  func() error { return first(h.RecordPayment(h.ctx, h.by, late, today)) },
		"invoice": func() error { _, err := h.RecordInvoice(h.ctx, h.by, invoice, today); return err },
		"correct": func() error { return first(h.CorrectPayment(h.ctx, h.by, aPayment, late, today)) },
		"waive": func() error {
			return first(h.Waive(h.ctx, h.by, models.Waiver{SubscriptionID: dropboxSub, ChargeOn: day("2026-01-31"), Reason: "x"}))
		},
		"unwaive": func() error { return h.Unwaive(h.ctx, h.by, waived) },
		"detach":  func() error { return h.Detach(h.ctx, h.by, aFile) },
	} {
		t.Run(name, func(t *testing.T) {
			h.TB = t
			h.refuses(refused("closed"), do)
		})
	}
	h.TB = t
	spent := func() money.Amount {
		h.Helper()
		return h.reg().Position(h.reg().Year(march), march).Spent
	}
	before := spent()
	h.id(h.Attach(h.ctx, h.by, aPayment, NamedFile{"relance.pdf", other})) // it changes no figure
	late.PaidOn = march.AddDays(1)
	right := h.id(h.CorrectPayment(h.ctx, h.by, aPayment, late, today))
	wrong := h.payment(aPayment)
	if undo := h.payment(wrong.ReversedByID); undo.PaidOn != today || undo.Cost != money.Euros(-3000) {
		t.Errorf("undone by %+v", undo)
	}
	if got := h.bankLine(paidLine).PaymentID; got != right {
		t.Errorf("the bank line is %d's, not %d's", got, right)
	}
	for _, id := range []models.ID{aPayment, right} { // the closed year keeps its invoices, for whoever asks for them again
		if files := h.reg().AttachmentsOf(h.payment(id)); len(files) != 2 || files[0].Name != "F1.pdf" || files[1].Hash != hashOf(other) {
			t.Errorf("the files of %d are %+v", id, files)
		}
	}
	if h.documents() != 2 {
		t.Errorf("%d documents", h.documents())
	}
	h.refuses(refused("closed"), func() error { return h.Detach(h.ctx, h.by, aFile) })
	if spent() != before {
		t.Errorf("the closed year says %v, said %v", spent(), before)
	}
	h.same()

	// Without an instant of the act, the first open day.
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: late.PaidOn}, today))
	timeless := h.by
	timeless.At = time.Time{}
	undo := h.id(h.ReversePayment(h.ctx, timeless, right, "double"))
	if p := h.payment(undo); p.PaidOn != late.PaidOn.AddDays(1) || p.Note != "double" {
		t.Errorf("undone on %v", p.PaidOn)
	}
	h.same()
}

// The files of an invoice are all its payments', so that none has to be copied.
func TestAnInvoiceOfAClosedPeriodKeepsItsFiles(t *testing.T) {
	h := newFurnishedHouse(t)
	invoice := twoServices()
	invoice.PaidOn = march
	ids, err := h.RecordInvoice(h.ctx, h.by, invoice, today)
	h.ok(err)
	file := h.id(h.Attach(h.ctx, h.by, ids[0], NamedFile{"F9.pdf", other}))
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: march}, today))
	right := h.id(h.CorrectPayment(h.ctx, h.by, ids[0], models.Payment{ServiceID: skype, PaidOn: today, Billed: money.Euros(1000)}, today))
	for _, id := range append(ids, right) {
		if files := h.reg().AttachmentsOf(h.payment(id)); len(files) != 1 || files[0].ID != file || files[0].PaymentID != ids[0] {
			t.Errorf("the files of %d are %+v", id, files)
		}
	}
	h.same()
}

// What undoes a payment is typed too.
func TestTheNoteOfAReversalIsChecked(t *testing.T) {
	h := newFurnishedHouse(t)
	for _, note := range []string{strings.Repeat("x", models.MaxText+1), "a\x00b"} {
		rule := "too_long"
		if len(note) < 10 {
			rule = "characters"
		}
		h.refuses(invalid("note", rule), func() error { return first(h.ReversePayment(h.ctx, h.by, aPayment, note)) })
		h.refuses(invalid("note", rule), func() error { return h.ReverseInvoice(h.ctx, h.by, aPayment, note) })
	}
}

// A payment that was undone on a later day still answers its charge on the days between: that charge stays where it is.
func TestAChargeThatWasAnsweredUntilALaterDayDoesNotMove(t *testing.T) {
	h := newFurnishedHouse(t)
	h.id(h.CloseAccounts(h.ctx, h.by, models.Closing{Through: day("2026-04-30")}, today))
	h.id(h.ReversePayment(h.ctx, h.by, aPayment, ""))
	s, _ := h.reg().Subscription(dropboxSub)
	if !h.reg().HasSettlements(dropboxSub) {
		t.Error("the register would let it move")
	}
	s.Anchor = s.Anchor.AddDays(3)
	h.refuses(refused("has_settlements"), func() error { return h.SaveSubscription(h.ctx, h.by, s) })
}

package store

import (
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestSaveBookkeeping(t *testing.T) {
	h := newFurnishedHouse(t)
	read := func() models.Organisation { return h.reg().Organisation }
	if read().Books != (models.Bookkeeping{}) {
		t.Fatalf("books begin as %+v", read().Books)
	}
	version := read().Version
	books := models.Bookkeeping{
		PurchaseJournal: "HA", ClosingJournal: "OD2", BankJournal: "CM", Supplier: "401000", Deductible: "445660", DueVAT: "445200", PrepaidAcct: "486000",
		Bank: "512100", Settlements: true, Method: models.PrepaidMonths, Threshold: money.Euros(5000),
	}
	wrong := books
	wrong.PurchaseJournal, wrong.BankJournal, wrong.Supplier, wrong.Method = "a b", "OD2", "40x", "weeks"
	for field, rule := range map[string]string{"purchase_journal": "journal_code", "bank_journal": "journal_twice", "supplier": "account", "method": "choose"} {
		h.refuses(invalid(field, rule), func() error { return h.SaveBookkeeping(h.ctx, h.by, wrong, version) })
	}
	h.ok(h.SaveBookkeeping(h.ctx, h.by, books, version))
	if read().Books != books {
		t.Errorf("kept as %+v", read().Books)
	}
	h.same()
	h.refuses(models.Conflict{By: "Nadia", At: noon, Current: read().Version}, func() error { return h.SaveBookkeeping(h.ctx, h.by, books, version) })
	// The organisation's own form leaves them as they are.
	o := read()
	o.Name, o.Books = "Autre nom", models.Bookkeeping{}
	h.ok(h.SaveOrganisation(h.ctx, h.by, o))
	if got := read(); got.Books != books || got.Name != "Autre nom" {
		t.Errorf("%+v", got)
	}
	h.same()
}

// What is recorded after a file was handed out is what the accountant has not been given.
func TestMarkExport(t *testing.T) {
	h := newFurnishedHouse(t)
	year := cal.Inclusive(day("2026-01-01"), day("2026-12-31"))
	if late := h.reg().SinceExport(year, "journal"); len(late) != 0 {
		t.Errorf("before any export %d payments are late", len(late))
	}
	h.refuses(invalid("kind", "choose"), func() error { return first(h.MarkExport(h.ctx, h.by, models.ExportMark{Kind: "journal"})) })
	recorded := h.reg().Payments
	h.id(h.MarkExport(h.ctx, h.by, models.ExportMark{Kind: "journal", Span: year, ThroughID: recorded[len(recorded)-1].ID}))
	mark, ok := h.reg().LastExport(day("2026-06-01"), "fec", "journal")
	if !ok || mark.By != nadia || !mark.At.Equal(noon) || mark.Span != year {
		t.Fatalf("marked as %+v", mark)
	}
	if late := h.reg().SinceExport(year, "journal"); len(late) != 0 {
		t.Errorf("%d payments are late", len(late))
	}
	id := h.id(h.RecordPayment(h.ctx, h.by, models.Payment{ServiceID: dropbox, PaidOn: today, Billed: money.Euros(100)}, today))
	late := h.reg().SinceExport(year, "journal")
	if len(late) != 1 || late[0].ID != id {
		t.Errorf("late: %v", late)
	}
	if late := h.reg().SinceExport(year, "paheko"); len(late) != 0 {
		t.Errorf("of a file never taken: %v", late)
	}
	h.same()
}

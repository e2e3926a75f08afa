package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// What the furnished house has beside the other: a payment with its file and its bank line, and lines in every state.
const (
	aPayment, aFile                  models.ID = 25, 26
	current, savings                 models.ID = 27, 28
	marchLine, aprilLine, paidLine   models.ID = 41, 42, 43
	asideLine, powerLine, refundLine models.ID = 44, 45, 46
	aComparison                      models.ID = 60 // the last, so that the lines' IDs are not given to anything else
)

var (
	pdf   = []byte("%PDF-1.4 facture de février")
	other = []byte("%PDF-1.4 facture de mars")
)

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func furniture() models.Facts {
	f := sample()
	february := models.Payment{
		ID: aPayment, ServiceID: dropbox, SubscriptionID: dropboxSub, ChargeOn: day("2026-02-28"), PaidOn: day("2026-03-02"), InvoiceNumber: "F1",
		Period: cal.Span{From: day("2026-02-28"), To: day("2026-03-31")}, VendorName: "Dropbox International", Country: "IE", Foreign: true,
		Billed: money.Euros(3000), Account: "6511", Analytic: "SIEGE", RecordedAt: noon, RecordedBy: nadia,
	}
	f.Payments = []models.Payment{february.Settle(f.Organisation.VATStatusOn(february.PaidOn))}
	f.Attachments = []models.Attachment{{
		ID: aFile, PaymentID: aPayment,
		File: models.File{Name: "F1.pdf", Media: models.PDF, Size: int64(len(pdf)), Hash: hashOf(pdf), AddedAt: noon, AddedBy: nadia},
	}}
	f.BankAccounts = []models.BankAccount{{ID: current, Name: "Compte courant", Number: "FR7630001007941234567890185"}, {ID: savings, Name: "Livret"}}
	f.Comparisons = []models.Comparison{comparison()}
	return f
}

func comparison() models.Comparison {
	return models.Comparison{
		ID: aComparison, ServiceID: dropbox, Name: "Dropbox ou un serveur", On: day("2026-01-10"), Years: 3, Users: 5, HourCost: money.Euros(2500),
		Online: []models.CostItem{{Label: "Abonnement", Yearly: money.Euros(11988), HoursOnce: 1000, HoursYearly: 1200}},
		Installed: []models.CostItem{
			{Label: "Licences", Once: money.Euros(50000), YearlyShare: money.PercentOf(20)}, {Label: "Serveur", Once: money.Euros(90000), Yearly: money.Zero(money.EUR)},
		},
		Note: "à revoir",
	}
}

// furnished is the file of a furnished house: making it once and copying it is what lets every verb have its own.
var furnished = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "enveloppe")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := Open(context.Background(), Options{Path: filepath.Join(dir, "enveloppe.db")})
	if err != nil {
		return nil, err
	}
	_, err = s.Plant(context.Background(), furniture(), noon, pdf)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "enveloppe.db"))
})

// newFurnishedHouse is a house with what the plain one lacks.
func newFurnishedHouse(t testing.TB) *house {
	t.Helper()
	file, err := furnished()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "enveloppe.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	h := &house{t, open1(t, path), t.Context(), 1, director}
	for _, l := range []bankLineRow{
		{ID: marchLine, Day: day("2026-04-01"), Amount: amountOf(money.Euros(-3000)), Label: "PRLV SEPA DROPBOX 0401"},
		{ID: aprilLine, Day: day("2026-05-02"), Amount: amountOf(money.Euros(-3000)), Label: "PRLV SEPA DROPBOX 0502"},
		{ID: paidLine, Day: day("2026-03-02"), Amount: amountOf(money.Euros(-3000)), Label: "PRLV SEPA DROPBOX 0302", PaymentID: ref(aPayment), Recorded: true},
		{ID: asideLine, Day: day("2026-03-05"), Amount: amountOf(money.Euros(-6200)), Label: "PRLV EDF ELECTRICITE 05", Aside: true},
		{ID: powerLine, Day: day("2026-04-05"), Amount: amountOf(money.Euros(-6400)), Label: "PRLV EDF ELECTRICITE 06"},
		{ID: refundLine, Day: day("2026-04-07"), Amount: amountOf(money.Euros(1200)), Original: amountOf(usd(1300)), Label: "AVOIR DROPBOX", Party: "Dropbox Intl"},
	} {
		h.line(l)
	}
	return h
}

// line puts a line in the house as an import would have.
func (h *house) line(l bankLineRow) {
	h.Helper()
	h.ok(h.writer.Exec(`INSERT INTO bank_lines (organisation_id, id, account_id, line_key, day, amount_units, amount_currency, original_units,
		original_currency, label, party, label_key, payment_id, recorded, aside) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h.org, l.ID, current, fmt.Sprintf("k%d", l.ID), l.Day, l.Amount.Units, l.Amount.Currency, l.Original.Units, l.Original.Currency,
		l.Label, l.Party, models.LabelKey(l.Label), l.PaymentID, l.Recorded, l.Aside).Error)
}

// stagedFile is the file that waits.
func (h *house) stagedFile() models.ID {
	h.Helper()
	files, err := h.Statements(h.ctx, h.org)
	h.ok(err)
	if len(files) == 0 {
		return 0
	}
	return files[0].ID
}

func (h *house) closing() models.ID {
	h.Helper()
	if all := h.reg().Closings; len(all) > 0 {
		return all[len(all)-1].ID
	}
	return 0
}

// bankLine is a line as it stands.
func (h *house) bankLine(id models.ID) models.BankLine {
	h.Helper()
	l, err := h.BankLine(h.ctx, h.org, id)
	h.ok(err)
	return l
}

func (h *house) payment(id models.ID) models.Payment {
	h.Helper()
	p, ok := h.reg().Payment(id)
	if !ok {
		h.Fatalf("no payment %d", id)
	}
	return p
}

func TestPlantKeepsTheNewRecords(t *testing.T) {
	h := newFurnishedHouse(t)
	got := h.reg().Facts
	got.Comparisons = slices.Clone(got.Comparisons)
	got.Comparisons[0].Version = 0
	want := furniture()
	if diff := diffFacts(models.Facts{Comparisons: want.Comparisons}, models.Facts{Comparisons: got.Comparisons}); diff != "" {
		t.Errorf("comparisons (-planted +read):\n%s", diff)
	}
	if len(got.Attachments) != 1 || len(got.BankAccounts) != 2 || got.BankAccounts[0].Number != want.BankAccounts[0].Number {
		t.Errorf("read %+v and %+v", got.Attachments, got.BankAccounts)
	}
	m, content, err := h.Content(h.ctx, h.org, aFile)
	if err != nil || string(content) != string(pdf) || m.Name != "F1.pdf" {
		t.Errorf("content %q of %+v, %v", content, m, err)
	}
	if _, err := h.Plant(h.ctx, furniture(), noon); err == nil {
		t.Error("planted an attachment without its content")
	}
	h.same()
}

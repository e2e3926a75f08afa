package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func founding() Founding {
	return Founding{
		Organisation: models.Organisation{
			Name: "Les Chemins", YearStart: cal.YearStart{Month: time.September, Day: 1}, Zone: "Europe/Paris", Lang: models.French,
			MarginDays: 2, DecideWindow: 45, RenewalWindow: 21,
		},
		Director:     models.Person{Name: "Nadia", Email: "nadia@example.org"},
		PasswordHash: "argon2id…",
		Envelope:     &models.Envelope{Year: 2026, Ceiling: money.Euros(100000)},
		Functions:    []models.Function{{Name: "Accès", Account: "6511"}, {Name: "Messagerie", Account: "626"}},
		At:           noon,
	}
}

func TestFound(t *testing.T) {
	s := open1(t, filepath.Join(t.TempDir(), "enveloppe.db"))
	if first, err := s.FirstRun(t.Context()); err != nil || !first {
		t.Fatalf("first run: %v, %v", first, err)
	}
	bad := founding()
	bad.Organisation.Name, bad.Director.Email, bad.PasswordHash, bad.Envelope.Ceiling = "", "", "", money.Amount{}
	if _, err := s.Found(t.Context(), bad); !refusedAs(err, models.Invalid{
		{Field: "name", Rule: "required"}, {Field: "director_email", Rule: "email.empty"}, {Field: "password", Rule: "required"}, {Field: "ceiling", Rule: "positive"},
	}) {
		t.Errorf("founded with nothing: %v", err)
	}
	twice := founding()
	twice.Functions[1].Name = " accès "
	if _, err := s.Found(t.Context(), twice); !refusedAs(err, invalid("name", "duplicate")) {
		t.Errorf("founded with two functions of one name: %v", err)
	}
	by, err := s.Found(t.Context(), founding())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t, s, t.Context(), by.Organisation, by}
	want := models.Actor{Organisation: 1, Person: 2, Name: "Nadia", Role: models.Director, Account: 1, At: noon}
	if by != want {
		t.Errorf("founded as %+v, want %+v", by, want)
	}
	r := h.reg()
	p, _ := r.Person(by.Person)
	if !p.SignsIn || p.Role != models.Director || p.Lang != models.French || len(r.Functions) != 2 || len(r.Envelopes) != 1 {
		t.Errorf("founded %+v with %d functions and %d envelopes", p, len(r.Functions), len(r.Envelopes))
	}
	if c, err := s.AccountByEmail(t.Context(), "NADIA@example.org"); err != nil || c.PasswordHash != "argon2id…" || c.Account != by.Account || c.Memberships[0].Person != by.Person {
		t.Errorf("credentials: %+v, %v", c, err)
	}
	if first, err := s.FirstRun(t.Context()); err != nil || first {
		t.Errorf("first run again: %v, %v", first, err)
	}
	h.refuses(refused("founded"), func() error { _, err := s.Found(t.Context(), founding()); return err })
	entries, err := s.Audit(t.Context(), h.org, AuditFilter{})
	h.ok(err)
	if first := entries[len(entries)-1]; first.Verb != "organisation.found" || first.ByName != "Nadia" || first.By != by.Person {
		t.Errorf("the log begins with %+v", first)
	}
	h.same()
}

func TestSaveOrganisation(t *testing.T) {
	h := newHouse(t)
	o := h.reg().Organisation
	o.Name, o.Headcount = "Les Chemins de traverse", 0
	o.VAT = []models.VATStatus{{From: day("2027-01-01"), Kind: models.NoDeduction}, {Kind: models.NotTaxable}}
	h.ok(h.SaveOrganisation(h.ctx, h.by, o))
	got := h.reg().Organisation
	if got.Name != o.Name || got.Headcount != 0 || len(got.VAT) != 2 || got.VAT[1].Kind != models.NoDeduction {
		t.Errorf("saved %+v", got)
	}
	want := []models.Change{
		{Field: "name", Before: "Les Chemins", After: "Les Chemins de traverse"},
		{Field: "headcount", Before: "5", After: "0"},
		{Field: "vat", Before: "a, 2027-01-01 c 37 %", After: "a, 2027-01-01 b"},
	}
	if diff := cmp.Diff(want, h.last().Changes); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	h.same()

	revision := h.revision()
	h.ok(h.SaveOrganisation(h.ctx, h.by, got))
	if h.revision() != revision {
		t.Error("saving what is there already raised the revision")
	}
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveOrganisation(h.ctx, h.by, o)) })
	bad := got
	bad.Zone, bad.VAT = "Nowhere", []models.VATStatus{{Kind: "z"}, {Kind: models.NotTaxable}}
	h.refuses(models.Invalid{{Field: "zone", Rule: "timezone"}, {Field: "vat", Rule: "choose"}}, func() error { return h.SaveOrganisation(h.ctx, h.by, bad) })
	other := got
	other.ID = 99
	h.refuses(models.ErrNotFound, func() error { return h.SaveOrganisation(h.ctx, h.by, other) })
}

// conflictOf is models.Conflict{} for any conflict that says who and when, so that it compares.
func conflictOf(err error) error {
	var c models.Conflict
	if errors.As(err, &c) && c.By == "Nadia" && c.At.Equal(noon) && c.Current > 0 {
		return models.Conflict{}
	}
	return err
}

func TestEnvelope(t *testing.T) {
	h := newHouse(t)
	e, _ := h.reg().Envelope(2026)
	h.ok(h.SetEnvelope(h.ctx, h.by, models.Envelope{Year: 2027, Ceiling: money.Euros(90000)}))
	if next, ok := h.reg().Envelope(2027); !ok || next.Floor != money.Zero(money.EUR) {
		t.Errorf("set %+v", next)
	}
	e.Ceiling = money.Euros(120000)
	h.ok(h.SetEnvelope(h.ctx, h.by, e))
	if want := []models.Change{{Field: "ceiling", Before: "1000.00 EUR", After: "1200.00 EUR"}}; !cmp.Equal(want, h.last().Changes) {
		t.Errorf("log: %v", h.last().Changes)
	}
	h.same()
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SetEnvelope(h.ctx, h.by, e)) })
	h.refuses(models.Conflict{}, func() error {
		return conflictOf(h.SetEnvelope(h.ctx, h.by, models.Envelope{Year: 2026, Ceiling: money.Euros(1)}))
	})
	h.refuses(models.ErrNotFound, func() error {
		return h.SetEnvelope(h.ctx, h.by, models.Envelope{Year: 2030, Version: 3, Ceiling: money.Euros(1)})
	})
	for rule, bad := range map[string]models.Envelope{
		"currency.same":       {Year: 2028, Ceiling: usd(100)},
		"floor_above_ceiling": {Year: 2028, Floor: money.Euros(2), Ceiling: money.Euros(1)},
	} {
		h.refuses(invalid("ceiling", rule), func() error { return h.SetEnvelope(h.ctx, h.by, bad) })
	}
	h.ok(h.RemoveEnvelope(h.ctx, h.by, 2027))
	h.refuses(models.ErrNotFound, func() error { return h.RemoveEnvelope(h.ctx, h.by, 2027) })
	h.same()
}

func TestRates(t *testing.T) {
	h := newHouse(t)
	r := models.ReferenceRate{Currency: "USD", Day: day("2026-06-01"), Rate: rate("1.10"), Source: models.RateTyped}
	if id := h.id(h.AddRate(h.ctx, h.by, r, today)); id != aRate {
		t.Errorf("the same day's rate became another record, %d", id)
	}
	r.Source = models.RateECB
	published := h.id(h.AddRate(h.ctx, h.by, r, today))
	if len(h.reg().Rates) != 2 {
		t.Errorf("rates: %v", h.reg().Rates)
	}
	h.same()
	r.Day = today.AddDays(1)
	h.refuses(invalid("day", "date.future"), func() error { _, err := h.AddRate(h.ctx, h.by, r, today); return err })
	r.Currency = "EUR"
	h.refuses(invalid("currency", "currency.foreign"), func() error { _, err := h.AddRate(h.ctx, h.by, r, today); return err })
	r.Currency, r.Source = "XYZ", "guess"
	h.refuses(models.Invalid{{Field: "currency", Rule: "currency.unknown"}, {Field: "source", Rule: "choose"}}, func() error {
		_, err := h.AddRate(h.ctx, h.by, r, today)
		return err
	})
	h.ok(h.RemoveRate(h.ctx, h.by, published))
	h.refuses(models.ErrNotFound, func() error { return h.RemoveRate(h.ctx, h.by, published) })
	h.same()
}

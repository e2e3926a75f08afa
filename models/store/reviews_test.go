package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

var frozen = []byte(`{"format":1,"organisation":"Les Chemins"}`)

func pagesOf(text string) map[models.Lang][]byte {
	return map[models.Lang][]byte{models.French: []byte("%PDF-1.4 fr " + text), models.English: []byte("%PDF-1.4 en " + text)}
}

// written is a review with everything the director can write.
func written() models.Review {
	return models.Review{
		Year: 2026, Summary: "Une bonne année.", Outlook: "Garder.", Notes: []models.ReviewNote{{ServiceID: skype, Text: "ferme"}, {ServiceID: dropbox, Text: "à garder"}},
		NextFloor: money.Euros(80000), NextCeiling: money.Euros(100000),
	}
}

func (h *house) review(year int) models.Review {
	h.Helper()
	v, _ := h.reg().ReviewOf(year)
	return v
}

func (h *house) closeReview(year int) {
	h.Helper()
	h.ok(h.CloseReview(h.ctx, h.by, year, h.review(year).Version, frozen, pagesOf("x"), today))
}

// reviewVerbs are those of reviews.
func reviewVerbs() map[string]verb {
	return map[string]verb{
		"SaveReview": {mayManage, func(s *Store, h *house, by models.Actor) error { return s.SaveReview(h.ctx, by, written()) }, false},
		"CloseReview": {mayManage, func(s *Store, h *house, by models.Actor) error {
			return s.CloseReview(h.ctx, by, 2026, 0, frozen, pagesOf("x"), today)
		}, true},
	}
}

func TestReviewIsKept(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SaveReview(h.ctx, h.by, written()))
	got := h.review(2026)
	want := written()
	want.ID, want.Version = got.ID, got.Version
	if diff := cmp.Diff(want.Tidy(), got, cmp.AllowUnexported(money.Amount{}, cal.Date{})); diff != "" || got.ID == 0 {
		t.Errorf("kept as (-written +read):\n%s", diff)
	}
	e := h.last()
	if e.Verb != "review.save" || e.Kind != "review" || e.Name != "2026" {
		t.Errorf("log %+v", e)
	}
	for _, c := range e.Changes {
		if c.Field == "notes" && c.After != "Dropbox: à garder; Skype: ferme" {
			t.Errorf("notes told as %q", c.After)
		}
	}
	got.Outlook, got.NextFloor, got.NextCeiling = "Autre chose.", money.Amount{}, money.Amount{}
	h.ok(h.SaveReview(h.ctx, h.by, got))
	h.same()
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveReview(h.ctx, h.by, got)) })
	h.refuses(models.Conflict{}, func() error { return conflictOf(h.SaveReview(h.ctx, h.by, written())) })
	h.ok(h.SaveReview(h.ctx, h.by, h.review(2026))) // nothing to write

	h.refuses(models.Refused{Rule: "review.not_begun"}, func() error { return ruleOf(h.SaveReview(h.ctx, h.by, models.Review{Year: 2027})) })
	h.refuses(invalid("note.99", "choose"), func() error {
		return h.SaveReview(h.ctx, h.by, models.Review{Year: 2025, Notes: []models.ReviewNote{{ServiceID: 99, Text: "x"}}})
	})
	h.refuses(invalid("year", "number.range"), func() error { return h.SaveReview(h.ctx, h.by, models.Review{Year: 1}) })
	h.ok(h.SaveReview(h.ctx, h.by, models.Review{Year: 2025, Notes: []models.ReviewNote{{ServiceID: 99}}}))
	h.same()
	h.wellFormed()
}

// ruleOf leaves of a refusal the rule, to be compared.
func ruleOf(err error) error {
	var refused models.Refused
	if errors.As(err, &refused) {
		return models.Refused{Rule: refused.Rule}
	}
	return err
}

func TestClosedReviewIsFrozen(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SaveReview(h.ctx, h.by, written()))
	if _, err := h.ReviewDocument(h.ctx, h.org, 2026); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("an open review's document: %v", err)
	}
	version := h.review(2026).Version
	for name, do := range map[string]func() error{
		"no document": func() error { return h.CloseReview(h.ctx, h.by, 2026, version, nil, pagesOf("x"), today) },
		"no pages":    func() error { return h.CloseReview(h.ctx, h.by, 2026, version, frozen, nil, today) },
		"half of them": func() error {
			return h.CloseReview(h.ctx, h.by, 2026, version, frozen, map[models.Lang][]byte{models.French: []byte("%PDF-")}, today)
		},
	} {
		if before, err := h.revision(), do(); err == nil || h.revision() != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.refuses(models.Conflict{}, func() error {
		return conflictOf(h.CloseReview(h.ctx, h.by, 2026, version-1, frozen, pagesOf("x"), today))
	})
	h.refuses(models.Refused{Rule: "review.not_begun"}, func() error {
		return ruleOf(h.CloseReview(h.ctx, h.by, 2027, 0, frozen, pagesOf("x"), today))
	})
	h.closeReview(2026)
	v := h.review(2026)
	if !v.Closed() || v.ClosedOn != today || v.ClosedBy != nadia || !v.ClosedAt.Equal(noon) || !v.Matches(frozen) || v.Summary != "Une bonne année." {
		t.Errorf("closed as %+v", v)
	}
	if e := h.last(); e.Verb != "review.close" || !strings.Contains(fmt.Sprint(e.Changes), "Nadia") {
		t.Errorf("log %+v", e)
	}
	h.stillFrozen(2026)
	for _, do := range []func() error{
		func() error { return h.SaveReview(h.ctx, h.by, v) },
		func() error { return h.CloseReview(h.ctx, h.by, 2026, v.Version, []byte("{}"), pagesOf("y"), today) },
	} {
		h.refuses(models.Refused{Rule: "review.closed"}, func() error { return ruleOf(do()) })
	}
	if _, err := h.ReviewPDF(h.ctx, h.org, 2026, "de"); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("pages in German: %v", err)
	}
	if _, err := h.ReviewPDF(h.ctx, h.org+1, 2026, models.French); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("pages of another organisation: %v", err)
	}
	h.closeReview(2025) // nobody wrote anything in it
	h.stillFrozen(2025)
	h.same()
	h.wellFormed()
}

func (h *house) stillFrozen(year int) {
	h.Helper()
	document, err := h.ReviewDocument(h.ctx, h.org, year)
	if err != nil || !bytes.Equal(document, frozen) || !h.review(year).Matches(document) {
		h.Errorf("the document of %d is %q, %v", year, document, err)
	}
	for lang, want := range pagesOf("x") {
		if got, err := h.ReviewPDF(h.ctx, h.org, year, lang); err != nil || !bytes.Equal(got, want) {
			h.Errorf("the pages of %d in %s are %q, %v", year, lang, got, err)
		}
	}
}

// Whatever is done afterwards, with any verb there is.
func TestClosedReviewStaysWhateverIsDone(t *testing.T) {
	for seed := range uint64(3) {
		h := newHouse(t)
		h.ok(h.SaveReview(h.ctx, h.by, written()))
		h.closeReview(2026)
		want := h.review(2026)
		c := &chance{house: h, Rand: rand.New(rand.NewPCG(seed, 6))}
		for range 120 {
			c.r = c.reg()
			if err := acts[c.IntN(len(acts))](c); !allowed(err) {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, h.review(2026), cmp.AllowUnexported(money.Amount{}, cal.Date{})); diff != "" {
			t.Errorf("the closed review has become:\n%s", diff)
		}
		h.stillFrozen(2026)
	}
}

// The tables refuse it even to somebody who goes past the program, and what is changed in spite of them is found out.
func TestFrozenDocumentsAreGuarded(t *testing.T) {
	h := newHouse(t)
	h.ok(h.SaveReview(h.ctx, h.by, written()))
	for _, text := range []string{
		"UPDATE reviews SET closed_at = 1", "UPDATE reviews SET hash = '" + strings.Repeat("0", 64) + "'", "UPDATE reviews SET notes = '['",
		"UPDATE reviews SET next_floor_currency = 'USD'", "INSERT INTO reviews SELECT organisation_id, 9999, version, year, '', '', '[]', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '' FROM reviews",
		"UPDATE envelopes SET shares = 'x'",
	} {
		if err := h.writer.Exec(text).Error; err == nil {
			t.Errorf("%s is done", text)
		}
	}
	h.closeReview(2026)
	for _, text := range []string{
		"UPDATE reviews SET summary = 'x'", "DELETE FROM reviews", "INSERT OR REPLACE INTO reviews SELECT * FROM reviews", "UPDATE review_documents SET content = x'00'", "DELETE FROM review_documents",
		"INSERT OR REPLACE INTO review_documents SELECT organisation_id, review_id, form, hash, x'00' FROM review_documents WHERE form = 'fr'",
	} {
		if err := h.writer.Exec(text).Error; err == nil {
			t.Errorf("%s is done", text)
		}
	}
	h.stillFrozen(2026)
	h.ok(h.writer.Exec("DROP TRIGGER review_documents_stay").Error)
	h.ok(h.writer.Exec("UPDATE review_documents SET content = CAST(replace(CAST(content AS TEXT), 'Chemins', 'Routes') AS BLOB)").Error)
	if document, err := h.ReviewDocument(h.ctx, h.org, 2026); err != nil || h.review(2026).Matches(document) {
		t.Errorf("an altered document passes: %q, %v", document, err)
	}
	h.ok(h.writer.Exec("UPDATE review_documents SET content = CAST(replace(CAST(content AS TEXT), 'PDF-1.4', 'PDF-1.5') AS BLOB)").Error)
	for _, lang := range []models.Lang{models.French, models.English} {
		if _, err := h.ReviewPDF(h.ctx, h.org, 2026, lang); !errors.Is(err, ErrAltered) {
			t.Errorf("altered pages pass: %v", err)
		}
	}
}

func TestClosedReviewIsNotPlanted(t *testing.T) {
	h := newHouse(t)
	f := sample()
	v := written()
	v.ID, v.ClosedAt, v.ClosedOn, v.Hash = 900, noon, today, models.DocumentHash(frozen)
	f.Reviews = []models.Review{v}
	if _, err := h.Plant(h.ctx, f, noon); err == nil {
		t.Error("a closed review is planted without its document")
	}
	v.ClosedAt, v.ClosedOn, v.Hash = models.Review{}.ClosedAt, cal.Date{}, ""
	f.Reviews = []models.Review{v}
	org, err := h.Plant(h.ctx, f, noon)
	h.ok(err)
	r, err := h.Register(h.ctx, org)
	h.ok(err)
	if got, ok := r.ReviewOf(2026); !ok || got.Summary != v.Summary {
		t.Errorf("planted as %+v", got)
	}
}

func TestSharesOfAnEnvelope(t *testing.T) {
	h := newHouse(t)
	e, _ := h.reg().Envelope(2026)
	e.Shares = []models.Share{{FunctionID: planning, Ceiling: money.Euros(30000)}, {FunctionID: access, Ceiling: money.Euros(70000)}, {FunctionID: 99}}
	h.ok(h.SetEnvelope(h.ctx, h.by, e))
	h.same()
	got, _ := h.reg().Envelope(2026)
	if len(got.Shares) != 2 || got.ShareOf(access) != money.Euros(70000) || got.ShareOf(planning) != money.Euros(30000) {
		t.Errorf("kept as %+v", got.Shares)
	}
	if told := fmt.Sprint(h.last().Changes); !strings.Contains(told, "Accès aux données 700.00 EUR, Planification 300.00 EUR") {
		t.Errorf("told as %s", told)
	}
	got.Shares[0].Ceiling = money.Euros(70001)
	h.refuses(models.Invalid{}, func() error { return h.SetEnvelope(h.ctx, h.by, got) })
	got.Shares = []models.Share{{FunctionID: dropbox, Ceiling: money.Euros(1)}}
	h.refuses(invalid(fmt.Sprintf("share.%d", dropbox), "choose"), func() error { return h.SetEnvelope(h.ctx, h.by, got) })
	got.Shares = nil
	h.ok(h.SetEnvelope(h.ctx, h.by, got))
	if now, _ := h.reg().Envelope(2026); now.Shares != nil {
		t.Errorf("kept as %+v", now.Shares)
	}
	h.same()
}

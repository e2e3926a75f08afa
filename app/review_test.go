package app

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// The sample's review of last year is closed; whatever becomes of the register, it is exported as the same bytes.
func TestClosedReviewIsExportedAsItWas(t *testing.T) {
	p := startProgram(t, true)
	ctx := context.Background()
	r, err := p.Organisation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Year(r.Organisation.Today(testNow)).Number() - 1
	v, ok := r.ReviewOf(last)
	if !ok || !v.Closed() || v.ClosedOn != r.Organisation.YearStart.Year(last).Next().Start.AddDays(19) {
		t.Fatalf("the sample's review of %d: %+v", last, v)
	}
	export := func(lang models.Lang) []byte {
		t.Helper()
		p.Config.Lang = lang
		var b bytes.Buffer
		if err := p.Export(ctx, &b, io.Discard, ExportOptions{Kind: reports.Review, Year: last}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	fr, en := export(models.French), export(models.English)
	if !bytes.HasPrefix(fr, []byte("%PDF-")) || bytes.Equal(fr, en) {
		t.Fatal("the pages of the two languages are not two")
	}
	if by := export(""); !bytes.Equal(by, fr) {
		t.Error("without a language it is not the organisation's")
	}
	document, err := p.Store.ReviewDocument(ctx, r.Organisation.ID, last)
	if err != nil || !v.Matches(document) {
		t.Fatalf("the frozen document: %v", err)
	}

	by := p.Program(r)
	at := slices.IndexFunc(r.Subscriptions, func(s models.Subscription) bool { return s.EndsOn.IsZero() && r.TierOf(s) == models.Premium })
	s := r.Subscriptions[at]
	terms := models.Terms{From: r.Organisation.Today(testNow), Price: money.Euros(99900), PerSeat: s.TermsOn(s.StartedOn).PerSeat, Seats: s.TermsOn(r.Organisation.Today(testNow)).Seats}
	if err := p.Store.AddTerms(ctx, by, s.ID, s.Version, terms); err != nil {
		t.Fatal(err)
	}
	o := r.Organisation
	o.Name = "Autre nom"
	if err := p.Store.SaveOrganisation(ctx, by, o); err != nil {
		t.Fatal(err)
	}
	sv, _ := r.Service(s.ServiceID)
	sv.Name = "Autre service"
	if err := p.Store.SaveService(ctx, by, sv); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(export(models.French), fr) || !bytes.Equal(export(models.English), en) {
		t.Error("the closed review follows the register")
	}
	if again, err := p.Store.ReviewDocument(ctx, r.Organisation.ID, last); err != nil || !bytes.Equal(again, document) {
		t.Errorf("the frozen document has changed, %v", err)
	}
}

func TestOpenReviewIsExportedAsADraft(t *testing.T) {
	p := startProgram(t, true)
	ctx := context.Background()
	out := filepath.Join(t.TempDir(), "bilan.pdf")
	if err := p.Export(ctx, io.Discard, io.Discard, ExportOptions{Kind: reports.Review, Out: out}); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(out); err != nil || !bytes.HasPrefix(b, []byte("%PDF-")) {
		t.Errorf("the draft is %.20q, %v", b, err)
	}
	today := cal.Of(testNow)
	err := p.Export(ctx, io.Discard, io.Discard, ExportOptions{Kind: reports.Review, Year: today.Year() + 1})
	if err == nil || !strings.Contains(err.Error(), "begins on") {
		t.Errorf("a year to come is answered %v", err)
	}
	for _, bad := range []ExportOptions{
		{Kind: reports.Review, From: "2026-01"},
		{Kind: reports.Review, Encoding: reports.UTF8},
		{Kind: reports.Review, Digits: 6},
		{Kind: reports.Review, Program: true},
		{Kind: reports.Review, Closing: true},
		{Kind: reports.Review, Year: 1},
	} {
		if bad.Check() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// Somebody who changes the file itself is told on, not believed.
func TestAlteredReviewIsNotExported(t *testing.T) {
	p := startProgram(t, true)
	ctx := context.Background()
	r, err := p.Organisation(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v := r.Reviews[0]
	if _, err := p.frozenReview(ctx, r, v, models.French); err != nil {
		t.Fatal(err)
	}
	v.Hash = models.DocumentHash([]byte("another"))
	if _, err := p.frozenReview(ctx, r, v, models.French); err == nil || !strings.Contains(err.Error(), "not the one that was closed") {
		t.Errorf("an altered review is answered %v", err)
	}
}

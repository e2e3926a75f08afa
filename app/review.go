package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// closeReview freezes the review of a fiscal year as known on a day.
func (a *App) closeReview(ctx context.Context, by models.Actor, year int, on cal.Date) error {
	r, err := a.Store.Register(ctx, by.Organisation)
	if err != nil {
		return err
	}
	v, _ := r.ReviewOf(year)
	f, err := reports.FreezeReview(r, v, by.Person, on)
	if err != nil {
		return err
	}
	return a.Store.CloseReview(ctx, by, year, v.Version, f.Document, f.PDFs, on)
}

// exportReview writes the pages of a fiscal year's review: those that were frozen once it is closed, else a draft of how
// things stand.
func (a *App) exportReview(ctx context.Context, out io.Writer, o ExportOptions, r *models.Register, year cal.FiscalYear) error {
	lang := cmp.Or(a.Config.Lang, r.Organisation.Lang)
	v, _ := r.ReviewOf(year.Number())
	today := r.Organisation.Today(a.Now())
	var pages func(io.Writer) error
	switch {
	case v.Closed():
		content, err := a.frozenReview(ctx, r, v, lang)
		if err != nil {
			return err
		}
		pages = func(w io.Writer) error {
			_, err := w.Write(content)
			return err
		}
	case year.Start.After(today):
		return fmt.Errorf("the fiscal year %s begins on %s; its review can be written from that day on", year.Label(), year.Start)
	default:
		d := reports.NewReviewDocument(r, v, today)
		pages = func(w io.Writer) error { return reports.WriteReviewPDF(w, d, words.In(words.Lang(lang))) }
	}
	return o.put(out, pages, func() error { return nil }, nil)
}

// frozenReview is the pages kept of a closed review, once the document they were made of is found to be what it was.
func (a *App) frozenReview(ctx context.Context, r *models.Register, v models.Review, lang models.Lang) ([]byte, error) {
	document, err := a.Store.ReviewDocument(ctx, r.Organisation.ID, v.Year)
	if err != nil {
		return nil, err
	}
	content, err := a.Store.ReviewPDF(ctx, r.Organisation.ID, v.Year, lang)
	if !v.Matches(document) || errors.Is(err, store.ErrAltered) {
		return nil, fmt.Errorf("the review of %d is not the one that was closed on %s: somebody has changed it in the file; take it from a backup", v.Year, v.ClosedOn)
	}
	return content, err
}

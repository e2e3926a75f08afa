package web

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// reviewClosingPage asks before a review is closed for ever, and says what is left open.
type reviewClosingPage struct {
	Form      Form
	Fiscal    cal.FiscalYear
	Early     bool // the year is not over
	Days      int  // until it is
	Committed money.Amount
	Open      []reports.ReviewOpen
	Unwritten []string // what the director has not said
	Changed   bool     // the figures moved since they were shown
}

func (w *Web) reviewClosingPage(c echo.Context) error {
	r, err := w.openReview(c)
	if err != nil {
		return err
	}
	return w.showReviewClosing(c, r, http.StatusOK, Form{Fields: Fields{}}, false)
}

func (w *Web) showReviewClosing(c echo.Context, r review, status int, f Form, changed bool) error {
	v := visitOf(c)
	seen, err := closingHash(v, r)
	if err != nil {
		return err
	}
	f.Fields["seen"], f.Fields["version"] = seen, typedVersion(r.Version)
	page := reviewClosingPage{
		Form: f, Fiscal: r.Fiscal, Early: earlyReview(v, r), Days: v.today.DaysUntil(r.Fiscal.Last()), Committed: r.Document.Result.Committed,
		Open: r.Document.Open, Unwritten: unwritten(v.words, r), Changed: changed,
	}
	return w.render(c, screen{
		status: status, name: "review-closing", nav: "envelope", title: "reviews.closing_title", args: []any{"year", r.Fiscal.Label()}, page: page,
	})
}

func earlyReview(v *visit, r review) bool { return !r.Fiscal.Last().Before(v.today) }

// unwritten names what a reader would miss in the review.
func unwritten(w *words.Words, r review) []string {
	var out []string
	if r.Summary == "" {
		out = append(out, w.T("reviews.no_summary"))
	}
	if r.NextCeiling.IsNone() {
		out = append(out, w.T("reviews.no_next", "year", r.Fiscal.Next().Label()))
	}
	undecided := 0
	for _, sv := range r.Document.Services {
		if len(sv.Decisions) == 0 && sv.Tier == models.Premium {
			undecided++
		}
	}
	if undecided > 0 {
		out = append(out, w.N("reviews.undecided", undecided))
	}
	return out
}

// closingHash names the document that closing would freeze now, so that none is frozen that nobody has seen.
func closingHash(v *visit, r review) (string, error) {
	closing := r.Review
	closing.ClosedOn, closing.ClosedBy = v.today, v.actor.Person
	document, err := reports.NewReviewDocument(v.register, closing, v.today).JSON()
	return models.DocumentHash(document), err
}

func (w *Web) closeReview(c echo.Context) error {
	r, err := w.openReview(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "seen", "early")}
	if earlyReview(v, r) && !e.tick("early") {
		e.bad.Add("early", "review.early", "day", r.Fiscal.Last())
	}
	again := func(status int, f Form) error { return w.showReviewClosing(c, r, status, f, false) }
	if err := e.bad.Err(); err != nil {
		return w.retry(c, err, e.Fields, again)
	}
	frozen, err := reports.FreezeReview(v.register, r.Review, v.actor.Person, v.today)
	if err != nil {
		return err
	}
	if models.DocumentHash(frozen.Document) != e.text("seen") {
		return w.showReviewClosing(c, r, http.StatusConflict, Form{Fields: e.Fields}, true)
	}
	if err := w.store.CloseReview(c.Request().Context(), v.actor, r.Year, e.version(), frozen.Document, frozen.PDFs, v.today); err != nil {
		return w.retry(c, err, e.Fields, again)
	}
	return w.done(c, reviewPath(r.Fiscal), Notice{Key: "review_closed", Args: []string{"year", r.Fiscal.Label()}})
}

// soundReview is the review in the address, of which nothing is handed out that is not what was frozen.
func (w *Web) soundReview(c echo.Context) (review, error) {
	r, err := w.askedReview(c)
	if err == nil && !r.Sound {
		err = models.Refused{Rule: "review.altered", Args: []any{"year", r.Fiscal.Label()}}
	}
	return r, err
}

// readingLang is the language a document is asked for in; without one, the reader's.
func readingLang(c echo.Context) models.Lang {
	if l, ok := words.ParseLang(c.QueryParam("lang")); ok {
		return models.Lang(l)
	}
	return visitOf(c).lang
}

// reviewPaper is the document alone, to be printed.
type reviewPaper struct {
	Sheet reviewSheet
	Hash  string // of the frozen document; empty for a draft
}

// reviewDocument shows the document alone. It depends on the document and the language only, so that a closed one is the
// same to the byte for whoever asks and whenever.
func (w *Web) reviewDocument(c echo.Context) error {
	r, err := w.soundReview(c)
	if err != nil {
		return err
	}
	lang := readingLang(c)
	b := w.books[lang]
	var out bytes.Buffer
	if err := b.pages["review-document"].ExecuteTemplate(&out, "review-paper", reviewPaper{newReviewSheet(b.words, r.Document), r.Hash}); err != nil {
		return fmt.Errorf("fill the review's document: %w", err)
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Content-Language", string(lang))
	return w.send(c, http.StatusOK, out.Bytes(), nil)
}

// reviewPDF hands out the pages that were frozen, or those of the draft.
func (w *Web) reviewPDF(c echo.Context) error {
	r, err := w.soundReview(c)
	if err != nil {
		return err
	}
	v, lang := visitOf(c), readingLang(c)
	in := w.books[lang].words
	name := in.T("reviews.file", "year", r.Fiscal.Label(), "organisation", r.Document.Organisation)
	if !r.Closed() {
		var out bytes.Buffer
		if err := reports.WriteReviewPDF(&out, r.Document, in); err != nil {
			return err
		}
		return saveFile(c, models.CleanFileName(in.T("reviews.file_draft", "name", name)+".pdf"), models.PDF, out.Bytes())
	}
	pages, err := w.store.ReviewPDF(c.Request().Context(), v.actor.Organisation, r.Year, lang)
	if errors.Is(err, store.ErrAltered) {
		return models.Refused{Rule: "review.altered", Args: []any{"year", r.Fiscal.Label()}}
	}
	if err != nil {
		return err
	}
	return saveFile(c, models.CleanFileName(name+".pdf"), models.PDF, pages)
}

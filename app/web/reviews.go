package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

func (w *Web) reviewRoutes(g *echo.Group) {
	g.GET("/reviews", w.reviewsPage)
	g.GET("/reviews/:year", w.reviewPage)
	g.POST("/reviews/:year", w.saveReview, mayManage)
	g.POST("/reviews/:year/envelope", w.takeReviewEnvelope, mayManage)
	g.GET("/reviews/:year/closing", w.reviewClosingPage, mayManage)
	g.POST("/reviews/:year/closing", w.closeReview, mayManage)
	g.GET("/reviews/:year/document", w.reviewDocument)
	g.GET("/reviews/:year/review.pdf", w.reviewPDF)
}

func reviewPath(year cal.FiscalYear) string { return "/reviews/" + strconv.Itoa(year.Number()) }

// review is the review of one fiscal year as it stands: open, and then its document is drawn up from the register, or
// closed, and then it is what the file holds.
type review struct {
	models.Review
	Fiscal   cal.FiscalYear
	Document reports.ReviewDocument
	Found    string // hash of the frozen document as it was found; empty while open
	Sound    bool   // the frozen document is the one that was frozen
	Readable bool   // it can be read at all
}

// askedReview is the review in the address; a year that cannot be reviewed is not found.
func (w *Web) askedReview(c echo.Context) (review, error) {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return review{}, err
	}
	for _, y := range v.register.ReviewYears(v.today) {
		if y == year {
			return w.review(c, year)
		}
	}
	return review{}, models.ErrNotFound
}

func (w *Web) review(c echo.Context, year cal.FiscalYear) (review, error) {
	v := visitOf(c)
	stands, _ := v.register.ReviewOf(year.Number())
	out := review{Review: stands, Fiscal: year}
	if !stands.Closed() {
		out.Document, out.Sound, out.Readable = reports.NewReviewDocument(v.register, stands, v.today), true, true
		return out, nil
	}
	frozen, err := w.store.ReviewDocument(c.Request().Context(), v.actor.Organisation, year.Number())
	if err != nil && !errors.Is(err, models.ErrNotFound) { // one that is gone was altered
		return out, err
	}
	out.Found, out.Sound = models.DocumentHash(frozen), stands.Matches(frozen)
	out.Document, err = reports.ParseReviewDocument(frozen)
	out.Readable = err == nil
	return out, nil
}

// openReview is the review in the address as long as it can be written in.
func (w *Web) openReview(c echo.Context) (review, error) {
	r, err := w.askedReview(c)
	if err == nil && r.Closed() {
		err = models.Refused{Rule: "review.closed", Args: []any{"day", r.ClosedOn}}
	}
	return r, err
}

// reviewsPage lists the fiscal years that can be reviewed.
type reviewsPage struct{ Years []reviewLine }

type reviewLine struct {
	review
	By    string
	Begun bool // something was written in it
	Over  bool // the fiscal year
}

func (w *Web) reviewsPage(c echo.Context) error {
	v := visitOf(c)
	var page reviewsPage
	for _, year := range v.register.ReviewYears(v.today) {
		r, err := w.review(c, year)
		if err != nil {
			return err
		}
		by, _ := v.register.Person(r.ClosedBy)
		page.Years = append(page.Years, reviewLine{r, by.Name, r.ID != 0, year.Last().Before(v.today)})
	}
	return w.render(c, screen{status: http.StatusOK, name: "reviews", nav: "envelope", title: "reviews.title", page: page})
}

// reviewPage is the review of one year: the document, and for whoever may write in it the fields where they belong.
type reviewPage struct {
	review
	Sheet    reviewSheet
	Form     Form
	Write    bool
	By       string
	Proposed reports.ReviewEnvelope
	Chosen   reports.ReviewEnvelope // what can be taken over for the year after; Ceiling is none for nothing
	Taken    bool                   // it is that year's envelope already
	NextNo   int
}

func (w *Web) reviewPage(c echo.Context) error {
	r, err := w.askedReview(c)
	if err != nil {
		return err
	}
	return w.showReview(c, r, http.StatusOK, Form{Fields: typedReview(visitOf(c).words, r)})
}

func (w *Web) showReview(c echo.Context, r review, status int, f Form) error {
	v := visitOf(c)
	page := reviewPage{review: r, Form: f, NextNo: r.Fiscal.Next().Number(), Write: !r.Closed() && v.actor.Role.MayManage()}
	by, _ := v.register.Person(r.ClosedBy)
	page.By = by.Name
	if r.Readable {
		page.Sheet = newReviewSheet(v.words, r.Document)
		page.Proposed = r.Document.Next.Calculated
		page.choose(v.register)
	}
	return w.render(c, screen{
		status: status, name: "review", nav: "envelope", title: "reviews.title_of", args: []any{"year", r.Fiscal.Label()}, page: page,
	})
}

// choose says which envelope can be taken over: what the director chose, or of a closed review what it proposed.
func (page *reviewPage) choose(r *models.Register) {
	n := page.Document.Next
	if !page.Sound || !page.Closed() && !n.Chosen || n.Ceiling.IsNone() {
		return
	}
	page.Chosen = reports.ReviewEnvelope{Floor: n.Floor, Ceiling: n.Ceiling}
	e, ok := r.Envelope(page.NextNo)
	page.Taken = ok && e.Floor == n.Floor && e.Ceiling == n.Ceiling
}

// The answers to which envelope is proposed for the year after.
const (
	nextProposed = "proposed"
	nextOther    = "other"
)

func noteName(service models.ID) string { return "note." + typedID(service) }

// reviewFields are what the director fills in.
func reviewFields(r review) []string {
	names := []string{"summary", "outlook", "next", "proposed_floor", "proposed_ceiling", "next_floor", "next_ceiling"}
	for _, sv := range r.Document.Services {
		names = append(names, noteName(sv.ID))
	}
	return names
}

func typedReview(w *words.Words, r review) Fields {
	f := Fields{"summary": r.Summary, "outlook": r.Outlook, "version": typedVersion(r.Version)}
	for _, n := range r.Notes {
		f[noteName(n.ServiceID)] = n.Text
	}
	calculated := r.Document.Next.Calculated
	f["proposed_floor"], f["proposed_ceiling"] = w.MoneyInput(calculated.Floor), w.MoneyInput(calculated.Ceiling)
	switch {
	case r.NextCeiling.IsNone():
	case r.NextCeiling == calculated.Ceiling && r.NextFloor == calculated.Floor:
		f["next"] = nextProposed
	default:
		f["next"], f["next_floor"], f["next_ceiling"] = nextOther, w.MoneyInput(r.NextFloor), w.MoneyInput(r.NextCeiling)
	}
	return f
}

// review reads the form over the review as it is. A note on a service that is not in the document any more is kept.
func (e *entry) review(r review) models.Review {
	out := models.Review{ID: r.ID, Version: e.version(), Year: r.Year, Summary: e.text("summary"), Outlook: e.text("outlook")}
	shown := map[models.ID]bool{}
	for _, sv := range r.Document.Services {
		shown[sv.ID] = true
		out.Notes = append(out.Notes, models.ReviewNote{ServiceID: sv.ID, Text: e.text(noteName(sv.ID))})
	}
	for _, n := range r.Notes {
		if !shown[n.ServiceID] {
			out.Notes = append(out.Notes, n)
		}
	}
	switch e.text("next") {
	case "":
	case nextProposed: // what was shown, though another would be proposed by now
		out.NextFloor, out.NextCeiling = e.amount("proposed_floor", money.EUR), e.amount("proposed_ceiling", money.EUR)
	case nextOther:
		out.NextFloor, out.NextCeiling = e.amount("next_floor", money.EUR), e.amount("next_ceiling", money.EUR)
		if out.NextCeiling.IsNone() && !e.bad.Has("next_ceiling") {
			e.bad.Add("next_ceiling", "required")
		}
		if out.NextFloor.IsNone() && !out.NextCeiling.IsNone() && !e.bad.Has("next_floor") {
			out.NextFloor = money.Zero(money.EUR)
		}
	default:
		e.bad.Add("next", "choose")
	}
	return out.Tidy()
}

func (w *Web) saveReview(c echo.Context) error {
	r, err := w.openReview(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, reviewFields(r)...)}
	written := e.review(r)
	e.merge(written.Check(), nil)
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveReview(c.Request().Context(), visitOf(c).actor, written)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showReview(c, r, status, f) })
	}
	return w.done(c, reviewPath(r.Fiscal), Notice{Key: "review_saved", Args: []string{"year", r.Fiscal.Label()}})
}

// takeReviewEnvelope makes the envelope chosen in a review that of the year after. Shares of functions stay as far as
// they fit; where they do not, the form of the envelope asks.
func (w *Web) takeReviewEnvelope(c echo.Context) error {
	r, err := w.askedReview(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := reviewPage{review: r, NextNo: r.Fiscal.Next().Number()}
	if page.choose(v.register); page.Chosen.Ceiling.IsNone() {
		return models.Refused{Rule: "review.no_envelope"}
	}
	year := r.Fiscal.Next()
	before, known := v.register.Envelope(year.Number())
	e := before
	if !known {
		e = v.register.ProposeEnvelope(year, v.today).Envelope
	}
	e.Year, e.Floor, e.Ceiling = year.Number(), page.Chosen.Floor, page.Chosen.Ceiling
	if err := w.store.SetEnvelope(c.Request().Context(), v.actor, e); err != nil {
		return w.retry(c, err, typedEnvelope(v, e), func(status int, f Form) error { return w.showEnvelopeForm(c, year, status, f) })
	}
	n := Notice{Key: "review_envelope", Args: []string{"year", year.Label(), "floor", v.words.MoneyRound(e.Floor), "ceiling", v.words.MoneyRound(e.Ceiling)}}
	if !known {
		n.Undo = "/envelopes/" + strconv.Itoa(year.Number()) + "/removal"
	}
	return w.done(c, reviewPath(r.Fiscal), n)
}

// reviewDue is the fiscal year whose review is to be written by now: one that is over and not closed, or one that ends
// within two months. There is nothing to review where nothing was kept.
func reviewDue(r *models.Register, today cal.Date) (cal.FiscalYear, bool) {
	const ahead, behind = 61, 183
	now := r.Year(today)
	if past := now.Prev(); past.Last().AddDays(behind).After(today) {
		v, _ := r.ReviewOf(past.Number())
		if kept := firstKept(r, today); !v.Closed() && !kept.After(past.Last()) {
			return past, true
		}
	}
	v, _ := r.ReviewOf(now.Number())
	return now, !v.Closed() && !now.Last().After(today.AddDays(ahead))
}

// reviewHint leads the director to the review that is to be written.
type reviewHint struct {
	Year      cal.FiscalYear
	Text, Act string
}

func newReviewHint(v *visit) *reviewHint {
	year, due := reviewDue(v.register, v.today)
	if !due || !v.actor.Role.MayManage() {
		return nil
	}
	w, label := v.words, year.Label()
	if year.Last().Before(v.today) {
		return &reviewHint{year, w.T("reviews.due_past", "year", label), w.T("reviews.finish", "year", label)}
	}
	return &reviewHint{year, w.T("reviews.due_text", "year", label, "day", year.Last()), w.T("reviews.write")}
}

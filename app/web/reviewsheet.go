package web

import (
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// reviewSheet is a review as people read it, words and pictures, made from its document alone: what became of the
// register since has no way in.
type reviewSheet struct {
	reports.ReviewText
	Document reports.ReviewDocument
	Figure   envelopeFigure
	Monthly  yearMonths
	Years    *yearsFigure // nil when the year before does not compare, or nothing changed
}

func newReviewSheet(w *words.Words, d reports.ReviewDocument) reviewSheet {
	p := reviewPosition(d)
	return reviewSheet{
		ReviewText: reports.TellReview(d, w), Document: d, Figure: newEnvelopeFigure(w, p),
		Monthly: newYearMonths(w, p), Years: reviewYears(w, d),
	}
}

// reviewPosition is the document's year as the pictures take it.
func reviewPosition(d reports.ReviewDocument) models.Position {
	r := d.Result
	p := models.Position{
		Year: d.Year.Fiscal(), Day: d.Day, Status: r.Status, Envelope: models.Envelope{Floor: r.Floor, Ceiling: r.Ceiling},
		Spent: r.Spent, Due: r.Due, Committed: r.Committed, Forecast: r.Forecast,
	}
	for _, m := range d.Months {
		p.Months = append(p.Months, models.MonthFigures{
			Span: cal.Span{From: m.From, To: m.From.AddMonths(1)}, Spent: m.Spent, Due: m.Due, Committed: m.Committed, Total: m.Total,
		})
	}
	return p
}

// reviewYears is the step from the year before, reason by reason.
func reviewYears(w *words.Words, d reports.ReviewDocument) *yearsFigure {
	c := d.Change
	if !c.Comparable() || len(c.Parts) == 0 {
		return nil
	}
	y := models.YearOnYear{From: c.From.Fiscal(), To: d.Year.Fiscal(), Before: c.Before, After: c.After, Change: c.Change}
	for _, p := range c.Parts {
		y.Parts = append(y.Parts, models.Part{Kind: p.Kind, Amount: p.Amount, Charges: p.Charges})
	}
	return newYearsFigure(w, &y)
}

package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// envelopesPage is the envelope of each fiscal year, newest first, beside what the year cost or will.
type envelopesPage struct {
	Years []envelopeYear
	Next  envelopeYear // the one to be set: the year after the last that has an envelope, at most the next
	Why   string       // Next's envelope is proposed as it is; empty when there is nothing to set
}

type envelopeYear struct {
	Year      cal.FiscalYear
	Position  models.Position
	Envelope  models.Envelope
	Set, Past bool
	Beyond    money.Amount // over the ceiling or under the floor
	Shares    []functionCostLine
	Rest      money.Amount // of the ceiling, for the functions without a share
}

// functionCostLine is one function's cost of a year beside its share.
type functionCostLine struct {
	models.FunctionYear
	Name string
}

func (w *Web) envelopesPage(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		return screen{status: http.StatusOK, name: "envelopes", nav: "envelope", title: "envelopes.title", page: newEnvelopesPage(visitOf(c))}, nil
	})
}

func newEnvelopesPage(v *visit) envelopesPage {
	r, now := v.register, v.register.Year(v.today)
	var page envelopesPage
	numbers := []int{now.Number()}
	for _, y := range r.ReviewYears(v.today) {
		numbers = append(numbers, y.Number())
	}
	for _, e := range r.Envelopes {
		numbers = append(numbers, e.Year)
	}
	slices.Sort(numbers)
	slices.Reverse(numbers)
	for _, n := range slices.Compact(numbers) {
		page.Years = append(page.Years, newEnvelopeYear(v, r.Organisation.YearStart.Year(n)))
	}
	for _, year := range []cal.FiscalYear{now, now.Next()} {
		if _, set := r.Envelope(year.Number()); set {
			continue
		}
		if p := r.ProposeEnvelope(year, v.today); p.Why != models.ProposalNothing {
			page.Next, page.Why = newEnvelopeYear(v, year), proposalWhy(v, p)
			page.Next.Envelope = p.Envelope
		}
		break
	}
	return page
}

func newEnvelopeYear(v *visit, year cal.FiscalYear) envelopeYear {
	p := v.register.Position(year, v.today)
	y := envelopeYear{Year: year, Position: p, Envelope: p.Envelope, Set: p.Status != models.NoEnvelope, Past: year.Last().Before(v.today)}
	switch p.Status {
	case models.Over:
		y.Beyond = p.Room().Abs()
	case models.Under:
		y.Beyond = p.Envelope.Floor.Sub(p.Forecast)
	case models.Within, models.NoEnvelope:
	}
	y.Shares, y.Rest = functionCostLines(v, p)
	return y
}

// functionCostLines are the costs of a year by function, and what the shares leave of the envelope; none without shares.
func functionCostLines(v *visit, p models.Position) ([]functionCostLine, money.Amount) {
	var rest money.Amount
	if len(p.Envelope.Shares) > 0 {
		rest = p.Envelope.Unshared()
	}
	var lines []functionCostLine
	for _, cost := range v.register.CostByFunction(p) {
		f, ok := v.register.Function(cost.FunctionID)
		if !ok {
			f.Name = v.words.T("envelopes.no_function")
		}
		lines = append(lines, functionCostLine{cost, f.Name})
	}
	return lines, rest
}

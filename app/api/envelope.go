package api

import (
	"enveloppe/models"
)

type envelopeAnswer struct {
	Year        fiscalYear      `json:"year"`
	On          string          `json:"on"`
	Status      models.Status   `json:"status"`
	Floor       *sum            `json:"floor"`
	Ceiling     *sum            `json:"ceiling"`
	Spent       *sum            `json:"spent"`
	Due         *sum            `json:"due"`
	Committed   *sum            `json:"committed"`
	Locked      *sum            `json:"locked"`
	Avoidable   *sum            `json:"avoidable"`
	Forecast    *sum            `json:"forecast"`
	Room        *sum            `json:"room"`
	CrossedOn   *string         `json:"crossed_on"`
	Complete    bool            `json:"complete"` // nothing is left out for want of a rate
	Months      []monthAnswer   `json:"months"`
	Functions   []functionSpent `json:"functions"`
	Unconverted int             `json:"unconverted"` // charges and payments left out
}

type monthAnswer struct {
	First     string `json:"first"`
	Last      string `json:"last"`
	Spent     *sum   `json:"spent"`
	Due       *sum   `json:"due"`
	Committed *sum   `json:"committed"`
	Total     *sum   `json:"total"` // cumulated to the month's end
}

type functionSpent struct {
	Function *named `json:"function"` // null for services whose function is not known
	Share    *sum   `json:"share"`
	Spent    *sum   `json:"spent"`
	Forecast *sum   `json:"forecast"`
}

// envelope holds a fiscal year, today's when the address names none, against its envelope as it stands today.
func envelope(c *call) (any, error) {
	if err := c.asks("year"); err != nil {
		return nil, err
	}
	year, err := c.year()
	if err != nil {
		return nil, err
	}
	r := c.register
	p := r.Position(year, c.today())
	a := envelopeAnswer{
		Year: yearOf(year), On: p.Day.String(), Status: p.Status, Floor: c.sum(p.Envelope.Floor), Ceiling: c.sum(p.Envelope.Ceiling),
		Spent: c.sum(p.Spent), Due: c.sum(p.Due), Committed: c.sum(p.Committed), Locked: c.sum(p.Locked), Avoidable: c.sum(p.Avoidable),
		Forecast: c.sum(p.Forecast), Room: c.sum(p.Room()), CrossedOn: date(p.CrossedOn),
		Complete: p.Complete(), Unconverted: len(p.UnconvertedCharges) + len(p.UnconvertedPayments),
		Months: []monthAnswer{}, Functions: []functionSpent{},
	}
	for _, m := range p.Months {
		a.Months = append(a.Months, monthAnswer{
			m.Span.From.String(), m.Span.Last().String(), c.sum(m.Spent), c.sum(m.Due), c.sum(m.Committed), c.sum(m.Total),
		})
	}
	for _, f := range r.CostByFunction(p) {
		function, _ := r.Function(f.FunctionID)
		a.Functions = append(a.Functions, functionSpent{namedOf(function.ID, function.Name), c.sum(f.Share), c.sum(f.Spent), c.sum(f.Forecast)})
	}
	return a, nil
}

package api

import (
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// sum is an amount as programs read it: exact, in text, with its currency.
type sum struct {
	Amount   string         `json:"amount"`
	Currency money.Currency `json:"currency"`
}

// sum is an amount for the asker: null where there is none, and for who reads no amounts.
func (c *call) sum(a money.Amount) *sum {
	if a.IsNone() || !c.amounts {
		return nil
	}
	return &sum{a.Plain(), a.Currency()}
}

// known is a total that leaves nothing out; one that does is null, as it would be taken for the whole.
func (c *call) known(a money.Amount, complete bool) *sum {
	if !complete {
		return nil
	}
	return c.sum(a)
}

// text is a text, null when it is empty.
func text[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// date is a day as YYYY-MM-DD, null when there is none.
func date(d cal.Date) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

// number is an ID, null when there is none.
func number(id models.ID) *models.ID {
	if id == 0 {
		return nil
	}
	return &id
}

// moment is an instant in UTC (RFC 3339), null when there is none.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// span is days, both included.
type span struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

func spanOf(s cal.Span) *span {
	if s.IsEmpty() {
		return nil
	}
	return &span{s.From.String(), s.Last().String()}
}

// named is a record one may want to call by its name.
type named struct {
	ID   models.ID `json:"id"`
	Name string    `json:"name"`
}

func namedOf(id models.ID, name string) *named {
	if id == 0 {
		return nil
	}
	return &named{id, name}
}

func (c *call) service(id models.ID) *named {
	s, _ := c.register.Service(id)
	return namedOf(id, s.Name)
}

func (c *call) person(id models.ID) *named {
	p, _ := c.register.Person(id)
	return namedOf(id, p.Name)
}

// fiscalYear is a year by the number of the calendar year it begins in.
type fiscalYear struct {
	Number int    `json:"number"`
	First  string `json:"first"`
	Last   string `json:"last"`
}

func yearOf(y cal.FiscalYear) fiscalYear {
	return fiscalYear{y.Number(), y.Start.String(), y.Last().String()}
}

package api

import (
	"cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
)

type renewalAnswer struct {
	Service        *named             `json:"service"`
	SubscriptionID models.ID          `json:"subscription_id"`
	On             string             `json:"on"`
	Period         *span              `json:"period"`
	DecideBy       *string            `json:"decide_by"`
	Locked         bool               `json:"locked"` // it can no longer be prevented
	State          string             `json:"state"`
	PaymentID      *models.ID         `json:"payment_id"` // that settled it
	Billed         *sum               `json:"billed"`
	Left           *sum               `json:"left"` // of it to pay; null when nothing is
	EUR            *sum               `json:"eur"`
	Cost           *sum               `json:"cost"`
	Rate           *string            `json:"rate"`
	RateDay        *string            `json:"rate_day"`
	RateSource     *models.RateSource `json:"rate_source"`
}

type renewalList struct {
	From  string          `json:"from"`
	To    string          `json:"to"`
	Items []renewalAnswer `json:"items"`
}

// longestSpan is how many days of renewals can be asked for at once.
const longestSpan = 2 * 366

// renewals are the expected charges of some days, both included: twelve months from today when the address says
// nothing else.
func renewals(c *call) (any, error) {
	if err := c.asks("from", "to"); err != nil {
		return nil, err
	}
	from, err := c.day("from", c.today())
	if err != nil {
		return nil, err
	}
	to, err := c.day("to", from.AddMonths(12).AddDays(-1))
	if err != nil {
		return nil, err
	}
	if to.Before(from) || from.DaysUntil(to) >= longestSpan {
		return nil, badQuery{"to", "query.span", []any{"days", longestSpan}}
	}
	l := renewalList{From: from.String(), To: to.String(), Items: []renewalAnswer{}}
	for _, charge := range c.register.Charges(cal.Inclusive(from, to), c.today()) {
		l.Items = append(l.Items, c.showRenewal(charge))
	}
	return l, nil
}

func (c *call) showRenewal(x models.Charge) renewalAnswer {
	settled, by := c.register.Settlement(x)
	a := renewalAnswer{
		Service: c.service(x.ServiceID), SubscriptionID: x.SubscriptionID, On: x.On.String(), Period: spanOf(x.Period), DecideBy: date(x.DecideBy),
		Locked: x.Locked, State: cmp.Or(string(settled), "open"), Billed: c.sum(x.Billed), EUR: c.sum(x.Conversion.EUR), Cost: c.sum(x.Cost),
	}
	switch settled {
	case models.Open:
		if open, ok := c.register.OpenCharge(x.SubscriptionID, x.On, c.today()); ok {
			a.Left = c.sum(open.Billed)
		}
	case models.Paid:
		a.PaymentID = number(by)
	case models.Waived:
	}
	if c.amounts && x.Conversion.Source != "" {
		rate := x.Conversion.Rate.String()
		a.Rate, a.RateDay, a.RateSource = text(rate), date(x.Conversion.Day), text(x.Conversion.Source)
	}
	return a
}

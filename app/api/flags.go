package api

import (
	"enveloppe/models"
)

type flagAnswer struct {
	Kind           models.FlagKind `json:"kind"`
	Service        *named          `json:"service"`
	SubscriptionID *models.ID      `json:"subscription_id"`
	On             *string         `json:"on"`
	Renewal        *string         `json:"renewal_on"`
	Amount         *sum            `json:"amount"`
	Was            *sum            `json:"was"`
	Count          *int            `json:"count"`
	Currency       *string         `json:"currency"`
	RaisedOn       *string         `json:"raised_on"`
	Quiet          bool            `json:"quiet"` // somebody has dealt with it, or put it off
	SnoozedUntil   *string         `json:"snoozed_until"`
}

// flags are what is to be looked at today, most pressing first, those dealt with among them. Where amounts are not read,
// neither is whether the envelope holds: the register without amounts has none.
func flags(c *call) (any, error) {
	if err := c.asks(); err != nil {
		return nil, err
	}
	l := list[flagAnswer]{Items: []flagAnswer{}}
	for _, x := range c.register.Causes(c.today()) {
		a := flagAnswer{
			Kind: x.Key.Kind, Service: c.service(x.ServiceID), SubscriptionID: number(x.SubscriptionID), On: date(x.On), Renewal: date(x.Renewal),
			Amount: c.sum(x.Amount), Was: c.sum(x.Was), Currency: text(string(x.Key.Code)), RaisedOn: date(x.Flag.RaisedOn),
			Quiet: x.Flag.Quiet(c.today()), SnoozedUntil: date(x.Flag.SnoozedUntil),
		}
		if x.Count != 0 {
			a.Count = &x.Count
		}
		l.Items = append(l.Items, a)
	}
	return l, nil
}

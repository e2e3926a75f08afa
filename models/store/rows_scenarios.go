package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

type scenarioRow struct {
	Rec        record `gorm:"embedded"`
	Name, Note string
	Changes    scenarioChanges
	MadeOn     cal.Date
	MadeBy     ref
	AppliedAt  instant
	AppliedBy  ref
}

func (*scenarioRow) TableName() string { return "scenarios" }
func (*scenarioRow) kind() string      { return "scenario" }
func (r *scenarioRow) rec() *record    { return &r.Rec }

func (r *scenarioRow) model() models.Scenario {
	return models.Scenario{
		ID: r.Rec.ID, Version: r.Rec.Version, Name: r.Name, Note: r.Note, Changes: r.Changes, MadeOn: r.MadeOn, MadeBy: models.ID(r.MadeBy),
		AppliedAt: r.AppliedAt.Time, AppliedBy: models.ID(r.AppliedBy),
	}
}

func (r *scenarioRow) fill(m models.Scenario) {
	r.Rec.ID, r.Name, r.Note, r.Changes, r.MadeOn, r.MadeBy = m.ID, m.Name, m.Note, m.Changes, m.MadeOn, ref(m.MadeBy)
	r.AppliedAt, r.AppliedBy = at(m.AppliedAt), ref(m.AppliedBy)
}

// scenarioChanges are the changes of a scenario. Nobody asks for one of them alone, so they are one text.
type scenarioChanges []models.ScenarioChange

// scenarioChange is a change as it is written: what it says nothing of is absent, the price is in ten-thousandths.
type scenarioChange struct {
	Kind         models.ScenarioKind `json:"kind"`
	Subscription models.ID           `json:"subscription,omitempty"`
	On           *cal.Date           `json:"on,omitempty"`
	Service      models.ID           `json:"service,omitempty"`
	Plan         models.ID           `json:"plan,omitempty"`
	Name         string              `json:"name,omitempty"`
	Function     models.ID           `json:"function,omitempty"`
	Price        *int64              `json:"price,omitempty"`
	PriceIn      money.Currency      `json:"price_in,omitempty"`
	PerSeat      bool                `json:"per_seat,omitempty"`
	Seats        int                 `json:"seats,omitempty"`
	Every        int                 `json:"every,omitempty"`
	Unit         cal.Unit            `json:"unit,omitempty"`
	Currency     money.Currency      `json:"currency,omitempty"`
	Rate         string              `json:"rate,omitempty"`
}

// Value stores JSON.
func (l scenarioChanges) Value() (driver.Value, error) {
	list := make([]scenarioChange, len(l))
	for i, c := range l {
		x := scenarioChange{
			Kind: c.Kind, Subscription: c.SubscriptionID, Service: c.ServiceID, Plan: c.PlanID, Name: c.Name, Function: c.FunctionID,
			PerSeat: c.PerSeat, Seats: c.Seats, Every: c.Cadence.Every, Unit: c.Cadence.Unit, Currency: c.Currency,
		}
		if !c.On.IsZero() {
			x.On = &c.On
		}
		if !c.Price.IsNone() {
			units := c.Price.Units()
			x.Price, x.PriceIn = &units, c.Price.Currency()
		}
		if !c.Rate.IsZero() {
			x.Rate = c.Rate.String()
		}
		list[i] = x
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// Scan reads what Value stored.
func (l *scenarioChanges) Scan(stored any) error {
	var list []scenarioChange
	if err := scanList(stored, &list); err != nil {
		return fmt.Errorf("read the changes of a scenario: %w", err)
	}
	*l = nil
	for _, x := range list {
		c := models.ScenarioChange{
			Kind: x.Kind, SubscriptionID: x.Subscription, ServiceID: x.Service, PlanID: x.Plan, Name: x.Name, FunctionID: x.Function,
			PerSeat: x.PerSeat, Seats: x.Seats, Cadence: cal.Cadence{Every: x.Every, Unit: x.Unit}, Currency: x.Currency,
		}
		if x.On != nil {
			c.On = *x.On
		}
		if x.Price != nil {
			c.Price = money.New(*x.Price, x.PriceIn)
		}
		if x.Rate != "" {
			rate, err := money.ParseRate(x.Rate)
			if err != nil {
				return fmt.Errorf("read the changes of a scenario: %w", err)
			}
			c.Rate = rate
		}
		*l = append(*l, c)
	}
	return nil
}

package models

import (
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Scenario is a set of changes that might be made, kept under a name to be looked at beside the register. It touches
// nothing until it is applied.
type Scenario struct {
	ID        ID
	Version   int64
	Name      string
	Note      string
	Changes   []ScenarioChange // in the order they are made
	MadeOn    cal.Date
	MadeBy    ID
	AppliedAt time.Time // zero while it only might be
	AppliedBy ID
}

// Applied tells whether the scenario's changes were made in the register.
func (s Scenario) Applied() bool { return !s.AppliedAt.IsZero() }

// ScenarioKind is what one change of a scenario does.
type ScenarioKind string

// What can be changed.
const (
	ChangePlan    ScenarioKind = "plan"    // another plan of the same service takes over; needs PlanID and terms
	ChangeSeats   ScenarioKind = "seats"   // more or fewer paid places from a day on
	ChangePrice   ScenarioKind = "price"   // another price from a day on
	ChangeCadence ScenarioKind = "cadence" // the same plan paid at another rhythm: the price is that of the new period
	ChangeAdd     ScenarioKind = "add"     // a service of the register that is not in use, or a new one by its name
	ChangeDrop    ScenarioKind = "drop"    // cancelled; from the first day the contract allows when On is zero
	ChangeRate    ScenarioKind = "rate"    // a rate typed for planning, from a day on
)

// ScenarioKinds are all of them, in the order they are offered.
var ScenarioKinds = []ScenarioKind{ChangePlan, ChangeSeats, ChangePrice, ChangeCadence, ChangeAdd, ChangeDrop, ChangeRate}

// ScenarioChange is one change. Only what its kind needs is filled in.
type ScenarioChange struct {
	Kind           ScenarioKind
	SubscriptionID ID       // what is changed: plan, seats, price, cadence, drop
	On             cal.Date // the day it holds from
	ServiceID      ID       // add: of the register; 0 for a new one
	PlanID         ID       // plan; add: which of its plans, 0 for a new one
	Name           string   // add: of a new service
	FunctionID     ID       // add: what a new service is for
	Price          money.Amount
	PerSeat        bool
	Seats          int
	Cadence        cal.Cadence    // cadence; add with a new plan
	Currency       money.Currency // rate
	Rate           money.Rate     // rate: foreign units for one euro
}

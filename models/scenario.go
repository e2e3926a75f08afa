package models

import (
	"fmt"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Scenario is a set of changes that might be made, kept under a name to be looked at beside the register. It touches
// nothing until it is applied. What its changes name may be gone, and their days past, by the time somebody looks: Try
// tells.
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

// Scenario looks a scenario up.
func (r *Register) Scenario(id ID) (Scenario, bool) {
	return found(r.Scenarios, id, func(x *Scenario) ID { return x.ID })
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

// ScenarioChange is one change. Only what its kind needs is filled in, and a day before today is refused by Try where it
// would move a charge that has fallen since.
type ScenarioChange struct {
	Kind ScenarioKind
	// SubscriptionID is what is changed: plan, seats, price, cadence, drop. Where it was switched before the day, by an
	// earlier change too, its successor is meant.
	SubscriptionID ID
	On             cal.Date       // the day it holds from; drop: the first day without, zero for the first the contract allows; rate: zero for today
	ServiceID      ID             // add: of the register; 0 for a new one
	PlanID         ID             // plan; add: which of its plans, 0 for a new one
	Name           string         // add: of a new service, or of a new plan of one of the register
	FunctionID     ID             // add: what a new service is for
	Price          money.Amount   // of one period (and one seat); plan, add of a plan of the register: none for the plan's own; add with a new plan: none for a free one
	PerSeat        bool           // plan, add: with Price
	Seats          int            // seats; plan: 0 for as many as now; add: 0 for one
	Cadence        cal.Cadence    // cadence; add with a new plan
	Currency       money.Currency // rate
	Rate           money.Rate     // rate: foreign units for one euro
}

// MaxChanges is how many changes one scenario has at most.
const MaxChanges = 50

// Check says what is wrong with the scenario as typed, whatever the register says; problems of its changes are of
// "change.0.on" and the like.
func (s Scenario) Check() Invalid {
	var v Invalid
	checkName(&v, "name", s.Name)
	checkText(&v, "note", s.Note)
	if len(s.Changes) > MaxChanges {
		v.Add("changes", "changes.too_many", "max", MaxChanges)
		return v
	}
	for i := range s.Changes {
		v = append(v, ofChange(i, s.Changes[i].Check())...)
	}
	return v
}

// ChangeField is what a field of one change is called in a problem: "change.0.on".
func ChangeField(i int, field string) string { return fmt.Sprintf("change.%d.%s", i, field) }

// ofChange gives problems of one change the names their fields have in the scenario.
func ofChange(i int, v Invalid) Invalid {
	for n := range v {
		v[n].Field = ChangeField(i, v[n].Field)
	}
	return v
}

// Check says what is wrong with one change as typed.
func (c ScenarioChange) Check() Invalid {
	var v Invalid
	switch c.Kind {
	case ChangePlan, ChangeSeats, ChangePrice, ChangeCadence, ChangeDrop:
		if c.SubscriptionID == 0 {
			v.Add("subscription", "choose")
		}
	case ChangeAdd, ChangeRate:
	default:
		v.Add("kind", "choose")
		return v
	}
	if c.On.IsZero() && c.Kind != ChangeDrop && c.Kind != ChangeRate {
		v.Add("on", "date.empty")
	}
	switch c.Kind {
	case ChangePlan:
		if c.PlanID == 0 {
			v.Add("plan", "choose")
		}
		checkRange(&v, "seats", c.Seats, 0, MaxSeats)
	case ChangeSeats:
		checkRange(&v, "seats", c.Seats, 1, MaxSeats)
	case ChangeAdd:
		c.checkAdd(&v)
	case ChangeCadence:
		if err := c.Cadence.Validate(); err != nil {
			v.Add("every", reasonOf(err))
		}
	case ChangeRate:
		c.checkRate(&v)
		return v
	default: // a price, or nothing
	}
	c.checkPrice(&v)
	return v
}

// checkPrice holds the price, which those kinds need that have no plan to take it from.
func (c ScenarioChange) checkPrice(v *Invalid) {
	switch {
	case c.Kind == ChangeSeats || c.Kind == ChangeDrop:
	case !c.Price.IsNone():
		checkAmount(v, "price", c.Price)
	case c.Kind == ChangePrice || c.Kind == ChangeCadence:
		v.Add("price", "required")
	}
}

func (c ScenarioChange) checkAdd(v *Invalid) {
	checkRange(v, "seats", c.Seats, 0, MaxSeats)
	switch {
	case c.ServiceID != 0 && c.PlanID != 0:
		return
	case c.ServiceID != 0:
		checkLabel(v, "name", c.Name)
	default:
		checkName(v, "name", c.Name)
		if c.FunctionID == 0 {
			v.Add("function", "choose")
		}
		if c.PlanID != 0 {
			v.Add("plan", "choose")
		}
	}
	if err := c.Cadence.Validate(); err != nil {
		v.Add("every", reasonOf(err))
	}
}

// checkRate leaves the day alone: one that has come serves like today.
func (c ScenarioChange) checkRate(v *Invalid) {
	r := ReferenceRate{Currency: c.Currency, Day: cal.MustNew(1970, time.January, 1), Rate: c.Rate}
	*v = append(*v, r.Check(r.Day)...)
}

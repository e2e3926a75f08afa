package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// PartKind is one of the reasons why a year costs more or less than the one before.
type PartKind string

// The reasons, in the order they are told.
const (
	PartPrice    PartKind = "price"    // the vendor's price changed
	PartSeats    PartKind = "seats"    // more or fewer paid places
	PartPlan     PartKind = "plan"     // another plan, or another cadence
	PartCurrency PartKind = "currency" // the rate moved
	PartVAT      PartKind = "vat"      // what the organisation bears of the tax
	PartAdded    PartKind = "added"    // not used at that time of the year before
	PartDropped  PartKind = "dropped"  // not used any more at that time of the year
	PartCalendar PartKind = "calendar" // more or fewer charges fell in the year
	PartOther    PartKind = "other"    // outside the charges: credit notes, corrections, charges waived
	PartUnkept   PartKind = "unkept"   // the register had not begun at that time of the year before
)

// PartKinds are all of them, in that order.
var PartKinds = []PartKind{PartPrice, PartSeats, PartPlan, PartCurrency, PartVAT, PartAdded, PartDropped, PartCalendar, PartOther, PartUnkept}

// Part is what one reason makes a year cost more, or less when negative, in euros.
type Part struct {
	Kind   PartKind
	Amount money.Amount
}

// ServiceChange is one service's share of the difference.
type ServiceChange struct {
	ServiceID     ID
	Before, After money.Amount
	Parts         []Part
}

// YearOnYear is a year's forecast beside that of the year before, and why they differ; all in euros, as known on Day.
type YearOnYear struct {
	From, To              cal.FiscalYear
	Day                   cal.Date
	Before, After, Change money.Amount
	Parts                 []Part
	Services              []ServiceChange
	Complete              bool // every amount of both years could be counted in euros
}

// YearOnYear sets a fiscal year's forecast against that of the year before, both as known on the day.
func (r *Register) YearOnYear(year cal.FiscalYear, day cal.Date) YearOnYear {
	before, after := r.Position(year.Prev(), day), r.Position(year, day)
	y := YearOnYear{
		From: year.Prev(), To: year, Day: day, Before: before.Forecast, After: after.Forecast, Change: after.Forecast.Sub(before.Forecast),
		Complete: before.Complete() && after.Complete(),
	}
	if !y.Change.IsZero() {
		y.Parts = []Part{{PartOther, y.Change}}
	}
	return y
}

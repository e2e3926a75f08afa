package models

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Comparison holds what is used on line against installed software doing the same, for the same people over the same
// years, undiscounted. Every figure is the organisation's own, and it may come out either way.
type Comparison struct {
	ID        ID
	Version   int64
	ServiceID ID // what is compared; 0 for all services together
	Name      string
	On        cal.Date     // day the figures were gathered
	Years     int          // what is bought once is spread over so many
	Users     int          // people served, the same on both sides
	HourCost  money.Amount // an hour of somebody's work, in euros
	Online    []CostItem
	Installed []CostItem
	Note      string
}

// CostItem is one line of a side of a comparison; amounts in euros, any of them none.
type CostItem struct {
	Label       string
	Once        money.Amount  // paid at the start
	Yearly      money.Amount  // paid each year
	YearlyShare money.Percent // of Once, paid each year: maintenance
	HoursOnce   Hours         // worked at the start: training, moving in
	HoursYearly Hours         // worked each year
}

// Hours are hundredths of an hour of work.
type Hours int64

// Limits of a comparison.
const (
	MaxComparedYears = 15
	MaxCostItems     = 12
)

package models

import (
	"strconv"

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

// Comparison looks a comparison up.
func (r *Register) Comparison(id ID) (Comparison, bool) {
	return found(r.Comparisons, id, func(x *Comparison) ID { return x.ID })
}

// Hours are hundredths of an hour of work.
type Hours int64

// Limits of a comparison.
const (
	MaxComparedYears = 15
	MaxCostItems     = 12
	MaxHours         = 10_000_000 // a hundred thousand hours on one line
	maxHourCost      = 100_000_000
	maxUsers         = 100_000
)

// Cost is what so many hours come to, exact to the ten-thousandth.
func (h Hours) Cost(hour money.Amount) money.Amount {
	return money.New(hour.Units()/100*int64(h)+hour.Units()%100*int64(h)/100, money.EUR)
}

// Check says what is wrong with the comparison as typed: of a line under "online.0.once", "installed.2.label" and so on,
// of a side without any figure under "online" or "installed". A nought that was typed is a figure: what is free is compared too.
func (c Comparison) Check() Invalid {
	var v Invalid
	checkName(&v, "name", c.Name)
	if c.On.IsZero() {
		v.Add("on", "date.empty")
	}
	checkRange(&v, "years", c.Years, 1, MaxComparedYears)
	checkRange(&v, "users", c.Users, 1, maxUsers)
	worked := checkSide(&v, "online", c.Online)
	worked = checkSide(&v, "installed", c.Installed) || worked
	switch {
	case c.HourCost.IsNone():
		if worked {
			v.Add("hour_cost", "hours.cost")
		}
	case checkEuros(&v, "hour_cost", c.HourCost) && c.HourCost.Units() > maxHourCost:
		v.Add("hour_cost", "amount.too_large")
	}
	checkText(&v, "note", c.Note)
	return v
}

// checkSide holds the lines of one side, and tells whether somebody works on it.
func checkSide(v *Invalid, side string, items []CostItem) (worked bool) {
	if len(items) > MaxCostItems {
		v.Add(side, "items.too_many", "max", MaxCostItems)
	}
	figures := false
	for i, item := range items {
		at := side + "." + strconv.Itoa(i) + "."
		checkName(v, at+"label", item.Label)
		for _, a := range []struct {
			field  string
			amount money.Amount
		}{{"once", item.Once}, {"yearly", item.Yearly}} {
			if !a.amount.IsNone() {
				checkEuros(v, at+a.field, a.amount)
				figures = true
			}
		}
		if !item.YearlyShare.IsZero() && item.Once.IsNone() {
			v.Add(at+"share", "share.of_nothing")
		}
		checkHours(v, at+"hours_once", item.HoursOnce)
		checkHours(v, at+"hours_yearly", item.HoursYearly)
		worked = worked || item.HoursOnce > 0 || item.HoursYearly > 0
	}
	if !figures && !worked && !v.Has(side) {
		v.Add(side, "items.none")
	}
	return worked
}

func checkHours(v *Invalid, field string, h Hours) {
	if h < 0 || h > MaxHours {
		v.Add(field, "number.range", "min", 0, "max", MaxHours/100)
	}
}

// SideLine is one line of a side as it is shown: in cents, so that the lines of a side add up to its totals.
type SideLine struct {
	Label     string
	Once      money.Amount // at the start, hours worked then included
	Recurring money.Amount // each year, likewise
}

// Side is what one way of working costs.
type Side struct {
	Lines     []SideLine
	Once      money.Amount   // at the start, hours worked then included
	Recurring money.Amount   // each year, likewise
	Hours     money.Amount   // what work comes to over all the years, inside the others
	Yearly    money.Amount   // Once / Years + Recurring, rounded half up once
	Each      money.Amount   // Yearly for one of the users
	Cumulated []money.Amount // by the end of year 0 (the start), 1 and so on to Years
}

// Way is one of the two ways of working compared.
type Way string

// The two ways, and neither.
const (
	OnLine    Way = "online"
	Installed Way = "installed"
	SameCost  Way = "same"
)

// ComparisonResult is how a comparison comes out.
type ComparisonResult struct {
	Years             int
	Online, Installed Side
	Cheaper           Way          // over all the years
	Gap               money.Amount // between the two years as they are shown; never negative
	Ahead             Way          // cheaper at the start
	// CrossesAfter is the month, counted from 1, by whose end the side that began ahead has cost as much as the other;
	// 0 when that does not happen within the years. What is paid each year is taken as paid evenly.
	CrossesAfter int
}

// Result works the comparison out: a year is what is paid once over the years, plus what is paid each year, plus the
// hours at what an hour costs, the same years and people on both sides, undiscounted.
func (c Comparison) Result() ComparisonResult {
	years := max(c.Years, 1)
	on, in := exactSide(c.Online, c.HourCost), exactSide(c.Installed, c.HourCost)
	r := ComparisonResult{Years: years, Online: on.side(years, c.Users), Installed: in.side(years, c.Users)}
	gap := on.total(years).Sub(in.total(years))
	r.Gap = r.Online.Yearly.Sub(r.Installed.Yearly).Abs()
	r.Cheaper, r.Ahead = cheaper(gap), cheaper(on.once.Sub(in.once))
	for m := 1; m <= 12*years && r.Ahead != SameCost; m++ {
		// Twelfths are compared as twelves, so that nothing is rounded.
		apart := on.once.Sub(in.once).Times(12).Add(on.recurring.Sub(in.recurring).Times(int64(m)))
		if cheaper(apart) != r.Ahead {
			r.CrossesAfter = m
			break
		}
	}
	return r
}

// cheaper is the way that costs less by the difference between on line and installed.
func cheaper(difference money.Amount) Way {
	switch {
	case difference.IsNegative():
		return OnLine
	case difference.IsPositive():
		return Installed
	}
	return SameCost
}

// exactCosts are the costs of a side in ten-thousandths, which hold an hour and a half at 18,75 € without rounding.
type exactCosts struct {
	once, recurring, workOnce, workYearly money.Amount
	lines                                 []SideLine
}

// exactSide adds the lines up. Each is shown as the difference of two rounded sums, so that what is shown adds up too.
func exactSide(items []CostItem, hour money.Amount) exactCosts {
	zero := money.Zero(money.EUR)
	x := exactCosts{once: zero, recurring: zero, workOnce: zero, workYearly: zero}
	for _, item := range items {
		was := x
		workOnce, workYearly := item.HoursOnce.Cost(hour), item.HoursYearly.Cost(hour)
		x.workOnce, x.workYearly = x.workOnce.Add(workOnce), x.workYearly.Add(workYearly)
		x.once = x.once.Add(item.Once).Add(workOnce)
		x.recurring = x.recurring.Add(item.Yearly).Add(workYearly)
		if !item.Once.IsNone() {
			x.recurring = x.recurring.Add(item.YearlyShare.Of(item.Once))
		}
		x.lines = append(x.lines, SideLine{
			Label: item.Label, Once: x.once.Round().Sub(was.once.Round()), Recurring: x.recurring.Round().Sub(was.recurring.Round()),
		})
	}
	return x
}

// total is what the side has cost by the end of so many years.
func (x exactCosts) total(years int) money.Amount {
	return x.once.Add(x.recurring.Times(int64(years)))
}

func (x exactCosts) side(years, users int) Side {
	s := Side{
		Lines: x.lines, Once: x.once.Round(), Recurring: x.recurring.Round(),
		Hours:  x.workOnce.Add(x.workYearly.Times(int64(years))).Round(),
		Yearly: x.total(years).Prorate(1, int64(years)),
		Each:   x.total(years).Prorate(1, int64(years)*int64(max(users, 1))),
	}
	for y := range years + 1 {
		s.Cumulated = append(s.Cumulated, x.total(y).Round())
	}
	return s
}

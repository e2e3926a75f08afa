package models

import (
	"cmp"
	"slices"

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
	PartCurrency PartKind = "currency" // the rate moved, or was missing
	PartVAT      PartKind = "vat"      // what the organisation bears of the tax
	PartAdded    PartKind = "added"    // not used at that time of the year before
	PartDropped  PartKind = "dropped"  // not used any more at that time of the year
	PartCalendar PartKind = "calendar" // more or fewer charges fell in the year
	PartWaived   PartKind = "waived"   // a charge that nobody pays, in one of the two
	PartOther    PartKind = "other"    // outside the charges: credit notes, corrections, payments apart
	PartUnkept   PartKind = "unkept"   // the register had not begun at that time of the year before
)

// PartKinds are all of them, in that order.
var PartKinds = []PartKind{PartPrice, PartSeats, PartPlan, PartCurrency, PartVAT, PartAdded, PartDropped, PartCalendar, PartWaived, PartOther, PartUnkept}

// Part is what one reason makes a year cost more, or less when negative, in euros; never nothing. What it is told with
// is of a service's own parts: the parts of a whole year have the amount and the count only.
type Part struct {
	Kind     PartKind
	Amount   money.Amount
	Charges  int      // it shows on
	Was, Now Bought   // the last of them, and its counterpart of the year before: PartPrice, PartSeats, PartPlan, PartCurrency
	On       cal.Date // PartAdded: first day of use; PartDropped: first day without
}

// Bought is what one charge bought.
type Bought struct {
	PlanID  ID
	Cadence cal.Cadence
	Price   money.Amount // as billed; of one seat where seats are paid one by one; none of what cost nothing
	Seats   int          // paid one by one; 0 where they are not
	EUR     money.Amount // PartCurrency: of the same sum at either rate; none without a rate
}

// ServiceChange is one service's share of the difference.
type ServiceChange struct {
	ServiceID                    ID
	Before, After                money.Amount
	Parts                        []Part // in the order of PartKinds
	ChargesBefore, ChargesAfter  int    // counted; those waived are not among them
	RatedBefore, Rated           Rated  // how the last foreign amount of either year became euros; zero for euros
	UnconvertedBefore, Uncounted bool   // a charge had no rate and is left out: of the year before, of the year
}

// Rated is a currency with the way an amount in it became euros.
type Rated struct {
	Currency money.Currency
	Conversion
}

// Change is what the service costs more, or less when negative.
func (c ServiceChange) Change() money.Amount { return c.After.Sub(c.Before) }

// YearOnYear is a year's forecast beside that of the year before, and why they differ; all in euros, as known on Day.
type YearOnYear struct {
	From, To              cal.FiscalYear
	Day                   cal.Date
	Before, After, Change money.Amount
	Parts                 []Part          // in the order of PartKinds
	Services              []ServiceChange // the greatest change first; those that cost nothing in either year are left out
	Complete              bool            // every amount of both years could be counted in euros
	KeptFrom              cal.Date        // first day of the register, when it lies after the first of the year before
}

// YearOnYear sets a fiscal year's forecast against that of the year before, both as known on the day, and tells why they
// differ. Each charge (what was paid for it, or what is still expected) is set against the charge that fell at the same
// place in the year before, and their difference is taken apart in this order, each step at what the steps before made of it:
//
//   - seats: the old charge for as many seats as are paid now, where both are paid by seat;
//   - price: the new price at the old rate. Between two plans or two cadences this step is the plan's;
//   - currency: the new rate. When the vendor went over to another currency, the old price at the rate of the new
//     charge's day comes first, as currency, and what is left is the price; with no rate for that day, and for a charge
//     that could not be converted in one of the years, all is currency;
//   - VAT: the rest, a change of the organisation's status or of what an invoice prints.
//
// A charge without such a counterpart is told by what the service was at that time of the other year: not in use, added
// or dropped; on another plan, the free one included, plan; given for nothing, price; in use on the same plan,
// calendar: a 14th charge every four weeks, a charge paid in January instead of December. A charge waived in one of the
// years is waived. What is paid outside the charges is other, with credit notes, reversals of a payment of another
// year, and what such a reversal made due again.
//
// The parts of a service sum to its change, and those of the year to the year's, to the cent. A year equal to the one
// before has none. The parts from a to b are not those from b to a with the other sign: price and seats that change
// together share their product, and the order above gives it to the price.
func (r *Register) YearOnYear(year cal.FiscalYear, day cal.Date) YearOnYear {
	before, after := r.Position(year.Prev(), day), r.Position(year, day)
	y := YearOnYear{
		From: year.Prev(), To: year, Day: day, Before: before.Forecast, After: after.Forecast, Change: after.Forecast.Sub(before.Forecast),
		Complete: before.Complete() && after.Complete(),
	}
	if kept := r.Organisation.KeptFrom; kept.After(year.Prev().Start) {
		y.KeptFrom = kept
	}
	was, is := r.yearItems(&before), r.yearItems(&after)
	services := make([]ID, 0, len(was)+len(is))
	for id := range was {
		services = append(services, id)
	}
	for id := range is {
		services = append(services, id)
	}
	slices.Sort(services)
	whole := partSums{}
	for _, id := range slices.Compact(services) {
		split := yearSplit{r: r, y: &y, parts: partSums{}}
		change := split.service(id, was[id], is[id])
		if change.Before.IsZero() && change.After.IsZero() && len(change.Parts) == 0 && !change.UnconvertedBefore && !change.Uncounted {
			continue
		}
		for _, p := range change.Parts {
			whole.add(Part{Kind: p.Kind, Amount: p.Amount, Charges: p.Charges})
		}
		y.Services = append(y.Services, change)
	}
	y.Parts = whole.list()
	slices.SortStableFunc(y.Services, func(a, b ServiceChange) int {
		return cmp.Or(b.Change().Abs().Cmp(a.Change().Abs()), cmp.Compare(a.ServiceID, b.ServiceID))
	})
	return y
}

// partSums gathers parts by kind.
type partSums map[PartKind]Part

// add takes a part of nothing for no part; what it is told with is that of the last.
func (s partSums) add(p Part) {
	if p.Amount.IsZero() {
		return
	}
	if was, ok := s[p.Kind]; ok {
		p.Amount, p.Charges = was.Amount.Add(p.Amount), was.Charges+p.Charges
		if !was.On.IsZero() {
			p.On = was.On
		}
	}
	s[p.Kind] = p
}

// list is the parts that come to something, in order.
func (s partSums) list() []Part {
	var out []Part
	for _, kind := range PartKinds {
		if p, ok := s[kind]; ok && !p.Amount.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

// yearSplit takes one service's difference apart.
type yearSplit struct {
	r     *Register
	y     *YearOnYear
	parts partSums
}

func (x *yearSplit) service(id ID, was, is yearSide) ServiceChange {
	c := ServiceChange{ServiceID: id, Before: was.total(), After: is.total()}
	c.ChargesBefore, c.UnconvertedBefore = was.counted()
	c.ChargesAfter, c.Uncounted = is.counted()
	c.RatedBefore, c.Rated = was.rated(), is.rated()
	pairs, gone, come := pairUp(was.charges, is.charges, x.y.From.Start, x.y.To.Start)
	for _, p := range pairs {
		x.pair(p[0], p[1])
	}
	// What fell at quite another place of the year, with nothing else changed, has its counterpart among the others.
	var moved, here []*yearItem
	for _, a := range gone {
		p := x.alone(a, a.place.AddMonths(12), PartDropped)
		if p.Kind == PartCalendar {
			moved = append(moved, a)
			continue
		}
		p.Amount, p.Was = a.cost.Neg(), a.bought()
		x.parts.add(p)
	}
	for _, b := range come {
		p := x.alone(b, b.place.AddMonths(-12), PartAdded)
		if p.Kind == PartCalendar {
			here = append(here, b)
			continue
		}
		p.Amount, p.Was, p.Now = b.cost, p.Now, b.bought()
		x.parts.add(p)
	}
	both := min(len(moved), len(here))
	for i := range both {
		x.pair(moved[i], here[i])
	}
	for _, a := range moved[both:] {
		x.parts.add(Part{Kind: PartCalendar, Amount: a.cost.Neg(), Charges: 1})
	}
	for _, b := range here[both:] {
		x.parts.add(Part{Kind: PartCalendar, Amount: b.cost, Charges: 1})
	}
	x.outside(id, was, is)
	c.Parts = x.parts.list()
	return c
}

// outside adds what was paid outside the charges. A service that never had a subscription is added by its first payment.
func (x *yearSplit) outside(id ID, was, is yearSide) {
	kind := PartOther
	if len(x.r.subsOf[id]) == 0 {
		switch {
		case len(was.outside) == 0:
			kind = PartAdded
		case len(is.outside) == 0:
			kind = PartDropped
		}
	}
	p := Part{Kind: kind, Amount: is.apart().Sub(was.apart()), Charges: len(was.outside) + len(is.outside)}
	if kind == PartAdded && len(is.outside) > 0 {
		p.On = is.outside[0].place
	}
	x.parts.add(p)
}

// alone tells the reason of a charge that has no counterpart: by what the service was at that time of the other year,
// which it leaves in Now. gone is what it is called when it was not in use.
func (x *yearSplit) alone(item *yearItem, then cal.Date, gone PartKind) Part {
	p := Part{Kind: PartCalendar, Charges: 1}
	s, ok := x.r.running(item.service, then)
	if ok {
		p.Now = Bought{PlanID: s.PlanID, Cadence: s.Cadence}
	}
	switch {
	case item.waived:
		p.Kind = PartWaived
	case !ok:
		p.Kind, p.On = gone, x.r.cameOrWent(item, gone)
	case s.PlanID != item.sub.PlanID || s.Cadence != item.sub.Cadence:
		p.Kind = PartPlan
	case then.Before(s.GrantEnds):
		p.Kind = PartPrice
	case gone == PartAdded && then.Before(s.firstCost()):
		p.Kind, p.On = gone, s.StartedOn
	case s.termsOn(then).Billed().IsZero():
		p.Kind = PartPrice
	case gone == PartAdded && then.Before(x.r.Organisation.KeptFrom):
		p.Kind = PartUnkept
	}
	return p
}

// cameOrWent is the day a service's subscription, or the one it took over from, began; or the day it ended.
func (r *Register) cameOrWent(item *yearItem, gone PartKind) cal.Date {
	if gone == PartDropped {
		return item.sub.EndsOn
	}
	on := item.sub.StartedOn
	for again := true; again; { // back over the switches
		again = false
		for _, at := range r.subsOf[item.service] {
			if s := &r.Subscriptions[at]; s.EndsOn == on && s.StartedOn.Before(on) {
				on, again = s.StartedOn, true
			}
		}
	}
	return on
}

package models

import (
	"cmp"
	"math/bits"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// yearItem is what one charge costs in a fiscal year: the payments made for it in that year and what is still open of it.
type yearItem struct {
	service   ID
	sub       *Subscription // nil for what is paid outside the charges
	on        cal.Date      // of the charge
	place     cal.Date      // day it is set beside the other year's by: the charge's, or the payment's in another year
	billed    money.Amount  // none when payments in two currencies make it up
	eur, cost money.Amount
	rated     Rated // the last of what makes it up in another currency
	unrated   bool  // a part of it could not be converted, and is left out
	waived    bool  // and nothing of it was paid
}

// yearSide is what a service costs in a year.
type yearSide struct {
	charges []*yearItem // in order of place
	outside []*yearItem
}

func (s yearSide) apart() money.Amount {
	sum := money.Zero(money.EUR)
	for _, o := range s.outside {
		sum = sum.Add(o.cost)
	}
	return sum
}

func (s yearSide) total() money.Amount {
	sum := s.apart()
	for _, c := range s.charges {
		sum = sum.Add(c.cost)
	}
	return sum
}

// rated is how the last foreign amount of the year became euros.
func (s yearSide) rated() Rated {
	var last Rated
	var on cal.Date
	for _, list := range [][]*yearItem{s.charges, s.outside} {
		for _, x := range list {
			if x.rated.Source != "" && !x.place.Before(on) {
				last, on = x.rated, x.place
			}
		}
	}
	return last
}

func (s yearSide) counted() (charges int, unrated bool) {
	for _, c := range s.charges {
		if !c.waived {
			charges++
		}
		unrated = unrated || c.unrated
	}
	for _, o := range s.outside {
		unrated = unrated || o.unrated
	}
	return charges, unrated
}

// yearItems are what a position's forecast is made of, by service and charge.
func (r *Register) yearItems(p *Position) map[ID]yearSide {
	g := itemsOf{r: r, p: p, charges: map[chargeKey]*yearItem{}, sides: map[ID]yearSide{}}
	in := g.spentIn()
	for i := range r.Payments {
		if pay := &r.Payments[i]; in.Contains(pay.PaidOn) && !g.annulled(pay, in) {
			g.addPayment(pay)
		}
	}
	for _, open := range [][]Charge{p.DueCharges, p.Still, p.UnconvertedCharges} {
		for i := range open {
			c := &open[i]
			if !c.Again.IsZero() { // it makes up for the reversal, which is outside the charges too
				g.addOutside(c.ServiceID, c.Again, c.Billed, c.Conversion, c.Cost)
				continue
			}
			g.add(g.of(c.SubscriptionID, c.ServiceID, c.On, c.On), c.Billed, c.Conversion, c.Cost)
		}
	}
	g.addWaivers()
	for _, item := range g.charges {
		side := g.sides[item.service]
		side.charges = append(side.charges, item)
		g.sides[item.service] = side
	}
	for _, side := range g.sides {
		for _, list := range [][]*yearItem{side.charges, side.outside} {
			slices.SortFunc(list, func(a, b *yearItem) int {
				return cmp.Or(a.place.Compare(b.place), a.on.Compare(b.on), cmp.Compare(a.subscription(), b.subscription()), a.cost.Cmp(b.cost))
			})
		}
	}
	return g.sides
}

// itemsOf gathers the items of a year.
type itemsOf struct {
	r       *Register
	p       *Position
	charges map[chargeKey]*yearItem
	sides   map[ID]yearSide
}

// spentIn is the days of the year whose payments the forecast counts as spent.
func (g *itemsOf) spentIn() cal.Span {
	in := g.p.Year.Span()
	in.To = cal.Min(in.To, g.p.Day.AddDays(1))
	return in
}

// annulled tells whether a payment and its reversal are both of those days, so that neither says anything.
func (g *itemsOf) annulled(pay *Payment, in cal.Span) bool {
	other, ok := find(g.r.Payments, cmp.Or(pay.ReversesID, pay.ReversedByID), func(x *Payment) ID { return x.ID })
	return ok && in.Contains(other.PaidOn)
}

func (g *itemsOf) addPayment(pay *Payment) {
	if _, ok := g.r.subscription(pay.SubscriptionID); ok && !pay.ChargeOn.IsZero() && pay.ReversesID == 0 && pay.Billed.IsPositive() {
		place := pay.ChargeOn
		if !g.p.Year.Span().Contains(place) {
			place = pay.PaidOn
		}
		g.add(g.of(pay.SubscriptionID, pay.ServiceID, pay.ChargeOn, place), pay.Billed, pay.Conversion(), pay.Cost)
		return
	}
	g.addOutside(pay.ServiceID, pay.PaidOn, pay.Billed, pay.Conversion(), pay.Cost)
}

func (g *itemsOf) addOutside(service ID, on cal.Date, billed money.Amount, by Conversion, cost money.Amount) {
	item := &yearItem{service: service, place: on, eur: money.Zero(money.EUR), cost: money.Zero(money.EUR)}
	g.add(item, billed, by, cost)
	side := g.sides[service]
	side.outside = append(side.outside, item)
	g.sides[service] = side
}

// of is the item of a charge, made when it is not there yet.
func (g *itemsOf) of(subscription, service ID, on, place cal.Date) *yearItem {
	key := chargeKey{subscription, on}
	item, ok := g.charges[key]
	if !ok {
		s, _ := g.r.subscription(subscription)
		item = &yearItem{service: service, sub: s, on: on, place: place, eur: money.Zero(money.EUR), cost: money.Zero(money.EUR)}
		g.charges[key] = item
	}
	return item
}

// add counts a payment or a charge in; no euros mean that it could not be converted.
func (g *itemsOf) add(item *yearItem, billed money.Amount, by Conversion, cost money.Amount) {
	switch {
	case item.eur.IsZero() && item.billed.IsNone() && !item.unrated:
		item.billed = billed
	case item.billed.Currency() == billed.Currency():
		item.billed = item.billed.Add(billed)
	default:
		item.billed = money.Amount{}
	}
	if cost.IsNone() {
		item.unrated = true
		return
	}
	item.eur, item.cost = item.eur.Add(by.EUR), item.cost.Add(cost)
	if by.Source != "" {
		item.rated = Rated{billed.Currency(), by}
	}
}

// addWaivers adds the charges that will not be paid, at nothing, so that their counterparts are known.
func (g *itemsOf) addWaivers() {
	in := g.p.Year.Span()
	for _, w := range g.r.Waivers {
		s, ok := g.r.subscription(w.SubscriptionID)
		if !ok || !in.Contains(w.ChargeOn) || w.On.After(g.p.Day) || w.ChargeOn.Before(g.r.Organisation.KeptFrom) {
			continue
		}
		if _, paid := g.charges[chargeKey{s.ID, w.ChargeOn}]; !paid {
			g.of(s.ID, s.ServiceID, w.ChargeOn, w.ChargeOn).waived = true
		}
	}
}

func (r *Register) subscription(id ID) (*Subscription, bool) {
	return find(r.Subscriptions, id, func(x *Subscription) ID { return x.ID })
}

func (i *yearItem) subscription() ID {
	if i.sub == nil {
		return 0
	}
	return i.sub.ID
}

func (i *yearItem) bought() Bought {
	b := Bought{PlanID: i.sub.PlanID, Cadence: i.sub.Cadence, Price: i.billed}
	if t := i.sub.termsOn(i.on); t.PerSeat && t.Seats > 0 {
		b.Seats = t.Seats
		if !i.billed.IsNone() {
			b.Price = i.billed.Prorate(1, int64(t.Seats))
		}
	}
	return b
}

// pairUp sets the charges of two years beside each other by their place in the year, at most half a period apart; one
// with a nearer neighbour leaves its own to that.
func pairUp(was, is []*yearItem, wasStart, isStart cal.Date) (pairs [][2]*yearItem, gone, come []*yearItem) {
	apart := func(a, b *yearItem) int {
		return isStart.DaysUntil(b.place) - wasStart.DaysUntil(a.place)
	}
	i, j := 0, 0
	for i < len(was) && j < len(is) {
		d := apart(was[i], is[j])
		switch reach := min(was[i].reach(), is[j].reach()); {
		case d > reach, i+1 < len(was) && abs(apart(was[i+1], is[j])) < abs(d):
			gone = append(gone, was[i])
			i++
		case -d > reach, j+1 < len(is) && abs(apart(was[i], is[j+1])) < abs(d):
			come = append(come, is[j])
			j++
		default:
			pairs = append(pairs, [2]*yearItem{was[i], is[j]})
			i, j = i+1, j+1
		}
	}
	return pairs, append(gone, was[i:]...), append(come, is[j:]...)
}

// reach is how many days away a charge finds its counterpart: half a period, and half a year at most.
func (i *yearItem) reach() int {
	const halfYear = 183
	k := i.sub.Cadence.IndexOn(i.sub.Anchor, i.on)
	days := i.sub.Cadence.Period(i.sub.Anchor, k).Days()
	if days == 0 || i.sub.Cadence.Unit == cal.Once {
		return halfYear
	}
	return min((days+1)/2, halfYear)
}

func abs(n int) int { return max(n, -n) }

// pair takes the difference between a charge and its counterpart apart, in the order YearOnYear tells.
func (x *yearSplit) pair(a, b *yearItem) {
	whole := b.cost.Sub(a.cost)
	is, was := b.bought(), a.bought()
	part := func(kind PartKind, amount money.Amount) {
		x.parts.add(Part{Kind: kind, Amount: amount, Charges: 1, Was: was, Now: is})
	}
	price := PartPrice
	if a.sub.PlanID != b.sub.PlanID || a.sub.Cadence != b.sub.Cadence {
		price = PartPlan
	}
	switch {
	case a.waived || b.waived:
		part(PartWaived, whole)
		return
	case a.unrated || b.unrated:
		part(PartCurrency, whole)
		return
	case a.billed.IsNone() || b.billed.IsNone():
		part(price, whole)
		return
	}
	steps, ok := x.steps(a, b, was.Seats, is.Seats)
	if !ok {
		part(price, whole)
		return
	}
	seats, rate, vat := steps.seated.Sub(a.cost), steps.rated, b.cost.Sub(steps.untaxed)
	rest := whole.Sub(seats).Sub(rate).Sub(vat)
	if cent := money.Euros(1); !cent.Less(vat.Abs()) && !(rest.IsZero() && rate.IsZero() && seats.IsZero()) {
		// A cent of rounding is no change of tax: it goes with what changed.
		switch {
		case !rest.IsZero():
			rest = rest.Add(vat)
		case !rate.IsZero():
			rate = rate.Add(vat)
		default:
			seats = seats.Add(vat)
		}
		vat = money.Zero(money.EUR)
	}
	part(PartSeats, seats)
	part(price, rest)
	part(PartVAT, vat)
	was.Price, is.Price = a.billed, b.billed // not of one seat: the euros are of the whole charge
	was.EUR, is.EUR = steps.wasEUR, steps.nowEUR
	part(PartCurrency, rate)
}

// yearSteps are the old charge as each change in turn leaves it.
type yearSteps struct {
	seated         money.Amount // for the new number of seats
	rated          money.Amount // what the rate alone changed
	untaxed        money.Amount // the new charge under the tax of the old one
	wasEUR, nowEUR money.Amount // one sum at the two rates
}

// steps works them out; false when an amount is out of all proportion.
func (x *yearSplit) steps(a, b *yearItem, wasSeats, nowSeats int) (s yearSteps, ok bool) {
	s.seated = a.cost
	if wasSeats > 0 && nowSeats > 0 && wasSeats != nowSeats {
		if s.seated, ok = scaled(a.cost, int64(nowSeats), int64(wasSeats)); !ok {
			return s, false
		}
	}
	if s.untaxed, ok = scaled(a.cost, b.eur.Units(), a.eur.Units()); !ok {
		return s, false
	}
	s.rated = money.Zero(money.EUR)
	var rated money.Amount
	switch {
	case b.billed.Currency() == money.EUR && a.billed.Currency() == money.EUR:
	case b.billed.Currency() == a.billed.Currency():
		// What is bought now, at the old rate and at the new.
		if rated, ok = scaled(a.cost, b.billed.Units(), a.billed.Units()); !ok {
			return s, false
		}
		s.rated, s.nowEUR = s.untaxed.Sub(rated), b.eur
		s.wasEUR, ok = scaled(a.eur, b.billed.Units(), a.billed.Units())
		return s, ok
	default:
		// What was bought then, at the old rate and at that of the new charge's day.
		held := x.r.rates.convert(a.billed, b.place, x.y.Day)
		if !held.OK() {
			s.rated = s.untaxed.Sub(s.seated)
			return s, true
		}
		if rated, ok = scaled(s.seated, held.EUR.Units(), a.eur.Units()); !ok {
			return s, false
		}
		if a.billed.Currency() != money.EUR { // euros have no rate to move
			s.rated, s.wasEUR, s.nowEUR = rated.Sub(s.seated), a.eur, held.EUR
		}
	}
	return s, true
}

// scaled is amount × part / whole when that is a sum somebody could have typed, a hundred times over.
func scaled(a money.Amount, part, whole int64) (money.Amount, bool) {
	if part < 0 || whole <= 0 || a.IsNegative() {
		return money.Amount{}, false
	}
	hi, lo := bits.Mul64(uint64(a.Units()), uint64(part)) //nolint:gosec // neither is negative
	if hi >= uint64(whole) {
		return money.Amount{}, false
	}
	if quotient, _ := bits.Div64(hi, lo, uint64(whole)); quotient > 100*uint64(money.MaxTyped) {
		return money.Amount{}, false
	}
	return a.Prorate(part, whole), true
}

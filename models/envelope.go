package models

import (
	"cmp"
	"slices"
	"strconv"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// ServiceCost is what one service costs in a fiscal year, in euros. Forecast = Spent + Due + Committed.
type ServiceCost struct {
	ServiceID                       ID
	Spent, Due, Committed, Forecast money.Amount
	Complete                        bool // nothing is left out for want of a rate
}

// FunctionYear is what the services of one function cost in a fiscal year, held against the function's share.
type FunctionYear struct {
	FunctionID                      ID           // 0 for services whose function is not known
	Share                           money.Amount // what it may cost; none when nothing was said
	Spent, Due, Committed, Forecast money.Amount
	Complete                        bool
}

// Over tells whether the function costs more than its share.
func (c FunctionYear) Over() bool { return !c.Share.IsNone() && c.Share.Less(c.Forecast) }

// CostByService takes a position apart by service, by ID; services with nothing in the year are left out. The parts sum
// to the position's to the cent.
func (r *Register) CostByService(p Position) []ServiceCost {
	zero := money.Zero(money.EUR)
	by := map[ID]*ServiceCost{}
	of := func(id ID) *ServiceCost {
		c, ok := by[id]
		if !ok {
			c = &ServiceCost{ServiceID: id, Spent: zero, Due: zero, Committed: zero, Forecast: zero, Complete: true}
			by[id] = c
		}
		return c
	}
	in := p.spentIn()
	for i := range r.Payments {
		if pay := &r.Payments[i]; in.Contains(pay.PaidOn) && pay.Converted() {
			c := of(pay.ServiceID)
			c.Spent = c.Spent.Add(pay.Cost)
		}
	}
	for _, x := range p.DueCharges {
		c := of(x.ServiceID)
		c.Due = c.Due.Add(x.Cost)
	}
	for _, x := range p.Still {
		c := of(x.ServiceID)
		c.Committed = c.Committed.Add(x.Cost)
	}
	for _, x := range p.UnconvertedCharges {
		of(x.ServiceID).Complete = false
	}
	for _, x := range p.UnconvertedPayments {
		of(x.ServiceID).Complete = false
	}
	list := make([]ServiceCost, 0, len(by))
	for _, c := range by {
		c.Forecast = c.Spent.Add(c.Due).Add(c.Committed)
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b ServiceCost) int { return cmp.Compare(a.ServiceID, b.ServiceID) })
	return list
}

// CostByFunction takes a position apart by function, in the organisation's order and the unknown one last; functions that
// cost nothing and have no share of the envelope are left out. The parts sum to the position's to the cent.
func (r *Register) CostByFunction(p Position) []FunctionYear {
	zero := money.Zero(money.EUR)
	by := map[ID]*FunctionYear{}
	of := func(id ID) *FunctionYear {
		c, ok := by[id]
		if !ok {
			c = &FunctionYear{FunctionID: id, Spent: zero, Due: zero, Committed: zero, Forecast: zero, Complete: true}
			by[id] = c
		}
		return c
	}
	for _, s := range r.CostByService(p) {
		sv, _ := r.Service(s.ServiceID)
		f, _ := r.Function(sv.FunctionID)
		c := of(f.ID)
		c.Spent, c.Due, c.Committed = c.Spent.Add(s.Spent), c.Due.Add(s.Due), c.Committed.Add(s.Committed)
		c.Forecast, c.Complete = c.Forecast.Add(s.Forecast), c.Complete && s.Complete
	}
	for _, s := range p.Envelope.Shares {
		of(s.FunctionID).Share = s.Ceiling
	}
	list := make([]FunctionYear, 0, len(by))
	for _, f := range append(r.ByPosition(), Function{}) {
		if c, ok := by[f.ID]; ok {
			list = append(list, *c)
			delete(by, f.ID)
		}
	}
	return list
}

// Tidy is the envelope with its shares by function, without those that say nothing.
func (e Envelope) Tidy() Envelope {
	e.Shares = slices.DeleteFunc(slices.Clone(e.Shares), func(s Share) bool { return s.Ceiling.IsNone() })
	slices.SortStableFunc(e.Shares, func(a, b Share) int { return cmp.Compare(a.FunctionID, b.FunctionID) })
	if len(e.Shares) == 0 {
		e.Shares = nil
	}
	return e
}

// ShareOf is what a function may cost of the envelope; none when nothing was said.
func (e Envelope) ShareOf(function ID) money.Amount {
	for _, s := range e.Shares {
		if s.FunctionID == function {
			return s.Ceiling
		}
	}
	return money.Amount{}
}

// Unshared is what no function's share takes of the ceiling.
func (e Envelope) Unshared() money.Amount {
	left := e.Ceiling
	for _, s := range e.Shares {
		left = left.Sub(s.Ceiling)
	}
	return left
}

// checkShares holds the shares: "share.<function>" for one of them, "shares" ("shares.above_ceiling") for all together.
func (e Envelope) checkShares(v *Invalid) {
	well := !v.Has("ceiling")
	for i, s := range e.Shares {
		field := "share." + strconv.FormatInt(int64(s.FunctionID), 10)
		switch {
		case s.FunctionID == 0:
			v.Add(field, "choose")
		case slices.ContainsFunc(e.Shares[:i], func(x Share) bool { return x.FunctionID == s.FunctionID }):
			v.Add(field, "duplicate")
		case checkEuros(v, field, s.Ceiling):
			continue
		}
		well = false
	}
	if well && e.Unshared().IsNegative() {
		v.Add("shares", "shares.above_ceiling", "over", e.Unshared().Abs())
	}
}

// ProposalReason is why an envelope is proposed as it is.
type ProposalReason string

// The reasons of a proposal.
const (
	ProposalKept    ProposalReason = "kept"    // that of the year before still holds the forecast
	ProposalRaised  ProposalReason = "raised"  // the forecast is over its ceiling
	ProposalLowered ProposalReason = "lowered" // the forecast is under its floor
	ProposalFirst   ProposalReason = "first"   // the year before had none
	ProposalNothing ProposalReason = "nothing" // nor does anything cost anything: there is nothing to propose from
)

// EnvelopeProposal is the envelope proposed for a fiscal year, and what it rests on, as known on Day.
type EnvelopeProposal struct {
	Envelope // its ID and Version are zero; Ceiling is none for ProposalNothing
	Why      ProposalReason
	Before   Envelope // of the year before; its ID is zero when it had none
	Day      cal.Date
	RunRate  money.Amount // the charges of the twelve months after Day
	Forecast money.Amount // of the year, every announced change counted
	Complete bool         // neither leaves out an amount for want of a rate
}

// ProposeEnvelope carries the envelope of the year before forward to a fiscal year. It is kept as long as what the year
// is expected to cost lies within it; else its ceiling is raised to the forecast (or its floor lowered to it), rounded
// outwards, and the other end goes along by as much. Shares of functions are carried forward, and shrink with the
// ceiling when they would no longer fit in it.
func (r *Register) ProposeEnvelope(year cal.FiscalYear, day cal.Date) EnvelopeProposal {
	position := r.Position(year, day)
	p := EnvelopeProposal{Why: ProposalKept, Day: day, Forecast: position.Forecast}
	p.RunRate, p.Complete = r.RunRate(day)
	p.Complete = p.Complete && position.Complete()
	before, ok := r.Envelope(year.Prev().Number())
	if before.Floor.IsNone() {
		before.Floor = money.Zero(money.EUR)
	}
	p.Before, p.Year = before, year.Number()
	cost := p.Forecast
	if cost.IsNegative() {
		cost = money.Zero(money.EUR)
	}
	down, up := outwards(cost)
	switch {
	case !ok && cost.IsZero():
		p.Why = ProposalNothing
		return p
	case !ok:
		p.Why, p.Floor, p.Ceiling = ProposalFirst, down, up
		return p
	}
	p.Floor, p.Ceiling, p.Shares = before.Floor, before.Ceiling, slices.Clone(before.Shares)
	switch {
	case before.Ceiling.Less(cost):
		p.Why, p.Ceiling = ProposalRaised, up
		if p.Floor = before.Floor.Add(up.Sub(before.Ceiling)); down.Less(p.Floor) { // a narrow one
			p.Floor = down
		}
		if before.Floor.IsZero() {
			p.Floor = before.Floor
		}
	case cost.Less(before.Floor):
		p.Why, p.Floor = ProposalLowered, down
		if p.Ceiling = before.Ceiling.Sub(before.Floor.Sub(down)); p.Ceiling.Less(up) {
			p.Ceiling = up
		}
	}
	if p.Unshared().IsNegative() {
		for i, s := range p.Shares {
			cut := s.Ceiling.Prorate(p.Ceiling.Units(), before.Ceiling.Units())
			p.Shares[i].Ceiling = money.New(cut.Units()/money.UnitsPerOne*money.UnitsPerOne, money.EUR)
		}
	}
	return p
}

// outwards are the round sums next to a cost, below (or equal) and above (or equal, and more than nothing): by 10 € from
// 100 € on and by 50 € from 500 €, by 100 € from 1 000 € on and by 500 € from 5 000 €, and so on.
func outwards(cost money.Amount) (down, up money.Amount) {
	step, whole := int64(money.UnitsPerOne), cost.Units()/money.UnitsPerOne
	for ; whole >= 100; whole /= 10 {
		step *= 10
	}
	if whole >= 50 {
		step *= 5
	}
	n := cost.Units() / step
	down = money.New(n*step, money.EUR)
	if up = down; down.Less(cost) || down.IsZero() {
		up = money.New((n+1)*step, money.EUR)
	}
	return down, up
}

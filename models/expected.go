package models

import (
	"cmp"
	"slices"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// fit is how well a line's amount agrees with what was expected.
type fit uint8

const (
	fitNone    fit = iota
	fitUnknown     // nothing to compare: no rate, and the bank does not say what was billed
	fitNear        // within half of it: a new price, a tax, a part
	fitStrong      // converted, and within RateMargin
	fitExact       // to the cent, in euros or in the currency billed
	fitAlone       // no fit of an edge: the pass of those that have the exact amount and nothing else
)

// RateMargin is by how many percent the euros debited may differ from a converted price and still be that price: card
// networks stay within one percent of the reference rate, and banks take two to three more. A rate typed for planning
// may be farther off; the pair is then proposed, but not as sure.
const RateMargin = 5

// The days around a charge on which a bank may book it: it books early when the vendor charges early, and late after a
// week-end, a failed card or a direct debit's notice. A payment typed by hand may bear a later day than the bank's.
const (
	mostEarly     = 3
	mostEarlyHand = 5
	mostLate      = 10
)

// expected is money that is awaited on the bank's side: an open charge, or a payment recorded without its line.
type expected struct {
	service     ID
	on          cal.Date
	early, late int          // days around it
	charge      Charge       // zero for a recorded payment
	payment     ID           // the first of its invoice
	services    []ID         // of an invoice over several
	billed      money.Amount // as invoiced, without its sign
	euros       money.Amount // without its sign; none when not known
	exact       bool         // euros are what the bank shows, not converted
	credit      bool         // money that comes back
	line        int
}

// window is how many days before and after its day something may be booked: together never more than half its cadence,
// or one month's debit could be another's.
func window(c cal.Cadence, mostEarly int) (early, late int) {
	half := 0
	switch c.Unit {
	case cal.Day:
		half = c.Every / 2
	case cal.Week:
		half = 7 * c.Every / 2
	case cal.Month:
		half = 28 * c.Every / 2
	case cal.Year, cal.Once:
		half = 365 / 2
	}
	early = min(mostEarly, half/4)
	return early, min(mostLate, half-early)
}

// expect gathers what the lines may be, ordered by day: around the days of the lines only.
func (m *matcher) expect() {
	m.of, m.worth = map[ID][]int{}, map[money.Amount][]int{}
	if len(m.lines) == 0 {
		return
	}
	in := cal.Inclusive(m.lines[0].Day.AddDays(-mostLate), m.lines[len(m.lines)-1].Day.AddDays(mostEarlyHand))
	m.expectCharges(in)
	m.expectRecorded(in)
	slices.SortFunc(m.expected, func(a, b expected) int {
		return cmp.Or(a.on.Compare(b.on), cmp.Compare(a.service, b.service), cmp.Compare(a.charge.SubscriptionID, b.charge.SubscriptionID), cmp.Compare(a.payment, b.payment))
	})
	m.paired, m.seenBy = make([]int, len(m.expected)), make([]int, len(m.expected))
	m.learnt = map[ID]bool{}
	for _, service := range m.h.Services {
		m.learnt[service] = true
	}
	for i := range m.expected {
		x := &m.expected[i]
		for _, service := range x.services {
			m.of[service] = append(m.of[service], i)
		}
		if x.exact {
			m.worth[x.euros] = append(m.worth[x.euros], i)
		} else if !x.billed.IsNone() {
			m.worth[x.billed] = append(m.worth[x.billed], i)
		}
	}
}

func (m *matcher) expectCharges(in cal.Span) {
	in.From = cal.Max(in.From, m.r.keptFrom(m.today))
	for _, c := range m.r.openCharges(in, m.today) {
		if !m.r.IsOpen(c) || m.r.Closed(c.On) || !c.Billed.IsPositive() {
			continue
		}
		x := expected{service: c.ServiceID, services: []ID{c.ServiceID}, on: c.On, charge: c, billed: c.Billed, euros: c.Conversion.EUR}
		x.exact = c.Billed.Currency() == money.EUR
		if s, ok := m.r.Subscription(c.SubscriptionID); ok {
			x.early, x.late = window(s.Cadence, mostEarly)
		}
		m.expected = append(m.expected, x)
	}
}

// expectRecorded gathers the payments that stand without their bank line. Those of one invoice left together, as one sum.
func (m *matcher) expectRecorded(in cal.Span) {
	invoices := map[ID][]*Payment{}
	var firsts []ID
	for i := range m.r.Payments {
		p := &m.r.Payments[i]
		if !p.Stands() || !in.Contains(p.PaidOn) || m.r.Closed(p.PaidOn) || p.Billed.IsNone() {
			continue
		}
		id := cmp.Or(p.InvoiceID, p.ID)
		if len(invoices[id]) == 0 {
			firsts = append(firsts, id)
		}
		invoices[id] = append(invoices[id], p)
	}
	for _, id := range firsts {
		all := invoices[id]
		if slices.ContainsFunc(all, func(p *Payment) bool { return m.h.Linked[p.ID] }) {
			continue
		}
		if x, ok := m.recorded(all); ok {
			m.expected = append(m.expected, x)
		}
	}
}

func (m *matcher) recorded(all []*Payment) (expected, bool) {
	first := all[0]
	x := expected{service: first.ServiceID, payment: first.ID, on: first.PaidOn, exact: true}
	cadence := cal.OneOff
	if s, ok := m.r.Subscription(first.SubscriptionID); ok && !first.ChargeOn.IsZero() {
		cadence = s.Cadence
	}
	x.early, x.late = window(cadence, mostEarlyHand)
	euros, known := money.Zero(money.EUR), true
	for _, p := range all {
		if !slices.Contains(x.services, p.ServiceID) {
			x.services = append(x.services, p.ServiceID)
		}
		if p.Billed.Currency() != first.Billed.Currency() {
			return x, false // no invoice is in two currencies
		}
		x.billed = x.billed.Add(p.Billed)
		switch {
		case p.Billed.Currency() == money.EUR:
			euros = euros.Add(p.Billed.Round())
		case !p.Debited.IsNone():
			euros = euros.Add(p.Debited)
		default:
			x.exact, known = false, known && p.Converted()
			euros = euros.Add(p.EUR)
		}
	}
	x.credit = x.billed.IsNegative()
	x.billed = x.billed.Abs()
	if known {
		x.euros = euros.Abs()
	}
	return x, !x.billed.IsZero()
}

// mostEdges bounds what is looked at for one run; a class may always have leastEdges of it. Only lines by the thousand
// that all name the same service, against charges by the hundred on the same days, come near it.
const mostEdges, leastEdges = 400_000, 32

// connect finds everything expected that the lines of a class could be.
func (m *matcher) connect(at int) {
	c := &m.classes[at]
	l := &m.lines[c.lines[0]]
	c.from, c.to = len(m.edges), len(m.edges)
	if c.closed {
		return
	}
	habitual := c.habit
	for _, n := range c.named {
		if n.service == c.habit {
			n.strength, habitual = namesHabit, 0
		}
		m.connectService(at, l, n)
	}
	if habitual != 0 {
		m.connectService(at, l, named{service: habitual, strength: namesHabit})
	}
	if !c.unfamiliar && (c.anonymous || len(c.named) == 0 && c.habit == 0) {
		m.connectAmount(at, l, c.anonymous)
	}
	if most := max(leastEdges, mostEdges/len(m.classes)); len(m.edges)-c.from > most {
		slices.SortStableFunc(m.edges[c.from:], func(a, b edge) int { return cmp.Compare(b.weight, a.weight) })
		m.edges = m.edges[:c.from+most]
	}
	c.to = len(m.edges)
}

// connectService looks at what is expected of a service the label stands for.
func (m *matcher) connectService(at int, l *BankLine, n named) {
	for _, x := range m.around(m.of[n.service], l.Day) {
		m.connectOne(at, l, x, n)
	}
}

// connectAmount looks at what is expected of exactly the line's amount. Of a service whose label has been learnt it is
// asked only when the line names nobody.
func (m *matcher) connectAmount(at int, l *BankLine, anonymous bool) {
	for _, amount := range []money.Amount{l.Amount.Abs(), l.Original.Abs()} {
		for _, x := range m.around(m.worth[amount], l.Day) {
			if anonymous || !m.learnt[m.expected[x].service] {
				m.connectOne(at, l, x, named{})
			}
		}
	}
}

// around are those of a list ordered by day whose day is near enough to be looked at.
func (m *matcher) around(list []int, day cal.Date) []int {
	at := func(d cal.Date) int {
		n, _ := slices.BinarySearchFunc(list, d, func(x int, d cal.Date) int { return m.expected[x].on.Compare(d) })
		return n
	}
	if len(list) == 0 {
		return nil
	}
	return list[at(day.AddDays(-mostLate)):at(day.AddDays(mostEarlyHand+1))]
}

// connectOne notes a pair when day, sign and amount allow it; of two ways to it the likelier.
func (m *matcher) connectOne(at int, l *BankLine, to int, n named) {
	x := &m.expected[to]
	days := x.on.DaysUntil(l.Day)
	if days < -x.early || days > x.late || x.credit != l.Amount.IsPositive() {
		return
	}
	f, closeness := x.fit(l)
	if f == fitNone {
		return
	}
	e := edge{class: at, expected: to, fit: f, named: n, days: days}
	e.weight = n.strength + closeness + 121 - dayCost(days)*dayCost(days)
	if x.payment != 0 {
		e.weight += 150 // what is recorded already must not be recorded again
	}
	if m.seenBy[to] == at+1 {
		for i := range m.edges[m.classes[at].from:] {
			if was := &m.edges[m.classes[at].from+i]; was.expected == to && was.weight < e.weight {
				*was = e
			}
		}
		return
	}
	m.seenBy[to] = at + 1
	m.edges = append(m.edges, e)
}

// dayCost is how much a day counts against a pair: banks are early less often than late. Its square is what is weighed, so
// that two lines two days late beat one on its day with another four days late, and pairs stay in order.
func dayCost(days int) int {
	if days < 0 {
		return -2 * days
	}
	return days
}

// fit compares a line's amount with the expected one, and says how close they are, for the weight.
func (x *expected) fit(l *BankLine) (f fit, closeness int) {
	amount, wanted, exact := l.Amount.Abs(), x.euros, x.exact
	foreign := x.billed.Currency() != money.EUR
	switch {
	case foreign && amount.Currency() == x.billed.Currency():
		wanted, exact = x.billed, true
	case foreign && l.Original.Currency() == x.billed.Currency() && !(exact && amount == wanted):
		amount, wanted, exact = l.Original.Abs(), x.billed, true
	case amount.Currency() != money.EUR:
		return fitNone, 0
	case wanted.IsNone():
		return fitUnknown, 10
	}
	apart := amount.Sub(wanted).Abs().Units()
	switch {
	case apart == 0:
		return fitExact, 300
	case !exact && 100*apart <= RateMargin*wanted.Units():
		return fitStrong, 250 - int(1000*apart/wanted.Units())
	case 2*apart <= wanted.Units():
		return fitNear, 100 - int(200*apart/wanted.Units())
	}
	return fitNone, 0
}

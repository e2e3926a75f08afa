package models

import (
	"cmp"
	"slices"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Reason is why a bank line is taken for what is proposed.
type Reason string

// The reasons of a proposal, in the order they are given.
const (
	ByHabit      Reason = "habit"       // earlier lines of this label paid this service
	ByVendor     Reason = "vendor"      // the label names the vendor or the service
	ByRecord     Reason = "recorded"    // the payment is recorded already, without its bank line
	ByAmount     Reason = "amount"      // the amount is exactly the expected one, in euros or as billed
	ByNearAmount Reason = "amount_near" // the amount is close: a rate, a fee or a new price explains it
	ByDay        Reason = "day"         // within NearDays of the day it was expected on
)

// Proposal is what one open bank line is taken for, until somebody confirms it.
type Proposal struct {
	Line      BankLine
	PaymentID ID // recorded already, without its bank line: confirming ties the two; the first of its invoice; 0 otherwise
	ServiceID ID
	Charge    Charge       // the expected charge it pays, Billed being what is left of it; zero when a recorded payment or none
	Billed    money.Amount // as invoiced, when that was in another currency; none for the line's own amount
	Sure      bool         // named by label or habit, of the amount, and nothing of another service fits as well
	Reasons   []Reason
	Gap       money.Amount // what left above what was expected, in euros; none when that is not known in euros
	Others    []Charge     // other open charges it could be, best first, at most MostOthers
}

// MostOthers is how many other charges a proposal names.
const MostOthers = 5

// NearDays is how far from its day a charge is still on its day: a week-end and a bank holiday.
const NearDays = 3

// Match is the proposal as it is confirmed.
func (p Proposal) Match() Match {
	return Match{
		Line: p.Line.ID, PaymentID: p.PaymentID, ServiceID: p.ServiceID,
		SubscriptionID: p.Charge.SubscriptionID, ChargeOn: p.Charge.On, Billed: p.Billed,
	}
}

// Matching is what is made of the open bank lines; each is in exactly one of the three.
type Matching struct {
	Proposals []Proposal  // by day of the line, then its ID
	Recurring []Recurring // debits that come back and match nothing: services nobody registered, dearest first
	Rest      []BankLine  // likewise by day
}

// Match proposes what the open bank lines are: an expected charge, or a payment recorded by hand that lacks its line, so
// that nothing is recorded twice. Each charge, payment and line is in at most one proposal, and the order of the lines
// changes nothing. A line whose label has paid a service before, and for which nothing is expected, is proposed for the
// service alone. Lines answered already are passed over; nothing is proposed for days of closed accounts and days to come.
//
// Pairs are the best overall, not the first found, among those of the greatest evidence: first those that the label names
// (or habit knows) with the right amount, then those it names with a near one, at last those of the exact amount alone.
// So what nobody knows never takes the place of what somebody does.
func (r *Register) Match(open []BankLine, h Habits, today cal.Date) Matching {
	m := matcher{r: r, h: h, today: today, keys: map[string]string{}}
	m.take(open)
	m.expect()
	m.classify()
	for i := range m.classes {
		m.connect(i)
	}
	for _, pass := range []fit{fitStrong, fitNear, fitAlone} {
		m.pair(pass)
	}
	m.release()
	m.propose()
	m.out.Recurring, m.out.Rest = m.comingBack()
	return m.out
}

// matcher is one run of Match.
type matcher struct {
	r     *Register
	h     Habits
	today cal.Date

	lines    []BankLine // that can be matched, in an order of their own
	key      []string   // of each
	rest     []BankLine // that cannot
	expected []expected
	of       map[ID][]int           // expected by service, by day
	worth    map[money.Amount][]int // and by what they are expected to show, by day
	classes  []class
	edges    []edge // by class
	keys     map[string]string
	out      Matching
	paired   []int       // edge+1 of each expected
	seenBy   []int       // class+1 that looked at each expected last
	learnt   map[ID]bool // services some label of which is known
}

// class is lines that nothing tells apart: one label key, day and amount.
type class struct {
	lines      []int // by ID
	used       int
	named      []named
	key        string
	anonymous  bool // the label names no sender, or one that collects for others
	from, to   int  // its edges
	habit      ID
	unfamiliar bool // set aside by its label: only strong evidence counts
	closed     bool // of accounts that are closed: it may come back, but nothing can be recorded of it
}

// take sorts the lines and leaves out those that cannot be matched.
func (m *matcher) take(open []BankLine) {
	lines := slices.DeleteFunc(slices.Clone(open), func(l BankLine) bool { return !l.Open() })
	slices.SortFunc(lines, compareLines)
	lines = slices.Compact(lines) // the same line given twice
	m.lines = lines[:0]
	for i := range lines {
		l := &lines[i]
		if l.Day.IsZero() || l.Day.After(m.today) || l.Amount.IsZero() || outOfRange(l.Amount) || outOfRange(l.Original) {
			m.rest = append(m.rest, *l)
			continue
		}
		m.lines = append(m.lines, *l)
	}
}

// outOfRange tells of a figure no payment can have.
func outOfRange(a money.Amount) bool {
	return a.Units() > money.MaxTyped || a.Units() < -money.MaxTyped
}

// compareLines orders by day and then by everything else, so that lines come in one order whatever they were given in.
func compareLines(a, b BankLine) int {
	if c := a.Day.Compare(b.Day); c != 0 {
		return c
	}
	if a.ID != b.ID {
		return cmp.Compare(a.ID, b.ID)
	}
	return cmp.Or(
		compareAmounts(a.Amount, b.Amount), strings.Compare(a.Label, b.Label), strings.Compare(a.Party, b.Party),
		cmp.Compare(a.AccountID, b.AccountID), compareAmounts(a.Original, b.Original),
	)
}

// compareAmounts orders by currency, then sum.
func compareAmounts(a, b money.Amount) int {
	return cmp.Or(strings.Compare(string(a.Currency()), string(b.Currency())), cmp.Compare(a.Units(), b.Units()))
}

// classify puts equal lines together and asks what each label names.
func (m *matcher) classify() {
	type sameness struct {
		key, words       string
		day              cal.Date
		amount, original money.Amount
	}
	at := make(map[sameness]int, len(m.lines))
	names := newNaming(m.r)
	var label, party labelScan
	var words []string
	m.key, m.classes = make([]string, len(m.lines)), make([]class, 0, len(m.lines))
	for i := range m.lines {
		l := &m.lines[i]
		m.key[i] = m.intern(l.told(&label, &party).key())
		words = names.wordsOf(&party, names.wordsOf(&label, words[:0]))
		s := sameness{m.key[i], m.intern(strings.Join(words, " ")), l.Day, l.Amount, l.Original}
		n, ok := at[s]
		if !ok {
			n = len(m.classes)
			at[s] = n
			m.classes = append(m.classes, class{
				key: s.key, named: names.services(words, s.words), anonymous: label.senderless() && party.senderless(), habit: m.h.Services[s.key], unfamiliar: m.h.Aside[s.key], closed: m.r.Closed(l.Day),
			})
		}
		m.classes[n].lines = append(m.classes[n].lines, i)
	}
}

// intern keeps one copy of equal texts: lines have few labels, and one shared text compares by its address.
func (m *matcher) intern(s string) string {
	if known, ok := m.keys[s]; ok {
		return known
	}
	m.keys[s] = s
	return s
}

// pair assigns, among what is still free, the pairs of one kind of evidence.
func (m *matcher) pair(pass fit) {
	var open []edge
	for i := range m.edges {
		e := &m.edges[i]
		c := &m.classes[e.class]
		if m.paired[e.expected] == 0 && c.used < len(c.lines) && m.passOf(c, e) == pass {
			open = append(open, *e)
		}
	}
	free := func(class int) int { return len(m.classes[class].lines) - m.classes[class].used }
	for _, e := range assign(open, free) {
		c := &m.classes[e.class]
		m.paired[e.expected] = m.edgeOf(c, e.expected) + 1
		m.expected[e.expected].line = c.lines[c.used]
		c.used++
	}
}

// edgeOf finds the edge of a class to something expected.
func (m *matcher) edgeOf(c *class, expected int) int {
	for i := c.from; i < c.to; i++ {
		if m.edges[i].expected == expected {
			return i
		}
	}
	return -1
}

// passOf tells in which pass an edge takes part; fitNone for in none. Habit says nothing of a near amount when the label
// names only who collects for others.
func (m *matcher) passOf(c *class, e *edge) fit {
	switch {
	case e.named.strength > 0 && e.fit >= fitStrong:
		return fitStrong
	case c.unfamiliar:
		return fitNone
	case e.named.strength > 0 && !(c.anonymous && e.named.words == 0):
		return fitNear
	case e.named.strength == 0 && e.fit == fitExact:
		return fitAlone
	}
	return fitNone
}

// propose writes the pairs down, and the lines that only habit knows.
func (m *matcher) propose() {
	for x, at := range m.paired {
		if at > 0 {
			m.out.Proposals = append(m.out.Proposals, m.proposal(&m.expected[x], &m.edges[at-1]))
		}
	}
	from := m.r.keptFrom(m.today)
	for i := range m.classes {
		c := &m.classes[i]
		if _, known := m.r.service(c.habit); !known || c.anonymous || c.unfamiliar || c.closed {
			continue
		}
		for c.used < len(c.lines) {
			l := m.lines[c.lines[c.used]]
			if l.Amount.IsPositive() || l.Day.Before(from) {
				break
			}
			c.used++
			p := Proposal{Line: l, ServiceID: c.habit, Reasons: []Reason{ByHabit}, Others: m.nearest(c.habit, l.Day)}
			if !l.Original.IsNone() && l.Original.Currency() != l.Amount.Currency() {
				p.Billed = l.Original.Abs()
			}
			m.out.Proposals = append(m.out.Proposals, p)
		}
	}
	slices.SortFunc(m.out.Proposals, func(a, b Proposal) int { return compareLines(a.Line, b.Line) })
}

// nearest are the open charges of a service nearest to a day that nothing has been paired with.
func (m *matcher) nearest(service ID, day cal.Date) []Charge {
	var near []int
	for _, x := range m.of[service] {
		if m.paired[x] == 0 && m.expected[x].payment == 0 {
			near = append(near, x)
		}
	}
	away := func(x int) int {
		n := m.expected[x].on.DaysUntil(day)
		return max(n, -n)
	}
	slices.SortStableFunc(near, func(a, b int) int { return cmp.Compare(away(a), away(b)) })
	return m.chargesOf(near)
}

func (m *matcher) chargesOf(expected []int) []Charge {
	var charges []Charge
	for _, x := range expected[:min(len(expected), MostOthers)] {
		charges = append(charges, m.expected[x].charge)
	}
	return charges
}

func (m *matcher) proposal(x *expected, e *edge) Proposal {
	c := &m.classes[e.class]
	l := m.lines[x.line]
	p := Proposal{Line: l, PaymentID: x.payment, ServiceID: x.service, Charge: x.charge, Sure: m.sure(c, e), Others: m.others(c, e)}
	if e.named.strength == namesHabit {
		p.Reasons = append(p.Reasons, ByHabit)
	}
	if e.named.words > 0 {
		p.Reasons = append(p.Reasons, ByVendor)
	}
	if x.payment != 0 {
		p.Reasons = append(p.Reasons, ByRecord)
	} else if billed := x.charge.Billed; billed.Currency() != l.Amount.Currency() {
		p.Billed = billed
		if l.Original.Currency() == billed.Currency() {
			p.Billed = l.Original.Abs()
		}
	}
	switch e.fit {
	case fitExact:
		p.Reasons = append(p.Reasons, ByAmount)
	case fitStrong, fitNear:
		p.Reasons = append(p.Reasons, ByNearAmount)
	case fitNone, fitUnknown, fitAlone:
	}
	if e.days <= NearDays && e.days >= -NearDays {
		p.Reasons = append(p.Reasons, ByDay)
	}
	if !x.euros.IsNone() && l.Amount.Currency() == money.EUR {
		p.Gap = l.Amount.Abs().Sub(x.euros)
	}
	return p
}

// sure tells whether a pair can be taken for granted: named, of the right amount, and without a rival of another service
// that is named as well, of an amount as right and on a day about as near.
func (m *matcher) sure(c *class, e *edge) bool {
	if e.named.strength == 0 || e.fit < fitStrong || c.unfamiliar {
		return false
	}
	for i := c.from; i < c.to; i++ {
		rival := &m.edges[i]
		other := m.expected[rival.expected].service != m.expected[e.expected].service
		if other && rival.named.strength >= e.named.strength && rival.fit >= e.fit && dayCost(rival.days) < dayCost(e.days)+NearDays {
			return false
		}
		if other && c.anonymous && rival.fit >= e.fit {
			return false
		}
	}
	return true
}

// others are the open charges a line could be instead, the likeliest first.
func (m *matcher) others(c *class, chosen *edge) []Charge {
	var rivals []*edge
	for i := c.from; i < c.to; i++ {
		if e := &m.edges[i]; e.expected != chosen.expected && m.expected[e.expected].payment == 0 {
			rivals = append(rivals, e)
		}
	}
	slices.SortStableFunc(rivals, func(a, b *edge) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.expected, b.expected))
	})
	near := make([]int, 0, len(rivals))
	for _, e := range rivals {
		near = append(near, e.expected)
	}
	return m.chargesOf(near)
}

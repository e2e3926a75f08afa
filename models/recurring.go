package models

import (
	"cmp"
	"slices"
	"strings"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Recurring is a debit that comes back regularly and that nobody knows: a service nobody registered, as a rule.
type Recurring struct {
	Key         string // of its lines, as BankLine.Key
	Name        string // as to show: the label without its noise
	Cadence     cal.Cadence
	Amount      money.Amount // of the last one, as money that left: positive
	Original    money.Amount // likewise, in the currency of the purchase; none when the bank does not say it
	First, Last cal.Date
	Yearly      money.Amount // what falls in the twelve months ahead, each at the last amount
	Lines       []BankLine   // by day
}

// rhythm is a cadence that debits may come back in, with what is allowed to it.
type rhythm struct {
	cadence cal.Cadence
	days    int // of one period, about
	drift   int // days between the earliest and the latest, counted from the regular day: week-ends, ends of months
	least   int // occurrences
}

// rhythms are tried in this order; a later one must fit better than an earlier by more than betterBy days, and days off
// count twice for weeks, which meet no week-end and no end of month: three months may look like twelve weeks. Weeks also need more occurrences: a shop
// visited three Saturdays running is no subscription.
var rhythms = []rhythm{
	{cal.Monthly, 30, 6, 3},
	{cal.Yearly, 365, 12, 2},
	{cal.Quarterly, 91, 8, 3},
	{cal.HalfYearly, 182, 8, 3},
	{cal.Cadence{Every: 4, Unit: cal.Week}, 28, 4, 3},
	{cal.Cadence{Every: 1, Unit: cal.Week}, 7, 2, 5},
}

const betterBy = 2

// comingBack parts the lines nobody knows into those that come back and the others.
func (m *matcher) comingBack() (found []Recurring, rest []BankLine) {
	groups, known := m.unknown()
	taken := make([]bool, len(m.lines))
	for _, group := range groups {
		if known[m.key[group[0]]] {
			continue
		}
		for _, c := range m.streams(group) {
			found = append(found, m.recurring(c.lines, c.cadence))
			for _, line := range c.lines {
				taken[line] = true
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Recurring) int {
		return cmp.Or(strings.Compare(string(a.Yearly.Currency()), string(b.Yearly.Currency())),
			cmp.Compare(b.Yearly.Units(), a.Yearly.Units()), strings.Compare(a.Key, b.Key), a.First.Compare(b.First))
	})
	rest = slices.Grow(m.rest, len(m.lines)-len(m.out.Proposals))
	for i := range m.classes {
		c := &m.classes[i]
		for _, line := range c.lines[c.used:] {
			if !taken[line] {
				rest = append(rest, m.lines[line])
			}
		}
	}
	slices.SortFunc(rest, compareLines)
	return found, rest
}

// release takes back pairs of lines that have nothing but the amount when their sender comes back regularly and most of
// what it debits paired with nothing: another service that costs the same in one month is chance.
func (m *matcher) release() {
	of := map[string][]int{} // classes that nothing names, by label key
	var keys []string
	for i := range m.classes {
		if c := &m.classes[i]; c.key != "" && len(c.named) == 0 && c.habit == 0 && !c.anonymous {
			if len(of[c.key]) == 0 {
				keys = append(keys, c.key)
			}
			of[c.key] = append(of[c.key], i)
		}
	}
	for _, key := range keys {
		var lines []int
		used := 0
		for _, i := range of[key] {
			used += m.classes[i].used
			lines = append(lines, m.classes[i].lines...)
		}
		if used == 0 || 2*used >= len(lines) {
			continue
		}
		slices.Sort(lines)
		if _, ok := m.rhythmOf(lines); !ok {
			continue
		}
		for _, i := range of[key] {
			m.classes[i].used = 0
		}
	}
	for x, at := range m.paired {
		if at > 0 && m.classes[m.edges[at-1].class].used == 0 {
			m.paired[x] = 0
		}
	}
}

// unknown are the debits left over, by label key and currency, each group by day; known are the keys somebody knows:
// of lines that were paired, of habit, set aside, or naming a service that is paid for.
func (m *matcher) unknown() (groups [][]int, known map[string]bool) {
	type sender struct {
		key      string
		currency money.Currency
	}
	known = map[string]bool{"": true}
	var senders gathered[sender]
	for i := range m.classes {
		c := &m.classes[i]
		if c.used > 0 && !c.anonymous || c.unfamiliar || c.habit != 0 || m.namesPaid(c) {
			known[c.key] = true
			continue
		}
		for _, line := range c.lines[c.used:] {
			if amount := m.lines[line].Amount; !amount.IsPositive() {
				senders.add(sender{c.key, amount.Currency()}, line)
			}
		}
	}
	for _, g := range senders.groups {
		slices.Sort(g) // lines are in order of their day
	}
	return senders.groups, known
}

// namesPaid tells whether the label holds the whole name of a service that costs something.
func (m *matcher) namesPaid(c *class) bool {
	return slices.ContainsFunc(c.named, func(n named) bool {
		if n.strength < namesGlued {
			return false
		}
		return slices.ContainsFunc(m.r.subsOf[n.service], func(at int) bool { return !m.r.Subscriptions[at].free() })
	})
}

// stream is debits of one sender that come back in one rhythm.
type stream struct {
	lines   []int
	cadence cal.Cadence
}

// streams are the debits of one sender as they come back: all together, or those of one amount each, for two
// subscriptions with one vendor. The latter count only when they are most of what that sender debits: among many visits
// to a shop some fall a month apart and cost the same.
func (m *matcher) streams(group []int) []stream {
	if c, ok := m.rhythmOf(group); ok {
		return []stream{{group, c}}
	}
	if len(group) < 2*leastStream {
		return nil
	}
	var amounts gathered[money.Amount]
	for _, line := range group {
		amount := m.lines[line].Amount
		if original := m.lines[line].Original; !original.IsNone() {
			amount = original
		}
		amounts.add(amount, line)
	}
	var found []stream
	covered := 0
	for _, p := range amounts.groups {
		if c, ok := m.rhythmOf(p); ok && len(p) >= leastStream {
			found = append(found, stream{p, c})
			covered += len(p)
		}
	}
	if 2*covered <= len(group) {
		return nil
	}
	return found
}

// leastStream is how many debits of one amount among others of one sender are a stream: one more than for a sender of
// one amount, because chance has more tries.
const leastStream = 4

// rhythmOf is the cadence debits come back in, when they do and still did of late.
func (m *matcher) rhythmOf(lines []int) (cal.Cadence, bool) {
	if len(lines) < 2 || !m.steady(lines) {
		return cal.Cadence{}, false
	}
	since := m.lines[lines[len(lines)-1]].Day.DaysUntil(m.today)
	best, drift := -1, 0
	for i := range rhythms {
		c := &rhythms[i]
		if len(lines) < c.least || 2*since > 3*c.days+2*NearDays {
			continue
		}
		d, ok := m.driftOf(lines, c)
		if c.cadence.Unit == cal.Week {
			d *= 2
		}
		if ok && (best < 0 || d+betterBy < drift) {
			best, drift = i, d
		}
	}
	if best < 0 {
		return cal.Cadence{}, false
	}
	return rhythms[best].cadence, true
}

// steady tells whether amounts go on from one to the next as prices and rates do: within a third. Fewer than a quarter
// of the steps may be larger: another plan.
func (m *matcher) steady(lines []int) bool {
	jumps := 0
	for i := 1; i < len(lines); i++ {
		a, b := m.lines[lines[i-1]].Amount.Units(), m.lines[lines[i]].Amount.Units()
		if apart := max(a-b, b-a); 3*apart > -min(a, b) { // both are negative
			jumps++
		}
	}
	return 4*jumps < len(lines)-1
}

// driftOf is how many days lie between the earliest and the latest of the debits, each counted from the day the cadence
// would have it on; false when one fits no period, two fit the same, or too many are missing.
func (m *matcher) driftOf(lines []int, c *rhythm) (drift int, ok bool) {
	first := m.lines[lines[0]].Day
	low, high, before, missing := 0, 0, 0, 0
	for _, line := range lines[1:] {
		day := m.lines[line].Day
		k := c.cadence.IndexOn(first, day.AddDays(c.days/2))
		off := c.cadence.Occurrence(first, k).DaysUntil(day)
		low, high = min(low, off), max(high, off)
		if k <= before || k > before+2 || high-low > c.drift {
			return 0, false
		}
		missing, before = missing+k-before-1, k
	}
	return high - low, 3*missing <= len(lines)-1
}

func (m *matcher) recurring(lines []int, c cal.Cadence) Recurring {
	last := &m.lines[lines[len(lines)-1]]
	r := Recurring{
		Key: m.key[lines[0]], Name: last.Name(), Cadence: c, Amount: last.Amount.Neg(),
		First: m.lines[lines[0]].Day, Last: last.Day,
	}
	if !last.Original.IsNone() {
		r.Original = last.Original.Abs()
	}
	times := int64(0)
	for range c.In(last.Day, NextYear(m.today)) {
		times++
	}
	r.Yearly = r.Amount.Times(times)
	for _, line := range lines {
		r.Lines = append(r.Lines, m.lines[line])
	}
	return r
}

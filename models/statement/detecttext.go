package statement

import (
	"slices"
	"strings"
)

// texts finds the columns of labels and of the other side's name.
func (g *guess) texts() {
	l := g.layout
	l.Party = g.party()
	isText := func(c col) bool { return c.filled == 0 || c.letters > 0 && !c.isDays() && !c.isFigures() }
	for i, n := range g.names {
		if n.rank(roleLabel) >= 0 && i < len(g.cols) && !g.taken[i+1] && i+1 != l.Party && isText(g.cols[i]) && (g.cols[i].filled > 0 || len(g.data) == 0) {
			l.Labels = append(l.Labels, i+1)
		}
	}
	if len(l.Labels) == 0 && l.Party != 0 {
		l.Labels = []int{l.Party}
		for i, n := range g.names {
			if n.folded == "reference" && i < len(g.cols) && g.cols[i].letters > 0 {
				l.Labels = append(l.Labels, i+1)
			}
		}
	}
	if len(l.Labels) == 0 {
		l.Labels = g.longest(isText)
	}
	for _, column := range l.Labels {
		g.take(column)
	}
	g.take(l.Party)
}

// longest finds the column of the longest texts, with another before it where it leaves cells empty.
func (g *guess) longest(isText func(c col) bool) []int {
	best := 0
	for i, c := range g.cols {
		if g.taken[i+1] || !isText(c) || c.letters == 0 || g.isNamed(i, roleAccount) || c.codes == c.filled {
			continue
		}
		if best == 0 || c.letters > g.cols[best-1].letters {
			best = i + 1
		}
	}
	if best == 0 {
		return nil
	}
	for i, c := range g.cols {
		if i+1 != best && !g.taken[i+1] && isText(c) && c.ways < c.filled && c.codes < c.filled && g.helps(i, best-1) {
			return []int{i + 1, best}
		}
	}
	return []int{best}
}

// helps tells whether a column says something where another says nothing.
func (g *guess) helps(column, other int) bool {
	at := func(row []string, i int) bool { return i < len(row) && row[i] != "" }
	return slices.ContainsFunc(g.data, func(row []string) bool { return at(row, column) && !at(row, other) })
}

// party is, of the columns that name the other side, the one that is filled most.
func (g *guess) party() int {
	best, bestRank := 0, 0
	for i, n := range g.names {
		rank := n.rank(roleParty)
		if rank < 0 || i >= len(g.cols) || g.taken[i+1] || g.cols[i].letters == 0 || g.cols[i].isDays() || g.cols[i].isFigures() {
			continue
		}
		filled := g.cols[i].filled
		if best == 0 || filled > g.cols[best-1].filled || filled == g.cols[best-1].filled && rank < bestRank {
			best, bestRank = i+1, rank
		}
	}
	return best
}

// details finds the columns that few banks have.
func (g *guess) details() {
	l := g.layout
	if l.Amount != 0 && g.cols[l.Amount-1].negatives == 0 {
		at := g.direction()
		if at == 0 && len(g.names) == 0 {
			for i, c := range g.cols {
				if c.ways > 0 && c.ways == c.filled && 2*c.filled > len(g.data) && !g.taken[i+1] {
					at = i + 1
				}
			}
		}
		l.Direction = g.take(at)
	}
	// Only where the amount is plainly called so: beside a gross and a net sum, the fee is in the net one.
	if l.Amount != 0 && l.Amount <= len(g.names) && (g.names[l.Amount-1].folded == "amount" || g.names[l.Amount-1].folded == "montant") {
		l.Fee = g.take(g.named(roleFee, col.isFigures))
	}
	g.originals()
	l.Reference = g.take(g.named(roleReference, func(c col) bool { return c.filled > 0 && c.distinct == c.filled }))
	l.State = g.take(g.named(roleState, func(c col) bool { return c.letters > 0 && c.distinct <= 8 }))
	l.AccountColumn = g.take(g.named(roleAccount, func(c col) bool { return c.filled > 0 && c.distinct <= 3 && 2*c.filled > len(g.data) }))
	if l.AccountColumn != 0 && !g.holdsAccounts(l.AccountColumn) {
		l.AccountColumn = 0
	}
}

// direction finds the column that says debit or credit. Where it is called so, a word in it that says neither is named on
// its line; a column of types also holds other words, and has to say it nearly everywhere.
func (g *guess) direction() int {
	says := func(tenths int) func(c col) bool {
		return func(c col) bool { return c.ways > 0 && 10*c.ways >= tenths*c.filled && 2*c.filled > len(g.data) }
	}
	at := g.first(roleDirection, says(9), says(5))
	if at != 0 && strings.Contains(g.names[at-1].folded, "type") && !says(9)(g.cols[at-1]) {
		return 0
	}
	return at
}

func (g *guess) originals() {
	l := g.layout
	at := g.named(roleOriginal, func(c col) bool { return c.could() })
	currency := g.named(roleOriginalCurrency, func(c col) bool { return c.filled == 0 || c.codes == c.filled })
	if at == 0 {
		return
	}
	withCode := false
	for _, row := range g.data {
		if at <= len(row) {
			f, rule := parseFigure([]byte(row[at-1]), l.Decimal[0])
			withCode = withCode || rule == "" && f.currency != ""
		}
	}
	if currency != 0 || withCode {
		l.Original, l.OriginalCurrency = g.take(at), g.take(currency)
	}
}

// holdsAccounts tells whether a column holds numbers of accounts.
func (g *guess) holdsAccounts(column int) bool {
	for _, row := range g.data {
		if column > len(row) || row[column-1] == "" {
			continue
		}
		digits := 0
		for _, r := range row[column-1] {
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		if digits < 4 || strings.Count(row[column-1], " ") > 8 {
			return false
		}
	}
	return true
}

package statement

import "strings"

// money finds the amount, or debit and credit, and how they are written.
func (g *guess) money() {
	l := g.layout
	debit, credit := g.first(roleDebit, col.could, col.hasFigure), g.first(roleCredit, col.could, col.hasFigure)
	amount := g.first(roleAmount, g.or(col.isFigures), col.hasFigure)
	switch {
	case debit != 0 && credit != 0 && debit != credit && (g.cols[debit-1].filled+g.cols[credit-1].filled > 0 || amount == 0):
		l.Debit, l.Credit = debit, credit
	case amount != 0:
		l.Amount = amount
	default:
		g.moneyByContent()
	}
	g.take(l.Amount)
	g.take(l.Debit)
	g.take(l.Credit)
	g.style()
}

// moneyByContent finds the sums where no name tells them.
func (g *guess) moneyByContent() {
	var found []int
	for i, c := range g.cols {
		// Numbers of cheques and codes have no decimals; sums nearly always do.
		if c.isFigures() && !g.taken[i+1] && 2*c.marked >= c.figures && !g.isNamed(i, roleBalance) {
			found = append(found, i+1)
		}
	}
	if len(found) == 0 {
		for i, c := range g.cols {
			if c.isFigures() && !g.taken[i+1] && !g.isNamed(i, roleBalance) {
				found = append(found, i+1)
			}
		}
	}
	for i, a := range found {
		for _, b := range found[i+1:] {
			if g.complementary(a, b) {
				g.layout.Debit, g.layout.Credit = a, b
				if g.cols[b-1].negatives > g.cols[a-1].negatives {
					g.layout.Debit, g.layout.Credit = b, a
				}
				return
			}
		}
	}
	for _, a := range g.withoutBalance(found) {
		best := g.layout.Amount
		if best == 0 || g.cols[best-1].negatives == 0 && g.cols[a-1].negatives > 0 {
			g.layout.Amount = a
		}
	}
}

func (g *guess) isNamed(i int, r role) bool { return i < len(g.names) && g.names[i].rank(r) >= 0 }

// complementary tells two columns of which each row fills one.
func (g *guess) complementary(a, b int) bool {
	rows, one, inA, inB := 0, 0, 0, 0
	for _, row := range g.data {
		hasA, hasB := isSum(row, a), isSum(row, b)
		if !hasA && !hasB {
			continue
		}
		rows++
		if hasA != hasB {
			one++
		}
		if hasA {
			inA++
		}
		if hasB {
			inB++
		}
	}
	return rows > 0 && 20*one >= 19*rows && inA > 0 && inB > 0
}

// isSum tells a cell that holds a sum other than zero.
func isSum(row []string, column int) bool {
	return column <= len(row) && strings.ContainsAny(row[column-1], "123456789")
}

// withoutBalance leaves the column out that is the running sum of another: a balance, read downwards or upwards.
func (g *guess) withoutBalance(found []int) []int {
	for _, balance := range found {
		for _, amount := range found {
			if amount != balance && g.runs(amount, balance) {
				var rest []int
				for _, f := range found {
					if f != balance {
						rest = append(rest, f)
					}
				}
				return rest
			}
		}
	}
	return found
}

// runs tells whether balance changes by amount from row to row.
func (g *guess) runs(amount, balance int) bool {
	steps, down, up := 0, 0, 0
	var last, lastAmount int64
	have := false
	for _, row := range g.data {
		a, okA := unitsAt(row, amount)
		b, okB := unitsAt(row, balance)
		if !okA || !okB {
			continue
		}
		if have && a != 0 && lastAmount != 0 {
			steps++
			if b-last == a {
				down++
			}
			if last-b == lastAmount {
				up++
			}
		}
		last, lastAmount, have = b, a, true
	}
	return steps > 0 && 10*max(down, up) >= 6*steps
}

func unitsAt(row []string, column int) (int64, bool) {
	if column > len(row) {
		return 0, false
	}
	cell := []byte(row[column-1])
	mark, _ := marks(cell)
	if mark == 0 {
		mark = ','
	}
	f, rule := parseFigure(cell, mark)
	return f.units, rule == ""
}

// style tells the decimal mark, how debits are written, and the currency.
func (g *guess) style() {
	l := g.layout
	comma, point := 0, 0
	for _, column := range []int{l.Amount, l.Debit, l.Credit} {
		if column == 0 {
			continue
		}
		comma += g.cols[column-1].comma
		point += g.cols[column-1].point
		if column <= len(g.names) && g.names[column-1].currency != "" {
			l.Currency = g.names[column-1].currency
		}
	}
	if point > comma {
		l.Decimal = "."
	}
	if l.Debit != 0 {
		if c := g.cols[l.Debit-1]; 2*c.negatives <= c.figures {
			l.Sign = SignPlus
		}
	}
	// A code that nobody knows is named on its line. Taken for euros, the others would be sums of another currency.
	if at := g.named(roleCurrency, func(c col) bool { return c.codes > 0 && 2*c.codes >= c.filled }); at != 0 {
		l.CurrencyColumn = g.take(at)
	} else if len(g.names) == 0 {
		for i, c := range g.cols {
			if c.codes > 0 && c.codes == c.filled && 2*c.filled > len(g.data) && !g.taken[i+1] && l.CurrencyColumn == 0 {
				l.CurrencyColumn = g.take(i + 1)
			}
		}
	}
	if l.CurrencyColumn != 0 {
		for _, row := range g.data {
			if l.CurrencyColumn <= len(row) {
				if c, ok := currencyIn(row[l.CurrencyColumn-1]); ok {
					l.Currency = c
					break
				}
			}
		}
	}
}

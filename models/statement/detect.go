package statement

import (
	"slices"
	"strings"

	"enveloppe/models/money"
)

// What detection looks at.
const (
	sampleRows  = 300
	sampleBytes = 512 << 10
)

// sample is the first rows of a file, cut by one delimiter.
type sample struct {
	rows  [][]string
	lines []int // where each begins in the file
	width int   // cells of the widest
}

func takeSample(plain []byte, e Encoding, comma string) sample {
	var s sample
	t := newTable(plain[:min(len(plain), sampleBytes)], comma)
	for len(s.rows) < sampleRows && t.next() {
		if t.at == sampleBytes && len(s.rows) > 0 {
			break // it may go on beyond
		}
		if t.long {
			continue
		}
		row := make([]string, len(t.cells))
		for i, c := range t.cells {
			text := string(c.text)
			if c.doubled {
				text = strings.ReplaceAll(text, `""`, `"`)
			}
			row[i] = clean([]byte(text), e)
		}
		s.rows, s.lines = append(s.rows, row), append(s.lines, t.row)
		s.width = max(s.width, len(row))
	}
	return s
}

// detect tells how a CSV file is best read: by the delimiter with which most lines come out. table is false when it
// does not even look like a table.
func detect(content []byte, e Encoding) (best Layout, table bool) {
	plain, encoding := plainBytes(content, e)
	most, widest := 0, -1
	for _, comma := range Delimiters {
		s := takeSample(plain, encoding, comma)
		l := s.guess()
		l.Encoding, l.Delimiter = e, comma
		lines, wide := 0, s.commonWidth()
		table = table || wide > 1 || l.Header > 0
		if len(l.Check(s.width)) == 0 {
			lines = countIn(content, l)
			wide += maxColumns // a header all of whose names are known says more than many cells
		}
		if lines > most || most == 0 && wide > widest {
			best, most, widest = l, lines, wide
		}
	}
	return best, table
}

// countIn counts the lines of a file's beginning.
func countIn(content []byte, l Layout) int {
	r := newRows(content[:min(len(content), sampleBytes)], l)
	n := 0
	for seen := 0; seen < sampleRows; seen++ {
		_, _, what, more := r.next()
		if !more {
			break
		}
		if what == isLine {
			n++
		}
	}
	return n
}

// commonWidth is the number of cells that most rows have, the larger of two; 0 when no two rows have as many.
func (s sample) commonWidth() int {
	count := map[int]int{}
	for _, row := range s.rows {
		count[len(row)]++
	}
	best := 0
	for width, n := range count {
		if n >= 2 && (n > count[best] || n == count[best] && width > best) {
			best = width
		}
	}
	return best
}

// guess tells the columns: by their names first, what they hold proving it, then by what they hold alone.
func (s sample) guess() Layout {
	l := Layout{DayOrder: DMY, Decimal: ",", Sign: SignMinus, Currency: money.EUR}
	at := headerLine(s.rows)
	data := s.rows
	var header []string
	if at >= 0 {
		header, data = s.rows[at], s.rows[at+1:]
		l.Header = s.lines[at]
		if !slices.ContainsFunc(data, isData) {
			data = nil
		}
	}
	cols := measure(data, s.width)
	if at < 0 {
		// Rows before the first line are its titles, and the last of them may be a header in unknown words.
		first := slices.IndexFunc(data, isData)
		if first < 0 {
			return l
		}
		if first > 0 && looksLikeHeader(data[first-1], data[first]) {
			header = data[first-1]
			l.Header = s.lines[first-1]
		}
		data = data[first:]
		cols = measure(data, s.width)
	}
	l.Names = trimRow(header)
	g := guess{layout: &l, cols: cols, data: data, taken: map[int]bool{}}
	for _, cell := range header {
		g.names = append(g.names, columnNameOf(cell))
	}
	g.day()
	g.onlyLines()
	g.money()
	g.texts()
	g.details()
	return l
}

// trimRow takes the empty cells off the end of a row.
func trimRow(row []string) []string {
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	return row
}

// isData tells a row with a day and a sum.
func isData(row []string) bool {
	var hasDay, hasSum bool
	for _, cell := range row {
		if orders([]byte(cell)) != [3]bool{} {
			hasDay = true
		} else if isFigure(cell) {
			hasSum = true
		}
	}
	return hasDay && hasSum
}

func isFigure(cell string) bool {
	if cell == "" || len(cell) > 40 {
		return false
	}
	mark, _ := marks([]byte(cell))
	if mark == 0 {
		mark = ','
	}
	_, rule := parseFigure([]byte(cell), mark)
	return rule == ""
}

// looksLikeHeader tells that a row names what the next one holds: as many cells, nearly all with words.
func looksLikeHeader(row, next []string) bool {
	words := 0
	for _, cell := range row {
		if cell != "" && !isFigure(cell) && orders([]byte(cell)) == [3]bool{} {
			words++
		}
	}
	return words >= 2 && len(trimRow(row)) >= len(trimRow(next))-1 && words >= len(trimRow(row))-1
}

// col is what one column of the data holds.
type col struct {
	filled    int
	days      [3]int // in each of DayOrders
	anyDay    int
	figures   int
	negatives int
	marked    int // figures with decimals
	comma     int // figures that prove a decimal comma
	point     int
	letters   int // in all cells
	codes     int // currencies' codes
	ways      int // words that say debit or credit
	distinct  int
}

func measure(data [][]string, width int) []col {
	cols := make([]col, width)
	for i := range cols {
		seen := map[string]bool{}
		for _, row := range data {
			if i < len(row) && row[i] != "" {
				cols[i].add(row[i])
				seen[row[i]] = true
			}
		}
		cols[i].distinct = len(seen)
	}
	return cols
}

func (c *col) add(cell string) {
	c.filled++
	fits := orders([]byte(cell))
	for i, ok := range fits {
		if ok {
			c.days[i]++
		}
	}
	if fits != [3]bool{} {
		c.anyDay++
	}
	if isFigure(cell) {
		c.figures++
		mark, proves := marks([]byte(cell))
		if f, _ := parseFigure([]byte(cell), mark); f.units < 0 {
			c.negatives++
		}
		if proves {
			c.marked++
			if mark == ',' {
				c.comma++
			} else {
				c.point++
			}
		}
	}
	for _, r := range cell {
		if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0x80 {
			c.letters++
		}
	}
	if _, ok := currencyIn(cell); ok {
		c.codes++
	}
	if _, ok := direction(cell); ok {
		c.ways++
	}
}

// currencyIn reads a cell that holds nothing but a currency, by its code or by its sign.
func currencyIn(cell string) (money.Currency, bool) {
	var f figure
	n := f.money([]byte(cell))
	return f.currency, n > 0 && n == len(cell)
}

// isDays tells a column of days; some of its cells may be empty or faulty.
func (c col) isDays() bool { return c.anyDay > 0 && 2*c.anyDay >= c.filled }

// isFigures tells a column of sums, which days are not.
func (c col) isFigures() bool {
	return c.figures > 0 && 10*c.figures >= 7*c.filled && 2*c.anyDay < c.filled
}

// could tells a column that might be one of sums: it is that or empty.
func (c col) could() bool { return c.filled == 0 || c.isFigures() }

// hasDay and hasFigure ask no more than one: in a short file few bad lines outweigh the good ones, and are to be named
// rather than hide what the header says.
func (c col) hasDay() bool    { return c.anyDay > 0 }
func (c col) hasFigure() bool { return c.figures > 0 && 2*c.anyDay < c.filled }

// guess fills a layout from the names of the columns and what they hold.
type guess struct {
	layout *Layout
	names  []columnName
	cols   []col
	data   [][]string
	taken  map[int]bool // columns counted from 1 that have their task
}

// named finds the column whose name fits a role best among those that hold what it must; 0 for none.
func (g *guess) named(r role, holds func(c col) bool) int {
	best, at := len(names[r]), 0
	for i, n := range g.names {
		rank := n.rank(r)
		if rank < 0 || i >= len(g.cols) || g.taken[i+1] || !holds(g.cols[i]) {
			continue
		}
		// Of the same day in two time zones, the organisation's.
		if rank < best || rank == best && r == roleDay && strings.Contains(n.folded, "local") {
			best, at = rank, i+1
		}
	}
	return at
}

// first is named for those that hold what is asked of them first, else for those that hold the least of it.
func (g *guess) first(r role, best, least func(c col) bool) int {
	if at := g.named(r, best); at != 0 {
		return at
	}
	return g.named(r, least)
}

// or lets the names alone decide in a file that has no line: a month in which nothing moved.
func (g *guess) or(holds func(c col) bool) func(c col) bool {
	if len(g.data) > 0 {
		return holds
	}
	return func(col) bool { return true }
}

func (g *guess) take(column int) int {
	if column != 0 {
		g.taken[column] = true
	}
	return column
}

// onlyLines leaves the rows without a day out of what is measured: titles and totals say nothing of the columns.
func (g *guess) onlyLines() {
	if g.layout.Day == 0 {
		return
	}
	g.data = slices.DeleteFunc(slices.Clone(g.data), func(row []string) bool {
		return len(row) < g.layout.Day || orders([]byte(row[g.layout.Day-1])) == [3]bool{}
	})
	g.cols = measure(g.data, len(g.cols))
}

func (g *guess) day() {
	l := g.layout
	l.Day = g.first(roleDay, g.or(col.isDays), col.hasDay)
	for i, c := range g.cols {
		if l.Day == 0 && c.isDays() {
			l.Day = i + 1
		}
	}
	if g.take(l.Day) == 0 {
		return
	}
	c := g.cols[l.Day-1]
	for i, order := range DayOrders {
		if c.days[i] > c.days[slices.Index(DayOrders, l.DayOrder)] {
			l.DayOrder = order
		}
	}
}

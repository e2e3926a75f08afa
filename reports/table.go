package reports

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// columnType says what a column holds, and so whether its cells are guarded against being taken for a formula.
type columnType byte

const (
	textColumn    columnType = iota // typed by people: guarded
	amountColumn                    // "-60,00"
	dayColumn                       // "31/12/2026"
	codeColumn                      // an account, a currency, a country, a fiscal year
	countColumn                     // seats
	percentColumn                   // "20", "5,5"
	rateColumn                      // "1,0714"
)

type column struct {
	title string
	kind  columnType
}

// table writes rows of typed cells as RFC 4180 has it, with semicolons and CRLF. Whatever the texts, a row is one line
// of the file. It keeps its first error, and stops.
type table struct {
	w       *bufio.Writer
	columns []column
	guard   guard
	encode  encoder
	row     []byte
	at      int // column to come
	err     error
	sheet   *sheet // the rows go there instead, when there is one
}

// byteOrderMark begins a UTF-8 file.
const byteOrderMark = "\ufeff"

func newTable(w io.Writer, o Options, columns []column) (*table, error) {
	t := &table{w: bufio.NewWriterSize(w, 64<<10), columns: columns, guard: guard{strip: o.ForProgram}}
	switch o.Encoding {
	case UTF8, "":
		t.row = append(t.row, byteOrderMark...)
	case Windows1252:
		t.encode = toWindows1252
	default:
		return nil, fmt.Errorf("write a table: no encoding %q", o.Encoding)
	}
	for _, c := range columns {
		t.separate()
		t.appendQuoted(t.encoded(c.title))
	}
	t.end()
	return t, t.err
}

// separate begins a cell.
func (t *table) separate() {
	if t.at > 0 && t.sheet == nil {
		t.row = append(t.row, ';')
	}
	t.at++
}

// begin begins a cell of a type and tells whether it may be written: a cell in another type's column is a fault of
// this program, and stops the export rather than shift a figure under another's title.
func (t *table) begin(kind columnType) bool {
	switch {
	case t.err != nil:
		return false
	case t.at >= len(t.columns):
		t.err = fmt.Errorf("write a table: more than %d cells in a row", len(t.columns))
		return false
	case t.columns[t.at].kind != kind:
		t.err = fmt.Errorf("write a table: a cell of another type under %q", t.columns[t.at].title)
		return false
	}
	t.separate()
	return true
}

// blank leaves a cell of any type empty.
func (t *table) blank() {
	kind := textColumn
	if t.at < len(t.columns) {
		kind = t.columns[t.at].kind
	}
	if t.begin(kind) {
		t.empty()
	}
}

// empty leaves the cell just begun without a value.
func (t *table) empty() {
	if t.sheet != nil {
		t.sheet.blank()
	}
}

// text writes what people typed.
func (t *table) text(s string) {
	switch {
	case !t.begin(textColumn):
	case t.sheet != nil:
		t.sheet.text(plainLook, oneLine(s))
	default:
		t.appendQuoted(t.guard.apply(t.encoded(oneLine(s)), s))
	}
}

func (t *table) encoded(s string) string {
	if t.encode == nil {
		return s
	}
	return t.encode(s)
}

// amount writes a sum with a decimal comma and no grouping; no amount is empty.
func (t *table) amount(a money.Amount) {
	switch {
	case !t.begin(amountColumn):
	case a.IsNone():
		t.empty()
	case t.sheet != nil:
		t.sheet.amountCell(a)
	default:
		t.checked(a.Comma(), isAmount)
	}
}

// day writes 31/12/2026; no day is empty.
func (t *table) day(d cal.Date) {
	switch {
	case !t.begin(dayColumn):
		return
	case d.IsZero():
		t.empty()
		return
	case t.sheet != nil:
		t.sheet.dayCell(d)
		return
	}
	var room [10]byte
	b := appendDigits(room[:0], d.Day(), 2)
	b = appendDigits(append(b, '/'), int(d.Month()), 2)
	b = appendDigits(append(b, '/'), d.Year(), 4)
	t.row = append(t.row, b...)
}

func appendDigits(b []byte, n, width int) []byte {
	for at := width - 1; at >= 0; at-- {
		digit := n
		for range at {
			digit /= 10
		}
		b = append(b, byte('0'+digit%10))
	}
	return b
}

// code writes an account, a currency, a country or a fiscal year.
func (t *table) code(s string) {
	if t.begin(codeColumn) {
		t.checked(s, isCode)
	}
}

func (t *table) count(n int) {
	switch {
	case !t.begin(countColumn):
	case t.sheet != nil:
		t.sheet.number(plainLook, strconv.Itoa(n))
	default:
		t.row = strconv.AppendInt(t.row, int64(n), 10)
	}
}

func (t *table) percent(p money.Percent) {
	if t.begin(percentColumn) {
		t.number(p.Comma(), p.String())
	}
}

// rate writes units of the foreign currency for one euro; no rate is empty.
func (t *table) rate(r money.Rate) {
	switch {
	case !t.begin(rateColumn):
	case r.IsZero():
		t.empty()
	default:
		t.number(r.Comma(), r.String())
	}
}

// number writes a figure that is no amount: with its comma, or as a number of a spreadsheet.
func (t *table) number(comma, plain string) {
	if t.sheet != nil {
		t.sheet.figure(plainLook, plain)
		return
	}
	t.checked(comma, isAmount)
}

// checked writes what a formatter gave, which is never escaped: a figure with an apostrophe is no longer a figure. One
// that does not look like a figure is a fault of this program, or of what was stored, and stops the export.
func (t *table) checked(s string, looksRight func(string) bool) {
	if s != "" && !looksRight(s) {
		t.err = fmt.Errorf("write a table: %q under %q", s, t.columns[t.at-1].title)
		return
	}
	if t.sheet != nil {
		t.sheet.text(plainLook, s)
		return
	}
	t.row = append(t.row, s...)
}

// appendQuoted writes a text between quotes where it needs them.
func (t *table) appendQuoted(s string) {
	if !needsQuotes(s) {
		t.row = append(t.row, s...)
		return
	}
	t.row = append(t.row, '"')
	for i := range len(s) {
		if s[i] == '"' {
			t.row = append(t.row, '"')
		}
		t.row = append(t.row, s[i])
	}
	t.row = append(t.row, '"')
}

func needsQuotes(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c == ';' || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	return s[0] == ' ' || s[len(s)-1] == ' '
}

// end ends the row.
func (t *table) end() {
	if t.err != nil {
		return
	}
	if t.at != len(t.columns) {
		t.err = fmt.Errorf("write a table: %d cells in a row of %d", t.at, len(t.columns))
		return
	}
	if t.sheet != nil {
		t.at = 0
		if err := t.sheet.endRow(); err != nil {
			t.err = fmt.Errorf("write a sheet: %w", err)
		}
		return
	}
	t.row = append(t.row, '\r', '\n')
	if _, err := t.w.Write(t.row); err != nil {
		t.err = fmt.Errorf("write a table: %w", err)
	}
	t.row, t.at = t.row[:0], 0
}

// close writes what is left, and gives the first error there was.
func (t *table) close() error {
	if t.err != nil {
		return t.err
	}
	if t.sheet != nil {
		if err := t.sheet.end(); err != nil {
			return fmt.Errorf("write a sheet: %w", err)
		}
		return nil
	}
	if err := t.w.Flush(); err != nil {
		return fmt.Errorf("write a table: %w", err)
	}
	return nil
}

// isAmount tells whether s is a plain number: digits, a minus sign before and a comma inside allowed.
func isAmount(s string) bool {
	if s[0] == '-' {
		s = s[1:]
	}
	comma := -1
	for i := range len(s) {
		switch c := s[i]; {
		case c == ',' && comma < 0 && i > 0:
			comma = i
		case c < '0' || c > '9':
			return false
		}
	}
	return s != "" && comma != len(s)-1
}

// isCode tells whether s is made of letters and digits, with a hyphen inside allowed.
func isCode(s string) bool {
	for i := range len(s) {
		c := s[i]
		alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if !alphanumeric && (c != '-' || i == 0) {
			return false
		}
	}
	return true
}

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
}

// byteOrderMark begins a UTF-8 file.
const byteOrderMark = "\ufeff"

func newTable(w io.Writer, o CSVOptions, columns []column) (*table, error) {
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
	if t.at > 0 {
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
	if t.at < len(t.columns) {
		t.begin(t.columns[t.at].kind)
		return
	}
	t.begin(textColumn)
}

// text writes what people typed.
func (t *table) text(s string) {
	if t.begin(textColumn) {
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
	if t.begin(amountColumn) && !a.IsNone() {
		t.checked(a.Comma(), isAmount)
	}
}

// day writes 31/12/2026; no day is empty.
func (t *table) day(d cal.Date) {
	if !t.begin(dayColumn) || d.IsZero() {
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
	if t.begin(countColumn) {
		t.row = strconv.AppendInt(t.row, int64(n), 10)
	}
}

func (t *table) percent(p money.Percent) {
	if t.begin(percentColumn) {
		t.checked(p.Comma(), isAmount)
	}
}

// rate writes units of the foreign currency for one euro; no rate is empty.
func (t *table) rate(r money.Rate) {
	if t.begin(rateColumn) && !r.IsZero() {
		t.checked(r.Comma(), isAmount)
	}
}

// checked writes what a formatter gave, which is never escaped: a figure with an apostrophe is no longer a figure. One
// that does not look like a figure is a fault of this program, or of what was stored, and stops the export.
func (t *table) checked(s string, looksRight func(string) bool) {
	if s != "" && !looksRight(s) {
		t.err = fmt.Errorf("write a table: %q under %q", s, t.columns[t.at-1].title)
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

package statement

import "bytes"

// Limits of one row. Beyond, it is no line of a statement, and a quote that nobody closed must not swallow the file.
const (
	maxRow   = 64 << 10 // bytes
	maxLines = 50       // lines of the file within one quoted cell
)

// cell is the bytes of one cell, without the quotes around them.
type cell struct {
	text    []byte
	doubled bool // holds quotes written twice
}

// table takes rows off the text of a CSV file. It keeps no more than the row at hand.
type table struct {
	content []byte
	comma   byte
	at      int // where the next row begins
	line    int // line of the file it begins on
	feed    int // a line feed, or the end: none lies before it from where it was looked for

	row   int // line of the file where the row at hand begins
	cells []cell
	long  bool   // the row was too long and has no cells
	raw   []byte // the row as it stands
}

func newTable(content []byte, comma string) *table {
	return &table{content: content, comma: comma[0], line: 1}
}

// next moves to the next row that is not blank.
func (t *table) next() bool {
	for t.at < len(t.content) {
		begin := t.at
		t.row, t.long, t.cells = t.line, false, t.cells[:0]
		switch end := t.lineEnd(t.at); {
		case end == t.at:
			t.at = t.newline(end)
			continue
		case end-t.at > maxRow:
			t.long = true
			t.at = t.newline(end)
		default:
			t.readRow(end)
		}
		t.raw = t.content[begin:t.at]
		if t.long || !t.blank() {
			return true
		}
	}
	return false
}

// blank tells whether nothing is in any cell.
func (t *table) blank() bool {
	for _, c := range t.cells {
		if len(bytes.TrimSpace(c.text)) > 0 {
			return false
		}
	}
	return true
}

// lineEnd is where the line of the file ends that holds at.
func (t *table) lineEnd(at int) int {
	// In a file whose lines end in a carriage return alone, looking for the other end each time would take for ever.
	if t.feed < at || t.feed == 0 {
		if t.feed = len(t.content); at < t.feed {
			if i := bytes.IndexByte(t.content[at:], '\n'); i >= 0 {
				t.feed = at + i
			}
		}
	}
	window := t.content[at:t.feed]
	if i := bytes.IndexByte(window, '\r'); i >= 0 {
		window = window[:i]
	}
	return at + len(window)
}

// newline steps over the end of a line, written in any of the three ways, and counts it.
func (t *table) newline(at int) int {
	if at < len(t.content) {
		t.line++
		if t.content[at] == '\r' && at+1 < len(t.content) && t.content[at+1] == '\n' {
			at++
		}
		at++
	}
	return at
}

// readRow takes the cells of a row whose first line ends at end.
func (t *table) readRow(end int) {
	for {
		text, after, quoted := t.quoted(t.at)
		if quoted {
			doubled := bytes.Contains(text, []byte(`""`))
			t.add(cell{text, doubled})
			if end < after { // the cell ran over lines
				end = t.lineEnd(after)
			}
		} else {
			after = end
			if i := bytes.IndexByte(t.content[t.at:end], t.comma); i >= 0 {
				after = t.at + i
			}
			t.add(cell{text: t.content[t.at:after]})
		}
		if after >= len(t.content) || t.content[after] != t.comma {
			t.at = t.newline(after)
			return
		}
		t.at = after + 1
	}
}

func (t *table) add(c cell) {
	if len(t.cells) < maxColumns {
		t.cells = append(t.cells, c)
	}
}

// quoted reads a cell in quotes that begins at at, and tells where it ends. A quote that is not closed as it should be
// is a character like any other.
func (t *table) quoted(at int) (text []byte, after int, ok bool) {
	if len(t.cells) >= maxColumns {
		return nil, 0, false
	}
	for at < len(t.content) && (t.content[at] == ' ' || t.content[at] == '=') { // ="0012" keeps a spreadsheet's zeros
		at++
	}
	if at >= len(t.content) || t.content[at] != '"' {
		return nil, 0, false
	}
	begin := at + 1
	window := t.content[begin:min(len(t.content), begin+maxRow)]
	lines := 0
	for i := 0; ; {
		n := bytes.IndexByte(window[i:], '"')
		if n < 0 {
			return nil, 0, false
		}
		lines += countLines(window[i : i+n])
		if lines > maxLines {
			return nil, 0, false
		}
		i += n
		if i+1 < len(window) && window[i+1] == '"' {
			i += 2
			continue
		}
		if t.closes(begin + i) {
			t.line += lines
			return window[:i], t.skipSpaces(begin + i + 1), true
		}
		if lines > 0 { // two lines that forgot a quote each
			return nil, 0, false
		}
		i++ // a quote inside: "LE "BON" COIN"
	}
}

// closes tells whether the quote at at is followed by the end of the cell.
func (t *table) closes(at int) bool {
	after := t.skipSpaces(at + 1)
	if after >= len(t.content) {
		return true
	}
	c := t.content[after]
	return c == t.comma || c == '\n' || c == '\r'
}

func (t *table) skipSpaces(at int) int {
	for at < len(t.content) && t.content[at] == ' ' {
		at++
	}
	return at
}

// countLines counts line ends, written in any of the three ways.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	for i := 0; i < len(b); i++ {
		j := bytes.IndexByte(b[i:], '\r')
		if j < 0 {
			break
		}
		if i += j; i+1 >= len(b) || b[i+1] != '\n' {
			n++
		}
	}
	return n
}

package eurofxref

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// unpack gives the text of a file: what stands in its archive when it is one. An archive that unpacks to more than
// MaxSize is given up where it passes it, whatever size it claims.
func unpack(content []byte) ([]byte, error) {
	if len(content) > MaxSize {
		return nil, &Unreadable{"rates.too_large"}
	}
	if !bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return bytes.TrimPrefix(content, []byte("\ufeff")), nil
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, &Unreadable{"rates.packed"}
	}
	for _, f := range archive.File {
		if ext := strings.ToLower(path.Ext(f.Name)); ext != ".csv" && ext != ".xml" {
			continue
		}
		packed, err := f.Open()
		if err != nil {
			return nil, &Unreadable{"rates.packed"}
		}
		body, err := io.ReadAll(io.LimitReader(packed, MaxSize+1))
		switch err = errors.Join(err, packed.Close()); {
		case len(body) > MaxSize:
			return nil, &Unreadable{"rates.too_large"}
		case err != nil:
			return nil, &Unreadable{"rates.packed"}
		}
		return bytes.TrimPrefix(body, []byte("\ufeff")), nil
	}
	return nil, &Unreadable{"rates.packed"}
}

func isXML(body []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("<")) }

// maxDepth is more than the Bank nests: an envelope, a cube of days, a day, a currency.
const maxDepth = 16

// readXML reads <Cube time="2024-04-26"><Cube currency="USD" rate="1.0714"/>…
func (t *table) readXML(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	var day cal.Date
	var dayDepth, depth int
	for {
		token, err := d.RawToken()
		if err == io.EOF { //nolint:errorlint // RawToken gives it bare, and wrapped it means something else
			if depth != 0 {
				return &Unreadable{"rates.truncated"}
			}
			return nil
		}
		if err != nil {
			if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok && strings.Contains(syntax.Msg, "unexpected EOF") {
				return &Unreadable{"rates.truncated"}
			}
			return &Unreadable{"rates.malformed"}
		}
		row, _ := d.InputPos()
		switch e := token.(type) {
		case xml.Directive: // <!DOCTYPE …>
			return &Unreadable{"rates.entities"}
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return &Unreadable{"rates.malformed"}
			}
			if depth == 1 && e.Name.Local != "Envelope" {
				return &Unreadable{"rates.unknown"}
			}
			if text := attribute(e, "time"); text != "" && e.Name.Local == "Cube" {
				if day, err = t.day(row, text); err != nil {
					return err
				}
				dayDepth = depth
			} else if e.Name.Local == "Cube" && depth == dayDepth+1 && !day.IsZero() {
				err = t.cube(row, day, e)
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			if depth == dayDepth {
				day, dayDepth = cal.Date{}, 0
			}
			if depth--; depth < 0 {
				return &Unreadable{"rates.malformed"}
			}
		}
	}
}

// cube reads one currency of a day.
func (t *table) cube(row int, day cal.Date, e xml.StartElement) error {
	code := attribute(e, "currency")
	switch {
	case !isCode(code):
		return t.fault(row, "rates.columns", code)
	case code == string(money.EUR) || !t.wanted(money.Currency(code)):
		return nil
	}
	text := strings.TrimSpace(attribute(e, "rate"))
	if text == "" {
		return t.fault(row, "rates.figure", code)
	}
	return t.figure(row, day, money.Currency(code), text)
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// header reads the first line of a CSV, "Date,USD,JPY,…": its cells, and what separates them.
func header(body []byte) (cells []string, separator byte, ok bool) {
	first, _, _ := bytes.Cut(bytes.TrimLeft(body, " \t\r\n"), []byte("\n"))
	if len(first) > 4096 {
		return nil, 0, false
	}
	at := bytes.IndexAny(first, ",;\t")
	if at < 0 {
		return nil, 0, false
	}
	separator = first[at]
	cells = split(string(first), separator)
	if !strings.EqualFold(cells[0], "Date") {
		return nil, 0, false
	}
	for _, c := range cells[1:] {
		if c != "" && !isCode(c) {
			return nil, 0, false
		}
		ok = ok || c != ""
	}
	return cells, separator, ok
}

// readCSV reads the Bank's "Date,USD,JPY,…," with a line a day, and what a spreadsheet makes of it. A line shorter than
// the header has been cut, and its last figure with it: nothing of it is taken.
func (t *table) readCSV(body []byte) error {
	columns, separator, ok := header(body)
	if !ok {
		return &Unreadable{"rates.unknown"}
	}
	row, headed := 0, false
	for len(body) > 0 {
		var line []byte
		line, body, _ = bytes.Cut(body, []byte("\n"))
		row++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !headed {
			headed = true
			continue
		}
		if err := t.line(row, columns, split(string(line[:min(len(line), 8192)]), separator)); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) line(row int, columns, cells []string) error {
	if len(cells) != len(columns) {
		return t.fault(row, "rates.columns", strings.Join(cells, ","))
	}
	day, err := t.day(row, cells[0])
	if err != nil || day.IsZero() {
		return err
	}
	for i, c := range columns[1:] {
		if c == "" || c == string(money.EUR) || !t.wanted(money.Currency(c)) {
			continue
		}
		if err := t.figure(row, day, money.Currency(c), cells[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// split cuts a line into cells, without their spaces and quotes. A quote holds within its line only, so that a stray one
// does not swallow the file.
func split(line string, separator byte) []string {
	var cells []string
	start, quoted := 0, false
	for i := 0; i <= len(line); i++ {
		if i < len(line) && line[i] == '"' {
			quoted = !quoted
		}
		if i == len(line) || (line[i] == separator && !quoted) {
			cells = append(cells, strings.TrimSpace(strings.Trim(strings.TrimSpace(line[start:i]), `"`)))
			start = i + 1
		}
	}
	return cells
}

// readDay reads 2024-04-26, as people type it, and "26 April 2024" of the Bank's daily CSV.
func readDay(text string) (cal.Date, bool) {
	if d, err := cal.ParseTyped(text); err == nil {
		return d, true
	}
	at, err := time.Parse("2 January 2006", text)
	if err != nil || at.Year() < 1970 || at.Year() > 2199 {
		return cal.Date{}, false
	}
	return cal.Of(at), true
}

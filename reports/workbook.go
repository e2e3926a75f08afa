package reports

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// widths of columns, in characters.
var columnWidths = map[columnType]int{
	textColumn: 28, amountColumn: 13, dayColumn: 12, codeColumn: 10, countColumn: 9, percentColumn: 9, rateColumn: 10,
}

// WorkbookXLSX writes the journal, the invoices, the prepaid expense and the register as one workbook, a sheet each, with
// their titles kept in sight. An entry whose debits are not its credits stops it before the first byte.
func WorkbookXLSX(w io.Writer, r *models.Register, p Period, day cal.Date, o Options) error {
	if err := writeWorkbook(w, r, p, day, o); err != nil {
		return fmt.Errorf("export the workbook of %s: %w", p.Label(), err)
	}
	return nil
}

func writeWorkbook(w io.Writer, r *models.Register, p Period, day cal.Date, o Options) error {
	l := newLedger(r, p, o)
	if err := l.sound(); err != nil {
		return err
	}
	sheets := []struct {
		name    string
		columns []column
		write   func(*table)
	}{
		{"Journal", journalColumns, l.journal},
		{"Factures", invoiceColumns, l.invoices},
		{"CCA", prepaidColumns, l.prepaid},
		{"Registre", registerColumns, newInventory(r, day).write},
	}
	names := make([]string, len(sheets))
	for i, s := range sheets {
		names[i] = s.name
	}
	book, err := newXLSX(w, names)
	if err != nil {
		return err
	}
	for i, s := range sheets {
		t, err := newSheet(book, i, s.columns)
		if err != nil {
			return err
		}
		s.write(t)
		if err := t.close(); err != nil {
			return err
		}
	}
	return book.close()
}

// newSheet begins the i-th sheet with its titles, which stay in sight while one scrolls.
func newSheet(book *xlsx, i int, columns []column) (*table, error) {
	widths := make([]int, len(columns))
	for n, c := range columns {
		widths[n] = columnWidths[c.kind]
	}
	part, err := book.begin(i, widths)
	if err != nil {
		return nil, err
	}
	for _, c := range columns {
		part.text(headLook, c.title)
	}
	return &table{columns: columns, sheet: part}, part.endRow()
}

// mostFigures a number may have for every spreadsheet to give it back as it is: they compute in binary fractions, of
// which each decimal of fifteen figures has its own. No amount that can be typed has more than eleven.
const mostFigures = 15

// figure writes a number as its decimals, exactly; a longer one than spreadsheets hold stays a text rather than change.
func (s *sheet) figure(as look, plain string) {
	if len(strings.TrimLeft(strings.Replace(strings.TrimPrefix(plain, "-"), ".", "", 1), "0")) > mostFigures {
		s.text(plainLook, plain)
		return
	}
	s.number(as, plain)
}

func (s *sheet) amountCell(a money.Amount) { s.figure(amountLook, a.Plain()) }

// Days of spreadsheets are counted from here; those before March 1900, which programs disagree on, stay texts.
var (
	spreadsheetZero  = cal.MustNew(1899, time.December, 30)
	spreadsheetFirst = cal.MustNew(1900, time.March, 1)
)

func (s *sheet) dayCell(d cal.Date) {
	if d.Before(spreadsheetFirst) {
		s.text(plainLook, dayText(d))
		return
	}
	s.number(dayLook, strconv.Itoa(spreadsheetZero.DaysUntil(d)))
}

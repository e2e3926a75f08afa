package reports_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// spreadsheet is a workbook read back by what the standard library offers, without the library that wrote it: the parts
// of the zip as the standard (ECMA-376) names them.
type spreadsheet struct {
	names  []string
	sheets map[string]*worksheet
}

type worksheet struct {
	rows   [][]xcell
	frozen string // rows kept in sight, and the first cell below
}

// xcell is a cell with its type as the format has it: a number, a text, nothing.
type xcell struct {
	number, text, format string
	formula              bool
}

// plain is what a file of text would hold of it.
func (c xcell) plain(t testing.TB) string {
	t.Helper()
	switch {
	case c.formula:
		t.Fatal("a formula")
	case c.number == "":
		return c.text
	case c.format == "dd/mm/yyyy":
		n, err := strconv.Atoi(c.number)
		if err != nil {
			t.Fatalf("%q is no whole day", c.number)
		}
		d := cal.MustNew(1899, 12, 30).AddDays(n) // day 60 was never: all days here come after it
		return fmt.Sprintf("%02d/%02d/%04d", d.Day(), d.Month(), d.Year())
	}
	return strings.Replace(c.number, ".", ",", 1)
}

func part(t testing.TB, z *zip.Reader, name string, into any) {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err == nil {
		err = xml.Unmarshal(content, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func openSpreadsheet(t testing.TB, data []byte) spreadsheet {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	part(t, z, "xl/workbook.xml", &book)
	var relations struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	part(t, z, "xl/_rels/workbook.xml.rels", &relations)
	formats := formatsOf(t, z)
	out := spreadsheet{sheets: map[string]*worksheet{}}
	for _, s := range book.Sheets {
		for _, r := range relations.All {
			if r.ID == s.ID {
				out.names = append(out.names, s.Name)
				out.sheets[s.Name] = readSheetPart(t, z, "xl/"+strings.TrimPrefix(strings.TrimPrefix(r.Target, "/"), "xl/"), formats)
			}
		}
	}
	return out
}

// formatsOf are the number formats of the styles of cells, by place.
func formatsOf(t testing.TB, z *zip.Reader) []string {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	part(t, z, "xl/styles.xml", &styles)
	var all []string
	for _, c := range styles.Cells {
		code := map[int]string{4: "#,##0.00"}[c.ID] // one of those the standard itself numbers
		for _, f := range styles.Formats {
			if f.ID == c.ID {
				code = f.Code
			}
		}
		all = append(all, code)
	}
	return all
}

func readSheetPart(t testing.TB, z *zip.Reader, name string, formats []string) *worksheet {
	var content struct {
		Pane struct {
			Rows  string `xml:"ySplit,attr"`
			Top   string `xml:"topLeftCell,attr"`
			State string `xml:"state,attr"`
		} `xml:"sheetViews>sheetView>pane"`
		Rows []struct {
			Cells []struct {
				At      string  `xml:"r,attr"`
				Style   int     `xml:"s,attr"`
				Type    string  `xml:"t,attr"`
				Value   string  `xml:"v"`
				Text    string  `xml:"is>t"`
				Formula *string `xml:"f"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	part(t, z, name, &content)
	w := &worksheet{frozen: content.Pane.Rows + " " + content.Pane.Top + " " + content.Pane.State}
	for n, row := range content.Rows {
		var cells []xcell
		for _, c := range row.Cells {
			letters := strings.TrimRight(c.At, "0123456789")
			if c.At[len(letters):] != strconv.Itoa(n+1) {
				t.Fatalf("%s: cell %s in row %d", name, c.At, n+1)
			}
			at := 0
			for _, l := range letters {
				at = at*26 + int(l-'A') + 1
			}
			for len(cells) < at-1 {
				cells = append(cells, xcell{})
			}
			x := xcell{format: formats[c.Style], formula: c.Formula != nil}
			switch c.Type {
			case "", "n":
				x.number = c.Value
			case "inlineStr":
				x.text = c.Text
			default:
				t.Fatalf("%s: cell %s of type %q", name, c.At, c.Type)
			}
			cells = append(cells, x)
		}
		if len(w.rows) > 0 { // cells left out at the end of a row
			cells = append(cells, make([]xcell, max(0, len(w.rows[0])-len(cells)))...)
		}
		w.rows = append(w.rows, cells)
	}
	return w
}

// dump is a workbook as text, for the eye: numbers with their format, texts between quotes.
func (s spreadsheet) dump() string {
	var b strings.Builder
	for _, name := range s.names {
		fmt.Fprintf(&b, "== %s (%s)\n", name, s.sheets[name].frozen)
		for _, row := range s.sheets[name].rows {
			for i, c := range row {
				if i > 0 {
					b.WriteString(" | ")
				}
				if c.number != "" {
					b.WriteString(c.number + " [" + c.format + "]")
				} else if c.text != "" {
					b.WriteString(strconv.Quote(c.text))
				}
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestWorkbook(t *testing.T) {
	o := reports.Options{Closing: true, Digits: 8}
	data := export(t, reports.Workbook, models.NewRegister(closing()), reports.Whole(year2026), o)
	book := openSpreadsheet(t, data)
	golden(t, "workbook.txt", []byte(book.dump()))
	if want := []string{"Journal", "Factures", "CCA", "Registre"}; !slices.Equal(book.names, want) {
		t.Errorf("sheets %q, want %q", book.names, want)
	}
	for name, s := range book.sheets {
		if s.frozen != "1 A2 frozen" {
			t.Errorf("%s: the titles are not kept in sight: %q", name, s.frozen)
		}
	}
	if again := export(t, reports.Workbook, models.NewRegister(closing()), reports.Whole(year2026), o); !bytes.Equal(data, again) {
		t.Fatal("the same register gives other bytes")
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Modified.Year() > 1980 {
			t.Errorf("%s is dated %v", f.Name, f.Modified)
		}
	}
}

// sheetKinds are the files whose rows the sheets hold.
var sheetKinds = map[string]string{"Journal": reports.Journal, "Factures": reports.Invoices, "CCA": reports.Prepaid, "Registre": reports.Register}

// sameAsFiles compares each sheet with the file of the same rows, cell by cell: figures by what they are worth, texts as
// they are, but for what keeps a text of the files from being taken for a formula.
func sameAsFiles(t testing.TB, r *models.Register, p reports.Period, o reports.Options) {
	t.Helper()
	book := openSpreadsheet(t, export(t, reports.Workbook, r, p, o))
	for name, kind := range sheetKinds {
		rows := records(t, export(t, kind, r, p, o))
		got := book.sheets[name].rows
		if len(got) != len(rows) {
			t.Fatalf("%s has %d rows, the file %d", name, len(got), len(rows))
		}
		for i, row := range rows {
			for j, want := range row {
				cell := ""
				if j < len(got[i]) {
					cell = got[i][j].plain(t)
				}
				if cell != want && "'"+cell != want && !sameFigure(cell, want) {
					t.Fatalf("%s, row %d, %s: %q, the file has %q", name, i+1, rows[0][j], cell, want)
				}
			}
		}
	}
}

// sameFigure tells whether two figures differ by zeros at their end only: a number has no such zeros.
func sameFigure(a, b string) bool {
	bare := func(s string) string {
		if strings.Contains(s, ",") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ",")
		}
		return s
	}
	return a != "" && bare(a) == bare(b)
}

func TestSheetsHoldWhatTheFilesHold(t *testing.T) {
	sameAsFiles(t, models.NewRegister(closing()), reports.Whole(year2026), reports.Options{Closing: true})
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRegister(rt)
		sameAsFiles(t, r, reports.Whole(r.Year(day("2026-06-15"))), reports.Options{Closing: rapid.Bool().Draw(rt, "closing")})
	})
}

// A number of a spreadsheet is a binary fraction. No amount that can be typed changes by it: not by a cent, not by a ten
// thousandth; and it is a number, not a text, so that it adds up.
func TestAmountsOfTheWorkbookAreExact(t *testing.T) {
	const most = 99_999_999_999 // 999 999 999,99
	all := []int64{1, 10, 100, 29, 92_40, most, -most, most - 1, 70_000_000_007}
	for dice := rand.New(rand.NewPCG(4, 2026)); len(all) < 2_500; { // any amount, of any length
		all = append(all, (1-2*dice.Int64N(2))*(1+dice.Int64N([]int64{100, 100_000, 100_000_000, most}[dice.IntN(4)])))
	}
	var f models.Facts
	for i, cents := range all {
		p := models.Payment{ID: models.ID(1 + i), PaidOn: day("2026-04-02"), Billed: money.Euros(cents), Account: "6511"}
		f.Payments = append(f.Payments, p.Settle(models.VATStatus{Kind: models.NotTaxable}))
	}
	rows := openSpreadsheet(t, export(t, reports.Workbook, models.NewRegister(f), reports.Whole(year2026), reports.Options{})).sheets["Factures"].rows
	title := slices.IndexFunc(rows[0], func(c xcell) bool { return c.text == "Coût retenu EUR" })
	for i, cents := range all {
		got := rows[1+i][title]
		if got.number == "" || got.format != "#,##0.00" {
			t.Fatalf("%d cents are %+v, no number", cents, got)
		}
		// As a program reads it: to the nearest binary fraction, then shown with two decimals.
		read, err := strconv.ParseFloat(got.number, 64)
		if err != nil {
			t.Fatal(err)
		}
		if shown := strconv.FormatFloat(read, 'f', 2, 64); shown != money.Euros(cents).Plain() || got.plain(t) == "" {
			t.Fatalf("%d cents are shown as %s", cents, shown)
		}
		if !sameFigure(strings.Replace(got.number, ".", ",", 1), money.Euros(cents).Comma()) {
			t.Fatalf("%d cents are written as %s", cents, got.number)
		}
	}
}

func TestTextsOfTheWorkbookStayTexts(t *testing.T) {
	for _, typed := range []string{"=1+1", "@SUM(A1)", "+33 1", "-60,00", "12,50", "2026", "01/02/2026", "'x", " x ", "<b>&", "_x0041_", "TRUE", "é\u00a0è", "硬盘 🚀"} {
		r := typedRegister(typed, "x", "x", typed, "x", 100)
		book := openSpreadsheet(t, export(t, reports.Workbook, r, reports.Whole(year2026), reports.Options{}))
		rows := book.sheets["Factures"].rows
		at := slices.IndexFunc(rows[0], func(c xcell) bool { return c.text == "Service" })
		want := strings.ReplaceAll(typed, "_x0041_", "_x005F_x0041_") // as the format writes an underscore that would begin a code
		if got := rows[1][at]; got.text != want || got.formula || got.number != "" {
			t.Errorf("%q is %+v", typed, got)
		}
	}
}

// Days before the calendar of spreadsheets begins are texts, not other days.
func TestDaysNoSpreadsheetKnows(t *testing.T) {
	for typed, want := range map[string]xcell{
		"0202-12-17": {text: "17/12/0202"}, "1899-12-31": {text: "31/12/1899"}, "1900-02-28": {text: "28/02/1900"},
		"1900-03-01": {number: "61", format: "dd/mm/yyyy"}, "2026-12-31": {number: "46387", format: "dd/mm/yyyy"}, "9999-12-31": {number: "2958465", format: "dd/mm/yyyy"},
	} {
		p := models.Payment{ID: 1, PaidOn: day("2026-04-02"), InvoiceDate: day(typed), Billed: money.Euros(100), Account: "6511"}
		r := models.NewRegister(models.Facts{Payments: []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})}})
		if got := openSpreadsheet(t, export(t, reports.Workbook, r, reports.Whole(year2026), reports.Options{})).sheets["Factures"].rows[1][0]; got != want {
			t.Errorf("%s is %+v, want %+v", typed, got, want)
		}
	}
}

// A library for spreadsheets finds in the workbook what the files hold: figures it adds up, days it shows as days, and
// the titles frozen.
func TestALibraryReadsTheWorkbook(t *testing.T) {
	r := models.NewRegister(closing())
	o := reports.Options{Closing: true}
	f, err := excelize.OpenReader(bytes.NewReader(export(t, reports.Workbook, r, reports.Whole(year2026), o)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Journal", "Factures", "CCA", "Registre"}) {
		t.Errorf("sheets %q", got)
	}
	for name, kind := range sheetKinds {
		if panes, err := f.GetPanes(name); err != nil || !panes.Freeze || panes.YSplit != 1 || panes.TopLeftCell != "A2" {
			t.Errorf("%s: %+v, %v", name, panes, err)
		}
		got, err := f.GetRows(name)
		want := records(t, export(t, kind, r, reports.Whole(year2026), o))
		if err != nil || len(got) != len(want) {
			t.Fatalf("%s: %d rows, want %d (%v)", name, len(got), len(want), err)
		}
		for i, row := range want {
			for j, cell := range row {
				shown := ""
				if j < len(got[i]) {
					shown = strings.NewReplacer(",", "", ".", ",").Replace(got[i][j]) // it shows sums as the English write them
				}
				text := strings.NewReplacer(",", "", ".", ",").Replace(strings.TrimPrefix(cell, "'"))
				if shown != text && !sameFigure(shown, cell) {
					t.Errorf("%s, row %d, %s: %q, the file has %q", name, i+1, want[0][j], got[i][j], cell)
				}
			}
		}
	}
	if sum, err := f.GetCellType("Journal", "H2"); err != nil || sum != excelize.CellTypeUnset && sum != excelize.CellTypeNumber {
		t.Errorf("a debit is of type %v (%v)", sum, err)
	}
	if err := f.SetCellFormula("Journal", "Z1", "=SUM(H2:H999)-SUM(I2:I999)"); err != nil {
		t.Fatal(err)
	}
	if sum, err := f.CalcCellValue("Journal", "Z1"); err != nil || strings.TrimLeft(sum, "-0.") != "" && !strings.Contains(sum, "E-") {
		t.Errorf("debits less credits are %s (%v)", sum, err)
	}
}

func TestAWorkbookThatDoesNotBalanceIsNotBegun(t *testing.T) {
	f := facts()
	f.Payments[1].Cost = f.Payments[1].Cost.Add(money.Euros(1))
	var b bytes.Buffer
	if err := reports.WorkbookXLSX(&b, models.NewRegister(f), reports.Whole(year2026), day("2026-11-23"), reports.Options{}); err == nil || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}

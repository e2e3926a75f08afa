package reports

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// xlsx writes a workbook (ECMA-376) as it goes: a row is in the zip before the next is known, so that a year of any
// length takes the memory of a row. Nothing in it is dated and nothing computed: the same rows give the same bytes.
type xlsx struct {
	zip   *zip.Writer
	names []string
}

// look is how a cell is shown: its place among the styles below.
type look int

const (
	plainLook look = iota
	headLook
	amountLook
	dayLook
)

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spreadsheetML = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packages      = "http://schemas.openxmlformats.org/package/2006/"
	contentType   = "application/vnd.openxmlformats-officedocument.spreadsheetml."

	// Number format 4 is the format's own "#,##0.00", which every program shows as its country writes sums.
	stylesPart = xmlHead + `<styleSheet ` + spreadsheetML + `><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts>` +
		`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4">` +
		`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
		`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
)

// newXLSX begins a workbook of sheets of these names, which hold nothing that XML would read otherwise.
func newXLSX(w io.Writer, names []string) (*xlsx, error) {
	x := &xlsx{zip: zip.NewWriter(w), names: names}
	var types, sheets, links strings.Builder
	for i, name := range names {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, contentType)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, name, n, n)
		fmt.Fprintf(&links, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, relationships, n)
	}
	for _, part := range [][2]string{
		{
			"[Content_Types].xml", `<Types xmlns="` + packages + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
				`<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + contentType + `sheet.main+xml"/>` +
				types.String() + `<Override PartName="/xl/styles.xml" ContentType="` + contentType + `styles+xml"/></Types>`,
		},
		{"_rels/.rels", `<Relationships xmlns="` + packages + `relationships"><Relationship Id="rId1" Type="` + relationships + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + spreadsheetML + ` xmlns:r="` + relationships + `"><bookViews><workbookView/></bookViews><sheets>` + sheets.String() + `</sheets></workbook>`},
		{
			"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + packages + `relationships">` + links.String() +
				`<Relationship Id="rId` + strconv.Itoa(len(names)+1) + `" Type="` + relationships + `/styles" Target="styles.xml"/></Relationships>`,
		},
		{"xl/styles.xml", strings.TrimPrefix(stylesPart, xmlHead)},
	} {
		to, err := x.zip.Create(part[0])
		if err == nil {
			_, err = io.WriteString(to, xmlHead+part[1])
		}
		if err != nil {
			return nil, err
		}
	}
	return x, nil
}

// sheet is a table written into a spreadsheet rather than as text, a row at a time: figures are numbers and days are
// days, so that they can be added up and sorted as they are. Texts are texts whatever they begin with: a spreadsheet
// computes nothing of them.
type sheet struct {
	w   *bufio.Writer
	row int // being written, from 1
	at  int // columns of it written
}

// begin begins the i-th sheet, the one before being ended. Its first row stays in sight; widths are in characters.
func (x *xlsx) begin(i int, widths []int) (*sheet, error) {
	to, err := x.zip.Create("xl/worksheets/sheet" + strconv.Itoa(i+1) + ".xml")
	if err != nil {
		return nil, err
	}
	s := &sheet{w: bufio.NewWriterSize(to, 64<<10), row: 1}
	selected := ""
	if i == 0 {
		selected = ` tabSelected="1"`
	}
	fmt.Fprintf(s.w, `%s<worksheet %s><sheetViews><sheetView%s workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>`, xmlHead, spreadsheetML, selected)
	for n, width := range widths {
		fmt.Fprintf(s.w, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, n+1, n+1, width)
	}
	_, err = s.w.WriteString(`</cols><sheetData>`)
	return s, err
}

// close ends the workbook.
func (x *xlsx) close() error { return x.zip.Close() }

// mostRows a spreadsheet holds.
const mostRows = 1 << 20

// cell begins a cell; the writer keeps its first error until the row ends.
func (s *sheet) cell(as look) {
	if s.at == 0 {
		fmt.Fprintf(s.w, `<row r="%d">`, s.row)
	}
	s.at++
	b := appendColumn(append(s.w.AvailableBuffer(), `<c r="`...), s.at)
	b = strconv.AppendInt(b, int64(s.row), 10)
	if as != plainLook {
		b = strconv.AppendInt(append(b, `" s="`...), int64(as), 10)
	}
	_, _ = s.w.Write(b)
}

// appendColumn names the n-th column: A, B … Z, AA.
func appendColumn(b []byte, n int) []byte {
	const letters = 26
	if n > letters {
		b = appendColumn(b, (n-1)/letters)
	}
	return append(b, byte('A'+(n-1)%letters))
}

// number writes a figure, with a point, as it is.
func (s *sheet) number(as look, plain string) {
	s.cell(as)
	_, _ = s.w.WriteString(`"><v>`)
	_, _ = s.w.WriteString(plain)
	_, _ = s.w.WriteString(`</v></c>`)
}

// coded is what programs read as a sign by its number; an underscore written by its own begins none.
var coded = regexp.MustCompile(`_(x[0-9A-Fa-f]{4}_)`)

// text writes a text, within the row: no shared list of texts has to be known first.
func (s *sheet) text(as look, text string) {
	if text == "" {
		s.blank()
		return
	}
	s.cell(as)
	if strings.Contains(text, "_x") {
		text = coded.ReplaceAllString(text, "_x005F_$1")
	}
	_, _ = s.w.WriteString(`" t="inlineStr"><is><t xml:space="preserve">`)
	_ = xml.EscapeText(s.w, []byte(text))
	_, _ = s.w.WriteString(`</t></is></c>`)
}

// blank leaves a cell out.
func (s *sheet) blank() {
	if s.at == 0 {
		s.cell(plainLook)
		_, _ = s.w.WriteString(`"/>`)
		return
	}
	s.at++
}

func (s *sheet) endRow() error {
	if s.row > mostRows {
		return fmt.Errorf("a sheet holds no more than %d rows", mostRows)
	}
	s.row, s.at = s.row+1, 0
	_, err := s.w.WriteString(`</row>`)
	return err
}

func (s *sheet) end() error {
	_, _ = s.w.WriteString(`</sheetData></worksheet>`)
	return s.w.Flush()
}

package reports

import (
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"enveloppe/models/cal"
)

// Measures of an A4 page, in points, down from its upper edge.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	pageLeft   = 60.0
	pageTop    = 58.0
	pageBottom = pageHeight - 64.0
	pageText   = pageWidth - 2*pageLeft
	footLine   = pageHeight - 36.0
)

// ink is a colour, as on the screens by day.
type ink struct{ r, g, b int }

var (
	inkText    = ink{0x1c, 0x24, 0x30}
	inkMuted   = ink{0x59, 0x60, 0x70}
	inkAccent  = ink{0x0b, 0x61, 0x57}
	inkMid     = ink{0x48, 0x89, 0x81}
	inkSoft    = ink{0xe1, 0xf0, 0xec}
	inkLine    = ink{0xdd, 0xd8, 0xcc}
	inkTrack   = ink{0xe9, 0xe5, 0xdb}
	inkWarning = ink{0x77, 0x4a, 0x04}
	inkAmber   = ink{0xb7, 0x79, 0x1f}
	inkDanger  = ink{0xa3, 0x26, 0x1f}
	inkWhite   = ink{0xff, 0xff, 0xff}
)

// face is a way of setting text: lead is the distance from line to line.
type face struct {
	family, style string
	size, lead    float64
	ink           ink
}

func (f face) in(i ink) face { f.ink = i; return f }

// The faces of a document.
var (
	faceTitle   = face{"serif", "B", 30, 36, inkText}
	faceHead    = face{"serif", "", 20, 26, inkText}
	faceSection = face{"serif", "B", 15, 20, inkText}
	faceLead    = face{"serif", "", 11, 16, inkText}
	faceQuote   = face{"serif", "I", 9.5, 13, inkText}
	faceBody    = face{"sans", "", 8.5, 12.5, inkText}
	faceStrong  = face{"sans", "B", 8.5, 12.5, inkText}
	faceSmall   = face{"sans", "", 8, 11.5, inkMuted}
	faceLabel   = face{"sans", "B", 7.5, 11, inkMuted}
	faceFoot    = face{"sans", "", 7.5, 10, inkMuted}
)

// paper lays text and pictures down pages from top to bottom.
type paper struct {
	pdf  *fpdf.Fpdf
	y    float64 // where the next thing begins
	foot func(s *paper, page int)
}

// newPaper begins a document. The same content gives the same bytes: it is dated by a day, and nothing in it depends on
// when or where it is made.
func newPaper(title, subject, author, lang string, on cal.Date) *paper {
	pdf := fpdf.New("P", "pt", "A4", "")
	for _, f := range []struct {
		family, style string
		content       []byte
	}{
		{"sans", "", sansFace},
		{"sans", "B", sansBoldFace},
		{"serif", "", serifFace},
		{"serif", "B", serifBoldFace},
		{"serif", "I", serifItalicFace},
	} {
		pdf.AddUTF8FontFromBytes(f.family, f.style, f.content)
	}
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(on.Time(time.UTC))
	pdf.SetModificationDate(on.Time(time.UTC))
	pdf.SetProducer("Enveloppe", true)
	pdf.SetCreator("Enveloppe", true)
	pdf.SetTitle(title, true)
	pdf.SetSubject(subject, true)
	pdf.SetAuthor(author, true)
	pdf.SetLang(lang)
	pdf.SetDisplayMode("fullpage", "continuous")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	return &paper{pdf: pdf}
}

func (s *paper) newPage() {
	if s.pdf.PageNo() > 0 && s.foot != nil {
		s.foot(s, s.pdf.PageNo())
	}
	s.pdf.AddPage()
	s.y = pageTop
}

// end finishes the last page and writes the document.
func (s *paper) end(w io.Writer) error {
	if s.foot != nil {
		s.foot(s, s.pdf.PageNo())
	}
	return s.pdf.Output(w)
}

// need begins another page unless so much room is left on this one.
func (s *paper) need(height float64) {
	if s.y+height > pageBottom {
		s.newPage()
	}
}

// skip leaves room, but none at the top of a page.
func (s *paper) skip(height float64) {
	if s.y > pageTop {
		s.y += height
	}
}

func (s *paper) use(f face) {
	s.pdf.SetFont(f.family, f.style, f.size)
	s.pdf.SetTextColor(f.ink.r, f.ink.g, f.ink.b)
}

// width is how wide a text is.
func (s *paper) width(f face, text string) float64 {
	s.use(f)
	return s.pdf.GetStringWidth(legible(text))
}

// at writes a text whose first letter stands at x, on a baseline.
func (s *paper) at(f face, x, baseline float64, text string) {
	if text != "" {
		s.use(f)
		s.pdf.Text(x, baseline, legible(text))
	}
}

// atRight writes a text that ends at x.
func (s *paper) atRight(f face, x, baseline float64, text string) {
	s.at(f, x-s.width(f, text), baseline, text)
}

// base is a baseline in a line that begins at y.
func (f face) base(y float64) float64 { return y + (f.lead+f.size*0.68)/2 }

// wrap cuts a text into lines no wider than so much, at its spaces; a word that is wider itself is cut anywhere.
func (s *paper) wrap(f face, width float64, text string) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsFuncSeq(legible(text), func(r rune) bool { return r == ' ' }) {
		if line != "" && s.width(f, line+" "+word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; s.width(f, line) > width; {
			cut := s.fitting(f, width, line)
			lines, line = append(lines, line[:cut]), line[cut:]
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// fitting is how many bytes of a text fit, at least those of one letter.
func (s *paper) fitting(f face, width float64, text string) int {
	cut := 0
	for i, r := range text {
		if next := i + len(string(r)); cut == 0 || s.width(f, text[:next]) <= width {
			cut = next
		} else {
			break
		}
	}
	return cut
}

// strip goes across the page: its height, and how it is drawn from a y on.
type strip struct {
	height float64
	draw   func(y float64)
}

// strips are the lines of a text at x.
func (s *paper) strips(f face, x, width float64, text string) []strip {
	var out []strip
	for _, line := range s.wrap(f, width, text) {
		out = append(out, strip{f.lead, func(y float64) { s.at(f, x, f.base(y), line) }})
	}
	return out
}

// gap is a strip of nothing.
func gap(height float64) strip { return strip{height, func(float64) {}} }

// put draws strips one under the other, together on a page when they take less than a third of one.
func (s *paper) put(strips ...strip) {
	total := 0.0
	for _, p := range strips {
		total += p.height
	}
	if total < (pageBottom-pageTop)/3 {
		s.need(total)
	}
	for _, p := range strips {
		s.need(p.height)
		p.draw(s.y)
		s.y += p.height
	}
}

// text writes a paragraph.
func (s *paper) text(f face, text string) { s.put(s.strips(f, pageLeft, pageText, text)...) }

func (s *paper) fill(i ink, x, y, w, h float64) {
	if w > 0 && h > 0 {
		s.pdf.SetFillColor(i.r, i.g, i.b)
		s.pdf.Rect(x, y, w, h, "F")
	}
}

func (s *paper) line(i ink, width, x1, y1, x2, y2 float64) {
	s.pdf.SetDrawColor(i.r, i.g, i.b)
	s.pdf.SetLineWidth(width)
	s.pdf.Line(x1, y1, x2, y2)
}

// dashed is line with gaps.
func (s *paper) dashed(i ink, width, x1, y1, x2, y2 float64) {
	s.pdf.SetDashPattern([]float64{2, 2}, 0)
	s.line(i, width, x1, y1, x2, y2)
	s.pdf.SetDashPattern(nil, 0)
}

// hatch fills a box with strokes from its lower left to its upper right.
func (s *paper) hatch(ground, stroke ink, x, y, w, h float64) {
	if w <= 0 || h <= 0 {
		return
	}
	s.fill(ground, x, y, w, h)
	s.pdf.ClipRect(x, y, w, h, false)
	for at := x - h; at < x+w; at += 4.2 {
		s.line(stroke, 1.5, at, y+h, at+h, y)
	}
	s.pdf.ClipEnd()
}

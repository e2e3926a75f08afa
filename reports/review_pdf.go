package reports

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/reports/chart"
	"enveloppe/templates/words"
)

// WriteReviewPDF writes the review as A4 pages in a language. The same document and words give the same bytes.
func WriteReviewPDF(out io.Writer, d ReviewDocument, w *words.Words) error {
	var b bytes.Buffer
	for pages, known := 0, -1; pages != known; { // once to count the pages, once to say how many there are
		known = pages
		b.Reset()
		r := reviewPages{d.paper(w), d, w, TellReview(d, w)}
		r.foot = r.footer(known)
		r.write()
		pages = r.pdf.PageNo()
		if err := r.end(&b); err != nil {
			return fmt.Errorf("write the pages of the review: %w", err)
		}
	}
	_, err := out.Write(b.Bytes())
	return err
}

// ReviewPDFName is the name to save the pages under: "enveloppe-bilan-2025-fr.pdf".
func ReviewPDFName(d ReviewDocument, lang words.Lang) string {
	name := "enveloppe-bilan-" + d.Year.Label
	if d.ClosedOn.IsZero() {
		name += "-projet"
	}
	return name + "-" + string(lang) + ".pdf"
}

// paper is where the review goes, in a language.
func (d ReviewDocument) paper(w *words.Words) *paper {
	said := TellReview(d, w)
	tags := map[words.Lang]string{words.FR: "fr-FR", words.EN: "en-GB"}
	return newPaper(said.Title+" · "+d.Organisation, said.Subject, d.Organisation, tags[w.Lang()], d.Day)
}

// reviewPages is a review being laid out.
type reviewPages struct {
	*paper
	doc  ReviewDocument
	w    *words.Words
	said ReviewText
}

func (d reviewPages) footer(of int) func(*paper, int) {
	return func(s *paper, page int) {
		said := d.said.Footer
		if d.said.Draft {
			said += " · " + d.said.Status
		}
		s.at(faceFoot, pageLeft, footLine, said)
		s.atRight(faceFoot, pageWidth-pageLeft, footLine, d.w.T("reviewed.page", "n", d.w.Number(page), "of", d.w.Number(max(of, page))))
	}
}

func (d reviewPages) write() {
	d.newPage()
	d.cover()
	d.monthly()
	d.functions()
	d.change()
	d.services()
	d.next()
	d.risks()
	d.open()
	d.colophon()
}

// section begins a part of the document, never at the foot of a page; with is the least height that follows its title.
func (d reviewPages) section(title string, with float64) {
	d.skip(26)
	d.need(faceSection.lead + 12 + with)
	d.line(inkText, 0.8, pageLeft, d.y, pageLeft+28, d.y)
	d.y += 7
	d.use(faceSection)
	d.pdf.Bookmark(title, 0, d.y-8)
	d.put(d.strips(faceSection, pageLeft, pageText, title)...)
	d.y += 5
}

// cover is the year at a glance: the sentence, the picture, the figures, the director's words.
func (d reviewPages) cover() {
	t := d.said
	d.y = pageTop + 6
	d.use(faceTitle)
	d.pdf.Bookmark(t.Title, 0, pageTop)
	d.text(faceStrong.in(inkMuted), t.Organisation)
	d.y += 4
	d.text(faceTitle, t.Title)
	d.text(faceLead.in(inkMuted), t.Subject)
	d.y += 4
	status := faceBody.in(inkMuted)
	if t.Draft {
		status = faceStrong.in(inkWarning)
	}
	d.text(status, t.Status)
	d.y += 24
	d.headline(faceHead, t.Headline, map[string]ink{"": inkAccent, "warning": inkWarning, "danger": inkDanger}[t.Class])
	d.y += 14
	d.put(d.envelopePicture())
	d.y += 12
	d.figures()
	if len(t.Leads) > 0 {
		d.y += 12
		d.text(faceSmall, strings.Join(t.Leads, " "))
	}
	if len(t.Word) > 0 {
		d.section(d.w.T("reviewed.word"), 40)
		d.paragraphs(t.Word)
	}
}

func (d reviewPages) paragraphs(list []string) {
	for i, p := range list {
		if i > 0 {
			d.y += 5
		}
		d.text(faceLead, p)
	}
}

// phrase is a run of one look within a headline.
type phrase struct {
	text string
	face face
}

// headline sets a sentence large, its amounts in an ink of their own, in lines of about the same length.
func (d reviewPages) headline(f face, parts []words.Part, amount ink) {
	strong := face{f.family, "B", f.size, f.lead, amount}
	var list [][]phrase // by word
	join := false
	for _, p := range parts {
		look := f
		if p.Name == "forecast" || p.Name == "change" {
			look = strong
		}
		for i, text := range strings.Split(p.Text, " ") {
			if i > 0 {
				join = false
			}
			if text == "" {
				continue
			}
			if join {
				list[len(list)-1] = append(list[len(list)-1], phrase{text, look})
			} else {
				list = append(list, []phrase{{text, look}})
			}
			join = true
		}
	}
	width := pageText
	lines := d.lines(f, list, width)
	for n := len(lines); n > 1; width -= 6 {
		narrower := d.lines(f, list, width-6)
		if len(narrower) != n {
			break
		}
		lines = narrower
	}
	for _, line := range lines {
		d.put(strip{f.lead, func(y float64) {
			x := pageLeft
			for _, p := range line {
				d.at(p.face, x, f.base(y), p.text)
				x += d.width(p.face, p.text)
			}
		}})
	}
}

// lines sets words one after the other as long as there is room.
func (d reviewPages) lines(f face, list [][]phrase, width float64) [][]phrase {
	var lines [][]phrase
	left := 0.0
	space := d.width(f, " ")
	for _, word := range list {
		wide := 0.0
		for _, p := range word {
			wide += d.width(p.face, p.text)
		}
		if n := len(lines); n > 0 && space+wide <= left {
			lines[n-1] = append(append(lines[n-1], phrase{" ", f}), word...)
			left -= space + wide
			continue
		}
		lines = append(lines, append([]phrase{}, word...))
		left = width - wide
	}
	return lines
}

// figures stand side by side, as many as there is room for.
func (d reviewPages) figures() {
	const gapBetween = 15.0
	value := face{"serif", "B", 13, 18, inkText}
	var rows [][]ReviewPair
	left := 0.0
	widthOf := func(p ReviewPair) float64 {
		return max(d.width(faceSmall, p.Name), d.width(value, p.Value)) + gapBetween
	}
	for _, p := range d.said.Figures {
		if w := widthOf(p); len(rows) == 0 || left < w-gapBetween {
			rows, left = append(rows, nil), pageText
		}
		at := len(rows) - 1
		rows[at], left = append(rows[at], p), left-widthOf(p)
	}
	if n := len(rows); n > 1 { // as many in each
		var all []ReviewPair
		for _, row := range rows {
			all = append(all, row...)
		}
		rows = slices.Collect(slices.Chunk(all, (len(all)+n-1)/n))
	}
	for _, row := range rows {
		d.put(strip{faceSmall.lead + value.lead + 6, func(y float64) {
			x := pageLeft
			for _, p := range row {
				d.at(faceSmall, x, faceSmall.base(y), p.Name)
				d.at(value, x, value.base(y+faceSmall.lead), p.Value)
				x += widthOf(p)
			}
		}})
	}
}

func (d reviewPages) monthly() {
	w := d.w
	if !slices.ContainsFunc(d.doc.Months, func(m ReviewMonth) bool { return !m.Sum().IsZero() }) {
		d.section(w.T("reviewed.months"), 20)
		d.text(faceBody, w.T("reviewed.no_months"))
		return
	}
	pictures := d.monthPictures()
	d.section(w.T("reviewed.months"), pictures.height)
	d.put(pictures)
	d.y += 10
	r := d.doc.Result
	apart := !r.Due.IsZero() || !r.Committed.IsZero() // else what was paid is all there is
	t := grid{d.paper, []gridColumn{{w.T("reviewed.month"), 0.25, false}}}
	if apart {
		for _, name := range []string{"reviewed.figure.spent", "reviewed.figure.due", "reviewed.figure.committed"} {
			t.columns = append(t.columns, gridColumn{w.T(name), 0.15, true})
		}
	}
	share := 0.75 - 0.15*float64(len(t.columns)-1)
	t.columns = append(t.columns, gridColumn{w.T("reviewed.sum"), share / 2, true}, gridColumn{w.T("reviewed.total"), share / 2, true})
	t.head(12 * (faceBody.lead + 5)) // whole
	for i, m := range d.said.Months {
		set := faceBody
		if d.doc.Months[i].Sum().IsZero() {
			set = faceBody.in(inkMuted)
		}
		if apart {
			t.row(set, capital(m.Name), m.Spent, m.Due, m.Committed, m.Sum, m.Total)
		} else {
			t.row(set, capital(m.Name), m.Sum, m.Total)
		}
	}
}

func (d reviewPages) functions() {
	w := d.w
	if len(d.said.Functions) == 0 {
		return
	}
	d.section(w.T("reviewed.functions"), 60)
	t := grid{d.paper, []gridColumn{{w.T("reviewed.function"), 0.3, false}, {"", 0.25, false}}}
	if d.said.Shared {
		t.columns = append(t.columns, gridColumn{w.T("reviewed.share"), 0.15, true}, gridColumn{w.T("reviewed.cost"), 0.15, true}, gridColumn{w.T("reviewed.gap"), 0.15, true})
	} else {
		t.columns = append(t.columns, gridColumn{w.T("reviewed.cost"), 0.45, true})
	}
	most := d.doc.Result.Forecast
	for _, f := range d.doc.Functions {
		if most.Less(f.Cost) {
			most = f.Cost
		}
	}
	t.head(20)
	for i, f := range d.said.Functions {
		set, bar := faceBody, inkMid
		if f.Over {
			set, bar = faceStrong.in(inkDanger), inkDanger
		}
		if d.said.Shared {
			t.row(set, f.Name, "", f.Share, f.Cost, f.Left)
		} else {
			t.row(set, f.Name, "", f.Cost)
		}
		if cost := d.doc.Functions[i].Cost; most.IsPositive() { // of the whole year's
			const long = 0.25 * pageText
			d.fill(inkTrack, pageLeft+0.3*pageText, d.y-11.5, long, 6)
			d.fill(bar, pageLeft+0.3*pageText, d.y-11.5, long*chart.Share(cost, most), 6)
		}
	}
}

func (d reviewPages) change() {
	w, t := d.w, d.said.Change
	d.section(w.T("reviewed.change"), 60)
	if len(t.Headline) > 0 {
		tone := inkText
		if d.doc.Change.Change.IsNegative() {
			tone = inkAccent
		}
		d.headline(face{"serif", "", 13, 18, inkText}, t.Headline, tone)
		d.y += 4
	}
	if len(t.Leads) > 0 {
		d.text(faceSmall, strings.Join(t.Leads, " "))
		d.y += 4
	}
	if d.doc.Change.Comparable() && len(d.doc.Change.Parts) > 0 {
		d.put(d.changePicture())
		d.y += 6
	}
	if len(t.Services) == 0 {
		return
	}
	g := grid{d.paper, []gridColumn{
		{w.T("reviewed.service"), 0.2, false},
		{reviewLabel(d.doc.Change.From), 0.12, true},
		{reviewLabel(d.doc.Year), 0.12, true},
		{w.T("reviewed.difference"), 0.16, true},
		{w.T("reviewed.why"), 0.4, false},
	}}
	g.head(30)
	for _, s := range t.Services {
		g.row(faceBody, s.Name, s.Before, s.After, s.Change, strings.Join(s.Reasons, "\n"))
	}
}

// colophon says what the figures are and, of a closed review, how to tell that nobody changed it.
func (d reviewPages) colophon() {
	d.skip(26)
	lines := d.strips(faceSmall, pageLeft, pageText, d.w.T("reviewed.euros"))
	if !d.said.Draft {
		lines = append(lines, d.strips(faceSmall, pageLeft, pageText, d.w.T("reviewed.hash_why"))...)
		if document, err := d.doc.JSON(); err == nil {
			lines = append(lines, gap(3))
			lines = append(lines, d.strips(faceSmall, pageLeft, pageText, d.w.T("reviewed.hash"))...)
			lines = append(lines, d.strips(faceFoot, pageLeft, pageText, models.DocumentHash(document))...)
		}
	}
	rule := strip{8, func(y float64) { d.line(inkLine, 0.75, pageLeft, y, pageWidth-pageLeft, y) }}
	d.put(append([]strip{rule}, lines...)...)
}

package reports

import (
	"strings"
)

// grid is a table on paper. Columns have shares of the width; texts in the last, and in others that are not figures, wrap.
type grid struct {
	*paper
	columns []gridColumn
}

type gridColumn struct {
	name  string
	share float64
	right bool
}

// gridGap keeps a text off the next column.
const gridGap = 8.0

// head writes the columns' names; with is the least height of rows that must follow on the page.
func (g grid) head(with float64) {
	g.need(faceLabel.lead + 6 + with)
	g.names()
}

func (g grid) names() {
	names := make([]string, len(g.columns))
	for i, c := range g.columns {
		names[i] = c.name
	}
	g.cells(faceLabel, inkText, names)
}

// row writes a line; where the page ends, the columns are named again on the next.
func (g grid) row(f face, cells ...string) {
	if g.y+g.height(f, cells) > pageBottom {
		g.newPage()
		g.names()
	}
	g.cells(f, inkLine, cells)
}

// lines are a cell's, a paragraph each.
func (g grid) lines(f face, at int, text string) []string {
	c := g.columns[at]
	if c.right {
		return []string{text}
	}
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		lines = append(lines, g.wrap(f, c.share*pageText-gridGap, part)...)
	}
	return lines
}

func (g grid) height(f face, cells []string) float64 {
	most := 1
	for i, text := range cells {
		most = max(most, len(g.lines(f, i, text)))
	}
	return float64(most)*f.lead + 5
}

func (g grid) cells(f face, under ink, cells []string) {
	height := g.height(f, cells)
	x := pageLeft
	for i, text := range cells {
		width := g.columns[i].share * pageText
		for n, line := range g.lines(f, i, text) {
			baseline := f.base(g.y+2) + float64(n)*f.lead
			if !g.columns[i].right {
				g.at(f, x, baseline, line)
			} else {
				end := x + width
				if i+1 < len(g.columns) && !g.columns[i+1].right {
					end -= gridGap * 2 // figures do not touch the text that follows them
				}
				g.atRight(f, end, baseline, line)
			}
		}
		x += width
	}
	g.y += height
	g.line(under, 0.5, pageLeft, g.y, pageLeft+pageText, g.y)
}

// services are one under the other by function, each with its decision and the director's note.
func (d reviewPages) services() {
	d.section(d.w.T("reviewed.services"), 80)
	if len(d.said.Services) == 0 {
		d.text(faceBody, d.w.T("reviewed.no_services"))
	}
	for i, group := range d.said.Services {
		if i > 0 {
			d.skip(8)
		}
		head := strip{faceStrong.lead + 6, func(y float64) {
			d.at(faceStrong.in(inkAccent), pageLeft, faceStrong.base(y), group.Name)
			d.atRight(costFace(group.Nothing).in(inkAccent), pageWidth-pageLeft, faceStrong.base(y), group.Cost)
			d.line(inkMid, 0.75, pageLeft, y+faceStrong.lead+3, pageWidth-pageLeft, y+faceStrong.lead+3)
		}}
		for n, s := range group.Services {
			lines := d.service(s)
			if n == 0 {
				lines = append([]strip{head}, lines...)
			}
			d.put(lines...)
		}
	}
}

// costFace sets a cost, of nothing in a lighter hand.
func costFace(nothing bool) face {
	if nothing {
		return faceBody.in(inkMuted)
	}
	return faceStrong
}

// service is one service: its name and its cost on the first line.
func (d reviewPages) service(s ReviewServiceText) []strip {
	const inset, amounts = 0.0, 74.0
	x, width := pageLeft+inset, pageText-inset-amounts
	name := faceStrong
	name.size, name.lead = 9.5, 13.5
	names := d.wrap(name, width, s.Name)
	lines := []strip{gap(4)}
	for i, line := range names {
		lines = append(lines, strip{name.lead, func(y float64) {
			d.at(name, x, name.base(y), line)
			if i == 0 {
				d.atRight(costFace(s.Nothing), pageWidth-pageLeft, name.base(y), s.Cost)
			}
		}})
	}
	if s.Plan != "" {
		lines = append(lines, d.strips(faceSmall, x, width, s.Plan)...)
	}
	for _, decision := range s.Decisions {
		lines = append(lines, d.strips(faceBody, x, width, decision.Text)...)
		if decision.Reason != "" {
			lines = append(lines, d.strips(faceQuote, x, width, decision.Reason)...)
		}
	}
	if s.Undecided != "" {
		lines = append(lines, d.strips(faceSmall, x, width, s.Undecided)...)
	}
	for i, paragraph := range s.Note {
		if i == 0 {
			lines = append(lines, gap(2))
		}
		for _, line := range d.strips(face{"serif", "", 9.5, 13, inkText}, x+9, width-9, paragraph) {
			lines = append(lines, strip{line.height, func(y float64) {
				d.fill(inkMid, x, y, 2, line.height)
				line.draw(y)
			}})
		}
	}
	return append(lines, strip{5, func(y float64) { d.line(inkLine, 0.5, pageLeft, y+4.5, pageWidth-pageLeft, y+4.5) }})
}

// next is the year after: what it will cost, what is known of it, the envelope proposed.
func (d reviewPages) next() {
	w, t := d.w, d.said.Next
	d.section(t.Title, 90)
	d.text(faceLead, strings.Join(t.Leads, " "))
	d.y += 8
	proposal := face{"serif", "B", 13, 18, inkAccent}
	lines := append([]strip{gap(9)}, d.strips(proposal, pageLeft+14, pageText-28, t.Proposal)...)
	for _, why := range t.Why {
		lines = append(lines, d.strips(faceBody, pageLeft+14, pageText-28, why)...)
	}
	lines = append(lines, gap(9))
	height := 0.0
	for _, l := range lines {
		height += l.height
	}
	d.put(strip{height, func(y float64) {
		d.fill(inkSoft, pageLeft, y, pageText, height)
		for _, l := range lines {
			l.draw(y)
			y += l.height
		}
	}})
	d.list(w.T("reviewed.announced"), t.Announced, w.T("reviewed.no_announced"))
	d.list(w.T("reviewed.locked"), t.Locked, t.Unlocked)
	if len(d.said.Outlook) > 0 {
		d.skip(14)
		d.put(append(d.strips(faceStrong, pageLeft, pageText, w.T("reviewed.outlook")), gap(2))...)
		d.paragraphs(d.said.Outlook)
	}
}

// list is rows under a title, or what is said when there are none.
func (d reviewPages) list(title string, rows []ReviewRow, none string) {
	d.skip(14)
	head := d.strips(faceStrong, pageLeft, pageText, title)
	if len(rows) == 0 {
		d.put(append(head, d.strips(faceBody.in(inkMuted), pageLeft, pageText, none)...)...)
		return
	}
	d.need(faceStrong.lead + 3*faceBody.lead)
	d.put(head...)
	d.y += 2
	d.rows(rows)
}

func (d reviewPages) rows(rows []ReviewRow) {
	g := grid{d.paper, []gridColumn{{"", 0.19, false}, {"", 0.22, false}, {"", 0.45, false}, {"", 0.14, true}}}
	for _, r := range rows {
		if g.y+g.height(faceBody, []string{r.Day, r.Name, r.Text, r.Amount}) > pageBottom {
			g.newPage()
		}
		g.cells(faceBody, inkLine, []string{r.Day, r.Name, r.Text, r.Amount})
	}
}

// risks stand side by side, one under the other when they are long.
func (d reviewPages) risks() {
	const between = 18.0
	width := (pageText - 2*between) / 3
	var columns [3][]strip
	high := 0.0
	for i, risk := range d.said.Risks {
		x, height := pageLeft+float64(i)*(width+between), 0.0
		columns[i] = append(d.strips(faceStrong, x, width, risk.Title), gap(2))
		for _, line := range risk.Lines {
			columns[i] = append(append(columns[i], d.strips(faceBody, x, width, line)...), gap(4))
		}
		for _, s := range columns[i] {
			height += s.height
		}
		high = max(high, height)
	}
	if high <= (pageBottom-pageTop)/2 {
		d.section(d.w.T("reviewed.risks"), high)
		d.put(strip{high, func(top float64) {
			for _, column := range columns {
				y := top
				for _, s := range column {
					s.draw(y)
					y += s.height
				}
			}
		}})
		return
	}
	d.section(d.w.T("reviewed.risks"), 60)
	for i, risk := range d.said.Risks {
		if i > 0 {
			d.skip(7)
		}
		lines := d.strips(faceStrong, pageLeft, pageText, risk.Title)
		for _, line := range risk.Lines {
			lines = append(lines, d.strips(faceBody, pageLeft, pageText, line)...)
		}
		d.put(lines...)
	}
}

func (d reviewPages) open() {
	d.section(d.w.T("reviewed.open"), 40)
	if len(d.said.Open) == 0 {
		d.text(faceBody, d.w.T("reviewed.open.none"))
		return
	}
	d.rows(d.said.Open)
}

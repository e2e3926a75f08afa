package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/templates"
	"enveloppe/templates/words"
)

// How many rows a part of the digest has before the rest becomes a link: a letter is read in a minute, and mail
// programs cut what is over 100 kB.
const (
	maxRows     = 12
	maxRenewals = 40
)

// letter is a digest in words, the same for the text and for the HTML.
type letter struct {
	Lang     string
	Subject  string
	Eyebrow  string // organisation and month
	Headline string
	Greeting string
	Lead     []string
	Sections []section     // to decide, renewals
	Envelope *envelopePart // nil when the lead says it, or it is not to be read
	After    []section     // what changed, what is missing
	Open     link
	Why      string
	Leave    link // empty Href in a preview
}

type link struct{ Text, Href, Line string }

func newLink(w *words.Words, text, href string) link {
	return link{text, href, w.T("letter.line", "name", text, "what", href)}
}

// section is a table of the letter.
type section struct {
	Title, Caption string
	Columns        [3]string // day, what, amount
	Rows           []row
	More           link
}

// row is one thing: when, what, how much.
type row struct {
	Day, When    string
	Late         bool
	Name, What   string
	Details      []string
	Href         string
	Amount, Note string
	Line, Rest   string // for the text: day, name and what in one; amount and details in another
}

// envelopePart is where the year stands.
type envelopePart struct {
	Title, Caption, Sentence string
	Class                    string // of the sentence: "", "warning", "danger"
	Notes                    []string
	Bar                      []barPart
	Figures                  []figure
}

// barPart is a piece of the bar drawn with table cells; Percent of its width. Class gives its colour on a dark ground.
type barPart struct {
	Class   string
	Percent int64
	Colour  template.CSS
}

// figure is a line of the envelope's table. Class and Swatch are those of its piece of the bar, if it has one.
type figure struct {
	Name, Amount string
	Class        string
	Swatch       template.CSS
	Total        bool
}

// colours are those of the pieces on a light ground, where nothing but the element's own style is sure to be read.
var colours = map[string]template.CSS{"spent": "#0b6157", "due": "#b7791f", "committed": "#488981", "room": "#e1f0ec", "over": "#a3261f"}

var (
	textDigest = texttemplate.Must(texttemplate.New("digest.txt.tmpl").Funcs(texttemplate.FuncMap{"wrap": wrap, "rule": rule, "beside": beside}).
			ParseFS(templates.Files, "mails/digest.txt.tmpl"))
	htmlDigest = template.Must(template.New("digest.html.tmpl").ParseFS(templates.Files, "mails/digest.html.tmpl"))
)

// Subject says the month, how many renewals it has and what they come to.
func (d Digest) Subject(w *words.Words) string {
	switch w = d.says(w); {
	case len(d.Renewals) == 0:
		return w.T("letter.subject_none", "of", d.ofMonth(w))
	case d.WithoutAmounts:
		return w.N("letter.subject_plain", len(d.Renewals), "of", d.ofMonth(w))
	}
	return w.N("letter.subject", len(d.Renewals), "of", d.ofMonth(w), "total", d.total(w))
}

// says are the words to write it with.
func (d Digest) says(w *words.Words) *words.Words {
	if d.WithoutAmounts {
		return w.WithoutAmounts()
	}
	return w
}

// ofMonth is « de décembre 2026 » or « d’avril 2026 ».
func (d Digest) ofMonth(w *words.Words) string {
	month := w.Month(d.Month)
	if strings.ContainsAny(month[:1], "aeiou") {
		return w.T("letter.of_vowel", "month", month)
	}
	return w.T("letter.of", "month", month)
}

// total is what the month's renewals come to, and how many of them it leaves out.
func (d Digest) total(w *words.Words) string {
	switch {
	case d.Unconverted == 0:
		return w.Money(d.Total)
	case d.Unconverted == len(d.Renewals):
		return w.Kind("payment", "unconverted")
	}
	return w.N("letter.total_without", d.Unconverted, "total", d.Total)
}

// Text is the digest for whoever reads mail as plain text, complete in itself.
func (d Digest) Text(w *words.Words) (string, error) {
	var b strings.Builder
	if err := textDigest.Execute(&b, d.letter(d.says(w))); err != nil {
		return "", fmt.Errorf("write digest: %w", err)
	}
	return strings.TrimRight(b.String(), "\n") + "\n", nil
}

// HTML is the same digest as a page by itself: styles inside, nothing fetched, under 100 kB.
func (d Digest) HTML(w *words.Words) (string, error) {
	var b bytes.Buffer
	if err := htmlDigest.Execute(&b, d.letter(d.says(w))); err != nil {
		return "", fmt.Errorf("write digest: %w", err)
	}
	return b.String(), nil
}

func (d Digest) letter(w *words.Words) letter {
	l := letter{
		Lang: string(w.Lang()), Subject: d.Subject(w),
		Eyebrow:  w.T("letter.eyebrow", "organisation", d.register.Organisation.Name, "month", w.Month(d.Month)),
		Greeting: w.T("letter.greeting", "name", d.To.Name),
		Open:     newLink(w, w.T("letter.open"), d.BaseURL+"/"),
		Why:      w.T("letter.why", "organisation", d.register.Organisation.Name), Leave: newLink(w, w.T("letter.leave"), d.UnsubscribeURL),
		Headline: d.headline(w),
	}
	t := teller{Digest: d, w: w}
	envelope := d.envelope(w)
	switch {
	case d.WithoutAmounts:
	case d.Quiet():
		l.Lead = append(l.Lead, envelope.Sentence)
	default:
		l.Envelope = envelope
	}
	if !d.Next.On.IsZero() {
		l.Lead = append(l.Lead, t.next())
	}
	l.Sections = t.kept(t.decide(), t.renewals())
	l.After = t.kept(t.changes(), t.missing())
	return l
}

// headline is the month in a sentence.
func (d Digest) headline(w *words.Words) string {
	month := w.Month(d.Month)
	switch {
	case len(d.Renewals) > 0 && d.WithoutAmounts:
		return w.N("letter.headline_plain", len(d.Renewals), "month", month)
	case len(d.Renewals) > 0:
		return w.N("letter.headline", len(d.Renewals), "month", month, "total", d.total(w))
	case d.Quiet():
		return w.T("letter.quiet", "month", month)
	}
	return w.T("letter.headline_none", "month", month)
}

// shortRows is how much of what there is to decide a digest in short tells.
const shortRows = 5

// Short is the digest for a channel: a line, a few lines without markup, and the address of the whole.
func (d Digest) Short(w *words.Words) (title, body, href string) {
	lines := []string{d.headline(w)}
	t := teller{Digest: d, w: w}
	if !d.WithoutAmounts {
		lines = append(lines, d.envelope(w).Sentence)
	}
	if !d.Next.On.IsZero() {
		lines = append(lines, t.next())
	}
	for _, s := range t.kept(t.decide()) {
		lines = append(lines, s.Caption)
		for i, r := range s.Rows {
			if i == shortRows {
				lines = append(lines, w.N("letter.more", len(s.Rows)-shortRows))
				break
			}
			lines = append(lines, "• "+r.Line)
		}
	}
	return d.Subject(w), strings.Join(lines, "\n"), d.BaseURL + "/digest?month=" + d.Month.String()[:len("2006-01")]
}

// kept leaves out the parts with nothing in them, and readies the others for the text.
func (t teller) kept(all ...section) []section {
	var out []section
	for _, s := range all {
		for i := range s.Rows {
			s.Rows[i].Line, s.Rows[i].Rest = t.line(s.Rows[i]), rest(s.Rows[i])
		}
		s.Columns = [3]string{t.w.T("letter.day"), t.w.T("letter.name"), t.w.T("letter.sum")}
		if t.WithoutAmounts {
			s.Columns[2] = ""
		}
		if len(s.Rows) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (t teller) line(r row) string {
	line := t.w.T("letter.line", "name", r.Name, "what", r.What)
	switch {
	case r.When != "":
		return t.w.T("letter.line_when", "day", r.Day, "when", r.When, "line", line)
	case r.Day != "":
		return t.w.T("letter.line_day", "day", r.Day, "line", line)
	}
	return line
}

func rest(r row) string {
	amount := r.Amount
	if r.Note != "" && amount != "" {
		amount += " "
	}
	return strings.Join(join(append([]string{amount + r.Note}, r.Details...)...), " · ")
}

func (d Digest) envelope(w *words.Words) *envelopePart {
	p := d.Position
	e := &envelopePart{
		Title:   w.T("letter.envelope"),
		Caption: w.T("letter.envelope_caption", "year", w.FiscalYear(p.Year), "day", d.Today),
		Bar:     bar(p),
		Figures: []figure{
			{Class: "spent", Swatch: colours["spent"], Name: capital(w.T("figure.spent_key")), Amount: w.Money(p.Spent)},
			{Class: "due", Swatch: colours["due"], Name: capital(w.T("figure.due_key")), Amount: w.Money(p.Due)},
			{Class: "committed", Swatch: colours["committed"], Name: capital(w.T("figure.committed_key", "day", w.DayMedium(p.Year.Last()))), Amount: w.Money(p.Committed)},
			{Name: capital(w.T("letter.forecast")), Amount: w.Money(p.Forecast), Total: true},
		},
	}
	year := w.T("dashboard.year")
	if start := p.Year.Start; start.Month() != 1 || start.Day() != 1 {
		year = w.T("dashboard.fiscal_year")
	}
	args := []any{"year", year, "amount", p.Forecast, "ceiling", w.MoneyRound(p.Envelope.Ceiling)}
	switch p.Status {
	case models.Within:
		if e.Sentence = w.T("dashboard.within_ceiling", args...); p.Envelope.Floor.IsPositive() {
			e.Sentence = w.T("dashboard.within", append(args, "floor", lowerBound(w, p.Envelope.Floor))...)
		}
		e.Figures = append(e.Figures, figure{Class: "room", Swatch: colours["room"], Name: capital(w.T("figure.room_key")), Amount: w.Money(p.Room())})
	case models.Under:
		e.Class = "warning"
		e.Sentence = w.T("dashboard.under", append(args, "floor", w.MoneyRound(p.Envelope.Floor), "by", p.Envelope.Floor.Sub(p.Forecast))...)
		e.Figures = append(e.Figures, figure{Class: "room", Swatch: colours["room"], Name: capital(w.T("figure.room_key")), Amount: w.Money(p.Room())})
	case models.Over:
		e.Class = "danger"
		above := p.Forecast.Sub(p.Envelope.Ceiling)
		e.Sentence = w.T("dashboard.over", append(args, "by", above)...)
		e.Figures = append(e.Figures, figure{Class: "over", Swatch: colours["over"], Name: capital(w.T("figure.over_key")), Amount: w.Money(above)})
		e.Notes = append(e.Notes, d.crossing(w))
	case models.NoEnvelope:
		e.Sentence = w.T("dashboard.no_envelope", args...)
		e.Notes = append(e.Notes, w.T("dashboard.no_envelope_lead", "year", w.FiscalYear(p.Year)))
	}
	if n := len(p.UnconvertedCharges) + len(p.UnconvertedPayments); n > 0 {
		e.Notes = append(e.Notes, w.N("dashboard.missing", n))
	}
	return e
}

func (d Digest) crossing(w *words.Words) string {
	sv, _ := d.register.Service(d.Position.CrossedBy)
	key := "dashboard.will_cross"
	if !d.Position.CrossedOn.After(d.Today) {
		key = "dashboard.crossed"
	}
	return w.T(key, "day", w.Day(d.Position.CrossedOn), "service", sv.Name)
}

// lowerBound writes the lower end of a range whose upper end carries the currency: « de 800 à 1 000 € ».
func lowerBound(w *words.Words, a money.Amount) string {
	if w.Lang() == words.FR && a.Units()%money.UnitsPerOne == 0 {
		return w.MoneyShort(a)
	}
	return w.MoneyRound(a)
}

// bar draws the year with cells: spent, due, committed, then the room under the ceiling or what lies beyond it. Whole
// percents are cut from the sums, so that they add up to a hundred.
func bar(p models.Position) []barPart {
	forecast := p.Forecast.Units()
	ceiling := forecast
	if p.Status != models.NoEnvelope {
		ceiling = p.Envelope.Ceiling.Units()
	}
	whole := max(ceiling, forecast)
	if whole <= 0 {
		return nil
	}
	last := "room"
	if forecast > ceiling {
		last = "over"
	}
	var parts []barPart
	before := int64(0)
	for _, piece := range []struct {
		class string
		end   int64
	}{
		{"spent", min(p.Spent.Units(), ceiling)},
		{"due", min(p.Spent.Add(p.Due).Units(), ceiling)},
		{"committed", min(forecast, ceiling)},
		{last, whole},
	} {
		// An envelope's units times a hundred stay far below 2⁶³: nothing typed exceeds a billion euros.
		if at := max(piece.end, 0) * 100 / whole; at > before {
			parts = append(parts, barPart{piece.class, at - before, colours[piece.class]})
			before = at
		}
	}
	return parts
}

// lineWidth is where plain text is broken: what every mail program shows, quoted once or twice.
const lineWidth = 72

// wrap breaks a text at spaces, and indents it after a mark; no-break spaces hold.
func wrap(mark, text string) string {
	indent := utf8.RuneCountInString(mark)
	pad := strings.Repeat(" ", indent)
	var b strings.Builder
	b.WriteString(mark)
	at := indent
	for i, word := range strings.Split(text, " ") {
		width := utf8.RuneCountInString(word)
		if i > 0 && at+1+width > lineWidth {
			b.WriteString("\n" + pad)
			at = indent
		} else if i > 0 {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += width
	}
	return b.String()
}

// rule underlines a title.
func rule(title string) string { return strings.Repeat("-", utf8.RuneCountInString(title)) }

// beside puts an amount at the end of a name's line, figures under figures.
func beside(name, amount string) string {
	const width = 48
	gap := width - utf8.RuneCountInString(name) - utf8.RuneCountInString(amount)
	return name + strings.Repeat(" ", max(gap, 2)) + amount
}

func servicePath(id models.ID) string { return "/services/" + strconv.FormatInt(int64(id), 10) }

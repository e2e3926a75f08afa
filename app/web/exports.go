package web

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// fileRow is one kind of file with the choices it has and what one should know before it leaves.
type fileRow struct {
	Kind      string
	FileName  string
	Encodings []Option
	Readers   []Option
	Digits    []Option
	Closing   bool // may hold the closing's entries
	Findings  []finding
	Refused   bool   // it cannot be taken as things stand
	Whole     string // address of the whole year, for a file that is of no less
	Filed     int    // what the archive holds
}

// finding is something about a file in words, with the payments it is about.
type finding struct {
	Refused bool // the file does not leave
	Text    string
	Lines   []gapLine
	Rest    int
}

// fileRows are the files in the order they are offered, each with its description beside it rather than after it, and
// the archive of the invoices themselves.
func fileRows(v *visit, p reports.Period) []fileRow {
	var rows []fileRow
	for _, f := range reports.Files {
		if f.Kind != reports.Notice {
			rows = append(rows, newFileRow(v, f, p))
		}
	}
	archive := fileRow{Kind: reports.Archive, FileName: reports.ArchiveName(p.Year), Readers: readerOptions(v), Encodings: encodingOptions([]string{reports.UTF8, reports.Windows1252})}
	archive.judge(v, p, false)
	for i := range v.register.Payments {
		x := v.register.Payments[i]
		if x.Stands() && p.Year.Span().Contains(x.PaidOn) && v.register.InvoiceOf(x)[0].ID == x.ID {
			archive.Filed += len(v.register.AttachmentsOf(x))
		}
	}
	return append(rows, archive)
}

func newFileRow(v *visit, f reports.File, p reports.Period) fileRow {
	row := fileRow{
		Kind: f.Kind, FileName: reports.FileName(f.Kind, v.register, p, v.today), Encodings: encodingOptions(f.Encodings), Closing: f.Entries,
	}
	if f.People {
		row.Readers = readerOptions(v)
	}
	if f.Padded {
		row.Digits = []Option{{"", v.words.T("exports.digits_as_is")}}
		for _, n := range []int{6, 8} { //nolint:mnd // the two lengths that programs ask for
			row.Digits = append(row.Digits, Option{strconv.Itoa(n), v.words.T("exports.digits", "n", n)})
		}
	}
	if row.judge(v, p, f.Months || !f.Period); row.Whole != "" {
		row.FileName = reports.FileName(f.Kind, v.register, reports.Whole(p.Year), v.today)
	}
	return row
}

// judge says what there is to know of the file of a period and whether it can be taken. Of months, a file that is of a
// whole year only leads to that: what is found there is said there.
func (row *fileRow) judge(v *visit, p reports.Period, months bool) {
	if !months && !p.IsWhole() {
		row.Refused, row.Whole = true, newBookPeriod(v, p, false).address(bookFiles, false)
		return
	}
	row.Findings = accountingFindings(v, row.Kind, p, reports.Options{})
	row.Refused = refusing(row.Findings) != nil
}

// encodingNames are the names of encodings as programs write them.
var encodingNames = map[string]string{reports.UTF8: "UTF-8", reports.Windows1252: "Windows-1252", reports.Latin9: "ISO 8859-15"}

func encodingOptions(encodings []string) []Option {
	var out []Option
	for _, e := range encodings {
		out = append(out, Option{e, encodingNames[e]})
	}
	return out
}

func readerOptions(v *visit) []Option {
	return []Option{{"people", v.words.T("accounting.for_people")}, {"program", v.words.T("accounting.for_program")}}
}

// accountingFindings are what one should know before a file of a period leaves, in words, what keeps it here first. That
// the extract is named without a number is said beside it, with the way to give one.
func accountingFindings(v *visit, kind string, p reports.Period, o reports.Options) []finding {
	var found []finding
	for _, f := range reports.Findings(kind, v.register, p, o) {
		if f.Rule != reports.FoundNoSIREN {
			found = append(found, newFinding(v, f))
		}
	}
	return found
}

func newFinding(v *visit, f reports.Finding) finding {
	out := finding{Refused: f.Refused, Text: f.Said(v.words)}
	for i, id := range f.Payments {
		if i == maxStill {
			out.Rest = len(f.Payments) - i
			break
		}
		p, _ := v.register.Payment(id)
		sv, _ := v.register.Service(p.ServiceID)
		out.Lines = append(out.Lines, gapLine{Href: "/payments/" + typedID(id), Service: sv.Name, On: p.PaidOn, Amount: p.Billed})
	}
	return out
}

// Remarks are the findings with which the file can be taken all the same.
func (row fileRow) Remarks() []finding {
	return slices.DeleteFunc(slices.Clone(row.Findings), func(f finding) bool { return f.Refused })
}

// refusing is the finding that keeps a file here; nil when none does.
func refusing(all []finding) *finding {
	if i := slices.IndexFunc(all, func(f finding) bool { return f.Refused }); i >= 0 {
		return &all[i]
	}
	return nil
}

// sinceExport is what was recorded of a period after the files of entries were last taken.
type sinceExport struct {
	Taken []takenFile // of the days of the period, the latest first
	Last  *takenFile  // of a file of entries
	Lines []lateLine
	Count int
	Total money.Amount
}

// takenFile is one file that was handed out.
type takenFile struct {
	Kind string
	Span cal.Span
	At   time.Time
	By   string // empty for the command line
}

// lateLine is a payment the accountant has not been given.
type lateLine struct {
	models.Payment
	Service  string
	Recorded cal.Date
}

const maxTaken = 12

func newSinceExport(v *visit, span cal.Span) sinceExport {
	r := v.register
	kinds, zone := reports.EntryFiles(), r.Organisation.Location()
	s := sinceExport{Total: money.Zero(money.EUR)}
	for _, m := range slices.Backward(r.Exports) {
		if m.Span.Overlap(span).IsEmpty() || m.Kind == reports.Register || m.Kind == reports.Notice {
			continue
		}
		by, _ := r.Person(m.By)
		taken := takenFile{m.Kind, m.Span, m.At.In(zone), by.Name}
		if len(s.Taken) < maxTaken {
			s.Taken = append(s.Taken, taken)
		}
		if s.Last == nil && slices.Contains(kinds, m.Kind) {
			s.Last = &taken
		}
	}
	late := r.SinceExport(span, kinds...)
	s.Count = len(late)
	for i := range late {
		p := &late[i]
		if p.Converted() {
			s.Total = s.Total.Add(p.Cost)
		}
		if i < maxCharges {
			sv, _ := r.Service(p.ServiceID)
			s.Lines = append(s.Lines, lateLine{*p, sv.Name, cal.Of(p.RecordedAt.In(zone))})
		}
	}
	return s
}

// Rest is how many of them the page does not list.
func (s sinceExport) Rest() int { return s.Count - len(s.Lines) }

// export hands out one file and notes that it did. The file is written whole before the first byte leaves: a fault gives
// an error page, never half a file.
func (w *Web) export(c echo.Context) error {
	v := visitOf(c)
	p, wrong, err := askedPeriod(v, c.FormValue)
	if err != nil {
		return err
	}
	o, ok := askedOptions(c)
	if !ok || wrong {
		return models.ErrNotFound
	}
	kind := c.Param("kind")
	if kind == reports.Archive {
		return w.archive(c, p, o)
	}
	file, ok := reports.FileOf(kind)
	if !ok {
		return models.ErrNotFound
	}
	if kind == reports.Notice { // its form is the extract's, whose accounts it does not hold
		o.Digits = 0
	}
	switch file.Check(o, p) {
	case "":
	case "months":
		return models.Refused{Rule: "export.months"}
	default:
		return models.ErrNotFound
	}
	if f := refusing(accountingFindings(v, kind, p, o)); f != nil {
		return models.Refused{Rule: "export.finding", Args: []any{"why", f.Text}}
	}
	var body bytes.Buffer
	if err := reports.Export(kind, &body, v.register, p, v.today, o); err != nil {
		return err
	}
	if _, err := w.store.MarkExport(c.Request().Context(), v.actor, reports.MarkOf(kind, v.register, p, v.today)); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, saveAs(reports.FileName(kind, v.register, p, v.today)))
	h.Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, file.ContentType(o), body.Bytes())
}

// askedOptions is how a file is wanted; false for what no form asks.
func askedOptions(c echo.Context) (o reports.Options, ok bool) {
	o.Encoding = c.FormValue("encoding")
	switch c.FormValue("for") {
	case "program":
		o.ForProgram = true
	case "people", "":
	default:
		return o, false
	}
	switch c.FormValue("closing") {
	case "on":
		o.Closing = true
	case "":
	default:
		return o, false
	}
	if typed := c.FormValue("digits"); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n == 0 {
			return o, false
		}
		o.Digits = n
	}
	return o, true
}

// archive streams the invoices of a year: they may be more than this machine's memory. A fault on the way breaks the
// connection off, so that nobody takes half an archive for a whole one. It counts as handed out once it has left whole.
func (w *Web) archive(c echo.Context, p reports.Period, o reports.Options) error {
	switch {
	case o.Encoding != "" && o.Encoding != reports.UTF8 && o.Encoding != reports.Windows1252, o.Digits != 0, o.Closing:
		return models.ErrNotFound
	case !p.IsWhole():
		return models.Refused{Rule: "export.months"}
	}
	v := visitOf(c)
	if f := refusing(accountingFindings(v, reports.Archive, p, o)); f != nil {
		return models.Refused{Rule: "export.finding", Args: []any{"why", f.Text}}
	}
	takeTime(c)
	ctx := context.WithoutCancel(c.Request().Context()) // the time of a page is too short; a reader who leaves ends it by a failed write
	res := c.Response()
	h := res.Header()
	h.Set(echo.HeaderContentType, "application/zip")
	h.Set(echo.HeaderContentDisposition, saveAs(reports.ArchiveName(p.Year)))
	h.Set("Cache-Control", "private, no-store")
	out := bufio.NewWriterSize(res, 64<<10)
	err := reports.ArchiveZip(out, v.register, p.Year, o, func(a models.Attachment) ([]byte, error) {
		_, content, err := w.store.Content(ctx, v.actor.Organisation, a.ID)
		return content, err
	})
	if err == nil {
		_, err = w.store.MarkExport(ctx, v.actor, reports.MarkOf(reports.Archive, v.register, p, v.today))
	}
	if err == nil {
		err = out.Flush()
	}
	switch {
	case err == nil:
		return nil
	case !res.Committed:
		for _, name := range []string{echo.HeaderContentType, echo.HeaderContentDisposition} {
			h.Del(name)
		}
		return err
	}
	w.Logger.Error("archive broken off", "year", p.Year.Label(), "error", err)
	panic(http.ErrAbortHandler)
}

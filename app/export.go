package app

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// ExportOptions say which file, of which fiscal year (0: that of From, else this one) and months of it ("2026-01"; ""
// for its first and last), in which shape, to which place ("" or "-": out).
type ExportOptions struct {
	Kind     string
	Year     int
	From, To string
	Encoding string // "" for the file's own
	Digits   int    // of the accounts; 0 as they are
	Closing  bool
	Program  bool // for a program that imports, not for people who open the file
	Out      string
}

// ExportKinds are the files there are.
func ExportKinds() []string {
	kinds := make([]string, len(reports.Files), len(reports.Files)+2)
	for i, f := range reports.Files {
		kinds[i] = f.Kind
	}
	return append(kinds, reports.Archive, reports.Review)
}

// exportFile is a kind of file with what may be asked of it.
func exportFile(kind string) (reports.File, bool) {
	if kind == reports.Archive {
		return reports.File{Kind: kind, Period: true, Encodings: []string{reports.UTF8, reports.Windows1252}, People: true}, true
	}
	if kind == reports.Review {
		return reports.File{Kind: kind, Period: true}, true
	}
	return reports.FileOf(kind)
}

// Check says what is wrong with the options, as wrong usage: also what the file asked for does not have, so that nobody
// takes it for another.
func (o ExportOptions) Check() error {
	var faults Faults
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	f, ok := exportFile(o.Kind)
	if !ok {
		add("there is no file %q; write one of %s", o.Kind, strings.Join(ExportKinds(), ", "))
		return faults.err()
	}
	if o.Encoding != "" && !slices.Contains(f.Encodings, o.Encoding) {
		if len(f.Encodings) == 0 {
			add("--encoding: %s is no text and has none", o.Kind)
		} else {
			add("--encoding: %q is not one of %s; write %s", o.Encoding, o.Kind, strings.Join(f.Encodings, " or "))
		}
	}
	if o.Year != 0 && (o.Year < 1970 || o.Year > 2199) {
		add("--year: %d is out of range; write for example 2026", o.Year)
	}
	if o.Digits != 0 && o.Digits != 6 && o.Digits != 8 {
		add("--accounts: %d digits are not asked for anywhere; write 6 or 8", o.Digits)
	} else if o.Digits != 0 && !f.Padded {
		add("--accounts: %s has its accounts as they are", o.Kind)
	}
	if o.Closing && !f.Entries {
		add("--closing: %s holds no entries", o.Kind)
	}
	if o.Program && !f.People {
		add("--import: %s has one form only", o.Kind)
	}
	if o.Year != 0 && !f.Period {
		add("--year: %s is of a day; give it with --today", o.Kind)
	}
	for _, m := range []struct{ flag, month string }{{"--from", o.From}, {"--to", o.To}} {
		if m.month == "" {
			continue
		}
		if !f.Months {
			add("%s: %s is not taken by months", m.flag, o.Kind)
		} else if _, err := cal.Parse(m.month + "-01"); err != nil {
			add("%s: %q is not a month; write for example 2026-03", m.flag, m.month)
		}
	}
	return faults.err()
}

// period is the fiscal year asked for, or the months of it; wrong usage when it does not have them.
func (o ExportOptions) period(r *models.Register, today cal.Date) (reports.Period, error) {
	year := r.Year(today)
	switch {
	case o.Year != 0:
		year = r.Organisation.YearStart.Year(o.Year)
	case o.From != "":
		year = yearOfMonth(r, o.From)
	case o.To != "":
		year = yearOfMonth(r, o.To)
	}
	months := year.Months()
	first, last := 1, len(months)
	for _, m := range []struct {
		flag, month string
		to          *int
	}{{"--from", o.From, &first}, {"--to", o.To, &last}} {
		if m.month == "" {
			continue
		}
		at := slices.IndexFunc(months, func(s cal.Span) bool { return monthOf(s) == m.month })
		if at < 0 {
			return reports.Period{}, Faults{fmt.Sprintf("%s: %s is no month of the fiscal year %s; it has %s to %s", m.flag, m.month, year.Label(), monthOf(months[0]), monthOf(months[len(months)-1]))}
		}
		*m.to = at + 1
	}
	p, ok := reports.Months(year, first, last)
	if !ok {
		return p, Faults{fmt.Sprintf("--to: %s comes before %s", monthOf(months[last-1]), monthOf(months[first-1]))}
	}
	return p, nil
}

// yearOfMonth is the fiscal year one of whose months begins in a calendar month.
func yearOfMonth(r *models.Register, month string) cal.FiscalYear {
	first, err := cal.Parse(month + "-01")
	if err != nil {
		return cal.FiscalYear{}
	}
	return r.Year(first.AddMonths(1).AddDays(-1))
}

// monthOf names a fiscal month by the calendar month it begins in.
func monthOf(s cal.Span) string { return fmt.Sprintf("%04d-%02d", s.From.Year(), s.From.Month()) }

// Export writes one of the accountant's files, whole or not at all, and notes that it was handed out. The extract of
// entries written to a file gets its description beside it. What keeps the file from being written is the error; what
// else there is to know of it goes to remarks, a sentence a line.
func (a *App) Export(ctx context.Context, out, remarks io.Writer, o ExportOptions) error {
	r, err := a.Organisation(ctx)
	if err != nil {
		return err
	}
	today, said := r.Organisation.Today(a.Now()), words.In(words.Lang(cmp.Or(a.Config.Lang, models.English)))
	p, err := o.period(r, today)
	if err != nil {
		return err
	}
	if o.Kind == reports.Review {
		return a.exportReview(ctx, out, o, r, p.Year)
	}
	options := reports.Options{Encoding: o.Encoding, ForProgram: o.Program, Digits: o.Digits, Closing: o.Closing}
	found := reports.Findings(o.Kind, r, p, options)
	for _, f := range found {
		if f.Refused {
			return errors.New(f.Said(said))
		}
	}
	write := func(w io.Writer) error { return reports.Export(o.Kind, w, r, p, today, options) }
	if o.Kind == reports.Archive {
		write = func(w io.Writer) error {
			return reports.ArchiveZip(w, r, p.Year, options, func(x models.Attachment) ([]byte, error) {
				_, content, err := a.Store.Content(ctx, r.Organisation.ID, x.ID)
				return content, err
			})
		}
	}
	mark := func() error {
		_, err := a.Store.MarkExport(ctx, a.Program(r), reports.MarkOf(o.Kind, r, p, today))
		return err
	}
	if err := o.put(out, write, mark, func(w io.Writer) error { return reports.Export(reports.Notice, w, r, p, today, options) }); err != nil {
		return err
	}
	for _, f := range found {
		if _, err := fmt.Fprintln(remarks, f.Said(said)); err != nil {
			return err
		}
	}
	return nil
}

// put writes a file where it is wanted, whole, and has it noted; the extract's description goes beside it.
func (o ExportOptions) put(out io.Writer, write func(io.Writer) error, mark func() error, notice func(io.Writer) error) error {
	if o.Out != "" && o.Out != "-" {
		files := []fileToWrite{{o.Out, write}}
		if o.Kind == reports.FEC {
			files = append(files, fileToWrite{strings.TrimSuffix(o.Out, filepath.Ext(o.Out)) + "_description.txt", notice})
		}
		return writeWhole(files, mark)
	}
	if o.Kind == reports.Archive { // may be larger than memory; one that breaks off has no directory and opens nowhere
		if err := write(out); err != nil {
			return err
		}
		return mark()
	}
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return err
	}
	if err := mark(); err != nil {
		return err
	}
	_, err := out.Write(body.Bytes())
	return err
}

// fileToWrite is a file by its place and what is to stand in it.
type fileToWrite struct {
	path  string
	write func(io.Writer) error
}

// writeWhole puts files in their places once all of them are written and done has answered, each in one step: nobody
// finds half of one, and when anything fails before, what stood there stays.
func writeWhole(files []fileToWrite, done func() error) (err error) {
	var beside []string
	defer func() {
		if err != nil {
			for _, path := range beside {
				if gone := os.Remove(path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
					err = errors.Join(err, gone)
				}
			}
		}
	}()
	for _, f := range files {
		if info, err := os.Stat(f.path); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder; write the name of a file in it", f.path)
		}
		if info, err := os.Stat(filepath.Dir(f.path)); err != nil || !info.IsDir() {
			return fmt.Errorf("there is no folder %s to write in", filepath.Dir(f.path))
		}
		path, err := writeBeside(f)
		if path != "" {
			beside = append(beside, path)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := done(); err != nil {
		return err
	}
	for i, f := range files {
		if err := os.Rename(beside[i], f.path); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	return nil
}

// writeBeside writes a file in the folder it belongs to, under another name.
func writeBeside(to fileToWrite) (path string, err error) {
	f, err := os.CreateTemp(filepath.Dir(to.path), ".enveloppe-*")
	if err != nil {
		return "", err
	}
	b := bufio.NewWriterSize(f, 64<<10)
	if err = to.write(b); err == nil {
		err = b.Flush()
	}
	return f.Name(), errors.Join(err, f.Sync(), f.Close())
}

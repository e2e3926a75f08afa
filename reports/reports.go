// Package reports turns the register into documents: the monthly digest and the accountant's files.
package reports

import (
	"errors"
	"fmt"
	"io"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// The kinds of files.
const (
	Register = "register" // what is used, one line a service
	Invoices = "invoices" // one line a payment
	Journal  = "journal"  // one line an entry line
)

// File is a kind of file one can take.
type File struct {
	Kind   string
	Yearly bool   // of one fiscal year; the others are of a day
	name   string // in French, as the people who receive it call it
}

// Files are all of them, in the order they are offered.
var Files = []File{
	{Kind: Journal, Yearly: true, name: "journal"},
	{Kind: Invoices, Yearly: true, name: "factures"},
	{Kind: Register, name: "registre"},
}

// FileOf finds a kind of file by its name.
func FileOf(kind string) (File, bool) {
	for _, f := range Files {
		if f.Kind == kind {
			return f, true
		}
	}
	return File{}, false
}

// The encodings a file may be taken in.
const (
	UTF8        = "utf-8" // with a byte order mark, without which Excel takes it for Windows-1252
	Windows1252 = "windows-1252"
)

// CSVOptions is how a file is written. Headings and words stay in French: the file is for French books.
type CSVOptions struct {
	Encoding string // UTF8 when empty
	// ForProgram is for a file that a program imports: a text that a spreadsheet would take for a formula loses what
	// makes it one. In a file that people open it gets an apostrophe instead.
	ForProgram bool
}

// ContentType is the media type of a file written so.
func (o CSVOptions) ContentType() string {
	if o.Encoding == Windows1252 {
		return "text/csv; charset=windows-1252"
	}
	return "text/csv; charset=utf-8"
}

// ErrUnknownKind is answered for a kind of file there is not.
var ErrUnknownKind = errors.New("no such kind of file")

// Export writes a file: of the fiscal year for those of a year, else as things stand on the day. The same register,
// year, day and options give the same bytes. Nothing is written when an entry would not balance; w may have received
// part of the file when writing to it fails.
func Export(kind string, w io.Writer, r *models.Register, year cal.FiscalYear, day cal.Date, o CSVOptions) error {
	switch kind {
	case Register:
		return RegisterCSV(w, r, day, o)
	case Invoices:
		return InvoicesCSV(w, r, year, o)
	case Journal:
		return JournalCSV(w, r, year, o)
	}
	return fmt.Errorf("%w: %q", ErrUnknownKind, kind)
}

// FileName is the name to save a file under: "enveloppe-journal-2026.csv", "enveloppe-registre-2026-11-23.csv".
func FileName(kind string, year cal.FiscalYear, day cal.Date) string {
	f, ok := FileOf(kind)
	if !ok {
		f.name = kind
	}
	of := day.String()
	if f.Yearly {
		of = year.Label()
	}
	return "enveloppe-" + f.name + "-" + of + ".csv"
}

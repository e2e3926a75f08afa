// Package reports turns the register into documents: the monthly digest and the accountant's files.
package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// The kinds of files.
const (
	Register = "register"   // what is used, one line a service
	Invoices = "invoices"   // one line a payment
	Journal  = "journal"    // one line an entry line
	Paheko   = "paheko"     // the same for Paheko
	FEC      = "fec"        // the same in the layout of article A. 47 A-1
	Notice   = "fec-notice" // what goes with it
	Prepaid  = "prepaid"    // the schedule of account 486
	Workbook = "workbook"   // the tables above in one spreadsheet
)

// File is a kind of file one can take.
type File struct {
	Kind      string
	Period    bool     // of a fiscal year, or months of it; the others are of a day
	Months    bool     // months of a year may be asked, not only the whole
	Entries   bool     // holds entries of the books
	Encodings []string // the first unless another is asked; none for a file that is not text
	Padded    bool     // accounts may be filled up
	People    bool     // may be for people who open it as well as for a program that imports it
	name      string   // in French, as the people who receive it call it
	ending    string
}

// Files are all of them, in the order they are offered.
var Files = []File{
	{Kind: Journal, Period: true, Months: true, Entries: true, Encodings: both, Padded: true, People: true, name: "journal", ending: ".csv"},
	{Kind: Invoices, Period: true, Months: true, Encodings: both, Padded: true, People: true, name: "factures", ending: ".csv"},
	{Kind: Paheko, Period: true, Months: true, Entries: true, Encodings: both, name: "paheko", ending: ".csv"},
	{Kind: FEC, Period: true, Months: true, Entries: true, Encodings: []string{UTF8, Latin9}, Padded: true},
	{Kind: Notice, Period: true, Months: true, Entries: true, Encodings: []string{UTF8, Latin9}},
	{Kind: Prepaid, Period: true, Encodings: both, Padded: true, People: true, name: "cca", ending: ".csv"},
	{Kind: Register, Encodings: both, People: true, name: "registre", ending: ".csv"},
	{Kind: Workbook, Period: true, Padded: true, Entries: true, name: "classeur", ending: ".xlsx"},
}

var both = []string{UTF8, Windows1252}

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
	UTF8        = "utf-8" // with a byte order mark in CSV files, without which Excel takes them for Windows-1252
	Windows1252 = "windows-1252"
	Latin9      = "iso-8859-15"
)

// Options is how a file is written. Headings and words stay in French: the file is for French books.
type Options struct {
	Encoding string // UTF8 when empty
	// ForProgram is for a file that a program imports: a text that a spreadsheet would take for a formula loses what
	// makes it one. In a file that people open it gets an apostrophe instead.
	ForProgram bool
	Digits     int  // accounts are filled up with zeros to so many; 0 leaves them as they are
	Closing    bool // the entries of account 486 are among the entries
}

// Check refuses what the file cannot be, by the name of what is wrong: "encoding", "digits" or "months".
func (f File) Check(o Options, p Period) string {
	switch {
	case o.Encoding != "" && !slices.Contains(f.Encodings, o.Encoding):
		return "encoding"
	case o.Digits != 0 && (!f.Padded || (o.Digits != 6 && o.Digits != 8)): //nolint:mnd // the two lengths that programs ask for
		return "digits"
	case !f.Months && f.Period && !p.IsWhole():
		return "months"
	}
	return ""
}

// ContentType is the media type of a file written so.
func (f File) ContentType(o Options) string {
	switch f.Kind {
	case Workbook:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case FEC, Notice:
		return "text/plain; charset=" + cmp.Or(o.Encoding, UTF8)
	}
	return "text/csv; charset=" + cmp.Or(o.Encoding, UTF8)
}

// ErrUnknownKind is answered for a kind of file there is not.
var ErrUnknownKind = errors.New("no such kind of file")

// Export writes a file: of the period for those of one, else as things stand on the day. The same register, period, day
// and options give the same bytes. Nothing is written when an entry would not balance; w may have received part of the
// file when writing to it fails.
func Export(kind string, w io.Writer, r *models.Register, p Period, day cal.Date, o Options) error {
	switch kind {
	case Register:
		return RegisterCSV(w, r, day, o)
	case Invoices:
		return InvoicesCSV(w, r, p, o)
	case Journal:
		return JournalCSV(w, r, p, o)
	case Paheko:
		return PahekoCSV(w, r, p, o)
	case FEC:
		return FECExtract(w, r, p, o)
	case Notice:
		return FECNotice(w, r, p, o)
	case Prepaid:
		return PrepaidCSV(w, r, p, o)
	case Workbook:
		return WorkbookXLSX(w, r, p, day, o)
	}
	return fmt.Errorf("%w: %q", ErrUnknownKind, kind)
}

// FileName is the name to save a file under: "enveloppe-journal-2026.csv", "enveloppe-registre-2026-11-23.csv".
func FileName(kind string, r *models.Register, p Period, day cal.Date) string {
	switch kind {
	case FEC:
		return FECName(r, p)
	case Notice:
		return strings.TrimSuffix(FECName(r, p), ".txt") + "_description.txt"
	}
	f, ok := FileOf(kind)
	if !ok {
		f.name = kind
	}
	of := day.String()
	if f.Period {
		of = p.Label()
	}
	return "enveloppe-" + f.name + "-" + of + f.ending
}

package reports

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"enveloppe/models/cal"
)

// Fault is a rule of article A. 47 A-1 that a file of entries breaks.
type Fault struct {
	Line   int // of the file, the titles being 1
	Rule   string
	Column string // title; empty for what concerns the line, or the entry
	Text   string // what stands there
}

// Error makes the first fault of a file the reason it is refused for.
func (f Fault) Error() string {
	where := "line " + strconv.Itoa(f.Line)
	if f.Column != "" {
		where += ", " + f.Column
	}
	return fmt.Sprintf("%s: %s (%q)", where, f.Rule, f.Text)
}

// The rules a file of entries is held to.
const (
	FECEncoding    = "fec.encoding"     // bytes that are not of the alphabet the file claims, or a byte order mark
	FECTitles      = "fec.titles"       // the eighteen titles, in their order and spelling, between tabs or bars
	FECColumns     = "fec.columns"      // a line of another number of columns
	FECLineEnd     = "fec.line_end"     // the last line is not ended
	FECCharacters  = "fec.characters"   // control characters, or the other of the two separators
	FECBlank       = "fec.blank"        // a column that may not be blank
	FECDate        = "fec.date"         // no day as AAAAMMJJ
	FECAccount     = "fec.account"      // its three first signs are no digits of the chart of accounts
	FECAmount      = "fec.amount"       // no figure with a decimal comma and two decimals
	FECSides       = "fec.sides"        // both sides hold an amount, or neither
	FECBalance     = "fec.balance"      // an entry whose debits are not its credits
	FECScattered   = "fec.scattered"    // a number that came before: lines of an entry that do not follow one another
	FECEntry       = "fec.entry"        // lines of an entry that disagree on its journal, a day or its document
	FECNumber      = "fec.number"       // an entry without a number at its end
	FECSequence    = "fec.sequence"     // a number was left out before this one, in its journal
	FECJournal     = "fec.journal"      // a journal under two names
	FECOrder       = "fec.order"        // a line validated before the one above it
	FECValid       = "fec.valid"        // an entry validated before its own day
	FECAuxiliary   = "fec.auxiliary"    // an auxiliary account without its name, or the reverse
	FECAuxiliaryOn = "fec.auxiliary_on" // an auxiliary account on a line that is not a supplier's
	FECLettering   = "fec.lettering"    // a letter without its day, or the reverse
	FECCurrency    = "fec.currency"     // a foreign amount without its currency, or the reverse; or no code of one
	FECForeign     = "fec.foreign"      // a foreign amount that is no figure
)

// The columns by place.
const (
	fecJournalCode = iota
	fecJournalLib
	fecNumber
	fecOn
	fecAccount
	_
	fecAuxNum
	fecAuxLib
	fecPieceRef
	fecPieceDate
	_
	fecDebit
	fecCredit
	fecLetter
	fecLetterDate
	fecValidDate
	fecForeign
	fecCurrency
	fecWidth
)

// fecMayBeBlank are the columns the text leaves blank where they are not used.
var fecMayBeBlank = [fecWidth]bool{fecAuxNum: true, fecAuxLib: true, fecLetter: true, fecLetterDate: true, fecForeign: true, fecCurrency: true}

// CheckFEC reads a file of entries and says which rules of the text it breaks, line by line; none is right. It knows
// nothing of how this program writes such a file: only its bytes and the text count. After a hundred faults it looks no
// further.
func CheckFEC(data io.Reader, encoding string) []Fault {
	c := newFECCheck(encoding)
	if _, err := io.Copy(c, data); err != nil {
		c.fault(FECLineEnd, "", err.Error())
	}
	return c.end()
}

// maxFaults is how many are told: who repairs a hundred looks again.
const maxFaults = 100

// fecCheck is a file being read. It holds a line at a time, the entry it is in and the journals there are.
type fecCheck struct {
	encoding string
	part     bool // numbers may be left out: the file is of some months
	pending  []byte
	line     int
	separate string
	journals map[string]*fecBook
	entry    *fecEntry
	valid    string // day of the line above
	faults   []Fault
}

type fecBook struct {
	label string
	last  int // number
}

type fecEntry struct {
	at      [fecWidth]string // its first line
	line    int
	balance int64 // cents
}

func newFECCheck(encoding string) *fecCheck {
	return &fecCheck{encoding: encoding, journals: map[string]*fecBook{}}
}

func (c *fecCheck) fault(rule, column, text string) {
	if len(c.faults) < maxFaults {
		c.faults = append(c.faults, Fault{c.line, rule, column, text})
	}
}

// Write takes the next bytes of the file.
func (c *fecCheck) Write(b []byte) (int, error) {
	n := len(b)
	for {
		at := bytes.IndexByte(b, '\n')
		if at < 0 {
			c.pending = append(c.pending, b...)
			return n, nil
		}
		line := b[:at]
		if len(c.pending) > 0 {
			c.pending = append(c.pending, line...)
			line = c.pending
		}
		c.read(line)
		b, c.pending = b[at+1:], c.pending[:0]
	}
}

// end answers the faults of the whole file.
func (c *fecCheck) end() []Fault {
	if len(c.pending) > 0 {
		c.read(c.pending)
		c.fault(FECLineEnd, "", "")
	}
	c.endEntry()
	if c.line == 0 {
		c.line = 1
		c.fault(FECTitles, "", "")
	}
	return c.faults
}

func (c *fecCheck) read(raw []byte) {
	c.line++
	if len(c.faults) >= maxFaults {
		return
	}
	text := c.decoded(bytes.TrimSuffix(raw, []byte{'\r'}))
	if c.line == 1 {
		c.readTitles(text)
		return
	}
	if c.separate == "" { // no titles to go by
		return
	}
	if n := strings.Count(text, c.separate) + 1; n != fecWidth {
		c.fault(FECColumns, "", strconv.Itoa(n))
		return
	}
	var row [fecWidth]string
	for i := range row {
		row[i], text, _ = strings.Cut(text, c.separate)
	}
	c.checkCells(&row)
	c.checkPairs(&row)
	c.checkEntry(&row)
}

func (c *fecCheck) decoded(raw []byte) string {
	if c.encoding == Latin9 {
		text, err := charmap.ISO8859_15.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) { // 0x80 to 0x9f are no signs there
			c.fault(FECEncoding, "", string(text))
		}
		return string(text)
	}
	if !utf8.Valid(raw) {
		c.fault(FECEncoding, "", strings.ToValidUTF8(string(raw), "_"))
	}
	text, marked := strings.CutPrefix(string(raw), byteOrderMark)
	if marked {
		c.fault(FECEncoding, "", byteOrderMark)
	}
	return text
}

func (c *fecCheck) readTitles(text string) {
	c.separate = "\t"
	if !strings.Contains(text, c.separate) {
		c.separate = "|"
	}
	if text != strings.Join(fecTitles, c.separate) {
		c.fault(FECTitles, "", text)
		c.separate = ""
	}
}

// checkCells holds each cell to what its column may hold.
func (c *fecCheck) checkCells(row *[fecWidth]string) {
	for i, cell := range row {
		if strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsControl(r) || r == '|' || r == '\u2028' || r == '\u2029' }) {
			c.fault(FECCharacters, fecTitles[i], cell)
		}
		if strings.TrimSpace(cell) == "" && (cell != "" || !fecMayBeBlank[i]) {
			c.fault(FECBlank, fecTitles[i], cell)
		}
	}
	for _, i := range []int{fecOn, fecPieceDate, fecValidDate, fecLetterDate} {
		if row[i] != "" && !isFECDay(row[i]) {
			c.fault(FECDate, fecTitles[i], row[i])
		}
	}
	if a := row[fecAccount]; a != "" && (len(a) < 3 || a[0] < '1' || a[0] > '8' || !digitsOnly(a[:3])) {
		c.fault(FECAccount, fecTitles[fecAccount], a)
	}
	debit, debited := fecCents(row[fecDebit])
	credit, credited := fecCents(row[fecCredit])
	if !debited && row[fecDebit] != "" {
		c.fault(FECAmount, fecTitles[fecDebit], row[fecDebit])
	}
	if !credited && row[fecCredit] != "" {
		c.fault(FECAmount, fecTitles[fecCredit], row[fecCredit])
	}
	if debited && credited && (debit == 0) == (credit == 0) {
		c.fault(FECSides, "", row[fecDebit]+" / "+row[fecCredit])
	}
}

// checkPairs holds together the columns that mean nothing alone.
func (c *fecCheck) checkPairs(row *[fecWidth]string) {
	if (row[fecAuxNum] == "") != (row[fecAuxLib] == "") {
		c.fault(FECAuxiliary, fecTitles[fecAuxNum], row[fecAuxNum]+row[fecAuxLib])
	}
	// Suppliers, and those who are creditors for another reason.
	if a := row[fecAccount]; row[fecAuxNum] != "" && !strings.HasPrefix(a, "40") && !strings.HasPrefix(a, "46") {
		c.fault(FECAuxiliaryOn, fecTitles[fecAuxNum], row[fecAuxNum])
	}
	if (row[fecLetter] == "") != (row[fecLetterDate] == "") {
		c.fault(FECLettering, fecTitles[fecLetter], row[fecLetter]+row[fecLetterDate])
	}
	code := row[fecCurrency]
	isCode := len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	if (row[fecForeign] == "") != (code == "") || (code != "" && !isCode) {
		c.fault(FECCurrency, fecTitles[fecCurrency], row[fecForeign]+code)
	}
	if a := strings.TrimPrefix(row[fecForeign], "-"); row[fecForeign] != "" && (a == "" || !isAmount(a)) {
		c.fault(FECForeign, fecTitles[fecForeign], row[fecForeign])
	}
}

// checkEntry holds a line to the entry it is of, and a new entry to those before it.
func (c *fecCheck) checkEntry(row *[fecWidth]string) {
	if row[fecValidDate] < c.valid { // days written so sort as they are
		c.fault(FECOrder, fecTitles[fecValidDate], row[fecValidDate])
	}
	c.valid = max(c.valid, row[fecValidDate])
	if c.entry == nil || c.entry.at[fecJournalCode] != row[fecJournalCode] || c.entry.at[fecNumber] != row[fecNumber] {
		c.endEntry()
		c.entry = &fecEntry{at: *row, line: c.line}
		c.beginEntry(row)
	}
	for _, i := range []int{fecJournalLib, fecOn, fecPieceRef, fecPieceDate, fecValidDate} {
		if row[i] != c.entry.at[i] {
			c.fault(FECEntry, fecTitles[i], row[i])
		}
	}
	debit, _ := fecCents(row[fecDebit])
	credit, _ := fecCents(row[fecCredit])
	c.entry.balance += debit - credit
}

func (c *fecCheck) beginEntry(row *[fecWidth]string) {
	if row[fecValidDate] < row[fecOn] {
		c.fault(FECValid, fecTitles[fecValidDate], row[fecValidDate])
	}
	book := c.journals[row[fecJournalCode]]
	if book == nil {
		book = &fecBook{label: row[fecJournalLib]}
		c.journals[row[fecJournalCode]] = book
	}
	if book.label != row[fecJournalLib] {
		c.fault(FECJournal, fecTitles[fecJournalLib], row[fecJournalLib])
	}
	digits := row[fecNumber][len(strings.TrimRight(row[fecNumber], "0123456789")):]
	n, err := strconv.Atoi(digits)
	switch {
	case err != nil || n == 0:
		c.fault(FECNumber, fecTitles[fecNumber], row[fecNumber])
	case n <= book.last:
		c.fault(FECScattered, fecTitles[fecNumber], row[fecNumber])
	case n != book.last+1 && !c.part:
		c.fault(FECSequence, fecTitles[fecNumber], row[fecNumber])
	}
	book.last = max(book.last, n)
}

// endEntry holds the entry just read, whole, to its balance.
func (c *fecCheck) endEntry() {
	if e := c.entry; e != nil && e.balance != 0 {
		at := c.line
		c.line = e.line
		c.fault(FECBalance, "", e.at[fecNumber])
		c.line = at
	}
	c.entry = nil
}

func isFECDay(s string) bool {
	if len(s) != len("20261231") || !digitsOnly(s) {
		return false
	}
	_, err := cal.Parse(s[:4] + "-" + s[4:6] + "-" + s[6:])
	return err == nil
}

// fecCents reads a figure such as 1234,50.
func fecCents(s string) (int64, bool) {
	whole, decimals, ok := strings.Cut(s, ",")
	if !ok || whole == "" || len(decimals) != 2 || !digitsOnly(whole) || !digitsOnly(decimals) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+decimals, 10, 64)
	return n, err == nil
}

func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" }

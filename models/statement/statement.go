// Package statement reads the statements that banks let people download: CSV, OFX 1 and 2, CAMT.053.
package statement

import (
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Format is the kind of a file.
type Format string

// The formats that are read.
const (
	CSV  Format = "CSV"
	OFX  Format = "OFX" // both the SGML of version 1 and the XML of version 2
	CAMT Format = "CAMT"
)

// What is read at most: ten years of a busy account are far below.
const (
	MaxSize  = 32 << 20 // bytes of a file
	MaxLines = 200_000  // movements in it
)

// What a Head shows of a file, whatever its length.
const (
	shownRows   = 30
	shownFaults = 100
)

// Line is one movement of an account.
type Line struct {
	Row      int          // line of the file where it begins, from 1
	Day      cal.Date     // booked
	Amount   money.Amount // negative when money left the account
	Original money.Amount // in the currency of the purchase, same sign; none when the bank does not say it
	Label    string       // as the bank writes it, on one line, never empty in a file that has labels
	Party    string       // the other side, where the bank names it apart from the label
	// Key names the line within its account for ever: two files that overlap give it the same. It comes from the bank's
	// own reference with day and amount, else from day, amount and label, and from the line's number among those equal.
	Key string
}

// Fault is a line that cannot be read. The others still can.
type Fault struct {
	Row  int    // line of the file, from 1
	Rule string // one of the Fault… constants
	Text string // the cell, or the line, cut to 80 characters
}

// What keeps a line from being read.
const (
	FaultDayEmpty        = "date.empty"
	FaultDay             = "date.malformed" // or no such day, or not in the order of the others
	FaultAmountEmpty     = "amount.empty"
	FaultAmount          = "amount.malformed"
	FaultAmountDecimals  = "amount.decimals" // more than the currency has: the decimal mark may be the other one
	FaultAmountTooLarge  = "amount.too_large"
	FaultAmountTwice     = "amount.both"      // a debit and a credit on one line
	FaultDirection       = "amount.direction" // neither debit nor credit
	FaultCurrencyUnknown = "currency.unknown" // no ISO 4217 code
	FaultColumns         = "columns"          // fewer cells than the layout needs
	FaultTooLong         = "line.too_long"    // over 64 KiB
	FaultTwice           = "line.twice"       // the bank's reference stands in the file before, on an equal line
)

// FaultRules are all the rules a Fault can have: each needs its sentence.
var FaultRules = []string{
	FaultDayEmpty, FaultDay, FaultAmountEmpty, FaultAmount, FaultAmountDecimals, FaultAmountTooLarge, FaultAmountTwice,
	FaultDirection, FaultCurrencyUnknown, FaultColumns, FaultTooLong, FaultTwice,
}

// Unreadable says why nothing of a file can be read.
type Unreadable struct {
	Rule string // one of the Unreadable… constants
	Row  int    // line of the file where reading stopped; 0 when it never began
}

// Error is for logs; people are shown the rule's sentence.
func (e *Unreadable) Error() string { return "unreadable: " + e.Rule }

// Why a file cannot be read.
const (
	UnreadableEmpty       = "statement.empty"
	UnreadableZip         = "statement.zip"         // an archive of any kind: to be opened first
	UnreadablePDF         = "statement.pdf"         // the paper's picture
	UnreadableSpreadsheet = "statement.spreadsheet" // to be saved as CSV first
	UnreadableTooLarge    = "statement.too_large"   // over MaxSize or MaxLines
	UnreadableBinary      = "statement.binary"
	UnreadableUnknown     = "statement.unknown" // text, but of none of the formats
	UnreadableTruncated   = "statement.truncated"
	UnreadableEntities    = "statement.entities" // a DOCTYPE or entities of its own: no bank writes them
	UnreadableLayout      = "statement.layout"   // the layout names columns that cannot be
)

// UnreadableRules are all the rules an Unreadable can have: each needs its sentence.
var UnreadableRules = []string{
	UnreadableEmpty, UnreadableZip, UnreadablePDF, UnreadableSpreadsheet, UnreadableTooLarge, UnreadableBinary,
	UnreadableUnknown, UnreadableTruncated, UnreadableEntities, UnreadableLayout,
}

// Account is an account that a file names.
type Account struct {
	Number   string // as the file writes it, without spaces
	Currency money.Currency
	Count    int // lines
}

// Head is what a file seems to be.
type Head struct {
	Format     Format
	Layout     Layout         // of a CSV file: how it was read; of the others only Layout.Account
	Account    string         // its account's number, without spaces; empty when it names none, or several are read
	Accounts   []Account      // all that it names; of several, Layout.Account chooses
	Currency   money.Currency // of its first line, else of the layout
	Columns    []string       // of a CSV file: the header's names, or as many empty ones as the widest row has cells
	Rows       [][]string     // of a CSV file: its first 30 rows that are not blank, whatever they hold
	RowLines   []int          // the line of the file each of Rows begins on
	Lines      []Line         // the first 30
	Faults     []Fault        // the first 100
	FaultCount int
	Count      int // lines that can be read
	From, To   cal.Date
}

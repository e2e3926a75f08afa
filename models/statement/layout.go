package statement

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"enveloppe/models/money"
)

// Encoding names how the file writes its characters.
type Encoding string

// The encodings that are read.
const (
	UTF8        Encoding = "utf-8"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Windows1252 Encoding = "windows-1252"
	Latin9      Encoding = "iso-8859-15"
)

// Encodings are all of them, as a form offers them.
var Encodings = []Encoding{UTF8, Windows1252, Latin9, UTF16LE, UTF16BE}

// Delimiters are the characters that may stand between two cells, as a form offers them.
var Delimiters = []string{";", ",", "\t", "|"}

// DayOrder is the order in which a day's parts stand.
type DayOrder string

// The orders that are read. Years have four digits or two; 20260131 needs YMD, 31012026 DMY.
const (
	DMY DayOrder = "dmy"
	MDY DayOrder = "mdy"
	YMD DayOrder = "ymd"
)

// DayOrders are all of them, as a form offers them.
var DayOrders = []DayOrder{DMY, YMD, MDY}

// Sign tells how money that left is written.
type Sign string

// With SignMinus, money that left has a minus, in the amount's or in the debit's column; with SignPlus it has none
// (and one with a minus came back).
const (
	SignMinus Sign = "minus"
	SignPlus  Sign = "plus"
)

// Signs are both, as a form offers them.
var Signs = []Sign{SignMinus, SignPlus}

// Layout is how a CSV file is to be read. Columns count from 1, 0 is none.
type Layout struct {
	Encoding  Encoding `json:"encoding,omitempty"`
	Delimiter string   `json:"delimiter,omitempty"` // one of Delimiters
	Header    int      `json:"header,omitempty"`    // line of the file that names the columns; it and all before it are passed over
	Names     []string `json:"names,omitempty"`     // the header's names, by which Inspect finds it again in the next file

	Day    int   `json:"day,omitempty"`
	Labels []int `json:"labels,omitempty"` // joined in this order, each once
	Party  int   `json:"party,omitempty"`

	// Either one column of amounts or a debit's and a credit's, of which a line fills one.
	Amount int `json:"amount,omitempty"`
	Debit  int `json:"debit,omitempty"`
	Credit int `json:"credit,omitempty"`
	// Direction is a column that says debit or credit beside an amount without sign.
	Direction int `json:"direction,omitempty"`
	// Fee is a column of fees that the amount does not hold: they leave with it.
	Fee int `json:"fee,omitempty"`

	CurrencyColumn   int `json:"currency_column,omitempty"`
	Original         int `json:"original,omitempty"`          // the amount in the currency of the purchase; its sign is the line's
	OriginalCurrency int `json:"original_currency,omitempty"` // not needed where Original's cells say it: "99,00 USD"
	Reference        int `json:"reference,omitempty"`         // the bank's own name of the line, which must never change
	State            int `json:"state,omitempty"`             // lines that it says pending, refused or cancelled are passed over
	AccountColumn    int `json:"account_column,omitempty"`

	DayOrder DayOrder       `json:"day_order,omitempty"`
	Decimal  string         `json:"decimal,omitempty"`  // "," or "."
	Sign     Sign           `json:"sign,omitempty"`     // of Amount, or of Debit
	Currency money.Currency `json:"currency,omitempty"` // of amounts whose cell and CurrencyColumn say none

	// Account is the number, without spaces, of the account to read of a file that holds several; empty for all of them.
	Account string `json:"account,omitempty"`
}

// maxLayout is how long a layout's text may be: far over that of the widest file.
const maxLayout = 64 << 10

// String writes the layout as ParseLayout reads it; equal layouts have equal texts.
func (l Layout) String() string {
	text, err := json.Marshal(l)
	if err != nil {
		panic("statement: " + err.Error()) // numbers and texts only
	}
	return string(text)
}

// ParseLayout reads what String wrote. It does not Check it.
func ParseLayout(text string) (Layout, error) {
	if len(text) > maxLayout {
		return Layout{}, fmt.Errorf("read a layout: it has %d bytes", len(text))
	}
	var l Layout
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Layout{}, fmt.Errorf("read a layout: %w", err)
	}
	if d.More() {
		return Layout{}, fmt.Errorf("read a layout: something follows it")
	}
	return l, nil
}

// Problem is what is wrong with a field of a layout.
type Problem struct {
	Field string // the field's JSON name; "labels.2" for the third of the labels
	Rule  string // one of the Problem… constants
}

// What can be wrong with a layout.
const (
	ProblemMissing  = "column.missing" // a column that is needed is not given
	ProblemBeyond   = "column.beyond"  // there is no such column
	ProblemTwice    = "column.twice"   // it has another task already
	ProblemBoth     = "column.both"    // an amount beside a debit or a credit
	ProblemChoice   = "layout.choice"  // none of the values there are
	ProblemHeader   = "layout.header"  // no line of a file
	ProblemCurrency = "currency.unknown"
)

// Check lists what is wrong with the layout of a file of so many columns; 0 when their number is not known.
func (l Layout) Check(columns int) []Problem {
	var bad []Problem
	add := func(field, rule string) { bad = append(bad, Problem{field, rule}) }
	if !slices.Contains(Encodings, l.Encoding) {
		add("encoding", ProblemChoice)
	}
	if !slices.Contains(Delimiters, l.Delimiter) {
		add("delimiter", ProblemChoice)
	}
	if l.Header < 0 || l.Header > MaxSize {
		add("header", ProblemHeader)
	}
	bad = append(bad, l.checkColumns(columns)...)
	if !slices.Contains(DayOrders, l.DayOrder) {
		add("day_order", ProblemChoice)
	}
	if l.Decimal != "," && l.Decimal != "." {
		add("decimal", ProblemChoice)
	}
	if !slices.Contains(Signs, l.Sign) {
		add("sign", ProblemChoice)
	}
	if c, err := money.ParseCurrency(string(l.Currency)); err != nil || c != l.Currency {
		add("currency", ProblemCurrency)
	}
	return bad
}

// column is a field of the layout that names one.
type column struct {
	field string
	at    int
}

func (l Layout) columns() []column {
	return []column{
		{"day", l.Day},
		{"amount", l.Amount},
		{"debit", l.Debit},
		{"credit", l.Credit},
		{"party", l.Party},
		{"direction", l.Direction},
		{"fee", l.Fee},
		{"currency_column", l.CurrencyColumn},
		{"original", l.Original},
		{"original_currency", l.OriginalCurrency},
		{"reference", l.Reference},
		{"state", l.State},
		{"account_column", l.AccountColumn},
	}
}

func (l Layout) checkColumns(columns int) []Problem {
	var bad []Problem
	add := func(field, rule string) { bad = append(bad, Problem{field, rule}) }
	if l.Day == 0 {
		add("day", ProblemMissing)
	}
	switch split := l.Debit != 0 || l.Credit != 0; {
	case split && l.Amount != 0:
		add("amount", ProblemBoth)
	case split && l.Debit == 0:
		add("debit", ProblemMissing)
	case split && l.Credit == 0:
		add("credit", ProblemMissing)
	case !split && l.Amount == 0:
		add("amount", ProblemMissing)
	}
	beyond := func(at int) bool { return at < 0 || at > maxColumns || columns > 0 && at > columns }
	taken := map[int]bool{}
	for _, c := range l.columns() {
		switch {
		case beyond(c.at):
			add(c.field, ProblemBeyond)
		// Who pays may stand in the label too, and a currency may serve both amounts.
		case c.at != 0 && taken[c.at] && c.field != "original_currency":
			add(c.field, ProblemTwice)
		}
		taken[c.at] = true
	}
	seen := map[int]bool{}
	for i, at := range l.Labels {
		switch field := fmt.Sprintf("labels.%d", i); {
		case at == 0 || beyond(at):
			add(field, ProblemBeyond)
		case seen[at] || at == l.Day || at == l.Amount || at == l.Debit || at == l.Credit:
			add(field, ProblemTwice)
		}
		seen[at] = true
	}
	return bad
}

// maxColumns is how many cells of a row are looked at.
const maxColumns = 200

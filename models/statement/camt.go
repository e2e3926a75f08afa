package statement

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"enveloppe/models/money"
)

// camt reads the entries of a CAMT.053 file of any version since .02, one at a time. Names are taken without their
// namespace, and where the versions put one element more (Sts/Cd, Cdtr/Pty/Nm), both places count.
type camt struct {
	decoder *xml.Decoder
	sink    *sink
	keys    *keys
	chosen  string
	number  string
	base    money.Currency
	path    []string
	places  map[string]string // texts of place, by themselves
	room    []byte
	text    []byte
	entry   entry
	detail  *detail // of the entry's, while within one
	found   bool    // a statement was seen
}

// entry is what is read of one Ntry.
type entry struct {
	row                        int
	amount, currency           string
	direction, state           string
	booked, valued             string
	reference, info, code      string
	original, originalCurrency string
	details                    []detail
	whole                      bool // it has more parts than are kept
}

// maxParts is how many parts of one batch are lines of their own.
const maxParts = 10_000

// detail is what is read of one TxDtls.
type detail struct {
	amount, currency           string // its own, of the account
	direction                  string
	inBatch                    string // AmtDtls/TxAmt, where older versions keep a part's amount
	batchCurrency              string
	original, originalCurrency string
	reference, endToEnd        string
	creditor, debtor           string
	lines                      []string // what the payer wrote
	info                       string
}

func readCAMT(content []byte, e Encoding, account string, s *sink) error {
	plain, encoding := plainBytes(content, e)
	s.total = len(plain)
	c := &camt{sink: s, keys: newKeys(), places: map[string]string{}, chosen: account, base: money.EUR}
	var from io.Reader = bytes.NewReader(plain)
	switch {
	case encoding != UTF8:
		from = &toUTF8{from: from, encoding: encoding}
	case !utf8.Valid(plain):
		from = bytes.NewReader(bytes.ToValidUTF8(plain, []byte("\ufffd")))
	}
	c.decoder = xml.NewDecoder(from)
	// What the file declares is not asked: the bytes were, and are UTF-8 by now.
	c.decoder.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		token, err := c.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c.broken(err)
		}
		if err := c.take(token); err != nil {
			return err
		}
	}
	if !c.found {
		return &Unreadable{Rule: UnreadableUnknown}
	}
	return nil
}

// broken tells what a fault of the XML means: the file was cut, or names entities that no bank's file has.
func (c *camt) broken(err error) error {
	row, _ := c.decoder.InputPos()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) && strings.Contains(syntax.Msg, "entity") {
		return &Unreadable{Rule: UnreadableEntities, Row: row}
	}
	return &Unreadable{Rule: UnreadableTruncated, Row: row}
}

func (c *camt) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		row, _ := c.decoder.InputPos()
		return &Unreadable{Rule: UnreadableEntities, Row: row}
	case xml.CharData:
		if len(c.text)+len(t) <= maxValue {
			c.text = append(c.text, t...)
		}
	case xml.StartElement:
		if len(c.path) >= maxDepth {
			row, _ := c.decoder.InputPos()
			return &Unreadable{Rule: UnreadableTruncated, Row: row}
		}
		c.path = append(c.path, t.Name.Local)
		c.text = c.text[:0]
		c.begin(t)
	case xml.EndElement:
		err := c.end(t.Name.Local)
		c.path = c.path[:len(c.path)-1]
		c.text = c.text[:0]
		return err
	}
	return nil
}

func (c *camt) begin(t xml.StartElement) {
	switch t.Name.Local {
	case "BkToCstmrStmt":
		c.found = true
	case "Stmt":
		c.number, c.base = "", money.EUR
	case "Ntry":
		row, _ := c.decoder.InputPos()
		c.entry = entry{row: row, details: c.entry.details[:0]}
	case "TxDtls":
		if len(c.entry.details) >= maxParts { // a batch past all counting stays one line
			c.entry.whole, c.entry.details = true, c.entry.details[:0]
		}
		c.entry.details = append(c.entry.details, detail{})
		c.detail = &c.entry.details[len(c.entry.details)-1]
	case "Amt":
		c.currency(t)
	}
}

// currency keeps the currency of a sum where the sum will go.
func (c *camt) currency(t xml.StartElement) {
	var code string
	for _, a := range t.Attr {
		if a.Name.Local == "Ccy" {
			code = a.Value
		}
	}
	switch c.place() {
	case "Ntry/Amt":
		c.entry.currency = code
	case "TxDtls/Amt":
		c.detail.currency = code
	case "AmtDtls/TxAmt/Amt":
		if c.detail != nil {
			c.detail.batchCurrency = code
		}
	case "AmtDtls/InstdAmt/Amt":
		if c.detail != nil {
			c.detail.originalCurrency = code
		} else {
			c.entry.originalCurrency = code
		}
	}
}

// place is where an element stands, from the nearest of the elements below which names are used again.
func (c *camt) place() string {
	for i := len(c.path) - 1; i >= 0; i-- {
		switch c.path[i] {
		case "TxDtls", "Ntry", "Acct", "AmtDtls", "RltdPties", "Refs", "RmtInf":
			c.room = c.room[:0]
			for j, name := range c.path[i:] {
				if j > 0 {
					c.room = append(c.room, '/')
				}
				c.room = append(c.room, name...)
			}
			known, ok := c.places[string(c.room)]
			if !ok {
				if known = string(c.room); len(c.places) < 500 {
					c.places[known] = known
				}
			}
			return known
		}
	}
	return ""
}

func (c *camt) end(name string) error {
	switch name {
	case "Ntry":
		return c.finish()
	case "TxDtls":
		c.detail = nil
		return nil
	case "Acct":
		if len(c.path) > 1 && c.path[len(c.path)-2] == "Stmt" && c.sink.accounts != nil && c.number != "" {
			c.sink.accounts.turn(c.number, c.base)
		}
		return nil
	}
	if !leaves[name] || len(bytes.TrimSpace(c.text)) == 0 {
		return nil
	}
	if c.detail != nil {
		c.ofDetail(clean(c.text, UTF8))
	} else {
		c.ofEntry(clean(c.text, UTF8))
	}
	return nil
}

// leaves are the elements whose text is asked for somewhere.
var leaves = map[string]bool{
	"IBAN": true, "Id": true, "Ccy": true, "Amt": true, "CdtDbtInd": true, "Sts": true, "Cd": true, "Prtry": true, "Dt": true, "DtTm": true,
	"AcctSvcrRef": true, "AddtlNtryInf": true, "EndToEndId": true, "Nm": true, "Ustrd": true, "Ref": true, "AddtlRmtInf": true, "AddtlTxInf": true,
}

func (c *camt) ofEntry(value string) {
	e := &c.entry
	switch c.place() {
	case "Acct/Id/IBAN", "Acct/Id/Othr/Id":
		if c.within("Stmt", "Acct") {
			c.number = compact(value)
		}
	case "Acct/Ccy":
		if known, err := money.ParseCurrency(value); err == nil {
			c.base = known
		}
	case "Ntry/Amt":
		e.amount = value
	case "Ntry/CdtDbtInd":
		e.direction = value
	case "Ntry/Sts", "Ntry/Sts/Cd", "Ntry/Sts/Prtry":
		e.state = value
	case "Ntry/BookgDt/Dt", "Ntry/BookgDt/DtTm":
		e.booked = value
	case "Ntry/ValDt/Dt", "Ntry/ValDt/DtTm":
		e.valued = value
	case "Ntry/AcctSvcrRef":
		e.reference = value
	case "AmtDtls/InstdAmt/Amt":
		e.original = value
	case "Ntry/AddtlNtryInf":
		e.info = value
	case "Ntry/BkTxCd/Prtry/Cd":
		e.code = value
	}
}

// within tells whether an element lies directly in another.
func (c *camt) within(outer, inner string) bool {
	for i := 1; i < len(c.path); i++ {
		if c.path[i] == inner {
			return c.path[i-1] == outer
		}
	}
	return false
}

func (c *camt) ofDetail(value string) {
	d := c.detail
	switch c.place() {
	case "TxDtls/Amt":
		d.amount = value
	case "TxDtls/CdtDbtInd":
		d.direction = value
	case "AmtDtls/TxAmt/Amt":
		d.inBatch = value
	case "AmtDtls/InstdAmt/Amt":
		d.original = value
	case "Refs/AcctSvcrRef":
		d.reference = value
	case "Refs/EndToEndId":
		d.endToEnd = value
	case "RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm":
		d.creditor = value
	case "RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm":
		d.debtor = value
	case "RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/AddtlRmtInf":
		if len(d.lines) < 20 {
			d.lines = append(d.lines, value)
		}
	case "TxDtls/AddtlTxInf":
		d.info = value
	}
}

// finish gives the lines of an entry: one, or one for each part of a batch whose parts sum to it.
func (c *camt) finish() error {
	e := &c.entry
	// Only what is booked: what is pending, or only told of, comes back with its last day and sum.
	if e.state != "" && e.state != "BOOK" || c.chosen != "" && c.number != c.chosen {
		return nil
	}
	line, fault := c.line(e)
	if fault.Rule != "" {
		return c.sink.fault(fault, c.done())
	}
	if parts := c.parts(e, line); parts != nil {
		for i := range parts {
			if err := c.give(e, parts[i], i); err != nil {
				return err
			}
		}
		return nil
	}
	var d detail
	if len(e.details) == 1 && !e.whole {
		d = e.details[0]
	}
	if d.originalCurrency == "" {
		d.original, d.originalCurrency = e.original, e.originalCurrency
	}
	line.describe(e, d, c.base)
	return c.give(e, line, 0)
}

// line reads what a whole entry says. The sign is the entry's own, also where RvslInd tells that it takes an earlier one
// back: a debit that is reversed stands as a credit.
func (c *camt) line(e *entry) (Line, Fault) {
	fault := func(rule, text string) (Line, Fault) { return Line{}, Fault{e.row, rule, cut(text, maxShown)} }
	written := e.booked
	if written == "" {
		written = e.valued
	}
	if written == "" {
		return fault(FaultDayEmpty, e.info)
	}
	// The bank writes its own day, with the hour and zone after it in some files.
	day, ok := parseDay([]byte(written[:min(len(written), 10)]), YMD)
	if !ok {
		return fault(FaultDay, written)
	}
	amount, rule := c.sum(e.amount, e.currency, e.direction)
	if rule != "" {
		return fault(rule, strings.TrimSpace(e.amount+" "+e.currency+" "+e.direction))
	}
	return Line{Row: e.row, Day: day, Amount: amount}, Fault{}
}

// sum reads a sum with its direction.
func (c *camt) sum(written, currency, way string) (amount money.Amount, rule string) {
	known := c.base
	if currency != "" && currency != string(c.base) {
		var err error
		if known, err = money.ParseCurrency(currency); err != nil {
			return amount, FaultCurrencyUnknown
		}
	}
	f, rule := parseFigure([]byte(written), '.')
	if rule == "" && f.written == 3 { // the format knows no thousands: 12.500 is twelve and a half
		f.written = f.decimals
	}
	if rule == "" {
		amount, rule = f.amount(known)
	}
	if rule != "" {
		return amount, rule
	}
	switch way {
	case "DBIT":
		return amount.Neg(), ""
	case "CRDT":
		return amount, ""
	}
	return amount, FaultDirection
}

// parts reads a batch. None when it is no batch, or its parts do not sum to it: the entry is then what the bank booked.
func (c *camt) parts(e *entry, whole Line) []Line {
	if len(e.details) < 2 || e.whole {
		return nil
	}
	total := money.Zero(whole.Amount.Currency())
	lines := make([]Line, len(e.details))
	for i, d := range e.details {
		written, currency, way := d.amount, d.currency, d.direction
		if written == "" {
			written, currency = d.inBatch, d.batchCurrency
		}
		if way == "" {
			way = e.direction
		}
		amount, rule := c.sum(written, currency, way)
		if rule != "" || amount.Currency() != total.Currency() {
			return nil
		}
		total = total.Add(amount)
		lines[i] = Line{Row: e.row, Day: whole.Day, Amount: amount}
		lines[i].describe(e, d, c.base)
	}
	if total != whole.Amount {
		return nil
	}
	return lines
}

// describe fills a line's texts and what the purchase cost in its own currency.
func (line *Line) describe(e *entry, d detail, base money.Currency) {
	line.Party = d.creditor
	if line.Amount.IsPositive() {
		line.Party = d.debtor
	}
	line.Party = cut(line.Party, maxParty)
	texts := append([]string{e.info, d.info}, d.lines...)
	if line.Label = joinTexts(texts); line.Label == "" {
		line.Label = line.Party
	}
	if line.Label == "" && fold(d.endToEnd) != "notprovided" {
		line.Label = d.endToEnd
	}
	if line.Label == "" {
		line.Label = e.code
	}
	c, err := money.ParseCurrency(d.originalCurrency)
	if err != nil || c == line.Amount.Currency() {
		if c != base {
			line.Original = originalIn(line.Label, line.Amount)
		}
		return
	}
	if f, rule := parseFigure([]byte(d.original), '.'); rule == "" && f.units != 0 && f.decimals <= c.Digits() {
		line.Original = signedAs(money.New(f.units, c), line.Amount)
	}
}

// referenceOf gives the bank's reference of an entry, or of one part of a batch: its own, or its place under the batch's.
func (e *entry) referenceOf(place int) string {
	switch {
	case len(e.details) == 0, e.whole, len(e.details) == 1 && usableReference(e.reference):
		return e.reference
	case usableReference(e.details[place].reference):
		return e.details[place].reference
	case usableReference(e.reference):
		return e.reference + "/" + strconv.Itoa(place)
	}
	return ""
}

// give gives a line its key and then to the sink.
func (c *camt) give(e *entry, line Line, place int) error {
	if reference := e.referenceOf(place); usableReference(reference) {
		key, ok := c.keys.ofReference(c.number, reference, line.Day, line.Amount, line.Label)
		if !ok {
			return c.sink.fault(Fault{line.Row, FaultTwice, cut(line.Label, maxShown)}, c.done())
		}
		line.Key = key
	} else {
		line.Key = c.keys.ofText(line.Day, line.Amount, line.Label)
	}
	c.sink.of(c.number, c.base)
	return c.sink.line(line, c.done())
}

func (c *camt) done() int { return min(int(c.decoder.InputOffset()), c.sink.total) }

// toUTF8 reads text of one byte a character as UTF-8.
type toUTF8 struct {
	from     io.Reader
	encoding Encoding
	room     [2048]byte
	out      []byte
	err      error
}

func (t *toUTF8) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		var n int
		n, t.err = t.from.Read(t.room[:])
		t.out = appendUTF8(nil, t.room[:n], t.encoding)
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

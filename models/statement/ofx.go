package statement

import (
	"bytes"
	"strings"

	"enveloppe/models/money"
)

// ofx reads the movements of an OFX file, version 1 or 2: both are the same elements, which version 1 need not close.
type ofx struct {
	tags    *tags
	sink    *sink
	keys    *keys
	chosen  string
	account [3]string // bank, branch and number, as the file writes them
	number  string
	base    money.Currency
	within  []string // aggregates that are open
	trn     transaction
	open    bool // a transaction is
	closed  bool // </OFX> was seen
}

// transaction is the elements of one STMTTRN.
type transaction struct {
	row                            int
	kind, posted, user, amount, id string
	name, memo, payee, cheque      string
	currency, rate                 string // of CURRENCY or ORIGCURRENCY
	converted                      bool   // ORIGCURRENCY: the amount is in the account's currency already
}

// aggregates are the elements that hold others and matter here; a closed or an unknown element is no harm.
var aggregates = map[string]bool{
	"STMTRS": true, "CCSTMTRS": true, "BANKACCTFROM": true, "CCACCTFROM": true, "BANKACCTTO": true, "CCACCTTO": true,
	"STMTTRN": true, "PAYEE": true, "CURRENCY": true, "ORIGCURRENCY": true, "LEDGERBAL": true, "AVAILBAL": true,
}

// maxDepth is how deep elements may lie in each other; both formats stay under twenty.
const maxDepth = 64

func readOFX(content []byte, e Encoding, account string, s *sink) error {
	plain, encoding := plainBytes(content, e)
	s.total = len(plain)
	o := &ofx{tags: newTags(plain, encoding), sink: s, keys: newKeys(), chosen: account, base: money.EUR}
	for {
		tag, ok := o.tags.next()
		if !ok {
			break
		}
		var err error
		switch {
		case tag.declares:
			return &Unreadable{Rule: UnreadableEntities, Row: tag.row}
		case tag.closes:
			err = o.end(tag.name)
		case aggregates[tag.name] && tag.value == "":
			err = o.begin(tag)
		default:
			o.element(tag.name, tag.value)
		}
		if err != nil {
			return err
		}
	}
	if !o.closed {
		return &Unreadable{Rule: UnreadableTruncated, Row: o.tags.line}
	}
	return nil
}

func (o *ofx) begin(t tag) error {
	switch t.name {
	case "STMTTRN":
		if o.open { // its end was forgotten
			if err := o.transaction(); err != nil {
				return err
			}
		}
		o.open, o.trn = true, transaction{row: t.row}
	case "STMTRS", "CCSTMTRS":
		o.account, o.number, o.base = [3]string{}, "", money.EUR
	}
	if len(o.within) < maxDepth {
		o.within = append(o.within, t.name)
	}
	return nil
}

// end closes an aggregate and all that stands open within it.
func (o *ofx) end(name string) error {
	if name == "OFX" {
		o.closed = true
	}
	if !aggregates[name] {
		return nil
	}
	for i := len(o.within) - 1; i >= 0; i-- {
		if o.within[i] == name {
			o.within = o.within[:i]
			break
		}
	}
	switch name {
	case "STMTTRN":
		if o.open {
			o.open = false
			return o.transaction()
		}
	case "BANKACCTFROM", "CCACCTFROM":
		if o.number = compact(strings.Join(o.account[:], "")); o.sink.accounts != nil && o.number != "" {
			o.sink.accounts.turn(o.number, o.base)
		}
	}
	return nil
}

func (o *ofx) inside(names ...string) bool {
	if len(o.within) == 0 {
		return false
	}
	for _, name := range names {
		if o.within[len(o.within)-1] == name {
			return true
		}
	}
	return false
}

// element takes a value where it stands.
func (o *ofx) element(name, value string) {
	t := &o.trn
	switch {
	case value == "":
	case name == "CURDEF":
		if c, err := money.ParseCurrency(value); err == nil {
			o.base = c
		}
	case o.inside("BANKACCTFROM", "CCACCTFROM"):
		switch name {
		case "BANKID":
			o.account[0] = value
		case "BRANCHID":
			o.account[1] = value
		case "ACCTID":
			o.account[2] = value
		}
	case o.inside("PAYEE") && name == "NAME":
		t.payee = value
	case o.inside("CURRENCY", "ORIGCURRENCY"):
		switch name {
		case "CURSYM":
			t.currency, t.converted = value, o.inside("ORIGCURRENCY")
		case "CURRATE":
			t.rate = value
		}
	case o.inside("STMTTRN"):
		t.take(name, value)
	}
}

func (t *transaction) take(name, value string) {
	switch name {
	case "TRNTYPE":
		t.kind = value
	case "DTPOSTED":
		t.posted = value
	case "DTUSER":
		t.user = value
	case "TRNAMT":
		t.amount = value
	case "FITID":
		t.id = value
	case "NAME":
		t.name = value
	case "MEMO":
		t.memo = value
	case "CHECKNUM":
		t.cheque = value
	}
}

// transaction gives the movement that was read to the sink.
func (o *ofx) transaction() error {
	t := o.trn
	if o.chosen != "" && o.number != o.chosen {
		return nil
	}
	line, fault := o.line(t)
	if fault.Rule != "" {
		return o.sink.fault(fault, o.tags.at)
	}
	if usableReference(t.id) {
		key, ok := o.keys.ofReference(o.number, t.id, line.Day, line.Amount, line.Label)
		if !ok {
			return o.sink.fault(Fault{t.row, FaultTwice, cut(line.Label, maxShown)}, o.tags.at)
		}
		line.Key = key
	} else {
		line.Key = o.keys.ofText(line.Day, line.Amount, line.Label)
	}
	o.sink.of(o.number, o.base)
	return o.sink.line(line, o.tags.at)
}

func (o *ofx) line(t transaction) (Line, Fault) {
	fault := func(rule, text string) (Line, Fault) { return Line{}, Fault{t.row, rule, cut(text, maxShown)} }
	line := Line{Row: t.row, Party: cut(t.payee, maxParty)}
	if line.Label = joinTexts([]string{t.name, t.memo}); line.Label == "" {
		line.Label = strings.TrimSpace(joinTexts([]string{t.payee, t.kind}) + " " + t.cheque)
	}
	written := t.posted
	if written == "" || strings.HasPrefix(written, "00000000") {
		written = t.user
	}
	// The day as the bank writes it, whatever hour and zone follow: it is the day of its other papers.
	if len(written) > 8 {
		written = written[:8]
	}
	var ok bool
	if line.Day, ok = parseDay([]byte(written), YMD); !ok {
		if written == "" {
			return fault(FaultDayEmpty, line.Label)
		}
		return fault(FaultDay, t.posted)
	}
	f, rule := parseFigure([]byte(t.amount), 0)
	if rule == "" {
		line.Amount, rule = f.amount(o.base)
	}
	if rule == FaultAmountEmpty {
		return fault(rule, line.Label)
	}
	if rule != "" {
		return fault(rule, t.amount)
	}
	if rule = o.foreign(&line, t); rule != "" {
		return fault(rule, t.currency)
	}
	return line, Fault{}
}

// foreign reads a purchase in another currency. With ORIGCURRENCY the amount was converted and the rate leads back; with
// CURRENCY it was not, and the rate leads to the account's currency (OFX 1.6, 5.2: CURRATE is CURDEF for one CURSYM).
func (o *ofx) foreign(line *Line, t transaction) (rule string) {
	if t.currency == "" {
		line.Original = originalIn(line.Label, line.Amount)
		return ""
	}
	c, err := money.ParseCurrency(t.currency)
	if err != nil {
		return FaultCurrencyUnknown
	}
	rate, bad := parseRate(t.rate)
	switch {
	case c == o.base:
	case t.converted:
		if sum, ok := divided(line.Amount.Units(), rate, c); ok && bad == "" {
			line.Original = sum
		}
	default:
		line.Original = money.New(line.Amount.Units(), c)
		sum, ok := times(line.Amount.Units(), rate, o.base)
		if bad != "" || !ok {
			line.Amount, line.Original = line.Original, money.Amount{}
			return ""
		}
		line.Amount = sum
	}
	return ""
}

// tag is one element of the file.
type tag struct {
	row      int
	name     string
	value    string // text up to the next element, cleaned
	closes   bool
	declares bool // DOCTYPE or ENTITY
}

// tags cuts a file into elements, whether it is SGML, XML, or neither quite.
type tags struct {
	content  []byte
	encoding Encoding
	at       int
	line     int
	counted  int // up to where lines were counted
	names    map[string]string
	room     []byte
}

func newTags(content []byte, e Encoding) *tags {
	return &tags{content: content, encoding: e, line: 1, names: map[string]string{}}
}

// next gives the next element; ok is false at the end.
func (t *tags) next() (found tag, ok bool) {
	for {
		at := t.find(t.at)
		if at < 0 {
			t.lineAt(len(t.content))
			t.at = len(t.content)
			return tag{}, false
		}
		found = tag{row: t.lineAt(at)}
		rest := t.content[at+1:]
		switch {
		case bytes.HasPrefix(rest, []byte("!--")):
			t.at = t.after(at, "-->")
			continue
		case rest[0] == '?':
			t.at = t.after(at, "?>")
			continue
		case rest[0] == '!':
			return tag{row: found.row, declares: true}, true
		}
		end := bytes.IndexByte(rest, '>')
		if end < 0 {
			t.at = len(t.content)
			return tag{}, false
		}
		name := rest[:end]
		if found.closes = name[0] == '/'; found.closes {
			name = name[1:]
		}
		empty := bytes.HasSuffix(name, []byte("/"))
		found.name = t.name(name)
		if t.at = at + 1 + end + 1; !found.closes && !empty {
			found.value = t.value()
		}
		return found, true
	}
}

// find is where the next element begins: a lone < in a label is none.
func (t *tags) find(from int) int {
	for at := from; ; at++ {
		i := bytes.IndexByte(t.content[at:], '<')
		if i < 0 || at+i+1 >= len(t.content) {
			return -1
		}
		at += i
		c := t.content[at+1]
		switch {
		case isWordByte(c) && c < 0x80, c == '?':
			return at
		case c == '/' && at+2 < len(t.content) && isWordByte(t.content[at+2]):
			return at
		case c == '!':
			rest := bytes.ToUpper(t.content[at+2 : min(len(t.content), at+9)])
			if bytes.HasPrefix(rest, []byte("--")) || bytes.HasPrefix(rest, []byte("DOCTYPE")) || bytes.HasPrefix(rest, []byte("ENTITY")) {
				return at
			}
		}
	}
}

func (t *tags) after(at int, end string) int {
	i := bytes.Index(t.content[at:], []byte(end))
	if i < 0 {
		return len(t.content)
	}
	return at + i + len(end)
}

// lineAt counts lines up to there.
func (t *tags) lineAt(at int) int {
	t.line += countLines(t.content[t.counted:at])
	t.counted = at
	return t.line
}

// name gives an element's name in capitals, without attributes and prefix.
func (t *tags) name(b []byte) string {
	if i := bytes.IndexAny(b, " \t\r\n/"); i >= 0 {
		b = b[:i]
	}
	if known, ok := t.names[string(b)]; ok {
		return known
	}
	name := strings.ToUpper(string(b))
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	if len(t.names) < 500 && len(b) < 64 {
		t.names[string(b)] = name
	}
	return name
}

// maxValue is how many bytes of a value are read.
const maxValue = 4 << 10

// value reads the text up to the next element.
func (t *tags) value() string {
	end := t.find(t.at)
	if end < 0 {
		end = len(t.content)
	}
	text := t.content[t.at:end]
	if inner, ok := bytes.CutPrefix(text, []byte("<![CDATA[")); ok {
		text, _, _ = bytes.Cut(inner, []byte("]]>"))
	}
	t.at = end
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return ""
	}
	t.room = appendClean(t.room[:0], text[:min(len(text), maxValue)], t.encoding)
	if bytes.IndexByte(t.room, '&') < 0 {
		return string(t.room)
	}
	return unescape(string(t.room))
}

package statement_test

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/statement"
)

// movement is what a bank would write.
type movement struct {
	day   cal.Date
	cents int64
	label string
}

// drawDay steers half of the days to the 28th–31st.
func drawDay(t *rapid.T) cal.Date {
	first := cal.MustNew(rapid.IntRange(2000, 2068).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1)
	from := 1
	if rapid.Bool().Draw(t, "late") {
		from = 28
	}
	return first.AddDays(rapid.IntRange(from, max(from, first.MonthEnd().Day())).Draw(t, "day") - 1)
}

var word = rapid.SampledFrom([]string{
	"PRLV", "SEPA", "CB", "Dropbox", "Été", "l'œuvre", `"bon"`, "a;b", "c,d", "x|y", "12/01", "3,50", "n°", "R&D", "<ovh>", "À",
})

// drawMovements gives movements day by day, as files have them, with equal ones among them. Each has a label of letters
// and a sum that is not zero, and one day proves the order.
func drawMovements(t *rapid.T) []movement {
	n := rapid.IntRange(3, 25).Draw(t, "lines")
	days := []cal.Date{cal.MustNew(2026, 1, 31)}
	for range n - 1 {
		days = append(days, drawDay(t))
	}
	slices.SortFunc(days, cal.Date.Compare)
	var out []movement
	for i, day := range days {
		cents := rapid.OneOf(rapid.Int64Range(1, 99), rapid.Int64Range(1, 999_999), rapid.Int64Range(1, 99_999_999_999)).Draw(t, "cents")
		if i == 0 || i > 1 && rapid.Bool().Draw(t, "leaves") {
			cents = -cents
		}
		label := "PAIEMENT " + strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "label"), " ")
		out = append(out, movement{day, cents, label})
		for i > 1 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
			out = append(out, out[len(out)-1])
		}
	}
	return out
}

// style is how one bank writes CSV.
type style struct {
	encoding    statement.Encoding
	comma       string
	order       statement.DayOrder
	separator   string
	mark, group string
	header      int // 0 none, 1 French, 2 English
	split       bool
	minus       bool // of debits in a column of their own
	preamble    bool
	balance     bool
	trailing    bool // minus behind
	euro        string
	crlf        bool
	footer      bool
	quoteAll    bool
}

func drawStyle(t *rapid.T) style {
	s := style{
		encoding:  rapid.SampledFrom(statement.Encodings).Draw(t, "encoding"),
		comma:     rapid.SampledFrom(statement.Delimiters).Draw(t, "delimiter"),
		order:     rapid.SampledFrom(statement.DayOrders).Draw(t, "order"),
		separator: rapid.SampledFrom([]string{"/", "-", "."}).Draw(t, "separator"),
		mark:      rapid.SampledFrom([]string{",", "."}).Draw(t, "mark"),
		group:     rapid.SampledFrom([]string{"", " ", "\u00a0", "'"}).Draw(t, "group"),
		header:    rapid.IntRange(0, 2).Draw(t, "header"),
		split:     rapid.Bool().Draw(t, "split"),
		minus:     rapid.Bool().Draw(t, "minus"),
		preamble:  rapid.Bool().Draw(t, "preamble"),
		balance:   rapid.Bool().Draw(t, "balance"),
		trailing:  rapid.Bool().Draw(t, "trailing"),
		euro:      rapid.SampledFrom([]string{"", " €", "€", " EUR"}).Draw(t, "euro"),
		crlf:      rapid.Bool().Draw(t, "crlf"),
		footer:    rapid.Bool().Draw(t, "footer"),
		quoteAll:  rapid.Bool().Draw(t, "quotes"),
	}
	if s.order == statement.YMD {
		s.separator = rapid.SampledFrom([]string{"-", "/", ""}).Draw(t, "separator of the year first")
	}
	return s
}

func (s style) day(d cal.Date) string {
	y, m, day := fmt.Sprintf("%04d", d.Year()), fmt.Sprintf("%02d", int(d.Month())), fmt.Sprintf("%02d", d.Day())
	switch s.order {
	case statement.YMD:
		return y + s.separator + m + s.separator + day
	case statement.MDY:
		return m + s.separator + day + s.separator + y
	default:
		return day + s.separator + m + s.separator + y
	}
}

func (s style) sum(cents int64) string {
	negative := cents < 0
	if negative {
		cents = -cents
	}
	whole := fmt.Sprint(cents / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + s.group + whole[i:]
	}
	text := whole + s.mark + fmt.Sprintf("%02d", cents%100)
	switch {
	case negative && s.trailing:
		text += "-"
	case negative:
		text = "-" + text
	}
	return text + s.euro
}

func (s style) cell(text string) string {
	if s.quoteAll || strings.ContainsAny(text, s.comma+"\"\n") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func (s style) row(b *strings.Builder, cells ...string) {
	for i, c := range cells {
		if i > 0 {
			b.WriteString(s.comma)
		}
		b.WriteString(s.cell(c))
	}
	if b.WriteString("\n"); s.crlf {
		text := strings.TrimSuffix(b.String(), "\n") + "\r\n"
		b.Reset()
		b.WriteString(text)
	}
}

// write is the file of some movements.
func (s style) write(movements []movement) []byte {
	var b strings.Builder
	if s.preamble {
		s.row(&b, "Relevé du compte n° 04106119371")
		s.row(&b, "Solde", "1 234,56")
		b.WriteString("\n")
	}
	names := map[int][]string{
		1: {"Date", "Libellé", "Montant", "Débit", "Crédit", "Solde"},
		2: {"Booking date", "Description", "Amount", "Paid out", "Paid in", "Balance"},
	}[s.header]
	var running int64
	write := func(day, label string, amount, debit, credit, balance string) {
		cells := []string{day, label}
		if s.split {
			cells = append(cells, debit, credit)
		} else {
			cells = append(cells, amount)
		}
		if s.balance {
			cells = append(cells, balance)
		}
		s.row(&b, cells...)
	}
	if names != nil {
		write(names[0], names[1], names[2], names[3], names[4], names[5])
	}
	for _, m := range movements {
		running += m.cents
		debit, credit := "", ""
		switch {
		case m.cents > 0:
			credit = s.sum(m.cents)
		case s.minus:
			debit = s.sum(m.cents)
		default:
			debit = s.sum(-m.cents)
		}
		write(s.day(m.day), m.label, s.sum(m.cents), debit, credit, s.sum(running))
	}
	if s.footer {
		write("Total", "", s.sum(running), s.sum(running), s.sum(running), "")
	}
	return encoded(b.String(), s.encoding)
}

func encoded(text string, e statement.Encoding) []byte {
	switch e {
	case statement.UTF16LE, statement.UTF16BE:
		out := []byte{0xff, 0xfe}
		for _, r := range text { // nothing drawn lies past the first plane
			out = append(out, byte(r), byte(r>>8))
		}
		if e == statement.UTF16BE {
			for i := 0; i < len(out); i += 2 {
				out[i], out[i+1] = out[i+1], out[i]
			}
		}
		return out
	case statement.Windows1252, statement.Latin9:
		m := charmap.Windows1252
		if e == statement.Latin9 {
			m = charmap.ISO8859_15
		}
		out := make([]byte, 0, len(text))
		for _, r := range text {
			if c, ok := m.EncodeRune(r); ok {
				out = append(out, c)
			}
		}
		return out
	default:
		return []byte(text)
	}
}

// sameMovements tells where lines differ from what was written; "" for nowhere.
func sameMovements(want []movement, got []statement.Line) string {
	if len(want) != len(got) {
		return fmt.Sprintf("%d lines of %d", len(got), len(want))
	}
	keys := map[string]bool{}
	for i, m := range want {
		l := got[i]
		if l.Day != m.day || l.Amount != money.Euros(m.cents) || l.Label != m.label {
			return fmt.Sprintf("line %d is %v %v %q, wrote %v", i, l.Day, l.Amount, l.Label, m)
		}
		if l.Key == "" || keys[l.Key] {
			return fmt.Sprintf("line %d has the key %q of another", i, l.Key)
		}
		keys[l.Key] = true
	}
	return ""
}

func TestLawWhatABankWritesIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		movements, s := drawMovements(t), drawStyle(t)
		content := s.write(movements)
		h, err := statement.Inspect(content, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		lines, faults := collect(t, content, h.Layout)
		if diff := sameMovements(movements, lines); diff != "" || len(faults) > 0 || h.Count != len(lines) {
			t.Fatalf("%s, %v\n%s\n%+v\n%s", diff, faults, h.Layout, s, content)
		}
		// The layout is whole: its text reads the file as well.
		l, err := statement.ParseLayout(h.Layout.String())
		if err != nil || l.String() != h.Layout.String() {
			t.Fatalf("%v: %s became %s", err, h.Layout, l)
		}
		again, _ := collect(t, content, l)
		if !slices.Equal(again, lines) {
			t.Fatal("reading twice gives other lines")
		}
	})
}

func collect(t interface{ Fatalf(string, ...any) }, content []byte, l statement.Layout) (lines []statement.Line, faults []statement.Fault) {
	err := statement.Read(content, l,
		func(l statement.Line) error { lines = append(lines, l); return nil },
		func(f statement.Fault) { faults = append(faults, f) }, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return lines, faults
}

// keysByDay gathers the keys of the days from first to last.
func keysByDay(lines []statement.Line, first, last cal.Date) map[string][]string {
	out := map[string][]string{}
	for _, l := range lines {
		if !l.Day.Before(first) && !l.Day.After(last) {
			out[l.Day.String()] = append(out[l.Day.String()], l.Key)
		}
	}
	for _, keys := range out {
		slices.Sort(keys)
	}
	return out
}

// Two exports of whole days, beginning and ending elsewhere, in whatever order, give the days they share the same keys.
func TestLawOverlappingFilesShareTheirKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawMovements(t)
		s := style{encoding: statement.UTF8, comma: ";", order: statement.DMY, separator: "/", mark: ",", header: 1}
		first := all[rapid.IntRange(0, len(all)-1).Draw(t, "from")].day
		last := all[rapid.IntRange(0, len(all)-1).Draw(t, "to")].day
		if last.Before(first) {
			first, last = last, first
		}
		var part []movement
		for _, m := range all {
			if !m.day.Before(first) && !m.day.After(last) {
				part = append(part, m)
			}
		}
		if rapid.Bool().Draw(t, "newest first") {
			slices.Reverse(part)
		}
		l := statement.Layout{
			Encoding: statement.UTF8, Delimiter: ";", Header: 1, Day: 1, Labels: []int{2}, Amount: 3,
			DayOrder: statement.DMY, Decimal: ",", Sign: statement.SignMinus, Currency: money.EUR,
		}
		whole, _ := collect(t, s.write(all), l)
		other, _ := collect(t, s.write(part), l)
		want, got := keysByDay(whole, first, last), keysByDay(other, first, last)
		if len(want) != len(got) {
			t.Fatalf("%d days of %d", len(got), len(want))
		}
		for day, keys := range want {
			if !slices.Equal(keys, got[day]) {
				t.Fatalf("%s: %q in the part, %q in the whole", day, got[day], keys)
			}
		}
	})
}

// ofxOf and camtOf write movements with the bank's references or without.
func ofxOf(movements []movement, ids bool) []byte {
	var b strings.Builder
	b.WriteString("OFXHEADER:100\nCHARSET:UTF-8\n\n<OFX><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>1</BANKACCTFROM>\n")
	for i, m := range movements {
		fmt.Fprintf(&b, "<STMTTRN>\n<DTPOSTED>%s\n<TRNAMT>%s\n<MEMO>%s\n", strings.ReplaceAll(m.day.String(), "-", ""),
			strings.Replace(money.Euros(m.cents).Plain(), ".", ",", 1), escaped(m.label))
		if ids {
			fmt.Fprintf(&b, "<FITID>BANK-%d\n", i)
		}
		b.WriteString("</STMTTRN>\n")
	}
	b.WriteString("</STMTRS></OFX>\n")
	return []byte(b.String())
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func camtOf(movements []movement, ids bool) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR76</IBAN></Id><Ccy>EUR</Ccy></Acct>`)
	for i, m := range movements {
		way := "CRDT"
		if m.cents < 0 {
			way = "DBIT"
		}
		fmt.Fprintf(&b, "\n<Ntry><Amt Ccy=\"EUR\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>%s</Dt></BookgDt>",
			money.Euros(m.cents).Abs().Plain(), way, m.day)
		if ids {
			fmt.Fprintf(&b, "<AcctSvcrRef>BANK-%d</AcctSvcrRef>", i)
		}
		fmt.Fprintf(&b, "<NtryDtls><TxDtls><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>", escaped(m.label))
	}
	b.WriteString("</Stmt></BkToCstmrStmt></Document>")
	return []byte(b.String())
}

func TestLawOFXAndCAMTAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		movements, ids := drawMovements(t), rapid.Bool().Draw(t, "references")
		for format, content := range map[statement.Format][]byte{statement.OFX: ofxOf(movements, ids), statement.CAMT: camtOf(movements, ids)} {
			h, err := statement.Inspect(content, nil)
			if err != nil || h.Format != format {
				t.Fatalf("%s: %v, %s", format, err, h.Format)
			}
			lines, faults := collect(t, content, statement.Layout{})
			if diff := sameMovements(movements, lines); diff != "" || len(faults) > 0 {
				t.Fatalf("%s: %s, %v\n%s", format, diff, faults, content)
			}
			again, _ := collect(t, content, statement.Layout{})
			if !slices.Equal(lines, again) {
				t.Fatalf("%s: reading twice gives other lines", format)
			}
		}
	})
}

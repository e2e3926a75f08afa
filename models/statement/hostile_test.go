package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/statement"
)

const header = "Date;Libellé;Montant\n"

func ruleOf(err error) string {
	var u *statement.Unreadable
	if errors.As(err, &u) {
		return u.Rule
	}
	return fmt.Sprint(err)
}

func TestUnreadableFilesAreNamed(t *testing.T) {
	camt := string(load(t, "testdata/camt053-02.xml"))
	ofx := string(load(t, "testdata/ofx1.ofx"))
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>`
	cases := []struct{ name, content, want string }{
		{"nothing", "", "statement.empty"},
		{"blanks", " \r\n\t \n", "statement.empty"},
		{"a mark and nothing", "\xef\xbb\xbf", "statement.empty"},
		{"a zip", "PK\x03\x04\x14\x00releve.csv", "statement.zip"},
		{"an xlsx", "PK\x03\x04\x14\x00xl/workbook.xml", "statement.spreadsheet"},
		{"an ods", "PK\x03\x04\x14\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "statement.spreadsheet"},
		{"an xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", "statement.spreadsheet"},
		{"an xls of HTML", "<html><body><table><tr><td>31/01/2026</td></tr></table>", "statement.spreadsheet"},
		{"an xls of XML", `<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "statement.spreadsheet"},
		{"a page to sign in", "<!DOCTYPE html><html><form><table></table></form></html>", "statement.unknown"},
		{"gzip", "\x1f\x8b\x08\x00\x00", "statement.zip"},
		{"7z", "7z\xbc\xaf\x27\x1c\x00", "statement.zip"},
		{"a PDF", "%PDF-1.7\n1 0 obj", "statement.pdf"},
		{"a PDF after a blank", "\n%PDF-1.7\n1 0 obj", "statement.pdf"},
		{"a picture", "\x89PNG\r\n\x1a\n", "statement.binary"},
		{"bytes", strings.Repeat("\x00\x01\x02\x03\x04abc", 100), "statement.binary"},
		{"a letter", "Madame, Monsieur,\n\nvoici le relevé demandé.\n\nCordialement\n", "statement.unknown"},
		{"QIF", "!Type:Bank\nD31/01/2026\nT-5.00\n^\n", "statement.unknown"},
		{"other XML", `<?xml version="1.0"?><rss></rss>`, "statement.unknown"},
		{"JSON", `{"transactions": []}`, "statement.unknown"},
		{"too large", strings.Repeat("a", statement.MaxSize+1), "statement.too_large"},

		{"billion laughs in CAMT", laughs + strings.TrimPrefix(camt, `<?xml version="1.0" encoding="ISO-8859-1"?>`), "statement.entities"},
		{"an external entity", `<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><OFX>&x;</OFX>`, "statement.entities"},
		{"a DOCTYPE late in CAMT", strings.Replace(camt, "<Stmt>", strings.Repeat(" ", 10_000)+"<!DOCTYPE x><Stmt>", 1), "statement.entities"},
		{"a DOCTYPE late in OFX", strings.Replace(ofx, "<BANKTRANLIST>", strings.Repeat(" ", 10_000)+"<!doctype x>", 1), "statement.entities"},
		{"an entity nobody declared", strings.Replace(camt, "LES PASSEURS", "&secret;", 1), "statement.entities"},
		{"CAMT cut", camt[:len(camt)*2/3], "statement.truncated"},
		{"CAMT cut within its first word", camt[:150], "statement.truncated"},
		{"CAMT with elements crossed", strings.Replace(camt, "</NtryDtls>", "</Ntry>", 1), "statement.truncated"},
		{"CAMT as deep as the sea", strings.Replace(camt, "<Stmt>", "<Stmt>"+strings.Repeat("<a>", 100_000), 1), "statement.truncated"},
		{"CAMT with a NUL", strings.Replace(camt, "LES PASSEURS", "\x00", 1), "statement.truncated"},
		{"OFX cut", ofx[:len(ofx)*2/3], "statement.truncated"},
		{"OFX cut within a name", ofx[:len(ofx)-3], "statement.truncated"},
		{"an account report", strings.ReplaceAll(camt, "BkToCstmrStmt", "BkToCstmrAcctRpt"), "statement.unknown"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := statement.Inspect([]byte(c.content), nil)
			if got := ruleOf(err); got != c.want {
				t.Errorf("inspected: %s, want %s", got, c.want)
			}
			if c.want == "statement.unknown" && !strings.HasPrefix(c.content, "<") {
				return // as a CSV file with a layout that was typed, it has no line
			}
			err = statement.Read([]byte(c.content), plain(), func(statement.Line) error { return nil }, nil, nil)
			if got := ruleOf(err); got != c.want {
				t.Errorf("read: %s, want %s", got, c.want)
			}
		})
	}
}

// plain is the layout of the files written here.
func plain() statement.Layout {
	return statement.Layout{
		Encoding: statement.UTF8, Delimiter: ";", Header: 1, Day: 1, Labels: []int{2}, Amount: 3,
		DayOrder: statement.DMY, Decimal: ",", Sign: statement.SignMinus, Currency: money.EUR,
	}
}

// readAll reads a file and fails on what keeps it from being read.
func readAll(t testing.TB, content string, l statement.Layout) (lines []statement.Line, faults []statement.Fault) {
	t.Helper()
	err := statement.Read([]byte(content), l,
		func(l statement.Line) error { lines = append(lines, l); return nil },
		func(f statement.Fault) { faults = append(faults, f) }, nil)
	if err != nil {
		t.Fatal(err)
	}
	return lines, faults
}

func TestOneBadLineLosesNoOther(t *testing.T) {
	good := "30/01/2026;Avant;-1,00\n"
	after := "31/01/2026;Après;-2,00\n"
	megabyte := strings.Repeat("x", 1<<20)
	cases := []struct {
		name, bad string
		rule      string // "" when it is passed over
		row       int
		text      string // how what is shown begins
	}{
		{"a line of 1 MB", "31/01/2026;" + megabyte + ";-5,00\n", statement.FaultTooLong, 3, "31/01/2026;xxx"},
		{"1 MB of quotes", "31/01/2026;" + strings.Repeat(`"`, 1<<20) + ";-5,00\n", statement.FaultTooLong, 3, "31/01/2026;"},
		{"a quote that is not closed", "31/01/2026;\"Sans fin;douze\n", statement.FaultAmount, 3, "douze"},
		{"a day that is none", "31/02/2026;X;-5,00\n", statement.FaultDay, 3, "31/02/2026"},
		{"a month in the day's place", "01/31/2026;X;-5,00\n", statement.FaultDay, 3, "01/31/2026"},
		{"no day", ";X;-5,00\n", statement.FaultDayEmpty, 3, ";X;-5,00"},
		{"no sum", "31/01/2026;X;\n", statement.FaultAmountEmpty, 3, "31/01/2026;X;"},
		{"too few cells", "31/01/2026;X\n", statement.FaultColumns, 3, "31/01/2026;X"},
		{"cut within the day", "31/01/\n", statement.FaultColumns, 3, "31/01/"},
		{"a word for a sum", "31/01/2026;X;douze\n", statement.FaultAmount, 3, "douze"},
		{"a formula", "31/01/2026;X;=1+1\n", statement.FaultAmount, 3, "=1+1"},
		{"three decimals", "31/01/2026;X;1,234\n", statement.FaultAmountDecimals, 3, "1,234"},
		{"a sum past all", "31/01/2026;X;99999999999,00\n", statement.FaultAmountTooLarge, 3, "99999999999,00"},
		{"a currency that is none", "31/01/2026;X;5,00 QQQ\n", statement.FaultAmount, 3, "5,00 QQQ"},
		{"a NUL", "31/01/2026;X\x00Y;-\x005,00\n", "", 0, ""},
		{"a total", "Total;;-3,00\n", "", 0, ""},
		{"a balance", "31/01/2026;Solde au 31/01/2026;1 000,00\n", "", 0, ""},
		{"a title", "Opérations en attente;;\n", "", 0, ""},
		{"the header again", header, "", 0, ""},
		{"blanks", "\n ; ; \n\r\n", "", 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			lines, faults := readAll(t, header+good+c.bad+after, plain())
			isLine := c.name == "a NUL"
			if first, last := lines[0], lines[len(lines)-1]; first.Label != "Avant" || last.Label != "Après" || (len(lines) == 3) != isLine {
				t.Errorf("got %+v", lines)
			}
			switch {
			case c.rule == "" && len(faults) > 0:
				t.Errorf("told %+v", faults)
			case c.rule != "" && (len(faults) != 1 || faults[0].Rule != c.rule || faults[0].Row != c.row || !strings.HasPrefix(faults[0].Text, c.text)):
				t.Errorf("told %+v", faults)
			case c.rule != "" && len([]rune(faults[0].Text)) > 80:
				t.Errorf("shown at length: %q", faults[0].Text)
			}
		})
	}
}

// In a short file a bad line or two are most of what a column holds. What the header says still counts.
func TestBadLinesOfAShortFileAreNamed(t *testing.T) {
	cases := []struct {
		name, content string
		lines         []string // amounts
		rule          string   // of the only fault
		row           int
	}{
		{"cut within a sum", header + "02/03/2026;A;-1,00\n03/03/2026;B;-2,", []string{"-1.00 EUR"}, statement.FaultAmount, 3},
		{"a sum past all", header + "02/03/2026;A;-99999999999999999999,00\n03/03/2026;B;-2,00\n", []string{"-2.00 EUR"}, statement.FaultAmountTooLarge, 2},
		{"a word for a sum", header + "02/03/2026;A;douze\n03/03/2026;B;-2,00\n", []string{"-2.00 EUR"}, statement.FaultAmount, 2},
		{"a word for a debit", "Date;Libellé;Débit;Crédit\n02/03/2026;A;-1,00;\n03/03/2026;B;douze;\n", []string{"-1.00 EUR"}, statement.FaultAmount, 3},
		{"a day that is none", header + "31/02/2026;A;-1,00\n02/03/2026;B;-2,00\n", []string{"-2.00 EUR"}, statement.FaultDay, 2},
		{
			"a currency that is none", "Date;Libellé;Montant;Devise\n02/03/2026;A;-1,00;USD\n02/03/2026;B;-1,00;QQQ\n02/03/2026;C;-1500;JPY\n",
			[]string{"-1.00 USD", "-1500 JPY"},
			statement.FaultCurrencyUnknown, 3,
		},
		{"currencies by their signs", "Date;Libellé;Montant;Devise\n02/03/2026;A;-1,00;$\n02/03/2026;B;-2,00;€\n", []string{"-1.00 USD", "-2.00 EUR"}, "", 0},
		{
			"a direction that is none", "Date;Libellé;Montant;Sens\n02/03/2026;A;1,00;D\n02/03/2026;B;2,00;C\n02/03/2026;C;3,00;X\n",
			[]string{"-1.00 EUR", "2.00 EUR"},
			statement.FaultDirection, 4,
		},
		{"types that say no direction", "Date;Libellé;Montant;Type\n02/03/2026;A;1,00;Crédit\n02/03/2026;B;2,00;Virement\n", []string{"1.00 EUR", "2.00 EUR"}, "", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h, err := statement.Inspect([]byte(c.content), nil)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, l := range h.Lines {
				lines = append(lines, l.Amount.String())
			}
			if !slices.Equal(lines, c.lines) {
				t.Errorf("read %q, want %q", lines, c.lines)
			}
			switch {
			case c.rule == "" && h.FaultCount > 0, c.rule != "" && h.FaultCount != 1:
				t.Errorf("told %+v", h.Faults)
			case c.rule != "" && (h.Faults[0].Rule != c.rule || h.Faults[0].Row != c.row):
				t.Errorf("told %+v, want %s of line %d", h.Faults, c.rule, c.row)
			}
		})
	}
}

func TestQuotes(t *testing.T) {
	cases := []struct {
		rows   string
		labels []string
		row    int // of the last line
	}{
		{"31/01/2026;\"a;b\";-1,00\n", []string{"a;b"}, 2},
		{"31/01/2026;\"a\"\"b\"\"\";-1,00\n", []string{`a"b"`}, 2},
		{"31/01/2026;\"\"\"a\"\";b\";-1,00\n", []string{`"a";b`}, 2},
		{"31/01/2026;\"a\nb\r\nc\rd\";-1,00\n31/01/2026;e;-1,00\n", []string{"a b c d", "e"}, 6},
		{"31/01/2026;\"a \"b\" c\";-1,00\n", []string{`a "b" c`}, 2},
		{"31/01/2026;a \"b\" c;-1,00\n", []string{`a "b" c`}, 2},
		{"31/01/2026;\"a;-1,00\n31/01/2026;\"b\";-1,00\n", []string{`"a`, "b"}, 3},
		{"31/01/2026;=\"0012\";\"-1,00\"\n", []string{"0012"}, 2},
		{"31/01/2026;\"a\" ;-1,00\n", []string{"a"}, 2},
		{"31/01/2026;\"\";-1,00", []string{""}, 2},
		{"31/01/2026;a;\"-1,00\"", []string{"a"}, 2},
		{"31/01/2026;a;-1,00\r31/01/2026;b;-1,00\r", []string{"a", "b"}, 3},
	}
	for _, c := range cases {
		lines, faults := readAll(t, header+c.rows, plain())
		if len(lines) != len(c.labels) || len(faults) > 0 {
			t.Errorf("%q: %+v, %+v", c.rows, lines, faults)
			continue
		}
		for i, label := range c.labels {
			if lines[i].Label != label {
				t.Errorf("%q: label %q, want %q", c.rows, lines[i].Label, label)
			}
		}
		if got := lines[len(lines)-1].Row; got != c.row {
			t.Errorf("%q: the last stands on line %d, want %d", c.rows, got, c.row)
		}
	}
}

func TestEncodings(t *testing.T) {
	text := "Date;Libellé;Montant\n31/01/2026;Été à l’œuvre;-1\u00a0234,50 €\n30/01/2026;Abonnement;-2,00 €\n"
	utf16Bytes := func(bigEndian, mark bool) string {
		var b bytes.Buffer
		if mark {
			text = "\ufeff" + text
		}
		for _, u := range utf16.Encode([]rune(text)) {
			if bigEndian {
				b.Write([]byte{byte(u >> 8), byte(u)})
			} else {
				b.Write([]byte{byte(u), byte(u >> 8)})
			}
		}
		text = strings.TrimPrefix(text, "\ufeff")
		return b.String()
	}
	single := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
	latin := []string{"é", "\xe9", "É", "\xc9", "à", "\xe0", "\u00a0", "\xa0"}
	cases := []struct {
		name, content string
		want          statement.Encoding
		label         string
	}{
		{"UTF-8", text, statement.UTF8, "Été à l’œuvre"},
		{"UTF-8 with its mark", "\ufeff" + text, statement.UTF8, "Été à l’œuvre"},
		{"UTF-8 with a byte of something else", strings.Replace(text, "ment;", "ment \xe9;", 1), statement.UTF8, "Été à l’œuvre"},
		{"UTF-16 with its mark", utf16Bytes(false, true), statement.UTF16LE, "Été à l’œuvre"},
		{"UTF-16 without", utf16Bytes(false, false), statement.UTF16LE, "Été à l’œuvre"},
		{"UTF-16 the other way", utf16Bytes(true, true), statement.UTF16BE, "Été à l’œuvre"},
		{"UTF-16 the other way without", utf16Bytes(true, false), statement.UTF16BE, "Été à l’œuvre"},
		{"Windows-1252", single(append(latin, "’", "\x92", "œ", "\x9c", "€", "\x80")...), statement.Windows1252, "Été à l’œuvre"},
		{"ISO 8859-15", single(append(latin, "’", "'", "œ", "\xbd", "€", "\xa4")...), statement.Latin9, "Été à l'œuvre"},
	}
	for _, c := range cases {
		h, err := statement.Inspect([]byte(c.content), nil)
		if err != nil || h.Layout.Encoding != c.want || h.Count != 2 || h.Lines[0].Label != c.label || h.Lines[0].Amount != money.Euros(-123_450) {
			t.Errorf("%s: %v %s %+v %+v", c.name, err, h.Layout, h.Lines, h.Faults)
		}
	}
}

func TestReadStops(t *testing.T) {
	content := []byte(header + strings.Repeat("31/01/2026;a;-1,00\n", 10))
	stop := errors.New("enough")
	n := 0
	err := statement.Read(content, plain(), func(statement.Line) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	}, nil, nil)
	if !errors.Is(err, stop) || n != 3 {
		t.Errorf("stopped after %d with %v", n, err)
	}
	for name, l := range map[string]statement.Layout{"no layout": {}, "no amount": {Encoding: statement.UTF8, Delimiter: ";", Day: 1}} {
		if got := ruleOf(statement.Read(content, l, nil, nil, nil)); got != statement.UnreadableLayout {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestLongFiles(t *testing.T) {
	var b strings.Builder
	b.WriteString(header)
	for i := range 100_000 {
		fmt.Fprintf(&b, "%02d/01/2026;PAIEMENT %d;-%d,%02d\n", i%28+1, i, i/100, i%100)
	}
	content := []byte(b.String())
	h, err := statement.Inspect(content, nil)
	if err != nil || h.Count != 100_000 || h.FaultCount != 0 || len(h.Lines) != 30 || len(h.Rows) != 30 {
		t.Fatalf("%v: %d lines, %d faults, %d shown", err, h.Count, h.FaultCount, len(h.Lines))
	}
	keys := map[string]bool{}
	var last, total int
	told := 0
	err = statement.Read(content, h.Layout, func(l statement.Line) error { keys[l.Key] = true; return nil }, nil, func(done, of int) {
		if told++; done < last || of != len(content) {
			t.Fatalf("progress went from %d to %d of %d", last, done, of)
		}
		last, total = done, of
	})
	if err != nil || len(keys) != 100_000 || told < 100 || last != total {
		t.Errorf("%v: %d keys, told %d times, to %d of %d", err, len(keys), told, last, total)
	}
	// Line ends of old: looked for the wrong way, each would be sought through the whole file.
	old := bytes.ReplaceAll(content, []byte{'\n'}, []byte{'\r'})
	if h, err := statement.Inspect(old, nil); err != nil || h.Count != 100_000 {
		t.Errorf("with carriage returns: %v, %d lines", err, h.Count)
	}
	many := header + strings.Repeat("31/01/2026;a;-1,00\n", statement.MaxLines+1)
	if _, err := statement.Inspect([]byte(many), nil); ruleOf(err) != statement.UnreadableTooLarge {
		t.Errorf("one line too many: %v", err)
	}
}

// Every byte that a download can be cut at gives lines of the whole file, or an error, and never another line.
func TestCutAnywhere(t *testing.T) {
	for _, name := range []string{"testdata/credit-agricole.csv", "testdata/ofx1.ofx", "testdata/camt053-08.xml"} {
		content := load(t, name)
		whole, err := statement.Inspect(content, nil)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]statement.Line{}
		for _, l := range whole.Lines {
			known[l.Key] = l
		}
		for end := range len(content) {
			_ = statement.Read(content[:end], whole.Layout, func(l statement.Line) error {
				// The last sum may have lost its cents: then the line has another key, on the row that was cut.
				if k, ok := known[l.Key]; ok && k.Day != l.Day || l.Row > bytes.Count(content[:end], []byte{'\n'})+1 {
					t.Errorf("%s cut at %d: %+v", name, end, l)
				}
				return nil
			}, nil, nil)
		}
	}
}

func TestTheAmountAmongOtherSums(t *testing.T) {
	cases := []struct{ name, content string }{
		{"a balance before it, overdrawn", "31/01/2026;CARTE DROPBOX;-5,00;-12,00\n30/01/2026;VIREMENT;7,00;30,00\n29/01/2026;CARTE OVH;-23,00;-3,00\n28/01/2026;CARTE OVH;-20,00;-4,00\n"},
		{"francs before it", "Date;Libellé;Montant(FRANCS);Montant(EUROS)\n31/01/2026;CARTE DROPBOX;-78,71;-12,00\n"},
		{"a gross sum before it", "Date;Libellé;Montant brut;Montant net\n31/01/2026;CARTE DROPBOX;-11,50;-12,00\n"},
		{"a balance named before it", "Date;Libellé;Solde (EUR);Montant\n31/01/2026;CARTE DROPBOX;-5,00;-12,00\n"},
		{"numbers of cheques before it", "31/01/2026;CARTE DROPBOX;1234567;-12,00\n30/01/2026;CHEQUE;1234568;-1,00\n"},
		{"names that say nothing", "Jour;Quoi;No;Combien\n31/01/2026;CARTE DROPBOX;7;-12,00\n30/01/2026;CHEQUE;8;-1,00\n"},
	}
	for _, c := range cases {
		h, err := statement.Inspect([]byte(c.content), nil)
		if err != nil || h.Layout.Amount != 4 || h.FaultCount > 0 || len(h.Lines) == 0 || h.Lines[0].Amount != money.Euros(-1200) || h.Lines[0].Label != "CARTE DROPBOX" {
			t.Errorf("%s: %v, %s, %+v, %+v", c.name, err, h.Layout, h.Lines, h.Faults)
		}
	}
}

func TestAMonthWithoutMovement(t *testing.T) {
	for _, content := range []string{header, "Date;Libellé;Débit;Crédit\n\n", "Compte n° 04106119371\n\n" + header, header + "Total;;0,00\n"} {
		h, err := statement.Inspect([]byte(content), nil)
		if err != nil || h.Count != 0 || h.FaultCount != 0 || len(h.Layout.Check(len(h.Columns))) > 0 || h.Layout.Day != 1 || len(h.Layout.Labels) != 1 {
			t.Errorf("%q: %v, %s, %+v", content, err, h.Layout, h.Faults)
		}
	}
}

// A batch of more parts than anybody has stays one line, of the sum that was booked.
func TestABatchPastAllCounting(t *testing.T) {
	part := `<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">0.01</Amt></TxAmt></AmtDtls></TxDtls>`
	camt := func(n int) []byte {
		return []byte(`<?xml version="1.0"?><Document><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="EUR">` + fmt.Sprintf("%d.%02d", n/100, n%100) +
			`</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-01-31</Dt></BookgDt><AddtlNtryInf>PAIE</AddtlNtryInf><NtryDtls>` +
			strings.Repeat(part, n) + `</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`)
	}
	for n, want := range map[int]int{1: 1, 9_999: 9_999, 10_000: 10_000, 10_001: 1, 25_000: 1} {
		if h, err := statement.Inspect(camt(n), nil); err != nil || h.Count != want || h.Lines[0].Label != "PAIE" {
			t.Errorf("%d parts: %v, %d lines", n, err, h.Count)
		}
	}
}

// Parts that do not sum to what was booked are no lines: the account moved by the whole.
func TestABatchThatDoesNotSum(t *testing.T) {
	camt := string(load(t, "testdata/camt053-08.xml"))
	for _, wrong := range []string{
		strings.Replace(camt, `<ns2:Amt Ccy="EUR">30.00`, `<ns2:Amt Ccy="EUR">30.01`, 1),
		strings.Replace(camt, `<ns2:Amt Ccy="EUR">30.00`, `<ns2:Amt Ccy="USD">30.00`, 1),
		strings.Replace(camt, `<ns2:Amt Ccy="EUR">30.00`, `<ns2:Amt Ccy="EUR">trente`, 1),
	} {
		lines, faults := readAll(t, wrong, statement.Layout{})
		if len(lines) != 2 || len(faults) > 0 || lines[1].Amount != money.Euros(-2000) {
			t.Errorf("%+v, %+v", lines, faults)
		}
	}
}

func TestDaysOfTwoOrders(t *testing.T) {
	cases := []struct {
		days  []string
		want  cal.Date
		order statement.DayOrder
	}{
		{[]string{"02/01/2026", "13/01/2026"}, cal.MustNew(2026, 1, 2), statement.DMY},
		{[]string{"02/01/2026", "01/13/2026"}, cal.MustNew(2026, 2, 1), statement.MDY},
		{[]string{"02/01/2026", "03/01/2026"}, cal.MustNew(2026, 1, 2), statement.DMY}, // nothing proves it: French
		{[]string{"20260102", "20260113"}, cal.MustNew(2026, 1, 2), statement.YMD},
	}
	for _, c := range cases {
		var b strings.Builder
		for _, day := range c.days {
			b.WriteString(day + ";CARTE DROPBOX;-12,00\n")
		}
		h, err := statement.Inspect([]byte(b.String()), nil)
		if err != nil || h.Layout.DayOrder != c.order || h.Count != 2 || h.Lines[0].Day != c.want {
			t.Errorf("%q: %v %s %+v", c.days, err, h.Layout, h.Lines)
		}
	}
}

package statement_test

import (
	"testing"
	"unicode/utf8"

	"enveloppe/models/money"
	"enveloppe/models/statement"
)

// sound fails when a reader gives what no reader may.
func sound(t *testing.T, content []byte, l statement.Layout) (lines, faults int, err error) {
	t.Helper()
	keys := map[string]bool{}
	err = statement.Read(content, l, func(line statement.Line) error {
		lines++
		switch {
		case line.Day.IsZero() || line.Day.Year() < 1970 || line.Amount.IsNone() || line.Row < 1:
			t.Fatalf("half a line: %+v", line)
		case line.Amount.Abs().Units() > money.MaxTyped || line.Original.Abs().Units() > money.MaxTyped:
			t.Fatalf("a sum past all: %+v", line)
		case !line.Original.IsNone() && (line.Original.Currency() == line.Amount.Currency() || line.Original.IsNegative() != line.Amount.IsNegative()):
			t.Fatalf("another original: %+v", line)
		case keys[line.Key] || len(line.Key) < 22:
			t.Fatalf("the key of another: %+v", line)
		case !utf8.ValidString(line.Label+line.Party) || utf8.RuneCountInString(line.Label) > 520 || utf8.RuneCountInString(line.Party) > 140:
			t.Fatalf("texts nobody can keep: %+v", line)
		}
		keys[line.Key] = true
		return nil
	}, func(f statement.Fault) {
		faults++
		if f.Row < 1 || f.Rule == "" || !utf8.ValidString(f.Text) || utf8.RuneCountInString(f.Text) > 80 {
			t.Fatalf("half a fault: %+v", f)
		}
	}, nil)
	return lines, faults, err
}

func FuzzInspect(f *testing.F) {
	for _, name := range fixtures(f) {
		f.Add(load(f, name))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		h, err := statement.Inspect(content, nil)
		if err != nil {
			return
		}
		if h.Format == statement.CSV && len(h.Layout.Check(len(h.Columns))) > 0 {
			if h.Count > 0 {
				t.Fatal("lines by a layout that is none")
			}
			return
		}
		lines, faults, err := sound(t, content, h.Layout)
		if err != nil || lines != h.Count || faults != h.FaultCount {
			t.Fatalf("inspected %d lines and %d faults, read %d and %d, %v", h.Count, h.FaultCount, lines, faults, err)
		}
		again, err := statement.Inspect(content, &h.Layout)
		if err != nil || again.Count != h.Count {
			t.Fatalf("%d lines, then %d with the layout they gave: %v\n%s\n%s", h.Count, again.Count, err, h.Layout, again.Layout)
		}
	})
}

// FuzzCSV reads anything by any layout.
func FuzzCSV(f *testing.F) {
	for _, name := range fixtures(f) {
		f.Add(load(f, name), plain().String())
	}
	f.Add([]byte("31/01/2026;a;1,00;2,00;EUR;D\n"), `{"encoding":"utf-8","delimiter":";","day":1,"labels":[2],"debit":3,"credit":4,"currency_column":5,"day_order":"dmy","decimal":",","sign":"plus","currency":"EUR"}`)
	f.Add([]byte("\"31/01/2026\";\"a\n\"\"b\";1,00;2,00;USD;D;x\n"), `{"encoding":"windows-1252","delimiter":";","day":1,"labels":[2,6],"amount":3,"original":4,"original_currency":5,"direction":6,"fee":4,"reference":7,"state":2,"account_column":5,"account":"EUR","day_order":"mdy","decimal":".","sign":"plus","currency":"EUR"}`)
	f.Fuzz(func(t *testing.T, content []byte, layout string) {
		l, err := statement.ParseLayout(layout)
		if err != nil {
			return
		}
		if again, err := statement.ParseLayout(l.String()); err != nil || again.String() != l.String() {
			t.Fatalf("%s became %s, %v", l, again, err)
		}
		_, _, err = sound(t, content, l)
		if err == nil {
			_, err = statement.Preview(content, l)
		}
		if err != nil && ruleOf(err) == err.Error() {
			t.Fatalf("an error without a rule: %v", err)
		}
	})
}

// FuzzMarkup begins where sniffing has been passed: anything within OFX and CAMT.
func FuzzMarkup(f *testing.F) {
	f.Add("<STMTRS><CURDEF>USD<STMTTRN><DTPOSTED>20260131<TRNAMT>-1,00<FITID>ABCD<NAME>a &amp; b<ORIGCURRENCY><CURRATE>1,1<CURSYM>GBP</STMTTRN></OFX>")
	f.Add("<BkToCstmrStmt><Stmt><Ntry><Amt Ccy='EUR'>1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-01-31</Dt></BookgDt><NtryDtls><TxDtls><AmtDtls><InstdAmt><Amt Ccy='USD'>2</Amt></InstdAmt></AmtDtls></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>")
	for _, name := range []string{"testdata/ofx1.ofx", "testdata/ofx2.ofx", "testdata/camt053-02.xml", "testdata/camt053-08.xml"} {
		f.Add(string(load(f, name)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, begin := range []string{"OFXHEADER:100\n<OFX>", `<?xml version="1.0"?><Document xmlns="camt.053">`} {
			if _, _, err := sound(t, []byte(begin+text), statement.Layout{}); err != nil && ruleOf(err) == err.Error() {
				t.Fatalf("an error without a rule: %v", err)
			}
		}
	})
}

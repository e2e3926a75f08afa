package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	rates = "Date,USD,GBP,XAU,\n2026-11-20,1.1520,0.88,N/A,\n2026-11-19,-1,0.87,N/A,\n2031-01-02,1.2,N/A,N/A,\n"
	lines = "Date;Libellé;Montant\n20/11/2026;CB DROPBOX 19/11;-99,00\n21/11/2026;VIR COTISATION;20,00\nhier;ILLISIBLE;-1,00\n22/11/2026;PRLV OVH;-5,99\n"
	ofx   = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR\n" +
		"<BANKACCTFROM><BANKID>30002<ACCTID>00012345678<ACCTTYPE>CHECKING</BANKACCTFROM>\n<BANKTRANLIST><DTSTART>20261101<DTEND>20261130\n" +
		"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261120<TRNAMT>-99.00<FITID>A1<NAME>DROPBOX</STMTTRN>\n</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
)

// written puts a file into a folder of the test.
func written(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportTellsFilesApartAndSaysWhatHappened(t *testing.T) {
	db := sampleFile(t)
	ecb, csv, bank := written(t, "rates.csv", rates), written(t, "releve.csv", lines), written(t, "releve.ofx", ofx)
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"import", "-h"}, []string{"--account NAME", "-dry-run"}},
		{[]string{"import", ecb, "--dry-run"}, []string{"would be added", "line 3 passed over: unreadable rate: \"USD -1\"", "1 of days to come"}},
		{[]string{"import", csv, "--account", "Livret", "--dry-run"}, []string{"3 lines", "would be read into the new account Livret", "line 4 passed over"}},
		{[]string{"import", csv, "--account", "Livret"}, []string{"3 lines added to the new account Livret", "from 2026-11-20 to 2026-11-22", "line 4 passed over", "hier"}},
		{[]string{"import", csv, "--account", "livret"}, []string{"0 lines added to the account Livret, 3 known already"}},
		{[]string{"import", bank, "--dry-run"}, []string{"OFX: 1 line ", "new account 3000200012345678"}},
		{[]string{"import", bank}, []string{"1 line added to the new account 3000200012345678"}},
		{[]string{"import", bank}, []string{"0 lines added to the account 3000200012345678, 1 known already"}},
	} {
		code, out, err := call(t, "", append(c.args, "--db", db, "--today", "2026-11-23")...)
		if code != done {
			t.Errorf("%v: exit %d, %s", c.args[1:], code, err)
			continue
		}
		for _, says := range c.says {
			if !strings.Contains(out, says) {
				t.Errorf("%v says %q, want %q", c.args[1:], out, says)
			}
		}
	}
}

func TestRatesAreImportedOnce(t *testing.T) {
	db := sampleFile(t)
	ecb := written(t, "eurofxref.csv", "Date,CHF,XAU,\n2026-11-20,0.9301,3000,\n2031-01-02,1.2,N/A,\n")
	for _, c := range []struct{ flag, says string }{
		{"--dry-run", "1 would be added, from 2026-11-20 to 2026-11-20"},
		{"--dry-run", "1 would be added"}, // nothing was written the first time
		{"", "1 added, from 2026-11-20 to 2026-11-20"},
		{"", "0 added; 1 known, 0 known with another figure, 1 of days to come, 1 of no use"},
	} {
		args := []string{"import", ecb, "--db", db, "--today", "2026-11-23"}
		if c.flag != "" {
			args = append(args, c.flag)
		}
		if code, out, err := call(t, "", args...); code != done || !strings.Contains(out, c.says) {
			t.Errorf("%v: exit %d, %q, %q; want %q", c.flag, code, out, err, c.says)
		}
	}
}

func TestImportOfWhatCannotBeReadFails(t *testing.T) {
	db := sampleFile(t)
	for name, c := range map[string]struct{ content, says string }{
		"empty.csv":   {"", "empty"},
		"page.html":   {"<html><body>sign in</body></html>", "statement"},
		"cut.xml":     {"<Envelope xmlns='eurofxref'><Cube><Cube time='2026-11-20'>", "cut off"},
		"bomb.xml":    {"<!DOCTYPE x [<!ENTITY a 'eurofxref'>]><Envelope>&a;</Envelope>", "definitions"},
		"none.csv":    {"Date,USD,\n", "no rate"},
		"bad.csv":     {"Date,USD,\nhier,1,\n", "no rate"},
		"account.csv": {lines, "--account"},
	} {
		path := written(t, name, c.content)
		if code, _, err := call(t, "", "import", path, "--db", db); code != failed || !strings.Contains(err, c.says) {
			t.Errorf("%s: exit %d, %q; want 1 and %q", name, code, err, c.says)
		}
	}
	for _, args := range [][]string{
		{"import", filepath.Join(t.TempDir(), "absent.csv")},
		{"import", written(t, "r.csv", rates), "--account", "Livret"},
	} {
		if code, _, err := call(t, "", append(args, "--db", db)...); code != failed || err == "" {
			t.Errorf("%v: exit %d, %q", args[0], code, err)
		}
	}
	if code, _, _ := call(t, "", "import", "--db", db); code != misuse {
		t.Error("import without a file is no wrong usage")
	}
	// None of them left an account behind.
	_, out, _ := call(t, "", "import", written(t, "x.csv", lines), "--account", "Caisse", "--dry-run", "--db", db)
	if !strings.Contains(out, "new account Caisse") {
		t.Errorf("said %q", out)
	}
}

package statement_test

import (
	"slices"
	"strings"
	"testing"

	"enveloppe/models/statement"
)

func keysOf(t *testing.T, content string, l statement.Layout) []string {
	t.Helper()
	lines, faults := readAll(t, content, l)
	if len(faults) > 0 {
		t.Fatalf("%+v", faults)
	}
	var out []string
	for _, line := range lines {
		out = append(out, line.Key)
	}
	return out
}

func TestKeysOfEqualLines(t *testing.T) {
	a, b, c := "30/01/2026;CB CAFÉ;-1,00\n", "30/01/2026;CB OVH;-7,19\n", "31/01/2026;CB CAFÉ;-1,00\n"
	all := keysOf(t, header+a+a+b+c, plain())
	if slices.Sort(all); len(slices.Compact(slices.Clone(all))) != 4 {
		t.Fatalf("four lines have the keys %q", all)
	}
	// The bank's next export begins a day later, and has the day before in another order.
	if got := keysOf(t, header+c, plain()); !slices.Contains(all, got[0]) {
		t.Errorf("%q is none of %q", got, all)
	}
	other := keysOf(t, header+b+a+a, plain())
	for _, key := range other {
		if !slices.Contains(all, key) {
			t.Errorf("%q is none of %q", key, all)
		}
	}
	// A third coffee of the day is told later: the first two keep their keys.
	if later := keysOf(t, header+a+a+a, plain()); slices.Contains(all, later[2]) || !slices.Contains(all, later[0]) || !slices.Contains(all, later[1]) {
		t.Errorf("%q beside %q", later, all)
	}
	if got := keysOf(t, header+strings.ReplaceAll(a, "CB CAFÉ", "CB   CAFÉ  "), plain()); got[0] != keysOf(t, header+a, plain())[0] {
		t.Error("spaces make another key")
	}
}

func TestKeysOfReferences(t *testing.T) {
	ofx := func(trns ...string) []byte {
		return []byte("OFXHEADER:100\n\n<OFX><STMTRS>\n" + strings.Join(trns, "\n") + "\n</STMTRS></OFX>")
	}
	trn := func(day, amount, id, name string) string {
		return "<STMTTRN><DTPOSTED>" + day + "<TRNAMT>" + amount + "<FITID>" + id + "<NAME>" + name + "</STMTTRN>"
	}
	read := func(content []byte) (keys []string, faults []statement.Fault) {
		err := statement.Read(content, statement.Layout{}, func(l statement.Line) error { keys = append(keys, l.Key); return nil },
			func(f statement.Fault) { faults = append(faults, f) }, nil)
		if err != nil {
			t.Fatal(err)
		}
		return keys, faults
	}
	// A bank that words its label anew does not make another line.
	a, _ := read(ofx(trn("20260131", "-1.00", "ABCD", "CB")))
	b, _ := read(ofx(trn("20260130", "-2.00", "ABCE", "X"), trn("20260131", "-1.00", "ABCD", "CB CAFE")))
	if a[0] != b[1] {
		t.Errorf("%q, then %q", a, b)
	}
	// One that counts from one in every file does not hide other lines.
	c, faults := read(ofx(trn("20260131", "-1.00", "0001", "A"), trn("20260130", "-1.00", "0001", "A"), trn("20260131", "-2.00", "0001", "A"), trn("20260131", "-1.00", "0001", "B")))
	if slices.Sort(c); len(slices.Compact(c)) != 4 || len(faults) > 0 {
		t.Errorf("%q, %+v", c, faults)
	}
	// The very same line twice is one, and told.
	if d, faults := read(ofx(trn("20260131", "-1.00", "ABCD", "CB"), trn("20260131", "-1.00", "ABCD", "CB"))); len(d) != 1 || len(faults) != 1 || faults[0].Rule != statement.FaultTwice || faults[0].Row != 5 {
		t.Errorf("%q, %+v", d, faults)
	}
	// What is no reference is not taken for one.
	for _, id := range []string{"0", "000000", "NONREF", "1"} {
		if e, faults := read(ofx(trn("20260131", "-1.00", id, "CB"), trn("20260131", "-1.00", id, "CB"))); len(e) != 2 || e[0] == e[1] || len(faults) > 0 {
			t.Errorf("%s: %q, %+v", id, e, faults)
		}
	}
}

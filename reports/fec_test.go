package reports_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// extract is the extract of a year that has everything: settlements, both entries of prepaid expense, an invoice over
// two services, foreign amounts, a reversal.
func extract(t *testing.T) string {
	t.Helper()
	return string(export(t, reports.FEC, models.NewRegister(closing()), reports.Whole(year2026), reports.Options{Closing: true}))
}

func TestTheExtractKeepsTheText(t *testing.T) {
	for name, o := range map[string]reports.Options{
		"in UTF-8": {Closing: true}, "in ISO 8859-15": {Closing: true, Encoding: reports.Latin9, Digits: 8}, "without the closing": {},
	} {
		data := export(t, reports.FEC, models.NewRegister(closing()), reports.Whole(year2026), o)
		if faults := reports.CheckFEC(bytes.NewReader(data), o.Encoding); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
	}
	bars := strings.ReplaceAll(extract(t), "\t", "|")
	if faults := reports.CheckFEC(strings.NewReader(bars), reports.UTF8); len(faults) > 0 {
		t.Errorf("between bars: %v", faults)
	}
	lines := strings.ReplaceAll(extract(t), "\r\n", "\n")
	if faults := reports.CheckFEC(strings.NewReader(lines), reports.UTF8); len(faults) > 0 {
		t.Errorf("lines ended by LF alone: %v", faults)
	}
}

// table is a file of entries as lines of cells.
type table [][]string

func (x table) text() string {
	var b strings.Builder
	for _, line := range x {
		b.WriteString(strings.Join(line, "\t") + "\r\n")
	}
	return b.String()
}

// Every rule is broken once, in a file that keeps all of them otherwise; and no other is blamed for it.
func TestEachRuleOfTheText(t *testing.T) {
	cell := func(line int, title, text string) func(table) {
		return func(x table) { x[line-1][slices.Index(x[0], title)] = text }
	}
	all := func(changes ...func(table)) func(table) {
		return func(x table) {
			for _, change := range changes {
				change(x)
			}
		}
	}
	of := func(title string) string { return "of " + title }
	type broken struct {
		name   string
		change func(table)
		want   []string // rule, line and column
	}
	cases := []broken{
		{"nothing", func(table) {}, nil},
		{"a title in another spelling", cell(1, "Montantdevise", "MontantDevise"), []string{"fec.titles 1 "}},
		{"titles out of order", func(x table) { x[0][0], x[0][1] = x[0][1], x[0][0] }, []string{"fec.titles 1 "}},
		{"a column less", func(x table) { x[2] = x[2][:17] }, []string{"fec.columns 3 ", "fec.balance 2 "}},
		{"a column more", func(x table) { x[1] = append(x[1], "") }, []string{"fec.columns 2 ", "fec.balance 3 "}},
		{"a bar", cell(2, "EcritureLib", "a|b"), []string{"fec.characters 2 EcritureLib"}},
		{"a control character", cell(2, "EcritureLib", "a\x01b"), []string{"fec.characters 2 EcritureLib"}},
		{"a lone return", cell(2, "EcritureLib", "a\rb"), []string{"fec.characters 2 EcritureLib"}},
		{"a day that is none", cell(2, "PieceDate", "20260230"), []string{"fec.date 2 PieceDate", "fec.entry 3 PieceDate"}},
		{"a day with points", all(cell(2, "PieceDate", "2026.1.5"), cell(3, "PieceDate", "2026.1.5")), []string{"fec.date 2 PieceDate", "fec.date 3 PieceDate"}},
		{"an account of letters", cell(2, "CompteNum", "F511"), []string{"fec.account 2 CompteNum"}},
		{"an account of two digits", cell(2, "CompteNum", "65"), []string{"fec.account 2 CompteNum"}},
		{"a class the chart has not", cell(2, "CompteNum", "911"), []string{"fec.account 2 CompteNum"}},
		{"a decimal point", cell(2, "Debit", "92.40"), []string{"fec.amount 2 Debit", "fec.balance 2 "}},
		{"thousands apart", all(cell(2, "Debit", "1 092,40"), cell(3, "Credit", "1 092,40")), []string{"fec.amount 2 Debit", "fec.amount 3 Credit"}},
		{"one decimal", cell(3, "Credit", "92,4"), []string{"fec.amount 3 Credit", "fec.balance 2 "}},
		{"a minus sign", all(cell(2, "Debit", "-92,40"), cell(3, "Credit", "-92,40")), []string{"fec.amount 2 Debit", "fec.amount 3 Credit"}},
		{"both sides", all(cell(2, "Credit", "92,40"), cell(3, "Debit", "92,40")), []string{"fec.sides 2 ", "fec.sides 3 "}},
		{"neither side", all(cell(2, "Debit", "0,00"), cell(3, "Credit", "0,00")), []string{"fec.sides 2 ", "fec.sides 3 "}},
		{"a cent away", cell(3, "Credit", "92,41"), []string{"fec.balance 2 "}},
		{"no number", all(cell(2, "EcritureNum", "AC-"), cell(3, "EcritureNum", "AC-")), []string{"fec.number 2 EcritureNum", "fec.sequence 6 EcritureNum"}},
		{"a number left out", func(x table) {
			for i := range x {
				x[i][2] = strings.Replace(x[i][2], "BQ-8", "BQ-9", 1)
			}
		}, []string{"fec.sequence 35 EcritureNum"}},
		{"numbers from two on", func(x table) {
			for i := range x {
				x[i][2] = strings.NewReplacer("OD-1", "OD-2", "OD-2", "OD-3", "OD-3", "OD-4", "OD-4", "OD-5").Replace(x[i][2])
			}
		}, []string{"fec.sequence 30 EcritureNum"}},
		{"a number used twice", all(cell(6, "EcritureNum", "AC-1"), cell(7, "EcritureNum", "AC-1")), []string{"fec.scattered 6 EcritureNum", "fec.sequence 10 EcritureNum"}},
		{"lines of an entry apart", func(x table) { x[2], x[3] = x[3], x[2] }, []string{
			"fec.balance 2 ", "fec.balance 3 ", "fec.scattered 4 EcritureNum", "fec.balance 4 ", "fec.scattered 5 EcritureNum", "fec.balance 5 ",
		}},
		{"a journal under two names", all(cell(6, "JournalLib", "Ventes"), cell(7, "JournalLib", "Ventes")), []string{"fec.journal 6 JournalLib"}},
		{"lines of an entry on two days", cell(3, "EcritureDate", "20261218"), []string{"fec.entry 3 EcritureDate"}},
		{"lines of an entry on two documents", cell(3, "PieceRef", "X"), []string{"fec.entry 3 PieceRef"}},
		{"validated before its day", all(cell(2, "EcritureDate", "20261221"), cell(3, "EcritureDate", "20261221")), []string{"fec.valid 2 ValidDate"}},
		{"validated before the line above", all(cell(6, "ValidDate", "20261219"), cell(7, "ValidDate", "20261219")), []string{"fec.order 6 ValidDate", "fec.order 7 ValidDate"}},
		{"an auxiliary account without its name", cell(3, "CompAuxLib", ""), []string{"fec.auxiliary 3 CompAuxNum"}},
		{"a name without its auxiliary account", cell(3, "CompAuxNum", ""), []string{"fec.auxiliary 3 CompAuxNum"}},
		{"an auxiliary account of an expense", all(cell(2, "CompAuxNum", "F"), cell(2, "CompAuxLib", "F")), []string{"fec.auxiliary_on 2 CompAuxNum"}},
		{"a letter without its day", cell(2, "EcritureLet", "A"), []string{"fec.lettering 2 EcritureLet"}},
		{"a day of lettering that is none", all(cell(2, "EcritureLet", "A"), cell(2, "DateLet", "20261301")), []string{"fec.date 2 DateLet"}},
		{"lettered", all(cell(2, "EcritureLet", "A"), cell(2, "DateLet", "20261231")), nil},
		{"an amount without its currency", cell(3, "Idevise", ""), []string{"fec.currency 3 Idevise"}},
		{"a currency without its amount", cell(3, "Montantdevise", ""), []string{"fec.currency 3 Idevise"}},
		{"a currency by its sign", cell(3, "Idevise", "$"), []string{"fec.currency 3 Idevise"}},
		{"a foreign amount that is none", cell(3, "Montantdevise", "99.00"), []string{"fec.foreign 3 Montantdevise"}},
		{"a foreign amount with its sign", cell(3, "Montantdevise", "-99,00"), nil},
	}
	for _, title := range []string{"JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit", "ValidDate"} {
		cases = append(cases, broken{"blank " + title, cell(3, title, ""), []string{of(title)}}, broken{"spaces for " + title, cell(3, title, " "), []string{of(title)}})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var x table
			for line := range strings.SplitSeq(strings.TrimSuffix(extract(t), "\r\n"), "\r\n") {
				x = append(x, strings.Split(line, "\t"))
			}
			c.change(x)
			var got []string
			for _, f := range reports.CheckFEC(strings.NewReader(x.text()), reports.UTF8) {
				got = append(got, strings.Join([]string{f.Rule, string(rune('0'+f.Line/10)) + string(rune('0'+f.Line%10)), f.Column}, " "))
			}
			for i := range got {
				got[i] = strings.Replace(got[i], " 0", " ", 1)
			}
			if title, blank := strings.CutPrefix(strings.Join(c.want, ""), "of "); blank {
				if !slices.Contains(got, "fec.blank 3 "+title) {
					t.Errorf("not said: %q", got)
				}
				return
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBytesOfTheExtract(t *testing.T) {
	latin := string(export(t, reports.FEC, models.NewRegister(closing()), reports.Whole(year2026), reports.Options{Encoding: reports.Latin9}))
	for _, c := range []struct {
		name, data, encoding string
		want                 string
	}{
		{"empty", "", reports.UTF8, "fec.titles"},
		{"a byte order mark", "\ufeff" + extract(t), reports.UTF8, "fec.encoding"},
		{"not UTF-8", latin, reports.UTF8, "fec.encoding"},
		{"UTF-8 for ISO 8859-15", extract(t), reports.Latin9, "fec.encoding"}, // the Ł of Łódź has a byte that is no sign there
		{"cut off", strings.TrimSuffix(extract(t), "\r\n"), reports.UTF8, "fec.line_end"},
		{"cut off within a line", extract(t)[:len(extract(t))-9], reports.UTF8, "fec.line_end"},
		{"between semicolons", strings.ReplaceAll(extract(t), "\t", ";"), reports.UTF8, "fec.titles"},
		{"an empty line", extract(t) + "\r\n", reports.UTF8, "fec.columns"},
	} {
		faults := reports.CheckFEC(strings.NewReader(c.data), c.encoding)
		if !slices.ContainsFunc(faults, func(f reports.Fault) bool { return f.Rule == c.want }) {
			t.Errorf("%s: %v, want %s", c.name, faults, c.want)
		}
		// In pieces of any size it is the same file.
		if got := reports.CheckFEC(iotestOneByte(c.data), c.encoding); !slices.Equal(got, faults) {
			t.Errorf("%s, byte by byte: %v, in one piece %v", c.name, got, faults)
		}
	}
	if faults := reports.CheckFEC(strings.NewReader(strings.Split(extract(t), "\r\n")[0]+"\r\n"+strings.Repeat("x\r\n", 5000)), reports.UTF8); len(faults) != 100 {
		t.Errorf("%d faults of five thousand", len(faults))
	}
}

// iotestOneByte gives a text a byte at a time.
func iotestOneByte(s string) io.Reader { return &slow{s} }

type slow struct{ rest string }

func (s *slow) Read(b []byte) (int, error) {
	if s.rest == "" {
		return 0, io.EOF
	}
	b[0], s.rest = s.rest[0], s.rest[1:]
	return 1, nil
}

// A file that would break the text is not begun.
func TestAnExtractThatBreaksTheTextIsRefused(t *testing.T) {
	f := closing()
	f.Payments[1].Account = "065"
	var b bytes.Buffer
	err := reports.FECExtract(&b, models.NewRegister(f), reports.Whole(year2026), reports.Options{})
	if err == nil || !strings.Contains(err.Error(), `CompteNum: fec.account ("065")`) || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
	if err := reports.FECExtract(&b, models.NewRegister(closing()), reports.Whole(year2026), reports.Options{Encoding: reports.Windows1252}); err == nil || b.Len() > 0 {
		t.Errorf("in an encoding there is not: %v, %d bytes", err, b.Len())
	}
}

// Texts that leave nothing behind do not leave a column blank that may not be.
func TestNoColumnIsLeftBlank(t *testing.T) {
	p := models.Payment{ID: 9, ServiceID: 3, PaidOn: day("2026-04-02"), InvoiceNumber: "=", VendorName: "+", Billed: money.Euros(100), Account: "6511"}
	for _, encoding := range []string{reports.UTF8, reports.Latin9} {
		r := models.NewRegister(models.Facts{
			Vendors:  []models.Vendor{{ID: 2, Name: "+", Account: "F|1"}},
			Services: []models.Service{{ID: 3, Name: "\u2212=|", VendorID: 2}},
			Payments: []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})},
		})
		data := export(t, reports.FEC, r, reports.Whole(year2026), reports.Options{Encoding: encoding})
		if faults := reports.CheckFEC(bytes.NewReader(data), encoding); len(faults) > 0 {
			t.Errorf("%s: %v in %q", encoding, faults, data)
		}
		if !bytes.Contains(data, []byte("\tF 1\tF 1\tAC-1\t")) {
			t.Errorf("%s: %q", encoding, data)
		}
	}
}

func TestNameOfTheExtract(t *testing.T) {
	part, _ := reports.Months(year2026, 1, 3)
	f := closing()
	r := models.NewRegister(f)
	f.Organisation.SIREN = ""
	without := models.NewRegister(f)
	for got, want := range map[string]string{
		reports.FileName(reports.FEC, r, reports.Whole(year2026), day("2026-11-23")):       "552100554FEC20261231_achats-saas.txt",
		reports.FileName(reports.FEC, r, part, day("2026-11-23")):                          "552100554FEC20260331_achats-saas.txt",
		reports.FileName(reports.FEC, without, reports.Whole(year2026), day("2026-11-23")): "ASSOFEC20261231_achats-saas.txt",
		reports.FileName(reports.Notice, r, reports.Whole(year2026), day("2026-11-23")):    "552100554FEC20261231_achats-saas_description.txt",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	notice := string(export(t, reports.Notice, r, reports.Whole(year2026), reports.Options{Closing: true}))
	for _, said := range append([]string{"EXTRAIT", "UTF-8", "AC Achats", "BQ Banque", "OD Opérations diverses", "01/01/2026 au 31/12/2026"}, strings.Split(strings.Split(extract(t), "\r\n")[0], "\t")...) {
		if !strings.Contains(notice, said) {
			t.Errorf("the description does not say %s", said)
		}
	}
}

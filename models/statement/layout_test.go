package statement_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/statement"
)

// Each field of a layout changes what is read: none is decoration.
func TestEveryFieldOfALayoutCounts(t *testing.T) {
	content := "n;Date;Valeur;Libellé;Type;Tiers;Montant;Autre;Sens;Frais;Devise;Origine;Devise d'origine;Réf;État;Compte\n" +
		"1;02/03/2026;04/05/2026;Été;CB;Dropbox;1.234;-2,00;D;0,50;GBP;9,00;USD;REF-1;ok;111111\n" +
		"2;02/03/2026;04/05/2026;Été;CB;Dropbox;1.234;-2,00;C;0,50;GBP;9,00;USD;REF-2;en attente;222222\n" +
		"3;02/03/2026;04/05/2026;Été;CB;Dropbox;1.234;-2,00;C;0,50;GBP;9,00;USD;REF-3;ok;222222\n"
	base := statement.Layout{
		Encoding: statement.UTF8, Delimiter: ";", Header: 1, Day: 2, Labels: []int{4}, Amount: 7,
		DayOrder: statement.DMY, Decimal: ",", Sign: statement.SignMinus, Currency: money.EUR,
	}
	first := func(l statement.Layout) statement.Line {
		lines, faults := readAll(t, content, l)
		if len(lines) == 0 {
			t.Fatalf("%s: no line, %+v", l, faults)
		}
		return lines[0]
	}
	plain := first(base)
	want := statement.Line{Row: 2, Day: cal.MustNew(2026, 3, 2), Amount: money.Euros(123_400), Label: "Été", Key: plain.Key}
	if plain != want {
		t.Fatalf("read %+v", plain)
	}
	cases := []struct {
		field  string
		change func(l *statement.Layout)
		line   func(l *statement.Line)
	}{
		{"day", func(l *statement.Layout) { l.Day = 3 }, func(l *statement.Line) { l.Day = cal.MustNew(2026, 5, 4) }},
		{"day_order", func(l *statement.Layout) { l.DayOrder = statement.MDY }, func(l *statement.Line) { l.Day = cal.MustNew(2026, 2, 3) }},
		{"labels", func(l *statement.Layout) { l.Labels = []int{5, 4} }, func(l *statement.Line) { l.Label = "CB Été" }},
		{"party", func(l *statement.Layout) { l.Party = 6 }, func(l *statement.Line) { l.Party = "Dropbox" }},
		{"amount", func(l *statement.Layout) { l.Amount = 8 }, func(l *statement.Line) { l.Amount = money.Euros(-200) }},
		{"sign", func(l *statement.Layout) { l.Sign = statement.SignPlus }, func(l *statement.Line) { l.Amount = money.Euros(-123_400) }},
		{"debit and credit", func(l *statement.Layout) { l.Amount, l.Debit, l.Credit = 0, 8, 16 }, nil},
		{"direction", func(l *statement.Layout) { l.Direction = 9 }, func(l *statement.Line) { l.Amount = money.Euros(-123_400) }},
		{"fee", func(l *statement.Layout) { l.Fee = 10 }, func(l *statement.Line) { l.Amount = money.Euros(123_350) }},
		{"currency_column", func(l *statement.Layout) { l.CurrencyColumn = 11 }, func(l *statement.Line) { l.Amount = money.Cents(123_400, "GBP") }},
		{"currency", func(l *statement.Layout) { l.Currency = "CHF" }, func(l *statement.Line) { l.Amount = money.Cents(123_400, "CHF") }},
		{"original", func(l *statement.Layout) { l.Original, l.OriginalCurrency = 12, 13 }, func(l *statement.Line) { l.Original = money.Cents(900, "USD") }},
		{"header", func(l *statement.Layout) { l.Header = 2 }, func(l *statement.Line) { l.Row = 3 }},
		{"encoding", func(l *statement.Layout) { l.Encoding = statement.Windows1252 }, func(l *statement.Line) { l.Label = "Ã‰tÃ©" }},
		{"account", func(l *statement.Layout) { l.AccountColumn, l.Account = 16, "222222" }, func(l *statement.Line) { l.Row = 3 }},
		{"reference", func(l *statement.Layout) { l.Reference = 14 }, func(*statement.Line) {}},
	}
	for _, c := range cases {
		l := base
		c.change(&l)
		if c.field == "debit and credit" {
			if _, faults := readAll(t, content, l); len(faults) != 3 || faults[0].Rule != statement.FaultAmountTwice {
				t.Errorf("%s: %+v", c.field, faults)
			}
			continue
		}
		got, want := first(l), plain
		c.line(&want)
		if (got.Key == plain.Key) != slices.Contains([]string{"party", "original", "header", "account"}, c.field) {
			t.Errorf("%s: the key is %s, was %s", c.field, got.Key, plain.Key)
		}
		if want.Key = got.Key; got != want {
			t.Errorf("%s: %s", c.field, cmp.Diff(want, got, cmp.Comparer(func(a, b statement.Line) bool { return a == b })))
		}
	}
	l := base
	l.Decimal = "."
	if _, faults := readAll(t, content, l); len(faults) != 3 || faults[0].Rule != statement.FaultAmountDecimals {
		t.Errorf("decimal: %+v", faults)
	}
	l = base
	l.State = 15
	if lines, faults := readAll(t, content, l); len(lines) != 2 || len(faults) != 0 {
		t.Errorf("state: %+v, %+v", lines, faults)
	}
	l = base
	l.Delimiter = "\t"
	if lines, _ := readAll(t, content, l); len(lines) != 0 {
		t.Errorf("delimiter: %+v", lines)
	}
}

func TestDebitsWithAndWithoutMinus(t *testing.T) {
	l := plain()
	l.Amount, l.Debit, l.Credit = 0, 3, 4
	cases := []struct {
		sign statement.Sign
		row  string
		want string // sum or fault
	}{
		{statement.SignMinus, "-5,00;", "-5.00 EUR"},
		{statement.SignPlus, "5,00;", "-5.00 EUR"},
		{statement.SignPlus, "-5,00;", "5.00 EUR"}, // came back
		{statement.SignMinus, ";5,00", "5.00 EUR"},
		{statement.SignPlus, ";-5,00", "-5.00 EUR"},
		{statement.SignPlus, "0,00;5,00", "5.00 EUR"},
		{statement.SignPlus, "5,00;0,00", "-5.00 EUR"},
		{statement.SignPlus, "0,00;0,00", "0.00 EUR"},
		{statement.SignPlus, "5,00", "-5.00 EUR"}, // the empty end of the row is not written
		{statement.SignPlus, "5,00;5,00", statement.FaultAmountTwice},
		{statement.SignPlus, ";", statement.FaultAmountEmpty},
		{statement.SignPlus, "x;5,00", statement.FaultAmount},
		{statement.SignPlus, "5,00;x", statement.FaultAmount},
	}
	for _, c := range cases {
		l.Sign = c.sign
		lines, faults := readAll(t, "Date;Libellé;Débit;Crédit\n31/01/2026;a;"+c.row+"\n", l)
		got := ""
		if len(lines) == 1 {
			got = lines[0].Amount.String()
		} else if len(faults) == 1 {
			got = faults[0].Rule
		}
		if got != c.want {
			t.Errorf("%s %q is %s, want %s", c.sign, c.row, got, c.want)
		}
	}
}

func TestCheckOfLayouts(t *testing.T) {
	change := func(f func(l *statement.Layout)) statement.Layout {
		l := plain()
		f(&l)
		return l
	}
	cases := []struct {
		name string
		l    statement.Layout
		want []statement.Problem
	}{
		{"a good one", plain(), nil},
		{"two labels, one of them the party", change(func(l *statement.Layout) { l.Labels, l.Party = []int{2, 4}, 4 }), nil},
		{"one currency for both sums", change(func(l *statement.Layout) { l.CurrencyColumn, l.Original, l.OriginalCurrency = 4, 5, 4 }), nil},
		{"nothing", statement.Layout{}, []statement.Problem{
			{"encoding", statement.ProblemChoice},
			{"delimiter", statement.ProblemChoice},
			{"day", statement.ProblemMissing},
			{"amount", statement.ProblemMissing},
			{"day_order", statement.ProblemChoice},
			{"decimal", statement.ProblemChoice},
			{"sign", statement.ProblemChoice},
			{"currency", statement.ProblemCurrency},
		}},
		{"past the last column", change(func(l *statement.Layout) { l.Amount = 6 }), []statement.Problem{{"amount", statement.ProblemBeyond}}},
		{"before the first", change(func(l *statement.Layout) { l.Party = -1 }), []statement.Problem{{"party", statement.ProblemBeyond}}},
		{"an amount beside a debit", change(func(l *statement.Layout) { l.Debit = 4 }), []statement.Problem{{"amount", statement.ProblemBoth}}},
		{"a debit without credit", change(func(l *statement.Layout) { l.Amount, l.Debit = 0, 4 }), []statement.Problem{{"credit", statement.ProblemMissing}}},
		{"a credit without debit", change(func(l *statement.Layout) { l.Amount, l.Credit = 0, 4 }), []statement.Problem{{"debit", statement.ProblemMissing}}},
		{"the day is the amount", change(func(l *statement.Layout) { l.Amount = 1 }), []statement.Problem{{"amount", statement.ProblemTwice}}},
		{"the label is the amount", change(func(l *statement.Layout) { l.Labels = []int{3} }), []statement.Problem{{"labels.0", statement.ProblemTwice}}},
		{"a label twice", change(func(l *statement.Layout) { l.Labels = []int{2, 2} }), []statement.Problem{{"labels.1", statement.ProblemTwice}}},
		{"a label nowhere", change(func(l *statement.Layout) { l.Labels = []int{2, 9} }), []statement.Problem{{"labels.1", statement.ProblemBeyond}}},
		{"a header nowhere", change(func(l *statement.Layout) { l.Header = -1 }), []statement.Problem{{"header", statement.ProblemHeader}}},
		{"a currency in small letters", change(func(l *statement.Layout) { l.Currency = "eur" }), []statement.Problem{{"currency", statement.ProblemCurrency}}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, c.l.Check(5)); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

func TestParseLayoutRefuses(t *testing.T) {
	for _, text := range []string{"", "{", "[]", `{"day":"x"}`, `{"unheard_of":1}`, `{}{}`, `{"names":["` + strings.Repeat("x", 70_000) + `"]}`} {
		if l, err := statement.ParseLayout(text); err == nil {
			t.Errorf("%.40q was read as %s", text, l)
		}
	}
}

func TestAKnownLayoutFitsTheNextFile(t *testing.T) {
	first := "Compte n° 04106119371\n\nDate;Libellé;Détail;Montant\n31/01/2026;CB;DROPBOX;-12,00\n30/01/2026;CB;OVH;-7,19\n"
	h, err := statement.Inspect([]byte(first), nil)
	if err != nil {
		t.Fatal(err)
	}
	learnt := h.Layout
	learnt.Labels, learnt.Sign = []int{3}, statement.SignPlus // what somebody corrected
	cases := []struct {
		name, content string
		fits          bool
	}{
		{"the same", first, true},
		{"a longer preamble", "Bonjour\n\n\n" + first, true},
		{"in another encoding", "\ufeff" + first, true},
		{"an empty column more", strings.ReplaceAll(first, "Montant", "Montant;"), true},
		{"other names", strings.ReplaceAll(first, "Détail", "Précision"), false},
		{"another delimiter", strings.ReplaceAll(strings.ReplaceAll(first, ",", "."), ";", ","), false},
	}
	for _, c := range cases {
		h, err := statement.Inspect([]byte(c.content), &learnt)
		if err != nil || h.Count != 2 {
			t.Errorf("%s: %v, %+v", c.name, err, h)
			continue
		}
		if at := strings.Count(c.content[:strings.Index(c.content, "Date")], "\n") + 1; h.Layout.Header != at { //nolint:gocritic // it is there
			t.Errorf("%s: the header is sought on line %d, is on %d", c.name, h.Layout.Header, at)
		}
		if fits := h.Layout.Sign == statement.SignPlus && h.Lines[0].Label == "DROPBOX"; fits != c.fits {
			t.Errorf("%s: fits %v: %s", c.name, fits, h.Layout)
		}
	}
	if h, err := statement.Inspect(load(t, "testdata/ofx1.ofx"), &learnt); err != nil || h.Format != statement.OFX || h.Count != 3 {
		t.Errorf("OFX after CSV: %v, %+v", err, h)
	}
	bare := learnt
	bare.Names, bare.Header = nil, 0
	if h, err := statement.Inspect([]byte("31/01/2026;CB;DROPBOX;12,00\n"), &bare); err != nil || h.Count != 1 || h.Lines[0].Amount != money.Euros(-1200) {
		t.Errorf("without header: %v, %+v", err, h)
	}
}

func TestPreviewShowsWhatWasTyped(t *testing.T) {
	content := []byte("Titre\nDate;Libellé;Montant\n31/01/2026;CB;-12,00\n")
	l := plain()
	l.Header = 2
	h, err := statement.Preview(content, l)
	if err != nil || h.Count != 1 || !slices.Equal(h.Columns, []string{"Date", "Libellé", "Montant"}) || !slices.Equal(h.RowLines, []int{1, 2, 3}) {
		t.Errorf("%v, %+v", err, h)
	}
	l.Day, l.Labels = 2, []int{1} // no day there: shown with its faults, not put right
	if h, err = statement.Preview(content, l); err != nil || h.Count != 0 || h.Layout.Day != 2 || h.FaultCount == 0 || len(h.Rows) != 3 {
		t.Errorf("%v, %+v", err, h)
	}
	if h, err = statement.Preview(content, statement.Layout{Delimiter: ";"}); err != nil || h.Count != 0 || len(h.Rows) != 3 || len(h.Columns) != 3 {
		t.Errorf("%v, %+v", err, h)
	}
}

func TestOneOfSeveralAccounts(t *testing.T) {
	content := load(t, "testdata/ofx1-comptes.ofx")
	h, err := statement.Inspect(content, &statement.Layout{Account: "00012345699"})
	if err != nil || h.Count != 2 || h.Account != "00012345699" || h.Currency != "USD" || h.Layout.Account != h.Account {
		t.Errorf("%v, %+v", err, h)
	}
	if len(h.Accounts) != 2 {
		t.Errorf("the file's accounts are %v", h.Accounts)
	}
	if h, err = statement.Inspect(content, &statement.Layout{Account: "elsewhere"}); err != nil || h.Count != 3 || h.Layout.Account != "" {
		t.Errorf("an account it does not hold: %v, %+v", err, h)
	}
}

package statement

import (
	"strings"
	"testing"

	"enveloppe/models/money"
)

func TestParseDay(t *testing.T) {
	cases := []struct {
		text  string
		order DayOrder
		want  string // "" when it is none
	}{
		{"31/01/2026", DMY, "2026-01-31"},
		{"31/1/26", DMY, "2026-01-31"},
		{"31-01-2026", DMY, "2026-01-31"},
		{"31.01.2026", DMY, "2026-01-31"},
		{"31/01/2026 14:05:00", DMY, "2026-01-31"},
		{"2026-01-31", DMY, "2026-01-31"}, // a year in front is never a day
		{"2026-01-31", YMD, "2026-01-31"},
		{"2026/1/3", YMD, "2026-01-03"},
		{"2026-01-31T23:59:59+01:00", YMD, "2026-01-31"},
		{"26-01-31", YMD, "2026-01-31"},
		{"20260131", YMD, "2026-01-31"},
		{"20260131120000", YMD, ""},
		{"31012026", DMY, "2026-01-31"},
		{"01312026", MDY, "2026-01-31"},
		{"01/31/2026", MDY, "2026-01-31"},
		{"29/02/2028", DMY, "2028-02-29"},
		{"31 janv. 2026", DMY, "2026-01-31"},
		{"1 août 2026", DMY, "2026-08-01"},
		{"5 juil. 2026", DMY, "2026-07-05"},
		{"5 juin 2026", DMY, "2026-06-05"},
		{"Jan 31, 2026", MDY, "2026-01-31"},
		{"28 févr. 2026 10:00", DMY, "2026-02-28"},

		{"29/02/2026", DMY, ""},
		{"31/04/2026", DMY, ""},
		{"01/31/2026", DMY, ""},
		{"31/01/2026", MDY, ""},
		{"31/01/2026", YMD, ""},
		{"31/01-2026", DMY, ""},
		{"31/01/026", DMY, ""},
		{"31/01/1969", DMY, ""},
		{"31/01/2200", DMY, ""},
		{"31/01/2026 Total", DMY, ""},
		{"31/01", DMY, ""},
		{"1.234.56", MDY, ""},
		{"12 34 56", DMY, ""},
		{"Total", DMY, ""},
		{"", DMY, ""},
		{"/", DMY, ""},
		{"0000-00-00", YMD, ""},
	}
	for _, c := range cases {
		if got, ok := parseDay([]byte(c.text), c.order); got.String() != c.want || ok != (c.want != "") {
			t.Errorf("%q in %s is %v, %v, want %q", c.text, c.order, got, ok, c.want)
		}
	}
}

func TestParseFigure(t *testing.T) {
	cases := []struct {
		text, mark string // mark "" for the formats without thousands
		want       string // the sum, or the fault
	}{
		{"12,50", ",", "12.50 EUR"},
		{"-12,50", ",", "-12.50 EUR"},
		{"12,50-", ",", "-12.50 EUR"},
		{"+12,50", ",", "12.50 EUR"},
		{"(12,50)", ",", "-12.50 EUR"},
		{"( 12,50 € )", ",", "-12.50 EUR"},
		{"- 1 234,5 €", ",", "-1234.50 EUR"},
		{"−3,00", ",", "-3.00 EUR"},
		{"–3,00", ",", "-3.00 EUR"},
		{"1.234.567,89", ",", "1234567.89 EUR"},
		{"1'234.50", ".", "1234.50 EUR"},
		{"1’234.50", ".", "1234.50 EUR"},
		{"1,234.50", ".", "1234.50 EUR"},
		{"1 234", ",", "1234.00 EUR"},
		{",50", ",", "0.50 EUR"},
		{"12,", ",", fault(FaultAmount)},
		{"12,5000", ",", "12.50 EUR"},
		{"99,00 USD", ",", "99.00 USD"},
		{"USD 99,00", ",", "99.00 USD"},
		{"$99.00", ".", "99.00 USD"},
		{"12 euros", ",", "12.00 EUR"},
		{"1500 JPY", ",", "1500 JPY"},
		{"1500,00 JPY", ",", "1500 JPY"},
		{"1,500 TND", ",", "1.500 TND"},
		{"0,00", ",", "0.00 EUR"},
		{"999999999,99", ",", "999999999.99 EUR"},
		{"-119,88", "", "-119.88 EUR"},
		{"-119.88", "", "-119.88 EUR"},
		{"+2389.64", "", "2389.64 EUR"},
		{"7", "", "7.00 EUR"},

		{"", ",", fault(FaultAmountEmpty)},
		{"douze", ",", fault(FaultAmount)},
		{"12,50", ".", fault(FaultAmount)},
		{"12.50", ",", fault(FaultAmount)}, // no group of thousands has two digits
		{"1.234", ".", fault(FaultAmountDecimals)},
		{"1,234", ",", fault(FaultAmountDecimals)},
		{"1,230", ",", fault(FaultAmountDecimals)}, // a thousand?
		{"12,505", ",", fault(FaultAmountDecimals)},
		{"12,5055", ",", fault(FaultAmountDecimals)},
		{"12,50555", ",", fault(FaultAmountDecimals)},
		{"1000000000,00", ",", fault(FaultAmountTooLarge)},
		{"99999999999999999999", ",", fault(FaultAmountTooLarge)},
		{"1 23,45", ",", fault(FaultAmount)},
		{"1.234 567,00", ",", fault(FaultAmount)},
		{"12,34,56", ",", fault(FaultAmount)},
		{"1234 567,00", ",", fault(FaultAmount)},
		{"--12,50", ",", fault(FaultAmount)},
		{"-12,50-", ",", fault(FaultAmount)},
		{"12,50 XXQ", ",", fault(FaultAmount)},
		{"1,23E+05", ",", fault(FaultAmount)},
		{"(12,50", ",", fault(FaultAmount)},
		{"12,50)", ",", fault(FaultAmount)},
		{"-", ",", fault(FaultAmount)},
	}
	for _, c := range cases {
		mark := byte(0)
		if c.mark != "" {
			mark = c.mark[0]
		}
		f, rule := parseFigure([]byte(c.text), mark)
		var sum money.Amount
		if rule == "" {
			sum, rule = f.amount(money.EUR)
		}
		if got := sum.String(); rule != "" && fault(rule) != c.want || rule == "" && got != c.want {
			t.Errorf("%q with %q is %s %s, want %s", c.text, c.mark, got, rule, c.want)
		}
	}
}

func fault(rule string) string { return "fault " + rule }

func TestOriginalInLabels(t *testing.T) {
	cases := []struct{ label, want string }{
		{"CARTE X1234 DROPBOX 119,88USD COURS 1,0823", "-119.88 USD"},
		{"CARTE X1234 DROPBOX 119.88 USD", "-119.88 USD"},
		{"ACHAT CB DROPBOX 29.01.26 119,88 USD CARTE", "-119.88 USD"},
		{"DROPBOX 1.119,88 USD", "-1119.88 USD"},
		{"LINE 1500 JPY", "-1500 JPY"},
		{"DROPBOX 119,88 USD 119,88 USD", "-119.88 USD"},

		{"DROPBOX 12 119,88 USD", "no amount"}, // twelve thousand?
		{"DROPBOX 119,88 USD + 3,00 GBP", "no amount"},
		{"DROPBOX 119,88 EUR", "no amount"},
		{"VOL 119 USD", "no amount"},       // a number of a flight
		{"DROPBOX 1.119 USD", "no amount"}, // a thousand?
		{"PAIEMENT 12,50 ALL INCLUSIVE", "no amount"},
		{"12,50 USDT", "no amount"},
		{"USD", "no amount"},
		{"", "no amount"},
	}
	for _, c := range cases {
		if got := originalIn(c.label, money.Euros(-11_076)).String(); got != c.want {
			t.Errorf("%q: %s, want %s", c.label, got, c.want)
		}
	}
	if got := originalIn("AVOIR 119,88 USD", money.Euros(11_076)).String(); got != "119.88 USD" {
		t.Errorf("money that came back was %s", got)
	}
}

func TestJoinTexts(t *testing.T) {
	cases := []struct {
		in   []string
		want string
	}{
		{[]string{"CARTE X0000 13/03", "CARTE X0000 13/03 SHOP"}, "CARTE X0000 13/03 SHOP"},
		{[]string{"PRLV", "scoop.it", "PRLV SCOOP.IT"}, "PRLV SCOOP.IT"},
		{[]string{"A", "", "B"}, "A B"},
		{nil, ""},
	}
	for _, c := range cases {
		if got := joinTexts(c.in); got != c.want {
			t.Errorf("%q gives %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanTexts(t *testing.T) {
	cases := []struct {
		bytes string
		e     Encoding
		want  string
	}{
		{" a\u00a0\u202f b\r\n\tc ", UTF8, "a b c"},
		{"a\x00b", UTF8, "a b"},
		{"\ufeffa\u200bb\u00adc", UTF8, "abc"},
		{"caf\xe9 \x80", Windows1252, "café €"},
		{"caf\xe9 \xa4\xa012", Latin9, "café € 12"},
		{"é caf\xe9 \x80", UTF8, "é café €"}, // a pasted byte or two
		{"", UTF8, ""},
	}
	for _, c := range cases {
		if got := clean([]byte(c.bytes), c.e); got != c.want {
			t.Errorf("%q in %s is %q, want %q", c.bytes, c.e, got, c.want)
		}
	}
}

func TestAccountsInTitles(t *testing.T) {
	for text, want := range map[string]string{
		"Numéro Compte ;0534567S089":                                "0534567S089",
		"Compte courant n° 04106119371;":                            "04106119371",
		"Numero de compte : 08001234567 Nom du compte : COMPTE":     "08001234567",
		"IBAN FR76 3000 6000 0112 3456 7890 189":                    "FR7630006000011234567890189",
		"IBAN FR76 3000 6000 0112 3456 7890 188":                    "", // proves false, and no word before a number
		"Liste des opérations entre le 01/01/2026 et le 31/01/2026": "",
	} {
		h := Head{Rows: [][]string{strings.Split(text, ";")}, RowLines: []int{1}, Layout: Layout{Header: 9}}
		if got := h.titleAccount(); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}

package reports_test

import (
	"bytes"
	"cmp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// anyDay is a day of three years, half of the time at the end of a month or around a closing.
func anyDay(t *rapid.T, name string) cal.Date {
	first := day("2025-01-01")
	d := first.AddDays(rapid.IntRange(0, 1094).Draw(t, name))
	if rapid.Bool().Draw(t, name+" at a month's end") {
		return d.MonthEnd().AddDays(rapid.IntRange(-1, 1).Draw(t, name+" about"))
	}
	return d
}

func anyPayment(t *rapid.T) models.Payment {
	p := models.Payment{ServiceID: dropbox, PaidOn: anyDay(t, "paid"), Account: rapid.SampledFrom([]string{"6511", "626", "6135"}).Draw(t, "account")}
	p.Foreign = rapid.Bool().Draw(t, "foreign")
	currency := rapid.SampledFrom([]money.Currency{"EUR", "EUR", "USD", "JPY"}).Draw(t, "currency")
	p.Billed = money.Cents(rapid.Int64Range(100, 5_000_000).Draw(t, "cents"), currency).Round()
	if rapid.Bool().Draw(t, "prints VAT") {
		p.VATRate = percent(rapid.SampledFrom([]string{"20", "5.5", "2.1"}).Draw(t, "VAT rate"))
		if p.Net, p.VAT = p.VATRate.Included(p.Billed); rapid.Bool().Draw(t, "prints no net") {
			p.Net = money.Amount{}
		}
	}
	p.Exempt = p.VAT.IsNone() && rapid.Bool().Draw(t, "exempt")
	if currency != money.EUR {
		switch rapid.IntRange(0, 2).Draw(t, "euros from") {
		case 0:
			p.Debited = money.Euros(rapid.Int64Range(1, 5_000_000).Draw(t, "debited"))
		case 1:
			p.Rate, p.RateSource = rate(rapid.SampledFrom([]string{"1.0714", "125.38", "0.86083"}).Draw(t, "rate")), models.RateECB
		}
	}
	if rapid.Bool().Draw(t, "has a period") {
		from := anyDay(t, "period")
		p.Period = cal.Span{From: from, To: from.AddDays(rapid.IntRange(1, 1200).Draw(t, "days"))}
	}
	p.InvoiceDate = p.PaidOn.AddDays(-rapid.IntRange(0, 40).Draw(t, "invoiced before"))
	return p
}

func anyRegister(t *rapid.T) *models.Register {
	o := models.Organisation{YearStart: cal.YearStart{Month: rapid.SampledFrom([]time.Month{1, 4, 9}).Draw(t, "year starts"), Day: rapid.SampledFrom([]int{1, 15}).Draw(t, "on")}}
	for i, kind := range rapid.SliceOfN(rapid.SampledFrom([]models.VATKind{models.NotTaxable, models.NoDeduction, models.PartDeducts}), 0, 3).Draw(t, "statuses") {
		s := models.VATStatus{From: day("2025-01-01").AddMonths(10 * i), Kind: kind}
		if kind == models.PartDeducts {
			s.Share = percent(rapid.SampledFrom([]string{"37", "100", "0.5"}).Draw(t, "share"))
		}
		o.VAT = append(o.VAT, s)
	}
	f := models.Facts{Organisation: o, Services: []models.Service{{ID: dropbox, Name: "Dropbox"}}}
	for range rapid.IntRange(0, 30).Draw(t, "payments") {
		p := anyPayment(t)
		p.ID = models.ID(len(f.Payments) + 1)
		if n := len(f.Payments); n > 0 && f.Payments[n-1].ReversesID == 0 && rapid.IntRange(0, 3).Draw(t, "on the invoice before") == 0 {
			before := &f.Payments[n-1]
			before.InvoiceID = cmp.Or(before.InvoiceID, before.ID)
			p.InvoiceID, p.PaidOn, p.InvoiceDate = before.InvoiceID, before.PaidOn, before.InvoiceDate
		}
		f.Payments = append(f.Payments, p.Settle(o.VATStatusOn(p.PaidOn)))
		if rapid.IntRange(0, 4).Draw(t, "reversed") == 0 {
			at := len(f.Payments) - 1
			undo, err := f.Payments[at].Reversal(cal.Date{})
			if err != nil {
				t.Fatal(err)
			}
			undo.ID = models.ID(len(f.Payments) + 1)
			f.Payments[at].ReversedByID = undo.ID
			f.Payments = append(f.Payments, undo)
		}
	}
	return models.NewRegister(f)
}

// What the accountant adds up is what the screens say was spent, and every entry balances.
func TestFilesAgreeWithThePosition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRegister(rt)
		year := r.Year(day("2026-06-15"))
		spent := r.Position(year, year.Last()).Spent

		cost, carried := money.Zero(money.EUR), money.Zero(money.EUR)
		for _, row := range sheet(t, export(t, reports.Invoices, r, year, reports.CSVOptions{})) {
			c := euros(t, row["Coût retenu EUR"])
			cost, carried = cost.Add(c), carried.Add(euros(t, row["Dont CCA EUR"]))
			if row["Coût retenu EUR"] == "" {
				continue
			}
			// HT + VAT = TTC, and TTC + what is owed − what comes back = cost, on every line.
			ht, ttc := euros(t, row["HT EUR"]), euros(t, row["TTC EUR"])
			if ht.Add(euros(t, row["TVA facturée"])) != ttc || ttc.Add(euros(t, row["TVA autoliquidée"])).Sub(euros(t, row["TVA déductible"])) != c {
				rt.Fatalf("the line's figures disagree: %v", row)
			}
		}
		if cost != spent {
			rt.Fatalf("the invoices cost %v, the position says %v", cost, spent)
		}

		byAccount, balance := map[string]money.Amount{}, map[string]money.Amount{}
		for _, row := range sheet(t, export(t, reports.Journal, r, year, reports.CSVOptions{})) {
			debit, credit := euros(t, row["Débit"]), euros(t, row["Crédit"])
			if debit.IsNegative() || credit.IsNegative() || debit.IsPositive() == credit.IsPositive() {
				rt.Fatalf("a line has one side, above zero: %v", row)
			}
			balance[row["Pièce"]] = balance[row["Pièce"]].Add(debit).Sub(credit)
			byAccount[row["Compte"][:1]] = byAccount[row["Compte"][:1]].Add(debit).Sub(credit)
		}
		for piece, left := range balance {
			if !left.IsZero() {
				rt.Fatalf("%s does not balance: %v", piece, left)
			}
		}
		if expenses := byAccount["6"]; !expenses.Sub(spent).IsZero() {
			rt.Fatalf("the expense accounts hold %v, the position says %v", expenses, spent)
		}
	})
}

// textColumns are the columns that people fill; the others must hold the same whatever they typed.
var textColumns = map[string]bool{
	"Pièce": true, "Libellé compte": true, "Compte auxiliaire": true, "Libellé": true, "Analytique": true,
	"Fournisseur": true, "N° facture": true, "Service": true, "Catégorie": true, "Source du taux": true,
	"Éditeur": true, "Fonction": true, "Formule": true, "Niveau": true, "État": true, "Par siège": true, "Périodicité": true, "Responsable": true, "Moyen de paiement": true,
}

func typedRegister(service, vendor, function, invoice, analytic string, cents int64) *models.Register {
	p := models.Payment{
		ID: 9, ServiceID: 3, PaidOn: day("2026-12-18"), Period: inclusive("2026-12-18", "2027-12-17"), VendorName: vendor, Country: "IE", Foreign: true,
		InvoiceNumber: invoice, Analytic: analytic, Account: "6511", Billed: money.Cents(cents, "USD"), Rate: rate("1.0714"), RateSource: models.RateECB,
	}
	return models.NewRegister(models.Facts{
		Functions: []models.Function{{ID: 1, Name: function, Account: "6511"}},
		Vendors:   []models.Vendor{{ID: 2, Name: vendor, Country: "IE", Account: analytic}},
		Services:  []models.Service{{ID: 3, Name: service, FunctionID: 1, VendorID: 2}},
		Plans:     []models.Plan{{ID: 4, ServiceID: 3, Name: invoice, Tier: models.Premium}},
		Subscriptions: []models.Subscription{{
			ID: 5, ServiceID: 3, PlanID: 4, StartedOn: day("2026-01-01"), Anchor: day("2026-01-01"), Cadence: cal.Monthly, Analytic: analytic,
			Terms: []models.Terms{{From: day("2026-01-01"), Price: money.Euros(cents), Seats: 1}},
		}},
		Payments: []models.Payment{p.Settle(models.VATStatus{Kind: models.NoDeduction})},
	})
}

func decoded(t *testing.T, data []byte, o reports.CSVOptions) []byte {
	t.Helper()
	if o.Encoding != reports.Windows1252 {
		return data
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Nothing that people type may break a row, change a count of columns, the balance or a number, or become a formula.
func FuzzTypedTexts(f *testing.F) {
	for _, s := range []string{
		"Dropbox", "", "=1+1", "+33 1 23", "-60,00", "@SUM(A1)", "\t=1", "\r\n;;;\r\n", `"`, `";"`, `a;b"c`, "  =1", "\u00a0=1", "\ufeff=1", "＝1", "－1", "−1",
		"=+-@", "l'eau", "Łódź", "Яндекс", "🚀 fusée", "e\u0301", "\u202e=1", "\x00", "\xff\xfe", "?", "≠", "﹦1", "a\u2028b", "'=1", "\u200b=1",
	} {
		f.Add(s, s, s, s, s, int64(9900), false, false)
		f.Add(s, "x", "x", s, "x", int64(-6000), true, true)
		f.Add("x", s, s, "x", s, int64(1), false, true)
	}
	f.Fuzz(func(t *testing.T, service, vendor, function, invoice, analytic string, cents int64, program, latin bool) {
		cents %= 1_000_000_000_000
		if cents == 0 {
			cents = 1
		}
		o := reports.CSVOptions{ForProgram: program}
		if latin {
			o.Encoding = reports.Windows1252
		}
		typed, plain := typedRegister(service, vendor, function, invoice, analytic, cents), typedRegister("x", "x", "x", "x", "x", cents)
		question := strings.Contains(service+vendor+function+invoice+analytic, "?")
		for _, file := range reports.Files {
			data := export(t, file.Kind, typed, year2026, o)
			if latin && !question && bytes.ContainsRune(data, '?') {
				t.Fatalf("a question mark nobody typed: %q", data)
			}
			if !latin && !utf8.Valid([]byte(service+vendor+function+invoice+analytic)) {
				continue // stored texts are UTF-8: the checks of every record see to it
			}
			text := decoded(t, data, o)
			rows, want := sheet(t, text), sheet(t, decoded(t, export(t, file.Kind, plain, year2026, o), o))
			if lines := bytes.Count(text, []byte("\r\n")); lines != len(rows)+1 || bytes.Count(text, []byte("\n")) != lines {
				t.Fatalf("%d rows in %d lines: %q", len(rows), lines, text)
			}
			if len(rows) != len(want) {
				t.Fatalf("%d rows, want %d: %q", len(rows), len(want), text)
			}
			for i, row := range rows {
				checkRow(t, row, want[i])
			}
		}
	})
}

func checkRow(t *testing.T, row, want map[string]string) {
	t.Helper()
	for title, cell := range row {
		if !textColumns[title] {
			if cell != want[title] {
				t.Fatalf("%s is %q, want %q", title, cell, want[title])
			}
			continue
		}
		bare := strings.TrimLeftFunc(cell, func(r rune) bool {
			return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == 0
		})
		if first, _ := utf8.DecodeRuneInString(bare); bare != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
			t.Fatalf("%s would be taken for a formula: %q", title, cell)
		}
		if strings.ContainsFunc(cell, unicode.IsControl) {
			t.Fatalf("%s holds a control character: %q", title, cell)
		}
	}
}

func TestNegativeFiguresAreFiguresAndTextsAreGuarded(t *testing.T) {
	r := typedRegister("-60,00", "x", "x", "@x", "x", -6000)
	row := sheet(t, export(t, reports.Invoices, r, year2026, reports.CSVOptions{}))[0]
	if row["Montant devise"] != "-60,00" || row["Service"] != "'-60,00" || row["N° facture"] != "'@x" {
		t.Errorf("amount %q, service %q, invoice %q", row["Montant devise"], row["Service"], row["N° facture"])
	}
	row = sheet(t, export(t, reports.Invoices, r, year2026, reports.CSVOptions{ForProgram: true}))[0]
	if row["Montant devise"] != "-60,00" || row["Service"] != "60,00" || row["N° facture"] != "x" {
		t.Errorf("for a program: amount %q, service %q, invoice %q", row["Montant devise"], row["Service"], row["N° facture"])
	}
}

func TestTextsThatLookLikeFormulas(t *testing.T) {
	for _, c := range []struct{ typed, people, program string }{
		{"=1+1", "'=1+1", "1+1"},
		{"  =1", "'  =1", "1"},
		{"\u00a0\ufeff@SUM(A1)", "'\u00a0\ufeff@SUM(A1)", "SUM(A1)"},
		{"+33 1 02", "'+33 1 02", "33 1 02"},
		{"=+-@x", "'=+-@x", "x"},
		{"＝1", "'＝1", "1"},
		{"\tx", "' x", " x"},
		{"\r\nx", "'  x", "  x"},
		{"a=1", "a=1", "a=1"},
		{"a\r\nb", "a  b", "a  b"},
		{"'=1", "'=1", "'=1"},
		{"−60", "−60", "−60"}, // a true minus begins no formula
	} {
		r := typedRegister(c.typed, "x", "x", "x", "x", 100)
		if got := sheet(t, export(t, reports.Invoices, r, year2026, reports.CSVOptions{}))[0]["Service"]; got != c.people {
			t.Errorf("%q is %q for people, want %q", c.typed, got, c.people)
		}
		if got := sheet(t, export(t, reports.Invoices, r, year2026, reports.CSVOptions{ForProgram: true}))[0]["Service"]; got != c.program {
			t.Errorf("%q is %q for a program, want %q", c.typed, got, c.program)
		}
	}
	// In Windows-1252 a full-width sign and a true minus become plain ones, which do.
	for _, typed := range []string{"＝1", "−1"} {
		r := typedRegister(typed, "x", "x", "x", "x", 100)
		if got := sheet(t, export(t, reports.Invoices, r, year2026, reports.CSVOptions{Encoding: reports.Windows1252}))[0]["Service"]; got[0] != '\'' {
			t.Errorf("%q is %q in Windows-1252", typed, got)
		}
	}
}

func TestAnAccountThatIsNoCodeStopsTheExport(t *testing.T) {
	f := facts()
	f.Payments[0].Account = "=1+1"
	for _, kind := range []string{reports.Journal, reports.Invoices} {
		if err := reports.Export(kind, &bytes.Buffer{}, models.NewRegister(f), year2026, cal.Date{}, reports.CSVOptions{}); err == nil || !strings.Contains(err.Error(), `"=1+1" under "Compte"`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// many is a year of so many payments.
func many(n int) *models.Register {
	f := facts()
	f.Payments = f.Payments[:0]
	for i := range n {
		p := models.Payment{
			ID: models.ID(1000 + i), ServiceID: []models.ID{dropbox, domain, maps}[i%3], PaidOn: day("2026-01-01").AddDays(i * 7919 % 365),
			InvoiceNumber: "F-2026-" + strconv.Itoa(i), VendorName: "Dropbox International", Country: "IE", Foreign: i%3 == 0,
			Billed: money.Euros(int64(100 + i%9973)), Account: "6511",
		}
		p.Period = cal.Span{From: p.PaidOn, To: p.PaidOn.AddMonths(12)}
		if i%2 == 0 {
			p.Billed, p.Rate, p.RateSource = money.Cents(int64(100+i%9973), "USD"), rate("1.0714"), models.RateECB
		}
		f.Payments = append(f.Payments, p.Settle(models.VATStatus{Kind: models.NoDeduction}))
	}
	return models.NewRegister(f)
}

// counter counts what is written, and in how many pieces.
type counter struct{ bytes, writes int }

func (c *counter) Write(b []byte) (int, error) {
	c.bytes += len(b)
	c.writes++
	return len(b), nil
}

func TestFilesAreStreamed(t *testing.T) {
	var c counter
	if err := reports.JournalCSV(&c, many(5_000), year2026, reports.CSVOptions{}); err != nil {
		t.Fatal(err)
	}
	if c.writes < c.bytes/(70<<10) || c.writes < 10 {
		t.Errorf("%d bytes in %d writes", c.bytes, c.writes)
	}
}

// What an export takes grows with the payments and no faster: a year of 50 000 stays within what a small machine has.
func TestAllocationsAreBounded(t *testing.T) {
	const payments = 2_000
	r := many(payments)
	for _, kind := range []string{reports.Journal, reports.Invoices} {
		got := testing.AllocsPerRun(2, func() {
			if err := reports.Export(kind, &counter{}, r, year2026, cal.Date{}, reports.CSVOptions{}); err != nil {
				t.Fatal(err)
			}
		})
		if per := got / payments; per > 40 {
			t.Errorf("%s: %v allocations a payment", kind, per)
		}
	}
}

func BenchmarkExport(b *testing.B) {
	r := many(50_000)
	for _, kind := range []string{reports.Journal, reports.Invoices} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var c counter
				if err := reports.Export(kind, &c, r, year2026, cal.Date{}, reports.CSVOptions{}); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(c.bytes))
			}
		})
	}
}

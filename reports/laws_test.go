package reports_test

import (
	"bytes"
	"cmp"
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

// What the accountant adds up is what the screens say was spent, whichever file it is read from; every entry balances;
// and what a year bears is what it spent with what came over from the year before and without what goes to the next.
func TestFilesAgreeWithThePosition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRegister(rt)
		r.Organisation.Books.Settlements = rapid.Bool().Draw(rt, "settlements")
		r.Organisation.Books.Method = rapid.SampledFrom(models.PrepaidMethods).Draw(rt, "method")
		if rapid.Bool().Draw(rt, "has a threshold") {
			r.Organisation.Books.Threshold = money.Euros(rapid.Int64Range(1, 5_000_000).Draw(rt, "threshold"))
		}
		year := r.Year(day("2026-06-15"))
		spent := r.Position(year, year.Last()).Spent
		if cost := costInInvoices(t, r, year); cost != spent {
			rt.Fatalf("the invoices cost %v, the position says %v", cost, spent)
		}
		borne, carried := prepaidSums(t, r, year)
		for _, closing := range []bool{false, true} {
			expenses, prepaid := spent, money.Zero(money.EUR)
			if closing {
				expenses, prepaid = spent.Sub(carried), carried
			}
			o := reports.Options{Closing: closing}
			for name, sums := range map[string]accountSums{
				"the journal": entrySums(t, r, year, reports.Journal, o, "Compte", "Pièce", "Débit", "Crédit"),
				"Paheko":      entrySums(t, r, year, reports.Paheko, o, "Numéro compte", "Numéro pièce comptable", "Débit", "Crédit"),
				"the extract": fecSums(t, r, year, o),
				"the sheet":   workbookSums(t, r, year, o),
			} {
				if !sums.expenses.Sub(expenses).IsZero() || !sums.prepaid.Sub(prepaid).IsZero() || !sums.balance.IsZero() {
					rt.Fatalf("%s, with closing entries %v: %+v; %v were spent and %v carried over", name, closing, sums, spent, carried)
				}
			}
		}
		if borne != spent.Sub(carried) {
			rt.Fatalf("the year bears %v, of %v spent with %v carried over", borne, spent, carried)
		}
	})
}

// costInInvoices is the sum of the costs; on every line HT + VAT = TTC, and TTC + what is owed − what comes back = cost.
func costInInvoices(t testing.TB, r *models.Register, year cal.FiscalYear) money.Amount {
	cost := money.Zero(money.EUR)
	for _, row := range sheet(t, export(t, reports.Invoices, r, reports.Whole(year), reports.Options{})) {
		c := euros(t, row["Coût retenu EUR"])
		cost = cost.Add(c)
		if row["Coût retenu EUR"] == "" {
			continue
		}
		ht, ttc := euros(t, row["HT EUR"]), euros(t, row["TTC EUR"])
		if ht.Add(euros(t, row["TVA facturée"])) != ttc || ttc.Add(euros(t, row["TVA autoliquidée"])).Sub(euros(t, row["TVA déductible"])) != c {
			t.Fatalf("the line's figures disagree: %v", row)
		}
	}
	return cost
}

// prepaidSums are, from the schedule, what the year bears of all it paid or that came over to it, and what it carries
// over less what came.
func prepaidSums(t testing.TB, r *models.Register, year cal.FiscalYear) (borne, carried money.Amount) {
	t.Helper()
	rows := sheet(t, export(t, reports.Prepaid, r, reports.Whole(year), reports.Options{}))
	borne, carried = money.Zero(money.EUR), money.Zero(money.EUR)
	listed := money.Zero(money.EUR)
	for _, row := range rows[:len(rows)-1] {
		before, balance := euros(t, row["CCA à l’ouverture EUR"]), euros(t, row["CCA à la clôture EUR"])
		borne, carried = borne.Add(euros(t, row["Charge de l’exercice EUR"])), carried.Add(balance).Sub(before)
		paid := row["Date paiement"]
		if year.Span().Contains(day(paid[6:] + "-" + paid[3:5] + "-" + paid[:2])) {
			listed = listed.Add(euros(t, row["Coût EUR"]))
		}
	}
	total := rows[len(rows)-1]
	if euros(t, total["Charge de l’exercice EUR"]) != borne {
		t.Errorf("the total says %s, the rows %v", total["Charge de l’exercice EUR"], borne)
	}
	// What was paid in the year and is not in the schedule is the year's own.
	return borne.Add(r.Position(year, year.Last()).Spent).Sub(listed), carried
}

// accountSums are debits less credits of the expense accounts, of account 486 and of all, and whether every entry balances.
type accountSums struct{ expenses, prepaid, balance money.Amount }

func sumsOf(t testing.TB, lines func(line func(account, entry string, debit, credit money.Amount))) accountSums {
	t.Helper()
	zero := money.Zero(money.EUR)
	sums, entries := accountSums{zero, zero, zero}, map[string]money.Amount{}
	lines(func(account, entry string, debit, credit money.Amount) {
		if debit.IsNegative() || credit.IsNegative() || debit.IsPositive() == credit.IsPositive() {
			t.Fatalf("a line of %s has one side, above zero: %v / %v", entry, debit, credit)
		}
		net := debit.Sub(credit)
		entries[entry], sums.balance = entries[entry].Add(net), sums.balance.Add(net)
		switch {
		case account[0] == '6':
			sums.expenses = sums.expenses.Add(net)
		case account == "486":
			sums.prepaid = sums.prepaid.Add(net)
		}
	})
	for entry, left := range entries {
		if !left.IsZero() {
			t.Fatalf("%s does not balance: %v", entry, left)
		}
	}
	return sums
}

func entrySums(t testing.TB, r *models.Register, year cal.FiscalYear, kind string, o reports.Options, account, entry, debit, credit string) accountSums {
	t.Helper()
	rows := sheet(t, export(t, kind, r, reports.Whole(year), o))
	return sumsOf(t, func(line func(account, entry string, debit, credit money.Amount)) {
		for _, row := range rows {
			line(row[account], row[entry], euros(t, row[debit]), euros(t, row[credit]))
		}
	})
}

func fecSums(t testing.TB, r *models.Register, year cal.FiscalYear, o reports.Options) accountSums {
	t.Helper()
	data := export(t, reports.FEC, r, reports.Whole(year), o)
	if faults := reports.CheckFEC(bytes.NewReader(data), o.Encoding); len(faults) > 0 {
		t.Fatalf("%v in %s", faults, data)
	}
	return sumsOf(t, func(line func(account, entry string, debit, credit money.Amount)) {
		for _, text := range strings.Split(strings.TrimSpace(string(data)), "\r\n")[1:] {
			cells := strings.Split(text, "\t")
			line(cells[4], cells[2], euros(t, cells[11]), euros(t, cells[12]))
		}
	})
}

func workbookSums(t testing.TB, r *models.Register, year cal.FiscalYear, o reports.Options) accountSums {
	t.Helper()
	rows := openSpreadsheet(t, export(t, reports.Workbook, r, reports.Whole(year), o)).sheets["Journal"].rows
	return sumsOf(t, func(line func(account, entry string, debit, credit money.Amount)) {
		for _, row := range rows[1:] {
			line(row[3].text, row[0].text+row[2].text, euros(t, row[7].plain(t)), euros(t, row[8].plain(t)))
		}
	})
}

// textColumns are the columns that people fill; the others must hold the same whatever they typed.
var textColumns = map[string]bool{
	"Pièce": true, "Libellé compte": true, "Compte auxiliaire": true, "Libellé": true, "Analytique": true,
	"Fournisseur": true, "N° facture": true, "Service": true, "Catégorie": true, "Source du taux": true,
	"Éditeur": true, "Fonction": true, "Formule": true, "Niveau": true, "État": true, "Par siège": true, "Périodicité": true, "Responsable": true, "Moyen de paiement": true,
	"Référence ligne": true, "Libellé ligne": true, "Projet analytique": true, "Méthode": true,
	"PieceRef": true, "EcritureLib": true, "CompAuxNum": true, "CompAuxLib": true,
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

func decoded(t *testing.T, data []byte, o reports.Options) []byte {
	t.Helper()
	alphabet := map[string]*charmap.Charmap{reports.Windows1252: charmap.Windows1252, reports.Latin9: charmap.ISO8859_15}[o.Encoding]
	if alphabet == nil {
		return data
	}
	text, err := alphabet.NewDecoder().Bytes(data)
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
		typed, plain := typedRegister(service, vendor, function, invoice, analytic, cents), typedRegister("x", "x", "x", "x", "x", cents)
		question := strings.Contains(service+vendor+function+invoice+analytic, "?")
		for _, file := range reports.Files {
			o := reports.Options{ForProgram: program, Closing: true}
			if latin && len(file.Encodings) > 1 {
				o.Encoding = file.Encodings[1]
			}
			data := export(t, file.Kind, typed, reports.Whole(year2026), o)
			if o.Encoding != "" && !question && bytes.ContainsRune(data, '?') {
				t.Fatalf("a question mark nobody typed: %q", data)
			}
			if o.Encoding == "" && !utf8.ValidString(service+vendor+function+invoice+analytic) {
				continue // stored texts are UTF-8: the checks of every record see to it
			}
			want := export(t, file.Kind, plain, reports.Whole(year2026), o)
			switch file.Kind {
			case reports.Workbook:
				checkSheets(t, openSpreadsheet(t, data), openSpreadsheet(t, want))
			case reports.FEC:
				if faults := reports.CheckFEC(bytes.NewReader(data), o.Encoding); len(faults) > 0 {
					t.Fatalf("%v in %q", faults, data)
				}
				checkRows(t, tabbed(decoded(t, data, o)), tabbed(decoded(t, want, o)))
			case reports.Notice:
			default:
				text := decoded(t, data, o)
				rows := sheet(t, text)
				if lines := bytes.Count(text, []byte("\r\n")); lines != len(rows)+1 || bytes.Count(text, []byte("\n")) != lines {
					t.Fatalf("%d rows in %d lines: %q", len(rows), lines, text)
				}
				checkRows(t, rows, sheet(t, decoded(t, want, o)))
			}
		}
	})
}

// tabbed are the rows of a file between tabs, by title.
func tabbed(data []byte) []map[string]string {
	lines := strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n")
	titles := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[titles[i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

func checkRows(t *testing.T, rows, want []map[string]string) {
	t.Helper()
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(rows), len(want), rows)
	}
	for i, row := range rows {
		checkRow(t, row, want[i])
	}
}

// checkSheets wants the same figures in the same places, and texts for texts: a spreadsheet computes nothing of them.
func checkSheets(t *testing.T, got, want spreadsheet) {
	t.Helper()
	for name, sheet := range want.sheets {
		rows := got.sheets[name].rows
		if len(rows) != len(sheet.rows) {
			t.Fatalf("%s has %d rows, want %d", name, len(rows), len(sheet.rows))
		}
		for i, row := range sheet.rows {
			if len(rows[i]) != len(row) {
				t.Fatalf("%s: row %d has %d cells, want %d", name, i+1, len(rows[i]), len(row))
			}
			for j, cell := range row {
				if x := rows[i][j]; x.formula || x.number != cell.number || (!textColumns[sheet.rows[0][j].text] && x != cell) {
					t.Fatalf("%s, row %d, column %d is %+v, want %+v", name, i+1, j+1, x, cell)
				}
			}
		}
	}
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
	row := sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{}))[0]
	if row["Montant devise"] != "-60,00" || row["Service"] != "'-60,00" || row["N° facture"] != "'@x" {
		t.Errorf("amount %q, service %q, invoice %q", row["Montant devise"], row["Service"], row["N° facture"])
	}
	row = sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{ForProgram: true}))[0]
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
		if got := sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{}))[0]["Service"]; got != c.people {
			t.Errorf("%q is %q for people, want %q", c.typed, got, c.people)
		}
		if got := sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{ForProgram: true}))[0]["Service"]; got != c.program {
			t.Errorf("%q is %q for a program, want %q", c.typed, got, c.program)
		}
	}
	// In Windows-1252 a full-width sign and a true minus become plain ones, which do.
	for _, typed := range []string{"＝1", "−1"} {
		r := typedRegister(typed, "x", "x", "x", "x", 100)
		if got := sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{Encoding: reports.Windows1252}))[0]["Service"]; got[0] != '\'' {
			t.Errorf("%q is %q in Windows-1252", typed, got)
		}
	}
}

func TestAnAccountThatIsNoCodeStopsTheExport(t *testing.T) {
	f := facts()
	f.Payments[0].Account = "=1+1"
	for _, kind := range []string{reports.Journal, reports.Invoices} {
		if err := reports.Export(kind, &bytes.Buffer{}, models.NewRegister(f), reports.Whole(year2026), cal.Date{}, reports.Options{}); err == nil || !strings.Contains(err.Error(), `"=1+1" under "Compte"`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

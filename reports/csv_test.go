package reports_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// The exact entries of each VAT status, as they come out of the file.
func TestEntriesOfOnePurchase(t *testing.T) {
	for _, c := range []struct {
		name    string
		status  models.VATStatus
		payment models.Payment
		want    []string // account, debit, credit, currency and amount of the supplier's line
	}{
		{
			"A: the VAT is part of the cost",
			models.VATStatus{Kind: models.NotTaxable},
			models.Payment{Billed: money.Euros(11988), VAT: money.Euros(1998), VATRate: percent("20"), Country: "FR"},
			[]string{"6511 119,88 -  ", "401 - 119,88  "},
		},
		{
			"full recovery",
			models.VATStatus{Kind: models.PartDeducts, Share: percent("100")},
			models.Payment{Billed: money.Euros(11988), VAT: money.Euros(1998), VATRate: percent("20"), Country: "FR"},
			[]string{"6511 99,90 -  ", "44566 19,98 -  ", "401 - 119,88  "},
		},
		{
			"B, foreign: VAT owed and not recovered",
			models.VATStatus{Kind: models.NoDeduction},
			models.Payment{Billed: money.Cents(9900, "USD"), Rate: rate("1.0714"), RateSource: models.RateECB, Country: "IE", Foreign: true},
			[]string{"6511 110,88 -  ", "4452 - 18,48  ", "401 - 92,40 USD 99,00"},
		},
		{
			"C: a share of the VAT comes back",
			models.VATStatus{Kind: models.PartDeducts, Share: percent("37")},
			models.Payment{Billed: money.Euros(12000), VAT: money.Euros(2000), VATRate: percent("20"), Country: "FR"},
			[]string{"6511 112,60 -  ", "44566 7,40 -  ", "401 - 120,00  "},
		},
		{
			"C, foreign: owed, and a share comes back",
			models.VATStatus{Kind: models.PartDeducts, Share: percent("37")},
			models.Payment{Billed: money.Euros(10000), Country: "IE", Foreign: true},
			[]string{"6511 112,60 -  ", "44566 7,40 -  ", "4452 - 20,00  ", "401 - 100,00  "},
		},
		{
			"a refund stands on the other side",
			models.VATStatus{Kind: models.NoDeduction},
			models.Payment{Billed: money.Cents(-9900, "USD"), Rate: rate("1.0714"), RateSource: models.RateECB, Country: "IE", Foreign: true},
			[]string{"6511 - 110,88  ", "4452 18,48 -  ", "401 92,40 - USD 99,00"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.payment.ID, c.payment.PaidOn, c.payment.Account = 7, day("2026-04-02"), "6511"
			r := models.NewRegister(models.Facts{Payments: []models.Payment{c.payment.Settle(c.status)}})
			var got []string
			for _, row := range sheet(t, export(t, reports.Journal, r, reports.Whole(year2026), reports.Options{})) {
				or := func(cell string) string {
					if cell == "" {
						return "-"
					}
					return cell
				}
				got = append(got, strings.Join([]string{row["Compte"], or(row["Débit"]), or(row["Crédit"]), row["Devise"], row["Montant devise"]}, " "))
				if row["Journal"] != "AC" || row["Pièce"] != "AC-1" || row["Date"] != "02/04/2026" {
					t.Errorf("%v", row)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJournalEntries(t *testing.T) {
	rows := sheet(t, export(t, reports.Journal, register(), reports.Whole(year2026), reports.Options{}))
	pieces := map[string]money.Amount{}
	for _, row := range rows {
		pieces[row["Pièce"]+row["Date"]] = pieces[row["Pièce"]+row["Date"]].Add(euros(t, row["Débit"])).Sub(euros(t, row["Crédit"]))
		supplier := row["Compte"] == "401"
		if (row["Échéance"] != "") != supplier {
			t.Errorf("only the supplier's line says when it was due: %v", row)
		}
		if row["Compte auxiliaire"] != "" && (!supplier || row["Compte auxiliaire"] != "F-DROPBOX") {
			t.Errorf("only the supplier's line has an auxiliary account: %v", row)
		}
		if !strings.HasSuffix(row["Date"], "/2026") {
			t.Errorf("a day of another year: %v", row)
		}
		if strings.Contains(row["Pièce"], "GB-1") {
			t.Errorf("a payment without euros has no entry: %v", row)
		}
	}
	for piece, left := range pieces {
		if !left.IsZero() {
			t.Errorf("piece %s does not balance: %v", piece, left)
		}
	}
	if out := reports.NotInJournal(register(), reports.Whole(year2026)); len(out) != 1 || out[0].InvoiceNumber != "GB-1" {
		t.Errorf("left out of the journal: %+v", out)
	}
	both := 0
	for _, row := range rows {
		if row["Compte"] == "401" && row["Pièce"] == "B-9" {
			both++
		}
	}
	if both != 2 {
		t.Errorf("a reversed payment and its reversal both appear: %d lines", both)
	}
}

func TestJournalRefusesWhatDoesNotBalance(t *testing.T) {
	f := facts()
	f.Payments[1].Cost = f.Payments[1].Cost.Add(money.Euros(1))
	var b bytes.Buffer
	err := reports.JournalCSV(&b, models.NewRegister(f), reports.Whole(year2026), reports.Options{})
	if err == nil || !strings.Contains(err.Error(), "payment 601") || !strings.Contains(err.Error(), "0.01 EUR") {
		t.Errorf("error %v", err)
	}
	if b.Len() != 0 {
		t.Errorf("%d bytes were written", b.Len())
	}
}

func TestInvoiceFigures(t *testing.T) {
	rows := sheet(t, export(t, reports.Invoices, register(), reports.Whole(year2026), reports.Options{}))
	by := map[string]map[string]string{}
	for _, row := range rows {
		by[row["N° facture"]+row["Montant devise"]] = row
	}
	for _, c := range []struct {
		row  string
		want map[string]string
	}{
		{"DBX-2026-11899,00", map[string]string{
			"Taux": "1,0714", "Source du taux": "cours de la facture", "HT EUR": "92,40", "TTC EUR": "92,40", "Coût retenu EUR": "92,40", "Exercice": "2026",
			"Période du": "18/12/2026", "Période au": "17/12/2027", "Devise": "USD", "Taux TVA": "",
			"Dont CCA EUR": "88,86", // 351 days of 365 lie after the closing
		}},
		{"FR 2026;77119,88", map[string]string{"HT EUR": "99,90", "Taux TVA": "20", "TVA facturée": "19,98", "TTC EUR": "119,88", "Coût retenu EUR": "119,88", "Catégorie": "Diffusion", "Compte": "626"}},
		{"B-9-60,00", map[string]string{"Montant devise": "-60,00", "HT EUR": "-50,00", "TVA facturée": "-10,00", "Coût retenu EUR": "-60,00", "Dont CCA EUR": "0,00"}},
		{"1500", map[string]string{"Devise": "JPY", "Montant devise": "1500", "Taux": "125,38", "Coût retenu EUR": "11,96", "Dont CCA EUR": "0,00", "Période du": ""}},
		{"12,00", map[string]string{"Taux": "", "Source du taux": "débité par la banque", "Débité en banque EUR": "11,31", "Coût retenu EUR": "11,31"}},
		{"GB-125,00", map[string]string{"Source du taux": "non converti", "HT EUR": "", "TTC EUR": "", "Coût retenu EUR": "", "Dont CCA EUR": "", "Montant devise": "25,00"}},
	} {
		for title, want := range c.want {
			if got := by[c.row][title]; got != want {
				t.Errorf("%s: %s is %q, want %q", c.row, title, got, want)
			}
		}
	}
	if len(rows) != 8 {
		t.Errorf("%d payments, want the eight of the year", len(rows))
	}
}

// The exact cases of the prepaid rule, as they come out of the file.
func TestInvoicesCarryPrepaidExpensesOver(t *testing.T) {
	for _, c := range []struct {
		cents            int64
		from, last, paid string
		start            cal.YearStart
		want             string
	}{
		{120_00, "2025-10-01", "2026-09-30", "2025-10-01", cal.YearStart{Month: 1, Day: 1}, "89,75"},
		{240_00, "2024-02-29", "2025-02-27", "2024-03-01", cal.YearStart{Month: 1, Day: 1}, "38,14"},
		{95_88, "2025-03-10", "2026-03-09", "2025-03-10", cal.YearStart{Month: 9, Day: 1}, "49,91"},
		{360_00, "2024-07-01", "2027-06-30", "2024-07-01", cal.YearStart{Month: 1, Day: 1}, "299,51"},
		{99_00, "2027-01-01", "2027-12-31", "2026-12-20", cal.YearStart{Month: 1, Day: 1}, "99,00"},
		{99_00, "2026-01-01", "2026-12-31", "2026-01-01", cal.YearStart{Month: 1, Day: 1}, "0,00"},
		{-60_00, "2025-10-01", "2026-09-30", "2025-10-01", cal.YearStart{Month: 1, Day: 1}, "-44,88"},
	} {
		p := models.Payment{ID: 1, PaidOn: day(c.paid), Period: inclusive(c.from, c.last), Billed: money.Euros(c.cents)}
		f := models.Facts{Payments: []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})}}
		f.Organisation.YearStart = c.start
		rows := sheet(t, export(t, reports.Invoices, models.NewRegister(f), reports.Whole(c.start.YearOf(p.PaidOn)), reports.Options{}))
		if got := rows[0]["Dont CCA EUR"]; got != c.want {
			t.Errorf("%d cents from %s to %s: %s are carried over, want %s", c.cents, c.from, c.last, got, c.want)
		}
	}
}

func TestRegisterFigures(t *testing.T) {
	rows := sheet(t, export(t, reports.Register, register(), reports.Whole(year2026), reports.Options{}))
	var names []string
	for _, row := range rows {
		names = append(names, row["Service"])
	}
	if diff := cmp.Diff([]string{"'=MindMeister", "Dropbox", "Łódź 硬盘", "Écrits", "Nom de domaine"}, names); diff != "" {
		t.Error(diff)
	}
	for title, want := range map[string]string{
		"Éditeur": "Dropbox International", "Pays": "IE", "Compte": "6511", "Formule": "Plus", "Niveau": "premium", "Prix": "99,00", "Devise": "USD", "Par siège": "non",
		"Prochaine échéance": "18/12/2026", "À décider avant le": "", "Coût annuel EUR": "92,40", "Responsable": "Claire Morel", "Dernier export des données": "02/11/2026",
	} {
		if got := rows[1][title]; got != want {
			t.Errorf("Dropbox: %s is %q, want %q", title, got, want)
		}
	}
	// The decide-by day, 9 December, is a Wednesday: said as it is.
	if got := rows[0]["À décider avant le"]; got != "09/12/2026" {
		t.Errorf("MindMeister: to decide by %s", got)
	}
	if rows[0]["Sièges payés"] != "2" || rows[0]["Sièges attribués"] != "1" || rows[0]["Coût annuel EUR"] != "58,80" {
		t.Errorf("MindMeister: %v", rows[0])
	}
	if rows[2]["Formule"] != "" || rows[2]["Archivé le"] != "30/06/2026" {
		t.Errorf("a service without subscription: %v", rows[2])
	}
}

func TestADecideByDayIsSaidForTheWorkingDayBefore(t *testing.T) {
	f := facts()
	f.Organisation.MarginDays = 5 // 11 January, less a month, less five days: Sunday 6 December
	rows := sheet(t, export(t, reports.Register, models.NewRegister(f), reports.Whole(year2026), reports.Options{}))
	if got := rows[0]["À décider avant le"]; got != "04/12/2026" {
		t.Errorf("to decide by %s, want Friday 4 December", got)
	}
}

func TestWindows1252HasNoQuestionMark(t *testing.T) {
	data := export(t, reports.Register, register(), reports.Whole(year2026), reports.Options{Encoding: reports.Windows1252})
	if bytes.ContainsRune(data, '?') {
		t.Errorf("%s", data)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	rows := sheet(t, text)
	if got := rows[2]["Service"] + ", " + rows[2]["Éditeur"]; got != "Lódz __, Yandeks" {
		t.Errorf("transliterated as %q", got)
	}
	if got := rows[4]["Éditeur"]; got != "OVH; «\u00a0SAS\u00a0»" {
		t.Errorf("what the encoding has stays: %q", got)
	}
}

func TestUnknownKindAndEncoding(t *testing.T) {
	if err := reports.Export("balance", io.Discard, register(), reports.Whole(year2026), day("2026-11-23"), reports.Options{}); !errors.Is(err, reports.ErrUnknownKind) {
		t.Errorf("error %v", err)
	}
	if err := reports.JournalCSV(io.Discard, register(), reports.Whole(year2026), reports.Options{Encoding: "ebcdic"}); err == nil {
		t.Error("no error for an encoding there is not")
	}
}

// full refuses to take any more.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAFullDiskIsSaid(t *testing.T) {
	for _, f := range reports.Files {
		if err := reports.Export(f.Kind, full{}, register(), reports.Whole(year2026), day("2026-11-23"), reports.Options{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", f.Kind, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	september := cal.YearStart{Month: 9, Day: 1}.Year(2025)
	for got, want := range map[string]string{
		reports.FileName(reports.Journal, register(), reports.Whole(year2026), day("2026-11-23")):   "enveloppe-journal-2026.csv",
		reports.FileName(reports.Invoices, register(), reports.Whole(september), day("2026-11-23")): "enveloppe-factures-2025-2026.csv",
		reports.FileName(reports.Register, register(), reports.Whole(year2026), day("2026-11-23")):  "enveloppe-registre-2026-11-23.csv",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

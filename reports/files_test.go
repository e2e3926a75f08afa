package reports_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// goldenFile is a file of the golden files: which register, and how.
type goldenFile struct {
	kind  string
	facts func() models.Facts
	o     reports.Options
}

func TestGoldenFiles(t *testing.T) {
	whole := reports.Options{Closing: true}
	for name, c := range map[string]goldenFile{
		"journal.csv":         {reports.Journal, facts, reports.Options{}},
		"journal-1252.csv":    {reports.Journal, facts, reports.Options{Encoding: reports.Windows1252}},
		"journal-program.csv": {reports.Journal, facts, reports.Options{ForProgram: true}},
		"journal-closing.csv": {reports.Journal, closing, reports.Options{Closing: true, Digits: 8}},
		"invoices.csv":        {reports.Invoices, facts, reports.Options{}},
		"register.csv":        {reports.Register, facts, reports.Options{}},
		"register-1252.csv":   {reports.Register, facts, reports.Options{Encoding: reports.Windows1252}},
		"paheko.csv":          {reports.Paheko, closing, whole},
		"prepaid.csv":         {reports.Prepaid, closing, reports.Options{Digits: 6}},
		"fec.txt":             {reports.FEC, closing, whole},
		"fec-8859-15.txt":     {reports.FEC, closing, reports.Options{Closing: true, Encoding: reports.Latin9, Digits: 6}},
		"fec-notice.txt":      {reports.Notice, closing, whole},
	} {
		t.Run(name, func(t *testing.T) {
			got := export(t, c.kind, models.NewRegister(c.facts()), reports.Whole(year2026), c.o)
			golden(t, name, got)
			if again := export(t, c.kind, models.NewRegister(c.facts()), reports.Whole(year2026), c.o); !bytes.Equal(got, again) {
				t.Error("the same register gives other bytes")
			}
			// A mark for Excel, and none for the programs of tax inspectors.
			marked := strings.HasSuffix(name, ".csv") && c.o.Encoding != reports.Windows1252
			if bom := bytes.HasPrefix(got, []byte("\ufeff")); bom != marked {
				t.Errorf("begins with a byte order mark: %v", bom)
			}
			if lf, crlf := bytes.Count(got, []byte("\n")), bytes.Count(got, []byte("\r\n")); lf != crlf || bytes.Count(got, []byte("\r")) != crlf || !bytes.HasSuffix(got, []byte("\r\n")) {
				t.Errorf("%d line ends of which %d are CRLF", lf, crlf)
			}
			if bytes.Contains(got, []byte("sep=")) {
				t.Error("a line for Excel alone")
			}
		})
	}
}

// The titles are what programs look for: each of them to the letter.
func TestTitles(t *testing.T) {
	empty := models.NewRegister(models.Facts{})
	for kind, want := range map[string]string{
		reports.Journal:  "Journal;Date;Pièce;Compte;Libellé compte;Compte auxiliaire;Libellé;Débit;Crédit;Devise;Montant devise;Échéance;Analytique",
		reports.Invoices: "Date facture;Date paiement;Fournisseur;Pays;N° facture;Service;Catégorie;Compte;Période du;Période au;Devise;Montant devise;Taux;Source du taux;HT EUR;Taux TVA;TVA facturée;TVA autoliquidée;TVA déductible;TTC EUR;Coût retenu EUR;Débité en banque EUR;Exercice;Dont CCA EUR",
		reports.Paheko:   "Numéro d'écriture;Type;Statut;Libellé;Date;Remarques;Numéro pièce comptable;Numéro compte;Libellé compte;Débit;Crédit;Référence ligne;Libellé ligne;Rapprochement;Lettrage;Projet analytique;Membres associés",
	} {
		if got := export(t, kind, empty, reports.Whole(year2026), reports.Options{}); string(got) != "\ufeff"+want+"\r\n" {
			t.Errorf("an empty %s is %q", kind, got)
		}
	}
	fec := strings.Fields("JournalCode JournalLib EcritureNum EcritureDate CompteNum CompteLib CompAuxNum CompAuxLib PieceRef PieceDate EcritureLib Debit Credit EcritureLet DateLet ValidDate Montantdevise Idevise")
	if got := export(t, reports.FEC, empty, reports.Whole(year2026), reports.Options{}); string(got) != strings.Join(fec, "\t")+"\r\n" {
		t.Errorf("an empty extract is %q", got)
	}
}

// The entries of one period of service over a closing: 31 December and back on 1 January.
func TestClosingEntriesInTheJournal(t *testing.T) {
	p := models.Payment{ID: 1, ServiceID: 2, PaidOn: day("2025-10-01"), Period: inclusive("2025-10-01", "2026-09-30"), Billed: money.Euros(12000), Account: "6511", InvoiceNumber: "F-1"}
	r := models.NewRegister(models.Facts{Services: []models.Service{{ID: 2, Name: "Dropbox"}}, Payments: []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})}})
	lines := func(year int, o reports.Options) (all []string) {
		for _, row := range sheet(t, export(t, reports.Journal, r, reports.Whole(cal.YearStart{}.Year(year)), o)) {
			all = append(all, strings.Join([]string{row["Journal"], row["Date"], row["Pièce"], row["Compte"], row["Libellé"], row["Débit"], row["Crédit"]}, "|"))
		}
		return all
	}
	for year, want := range map[int][]string{
		2025: {
			"AC|01/10/2025|F-1|6511|Dropbox, 01/10/2025 au 30/09/2026|120,00|", "AC|01/10/2025|F-1|401|Dropbox, 01/10/2025 au 30/09/2026||120,00",
			"OD|31/12/2025|F-1|486|Charge constatée d’avance : Dropbox, 01/10/2025 au 30/09/2026|89,75|", "OD|31/12/2025|F-1|6511|Charge constatée d’avance : Dropbox, 01/10/2025 au 30/09/2026||89,75",
		},
		2026: {"OD|01/01/2026|F-1|6511|Extourne : Dropbox, 01/10/2025 au 30/09/2026|89,75|", "OD|01/01/2026|F-1|486|Extourne : Dropbox, 01/10/2025 au 30/09/2026||89,75"},
	} {
		if got := lines(year, reports.Options{Closing: true}); !slices.Equal(got, want) {
			t.Errorf("%d: got %q\nwant %q", year, got, want)
		}
		if got := lines(year, reports.Options{}); len(got) != len(want)-2 {
			t.Errorf("%d: not asked for, and there: %q", year, got)
		}
	}
}

// Accounts are filled up where it is asked and makes sense; those of suppliers never, and Paheko knows its own.
func TestPaddedAccounts(t *testing.T) {
	r := models.NewRegister(closing())
	accounts := func(kind, title string, digits int) []string {
		var all []string
		for _, row := range sheet(t, export(t, kind, r, reports.Whole(year2026), reports.Options{Digits: digits, Closing: true})) {
			all = append(all, row[title])
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	for digits, want := range map[int][]string{
		0: {"401", "486", "512", "6135", "626", "6511"},
		6: {"401000", "486000", "512000", "613500", "626000", "651100"},
		8: {"40100000", "48600000", "51200000", "61350000", "62600000", "65110000"},
	} {
		if got := accounts(reports.Journal, "Compte", digits); !slices.Equal(got, want) {
			t.Errorf("to %d digits: %q", digits, got)
		}
		if got := accounts(reports.Journal, "Compte auxiliaire", digits); !slices.Equal(got, []string{"", "F-DROPBOX"}) {
			t.Errorf("accounts of suppliers, to %d digits: %q", digits, got)
		}
		if got := accounts(reports.Paheko, "Numéro compte", digits); !slices.Equal(got, []string{"401", "486", "512", "6135", "626", "6511"}) {
			t.Errorf("for Paheko, to %d digits: %q", digits, got)
		}
	}
	if got := accounts(reports.Invoices, "Compte", 6); !slices.Equal(got, []string{"613500", "626000", "651100"}) {
		t.Errorf("of the invoices: %q", got)
	}
}

// Paheko makes one entry of the lines that share a document's number: each entry has its own, also when two invoices
// bear the same, and balances.
func TestPahekoGroupsLinesByDocument(t *testing.T) {
	f := closing()
	f.Payments[0].InvoiceNumber = f.Payments[1].InvoiceNumber
	rows := sheet(t, export(t, reports.Paheko, models.NewRegister(f), reports.Whole(year2026), reports.Options{Closing: true}))
	balance, head := map[string]money.Amount{}, map[string]string{}
	last := ""
	for _, row := range rows {
		piece := row["Numéro pièce comptable"]
		balance[piece] = balance[piece].Add(euros(t, row["Débit"])).Sub(euros(t, row["Crédit"]))
		about := row["Libellé"] + row["Date"] + row["Type"]
		if was, known := head[piece]; known && (piece != last || was != about) {
			t.Errorf("%s: lines apart, or of several entries: %v", piece, row)
		}
		head[piece], last = about, piece
		if row["Numéro d'écriture"] != "" || row["Type"] != "Avancé" || row["Statut"]+row["Remarques"]+row["Rapprochement"]+row["Lettrage"]+row["Membres associés"] != "" {
			t.Errorf("%v", row)
		}
	}
	for piece, left := range balance {
		if !left.IsZero() {
			t.Errorf("%s does not balance: %v", piece, left)
		}
	}
	if want := 8*2 + 1 + 3; len(balance) != want { // seven payments and the invoice of two services, their settlements, one back, three away
		t.Errorf("%d entries, want %d: %v", len(balance), want, head)
	}
}

func TestMonthsOfAYear(t *testing.T) {
	r := models.NewRegister(closing())
	months := func(from, to int) reports.Period {
		p, ok := reports.Months(year2026, from, to)
		if !ok {
			t.Fatalf("no months %d to %d", from, to)
		}
		return p
	}
	numbers := func(p reports.Period) (all []string) {
		for _, line := range strings.Split(strings.TrimSpace(string(export(t, reports.FEC, r, p, reports.Options{Closing: true}))), "\r\n")[1:] {
			cells := strings.Split(line, "\t")
			if on := cells[3]; !p.Span.Contains(day(on[:4] + "-" + on[4:6] + "-" + on[6:])) {
				t.Errorf("%s is not of %s", on, p.Label())
			}
			if len(all) == 0 || all[len(all)-1] != cells[2] {
				all = append(all, cells[2])
			}
		}
		return all
	}
	whole, parts := numbers(reports.Whole(year2026)), []string{}
	for month := 1; month <= 12; month += 3 {
		parts = append(parts, numbers(months(month, month+2))...)
	}
	slices.Sort(whole)
	slices.Sort(parts)
	if !slices.Equal(whole, parts) {
		t.Errorf("the quarters hold %q, the year %q", parts, whole)
	}
	for label, p := range map[string]reports.Period{
		"2026": reports.Whole(year2026), "2026-03": months(3, 3), "2026-01-a-2026-03": months(1, 3), "2026-12": months(12, 12),
	} {
		if p.Label() != label || p.IsWhole() != (label == "2026") {
			t.Errorf("%s is called %s", label, p.Label())
		}
	}
	if p := months(1, 12); !p.IsWhole() {
		t.Error("all twelve months are the year")
	}
	for _, bad := range [][2]int{{0, 3}, {4, 3}, {1, 13}, {13, 13}, {-1, -1}} {
		if _, ok := reports.Months(year2026, bad[0], bad[1]); ok {
			t.Errorf("months %v", bad)
		}
	}
	july := cal.YearStart{Month: 7, Day: 15}.Year(2025)
	if p, _ := reports.Months(july, 2, 2); p.Label() != "2025-08-15" || p.Span != (cal.Span{From: day("2025-08-15"), To: day("2025-09-15")}) {
		t.Errorf("%s: %v", p.Label(), p.Span)
	}
}

func TestWhatAFileCannotBe(t *testing.T) {
	part, _ := reports.Months(year2026, 2, 3)
	for _, c := range []struct {
		kind string
		o    reports.Options
		p    reports.Period
		want string
	}{
		{reports.Journal, reports.Options{Digits: 8, Encoding: reports.Windows1252}, part, ""},
		{reports.Journal, reports.Options{Digits: 7}, part, "digits"},
		{reports.Journal, reports.Options{Encoding: reports.Latin9}, part, "encoding"},
		{reports.Paheko, reports.Options{Digits: 6}, part, "digits"},
		{reports.FEC, reports.Options{Encoding: reports.Windows1252}, part, "encoding"},
		{reports.FEC, reports.Options{Encoding: reports.Latin9, Digits: 6}, part, ""},
		{reports.Prepaid, reports.Options{}, part, "months"},
		{reports.Workbook, reports.Options{Encoding: reports.UTF8}, reports.Whole(year2026), "encoding"},
		{reports.Register, reports.Options{Digits: 6}, reports.Period{}, "digits"},
		{reports.Register, reports.Options{}, reports.Period{}, ""},
	} {
		file, ok := reports.FileOf(c.kind)
		if !ok {
			t.Fatalf("no file %q", c.kind)
		}
		if got := file.Check(c.o, c.p); got != c.want {
			t.Errorf("%s with %+v of %s: %q, want %q", c.kind, c.o, c.p.Label(), got, c.want)
		}
	}
	if _, ok := reports.FileOf("balance"); ok {
		t.Error("a kind there is not")
	}
}

func TestLatin9HasNoQuestionMark(t *testing.T) {
	f := closing()
	f.Services[3].Name = "e\u0301té “Łódź” – 硬盘… œuvre € ¼½¾´¨¸¦"
	data := export(t, reports.FEC, models.NewRegister(f), reports.Whole(year2026), reports.Options{Encoding: reports.Latin9})
	if bytes.ContainsRune(data, '?') {
		t.Errorf("%q", data)
	}
	text, err := charmap.ISO8859_15.NewDecoder().Bytes(data)
	if err != nil || !bytes.Contains(text, []byte(`été "Lódz" - __... œuvre € 1/41/23/4'",/`)) {
		t.Errorf("transliterated as %s (%v)", text, err)
	}
}

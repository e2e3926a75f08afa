package reports_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// hosting is one invoice of a hoster for three services, paid in dollars to a company abroad by an association that
// deducts 37 % of its VAT, with what undoes an earlier one.
func hosting() models.Facts {
	line := func(id, service models.ID, cents int64, account, analytic string) models.Payment {
		p := models.Payment{
			ID: id, InvoiceID: 1, ServiceID: service, PaidOn: day("2026-04-02"), InvoiceNumber: "H-77", InvoiceDate: day("2026-03-28"), VendorName: "Hoster", Country: "US", Foreign: true,
			Billed: money.Cents(cents, "USD"), Rate: rate("1.0714"), RateDay: day("2026-04-01"), RateSource: models.RateECB, Account: account, Analytic: analytic,
		}
		return p.Settle(models.VATStatus{Kind: models.PartDeducts, Share: percent("37")})
	}
	f := models.Facts{
		Services: []models.Service{{ID: 50, Name: "Domaine"}, {ID: 51, Name: "Courrier"}, {ID: 52, Name: "Sauvegarde"}},
		Vendors:  []models.Vendor{{ID: 60, Name: "Hoster", Country: "US", Account: "F-HOST"}},
		Payments: []models.Payment{line(1, 50, 9900, "626", "A"), line(2, 51, 1000, "626", "B"), line(3, 52, 333, "6511", "A")},
	}
	for i := range 3 {
		undone := &f.Payments[i]
		back := *undone
		back.ID, back.ReversesID = models.ID(4+i), undone.ID
		undone.ReversedByID = back.ID
		for _, a := range []*money.Amount{&back.Billed, &back.EUR, &back.VATInvoiced, &back.VATDue, &back.VATDeductible, &back.Cost} {
			*a = a.Neg()
		}
		f.Payments = append(f.Payments, back)
	}
	return f
}

func TestAnInvoiceOfSeveralServicesIsOneEntry(t *testing.T) {
	var got []string
	for _, row := range sheet(t, export(t, reports.Journal, models.NewRegister(hosting()), reports.Whole(year2026), reports.Options{})) {
		// What undoes it bears its own day.
		if on := row["Date"]; row["Pièce"] != "H-77" || (on == "28/03/2026") == strings.HasPrefix(row["Libellé"], "Annulation") || (on != "28/03/2026" && on != "02/04/2026") {
			t.Errorf("%v", row)
		}
		cells := []string{row["Compte"], row["Compte auxiliaire"], row["Libellé"], row["Débit"], row["Crédit"], row["Devise"] + row["Montant devise"], row["Échéance"], row["Analytique"]}
		got = append(got, strings.Join(cells, "|"))
	}
	// 92,40 + 9,33 + 3,11 euros; 18,48 + 1,87 + 0,62 owed; 6,84 + 0,69 + 0,23 back.
	if diff := cmp.Diff([]string{
		"626||Domaine, Hoster|104,04|||" + "|A",
		"626||Courrier, Hoster|10,51|||" + "|B",
		"6511||Sauvegarde, Hoster|3,50|||" + "|A",
		"44566||Hoster, facture H-77|7,76||||",
		"4452||Hoster, facture H-77||20,97|||",
		"401|F-HOST|Hoster, facture H-77||104,84|USD112,33|02/04/2026|",
		"626||Annulation : Domaine, Hoster||104,04||" + "|A",
		"626||Annulation : Courrier, Hoster||10,51||" + "|B",
		"6511||Annulation : Sauvegarde, Hoster||3,50||" + "|A",
		"44566||Annulation : Hoster, facture H-77||7,76|||",
		"4452||Annulation : Hoster, facture H-77|20,97||||",
		"401|F-HOST|Annulation : Hoster, facture H-77|104,84||USD112,33|02/04/2026|",
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEntryOfSeveralServicesThatDoesNotBalanceIsRefused(t *testing.T) {
	f := hosting()
	f.Payments[1].Cost = f.Payments[1].Cost.Add(money.Euros(1))
	var b strings.Builder
	err := reports.JournalCSV(&b, models.NewRegister(f), reports.Whole(year2026), reports.Options{})
	if err == nil || !strings.Contains(err.Error(), "payment 1:") || b.Len() > 0 {
		t.Errorf("error %v", err)
	}
}

// What undoes an invoice after a closing is dated then, and is an entry of that day.
func TestAnInvoiceUndoneLaterIsTwoEntries(t *testing.T) {
	f := hosting()
	for i := range f.Payments[3:] {
		f.Payments[3+i].PaidOn, f.Payments[3+i].InvoiceDate = day("2026-07-01"), day("2026-03-28")
	}
	rows := sheet(t, export(t, reports.Journal, models.NewRegister(f), reports.Whole(year2026), reports.Options{}))
	var suppliers []string
	for _, row := range rows {
		if row["Compte"] == "401" {
			suppliers = append(suppliers, row["Échéance"]+" "+row["Débit"]+"-"+row["Crédit"])
		}
	}
	if diff := cmp.Diff([]string{"02/04/2026 -104,84", "01/07/2026 104,84-"}, suppliers); diff != "" {
		t.Error(diff)
	}
}

// HT as the invoice prints it goes into the file as it is, also where it does not add up.
func TestNetAsPrinted(t *testing.T) {
	for _, c := range []struct {
		name string
		p    models.Payment
		want string
	}{
		{"none printed", models.Payment{Billed: money.Euros(9900), VAT: money.Euros(1650)}, "82,50"},
		{"adds up", models.Payment{Billed: money.Euros(9900), Net: money.Euros(8250), VAT: money.Euros(1650)}, "82,50"},
		{"a cent away", models.Payment{Billed: money.Euros(9900), Net: money.Euros(8251), VAT: money.Euros(1650)}, "82,51"},
		{"without VAT", models.Payment{Billed: money.Euros(9900), Net: money.Euros(9900)}, "99,00"},
		{"credit note", models.Payment{Billed: money.Euros(-9900), Net: money.Euros(-8251), VAT: money.Euros(-1650)}, "-82,51"},
		{"in dollars", models.Payment{Billed: money.Cents(9900, "USD"), Net: money.Cents(8250, "USD"), VAT: money.Cents(1650, "USD"), Rate: rate("1.0714")}, "77,00"},
		{"in dollars, a cent away", models.Payment{Billed: money.Cents(9900, "USD"), Net: money.Cents(8252, "USD"), VAT: money.Cents(1650, "USD"), Rate: rate("1.0714")}, "77,02"},
		{"not converted", models.Payment{Billed: money.Cents(9900, "USD"), Net: money.Cents(8250, "USD")}, ""},
	} {
		c.p.ID, c.p.PaidOn = 1, day("2026-04-02")
		r := models.NewRegister(models.Facts{Payments: []models.Payment{c.p.Settle(models.VATStatus{Kind: models.NotTaxable})}})
		rows := sheet(t, export(t, reports.Invoices, r, reports.Whole(year2026), reports.Options{}))
		if got := rows[0]["HT EUR"]; got != c.want {
			t.Errorf("%s: HT EUR is %q, want %q", c.name, got, c.want)
		}
	}
}

package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// coming is the next charge of the sample in a currency that is not to be recorded yet.
func (s *site) coming(c money.Currency) models.Charge {
	s.t.Helper()
	for _, x := range s.register().Charges(cal.Span{From: testDay.AddDays(1), To: testDay.AddDays(60)}, testDay) {
		if x.Billed.Currency() == c {
			return x
		}
	}
	s.t.Fatalf("the sample expects no charge in %s", c)
	return models.Charge{}
}

func TestOneInvoicePaysSeveralServices(t *testing.T) {
	s := newSite(t).as(models.Director)
	due, coming, service := s.due(), s.coming(money.EUR), s.service("Dropbox")
	page := s.get("/invoices/new").wants(t, http.StatusOK, "À enregistrer", "À venir", chargeChoice(due.SubscriptionID, due.On), chargeChoice(coming.SubscriptionID, coming.On), serviceChoice(service.ID))
	if strings.Contains(page.body, "line.3.billed") {
		t.Error("an empty form has more than three lines")
	}
	total := due.Billed.Add(coming.Billed).Add(money.Euros(1012))
	form := func(total money.Amount) []string {
		return []string{
			"paid_on", "2026-11-22", "billed", total.Comma(), "currency", "EUR", "vat", "16,67", "vat_rate", "20", "invoice_number", "X-77", "invoice_date", "2026-11-21",
			"line.0.service", chargeChoice(due.SubscriptionID, due.On), "line.0.billed", due.Billed.Comma(),
			"line.2.service", chargeChoice(coming.SubscriptionID, coming.On), "line.2.billed", coming.Billed.Comma(),
			"line.4.service", serviceChoice(service.ID), "line.4.billed", "10,12", "line.4.account", "6135",
		}
	}
	s.submit("/invoices", form(total.Add(money.Euros(500)))...).wants(t, http.StatusUnprocessableEntity, "il manque 5,00", `id="billed-error"`, "Les lignes font", `value="X-77"`, `value="6135"`)
	s.submit("/invoices", form(total.Sub(money.Euros(500)))...).wants(t, http.StatusUnprocessableEntity, "5,00\u00a0€ de plus que le total")
	count := len(s.register().Payments)
	s.submit("/invoices", form(total)...).follows(t, "/payments/"+typedID(s.lastPayment().ID-2))
	all := s.register().Payments
	if len(all) != count+3 {
		t.Fatalf("%d payments were recorded, want three", len(all)-count)
	}
	lines := s.register().InvoiceOf(all[count])
	billed, vat := money.Zero(money.EUR), money.Zero(money.EUR)
	for _, p := range lines {
		billed, vat = billed.Add(p.Billed), vat.Add(p.VATInvoiced)
	}
	if len(lines) != 3 || billed != total || vat != money.Euros(1667) || lines[0].ChargeOn != due.On || lines[0].Period != due.Period || lines[2].Account != "6135" || lines[2].ServiceID != service.ID {
		t.Errorf("recorded %v with %v of VAT: %+v", billed, vat, lines)
	}
	for _, p := range lines {
		s.get("/payments/"+typedID(p.ID)).wants(t, http.StatusOK, "Ce que la facture règle", "3 services", "Toute la facture", "Corriger ou annuler la facture")
		s.get("/payments/"+typedID(p.ID)+"/correction").wants(t, http.StatusConflict, "facture de plusieurs services")
		s.submit("/payments/"+typedID(p.ID)+"/correction", "billed", "1").wants(t, http.StatusConflict)
	}
	s.get("/payments").wants(t, http.StatusOK, "facture de plusieurs services")
	s.get("/payments/"+typedID(lines[1].ID)+"/reversal").wants(t, http.StatusOK, "ses 3 services")
	s.submit("/payments/"+typedID(lines[1].ID)+"/reversal", "again", "on").follows(t, "/invoices/new?again="+typedID(lines[1].ID))
	for _, p := range lines {
		if now, _ := s.register().Payment(p.ID); now.Stands() {
			t.Errorf("payment %d stands still", p.ID)
		}
	}
	if !s.register().IsOpen(due) {
		t.Error("the charge is not to be recorded again")
	}
	again := s.get("/invoices/new?again="+typedID(lines[1].ID)).wants(t, http.StatusOK, `value="X-77"`, `value="`+total.Comma()+`"`, `value="16,67"`, "comme le total")
	for _, choice := range []string{chargeChoice(due.SubscriptionID, due.On), chargeChoice(coming.SubscriptionID, coming.On), serviceChoice(service.ID)} {
		if !strings.Contains(again.body, `value="`+choice+`" selected`) {
			t.Errorf("the line for %s is not filled in again", choice)
		}
	}
}

func TestInvoiceIsPrefilledFromAVendor(t *testing.T) {
	f := newFacts()
	f.Vendors = []models.Vendor{{ID: 50, Name: "OVH SAS", Country: "FR"}}
	from := testDay.AddDays(-10)
	for i := range 2 {
		id := models.ID(60 + 10*i)
		f.Services = append(f.Services, models.Service{ID: id, Name: fmt.Sprintf("Domaine %d", i+1), FunctionID: 2, VendorID: 50})
		f.Plans = append(f.Plans, models.Plan{ID: id + 1, ServiceID: id, Name: "Un", Tier: models.Premium, Price: money.Euros(1200), Cadence: cal.Yearly})
		f.Subscriptions = append(f.Subscriptions, models.Subscription{
			ID: id + 2, ServiceID: id, PlanID: id + 1, StartedOn: from, Anchor: from, Cadence: cal.Yearly, AutoRenew: true,
			Terms: []models.Terms{{ID: id + 3, From: from, Price: money.Euros(1200), Seats: 1}},
		})
	}
	s := newSiteWith(t, f).as(models.Director)
	s.get("/payments").wants(t, http.StatusOK, `href="/invoices/new?vendor=50"`, "Une seule facture de OVH SAS pour ces 2 dépenses")
	for _, path := range []string{"/invoices/new", "/invoices/new?vendor=50"} {
		page := s.get(path).wants(t, http.StatusOK, `value="24,00"`, `value="4,00"`, `value="OVH SAS"`, "comme le total")
		if n := strings.Count(page.body, `" selected>Domaine`); n != 2 {
			t.Errorf("%s fills in %d lines, want two", path, n)
		}
	}
	for _, path := range []string{"/invoices/new?vendor=x", "/invoices/new?vendor=999", "/invoices/new?again=999", "/invoices/new?again=x"} {
		s.get(path).wants(t, http.StatusNotFound)
	}
}

func TestBadInvoicesComeBackAsTyped(t *testing.T) {
	s := newSite(t).as(models.Editor)
	service, due := serviceChoice(s.service("Dropbox").ID), s.due()
	charge := chargeChoice(due.SubscriptionID, due.On)
	count := len(s.register().Payments)
	for _, c := range []struct {
		name  string
		pairs []string
		at    string
	}{
		{"no line", nil, ""},
		{"no service", []string{"line.1.billed", "10,00"}, "line.1.service"},
		{"no amount", []string{"line.1.service", service}, "line.1.billed"},
		{"unreadable amount", []string{"line.0.service", service, "line.0.billed", "dix"}, "line.0.billed"},
		{"other sign", []string{"line.0.service", service, "line.0.billed", "20,00", "line.3.service", service, "line.3.billed", "-10,00"}, "line.3.billed"},
		{"one charge twice", []string{"line.0.service", charge, "line.0.billed", "5,00", "line.2.service", charge, "line.2.billed", "5,00"}, "line.2.service"},
		{"a charge nobody expects", []string{"line.5.service", "c." + typedID(due.SubscriptionID) + ".2026-11-21", "line.5.billed", "10,00"}, "line.5.service"},
		{"nonsense", []string{"line.0.service", "c.1.2.3", "line.0.billed", "10,00"}, "line.0.service"},
		{"half a period", []string{"line.0.service", service, "line.0.billed", "10,00", "line.0.period_to", "2026-11-01"}, "line.0.period_to"},
		{"VAT above the line", []string{"line.0.service", service, "line.0.billed", "10,00", "line.0.vat", "11"}, "line.0.vat"},
		{"account", []string{"line.0.service", service, "line.0.billed", "10,00", "line.0.account", "6A"}, "line.0.account"},
		{"long text", []string{"line.0.service", service, "line.0.billed", "10,00", "line.0.analytic", strings.Repeat("x", 9000)}, "line.0.analytic"},
		{"tomorrow", []string{"line.0.service", service, "line.0.billed", "10,00", "paid_on", "2026-11-24"}, "paid_on"},
		{"currency", []string{"line.0.service", service, "line.0.billed", "10,00", "currency", "XXQ"}, "currency"},
	} {
		pairs := append([]string{}, c.pairs...)
		for _, given := range [][2]string{{"paid_on", "2026-11-20"}, {"currency", "EUR"}} {
			if !strings.Contains(strings.Join(c.pairs, " "), given[0]) {
				pairs = append(pairs, given[0], given[1])
			}
		}
		a := s.submit("/invoices", append(pairs, "billed", "10,00", "invoice_number", "KEPT")...)
		a.wants(t, http.StatusUnprocessableEntity, `value="KEPT"`)
		if c.at != "" && !strings.Contains(a.body, `id="`+c.at+`-error"`) {
			t.Errorf("%s: no sentence at %s\n%s", c.name, c.at, excerpt(a.body))
		}
	}
	if n := len(s.register().Payments); n != count {
		t.Errorf("%d payments were written", n-count)
	}
}

// Asking for more lines records nothing and loses nothing, up to twelve.
func TestMoreLinesAreGiven(t *testing.T) {
	s := newSite(t).as(models.Director)
	count := len(s.register().Payments)
	a := s.submit("/invoices", "more", "on", "lines", "3", "billed", "12,00", "line.2.billed", "7,00").wants(t, http.StatusOK, "line.4.billed", `value="7,00"`, "il manque 5,00")
	if strings.Contains(a.body, "line.5.billed") {
		t.Error("more lines than asked for")
	}
	a = s.submit("/invoices", "more", "on", "lines", "12").wants(t, http.StatusOK, "line.11.billed")
	if strings.Contains(a.body, "line.12.billed") || strings.Contains(a.body, `name="more"`) {
		t.Error("more than twelve lines")
	}
	s.submit("/invoices", "more", "on", "lines", "99999999999999999999").wants(t, http.StatusOK)
	if len(s.register().Payments) != count {
		t.Error("a payment was recorded")
	}
}

func TestForeignInvoiceSharesWhatTheBankDebited(t *testing.T) {
	s := newSite(t).as(models.Director)
	a, b := serviceChoice(s.service("Dropbox").ID), serviceChoice(s.service("Bitwarden").ID)
	s.submit("/invoices", "paid_on", "2026-11-22", "billed", "99", "currency", "USD", "debited", "92,41", "country", "US",
		"line.0.service", a, "line.0.billed", "33,33", "line.1.service", b, "line.1.billed", "65,67")
	lines := s.register().InvoiceOf(s.lastPayment())
	sum := money.Zero(money.EUR)
	for _, p := range lines {
		sum = sum.Add(p.EUR)
	}
	if len(lines) != 2 || sum != money.Euros(9241) {
		t.Errorf("%v euros over %d lines", sum, len(lines))
	}
	s.get("/payments/"+typedID(lines[0].ID)+"/reversal").wants(t, http.StatusOK, "92,41", "débité par la banque")
}

package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

var testYearStart = cal.YearStart{Month: time.January, Day: 1}

// due is the first charge of the sample that waits to be recorded.
func (s *site) due() models.Charge {
	s.t.Helper()
	open := s.register().Due(testDay)
	if len(open) == 0 {
		s.t.Fatal("the sample has no charge to record")
	}
	return open[0]
}

func (s *site) lastPayment() models.Payment {
	s.t.Helper()
	all := s.register().Payments
	return all[len(all)-1]
}

func TestPaymentsAreListed(t *testing.T) {
	s := newSite(t).as(models.Director)
	c := s.due()
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for _, path := range []string{
			"/payments", "/payments?year=all", "/payments?year=2025", "/payments?state=open", "/payments?state=no_invoice", "/payments?state=unconverted",
			"/payments?state=reversed&year=all", "/payments?q=dropbox", "/payments?q=%3Cscript%3E", "/payments?page=99", "/payments?service=" + typedID(c.ServiceID),
			"/payments?service=x", "/payments/new", "/payments/new?" + chargeQuery(c.SubscriptionID, c.On), "/waivers/new?" + chargeQuery(c.SubscriptionID, c.On),
			"/payments/new?service=" + typedID(c.ServiceID),
		} {
			s.get(path).wants(t, http.StatusOK)
		}
		for _, p := range s.register().Payments {
			s.get("/payments/"+typedID(p.ID)).wants(t, http.StatusOK)
		}
	})
	s.get("/payments?state=nonsense").wants(t, http.StatusNotFound)
	s.get("/payments/999999").wants(t, http.StatusNotFound)
	s.get("/payments/x").wants(t, http.StatusNotFound)
	s.get("/payments/new?subscription=1&on=2026-01-01").wants(t, http.StatusNotFound)
	s.get("/payments/new?subscription="+typedID(c.SubscriptionID)+"&on=2026-02-30").wants(t, http.StatusNotFound)
	s.get("/payments/new?service=999999").wants(t, http.StatusNotFound)
}

func TestDueChargeIsPrefilledRecordedAndUndone(t *testing.T) {
	s := newSite(t).as(models.Director)
	c := s.due()
	list := s.get("/payments").wants(t, http.StatusOK)
	for _, path := range []string{"/payments/new?subscription=%d&amp;on=%s", "/waivers/new?subscription=%d&amp;on=%s"} {
		if link := fmt.Sprintf(path, c.SubscriptionID, c.On); !strings.Contains(list.body, `href="`+link+`"`) {
			t.Errorf("the list does not lead to %s", link)
		}
	}
	before := s.register().Position(s.register().Year(testDay), testDay)
	page := s.get("/payments/new?"+chargeQuery(c.SubscriptionID, c.On)).wants(t, http.StatusOK)
	for _, want := range []string{
		`name="billed" inputmode="decimal" value="` + c.Billed.Comma() + `"`, `value="` + c.Period.From.String() + `"`, `value="` + c.Period.Last().String() + `"`,
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the form does not hold %s\n%s", want, excerpt(page.body))
		}
	}
	s.submit("/payments", "subscription", typedID(c.SubscriptionID), "on", c.On.String(), "paid_on", c.On.String(), "billed", c.Billed.Comma(),
		"currency", string(c.Billed.Currency()), "period_from", c.Period.From.String(), "period_to", c.Period.Last().String(),
		"invoice_number", "FA-77").follows(t, "/payments")
	p := s.lastPayment()
	if p.ChargeOn != c.On || p.Billed != c.Billed || p.Period != c.Period || p.InvoiceNumber != "FA-77" || p.Account == "" || p.VendorName == "" || p.RecordedBy != s.actor().Person {
		t.Errorf("recorded %+v", p)
	}
	if s.register().IsOpen(c) {
		t.Error("the charge is still to be recorded")
	}
	notice := s.get("/payments").wants(t, http.StatusOK, "est enregistré")
	// A second answer to the same charge is refused, whichever.
	s.submit("/payments", "subscription", typedID(c.SubscriptionID), "on", c.On.String(), "paid_on", c.On.String(), "billed", "1").wants(t, http.StatusConflict, "déjà")
	s.get("/waivers/new?"+chargeQuery(c.SubscriptionID, c.On)).wants(t, http.StatusConflict)

	s.submit(undoOf(t, notice)).follows(t, "/payments/"+typedID(p.ID))
	s.get("/payments/"+typedID(p.ID)).wants(t, http.StatusOK, "annulés", "contre-écriture")
	if after := s.register().Position(s.register().Year(testDay), testDay); after.Forecast != before.Forecast || after.Spent != before.Spent {
		t.Errorf("the undo leaves %s forecast, %s spent; before %s, %s", after.Forecast, after.Spent, before.Forecast, before.Spent)
	}
	s.get("/payments/"+typedID(p.ID)+"/reversal").wants(t, http.StatusConflict)
	s.submit("/payments/"+typedID(p.ID)+"/reversal").wants(t, http.StatusConflict)
	s.get("/payments/"+typedID(p.ID)+"/correction").wants(t, http.StatusConflict)
}

func TestBadPaymentsComeBackAsTyped(t *testing.T) {
	s := newSite(t).as(models.Editor)
	service := typedID(s.service("Dropbox").ID)
	count := len(s.register().Payments)
	good := map[string]string{"service": service, "paid_on": "2026-11-20", "billed": "12,00", "currency": "EUR"}
	for _, bad := range []struct{ field, typed, at string }{
		{"service", "", "service"},
		{"service", "abc", "service"},
		{"paid_on", "", "paid_on"},
		{"paid_on", "30/02/2026", "paid_on"},
		{"paid_on", "24/11/2026", "paid_on"}, // tomorrow
		{"paid_on", "yesterday", "paid_on"},
		{"billed", "", "billed"},
		{"billed", "0", "billed"},
		{"billed", "1e9", "billed"},
		{"billed", "12,3456", "billed"},
		{"billed", "1,234", "billed"},
		{"billed", "999999999999", "billed"},
		{"billed", strings.Repeat("9", 10_000), "billed"},
		{"currency", "XXQ", "currency"},
		{"vat", "13", "vat"},
		{"vat", "-1", "vat"},
		{"vat_rate", "101", "vat_rate"},
		{"vat_rate", "beaucoup", "vat_rate"},
		{"country", "France", "country"},
		{"invoice_number", strings.Repeat("x", 10_000), "invoice_number"},
		{"invoice_date", "31/02/2026", "invoice_date"},
		{"period_to", "2026-11-01", "period_to"},
		{"account", "65A", "account"},
		{"note", strings.Repeat("x", 5_000), "note"},
	} {
		var pairs []string
		for name, typed := range good {
			if name != bad.field {
				pairs = append(pairs, name, typed)
			}
		}
		page := s.submit("/payments", append(pairs, bad.field, bad.typed)...)
		if page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, `id="`+bad.at+`-error"`) {
			t.Errorf("%s = %.20q: status %d, no sentence at %s", bad.field, bad.typed, page.status, bad.at)
		}
		if !strings.Contains(page.body, `value="12,00"`) && bad.field != "billed" {
			t.Errorf("%s = %.20q: what was typed is lost", bad.field, bad.typed)
		}
	}
	if n := len(s.register().Payments); n != count {
		t.Errorf("%d payments were written", n-count)
	}
	s.submit("/payments", "service", "999999", "paid_on", "2026-11-20", "billed", "1").wants(t, http.StatusNotFound)
}

func TestWhatDoesNotAddUpIsToldOnceRecorded(t *testing.T) {
	s := newSite(t).as(models.Director)
	record := func(vat string) string {
		return s.submit("/payments", "service", typedID(s.service("Canva").ID), "paid_on", "2026-11-20", "billed", "120", "net", "100", "vat", vat).header.Get("Location")
	}
	if to := record("20"); to != "/payments" {
		t.Errorf("a sound payment leads to %s", to)
	}
	to := record("19,50")
	if want := "/payments/" + typedID(s.lastPayment().ID); to != want {
		t.Fatalf("a payment that does not add up leads to %s, want %s", to, want)
	}
	s.get(to).wants(t, http.StatusOK, "est enregistré", "notice warning")
}

func TestAPaymentWithoutRateIsSaidToBeCorrectedOnceARateIsKnown(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/payments", "service", typedID(s.service("Zoom").ID), "paid_on", testDay.String(), "billed", "30", "currency", "CHF").follows(t, "/payments")
	at := "/payments/" + typedID(s.lastPayment().ID)
	s.get("/").wants(t, http.StatusOK, "Aucun cours n’est connu pour")
	s.get(at).wants(t, http.StatusOK, "Aucun cours n’est connu pour ce jour")
	s.submit("/settings/rates", "currency", "CHF", "day", testDay.String(), "rate", "0,9312").follows(t, "/settings/rates")
	page := s.get("/settings/rates").wants(t, http.StatusOK, "Enregistré sans cours", `href="`+at+`"`)
	if strings.Contains(page.body, "Des montants attendent un cours") {
		t.Error("the rate is there and still waited for")
	}
	if page = s.get("/").wants(t, http.StatusOK, "Enregistré sans cours", `href="`+at+`"`); strings.Contains(page.body, "Aucun cours n’est connu pour") {
		t.Error("the dashboard asks for a rate that is there")
	}
	s.get(at).wants(t, http.StatusOK, "il y en a un désormais", "32,22", "Corriger avec ce cours")
}

func TestACreditNoteIsCalledSo(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/payments", "service", typedID(s.service("Zoom").ID), "paid_on", "2026-11-20", "billed", "-20").follows(t, "/payments")
	if page := s.get("/payments").wants(t, http.StatusOK, "L’avoir de 20,00"); strings.Contains(page.body, "Le paiement de −20") {
		t.Error("a credit note is said to be a payment of less than nothing")
	}
	s.get("/payments/"+typedID(s.lastPayment().ID)).wants(t, http.StatusOK, "Avoir de <strong>20,00")
}

func TestAmountsAreReadInEitherLanguage(t *testing.T) {
	s := newSite(t).as(models.Director)
	service := typedID(s.service("Dropbox").ID)
	bothLanguages(t, s, func(t *testing.T, _ string) {
		for typed, want := range map[string]int64{"1 234,56": 123456, "1,234.56": 123456, "1234.5": 123450, "1\u202f234,56 €": 123456, "-60": -6000} {
			s.submit("/payments", "service", service, "paid_on", "2026-11-20", "billed", typed).follows(t, "/payments")
			if p := s.lastPayment(); p.Billed != money.Euros(want) {
				t.Errorf("%q was read as %s", typed, p.Billed)
			}
		}
	})
}

func TestForeignPaymentSaysWhereItsEurosComeFrom(t *testing.T) {
	s := newSite(t).as(models.Director)
	service := typedID(s.service("Dropbox").ID)
	record := func(pairs ...string) models.Payment {
		t.Helper()
		s.submit("/payments", append([]string{"service", service, "billed", "99", "country", "US"}, pairs...)...).follows(t, "/payments")
		return s.lastPayment()
	}
	if p := record("currency", "USD", "paid_on", "2026-11-22", "debited", "92,40"); p.EUR != money.Euros(9240) || p.RateSource != models.RateBank {
		t.Errorf("what the bank debited: %+v", p)
	}
	if p := record("currency", "USD", "paid_on", "2026-11-22", "rate", "1,0714"); p.EUR != money.Euros(9240) || p.RateSource != models.RateInvoice {
		t.Errorf("the invoice's rate: %+v", p)
	}
	s.get("/payments").wants(t, http.StatusOK, "il coûte 92,40")
	p := record("currency", "USD", "paid_on", "2026-11-22")
	if p.RateSource != models.RateTyped || p.RateDay != testDay.AddDays(-3) || !p.Converted() {
		t.Errorf("the known rate: %+v", p)
	}
	p = record("currency", "GBP", "paid_on", "2026-11-22")
	if p.Converted() {
		t.Errorf("converted without a rate: %+v", p)
	}
	s.get("/payments").wants(t, http.StatusOK, "non converti", "Total, sans un montant non converti")
	s.get("/payments/"+typedID(p.ID)).wants(t, http.StatusOK, "n’est pas converti")
	s.get("/envelope").wants(t, http.StatusOK, "n’est pas converti")
	s.get("/accounting").wants(t, http.StatusOK, "Un paiement non converti")
	s.get("/payments?state=unconverted").wants(t, http.StatusOK, "99,00")

	s.submit("/payments/"+typedID(p.ID)+"/correction", "paid_on", "2026-11-22", "billed", "99", "currency", "GBP", "debited", "115,00", "country", "US")
	fixed := s.lastPayment()
	if fixed.EUR != money.Euros(11500) || fixed.ServiceID != p.ServiceID {
		t.Errorf("put right: %+v", fixed)
	}
	s.get("/payments/"+typedID(fixed.ID)).wants(t, http.StatusOK, "est corrigé")
	wrong, _ := s.register().Payment(p.ID)
	if wrong.Stands() || !wrong.Billed.IsPositive() {
		t.Errorf("the wrong one was edited away: %+v", wrong)
	}
}

func TestCorrectionComesPrefilled(t *testing.T) {
	s := newSite(t).as(models.Director)
	for _, p := range s.register().Payments {
		if !p.Stands() {
			continue
		}
		path := "/payments/" + typedID(p.ID)
		s.get(path+"/correction").wants(t, http.StatusOK, `value="`+p.Billed.Comma()+`"`, p.InvoiceNumber)
		s.get(path+"/reversal").wants(t, http.StatusOK)
		s.submit(path+"/correction", "paid_on", "", "billed", "").wants(t, http.StatusUnprocessableEntity, `id="paid_on-error"`, `id="billed-error"`)
	}
}

func TestChargeIsWaivedAndTheWaiverUndone(t *testing.T) {
	s := newSite(t).as(models.Editor)
	c := s.due()
	name := []string{"subscription", typedID(c.SubscriptionID), "on", c.On.String()}
	s.submit("/waivers", append(name, "reason", " ")...).wants(t, http.StatusUnprocessableEntity, `id="reason-error"`)
	s.submit("/waivers", append(name, "reason", strings.Repeat("x", 10_000))...).wants(t, http.StatusUnprocessableEntity, `id="reason-error"`)
	s.submit("/waivers", append(name, "reason", "mois offert")...).follows(t, "/payments")
	if s.register().IsOpen(c) {
		t.Error("the charge is still open")
	}
	page := s.get("/payments").wants(t, http.StatusOK, "mois offert", "ne sera pas payée")
	s.submit(undoOf(t, page)).follows(t, "/payments")
	if !s.register().IsOpen(c) {
		t.Error("the charge is not open again")
	}
	s.submit(undoOf(t, s.get("/payments"))).follows(t, "/payments") // and the undo of the undo
	if s.register().IsOpen(c) {
		t.Error("the waiver did not come back")
	}
	s.submit("/waivers/999999/removal").wants(t, http.StatusNotFound)
	s.submit("/waivers", "subscription", "999999", "on", "2026-01-01", "reason", "x").wants(t, http.StatusNotFound)
}

func TestWhoMayWritePayments(t *testing.T) {
	for _, role := range []models.Role{models.Accountant, models.Staff} {
		s := newSite(t).as(role)
		c, p := s.due(), s.register().Payments[0]
		page := s.get("/payments").wants(t, http.StatusOK)
		if strings.Contains(page.body, "/payments/new") || strings.Contains(page.body, "/waivers/new") {
			t.Errorf("%s is offered what would be refused", role)
		}
		for _, path := range []string{"/payments/new", "/payments/" + typedID(p.ID) + "/reversal", "/payments/" + typedID(p.ID) + "/correction", "/waivers/new?" + chargeQuery(c.SubscriptionID, c.On)} {
			s.get(path).wants(t, http.StatusForbidden)
		}
		for _, path := range []string{"/payments", "/waivers", "/waivers/1/removal", "/payments/" + typedID(p.ID) + "/reversal", "/payments/" + typedID(p.ID) + "/correction"} {
			s.submit(path, "billed", "1").wants(t, http.StatusForbidden)
		}
	}
}

func TestLongListsHavePages(t *testing.T) {
	f := newFacts()
	f.Services = []models.Service{{ID: 3, Name: "Dropbox", FunctionID: 2}}
	for i := range 120 {
		p := models.Payment{ID: models.ID(10 + i), ServiceID: 3, PaidOn: testDay.AddDays(-i), Billed: money.Euros(100), Account: "6511", RecordedAt: testNow, RecordedBy: 1}
		f.Payments = append(f.Payments, p.Settle(f.Organisation.VATStatusOn(p.PaidOn)))
	}
	s := newSiteWith(t, f).as(models.Director)
	s.get("/payments").wants(t, http.StatusOK, "1–50 sur 120", "page=2")
	last := s.get("/payments?page=3").wants(t, http.StatusOK, "101–120 sur 120", "page=2")
	if strings.Contains(last.body, "page=4") {
		t.Error("the last page leads on")
	}
	s.get("/payments?page=2&q=dropbox").wants(t, http.StatusOK, "q=dropbox")
	if total := s.get("/payments?page=2"); !strings.Contains(total.body, "120,00") {
		t.Error("the total is of one page only")
	}
}

func TestEveryChargeToRecordCanBeReached(t *testing.T) {
	f := newFacts()
	f.Services = []models.Service{{ID: 3, Name: "Brevo", FunctionID: 2}}
	f.Plans = []models.Plan{{ID: 4, ServiceID: 3, Name: "Starter", Tier: models.Premium, Price: money.Euros(100), Cadence: cal.Cadence{Every: 3, Unit: cal.Day}}}
	from := f.Organisation.KeptFrom
	f.Subscriptions = []models.Subscription{{
		ID: 5, ServiceID: 3, PlanID: 4, StartedOn: from, Anchor: from, Cadence: f.Plans[0].Cadence, AutoRenew: true,
		Terms: []models.Terms{{ID: 6, From: from, Price: money.Euros(100), Seats: 1}},
	}}
	s := newSiteWith(t, f).as(models.Director)
	n := len(s.register().Due(testDay))
	s.get("/payments").wants(t, http.StatusOK, fmt.Sprintf("%d dépenses attendent", n), fmt.Sprintf("Voir %d autres dépenses", n-maxCharges))
	s.get("/envelope").wants(t, http.StatusOK, fmt.Sprintf("Voir %d autres dépenses", n-maxCharges))
	seen := map[string]bool{}
	for number := 1; number <= n/pageSize+1; number++ {
		page := s.get(fmt.Sprintf("/payments?state=open&page=%d", number)).wants(t, http.StatusOK)
		for _, c := range s.register().Due(testDay) {
			if strings.Contains(page.body, "/payments/new?subscription=5&amp;on="+c.On.String()+`"`) {
				seen[c.On.String()] = true
			}
		}
	}
	if len(seen) != n {
		t.Errorf("%d of %d charges can be recorded from the list", len(seen), n)
	}
}

func TestPagingReachesEveryRowOnce(t *testing.T) {
	for _, n := range []int{0, 1, 49, 50, 51, 100, 101} {
		seen := 0
		for number := 1; ; number++ {
			p := newPaging(n, number, func(i int) string { return fmt.Sprint(i) })
			if p.From != seen {
				t.Fatalf("%d rows: page %d begins at %d, want %d", n, number, p.From, seen)
			}
			if seen = p.To; p.Next == "" {
				break
			}
		}
		if seen != n {
			t.Errorf("%d of %d rows were shown", seen, n)
		}
	}
}

func TestChargeIsPaidInParts(t *testing.T) {
	s := newSite(t).as(models.Director)
	c := s.due()
	whole, first := c.Billed, money.Cents(700, c.Billed.Currency())
	s.get("/payments/new?"+chargeQuery(c.SubscriptionID, c.On)).wants(t, http.StatusOK, `name="part"`)
	part := func(billed money.Amount, pairs ...string) answer {
		t.Helper()
		return s.submit("/payments", append([]string{
			"subscription", typedID(c.SubscriptionID), "on", c.On.String(), "paid_on", c.On.String(), "billed", billed.Comma(), "currency", string(billed.Currency()), "part", "on",
		}, pairs...)...)
	}
	part(first, "vat", "99").wants(t, http.StatusUnprocessableEntity, "Il restera "+words.In(words.FR).Money(whole.Sub(first)), `name="part" value="on" checked`)
	part(money.Cents(700, "GBP")).wants(t, http.StatusUnprocessableEntity, `id="billed-error"`, "Une partie se paie")
	part(first).follows(t, "/payments")
	rest := words.In(words.FR).Money(whole.Sub(first))
	s.get("/payments").wants(t, http.StatusOK, "il reste "+rest, "déjà payés")
	one := s.lastPayment()
	s.get("/payments/"+typedID(one.ID)).wants(t, http.StatusOK, "une partie de la dépense prévue", "Il en reste "+rest)
	s.get("/payments/new?"+chargeQuery(c.SubscriptionID, c.On)).wants(t, http.StatusOK, `value="`+whole.Sub(first).Comma()+`"`, "sont déjà payés")
	s.submit("/payments", "subscription", typedID(c.SubscriptionID), "on", c.On.String(), "paid_on", c.On.String(), "billed", whole.Sub(first).Comma(), "currency", string(whole.Currency())).follows(t, "/payments")
	if s.register().IsOpen(c) {
		t.Error("the charge is open still")
	}
	s.get("/payments/new?"+chargeQuery(c.SubscriptionID, c.On)).wants(t, http.StatusConflict)
	s.submit("/payments", "service", typedID(c.ServiceID), "paid_on", "2026-11-20", "billed", "1", "part", "on").wants(t, http.StatusUnprocessableEntity)
}

func TestDoubtsSayWhatToDo(t *testing.T) {
	s := newSite(t).as(models.Director)
	service := typedID(s.service("Dropbox").ID)
	record := func(pairs ...string) string {
		t.Helper()
		was := s.lastPayment().ID
		p := s.submit("/payments", append([]string{"service", service, "paid_on", "2026-11-20", "billed", "99,00", "country", "FR"}, pairs...)...)
		kept := s.lastPayment()
		if kept.ID == was {
			t.Fatalf("not recorded: status %d", p.status)
		}
		own := "/payments/" + typedID(kept.ID)
		if doubts := s.register().Doubts(kept); len(doubts) > 0 {
			p.follows(t, own) // it tells them
		} else {
			p.follows(t, "/payments")
		}
		return own
	}
	right := record("net", "82,50", "vat", "16,50", "vat_rate", "20", "invoice_number", "D-1")
	if page := s.get(right).wants(t, http.StatusOK, "82,50"); strings.Contains(page.body, "notice warning") {
		t.Error("a sound payment is doubted")
	}
	sum := record("net", "80,00", "vat", "16,50", "invoice_number", "D-2")
	s.get(sum).wants(t, http.StatusOK, "ne font pas le total", `href="`+sum+`/correction"`, "80,00")
	twin := record("net", "82,50", "vat", "16,50", "invoice_number", "D-1")
	s.get(twin).wants(t, http.StatusOK, "est déjà enregistrée", `href="`+right+`"`)
	s.get("/accounting").wants(t, http.StatusOK, "peut-être enregistré deux fois", "hors-taxe et TVA ne font pas le total")
	s.get(record("country", "IE", "exempt", "on")).wants(t, http.StatusOK, "exonérée ou hors champ")
	if !s.lastPayment().Exempt {
		t.Error("the exemption is not recorded")
	}
	s.submit("/payments", "service", service, "paid_on", "2026-11-20", "billed", "99,00", "net", "99,01").wants(t, http.StatusUnprocessableEntity, `id="net-error"`)
	s.submit("/payments", "service", service, "paid_on", "2026-11-20", "billed", "99,00", "net", "rien").wants(t, http.StatusUnprocessableEntity, `id="net-error"`, `value="rien"`)
}

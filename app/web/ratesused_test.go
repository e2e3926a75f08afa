package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

// Wherever a foreign amount stands in euros, the page says at which rate, of which day, from whom.
func TestConvertedAmountsSayTheirRate(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.submit("/language", "lang", "fr")
	s.sendRates("Date,USD,CHF,\n2026-11-20,1.1520,0.9301,\n").follows(t, "/settings/rates")
	s.get("/settings/rates") // takes the notice
	r := s.register()
	var service models.ID
	for i := range r.Subscriptions {
		if sub := r.Subscriptions[i]; sub.TermsOn(testDay).Price.Currency() == "USD" {
			service = sub.ServiceID
		}
	}
	once := "1\u00a0€ = 1,152 USD (cours de la BCE du 20\u00a0nov.)"
	each := "$US à 1,152, cours de la BCE du 20\u00a0nov."
	for path, says := range map[string]string{
		"/": once, "/services": once, "/envelope": once, "/renewals": each, servicePath(service): each,
	} {
		s.get(path).wants(t, http.StatusOK, says)
	}
	compared := comparisonPath(r.Comparisons[0].ID)
	for _, path := range []string{compared, "/renewals?view=month&from=2026-12-01", "/renewals?view=year", servicePath(service)} { // of a plan, too
		s.get(path).wants(t, http.StatusOK, once)
	}
	s.get(servicePath(service)).wants(t, http.StatusOK, "<small>débité par la banque</small>")
	if page := s.get("/renewals?view=month&from=2027-02-01"); strings.Contains(page.body, "USD") {
		t.Error("a month without a foreign amount speaks of a rate")
	}
}

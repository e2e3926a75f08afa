package web

import (
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
)

// The accountant settles account and invoice, and attaches what is missing; no amount, day or service changes by it.
func TestAccountantSettlesTheBooks(t *testing.T) {
	t.Parallel()
	s := newSite(t).as(models.Accountant)
	was := s.unfiled()
	path := "/payments/" + typedID(was.ID)
	s.get(path).wants(t, http.StatusOK, `href="`+path+`/booking"`, `action="`+path+`/attachments"`)
	s.get(path+"/correction").wants(t, http.StatusForbidden)
	s.submit(path+"/correction", "billed", "1").wants(t, http.StatusForbidden)
	s.get(path+"/booking").wants(t, http.StatusOK, `value="`+was.Account+`"`)
	s.submit(path+"/booking", "account", "65 11", "invoice_number", "F-77").wants(t, http.StatusUnprocessableEntity, `value="F-77"`, `value="65 11"`)
	before := s.register()
	made := s.submit(path+"/booking", "account", "626", "analytic", "SIEGE", "invoice_number", "F-77", "invoice_date", "2026-11-02", "note", "imputé", "billed", "1", "paid_on", "2020-01-01")
	if made.status != http.StatusSeeOther {
		t.Fatalf("settled: %d\n%s", made.status, excerpt(made.body))
	}
	r := s.register()
	var now models.Payment
	for _, p := range r.Payments {
		if p.Stands() && p.InvoiceNumber == "F-77" {
			now = p
		}
	}
	want := was.Rebooked(models.Booking{Account: "626", Analytic: "SIEGE", InvoiceNumber: "F-77", InvoiceDate: now.InvoiceDate, Note: "imputé"})
	want.ID, want.Version, want.RecordedAt, want.RecordedBy = now.ID, now.Version, now.RecordedAt, now.RecordedBy
	if now != want || now.InvoiceDate.String() != "2026-11-02" || now.ID == was.ID {
		t.Errorf("booked as %+v\nwant %+v", now, want)
	}
	year := r.Year(testDay)
	if a, b := r.Position(year, testDay), before.Position(year, testDay); a.Spent != b.Spent || a.Forecast != b.Forecast {
		t.Errorf("spent %v and forecast %v, were %v and %v", a.Spent, a.Forecast, b.Spent, b.Forecast)
	}
	s.submitFiles("/payments/"+typedID(now.ID)+"/attachments", []sent{{"f77.pdf", somePDF}}).follows(t, "/payments/"+typedID(now.ID))
	s.get("/audit?kind=payment").wants(t, http.StatusOK, "imputé autrement")
	s.get(path+"/booking").wants(t, http.StatusConflict) // it is undone by now
	if page := s.as(models.Staff).get("/payments/" + typedID(now.ID)); strings.Contains(page.body, "/booking") || strings.Contains(page.body, "/attachments\"") {
		t.Error("staff are offered to settle the books")
	}
	s.submit("/payments/"+typedID(now.ID)+"/booking", "account", "626").wants(t, http.StatusForbidden)
}

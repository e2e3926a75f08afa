package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// long is a day as the pages write it in French.
func long(day string) string {
	d, err := cal.Parse(day)
	if err != nil {
		panic(err)
	}
	return words.In(words.FR).DayLong(d)
}

func TestPeriodIsClosedAndOpenedAgain(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	s.get("/accounting").wants(t, http.StatusOK, "Aucune période n’est close", `href="/closings/new"`)
	page := s.get("/closings/new").wants(t, http.StatusOK, `value="2026-10-31" selected`, `value="2025-12-31"`, "exercice 2025", "Ce qui manque jusqu’au "+long("2026-10-31"), "malgré ce qui manque")
	if strings.Contains(page.body, "2026-11-30") {
		t.Error("a month that is not over is offered")
	}
	for _, bad := range []string{"", "x", "2026-11-23", "2026-11-30", "2026-02-30"} {
		s.submit("/closings", "through", bad, "note", "typed").wants(t, http.StatusUnprocessableEntity, `id="through-error"`, "typed")
	}
	s.submit("/closings", "through", "2026-09-30", "note", "remis au cabinet").follows(t, "/accounting")
	who := s.register().Closings[0].By
	person, _ := s.register().Person(who)
	s.get("/accounting").wants(t, http.StatusOK, "Les comptes sont clos jusqu’au "+long("2026-09-30")+" inclus", "remis au cabinet", person.Name)
	if r := s.register(); r.ClosedThrough() != cal.MustNew(2026, time.September, 30) || r.Closings[0].On != testDay {
		t.Errorf("closed %+v", r.Closings)
	}
	s.submit("/closings", "through", "2026-08-31").wants(t, http.StatusUnprocessableEntity, `id="through-error"`)
	if page := s.get("/closings/new"); strings.Contains(page.body, "2026-09-30") || !strings.Contains(page.body, "2026-10-31") {
		t.Error("what is closed is offered again, or what is not is not")
	}
	first := "/closings/" + typedID(s.register().Closings[0].ID) + "/reopening"
	s.get(first).wants(t, http.StatusForbidden)
	s.submit(first, "reason", "non").wants(t, http.StatusForbidden)

	s.submit("/closings", "through", "2026-10-31").follows(t, "/accounting")
	s.get("/closings/new").wants(t, http.StatusOK, "Rien à clore")
	s.as(models.Director)
	last := "/closings/" + typedID(s.register().Closings[1].ID) + "/reopening"
	s.get(first).wants(t, http.StatusConflict, "Rouvrez d’abord")
	s.get(last).wants(t, http.StatusOK, "après le "+long("2026-09-30"))
	s.submit(last, "reason", " ").wants(t, http.StatusUnprocessableEntity, `id="reason-error"`)
	s.submit(last, "reason", "une facture oubliée").follows(t, "/accounting")
	s.get("/accounting").wants(t, http.StatusOK, "sont rouverts", "une facture oubliée", "rouvert")
	s.get(last).wants(t, http.StatusConflict, "Il n’y a rien à faire")
	s.submit(last, "reason", "encore").wants(t, http.StatusUnprocessableEntity, "Il n’y a rien à faire")
	s.get(first).wants(t, http.StatusOK, "en entier")

	s.as(models.Editor)
	s.get("/closings/new").wants(t, http.StatusForbidden)
	s.submit("/closings", "through", "2026-10-31").wants(t, http.StatusForbidden)
	if page := s.get("/accounting"); strings.Contains(page.body, "/closings/") {
		t.Error("an editor is offered to close")
	}
}

// In closed accounts nothing changes where it stands: it is put right on an open day, and the pages say so.
func TestClosedPaymentIsPutRightToday(t *testing.T) {
	s := newSite(t).as(models.Director)
	due := s.due()
	var wrong models.Payment
	for _, p := range s.register().Payments {
		if p.Stands() && p.PaidOn.Before(cal.MustNew(2026, time.October, 1)) && len(s.register().AttachmentsOf(p)) > 0 {
			wrong = p
		}
	}
	s.submit("/closings", "through", "2026-10-31").follows(t, "/accounting")
	path := "/payments/" + typedID(wrong.ID)
	page := s.get(path).wants(t, http.StatusOK, "Les comptes sont clos jusqu’au", "Corriger à la date du jour", "ces fichiers restent")
	if strings.Contains(page.body, "/removal") {
		t.Error("a file of a closed period is offered to be removed")
	}
	file := s.register().AttachmentsOf(wrong)[0]
	s.get("/attachments/"+typedID(file.ID)+"/removal").wants(t, http.StatusOK, "ce qui a été joint y reste")
	s.submit("/attachments/"+typedID(file.ID)+"/removal").wants(t, http.StatusUnprocessableEntity, "Les comptes sont clos")
	s.submitFiles(path+"/attachments", []sent{{"annexe.pdf", somePDF}}).follows(t, path) // a file more changes no figure

	service := typedID(wrong.ServiceID)
	s.submit("/payments", "service", service, "paid_on", "2026-10-31", "billed", "12").wants(t, http.StatusUnprocessableEntity, `id="paid_on-error"`, "Les comptes sont clos jusqu’au")
	s.submit("/invoices", "paid_on", "2026-10-31", "billed", "12", "line.0.service", "s."+service, "line.0.billed", "12").wants(t, http.StatusUnprocessableEntity, `id="paid_on-error"`)
	s.get("/payments/new?"+chargeQuery(due.SubscriptionID, due.On)).wants(t, http.StatusOK, "les comptes sont clos jusque-là")

	s.get(path+"/correction").wants(t, http.StatusOK, "datée d’aujourd’hui", `value="2026-11-23"`)
	s.submit(path+"/correction", "paid_on", wrong.PaidOn.String(), "billed", "20").wants(t, http.StatusUnprocessableEntity, `id="paid_on-error"`)
	before := s.register().Position(s.register().Year(testDay), cal.MustNew(2026, time.October, 31)).Spent
	s.submit(path+"/correction", "paid_on", "2026-11-23", "billed", "20,00", "currency", "EUR")
	r := s.register()
	fixed := s.lastPayment()
	now, _ := r.Payment(wrong.ID)
	undo, _ := r.Payment(now.ReversedByID)
	if fixed.PaidOn != testDay || fixed.Billed != money.Euros(2000) || undo.PaidOn != testDay || undo.ReversesID != wrong.ID {
		t.Errorf("put right by %+v and %+v", undo, fixed)
	}
	if after := r.Position(r.Year(testDay), cal.MustNew(2026, time.October, 31)).Spent; after != before {
		t.Errorf("the closed period's sum went from %v to %v", before, after)
	}
	s.get("/payments/"+typedID(fixed.ID)+"/reversal").wants(t, http.StatusOK)
	var other models.Payment
	for _, p := range r.Payments {
		if p.Stands() && r.Closed(p.PaidOn) {
			other = p
		}
	}
	s.get("/payments/"+typedID(other.ID)+"/reversal").wants(t, http.StatusOK, long("2026-11-23"))
	s.submit("/payments/" + typedID(other.ID) + "/reversal")
	if undo := s.lastPayment(); undo.PaidOn != testDay || undo.ReversesID != other.ID {
		t.Errorf("undone by %+v", undo)
	}
}

func TestDaysThatCanBeClosed(t *testing.T) {
	april := cal.YearStart{Month: time.April, Day: 15}
	f := models.Facts{Organisation: models.Organisation{YearStart: april, KeptFrom: cal.MustNew(2026, time.February, 10)}}
	days := func() []string {
		var out []string
		for _, d := range closable(models.NewRegister(f), cal.MustNew(2026, time.June, 1)) {
			out = append(out, d.String())
		}
		return out
	}
	if got, want := days(), []string{"2026-05-31", "2026-04-30", "2026-04-14", "2026-03-31", "2026-02-28"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	f.Closings = []models.Closing{{ID: 1, Through: cal.MustNew(2026, time.April, 14)}}
	if got, want := days(), []string{"2026-05-31", "2026-04-30"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	f.Closings[0].Through = cal.MustNew(2026, time.May, 31)
	if got := days(); len(got) != 0 {
		t.Errorf("%v, want none", got)
	}
	f.Closings, f.Organisation.KeptFrom = nil, cal.MustNew(2010, time.January, 1)
	if got := days(); len(got) != maxMonths+17 || !slices.Contains(got, "2011-04-14") || !slices.IsSortedFunc(got, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d days: %v", len(got), got)
	}
}

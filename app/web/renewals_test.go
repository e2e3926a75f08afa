package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

func TestRenewalsList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Director)
	r := s.register()
	total, left := models.Total(r.Charges(models.NextYear(testDay), testDay))
	says := words.In(words.FR).Money(total)
	a := s.get("/renewals").plain().wants(t, http.StatusOK, strings.ReplaceAll(says, "\u00a0", " "), "MindMeister", "à décider", "engagée", "évitable", "C’est vu", "/flags/snooze?")
	if left == 0 || !strings.Contains(a.body, "n’est pas convertie") {
		t.Errorf("%d charges have no rate and the total does not say so", left)
	}
	if rate, complete := r.RunRate(testDay); rate != total || complete {
		t.Errorf("the list adds up to %s, the run rate is %s", total, rate)
	}
	// Another twelve months, and days nobody can mean.
	s.get("/renewals?view=list&from=2030-01-01").plain().wants(t, http.StatusOK, "du 1er janvier au 31 décembre 2030")
	for _, from := range []string{"x", "2026-02-30", "2199-12-31", "1970-01-01"} {
		for _, view := range []string{"list", "month", "year"} {
			s.get("/renewals?view="+view+"&from="+from).plain().wants(t, http.StatusOK)
		}
	}
	s.get("/renewals?view=week").plain().wants(t, http.StatusNotFound)
}

func TestRenewalsMonth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Staff)
	a := s.get("/renewals?view=month&from=2026-12-15").plain().wants(t, http.StatusOK, "en décembre 2026", "<h2>Décembre 2026</h2>", "Novembre 2026", "Janvier 2027",
		`<time datetime="2026-12-01">`, `<time datetime="2026-12-31">`, "Noël", `class="renewal"`, `class="decide"`, "la carte expire")
	if strings.Contains(a.body, `datetime="2026-11-30"`) || strings.Contains(a.body, `datetime="2027-01-01"`) {
		t.Error("December shows days of its neighbours")
	}
	weeks := strings.Count(a.body, "<tr>") - 1 // less the names of the days
	if weeks != 5 {
		t.Errorf("December 2026 has %d weeks, want 5", weeks)
	}
	a = s.get("/renewals?view=month").plain().wants(t, http.StatusOK, `class="today"`, "Toussaint", "dernier jour, passé")
	// November 2026 begins on a Sunday, the last day of a week, and ends on a Monday.
	if out := strings.Count(a.body, `<td class="out">`); out != 12 {
		t.Errorf("November 2026 has %d squares of other months, want 12", out)
	}
}

func TestRenewalsYear(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.as(models.Accountant)
	a := s.get("/renewals?view=year").plain().wants(t, http.StatusOK, "Novembre 2026 à octobre 2027", "Décembre 2026", "MindMeister", "/renewals?view=month&amp;from=2027-10-01")
	if months := strings.Count(a.body, "<h3>"); months != 12 {
		t.Errorf("the year has %d months", months)
	}
	if !strings.Contains(a.body, "total incomplet") {
		t.Error("a month that leaves a charge out does not say so")
	}
}

func TestRenewalsOfAnEmptyRegister(t *testing.T) {
	t.Parallel()
	for _, lang := range []models.Lang{models.French, models.English} {
		f := sample.Association(testDay, lang, testNow)
		s := newSiteWith(t, models.Facts{Organisation: f.Organisation, People: f.People[:1], Functions: f.Functions})
		s.as(models.Director)
		s.get("/renewals").wants(t, http.StatusOK, "/services/new")
		for _, path := range []string{"/renewals?view=month", "/renewals?view=year", "/people", "/account", personPath(f.People[0].ID), "/people/new"} {
			s.get(path).wants(t, http.StatusOK)
		}
	}
}

// A long list is cut into pages, and its total is that of all of them.
func TestRenewalsHavePages(t *testing.T) {
	t.Parallel()
	f := sample.Association(testDay, models.English, testNow)
	f = models.Facts{Organisation: f.Organisation, People: f.People[:1], Functions: f.Functions}
	last := models.ID(1000)
	next := func() models.ID { last++; return last }
	for i := range 60 {
		service := models.Service{ID: next(), Name: fmt.Sprintf("Service %02d", i), FunctionID: f.Functions[0].ID}
		plan := models.Plan{ID: next(), ServiceID: service.ID, Name: "Plan", Tier: models.Premium, Price: money.Euros(100), Cadence: cal.Monthly}
		f.Services, f.Plans = append(f.Services, service), append(f.Plans, plan)
		f.Subscriptions = append(f.Subscriptions, models.Subscription{
			ID: next(), ServiceID: service.ID, PlanID: plan.ID, StartedOn: testDay, Anchor: testDay, Cadence: cal.Monthly, AutoRenew: true, OwnerID: f.People[0].ID,
			Terms: []models.Terms{{ID: next(), From: testDay, Price: money.Euros(100), Seats: 1}},
		})
	}
	s := newSiteWith(t, f)
	s.as(models.Director)
	flags := len(models.Shown(s.register().Causes(testDay), testDay))
	s.get("/renewals").plain().wants(t, http.StatusOK, "720 renewals within a year", "1 to 50 of 720", "€720.00", "page=2", "flags=2", fmt.Sprintf("1 to 50 of %d", flags))
	s.get("/renewals?view=list&from=2026-11-24&page=15").plain().wants(t, http.StatusOK, "701 to 720 of 720", "page=14")
	s.get("/renewals?view=list&from=2026-11-24&flags=2").plain().wants(t, http.StatusOK, fmt.Sprintf("51 to %d of %d", min(100, flags), flags), "flags=1")
	s.get("/renewals?view=month&from=2027-01-01").plain().wants(t, http.StatusOK, "and 54 more", "/renewals?view=list&amp;from=2027-01-23")
	a := s.get("/renewals?view=year").plain().wants(t, http.StatusOK)
	if strings.Count(a.body, "<li>") > 13*linesPerMonth {
		t.Error("the year lists everything")
	}
}

package web

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/reports"
)

func TestFilesAreHandedOutWholeAndNoted(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	year := s.register().Organisation.YearStart.Year(2026)
	months, _ := reports.Months(year, 2, 5)
	for _, f := range reports.Files {
		for _, o := range []reports.Options{{}, {Encoding: last(f.Encodings), ForProgram: f.People, Closing: f.Entries, Digits: 6}} {
			p, form := reports.Whole(year), []string{"year", "2026"}
			if o.Digits != 0 {
				form = append(form, "digits", "6")
			}
			if f.Months && o.Digits != 0 {
				p, form = months, append(form, "from", "2", "to", "5")
			}
			if o.Closing {
				form = append(form, "closing", "on")
			}
			if o.ForProgram {
				form = append(form, "for", "program")
			}
			if !f.Padded {
				o.Digits = 0
			}
			if !f.Padded && f.Kind != reports.Notice { // it comes by the extract's form
				form = slices.DeleteFunc(form, func(x string) bool { return x == "digits" })
				form = slices.DeleteFunc(form, func(x string) bool { return x == "6" })
			}
			form = append(form, "encoding", o.Encoding)
			var same bytes.Buffer
			r := s.register()
			if err := reports.Export(f.Kind, &same, r, p, testDay, o); err != nil {
				t.Fatal(err)
			}
			a := s.submit("/exports/"+f.Kind, form...)
			if a.status != http.StatusOK || a.body != same.String() {
				t.Fatalf("%s %v: status %d, %d bytes, want %d\n%s", f.Kind, form, a.status, len(a.body), same.Len(), excerpt(a.body))
			}
			if got := a.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") || !strings.Contains(got, reports.FileName(f.Kind, r, p, testDay)) {
				t.Errorf("%s: %s", f.Kind, got)
			}
			if a.header.Get("Content-Type") != f.ContentType(o) || !strings.Contains(a.header.Get("Cache-Control"), "no-store") || a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %v", f.Kind, a.header)
			}
			mark := last(s.register().Exports)
			if want := reports.MarkOf(f.Kind, r, p, testDay); mark.Kind != f.Kind || mark.Span != want.Span || mark.ThroughID != last(r.Payments).ID || mark.By == 0 || !mark.At.Equal(testNow) {
				t.Errorf("%s is noted as %+v", f.Kind, mark)
			}
		}
	}
}

// last is the last of a list; zero when it is empty.
func last[T any](list []T) (x T) {
	if n := len(list); n > 0 {
		x = list[n-1]
	}
	return x
}

func TestWhatIsNoFileIsNotHandedOut(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	for _, c := range [][]string{
		{"/exports/secrets"},
		{"/exports/..%2f..%2fetc"},
		{"/exports/journal", "year", "x"},
		{"/exports/journal", "encoding", "ebcdic"},
		{"/exports/fec", "encoding", "windows-1252"},
		{"/exports/workbook", "encoding", "utf-8"},
		{"/exports/journal", "digits", "7"},
		{"/exports/journal", "digits", "0"},
		{"/exports/paheko", "digits", "6"},
		{"/exports/journal", "for", "nobody"},
		{"/exports/journal", "closing", "maybe"},
		{"/exports/journal", "from", "3", "to", "2"},
		{"/exports/journal", "from", "13"},
	} {
		a := s.submit(c[0], c[1:]...).wants(t, http.StatusNotFound)
		if a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s is an error and a file", c)
		}
	}
	s.submit("/exports/prepaid", "from", "1", "to", "2").wants(t, http.StatusConflict, "exercice entier")
	if n := len(s.register().Exports); n != 0 {
		t.Errorf("%d are noted", n)
	}
	s.get("/exports/journal").wants(t, http.StatusNotFound)
}

// Of months, a file that is of a whole year only bears the name it has of the year and says nothing of the months.
func TestFilesOfAWholeYearLeadThere(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	page := s.get("/accounting?year=2026&from=2&to=3").wants(t, http.StatusOK, "enveloppe-journal-2026-02-a-2026-03.csv", "enveloppe-cca-2026.csv", "enveloppe-classeur-2026.xlsx", "enveloppe-factures-2026.zip")
	for _, kind := range []string{"prepaid", "workbook", "archive"} {
		_, row, _ := strings.Cut(page.body, `<li id="file-`+kind+`">`)
		row, _, _ = strings.Cut(row, "</li>")
		if !strings.Contains(row, `href="/accounting?year=2026"`) || strings.Contains(row, "<details") || strings.Contains(row, "<form") {
			t.Errorf("%s: %s", kind, row)
		}
	}
}

// What is recorded after an export, in the days it held, is told until the next one.
func TestSinceTheLastExport(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	accountant, _ := s.register().Person(s.mustBe(models.Accountant))
	s.get("/accounting").wants(t, http.StatusOK, "Aucun fichier d’écritures")
	s.submit("/exports/journal", "from", "1", "to", "10")
	toOctober := s.fr().Span(cal.Span{From: cal.MustNew(2026, time.January, 1), To: cal.MustNew(2026, time.November, 1)})
	s.get("/accounting").wants(t, http.StatusOK, toOctober, accountant.Name, "Rien n’a été enregistré depuis")

	s.as(models.Director)
	service := typedID(s.service("Dropbox").ID)
	for _, day := range []string{"2026-10-02", "2026-11-02"} { // the second is in no export
		s.submit("/payments", "service", service, "paid_on", day, "billed", "12,34")
	}
	late := s.register().Payments[len(s.register().Payments)-2]
	since := func() string {
		_, rest, _ := strings.Cut(s.get("/accounting").body, `id="since"`)
		part, _, _ := strings.Cut(rest, "</section>")
		return part
	}
	if got := since(); !strings.Contains(got, `href="/payments/`+typedID(late.ID)+`"`) || strings.Count(got, "/payments/") != 1 || !strings.Contains(got, "un paiement, 12,34") {
		t.Errorf("since the export there is %s", got)
	}
	s.submit("/exports/invoices") // the accountant has the list, and still no entries of it
	if got := since(); !strings.Contains(got, typedID(late.ID)) || !strings.Contains(got, "Liste des factures") {
		t.Errorf("after the invoices there is %s", got)
	}
	s.submit("/exports/fec")
	if got := since(); strings.Contains(got, "/payments/") || !strings.Contains(got, "Écritures en disposition FEC") {
		t.Errorf("after another export there is %s", got)
	}
	if _, err := s.store.MarkExport(context.Background(), models.Actor{Organisation: s.org, Name: "enveloppe", Role: models.Director, At: testNow}, reports.MarkOf(reports.Journal, s.register(), reports.Whole(s.register().Year(testDay)), testDay)); err != nil {
		t.Fatal(err)
	}
	if got := since(); !strings.Contains(got, "depuis la ligne de commande") {
		t.Errorf("from the command line there is %s", got)
	}
	s.get("/audit?kind=export").wants(t, http.StatusOK, "fichier pris", "Journal des achats", toOctober)
}

// mustBe is the first person of a role.
func (s *site) mustBe(role models.Role) models.ID {
	s.t.Helper()
	at := slices.IndexFunc(s.register().People, func(p models.Person) bool { return p.Role == role && p.HereOn(testDay) })
	if at < 0 {
		s.t.Fatalf("nobody is %s", role)
	}
	return s.register().People[at].ID
}

// An entry that does not balance keeps every file of entries here, with the reason and without a button.
func TestFileOfAnUnbalancedEntryDoesNotLeave(t *testing.T) {
	f := sample.Association(testDay, models.French, testNow)
	for i := range f.Payments {
		if p := &f.Payments[i]; p.PaidOn.Year() == 2026 && p.Stands() && p.Converted() {
			p.Cost = p.Cost.Add(money.Euros(1))
			break
		}
	}
	s := newSiteWith(t, f).as(models.Accountant)
	page := s.get("/accounting").wants(t, http.StatusOK, "équilibrée")
	for _, kind := range []string{reports.Journal, reports.Paheko, reports.FEC, reports.Workbook} {
		if strings.Contains(page.body, `action="/exports/`+kind+`"`) {
			t.Errorf("%s has a button", kind)
		}
		s.submit("/exports/"+kind).wants(t, http.StatusConflict, "équilibrée")
	}
	if !strings.Contains(page.body, `action="/exports/invoices"`) || len(s.register().Exports) != 0 {
		t.Error("what holds no entries is kept here, too, or what did not leave is noted")
	}
	s.get("/accounting?year=2025").wants(t, http.StatusOK, `action="/exports/journal"`)
}

func TestEntriesAreThoseOfTheFiles(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	r := s.register()
	l := reports.NewListing(r, reports.Whole(r.Year(testDay)), reports.Options{})
	sum, n := money.Zero(money.EUR), 0
	for e := range l.Entries() {
		n++
		for _, line := range e.Lines {
			if !line.Debit.IsNone() {
				sum = sum.Add(line.Debit)
			}
		}
	}
	total := s.fr().Money(sum)
	page := s.get("/accounting/entries").wants(t, http.StatusOK, "AC-1", "6511", "Redevances", "401", "Fournisseurs", "sans numéro de facture", total)
	if got := strings.Count(page.body, `scope="rowgroup"`); got != n {
		t.Errorf("%d entries are listed, want %d", got, n)
	}
	_, foot, _ := strings.Cut(page.body, "<tfoot>")
	if strings.Count(foot, total) != 2 {
		t.Errorf("the sums are not equal: %.400s", foot)
	}
	if strings.Contains(page.body, "OD-1") {
		t.Error("the closing's entries are there unasked")
	}
	s.get("/accounting/entries?closing=on").wants(t, http.StatusOK, "OD-1", "Extourne", `name="closing" value="on" checked`)
	march := s.get("/accounting/entries?from=3&to=3").wants(t, http.StatusOK, "mars 2026")
	if strings.Contains(march.body, "AC-1<") {
		t.Error("an entry of January is in March")
	}
	s.get("/accounting/entries?year=2031").wants(t, http.StatusOK, "Rien à écrire")
}

// More entries than a page holds go on, with the sums of all of them on each.
func TestEntriesGoOnOverPages(t *testing.T) {
	f := sample.Association(testDay, models.French, testNow)
	first := last(f.Payments)
	for i := range pageSize {
		p := first
		p.ID, p.InvoiceID, p.SubscriptionID, p.ChargeOn = first.ID+models.ID(i)+100_000, 0, 0, cal.Date{}
		p.ReversesID, p.ReversedByID = 0, 0
		p.InvoiceNumber, p.PaidOn = "", cal.MustNew(2026, 10, 5)
		f.Payments = append(f.Payments, p)
	}
	s := newSiteWith(t, f).as(models.Accountant)
	one := s.get("/accounting/entries").wants(t, http.StatusOK, `rel="next" href="/accounting/entries?year=2026&amp;page=2"`)
	two := s.get("/accounting/entries?year=2026&page=2").wants(t, http.StatusOK, `rel="prev"`)
	if a, b := strings.Count(one.body, `scope="rowgroup"`), strings.Count(two.body, `scope="rowgroup"`); a != pageSize || b == 0 {
		t.Errorf("%d and %d entries", a, b)
	}
	_, footOne, _ := strings.Cut(one.body, "<tfoot>")
	_, footTwo, _ := strings.Cut(two.body, "<tfoot>")
	if x, _, _ := strings.Cut(footOne, "</tfoot>"); !strings.HasPrefix(footTwo, x) {
		t.Error("the sums differ from page to page")
	}
}

package reports_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a document with its file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (go test ./reports -update writes it anew):\n%s", path, diff)
	}
}

func day(s string) cal.Date {
	d, err := cal.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

func rate(s string) money.Rate {
	r, err := money.ParseRate(s)
	if err != nil {
		panic(err)
	}
	return r
}

func percent(s string) money.Percent {
	p, err := money.ParsePercent(s)
	if err != nil {
		panic(err)
	}
	return p
}

func inclusive(from, last string) cal.Span { return cal.Inclusive(day(from), day(last)) }

// year2026 is the calendar year.
var year2026 = cal.YearStart{Month: time.January, Day: 1}.Year(2026)

const (
	dataAccess models.ID = 10 + iota
	outreach
	_
	dropboxInc
	ovh
	meister
	yandex
	_
	card
	claire
)

const (
	dropbox models.ID = 100 + iota
	domain
	maps
	disk
	gmail
)

// facts are those of a small association that pays in four currencies.
func facts() models.Facts {
	f := models.Facts{Organisation: models.Organisation{
		ID: 1, Name: "Association Passerelles", YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: "Europe/Paris", Lang: models.French,
		Headcount: 5, KeptFrom: day("2026-01-01"), MarginDays: 2, DecideWindow: 45, RenewalWindow: 21,
	}}
	f.Functions = []models.Function{
		{ID: dataAccess, Name: "Accès aux données", Account: "6511", Position: 1},
		{ID: outreach, Name: "Diffusion", Account: "626", Position: 2},
	}
	f.Vendors = []models.Vendor{
		{ID: dropboxInc, Name: "Dropbox International", Country: "IE", Account: "F-DROPBOX"},
		{ID: ovh, Name: "OVH; «\u00a0SAS\u00a0»", Country: "FR"},
		{ID: meister, Name: "MeisterLabs \"GmbH\"", Country: "DE"},
		{ID: yandex, Name: "Яндекс", Country: "RU"},
	}
	f.Means = []models.Means{{ID: card, Name: "Carte ··42"}}
	f.People = []models.Person{{ID: claire, Name: "Claire Morel", Email: "claire@passerelles.example", Role: models.Director, Lang: models.French, Digest: true}}
	f.Services = []models.Service{
		{ID: dropbox, Name: "Dropbox", FunctionID: dataAccess, VendorID: dropboxInc, ExportEvery: 90, ExportedOn: day("2026-11-02")},
		{ID: domain, Name: "Nom de domaine", FunctionID: outreach, VendorID: ovh},
		{ID: maps, Name: "=MindMeister", FunctionID: dataAccess, VendorID: meister},
		{ID: disk, Name: "Łódź 硬盘", FunctionID: dataAccess, VendorID: yandex, ArchivedOn: day("2026-06-30")},
		{ID: gmail, Name: "Écrits", FunctionID: outreach},
	}
	f.Plans = []models.Plan{
		{ID: 200, ServiceID: dropbox, Name: "Plus", Tier: models.Premium, Price: money.Cents(9900, "USD"), Cadence: cal.Yearly},
		{ID: 201, ServiceID: domain, Name: "Hébergement", Tier: models.Premium, Price: money.Euros(11988), Cadence: cal.Yearly},
		{ID: 202, ServiceID: maps, Name: "Pro", Tier: models.Premium, Price: money.Euros(2940), PerSeat: true, Cadence: cal.Yearly},
		{ID: 203, ServiceID: gmail, Name: "Gratuit", Tier: models.Free, Price: money.Zero(money.EUR), Cadence: cal.Yearly},
	}
	yearly := func(id, service, plan models.ID, anchor string, price money.Amount, seats int) models.Subscription {
		return models.Subscription{
			ID: id, ServiceID: service, PlanID: plan, StartedOn: day(anchor), Anchor: day(anchor), Cadence: cal.Yearly,
			Notice: cal.Notice{N: 1, Unit: cal.Month}, AutoRenew: true, OwnerID: claire, MeansID: card,
			Terms: []models.Terms{{ID: id + 50, From: day(anchor), Price: price, PerSeat: seats > 0, Seats: max(seats, 1)}},
		}
	}
	f.Subscriptions = []models.Subscription{
		yearly(300, dropbox, 200, "2021-12-18", money.Cents(9900, "USD"), 0),
		yearly(301, domain, 201, "2024-10-01", money.Euros(11988), 0),
		yearly(302, maps, 202, "2025-01-11", money.Euros(2940), 2),
		yearly(303, gmail, 203, "2023-03-01", money.Zero(money.EUR), 0),
	}
	f.Subscriptions[2].Analytic = "-Projet @"
	f.Subscriptions[2].Seats = []models.Seat{{ID: 400, PersonID: claire, From: day("2025-01-11")}}
	f.Subscriptions[3].LookOn = day("2026-12-15")
	f.Rates = []models.ReferenceRate{{ID: 500, Currency: "USD", Day: day("2026-11-20"), Rate: rate("1.0714"), Source: models.RateTyped}}
	f.Envelopes = []models.Envelope{{ID: 510, Year: 2026, Floor: money.Euros(80000), Ceiling: money.Euros(100000)}}
	f.Payments = payments(f.Organisation)
	return f
}

// payments are one of each sort there is.
func payments(o models.Organisation) []models.Payment {
	var all []models.Payment
	record := func(p models.Payment) {
		p.ID, p.RecordedAt = models.ID(600+len(all)), recordedAt(len(all))
		all = append(all, p.Settle(o.VATStatusOn(p.PaidOn)))
	}
	abroad := models.Payment{VendorName: "Dropbox International", Country: "IE", Foreign: true, ServiceID: dropbox, Account: "6511"}

	p := abroad // in dollars, at the invoice's rate
	p.SubscriptionID, p.ChargeOn, p.PaidOn = 300, day("2026-12-18"), day("2026-12-18")
	p.InvoiceNumber, p.InvoiceDate, p.Period = "DBX-2026-118", day("2026-12-17"), inclusive("2026-12-18", "2027-12-17")
	p.Billed, p.Rate, p.RateDay, p.RateSource = money.Cents(9900, "USD"), rate("1.0714"), day("2026-12-17"), models.RateInvoice
	record(p)

	record(models.Payment{ // in euros, with VAT
		ServiceID: domain, SubscriptionID: 301, ChargeOn: day("2026-10-01"), PaidOn: day("2026-10-02"),
		InvoiceNumber: "FR 2026;77", InvoiceDate: day("2026-10-01"), Period: inclusive("2026-10-01", "2027-09-30"),
		VendorName: "OVH; «\u00a0SAS\u00a0»", Country: "FR", Billed: money.Euros(11988), VAT: money.Euros(1998), VATRate: percent("20"), Account: "626",
	})

	record(models.Payment{ // texts that look like formulas, and an invoice of the year before
		ServiceID: maps, SubscriptionID: 302, ChargeOn: day("2026-01-11"), PaidOn: day("2026-01-11"),
		InvoiceNumber: "=HYPERLINK(\"http://x\";\"y\")", InvoiceDate: day("2025-12-30"), Period: inclusive("2026-01-11", "2027-01-10"),
		VendorName: "MeisterLabs \"GmbH\"", Country: "DE", Foreign: true, Billed: money.Euros(5880), Account: "6511", Analytic: "-Projet @",
	})

	p = models.Payment{ // a mistake, and what undoes it
		ServiceID: domain, PaidOn: day("2026-03-05"), InvoiceNumber: "B-9", InvoiceDate: day("2026-03-01"), Period: inclusive("2025-10-01", "2026-09-30"),
		VendorName: "OVH; «\u00a0SAS\u00a0»", Country: "FR", Billed: money.Euros(6000), VAT: money.Euros(1000), VATRate: percent("20"), Account: "626",
	}
	record(p)
	wrong := &all[len(all)-1]
	undo, err := wrong.Reversal(cal.Date{})
	if err != nil {
		panic(err)
	}
	undo.ID, undo.RecordedAt = models.ID(600+len(all)), recordedAt(len(all))
	wrong.ReversedByID = undo.ID
	all = append(all, undo)

	record(models.Payment{ // in yen, nothing else known
		ServiceID: disk, PaidOn: day("2026-02-03"), VendorName: "Яндекс", Country: "RU", Foreign: true,
		Billed: money.New(15_000_000, "JPY"), Rate: rate("125.38"), RateDay: day("2026-02-02"), RateSource: models.RateECB, Account: "6135",
	})

	p = abroad // in dollars, as the bank debited it
	p.PaidOn, p.Billed, p.Debited = day("2026-05-04"), money.Cents(1200, "USD"), money.Euros(1131)
	record(p)

	p = abroad // no rate: not converted
	p.PaidOn, p.Billed, p.InvoiceNumber = day("2026-06-01"), money.Cents(2500, "GBP"), "GB-1"
	record(p)

	record(models.Payment{ // of the year before
		ServiceID: domain, PaidOn: day("2025-12-31"), VendorName: "OVH; «\u00a0SAS\u00a0»", Country: "FR", Billed: money.Euros(100), Account: "626",
	})
	return all
}

// recordedAt is when the n-th payment was noted: all of them in the last days of 2026, a day apart.
func recordedAt(n int) time.Time {
	return time.Date(2026, time.December, 20+n, 9, 0, 0, 0, time.UTC)
}

func register() *models.Register { return models.NewRegister(facts()) }

// closing are the facts of an association that closes its books: a payment of the year before that still serves, an
// invoice over two services, the entries of the bank, and a number with the business register.
func closing() models.Facts {
	f := facts()
	f.Organisation.SIREN = "552100554"
	f.Organisation.Books.Settlements = true
	f.Payments = append(f.Payments, models.Payment{
		ID: 609, ServiceID: domain, PaidOn: day("2025-10-01"), InvoiceNumber: "FR 2025;12", InvoiceDate: day("2025-10-01"), Period: inclusive("2025-10-01", "2026-09-30"),
		VendorName: "OVH; «\u00a0SAS\u00a0»", Country: "FR", Billed: money.Euros(12000), VAT: money.Euros(2000), VATRate: percent("20"), Account: "626", RecordedAt: recordedAt(9),
	}.Settle(models.VATStatus{Kind: models.NotTaxable}))
	whole := models.Invoice{Payment: models.Payment{
		PaidOn: day("2026-09-15"), InvoiceNumber: "F-77", InvoiceDate: day("2026-09-10"), VendorName: "Dropbox International", Country: "IE", Foreign: true,
		Billed: money.Cents(5000, "USD"), Rate: rate("1.0714"), RateSource: models.RateInvoice, Period: inclusive("2026-09-15", "2026-10-14"),
	}, Lines: []models.InvoiceLine{
		{ServiceID: dropbox, Billed: money.Cents(2000, "USD"), Account: "6511", Analytic: "A"}, {ServiceID: maps, Billed: money.Cents(3000, "USD"), Account: "6511", Analytic: "B"},
	}}
	for i, p := range whole.Settle(models.VATStatus{Kind: models.NotTaxable}) {
		p.ID, p.InvoiceID, p.RecordedAt = models.ID(610+i), 610, recordedAt(10)
		f.Payments = append(f.Payments, p)
	}
	return f
}

// export is a file as bytes.
func export(t testing.TB, kind string, r *models.Register, p reports.Period, o reports.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.Export(kind, &b, r, p, day("2026-11-23"), o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet is a file read back by the standard library's parser: rows by title.
func sheet(t testing.TB, data []byte) []map[string]string {
	t.Helper()
	rows, err := readSheet(data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// records are the rows of a file, titles first.
func records(t testing.TB, data []byte) [][]string {
	t.Helper()
	rows, err := readRecords(data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readRecords(data []byte) ([][]string, error) {
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(data), "\ufeff")))
	in.Comma = ';'
	return in.ReadAll() // refuses rows of another length than the first
}

func readSheet(data []byte) ([]map[string]string, error) {
	records, err := readRecords(data)
	if err != nil {
		return nil, err
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string, len(record))
		for i, cell := range record {
			row[records[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// euros reads an amount as the files write it; an empty cell is nothing.
func euros(t testing.TB, cell string) money.Amount {
	t.Helper()
	if cell == "" {
		return money.Zero(money.EUR)
	}
	sign := int64(1)
	if rest, negative := strings.CutPrefix(cell, "-"); negative {
		sign, cell = -1, rest
	}
	a, err := money.ParseAmount(cell, money.EUR)
	if err != nil {
		t.Fatalf("%q is no amount: %v", cell, err)
	}
	return a.Times(sign)
}

package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(writeTo); path != "" {
		writeUntilKilled(path)
	}
	playPart()
	os.Exit(m.Run())
}

// The day and instant the tests happen on.
var (
	today = day("2026-06-15")
	noon  = time.Date(2026, time.June, 15, 10, 0, 0, 123456000, time.UTC)
)

func day(text string) cal.Date {
	d, err := cal.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

func usd(cents int64) money.Amount { return money.Cents(cents, "USD") }

func rate(text string) money.Rate {
	r, err := money.ParseRate(text)
	if err != nil {
		panic(err)
	}
	return r
}

func open1(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// house is a store with one organisation, and what the tests need to know of it.
type house struct {
	testing.TB
	*Store
	ctx context.Context //nolint:containedctx // the test's own: the house lives no longer
	org models.ID
	by  models.Actor // its director
}

// The records of the house, by the IDs they are planted with.
const (
	nadia, paul, claire               models.ID = 2, 3, 4 // director, editor, staff who left
	access, planning                  models.ID = 5, 6
	dropboxInc, framasoft             models.ID = 7, 8
	card                              models.ID = 9
	dropbox, agenda, skype            models.ID = 10, 11, 12
	dropboxFree, dropboxPlus, dropPro models.ID = 13, 14, 15
	agendaFree, skypePaid             models.ID = 16, 17
	dropboxSub, agendaSub             models.ID = 18, 19
	dropboxTerms, agendaTerms, aSeat  models.ID = 20, 21, 22
	thisYear, aRate                   models.ID = 23, 24
)

// sample is a small organisation with a bit of everything.
func sample() models.Facts {
	monthly := cal.Monthly
	return models.Facts{
		Organisation: models.Organisation{
			ID: 1, Name: "Les Chemins", YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: "Europe/Paris", Lang: models.French,
			Headcount: 5, KeptFrom: day("2026-01-01"), MarginDays: 2, DecideWindow: 45, RenewalWindow: 21,
			VAT: []models.VATStatus{{Kind: models.NotTaxable}, {From: day("2027-01-01"), Kind: models.PartDeducts, Share: money.PercentOf(37)}},
		},
		People: []models.Person{
			{ID: nadia, Name: "Nadia", Email: "Nadia@example.org", Role: models.Director, Lang: models.French, Digest: true, Post: "coordination"},
			{ID: paul, Name: "Paul", Email: "paul@example.org", Role: models.Editor, Lang: models.English},
			{ID: claire, Name: "Claire", Role: models.Staff, Lang: models.French, LeftOn: day("2026-03-01")},
		},
		Functions: []models.Function{
			{ID: access, Name: "Accès aux données", Account: "6511", Position: 1},
			{ID: planning, Name: "Planification", Account: "6512", Position: 2},
		},
		Vendors: []models.Vendor{{ID: dropboxInc, Name: "Dropbox International", Country: "IE"}, {ID: framasoft, Name: "Framasoft", Country: "FR"}},
		Means:   []models.Means{{ID: card, Name: "Carte", ExpiresOn: day("2027-08-31")}},
		Services: []models.Service{
			{ID: dropbox, Name: "Dropbox", FunctionID: access, VendorID: dropboxInc, URL: "https://www.dropbox.com", ExportEvery: 90, Access: models.Access{
				Export: models.ExtentFull, ExportHow: "archive ZIP", ExportedBy: paul, ExportKept: "disque", SecondAdmin: paul, ReplacedBy: "Nextcloud",
				Offline: models.ExtentPart, TrainPlanned: 250, TrainDone: 100, Referent: nadia, Personal: models.ExtentFull, PersonalWhose: "adhérents",
				Purpose: "partage", DPAOn: day("2026-02-01"), DPAWhere: "compte", Hosting: "UE", Transfer: models.TransferClauses, KeptFor: "3 ans",
			}},
			{ID: agenda, Name: "Agenda", FunctionID: planning},
			{ID: skype, Name: "Skype", FunctionID: planning},
		},
		Plans: []models.Plan{
			{ID: dropboxFree, ServiceID: dropbox, Name: "Basic", Tier: models.Free, Price: money.Zero(money.EUR), Cadence: monthly},
			{ID: dropboxPlus, ServiceID: dropbox, Name: "Plus", Tier: models.Premium, Price: usd(999), Cadence: monthly},
			{ID: dropPro, ServiceID: dropbox, Name: "Pro", Tier: models.Premium, Price: money.Euros(1500), PerSeat: true, Cadence: monthly},
			{ID: agendaFree, ServiceID: agenda, Name: "Libre", Tier: models.Free, Price: money.Zero(money.EUR), Cadence: cal.Yearly},
			{ID: skypePaid, ServiceID: skype, Name: "Crédit", Tier: models.Premium, Price: money.Euros(500), Cadence: cal.Yearly},
		},
		Subscriptions: []models.Subscription{
			{
				ID: dropboxSub, ServiceID: dropbox, PlanID: dropPro, StartedOn: day("2026-01-31"), Anchor: day("2026-01-31"), Cadence: monthly,
				Notice: cal.Notice{N: 30, Unit: cal.Day}, AutoRenew: true, OwnerID: nadia, MeansID: card, Analytic: "SIEGE",
				Terms: []models.Terms{{ID: dropboxTerms, From: day("2026-01-31"), Price: money.Euros(1500), PerSeat: true, Seats: 2}},
				Seats: []models.Seat{{ID: aSeat, PersonID: nadia, From: day("2026-01-31")}},
			},
			{
				ID: agendaSub, ServiceID: agenda, PlanID: agendaFree, StartedOn: day("2025-01-01"), Anchor: day("2025-01-01"), Cadence: cal.Yearly,
				LookOn: day("2026-12-01"),
				Terms:  []models.Terms{{ID: agendaTerms, From: day("2025-01-01"), Price: money.Zero(money.EUR), Seats: 1}},
			},
		},
		Envelopes: []models.Envelope{{ID: thisYear, Year: 2026, Floor: money.Euros(80000), Ceiling: money.Euros(100000)}},
		Rates:     []models.ReferenceRate{{ID: aRate, Currency: "USD", Day: day("2026-06-01"), Rate: rate("1.0714"), Source: models.RateTyped}},
	}
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return houseOf(t, sample())
}

func houseOf(t testing.TB, f models.Facts, contents ...[]byte) *house {
	t.Helper()
	s := open1(t, filepath.Join(t.TempDir(), "enveloppe.db"))
	org, err := s.Plant(t.Context(), f, noon, contents...)
	if err != nil {
		t.Fatal(err)
	}
	return &house{t, s, t.Context(), org, models.Actor{Organisation: org, Person: nadia, Name: "Nadia", Role: models.Director, At: noon}}
}

// reg is the register as the program would read it.
func (h *house) reg() *models.Register {
	h.Helper()
	r, err := h.Register(h.ctx, h.org)
	if err != nil {
		h.Fatal(err)
	}
	return r
}

// revision reads the organisation's.
func (h *house) revision() int64 {
	h.Helper()
	n, err := h.Revision(h.ctx, h.org)
	if err != nil {
		h.Fatal(err)
	}
	return n
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("%v", err)
	}
}

// id is the ID a verb answers, which must have worked.
func (h *house) id(id models.ID, err error) models.ID {
	h.Helper()
	h.ok(err)
	if id == 0 {
		h.Fatal("no ID")
	}
	return id
}

// last is the newest entry of the log.
func (h *house) last() models.AuditEntry {
	h.Helper()
	entries, err := h.Audit(h.ctx, h.org, AuditFilter{Limit: 1})
	h.ok(err)
	if len(entries) == 0 {
		h.Fatal("the log is empty")
	}
	return entries[0]
}

// refuses runs something that must be refused in a way, and looks that nothing at all was written.
func (h *house) refuses(want error, do func() error) {
	h.Helper()
	before := h.everything()
	err := do()
	if !refusedAs(err, want) {
		h.Errorf("got %v, want %v", err, want)
	}
	if diff := cmp.Diff(before, h.everything()); diff != "" {
		h.Errorf("refused (%v), and yet something was written:\n%s", want, diff)
	}
}

func refusedAs(err, want error) bool {
	switch w := want.(type) { //nolint:errorlint // what is wanted, not what came
	case models.Invalid:
		var got models.Invalid
		if !errors.As(err, &got) {
			return false
		}
		for _, p := range w {
			if !hasProblem(got, p.Field, p.Rule) {
				return false
			}
		}
		return true
	case models.Refused:
		var got models.Refused
		return errors.As(err, &got) && got.Rule == w.Rule
	}
	return errors.Is(err, want)
}

// everything is the content of every table, as text.
func (h *house) everything() map[string][]string {
	h.Helper()
	tables, err := column[string](h.ctx, h.readers, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
	h.ok(err)
	all := map[string][]string{}
	for _, table := range tables {
		columns, err := column[string](h.ctx, h.readers, "SELECT 'quote(' || name || ')' FROM pragma_table_info(?)", table)
		h.ok(err)
		all[table], err = column[string](h.ctx, h.readers, "SELECT "+strings.Join(columns, " || '|' || ")+" AS line FROM "+table+" ORDER BY line")
		h.ok(err)
	}
	return all
}

func hasProblem(v models.Invalid, field, rule string) bool {
	for _, p := range v {
		if p.Field == field && p.Rule == rule {
			return true
		}
	}
	return false
}

func invalid(field, rule string) error { return models.Invalid{{Field: field, Rule: rule}} }
func refused(rule string) error        { return models.Refused{Rule: rule} }

// exact compares amounts, days and rates by what they are.
var exact = cmp.Options{
	cmpopts.EquateComparable(money.Amount{}, money.Rate{}, money.Percent{}, cal.Date{}),
}

// fresh reads the facts without any cache.
func (h *house) fresh() models.Facts {
	h.Helper()
	tx, err := h.readers.BeginTx(h.ctx, nil)
	h.ok(err)
	defer tx.Rollback()
	f, err := bring(h.ctx, tx, h.org, nil)
	h.ok(err)
	return f
}

// same fails when the register that was brought up to date step by step differs from one read afresh.
func (h *house) same() {
	h.Helper()
	if diff := cmp.Diff(h.fresh(), h.reg().Facts, exact); diff != "" {
		h.Fatalf("the register kept up to date differs from the one read afresh (-fresh +kept):\n%s", diff)
	}
}

func TestPlantKeepsEverything(t *testing.T) {
	h := newHouse(t)
	want := sample()
	got := h.reg().Facts
	unversioned := cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".Version" || name == ".Revision"
	}, cmp.Ignore())
	if diff := cmp.Diff(want, got, exact, unversioned); diff != "" {
		t.Errorf("read back (-planted +read):\n%s", diff)
	}
	h.same()
}

func diffFacts(a, b models.Facts) string { return cmp.Diff(a, b, exact) }

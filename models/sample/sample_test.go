package sample_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/models/statement"
)

// Every day of two years, one of them a leap year, so that no month end or new year catches the demonstration out.
func everyDay(t *testing.T, check func(t *testing.T, today cal.Date, r *models.Register)) {
	t.Helper()
	for d := cal.MustNew(2027, time.January, 1); d.Before(cal.MustNew(2029, time.January, 1)); d = d.AddDays(1) {
		check(t, d, models.NewRegister(sample.Association(d, models.French, d.Time(time.UTC))))
		if t.Failed() {
			t.Fatalf("on %s", d)
		}
	}
}

func TestForecastEndsInsideTheEnvelopeOnEveryDay(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		p := r.Position(r.Year(today), today)
		if p.Status != models.Within || !p.Complete() {
			t.Errorf("forecast %s is %s, %d charges and %d payments not converted", p.Forecast, p.Status, len(p.UnconvertedCharges), len(p.UnconvertedPayments))
		}
		if p.Services != 17 || p.PaidServices != 10 {
			t.Errorf("%d services, %d paid, want 17 and 10", p.Services, p.PaidServices)
		}
		last := r.Position(r.Year(today).Prev(), today)
		if !last.Spent.IsPositive() || !money.Euros(60000).Less(last.Forecast) {
			t.Errorf("last year is %s", last.Forecast)
		}
	})
}

func TestEveryKindOfFlagIsThereOnEveryDay(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		seen := map[models.FlagKind]bool{}
		for _, c := range r.Causes(today) {
			seen[c.Key.Kind] = true
		}
		for _, f := range r.Flags {
			seen[f.FlagKey.Kind] = true
		}
		for _, kind := range models.FlagKinds {
			if !seen[kind] {
				t.Errorf("no flag %s", kind)
			}
		}
	})
}

func TestEveryRecordIsGood(t *testing.T) {
	today := cal.MustNew(2026, time.November, 23)
	for _, lang := range []models.Lang{models.French, models.English} {
		f := sample.Association(today, lang, today.Time(time.UTC))
		var bad []models.Invalid
		bad = append(bad, f.Organisation.Check())
		for _, x := range f.People {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Services {
			bad = append(bad, x.Check(), x.Access.Check())
		}
		for _, x := range f.Channels {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Plans {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Subscriptions {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Payments {
			if x.Stands() {
				bad = append(bad, x.Check(today))
			}
		}
		for _, x := range f.Decisions {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Attachments {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Comparisons {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Proposals {
			bad = append(bad, x.Check())
		}
		for _, x := range f.Scenarios {
			bad = append(bad, x.Check())
		}
		for _, v := range bad {
			if err := v.Err(); err != nil {
				t.Errorf("%s: %v", lang, err)
			}
		}
		if !slices.IsSortedFunc(f.Payments, func(a, b models.Payment) int { return int(a.ID - b.ID) }) {
			t.Errorf("%s: payments are not in order of their IDs", lang)
		}
	}
}

// What is known of data and access is of services there are, names people there are, and leaves something to find out.
func TestAccessIsToldOfServicesThereAre(t *testing.T) {
	today := cal.MustNew(2026, time.November, 23)
	r := models.NewRegister(sample.Association(today, models.French, today.Time(time.UTC)))
	told, unsaid := 0, 0
	for _, sv := range r.Services {
		a := sv.Access
		if a == (models.Access{}) {
			unsaid++
			continue
		}
		told++
		if a.ExportedBy != 0 && sv.ExportedOn.IsZero() {
			t.Errorf("%s was taken out by somebody, and never", sv.Name)
		}
		for _, person := range []models.ID{a.ExportedBy, a.SecondAdmin, a.Referent} {
			if _, ok := r.Person(person); person != 0 && !ok {
				t.Errorf("%s names nobody there is", sv.Name)
			}
		}
	}
	if told != 14 || unsaid != 3 {
		t.Errorf("told of %d services, not of %d", told, unsaid)
	}
}

// Each attachment is a PDF of its own that says it is a specimen, and its hash is that of its content.
func TestInvoicesAreFiles(t *testing.T) {
	today := cal.MustNew(2026, time.November, 23)
	f := sample.Association(today, models.French, today.Time(time.UTC))
	contents, seen := sample.Contents(f), map[string]bool{}
	if len(contents) < 20 {
		t.Fatalf("only %d invoices are attached", len(contents))
	}
	for i, a := range f.Attachments {
		hash := sha256.Sum256(contents[i])
		if media, ok := models.MediaOf(contents[i]); !ok || media != models.PDF || hex.EncodeToString(hash[:]) != a.Hash || int64(len(contents[i])) != a.Size {
			t.Errorf("%s is %s of %d bytes", a.Name, media, len(contents[i]))
		}
		if !bytes.Contains(contents[i], []byte("SP\xc9CIMEN")) || seen[a.Hash] {
			t.Errorf("%s does not say what it is, or is there twice", a.Name)
		}
		seen[a.Hash] = true
	}
}

// The statement holds what the register knows, what it does not, and a subscription nobody registered.
func TestStatementMatchesTheRegister(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		var lines []models.BankLine
		content := sample.Statement(r.Facts, today)
		head, err := statement.Inspect(content, nil)
		if err != nil || len(head.Faults) > 2 {
			t.Fatalf("the statement cannot be read: %v, %v", err, head.Faults)
		}
		err = statement.Read(content, head.Layout, func(l statement.Line) error {
			lines = append(lines, models.BankLine{ID: models.ID(100_000 + len(lines)), AccountID: r.BankAccounts[0].ID, Day: l.Day, Amount: l.Amount, Label: l.Label, Party: l.Party})
			return nil
		}, func(statement.Fault) {}, nil)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Match(lines, models.Habits{}, today)
		var charges, recorded, adobe int
		for _, p := range m.Proposals {
			if p.PaymentID != 0 {
				recorded++
			} else if p.Charge.SubscriptionID != 0 {
				charges++
			}
		}
		for _, x := range m.Recurring {
			if strings.Contains(strings.ToUpper(x.Name), "ADOBE") {
				adobe++
			}
		}
		if due := len(r.Due(today.AddDays(-1))); charges != due || recorded < 3 || adobe != 1 {
			t.Errorf("%d of %d due charges and %d payments found, Adobe %d times; recurring %v", charges, due, recorded, adobe, m.Recurring)
		}
	})
}

// What the association wonders about can be tried on every day: one scenario costs more a year, the other less, and no
// change of theirs is lost.
func TestScenariosCanBeTried(t *testing.T) {
	everyDay(t, func(t *testing.T, today cal.Date, r *models.Register) {
		if len(r.Scenarios) != 3 || !r.Scenarios[0].Applied() {
			t.Fatalf("%d scenarios", len(r.Scenarios))
		}
		var change []money.Amount
		for _, s := range r.Scenarios[1:] {
			trial, err := r.Try(s, today)
			if err != nil || s.Applied() || len(trial.Acts) != len(s.Changes) {
				t.Fatalf("%s: %v, %d acts", s.Name, err, len(trial.Acts))
			}
			e := r.Effect(trial, today)
			change = append(change, e.RunRateAfter.Sub(e.RunRateBefore))
		}
		if !change[0].IsPositive() || !change[1].IsNegative() {
			t.Errorf("they change the run rate by %v", change)
		}
	})
}

package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"enveloppe/app/jobs"
	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/models/store"
)

// bank is the European Central Bank on loopback: the files it publishes, and how it fails.
type bank struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	files map[string]string
	down  http.HandlerFunc // answers instead
}

func newBank(t *testing.T) *bank {
	t.Helper()
	b := &bank{files: map[string]string{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		name := strings.TrimPrefix(r.URL.Path, "/stats/eurofxref/")
		b.asked = append(b.asked, name)
		if b.down != nil {
			b.down(w, r)
			return
		}
		body, ok := b.files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(b.Close)
	return b
}

// publish puts a file of dollars, by day, and francs into the three of the bank.
func (b *bank) publish(rates ...string) {
	var csv strings.Builder
	csv.WriteString("Date,USD,CHF,\n")
	for i := 0; i < len(rates); i += 2 {
		csv.WriteString(rates[i] + "," + rates[i+1] + ",0.9300,\n")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range []string{eurofxref.DailyFile, eurofxref.RecentFile, eurofxref.HistoryFile} {
		b.files[name] = csv.String()
	}
}

// requests are the files asked for since the last time.
func (b *bank) requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := b.asked
	b.asked = nil
	return asked
}

func (b *bank) fail(down http.HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// ratesConfig is a configuration that fetches from the bank.
func (b *bank) config(t *testing.T) Config {
	t.Helper()
	folder, err := url.Parse(b.URL + "/stats/eurofxref/")
	if err != nil {
		t.Fatal(err)
	}
	host, err := outbound.ParseHost(folder.Host)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		DB: filepath.Join(t.TempDir(), "rates.db"), Base: &url.URL{Scheme: "http", Host: "localhost"},
		Rates: folder, Internal: []outbound.Host{host},
	}
}

// dollars is an organisation that pays one service in dollars, without any rate.
func dollars(t *testing.T, c Config, at time.Time) (*App, models.ID) {
	t.Helper()
	a, err := Open(context.Background(), c, Alone, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	a.Now = func() time.Time { return at }
	return a, plantDollars(t, a, at)
}

func plantDollars(t *testing.T, a *App, at time.Time) models.ID {
	t.Helper()
	f := sample.Association(cal.Of(at), models.French, at)
	f.Rates = nil
	id, err := a.Store.Plant(context.Background(), f, at, sample.Contents(f)...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func rateOn(t *testing.T, a *App, organisation models.ID, day string) string {
	t.Helper()
	r, err := a.Store.Register(context.Background(), organisation)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Rates {
		if x.Day.String() == day && x.Currency == "USD" && x.Source == models.RateECB {
			return x.Rate.String()
		}
	}
	return ""
}

// frankfurt is an instant by Frankfurt's clock in November 2026, an hour ahead of UTC.
func frankfurt(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour-1, minute, 0, 0, time.UTC)
}

func TestRatesComeByThemselves(t *testing.T) {
	b := newBank(t)
	friday := frankfurt(20, 18, 0)
	b.publish("2026-11-20", "1.1520", "2026-11-19", "1.1510")
	a, id := dollars(t, b.config(t), friday)
	round := func(at time.Time) []string {
		t.Helper()
		if err := a.Jobs.Round(context.Background(), at); err != nil {
			t.Fatal(err)
		}
		return b.requests()
	}
	if got := round(friday); len(got) != 1 {
		t.Fatalf("the first round asked for %v", got)
	}
	if got := rateOn(t, a, id, "2026-11-20"); got != "1.152" {
		t.Errorf("Friday's rate is %q", got)
	}
	for _, at := range []time.Time{friday.Add(10 * time.Minute), frankfurt(21, 18, 0), frankfurt(22, 18, 0), frankfurt(23, 16, 59)} {
		if got := round(at); len(got) > 0 {
			t.Errorf("at %s nothing is out, and %v was asked for", at, got)
		}
	}
	// On Monday the file is late: it is asked for again each hour, and once an hour.
	for _, minute := range []int{0, 10, 50} {
		if got, want := round(frankfurt(23, 17, minute)), []string{eurofxref.DailyFile}[:max(1-minute, 0)]; !slices.Equal(got, want) {
			t.Errorf("at 17:%02d %v was asked for, want %v", minute, got, want)
		}
	}
	b.publish("2026-11-23", "1.1530")
	if got := round(frankfurt(23, 18, 0)); !slices.Equal(got, []string{eurofxref.DailyFile}) {
		t.Errorf("an hour later %v was asked for", got)
	}
	if got := rateOn(t, a, id, "2026-11-23"); got != "1.153" {
		t.Errorf("Monday's rate is %q", got)
	}
	// After a week off, the smallest file that holds the week, at any hour.
	b.publish("2026-11-30", "1.16", "2026-11-27", "1.15", "2026-11-26", "1.14", "2026-11-25", "1.13", "2026-11-24", "1.12")
	if got := round(time.Date(2026, time.December, 1, 8, 0, 0, 0, time.UTC)); !slices.Equal(got, []string{eurofxref.RecentFile}) {
		t.Errorf("after a week off %v was asked for", got)
	}
	if got := rateOn(t, a, id, "2026-11-25"); got != "1.13" {
		t.Errorf("the rate of the 25th is %q", got)
	}
}

func TestOneDownloadServesEverybodyAndEachAsksForItself(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	b.publish("2026-11-20", "1.1520")
	a, first := dollars(t, b.config(t), at)
	second := plantDollars(t, a, at)
	if err := a.Jobs.Round(context.Background(), at); err != nil {
		t.Fatal(err)
	}
	if got := b.requests(); len(got) != 1 {
		t.Errorf("two organisations asked for %v", got)
	}
	for _, id := range []models.ID{first, second} {
		if got := rateOn(t, a, id, "2026-11-20"); got != "1.152" {
			t.Errorf("organisation %d has the rate %q", id, got)
		}
	}
}

func TestAFetchThatFailsChangesNothingAndSaysWhy(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	b.publish("2026-11-20", "1.1520")
	a, id := dollars(t, b.config(t), at)
	before, err := a.Store.Register(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	for i, c := range []struct {
		rule string
		down http.HandlerFunc
	}{
		{"fetch.status", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }},
		{"fetch.redirected", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}},
		{"fetch.too_large", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "10737418240") }},
		{"rates.unknown", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>sign in</html>") }},
		{"rates.truncated", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<Envelope><Cube><Cube time='2026-11-20'>")
		}},
		{"rates.entities", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!DOCTYPE x><Envelope/>") }},
	} {
		b.fail(c.down)
		now := at.Add(time.Duration(i) * time.Hour)
		if err := a.Jobs.Round(context.Background(), now); err == nil {
			t.Errorf("%s: the round says nothing", c.rule)
		}
		last, err := a.Jobs.LastRates(context.Background(), id)
		if err != nil || last.Rule != c.rule || !last.At.Equal(now) {
			t.Errorf("the last fetch is %+v, %v; want %s", last, err, c.rule)
		}
		runs, err := a.Store.Runs(context.Background(), 50)
		if err != nil || !slices.ContainsFunc(runs, func(r store.JobRun) bool {
			return strings.HasPrefix(r.Job, "rates/") && r.At.Equal(now) && r.Outcome == "failed" && r.Detail != "" && !strings.Contains(r.Detail, "⟦")
		}) {
			t.Errorf("%s: the runs are %v, %v", c.rule, runs, err)
		}
	}
	after, err := a.Store.Register(context.Background(), id)
	if err != nil || len(after.Rates) != len(before.Rates) {
		t.Errorf("there are %d rates, before %d", len(after.Rates), len(before.Rates))
	}
	b.fail(nil)
	if err := a.Jobs.Round(context.Background(), at.Add(8*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := rateOn(t, a, id, "2026-11-20"); got != "1.152" {
		t.Errorf("once the bank answers the rate is %q", got)
	}
}

// A day to come is never entered, whatever a file says.
func TestADayToComeIsNotEntered(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	b.publish("2026-11-23", "9", "2026-11-20", "1.1520")
	a, id := dollars(t, b.config(t), at)
	if err := a.Jobs.Round(context.Background(), at); err != nil {
		t.Fatal(err)
	}
	if rateOn(t, a, id, "2026-11-20") != "1.152" || rateOn(t, a, id, "2026-11-23") != "" {
		t.Error("the day to come is in the register")
	}
	// And so Monday's is still asked for on Monday.
	b.publish("2026-11-23", "1.1530")
	if err := a.Jobs.Round(context.Background(), frankfurt(23, 18, 0)); err != nil || rateOn(t, a, id, "2026-11-23") != "1.153" {
		t.Errorf("on Monday: %v, %q", err, rateOn(t, a, id, "2026-11-23"))
	}
}

// A currency that the bank does not publish is asked for in full once; a new one at the next round.
func TestAnUnpublishedCurrencyIsAskedForOnce(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	b.publish("2026-11-20", "1.1520", "2026-11-19", "1.15")
	a, id := dollars(t, b.config(t), at)
	if err := a.Jobs.Round(context.Background(), at); err != nil {
		t.Fatal(err)
	}
	b.requests()
	r, err := a.Store.Register(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	by := models.Actor{Organisation: id, Person: r.People[0].ID, Role: models.Director, At: at}
	price, err := money.ParseAmount("5000", "XOF")
	if err != nil {
		t.Fatal(err)
	}
	plan := r.Plans[slices.IndexFunc(r.Plans, func(p models.Plan) bool { return p.Tier == models.Premium })]
	plan.Price = price
	if err := a.Store.SavePlan(context.Background(), by, plan); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0, 0} {
		at = at.Add(10 * time.Minute)
		if err := a.Jobs.Round(context.Background(), at); err != nil {
			t.Fatal(err)
		}
		if got := b.requests(); len(got) != want {
			t.Errorf("asked for %v, want %d", got, want)
		}
	}
	b.publish("2026-11-23", "1.1530")
	if err := a.Jobs.Round(context.Background(), frankfurt(23, 18, 0)); err != nil {
		t.Fatal(err)
	}
	if got := b.requests(); !slices.Equal(got, []string{eurofxref.DailyFile}) {
		t.Errorf("on Monday %v was asked for", got)
	}
}

func TestNothingIsFetchedWhereItShouldNotBe(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	off, acting := b.config(t), b.config(t)
	off.Rates = nil
	acting.Today = cal.Of(at)
	for name, c := range map[string]Config{"off": off, "today": acting} {
		a, id := dollars(t, c, at)
		if err := a.Jobs.Round(context.Background(), at); err != nil {
			t.Fatal(err)
		}
		if desk := newRateDesk(a.Config, a.Jobs); desk.Off() != name || desk.Alone() {
			t.Errorf("%s: the screens are told %q, alone %t", name, desk.Off(), desk.Alone())
		}
		if err := a.RunJob(context.Background(), io.Discard, "rates"); !errors.Is(err, jobs.ErrRatesOff) {
			t.Errorf("%s: by hand %v", name, err)
		}
		if rateOn(t, a, id, "2026-11-20") != "" {
			t.Errorf("%s: a rate came", name)
		}
	}
	demo, id := dollars(t, b.config(t), at)
	demo.Jobs.RatesByHand = true
	if err := demo.Jobs.Round(context.Background(), at); err != nil {
		t.Fatal(err)
	}
	if got := b.requests(); len(got) > 0 {
		t.Errorf("%v was asked for", got)
	}
	// In the demonstration the button fetches.
	b.publish("2026-11-20", "1.1520")
	desk := newRateDesk(demo.Config, demo.Jobs)
	got, err := desk.Fetch(context.Background(), models.Actor{Organisation: id, Name: "Claire", Role: models.Director, At: at}, cal.Of(at))
	if err != nil || got.Added == 0 || desk.Off() != "" || desk.Alone() || rateOn(t, demo, id, "2026-11-20") != "1.152" {
		t.Errorf("the button brings %+v, %v", got, err)
	}
}

// The screens get what went wrong as a sentence, and whoever asks does not wait for the next hour.
func TestTheButtonSaysWhyNothingCame(t *testing.T) {
	b := newBank(t)
	at := frankfurt(20, 18, 0)
	a, id := dollars(t, b.config(t), at)
	desk := newRateDesk(a.Config, a.Jobs)
	by := models.Actor{Organisation: id, Name: "Claire", Role: models.Director, At: at}
	var bad models.Invalid
	if _, err := desk.Fetch(context.Background(), by, cal.Of(at)); !errors.As(err, &bad) || bad[0].Rule != "fetch.status" {
		t.Errorf("error is %v", err)
	}
	b.publish("2026-11-20", "1.1520", "2025-12-29", "1.17", "2024-12-27", "1.04")
	by.At = at.Add(time.Minute)
	if got, err := desk.Fetch(context.Background(), by, cal.Of(at)); err != nil || got.Added == 0 {
		t.Errorf("a minute later: %+v, %v", got, err)
	}
	by.At = at.Add(2 * time.Minute)
	if got, err := desk.Fetch(context.Background(), by, cal.Of(at)); err != nil || !got.At.IsZero() {
		t.Errorf("when nothing is missing: %+v, %v", got, err)
	}
	b.Close()
	by.At = frankfurt(23, 18, 0)
	if _, err := desk.Fetch(context.Background(), by, cal.Of(by.At)); !errors.As(err, &bad) || bad[0].Rule != "fetch.unreachable" {
		t.Errorf("when the bank is gone: %v", err)
	}
}

package jobs_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"enveloppe/app/jobs"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

// arrival is a message the other side took.
type arrival struct {
	at      time.Time
	id      string
	to      string // the address, or the channel's name
	subject string
}

// outside is everything beyond the program: a mail server and the programs behind channels, which fail as a test wishes.
// What is called from several lanes at once belongs to one of them only: each kind of recipient has its own switches.
type outside struct {
	arrivals chan arrival
	now      time.Time
	noPost   bool                 // no mail server is set
	down     map[string]jobs.Fate // by address or channel's name: what comes of a message; "" takes it
	retry    time.Duration        // a channel that fails asks to be left alone for so long
	dies     func(id string) (before, after bool)
	refused  sync.Map      // ids refused for good
	dead     chan struct{} // closed once the process is dead: nothing more leaves it
}

// Configured tells that mail may leave.
func (o *outside) Configured() bool { return !o.noPost }

// Send takes a letter.
func (o *outside) Send(_ context.Context, l jobs.Letter) (jobs.Fate, string) {
	if o.noPost {
		return jobs.NoPost, "no mail server is configured"
	}
	return o.take(l.To, l.ID, l.Subject), "the words of the server"
}

// Notify takes a note.
func (o *outside) Notify(_ context.Context, to models.Channel, n jobs.Note) jobs.Receipt {
	return jobs.Receipt{Fate: o.take(to.Name, n.ID, n.Title), Detail: "503 busy", RetryAfter: o.retry}
}

// take is what becomes of a message; a process that dies goes no further, neither here nor on another lane.
func (o *outside) take(to, id, subject string) jobs.Fate {
	select {
	case <-o.dead:
		runtime.Goexit()
	default:
	}
	before, after := false, false
	if o.dies != nil {
		before, after = o.dies(id)
	}
	if before {
		runtime.Goexit()
	}
	if fate := o.down[to]; fate != "" {
		if fate == jobs.FailedForGood {
			o.refused.Store(id, true)
		}
		return fate
	}
	o.arrivals <- arrival{o.now, id, to, subject}
	if after {
		runtime.Goexit()
	}
	return jobs.Sent
}

// arrived empties what has come.
func (o *outside) arrived() []arrival {
	var all []arrival
	for {
		select {
		case a := <-o.arrivals:
			all = append(all, a)
		default:
			return all
		}
	}
}

// world is the jobs over a real store, and an outside that does as it is told.
type world struct {
	testing.TB
	*store.Store
	jobs *jobs.Jobs
	out  *outside
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := store.Open(context.Background(), store.Options{Path: filepath.Join(t.TempDir(), "enveloppe.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	out := &outside{arrivals: make(chan arrival, 10_000), down: map[string]jobs.Fate{}, dead: make(chan struct{})}
	return &world{t, s, &jobs.Jobs{Store: s, Post: out, Notifier: out, Base: "https://e.example", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}, out}
}

// round runs what is due at an instant.
func (w *world) round(at time.Time) []arrival {
	w.Helper()
	w.out.now = at
	if err := w.jobs.Round(context.Background(), at); err != nil {
		w.Fatalf("%s: %v", at, err)
	}
	return w.out.arrived()
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) register(org models.ID) *models.Register {
	w.Helper()
	r, err := w.Register(context.Background(), org)
	w.ok(err)
	return r
}

func date(text string) cal.Date {
	d, err := cal.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// organisation is one in a zone, with a director, and a service for each subscription.
func organisation(name, zone string, from cal.Date, subscriptions ...models.Subscription) models.Facts {
	f := models.Facts{
		Organisation: models.Organisation{
			Name: name, YearStart: cal.YearStart{Month: time.January, Day: 1}, Zone: zone, Lang: models.French, KeptFrom: from,
			MarginDays: 2, DecideWindow: 45, RenewalWindow: 21, VAT: []models.VATStatus{{Kind: models.NotTaxable}},
		},
		People:    []models.Person{{ID: 2, Name: name + " D", Email: name + ".d@example.org", Role: models.Director, Lang: models.French, Digest: true, Reminders: true}},
		Functions: []models.Function{{ID: 10, Name: "Outils", Account: "6511", Position: 1}},
		Vendors:   []models.Vendor{{ID: 11, Name: "Éditeur", Country: "FR"}},
	}
	for i, s := range subscriptions {
		service, plan := models.ID(100+i), models.ID(200+i)
		f.Services = append(f.Services, models.Service{ID: service, Name: "Service " + strconv.Itoa(i), FunctionID: 10, VendorID: 11, ExportEvery: 90})
		f.Plans = append(f.Plans, models.Plan{ID: plan, ServiceID: service, Name: "Formule", Tier: models.Premium, Price: money.Euros(1200), Cadence: s.Cadence})
		s.ID, s.ServiceID, s.PlanID, s.AutoRenew = models.ID(300+i), service, plan, true
		s.Terms = []models.Terms{{ID: models.ID(400 + i), From: s.StartedOn, Price: money.Euros(1200), Seats: 1}}
		f.Subscriptions = append(f.Subscriptions, s)
	}
	return f
}

func (w *world) plant(f models.Facts, at time.Time) models.ID {
	w.Helper()
	org, err := w.Plant(context.Background(), f, at)
	w.ok(err)
	return org
}

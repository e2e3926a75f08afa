// Package jobs does what must be done without anyone: raises and clears the flags each day, sends the digest each
// month and the reminders as their days come, fetches reference rates as they are published.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/store"
)

// Letter is one message to one person, ready to be posted.
type Letter struct {
	ID             string // message id, the same at every attempt
	To, ToName     string
	Subject        string
	Text, HTML     string
	Lang           models.Lang
	Date           time.Time
	UnsubscribeURL string // empty for a letter nobody has subscribed to
}

// Note is one message for a channel, ready to be sent.
type Note struct {
	ID    string // the same at every attempt
	Kind  string // "digest", or a kind of reminder
	Title string // one line
	Body  string // a few lines of plain text
	Link  string // to the page where one acts
	Lang  models.Lang
	At    time.Time
	Data  any // the figures, as JSON encodes them
}

// Fate is what became of a message. Only Sent means that the other side took it.
type Fate string

// The fates of a message, each with something else to do next.
const (
	Sent          Fate = "sent"
	FailedForNow  Fate = "failed"   // try again later
	FailedForGood Fate = "given_up" // tell somebody
	NoPost        Fate = "no_post"  // no mail server is set: not sent, and not failed either
)

// Post takes letters out of the house.
type Post interface {
	Configured() bool
	Send(ctx context.Context, l Letter) (fate Fate, detail string)
}

// Receipt is what became of a message on a channel.
type Receipt struct {
	Fate       Fate
	Detail     string        // the other side's words, when it said any; no secret stands in it
	RetryAfter time.Duration // it asks to be left alone for so long; 0 when it does not say
}

// Notifier takes notes to channels, whose address and secret are there.
type Notifier interface {
	Notify(ctx context.Context, to models.Channel, n Note) Receipt
}

// Jobs are the scheduled jobs over one store. They read no clock: the timetable hands them the instant.
type Jobs struct {
	Store *store.Store
	Post  Post
	// Notifier takes messages to channels; with nil they wait.
	Notifier Notifier
	Base     string // address of the program, for links in mail
	Logger   *slog.Logger
	// Published brings reference rates; nil when none are to be fetched.
	Published Published
	// RatesByHand fetches them only when somebody asks.
	RatesByHand bool

	fetching sync.Mutex // held for fetched
	fetched  round
}

// Job is one scheduled job. It may be run by hand for any day, and run twice it does nothing twice.
type Job struct {
	Name  string
	About string
	// From is the hour of the organisation's day from which it runs; hours between two and three, which some days lack
	// and others have twice, are not used.
	From int
	// Minute of that hour.
	Minute int
	// Zone is whose hours From means; empty: the organisation's.
	Zone string
	// Ledger is a job that keeps account of what is done better than a slot a day would: it is asked every round.
	Ledger bool
	Run    func(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (detail string, err error)
	// ByHand is Run for a person who does not want to wait; nil when it is the same.
	ByHand func(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (detail string, err error)
}

// Hours of the timetable, local to each organisation.
const (
	flagsFrom       = 6
	digestFrom      = 7
	remindersFrom   = 7
	remindersMinute = 30
)

// All are the jobs, in the order they run.
func (j *Jobs) All() []Job {
	return []Job{
		{Name: "flags", About: "raise and clear flags: decide-by days, renewals, charges due, envelope…", From: flagsFrom, Run: j.Flags},
		{Name: "digest", About: "send the monthly digest, and try again what failed", From: digestFrom, Ledger: true, Run: j.Digest},
		{
			Name: "reminders", About: "send the reminders whose day has come, and try again what failed",
			From: remindersFrom, Minute: remindersMinute, Ledger: true, Run: j.Reminders,
		},
		{
			Name: "rates", About: "fetch the reference rates that are missing", From: eurofxref.PublishedFrom, Zone: eurofxref.Zone, Ledger: true,
			Run: j.Rates, ByHand: j.RatesNow,
		},
	}
}

// Named finds a job.
func (j *Jobs) Named(name string) (Job, bool) {
	for _, job := range j.All() {
		if job.Name == name {
			return job, true
		}
	}
	return Job{}, false
}

// Flags holds the register against a day and raises and clears its flags; it also forgets what removed channels were
// sent with, once they can no longer be put back.
func (j *Jobs) Flags(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	raised, cleared, err := j.Store.FlagPass(ctx, organisation, today, at)
	if err != nil {
		return "", fmt.Errorf("flag pass of %s: %w", today, err)
	}
	if err := j.Store.ForgetChannels(ctx, organisation, at); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d raised, %d cleared", raised, cleared), nil
}

// Round runs, for every organisation, what is due at an instant and has not been done: it does not ask which minute
// was meant, so a server that was off catches up, and a clock that jumps neither loses a day nor does it twice.
func (j *Jobs) Round(ctx context.Context, at time.Time) error {
	organisations, err := j.Store.Organisations(ctx)
	if err != nil {
		return fmt.Errorf("list organisations: %w", err)
	}
	var faults []error
	for _, id := range organisations {
		r, err := j.Store.Register(ctx, id)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		local := at.In(r.Organisation.Location())
		for _, job := range j.All() {
			if job.Zone == "" && local.Hour()*60+local.Minute() < job.From*60+job.Minute {
				continue
			}
			if err := j.guarded(ctx, job, id, cal.Of(local), at); err != nil {
				faults = append(faults, err)
			}
		}
	}
	return errors.Join(faults...)
}

// guarded runs a job for one organisation so that its failure, or its panic, is its own: the others still run.
func (j *Jobs) guarded(ctx context.Context, job Job, organisation models.ID, today cal.Date, at time.Time) (err error) {
	defer func() {
		if err != nil {
			j.Logger.Error("job failed", "job", job.Name, "organisation", organisation, "day", today.String(), "error", err)
		}
	}()
	if job.Ledger {
		_, err = job.attempt(ctx, organisation, today, at)
		return err
	}
	name, slot := fmt.Sprintf("%s/%d", job.Name, organisation), today.String()
	mine, err := j.Store.ClaimRun(ctx, name, slot, at)
	if err != nil || !mine {
		return err
	}
	detail, err := job.attempt(ctx, organisation, today, at)
	ctx = context.WithoutCancel(ctx) // a stop in the middle of a run must not leave its slot taken
	if err != nil {                  // the next round tries again
		return errors.Join(err, j.Store.ForgetRun(ctx, name, slot))
	}
	j.Logger.Info("job done", "job", job.Name, "organisation", organisation, "day", slot, "detail", detail)
	return j.Store.FinishRun(ctx, name, slot, at, "done", detail)
}

// attempt is Run with a panic turned into an error.
func (job Job) attempt(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (detail string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("job %s panicked: %v", job.Name, p)
		}
	}()
	return job.Run(ctx, organisation, today, at)
}

// RoundEvery is how often the timetable looks whether something is due.
const RoundEvery = 10 * time.Minute

// Start runs a round now and then every RoundEvery, until the context ends. now is the program's clock.
func (j *Jobs) Start(ctx context.Context, now func() time.Time) (stop func() error, err error) {
	scheduler, err := gocron.NewScheduler(gocron.WithStopTimeout(20*time.Second), gocron.WithLocation(time.UTC))
	if err != nil {
		return nil, fmt.Errorf("make the timetable: %w", err)
	}
	round := func(ctx context.Context) {
		if err := j.Round(ctx, now()); err != nil && ctx.Err() == nil {
			j.Logger.Error("round of jobs", "error", err)
		}
	}
	_, err = scheduler.NewJob(
		gocron.DurationJob(RoundEvery), gocron.NewTask(round), gocron.WithName("round"), gocron.WithContext(ctx),
		gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStartAt(gocron.WithStartImmediately()),
	)
	if err != nil {
		return nil, fmt.Errorf("enter the round in the timetable: %w", err)
	}
	scheduler.Start()
	return scheduler.Shutdown, nil
}

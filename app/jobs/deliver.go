package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
)

const (
	// maxRound bounds the messages of one lane and round.
	maxRound = 500
	// laneTime ends a lane's round before the lease of its first message has run out: another process would send it.
	laneTime = 4 * time.Minute
	// linger is what a message under way is given when the program stops.
	linger = 5 * time.Second
)

// lapsed is why a message is not sent although its time is not over, as the ledger says it.
type lapsed string

func (l lapsed) Error() string { return string(l) }

// What the ledger says of a message that lapsed before its time was over.
const (
	Unwanted = "unwanted" // its recipient has left, or does not want it any more
	Settled  = "settled"  // what it was about has been dealt with
)

const (
	errUnwanted = lapsed(Unwanted)
	errSettled  = lapsed(Settled)
)

// delivery is a round of an organisation's messages.
type delivery struct {
	*Jobs
	organisation models.ID
	today        cal.Date
	at           time.Time

	mu       sync.Mutex
	count    map[store.MessageState]int
	faults   []error
	of       *models.Register // gathered from
	gathered *models.Reminding
}

// deliver sends the digests, or the reminders, that are due. Each lane goes by itself, and in it each message: what
// happens to one touches none of the others.
func (j *Jobs) deliver(ctx context.Context, organisation models.ID, digest bool, today cal.Date, at time.Time) (string, error) {
	lanes, err := j.Store.DueLanes(ctx, organisation, digest, at)
	if err != nil {
		return "", err
	}
	d := &delivery{Jobs: j, organisation: organisation, today: today, at: at, count: map[store.MessageState]int{}}
	var all sync.WaitGroup
	for _, channel := range lanes {
		all.Go(func() { d.fail(d.lane(ctx, store.Lane{Digest: digest, Channel: channel})) })
	}
	all.Wait()
	again := d.count[store.MessageFailed] + d.count[store.MessageNotConfigured]
	detail := fmt.Sprintf("%d sent, %d to try again, %d given up", d.count[store.MessageSent], again, d.count[store.MessageGivenUp])
	return detail, errors.Join(errors.Join(d.faults...), ctx.Err())
}

func (d *delivery) fail(err error) {
	if err != nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.faults = append(d.faults, err)
	}
}

// lane sends what is due on one way out, one message after another. Whose message fails is left alone until the next
// round: what is broken is asked once, and costs the others no more than that.
func (d *delivery) lane(ctx context.Context, lane store.Lane) error {
	open, cancel := context.WithTimeout(ctx, laneTime)
	defer cancel()
	for n := 0; n < maxRound && open.Err() == nil; n++ {
		m, ok, err := d.Store.ClaimMessage(ctx, d.organisation, lane, d.at)
		if err != nil || !ok {
			return err
		}
		outcome := d.attempt(ctx, m)
		// The message has left or failed whatever becomes of this round: write that down even if it is cut short.
		if err := d.Store.FinishMessage(context.WithoutCancel(ctx), d.organisation, m.ID, outcome); err != nil {
			return fmt.Errorf("write down message %d: %w", m.ID, err)
		}
		d.mu.Lock()
		d.count[outcome.State]++
		d.mu.Unlock()
		if outcome.State == store.MessageFailed {
			lane.Except = append(lane.Except, m.Recipient)
		}
	}
	return nil
}

// attempt writes one message and sends it. A panic on the way is the message's own failure.
func (d *delivery) attempt(ctx context.Context, m store.Message) (out store.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			d.Logger.Error("message panicked", "message", m.ID, "kind", m.Kind, "panic", p, "stack", string(debug.Stack()))
			d.fail(fmt.Errorf("message %d panicked: %v", m.ID, p))
			out = d.outcome(m, "", Receipt{Fate: FailedForNow, Detail: unwritten})
		}
	}()
	subject, receipt, err := d.send(ctx, m)
	var why lapsed
	switch {
	case errors.As(err, &why):
		return store.Outcome{State: store.MessageLapsed, Detail: string(why), At: d.at}
	case err != nil:
		d.Logger.Error("write a message", "message", m.ID, "kind", m.Kind, "error", err)
		return d.outcome(m, "", Receipt{Fate: FailedForNow, Detail: unwritten})
	}
	return d.outcome(m, subject, receipt)
}

// unwritten is what the ledger says of a message that the program itself could not write; why stands in its log.
const unwritten = "unwritten"

// send writes a message from the register as it is now, and sends it where it goes.
func (d *delivery) send(ctx context.Context, m store.Message) (subject string, _ Receipt, _ error) {
	r, err := d.Store.Register(ctx, d.organisation)
	if err != nil {
		return "", Receipt{}, err
	}
	to, err := addressee(r, m)
	if err != nil {
		return "", Receipt{}, err
	}
	if m.Channel != 0 {
		return d.notify(ctx, r, m, to)
	}
	write := d.reminderMail
	if m.Kind == store.KindDigest {
		write = d.digestMail
	}
	l, err := write(ctx, r, m, to)
	if err != nil {
		return "", Receipt{}, err
	}
	l.ID, l.To, l.ToName, l.Lang, l.Date = m.MessageID, m.Address, m.Name, m.Lang, d.at
	ctx, cancel := lingering(ctx, linger)
	defer cancel()
	fate, detail := d.Post.Send(ctx, l)
	return l.Subject, Receipt{Fate: fate, Detail: detail}, nil
}

// notify sends a message on a channel.
func (d *delivery) notify(ctx context.Context, r *models.Register, m store.Message, to models.Addressee) (subject string, _ Receipt, _ error) {
	write := d.reminderNote
	if m.Kind == store.KindDigest {
		write = d.digestNote
	}
	n, err := write(ctx, r, m, to)
	if err != nil {
		return "", Receipt{}, err
	}
	n.ID, n.Kind, n.Lang, n.At = m.MessageID, m.Kind, to.Channel.Lang, d.at
	keyed, err := d.Store.OpenChannel(ctx, d.organisation, m.Channel)
	switch {
	case errors.Is(err, models.ErrNotFound): // removed this very moment
		return "", Receipt{}, errUnwanted
	case err != nil:
		return "", Receipt{}, err
	case d.Notifier == nil:
		return n.Title, Receipt{Fate: NoPost}, nil
	}
	ctx, cancel := lingering(ctx, linger)
	defer cancel()
	return n.Title, d.Notifier.Notify(ctx, keyed, n), nil
}

// outcome is what the ledger is told of an attempt.
func (d *delivery) outcome(m store.Message, subject string, got Receipt) store.Outcome {
	out := store.Outcome{Subject: subject, Detail: got.Detail, At: d.at}
	switch got.Fate {
	case Sent:
		out.State = store.MessageSent
	case FailedForGood:
		out.State = store.MessageGivenUp
	case NoPost:
		out.State, out.NextAt = store.MessageNotConfigured, d.at.Add(time.Hour)
	case FailedForNow:
		out.State, out.NextAt = store.MessageFailed, retryAt(m, d.at)
		if asked := d.at.Add(got.RetryAfter); asked.After(out.NextAt) {
			out.NextAt = asked
		}
	}
	return out
}

// retryAt is when a message that failed at an instant is tried again: later each time, but once more before it is over.
func retryAt(m store.Message, at time.Time) time.Time {
	next := at.Add(pause(m.Attempts))
	if last := m.Until.Add(-lastTry); next.After(last) && last.After(at.Add(pause(1))) {
		return last
	}
	return next
}

// lastTry is how long before a message is over it is tried once more: a round comes every ten minutes.
const lastTry = 30 * time.Minute

// pause is how long to wait before the next attempt, after so many.
func pause(attempts int) time.Duration {
	steps := []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour}
	return steps[min(max(attempts-1, 0), len(steps)-1)]
}

// lingering ends a while after its parent: a message cut off when the other side has just taken it would come twice.
func lingering(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(while, cancel) })
	return own, func() { stop(); cancel() }
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// digestKind names the digest in the ledger of deliveries.
const digestKind = "digest"

// maxRound bounds the letters of one round, so that a crowd of recipients does not hold up the other jobs for hours.
const maxRound = 500

// Period names a month in the ledger: "2026-12".
func Period(month cal.Date) string { return month.String()[:7] }

// Recipients are the people who get the digest: here on the day, with an address, and who chose it.
func Recipients(r *models.Register, today cal.Date) []models.Person {
	var to []models.Person
	for _, p := range r.People {
		if receives(p, today) {
			to = append(to, p)
		}
	}
	return to
}

func receives(p models.Person, today cal.Date) bool {
	return p.Digest && p.Email != "" && p.HereOn(today)
}

// Digest writes down who is to get the month's digest, once, and posts what is still to be posted. A month that has
// passed is not sent any more: what it announced is over.
func (j *Jobs) Digest(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	month := today.MonthStart()
	r, err := j.Store.Register(ctx, organisation)
	if err != nil {
		return "", err
	}
	if len(r.Services) == 0 || !j.Post.Configured() {
		return "nothing to send", nil
	}
	if err := j.Store.LapseDeliveries(ctx, organisation, digestKind, Period(month), at); err != nil {
		return "", fmt.Errorf("let past months' digests lapse: %w", err)
	}
	// The recipients of a month are written down once: who chooses the digest later gets the next one.
	name := fmt.Sprintf("%s/%d", digestKind, organisation)
	mine, err := j.Store.ClaimRun(ctx, name, Period(month), at)
	if err != nil {
		return "", err
	}
	if mine {
		added, err := j.Store.PlanDeliveries(ctx, organisation, digestKind, Period(month), Recipients(r, today), at)
		if err != nil {
			return "", errors.Join(fmt.Errorf("plan the digest of %s: %w", Period(month), err), j.Store.ForgetRun(context.WithoutCancel(ctx), name, Period(month)))
		}
		if err := j.Store.FinishRun(ctx, name, Period(month), at, "done", fmt.Sprintf("%d recipients", added)); err != nil {
			return "", err
		}
	}
	return j.deliver(ctx, organisation, today, at)
}

// SendDigest plans the month's digest for whoever chose it and has not been planned yet, and posts what is open: the
// digest sent by hand. Only the month of today can be sent.
func (j *Jobs) SendDigest(ctx context.Context, organisation models.ID, month, today cal.Date, at time.Time) (string, error) {
	if month != today.MonthStart() {
		return "", fmt.Errorf("only the digest of %s can be sent today: what another month announces is over or not known yet; leave --send out to read it", Period(today))
	}
	if !j.Post.Configured() {
		return "", errors.New("no mail server is set: give ENVELOPPE_SMTP_HOST and ENVELOPPE_SMTP_FROM")
	}
	r, err := j.Store.Register(ctx, organisation)
	if err != nil {
		return "", err
	}
	if err := j.Store.LapseDeliveries(ctx, organisation, digestKind, Period(month), at); err != nil {
		return "", fmt.Errorf("let past months' digests lapse: %w", err)
	}
	if _, err := j.Store.PlanDeliveries(ctx, organisation, digestKind, Period(month), Recipients(r, today), at); err != nil {
		return "", fmt.Errorf("plan the digest of %s: %w", Period(month), err)
	}
	return j.deliver(ctx, organisation, today, at)
}

// deliver posts the letters that are due, one by one: what happens to one touches none of the others.
func (j *Jobs) deliver(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	count := map[Fate]int{}
	for range maxRound {
		d, ok, err := j.Store.ClaimDelivery(ctx, organisation, digestKind, at)
		if err != nil {
			return "", fmt.Errorf("take the next letter: %w", err)
		}
		if !ok {
			break
		}
		fate, detail := j.post(ctx, d, today, at)
		count[fate]++
		state, next := store.DeliveryState(fate), time.Time{}
		switch fate {
		case FailedForNow:
			next = at.Add(pause(d.Attempts))
		case NoPost:
			state, next = store.DeliveryNotConfigured, at.Add(time.Hour)
		case Sent, FailedForGood:
		}
		// The letter has left or failed whatever becomes of this request: write that down even if it is cut short.
		if err := j.Store.FinishDelivery(context.WithoutCancel(ctx), organisation, d.ID, state, detail, next, at); err != nil {
			return "", fmt.Errorf("write down letter %d: %w", d.ID, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Sprintf("%d sent, %d to try again, %d given up", count[Sent], count[FailedForNow], count[FailedForGood]), ctx.Err()
}

// post writes one letter from the register as it is now, and posts it.
func (j *Jobs) post(ctx context.Context, d store.Delivery, today cal.Date, at time.Time) (Fate, string) {
	l, err := j.letter(ctx, d, today, at)
	if errors.Is(err, errUnwanted) {
		return FailedForGood, err.Error()
	}
	if err != nil {
		j.Logger.Error("write digest", "recipient", d.Recipient, "error", err)
		return FailedForNow, "the digest could not be written"
	}
	return j.Post.Send(ctx, l)
}

// errUnwanted is a letter to somebody who has left, or left the digest, since it was planned.
var errUnwanted = errors.New("the recipient does not get the digest any more")

// letter writes the digest of a delivery.
func (j *Jobs) letter(ctx context.Context, d store.Delivery, today cal.Date, at time.Time) (Letter, error) {
	r, err := j.Store.Register(ctx, d.Organisation)
	if err != nil {
		return Letter{}, err
	}
	to, ok := r.Person(d.Recipient)
	if !ok || !receives(to, today) {
		return Letter{}, errUnwanted
	}
	token, err := j.Store.UnsubscribeToken(ctx, d.Organisation, d.Recipient)
	if err != nil {
		return Letter{}, err
	}
	digest, err := j.WriteDigest(ctx, r, today.MonthStart(), today, to, j.Base+"/unsubscribe/"+token)
	if err != nil {
		return Letter{}, err
	}
	digest.ID, digest.To, digest.ToName, digest.Date = d.MessageID, d.Address, d.Name, at
	return digest, nil
}

// WriteDigest writes the digest of a month for a person; unsubscribe is the address that ends it, empty in a preview.
func (j *Jobs) WriteDigest(ctx context.Context, r *models.Register, month, today cal.Date, to models.Person, unsubscribe string) (Letter, error) {
	changes, err := j.Store.Audit(ctx, r.Organisation.ID, store.AuditFilter{Limit: reports.LatestChanges})
	if err != nil {
		return Letter{}, fmt.Errorf("read what changed: %w", err)
	}
	d := reports.NewDigest(r, month, today, to, j.Base, changes)
	d.UnsubscribeURL = unsubscribe
	w := words.In(words.Lang(to.Lang))
	text, err := d.Text(w)
	if err != nil {
		return Letter{}, err
	}
	html, err := d.HTML(w)
	if err != nil {
		return Letter{}, err
	}
	return Letter{Subject: d.Subject(w), Text: text, HTML: html, Lang: to.Lang, UnsubscribeURL: unsubscribe}, nil
}

// pause is how long to wait before the next attempt, after so many.
func pause(attempts int) time.Duration {
	steps := []time.Duration{10 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}
	return steps[min(max(attempts-1, 0), len(steps)-1)]
}

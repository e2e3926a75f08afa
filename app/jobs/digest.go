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
	if len(r.Services) == 0 {
		return "nothing to send", nil
	}
	if _, err := j.Store.LapseMessages(ctx, organisation, at); err != nil {
		return "", err
	}
	// The recipients of a month are written down once: who chooses the digest later gets the next one.
	name := fmt.Sprintf("%s/%d", store.KindDigest, organisation)
	mine, err := j.Store.ClaimRun(ctx, name, Period(month), at)
	if err != nil {
		return "", err
	}
	if mine {
		added, err := j.planDigest(ctx, r, today, at)
		if err != nil {
			return "", errors.Join(err, j.Store.ForgetRun(context.WithoutCancel(ctx), name, Period(month)))
		}
		if err := j.Store.FinishRun(ctx, name, Period(month), at, "done", fmt.Sprintf("%d recipients", added)); err != nil {
			return "", err
		}
	}
	return j.deliver(ctx, organisation, true, today, at)
}

// planDigest writes down who is to get the digest of the month of a day.
func (j *Jobs) planDigest(ctx context.Context, r *models.Register, today cal.Date, at time.Time) (int, error) {
	month, o := today.MonthStart(), r.Organisation
	var list []store.Planned
	for _, p := range Recipients(r, today) {
		list = append(list, store.Planned{
			MessageKey: store.MessageKey{Kind: store.KindDigest, Item: o.ID, Occurrence: Period(month), Recipient: p.ID},
			Name:       p.Name, Address: p.Email, Lang: p.Lang, Until: month.AddMonths(1).Time(o.Location()),
		})
	}
	added, err := j.Store.PlanMessages(ctx, o.ID, list, at)
	if err != nil {
		return 0, fmt.Errorf("plan the digest of %s: %w", Period(month), err)
	}
	return added, nil
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
	if _, err := j.Store.LapseMessages(ctx, organisation, at); err != nil {
		return "", err
	}
	if _, err := j.planDigest(ctx, r, today, at); err != nil {
		return "", err
	}
	return j.deliver(ctx, organisation, true, today, at)
}

// letter writes the digest of a row of the ledger.
func (j *Jobs) letter(ctx context.Context, d store.Message, today cal.Date, at time.Time) (Letter, error) {
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
	month, err := cal.Parse(d.Occurrence + "-01")
	if err != nil {
		return Letter{}, fmt.Errorf("which month the digest is of: %w", err)
	}
	digest, err := j.WriteDigest(ctx, r, month, today, to, j.Base+"/unsubscribe/"+token)
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

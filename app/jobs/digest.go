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

// planDigest writes down who is to get the digest of the month of a day: people, and in short the channels that want it.
func (j *Jobs) planDigest(ctx context.Context, r *models.Register, today cal.Date, at time.Time) (int, error) {
	month, o := today.MonthStart(), r.Organisation
	var to []models.Addressee
	for _, p := range Recipients(r, today) {
		to = append(to, models.Addressee{Person: p})
	}
	for i := range r.Channels {
		if ch := &r.Channels[i]; ch.Digest && !ch.Paused {
			to = append(to, models.Addressee{Channel: ch})
		}
	}
	var list []store.Planned
	for _, x := range to {
		p := plannedFor(x)
		p.Kind, p.Item, p.Occurrence, p.Until = store.KindDigest, o.ID, Period(month), month.AddMonths(1).Time(o.Location())
		list = append(list, p)
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

// monthOf is the month a row of the ledger is about.
func monthOf(m store.Message) (cal.Date, error) {
	month, err := cal.Parse(m.Occurrence + "-01")
	if err != nil {
		return cal.Date{}, fmt.Errorf("which month the digest is of: %w", err)
	}
	return month, nil
}

// digestMail is a digest by e-mail.
func (d *delivery) digestMail(ctx context.Context, r *models.Register, m store.Message, to models.Addressee) (Letter, error) {
	if !receives(to.Person, d.today) {
		return Letter{}, errUnwanted
	}
	month, err := monthOf(m)
	if err != nil {
		return Letter{}, err
	}
	token, err := d.Store.UnsubscribeToken(ctx, d.organisation, m.Recipient)
	if err != nil {
		return Letter{}, err
	}
	return d.WriteDigest(ctx, r, month, d.today, to.Person, d.Base+"/unsubscribe/"+token)
}

// digestNote is a digest in short on a channel.
func (d *delivery) digestNote(_ context.Context, r *models.Register, m store.Message, to models.Addressee) (Note, error) {
	if !to.Channel.Digest {
		return Note{}, errUnwanted
	}
	month, err := monthOf(m)
	if err != nil {
		return Note{}, err
	}
	digest := reports.NewDigest(r, month, d.today, models.Person{Name: to.Channel.Name}, d.Base, nil)
	digest.WithoutAmounts = !to.Channel.Amounts
	title, body, link := digest.Short(words.In(words.Lang(to.Channel.Lang)))
	data := digestData{Month: m.Occurrence, Renewals: len(digest.Renewals), ToDecide: len(digest.Decide), Missing: len(digest.Missing)}
	if p := digest.Position; to.Channel.Amounts {
		data.Total, data.Forecast, data.Status, data.Currency = digest.Total.Plain(), p.Forecast.Plain(), string(p.Status), string(digest.Total.Currency())
	}
	return Note{Title: title, Body: body, Link: link, Data: data}, nil
}

// digestData is a digest as figures, for programs. Amounts are decimals.
type digestData struct {
	Month    string `json:"month"`
	Renewals int    `json:"renewals"`
	ToDecide int    `json:"to_decide"`
	Missing  int    `json:"missing"`
	Total    string `json:"total,omitempty"`    // of the renewals that could be converted
	Forecast string `json:"forecast,omitempty"` // of the fiscal year
	Status   string `json:"status,omitempty"`   // of the envelope
	Currency string `json:"currency,omitempty"`
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

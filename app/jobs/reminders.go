package jobs

import (
	"context"
	"fmt"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
)

// Reminders writes down what there is to remind anybody of, once each, and sends what is still to be sent: what failed
// before, and what a server that was off has missed, while it still helps.
func (j *Jobs) Reminders(ctx context.Context, organisation models.ID, today cal.Date, at time.Time) (string, error) {
	r, err := j.Store.Register(ctx, organisation)
	if err != nil {
		return "", err
	}
	if _, err := j.Store.LapseMessages(ctx, organisation, at); err != nil {
		return "", err
	}
	if _, err := j.Store.PlanMessages(ctx, organisation, plannedReminders(r, today), at); err != nil {
		return "", fmt.Errorf("plan the reminders of %s: %w", today, err)
	}
	return j.deliver(ctx, organisation, false, today, at)
}

// plannedReminders are the rows of the ledger for what holds on a day.
func plannedReminders(r *models.Register, today cal.Date) []store.Planned {
	var list []store.Planned
	all, zone := r.Reminding(today), r.Organisation.Location()
	for _, to := range r.Addressees(today) {
		for _, m := range all.Of(to) {
			p := plannedFor(to)
			p.Kind, p.Item, p.Occurrence, p.After, p.Until = string(m.Kind), m.Item, m.Occurrence, m.After, m.Until.Time(zone)
			list = append(list, p)
		}
	}
	return list
}

// plannedFor is a message for somebody, or for a channel, about nothing yet.
func plannedFor(to models.Addressee) store.Planned {
	if ch := to.Channel; ch != nil {
		return store.Planned{MessageKey: store.MessageKey{Channel: ch.ID}, Name: ch.Name, Lang: ch.Lang}
	}
	p := to.Person
	return store.Planned{MessageKey: store.MessageKey{Recipient: p.ID}, Name: p.Name, Address: p.Email, Lang: p.Lang}
}

// addressee is whom a row of the ledger is for, as the register knows them now; errUnwanted when they are gone.
func addressee(r *models.Register, m store.Message) (models.Addressee, error) {
	if m.Channel != 0 {
		ch, ok := r.Channel(m.Channel)
		if !ok || ch.Paused {
			return models.Addressee{}, errUnwanted
		}
		return models.Addressee{Channel: &ch}, nil
	}
	p, ok := r.Person(m.Recipient)
	if !ok {
		return models.Addressee{}, errUnwanted
	}
	return models.Addressee{Person: p}, nil
}

// reminding is all there is to remind of as the register is now, gathered once a round while it stays the same.
func (d *delivery) reminding(r *models.Register) *models.Reminding {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gathered == nil || d.of != r {
		d.of, d.gathered = r, r.Reminding(d.today)
	}
	return d.gathered
}

// reminder is a row of the ledger in words, if it still stands: as the register is now, not as it was when it was planned.
func (d *delivery) reminder(r *models.Register, m store.Message, to models.Addressee) (reports.ReminderLetter, error) {
	if to.Channel == nil && !(to.Person.Reminders && to.Person.HereOn(d.today)) {
		return reports.ReminderLetter{}, errUnwanted
	}
	about, stands := d.reminding(r).Find(to, models.ReminderKind(m.Kind), m.Item, m.Occurrence)
	if !stands {
		return reports.ReminderLetter{}, errSettled
	}
	lang := m.Lang
	if to.Channel != nil {
		lang = to.Channel.Lang
	}
	return reports.NewReminderLetter(r, about, to, lang, d.Base), nil
}

// reminderMail is a reminder by e-mail.
func (d *delivery) reminderMail(ctx context.Context, r *models.Register, m store.Message, to models.Addressee) (Letter, error) {
	l, err := d.reminder(r, m, to)
	if err != nil {
		return Letter{}, err
	}
	token, err := d.Store.UnsubscribeToken(ctx, d.organisation, m.Recipient)
	if err != nil {
		return Letter{}, err
	}
	l.UnsubscribeURL = d.Base + "/unsubscribe/" + token + "/reminders"
	text, err := l.Text()
	if err != nil {
		return Letter{}, err
	}
	html, err := l.HTML()
	if err != nil {
		return Letter{}, err
	}
	return Letter{Subject: l.Subject(), Text: text, HTML: html, UnsubscribeURL: l.UnsubscribeURL}, nil
}

// reminderData is a reminder as figures, for programs.
type reminderData struct {
	Occurrence     string    `json:"occurrence"`
	Day            cal.Date  `json:"day"` // of the event
	LeadDays       int       `json:"lead_days"`
	Until          cal.Date  `json:"until"` // from then on it helps nobody
	ServiceID      models.ID `json:"service_id,omitempty"`
	Service        string    `json:"service,omitempty"`
	SubscriptionID models.ID `json:"subscription_id,omitempty"`
	Renewal        string    `json:"renewal,omitempty"` // the day it prevents, or is
	Status         string    `json:"status,omitempty"`  // of the envelope
	Amount         string    `json:"amount,omitempty"`  // decimal, of what is at stake; only where amounts may be read
	Currency       string    `json:"currency,omitempty"`
}

// reminderNote is a reminder on a channel.
func (d *delivery) reminderNote(_ context.Context, r *models.Register, m store.Message, to models.Addressee) (Note, error) {
	l, err := d.reminder(r, m, to)
	if err != nil {
		return Note{}, err
	}
	c := l.Cause
	service, _ := r.Service(c.ServiceID)
	data := reminderData{
		Occurrence: m.Occurrence, Day: l.On, LeadDays: l.Lead, Until: l.Until, ServiceID: c.ServiceID, Service: service.Name,
		SubscriptionID: c.SubscriptionID, Renewal: c.Renewal.String(), Status: string(c.Status),
	}
	if to.Channel.Amounts && !c.Amount.IsNone() {
		data.Amount, data.Currency = c.Amount.Plain(), string(c.Amount.Currency())
	}
	title, body, link := l.Short()
	return Note{Title: title, Body: body, Link: link, Data: data}, nil
}

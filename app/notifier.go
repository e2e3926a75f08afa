package app

import (
	"context"
	"fmt"

	"enveloppe/app/jobs"
	"enveloppe/app/notify"
	"enveloppe/models"
)

// notifier takes the notes of the jobs to the channels.
type notifier struct {
	sender *notify.Sender
	now    Clock
}

// Notify sends one note and says what became of it.
func (p notifier) Notify(ctx context.Context, to models.Channel, n jobs.Note) jobs.Receipt {
	r := p.sender.Send(ctx, to, notify.Note{
		ID: n.ID, Kind: n.Kind, Title: n.Title, Body: n.Body, Link: n.Link, Lang: n.Lang, At: n.At, Now: p.now(), Data: n.Data,
	})
	fate := jobs.FailedForNow
	switch r.Fate {
	case notify.Sent:
		return jobs.Receipt{Fate: jobs.Sent}
	case notify.FailedForGood:
		fate = jobs.FailedForGood
	case notify.FailedForNow:
	}
	detail := r.Detail
	if r.Status != 0 {
		detail = fmt.Sprintf("%d %s", r.Status, detail)
	}
	return jobs.Receipt{Fate: fate, Detail: detail, RetryAfter: r.RetryAfter}
}

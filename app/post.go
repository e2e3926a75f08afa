package app

import (
	"context"
	"crypto/rand"
	netmail "net/mail"
	"net/url"

	"enveloppe/app/jobs"
	"enveloppe/app/mail"
	"enveloppe/app/notify"
	"enveloppe/app/web"
	"enveloppe/models"
	"enveloppe/templates/words"
)

// post takes the letters of the jobs and the screens to the mail server.
type post struct {
	sender *mail.Sender
	config mail.Config
	base   *url.URL
	now    Clock
	notes  *notify.Sender
}

// Configured tells whether mail can leave at all.
func (p *post) Configured() bool { return p.config.Configured() }

// Send posts one letter and says what became of it.
func (p *post) Send(ctx context.Context, l jobs.Letter) (jobs.Fate, string) {
	m := mail.Message{
		ID: l.ID, To: l.To, ToName: l.ToName, Subject: l.Subject, Text: l.Text, HTML: l.HTML, Lang: string(l.Lang), Date: l.Date,
		UnsubscribeURL: l.UnsubscribeURL,
	}
	if l.UnsubscribeURL != "" {
		m.UnsubscribeMailto = p.answers() + "?subject=unsubscribe"
	}
	r := p.sender.Send(ctx, m)
	switch r.Outcome {
	case mail.Sent:
		return jobs.Sent, ""
	case mail.FailedPermanent:
		return jobs.FailedForGood, r.Detail
	case mail.NotConfigured:
		if !p.config.Configured() { // which is all there is to say
			return jobs.NoPost, ""
		}
		return jobs.NoPost, r.Detail
	case mail.FailedTemporary:
	}
	return jobs.FailedForNow, r.Detail
}

// answers is the address somebody reads: where answers go, else the sender.
func (p *post) answers() string {
	for _, text := range []string{p.config.ReplyTo, p.config.From} {
		if a, err := netmail.ParseAddress(text); err == nil {
			return "mailto:" + a.Address
		}
	}
	return ""
}

// Test sends a short message to an address and gives the server's words when it did not go.
func (p *post) Test(ctx context.Context, address, name string, lang models.Lang) error {
	w := words.In(words.Lang(lang))
	return p.Mail(ctx, web.Letter{
		Address: address, Name: name, Lang: lang,
		Subject: w.T("mail.test.subject"), Text: w.T("mail.test.text", "base", p.base.String()) + "\n",
	})
}

// Mail sends one message of the screens, likewise.
func (p *post) Mail(ctx context.Context, l web.Letter) error {
	r := p.sender.Send(ctx, mail.Message{
		ID: "test." + rand.Text() + "@" + p.base.Hostname(), Date: p.now(), To: l.Address, ToName: l.Name, Lang: string(l.Lang),
		Subject: l.Subject, Text: l.Text, HTML: l.HTML, UnsubscribeURL: l.UnsubscribeURL,
	})
	if r.Outcome == mail.Sent {
		return nil
	}
	return web.Undelivered{Rule: string(r.Reason), Detail: r.Detail}
}

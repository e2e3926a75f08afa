package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/url"

	"enveloppe/app/notify"
	"enveloppe/app/outbound"
	"enveloppe/app/web"
	"enveloppe/models"
)

// newNotes is what takes notes to channels, as far as the operator lets it.
func newNotes(c Config) *notify.Sender {
	return notify.New(outbound.Options{Allow: c.Internal, Agent: "enveloppe/" + Version})
}

// channelDesk is how the screens try channels.
type channelDesk struct {
	notes *notify.Sender
	base  *url.URL
	now   Clock
}

// Check says why an address cannot be asked.
func (d channelDesk) Check(address models.Secret) string {
	switch reason := d.notes.Check(address); reason {
	case "":
		return ""
	case outbound.NotSecure, outbound.Internal:
		return "channel." + string(reason)
	default:
		return "channel.address"
	}
}

// Try sends a message made for trying.
func (d channelDesk) Try(ctx context.Context, ch models.Channel, title, body string) web.Tried {
	r := d.notes.Send(ctx, ch, notify.Note{
		ID: notify.KindTest + "." + rand.Text(), Kind: notify.KindTest, Title: title, Body: body, Link: d.base.String(), Lang: ch.Lang, At: d.now(),
	})
	tried := web.Tried{Host: r.Host, Status: r.Status, Answer: r.Detail}
	if r.Fate != notify.Sent {
		tried.Rule = "told." + string(cmp.Or(r.Reason, outbound.Refused))
		if r.Reason != outbound.Refused {
			tried.Answer = "" // the reason says it in the reader's language
		}
	}
	return tried
}

package web

import (
	"context"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

// outbox sends letters beside the requests: the time of an answer must not tell whether a letter left.
type outbox struct {
	going sync.WaitGroup
	slots chan struct{}
}

// Limits of the outbox: so many wait or are under way, each for so long at most.
const (
	maxLetters = 64
	letterTime = time.Minute
)

// later does something after the request has been answered; what does not find room is dropped and logged.
func (w *Web) later(c echo.Context, about string, do func(ctx context.Context) error) {
	select {
	case w.outbox.slots <- struct{}{}:
	default:
		w.Logger.Error("letter dropped: too many are waiting", "about", about)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), letterTime)
	w.outbox.going.Go(func() {
		defer func() { cancel(); <-w.outbox.slots }()
		if err := do(ctx); err != nil {
			w.Logger.Error("letter not sent", "about", about, "error", err)
		}
	})
}

// settle waits until every letter is sent or given up.
func (w *Web) settle() { w.outbox.going.Wait() }

// accountLetter is a message to the owner of an account, in their language: plain text, so that what stands in it is
// what they see.
func (w *Web) accountLetter(address, name string, lang models.Lang, about string, args ...any) Letter {
	l := words.In(words.Lang(lang))
	args = append(args, "name", name, "base", w.Base.String())
	return Letter{
		Address: address, Name: name, Lang: lang,
		Subject: l.T("mail."+about+".subject", args...), Text: l.T("mail."+about+".text", args...) + "\n",
	}
}

// tellOwner writes to the owner of an account that something about it was changed, at the address it had then.
func (w *Web) tellOwner(c echo.Context, account models.AccountID, about string, args ...any) {
	if !w.Post.Configured() {
		return
	}
	w.later(c, about, func(ctx context.Context) error {
		who, err := w.store.Credential(ctx, account)
		if err != nil || len(who.Memberships) == 0 {
			return err
		}
		return w.Post.Mail(ctx, w.accountLetter(who.Email, who.Memberships[0].Name, who.Memberships[0].Lang, about, args...))
	})
}

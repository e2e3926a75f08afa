package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func (w *Web) flagRoutes(g *echo.Group) {
	g.POST("/flags/acknowledgement", w.acknowledgeFlag, mayEdit)
	g.GET("/flags/snooze", w.snoozePage, mayEdit)
	g.POST("/flags/snooze", w.snoozeFlag, mayEdit)
	g.POST("/flags/reopening", w.reopenFlag, mayEdit)
}

// snoozeDays is how long a matter is put off unless somebody says otherwise.
const snoozeDays = 14

type snoozePage struct {
	Form Form
	Line CauseLine
	To   string
	Last cal.Date // latest day that still makes sense; zero when any does
}

// flagKey reads which flag a form or an address names; anything that cannot be one is not found.
func flagKey(c echo.Context) (models.FlagKey, error) {
	k := models.FlagKey{Kind: models.FlagKind(c.FormValue("kind"))}
	e := entry{Fields: Fields{"subject": c.FormValue("subject")}}
	k.Subject = e.id("subject")
	if code := c.FormValue("code"); code != "" {
		currency, err := money.ParseCurrency(code)
		if err != nil {
			return k, models.ErrNotFound
		}
		k.Code = currency
	}
	if on := c.FormValue("on"); on != "" {
		day, err := cal.Parse(on)
		if err != nil {
			return k, models.ErrNotFound
		}
		k.On = day
	}
	if len(e.bad) > 0 || !slices.Contains(models.FlagKinds, k.Kind) {
		return k, models.ErrNotFound
	}
	return k, nil
}

// flagCause finds the cause behind the flag a request names. One that has gone meanwhile needs nobody any more.
func flagCause(c echo.Context) (models.Cause, error) {
	key, err := flagKey(c)
	if err != nil {
		return models.Cause{}, err
	}
	v := visitOf(c)
	for _, cause := range v.register.Causes(v.today) {
		if cause.Key == key {
			return cause, nil
		}
	}
	return models.Cause{}, models.Refused{Rule: "flag_gone"}
}

func (w *Web) acknowledgeFlag(c echo.Context) error {
	cause, err := flagCause(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.AcknowledgeFlag(c.Request().Context(), v.actor, cause.Key, v.today); err != nil {
		return err
	}
	to := localPath(c.FormValue("to"))
	line := causeLine(v.words, v.register, cause, v.today)
	return w.done(c, to, Notice{Key: "flag_acknowledged", Args: []string{"name", line.Name, "title", line.Title}, Undo: line.Key.Address("reopening", to)})
}

func (w *Web) reopenFlag(c echo.Context) error {
	cause, err := flagCause(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.ReopenFlag(c.Request().Context(), v.actor, cause.Key); err != nil {
		return err
	}
	line := causeLine(v.words, v.register, cause, v.today)
	return w.done(c, localPath(c.FormValue("to")), Notice{Key: "flag_reopened", Args: []string{"name", line.Name, "title", line.Title}})
}

func (w *Web) snoozePage(c echo.Context) error {
	cause, err := flagCause(c)
	if err != nil {
		return err
	}
	until := visitOf(c).today.AddDays(snoozeDays)
	if last := lastSnooze(cause); !last.IsZero() {
		until = cal.Max(cal.Min(until, last), visitOf(c).today.AddDays(1))
	}
	return w.showSnooze(c, http.StatusOK, cause, Form{Fields: Fields{"until": until.String()}})
}

func (w *Web) showSnooze(c echo.Context, status int, cause models.Cause, f Form) error {
	v := visitOf(c)
	line := causeLine(v.words, v.register, cause, v.today)
	return w.render(c, screen{
		status: status, name: "flag-snooze", nav: "renewals", title: "flag.snooze.page", args: []any{"name", line.Name},
		page: snoozePage{Form: f, Line: line, To: localPath(c.FormValue("to")), Last: lastSnooze(cause)},
	})
}

// lastSnooze is the latest day a matter may be put off to: what has to be decided by a day must come back by then.
func lastSnooze(cause models.Cause) cal.Date {
	if cause.Key.Kind == models.FlagDecideBy || cause.Key.Kind == models.FlagTrialEnd {
		return cause.Key.On
	}
	return cal.Date{}
}

func (w *Web) snoozeFlag(c echo.Context) error {
	cause, err := flagCause(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "until")}
	until := e.day("until")
	last := lastSnooze(cause)
	switch {
	case e.bad.Has("until"):
	case until.IsZero():
		e.bad.Add("until", "date.empty")
	case !until.After(v.today):
		e.bad.Add("until", "date.past")
	case !last.IsZero() && until.After(last):
		e.bad.Add("until", "not_after", "day", last)
	}
	if err = e.bad.Err(); err == nil {
		err = w.store.SnoozeFlag(c.Request().Context(), v.actor, cause.Key, v.today, until)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showSnooze(c, status, cause, f) })
	}
	to := localPath(c.FormValue("to"))
	line := causeLine(v.words, v.register, cause, v.today)
	return w.done(c, to, Notice{
		Key: "flag_snoozed", Args: []string{"name", line.Name, "title", line.Title, "day", v.words.DayLong(until)}, Undo: line.Key.Address("reopening", to),
	})
}

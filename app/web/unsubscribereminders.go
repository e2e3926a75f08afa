package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
)

// The digest and the reminders are left apart, so each has an address of its own under the same secret.
func (w *Web) unsubscribeReminderRoutes(g *echo.Group) {
	g.GET("/unsubscribe/:token/reminders", w.leaveRemindersPage)
	g.POST("/unsubscribe/:token/reminders", w.leaveReminders)
	g.POST("/unsubscribe/:token/reminders/undo", w.remindersAgain)
}

// remindedReader finds the person of the token, and tells whether they want reminders.
func (w *Web) remindedReader(c echo.Context) (reader, error) {
	who, err := w.readerOf(c)
	if err != nil {
		return who, err
	}
	r, err := w.store.Register(c.Request().Context(), who.actor.Organisation)
	if err != nil {
		return who, err
	}
	p, ok := r.Person(who.actor.Person)
	if !ok {
		return who, models.ErrNotFound
	}
	who.wants = p.Reminders
	return who, nil
}

// leaveRemindersPage only shows: mail programs and their scanners follow links by themselves.
func (w *Web) leaveRemindersPage(c echo.Context) error {
	who, err := w.remindedReader(c)
	if err != nil {
		return err
	}
	return w.showLeaveReminders(c, unsubscribePage{Name: who.actor.Name, Wants: who.wants})
}

func (w *Web) showLeaveReminders(c echo.Context, page unsubscribePage) error {
	page.Token = c.Param("token")
	return w.render(c, screen{status: http.StatusOK, name: "unsubscribe-reminders", title: "unsubscribe.reminders_title", page: page})
}

// leaveReminders stops them. As with the digest, mail providers post here by themselves: the answer is the page itself.
func (w *Web) leaveReminders(c echo.Context) error {
	who, err := w.remindedReader(c)
	if err != nil {
		return err
	}
	if err := w.store.SetReminderChoice(c.Request().Context(), who.actor, who.actor.Person, false); err != nil {
		return err
	}
	return w.showLeaveReminders(c, unsubscribePage{Name: who.actor.Name, Done: true})
}

func (w *Web) remindersAgain(c echo.Context) error {
	who, err := w.remindedReader(c)
	if err != nil {
		return err
	}
	if err := w.store.SetReminderChoice(c.Request().Context(), who.actor, who.actor.Person, true); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/unsubscribe/"+c.Param("token")+"/reminders")
}

package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
)

// mayClose lets through who closes the accounts.
var mayClose = may(models.Role.MayClose)

func (w *Web) closingRoutes(g *echo.Group) {
	g.GET("/closings/new", w.newClosing, mayClose, w.fresh)
	g.POST("/closings", w.closeAccounts, mayClose, w.fresh)
	g.GET("/closings/:id/reopening", w.reopeningPage, mayManage, w.fresh)
	g.POST("/closings/:id/reopening", w.reopenAccounts, mayManage, w.fresh)
}

// closingLine is one act of closing as the history tells it.
type closingLine struct {
	models.Closing
	By, ReopenedBy string // names; empty when not known any more
	Last           bool   // the one that can be taken back
}

// closingLines are the closings, the latest first.
func closingLines(r *models.Register) []closingLine {
	var out []closingLine
	for i := len(r.Closings) - 1; i >= 0; i-- {
		c := r.Closings[i]
		by, _ := r.Person(c.By)
		reopened, _ := r.Person(c.ReopenedBy)
		out = append(out, closingLine{c, by.Name, reopened.Name, c.Stands() && c.Through == r.ClosedThrough()})
	}
	return out
}

// maxMonths is how many month ends are offered; a register kept for longer is closed year by year.
const maxMonths = 36

// closable are the days the accounts can be closed through: the ends of months and of fiscal years after the last
// closing, before today, the latest first.
func closable(r *models.Register, today cal.Date) []cal.Date {
	from := r.ClosedThrough().AddDays(1)
	if r.ClosedThrough().IsZero() {
		from = firstKept(r, today)
	}
	var days []cal.Date
	for end := today.MonthStart().AddDays(-1); len(days) < maxMonths && !end.Before(from); end = end.MonthStart().AddDays(-1) {
		days = append(days, end)
	}
	for year := r.Year(today).Prev(); !year.Last().Before(from); year = year.Prev() {
		days = insertDay(days, year.Last())
	}
	return days
}

// firstKept is the first day there is something to close of.
func firstKept(r *models.Register, today cal.Date) cal.Date {
	from := r.Organisation.KeptFrom
	if from.IsZero() {
		from = r.Year(today).Span().From
	}
	for i := range r.Payments {
		from = cal.Min(from, r.Payments[i].PaidOn)
	}
	return from
}

// insertDay puts a day in its place among days that descend, once.
func insertDay(days []cal.Date, d cal.Date) []cal.Date {
	for i, x := range days {
		if x == d {
			return days
		}
		if x.Before(d) {
			return append(days[:i:i], append([]cal.Date{d}, days[i:]...)...)
		}
	}
	return append(days, d)
}

// closableOptions name those days; the end of a fiscal year says so.
func closableOptions(v *visit) []Option {
	var out []Option
	for _, d := range closable(v.register, v.today) {
		label := v.words.DayLong(d)
		if year := v.register.Year(d); year.Last() == d {
			label = v.words.T("closings.year_end", "day", d, "year", v.words.FiscalYear(year))
		}
		out = append(out, Option{d.String(), label})
	}
	return out
}

// closingPage asks which period to close, and shows what it still lacks.
type closingPage struct {
	Form    Form
	Days    []Option
	Through cal.Date
	Since   cal.Date // last day closed so far
	Gaps    []accountingGap
	Missing int
	Address string // of this page with the day chosen, for coming back to it
}

func (w *Web) newClosing(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: Fields{"through": c.QueryParam("through")}}
	if e.day("through"); e.bad != nil {
		return models.ErrNotFound
	}
	return w.showClosing(c, http.StatusOK, Form{Fields: e.Fields}, v)
}

func (w *Web) showClosing(c echo.Context, status int, f Form, v *visit) error {
	page := closingPage{Form: f, Days: closableOptions(v), Since: v.register.ClosedThrough()}
	for _, d := range page.Days { // another day than those offered is refused, and the latest shown instead
		if d.Value == f.Fields["through"] || page.Through.IsZero() {
			page.Through, _ = cal.Parse(d.Value)
		}
	}
	if !page.Through.IsZero() {
		span := cal.Span{From: page.Since.AddDays(1), To: page.Through.AddDays(1)}
		if page.Since.IsZero() {
			span.From = firstKept(v.register, v.today)
		}
		page.Gaps, page.Missing = gapsIn(v, span)
		page.Address = "/closings/new?through=" + page.Through.String()
	}
	return w.render(c, screen{status: status, name: "closing", nav: "accounting", title: "closings.title", page: page})
}

func (w *Web) closeAccounts(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "through", "note")}
	closing := models.Closing{Through: e.day("through"), On: v.today, By: v.actor.Person, Note: e.text("note")}
	if !e.bad.Has("through") {
		e.merge(closing.Check(v.today, v.register.ClosedThrough()), nil)
	}
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.CloseAccounts(c.Request().Context(), v.actor, closing, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showClosing(c, status, f, v) })
	}
	return w.done(c, "/accounting", Notice{Key: "accounts_closed", Args: []string{"day", v.words.DayLong(closing.Through)}})
}

// reopeningPage asks why closed accounts are opened again.
type reopeningPage struct {
	Form    Form
	Closing closingLine
	Until   cal.Date // what stays closed; zero when nothing does
}

func askedClosing(c echo.Context) (closingLine, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return closingLine{}, err
	}
	for _, line := range closingLines(visitOf(c).register) {
		if line.ID == id {
			return line, nil
		}
	}
	return closingLine{}, models.ErrNotFound
}

func (w *Web) reopeningPage(c echo.Context) error {
	line, err := askedClosing(c)
	if err != nil {
		return err
	}
	switch {
	case !line.Stands():
		return models.Refused{Rule: "closing.reopened", Args: []any{"day", line.ReopenedOn}}
	case !line.Last:
		return models.Refused{Rule: "closing.later", Args: []any{"day", visitOf(c).register.ClosedThrough()}}
	}
	return w.showReopening(c, line, http.StatusOK, Form{})
}

func (w *Web) showReopening(c echo.Context, line closingLine, status int, f Form) error {
	page := reopeningPage{Form: f, Closing: line}
	for _, x := range visitOf(c).register.Closings {
		if x.Stands() && x.Through.Before(line.Through) && x.Through.After(page.Until) {
			page.Until = x.Through
		}
	}
	return w.render(c, screen{status: status, name: "closing-reopening", nav: "accounting", title: "closings.reopen_title", page: page})
}

func (w *Web) reopenAccounts(c echo.Context) error {
	line, err := askedClosing(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "reason")}
	if err := w.store.ReopenAccounts(c.Request().Context(), v.actor, line.ID, e.text("reason"), v.today); err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showReopening(c, line, status, f) })
	}
	return w.done(c, "/accounting", Notice{Key: "accounts_reopened", Args: []string{"day", v.words.DayLong(line.Through)}})
}

package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// envelopeFormPage asks for the floor and the ceiling of one fiscal year.
type envelopeFormPage struct {
	Form     Form
	Year     cal.FiscalYear
	Set      bool
	Forecast money.Amount
	Before   models.Envelope // of the year before, as an example; Ceiling is none when there is none
}

func (w *Web) envelopeForm(c echo.Context) error {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return err
	}
	f := Fields{"version": "0"}
	if e, ok := v.register.Envelope(year.Number()); ok {
		f = Fields{
			"floor": v.words.MoneyInput(e.Floor), "ceiling": v.words.MoneyInput(e.Ceiling), "version": typedVersion(e.Version),
		}
	}
	return w.showEnvelopeForm(c, year, http.StatusOK, Form{Fields: f})
}

func (w *Web) showEnvelopeForm(c echo.Context, year cal.FiscalYear, status int, f Form) error {
	v := visitOf(c)
	page := envelopeFormPage{Form: f, Year: year, Forecast: v.register.Position(year, v.today).Forecast}
	_, page.Set = v.register.Envelope(year.Number())
	page.Before, _ = v.register.Envelope(year.Prev().Number())
	return w.render(c, screen{
		status: status, name: "envelope-form", nav: "envelope", title: "envelope.form_title", args: []any{"year", year.Label()}, page: page,
	})
}

func (w *Web) setEnvelope(c echo.Context) error {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "floor", "ceiling")}
	envelope := models.Envelope{
		Version: e.version(), Year: year.Number(), Floor: e.amount("floor", money.EUR), Ceiling: e.amount("ceiling", money.EUR),
	}
	if envelope.Floor.IsNone() && !e.bad.Has("floor") {
		envelope.Floor = money.Zero(money.EUR)
	}
	if known, ok := v.register.Envelope(year.Number()); ok {
		envelope.ID = known.ID
	}
	e.merge(envelope.Check(), nil)
	if err = e.bad.Err(); err == nil {
		err = w.store.SetEnvelope(c.Request().Context(), v.actor, envelope)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showEnvelopeForm(c, year, status, f) })
	}
	return w.done(c, yearPath(year), Notice{Key: "envelope_set", Args: []string{"year", year.Label()}})
}

// removeEnvelope takes a year's envelope away. Its figures travel in the way back, which sets it again.
func (w *Web) removeEnvelope(c echo.Context) error {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return err
	}
	e, ok := v.register.Envelope(year.Number())
	if !ok {
		return models.ErrNotFound
	}
	if err := w.store.RemoveEnvelope(c.Request().Context(), v.actor, year.Number()); err != nil {
		return err
	}
	back := url.Values{"floor": {e.Floor.Plain()}, "ceiling": {e.Ceiling.Plain()}, "version": {"0"}}
	return w.done(c, yearPath(year), Notice{
		Key: "envelope_removed", Args: []string{"year", year.Label()}, Undo: "/envelopes/" + strconv.Itoa(year.Number()) + "?" + back.Encode(),
	})
}

func yearPath(year cal.FiscalYear) string { return "/envelope?year=" + strconv.Itoa(year.Number()) }

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

// envelopeFormPage asks for the floor and the ceiling of one fiscal year, and for what each function may cost of it.
type envelopeFormPage struct {
	Form     Form
	Year     cal.FiscalYear
	Set      bool
	Forecast money.Amount
	Proposal models.EnvelopeProposal // for a year without an envelope
	Why      string                  // it is proposed as it is
	Shares   []shareField
}

// shareField asks for the share of one function.
type shareField struct {
	Name, Function string // of the field, and of the function
	Forecast       money.Amount
}

func shareName(function models.ID) string { return "share." + typedID(function) }

func (w *Web) envelopeForm(c echo.Context) error {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return err
	}
	e, ok := v.register.Envelope(year.Number())
	if !ok {
		e = v.register.ProposeEnvelope(year, v.today).Envelope
	}
	return w.showEnvelopeForm(c, year, http.StatusOK, Form{Fields: typedEnvelope(v, e)})
}

// typedEnvelope is an envelope as the form shows it.
func typedEnvelope(v *visit, e models.Envelope) Fields {
	f := Fields{"floor": v.words.MoneyInput(e.Floor), "ceiling": v.words.MoneyInput(e.Ceiling), "version": typedVersion(e.Version)}
	for _, s := range e.Shares {
		f[shareName(s.FunctionID)] = v.words.MoneyInput(s.Ceiling)
	}
	return f
}

func (w *Web) showEnvelopeForm(c echo.Context, year cal.FiscalYear, status int, f Form) error {
	v := visitOf(c)
	p := v.register.Position(year, v.today)
	page := envelopeFormPage{Form: f, Year: year, Forecast: p.Forecast}
	if _, page.Set = v.register.Envelope(year.Number()); !page.Set {
		page.Proposal = v.register.ProposeEnvelope(year, v.today)
		page.Why = proposalWhy(v, page.Proposal)
	}
	costs := map[models.ID]money.Amount{}
	for _, cost := range v.register.CostByFunction(p) {
		costs[cost.FunctionID] = cost.Forecast
	}
	for _, fn := range v.register.ByPosition() {
		cost, ok := costs[fn.ID]
		if !ok {
			cost = money.Zero(money.EUR)
		}
		page.Shares = append(page.Shares, shareField{shareName(fn.ID), fn.Name, cost})
	}
	return w.render(c, screen{
		status: status, name: "envelope-form", nav: "envelope", title: "envelope.form_title", args: []any{"year", year.Label()}, page: page,
	})
}

// proposalWhy says why an envelope is proposed as it is.
func proposalWhy(v *visit, p models.EnvelopeProposal) string {
	why := v.words.T("envelopes.why."+string(p.Why), "forecast", p.Forecast, "run_rate", p.RunRate,
		"floor", v.words.MoneyRound(p.Before.Floor), "ceiling", v.words.MoneyRound(p.Before.Ceiling), "before", v.yearLabel(p.Before.Year))
	if !p.Complete {
		why += " " + v.words.T("envelope.run_rate_part")
	}
	return why
}

func (v *visit) yearLabel(n int) string { return v.register.Organisation.YearStart.Year(n).Label() }

// envelope reads the form of a fiscal year.
func (e *entry) envelope(v *visit, year cal.FiscalYear) models.Envelope {
	out := models.Envelope{Version: e.version(), Year: year.Number(), Floor: e.amount("floor", money.EUR), Ceiling: e.amount("ceiling", money.EUR)}
	if out.Floor.IsNone() && !e.bad.Has("floor") {
		out.Floor = money.Zero(money.EUR)
	}
	for _, fn := range v.register.ByPosition() {
		if share := e.amount(shareName(fn.ID), money.EUR); !share.IsNone() {
			out.Shares = append(out.Shares, models.Share{FunctionID: fn.ID, Ceiling: share})
		}
	}
	return out.Tidy()
}

func (w *Web) setEnvelope(c echo.Context) error {
	v := visitOf(c)
	year, err := yearNumbered(v, c.Param("year"))
	if err != nil {
		return err
	}
	names := []string{"floor", "ceiling"}
	for _, fn := range v.register.Functions {
		names = append(names, shareName(fn.ID))
	}
	e := entry{Fields: fields(c, names...)}
	envelope := e.envelope(v, year)
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
	for _, s := range e.Shares {
		back.Set(shareName(s.FunctionID), s.Ceiling.Plain())
	}
	return w.done(c, yearPath(year), Notice{
		Key: "envelope_removed", Args: []string{"year", year.Label()}, Undo: "/envelopes/" + strconv.Itoa(year.Number()) + "?" + back.Encode(),
	})
}

func yearPath(year cal.FiscalYear) string { return "/envelope?year=" + strconv.Itoa(year.Number()) }

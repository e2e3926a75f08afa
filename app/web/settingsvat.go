package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

func (w *Web) vatRoutes(g *echo.Group) {
	g.GET("/settings/vat", w.vatPage)
	g.POST("/settings/vat", w.addVAT, mayManage)
	g.POST("/settings/vat/removal", w.removeVAT, mayManage)
}

// vatPage is the organisation's statuses towards VAT, each from a day on, and what each kind would cost this year.
type vatPage struct {
	Form     Form
	Statuses []models.VATStatus // the latest first
	Choices  []vatChoice
	Year     cal.FiscalYear
}

// vatChoice is one kind of status with its consequence in words and in euros.
type vatChoice struct {
	Kind  models.VATKind
	Label string
	Text  string
}

func (w *Web) vatPage(c echo.Context) error {
	v := visitOf(c)
	return w.showVAT(c, http.StatusOK, Form{Fields: Fields{
		"version": typedVersion(v.register.Organisation.Version), "from": v.register.Year(v.today).Span().From.String(),
		"kind": string(v.register.Organisation.VATStatusOn(v.today).Kind),
	}})
}

func (w *Web) showVAT(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	o := v.register.Organisation
	page := vatPage{Form: f, Statuses: slices.Clone(o.VAT), Year: v.register.Year(v.today)}
	slices.Reverse(page.Statuses)
	share := o.VATStatusOn(v.today).Share
	if share.IsZero() {
		share = money.PercentOf(100)
	}
	for _, kind := range []models.VATKind{models.NotTaxable, models.NoDeduction, models.PartDeducts} {
		would := models.VATStatus{Kind: kind}
		if kind == models.PartDeducts {
			would.Share = share
		}
		cost := v.register.Under(would).Position(page.Year, v.today).Forecast
		page.Choices = append(page.Choices, vatChoice{
			Kind: kind, Label: v.words.T("settings.vat_is." + string(kind)),
			Text: v.words.T("settings.vat_effect."+string(kind), "cost", cost, "year", page.Year.Label(), "share", share),
		})
	}
	return w.render(c, screen{status: status, name: "settings-vat", nav: "settings", title: "settings.vat_title", page: page})
}

func (w *Web) addVAT(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "from", "kind", "share")}
	s := models.VATStatus{From: e.day("from"), Kind: models.VATKind(e.text("kind"))}
	o := v.register.Organisation
	o.Version = e.version()
	switch s.Kind {
	case models.NotTaxable, models.NoDeduction:
	case models.PartDeducts:
		if s.Share = e.percent("share"); s.Share.IsZero() && !e.bad.Has("share") {
			e.bad.Add("share", "percent.empty")
		}
	default:
		e.bad.Add("kind", "choose")
	}
	if s.From.IsZero() && !e.bad.Has("from") {
		e.bad.Add("from", "date.empty")
	}
	// A status typed again for the same day takes the other's place.
	o.VAT = slices.DeleteFunc(slices.Clone(o.VAT), func(x models.VATStatus) bool { return x.From == s.From })
	o.VAT = append(o.VAT, s)
	slices.SortFunc(o.VAT, func(a, b models.VATStatus) int { return a.From.Compare(b.From) })
	err := e.bad.Err()
	if err == nil {
		err = w.store.SaveOrganisation(c.Request().Context(), v.actor, o)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showVAT(c, status, f) })
	}
	return w.done(c, "/settings/vat", Notice{Key: "vat_added", Args: []string{"day", v.words.DayLong(s.From)}})
}

func (w *Web) removeVAT(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "from")}
	from := e.day("from")
	o := v.register.Organisation
	at := slices.IndexFunc(o.VAT, func(s models.VATStatus) bool { return s.From == from })
	if at < 0 {
		return models.ErrNotFound
	}
	gone := o.VAT[at]
	o.VAT = slices.Delete(slices.Clone(o.VAT), at, at+1)
	if err := w.store.SaveOrganisation(c.Request().Context(), v.actor, o); err != nil {
		return err
	}
	r, err := w.store.Register(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	back := url.Values{"from": {from.String()}, "kind": {string(gone.Kind)}, "version": {typedVersion(r.Organisation.Version)}}
	if !gone.Share.IsZero() {
		back.Set("share", gone.Share.String())
	}
	return w.done(c, "/settings/vat", Notice{Key: "vat_removed", Args: []string{"day", v.words.DayLong(from)}, Undo: "/settings/vat?" + back.Encode()})
}

package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/money"
)

func (w *Web) rateRoutes(g *echo.Group) {
	g.GET("/settings/rates", w.ratesPage)
	g.POST("/settings/rates", w.addRate, mayEdit)
	g.POST("/settings/rates/:id/removal", w.removeRate, mayEdit)
}

// maxRates is how many of the latest rates the page lists.
const maxRates = 200

// ratesPage is the rates the register converts with, the latest first, and a form to type one.
type ratesPage struct {
	Form    Form
	Lines   []rateLine
	Rest    int
	Missing []string // currencies in use without a rate that still holds
}

type rateLine struct {
	models.ReferenceRate
	By string // where it comes from, in words
}

func (w *Web) ratesPage(c echo.Context) error {
	currency := c.QueryParam("currency")
	return w.showRates(c, http.StatusOK, Form{Fields: Fields{"currency": currency, "day": visitOf(c).today.String()}})
}

func (w *Web) showRates(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	page := ratesPage{Form: f, Missing: currenciesWithoutRate(v)}
	all := slices.Clone(v.register.Rates)
	slices.SortStableFunc(all, func(a, b models.ReferenceRate) int { return b.Day.Compare(a.Day) })
	page.Rest = max(len(all)-maxRates, 0)
	for _, r := range all[:len(all)-page.Rest] {
		page.Lines = append(page.Lines, rateLine{r, v.words.Kind("rate", string(r.Source))})
	}
	return w.render(c, screen{status: status, name: "settings-rates", nav: "settings", title: "settings.rates_title", page: page})
}

// currenciesWithoutRate are those of charges to come and of payments that no rate turns into euros today.
func currenciesWithoutRate(v *visit) []string {
	p := v.register.Position(v.register.Year(v.today), v.today)
	var out []string
	add := func(c money.Currency) {
		if !slices.Contains(out, string(c)) {
			out = append(out, string(c))
		}
	}
	for _, x := range p.UnconvertedCharges {
		add(x.Billed.Currency())
	}
	for _, x := range p.UnconvertedPayments {
		add(x.Billed.Currency())
	}
	return out
}

func (w *Web) addRate(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "currency", "day", "rate")}
	r := models.ReferenceRate{Day: e.day("day"), Rate: e.rate("rate"), Source: models.RateTyped}
	if r.Currency = e.currency(); !e.is("currency") {
		e.bad.Add("currency", "currency.empty")
	}
	e.merge(r.Check(v.today), nil)
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.AddRate(c.Request().Context(), v.actor, r, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showRates(c, status, f) })
	}
	return w.done(c, "/settings/rates", Notice{Key: "rate_added", Args: []string{"currency", string(r.Currency), "day", v.words.DayLong(r.Day), "rate", v.words.Rate(r.Rate)}})
}

func (w *Web) removeRate(c echo.Context) error {
	v := visitOf(c)
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(v.register.Rates, func(r models.ReferenceRate) bool { return r.ID == id })
	if at < 0 {
		return models.ErrNotFound
	}
	r := v.register.Rates[at]
	if err := w.store.RemoveRate(c.Request().Context(), v.actor, id); err != nil {
		return err
	}
	n := Notice{Key: "rate_removed", Args: []string{"currency", string(r.Currency), "day", v.words.DayLong(r.Day)}}
	if r.Source == models.RateTyped { // a published one would come back as typed
		n.Undo = "/settings/rates?" + url.Values{"currency": {string(r.Currency)}, "day": {r.Day.String()}, "rate": {r.Rate.String()}}.Encode()
	}
	return w.done(c, "/settings/rates", n)
}

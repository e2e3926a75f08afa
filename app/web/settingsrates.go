package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/eurofxref"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

func (w *Web) rateRoutes(g *echo.Group) {
	g.GET("/settings/rates", w.ratesPage)
	g.POST("/settings/rates", w.addRate, mayEdit)
	g.POST("/settings/rates/fetch", w.fetchRates, mayEdit)
	g.POST("/settings/rates/file", w.importRates, mayEdit, receiveRates)
	g.POST("/settings/rates/:id/removal", w.removeRate, mayEdit)
}

// RateDesk fetches published rates for the screens. It belongs to the outside, so the program hands it in.
type RateDesk interface {
	// Off says why rates are not fetched here: "off" by the settings, "today" because the program acts on another day;
	// empty when they can be.
	Off() string
	// Alone tells whether they come without anybody asking.
	Alone() bool
	// Last is what became of the last fetch.
	Last(ctx context.Context, organisation models.ID) (eurofxref.Fetch, error)
	// Fetch fetches what is missing now; a fetch without an instant means that nothing was. What keeps it from coming is
	// Invalid, under no field.
	Fetch(ctx context.Context, by models.Actor, today cal.Date) (eurofxref.Fetch, error)
}

// maxRates is how many of the latest rates the page lists.
const maxRates = 200

// ratesPage is the rates the register converts with, the latest first, where they come from, and forms to add more.
type ratesPage struct {
	Form       Form // of a rate typed by hand
	File       Form // of a file
	Fetching   Form // of a fetch
	Fetch      ratesFetch
	Currencies []currencyLine
	Chosen     money.Currency // the list is of this one; empty: of all
	Lines      []rateLine
	Count      int
	Rest       int
	Without    []unconverted // payments recorded without a rate that is known by now
	Missing    []string      // currencies in use without a rate that still holds
}

type rateLine struct {
	models.ReferenceRate
	By string // where it comes from, in words
}

// currencyLine is one currency that is in use or has a rate.
type currencyLine struct {
	Currency money.Currency
	Latest   rateLine // without a day when there is none
	Count    int
	Lacks    bool // amounts wait for a rate
}

// ratesFetch is how published rates come here, and what became of the last time.
type ratesFetch struct {
	Off        string
	Alone      bool
	Last       eurofxref.Fetch
	At, DoneAt string // in words; empty when there was none
	Why        string // nothing came
}

func (w *Web) ratesPage(c echo.Context) error {
	currency, _ := money.ParseCurrency(c.QueryParam("currency"))
	return w.showRates(c, http.StatusOK, ratesPage{
		Chosen: currency,
		Form:   Form{Fields: Fields{"currency": c.QueryParam("currency"), "day": visitOf(c).today.String()}},
	})
}

func (w *Web) showRates(c echo.Context, status int, page ratesPage) error {
	v := visitOf(c)
	var err error
	if page.Fetch, err = w.lastFetch(c.Request().Context(), v); err != nil {
		return err
	}
	page.Missing = currenciesWithoutRate(v)
	page.Without = recordedWithout(v)
	page.Currencies = currencyLines(v, page.Missing)
	if !slices.ContainsFunc(page.Currencies, func(l currencyLine) bool { return l.Currency == page.Chosen }) {
		page.Chosen = ""
	}
	var all []models.ReferenceRate
	for _, r := range v.register.Rates {
		if page.Chosen == "" || r.Currency == page.Chosen {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b models.ReferenceRate) int { // of one day the published rate, which is used, first
		return cmp.Or(b.Day.Compare(a.Day), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Source, b.Source))
	})
	page.Count, page.Rest = len(all), max(len(all)-maxRates, 0)
	for _, r := range all[:len(all)-page.Rest] {
		line := rateLine{r, v.words.Kind("rate", string(r.Source))}
		if r.Planned {
			line.By = v.words.T("rates.planned_from")
		}
		page.Lines = append(page.Lines, line)
	}
	return w.render(c, screen{status: status, name: "settings-rates", nav: "settings", title: "settings.rates_title", page: page})
}

// lastFetch says how published rates come here and what became of the last time.
func (w *Web) lastFetch(ctx context.Context, v *visit) (ratesFetch, error) {
	if w.Rates == nil {
		return ratesFetch{Off: "off"}, nil
	}
	last, err := w.Rates.Last(ctx, v.actor.Organisation)
	if err != nil {
		return ratesFetch{}, err
	}
	f := ratesFetch{Off: w.Rates.Off(), Alone: w.Rates.Alone(), Last: last}
	zone := v.register.Organisation.Location()
	if !last.At.IsZero() {
		f.At = v.words.Moment(last.At.In(zone))
	}
	if !last.DoneAt.IsZero() {
		f.DoneAt = v.words.Moment(last.DoneAt.In(zone))
	}
	if last.Failed() {
		f.Why = v.words.Problem(last.Rule, "host", last.Host, "status", last.Status)
	}
	return f, nil
}

// currencyLines are the currencies in use and those that have a rate, by code.
func currencyLines(v *visit, missing []string) []currencyLine {
	lines := map[money.Currency]*currencyLine{}
	line := func(c money.Currency) *currencyLine {
		if lines[c] == nil {
			lines[c] = &currencyLine{Currency: c, Lacks: slices.Contains(missing, string(c))}
		}
		return lines[c]
	}
	for _, x := range v.register.RatesWanted(v.today) {
		line(x.Currency)
	}
	for _, r := range v.register.Rates {
		l := line(r.Currency)
		if r.Planned { // it says nothing of today
			continue
		}
		l.Count++
		// Of two rates of one day the published one is used.
		if newer := r.Day.Compare(l.Latest.Day); newer > 0 || (newer == 0 && r.Source == models.RateECB) {
			l.Latest = rateLine{r, v.words.Kind("rate", string(r.Source))}
		}
	}
	out := make([]currencyLine, 0, len(lines))
	for _, l := range lines {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b currencyLine) int { return cmp.Compare(a.Currency, b.Currency) })
	return out
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
		if _, ok := rateSince(v, x); !ok {
			add(x.Billed.Currency())
		}
	}
	return out
}

// recordedWithout are the payments of the year recorded without a rate that is known by now.
func recordedWithout(v *visit) []unconverted {
	var out []unconverted
	for _, x := range v.register.Position(v.register.Year(v.today), v.today).UnconvertedPayments {
		if _, ok := rateSince(v, x); ok {
			out = append(out, unconvertedPayment(v, x))
		}
	}
	return out
}

func unconvertedPayment(v *visit, p models.Payment) unconverted {
	sv, _ := v.register.Service(p.ServiceID)
	return unconverted{Service: sv.Name, Href: "/payments/" + typedID(p.ID), Amount: p.Billed, Count: 1}
}

func (w *Web) addRate(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "currency", "day", "rate", "planned")}
	r := models.ReferenceRate{Day: e.day("day"), Rate: e.rate(), Source: models.RateTyped, Planned: e.is("planned")}
	if r.Currency = e.currency(); !e.is("currency") {
		e.bad.Add("currency", "currency.empty")
	}
	e.merge(r.Check(v.today), nil)
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.AddRate(c.Request().Context(), v.actor, r, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showRates(c, status, ratesPage{Form: f}) })
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
		again := url.Values{"currency": {string(r.Currency)}, "day": {r.Day.String()}, "rate": {r.Rate.String()}}
		if r.Planned {
			again.Set("planned", "1")
		}
		n.Undo = "/settings/rates?" + again.Encode()
	}
	return w.done(c, "/settings/rates", n)
}

// fetchRates asks for what is missing, now.
func (w *Web) fetchRates(c echo.Context) error {
	v := visitOf(c)
	today := Form{Fields: Fields{"day": v.today.String()}}
	if w.Rates == nil || w.Rates.Off() != "" { // the page says why
		return w.showRates(c, http.StatusUnprocessableEntity, ratesPage{Form: today})
	}
	got, err := w.Rates.Fetch(c.Request().Context(), v.actor, v.today)
	if err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			return w.showRates(c, status, ratesPage{Form: today, Fetching: f})
		})
	}
	if got.At.IsZero() {
		return w.done(c, "/settings/rates", Notice{Key: "rates_complete"})
	}
	return w.done(c, "/settings/rates", Notice{Key: "rates_fetched", Args: []string{
		"added", v.words.N("rates.added", got.Added), "day", v.words.DayLong(got.Last),
	}})
}

// importRates takes the rates of a file the visitor has.
func (w *Web) importRates(c echo.Context) error {
	v := visitOf(c)
	refuse := func(err error) error {
		return w.retry(c, err, Fields{}, func(status int, f Form) error {
			return w.showRates(c, status, ratesPage{Form: Form{Fields: Fields{"day": v.today.String()}}, File: f})
		})
	}
	content, err := ratesFile(c)
	if err != nil {
		return refuse(err)
	}
	published, faults, err := eurofxref.Parse(content, nil)
	if bad, ok := errors.AsType[*eurofxref.Unreadable](err); ok {
		return refuse(models.Invalid{{Field: "file", Rule: bad.Rule}})
	}
	rates := make([]models.ReferenceRate, len(published))
	for i, p := range published {
		rates[i] = models.ReferenceRate{Currency: p.Currency, Day: p.Day, Rate: p.Rate, Source: models.RateECB}
	}
	got, err := w.store.ImportRates(c.Request().Context(), v.actor, rates, v.today)
	if err != nil {
		return refuse(err)
	}
	parts := []string{v.words.N("rates.added", 0)}
	if got.Added > 0 {
		parts[0] = v.words.N("rates.added_span", got.Added, "from", v.words.DayLong(got.From), "to", v.words.DayLong(got.To))
	}
	for _, p := range []struct {
		key string
		n   int
	}{{"rates.known", got.Known}, {"rates.differ", got.Differ}, {"rates.future", got.Future}, {"rates.unused", got.Unused}} {
		if p.n > 0 {
			parts = append(parts, v.words.N(p.key, p.n))
		}
	}
	if len(faults) > 0 {
		parts = append(parts, v.words.N("rates.bad", len(faults), "lines", v.words.List(badRateLines(v.words, faults))))
	}
	return w.done(c, "/settings/rates", Notice{Key: "rates_imported", Args: []string{"parts", v.words.List(parts)}})
}

// badRateLines names the first bad lines of a file.
func badRateLines(w *words.Words, faults []eurofxref.Fault) []string {
	const named = 3
	var out []string
	for i, f := range faults {
		if i == named {
			return append(out, w.T("rates.more_bad"))
		}
		out = append(out, w.T("rates.bad_line", "row", f.Row, "fault", w.T("rates.fault."+f.Rule[len("rates."):]), "text", f.Text))
	}
	return out
}

// Limits of a file of rates: the whole history is a tenth of what is taken.
const (
	maxRatesFile = 5 << 20
	maxRatesForm = 4 * maxRatesFile // so that a file a little too large gets its sentence
)

func receiveRates(next echo.HandlerFunc) echo.HandlerFunc { return receiveUpTo(maxRatesForm, next) }

// ratesFile is the file of the form.
func ratesFile(c echo.Context) ([]byte, error) {
	header, err := c.FormFile("file")
	if err != nil || (header.Filename == "" && header.Size == 0) {
		return nil, models.Invalid{{Field: "file", Rule: "rates.missing"}}
	}
	if header.Size > maxRatesFile {
		return nil, models.Invalid{{Field: "file", Rule: "rates.too_large"}}
	}
	return readUpload(header)
}

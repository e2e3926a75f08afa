package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func (w *Web) settingsRoutes(g *echo.Group) {
	g.GET("/settings", w.organisationPage)
	g.POST("/settings", w.saveOrganisation, mayManage)
	w.vatRoutes(g)
	w.functionRoutes(g)
	w.vendorRoutes(g)
	w.meansRoutes(g)
	w.rateRoutes(g)
	w.amountRoutes(g)
	w.channelRoutes(g)
	g.GET("/settings/mail", w.mailPage, mayManage)
	g.POST("/settings/mail/test", w.testMail, mayManage)
}

// organisationPage is the first tab of the settings.
type organisationPage struct {
	Form         Form
	Amounts      Form // whether staff read amounts
	Organisation models.Organisation
	Months       []Option
	Zones        []string
	Langs        []Option
	Start        string // of the fiscal year, in words
}

// The zones that French organisations live in, and a few neighbours; any other name of the IANA list may be typed.
var zones = []string{
	"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "America/Miquelon", "Indian/Reunion", "Indian/Mayotte",
	"Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis", "Europe/Brussels", "Europe/Luxembourg", "Europe/Zurich", "Europe/London",
	"Europe/Berlin", "Europe/Madrid", "Europe/Rome", "Europe/Lisbon", "Africa/Dakar", "Africa/Tunis", "America/Montreal", "UTC",
}

func (w *Web) organisationPage(c echo.Context) error {
	o := visitOf(c).register.Organisation
	return w.showOrganisation(c, http.StatusOK, organisationForm(o), amountsForm(o))
}

// organisationForm is the settings as they stand, as somebody would have typed them.
func organisationForm(o models.Organisation) Form {
	return Form{Fields: Fields{
		"version": typedVersion(o.Version), "name": o.Name, "year_month": strconv.Itoa(int(o.YearStart.Month)), "year_day": strconv.Itoa(o.YearStart.Day),
		"zone": o.Zone, "lang": string(o.Lang), "headcount": typedCount(o.Headcount), "siren": o.SIREN, "kept_from": o.KeptFrom.String(),
		"margin_days": strconv.Itoa(o.MarginDays), "decide_window": strconv.Itoa(o.DecideWindow), "renewal_window": strconv.Itoa(o.RenewalWindow),
	}}
}

// typedCount is a number as somebody would have typed it; none for nothing said.
func typedCount(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (w *Web) showOrganisation(c echo.Context, status int, f, amounts Form) error {
	v := visitOf(c)
	page := organisationPage{Form: f, Amounts: amounts, Organisation: v.register.Organisation, Months: monthOptions(v.words), Zones: zones}
	for _, l := range []models.Lang{models.French, models.English} {
		page.Langs = append(page.Langs, Option{string(l), v.words.Kind("lang", string(l))})
	}
	page.Start = v.words.DayMedium(v.register.Year(v.today).Start)
	return w.render(c, screen{status: status, name: "settings", nav: "settings", title: "settings.title", page: page})
}

func (w *Web) saveOrganisation(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "year_month", "year_day", "zone", "lang", "headcount", "siren", "kept_from", "margin_days", "decide_window", "renewal_window")}
	o := v.register.Organisation // what the form does not hold stays: the VAT statuses, the mark of the sample
	o.Version = e.version()
	o.Name, o.Zone, o.Lang, o.SIREN = e.text("name"), e.text("zone"), models.Lang(e.text("lang")), withoutSpaces(e.text("siren"))
	o.YearStart = cal.YearStart{Month: time.Month(e.whole("year_month", 1)), Day: e.whole("year_day", 1)}
	o.Headcount, o.KeptFrom = e.whole("headcount", 0), e.day("kept_from")
	o.MarginDays = e.whole("margin_days", models.DefaultMarginDays)
	o.DecideWindow, o.RenewalWindow = e.whole("decide_window", models.DefaultDecideWindow), e.whole("renewal_window", models.DefaultRenewalWindow)
	if o.KeptFrom.IsZero() && !e.bad.Has("kept_from") {
		e.bad.Add("kept_from", "date.empty")
	}
	e.merge(o.Check(), map[string]string{"year_start": "year_month"})
	err := e.bad.Err()
	if err == nil {
		err = w.store.SaveOrganisation(c.Request().Context(), v.actor, o)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error {
			return w.showOrganisation(c, status, f, amountsForm(v.register.Organisation))
		})
	}
	return w.done(c, "/settings", Notice{Key: "settings_saved"})
}

// withoutSpaces drops the spaces people group digits with.
func withoutSpaces(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r != ' ' && r != '\u00a0' && r != '\u202f' {
			out = append(out, r)
		}
	}
	return string(out)
}

package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

func (w *Web) vendorRoutes(g *echo.Group) {
	g.GET("/settings/vendors", w.vendorsPage)
	g.POST("/settings/vendors", w.addVendor, mayEdit)
	g.GET("/settings/vendors/:id", w.vendorPage, mayEdit)
	g.POST("/settings/vendors/:id", w.saveVendor, mayEdit)
	g.POST("/settings/vendors/:id/removal", w.removeVendor, mayEdit)
}

// vendorsPage is who invoices, by name, with a form to add one.
type vendorsPage struct {
	Form      Form
	Lines     []vendorLine
	Countries []Option
}

type vendorLine struct {
	models.Vendor
	Services string // its services, by name
	Used     bool
}

// vendorPage changes one of them.
type vendorPage struct {
	Form      Form
	Vendor    models.Vendor
	Used      bool
	Countries []Option
}

func (w *Web) vendorsPage(c echo.Context) error {
	return w.showVendors(c, http.StatusOK, Form{Fields: Fields{"country": "FR"}})
}

func (w *Web) showVendors(c echo.Context, status int, f Form) error {
	v := visitOf(c)
	page := vendorsPage{Form: f, Countries: countryOptions(v)}
	services := map[models.ID][]string{}
	for _, s := range v.register.Services {
		services[s.VendorID] = append(services[s.VendorID], s.Name)
	}
	vendors := slices.Clone(v.register.Vendors)
	words.SortBy(v.words, vendors, func(x models.Vendor) string { return x.Name })
	for _, x := range vendors {
		page.Lines = append(page.Lines, vendorLine{x, v.words.List(services[x.ID]), len(services[x.ID]) > 0})
	}
	return w.render(c, screen{status: status, name: "settings-vendors", nav: "settings", title: "settings.vendors_title", page: page})
}

func parseVendor(e *entry) models.Vendor {
	v := models.Vendor{Version: e.version(), Name: e.text("name"), Country: e.text("country"), Account: e.text("account")}
	e.merge(v.Check(), nil)
	return v
}

func (w *Web) addVendor(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: fields(c, "name", "country", "account")}
	x := parseVendor(&e)
	err := e.bad.Err()
	if err == nil {
		_, err = w.store.AddVendor(c.Request().Context(), v.actor, x)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showVendors(c, status, f) })
	}
	return w.done(c, "/settings/vendors", Notice{Key: "item_added", Args: []string{"name", x.Name}})
}

func askedVendor(c echo.Context) (models.Vendor, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Vendor{}, err
	}
	x, ok := visitOf(c).register.Vendor(id)
	if !ok {
		return x, models.ErrNotFound
	}
	return x, nil
}

func (w *Web) vendorPage(c echo.Context) error {
	x, err := askedVendor(c)
	if err != nil {
		return err
	}
	return w.showVendor(c, x, http.StatusOK, Form{Fields: Fields{"version": typedVersion(x.Version), "name": x.Name, "country": x.Country, "account": x.Account}})
}

func (w *Web) showVendor(c echo.Context, x models.Vendor, status int, f Form) error {
	v := visitOf(c)
	page := vendorPage{Form: f, Vendor: x, Countries: countryOptions(v)}
	page.Used = slices.ContainsFunc(v.register.Services, func(s models.Service) bool { return s.VendorID == x.ID })
	return w.render(c, screen{status: status, name: "settings-vendor", nav: "settings", title: "settings.vendor_title", args: []any{"name", x.Name}, page: page})
}

func (w *Web) saveVendor(c echo.Context) error {
	v := visitOf(c)
	known, err := askedVendor(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "name", "country", "account")}
	x := parseVendor(&e)
	x.ID = known.ID
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveVendor(c.Request().Context(), v.actor, x)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showVendor(c, known, status, f) })
	}
	return w.done(c, "/settings/vendors", Notice{Key: "item_saved", Args: []string{"name", x.Name}})
}

func (w *Web) removeVendor(c echo.Context) error {
	x, err := askedVendor(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveVendor(c.Request().Context(), visitOf(c).actor, x.ID); err != nil {
		return err
	}
	back := url.Values{"name": {x.Name}, "country": {x.Country}, "account": {x.Account}}
	return w.done(c, "/settings/vendors", Notice{Key: "item_removed", Args: []string{"name", x.Name}, Undo: "/settings/vendors?" + back.Encode()})
}

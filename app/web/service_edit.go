package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

var editServiceFields = []string{"name", "function", "about", "vendor", "country", "url", "cancel_url", "export_every", "closes_on", "note"}

type editServicePage struct {
	Form    Form
	Choices formChoices
	Service models.Service
}

// serviceAt is the service in the address.
func serviceAt(c echo.Context) (models.Service, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Service{}, err
	}
	sv, ok := visitOf(c).register.Service(id)
	if !ok {
		return models.Service{}, models.ErrNotFound
	}
	return sv, nil
}

func (w *Web) editServicePage(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	vendor, _ := visitOf(c).register.Vendor(sv.VendorID)
	return w.showEditService(c, sv, http.StatusOK, Form{Fields: Fields{
		"name": sv.Name, "function": typedID(sv.FunctionID), "about": sv.About, "vendor": vendor.Name, "country": vendor.Country,
		"url": sv.URL, "cancel_url": sv.CancelURL, "export_every": strconv.Itoa(sv.ExportEvery), "closes_on": sv.ClosesOn.String(),
		"note": sv.Note, "version": typedVersion(sv.Version),
	}})
}

func (w *Web) showEditService(c echo.Context, sv models.Service, status int, f Form) error {
	page := editServicePage{Form: f, Choices: newFormChoices(visitOf(c)), Service: sv}
	return w.render(c, screen{status: status, name: "service-edit", nav: "services", title: "service.edit_title", args: []any{"name", sv.Name}, page: page})
}

func (w *Web) saveService(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, editServiceFields...)}
	changed, vendor, err := e.service(v, sv)
	if err == nil && vendor.Name != "" {
		changed.VendorID, err = w.store.EnsureVendor(c.Request().Context(), v.actor, vendor.Name, vendor.Country)
	}
	if err == nil {
		err = w.store.SaveService(c.Request().Context(), v.actor, changed)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showEditService(c, sv, status, f) })
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "service_saved", Args: []string{"name", changed.Name}})
}

// service reads the form over the service as it is. A vendor that has to be found by its name, or added, comes beside it.
func (e *entry) service(v *visit, sv models.Service) (models.Service, models.Vendor, error) {
	sv.Version = e.version()
	sv.Name, sv.FunctionID, sv.About = e.text("name"), e.id("function"), e.text("about")
	sv.URL, sv.CancelURL, sv.Note = e.text("url"), e.text("cancel_url"), e.text("note")
	sv.ExportEvery, sv.ClosesOn = e.whole("export_every", 0), e.day("closes_on")
	vendor := models.Vendor{Name: e.text("vendor"), Country: e.text("country")}
	now, _ := v.register.Vendor(sv.VendorID)
	switch {
	case vendor.Name == "":
		sv.VendorID = 0
	case words.Fold(vendor.Name) == words.Fold(now.Name):
		vendor = models.Vendor{} // the same: its country is changed in the settings
	default:
		e.merge(vendor.Check(), map[string]string{"name": "vendor"})
	}
	e.merge(sv.Check(), nil)
	return sv, vendor, e.bad.Err()
}

type archivePage struct {
	Service      models.Service
	Subscription models.ID // that still runs and must be cancelled first; 0 when there is none
}

func (w *Web) archivePage(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := archivePage{Service: sv}
	if s, ok := v.register.CurrentOn(sv.ID, v.today); ok && !s.Over(v.today) {
		page.Subscription = s.ID
	}
	return w.render(c, screen{status: http.StatusOK, name: "service-archive", nav: "services", title: "service.archive_title", args: []any{"name", sv.Name}, page: page})
}

func (w *Web) archiveService(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.ArchiveService(c.Request().Context(), v.actor, sv.ID, v.today); err != nil {
		return err
	}
	return w.done(c, "/services", Notice{Key: "service_archived", Args: []string{"name", sv.Name}, Undo: servicePath(sv.ID) + "/restore"})
}

func (w *Web) restoreService(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	if err := w.store.RestoreService(c.Request().Context(), visitOf(c).actor, sv.ID); err != nil {
		return err
	}
	return w.done(c, servicePath(sv.ID), Notice{Key: "service_restored", Args: []string{"name", sv.Name}})
}

// recordExport notes that the service's data has been copied, today unless another day is given.
func (w *Web) recordExport(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "exported_on")}
	on := e.dayOr("exported_on", v.today)
	if on.After(v.today) {
		e.bad.Add("exported_on", "date.future")
	}
	err = e.bad.Err()
	if err == nil {
		err = w.store.RecordExport(c.Request().Context(), v.actor, sv.ID, on)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showService(c, sv, status, f) })
	}
	return w.done(c, servicePath(sv.ID), Notice{
		Key: "data_exported", Args: []string{"name", sv.Name, "day", v.words.DayLong(on)},
		Undo: servicePath(sv.ID) + "/export/undo?exported_on=" + sv.ExportedOn.String() + "&exported_by=" + typedID(sv.Access.ExportedBy),
	})
}

// undoExport puts back the day noted before; none means that nothing had been copied yet.
func (w *Web) undoExport(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	e := entry{Fields: fields(c, "exported_on", "exported_by")}
	on, person := e.day("exported_on"), e.id("exported_by")
	if err := e.bad.Err(); err != nil {
		return err
	}
	if err := w.store.PutExport(c.Request().Context(), visitOf(c).actor, sv.ID, on, person); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, servicePath(sv.ID))
}

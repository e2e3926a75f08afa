package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/templates/words"
)

var accessFields = []string{
	"export", "export_how", "export_every", "exported_on", "exported_by", "export_kept", "second_admin", "closes_on", "replaced_by",
	"offline", "train_planned", "train_done", "referent",
	"personal", "personal_whose", "purpose", "dpa_on", "dpa_where", "hosting", "transfer", "kept_for",
}

// accessFormPage asks for what is known of a service's data and access.
type accessFormPage struct {
	Form                                Form
	Service                             models.Service
	Exports, Offlines, Personals, Bases []Option
	ExportedBy, Admins, Referents       []Option
	Vendor                              string
	Action, Back                        string
}

func (w *Web) accessForm(c echo.Context) error {
	sv, err := serviceAt(c)
	if err != nil {
		return err
	}
	return w.showAccessForm(c, http.StatusOK, sv, Form{Fields: accessTyped(visitOf(c).words, sv)})
}

// accessTyped is what is known, as somebody would type it.
func accessTyped(w *words.Words, sv models.Service) Fields {
	a := sv.Access
	hours := func(h models.Hours) string {
		if h == 0 {
			return ""
		}
		return hoursFigure(w, h)
	}
	return Fields{
		"version": typedVersion(sv.Version),
		"export":  string(a.Export), "export_how": a.ExportHow, "export_every": strconv.Itoa(sv.ExportEvery), "exported_on": sv.ExportedOn.String(),
		"exported_by": typedID(a.ExportedBy), "export_kept": a.ExportKept, "second_admin": typedID(a.SecondAdmin), "closes_on": sv.ClosesOn.String(),
		"replaced_by": a.ReplacedBy, "offline": string(a.Offline), "train_planned": hours(a.TrainPlanned), "train_done": hours(a.TrainDone),
		"referent": typedID(a.Referent), "personal": string(a.Personal), "personal_whose": a.PersonalWhose, "purpose": a.Purpose,
		"dpa_on": a.DPAOn.String(), "dpa_where": a.DPAWhere, "hosting": a.Hosting, "transfer": string(a.Transfer), "kept_for": a.KeptFor,
	}
}

func (w *Web) showAccessForm(c echo.Context, status int, sv models.Service, f Form) error {
	v := visitOf(c)
	vendor, _ := v.register.Vendor(sv.VendorID)
	page := accessFormPage{
		Form: f, Service: sv, Vendor: vendor.Name, Action: servicePath(sv.ID) + "/access", Back: servicePath(sv.ID),
		Exports: extentOptions(v.words, "export"), Offlines: extentOptions(v.words, "offline"), Personals: extentOptions(v.words, "personal"),
		Bases: []Option{{"", v.words.T("access.unsaid")}},
	}
	for _, t := range models.Transfers {
		page.Bases = append(page.Bases, Option{string(t), v.words.Kind("transfer", string(t))})
	}
	page.ExportedBy = namedOptions(v, sv.Access.ExportedBy)
	page.Admins = namedOptions(v, sv.Access.SecondAdmin)
	page.Referents = namedOptions(v, sv.Access.Referent)
	return w.render(c, screen{status: status, name: "access-form", nav: "services", title: "access.of", args: []any{"name", sv.Name}, page: page})
}

func extentOptions(w *words.Words, family string) []Option {
	out := []Option{{"", w.T("access.unsaid")}}
	for _, x := range models.Extents {
		out = append(out, Option{string(x), w.Kind(family, string(x))})
	}
	return out
}

// namedOptions are the people who are here, and whoever is named already though not here any more.
func namedOptions(v *visit, named models.ID) []Option {
	out := peopleOptions(v, v.words.T("service.nobody"))
	if p, ok := v.register.Person(named); ok && !p.HereOn(v.today) {
		out = append(out, Option{typedID(p.ID), v.words.T("access.has_left", "name", p.Name)})
	}
	return out
}

// access reads the form over the service as it is.
func (e *entry) access(v *visit, sv models.Service) models.Service {
	sv.Version = e.version()
	sv.ExportEvery, sv.ExportedOn, sv.ClosesOn = e.whole("export_every", 0), e.day("exported_on"), e.day("closes_on")
	sv.Access = models.Access{
		Export: models.Extent(e.text("export")), ExportHow: e.text("export_how"), ExportedBy: e.id("exported_by"), ExportKept: e.text("export_kept"),
		SecondAdmin: e.id("second_admin"), ReplacedBy: e.text("replaced_by"), Offline: models.Extent(e.text("offline")),
		TrainPlanned: e.hours("train_planned"), TrainDone: e.hours("train_done"), Referent: e.id("referent"),
		Personal: models.Extent(e.text("personal")), PersonalWhose: e.text("personal_whose"), Purpose: e.text("purpose"),
		DPAOn: e.day("dpa_on"), DPAWhere: e.text("dpa_where"), Hosting: e.text("hosting"), Transfer: models.Transfer(e.text("transfer")), KeptFor: e.text("kept_for"),
	}
	if sv.ExportedOn.After(v.today) {
		e.bad.Add("exported_on", "date.future")
	}
	if sv.Access.DPAOn.After(v.today) {
		e.bad.Add("dpa_on", "date.future")
	}
	e.merge(sv.Check(), nil)
	e.merge(sv.Access.Check(), nil)
	return sv
}

func (w *Web) saveAccess(c echo.Context) error {
	was, err := serviceAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, accessFields...)}
	sv := e.access(v, was)
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveAccess(c.Request().Context(), v.actor, sv)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showAccessForm(c, status, was, f) })
	}
	return w.done(c, servicePath(sv.ID)+"#access", Notice{Key: "access_saved", Args: []string{"name", sv.Name}})
}

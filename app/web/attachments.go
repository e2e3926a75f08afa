package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

func (w *Web) attachmentRoutes(g *echo.Group) {
	g.POST("/payments/:id/attachments", w.attach, mayBook, receive)
	g.GET("/attachments/:id", w.download)
	g.GET("/attachments/:id/removal", w.detachPage, mayEdit)
	g.POST("/attachments/:id/removal", w.detach, mayEdit)
}

// fileLine is one kept file as a page lists it.
type fileLine struct {
	ID models.ID // of the attachment, or of the proof
	models.File
	Size  string
	Added string // when and by whom
}

func newFileLine(v *visit, id models.ID, f models.File) fileLine {
	return fileLine{id, f, v.words.FileSize(f.Size), noted(v, f.AddedAt, f.AddedBy)}
}

func attachmentLines(v *visit, p models.Payment) []fileLine {
	var out []fileLine
	for _, a := range v.register.AttachmentsOf(p) {
		out = append(out, newFileLine(v, a.ID, a.File))
	}
	return out
}

// attach adds the files chosen, all of them or none. With "to" it goes back to the list the control stood in.
func (w *Web) attach(c echo.Context) error {
	p, err := askedPayment(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "to")}
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	if len(files) == 0 && !e.bad.Has(fileField) {
		e.bad.Add(fileField, "file.missing")
	}
	if err = e.bad.Err(); err == nil {
		_, err = w.store.Attach(c.Request().Context(), v.actor, p.ID, files...)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showPayment(c, p, status, f) })
	}
	to := localPath(e.text("to"))
	if to == "/" {
		to = "/payments/" + typedID(p.ID)
	}
	sv, _ := v.register.Service(p.ServiceID)
	return w.done(c, to, filesNotice(v, sv.Name, files))
}

func filesNotice(v *visit, service string, files []store.NamedFile) Notice {
	if len(files) == 1 {
		return Notice{Key: "file_attached", Args: []string{"name", files[0].Name, "service", service}}
	}
	return Notice{Key: "files_attached", Args: []string{"count", v.words.Number(len(files)), "service", service}}
}

// askedAttachment is the attachment in the address with the payment that holds it.
func askedAttachment(c echo.Context) (models.Attachment, models.Payment, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Attachment{}, models.Payment{}, err
	}
	r := visitOf(c).register
	for _, a := range r.Attachments {
		if a.ID == id {
			p, _ := r.Payment(a.PaymentID)
			return a, p, nil
		}
	}
	return models.Attachment{}, models.Payment{}, models.ErrNotFound
}

// sandbox keeps a file from doing anything should a browser show it rather than save it.
const sandbox = "default-src 'none'; sandbox; frame-ancestors 'none'"

// download hands a file out to be saved, never to be shown among the pages of this site.
func (w *Web) download(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	a, content, err := w.store.Content(c.Request().Context(), visitOf(c).actor.Organisation, id)
	if err != nil {
		return err
	}
	return saveFile(c, a.Name, a.Media, content)
}

// attachmentRemovalPage asks before a file is taken away.
type attachmentRemovalPage struct {
	Form       Form
	Attachment fileLine
	Payment    models.Payment
	Service    models.Service
	Closed     bool
}

func (w *Web) detachPage(c echo.Context) error {
	a, p, err := askedAttachment(c)
	if err != nil {
		return err
	}
	return w.showDetach(c, a, p, http.StatusOK, Form{})
}

func (w *Web) showDetach(c echo.Context, a models.Attachment, p models.Payment, status int, f Form) error {
	v := visitOf(c)
	page := attachmentRemovalPage{
		Form: f, Payment: p, Closed: v.register.Closed(p.PaidOn),
		Attachment: newFileLine(v, a.ID, a.File),
	}
	page.Service, _ = v.register.Service(p.ServiceID)
	return w.render(c, screen{status: status, name: "attachment-removal", nav: "payments", title: "attachments.remove_title", args: []any{"name", a.Name}, page: page})
}

func (w *Web) detach(c echo.Context) error {
	a, p, err := askedAttachment(c)
	if err != nil {
		return err
	}
	if err := w.store.Detach(c.Request().Context(), visitOf(c).actor, a.ID); err != nil {
		return w.retry(c, err, Fields{}, func(status int, f Form) error { return w.showDetach(c, a, p, status, f) })
	}
	return w.done(c, "/payments/"+typedID(p.ID), Notice{Key: "file_removed", Args: []string{"name", a.Name}})
}

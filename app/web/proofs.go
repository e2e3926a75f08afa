package web

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/store"
)

func proofLines(v *visit, decision models.ID) []fileLine {
	var out []fileLine
	for _, p := range v.register.ProofsOf(decision) {
		out = append(out, newFileLine(v, p.ID, p.File))
	}
	return out
}

// addProofs files what was chosen with a decision, all or none.
func (w *Web) addProofs(c echo.Context) error {
	d, sv, err := decisionAt(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: typedDecision(d)}
	files, err := e.uploads(c)
	if err != nil {
		return err
	}
	if len(files) == 0 && !e.bad.Has(fileField) {
		e.bad.Add(fileField, "file.missing")
	}
	if err = e.bad.Err(); err == nil {
		_, err = w.store.AddProof(c.Request().Context(), v.actor, d.ID, files...)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showDecision(c, sv, d, status, f) })
	}
	return w.done(c, decisionPath(d.ID)+"/edit", proofsNotice(v, sv.Name, files))
}

func proofsNotice(v *visit, service string, files []store.NamedFile) Notice {
	if len(files) == 1 {
		return Notice{Key: "proof_added", Args: []string{"name", files[0].Name, "service", service}}
	}
	return Notice{Key: "proofs_added", Args: []string{"count", v.words.Number(len(files)), "service", service}}
}

// askedProof is the proof in the address with its decision.
func askedProof(c echo.Context) (models.Proof, models.Decision, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.Proof{}, models.Decision{}, err
	}
	r := visitOf(c).register
	p, ok := r.Proof(id)
	if !ok {
		return models.Proof{}, models.Decision{}, models.ErrNotFound
	}
	d, _ := r.Decision(p.DecisionID)
	return p, d, nil
}

// downloadProof hands a file out to be saved, never to be shown among the pages of this site.
func (w *Web) downloadProof(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	p, content, err := w.store.ProofContent(c.Request().Context(), visitOf(c).actor.Organisation, id)
	if err != nil {
		return err
	}
	return saveFile(c, p.Name, p.Media, content)
}

// saveFile sends a file to be saved under its name.
func saveFile(c echo.Context, name string, media models.Media, content []byte) error {
	takeTime(c)
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, saveAs(name))
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(content)))
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, string(media), content)
}

// proofRemovalPage asks before a file is taken away.
type proofRemovalPage struct {
	Proof   fileLine
	Service models.Service
	What    string
	Back    string
}

func (w *Web) proofRemovalPage(c echo.Context) error {
	p, d, err := askedProof(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := proofRemovalPage{
		Proof: newFileLine(v, p.ID, p.File), What: decided(v, d), Back: decisionPath(d.ID) + "/edit",
	}
	page.Service, _ = v.register.Service(d.ServiceID)
	return w.render(c, screen{status: http.StatusOK, name: "proof-removal", nav: "services", title: "attachments.remove_title", args: []any{"name", p.Name}, page: page})
}

func (w *Web) removeProof(c echo.Context) error {
	p, d, err := askedProof(c)
	if err != nil {
		return err
	}
	if err := w.store.RemoveProof(c.Request().Context(), visitOf(c).actor, p.ID); err != nil {
		return err
	}
	return w.done(c, decisionPath(d.ID)+"/edit", Notice{Key: "file_removed", Args: []string{"name", p.Name}})
}

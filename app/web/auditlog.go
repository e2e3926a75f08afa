package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/store"
	"enveloppe/reports"
)

// byProgram stands in the list of people for what nobody did.
const byProgram = "program"

// auditExport is what an export of the log is called in the log.
const auditExport = "audit"

// auditAsked is the part of the log somebody asks for, as typed.
type auditAsked struct {
	Kind, By, From, To, Query string
	Wrong                     string // a sentence about the days, when they are none
	from, to                  cal.Date
}

// maxAsked is longer than any text that is looked for.
const maxAsked = 120

func cut(typed string) string {
	return strings.ToValidUTF8(typed[:min(len(typed), maxAsked)], "")
}

func askAudit(v *visit, typed func(string) string) auditAsked {
	short := func(name string) string { return cut(strings.TrimSpace(typed(name))) }
	a := auditAsked{Kind: short("kind"), By: short("by"), From: short("from"), To: short("to"), Query: short("q")}
	for _, d := range []struct {
		typed string
		day   *cal.Date
	}{{a.From, &a.from}, {a.To, &a.to}} {
		if d.typed == "" {
			continue
		}
		day, err := cal.ParseTyped(d.typed)
		if err != nil {
			a.Wrong = v.words.T("log.days_wrong")
			continue
		}
		*d.day = day
	}
	if !a.from.IsZero() && !a.to.IsZero() && a.to.Before(a.from) {
		a.Wrong = v.words.T("log.days_backwards")
	}
	return a
}

// Any tells whether anything narrows the log.
func (a auditAsked) Any() bool { return a.Kind+a.By+a.From+a.To+a.Query != "" }

// filter is what is asked of the store: days are those of the organisation, both included; a text is looked for in what
// the page says of an entry.
func (a auditAsked) filter(v *visit) store.AuditFilter {
	zone := v.register.Organisation.Location()
	f := store.AuditFilter{Kind: a.Kind, ByProgram: a.By == byProgram}
	if !f.ByProgram {
		f.By = typedAsID(a.By)
	}
	f.Since = a.from.Time(zone)
	if !a.to.IsZero() {
		f.Until = a.to.AddDays(1).Time(zone)
	}
	if wanted := v.words.Fold(a.Query); wanted != "" {
		f.Keep = func(e models.AuditEntry) bool { return says(v, e, zone, wanted) }
	}
	return f
}

// says tells whether an entry holds a text, capitals and accents apart: in the words of the page or as it is stored.
func says(v *visit, e models.AuditEntry, zone *time.Location, wanted string) bool {
	l := newAuditLine(v, e, zone)
	texts := []string{l.By, l.From, l.What, l.Name, e.Name}
	for _, c := range l.Changes {
		texts = append(texts, c.Field, c.Before, c.After)
	}
	for _, c := range e.Changes {
		texts = append(texts, c.Before, c.After)
	}
	for _, text := range texts {
		if strings.Contains(v.words.Fold(text), wanted) {
			return true
		}
	}
	return false
}

func (a auditAsked) address(before models.ID) string {
	q := url.Values{}
	for name, value := range map[string]string{"kind": a.Kind, "by": a.By, "from": a.From, "to": a.To, "q": a.Query, "before": typedID(before)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

// auditChain is what checking the log found, in words.
type auditChain struct {
	Whole     bool
	Text      string
	Head      string // to be noted down; empty when the chain is broken
	Noted     string // as typed
	NotedText string
	Found     bool // the noted hash is that of an entry
}

func (w *Web) checkChain(ctx context.Context, v *visit, noted string) (*auditChain, error) {
	noted = strings.TrimSpace(noted)
	var hash []byte
	page := &auditChain{Noted: cut(noted)}
	if noted != "" {
		var err error
		if hash, err = reports.ParseHash(noted); err != nil {
			page.NotedText = v.words.T("log.noted_wrong")
		}
	}
	chain, err := w.store.VerifyAudit(ctx, v.actor.Organisation, hash)
	if err != nil {
		return nil, err
	}
	zone := v.register.Organisation.Location()
	page.Whole = chain.Whole()
	if page.Whole {
		page.Text, page.Head = v.words.N("log.whole", chain.Count), reports.ShortHash(chain.Head)
	} else {
		page.Text = v.words.T("log.broken."+string(chain.How), "number", int(chain.Broken), "at", v.words.Moment(chain.At.In(zone)), "n", chain.Count, "wanted", chain.Wanted)
		w.Logger.Error("the audit log is not whole", "organisation", v.actor.Organisation, "entry", chain.Broken, "how", chain.How)
	}
	switch {
	case hash == nil:
	case chain.NotedID != 0:
		page.Found = true
		page.NotedText = v.words.T("log.noted_found", "at", v.words.Moment(chain.NotedAt.In(zone)))
	default:
		page.NotedText = v.words.T("log.noted_missing")
	}
	return page, nil
}

// exportAudit hands out the part of the log asked for, and notes that it did.
func (w *Web) exportAudit(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	asked := askAudit(v, c.FormValue)
	if asked.Wrong != "" {
		return c.Redirect(http.StatusSeeOther, asked.address(0))
	}
	var body bytes.Buffer
	entries := w.store.EachAudit(ctx, v.actor.Organisation, asked.filter(v))
	if err := reports.Log(&body, v.words, v.register.Organisation.Location(), entries); err != nil {
		return err
	}
	if err := w.store.NoteAuditExport(ctx, v.actor, asked.told(v)); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, saveAs(reports.LogName(v.today)))
	h.Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", body.Bytes())
}

// told is what was asked for, as the log tells of its own export.
func (a auditAsked) told(v *visit) []models.Change {
	var told []models.Change
	who := a.By
	if p, ok := v.register.Person(typedAsID(a.By)); ok {
		who = p.Name
	}
	for _, c := range []models.Change{
		{Field: "record", After: a.Kind}, {Field: "who", After: who}, {Field: "from", After: a.from.String()}, {Field: "to", After: a.to.String()}, {Field: "text", After: a.Query},
	} {
		if c.After != "" {
			told = append(told, c)
		}
	}
	return told
}

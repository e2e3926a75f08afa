package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
	"enveloppe/templates/words"
)

func (w *Web) auditRoutes(g *echo.Group) {
	g.GET("/audit", w.audit, mayExport) // it tells what everybody did: not for the whole staff
}

// auditKinds are the kinds of records the log tells about, in the order they are offered.
var auditKinds = []string{
	"service", "plan", "subscription", "payment", "attachment", "waiver", "closing", "bank_account", "bank_line", "statement",
	"decision", "proof", "scenario", "comparison", "envelope", "review", "rate", "flag", "person", "function", "vendor", "means", "organisation",
	"bookkeeping", "export",
}

type auditPage struct {
	Kinds   []Option
	People  []Option
	Kind    string
	By      string
	Entries []auditLine
	Older   string // address of the entries before these; empty at the end
	Newest  string // address of the first page; empty on it
}

// auditLine is one change in words.
type auditLine struct {
	At      time.Time
	By      string
	What    string
	Name    string
	Href    string // page of the record, while it has one
	Changes []auditChange
	Folded  bool // too many to show at once: a record that begins tells all its fields
}

type auditChange struct{ Field, Before, After string }

func (w *Web) audit(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		v := visitOf(c)
		f := store.AuditFilter{Kind: c.QueryParam("kind"), Limit: pageLength + 1}
		f.By, f.Before = queryID(c, "by"), queryID(c, "before")
		entries, err := w.store.Audit(c.Request().Context(), v.actor.Organisation, f)
		if err != nil {
			return screen{}, err
		}
		return screen{status: http.StatusOK, name: "audit", title: "audit.title", page: newAuditPage(v, f, entries)}, nil
	})
}

// queryID is an ID in the query; anything else is 0.
func queryID(c echo.Context, name string) models.ID {
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return models.ID(n)
}

func newAuditPage(v *visit, f store.AuditFilter, entries []models.AuditEntry) auditPage {
	w := v.words
	page := auditPage{
		Kind: f.Kind, By: typedID(f.By),
		Kinds: []Option{{"", w.T("audit.all_kinds")}}, People: []Option{{"", w.T("audit.everybody")}},
	}
	for _, k := range auditKinds {
		page.Kinds = append(page.Kinds, Option{k, w.Kind("record", k)})
	}
	people := v.register.People
	sorted := append([]models.Person(nil), people...)
	words.SortBy(w, sorted, func(p models.Person) string { return p.Name })
	for _, p := range sorted {
		page.People = append(page.People, Option{typedID(p.ID), p.Name})
	}
	if len(entries) > pageLength {
		entries = entries[:pageLength]
		page.Older = auditAddress(f, entries[pageLength-1].ID)
	}
	if f.Before != 0 {
		page.Newest = auditAddress(f, 0)
	}
	zone := v.register.Organisation.Location()
	for _, e := range entries {
		page.Entries = append(page.Entries, newAuditLine(v, e, zone))
	}
	return page
}

func auditAddress(f store.AuditFilter, before models.ID) string {
	q := url.Values{}
	for name, value := range map[string]string{"kind": f.Kind, "by": typedID(f.By), "before": typedID(before)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

func newAuditLine(v *visit, e models.AuditEntry, zone *time.Location) auditLine {
	w := v.words
	l := auditLine{At: e.At.In(zone), By: e.ByName, What: e.Verb, Name: e.Name, Href: recordPath(v.register, e)}
	if e.By == 0 {
		l.By = w.T("audit.program")
	}
	if w.Has("audit.verb." + e.Verb) {
		l.What = w.T("audit.verb." + e.Verb)
	}
	// A verb that touches several kinds of records says on each which one it is.
	if kind, _, _ := strings.Cut(e.Verb, "."); kind != e.Kind && w.Has("kind.record."+e.Kind) {
		l.What += " · " + w.Kind("record", e.Kind)
	}
	if e.Kind == "export" && w.Has("accounting.file."+e.Name) {
		l.Name = w.T("accounting.file." + e.Name)
	}
	for _, c := range e.Changes {
		if e.Kind == "export" && (c.Field == "kind" || c.Field == "by") { // the entry itself says them
			continue
		}
		l.Changes = append(l.Changes, auditChange{auditField(w, c.Field), auditValue(w, c.Field, c.Before), auditValue(w, c.Field, c.After)})
	}
	const several = 5
	l.Folded = len(l.Changes) > several
	return l
}

// recordPath is where a record can be seen while it is there.
func recordPath(r *models.Register, e models.AuditEntry) string {
	service := func(id models.ID, ok bool) string {
		if !ok {
			return ""
		}
		return servicePath(id)
	}
	switch e.Kind {
	case "service":
		_, ok := r.Service(e.Subject)
		return service(e.Subject, ok)
	case "plan":
		p, ok := r.Plan(e.Subject)
		return service(p.ServiceID, ok)
	case "subscription":
		s, ok := r.Subscription(e.Subject)
		return service(s.ServiceID, ok)
	case "decision":
		d, ok := r.Decision(e.Subject)
		return service(d.ServiceID, ok)
	case "proof":
		p, _ := r.Proof(e.Subject)
		d, ok := r.Decision(p.DecisionID)
		return service(d.ServiceID, ok)
	case "payment":
		if _, ok := r.Payment(e.Subject); ok {
			return "/payments/" + typedID(e.Subject)
		}
	case "envelope":
		return "/envelope"
	case "review":
		return "/reviews/" + e.Name
	case "scenario":
		if _, ok := r.Scenario(e.Subject); ok {
			return scenarioPath(e.Subject)
		}
	case "bookkeeping":
		return bookSettings
	case "person":
		return "/people"
	}
	return ""
}

// auditField names a field; terms and seats come with the record they belong to.
func auditField(w *words.Words, field string) string {
	part, name, nested := strings.Cut(field, ".")
	if !nested {
		part, name = "", field
	}
	if w.Has("audit.field." + name) {
		name = w.T("audit.field." + name)
	}
	if part != "" && w.Has("audit.part."+part) {
		return w.T("audit.part."+part, "field", name)
	}
	return name
}

// auditFamilies are the enumerations some fields hold.
var auditFamilies = map[string]string{
	"tier": "tier", "role": "role", "lang": "lang", "rate_source": "rate", "source": "rate", "vat_kind": "vat", "kind": "decision", "how": "cancel_by",
	"export": "export", "offline": "offline", "personal": "personal", "transfer": "transfer",
}

// auditValue writes a plain value of the log as people read it: amounts, days and choices; anything else as it stands.
func auditValue(w *words.Words, field, plain string) string {
	if plain == "" {
		return ""
	}
	_, name, nested := strings.Cut(field, ".")
	if !nested {
		name = field
	}
	if family, ok := auditFamilies[name]; ok && w.Has("kind."+family+"."+plain) {
		return w.Kind(family, plain)
	}
	switch plain {
	case "true":
		return w.T("audit.yes")
	case "false":
		return w.T("audit.no")
	}
	if d, err := cal.Parse(plain); err == nil {
		return w.DayLong(d)
	}
	if figure, code, ok := strings.Cut(plain, " "); ok && len(code) == 3 {
		if c, err := money.ParseCurrency(code); err == nil && string(c) == code {
			if a, err := money.ParseAmount(figure, c); err == nil {
				return w.Money(a)
			}
		}
	}
	if from, to, ok := strings.Cut(strings.Trim(plain, "[)"), ", "); ok && strings.HasPrefix(plain, "[") {
		first, err := cal.Parse(from)
		last, bad := cal.Parse(to)
		if err == nil && bad == nil {
			return w.Span(cal.Span{From: first, To: last})
		}
	}
	switch name {
	case "changes":
		return auditScenario(w, plain)
	case "method":
		if w.Has("bookkeeping.method." + plain) {
			return w.T("bookkeeping.method." + plain)
		}
	case "cadence":
		if c, err := cal.ParseCadence(plain); err == nil {
			return w.Cadence(c)
		}
	case "notice":
		if n, err := cal.ParseNotice(plain); err == nil {
			return w.Notice(n)
		}
	}
	return plain
}

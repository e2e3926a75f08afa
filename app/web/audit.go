package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

func (w *Web) auditRoutes(g *echo.Group) {
	g.GET("/audit", w.audit, mayExport) // it tells what everybody did: not for the whole staff
	g.POST("/audit/export", w.exportAudit, mayExport)
}

// auditKinds are the kinds of records the log tells about, in the order they are offered.
var auditKinds = []string{
	"service", "plan", "subscription", "payment", "attachment", "waiver", "closing", "bank_account", "bank_line", "statement",
	"decision", "proof", "proposal", "scenario", "comparison", "envelope", "review", "rate", "flag", "person", "token", "function", "vendor", "means", "organisation", "channel",
	"bookkeeping", "export",
}

type auditPage struct {
	Kinds   []Option
	People  []Option
	Asked   auditAsked
	Entries []auditLine
	Older   string // address of the entries before these; empty at the end
	Newest  string // address of the first page; empty on it
	Chain   *auditChain
}

// auditLine is one change in words.
type auditLine struct {
	At      time.Time
	By      string
	From    string
	What    string
	Name    string
	Href    string // page of the record, while it has one
	Changes []auditChange
	Folded  bool // too many to show at once: a record that begins tells all its fields
}

type auditChange struct{ Field, Before, After string }

// audit lists the log, and checks it each time its newest page is shown: a page kept from before would not tell.
func (w *Web) audit(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	asked := askAudit(v, c.QueryParam)
	f := asked.filter(v)
	f.Before, f.Limit = queryID(c, "before"), pageLength+1
	entries, err := w.store.Audit(ctx, v.actor.Organisation, f)
	if err != nil {
		return err
	}
	page := newAuditPage(v, asked, f.Before, entries)
	if f.Before == 0 {
		if page.Chain, err = w.checkChain(ctx, v, c.QueryParam("noted")); err != nil {
			return err
		}
	}
	return w.render(c, screen{status: http.StatusOK, name: "audit", title: "audit.title", page: page})
}

// queryID is an ID in the query; anything else is 0.
func queryID(c echo.Context, name string) models.ID { return typedAsID(c.QueryParam(name)) }

func typedAsID(typed string) models.ID {
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return models.ID(n)
}

func newAuditPage(v *visit, asked auditAsked, before models.ID, entries []models.AuditEntry) auditPage {
	w := v.words
	page := auditPage{
		Asked: asked,
		Kinds: []Option{{"", w.T("audit.all_kinds")}}, People: []Option{{"", w.T("audit.everybody")}, {byProgram, w.T("audit.program")}},
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
		page.Older = asked.address(entries[pageLength-1].ID)
	}
	if before != 0 {
		page.Newest = asked.address(0)
	}
	zone := v.register.Organisation.Location()
	for _, e := range entries {
		page.Entries = append(page.Entries, newAuditLine(v, e, zone))
	}
	return page
}

func newAuditLine(v *visit, e models.AuditEntry, zone *time.Location) auditLine {
	w := v.words
	l := auditLine{
		At: e.At.In(zone), By: reports.ActorName(w, e), From: reports.Origin(w, e.From), What: reports.Act(w, e), Name: e.Name, Href: recordPath(v.register, e),
	}
	if e.Kind == "export" && w.Has("accounting.file."+e.Name) {
		l.Name = w.T("accounting.file." + e.Name)
	}
	for _, c := range e.Changes {
		if e.Kind == "export" && (c.Field == "kind" || c.Field == "by") && e.Name != auditExport { // the entry itself says them
			continue
		}
		l.Changes = append(l.Changes, auditChange{reports.FieldName(w, c.Field), auditValue(w, c.Field, c.Before), auditValue(w, c.Field, c.After)})
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
	case "proposal":
		if _, ok := r.Proposal(e.Subject); ok {
			return proposalPath(e.Subject)
		}
	case "bookkeeping":
		return bookSettings
	case "person":
		return "/people"
	case "channel":
		if c, ok := r.Channel(e.Subject); ok {
			return channelPath(c.ID)
		}
	}
	return ""
}

// auditFamilies are the enumerations some fields hold.
var auditFamilies = map[string]string{
	"record": "record", "tier": "tier", "role": "role", "lang": "lang", "rate_source": "rate", "source": "rate", "vat_kind": "vat", "kind": "decision",
	"how": "cancel_by", "scope": "scope", "export": "export", "offline": "offline", "personal": "personal", "transfer": "transfer", "channel_kind": "channel",
	"state": "proposal",
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
	case "leads":
		return auditLeads(w, plain)
	case "mutes":
		return auditMutes(w, plain)
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

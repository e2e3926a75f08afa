package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/store"
)

// How much of a matching one page shows.
const (
	maxServiceChoices = 40 // with more services a row sends to the line's own page, which has them all
	maxRecurring      = 25
	matchingsKept     = 4 // organisations whose matching is held
)

func (w *Web) matchingRoutes(g *echo.Group) {
	g.GET("/statements/matching", w.matchingPage, mayExport)
	g.POST("/statements/matching", w.confirmMatches, mayEdit)
	g.POST("/bank-labels/aside", w.setAsideLabel, mayEdit)
	g.POST("/bank-labels/return", w.takeBackLabel, mayEdit)
}

// matched is what is made of all open lines at one revision. It never changes once it is there.
type matched struct {
	models.Matching
	habits models.Habits
	open   int
	none   bool              // no line has been imported yet
	openIn map[models.ID]int // by account
}

// matchings holds the latest matching of a few organisations: with a hundred thousand open lines it takes a second, and
// nothing of it changes between two writes.
type matchings struct {
	mu    sync.Mutex
	known map[models.ID]*heldMatching
}

type heldMatching struct {
	mu       sync.Mutex // held while it is worked out, so that it is done once
	revision int64
	day      cal.Date
	matched  *matched
}

// matchingOf gives what is made of the open lines, as of the visit's revision and day.
func (w *Web) matchingOf(ctx context.Context, v *visit) (*matched, error) {
	held := w.matchings.of(v.actor.Organisation)
	held.mu.Lock()
	defer held.mu.Unlock()
	if held.matched != nil && held.revision == v.revision && held.day == v.today {
		return held.matched, nil
	}
	open, err := w.store.OpenBankLines(ctx, v.actor.Organisation)
	if err != nil {
		return nil, err
	}
	m := &matched{open: len(open), openIn: map[models.ID]int{}}
	for _, l := range open {
		m.openIn[l.AccountID]++
	}
	if len(open) == 0 {
		first, err := w.store.BankLines(ctx, v.actor.Organisation, store.BankLineFilter{Limit: 1})
		if err != nil {
			return nil, err
		}
		m.none = len(first) == 0
	}
	if m.habits, err = w.store.Habits(ctx, v.actor.Organisation); err != nil {
		return nil, err
	}
	m.Matching = v.register.Match(open, m.habits, v.today)
	held.matched, held.revision, held.day = m, v.revision, v.today
	return m, nil
}

// of gives the place of an organisation, letting another's go when there are many.
func (m *matchings) of(organisation models.ID) *heldMatching {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.known[organisation]; ok {
		return h
	}
	if m.known == nil {
		m.known = map[models.ID]*heldMatching{}
	}
	for other := range m.known {
		if len(m.known) < matchingsKept {
			break
		}
		delete(m.known, other)
	}
	m.known[organisation] = &heldMatching{}
	return m.known[organisation]
}

// matchingPage is the one screen on which lines become payments.
type matchingPage struct {
	Form      Form
	Rows      []proposalRow
	Proposals int // on all pages
	Pages     paging
	Recurring []recurringRow
	Unshown   int // recurring debits not listed
	Rest      []lineRow
	RestAt    string // address of this page of them
	RestCount int
	RestPages paging
	Done      []lineRow // what was recorded a moment ago
	Aside     []string  // labels set aside
	Open      int
	None      bool // no line has been imported yet
	Address   string
}

// proposalRow is one line with what is proposed for it.
type proposalRow struct {
	models.Proposal
	Account  string
	Service  string
	Groups   []choiceGroup
	Value    string // the choice that stands in the row
	Ticked   bool
	Expected string // what was expected, with where its euros come from
	Gap      string
	Reasons  string
	Error    string
}

// choiceGroup is some of the things a line can be, under one name.
type choiceGroup struct {
	Name    string
	Options []Option
}

// lineRow is a line of an account in a list.
type lineRow struct {
	models.BankLine
	Account string
	Service string         // of the payment it became
	Paid    models.Payment // zero while open
	Key     string         // of its label; empty when there is nothing to tell labels apart by
	Ticked  bool
}

// rowField names the field of a row.
func rowField(kind string, line models.ID) string { return kind + "." + typedID(line) }

func (w *Web) matchingPage(c echo.Context) error {
	return w.showMatching(c, http.StatusOK, Form{})
}

func (w *Web) showMatching(c echo.Context, status int, f Form) error {
	v, ctx := visitOf(c), c.Request().Context()
	known, err := w.matchingOf(ctx, v)
	if err != nil {
		return err
	}
	page := matchingPage{
		Form: f, Proposals: len(known.Proposals), RestCount: len(known.Rest), Open: known.open,
		None: known.none, Address: c.Request().URL.RequestURI(),
	}
	page.fill(v, known, pageNumber(c), pageOf(c, "rest"))
	for key := range known.habits.Aside {
		page.Aside = append(page.Aside, key)
	}
	slices.Sort(page.Aside)
	if page.Done, err = w.justDone(c); err != nil {
		return err
	}
	return w.render(c, screen{status: status, name: "matching", nav: "payments", title: "matching.title", page: page})
}

// pageOf is the number of a page in a list that is not the page's only one.
func pageOf(c echo.Context, name string) int {
	n, err := strconv.Atoi(c.QueryParam(name))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func (page *matchingPage) fill(v *visit, known *matched, number, rest int) {
	at := func(number, rest int) string {
		q := url.Values{}
		if number > 1 {
			q.Set("page", strconv.Itoa(number))
		}
		if rest > 1 {
			q.Set("rest", strconv.Itoa(rest))
		}
		if len(q) == 0 {
			return "/statements/matching"
		}
		return "/statements/matching?" + q.Encode()
	}
	page.Pages = newPaging(len(known.Proposals), number, func(n int) string { return at(n, rest) })
	page.RestPages = newPaging(len(known.Rest), rest, func(n int) string { return at(number, n) + "#rest" })
	page.RestAt = at(number, rest) + "#rest"
	choices := newLineChoices(v, known)
	for _, p := range known.Proposals[page.Pages.From:page.Pages.To] {
		page.Rows = append(page.Rows, page.row(v, choices, p))
	}
	for _, l := range known.Rest[page.RestPages.From:page.RestPages.To] {
		page.Rest = append(page.Rest, newLineRow(v, l))
	}
	shown := known.Recurring[:min(len(known.Recurring), maxRecurring)]
	page.Unshown = len(known.Recurring) - len(shown)
	for _, x := range shown {
		page.Recurring = append(page.Recurring, newRecurringRow(v, x))
	}
}

func newLineRow(v *visit, l models.BankLine) lineRow {
	a, _ := bankAccount(v, l.AccountID)
	row := lineRow{BankLine: l, Account: a.Name, Key: l.Key()}
	if p, ok := v.register.Payment(l.PaymentID); ok {
		sv, _ := v.register.Service(p.ServiceID)
		row.Paid, row.Service = p, sv.Name
	}
	return row
}

// row puts a proposal in words. What somebody chose before a refusal stands in it again.
func (page *matchingPage) row(v *visit, choices lineChoices, p models.Proposal) proposalRow {
	sv, _ := v.register.Service(p.ServiceID)
	a, _ := bankAccount(v, p.Line.AccountID)
	row := proposalRow{
		Proposal: p, Account: a.Name, Service: sv.Name, Value: choiceOf(p.Match()), Ticked: p.Sure,
		Groups: choices.of(p), Expected: expected(v, p), Gap: gap(v, p), Reasons: reasons(v, p),
		Error: page.Form.Error(rowField("match", p.Line.ID)),
	}
	if as, typed := page.Form.Fields[rowField("as", p.Line.ID)]; typed {
		row.Value, row.Ticked = as, page.Form.Fields[rowField("tick", p.Line.ID)] != ""
	}
	return row
}

// expected says what the choice in the row does not: for a foreign amount where its euros come from.
func expected(v *visit, p models.Proposal) string {
	w := v.words
	ch := p.Charge
	switch {
	case p.PaymentID != 0:
		return w.T("matching.expected_payment")
	case ch.SubscriptionID == 0:
		return w.T("matching.expected_none")
	case ch.Billed.Currency() == money.EUR:
		return ""
	case !ch.Conversion.OK():
		return w.T("matching.expected_unconverted", "amount", ch.Billed)
	}
	return w.T("matching.expected_foreign", "amount", ch.Billed, "euros", ch.Conversion.EUR, "rate", ch.Conversion.Rate,
		"source", w.Kind("rate", string(ch.Conversion.Source)), "day", ch.Conversion.Day)
}

// gap says by how much the line differs from what was expected.
func gap(v *visit, p models.Proposal) string {
	switch {
	case p.Gap.IsNone() || p.Gap.IsZero():
		return ""
	case p.Gap.IsNegative():
		return v.words.T("matching.less", "amount", p.Gap.Neg())
	}
	return v.words.T("matching.more", "amount", p.Gap)
}

func reasons(v *visit, p models.Proposal) string {
	var said []string
	for _, r := range p.Reasons {
		if r != models.ByRecord { // the row says that already
			said = append(said, v.words.T("matching.reason."+string(r)))
		}
	}
	return v.words.List(said)
}

// confirmMatches records what is ticked, all of it or nothing.
func (w *Web) confirmMatches(c echo.Context) error {
	v, ctx := visitOf(c), c.Request().Context()
	known, err := w.matchingOf(ctx, v)
	if err != nil {
		return err
	}
	e := entry{Fields: Fields{}}
	matches, err := w.rowMatches(c, &e, known)
	if err != nil {
		return err
	}
	if len(matches) == 0 && e.bad == nil {
		e.bad.Add("", "matching.none")
	}
	if err = e.bad.Err(); err == nil {
		_, err = w.store.ConfirmMatches(ctx, v.actor, matches, v.today)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showMatching(c, status, f) })
	}
	done := make([]string, len(matches))
	for i, m := range matches {
		done[i] = typedID(m.Line)
	}
	to := "/statements/matching?" + url.Values{"done": {strings.Join(done, ",")}}.Encode()
	return w.bankDone(c, to, "matches_recorded", "", "payments", v.words.N("matching.recorded", len(matches)))
}

// rowMatches reads the rows of the page that was sent. What is not ticked is kept as chosen, for the page to come back.
func (w *Web) rowMatches(c echo.Context, e *entry, known *matched) ([]models.Match, error) {
	if _, err := c.FormParams(); err != nil {
		return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	form := c.Request().PostForm
	var out []models.Match
	for _, typed := range form["line"] {
		e.Fields["line"] = typed
		line := e.id("line")
		as, tick := rowField("as", line), rowField("tick", line)
		e.Fields[as] = form.Get(as)
		if slices.Contains(form["tick"], typed) {
			e.Fields[tick] = typed
		}
		if line == 0 || e.Fields[tick] == "" || e.Fields[as] == "" {
			continue
		}
		m, ok, err := w.rowMatch(c, known, line, e.Fields[as])
		if err != nil {
			return nil, err
		}
		if !ok {
			e.bad.Add(rowField("match", line), "matching.gone")
			continue
		}
		out = append(out, m)
	}
	delete(e.Fields, "line")
	return out, nil
}

// rowMatch reads the choice of one row. A line that is not proposed any more may have been answered so a moment ago, by
// a button pressed twice: then its answer is read as it was given, and confirming it again changes nothing.
func (w *Web) rowMatch(c echo.Context, known *matched, line models.ID, choice string) (m models.Match, ok bool, err error) {
	v := visitOf(c)
	if m, ok = known.match(v, line, choice); ok {
		return m, true, nil
	}
	l, err := w.store.BankLine(c.Request().Context(), v.actor.Organisation, line)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return m, false, nil
	case err != nil:
		return m, false, err
	case l.PaymentID != 0:
		m, ok = givenAs(v, l, choice)
	default:
		m, ok = matchAs(v, l, choice)
	}
	return m, ok, nil
}

// bankDone answers what changed payments by way of the bank: the sentence ends with what the year will come to.
func (w *Web) bankDone(c echo.Context, to, key, undo string, args ...string) error {
	v := visitOf(c)
	r, err := w.store.Register(c.Request().Context(), v.actor.Organisation)
	if err != nil {
		return err
	}
	now := *v
	now.register, now.revision = r, r.Revision
	var said strings.Builder
	for _, part := range newHeadline(&now, r.Position(r.Year(v.today), v.today)).Parts {
		said.WriteString(part.Text)
	}
	return w.done(c, to, Notice{Key: key, Args: append(args, "forecast", said.String()), Undo: undo})
}

// justDone are the lines named in the address that became payments, each with its way back.
func (w *Web) justDone(c echo.Context) ([]lineRow, error) {
	v, ctx := visitOf(c), c.Request().Context()
	var out []lineRow
	for _, typed := range strings.SplitN(c.QueryParam("done"), ",", pageSize+1) {
		e := entry{Fields: Fields{"line": typed}}
		id := e.id("line")
		if id == 0 {
			continue
		}
		line, err := w.store.BankLine(ctx, v.actor.Organisation, id)
		if errors.Is(err, models.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if line.PaymentID != 0 {
			out = append(out, newLineRow(v, line))
		}
	}
	return out, nil
}

package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// pageLength is how many rows a long list shows at once.
const pageLength = 50

func (w *Web) serviceRoutes(g *echo.Group) {
	g.GET("/services", w.services)
	g.GET("/services/new", w.newServicePage, mayEdit)
	g.POST("/services", w.addService, mayEdit)
	g.GET("/services/:id", w.servicePage)
	g.GET("/services/:id/edit", w.editServicePage, mayEdit)
	g.POST("/services/:id", w.saveService, mayEdit)
	g.GET("/services/:id/archive", w.archivePage, mayEdit)
	g.POST("/services/:id/archive", w.archiveService, mayEdit)
	g.POST("/services/:id/restore", w.restoreService, mayEdit)
	g.POST("/services/:id/export", w.recordExport, mayEdit)
	g.POST("/services/:id/export/undo", w.undoExport, mayEdit)
}

type servicesPage struct {
	Groups        []serviceGroup
	Grouped       bool
	Filter        serviceFilter
	Functions     []models.Function
	Standings     []Option
	Sorts         []Option
	Count         int // services that match
	Paid, Free    int // of all in use
	Yearly        money.Amount
	Complete      bool
	Rates         []string // at which what they cost counts in euros
	Archived      int      // how many are put away
	None          bool     // nothing has been recorded yet
	Live          bool     // all matches are on the page, so typing can narrow them
	First, Last   int      // rows shown, of Count
	Before, After string   // addresses of the pages around; empty at the ends
}

// serviceFilter is what the form above the list asks for, as it stands in the address.
type serviceFilter struct {
	Query    string
	Function models.ID
	Tier     models.Tier
	State    models.Standing // empty for all that are not put away
	Sort     string          // function, name, cost or next
}

// serviceGroup is the services of one function, or all of them under no heading.
type serviceGroup struct {
	Name     string
	Function models.ID
	Yearly   money.Amount
	Complete bool
	Count    int
	Rows     []serviceRow
}

// serviceRow is one service in a list, in the reader's words.
type serviceRow struct {
	Href, Name, About string
	Tier              models.Tier
	State             string // a word when it is not simply in use
	Seats             string
	SeatUnit          string
	Next              string
	Sure              bool // Next is a day of payment and not a remark
	Cost              string
	Free              bool
	Unconverted       bool
}

func (w *Web) services(c echo.Context) error {
	return w.kept(c, func() (screen, error) {
		page := newServicesPage(visitOf(c), readServiceFilter(c), c.QueryParam("page"))
		return screen{status: http.StatusOK, name: "services", nav: "services", title: "services.title", page: page}, nil
	})
}

func readServiceFilter(c echo.Context) serviceFilter {
	f := serviceFilter{
		Query: strings.TrimSpace(c.QueryParam("q")), Tier: models.Tier(c.QueryParam("tier")),
		State: models.Standing(c.QueryParam("state")), Sort: c.QueryParam("sort"),
	}
	if len(f.Query) > models.MaxName {
		f.Query = strings.ToValidUTF8(f.Query[:models.MaxName], "")
	}
	if id, err := strconv.ParseInt(c.QueryParam("function"), 10, 64); err == nil {
		f.Function = models.ID(id)
	}
	if f.Tier != models.Free && f.Tier != models.Premium {
		f.Tier = ""
	}
	if !slices.Contains(models.Standings, f.State) {
		f.State = ""
	}
	if !slices.Contains([]string{"name", "cost", "next"}, f.Sort) {
		f.Sort = "function"
	}
	return f
}

// address is where the list stands with this filter, on one of its pages.
func (f serviceFilter) address(page int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Query, "function": typedID(f.Function), "tier": string(f.Tier), "state": string(f.State)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Sort != "function" {
		q.Set("sort", f.Sort)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return "/services"
	}
	return "/services?" + q.Encode()
}

// Narrows tells whether the filter leaves anything out that the bare list shows.
func (f serviceFilter) Narrows() bool {
	return f.Query != "" || f.Function != 0 || f.Tier != "" || f.State != ""
}

func newServicesPage(v *visit, f serviceFilter, typedPage string) servicesPage {
	r := v.register
	if f.Sort == "cost" && v.words.Conceals() {
		f.Sort = "function" // no order may tell what is dear
	}
	all := r.Lines(v.today)
	page := servicesPage{Filter: f, Functions: r.Functions, None: len(all) == 0, Grouped: f.Sort == "function", Standings: standingOptions(v.words), Sorts: sortOptions(v.words)}
	for i := range all {
		l := &all[i]
		switch {
		case l.Standing == models.PutAway:
			page.Archived++
		case l.Standing == models.InUse && l.Tier == models.Free:
			page.Free++
		case l.Standing == models.InUse:
			page.Paid++
		}
	}
	lines := f.narrow(v, all)
	f.order(v.words, r, lines)
	page.Count = len(lines)
	page.Yearly, page.Complete = models.TotalYearly(lines)
	page.Rates = ratesOfLines(v, lines)
	shown, from := cutPage(lines, typedPage, &page, f)
	page.First, page.Last, page.Live = from+1, from+len(shown), len(shown) == len(lines)
	if page.Grouped {
		page.Groups = serviceGroups(v, shown, true)
		totals := map[models.ID]models.Group{}
		for _, g := range r.ByFunction(lines) {
			totals[g.Function.ID] = g
		}
		for i := range page.Groups { // a group cut by the end of a page shows the total of all of it
			g := totals[page.Groups[i].Function]
			page.Groups[i].Yearly, page.Groups[i].Complete = g.Yearly, g.Complete
		}
	} else if len(shown) > 0 {
		page.Groups = []serviceGroup{{Rows: serviceRows(v, shown, true)}}
	}
	return page
}

// cutPage is the part of the lines on one page, and how many come before it.
func cutPage(lines []models.Line, typed string, page *servicesPage, f serviceFilter) (shown []models.Line, from int) {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 1 || n > (len(lines)+pageLength-1)/pageLength {
		n = 1
	}
	from = (n - 1) * pageLength
	to := min(from+pageLength, len(lines))
	if n > 1 {
		page.Before = f.address(n - 1)
	}
	if to < len(lines) {
		page.After = f.address(n + 1)
	}
	return lines[from:to], from
}

func (f serviceFilter) narrow(v *visit, all []models.Line) []models.Line {
	wanted := strings.Fields(words.Fold(f.Query))
	var kept []models.Line
	for i := range all {
		l := &all[i]
		switch {
		case f.State == "" && l.Standing == models.PutAway, f.State != "" && l.Standing != f.State,
			f.Function != 0 && l.Service.FunctionID != f.Function,
			f.Tier != "" && l.Tier != f.Tier,
			len(wanted) > 0 && !mentions(v.register, l, wanted):
			continue
		}
		kept = append(kept, *l)
	}
	return kept
}

// mentions tells whether all the words stand somewhere in the service's name, use, vendor, function or plan.
func mentions(r *models.Register, l *models.Line, wanted []string) bool {
	f, _ := r.Function(l.Service.FunctionID)
	vendor, _ := r.Vendor(l.Service.VendorID)
	text := words.Fold(strings.Join([]string{l.Service.Name, l.Service.About, vendor.Name, f.Name, l.Plan.Name}, "\n"))
	for _, word := range wanted {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (f serviceFilter) order(w *words.Words, r *models.Register, lines []models.Line) {
	words.SortBy(w, lines, func(l models.Line) string { return l.Service.Name })
	switch f.Sort {
	case "function":
		at := map[models.ID]int{}
		for i, g := range r.ByFunction(lines) {
			at[g.Function.ID] = i
		}
		place := func(l *models.Line) int {
			fn, _ := r.Function(l.Service.FunctionID)
			return at[fn.ID]
		}
		slices.SortStableFunc(lines, func(a, b models.Line) int { return cmp.Compare(place(&a), place(&b)) })
	case "cost":
		slices.SortStableFunc(lines, func(a, b models.Line) int { return b.Yearly.Cmp(a.Yearly) })
	case "next":
		slices.SortStableFunc(lines, func(a, b models.Line) int {
			if a.Renewal.IsZero() != b.Renewal.IsZero() {
				return cmp.Compare(zeroLast(a.Renewal), zeroLast(b.Renewal))
			}
			return a.Renewal.Compare(b.Renewal)
		})
	}
}

func zeroLast(d cal.Date) int {
	if d.IsZero() {
		return 1
	}
	return 0
}

func standingOptions(w *words.Words) []Option {
	out := []Option{{"", w.T("services.all_states")}}
	for _, s := range models.Standings {
		out = append(out, Option{string(s), w.T("services.state." + string(s))})
	}
	return out
}

func sortOptions(w *words.Words) []Option {
	out := []Option{
		{"function", w.T("services.sort_function")},
		{"name", w.T("services.sort_name")},
		{"cost", w.T("services.sort_cost")},
		{"next", w.T("services.sort_next")},
	}
	if w.Conceals() {
		out = slices.DeleteFunc(out, func(o Option) bool { return o.Value == "cost" })
	}
	return out
}

// serviceGroups puts lines under their functions, with a row each if asked.
func serviceGroups(v *visit, lines []models.Line, rows bool) []serviceGroup {
	if rows {
		words.SortBy(v.words, lines, func(l models.Line) string { return l.Service.Name })
	}
	groups := v.register.ByFunction(lines)
	out := make([]serviceGroup, len(groups))
	for i, g := range groups {
		out[i] = serviceGroup{Name: g.Function.Name, Function: g.Function.ID, Yearly: g.Yearly, Complete: g.Complete, Count: len(g.Lines)}
		if g.Function.ID == 0 {
			out[i].Name = v.words.T("services.no_function")
		}
		if rows {
			out[i].Rows = serviceRows(v, g.Lines, false)
		}
	}
	return out
}

func serviceRows(v *visit, lines []models.Line, named bool) []serviceRow {
	rows := make([]serviceRow, len(lines))
	for i := range lines {
		rows[i] = newServiceRow(v, &lines[i], named)
	}
	return rows
}

// newServiceRow writes one line; named adds the function, for a list that is not grouped by it.
func newServiceRow(v *visit, l *models.Line, named bool) serviceRow {
	w := v.words
	row := serviceRow{
		Href: servicePath(l.Service.ID), Name: l.Service.Name, About: l.Service.About, Tier: l.Tier,
		Free: l.Yearly.IsZero() && l.Complete, Unconverted: !l.Complete,
	}
	if named {
		f, _ := v.register.Function(l.Service.FunctionID)
		row.About = f.Name
	}
	switch {
	case l.Subscription.ID == 0 || l.Standing == models.Former:
	case l.Terms.PerSeat && l.Tier == models.Premium:
		row.Seats, row.SeatUnit = w.T("services.seats_held", "held", l.Held, "paid", l.Terms.Seats), w.N("services.seats", l.Terms.Seats)
	case l.Held > 0:
		row.Seats, row.SeatUnit = w.Number(l.Held), w.N("services.seats", l.Held)
	}
	switch {
	case l.Standing == models.Considered || l.Standing == models.Former:
	case row.Free:
		row.Cost = w.MoneyRound(l.Yearly)
	case l.Yearly.IsPositive():
		row.Cost = w.Money(l.Yearly)
	}
	row.Next, row.Sure = nextOf(v, l)
	switch state := l.Subscription.StateOn(v.today); {
	case l.Standing == models.Considered || l.Standing == models.PutAway:
		row.State = w.T("services.is." + string(l.Standing))
	case l.Subscription.ID != 0 && state != models.Active && l.Standing != models.Former:
		row.State = w.Kind("state", string(state))
	}
	return row
}

// nextOf says what comes next for a service; sure when it is the day of a payment.
func nextOf(v *visit, l *models.Line) (said string, sure bool) {
	w, s := v.words, &l.Subscription
	switch {
	case s.ID == 0:
		if d := v.register.DecisionsOf(l.Service.ID); len(d) > 0 {
			last := d[len(d)-1]
			return w.T("services.decided", "what", w.Kind("decided", string(last.Kind)), "day", last.On), false
		}
		return "", false
	case l.Standing == models.Former:
		return w.T("services.ended", "day", s.EndsOn), false
	case !s.EndsOn.IsZero():
		return w.T("services.ends", "day", v.shortDay(s.EndsOn)), false
	case l.Standing == models.Coming:
		return w.T("services.begins", "day", v.shortDay(s.StartedOn)), false
	case !l.Renewal.IsZero():
		return v.shortDay(l.Renewal), true
	case l.Tier == models.Free && !s.LookOn.IsZero():
		return w.T("services.look", "month", v.month(s.LookOn)), false
	case s.Cadence.Unit == cal.Once:
		return w.T("services.once"), false
	}
	return "", false
}

// shortDay leaves the year out while it is plain: within a year.
func (v *visit) shortDay(d cal.Date) string {
	if v.nearby(d) {
		return v.words.DayMedium(d)
	}
	return v.words.DayLong(d)
}

func (v *visit) month(d cal.Date) string {
	if v.nearby(d) {
		return v.words.MonthName(d.Month())
	}
	return v.words.Month(d)
}

// nearby tells whether a day is so near that its year need not be said.
func (v *visit) nearby(d cal.Date) bool {
	const nearlyYear = 350
	days := v.today.DaysUntil(d)
	return days > -nearlyYear/2 && days < nearlyYear
}

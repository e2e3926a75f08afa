package web

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// The fields of the form: those of the comparison, and of each line of either side ("online.0.label").
var (
	comparisonFields = []string{"service", "name", "on", "years", "users", "hour_cost", "note"}
	comparedWays     = []models.Way{models.OnLine, models.Installed}
	costFields       = []string{"label", "once", "yearly", "share", "hours_once", "hours_yearly"}
)

func costField(way models.Way, row int, field string) string {
	return fmt.Sprintf("%s.%d.%s", way, row, field)
}

func comparisonTyped(c echo.Context) Fields {
	names := append([]string(nil), comparisonFields...)
	for _, way := range comparedWays {
		for row := range models.MaxCostItems {
			for _, field := range costFields {
				names = append(names, costField(way, row, field))
			}
		}
	}
	return fields(c, names...)
}

// comparisonForm is the page that asks for both sides.
type comparisonForm struct {
	Form         Form
	Services     []Option
	Sides        []costsForm
	Action, Back string
	New          bool
	Partial      bool // the figure proposed leaves out what could not be converted
}

// costsForm is the lines of one side: those with something in them and a few empty ones, then the rest.
type costsForm struct {
	Way        models.Way
	Error      string
	Rows, More []costRow
}

type costRow struct {
	Number int
	Cells  []Field
	Errors []string
}

// emptyRows is how many empty lines a form shows at once.
const emptyRows = 1

func newCostsForm(w *words.Words, f Form, way models.Way) costsForm {
	out := costsForm{Way: way, Error: f.Error(string(way))}
	last := -1
	for row := range models.MaxCostItems {
		for _, field := range costFields {
			if f.Value(costField(way, row, field)) != "" {
				last = row
			}
		}
	}
	for row := range models.MaxCostItems {
		r := costRow{Number: row + 1}
		for _, field := range costFields {
			name := costField(way, row, field)
			cell := Field{Name: name, Label: w.T("compare.field." + field), Value: f.Value(name), Error: f.Error(name)}
			if cell.Error != "" {
				r.Errors = append(r.Errors, name)
			}
			r.Cells = append(r.Cells, cell)
		}
		if row <= last+emptyRows {
			out.Rows = append(out.Rows, r)
		} else {
			out.More = append(out.More, r)
		}
	}
	return out
}

func (w *Web) showComparisonForm(c echo.Context, status int, page comparisonForm) error {
	v := visitOf(c)
	page.Services = comparedOptions(v)
	// A service put away since stays what was compared.
	if id, err := strconv.ParseInt(page.Form.Value("service"), 10, 64); err == nil {
		if s, ok := v.register.Service(models.ID(id)); ok && s.Archived() {
			page.Services = append(page.Services, Option{typedID(s.ID), s.Name})
		}
	}
	for _, way := range comparedWays {
		page.Sides = append(page.Sides, newCostsForm(v.words, page.Form, way))
	}
	title := "compare.edit"
	if page.New {
		title = "compare.new"
	}
	return w.render(c, screen{status: status, name: "comparison-form", nav: "envelope", title: title, page: page})
}

func newComparisonForm(f Form) comparisonForm {
	return comparisonForm{Form: f, Action: "/comparisons", Back: "/comparisons", New: true}
}

// newComparison proposes what the register knows: what the service costs by the year, and for how many. What the other
// side costs is for the organisation to find out: no price ships with the program, only the lines one usually forgets.
func (w *Web) newComparison(c echo.Context) error {
	v := visitOf(c)
	t := func(key string) string { return v.words.T("compare.usual." + key) }
	f := Fields{
		"on": v.today.String(), "years": "3", "users": strconv.Itoa(max(v.register.Organisation.Headcount, 1)), "name": t("name_all"),
		"online.0.label": t("subscriptions"), "online.1.label": t("training"), "online.2.label": t("administration"),
	}
	var service models.ID
	if typed := c.QueryParam("service"); typed != "" {
		id, err := strconv.ParseInt(typed, 10, 64)
		s, ok := v.register.Service(models.ID(id))
		if err != nil || !ok {
			return models.ErrNotFound
		}
		service = s.ID
		f["service"], f["name"], f["online.0.label"] = typedID(s.ID), v.words.T("compare.usual.name", "service", s.Name), t("subscription")
		if h := s.Access.TrainPlanned; h > 0 {
			f["online.1.hours_once"] = hoursFigure(v.words, h)
		}
		if l, ok := v.register.Line(s.ID, v.today); ok && l.Held > 0 {
			f["users"] = strconv.Itoa(l.Held)
		}
	}
	yearly, whole := yearlyNow(v, service)
	f["online.0.yearly"] = v.words.MoneyInput(yearly)
	for row, key := range []string{"licences", "server", "energy", "training", "administration"} {
		f[costField(models.Installed, row, "label")] = t(key)
	}
	page := newComparisonForm(Form{Fields: f})
	page.Partial = !whole
	return w.showComparisonForm(c, http.StatusOK, page)
}

// comparison reads the form. Lines with nothing in them are passed over; what is wrong is said of the line it stands on.
func (e *entry) comparison() models.Comparison {
	x := models.Comparison{
		Version: e.version(), ServiceID: e.id("service"), Name: e.text("name"), On: e.day("on"),
		Years: e.whole("years", 0), Users: e.whole("users", 0), HourCost: e.amount("hour_cost", money.EUR), Note: e.text("note"),
	}
	stands := map[string]string{} // where a line of the comparison stands on the form
	for _, way := range comparedWays {
		var items []models.CostItem
		for row := range models.MaxCostItems {
			item, filled := e.costItem(way, row)
			if !filled {
				continue
			}
			for _, field := range costFields {
				stands[costField(way, len(items), field)] = costField(way, row, field)
			}
			items = append(items, item)
		}
		if way == models.OnLine {
			x.Online = items
		} else {
			x.Installed = items
		}
	}
	e.merge(e.besides(x.Check()), stands)
	return x
}

// besides leaves out that a side has no figures when one of its figures could not be read.
func (e *entry) besides(bad models.Invalid) models.Invalid {
	var rest models.Invalid
	for _, p := range bad {
		unread := false
		for _, said := range e.bad {
			unread = unread || strings.HasPrefix(said.Field, p.Field+".")
		}
		if !unread {
			rest = append(rest, p)
		}
	}
	return rest
}

// costItem reads one line; false when nothing was typed in it.
func (e *entry) costItem(way models.Way, row int) (item models.CostItem, filled bool) {
	at := func(field string) string { return costField(way, row, field) }
	for _, field := range costFields {
		filled = filled || e.is(at(field))
	}
	return models.CostItem{
		Label: e.text(at("label")), Once: e.amount(at("once"), money.EUR), Yearly: e.amount(at("yearly"), money.EUR),
		YearlyShare: e.percent(at("share")), HoursOnce: e.hours(at("hours_once")), HoursYearly: e.hours(at("hours_yearly")),
	}, filled
}

// hours reads hours of work: "12", "1,5", "1.5 h", "1 h 30"; empty is none.
func (e *entry) hours(field string) models.Hours {
	h, ok := parseHours(e.Fields[field])
	if !ok {
		e.bad.Add(field, "hours.malformed")
	}
	return h
}

func parseHours(typed string) (models.Hours, bool) {
	text := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "H", "h", ",", ".").Replace(typed)
	if text == "" {
		return 0, true
	}
	const hundredths, hour = 100, 60
	number := func(s string, most int) (int, bool) {
		n, err := strconv.Atoi(s)
		return n, err == nil && n <= most && strings.Trim(s, "0123456789") == ""
	}
	if h, minutes, ok := strings.Cut(text, "h"); ok && minutes != "" {
		whole, right := number(h, models.MaxHours)
		m, well := number(minutes, hour-1)
		return models.Hours(whole*hundredths + (m*hundredths+hour/2)/hour), right && well && len(minutes) <= 2
	}
	h, fraction, ok := strings.Cut(strings.TrimSuffix(text, "h"), ".")
	whole, right := number(h, models.MaxHours)
	if !ok {
		return models.Hours(whole * hundredths), right
	}
	rest, well := number((fraction + "00")[:2], hundredths)
	return models.Hours(whole*hundredths + rest), right && well && fraction != "" && len(fraction) <= 2
}

func (w *Web) addComparison(c echo.Context) error {
	v := visitOf(c)
	e := entry{Fields: comparisonTyped(c)}
	if kept := c.QueryParam("kept"); kept != "" {
		f, ok := unpack(kept)
		if !ok {
			return models.ErrNotFound
		}
		e.Fields = f
	}
	x := e.comparison()
	var id models.ID
	err := e.bad.Err()
	if err == nil {
		id, err = w.store.AddComparison(c.Request().Context(), v.actor, x)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showComparisonForm(c, status, newComparisonForm(f)) })
	}
	return w.done(c, comparisonPath(id), Notice{Key: "comparison_added", Args: []string{"name", x.Name}})
}

// typedComparison is a comparison as somebody would type it.
func typedComparison(w *words.Words, x models.Comparison) Fields {
	f := Fields{
		"version": typedVersion(x.Version), "service": typedID(x.ServiceID), "name": x.Name, "on": x.On.String(), "years": strconv.Itoa(x.Years),
		"users": strconv.Itoa(x.Users), "hour_cost": w.MoneyInput(x.HourCost), "note": x.Note,
	}
	typedHours := func(h models.Hours) string {
		if h == 0 {
			return ""
		}
		return hoursFigure(w, h)
	}
	for _, way := range comparedWays {
		items := x.Online
		if way == models.Installed {
			items = x.Installed
		}
		for row, item := range items {
			at := func(field, text string) {
				if text != "" {
					f[costField(way, row, field)] = text
				}
			}
			at("label", item.Label)
			at("once", w.MoneyInput(item.Once))
			at("yearly", w.MoneyInput(item.Yearly))
			if !item.YearlyShare.IsZero() {
				at("share", w.Percent(item.YearlyShare))
			}
			at("hours_once", typedHours(item.HoursOnce))
			at("hours_yearly", typedHours(item.HoursYearly))
		}
	}
	return f
}

func editForm(x models.Comparison, f Form) comparisonForm {
	return comparisonForm{Form: f, Action: comparisonPath(x.ID), Back: comparisonPath(x.ID)}
}

func (w *Web) editComparison(c echo.Context) error {
	x, err := askedComparison(c)
	if err != nil {
		return err
	}
	return w.showComparisonForm(c, http.StatusOK, editForm(x, Form{Fields: typedComparison(visitOf(c).words, x)}))
}

func (w *Web) saveComparison(c echo.Context) error {
	was, err := askedComparison(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: comparisonTyped(c)}
	x := e.comparison()
	x.ID = was.ID
	if err = e.bad.Err(); err == nil {
		err = w.store.SaveComparison(c.Request().Context(), v.actor, x)
	}
	if err != nil {
		return w.retry(c, err, e.Fields, func(status int, f Form) error { return w.showComparisonForm(c, status, editForm(was, f)) })
	}
	return w.done(c, comparisonPath(x.ID), Notice{Key: "comparison_saved", Args: []string{"name", x.Name}})
}

// comparisonRemovalPage asks before one is removed.
type comparisonRemovalPage struct {
	comparisonLine
	Back    string
	ForGood bool // too long for a notice to carry: there will be no way back
	Today   cal.Date
}

func (w *Web) comparisonRemoval(c echo.Context) error {
	x, err := askedComparison(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	page := comparisonRemovalPage{comparisonLine: newComparisonLine(v, x), Back: comparisonPath(x.ID), ForGood: wayBack(v.words, x) == "", Today: v.today}
	return w.render(c, screen{status: http.StatusOK, name: "comparison-removal", nav: "envelope", title: "compare.removal", args: []any{"name", x.Name}, page: page})
}

func (w *Web) removeComparison(c echo.Context) error {
	x, err := askedComparison(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	if err := w.store.RemoveComparison(c.Request().Context(), v.actor, x.ID); err != nil {
		return err
	}
	return w.done(c, "/comparisons", Notice{Key: "comparison_removed", Args: []string{"name", x.Name}, Undo: wayBack(v.words, x)})
}

// wayBack is an address that adds a removed comparison again; its many figures are packed, to fit what a notice carries.
func wayBack(w *words.Words, x models.Comparison) string {
	f := typedComparison(w, x)
	delete(f, "version")
	return keptAddress("/comparisons", f)
}

// keptAddress carries what was typed in an address that takes a POST; it is empty when that would be longer than a notice
// can carry.
func keptAddress(to string, typed any) string {
	text, err := json.Marshal(typed)
	if err != nil {
		return ""
	}
	var packed bytes.Buffer
	z, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return ""
	}
	if _, err = z.Write(text); err != nil || z.Close() != nil {
		return ""
	}
	const longest = 2000
	address := to + "?" + url.Values{"kept": {base64.RawURLEncoding.EncodeToString(packed.Bytes())}}.Encode()
	if len(address) > longest {
		return ""
	}
	return address
}

// unpack reads what wayBack packed; whatever somebody else packs is read as a form, and is checked like one.
func unpack(kept string) (Fields, bool) {
	var f Fields
	ok := unpackInto(kept, &f)
	return f, ok && f != nil
}

func unpackInto(kept string, typed any) bool {
	packed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return false
	}
	const most = 64 << 10
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), most))
	return err == nil && json.Unmarshal(text, typed) == nil
}

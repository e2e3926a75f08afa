package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// chargesAhead is how many days before its day a charge may be paid.
const chargesAhead = 31

func (w *Web) bankLineRoutes(g *echo.Group) {
	g.GET("/bank-lines/:id", w.bankLinePage, mayExport)
	g.POST("/bank-lines/:id/match", w.matchBankLine, mayEdit)
	g.POST("/bank-lines/:id/undo", w.undoMatch, mayEdit)
	g.POST("/bank-lines/aside", w.setAside, mayEdit)
	g.POST("/bank-lines/return", w.takeBack, mayEdit)
}

func bankLinePath(id models.ID) string { return "/bank-lines/" + typedID(id) }

// bankLinePage is one line: what it became, or everything it could be.
type bankLinePage struct {
	Form       Form
	Line       lineRow
	Groups     []choiceGroup
	Register   string // address of the form for a service it would be the first payment of
	Currencies []Option
	Foreign    bool // the form's second part is open
}

func (w *Web) askedBankLine(c echo.Context) (models.BankLine, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return models.BankLine{}, err
	}
	return w.store.BankLine(c.Request().Context(), visitOf(c).actor.Organisation, id)
}

func (w *Web) bankLinePage(c echo.Context) error {
	line, err := w.askedBankLine(c)
	if err != nil {
		return err
	}
	f := Fields{"currency": string(money.EUR), "to": c.QueryParam("to")}
	if billed := billedBy(line, ""); !billed.IsNone() {
		f["billed"], f["currency"] = visitOf(c).words.MoneyInput(billed), string(billed.Currency())
	}
	return w.showBankLine(c, line, http.StatusOK, Form{Fields: f})
}

func (w *Web) showBankLine(c echo.Context, line models.BankLine, status int, f Form) error {
	v := visitOf(c)
	page := bankLinePage{Form: f, Line: newLineRow(v, line), Currencies: currencyOptions(v, f.Value("currency"))}
	page.Foreign = f.Value("billed") != "" || f.Error("billed") != ""
	page.Register = registerAddress(v, line)
	if line.Open() && v.actor.Role.MayEdit() {
		known, err := w.matchingOf(c.Request().Context(), v)
		if err != nil {
			return err
		}
		page.Groups = lineGroups(v, line, known)
	}
	return w.render(c, screen{status: status, name: "bank-line", nav: "payments", title: "banklines.one_title", args: []any{"label", line.Label}, page: page})
}

// registerAddress is the form for a new service, with what the line tells of it.
func registerAddress(v *visit, line models.BankLine) string {
	left := line.Amount.Neg()
	if billed := billedBy(line, ""); !billed.IsNone() {
		left = billed
	}
	return newServiceAddress(v, line, left, cal.Cadence{Every: 1, Unit: cal.Year}, line.Day)
}

// lineGroups is everything a line can be. Money that came in settles no charge: it is what a service gave back.
func lineGroups(v *visit, line models.BankLine, known *matched) []choiceGroup {
	groups := []choiceGroup{{"", []Option{{"", v.words.T("banklines.choose")}}}}
	recorded := lineChoices{v: v, linked: known.habits.Linked}.payments(line)
	if !line.Amount.IsNegative() {
		groups = addGroup(groups, v.words.T("matching.recorded_already"), recorded, Option{})
		return addGroup(groups, v.words.T("banklines.given_back"), sortedServices(v), Option{})
	}
	var charges []Option
	for _, ch := range chargesOpen(v, cal.Max(line.Day, v.today).AddDays(chargesAhead)) {
		charges = append(charges, chargeOption(v, ch))
	}
	groups = addGroup(groups, v.words.T("banklines.charges"), charges, Option{})
	groups = addGroup(groups, v.words.T("matching.recorded_already"), recorded, Option{})
	return addGroup(groups, v.words.T("matching.without_charge"), sortedServices(v), Option{})
}

// matchBankLine records one line as somebody says what it is.
func (w *Web) matchBankLine(c echo.Context) error {
	line, err := w.askedBankLine(c)
	if err != nil {
		return err
	}
	v := visitOf(c)
	e := entry{Fields: fields(c, "as", "billed", "currency", "part", "to")}
	m := e.lineMatch(v, line)
	if err = e.bad.Err(); err == nil {
		_, err = w.store.ConfirmMatches(c.Request().Context(), v.actor, []models.Match{m}, v.today)
	}
	if err != nil {
		return w.retry(c, underField(err, rowField("match", line.ID), "as"), e.Fields, func(status int, f Form) error { return w.showBankLine(c, line, status, f) })
	}
	to := backToBank(e.text("to"))
	if to == "/statements/matching" {
		to += "?done=" + typedID(line.ID)
	}
	return w.bankDone(c, to, "matches_recorded", "", "payments", v.words.N("matching.recorded", 1))
}

func (e *entry) lineMatch(v *visit, line models.BankLine) models.Match {
	if !e.is("as") {
		e.bad.Add("as", "choose")
		return models.Match{}
	}
	m, ok := matchAs(v, line, e.text("as"))
	if !ok {
		e.bad.Add("as", "matching.gone")
	}
	m.Part = e.tick("part") && m.SubscriptionID != 0
	if currency := e.currency(); e.is("billed") && currency != line.Amount.Currency() {
		m.Billed = e.amount("billed", currency)
	}
	return m
}

// underField says under a form's own field what a verb found wrong under another name.
func underField(err error, from, to string) error {
	bad, ok := err.(models.Invalid) //nolint:errorlint // a wrapped one is no answer to a form
	if !ok {
		return err
	}
	for i := range bad {
		if bad[i].Field == from {
			bad[i].Field = to
		}
	}
	return bad
}

func (w *Web) undoMatch(c echo.Context) error {
	line, err := w.askedBankLine(c)
	if err != nil {
		return err
	}
	if err := w.store.UndoMatch(c.Request().Context(), visitOf(c).actor, line.ID); err != nil {
		return err
	}
	return w.bankDone(c, backToBank(c.FormValue("to")), "match_undone", "", "label", line.Label)
}

// chosenLines are the lines ticked in a list.
func chosenLines(c echo.Context) ([]models.ID, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	var out []models.ID
	for _, typed := range form["line"] {
		e := entry{Fields: Fields{"line": typed}}
		if id := e.id("line"); id != 0 {
			out = append(out, id)
		}
	}
	return out, nil
}

// setAside says of the ticked lines that they are none of this program's business.
func (w *Web) setAside(c echo.Context) error {
	v := visitOf(c)
	lines, err := chosenLines(c)
	if err != nil {
		return err
	}
	to := backToBank(c.FormValue("to"))
	if len(lines) == 0 {
		return w.done(c, to, Notice{Key: "lines_none"})
	}
	err = w.store.SetAside(c.Request().Context(), v.actor, lines)
	var taken models.Invalid
	if errors.As(err, &taken) {
		return w.done(c, to, Notice{Key: "lines_taken"})
	}
	if err != nil {
		return err
	}
	back := url.Values{"to": {to}}
	for _, id := range lines {
		back.Add("line", typedID(id))
	}
	return w.done(c, to, Notice{Key: "lines_aside", Args: []string{"lines", v.words.N("matching.aside_lines", len(lines))}, Undo: "/bank-lines/return?" + back.Encode()})
}

// takeBack opens lines again that were set aside.
func (w *Web) takeBack(c echo.Context) error {
	v := visitOf(c)
	lines, err := chosenLines(c)
	if err != nil {
		return err
	}
	for _, id := range lines {
		if err := w.store.TakeBack(c.Request().Context(), v.actor, id); err != nil {
			return err
		}
	}
	return w.done(c, backToBank(c.FormValue("to")), Notice{Key: "lines_returned", Args: []string{"lines", v.words.N("matching.returned_lines", len(lines))}})
}

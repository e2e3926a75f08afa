package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// Fields is a form as people filled it in: text under the name of each field, kept as it was typed so that nothing is
// lost when something is wrong.
type Fields map[string]string

// maxTyped is more than any field takes; a longer one is cut, and refused by the rule of its field.
const maxTyped = 20_000

// fields reads the named fields of a form. Line breaks become plain ones.
func fields(c echo.Context, names ...string) Fields {
	f := make(Fields, len(names)+1)
	for _, name := range slices.Concat(names, []string{"version"}) { // the names may be everybody's
		typed := c.FormValue(name)
		if len(typed) > maxTyped {
			typed = strings.ToValidUTF8(typed[:maxTyped], "")
		}
		f[name] = strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
	}
	return f
}

// entry turns what was typed into values, and gathers everything that is wrong on the way.
type entry struct {
	Fields
	bad models.Invalid
}

func (e *entry) is(field string) bool { return e.Fields[field] != "" }

// text is a field as it stands.
func (e *entry) text(field string) string { return e.Fields[field] }

// tick is a check box.
func (e *entry) tick(field string) bool { return e.Fields[field] != "" }

// version is the revision the form was rendered from; one that is missing or not a number never matches.
func (e *entry) version() int64 {
	n, err := strconv.ParseInt(e.Fields["version"], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// seen notes in a form for something new what the register was when it was shown, so that one that is sent twice is known.
func (f Fields) seen(v *visit) {
	if f["version"] == "" {
		f["version"] = typedVersion(v.revision)
	}
}

// id is a choice from a list; empty is 0.
func (e *entry) id(field string) models.ID {
	typed := e.Fields[field]
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < 0 {
		e.bad.Add(field, "choose")
		return 0
	}
	return models.ID(n)
}

// whole is a whole number; empty gives the default.
func (e *entry) whole(field string, standard int) int {
	typed := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(e.Fields[field])
	if typed == "" {
		return standard
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		e.bad.Add(field, "number.malformed")
		return standard
	}
	return n
}

// day is a day; empty is none.
func (e *entry) day(field string) cal.Date {
	typed := e.Fields[field]
	if typed == "" {
		return cal.Date{}
	}
	d, err := cal.ParseTyped(typed)
	if err != nil {
		e.reason(field, err, "date.malformed")
	}
	return d
}

// dayOr is a day; empty is the one given.
func (e *entry) dayOr(field string, standard cal.Date) cal.Date {
	if e.Fields[field] == "" {
		return standard
	}
	return e.day(field)
}

// amount is an amount in a currency; empty is none.
func (e *entry) amount(field string, c money.Currency) money.Amount {
	typed := e.Fields[field]
	if typed == "" {
		return money.Amount{}
	}
	if c == "" {
		c = money.EUR // the currency is refused already: read on, lest the amount be said to be missing
	}
	a, err := money.ParseAmount(typed, c)
	if err != nil {
		e.reason(field, err, "amount.malformed")
	}
	return a
}

// currency is the code of a currency, which every form calls so; empty is the euro.
func (e *entry) currency() money.Currency {
	const field = "currency"
	typed := e.Fields[field]
	if typed == "" {
		return money.EUR
	}
	c, err := money.ParseCurrency(typed)
	if err != nil {
		e.reason(field, err, "currency.unknown")
	}
	return c
}

// rate is foreign units for one euro, which every form calls so; empty is none.
func (e *entry) rate() money.Rate {
	const field = "rate"
	typed := e.Fields[field]
	if typed == "" {
		return money.Rate{}
	}
	r, err := money.ParseRate(typed)
	if err != nil {
		e.reason(field, err, "rate.malformed")
	}
	return r
}

// percent is a share from 0 to 100; empty is none.
func (e *entry) percent(field string) money.Percent {
	typed := strings.TrimSuffix(strings.TrimSpace(e.Fields[field]), "%")
	if typed == "" {
		return money.Percent{}
	}
	p, err := money.ParsePercent(strings.TrimSpace(typed))
	if err != nil {
		e.reason(field, err, "percent.malformed")
	}
	return p
}

// cadence reads "every N units" from two fields, which every form calls so.
func (e *entry) cadence() cal.Cadence {
	const every, unit = "every", "unit"
	u := cal.Unit(e.Fields[unit])
	if u == "" {
		u = cal.Year
	}
	c := cal.Cadence{Every: 1, Unit: u}
	if u != cal.Once {
		c.Every = e.whole(every, 1)
	}
	if err := c.Validate(); err != nil && !e.bad.Has(every) {
		e.reason(every, err, "cadence.zero")
	}
	return c
}

// notice reads "N units before" from two fields; empty is none.
func (e *entry) notice(n, unit string) cal.Notice {
	u := cal.Unit(e.Fields[unit])
	if u == "" {
		u = cal.Day
	}
	notice := cal.Notice{N: e.whole(n, 0), Unit: u}
	if notice.N < 0 || notice.N > 3650 || (u != cal.Day && u != cal.Week && u != cal.Month && u != cal.Year) {
		e.bad.Add(n, "notice.range")
		return cal.Notice{Unit: cal.Day}
	}
	return notice
}

// reason notes a parser's reason under the field.
func (e *entry) reason(field string, err error, standard string) {
	rule := standard
	var m *money.ParseError
	var d *cal.ParseError
	switch {
	case errors.As(err, &m):
		rule = string(m.Reason)
	case errors.As(err, &d):
		rule = string(d.Reason)
	}
	e.bad.Add(field, rule)
}

// Errors is what is wrong, a sentence a field, in the reader's words.
type Errors map[string]string

// sentences puts problems in words; the first of each field is the one to say.
func sentences(w *words.Words, bad models.Invalid) Errors {
	said := make(Errors, len(bad))
	for _, p := range bad {
		if said[p.Field] == "" {
			said[p.Field] = w.Problem(p.Rule, p.Args...)
		}
	}
	return said
}

// Form is what a page with a form shows: what was typed or stored, what is wrong, and whether somebody saved meanwhile.
type Form struct {
	Fields   Fields
	Errors   Errors
	Conflict *models.Conflict
}

// Value is what stands in a field.
func (f Form) Value(name string) string { return f.Fields[name] }

// Error is the sentence about a field, empty when it is right.
func (f Form) Error(name string) string { return f.Errors[name] }

// retry answers a form that was refused: the same page with what was typed, 422 with a sentence beside each field, or
// 409 when somebody saved meanwhile, and then saving again overwrites knowingly. Any other error goes on.
func (w *Web) retry(c echo.Context, err error, typed Fields, show func(status int, f Form) error) error {
	var bad models.Invalid
	if errors.As(err, &bad) {
		return show(http.StatusUnprocessableEntity, Form{Fields: typed, Errors: sentences(visitOf(c).words, bad)})
	}
	var conflict models.Conflict
	if errors.As(err, &conflict) {
		typed["version"] = strconv.FormatInt(conflict.Current, 10)
		return show(http.StatusConflict, Form{Fields: typed, Conflict: &conflict})
	}
	var refused models.Refused
	if errors.As(err, &refused) {
		return show(http.StatusUnprocessableEntity, Form{Fields: typed, Errors: Errors{"": visitOf(c).words.Refusal(refused.Rule, refused.Args...)}})
	}
	return err
}

// pathID is the ID in the address; anything else is not found.
func pathID(c echo.Context, name string) (models.ID, error) {
	n, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || n <= 0 {
		return 0, models.ErrNotFound
	}
	return models.ID(n), nil
}

// Typed forms of values, for the fields of a form that changes them.

func typedID(id models.ID) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func typedTick(on bool) string {
	if on {
		return "on"
	}
	return ""
}

func typedVersion(v int64) string { return strconv.FormatInt(v, 10) }

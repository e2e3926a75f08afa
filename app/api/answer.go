package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
)

const jsonType = "application/json"

// send writes a body as JSON, whole or not at all.
func send(c echo.Context, status int, media string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return c.Blob(status, media, append(text, '\n'))
}

// tag names the state of all an answer says: the register's revision, the day, and who asks for what.
func (a *API) tag(c *call) string {
	r := c.register
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d %s %d %s %t %s", a.start, c.bearer.Organisation, r.Revision, c.today(),
		c.bearer.ID, c.bearer.Role, c.amounts, c.Request().URL.RequestURI()))
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
}

func matches(header, tag string) bool {
	for known := range strings.SplitSeq(header, ",") {
		known = strings.TrimPrefix(strings.TrimSpace(known), "W/")
		if known == tag || known == "*" {
			return true
		}
	}
	return false
}

// today is the organisation's day.
func (c *call) today() cal.Date { return c.register.Organisation.Today(c.actor.At) }

// Bounds of a list's pages.
const (
	usualPage = 100
	mostPage  = 500
)

// list is one page of a list by ID.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"` // address of the next page; null on the last
}

// page cuts the records of an ordered list that come after the one the address names, and says where the rest is.
func page[M, T any](c *call, all []M, id func(*M) models.ID, show func(*M) T) (list[T], error) {
	l := list[T]{Items: []T{}}
	after, err := c.number("after", 0, 0, maxID)
	if err != nil {
		return l, err
	}
	limit, err := c.number("limit", usualPage, 1, mostPage)
	if err != nil {
		return l, err
	}
	var last models.ID
	for i := range all {
		switch m := &all[i]; {
		case int64(id(m)) <= after:
		case int64(len(l.Items)) == limit:
			q := c.Request().URL.Query()
			q.Set("after", strconv.FormatInt(int64(last), 10))
			next := (&url.URL{Path: c.Request().URL.Path, RawQuery: q.Encode()}).String()
			l.Next = &next
			c.Response().Header().Set("Link", "<"+next+`>; rel="next"`)
			return l, nil
		default:
			last = id(m)
			l.Items = append(l.Items, show(m))
		}
	}
	return l, nil
}

// maxID is the largest whole number that every reader of JSON keeps exactly.
const maxID = 1<<53 - 1

// asks holds the address to its known parameters, each at most once: a misspelt one would be passed over in silence.
func (c *call) asks(known ...string) error {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return problem{status: http.StatusBadRequest, kind: "query"}
	}
	for name, given := range values {
		switch {
		case !slices.Contains(known, name):
			return badQuery{parameter: name, rule: "query.unknown"}
		case len(given) > 1:
			return badQuery{parameter: name, rule: "query.twice"}
		}
	}
	return nil
}

// number is a whole number of the address, or the usual one when it names none.
func (c *call) number(name string, usual, low, high int64) (int64, error) {
	if !c.QueryParams().Has(name) {
		return usual, nil
	}
	n, err := strconv.ParseInt(c.QueryParam(name), 10, 64)
	if err != nil || n < low || n > high {
		return 0, badQuery{name, "number.range", []any{"min", int(low), "max", int(high)}}
	}
	return n, nil
}

// day is a day of the address, or the usual one.
func (c *call) day(name string, usual cal.Date) (cal.Date, error) {
	if !c.QueryParams().Has(name) {
		return usual, nil
	}
	d, err := cal.Parse(c.QueryParam(name))
	if err != nil || d.IsZero() {
		return d, badQuery{name, "date.iso", nil}
	}
	return d, nil
}

// year is a fiscal year by its number, or today's.
func (c *call) year() (cal.FiscalYear, error) {
	now := c.register.Year(c.today())
	n, err := c.number("year", int64(now.Number()), firstYear, lastYear)
	return c.register.Organisation.YearStart.Year(int(n)), err
}

// The fiscal years that can be asked for.
const (
	firstYear = 1971
	lastYear  = 2197
)

// one is the record the address names.
func (c *call) one() (models.ID, error) {
	text := c.Param("id")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return 0, models.ErrNotFound
	}
	return models.ID(n), nil
}

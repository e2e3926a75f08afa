package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// object is a JSON object being read: each member once, by its exact name and of its own type, and none that is not
// asked for. What is wrong is gathered in bad, so that all of it is told at once.
type object struct {
	members map[string]json.RawMessage
	asked   map[string]bool
	in      string // of the object it is a member of: "period/"
	bad     *models.Invalid
}

// readBody reads the request's only body, and gives its bytes too.
func readBody(c echo.Context) (object, []byte, error) {
	r := c.Request()
	media, parameters, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	charset := strings.ToLower(parameters["charset"])
	if err != nil || media != jsonType || (charset != "" && charset != "utf-8") || r.Header.Get("Content-Encoding") != "" {
		return object{}, nil, problem{status: http.StatusUnsupportedMediaType, kind: "media"}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		if _, ok := errors.AsType[*echo.HTTPError](err); ok {
			return object{}, nil, err
		}
		return object{}, nil, errMalformed // it broke off
	}
	o := object{asked: map[string]bool{}, bad: &models.Invalid{}}
	if o.members, err = readMembers(body); err != nil {
		return object{}, nil, errMalformed
	}
	return o, body, nil
}

// errMalformed is a body that is no JSON object, or says something twice.
var errMalformed = problem{status: http.StatusBadRequest, kind: "malformed"}

var errNoObject = errors.New("no JSON object")

func readMembers(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) {
		return nil, errNoObject
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, errNoObject
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		key, _ := name.(string)
		if _, twice := members[key]; twice {
			return nil, errNoObject
		}
		members[key] = value
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return members, nil
}

// has tells whether a member is there and not null.
func (o object) has(name string) bool {
	value, ok := o.members[name]
	return ok && string(value) != "null"
}

// take reads a member into a value of its type; what is absent or null stays as it is.
func (o object) take(name, wanted string, into any) bool {
	o.asked[name] = true
	if !o.has(name) {
		return false
	}
	if err := json.Unmarshal(o.members[name], into); err != nil {
		o.bad.Add(o.in+name, "json.type", "wanted", wanted)
		return false
	}
	return true
}

func (o object) text(name string) string {
	var s string
	o.take(name, "string", &s)
	return strings.TrimSpace(s)
}

func (o object) flag(name string) bool {
	var b bool
	o.take(name, "boolean", &b)
	return b
}

// id is a whole number, however it is written: 12, 12.0 and 1.2e1 are one number in JSON.
func (o object) id(name string) models.ID {
	var raw json.RawMessage
	if !o.take(name, "integer", &raw) {
		return 0
	}
	if quoted := raw[0] != '-' && (raw[0] < '0' || raw[0] > '9'); !quoted {
		n, _, err := big.ParseFloat(string(raw), 10, 64, big.ToZero) // exact up to the largest, however large the exponent
		if err == nil && n.IsInt() {
			if whole, exact := n.Int64(); exact == big.Exact && whole >= 1 && whole <= maxID {
				return models.ID(whole)
			}
		}
	}
	o.bad.Add(o.in+name, "json.type", "wanted", "integer")
	return 0
}

func (o object) day(name string) cal.Date {
	var s string
	if !o.take(name, "string", &s) {
		return cal.Date{}
	}
	d, err := cal.Parse(s)
	switch {
	case err == nil && !d.IsZero():
	case reasonOf(err) == "date.impossible", reasonOf(err) == "date.range":
		o.bad.Add(o.in+name, reasonOf(err))
	default:
		o.bad.Add(o.in+name, "date.iso")
	}
	return d
}

func reasonOf(err error) string {
	if p, ok := errors.AsType[*cal.ParseError](err); ok {
		return string(p.Reason)
	}
	if p, ok := errors.AsType[*money.ParseError](err); ok {
		return string(p.Reason)
	}
	return ""
}

// decimal is a number as text, with a point and no sign but minus; empty when it is absent, or is none.
func (o object) decimal(name string, whole, places int) string {
	var s string
	if !o.take(name, "string", &s) {
		return ""
	}
	digits, fraction, pointed := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !figures(digits, whole) || (pointed && !figures(fraction, places)) {
		o.bad.Add(o.in+name, "json.decimal", "whole", whole, "places", places)
		return ""
	}
	return s
}

// figures tells whether a text is 1 to most figures.
func figures(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

func (o object) percent(name string) money.Percent {
	s := o.decimal(name, 3, 4)
	if s == "" {
		return money.Percent{}
	}
	p, err := money.ParsePercent(s)
	if err != nil {
		o.bad.Add(o.in+name, reasonOf(err))
	}
	return p
}

func (o object) rate(name string) money.Rate {
	s := o.decimal(name, 12, 10)
	if s == "" {
		return money.Rate{}
	}
	r, err := money.ParseRate(s)
	if err != nil {
		o.bad.Add(o.in+name, reasonOf(err))
	}
	return r
}

// within is a member that is an object itself.
func (o object) within(name string) (object, bool) {
	var raw map[string]json.RawMessage
	if !o.take(name, "object", &raw) {
		return object{}, false
	}
	members, err := readMembers(o.members[name])
	if err != nil {
		o.bad.Add(o.in+name, "json.type", "wanted", "object")
		return object{}, false
	}
	return object{members: members, asked: map[string]bool{}, in: o.in + name + "/", bad: o.bad}, true
}

// sum is an amount with its currency: {"amount": "91.20", "currency": "USD"}.
func (o object) sum(name string) money.Amount {
	m, ok := o.within(name)
	if !ok {
		return money.Amount{}
	}
	before := len(*o.bad)
	for _, required := range []string{"amount", "currency"} {
		if !m.has(required) {
			o.bad.Add(m.in+required, "required")
		}
	}
	number, code := m.decimal("amount", 12, 4), m.text("currency")
	m.rest()
	if len(*o.bad) > before {
		return money.Amount{}
	}
	currency, err := money.ParseCurrency(code)
	if err != nil || string(currency) != code {
		o.bad.Add(m.in+"currency", "currency.unknown")
		return money.Amount{}
	}
	a, err := exactly(number, currency)
	if err != nil {
		o.bad.Add(m.in+"amount", reasonOf(err))
	}
	return a
}

// exactly is a sum to the currency's smallest coin; nothing is rounded.
func exactly(number string, currency money.Currency) (money.Amount, error) {
	whole, fraction, _ := strings.Cut(number, ".")
	if len(strings.TrimRight(fraction, "0")) > currency.Digits() {
		return money.Amount{}, &money.ParseError{Reason: money.AmountDecimals}
	}
	units, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 4-len(fraction)), 10, 64)
	if err != nil || units > money.MaxTyped || units < -money.MaxTyped {
		return money.Amount{}, &money.ParseError{Reason: money.AmountTooLarge}
	}
	return money.New(units, currency), nil
}

// span is days, both included: {"first": "2026-01-01", "last": "2026-12-31"}.
func (o object) span(name string) cal.Span {
	m, ok := o.within(name)
	if !ok {
		return cal.Span{}
	}
	before := len(*o.bad)
	var s cal.Span
	s.From = m.day("first")
	if last := m.day("last"); !last.IsZero() {
		s.To = last.AddDays(1)
	}
	for _, required := range []string{"first", "last"} {
		if !m.has(required) {
			o.bad.Add(m.in+required, "date.empty")
		}
	}
	m.rest()
	if len(*o.bad) > before {
		return cal.Span{}
	}
	return s
}

// rest notes every member that nobody asked for: misspelt, it would be passed over in silence.
func (o object) rest() {
	for name := range o.members {
		if !o.asked[name] {
			o.bad.Add(o.in+name, "json.unknown")
		}
	}
}

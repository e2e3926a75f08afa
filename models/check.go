package models

import (
	"errors"
	"net/mail"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// checkName holds a line that must be there, and be seen: spaces of no width are no name.
func checkName(v *Invalid, field, s string) {
	unseen := isText(s, false) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) })
	if unseen || strings.TrimSpace(s) == "" {
		v.Add(field, "required")
		return
	}
	checkLabel(v, field, s)
}

// checkLabel holds a line that may be empty: bounded, and nothing that is not text.
func checkLabel(v *Invalid, field, s string) {
	if utf8.RuneCountInString(s) > MaxName {
		v.Add(field, "too_long", "max", MaxName)
	} else if !isText(s, false) {
		v.Add(field, "characters")
	}
}

// checkText holds a note of several lines.
func checkText(v *Invalid, field, s string) {
	if utf8.RuneCountInString(s) > MaxText {
		v.Add(field, "too_long", "max", MaxText)
	} else if !isText(s, true) {
		v.Add(field, "characters")
	}
}

func checkRange(v *Invalid, field string, n, low, high int) {
	if n < low || n > high {
		v.Add(field, "number.range", "min", low, "max", high)
	}
}

// checkAmount holds a sum somebody asks for: known currency, not below nothing, and no larger than can be typed, so that
// no total of many can grow beyond what an amount holds. It tells whether all is well.
func checkAmount(v *Invalid, field string, a money.Amount) bool {
	_, err := money.ParseCurrency(string(a.Currency()))
	switch {
	case err != nil:
		v.Add(field, "currency.unknown")
	case a.IsNegative():
		v.Add(field, "negative")
	case a.Units() > money.MaxTyped:
		v.Add(field, "amount.too_large")
	default:
		return true
	}
	return false
}

// reasonOf is the rule a day, cadence or notice was refused by.
func reasonOf(err error) string {
	if p, ok := errors.AsType[*cal.ParseError](err); ok {
		return string(p.Reason)
	}
	return "choose"
}

// checkURL holds an address people follow by a click: http or https only, so that no script hides in a link.
func checkURL(v *Invalid, field, s string) {
	if s == "" {
		return
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > MaxURL || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || !isText(s, false) {
		v.Add(field, "url")
	}
}

func checkEmail(v *Invalid, field, s string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") || !isText(s, false) {
		v.Add(field, "email.malformed")
	}
}

func checkAccount(v *Invalid, field, s string, required bool) {
	switch {
	case s == "" && required:
		v.Add(field, "required")
	case s != "" && (len(s) < 3 || len(s) > 12 || !isDigits(s, len(s))):
		v.Add(field, "account")
	}
}

// isText tells whether s is valid UTF-8 without control characters or direction overrides, which would let a name
// disguise itself in a list or break a line of a file.
func isText(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if lines && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		if unicode.IsControl(r) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069) || r == 0x2028 || r == 0x2029 {
			return false
		}
	}
	return true
}

func isDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

func isUpper(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range n {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

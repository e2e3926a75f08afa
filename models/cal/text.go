package cal

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Reason says why something typed was refused; it is the key of the sentence shown beside the field.
type Reason string

// The reasons of this package's parsers and validators.
const (
	DateEmpty      Reason = "date.empty"
	DateMalformed  Reason = "date.malformed"
	DateImpossible Reason = "date.impossible" // 30 February
	DateRange      Reason = "date.range"

	CadenceZero      Reason = "cadence.zero"
	CadenceRange     Reason = "cadence.range" // over 999, negative, or once more than once
	CadenceUnit      Reason = "cadence.unit"
	CadenceMalformed Reason = "cadence.malformed"

	NoticeRange     Reason = "notice.range" // over 3650, or negative
	NoticeUnit      Reason = "notice.unit"
	NoticeMalformed Reason = "notice.malformed"

	YearStartMonth Reason = "year_start.month"
	YearStartDay   Reason = "year_start.day" // over 28: not every year would have it
)

// ParseError is what every parser and validator of this package returns when it refuses.
type ParseError struct{ Reason Reason }

func (e *ParseError) Error() string { return "refused: " + string(e.Reason) }

// String writes the day as 2026-03-31; no day gives "".
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	y, m, day := d.Year(), int(d.month), d.Day()
	return string([]byte{
		digit(y / 1000), digit(y / 100), digit(y / 10), digit(y), '-',
		digit(m / 10), digit(m), '-', digit(day / 10), digit(day),
	})
}

// digit writes the last digit of n.
func digit(n int) byte { return "0123456789"[n%10] }

// Parse reads a day as stored, 2026-03-31, and nothing else. The error is a *ParseError.
func Parse(s string) (Date, error) {
	if s == "" {
		return Date{}, &ParseError{DateEmpty}
	}
	if len(s) != len("2006-01-02") || s[4] != '-' || s[7] != '-' {
		return Date{}, &ParseError{DateMalformed}
	}
	return fromDigits(s[:4], s[5:7], s[8:])
}

// The years a person may type: outside, it is a slip.
const (
	minTypedYear = 1970
	maxTypedYear = 2199
)

// ParseTyped reads a day as people type it: 2026-03-31, or day first with /, . or -
// (31/03/2026, 31.3.2026). The year has four digits, from 1970 to 2199.
// The error is a *ParseError.
func ParseTyped(s string) (Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Date{}, &ParseError{DateEmpty}
	}
	separator := strings.IndexAny(s, "-/.")
	if separator < 0 || len(s) > len("2006-01-02") {
		return Date{}, &ParseError{DateMalformed}
	}
	parts := strings.Split(s, s[separator:separator+1])
	if len(parts) != 3 {
		return Date{}, &ParseError{DateMalformed}
	}
	if s[separator] == '-' && len(parts[0]) == 4 {
		parts[0], parts[2] = parts[2], parts[0]
	}
	if len(parts[2]) != 4 || len(parts[1]) > 2 || len(parts[0]) > 2 {
		return Date{}, &ParseError{DateMalformed}
	}
	d, err := fromDigits(parts[2], parts[1], parts[0])
	if err == nil && (d.Year() < minTypedYear || d.Year() > maxTypedYear) {
		return Date{}, &ParseError{DateRange}
	}
	return d, err
}

func fromDigits(year, month, day string) (Date, error) {
	y, okYear := number(year)
	m, okMonth := number(month)
	d, okDay := number(day)
	if !okYear || !okMonth || !okDay {
		return Date{}, &ParseError{DateMalformed}
	}
	return New(y, time.Month(m), d)
}

// number reads one to four ASCII digits; strconv would also take a sign.
func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != "" && len(s) <= 4
}

// MarshalText writes the day as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote; nothing is no day.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// Value stores the day as text, and NULL for none.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a stored day. Of a time, it takes the civil day in that time's own location.
func (d *Date) Scan(stored any) error {
	var err error
	switch v := stored.(type) {
	case nil:
		*d = Date{}
	case string:
		err = d.UnmarshalText([]byte(v))
	case []byte:
		err = d.UnmarshalText(v)
	case time.Time:
		*d = Of(v)
	default:
		err = fmt.Errorf("stored as %T", stored)
	}
	if err != nil {
		return fmt.Errorf("read a day: %w", err)
	}
	return nil
}

// countAndUnit reads "3 month".
func countAndUnit(s string) (n int, u Unit, ok bool) {
	count, unit, found := strings.Cut(strings.TrimSpace(s), " ")
	n, ok = number(count)
	return n, Unit(unit), found && ok
}

func writeCountAndUnit(n int, u Unit) string { return strconv.Itoa(n) + " " + string(u) }

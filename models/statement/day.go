package statement

import (
	"time"

	"enveloppe/models/cal"
)

// The years a statement may speak of.
const (
	firstYear = 1970
	lastYear  = 2199
)

// part is a run of digits or of letters in a day.
type part struct {
	text  []byte
	word  bool
	after byte // what follows it, 0 at the end
}

// dayParts takes the first three runs of a day apart and gives what follows them.
func dayParts(b []byte) (parts [3]part, n int, rest []byte) {
	for n < 3 {
		i := 0
		word := len(b) > 0 && !isDigit(b[0])
		for i < len(b) && (isDigit(b[i]) && !word || word && isWordByte(b[i])) {
			i++
		}
		if i == 0 {
			return parts, n, b
		}
		parts[n] = part{text: b[:i], word: word}
		b = b[i:]
		if len(parts[n].text) == 8 && n == 0 {
			return parts, 1, b
		}
		if len(b) > 0 {
			parts[n].after = b[0]
		}
		if n++; n == 3 {
			break
		}
		i = 0
		for i < len(b) && i < 2 && isDaySeparator(b[i]) { // "31 janv. 2026" has two
			i++
		}
		if i == 0 {
			return parts, n, b
		}
		b = b[i:]
	}
	return parts, n, b
}

func isDigit(b byte) bool        { return b >= '0' && b <= '9' }
func isWordByte(b byte) bool     { return isLetter(b) || b >= 0x80 }
func isDaySeparator(b byte) bool { return b == '/' || b == '-' || b == '.' || b == ' ' || b == ',' }

// parseDay reads a day in cleaned text, with or without a time after it.
func parseDay(b []byte, order DayOrder) (cal.Date, bool) {
	parts, n, rest := dayParts(b)
	if len(rest) > 0 && !isTime(rest) {
		return cal.Date{}, false
	}
	if n == 1 && len(parts[0].text) == 8 && !parts[0].word {
		return eightDigits(parts[0].text, order)
	}
	if n != 3 {
		return cal.Date{}, false
	}
	if parts[0].word || parts[1].word {
		return namedDay(parts)
	}
	if parts[2].word || parts[0].after != parts[1].after || parts[0].after == ' ' || parts[0].after == ',' {
		return cal.Date{}, false
	}
	y, m, d := parts[2].text, parts[1].text, parts[0].text
	switch {
	case len(d) == 4, order == YMD:
		y, d = d, y
	case order == MDY:
		m, d = d, m
	}
	return ofDigits(y, m, d)
}

// isTime tells whether what follows a day is a time of it: " 14:05:00", "T14:05:00Z".
func isTime(b []byte) bool {
	return len(b) > 1 && len(b) < 32 && (b[0] == ' ' || b[0] == 'T' || b[0] == ',') &&
		(isDigit(b[1]) || len(b) > 2 && b[1] == ' ' && isDigit(b[2]))
}

func eightDigits(b []byte, order DayOrder) (cal.Date, bool) {
	switch order {
	case YMD:
		return ofDigits(b[:4], b[4:6], b[6:])
	case MDY:
		return ofDigits(b[4:], b[:2], b[2:4])
	default:
		return ofDigits(b[4:], b[2:4], b[:2])
	}
}

func ofDigits(year, month, day []byte) (cal.Date, bool) {
	if len(month) > 2 || len(day) > 2 || len(year) != 4 && len(year) != 2 {
		return cal.Date{}, false
	}
	y := smallNumber(year)
	if len(year) == 2 {
		y += 2000 // files of the last century have died
	}
	if y < firstYear || y > lastYear {
		return cal.Date{}, false
	}
	d, err := cal.New(y, time.Month(smallNumber(month)), smallNumber(day))
	return d, err == nil
}

func smallNumber(digits []byte) int {
	n := 0
	for _, b := range digits {
		n = n*10 + int(b-'0')
	}
	return n
}

// namedDay reads "31 janv. 2026" and "Jan 31, 2026".
func namedDay(parts [3]part) (cal.Date, bool) {
	day, month := parts[0], parts[1]
	if day.word {
		day, month = month, day
	}
	if day.word || !month.word || parts[2].word {
		return cal.Date{}, false
	}
	m := monthOf(fold(string(month.text)))
	if m == 0 {
		return cal.Date{}, false
	}
	return ofDigits(parts[2].text, []byte{"0123456789"[m/10], "0123456789"[m%10]}, day.text)
}

// months are the beginnings that tell the months' names apart, in French and in English; "juin" and "juil" come before "ju".
var months = []struct {
	begin string
	month int
}{
	{"jan", 1},
	{"fe", 2},
	{"mar", 3},
	{"av", 4},
	{"ap", 4},
	{"mai", 5},
	{"may", 5},
	{"juin", 6},
	{"jun", 6},
	{"juil", 7},
	{"jul", 7},
	{"ao", 8},
	{"au", 8},
	{"se", 9},
	{"oc", 10},
	{"no", 11},
	{"de", 12},
}

func monthOf(name string) int {
	if len(name) < 3 {
		return 0
	}
	for _, m := range months {
		if len(name) >= len(m.begin) && name[:len(m.begin)] == m.begin {
			return m.month
		}
	}
	return 0
}

// orders tells in which orders a text is a day of our time; a name of the month, or a year in front, fits them all.
func orders(b []byte) (fits [3]bool) {
	for i, order := range DayOrders {
		d, ok := parseDay(b, order)
		fits[i] = ok && d.Year() >= 1990 && d.Year() <= 2099
	}
	// A year in front proves the order, and is taken for one only with its four digits: 26/01/31 is not, without being told.
	if parts, n, _ := dayParts(b); n == 3 && !parts[0].word && !parts[1].word {
		if len(parts[0].text) == 4 {
			fits[0], fits[2] = false, false
		} else {
			fits[1] = false
		}
	}
	return fits
}

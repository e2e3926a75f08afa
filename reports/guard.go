package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// guard keeps a text from being taken for a formula by the spreadsheet that opens the file.
type guard struct {
	strip bool // the trigger away, instead of an apostrophe before it
}

// triggers begin a formula, or make what follows them the beginning of a cell; full-width and small forms too, because
// some spreadsheets read them alike.
const triggers = "=+-@\t\r\n＝＋－＠﹦﹢﹣﹫"

// apply guards an encoded text. The text as typed is looked at too: a tab at its beginning has become a space since.
func (g guard) apply(text, typed string) string {
	if !beginsFormula(text) && !beginsFormula(typed) {
		return text
	}
	if !g.strip {
		return "'" + text
	}
	for beginsFormula(text) {
		text = text[padding(text):]
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return text
}

func beginsFormula(s string) bool {
	rest := s[padding(s):]
	if rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return r != utf8.RuneError && strings.ContainsRune(triggers, r)
}

// padding is how many bytes of spaces, no-break spaces and byte order marks a text begins with, in UTF-8 or, for what
// is no UTF-8, in Windows-1252.
func padding(s string) int {
	at := 0
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case r == utf8.RuneError && size == 1 && s[at] == 0xa0:
		case r == '\t' || r == '\r' || r == '\n':
			return at
		case !isPadding(r):
			return at
		}
		at += size
	}
	return at
}

func isPadding(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || (r >= 0x200b && r <= 0x200f) || r == 0x2060 || r == 0
}

// oneLine makes a text fit on its row: breaks, tabs and other control characters become spaces.
func oneLine(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return strings.Map(printable, s)
		}
	}
	return s
}

func printable(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029':
		return ' '
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // would turn the row's reading order round
		return -1
	}
	return r
}

package statement

import (
	"regexp"
	"strings"
)

// titled is how the rows above the lines name the account. IBANs prove themselves; other numbers need a word before
// them.
var (
	ibanShape   = regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,4})?\b`)
	titled      = regexp.MustCompile(`(?i)(?:compte|account|iban)[^0-9]{0,40}?(?:n°|nº|no\.?|num[ée]ro|:|\s)\s*([0-9][0-9A-Z ]{5,30})`)
	spreadsheet = regexp.MustCompile(`^=?"?([0-9]{9,24})"?$`)
)

// titleAccount finds the account's number in the rows above the first line; "" when they name none.
func (h Head) titleAccount() string {
	last := h.Layout.Header
	if last == 0 && len(h.Lines) > 0 {
		last = h.Lines[0].Row
	}
	for i, row := range h.Rows {
		if h.RowLines[i] >= last {
			break
		}
		text := strings.Join(row, " ")
		for _, iban := range ibanShape.FindAllString(text, -1) {
			if n := compact(iban); provesIBAN(n) {
				return n
			}
		}
		if m := titled.FindStringSubmatch(text); m != nil {
			return firstNumber(m[1])
		}
		if len(row) > 0 {
			if m := spreadsheet.FindStringSubmatch(row[0]); m != nil {
				return m[1]
			}
		}
	}
	return ""
}

// firstNumber keeps the groups of a number that belong together, up to the first word.
func firstNumber(s string) string {
	var b strings.Builder
	for group := range strings.FieldsSeq(s) {
		if !strings.ContainsAny(group, "0123456789") && len(group) > 1 {
			break
		}
		b.WriteString(group)
	}
	return b.String()
}

// provesIBAN checks an IBAN's two digits (ISO 13616): moved to the end, with letters as 10 to 35, the rest by 97 is 1.
func provesIBAN(s string) bool {
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, c := range []byte(s[4:] + s[:4]) {
		switch {
		case isDigit(c):
			rest = (rest*10 + int(c-'0')) % 97
		case isCapital(c):
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}

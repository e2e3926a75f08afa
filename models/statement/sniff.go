package statement

import (
	"bytes"
	"strings"
)

// sniffed is what the first look at a file tells.
type sniffed struct {
	format   Format
	encoding Encoding
}

// signatures are the first bytes of files that people send instead of a statement.
var signatures = []struct{ begin, rule string }{
	{"\x1f\x8b", UnreadableZip},
	{"BZh", UnreadableZip},
	{"7z\xbc\xaf\x27\x1c", UnreadableZip},
	{"Rar!", UnreadableZip},
	{"\xfd7zXZ", UnreadableZip},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", UnreadableSpreadsheet}, // xls, and other files of its time
	{"\x09\x08\x10\x00", UnreadableSpreadsheet},
	{"\x89PNG", UnreadableBinary},
	{"\xff\xd8\xff", UnreadableBinary},
	{"GIF8", UnreadableBinary},
	{"SQLite format 3", UnreadableBinary},
	{"{\\rtf", UnreadableUnknown},
	{"!Type:", UnreadableUnknown}, // QIF, whose days cannot be told apart from American ones
}

// sniff tells the format, or why there is none. It believes the bytes, never a name.
func sniff(content []byte) (sniffed, error) {
	switch {
	case len(content) > MaxSize:
		return sniffed{}, &Unreadable{Rule: UnreadableTooLarge}
	case bytes.HasPrefix(content, []byte("PK\x03\x04")), bytes.HasPrefix(content, []byte("PK\x05\x06")):
		if bytes.Contains(content, []byte("xl/")) || bytes.Contains(content, []byte("opendocument.spreadsheet")) {
			return sniffed{}, &Unreadable{Rule: UnreadableSpreadsheet}
		}
		return sniffed{}, &Unreadable{Rule: UnreadableZip}
	case bytes.Contains(content[:min(len(content), 1024)], []byte("%PDF-")):
		return sniffed{}, &Unreadable{Rule: UnreadablePDF}
	}
	for _, s := range signatures {
		if bytes.HasPrefix(content, []byte(s.begin)) {
			return sniffed{}, &Unreadable{Rule: s.rule}
		}
	}
	e := encodingOf(content)
	start, _ := plainBytes(content[:min(len(content), 64<<10)], e)
	switch text := bytes.TrimSpace(start); {
	case len(text) == 0 && len(content) <= 64<<10:
		return sniffed{}, &Unreadable{Rule: UnreadableEmpty}
	case isBinary(start):
		return sniffed{}, &Unreadable{Rule: UnreadableBinary}
	}
	format, rule := textFormat(start)
	if rule != "" {
		return sniffed{}, &Unreadable{Rule: rule}
	}
	return sniffed{format, e}, nil
}

// isBinary tells that more than one byte in two hundred is none of a text's. A stray one is a fault of one line.
func isBinary(start []byte) bool {
	control := 0
	for _, b := range start {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a {
			control++
		}
	}
	return control > 8 && control > len(start)/200
}

// textFormat tells the format of a text by its first words.
func textFormat(start []byte) (format Format, rule string) {
	head := strings.ToLower(string(start[:min(len(start), 8<<10)]))
	head = strings.TrimLeft(head, " \t\r\n")
	begins := func(s string) bool { return strings.HasPrefix(head, s) }
	has := func(s string) bool { return strings.Contains(head, s) }
	switch {
	case begins("ofxheader"), begins("<ofx>"), begins("<?ofx"):
		return OFX, ""
	case begins("<!doctype html"), begins("<html"), begins("<table"):
		if has("<table") && !has("<form") {
			return "", UnreadableSpreadsheet // what banks name .xls
		}
		return "", UnreadableUnknown
	case !begins("<"):
		return CSV, ""
	case has("<!doctype"), has("<!entity"):
		return "", UnreadableEntities
	case has("<?ofx"), has("<ofx>"), has("ofxheader"):
		return OFX, ""
	case has("bktocstmrstmt"), has("camt.053"):
		return CAMT, ""
	case has("urn:schemas-microsoft-com:office:spreadsheet"):
		return "", UnreadableSpreadsheet
	}
	return "", UnreadableUnknown
}

package statement

import (
	"bytes"
	"slices"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

var utf8BOM = []byte("\xef\xbb\xbf")

// encodingOf tells how content writes its characters. Banks declare one encoding and write another: what the bytes can
// be counts more than what they say.
func encodingOf(content []byte) Encoding {
	switch {
	case bytes.HasPrefix(content, utf8BOM):
		return UTF8
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		return UTF16LE
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		return UTF16BE
	}
	// Without its mark, UTF-16 shows by the zero in every other byte of its digits and separators.
	start := content[:min(len(content), 4096)]
	var zeros [2]int
	for i, b := range start {
		if b == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(start) / 2; {
	case zeros[1] > half*7/10 && zeros[0] < half/20:
		return UTF16LE
	case zeros[0] > half*7/10 && zeros[1] < half/20:
		return UTF16BE
	}
	return byteEncoding(content)
}

// byteEncoding tells the encodings apart in which an ASCII character is one byte. A few bytes that are no UTF-8, at a cut
// or in a pasted label, do not make the rest something else.
func byteEncoding(content []byte) Encoding {
	var valid, invalid int
	var latin9, only1252 bool
	for i := 0; i < len(content); {
		if content[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(content[i:])
		if r == utf8.RuneError && n == 1 {
			invalid++
			// Where the other has the generic sign of money and fractions, ISO 8859-15 has the euro and the œ.
			fraction := content[i] == 0xbc || content[i] == 0xbd
			latin9 = latin9 || content[i] == 0xa4 || fraction && i+1 < len(content) && isLetter(content[i+1])
			only1252 = only1252 || content[i] < 0xa0
		} else {
			valid++
		}
		i += n
	}
	switch {
	case invalid == 0 || valid > 2*invalid:
		return UTF8
	case latin9 && !only1252:
		return Latin9
	}
	return Windows1252
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

// plainBytes gives content as bytes in which an ASCII character is one byte, and the encoding of its cells then.
func plainBytes(content []byte, e Encoding) ([]byte, Encoding) {
	switch e {
	case UTF16LE, UTF16BE:
		return fromUTF16(content, e == UTF16BE), UTF8
	default:
		return bytes.TrimPrefix(content, utf8BOM), e
	}
}

func fromUTF16(content []byte, bigEndian bool) []byte {
	out := make([]byte, 0, len(content)/2+len(content)/16)
	unit := func(i int) rune {
		if bigEndian {
			return rune(content[i])<<8 | rune(content[i+1])
		}
		return rune(content[i+1])<<8 | rune(content[i])
	}
	for i := 0; i+1 < len(content); i += 2 {
		r := unit(i)
		if utf16.IsSurrogate(r) {
			low := rune(utf8.RuneError)
			if i+3 < len(content) {
				low = unit(i + 2)
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 2
			}
		}
		if r != '\ufeff' || len(out) > 0 {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// appendClean appends text in UTF-8 to dst: on one line, with single spaces for all that separates or cannot be seen,
// none at the ends.
func appendClean(dst, text []byte, e Encoding) []byte {
	begin, space := len(dst), false
	for i := 0; i < len(text); {
		b := text[i]
		if b < utf8.RuneSelf {
			i++
			if b <= ' ' || b == 0x7f {
				space = len(dst) > begin
				continue
			}
			if space {
				dst, space = append(dst, ' '), false
			}
			dst = append(dst, b)
			continue
		}
		r, n := decodeRune(text[i:], e)
		i += n
		if r == 0xad || r == 0x200b || r == 0xfeff { // they join, or mean nothing
			continue
		}
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			space = len(dst) > begin
			continue
		}
		if space {
			dst, space = append(dst, ' '), false
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// decodeRune reads the character that text, of 0x80 or more, begins with.
func decodeRune(text []byte, e Encoding) (r rune, size int) {
	switch e {
	case Windows1252:
		return charmap.Windows1252.DecodeByte(text[0]), 1
	case Latin9:
		return charmap.ISO8859_15.DecodeByte(text[0]), 1
	default:
		if r, size = utf8.DecodeRune(text); r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(text[0])
		}
		return r, size
	}
}

// clean is appendClean as a text of its own.
func clean(text []byte, e Encoding) string {
	var room [256]byte
	return string(appendClean(room[:0], text, e))
}

// How long texts may be, in characters: longer ones are cut.
const (
	maxLabel = 500
	maxParty = 140
	maxShown = 80
)

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// joinTexts joins the texts of a label, each thing said once: banks repeat the short label in the long one.
func joinTexts(texts []string) string {
	kept := make([]string, 0, len(texts))
	for _, text := range texts {
		if text == "" || slices.ContainsFunc(kept, func(k string) bool { return saysToo(k, text) }) {
			continue
		}
		kept = slices.DeleteFunc(kept, func(k string) bool { return saysToo(text, k) })
		kept = append(kept, text)
	}
	switch len(kept) {
	case 0:
		return ""
	case 1:
		return cut(kept[0], maxLabel)
	}
	return cut(join(kept), maxLabel)
}

func join(texts []string) string {
	var b []byte
	for i, text := range texts {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, text...)
	}
	return string(b)
}

// saysToo tells whether long holds short, letter for letter but for their case.
func saysToo(long, short string) bool {
	if len(short) > len(long) {
		return false
	}
	return bytes.Contains(bytes.ToLower([]byte(long)), bytes.ToLower([]byte(short)))
}

// fold brings a word to the letters and digits that names of columns are compared by: "Libellé (€)" is "libelle".
func fold(s string) string {
	b := make([]byte, 0, len(s))
	space := false
	for _, r := range s {
		r = plainLetter(unicode.ToLower(r))
		if r >= utf8.RuneSelf || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			space = len(b) > 0
			continue
		}
		if space {
			b, space = append(b, ' '), false
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}

// plainLetter takes the accent off the letters that French has.
func plainLetter(r rune) rune {
	switch r {
	case 'à', 'â', 'ä':
		return 'a'
	case 'é', 'è', 'ê', 'ë':
		return 'e'
	case 'î', 'ï':
		return 'i'
	case 'ô', 'ö':
		return 'o'
	case 'ù', 'û', 'ü':
		return 'u'
	case 'ç':
		return 'c'
	}
	return r
}

// appendUTF8 appends text of one byte a character in UTF-8, as it stands.
func appendUTF8(dst, text []byte, e Encoding) []byte {
	for _, b := range text {
		if b < utf8.RuneSelf {
			dst = append(dst, b)
			continue
		}
		r, _ := decodeRune([]byte{b}, e)
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

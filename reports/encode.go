package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// encoder turns a text into the bytes of another encoding.
type encoder func(string) string

// toWindows1252 writes a text for programs that know no Unicode. What that alphabet lacks is written with what it has:
// "Łódź" as "Lódz", "Яндекс" as "Yandeks", a thin space as a no-break one; a sign with no likeness at all as "_", never
// as "?", which would look like something somebody typed.
func toWindows1252(s string) string {
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range norm.NFC.String(s) {
		b = append1252(b, r)
	}
	return string(b)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func append1252(b []byte, r rune) []byte {
	if c, ok := charmap.Windows1252.EncodeRune(r); ok && !unicode.IsControl(r) {
		return append(b, c)
	}
	if like, ok := likenesses[r]; ok {
		return append(b, like...)
	}
	if lower := unicode.ToLower(r); lower != r {
		if like, ok := likenesses[lower]; ok {
			return append(b, capital(like)...)
		}
	}
	// A letter without its accent, a full-width sign as the plain one, a ligature as its letters.
	start := len(b)
	for _, part := range norm.NFKD.String(string(r)) {
		if unicode.Is(unicode.Mn, part) {
			continue
		}
		if c, ok := charmap.Windows1252.EncodeRune(part); ok && !unicode.IsControl(part) {
			b = append(b, c)
		} else if like, ok := likenesses[part]; ok {
			b = append(b, like...)
		}
	}
	if len(b) > start || invisible(r) {
		return b
	}
	return append(b, '_')
}

// capital is a text with its first letter as a capital.
func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// invisible tells whether leaving the sign out changes nothing to what is read.
func invisible(r rune) bool {
	return r == '\ufeff' || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r)
}

// likenesses are how letters and signs that Windows-1252 lacks, and that have no plainer form in Unicode, are written
// in French; capitals follow from the small letters.
var likenesses = map[rune]string{
	'đ': "d", 'ħ': "h", 'ı': "i", 'ĸ': "k", 'ł': "l", 'ŋ': "ng", 'ŧ': "t", 'ə': "e", 'ʼ': "\x92", '′': "'", '″': `"`,
	'‐': "-", '‑': "-", '‒': "-", '―': "\x97", '−': "-", '⁄': "/", '∕': "/", '\u202f': "\xa0", '\u2007': "\xa0", '\u2028': " ", '\u2029': " ",
	'≤': "<=", '≥': ">=", '≈': "~", '→': "->", '←': "<-", '✓': "x", '₽': "RUB", '₹': "INR", '₺': "TRY", '₴': "UAH", '₩': "KRW", '₿': "BTC", '₣': "F",
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "j", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "ou", 'ф': "f", 'х': "kh", 'ц': "ts",
	'ч': "tch", 'ш': "ch", 'щ': "chtch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "you", 'я': "ya", 'і': "i", 'ї': "yi", 'є': "ye", 'ґ': "g",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "ph", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}

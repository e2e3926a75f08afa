// Package words holds what people read, in French and in English: sentences, amounts and days.
package words

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Lang is one of the languages the screens and messages exist in.
type Lang string

// The languages, French first: it is the one the words are written in.
const (
	FR Lang = "fr"
	EN Lang = "en"
)

// Langs are all the languages, in the order a person is offered them.
func Langs() []Lang { return []Lang{FR, EN} }

// ParseLang reads "fr", "EN" or a regional form such as "fr-BE"; ok is false for any other language.
func ParseLang(s string) (lang Lang, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(s, "-_"); i > 0 {
		s = s[:i]
	}
	lang = Lang(s)
	if !slices.Contains(Langs(), lang) {
		return "", false
	}
	return lang, true
}

// maxAcceptLanguage is more than any browser sends; a longer header is not worth parsing.
const maxAcceptLanguage = 500

var matcher = language.NewMatcher([]language.Tag{language.French, language.English})

// Match picks the language a browser prefers from its Accept-Language header, and fallback when
// it asks for none that we have.
func Match(acceptLanguage string, fallback Lang) Lang {
	if acceptLanguage == "" || len(acceptLanguage) > maxAcceptLanguage {
		return fallback
	}
	asked, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(asked) == 0 {
		return fallback
	}
	_, i, confidence := matcher.Match(asked...)
	if confidence == language.No {
		return fallback
	}
	return Langs()[i]
}

// Words is everything one language says. It never changes after loading and is safe to share.
type Words struct {
	lang      Lang
	style     *style
	messages  map[string]message
	plurals   *plurals
	symbols   map[string]string // by currency code, with the space its letters need
	collators sync.Pool
	countries func() []Country
	conceals  bool   // writes no amount
	concealed *Words // the same that does not; itself when it conceals
}

// In gives the words of a language, and the French ones for a language we do not have.
func In(lang Lang) *Words {
	all := loaded()
	if w, ok := all[lang]; ok {
		return w
	}
	return all[FR]
}

// The locales are part of the program: a fault in them is found by the first test that runs.
var loaded = sync.OnceValue(func() map[Lang]*Words {
	all, err := load(locales)
	if err != nil {
		panic(err)
	}
	return all
})

func newWords(lang Lang, messages map[string]message) *Words {
	w := wordsOf(lang, messages)
	w.concealed = wordsOf(lang, messages)
	w.concealed.conceals, w.concealed.concealed = true, w.concealed
	return w
}

func wordsOf(lang Lang, messages map[string]message) *Words {
	w := &Words{lang: lang, style: styles[lang], messages: messages, plurals: newPlurals(lang)}
	w.symbols = currencySymbols(w.style)
	tag := language.Make(string(lang))
	w.collators.New = func() any { return collate.New(tag, collate.Numeric) }
	w.countries = sync.OnceValue(func() []Country { return countriesIn(w) })
	return w
}

// Lang is the language these words are in.
func (w *Words) Lang() Lang { return w.lang }

// WithoutAmounts are the same words for a reader who is not to know what anything costs: whatever they are asked to
// write of an amount, a rate or the change of a price, they write [money.Concealed]. It is the last of several
// safeguards: a page for such readers leaves amounts out and does not ask.
func (w *Words) WithoutAmounts() *Words { return w.concealed }

// Conceals tells whether these words write no amount.
func (w *Words) Conceals() bool { return w.conceals }

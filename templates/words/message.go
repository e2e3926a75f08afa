package words

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// segment is a piece of a text: either words as they stand, or the name of a value to put in.
type segment struct {
	text string
	name string
}

type sentence struct {
	whole    string // the text itself when nothing has to be put in
	segments []segment
}

// message is one entry of a locale file: a sentence, or one for each plural form.
type message struct {
	sentence
	forms map[form]sentence // nil when the message does not depend on a number
}

var errNoOther = errors.New(`plural forms without "other"`)

func newMessage(text string) (message, error) {
	s, err := newSentence(text)
	return message{sentence: s}, err
}

func newPluralMessage(texts map[string]string) (message, error) {
	m := message{forms: make(map[form]sentence)}
	for name, text := range texts {
		f := form(name)
		if f != one && f != many && f != other {
			return message{}, fmt.Errorf("unknown plural form %q", name)
		}
		s, err := newSentence(text)
		if err != nil {
			return message{}, err
		}
		m.forms[f] = s
	}
	var ok bool
	if m.sentence, ok = m.forms[other]; !ok {
		return message{}, errNoOther
	}
	return m, nil
}

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z][A-Za-z0-9_]*)\s*\}\}`)

// newSentence cuts a text at its {{.name}} places. Conditions and loops are refused: a sentence
// that needs them is two sentences.
func newSentence(text string) (sentence, error) {
	s := sentence{whole: text}
	if text == "" {
		return s, errors.New("empty text")
	}
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		if m[0] > at {
			s.segments = append(s.segments, segment{text: text[at:m[0]]})
		}
		s.segments = append(s.segments, segment{name: text[m[2]:m[3]]})
		at = m[1]
	}
	if at > 0 && at < len(text) {
		s.segments = append(s.segments, segment{text: text[at:]})
	}
	if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		return s, fmt.Errorf("%q has something else than {{.name}} between braces", text)
	}
	return s, nil
}

// names are the places a message leaves for values, sorted, over all its plural forms.
func (m message) names() []string {
	var names []string
	add := func(s sentence) {
		for _, seg := range s.segments {
			if seg.name != "" && !slices.Contains(names, seg.name) {
				names = append(names, seg.name)
			}
		}
	}
	add(m.sentence)
	for _, s := range m.forms {
		add(s)
	}
	slices.Sort(names)
	return names
}

// T is the text of a key with values put in its {{.name}} places. args are alternating names and
// values: T("dashboard.headline", "amount", a). Amounts, days, rates, percentages and whole
// numbers are written as this language writes them. A missing key gives "⟦key⟧" and is
// remembered in [Missing].
func (w *Words) T(key string, args ...any) string {
	m, ok := w.messages[key]
	if !ok {
		return w.missing(key)
	}
	if m.segments == nil {
		return m.whole
	}
	return w.fill(key, m.sentence, args)
}

// N is like [Words.T] for a text that depends on a number, which it has as {{.n}}, grouped.
func (w *Words) N(key string, n int, args ...any) string {
	m, ok := w.messages[key]
	if !ok {
		return w.missing(key)
	}
	s := m.sentence
	if m.forms != nil {
		if exact, ok := m.forms[w.plurals.form(n)]; ok {
			s = exact
		}
	}
	if s.segments == nil {
		return s.whole
	}
	var room [10]any
	return w.fill(key, s, append(append(room[:0], args...), "n", n))
}

// Has tells whether the language has a text for the key.
func (w *Words) Has(key string) bool {
	_, ok := w.messages[key]
	return ok
}

// Kind is the name of one value of an enumeration: Kind("role", "director") is « direction ».
func (w *Words) Kind(family, value string) string { return w.T("kind." + family + "." + value) }

// Problem says what is wrong with something typed and what to do about it.
// The rule is a reason such as "amount.malformed"; args are as for [Words.T].
func (w *Words) Problem(rule string, args ...any) string { return w.T("invalid."+rule, args...) }

// Refusal says why an act is not possible and what to do instead; rule is that of a refused act.
func (w *Words) Refusal(rule string, args ...any) string { return w.T("refused."+rule, args...) }

// Part is a piece of a text: Name is the place it fills, empty for the words around it.
type Part struct {
	Name string
	Text string
}

// Parts is [Words.T] cut at its places, for a page that gives one value another look.
func (w *Words) Parts(key string, args ...any) []Part {
	m, ok := w.messages[key]
	if !ok {
		return []Part{{Text: w.missing(key)}}
	}
	if m.segments == nil {
		return []Part{{Text: m.whole}}
	}
	parts := make([]Part, len(m.segments))
	for i, seg := range m.segments {
		parts[i] = Part{Name: seg.name, Text: seg.text}
		if seg.name != "" {
			parts[i].Text = string(w.appendPlace(nil, key, seg.name, args))
		}
	}
	return parts
}

func (w *Words) fill(key string, s sentence, args []any) string {
	var room [192]byte
	b := room[:0]
	for _, seg := range s.segments {
		if seg.name == "" {
			b = append(b, seg.text...)
			continue
		}
		b = w.appendPlace(b, key, seg.name, args)
	}
	return string(b)
}

// appendPlace writes the value given for a name. A value that was not given is a fault of the
// caller as visible as a missing key.
func (w *Words) appendPlace(b []byte, key, name string, args []any) []byte {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return w.appendValue(b, args[i+1])
		}
	}
	return append(b, w.missing(key+" {{."+name+"}}")...)
}

func (w *Words) appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case int:
		return w.style.appendInt(b, int64(v))
	case int64:
		return w.style.appendInt(b, v)
	case money.Amount:
		return append(b, w.Money(v)...)
	case cal.Date:
		return append(b, w.DayLong(v)...)
	case money.Percent:
		return append(b, w.Percent(v)...)
	case money.Rate:
		return append(b, w.Rate(v)...)
	case fmt.Stringer:
		return append(b, v.String()...)
	default:
		return fmt.Append(b, v)
	}
}

// maxMissing bounds the memory of missing keys: after so many the point has been made.
const maxMissing = 500

var absent struct {
	sync.Mutex
	keys []string
}

// Missing lists the texts that were asked for and that a language does not have, each as
// "fr key", in the order they were first asked for. Tests fail when it is not empty.
func Missing() []string {
	absent.Lock()
	defer absent.Unlock()
	return slices.Clone(absent.keys)
}

func (w *Words) missing(key string) string {
	absent.Lock()
	defer absent.Unlock()
	if full := string(w.lang) + " " + key; len(absent.keys) < maxMissing && !slices.Contains(absent.keys, full) {
		absent.keys = append(absent.keys, full)
	}
	return "⟦" + key + "⟧"
}

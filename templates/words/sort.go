package words

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/unicode/norm"
)

// Less orders names as this language's dictionaries do: Adobe, eau, éditeur, Étoile, Œuvre, Zoom.
func (w *Words) Less(a, b string) bool { return w.Compare(a, b) < 0 }

// Compare is negative, zero or positive as a comes before, with or after b. Figures inside names
// count as numbers: "Formule 2" comes before "Formule 10".
func (w *Words) Compare(a, b string) int {
	c := w.collators.Get().(*collate.Collator) // a collator serves one goroutine at a time
	defer w.collators.Put(c)
	return c.CompareString(a, b)
}

// SortBy orders things by a name of theirs, keeping the order of those with equal names. It works
// out each name's sort key once, where comparing pairs would do it again and again.
func SortBy[T any](w *Words, things []T, name func(T) string) {
	type keyed struct {
		key   string
		thing T
	}
	c := w.collators.Get().(*collate.Collator)
	defer w.collators.Put(c)
	var buf collate.Buffer
	all := make([]keyed, len(things))
	for i, t := range things {
		all[i] = keyed{string(c.KeyFromString(&buf, name(t))), t}
		buf.Reset()
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	for i := range all {
		things[i] = all[i].thing
	}
}

// ligatures are letters that decomposition leaves whole but that nobody types in a search.
var ligatures = strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "ł", "l", "’", "'")

// Fold is what two texts have in common for a search that ignores capitals, accents and the kind
// of space: Fold("Éditeur") is "editeur".
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return ligatures.Replace(b.String())
}

// Fold is [Fold]; searching ignores the same things in both languages.
func (w *Words) Fold(s string) string { return Fold(s) }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// List joins names in a sentence: "a, b et c".
func (w *Words) List(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return w.T("list.and", "first", strings.Join(names[:n-1], ", "), "last", names[n-1])
	}
}

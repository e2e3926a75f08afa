package password

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed tried.txt
var listed string

// common are the words tried first, sorted and in small letters.
var common = sync.OnceValue(func() []string {
	lines := strings.Split(strings.TrimSpace(listed), "\n")
	return slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "# ") || l == "#" })
})

// usual are the stems of passwords that meet a length and are tried first all the same.
var usual = []string{
	"password", "motdepasse", "azerty", "qwerty", "123456", "abcdef", "iloveyou", "jetaime", "welcome", "bonjour", "soleil",
	"administrateur", "administrator", "changeme", "letmein", "enveloppe", "association",
}

// padding is what people put around a word to make it longer.
const padding = "0123456789!?.,;:-_ *#@$"

// plainer undoes the figures and signs that stand for letters.
var plainer = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// isCommon tells whether a password is one of those tried first: a listed word, alone, padded, written twice or beside
// another one; or almost nothing once the words everybody tries, and those known of its owner, are taken out.
func isCommon(lower string, known []string) bool {
	if isListed(lower) || isListed(plainer.Replace(lower)) || isListed(plainer.Replace(strings.Trim(lower, padding))) {
		return true
	}
	rest := lower
	for _, word := range append(known, usual...) {
		if word = strings.ToLower(strings.TrimSpace(word)); len(word) > 3 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	rest = strings.Trim(rest, padding)
	return rest != lower && len(rest) < 5 || rest == ""
}

// isListed tells whether a text is made of one listed word, once or repeated, or of two, whatever surrounds them.
func isListed(text string) bool {
	core := strings.Trim(text, padding)
	for _, whole := range []string{text, core} {
		if has(whole) {
			return true
		}
		for cut := 1; cut < len(whole); cut++ {
			if has(whole[:cut]) && (has(whole[cut:]) || strings.Repeat(whole[:cut], len(whole)/cut) == whole) {
				return true
			}
		}
	}
	return false
}

func has(word string) bool {
	_, ok := slices.BinarySearch(common(), word)
	return ok
}

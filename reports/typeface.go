package reports

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// The faces of printed pages: Inter and Source Serif 4 under other names, as their licence (beside them) wants of a
// modified font: Latin, Greek and Cyrillic letters only, figures all of one width, and an arrow and a narrow no-break
// space more.
var (
	//go:embed fonts/sans.ttf
	sansFace []byte
	//go:embed fonts/sans-bold.ttf
	sansBoldFace []byte
	//go:embed fonts/serif.ttf
	serifFace []byte
	//go:embed fonts/serif-bold.ttf
	serifBoldFace []byte
	//go:embed fonts/serif-italic.ttf
	serifItalicFace []byte
)

// drawable are the characters every face has.
var drawable = sync.OnceValue(func() map[rune]bool {
	all := map[rune]bool{}
	for i, face := range [][]byte{sansFace, sansBoldFace, serifFace, serifBoldFace, serifItalicFace} {
		has := lettersOf(face)
		if i == 0 {
			for r := range has {
				all[r] = true
			}
			continue
		}
		for r := range all {
			if !has[r] {
				delete(all, r)
			}
		}
	}
	return all
})

// lettersOf reads which characters a TrueType font has a glyph for, from its table of the characters below U+10000
// (cmap, format 4).
func lettersOf(face []byte) map[rune]bool {
	at := func(n int) int { return int(binary.BigEndian.Uint16(face[n:])) }
	long := func(n int) int { return int(binary.BigEndian.Uint32(face[n:])) }
	cmap := 0
	for t := range at(4) {
		if entry := 12 + 16*t; string(face[entry:entry+4]) == "cmap" {
			cmap = long(entry + 8)
		}
	}
	table := 0
	for i := range at(cmap + 2) {
		if sub := cmap + long(cmap+4+8*i+4); at(sub) == 4 {
			table = sub
		}
	}
	has := map[rune]bool{}
	segments := at(table+6) / 2
	ends := table + 14
	starts := ends + 2*segments + 2
	deltas, offsets := starts+2*segments, starts+4*segments
	for s := range segments {
		for c := at(starts + 2*s); c <= at(ends+2*s) && c < 0xffff; c++ {
			glyph := c
			if offset := at(offsets + 2*s); offset != 0 {
				if glyph = at(offsets + 2*s + offset + 2*(c-at(starts+2*s))); glyph == 0 {
					continue
				}
			}
			if (glyph+at(deltas+2*s))&0xffff != 0 {
				has[rune(c)] = true //nolint:gosec // below U+10000
			}
		}
	}
	return has
}

// legible is a text in letters the faces have: an accented letter they lack is written plain, what has no likeness is a
// question mark rather than an empty box.
func legible(s string) string {
	has := drawable()
	plain := true
	for _, r := range s {
		if !has[r] {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case has[r]:
			b.WriteRune(r)
		case invisible(r) || r == '\u2060':
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			b.WriteByte(' ')
		default:
			written := false
			for _, part := range norm.NFKD.String(string(r)) {
				if has[part] {
					b.WriteRune(part)
					written = true
				}
			}
			if !written {
				b.WriteByte('?')
			}
		}
	}
	return b.String()
}

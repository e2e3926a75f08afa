package models

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxLabel is how many bytes of a label are read: no bank writes more, and a hostile file costs no more.
const maxLabel = 400

// maxKeyWords is how many words of a label make its key: behind them come the free texts of direct debits, which change.
const maxKeyWords = 6

// LabelKey is what two labels of one sender share: their words in small letters, without accents, digits, dates, card
// numbers, references, words of the bank, legal forms, and the town and country card labels end with. It is empty for
// a label without a letter, and the bank's own words when there are no others.
func LabelKey(label string) string {
	var s labelScan
	s.read(label)
	return s.key()
}

// LabelName is the label as to show it to people: without the same noise, and not in capitals only. What collects money
// for others is left out where the label says for whom: PAYPAL *SPOTIFY is Spotify.
func LabelName(label string) string {
	var s labelScan
	s.read(label)
	return s.name(label)
}

// Key is what lines of one sender share, by which habits are learnt and labels set aside: the LabelKey of the label, or
// of the other side where the label names nobody but the bank.
func (l BankLine) Key() string {
	var label, party labelScan
	return l.told(&label, &party).key()
}

// Name is the sender as to show it to people, from the label or the other side likewise.
func (l BankLine) Name() string {
	var label, party labelScan
	if l.told(&label, &party) == &party {
		return party.name(l.Party)
	}
	return label.name(l.Label)
}

// told takes label and other side apart, and answers the one that tells the sender.
func (l *BankLine) told(label, party *labelScan) *labelScan {
	label.read(l.Label)
	party.read(l.Party)
	if label.senderless() && (!party.senderless() || len(label.words) == 0) {
		return party
	}
	return label
}

// labelWord is one run of letters and digits of a label.
type labelWord struct {
	folded, foldedTo int  // where it stands in labelScan.folded
	from, to         int  // and in the label
	sign             byte // the sign between it and the word before: one of "@*/.-&'_", 0 for none
	spaced           bool // blanks stand between, too
	letters, digits  bool // it has some
	dropped          bool
	again            bool // dropped because it was said before
}

// labelScan is a label taken apart; it is kept from label to label so that reading one allocates next to nothing.
type labelScan struct {
	folded []byte
	words  []labelWord
}

func (s *labelScan) word(i int) []byte {
	w := &s.words[i]
	return s.folded[w.folded:w.foldedTo]
}

// read takes a label apart and marks the words that say nothing of the sender as dropped.
func (s *labelScan) read(label string) {
	s.split(label)
	for i := range s.words {
		w := &s.words[i]
		w.dropped = s.noise(i)
		if !w.dropped && s.saidBefore(i) { // and so is what hangs on it: AMAZON PRIME AMAZON.FR
			w.dropped, w.again = true, true
		}
	}
	s.dropReferences()
	s.dropStars()
	s.dropPlaces()
}

func (s *labelScan) split(label string) {
	s.folded, s.words = s.folded[:0], s.words[:0]
	var sign byte
	spaced, open := true, false
	for i, r := range label[:min(len(label), maxLabel)] {
		at := len(s.folded)
		letter, digit := r >= 'a' && r <= 'z', r >= '0' && r <= '9'
		switch {
		case letter || digit:
			s.folded = append(s.folded, byte(r)) //nolint:gosec // ASCII
		case r >= 'A' && r <= 'Z':
			letter = true
			s.folded = append(s.folded, byte(r)+'a'-'A')
		case r >= utf8.RuneSelf:
			s.folded = appendFolded(s.folded, r)
			letter = len(s.folded) > at
			if !letter && unicode.Is(unicode.Mn, r) {
				continue // an accent written apart
			}
		}
		if !letter && !digit {
			if open = false; strings.ContainsRune("@*/.-&'_", r) {
				sign = byte(r) //nolint:gosec // ASCII
			} else {
				spaced = true
			}
			continue
		}
		if !open {
			s.words = append(s.words, labelWord{folded: at, from: i, sign: sign, spaced: spaced})
			open, sign, spaced = true, 0, false
		}
		w := &s.words[len(s.words)-1]
		w.foldedTo, w.to = len(s.folded), i+utf8.RuneLen(r)
		w.letters, w.digits = w.letters || letter, w.digits || digit
	}
}

// appendFolded adds the small letters a letter beyond ASCII stands for; nothing for what is no letter.
func appendFolded(to []byte, r rune) []byte {
	r = unicode.ToLower(r)
	if !unicode.IsLetter(r) || r == utf8.RuneError {
		return to
	}
	switch r {
	case 'œ':
		return append(to, "oe"...)
	case 'æ':
		return append(to, "ae"...)
	case 'ß':
		return append(to, "ss"...)
	case 'ø':
		return append(to, 'o')
	case 'ł':
		return append(to, 'l')
	}
	var letter [utf8.UTFMax]byte
	n := utf8.EncodeRune(letter[:], r)
	at := len(to)
	for _, base := range string(norm.NFKD.Properties(letter[:n]).Decomposition()) {
		if unicode.IsLetter(base) {
			to = utf8.AppendRune(to, unicode.ToLower(base))
		}
	}
	if len(to) == at {
		return append(to, letter[:n]...)
	}
	return to
}

// noise tells whether a word by itself says nothing of the sender. A word of letters and digits may lose its digits.
func (s *labelScan) noise(i int) bool {
	w := s.word(i)
	switch {
	case i > 0 && s.words[i-1].again && !s.words[i].spaced && s.words[i].sign != '*':
		s.words[i].again = true
		return true
	case !s.words[i].letters, len(w) == 1 && s.words[i].sign != '&' && !s.joinedBy(i+1, '&'):
		return true
	case s.words[i].digits:
		return s.lettersOf(i) == nil
	case onlyX(w), kindOf(w) == bankWord, kindOf(w) == legalForm && s.keptBefore(i) > 0, kindOf(w) == monthName:
		return true
	case kindOf(w) == monthShort:
		return s.besideDigits(i)
	case kindOf(w) == domainEnd:
		return s.words[i].sign == '.' || s.joinedBy(i+1, '.')
	case len(w) <= 4 && s.joinedBy(i+1, '-') && !s.words[i+1].letters && s.keptBefore(i) > 0: // SIB-2026-0312
		return true
	case kindOf(w) == secondWord:
		return i > 0 && pairs[string(s.word(i-1))+" "+string(w)]
	}
	return s.words[i].sign == '@' || s.joinedBy(i+1, '@') || len(w) >= 6 && !hasVowel(w) && s.keptBefore(i) > 0
}

// saidBefore tells whether an earlier word that was kept is the same.
func (s *labelScan) saidBefore(i int) bool {
	for j := range i {
		if !s.words[j].dropped && string(s.word(j)) == string(s.word(i)) {
			return true
		}
	}
	return false
}

// joinedBy tells whether word i follows the one before it with that sign between.
func (s *labelScan) joinedBy(i int, sign byte) bool {
	return i < len(s.words) && s.words[i].sign == sign && !s.words[i].spaced
}

func (s *labelScan) keptBefore(i int) int {
	n := 0
	for j := range i {
		if !s.words[j].dropped {
			n++
		}
	}
	return n
}

func (s *labelScan) besideDigits(i int) bool {
	return i > 0 && s.words[i-1].digits || i+1 < len(s.words) && s.words[i+1].digits
}

// lettersOf is what a word of letters and digits says of the sender; nil for a reference, a date, a card, a post code
// with its town. Names have few digits (o2switch, 1password) or a number behind (OVH1234567).
func (s *labelScan) lettersOf(i int) []byte {
	w := s.word(i)
	runs, digits, first, last := 0, 0, -1, -1
	for at, c := range w {
		if c >= '0' && c <= '9' {
			if last != at-1 || last < 0 {
				runs++
			}
			if first < 0 {
				first = at
			}
			digits, last = digits+1, at
		}
	}
	letters := len(w) - digits
	if runs != 1 {
		return nil
	}
	head, tail := w[:first], w[last+1:]
	switch {
	case len(tail) == 0: // the number stands behind
		if len(head) < 3 || digits < 3 && letters < 5 || onlyX(head) || kindOf(head) != otherWord || !hasVowel(head) {
			return nil
		}
		return head
	case len(head) == 0:
		if digits > 1 || letters < 5 || kindOf(tail) != otherWord || !hasVowel(tail) {
			return nil
		}
		return tail
	case digits > 1 || letters < 5 || !hasVowel(tail):
		return nil
	}
	return append(append(make([]byte, 0, letters), head...), tail...)
}

// dropReferences drops what stands behind words that announce a reference: REF/ABCD, MDT/OVH-2311, ID EMETTEUR/FR12.
func (s *labelScan) dropReferences() {
	for i := 0; i < len(s.words); i++ {
		if kindOf(s.word(i)) != referenceMark {
			continue
		}
		s.words[i].dropped = true
		for i+1 < len(s.words) && !s.words[i+1].spaced && s.words[i+1].sign != '*' && kindOf(s.word(i+1)) != referenceMark {
			i++
			s.words[i].dropped = true
		}
	}
}

// dropStars drops the reference glued behind a star, DROPBOX*K2JX, unless the one before the star collects for others
// or sells several things: then the word behind says which.
func (s *labelScan) dropStars() {
	for i := 1; i < len(s.words); i++ {
		w := &s.words[i]
		if w.sign != '*' || w.spaced || len(s.word(i-1)) <= 3 || s.words[i-1].dropped || collects(s.word(i-1)) || s.followsCollector(i) {
			continue
		}
		w.dropped = true
		for i+1 < len(s.words) && !s.words[i+1].spaced {
			i++
			s.words[i].dropped = true
		}
	}
}

// followsCollector tells it of Paddle.net*X, where the end of the name stands between.
func (s *labelScan) followsCollector(i int) bool {
	return i > 1 && kindOf(s.word(i-1)) == domainEnd && collects(s.word(i-2))
}

// dropPlaces drops the town and the country card labels end with; one bank writes the town before the sender.
func (s *labelScan) dropPlaces() {
	for i := len(s.words) - 1; i > 0 && s.keptBefore(i) > 0; i-- {
		if s.words[i].dropped {
			continue
		}
		w := s.word(i)
		if s.words[i].sign == '.' && !s.words[i].spaced { // scoop.it, zoom.us
			return
		}
		pair := i > 1 && !s.words[i-1].dropped && s.keptBefore(i-1) > 0 && towns[string(s.word(i-1))+" "+string(w)]
		if pair {
			s.words[i-1].dropped = true
		}
		if !pair && !countries[string(w)] && !towns[string(w)] {
			break
		}
		s.words[i].dropped = true
	}
	for i := 2; i+1 < len(s.words); i++ { // PAIEMENT CB 0712 DUBLIN DROPBOX
		day := s.words[i-1].digits && !s.words[i-1].letters && len(s.word(i-1)) == 4
		if day && string(s.word(i-2)) == "cb" && towns[string(s.word(i))] && !s.words[i+1].dropped {
			s.words[i].dropped = true
		}
	}
}

// key joins the words that were kept, each once.
func (s *labelScan) key() string {
	var room [128]byte
	key := s.appendKey(room[:0], false)
	if len(key) == 0 {
		key = s.appendKey(key, true)
	}
	return string(key)
}

func (s *labelScan) appendKey(key []byte, all bool) []byte {
	start, n := len(key), 0
	for i := range s.words {
		if n == maxKeyWords {
			break
		}
		if s.words[i].dropped && !all || !s.words[i].letters {
			continue
		}
		w := s.word(i)
		if s.words[i].digits {
			w = s.lettersOf(i)
		}
		if len(w) == 0 || containsWord(key[start:], w) {
			continue
		}
		if n++; len(key) > start {
			key = append(key, ' ')
		}
		key = append(key, w...)
	}
	return key
}

// containsWord tells whether a word stands between the blanks of a text.
func containsWord(text, w []byte) bool {
	for len(text) >= len(w) {
		end := 0
		for end < len(text) && text[end] != ' ' {
			end++
		}
		if string(text[:end]) == string(w) {
			return true
		}
		text = text[min(end+1, len(text)):]
	}
	return false
}

func (s *labelScan) name(label string) string {
	capitals, all := strings.ToUpper(label) == label, s.keptBefore(len(s.words)) == 0
	forOthers := s.keptBefore(len(s.words)) > 1
	var b strings.Builder
	last, shown := -1, s.linking(label)
	for i := range s.words {
		w := &s.words[i]
		if w.dropped && !all && !shown[i] || !w.letters || all && w.digits || forOthers && s.keptBefore(i) == 0 && kindOf(s.word(i)) == processor {
			continue
		}
		text := label[w.from:w.to]
		if w.digits && strings.HasPrefix(string(s.word(i)), string(s.lettersOf(i))) {
			text = text[:len(s.lettersOf(i))] // ASCII, or it would have been dropped
		}
		if b.Len()+len(text) >= MaxName {
			break
		}
		soft := last == i-1 && !w.spaced && (w.sign == '.' || w.sign == '-' || w.sign == '&' || w.sign == '\'')
		switch {
		case last >= 0 && soft:
			b.WriteByte(w.sign)
		case last >= 0:
			b.WriteByte(' ')
		}
		small := w.dropped && linkWords[string(s.word(i))]
		b.WriteString(spelled(text, capitals && !all, small || soft && w.sign == '.'))
		last = i
	}
	if last < 0 {
		return strings.TrimSpace(label[:min(len(label), MaxName)])
	}
	return b.String()
}

// linking are the words that say nothing of the sender and without which its name is none: the small words between two
// others (BOULANGERIE DU PORT), with a legal form among them (SCI DU PORT), and what the bank charges for (FRAIS DE TENUE
// DE COMPTE).
func (s *labelScan) linking(label string) []bool {
	shown := make([]bool, len(s.words))
	for i := range s.words {
		if s.words[i].dropped {
			continue
		}
		end, linked := i+1, false
		for ; end < len(s.words) && s.words[end].dropped && s.follows(label, end) && s.links(end); end++ {
			linked = linked || linkWords[string(s.word(end))]
		}
		charged := s.chargedBefore(label, i)
		if charged {
			shown[i-1], shown[i-2] = true, true
		}
		if linked && end < len(s.words) && s.follows(label, end) && (!s.words[end].dropped || charged && !s.words[end].digits) {
			for j := i + 1; j <= end; j++ {
				shown[j] = true
			}
		}
	}
	return shown
}

// links tells whether a word is one that may stand inside a name and says nothing by itself.
func (s *labelScan) links(i int) bool {
	return linkWords[string(s.word(i))] || kindOf(s.word(i)) == legalForm
}

// chargedBefore tells whether the bank charges for word i: FRAIS DE, COMMISSION DE.
func (s *labelScan) chargedBefore(label string, i int) bool {
	return i >= 2 && s.follows(label, i) && s.follows(label, i-1) && linkWords[string(s.word(i-1))] &&
		(string(s.word(i-2)) == "frais" || string(s.word(i-2)) == "commission")
}

// follows tells whether nothing but blanks, or an apostrophe, stands between a word and the one before it.
func (s *labelScan) follows(label string, i int) bool {
	return i > 0 && strings.Trim(label[s.words[i-1].to:s.words[i].from], " '’") == ""
}

// linkWords stand between the words of a name.
var linkWords = set("de|du|des|d|l|le|la|les|au|aux|a|et|en|sur|sous|of|the|for|and|to")

// spelled writes a word of a label in capitals as a name is written; short ones are mostly abbreviations.
func spelled(word string, capitals, ending bool) string {
	switch {
	case !capitals:
		return word
	case ending:
		return strings.ToLower(word)
	case utf8.RuneCountInString(word) <= 3 || !hasVowel([]byte(strings.ToLower(word))):
		return word
	}
	_, n := utf8.DecodeRuneInString(word)
	return word[:n] + strings.ToLower(word[n:])
}

// senderless tells whether a label names nobody, or only who collects for others.
func (s *labelScan) senderless() bool {
	for i := range s.words {
		if !s.words[i].dropped && kindOf(s.word(i)) != processor {
			return false
		}
	}
	return true
}

func onlyX(w []byte) bool {
	for _, c := range w {
		if c != 'x' {
			return false
		}
	}
	return true
}

func hasVowel(w []byte) bool {
	for _, c := range w {
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			return true
		}
		if c >= utf8.RuneSelf {
			return true // another script: not ours to judge
		}
	}
	return false
}

package models

import (
	"slices"
	"sort"
	"strings"
)

// How strongly a label stands for a service.
const (
	namesHabit  = 1000 // a line of this label paid it last
	namesWhole  = 600  // the label holds the service's whole name
	namesGlued  = 500  // a word of the label begins with it: DROPBOXINC
	namesVendor = 300  // the label holds the vendor's name, the address, or a word of the service's name
)

// How far a word of a label may be from a name: card labels cut names after 10 to 12 characters and write on without
// a blank. Shorter pieces are the beginning of too many words.
const (
	leastGlued = 5  // letters of a name that begins a longer word
	leastCut   = 6  // letters of a word that is the beginning of a longer name
	wholeCut   = 10 // letters from which such a word is taken for the whole name
	mostRun    = 3  // words of a label taken together: GOOGLE WORK SPACE
	mostCut    = 32 // names looked at that begin with the same letters
)

// named is a service a label may stand for.
type named struct {
	service  ID
	strength int
	words    int // of the service's name found in the label; 0 when only habit says so
}

// calling is one name a service is called by.
type calling struct {
	service ID
	words   []string // without legal forms and words that many names have
	own     bool     // the service's own name, not its vendor's
}

// naming finds the services a label names.
type naming struct {
	callings []calling
	byWord   map[string][]int // callings by each of their words
	glued    map[string][]int // and by their words written together
	sorted   []string         // keys of glued
	figures  map[string]bool  // words with digits in a name: no reference when a label has them
	answers  map[string][]named
	scan     labelScan
	hits     map[int]int
}

// newNaming readies the names of all services.
func newNaming(r *Register) *naming {
	n := &naming{byWord: map[string][]int{}, glued: map[string][]int{}, figures: map[string]bool{}, answers: map[string][]named{}, hits: map[int]int{}}
	for i := range r.Services {
		s := &r.Services[i]
		n.add(s.ID, s.Name, true)
		if v, ok := r.Vendor(s.VendorID); ok {
			n.add(s.ID, v.Name, false)
		}
		n.add(s.ID, hostName(s.URL), false)
	}
	for text := range n.glued {
		n.sorted = append(n.sorted, text)
	}
	slices.Sort(n.sorted)
	return n
}

// hostName is the part of an address that is a name: zoom of https://www.zoom.us/join.
func hostName(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	host, _, _ := strings.Cut(rest, "/")
	parts := strings.Split(host, ".")
	if len(parts) < 2 {
		return ""
	}
	return parts[len(parts)-2]
}

// vague are words that many names have and that tell none from another.
var vague = set("pro|premium|plus|business|team|teams|cloud|online|service|services|software|solutions|technologies|technology|group|groupe|international|" +
	"communications|app|apps|free|basic|standard|perso|personal|starter|site|mail|formule|plan|abonnement|digital|systems|labs|studio|media|data|suite|office")

func (n *naming) add(service ID, name string, own bool) {
	n.scan.split(name)
	var all, words []string
	telling := false
	for i := range n.scan.words {
		w := string(n.scan.word(i))
		kind := kindOf([]byte(w))
		if kind == legalForm || kind == bankWord {
			continue
		}
		all = append(all, w)
		if !vague[w] && (i == 0 || !countries[w]) {
			words = append(words, w)
			telling = telling || n.scan.words[i].letters
		}
	}
	if !telling {
		words = all
	}
	if len(words) == 0 || !own && len(n.callings) > 0 && n.callings[len(n.callings)-1].service == service && slices.Equal(n.callings[len(n.callings)-1].words, words) {
		return
	}
	at := len(n.callings)
	n.callings = append(n.callings, calling{service, words, own})
	for i, w := range words {
		if !slices.Contains(words[:i], w) {
			n.byWord[w] = append(n.byWord[w], at)
		}
		if strings.ContainsAny(w, "0123456789") {
			n.figures[w] = true
		}
	}
	together := strings.Join(words, "")
	n.glued[together] = append(n.glued[together], at)
	if whole := strings.Join(all, ""); whole != together {
		n.glued[whole] = append(n.glued[whole], at)
	}
}

// wordsOf are the words of a label, or of the other side, that may name a service.
func (n *naming) wordsOf(s *labelScan, to []string) []string {
	for i := range s.words {
		w := s.word(i)
		keep := !s.words[i].dropped || s.words[i].digits && n.figures[string(w)]
		if keep || len(w) >= leastGlued && kindOf(w) == otherWord && len(n.byWord[string(w)]) > 0 {
			to = append(to, string(w))
		}
	}
	return to
}

// services are those the words of a label name, each once, with how strongly; text is the words in one piece. Where a label holds more words of one
// service's own name, others of which it holds fewer are not meant: GOOGLE ONE is not Google Workspace.
func (n *naming) services(words []string, text string) []named {
	if known, ok := n.answers[text]; ok {
		return known
	}
	clear(n.hits)
	n.hitWords(words)
	for i := range words {
		run := ""
		for j := i; j < min(i+mostRun, len(words)); j++ {
			run += words[j]
			n.hitRun(run, j == i)
		}
	}
	best := map[ID]named{}
	most := 0
	for at, strength := range n.hits {
		c := &n.callings[at]
		found := 1
		if strength >= namesGlued {
			if found = len(c.words); c.own {
				most = max(most, found)
			} else {
				strength = namesVendor
			}
		}
		if was := best[c.service]; strength > was.strength || strength == was.strength && found > was.words {
			best[c.service] = named{c.service, strength, found}
		}
	}
	all := make([]named, 0, len(best))
	for _, x := range best {
		if x.words >= most || x.strength >= namesGlued {
			all = append(all, x)
		}
	}
	slices.SortFunc(all, func(a, b named) int { return int(a.service - b.service) })
	n.answers[text] = all
	return all
}

// hitWords notes the names some or all of whose words the label has. A part counts when it is the name's first word or
// a long one.
func (n *naming) hitWords(words []string) {
	counts := map[int]int{}
	for i, w := range words {
		if slices.Contains(words[:i], w) {
			continue
		}
		for _, at := range n.byWord[w] {
			counts[at]++
		}
	}
	for at, count := range counts {
		c := &n.callings[at]
		if count == len(c.words) {
			n.hits[at] = namesWhole
			continue
		}
		for i, w := range c.words {
			if (i == 0 && len(w) > 2 || len(w) >= leastGlued) && !vague[w] && !strings.ContainsAny(w, "0123456789") && slices.Contains(words, w) {
				n.hit(at, namesVendor)
			}
		}
	}
}

func (n *naming) hit(at, strength int) { n.hits[at] = max(n.hits[at], strength) }

// hitRun notes the names that words written together are, begin with or are the beginning of.
func (n *naming) hitRun(run string, single bool) {
	if len(run) < leastGlued {
		return
	}
	for _, at := range n.glued[run] {
		n.hit(at, namesWhole)
	}
	if single {
		for end := leastGlued; end < len(run); end++ {
			for _, at := range n.glued[run[:end]] {
				n.hit(at, namesGlued)
			}
		}
	}
	if len(run) < leastCut {
		return
	}
	from := sort.SearchStrings(n.sorted, run)
	for _, name := range n.sorted[from:min(from+mostCut, len(n.sorted))] {
		if !strings.HasPrefix(name, run) {
			break
		}
		strength := namesVendor
		if len(run) >= wholeCut || 5*len(run) >= 4*len(name) {
			strength = namesGlued
		}
		for _, at := range n.glued[name] {
			n.hit(at, strength)
		}
	}
}

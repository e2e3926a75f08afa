package words

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models/cal"
	"enveloppe/models/password"
)

var fix = flag.Bool("fix", false, "put the spaces and apostrophes of French typography into the locale files")

// texts are all the sentences of a language by key, plural forms as "key one", "key other".
func texts(w *Words) map[string]string {
	all := make(map[string]string)
	for key, m := range w.messages {
		if m.forms == nil {
			all[key] = m.whole
		}
		for f, s := range m.forms {
			all[key+" "+string(f)] = s.whole
		}
	}
	return all
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	t.Parallel()
	fr, en := In(FR), In(EN)
	names := func(w *Words) map[string][]string {
		all := make(map[string][]string)
		for key, m := range w.messages {
			all[key] = m.names()
		}
		return all
	}
	if diff := cmp.Diff(names(fr), names(en)); diff != "" {
		t.Errorf("keys and places (- French, + English):\n%s", diff)
	}
	for key, m := range fr.messages {
		if (m.forms == nil) != (en.messages[key].forms == nil) {
			t.Errorf("%s depends on a number in one language only", key)
		}
	}
	for _, w := range []*Words{fr, en} {
		for key, m := range w.messages {
			if m.forms == nil {
				continue
			}
			if _, ok := m.forms[one]; !ok {
				t.Errorf("%s %s has no form for one", w.Lang(), key)
			}
			if _, ok := m.forms[many]; ok && w.Lang() == EN {
				t.Errorf("en %s: English has no form many", key)
			}
		}
	}
}

// typography lists what a careful printer would not let pass. The French rules are those of the
// Imprimerie nationale with the thin space of the web: U+202F before ; ! ? %, U+00A0 before : and
// inside « ».
var typography = []struct {
	lang  Lang // of the texts the rule is for; empty for all
	fault *regexp.Regexp
	say   string
}{
	{"", regexp.MustCompile(`'`), "straight apostrophe: write ’"},
	{"", regexp.MustCompile(`"`), "straight quotation mark: write « » or “ ”"},
	{"", regexp.MustCompile(`\.\.\.`), "three points: write …"},
	{"", regexp.MustCompile(`^[ \x{a0}\x{202f}]|[ \x{a0}\x{202f}]$`), "space at an end"},
	{"", regexp.MustCompile(`  `), "two spaces"},
	{"", regexp.MustCompile(` [-–] `), "hyphen for a dash: write —"},
	{"", regexp.MustCompile(`\d-\d`), "hyphen between figures: write –"},
	{FR, regexp.MustCompile(`[^\x{202f}?!…][?!]`), "no U+202F before ? or !"},
	{FR, regexp.MustCompile(`[^\x{202f}];`), "no U+202F before ;"},
	{FR, regexp.MustCompile(`[^\x{a0}]:`), "no U+00A0 before :"},
	{FR, regexp.MustCompile(`«[^\x{a0}]`), "no U+00A0 after «"},
	{FR, regexp.MustCompile(`[^\x{a0}]»`), "no U+00A0 before »"},
	{FR, regexp.MustCompile(`[^\x{202f}]%`), "no U+202F before %"},
	{FR, regexp.MustCompile(`[^\x{a0}]€`), "no U+00A0 before €"},
	{FR, regexp.MustCompile(`[“”]`), "English quotation marks: write « »"},
	{FR, regexp.MustCompile(`\b([Cc]a|[Oo]eu|A) `), "ça, œu or À"},
	{EN, regexp.MustCompile(`[\p{L} \x{a0}\x{202f}][\x{a0}\x{202f} ][?!:;]`), "space before a punctuation mark"},
	{EN, regexp.MustCompile(`[«»]`), "French quotation marks: write “ ”"},
}

// exempt is text whose marks are not punctuation: addresses, and the names of places for values.
var exempt = regexp.MustCompile(`(https?|mailto|smtps?|postgres|sqlite)://?\S*|\{\{[^}]*\}\}:\{\{|\{\{[^}]*\}\}|\b\d\d:\d\d\b`)

func TestTypography(t *testing.T) {
	if *fix {
		fixFrench(t)
	}
	for _, lang := range Langs() {
		all := texts(In(lang))
		for _, key := range slices.Sorted(maps.Keys(all)) {
			text := exempt.ReplaceAllString(all[key], "0")
			for _, rule := range typography {
				if (rule.lang == "" || rule.lang == lang) && rule.fault.MatchString(text) {
					t.Errorf("%s %s: %s: %q (go test -run TestTypography -fix puts spaces and apostrophes right)", lang, key, rule.say, all[key])
				}
			}
		}
	}
}

// TestTypographyRules breaks every rule once, so that none of them sleeps.
func TestTypographyRules(t *testing.T) {
	t.Parallel()
	broken := []string{
		"l'an", `dit "oui"`, "attendez...", "fin ", "un  deux", "un - deux", "2025-2026", "quoi ?", "un ; deux", "un : deux",
		"« oui" + nbsp + "»", "«" + nbsp + "oui »", "20 %", "20 €", "“oui”", "A la fin", "what !", "« yes »",
	}
	for i, rule := range typography {
		if !rule.fault.MatchString(broken[i]) {
			t.Errorf("%q passes the rule %q", broken[i], rule.say)
		}
	}
	if got := exempt.ReplaceAllString("voir https://a.org:80/?b et {{.x}} à 14:05", "0"); got != "voir 0 et 0 à 0" {
		t.Errorf("exempt leaves %q", got)
	}
}

// fixFrench rewrites the files as text, to keep their order and layout. A space before a mark only
// occurs inside values there.
func fixFrench(t *testing.T) {
	spaces := strings.NewReplacer(
		"'", "’", " ?", narrow+"?", " !", narrow+"!", " ;", narrow+";", " %", narrow+"%",
		" :", nbsp+":", " €", nbsp+"€", "« ", "«"+nbsp, " »", nbsp+"»", "...", "…",
	)
	edit := map[Lang]*strings.Replacer{FR: spaces, EN: strings.NewReplacer("'", "’", "...", "…")}
	for lang, replace := range edit {
		files, err := filepath.Glob(filepath.Join("locales", string(lang), "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			after := replace.Replace(string(before))
			if after == string(before) {
				continue
			}
			if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s is put right; run again to check it", file)
		}
	}
}

// The rule comes without its figures: there is one bound, and the sentence may as well say it.
func TestPasswordBoundsAreSaid(t *testing.T) {
	t.Parallel()
	for _, lang := range Langs() {
		for rule, bound := range map[string]int{"password.short": password.MinLength, "password.long": password.MaxLength} {
			if said := In(lang).Problem(rule); !strings.Contains(said, In(lang).Number(bound)+" ") {
				t.Errorf("%s %s does not say %d: %q", lang, rule, bound, said)
			}
		}
	}
}

// use is a place in the program that asks for a text.
type use struct{ file, key string }

var (
	// asked finds T "a.b", .T("a.b", {{t "a.b", N, Parts, Has.
	asked = regexp.MustCompile("\\b(?:[TtNn]|Parts|parts|Has)[ (]\\s*[\"`]([a-z0-9_]+(?:\\.[a-z0-9_]+)+)[\"`]")
	// ruled finds the rules of problems and refusals, which become keys of their own families.
	ruled = []struct {
		family string
		rule   *regexp.Regexp
	}{
		{"invalid.", regexp.MustCompile(`\.Add\(\s*(?:"[a-z_0-9]*"|[a-zA-Z_.]+)\s*,\s*"([a-z0-9_.]+)"`)},
		{"invalid.", regexp.MustCompile(`\bReason\s*=\s*"([a-z0-9_]+\.[a-z0-9_.]+)"`)},
		{"invalid.", regexp.MustCompile(`\bProblem[ (]"([a-z0-9_.]+)"`)},
		{"refused.", regexp.MustCompile(`\bRefused\{(?:Rule:\s*)?"([a-z0-9_.]+)"`)},
		{"refused.", regexp.MustCompile(`\bRefusal[ (]"([a-z0-9_.]+)"`)},
	}
	quoted = regexp.MustCompile("[\"`]([a-z0-9_]+(?:\\.[a-z0-9_]+)+)[\"`]")
)

// sources reads every Go file and template that can ask for a text, tests apart.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	root := filepath.Join("..", "..")
	for _, room := range []string{"app", "cmd", "models", "reports", "templates"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, entry fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil || entry.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".go", ".html", ".txt", ".tmpl", ".svg":
			default:
				return nil
			}
			if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
				return nil
			}
			text, err := os.ReadFile(path)
			all[strings.TrimPrefix(path, root+string(filepath.Separator))] = string(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// withoutComments drops Go's line comments, whose examples ask for nothing.
var withoutComments = regexp.MustCompile(`(?m)(^|\s)//.*$`)

func uses(sources map[string]string) []use {
	var all []use
	for file, text := range sources {
		if strings.HasSuffix(file, ".go") {
			text = withoutComments.ReplaceAllString(text, "")
		}
		for _, m := range asked.FindAllStringSubmatch(text, -1) {
			all = append(all, use{file, m[1]})
		}
		for _, r := range ruled {
			for _, m := range r.rule.FindAllStringSubmatch(text, -1) {
				all = append(all, use{file, r.family + m[1]})
			}
		}
	}
	slices.SortFunc(all, func(a, b use) int { return strings.Compare(a.file+a.key, b.file+b.key) })
	return slices.Compact(all)
}

func TestEveryTextAskedForExists(t *testing.T) {
	t.Parallel()
	for _, u := range uses(sources(t)) {
		for _, lang := range Langs() {
			if !In(lang).Has(u.key) {
				t.Errorf("%s asks for %q, which %s does not have", u.file, u.key, lang)
			}
		}
	}
}

// joined finds the beginnings of keys that the program puts together: "kind." + family in Go,
// print "notice." .Key and printf "month.%d" in a template. Their texts count as used.
var joined = regexp.MustCompile("[\"`]([a-z0-9_]+\\.(?:[a-z0-9_]+\\.)*)(?:%[a-z]|[\"`]\\s*\\+|[\"`]\\s+[.$(])")

func TestEveryTextIsUsed(t *testing.T) {
	t.Parallel()
	used, families := make(map[string]bool), []string{}
	for file, text := range sources(t) {
		if strings.HasSuffix(file, ".go") {
			text = withoutComments.ReplaceAllString(text, "")
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
		for _, m := range joined.FindAllStringSubmatch(text, -1) {
			families = append(families, m[1])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(In(FR).messages)) {
		inFamily := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !inFamily && !used[key] {
			t.Errorf("nothing asks for %q: remove it from the locale files", key)
		}
	}
}

func TestFamiliesAreSeen(t *testing.T) {
	t.Parallel()
	text := "w.T(\"kind.\" + x) w.T(`a.b.`+x) {{T (print \"notice.\" .Key)}} {{T (printf \"month.%d\" 3)}} \"not.this\" + x, \"nor.that.\")"
	var got []string
	for _, m := range joined.FindAllStringSubmatch(text, -1) {
		got = append(got, m[1])
	}
	if diff := cmp.Diff([]string{"kind.", "a.b.", "notice.", "month."}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUsesAreSeen(t *testing.T) {
	t.Parallel()
	got := uses(map[string]string{
		"a.html": "{{T \"a.t\"}} {{.W.T \"b.t\" \"n\" 1}} {{t \"c.t\"}} {{N \"d.n\" 3}} {{range .W.Parts \"e.p\"}} {{(t `f.t`)}} {{printf \"%s\" \"not.this\"}}",
		"b.go": "w.T(\"g.t\")\nw.N(\"h.n\", 3)\n// w.T(\"not.that\")\nv.Add(\"seats\", \"seats.below\", \"assigned\", 4)\nv.Add(field, \"required\")\n" +
			"v.Add(end.field, \"end.before\")\nRefused{Rule: \"ended\"}\nX Reason = \"amount.bad\"\nimportant(\"not.this_either\")",
	})
	want := []use{
		{"a.html", "a.t"},
		{"a.html", "b.t"},
		{"a.html", "c.t"},
		{"a.html", "d.n"},
		{"a.html", "e.p"},
		{"a.html", "f.t"},
		{"b.go", "g.t"},
		{"b.go", "h.n"},
		{"b.go", "invalid.amount.bad"},
		{"b.go", "invalid.end.before"},
		{"b.go", "invalid.required"},
		{"b.go", "invalid.seats.below"},
		{"b.go", "refused.ended"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(use{})); diff != "" {
		t.Error(diff)
	}
}

// enumerations are the domain's types whose values people read, and the family of their names.
var enumerations = map[string]string{
	"Tier": "tier", "Role": "role", "DecisionKind": "decision", "RateSource": "rate", "State": "state",
	"Status": "status", "VATKind": "vat", "FlagKind": "flag", "Unit": "unit", "Lang": "lang",
	"PartKind": "part", "TokenScope": "scope", "Way": "way", "Transfer": "transfer", "Care": "care", "AccessGap": "access_gap", "ProcessorGap": "processor_gap",
}

var constant = regexp.MustCompile(`(?m)^\s+[A-Z]\w+\s+([A-Z]\w+)\s*=\s*"([a-z0-9_]+)"`)

func TestEveryValueHasAName(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for file, text := range sources(t) {
		if !strings.HasPrefix(file, "models") {
			continue
		}
		for _, m := range constant.FindAllStringSubmatch(text, -1) {
			family, ok := enumerations[m[1]]
			if !ok {
				continue
			}
			seen[family] = true
			if key := "kind." + family + "." + m[2]; !In(FR).Has(key) {
				t.Errorf("%s: no text %q", file, key)
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %v were found in the domain", slices.Sorted(maps.Keys(seen)))
	}
	holidays := make(map[string]bool)
	for d := cal.MustNew(2026, time.January, 1); d.Year() == 2026; d = d.AddDays(1) {
		if name, ok := cal.Holiday(d); ok {
			holidays[name] = true
			if !In(FR).Has("kind.holiday." + name) {
				t.Errorf("no text for the holiday %q", name)
			}
		}
	}
	if len(holidays) != 11 {
		t.Errorf("%d holidays, want 11", len(holidays))
	}
}

package words

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// spaced writes the spaces that cannot be told apart: _ is the narrow no-break space, ~ the other.
func spaced(s string) string { return strings.NewReplacer("_", narrow, "~", nbsp).Replace(s) }

func day(t testing.TB, s string) cal.Date {
	t.Helper()
	if s == "" {
		return cal.Date{}
	}
	d, err := cal.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseLang(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]Lang{"fr": FR, "EN": EN, "fr-BE\n": FR, "en_GB": EN, "de": "", "": "", "french": "", "-": ""} {
		got, ok := ParseLang(typed)
		if got != want || ok != (want != "") {
			t.Errorf("ParseLang(%q) = %q, %v", typed, got, ok)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header         string
		fallback, want Lang
	}{
		{"fr-BE,fr;q=0.9,en;q=0.5", EN, FR},
		{"en-US,en;q=0.9,fr;q=0.8", FR, EN},
		{"de-DE,de;q=0.9,en;q=0.3", FR, EN},
		{"fr;q=0.2, en-GB;q=0.8", FR, EN},
		{"de", FR, FR},
		{"de", EN, EN},
		{"", EN, EN},
		{"*", EN, EN},
		{";;;q=", EN, EN},
		{strings.Repeat("en,", 500), FR, FR},
	} {
		if got := Match(c.header, c.fallback); got != c.want {
			t.Errorf("Match(%.40q, %s) = %s, want %s", c.header, c.fallback, got, c.want)
		}
	}
}

func TestSorting(t *testing.T) {
	t.Parallel()
	want := []string{"Adobe", "eau", "éditeur", "Étoile", "Formule 2", "Formule 10", "Œuvre", "Zoom"}
	w := In(FR)
	got := slices.Clone(want)
	slices.Reverse(got)
	SortBy(w, got, func(s string) string { return s })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	slices.Reverse(got)
	slices.SortFunc(got, w.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !w.Less("éditeur", "Zoom") || w.Less("Zoom", "éditeur") || w.Less("Zoom", "Zoom") {
		t.Error("Less is not an order")
	}
}

func TestSortingTogether(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				if !In(FR).Less("eau", "éditeur") {
					t.Error("eau comes before éditeur")
				}
			}
		})
	}
	all.Wait()
}

func TestFold(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"Éditeur": "editeur", "ŒUVRE": "oeuvre", "Straße": "strasse", "L’été": "l'ete",
		"50" + nbsp + "Go": "50 go", "ZOOM": "zoom", "": "", "Łódź": "lodz", "ﬁn": "fin",
	} {
		if got := Fold(s); got != want {
			t.Errorf("Fold(%q) = %q, want %q", s, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("Fold(%q) = %q folds again to %q", s, once, Fold(once))
		}
	})
}

func TestCountries(t *testing.T) {
	t.Parallel()
	fr, en := In(FR), In(EN)
	for _, c := range []struct{ got, want string }{
		{fr.Country("IE"), "Irlande"},
		{fr.Country("US"), "États-Unis"},
		{en.Country("DE"), "Germany"},
		{en.Country("??"), "??"},
		{en.Country(""), ""},
		{en.Country("EU"), "EU"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	all := fr.Countries()
	if len(all) != len(en.Countries()) || len(all) != 249 {
		t.Errorf("%d countries in French, %d in English; want 249: ISO's without Antarctica, and Kosovo", len(all), len(en.Countries()))
	}
	if !slices.IsSortedFunc(all, func(a, b Country) int { return fr.Compare(a.Name, b.Name) }) {
		t.Error("the countries are not in order")
	}
	for _, c := range all {
		if fr.Country(c.Code) != c.Name || len(c.Code) != 2 {
			t.Errorf("%+v is named %q elsewhere", c, fr.Country(c.Code))
		}
	}
}

func sample(t *testing.T, fr, en string) (*Words, *Words) {
	t.Helper()
	all, err := load(fstest.MapFS{
		"locales/fr/a.json": {Data: []byte(fr)},
		"locales/en/a.json": {Data: []byte(en)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return all[FR], all[EN]
}

func TestTexts(t *testing.T) {
	t.Parallel()
	fr, en := sample(t,
		`{"plain": "Bonjour", "seats": {"one": "{{.n}} siège de {{.who}}", "many": "{{.n}} de sièges", "other": "{{.n}} sièges de {{.who}}"}}`,
		`{"plain": "Hello", "seats": {"one": "{{.n}} seat of {{.who}}", "other": "{{.n}} seats of {{.who}}"},
		  "all": "{{.s}} {{ .i }} {{.i64}} {{.amount}} {{.day}} {{.unit}}{{.flag}}"}`)
	for _, c := range []struct{ got, want string }{
		{fr.T("plain"), "Bonjour"},
		{fr.T("plain", "useless", 1), "Bonjour"},
		{fr.N("seats", 0, "who", "Léa"), "0 siège de Léa"},
		{fr.N("seats", 1, "who", "Léa"), "1 siège de Léa"},
		{fr.N("seats", 2, "who", "Léa"), "2 sièges de Léa"},
		{fr.N("seats", 1234, "who", "Léa"), "1_234 sièges de Léa"},
		{fr.N("seats", 1_000_000, "who", "Léa"), "1_000_000 de sièges"},
		{en.N("seats", 0, "who", "Lea"), "0 seats of Lea"},
		{en.N("seats", 1, "who", "Lea"), "1 seat of Lea"},
		{en.N("seats", 1_000_000, "who", "Lea"), "1,000,000 seats of Lea"},
		{en.N("plain", 3), "Hello"},
		{
			en.T("all", "s", "a", "i", 1234, "i64", int64(-5), "amount", money.Euros(500),
				"day", day(t, "2026-03-03"), "unit", cal.Month, "flag", true),
			"a 1,234 −5 €5.00 3~March 2026 monthtrue",
		},
	} {
		if c.got != spaced(c.want) {
			t.Errorf("%q, want %q", c.got, spaced(c.want))
		}
	}
	if !fr.Has("plain") || fr.Has("nothing") {
		t.Error("Has does not tell what is there")
	}
	parts := en.Parts("seats", "n", 3, "who", "Lea")
	want := []Part{{"n", "3"}, {"", " seats of "}, {"who", "Lea"}}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Part{{"", "Hello"}}, en.Parts("plain")); diff != "" {
		t.Error(diff)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c"}
	for n, want := range []string{"", "a", "a et b", "a, b et c"} {
		if got := In(FR).List(names[:n]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := In(EN).List(names); got != "a, b and c" {
		t.Errorf("%q", got)
	}
}

// Not parallel: it adds to what is missing and takes it away again.
func TestMissing(t *testing.T) {
	fr, _ := sample(t, `{"hole": "à {{.amount}}"}`, `{"hole": "at {{.amount}}"}`)
	got := []string{fr.T("no.such"), fr.T("no.such"), fr.N("none", 2), fr.T("hole"), fr.T("hole", "amount"), fr.Parts("gone")[0].Text}
	want := []string{"⟦no.such⟧", "⟦no.such⟧", "⟦none⟧", "à ⟦hole {{.amount}}⟧", "à ⟦hole {{.amount}}⟧", "⟦gone⟧"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"fr no.such", "fr none", "fr hole {{.amount}}", "fr gone"}, Missing()); diff != "" {
		t.Error(diff)
	}
	for i := range 2 * maxMissing {
		fr.T(fmt.Sprintf("flood.%d", i))
	}
	if n := len(Missing()); n != maxMissing {
		t.Errorf("%d missing keys are kept, want at most %d", n, maxMissing)
	}
	absent.keys = nil
}

func TestFaultyFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"not JSON":          `{`,
		"not an object":     `["a"]`,
		"nothing":           ``,
		"two objects":       `{} {}`,
		"a number":          `{"a": 1}`,
		"an empty text":     `{"a": ""}`,
		"same key twice":    `{"a": "b", "a": "c"}`,
		"a condition":       `{"a": "{{if .x}}y{{end}}"}`,
		"an open brace":     `{"a": "{{.x"}`,
		"a form unknown":    `{"a": {"two": "x", "other": "y"}}`,
		"no general form":   `{"a": {"one": "x"}}`,
		"a fault in a form": `{"a": {"one": "{{x}}", "other": "y"}}`,
	} {
		if _, err := load(fstest.MapFS{"locales/fr/a.json": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: no error for %s", name, text)
		}
	}
	_, err := load(fstest.MapFS{
		"locales/en/a.json": {Data: []byte(`{"k": "x"}`)},
		"locales/en/b.json": {Data: []byte(`{"k": "y"}`)},
	})
	if err == nil || !strings.Contains(err.Error(), "a.json") || !strings.Contains(err.Error(), "b.json") {
		t.Errorf("a key in two files: %v", err)
	}
}

func ExampleWords_Problem() {
	fmt.Println(In(EN).Problem("seats.below_assigned", "assigned", 4))
	// Output:
	// Keep at least 4: that is how many seats are assigned. Free some first to go lower.
}

func BenchmarkTPlain(b *testing.B) {
	w := In(FR)
	for b.Loop() {
		w.T("invalid.required")
	}
}

func BenchmarkTPlaces(b *testing.B) {
	w := In(FR)
	for b.Loop() {
		w.T("invalid.number.range", "min", 1, "max", 10_000)
	}
}

func BenchmarkN(b *testing.B) {
	w := In(FR)
	for b.Loop() {
		w.N("time.in_days", 19)
	}
}

func BenchmarkLess(b *testing.B) {
	w := In(FR)
	for b.Loop() {
		w.Less("éditeur", "Étoile")
	}
}

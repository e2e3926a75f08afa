package static

import (
	"math"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func mustURL(path string) *url.URL { return &url.URL{Path: path} }

var (
	declared = regexp.MustCompile(`(--[a-z0-9-]+):`)
	used     = regexp.MustCompile(`var\((--[a-z0-9-]+)`)
	pair     = regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`)
)

func TestEveryTokenUsedExists(t *testing.T) {
	sheet := string(library.byName[Bundle].body)
	var known []string
	for _, m := range declared.FindAllStringSubmatch(sheet, -1) {
		known = append(known, m[1])
	}
	for _, m := range used.FindAllStringSubmatch(sheet, -1) {
		if !slices.Contains(known, m[1]) {
			t.Errorf("%s is used and declared nowhere", m[1])
		}
	}
}

// Colours live in tokens.css alone, so that a theme is one file; shadows and the white of a red button excepted.
func TestColoursAreTokens(t *testing.T) {
	colour := regexp.MustCompile(`#[0-9a-f]{3,8}\b`)
	for _, style := range styles {
		if style == "tokens" || style == "print" {
			continue
		}
		text, err := os.ReadFile(filepath.Join("css", style+".css"))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(lighten(text)), "\n") {
			if strings.Contains(line, "box-shadow") || strings.Contains(line, "url(") || strings.Contains(line, "--danger-fill") {
				continue
			}
			if c := colour.FindString(line); c != "" {
				t.Errorf("%s.css: %s in %q is not a token", style, c, line)
			}
		}
	}
}

func TestBracesBalance(t *testing.T) {
	for _, style := range styles {
		text, err := os.ReadFile(filepath.Join("css", style+".css"))
		if err != nil {
			t.Fatal(err)
		}
		css := string(lighten(text))
		if open, closed := strings.Count(css, "{"), strings.Count(css, "}"); open != closed {
			t.Errorf("%s.css: %d opened, %d closed", style, open, closed)
		}
	}
}

// WCAG 2.2: 1.4.3 asks 4.5:1 of text, 1.4.11 asks 3:1 of what one must see to use a control or read a drawing.
func TestContrast(t *testing.T) {
	text, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := [2]map[string]string{{}, {}}
	for _, m := range pair.FindAllStringSubmatch(string(text), -1) {
		themes[0][m[1]], themes[1][m[1]] = m[2], m[3]
	}
	grounds := []string{"paper", "sheet", "sunk"}
	tests := []struct {
		front string
		backs []string
		least float64
	}{
		{"ink", append([]string{"accent-soft", "warning-soft", "danger-soft", "info-soft", "track"}, grounds...), 7},
		{"muted", grounds, 4.5},
		{"accent", append([]string{"accent-soft"}, grounds...), 4.5},
		{"accent-strong", grounds, 4.5},
		{"warning", append([]string{"warning-soft"}, grounds...), 4.5},
		{"danger", append([]string{"danger-soft"}, grounds...), 4.5},
		{"info", append([]string{"info-soft"}, grounds...), 4.5},
		{"on-accent", []string{"accent", "accent-strong"}, 4.5},
		{"edge", grounds, 3},
		{"accent", []string{"track"}, 3},
		{"accent-mid", []string{"paper", "sheet"}, 3},
		{"warning-mid", []string{"sheet"}, 3},
	}
	for i, theme := range []string{"light", "dark"} {
		for _, test := range tests {
			for _, back := range test.backs {
				got := contrast(t, themes[i][test.front], themes[i][back])
				if got < test.least {
					t.Errorf("%s: %s on %s is %.2f:1, want at least %.1f:1", theme, test.front, back, got, test.least)
				}
			}
		}
		if got := contrast(t, "ffffff", themes[i]["danger-fill"]); got < 4.5 {
			t.Errorf("%s: white on danger-fill is %.2f:1", theme, got)
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	l, m := luminance(t, a), luminance(t, b)
	return (math.Max(l, m) + 0.05) / (math.Min(l, m) + 0.05)
}

// luminance is WCAG's relative luminance of an sRGB colour of six hexadecimal digits.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 6 {
		t.Fatalf("%q is not a colour of tokens.css", colour)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

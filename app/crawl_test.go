package app

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/app/browser"
	"enveloppe/templates/words"
)

// links are the addresses of this site that a page leads to.
var links = regexp.MustCompile(`href="(/[^"#]*)`)

// numbers are what tells two pages of one kind apart.
var numbers = regexp.MustCompile(`\d{4}-\d{2}(-\d{2})?|\d+`)

// notPages are addresses that answer with something else than a page of the chrome.
var notPages = regexp.MustCompile(`^/(static|api|exports|digest/preview|(attachments|proofs)/\d+$|reviews/\d+/review\.pdf)`)

// kindOf is an address without its numbers and without the values of its query.
func kindOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	kind := numbers.ReplaceAllString(u.Path, "N")
	var names []string
	for name, values := range u.Query() {
		value := values[0]
		if numbers.MatchString(value) || slices.Contains([]string{"q", "to", "kind", "code"}, name) {
			value = ""
		}
		names = append(names, name+"="+value)
	}
	slices.Sort(names)
	return kind + "?" + strings.Join(names, "&")
}

// TestEveryPageIsSound goes wherever a link leads, in both languages, and holds each kind of page against what every
// page must keep: no violation of accessibility in light and dark, nothing wider than a phone of 320 px, no error in
// the console, nothing asked of another machine, no sentence missing. Pages go to ENVELOPPE_PAGES_DIR for the W3C
// checker when it is set.
func TestEveryPageIsSound(t *testing.T) {
	p := startProgram(t, true)
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			tab := browser.Start(t)
			tab.Emulate(1280, 900, false, lang)
			tab.Open(p.base + "/")
			if tab.Eval("document.documentElement.lang") != lang {
				tab.Eval(fmt.Sprintf(`document.querySelector('form[action="/language"] button[value=%s]').form.requestSubmit(document.querySelector('form[action="/language"] button[value=%s]'))`, lang, lang))
				tab.Wait("html[lang=" + lang + "] main")
			}
			visitAll(t, tab, p.base, lang)
			if errors := tab.ConsoleErrors(); len(errors) > 0 {
				t.Errorf("console: %v", errors)
			}
			if outside := tab.OutsideRequests(); len(outside) > 0 {
				t.Errorf("asked of other machines: %v", outside)
			}
		})
	}
	if missing := words.Missing(); len(missing) > 0 {
		t.Errorf("missing sentences: %v", missing)
	}
}

func visitAll(t *testing.T, tab *browser.Tab, base, lang string) {
	queue, seen := []string{"/"}, map[string]bool{kindOf("/"): true}
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		tab.Emulate(1280, 900, false, lang)
		tab.Open(base + address)
		html := served(t, tab, base+address)
		if !strings.Contains(html, `<main`) || strings.Contains(html, "⟦") {
			t.Errorf("%s is no whole page", address)
		}
		if tab.Text("h1") == "" {
			t.Errorf("%s has no heading", address)
		}
		checkLooks(t, tab, base+address, lang)
		keepPage(t, lang, kindOf(address), html)
		for _, m := range links.FindAllStringSubmatch(html, -1) {
			to := strings.ReplaceAll(m[1], "&amp;", "&")
			if kind := kindOf(to); !seen[kind] && !notPages.MatchString(to) {
				seen[kind] = true
				queue = append(queue, to)
			}
		}
	}
	t.Logf("%s: %d kinds of page", lang, len(seen))
	if len(seen) < 40 {
		t.Errorf("only %d kinds of page were found: the crawl lost its way", len(seen))
	}
}

func checkLooks(t *testing.T, tab *browser.Tab, address, lang string) {
	for _, look := range []struct {
		width int
		dark  bool
	}{{1280, false}, {320, true}} {
		tab.Emulate(look.width, 900, look.dark, lang)
		tab.Open(address)
		for _, v := range tab.Axe() {
			t.Errorf("%s at %d px: %s", address, look.width, v)
		}
		if wide := tab.Overflow(); len(wide) > 0 {
			t.Errorf("%s at %d px scrolls sideways: %v", address, look.width, wide)
		}
	}
}

// served is the page as it came from the program, before the browser read it.
func served(t *testing.T, tab *browser.Tab, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tab.Cookies() {
		req.AddCookie(c)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s answers %d", address, resp.StatusCode)
	}
	return string(body)
}

// keepPage writes the page down for the checker of the next step.
func keepPage(t *testing.T, lang, kind, html string) {
	dir := os.Getenv("ENVELOPPE_PAGES_DIR")
	if dir == "" {
		return
	}
	name := lang + regexp.MustCompile(`[^a-zA-Z0-9]+`).ReplaceAllString(kind, "-") + ".html"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(html), 0o600); err != nil {
		t.Error(err)
	}
}

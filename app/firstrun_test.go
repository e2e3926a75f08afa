package app

import (
	"context"
	"strings"
	"testing"

	"enveloppe/app/browser"
)

// TestTheFirstRunNeedsNoScript founds an organisation, adds its first service, signs out and in again, in a browser
// that runs no script of the pages.
func TestTheFirstRunNeedsNoScript(t *testing.T) {
	p := startProgram(t, false)
	code, err := p.FirstRunCode(context.Background())
	if err != nil || len(code) != 9 {
		t.Fatalf("the code is %q, %v", code, err)
	}
	tab := browser.Start(t)
	tab.Emulate(390, 844, false, "fr")
	tab.Scripts(false)
	tab.Open(p.base)
	if !strings.HasSuffix(tab.URL(), "/setup") {
		t.Fatalf("the first visit leads to %s", tab.URL())
	}
	tab.Fill("#code", strings.ToLower(code))
	tab.Fill("#name", "Les Amis du Lac")
	tab.Fill("#headcount", "5")
	tab.Fill("#floor", "800")
	tab.Fill("#ceiling", "700")
	tab.Fill("#person", "Claire Morel")
	tab.Fill("#email", "claire@example.org")
	tab.Fill("#password", "une phrase assez longue")
	tab.Click("main form .button.primary")
	if !strings.Contains(plain(tab.Text("#ceiling-error")), "plancher") {
		t.Fatalf("a ceiling under the floor is not refused in words: %s", tab.Text("main"))
	}
	tab.Fill("#ceiling", "1 000")
	tab.Fill("#password", "une phrase assez longue") // never sent back to the page
	tab.Click("main form .button.primary")
	if !strings.Contains(plain(tab.Text("main")), "Les Amis du Lac") || !tab.Has(`main a[href="/services/new"]`) {
		t.Fatalf("an empty register does not say what to do next: %s", tab.Text("main"))
	}

	tab.Open(p.base + "/services/new")
	tab.Fill("#name", "Framadate")
	tab.Select("#function", "Planification")
	tab.Click("main form .button.primary")
	if got := tab.Text("h1"); !strings.Contains(got, "Framadate") {
		t.Fatalf("after adding it the page is %q: %s", got, tab.Text("main"))
	}

	tab.Open(p.base + "/account")
	tab.Eval(`document.getElementById("menu").showPopover()`)
	tab.Click(`#menu form[action="/sign-out"] button`)
	tab.Open(p.base + "/services?q=frama")
	if !strings.Contains(tab.URL(), "/sign-in") {
		t.Fatalf("signed out, a page still opens: %s", tab.URL())
	}
	tab.Fill("#email", "claire@example.org")
	tab.Fill("#password", "une phrase assez longue")
	tab.Click("main form .button.primary")
	if !strings.HasSuffix(tab.URL(), "/services?q=frama") || !strings.Contains(tab.Text("main"), "Framadate") {
		t.Errorf("signed in, one is at %s: %s", tab.URL(), tab.Text("main"))
	}
}

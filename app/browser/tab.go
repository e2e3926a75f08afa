package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tab is one page of the browser. Every method ends the test with a sentence when what it is asked for cannot be
// done; selectors are CSS.
type Tab struct {
	t         testing.TB
	ctx       context.Context //nolint:containedctx // the tab is this context: chromedp keeps the page in it
	userAgent string

	mu       sync.Mutex
	console  []string
	requests []string
}

// Emulate sets the window's size in CSS pixels, light or dark, and the language that the browser asks pages for. It
// holds from the next Open on. Transitions are reduced throughout, so that no check meets a colour half-way.
func (p *Tab) Emulate(width, height int, dark bool, lang string) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	var opts []chromedp.EmulateViewportOption
	if width < 600 {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do("set the window", chromedp.EmulateViewport(int64(width), int64(height), opts...))
	call(p, "set light or dark", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			},
		})
		return err
	})
	call(p, "set the language", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: p.userAgent, AcceptLanguage: lang,
		})
		return err
	})
}

// Scripts switches the page's own scripts off, or on again, from the next Open on.
func (p *Tab) Scripts(on bool) {
	p.t.Helper()
	call(p, "switch scripts", func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// Open goes to an address and waits until the page is loaded.
func (p *Tab) Open(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Fill replaces what a field holds: text, a date as 2026-03-31, a number. A field that people cannot change fails.
func (p *Tab) Fill(selector, value string) {
	p.t.Helper()
	p.ask("fill "+selector, fillScript, selector, value)
}

// Select picks the option of a list by its value or by the text people read.
func (p *Tab) Select(selector, option string) {
	p.t.Helper()
	p.ask("select in "+selector, selectScript, selector, option)
}

// Upload chooses files of this machine in a file field.
func (p *Tab) Upload(selector string, paths ...string) {
	p.t.Helper()
	p.do("choose a file in "+selector, chromedp.SetUploadFiles(chromedp.CSS(selector), paths))
}

// Check ticks a box or a radio button, or unticks a box, by clicking it when it is not so yet.
func (p *Tab) Check(selector string, on bool) {
	p.t.Helper()
	if p.ask("read "+selector, `(selector) => String(one(selector).checked)`, selector) != fmt.Sprint(on) {
		p.Tap(selector)
	}
}

// Click clicks what selector finds, which must be one, visible and not covered, and waits for the page it leads to.
func (p *Tab) Click(selector string) {
	p.t.Helper()
	p.clickThrough("click "+selector, `(selector) => spot(one(selector))`, selector)
}

// ClickText does the same for the link or button that reads text, white space aside.
func (p *Tab) ClickText(text string) {
	p.t.Helper()
	p.clickThrough("click on "+text, `(text) => spot(reading(text))`, text)
}

// Tap clicks something that leads to no other page: a summary, a box, a button with a script of its own.
func (p *Tab) Tap(selector string) {
	p.t.Helper()
	at := p.spot("tap "+selector, `(selector) => spot(one(selector))`, selector)
	p.do("tap "+selector, chromedp.MouseClickXY(at.X, at.Y))
}

// Press sends keys to whatever has the focus, as in Press(browser.TabKey).
func (p *Tab) Press(keys string) {
	p.t.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// PressThrough sends keys and waits for the page they lead to.
func (p *Tab) PressThrough(keys string) {
	p.t.Helper()
	p.through("press keys", chromedp.KeyEvent(keys))
}

// Keys for Press.
const (
	TabKey    = kb.Tab
	EnterKey  = kb.Enter
	EscapeKey = kb.Escape
)

// Text gives what people read in the first element that selector finds, white space made single.
func (p *Tab) Text(selector string) string {
	p.t.Helper()
	return p.ask("read "+selector, `(selector) => flat(first(selector).innerText)`, selector)
}

// Texts gives the same for every element that selector finds, in the order of the page; none is no failure.
func (p *Tab) Texts(selector string) []string {
	p.t.Helper()
	var texts []string
	answer := p.ask("read all "+selector,
		`(selector) => JSON.stringify(Array.from(document.querySelectorAll(selector), e => flat(e.innerText)))`, selector)
	if err := json.Unmarshal([]byte(answer), &texts); err != nil {
		p.t.Fatalf("read all %s: %v", selector, err)
	}
	return texts
}

// Value gives what a field holds.
func (p *Tab) Value(selector string) string {
	p.t.Helper()
	return p.ask("read "+selector, `(selector) => String(one(selector).value)`, selector)
}

// Has tells whether selector finds anything, visible or not.
func (p *Tab) Has(selector string) bool {
	p.t.Helper()
	return p.ask("look for "+selector, `(selector) => String(document.querySelector(selector) !== null)`, selector) == "true"
}

// Visible tells whether selector finds something that takes room on the page.
func (p *Tab) Visible(selector string) bool {
	p.t.Helper()
	return p.ask("look for "+selector,
		`(selector) => String(Array.from(document.querySelectorAll(selector)).some(shown))`, selector) == "true"
}

// Wait returns once selector finds something visible: what a script adds is not there at once.
func (p *Tab) Wait(selector string) {
	p.t.Helper()
	p.do("wait for "+selector, chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Focused describes what has the focus, as in "a#skip" or "input[name=price]".
func (p *Tab) Focused() string {
	p.t.Helper()
	return p.ask("look for the focus", `() => name(document.activeElement)`)
}

// URL gives the page's address.
func (p *Tab) URL() string {
	p.t.Helper()
	return p.ask("read the address", `() => document.location.href`)
}

// HTML gives the page as it stands now, after its scripts.
func (p *Tab) HTML() string {
	p.t.Helper()
	return p.ask("read the page", `() => document.documentElement.outerHTML`)
}

// Overflow names the elements that make the page scroll sideways; none is what WCAG 1.4.10 asks at 320 px.
func (p *Tab) Overflow() []string {
	p.t.Helper()
	var wide []string
	if err := json.Unmarshal([]byte(p.ask("measure the page", overflowScript)), &wide); err != nil {
		p.t.Fatalf("measure the page: %v", err)
	}
	return wide
}

// Cookies gives the cookies of the page's address, to fetch with net/http what a browser would download.
func (p *Tab) Cookies() []*http.Cookie {
	p.t.Helper()
	var cookies []*http.Cookie
	call(p, "read cookies", func(ctx context.Context) error {
		result, err := chromedp.Call(ctx, network.GetCookies, network.GetCookiesParams{})
		for _, c := range result.Cookies {
			cookies = append(cookies, &http.Cookie{Name: c.Name, Value: c.Value})
		}
		return err
	})
	return cookies
}

// Screenshot writes the whole page as PNG, below the window's edge too, and makes the folders of path.
func (p *Tab) Screenshot(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, image, 0o644)
	}
	if err != nil {
		p.t.Fatalf("take a screenshot: %v", err)
	}
}

type point struct{ X, Y float64 }

// spot runs a script that scrolls to something and says where to click it.
func (p *Tab) spot(what, script string, args ...string) point {
	p.t.Helper()
	var at point
	if err := json.Unmarshal([]byte(p.ask(what, script, args...)), &at); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	return at
}

func (p *Tab) clickThrough(what, script string, args ...string) {
	p.t.Helper()
	at := p.spot(what, script, args...)
	p.through(what, chromedp.MouseClickXY(at.X, at.Y))
}

// through waits for the load that an action causes; it begins to listen before, so none is missed.
func (p *Tab) through(what string, action chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	call(p, what+" and wait for the next page", func(ctx context.Context) error {
		_, err := chromedp.Run(ctx, chromedp.WaitEvent(page.LoadEventFired, nil, action))
		return err
	})
}

func (p *Tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	call(p, what, func(ctx context.Context) error { return chromedp.Do(ctx, actions...) })
}

func call(p *Tab, what string, f func(context.Context) error) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	if err := f(ctx); err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
}

// ask calls a script's function with text and gets text. What it throws ends the test, with the address and the
// page's own words, which say more than a selector that found nothing.
func (p *Tab) ask(what, script string, args ...string) string {
	p.t.Helper()
	quoted, err := json.Marshal(append([]string{}, args...)) // none is [], not null
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, limit)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[answer](fmt.Sprintf(askScript, lookScript, script, quoted)))
	if err != nil {
		p.t.Fatalf("%s: %v", what, err)
	}
	if answer.Problem != "" {
		p.t.Fatalf("%s: %s\nat %s, which reads:\n%s", what, answer.Problem, answer.URL, answer.Text)
	}
	return answer.Value
}

type answer struct {
	Value   string `json:"value"`
	Problem string `json:"problem"`
	URL     string `json:"url"`
	Text    string `json:"text"`
}

// Eval gives the value of an expression in the page as text, for what no other method asks.
func (p *Tab) Eval(expression string) string {
	p.t.Helper()
	return p.ask("evaluate "+expression, "() => String("+expression+")")
}

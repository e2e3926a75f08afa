package browser

import (
	"context"
	_ "embed" // for the checker's script
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, MPL 2.0, unchanged: see axe/LICENSE.
//
//go:embed axe/axe.min.js
var axeScript string

// Violation is one rule of accessibility that the page breaks, and where.
type Violation struct {
	ID     string   `json:"id"`     // "image-alt"
	Impact string   `json:"impact"` // minor, moderate, serious, critical
	Help   string   `json:"help"`   // the rule in a sentence
	Nodes  []string `json:"nodes"`  // a selector and the start of the HTML of each place
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n    %s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n    "))
}

// axeRun asks for WCAG 2.2 A and AA and the checker's good practices. target-size belongs to WCAG 2.2 and is off in
// axe-core unless it is named.
const axeRun = `axe.run(document, {
	resultTypes: ["violations"],
	runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
	rules: {"target-size": {enabled: true}},
}).then(r => JSON.stringify(r.violations.map(v => ({
	id: v.id, impact: v.impact, help: v.help,
	nodes: v.nodes.map(n => n.target.join(" ") + "  " + n.html.slice(0, 160)),
}))))`

// Axe checks the page as it is shown now with axe-core.
func (p *Tab) Axe() []Violation {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 3*limit)
	defer cancel()
	var found []Violation
	err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axeScript))
	if err == nil {
		var report string
		report, err = chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
		if err == nil {
			err = json.Unmarshal([]byte(report), &found)
		}
	}
	if err != nil {
		p.t.Fatalf("check accessibility: %v", err)
	}
	return found
}

// ConsoleErrors lists what went wrong in the tab since it was opened: errors that scripts threw or wrote, files that
// were missing, and what the content security policy stopped. The answer 422 to a form is not one of them.
func (p *Tab) ConsoleErrors() []string {
	p.t.Helper()
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.console)
}

// OutsideRequests lists the addresses that the tab asked for on other machines; they were not reached.
func (p *Tab) OutsideRequests() []string {
	p.t.Helper()
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	var outside []string
	for _, request := range p.requests {
		if isOutside(request) {
			outside = append(outside, request)
		}
	}
	return outside
}

// settle lets the browser answer once: what happened before has then been noted, for events and answers keep their
// order.
func (p *Tab) settle() {
	p.t.Helper()
	p.ask("reach the page", `() => ""`)
}

func isOutside(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		host := u.Hostname()
		return host != "127.0.0.1" && host != "localhost" && host != "::1"
	}
	return false
}

// note runs inside the loop that reads the browser's messages: it only keeps.
func (p *Tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !isRefusedForm(e.Entry) {
			p.console = append(p.console, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			p.console = append(p.console, said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		p.console = append(p.console, text)
	}
}

// isRefusedForm tells Chromium's complaint about any answer from 400 on from one that we mean: a form with a mistake
// comes back with 422.
func isRefusedForm(e *log.Entry) bool {
	return e.Source == log.EntrySourceNetwork && strings.Contains(e.Text, "status of 422")
}

func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		var text string
		if err := json.Unmarshal(arg.Value, &text); err != nil {
			text = arg.Description
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

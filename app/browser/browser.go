// Package browser drives a real Chromium in tests: pages are opened, filled and read as a person does, then checked
// for accessibility, for errors in the console and for requests that leave the machine.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// limit bounds every single action: far more than any needs, so that only what never happens meets it.
const limit = 20 * time.Second

// process is the one browser of a test binary; each tab has its own cookies and cache in it.
var process struct {
	sync.Mutex
	chromium *chromium
}

type chromium struct {
	ctx       context.Context //nolint:containedctx // lives as long as the test binary
	cancel    context.CancelFunc
	userAgent string
}

// Main runs a package's tests and closes the browser after the last: os.Exit(browser.Main(m)) in TestMain. Without
// it the browser still ends with the tests, but leaves its profile in the temporary directory.
func Main(m *testing.M) int {
	defer stop()
	return m.Run()
}

// Start opens an empty tab in Chromium, 1280 × 900, light, in French, and closes it when the test ends.
//
// Chromium is looked for in ENVELOPPE_CHROMIUM, then under its usual names in PATH. Where there is none the test is
// skipped; with ENVELOPPE_REQUIRE_BROWSER set, as the checks before a merge do, it fails.
func Start(t testing.TB) *Tab {
	t.Helper()
	path, err := find(os.Getenv, exec.LookPath)
	if err != nil {
		if os.Getenv("ENVELOPPE_REQUIRE_BROWSER") != "" {
			t.Fatalf("a browser is required: %v", err)
		}
		t.Skipf("NOT TESTED IN A BROWSER: %v", err)
	}
	chromium, err := running(path)
	if err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, userAgent: chromium.userAgent}
	if err := chromedp.Listen(ctx, tab.note); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.Emulate(1280, 900, false, "fr")
	return tab
}

// find gives the program to start.
func find(getenv func(string) string, lookPath func(string) (string, error)) (string, error) {
	if chosen := getenv("ENVELOPPE_CHROMIUM"); chosen != "" {
		path, err := lookPath(chosen)
		if err != nil {
			return "", fmt.Errorf("ENVELOPPE_CHROMIUM: %w", err)
		}
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := lookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium, chromium-browser or google-chrome in PATH, and ENVELOPPE_CHROMIUM is not set")
}

// running starts the browser at the first call.
func running(path string) (*chromium, error) {
	process.Lock()
	defer process.Unlock()
	if process.chromium != nil {
		return process.chromium, nil
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options(path)...)
	ctx, cancelBrowser := chromedp.NewContext(allocator)
	cancel := func() {
		// Asked to close, the browser clears its files away; killed, it leaves them behind.
		patience, enough := context.WithTimeout(ctx, limit)
		defer enough()
		_ = chromedp.Cancel(patience)
		cancelBrowser()
		cancelAllocator()
	}
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("talk to the browser: %w", err)
	}
	process.chromium = &chromium{ctx, cancel, version.UserAgent}
	return process.chromium, nil
}

func stop() {
	process.Lock()
	defer process.Unlock()
	if process.chromium != nil {
		process.chromium.cancel()
		process.chromium = nil
	}
}

// options keep the browser to this machine and its drawings the same everywhere.
func options(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // containers run as root, where Chromium refuses to start with it; pages are our own
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("disable-lcd-text", true),
		chromedp.Flag("hide-scrollbars", true),
	)
}

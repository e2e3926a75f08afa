package browser_test

import (
	"errors"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"enveloppe/app/browser"

	"github.com/google/go-cmp/cmp"
)

func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }

// pages is a small site with one of everything that the tab must tell apart.
var pages = map[string]string{
	"/": `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Accueil</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>:root { color-scheme: light dark } @media (prefers-color-scheme: dark) { #scheme::after { content: "sombre" } }
li { margin: 1rem } input, select, button { min-height: 2rem; min-width: 2rem }</style></head>
<body><main><h1>Services</h1>
<p id="price">91,20&nbsp;€   par
an</p><p id="scheme"></p><p hidden id="hidden">caché</p>
<form action="/saved" method="post">
<p><label for="name">Nom</label> <input id="name" name="name" value="avant"></p>
<p><label for="day">Jour</label> <input id="day" name="day" type="date"></p>
<p><label for="seats">Sièges</label> <input id="seats" name="seats" type="number"></p>
<p><label for="plan">Formule</label> <select id="plan" name="plan"><option value="1">Gratuite</option><option value="2">Premium</option></select></p>
<p><label><input id="auto" type="checkbox" name="auto"> Tacite reconduction</label></p>
<p><label for="fixed">Fixe</label> <input id="fixed" name="fixed" readonly value="1"></p>
<p><button>Enregistrer</button></p></form>
<details><summary>Plus</summary><p id="more">Détail</p></details>
<ul><li><a href="/next">Suite</a></li><li><a href="/a">Modifier</a></li><li><a href="/b">Modifier</a></li></ul>
</main></body></html>`,
	"/next":   `<!doctype html><html lang="fr"><title>Suite</title><link rel="icon" href="data:,"><main><h1>Suite</h1></main></html>`,
	"/no-alt": `<!doctype html><html lang="fr"><title>Image</title><link rel="icon" href="data:,"><main><h1>Image</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="></main></html>`,
	"/small-targets": `<!doctype html><html lang="fr"><title>Cibles</title><link rel="icon" href="data:,"><main><h1>Cibles</h1>
<button style="width:12px;height:12px;padding:0" aria-label="un"></button><button style="width:12px;height:12px;padding:0" aria-label="deux"></button></main></html>`,
	"/errors": `<!doctype html><html lang="fr"><title>Erreurs</title><link rel="icon" href="data:,"><h1>Erreurs</h1>
<script>console.error("écrit", 42); console.log("tu"); undefinedFunction();</script><script src="/missing.js"></script>
<img alt="" src="https://tracker.example.com/pixel.gif"></html>`,
	"/wide":    `<!doctype html><html lang="fr"><title>Large</title><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><main><p id="far" style="width:900px">large</p><div style="overflow-x:auto"><p id="inside" style="width:900px">dans sa boîte</p></div></main></html>`,
	"/script":  `<!doctype html><html lang="fr"><title>Script</title><link rel="icon" href="data:,"><main><p id="state">sans</p><button id="go">Agir</button></main><script>state.textContent = "avec"; go.onclick = () => setTimeout(() => state.insertAdjacentHTML("afterend", "<p id=late>tard</p>"), 30)</script></html>`,
	"/covered": `<!doctype html><html lang="fr"><title>Couvert</title><link rel="icon" href="data:,"><a href="/next">Suite</a><div style="position:fixed;inset:0">devant</div></html>`,
}

func site(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch html, found := pages[r.URL.Path]; {
		case found:
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "abc", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
			_, _ = w.Write([]byte(html))
		case r.URL.Path == "/saved":
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`<!doctype html><html lang="fr"><title>Enregistré</title><link rel="icon" href="data:,"><main><h1>` +
				strings.Join([]string{r.FormValue("name"), r.FormValue("day"), r.FormValue("seats"), r.FormValue("plan"), r.FormValue("auto")}, " · ") +
				`</h1><p id="lang">` + r.Header.Get("Accept-Language") + `</p></main></html>`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestFillAndSend(t *testing.T) {
	p, url := browser.Start(t), site(t)
	p.Open(url + "/")
	p.Fill("#name", "Théâtre d’été")
	p.Fill("#day", "2026-03-31")
	p.Fill("#seats", "12")
	p.Select("#plan", "Premium")
	p.Check("#auto", true)
	p.Check("#auto", true) // already so: stays
	if got := p.Value("#name"); got != "Théâtre d’été" {
		t.Errorf("field holds %q", got)
	}
	p.ClickText("Enregistrer")
	if got, want := p.Text("h1"), "Théâtre d’été · 2026-03-31 · 12 · 2 · on"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if got := p.URL(); got != url+"/saved" {
		t.Errorf("address %s", got)
	}
	if got := p.Text("#lang"); got != "fr" {
		t.Errorf("asked for language %q", got)
	}
	if got := p.ConsoleErrors(); len(got) != 0 {
		t.Errorf("console: %q: 422 is the answer to a form with a mistake", got)
	}
}

func TestRead(t *testing.T) {
	p := browser.Start(t)
	p.Open(site(t) + "/")
	if got := p.Text("#price"); got != "91,20 € par an" {
		t.Errorf("Text = %q", got)
	}
	if diff := cmp.Diff([]string{"Suite", "Modifier", "Modifier"}, p.Texts("li")); diff != "" {
		t.Errorf("Texts (-want +got):\n%s", diff)
	}
	if got := p.Texts(".none"); len(got) != 0 {
		t.Errorf("Texts of nothing = %q", got)
	}
	if !p.Has("#hidden") || p.Has("#nowhere") || p.Visible("#hidden") || !p.Visible("#price") {
		t.Error("Has or Visible is wrong")
	}
	if p.Visible("#more") {
		t.Error("closed details are visible")
	}
	p.Tap("summary")
	if !p.Visible("#more") {
		t.Error("open details are not visible")
	}
	if got := p.HTML(); !strings.Contains(got, "<details open") {
		t.Errorf("HTML is not of now: %s", got)
	}
	if got := p.Cookies(); len(got) != 1 || got[0].Name != "session" || got[0].Value != "abc" {
		t.Errorf("Cookies = %v", got)
	}
}

func TestFollow(t *testing.T) {
	p, url := browser.Start(t), site(t)
	for name, click := range map[string]func(){
		"by selector": func() { p.Click(`a[href="/next"]`) },
		"by text":     func() { p.ClickText("Suite") },
		"by keyboard": func() {
			for range 30 {
				p.Press(browser.TabKey)
				if p.Focused() == "a" {
					p.PressThrough(browser.EnterKey)
					return
				}
			}
			t.Error("the keyboard never came to the link")
		},
	} {
		p.Open(url + "/")
		click()
		if got := p.URL(); got != url+"/next" {
			t.Errorf("%s: at %s", name, got)
		}
		if got := p.Text("h1"); got != "Suite" {
			t.Errorf("%s: heading %q", name, got)
		}
	}
}

func TestTabsShareNothing(t *testing.T) {
	url := site(t)
	one := browser.Start(t)
	one.Open(url + "/")
	other := browser.Start(t)
	other.Open(url + "/saved")
	if got := other.Cookies(); len(got) != 0 {
		t.Errorf("a new tab has the cookies of another: %v", got)
	}
}

func TestEmulate(t *testing.T) {
	p, url := browser.Start(t), site(t)
	p.Emulate(320, 640, true, "en")
	p.Open(url + "/")
	if got := p.Eval(`getComputedStyle(scheme, "::after").content`); got != `"sombre"` {
		t.Errorf("dark style %s", got)
	}
	if got := p.Eval(`innerWidth + " × " + innerHeight`); got != "320 × 640" {
		t.Errorf("window %s", got)
	}
	if got := p.Eval(`navigator.language`); got != "en" {
		t.Errorf("language %s", got)
	}
	if got := p.Overflow(); len(got) != 0 {
		t.Errorf("overflow %q", got)
	}
	p.Open(url + "/wide")
	if diff := cmp.Diff([]string{"p#far ends at 908"}, p.Overflow()); diff != "" {
		t.Errorf("overflow (-want +got):\n%s", diff)
	}
}

func TestScripts(t *testing.T) {
	p, url := browser.Start(t), site(t)
	p.Open(url + "/script")
	if got := p.Text("#state"); got != "avec" {
		t.Errorf("with scripts: %q", got)
	}
	p.Tap("#go")
	p.Wait("#late")
	p.Scripts(false)
	p.Open(url + "/script")
	if got := p.Text("#state"); got != "sans" {
		t.Errorf("without scripts: %q", got)
	}
	p.Open(url + "/")
	p.ClickText("Suite") // everything works on a page that has none
	if got := p.Text("h1"); got != "Suite" {
		t.Errorf("without scripts, at %q", got)
	}
}

func TestScreenshot(t *testing.T) {
	p := browser.Start(t)
	p.Emulate(400, 300, false, "fr")
	p.Open(site(t) + "/")
	path := filepath.Join(t.TempDir(), "new", "page.png")
	p.Screenshot(path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	image, err := png.Decode(f)
	if err != nil {
		t.Fatalf("not a PNG: %v", err)
	}
	if size := image.Bounds().Size(); size.X != 400 || size.Y <= 300 {
		t.Errorf("%v, want the whole page at 400 wide", size)
	}
}

func TestAxe(t *testing.T) {
	p, url := browser.Start(t), site(t)
	ids := func(path string) []string {
		p.Open(url + path)
		var found []string
		for _, v := range p.Axe() {
			found = append(found, v.ID)
			if !strings.Contains(v.String(), v.Nodes[0]) {
				t.Errorf("%s does not say where", v)
			}
		}
		return found
	}
	for path, want := range map[string][]string{
		"/": nil, "/no-alt": {"image-alt"}, "/small-targets": {"target-size"},
	} {
		if diff := cmp.Diff(want, ids(path)); diff != "" {
			t.Errorf("violations on %s (-want +got):\n%s", path, diff)
		}
	}
}

func TestConsoleAndOutside(t *testing.T) {
	p, url := browser.Start(t), site(t)
	p.Open(url + "/")
	if got := append(p.ConsoleErrors(), p.OutsideRequests()...); len(got) != 0 {
		t.Errorf("a clean page: %q", got)
	}
	p.Open(url + "/errors")
	all := strings.Join(p.ConsoleErrors(), "\n")
	for _, want := range []string{"écrit 42", "undefinedFunction is not defined", "404", "tracker.example.com"} {
		if !strings.Contains(all, want) {
			t.Errorf("console lacks %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "tu") && !strings.Contains(all, "status") {
		t.Errorf("what is no error is in the console errors:\n%s", all)
	}
	if diff := cmp.Diff([]string{"https://tracker.example.com/pixel.gif"}, p.OutsideRequests()); diff != "" {
		t.Errorf("outside (-want +got):\n%s", diff)
	}
}

// failure stands between a tab and its test: Fatalf is kept and ends the goroutine, as the real one does.
type failure struct {
	testing.TB
	said string
}

func (f *failure) Helper() {}

func (f *failure) Fatalf(format string, args ...any) {
	f.said = strings.TrimSpace(format)
	for _, a := range args {
		switch a := a.(type) {
		case string:
			f.said += " " + a
		case error:
			f.said += " " + a.Error()
		}
	}
	panic(errStopped)
}

func (f *failure) Skipf(format string, args ...any) { f.Fatalf("skipped: "+format, args...) }

var errStopped = errors.New("stopped")

// during runs f until it ends or the tab ends the test, and gives what was said.
func (f *failure) during(act func()) (said string) {
	f.said = ""
	defer func() {
		said = f.said
		if r := recover(); r != nil && r != errStopped { //nolint:errorlint // the very value
			panic(r)
		}
	}()
	act()
	return f.said
}

func TestFailuresSayWhy(t *testing.T) {
	url := site(t)
	cases := []struct {
		name, path string
		act        func(*browser.Tab)
		want       string
	}{
		{"nothing found", "/", func(p *browser.Tab) { p.Text("#nowhere") }, "nothing is found"},
		{"several found", "/", func(p *browser.Tab) { p.Click("a") }, "3 are found"},
		{"no such text", "/", func(p *browser.Tab) { p.ClickText("Supprimer") }, "there is: Enregistrer"},
		{"several texts", "/", func(p *browser.Tab) { p.ClickText("Modifier") }, "2 read so"},
		{"hidden", "/", func(p *browser.Tab) { p.Tap("#hidden") }, "not visible"},
		{"covered", "/covered", func(p *browser.Tab) { p.Click("a") }, "covered by div"},
		{"read-only", "/", func(p *browser.Tab) { p.Fill("#fixed", "2") }, "cannot be changed"},
		{"no day", "/", func(p *browser.Tab) { p.Fill("#day", "31/03/2026") }, "does not take 31/03/2026"},
		{"no option", "/", func(p *browser.Tab) { p.Select("#plan", "Or") }, "Gratuite | Premium"},
		{"bad selector", "/", func(p *browser.Tab) { p.Text("[[") }, "not a valid selector"},
		{"says where it is", "/next", func(p *browser.Tab) { p.Text("#nowhere") }, "/next"},
		{"nobody there", "/", func(p *browser.Tab) { p.Open("http://127.0.0.1:1/") }, "ERR_"},
		{"outside", "/", func(p *browser.Tab) { p.Open("https://example.com/") }, "ERR_NAME_NOT_RESOLVED"},
	}
	f := &failure{TB: t}
	p := browser.Start(f)
	for _, c := range cases {
		p.Open(url + c.path)
		if said := f.during(func() { c.act(p) }); !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q, want %q in it", c.name, said, c.want)
		}
	}
}

func TestWithoutBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("ENVELOPPE_CHROMIUM", "")
	f := &failure{TB: t}
	t.Setenv("ENVELOPPE_REQUIRE_BROWSER", "1")
	if said := f.during(func() { browser.Start(f) }); !strings.HasPrefix(said, "a browser is required") {
		t.Errorf("said %q", said)
	}
	t.Setenv("ENVELOPPE_REQUIRE_BROWSER", "")
	if said := f.during(func() { browser.Start(f) }); !strings.HasPrefix(said, "skipped: NOT TESTED IN A BROWSER") {
		t.Errorf("said %q", said)
	}
}

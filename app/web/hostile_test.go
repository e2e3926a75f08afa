package web

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"enveloppe/models"
)

// mark is in every hostile text that would make markup or a header of its own, so that an answer where it has can be told.
const mark = "zqx7"

// hostile is what nobody types by accident, and what people do.
var hostile = []string{
	`"><` + mark + ` onload=alert(1)>`, `'><` + mark + `>`, ` ` + mark + `=1 onfocus=` + mark, `</script><` + mark + `>`, `</textarea></title></style><` + mark + `>`,
	`--><` + mark + `>`, `{{.}}<` + mark + `>{{printf "%s" .}}`, "javascript:" + mark + "()", "data:text/html,<" + mark + ">", "//" + mark + ".example", `/\` + mark + ".example",
	mark + "\r\nZqx7: 1\r\nSet-Cookie: " + mark + "=1\r\n\r\n<" + mark + ">", "\x00\x01\x1b" + mark, "\xff\xfe<" + mark + ">\xc0\xaf", "\u202e" + mark + "\u2028\u2066", mark + "\u0000",
	`' OR 1=1; DROP TABLE audit; --`, `%' ESCAPE '\`, `=HYPERLINK("http://` + mark + `")`, "../../../../etc/passwd", "%00%0d%0aZqx7:1", `[]{}()*+?.^$|\`,
	"-1", "0", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1e309", "NaN", "0x1F", "1,00000000000000000001", "99999999999,99", "٣٤",
	"2026-13-45", "0001-01-01", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-30", "31/12/2026", "EUR", "usd", "XXX", "fr", "on", "", " ",
	"é", strings.Repeat("e\u0301", 5000), strings.Repeat("<"+mark+">", 4000), strings.Repeat("9", 40_000), strings.Repeat("\U0001F3F3\uFE0F\u200D\U0001F308", 500),
}

// form is one of the site's own forms as a page shows it.
type form struct {
	page, action, method string
	files                bool
	fields               []formField
}

type formField struct {
	name, value string
	file        bool
}

// key tells one kind of form from another: forms of one kind differ in numbers only.
func (f form) key() string {
	names := make([]string, 0, len(f.fields))
	for _, field := range f.fields {
		names = append(names, field.name)
	}
	slices.Sort(names)
	return f.method + " " + shape(f.action) + " " + strings.Join(slices.Compact(names), ",")
}

var figures = regexp.MustCompile(`\d{4}-\d{2}(-\d{2})?|\d+|[\w-]{43}`)

func shape(address string) string { return figures.ReplaceAllString(address, "N") }

// crawl goes wherever a link of a page leads, and gives each kind of form and the names every address was asked with.
func (s *site) crawl(check func(path string, a answer)) (forms []form, queries map[string][]string) {
	s.t.Helper()
	queue, seen, known := []string{"/"}, map[string]bool{}, map[string]bool{}
	queries = map[string][]string{}
	for len(queue) > 0 && len(seen) < 400 {
		path := queue[0]
		queue = queue[1:]
		a := s.get(path)
		check(path, a)
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		links, found := read(s.t, path, a.body)
		for _, f := range found {
			if k := f.key(); !known[k] {
				known[k] = true
				forms = append(forms, f)
			}
			if f.method == http.MethodGet {
				for _, field := range f.fields {
					queries[f.action] = append(queries[f.action], field.name)
				}
			}
		}
		for _, to := range links {
			u, err := url.Parse(to)
			if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "/static/") {
				continue
			}
			queries[u.Path] = append(queries[u.Path], slices.Collect(maps.Keys(u.Query()))...)
			names := slices.Sorted(maps.Keys(u.Query()))
			if k := shape(u.Path) + "?" + strings.Join(names, "&"); !seen[k] {
				seen[k] = true
				queue = append(queue, u.RequestURI())
			}
		}
	}
	return forms, queries
}

// read finds the links and forms of a page.
func read(t testing.TB, path, body string) (links []string, forms []form) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "a":
			links = append(links, attributeOf(n, "href"))
		case n.Data == "form":
			f := form{page: path, action: attributeOf(n, "action"), method: strings.ToUpper(attributeOf(n, "method")), files: attributeOf(n, "enctype") == "multipart/form-data"}
			if f.action == "" {
				f.action = path
			}
			if f.method == "" {
				f.method = http.MethodGet
			}
			f.action, _, _ = strings.Cut(f.action, "#")
			for field := range n.Descendants() {
				if field.Type == html.ElementNode && attributeOf(field, "name") != "" {
					f.fields = append(f.fields, formField{attributeOf(field, "name"), valueOf(field), attributeOf(field, "type") == "file"})
				}
			}
			forms = append(forms, f)
		}
	}
	return links, forms
}

func attributeOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// valueOf is what a field holds, of a list the last choice; an empty one gets what it may well take, and markup where
// any text goes, so that the forms for something new are taken too.
func valueOf(n *html.Node) string {
	value := attributeOf(n, "value")
	for child := range n.Descendants() {
		switch {
		case n.Data == "textarea" && child.Type == html.TextNode:
			value += child.Data
		case child.Type == html.ElementNode && child.Data == "option":
			value = attributeOf(child, "value")
		}
	}
	if value != "" || n.Data == "select" || n.Data == "button" {
		return value
	}
	switch kind := attributeOf(n, "type") + attributeOf(n, "class"); kind {
	case "datedate":
		return "2026-11-20"
	case "amount", "count":
		return "12"
	case "code":
		return "EUR"
	case "email":
		return "new@example.org"
	case "url":
		return "https://example.org/?" + mark
	case "", "text", "search":
		return `<` + mark + ` a='b'>"&`
	}
	return ""
}

// send submits a form with some of its fields changed, and goes where the answer leads.
func (s *site) fill(f form, changed map[string]string) []answer {
	s.t.Helper()
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	values := url.Values{}
	for _, field := range f.fields {
		values.Set(field.name, field.value)
	}
	for name, value := range changed {
		values.Set(name, value)
	}
	if f.files {
		w := multipart.NewWriter(&body)
		kind = w.FormDataContentType()
		for _, field := range f.fields {
			if field.file {
				part, err := w.CreateFormFile(field.name, changed[field.name])
				if err == nil {
					_, err = part.Write([]byte("%PDF-1.4 " + changed[field.name]))
				}
				if err != nil {
					s.t.Fatal(err)
				}
			} else if err := w.WriteField(field.name, values.Get(field.name)); err != nil {
				s.t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			s.t.Fatal(err)
		}
	} else if f.method != http.MethodGet {
		body.WriteString(values.Encode())
	}
	address := s.server.URL + f.action
	if f.method == http.MethodGet {
		address += "?" + values.Encode()
	}
	req, err := http.NewRequestWithContext(context.Background(), f.method, address, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Referer", s.server.URL+f.page)
	answers := []answer{s.do(req)}
	if to := answers[0].header.Get("Location"); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
		answers = append(answers, s.get(to))
	}
	return answers
}

// harmless checks that an answer is no fault and that nothing of what was typed has become markup, a header or a way
// out of the site.
func harmless(t testing.TB, about string, a answer) {
	t.Helper()
	if a.status == http.StatusRequestHeaderFieldsTooLarge { // said by the server before there is a site
		return
	}
	if a.status >= http.StatusInternalServerError {
		t.Errorf("%s: status %d\n%s", about, a.status, excerpt(a.body))
	}
	for name, values := range a.header {
		if strings.Contains(strings.ToLower(name), mark) {
			t.Errorf("%s: a header %s", about, name)
		}
		for _, v := range values {
			if strings.ContainsAny(v, "\r\n\x00") || (name == "Set-Cookie" && !strings.HasPrefix(v, "enveloppe-")) {
				t.Errorf("%s: %s: %q", about, name, v)
			}
		}
	}
	if to := a.header.Get("Location"); to != "" && (!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`)) {
		t.Errorf("%s: leads to %q", about, to)
	}
	kind := a.header.Get("Content-Type")
	if a.body != "" && !strings.HasPrefix(kind, "text/html; charset=") {
		if a.header.Get("X-Content-Type-Options") != "nosniff" || (!strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") && !strings.HasPrefix(kind, "text/plain") && !strings.HasPrefix(kind, "image/")) {
			t.Errorf("%s: %s, %q: a browser might show it", about, kind, a.header.Get("Content-Disposition"))
		}
		return
	}
	wellEscaped(t, about, a.body, a.header.Get("Content-Security-Policy") == previewPolicy)
}

// wellEscaped reads a page as a browser does. A letter's preview has styles of its own, as mail programs need them.
func wellEscaped(t testing.TB, about, body string, letter bool) {
	t.Helper()
	if at := strings.Index(body, "ZgotmplZ"); at >= 0 || strings.Contains(body, "⟦") {
		t.Errorf("%s: an unsafe value or a missing sentence: %s", about, body[max(0, at-200):min(len(body), max(0, at)+200)])
	}
	z := html.NewTokenizer(strings.NewReader(body))
	for raw := ""; ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		token := z.Token()
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			raw = token.Data
			if strings.Contains(token.Data, mark) {
				t.Errorf("%s: an element <%s>", about, token.Data)
			}
			for _, a := range token.Attr {
				scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ":")
				acts := slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href", "data"}, a.Key)
				if strings.Contains(a.Key, mark) || strings.HasPrefix(a.Key, "on") || (a.Key == "style" && !letter) || a.Key == "srcdoc" ||
					(acts && (scheme == "javascript" || scheme == "vbscript" || (scheme == "data" && token.Data != "img"))) {
					t.Errorf("%s: <%s %s=%q>", about, token.Data, a.Key, a.Val)
				}
				if acts && (strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, `/\\`)) {
					t.Errorf("%s: <%s %s=%q> leaves the site", about, token.Data, a.Key, a.Val)
				}
			}
		case html.TextToken:
			if (raw == "script" || (raw == "style" && !letter)) && strings.TrimSpace(token.Data) != "" {
				t.Errorf("%s: something inline: %.80q", about, token.Data)
			}
		case html.CommentToken, html.DoctypeToken:
			if strings.Contains(token.Data, mark) {
				t.Errorf("%s: in a comment: %.80q", about, token.Data)
			}
		default:
			raw = ""
		}
	}
}

// away are forms after which the rest of the visit is another one: they come last, in this order.
var away = []string{"archive", "departure", "removal", "reversal", "closings", "clos", "leave", "sessions", "sign-out"}

func distance(f form) int {
	return slices.IndexFunc(away, func(word string) bool { return strings.Contains(f.action, word) })
}

func cutTo(n int, s string) string { return s[:min(len(s), n)] }

// some is a choice among the hostile texts that is the same every time and differs from field to field.
func some(n int, about ...string) []string {
	h := fnv.New32a()
	for _, text := range about {
		_, _ = h.Write([]byte(text))
	}
	out := make([]string, n)
	for i := range out {
		out[i] = hostile[(int(h.Sum32()%1_000_003)+i*7)%len(hostile)]
	}
	return out
}

// Every form of every page, with what is hostile in all its fields at once and in each by itself; then every page once
// more, which now show what was taken.
func TestHostileFormsDoNoHarm(t *testing.T) {
	s := newSite(t).as(models.Director)
	director := s.mustBe(models.Director)
	forms, _ := s.crawl(func(string, answer) {})
	slices.SortStableFunc(forms, func(a, b form) int { return distance(a) - distance(b) })
	taken, sent := 0, 0
	try := func(f form, about string, changed map[string]string) {
		sent++
		for i, a := range s.fill(f, changed) {
			harmless(t, fmt.Sprintf("%s %s with %s (answer %d)", f.method, f.action, about, i), a)
			if i == 0 && a.status == http.StatusSeeOther && f.method == http.MethodPost {
				taken++
			}
			if strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
				s.asPerson(director)
			}
		}
	}
	for _, f := range forms {
		for _, text := range some(6, f.key()) {
			all := map[string]string{}
			for _, field := range f.fields {
				if field.name != "version" {
					all[field.name] = text
				}
			}
			try(f, fmt.Sprintf("%.60q everywhere", text), all)
		}
		for _, field := range f.fields {
			for _, text := range some(3, f.key(), field.name) {
				try(f, fmt.Sprintf("%s=%.60q", field.name, text), map[string]string{field.name: text})
			}
		}
		if t.Failed() {
			return // one form that fails fails often
		}
	}
	pages := 0
	s.crawl(func(path string, a answer) { pages++; harmless(t, "afterwards "+path, a) })
	t.Logf("%d kinds of form, %d sent, %d taken, %d pages", len(forms), sent, taken, pages)
	if len(forms) < 60 || taken < 60 || pages < 60 {
		t.Errorf("%d kinds of form, %d sent, %d taken, %d pages: the crawl lost its way", len(forms), sent, taken, pages)
	}
}

var asksFor = regexp.MustCompile(`(?:QueryParam|FormValue|typed|queryID)\((?:c, )?"([a-z_0-9.]+)"`)

// askedNames are all the names that the handlers ask a request for.
func askedNames(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asksFor.FindAllStringSubmatch(string(source), -1) {
			names[m[1]] = true
		}
	}
	if len(names) < 30 {
		t.Fatalf("only %d names: the handlers ask otherwise now", len(names))
	}
	return slices.Sorted(maps.Keys(names))
}

// Every route of the router, asked with every name any handler asks for and any link has; and every place in an address.
func TestHostileQueriesDoNoHarm(t *testing.T) {
	s := newSite(t).as(models.Director)
	director := s.mustBe(models.Director)
	names := askedNames(t)
	there := map[string]string{} // of a route, an address that is there
	_, queries := s.crawl(func(path string, a answer) {
		if a.status == http.StatusOK {
			at, _, _ := strings.Cut(path, "?")
			there[shape(at)] = at
		}
	})
	for _, more := range queries {
		names = append(names, more...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	eachRoute(t, s, func(t *testing.T, route, method, path string) {
		addresses := []string{parameter.ReplaceAllString(path, url.PathEscape(cutTo(300, some(1, route)[0])))}
		at := parameter.ReplaceAllString(path, "1")
		if known := there[shape(at)]; known != "" {
			at = known
		}
		for _, text := range some(4, route, "query") {
			q := url.Values{}
			for _, name := range names {
				q.Set(name, text)
			}
			if len(text) > 400 {
				q = url.Values{names[len(text)%len(names)]: {text}} // an address has an end
			}
			addresses = append(addresses, at+"?"+q.Encode())
		}
		for _, address := range addresses {
			a := s.ask(method, address)
			harmless(t, fmt.Sprintf("%s %.80s", route, address), a)
			if strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
				s.asPerson(director)
			}
		}
	})
}

// What a browser says of itself is written by whoever writes the browser.
func TestHostileHeadersDoNoHarm(t *testing.T) {
	s := newSite(t).as(models.Director)
	own := s.client.Jar
	base, _ := url.Parse(s.server.URL)
	cookies := own.Cookies(base)
	for _, text := range hostile {
		plain := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, text)
		if len(plain) > 8000 {
			plain = plain[:8000]
		}
		for _, path := range []string{"/", "/account", "/sign-in", "/nowhere", "/services"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"User-Agent", "Accept-Language", "Accept-Encoding", "Referer", "If-None-Match", "X-Forwarded-For", "X-Request-Id", "Accept", "Range"} {
				req.Header.Set(name, plain)
			}
			for _, name := range []string{"lang", "theme", "notice", "session"} {
				value := url.QueryEscape(plain)
				if name == "session" && len(cookies) > 0 && path != "/sign-in" {
					continue
				}
				req.AddCookie(&http.Cookie{Name: s.web.cookieName(name), Value: value})
			}
			a := s.do(req)
			harmless(t, fmt.Sprintf("%s with headers of %.60q", path, plain), a)
		}
	}
}

// FuzzForms looks for what the list of hostile texts does not have: any field of any form, with anything in it.
func FuzzForms(f *testing.F) {
	s := newSite(f).as(models.Director)
	director := s.mustBe(models.Director)
	forms, _ := s.crawl(func(string, answer) {})
	slices.SortStableFunc(forms, func(a, b form) int { return distance(a) - distance(b) })
	for i, text := range hostile {
		if len(text) < 1000 {
			f.Add(uint(i), uint(i/3), text)
		}
	}
	f.Fuzz(func(t *testing.T, which, field uint, text string) {
		s.t = t
		chosen := forms[which%uint(len(forms))]
		if len(chosen.fields) == 0 {
			return
		}
		name := chosen.fields[field%uint(len(chosen.fields))].name
		for i, a := range s.fill(chosen, map[string]string{name: text}) {
			harmless(t, fmt.Sprintf("%s %s with %s=%q (answer %d)", chosen.method, chosen.action, name, text, i), a)
			if strings.HasPrefix(a.header.Get("Location"), "/sign-in") {
				s.asPerson(director)
			}
		}
	})
}

// findings counts what a check finds instead of failing.
type findings struct {
	testing.TB
	n int
}

func (f *findings) Helper()               {}
func (f *findings) Errorf(string, ...any) { f.n++ }

// The checks see what they are for.
func TestHarmIsSeen(t *testing.T) {
	page := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
	for about, a := range map[string]answer{
		"a fault":            {500, "", http.Header{}},
		"an element":         {200, "<p><" + mark + ">", page},
		"an attribute":       {200, `<p title=""` + mark + `="1">`, page},
		"a handler":          {200, `<p onclick="x()">`, page},
		"a script":           {200, `<script>x()</script>`, page},
		"a style":            {200, `<p style="color:red">`, page},
		"a scheme":           {200, `<a href=" JavaScript:x()">`, page},
		"another site":       {200, `<form action="//evil.example">`, page},
		"a comment":          {200, `<!-- ` + mark + ` -->`, page},
		"a filtered value":   {200, `<a href="#ZgotmplZ">`, page},
		"a header":           {200, "", http.Header{"Zqx7": {"1"}}},
		"a cookie":           {200, "", http.Header{"Set-Cookie": {"x=1"}}},
		"a way out":          {303, "", http.Header{"Location": {"//evil.example"}}},
		"another way out":    {303, "", http.Header{"Location": {"https://evil.example"}}},
		"a file shown":       {200, "x", http.Header{"Content-Type": {"application/pdf"}, "X-Content-Type-Options": {"nosniff"}}},
		"a file looked into": {200, "x", http.Header{"Content-Type": {"text/csv"}, "Content-Disposition": {"attachment"}}},
	} {
		seen := &findings{TB: t}
		if harmless(seen, about, a); seen.n == 0 {
			t.Errorf("%s is not seen", about)
		}
	}
	seen := &findings{TB: t}
	harmless(seen, "", answer{200, `<p title="` + html.EscapeString(`"><`+mark+`>`) + `">&lt;` + mark + `&gt;<a href="/x">`, page})
	if seen.n != 0 {
		t.Error("a page that escapes is said to do harm")
	}
}

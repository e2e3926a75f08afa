package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"enveloppe/app/web/pagecache"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/static"
	"enveloppe/templates"
	"enveloppe/templates/words"
)

// book is every page in one language, parsed once.
type book struct {
	words *words.Words
	pages map[string]*template.Template
}

// openBooks parses every page in every language, once: the words are bound when a page is parsed, not looked up on the
// way, and the templates are part of the program.
var openBooks = sync.OnceValues(func() (map[models.Lang]*book, error) { return parseBooks(false) })

// openPlainBooks are the same pages in words that write no amount; most programs never need them.
var openPlainBooks = sync.OnceValues(func() (map[models.Lang]*book, error) { return parseBooks(true) })

// bookOf is the book that a visit is answered from.
func (w *Web) bookOf(v *visit) (*book, error) {
	if !v.words.Conceals() {
		return w.books[v.lang], nil
	}
	plain, err := openPlainBooks()
	return plain[v.lang], err
}

func parseBooks(plain bool) (map[models.Lang]*book, error) {
	books := map[models.Lang]*book{}
	var lists [3][]string
	for i, pattern := range []string{"layouts/*.html", "partials/*.html", "pages/*.html"} {
		var err error
		if lists[i], err = fs.Glob(templates.Files, pattern); err != nil {
			return nil, fmt.Errorf("list the templates: %w", err)
		}
	}
	shared, names := slices.Concat(lists[0], lists[1]), lists[2]
	for _, lang := range []models.Lang{models.French, models.English} {
		w := words.In(words.Lang(lang))
		if plain {
			w = w.WithoutAmounts()
		}
		base := template.New("base").Funcs(functions(w)).Option("missingkey=error")
		for _, name := range shared {
			if err := parse(base, name, w); err != nil {
				return nil, err
			}
		}
		b := &book{words: w, pages: make(map[string]*template.Template, len(names))}
		for _, name := range names {
			page := template.Must(base.Clone())
			if err := parse(page, name, w); err != nil {
				return nil, err
			}
			b.pages[strings.TrimSuffix(path.Base(name), ".html")] = page
		}
		books[lang] = b
	}
	return books, nil
}

// parse reads one file into a template of one language.
func parse(t *template.Template, name string, w *words.Words) error {
	body, err := fs.ReadFile(templates.Files, name)
	if err == nil {
		_, err = t.New(path.Base(name)).Parse(settle(string(body), w))
	}
	if err != nil {
		return fmt.Errorf("read template %s: %w", name, err)
	}
	return nil
}

// constant is an action that says the same on every page of a language: a sentence with nothing to fill in, or the
// address of a file.
var constant = regexp.MustCompile(`\{\{(t|asset) "([^"]+)"\}\}`)

// settle puts what is constant into a template before it is parsed, as text, so that no page looks it up again.
func settle(body string, w *words.Words) string {
	return constant.ReplaceAllStringFunc(body, func(action string) string {
		m := constant.FindStringSubmatch(action)
		if m[1] == "asset" {
			return template.HTMLEscapeString(static.URL(m[2]))
		}
		if parts := w.Parts(m[2]); len(parts) == 1 && parts[0].Name == "" {
			return template.HTMLEscapeString(parts[0].Text)
		}
		return action
	})
}

// Chrome is what every page has around it.
type Chrome struct {
	Lang         models.Lang
	Title        string // of the document, without the program's name
	Nav          string // entry of the navigation that is current
	Theme        string // light, dark or empty for the system's
	Organisation string // empty before the first run and when signed out
	Today        cal.Date
	Role         models.Role
	SignedIn     bool
	Sample, Demo bool
	Provider     string // people may sign in by; empty where none is set
	Several      bool   // the visitor's account is of several organisations
	Notice       *Notice
	Address      string // path and query of this page, for coming back to it
	Search       string // what stands in the search field
}

// May says what the role may do, for pages that hide what would only be refused.
func (c Chrome) May(act string) bool {
	switch act {
	case "edit":
		return c.Role.MayEdit()
	case "book":
		return c.Role.MayBook()
	case "export":
		return c.Role.MayExport()
	case "close":
		return c.Role.MayClose()
	case "manage":
		return c.Role.MayManage()
	}
	panic("no such act: " + act)
}

// view is what a template gets: its chrome and its own typed page.
type view struct {
	Chrome Chrome
	P      any
}

// screen is one page to be sent.
type screen struct {
	status int
	name   string // of the template
	nav    string
	title  string // key of the title's sentence
	args   []any  // of the title
	page   any
}

// render fills a page into a buffer and sends it whole or not at all.
func (w *Web) render(c echo.Context, s screen) error {
	body, err := w.fill(c, s)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-store")
	}
	h.Set("Content-Language", string(visitOf(c).lang))
	return w.send(c, s.status, body, nil)
}

func (w *Web) fill(c echo.Context, s screen) ([]byte, error) {
	v := visitOf(c)
	b, err := w.bookOf(v)
	if err != nil {
		return nil, err
	}
	page, ok := b.pages[s.name]
	if !ok {
		return nil, fmt.Errorf("no page is called %q", s.name)
	}
	chrome := w.chrome(c, v)
	chrome.Nav, chrome.Title = s.nav, b.words.T(s.title, s.args...)
	var out bytes.Buffer
	out.Grow(32 << 10)
	if err := page.ExecuteTemplate(&out, "layout", view{Chrome: chrome, P: s.page}); err != nil {
		return nil, fmt.Errorf("fill page %s: %w", s.name, err)
	}
	return out.Bytes(), nil
}

// send writes a body, compressed when the browser takes it.
func (w *Web) send(c echo.Context, status int, plain, zipped []byte) error {
	r := c.Response()
	h := r.Header()
	h.Set(echo.HeaderContentType, "text/html; charset=utf-8")
	h.Add(echo.HeaderVary, "Accept-Encoding, Cookie")
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		if zipped == nil {
			zipped = pagecache.Compress(plain)
		}
		h.Set("Content-Encoding", "gzip")
		plain = zipped
	}
	r.WriteHeader(status)
	_, err := r.Write(plain)
	return err
}

// kept serves a page from the cache while nothing it shows has changed, and answers 304 to a browser that has it. It
// is for pages that look the same to everybody of one role; fresh makes the page when it is not there.
func (w *Web) kept(c echo.Context, fresh func() (screen, error)) error {
	v := visitOf(c)
	key := pagecache.Key{
		Organisation: int64(v.actor.Organisation), Revision: v.revision, Day: v.today.String(), Lang: string(v.lang),
		Role: roleKey(v), Theme: v.theme, Address: c.Request().URL.RequestURI(), Start: w.start,
	}
	if v.notice != nil { // what is said once must not be kept
		s, err := fresh()
		if err != nil {
			return err
		}
		return w.render(c, s)
	}
	h := c.Response().Header()
	etag := key.ETag()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	if matches(c.Request().Header.Get("If-None-Match"), etag) {
		h.Add(echo.HeaderVary, "Accept-Encoding, Cookie")
		return c.NoContent(http.StatusNotModified)
	}
	page, ok := w.cache.Get(key)
	if !ok {
		s, err := fresh()
		if err != nil {
			h.Del("ETag")
			return err
		}
		body, err := w.fill(c, s)
		if err != nil {
			h.Del("ETag")
			return err
		}
		page = w.cache.Put(key, body)
	}
	h.Set("Content-Language", string(v.lang))
	return w.send(c, http.StatusOK, page.Plain, page.Gzip)
}

// roleKey tells apart readers of one role whose pages differ.
func roleKey(v *visit) string {
	key := string(v.actor.Role)
	if v.several { // the menu leads to the others
		key += " several"
	}
	if !v.amounts {
		key += " plain"
	}
	return key
}

func matches(header, etag string) bool {
	for _, tag := range strings.Split(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

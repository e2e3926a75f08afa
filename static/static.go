// Package static holds the style sheet, scripts, fonts and icons of the pages, and serves them under names that
// change with their content, so that a browser may keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

//go:embed css js fonts/*.woff2 icons
var embedded embed.FS

// Prefix is where Handler expects to be mounted; every URL begins with it.
const Prefix = "/static/"

// Bundle is the one style sheet of the pages: the files of styles, joined in that order.
const Bundle = "css/app.css"

// styles lists the sources of Bundle. Layers settle what wins between files, so the order here only matters
// within a layer; layers.css comes first because it declares the layers.
var styles = []string{
	"layers", "reset", "tokens", "base", "layout",
	"head", "button", "tag", "notice", "panel", "list", "table", "envelope", "chart",
	"form", "choice", "match", "letter", "plans", "timeline", "calendar", "navigation", "steps",
	"compared", "scenario", "answer", "books", "review", "factors", "utilities", "print",
}

var library = mustLoad(embedded)

// URL is the address of the file of that name ("css/app.css", "js/app.js", "icons/favicon.svg") with its content's
// hash in it: "/static/css/app.3f2a1bc4.css". It panics if there is no such file: that is a misprint in a template,
// which rendering then reports.
func URL(name string) string {
	a, ok := library.byName[name]
	if !ok {
		panic(fmt.Sprintf("static: no file named %q", name))
	}
	return Prefix + a.hashed
}

// Handler serves the files under the names URL gives, and nothing else: an old or plain name is not found, so a
// page never mixes two versions. It expects the full path, with Prefix.
func Handler() http.Handler { return library }

// asset is one file as sent: its references already point to hashed names.
type asset struct {
	hashed  string
	kind    string
	body    []byte
	gzipped []byte // nil where compressing would gain nothing
	hash    string
}

// collection is every file, by the name templates use and by the name browsers use.
type collection struct {
	source   fs.FS
	byName   map[string]*asset
	byHashed map[string]*asset
}

func mustLoad(source fs.FS) *collection {
	c, err := load(source)
	if err != nil {
		panic(err)
	}
	return c
}

func load(source fs.FS) (*collection, error) {
	c := &collection{source: source, byName: map[string]*asset{}, byHashed: map[string]*asset{}}
	names := []string{Bundle}
	err := fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Dir(name) != path.Dir(Bundle) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list static files: %w", err)
	}
	for _, name := range names {
		if _, err := c.add(name, nil); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// kinds says what may be served and as what. A file of another kind stops the program at start: it was forgotten here.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".woff2": "font/woff2",
}

// add loads a file and, before it, what it refers to: its hash must cover theirs, or a browser would keep a style
// sheet that names a font that is no longer there. The trail is the chain of files being added.
func (c *collection) add(name string, trail []string) (*asset, error) {
	if a, ok := c.byName[name]; ok {
		return a, nil
	}
	for _, above := range trail {
		if above == name {
			return nil, fmt.Errorf("static file %s refers to itself through %s", name, strings.Join(trail, ", "))
		}
	}
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		return nil, fmt.Errorf("static file %s: no content type is known for it", name)
	}
	body, err := c.read(name)
	if err != nil {
		return nil, fmt.Errorf("static file %s: %w", name, err)
	}
	if body, err = c.link(name, body, append(trail, name)); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	a := &asset{kind: kind, body: body, hash: hex.EncodeToString(sum[:4])}
	ext := path.Ext(name)
	a.hashed = strings.TrimSuffix(name, ext) + "." + a.hash + ext
	if strings.HasPrefix(kind, "text/") || ext == ".svg" {
		a.gzipped = compress(body)
	}
	c.byName[name], c.byHashed[a.hashed] = a, a
	return a, nil
}

func (c *collection) read(name string) ([]byte, error) {
	if name != Bundle {
		return fs.ReadFile(c.source, name)
	}
	var sheet bytes.Buffer
	for _, style := range styles {
		text, err := fs.ReadFile(c.source, path.Join(path.Dir(Bundle), style+".css"))
		if err != nil {
			return nil, err
		}
		sheet.Write(lighten(text))
	}
	return sheet.Bytes(), nil
}

var (
	comment     = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indentation = regexp.MustCompile(`\s*\n\s*`)
)

// lighten drops what only the authors of a style sheet read: its comments show the markup of each component and
// would be half of what is sent.
func lighten(css []byte) []byte {
	css = comment.ReplaceAll(css, nil)
	css = indentation.ReplaceAll(css, []byte("\n"))
	return append(bytes.TrimSpace(css), '\n')
}

// reference finds what a file asks for by relative address: url(../fonts/x.woff2) in CSS, import "./x.js" in a script.
// An address with a scheme (data:) or a fragment alone never begins with a dot, and is left as it is.
var reference = regexp.MustCompile(`(url\("?|import "|from ")(\.\.?/[^")]+)`)

func (c *collection) link(name string, body []byte, trail []string) ([]byte, error) {
	if ext := path.Ext(name); ext != ".css" && ext != ".js" {
		return body, nil
	}
	var failed error
	linked := reference.ReplaceAllFunc(body, func(match []byte) []byte {
		parts := reference.FindSubmatch(match)
		target, err := c.add(path.Join(path.Dir(name), string(parts[2])), trail)
		if err != nil {
			failed = fmt.Errorf("%s: %w", name, err)
			return match
		}
		return append(append([]byte{}, parts[1]...), Prefix+target.hashed...)
	})
	return linked, failed
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // only for a level that does not exist
	}
	_, _ = z.Write(body) // a bytes.Buffer does not fail
	_ = z.Close()
	if out.Len() >= len(body) {
		return nil
	}
	return out.Bytes()
}

func (c *collection) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name, inside := strings.CutPrefix(r.URL.Path, Prefix)
	a, ok := c.byHashed[name]
	if !inside || !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	body, tag := a.body, a.hash
	if a.gzipped != nil {
		h.Add("Vary", "Accept-Encoding")
		// A range is a range of the encoded bytes: only plain bodies are cut.
		if r.Header.Get("Range") == "" && acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body, tag = a.gzipped, a.hash+"-gz"
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(len(body))) // ServeContent leaves it out for encoded bodies
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reads Accept-Encoding as RFC 9110 §12.5.3 has it: an entry for gzip decides, else one for *, and a
// weight of zero is a refusal.
func acceptsGzip(headers []string) bool {
	var star bool
	for entry := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		coding, parameter, _ := strings.Cut(entry, ";")
		weight, weighted := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q=")
		wanted := !weighted || strings.Trim(weight, "0.") != ""
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			star = wanted
		}
	}
	return star
}

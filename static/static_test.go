package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func get(t *testing.T, h http.Handler, method, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestURLNamesTheContent(t *testing.T) {
	before := mustLoad(sample("a { color: red }"))
	same := mustLoad(sample("a { color: red }"))
	after := mustLoad(sample("a { color: tan }"))
	name := func(c *collection) string { return c.byName[Bundle].hashed }
	if name(before) != name(same) {
		t.Errorf("the same files gave %s and %s", name(before), name(same))
	}
	if name(before) == name(after) {
		t.Errorf("another style sheet kept the name %s", name(after))
	}
	if !regexp.MustCompile(`^/static/css/app\.[0-9a-f]{8}\.css$`).MatchString(URL(Bundle)) {
		t.Errorf("URL(%q) = %q", Bundle, URL(Bundle))
	}
}

// A changed font must change the name of the style sheet too: browsers keep the old sheet for a year.
func TestNameCoversWhatIsReferredTo(t *testing.T) {
	files := sample(`@font-face { src: url("../fonts/f.woff2") }`)
	before := mustLoad(files)
	files["fonts/f.woff2"] = &fstest.MapFile{Data: []byte("another font")}
	after := mustLoad(files)
	if before.byName[Bundle].hashed == after.byName[Bundle].hashed {
		t.Error("the style sheet kept its name though its font changed")
	}
	if sheet := string(after.byName[Bundle].body); !strings.Contains(sheet, `url("/static/`+after.byName["fonts/f.woff2"].hashed+`")`) {
		t.Errorf("the style sheet does not name the font's address: %s", sheet)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct {
		css   string
		extra map[string]string
		want  string
	}{
		"a font that is not there": {`a { src: url(../fonts/none.woff2) }`, nil, "fonts/none.woff2"},
		"an unknown kind of file":  {"", map[string]string{"icons/notes.txt": "x"}, "no content type"},
		"scripts that import each other": {"", map[string]string{
			"js/a.js": `import "./b.js"`, "js/b.js": `import "./a.js"`,
		}, "refers to itself"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := sample(test.css)
			for path, text := range test.extra {
				files[path] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := load(files)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

// sample is a whole tree whose style sheet is that text, in the first of its files.
func sample(css string) fstest.MapFS {
	files := fstest.MapFS{"fonts/f.woff2": {Data: []byte("a font")}}
	for _, style := range styles {
		files["css/"+style+".css"] = &fstest.MapFile{Data: []byte("")}
	}
	files["css/"+styles[0]+".css"] = &fstest.MapFile{Data: []byte(css)}
	return files
}

func TestURLOfNothingPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a name that does not exist")
		}
	}()
	URL("css/ap.css")
}

func TestEveryFileIsServed(t *testing.T) {
	for name, a := range library.byName {
		res := get(t, Handler(), "GET", URL(name))
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", URL(name), res.StatusCode)
		}
		if !bytes.Equal(body(t, res), a.body) {
			t.Errorf("%s: not the bytes of the file", name)
		}
		if got, want := res.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
			t.Errorf("%s: Cache-Control %q, want %q", name, got, want)
		}
		if res.Header.Get("Content-Type") != kinds[filepath.Ext(name)] || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: served as %q", name, res.Header.Get("Content-Type"))
		}
		if tag := res.Header.Get("ETag"); get(t, Handler(), "GET", URL(name), "If-None-Match", tag).StatusCode != http.StatusNotModified {
			t.Errorf("%s: sent again to who has %s", name, tag)
		}
	}
}

func TestOthersAreNotFound(t *testing.T) {
	for _, path := range []string{
		"/static/css/app.css", "/static/css/app.00000000.css", "/static/css/tokens.css", "/static/", "/static",
		"/static/../static.go", "/css/app.css", "/static/fonts/inter-OFL.txt", strings.TrimPrefix(URL(Bundle), Prefix),
	} {
		r := &http.Request{Method: "GET", URL: mustURL(path), Header: http.Header{}}
		w := httptest.NewRecorder()
		Handler().ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, w.Code)
		}
		if w.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: a miss may be kept: %s", path, w.Header().Get("Cache-Control"))
		}
	}
}

func TestOnlyReading(t *testing.T) {
	res := get(t, Handler(), "POST", URL(Bundle))
	if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
	res = get(t, Handler(), "HEAD", URL(Bundle), "Accept-Encoding", "gzip")
	if res.StatusCode != http.StatusOK || len(body(t, res)) != 0 || res.Header.Get("Content-Length") == "" {
		t.Errorf("HEAD: status %d, length %q", res.StatusCode, res.Header.Get("Content-Length"))
	}
}

func TestCompression(t *testing.T) {
	tests := map[string]bool{
		"":                         false,
		"gzip":                     true,
		"br, gzip":                 true,
		"GZIP;q=0.5, identity":     true,
		"gzip; q=0":                false,
		"gzip;q=0.000, *":          false,
		"*":                        true,
		"*;q=0":                    false,
		"deflate, br":              false,
		"identity;q=1, *;q=0":      false,
		"x-gzip":                   true,
		"*;q=0, gzip;q=0.1":        true,
		"gzipped, not-gzip, ungzi": false,
	}
	for accepts, want := range tests {
		res := get(t, Handler(), "GET", URL(Bundle), "Accept-Encoding", accepts)
		sent := body(t, res)
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v, want %v", accepts, got, want)
			continue
		}
		if res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary %q", accepts, res.Header.Get("Vary"))
		}
		if !want {
			continue
		}
		if plain := get(t, Handler(), "GET", URL(Bundle)); plain.Header.Get("ETag") == res.Header.Get("ETag") {
			t.Errorf("both encodings have the ETag %s: a cache may mix them", res.Header.Get("ETag"))
		}
		z, err := gzip.NewReader(bytes.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(library.byName[Bundle].body), string(plain)); diff != "" {
			t.Errorf("compressed sheet differs: %s", diff)
		}
	}
	res := get(t, Handler(), "GET", URL("fonts/inter.woff2"), "Accept-Encoding", "gzip")
	if res.Header.Get("Content-Encoding") != "" {
		t.Error("a font, compressed already, was compressed again")
	}
}

func TestRangesAreOfPlainBytes(t *testing.T) {
	res := get(t, Handler(), "GET", URL(Bundle), "Accept-Encoding", "gzip", "Range", "bytes=0-9")
	if got := body(t, res); res.StatusCode != http.StatusPartialContent || !bytes.Equal(got, library.byName[Bundle].body[:10]) {
		t.Errorf("status %d, %q", res.StatusCode, got)
	}
}

// What a first visit costs before its page: kept in check, as the pages are.
func TestWeight(t *testing.T) {
	limits := map[string]int{Bundle: 16 << 10, "fonts/inter.woff2": 52 << 10, "fonts/source-serif-4.woff2": 52 << 10}
	for name, limit := range limits {
		a := library.byName[name]
		size := len(a.body)
		if a.gzipped != nil {
			size = len(a.gzipped)
		}
		if size > limit {
			t.Errorf("%s weighs %d bytes, more than %d", name, size, limit)
		}
	}
}

func TestEveryStyleIsInTheBundle(t *testing.T) {
	files, err := filepath.Glob("css/*.css")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".css"))
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(styles)), names); diff != "" {
		t.Errorf("files of css/ and list of styles differ (-list +files):\n%s", diff)
	}
}

// A font goes with its licence (OFL §2).
func TestFontsHaveTheirLicence(t *testing.T) {
	fonts, err := filepath.Glob("fonts/*.woff2")
	if err != nil || len(fonts) == 0 {
		t.Fatalf("no fonts: %v", err)
	}
	for _, font := range fonts {
		licence, err := os.ReadFile(strings.TrimSuffix(font, ".woff2") + "-OFL.txt")
		if err != nil || !bytes.Contains(licence, []byte("SIL OPEN FONT LICENSE Version 1.1")) {
			t.Errorf("%s: no licence beside it (%v)", font, err)
		}
	}
}

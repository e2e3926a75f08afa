package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"testing"

	"enveloppe/models"
	"enveloppe/templates"
)

var definition = regexp.MustCompile(`\{\{-?\s*define "([^"]+)"`)

// A second partial of one name would silently take the place of the first on every page.
func TestEveryPartialHasANameOfItsOwn(t *testing.T) {
	first := map[string]string{}
	for _, folder := range []string{"layouts", "partials"} {
		names, err := fs.Glob(templates.Files, path.Join(folder, "*.html"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no templates in %s: %v", folder, err)
		}
		for _, name := range names {
			body, err := fs.ReadFile(templates.Files, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range definition.FindAllSubmatch(body, -1) {
				if before, ok := first[string(m[1])]; ok {
					t.Errorf("%q is defined in %s and in %s", m[1], before, name)
				}
				first[string(m[1])] = name
			}
		}
	}
}

func TestAPageSeenAgainIsNotModified(t *testing.T) {
	s := newSite(t).as(models.Director)
	first := s.get("/").wants(t, http.StatusOK)
	etag := first.header.Get("ETag")
	if etag == "" {
		t.Fatal("the dashboard has no validator")
	}
	again := func() answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", etag)
		return s.do(req)
	}
	if a := again(); a.status != http.StatusNotModified || a.body != "" {
		t.Errorf("seen again: %d with %d bytes", a.status, len(a.body))
	}
	if a := s.get("/"); a.body != first.body {
		t.Error("the kept page differs from the first")
	}
	// Whatever is written, and wherever it shows, the page is another.
	if err := s.store.RecordExport(t.Context(), s.actor(), s.service("Scoop.it").ID, testDay); err != nil {
		t.Fatal(err)
	}
	if a := again(); a.status != http.StatusOK {
		t.Errorf("after a change: %d", a.status)
	}
	s.submit("/theme", "theme", "dark", "to", "/")
	if a := again(); a.status != http.StatusOK || a.header.Get("ETag") == etag {
		t.Errorf("in the dark: %d %s", a.status, a.header.Get("ETag"))
	}
}

func TestAPageOfAnotherStartIsNotTheSame(t *testing.T) {
	s := newSite(t).as(models.Director)
	etag := s.get("/").header.Get("ETag")
	// The same revision of another file, as after a restore, at the same address.
	again, err := New(s.store, s.web.Options)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	base, _ := url.Parse(s.server.URL)
	for _, c := range s.client.Jar.Cookies(base) {
		req.AddCookie(c)
	}
	req.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	again.Handler().ServeHTTP(w, req)
	if w.Code != http.StatusOK || w.Header().Get("ETag") == etag {
		t.Errorf("after a new start: %d with validator %s, before %s", w.Code, w.Header().Get("ETag"), etag)
	}
}

func TestANoticeIsSaidOnce(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/")
	sv := s.service("Framadate")
	s.submit("/services/"+typedID(sv.ID)+"/export", "to", "/")
	first, second := s.get("/services/"+typedID(sv.ID)), s.get("/services/"+typedID(sv.ID))
	if a, b := noticeIn(first.body), noticeIn(second.body); !a || b {
		t.Errorf("said at once: %v, said again: %v", a, b)
	}
}

func noticeIn(body string) bool {
	return regexp.MustCompile(`class="notice" role="status"`).MatchString(body)
}

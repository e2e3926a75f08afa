package pagecache_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"enveloppe/app/web/pagecache"
)

func TestEveryPartOfTheKeyTellsPagesApart(t *testing.T) {
	base := pagecache.Key{Organisation: 1, Revision: 7, Day: "2026-11-23", Lang: "fr", Role: "staff", Theme: "", Address: "/", Start: "x"}
	others := []pagecache.Key{base, base, base, base, base, base, base, base}
	others[0].Organisation = 17
	others[1].Revision = 8
	others[2].Day = "2026-11-24"
	others[3].Lang = "en"
	others[4].Role = "director"
	others[5].Theme = "dark"
	others[6].Address = "/services"
	others[7].Start = "y"
	cache := pagecache.New(100)
	cache.Put(base, []byte("base"))
	for _, k := range others {
		if _, ok := cache.Get(k); ok {
			t.Errorf("%+v finds the page of %+v", k, base)
		}
		if k.ETag() == base.ETag() {
			t.Errorf("%+v has the validator of %+v", k, base)
		}
	}
	if p, ok := cache.Get(base); !ok || string(p.Plain) != "base" || p.ETag != base.ETag() {
		t.Errorf("the page is not found again: %v", p)
	}
}

func TestCacheIsBounded(t *testing.T) {
	cache := pagecache.New(3)
	for i := range int64(10) {
		cache.Put(pagecache.Key{Revision: i}, []byte("page"))
	}
	kept := 0
	for i := range int64(10) {
		if _, ok := cache.Get(pagecache.Key{Revision: i}); ok {
			kept++
		}
	}
	if kept != 3 {
		t.Errorf("%d pages are kept, want 3", kept)
	}
	huge := pagecache.Key{Revision: 100}
	if p := cache.Put(huge, bytes.Repeat([]byte("x"), 1<<20)); len(p.Plain) != 1<<20 {
		t.Error("a huge page is not served")
	}
	if _, ok := cache.Get(huge); ok {
		t.Error("a huge page is kept")
	}
}

func TestCompressIsReadBack(t *testing.T) {
	for _, body := range []string{"", "x", strings.Repeat("une page ", 10_000)} {
		r, err := gzip.NewReader(bytes.NewReader(pagecache.Compress([]byte(body))))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != body {
			t.Errorf("%d bytes came back as %d: %v", len(body), len(got), err)
		}
	}
}

func TestWhatIsKeptIsNotTheCallers(t *testing.T) {
	body := []byte("page")
	cache := pagecache.New(1)
	cache.Put(pagecache.Key{}, body)
	body[0] = 'X'
	if p, _ := cache.Get(pagecache.Key{}); string(p.Plain) != "page" {
		t.Errorf("the kept page is %q", p.Plain)
	}
}

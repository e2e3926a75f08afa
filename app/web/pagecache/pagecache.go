// Package pagecache keeps rendered pages for as long as what they show has not changed.
package pagecache

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
)

// Key is everything a page depends on. A write raises the revision, so an old page is never asked for again and falls
// out of the cache by itself; nothing has to be thrown out by name.
type Key struct {
	Organisation int64
	Revision     int64
	Day          string
	Lang         string
	Role         string
	Theme        string
	Address      string // path and query
	Start        string // of the program
}

// Page is a rendered page, plain and compressed, with its validator.
type Page struct {
	Plain, Gzip []byte
	ETag        string
}

// maxPage is the size in bytes above which a page is served but not kept.
const maxPage = 256 << 10

// Cache keeps the pages used last. It is safe for use by many goroutines.
type Cache struct {
	pages *lru.Cache[Key, *Page]
}

// New is a cache of at most so many pages.
func New(pages int) *Cache {
	c, err := lru.New[Key, *Page](pages)
	if err != nil {
		panic(err) // only for a size that is not positive: a fault of the caller
	}
	return &Cache{pages: c}
}

// Get finds a page.
func (c *Cache) Get(k Key) (*Page, bool) { return c.pages.Get(k) }

// Put keeps a copy of a rendered page and gives it ready to be served.
func (c *Cache) Put(k Key, body []byte) *Page {
	p := &Page{Plain: bytes.Clone(body), Gzip: Compress(body), ETag: k.ETag()}
	if len(body) <= maxPage {
		c.pages.Add(k, p)
	}
	return p
}

// ETag is the validator of the page of a key: the same key gives the same bytes.
func (k Key) ETag() string {
	h := sha256.New()
	numbers := strconv.FormatInt(k.Organisation, 10) + " " + strconv.FormatInt(k.Revision, 10)
	for _, s := range []string{numbers, k.Day, k.Lang, k.Role, k.Theme, k.Address, k.Start} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12]) + `"`
}

var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.DefaultCompression) // the level is a valid constant
	return w
}}

// Compress gives the body as gzip.
func Compress(body []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(body) / 4)
	w := writers.Get().(*gzip.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

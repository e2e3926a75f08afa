package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
)

// reads are the questions one can ask, with records of the sample in them.
func (h *house) reads() []string {
	r := h.register()
	return []string{
		"/organisation", "/services", "/services?limit=2", fmt.Sprintf("/services/%d", r.Services[0].ID),
		"/subscriptions", fmt.Sprintf("/subscriptions?service=%d", r.Subscriptions[0].ServiceID), fmt.Sprintf("/subscriptions/%d", r.Subscriptions[0].ID),
		"/renewals", "/renewals?from=2025-09-01&to=2027-08-31", "/payments", "/payments?year=2025&limit=3", fmt.Sprintf("/payments/%d", r.Payments[0].ID),
		"/envelope", "/envelope?year=2025", "/envelope?year=1971", "/flags",
	}
}

func TestEveryAnswerIsAsTheDocumentSays(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Director, models.ScopeRead)
	for _, path := range h.reads() {
		a := h.get(path, bearer).described(t, http.MethodGet, path)
		a.wants(t, http.StatusOK)
		if a.header.Get("ETag") == "" || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: headers %v", path, a.header)
		}
		h.get(path, bearer, "If-None-Match", a.header.Get("ETag")).described(t, http.MethodGet, path).wants(t, http.StatusNotModified)
		h.get(path, "").described(t, http.MethodGet, path).refuses(t, http.StatusUnauthorized, "unauthorized")
	}
}

// Every route is described, and everything described is there.
func TestTheDocumentNamesEveryRoute(t *testing.T) {
	h := newHouse(t)
	doc, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	var described, there []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+Root+strings.ReplaceAll(path, "{id}", ":id"))
		}
	}
	for _, r := range h.api.echo.Routes() {
		if r.Path != Root+"/openapi.json" {
			there = append(there, r.Method+" "+r.Path)
		}
	}
	slices.Sort(described)
	slices.Sort(there)
	if !slices.Equal(described, there) {
		t.Errorf("described %v\nthere %v", described, there)
	}
	a := h.get("/openapi.json", "")
	if a.status != http.StatusOK || string(a.body) != string(Document) {
		t.Errorf("the document is answered %d", a.status)
	}
	h.get("/openapi.json", "", "If-None-Match", a.header.Get("ETag")).wants(t, http.StatusNotModified)
}

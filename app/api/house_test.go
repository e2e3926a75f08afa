package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/sample"
	"enveloppe/models/store"
	"enveloppe/models/token"
)

// testNow is the instant of every test: the morning of 23 November 2026 in Paris.
var testNow = time.Date(2026, time.November, 23, 7, 5, 0, 0, time.UTC)

var testDay = cal.MustNew(2026, time.November, 23)

// house is the API over a real file with the sample association in it, and everything it has logged.
type house struct {
	t     testing.TB
	api   *API
	store *store.Store
	org   models.ID
	facts models.Facts // as planted
	now   time.Time
	from  string // address of those who ask
	log   *lockedBuffer
	file  string
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, now: testNow, from: "192.0.2.7", log: &lockedBuffer{}, file: filepath.Join(t.TempDir(), "test.db")}
	logger := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.store, err = store.Open(context.Background(), store.Options{Path: h.file, Logger: logger}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	h.facts = sample.Association(testDay, models.French, testNow)
	h.org = h.plant(h.facts)
	h.api = New(h.store, Options{
		Now: func() time.Time { return h.now }, Logger: logger,
		Address: func(r *http.Request) string { return r.Header.Get("Test-From") }, Secure: true,
	})
	return h
}

func (h *house) plant(f models.Facts) models.ID {
	h.t.Helper()
	org, err := h.store.Plant(context.Background(), f, testNow, sample.Contents(f)...)
	h.ok(err)
	return org
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) register() *models.Register {
	h.t.Helper()
	r, err := h.store.Register(context.Background(), h.org)
	h.ok(err)
	return r
}

// person is the first of a role who is here.
func (h *house) person(role models.Role) models.Person {
	h.t.Helper()
	for _, p := range h.register().People {
		if p.Role == role && p.HereOn(testDay) {
			return p
		}
	}
	h.t.Fatalf("nobody is %s", role)
	return models.Person{}
}

// actor is a person acting by themselves.
func (h *house) actor(p models.Person) models.Actor {
	h.t.Helper()
	email := p.Email
	if email == "" {
		email = fmt.Sprintf("person-%d@nowhere.example", p.ID)
	}
	account, err := h.store.AccountFor(context.Background(), h.org, p.ID, email, testNow)
	h.ok(err)
	return models.Actor{Organisation: h.org, Person: p.ID, Name: p.Name, Role: p.Role, Account: account, From: "198.51.100.1", At: h.now}
}

// token is a new token of the first person of a role, made while they had one that may hold it.
func (h *house) token(role models.Role, scope models.TokenScope) string {
	h.t.Helper()
	by := h.actor(h.person(role))
	by.Role = models.Director
	return h.tokenOf(by, models.Token{PersonID: by.Person, Name: "essai", Scope: scope})
}

func (h *house) tokenOf(by models.Actor, t models.Token) string {
	h.t.Helper()
	if t.Scope == models.ScopeCalendar && t.Feed.Lang == "" {
		t.Feed.Lang = models.French
	}
	text, hash := token.New(t.Scope)
	_, err := h.store.MakeToken(context.Background(), by, t, hash)
	h.ok(err)
	return text
}

// answer is what the API said.
type answer struct {
	status int
	body   []byte
	header http.Header
}

// request is one request to be made.
type request struct {
	method, path, token, body string
	headers                   []string // name and value in turn
}

func (h *house) do(r request) answer {
	h.t.Helper()
	req := httptest.NewRequest(r.method, "/", strings.NewReader(r.body))
	var err error
	if req.URL, err = url.ParseRequestURI(Root + r.path); err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Test-From", h.from)
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(r.headers); i += 2 {
		req.Header.Set(r.headers[i], r.headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.api.Handler().ServeHTTP(rec, req)
	res := rec.Result()
	defer res.Body.Close() //nolint:errcheck // it is in memory
	body, err := io.ReadAll(res.Body)
	h.ok(err)
	return answer{res.StatusCode, body, res.Header}
}

func (h *house) get(path, token string, headers ...string) answer {
	h.t.Helper()
	return h.do(request{method: http.MethodGet, path: path, token: token, headers: headers})
}

func (h *house) post(path, token, key, body string) answer {
	h.t.Helper()
	return h.do(request{method: http.MethodPost, path: path, token: token, body: body, headers: []string{"Idempotency-Key", key}})
}

// wants checks the status and reads the body.
func (a answer) wants(t testing.TB, status int) map[string]any {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if len(a.body) == 0 {
		return nil
	}
	var body map[string]any
	if err := json.Unmarshal(a.body, &body); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return body
}

// refuses checks the status and the kind of a problem.
func (a answer) refuses(t testing.TB, status int, kind string) told {
	t.Helper()
	var p told
	if err := json.Unmarshal(a.body, &p); err != nil || a.status != status || p.Status != status || p.Type != "urn:enveloppe:problem:"+kind {
		t.Fatalf("status %d, want %d %s: %s (%v)", a.status, status, kind, a.body, err)
	}
	if got := a.header.Get("Content-Type"); got != problemType {
		t.Errorf("a problem is sent as %s", got)
	}
	return p
}

// documented is the description as another program reads it; answers are held to it without anything beyond.
var documented = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	if err != nil {
		return nil, err
	}
	no := false
	for _, s := range doc.Components.Schemas {
		closeSchema(s.Value, &no)
	}
	return doc, doc.Validate(context.Background())
})

func closeSchema(s *openapi3.Schema, no *bool) {
	if s.Type.Includes("object") {
		s.AdditionalProperties.Has = no
	}
	for _, p := range s.Properties {
		if p.Ref == "" {
			closeSchema(p.Value, no)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		closeSchema(s.Items.Value, no)
	}
}

// operation is what the document says of a request.
func operation(t testing.TB, method, path string) *openapi3filter.RequestValidationInput {
	t.Helper()
	doc, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.ParseRequestURI(Root + path)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimPrefix(u.Path, Root), "/")
	parameters := map[string]string{}
	if len(parts) > 2 {
		parameters["id"], parts[2] = parts[2], "{id}"
	}
	template := strings.Join(parts, "/")
	item := doc.Paths.Value(template)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("%s %s is not in the document", method, template)
	}
	req := httptest.NewRequest(method, "/", http.NoBody)
	req.URL = u
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: parameters,
		Route:   &routers.Route{Spec: doc, Path: template, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
}

// accepts tells whether the document has a request for right.
func accepts(t testing.TB, r request) error {
	t.Helper()
	in := operation(t, r.method, r.path)
	in.Request.Body = io.NopCloser(strings.NewReader(r.body))
	in.Request.ContentLength = int64(len(r.body))
	if r.method == http.MethodPost {
		in.Request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(r.headers); i += 2 {
		in.Request.Header.Set(r.headers[i], r.headers[i+1])
	}
	return openapi3filter.ValidateRequest(context.Background(), in)
}

// described fails when an answer is not what the document says of the request.
func (a answer) described(t testing.TB, method, path string) answer {
	t.Helper()
	in := operation(t, method, path)
	err := openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), Options: in.Options,
	})
	if err != nil {
		t.Errorf("%s %s answers %d otherwise than described: %v\n%.2000s", method, path, a.status, err, a.body)
	}
	return a
}

var auditOfPayments = store.AuditFilter{Limit: 4, Keep: func(e models.AuditEntry) bool { return e.Kind == "payment" && e.From != "" }}

package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/token"
)

// ofForm are the rules that the document states too; every other rule is one of the register, or of two members
// together, which a schema cannot say.
var ofForm = []string{"json.type", "json.unknown", "json.decimal", "date.iso", "required", "date.empty"}

// agree holds one request's answer against the document: it is described, it is no fault, and what the document has for
// right is refused for nothing that the document could have said.
func (h *house) agree(t testing.TB, r request) answer {
	t.Helper()
	a := h.do(r).described(t, r.method, r.path)
	if a.status >= http.StatusInternalServerError {
		t.Fatalf("%s %s %q answers %d: %s", r.method, r.path, r.body, a.status, a.body)
	}
	wrong := accepts(t, r)
	switch {
	case wrong == nil && a.status == http.StatusBadRequest:
		t.Errorf("%s %s %q is refused, and the document accepts it: %s", r.method, r.path, r.body, a.body)
	case wrong == nil && a.status == http.StatusUnprocessableEntity:
		var p told
		if err := json.Unmarshal(a.body, &p); err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Errors {
			if slices.Contains(ofForm, e.Rule) {
				t.Errorf("%s %s %q: %s (%s), and the document accepts it", r.method, r.path, r.body, e.Rule, e.Pointer)
			}
		}
	case wrong != nil && a.status < http.StatusBadRequest:
		t.Errorf("%s %s %q is answered %d, and the document refuses it: %v", r.method, r.path, r.body, a.status, wrong)
	}
	return a
}

// drawn is some JSON: mostly what a member takes, else what it does not.
func drawn(t *rapid.T, good ...string) string {
	if rapid.IntRange(0, 5).Draw(t, "kind") > 0 {
		return rapid.SampledFrom(good).Draw(t, "good")
	}
	return rapid.SampledFrom([]string{
		"null", "true", "0", "-1", "1.5", "1.0", "1e2", "9007199254740993", "1e400", "1e-400", "-0", "12e0", `""`, `" "`, `"x"`, "[]", "{}", `{"amount":"1","currency":"EUR"}`, `"2026-02-30"`,
		`"20260101"`, `"2026-1-1"`, `"0000-00-00"`, `"9999-12-31"`, `"1,5"`, `"-"`, `"."`, `"1."`, `".5"`, `"00012"`, `"-0"`, `"1e9"`, `"١"`, `"1234567890123"`,
		`"\u0000"`, `"\ud800"`, `"<script>"`, `"' OR 1=1"`, `{"first":"2026-01-01","last":"2026-01-31"}`, `{"amount":1,"currency":"EUR"}`, `{"amount":"1","currency":"eur"}`,
		`{"Amount":"1","currency":"EUR"}`, `{"amount":null,"currency":"EUR"}`, `{"first":null,"last":"2026-01-01"}`, `"` + strings.Repeat("é", 5000) + `"`,
	}).Draw(t, "bad")
}

func TestTheDocumentAndTheAnswersAgreeOnPayments(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	r := h.register()
	service, sub := fmt.Sprint(r.Services[0].ID), fmt.Sprint(r.Subscriptions[0].ID)
	sum := []string{`{"amount":"12.34","currency":"EUR"}`, `{"amount":"0.5","currency":"USD"}`, `{"amount":"-3","currency":"EUR"}`}
	day := []string{`"2026-11-23"`, `"2026-08-31"`, `"2025-02-28"`}
	members := map[string][]string{
		"service_id": {service}, "subscription_id": {sub}, "charge_on": day, "part": {"true", "false"}, "paid_on": day, "invoice_number": {`"F1"`},
		"invoice_date": day, "period": {`{"first":"2026-01-01","last":"2026-01-31"}`}, "vendor_name": {`"X"`}, "country": {`"FR"`, `"IE"`},
		"billed": sum, "net": sum, "vat": sum, "vat_rate": {`"20"`, `"5.5"`}, "exempt": {"true"}, "debited": sum, "rate": {`"1.0714"`},
		"account": {`"6511"`}, "analytic": {`"A"`}, "note": {`"n"`}, "Billed": sum, "nota": {`"x"`},
	}
	names := []string{}
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	seen, n := map[int]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		parts := []string{`"service_id":` + drawn(rt, service), `"paid_on":` + drawn(rt, day...), `"billed":` + drawn(rt, sum...)}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 4, rapid.ID[string]).Draw(rt, "names") {
			if name != "service_id" && name != "paid_on" && name != "billed" {
				parts = append(parts, fmt.Sprintf("%q:%s", name, drawn(rt, members[name]...)))
			}
		}
		body := "{" + strings.Join(parts[min(rapid.IntRange(0, 12).Draw(rt, "cut")/4, 1)*rapid.IntRange(0, 1).Draw(rt, "less"):], ",") + "}"
		n++
		a := h.agree(t, request{method: http.MethodPost, path: "/payments", token: bearer, body: body, headers: []string{"Idempotency-Key", fmt.Sprint("k", n)}})
		seen[a.status]++
	})
	if seen[http.StatusCreated] == 0 || seen[http.StatusUnprocessableEntity] == 0 {
		t.Errorf("the draws are one-sided: %v", seen)
	}
}

func TestTheDocumentAndTheAnswersAgreeOnQuestions(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Director, models.ScopeRead)
	r := h.register()
	ids := []string{fmt.Sprint(r.Services[0].ID), fmt.Sprint(r.Payments[0].ID), "987654321", "0", "-1", "1.0", "x", "9223372036854775808", "01"}
	paths := []string{"/organisation", "/services", "/services/ID", "/subscriptions", "/subscriptions/ID", "/renewals", "/payments", "/payments/ID", "/envelope", "/flags"}
	values := append([]string{"", "1", "100", "500", "501", "2026", "1970", "1971", "2197", "2198", "2026-01-01", "2026-12-31", "2026-02-30", "20260101", "1e2", "+5", "é", "<b>", "null"}, ids...)
	rapid.Check(t, func(rt *rapid.T) {
		path := strings.ReplaceAll(rapid.SampledFrom(paths).Draw(rt, "path"), "ID", rapid.SampledFrom(ids).Draw(rt, "id"))
		query := url.Values{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"year", "after", "limit", "service", "from", "to"}), 0, 2, rapid.ID[string]).Draw(rt, "names") {
			query.Set(name, rapid.SampledFrom(values).Draw(rt, "value"))
		}
		if len(query) > 0 {
			path += "?" + query.Encode()
		}
		a := h.do(request{method: http.MethodGet, path: path, token: bearer}).described(t, http.MethodGet, path)
		wrong := accepts(t, request{method: http.MethodGet, path: path})
		if (a.status == http.StatusOK) && wrong != nil {
			t.Errorf("%s is answered, and the document refuses it: %v", path, wrong)
		}
		if a.status == http.StatusBadRequest && wrong == nil && !slices.ContainsFunc([]string{"query.unknown", "query.span", "date.iso"}, func(rule string) bool { return strings.Contains(string(a.body), `"`+rule+`"`) }) {
			t.Errorf("%s is refused, and the document accepts it: %s", path, a.body)
		}
	})
}

// Whatever bytes come as a body: never a fault, always as described.
func FuzzBody(f *testing.F) {
	h := newHouse(f)
	bearer := h.token(models.Editor, models.ScopeWrite)
	for _, seed := range []string{
		h.newPayment(h.register().Services[0].ID), `{}`, `[]`, `{"note":"x"}`, `{"billed":{"amount":"1","amount":"2","currency":"EUR"}}`, "\xef\xbb\xbf{}", `{"a":1}{}`, `{"paid_on":"2026-11-23"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := *h
		h.t = t
		sum := sha256.Sum256(body)
		key := hex.EncodeToString(sum[:])
		for _, path := range []string{"/payments", "/payments/987654321/reversal"} {
			a := h.do(request{method: http.MethodPost, path: path, token: bearer, body: string(body), headers: []string{"Idempotency-Key", key}})
			if a.described(t, http.MethodPost, path); a.status >= http.StatusInternalServerError {
				t.Fatalf("%q answers %d: %s", body, a.status, a.body)
			}
		}
	})
}

// Everything a token takes part in is logged, and the token never is: nor is it, or its hash, in any answer.
func TestNoTokenIsInTheLogOrInAnAnswer(t *testing.T) {
	h := newHouse(t)
	good, write := h.token(models.Director, models.ScopeRead), h.token(models.Editor, models.ScopeWrite)
	wrong, _ := token.New(models.ScopeRead)
	var said strings.Builder
	for _, bearer := range []string{good, write, wrong, good[:40], "hunter2 hunter2"} {
		for _, op := range h.operations() {
			op.token = bearer
			op.headers = []string{"Idempotency-Key", fmt.Sprint(said.Len())}
			a := h.do(op)
			said.Write(a.body)
			fmt.Fprint(&said, a.header)
		}
		a := h.get("/flags?token="+bearer, "")
		said.Write(a.body)
	}
	h.ok(h.store.Close()) // and when everything is broken
	a := h.get("/flags", good)
	p := a.refuses(t, http.StatusInternalServerError, "fault")
	if !strings.HasPrefix(p.Instance, "urn:enveloppe:request:") || strings.Contains(string(a.body), "sql") {
		t.Errorf("a fault says %s", a.body)
	}
	log := h.log.String()
	for _, text := range []string{"route=/api/v1/payments/:id/reversal", "status=401", "status=429", "status=500", "level=ERROR", "token="} {
		if !strings.Contains(log, text) {
			t.Errorf("%s is not in the log: the test looks at nothing", text)
		}
	}
	for _, secret := range []string{good, write, wrong} {
		_, hash, _ := token.Parse(secret)
		for _, form := range []string{secret, secret[9:40], hex.EncodeToString(hash[:]), fmt.Sprintf("%d", hash)} {
			if strings.Contains(log, form) || strings.Contains(said.String(), form) {
				t.Errorf("%.20s… is told", form)
			}
		}
	}
	if strings.Contains(log, "hunter2") {
		t.Error("what was shown for a token is in the log")
	}
}

func BenchmarkReading(b *testing.B) {
	h := newHouse(b)
	bearer := h.token(models.Director, models.ScopeRead)
	for _, path := range []string{"/services", "/renewals", "/payments", "/envelope"} {
		b.Run(path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a := h.get(path, bearer); a.status != http.StatusOK {
					b.Fatal(a.status)
				}
			}
		})
	}
}

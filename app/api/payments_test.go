package api

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"enveloppe/models"
	"enveloppe/models/cal"
)

func TestAPaymentIsRecordedAndUndone(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	r := h.register()
	charge := r.Charges(cal.Inclusive(testDay.AddMonths(-2), testDay), testDay)
	var due models.Charge
	for _, c := range charge {
		if r.IsOpen(c) && c.Billed.Currency() == "EUR" {
			due = c
		}
	}
	if due.ServiceID == 0 {
		t.Fatal("nothing is due in euros in the sample")
	}
	body := fmt.Sprintf(`{"subscription_id":%d,"charge_on":%q,"paid_on":%q,"invoice_number":"F-1","vat_rate":"20",
		"billed":{"amount":%q,"currency":"EUR"},"note":"par l’API"}`, due.SubscriptionID, due.On, testDay, due.Billed.Plain())
	a := h.post("/payments", bearer, "one", body).described(t, http.MethodPost, "/payments")
	p := a.wants(t, http.StatusCreated)
	id := fmt.Sprint(int64(p["id"].(float64)))
	if got := a.header.Get("Location"); got != Root+"/payments/"+id || a.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("headers %v", a.header)
	}
	got, ok := h.register().Payment(models.ID(p["id"].(float64)))
	if !ok || got.ServiceID != due.ServiceID || got.ChargeOn != due.On || got.Billed != due.Billed || got.Period != due.Period ||
		got.InvoiceNumber != "F-1" || got.VATRate.String() != "20" || got.Note != "par l’API" || got.RecordedBy != h.person(models.Editor).ID {
		t.Errorf("recorded %+v", got)
	}
	if s, _ := h.register().Settlement(due); s != models.Paid {
		t.Error("the charge is open still")
	}

	again := h.post("/payments", bearer, "one", body).described(t, http.MethodPost, "/payments")
	if again.status != http.StatusCreated || string(again.body) != string(a.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %s", again.status, again.body)
	}
	if p := h.post("/payments", bearer, "one", strings.Replace(body, "F-1", "F-2", 1)).described(t, http.MethodPost, "/payments").
		refuses(t, http.StatusUnprocessableEntity, "refused"); p.Rule != "request.key" {
		t.Errorf("the key for another body: %+v", p)
	}
	if p := h.post("/payments", bearer, "two", body).described(t, http.MethodPost, "/payments").
		refuses(t, http.StatusUnprocessableEntity, "invalid"); p.Errors[0].Pointer != "/charge_on" || p.Errors[0].Rule != "charge.settled" {
		t.Errorf("a settled charge: %+v", p)
	}

	undo := "/payments/" + id + "/reversal"
	b := h.post(undo, bearer, "three", `{"note":"erreur"}`).described(t, http.MethodPost, undo).wants(t, http.StatusCreated)
	if fmt.Sprint(b["reverses_id"]) != fmt.Sprint(p["id"]) || b["billed"].(map[string]any)["amount"] != "-"+due.Billed.Plain() {
		t.Errorf("reversal %v", b)
	}
	h.post(undo, bearer, "three", `{"note":"erreur"}`).wants(t, http.StatusCreated)
	if p := h.post(undo, bearer, "four", `{}`).described(t, http.MethodPost, undo).
		refuses(t, http.StatusConflict, "refused"); p.Rule != "already_reversed" || p.Detail == "" {
		t.Errorf("undone twice: %+v", p)
	}
	entries, err := h.store.Audit(t.Context(), h.org, auditOfPayments)
	h.ok(err)
	if len(entries) != 3 || entries[0].From != "192.0.2.7, essai" || entries[0].By != h.person(models.Editor).ID {
		t.Errorf("%d entries, the last %+v", len(entries), entries[0])
	}
}

func TestTheSameRequestManyTimesAtOnceRecordsOnce(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	before := len(h.register().Payments)
	body := h.newPayment(h.register().Services[0].ID)
	var all sync.WaitGroup
	answers := make([]answer, 10)
	for i := range answers {
		all.Go(func() { answers[i] = h.post("/payments", bearer, "storm", body) })
	}
	all.Wait()
	first := 0
	for _, a := range answers {
		if a.status != http.StatusCreated || string(a.body) != string(answers[0].body) {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a.header.Get("Idempotency-Replayed") == "" {
			first++
		}
	}
	if got := len(h.register().Payments); got != before+1 || first != 1 {
		t.Errorf("%d payments for one request, %d times the first", got-before, first)
	}
}

// Problems are told all at once, where they stand, in the words the screens have for them and the language asked for.
func TestProblemsAreToldInTheWordsOfTheScreens(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	body := `{"service_id":1.5,"paid_on":"2026-11-24","invoice_date":"24/11/2026","period":{"first":"2026-02-30","last":"2026-03-01"},
		"billed":{"amount":"1,5","currency":"EUR"},"net":{"amount":"1","currency":"XXQ"},"vat":{"amount":"1.001","currency":"EUR"},
		"vat_rate":"120","rate":"1.2","country":"france","part":"yes","libelle":"x","note":"a\u0000b"}`
	want := map[string]string{
		"/service_id": "json.type", "/paid_on": "date.future", "/invoice_date": "date.iso", "/period/first": "date.impossible",
		"/billed/amount": "json.decimal", "/net/currency": "currency.unknown", "/vat/amount": "amount.decimals", "/vat_rate": "percent.range",
		"/country": "country", "/part": "json.type", "/libelle": "json.unknown", "/note": "characters",
	}
	a := h.post("/payments", bearer, "k", body).described(t, http.MethodPost, "/payments")
	for _, e := range a.refuses(t, http.StatusUnprocessableEntity, "invalid").Errors {
		if e.Rule == "json.decimal" && !strings.Contains(e.Detail, "chiffres") || e.Rule == "date.future" && e.Detail != "Ce jour n’est pas encore venu. Indiquez aujourd’hui ou un jour passé." {
			t.Errorf("said %q", e.Detail)
		}
		if want[e.Pointer] != e.Rule {
			t.Errorf("%s: %s, want %s", e.Pointer, e.Rule, want[e.Pointer])
		}
		delete(want, e.Pointer)
	}
	if len(want) > 0 {
		t.Errorf("not told: %v\n%s", want, a.body)
	}
	in := h.do(request{method: http.MethodGet, path: "/payments?year=x", token: bearer, headers: []string{"Accept-Language", "en"}})
	p := in.described(t, http.MethodGet, "/payments?year=x").refuses(t, http.StatusBadRequest, "query")
	if p.Errors[0].Parameter != "year" || p.Title != "The address is not understood" || in.header.Get("Content-Language") != "en" {
		t.Errorf("in English: %+v", p)
	}
}

// What one member says against another is refused, never passed over.
func TestMembersThatContradictEachOther(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	service := h.register().Services[0].ID
	for i, c := range []struct{ members, pointer, rule string }{
		{`"billed":{"amount":"5","currency":"EUR"},"rate":"1.1"`, "/rate", "rate.not_needed"},
		{`"billed":{"amount":"5","currency":"USD"},"rate":"1.1","debited":{"amount":"4","currency":"EUR"}`, "/rate", "rate.not_needed"},
		{`"billed":{"amount":"5","currency":"EUR"},"debited":{"amount":"5","currency":"EUR"}`, "/debited", "debited.euros"},
		{`"billed":{"amount":"5","currency":"USD"},"debited":{"amount":"5","currency":"USD"}`, "/debited", "currency.same"},
		{`"billed":{"amount":"5","currency":"EUR"},"vat":{"amount":"6","currency":"EUR"}`, "/vat", "vat.above_total"},
		{`"billed":{"amount":"5","currency":"EUR"},"period":{"first":"2026-02-01","last":"2026-01-01"}`, "/period/last", "end.before_start"},
		{`"billed":{"amount":"5","currency":"EUR"},"period":{"first":"2026-02-01"}`, "/period/last", "date.empty"},
		{`"billed":{"amount":"5"}`, "/billed/currency", "required"},
		{`"billed":{"amount":"0","currency":"EUR"}`, "/billed", "positive"},
		{`"billed":{"amount":"1000000000","currency":"EUR"}`, "/billed/amount", "amount.too_large"},
		{`"billed":{"amount":"5","currency":"EUR","tax":1}`, "/billed/tax", "json.unknown"},
		{`"billed":null`, "/billed", "required"},
		{`"billed":{"amount":"5","currency":"EUR"},"charge_on":"2026-11-01"`, "/charge_on", "choose"},
	} {
		body := fmt.Sprintf(`{"service_id":%d,"paid_on":%q,%s}`, service, testDay, c.members)
		p := h.post("/payments", bearer, fmt.Sprint(i), body).described(t, http.MethodPost, "/payments").refuses(t, http.StatusUnprocessableEntity, "invalid")
		if len(p.Errors) != 1 || p.Errors[0].Pointer != c.pointer || p.Errors[0].Rule != c.rule {
			t.Errorf("%s: %+v, want %s %s", c.members, p.Errors, c.pointer, c.rule)
		}
	}
	for i, c := range []struct{ members, billed, eur string }{
		{`"billed":{"amount":"-5.5","currency":"EUR"}`, "-5.50", "-5.50"},
		{`"billed":{"amount":"1500","currency":"JPY"},"rate":"150"`, "1500", "10.00"},
		{`"billed":{"amount":"10.10","currency":"USD"},"debited":{"amount":"9.5000","currency":"EUR"}`, "10.10", "9.50"},
	} {
		body := fmt.Sprintf(`{"service_id":%d,"paid_on":%q,%s}`, service, testDay, c.members)
		p := h.post("/payments", bearer, fmt.Sprint("good", i), body).described(t, http.MethodPost, "/payments").wants(t, http.StatusCreated)
		if got := p["billed"].(map[string]any)["amount"]; got != c.billed || p["eur"].(map[string]any)["amount"] != c.eur {
			t.Errorf("%s: billed %v, %v", c.members, got, p["eur"])
		}
	}
}

func TestFormsOfARequestThatAreNotTaken(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	good := h.newPayment(h.register().Services[0].ID)
	revision := h.register().Revision
	for _, c := range []struct {
		name    string
		body    string
		headers []string
		status  int
		kind    string
	}{
		{"no key", good, []string{"Idempotency-Key", ""}, http.StatusBadRequest, "key"},
		{"long key", good, []string{"Idempotency-Key", strings.Repeat("k", 201)}, http.StatusBadRequest, "key"},
		{"spaced key", good, []string{"Idempotency-Key", "a b"}, http.StatusBadRequest, "key"},
		{"form", "service_id=1", []string{"Content-Type", "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType, "media"},
		{"no type", good, []string{"Content-Type", ""}, http.StatusUnsupportedMediaType, "media"},
		{"Latin", good, []string{"Content-Type", "application/json; charset=iso-8859-1"}, http.StatusUnsupportedMediaType, "media"},
		{"zipped", good, []string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType, "media"},
		{"nothing", "", nil, http.StatusBadRequest, "malformed"},
		{"null", "null", nil, http.StatusBadRequest, "malformed"},
		{"list", "[" + good + "]", nil, http.StatusBadRequest, "malformed"},
		{"two", good + good, nil, http.StatusBadRequest, "malformed"},
		{"cut", good[:len(good)-1], nil, http.StatusBadRequest, "malformed"},
		{"said twice", `{"note":"a","note":"b"}`, nil, http.StatusBadRequest, "malformed"},
		{"no UTF-8", strings.Replace(good, "EUR", "E\xffR", 1), nil, http.StatusBadRequest, "malformed"},
		{"deep", strings.Repeat(`{"a":`, 12000), nil, http.StatusBadRequest, "malformed"},
		{"large", `{"note":"` + strings.Repeat("x", 70<<10) + `"}`, nil, http.StatusRequestEntityTooLarge, "too_large"},
	} {
		r := request{method: http.MethodPost, path: "/payments", token: bearer, body: c.body, headers: append([]string{"Idempotency-Key", "k-" + strings.ReplaceAll(c.name, " ", "")}, c.headers...)}
		a := h.do(r)
		if a.status != c.status {
			t.Errorf("%s: %d %s", c.name, a.status, a.body)
			continue
		}
		a.described(t, r.method, r.path).refuses(t, c.status, c.kind)
	}
	if got := h.register().Revision; got != revision {
		t.Errorf("%d revisions were written", got-revision)
	}
}

func TestMethodsThatAreNotThere(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Editor, models.ScopeWrite)
	for path, allow := range map[string]string{
		"/organisation": "GET", "/payments": "GET", "/payments/1/reversal": "POST", "/openapi.json": "GET",
	} {
		for _, method := range []string{http.MethodDelete, http.MethodPut, http.MethodPatch, http.MethodHead, "BREW"} {
			a := h.do(request{method: method, path: path, token: bearer})
			if a.status != http.StatusMethodNotAllowed || !strings.Contains(a.header.Get("Allow"), allow) {
				t.Errorf("%s %s: %d, Allow %q", method, path, a.status, a.header.Get("Allow"))
			}
		}
	}
	for _, path := range []string{"", "/", "/nothing", "/services/", "/services/1/x", "/services/%2e%2e", "/Services"} {
		h.get(path, bearer).refuses(t, http.StatusNotFound, "not_found")
	}
}

func TestPagesOfAList(t *testing.T) {
	h := newHouse(t)
	bearer := h.token(models.Director, models.ScopeRead)
	for _, c := range []struct {
		path string
		want int
	}{{"/services", len(h.register().Services)}, {"/subscriptions", len(h.register().Subscriptions)}} {
		seen, path := map[string]bool{}, c.path+"?limit=7"
		for pages := 0; path != ""; pages++ {
			a := h.get(path, bearer).described(t, http.MethodGet, path)
			body := a.wants(t, http.StatusOK)
			for _, item := range body["items"].([]any) {
				seen[fmt.Sprint(item.(map[string]any)["id"])] = true
			}
			next, more := body["next"].(string)
			if more != (a.header.Get("Link") == "<"+next+`>; rel="next"`) || pages > c.want {
				t.Fatalf("%s: next %q, Link %q", path, next, a.header.Get("Link"))
			}
			path = strings.TrimPrefix(next, Root)
		}
		if len(seen) != c.want {
			t.Errorf("%s: %d of %d", c.path, len(seen), c.want)
		}
	}
	for _, query := range []string{"limit=0", "limit=501", "limit=x", "limit=", "after=-1", "after=1e3", "limit=1&limit=2", "page=2", "limit=%zz", "year=2026"} {
		h.get("/services?"+query, bearer).refuses(t, http.StatusBadRequest, "query")
	}
	for _, query := range []string{"from=2026-13-01", "from=2026-02-30", "from=", "to=2026-01-01", "from=2026-01-01&to=2028-01-03", "to=9999-01-01", "from=2199-12-31"} {
		a := h.get("/renewals?"+query, bearer)
		if a.status != http.StatusBadRequest && query != "from=2199-12-31" || a.status >= 500 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

// An answer's tag stays while nothing changes, and does not outlive a change, a day, a role or a start.
func TestTagsFollowWhatTheyName(t *testing.T) {
	h := newHouse(t)
	reader, writer := h.token(models.Director, models.ScopeRead), h.token(models.Editor, models.ScopeWrite)
	tag := func() string {
		a := h.get("/envelope", reader)
		a.wants(t, http.StatusOK)
		return a.header.Get("ETag")
	}
	one := tag()
	if tag() != one {
		t.Error("the same answer has two tags")
	}
	h.get("/envelope", reader, "If-None-Match", `"other", W/`+one).wants(t, http.StatusNotModified)
	if h.get("/envelope", writer).header.Get("ETag") == one || h.get("/envelope?year=2025", reader).header.Get("ETag") == one {
		t.Error("another asker, or another question, has the same tag")
	}
	h.post("/payments", writer, "k", h.newPayment(h.register().Services[0].ID)).wants(t, http.StatusCreated)
	two := tag()
	h.now = h.now.AddDate(0, 0, 1)
	if three := tag(); two == one || three == two {
		t.Error("the tag outlives a change, or a day")
	}
}

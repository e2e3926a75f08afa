package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/models/token"
)

// newPayment is a payment for a service on the day, settling no charge.
func (h *house) newPayment(service models.ID) string {
	return fmt.Sprintf(`{"service_id":%d,"paid_on":%q,"billed":{"amount":"12.50","currency":"EUR"}}`, service, testDay)
}

// operations are one request of each kind, which a director with a token to write is answered.
func (h *house) operations() []request {
	r := h.register()
	var list []request
	for _, path := range h.reads() {
		list = append(list, request{method: http.MethodGet, path: path})
	}
	free := h.standing()
	return append(list,
		request{method: http.MethodPost, path: "/payments", body: h.newPayment(r.Services[0].ID)},
		request{method: http.MethodPost, path: fmt.Sprintf("/payments/%d/reversal", free), body: `{"note":"essai"}`})
}

// standing is a payment of the sample that can be undone.
func (h *house) standing() models.ID {
	h.t.Helper()
	r := h.register()
	for i := len(r.Payments) - 1; i >= 0; i-- {
		if p := r.Payments[i]; p.Stands() && !r.Closed(p.PaidOn) {
			return p.ID
		}
	}
	h.t.Fatal("no payment stands")
	return 0
}

// Every operation × every scope × every role, amounts shown to staff and not.
func TestATokenDoesWhatItsScopeAndItsOwnersRoleAllow(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		h := newHouse(t)
		h.hideAmounts(hidden)
		for _, role := range models.Roles {
			for _, scope := range models.Scopes {
				bearer := h.tokenOf(h.actorLike(role), models.Token{PersonID: h.person(role).ID, Name: "essai", Scope: scope})
				for i, op := range h.operations() {
					op.token = bearer
					op.headers = []string{"Idempotency-Key", fmt.Sprintf("%s-%s-%d", role, scope, i)}
					a := h.do(op).described(t, op.method, op.path)
					want := http.StatusOK
					aboutMoney := strings.HasPrefix(op.path, "/payments") || strings.HasPrefix(op.path, "/envelope")
					switch {
					case scope == models.ScopeCalendar, op.method == http.MethodPost && scope != models.ScopeWrite,
						op.method == http.MethodPost && !role.MayEdit(), aboutMoney && hidden && role == models.Staff:
						want = http.StatusForbidden
					case op.method == http.MethodPost:
						want = http.StatusCreated
					}
					if a.status != want {
						t.Errorf("%s of a %s, amounts hidden %t: %s %s answers %d, want %d: %.300s", scope, role, hidden, op.method, op.path, a.status, want, a.body)
					}
				}
			}
		}
	}
}

// actorLike makes tokens for the person of a role, whatever that role may make.
func (h *house) actorLike(role models.Role) models.Actor {
	by := h.actor(h.person(role))
	by.Role = models.Director
	return by
}

func (h *house) hideAmounts(hidden bool) {
	h.t.Helper()
	o := h.register().Organisation
	if o.StaffWithoutAmounts != hidden {
		o.StaffWithoutAmounts = hidden
		h.ok(h.store.SaveOrganisation(context.Background(), h.actor(h.person(models.Director)), o))
	}
}

// Where amounts are kept from staff, no answer to them holds a figure with decimals, nor differs when a price does.
func TestWhoReadsNoAmountsIsAnsweredNone(t *testing.T) {
	h := newHouse(t)
	h.hideAmounts(true)
	staff, director := h.token(models.Staff, models.ScopeRead), h.token(models.Director, models.ScopeRead)
	told := h.register().Services[0]
	told.About = "Coûte 37,41 € par mois"
	by := h.actor(h.person(models.Director))
	h.ok(h.store.SaveService(context.Background(), by, told))
	over := models.Payment{ServiceID: told.ID, PaidOn: testDay, Billed: money.Euros(900_000)}
	_, err := h.store.RecordPayment(context.Background(), by, over, testDay)
	h.ok(err)
	if a := h.get("/flags", director); !strings.Contains(string(a.body), `"kind":"envelope"`) {
		t.Errorf("the director is not told that the envelope is left: %s", a.body)
	}
	if a := h.get("/flags", staff); strings.Contains(string(a.body), `"kind":"envelope"`) {
		t.Error("staff are told that the envelope is left")
	}
	seen := 0
	for _, path := range h.reads() {
		seen += strings.Count(string(h.get(path, director).body), `"amount":"`)
		a := h.get(path, staff)
		var body any
		h.ok(json.Unmarshal(a.body, &body))
		noFigure(t, path, "", body)
	}
	if seen < 100 {
		t.Errorf("the director is answered %d amounts only: the test looks at nothing", seen)
	}
	if body := h.get("/organisation", staff).wants(t, http.StatusOK); body["amounts"] != false {
		t.Errorf("staff are told amounts: %v", body["amounts"])
	}
}

func noFigure(t *testing.T, path, member string, v any) {
	switch x := v.(type) {
	case map[string]any:
		if _, sum := x["amount"].(string); sum {
			t.Errorf("%s: %s is %v", path, member, x)
		}
		for name, value := range x {
			noFigure(t, path, name, value)
		}
	case []any:
		for _, value := range x {
			noFigure(t, path, member, value)
		}
	case string:
		if strings.ContainsAny(x, "€$£") || (strings.Contains(x, ".") && strings.Trim(x, "-0123456789.") == "") {
			t.Errorf("%s: %s says %q", path, member, x)
		}
	}
}

func TestOnlyARightTokenComesIn(t *testing.T) {
	h := newHouse(t)
	good := h.token(models.Editor, models.ScopeRead)
	unknown, _ := token.New(models.ScopeRead)
	for i, c := range []struct {
		name, header, kind string
	}{
		{"bearer", "Bearer " + good, ""},
		{"whatever its capitals", "bEaReR  " + good, ""},
		{"none", "", "unauthorized"},
		{"unknown", "Bearer " + unknown, "token"},
		{"cut", "Bearer " + good[:len(good)-1], "token"},
		{"basic", "Basic " + good, "token"},
		{"bare", good, "token"},
		{"twice", "Bearer " + good + " " + good, "token"},
		{"hostile", "Bearer ' OR 1=1 --", "token"},
	} {
		h.from = fmt.Sprintf("203.0.113.%d", i)
		a := h.do(request{method: http.MethodGet, path: "/flags", headers: []string{"Authorization", c.header}})
		if c.header == "" {
			a = h.get("/flags", "")
		}
		if c.kind == "" {
			a.wants(t, http.StatusOK)
			continue
		}
		a.described(t, http.MethodGet, "/flags").refuses(t, http.StatusUnauthorized, c.kind)
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: challenged with %q", c.name, a.header.Get("WWW-Authenticate"))
		}
	}
	// Neither the address nor a cookie carries a token.
	h.get("/flags?token="+good, "").refuses(t, http.StatusUnauthorized, "unauthorized")
	h.do(request{method: http.MethodGet, path: "/flags", headers: []string{"Cookie", "enveloppe-session=" + good}}).refuses(t, http.StatusUnauthorized, "unauthorized")
	if a := h.get("/flags", good); a.header.Get("Set-Cookie") != "" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("sets %v", a.header)
	}
}

func TestATokenThatIsNoMoreGoodIsLikeOneThatNeverWas(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	editor, director := h.actor(h.person(models.Editor)), h.actor(h.person(models.Director))
	revoked, left := h.token(models.Editor, models.ScopeRead), h.token(models.Editor, models.ScopeWrite)
	short := h.tokenOf(director, models.Token{PersonID: director.Person, Name: "court", Scope: models.ScopeRead, ExpiresOn: testDay})
	unknown, _ := token.New(models.ScopeRead)
	want := h.get("/flags", unknown)

	all, err := h.store.Tokens(ctx, h.org)
	h.ok(err)
	h.get("/flags", revoked).wants(t, http.StatusOK)
	h.ok(h.store.RevokeToken(ctx, director, all[0].ID))
	h.ok(h.store.PersonLeaves(ctx, director, editor.Person, testDay))
	h.get("/flags", short).wants(t, http.StatusOK)
	h.now = h.now.Add(24 * time.Hour)
	for name, bearer := range map[string]string{"revoked": revoked, "left": left, "expired": short} {
		a := h.get("/flags", bearer)
		if a.status != want.status || string(a.body) != string(want.body) || a.header.Get("WWW-Authenticate") != want.header.Get("WWW-Authenticate") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestWrongTokensAreThrottledByNetwork(t *testing.T) {
	h := newHouse(t)
	good := h.token(models.Editor, models.ScopeRead)
	wrong, _ := token.New(models.ScopeRead)
	for i := range wrongTokens {
		h.from = fmt.Sprintf("2001:db8:1:2::%x", i+1)
		h.get("/flags", wrong).refuses(t, http.StatusUnauthorized, "token")
	}
	a := h.get("/flags", wrong).described(t, http.MethodGet, "/flags")
	a.refuses(t, http.StatusTooManyRequests, "throttled")
	if got := a.header.Get("Retry-After"); got != "900" {
		t.Errorf("try again in %q seconds", got)
	}
	h.get("/flags", good).wants(t, http.StatusOK) // a right one is let in all the same
	h.from = "2001:db8:1:3::1"
	h.get("/flags", wrong).refuses(t, http.StatusUnauthorized, "token")
	h.from = "2001:db8:1:2::1"
	h.now = h.now.Add(wrongWindow)
	h.get("/flags", wrong).refuses(t, http.StatusUnauthorized, "token")
}

// The records of another organisation are records that are not there: same status, same body.
func TestAnotherOrganisationsRecordsAreMissingOnes(t *testing.T) {
	h := newHouse(t)
	f := sample.Association(testDay, models.French, testNow)
	theirs := models.Facts{
		Organisation: f.Organisation, People: f.People, Functions: f.Functions, Vendors: f.Vendors, Means: f.Means, Services: f.Services,
		Plans: f.Plans, Subscriptions: f.Subscriptions, Envelopes: f.Envelopes, Payments: f.Payments,
	}
	theirs.Organisation.Name = "Les Voisins"
	const theirService, theirPayment = 5_000_001, 5_000_002
	service, payment := f.Services[0], f.Payments[0]
	service.ID, service.Name = theirService, "Chez les Voisins"
	payment.ID, payment.SubscriptionID, payment.ChargeOn, payment.Part = theirPayment, 0, cal.Date{}, false
	theirs.Services, theirs.Payments = append(theirs.Services, service), append(theirs.Payments, payment)
	for _, s := range f.Subscriptions {
		if s.SuccessorID == 0 && len(s.Seats) == 0 {
			s.ID, s.Terms = theirService+10, []models.Terms{{From: s.StartedOn, Price: s.Terms[0].Price, Seats: 1}}
			theirs.Subscriptions = append(theirs.Subscriptions, s)
			break
		}
	}
	h.plant(theirs)
	bearer := h.token(models.Director, models.ScopeWrite)
	r := h.register()
	const missing models.ID = 987654321
	ask := func(method, path, body string, id models.ID) answer {
		path = strings.ReplaceAll(path, "%d", fmt.Sprint(id))
		return h.do(request{method: method, path: path, token: bearer, body: strings.ReplaceAll(body, "ID", fmt.Sprint(id)), headers: []string{"Idempotency-Key", "k"}}).described(t, method, path)
	}
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "/services/%d", ""},
		{http.MethodGet, "/subscriptions/%d", ""},
		{http.MethodGet, "/payments/%d", ""},
		{http.MethodPost, "/payments/%d/reversal", "{}"},
	} {
		want := ask(c.method, c.path, c.body, missing)
		want.refuses(t, http.StatusNotFound, "not_found")
		// Theirs, and one of ours of another kind.
		for _, id := range []models.ID{theirService, theirService + 10, theirPayment, r.Organisation.ID, r.People[0].ID} {
			if got := ask(c.method, c.path, c.body, id); got.status != want.status || string(got.body) != string(want.body) {
				t.Errorf("%s %s, %d: %s", c.method, c.path, id, got.body)
			}
		}
	}
	for _, member := range []string{"service_id", "subscription_id"} {
		body := `{"` + member + `":ID,"paid_on":"2026-11-23","billed":{"amount":"1","currency":"EUR"}}`
		want := ask(http.MethodPost, "/payments", body, missing)
		p := want.refuses(t, http.StatusUnprocessableEntity, "invalid")
		if p.Errors[0].Pointer != "/"+member || p.Errors[0].Rule != "choose" {
			t.Errorf("%s: %+v", member, p.Errors)
		}
		for _, id := range []models.ID{theirService, theirService + 10, theirPayment} {
			if got := ask(http.MethodPost, "/payments", body, id); string(got.body) != string(want.body) {
				t.Errorf("%s: %s", member, got.body)
			}
		}
	}
	if body := h.get("/subscriptions?service=987654321", bearer).wants(t, http.StatusOK); len(body["items"].([]any)) != 0 {
		t.Errorf("of no service: %v", body)
	}
	for _, path := range h.reads() {
		if a := h.get(path, bearer); strings.Contains(string(a.body), "Voisins") {
			t.Errorf("%s speaks of the neighbours", path)
		}
	}
}

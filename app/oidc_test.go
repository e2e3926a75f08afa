package app

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"enveloppe/app/openid"
	"enveloppe/app/openid/openidtest"
	"enveloppe/app/outbound"
	"enveloppe/models"
	"enveloppe/models/password"
)

const claire, clairesPassword = "claire@passerelles.example", "une phrase assez longue"

// provided is the program with the sample association, whose director has a password, and a provider to sign in by.
type provided struct {
	*program
	provider *openidtest.Provider
}

// withProvider sets a provider in a program's settings.
func withProvider(t testing.TB, p *openidtest.Provider) func(*Config) {
	t.Helper()
	u, err := url.Parse(p.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	host, err := outbound.ParseHost(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) {
		c.OIDC = openid.Options{
			Issuer: p.Issuer, ClientID: openidtest.ClientID, ClientSecret: openidtest.ClientSecret, Label: "Maison des associations",
			Internal: []outbound.Host{host}, Now: SystemClock, Agent: "enveloppe/test",
		}
	}
}

func startProvided(t *testing.T) *provided {
	t.Helper()
	op := openidtest.Start(t)
	p := &provided{provider: op}
	p.program = startProgram(t, false, withProvider(t, op))
	op.Redirect(p.base + "/sign-in/oidc/callback")
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	p.give(t, claire, clairesPassword)
	return p
}

// give gives somebody of the sample a password.
func (p *provided) give(t *testing.T, email, plain string) {
	t.Helper()
	r, err := p.Organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash, err := password.Hash(plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range r.People {
		if person.Email == email {
			if err := p.Store.SetPassword(t.Context(), p.Program(r), person.ID, hash); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("nobody has %s", email)
}

// guest is a browser without a screen: it keeps cookies and follows nobody by itself.
type guest struct {
	t      *testing.T
	base   string
	client *http.Client
}

// reply is what somebody answered.
type reply struct {
	t       *testing.T
	address *url.URL
	status  int
	header  http.Header
	body    string
}

func newGuest(t *testing.T, base string) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &guest{t, base, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// ask asks any address, with a form when pairs are given or when it is posted.
func (g *guest) ask(method, address string, pairs ...string) reply {
	g.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = g.base + address
	}
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return reply{g.t, resp.Request.URL, resp.StatusCode, resp.Header, plain(html.UnescapeString(string(body)))}
}

func (g *guest) get(address string) reply { g.t.Helper(); return g.ask(http.MethodGet, address) }

func (g *guest) post(address string, pairs ...string) reply {
	g.t.Helper()
	return g.ask(http.MethodPost, address, pairs...)
}

func (r reply) wants(status int, says ...string) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s answers %d, want %d: %s", r.address.Path, r.status, status, short(r.body))
	}
	for _, text := range says {
		if !strings.Contains(r.body, plain(text)) {
			r.t.Errorf("%s does not say %q: %s", r.address.Path, text, short(r.body))
		}
	}
	return r
}

func (r reply) leads(to string) {
	r.t.Helper()
	if r.status != http.StatusSeeOther || r.header.Get("Location") != to {
		r.t.Fatalf("%s answers %d to %q, want 303 to %q: %s", r.address.Path, r.status, r.header.Get("Location"), to, short(r.body))
	}
}

func short(body string) string { return body[:min(len(body), 2000)] }

// onward is where an answer sends its reader by itself.
func (r reply) onward() string {
	r.t.Helper()
	_, to, found := strings.Cut(r.header.Get("Refresh"), "url=")
	if !found {
		_, to, found = strings.Cut(r.header.Get("Location"), "")
	}
	if !found || to == "" {
		r.t.Fatalf("%s leads nowhere: %d %s", r.address.Path, r.status, short(r.body))
	}
	u, err := r.address.Parse(to)
	if err != nil {
		r.t.Fatal(err)
	}
	return u.String()
}

var requestField = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signs goes to the provider from the page that leads there, signs in there as a user, and gives the address they are
// sent back to, which is not asked yet.
func (g *guest) signs(r reply, as openidtest.User) string {
	g.t.Helper()
	r.wants(http.StatusOK)
	form := g.get(g.get(r.onward()).onward()).wants(http.StatusOK)
	id := requestField.FindStringSubmatch(form.body)
	if id == nil {
		g.t.Fatalf("the provider does not ask who it is: %s", form.body)
	}
	there := *form.address
	there.RawQuery = ""
	back := g.get(g.post(there.String(), "id", id[1], "username", as.Username, "password", as.Password).onward()).onward()
	if !strings.HasPrefix(back, g.base+"/sign-in/oidc/callback?") {
		g.t.Fatalf("the provider sends back to %s", back)
	}
	return back
}

// in signs in with a password.
func (g *guest) in(email, plain string) {
	g.t.Helper()
	g.post("/sign-in", "email", email, "password", plain).leads("/")
}

// link links a user of the provider to the account that is signed in.
func (g *guest) link(as openidtest.User) {
	g.t.Helper()
	g.get(g.signs(g.post("/account/identities"), as)).leads("/account/identities/new")
	g.get("/account/identities/new").wants(http.StatusOK, "Est-ce bien vous", as.Email)
	g.post("/account/identities/new").leads("/account")
}

// outside is another browser, signed in nowhere.
func (p *provided) outside(t *testing.T) *guest { t.Helper(); return newGuest(t, p.base) }

func TestSigningInByAProvider(t *testing.T) {
	var p *provided
	t.Cleanup(func() { // when the program has stopped, all its letters have left
		var letters []string
		for _, m := range p.post.Messages() {
			letters = append(letters, strings.Join(m.To, ",")+" "+string(m.Data))
		}
		if len(letters) != 2 || !strings.HasPrefix(letters[0], claire) || !strings.Contains(letters[0], "test-user@zitadel.ch") {
			t.Errorf("letters:\n%s", strings.Join(letters, "\n"))
		}
	})
	p = startProvided(t)
	g := p.outside(t)
	g.get("/sign-in").wants(http.StatusOK, "Se connecter avec Maison des associations")

	// Known to the provider is not known here.
	g.get(g.signs(g.post("/sign-in/oidc", "to", "/services"), openidtest.First)).leads("/sign-in/oidc/unknown")
	g.get("/sign-in/oidc/unknown").
		wants(http.StatusForbidden, "Personne ne se connecte encore ainsi", "test-user@zitadel.ch", "Que faire")
	g.get("/services").leads("/sign-in?to=%2Fservices")

	g.in(claire, clairesPassword)
	g.get("/account").wants(http.StatusOK, "Votre compte n’est pas lié", "Lier Maison des associations")
	g.link(openidtest.First)
	account := g.get("/account").wants(http.StatusOK, "Vous pouvez désormais vous connecter avec Maison des associations", "test-user@zitadel.ch")
	g.get("/audit").wants(http.StatusOK, "connexion par fournisseur liée", p.provider.Issuer)

	g.post("/sign-out").leads("/sign-in")
	g.get(g.signs(g.post("/sign-in/oidc", "to", "/services?q=drop"), openidtest.First)).leads("/services?q=drop")
	g.get("/services?q=drop").wants(http.StatusOK, "Dropbox")
	g.get("/account").wants(http.StatusOK, "dernière connexion")
	p.outside(t).signsInAsNobody(openidtest.Second)

	removal := regexp.MustCompile(`/account/identities/\d+/removal`).FindString(account.body)
	g.get(removal).wants(http.StatusOK, "test-user@zitadel.ch n’entre plus")
	g.post(removal).leads("/account")
	g.get("/account").wants(http.StatusOK, "n’est pas lié")
	g.get(removal).wants(http.StatusNotFound)
	p.outside(t).signsInAsNobody(openidtest.First)
}

// signsInAsNobody holds that a user of the provider does not come in.
func (g *guest) signsInAsNobody(as openidtest.User) {
	g.t.Helper()
	g.get(g.signs(g.post("/sign-in/oidc"), as)).leads("/sign-in/oidc/unknown")
	g.get("/sign-in/oidc/unknown").wants(http.StatusForbidden, "Personne ne se connecte encore ainsi")
	g.get("/").leads("/sign-in")
}

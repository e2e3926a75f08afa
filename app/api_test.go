package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"enveloppe/app/browser"
	"enveloppe/models"
	"enveloppe/models/token"
)

// asked is what the program answers a request.
type asked struct {
	status int
	header http.Header
	body   string
}

func ask(t *testing.T, method, address, bearer, body string, headers ...string) asked {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return asked{resp.StatusCode, resp.Header, string(text)}
}

// TestATokenFromItsPageToTheAPI makes a token in a real browser, lets a program use it, and revokes it.
func TestATokenFromItsPageToTheAPI(t *testing.T) {
	p := startProgram(t, true)
	tab := browser.Start(t)
	tab.Open(p.base + "/account")
	tab.ClickText("Vos jetons")
	tab.Fill("#name", "Tableau de bord du conseil")
	tab.Check("input[name=scope][value=write]", true)
	tab.Click("main form .button.primary")
	bearer := tab.Value("#secret")
	if !regexp.MustCompile("^" + token.Pattern + "$").MatchString(bearer) {
		t.Fatalf("the page shows %q", bearer)
	}
	if said := tab.Value("#example"); !strings.Contains(said, p.base+"/api/v1/organisation") || !strings.Contains(said, bearer) {
		t.Errorf("the example is %q", said)
	}
	if violations := tab.Axe(); len(violations) > 0 {
		t.Errorf("axe: %v", violations)
	}
	a := ask(t, http.MethodGet, p.base+"/api/v1/organisation", bearer, "")
	if a.status != http.StatusOK || !strings.Contains(a.body, `"name":"Tableau de bord du conseil"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	tab.Open(p.base + "/account/tokens")
	if said := tab.Text("main table"); strings.Contains(said, "jamais") || !strings.Contains(said, "127.0.0.1") {
		t.Errorf("the list does not say that it was used: %s", said)
	}
	if strings.Contains(tab.HTML(), bearer) {
		t.Error("the token is shown a second time")
	}
	tab.Click("main table a.button")
	tab.Click("main form .button.danger")
	if a := ask(t, http.MethodGet, p.base+"/api/v1/organisation", bearer, ""); a.status != http.StatusUnauthorized {
		t.Errorf("revoked, and yet %d", a.status)
	}
	if errors := tab.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("console: %v", errors)
	}
}

// The pages are no part of the API and the API none of them: a session opens nothing below /api/v1, a token nothing else,
// and what is neither is a page that is not there.
func TestPagesAndTheAPIAreApart(t *testing.T) {
	p := startProgram(t, true)
	tab := browser.Start(t)
	tab.Open(p.base + "/")
	cookies := tab.Cookies()
	with := make([]string, 0, len(cookies))
	for _, c := range cookies {
		with = append(with, c.Name+"="+c.Value)
	}
	if a := ask(t, http.MethodGet, p.base+"/api/v1/flags", "", "", "Cookie", strings.Join(with, "; ")); a.status != http.StatusUnauthorized || a.header.Get("Set-Cookie") != "" {
		t.Errorf("a session asks the API: %d, %v", a.status, a.header)
	}
	bearer := p.bearer(t, models.ScopeWrite)
	http.DefaultClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() { http.DefaultClient.CheckRedirect = nil })
	if a := ask(t, http.MethodPost, p.base+"/settings", bearer, "name=x"); a.status == http.StatusOK {
		t.Errorf("a token posts a form: %d", a.status)
	}
	for path, want := range map[string]string{"/api/v1/nothing": "application/problem+json", "/api/v1": "application/problem+json", "/api/v2/flags": "text/html", "/api": "text/html"} {
		a := ask(t, http.MethodGet, p.base+path, bearer, "", "Cookie", strings.Join(with, "; "))
		if a.status != http.StatusNotFound || !strings.HasPrefix(a.header.Get("Content-Type"), want) {
			t.Errorf("%s: %d %s", path, a.status, a.header.Get("Content-Type"))
		}
	}
}

// bearer is a token of the sample's director.
func (p *program) bearer(t *testing.T, scope models.TokenScope) string {
	t.Helper()
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	director := r.People[0]
	by := models.Actor{Organisation: r.Organisation.ID, Person: director.ID, Name: director.Name, Role: director.Role, At: testNow}
	text, hash := token.New(scope)
	if _, err := p.Store.MakeToken(context.Background(), by, models.Token{PersonID: director.ID, Name: "README", Scope: scope}, hash); err != nil {
		t.Fatal(err)
	}
	return text
}

// The README's examples of the API are run against the program as they stand.
func TestTheExamplesOfTheREADMEWork(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n### The API\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, block, _ := strings.Cut(section, "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	p := startProgram(t, true)
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	service := fmt.Sprintf(`"service_id": %d`, r.Services[0].ID)
	replace := strings.NewReplacer("$ENVELOPPE", p.base, "$TOKEN", p.bearer(t, models.ScopeWrite), `"service_id": 12`, service)
	last, runs := "", 0
	for _, line := range strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n") {
		if !strings.HasPrefix(line, "curl ") {
			continue
		}
		a := runCurl(t, strings.ReplaceAll(replace.Replace(line), "$PAYMENT", last))
		var body map[string]any
		if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.status >= http.StatusBadRequest {
			t.Errorf("%s\n%d %s %v", line, a.status, a.body, err)
		}
		if id, ok := body["id"].(float64); ok && strings.Contains(line, "POST") {
			last = fmt.Sprint(int64(id))
		}
		runs++
	}
	if runs < 4 || !strings.Contains(block, `"service_id": 12`) {
		t.Errorf("the README has %d examples", runs)
	}
}

// shellWord is one word of a command line: bare, or in quotes of either kind.
var shellWord = regexp.MustCompile(`'([^']*)'|"((?:[^"\\]|\\.)*)"|(\S+)`)

// runCurl does what curl would with the few options the examples use.
func runCurl(t *testing.T, line string) asked {
	t.Helper()
	var words, headers []string
	for _, m := range shellWord.FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2]+m[3])
	}
	method, address, body := http.MethodGet, "", ""
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "--header":
			i++
			name, value, _ := strings.Cut(words[i], ": ")
			headers = append(headers, name, value)
		case "--request":
			i++
			method = words[i]
		case "--data":
			i++
			body = words[i]
		default:
			if address != "" || strings.HasPrefix(words[i], "-") {
				t.Fatalf("%s: what is %s?", line, words[i])
			}
			address = words[i]
		}
	}
	return ask(t, method, address, "", body, headers...)
}

package app

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"enveloppe/app/browser"
	"enveloppe/models"
	"enveloppe/models/onetime"
)

const directorPassword = "sept péniches sur la Marne"

// startNamed runs the program at an address that browsers use passkeys on, with the sample association and a director
// who signs in with a password.
func startNamed(t *testing.T) *program {
	t.Helper()
	p := startProgram(t, false, func(c *Config) { c.Base = &url.URL{Scheme: "http", Host: "localhost:0"} })
	if _, err := p.PlantSample(t.Context(), models.French); err != nil {
		t.Fatal(err)
	}
	n := NewUser{Name: "Jeanne Roy", Email: "jeanne@passerelles.example", Role: string(models.Director)}
	if err := p.AddUser(t.Context(), io.Discard, n, directorPassword); err != nil {
		t.Fatal(err)
	}
	return p
}

// phone is a tab of the size of one.
func phone(t *testing.T) *browser.Tab {
	t.Helper()
	tab := browser.Start(t)
	tab.Emulate(390, 844, false, "fr")
	return tab
}

func (p *program) signIn(t *testing.T, tab *browser.Tab) {
	t.Helper()
	tab.Open(p.base + "/sign-in")
	tab.Fill("#email", "jeanne@passerelles.example")
	tab.Fill("#password", directorPassword)
	tab.Click("form[action='/sign-in'] .button.primary")
}

// signOut leaves by the button everybody has.
func (p *program) signOut(tab *browser.Tab) {
	tab.Open(p.base + "/account")
	tab.Eval(`document.getElementById("menu").showPopover()`)
	tab.Click(`#menu form[action="/sign-out"] button`)
}

// sound looks whether everybody can use the page: no violation of WCAG, nothing beside the screen.
func sound(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if found := tab.Axe(); len(found) > 0 {
		t.Errorf("%s: %v", tab.URL(), found)
	}
	if wide := tab.Overflow(); len(wide) > 0 {
		t.Errorf("%s: beside the screen: %v", tab.URL(), wide)
	}
}

// clean looks whether the browser complained, or asked another machine for something.
func clean(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if errors := tab.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("console: %v", errors)
	}
	if outside := tab.OutsideRequests(); len(outside) > 0 {
		t.Errorf("asked of other machines: %v", outside)
	}
}

// lettersTo are the subjects and texts of the plain letters to an address, oldest first.
func (p *program) lettersTo(t *testing.T, address string) (subjects, texts []string) {
	t.Helper()
	for _, m := range p.post.Messages() {
		if !slices.Contains(m.To, address) {
			continue
		}
		letter, err := mail.ReadMessage(strings.NewReader(string(m.Data)))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(letter.Body))
		if err != nil {
			t.Fatal(err)
		}
		subjects, texts = append(subjects, subject), append(texts, string(body))
	}
	return subjects, texts
}

var invitationLink = regexp.MustCompile(`http://localhost:\d+/invitation/[\w-]{43}`)

// TestTheAccountantComesInWithAPasskey invites the accountant, who takes it up on a telephone without ever choosing a
// password, comes back with the same passkey, exports, confirms who they are, and cannot change a price.
func TestTheAccountantComesInWithAPasskey(t *testing.T) {
	p := startNamed(t)
	p.invite(t)
	_, texts := p.lettersTo(t, "amina@chiffres.example")
	if len(texts) != 1 || invitationLink.FindString(texts[0]) == "" {
		t.Fatalf("the invitation is %q", texts)
	}
	tab := phone(t)
	tab.Open(invitationLink.FindString(texts[0]))
	sound(t, tab)
	key := tab.Authenticator()
	refuseWhoIsNotRecognised(t, tab, key)
	tab.Click(`form[action$="/passkey"] button`)
	if said := plain(tab.Text(".notice")); tab.URL() != p.base+"/" || !strings.Contains(said, "Bienvenue dans") {
		t.Fatalf("taken up, one is at %s: %s", tab.URL(), said)
	}
	if n := key.Passkeys(); n != 1 {
		t.Errorf("the telephone holds %d passkeys", n)
	}

	p.signOut(tab)
	sound(t, tab)
	tab.Click(`form[action="/sign-in/passkey"] button`) // no address is typed
	if tab.URL() != p.base+"/" {
		t.Fatalf("the passkey leads to %s: %s", tab.URL(), tab.Text("main"))
	}
	tab.Open(p.base + "/accounting")
	if journal := taken(t, tab, p.base, "journal"); !strings.Contains(journal, "Brevo") {
		t.Errorf("the exported journal is\n%s", journal)
	}
	p.changesNoPrice(t, tab)
	p.confirmsByPasskey(t, tab)
	clean(t, tab)
}

// invite has the director invite the accountant.
func (p *program) invite(t *testing.T) {
	t.Helper()
	tab := browser.Start(t)
	p.signIn(t, tab)
	tab.Open(p.base + "/people/new?invite=on")
	tab.Fill("#name", "Amina Diallo")
	tab.Fill("#email", "amina@chiffres.example")
	tab.Select("#role", "accountant")
	tab.Click("main form .button.primary")
	if said := plain(tab.Text(".notice")); !strings.Contains(said, "amina@chiffres.example") {
		t.Fatalf("inviting says %q", said)
	}
}

// refuseWhoIsNotRecognised shows the telephone a stranger's finger.
func refuseWhoIsNotRecognised(t *testing.T, tab *browser.Tab, key *browser.Authenticator) {
	t.Helper()
	key.Recognises(false)
	tab.Tap(`form[action$="/passkey"] button`)
	tab.Wait(`form[action$="/passkey"] [role=status]:not(:empty)`)
	if said := plain(tab.Text(`form[action$="/passkey"] [role=status]`)); !strings.Contains(said, "Rien n’a été fait") {
		t.Errorf("a stranger's finger says %q", said)
	}
	if n := key.Passkeys(); n != 0 {
		t.Errorf("a stranger made %d passkeys", n)
	}
	key.Recognises(true)
}

// changesNoPrice looks for a way to another price, on the page and behind it.
func (p *program) changesNoPrice(t *testing.T, tab *browser.Tab) {
	t.Helper()
	tab.Open(p.base + "/services?q=dropbox")
	tab.ClickText("Dropbox")
	if tab.Has(`main a[href*="/terms"], main form[action*="/terms"]`) {
		t.Error("the accountant is offered to change a price")
	}
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Subscriptions {
		path := fmt.Sprintf("/subscriptions/%d/terms/new", s.ID)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+path, strings.NewReader("price=1"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", p.base)
		for _, c := range tab.Cookies() {
			req.AddCookie(c)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("POST %s answers the accountant %d", path, resp.StatusCode)
		}
	}
}

// confirmsByPasskey comes back after the proof has grown old, and looks after the passkey.
func (p *program) confirmsByPasskey(t *testing.T, tab *browser.Tab) {
	t.Helper()
	p.ahead.Add(int64(11 * time.Minute))
	tab.Open(p.base + "/account/factors")
	if !strings.Contains(tab.URL(), "/account/confirm") || tab.Has("input[type=password]") {
		t.Fatalf("an old proof leads to %s", tab.URL())
	}
	sound(t, tab)
	tab.Click("[data-passkey] button")
	if tab.URL() != p.base+"/account/factors" || len(tab.Texts(".rows.factors > li")) != 1 {
		t.Fatalf("confirmed, one is at %s: %s", tab.URL(), tab.Text("main"))
	}
	sound(t, tab)
	tab.Tap(`form[action="/account/factors/passkeys"] [data-passkey] button`) // the telephone has one already
	tab.Wait(`form[action="/account/factors/passkeys"] [role=status]:not(:empty)`)
	if said := plain(tab.Text(`form[action="/account/factors/passkeys"] [role=status]`)); !strings.Contains(said, "déjà") {
		t.Errorf("a second passkey on the same telephone says %q", said)
	}
	tab.Click(`.rows.factors a[href$="/removal"]`)
	if tab.Has("main .button.danger") || !strings.Contains(plain(tab.Text("main")), "dernier moyen") {
		t.Errorf("the last means can be removed: %s", tab.Text("main"))
	}
	sound(t, tab)
}

// TestACodeAfterThePassword takes an app into service on a telephone, without any script, and comes in with its code and
// with one kept on paper.
func TestACodeAfterThePassword(t *testing.T) {
	p := startNamed(t)
	tab := phone(t)
	tab.Scripts(false)
	p.signIn(t, tab)
	tab.Open(p.base + "/account/factors")
	if !strings.Contains(plain(tab.Text(`form[action="/account/factors/passkeys"]`)), "demande JavaScript") || tab.Visible(`form[action="/account/factors/passkeys"] button`) {
		t.Errorf("without scripts, the page says of passkeys: %s", tab.Text(`form[action="/account/factors/passkeys"]`))
	}
	tab.Click(`form[action="/account/factors/totp"] button`)
	if !tab.Visible(".qr svg") {
		t.Fatal("the picture is not drawn")
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(tab.Text(".key"), " ", ""))
	if err != nil || len(raw) != 20 {
		t.Fatalf("the key is %q: %v", tab.Text(".key"), err)
	}
	secret := onetime.Secret(raw)
	now := func() int64 { return onetime.Step(testNow.Add(time.Duration(p.ahead.Load()))) }
	tab.Fill("#code", secret.Code(now()+7))
	tab.Click("main form .button.primary")
	if !strings.Contains(plain(tab.Text("#code-error")), "n’est pas le bon") {
		t.Fatalf("a wrong code is taken: %s", tab.Text("main"))
	}
	tab.Fill("#code", secret.Code(now()))
	tab.Click("main form .button.primary")
	codes := tab.Texts(".codes code")
	if len(codes) != onetime.Recoveries {
		t.Fatalf("codes to keep: %v", codes)
	}
	tab.Scripts(true) // to look, and to sign out by the menu
	tab.Open(p.base + "/account/factors")
	sound(t, tab)
	tab.Click(`form[action="/account/factors/totp"] button`) // another app, on second thoughts not
	sound(t, tab)
	p.signOut(tab)
	tab.Scripts(false)

	p.signIn(t, tab)
	if tab.URL() != p.base+"/sign-in/second" {
		t.Fatalf("the password leads to %s", tab.URL())
	}
	tab.Fill("#code", secret.Code(now())) // it was taken when the app was
	tab.Click("form .button.primary")
	if !strings.Contains(plain(tab.Text("#code-error")), "déjà servi") {
		t.Errorf("a code is taken twice: %s", tab.Text("main"))
	}
	p.ahead.Add(int64(30 * time.Second))
	tab.Fill("#code", secret.Code(now()))
	tab.Click("form .button.primary")
	if tab.URL() != p.base+"/" {
		t.Fatalf("the code leads to %s: %s", tab.URL(), tab.Text("main"))
	}
	tab.Scripts(true)
	p.signOut(tab)
	p.signIn(t, tab)
	tab.Tap("summary")
	sound(t, tab)
	tab.Fill("#recovery", strings.ToUpper(codes[3]))
	tab.Click("details .button")
	if tab.URL() != p.base+"/" || !strings.Contains(plain(tab.Text(".notice")), "il vous en reste 9") {
		t.Errorf("a code from paper leads to %s: %s", tab.URL(), tab.Text("main"))
	}
	subjects, _ := p.lettersTo(t, "jeanne@passerelles.example")
	if !slices.Contains(subjects, "Un code d’application protège votre compte Enveloppe") {
		t.Errorf("told by letter: %q", subjects)
	}
	clean(t, tab)
}

package app

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"

	"enveloppe/app/browser"
	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/templates/words"
)

// forecast is what the dashboard's sentence says, and what the register says, which must be the same.
func (p *program) forecast(t *testing.T, tab *browser.Tab) money.Amount {
	t.Helper()
	tab.Open(p.base + "/")
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	today := r.Organisation.Today(testNow)
	position := r.Position(r.Year(today), today)
	if said, want := tab.Text("h1 strong"), words.In(words.FR).Money(position.Forecast); plain(said) != plain(want) {
		t.Errorf("the dashboard says %q, the register %q", said, want)
	}
	return position.Forecast
}

// plain makes every kind of space an ordinary one: a browser gives no-break spaces back as it likes.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\n' }), " ")
}

// TestANewcomersFirstHour does in a real browser what the program is for, from the first look to the file for the
// accountant.
func TestANewcomersFirstHour(t *testing.T) {
	p := startProgram(t, true)
	tab := browser.Start(t)
	start := p.forecast(t, tab)
	if said := plain(tab.Text("h1")); !strings.Contains(said, "dans l’enveloppe de 800 à 1 000 €") {
		t.Errorf("the year's position is not said: %q", said)
	}

	t.Run("adds a service with a premium plan in dollars", func(t *testing.T) { addPrezi(t, p, tab, start) })
	t.Run("cancels another before its decide-by day, and takes it back", func(t *testing.T) { cancelDropbox(t, p, tab) })
	t.Run("records a payment", func(t *testing.T) { recordBrevo(t, p, tab) })
	t.Run("receives the digest", func(t *testing.T) { readDigest(t, p) })
	t.Run("opens the file for the accountant", func(t *testing.T) { readRegister(t, p, tab) })

	if errors := tab.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("console: %v", errors)
	}
	if outside := tab.OutsideRequests(); len(outside) > 0 {
		t.Errorf("asked of other machines: %v", outside)
	}
}

func addPrezi(t *testing.T, p *program, tab *browser.Tab, start money.Amount) {
	tab.Open(p.base + "/")
	tab.Click(`a.button.primary[href="/services/new"]`)
	tab.Fill("#name", "Prezi")
	tab.Select("#function", "Collaboration")
	tab.Check("input[name=tier][value=premium]", true)
	tab.Fill("#price", "1,234") // reads two ways
	tab.Fill("[name=currency]", "USD")
	tab.Fill("#rate", "1,10")
	tab.Click("main form .button.primary")
	if !tab.Has("#price-error") || tab.Value("#name") != "Prezi" || tab.Value("#rate") != "1,10" {
		t.Fatalf("an ambiguous price is not answered beside its field with everything kept: %s", tab.Text("main"))
	}
	tab.Fill("#price", "60,00")
	tab.Click("main form .button.primary")
	if got := tab.Text("h1"); !strings.Contains(got, "Prezi") {
		t.Fatalf("after adding it the page is %q", got)
	}
	// 60.00 dollars at 1.10 for a euro are 54.55; and Dropbox's 110.00 still to come are now 100.00 rather than 101.34.
	if moved := p.forecast(t, tab).Sub(start); moved != money.Euros(5455-134) {
		t.Errorf("the forecast moved by %s, want 53.21 EUR", moved)
	}
}

func cancelDropbox(t *testing.T, p *program, tab *browser.Tab) {
	before := p.forecast(t, tab)
	tab.Open(p.base + "/services?q=dropbox")
	tab.ClickText("Dropbox")
	tab.Click(`main a[href$="/cancellation"]`)
	tab.Click("main form .button.danger")
	if !tab.Has(".notice form button") {
		t.Fatalf("nothing offers to take it back: %s", tab.Text("main"))
	}
	// 110.00 dollars at 1.10 would have been charged on 18 December.
	if moved := p.forecast(t, tab).Sub(before); moved != money.Euros(-10000) {
		t.Errorf("the forecast moved by %s, want −100.00 EUR", moved)
	}
	tab.Open(p.base + "/services?q=dropbox")
	tab.ClickText("Dropbox")
	tab.Click(`main form[action$="/cancellation/undo"] button`)
	if after := p.forecast(t, tab); after != before {
		t.Errorf("taken back, the forecast is %s, was %s", after, before)
	}
}

func recordBrevo(t *testing.T, p *program, tab *browser.Tab) {
	before := p.forecast(t, tab)
	tab.Open(p.base + "/payments")
	tab.Click(`main a[href^="/payments/new?subscription="][href$="on=2026-11-20"]`)
	tab.Fill("#invoice_number", "F-2026-1120")
	tab.Click("main form .button.primary")
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	today := r.Organisation.Today(testNow)
	if due := r.Due(today); len(due) != 1 || due[0].On != today { // what was added today is left
		t.Errorf("still to be recorded: %v", due)
	}
	if !slices.ContainsFunc(r.Payments, func(x models.Payment) bool { return x.InvoiceNumber == "F-2026-1120" && x.Cost == money.Euros(1800) }) {
		t.Error("the payment is not in the register")
	}
	if after := p.forecast(t, tab); after != before {
		t.Errorf("recording what was due moved the forecast from %s to %s", before, after)
	}
}

func readDigest(t *testing.T, p *program) {
	// The timetable posts it by itself within minutes; here it is asked to, so that the test waits for nothing.
	if err := p.Jobs.Round(context.Background(), testNow); err != nil {
		t.Fatal(err)
	}
	var m *mail.Message
	var subject string
	for _, sent := range p.post.Messages() { // reminders of what is due leave in the same round
		if !slices.Contains(sent.To, "claire@passerelles.example") {
			continue
		}
		read, err := mail.ReadMessage(bytes.NewReader(sent.Data))
		if err != nil {
			t.Fatalf("the mailbox holds no letter: %v", err)
		}
		said, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said, "novembre 2026") {
			m, subject = read, said
		}
	}
	if m == nil || !strings.HasPrefix(subject, "Échéances") {
		t.Fatalf("no digest in the mailbox; the last letter is %q", subject)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, kind := range []string{"text/plain", "text/html"} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(part.Header.Get("Content-Type"), kind) || !strings.Contains(string(body), "Dropbox") || !strings.Contains(string(body), p.base) {
			t.Errorf("part %s is\n%s", part.Header.Get("Content-Type"), body)
		}
	}
}

func readRegister(t *testing.T, p *program, tab *browser.Tab) {
	tab.Open(p.base + "/accounting")
	body := taken(t, tab, p.base, "register")
	body, found := strings.CutPrefix(body, "\ufeff")
	if !found {
		t.Error("the file does not begin with its mark of UTF-8")
	}
	reader := csv.NewReader(strings.NewReader(body))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 18 {
		t.Fatalf("the register has %d rows", len(rows))
	}
	if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, "Prezi") && slices.Contains(row, "60,00") }) {
		t.Errorf("the service just added is not in it:\n%s", body)
	}
}

// taken is the file that a button of the accounts' page hands out, asked for as the browser would.
func taken(t *testing.T, tab *browser.Tab, base, kind string) string {
	t.Helper()
	form := "/exports/" + kind
	if !tab.Has(`form[action="` + form + `"] button`) {
		t.Fatalf("there is no button for %s", kind)
	}
	fields := url.Values{"year": {tab.Value(`form[action="` + form + `"] [name=year]`)}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+form, strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", base)
	for _, c := range tab.Cookies() {
		req.AddCookie(c)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s answers %d, %v", form, resp.StatusCode, err)
	}
	return string(body)
}

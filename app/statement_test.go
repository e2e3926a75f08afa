package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"enveloppe/app/browser"
	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/templates/words"
)

// TestMoneyThatLeft does in a real browser what a treasurer does once a month: gives the bank's file, says what its
// lines are, registers a subscription nobody knew of, and files the invoice.
func TestMoneyThatLeft(t *testing.T) {
	p := startProgram(t, true)
	ctx := context.Background()
	r := p.register(t)
	today := r.Organisation.Today(testNow)
	by := models.Actor{Organisation: r.Organisation.ID, Role: models.Director, At: testNow}
	forgotten := forgetTwo(t, p, by, today)
	dir := t.TempDir()
	file, invoice := filepath.Join(dir, "releve.csv"), filepath.Join(dir, "Facture Adobe 4711.pdf")
	if err := os.WriteFile(file, sample.Statement(r.Facts, today), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(invoice, sample.Contents(r.Facts)[0], 0o600); err != nil {
		t.Fatal(err)
	}

	tab := browser.Start(t)
	before := p.position(t, today)
	tab.Open(p.base + "/statements")
	tab.Upload("#file", file)
	tab.ClickText("Vérifier le fichier")
	if h := plain(tab.Text("h1")); !strings.HasPrefix(h, "29 lignes, du 28 juillet 2026") {
		t.Fatalf("the file is read as %q", h)
	}
	tab.Click(`main form[action$="/import"] button`)
	lines, err := p.Store.OpenBankLines(ctx, r.Organisation.ID)
	if err != nil || len(lines) != 29 {
		t.Fatalf("%d lines are open: %v", len(lines), err)
	}

	t.Run("confirms three charges in one step", func(t *testing.T) { confirmAll(t, p, tab, before, forgotten, today) })
	t.Run("registers a debit that comes back each month", func(t *testing.T) { registerAdobe(t, p, tab, today) })
	t.Run("attaches the invoice", func(t *testing.T) { attachInvoice(t, p, tab, invoice) })
	t.Run("finds nothing new in the same file", func(t *testing.T) {
		spent := p.position(t, today).Spent
		tab.Open(p.base + "/statements")
		tab.Upload("#file", file)
		tab.ClickText("Vérifier le fichier")
		tab.Click(`main form[action$="/import"] button`)
		if again := p.position(t, today).Spent; again != spent {
			t.Errorf("spent went from %s to %s", spent, again)
		}
		if n, err := p.Store.OpenBankLines(ctx, r.Organisation.ID); err != nil || len(n) >= 29 {
			t.Errorf("%d lines are open: %v", len(n), err)
		}
	})

	if errors := tab.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("console: %v", errors)
	}
	if outside := tab.OutsideRequests(); len(outside) > 0 {
		t.Errorf("asked of other machines: %v", outside)
	}
}

func (p *program) register(t *testing.T) *models.Register {
	t.Helper()
	r, err := p.Organisation(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (p *program) position(t *testing.T, today cal.Date) models.Position {
	t.Helper()
	r := p.register(t)
	return r.Position(r.Year(today), today)
}

// forgetTwo undoes the two latest payments, whose debits the statement holds: with the charge that nobody has recorded
// three wait for it. It gives what the bank took for the two.
func forgetTwo(t *testing.T, p *program, by models.Actor, today cal.Date) money.Amount {
	t.Helper()
	var latest []models.Payment
	for _, x := range p.register(t).Payments {
		if x.Stands() && x.PaidOn.After(today.AddMonths(-4)) {
			latest = append(latest, x)
		}
	}
	slices.SortFunc(latest, func(a, b models.Payment) int { return b.PaidOn.Compare(a.PaidOn) })
	if len(latest) < 2 {
		t.Fatalf("the sample has paid %d charges in four months", len(latest))
	}
	sum := money.Zero(money.EUR)
	for _, x := range latest[:2] {
		if _, err := p.Store.ReversePayment(context.Background(), by, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		sum = sum.Add(x.EUR)
	}
	return sum
}

func confirmAll(t *testing.T, p *program, tab *browser.Tab, before models.Position, forgotten money.Amount, today cal.Date) {
	if n := len(before.DueCharges); n != 3 {
		t.Fatalf("%d charges are due", n)
	}
	tab.Open(p.base + "/statements/matching")
	proposals := len(tab.Texts("ol.matches:not(.plain) > li"))
	if ticked := tab.Eval(`document.querySelectorAll("input[name=tick]:checked").length`); ticked != fmt.Sprint(proposals) || proposals < 4 {
		t.Errorf("%s of %d proposals are ticked:\n%s", ticked, proposals, tab.Text("main"))
	}
	tab.Click(".matching .button.primary")
	after := p.position(t, today)
	if len(after.DueCharges) != 0 || after.Due.IsPositive() {
		t.Errorf("still due: %v", after.DueCharges)
	}
	if moved, want := after.Spent.Sub(before.Spent), forgotten.Add(money.Euros(1800)); moved != want {
		t.Errorf("spent moved by %s, want %s", moved, want)
	}
	if said := plain(tab.Text(".notice")); !strings.Contains(said, plain(p.euros(after.Forecast))) {
		t.Errorf("the new forecast, %s, is not said: %q", after.Forecast, said)
	}
}

func registerAdobe(t *testing.T, p *program, tab *browser.Tab, today cal.Date) {
	before := p.position(t, today)
	tab.Open(p.base + "/statements/matching")
	row := tab.Eval(`[...document.querySelectorAll("[aria-labelledby=recurring] li")].find(li => li.innerText.includes("Adobe") || li.innerText.includes("ADOBE")).querySelector("a").getAttribute("href")`)
	tab.Open(p.base + row)
	if price := tab.Value("#price"); price != "23,99" {
		t.Errorf("the price proposed is %q", price)
	}
	tab.Select("#function", "Collaboration")
	tab.Click("main form .button.primary")
	if h := tab.Text("h1"); !strings.HasPrefix(h, "4 lignes") {
		t.Fatalf("after adding it its debits are not proposed: %q: %s", h, tab.Text("main"))
	}
	// Four debits so far, and one to come in December.
	if moved := p.position(t, today).Forecast.Sub(before.Forecast); moved != money.Euros(5*2399) {
		t.Errorf("the forecast moved by %s, want %s", moved, money.Euros(5*2399))
	}
	tab.Click(".matching .button.primary")
	after := p.position(t, today)
	if spent := after.Spent.Sub(before.Spent); spent != money.Euros(4*2399) || len(after.DueCharges) != 0 {
		t.Errorf("spent moved by %s and %d charges are due", spent, len(after.DueCharges))
	}
}

func attachInvoice(t *testing.T, p *program, tab *browser.Tab, invoice string) {
	r := p.register(t)
	at := slices.IndexFunc(r.Payments, func(x models.Payment) bool { return x.Billed == money.Euros(2399) })
	if at < 0 || !r.LacksInvoice(r.Payments[at]) {
		t.Fatal("no payment of 23.99 EUR lacks its invoice")
	}
	tab.Open(p.base + "/payments/" + fmt.Sprint(r.Payments[at].ID))
	tab.Upload("#file", invoice)
	tab.Click(`main form[action$="/attachments"] button`)
	r = p.register(t)
	files := r.AttachmentsOf(r.Payments[at])
	if len(files) != 1 || files[0].Name != filepath.Base(invoice) || r.LacksInvoice(r.Payments[at]) {
		t.Fatalf("attached: %v", files)
	}
	got := served(t, tab, p.base+fmt.Sprintf("/attachments/%d", files[0].ID))
	if want, err := os.ReadFile(invoice); err != nil || got != string(want) {
		t.Errorf("what is downloaded is not what was given: %d bytes, %v", len(got), err)
	}
}

// euros is an amount as the screens write it in French.
func (p *program) euros(a money.Amount) string { return words.In(words.FR).Money(a) }

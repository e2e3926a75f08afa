package reports_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/models/sample"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

const base = "https://enveloppe.passerelles.example"

var changes = []models.AuditEntry{
	{Verb: "subscription.cancel", Kind: "subscription", Name: "Nom de domaine", Subject: 301, ByName: "Claire Morel", At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)},
	{Verb: "payment.record", Kind: "payment", Name: "Dropbox", Subject: 606, ByName: "Karim Benali", At: time.Date(2026, 11, 19, 23, 30, 0, 0, time.UTC)},
	{Verb: "person.password", Kind: "person", Name: "Claire Morel", ByName: "Claire Morel", At: time.Date(2026, 11, 18, 9, 0, 0, 0, time.UTC)},
	{Verb: "payment.record", Kind: "payment", Name: "Dropbox", Subject: 600, ByName: "Karim Benali", At: time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)},
}

func december(r *models.Register) reports.Digest {
	to, _ := r.Person(claire)
	d := reports.NewDigest(r, day("2026-12-01"), day("2026-12-01"), to, base, changes)
	d.UnsubscribeURL = base + "/unsubscribe/4f1c"
	return d
}

// open is the register with the payments of December and January taken away, so that their charges are open.
func open() *models.Register {
	f := facts()
	f.Payments = slices.DeleteFunc(f.Payments, func(p models.Payment) bool {
		return p.SubscriptionID == 300
	})
	return models.NewRegister(f)
}

func written(t testing.TB, d reports.Digest, w *words.Words) (text, page string) {
	t.Helper()
	text, err := d.Text(w)
	if err != nil {
		t.Fatal(err)
	}
	page, err = d.HTML(w)
	if err != nil {
		t.Fatal(err)
	}
	return text, page
}

func TestGoldenDigest(t *testing.T) {
	d := december(open())
	for _, lang := range words.Langs() {
		w := words.In(lang)
		text, page := written(t, d, w)
		golden(t, "digest-"+string(lang)+".txt", []byte(d.Subject(w)+"\n\n"+text))
		golden(t, "digest-"+string(lang)+".html", []byte(page))
		if again, againPage := written(t, december(open()), w); again != text || againPage != page {
			t.Error("the same register gives another digest")
		}
	}
}

// quiet is an association that pays once a year, in March, and has everything in order.
func quiet() *models.Register {
	f := facts()
	f.Services, f.Subscriptions, f.Payments = f.Services[:1], f.Subscriptions[:1], nil
	f.Subscriptions[0].StartedOn, f.Subscriptions[0].Anchor = day("2026-05-18"), day("2026-05-18")
	f.Subscriptions[0].Terms[0].From, f.Subscriptions[0].Terms[0].Price = day("2026-05-18"), money.Euros(9240)
	p := models.Payment{ID: 600, ServiceID: dropbox, SubscriptionID: 300, ChargeOn: day("2026-05-18"), PaidOn: day("2026-05-18"), Billed: money.Euros(9240)}
	f.Payments = []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})}
	return models.NewRegister(f)
}

func TestAQuietMonthIsSaidInThreeLines(t *testing.T) {
	d := december(quiet())
	d.Changes = nil
	if !d.Quiet() {
		t.Fatalf("not quiet: %+v, %+v, %+v", d.Decide, d.Renewals, d.Missing)
	}
	w := words.In(words.FR)
	text, page := written(t, d, w)
	_, body, _ := strings.Cut(text, "Bonjour Claire Morel,\n\n")
	body, _, _ = strings.Cut(body, "\n\n")
	want := []string{
		"Rien à payer ni à décider en décembre 2026.",
		"Vous finirez l’année à 92,40_€, 707,60_€ sous le plancher de 800_€.",
		"Prochaine échéance_: Dropbox, le mardi 18_mai 2027, 92,40_€.",
	}
	if got := strings.NewReplacer("\u00a0", "_").Replace(body); got != strings.Join(want, "\n") {
		t.Errorf("%s", got)
	}
	if strings.Contains(page, "<caption") {
		t.Error("a quiet month needs no table")
	}
	if got, want := d.Subject(w), "Échéances de décembre 2026\u00a0: aucune"; got != want {
		t.Errorf("subject %q, want %q", got, want)
	}
}

// three is a December of three renewals, 214,38 € in all.
func three() models.Facts {
	f := facts()
	f.Payments = nil
	f.Subscriptions = f.Subscriptions[:3]
	for i, price := range []money.Amount{money.Cents(9900, "USD"), money.Euros(63_18), money.Euros(29_40)} {
		s := &f.Subscriptions[i]
		s.StartedOn, s.Anchor = day("2025-12-10").AddDays(i), day("2025-12-10").AddDays(i)
		s.Terms[0].From, s.Terms[0].Price = s.StartedOn, price
	}
	return f
}

func TestSubjects(t *testing.T) {
	f := three()
	w := words.In(words.FR)
	subject := func(f models.Facts, month string) string {
		return reports.NewDigest(models.NewRegister(f), day(month), day("2026-11-23"), f.People[0], base, nil).Subject(w)
	}
	if got, want := subject(f, "2026-12-01"), "Échéances de décembre 2026\u00a0: 3 échéances, 214,38\u00a0€"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := reports.NewDigest(models.NewRegister(f), day("2026-12-01"), day("2026-11-23"), f.People[0], base, nil).Subject(words.In(words.EN)), "Renewals for December 2026: 3 renewals, €214.38"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, month := range []string{"2026-04-01", "2026-08-01", "2026-10-01"} {
		if got := subject(f, month); !strings.HasPrefix(got, "Échéances d’") {
			t.Errorf("%q lacks an elision", got)
		}
	}
	f.Rates = nil
	if got, want := subject(f, "2026-12-01"), "Échéances de décembre 2026\u00a0: 3 échéances, 121,98\u00a0€ sans compter 1 montant non converti"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	f.Waivers = []models.Waiver{{ID: 700, SubscriptionID: 301, ChargeOn: day("2026-12-11")}, {ID: 701, SubscriptionID: 302, ChargeOn: day("2026-12-12")}}
	if got, want := subject(f, "2026-12-01"), "Échéances de décembre 2026\u00a0: 1 échéance, non converti"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A digest sent late in its month says what has been paid since.
func TestPaidRenewalsAreSaidPaid(t *testing.T) {
	f := three()
	p := models.Payment{ID: 600, ServiceID: domain, SubscriptionID: 301, ChargeOn: day("2026-12-11"), PaidOn: day("2026-12-12"), Billed: money.Euros(70_00)}
	f.Payments = []models.Payment{p.Settle(models.VATStatus{Kind: models.NotTaxable})}
	d := reports.NewDigest(models.NewRegister(f), day("2026-12-01"), day("2026-12-20"), f.People[0], base, nil)
	text, _ := written(t, d, words.In(words.FR))
	flat := strings.ReplaceAll(text, "\u00a0", " ")
	if !strings.Contains(flat, "- 11 déc. (il y a 9 jours) — Nom de domaine : payé\n  70,00 €\n") {
		t.Errorf("%s", text)
	}
	if d.Renewals[1].Settled != models.Paid || d.Renewals[1].Amount != money.Euros(70_00) {
		t.Errorf("%+v", d.Renewals[1])
	}
}

func TestFlagsDealtWithAreNotTold(t *testing.T) {
	r := open()
	before := december(r)
	if len(before.Decide) == 0 || len(before.Missing) == 0 {
		t.Fatalf("nothing to decide or nothing missing: %+v", before)
	}
	f := r.Facts
	for i, c := range append(slices.Clone(before.Decide), before.Missing...) {
		f.Flags = append(f.Flags, models.Flag{ID: models.ID(800 + i), FlagKey: c.Key, RaisedOn: day("2026-11-01"), SnoozedUntil: day("2026-12-24")})
	}
	if after := december(models.NewRegister(f)); len(after.Decide)+len(after.Missing) != 0 {
		t.Errorf("told again: %+v, %+v", after.Decide, after.Missing)
	}
}

// samples are registers of every size, in both languages.
func samples(t *testing.T) map[string]reports.Digest {
	t.Helper()
	all := map[string]reports.Digest{"own": december(open()), "quiet": december(quiet()), "empty": december(models.NewRegister(models.Facts{Organisation: facts().Organisation}))}
	for _, lang := range []models.Lang{models.French, models.English} {
		f := sample.Association(day("2026-11-23"), lang, time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC))
		all["sample "+string(lang)] = reports.NewDigest(models.NewRegister(f), day("2026-12-01"), day("2026-11-23"), f.People[0], base, changes)
	}
	large := facts()
	large.Payments, large.Rates = nil, nil
	for i := range 400 {
		id := models.ID(10_000 + i)
		name := fmt.Sprintf("Service %d <b>&\"'", i)
		large.Services = append(large.Services, models.Service{ID: id, Name: name, FunctionID: dataAccess, VendorID: dropboxInc, ExportEvery: 10})
		large.Subscriptions = append(large.Subscriptions, models.Subscription{
			ID: 20_000 + id, ServiceID: id, PlanID: 200, StartedOn: day("2024-01-10"), Anchor: day("2024-01-10").AddDays(i % 20), Cadence: cal.Monthly, AutoRenew: true,
			Terms: []models.Terms{{From: day("2024-01-10"), Price: money.Cents(1000, []money.Currency{"EUR", "USD"}[i%2]), PerSeat: true, Seats: 3}},
		})
	}
	var acts []models.AuditEntry
	for i := range 200 {
		acts = append(acts, models.AuditEntry{Verb: "service.add", Name: fmt.Sprintf("Service %d", i), ByName: "Claire Morel", At: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)})
	}
	d := december(models.NewRegister(large))
	d.Changes = acts
	all["large"] = d
	return all
}

func TestDigestIsAPageByItself(t *testing.T) {
	for name, d := range samples(t) {
		for _, lang := range words.Langs() {
			t.Run(name+" "+string(lang), func(t *testing.T) {
				text, page := written(t, d, words.In(lang))
				if strings.Contains(text+page, "⟦") {
					t.Errorf("a text is missing:\n%s", text)
				}
				if len(page) >= 100_000 {
					t.Errorf("%d bytes: mail programs cut what is over 100 kB", len(page))
				}
				doc, err := html.Parse(strings.NewReader(page))
				if err != nil {
					t.Fatal(err)
				}
				checkPage(t, doc, string(lang))
				checkTextIsComplete(t, doc, text)
			})
		}
	}
}

func checkPage(t *testing.T, doc *html.Node, lang string) {
	t.Helper()
	for n := range doc.Descendants() {
		switch n.DataAtom {
		case atom.Html:
			if got := attribute(n, "lang"); got != lang {
				t.Errorf("lang is %q", got)
			}
		case atom.Img, atom.Script, atom.Link, atom.Iframe, atom.Form, atom.Object, atom.Video, atom.Svg:
			t.Errorf("the digest holds a <%s>", n.Data)
		case atom.Table:
			checkTable(t, n)
		case atom.A:
			if href := attribute(n, "href"); !strings.HasPrefix(href, base+"/") {
				t.Errorf("a link to %q", href)
			}
		default:
		}
		for _, a := range n.Attr {
			if strings.Contains(a.Val, "url(") || strings.Contains(a.Val, "ZgotmplZ") || a.Key == "src" || a.Key == "background" {
				t.Errorf("%s=%q fetches something, or was refused", a.Key, a.Val)
			}
		}
		if n.DataAtom == atom.Style && (strings.Contains(inside(n), "url(") || strings.Contains(inside(n), "@import")) {
			t.Error("the styles fetch something")
		}
	}
}

// checkTable holds that a data table has a caption, and that each of its heads says what it heads.
func checkTable(t *testing.T, table *html.Node) {
	t.Helper()
	if attribute(table, "role") == "presentation" {
		return
	}
	captions := 0
	for n := range table.Descendants() {
		switch n.DataAtom {
		case atom.Caption:
			captions++
		case atom.Th:
			if scope := attribute(n, "scope"); scope != "row" && scope != "col" {
				t.Errorf("%q heads nothing", inside(n))
			}
		default:
		}
	}
	if captions != 1 {
		t.Errorf("a data table with %d captions", captions)
	}
}

// checkTextIsComplete holds that whoever reads the text reads all that the page says.
func checkTextIsComplete(t *testing.T, doc *html.Node, text string) {
	t.Helper()
	flat := strings.ToLower(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }), " "))
	for n := range doc.Descendants() {
		if n.Type != html.TextNode || hidden(n) {
			continue
		}
		said := strings.ToLower(strings.Join(strings.FieldsFunc(n.Data, func(r rune) bool { return r == ' ' || r == '\n' }), " "))
		if said != "" && said != "—" && said != "\u00a0" && !strings.Contains(flat, said) {
			t.Errorf("the text leaves out %q", n.Data)
		}
	}
	for n := range doc.Descendants() {
		if href := attribute(n, "href"); n.DataAtom == atom.A && !strings.Contains(text, href) {
			t.Errorf("the text leaves out the address %s", href)
		}
	}
}

// hidden tells what a reader of the page does not read: its title, its styles, the names of columns.
func hidden(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Style || p.DataAtom == atom.Title || p.DataAtom == atom.Thead {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func inside(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func TestWhatPeopleTypeIsTextInTheDigest(t *testing.T) {
	f := three()
	f.Services[0].Name = `<script>alert(1)</script>`
	f.Organisation.Name = `<img src=x onerror=alert(1)>`
	d := reports.NewDigest(models.NewRegister(f), day("2026-12-01"), day("2026-11-23"), f.People[0], base, nil)
	text, page := written(t, d, words.In(words.FR))
	if strings.Contains(page, "<script") || strings.Contains(page, "<img") || !strings.Contains(page, "&lt;script&gt;") {
		t.Error("a name became markup")
	}
	if !strings.Contains(text, "<script>alert(1)</script>") {
		t.Error("the text escapes a name, as if it were markup")
	}
}

func TestOnlyACopyForSomebodyCanBeUnsubscribed(t *testing.T) {
	d := december(open())
	text, page := written(t, d, words.In(words.FR))
	if !strings.Contains(text, d.UnsubscribeURL) || !strings.Contains(page, d.UnsubscribeURL) {
		t.Error("no way to stop receiving it")
	}
	d.UnsubscribeURL = ""
	if text, page := written(t, d, words.In(words.FR)); strings.Contains(text+page, "Ne plus le recevoir") {
		t.Error("a preview offers to stop receiving it")
	}
}

func TestAYearOverItsCeilingSaysTheDay(t *testing.T) {
	f := three()
	f.Envelopes[0].Ceiling, f.Envelopes[0].Floor = money.Euros(150_00), money.Euros(100_00)
	d := reports.NewDigest(models.NewRegister(f), day("2026-12-01"), day("2026-11-23"), f.People[0], base, nil)
	text, page := written(t, d, words.In(words.FR))
	// 150 of 214,38 € lie under the ceiling, in whole percents.
	if !strings.Contains(page, `class="committed" width="69%"`) || !strings.Contains(page, `class="over" width="31%"`) {
		t.Error("the bar does not show what lies beyond the ceiling")
	}
	flat := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\n", " ").Replace(text)
	for _, want := range []string{
		"Vous finirez l’année à 214,38 €, 64,38 € au-dessus du plafond de 150 €.",
		"Le plafond sera franchi le vendredi 11 décembre 2026, par Nom de domaine.",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

func TestTextLinesAreShort(t *testing.T) {
	for name, d := range samples(t) {
		text, _ := written(t, d, words.In(words.FR))
		for line := range strings.Lines(text) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 76 && !strings.Contains(line, "https://") {
				t.Errorf("%s: a line of %d: %s", name, n, line)
			}
			if strings.HasSuffix(line, " \n") && line != "-- \n" {
				t.Errorf("%s: a space at the end of %q", name, line)
			}
		}
	}
}

func ExampleDigest_Subject() {
	f := facts()
	d := reports.NewDigest(models.NewRegister(f), day("2026-10-01"), day("2026-09-30"), f.People[0], base, nil)
	fmt.Println(strings.ReplaceAll(d.Subject(words.In(words.FR)), "\u00a0", " "))
	// Output: Échéances d’octobre 2026 : 1 échéance, 119,88 €
}

func TestWhatWasToldLastMonthIsNotToldAgain(t *testing.T) {
	old := []models.AuditEntry{
		{Verb: "payment.record", At: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)},
		{Verb: "payment.record", At: time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC)}, // already November in Paris
		{Verb: "payment.record", At: time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)}, // half past eleven in the evening there
	}
	d := reports.NewDigest(open(), day("2026-12-01"), day("2026-12-01"), models.Person{}, base, append(slices.Clone(changes), old...))
	if got, want := len(d.Changes), len(changes)+2; got != want {
		t.Errorf("%d changes are told, want %d: those of November, in the organisation's own days", got, want)
	}
}

// Somebody from whom amounts are kept gets the same month without any: what renews when, what is to be decided.
func TestADigestWithoutAmounts(t *testing.T) {
	f := sample.Association(day("2026-11-23"), models.French, time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))
	f.Organisation.StaffWithoutAmounts = true
	for i := range f.Subscriptions {
		f.Subscriptions[i].Note, f.Subscriptions[i].CancelReason = "7 777,77 €", "7 777,77 €"
		for j := range f.Subscriptions[i].Terms {
			f.Subscriptions[i].Terms[j].Note = "à 7 777,77 €"
		}
	}
	r := models.NewRegister(f)
	log := append([]models.AuditEntry{
		{Verb: "service.add", Kind: "service", Name: "Canva à 7 777,77 €", At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), ByName: "Claire Morel"},
		{Verb: "subscription.terms.add", Kind: "subscription", Name: "Dropbox", At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)},
	}, changes...)
	to := models.Person{Name: "Awa", Role: models.Staff, Lang: models.French, Email: "awa@example.org"}
	for _, lang := range words.Langs() {
		for month := day("2026-01-01"); month.Before(day("2027-12-01")); month = month.AddMonths(1) {
			d := reports.NewDigest(r, month, day("2026-11-23"), to, base, log)
			text, page := written(t, d, words.In(lang))
			for _, said := range []string{d.Subject(words.In(lang)), text, page} {
				plain := strings.ReplaceAll(said, "Canva à "+money.Concealed, "")
				if strings.ContainsAny(plain, "€•$") || strings.Contains(plain, "USD") || strings.Contains(plain, "/envelope") {
					t.Fatalf("%s of %v:\n%s", lang, month, said)
				}
			}
		}
		d := reports.NewDigest(r, day("2026-12-01"), day("2026-11-23"), to, base, log)
		text, _ := written(t, d, words.In(lang))
		for _, want := range []string{"Canva", "Dropbox", "2026"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", lang, want, text)
			}
		}
		if strings.Contains(text, words.In(lang).T("letter.did.payment.record")) || strings.Contains(text, words.In(lang).T("letter.did.subscription.terms.add")) {
			t.Error("a payment or a price is among what changed")
		}
	}
	to.Role = models.Editor
	d := reports.NewDigest(r, day("2026-12-01"), day("2026-11-23"), to, base, log)
	if text, _ := written(t, d, words.In(words.FR)); !strings.Contains(text, "€") {
		t.Error("the editor gets no amounts either")
	}
}

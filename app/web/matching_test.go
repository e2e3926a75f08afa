package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

// newBankSite is a site whose bank statement is imported, the director signed in.
func newBankSite(t testing.TB) *site {
	t.Helper()
	s := newSite(t).as(models.Director)
	s.imported("releve.csv", s.statement(), "account", typedID(s.account().ID))
	return s
}

// matching is what the site makes of its open lines now.
func (s *site) matching() models.Matching {
	s.t.Helper()
	ctx := context.Background()
	open, err := s.store.OpenBankLines(ctx, s.org)
	if err != nil {
		s.t.Fatal(err)
	}
	h, err := s.store.Habits(ctx, s.org)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.register().Match(open, h, testDay)
}

// rows are the form of the proposals, as the page sends it with these lines ticked.
func rows(all []models.Proposal, ticked ...models.ID) []string {
	var pairs []string
	for _, p := range all {
		line := typedID(p.Line.ID)
		pairs = append(pairs, "line", line, "as."+line, choiceOf(p.Match()))
		if slices.Contains(ticked, p.Line.ID) {
			pairs = append(pairs, "tick", line)
		}
	}
	return pairs
}

func (s *site) line(id models.ID) models.BankLine {
	s.t.Helper()
	l, err := s.store.BankLine(context.Background(), s.org, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

// labelled is the first line whose label has a word in it.
func (s *site) labelled(word string) models.BankLine {
	s.t.Helper()
	for _, l := range s.lines() {
		if strings.Contains(l.Label, word) {
			return l
		}
	}
	s.t.Fatalf("no line says %s", word)
	return models.BankLine{}
}

func TestTickedLinesBecomePaymentsAndCanBeUndone(t *testing.T) {
	s := newBankSite(t)
	all := s.matching().Proposals
	at := slices.IndexFunc(all, func(p models.Proposal) bool { return p.Charge.SubscriptionID != 0 })
	tied := slices.IndexFunc(all, func(p models.Proposal) bool { return p.PaymentID != 0 })
	if at < 0 || tied < 0 {
		t.Fatalf("proposals %+v", all)
	}
	charge, known := all[at], all[tied]
	before := s.register()
	var done []string
	for _, p := range all {
		if p.Line.ID == charge.Line.ID || p.Line.ID == known.Line.ID {
			done = append(done, typedID(p.Line.ID))
		}
	}
	to := "/statements/matching?done=" + url.QueryEscape(strings.Join(done, ","))
	s.submit("/statements/matching", rows(all, charge.Line.ID, known.Line.ID)...).follows(t, to)
	r := s.register()
	if got := len(r.Payments) - len(before.Payments); got != 1 {
		t.Fatalf("%d payments more, want the one that was not recorded", got)
	}
	if p, _ := r.Payment(s.line(charge.Line.ID).PaymentID); p.PaidOn != charge.Line.Day || p.Billed != charge.Line.Amount.Neg() || p.ChargeOn != charge.Charge.On {
		t.Errorf("payment %+v of line %+v", p, charge.Line)
	}
	if got := s.line(known.Line.ID).PaymentID; got != known.PaymentID {
		t.Errorf("the line is tied to %d, want %d", got, known.PaymentID)
	}
	page := s.get("/statements/matching?done="+typedID(charge.Line.ID)).wants(t, http.StatusOK, "2 lignes rapprochées", "Vous finirez", "Ce qui vient d’être rapproché", "/undo")
	if strings.Contains(page.body, `name="tick" value="`+typedID(charge.Line.ID)) {
		t.Error("a recorded line is proposed again")
	}

	// Sending the page again records nothing twice.
	s.submit("/statements/matching", rows(all, charge.Line.ID, known.Line.ID)...).follows(t, to)
	if again := s.register(); len(again.Payments) != len(r.Payments) || again.Revision != r.Revision {
		t.Errorf("sent twice, there are %d payments of %d, revision %d after %d", len(again.Payments), len(r.Payments), again.Revision, r.Revision)
	}
	line := typedID(charge.Line.ID)
	s.submit("/statements/matching", "line", line, "tick", line, "as."+line, asService+"."+typedID(s.service("Dropbox").ID)).
		wants(t, http.StatusUnprocessableEntity, "quelqu’un a répondu entre-temps")
	s.submit(bankLinePath(charge.Line.ID)+"/undo").follows(t, "/statements/matching")
	s.submit(bankLinePath(known.Line.ID)+"/undo").follows(t, "/statements/matching")
	if now := s.register(); len(now.Payments) != len(before.Payments)+2 || !now.Position(now.Year(testDay), testDay).Spent.IsPositive() ||
		now.Position(now.Year(testDay), testDay).Forecast != before.Position(before.Year(testDay), testDay).Forecast {
		t.Errorf("undone, there are %d payments of %d", len(now.Payments), len(before.Payments))
	}
	s.get("/statements/matching").wants(t, http.StatusOK, "attend de nouveau une réponse")
	if n := len(s.matching().Proposals); n != len(all) {
		t.Errorf("%d proposals, want the %d again", n, len(all))
	}
}

func TestARefusedRowSaysWhyAndLosesNothing(t *testing.T) {
	s := newBankSite(t)
	all := s.matching().Proposals
	if len(all) < 3 {
		t.Fatalf("%d proposals", len(all))
	}
	wrong, other := typedID(all[0].Line.ID), typedID(all[1].Line.ID)
	service := asService + "." + typedID(s.service("Dropbox").ID)
	before := len(s.register().Payments)
	a := s.submit("/statements/matching", "line", wrong, "as."+wrong, "payment.987654", "tick", wrong, "line", other, "as."+other, service, "tick", other)
	a.wants(t, http.StatusUnprocessableEntity, `id="why.`+wrong+`"`, `href="#match.`+wrong+`"`, `<option value="`+service+`" selected>`)
	for _, line := range []string{wrong, other} {
		if !strings.Contains(a.body, `name="tick" value="`+line+`" checked`) {
			t.Errorf("the tick of %s is lost", line)
		}
	}
	if n := len(s.register().Payments); n != before {
		t.Errorf("%d payments of %d: a part was recorded", n, before)
	}
	s.submit("/statements/matching", rows(all)...).wants(t, http.StatusUnprocessableEntity, "Cochez au moins une ligne")
	s.submit("/statements/matching").wants(t, http.StatusUnprocessableEntity, "Cochez au moins une ligne")
	// Two lines cannot both be the payment recorded by hand.
	tied := slices.IndexFunc(all, func(p models.Proposal) bool { return p.PaymentID != 0 })
	same := choiceOf(all[tied].Match())
	s.submit("/statements/matching", "line", wrong, "as."+wrong, same, "tick", wrong, "line", other, "as."+other, same, "tick", other).
		wants(t, http.StatusUnprocessableEntity, `class="wrong"`)
}

func TestALineCanBeSaidToBeAnything(t *testing.T) {
	s := newBankSite(t)
	sncf := s.labelled("SNCF")
	s.get(bankLinePath(sncf.ID)).wants(t, http.StatusOK, "SNCF", "Cette ligne est", "Une partie seulement", "Écarter ce libellé, toujours", "/services/new?")
	s.submit(bankLinePath(sncf.ID)+"/match").wants(t, http.StatusUnprocessableEntity, `id="as-error"`)
	s.submit(bankLinePath(sncf.ID)+"/match", "as", "service.99").wants(t, http.StatusUnprocessableEntity, `id="as-error"`)
	s.submit(bankLinePath(sncf.ID)+"/match", "as", asService+"."+typedID(s.service("Dropbox").ID), "billed", "deux", "currency", "USD").
		wants(t, http.StatusUnprocessableEntity, `id="billed-error"`)
	s.submit(bankLinePath(sncf.ID)+"/match", "as", asService+"."+typedID(s.service("Dropbox").ID), "billed", "140", "currency", "USD").
		follows(t, "/statements/matching?done="+typedID(sncf.ID))
	p, _ := s.register().Payment(s.line(sncf.ID).PaymentID)
	usd, _ := money.ParseAmount("140", "USD")
	if p.Billed != usd || p.Debited != sncf.Amount.Neg() || p.RateSource != models.RateBank {
		t.Errorf("payment %+v", p)
	}
	s.get(bankLinePath(sncf.ID)).wants(t, http.StatusOK, "est le paiement de", "Ce n’est pas ce paiement", "/payments/"+typedID(p.ID))
	s.submit(bankLinePath(sncf.ID)+"/undo", "to", bankLinePath(sncf.ID)).follows(t, bankLinePath(sncf.ID))
	s.get(bankLinePath(sncf.ID)).wants(t, http.StatusOK, "Cette ligne est")
	s.submit(bankLinePath(sncf.ID)+"/undo").wants(t, http.StatusConflict)
}

func TestMoneyThatCameInSettlesNoCharge(t *testing.T) {
	s := newBankSite(t)
	fees := s.labelled("COTISATIONS")
	due := s.register().Due(testDay)[0]
	charge := choiceOf(models.Match{SubscriptionID: due.SubscriptionID, ChargeOn: due.On})
	page := s.get(bankLinePath(fees.ID)).wants(t, http.StatusOK, "Ce qu’un service a rendu")
	for _, text := range []string{charge, "Une partie seulement", "/services/new?"} {
		if strings.Contains(page.body, text) {
			t.Errorf("money that came in is offered %q", text)
		}
	}
	s.submit(bankLinePath(fees.ID)+"/match", "as", charge).wants(t, http.StatusUnprocessableEntity, `id="as-error"`)
	s.submit(bankLinePath(fees.ID)+"/match", "as", asService+"."+typedID(due.ServiceID)).follows(t, "/statements/matching?done="+typedID(fees.ID))
	if p, _ := s.register().Payment(s.line(fees.ID).PaymentID); p.Billed != fees.Amount.Neg() || p.SubscriptionID != 0 {
		t.Errorf("payment %+v", p)
	}
}

func TestAPartOfAChargeLeavesTheRest(t *testing.T) {
	s := newBankSite(t)
	all := s.matching().Proposals
	at := slices.IndexFunc(all, func(p models.Proposal) bool { return p.Charge.SubscriptionID != 0 })
	charge := all[at].Charge
	small := s.labelled("TENUE DE COMPTE")
	s.submit(bankLinePath(small.ID)+"/match", "as", choiceOf(all[at].Match()), "part", "on").follows(t, "/statements/matching?done="+typedID(small.ID))
	rest, open := s.register().OpenCharge(charge.SubscriptionID, charge.On, testDay)
	if want := charge.Billed.Add(small.Amount); !open || rest.Billed != want {
		t.Errorf("the rest is %v, open %t, want %v", rest.Billed, open, want)
	}
}

func TestLinesAreSetAsideAndTakenBack(t *testing.T) {
	s := newBankSite(t)
	sncf, loyer := s.labelled("SNCF"), s.labelled("LOYER")
	s.submit("/bank-lines/aside", "line", typedID(sncf.ID), "line", typedID(loyer.ID), "to", "/statements/matching?rest=1").follows(t, "/statements/matching?rest=1")
	page := s.get("/statements/matching").wants(t, http.StatusOK, "2 lignes écartées", "/bank-lines/return?")
	if !s.line(sncf.ID).Aside || !s.line(loyer.ID).Aside {
		t.Error("the lines are not set aside")
	}
	undo := unescape(regexp.MustCompile(`action="(/bank-lines/return[^"]*)"`).FindStringSubmatch(page.body)[1])
	s.submit(undo).follows(t, "/statements/matching?rest=1")
	if s.line(sncf.ID).Aside || s.line(loyer.ID).Aside {
		t.Error("the lines are not taken back")
	}
	s.submit("/bank-lines/aside").follows(t, "/statements/matching")
	s.get("/statements/matching").wants(t, http.StatusOK, "Aucune ligne n’était cochée")
	s.submit("/bank-lines/aside", "line", typedID(sncf.ID))
	at := bankAccountPath(s.account().ID)
	s.get(at+"?state=aside").wants(t, http.StatusOK, "SNCF", "Reprendre")
	s.get(at+"?state=paid").wants(t, http.StatusOK, "Aucune ligne ne correspond")
	s.get(at+"?q=loyer").wants(t, http.StatusOK, "LOYER")
	s.get(at+"?state=lost").wants(t, http.StatusNotFound)
	s.submit("/bank-lines/return", "line", typedID(sncf.ID), "to", at).follows(t, at)
	s.submit("/bank-lines/aside", "line", typedID(sncf.ID), "to", "https://elsewhere.example/").follows(t, "/statements/matching")
}

func TestALabelIsNoServiceUntilItIsTakenBack(t *testing.T) {
	s := newBankSite(t)
	i := slices.IndexFunc(s.matching().Recurring, func(x models.Recurring) bool { return strings.Contains(x.Name, "EDF") })
	if i < 0 {
		t.Fatal("the electricity does not come back")
	}
	edf := s.matching().Recurring[i]
	s.submit("/bank-labels/aside", "key", edf.Key).follows(t, "/statements/matching")
	page := s.get("/statements/matching").wants(t, http.StatusOK, "n’est pas un service", fmt.Sprintf("%d lignes écartées", len(edf.Lines)), "Un libellé écarté")
	undo := regexp.MustCompile(`action="(/bank-labels/return[^"]*)"`).FindStringSubmatch(page.body)
	if undo == nil || strings.Contains(page.body, "<b>"+edf.Name+"</b>") {
		t.Fatalf("no way back, or still there\n%s", excerpt(page.body))
	}
	s.submit(unescape(undo[1])).follows(t, "/statements/matching")
	if n := len(s.matching().Recurring); n == 0 || !slices.ContainsFunc(s.matching().Recurring, func(x models.Recurring) bool { return x.Key == edf.Key }) {
		t.Error("the label is not back")
	}
	s.submit("/bank-labels/aside").wants(t, http.StatusNotFound)
	s.submit("/bank-labels/return", "key", "nobody knows").wants(t, http.StatusNotFound)
}

// Registering what comes back: the form is filled in, and afterwards the debits of the past are its payments.
func TestARecurringDebitIsRegisteredAndThenMatches(t *testing.T) {
	s := newBankSite(t)
	i := slices.IndexFunc(s.matching().Recurring, func(x models.Recurring) bool { return strings.Contains(x.Name, "Adobe") })
	if i < 0 {
		t.Fatalf("recurring %+v", s.matching().Recurring)
	}
	adobe := s.matching().Recurring[i]
	link := regexp.MustCompile(`href="(/services/new\?[^"]*Adobe[^"]*)"`).FindStringSubmatch(s.get("/statements/matching").body)
	if link == nil {
		t.Fatal("no link registers it")
	}
	address := unescape(link[1])
	s.get(address).wants(t, http.StatusOK, `value="Adobe Creative"`, `value="23,99"`, `value="`+adobe.First.String()+`"`, `value="premium" checked`, `<option value="month" selected>`)
	card := s.register().Means[0] // the label says CARTE
	s.get(address).wants(t, http.StatusOK, `<option value="`+typedID(card.ID)+`" selected>`+card.Name)
	q, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"use", "used", "function", typedID(s.register().Functions[0].ID), "seats", "1", "notice_unit", "day", "auto_renew", "on"}
	for name := range q.Query() {
		pairs = append(pairs, name, q.Query().Get(name))
	}
	s.submit("/services", pairs...).follows(t, "/statements/matching")
	s.get("/statements/matching").wants(t, http.StatusOK, "Adobe Creative")
	found := 0
	for _, p := range s.matching().Proposals {
		if p.ServiceID == s.service("Adobe Creative").ID {
			found++
		}
	}
	if found != len(adobe.Lines) {
		t.Errorf("%d of its %d debits are proposed", found, len(adobe.Lines))
	}
	// An address elsewhere is not gone on to.
	s.get("/services/new?to="+url.QueryEscape("https://elsewhere.example/")).wants(t, http.StatusOK, `href="/services"`)
}

// bankOf puts so many open lines into the books of the sample.
func bankOf(tb testing.TB, s *site, n int) {
	tb.Helper()
	var b strings.Builder
	b.WriteString("Date;Libellé;Montant\n")
	for i := range n {
		day := testDay.AddDays(-(i % 1500))
		fmt.Fprintf(&b, "%02d/%02d/%d;CARTE %02d/%02d COMMERCE %s %d;-%d,%02d\n", day.Day(), day.Month(), day.Year(), day.Day(), day.Month(), string(rune('A'+i%26))+string(rune('A'+i/26%26)), i%977, 3+i%200, i%100)
	}
	s.imported("grand.csv", []byte(b.String()), "account", typedID(s.account().ID))
}

// The page of the matching with a hundred thousand open lines: what is measured is a page seen again, the matching
// being worked out once a revision.
func BenchmarkMatchingPage(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("%d lines", n), func(b *testing.B) {
			s := newSite(b).as(models.Director)
			bankOf(b, s, n)
			s.get("/statements/matching").wants(b, http.StatusOK)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				s.get("/statements/matching")
			}
		})
		b.Run(fmt.Sprintf("%d lines anew", n), func(b *testing.B) {
			s := newSite(b).as(models.Director)
			bankOf(b, s, n)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				s.web.matchings = matchings{}
				s.get("/statements/matching")
			}
		})
	}
}

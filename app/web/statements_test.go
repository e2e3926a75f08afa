package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/sample"
	"enveloppe/models/statement"
	"enveloppe/models/store"
)

// send posts the form of a statement as a browser does; fields are names and values in turn.
func (s *site) send(name string, content []byte, fields ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			s.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return s.sendBody(&body, form.FormDataContentType())
}

func (s *site) sendBody(body io.Reader, kind string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+"/statements", body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

// statement is the file of the sample association's bank.
func (s *site) statement() []byte { return sample.Statement(s.register().Facts, testDay) }

// account is the sample's bank account.
func (s *site) account() models.BankAccount {
	s.t.Helper()
	if len(s.register().BankAccounts) == 0 {
		s.t.Fatal("the sample has no bank account")
	}
	return s.register().BankAccounts[0]
}

// sent sends a file and gives the address it waits at.
func (s *site) sent(name string, content []byte, fields ...string) string {
	s.t.Helper()
	a := s.send(name, content, fields...)
	to := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/statements/") {
		s.t.Fatalf("%s is answered %d to %q\n%s", name, a.status, to, excerpt(a.body))
	}
	return to
}

// importing sends a file, imports it as it was shown, and waits until it is over.
func (s *site) imported(name string, content []byte, fields ...string) answer {
	s.t.Helper()
	at := s.sent(name, content, fields...)
	a := s.submit(at+"/import", "layout", s.shownLayout(at))
	a.follows(s.t, at+"/import")
	s.whenOver(at)
	return s.get(at + "/import")
}

// whenOver waits until the import of a file has ended.
func (s *site) whenOver(at string) {
	s.t.Helper()
	var id models.ID
	if _, err := fmt.Sscanf(at, "/statements/%d", &id); err != nil {
		s.t.Fatal(err)
	}
	if job, ok := s.web.imports.of(importKey{s.org, id}); ok {
		<-job.over
	}
}

var hiddenLayout = regexp.MustCompile(`name="layout" value="([^"]*)"`)

// shownLayout is the layout the page of a file would import it with.
func (s *site) shownLayout(at string) string {
	s.t.Helper()
	m := hiddenLayout.FindStringSubmatch(s.get(at).body)
	if m == nil {
		s.t.Fatalf("%s offers no import\n%s", at, excerpt(s.get(at).body))
	}
	return unescape(m[1])
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&amp;", "&", "&#39;", "'", "&lt;", "<", "&gt;", ">", "&#43;", "+").Replace(s)
}

// lines are those of all accounts.
func (s *site) lines() []models.BankLine {
	s.t.Helper()
	lines, err := s.store.BankLines(context.Background(), s.org, store.BankLineFilter{Limit: 10_000})
	if err != nil {
		s.t.Fatal(err)
	}
	return lines
}

func TestAStatementIsShownBeforeItIsImported(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.get("/statements").wants(t, http.StatusOK, "Déposer un relevé", `enctype="multipart/form-data"`, "Compte courant", "…0185")
	if page := s.get("/statements").body; strings.Contains(page, "FR7630001007941234567890185") {
		t.Error("the whole number of the account is shown")
	}
	for _, path := range []string{"/statements", "/statements/matching"} { // an account alone is no line answered
		if page := s.get(path).body; strings.Contains(page, "a sa réponse") || strings.Contains(page, "Tout est rapproché") {
			t.Errorf("%s says that all is done before any line is there", path)
		}
	}
	at := s.sent("Téléchargement nov. 2026.csv", s.statement(), "account", typedID(s.account().ID))
	s.get(at).wants(t, http.StatusOK, "Téléchargement nov. 2026.csv", "Windows-1252", "point-virgule", "Importer les", "VIR SEPA LOYER LOCAL SCI DU PORT", "Débit euros")
	if n := len(s.lines()); n != 0 {
		t.Fatalf("%d lines are there before the import", n)
	}
	s.get("/statements").wants(t, http.StatusOK, "<h1>Un fichier est à vérifier</h1>", "Fichiers à vérifier", at)
}

func TestAnImportLeadsToTheMatching(t *testing.T) {
	s := newSite(t).as(models.Director)
	a := s.imported("releve.csv", s.statement(), "account", typedID(s.account().ID))
	a.follows(t, "/statements/matching")
	n := len(s.lines())
	if n < 20 {
		t.Fatalf("%d lines", n)
	}
	s.get("/statements/matching").wants(t, http.StatusOK, fmt.Sprintf("%d lignes ajoutées", n), "Proposés comme paiements", "Services que personne n’a enregistrés", "Adobe Creative")
	if l := s.account().Layout; l == "" {
		t.Error("the account does not remember how its files are read")
	}

	s.imported("le même.csv", s.statement(), "account", typedID(s.account().ID)).follows(t, "/statements/matching")
	s.get("/statements/matching").wants(t, http.StatusOK, "0 ligne ajoutée", fmt.Sprintf("%d déjà connues", n))
	if again := len(s.lines()); again != n {
		t.Errorf("the same file again makes %d lines of %d", again, n)
	}
}

func TestAFirstStatementMakesItsAccount(t *testing.T) {
	f := sample.Association(testDay, models.French, testNow)
	content := sample.Statement(f, testDay)
	f.BankAccounts = nil
	s := newSiteWith(t, f).as(models.Director)
	s.get("/statements").wants(t, http.StatusOK, "Vos paiements sont déjà sur vos relevés", "Quel fichier télécharger", "PDF")
	s.get("/statements/matching").wants(t, http.StatusOK, "Aucun relevé n’est encore importé")
	at := s.sent("releve.csv", content, "account_name", "Crédit du Port")
	s.get(at).wants(t, http.StatusOK, "Crédit du Port")
	if a := s.account(); a.Name != "Crédit du Port" {
		t.Errorf("account %+v", a)
	}
	// The same name again is the same account.
	s.sent("releve.csv", content, "account", "new", "account_name", "crédit du port")
	if n := len(s.register().BankAccounts); n != 1 {
		t.Errorf("%d accounts", n)
	}
	// Without a name the number in the file tells, and a file without one gets an account whose name can be changed.
	s.sent("releve.csv", content, "account", "new")
	s.sent("autre.csv", []byte("Date;Libellé;Montant\n02/11/2026;VIR LOYER;-310,00\n03/11/2026;EDF;-62,12\n"), "account", "new")
	if n := len(s.register().BankAccounts); n != 2 {
		t.Errorf("%d accounts", n)
	}
}

func TestFilesThatAreNoStatementSayWhatToDo(t *testing.T) {
	s := newSite(t).as(models.Director)
	for _, x := range []struct {
		name    string
		content string
		says    string
	}{
		{"releve.pdf", "%PDF-1.7\n%âãÏÓ\n1 0 obj", "OFX"},
		{"releve.zip", "PK\x03\x04\x14\x00\x00\x00\x08\x00file.txt", "archive"},
		{"vide.csv", "", "vide"},
		{"photo.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "pas du texte"},
		{"lettre.txt", "Madame, Monsieur,\nveuillez trouver ci-joint.\n", "ressemble"},
		{"bombe.xml", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><Document>&a;</Document>`, "définitions"},
	} {
		a := s.send(x.name, []byte(x.content), "account", typedID(s.account().ID))
		if x.name == "lettre.txt" && a.status == http.StatusSeeOther { // it may be a table nobody has named yet
			s.get(a.header.Get("Location")).wants(t, http.StatusOK, "Aucune ligne n’a pu être lue")
			continue
		}
		a.wants(t, http.StatusUnprocessableEntity, x.says, `aria-invalid="true"`)
	}
	s.submit("/statements").wants(t, http.StatusBadRequest)
	if a := s.send("", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no file is answered %d", a.status)
	}
}

// A file above the limit gets its sentence, not a broken connection, and is not kept.
func TestAFileThatIsTooLargeIsToBeSplit(t *testing.T) {
	s := newSite(t).as(models.Director)
	line := []byte("23/11/2026;PRLV SEPA DROPBOX;9,99;\r\n")
	content := bytes.Repeat(line, statement.MaxSize/len(line)+2)
	s.send("dix ans.csv", content, "account", typedID(s.account().ID)).
		wants(t, http.StatusUnprocessableEntity, "Téléchargez une année à la fois")
	s.submit("/payments", "note", strings.Repeat("x", 2<<20)).wants(t, http.StatusRequestEntityTooLarge)
}

func TestLinesThatCannotBeReadAreNamed(t *testing.T) {
	s := newSite(t).as(models.Director)
	content := "Date;Libellé;Montant\n02/11/2026;VIR LOYER;-310,00\n31/02/2026;PRLV EDF;-62,12\n05/11/2026;ADOBE;-23,99\n06/11/2026;MYSTERE;douze\n" +
		"07/11/2026;BREVO;-18,00\n08/11/2026;COTISATIONS;240,00\n09/11/2026;SNCF;-41,10\n"
	at := s.sent("releve.csv", []byte(content), "account", typedID(s.account().ID))
	s.get(at).wants(t, http.StatusOK, "2 lignes illisibles", "Ligne 3", "Ligne 5", "Importer les 5 lignes")
	s.submit(at+"/import", "layout", s.shownLayout(at)).follows(t, at+"/import")
	s.whenOver(at)
	s.get(at+"/import").wants(t, http.StatusOK, "5 lignes ajoutées", "Ligne 3", "la date est illisible", "Ligne 5", "le montant est illisible", "/statements/matching")
	if n := len(s.lines()); n != 5 {
		t.Errorf("%d lines", n)
	}
	s.get(at).wants(t, http.StatusNotFound)
}

// A table in which nothing is recognised is shown with the form that says what is what.
func TestATableNobodyKnowsCanBeExplained(t *testing.T) {
	s := newSite(t).as(models.Director)
	at := s.sent("etat.csv", []byte("a;b;c\n1;x;2\n3;y;4\n"), "account", typedID(s.account().ID))
	s.get(at).wants(t, http.StatusOK, "Aucune ligne n’a pu être lue", "Afficher de nouveau", `<details class="more first" open>`, "<td>x</td>")
	if strings.Contains(s.get(at).body, at+`/import"`) {
		t.Error("nothing to import is offered for import")
	}
	s.submit(at+"/import", "layout", "").follows(t, at)
}

func TestAFileOfAnotherAccountIsToldAndMoved(t *testing.T) {
	s := newSite(t).as(models.Director)
	file := func(number string) []byte {
		return []byte("OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>30001<ACCTID>" + number +
			"<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261120<TRNAMT>-18,00<FITID>X1<NAME>PRLV BREVO</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>")
	}
	const warning = "Ce fichier porte un autre numéro"
	own := s.account().ID
	if page := s.get(s.sent("le bon.ofx", file("12345678901"), "account", typedID(own))).wants(t, http.StatusOK, "Importer"); strings.Contains(page.body, warning) {
		t.Error("a part of the account's number is taken for another number")
	}
	at := s.sent("autre.ofx", file("00987654321"), "account", typedID(own))
	s.get(at).wants(t, http.StatusOK, warning, "…4321", "Un autre compte, nouveau")
	s.submit(at+"/layout", "account", "", "account_name", "Livret").wants(t, http.StatusUnprocessableEntity, "Livret")
	s.submit(at+"/layout", "account", "new", "account_name", "Livret").follows(t, at)
	if page := s.get(at).wants(t, http.StatusOK, "pour «\u00a0Livret\u00a0»"); strings.Contains(page.body, warning) {
		t.Error("its own account is taken for another")
	}
	accounts := s.register().BankAccounts
	if i := slices.IndexFunc(accounts, func(a models.BankAccount) bool { return a.Name == "Livret" }); i < 0 || accounts[i].Number != "3000100987654321" {
		t.Errorf("accounts %+v", accounts)
	}
}

func TestHowAFileIsReadCanBeCorrected(t *testing.T) {
	s := newSite(t).as(models.Director)
	// Month first, and nothing that says so: every day could be the other way round.
	content := "when,what,how much\n11/02/2026,RENT,-310.00\n11/03/2026,ADOBE,-23.99\n"
	at := s.sent("statement.csv", []byte(content), "account", typedID(s.account().ID))
	l := statement.Layout{
		Encoding: statement.UTF8, Delimiter: ",", Header: 1, Day: 1, Labels: []int{2}, Amount: 3,
		DayOrder: statement.MDY, Decimal: ".", Sign: statement.SignMinus, Currency: "EUR",
	}
	pairs := []string{"account", typedID(s.account().ID)}
	for name, value := range typedLayout(l, nil) {
		pairs = append(pairs, name, value)
	}
	s.submit(at+"/layout", pairs...).follows(t, at)
	s.get(at).wants(t, http.StatusOK, "2\u00a0novembre 2026", "3\u00a0novembre 2026", "Importer les 2 lignes", `<option value="mdy" selected>`)
	// What was shown is what is imported: a page opened before is told so.
	s.submit(at+"/import", "layout", "{}").follows(t, at)
	s.submit(at+"/import", "layout", s.shownLayout(at)).follows(t, at+"/import")
	s.whenOver(at)
	if lines := s.lines(); len(lines) != 2 || lines[0].Day.String() != "2026-11-03" {
		t.Errorf("lines %+v", lines)
	}
	// The next file of the account is read the same way.
	at = s.sent("statement.csv", []byte("when,what,how much\n12/01/2026,RENT,-310.00\n"), "account", typedID(s.account().ID))
	s.get(at).wants(t, http.StatusOK, "1er\u00a0décembre 2026")
	s.submit("/bank-accounts/"+typedID(s.account().ID)+"/layout/removal").follows(t, "/bank-accounts/"+typedID(s.account().ID)+"/edit")
	if l := s.account().Layout; l != "" {
		t.Errorf("the account still remembers %s", l)
	}
}

func TestAWrongLayoutIsRefusedBesideItsField(t *testing.T) {
	s := newSite(t).as(models.Director)
	at := s.sent("releve.csv", s.statement(), "account", typedID(s.account().ID))
	a := s.submit(at+"/layout", "account", typedID(s.account().ID), "day", "1", "amount", "99", "header", "x", "encoding", "ebcdic", "currency", "euros", "delimiter", "semicolon")
	a.wants(t, http.StatusUnprocessableEntity, `id="amount-error"`, `id="header-error"`, `id="encoding-error"`, `id="currency-error"`)
	s.get(at).wants(t, http.StatusOK, "Importer les") // as it was
}

func TestAnAccountOfStatementsIsRenamedAndRemovedOnlyWhenEmpty(t *testing.T) {
	s := newSite(t).as(models.Director)
	a := s.account()
	at := bankAccountPath(a.ID)
	s.get(at).wants(t, http.StatusOK, "Aucune ligne", "…0185")
	s.submit(at, "version", typedVersion(a.Version), "name", "").wants(t, http.StatusUnprocessableEntity)
	s.submit(at, "version", typedVersion(a.Version), "name", "Livret").follows(t, at)
	s.submit(at, "version", typedVersion(a.Version), "name", "Autre").wants(t, http.StatusConflict)
	s.imported("releve.csv", s.statement(), "account", typedID(a.ID))
	s.get(at+"/edit").wants(t, http.StatusOK, "Lecture retenue", "Débit euros", "Un compte qui a des lignes reste")
	if r := s.submit(at + "/removal"); r.status != http.StatusConflict {
		t.Errorf("an account with lines is removed: %d", r.status)
	}
	id, err := s.store.AddBankAccount(context.Background(), s.actor(), models.BankAccount{Name: "Vide"})
	if err != nil {
		t.Fatal(err)
	}
	s.submit(bankAccountPath(id)+"/removal").follows(t, "/statements")
}

func TestAWaitingFileCanBeRemoved(t *testing.T) {
	s := newSite(t).as(models.Director)
	at := s.sent("releve.csv", s.statement(), "account", typedID(s.account().ID))
	s.submit(at+"/removal").follows(t, "/statements")
	s.get("/statements").wants(t, http.StatusOK, "releve.csv est retiré")
	s.get(at).wants(t, http.StatusNotFound)
}

// What a bank tells is private: staff see nothing of it, accountants read and change nothing.
func TestStaffSeeNothingOfTheBank(t *testing.T) {
	s := newSite(t).as(models.Director)
	s.imported("releve.csv", s.statement(), "account", typedID(s.account().ID))
	line := s.lines()[0]
	at := s.sent("autre.csv", s.statement(), "account", typedID(s.account().ID))
	pages := []string{"/statements", "/statements/matching", bankAccountPath(s.account().ID), bankLinePath(line.ID)}
	s.as(models.Accountant)
	for _, page := range pages {
		a := s.get(page).wants(t, http.StatusOK)
		if strings.Contains(a.body, `<form method="post" action="/bank`) || strings.Contains(a.body, `enctype=`) {
			t.Errorf("%s offers the accountant to change something", page)
		}
	}
	s.get(at).wants(t, http.StatusForbidden)
	s.as(models.Staff)
	for _, page := range append(pages, at, at+"/import") {
		s.get(page).wants(t, http.StatusForbidden)
	}
}

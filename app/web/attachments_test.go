package web

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"enveloppe/models"
	"enveloppe/models/money"
)

// sent is a file as a form brings it.
type sent struct{ name, content string }

const (
	somePDF = "%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
	somePNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
	someXML = `<?xml version="1.0" encoding="UTF-8"?><Invoice><ID>1</ID></Invoice>`
)

// submitFiles posts a form with files in its field "file".
func (s *site) submitFiles(path string, files []sent, pairs ...string) answer {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err == nil {
			_, err = io.WriteString(part, f.content)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+path, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return s.do(req)
}

// unfiled is a payment of the sample whose invoice is not attached.
func (s *site) unfiled() models.Payment {
	s.t.Helper()
	r := s.register()
	for _, p := range r.Payments {
		if r.LacksInvoice(p) {
			return p
		}
	}
	s.t.Fatal("the sample has every invoice")
	return models.Payment{}
}

func TestFilesAreAttachedHandedOutAndRemoved(t *testing.T) {
	s := newSite(t).as(models.Editor)
	p := s.unfiled()
	path := "/payments/" + typedID(p.ID)
	s.submitFiles(path+"/attachments", []sent{{`C:\Factures\Facture n° 7 « été ».pdf`, somePDF}, {"f.xml", someXML}}).follows(t, path)
	s.get(path).wants(t, http.StatusOK, "2 fichiers sont joints", "f.xml", "XML")
	files := s.register().AttachmentsOf(p)
	if len(files) != 2 {
		t.Fatalf("%d files are attached", len(files))
	}
	a := s.get("/attachments/" + typedID(files[0].ID))
	if a.status != http.StatusOK || a.body != somePDF {
		t.Errorf("status %d, %d bytes", a.status, len(a.body))
	}
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || params["filename"] != files[0].Name {
		t.Errorf("saved as %q: %v", a.header.Get("Content-Disposition"), err)
	}
	for name, want := range map[string]string{"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store", "Content-Security-Policy": sandbox} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// The same file a second time adds nothing.
	s.submitFiles(path+"/attachments", []sent{{"copie.pdf", somePDF}}).follows(t, path)
	if n := len(s.register().AttachmentsOf(p)); n != 2 {
		t.Errorf("%d files after the same was attached again", n)
	}
	removal := "/attachments/" + typedID(files[0].ID) + "/removal"
	s.get(removal).wants(t, http.StatusOK, "Retirer le fichier")
	s.submit(removal).follows(t, path)
	s.get(path).wants(t, http.StatusOK, "est retiré")
	s.get("/attachments/"+typedID(files[0].ID)).wants(t, http.StatusNotFound)
	s.submit(removal).wants(t, http.StatusNotFound)

	s.as(models.Staff)
	s.get("/attachments/"+typedID(files[1].ID)).wants(t, http.StatusOK)
	s.get("/attachments/"+typedID(files[1].ID)+"/removal").wants(t, http.StatusForbidden)
	s.submitFiles(path+"/attachments", []sent{{"f.pdf", somePDF}}).wants(t, http.StatusForbidden)
}

// What cannot be kept is said beside the field, and everything typed comes back; nothing is recorded.
func TestBadFilesAreRefusedBesideTheirField(t *testing.T) {
	s := newSite(t).as(models.Director)
	service, p := typedID(s.service("Dropbox").ID), s.unfiled()
	payments, files := len(s.register().Payments), len(s.register().Attachments)
	typed := []string{"service", service, "paid_on", "2026-11-20", "billed", "12,34", "currency", "EUR", "invoice_number", "KEPT"}
	many := make([]sent, maxFiles+1)
	for i := range many {
		many[i] = sent{fmt.Sprintf("%d.pdf", i), somePDF + fmt.Sprint(i)}
	}
	for name, c := range map[string]struct {
		files []sent
		says  string
	}{
		"a program":       {[]sent{{"facture.pdf", "MZ\x90\x00"}}, "ni un PDF"},
		"a page":          {[]sent{{"facture.xml", "<!DOCTYPE html><html><script>alert(1)</script></html>"}}, "ni un PDF"},
		"an entity bomb":  {[]sent{{"facture.xml", `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`}}, "ni un PDF"},
		"nothing in it":   {[]sent{{"vide.pdf", ""}}, "est vide"},
		"one byte beyond": {[]sent{{"gros.pdf", somePDF + strings.Repeat("x", models.MaxAttachment-len(somePDF)+1)}}, "est trop gros. Un fichier a 10 Mo au plus"},
		"one of two":      {[]sent{{"bon.pdf", somePDF}, {"mauvais.pdf", "x"}}, "« mauvais.pdf »"},
		"eleven":          {many, "10 fichiers au plus"},
	} {
		for path, pairs := range map[string][]string{"/payments": typed, "/invoices": append(typed, "line.0.service", "s."+service, "line.0.billed", "12,34"), "/payments/" + typedID(p.ID) + "/attachments": nil} {
			a := s.submitFiles(path, c.files, pairs...).wants(t, http.StatusUnprocessableEntity, `id="file-error"`)
			if got := strings.ReplaceAll(a.body, "\u00a0", " "); !strings.Contains(got, c.says) {
				t.Errorf("%s at %s: the page does not say %q", name, path, c.says)
			}
			if len(pairs) > 0 && (!strings.Contains(a.body, `value="12,34"`) || !strings.Contains(a.body, `value="KEPT"`) || !strings.Contains(a.body, "Choisissez le fichier de nouveau")) {
				t.Errorf("%s at %s: what was typed is lost, or the file is not asked for again", name, path)
			}
		}
	}
	s.submit("/payments/"+typedID(p.ID)+"/attachments").wants(t, http.StatusUnprocessableEntity, "Choisissez un fichier")
	// A good file does not save a bad form.
	s.submitFiles("/payments", []sent{{"bon.pdf", somePDF}}, append(typed, "vat", "99")...).wants(t, http.StatusUnprocessableEntity, "Choisissez le fichier de nouveau")
	if r := s.register(); len(r.Payments) != payments || len(r.Attachments) != files {
		t.Errorf("%d payments and %d files were written", len(r.Payments)-payments, len(r.Attachments)-files)
	}
}

// Ten megabytes pass where files are taken; elsewhere a form has one, as everywhere.
func TestOnlyFormsWithFilesMayBeLarge(t *testing.T) {
	s := newSite(t).as(models.Director)
	service, whole := typedID(s.service("Dropbox").ID), somePDF+strings.Repeat("x", models.MaxAttachment-len(somePDF))
	s.submitFiles("/payments", []sent{{"plein.pdf", whole}}, "service", service, "paid_on", "2026-11-20", "billed", "12,34").follows(t, "/payments")
	if files := s.register().AttachmentsOf(s.lastPayment()); len(files) != 1 || files[0].Size != models.MaxAttachment {
		t.Errorf("attached: %+v", files)
	}
	s.submitFiles("/payments", []sent{{"a.pdf", whole}, {"b.pdf", whole}, {"c.pdf", whole}, {"d.pdf", whole}, {"e.pdf", whole}, {"f.pdf", whole}}).wants(t, http.StatusRequestEntityTooLarge)
	s.submit("/payments", "note", strings.Repeat("x", 2<<20)).wants(t, http.StatusRequestEntityTooLarge)
	s.submitFiles("/waivers", []sent{{"a.pdf", whole}}).wants(t, http.StatusRequestEntityTooLarge)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.server.URL+"/payments", strings.NewReader("--x\r\nbroken"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	s.do(req).wants(t, http.StatusBadRequest)
}

func TestMissingInvoicesAreAttachedWhereTheyAreListed(t *testing.T) {
	s := newSite(t).as(models.Director)
	p := s.unfiled()
	list := "/payments?year=all&state=no_file"
	s.get(list).wants(t, http.StatusOK, `action="/payments/`+typedID(p.ID)+`/attachments"`, `enctype="multipart/form-data"`)
	s.get("/accounting?year="+fmt.Sprint(p.PaidOn.Year())).wants(t, http.StatusOK, `action="/payments/`+typedID(p.ID)+`/attachments"`)
	s.submitFiles("/payments/"+typedID(p.ID)+"/attachments", []sent{{"f.png", somePNG}}, "to", list).follows(t, list)
	if after := s.get(list).wants(t, http.StatusOK, "est joint au paiement"); strings.Contains(after.body, `action="/payments/`+typedID(p.ID)+`/attachments"`) {
		t.Error("the payment is listed still")
	}
	// An invoice over several services is missed once, and one file serves them all.
	a, b := serviceChoice(s.service("Dropbox").ID), serviceChoice(s.service("Zoom").ID)
	s.submit("/invoices", "paid_on", "2026-11-22", "billed", "30", "line.0.service", a, "line.0.billed", "10", "line.1.service", b, "line.1.billed", "20")
	last := s.lastPayment()
	if n := strings.Count(s.get(list).body, "/attachments\""); n != 1+len(s.lacking()) {
		t.Errorf("%d controls for %d invoices", n, 1+len(s.lacking()))
	}
	s.submitFiles("/payments/"+typedID(last.ID)+"/attachments", []sent{{"g.pdf", somePDF}})
	for _, line := range s.register().InvoiceOf(last) {
		if len(s.register().AttachmentsOf(line)) != 1 {
			t.Errorf("payment %d has no file", line.ID)
		}
	}
	if last.Billed != money.Euros(2000) {
		t.Errorf("the last line is %v", last.Billed)
	}
}

// lacking are the invoices of one service that miss their file.
func (s *site) lacking() []models.Payment {
	var out []models.Payment
	r := s.register()
	for _, p := range r.Payments {
		if r.LacksInvoice(p) && len(r.InvoiceOf(p)) == 1 {
			out = append(out, p)
		}
	}
	return out
}

func TestNamesOfFilesAreSavedAsTheyAre(t *testing.T) {
	for _, name := range []string{"facture.pdf", "Facture n° 7 « été ».pdf", `a"b;c\d.pdf`, "日本.pdf", "100 %.pdf", "a%20b.pdf", "\u202egnp.pdf"} {
		header := saveAs(name)
		_, params, err := mime.ParseMediaType(header)
		if err != nil || params["filename"] != name && !strings.Contains(header, "filename*=") {
			t.Errorf("%q: %q gives %q, %v", name, header, params["filename"], err)
		}
		if strings.ContainsAny(header, "\r\n") || strings.IndexFunc(header, func(r rune) bool { return r >= 0x7f }) >= 0 {
			t.Errorf("%q: %q is no header", name, header)
		}
	}
	if got, want := saveAs("é%.pdf"), `attachment; filename="__.pdf"; filename*=UTF-8''%C3%A9%25.pdf`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestArchiveOfAYearIsHandedOut(t *testing.T) {
	s := newSite(t).as(models.Accountant)
	s.get("/accounting").wants(t, http.StatusOK, `action="/exports/archive"`)
	a := s.submit("/exports/archive", "year", "2026", "for", "people", "encoding", "utf-8")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" || !strings.Contains(a.header.Get("Content-Disposition"), "enveloppe-factures-2026.zip") {
		t.Fatalf("status %d, %v", a.status, a.header)
	}
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, p := range s.register().Payments {
		if p.PaidOn.Year() == 2026 && p.Stands() {
			want += len(s.register().AttachmentsOf(p))
		}
	}
	documents := 0
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "20") {
			documents++
		}
	}
	if documents != want || want == 0 {
		t.Errorf("%d documents in the archive, want %d", documents, want)
	}
	if again := s.submit("/exports/archive", "year", "2026"); again.body != a.body {
		t.Error("the same register gives another archive")
	}
	for _, bad := range [][]string{{"year", "x"}, {"encoding", "ebcdic"}, {"encoding", "iso-8859-15"}, {"digits", "6"}, {"closing", "on"}} {
		s.submit("/exports/archive", bad...).wants(t, http.StatusNotFound)
	}
	s.submit("/exports/archive", "from", "1", "to", "2").wants(t, http.StatusConflict, "exercice entier")
	if n := len(s.register().Exports); n != 2 {
		t.Errorf("%d are noted, want the two that left", n)
	}
	s.as(models.Staff).submit("/exports/archive").wants(t, http.StatusForbidden)
}

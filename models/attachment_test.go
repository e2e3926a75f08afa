package models

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// wide is a text in UTF-16 with its mark.
func wide(text string, order binary.AppendByteOrder) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

const ubl = `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><cbc:Note xmlns:cbc="urn:x">Été &amp; hiver</cbc:Note></Invoice>`

func TestMediaOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    Media
	}{
		"PDF":                         {"%PDF-1.7\n…", PDF},
		"PNG":                         {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", PNG},
		"JPEG":                        {"\xff\xd8\xff\xe0\x00\x10JFIF", JPEG},
		"WebP":                        {"RIFF\x24\x00\x00\x00WEBPVP8 ", WebP},
		"an invoice":                  {`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + ubl + "\n", XML},
		"without a first line":        {ubl, XML},
		"with the mark of UTF-8":      {"\xef\xbb\xbf<?xml version=\"1.0\"?>" + ubl, XML},
		"in UTF-16":                   {wide(`<?xml version="1.0" encoding="UTF-16"?>`+ubl, binary.LittleEndian), XML},
		"in UTF-16, high byte first":  {wide(`<?xml version="1.0" encoding="utf-16"?>`+ubl, binary.BigEndian), XML},
		"in declared Latin-1":         {"<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xe9\xff'>\xc9t\xe9<c/></a>", XML},
		"in declared Windows-1252":    {"<?xml version='1.0' encoding='windows-1252'?><a>12 \x80</a>", XML},
		"with a comment and a note":   {"<!-- <<& -->\n<a><![CDATA[<b>]]></a><?end?>", XML},
		"deep enough":                 {strings.Repeat("<a>", deepestXML) + strings.Repeat("</a>", deepestXML), XML},
		"with a long text":            {"<a>" + strings.Repeat("x", 3*longestTag) + "<b/></a>", XML},
		"nothing":                     {"", ""},
		"spaces":                      {"  \n", ""},
		"a name of a PDF only":        {"facture.pdf", ""},
		"a page before the PDF":       {"<html></html>%PDF-1.4", ""},
		"RIFF of sounds":              {"RIFF\x24\x00\x00\x00WAVEfmt ", ""},
		"WebP without RIFF":           {"XXXX\x24\x00\x00\x00WEBPVP8 ", ""},
		"a program":                   {"MZ\x90\x00", ""},
		"a zip":                       {"PK\x03\x04", ""},
		"Latin-1 said to be UTF-8":    {"<?xml version='1.0' encoding='UTF-8'?><a>\xe9</a>", ""},
		"Latin-1 undeclared":          {"<a>\xe9</a>", ""},
		"an alphabet not known":       {"<?xml version='1.0' encoding='EBCDIC'?><a/>", ""},
		"UTF-16 cut short":            {wide("<a></a>", binary.LittleEndian)[:9], ""},
		"cut short":                   {ubl[:len(ubl)-4], ""},
		"closed by another":           {"<a><b></a></b>", ""},
		"two roots":                   {"<a/><b/>", ""},
		"text before the root":        {"<!---->x<a/>", ""},
		"text after the root":         {"<a/>x", ""},
		"no element":                  {"<?xml version='1.0'?><!-- -->", ""},
		"a document type":             {"<!DOCTYPE a><a/>", ""},
		"entities of its own":         {`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, ""},
		"a thousand million laughs":   {`<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>`, ""},
		"a file of the machine":       {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, ""},
		"an entity nobody declared":   {"<a>&x;</a>", ""},
		"a document type in UTF-16":   {wide("<!DOCTYPE a><a/>", binary.BigEndian), ""},
		"a page":                      {"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", ""},
		"a picture that runs":         {"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", ""},
		"a picture inside":            {"<a><x:svg xmlns:x='http://www.w3.org/2000/svg'/></a>", ""},
		"too deep":                    {strings.Repeat("<a>", deepestXML+1) + strings.Repeat("</a>", deepestXML+1), ""},
		"a tag without end":           {"<a b='" + strings.Repeat("x", 2*longestTag) + "'/>", ""},
		"a flood of attributes":       {"<r>text<a " + strings.Repeat("b='' ", longestTag) + "/></r>", ""},
		"a million elements unclosed": {strings.Repeat("<a>", 1<<20), ""},
		"more than is kept":           {"<a>" + strings.Repeat(" ", MaxAttachment) + "</a>", ""},
	} {
		if got, ok := MediaOf([]byte(c.content)); got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v, want %q", name, got, ok, c.want)
		}
	}
}

func FuzzMediaOf(f *testing.F) {
	for _, s := range []string{ubl, "<!DOCTYPE a><a/>", wide(ubl, binary.LittleEndian), "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "%PDF-", "RIFF0000WEBP"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if m, ok := MediaOf(content); ok && m == XML && !strings.ContainsAny(string(content), "<") {
			t.Error("XML without a tag")
		}
	})
}

func TestCleanFileName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200)
	for name, want := range map[string]string{
		"facture.pdf":                        "facture.pdf",
		"Facture n° 12 – été.pdf":            "Facture n° 12 – été.pdf",
		`C:\Users\awa\facture.pdf`:           "facture.pdf",
		"../../etc/passwd":                   "passwd",
		"/":                                  "document",
		"":                                   "document",
		"..":                                 "document",
		" .pdf ":                             "pdf",
		"a\nb\x00c.pdf":                      "abc.pdf",
		"facture\u202efdp.exe":               "facturefdp.exe",
		"\u0378":                             "document", // no character at all
		"\ufeffzero\u200bwidth.pdf":          "zerowidth.pdf",
		"a\u00a0b.pdf":                       "a b.pdf",
		`<a>:"b"|?*.pdf`:                     "_a___b____.pdf",
		"\xff\xfefacture.pdf":                "facture.pdf",
		long + ".pdf":                        strings.Repeat("é", 116) + ".pdf",
		long:                                 strings.Repeat("é", 120),
		"a." + long:                          "a." + strings.Repeat("é", 118),
		strings.Repeat("x", 115) + " b.pdf ": strings.Repeat("x", 115) + ".pdf",
	} {
		if got := CleanFileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func FuzzCleanFileName(f *testing.F) {
	for _, s := range []string{"facture.pdf", "a/b\\c", " . ", strings.Repeat("x", 118) + "  .pdf", strings.Repeat(".a", 100), "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanFileName(name)
		if got == "" || utf8.RuneCountInString(got) > MaxName || strings.ContainsAny(got, "/\\\x00\n") || !isText(got, false) {
			t.Errorf("%q became %q", name, got)
		}
		if again := CleanFileName(got); again != got {
			t.Errorf("%q became %q, and then %q", name, got, again)
		}
		a := Attachment{PaymentID: 1, File: File{Name: got, Media: PDF, Size: 1, Hash: strings.Repeat("a", 64)}}
		if v := a.Check(); len(v) > 0 {
			t.Errorf("%q became %q: %v", name, got, v)
		}
	})
}

func TestAttachmentCheck(t *testing.T) {
	t.Parallel()
	good := Attachment{PaymentID: 1, File: File{Name: "facture.pdf", Media: PDF, Size: MaxAttachment, Hash: strings.Repeat("0a", 32)}}
	for name, c := range map[string]struct {
		change func(*Attachment)
		want   string
	}{
		"good":              {func(*Attachment) {}, ""},
		"of no payment":     {func(a *Attachment) { a.PaymentID = 0 }, "payment choose"},
		"no name":           {func(a *Attachment) { a.Name = "" }, "name required"},
		"a path":            {func(a *Attachment) { a.Name = "a/b.pdf" }, "name characters"},
		"too long a name":   {func(a *Attachment) { a.Name = strings.Repeat("a", 121) }, "name too_long"},
		"a page":            {func(a *Attachment) { a.Media = "text/html" }, "file file.kind"},
		"empty":             {func(a *Attachment) { a.Size = 0 }, "file file.empty"},
		"too large":         {func(a *Attachment) { a.Size = MaxAttachment + 1 }, "file file.too_large"},
		"no hash":           {func(a *Attachment) { a.Hash = "" }, "file file.unreadable"},
		"a hash in capital": {func(a *Attachment) { a.Hash = strings.Repeat("A", 64) }, "file file.unreadable"},
	} {
		a := good
		c.change(&a)
		v := a.Check()
		if c.want == "" && len(v) > 0 || c.want != "" && (len(v) != 1 || v[0].Field+" "+v[0].Rule != c.want) {
			t.Errorf("%s: %v, want %q", name, v, c.want)
		}
	}
}

func TestAttachmentsOf(t *testing.T) {
	t.Parallel()
	inParts := func(id ID, number string) Payment {
		return Payment{ID: id, SubscriptionID: 4, ChargeOn: today, Part: true, PaidOn: today, InvoiceNumber: number, Billed: eur(100)}
	}
	f := Facts{
		Payments: []Payment{
			{ID: 1, PaidOn: today, Billed: eur(100)},
			{ID: 2, InvoiceID: 2, PaidOn: today, Billed: eur(100)},
			{ID: 3, InvoiceID: 2, PaidOn: today, Billed: eur(100)},
			{ID: 4, PaidOn: today, Billed: eur(100)},
			inParts(5, "F-1"), inParts(6, "F-1"), inParts(7, "F-2"), inParts(8, ""),
			{ID: 9, PaidOn: today, Billed: eur(100)},
		},
		Attachments: []Attachment{{ID: 20, PaymentID: 2}, {ID: 21, PaymentID: 1}, {ID: 22, PaymentID: 3}, {ID: 23, PaymentID: 5}},
	}
	r := NewRegister(reverse(f, 9, 10))
	for id, c := range map[ID]struct {
		files []ID
		lacks bool
	}{
		1: {[]ID{21}, false}, 2: {[]ID{20, 22}, false}, 3: {[]ID{20, 22}, false}, 4: {nil, true}, 5: {[]ID{23}, false}, 6: {nil, false}, 7: {nil, true}, 8: {nil, true},
		9: {nil, false}, 10: {nil, false},
	} {
		p, _ := r.Payment(id)
		var got []ID
		for _, a := range r.AttachmentsOf(p) {
			got = append(got, a.ID)
		}
		if !slices.Equal(got, c.files) || r.LacksInvoice(p) != c.lacks {
			t.Errorf("payment %d: files %v, lacks its invoice %v", id, got, r.LacksInvoice(p))
		}
	}
}

package models

import (
	"bytes"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Media is what kind of file an attachment is, told by its bytes and never by its name.
type Media string

// The kinds of file that are kept with a payment.
const (
	PDF  Media = "application/pdf" // among them Factur-X, a PDF with its figures inside
	PNG  Media = "image/png"
	JPEG Media = "image/jpeg"
	WebP Media = "image/webp"
	XML  Media = "application/xml" // invoices of the UBL and CII standards, kept as they are
)

// MaxAttachment is the most bytes one attachment may have.
const MaxAttachment = 10 << 20

// File is what is known of a file that is kept: its content is stored once under its hash, however often it is kept.
type File struct {
	Name    string // as it came, without folders
	Media   Media
	Size    int64  // bytes
	Hash    string // SHA-256 of the content, hexadecimal
	AddedAt time.Time
	AddedBy ID
}

// Attachment is a file kept with a payment: the invoice, as a rule.
type Attachment struct {
	ID        ID
	Version   int64
	PaymentID ID // the first of the invoice's payments when it covers several services
	File
}

// magics are the bytes each kind of file begins with; between the two of a WebP stands its length.
var magics = []struct {
	media  Media
	at     int
	begins string
}{
	{PDF, 0, "%PDF-"}, {PNG, 0, "\x89PNG\r\n\x1a\n"}, {JPEG, 0, "\xff\xd8\xff"}, {WebP, 8, "WEBP"},
}

// MediaOf tells what kind of file the content is, by its bytes and never by its name; false for what is not kept. XML
// must be well-formed, without a document type or entities of its own, and no page or picture that a browser would run.
func MediaOf(content []byte) (Media, bool) {
	for _, m := range magics {
		if len(content) > m.at && bytes.HasPrefix(content[m.at:], []byte(m.begins)) && (m.at == 0 || bytes.HasPrefix(content, []byte("RIFF"))) {
			return m.media, true
		}
	}
	if len(content) <= MaxAttachment && wellFormed(content) {
		return XML, true
	}
	return "", false
}

// noFileName are the characters some system does not take in the name of a file.
const noFileName = `<>:"|?*`

// CleanFileName is the name of a file as it can be shown, and saved on any system: without folders, control characters
// and marks of direction, at most MaxName characters with the ending kept, and never empty.
func CleanFileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(c rune) rune {
		switch {
		case !isText(string(c), false), !unicode.IsGraphic(c): // marks of direction and of no width among them
			return -1
		case strings.ContainsRune(noFileName, c):
			return '_'
		case unicode.IsSpace(c):
			return ' '
		}
		return c
	}, name)
	name = strings.Trim(name, ". ")
	if n := utf8.RuneCountInString(name); n > MaxName {
		ending := ""
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 && utf8.RuneCountInString(name[dot:]) <= longestEnding {
			ending = name[dot:]
		}
		stem := []rune(strings.TrimSuffix(name, ending))
		name = strings.TrimRight(string(stem[:MaxName-utf8.RuneCountInString(ending)]), ". ") + ending
	}
	if name == "" {
		return "document"
	}
	return name
}

// longestEnding is how many characters after the last dot, and it, still say what a file is.
const longestEnding = 10

// Check says what is wrong with the attachment.
func (a Attachment) Check() Invalid {
	var v Invalid
	if a.PaymentID == 0 {
		v.Add("payment", "choose")
	}
	a.check(&v)
	return v
}

func (f File) check(v *Invalid) {
	checkName(v, "name", f.Name)
	if !v.Has("name") && CleanFileName(f.Name) != f.Name {
		v.Add("name", "characters")
	}
	switch f.Media {
	case PDF, PNG, JPEG, WebP, XML:
	default:
		v.Add("file", "file.kind")
	}
	switch {
	case f.Size <= 0:
		v.Add("file", "file.empty")
	case f.Size > MaxAttachment:
		v.Add("file", "file.too_large", "max", MaxAttachment>>20)
	}
	if len(f.Hash) != 64 || strings.Trim(f.Hash, "0123456789abcdef") != "" {
		v.Add("file", "file.unreadable")
	}
}

// AttachmentsOf are the files kept with a payment and with the others of its invoice, by ID.
func (r *Register) AttachmentsOf(p Payment) []Attachment {
	at := slices.Clone(r.attached[p.ID])
	if p.InvoiceID != 0 {
		for _, i := range r.invoices[p.InvoiceID] {
			if id := r.Payments[i].ID; id != p.ID {
				at = append(at, r.attached[id]...)
			}
		}
	}
	slices.Sort(at)
	return pick(r.Attachments, at)
}

// LacksInvoice tells whether the payment stands and its invoice is not kept: neither with it, nor with another part of
// the same charge that bears the same number.
func (r *Register) LacksInvoice(p Payment) bool {
	if !p.Stands() || r.hasFile(&p) {
		return false
	}
	if !p.Part || p.InvoiceNumber == "" {
		return true
	}
	return !slices.ContainsFunc(r.PartsOf(p.SubscriptionID, p.ChargeOn), func(other Payment) bool {
		return other.InvoiceNumber == p.InvoiceNumber && r.hasFile(&other)
	})
}

func (r *Register) hasFile(p *Payment) bool {
	if len(r.attached[p.ID]) > 0 {
		return true
	}
	return p.InvoiceID != 0 && slices.ContainsFunc(r.invoices[p.InvoiceID], func(at int) bool { return len(r.attached[r.Payments[at].ID]) > 0 })
}

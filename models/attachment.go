package models

import (
	"bytes"
	"slices"
	"strings"
	"time"
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

// Attachment is a file kept with a payment: the invoice, as a rule. Its content is stored once under its hash, however
// often it is attached.
type Attachment struct {
	ID        ID
	Version   int64
	PaymentID ID     // the first of the invoice's payments when it covers several services
	Name      string // of the file, as it came, without folders
	Media     Media
	Size      int64  // bytes
	Hash      string // SHA-256 of the content, hexadecimal
	AddedAt   time.Time
	AddedBy   ID
}

// MediaOf tells what kind of file the content is, by its bytes; false for what is not kept.
func MediaOf(content []byte) (Media, bool) {
	for magic, m := range map[string]Media{"%PDF-": PDF, "\x89PNG\r\n\x1a\n": PNG, "\xff\xd8\xff": JPEG} {
		if bytes.HasPrefix(content, []byte(magic)) {
			return m, true
		}
	}
	return "", false
}

// CleanFileName is the name of a file as it can be shown and saved.
func CleanFileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "" {
		return "document"
	}
	return name
}

// Check says what is wrong with the attachment.
func (a Attachment) Check() Invalid {
	var v Invalid
	if a.PaymentID == 0 {
		v.Add("payment", "choose")
	}
	checkName(&v, "name", a.Name)
	return v
}

// AttachmentsOf are the files kept with a payment and with the others of its invoice, by ID.
func (r *Register) AttachmentsOf(p Payment) []Attachment {
	at := slices.Clone(r.attached[p.ID])
	for _, i := range r.invoices[p.InvoiceID] {
		if id := r.Payments[i].ID; id != p.ID {
			at = append(at, r.attached[id]...)
		}
	}
	slices.Sort(at)
	return pick(r.Attachments, at)
}

// LacksInvoice tells whether the payment stands and no file is kept with it.
func (r *Register) LacksInvoice(p Payment) bool { return p.Stands() && len(r.AttachmentsOf(p)) == 0 }

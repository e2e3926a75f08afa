package models

import (
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

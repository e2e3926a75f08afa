package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"enveloppe/models"

	"golang.org/x/text/encoding/charmap"
)

// unattached is the service whose last invoice nobody has filed yet, beside the one that has no number at all.
const unattached = "Bitwarden"

// attachments files an invoice with each payment that has one, but for those still to be found.
func (b *builder) attachments() {
	missing := []models.ID{b.serviceByName[unattached], b.serviceByName["Flickr"]}
	for _, p := range b.f.Payments {
		recent := !p.PaidOn.Before(b.year().Span().From)
		if !p.Stands() || p.InvoiceNumber == "" || (recent && (p.ServiceID == missing[0] || p.ServiceID == missing[1])) {
			continue
		}
		file := b.pdf(p.InvoiceNumber+".pdf", invoice(b.f.Organisation, p), karim)
		b.f.Attachments = append(b.f.Attachments, models.Attachment{ID: b.next(), PaymentID: p.ID, File: file})
	}
}

// pdf is what is known of a file that somebody kept.
func (b *builder) pdf(name string, content []byte, by int) models.File {
	hash := sha256.Sum256(content)
	return models.File{
		Name: name, Media: models.PDF, Size: int64(len(content)), Hash: hex.EncodeToString(hash[:]), AddedAt: b.at, AddedBy: b.f.People[by].ID,
	}
}

// Contents are the files of the sample's attachments, in their order, and then of its proofs.
func Contents(f models.Facts) [][]byte {
	of := make(map[models.ID]models.Payment, len(f.Payments))
	for _, p := range f.Payments {
		of[p.ID] = p
	}
	contents := make([][]byte, 0, len(f.Attachments)+len(f.Proofs))
	for _, a := range f.Attachments {
		contents = append(contents, invoice(f.Organisation, of[a.PaymentID]))
	}
	for _, p := range f.Proofs {
		for _, d := range f.Decisions {
			if d.ID == p.DecisionID {
				contents = append(contents, confirmation(f.Organisation, d))
			}
		}
	}
	return contents
}

// invoice is an invented invoice on one page, which says that it is.
func invoice(o models.Organisation, p models.Payment) []byte {
	b := builder{lang: o.Lang}
	lines := []string{
		b.say(text{"SPÉCIMEN, sans valeur", "SPECIMEN, of no value"}), "",
		p.VendorName, b.say(text{"Facture n° ", "Invoice no. "}) + p.InvoiceNumber, french(p.InvoiceDate), "", o.Name, "",
		b.say(text{"Période du ", "Period from "}) + french(p.Period.From) + b.say(text{" au ", " to "}) + french(p.Period.Last()),
		"Total " + p.Billed.Comma() + " " + string(p.Billed.Currency()),
	}
	if !p.VAT.IsNone() {
		lines = append(lines, b.say(text{"dont TVA ", "of which VAT "})+p.VAT.Comma()+" "+string(p.VAT.Currency()))
	}
	return onePage(lines)
}

// onePage is a PDF of a page of text in one of the fonts every reader has.
func onePage(lines []string) []byte {
	var page bytes.Buffer
	page.WriteString("BT /F1 13 Tf 72 760 Td 20 TL\n")
	for _, l := range lines {
		encoded, err := charmap.Windows1252.NewEncoder().String(l)
		if err != nil {
			panic(err) // the sample's own texts
		}
		fmt.Fprintf(&page, "(%s) Tj T*\n", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(encoded))
	}
	page.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n")
	offsets := make([]int, 0, len(objects))
	for i, o := range objects {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return out.Bytes()
}

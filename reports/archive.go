package reports

import (
	"archive/zip"
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// Archive is the kind of file that holds a year's invoices themselves.
const Archive = "archive"

// Names of what lies beside the invoices in an archive.
const (
	indexName   = "factures.csv"
	missingName = "factures-manquantes.txt"
)

// ArchiveZip writes the invoices of a fiscal year's payments as a zip: each file under a name that says its day, its
// vendor, its number and its amount, an index (the invoices file with the names in a last column) and a list of the
// payments that have none. Payments undone within the year and what undoes them are in the index without a file. The
// same register, year and options give the same bytes.
//
// Contents are asked one after the other, and no more than one is held; an error of contents stops the archive, of
// which w has received a part by then.
func ArchiveZip(w io.Writer, r *models.Register, year cal.FiscalYear, o Options, contents func(models.Attachment) ([]byte, error)) error {
	a := archive{ledger: newLedger(r, Whole(year), o), year: year, zip: zip.NewWriter(w), taken: map[string]bool{}, named: map[models.ID]string{}, namesOf: map[models.ID][]string{}}
	payments := a.paymentsOf(a.period)
	var missing []*models.Payment
	for _, p := range payments {
		if !a.stood(p) {
			continue
		}
		attachments := r.AttachmentsOf(*p)
		if len(attachments) == 0 {
			missing = append(missing, p)
		}
		for _, x := range attachments {
			if err := a.put(p, x, contents); err != nil {
				return fmt.Errorf("archive the invoices of %s: %w", year.Label(), err)
			}
		}
	}
	err := a.index(payments, o)
	if err == nil {
		err = a.missing(missing)
	}
	if err == nil {
		err = a.zip.Close()
	}
	if err != nil {
		return fmt.Errorf("archive the invoices of %s: %w", year.Label(), err)
	}
	return nil
}

// ArchiveName is the name to save a year's archive under: "enveloppe-factures-2026.zip".
func ArchiveName(year cal.FiscalYear) string { return "enveloppe-factures-" + year.Label() + ".zip" }

// archive is a zip being written.
type archive struct {
	*ledger
	year    cal.FiscalYear
	zip     *zip.Writer
	taken   map[string]bool        // names, as systems that tell no capitals apart read them
	named   map[models.ID]string   // name of an attachment that several payments share
	namesOf map[models.ID][]string // of each payment's files
}

// stood tells whether a payment is of the year's books at its end: what was undone within it is not, what was undone
// later still is.
func (a *archive) stood(p *models.Payment) bool {
	if p.ReversesID != 0 {
		return false
	}
	undo, undone := a.Payment(p.ReversedByID)
	return !undone || !a.year.Span().Contains(undo.PaidOn)
}

// put writes a file, once for all services of its invoice.
func (a *archive) put(p *models.Payment, x models.Attachment, contents func(models.Attachment) ([]byte, error)) error {
	name, written := a.named[x.ID]
	if !written {
		name = a.nameOf(p, x)
		a.named[x.ID] = name
	}
	a.namesOf[p.ID] = append(a.namesOf[p.ID], name)
	if written {
		return nil
	}
	content, err := contents(x)
	if err != nil {
		return fmt.Errorf("file %d, %s: %w", x.ID, x.Name, err)
	}
	method := zip.Store // images and PDF files are compressed already
	if x.Media == models.XML {
		method = zip.Deflate
	}
	f, err := a.create(name, method, documentDay(p))
	if err == nil {
		_, err = f.Write(content)
	}
	return err
}

// create begins a file of the archive, dated at midnight of a day so that nothing depends on when it is written.
func (a *archive) create(name string, method uint16, on cal.Date) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: on.Time(a.Organisation.Location())})
}

// documentDay is the invoice's date, or the day of payment where none was noted.
func documentDay(p *models.Payment) cal.Date {
	if p.InvoiceDate.IsZero() {
		return p.PaidOn
	}
	return p.InvoiceDate
}

// nameOf is the name a file gets: "2026-12-18_Dropbox-International_DBX-118_99,00-USD.pdf". A second file of the same
// name is numbered.
func (a *archive) nameOf(p *models.Payment, x models.Attachment) string {
	vendor, _ := a.vendorOf(p)
	if vendor == "" {
		sv, _ := a.Service(p.ServiceID)
		vendor = sv.Name
	}
	total := money.Amount{}
	for _, line := range a.InvoiceOf(*p) {
		total = total.Add(line.Billed)
	}
	amount := total.Comma()
	if total.Currency() != money.EUR {
		amount += "-" + string(total.Currency())
	}
	base := strings.Join([]string{
		documentDay(p).String(), cmp.Or(fileNamePart(vendor, 40), "fournisseur"), cmp.Or(fileNamePart(p.InvoiceNumber, 40), "sans-numero"), amount,
	}, "_")
	name := base + extensions[x.Media]
	for n := 2; a.taken[strings.ToLower(name)]; n++ {
		name = base + "_" + strconv.Itoa(n) + extensions[x.Media]
	}
	a.taken[strings.ToLower(name)] = true
	return name
}

// extensions end the name of a file, by what it is rather than by how it was called.
var extensions = map[models.Media]string{models.PDF: ".pdf", models.PNG: ".png", models.JPEG: ".jpg", models.WebP: ".webp", models.XML: ".xml"}

// fileNamePart is a text as it may stand within the name of a file on any system: letters, figures and a few signs, with
// a hyphen for whatever else stood between them. The underscore parts the parts.
func fileNamePart(s string, most int) string {
	var b strings.Builder
	hyphen, n := false, 0
	for _, r := range norm.NFC.String(s) {
		kept := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || strings.ContainsRune("+&()'’,.", r)
		if r == utf8.RuneError || !kept {
			hyphen = n > 0
			continue
		}
		if hyphen {
			b.WriteByte('-')
			n++
		}
		if hyphen = false; n >= most {
			break
		}
		b.WriteRune(r)
		n++
	}
	// Windows drops points at an end, and systems hide what begins with one.
	return strings.Trim(b.String(), "-.,")
}

// index writes the invoices file with a column more: the names of each payment's files.
func (a *archive) index(payments []*models.Payment, o Options) error {
	f, err := a.create(indexName, zip.Deflate, a.year.Last())
	if err != nil {
		return err
	}
	t, err := newTable(f, o, append(invoiceColumns[:len(invoiceColumns):len(invoiceColumns)], column{"Fichiers", textColumn}))
	if err != nil {
		return err
	}
	for _, p := range payments {
		a.invoiceCells(t, p)
		t.text(strings.Join(a.namesOf[p.ID], ", "))
		if t.end(); t.err != nil {
			break
		}
	}
	return t.close()
}

// missing writes, for people, which payments have no file. There is no list when none lacks one.
func (a *archive) missing(payments []*models.Payment) error {
	if len(payments) == 0 {
		return nil
	}
	f, err := a.create(missingName, zip.Deflate, a.year.Last())
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	fmt.Fprintf(w, "%sPaiements de l’exercice %s sans facture jointe\r\n\r\n", byteOrderMark, a.year.Label())
	for _, p := range payments {
		vendor, _ := a.vendorOf(p)
		sv, _ := a.Service(p.ServiceID)
		fmt.Fprintf(w, "%s : %s", dayText(p.PaidOn), oneLine(sv.Name))
		if vendor != "" && vendor != sv.Name {
			fmt.Fprintf(w, ", %s", oneLine(vendor))
		}
		if p.InvoiceNumber != "" {
			fmt.Fprintf(w, ", facture %s", oneLine(p.InvoiceNumber))
		}
		fmt.Fprintf(w, ", %s %s\r\n", p.Billed.Comma(), p.Billed.Currency())
	}
	return w.Flush()
}

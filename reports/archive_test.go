package reports_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
	"enveloppe/reports"
)

// filed are facts with files: one invoice with two, one with the name of another, one over several services.
func filed() models.Facts {
	f := hosting()
	for i := range 3 { // the invoice over three services stands
		f.Payments[i].ReversedByID = 0
	}
	f.Payments = f.Payments[:3]
	add := func(id models.ID, number, vendor, paid, invoiced string, cents int64) {
		p := models.Payment{ID: id, ServiceID: 50, PaidOn: day(paid), InvoiceNumber: number, VendorName: vendor, Billed: money.Euros(cents), Account: "6511"}
		if invoiced != "" {
			p.InvoiceDate = day(invoiced)
		}
		f.Payments = append(f.Payments, p.Settle(models.VATStatus{Kind: models.NotTaxable}))
	}
	add(10, "FA/77: «1»", "OVH; «\u00a0SAS\u00a0»", "2026-01-05", "2025-12-31", 11988)
	add(11, "", "Meister\tLabs \"GmbH\".", "2026-02-01", "", 2940)
	add(12, "fa-77-1", "OVH SAS", "2026-01-06", "2025-12-31", 11988)
	add(13, "Z1", "Sans fichier", "2026-03-01", "", 100)
	add(14, "B9", "Annulé", "2026-03-02", "", 200)
	add(15, "", "../../etc/passwd", "2026-03-03", "", 300)
	undo, _ := f.Payments[7].Reversal(cal.Date{})
	undo.ID, f.Payments[7].ReversedByID = 16, 16
	f.Payments = append(f.Payments, undo)
	file := func(id, payment models.ID, name string, media models.Media) {
		f.Attachments = append(f.Attachments, models.Attachment{ID: id, PaymentID: payment, File: models.File{Name: name, Media: media}})
	}
	file(1, 10, "facture.pdf", models.PDF)
	file(2, 10, "facture.xml", models.XML)
	file(3, 12, "facture.pdf", models.PDF)
	file(4, 1, "hoster.png", models.PNG)
	file(5, 14, "annulée.pdf", models.PDF)
	file(6, 15, "x.jpg", models.JPEG)
	file(7, 11, "y.webp", models.WebP)
	file(8, 10, "annexe.pdf", models.PDF)
	return f
}

// contentOf is what the file of an attachment holds.
func contentOf(a models.Attachment) ([]byte, error) { return []byte("content of " + a.Name), nil }

func archived(t testing.TB, r *models.Register, o reports.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := reports.ArchiveZip(&b, r, year2026, o, contentOf); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unzipped(t testing.TB, data []byte) (names []string, contents map[string]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	contents = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, contents[f.Name] = append(names, f.Name), string(content)
	}
	return names, contents
}

func TestArchiveNamesItsFilesForTheAccountant(t *testing.T) {
	data := archived(t, models.NewRegister(filed()), reports.Options{})
	names, contents := unzipped(t, data)
	if diff := cmp.Diff([]string{
		"2025-12-31_OVH-SAS_FA-77-1_119,88.pdf",
		"2025-12-31_OVH-SAS_FA-77-1_119,88.xml",
		"2025-12-31_OVH-SAS_FA-77-1_119,88_2.pdf",
		"2025-12-31_OVH-SAS_fa-77-1_119,88_3.pdf",
		"2026-02-01_Meister-Labs-GmbH_sans-numero_29,40.webp",
		"2026-03-03_etc-passwd_sans-numero_3,00.jpg",
		"2026-03-28_Hoster_H-77_112,33-USD.png",
		"factures.csv",
		"factures-manquantes.txt",
	}, names); diff != "" {
		t.Error(diff)
	}
	if got := contents["2025-12-31_OVH-SAS_fa-77-1_119,88_3.pdf"]; got != "content of facture.pdf" {
		t.Errorf("a file holds %q", got)
	}
	if got, want := contents["factures-manquantes.txt"], "\ufeffPaiements de l’exercice 2026 sans facture jointe\r\n\r\n01/03/2026 : Domaine, Sans fichier, facture Z1, 1,00 EUR\r\n"; got != want {
		t.Errorf("the list of what is missing is %q, want %q", got, want)
	}
	files := map[string]string{}
	rows := sheet(t, []byte(contents["factures.csv"]))
	for _, row := range rows {
		files[row["Service"]+" "+row["Montant devise"]] = row["Fichiers"]
	}
	for row, want := range map[string]string{
		"Domaine 99,00": "2026-03-28_Hoster_H-77_112,33-USD.png", "Courrier 10,00": "2026-03-28_Hoster_H-77_112,33-USD.png",
		"Domaine 1,00": "", "Domaine 2,00": "", "Domaine -2,00": "",
	} {
		if got, ok := files[row]; !ok || got != want {
			t.Errorf("%s: the index leads to %q, want %q", row, got, want)
		}
	}
	if len(rows) != 10 {
		t.Errorf("%d payments in the index, want ten", len(rows))
	}
	if again := archived(t, models.NewRegister(filed()), reports.Options{}); !bytes.Equal(data, again) {
		t.Error("the same register gives other bytes")
	}
}

// Taken again after a payment was undone in a later year, a year's archive holds what it held.
func TestArchiveOfAClosedYearStaysWhole(t *testing.T) {
	f := filed()
	before := archived(t, models.NewRegister(f), reports.Options{})
	f = filed()
	undo, err := f.Payments[3].Reversal(day("2027-02-01"))
	if err != nil {
		t.Fatal(err)
	}
	undo.ID, f.Payments[3].ReversedByID = 99, 99
	f.Payments = append(f.Payments, undo)
	if after := archived(t, models.NewRegister(f), reports.Options{}); !bytes.Equal(before, after) {
		t.Error("undoing a payment a year later changes the archive of its year")
	}
}

func TestArchiveTakesTheOptionsOfItsIndex(t *testing.T) {
	_, contents := unzipped(t, archived(t, models.NewRegister(filed()), reports.Options{Encoding: reports.Windows1252}))
	if index := contents["factures.csv"]; utf8.ValidString(index) || !strings.Contains(index, "P\xe9riode") {
		t.Errorf("the index is not in Windows-1252: %.80q", index)
	}
	if err := reports.ArchiveZip(io.Discard, register(), year2026, reports.Options{Encoding: "ebcdic"}, contentOf); err == nil {
		t.Error("no error for an encoding there is not")
	}
}

func TestArchiveSaysWhatWentWrong(t *testing.T) {
	lost := errors.New("the disk is gone")
	err := reports.ArchiveZip(io.Discard, models.NewRegister(filed()), year2026, reports.Options{}, func(models.Attachment) ([]byte, error) { return nil, lost })
	if !errors.Is(err, lost) || !strings.Contains(err.Error(), "facture.pdf") {
		t.Errorf("error %v", err)
	}
	if err := reports.ArchiveZip(full{}, models.NewRegister(filed()), year2026, reports.Options{}, contentOf); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
	if got := reports.ArchiveName(year2026); got != "enveloppe-factures-2026.zip" {
		t.Errorf("saved as %s", got)
	}
}

// safeName is a name any system takes: no character one of them forbids, no point or space at an end, not too long.
var safeName = regexp.MustCompile(`^\d{4}-\d\d-\d\d_[^<>:"/\\|?*\x00-\x20]{1,200}[^. ]$`)

// Whatever people typed, names are safe and no two are alike.
func TestArchiveNamesAreSafe(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := models.Facts{Services: []models.Service{{ID: 50, Name: rapid.String().Draw(rt, "service")}}}
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "CON", "..", "a/b\\c", "É", "E\u0301", "\u202efdp.exe", "OVH", "ovh", strings.Repeat("é", 300), "\x80"}))
		n := rapid.IntRange(1, 12).Draw(rt, "files")
		for i := range n {
			p := models.Payment{ID: models.ID(i + 1), ServiceID: 50, PaidOn: day("2026-01-05"), VendorName: text.Draw(rt, "vendor"), InvoiceNumber: text.Draw(rt, "number"), Billed: money.Euros(rapid.Int64Range(-3, 3).Draw(rt, "cents"))}
			f.Payments = append(f.Payments, p)
			f.Attachments = append(f.Attachments, models.Attachment{ID: p.ID, PaymentID: p.ID, File: models.File{Media: models.PDF}})
		}
		names, _ := unzipped(t, archived(t, models.NewRegister(f), reports.Options{}))
		if len(names) != n+1 {
			rt.Fatalf("%d files for %d invoices and the index", len(names), n)
		}
		seen := map[string]bool{"factures.csv": true}
		for _, name := range names[:n] {
			if folded := strings.ToLower(name); !safeName.MatchString(name) || seen[folded] || !utf8.ValidString(name) {
				rt.Fatalf("%q is no name for all systems, or there twice", name)
			} else {
				seen[folded] = true
			}
		}
	})
}

// A year of large invoices passes through one at a time.
func TestArchiveHoldsOneFileAtATime(t *testing.T) {
	const files, size = 60, 4 << 20
	f := models.Facts{Services: []models.Service{{ID: 50, Name: "Dropbox"}}}
	for i := range files {
		id := models.ID(i + 1)
		f.Payments = append(f.Payments, models.Payment{ID: id, ServiceID: 50, PaidOn: day("2026-01-05"), InvoiceNumber: strconv.Itoa(i), Billed: money.Euros(100)})
		f.Attachments = append(f.Attachments, models.Attachment{ID: id, PaymentID: id, File: models.File{Media: models.PDF}})
	}
	r, held := models.NewRegister(f), []uint64{}
	content := bytes.Repeat([]byte{7}, size)
	var c counter
	err := reports.ArchiveZip(&c, r, year2026, reports.Options{}, func(models.Attachment) ([]byte, error) {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		held = append(held, m.HeapAlloc)
		return slices.Clone(content), nil
	})
	if err != nil || c.bytes < files*size {
		t.Fatalf("%d bytes written, error %v", c.bytes, err)
	}
	if first, most := held[0], slices.Max(held); most > first+3*size {
		t.Errorf("%d MB are held at a time", (most-first)>>20)
	}
}

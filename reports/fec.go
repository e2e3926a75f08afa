package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"enveloppe/models"
	"enveloppe/models/cal"
	"enveloppe/models/money"
)

// fecTitles are the eighteen columns of the file of entries, in the order and spelling of article A. 47 A-1 of the book
// of tax procedures.
var fecTitles = []string{
	"JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "PieceRef",
	"PieceDate", "EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
}

// FECExtract writes the entries of a period in the layout of article A. 47 A-1: eighteen columns between tabs, days as
// 20261231, amounts with a decimal comma, no quotes; tabs, line ends and bars are taken out of the texts. It is an extract
// of the books, of what on-line services cost, and never the whole file an inspector may ask for.
//
// The file is held against the text before its first byte is written: one that breaks it is refused, by the first fault.
func FECExtract(w io.Writer, r *models.Register, p Period, o Options) error {
	l := newLedger(r, p, o)
	err := l.sound()
	if err == nil {
		var faults []Fault
		if faults, err = l.fecFaults(); err == nil && len(faults) > 0 {
			err = faults[0]
		}
	}
	if err == nil {
		err = l.writeFEC(w)
	}
	if err != nil {
		return fmt.Errorf("export the entries of %s: %w", p.Label(), err)
	}
	return nil
}

// fecFaults are those of the file that would be written. Months of a year hold some of its numbers, not all.
func (l *ledger) fecFaults() ([]Fault, error) {
	check := newFECCheck(l.o.Encoding)
	check.part = !l.period.IsWhole()
	if err := l.writeFEC(check); err != nil {
		return nil, err
	}
	return check.end(), nil
}

func (l *ledger) writeFEC(w io.Writer) error {
	f := fecFile{w: bufio.NewWriterSize(w, 64<<10), encode: func(s string) string { return s }}
	switch l.o.Encoding {
	case UTF8, "":
	case Latin9:
		f.encode = toLatin9
	default:
		return fmt.Errorf("no encoding %q", l.o.Encoding)
	}
	f.row(fecTitles)
	for e := range l.entries() {
		for _, line := range e.Lines {
			f.row(l.fecRow(&f, e, line))
		}
		if f.err != nil {
			return f.err
		}
	}
	if f.err != nil {
		return f.err
	}
	return f.w.Flush()
}

func (l *ledger) fecRow(f *fecFile, e models.Entry, line models.EntryLine) []string {
	auxiliary, name := "", ""
	if line.Supplier {
		if auxiliary = f.text(line.Auxiliary); auxiliary != "" { // both or neither
			vendor, _ := l.vendorOf(&e.Payments[0])
			name = cmp.Or(f.text(vendor), auxiliary)
		}
	}
	return []string{
		e.Journal, journalName(e), numberOf(e), fecDay(e.On), l.account(line.Account), f.text(accountLabel(line.Account)), auxiliary, name,
		cmp.Or(f.text(piece(e)), numberOf(e)), fecDay(e.PieceOn), cmp.Or(f.text(l.about(e, line)), journalName(e)), fecAmount(line.Debit),
		fecAmount(line.Credit), "", "", fecDay(e.ValidOn), line.Foreign.Comma(), string(line.Foreign.Currency()),
	}
}

func fecDay(d cal.Date) string {
	if d.IsZero() {
		return ""
	}
	var room [8]byte
	b := appendDigits(room[:0], d.Year(), 4)
	b = appendDigits(b, int(d.Month()), 2)
	return string(appendDigits(b, d.Day(), 2))
}

// fecAmount is never blank: one of the two sides is 0,00.
func fecAmount(a money.Amount) string {
	if a.IsNone() {
		a = money.Zero(money.EUR)
	}
	return a.Comma()
}

type fecFile struct {
	w      *bufio.Writer
	encode encoder
	line   []byte
	err    error
}

func (f *fecFile) row(cells []string) {
	if f.err != nil {
		return
	}
	for i, cell := range cells {
		if i > 0 {
			f.line = append(f.line, '\t')
		}
		f.line = append(f.line, cell...)
	}
	f.line = append(f.line, '\r', '\n')
	_, f.err = f.w.Write(f.line)
	f.line = f.line[:0]
}

// text is what people typed as the file can hold it: encoded, without what separates columns and rows in either form
// of the file, and without what a spreadsheet would take for a formula.
func (f *fecFile) text(s string) string {
	text := f.encode(strings.ReplaceAll(oneLine(s), "|", " "))
	return trimBlanks(guard{strip: true}.apply(text, s))
}

// trimBlanks takes the spaces at both ends away, no-break ones of any encoding too.
func trimBlanks(s string) string {
	s = s[padding(s):]
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		if (r != utf8.RuneError || s[len(s)-1] != 0xa0) && !isPadding(r) {
			break
		}
		s = s[:len(s)-size]
	}
	return s
}

// toLatin9 writes a text in ISO 8859-15: what that alphabet lacks as Windows-1252 would write it, in plainer signs.
func toLatin9(s string) string {
	if isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for _, r := range norm.NFC.String(s) {
		if c, ok := charmap.ISO8859_15.EncodeRune(r); ok {
			b = append(b, c)
			continue
		}
		if plain, ok := latin9Likenesses[r]; ok {
			b = append(b, plain...)
			continue
		}
		for _, c := range append1252(nil, r) { // what is left of it may itself be missing here: ’ and its like
			if u := charmap.Windows1252.DecodeByte(c); u < 0x80 {
				b = append(b, c)
			} else if d, ok := charmap.ISO8859_15.EncodeRune(u); ok {
				b = append(b, d)
			} else if plain, ok := latin9Likenesses[u]; ok {
				b = append(b, plain...)
			} else {
				b = append(b, '_')
			}
		}
	}
	return string(b)
}

// latin9Likenesses are the signs that Windows-1252 has and ISO 8859-15 lacks.
var latin9Likenesses = map[rune]string{
	'‘': "'", '’': "'", '‚': ",", '“': `"`, '”': `"`, '„': `"`, '–': "-", '—': "-", '…': "...", '•': "*", '†': "+", '‡': "++",
	'‰': "o/oo", '‹': "<", '›': ">", 'ˆ': "^", '˜': "~", '™': "TM", 'ƒ': "f", '\u202f': "\xa0",
	'¼': "1/4", '½': "1/2", '¾': "3/4", '´': "'", '¨': `"`, '¸': ",", '¦': "/",
}

// FECNotice writes the description that goes with the extract: what the columns hold, how the file is written, and what
// it is not.
func FECNotice(w io.Writer, r *models.Register, p Period, o Options) error {
	encoding := "UTF-8, sans marque d’ordre des octets"
	if o.Encoding == Latin9 {
		encoding = "ISO 8859-15"
	}
	books := r.Organisation.Books.OrDefault()
	journals := books.PurchaseJournal + " Achats"
	if books.Settlements {
		journals += ", " + books.BankJournal + " Banque"
	}
	if o.Closing {
		journals += ", " + books.ClosingJournal + " Opérations diverses (charges constatées d’avance)"
	}
	text := fmt.Sprintf(fecNotice, FECName(r, p), r.Organisation.Name, dayText(p.Span.From), dayText(p.Span.Last()), encoding, journals, strings.Join(fecTitles, "\r\n  "))
	if o.Encoding == Latin9 {
		text = toLatin9(text)
	}
	_, err := io.WriteString(w, strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
	if err != nil {
		return fmt.Errorf("describe the entries of %s: %w", p.Label(), err)
	}
	return nil
}

const fecNotice = `Description du fichier %s

Organisation : %s
Période : du %s au %s

Ce fichier est un EXTRAIT des écritures comptables, limité aux achats de services en ligne. Il n’est pas le fichier des
écritures comptables de l’organisation ; il suit seulement la disposition de l’article A. 47 A-1 du livre des procédures
fiscales, pour être repris par un logiciel comptable.

Codage : %s. Une ligne par ligne d’écriture, terminée par CR LF. Colonnes séparées par une tabulation, sans guillemets.
Dates : AAAAMMJJ. Montants : virgule décimale, sans séparateur de milliers, en euros ; « 0,00 » de l’autre côté.
Journaux : %s.

EcritureNum : code du journal et rang de l’écriture dans le journal et l’exercice, dans l’ordre d’enregistrement.
EcritureDate : date de la facture quand elle est de l’exercice et d’une période alors ouverte, sinon du paiement.
CompAuxNum, CompAuxLib : compte et nom du fournisseur, sur les lignes de fournisseur seulement.
PieceRef, PieceDate : numéro et date de la facture ; sans numéro, celui de l’écriture.
EcritureLet, DateLet : vides, les écritures ne sont pas lettrées ici.
ValidDate : jour de l’enregistrement, au plus tôt celui de l’écriture ; le fichier est dans l’ordre de ces jours.
Montantdevise, Idevise : montant facturé et sa devise, sur la ligne du fournisseur, quand ce n’est pas l’euro.

Colonnes, dans l’ordre :
  %s
`

// FECName is the name to save the extract under: "{SIREN or ASSO}FEC{closing day}_achats-saas.txt".
func FECName(r *models.Register, p Period) string {
	who := r.Organisation.SIREN
	if who == "" {
		who = "ASSO"
	}
	return who + "FEC" + fecDay(p.Span.Last()) + "_achats-saas.txt"
}

package reports_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"enveloppe/models"
	"enveloppe/models/money"
	"enveloppe/reports"
	"enveloppe/templates/words"
)

// said writes findings on a line each: "refused: unbalanced [entry AC-2 gap 0.01 EUR] 601".
func said(all []reports.Finding) []string {
	var lines []string
	for _, f := range all {
		line := f.Rule
		if f.Refused {
			line = "refused: " + line
		}
		if len(f.Args) > 0 {
			line += " " + fmt.Sprint(f.Args)
		}
		for _, id := range f.Payments {
			line += fmt.Sprint(" ", id)
		}
		lines = append(lines, line)
	}
	return lines
}

// kept is the register of the golden files with a file for some invoices.
func kept(change func(*models.Facts)) *models.Register {
	f := closing()
	f.Organisation.SIREN = ""
	for i, payment := range []models.ID{600, 601, 610} {
		f.Attachments = append(f.Attachments, models.Attachment{ID: models.ID(700 + i), PaymentID: payment, File: models.File{Name: "f.pdf", Media: models.PDF, Size: 1}})
	}
	if change != nil {
		change(&f)
	}
	return models.NewRegister(f)
}

func TestFindings(t *testing.T) {
	march, _ := reports.Months(year2026, 3, 6)
	whole := reports.Whole(year2026)
	missing := []string{"unconverted [n 1] 607", "no_number [n 2] 605 606", "no_file [n 4] 602 605 606 607", "no_account [n 1] 606", "no_invoice_date [n 3] 605 606 607", "other_year [n 1] 602"}
	noAccount := func(f *models.Facts) { f.Payments[6].Account = "" }
	for _, c := range []struct {
		name   string
		kind   string
		p      reports.Period
		change func(*models.Facts)
		want   []string
	}{
		{"the journal of a year", reports.Journal, whole, noAccount, missing},
		{"the invoices of a year", reports.Invoices, whole, noAccount, missing},
		{"for Paheko", reports.Paheko, whole, noAccount, missing},
		{"the workbook", reports.Workbook, whole, noAccount, missing},
		{"the invoices' own files", reports.Archive, whole, noAccount, missing},
		{"the extract, without a number of the register", reports.FEC, whole, noAccount, append(slices.Clone(missing), "no_siren")},
		{"what goes with it", reports.Notice, whole, noAccount, append(slices.Clone(missing), "no_siren")},
		{"the extract, with one", reports.FEC, whole, func(f *models.Facts) { noAccount(f); f.Organisation.SIREN = "552100554" }, missing},
		{"months", reports.Journal, march, nil, []string{"unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607"}},
		{"prepaid expense", reports.Prepaid, whole, nil, []string{"no_file [n 2] 602 609", "other_year [n 1] 602"}},
		{"prepaid expense that has no euros", reports.Prepaid, whole, func(f *models.Facts) { f.Payments[7].Period = inclusive("2026-06-01", "2027-05-31") }, []string{
			"unconverted [n 1] 607", "no_file [n 3] 602 607 609", "no_invoice_date [n 1] 607", "other_year [n 1] 602",
		}},
		{"what is used", reports.Register, whole, nil, nil},
		{"a kind there is not", "balance", whole, nil, nil},
		{"nothing at all", reports.FEC, reports.Whole(year2026.Next().Next()), func(f *models.Facts) { f.Organisation.SIREN = "552100554" }, nil},
		{"a cent lost", reports.Journal, march, func(f *models.Facts) { f.Payments[6].Cost = f.Payments[6].Cost.Sub(money.Euros(1)) }, []string{
			"refused: unbalanced [entry AC-7 gap -0.01 EUR] 606", "unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607",
		}},
		{"a cent lost concerns no file without entries", reports.Invoices, march, func(f *models.Facts) { f.Payments[6].Cost = f.Payments[6].Cost.Sub(money.Euros(1)) }, []string{
			"unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607",
		}},
		{"accounts that are none", reports.Invoices, march, func(f *models.Facts) { f.Payments[6].Account, f.Payments[7].Account = "=1", "=1" }, []string{
			"refused: account [account =1] 606 607", "unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607",
		}},
		{"accounts the chart has not", reports.FEC, march, func(f *models.Facts) { f.Payments[6].Account = "911"; f.Organisation.SIREN = "552100554" }, []string{
			"refused: fec.account [line 10 column CompteNum text 911 n 1] 606", "unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := kept(c.change)
			got := said(reports.Findings(c.kind, r, c.p, reports.Options{}))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			// What is refused is refused when it is written, too, and nothing else is.
			if _, known := reports.FileOf(c.kind); !known {
				return
			}
			var b strings.Builder
			err := reports.Export(c.kind, &b, r, c.p, day("2026-11-23"), reports.Options{})
			refused := len(got) > 0 && strings.HasPrefix(got[0], "refused")
			if (err != nil) != refused {
				t.Errorf("written: %v", err)
			}
		})
	}
}

// A rule of the text broken by many lines is said once, with the first and how many.
func TestFindingsOfTheTextAreSaidOnce(t *testing.T) {
	r := kept(func(f *models.Facts) {
		f.Organisation.SIREN, f.Organisation.Books.Supplier = "552100554", "051"
	})
	got := said(reports.Findings(reports.FEC, r, reports.Whole(year2026), reports.Options{}))
	want := []string{"refused: fec.account [line 3 column CompteNum text 051 n 16] 600", "refused: fec.auxiliary_on [line 3 column CompAuxNum text F-DROPBOX n 6] 600"}
	if diff := cmp.Diff(want, got[:2]); diff != "" {
		t.Error(diff)
	}
	all := reports.Findings(reports.FEC, r, reports.Whole(year2026), reports.Options{})
	for lang, want := range map[words.Lang]string{
		words.FR: "Le fichier ne part pas\u00a0: à 16 endroits, d’abord à la ligne 3, un compte n’est pas du plan comptable\u00a0: trois chiffres d’abord, le premier de 1 à 8 («\u00a0051\u00a0»).",
		words.EN: "The file does not leave: in 16 places, first on line 3, an account is not of the French chart: three digits first, the first of them 1 to 8 (“051”).",
	} {
		if got := all[0].Said(words.In(lang)); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
	var fault reports.Fault
	if err := reports.FECExtract(io.Discard, r, reports.Whole(year2026), reports.Options{}); !errors.As(err, &fault) || fault.Rule != reports.FECAccount || fault.Line != 3 {
		t.Errorf("%v", err)
	}
}

// Whatever is found can be said in both languages, of one payment and of several.
func TestEveryFindingIsASentence(t *testing.T) {
	counted := []string{
		reports.FoundUnconverted, reports.FoundNoNumber, reports.FoundNoFile, reports.FoundNoAccount, reports.FoundNoInvoiceDate, reports.FoundOtherYear,
	}
	var all []reports.Finding
	for _, rule := range counted {
		for _, n := range []int{1, 2} {
			all = append(all, reports.Finding{Rule: rule, Args: []any{"n", n}})
		}
	}
	all = append(all,
		reports.Finding{Rule: reports.FoundUnbalanced, Args: []any{"entry", "AC-2", "gap", money.Euros(1)}},
		reports.Finding{Rule: reports.FoundAccount, Args: []any{"account", "=1"}}, reports.Finding{Rule: reports.FoundNoSIREN})
	for _, rule := range []string{
		reports.FECEncoding, reports.FECTitles, reports.FECColumns, reports.FECLineEnd, reports.FECCharacters, reports.FECBlank, reports.FECDate,
		reports.FECAccount, reports.FECAmount, reports.FECSides, reports.FECBalance, reports.FECScattered, reports.FECEntry, reports.FECNumber,
		reports.FECSequence, reports.FECJournal, reports.FECOrder, reports.FECValid, reports.FECAuxiliary, reports.FECAuxiliaryOn,
		reports.FECLettering, reports.FECCurrency, reports.FECForeign,
	} {
		all = append(all, reports.Finding{Rule: rule, Args: []any{"line", 7, "column", "Debit", "text", "x", "n", 1}})
	}
	for _, lang := range []words.Lang{words.FR, words.EN} {
		heard := map[string]string{}
		for _, f := range all {
			text := f.Said(words.In(lang))
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "{{") || strings.Contains(text, "finding.") || strings.Contains(text, "<no value>") {
				t.Errorf("%s: %s is said %q", lang, f.Rule, text)
			}
			if other, twice := heard[text]; twice {
				t.Errorf("%s: %s and %s are both said %q", lang, other, f.Rule, text)
			}
			heard[text] = f.Rule
		}
	}
}

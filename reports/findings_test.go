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
		f.Attachments = append(f.Attachments, models.Attachment{ID: models.ID(700 + i), PaymentID: payment, Name: "f.pdf", Media: models.PDF, Size: 1})
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
		{"prepaid expense", reports.Prepaid, whole, nil, []string{"no_file [n 2] 602 609", "other_year [n 2] 602 609"}},
		{"prepaid expense that has no euros", reports.Prepaid, whole, func(f *models.Facts) { f.Payments[7].Period = inclusive("2026-06-01", "2027-05-31") }, []string{
			"unconverted [n 1] 607", "no_file [n 3] 602 607 609", "no_invoice_date [n 1] 607", "other_year [n 2] 602 609",
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
			"refused: fec.account [line 10 column CompteNum text 911 n 1]", "unconverted [n 1] 607", "no_number [n 1] 606", "no_file [n 2] 606 607", "no_invoice_date [n 2] 606 607",
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
	want := []string{"refused: fec.account [line 3 column CompteNum text 051 n 16]", "refused: fec.auxiliary_on [line 3 column CompAuxNum text F-DROPBOX n 6]"}
	if diff := cmp.Diff(want, got[:2]); diff != "" {
		t.Error(diff)
	}
	var fault reports.Fault
	if err := reports.FECExtract(io.Discard, r, reports.Whole(year2026), reports.Options{}); !errors.As(err, &fault) || fault.Rule != reports.FECAccount || fault.Line != 3 {
		t.Errorf("%v", err)
	}
}

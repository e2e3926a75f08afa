package models

import (
	"slices"
	"testing"
)

func TestAccessBoard(t *testing.T) {
	t.Parallel()
	f := seatFacts()
	f.Services[0].ExportEvery, f.Services[0].ExportedOn = 90, day("2026-06-01")
	f.Services[0].Access = Access{Export: ExtentFull, ExportKept: "disque", SecondAdmin: 11, Referent: 10, Offline: ExtentPart, TrainPlanned: 800, TrainDone: 300}
	f.Services[1].ExportEvery, f.Services[1].ExportedOn, f.Services[1].ClosesOn = 90, day("2026-01-01"), day("2026-12-31")
	f.Services[1].Access = Access{SecondAdmin: 14, Referent: 14}
	f.Services[2].ExportEvery, f.Services[2].Access = 30, Access{Export: ExtentNone, SecondAdmin: 10, ReplacedBy: "papier", Referent: 10}
	f.Services[2].ClosesOn = day("2026-12-31")
	f.Subscriptions[3].EndsOn = day("2026-06-01")
	b := NewRegister(f).AccessBoard(day("2026-06-30"))
	want := [][]AccessGap{
		nil,
		{GapClosing, GapExportLate, GapExportUnknown, GapExportKept, GapSecondAdmin}, // Éva, who is named, has left
		{GapExportNone},
	}
	if len(b.Lines) != len(want) {
		t.Fatalf("%d lines: a service that has ended loses nothing", len(b.Lines))
	}
	for i, gaps := range want {
		if !slices.Equal(b.Lines[i].Gaps, gaps) {
			t.Errorf("%s: %v, want %v", b.Lines[i].Service.Name, b.Lines[i].Gaps, gaps)
		}
	}
	if b.Lines[0].ExportDue != day("2026-08-30") || b.Lines[1].ExportDue != day("2026-04-01") || b.Lines[0].Users != 1 {
		t.Errorf("due %s and %s", b.Lines[0].ExportDue, b.Lines[1].ExportDue)
	}
	if len(b.AtRisk()) != 2 || len(b.Offline(ExtentPart)) != 1 || len(b.Offline(ExtentUnknown)) != 2 || b.TrainLeft != 500 {
		t.Errorf("at risk %d, readable %d, unknown %d, left %d", len(b.AtRisk()), len(b.Offline(ExtentPart)), len(b.Offline(ExtentUnknown)), b.TrainLeft)
	}
	if list := b.ToTrain(); len(list) != 2 || list[0].NoReferent || !list[1].NoReferent {
		t.Errorf("to train %+v", list)
	}
}

// Whoever answers for a service is no second administrator of it.
func TestTheOwnerIsNoSecondAdministrator(t *testing.T) {
	t.Parallel()
	f := seatFacts()
	f.Services[0].Access.SecondAdmin = 11
	for owner, want := range map[ID]bool{10: false, 11: true, 0: false} {
		f.Subscriptions[0].OwnerID = owner
		if got := NewRegister(f).AccessBoard(day("2026-06-30")).Lines[0].Has(GapSecondAdmin); got != want {
			t.Errorf("owned by %d: %v", owner, got)
		}
	}
}

func TestProcessors(t *testing.T) {
	t.Parallel()
	f := seatFacts()
	f.Vendors = []Vendor{{ID: 5, Name: "Là", Country: "US"}, {ID: 6, Name: "Ici", Country: "FR"}, {ID: 7, Name: "Où"}}
	full := Access{
		Personal: ExtentFull, PersonalWhose: "adhérents", Purpose: "envoi", DPAOn: day("2026-01-01"), Hosting: "France", Transfer: TransferNone, KeptFor: "3 ans",
	}
	f.Services[0].VendorID, f.Services[0].Access = 6, full
	f.Services[1].VendorID, f.Services[1].Access = 5, full
	f.Services[2].Access.Personal = ExtentPart
	f.Services[3].Access.Personal = ExtentNone
	p := NewRegister(f).Processors(day("2026-06-30"))
	if len(p.Known) != 3 || len(p.None) != 1 || len(p.Unsaid) != 0 {
		t.Fatalf("%d known, %d none, %d unsaid", len(p.Known), len(p.None), len(p.Unsaid))
	}
	for i, want := range [][]ProcessorGap{
		nil, {GapAbroad}, {GapVendor, GapPurpose, GapWhose, GapHosting, GapTransfer, GapDPA, GapKeptFor},
	} {
		if !slices.Equal(p.Known[i].Missing, want) {
			t.Errorf("%s lacks %v, want %v", p.Known[i].Service.Name, p.Known[i].Missing, want)
		}
	}
	f.Services[2].VendorID = 7
	if p := NewRegister(f).Processors(day("2026-06-30")); !p.Known[2].Lacks(GapCountry) || p.Known[2].Lacks(GapVendor) || p.Missing() != 8 {
		t.Errorf("%d missing, %v", p.Missing(), p.Known[2].Missing)
	}
	f.Services[3].Access.Personal = ExtentUnknown
	if p := NewRegister(f).Processors(day("2026-06-30")); len(p.Unsaid) != 1 {
		t.Errorf("unsaid %+v", p.Unsaid)
	}
}

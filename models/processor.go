package models

import (
	"slices"

	"enveloppe/models/cal"
)

// ProcessorGap is something the register of processors must say (GDPR art. 28 and 30) and does not.
type ProcessorGap string

// The gaps, in the order of the register's columns.
const (
	GapVendor   ProcessorGap = "vendor"
	GapCountry  ProcessorGap = "country"
	GapPurpose  ProcessorGap = "purpose"
	GapWhose    ProcessorGap = "whose"
	GapHosting  ProcessorGap = "hosting"
	GapTransfer ProcessorGap = "transfer"
	GapAbroad   ProcessorGap = "abroad" // the data are said to stay, and the vendor is outside the European Economic Area
	GapDPA      ProcessorGap = "dpa"
	GapKeptFor  ProcessorGap = "kept_for"
)

// Processor is a vendor that holds personal data for the organisation, by one of its services.
type Processor struct {
	Service Service
	Vendor  Vendor // its ID is zero when not known
	Missing []ProcessorGap
}

// Lacks tells whether something is missing.
func (p Processor) Lacks(g ProcessorGap) bool { return slices.Contains(p.Missing, g) }

// Processors is the register of processors on a day.
type Processors struct {
	Known  []Processor // services in use that hold personal data, by ID
	Unsaid []Service   // services in use of which nobody has said whether they do
	None   []Service   // services in use that hold none
}

// Missing counts what the register does not say and must.
func (p Processors) Missing() int {
	n := 0
	for _, x := range p.Known {
		n += len(x.Missing)
	}
	return n
}

// Processors gathers what the services in use on a day do with personal data.
func (r *Register) Processors(day cal.Date) Processors {
	var out Processors
	for i := range r.Services {
		sv := r.Services[i]
		if _, runs := r.running(sv.ID, day); !runs || sv.Archived() {
			continue
		}
		switch {
		case sv.Access.HoldsPersonal():
			out.Known = append(out.Known, r.processor(sv))
		case sv.Access.Personal == ExtentNone:
			out.None = append(out.None, sv)
		default:
			out.Unsaid = append(out.Unsaid, sv)
		}
	}
	return out
}

func (r *Register) processor(sv Service) Processor {
	p := Processor{Service: sv}
	p.Vendor, _ = r.Vendor(sv.VendorID)
	a := &sv.Access
	for _, x := range []struct {
		gap  ProcessorGap
		open bool
	}{
		{GapVendor, p.Vendor.ID == 0},
		{GapCountry, p.Vendor.ID != 0 && p.Vendor.Country == ""},
		{GapPurpose, a.Purpose == ""},
		{GapWhose, a.PersonalWhose == ""},
		{GapHosting, a.Hosting == ""},
		{GapTransfer, a.Transfer == TransferUnknown},
		{GapAbroad, a.Transfer == TransferNone && p.Vendor.Country != "" && !inEEA(p.Vendor.Country)},
		{GapDPA, a.DPAOn.IsZero()},
		{GapKeptFor, a.KeptFor == ""},
	} {
		if x.open {
			p.Missing = append(p.Missing, x.gap)
		}
	}
	return p
}

// eea are the countries in which the GDPR holds: the European Union, Iceland, Liechtenstein and Norway. Parts of France
// have codes of their own.
var eea = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL",
	"NO", "PL", "PT", "RO", "SE", "SI", "SK", "GF", "GP", "MF", "MQ", "RE", "YT",
}

func inEEA(country string) bool { return slices.Contains(eea, country) }

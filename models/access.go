package models

import (
	"slices"

	"enveloppe/models/cal"
)

// Access is what is known of a service besides its cost: what would be lost without it, whether it serves where there is
// no coverage, who was trained on it, and what personal data its vendor holds.
type Access struct {
	Export       Extent // whether its data can be taken out
	ExportHow    string
	ExportedBy   ID     // who took it out last
	ExportKept   string // where the copy is kept
	SecondAdmin  ID     // who else can administer it; 0 for nobody
	ReplacedBy   string // what takes its place once it closes, or could
	Offline      Extent // whether it works without coverage: ExtentPart is for reading only
	TrainPlanned Hours
	TrainDone    Hours
	Referent     ID // whom one asks; 0 for nobody

	Personal      Extent   // whether it holds personal data; ExtentPart for contact details alone
	PersonalWhose string   // whose and which, in words
	Purpose       string   // what the data are processed for
	DPAOn         cal.Date // the day its agreement on processing (GDPR art. 28) was accepted; zero while it was not
	DPAWhere      string   // where the agreement is found
	Hosting       string   // countries where the data lie, in words
	Transfer      Transfer // what allows them to leave the European Union
	KeptFor       string   // how long they are kept
}

// Extent is how far something goes.
type Extent string

// The extents.
const (
	ExtentUnknown Extent = ""
	ExtentNone    Extent = "no"
	ExtentPart    Extent = "part"
	ExtentFull    Extent = "full"
)

// Extents are all that can be said, in the order they are offered.
var Extents = []Extent{ExtentFull, ExtentPart, ExtentNone}

// Transfer is what personal data leave the European Union by (GDPR chapter V).
type Transfer string

// The bases of a transfer.
const (
	TransferUnknown  Transfer = ""
	TransferNone     Transfer = "none"     // they do not leave
	TransferAdequacy Transfer = "adequacy" // a decision of adequacy, the Data Privacy Framework among them
	TransferClauses  Transfer = "clauses"  // standard contractual clauses
	TransferOther    Transfer = "other"
)

// Transfers are all of them, in the order they are offered.
var Transfers = []Transfer{TransferNone, TransferAdequacy, TransferClauses, TransferOther}

// Check says what is wrong with what was typed. Nothing is required: what is not known is left out, and told as missing.
func (a Access) Check() Invalid {
	var v Invalid
	for _, x := range []struct {
		field  string
		extent Extent
	}{{"export", a.Export}, {"offline", a.Offline}, {"personal", a.Personal}} {
		if x.extent != ExtentUnknown && !slices.Contains(Extents, x.extent) {
			v.Add(x.field, "choose")
		}
	}
	if a.Transfer != TransferUnknown && !slices.Contains(Transfers, a.Transfer) {
		v.Add("transfer", "choose")
	}
	checkText(&v, "export_how", a.ExportHow)
	checkText(&v, "personal_whose", a.PersonalWhose)
	checkText(&v, "purpose", a.Purpose)
	checkLabel(&v, "export_kept", a.ExportKept)
	checkLabel(&v, "replaced_by", a.ReplacedBy)
	checkLabel(&v, "dpa_where", a.DPAWhere)
	checkLabel(&v, "hosting", a.Hosting)
	checkLabel(&v, "kept_for", a.KeptFor)
	checkHours(&v, "train_planned", a.TrainPlanned)
	checkHours(&v, "train_done", a.TrainDone)
	return v
}

// TrainLeft is what is planned of training and not done yet, never below nothing.
func (a Access) TrainLeft() Hours { return max(a.TrainPlanned-a.TrainDone, 0) }

// HoldsPersonal tells whether the service is known to hold personal data.
func (a Access) HoldsPersonal() bool { return a.Personal == ExtentPart || a.Personal == ExtentFull }
